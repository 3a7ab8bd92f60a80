//! From a formula to OPB.

use crate::formula::text::{Text, WriteError};
use crate::formula::{Condition, Constraint, Formula, Kind, Sum};

/// The format, in messages.
const FORMAT: &str = "OPB";

/// The whole text.
pub(super) fn print(formula: &Formula, text: &mut Text<'_>) -> Result<(), WriteError> {
    sayable(formula)?;
    text.plain(b"* #variable= ")?;
    text.number(u64::from(formula.num_vars()), b' ')?;
    text.plain(b"#constraint= ")?;
    let sums = formula.cardinalities().iter().chain(formula.pseudo_booleans().iter());
    let twice = sums.filter(|sum| matches!(sum.condition, Condition::Reified(_))).count();
    text.number(formula.num_constraints() + twice as u64, b'\n')?;
    if let Some(objective) = formula.objective() {
        text.plain(b"min: ")?;
        objective.terms().try_for_each(|(weight, literal)| term(weight.into(), literal, text))?;
        if objective.offset() != 0 {
            // One of the two is true.
            term(objective.offset().into(), 1, text)?;
            term(objective.offset().into(), -1, text)?;
        }
        text.plain(b";\n")?;
    }
    for constraint in formula.constraints() {
        match constraint {
            Constraint::Clause(literals) => {
                literals.iter().try_for_each(|&literal| term(1, literal, text))?;
                end(formula, literals.is_empty(), 1, text)?;
            }
            Constraint::Cardinality(sum) | Constraint::PseudoBoolean(sum) => self::sum(formula, &sum, text)?,
            _ => {} // there are none
        }
    }
    Ok(())
}

/// One constraint, in a line or two. With the least and the most that Σ wᵢ·lᵢ can be,
///
/// ```text
/// c → Σ ≥ b:  Σ wᵢ·lᵢ + (b − least)·¬c ≥ b        ¬c → Σ ≤ b − 1:  Σ −wᵢ·lᵢ + (most − b + 1)·c ≥ 1 − b
/// ```
///
/// the latter with −w·l as w·¬l − w where every weight is positive.
fn sum(formula: &Formula, sum: &Sum<'_>, text: &mut Text<'_>) -> Result<(), WriteError> {
    let bound = i128::from(sum.bound);
    let (mut least, mut most) = (0i128, 0i128);
    for (weight, _) in sum.terms() {
        least += i128::from(weight.min(0));
        most += i128::from(weight.max(0));
    }
    for (weight, literal) in sum.terms() {
        term(i128::from(weight), literal, text)?;
    }
    let Some(condition) = sum.condition.literal() else {
        return end(formula, sum.literals.is_empty(), bound, text);
    };
    term(bound - least, -condition, text)?;
    end(formula, false, bound, text)?;
    if let Condition::Reified(_) = sum.condition {
        let flip = least == 0;
        for (weight, literal) in sum.terms() {
            let weight = i128::from(weight);
            if flip { term(weight, -literal, text)? } else { term(-weight, literal, text)? }
        }
        term(most - bound + 1, condition, text)?;
        end(formula, false, 1 - bound + if flip { most } else { 0 }, text)?;
    }
    Ok(())
}

#[inline]
fn term(weight: i128, literal: i32, text: &mut Text<'_>) -> Result<(), WriteError> {
    number(weight, b' ', text)?;
    text.plain(if literal < 0 { b"~x" } else { b"x" })?;
    text.number(u64::from(literal.unsigned_abs()), b' ')
}

/// A number with its sign. Of the sums of a formula none exceeds 64 bits in magnitude.
#[inline]
fn number(number: i128, then: u8, text: &mut Text<'_>) -> Result<(), WriteError> {
    text.sign(if number < 0 { b'-' } else { b'+' });
    text.number(number.unsigned_abs() as u64, then)
}

/// What ends a constraint. A sum without a term gets one that weighs nothing, since the format wants one.
fn end(formula: &Formula, empty: bool, bound: i128, text: &mut Text<'_>) -> Result<(), WriteError> {
    if empty && formula.num_vars() > 0 {
        term(0, 1, text)?;
    }
    text.plain(b">= ")?;
    if bound < 0 {
        text.sign(b'-');
    }
    text.number(bound.unsigned_abs() as u64, b' ')?;
    text.plain(b";\n")
}

/// An error where OPB has no words for something.
pub(super) fn sayable(formula: &Formula) -> Result<(), WriteError> {
    let others = [(Kind::Xor, formula.xors().len()), (Kind::Linear, formula.linears().len())];
    let firsts = others.iter().filter(|(_, count)| *count > 0).map(|&(kind, _)| (formula.order.id(kind, 0), kind));
    if let Some((constraint, kind)) = firsts.min() {
        return Err(WriteError::Unsayable { constraint, kind, format: FORMAT });
    }
    if formula.num_vars() == 0 && formula.objective().is_some_and(|objective| objective.offset() != 0) {
        return Err(WriteError::Objective { format: FORMAT });
    }
    if formula.num_numbers() > 0 {
        return Err(WriteError::Numbers { numbers: formula.num_numbers(), format: FORMAT });
    }
    Ok(())
}
