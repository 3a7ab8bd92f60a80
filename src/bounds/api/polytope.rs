//! What a set of outputs leaves of boxes and neurons.
//!
//! Source: J. Scott, G. Pan, E. Khalil, V. Ganesh, "Goose: A Meta-Solver for Deep Neural Network Verification", SMT 2022,
//! section 3.1. Each row is substituted back by CROWN; where it stands as a linear function of neurons alone, or of the inputs, its
//! least value cannot be above the right side, which shortens the interval of each of them (see [`contract`]).
//!
//! On its way back a row is at all times a lower bound of itself as a function of what it stands on, for every input of the box
//! that keeps the splits. So it may contract the elements of a root as long as it stands on nothing but that root; in a network
//! with branches that is where they meet.
//!
//! Cost: that of bounding the rows, and a pass over their coefficients at each layer of neurons.

use super::super::alpha;
use super::super::contract::{Left, Linear, contract};
use super::super::round::down;
use super::super::spec::{self, Spec};
use super::super::{BoundsError, meter};
use super::compute::Work;
use super::memory::{self, Chunks};
use super::{Bounds, Method, Query};
use crate::budget::Budget;

/// The outputs (and inputs) that count: those where every row of a query is at most, or less than, its right side.
#[derive(Debug, Clone, Copy, Default)]
pub struct Polytope<'a> {
    /// One a row, finite.
    pub right: &'a [f64],
    /// Whether the row must be less than its right side and not only at most; one a row, or empty where none is.
    pub strict: &'a [bool],
}

/// Where it goes. Every point of a box that keeps its splits and whose outputs lie in the polytope is in the contracted box, and its
/// neurons are within the contracted bounds.
#[derive(Debug, Default)]
pub struct Contracted<'a> {
    /// `[box][input]`; `+inf` where the box turned out to have no such point.
    pub lower: &'a mut [f64],
    /// `[box][input]`; `-inf` where the box turned out to have no such point.
    pub upper: &'a mut [f64],
    /// Bounds of neurons, `[box][neuron]`.
    pub neurons: Option<(&'a mut [f64], &'a mut [f64])>,
    /// Whether the box turned out to have no such point.
    pub empty: Option<&'a mut [bool]>,
}

pub(super) fn run(
    bounds: &Bounds,
    query: &Query<'_>,
    polytope: &Polytope<'_>,
    contracted: &mut Contracted<'_>,
    budget: &Budget,
) -> Result<(), BoundsError> {
    let query = &Query { method: Method::Crown, ..*query };
    let Chunks { boxes: together, rows } = memory::chunks(bounds, query, true, budget)?;
    let mut work = Work::new(bounds, query, meter(budget));
    work.rows.keep = true;
    let mut workspace = alpha::Workspace::default();
    for first in (0..query.boxes).step_by(together) {
        work.start(first, together.min(query.boxes - first))?;
        work.neurons(&mut workspace)?;
        work.contract(rows, polytope)?;
        work.give(contracted);
    }
    Ok(work.meter.finish()?)
}

impl Work<'_> {
    fn contract(&mut self, together: usize, polytope: &Polytope<'_>) -> Result<(), BoundsError> {
        let rows = self.query.rows;
        let all = (0..self.batch.count).filter(|&index| !self.batch.empty[index]);
        let all: Vec<(u32, u32)> = all.flat_map(|index| (0..rows).map(move |row| (index as u32, row as u32))).collect();
        let (graph, magnitudes) = (&self.bounds.graph, &self.bounds.root.magnitudes);
        // Rows are put back through neurons as they were, so that it does not matter how many rows there are at once.
        let (mut least, mut greatest) = (Vec::new(), Vec::new());
        for (to, from) in [(&mut least, &self.batch.least), (&mut greatest, &self.batch.greatest)] {
            self.meter.grow(to, from.len())?;
            self.meter.copy(from, to)?;
        }
        let mut coefficients = vec![0.0; graph.input_len];
        for part in all.chunks(together) {
            let (boxes, functions): (Vec<u32>, Vec<u32>) = part.iter().copied().unzip();
            let spec = Spec {
                boxes: &boxes,
                functions: &functions,
                outputs: self.query.outputs,
                inputs: self.query.inputs,
                factors: &[],
            };
            spec::substitute(graph, magnitudes, &self.batch.frame(), &spec, None, &mut self.rows, &mut self.meter)?;
            for (at, &(index, row)) in part.iter().enumerate() {
                let (index, row) = (index as usize, row as usize);
                let strict = polytope.strict.get(row).copied().unwrap_or(false);
                let right = polytope.right[row];
                let mut nothing = self.contract_box(at, index, (right, strict), &mut coefficients);
                nothing |= self.contract_neurons(at, index, row, (right, strict), &mut least, &mut greatest);
                self.batch.empty[index] |= nothing;
            }
            self.meter.count(4 * part.len() * (graph.total + graph.input_len))?;
        }
        (self.batch.least, self.batch.greatest) = (least, greatest);
        Ok(())
    }

    /// Whether nothing is left.
    fn contract_box(&mut self, at: usize, index: usize, (right, strict): (f64, bool), buffer: &mut [f64]) -> bool {
        let (graph, n) = (&self.bounds.graph, self.bounds.input_len());
        buffer.fill(0.0);
        for &(root, offset) in &graph.inputs {
            let length = graph.plan.lengths[root];
            if let Some(left) = self.rows.left(root) {
                buffer[offset..offset + length].copy_from_slice(&left[at * length..(at + 1) * length]);
            }
        }
        let function = Linear { coefficients: buffer, constant: less(self.rows.constant[at], right) };
        let of = index * n..(index + 1) * n;
        let (lower, upper) = (&mut self.batch.lower[of.clone()], &mut self.batch.upper[of]);
        contract(function, strict, lower, upper) == Left::Nothing
    }

    /// The same for the neurons that the row stood on alone.
    fn contract_neurons(
        &self,
        at: usize,
        index: usize,
        row: usize,
        (right, strict): (f64, bool),
        least: &mut [f64],
        greatest: &mut [f64],
    ) -> bool {
        let (graph, n) = (&self.bounds.graph, self.bounds.input_len());
        let mut nothing = false;
        for set in &graph.neurons {
            let Some((constants, kept)) = self.rows.alone(set.root) else { continue };
            let mut constant = less(constants[at], right);
            if !self.query.inputs.is_empty() {
                // What the row has of inputs is added at the end: here it counts with its least value.
                let of = index * n..(index + 1) * n;
                let ends = (&self.batch.lower[of.clone()], &self.batch.upper[of]);
                constant = super::compute::least(1.0, &self.query.inputs[row * n..(row + 1) * n], ends, constant);
            }
            let function = Linear { coefficients: &kept[at * set.count..(at + 1) * set.count], constant };
            let first = index * graph.total + set.first;
            let (lower, upper) = (&mut least[first..first + set.count], &mut greatest[first..first + set.count]);
            nothing |= contract(function, strict, lower, upper) == Left::Nothing;
        }
        nothing
    }

    fn give(&mut self, contracted: &mut Contracted<'_>) {
        let (n, graph) = (self.bounds.input_len(), &self.bounds.graph);
        let give = |empty: bool, from: (&[f64], &[f64]), to: (&mut [f64], &mut [f64])| {
            if empty {
                to.0.fill(f64::INFINITY);
                to.1.fill(f64::NEG_INFINITY);
            } else {
                to.0.copy_from_slice(from.0);
                to.1.copy_from_slice(from.1);
            }
        };
        for index in 0..self.batch.count {
            let (at, empty) = (self.first + index, self.batch.empty[index]);
            let (of, to) = (index * n..(index + 1) * n, at * n..(at + 1) * n);
            let ends = (&self.batch.lower[of.clone()], &self.batch.upper[of]);
            give(empty, ends, (&mut contracted.lower[to.clone()], &mut contracted.upper[to]));
            if let Some((least, greatest)) = &mut contracted.neurons {
                let total = graph.total;
                let (of, to) = (index * total..(index + 1) * total, at * total..(at + 1) * total);
                let from = (&self.batch.least[of.clone()], &self.batch.greatest[of]);
                give(empty, from, (&mut least[to.clone()], &mut greatest[to]));
            }
            if let Some(flags) = &mut contracted.empty {
                flags[at] = empty;
            }
        }
    }
}

/// At most the difference.
fn less(a: f64, b: f64) -> f64 {
    let value = down(a - b);
    if value.is_finite() { value } else { f64::NEG_INFINITY }
}
