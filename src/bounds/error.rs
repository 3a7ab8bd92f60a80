//! Why there are no bounds.

use crate::budget::Stop;
use crate::error::OutOfMemory;
use crate::net::NetworkError;
use crate::net::eval::EvalError;

/// Why there are no bounds.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BoundsError {
    /// A buffer has another length than needed.
    #[error("{what} has {given} elements, needed are {needed}")]
    Length {
        /// Which buffer.
        what: &'static str,
        /// How many elements it has.
        given: usize,
        /// How many it must have.
        needed: usize,
    },
    /// A number that must be finite, or at least a number, is not.
    #[error("{what}: element {index} is {value}")]
    Value {
        /// Which array.
        what: &'static str,
        /// The index.
        index: usize,
        /// What stands there.
        value: f64,
    },
    /// A lower bound is greater than the upper one.
    #[error("{what}: at index {index} the lower bound {lower} is greater than the upper bound {upper}")]
    Crossed {
        /// Which bounds.
        what: &'static str,
        /// The index.
        index: usize,
        /// The lower bound.
        lower: f64,
        /// The upper bound.
        upper: f64,
    },
    /// A box reaches beyond the box that the bounds were made for.
    #[error("box {index} reaches beyond the root box at input {input}: {value}")]
    Outside {
        /// The box.
        index: usize,
        /// The input.
        input: usize,
        /// Its bound that lies outside.
        value: f64,
    },
    /// There is no such neuron, or it cannot be split.
    #[error("split {index}: neuron {neuron} {why}")]
    Neuron {
        /// The index of the split.
        index: usize,
        /// The neuron.
        neuron: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Offsets of splits must begin with 0, must not decrease, and end with the number of splits.
    #[error("offset {index} of the splits is {value}: offsets go from 0 up to the number of splits, {splits}")]
    Offset {
        /// The index of the offset.
        index: usize,
        /// What stands there.
        value: usize,
        /// How many splits there are.
        splits: usize,
    },
    /// More than can be counted, or than makes sense.
    #[error("{what} are too many")]
    TooMany {
        /// Of what.
        what: &'static str,
    },
    /// The network could not be prepared.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The budget ran out.
    #[error("{0}")]
    Stopped(Stop),
    /// No memory.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
}

impl From<Stop> for BoundsError {
    fn from(stop: Stop) -> Self {
        BoundsError::Stopped(stop)
    }
}

impl From<EvalError> for BoundsError {
    fn from(error: EvalError) -> Self {
        match error {
            EvalError::Length { what, given, needed } => BoundsError::Length { what, given, needed },
            // Not reached: no tensor is asked for by its number.
            EvalError::UnknownTensor { index, tensors, .. } => {
                BoundsError::Length { what: "tensors", given: index, needed: tensors }
            }
            EvalError::Stopped(stop) => BoundsError::Stopped(stop),
            EvalError::Memory(error) => BoundsError::Memory(error),
        }
    }
}
