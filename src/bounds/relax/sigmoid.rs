//! Functions shaped like an S: the hyperbolic tangent, and the sigmoid, which is `1/2 + tanh(x/2) / 2`.
//!
//! The slope above is that of CROWN (table 2 there): where the function is convex, that of the chord, where it is concave,
//! that of the tangent in the middle; where 0 is inside, that of the tangent which passes through the left end of the graph,
//! or of the chord if that touches beyond the right end. The slope may be off: then the intercept is computed, as a
//! proved bound of the largest `g(x) = tanh(x) - k x`. What is below follows from `tanh(-x) = -tanh(x)`.
//!
//! With `t >= 0` where `tanh'(t) = k`, `g` rises on `[-t, t]` and falls outside: it is largest at the left end or on the part
//! `P` of the interval that is not negative. There `g` is concave. Let `[p, q]` in `P` be such that `p` is the left end of `P`
//! or `g'(p) >= 0`, and `q` the right end or `g'(q) <= 0`; then `g` is largest inside `[p, q]`, and at most
//! `g(p) + max(g'(p), 0) (q - p)`. For `p`, `q` a little to the left and right of an approximate `t` the last summand is of
//! second order; that they are on the right sides is checked with the error of the derivative accounted for.
//!
//! The library's `exp` and `tanh` are taken to err by less than 4 units in the last place (those of glibc, musl, macOS and
//! Windows are documented or measured below 3: B. Gladman, V. Innocente, J. Mather, P. Zimmermann, "Accuracy of
//! Mathematical Functions in Single, Double, Double Extended, and Quadruple Precision", 2024); what is made of them is
//! widened by the relative [`ERROR`] and by the smallest normal number, for underflow.
//!
//! Cost: up to 10 evaluations of the derivative to find the tangent, and about as many for the intercept.

use super::Lines;
use crate::bounds::round::{HUGE, down, up};

/// A relative error: 4 units in the last place are up to `8 · 2^-53`; the derivative has such an `e` above and its square below,
/// which counts for as much at most, and 4 more roundings of `2^-53`, one of them squared; the sigmoid has less. In all
/// that is under `24 · 2^-53`, and as much again is for the widening itself.
const ERROR: f64 = 24.0 * f64::EPSILON;

/// Slopes below are taken as 0: nothing underflows then where the derivative is compared with a slope.
const LEAST_SLOPE: f64 = 1e-280;

/// At most, and at least, a number that was computed of an exponential or a hyperbolic tangent, none being negative.
fn widened(value: f64) -> (f64, f64) {
    let margin = value * ERROR + f64::MIN_POSITIVE;
    ((value - margin).max(0.0), value + margin)
}

/// Between which numbers tanh is.
fn tanh(x: f64) -> (f64, f64) {
    let (lo, hi) = widened(x.abs().tanh());
    let hi = hi.min(1.0).min(x.abs());
    if x < 0.0 { (-hi, -lo) } else { (lo, hi) }
}

/// Between which numbers its derivative is: `4 e / (1 + e)^2` with `e = exp(-2 |x|)`.
fn derivative(x: f64) -> (f64, f64) {
    let (lo, hi) = widened(near_derivative(x));
    (lo, hi.min(1.0))
}

fn near_derivative(x: f64) -> f64 {
    let e = (-2.0 * x.abs()).exp();
    4.0 * e / ((1.0 + e) * (1.0 + e))
}

/// Between which numbers the sigmoid is.
fn sigmoid(x: f64) -> (f64, f64) {
    let e = (-x.abs()).exp();
    let far = 1.0 / (1.0 + e);
    let (lo, hi) = widened(if x < 0.0 { e * far } else { far });
    (lo, hi.min(1.0))
}

pub(super) fn sigmoid_range(l: f64, u: f64) -> (f64, f64) {
    (sigmoid(l).0, sigmoid(u).1)
}

pub(super) fn tanh_range(l: f64, u: f64) -> (f64, f64) {
    (tanh(l).0, tanh(u).1)
}

pub(super) fn tanh_lines(l: f64, u: f64) -> Lines {
    let (slope, intercept) = above(-u, -l);
    Lines { lower: (slope, -intercept), upper: above(l, u) }
}

pub(super) fn sigmoid_lines(l: f64, u: f64) -> Lines {
    // Halves are exact but for numbers so small that the last bit is lost.
    let half =
        |x: f64, round: fn(f64) -> f64| if x.abs() < HUGE.recip() && x != 0.0 { round(x / 2.0) } else { x / 2.0 };
    let Lines { lower, upper } = tanh_lines(half(l, down), half(u, up));
    // A quarter of a slope is exact: slopes are 0 or not small.
    let shrunk = |(slope, intercept): (f64, f64), round: fn(f64) -> f64| (slope / 4.0, round(0.5 + intercept / 2.0));
    Lines { lower: shrunk(lower, down), upper: shrunk(upper, up) }
}

/// The line above tanh.
fn above(l: f64, u: f64) -> (f64, f64) {
    let slope = slope_above(l, u);
    if slope.is_nan() || slope < LEAST_SLOPE || l < -HUGE {
        return (0.0, tanh(u).1);
    }
    let slope = slope.min(1.0);
    (slope, intercept_above(slope, l, u))
}

/// A slope that makes a good line; any is sound.
fn slope_above(l: f64, u: f64) -> f64 {
    if l < -HUGE || l == u {
        return 0.0;
    }
    if l >= 0.0 {
        return near_derivative(l + (u - l) / 2.0);
    }
    // That of the chord has lost all digits if the ends are close: it is between those at the ends.
    let chord = |to: f64| (to.tanh() - l.tanh()) / (to - l);
    if u <= 0.0 {
        return chord(u).max(near_derivative(l)).min(near_derivative(u));
    }
    // What is over 0 to the left of where the tangent passes through the left end, and falls. At -l it is negative.
    let over = |d: f64| near_derivative(d) * (d - l) - (d.tanh() - l.tanh());
    if u <= -l && over(u) >= 0.0 {
        return chord(u);
    }
    let (mut left, mut right) = (0.0_f64, u.min(-l));
    // For small `l` it is at -l/2, for large ones where exp(-2 d) is 1 / (-2 l).
    let mut d = (-l / 2.0).min((-4.0 * l + 1.0).ln() / 2.0);
    for _ in 0..6 {
        if !(d > left && d < right) {
            d = left + (right - left) / 2.0;
        }
        let (f, slope) = (d.tanh(), near_derivative(d));
        let value = slope * (d - l) - (f - l.tanh());
        if value >= 0.0 {
            left = d;
        } else {
            right = d;
        }
        // Newton's step: the derivative of the derivative is -2 tanh tanh'.
        d += value / (2.0 * f * slope * (d - l));
    }
    near_derivative(if d > left && d < right { d } else { left + (right - left) / 2.0 })
}

/// At least `tanh(x) - k x` everywhere on the interval; `k` is from [`LEAST_SLOPE`] to 1, `l` finite.
fn intercept_above(k: f64, l: f64, u: f64) -> f64 {
    let at = |x: f64| up(tanh(x).1 - down(k * x));
    if u <= 0.0 {
        // Convex.
        return at(l).max(at(u));
    }
    let right = if l < 0.0 { at(l) } else { f64::NEG_INFINITY };
    right.max(intercept_concave(k, l.max(0.0), u))
}

/// The same where the interval has nothing negative.
fn intercept_concave(k: f64, l: f64, u: f64) -> f64 {
    let at = |x: f64| up(tanh(x).1 - down(k * x));
    if derivative(l).1 <= k {
        return at(l);
    }
    if u <= HUGE && derivative(u).0 >= k {
        return at(u);
    }
    // sinh^2 = cosh^2 - 1, and the derivative is 1 / cosh^2.
    let t = ((1.0 - k) / k).sqrt().asinh();
    let mut share = 1e-8;
    while share < 2.0 {
        let (p, q) = ((t - t * share).max(l), (t + t * share).min(u));
        let (at_p, at_q) = (derivative(p), derivative(q));
        if p <= q && (p == l || at_p.0 >= k) && (q == u || at_q.1 <= k) {
            let more = up(up(at_p.1 - k).max(0.0) * up(q - p));
            return up(at(p) + more);
        }
        share *= 8.0;
    }
    // Both rise.
    up(tanh(u).1 - down(k * l))
}
