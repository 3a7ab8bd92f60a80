//! Why exact counting failed.

use crate::error::OutOfMemory;
use crate::formula::FormulaError;
use crate::formula::lower::LowerError;

/// Why exact counting, or drawing from what it found, failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CountError {
    /// A constraint or a number has no clauses that say the same.
    #[error(transparent)]
    Lower(LowerError),
    /// No memory.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
    /// A variable to project on does not exist.
    #[error(transparent)]
    Formula(#[from] FormulaError),
    /// What is projected on cannot change once counting has begun.
    #[error("counting has begun, so the projection cannot change")]
    Begun,
    /// Draws need a trace.
    #[error("there is no trace: {0}")]
    NoTrace(&'static str),
}
