//! From a formula to DIMACS.

use crate::formula::text::{Text, WriteError};
use crate::formula::{Constraint, Formula, Kind};

/// The format, in messages.
const FORMAT: &str = "DIMACS CNF";

/// Variables of the sampling set on a line.
const A_LINE: usize = 10;

/// The whole text.
pub(super) fn print(formula: &Formula, text: &mut Text<'_>) -> Result<(), WriteError> {
    sayable(formula)?;
    text.plain(b"p cnf ")?;
    text.number(u64::from(formula.num_vars()), b' ')?;
    text.number(formula.num_constraints(), b'\n')?;
    if let Some(set) = formula.sampling_set() {
        sampling_set(set, text)?;
    }
    if formula.is_cnf() {
        // Without asking each id for its kind, which takes half as long again.
        return formula.clauses().iter().try_for_each(|literals| clause(literals, text));
    }
    for constraint in formula.constraints() {
        match constraint {
            Constraint::Clause(literals) => clause(literals, text)?,
            Constraint::Xor(xor) => {
                text.plain(b"x")?;
                match (xor.literals, xor.rhs) {
                    // Nothing is odd, so this says: nothing is even.
                    ([], false) => text.plain(b"1 -1 ")?,
                    // An even number of literals is an odd one where the first is turned over.
                    ([first, ..], false) => literal(-first, text)?,
                    ([first, ..], true) => literal(*first, text)?,
                    ([], true) => {}
                }
                xor.literals.iter().skip(1).try_for_each(|&l| literal(l, text))?;
                text.plain(b"0\n")?;
            }
            _ => {} // there are none
        }
    }
    Ok(())
}

#[inline]
fn literal(literal: i32, text: &mut Text<'_>) -> Result<(), WriteError> {
    if literal < 0 {
        text.sign(b'-');
    }
    text.number(u64::from(literal.unsigned_abs()), b' ')
}

#[inline]
fn clause(literals: &[i32], text: &mut Text<'_>) -> Result<(), WriteError> {
    literals.iter().try_for_each(|&l| literal(l, text))?;
    text.plain(b"0\n")
}

fn sampling_set(set: &[u32], text: &mut Text<'_>) -> Result<(), WriteError> {
    // An empty set is a line too.
    let lines = set.len().div_ceil(A_LINE).max(1);
    for line in 0..lines {
        text.plain(b"c ind ")?;
        for &variable in set.iter().skip(line * A_LINE).take(A_LINE) {
            text.number(u64::from(variable), b' ')?;
        }
        text.plain(b"0\n")?;
    }
    Ok(())
}

/// Whether DIMACS has words for all of it.
fn sayable(formula: &Formula) -> Result<(), WriteError> {
    let unsayable = |(constraint, kind)| WriteError::Unsayable { constraint, kind, format: FORMAT };
    let others = [
        (Kind::Cardinality, formula.cardinalities().len()),
        (Kind::PseudoBoolean, formula.pseudo_booleans().len()),
        (Kind::Linear, formula.linears().len()),
    ];
    let firsts = others.iter().filter(|(_, count)| *count > 0).map(|&(kind, _)| (formula.order.id(kind, 0), kind));
    if let Some(first) = firsts.min() {
        return Err(unsayable(first));
    }
    if formula.objective().is_some() {
        return Err(WriteError::Objective { format: FORMAT });
    }
    if formula.num_numbers() > 0 {
        return Err(WriteError::Numbers { numbers: formula.num_numbers(), format: FORMAT });
    }
    // That nothing is even takes a variable to say.
    if formula.num_vars() == 0
        && let Some(index) = formula.xors().iter().position(|xor| !xor.rhs)
    {
        return Err(unsayable((formula.order.id(Kind::Xor, index as u64), Kind::Xor)));
    }
    Ok(())
}
