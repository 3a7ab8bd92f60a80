//! Constants of a formula, doubles wherever they are, and the exact comparison of a sum with one.

use std::cmp::Ordering;

use super::dyadic::Dyadic;

/// A constant. Equal numbers are equal values: what is a double is never stored as anything else, and 0 has one sign.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Number {
    /// A finite double.
    Double(f64),
    /// What no double is.
    Exact(Box<Dyadic>),
}

impl Number {
    pub const ZERO: Number = Number::Double(0.0);
    pub const ONE: Number = Number::Double(1.0);

    /// A finite double.
    pub fn of(value: f64) -> Self {
        Number::Double(value + 0.0) // -0 + 0 = 0
    }

    pub fn dyadic(&self) -> Dyadic {
        match self {
            Number::Double(value) => Dyadic::of(*value),
            Number::Exact(value) => (**value).clone(),
        }
    }

    /// The double that it is, if it is one.
    pub fn as_double(&self) -> Option<f64> {
        match self {
            Number::Double(value) => Some(*value),
            Number::Exact(_) => None,
        }
    }

    pub fn is_zero(&self) -> bool {
        *self == Number::ZERO
    }

    pub fn is_negative(&self) -> bool {
        match self {
            Number::Double(value) => *value < 0.0,
            Number::Exact(value) => value.is_negative(),
        }
    }

    pub fn negated(&self) -> Self {
        match self {
            Number::Double(value) => Number::of(-value),
            Number::Exact(value) => Number::Exact(Box::new(value.negated())),
        }
    }

    pub fn times(&self, other: &Self) -> Self {
        match (self, other) {
            (Number::Double(1.0), n) | (n, Number::Double(1.0)) => n.clone(),
            (Number::Double(-1.0), n) | (n, Number::Double(-1.0)) => n.negated(),
            _ => self.dyadic().times(&other.dyadic()).into(),
        }
    }

    pub fn plus(&self, other: &Self) -> Self {
        if self.is_zero() {
            return other.clone();
        }
        if other.is_zero() {
            return self.clone();
        }
        self.dyadic().plus(&other.dyadic()).into()
    }

    /// Whether it is short enough to go on with.
    pub fn fits(&self) -> bool {
        match self {
            Number::Double(_) => true,
            Number::Exact(value) => value.fits(),
        }
    }

    /// Bytes on the heap.
    pub fn heap(&self) -> u64 {
        match self {
            Number::Double(_) => 0,
            Number::Exact(value) => value.heap(),
        }
    }
}

impl From<Dyadic> for Number {
    fn from(value: Dyadic) -> Self {
        value.as_double().map_or_else(|| Number::Exact(Box::new(value)), Number::of)
    }
}

/// How `Σ cᵢ·vᵢ` compares with `bound`. Values are finite. Never rounds: where doubles leave a doubt, the sum is taken
/// again exactly.
pub(crate) fn compare<'a>(terms: impl Iterator<Item = (&'a Number, f64)> + Clone, bound: &Number) -> Ordering {
    quick(terms.clone(), bound).unwrap_or_else(|| {
        let sum = terms.fold(Dyadic::of(0.0), |sum, (c, v)| sum.plus(&c.dyadic().times(&Dyadic::of(v))));
        sum.cmp(&bound.dyadic())
    })
}

/// The comparison in doubles, where their rounding cannot change it.
fn quick<'a>(terms: impl Iterator<Item = (&'a Number, f64)>, bound: &Number) -> Option<Ordering> {
    let bound = bound.as_double()?;
    let (mut sum, mut magnitude, mut count) = (0.0, 0.0, 0.0);
    // With coefficients ±1 one term is exact, and so is comparing two with each other.
    let (mut plain, mut first, mut second) = (true, 0.0, 0.0);
    for (coefficient, value) in terms {
        let c = coefficient.as_double()?;
        let product = c * value;
        plain &= c.abs() == 1.0 && count < 2.0;
        (first, second) = (second, product);
        sum += product;
        magnitude += product.abs();
        count += 1.0;
    }
    if plain && count < 2.0 {
        return sum.partial_cmp(&bound);
    }
    if plain && bound == 0.0 {
        return first.partial_cmp(&-second);
    }
    // A product or sum is off by half a unit in its last place, or by as much as the least normal number.
    let doubt = (count + 4.0) * (f64::EPSILON * (magnitude + bound.abs()) + 4.0 * f64::MIN_POSITIVE);
    let difference = sum - bound;
    // Not a number, or infinite: not known.
    if difference.abs() > doubt && doubt.is_finite() { difference.partial_cmp(&0.0) } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn doubles_stay_doubles() {
        let tenth = Number::of(0.1);
        assert!(matches!(tenth.times(&Number::of(2.0)), Number::Double(0.2)));
        let product = tenth.times(&tenth);
        assert_eq!(product.as_double(), None);
        assert!(product.plus(&product.negated()).is_zero());
        assert_eq!(Number::of(-0.0), Number::ZERO);
        assert!(product.times(&Number::of(-1.0)).is_negative());
    }

    #[test]
    fn infinite_in_between() {
        let most = Number::of(f64::MAX);
        let terms = [(&most, f64::MAX), (&most, -f64::MAX), (&Number::ONE, 1.0)];
        assert_eq!(compare(terms.into_iter(), &Number::ONE), Ordering::Equal);
        let terms = [(&most, f64::MAX)];
        assert_eq!(compare(terms.into_iter(), &most), Ordering::Greater);
    }

    proptest! {
        /// Sums that nearly or exactly meet their bound.
        #[test]
        fn as_exact_sums(values in prop::collection::vec((-9i8..9, -9i8..9, -2i8..3), 0..5), off in -1i8..2) {
            let coefficients: Vec<Number> = values.iter().map(|(c, _, _)| Number::of(f64::from(*c) * 0.1)).collect();
            let points: Vec<f64> = values
                .iter()
                .map(|(_, v, e)| f64::from(*v) * if *e == 0 { 1.0 } else { 10f64.powi(i32::from(*e) * 20) })
                .collect();
            let terms = || coefficients.iter().zip(points.iter().copied());
            let sum = terms().fold(Dyadic::of(0.0), |s, (c, v)| s.plus(&c.dyadic().times(&Dyadic::of(v))));
            let rounded: f64 = terms().map(|(c, v)| c.as_double().unwrap_or(0.0) * v).sum();
            let near = match off { -1 => rounded.next_down(), 0 => rounded, _ => rounded.next_up() };
            prop_assert_eq!(compare(terms(), &Number::of(near)), sum.cmp(&Dyadic::of(near)));
            prop_assert_eq!(compare(terms(), &Number::from(sum)), Ordering::Equal);
        }
    }
}
