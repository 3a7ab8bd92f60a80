//! Planes that enclose a product over a box, and its range.
//!
//! Source: G. McCormick, "Computability of global solutions to factorable nonconvex programs: Part I - Convex
//! underestimating problems", Mathematical Programming 10 (1976), section 3. The two planes below and the two above are the
//! best there are: all are equally far from the product in the middle of the box, so that the choice is the caller's, and
//! every mixture of two is sound too. Slopes are ends of the intervals, without rounding; the constant is rounded outward.
//! Where an end that is needed is infinite, a plane is the constant of the range.

use crate::bounds::round::{down, up};

/// `x * X + y * Y + constant` for operands X and Y.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Plane {
    pub x: f64,
    pub y: f64,
    pub constant: f64,
}

/// Two planes below and two above, each sound on its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Planes {
    pub lower: [Plane; 2],
    pub upper: [Plane; 2],
}

impl Plane {
    pub(super) fn flat(constant: f64) -> Plane {
        Plane { x: 0.0, y: 0.0, constant }
    }

    /// Itself if all is finite, else the constant.
    pub(super) fn or(self, constant: f64) -> Plane {
        if self.x.is_finite() && self.y.is_finite() && self.constant.is_finite() { self } else { Plane::flat(constant) }
    }
}

/// The product of two ends of intervals, rounded if it has to be. An infinite end stands for all numbers that large, and 0
/// times each is 0.
fn times(a: f64, b: f64, round: fn(f64) -> f64) -> f64 {
    if a == 0.0 || b == 0.0 {
        0.0
    } else if a.is_infinite() || b.is_infinite() || b == 1.0 || a == 1.0 {
        a * b
    } else {
        round(a * b)
    }
}

/// Whether both are intervals.
pub(super) fn is_box((lx, ux): (f64, f64), (ly, uy): (f64, f64)) -> bool {
    lx <= ux && ly <= uy
}

/// The range of a product of operands from two intervals, rounded outward; (-∞, ∞) where one is none.
pub(crate) fn range(x: (f64, f64), y: (f64, f64)) -> (f64, f64) {
    if !is_box(x, y) {
        return (f64::NEG_INFINITY, f64::INFINITY);
    }
    let ends = [(x.0, y.0), (x.0, y.1), (x.1, y.0), (x.1, y.1)];
    (
        ends.map(|(a, b)| times(a, b, down)).into_iter().fold(f64::INFINITY, f64::min),
        ends.map(|(a, b)| times(a, b, up)).into_iter().fold(f64::NEG_INFINITY, f64::max),
    )
}

/// McCormick's planes of a product over a box.
pub(crate) fn planes(x: (f64, f64), y: (f64, f64)) -> Planes {
    let (least, most) = range(x, y);
    if !is_box(x, y) {
        return Planes { lower: [Plane::flat(least); 2], upper: [Plane::flat(most); 2] };
    }
    // (X - a) (Y - b) is not negative if both are below, or both above, their operands, and not positive otherwise.
    let plane = |a: f64, b: f64, round| Plane { x: b, y: a, constant: 0.0 - times(a, b, round) };
    Planes {
        lower: [plane(x.0, y.0, up).or(least), plane(x.1, y.1, up).or(least)],
        upper: [plane(x.0, y.1, down).or(most), plane(x.1, y.0, down).or(most)],
    }
}
