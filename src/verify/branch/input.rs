//! Splitting of the box.
//!
//! Source: S. Wang, K. Pei, J. Whitehouse, J. Yang, S. Jana, "Formal security analysis of neural networks using symbolic
//! intervals" (ReluVal), USENIX Security 2018, section 4.2, for bisection guided by gradients; here the coefficients of the
//! linear bounds are the gradients ("smart branching" of alpha-beta-CROWN).
//!
//! Every subproblem of a batch is bounded from what its parent knew. A row whose lower bound is beyond its halfspace closes
//! it. Otherwise the linear lower bounds of all rows cut parts off the box (a witness makes none of them positive); what is
//! left is bisected along the input whose width counts most in them.

use std::sync::Arc;

use super::node::Ends;
use super::{Node, Target};
use crate::bounds::{Bounding, Combination, Left, Linear, contract};
use crate::budget::Budget;
use crate::verify::VerifyError;

/// Splits boxes; keeps its buffers.
#[derive(Debug, Default)]
pub(crate) struct Splitter {
    bounding: Bounding,
    /// The linear lower bound of each row of a subproblem.
    coefficients: Vec<f64>,
    constants: Vec<f64>,
    weights: Vec<f64>,
    combination: Combination,
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
    /// Points that minimise linear bounds, one for each open subproblem: perhaps witnesses. With the target of each.
    pub points: Vec<f64>,
    pub targets: Vec<u32>,
}

impl Outcome {
    pub(crate) fn clear(&mut self) {
        self.open.clear();
        self.stuck.clear();
        self.points.clear();
        self.targets.clear();
        self.closed = 0;
    }
}

impl Splitter {
    /// Bounds subproblems of one target, and splits what is left.
    pub(crate) fn expand(
        &mut self,
        graph: &crate::bounds::Graph,
        target: &Target,
        nodes: &[Node],
        outcome: &mut Outcome,
        budget: &Budget,
    ) -> Result<(), VerifyError> {
        let (n, rows) = (target.disjunct.num_inputs(), target.rows());
        let boxes = nodes.iter().map(|node| (&node.inputs.lower[..], &node.inputs.upper[..]));
        let known = nodes.iter().map(|node| (&node.neurons.lower[..], &node.neurons.upper[..]));
        self.bounding.start(graph, nodes.len(), boxes, known, budget)?;
        self.bounding.propagate(graph, &target.root, budget)?;
        self.bounding.bound_rows(graph, &target.root, (rows, &target.outputs, &target.inputs), budget)?;
        for (index, node) in nodes.iter().enumerate() {
            let closed = self.bounding.is_empty(index)
                || (0..rows).any(|row| target.is_beyond(row, self.bounding.least(graph, index * rows + row)));
            if closed {
                outcome.closed += 1;
                continue;
            }
            let (mut lower, mut upper) = (node.inputs.lower.clone(), node.inputs.upper.clone());
            self.coefficients.clear();
            self.coefficients.resize(rows * n, 0.0);
            self.constants.clear();
            for row in 0..rows {
                let to = &mut self.coefficients[row * n..(row + 1) * n];
                let constant = self.bounding.linear(graph, index * rows + row, to);
                self.constants.push((constant - target.disjunct.rows().bounds[row]).next_down());
            }
            let mut left = Left::All;
            // Twice: what one row cuts off helps the others.
            'cut: for _ in 0..2 {
                for row in 0..rows {
                    let coefficients = &self.coefficients[row * n..(row + 1) * n];
                    let function = Linear { coefficients, constant: self.constants[row] };
                    match contract(function, target.disjunct.rows().strict[row], &mut lower, &mut upper) {
                        Left::Nothing => {
                            left = Left::Nothing;
                            break 'cut;
                        }
                        Left::Part => left = Left::Part,
                        Left::All => {}
                    }
                }
            }
            if left != Left::Nothing && rows > 1 {
                self.combination.weights.clear();
                self.combination.find(&self.coefficients, &self.constants, &lower, &upper, 24);
                let function =
                    Linear { coefficients: &self.combination.coefficients, constant: self.combination.constant };
                left = contract(function, false, &mut lower, &mut upper);
            }
            if left == Left::Nothing {
                outcome.closed += 1;
                continue;
            }
            self.split(node, index, lower, upper, rows, outcome);
        }
        Ok(())
    }

    fn split(
        &mut self,
        node: &Node,
        index: usize,
        lower: Vec<f64>,
        upper: Vec<f64>,
        rows: usize,
        outcome: &mut Outcome,
    ) {
        let n = lower.len();
        let neurons = {
            let (least, greatest) = self.bounding.neurons(index);
            Arc::new(Ends { lower: least.to_vec(), upper: greatest.to_vec() })
        };
        // How much each input counts: in the rows by as much as they are near to close the box.
        self.weights.clear();
        self.weights.resize(n, 0.0);
        let mut direction = vec![0.0; n];
        for row in 0..rows {
            let a = &self.coefficients[row * n..(row + 1) * n];
            let (mut middle, mut radius) = (self.constants[row], 0.0);
            for j in 0..n {
                middle += a[j] * 0.5 * (lower[j] + upper[j]);
                radius += a[j].abs() * 0.5 * (upper[j] - lower[j]);
            }
            let most = a.iter().fold(0.0, |most: f64, a| most.max(a.abs()));
            let least = middle - radius;
            let share = 1.0 / (least.abs() + 0.1 * radius + f64::MIN_POSITIVE);
            for j in 0..n {
                self.weights[j] += share * (a[j].abs().max(floor() * most) * (upper[j] - lower[j]));
                direction[j] += share * a[j];
            }
        }
        outcome.targets.push(node.target);
        for j in 0..n {
            outcome.points.push(if direction[j] > 0.0 { lower[j] } else { upper[j] });
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
            outcome.stuck.push(Node { target: node.target, depth: node.depth, inputs, neurons });
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
            outcome.open.push(Node { target: node.target, depth: node.depth + 1, inputs, neurons: Arc::clone(&neurons) });
        }
    }
}

fn middle(lower: f64, upper: f64) -> f64 {
    0.5 * lower + 0.5 * upper
}

fn floor() -> f64 {
    static F: std::sync::OnceLock<f64> = std::sync::OnceLock::new();
    *F.get_or_init(|| std::env::var("FLOOR").ok().and_then(|f| f.parse().ok()).unwrap_or(0.0))
}
