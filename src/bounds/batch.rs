//! Bounds of all neurons of some boxes, layer by layer: each layer's rows are substituted back through lines that the bounds
//! of earlier layers gave.

use super::BoundsError;
use super::alpha::Split;
use super::crown::{Frame, Rows};
use super::graph::{Graph, Neurons, Role};
use super::magnitude::Magnitudes;
use super::number::Number;
use super::relax::{Function, LinesOf, lines_of};
use crate::net::eval::meter::Meter;
use crate::net::eval::plan::{Kind, Place};

/// Coefficients of rows that are at work at once: about what a second-level cache holds.
const WORKING: usize = 1 << 16;

/// Some boxes and what is known of them. Arrays are `[box][element]`.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub count: usize,
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
    pub least: Vec<f64>,
    pub greatest: Vec<f64>,
    pub below: (Vec<f64>, Vec<f64>),
    pub above: (Vec<f64>, Vec<f64>),
    /// Boxes that turned out to have no point that their splits allow.
    pub empty: Vec<bool>,
    /// By how much each input moves the linear bounds of a neuron that was bounded by rows of its own, `[box][neuron][input]`;
    /// kept where `shared` says so.
    pub shares: Vec<f64>,
    pub shared: bool,
    /// Rows substituted back so far.
    pub rows: u64,
    /// What signs are, as splits say: the step, the line, the value.
    fixed: Vec<(usize, usize, f64)>,
}

/// One row for a bound of a neuron.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    pub of: u32,
    pub element: u32,
    pub upper: bool,
}

impl Batch {
    pub(crate) fn frame(&self) -> Frame<'_> {
        Frame {
            lower: &self.lower,
            upper: &self.upper,
            least: &self.least,
            greatest: &self.greatest,
            below: (&self.below.0, &self.below.1),
            above: (&self.above.0, &self.above.1),
        }
    }

    /// Makes room for so many boxes. What is known of neurons is to be filled in.
    pub(crate) fn resize(&mut self, graph: &Graph, count: usize, meter: &mut Meter<'_>) -> Result<(), BoundsError> {
        self.count = count;
        for ends in [&mut self.lower, &mut self.upper] {
            meter.grow(ends, count * graph.input_len)?;
            ends.truncate(count * graph.input_len);
        }
        for ends in [&mut self.least, &mut self.greatest] {
            meter.grow(ends, count * graph.total)?;
            ends.truncate(count * graph.total);
        }
        for lines in [&mut self.below.0, &mut self.below.1, &mut self.above.0, &mut self.above.1] {
            meter.grow(lines, count * graph.lines)?;
            lines.truncate(count * graph.lines);
        }
        if self.shared {
            self.shares.clear();
            meter.grow(&mut self.shares, count * graph.total * graph.input_len)?;
        }
        self.empty.clear();
        self.empty.resize(count, false);
        self.fixed.clear();
        Ok(())
    }

    /// What splits say of a box: its neurons are clamped, and signs are constants. Lines are to be computed after it.
    pub(crate) fn split(&mut self, graph: &Graph, of: usize, splits: &[Split]) {
        let (least, greatest) = (&mut self.least[of * graph.total..], &mut self.greatest[of * graph.total..]);
        for split in splits {
            let neuron = split.neuron as usize;
            if split.positive {
                least[neuron] = least[neuron].max(0.0);
            } else {
                greatest[neuron] = greatest[neuron].min(0.0);
            }
            self.empty[of] |= least[neuron] > greatest[neuron];
            let Some(set) = graph.set_of(neuron).filter(|set| set.signed) else { continue };
            let is_zero = splits.contains(&Split { neuron: split.neuron, positive: !split.positive });
            let value = match split.positive {
                _ if is_zero => 0.0,
                true => 1.0,
                false => -1.0,
            };
            for (index, step) in graph.plan.steps.iter().enumerate() {
                if let Some(slot) = graph.slots[index].filter(|_| step.operands.contains(&Place::Root(set.root))) {
                    self.fixed.push((index, of * graph.lines + slot + neuron - set.first, value));
                }
            }
        }
    }

    /// Computes the lines of a step from what is known of its operand.
    pub(crate) fn relax(&mut self, graph: &Graph, step: usize, meter: &mut Meter<'_>) -> Result<(), BoundsError> {
        let (Some(slot), Some(&Place::Root(operand))) = (graph.slots[step], graph.plan.steps[step].operands.first())
        else {
            return Ok(());
        };
        let (Some(first), length) = (graph.first[operand], graph.plan.lengths[operand]) else { return Ok(()) };
        for index in 0..self.count {
            let at = index * graph.total + first;
            let (lower, upper) = (&self.least[at..at + length], &self.greatest[at..at + length]);
            let to = index * graph.lines + slot;
            let range = to..to + length;
            let out = LinesOf {
                lower_slope: &mut self.below.0[range.clone()],
                lower_icpt: &mut self.below.1[range.clone()],
                upper_slope: &mut self.above.0[range.clone()],
                upper_icpt: &mut self.above.1[range],
            };
            match &graph.roles[step] {
                Role::Function(function) => lines_of(*function, lower, upper, out),
                Role::Rectifiers(slopes) => {
                    for (i, &slope) in slopes.iter().enumerate() {
                        let lines = Function::Rectifier(slope).lines(lower[i], upper[i]);
                        (out.lower_slope[i], out.lower_icpt[i]) = lines.lower;
                        (out.upper_slope[i], out.upper_icpt[i]) = lines.upper;
                    }
                }
                _ => {}
            }
            meter.count(8 * length)?;
        }
        for &(_, line, value) in self.fixed.iter().filter(|&&(of, ..)| of == step) {
            (self.below.0[line], self.below.1[line]) = (0.0, value);
            (self.above.0[line], self.above.1[line]) = (0.0, value);
        }
        Ok(())
    }

    /// Adds what it costs a row, times a factor, that signs of a box are not known: at each neuron of a set the room between
    /// the lines times the row's coefficient. `kept` answers the row's coefficients at a root.
    pub(crate) fn costs_of_signs<'a>(
        &self,
        graph: &Graph,
        set: &Neurons,
        of: usize,
        kept: impl Fn(usize) -> Option<&'a [f64]>,
        factor: f64,
        costs: &mut [f64],
    ) {
        for (step, slot) in graph.plan.steps.iter().zip(&graph.slots) {
            let Some(slot) = slot.filter(|_| step.operands.contains(&Place::Root(set.root))) else { continue };
            let Some(g) = kept(step.output) else { continue };
            for (i, (cost, g)) in costs.iter_mut().zip(g).enumerate() {
                let (line, neuron) = (of * graph.lines + slot + i, of * graph.total + set.first + i);
                let slope = self.above.0[line] - self.below.0[line];
                let room = (slope * self.least[neuron]).max(slope * self.greatest[neuron]);
                *cost += factor * g.abs() * (room + self.above.1[line] - self.below.1[line]).max(0.0);
            }
        }
    }

    /// Bounds the neurons of a root that are worth it, by rows of their own, and keeps what is better.
    pub(crate) fn tighten(
        &mut self,
        graph: &Graph,
        magnitudes: &Magnitudes,
        root: usize,
        rows: &mut Rows,
        meter: &mut Meter<'_>,
    ) -> Result<(), BoundsError> {
        let Some(first) = graph.first[root] else { return Ok(()) };
        let length = graph.plan.lengths[root];
        let set = graph.set_of(first);
        let mut units = Vec::new();
        for index in (0..self.count).filter(|&index| !self.empty[index]) {
            let at = index * graph.total + first;
            for element in 0..length {
                let (l, u) = (self.least[at + element], self.greatest[at + element]);
                if l == u || set.is_some_and(|set| set.is_decided(l, u)) {
                    continue;
                }
                let unit = |upper| Unit { of: index as u32, element: element as u32, upper };
                units.extend([unit(false), unit(true)]);
            }
        }
        for units in units.chunks(together(graph)) {
            self.rows += units.len() as u64;
            rows.start(graph, units.iter().map(|unit| unit.of));
            let top = unit_rows(graph, root, units, rows, meter)?;
            rows.substitute(graph, magnitudes, &self.frame(), None, top, Some(root), meter)?;
            rows.settle();
            for (row, unit) in units.iter().enumerate() {
                let value = rows.least(graph, &self.frame(), row);
                self.learn(graph.total, first, *unit, value);
                if self.shared {
                    let neuron = unit.of as usize * graph.total + first + unit.element as usize;
                    self.share(graph, rows, row, neuron, unit.of as usize);
                }
            }
        }
        Ok(())
    }

    /// Of a neuron that was split `tighten` looks for no bound, as its sign is known. Here the one that could contradict the
    /// sign: where it does, the box is empty. `each` sees every row with the box and the split that it is of: a linear
    /// function that must not be positive where the split holds.
    pub(super) fn contradict(
        &mut self,
        graph: &Graph,
        magnitudes: &Magnitudes,
        splits: &[(u32, Split)],
        rows: &mut Rows,
        meter: &mut Meter<'_>,
        mut each: impl FnMut(&Rows, usize, u32),
    ) -> Result<(), BoundsError> {
        let mut units = Vec::new();
        for set in graph.neurons.iter().filter(|set| (set.splittable || set.signed) && !graph.is_cut(set.root)) {
            units.clear();
            for &(of, split) in splits.iter().filter(|&&(of, _)| !self.empty[of as usize]) {
                let element = (split.neuron as usize).checked_sub(set.first).filter(|&element| element < set.count);
                units.extend(element.map(|element| Unit { of, element: element as u32, upper: split.positive }));
            }
            for units in units.chunks(together(graph)) {
                self.rows += units.len() as u64;
                rows.start(graph, units.iter().map(|unit| unit.of));
                let top = unit_rows(graph, set.root, units, rows, meter)?;
                rows.substitute(graph, magnitudes, &self.frame(), None, top, Some(set.root), meter)?;
                rows.settle();
                for (row, unit) in units.iter().enumerate() {
                    let value = rows.least(graph, &self.frame(), row);
                    self.learn(graph.total, set.first, *unit, value);
                    each(rows, row, unit.of);
                }
            }
        }
        Ok(())
    }

    /// The lower bound that is known of a unit of a root, and how wide its neuron is.
    pub(super) fn known(&self, graph: &Graph, root: usize, unit: Unit) -> (f64, f64) {
        let at = unit.of as usize * graph.total + graph.first[root].unwrap_or(0) + unit.element as usize;
        let (l, u) = (self.least[at], self.greatest[at]);
        (if unit.upper { -u } else { l }, u - l)
    }

    /// Keeps a lower bound of a unit if it is better than what is known. Bounds that cross make the box empty.
    pub(super) fn learn(&mut self, total: usize, first: usize, unit: Unit, bound: f64) {
        let at = unit.of as usize * total + first + unit.element as usize;
        if unit.upper {
            self.greatest[at] = self.greatest[at].min(-bound);
        } else {
            self.least[at] = self.least[at].max(bound);
        }
        self.empty[unit.of as usize] |= self.least[at] > self.greatest[at];
    }

    fn share(&mut self, graph: &Graph, rows: &Rows, row: usize, neuron: usize, of: usize) {
        let (n, box_at) = (graph.input_len, of * graph.input_len);
        let shares = &mut self.shares[neuron * n..(neuron + 1) * n];
        for &(root, offset) in &graph.inputs {
            let length = graph.plan.lengths[root];
            let Some(a) = rows.left(root) else { continue };
            for (i, a) in a[row * length..(row + 1) * length].iter().enumerate() {
                let at = box_at + offset + i;
                shares[offset + i] += a.abs() * (self.upper[at] - self.lower[at]);
            }
        }
    }

    /// Bounds all neurons in order, from what is known of them.
    pub(crate) fn propagate(
        &mut self,
        graph: &Graph,
        magnitudes: &Magnitudes,
        rows: &mut Rows,
        meter: &mut Meter<'_>,
    ) -> Result<(), BoundsError> {
        let mut done = 0;
        for index in 0..graph.neurons.len() {
            let root = graph.neurons[index].root;
            self.relax_until(graph, &mut done, root, meter)?;
            self.bound(graph, magnitudes, root, rows, meter)?;
        }
        self.relax_until(graph, &mut done, graph.plan.lengths.len(), meter)
    }

    /// Lines of all steps that answer roots up to this one: a function's answer may be bounded itself, from its operand.
    fn relax_until(
        &mut self,
        graph: &Graph,
        done: &mut usize,
        root: usize,
        meter: &mut Meter<'_>,
    ) -> Result<(), BoundsError> {
        while *done < graph.plan.steps.len() && graph.plan.steps[*done].output <= root {
            self.relax(graph, *done, meter)?;
            *done += 1;
        }
        Ok(())
    }

    fn bound(
        &mut self,
        graph: &Graph,
        magnitudes: &Magnitudes,
        root: usize,
        rows: &mut Rows,
        meter: &mut Meter<'_>,
    ) -> Result<(), BoundsError> {
        let (Some(first), length) = (graph.first[root], graph.plan.lengths[root]) else { return Ok(()) };
        match graph.plan.makers[root] {
            None => {
                let offset = graph.inputs.iter().find(|(r, _)| *r == root).map_or(0, |(_, offset)| *offset);
                for index in 0..self.count {
                    let (from, to) = (index * graph.input_len + offset, index * graph.total + first);
                    for i in 0..length {
                        self.least[to + i] = self.least[to + i].max(self.lower[from + i]);
                        self.greatest[to + i] = self.greatest[to + i].min(self.upper[from + i]);
                    }
                }
                Ok(())
            }
            // What is cut keeps what is known of it from the root box.
            Some(_) if graph.is_cut(root) => Ok(()),
            Some(_) => self.tighten(graph, magnitudes, root, rows, meter),
        }
    }
}

/// How many rows of neurons are at work at once.
pub(super) fn together(graph: &Graph) -> usize {
    let widest = graph.plan.lengths.iter().copied().max().unwrap_or(1).max(1);
    (WORKING / widest).clamp(24, 4096)
}

/// Writes the rows of units. Where the root is a product with a matrix, what stands there is already that product: the
/// matrix's own rows. Answers the root from which to go back.
pub(super) fn unit_rows<T: Number>(
    graph: &Graph,
    root: usize,
    units: &[Unit],
    rows: &mut Rows<T>,
    meter: &mut Meter<'_>,
) -> Result<usize, BoundsError> {
    let plan = T::plan(graph)?;
    if let Some(step) = plan.makers[root]
        && let Kind::Linear(linear) = &plan.steps[step].kind
        && linear.rows == 1
        && let Place::Root(operand) = plan.steps[step].operands[0]
        && let Role::Linear { .. } = graph.roles[step]
    {
        let bias = T::bias(graph, step)?;
        for (row, unit) in units.iter().enumerate() {
            let sign = if unit.upper { -1.0 } else { 1.0 };
            rows.constant[row] = bias.map_or(0.0, |c| sign * c[unit.element as usize].to_f64());
        }
        let inner = linear.matrix.inner;
        let coefficients = rows.at(graph, operand, meter)?;
        for (to, unit) in coefficients.chunks_exact_mut(inner.max(1)).zip(units) {
            linear.matrix.row(unit.element as usize, if unit.upper { -T::ONE } else { T::ONE }, to);
        }
        return Ok(operand);
    }
    let length = graph.plan.lengths[root];
    let coefficients = rows.at(graph, root, meter)?;
    for (row, unit) in units.iter().enumerate() {
        coefficients[row * length + unit.element as usize] = if unit.upper { -T::ONE } else { T::ONE };
    }
    Ok(root)
}
