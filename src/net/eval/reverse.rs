//! One step backward: reverse-mode differentiation (A. Griewank, A. Walther, "Evaluating derivatives", 2nd edition, SIAM
//! 2008, chapter 3). Each step adds to the gradients of its operands; constants have none.

use super::EvalError;
use super::conv::Scratch;
use super::forward::{View, Workspace};
use super::layout::Layout;
use super::meter::Meter;
use super::plan::{Kind, Place, Plan, Step};
use super::product::{Left, pack, packed_len, product};
use super::real::Real;
use super::select::PADDING;
use super::spread::BLOCK;
use super::weights::Weights;

/// What a step is differentiated at.
struct At<'a, T> {
    /// The first two; the first again where there is one. (No `Option`: valgrind takes it amiss that the compiler looks into a
    /// `None` ahead of a loop.)
    operands: [View<'a, T>; 2],
    answer: &'a [T],
    /// The gradient at the answer.
    gradient: &'a [T],
    samples: usize,
}

impl<T: Real> Plan<T> {
    /// Adds to the gradients of a step's operands.
    pub(crate) fn reverse(
        &self,
        step: &Step<T>,
        layout: &Layout,
        workspace: &mut Workspace<T>,
        samples: usize,
        meter: &mut Meter<'_>,
    ) -> Result<(), EvalError> {
        let (Some(buffer), Some(&first)) = (layout.buffer(step.output), step.operands.first()) else { return Ok(()) };
        let Workspace { buffers, gradients, scratch } = workspace;
        let gradient = std::mem::take(&mut gradients[buffer]);
        let length = samples * self.lengths[step.output];
        let second = step.operands.get(1).copied().unwrap_or(first);
        let view = |place: Place| self.view(place, layout, buffers, samples);
        let at = At {
            operands: [view(first), view(second)],
            answer: &buffers[buffer][..length],
            gradient: &gradient[..length],
            samples,
        };
        for (operand, &place) in step.operands.iter().enumerate() {
            let Place::Root(root) = place else { continue };
            if !self.is_active(root) {
                continue;
            }
            let Some(target) = layout.buffer(root) else { continue };
            // The same operand twice: one after the other.
            let mut to = std::mem::take(&mut gradients[target]);
            let length = samples * self.lengths[root];
            let result = self.pull(step, operand, &at, &mut to[..length], scratch, meter);
            gradients[target] = to;
            result?;
        }
        gradients[buffer] = gradient;
        Ok(())
    }

    /// Adds to `to` the transpose, applied to `rows` rows `g`, of a step that is linear in this operand. No values are needed;
    /// `zeros` holds zeros, as many as `to` has elements.
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn transpose(
        &self,
        step: &Step<T>,
        operand: usize,
        g: &[T],
        rows: usize,
        zeros: &[T],
        to: &mut [T],
        scratch: &mut Scratch<T>,
        meter: &mut Meter<'_>,
    ) -> Result<(), EvalError> {
        let view = |place: Place| match place {
            Place::Root(root) => View::of(zeros, self.lengths[root]),
            Place::Constant(index) => View::same(self.values[index].as_ref().map_or(&[][..], Weights::values)),
        };
        let (first, last) = (step.operands[0], step.operands[1.min(step.operands.len() - 1)]);
        let at = At { operands: [view(first), view(last)], answer: g, gradient: g, samples: rows };
        self.pull(step, operand, &at, to, scratch, meter)
    }

    /// Adds to `to` the gradient at one operand. (Never inlined: ahead of the loop over operands the compiler would look at
    /// fields of `step.kind` that another kind has, which valgrind takes amiss.)
    #[inline(never)]
    fn pull(
        &self,
        step: &Step<T>,
        operand: usize,
        at: &At<'_, T>,
        to: &mut [T],
        scratch: &mut Scratch<T>,
        meter: &mut Meter<'_>,
    ) -> Result<(), EvalError> {
        let g = at.gradient;
        let first = at.operands[0];
        if to.is_empty() || g.is_empty() {
            return Ok(());
        }
        let (from, length) = (to.len() / at.samples, g.len() / at.samples);
        match &step.kind {
            Kind::Linear(linear) => {
                let (rows, matrix) = (at.samples * linear.rows, &linear.matrix);
                let left = Left { values: g, rows, row_stride: matrix.columns, inner_stride: 1 };
                let back = matrix.back(self.isa)?;
                product(self.isa, meter, left, matrix.columns, back, matrix.inner, to, matrix.inner)
            }
            Kind::MatMul { .. } => self.pull_matmul(step, operand, at, to, scratch, meter),
            Kind::Conv(conv) => {
                let (image, positions) = (conv.image_len(), conv.positions_len());
                for (g, to) in g.chunks_exact(positions).zip(to.chunks_exact_mut(image)) {
                    conv.transpose(self.isa, g, to, scratch, meter)?;
                }
                Ok(())
            }
            Kind::ConvTranspose(conv) => {
                let (image, positions) = (conv.image_len(), conv.positions_len());
                for (g, to) in g.chunks_exact(image).zip(to.chunks_exact_mut(positions)) {
                    conv.convolve(self.isa, g, to, scratch, meter)?;
                }
                Ok(())
            }
            Kind::Scale { affine, inner } => {
                let scale = &affine.scale;
                for (index, (g, to)) in g.chunks_exact(*inner).zip(to.chunks_exact_mut(*inner)).enumerate() {
                    let scale = scale[index % scale.len()];
                    for (g, to) in g.chunks(BLOCK).zip(to.chunks_mut(BLOCK)) {
                        self.isa.vectorized(|| g.iter().zip(&mut *to).for_each(|(&g, to)| *to += g * scale));
                        meter.count(to.len())?;
                    }
                }
                Ok(())
            }
            Kind::Unary(unary) => unary.reverse(self.isa, first.values, at.answer, g, to, meter),
            Kind::Binary(binary, spread_a, spread_b) => {
                let second = at.operands[1];
                for (sample, (g, to)) in g.chunks_exact(length).zip(to.chunks_exact_mut(from)).enumerate() {
                    let (a, b) = (first.sample(sample), second.sample(sample));
                    binary.reverse(operand == 1, (a, spread_a), (b, spread_b), g, to, meter)?;
                }
                Ok(())
            }
            Kind::Softmax(softmax) => {
                let each = at.answer.chunks_exact(length).zip(g.chunks_exact(length)).zip(to.chunks_exact_mut(from));
                for ((y, g), to) in each {
                    softmax.reverse(y, g, to, meter)?;
                }
                Ok(())
            }
            Kind::Pool(pool) => {
                let (elements, positions) = (pool.grid.elements(), pool.grid.positions());
                if elements == 0 {
                    return Ok(());
                }
                let answers = at.answer.chunks_exact(positions).zip(g.chunks_exact(positions));
                let each = first.values.chunks_exact(elements).zip(to.chunks_exact_mut(elements));
                for ((x, to), (y, g)) in each.zip(answers) {
                    pool.reverse(self.isa, x, (y, g), to, meter)?;
                }
                Ok(())
            }
            Kind::Reduce(spread, count) => {
                let mut buffer = [T::ZERO; BLOCK];
                for (g, to) in g.chunks_exact(length).zip(to.chunks_exact_mut(from)) {
                    for (block, to) in to.chunks_mut(BLOCK).enumerate() {
                        let g = spread.fetch(g, block * BLOCK, &mut buffer[..to.len()]);
                        match *count {
                            Some(count) => to.iter_mut().zip(g).for_each(|(to, &g)| *to += g / count),
                            None => to.iter_mut().zip(g).for_each(|(to, &g)| *to += g),
                        }
                        meter.count(to.len())?;
                    }
                }
                Ok(())
            }
            Kind::Select(map, _) => {
                for (g, to) in g.chunks_exact(length).zip(to.chunks_exact_mut(from)) {
                    for (map, g) in map.chunks(BLOCK).zip(g.chunks(BLOCK)) {
                        for (&i, &g) in map.iter().zip(g).filter(|&(&i, _)| i != PADDING) {
                            to[i as usize] += g;
                        }
                        meter.count(g.len())?;
                    }
                }
                Ok(())
            }
            Kind::Concat { blocks, outer } => {
                let (row, block) = (blocks.iter().sum::<usize>(), blocks[operand]);
                let offset: usize = blocks[..operand].iter().sum();
                for turn in 0..at.samples * outer {
                    meter.add(&g[turn * row + offset..][..block], &mut to[turn * block..][..block])?;
                }
                Ok(())
            }
            Kind::Repeat(_) => Ok(()),
        }
    }

    /// Of `A B` the gradients are `G Bᵀ` and `Aᵀ G`.
    fn pull_matmul(
        &self,
        step: &Step<T>,
        operand: usize,
        at: &At<'_, T>,
        to: &mut [T],
        scratch: &mut Scratch<T>,
        meter: &mut Meter<'_>,
    ) -> Result<(), EvalError> {
        let Kind::MatMul { items, rows, inner, columns } = &step.kind else { return Ok(()) };
        let [a, b] = at.operands;
        let (rows, inner, columns) = (*rows, *inner, *columns);
        let (from, length) = (to.len() / at.samples, at.gradient.len() / at.samples);
        let second = operand == 1;
        let size =
            if second { packed_len::<T>(self.isa, rows, columns) } else { packed_len::<T>(self.isa, columns, inner) };
        meter.grow(&mut scratch.packed, size)?;
        for sample in 0..at.samples {
            let to = &mut to[sample * from..(sample + 1) * from];
            for (item, &(at_a, at_b)) in items.iter().enumerate() {
                let g = &at.gradient[sample * length + item * rows * columns..];
                let (at_a, at_b) = (at_a as usize * rows * inner, at_b as usize * inner * columns);
                if second {
                    let values = &a.sample(sample)[at_a..];
                    pack(self.isa, rows, columns, &mut scratch.packed, |k, j| g[k * columns + j]);
                    let left = Left { values, rows: inner, row_stride: 1, inner_stride: inner };
                    product(self.isa, meter, left, rows, &scratch.packed, columns, &mut to[at_b..], columns)?;
                } else {
                    let b = &b.sample(sample)[at_b..];
                    pack(self.isa, columns, inner, &mut scratch.packed, |k, j| b[j * columns + k]);
                    let left = Left { values: g, rows, row_stride: columns, inner_stride: 1 };
                    product(self.isa, meter, left, columns, &scratch.packed, inner, &mut to[at_a..], inner)?;
                }
                meter.count(inner * columns)?;
            }
        }
        Ok(())
    }
}
