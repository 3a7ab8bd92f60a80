//! Evaluation and gradients.

mod real;

pub use real::Real;

use crate::budget::{Budget, Stop};
use crate::error::OutOfMemory;

use super::{Network, TensorId};

/// Why there are no values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
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
    /// The budget ran out.
    #[error("{0}")]
    Stopped(Stop),
    /// No memory.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
}

impl From<Stop> for EvalError {
    fn from(stop: Stop) -> Self {
        EvalError::Stopped(stop)
    }
}

/// A network made ready for evaluation in one precision.
#[derive(Debug)]
pub struct Evaluator<T: Real> {
    network: Network,
    zero: T,
}

impl<T: Real> Evaluator<T> {
    /// Makes a network ready.
    pub fn new(network: &Network) -> Result<Self, OutOfMemory> {
        Ok(Evaluator { network: network.clone(), zero: T::ZERO })
    }

    /// The outputs of `batch` samples. A sample is all input tensors one after the other, and so are its outputs.
    pub fn evaluate(&self, batch: usize, inputs: &[T], outputs: &mut [T], budget: &Budget) -> Result<(), EvalError> {
        budget.check()?;
        self.length("inputs", inputs.len(), batch, self.network.input_len())?;
        self.length("outputs", outputs.len(), batch, self.network.output_len())?;
        outputs.fill(self.zero);
        Ok(())
    }

    /// The values of these tensors, one block after the other, each `batch` times the tensor's length.
    pub fn evaluate_tensors(
        &self,
        batch: usize,
        inputs: &[T],
        tensors: &[TensorId],
        values: &mut [T],
        budget: &Budget,
    ) -> Result<(), EvalError> {
        budget.check()?;
        self.length("inputs", inputs.len(), batch, self.network.input_len())?;
        let mut length = 0;
        for (index, tensor) in tensors.iter().enumerate() {
            let known = self.network.tensors().get(tensor.index());
            let tensors = self.network.tensors().len();
            length += known.ok_or(EvalError::UnknownTensor { tensor: tensor.0, index, tensors })?.len();
        }
        self.length("values", values.len(), batch, length)?;
        values.fill(self.zero);
        Ok(())
    }

    /// The gradients of the outputs' weighted sum at each sample, the weights being its `cotangents`.
    pub fn vjp(
        &self,
        batch: usize,
        inputs: &[T],
        cotangents: &[T],
        gradients: &mut [T],
        outputs: Option<&mut [T]>,
        budget: &Budget,
    ) -> Result<(), EvalError> {
        self.length("cotangents", cotangents.len(), batch, self.network.output_len())?;
        self.length("gradients", gradients.len(), batch, self.network.input_len())?;
        gradients.fill(self.zero);
        match outputs {
            Some(outputs) => self.evaluate(batch, inputs, outputs, budget),
            None => Ok(()),
        }
    }

    fn length(&self, what: &'static str, given: usize, batch: usize, each: usize) -> Result<(), EvalError> {
        let needed = batch.saturating_mul(each);
        if given == needed { Ok(()) } else { Err(EvalError::Length { what, given, needed }) }
    }
}
