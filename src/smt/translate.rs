//! From constraints to Z3's terms.
//!
//! Sums of literals are brought to positive weights, one a variable, and become Z3's own cardinality and pseudo-Boolean
//! constraints where the weights fit 32 bits, sums of integers otherwise. Linear rows have coefficients that are the
//! rationals that the doubles are; where all numbers are integers the row is multiplied until its coefficients are,
//! too.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::One;

use super::SmtError;
use super::raw::{Sort, Term, Terms};
use crate::formula::{Condition, Constraint, Domain, Linear, Relation, Sum, rational};

/// Asserts one constraint over declared variables and numbers.
pub(super) fn assert(terms: &Terms<'_>, constraint: Constraint<'_>) -> Result<(), SmtError> {
    let (term, condition) = match constraint {
        Constraint::Clause(literals) => (terms.or(&all(terms, literals)?)?, Condition::Plain),
        Constraint::Xor(xor) => {
            let odd = parity(terms, all(terms, xor.literals)?)?;
            (if xor.rhs { odd } else { terms.not(odd)? }, Condition::Plain)
        }
        Constraint::Cardinality(s) | Constraint::PseudoBoolean(s) => (sum(terms, s)?, s.condition),
        Constraint::Linear(row) => (linear(terms, row)?, row.condition),
    };
    terms.assert(match condition {
        Condition::Plain => term,
        Condition::Implied(literal) => terms.implies(terms.literal(literal)?, term)?,
        Condition::Reified(literal) => terms.iff(terms.literal(literal)?, term)?,
    })
}

/// Asserts that a declared number is in its domain.
pub(super) fn assert_domain(terms: &Terms<'_>, number: u32, domain: Domain) -> Result<(), SmtError> {
    let (min, max) = match domain {
        Domain::Integer { min, max } => (min.to_string(), max.to_string()),
        Domain::Real { min, max } => (rational(min).to_string(), rational(max).to_string()),
    };
    let (value, sort) = terms.number(number)?;
    terms.assert(terms.at_least(value, terms.numeral(&min, sort)?)?)?;
    terms.assert(terms.at_most(value, terms.numeral(&max, sort)?)?)
}

/// The sort of numbers with this domain.
pub(super) fn sort(domain: Domain) -> Sort {
    match domain {
        Domain::Integer { .. } => Sort::Int,
        Domain::Real { .. } => Sort::Real,
    }
}

fn all<'t>(terms: &'t Terms<'_>, literals: &[i32]) -> Result<Vec<Term<'t>>, SmtError> {
    literals.iter().map(|&l| terms.literal(l)).collect()
}

/// Whether an odd number of Booleans is true: a balanced tree, lest a long one be a deep one.
fn parity<'t>(terms: &'t Terms<'_>, mut level: Vec<Term<'t>>) -> Result<Term<'t>, SmtError> {
    while level.len() > 1 {
        let halve = |pair: &[Term<'t>]| match *pair {
            [a, b] => terms.xor(a, b),
            _ => Ok(pair[0]),
        };
        level = level.chunks(2).map(halve).collect::<Result<_, _>>()?;
    }
    level.first().map_or_else(|| terms.constant(false), |&term| Ok(term))
}

fn sum<'t>(terms: &'t Terms<'_>, sum: Sum<'_>) -> Result<Term<'t>, SmtError> {
    // Weights of the positive literals; what the negative ones add counts against the bound. Sums of a formula fit 64
    // bits.
    let mut weights = BTreeMap::<u32, i128>::new();
    let mut bound = i128::from(sum.bound);
    for (weight, literal) in sum.terms() {
        let weight = i128::from(weight);
        let of_variable = weights.entry(literal.unsigned_abs()).or_default();
        if literal > 0 {
            *of_variable += weight;
        } else {
            *of_variable -= weight;
            bound -= weight;
        }
    }
    weights.retain(|_, weight| *weight != 0);
    bound -= weights.values().filter(|w| **w < 0).sum::<i128>();
    let total: i128 = weights.values().map(|w| w.abs()).sum();
    if bound <= 0 || bound > total {
        return terms.constant(bound <= 0);
    }
    let literal = |(&v, &w): (&u32, &i128)| terms.literal(if w > 0 { v.cast_signed() } else { -v.cast_signed() });
    let literals = weights.iter().map(literal).collect::<Result<Vec<_>, _>>()?;
    if let Ok(count) = u32::try_from(bound)
        && weights.values().all(|w| w.abs() == 1)
    {
        return terms.count(&literals, count);
    }
    if i32::try_from(total).is_ok() {
        let weights: Vec<i32> = weights.values().map(|w| w.abs() as i32).collect(); // at most the total
        return terms.weighs(&literals, &weights, bound as i32); // no more than the total either
    }
    let zero = terms.numeral("0", Sort::Int)?;
    let mut addends = Vec::new();
    for (&literal, weight) in literals.iter().zip(weights.values()) {
        let weight = terms.numeral(&weight.abs().to_string(), Sort::Int)?;
        addends.push(terms.if_then_else(literal, weight, zero)?);
    }
    terms.at_least(terms.add(&addends)?, terms.numeral(&bound.to_string(), Sort::Int)?)
}

fn linear<'t>(terms: &'t Terms<'_>, row: Linear<'_>) -> Result<Term<'t>, SmtError> {
    let mut factor = BigRational::one();
    let mut sort = Sort::Int;
    for &number in row.numbers {
        if terms.number(number)?.1 == Sort::Real {
            sort = Sort::Real;
        }
    }
    let values = || row.coefficients.iter().chain(row.weights).chain([&row.rhs]);
    if sort == Sort::Int {
        // Denominators of doubles are powers of two: the largest is a multiple of all.
        let most = values().map(|&v| rational(v).denom().clone()).max();
        factor = BigRational::from_integer(most.unwrap_or_else(BigInt::one));
    }
    let numeral = |value: f64| terms.numeral(&(rational(value) * &factor).to_string(), sort);
    let mut addends = Vec::new();
    for (&number, &coefficient) in row.numbers.iter().zip(row.coefficients) {
        let (mut term, own) = terms.number(number)?;
        if own != sort {
            term = terms.to_real(term)?;
        }
        addends.push(terms.times(numeral(coefficient)?, term)?);
    }
    let zero = terms.numeral("0", sort)?;
    for (&literal, &weight) in row.literals.iter().zip(row.weights) {
        addends.push(terms.if_then_else(terms.literal(literal)?, numeral(weight)?, zero)?);
    }
    let left = if addends.is_empty() { zero } else { terms.add(&addends)? };
    let right = numeral(row.rhs)?;
    match row.relation {
        Relation::AtLeast => terms.at_least(left, right),
        Relation::AtMost => terms.at_most(left, right),
        Relation::Equal => terms.equal(left, right),
        Relation::Greater => terms.greater(left, right),
        Relation::Less => terms.less(left, right),
    }
}
