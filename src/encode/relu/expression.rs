//! Linear expressions over numbers of a formula. All that is done to them is done exactly, or not at all.

use crate::bounds::{down, up};

/// Σ coefficient · number + constant, as real numbers. Numbers ascend, coefficients are not 0.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Expression {
    pub terms: Vec<(u32, f64)>,
    pub constant: f64,
}

impl Expression {
    pub fn constant(constant: f64) -> Self {
        Expression { terms: Vec::new(), constant }
    }

    pub fn number(number: u32) -> Self {
        Expression { terms: vec![(number, 1.0)], constant: 0.0 }
    }

    /// The number that it is, if it is one.
    pub fn as_number(&self) -> Option<u32> {
        match self.terms[..] {
            [(number, 1.0)] if self.constant == 0.0 => Some(number),
            _ => None,
        }
    }

    pub fn is_constant(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether it is a constant, or one number times a coefficient.
    pub fn is_simple(&self) -> bool {
        self.is_constant() || self.terms.len() == 1 && self.constant == 0.0
    }

    /// `None` where a coefficient would be rounded.
    pub fn times(&self, factor: f64) -> Option<Self> {
        if factor == 0.0 {
            return Some(Expression::default());
        }
        let terms = self.terms.iter().map(|&(number, c)| Some((number, product(c, factor)?))).collect::<Option<_>>()?;
        Some(Expression { terms, constant: product(self.constant, factor)? })
    }

    /// `None` where a coefficient would be rounded.
    pub fn plus(&self, other: &Self) -> Option<Self> {
        let mut terms = Vec::with_capacity(self.terms.len() + other.terms.len());
        let (mut a, mut b) = (self.terms.iter().copied().peekable(), other.terms.iter().copied().peekable());
        loop {
            let next = match (a.peek(), b.peek()) {
                (None, None) => break,
                (Some(x), Some(y)) if x.0 == y.0 => {
                    let c = sum(x.1, y.1)?;
                    let number = x.0;
                    a.next();
                    b.next();
                    (number, c)
                }
                (Some(x), y) if y.is_none_or(|y| x.0 < y.0) => {
                    let x = *x;
                    a.next();
                    x
                }
                (_, Some(y)) => {
                    let y = *y;
                    b.next();
                    y
                }
                (Some(_), None) => break, // the arm before has it
            };
            if next.1 != 0.0 {
                terms.push(next);
            }
        }
        Some(Expression { terms, constant: sum(self.constant, other.constant)? })
    }

    /// Between what the expression lies, where each number lies within its range; rounded outward where it is rounded.
    pub fn range(&self, range: impl Fn(u32) -> (f64, f64)) -> (f64, f64) {
        self.terms.iter().fold((self.constant, self.constant), |(least, most), &(number, c)| {
            let (l, u) = range(number);
            let (l, u) = if c > 0.0 { (l, u) } else { (u, l) };
            let low = product(c, l).and_then(|l| sum(least, l));
            let high = product(c, u).and_then(|u| sum(most, u));
            (low.unwrap_or_else(|| down(least + down(c * l))), high.unwrap_or_else(|| up(most + up(c * u))))
        })
    }
}

/// The product, where it is a double.
pub(super) fn product(a: f64, b: f64) -> Option<f64> {
    let p = a * b;
    if a == 0.0 || b == 0.0 {
        return Some(0.0);
    }
    // What is smaller may have a remainder that is none any more.
    (p.is_finite() && p.abs() > 1e-250 && a.mul_add(b, -p) == 0.0).then_some(p)
}

/// The sum, where it is a double. Source of the remainder: D. Knuth, "The Art of Computer Programming" 2, section 4.2.2.
pub(super) fn sum(a: f64, b: f64) -> Option<f64> {
    let s = a + b;
    let other = s - a;
    let rest = (a - (s - other)) + (b - other);
    (s.is_finite() && rest == 0.0).then_some(s)
}

/// One over a power of two.
pub(super) fn reciprocal(value: f64) -> Option<f64> {
    let fraction = value.to_bits() & ((1 << 52) - 1);
    (value.is_normal() && fraction == 0 && (1.0 / value).is_normal()).then_some(1.0 / value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_rounded_is_not_done() {
        assert_eq!(product(3.0, 0.25), Some(0.75));
        assert_eq!(product(0.1, 0.1), None);
        assert_eq!(product(1e-200, 1e-200), None);
        assert_eq!(product(1e200, 1e200), None);
        assert_eq!(sum(1.0, 0.5), Some(1.5));
        assert_eq!(sum(1.0, 1e-30), None);
        assert_eq!(sum(0.1, 0.2), None);
        assert_eq!(sum(f64::MAX, f64::MAX), None);
        assert_eq!(reciprocal(8.0), Some(0.125));
        assert_eq!(reciprocal(0.0), None);
        assert_eq!(reciprocal(3.0), None);
        assert_eq!(reciprocal(2f64.powi(500) * (1.0 + f64::EPSILON)), None);
    }

    #[test]
    fn expressions_add_and_scale() {
        let x = Expression { terms: vec![(1, 2.0), (4, -1.0)], constant: 0.5 };
        let y = Expression { terms: vec![(0, 1.0), (1, -2.0), (5, 3.0)], constant: 1.0 };
        let both = Expression { terms: vec![(0, 1.0), (4, -1.0), (5, 3.0)], constant: 1.5 };
        assert_eq!(x.plus(&y), Some(both.clone()));
        assert_eq!(y.plus(&x), Some(both));
        assert_eq!(x.plus(&Expression::constant(0.25)).map(|e| e.constant), Some(0.75));
        assert_eq!(x.plus(&Expression::constant(0.1)), None);
        assert_eq!(x.times(0.0), Some(Expression::default()));
        assert_eq!(x.times(-2.0), Some(Expression { terms: vec![(1, -4.0), (4, 2.0)], constant: -1.0 }));
        let (l, u) = x.range(|number| if number == 1 { (0.0, 1.0) } else { (-3.0, 2.0) });
        assert!(l <= -1.5 && l > -1.51 && (5.5..5.51).contains(&u), "{l}, {u}");
        assert_eq!(Expression::number(3).as_number(), Some(3));
        assert_eq!(x.as_number(), None);
    }
}
