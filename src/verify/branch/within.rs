//! Bounds of neurons where a witness would be.
//!
//! Source: S. Kotha, C. Brix, J. Z. Kolter, K. Dvijotham, H. Zhang, "Provably Bounding Neural Network Preimages" (INVPROP),
//! NeurIPS 2023, section 3.2: a witness meets the target's halfspace, so a neuron is bounded over those points alone; the
//! halfspace enters the neuron's bound with a multiplier.
//!
//! That makes bounds of neurons, and so of the row, much better than any split does, but costs as much as some
//! subproblems. It is done after every split, unless one more split would do: to do it only every other level took twice as
//! long on a network of 4 layers of 256 neurons, every fourth level 4 times. Bounding only the neurons that cost the row most
//! was slower still: a sign that is found anywhere cuts.

use std::sync::Arc;

use super::node::{Ends, Level};
use super::relu::{Bounder, start};
use super::{Node, Target};
use crate::bounds::{Graph, Split, alpha};
use crate::budget::Budget;
use crate::net::eval::meter::Meter;
use crate::verify::VerifyError;

/// It is done where more splits than that are to be expected, one below the other.
const LEVELS: f64 = 1.0;

/// It is done once more at once if no more than that is left of what was missed.
const RATIO: f64 = 0.95;

/// And not more than so many times.
const TIMES: u32 = 12;

/// When the neurons of a subproblem are bounded again.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pace {
    /// By how much its nearest row missed when they last were; 0 unless that was the last thing done.
    pub missed: f64,
    /// By how much it missed when they were the first time.
    pub range: f64,
    /// How often they were, one time after the other.
    pub times: u32,
}

impl Pace {
    /// Whether the neurons of a subproblem are to be bounded again: its nearest row misses by so much, and a split gains so much.
    pub(super) fn is_slow(&mut self, missed: f64, gain: f64) -> bool {
        let was_vain = self.missed > 0.0 && (missed > RATIO * self.missed || self.times >= TIMES);
        let is_slow = !was_vain && missed > LEVELS * gain;
        (self.missed, self.times) = if is_slow { (missed, self.times + 1) } else { (0.0, 0) };
        is_slow
    }

    /// That of a subproblem one level further down.
    pub(super) fn below(self) -> Self {
        Pace { missed: 0.0, times: 0, ..self }
    }
}

/// A subproblem whose neurons are to be bounded where the row that is nearest to close it is not above its bound.
#[derive(Debug)]
pub(super) struct Again {
    pub node: Node,
    row: usize,
    missed: f64,
}

impl Again {
    /// Of box `index` of those that were bounded last.
    pub(super) fn new(bounder: &Bounder, target: &Target, (node, index): (Node, usize)) -> Self {
        let row = bounder.nearest(target, index);
        Again { row, missed: -bounder.gap(target, index, row), node }
    }
}

impl Bounder {
    /// Bounds neurons of subproblems under their splits and the halfspaces. Answers which have no point left.
    pub(super) fn tighten(
        &mut self,
        graph: &Graph,
        target: &Target,
        again: &mut [Again],
        options: &alpha::Options,
        budget: &Budget,
    ) -> Result<&[bool], VerifyError> {
        let Bounder { batch, workspace, .. } = self;
        let (mut functions, mut bounds, mut ranges) = (Vec::new(), Vec::new(), Vec::new());
        for Again { node, row, missed } in again.iter_mut() {
            if node.pace.range <= 0.0 {
                node.pace.range = *missed;
            }
            functions.push(*row as u32);
            bounds.push(target.disjunct.rows().bounds[*row]);
            ranges.push(node.pace.range);
        }
        let (outputs, inputs) = (&target.outputs[..], &target.inputs[..]);
        let within = alpha::Within { outputs, inputs, functions: &functions, bounds: &bounds, ranges: &ranges };
        let mut meter = Meter::new(budget);
        workspace.rows.sparing = true;
        start(batch, graph, again.iter().map(|again| &again.node), &mut meter)?;
        let splits: Vec<&[Split]> = again.iter().map(|again| &again.node.splits[..]).collect();
        let magnitudes = &target.root.magnitudes;
        alpha::tighten(graph, magnitudes, batch, &splits, Some(&within), options, workspace, &mut meter)?;
        meter.finish()?;
        for (Again { node, .. }, range) in
            again.iter_mut().zip((0..).map(|of| of * graph.total..(of + 1) * graph.total))
        {
            learn(graph, node, &batch.least[range.clone()], &batch.greatest[range]);
        }
        Ok(&batch.empty)
    }
}

/// Keeps what is known of a subproblem's neurons now. That one has one sign is a split like any other: it has a multiplier, and
/// can be contradicted.
fn learn(graph: &Graph, node: &mut Node, least: &[f64], greatest: &[f64]) {
    let mut found: Vec<Split> = Vec::new();
    for set in graph.neurons.iter().filter(|set| set.splittable || set.signed) {
        for neuron in set.first..set.first + set.count {
            let before = (node.neurons.lower[neuron], node.neurons.upper[neuron]);
            let (l, u) = (least[neuron], greatest[neuron]);
            let is_known = set.is_decided(before.0, before.1) || !set.is_decided(l, u);
            if !is_known && node.splits.iter().all(|split| split.neuron as usize != neuron) {
                found.push(Split { neuron: neuron as u32, positive: l >= 0.0 });
            }
        }
    }
    let (splits, chosen) = (node.splits.len(), node.chosen.len());
    node.splits = node.splits.iter().copied().chain(found).collect();
    node.neurons = Arc::new(Ends { lower: least.to_vec(), upper: greatest.to_vec() });
    // Of the same chosen splits the last says most.
    let above = node.levels.iter().filter(|level| level.chosen < chosen).cloned();
    node.levels = above.chain([Level { neurons: Arc::clone(&node.neurons), splits, chosen }]).collect();
}
