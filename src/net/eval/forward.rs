//! One step forward.

use super::EvalError;
use super::conv::Scratch;
use super::layout::Layout;
use super::meter::Meter;
use super::plan::{Kind, Place, Plan, Step};
use super::product::{Left, pack, packed_len, product};
use super::real::Real;
use super::select::PADDING;
use super::spread::{BLOCK, Spread};
use super::weights::Weights;

/// Buffers that outlive a call.
#[derive(Debug, Default)]
pub(crate) struct Workspace<T> {
    pub buffers: Vec<Vec<T>>,
    pub gradients: Vec<Vec<T>>,
    pub scratch: Scratch<T>,
}

/// An operand's values for all samples.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a, T> {
    pub values: &'a [T],
    /// 0 where they are the same for all samples.
    stride: usize,
    length: usize,
}

impl<'a, T> View<'a, T> {
    /// So many elements a sample.
    pub(crate) fn of(values: &'a [T], length: usize) -> Self {
        View { values, stride: length, length }
    }

    /// The same for all samples.
    pub(crate) fn same(values: &'a [T]) -> Self {
        View { values, stride: 0, length: values.len() }
    }

    pub(crate) fn sample(&self, sample: usize) -> &'a [T] {
        &self.values[sample * self.stride..][..self.length]
    }
}

impl<T: Real> Plan<T> {
    /// An operand's values. A root's must have been computed.
    pub(crate) fn view<'a>(
        &'a self,
        place: Place,
        layout: &Layout,
        buffers: &'a [Vec<T>],
        samples: usize,
    ) -> View<'a, T> {
        match place {
            Place::Root(root) => {
                let length = self.lengths[root];
                let buffer = layout.buffer(root).map_or(&[][..], |buffer| &buffers[buffer]);
                View::of(&buffer[..samples * length], length)
            }
            Place::Constant(index) => {
                let values = self.values[index].as_ref().map_or(&[][..], Weights::values);
                View::same(values)
            }
        }
    }

    /// Fills the root of a step for so many samples.
    pub(crate) fn forward(
        &self,
        step: &Step<T>,
        layout: &Layout,
        workspace: &mut Workspace<T>,
        samples: usize,
        meter: &mut Meter<'_>,
    ) -> Result<(), EvalError> {
        let Some(buffer) = layout.buffer(step.output) else { return Ok(()) };
        let mut out = std::mem::take(&mut workspace.buffers[buffer]);
        let Workspace { buffers, scratch, .. } = workspace;
        let views = |i: usize| self.view(step.operands[i], layout, buffers, samples);
        let length = samples * self.lengths[step.output];
        let result = self.compute(step, views, &mut out[..length], samples, scratch, meter);
        workspace.buffers[buffer] = out;
        result
    }

    fn compute<'a>(
        &self,
        step: &Step<T>,
        view: impl Fn(usize) -> View<'a, T>,
        out: &mut [T],
        samples: usize,
        scratch: &mut Scratch<T>,
        meter: &mut Meter<'_>,
    ) -> Result<(), EvalError> {
        if out.is_empty() {
            return Ok(());
        }
        let length = self.lengths[step.output];
        match &step.kind {
            Kind::Linear(linear) => {
                let (rows, matrix) = (samples * linear.rows, &linear.matrix);
                rows_of(out, matrix.columns, linear.bias.as_ref(), meter)?;
                let left = Left { values: view(0).values, rows, row_stride: matrix.inner, inner_stride: 1 };
                product(self.isa, meter, left, matrix.inner, &matrix.panels, matrix.columns, out, matrix.columns)
            }
            Kind::MatMul { items, rows, inner, columns } => {
                meter.fill(out, T::ZERO)?;
                meter.grow(&mut scratch.packed, packed_len::<T>(self.isa, *inner, *columns))?;
                for sample in 0..samples {
                    let (a, b) = (view(0).sample(sample), view(1).sample(sample));
                    for (item, &(at_a, at_b)) in items.iter().enumerate() {
                        let a = &a[at_a as usize * rows * inner..];
                        let b = &b[at_b as usize * inner * columns..];
                        pack(self.isa, *inner, *columns, &mut scratch.packed, |k, j| b[k * columns + j]);
                        meter.count(inner * columns)?;
                        let out = &mut out[sample * length + item * rows * columns..];
                        let left = Left { values: a, rows: *rows, row_stride: *inner, inner_stride: 1 };
                        product(self.isa, meter, left, *inner, &scratch.packed, *columns, out, *columns)?;
                    }
                }
                Ok(())
            }
            Kind::Conv(conv) => {
                planes_of(out, conv.grid.positions(), conv.bias.as_ref(), meter)?;
                let (image, positions) = (conv.image_len(), conv.positions_len());
                for (index, out) in out.chunks_exact_mut(positions).enumerate() {
                    let image = &view(0).values[index * image..(index + 1) * image];
                    conv.convolve(self.isa, image, out, scratch, meter)?;
                }
                Ok(())
            }
            Kind::ConvTranspose(conv) => {
                planes_of(out, conv.grid.elements(), conv.bias.as_ref(), meter)?;
                let (image, positions) = (conv.image_len(), conv.positions_len());
                for (index, out) in out.chunks_exact_mut(image).enumerate() {
                    let values = &view(0).values[index * positions..(index + 1) * positions];
                    conv.transpose(self.isa, values, out, scratch, meter)?;
                }
                Ok(())
            }
            Kind::Scale { affine, inner } => {
                let (scale, shift) = (&affine.scale, &affine.shift);
                let x = view(0).values;
                for (index, out) in out.chunks_exact_mut(*inner).enumerate() {
                    let (scale, shift) = (scale[index % scale.len()], shift[index % shift.len()]);
                    let x = &x[index * inner..(index + 1) * inner];
                    for (x, out) in x.chunks(BLOCK).zip(out.chunks_mut(BLOCK)) {
                        self.isa.vectorized(|| x.iter().zip(&mut *out).for_each(|(&x, out)| *out = x * scale + shift));
                        meter.count(out.len())?;
                    }
                }
                Ok(())
            }
            Kind::Unary(unary) => unary.apply(self.isa, view(0).values, out, meter),
            Kind::Binary(binary, spread_a, spread_b) => {
                let (a, b) = (view(0), view(1));
                // What is as long for both need not be cut into samples.
                if let (Spread::Same, Spread::Same) = (spread_a, spread_b)
                    && a.values.len() == b.values.len()
                    && a.values.len() == out.len()
                {
                    return binary.apply((a.values, spread_a), (b.values, spread_b), out, meter);
                }
                for (sample, out) in out.chunks_exact_mut(length).enumerate() {
                    binary.apply((a.sample(sample), spread_a), (b.sample(sample), spread_b), out, meter)?;
                }
                Ok(())
            }
            Kind::Softmax(softmax) => {
                for (sample, out) in out.chunks_exact_mut(length).enumerate() {
                    softmax.apply(view(0).sample(sample), out, meter)?;
                }
                Ok(())
            }
            Kind::Pool(pool) => {
                let (elements, x) = (pool.grid.elements(), view(0).values);
                for (index, out) in out.chunks_exact_mut(pool.grid.positions()).enumerate() {
                    pool.apply(self.isa, &x[index * elements..(index + 1) * elements], out, meter)?;
                }
                Ok(())
            }
            Kind::Reduce(spread, count) => {
                meter.fill(out, T::ZERO)?;
                for (sample, out) in out.chunks_exact_mut(length).enumerate() {
                    for (block, x) in view(0).sample(sample).chunks(BLOCK).enumerate() {
                        spread.add(x, block * BLOCK, out);
                        meter.count(x.len())?;
                    }
                }
                if let Some(count) = *count {
                    for out in out.chunks_mut(BLOCK) {
                        out.iter_mut().for_each(|out| *out = *out / count);
                        meter.count(out.len())?;
                    }
                }
                Ok(())
            }
            Kind::Select(map, fill) => {
                for (sample, out) in out.chunks_exact_mut(length).enumerate() {
                    let x = view(0).sample(sample);
                    for (map, out) in map.chunks(BLOCK).zip(out.chunks_mut(BLOCK)) {
                        for (&i, out) in map.iter().zip(&mut *out) {
                            *out = if i == PADDING { *fill } else { x[i as usize] };
                        }
                        meter.count(out.len())?;
                    }
                }
                Ok(())
            }
            Kind::Concat { blocks, outer } => {
                let row: usize = blocks.iter().sum();
                let mut offset = 0;
                for (operand, &block) in blocks.iter().enumerate() {
                    let x = view(operand).values;
                    for turn in 0..samples * outer {
                        let to = &mut out[turn * row + offset..][..block];
                        meter.copy(&x[turn * block..][..block], to)?;
                    }
                    offset += block;
                }
                Ok(())
            }
            Kind::Repeat(index) => {
                let values = self.values[*index].as_ref().map_or(&[][..], Weights::values);
                for out in out.chunks_exact_mut(length) {
                    meter.copy(values, out)?;
                }
                Ok(())
            }
        }
    }
}

/// Every row becomes the bias, or zeros.
fn rows_of<T: Real>(
    out: &mut [T],
    columns: usize,
    bias: Option<&Weights<T>>,
    meter: &mut Meter<'_>,
) -> Result<(), EvalError> {
    let Some(bias) = bias else { return meter.fill(out, T::ZERO) };
    for row in out.chunks_exact_mut(columns) {
        meter.copy(bias.values(), row)?;
    }
    Ok(())
}

/// Every plane of so many elements becomes its channel's bias, or zeros.
fn planes_of<T: Real>(
    out: &mut [T],
    plane: usize,
    bias: Option<&Weights<T>>,
    meter: &mut Meter<'_>,
) -> Result<(), EvalError> {
    let Some(bias) = bias.map(Weights::values) else { return meter.fill(out, T::ZERO) };
    for (index, out) in out.chunks_exact_mut(plane).enumerate() {
        meter.fill(out, bias[index % bias.len()])?;
    }
    Ok(())
}
