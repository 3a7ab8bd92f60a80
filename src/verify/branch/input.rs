//! Splitting of the box.
//!
//! Source: S. Wang, K. Pei, J. Whitehouse, J. Yang, S. Jana, "Formal security analysis of neural networks using symbolic
//! intervals" (ReluVal), USENIX Security 2018, section 4.2, for bisection guided by gradients; here the coefficients of the
//! linear bounds are the gradients ("smart branching" of alpha-beta-CROWN).
//!
//! Every subproblem of a batch is bounded from what its parent knew. A row whose lower bound is beyond its halfspace closes
//! it. Otherwise the linear lower bounds of all rows, and of what splits say of neurons, cut parts off the box (a witness makes
//! none of them positive), one by one and in the combination of them that says most; what is left is bisected along the
//! input whose width counts most in them. A sign jumps in however small a box, so that its sides are looked at apart: above 0,
//! below, and at 0.

use std::sync::Arc;

use super::node::{Ends, sides};
use super::{Node, Target};
use crate::bounds::{Bounding, Combination, Graph, Left, Linear, Split, contract, gamma, up};
use crate::budget::Budget;
use crate::verify::VerifyError;

/// A bound that misses by no more than so many times what was taken off for rounding is within rounding.
const DOUBT: f64 = 8.0;

/// Splits boxes; keeps its buffers.
#[derive(Debug, Default)]
pub(crate) struct Splitter {
    bounding: Bounding,
    /// The linear lower bound of each row of a subproblem.
    coefficients: Vec<f64>,
    constants: Vec<f64>,
    weights: Vec<f64>,
    combination: Combination,
    /// The functions that are bounded, and what each node's combination must be beyond.
    outputs: Vec<f64>,
    inputs: Vec<f64>,
    bounds: Vec<f64>,
}

/// What became of a batch of subproblems.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Subproblems still to be looked at.
    pub open: Vec<Node>,
    /// Boxes that cannot be split any more.
    pub stuck: Vec<Node>,
    /// How many were closed.
    pub closed: u64,
    /// What share of their targets they were, were every split even.
    pub share: f64,
    /// Lemmas that were learned, and subproblems and sides of neurons that were not bounded as lemmas excluded them.
    pub lemmas: u64,
    pub excluded: u64,
    /// Points that minimise linear bounds, one for each open subproblem: perhaps witnesses.
    pub points: Vec<f64>,
}

impl Outcome {
    pub(crate) fn close(&mut self, node: &Node) {
        self.closed += 1;
        self.share += node.share();
    }

    pub(crate) fn clear(&mut self) {
        (self.lemmas, self.excluded, self.share) = (0, 0, 0.0);
        self.open.clear();
        self.stuck.clear();
        self.points.clear();
        self.closed = 0;
    }
}

impl Splitter {
    /// Bounds subproblems of one target, and splits what is left.
    pub(crate) fn expand(
        &mut self,
        graph: &Graph,
        target: &Target,
        nodes: &[Node],
        outcome: &mut Outcome,
        budget: &Budget,
    ) -> Result<(), VerifyError> {
        let (n, rows) = (target.disjunct.num_inputs(), target.rows());
        let boxes = nodes.iter().map(|node| (&node.inputs.lower[..], &node.inputs.upper[..]));
        let known = nodes.iter().map(|node| (&node.neurons.lower[..], &node.neurons.upper[..]));
        self.bounding.keep();
        let splits = nodes.iter().map(|node| &node.splits[..]);
        self.bounding.start(graph, nodes.len(), boxes, known, splits, budget)?;
        self.bounding.propagate(graph, &target.root, budget)?;
        let of = |(index, node): (usize, &Node)| node.splits.iter().map(move |&split| (index as u32, split)).collect();
        let splits: Vec<(u32, Split)> = nodes.iter().enumerate().flat_map::<Vec<_>, _>(of).collect();
        self.bounding.contradict(graph, &target.root, &splits, budget)?;
        // Every box has the rows of the target and, where there are several, one more: a combination.
        let each = rows + usize::from(rows > 1);
        self.combine(target, nodes);
        let functions = (0..nodes.len()).flat_map(|index| {
            let own = (rows > 1).then_some((rows + index) as u32);
            (0..rows as u32).chain(own)
        });
        self.bounding.bound_rows(graph, &target.root, (each, functions), (&self.outputs, &self.inputs), budget)?;
        for (index, node) in nodes.iter().enumerate() {
            let beyond = |row: usize| {
                let least = self.bounding.least(graph, index * each + row);
                if row < rows { target.is_beyond(row, least) } else { least > self.bounds[index] }
            };
            if self.bounding.is_empty(index) || (0..each).any(beyond) {
                outcome.close(node);
                continue;
            }
            // What rounding may have taken from a bound that would close it, where relaxations take no more: its parts would
            // not be closed either, and a witness here would be one by less than that.
            let missed = |row: usize| self.bounding.least(graph, index * each + row) - self.bound(target, index, row);
            // Rounded down, as all that is said to be proved.
            let node = &Node {
                bound: (0..each).map(|row| missed(row).next_down()).fold(node.bound, f64::max),
                ..node.clone()
            };
            let in_doubt = |row: usize| {
                let (row, bound) = (index * each + row, self.bound(target, index, row));
                let doubt = DOUBT * self.bounding.doubt(row);
                self.bounding.least(graph, row) + doubt >= bound && self.bounding.slack(graph, row) <= doubt
            };
            if (0..each).any(in_doubt) {
                outcome.stuck.push(node.clone());
                continue;
            }
            let (mut lower, mut upper) = (node.inputs.lower.clone(), node.inputs.upper.clone());
            self.coefficients.clear();
            self.coefficients.resize(each * n, 0.0);
            self.constants.clear();
            for row in 0..each {
                let to = &mut self.coefficients[row * n..(row + 1) * n];
                let constant = self.bounding.linear(graph, index * each + row, to);
                self.constants.push((constant - self.bound(target, index, row)).next_down());
            }
            for (coefficients, constant) in self.bounding.cuts(n, index) {
                self.coefficients.extend_from_slice(coefficients);
                self.constants.push(constant);
            }
            if self.cut(target, &mut lower, &mut upper) == Left::Nothing {
                outcome.close(node);
                continue;
            }
            self.split(graph, node, index, (lower, upper), (rows, each), outcome);
        }
        Ok(())
    }

    /// What a row must be beyond to close a box.
    fn bound(&self, target: &Target, index: usize, row: usize) -> f64 {
        target.disjunct.rows().bounds.get(row).copied().unwrap_or_else(|| self.bounds[index])
    }

    /// Writes the functions: the target's rows, then each node's combination of them. What rounding does to it goes into the
    /// bound that its row must be beyond.
    fn combine(&mut self, target: &Target, nodes: &[Node]) {
        self.outputs.clear();
        self.outputs.extend_from_slice(&target.outputs);
        self.inputs.clear();
        self.inputs.extend_from_slice(&target.inputs);
        self.bounds.clear();
        let (rows, n, m) = (target.rows(), target.disjunct.num_inputs(), target.disjunct.num_outputs());
        if rows <= 1 {
            return;
        }
        for node in nodes {
            let weight = |row: usize| node.weights.get(row).copied().unwrap_or(1.0 / rows as f64);
            let (mut bound, mut size) = (0.0, 0.0);
            for row in 0..rows {
                let b = weight(row) * target.disjunct.rows().bounds[row];
                bound += b;
                size += b.abs();
            }
            let parts = [
                (&target.outputs, &mut self.outputs, m, &target.root.outputs),
                (&target.inputs, &mut self.inputs, n, &target.ends),
            ];
            for (from, to, width, ends) in parts {
                if from.is_empty() {
                    continue;
                }
                for j in 0..width {
                    let (mut sum, mut most) = (0.0, 0.0);
                    for row in 0..rows {
                        let a = weight(row) * from[row * width + j];
                        sum += a;
                        most += a.abs();
                    }
                    to.push(sum);
                    if most > 0.0 {
                        size += most * ends.0[j].abs().max(ends.1[j].abs());
                    }
                }
            }
            self.bounds.push(up(bound + up(gamma(2 * rows + n + m) * size)));
        }
    }

    /// Cuts off what the rows, and what splits say, show to be free of witnesses.
    fn cut(&mut self, target: &Target, lower: &mut [f64], upper: &mut [f64]) -> Left {
        let (n, count) = (lower.len(), self.constants.len());
        let mut left = Left::All;
        // Twice: what one row cuts off helps the others.
        for _ in 0..2 {
            for row in 0..count {
                let coefficients = &self.coefficients[row * n..(row + 1) * n];
                let function = Linear { coefficients, constant: self.constants[row] };
                let strict = target.disjunct.rows().strict.get(row).copied().unwrap_or(false);
                match contract(function, strict, lower, upper) {
                    Left::Nothing => return Left::Nothing,
                    Left::Part => left = Left::Part,
                    Left::All => {}
                }
            }
        }
        if count > 1 {
            self.combination.find(&self.coefficients, &self.constants, lower, upper);
            let function = Linear { coefficients: &self.combination.coefficients, constant: self.combination.constant };
            match contract(function, false, lower, upper) {
                Left::Nothing => return Left::Nothing,
                Left::Part => left = Left::Part,
                Left::All => {}
            }
        }
        left
    }

    /// The weights of the target's rows alone.
    fn own_weights(&self, node: &Node, rows: usize) -> Arc<[f64]> {
        if rows <= 1 {
            return Arc::default();
        }
        let found = &self.combination.weights;
        let before = |row: usize| node.weights.get(row).copied().unwrap_or(1.0 / rows as f64);
        let mut weights: Vec<f64> = (0..rows).map(|row| found[row] + found[rows] * before(row)).collect();
        let sum: f64 = weights.iter().sum();
        if sum > 0.0 {
            weights.iter_mut().for_each(|weight| *weight /= sum);
        } else {
            // What splits say of inputs is all that counts.
            weights.iter_mut().enumerate().for_each(|(row, weight)| *weight = before(row));
        }
        weights.into()
    }

    fn split(
        &mut self,
        graph: &Graph,
        node: &Node,
        index: usize,
        (lower, upper): (Vec<f64>, Vec<f64>),
        (rows, each): (usize, usize),
        outcome: &mut Outcome,
    ) {
        let n = lower.len();
        let neurons = {
            let (least, greatest) = self.bounding.neurons(index);
            Arc::new(Ends { lower: least.to_vec(), upper: greatest.to_vec() })
        };
        let combined = self.own_weights(node, rows);
        // Rows count by as much as they are near to close the box.
        self.weights.clear();
        self.weights.resize(n, 0.0);
        let mut shares = Vec::with_capacity(each);
        for row in 0..each {
            let a = &self.coefficients[row * n..(row + 1) * n];
            let (mut middle, mut radius) = (self.constants[row], 0.0);
            for j in 0..n {
                middle += a[j] * 0.5 * (lower[j] + upper[j]);
                radius += a[j].abs() * 0.5 * (upper[j] - lower[j]);
            }
            let least = middle - radius;
            let share = 1.0 / (least.abs() + 0.1 * radius + f64::MIN_POSITIVE);
            shares.push(share);
            self.bounding.pay(graph, index * each + row, share, &mut self.weights);
        }
        // Where the linear bounds, all together, are least.
        if self.constants.len() > 1 {
            outcome.points.extend_from_slice(&self.combination.point);
        } else {
            let rises = |j: usize| self.coefficients.get(j).is_some_and(|&a| a > 0.0);
            let corner = |j: usize| if rises(j) { lower[j] } else { upper[j] };
            outcome.points.extend((0..n).map(corner));
        }
        // A sign jumps in however small a box: with every other split, where there is one, its sides are looked at apart.
        if node.depth.is_multiple_of(2)
            && let Some(neuron) = self.bounding.worst_sign(graph, index * each..(index + 1) * each, &shares)
        {
            let known = (neurons.lower[neuron as usize], neurons.upper[neuron as usize]);
            let inputs = Arc::new(Ends { lower, upper });
            for (deeper, more) in sides(graph, neuron, known) {
                let splits = node.splits.iter().copied().chain(more).collect();
                let (inputs, neurons, weights) = (Arc::clone(&inputs), Arc::clone(&neurons), Arc::clone(&combined));
                let depth = node.depth + deeper;
                outcome.open.push(Node { depth, inputs, neurons, splits, weights, ..node.clone() });
            }
            return;
        }
        let mut best: Option<(usize, f64)> = None;
        for j in 0..n {
            let middle = middle(lower[j], upper[j]);
            if !(lower[j] < middle && middle < upper[j]) {
                continue;
            }
            // A width that counts for nothing now may do so later.
            let weight = self.weights[j] + 1e-9 * (upper[j] - lower[j]);
            if best.is_none_or(|(_, most)| weight > most) {
                best = Some((j, weight));
            }
        }
        let Some((j, _)) = best else {
            let inputs = Arc::new(Ends { lower, upper });
            outcome.stuck.push(Node { inputs, neurons, weights: combined, ..node.clone() });
            return;
        };
        let at = middle(lower[j], upper[j]);
        for side in 0..2 {
            let (mut lower, mut upper) = (lower.clone(), upper.clone());
            if side == 0 {
                upper[j] = at;
            } else {
                lower[j] = at;
            }
            let inputs = Arc::new(Ends { lower, upper });
            let (neurons, weights) = (Arc::clone(&neurons), Arc::clone(&combined));
            outcome.open.push(Node { depth: node.depth + 1, inputs, neurons, weights, ..node.clone() });
        }
    }
}

fn middle(lower: f64, upper: f64) -> f64 {
    0.5 * lower + 0.5 * upper
}
