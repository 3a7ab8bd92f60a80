//! What an ascent may change, box by box: slopes of rectifiers that may take both signs, and multipliers of splits.

use super::{Problem, Source, Split};
use crate::bounds::batch::Batch;
use crate::bounds::graph::{Graph, Role};
use crate::bounds::relax::{Function, Side};
use crate::net::eval::plan::Place;

/// Of all boxes that rows are of.
#[derive(Debug, Default)]
pub(super) struct Variables {
    /// Lines that can be turned, of each box: groups from `ends[b]` to `ends[b + 1]`.
    groups: Vec<Group>,
    ends: Vec<usize>,
    pub elements: Vec<u32>,
    /// Between what slopes each of the elements may have.
    pub ranges: [Vec<f64>; 2],
    /// Most slopes of a box.
    pub width: usize,
    /// All neurons that are split, in order.
    pub wanted: Vec<u32>,
    /// Splits of each box, sorted.
    known: Vec<Known>,
    known_ends: Vec<usize>,
    /// Most splits of a box.
    pub depth: usize,
    /// The last step that values are needed of.
    pub last: Option<usize>,
    used: Vec<bool>,
}

/// Elements of one function of one box.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    pub step: u32,
    pub operand: u32,
    /// Where its elements are listed.
    pub first: usize,
    pub count: usize,
}

/// A split.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub neuron: u32,
    pub positive: bool,
    pub root: u32,
    pub element: u32,
}

impl Variables {
    pub(super) fn find(&mut self, problem: &Problem<'_>, source: &Source<'_>) {
        let Problem { graph, batch, .. } = *problem;
        self.used.clear();
        self.used.resize(batch.count, false);
        match source {
            Source::Spec(spec) => spec.boxes.iter().for_each(|&of| self.used[of as usize] = true),
            Source::Units(_, units) | Source::Within(_, units, _) => {
                units.iter().for_each(|unit| self.used[unit.of as usize] = true);
            }
        }
        // Units do not come by what is at or after them.
        let top = if let Source::Units(root, _) = source { *root } else { usize::MAX };
        self.last = None;
        self.find_lines(graph, batch, top);
        self.find_splits(problem, top);
        if let Source::Within(..) = source {
            graph.output_roots().for_each(|(_, root)| self.need(graph, root));
        }
    }

    /// The groups of a box.
    pub(super) fn groups(&self, of: usize) -> &[Group] {
        &self.groups[self.ends[of]..self.ends[of + 1]]
    }

    /// The splits of a box.
    pub(super) fn known(&self, of: usize) -> &[Known] {
        &self.known[self.known_ends[of]..self.known_ends[of + 1]]
    }

    /// Whether nothing can be changed.
    pub(super) fn is_empty(&self) -> bool {
        self.width == 0 && self.depth == 0
    }

    fn need(&mut self, graph: &Graph, root: usize) {
        self.last = self.last.max(graph.plan.makers[root]);
    }

    fn find_lines(&mut self, graph: &Graph, batch: &Batch, top: usize) {
        self.groups.clear();
        self.elements.clear();
        self.ranges.iter_mut().for_each(Vec::clear);
        self.ends.clear();
        self.ends.push(0);
        self.width = 0;
        for of in 0..batch.count {
            let base = self.elements.len();
            for (index, step) in graph.plan.steps.iter().enumerate() {
                if step.output > top || !self.used[of] {
                    break;
                }
                let (Some(_), Some(&Place::Root(operand))) = (graph.slots[index], step.operands.first()) else {
                    continue;
                };
                let Some(first) = graph.first[operand] else { continue };
                let begin = self.elements.len();
                let at = of * graph.total + first;
                for i in 0..graph.plan.lengths[operand] {
                    let function = match &graph.roles[index] {
                        Role::Function(function @ Function::Rectifier(_)) => *function,
                        Role::Rectifiers(slopes) => Function::Rectifier(slopes[i]),
                        _ => break,
                    };
                    let Some(range) = function.adjustable(batch.least[at + i], batch.greatest[at + i]) else {
                        continue;
                    };
                    if range.side == Side::Lower {
                        self.elements.push(i as u32);
                        self.ranges[0].push(range.least);
                        self.ranges[1].push(range.greatest);
                    }
                }
                let count = self.elements.len() - begin;
                if count > 0 {
                    self.groups.push(Group { step: index as u32, operand: operand as u32, first: begin, count });
                    self.need(graph, operand);
                }
            }
            self.ends.push(self.groups.len());
            self.width = self.width.max(self.elements.len() - base);
        }
    }

    fn find_splits(&mut self, problem: &Problem<'_>, top: usize) {
        let graph = problem.graph;
        self.known.clear();
        self.known_ends.clear();
        self.known_ends.push(0);
        self.depth = 0;
        for of in 0..problem.batch.count {
            let begin = self.known.len();
            for split in problem.splits.get(of).copied().filter(|_| self.used[of]).unwrap_or(&[]) {
                let Some(neurons) = graph.set_of(split.neuron as usize).filter(|set| set.root < top) else { continue };
                let element = split.neuron as usize - neurons.first;
                let Split { neuron, positive } = *split;
                self.known.push(Known { neuron, positive, root: neurons.root as u32, element: element as u32 });
                self.need(graph, neurons.root);
            }
            self.known[begin..].sort_unstable_by_key(|known| known.neuron);
            self.depth = self.depth.max(self.known.len() - begin);
            self.known_ends.push(self.known.len());
        }
        self.wanted.clear();
        self.wanted.extend(self.known.iter().map(|known| known.neuron));
        self.wanted.sort_unstable();
        self.wanted.dedup();
    }
}
