//! One batch of boxes from start to end: neurons, then rows.

use super::alpha::Split;
use super::batch::Batch;
use super::crown::Rows;
use super::graph::{Graph, Role};
use super::root::Root;
use super::spec::{Spec, substitute};
use super::{BoundsError, meter};
use crate::budget::Budget;
use crate::net::eval::plan::Place;

/// Buffers of a batch of boxes.
#[derive(Debug, Default)]
pub(crate) struct Bounding {
    pub batch: Batch,
    rows: Rows,
    boxes: Vec<u32>,
    functions: Vec<u32>,
    /// Linear functions that splits keep from being positive: the box of each, coefficients, constants.
    cuts: (Vec<u32>, Vec<f64>, Vec<f64>),
}

impl Bounding {
    /// Takes boxes with what is known of their neurons, and their splits.
    pub(crate) fn start<'a>(
        &mut self,
        graph: &Graph,
        count: usize,
        boxes: impl Iterator<Item = (&'a [f64], &'a [f64])>,
        known: impl Iterator<Item = (&'a [f64], &'a [f64])>,
        splits: impl Iterator<Item = &'a [Split]>,
        budget: &Budget,
    ) -> Result<(), BoundsError> {
        let mut meter = meter(budget);
        self.rows.sparing = true;
        self.batch.resize(graph, count, &mut meter)?;
        for (index, (lower, upper)) in boxes.enumerate() {
            let range = index * graph.input_len..(index + 1) * graph.input_len;
            self.batch.lower[range.clone()].copy_from_slice(lower);
            self.batch.upper[range].copy_from_slice(upper);
        }
        for (index, (least, greatest)) in known.enumerate() {
            let range = index * graph.total..(index + 1) * graph.total;
            self.batch.least[range.clone()].copy_from_slice(least);
            self.batch.greatest[range].copy_from_slice(greatest);
        }
        for (index, splits) in splits.enumerate() {
            self.batch.split(graph, index, splits);
        }
        Ok(meter.finish()?)
    }

    /// Bounds all neurons.
    pub(crate) fn propagate(&mut self, graph: &Graph, root: &Root, budget: &Budget) -> Result<(), BoundsError> {
        let mut meter = meter(budget);
        self.batch.propagate(graph, &root.magnitudes, &mut self.rows, &mut meter)?;
        Ok(meter.finish()?)
    }

    /// Looks for contradictions to the splits of boxes, all neurons being bounded, and keeps what else the splits say of
    /// inputs.
    pub(crate) fn contradict(
        &mut self,
        graph: &Graph,
        root: &Root,
        splits: &[(u32, Split)],
        budget: &Budget,
    ) -> Result<(), BoundsError> {
        let mut meter = meter(budget);
        let (boxes, coefficients, constants) = &mut self.cuts;
        boxes.clear();
        coefficients.clear();
        constants.clear();
        self.batch.contradict(graph, &root.magnitudes, splits, &mut self.rows, &mut meter, |rows, row, of| {
            boxes.push(of);
            let first = coefficients.len();
            coefficients.resize(first + graph.input_len, 0.0);
            constants.push(linear(graph, rows, row, &mut coefficients[first..]));
        })?;
        Ok(meter.finish()?)
    }

    /// Those functions of a box: coefficients and constant.
    pub(crate) fn cuts(&self, inputs: usize, index: usize) -> impl Iterator<Item = (&[f64], f64)> {
        let (boxes, coefficients, constants) = &self.cuts;
        let of = boxes.iter().enumerate().filter(move |&(_, &of)| of as usize == index);
        of.map(move |(at, _)| (&coefficients[at * inputs..(at + 1) * inputs], constants[at]))
    }

    /// Bounds functions: for every box those that `functions` lists for it, `each` a box, of `[function][output]` and,
    /// where there are any, `[function][input]`.
    pub(crate) fn bound_rows(
        &mut self,
        graph: &Graph,
        root: &Root,
        (each, functions): (usize, impl Iterator<Item = u32>),
        (outputs, inputs): (&[f64], &[f64]),
        budget: &Budget,
    ) -> Result<(), BoundsError> {
        let mut meter = meter(budget);
        self.boxes.clear();
        self.boxes.extend((0..self.batch.count * each).map(|row| (row / each) as u32));
        self.functions.clear();
        self.functions.extend(functions);
        let spec = Spec { boxes: &self.boxes, functions: &self.functions, outputs, inputs, factors: &[] };
        substitute(graph, &root.magnitudes, &self.batch.frame(), &spec, None, &mut self.rows, &mut meter)?;
        Ok(meter.finish()?)
    }

    /// Has what a later call of [`Bounding::pay`] needs kept.
    pub(crate) fn keep(&mut self) {
        self.batch.shared = true;
        self.rows.keep = true;
    }

    /// What relaxations cost a row, by the input whose width is to blame: to `weights`, times a factor.
    pub(crate) fn pay(&self, graph: &Graph, row: usize, factor: f64, weights: &mut [f64]) {
        let of = self.boxes[row] as usize;
        for (step, slot) in graph.slots.iter().enumerate() {
            let (Some(slot), Some(&Place::Root(operand))) = (slot, graph.plan.steps[step].operands.first()) else {
                continue;
            };
            let Some(first) = graph.first[operand] else { continue };
            let length = graph.plan.lengths[operand];
            let Some(g) = self.rows.kept(graph.plan.steps[step].output).get(row * length..(row + 1) * length) else {
                continue;
            };
            for (i, &g) in g.iter().enumerate() {
                let (line, neuron) = (of * graph.lines + slot + i, of * graph.total + first + i);
                let (l, u) = (self.batch.least[neuron], self.batch.greatest[neuron]);
                if g == 0.0 || l >= 0.0 || u <= 0.0 {
                    continue;
                }
                let cost = if g < 0.0 { -g * self.batch.above.1[line] } else { 0.5 * g * u.min(-l) };
                let shares = &self.batch.shares[neuron * weights.len()..][..weights.len()];
                let sum: f64 = shares.iter().sum();
                if sum > 0.0 {
                    let factor = factor * cost / sum;
                    weights.iter_mut().zip(shares).for_each(|(weight, share)| *weight += factor * share);
                }
            }
        }
    }

    /// The neuron whose sign, not being known, costs some rows of a box most; the cost of each row counts by its factor.
    pub(crate) fn worst_sign(&self, graph: &Graph, rows: std::ops::Range<usize>, factors: &[f64]) -> Option<u32> {
        let mut worst: Option<(f64, u32)> = None;
        for set in graph.neurons.iter().filter(|set| set.signed) {
            let mut costs = vec![0.0; set.count];
            for (row, factor) in rows.clone().zip(factors) {
                self.batch.costs_of_signs(
                    graph,
                    set,
                    self.boxes[row] as usize,
                    |root| {
                        let length = graph.plan.lengths[root];
                        self.rows.kept(root).get(row * length..(row + 1) * length)
                    },
                    *factor,
                    &mut costs,
                );
            }
            for (i, &cost) in costs.iter().enumerate() {
                if cost > worst.map_or(0.0, |(most, _)| most) {
                    worst = Some((cost, (set.first + i) as u32));
                }
            }
        }
        worst.map(|(_, neuron)| neuron)
    }

    /// Whether no point of a box is left.
    pub(crate) fn is_empty(&self, index: usize) -> bool {
        self.batch.empty[index]
    }

    /// A lower bound of a row over its box.
    pub(crate) fn least(&self, graph: &Graph, row: usize) -> f64 {
        self.rows.least(graph, &self.batch.frame(), row)
    }

    /// How much of a row's bound was taken off for rounding.
    pub(crate) fn doubt(&self, row: usize) -> f64 {
        self.rows.error[row]
    }

    /// How far a row's function may be above its linear bound somewhere in the box, as relaxations go: infinite where more
    /// than functions of one number are relaxed. A judgement, not a bound.
    pub(crate) fn slack(&self, graph: &Graph, row: usize) -> f64 {
        let of = self.boxes[row] as usize;
        let Batch { least, greatest, below, above, .. } = &self.batch;
        let mut slack = 0.0;
        for ((step, role), slot) in graph.plan.steps.iter().zip(&graph.roles).zip(&graph.slots) {
            let g = self.rows.kept(step.output);
            if g.is_empty() || matches!(role, Role::Linear { .. }) {
                continue;
            }
            let (Some(slot), Some(&Place::Root(operand))) = (slot, step.operands.first()) else { return f64::INFINITY };
            let Some(first) = graph.first[operand] else { return f64::INFINITY };
            let length = graph.plan.lengths[operand];
            for (i, g) in g[row * length..(row + 1) * length].iter().enumerate().filter(|(_, g)| **g != 0.0) {
                let (line, neuron) = (of * graph.lines + slot + i, of * graph.total + first + i);
                let slope = above.0[line] - below.0[line];
                let room = (slope * least[neuron]).max(slope * greatest[neuron]) + above.1[line] - below.1[line];
                slack += g.abs() * room.max(0.0);
            }
        }
        slack
    }

    /// The linear lower bound of a row: its coefficients, and its constant.
    pub(crate) fn linear(&self, graph: &Graph, row: usize, coefficients: &mut [f64]) -> f64 {
        linear(graph, &self.rows, row, coefficients)
    }

    /// What is known of a box's neurons.
    pub(crate) fn neurons(&self, index: usize) -> (&[f64], &[f64]) {
        let range = index * self.batch.least.len() / self.batch.count.max(1)
            ..(index + 1) * self.batch.least.len() / self.batch.count.max(1);
        (&self.batch.least[range.clone()], &self.batch.greatest[range])
    }
}

fn linear(graph: &Graph, rows: &Rows, row: usize, coefficients: &mut [f64]) -> f64 {
    for &(root, offset) in &graph.inputs {
        let length = graph.plan.lengths[root];
        if let Some(left) = rows.left(root) {
            coefficients[offset..offset + length].copy_from_slice(&left[row * length..(row + 1) * length]);
        }
    }
    rows.constant[row]
}
