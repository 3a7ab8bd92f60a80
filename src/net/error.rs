//! Why a network refuses.

use crate::budget::Stop;
use crate::error::OutOfMemory;

use super::MAX_ELEMENTS;

/// Why a network did not take what it was given. The network is as it was before.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NetworkError {
    /// The operands of a layer do not fit its operator or each other.
    #[error("{op}: {why}")]
    Layer {
        /// The operator.
        op: &'static str,
        /// What does not fit, with the shapes.
        why: String,
    },
    /// There is no such tensor.
    #[error("tensor {tensor} at index {index}: there are {tensors}, counted from 0")]
    UnknownTensor {
        /// The tensor.
        tensor: u32,
        /// Its index in the array it came in.
        index: usize,
        /// How many there are.
        tensors: usize,
    },
    /// A weight is infinite or no number.
    #[error("element {index} is {value}, weights must be finite")]
    NotFinite {
        /// Its index in row-major order.
        index: usize,
        /// The value.
        value: f64,
    },
    /// A shape does not fit the number of elements that came with it.
    #[error("{given} elements were given for the shape {shape:?}, which has {needed}")]
    Length {
        /// The shape.
        shape: Vec<usize>,
        /// How many elements were given.
        given: usize,
        /// How many it has.
        needed: usize,
    },
    /// A shape has more elements than [`MAX_ELEMENTS`], or more than [`super::MAX_RANK`] axes.
    #[error("the shape {shape:?} is too large: the most are {MAX_ELEMENTS} elements and {} axes", super::MAX_RANK)]
    TooLarge {
        /// The shape.
        shape: Vec<usize>,
    },
    /// A name stands for another tensor already, or holds a NUL.
    #[error("the name {name:?} {why}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The budget ended the call.
    #[error("stopped: {0}")]
    Stopped(Stop),
    /// No memory.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
}

impl From<Stop> for NetworkError {
    fn from(stop: Stop) -> Self {
        NetworkError::Stopped(stop)
    }
}
