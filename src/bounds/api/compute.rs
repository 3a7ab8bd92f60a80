//! Batches from start to end: what is known, intervals, neurons, rows.

use std::ops::Range;

use super::super::alpha::{self, Problem, Split};
use super::super::batch::Batch;
use super::super::crown::Rows;
use super::super::interval::{self, Intervals};
use super::super::root::workspace;
use super::super::round::{TINY, down, gamma};
use super::super::spec::{self, Spec};
use super::super::{BoundsError, meter};
use super::memory::{self, Chunks};
use super::{Bounds, Functions, Method, Query, Results};
use crate::budget::Budget;
use crate::error::OutOfMemory;
use crate::net::eval::forward::Workspace;
use crate::net::eval::meter::Meter;

/// Some boxes of a query at work.
pub(super) struct Work<'a> {
    pub bounds: &'a Bounds,
    pub query: &'a Query<'a>,
    pub meter: Meter<'a>,
    /// The first box.
    pub first: usize,
    pub batch: Batch,
    pub rows: Rows,
    /// Intervals of the outputs, `[box][output]`, where they are computed.
    outputs: (Vec<f64>, Vec<f64>),
    workspaces: [Workspace<f64>; 2],
    splits: Vec<Split>,
}

pub(super) fn run(
    bounds: &Bounds,
    query: &Query<'_>,
    results: &mut Results<'_>,
    budget: &Budget,
) -> Result<(), BoundsError> {
    let Chunks { boxes: together, rows } = memory::chunks(bounds, query, false, budget)?;
    let mut work = Work::new(bounds, query, meter(budget));
    let mut alpha = (alpha::Workspace::default(), alpha::Best::default());
    for first in (0..query.boxes).step_by(together) {
        work.start(first, together.min(query.boxes - first))?;
        work.neurons(&mut alpha.0)?;
        work.bound_rows(rows, &mut alpha, results)?;
        work.finish(results);
    }
    Ok(work.meter.finish()?)
}

impl<'a> Work<'a> {
    pub(super) fn new(bounds: &'a Bounds, query: &'a Query<'a>, meter: Meter<'a>) -> Self {
        let splits = query.splits.neurons.iter().zip(query.splits.phases);
        Work {
            bounds,
            query,
            meter,
            first: 0,
            batch: Batch::default(),
            rows: Rows::default(),
            outputs: (Vec::new(), Vec::new()),
            workspaces: [Workspace::default(), Workspace::default()],
            splits: splits.map(|(&neuron, &phase)| Split { neuron, positive: phase > 0 }).collect(),
        }
    }

    /// Takes boxes with what is known of them.
    pub(super) fn start(&mut self, first: usize, count: usize) -> Result<(), BoundsError> {
        let (bounds, query) = (self.bounds, self.query);
        let (graph, root) = (&bounds.graph, &bounds.root);
        let (n, total) = (graph.input_len, graph.total);
        self.first = first;
        self.batch.resize(graph, count, &mut self.meter)?;
        self.batch.lower.copy_from_slice(&query.lower[first * n..(first + count) * n]);
        self.batch.upper.copy_from_slice(&query.upper[first * n..(first + count) * n]);
        for index in 0..count {
            let of = index * total..(index + 1) * total;
            self.batch.least[of.clone()].copy_from_slice(&root.least);
            self.batch.greatest[of.clone()].copy_from_slice(&root.greatest);
            if !query.known.0.is_empty() {
                let known = (first + index) * total..(first + index + 1) * total;
                let ends = self.batch.least[of.clone()].iter_mut().zip(&mut self.batch.greatest[of.clone()]);
                for ((least, greatest), (&l, &u)) in
                    ends.zip(query.known.0[known.clone()].iter().zip(&query.known.1[known]))
                {
                    (*least, *greatest) = (least.max(l), greatest.min(u));
                }
            }
            let splits = &self.splits[splits_of(query.splits.offsets, self.first + index)];
            self.batch.split(graph, index, splits);
            self.batch.empty[index] |= of.clone().any(|at| self.batch.least[at] > self.batch.greatest[at]);
        }
        self.meter.count(4 * count * total)?;
        Ok(())
    }

    /// Bounds the neurons by what the query asks for.
    pub(super) fn neurons(&mut self, workspace: &mut alpha::Workspace) -> Result<(), BoundsError> {
        let (graph, magnitudes) = (&self.bounds.graph, &self.bounds.root.magnitudes);
        if self.query.method == Method::Interval || self.query.intersect {
            self.intervals()?;
        }
        if self.query.method == Method::Interval {
            return Ok(());
        }
        self.batch.propagate(graph, magnitudes, &mut self.rows, &mut self.meter)?;
        if let Method::Alpha { neuron_iterations: iterations @ 1.., .. } = self.query.method {
            let options = alpha::Options { iterations, ..alpha::Options::default() };
            let boxes = self.first..self.first + self.batch.count;
            let splits: Vec<&[Split]> =
                boxes.map(|index| &self.splits[splits_of(self.query.splits.offsets, index)]).collect();
            alpha::tighten(graph, magnitudes, &mut self.batch, &splits, None, &options, workspace, &mut self.meter)?;
        }
        self.bound_splits()
    }

    /// Intervals of every number, box by box. What is known of neurons makes them better, and they it.
    fn intervals(&mut self) -> Result<(), BoundsError> {
        let (graph, root) = (&self.bounds.graph, &self.bounds.root);
        if self.workspaces[0].buffers.is_empty() {
            self.workspaces = [workspace(&graph.layout, &mut self.meter)?, workspace(&graph.layout, &mut self.meter)?];
        }
        let (m, mut ends): (_, Intervals) =
            (graph.output_len, vec![(Vec::new(), Vec::new()); graph.plan.lengths.len()]);
        for to in [&mut self.outputs.0, &mut self.outputs.1] {
            self.meter.grow(to, self.batch.count * m)?;
        }
        for index in (0..self.batch.count).filter(|&index| !self.batch.empty[index]).collect::<Vec<_>>() {
            for root_index in 0..graph.plan.lengths.len() {
                let length = graph.plan.lengths[root_index];
                let (mut l, mut u) = match graph.plan.makers[root_index] {
                    None => {
                        let offset =
                            graph.inputs.iter().find(|(r, _)| *r == root_index).map_or(0, |(_, offset)| *offset);
                        let at = index * graph.input_len + offset;
                        (self.batch.lower[at..at + length].to_vec(), self.batch.upper[at..at + length].to_vec())
                    }
                    Some(step) => {
                        interval::forward(graph, step, &ends, &root.magnitudes, &mut self.workspaces, &mut self.meter)?
                    }
                };
                if let Some(first) = graph.first[root_index] {
                    let at = index * graph.total + first;
                    let known =
                        self.batch.least[at..at + length].iter_mut().zip(&mut self.batch.greatest[at..at + length]);
                    for ((least, greatest), (l, u)) in known.zip(l.iter_mut().zip(&mut u)) {
                        (*least, *greatest) = (least.max(*l), greatest.min(*u));
                        (*l, *u) = (*least, *greatest);
                        self.batch.empty[index] |= *least > *greatest;
                    }
                }
                ends[root_index] = (l, u);
                if self.batch.empty[index] {
                    break;
                }
            }
            if !self.batch.empty[index] {
                let (lower, upper) = super::super::root::outputs(graph, &ends);
                self.outputs.0[index * m..(index + 1) * m].copy_from_slice(&lower);
                self.outputs.1[index * m..(index + 1) * m].copy_from_slice(&upper);
            }
        }
        Ok(())
    }

    /// Looks for contradictions to splits.
    fn bound_splits(&mut self) -> Result<(), BoundsError> {
        let (graph, magnitudes) = (&self.bounds.graph, &self.bounds.root.magnitudes);
        let mut splits = Vec::new();
        for index in 0..self.batch.count {
            let of = splits_of(self.query.splits.offsets, self.first + index);
            splits.extend(self.splits[of].iter().map(|&split| (index as u32, split)));
        }
        self.batch.contradict(graph, magnitudes, &splits, &mut self.rows, &mut self.meter, |_, _, _| {})
    }

    /// Bounds the rows of all boxes that are not empty, and writes what was asked for.
    fn bound_rows(
        &mut self,
        together: usize,
        alpha: &mut (alpha::Workspace, alpha::Best),
        results: &mut Results<'_>,
    ) -> Result<(), BoundsError> {
        let query = self.query;
        let below = results.lower.is_some() || results.below.is_some() || results.points.is_some();
        let above = results.upper.is_some() || results.above.is_some();
        let signs: &[bool] = match (below, above) {
            (true, true) => &[false, true],
            (true, false) => &[false],
            (false, true) => &[true],
            (false, false) => &[],
        };
        let outputs = negated(query.outputs, above)?;
        let inputs = negated(query.inputs, above)?;
        if query.method == Method::Interval || query.intersect {
            for index in (0..self.batch.count).filter(|&index| !self.batch.empty[index]) {
                for row in 0..query.rows {
                    self.interval_row(index, row, results);
                }
            }
            self.meter.count(4 * self.batch.count * query.outputs.len())?;
        }
        if query.method == Method::Interval {
            return Ok(());
        }
        let all = (0..self.batch.count).filter(|&index| !self.batch.empty[index]);
        let all =
            all.flat_map(|index| (0..query.rows).flat_map(move |row| signs.iter().map(move |&s| (index, row, s))));
        let all: Vec<(usize, usize, bool)> = all.collect();
        for part in all.chunks(together) {
            let boxes: Vec<u32> = part.iter().map(|&(index, ..)| index as u32).collect();
            let functions: Vec<u32> =
                part.iter().map(|&(_, row, s)| (row + usize::from(s) * query.rows) as u32).collect();
            let spec = Spec { boxes: &boxes, functions: &functions, outputs: &outputs, inputs: &inputs, factors: &[] };
            self.bound_part(part, &spec, alpha, results)?;
        }
        Ok(())
    }

    fn bound_part(
        &mut self,
        part: &[(usize, usize, bool)],
        spec: &Spec<'_>,
        (workspace, best): &mut (alpha::Workspace, alpha::Best),
        results: &mut Results<'_>,
    ) -> Result<(), BoundsError> {
        let (graph, magnitudes) = (&self.bounds.graph, &self.bounds.root.magnitudes);
        let n = graph.input_len;
        let alpha = match self.query.method {
            Method::Alpha { iterations, .. } => {
                let (all, offsets) = (&self.splits, self.query.splits.offsets);
                let boxes = self.first..self.first + self.batch.count;
                let splits: Vec<&[Split]> = boxes.map(|index| &all[splits_of(offsets, index)]).collect();
                let problem =
                    Problem { graph, magnitudes, batch: &self.batch, splits: &splits, warm: None, targets: &[] };
                let options = alpha::Options { iterations, ..alpha::Options::default() };
                alpha::maximise(&problem, spec, &options, workspace, best, &mut self.meter)?;
                true
            }
            _ => {
                spec::substitute(graph, magnitudes, &self.batch.frame(), spec, None, &mut self.rows, &mut self.meter)?;
                false
            }
        };
        let mut buffer = vec![0.0; n];
        for (at, &(index, row, negative)) in part.iter().enumerate() {
            let (value, constant, coefficients) = if alpha {
                (best.bounds[at], best.constants[at], &best.inputs[at * n..(at + 1) * n])
            } else {
                buffer.fill(0.0);
                for &(root, offset) in &graph.inputs {
                    let length = graph.plan.lengths[root];
                    if let Some(left) = self.rows.left(root) {
                        buffer[offset..offset + length].copy_from_slice(&left[at * length..(at + 1) * length]);
                    }
                }
                (self.rows.least(graph, &self.batch.frame(), at), self.rows.constant[at], &buffer[..])
            };
            self.put((index, row, negative), (value, constant, coefficients), self.query.intersect, results);
        }
        Ok(())
    }

    /// Writes what was found of a row of a box, or of its negative: a lower bound, and a linear function.
    fn put(
        &self,
        (index, row, negative): (usize, usize, bool),
        (value, constant, coefficients): (f64, f64, &[f64]),
        intersect: bool,
        results: &mut Results<'_>,
    ) {
        let (n, at) = (self.bounds.input_len(), (self.first + index) * self.query.rows + row);
        let range = at * n..(at + 1) * n;
        if negative {
            if let Some(upper) = &mut results.upper {
                upper[at] = if intersect { upper[at].min(-value) } else { -value };
            }
            if let Some(Functions { coefficients: to, constants }) = &mut results.above {
                to[range].iter_mut().zip(coefficients).for_each(|(to, &a)| *to = 0.0 - a);
                constants[at] = -constant;
            }
            return;
        }
        if let Some(lower) = &mut results.lower {
            lower[at] = if intersect { lower[at].max(value) } else { value };
        }
        if let Some(Functions { coefficients: to, constants }) = &mut results.below {
            to[range.clone()].copy_from_slice(coefficients);
            constants[at] = constant;
        }
        if let Some(points) = &mut results.points {
            let of = index * n..(index + 1) * n;
            let ends = self.batch.lower[of.clone()].iter().zip(&self.batch.upper[of]);
            for ((to, &a), (&l, &u)) in points[range].iter_mut().zip(coefficients).zip(ends) {
                *to = if a >= 0.0 { l } else { u };
            }
        }
    }

    /// A row by intervals of the outputs: its functions have the row's own coefficients of inputs.
    fn interval_row(&self, index: usize, row: usize, results: &mut Results<'_>) {
        let (query, n, m) = (self.query, self.bounds.input_len(), self.bounds.output_len());
        let of = index * m..(index + 1) * m;
        let outputs = (&self.outputs.0[of.clone()], &self.outputs.1[of]);
        let of = index * n..(index + 1) * n;
        let inputs = (&self.batch.lower[of.clone()], &self.batch.upper[of]);
        let coefficients = &query.outputs[row * m..(row + 1) * m];
        let zeros;
        let own = if query.inputs.is_empty() {
            zeros = vec![0.0; n];
            &zeros
        } else {
            &query.inputs[row * n..(row + 1) * n]
        };
        for negative in [false, true] {
            let sign = if negative { -1.0 } else { 1.0 };
            let constant = least(sign, coefficients, outputs, 0.0);
            let value = least(sign, own, inputs, constant);
            let own: Vec<f64> = own.iter().map(|&a| sign * a).collect();
            self.put((index, row, negative), (value, constant, &own), false, results);
        }
    }

    /// Boxes that are empty, also by what rows say.
    fn finish(&mut self, results: &mut Results<'_>) {
        let (rows, n, total) = (self.query.rows, self.bounds.input_len(), self.bounds.num_neurons());
        for index in 0..self.batch.count {
            let at = self.first + index;
            let of_rows = at * rows..(at + 1) * rows;
            if let (Some(lower), Some(upper)) = (&results.lower, &results.upper) {
                let crossed = lower[of_rows.clone()].iter().zip(&upper[of_rows.clone()]).any(|(l, u)| l > u);
                self.batch.empty[index] |= crossed;
            }
            let empty = self.batch.empty[index];
            if let Some(flags) = &mut results.empty {
                flags[at] = empty;
            }
            if let Some((least, greatest)) = &mut results.neurons {
                let of = at * total..(at + 1) * total;
                if empty {
                    least[of.clone()].fill(f64::INFINITY);
                    greatest[of].fill(f64::NEG_INFINITY);
                } else {
                    let from = index * total..(index + 1) * total;
                    least[of.clone()].copy_from_slice(&self.batch.least[from.clone()]);
                    greatest[of].copy_from_slice(&self.batch.greatest[from]);
                }
            }
            if !empty {
                continue;
            }
            for (to, value) in [(&mut results.lower, f64::INFINITY), (&mut results.upper, f64::NEG_INFINITY)] {
                if let Some(to) = to {
                    to[of_rows.clone()].fill(value);
                }
            }
            let of = at * rows * n..(at + 1) * rows * n;
            for (to, value) in [(&mut results.below, f64::INFINITY), (&mut results.above, f64::NEG_INFINITY)] {
                if let Some(to) = to {
                    to.coefficients[of.clone()].fill(0.0);
                    to.constants[of_rows.clone()].fill(value);
                }
            }
            if let Some(points) = &mut results.points {
                let corner = &self.batch.lower[index * n..(index + 1) * n];
                points[of].chunks_exact_mut(n.max(1)).for_each(|point| point.copy_from_slice(corner));
            }
        }
    }
}

fn splits_of(offsets: &[usize], index: usize) -> Range<usize> {
    if offsets.is_empty() { 0..0 } else { offsets[index]..offsets[index + 1] }
}

/// The coefficients, and after them, where they are needed, their negatives.
fn negated(coefficients: &[f64], needed: bool) -> Result<Vec<f64>, BoundsError> {
    let length = coefficients.len() * if needed { 2 } else { 1 };
    let mut all = Vec::new();
    all.try_reserve_exact(length).map_err(|_| OutOfMemory::Allocator { bytes: 8 * length as u64 })?;
    all.extend_from_slice(coefficients);
    if needed {
        all.extend(coefficients.iter().map(|&a| 0.0 - a));
    }
    Ok(all)
}

/// At most the least value of `constant + sign * coefficients · x`, for `x` within its ends.
pub(super) fn least(sign: f64, coefficients: &[f64], ends: (&[f64], &[f64]), constant: f64) -> f64 {
    let (mut value, mut size) = (constant, constant.abs());
    for (&a, (&l, &u)) in coefficients.iter().zip(ends.0.iter().zip(ends.1)) {
        let a = sign * a;
        if a != 0.0 {
            let more = if a > 0.0 { a * l } else { a * u };
            value += more;
            size += more.abs();
        }
    }
    let value = down(value - (gamma(coefficients.len() + 2) * size + TINY));
    if value.is_finite() { value } else { f64::NEG_INFINITY }
}
