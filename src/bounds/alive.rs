//! Products with a matrix of which only a part counts.
//!
//! A rectifier that is 0 in all boxes at hand has no influence on anything: its column of the weights after it, and its row of
//! those before, need not be multiplied. In a network of which most rectifiers have one sign that is most of the work. What is
//! left out is exactly 0, so no bound is changed by it, but for rounding: sums are formed in another order. So it is for those
//! who do not mind that the last bits depend on what else is in a batch.
//!
//! The part is packed anew for a product unless the one from before will do, as it mostly does: the passes of an ascent are
//! about the same boxes.

use std::sync::Arc;

use super::BoundsError;
use super::crown::Frame;
use super::graph::Graph;
use super::number::Number;
use crate::net::eval::kernel::Isa;
use crate::net::eval::meter::Meter;
use crate::net::eval::plan::{Kind, Linear, Place, Plan};
use crate::net::eval::product::{Left, packed_len, product};
use crate::net::eval::weights::{Matrix, Weights};

#[cfg(test)]
mod tests;

/// Fewer rows than that are not worth packing for, nor are fewer entries.
const FEW: usize = 8;
const SMALL: usize = 1 << 12;

/// A part is taken where it is less than so much of the whole.
const WORTH: f64 = 0.7;

/// Parts of the matrices of a graph's steps, all for products backward or all for products forward.
#[derive(Debug, Default)]
pub(crate) struct Alive<T = f64> {
    parts: Vec<Part<T>>,
    outs: Vec<bool>,
    ins: Vec<bool>,
    taken: Vec<T>,
    answer: Vec<T>,
}

/// Which outputs and inputs of a matrix count, and its entries there, packed.
#[derive(Debug, Default)]
struct Part<T> {
    of: Option<Arc<Matrix<T>>>,
    outs: Vec<u32>,
    ins: Vec<u32>,
    packed: Vec<T>,
}

impl<T: Number> Alive<T> {
    /// Adds to zeros: rows times the matrix of a step, as far as it counts. `false` where nothing was done, as nearly all
    /// counts. The box of each row is given too.
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn back(
        &mut self,
        graph: &Graph,
        step: usize,
        frame: &Frame<'_, T>,
        (g, boxes): (&[T], &[u32]),
        to: &mut [T],
        meter: &mut Meter<'_>,
    ) -> Result<bool, BoundsError> {
        let Some((linear, operand)) = dense(T::plan(graph)?, step, boxes.len()) else { return Ok(false) };
        let (isa, inputs, outputs) = (graph.plan.isa, linear.matrix.inner, linear.matrix.columns);
        self.outs.clear();
        self.outs.resize(outputs, false);
        for row in g.chunks_exact(outputs.max(1)) {
            isa.vectorized(|| self.outs.iter_mut().zip(row).for_each(|(counts, &g)| *counts |= g != T::ZERO));
        }
        self.ins.clear();
        self.ins.resize(inputs, false);
        mark(graph, frame, boxes, operand, &mut self.ins);
        self.multiply(isa, step, linear, false, (g, boxes.len()), to, meter)
    }

    /// Samples through a step with a matrix, as far as it counts; elsewhere nothing sensible. Besides what a later step looks at
    /// the neurons that are listed, in order, count. Samples are of the boxes that are given. `false` where nothing was done, as
    /// nearly all counts.
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn ahead(
        &mut self,
        graph: &Graph,
        step: usize,
        frame: &Frame<'_, T>,
        wanted: &[u32],
        boxes: &[u32],
        (x, samples): (&[T], usize),
        to: &mut [T],
        meter: &mut Meter<'_>,
    ) -> Result<bool, BoundsError> {
        let Some((linear, operand)) = dense(T::plan(graph)?, step, samples) else { return Ok(false) };
        let (inputs, outputs) = (linear.matrix.inner, linear.matrix.columns);
        self.ins.clear();
        self.ins.resize(inputs, false);
        mark(graph, frame, boxes, operand, &mut self.ins);
        let root = graph.plan.steps[step].output;
        self.outs.clear();
        self.outs.resize(outputs, graph.output_roots().any(|(_, output)| output == root));
        for (index, later) in graph.plan.steps.iter().enumerate() {
            if later.operands.contains(&Place::Root(root)) {
                match graph.slots[index] {
                    Some(_) => mark(graph, frame, boxes, later.output, &mut self.outs),
                    None => self.outs.fill(true),
                }
            }
        }
        if let Some(first) = graph.first[root] {
            let from = wanted.partition_point(|&neuron| (neuron as usize) < first);
            let own = wanted[from..].iter().map(|&neuron| neuron as usize - first).take_while(|&i| i < outputs);
            own.for_each(|i| self.outs[i] = true);
        }
        let x = &x[..samples * inputs];
        self.multiply(graph.plan.isa, step, linear, true, (x, samples), to, meter)
    }

    /// Backward it adds to zeros; forward it writes, what a linear step adds included.
    #[allow(clippy::too_many_arguments)]
    fn multiply(
        &mut self,
        isa: Isa,
        step: usize,
        linear: &Linear<T>,
        ahead: bool,
        (values, rows): (&[T], usize),
        to: &mut [T],
        meter: &mut Meter<'_>,
    ) -> Result<bool, BoundsError> {
        let Alive { parts, outs, ins, taken, answer } = self;
        if parts.len() <= step {
            parts.resize_with(step + 1, Part::default);
        }
        let part = &mut parts[step];
        let choice = part.choose(isa, &linear.matrix, (outs, ins), ahead, meter)?;
        if let Choice::Whole = choice {
            return Ok(false);
        }
        let bias = linear.bias.as_ref().filter(|_| ahead).map(Weights::values);
        if ahead {
            match bias {
                Some(bias) => to.chunks_exact_mut(bias.len()).for_each(|to| to.copy_from_slice(bias)),
                None => to.fill(T::ZERO),
            }
        }
        if let Choice::Nothing = choice {
            return Ok(true);
        }
        let (from, onto) = if ahead { (&part.ins, &part.outs) } else { (&part.outs, &part.ins) };
        let (wide, across) = (values.len() / rows, to.len() / rows);
        let mut left = Left { values, rows, row_stride: wide, inner_stride: 1 };
        if from.len() < wide {
            meter.grow(taken, rows * from.len())?;
            let taken = &mut taken[..rows * from.len()];
            for (taken, row) in taken.chunks_exact_mut(from.len()).zip(values.chunks_exact(wide)) {
                taken.iter_mut().zip(from).for_each(|(taken, &i)| *taken = row[i as usize]);
            }
            left = Left { values: taken, row_stride: from.len(), ..left };
        }
        if onto.len() == across {
            product(isa, meter, left, from.len(), &part.packed, across, to, across)?;
        } else {
            meter.grow(answer, rows * onto.len())?;
            let answer = &mut answer[..rows * onto.len()];
            match bias {
                Some(bias) => {
                    let (first, rest) = answer.split_at_mut(onto.len());
                    first.iter_mut().zip(onto).for_each(|(first, &i)| *first = bias[i as usize]);
                    rest.chunks_exact_mut(onto.len()).for_each(|to| to.copy_from_slice(first));
                }
                None => answer.fill(T::ZERO),
            }
            product(isa, meter, left, from.len(), &part.packed, onto.len(), answer, onto.len())?;
            for (answer, to) in answer.chunks_exact(onto.len()).zip(to.chunks_exact_mut(across)) {
                answer.iter().zip(onto).for_each(|(&answer, &i)| to[i as usize] = answer);
            }
        }
        meter.count(rows * (from.len() + onto.len()))?;
        Ok(true)
    }
}

/// What of a matrix is to be multiplied.
enum Choice {
    Whole,
    Part,
    Nothing,
}

impl<T: Number> Part<T> {
    /// Takes what counts, where that is worth it; what is there stays if it will do.
    fn choose(
        &mut self,
        isa: Isa,
        matrix: &Arc<Matrix<T>>,
        (outs, ins): (&[bool], &[bool]),
        ahead: bool,
        meter: &mut Meter<'_>,
    ) -> Result<Choice, BoundsError> {
        let count = |of: &[bool]| of.iter().filter(|&&counts| counts).count();
        let counts = (count(outs), count(ins));
        let entries = counts.0 * counts.1;
        if entries == 0 {
            return Ok(Choice::Nothing);
        }
        if entries as f64 >= WORTH * (outs.len() * ins.len()) as f64 {
            return Ok(Choice::Whole);
        }
        let covered = |list: &[u32], of: &[bool]| list.iter().filter(|&&i| of[i as usize]).count();
        let is_same = self.of.as_ref().is_some_and(|of| Arc::ptr_eq(of, matrix));
        if is_same
            && self.outs.len() * self.ins.len() <= entries + entries / 4
            && (covered(&self.outs, outs), covered(&self.ins, ins)) == counts
        {
            return Ok(Choice::Part);
        }
        for (list, of) in [(&mut self.outs, outs), (&mut self.ins, ins)] {
            list.clear();
            list.extend((0..of.len() as u32).filter(|&i| of[i as usize]));
        }
        self.of = None;
        let (inner, across) = if ahead { (counts.1, counts.0) } else { counts };
        let length = packed_len::<T>(isa, inner, across);
        meter.grow(&mut self.packed, length)?;
        matrix.part(isa, (&self.outs, &self.ins), ahead, &mut self.packed[..length]);
        self.of = Some(Arc::clone(matrix));
        meter.count(2 * length)?;
        Ok(Choice::Part)
    }
}

/// A product with a matrix, one row a sample, that is large enough; and the root that it takes.
fn dense<T>(plan: &Plan<T>, step: usize, rows: usize) -> Option<(&Linear<T>, usize)> {
    match (&plan.steps[step].kind, plan.steps[step].operands[0]) {
        (Kind::Linear(linear), Place::Root(operand)) => {
            let is_large = linear.matrix.inner * linear.matrix.columns >= SMALL;
            (linear.rows == 1 && rows >= FEW && is_large).then_some((linear, operand))
        }
        _ => None,
    }
}

/// Marks what a root's elements are in one of the boxes: all but those that a function answers with 0.
fn mark<T: Number>(graph: &Graph, frame: &Frame<'_, T>, boxes: &[u32], root: usize, counts: &mut [bool]) {
    let Some(slot) = graph.plan.makers[root].and_then(|step| graph.slots[step]) else { return counts.fill(true) };
    let n = counts.len();
    // Rows of one box mostly come one after the other.
    for of in boxes.chunk_by(|a, b| a == b).map(|same| same[0] as usize) {
        let at = of * graph.lines + slot;
        let (a, b) = (&frame.below.0[at..at + n], &frame.below.1[at..at + n]);
        let (c, d) = (&frame.above.0[at..at + n], &frame.above.1[at..at + n]);
        graph.plan.isa.vectorized(|| {
            for i in 0..n {
                counts[i] |= (a[i] != T::ZERO) | (b[i] != T::ZERO) | (c[i] != T::ZERO) | (d[i] != T::ZERO);
            }
        });
    }
}
