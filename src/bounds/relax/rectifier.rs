//! A linear function with a kink at 0: ReLU, leaky ReLU, `|x|`.
//!
//! Where 0 is inside the interval, the function is convex if its slope `s` below 0 is under 1, concave if over. On the one
//! side stands the chord; on the other any line through the origin with a slope between `s` and 1, of which that one is
//! taken that has the smaller area to the chord (CROWN, section 3.2, "adaptive"). Elsewhere the function is its own line,
//! without rounding.
//!
//! Cost: one division an element, no branch taken that depends on the interval.

use super::{Lines, LinesOf};
use crate::bounds::round::{HUGE, down, up};

/// The slope times `x`, at most (at least) that where it has to be rounded.
fn scaled(slope: f64, x: f64, round: fn(f64) -> f64) -> f64 {
    if slope == 0.0 {
        0.0
    } else if slope.abs() == 1.0 {
        slope * x
    } else {
        round(slope * x)
    }
}

/// The values on an interval.
pub(super) fn range(slope: f64, l: f64, u: f64) -> (f64, f64) {
    if l >= 0.0 {
        return (l, u);
    }
    if !slope.is_finite() {
        return (f64::NEG_INFINITY, f64::INFINITY);
    }
    let left = |round| scaled(slope, l, round);
    if u <= 0.0 {
        let right = |round| scaled(slope, u, round);
        return if slope < 0.0 { (right(down), left(up)) } else { (left(down), right(up)) };
    }
    if slope < 0.0 { (0.0, left(up).max(u)) } else { (left(down), u) }
}

/// Whether one of the two ends, or neither number, is such that the loop for vectors may round to infinity.
fn is_odd(l: f64, u: f64) -> bool {
    // Not by negation: also where one is no number.
    !((l <= u) & (l >= -HUGE) & (u <= HUGE))
}

/// A line through the origin and the slope of the chord, and how far off the origin the chord is.
///
/// Off by at least `max((s - k) l, (1 - k) u)` for a convex function, which is what is needed at both ends, and as much the
/// other way for a concave one; between the ends it is then enough. Each of the two numbers is computed with two
/// roundings and is not negative, as `k` is between `s` and 1, hence it is at most `(1 + 3 · 2^-53)` times what comes out,
/// and what underflows is less than the smallest normal number. The two operations that account for it round too: the
/// factor is `1 + 8 · 2^-53`.
#[inline(always)]
fn crossing(slope: f64, l: f64, u: f64) -> (f64, f64, f64) {
    let share = u / (u - l);
    let (least, greatest) = if slope < 1.0 { (slope, 1.0) } else { (1.0, slope) };
    let chord = (slope + (1.0 - slope) * share).max(least).min(greatest);
    let sign = if slope < 1.0 { 1.0 } else { -1.0 };
    let (left, right) = ((slope - chord) * l * sign, (1.0 - chord) * u * sign);
    let off = if left > right { left } else { right };
    let through = if u > -l { 1.0 } else { slope };
    (through, chord, (off * (1.0 + 4.0 * f64::EPSILON) + f64::MIN_POSITIVE) * sign)
}

/// Lines over an interval that is one.
pub(super) fn lines(slope: f64, l: f64, u: f64) -> Lines {
    if l >= 0.0 || slope == 1.0 {
        return Lines::both((1.0, 0.0));
    }
    if !slope.is_finite() {
        return Lines::UNKNOWN;
    }
    if u <= 0.0 {
        return Lines::both((slope, 0.0));
    }
    let through = (if u > -l { 1.0 } else { slope }, 0.0);
    let sign = if slope < 1.0 { 1.0 } else { -1.0 };
    let chord = if slope.abs() > HUGE {
        (0.0, sign * f64::INFINITY)
    } else {
        match (l < -HUGE, u > HUGE) {
            (false, false) => {
                let (_, chord, off) = crossing(slope, l, u);
                (chord, off)
            }
            // Parallel to the ray that does not end, and through the other end.
            (false, true) => (1.0, sign * up(up((slope - 1.0).abs()) * -l)),
            (true, false) => (slope, sign * up(up((slope - 1.0).abs()) * u)),
            (true, true) => (0.0, sign * f64::INFINITY),
        }
    };
    if slope < 1.0 { Lines { lower: through, upper: chord } } else { Lines { lower: chord, upper: through } }
}

/// Lines of many elements.
pub(super) fn lines_of(slope: f64, lower: &[f64], upper: &[f64], out: LinesOf<'_>) {
    let n = lower.len().min(upper.len());
    let (lower, upper) = (&lower[..n], &upper[..n]);
    let LinesOf { lower_slope, lower_icpt, upper_slope, upper_icpt } = out;
    let (lower_slope, lower_icpt) = (&mut lower_slope[..n], &mut lower_icpt[..n]);
    let (upper_slope, upper_icpt) = (&mut upper_slope[..n], &mut upper_icpt[..n]);
    let whole = slope.is_nan() || slope.abs() > HUGE || slope == 1.0;
    let mut odd = whole;
    if !odd {
        let ((through_slope, through_icpt), (chord_slope, chord_icpt)) = if slope < 1.0 {
            ((&mut *lower_slope, &mut *lower_icpt), (&mut *upper_slope, &mut *upper_icpt))
        } else {
            ((&mut *upper_slope, &mut *upper_icpt), (&mut *lower_slope, &mut *lower_icpt))
        };
        for i in 0..n {
            let (l, u) = (lower[i], upper[i]);
            let (through, chord, off) = crossing(slope, l, u);
            // Selects, not branches: which of the three it is looks random to the processor.
            let linear = if l >= 0.0 { 1.0 } else { slope };
            let is_linear = (l >= 0.0) | (u <= 0.0);
            through_slope[i] = if is_linear { linear } else { through };
            through_icpt[i] = 0.0;
            chord_slope[i] = if is_linear { linear } else { chord };
            chord_icpt[i] = if is_linear { 0.0 } else { off };
            odd |= is_odd(l, u);
        }
    }
    if odd {
        for i in 0..n {
            if whole || is_odd(lower[i], upper[i]) {
                let lines = super::Function::Rectifier(slope).lines(lower[i], upper[i]);
                (lower_slope[i], lower_icpt[i]) = lines.lower;
                (upper_slope[i], upper_icpt[i]) = lines.upper;
            }
        }
    }
}
