//! Why the canonical form ended early.

use crate::budget::Stop;
use crate::error::OutOfMemory;

/// Why there is no next disjunct.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CanonicalError {
    /// The budget ended the call. The next call goes on where this one stopped.
    #[error("the canonical form stopped: {0}")]
    Stopped(Stop),
    /// More disjuncts than the options allow.
    #[error("the property has more than {limit} disjuncts")]
    TooMany {
        /// The limit.
        limit: u64,
    },
    /// An input without a bound on one side: there is no box to look in.
    #[error("input `{variable}` has no {side} bound in a disjunct of the property")]
    Unbounded {
        /// What a file calls the input.
        variable: String,
        /// Its number, from 0 through all input tensors.
        index: usize,
        /// `lower` or `upper`.
        side: &'static str,
    },
    /// A coefficient that is no double.
    #[error("unsupported: the coefficient of `{variable}` in comparison {atom} of the property is no double")]
    Coefficient {
        /// What a file calls the variable.
        variable: String,
        /// The comparison, counted from 0 through all assertions.
        atom: u32,
    },
    /// No memory.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
}

impl CanonicalError {
    /// Whether the property says something that the canonical form cannot.
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        matches!(self, CanonicalError::Unbounded { .. } | CanonicalError::Coefficient { .. })
    }
}

impl From<Stop> for CanonicalError {
    fn from(stop: Stop) -> Self {
        CanonicalError::Stopped(stop)
    }
}
