//! The sign: a step from -1 to 1, 0 at 0.
//!
//! Below an interval that 0 is inside of stands a line through (0, -1), for that is the limit from the left, with a slope
//! from 0 to that of the line through (u, 1); the slope with the smaller area is one of the two. Above likewise.

use super::Lines;
use crate::bounds::round::{HUGE, down};

pub(super) fn range(l: f64, u: f64) -> (f64, f64) {
    (sign(l), sign(u))
}

fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

/// A slope that rises at most `rise` on a way of that length.
fn slope(rise: f64, length: f64) -> f64 {
    down(rise / length).clamp(0.0, HUGE)
}

/// Lines over an interval that is one.
pub(super) fn lines(l: f64, u: f64) -> Lines {
    if sign(l) == sign(u) {
        return Lines::both((0.0, sign(l)));
    }
    let lower = match () {
        // Through (0, 0) and (u, 1).
        () if l == 0.0 => (slope(1.0, u), 0.0),
        () if u > -l => (slope(2.0, u), -1.0),
        () => (0.0, -1.0),
    };
    let upper = match () {
        () if u == 0.0 => (slope(1.0, -l), 0.0),
        () if -l > u => (slope(2.0, -l), 1.0),
        () => (0.0, 1.0),
    };
    Lines { lower, upper }
}
