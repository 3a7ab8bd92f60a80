//! Evaluation and gradients, in 32 or 64 bits.
//!
//! An [`Evaluator`] lowers a network once: normalization becomes a multiplication and an addition, matrices are packed
//! (`kernel`), movements of elements become lists, reshaping nothing at all. Then it takes batches of samples. A batch
//! is an outer axis that no operator sees; buffers are `[sample][element]`. Samples are taken in chunks small enough that
//! what a chunk computes stays in a cache, and memory is that of one chunk however large the batch. Tensors that nobody
//! needs any more give their buffer to later ones.
//!
//! Results are those of the stored weights rounded to the precision, up to the rounding of sums. All sums are in an order
//! that depends on the network only: on one machine a sample has the same values, bit for bit, alone and in any batch.
//! Across machines they may differ in the last bits, since vectors with fused multiply-add are used where there are any.
//!
//! Gradients are by reverse mode; with the evaluation that comes first they take two to three times as long as one. At
//! kinks they are one-sided: ReLU has 0 at 0, a leaky ReLU its slope, `|x|` and the sign 0, clipping 1 at its bounds; of
//! several largest elements that a window sees the first one has the gradient. "No number" in gives "no number" out.
//!
//! A unit of a [`Budget`]'s work is 1024 multiply-adds, or what takes as long. Its memory limit is one on the buffers that
//! a call uses; chunks become smaller to keep it. The weights are the evaluator's own: one packed copy of every matrix,
//! however many layers take it, a second one after the first gradient; all else is shared with the network where the
//! precision is that of its weights.

pub(crate) mod conv;
pub(crate) mod elementwise;
pub(crate) mod forward;
pub(crate) mod grid;
pub(crate) mod kernel;
pub(crate) mod layout;
pub(crate) mod meter;
pub(crate) mod plan;
pub(crate) mod pool;
pub(crate) mod product;
pub(crate) mod real;
mod reverse;
pub(crate) mod select;
pub(crate) mod spread;
#[cfg(test)]
mod tests;
pub(crate) mod weights;

pub use real::Real;

use std::sync::{Mutex, PoisonError};

use crate::budget::{Budget, Stop};
use crate::error::OutOfMemory;

use super::{Network, TensorId};
use forward::Workspace;
use kernel::Isa;
use layout::Layout;
use meter::Meter;
use plan::{Place, Plan};

/// Bytes that a chunk's values may take to stay in a second-level cache.
const CACHE: usize = 1 << 19;

/// Bytes that they may take where the weights take as many: each chunk fetches all weights once.
const MOST: usize = 1 << 26;

/// Workspaces that are kept for later calls.
const POOL: usize = 64;

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

/// A network made ready for evaluation in one precision. Threads may share it.
#[derive(Debug)]
pub struct Evaluator<T: Real> {
    plan: Plan<T>,
    input_len: usize,
    output_len: usize,
    /// For values only.
    forward: Layout,
    /// For gradients: everything stays.
    reverse: Layout,
    pools: [Mutex<Vec<Workspace<T>>>; 2],
}

impl<T: Real> Evaluator<T> {
    /// Makes a network ready.
    pub fn new(network: &Network) -> Result<Self, OutOfMemory> {
        Self::with_isa(network, Isa::fastest())
    }

    fn with_isa(network: &Network, isa: Isa) -> Result<Self, OutOfMemory> {
        let plan = Plan::new(network, isa)?;
        let outputs = || plan.outputs.iter().filter_map(|&tensor| plan.root_of(tensor));
        let (forward, reverse) = (Layout::new(&plan, outputs(), false), Layout::new(&plan, outputs(), true));
        let pools = [Mutex::new(Vec::new()), Mutex::new(Vec::new())];
        let (input_len, output_len) = (network.input_len(), network.output_len());
        Ok(Evaluator { plan, input_len, output_len, forward, reverse, pools })
    }

    /// Elements of a sample: all input tensors one after the other.
    #[must_use]
    pub fn input_len(&self) -> usize {
        self.input_len
    }

    /// Elements of a sample's outputs: all output tensors one after the other.
    #[must_use]
    pub fn output_len(&self) -> usize {
        self.output_len
    }

    /// The outputs of `batch` samples. A sample is all input tensors one after the other, row-major; so are its outputs.
    ///
    /// After an error the outputs hold anything.
    pub fn evaluate(&self, batch: usize, inputs: &[T], outputs: &mut [T], budget: &Budget) -> Result<(), EvalError> {
        length("inputs", inputs.len(), batch, self.input_len)?;
        length("outputs", outputs.len(), batch, self.output_len)?;
        let mut meter = Meter::new(budget);
        let layout = &self.forward;
        self.chunks(batch, layout, 0, budget, &mut meter, |first, samples, workspace, meter| {
            self.values(inputs, first, samples, layout, workspace, meter)?;
            self.take_outputs(first, samples, layout, workspace, outputs, meter)
        })?;
        meter.finish()
    }

    /// The values of these tensors, inputs, constants or any between: one block after the other, each of `batch` times the
    /// tensor's length.
    pub fn evaluate_tensors(
        &self,
        batch: usize,
        inputs: &[T],
        tensors: &[TensorId],
        values: &mut [T],
        budget: &Budget,
    ) -> Result<(), EvalError> {
        length("inputs", inputs.len(), batch, self.input_len)?;
        let mut total = 0usize;
        for (index, tensor) in tensors.iter().enumerate() {
            let tensors = self.plan.sizes.len();
            let size = self.plan.sizes.get(tensor.index());
            let size = size.ok_or(EvalError::UnknownTensor { tensor: tensor.0, index, tensors })?;
            total = total.saturating_add(*size);
        }
        length("values", values.len(), batch, total)?;
        let layout = Layout::new(&self.plan, tensors.iter().filter_map(|&tensor| self.plan.root_of(tensor)), false);
        let mut meter = Meter::new(budget);
        self.chunks(batch, &layout, 0, budget, &mut meter, |first, samples, workspace, meter| {
            self.values(inputs, first, samples, &layout, workspace, meter)?;
            let mut offset = 0;
            for tensor in tensors {
                let size = self.plan.sizes[tensor.index()];
                let to = &mut values[offset + first * size..][..samples * size];
                match self.plan.places[tensor.index()] {
                    place @ Place::Root(_) => {
                        meter.copy(self.plan.view(place, &layout, &workspace.buffers, samples).values, to)?;
                    }
                    Place::Constant(index) => {
                        let constant = &self.plan.constants[index];
                        for (i, to) in to.iter_mut().enumerate() {
                            *to = T::from_f64(constant.get(i % size));
                            meter.count(1)?;
                        }
                    }
                }
                offset += batch * size;
            }
            Ok(())
        })?;
        meter.finish()
    }

    /// Vector-Jacobian products: for every sample the gradient, at its inputs, of the sum of its outputs weighted by its
    /// cotangents. The outputs come along where they are asked for.
    ///
    /// After an error the gradients and outputs hold anything.
    pub fn vjp(
        &self,
        batch: usize,
        inputs: &[T],
        cotangents: &[T],
        gradients: &mut [T],
        mut outputs: Option<&mut [T]>,
        budget: &Budget,
    ) -> Result<(), EvalError> {
        length("inputs", inputs.len(), batch, self.input_len)?;
        length("cotangents", cotangents.len(), batch, self.output_len)?;
        length("gradients", gradients.len(), batch, self.input_len)?;
        if let Some(outputs) = &outputs {
            length("outputs", outputs.len(), batch, self.output_len)?;
        }
        let mut meter = Meter::new(budget);
        let layout = &self.reverse;
        self.chunks(batch, layout, 1, budget, &mut meter, |first, samples, workspace, meter| {
            self.values(inputs, first, samples, layout, workspace, meter)?;
            if let Some(outputs) = outputs.as_deref_mut() {
                self.take_outputs(first, samples, layout, workspace, outputs, meter)?;
            }
            self.pull_back(first, samples, cotangents, gradients, workspace, meter)
        })?;
        meter.finish()
    }

    /// Runs `each` on (first sample, number of samples, workspace, meter) until all samples had their turn. `sets` is 1
    /// where gradients are needed beside values.
    fn chunks(
        &self,
        batch: usize,
        layout: &Layout,
        sets: usize,
        budget: &Budget,
        meter: &mut Meter<'_>,
        mut each: impl FnMut(usize, usize, &mut Workspace<T>, &mut Meter<'_>) -> Result<(), EvalError>,
    ) -> Result<(), EvalError> {
        budget.check()?;
        // Without inputs and outputs there may be more samples than anyone can count to.
        if batch == 0 {
            return Ok(());
        }
        let size = size_of::<T>();
        let sample = layout.sample().saturating_mul(size * (1 + sets));
        let weights = self.plan.weights.saturating_mul(size * (1 + sets));
        let mut samples = (weights.clamp(CACHE, MOST) / sample.max(1)).clamp(1, 1 << 16);
        // Whole tiles.
        samples -= if samples > 12 { samples % 12 } else { 0 };
        samples = samples.min(batch);
        let scratch = layout.scratch.saturating_mul(size) as u64;
        let needed = |samples: usize| (sample as u64).saturating_mul(samples as u64).saturating_add(scratch);
        if needed(samples) > budget.memory() {
            let room = budget.memory().saturating_sub(scratch) / (sample as u64).max(1);
            samples = usize::try_from(room).map_or(samples, |room| room.min(samples));
            if samples == 0 || needed(samples) > budget.memory() {
                return Err(OutOfMemory::Limit { bytes: needed(1), limit: budget.memory() }.into());
            }
        }
        let pool = &self.pools[sets];
        let taken = pool.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut workspace = taken.unwrap_or_default();
        // After an error the workspace is dropped: a buffer may be missing.
        for (set, buffers) in [&mut workspace.buffers, &mut workspace.gradients].into_iter().enumerate().take(1 + sets)
        {
            debug_assert!(set <= sets);
            if buffers.len() < layout.sizes.len() {
                buffers.resize_with(layout.sizes.len(), Vec::new);
            }
            for (buffer, &size) in buffers.iter_mut().zip(&layout.sizes) {
                meter.grow(buffer, samples.saturating_mul(size))?;
            }
        }
        let mut first = 0;
        while first < batch {
            let count = samples.min(batch - first);
            each(first, count, &mut workspace, meter)?;
            meter.count(1)?;
            first += count;
        }
        let mut pool = pool.lock().unwrap_or_else(PoisonError::into_inner);
        if pool.len() < POOL {
            pool.push(workspace);
        }
        Ok(())
    }

    /// Computes all that the layout has for these samples.
    fn values(
        &self,
        inputs: &[T],
        first: usize,
        samples: usize,
        layout: &Layout,
        workspace: &mut Workspace<T>,
        meter: &mut Meter<'_>,
    ) -> Result<(), EvalError> {
        let mut offset = 0;
        for &tensor in &self.plan.inputs {
            let size = self.plan.sizes[tensor.index()];
            if let Some(buffer) = self.plan.root_of(tensor).and_then(|root| layout.buffer(root)) {
                for sample in 0..samples {
                    let from = &inputs[(first + sample) * self.input_len + offset..][..size];
                    meter.copy(from, &mut workspace.buffers[buffer][sample * size..][..size])?;
                }
            }
            offset += size;
        }
        for &step in &layout.steps {
            self.plan.forward(&self.plan.steps[step], layout, workspace, samples, meter)?;
        }
        Ok(())
    }

    fn take_outputs(
        &self,
        first: usize,
        samples: usize,
        layout: &Layout,
        workspace: &Workspace<T>,
        outputs: &mut [T],
        meter: &mut Meter<'_>,
    ) -> Result<(), EvalError> {
        let mut offset = 0;
        for &tensor in &self.plan.outputs {
            let size = self.plan.sizes[tensor.index()];
            let place = self.plan.places[tensor.index()];
            for sample in 0..samples {
                let to = &mut outputs[(first + sample) * self.output_len + offset..][..size];
                match place {
                    Place::Root(_) => {
                        let view = self.plan.view(place, layout, &workspace.buffers, samples);
                        meter.copy(view.sample(sample), to)?;
                    }
                    Place::Constant(index) => {
                        for (i, to) in to.iter_mut().enumerate() {
                            *to = T::from_f64(self.plan.constants[index].get(i));
                            meter.count(1)?;
                        }
                    }
                }
            }
            offset += size;
        }
        Ok(())
    }

    /// The gradients of these samples, whose values have been computed.
    fn pull_back(
        &self,
        first: usize,
        samples: usize,
        cotangents: &[T],
        gradients: &mut [T],
        workspace: &mut Workspace<T>,
        meter: &mut Meter<'_>,
    ) -> Result<(), EvalError> {
        let (plan, layout) = (&self.plan, &self.reverse);
        for (root, &length) in plan.lengths.iter().enumerate() {
            if let Some(buffer) = layout.buffer(root) {
                let length = samples * length;
                meter.fill(&mut workspace.gradients[buffer][..length], T::ZERO)?;
            }
        }
        let mut offset = 0;
        for &tensor in &plan.outputs {
            let size = plan.sizes[tensor.index()];
            if let Some(buffer) = plan.root_of(tensor).and_then(|root| layout.buffer(root)) {
                for sample in 0..samples {
                    let from = &cotangents[(first + sample) * self.output_len + offset..][..size];
                    meter.add(from, &mut workspace.gradients[buffer][sample * size..][..size])?;
                }
            }
            offset += size;
        }
        for &step in layout.steps.iter().rev() {
            let step = &plan.steps[step];
            if step.active {
                plan.reverse(step, layout, workspace, samples, meter)?;
            }
        }
        let mut offset = 0;
        for &tensor in &plan.inputs {
            let size = plan.sizes[tensor.index()];
            let buffer = plan.root_of(tensor).and_then(|root| layout.buffer(root));
            for sample in 0..samples {
                let to = &mut gradients[(first + sample) * self.input_len + offset..][..size];
                match buffer {
                    Some(buffer) => meter.copy(&workspace.gradients[buffer][sample * size..][..size], to)?,
                    None => meter.fill(to, T::ZERO)?,
                }
            }
            offset += size;
        }
        Ok(())
    }
}

fn length(what: &'static str, given: usize, batch: usize, each: usize) -> Result<(), EvalError> {
    let needed = batch.saturating_mul(each);
    if given == needed { Ok(()) } else { Err(EvalError::Length { what, given, needed }) }
}
