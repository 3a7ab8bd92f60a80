//! Bounds of neurons where a witness would be.
//!
//! Source: S. Kotha, C. Brix, J. Z. Kolter, K. Dvijotham, H. Zhang, "Provably Bounding Neural Network Preimages" (INVPROP),
//! NeurIPS 2023, section 3.2: a witness meets the target's halfspace, so a neuron is bounded over those points alone; the
//! halfspace enters the neuron's bound with a multiplier.
//!
//! That makes bounds of neurons, and so of the row, much better than any split does, but costs as much as dozens of
//! subproblems. It is done where more than that are to be expected.

use std::sync::Arc;

use super::node::Ends;
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

/// Otherwise after so many levels.
const REST: u32 = 4;

/// When the neurons of a subproblem are bounded again.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pace {
    /// By how much its nearest row missed when they last were; 0 unless that was the last thing done.
    pub missed: f64,
    /// By how much it missed when they were the first time.
    pub range: f64,
    /// How often they were, one time after the other.
    pub times: u32,
    /// For so many levels it is not done again.
    pub rest: u32,
}

impl Pace {
    /// Whether the neurons of a subproblem are to be bounded again: its nearest row misses by so much, and a split gains so much.
    pub(super) fn is_slow(&mut self, missed: f64, gain: f64) -> bool {
        if self.missed > 0.0 && (missed > RATIO * self.missed || self.times >= TIMES) {
            self.rest = REST;
        }
        let is_slow = self.rest == 0 && missed > LEVELS * gain;
        (self.missed, self.times) = if is_slow { (missed, self.times + 1) } else { (0.0, 0) };
        is_slow
    }

    /// That of a subproblem one level further down.
    pub(super) fn below(self) -> Self {
        Pace { missed: 0.0, times: 0, rest: self.rest.saturating_sub(1), ..self }
    }
}

impl Bounder {
    /// Bounds the neurons of a subproblem under its splits and the halfspace that is nearest to close it, of box `index` of those
    /// that were bounded last. `false` where no point is left.
    pub(super) fn tighten(
        &mut self,
        graph: &Graph,
        target: &Target,
        (node, index): (&mut Node, usize),
        options: &alpha::Options,
        budget: &Budget,
    ) -> Result<bool, VerifyError> {
        let row = self.nearest(target, index);
        let (m, n) = (graph.output_len, graph.input_len);
        let inputs = if target.inputs.is_empty() { &[][..] } else { &target.inputs[row * n..(row + 1) * n] };
        let missed = -self.gap(target, index, row);
        let range = if node.pace.range > 0.0 { node.pace.range } else { missed };
        node.pace.range = range;
        let halfspace = alpha::Halfspace {
            outputs: &target.outputs[row * m..(row + 1) * m],
            inputs,
            bound: target.disjunct.rows().bounds[row],
            range,
        };
        let mut meter = Meter::new(budget);
        let Bounder { batch, workspace, .. } = self;
        workspace.rows.sparing = true;
        start(batch, graph, std::slice::from_ref(node), &mut meter)?;
        let splits: [&[Split]; 1] = [&node.splits];
        let magnitudes = &target.root.magnitudes;
        alpha::tighten(graph, magnitudes, batch, &splits, Some(&halfspace), options, workspace, &mut meter)?;
        meter.finish()?;
        // That a neuron has one sign there is a split like any other: it has a multiplier, and can be contradicted.
        let mut found: Vec<Split> = Vec::new();
        for set in graph.neurons.iter().filter(|set| set.splittable || set.signed) {
            for neuron in set.first..set.first + set.count {
                let before = (node.neurons.lower[neuron], node.neurons.upper[neuron]);
                let (l, u) = (batch.least[neuron], batch.greatest[neuron]);
                let is_known = set.is_decided(before.0, before.1) || !set.is_decided(l, u);
                if !is_known && node.splits.iter().all(|split| split.neuron as usize != neuron) {
                    found.push(Split { neuron: neuron as u32, positive: l >= 0.0 });
                }
            }
        }
        node.splits = node.splits.iter().copied().chain(found).collect();
        node.neurons = Arc::new(Ends { lower: batch.least.clone(), upper: batch.greatest.clone() });
        Ok(!batch.empty[0])
    }
}
