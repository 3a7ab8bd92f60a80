//! The point of the relaxed network that a row's bound is the value at.
//!
//! Putting a row back chooses for every function one of its two lines, and at last an end of every input's interval. With
//! these choices the network is linear: the minimiser of what is left at the inputs, sent forward through the lines that
//! were chosen, gives a value to every neuron, and the row's bound is the row's value there, plus each split's multiplier
//! times its neuron's value (Lagrange duality; K. Xu and others, "Fast and Complete: Enabling Complete Verification with
//! Rapid and Massively Parallel Incomplete Verifiers", ICLR 2021, section 3.2). By the envelope theorem the values are also
//! what the bound's derivatives with respect to multipliers are made of.
//!
//! Values here are not sound, and need not be. Cost: a pass forward of as many samples as there are rows.

use super::BoundsError;
use super::alive::Alive;
use super::crown::{Frame, Rows, index, planes, window};
use super::graph::{Graph, Role};
use super::number::Number;
use super::relax::max;
use crate::net::eval::forward::Workspace;
use crate::net::eval::meter::Meter;
use crate::net::eval::plan::{Kind, Place};

/// What rows have chosen on their way back. They were told to keep coefficients.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choices<'a, T = f64> {
    pub frame: &'a Frame<'a, T>,
    pub rows: &'a Rows<T>,
    /// The rows that points are wanted for: sample `i` is row `of[i]`.
    pub of: &'a [u32],
    /// Slopes of the lines below, `[sample][line]`.
    pub slopes: &'a [T],
    /// Neurons whose values are wanted though they have no influence, in order.
    pub wanted: &'a [u32],
}

/// Writes the minimiser over its box of what is left of a row at an input root, whose elements begin at `offset`.
fn minimiser<T: Number>(
    graph: &Graph,
    frame: &Frame<'_, T>,
    rows: &Rows<T>,
    row: usize,
    (root, offset): (usize, usize),
    to: &mut [T],
) {
    let length = graph.plan.lengths[root];
    let at = rows.boxes[row] as usize * graph.input_len + offset;
    let (lower, upper) = (&frame.lower[at..at + length], &frame.upper[at..at + length]);
    match rows.left(root) {
        Some(g) => {
            let g = &g[row * length..(row + 1) * length];
            graph.plan.isa.vectorized(|| by_sign(g, (lower, upper), to));
        }
        None => to.copy_from_slice(lower),
    }
}

/// Writes the minimiser over its box of what is left of a row.
pub(crate) fn point<T: Number>(graph: &Graph, frame: &Frame<'_, T>, rows: &Rows<T>, row: usize, point: &mut [T]) {
    for &(root, offset) in &graph.inputs {
        minimiser(graph, frame, rows, row, (root, offset), &mut point[offset..offset + graph.plan.lengths[root]]);
    }
}

/// Of two numbers the first where `g` is not negative, else the second.
#[inline(always)]
fn by_sign<T: Number>(g: &[T], (first, second): (&[T], &[T]), to: &mut [T]) {
    let (to, rest) = to.as_chunks_mut::<8>();
    let [g, first, second] = [g, first, second].map(|array| array.as_chunks::<8>());
    // What is chosen from has been read before, or compilers choose addresses, one by one.
    for (i, to) in to.iter_mut().enumerate() {
        let (g, first, second) = (g.0[i], first.0[i], second.0[i]);
        for lane in 0..8 {
            to[lane] = if g[lane] >= T::ZERO { first[lane] } else { second[lane] };
        }
    }
    for (i, to) in rest.iter_mut().enumerate() {
        *to = if g.1[i] >= T::ZERO { first.1[i] } else { second.1[i] };
    }
}

/// Sends the minimisers forward through what the rows have chosen, up to step `last`. Values are left in the workspace's
/// buffers, `[sample][element]` of each root.
pub(crate) fn forward<T: Number>(
    graph: &Graph,
    choices: &Choices<'_, T>,
    last: usize,
    values: &mut Workspace<T>,
    alive: &mut Alive<T>,
    meter: &mut Meter<'_>,
) -> Result<(), BoundsError> {
    let samples = choices.of.len();
    values.buffers.resize_with(graph.layout.sizes.len().max(values.buffers.len()), Vec::new);
    for (buffer, &size) in values.buffers.iter_mut().zip(&graph.layout.sizes) {
        meter.grow(buffer, samples * size)?;
    }
    for &(root, offset) in &graph.inputs {
        let Some(buffer) = graph.layout.buffer(root) else { continue };
        let length = graph.plan.lengths[root];
        for (to, &row) in values.buffers[buffer].chunks_exact_mut(length.max(1)).zip(choices.of) {
            minimiser(graph, choices.frame, choices.rows, row as usize, (root, offset), to);
        }
    }
    let plan = T::plan(graph)?;
    for (index, step) in plan.steps.iter().enumerate().take(last + 1) {
        let Some(buffer) = graph.layout.buffer(step.output) else { continue };
        if !graph.is_cut(step.output)
            && let Role::Linear { .. } = graph.roles[index]
        {
            let mut out = std::mem::take(&mut values.buffers[buffer]);
            let x = step.operands.first().and_then(|&place| match place {
                Place::Root(operand) => graph.layout.buffer(operand).map(|buffer| &values.buffers[buffer][..]),
                Place::Constant(_) => None,
            });
            let to = &mut out[..samples * graph.plan.lengths[step.output]];
            let is_done = match x {
                Some(x) if choices.rows.sparing => {
                    let Choices { frame, rows, wanted, .. } = *choices;
                    alive.ahead(graph, index, frame, wanted, &rows.boxes, (x, samples), to, meter)
                }
                _ => Ok(false),
            };
            values.buffers[buffer] = out;
            if !is_done? {
                plan.forward(step, &graph.layout, values, samples, meter)?;
            }
            continue;
        }
        let length = graph.plan.lengths[step.output];
        let mut out = std::mem::take(&mut values.buffers[buffer]);
        let result = nonlinear(graph, choices, index, values, &mut out[..samples * length], meter);
        values.buffers[buffer] = out;
        result?;
    }
    Ok(())
}

fn nonlinear<T: Number>(
    graph: &Graph,
    choices: &Choices<'_, T>,
    index: usize,
    values: &Workspace<T>,
    out: &mut [T],
    meter: &mut Meter<'_>,
) -> Result<(), BoundsError> {
    let (step, frame) = (&graph.plan.steps[index], choices.frame);
    let length = graph.plan.lengths[step.output].max(1);
    let kept = choices.rows.kept(step.output);
    // What no row comes by may have any value.
    if kept.is_empty() {
        return Ok(meter.fill(out, T::ZERO)?);
    }
    let operand = |i: usize, sample: usize| -> Option<&[T]> {
        let Some(&Place::Root(root)) = step.operands.get(i) else { return None };
        let length = graph.plan.lengths[root];
        Some(&values.buffers[graph.layout.buffer(root)?][sample * length..(sample + 1) * length])
    };
    for (sample, (out, &row)) in out.chunks_exact_mut(length).zip(choices.of).enumerate() {
        let row = row as usize;
        let g = &kept[row * length..(row + 1) * length];
        let of = choices.rows.boxes[row] as usize;
        let neurons = of * graph.total;
        if graph.is_cut(step.output) {
            let Some(first) = graph.first[step.output] else { continue };
            let (least, greatest) = (&frame.least[neurons + first..], &frame.greatest[neurons + first..]);
            for (i, out) in out.iter_mut().enumerate() {
                *out = if g[i] >= T::ZERO { least[i] } else { greatest[i] };
            }
            continue;
        }
        match (&graph.roles[index], &step.kind) {
            (Role::Function(_) | Role::Rectifiers(_), _) => {
                let (Some(slot), Some(x)) = (graph.slots[index], operand(0, sample)) else { continue };
                let at = of * graph.lines + slot;
                let below = (&choices.slopes[sample * graph.lines + slot..][..length], &frame.below.1[at..at + length]);
                let above = (&frame.above.0[at..at + length], &frame.above.1[at..at + length]);
                graph.plan.isa.vectorized(|| lines(g, x, below, above, out));
            }
            (Role::Product, &Kind::Binary(binary, ref spread_a, ref spread_b)) => {
                let (Some(a), Some(b)) = (operand(0, sample), operand(1, sample)) else { continue };
                let &[Place::Root(root_a), Place::Root(root_b)] = &step.operands[..] else { continue };
                let (Some(first_a), Some(first_b)) = (graph.first[root_a], graph.first[root_b]) else { continue };
                let end = |ends: &[T], at: usize| ends[neurons + at].to_f64();
                let range = |at: usize| (end(frame.least, at), end(frame.greatest, at));
                for (i, out) in out.iter_mut().enumerate() {
                    let (j, k) = (self::index(spread_a, i), self::index(spread_b, i));
                    let planes = planes(binary, range(first_a + j), range(first_b + k));
                    let plane = if g[i] >= T::ZERO { planes.lower } else { planes.upper }[0];
                    *out = T::from_f64(plane.x * a[j].to_f64() + plane.y * b[k].to_f64() + plane.constant);
                }
            }
            (Role::Max, Kind::Pool(pool)) => {
                let (Some(x), &[Place::Root(root)]) = (operand(0, sample), &step.operands[..]) else { continue };
                let Some(first) = graph.first[root] else { continue };
                let (mut elements, mut ends) = (Vec::new(), (Vec::new(), Vec::new()));
                for (i, out) in out.iter_mut().enumerate() {
                    window(pool, i, &mut elements);
                    ends.0.clear();
                    ends.1.clear();
                    ends.0.extend(elements.iter().map(|&i| frame.least[neurons + first + i].to_f64()));
                    ends.1.extend(elements.iter().map(|&i| frame.greatest[neurons + first + i].to_f64()));
                    *out = if g[i] >= T::ZERO {
                        max::below(&ends.0, &ends.1).map_or(T::ZERO, |i| x[elements[i]])
                    } else {
                        let above = max::above(&ends.0, &ends.1);
                        let terms = above.terms().iter().map(|&(i, slope)| slope * x[elements[i]].to_f64());
                        T::from_f64(above.constant + terms.sum::<f64>())
                    };
                }
                meter.count(8 * x.len())?;
            }
            _ => {}
        }
    }
    meter.count(4 * out.len())?;
    Ok(())
}

/// One row through a function forward.
#[inline(always)]
fn lines<T: Number>(g: &[T], x: &[T], below: (&[T], &[T]), above: (&[T], &[T]), out: &mut [T]) {
    let n = out.len();
    let [g, x, ls, li, us, ui] = [g, x, below.0, below.1, above.0, above.1].map(|array| &array[..n]);
    for i in 0..n {
        // What is chosen from has been read before, or compilers choose addresses, one by one. (In blocks as elsewhere they
        // would shuffle.)
        let (lower, upper) = ((ls[i], li[i]), (us[i], ui[i]));
        let slope = if g[i] >= T::ZERO { lower.0 } else { upper.0 };
        let constant = if g[i] >= T::ZERO { lower.1 } else { upper.1 };
        // A line that is not there is not needed.
        out[i] = slope * x[i] + if constant.abs() < T::INFINITY { constant } else { T::ZERO };
    }
}
