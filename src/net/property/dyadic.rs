//! Numbers without rounding: whole numbers times a power of two.
//!
//! Doubles are such numbers, and sums, differences and products of such numbers are: a formula over doubles never needs
//! another. Unlike rationals they need no common divisors. Cost: that of the whole numbers behind them, a few hundred
//! nanoseconds an operation on doubles.

use std::cmp::Ordering;

use num_bigint::{BigInt, Sign};
use num_traits::{One, Signed, ToPrimitive, Zero};

/// `mantissa · 2^exponent`; the mantissa is odd, or both are 0. So equal numbers are equal fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dyadic {
    mantissa: BigInt,
    exponent: i64,
}

impl Dyadic {
    /// Bits that a constant of a formula may have, and the most that its exponent may be. The product of any two
    /// doubles fits many times over; without a limit, a product of a million factors would take hours.
    const MOST_BITS: u64 = 8192;
    const MOST_EXPONENT: u64 = 16384;

    fn new(mantissa: BigInt, exponent: i64) -> Self {
        match mantissa.trailing_zeros() {
            None => Dyadic { mantissa, exponent: 0 },
            Some(0) => Dyadic { mantissa, exponent },
            Some(zeros) => Dyadic { mantissa: mantissa >> zeros, exponent: exponent + zeros as i64 },
        }
    }

    /// A finite double.
    pub fn of(value: f64) -> Self {
        let bits = value.to_bits();
        let (fraction, exponent) = (bits & ((1 << 52) - 1), (bits >> 52 & 0x7FF) as i64);
        let (magnitude, exponent) =
            if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
        let mantissa = BigInt::from(magnitude);
        Dyadic::new(if value.is_sign_negative() { -mantissa } else { mantissa }, exponent)
    }

    /// Whether it is within the limits for a constant.
    pub fn fits(&self) -> bool {
        self.mantissa.bits() <= Dyadic::MOST_BITS && self.exponent.unsigned_abs() <= Dyadic::MOST_EXPONENT
    }

    pub fn is_zero(&self) -> bool {
        self.mantissa.is_zero()
    }

    pub fn is_negative(&self) -> bool {
        self.mantissa.is_negative()
    }

    pub fn negated(&self) -> Self {
        Dyadic { mantissa: -&self.mantissa, exponent: self.exponent }
    }

    pub fn times(&self, other: &Self) -> Self {
        Dyadic::new(&self.mantissa * &other.mantissa, self.exponent + other.exponent)
    }

    pub fn plus(&self, other: &Self) -> Self {
        if self.is_zero() {
            return other.clone();
        }
        if other.is_zero() {
            return self.clone();
        }
        let (low, high) = if self.exponent <= other.exponent { (self, other) } else { (other, self) };
        let shifted = &high.mantissa << (high.exponent - low.exponent).unsigned_abs();
        Dyadic::new(shifted + &low.mantissa, low.exponent)
    }

    /// The double that it is, if it is one.
    pub fn as_double(&self) -> Option<f64> {
        let top = self.exponent + self.mantissa.bits() as i64; // the number is below 2^top
        if self.mantissa.bits() > 53 || self.exponent < -1074 || top > 1024 {
            return self.is_zero().then_some(0.0);
        }
        let whole = self.mantissa.to_i64()? as f64; // exact: 53 bits
        Some(scaled(whole, self.exponent))
    }

    /// A double near it: within a few units in the last place, or the nearest end of the range.
    fn about(&self) -> (f64, i64) {
        let excess = self.mantissa.bits().saturating_sub(60);
        let whole = (&self.mantissa >> excess).to_i64().unwrap_or(0) as f64;
        (whole, self.exponent + excess as i64)
    }

    /// The least double that is at least `self / divisor`; infinite where that is beyond the largest.
    ///
    /// The divisor is positive.
    pub fn quotient_up(&self, divisor: &Self) -> f64 {
        let ((p, e), (q, f)) = (self.about(), divisor.about());
        let mut double = scaled(p / q, e - f).clamp(-f64::MAX, f64::MAX);
        // Rounded a few times on the way here: a few steps away at most.
        let enough = |double: f64| divisor.times(&Dyadic::of(double)).cmp(self) != Ordering::Less;
        while double.is_finite() && !enough(double) {
            double = double.next_up();
        }
        while double != f64::NEG_INFINITY {
            let next = if double == f64::INFINITY { f64::MAX } else { double.next_down() };
            if next == f64::NEG_INFINITY || !enough(next) {
                break;
            }
            double = next;
        }
        double + 0.0 // no negative zero
    }

    /// The largest double that is at most `self / divisor`.
    pub fn quotient_down(&self, divisor: &Self) -> f64 {
        0.0 - self.negated().quotient_up(divisor)
    }

    /// As doubles whose products and sum it is: each is `whole · two1 · two2 · …` with the factors of two in range.
    pub fn pieces(&self) -> Vec<Vec<f64>> {
        let mut rest = self.mantissa.magnitude().clone();
        let (mut exponent, mut pieces) = (self.exponent, Vec::new());
        let mask = (num_bigint::BigUint::one() << 53u32) - num_bigint::BigUint::one();
        while !rest.is_zero() {
            let part = (&rest & &mask).to_u64().unwrap_or(0) as f64;
            let part = if self.mantissa.sign() == Sign::Minus { -part } else { part };
            if part != 0.0 {
                let mut factors = Vec::new();
                let mut left = exponent;
                // A part below 2^53 may take 2^900 and 2^-1000 without leaving the range.
                let first = left.clamp(-1000, 900);
                factors.push(scaled(part, first));
                left -= first;
                while left != 0 {
                    let step = left.clamp(-1000, 1000);
                    factors.push(scaled(1.0, step));
                    left -= step;
                }
                pieces.push(factors);
            }
            rest >>= 53u32;
            exponent += 53;
        }
        pieces
    }

    /// Bytes on the heap.
    pub fn heap(&self) -> u64 {
        self.mantissa.bits().div_ceil(64) * 8 + size_of::<Dyadic>() as u64
    }
}

impl PartialOrd for Dyadic {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Dyadic {
    fn cmp(&self, other: &Self) -> Ordering {
        let signs = self.mantissa.signum().cmp(&other.mantissa.signum());
        if signs != Ordering::Equal {
            return signs;
        }
        let difference = self.plus(&other.negated());
        difference.mantissa.cmp(&BigInt::zero())
    }
}

/// `value · 2^exponent`, rounded where it is below the normal numbers, infinite where it is too large.
fn scaled(value: f64, exponent: i64) -> f64 {
    let mut value = value;
    let mut left = exponent.clamp(-8192, 8192);
    while left != 0 && value != 0.0 && value.is_finite() {
        let step = left.clamp(-1022, 1023);
        value *= f64::from_bits(((step + 1023) as u64) << 52);
        left -= step;
    }
    value
}

#[cfg(test)]
mod tests {
    use num_rational::BigRational;
    use proptest::prelude::*;

    use super::*;

    fn rational(d: &Dyadic) -> BigRational {
        let two = BigRational::from_integer(BigInt::from(2));
        BigRational::from_integer(d.mantissa.clone()) * two.pow(i32::try_from(d.exponent).unwrap())
    }

    fn finite(bits: u64) -> f64 {
        f64::from_bits(if bits >> 52 & 0x7FF == 0x7FF { bits ^ 1 << 60 } else { bits })
    }

    #[test]
    fn ends_of_the_range() {
        for value in [0.0, -0.0, 1.0, -1.5, 5e-324, -5e-324, f64::MAX, f64::MIN, f64::MIN_POSITIVE, 0.1] {
            assert_eq!(Dyadic::of(value).as_double(), Some(value));
        }
        let least = Dyadic::of(5e-324);
        assert_eq!(least.times(&least).as_double(), None);
        assert_eq!(least.times(&Dyadic::of(0.5)).as_double(), None);
        assert_eq!(Dyadic::of(f64::MAX).plus(&Dyadic::of(f64::MAX)).as_double(), None);
        assert_eq!(Dyadic::of(f64::MAX).quotient_up(&Dyadic::of(0.5)), f64::INFINITY);
        assert_eq!(Dyadic::of(f64::MAX).quotient_down(&Dyadic::of(0.5)), f64::MAX);
        assert_eq!(Dyadic::of(-f64::MAX).quotient_up(&Dyadic::of(0.5)), -f64::MAX);
        assert_eq!(Dyadic::of(-f64::MAX).quotient_down(&Dyadic::of(0.5)), f64::NEG_INFINITY);
        assert_eq!(least.quotient_up(&Dyadic::of(3.0)), 5e-324);
        assert_eq!(least.quotient_down(&Dyadic::of(3.0)), 0.0);
        assert_eq!(Dyadic::of(0.0).quotient_down(&Dyadic::of(3.0)).to_bits(), 0);
        assert!(Dyadic::of(f64::MAX).fits() && least.times(&least).fits());
    }

    proptest! {
        /// Any doubles, and quotients of numbers that are none.
        #[test]
        fn as_rationals_say(bits in any::<[u64; 4]>()) {
            let [a, b, c, d] = bits.map(|b| Dyadic::of(finite(b)));
            let product = a.times(&b);
            let sum = product.plus(&c);
            prop_assert_eq!(rational(&sum), rational(&a) * rational(&b) + rational(&c));
            prop_assert_eq!(sum.cmp(&d), rational(&sum).cmp(&rational(&d)));
            let back = sum.pieces().iter().fold(Dyadic::of(0.0), |total, factors| {
                total.plus(&factors.iter().fold(Dyadic::of(1.0), |p, f| p.times(&Dyadic::of(*f))))
            });
            prop_assert_eq!(&back, &sum);
            let divisor = if d.is_negative() { d.negated() } else { d };
            if !divisor.is_zero() {
                let (down, up) = (sum.quotient_down(&divisor), sum.quotient_up(&divisor));
                let exact = rational(&sum) / rational(&divisor);
                let of = |v: f64| BigRational::from_float(v).unwrap();
                prop_assert!(up == f64::INFINITY || of(up) >= exact);
                prop_assert!(up.next_down() == f64::NEG_INFINITY || of(up.next_down()) < exact);
                prop_assert!(down == f64::NEG_INFINITY || of(down) <= exact);
                prop_assert!(down.next_up() == f64::INFINITY || of(down.next_up()) > exact);
            }
        }
    }
}
