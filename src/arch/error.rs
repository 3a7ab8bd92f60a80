//! Why a space of architectures refuses.

use crate::budget::Stop;
use crate::error::OutOfMemory;
use crate::formula::FormulaError;
use crate::net::NetworkError;

/// Why a space could not be described, counted, listed or encoded.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ArchError {
    /// A part of the description is out of range or contradicts another.
    #[error("{field} = {value}: {why}")]
    Description {
        /// Which part.
        field: &'static str,
        /// What was given.
        value: String,
        /// What is wrong with it.
        why: String,
    },
    /// The dynamic programme knows every dimension on its own, and this ties them together.
    #[error("{what} cannot be counted by the dynamic programme: use the formula")]
    Coupled {
        /// Which part of the description.
        what: &'static str,
    },
    /// More would be needed than can be held.
    #[error("more than {most} {what} would be needed")]
    TooLarge {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        most: u64,
    },
    /// There is no member of this number.
    #[error("there is no member {index}: the space has {count}, counted from 0")]
    Index {
        /// What was asked for.
        index: String,
        /// How many members there are.
        count: String,
    },
    /// A member is not of the space.
    #[error("not a member of the space: {0}")]
    Member(#[from] Violation),
    /// A model has too few values, or says nothing that could be a member.
    #[error("the model is no architecture: {why}")]
    Model {
        /// What is wrong with it.
        why: String,
    },
    /// The budget ran out.
    #[error("{0}")]
    Stopped(Stop),
    /// The formula refused.
    #[error(transparent)]
    Formula(FormulaError),
    /// The network refused.
    #[error(transparent)]
    Network(NetworkError),
    /// No memory.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
}

impl From<Stop> for ArchError {
    fn from(stop: Stop) -> Self {
        ArchError::Stopped(stop)
    }
}

impl From<NetworkError> for ArchError {
    fn from(error: NetworkError) -> Self {
        match error {
            NetworkError::Memory(memory) => ArchError::Memory(memory),
            NetworkError::Stopped(stop) => ArchError::Stopped(stop),
            other => ArchError::Network(other),
        }
    }
}

impl From<FormulaError> for ArchError {
    fn from(error: FormulaError) -> Self {
        match error {
            FormulaError::Memory(memory) => ArchError::Memory(memory),
            other => ArchError::Formula(other),
        }
    }
}

/// What of a space a list of layers breaks. Layers and dimensions are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// Too few or too many layers.
    #[error("{given} layers, not {least} to {most}")]
    Layers {
        /// How many there are.
        given: usize,
        /// How few there may be.
        least: usize,
        /// How many there may be.
        most: usize,
    },
    /// A layer has not one kernel and one stride a dimension.
    #[error("layer {layer}: {kernels} kernels and {strides} strides for {dimensions} dimensions")]
    Dimensions {
        /// Which layer.
        layer: usize,
        /// How many kernels it has.
        kernels: usize,
        /// How many strides.
        strides: usize,
        /// How many dimensions the space has.
        dimensions: usize,
    },
    /// A layer does not fit its input, or breaks a rule.
    #[error("layer {layer}, dimension {dimension}: {why}")]
    Layer {
        /// Which layer.
        layer: usize,
        /// In which dimension.
        dimension: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The last layer's output has another size.
    #[error("dimension {dimension}: the output is {given}, not {needed}")]
    Output {
        /// In which dimension.
        dimension: usize,
        /// What comes out.
        given: u32,
        /// What should.
        needed: u32,
    },
    /// A measure of the whole is out of its range.
    #[error("{what}: {given} is not in {least}..={most}")]
    Measure {
        /// Which one.
        what: &'static str,
        /// Its value; `u128::MAX` where it is even more.
        given: u128,
        /// How little it may be.
        least: u64,
        /// How much it may be.
        most: u64,
    },
}
