//! What reading may fail with.

use std::io;
use std::path::{Path, PathBuf};

use crate::budget::Stop;
use crate::error::OutOfMemory;
use crate::files::{self, Damage};
use crate::net::property::MAX_VARIABLES;

/// Why no property came out of a text.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file could not be opened or read.
    #[error("{}{source}", name(path.as_deref()))]
    Io {
        /// The file, where it has a name.
        path: Option<PathBuf>,
        /// What the system said.
        source: io::Error,
    },
    /// What was read is not what the format allows, or not what is supported of it.
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
    /// Compressed data is cut off or damaged.
    #[error("{}{damage}", name(path.as_deref()))]
    Data {
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

    /// Whether the text says something that the format allows and this reader does not take.
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        matches!(self.kind(), Some(ParseErrorKind::Unsupported(_)))
    }

    /// The same error, about this file.
    #[must_use]
    pub fn in_file(mut self, file: &Path) -> Self {
        match &mut self {
            ReadError::Io { path, .. } | ReadError::Parse { path, .. } | ReadError::Data { path, .. } => {
                *path = Some(file.to_path_buf());
            }
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

impl From<files::ReadError> for ReadError {
    fn from(error: files::ReadError) -> Self {
        match error {
            files::ReadError::Io { path, source } => ReadError::Io { path, source },
            files::ReadError::Damaged { path, damage } => ReadError::Data { path, damage },
            files::ReadError::Stopped(stop) => ReadError::Stopped(stop),
            files::ReadError::Memory(error) => ReadError::Memory(error),
        }
    }
}

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseErrorKind {
    /// A byte that no text has outside of comments.
    #[error("unexpected byte 0x{0:02x}")]
    UnexpectedByte(u8),
    /// Something else should stand here.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What should stand here.
        expected: &'static str,
        /// What does.
        found: String,
    },
    /// A command that the format does not have.
    #[error("unknown command `{0}`")]
    UnknownCommand(String),
    /// An operator that the format does not have.
    #[error("unknown operator `{0}`")]
    UnknownOperator(String),
    /// A variable that was not declared before.
    #[error("`{0}` is not declared")]
    Undeclared(String),
    /// A second declaration.
    #[error("`{0}` is declared already")]
    Duplicate(String),
    /// Variables are numbered from 0 without gaps.
    #[error("`{declared}` is declared, but `{missing}` is not")]
    Gap {
        /// The variable with the largest number.
        declared: String,
        /// The first one that is missing.
        missing: String,
    },
    /// A property has inputs and outputs.
    #[error("no {0} is declared")]
    NoneDeclared(&'static str),
    /// An operator with too few or too many operands.
    #[error("`{operator}` takes {expected}, not {found}")]
    Arity {
        /// The operator.
        operator: String,
        /// How many it takes.
        expected: &'static str,
        /// How many there are.
        found: usize,
    },
    /// A formula where a number should be, or the other way round.
    #[error("expected {expected}, found {found}")]
    Sort {
        /// What should be here.
        expected: &'static str,
        /// What is.
        found: &'static str,
    },
    /// Neither a number nor a name.
    #[error("`{0}` is not a number")]
    Constant(String),
    /// A constant beyond the largest double.
    #[error("`{0}` is beyond the largest double")]
    ConstantTooLarge(String),
    /// What was computed from constants has thousands of digits.
    #[error("a constant of more than 8192 bits")]
    ConstantTooLong,
    /// An index beyond the tensor's shape.
    #[error("index {index} is beyond the size {size}")]
    IndexOutOfShape {
        /// The index as it stands.
        index: String,
        /// The size of the dimension.
        size: usize,
    },
    /// More or fewer indices than the tensor has dimensions.
    #[error("`{name}` has {expected} dimensions, not {found}")]
    IndexCount {
        /// The tensor.
        name: String,
        /// Its dimensions.
        expected: usize,
        /// The indices.
        found: usize,
    },
    /// A size that is no positive number.
    #[error("`{0}` is no size of a tensor")]
    Size(String),
    /// More inputs and outputs than can be counted.
    #[error("more than {MAX_VARIABLES} inputs and outputs")]
    TooManyVariables,
    /// Tensors of different element types in a comparison.
    #[error("`{name}` is {found}, what stands before it is {expected}")]
    TypeMismatch {
        /// The tensor.
        name: String,
        /// The element type of the first tensor of the comparison.
        expected: String,
        /// Its own.
        found: String,
    },
    /// An element type that the format does not have.
    #[error("unknown element type `{0}`")]
    UnknownType(String),
    /// A version of the format other than 2.
    #[error("version `{0}` is unknown: `<2.0>` is known, and version 1.0 has no `vnnlib-version`")]
    Version(String),
    /// What the format allows and this reader does not take.
    #[error("unsupported: {0}")]
    Unsupported(Feature),
}

/// What the format allows and this reader does not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Feature {
    /// A product of variables.
    #[error("a product of variables")]
    Nonlinear,
    /// A division.
    #[error("a division")]
    Division,
    /// An if-then-else between numbers.
    #[error("an if-then-else between numbers")]
    NumericChoice,
    /// An equality between formulas.
    #[error("an equality between formulas")]
    Equivalence,
    /// Values inside of the network.
    #[error("hidden nodes")]
    HiddenNodes,
    /// More than one network.
    #[error("several networks")]
    SeveralNetworks,
    /// Networks declared equal or isomorphic.
    #[error("`{0}`")]
    NetworkEquivalence(String),
    /// A comparison of whole tensors.
    #[error("a comparison of whole tensors: `{0}` without an index")]
    WholeTensor(String),
    /// A tensor with the network's name for it.
    #[error("names of ONNX nodes")]
    NodeNames,
    /// Elements that are no real numbers.
    #[error("elements of type `{0}`")]
    ElementType(String),
    /// A command of SMT-LIB that VNN-LIB has no use for.
    #[error("the command `{0}`")]
    Command(String),
}

/// `path: ` in front of a message, or nothing.
fn name(path: Option<&Path>) -> String {
    path.map_or_else(String::new, |p| format!("{}: ", p.display()))
}
