//! Which splits closed a subproblem.
//!
//! Bounds close a subproblem under all its splits, but may not need them all. What is looked for is the highest level whose
//! bounds of neurons do, and which of the splits chosen since then count: those with a multiplier, and those at whose rectifier
//! the line above is taken, which is another without the split. (The line below is one of those that may be chosen anyway.)
//! The subproblem that says no more than that is bounded itself: if it closes, its splits are a lemma ([`super::clauses`]).
//!
//! That takes a bound of a few steps for every level. Where neurons are bounded after every split, nothing known of a subproblem
//! goes without any of them, and no lemma comes of it: only those are looked at that were split more than once since.

use std::sync::Arc;

use super::clauses::LONGEST;
use super::node::{Level, Warm};
use super::relu::Bounder;
use super::{Ends, Node, Target};
use crate::bounds::{Graph, Split, alpha};
use crate::budget::Budget;
use crate::verify::VerifyError;

#[cfg(test)]
mod tests;

/// Steps of a bound; multipliers come from what closed the subproblem.
const STEPS: usize = 3;

/// A subproblem that says less than one that is closed: what is known at a level, and some of the splits chosen below it.
struct Weaker {
    /// Which closed one.
    of: usize,
    /// So many splits were chosen above the level; only those below may be left out one by one.
    above: usize,
    node: Node,
}

impl Weaker {
    /// With all splits chosen below.
    fn at((of, closed): (usize, &Node), level: &Level) -> Self {
        let below = &closed.chosen[level.chosen..];
        let splits = closed.splits[..level.splits].iter().chain(below).copied().collect();
        Weaker { of, above: level.chosen, node: Node { neurons: Arc::clone(&level.neurons), splits, ..closed.clone() } }
    }

    /// With these splits chosen below.
    fn with(&self, below: &[Split], warm: Option<Arc<Warm>>) -> Self {
        let known = self.node.splits.len() - (self.node.chosen.len() - self.above);
        let splits = self.node.splits[..known].iter().chain(below).copied().collect();
        let chosen = self.node.chosen[..self.above].iter().chain(below).copied().collect();
        Weaker { node: Node { splits, chosen, warm, ..self.node.clone() }, ..*self }
    }
}

impl Bounder {
    /// A subproblem that was bounded as box `index`, with what closed it, if a lemma may come of it.
    pub(super) fn closed(&self, graph: &Graph, target: &Target, node: &Node, index: usize) -> Option<Node> {
        let is_rectifier = |split: &Split| graph.set_of(split.neuron as usize).is_some_and(|set| set.splittable);
        let is_whole = node.inputs.lower == target.ends.0 && node.inputs.upper == target.ends.1;
        // Of a single split since neurons were bounded none would be left out.
        let may = node.chosen.len() > node.levels.last().map_or(0, |level| level.chosen) + 1
            && !self.batch.empty[index]
            && self.is_closed(target, index)
            && node.chosen.iter().all(is_rectifier)
            && is_whole;
        may.then(|| Node { warm: Some(Arc::new(self.warm(graph, index, target.rows()))), ..node.clone() })
    }

    /// Lemmas from what [`Bounder::closed`] answered: splits that no witness meets all of.
    pub(super) fn explain(
        &mut self,
        graph: &Graph,
        target: &Target,
        closed: &[Node],
        budget: &Budget,
    ) -> Result<Vec<Arc<[Split]>>, VerifyError> {
        let options = alpha::Options { iterations: STEPS, ..alpha::Options::default() };
        let neurons = Ends { lower: target.root.least.clone(), upper: target.root.greatest.clone() };
        let whole = Level { neurons: Arc::new(neurons), splits: 0, chosen: 0 };
        // Of each the highest level first.
        let mut all: Vec<Weaker> = Vec::new();
        for (of, node) in closed.iter().enumerate() {
            let short = node.levels.iter().filter(|level| level.chosen < LONGEST);
            let first = all.len();
            all.extend(short.map(|level| Weaker::at((of, node), level)));
            if all.get(first).is_none_or(|weaker| weaker.above > 0) {
                all.insert(first, Weaker::at((of, node), &whole));
            }
        }
        self.bound(graph, target, all.iter().map(|weaker| &weaker.node), &options, budget)?;
        let mut least: Vec<Weaker> = Vec::new();
        for (at, weaker) in all.iter().enumerate() {
            if least.last().is_some_and(|last| last.of == weaker.of) || !self.is_closed(target, at) {
                continue;
            }
            let (counting, others): (Vec<Split>, Vec<Split>) =
                weaker.node.chosen[weaker.above..].iter().partition(|split| self.counts(graph, target, at, **split));
            let mut warm = self.warm(graph, at, target.rows());
            for slopes in warm.slopes.chunks_mut(graph.lines.max(1)) {
                for split in &others {
                    for (line, negative) in graph.rectifiers_of(split.neuron as usize) {
                        slopes[line] = if split.positive { 1.0 } else { negative as f32 };
                    }
                }
            }
            least.push(weaker.with(&counting, Some(Arc::new(warm))));
        }
        least.retain(|weaker| weaker.node.chosen.len() < closed[weaker.of].chosen.len());
        self.bound(graph, target, least.iter().map(|weaker| &weaker.node), &options, budget)?;
        let is_lemma = |&(at, _): &(usize, Weaker)| self.is_closed(target, at);
        Ok((0..).zip(least).filter(is_lemma).map(|(_, weaker)| weaker.node.chosen).collect())
    }

    /// Whether the row that closes a box needs a split.
    fn counts(&self, graph: &Graph, target: &Target, index: usize, split: Split) -> bool {
        let rows = index * target.rows()..(index + 1) * target.rows();
        let Some(at) = rows.zip(0..).find(|&(at, row)| target.is_beyond(row, self.best.bounds[at])).map(|(at, _)| at)
        else {
            return true;
        };
        let has_multiplier = |&(neuron, multiplier): &(u32, f64)| neuron == split.neuron && multiplier != 0.0;
        self.best.splits[at].iter().any(has_multiplier)
            || graph
                .rectifiers_of(split.neuron as usize)
                .any(|(line, _)| self.best.outputs[at * graph.lines + line] < 0.0)
    }
}
