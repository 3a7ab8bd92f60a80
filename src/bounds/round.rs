//! Arithmetic whose rounding is accounted for.
//!
//! Products of vectors are computed in round-to-nearest, in whatever order is fast, and a proved bound of their error goes
//! into the constant term: for `n` products summed in any order, with or without fused multiply-add,
//! `|computed - exact| <= gamma(n) * sum |a_i b_i|` (N. Higham, "Accuracy and stability of numerical algorithms", 2nd
//! edition, SIAM 2002, section 3.1 and problem 3.11), as long as nothing overflows; what underflows adds less than
//! [`TINY`]. Single operations are rounded outward by one step of the floating-point grid.

/// `gamma(n) = n u / (1 - n u)` with the unit roundoff `u = 2^-53`, and as much again: enough also for the rounding of the
/// sum of absolute values that it is multiplied by.
#[must_use]
pub(crate) fn gamma(n: usize) -> f64 {
    (n as f64 + 8.0) * f64::EPSILON
}

/// More than all underflows of one step can add up to, for magnitudes up to [`HUGE`].
pub(crate) const TINY: f64 = 1e-150;

/// Magnitudes above it are treated as infinite.
pub(crate) const HUGE: f64 = 1e100;

/// The next number above a result: at least the exact value where the result was rounded to nearest.
#[must_use]
pub(crate) fn up(value: f64) -> f64 {
    value.next_up()
}

/// The next number below a result.
#[must_use]
pub(crate) fn down(value: f64) -> f64 {
    value.next_down()
}
