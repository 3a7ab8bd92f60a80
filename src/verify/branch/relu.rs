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
use crate::bounds::{Batch, Graph, Split, alpha, crown, spec};
use crate::budget::Budget;
use crate::net::eval::meter::Meter;
use crate::net::eval::plan::Place;
use crate::verify::VerifyError;

/// How subproblems are bounded and neurons chosen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    /// Steps for the bound of a subproblem.
    pub steps: usize,
    /// Neurons of which both sides are tried before one is split.
    pub tried: usize,
    /// Steps for the bound of a side.
    pub trial: usize,
    /// Steps where no neuron is left to split.
    pub last: usize,
}

impl Default for Effort {
    fn default() -> Self {
        Effort { steps: 20, tried: 8, trial: 3, last: 300 }
    }
}

impl Effort {
    fn steps(steps: usize) -> alpha::Options {
        alpha::Options { iterations: steps, ..alpha::Options::default() }
    }
}

/// Bounds subproblems of a target, keeps its buffers.
#[derive(Debug, Default)]
struct Bounder {
    batch: Batch,
    workspace: alpha::Workspace,
    best: alpha::Best,
    slopes: Vec<f64>,
    multipliers: Vec<Vec<(u32, f64)>>,
    boxes: Vec<u32>,
    functions: Vec<u32>,
    targets: Vec<f64>,
}

/// Splits neurons.
#[derive(Debug, Default)]
pub(crate) struct Phases {
    bounder: Bounder,
    trials: Bounder,
}

/// A neuron that may be split, and what became of its two sides.
#[derive(Debug, Clone, Copy)]
struct Trial {
    neuron: u32,
    /// Where its positive side is among the trials; the negative one follows.
    first: usize,
}

impl Phases {
    /// Bounds subproblems of one target, and splits what is left.
    pub(crate) fn expand(
        &mut self,
        graph: &Graph,
        target: &Target,
        nodes: &[Node],
        effort: &Effort,
        outcome: &mut Outcome,
        budget: &Budget,
    ) -> Result<(), VerifyError> {
        self.split(graph, target, nodes, effort, outcome, budget)?;
        let (hard, open): (Vec<Node>, Vec<Node>) = outcome.open.drain(..).partition(|node| node.boxed);
        outcome.open = open;
        // Nothing left to split: neurons are bounded under all that is known, then the row with more steps.
        for node in hard {
            let mut node = Node { boxed: false, ..node };
            self.tighten(graph, target, &mut node, &Effort::steps(effort.steps), budget)?;
            let effort = Effort { steps: effort.last, ..*effort };
            self.split(graph, target, &[node], &effort, outcome, budget)?;
        }
        for node in outcome.open.iter_mut().filter(|node| node.boxed) {
            node.neurons = Arc::new(clamped(&node.splits, &node.neurons));
        }
        Ok(())
    }

    fn split(
        &mut self,
        graph: &Graph,
        target: &Target,
        nodes: &[Node],
        effort: &Effort,
        outcome: &mut Outcome,
        budget: &Budget,
    ) -> Result<(), VerifyError> {
        let Phases { bounder, trials } = self;
        bounder.bound(graph, target, nodes, &Effort::steps(effort.steps), budget)?;
        let (n, rows) = (graph.input_len, target.rows());
        let (mut sides, mut tried) = (Vec::new(), Vec::new());
        for (index, node) in nodes.iter().enumerate() {
            if bounder.is_closed(target, index) {
                outcome.close(node);
                continue;
            }
            // Without rows every point is a witness: it is for the attack to find one.
            if rows == 0 {
                outcome.open.push(Node { boxed: true, warm: None, ..node.clone() });
                continue;
            }
            let at = index * rows + bounder.nearest(target, index);
            outcome.points.extend_from_slice(&bounder.best.points[at * n..(at + 1) * n]);
            let mut of_node = Vec::new();
            for neuron in bounder.candidates(graph, index, at, effort.tried.max(1)) {
                of_node.push(Trial { neuron, first: sides.len() });
                let side = |positive| bounder.child(graph, node, index, rows, Split { neuron, positive });
                sides.extend([true, false].map(side));
            }
            tried.push((index, of_node));
        }
        trials.bound(graph, target, &sides, &Effort::steps(effort.trial), budget)?;
        for (index, of_node) in tried {
            trials.decide(graph, target, (&nodes[index], index), (&of_node, &sides), &bounder.best, outcome);
        }
        Ok(())
    }

    /// Bounds all neurons of a subproblem once more, under its splits. What is closed by that alone has bounds that cross.
    fn tighten(
        &mut self,
        graph: &Graph,
        target: &Target,
        node: &mut Node,
        options: &alpha::Options,
        budget: &Budget,
    ) -> Result<(), VerifyError> {
        let Bounder { batch, workspace, .. } = &mut self.bounder;
        let mut meter = Meter::new(budget);
        start(batch, graph, std::slice::from_ref(node), &mut meter)?;
        let splits = [&node.splits[..]];
        alpha::tighten(graph, &target.root.magnitudes, batch, &splits, options, workspace, &mut meter)?;
        node.neurons = Arc::new(Ends { lower: batch.least.clone(), upper: batch.greatest.clone() });
        meter.finish()?;
        Ok(())
    }
}

impl Bounder {
    fn bound(
        &mut self,
        graph: &Graph,
        target: &Target,
        nodes: &[Node],
        options: &alpha::Options,
        budget: &Budget,
    ) -> Result<(), VerifyError> {
        let mut meter = Meter::new(budget);
        start(&mut self.batch, graph, nodes, &mut meter)?;
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
        alpha::maximise(&problem, &spec, options, &mut self.workspace, &mut self.best, &mut meter)?;
        Ok(meter.finish()?)
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
                    }
                    None => {
                        let slopes = &self.batch.below.0[index * graph.lines..(index + 1) * graph.lines];
                        self.slopes.extend_from_slice(slopes);
                    }
                }
            }
        }
    }

    fn is_closed(&self, target: &Target, index: usize) -> bool {
        let rows = target.rows();
        self.batch.empty[index] || (0..rows).any(|row| target.is_beyond(row, self.best.bounds[index * rows + row]))
    }

    /// How far the nearest row is from closing a box.
    fn gap(&self, target: &Target, index: usize, row: usize) -> f64 {
        self.best.bounds[index * target.rows() + row] - target.disjunct.rows().bounds[row]
    }

    /// The row that is nearest to close a box.
    fn nearest(&self, target: &Target, index: usize) -> usize {
        let gap = |row: usize| self.gap(target, index, row);
        (0..target.rows()).max_by(|&a, &b| gap(a).total_cmp(&gap(b))).unwrap_or(0)
    }

    /// The neurons whose relaxations cost a row most.
    fn candidates(&self, graph: &Graph, index: usize, at: usize, most: usize) -> Vec<u32> {
        let mut all: Vec<(f64, u32)> = Vec::new();
        for (step, slot) in graph.slots.iter().enumerate() {
            let (Some(slot), Place::Root(operand)) = (slot, graph.plan.steps[step].operands[0]) else { continue };
            let Some(first) = graph.first[operand] else { continue };
            if !graph.neurons.iter().any(|neurons| neurons.root == operand && neurons.splittable) {
                continue;
            }
            for i in 0..graph.plan.lengths[operand] {
                let neuron = index * graph.total + first + i;
                let (l, u) = (self.batch.least[neuron], self.batch.greatest[neuron]);
                let g = self.best.outputs[at * graph.lines + slot + i];
                if l >= 0.0 || u <= 0.0 || g == 0.0 {
                    continue;
                }
                let slope = self.best.slopes[at * graph.lines + slot + i];
                let cost = if g < 0.0 {
                    -g * self.batch.above.1[index * graph.lines + slot + i]
                } else {
                    g * (slope * -l).min((1.0 - slope) * u).max(0.0)
                };
                if cost > 0.0 {
                    all.push((cost, (first + i) as u32));
                }
            }
        }
        all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        all.truncate(most);
        all.into_iter().map(|(_, neuron)| neuron).collect()
    }

    /// The subproblem with one more split. Multipliers go on from the best of box `index`.
    fn child(&self, graph: &Graph, node: &Node, index: usize, rows: usize, split: Split) -> Node {
        let mut splits = node.splits.to_vec();
        splits.push(split);
        let mut warm = self.warm(graph, index, rows);
        for (row, multipliers) in warm.multipliers.iter_mut().enumerate() {
            let at = multipliers.partition_point(|&(neuron, _)| neuron < split.neuron);
            let start = alpha::inherited(graph, &self.best, index * rows + row, split);
            multipliers.insert(at, (split.neuron, start));
        }
        Node { depth: node.depth + 1, splits: splits.into(), warm: Some(Arc::new(warm)), ..node.clone() }
    }

    fn warm(&self, graph: &Graph, index: usize, rows: usize) -> Warm {
        let range = index * rows..(index + 1) * rows;
        let slopes = &self.best.slopes[range.start * graph.lines..range.end * graph.lines];
        Warm {
            slopes: slopes.iter().map(|&slope| slope as f32).collect(),
            multipliers: self.best.splits[range].to_vec(),
        }
    }

    /// What follows from trials: a neuron of which one side is closed has the other sign, in all that comes; of the others the
    /// one is split whose worse side gained most.
    fn decide(
        &self,
        graph: &Graph,
        target: &Target,
        (node, index): (&Node, usize),
        (trials, sides): (&[Trial], &[Node]),
        before: &alpha::Best,
        outcome: &mut Outcome,
    ) {
        let rows = target.rows();
        let now = (0..rows)
            .map(|row| before.bounds[index * rows + row] - target.disjunct.rows().bounds[row])
            .fold(f64::NEG_INFINITY, f64::max);
        let (mut forced, mut best): (Vec<Split>, Option<(Trial, f64)>) = (Vec::new(), None);
        for &trial in trials {
            let closed = [0, 1].map(|side| self.is_closed(target, trial.first + side));
            match closed {
                [true, true] => {
                    outcome.close(node);
                    return;
                }
                [true, false] => forced.push(Split { neuron: trial.neuron, positive: false }),
                [false, true] => forced.push(Split { neuron: trial.neuron, positive: true }),
                [false, false] => {
                    let gain = [0, 1].map(|side| {
                        let at = trial.first + side;
                        (self.gap(target, at, self.nearest(target, at)) - now).max(0.0)
                    });
                    let score = gain[0].min(gain[1]) + 0.1 * gain[0].max(gain[1]);
                    if best.is_none_or(|(_, most)| score > most) {
                        best = Some((trial, score));
                    }
                }
            }
        }
        let Some((trial, _)) = best else {
            match forced.first() {
                // Every neuron that was tried has its sign now.
                Some(split) => {
                    let from = trials.iter().find(|trial| trial.neuron == split.neuron).map_or(0, |trial| trial.first);
                    let at = from + usize::from(!split.positive);
                    let warm = Some(Arc::new(self.warm(graph, at, rows)));
                    let splits = node.splits.iter().copied().chain(forced.iter().copied()).collect();
                    outcome.open.push(Node { splits, warm, ..node.clone() });
                }
                None => outcome.open.push(Node { boxed: true, warm: None, ..node.clone() }),
            }
            return;
        };
        for at in [trial.first, trial.first + 1] {
            let warm = Some(Arc::new(self.warm(graph, at, rows)));
            let splits = sides[at].splits.iter().copied().chain(forced.iter().copied()).collect();
            outcome.open.push(Node { splits, warm, ..sides[at].clone() });
        }
    }
}

/// Takes boxes, clamps neurons to the splits, and computes lines.
fn start(batch: &mut Batch, graph: &Graph, nodes: &[Node], meter: &mut Meter<'_>) -> Result<(), VerifyError> {
    batch.resize(graph, nodes.len(), meter)?;
    for (index, node) in nodes.iter().enumerate() {
        let (n, total) = (graph.input_len, graph.total);
        batch.lower[index * n..(index + 1) * n].copy_from_slice(&node.inputs.lower);
        batch.upper[index * n..(index + 1) * n].copy_from_slice(&node.inputs.upper);
        let least = &mut batch.least[index * total..(index + 1) * total];
        let greatest = &mut batch.greatest[index * total..(index + 1) * total];
        least.copy_from_slice(&node.neurons.lower);
        greatest.copy_from_slice(&node.neurons.upper);
        clamp(&node.splits, least, greatest);
        if least.iter().zip(&*greatest).any(|(l, u)| l > u) {
            batch.empty[index] = true;
        }
    }
    for step in 0..graph.plan.steps.len() {
        batch.relax(graph, step, meter)?;
    }
    Ok(())
}

/// What splits say of neurons.
fn clamp(splits: &[Split], least: &mut [f64], greatest: &mut [f64]) {
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
