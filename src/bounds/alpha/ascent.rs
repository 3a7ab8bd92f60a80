//! The ascent itself, in either precision.

use super::adam::{Adam, Moved};
use super::variables::Variables;
use super::{Options, Problem, Source, Within};
use crate::bounds::BoundsError;
use crate::bounds::alive::Alive;
use crate::bounds::batch::{Unit, unit_rows};
use crate::bounds::crown::{Duals, Frame, Rows};
use crate::bounds::graph::Graph;
use crate::bounds::number::Number;
use crate::bounds::primal::{self, Choices};
use crate::bounds::round::{down, up};
use crate::bounds::spec::{self, Spec};
use crate::net::eval::forward;
use crate::net::eval::meter::Meter;

/// A halfspace's factor begins where it moves a neuron's bound by about so much of the neuron's width. From 0.02 to 0.2 all did
/// as well on a network of 4 layers of 256 neurons, 1 much worse.
const START: f64 = 0.1;

/// What goes up, and how.
#[derive(Clone, Copy)]
pub(super) struct Task<'a> {
    pub problem: &'a Problem<'a>,
    pub source: Source<'a>,
    pub variables: &'a Variables,
    pub options: &'a Options,
    pub start: Start<'a>,
}

/// Where an ascent begins.
#[derive(Clone, Copy)]
pub(super) enum Start<'a> {
    /// At the lines of the batch, without multipliers.
    Plain,
    /// What does not fit is passed over.
    Warm(Duals<'a>),
    /// Put into the ranges that are allowed.
    Found(&'a Found),
}

/// Parameters of rows, in order.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// As many a row as a box has at most.
    pub slopes: Vec<f32>,
    pub multipliers: Vec<f32>,
    /// Of halfspaces; empty where there are none.
    pub factors: Vec<f64>,
}

impl Found {
    pub(super) fn resize(&mut self, task: &Task<'_>, rows: usize, meter: &mut Meter<'_>) -> Result<(), BoundsError> {
        meter.grow(&mut self.slopes, rows * task.variables.width)?;
        meter.grow(&mut self.multipliers, rows * task.variables.depth)?;
        self.factors.clear();
        meter.grow(&mut self.factors, if matches!(task.source, Source::Within(..)) { rows } else { 0 })?;
        Ok(())
    }

    /// Moves a row to one at or before it.
    pub(super) fn relocate(&mut self, from: usize, to: usize, variables: &Variables) {
        let Variables { width, depth, .. } = *variables;
        self.slopes.copy_within(from * width..(from + 1) * width, to * width);
        self.multipliers.copy_within(from * depth..(from + 1) * depth, to * depth);
        if !self.factors.is_empty() {
            self.factors[to] = self.factors[from];
        }
    }
}

/// Buffers in one precision.
pub(super) struct Buffers<'a, T> {
    pub rows: &'a mut Rows<T>,
    pub values: &'a mut forward::Workspace<T>,
    pub alive: &'a mut Alive<T>,
    pub state: &'a mut State<T>,
}

/// Keeps what is known of a row in a slot whose bound is better than before.
pub(super) trait Keep<T> {
    /// Whether rows' coefficients are among it.
    const COEFFICIENTS: bool;

    fn keep(&mut self, graph: &Graph, frame: &Frame<'_, T>, rows: &Rows<T>, state: &State<T>, slot: usize);
}

/// Only bounds.
impl<T> Keep<T> for () {
    const COEFFICIENTS: bool = false;

    fn keep(&mut self, _: &Graph, _: &Frame<'_, T>, _: &Rows<T>, _: &State<T>, _: usize) {}
}

impl Keep<f32> for Found {
    const COEFFICIENTS: bool = false;

    fn keep(&mut self, _: &Graph, _: &Frame<'_, f32>, _: &Rows<f32>, state: &State<f32>, slot: usize) {
        let (row, width, depth) = (state.active[slot] as usize, state.width, state.depth);
        self.slopes[row * width..(row + 1) * width].copy_from_slice(&state.slope[0][slot * width..(slot + 1) * width]);
        self.multipliers[row * depth..(row + 1) * depth]
            .copy_from_slice(&state.multiplier[0][slot * depth..(slot + 1) * depth]);
        if let Some(to) = self.factors.get_mut(row) {
            *to = state.factor[0][slot];
        }
    }
}

/// Of the rows that are still at work, each in a slot.
#[derive(Debug, Default)]
pub(super) struct State<T> {
    pub active: Vec<u32>,
    boxes: Vec<u32>,
    functions: Vec<u32>,
    units: Vec<Unit>,
    /// The row that a slot was in the last pass.
    from: Vec<u32>,
    pub slopes: Vec<T>,
    pub splits: Vec<Vec<(u32, f64)>>,
    /// What the row must get above not to be stale, and for how long it has not.
    marks: Vec<f64>,
    stale: Vec<u32>,
    ranges: [Vec<T>; 2],
    /// Of each slot, `width` wide: slopes, Adam's averages.
    width: usize,
    slope: [Vec<T>; 3],
    gradient: Vec<T>,
    /// Of each slot, `depth` wide: multiplier, Adam's averages, scale.
    depth: usize,
    multiplier: [Vec<T>; 4],
    /// What the halfspace of each slot is multiplied by, Adam's averages, and its logarithm.
    factor: [Vec<f64>; 4],
}

/// Maximises the bound of every row, from the first one on that is computed.
pub(super) fn run<T: Number, K: Keep<T>>(
    task: &Task<'_>,
    frame: &Frame<'_, T>,
    buffers: Buffers<'_, T>,
    bounds: &mut [f64],
    keeper: &mut K,
    meter: &mut Meter<'_>,
) -> Result<(), BoundsError> {
    let Buffers { rows, values, alive, state } = buffers;
    let &Task { problem, source, variables, options, .. } = task;
    let graph = problem.graph;
    rows.keep = options.iterations > 0 || K::COEFFICIENTS;
    bounds.fill(f64::NEG_INFINITY);
    state.start(task, meter)?;
    let mut adam = Adam::new(graph.plan.isa);
    let mut rates = (options.rate_slopes, options.rate_splits);
    for iteration in 0..=options.iterations {
        state.backward(task, frame, rows, meter)?;
        state.settle(task, frame, iteration, rows, bounds, keeper);
        let Some(last) = variables.last.filter(|_| iteration < options.iterations && !state.active.is_empty()) else {
            break;
        };
        let choices = Choices { frame, rows, of: &state.from, slopes: &state.slopes, wanted: &variables.wanted };
        primal::forward(graph, &choices, last, values, alive, meter)?;
        if iteration == 0 {
            state.scale(graph, variables, rows);
        }
        adam.begin();
        state.step(graph, variables, rows, values, rates, &adam);
        if let Source::Within(.., within) = source {
            state.step_factors(graph, within, values, rates.1, &adam);
        }
        meter.count(16 * state.active.len() * (state.width + state.depth))?;
        rates = (rates.0 * options.decay, rates.1 * options.decay);
    }
    Ok(())
}

impl<T: Number> State<T> {
    fn start(&mut self, task: &Task<'_>, meter: &mut Meter<'_>) -> Result<(), BoundsError> {
        let &Task { problem, source, variables, start, .. } = task;
        let Problem { graph, batch, .. } = *problem;
        for list in [&mut self.active, &mut self.boxes, &mut self.functions, &mut self.from] {
            list.clear();
        }
        self.units.clear();
        match source {
            Source::Spec(spec) => {
                self.boxes.extend_from_slice(spec.boxes);
                self.functions.extend_from_slice(spec.functions);
            }
            Source::Units(_, units) => {
                self.boxes.extend(units.iter().map(|unit| unit.of));
                self.units.extend_from_slice(units);
            }
            Source::Within(_, units, within) => {
                self.boxes.extend(units.iter().map(|unit| unit.of));
                self.units.extend_from_slice(units);
                self.functions.extend(units.iter().map(|unit| within.functions[unit.of as usize]));
            }
        }
        let rows = self.boxes.len();
        self.active.extend(0..rows as u32);
        self.from.extend(0..rows as u32);
        self.marks.clear();
        self.marks.resize(rows, f64::NEG_INFINITY);
        self.stale.clear();
        self.stale.resize(rows, 0);
        (self.width, self.depth) = (variables.width, variables.depth);
        for (to, from) in self.ranges.iter_mut().zip(&variables.ranges) {
            to.clear();
            to.extend(from.iter().map(|&end| T::from_f64(end)));
        }
        meter.grow(&mut self.slopes, rows * graph.lines)?;
        for array in &mut self.slope {
            meter.grow(array, rows * self.width)?;
        }
        meter.grow(&mut self.gradient, self.width.max(self.depth))?;
        for array in &mut self.multiplier {
            meter.grow(array, rows * self.depth)?;
        }
        for array in &mut self.factor {
            array.clear();
            meter.grow(array, if matches!(source, Source::Within(..)) { rows } else { 0 })?;
        }
        self.begin_factors(task);
        if self.splits.len() < rows {
            self.splits.resize_with(rows, Vec::new);
        }
        for array in &mut self.slope[1..] {
            array[..rows * self.width].fill(T::ZERO);
        }
        for array in &mut self.multiplier[..3] {
            array[..rows * self.depth].fill(T::ZERO);
        }
        for row in 0..rows {
            let of = self.boxes[row] as usize;
            let slopes = &mut self.slopes[row * graph.lines..(row + 1) * graph.lines];
            let lines = &batch.below.0[of * graph.lines..(of + 1) * graph.lines];
            slopes.iter_mut().zip(lines).for_each(|(to, &slope)| *to = T::from_f64(slope));
            let groups = variables.groups(of);
            let base = groups.first().map_or(0, |group| group.first);
            let to = &mut self.slope[0][row * self.width..];
            for group in groups {
                let slot = graph.slots[group.step as usize].unwrap_or(0);
                for i in group.first..group.first + group.count {
                    let line = slot + variables.elements[i] as usize;
                    let (least, greatest) = (variables.ranges[0][i], variables.ranges[1][i]);
                    let slope = match start {
                        Start::Plain => None,
                        Start::Warm(duals) => Some(duals.slopes[row * graph.lines + line]),
                        Start::Found(found) => {
                            Some(f64::from(found.slopes[row * self.width + i - base]).max(least).min(greatest))
                        }
                    };
                    if let Some(slope) = slope.filter(|slope| (least..=greatest).contains(slope)) {
                        slopes[line] = T::from_f64(slope);
                    }
                    to[i - base] = slopes[line];
                }
            }
            let (multipliers, list) = (&mut self.multiplier[0][row * self.depth..], &mut self.splits[row]);
            list.clear();
            for (index, (split, multiplier)) in variables.known(of).iter().zip(multipliers).enumerate() {
                let value = match start {
                    Start::Plain => 0.0,
                    Start::Warm(duals) => {
                        let warm = duals.splits.get(row).map_or(&[][..], |warm| warm);
                        let at = warm.partition_point(|&(neuron, _)| neuron < split.neuron);
                        let added = warm.get(at).filter(|(neuron, _)| *neuron == split.neuron);
                        added.map_or(0.0, |(_, added)| if split.positive { -added } else { *added })
                    }
                    Start::Found(found) => f64::from(found.multipliers[row * self.depth + index]),
                };
                let value = if value > 0.0 && value.is_finite() { value } else { 0.0 };
                *multiplier = T::from_f64(value);
                list.push((split.neuron, if split.positive { -value } else { value }));
            }
        }
        meter.count(2 * rows * graph.lines)?;
        Ok(())
    }

    fn backward(
        &mut self,
        task: &Task<'_>,
        frame: &Frame<'_, T>,
        rows: &mut Rows<T>,
        meter: &mut Meter<'_>,
    ) -> Result<(), BoundsError> {
        let Problem { graph, magnitudes, .. } = *task.problem;
        let duals = Duals { slopes: &self.slopes, splits: &self.splits[..self.active.len()] };
        match task.source {
            Source::Spec(spec) => {
                let spec = Spec { boxes: &self.boxes, functions: &self.functions, ..*spec };
                spec::substitute(graph, magnitudes, frame, &spec, Some(&duals), rows, meter)
            }
            Source::Units(root, _) => {
                rows.start(graph, self.boxes.iter().copied());
                let top = unit_rows(graph, root, &self.units, rows, meter)?;
                rows.substitute(graph, magnitudes, frame, Some(&duals), top, Some(root), meter)?;
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
                    *to += if unit.upper { -T::ONE } else { T::ONE };
                    let size = to.abs().to_f64();
                    rows.error[row] += f64::EPSILON * size * magnitudes.values[root][element];
                }
                spec::finish(graph, magnitudes, frame, &spec, Some(&duals), rows, meter)
            }
        }
    }

    /// Keeps what is better, and only those rows that are worth going on with.
    fn settle(
        &mut self,
        task: &Task<'_>,
        frame: &Frame<'_, T>,
        iteration: usize,
        rows: &Rows<T>,
        bounds: &mut [f64],
        keeper: &mut impl Keep<T>,
    ) {
        let &Task { problem, source, variables, options, .. } = task;
        let graph = problem.graph;
        let mut left = 0;
        for slot in 0..self.active.len() {
            let row = self.active[slot] as usize;
            let mut value = rows.least(graph, frame, slot);
            if let Source::Within(.., within) = source {
                let bound = self.factor[0][slot] * within.bounds[self.boxes[slot] as usize];
                value = if bound.is_finite() { down(value - up(bound)) } else { f64::NEG_INFINITY };
            }
            if value > bounds[row] || iteration == 0 {
                bounds[row] = value;
                keeper.keep(graph, frame, rows, self, slot);
            }
            if value > self.marks[slot] + options.gain * self.marks[slot].abs() || iteration == 0 {
                (self.marks[slot], self.stale[slot]) = (value, 0);
            } else {
                self.stale[slot] += 1;
            }
            let of = self.boxes[slot] as usize;
            let idle = !matches!(source, Source::Within(..))
                && variables.groups(of).is_empty()
                && variables.known(of).is_empty();
            // Without errors what is no number says only that another precision is needed.
            let lost = !T::SOUND && iteration == 0 && value == f64::NEG_INFINITY;
            let reached = problem.targets.get(row).is_some_and(|&target| bounds[row] > target);
            if idle || lost || reached || self.stale[slot] as usize >= options.patience {
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
        let wide = |array: &mut [T], wide: usize| array.copy_within(from * wide..(from + 1) * wide, to * wide);
        wide(&mut self.slopes, graph.lines);
        self.slope.iter_mut().for_each(|array| wide(array, self.width));
        self.multiplier.iter_mut().for_each(|array| wide(array, self.depth));
        self.factor.iter_mut().filter(|array| !array.is_empty()).for_each(|array| array[to] = array[from]);
    }

    /// The size of a row's coefficients at each split's layer: its step.
    fn scale(&mut self, graph: &Graph, variables: &Variables, rows: &Rows<T>) {
        for (slot, &of) in self.boxes.iter().enumerate() {
            let (mut last, mut scale) = (u32::MAX, 0.0);
            for (known, to) in variables.known(of as usize).iter().zip(&mut self.multiplier[3][slot * self.depth..]) {
                if known.root != last {
                    let length = graph.plan.lengths[known.root as usize];
                    let row = self.from[slot] as usize;
                    let g = rows.kept(known.root as usize).get(row * length..(row + 1) * length).unwrap_or(&[]);
                    let (mut sum, mut count) = (0.0, 0.0);
                    for g in g.iter().map(|g| g.to_f64()).filter(|g| *g != 0.0) {
                        sum += g * g;
                        count += 1.0;
                    }
                    (last, scale) = (known.root, if sum > 0.0 { (sum / count).sqrt() } else { 1.0 });
                }
                *to = T::from_f64(scale);
            }
        }
    }

    fn step(
        &mut self,
        graph: &Graph,
        variables: &Variables,
        rows: &Rows<T>,
        values: &forward::Workspace<T>,
        rates: (f64, f64),
        adam: &Adam,
    ) {
        let value = |root: usize| graph.layout.buffer(root).map_or(&[][..], |buffer| &values.buffers[buffer][..]);
        for slot in 0..self.active.len() {
            let (of, row) = (self.boxes[slot] as usize, self.from[slot] as usize);
            let groups = variables.groups(of);
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
                    to.fill(T::ZERO);
                    continue;
                }
                for (to, &i) in to.iter_mut().zip(&variables.elements[group.first..group.first + group.count]) {
                    let g = g[i as usize];
                    *to = if g > T::ZERO { g } else { T::ZERO } * x[i as usize];
                }
            }
            let range = slot * self.width..slot * self.width + count;
            let [slope, first, second] = &mut self.slope;
            let moved = Moved::of(slope, first, second, range.clone());
            let ranges = (&self.ranges[0][base..base + count], &self.ranges[1][base..base + count]);
            adam.within(rates.0, &self.gradient[..count], ranges, moved);
            let slope = &self.slope[0][range];
            let slopes = &mut self.slopes[slot * graph.lines..(slot + 1) * graph.lines];
            for group in groups {
                let at = graph.slots[group.step as usize].unwrap_or(0);
                let lines = &mut slopes[at..at + graph.plan.lengths[group.operand as usize]];
                let elements = &variables.elements[group.first..group.first + group.count];
                for (&i, &slope) in elements.iter().zip(&slope[group.first - base..]) {
                    lines[i as usize] = slope;
                }
            }
            let known = variables.known(of);
            for (to, known) in self.gradient.iter_mut().zip(known) {
                let length = graph.plan.lengths[known.root as usize];
                let x = value(known.root as usize).get(slot * length + known.element as usize);
                let x = x.copied().unwrap_or(T::ZERO);
                *to = if known.positive { -x } else { x };
            }
            let range = slot * self.depth..slot * self.depth + known.len();
            let [multiplier, first, second, scale] = &mut self.multiplier;
            let moved = Moved::of(multiplier, first, second, range.clone());
            adam.above(rates.1, &scale[range.clone()], &self.gradient[..known.len()], moved);
            for ((to, known), multiplier) in self.splits[slot].iter_mut().zip(known).zip(&multiplier[range]) {
                let multiplier = multiplier.to_f64();
                to.1 = if known.positive { -multiplier } else { multiplier };
            }
        }
    }
}

impl<T: Number> State<T> {
    /// Factors begin where the function moves a neuron's bound by a part of its width.
    fn begin_factors(&mut self, task: &Task<'_>) {
        let &Task { problem, source, start, .. } = task;
        let Source::Within(root, units, within) = source else { return };
        let Some(first) = problem.graph.first[root] else { return };
        for (slot, unit) in units.iter().enumerate() {
            let at = unit.of as usize * problem.graph.total + first + unit.element as usize;
            let range = within.ranges[unit.of as usize];
            let width = START * (problem.batch.greatest[at] - problem.batch.least[at]) / range;
            let mut factor = if width > 0.0 && width < f64::INFINITY { width } else { 1.0 };
            if let Start::Found(found) = start {
                factor = found.factors.get(slot).copied().filter(|f| *f >= 0.0 && f.is_finite()).unwrap_or(factor);
            }
            self.factor[0][slot] = factor;
            self.factor[3][slot] = factor.ln();
        }
    }

    /// The derivative with respect to a factor is by how much the point is outside the halfspace. Factors may be of any size:
    /// it is their logarithm that moves.
    fn step_factors(
        &mut self,
        graph: &Graph,
        within: &Within<'_>,
        values: &forward::Workspace<T>,
        rate: f64,
        adam: &Adam,
    ) {
        let (m, n) = (graph.output_len, graph.input_len);
        for slot in 0..self.active.len() {
            let function = self.functions[slot] as usize;
            let outputs = &within.outputs[function * m..(function + 1) * m];
            let outputs = graph.output_roots().map(|(offset, root)| (&outputs[offset..], root));
            let inputs = graph.inputs.iter().filter(|_| !within.inputs.is_empty());
            let inputs = inputs.map(|&(root, offset)| (&within.inputs[function * n + offset..], root));
            let mut outside = -within.bounds[self.boxes[slot] as usize];
            for (coefficients, root) in outputs.chain(inputs) {
                let length = graph.plan.lengths[root];
                let Some(buffer) = graph.layout.buffer(root) else { continue };
                let y = &values.buffers[buffer][slot * length..(slot + 1) * length];
                outside += coefficients.iter().zip(y).map(|(c, y)| c * y.to_f64()).sum::<f64>();
            }
            let [factor, first, second, exponent] = &mut self.factor;
            let gradient = [outside * factor[slot]];
            adam.within(rate, &gradient, (&[-100.0], &[100.0]), Moved::of(exponent, first, second, slot..slot + 1));
            factor[slot] = exponent[slot].exp();
        }
    }
}
