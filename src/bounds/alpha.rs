//! Linear bounds made better by gradients: slopes of rectifiers (alpha-CROWN) and multipliers of splits (beta-CROWN).
//!
//! Source: K. Xu and others, "Fast and Complete: Enabling Complete Verification with Rapid and Massively Parallel
//! Incomplete Verifiers", ICLR 2021, section 3.2; S. Wang and others, "Beta-CROWN: Efficient Bound Propagation with
//! Per-neuron Split Constraints for Neural Network Robustness Verification", NeurIPS 2021, sections 3.2 and 3.3.
//!
//! The line below a rectifier that may take both signs goes through the origin with any slope of a range; a split says
//! that a neuron is at least 0, or at most, and any multiple of it that is of the right sign may be taken off. Each row has
//! slopes and multipliers of its own, and its bound is maximised over them by projected gradient ascent (Adam: D. Kingma,
//! J. Ba, ICLR 2015). Every bound on the way holds, so the best is kept; how the ascent goes is no matter of soundness.
//!
//! A neuron may also be bounded over a halfspace of outputs alone, which enters with a factor that is optimised too (S. Kotha
//! and others, "Provably Bounding Neural Network Preimages", NeurIPS 2023, section 3.2).
//!
//! Derivatives come from [`super::primal`]: the derivative with respect to a slope is the row's coefficient at the
//! function, where it is positive, times the neuron's value; with respect to a multiplier the neuron's value.
//!
//! Cost: a pass backward and one forward for each row and iteration.

use super::BoundsError;
use super::alive::Alive;
use super::batch::{Batch, Unit, unit_rows};
use super::crown::{Duals, Rows};
use super::graph::{Graph, Role};
use super::magnitude::Magnitudes;
use super::primal::{self, Choices};
use super::relax::{Function, Side};
use super::round::{down, up};
use super::spec::{self, Spec};
use crate::net::eval::forward;
use crate::net::eval::kernel::Isa;
use crate::net::eval::meter::Meter;
use crate::net::eval::plan::Place;

#[cfg(test)]
mod tests;

/// Decay of Adam's averages.
const FIRST: f64 = 0.9;
const SECOND: f64 = 0.999;

/// A halfspace's factor begins where it moves a neuron's bound by about so much of the neuron's width. From 0.02 to 0.2 all did
/// as well on a network of 4 layers of 256 neurons, 1 much worse.
const START: f64 = 0.1;

/// Rows of units at work at once.
pub(super) const TOGETHER: usize = 96;

/// How to go up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// How often to step; with 0 only the bound at the start is computed.
    pub iterations: usize,
    /// Step of slopes.
    pub rate_slopes: f64,
    /// Step of multipliers, relative to the size of a row's coefficients at the layer of the neuron.
    pub rate_splits: f64,
    /// What steps are multiplied by after each.
    pub decay: f64,
    /// A row is left alone after so many steps that together did not make it better by `gain`, relatively.
    pub patience: usize,
    pub gain: f64,
}

/// Rates of 0.1 to 1 for slopes were tried on networks of 2 and 4 layers of 256 neurons, all within a percent of another
/// after 50 iterations; a decay of 0.9 was worse. For multipliers 0.3 to 1 was better than 0.1, the more so the more
/// there are; 1 lost with 10 iterations. Steps that grow while a multiplier goes one way (RPROP) were no better.
impl Default for Options {
    fn default() -> Self {
        Options { iterations: 20, rate_slopes: 0.25, rate_splits: 0.5, decay: 0.98, patience: 10, gain: 1e-4 }
    }
}

/// A neuron that is known to be at least 0, or at most. Of the operand of a sign it says that it is above 0, or below; both
/// together that it is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Split {
    pub neuron: u32,
    pub positive: bool,
}

/// What is to be bounded, and from where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Problem<'a> {
    pub graph: &'a Graph,
    pub magnitudes: &'a Magnitudes,
    /// Splits are clamped in it, and its lines are computed.
    pub batch: &'a Batch,
    /// Of each box, in any order; no boxes where nothing is split.
    pub splits: &'a [&'a [Split]],
    /// Where to start. What does not fit any more, as splits have come since, is passed over.
    pub warm: Option<Duals<'a>>,
    /// A row whose bound is above is done. One a row, or none at all.
    pub targets: &'a [f64],
}

/// What came out: the best of each row. Buffers are used again.
#[derive(Debug, Default)]
pub(crate) struct Best {
    pub bounds: Vec<f64>,
    /// `[row][line]`.
    pub slopes: Vec<f64>,
    /// Neuron and what is added to its coefficient; neurons ascend. All splits of the row's box.
    pub splits: Vec<Vec<(u32, f64)>>,
    /// Where the linear function is least, `[row][input]`.
    pub points: Vec<f64>,
    /// The linear function: `[row][input]`, and a constant with errors taken off.
    pub inputs: Vec<f64>,
    pub constants: Vec<f64>,
    /// Coefficients at neurons, `[row][neuron]`, and at what functions answer, `[row][line]`.
    pub neurons: Vec<f64>,
    pub outputs: Vec<f64>,
}

/// Buffers.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    pub rows: Rows,
    pub values: forward::Workspace<f64>,
    pub alive: Alive,
    state: State,
}

/// Of the rows that are still at work, each in a slot.
#[derive(Debug, Default)]
struct State {
    active: Vec<u32>,
    boxes: Vec<u32>,
    functions: Vec<u32>,
    units: Vec<Unit>,
    /// The row that a slot was in the last pass.
    from: Vec<u32>,
    points: Vec<f64>,
    slopes: Vec<f64>,
    splits: Vec<Vec<(u32, f64)>>,
    /// What the row must get above not to be stale, and for how long it has not.
    marks: Vec<f64>,
    stale: Vec<u32>,
    /// Lines that can be turned, of each box: groups from `ends[b]` to `ends[b + 1]`.
    groups: Vec<Group>,
    ends: Vec<usize>,
    elements: Vec<u32>,
    ranges: [Vec<f64>; 2],
    /// Of each slot, `width` wide: slopes, Adam's averages.
    width: usize,
    slope: [Vec<f64>; 3],
    gradient: Vec<f64>,
    /// All neurons that are split, in order.
    wanted: Vec<u32>,
    /// Splits of each box, sorted.
    known: Vec<Known>,
    known_ends: Vec<usize>,
    /// Of each slot, `depth` wide: multiplier, Adam's averages, scale.
    depth: usize,
    multiplier: [Vec<f64>; 4],
    /// What the halfspace of each slot is multiplied by, Adam's averages, and its logarithm.
    factor: [Vec<f64>; 4],
    /// The last step that values are needed of.
    last: Option<usize>,
}

/// Elements of one function of one box.
#[derive(Debug, Clone, Copy)]
struct Group {
    step: u32,
    operand: u32,
    /// Where its elements are listed.
    first: usize,
    count: usize,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    neuron: u32,
    positive: bool,
    root: u32,
    element: u32,
}

#[derive(Debug, Clone, Copy)]
enum Source<'a> {
    Spec(&'a Spec<'a>),
    Units(usize, &'a [Unit]),
    /// Units of a root, within halfspaces.
    Within(usize, &'a [Unit], &'a Within<'a>),
}

/// Of each box the points where `outputs · y + inputs · x <= bound`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Within<'a> {
    /// `[function][output]`.
    pub outputs: &'a [f64],
    /// `[function][input]`; empty where there are none.
    pub inputs: &'a [f64],
    /// Which function, of each box; its bound, and about how far its values are from another.
    pub functions: &'a [u32],
    pub bounds: &'a [f64],
    pub ranges: &'a [f64],
}

impl Best {
    #[cfg(test)]
    pub(crate) fn duals(&self) -> Duals<'_> {
        Duals { slopes: &self.slopes, splits: &self.splits }
    }

    fn resize(&mut self, graph: &Graph, rows: usize, meter: &mut Meter<'_>) -> Result<(), BoundsError> {
        let each = [
            (&mut self.bounds, 1),
            (&mut self.slopes, graph.lines),
            (&mut self.points, graph.input_len),
            (&mut self.inputs, graph.input_len),
            (&mut self.constants, 1),
            (&mut self.neurons, graph.total),
            (&mut self.outputs, graph.lines),
        ];
        for (array, wide) in each {
            meter.grow(array, rows * wide)?;
            array.truncate(rows * wide);
        }
        self.splits.resize_with(rows, Vec::new);
        Ok(())
    }
}

/// The multiplier that a new split begins with, going on from a row's best: with it and the slopes of the best the row's
/// linear function stays as it is, where its coefficient at the function is positive. (From 0 a bound would begin below
/// what it was, since the line of the split is steeper where the split does not hold.)
pub(crate) fn inherited(graph: &Graph, best: &Best, row: usize, split: Split) -> f64 {
    let mut added = 0.0;
    for (step, (slot, role)) in graph.plan.steps.iter().zip(graph.slots.iter().zip(&graph.roles)) {
        let (Some(slot), Some(&Place::Root(operand))) = (slot, step.operands.first()) else { continue };
        let Some(first) = graph.first[operand] else { continue };
        let Some(element) = (split.neuron as usize).checked_sub(first) else { continue };
        if element >= graph.plan.lengths[operand] {
            continue;
        }
        let negative = match role {
            Role::Function(Function::Rectifier(slope)) => *slope,
            Role::Rectifiers(slopes) => slopes[element],
            _ => continue,
        };
        let at = row * graph.lines + slot + element;
        added += best.outputs[at].max(0.0) * (best.slopes[at] - if split.positive { 1.0 } else { negative });
    }
    // A rectifier that is steeper below 0 would have it the other way.
    if split.positive == (added < 0.0) { added } else { 0.0 }
}

/// Maximises the bound of every row.
pub(crate) fn maximise(
    problem: &Problem<'_>,
    spec: &Spec<'_>,
    options: &Options,
    workspace: &mut Workspace,
    best: &mut Best,
    meter: &mut Meter<'_>,
) -> Result<(), BoundsError> {
    best.resize(problem.graph, spec.boxes.len(), meter)?;
    let mut bounds = std::mem::take(&mut best.bounds);
    let result = run(problem, Source::Spec(spec), options, workspace, &mut bounds, Some(best), meter);
    best.bounds = bounds;
    result
}

/// Bounds the neurons of all boxes that may take both signs, layer by layer, each row with slopes and multipliers of its
/// own, and computes all lines anew; where halfspaces are given, over their points alone, for which all lines must be there.
/// Bounds are to be there, clamped to the splits; better ones are kept. Answers how many rows there were. When it is stopped
/// what has been found so far is in the batch, all of it sound.
#[allow(clippy::too_many_arguments)]
pub(crate) fn tighten(
    graph: &Graph,
    magnitudes: &Magnitudes,
    batch: &mut Batch,
    splits: &[&[Split]],
    within: Option<&Within<'_>>,
    options: &Options,
    workspace: &mut Workspace,
    meter: &mut Meter<'_>,
) -> Result<usize, BoundsError> {
    let (mut units, mut bounds, mut targets, mut done) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for step in 0..graph.plan.steps.len() {
        batch.relax(graph, step, meter)?;
        let root = graph.plan.steps[step].output;
        let Some(first) = graph.first[root].filter(|_| !graph.is_cut(root)) else { continue };
        let set = graph.set_of(first);
        units.clear();
        for of in (0..batch.count).filter(|&of| !batch.empty[of]) {
            for element in 0..graph.plan.lengths[root] {
                let at = of * graph.total + first + element;
                let (l, u) = (batch.least[at], batch.greatest[at]);
                if l == u || set.is_some_and(|set| set.is_decided(l, u)) {
                    continue;
                }
                let unit = |upper| Unit { of: of as u32, element: element as u32, upper };
                units.extend([unit(false), unit(true)]);
            }
            // Of those that were split the bound that could contradict it.
            for split in splits.get(of).copied().unwrap_or_default() {
                let element = (split.neuron as usize).checked_sub(first).filter(|&i| i < graph.plan.lengths[root]);
                let unit = |element| Unit { of: of as u32, element: element as u32, upper: split.positive };
                units.extend(element.map(unit));
            }
        }
        // A sign that is known is all that counts.
        let signs = set.is_some_and(|set| set.splittable || set.signed);
        targets.clear();
        targets.resize(if signs { TOGETHER } else { 0 }, 0.0);
        for units in units.chunks(TOGETHER) {
            done += units.len();
            bounds.clear();
            bounds.resize(units.len(), f64::NEG_INFINITY);
            let problem = Problem { graph, magnitudes, batch, splits, warm: None, targets: &targets };
            let source = within.map_or(Source::Units(root, units), |within| Source::Within(root, units, within));
            run(&problem, source, options, workspace, &mut bounds, None, meter)?;
            for (unit, &bound) in units.iter().zip(&bounds) {
                batch.learn(graph.total, first, *unit, bound);
            }
        }
    }
    batch.rows += done as u64;
    Ok(done)
}

fn run(
    problem: &Problem<'_>,
    source: Source<'_>,
    options: &Options,
    workspace: &mut Workspace,
    bounds: &mut [f64],
    mut best: Option<&mut Best>,
    meter: &mut Meter<'_>,
) -> Result<(), BoundsError> {
    let Workspace { rows, values, alive, state } = workspace;
    rows.keep = true;
    bounds.fill(f64::NEG_INFINITY);
    state.start(problem, source, meter)?;
    let mut power = (1.0, 1.0);
    let mut rates = (options.rate_slopes, options.rate_splits);
    for iteration in 0..=options.iterations {
        state.backward(problem, source, rows, meter)?;
        meter.grow(&mut state.points, state.active.len() * problem.graph.input_len)?;
        let points = &mut state.points[..state.active.len() * problem.graph.input_len];
        primal::minimisers(problem.graph, &problem.batch.frame(), rows, points);
        state.settle(problem, source, options, iteration, rows, bounds, best.as_deref_mut());
        let Some(last) = state.last.filter(|_| iteration < options.iterations && !state.active.is_empty()) else {
            break;
        };
        let frame = problem.batch.frame();
        let choices = Choices { frame: &frame, rows, of: &state.from, slopes: &state.slopes, wanted: &state.wanted };
        primal::forward(problem.graph, &choices, &state.points, last, values, alive, meter)?;
        if iteration == 0 {
            state.scale(problem.graph, rows);
        }
        power = (power.0 * FIRST, power.1 * SECOND);
        let adam = Adam { isa: problem.graph.plan.isa, first: 1.0 / (1.0 - power.0), second: 1.0 / (1.0 - power.1) };
        state.step(problem.graph, rows, values, rates, &adam);
        if let Source::Within(.., within) = source {
            state.step_factors(problem.graph, within, values, rates.1, &adam);
        }
        meter.count(16 * state.active.len() * (state.width + state.depth))?;
        rates = (rates.0 * options.decay, rates.1 * options.decay);
    }
    Ok(())
}

impl State {
    fn start(&mut self, problem: &Problem<'_>, source: Source<'_>, meter: &mut Meter<'_>) -> Result<(), BoundsError> {
        let Problem { graph, batch, .. } = problem;
        for list in [&mut self.active, &mut self.boxes, &mut self.functions, &mut self.from] {
            list.clear();
        }
        self.units.clear();
        let top = match source {
            Source::Spec(spec) => {
                self.boxes.extend_from_slice(spec.boxes);
                self.functions.extend_from_slice(spec.functions);
                usize::MAX
            }
            Source::Units(root, units) => {
                self.boxes.extend(units.iter().map(|unit| unit.of));
                self.units.extend_from_slice(units);
                root
            }
            Source::Within(_, units, within) => {
                self.boxes.extend(units.iter().map(|unit| unit.of));
                self.units.extend_from_slice(units);
                self.functions.extend(units.iter().map(|unit| within.functions[unit.of as usize]));
                usize::MAX
            }
        };
        let rows = self.boxes.len();
        self.active.extend(0..rows as u32);
        self.from.extend(0..rows as u32);
        self.marks.clear();
        self.marks.resize(rows, f64::NEG_INFINITY);
        self.stale.clear();
        self.stale.resize(rows, 0);
        self.last = None;
        self.find_lines(graph, batch, top);
        self.find_splits(problem, top);
        if let Source::Within(..) = source {
            graph.output_roots().for_each(|(_, root)| self.need(graph, root));
        }
        meter.grow(&mut self.slopes, rows * graph.lines)?;
        for array in &mut self.slope {
            meter.grow(array, rows * self.width)?;
        }
        meter.grow(&mut self.gradient, self.width)?;
        for array in &mut self.multiplier {
            meter.grow(array, rows * self.depth)?;
        }
        for array in &mut self.factor {
            array.clear();
            meter.grow(array, if matches!(source, Source::Within(..)) { rows } else { 0 })?;
        }
        self.begin_factors(problem, source);
        if self.splits.len() < rows {
            self.splits.resize_with(rows, Vec::new);
        }
        for array in &mut self.slope[1..] {
            array[..rows * self.width].fill(0.0);
        }
        for array in &mut self.multiplier[..3] {
            array[..rows * self.depth].fill(0.0);
        }
        for row in 0..rows {
            let of = self.boxes[row] as usize;
            let slopes = &mut self.slopes[row * graph.lines..(row + 1) * graph.lines];
            slopes.copy_from_slice(&batch.below.0[of * graph.lines..(of + 1) * graph.lines]);
            let warm = problem.warm.map(|duals| &duals.slopes[row * graph.lines..(row + 1) * graph.lines]);
            let groups = &self.groups[self.ends[of]..self.ends[of + 1]];
            let base = groups.first().map_or(0, |group| group.first);
            let to = &mut self.slope[0][row * self.width..];
            for group in groups {
                let slot = graph.slots[group.step as usize].unwrap_or(0);
                for i in group.first..group.first + group.count {
                    let line = slot + self.elements[i] as usize;
                    let (least, greatest) = (self.ranges[0][i], self.ranges[1][i]);
                    if let Some(warm) = warm
                        && (least..=greatest).contains(&warm[line])
                    {
                        slopes[line] = warm[line];
                    }
                    to[i - base] = slopes[line];
                }
            }
            let known = &self.known[self.known_ends[of]..self.known_ends[of + 1]];
            let warm = problem.warm.and_then(|duals| duals.splits.get(row)).map_or(&[][..], |warm| warm);
            let (multipliers, list) = (&mut self.multiplier[0][row * self.depth..], &mut self.splits[row]);
            list.clear();
            for (split, multiplier) in known.iter().zip(multipliers) {
                let at = warm.partition_point(|&(neuron, _)| neuron < split.neuron);
                let added = warm.get(at).filter(|(neuron, _)| *neuron == split.neuron).map_or(0.0, |(_, added)| *added);
                let value = if split.positive { -added } else { added };
                *multiplier = if value > 0.0 && value.is_finite() { value } else { 0.0 };
                list.push((split.neuron, if split.positive { -*multiplier } else { *multiplier }));
            }
        }
        meter.count(2 * rows * graph.lines)?;
        Ok(())
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
                if step.output > top {
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
            for split in problem.splits.get(of).copied().unwrap_or(&[]) {
                // Units do not come by what is at or after them.
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

    fn backward(
        &mut self,
        problem: &Problem<'_>,
        source: Source<'_>,
        rows: &mut Rows,
        meter: &mut Meter<'_>,
    ) -> Result<(), BoundsError> {
        let Problem { graph, magnitudes, batch, .. } = *problem;
        let duals = Duals { slopes: &self.slopes, splits: &self.splits[..self.active.len()] };
        match source {
            Source::Spec(spec) => {
                let spec = Spec { boxes: &self.boxes, functions: &self.functions, ..*spec };
                spec::substitute(graph, magnitudes, &batch.frame(), &spec, Some(&duals), rows, meter)
            }
            Source::Units(root, _) => {
                rows.start(graph, self.boxes.iter().copied());
                let top = unit_rows(graph, root, &self.units, rows, meter)?;
                rows.substitute(graph, magnitudes, &batch.frame(), Some(&duals), top, Some(root), meter)?;
                rows.settle();
                Ok(())
            }
            Source::Within(root, _, &Within { outputs, inputs, .. }) => {
                let factors = &self.factor[0][..self.active.len()];
                let spec = Spec { boxes: &self.boxes, functions: &self.functions, outputs, inputs, factors };
                spec::begin(graph, magnitudes, &spec, rows, meter)?;
                let length = graph.plan.lengths[root];
                for (row, unit) in self.units.iter().enumerate() {
                    let element = unit.element as usize;
                    let to = &mut rows.at(graph, root, meter)?[row * length + element];
                    *to += if unit.upper { -1.0 } else { 1.0 };
                    let size = to.abs();
                    rows.error[row] += f64::EPSILON * size * magnitudes.values[root][element];
                }
                spec::finish(graph, magnitudes, &batch.frame(), &spec, Some(&duals), rows, meter)
            }
        }
    }

    /// Keeps what is better, and only those rows that are worth going on with.
    #[allow(clippy::too_many_arguments)]
    fn settle(
        &mut self,
        problem: &Problem<'_>,
        source: Source<'_>,
        options: &Options,
        iteration: usize,
        rows: &Rows,
        bounds: &mut [f64],
        mut best: Option<&mut Best>,
    ) {
        let (graph, frame) = (problem.graph, problem.batch.frame());
        let mut left = 0;
        for slot in 0..self.active.len() {
            let row = self.active[slot] as usize;
            let mut value = rows.least(graph, &frame, slot);
            if let Source::Within(.., within) = source {
                let bound = self.factor[0][slot] * within.bounds[self.boxes[slot] as usize];
                value = if bound.is_finite() { down(value - up(bound)) } else { f64::NEG_INFINITY };
            }
            if value > bounds[row] || iteration == 0 {
                bounds[row] = value;
                if let Some(best) = best.as_deref_mut() {
                    self.keep(graph, rows, slot, best);
                }
            }
            if value > self.marks[slot] + options.gain * self.marks[slot].abs() || iteration == 0 {
                (self.marks[slot], self.stale[slot]) = (value, 0);
            } else {
                self.stale[slot] += 1;
            }
            let of = self.boxes[slot] as usize;
            let idle = !matches!(source, Source::Within(..))
                && self.ends[of] == self.ends[of + 1]
                && self.known_ends[of] == self.known_ends[of + 1];
            let reached = problem.targets.get(row).is_some_and(|&target| bounds[row] > target);
            if idle || reached || self.stale[slot] as usize >= options.patience {
                continue;
            }
            self.relocate(graph, slot, left);
            left += 1;
        }
        for list in [&mut self.active, &mut self.boxes, &mut self.functions, &mut self.from] {
            list.truncate(left);
        }
        self.units.truncate(left);
    }

    fn keep(&self, graph: &Graph, rows: &Rows, slot: usize, best: &mut Best) {
        let row = self.active[slot] as usize;
        let (lines, inputs) = (graph.lines, graph.input_len);
        best.slopes[row * lines..(row + 1) * lines].copy_from_slice(&self.slopes[slot * lines..(slot + 1) * lines]);
        best.splits[row].clone_from(&self.splits[slot]);
        best.points[row * inputs..(row + 1) * inputs].copy_from_slice(&self.points[slot * inputs..(slot + 1) * inputs]);
        best.constants[row] = rows.constant[slot];
        let copy = |from: Option<&[f64]>, length: usize, to: &mut [f64]| match from.filter(|from| !from.is_empty()) {
            Some(from) => to[..length].copy_from_slice(&from[slot * length..(slot + 1) * length]),
            None => to[..length].fill(0.0),
        };
        best.inputs[row * inputs..(row + 1) * inputs].fill(0.0);
        for &(root, offset) in &graph.inputs {
            copy(rows.left(root), graph.plan.lengths[root], &mut best.inputs[row * inputs + offset..]);
        }
        for neurons in &graph.neurons {
            let from = rows.left(neurons.root).unwrap_or(rows.kept(neurons.root));
            copy(Some(from), neurons.count, &mut best.neurons[row * graph.total + neurons.first..]);
        }
        for (step, slot) in graph.plan.steps.iter().zip(&graph.slots) {
            let Some(slot) = slot else { continue };
            copy(
                Some(rows.kept(step.output)),
                graph.plan.lengths[step.output],
                &mut best.outputs[row * lines + slot..],
            );
        }
    }

    /// Moves what is in a slot to one at or before it.
    fn relocate(&mut self, graph: &Graph, from: usize, to: usize) {
        self.from[to] = from as u32;
        if from == to {
            return;
        }
        self.active[to] = self.active[from];
        self.boxes[to] = self.boxes[from];
        if !self.functions.is_empty() {
            self.functions[to] = self.functions[from];
        }
        if !self.units.is_empty() {
            self.units[to] = self.units[from];
        }
        self.marks[to] = self.marks[from];
        self.stale[to] = self.stale[from];
        self.splits.swap(from, to);
        let wide = |array: &mut [f64], wide: usize| array.copy_within(from * wide..(from + 1) * wide, to * wide);
        wide(&mut self.slopes, graph.lines);
        self.slope.iter_mut().for_each(|array| wide(array, self.width));
        self.multiplier.iter_mut().for_each(|array| wide(array, self.depth));
        self.factor.iter_mut().filter(|array| !array.is_empty()).for_each(|array| wide(array, 1));
    }

    /// The size of a row's coefficients at each split's layer: its step.
    fn scale(&mut self, graph: &Graph, rows: &Rows) {
        for (slot, &of) in self.boxes.iter().enumerate() {
            let known = &self.known[self.known_ends[of as usize]..self.known_ends[of as usize + 1]];
            let (mut last, mut scale) = (u32::MAX, 0.0);
            for (known, to) in known.iter().zip(&mut self.multiplier[3][slot * self.depth..]) {
                if known.root != last {
                    let length = graph.plan.lengths[known.root as usize];
                    let row = self.from[slot] as usize;
                    let g = rows.kept(known.root as usize).get(row * length..(row + 1) * length).unwrap_or(&[]);
                    let (mut sum, mut count) = (0.0, 0.0);
                    for g in g.iter().filter(|g| **g != 0.0) {
                        sum += g * g;
                        count += 1.0;
                    }
                    (last, scale) = (known.root, if sum > 0.0 { (sum / count).sqrt() } else { 1.0 });
                }
                *to = scale;
            }
        }
    }

    fn step(&mut self, graph: &Graph, rows: &Rows, values: &forward::Workspace<f64>, rates: (f64, f64), adam: &Adam) {
        let value = |root: usize| graph.layout.buffer(root).map_or(&[][..], |buffer| &values.buffers[buffer][..]);
        for slot in 0..self.active.len() {
            let (of, row) = (self.boxes[slot] as usize, self.from[slot] as usize);
            let groups = &self.groups[self.ends[of]..self.ends[of + 1]];
            let base = groups.first().map_or(0, |group| group.first);
            let count = groups.last().map_or(0, |group| group.first + group.count) - base;
            for group in groups {
                let length = graph.plan.lengths[group.operand as usize];
                let output = graph.plan.steps[group.step as usize].output;
                let to = &mut self.gradient[group.first - base..][..group.count];
                let (g, x) = (rows.kept(output), value(group.operand as usize));
                let g = g.get(row * length..(row + 1) * length).unwrap_or(&[]);
                let x = x.get(slot * length..(slot + 1) * length).unwrap_or(&[]);
                if g.len() != x.len() || g.is_empty() {
                    to.fill(0.0);
                    continue;
                }
                for (to, &i) in to.iter_mut().zip(&self.elements[group.first..group.first + group.count]) {
                    *to = g[i as usize].max(0.0) * x[i as usize];
                }
            }
            let range = slot * self.width..slot * self.width + count;
            let [slope, first, second] = &mut self.slope;
            let averages = (&mut first[range.clone()], &mut second[range.clone()]);
            let ranges = (&self.ranges[0][base..base + count], &self.ranges[1][base..base + count]);
            let slope = &mut slope[range];
            adam.step(rates.0, &self.gradient[..count], averages, ranges, slope);
            let slopes = &mut self.slopes[slot * graph.lines..(slot + 1) * graph.lines];
            for group in groups {
                let at = graph.slots[group.step as usize].unwrap_or(0);
                let lines = &mut slopes[at..at + graph.plan.lengths[group.operand as usize]];
                let elements = &self.elements[group.first..group.first + group.count];
                for (&i, &slope) in elements.iter().zip(&slope[group.first - base..]) {
                    lines[i as usize] = slope;
                }
            }
            let known = &self.known[self.known_ends[of]..self.known_ends[of + 1]];
            let [multiplier, first, second, scale] = &mut self.multiplier;
            for (index, known) in known.iter().enumerate() {
                let at = slot * self.depth + index;
                let length = graph.plan.lengths[known.root as usize];
                let x = value(known.root as usize).get(slot * length + known.element as usize).copied().unwrap_or(0.0);
                let gradient = [if known.positive { -x } else { x }];
                let one = at..at + 1;
                adam.step(
                    rates.1 * scale[at],
                    &gradient,
                    (&mut first[one.clone()], &mut second[one.clone()]),
                    (&[0.0], &[f64::MAX]),
                    &mut multiplier[one],
                );
                self.splits[slot][index].1 = if known.positive { -multiplier[at] } else { multiplier[at] };
            }
        }
    }
}

impl State {
    /// Factors begin where the function moves a neuron's bound by a part of its width.
    fn begin_factors(&mut self, problem: &Problem<'_>, source: Source<'_>) {
        let Source::Within(root, units, within) = source else { return };
        let Some(first) = problem.graph.first[root] else { return };
        for (slot, unit) in units.iter().enumerate() {
            let at = unit.of as usize * problem.graph.total + first + unit.element as usize;
            let range = within.ranges[unit.of as usize];
            let start = START * (problem.batch.greatest[at] - problem.batch.least[at]) / range;
            self.factor[0][slot] = if start > 0.0 && start < f64::INFINITY { start } else { 1.0 };
            self.factor[3][slot] = self.factor[0][slot].ln();
        }
    }

    /// The derivative with respect to a factor is by how much the point is outside the halfspace. Factors may be of any size:
    /// it is their logarithm that moves.
    fn step_factors(
        &mut self,
        graph: &Graph,
        within: &Within<'_>,
        values: &forward::Workspace<f64>,
        rate: f64,
        adam: &Adam,
    ) {
        let (m, n) = (graph.output_len, graph.input_len);
        for slot in 0..self.active.len() {
            let function = self.functions[slot] as usize;
            let outputs = &within.outputs[function * m..(function + 1) * m];
            let mut outside = -within.bounds[self.boxes[slot] as usize];
            for (offset, root) in graph.output_roots() {
                let length = graph.plan.lengths[root];
                let Some(buffer) = graph.layout.buffer(root) else { continue };
                let y = &values.buffers[buffer][slot * length..(slot + 1) * length];
                outside += outputs[offset..].iter().zip(y).map(|(c, y)| c * y).sum::<f64>();
            }
            let row = self.from[slot] as usize;
            let x = &self.points[row * n..(row + 1) * n];
            if !within.inputs.is_empty() {
                let inputs = &within.inputs[function * n..(function + 1) * n];
                outside += inputs.iter().zip(x).map(|(c, x)| c * x).sum::<f64>();
            }
            let [factor, first, second, exponent] = &mut self.factor;
            let one = slot..slot + 1;
            let averages = (&mut first[one.clone()], &mut second[one.clone()]);
            let gradient = [outside * factor[slot]];
            adam.step(rate, &gradient, averages, (&[-100.0], &[100.0]), &mut exponent[one]);
            factor[slot] = exponent[slot].exp();
        }
    }
}

/// One step of Adam.
struct Adam {
    isa: Isa,
    /// What the averages are multiplied by, as they began at 0.
    first: f64,
    second: f64,
}

impl Adam {
    fn step(
        &self,
        rate: f64,
        gradient: &[f64],
        averages: (&mut [f64], &mut [f64]),
        range: (&[f64], &[f64]),
        values: &mut [f64],
    ) {
        let n = values.len();
        let (gradient, first, second) = (&gradient[..n], &mut averages.0[..n], &mut averages.1[..n]);
        let (least, greatest) = (&range.0[..n], &range.1[..n]);
        let rate = rate * self.first;
        self.isa.vectorized(|| {
            for i in 0..n {
                // What is no number moves nothing.
                let g = if gradient[i].abs() < 1e150 { gradient[i] } else { 0.0 };
                let m = FIRST * first[i] + (1.0 - FIRST) * g;
                let v = SECOND * second[i] + (1.0 - SECOND) * g * g;
                (first[i], second[i]) = (m, v);
                let moved = values[i] + rate * m / ((v * self.second).sqrt() + f64::MIN_POSITIVE);
                let moved = if moved > least[i] { moved } else { least[i] };
                values[i] = if moved < greatest[i] { moved } else { greatest[i] };
            }
        });
    }
}
