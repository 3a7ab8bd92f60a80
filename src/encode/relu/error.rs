//! Why a network was not encoded.

use crate::bounds::BoundsError;
use crate::budget::Stop;
use crate::error::OutOfMemory;
use crate::formula::FormulaError;
use crate::net::eval::EvalError;

/// Why a network was not encoded.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EncodeError {
    /// An operator that is not piecewise linear in the inputs.
    #[error("layer {layer} ({op}) is not piecewise linear in the inputs: there is no exact encoding")]
    Unsupported {
        /// The layer, counted from 0.
        layer: usize,
        /// Its operator.
        op: &'static str,
    },
    /// A number of the network has no finite bounds in the box.
    #[error("a number of the network exceeds what a double can be in this box")]
    Unbounded,
    /// What is known of a number contradicts itself: the box has no point of which all of it holds.
    #[error("what is known of the network's numbers leaves no point of the box")]
    Empty,
    /// A box reaches beyond the one that the network was encoded for.
    #[error("the box reaches beyond the one that was encoded at input {input}: {value}")]
    Outside {
        /// The input.
        input: usize,
        /// Its end that lies outside.
        value: f64,
    },
    /// The box, or the network, cannot be bounded.
    #[error(transparent)]
    Bounds(BoundsError),
    /// The formula takes no more.
    #[error(transparent)]
    Formula(#[from] FormulaError),
    /// The budget ran out.
    #[error("{0}")]
    Stopped(Stop),
    /// No memory.
    #[error(transparent)]
    Memory(OutOfMemory),
}

impl From<EvalError> for EncodeError {
    fn from(error: EvalError) -> Self {
        BoundsError::from(error).into()
    }
}

impl From<BoundsError> for EncodeError {
    fn from(error: BoundsError) -> Self {
        match error {
            BoundsError::Stopped(stop) => EncodeError::Stopped(stop),
            BoundsError::Memory(error) => EncodeError::Memory(error),
            error => EncodeError::Bounds(error),
        }
    }
}

impl From<Stop> for EncodeError {
    fn from(stop: Stop) -> Self {
        EncodeError::Stopped(stop)
    }
}

impl From<OutOfMemory> for EncodeError {
    fn from(error: OutOfMemory) -> Self {
        EncodeError::Memory(error)
    }
}
