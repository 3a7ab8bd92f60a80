//! Clipping: constant, then the identity, then constant again.
//!
//! On an interval it is `min(max(x, p), q)` with `p = max(a, l)`, `q = min(b, u)`, and if `p <= q` these lie in the interval.
//! For a slope `k` from 0 to 1, `f(x) - k x` then falls on `[l, p]`, rises on `[p, q]` and falls on `[q, u]`: it is largest at
//! `l` or `q`, least at `p` or `u`. The slopes are those of CROWN for functions that bend twice: above, the line through
//! `(l, p)` and `(q, q)`, if that is better than a constant; below likewise.

use super::Lines;
use crate::bounds::round::{down, up};

/// Whether the function has values.
fn is_function(a: f64, b: f64) -> bool {
    a <= b && a < f64::INFINITY && b > f64::NEG_INFINITY
}

/// The values on an interval; there is nothing to round.
pub(super) fn range(a: f64, b: f64, l: f64, u: f64) -> (f64, f64) {
    if !is_function(a, b) {
        return (f64::NEG_INFINITY, f64::INFINITY);
    }
    (l.max(a).min(b), u.max(a).min(b))
}

/// Lines over an interval that is one.
pub(super) fn lines(a: f64, b: f64, l: f64, u: f64) -> Lines {
    if !is_function(a, b) {
        return Lines::UNKNOWN;
    }
    if u <= a {
        return Lines::both((0.0, a));
    }
    if l >= b {
        return Lines::both((0.0, b));
    }
    if a <= l && u <= b {
        return Lines::both((1.0, 0.0));
    }
    // Turned by half a turn about the origin, what is below is above.
    let (slope, intercept) = above(-b, -a, -u, -l);
    Lines { lower: (slope, -intercept), upper: above(a, b, l, u) }
}

/// The line above; there is a kink inside the interval.
fn above(a: f64, b: f64, l: f64, u: f64) -> (f64, f64) {
    let (p, q) = (l.max(a), u.min(b));
    // Areas are compared by the middle of the interval: the line through (q, q) is better than a constant if it is below
    // there. Without a kink on the left it is the identity.
    let flat = q < u && l / 2.0 + u / 2.0 >= q;
    if flat || (l == f64::NEG_INFINITY && a > l) {
        return (0.0, q);
    }
    if a <= l {
        return (1.0, 0.0);
    }
    if q == f64::INFINITY {
        // Only the identity stays above it.
        return (1.0, up(p - l));
    }
    let slope = ((q - p) / (q - l)).clamp(0.0, 1.0);
    // No number: the interval is too long for doubles.
    if slope.is_nan() || slope == 0.0 {
        return (0.0, q);
    }
    let at_l = up(p - down(slope * l));
    let at_q = up(q - down(slope * q));
    (slope, at_l.max(at_q))
}
