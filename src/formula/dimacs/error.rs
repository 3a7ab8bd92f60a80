//! What reading and writing may fail with.

use std::io;
use std::path::{Path, PathBuf};

use super::Compression;
use crate::budget::Stop;
use crate::error::OutOfMemory;
use crate::formula::MAX_VAR;

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
    /// What was read is not DIMACS CNF.
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

/// Which number of the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Count {
    /// The first: variables.
    Variables,
    /// The second: clauses.
    Clauses,
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Count::Variables => "variables",
            Count::Clauses => "clauses",
        })
    }
}

/// What is wrong with a DIMACS text. Quoted input is escaped as in a Rust byte string.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseErrorKind {
    /// Not one byte.
    #[error("the input is empty")]
    Empty,
    /// The text ends, or a clause begins, and there was no header.
    #[error("the header `p cnf VARIABLES CLAUSES` is missing")]
    MissingHeader,
    /// The header is not `p cnf VARIABLES CLAUSES`.
    #[error("malformed header: expected {expected}, found {found}")]
    MalformedHeader {
        /// What should stand there.
        expected: &'static str,
        /// The word that stands there, quoted, or `the end of the line`.
        found: String,
    },
    /// The header's line goes on and on.
    #[error("malformed header: its line is longer than {0} bytes")]
    LongHeader(usize),
    /// A count of the header is negative.
    #[error("the header promises a negative number of {count}, {found}")]
    NegativeCount {
        /// Which one.
        count: Count,
        /// As written.
        found: String,
    },
    /// The header promises more variables than [`MAX_VAR`].
    #[error("the header promises {found} variables, the most is {MAX_VAR}")]
    TooManyVariables {
        /// As written.
        found: String,
    },
    /// The header promises more clauses than 64 bits can count.
    #[error("the header promises {found} clauses, the most is {}", u64::MAX)]
    TooManyClausesPromised {
        /// As written.
        found: String,
    },
    /// Another header.
    #[error("a second header")]
    SecondHeader,
    /// A literal's variable exceeds the header's number.
    #[error("literal {literal} is beyond the header's {variables} variables")]
    LiteralBeyondHeader {
        /// The literal.
        literal: i32,
        /// What the header promised.
        variables: u32,
    },
    /// A literal's variable exceeds [`MAX_VAR`].
    #[error("literal {} is out of range, the largest variable is {MAX_VAR}", wide(*.negative, *.variable))]
    LiteralOutOfRange {
        /// Whether a minus sign stands before it.
        negative: bool,
        /// Its variable; `u64::MAX` stands for anything from there on.
        variable: u64,
    },
    /// `-0`.
    #[error("`-0` is neither a literal nor the end of a clause")]
    NegativeZero,
    /// A minus sign that no digit follows.
    #[error("a minus sign without a number")]
    LoneMinus,
    /// A byte that cannot stand there.
    #[error("unexpected byte `{}`", std::ascii::escape_default(*.0))]
    UnexpectedByte(u8),
    /// A NUL byte outside a comment.
    #[error("unexpected NUL byte, this is not a text file")]
    NulByte,
    /// A line that begins with `x`.
    #[error("XOR clauses are not supported yet")]
    Xor,
    /// The text ends within a clause.
    #[error("the last clause does not end with 0")]
    MissingZero,
    /// The text ends before the header's last clause.
    #[error("the header promises {promised} clauses, there are only {found}")]
    TooFewClauses {
        /// What the header says.
        promised: u64,
        /// How many there are.
        found: u64,
    },
    /// A clause begins after the header's last.
    #[error("there are more clauses than the {promised} of the header")]
    TooManyClauses {
        /// What the header says.
        promised: u64,
    },
    /// Compressed data ends too early. The place is where the text breaks off, or for xz at most a chunk earlier.
    #[error("truncated {0} data")]
    Truncated(Compression),
    /// Compressed data does not decompress. The place is as for [`ParseErrorKind::Truncated`].
    #[error("corrupt {format} data: {why}")]
    Corrupt {
        /// The compression.
        format: Compression,
        /// What its decoder said.
        why: String,
    },
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

fn wide(negative: bool, variable: u64) -> String {
    let sign = if negative { "-" } else { "" };
    let more = if variable == u64::MAX { " or beyond" } else { "" };
    format!("{sign}{variable}{more}")
}
