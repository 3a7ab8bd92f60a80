//! What files and compressed streams may fail with.

use std::io;
use std::path::{Path, PathBuf};

use super::Compression;
use crate::budget::Stop;
use crate::error::OutOfMemory;

/// How compressed data is damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// It ends too early.
    #[error("truncated {0} data")]
    Truncated(Compression),
    /// It does not decompress.
    #[error("corrupt {format} data: {why}")]
    Corrupt {
        /// The compression.
        format: Compression,
        /// What its decoder said.
        why: String,
    },
}

/// Why no bytes came out of a file.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The source could not be opened or read.
    #[error("{}{source}", name(path.as_deref()))]
    Io {
        /// The file, where it has a name.
        path: Option<PathBuf>,
        /// What the system said.
        source: io::Error,
    },
    /// Compressed data is damaged.
    #[error("{}{damage}", name(path.as_deref()))]
    Damaged {
        /// The file, where it has a name.
        path: Option<PathBuf>,
        /// How.
        damage: Damage,
    },
    /// The budget ended the call.
    #[error("reading stopped: {0}")]
    Stopped(Stop),
    /// No memory.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
}

impl ReadError {
    /// The same error, about this file.
    #[must_use]
    pub fn in_file(mut self, file: &Path) -> Self {
        match &mut self {
            ReadError::Io { path, .. } | ReadError::Damaged { path, .. } => *path = Some(file.to_path_buf()),
            ReadError::Stopped(_) | ReadError::Memory(_) => {}
        }
        self
    }
}

impl From<Stop> for ReadError {
    fn from(stop: Stop) -> Self {
        ReadError::Stopped(stop)
    }
}

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The target could not be created or written.
    #[error("{}{source}", name(path.as_deref()))]
    Io {
        /// The file, where it has a name.
        path: Option<PathBuf>,
        /// What the system said.
        source: io::Error,
    },
    /// The budget ended the call.
    #[error("writing stopped: {0}")]
    Stopped(Stop),
    /// No memory.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
}

impl From<Stop> for WriteError {
    fn from(stop: Stop) -> Self {
        WriteError::Stopped(stop)
    }
}

impl From<io::Error> for WriteError {
    fn from(source: io::Error) -> Self {
        WriteError::Io { path: None, source }
    }
}

/// `path: ` in front of a message, or nothing.
fn name(path: Option<&Path>) -> String {
    path.map_or_else(String::new, |p| format!("{}: ", p.display()))
}
