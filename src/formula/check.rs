//! Whether a model satisfies a formula. Knows no solver; every model passes it before it leaves the library.

use std::cmp::Ordering;

use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};

use super::exact::Exact;
use super::{Condition, ConstraintId, Formula, FormulaError, Kind, Linear, Sum, Xor};

/// One value a variable: 1 true, -1 false, 0 open; variable `v` at index `v - 1`.
pub type Model = Vec<i8>;

/// The first constraint that a model does not satisfy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Violation(pub ConstraintId);

impl Formula {
    /// The first constraint that `model` leaves unsatisfied, or `None` where it satisfies all. What depends on an open
    /// variable is not satisfied. Values past the last variable are not looked at. A formula with integers or reals
    /// needs [`Formula::check_with`].
    pub fn check(&self, model: &[i8]) -> Result<Option<Violation>, FormulaError> {
        self.check_with(model, &[])
    }

    /// [`Formula::check`], with a value for each integer and real. They must lie in their domains; sums are computed
    /// without rounding. The constraint named is the first one; a value outside its domain is an error.
    pub fn check_with(&self, model: &[i8], numbers: &[f64]) -> Result<Option<Violation>, FormulaError> {
        self.check_numbers(model, numbers)?;
        Ok(self.first_violation(model, |row| compare(row, model, numbers)))
    }

    /// [`Formula::check_with`] but for clauses and parities, of which [`Formula::check_batch`] looks at those of many models.
    #[cfg(feature = "cadical")]
    pub(crate) fn check_sums(&self, model: &[i8], numbers: &[f64]) -> Result<Option<Violation>, FormulaError> {
        self.check_numbers(model, numbers)?;
        let [cardinality, pseudo_boolean, linear] = self.violated_sums(model, |row| compare(row, model, numbers));
        Ok(self.least([None, None, cardinality, pseudo_boolean, linear]))
    }

    /// [`Formula::check_with`] for values that need not be doubles.
    pub fn check_exact(&self, model: &[i8], numbers: &[BigRational]) -> Result<Option<Violation>, FormulaError> {
        self.check_lengths(model, numbers.len())?;
        for (number, (domain, value)) in self.domains().iter().zip(numbers).enumerate() {
            if !domain.contains_exact(value) {
                let value = value.to_f64().unwrap_or(f64::NAN);
                return Err(FormulaError::OutsideDomain { number: number as u32, value });
            }
        }
        Ok(self.first_violation(model, |row| compare_exact(row, model, numbers)))
    }

    /// Whether there are as many values as it takes, and those of numbers lie in their domains.
    fn check_numbers(&self, model: &[i8], numbers: &[f64]) -> Result<(), FormulaError> {
        self.check_lengths(model, numbers.len())?;
        for (number, (domain, &value)) in self.domains().iter().zip(numbers).enumerate() {
            if !domain.contains(value) {
                return Err(FormulaError::OutsideDomain { number: number as u32, value });
            }
        }
        Ok(())
    }

    fn check_lengths(&self, model: &[i8], numbers: usize) -> Result<(), FormulaError> {
        if model.len() < self.num_vars() as usize {
            return Err(FormulaError::ModelLength { given: model.len(), num_vars: self.num_vars() });
        }
        if numbers < self.num_numbers() as usize {
            return Err(FormulaError::NumbersLength { given: numbers, num_numbers: self.num_numbers() });
        }
        Ok(())
    }

    fn first_violation(&self, model: &[i8], compare: impl Fn(Linear<'_>) -> Ordering) -> Option<Violation> {
        let clause = self.clauses().iter().position(|clause| !clause.iter().any(|&l| holds(model, l)));
        let xor = self.xors.iter().position(|xor| !xor_holds(xor, model));
        let [cardinality, pseudo_boolean, linear] = self.violated_sums(model, compare);
        self.least([clause, xor, cardinality, pseudo_boolean, linear])
    }

    /// The first violated cardinality, pseudo-Boolean and linear constraint. `compare` answers how a sum compares with its
    /// right-hand side, where all its literals have values.
    fn violated_sums(&self, model: &[i8], compare: impl Fn(Linear<'_>) -> Ordering) -> [Option<usize>; 3] {
        [
            self.cardinalities.iter().position(|sum| !sum_holds(sum, model)),
            self.pseudo_booleans.iter().position(|sum| !sum_holds(sum, model)),
            self.linears.iter().position(|row| !linear_holds(row, model, &compare)),
        ]
    }

    /// The first of these constraints, which are given by their place among their kind: clauses, parities, cardinality,
    /// pseudo-Boolean and linear constraints.
    pub(super) fn least(&self, violated: [Option<usize>; 5]) -> Option<Violation> {
        // The largest id stands for none: the least of optional ones is compiled to a look at what is not there, which
        // changes nothing and alarms memory checkers.
        let none = ConstraintId(u64::MAX);
        let kinds = [Kind::Clause, Kind::Xor, Kind::Cardinality, Kind::PseudoBoolean, Kind::Linear];
        let of = |(kind, index): (Kind, Option<usize>)| index.map_or(none, |i| self.order.id(kind, i as u64));
        let least = kinds.into_iter().zip(violated).map(of).fold(none, ConstraintId::min);
        (least != none).then_some(Violation(least))
    }
}

/// The value of `literal` under `model`, which has a value for its variable: 1, -1, or 0 where it is open.
fn value(model: &[i8], literal: i32) -> i8 {
    let value = model[literal.unsigned_abs() as usize - 1].signum();
    if literal > 0 { value } else { -value }
}

/// Whether `literal` is true under `model`, which has a value for its variable.
pub(crate) fn holds(model: &[i8], literal: i32) -> bool {
    value(model, literal) > 0
}

fn xor_holds(xor: Xor<'_>, model: &[i8]) -> bool {
    let mut odd = false;
    for &literal in xor.literals {
        match value(model, literal) {
            0 => return false,
            v => odd ^= v > 0,
        }
    }
    odd == xor.rhs
}

/// Whether a condition and what it guards agree, given whether that surely holds and whether it surely fails.
fn agree(condition: Condition, model: &[i8], holds: bool, fails: bool) -> bool {
    match condition {
        Condition::Plain => holds,
        Condition::Implied(literal) => holds || value(model, literal) < 0,
        Condition::Reified(literal) => match value(model, literal) {
            1 => holds,
            -1 => fails,
            _ => false,
        },
    }
}

fn sum_holds(sum: Sum<'_>, model: &[i8]) -> bool {
    // What the sum is at least and at most; it fits i64 by construction of the formula.
    let (mut least, mut most) = (0i64, 0i64);
    for (weight, literal) in sum.terms() {
        match value(model, literal) {
            1 => (least, most) = (least + weight, most + weight),
            0 => (least, most) = (least + weight.min(0), most + weight.max(0)),
            _ => {}
        }
    }
    agree(sum.condition, model, least >= sum.bound, most < sum.bound)
}

fn linear_holds(row: Linear<'_>, model: &[i8], compare: impl Fn(Linear<'_>) -> Ordering) -> bool {
    if let Condition::Implied(literal) = row.condition
        && value(model, literal) < 0
    {
        return true;
    }
    if row.literals.iter().any(|&l| value(model, l) == 0) {
        return false;
    }
    row.relation.holds(compare(row))
}

/// The sum against the right-hand side, exactly: in 128-bit integers where everything is a small integer, else in a long
/// accumulator. Values are finite.
fn compare(row: Linear<'_>, model: &[i8], numbers: &[f64]) -> Ordering {
    let products = || row.numbers.iter().zip(row.coefficients).map(|(&n, &c)| (c, numbers[n as usize]));
    let weights = || row.literals.iter().zip(row.weights).filter(|(l, _)| holds(model, **l)).map(|(_, &w)| w);
    let integer = || {
        let mut sum = 0i128;
        for (coefficient, value) in products() {
            sum = sum.checked_add(small(coefficient)? * small(value)?)?;
        }
        for weight in weights() {
            sum = sum.checked_add(small(weight)?)?;
        }
        Some(sum.cmp(&small(row.rhs)?))
    };
    integer().unwrap_or_else(|| {
        let mut difference = Exact::new();
        products().for_each(|(coefficient, value)| difference.add(coefficient, value));
        weights().for_each(|weight| difference.add(weight, 1.0));
        difference.add(row.rhs, -1.0);
        difference.sign()
    })
}

/// The same for values that need not be doubles.
fn compare_exact(row: Linear<'_>, model: &[i8], numbers: &[BigRational]) -> Ordering {
    let mut sum = -rational(row.rhs);
    for (&number, &coefficient) in row.numbers.iter().zip(row.coefficients) {
        sum += &numbers[number as usize] * rational(coefficient);
    }
    for (_, &weight) in row.literals.iter().zip(row.weights).filter(|(l, _)| holds(model, **l)) {
        sum += rational(weight);
    }
    sum.cmp(&BigRational::zero())
}

/// A finite double as a rational number.
pub(crate) fn rational(value: f64) -> BigRational {
    BigRational::from_float(value).unwrap_or_else(BigRational::zero)
}

/// An integer of at most 2^53 in magnitude.
fn small(value: f64) -> Option<i128> {
    (value.trunc() == value && value.abs() <= (1u64 << 53) as f64).then_some(value as i128)
}

#[cfg(test)]
mod tests {
    use super::super::{Domain, LinearRows, Relation};
    use super::*;

    #[test]
    fn finds_the_first_violation() {
        let mut f = Formula::new();
        f.add_clauses(&[1, 2, -1, 3, -2, -3], &[0, 2, 4, 6]).unwrap();
        assert_eq!(f.check(&[1, -1, 1]), Ok(None));
        assert_eq!(f.check(&[1, -1, 1, 0, 9]), Ok(None));
        assert_eq!(f.check(&[1, -1, -1]), Ok(Some(Violation(ConstraintId(1)))));
        assert_eq!(f.check(&[0, 0, 0]), Ok(Some(Violation(ConstraintId(0)))));
        assert_eq!(f.check(&[1, 1]), Err(FormulaError::ModelLength { given: 2, num_vars: 3 }));
        assert_eq!(Formula::new().check(&[]), Ok(None));
        f.add_clause(&[]).unwrap();
        assert_eq!(f.check(&[1, -1, 1]), Ok(Some(Violation(ConstraintId(3)))));
    }

    #[test]
    fn the_first_of_all_kinds() {
        let mut f = Formula::new();
        f.add_cardinality(&[1, 2, 3], 2, Condition::Plain).unwrap();
        f.add_xor(&[1, 2], true).unwrap();
        f.add_clause(&[-3]).unwrap();
        f.add_pseudo_boolean(&[1, -2, 3], &[3, -2, 1], 2, Condition::Plain).unwrap();
        let violated = |model: &[i8]| f.check(model).unwrap().map(|v| v.0.0);
        assert_eq!(violated(&[1, 1, -1]), Some(1));
        assert_eq!(violated(&[1, -1, 1]), Some(2));
        assert_eq!(violated(&[-1, -1, -1]), Some(0));
        assert_eq!(violated(&[1, 0, 1]), Some(1));
    }

    /// Open variables: only what holds in every completion is satisfied.
    #[test]
    fn open_variables_satisfy_nothing_that_they_decide() {
        let conditions = [Condition::Plain, Condition::Implied(4), Condition::Reified(-4)];
        for condition in conditions {
            for bound in -4..=4 {
                let mut f = Formula::new();
                f.ensure_vars(4).unwrap();
                f.add_pseudo_boolean(&[1, -2, 3, 1], &[2, -1, 1, 1], bound, condition).unwrap();
                for code in 0..81i32 {
                    let model: Vec<i8> = (0..4).map(|i| (code / 3i32.pow(i) % 3 - 1) as i8).collect();
                    let fill = |bits: u32| -> Vec<i8> {
                        let value = |(i, &v): (usize, &i8)| {
                            if v != 0 {
                                v
                            } else if bits >> i & 1 == 1 {
                                1
                            } else {
                                -1
                            }
                        };
                        model.iter().enumerate().map(value).collect()
                    };
                    let plain = |m: &[i8]| {
                        let sum = i64::from(m[0] > 0) * 3 - i64::from(m[1] < 0) + i64::from(m[2] > 0);
                        match condition {
                            Condition::Plain => sum >= bound,
                            Condition::Implied(_) => m[3] < 0 || sum >= bound,
                            Condition::Reified(_) => (m[3] < 0) == (sum >= bound),
                        }
                    };
                    let surely = (0..16).all(|bits| plain(&fill(bits)));
                    let found = f.check(&model).unwrap().is_none();
                    // An open condition or sum may hide a sure thing, never invent one.
                    assert!(!found || surely, "{condition:?} {bound} {model:?}");
                    if !model.contains(&0) {
                        assert_eq!(found, surely);
                    }
                }
            }
        }
    }

    #[test]
    fn linear_sums_are_exact() {
        let mut f = Formula::new();
        let x = f.new_number(Domain::Real { min: -1e300, max: 1e300 }).unwrap();
        let y = f.new_number(Domain::Real { min: -1.0, max: 1.0 }).unwrap();
        let n = f.new_number(Domain::Integer { min: -3, max: 1 << 53 }).unwrap();
        // 1e300 + 1e-300 - 1e300 > 0, which doubles do not see.
        f.add_linears(&LinearRows {
            numbers: &[x, y, x, n],
            coefficients: &[1.0, 1e-300, -1.0, 1.0],
            number_offsets: &[0, 3, 4],
            literals: &[2],
            weights: &[1.0],
            literal_offsets: &[0, 0, 1],
            relations: &[Relation::Greater, Relation::Equal],
            rhs: &[0.0, (1u64 << 53) as f64],
            conditions: &[Condition::Plain, Condition::Implied(1)],
        })
        .unwrap();
        let most = (1u64 << 53) as f64;
        assert_eq!(f.check_with(&[1, -1], &[1e300, 1e-20, most]), Ok(None));
        assert_eq!(f.check_with(&[1, 1], &[1e300, 1e-20, most]), Ok(Some(Violation(ConstraintId(1)))));
        assert_eq!(f.check_with(&[-1, 1], &[1e300, 1e-20, most]), Ok(None));
        assert_eq!(f.check_with(&[1, 1], &[1e300, 1e-20, most - 1.0]), Ok(None));
        assert_eq!(f.check_with(&[1, 1], &[1e300, 0.0, most - 1.0]), Ok(Some(Violation(ConstraintId(0)))));
        assert!(matches!(f.check_with(&[1, 1], &[0.0, 0.0, 0.5]), Err(FormulaError::OutsideDomain { number: 2, .. })));
        assert!(matches!(f.check_with(&[1, 1], &[f64::NAN, 0.0, 0.0]), Err(FormulaError::OutsideDomain { .. })));
        assert!(matches!(f.check(&[1, 1]), Err(FormulaError::NumbersLength { given: 0, num_numbers: 3 })));
    }

    #[test]
    fn values_need_not_be_doubles() {
        let third = BigRational::new(1.into(), 3.into());
        let mut f = Formula::new();
        f.new_numbers(&[Domain::Real { min: 0.0, max: 1.0 }, Domain::Integer { min: 0, max: 3 }]).unwrap();
        f.add_linear(Linear {
            numbers: &[0, 1],
            coefficients: &[3.0, -1.0],
            literals: &[1],
            weights: &[1.0],
            relation: Relation::Equal,
            rhs: 1.0,
            condition: Condition::Plain,
        })
        .unwrap();
        let integer = |value: i64| BigRational::from_integer(value.into());
        assert_eq!(f.check_exact(&[-1], &[third.clone(), integer(0)]), Ok(None));
        assert_eq!(f.check_exact(&[1], &[third.clone(), integer(1)]), Ok(None));
        assert_eq!(f.check_exact(&[1], &[third.clone(), integer(0)]), Ok(Some(Violation(ConstraintId(0)))));
        assert_eq!(f.check_with(&[-1], &[1.0 / 3.0, 0.0]), Ok(Some(Violation(ConstraintId(0)))));
        let outside = |numbers: [BigRational; 2]| {
            matches!(f.check_exact(&[1], &numbers), Err(FormulaError::OutsideDomain { .. }))
        };
        assert!(outside([-third.clone(), integer(0)]) && outside([third.clone(), third.clone()]));
        assert!(outside([third.clone(), integer(4)]));
        assert!(matches!(f.check_exact(&[1], &[third]), Err(FormulaError::NumbersLength { .. })));
    }
}
