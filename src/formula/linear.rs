//! Linear constraints over integers and literals as sums of literals with integral weights, without rounding.
//!
//! A double is m·2ᵉ with an odd integer m. All coefficients are divided by the least of their powers of two, which
//! makes them integers; then the right-hand side may be rounded the way the relation allows. Numbers are replaced by
//! the sums that their literals are (see `codes`).
//!
//! Cost: O(n) for n literals of the numbers and of the constraint.

use num_traits::ToPrimitive;

use super::codes::Codes;
use super::lower::LowerError;
use super::{ConstraintId, Linear, Relation, arrays};

/// Beyond twice every constant, and every sum.
const HUGE: i128 = 1 << 125;

/// A constraint as a sum of literals.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// Weights and literals of the last one read. Their magnitudes add up to at most `i64::MAX`.
    pub terms: Vec<(i64, i32)>,
    /// Scratch of whoever holds the row.
    pub literals: Vec<i32>,
}

/// Whether a sum has a least and a most.
pub(super) type Bounds = [Option<i128>; 2];

impl Row {
    pub fn bytes(&self) -> u64 {
        arrays::bytes(&self.terms) + arrays::bytes(&self.literals)
    }

    /// Reads a constraint: its terms, and what their sum is at least and at most, within ±2^126; `None` where no sum
    /// of integers can be equal to the right-hand side.
    pub fn read(
        &mut self,
        linear: Linear<'_>,
        id: ConstraintId,
        map: impl Fn(i32) -> i32,
        codes: &Codes,
        limit: u64,
    ) -> Result<Option<Bounds>, LowerError> {
        self.terms.clear();
        let doubles =
            || linear.coefficients.iter().chain(linear.weights).map(|&c| Exact::new(c)).filter(|c| c.odd != 0);
        let unit = doubles().map(|c| c.exponent).min().unwrap_or(0);
        let too_large = if unit < 0 {
            let why = "its coefficients, multiplied by a power of two that makes them integers, exceed 64 bits";
            LowerError::Unsupported { id, why }
        } else {
            LowerError::Overflow { id }
        };
        let (mut total, mut constant) = (0u64, 0i128);
        let mut weigh = |coefficient: f64, span: i64| {
            let c = Exact::new(coefficient).integer(unit)?;
            total = total.checked_add(c.unsigned_abs().checked_mul(span.unsigned_abs())?)?;
            (total <= i64::MAX.unsigned_abs()).then_some(c)
        };
        for (&number, &coefficient) in linear.numbers.iter().zip(linear.coefficients) {
            let code = codes.get(number);
            let c = weigh(coefficient, code.span()).ok_or(too_large)?;
            // At most 2^63 · 2^53 a number.
            constant += i128::from(c) * i128::from(code.min);
            if constant.abs() > HUGE / 2 {
                return Err(too_large);
            }
            if c != 0 {
                arrays::reserve(&mut self.terms, code.literals.len(), limit)?;
                self.terms.extend(code.terms().map(|(w, l)| (w * c, l)));
            }
        }
        arrays::reserve(&mut self.terms, linear.literals.len(), limit)?;
        for (&literal, &weight) in linear.literals.iter().zip(linear.weights) {
            let w = weigh(weight, 1).ok_or(too_large)?;
            self.terms.push((w, map(literal)));
        }
        let (floor, is_integer) = Exact::new(linear.rhs).floor(unit);
        let floor = floor - constant;
        let ceiling = if is_integer { floor } else { floor + 1 };
        Ok(match linear.relation {
            Relation::AtLeast => Some([Some(ceiling), None]),
            Relation::Greater => Some([Some(floor + 1), None]),
            Relation::AtMost => Some([None, Some(floor)]),
            Relation::Less => Some([None, Some(ceiling - 1)]),
            Relation::Equal => is_integer.then_some([Some(floor), Some(floor)]),
        })
    }
}

/// odd·2^exponent; 0 is 0·2⁰.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Exact {
    odd: i64,
    exponent: i32,
}

impl Exact {
    /// A finite double.
    fn new(value: f64) -> Self {
        let bits = value.to_bits();
        let biased = (bits >> 52 & 0x7ff) as i32;
        let fraction = (bits & ((1 << 52) - 1)).cast_signed();
        let (magnitude, exponent) = if biased == 0 { (fraction, -1074) } else { (fraction | 1 << 52, biased - 1075) };
        if magnitude == 0 {
            return Exact { odd: 0, exponent: 0 };
        }
        let zeros = magnitude.trailing_zeros();
        let odd = magnitude >> zeros;
        Exact { odd: if value < 0.0 { -odd } else { odd }, exponent: exponent + zeros.cast_signed() }
    }

    /// How many times 2^`unit`, where that is an integer of 64 bits; `unit` does not exceed the exponent.
    fn integer(self, unit: i32) -> Option<i64> {
        if self.odd == 0 {
            return Some(0);
        }
        let shift = u32::try_from(self.exponent - unit).ok().filter(|&s| s < 63)?;
        (i128::from(self.odd) << shift).to_i64()
    }

    /// How many times 2^`unit`, rounded down and kept within ±2^125, and whether that is an integer.
    fn floor(self, unit: i32) -> (i128, bool) {
        let shift = self.exponent - unit;
        if self.odd == 0 {
            (0, true)
        } else if shift < 0 {
            (i128::from(self.odd >> shift.unsigned_abs().min(63)), false)
        } else if shift.unsigned_abs() + self.odd.unsigned_abs().ilog2() >= HUGE.ilog2() {
            (HUGE * i128::from(self.odd.signum()), true)
        } else {
            (i128::from(self.odd) << shift, true)
        }
    }
}
