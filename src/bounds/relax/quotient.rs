//! Planes that enclose a quotient over a box, and its range.
//!
//! The reciprocal of the divisor, which is convex where the divisor is positive, lies between a tangent and the chord; the
//! product of the dividend with it lies between McCormick's planes, and in these the reciprocal is replaced by one of its
//! lines, according to the sign of its coefficient. If 0 is among the divisors, nothing is known.

use super::Lines;
use super::product::{Plane, Planes, is_box, planes as product_planes};
use crate::bounds::round::{HUGE, TINY, down, up};

/// The quotient of two ends of intervals; an infinite one stands for all numbers that large, and where both are infinite
/// another pair of ends says the same or more.
fn over(a: f64, b: f64, round: fn(f64) -> f64) -> f64 {
    if a == 0.0 || b.is_infinite() {
        0.0
    } else if a.is_infinite() || b == 1.0 {
        a / b
    } else {
        round(a / b)
    }
}

/// The range of a quotient of operands from two intervals, rounded outward; (-∞, ∞) where one is none, or 0 is in the second.
pub(crate) fn range(x: (f64, f64), y: (f64, f64)) -> (f64, f64) {
    if !is_box(x, y) || (y.0 <= 0.0 && y.1 >= 0.0) {
        return (f64::NEG_INFINITY, f64::INFINITY);
    }
    let ends = [(x.0, y.0), (x.0, y.1), (x.1, y.0), (x.1, y.1)];
    (
        ends.map(|(a, b)| over(a, b, down)).into_iter().fold(f64::INFINITY, f64::min),
        ends.map(|(a, b)| over(a, b, up)).into_iter().fold(f64::NEG_INFINITY, f64::max),
    )
}

/// Lines that enclose `1 / y` over an interval of positive numbers.
///
/// With a slope `-k` below 0, `1 / y + k y` is least at `1 / sqrt(k)`, `2 sqrt(k)`, whatever the interval; it is largest at an
/// end of it.
#[allow(dead_code)]
fn reciprocal(l: f64, u: f64) -> Lines {
    let middle = l / 2.0 + u / 2.0;
    let tangent = 1.0 / middle / middle;
    let chord = 1.0 / l / u;
    // Twice a number that was rounded down is exact.
    let lower = (-tangent, if tangent > 0.0 { 2.0 * down(tangent.sqrt()) } else { 0.0 });
    let at = |y: f64| if chord == 0.0 { up(1.0 / y) } else { up(up(1.0 / y) + up(chord * y)) };
    Lines { lower, upper: (-chord, at(l).max(at(u))) }.checked()
}

/// Planes of a quotient over a box; those below, as those above, may be the same.
#[allow(dead_code)] // quotients are cut so far
pub(crate) fn planes(x: (f64, f64), y: (f64, f64)) -> Planes {
    let (least, most) = range(x, y);
    let flat = Planes { lower: [Plane::flat(least); 2], upper: [Plane::flat(most); 2] };
    let large = x.0.abs().max(x.1.abs()).max(y.0.abs()).max(y.1.abs());
    let small = y.0.abs().min(y.1.abs());
    if !is_box(x, y) || large > HUGE || small < HUGE.recip() || (y.0 < 0.0) != (y.1 < 0.0) {
        return flat;
    }
    // 1 / y = -(1 / -y).
    let lines = if y.0 > 0.0 {
        reciprocal(y.0, y.1)
    } else {
        let Lines { lower, upper } = reciprocal(-y.1, -y.0);
        Lines { lower: (upper.0, -upper.1), upper: (lower.0, -lower.1) }
    };
    let product = product_planes(x, (down(1.0 / y.1), up(1.0 / y.0)));
    let far = y.0.abs().max(y.1.abs());
    // `factor` times a line, and all that is rounded goes into the constant: the new slope by one unit roundoff of itself, and
    // what underflows, times the largest divisor.
    let replaced = |plane: Plane, (slope, intercept): (f64, f64), outward: f64, constant: f64| {
        let factor = plane.y;
        let (slope, moved) = (factor * slope, factor * intercept);
        let sum = plane.constant + moved;
        let error = (slope.abs() * far + plane.constant.abs() + moved.abs()) * (4.0 * f64::EPSILON) + TINY;
        Plane { x: plane.x, y: slope, constant: sum + outward * error }.or(constant)
    };
    Planes {
        lower: product
            .lower
            .map(|plane| replaced(plane, if plane.y >= 0.0 { lines.lower } else { lines.upper }, -1.0, least)),
        upper: product
            .upper
            .map(|plane| replaced(plane, if plane.y >= 0.0 { lines.upper } else { lines.lower }, 1.0, most)),
    }
}
