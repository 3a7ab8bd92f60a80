//! Linear bounds made better by gradients: slopes of rectifiers (alpha-CROWN) and multipliers of splits (beta-CROWN).
//!
//! Source: K. Xu and others, "Fast and Complete: Enabling Complete Verification with Rapid and Massively Parallel
//! Incomplete Verifiers", ICLR 2021, section 3.2; S. Wang and others, "Beta-CROWN: Efficient Bound Propagation with
//! Per-neuron Split Constraints for Neural Network Robustness Verification", NeurIPS 2021, sections 3.2 and 3.3.
//!
//! The line below a rectifier that may take both signs goes through the origin with any slope of a range; a split says
//! that a neuron is at least 0, or at most, and any multiple of it that is of the right sign may be taken off. Each row has
//! slopes and multipliers of its own, and its bound is maximised over them by projected gradient ascent. Every bound on the
//! way holds, so the best is kept; how the ascent goes is no matter of soundness. That of neurons goes in single precision.
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
use super::batch::{Batch, Unit};
use super::crown::{Duals, Frame, Rows};
use super::graph::Graph;
use super::magnitude::Magnitudes;
use super::primal;
use super::spec::Spec;
use crate::net::eval::forward;
use crate::net::eval::meter::Meter;
use ascent::{Buffers, Keep, Start, State, Task, run};
use single::Single;
use variables::Variables;

mod adam;
mod ascent;
mod single;
#[cfg(test)]
mod tests;
mod variables;

/// Rows of units at work at once: what they have fits into a second-level cache better than twice as many, and less would be
/// too few for products.
pub(super) const TOGETHER: usize = 48;

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
    /// Whether neurons go up in single precision; bounds are sound all the same.
    pub single: bool,
}

/// Rates of 0.1 to 1 for slopes were tried on networks of 2 and 4 layers of 256 neurons, all within a percent of another
/// after 50 iterations; a decay of 0.9 was worse. For multipliers 0.3 to 1 was better than 0.1, the more so the more
/// there are; 1 lost with 10 iterations. Steps that grow while a multiplier goes one way (RPROP) were no better.
impl Default for Options {
    fn default() -> Self {
        Options {
            iterations: 20,
            rate_slopes: 0.25,
            rate_splits: 0.5,
            decay: 0.98,
            patience: 10,
            gain: 1e-4,
            single: true,
        }
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
    state: State<f64>,
    variables: Variables,
    single: Single,
}

#[derive(Debug, Clone, Copy)]
enum Source<'a> {
    Spec(&'a Spec<'a>),
    Units(usize, &'a [Unit]),
    /// Units of a root, within halfspaces.
    Within(usize, &'a [Unit], &'a Within<'a>),
}

impl<'a> Source<'a> {
    /// With other units, where there are units.
    fn with(self, units: &'a [Unit]) -> Self {
        match self {
            Source::Units(root, _) => Source::Units(root, units),
            Source::Within(root, _, within) => Source::Within(root, units, within),
            Source::Spec(_) => self,
        }
    }
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

impl Workspace {
    fn parts(&mut self) -> (&Variables, Buffers<'_, f64>, &mut Single) {
        let Workspace { rows, values, alive, state, variables, single } = self;
        (variables, Buffers { rows, values, alive, state }, single)
    }
}

impl Keep<f64> for Best {
    const COEFFICIENTS: bool = true;

    fn keep(&mut self, graph: &Graph, frame: &Frame<'_>, rows: &Rows, state: &State<f64>, slot: usize) {
        let row = state.active[slot] as usize;
        let (lines, inputs) = (graph.lines, graph.input_len);
        self.slopes[row * lines..(row + 1) * lines].copy_from_slice(&state.slopes[slot * lines..(slot + 1) * lines]);
        self.splits[row].clone_from(&state.splits[slot]);
        primal::point(graph, frame, rows, slot, &mut self.points[row * inputs..(row + 1) * inputs]);
        self.constants[row] = rows.constant[slot];
        let copy = |from: Option<&[f64]>, length: usize, to: &mut [f64]| match from.filter(|from| !from.is_empty()) {
            Some(from) => to[..length].copy_from_slice(&from[slot * length..(slot + 1) * length]),
            None => to[..length].fill(0.0),
        };
        self.inputs[row * inputs..(row + 1) * inputs].fill(0.0);
        for &(root, offset) in &graph.inputs {
            copy(rows.left(root), graph.plan.lengths[root], &mut self.inputs[row * inputs + offset..]);
        }
        for neurons in &graph.neurons {
            let from = rows.left(neurons.root).unwrap_or(rows.kept(neurons.root));
            copy(Some(from), neurons.count, &mut self.neurons[row * graph.total + neurons.first..]);
        }
        for (step, slot) in graph.plan.steps.iter().zip(&graph.slots) {
            let Some(slot) = slot else { continue };
            let length = graph.plan.lengths[step.output];
            copy(Some(rows.kept(step.output)), length, &mut self.outputs[row * lines + slot..]);
        }
    }
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
    for (line, negative) in graph.rectifiers_of(split.neuron as usize) {
        let at = row * graph.lines + line;
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
    let (source, start) = (Source::Spec(spec), problem.warm.map_or(Start::Plain, Start::Warm));
    workspace.variables.find(problem, &source);
    let (variables, buffers, _) = workspace.parts();
    let task = Task { problem, source, variables, options, start };
    let result = run(&task, &problem.batch.frame(), buffers, &mut bounds, best, meter);
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
        workspace.single.rows.sparing = workspace.rows.sparing;
        if options.single && !units.is_empty() {
            workspace.single.take(batch, meter)?;
        }
        for units in units.chunks(TOGETHER) {
            done += units.len();
            bounds.clear();
            bounds.resize(units.len(), f64::NEG_INFINITY);
            let problem = Problem { graph, magnitudes, batch, splits, warm: None, targets: &targets };
            bound_units(&problem, root, units, within, options, workspace, &mut bounds, meter)?;
            for (unit, &bound) in units.iter().zip(&bounds) {
                batch.learn(graph.total, first, *unit, bound);
            }
        }
    }
    batch.rows += done as u64;
    Ok(done)
}

/// Bounds units of a root.
#[allow(clippy::too_many_arguments)]
fn bound_units(
    problem: &Problem<'_>,
    root: usize,
    units: &[Unit],
    within: Option<&Within<'_>>,
    options: &Options,
    workspace: &mut Workspace,
    bounds: &mut [f64],
    meter: &mut Meter<'_>,
) -> Result<(), BoundsError> {
    let source = match within {
        Some(within) => Source::Within(root, units, within),
        None => Source::Units(root, units),
    };
    workspace.variables.find(problem, &source);
    let (variables, buffers, single) = workspace.parts();
    let task = Task { problem, source, variables, options, start: Start::Plain };
    let is_short = options.iterations == 0 || within.is_none() && variables.is_empty();
    if !options.single || is_short {
        return run(&task, &problem.batch.frame(), buffers, bounds, &mut (), meter);
    }
    let open = single.bound(&task, (root, units), buffers, bounds, meter)?;
    if open.is_empty() {
        return Ok(());
    }
    let units: Vec<Unit> = open.iter().map(|&row| units[row]).collect();
    let source = source.with(&units);
    workspace.variables.find(problem, &source);
    let (variables, buffers, _) = workspace.parts();
    let task = Task { problem, source, variables, options, start: Start::Plain };
    let mut better = vec![f64::NEG_INFINITY; units.len()];
    run(&task, &problem.batch.frame(), buffers, &mut better, &mut (), meter)?;
    open.iter().zip(better).for_each(|(&row, better)| bounds[row] = bounds[row].max(better));
    Ok(())
}
