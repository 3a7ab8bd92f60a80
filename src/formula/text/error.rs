//! What reading and writing may fail with.

use std::io;
use std::path::{Path, PathBuf};

use super::ParseErrorKind;
use crate::budget::Stop;
use crate::error::OutOfMemory;
use crate::formula::{ConstraintId, Kind};

/// Why no formula came out of a file.
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
    /// What was read is not what the format allows.
    #[error("{}line {line}, column {column}: {kind}", name(path.as_deref()))]
    Parse {
        /// The file, where it has a name.
        path: Option<PathBuf>,
        /// Line, the first is 1; counted after decompression.
        line: u64,
        /// Byte within the line, the first is 1.
        column: u64,
        /// What is wrong there.
        kind: ParseErrorKind,
    },
    /// The budget ended the call.
    #[error("reading stopped: {0}")]
    Stopped(Stop),
    /// No memory.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
}

impl ReadError {
    /// The line at fault, the first is 1; `None` where the error is not about one.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        match self {
            ReadError::Parse { line, .. } => Some(*line),
            _ => None,
        }
    }

    /// The byte at fault within its line, the first is 1; `None` where the error is not about one.
    #[must_use]
    pub fn column(&self) -> Option<u64> {
        match self {
            ReadError::Parse { column, .. } => Some(*column),
            _ => None,
        }
    }

    /// What is wrong with the text; `None` where it was something else.
    #[must_use]
    pub fn kind(&self) -> Option<&ParseErrorKind> {
        match self {
            ReadError::Parse { kind, .. } => Some(kind),
            _ => None,
        }
    }

    /// The file, where it is known and the error is about it.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            ReadError::Io { path, .. } | ReadError::Parse { path, .. } => path.as_deref(),
            ReadError::Stopped(_) | ReadError::Memory(_) => None,
        }
    }

    /// The same error, about this file.
    #[must_use]
    pub fn in_file(mut self, file: &Path) -> Self {
        match &mut self {
            ReadError::Io { path, .. } | ReadError::Parse { path, .. } => *path = Some(file.to_path_buf()),
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

/// Why a formula was not written.
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
    /// The format has no way to say one of the constraints.
    #[error("constraint {} is {}, which {format} cannot say", .constraint.0, what(*.kind))]
    Unsayable {
        /// The first such constraint.
        constraint: ConstraintId,
        /// What it is.
        kind: Kind,
        /// The format.
        format: &'static str,
    },
    /// The format has no way to say part of a constraint without changing what it means.
    #[error("constraint {} is {why}, which {format} cannot say", .constraint.0)]
    Part {
        /// The first such constraint.
        constraint: ConstraintId,
        /// What cannot be said.
        why: &'static str,
        /// The format.
        format: &'static str,
    },
    /// There is an objective, which is not written in this format.
    #[error("the formula has an objective, which is not written in {format}")]
    Objective {
        /// The format.
        format: &'static str,
    },
    /// The format knows Booleans only.
    #[error("the formula has {numbers} integers or reals, which {format} cannot say")]
    Numbers {
        /// How many.
        numbers: u32,
        /// The format.
        format: &'static str,
    },
}

impl WriteError {
    /// The file, where it is known and the error is about it.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            WriteError::Io { path, .. } => path.as_deref(),
            _ => None,
        }
    }

    /// The same error, about this file.
    #[must_use]
    pub fn in_file(mut self, file: &Path) -> Self {
        if let WriteError::Io { path, .. } = &mut self {
            *path = Some(file.to_path_buf());
        }
        self
    }
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

fn what(kind: Kind) -> &'static str {
    match kind {
        Kind::Clause => "a clause",
        Kind::Xor => "a parity constraint",
        Kind::Cardinality => "a cardinality constraint",
        Kind::PseudoBoolean => "a pseudo-Boolean constraint",
        Kind::Linear => "a linear constraint",
    }
}
