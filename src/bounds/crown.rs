//! Linear bounds by backward substitution (CROWN).
//!
//! Source: H. Zhang, T.-W. Weng, P.-Y. Chen, C.-J. Hsieh, L. Daniel, "Efficient Neural Network Robustness Certification with
//! General Activation Functions", NeurIPS 2018, section 3; K. Xu and others, "Automatic Perturbation Analysis for Scalable
//! Certified Robustness and Beyond", NeurIPS 2020, for graphs; S. Wang and others, "Beta-CROWN", NeurIPS 2021, section 3.1,
//! for what splits add.
//!
//! A row is a linear function of some root's elements. Going backward each step is put into it: linear steps as they are,
//! functions by the line that keeps the row a lower bound. What is left is a linear function of the input, and its least
//! value over the box a lower bound. An upper bound is the lower bound of the row with its sign turned.
//!
//! Rounding: coefficients are computed in round-to-nearest. For `y = L x + c` the computed `a L` differs from the exact one
//! by at most `gamma |a| |L|`, so over the box the value of the row by at most `gamma |a| v` with `v = |L| m + |c|`, `m` the
//! largest magnitudes of `x`. `v` is that of the root box, computed once; a row pays one product of vectors a step. The sum of
//! all such terms is taken off the constant.
//!
//! Cost: a product of `rows` by the weights for each linear step, and a few passes over the rows for everything else.

use super::BoundsError;
use super::alive::Alive;
use super::dot;
use super::graph::{Graph, Role};
use super::magnitude::Magnitudes;
use super::number::Number;
use super::relax::max;
use super::relax::{product, quotient};
use super::round::{TINY, down, gamma};
use crate::net::eval::conv::Scratch;
use crate::net::eval::elementwise::Binary;
use crate::net::eval::meter::Meter;
use crate::net::eval::plan::{Kind, Place};
use crate::net::eval::pool::Pool;
use crate::net::eval::spread::Spread;

/// What is known of some boxes. Arrays are `[box][element]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a, T = f64> {
    pub lower: &'a [T],
    pub upper: &'a [T],
    /// Of the neurons.
    pub least: &'a [T],
    pub greatest: &'a [T],
    /// Slopes and intercepts of the lines below and above each function.
    pub below: (&'a [T], &'a [T]),
    pub above: (&'a [T], &'a [T]),
}

/// What rows go back through: the network, and what is known of the root box and of each row's own.
#[derive(Debug, Clone, Copy)]
struct Context<'a, T> {
    graph: &'a Graph,
    magnitudes: &'a Magnitudes,
    frame: &'a Frame<'a, T>,
}

/// Multipliers of the rows' own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Duals<'a, T = f64> {
    /// Slopes of the lines below, `[row][line]`; their intercepts are 0 wherever a slope differs from the frame's.
    pub slopes: &'a [T],
    /// What is added to the coefficients of neurons, `[row][..]`: neuron, signed multiplier. Neurons ascend.
    pub splits: &'a [Vec<(u32, f64)>],
}

/// Rows on their way back.
#[derive(Debug, Default)]
pub(crate) struct Rows<T = f64> {
    /// The box of each row.
    pub boxes: Vec<u32>,
    /// What is added to the linear function, and by how much it may be too large.
    pub constant: Vec<f64>,
    pub error: Vec<f64>,
    /// Coefficients of each root, `[row][element]`, where there are any.
    coefficients: Vec<Option<Vec<T>>>,
    /// Whether what is 0 in all boxes is left out of products. The last bits of a row depend on the other boxes then.
    pub sparing: bool,
    /// Whether coefficients are kept when they have been put in; and those of each root, `[row][element]`.
    pub keep: bool,
    kept: Vec<Vec<T>>,
    /// Where rows stood on one root alone and coefficients are kept: their constants then, with errors taken off.
    alone: Vec<Vec<f64>>,
    free: Vec<Vec<T>>,
    zeros: Vec<T>,
    alive: Alive<T>,
    scratch: Scratch<T>,
}

impl<T: Number> Rows<T> {
    /// Forgets all rows and takes new ones, without coefficients yet.
    pub(crate) fn start(&mut self, graph: &Graph, boxes: impl Iterator<Item = u32>) {
        self.boxes.clear();
        self.boxes.extend(boxes);
        for constants in [&mut self.constant, &mut self.error] {
            constants.clear();
            constants.resize(self.boxes.len(), 0.0);
        }
        self.coefficients.resize_with(graph.plan.lengths.len(), || None);
        for coefficients in &mut self.coefficients {
            self.free.extend(coefficients.take());
        }
        self.kept.resize_with(graph.plan.lengths.len(), Vec::new);
        self.free.extend(self.kept.iter_mut().filter(|kept| kept.capacity() > 0).map(std::mem::take));
        self.alone.resize_with(graph.plan.lengths.len(), Vec::new);
        self.alone.iter_mut().for_each(Vec::clear);
    }

    /// The coefficients at a root, zeros where there were none.
    pub(crate) fn at(&mut self, graph: &Graph, root: usize, meter: &mut Meter<'_>) -> Result<&mut [T], BoundsError> {
        if self.coefficients[root].is_none() {
            let zeros = self.zeroed(self.boxes.len() * graph.plan.lengths[root], meter)?;
            self.coefficients[root] = Some(zeros);
        }
        Ok(self.coefficients[root].as_mut().map_or(&mut [], |c| &mut c[..]))
    }

    /// The coefficients at an input root, where there are any.
    pub(crate) fn left(&self, root: usize) -> Option<&[T]> {
        self.coefficients[root].as_deref()
    }

    /// The coefficients that stood at a root when it was put in, splits included; empty where there were none, where
    /// rows end, and unless they are to be kept.
    pub(crate) fn kept(&self, root: usize) -> &[T] {
        &self.kept[root]
    }

    /// Where rows stood on this root and on nothing else, and coefficients are kept: the row is at least
    /// `alone[row] + kept · root`, where inputs that are added last do not count.
    pub(crate) fn alone(&self, root: usize) -> Option<(&[f64], &[T])> {
        let (constants, kept) = (&self.alone[root], &self.kept[root]);
        (!constants.is_empty() && !kept.is_empty()).then_some((&constants[..], &kept[..]))
    }

    /// Of what has been put in.
    fn retire(&mut self, root: usize, g: Vec<T>) {
        if self.keep {
            self.kept[root] = g;
        } else {
            self.free.push(g);
        }
    }

    fn zeroed(&mut self, length: usize, meter: &mut Meter<'_>) -> Result<Vec<T>, BoundsError> {
        let mut buffer = self.free.pop().unwrap_or_default();
        buffer.clear();
        meter.grow(&mut buffer, length)?;
        Ok(buffer)
    }

    /// Goes back from where the rows stand, which is at roots up to `top`, to the inputs.
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn substitute(
        &mut self,
        graph: &Graph,
        magnitudes: &Magnitudes,
        frame: &Frame<'_, T>,
        duals: Option<&Duals<'_, T>>,
        top: usize,
        start: Option<usize>,
        meter: &mut Meter<'_>,
    ) -> Result<(), BoundsError> {
        for root in (0..=top).rev() {
            let Some(mut g) = self.coefficients[root].take() else { continue };
            if let Some(duals) = duals {
                self.add_splits(graph, magnitudes, duals, root, &mut g);
            }
            if self.keep && self.coefficients.iter().all(Option::is_none) {
                let settled = self.constant.iter().zip(&self.error).map(|(&constant, &error)| settled(constant, error));
                self.alone[root].extend(settled);
            }
            if graph.is_cut(root) && start != Some(root) {
                self.put_in(graph, frame, root, &g);
                self.retire(root, g);
                meter.count(self.boxes.len() * graph.plan.lengths[root])?;
                continue;
            }
            let Some(step) = graph.plan.makers[root] else {
                self.coefficients[root] = Some(g);
                continue;
            };
            match &graph.roles[step] {
                Role::Linear { terms, .. } => {
                    self.linear(graph, magnitudes, frame, step, *terms, &g, meter)?;
                    self.retire(root, g);
                }
                Role::Function(_) | Role::Rectifiers(_) => {
                    let (Some(slot), Place::Root(operand)) = (graph.slots[step], graph.plan.steps[step].operands[0])
                    else {
                        continue;
                    };
                    let mut to = self.free.pop().unwrap_or_default();
                    meter.grow(&mut to, g.len())?;
                    to.truncate(g.len());
                    let of = Context { graph, magnitudes, frame };
                    self.function(of, duals, (slot, operand), (&g, &mut to), meter)?;
                    self.retire(root, g);
                    self.give(graph, magnitudes, operand, to, meter)?;
                }
                Role::Product => {
                    self.product(Context { graph, magnitudes, frame }, step, &g, meter)?;
                    self.retire(root, g);
                }
                Role::Max => {
                    self.max(Context { graph, magnitudes, frame }, step, &g, meter)?;
                    self.retire(root, g);
                }
                // A row that starts here: the interval is all there is.
                Role::Cut => {
                    self.put_in(graph, frame, root, &g);
                    self.retire(root, g);
                }
            }
        }
        Ok(())
    }

    /// Takes off the error, so that the constant is a lower one. To be called once; the error stays to be looked at.
    pub(crate) fn settle(&mut self) {
        for (constant, &error) in self.constant.iter_mut().zip(&self.error) {
            *constant = settled(*constant, error);
        }
    }

    /// The least value of a row over its box, after [`Rows::settle`].
    pub(crate) fn least(&self, graph: &Graph, frame: &Frame<'_, T>, row: usize) -> f64 {
        let isa = graph.plan.isa;
        let (mut value, mut error) = (self.constant[row], 0.0);
        let at = self.boxes[row] as usize * graph.input_len;
        for &(root, offset) in &graph.inputs {
            let Some(g) = &self.coefficients[root] else { continue };
            let length = graph.plan.lengths[root];
            let g = &g[row * length..(row + 1) * length];
            let (lower, upper) = (&frame.lower[at + offset..][..length], &frame.upper[at + offset..][..length]);
            let size = dot::size(isa, g, lower, upper);
            error += gamma(length + 1) * (size + value.abs());
            value += dot::least(isa, g, lower, upper);
        }
        if T::SOUND {
            value = down(value - (error * 1.0000001 + TINY));
        }
        if value.is_finite() { value } else { f64::NEG_INFINITY }
    }

    fn add_splits(&mut self, graph: &Graph, m: &Magnitudes, duals: &Duals<'_, T>, root: usize, g: &mut [T]) {
        let Some(first) = graph.first[root] else { return };
        let length = graph.plan.lengths[root];
        for (row, splits) in duals.splits.iter().enumerate() {
            let from = splits.partition_point(|&(neuron, _)| (neuron as usize) < first);
            for &(neuron, multiplier) in &splits[from..] {
                let Some(i) = (neuron as usize).checked_sub(first).filter(|&i| i < length) else { break };
                // What is not there rounds nothing.
                if multiplier == 0.0 {
                    continue;
                }
                let to = &mut g[row * length + i];
                *to += T::from_f64(multiplier);
                self.error[row] += f64::EPSILON * to.to_f64().abs() * m.values[root][i];
            }
        }
    }

    /// Puts in the interval of a root.
    fn put_in(&mut self, graph: &Graph, frame: &Frame<'_, T>, root: usize, g: &[T]) {
        let (isa, length) = (graph.plan.isa, graph.plan.lengths[root]);
        let Some(first) = graph.first[root] else { return };
        for (row, g) in g.chunks_exact(length.max(1)).enumerate() {
            let at = self.boxes[row] as usize * graph.total + first;
            let (lower, upper) = (&frame.least[at..at + length], &frame.greatest[at..at + length]);
            let size = dot::size(isa, g, lower, upper);
            self.error[row] += gamma(length + 1) * (size + self.constant[row].abs());
            self.constant[row] += dot::least(isa, g, lower, upper);
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn linear(
        &mut self,
        graph: &Graph,
        m: &Magnitudes,
        frame: &Frame<'_, T>,
        index: usize,
        terms: usize,
        g: &[T],
        meter: &mut Meter<'_>,
    ) -> Result<(), BoundsError> {
        let (plan, bias) = (T::plan(graph)?, T::bias(graph, index)?);
        let (isa, step) = (plan.isa, &plan.steps[index]);
        let length = plan.lengths[step.output];
        let sizes = &m.steps[step.output];
        let gamma = gamma(terms.max(if bias.is_some() { length } else { 0 }) + 4);
        for (row, g) in g.chunks_exact(length.max(1)).enumerate() {
            self.error[row] += gamma * dot::absolute(isa, g, sizes);
            if let Some(bias) = bias {
                self.constant[row] += dot::dot(isa, g, bias);
                self.error[row] += f64::EPSILON * self.constant[row].abs();
            }
        }
        let rows = self.boxes.len();
        meter.count(2 * g.len())?;
        // Of all operands: one that is broadcast is shorter than the other.
        let needs = matches!(step.kind, Kind::Unary(_) | Kind::Pool(_) | Kind::Binary(..) | Kind::MatMul { .. });
        let lengths =
            step.operands.iter().map(|place| if let Place::Root(root) = *place { graph.plan.lengths[root] } else { 0 });
        let longest = lengths.max().unwrap_or(0);
        meter.grow(&mut self.zeros, if needs { rows * longest } else { 0 })?;
        for (operand, &place) in step.operands.iter().enumerate() {
            let Place::Root(root) = place else { continue };
            let wanted = rows * graph.plan.lengths[root];
            let mut to = self.zeroed(wanted, meter)?;
            if !(self.sparing && self.alive.back(graph, index, frame, (g, &self.boxes), &mut to, meter)?) {
                plan.transpose(step, operand, g, rows, &self.zeros, &mut to, &mut self.scratch, meter)?;
            }
            self.give(graph, m, root, to, meter)?;
        }
        Ok(())
    }

    /// Hands coefficients to a root, which may have some already.
    fn give(
        &mut self,
        graph: &Graph,
        m: &Magnitudes,
        root: usize,
        more: Vec<T>,
        meter: &mut Meter<'_>,
    ) -> Result<(), BoundsError> {
        let Some(old) = &mut self.coefficients[root] else {
            self.coefficients[root] = Some(more);
            return Ok(());
        };
        let length = graph.plan.lengths[root].max(1);
        for (row, (old, more)) in old.chunks_exact_mut(length).zip(more.chunks_exact(length)).enumerate() {
            old.iter_mut().zip(more).for_each(|(old, &more)| *old += more);
            self.error[row] += f64::EPSILON * dot::absolute(graph.plan.isa, old, &m.values[root]);
        }
        meter.count(2 * more.len())?;
        self.free.push(more);
        Ok(())
    }

    fn function(
        &mut self,
        of: Context<'_, T>,
        duals: Option<&Duals<'_, T>>,
        (slot, operand): (usize, usize),
        (g, to): (&[T], &mut [T]),
        meter: &mut Meter<'_>,
    ) -> Result<(), BoundsError> {
        let Context { graph, magnitudes: m, frame } = of;
        let (isa, length) = (graph.plan.isa, graph.plan.lengths[operand]);
        let (gamma, wide) = (gamma(length + 2), length.max(1));
        for (row, (g, to)) in g.chunks_exact(wide).zip(to.chunks_exact_mut(wide)).enumerate() {
            let at = self.boxes[row] as usize * graph.lines + slot;
            let slopes = match duals {
                Some(duals) => &duals.slopes[row * graph.lines + slot..][..length],
                None => &frame.below.0[at..at + length],
            };
            let below = (slopes, &frame.below.1[at..at + length]);
            let above = (&frame.above.0[at..at + length], &frame.above.1[at..at + length]);
            to.copy_from_slice(g);
            let (constant, size) = isa.vectorized(|| through(to, below, above, &m.values[operand]));
            self.constant[row] += constant;
            self.error[row] += gamma * size + f64::EPSILON * self.constant[row].abs();
        }
        meter.count(4 * g.len())?;
        Ok(())
    }

    fn product(&mut self, of: Context<'_, T>, step: usize, g: &[T], meter: &mut Meter<'_>) -> Result<(), BoundsError> {
        let Context { graph, magnitudes: m, frame } = of;
        let step = &graph.plan.steps[step];
        let (&Kind::Binary(binary, ref spread_a, ref spread_b), &[Place::Root(a), Place::Root(b)]) =
            (&step.kind, &step.operands[..])
        else {
            return Ok(());
        };
        let (Some(first_a), Some(first_b)) = (graph.first[a], graph.first[b]) else { return Ok(()) };
        let (rows, length) = (self.boxes.len(), graph.plan.lengths[step.output]);
        let (wide_a, wide_b) = (graph.plan.lengths[a], graph.plan.lengths[b]);
        let mut to_a = self.zeroed(rows * wide_a, meter)?;
        let mut to_b = self.zeroed(rows * wide_b, meter)?;
        for (row, g) in g.chunks_exact(length.max(1)).enumerate() {
            let at = self.boxes[row] as usize * graph.total;
            let range = |at: usize| (frame.least[at].to_f64(), frame.greatest[at].to_f64());
            for (i, g) in g.iter().map(|g| g.to_f64()).enumerate().filter(|(_, g)| *g != 0.0) {
                let (i, j) = (index(spread_a, i), index(spread_b, i));
                let planes = planes(binary, range(at + first_a + i), range(at + first_b + j));
                let plane = if g > 0.0 { planes.lower } else { planes.upper }[0];
                for (slope, to, size) in [
                    (plane.x, &mut to_a[row * wide_a + i], m.values[a][i]),
                    (plane.y, &mut to_b[row * wide_b + j], m.values[b][j]),
                ] {
                    add_rounded(g * slope, size, to, &mut self.error[row]);
                }
                add_rounded(g * plane.constant, 1.0, &mut self.constant[row], &mut self.error[row]);
            }
            meter.count(16 * length)?;
        }
        self.give(graph, m, a, to_a, meter)?;
        self.give(graph, m, b, to_b, meter)
    }

    fn max(&mut self, of: Context<'_, T>, step: usize, g: &[T], meter: &mut Meter<'_>) -> Result<(), BoundsError> {
        let Context { graph, magnitudes: m, frame } = of;
        let step = &graph.plan.steps[step];
        let (Kind::Pool(pool), &[Place::Root(operand)]) = (&step.kind, &step.operands[..]) else { return Ok(()) };
        let Some(first) = graph.first[operand] else { return Ok(()) };
        let (rows, length, wide) = (self.boxes.len(), graph.plan.lengths[step.output], graph.plan.lengths[operand]);
        let mut to = self.zeroed(rows * wide, meter)?;
        let (mut elements, mut ends) = (Vec::new(), (Vec::new(), Vec::new()));
        for (row, g) in g.chunks_exact(length.max(1)).enumerate() {
            let at = self.boxes[row] as usize * graph.total + first;
            let (least, greatest) = (&frame.least[at..at + wide], &frame.greatest[at..at + wide]);
            let mut work = 0;
            for (i, g) in g.iter().map(|g| g.to_f64()).enumerate().filter(|(_, g)| *g != 0.0) {
                window(pool, i, &mut elements);
                work += 8 * elements.len();
                ends.0.clear();
                ends.1.clear();
                ends.0.extend(elements.iter().map(|&i| least[i].to_f64()));
                ends.1.extend(elements.iter().map(|&i| greatest[i].to_f64()));
                let mut add = |i: usize, slope: f64| {
                    let (to, size) = (&mut to[row * wide + elements[i]], m.values[operand][elements[i]]);
                    add_rounded(g * slope, size, to, &mut self.error[row]);
                };
                let constant = if g > 0.0 {
                    // A window that sees nothing has minus infinity: no bound.
                    max::below(&ends.0, &ends.1).map_or(f64::NEG_INFINITY, |i| {
                        add(i, 1.0);
                        0.0
                    })
                } else {
                    let above = max::above(&ends.0, &ends.1);
                    above.terms().iter().for_each(|&(i, slope)| add(i, slope));
                    above.constant
                };
                add_rounded(g * constant, 1.0, &mut self.constant[row], &mut self.error[row]);
            }
            meter.count(length + work)?;
        }
        self.give(graph, m, operand, to, meter)
    }
}

/// Adds a product, and what its rounding and that of the sum can do to a row whose element is of this size.
fn add_rounded<T: Number>(more: f64, size: f64, to: &mut T, error: &mut f64) {
    *to += T::from_f64(more);
    *error += f64::EPSILON * (more.abs() + to.to_f64().abs()) * size;
}

fn settled(constant: f64, error: f64) -> f64 {
    let constant = down(constant - (error * 1.0000001 + TINY));
    if constant.is_finite() { constant } else { f64::NEG_INFINITY }
}

/// One row through a function: coefficients become those of the operand. Answers what is added to the constant, and the size
/// of all that was rounded, where errors are accounted for. (In place: where answers go elsewhere compilers try vectors across
/// the blocks, and shuffle more than they compute.)
#[inline(always)]
fn through<T: Number>(g: &mut [T], below: (&[T], &[T]), above: (&[T], &[T]), m: &[f64]) -> (f64, f64) {
    let n = g.len();
    let (g, rest) = g.as_chunks_mut::<8>();
    let [ls, li, us, ui] = [below.0, below.1, above.0, above.1].map(|array| array[..n].as_chunks::<8>());
    let m = m[..n].as_chunks::<8>();
    let (mut constants, mut sizes) = ([T::ZERO; 8], [T::ZERO; 8]);
    // Eight at a time, without branches: signs of coefficients look random to the processor. What is chosen from has been read
    // before, or compilers choose addresses, one by one.
    for (i, g) in g.iter_mut().enumerate() {
        let (ls, li, us, ui) = (ls.0[i], li.0[i], us.0[i], ui.0[i]);
        let (mut slopes, mut more) = ([T::ZERO; 8], [T::ZERO; 8]);
        for lane in 0..8 {
            slopes[lane] = if g[lane] >= T::ZERO { ls[lane] } else { us[lane] };
        }
        for lane in 0..8 {
            let constant = if g[lane] >= T::ZERO { li[lane] } else { ui[lane] };
            // A line that is not there counts for nothing where the row does not need it.
            more[lane] = if g[lane] == T::ZERO { T::ZERO } else { g[lane] * constant };
        }
        for lane in 0..8 {
            g[lane] = g[lane] * slopes[lane];
            constants[lane] += more[lane];
        }
        if T::SOUND {
            for lane in 0..8 {
                sizes[lane] += g[lane].abs() * T::from_f64(m.0[i][lane]) + more[lane].abs();
            }
        }
    }
    for (i, g) in rest.iter_mut().enumerate() {
        let (slope, constant) = if *g >= T::ZERO { (ls.1[i], li.1[i]) } else { (us.1[i], ui.1[i]) };
        let more = if *g == T::ZERO { T::ZERO } else { *g * constant };
        *g = *g * slope;
        constants[i] += more;
        sizes[i] += g.abs() * T::from_f64(m.1[i]) + more.abs();
    }
    let total = |parts: [T; 8]| parts.iter().map(|part| part.to_f64()).sum();
    (total(constants), total(sizes))
}

/// Planes around a product or a quotient.
pub(crate) fn planes(binary: Binary, a: (f64, f64), b: (f64, f64)) -> product::Planes {
    if binary == Binary::Div { quotient::planes(a, b) } else { product::planes(a, b) }
}

/// Which element of an operand belongs to an element of the answer.
pub(crate) fn index(spread: &Spread, i: usize) -> usize {
    match spread {
        Spread::Same => i,
        Spread::Scalar => 0,
        Spread::Cycle { inner, length } => i / inner % length,
        Spread::Map(map) => map[i] as usize,
    }
}

/// The elements that the window sees at position `i`, counted over all planes.
pub(crate) fn window(pool: &Pool, i: usize, elements: &mut Vec<usize>) {
    elements.clear();
    let (positions, size) = (pool.grid.positions(), pool.grid.elements());
    let (plane, at) = (i / positions, i % positions);
    let (y, x) = (at / pool.grid.x.positions, at % pool.grid.x.positions);
    for tap_y in pool.grid.y.taps(y) {
        for tap_x in pool.grid.x.taps(x) {
            let element = pool.grid.y.element(y, tap_y) * pool.grid.x.size + pool.grid.x.element(x, tap_x);
            elements.push(plane * size + element);
        }
    }
}
