//! What stands for the largest of a group of operands, as of a window of max-pooling.
//!
//! Below stands one of them, the one with the largest lower bound (DeepPoly, section 4.4). Above, for coefficients from 0 to
//! 1, the largest `max(x) - sum c_j x_j` over the box is exactly `max_i (u_i - c_i (u_i - l_i)) - sum c_j l_j`: `x_i` is at its
//! upper or lower end by the sign of its coefficient, all others at the lower. So any coefficients make a sound bound. With
//! `c_i = max(u_i - v, 0) / (u_i - l_i)` for a level `v` the first term is `v`, and the bound in the middle of the box is `v` plus
//! half the sum of `max(u_i - v, 0)`. That is least for all `v` from the second to the third largest upper bound; `v` is taken
//! as low there as the coefficients do not add up to more than 1, where what is common to the operands cancels. For two
//! operands this is `b + relu(a - b)` with ReLU's chord. An operand that is below another all over its interval gets no
//! coefficient.
//!
//! Cost: two passes over the group.

use crate::bounds::round::{HUGE, down, up};

/// `max(x) <= sum of coefficient * x[index] + constant`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Above {
    terms: [(usize, f64); 2],
    count: usize,
    pub constant: f64,
}

impl Above {
    /// (index of the operand, coefficient), at most two; coefficients are from 0 to 1.
    pub(crate) fn terms(&self) -> &[(usize, f64)] {
        &self.terms[..self.count]
    }

    fn flat(constant: f64) -> Above {
        Above { terms: [(0, 0.0); 2], count: 0, constant }
    }
}

/// Whether all are intervals, and there is one.
fn is_group(lower: &[f64], upper: &[f64]) -> bool {
    !lower.is_empty() && lower.iter().zip(upper).all(|(l, u)| l <= u)
}

/// The operand that stands below: the one with the largest lower bound, of several that with the largest upper one. `None`
/// for an empty group; all operands are sound.
pub(crate) fn below(lower: &[f64], upper: &[f64]) -> Option<usize> {
    let better = |i: usize, j: usize| lower[i] > lower[j] || (lower[i] == lower[j] && upper[i] > upper[j]);
    (0..lower.len()).reduce(|best, i| if better(i, best) { i } else { best })
}

/// The range of the largest; (-∞, ∞) where an interval is none.
pub(crate) fn range(lower: &[f64], upper: &[f64]) -> (f64, f64) {
    if !is_group(lower, upper) {
        return (f64::NEG_INFINITY, f64::INFINITY);
    }
    let largest = |of: &[f64]| of.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (largest(lower), largest(upper))
}

/// The sum that stands above: one operand itself where that is the largest for certain. Infinite where an interval is none.
pub(crate) fn above(lower: &[f64], upper: &[f64]) -> Above {
    if !is_group(lower, upper) {
        return Above::flat(f64::INFINITY);
    }
    // The two with the largest upper bounds, of equal ones the first; and the third bound.
    let (mut first, mut second, mut third) = (0, None, f64::NEG_INFINITY);
    for i in 1..lower.len() {
        if upper[i] > upper[first] {
            third = second.map_or(third, |j: usize| upper[j]);
            second = Some(first);
            first = i;
        } else if second.is_none_or(|j| upper[i] > upper[j]) {
            third = second.map_or(third, |j: usize| upper[j]);
            second = Some(i);
        } else {
            third = third.max(upper[i]);
        }
    }
    let ((l1, u1), floor) = ((lower[first], upper[first]), lower.iter().copied().fold(f64::NEG_INFINITY, f64::max));
    let Some(second) = second else {
        return Above { terms: [(first, 1.0); 2], count: 1, constant: 0.0 };
    };
    let (l2, u2) = (lower[second], upper[second]);
    if l1 >= u2 {
        return Above { terms: [(first, 1.0); 2], count: 1, constant: 0.0 };
    }
    if u1 > HUGE {
        // Only the operand itself is as large.
        let constant = up(u2 - l1);
        let is_bound = u2 <= HUGE && l1 >= -HUGE;
        return if is_bound { Above { terms: [(first, 1.0); 2], count: 1, constant } } else { Above::flat(u1) };
    }
    if l1 < -HUGE {
        return Above::flat(u1);
    }
    let (w1, w2) = (u1 - l1, u2 - l2);
    // No operand that is below another one.
    let lowest = third.max(floor).min(u2);
    let share = |u: f64, w: f64, v: f64| if w > 0.0 { ((u - v) / w).clamp(0.0, 1.0) } else { 0.0 };
    let (c1, c2) = if l2 < -HUGE {
        (share(u1, w1, u2), 0.0)
    } else {
        // Where both add up to 1.
        let level = u1 - w1 * ((u1 - l2) / (w1 + w2));
        let level = if level > lowest { level } else { lowest };
        let c2 = share(u2, w2, level);
        // Where they are to add up to 1, exactly.
        let c1 = share(u1, w1, level);
        if level > lowest { pair(c1) } else { (c1, c2) }
    };
    // What is said above of the largest value, with each operation rounded.
    let at = |u: f64, l: f64, c: f64| if c == 0.0 { u } else { up(u - down(c * down(u - l))) };
    let largest = at(u1, l1, c1).max(at(u2, l2, c2)).max(third);
    let less = |l: f64, c: f64| if c == 0.0 { 0.0 } else { down(c * l) };
    let constant = up(up(largest - less(l1, c1)) - less(l2, c2));
    let count = if c2 > 0.0 { 2 } else { usize::from(c1 > 0.0) };
    let above = Above { terms: [(first, c1), (second, c2)], count, constant };
    if constant.is_finite() { above } else { Above::flat(u1) }
}

/// Two numbers that add up to 1 without rounding, the first near `c`.
fn pair(c: f64) -> (f64, f64) {
    // A difference of 1 and a number from 1/2 to 1 is exact.
    let rest = 1.0 - c;
    if c >= 0.5 { (c, rest) } else { (1.0 - rest, rest) }
}
