//! The range of each output of a softmax.
//!
//! `y_i = 1 / (1 + sum over j != i of exp(x_j - x_i))` rises with `x_i` and falls with all others, so that its extremes are at
//! corners of the box: least at `l_i` and all other `u_j`, largest at `u_i` and all other `l_j`. As the operands are
//! subtracted first, nothing overflows that is not beyond all doubles. (W. Wei, K. Wu, H. Wang, A. Albarghouthi, "Convex
//! Bounds on the Softmax Function with Applications to Robustness Verification", AISTATS 2023, section 2, starts from
//! there.)
//!
//! Cost: the square of the number of operands in exponentials, twice.

use crate::bounds::round::{down, up};

/// `exp` errs by less than 4 units in the last place, see [the sigmoid](super::sigmoid), that is `8 · 2^-53`, and the widening
/// rounds.
const ERROR: f64 = 8.0 * f64::EPSILON;

/// Writes the range of each output, rounded outward; all are (-∞, ∞) where an interval of an operand is none. All slices
/// have the same length.
pub(crate) fn range(lower: &[f64], upper: &[f64], out_lower: &mut [f64], out_upper: &mut [f64]) {
    if !lower.iter().zip(upper).all(|(l, u)| l <= u) {
        out_lower.fill(f64::NEG_INFINITY);
        out_upper.fill(f64::INFINITY);
        return;
    }
    // Of a sum of numbers none of which is negative, and of what is multiplied with it: one unit roundoff, `2^-53`, for each
    // addition and for each operation after them, and as much again.
    let error = (lower.len() as f64 + 4.0) * f64::EPSILON;
    for i in 0..lower.len() {
        let (mut most, mut least) = (0.0, 0.0);
        for j in (0..lower.len()).filter(|&j| j != i) {
            most += exp_up(upper[j] - lower[i]);
            least += exp_down(lower[j] - upper[i]);
        }
        let least = f64::min(least, f64::MAX);
        let (most, least) = (up(most + most * error), down(least - least * error).max(0.0));
        out_lower[i] = down(1.0 / up(1.0 + most)).max(0.0);
        out_upper[i] = up(1.0 / down(1.0 + least).max(1.0)).min(1.0);
    }
}

/// At least the exponential of a difference that was rounded to nearest; without knowledge of it, infinite.
fn exp_up(difference: f64) -> f64 {
    if difference.is_nan() {
        return f64::INFINITY;
    }
    let value = up(difference).exp();
    value + value * ERROR + f64::MIN_POSITIVE
}

/// At most the same; infinite only where the sum makes 0 of the output, whose bound stays positive.
fn exp_down(difference: f64) -> f64 {
    if difference.is_nan() {
        return 0.0;
    }
    let value = down(difference).exp().min(f64::MAX);
    (value - value * ERROR - f64::MIN_POSITIVE).max(0.0)
}
