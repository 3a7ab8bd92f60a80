//! What may be wrong with a property or with a point to check it at.

use crate::error::OutOfMemory;

/// Why a property refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PropertyError {
    /// A property needs inputs and outputs.
    #[error("a property has at least one input and one output, not {inputs} and {outputs}")]
    Empty {
        /// How many inputs were asked for.
        inputs: usize,
        /// How many outputs were asked for.
        outputs: usize,
    },
    /// Inputs and outputs together are more than can be counted.
    #[error("{variables} inputs and outputs are too many: there may be {most}", most = super::MAX_VARIABLES)]
    TooMany {
        /// How many.
        variables: usize,
    },
    /// An array does not have the length it should.
    #[error("{what}: the length is {found}, not {expected}")]
    Length {
        /// Which array.
        what: &'static str,
        /// The length it should have.
        expected: usize,
        /// The length it has.
        found: usize,
    },
    /// A value is infinite or not a number.
    #[error("{what}: element {index} is {value}")]
    NotFinite {
        /// Which array.
        what: &'static str,
        /// Where in it, from 0.
        index: usize,
        /// The value.
        value: f64,
    },
    /// A box without a point.
    #[error("lower: element {index} is {lower}, greater than the upper bound {upper}")]
    Crossed {
        /// Which input, from 0.
        index: usize,
        /// Its lower bound.
        lower: f64,
        /// Its upper bound.
        upper: f64,
    },
    /// Offsets do not start at 0, decrease, or lead beyond what they point into.
    #[error("{what}: element {index} is {value}, which is out of order or leads beyond the end")]
    Offset {
        /// Which array.
        what: &'static str,
        /// Where in it, from 0.
        index: usize,
        /// The offset.
        value: usize,
    },
    /// A column names no variable.
    #[error("columns: element {index} is {column}, but there are {variables} inputs and outputs")]
    Column {
        /// Where in the columns, from 0.
        index: usize,
        /// The column.
        column: u32,
        /// Inputs and outputs together.
        variables: usize,
    },
    /// A network does not have the tensors that the property speaks of.
    #[error("{what}: the network has {found}, the property {expected}")]
    Shape {
        /// Inputs or outputs, or one tensor of them.
        what: String,
        /// What the property speaks of.
        expected: String,
        /// What the network has.
        found: String,
    },
    /// No memory.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
}
