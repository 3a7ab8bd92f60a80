//! Splitting of neurons.
//!
//! Source: S. Wang and others, "Beta-CROWN: Efficient Bound Propagation with Per-neuron Split Constraints for Neural Network
//! Robustness Verification", NeurIPS 2021, section 3; R. Bunel and others, "Branch and Bound for Piecewise Linear Neural
//! Network Verification", JMLR 21, 2020, section 5.3, for the choice of the neuron (BaBSR).
//!
//! A subproblem says of some neurons that they are at least 0, or at most. Their rectifiers are linear then; that they are
//! so enters the bound by multipliers, which are optimised together with the slopes of those that may still take both signs.
//! What is known of neurons is that of the whole box. The next neuron is the one whose relaxation costs the row most.
//!
//! Where no neuron is left that would help, the subproblem goes on to be split as a box.

use std::sync::Arc;

use super::node::{Ends, Warm};
use super::{Node, Outcome, Target};
use crate::bounds::Batch;
use crate::bounds::{Graph, Split, alpha, crown, spec};
use crate::budget::Budget;
use crate::net::eval::meter::Meter;
use crate::net::eval::plan::Place;
use crate::verify::VerifyError;

/// Splits neurons; keeps its buffers.
#[derive(Debug, Default)]
pub(crate) struct Phases {
    batch: Batch,
    workspace: alpha::Workspace,
    best: alpha::Best,
    slopes: Vec<f64>,
    multipliers: Vec<Vec<(u32, f64)>>,
    boxes: Vec<u32>,
    functions: Vec<u32>,
    targets: Vec<f64>,
}

impl Phases {
    /// Bounds subproblems of one target, and splits what is left.
    pub(crate) fn expand(
        &mut self,
        graph: &Graph,
        target: &Target,
        nodes: &[Node],
        options: &alpha::Options,
        outcome: &mut Outcome,
        budget: &Budget,
    ) -> Result<(), VerifyError> {
        let rows = target.rows();
        let mut meter = Meter::new(budget);
        self.start(graph, nodes, &mut meter)?;
        self.rows(graph, target, nodes);
        let splits: Vec<&[Split]> = nodes.iter().map(|node| &node.splits[..]).collect();
        let spec = spec::Spec {
            boxes: &self.boxes,
            functions: &self.functions,
            outputs: &target.outputs,
            inputs: &target.inputs,
        };
        let problem = alpha::Problem {
            graph,
            magnitudes: &target.root.magnitudes,
            batch: &self.batch,
            splits: &splits,
            warm: Some(crown::Duals { slopes: &self.slopes, splits: &self.multipliers }),
            targets: &self.targets,
        };
        alpha::maximise(&problem, &spec, options, &mut self.workspace, &mut self.best, &mut meter)
            .map_err(VerifyError::from)?;
        meter.finish()?;
        let n = graph.input_len;
        for (index, node) in nodes.iter().enumerate() {
            let beyond = |row: usize| target.is_beyond(row, self.best.bounds[index * rows + row]);
            if self.batch.empty[index] || (0..rows).any(beyond) {
                outcome.close(node);
                continue;
            }
            // The row that is nearest to close it.
            let gap = |row: usize| self.best.bounds[index * rows + row] - target.disjunct.rows().bounds[row];
            let nearest = (0..rows).max_by(|&a, &b| gap(a).total_cmp(&gap(b))).unwrap_or(0);
            let at = index * rows + nearest;
            outcome.points.extend_from_slice(&self.best.points[at * n..(at + 1) * n]);
            match self.choose(graph, index, at) {
                Some(neuron) => {
                    for positive in [true, false] {
                        outcome.open.push(self.child(graph, node, index, rows, Split { neuron, positive }));
                    }
                }
                None => outcome.open.push(Node { boxed: true, warm: None, ..node.clone() }),
            }
        }
        Ok(())
    }

    /// Bounds all neurons of a subproblem once more, under its splits. What is closed by that alone has bounds that cross.
    pub(crate) fn tighten(
        &mut self,
        graph: &Graph,
        target: &Target,
        node: &mut Node,
        options: &alpha::Options,
        budget: &Budget,
    ) -> Result<(), VerifyError> {
        let mut meter = Meter::new(budget);
        self.start(graph, std::slice::from_ref(node), &mut meter)?;
        let splits = [&node.splits[..]];
        let magnitudes = &target.root.magnitudes;
        alpha::tighten(graph, magnitudes, &mut self.batch, &splits, options, &mut self.workspace, &mut meter)
            .map_err(VerifyError::from)?;
        node.neurons = Arc::new(Ends { lower: self.batch.least.clone(), upper: self.batch.greatest.clone() });
        meter.finish()?;
        Ok(())
    }

    /// Takes boxes, clamps neurons to the splits, and computes lines.
    fn start(&mut self, graph: &Graph, nodes: &[Node], meter: &mut Meter<'_>) -> Result<(), VerifyError> {
        self.batch.resize(graph, nodes.len(), meter).map_err(VerifyError::from)?;
        for (index, node) in nodes.iter().enumerate() {
            let (n, total) = (graph.input_len, graph.total);
            self.batch.lower[index * n..(index + 1) * n].copy_from_slice(&node.inputs.lower);
            self.batch.upper[index * n..(index + 1) * n].copy_from_slice(&node.inputs.upper);
            let least = &mut self.batch.least[index * total..(index + 1) * total];
            let greatest = &mut self.batch.greatest[index * total..(index + 1) * total];
            least.copy_from_slice(&node.neurons.lower);
            greatest.copy_from_slice(&node.neurons.upper);
            clamp(&node.splits, least, greatest);
            if least.iter().zip(&*greatest).any(|(l, u)| l > u) {
                self.batch.empty[index] = true;
            }
        }
        for step in 0..graph.plan.steps.len() {
            self.batch.relax(graph, step, meter).map_err(VerifyError::from)?;
        }
        Ok(())
    }

    /// The rows of all boxes, and where their multipliers start.
    fn rows(&mut self, graph: &Graph, target: &Target, nodes: &[Node]) {
        let rows = target.rows();
        self.boxes.clear();
        self.functions.clear();
        self.targets.clear();
        self.slopes.clear();
        self.multipliers.resize_with(nodes.len() * rows, Vec::new);
        for (index, node) in nodes.iter().enumerate() {
            for row in 0..rows {
                self.boxes.push(index as u32);
                self.functions.push(row as u32);
                self.targets.push(target.disjunct.rows().bounds[row]);
                let multipliers = &mut self.multipliers[index * rows + row];
                multipliers.clear();
                match &node.warm {
                    Some(warm) => {
                        let slopes = &warm.slopes[row * graph.lines..(row + 1) * graph.lines];
                        self.slopes.extend(slopes.iter().map(|&slope| f64::from(slope)));
                        multipliers.extend_from_slice(&warm.multipliers[row]);
                        if let Some(&last) = node.splits.last() {
                            let (_, start) = warm.last[row];
                            let at = multipliers.partition_point(|&(neuron, _)| neuron < last.neuron);
                            multipliers.insert(at, (last.neuron, if last.positive { start.0 } else { start.1 }));
                        }
                    }
                    None => {
                        let slopes = &self.batch.below.0[index * graph.lines..(index + 1) * graph.lines];
                        self.slopes.extend_from_slice(slopes);
                    }
                }
            }
        }
    }

    /// The neuron whose relaxation costs the row most.
    fn choose(&self, graph: &Graph, index: usize, at: usize) -> Option<u32> {
        let mut best: Option<(u32, f64)> = None;
        for (step, slot) in graph.slots.iter().enumerate() {
            let (Some(slot), Place::Root(operand)) = (slot, graph.plan.steps[step].operands[0]) else { continue };
            let Some(first) = graph.first[operand] else { continue };
            if !graph.neurons.iter().any(|neurons| neurons.root == operand && neurons.splittable) {
                continue;
            }
            for i in 0..graph.plan.lengths[operand] {
                let neuron = first + i;
                let (l, u) =
                    (self.batch.least[index * graph.total + neuron], self.batch.greatest[index * graph.total + neuron]);
                let g = self.best.outputs[at * graph.lines + slot + i];
                if l >= 0.0 || u <= 0.0 || g == 0.0 {
                    continue;
                }
                let line = index * graph.lines + slot + i;
                let slope = self.best.slopes[at * graph.lines + slot + i];
                let cost = if g < 0.0 {
                    -g * self.batch.above.1[line]
                } else {
                    g * (slope * -l).min((1.0 - slope) * u).max(0.0)
                };
                if cost > 0.0 && best.is_none_or(|(_, most)| cost > most) {
                    best = Some((neuron as u32, cost));
                }
            }
        }
        best.map(|(neuron, _)| neuron)
    }

    fn child(&self, graph: &Graph, node: &Node, index: usize, rows: usize, split: Split) -> Node {
        let mut splits = node.splits.to_vec();
        splits.push(split);
        let rows = index * rows..(index + 1) * rows;
        let start = |row: usize| {
            let of = |positive| alpha::inherited(graph, &self.best, row, Split { positive, ..split });
            (split.neuron, (of(true), of(false)))
        };
        let warm = Warm {
            slopes: self.best.slopes[rows.start * graph.lines..rows.end * graph.lines]
                .iter()
                .map(|&slope| slope as f32)
                .collect(),
            multipliers: self.best.splits[rows.clone()].to_vec(),
            last: rows.map(start).collect(),
        };
        Node {
            depth: node.depth + 1,
            splits: splits.into(),
            warm: Some(Arc::new(warm)),
            neurons: Arc::clone(&node.neurons),
            ..node.clone()
        }
    }
}

/// What splits say of neurons.
pub(crate) fn clamp(splits: &[Split], least: &mut [f64], greatest: &mut [f64]) {
    for split in splits {
        let neuron = split.neuron as usize;
        if split.positive {
            least[neuron] = least[neuron].max(0.0);
        } else {
            greatest[neuron] = greatest[neuron].min(0.0);
        }
    }
}

/// What is known of neurons under splits.
pub(crate) fn clamped(splits: &[Split], neurons: &Ends) -> Ends {
    let mut ends = neurons.clone();
    clamp(splits, &mut ends.lower, &mut ends.upper);
    ends
}
