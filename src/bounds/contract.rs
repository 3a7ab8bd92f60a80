//! Backward contraction: what a linear function that must not be positive leaves of a box.
//!
//! Source: J. Scott, G. Pan, E. Khalil, V. Ganesh, "Goose: A Meta-Solver for Deep Neural Network Verification", SMT 2022,
//! section 3.1; the rule itself is bounds propagation of a linear constraint (E. Davis, "Constraint propagation with
//! interval labels", Artificial Intelligence 32, 1987).
//!
//! Cost: one pass over the coefficients.

use super::round::{TINY, down, gamma, up};

/// A linear function `coefficients · x + constant`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Linear<'a> {
    pub coefficients: &'a [f64],
    pub constant: f64,
}

/// What is left of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    Nothing,
    All,
    Part,
}

/// Cuts off what lies where the function is certainly positive, or not negative where `strict` says that it must be.
pub(crate) fn contract(function: Linear<'_>, strict: bool, lower: &mut [f64], upper: &mut [f64]) -> Left {
    let Linear { coefficients, constant } = function;
    let (mut least, mut size) = (constant, constant.abs());
    for ((&a, &l), &u) in coefficients.iter().zip(&*lower).zip(&*upper) {
        if a != 0.0 {
            let at = if a > 0.0 { a * l } else { a * u };
            least += at;
            size += at.abs();
        }
    }
    let error = gamma(coefficients.len() + 2) * size + TINY;
    let certain = down(least - error);
    if certain > 0.0 || strict && certain >= 0.0 {
        return Left::Nothing;
    }
    // How far the function may rise above its least value.
    let room = up(up(error + error) - least);
    if !room.is_finite() {
        return Left::All;
    }
    let mut left = Left::All;
    for ((&a, l), u) in coefficients.iter().zip(lower).zip(upper) {
        if a > 0.0 {
            let end = up(*l + up(room / a));
            if end < *u {
                (*u, left) = (end, Left::Part);
            }
        } else if a < 0.0 {
            let end = down(*u - up(room / -a));
            if end > *l {
                (*l, left) = (end, Left::Part);
            }
        }
        if *l > *u {
            return Left::Nothing;
        }
    }
    left
}
