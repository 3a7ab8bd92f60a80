//! Interval arithmetic, one step at a time, rounded outward.
//!
//! Source: R. Moore, R. Kearfott, M. Cloud, "Introduction to Interval Analysis", SIAM 2009, chapter 2. A linear step takes
//! centre and radius: `L c ± |L| r`, and what rounding can have done.

use super::BoundsError;
use super::crown::{index, window};
use super::graph::{Graph, Role};
use super::magnitude::Magnitudes;
use super::relax::{Function, max, product, quotient, softmax};
use super::round::{TINY, down, gamma, up};
use crate::net::eval::elementwise::Binary;
use crate::net::eval::forward::Workspace;
use crate::net::eval::meter::Meter;
use crate::net::eval::plan::{Kind, Place};

/// Lower and upper ends, by root.
pub(crate) type Intervals = Vec<(Vec<f64>, Vec<f64>)>;

/// The intervals of what a step answers. Those of its operands and the magnitudes of a linear step must be there.
pub(crate) fn forward(
    graph: &Graph,
    step: usize,
    intervals: &Intervals,
    magnitudes: &Magnitudes,
    workspaces: &mut [Workspace<f64>; 2],
    meter: &mut Meter<'_>,
) -> Result<(Vec<f64>, Vec<f64>), BoundsError> {
    let (role, made) = (&graph.roles[step], &graph.plan.steps[step]);
    let length = graph.plan.lengths[made.output];
    let (mut lower, mut upper) = (vec![f64::NEG_INFINITY; length], vec![f64::INFINITY; length]);
    let operand = |i: usize| match made.operands.get(i) {
        Some(&Place::Root(root)) => Some(&intervals[root]),
        _ => None,
    };
    let mut each = |of: &dyn Fn(usize) -> (f64, f64)| {
        for i in 0..length {
            (lower[i], upper[i]) = of(i);
        }
    };
    match (role, &made.kind) {
        (Role::Linear { bias, .. }, Kind::Repeat(_)) => each(&|i| {
            let value = bias.as_ref().map_or(0.0, |bias| bias[i]);
            (value, value)
        }),
        (Role::Linear { terms, .. }, _) => {
            linear(graph, step, *terms, intervals, magnitudes, workspaces, (&mut lower, &mut upper), meter)?;
        }
        (Role::Function(function), _) => {
            if let Some((l, u)) = operand(0) {
                each(&|i| function.range(l[i], u[i]));
            }
        }
        (Role::Rectifiers(slopes), _) => {
            if let Some((l, u)) = operand(0) {
                each(&|i| Function::Rectifier(slopes[i]).range(l[i], u[i]));
            }
        }
        (_, Kind::Binary(binary @ (Binary::Mul | Binary::Div), spread_a, spread_b)) => {
            let of = |i: usize, j: usize| match made.operands[i] {
                Place::Root(root) => (intervals[root].0[j], intervals[root].1[j]),
                Place::Constant(constant) => {
                    let v = graph.plan.values[constant].as_ref().map_or(f64::NAN, |values| values.values()[j]);
                    (v, v)
                }
            };
            each(&|i| {
                let (a, b) = (of(0, index(spread_a, i)), of(1, index(spread_b, i)));
                if *binary == Binary::Mul { product::range(a, b) } else { quotient::range(a, b) }
            });
        }
        (Role::Max, Kind::Pool(pool)) => {
            if let Some((l, u)) = operand(0) {
                let (mut elements, mut ends) = (Vec::new(), (Vec::new(), Vec::new()));
                for i in 0..length {
                    window(pool, i, &mut elements);
                    ends.0.clear();
                    ends.1.clear();
                    ends.0.extend(elements.iter().map(|&i| l[i]));
                    ends.1.extend(elements.iter().map(|&i| u[i]));
                    (lower[i], upper[i]) = max::range(&ends.0, &ends.1);
                }
            }
        }
        (_, Kind::Softmax(groups)) => {
            if let Some((l, u)) = operand(0) {
                let mut ends = [(); 4].map(|()| vec![0.0; groups.count]);
                for group in 0..groups.outer * groups.inner {
                    let first = group / groups.inner * groups.count * groups.inner + group % groups.inner;
                    let at = |i: usize| first + i * groups.inner;
                    let [of_l, of_u, to_l, to_u] = &mut ends;
                    (0..groups.count).for_each(|i| (of_l[i], of_u[i]) = (l[at(i)], u[at(i)]));
                    softmax::range(of_l, of_u, to_l, to_u);
                    (0..groups.count).for_each(|i| (lower[at(i)], upper[at(i)]) = (to_l[i], to_u[i]));
                }
            }
        }
        (_, &Kind::MatMul { ref items, rows, inner, columns }) => {
            if let (Some(a), Some(b)) = (operand(0), operand(1)) {
                for (item, &(at_a, at_b)) in items.iter().enumerate() {
                    for row in 0..rows {
                        for column in 0..columns {
                            let (mut least, mut greatest) = (0.0, 0.0);
                            for k in 0..inner {
                                let i = at_a as usize * rows * inner + row * inner + k;
                                let j = at_b as usize * inner * columns + k * columns + column;
                                let (l, u) = product::range((a.0[i], a.1[i]), (b.0[j], b.1[j]));
                                (least, greatest) = (down(least + l), up(greatest + u));
                            }
                            let at = (item * rows + row) * columns + column;
                            (lower[at], upper[at]) = (least, greatest);
                        }
                    }
                    meter.count(8 * rows * inner * columns)?;
                }
            }
        }
        _ => {}
    }
    meter.count(4 * length)?;
    for (lower, upper) in lower.iter_mut().zip(&mut upper) {
        if lower.is_nan() || upper.is_nan() {
            (*lower, *upper) = (f64::NEG_INFINITY, f64::INFINITY);
        }
    }
    Ok((lower, upper))
}

#[allow(clippy::too_many_arguments)]
fn linear(
    graph: &Graph,
    step: usize,
    terms: usize,
    intervals: &Intervals,
    magnitudes: &Magnitudes,
    [centres, radii]: &mut [Workspace<f64>; 2],
    (lower, upper): (&mut [f64], &mut [f64]),
    meter: &mut Meter<'_>,
) -> Result<(), BoundsError> {
    let made = &graph.plan.steps[step];
    for place in &made.operands {
        if let Place::Root(root) = *place
            && let Some(buffer) = graph.layout.buffer(root)
        {
            let (l, u) = &intervals[root];
            for (i, (&l, &u)) in l.iter().zip(u).enumerate() {
                let centre = 0.5 * l + 0.5 * u;
                centres.buffers[buffer][i] = centre;
                radii.buffers[buffer][i] = up((u - centre).max(centre - l));
            }
        }
    }
    graph.plan.forward(&graph.plan.steps[step], &graph.layout, centres, 1, meter)?;
    graph.absolute.forward(&graph.absolute.steps[step], &graph.layout, radii, 1, meter)?;
    let Some(buffer) = graph.layout.buffer(made.output) else { return Ok(()) };
    let sizes = &magnitudes.steps[made.output];
    for i in 0..lower.len() {
        // The centre is no larger than the ends, so neither are its products than those of the magnitudes.
        let (centre, error) = (centres.buffers[buffer][i], gamma(terms + 2) * sizes[i] + TINY);
        let radius = up(radii.buffers[buffer][i] * (1.0 + gamma(terms + 2)) + error);
        (lower[i], upper[i]) = (down(centre - radius), up(centre + radius));
    }
    Ok(())
}
