//! Splitting of neurons.
//!
//! Source: S. Wang and others, "Beta-CROWN: Efficient Bound Propagation with Per-neuron Split Constraints for Neural Network
//! Robustness Verification", NeurIPS 2021, section 3; R. Bunel and others, "Branch and Bound for Piecewise Linear Neural
//! Network Verification", JMLR 21, 2020, section 5.3, for the choice of the neuron (BaBSR).
//!
//! A subproblem says of some neurons that they are at least 0, or at most. Their rectifiers are linear then; that they are
//! so enters the bound by multipliers, which are optimised together with the slopes of those that may still take both signs.
//! What is known of neurons is that of the whole box, until they are bounded again ([`super::within`]). The next neuron is one
//! whose relaxation costs the row much.
//!
//! Where no neuron is left that would help, the subproblem goes on to be split as a box.

use std::sync::Arc;

use super::node::{self, Ends, Warm};
use super::within::Again;
use super::{Node, Outcome, Target};
use crate::bounds::{Batch, Graph, Split, alpha, crown, spec};
use crate::budget::Budget;
use crate::net::eval::meter::Meter;
use crate::net::eval::plan::Place;
use crate::verify::VerifyError;

/// A rectifier whose line below loses nothing at an end of its range may lose something between them: so much of the most.
const REST: f64 = 0.01;

/// Closed subproblems that are explained together.
const EXPLAINED: usize = 16;

/// How subproblems are bounded and neurons chosen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    /// Steps for the bound of a subproblem.
    pub steps: usize,
    /// Neurons of which both sides are tried before one is split.
    pub tried: usize,
    /// Steps for the bound of a side.
    pub trial: usize,
    /// Steps for the bound of a neuron.
    pub sweep: usize,
    /// Steps where no neuron is left to split.
    pub last: usize,
}

/// On a network of 4 layers of 256 neurons: with 10 steps of a neuron in place of 30, targets of a few seconds took about half the
/// time, but one that takes 11 seconds was open after a minute. With trials of 3 steps of 8 neurons, which show little of what
/// multipliers gain, a property was two thirds done after 120 seconds that otherwise takes 100.
impl Default for Effort {
    fn default() -> Self {
        Effort { steps: 30, tried: 16, trial: 10, sweep: 30, last: 300 }
    }
}

impl Effort {
    /// Less for each subproblem, and so more of them: small networks are done 2 to 7 times as fast.
    pub(crate) fn quick() -> Self {
        Effort { tried: 8, trial: 3, sweep: 10, ..Effort::default() }
    }

    fn steps(steps: usize) -> alpha::Options {
        alpha::Options { iterations: steps, ..alpha::Options::default() }
    }
}

/// Bounds subproblems of a target, keeps its buffers.
#[derive(Debug, Default)]
pub(super) struct Bounder {
    pub batch: Batch,
    pub workspace: alpha::Workspace,
    pub best: alpha::Best,
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

/// The sides of a neuron that may be split, where they are among all that are tried.
type Trial = std::ops::Range<usize>;

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
        let (excluded, nodes): (Vec<Node>, Vec<Node>) =
            nodes.iter().cloned().partition(|node| target.clauses().exclude(&*node.splits));
        excluded.iter().for_each(|node| outcome.close(node));
        outcome.excluded += excluded.len() as u64;
        self.split(graph, target, &nodes, effort, outcome, budget)?;
        let (hard, open): (Vec<Node>, Vec<Node>) = outcome.open.drain(..).partition(|node| node.boxed);
        outcome.open = open;
        // Nothing left to split: the row with more steps, then with its neurons bounded under all that is known.
        let last = Effort { steps: effort.last, ..*effort };
        for node in hard {
            let before = outcome.open.len();
            self.split(graph, target, &[Node { boxed: false, ..node }], &last, outcome, budget)?;
            if outcome.open.len() == before {
                continue;
            }
            let Some(node) = outcome.open.pop_if(|node| node.boxed) else { continue };
            let mut again = [Again::new(&self.bounder, target, (Node { boxed: false, ..node }, 0))];
            let is_empty = self.bounder.tighten(graph, target, &mut again, &Effort::steps(effort.steps), budget)?[0];
            let [Again { node, .. }] = again;
            if is_empty {
                outcome.close(&node);
            } else {
                self.split(graph, target, &[node], &last, outcome, budget)?;
            }
        }
        // A box has to find out for itself where a neuron that has one sign within the halfspace has the other.
        if outcome.open.iter().any(|node| node.boxed) {
            let own = Arc::new(Ends { lower: target.root.least.clone(), upper: target.root.greatest.clone() });
            outcome.open.iter_mut().filter(|node| node.boxed).for_each(|node| node.neurons = Arc::clone(&own));
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
        let (mut sides, mut tried, mut closed) = (Vec::new(), Vec::new(), Vec::new());
        let are_sought = target.clauses().are_sought();
        for (index, node) in nodes.iter().enumerate() {
            if bounder.is_closed(target, index) {
                outcome.close(node);
                if are_sought {
                    closed.extend(bounder.closed(graph, target, node, index));
                }
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
                let first = sides.len();
                for (deeper, splits) in node::sides(graph, neuron, bounder.range(graph, index, neuron)) {
                    if target.clauses().exclude(node.splits.iter().chain(&splits)) {
                        outcome.excluded += 1;
                        continue;
                    }
                    sides.push(bounder.child(graph, (node, index), rows, deeper, &splits));
                }
                of_node.push(first..sides.len());
            }
            tried.push((index, of_node));
        }
        trials.bound(graph, target, &sides, &Effort::steps(effort.trial), budget)?;
        if are_sought {
            closed.extend(sides.iter().zip(0..).filter_map(|(side, at)| trials.closed(graph, target, side, at)));
        }
        let mut again = Vec::new();
        for (index, of_node) in tried {
            let node = trials.decide(graph, target, (&nodes[index], index), (&of_node, &sides), &bounder.best, outcome);
            again.extend(node.map(|node| Again::new(bounder, target, (node, index))));
        }
        if !again.is_empty() {
            let is_empty = bounder.tighten(graph, target, &mut again, &Effort::steps(effort.sweep), budget)?;
            for (Again { node, .. }, &is_empty) in again.into_iter().zip(is_empty) {
                if is_empty {
                    outcome.close(&node);
                } else {
                    outcome.open.push(node);
                }
            }
        }
        for closed in closed.chunks(EXPLAINED) {
            let lemmas = trials.explain(graph, target, closed, budget)?;
            outcome.lemmas += target.clauses().learn(closed.len(), &lemmas);
        }
        Ok(())
    }
}

impl Bounder {
    pub(super) fn bound<'a>(
        &mut self,
        graph: &Graph,
        target: &Target,
        nodes: impl IntoIterator<Item = &'a Node, IntoIter: ExactSizeIterator + Clone>,
        options: &alpha::Options,
        budget: &Budget,
    ) -> Result<(), VerifyError> {
        let nodes = nodes.into_iter();
        let mut meter = Meter::new(budget);
        self.workspace.rows.sparing = true;
        start(&mut self.batch, graph, nodes.clone(), &mut meter)?;
        self.rows(graph, target, nodes.clone());
        let splits: Vec<&[Split]> = nodes.map(|node| &node.splits[..]).collect();
        let spec = spec::Spec {
            boxes: &self.boxes,
            functions: &self.functions,
            outputs: &target.outputs,
            inputs: &target.inputs,
            factors: &[],
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
    fn rows<'a>(
        &mut self,
        graph: &Graph,
        target: &Target,
        nodes: impl IntoIterator<Item = &'a Node, IntoIter: ExactSizeIterator>,
    ) {
        let nodes = nodes.into_iter();
        let rows = target.rows();
        self.boxes.clear();
        self.functions.clear();
        self.targets.clear();
        self.slopes.clear();
        self.multipliers.resize_with(nodes.len() * rows, Vec::new);
        for (index, node) in nodes.enumerate() {
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

    pub(super) fn is_closed(&self, target: &Target, index: usize) -> bool {
        let rows = target.rows();
        self.batch.empty[index] || (0..rows).any(|row| target.is_beyond(row, self.best.bounds[index * rows + row]))
    }

    /// How far the nearest row is from closing a box.
    pub(super) fn gap(&self, target: &Target, index: usize, row: usize) -> f64 {
        self.best.bounds[index * target.rows() + row] - target.disjunct.rows().bounds[row]
    }

    /// The row that is nearest to close a box.
    pub(super) fn nearest(&self, target: &Target, index: usize) -> usize {
        let gap = |row: usize| self.gap(target, index, row);
        (0..target.rows()).max_by(|&a, &b| gap(a).total_cmp(&gap(b))).unwrap_or(0)
    }

    /// The neurons whose relaxations cost a row most.
    fn candidates(&self, graph: &Graph, index: usize, at: usize, most: usize) -> Vec<u32> {
        let mut all: Vec<(f64, u32)> = Vec::new();
        for (step, slot) in graph.slots.iter().enumerate() {
            let (Some(slot), Place::Root(operand)) = (slot, graph.plan.steps[step].operands[0]) else { continue };
            let Some(first) = graph.first[operand] else { continue };
            let Some(set) = graph.set_of(first) else { continue };
            if set.signed {
                let kept = |root: usize| {
                    let slot = graph.plan.makers[root].and_then(|step| graph.slots[step])?;
                    Some(&self.best.outputs[at * graph.lines + slot..][..set.count])
                };
                let mut costs = vec![0.0; set.count];
                self.batch.costs_of_signs(graph, set, index, kept, 1.0, &mut costs);
                let found = costs.iter().enumerate().filter(|(_, cost)| **cost > 0.0);
                all.extend(found.map(|(i, &cost)| (cost, (first + i) as u32)));
                continue;
            }
            if !set.splittable {
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
                    // At the best slope none of it may be lost, though it is where splits are not met.
                    g * (slope * -l).min((1.0 - slope) * u).max(REST * u.min(-l))
                };
                if cost > 0.0 {
                    all.push((cost, (first + i) as u32));
                }
            }
        }
        all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        all.dedup();
        all.truncate(most);
        all.into_iter().map(|(_, neuron)| neuron).collect()
    }

    /// What is known of a neuron.
    fn range(&self, graph: &Graph, index: usize, neuron: u32) -> (f64, f64) {
        let at = index * graph.total + neuron as usize;
        (self.batch.least[at], self.batch.greatest[at])
    }

    /// The subproblem with more splits. Multipliers go on from the best of box `index`.
    fn child(&self, graph: &Graph, (node, index): (&Node, usize), rows: usize, deeper: u32, more: &[Split]) -> Node {
        let longer = |splits: &[Split]| splits.iter().chain(more).copied().collect();
        let (splits, chosen) = (longer(&node.splits), longer(&node.chosen));
        let mut warm = self.warm(graph, index, rows);
        for split in more {
            for (row, multipliers) in warm.multipliers.iter_mut().enumerate() {
                let at = multipliers.partition_point(|&(neuron, _)| neuron < split.neuron);
                let start = alpha::inherited(graph, &self.best, index * rows + row, *split);
                multipliers.insert(at, (split.neuron, start));
            }
        }
        Node { depth: node.depth + deeper, splits, chosen, warm: Some(Arc::new(warm)), ..node.clone() }
    }

    pub(super) fn warm(&self, graph: &Graph, index: usize, rows: usize) -> Warm {
        let range = index * rows..(index + 1) * rows;
        let slopes = &self.best.slopes[range.start * graph.lines..range.end * graph.lines];
        Warm {
            slopes: slopes.iter().map(|&slope| slope as f32).collect(),
            multipliers: self.best.splits[range].to_vec(),
        }
    }

    /// What follows from trials: a neuron of which one side is closed has the other sign, in all that comes; of the others the
    /// one is split whose worse side gained most. Answers the subproblem where its neurons are to be bounded again first.
    fn decide(
        &self,
        graph: &Graph,
        target: &Target,
        (node, index): (&Node, usize),
        (trials, sides): (&[Trial], &[Node]),
        before: &alpha::Best,
        outcome: &mut Outcome,
    ) -> Option<Node> {
        let rows = target.rows();
        let now = (0..rows)
            .map(|row| before.bounds[index * rows + row] - target.disjunct.rows().bounds[row])
            .fold(f64::NEG_INFINITY, f64::max);
        let (mut first, mut forced, mut best) = (None, Vec::<Split>::new(), None::<(Vec<usize>, f64, f64)>);
        for trial in trials {
            let left: Vec<usize> = trial.clone().filter(|&at| !self.is_closed(target, at)).collect();
            match left[..] {
                [] => {
                    outcome.close(node);
                    return None;
                }
                [at] => {
                    first.get_or_insert(at);
                    forced.extend_from_slice(&sides[at].splits[node.splits.len()..]);
                }
                _ => {
                    let gain = |&at: &usize| (self.gap(target, at, self.nearest(target, at)) - now).max(0.0);
                    let least = left.iter().map(gain).fold(f64::INFINITY, f64::min);
                    let score = least + 0.1 * left.iter().map(gain).fold(0.0, f64::max);
                    if best.as_ref().is_none_or(|(_, most, _)| score > *most) {
                        let mean = left.iter().map(gain).sum::<f64>() / left.len() as f64;
                        best = Some((left, score, mean));
                    }
                }
            }
        }
        let (mut pace, bound) = (node.pace, node.bound.max(now.next_down()));
        if let Some((.., gain)) = best
            && pace.is_slow(-now, gain)
        {
            let splits = node.splits.iter().chain(&forced).copied().collect();
            return Some(Node { splits, pace, bound, ..node.clone() });
        }
        let more = |at: usize, from: &Node| {
            let warm = Some(Arc::new(self.warm(graph, at, rows)));
            let splits = from.splits.iter().chain(&forced).copied().collect();
            let bound = bound.max(self.gap(target, at, self.nearest(target, at)).next_down());
            Node { splits, warm, bound, pace: pace.below(), ..from.clone() }
        };
        match (best, first) {
            (Some((left, ..)), _) => {
                // A side that is closed has its share.
                let trial = trials.iter().find(|trial| trial.contains(&left[0])).cloned().unwrap_or_default();
                trial.filter(|at| !left.contains(at)).for_each(|at| outcome.close(&sides[at]));
                outcome.open.extend(left.into_iter().map(|at| more(at, &sides[at])));
            }
            // Every neuron that was tried has its sign now.
            (None, Some(at)) => outcome.open.push(more(at, node)),
            (None, None) => outcome.open.push(Node { boxed: true, warm: None, bound, ..node.clone() }),
        }
        None
    }
}

/// Takes boxes, clamps neurons to the splits, and computes lines.
pub(super) fn start<'a>(
    batch: &mut Batch,
    graph: &Graph,
    nodes: impl IntoIterator<Item = &'a Node, IntoIter: ExactSizeIterator>,
    meter: &mut Meter<'_>,
) -> Result<(), VerifyError> {
    let nodes = nodes.into_iter();
    batch.resize(graph, nodes.len(), meter)?;
    for (index, node) in nodes.enumerate() {
        let (n, total) = (graph.input_len, graph.total);
        batch.lower[index * n..(index + 1) * n].copy_from_slice(&node.inputs.lower);
        batch.upper[index * n..(index + 1) * n].copy_from_slice(&node.inputs.upper);
        batch.least[index * total..(index + 1) * total].copy_from_slice(&node.neurons.lower);
        batch.greatest[index * total..(index + 1) * total].copy_from_slice(&node.neurons.upper);
        batch.split(graph, index, &node.splits);
        let crossed = |(l, u): (&f64, &f64)| l > u;
        batch.empty[index] |= node.neurons.lower.iter().zip(&node.neurons.upper).any(crossed);
    }
    for step in 0..graph.plan.steps.len() {
        batch.relax(graph, step, meter)?;
    }
    Ok(())
}
