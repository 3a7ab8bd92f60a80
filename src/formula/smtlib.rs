//! Any formula as SMT-LIB 2, out only: what solvers for satisfiability modulo theories read.
//!
//! The format is that of C. Barrett, P. Fontaine and C. Tinelli, "The SMT-LIB Standard: Version 2.6", 2017:
//!
//! ```text
//! (set-logic QF_LIRA)
//! (declare-const b1 Bool) ; x[0]
//! (declare-const n0 Real)
//! (assert (<= (- 1.0) n0 (/ 1.0 2.0)))
//! (assert (=> b1 (>= (+ (* 3.0 n0) (ite b1 1.0 0.0)) 1.0)))
//! (check-sat)
//! ```
//!
//! Variable `v` is `bv` and number `n` is `nn`; names stand in comments, since SMT-LIB lets no name be one of its own
//! functions. The logic is the least that has it all: `QF_UF` for clauses and parities, `QF_LIA` where there are sums
//! and integers at most, `QF_LRA` where all numbers are reals, else `QF_LIRA`. Coefficients are the rationals that the
//! doubles are, without rounding.

use std::io::Write;
use std::path::Path;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

pub use super::text::{Compression, WriteError};

use super::text::{self, Text, say};
use super::{Condition, Constraint, Domain, Formula, Linear, Relation, Sum, rational};
use crate::budget::Budget;

/// Writes `formula`, one command a line. Budget and memory are as for [`dimacs::write`](super::dimacs::write()).
pub fn write(formula: &Formula, out: impl Write, budget: &Budget) -> Result<(), WriteError> {
    text::write(print, formula, out, budget)
}

/// [`write()`], compressed. An xz encoder holds some 100 MB.
pub fn write_compressed(
    formula: &Formula,
    out: impl Write,
    compression: Compression,
    budget: &Budget,
) -> Result<(), WriteError> {
    text::write_compressed(print, formula, out, compression, budget)
}

/// Writes a file, compressed as its suffix says (`.gz`, `.xz`). The file appears under its name when it is complete, as
/// with [`dimacs::write_file`](super::dimacs::write_file).
pub fn write_file(formula: &Formula, path: &Path, budget: &Budget) -> Result<(), WriteError> {
    text::write_file(print, formula, path, budget)
}

/// The text of [`write()`], in memory.
pub fn to_bytes(formula: &Formula, budget: &Budget) -> Result<Vec<u8>, WriteError> {
    text::to_bytes(print, formula, budget)
}

/// The text of [`write()`], in memory.
pub fn to_string(formula: &Formula, budget: &Budget) -> Result<String, WriteError> {
    text::to_string(print, formula, budget)
}

/// The sorts of numbers that a formula has.
#[derive(Debug, Clone, Copy)]
struct Sorts {
    integers: bool,
    reals: bool,
}

fn print(formula: &Formula, text: &mut Text<'_>) -> Result<(), WriteError> {
    if formula.objective().is_some() {
        return Err(WriteError::Objective { format: "SMT-LIB" });
    }
    let is_real = |domain: &Domain| matches!(domain, Domain::Real { .. });
    let reals = formula.domains().iter().any(is_real);
    let integers = !formula.domains().iter().all(is_real);
    let sums = formula.cardinalities().len() + formula.pseudo_booleans().len() + formula.linears().len() > 0;
    let sorts = Sorts { integers, reals };
    say(text, "(set-logic ")?;
    say(
        text,
        match (integers, reals) {
            (true, true) => "QF_LIRA",
            (false, true) => "QF_LRA",
            (true, false) => "QF_LIA",
            (false, false) if sums => "QF_LIA",
            (false, false) => "QF_UF",
        },
    )?;
    say(text, ")\n")?;
    for variable in 1..=formula.num_vars() {
        say(text, "(declare-const b")?;
        text.number(variable.into(), b' ')?;
        say(text, "Bool)")?;
        if let Some(name) = formula.names.get(variable) {
            say(text, " ; ")?;
            say(text, name)?;
        }
        say(text, "\n")?;
    }
    for (number, domain) in (0u64..).zip(formula.domains()) {
        say(text, "(declare-const n")?;
        text.number(number, b' ')?;
        let (min, max, real) = match *domain {
            Domain::Integer { min, max } => {
                (BigRational::from_integer(min.into()), BigRational::from_integer(max.into()), false)
            }
            Domain::Real { min, max } => (rational(min), rational(max), true),
        };
        say(text, if real { "Real)\n(assert (<= " } else { "Int)\n(assert (<= " })?;
        numeral(&min, real, text)?;
        say(text, " n")?;
        text.number(number, b' ')?;
        numeral(&max, real, text)?;
        say(text, "))\n")?;
    }
    for constraint in formula.constraints() {
        say(text, "(assert ")?;
        match constraint {
            Constraint::Clause(literals) => many(text, "or", "false", literals)?,
            Constraint::Xor(xor) => {
                if !xor.rhs {
                    say(text, "(not ")?;
                }
                many(text, "xor", "false", xor.literals)?;
                if !xor.rhs {
                    say(text, ")")?;
                }
            }
            Constraint::Cardinality(sum) | Constraint::PseudoBoolean(sum) => {
                conditional(text, sum.condition, |text| self::sum(sum, sorts, text))?;
            }
            Constraint::Linear(row) => conditional(text, row.condition, |text| linear(formula, row, sorts, text))?,
        }
        say(text, ")\n")?;
    }
    say(text, "(check-sat)\n")
}

fn literal(text: &mut Text<'_>, literal: i32) -> Result<(), WriteError> {
    let name = literal.unsigned_abs().to_string();
    say(text, if literal > 0 { "b" } else { "(not b" })?;
    say(text, &name)?;
    if literal > 0 { Ok(()) } else { say(text, ")") }
}

/// A function of at least two literals, the literal alone where there is one, `none` where there is none.
fn many(text: &mut Text<'_>, function: &str, none: &str, literals: &[i32]) -> Result<(), WriteError> {
    match *literals {
        [] => say(text, none),
        [one] => literal(text, one),
        _ => {
            say(text, "(")?;
            say(text, function)?;
            for &l in literals {
                say(text, " ")?;
                literal(text, l)?;
            }
            say(text, ")")
        }
    }
}

fn conditional(
    text: &mut Text<'_>,
    condition: Condition,
    inner: impl FnOnce(&mut Text<'_>) -> Result<(), WriteError>,
) -> Result<(), WriteError> {
    let (function, guard) = match condition {
        Condition::Plain => return inner(text),
        Condition::Implied(guard) => ("(=> ", guard),
        Condition::Reified(guard) => ("(= ", guard),
    };
    say(text, function)?;
    literal(text, guard)?;
    say(text, " ")?;
    inner(text)?;
    say(text, ")")
}

/// A rational, as a term of its sort. In logics with both sorts what is written without a point is an integer.
fn numeral(value: &BigRational, real: bool, text: &mut Text<'_>) -> Result<(), WriteError> {
    let point = if real { ".0" } else { "" };
    let part = |text: &mut Text<'_>, part: &BigInt| {
        say(text, &part.to_string())?;
        say(text, point)
    };
    let close = if value.is_negative() {
        say(text, "(- ")?;
        ")"
    } else {
        ""
    };
    let numerator = value.numer().abs();
    if value.denom().is_one() {
        part(text, &numerator)?;
    } else {
        say(text, "(/ ")?;
        part(text, &numerator)?;
        say(text, " ")?;
        part(text, value.denom())?;
        say(text, ")")?;
    }
    say(text, close)
}

/// (ite literal weight 0)
fn weighted(text: &mut Text<'_>, weight: &BigRational, l: i32, real: bool) -> Result<(), WriteError> {
    say(text, "(ite ")?;
    literal(text, l)?;
    say(text, " ")?;
    numeral(weight, real, text)?;
    say(text, if real { " 0.0)" } else { " 0)" })
}

/// What stands in front of so many addends, and behind them. Without any there is a zero.
fn brackets(addends: usize, real: bool) -> (&'static str, &'static str) {
    match addends {
        0 if real => ("0.0", ""),
        0 => ("0", ""),
        1 => ("", ""),
        _ => ("(+ ", ")"),
    }
}

fn sum(sum: Sum<'_>, sorts: Sorts, text: &mut Text<'_>) -> Result<(), WriteError> {
    // Where there are only reals the logic has no integers.
    let real = sorts.reals && !sorts.integers;
    let (open, close) = brackets(sum.literals.len(), real);
    say(text, "(>= ")?;
    say(text, open)?;
    for (index, (weight, literal)) in sum.terms().enumerate() {
        if index > 0 {
            say(text, " ")?;
        }
        weighted(text, &BigRational::from_integer(weight.into()), literal, real)?;
    }
    say(text, close)?;
    say(text, " ")?;
    numeral(&BigRational::from_integer(sum.bound.into()), real, text)?;
    say(text, ")")
}

fn linear(formula: &Formula, row: Linear<'_>, sorts: Sorts, text: &mut Text<'_>) -> Result<(), WriteError> {
    let is_real = |number: u32| matches!(formula.domains()[number as usize], Domain::Real { .. });
    let real = row.numbers.iter().any(|&n| is_real(n)) || sorts.reals && !sorts.integers;
    let mut factor = BigRational::one();
    if !real {
        // Over integers alone all are multiplied by the largest denominator, a power of two.
        let values = row.coefficients.iter().chain(row.weights).chain([&row.rhs]);
        let most = values.map(|&v| rational(v).denom().clone()).max();
        factor = BigRational::from_integer(most.unwrap_or_else(BigInt::one));
    }
    let scaled = |value: f64| if value.is_zero() { BigRational::zero() } else { rational(value) * &factor };
    say(
        text,
        match row.relation {
            Relation::AtLeast => "(>= ",
            Relation::AtMost => "(<= ",
            Relation::Equal => "(= ",
            Relation::Greater => "(> ",
            Relation::Less => "(< ",
        },
    )?;
    let (open, close) = brackets(row.numbers.len() + row.literals.len(), real);
    say(text, open)?;
    let mut first = true;
    let mut between = |text: &mut Text<'_>| if std::mem::take(&mut first) { Ok(()) } else { say(text, " ") };
    for (&number, &coefficient) in row.numbers.iter().zip(row.coefficients) {
        between(text)?;
        say(text, "(* ")?;
        numeral(&scaled(coefficient), real, text)?;
        let cast = real && !is_real(number);
        say(text, if cast { " (to_real n" } else { " n" })?;
        say(text, &number.to_string())?;
        say(text, if cast { "))" } else { ")" })?;
    }
    for (&literal, &weight) in row.literals.iter().zip(row.weights) {
        between(text)?;
        weighted(text, &scaled(weight), literal, real)?;
    }
    say(text, close)?;
    say(text, " ")?;
    numeral(&scaled(row.rhs), real, text)?;
    say(text, ")")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(formula: &Formula) -> String {
        to_string(formula, &Budget::unlimited()).unwrap()
    }

    #[test]
    fn golden() {
        let mut f = Formula::new();
        assert_eq!(text(&f), "(set-logic QF_UF)\n(check-sat)\n");
        f.ensure_vars(3).unwrap();
        f.set_name(2, Some("x[0] | true")).unwrap();
        f.add_clauses(&[1, -2, -3], &[0, 2, 3, 3]).unwrap();
        f.add_xors(&[1, -2, 3, 2], &[0, 3, 4, 4], &[true, false, true]).unwrap();
        let propositional = "(declare-const b1 Bool)\n(declare-const b2 Bool) ; x[0] | true\n(declare-const b3 Bool)\n";
        let asserted = "(assert (or b1 (not b2)))\n(assert (not b3))\n(assert false)\n\
             (assert (xor b1 (not b2) b3))\n(assert (not b2))\n(assert false)\n";
        assert_eq!(text(&f), format!("(set-logic QF_UF)\n{propositional}{asserted}(check-sat)\n"));
        f.add_cardinality(&[1, -2, 3], 2, Condition::Plain).unwrap();
        f.add_pseudo_boolean(&[1, -2], &[-3, 5], -1, Condition::Implied(-3)).unwrap();
        f.add_cardinality(&[], 1, Condition::Reified(3)).unwrap();
        let sums = "(assert (>= (+ (ite b1 1 0) (ite (not b2) 1 0) (ite b3 1 0)) 2))\n\
             (assert (=> (not b3) (>= (+ (ite b1 (- 3) 0) (ite (not b2) 5 0)) (- 1))))\n(assert (= b3 (>= 0 1)))\n";
        assert_eq!(text(&f), format!("(set-logic QF_LIA)\n{propositional}{asserted}{sums}(check-sat)\n"));
    }

    #[test]
    fn golden_numbers() {
        let row = |numbers: &'static [u32], coefficients: &'static [f64], relation, rhs| Linear {
            numbers,
            coefficients,
            literals: &[1],
            weights: &[0.75],
            relation,
            rhs,
            condition: Condition::Implied(1),
        };
        let mut f = Formula::new();
        f.new_number(Domain::Real { min: -1.0, max: 0.5 }).unwrap();
        f.add_cardinality(&[1], 1, Condition::Plain).unwrap();
        f.add_linear(row(&[0], &[-0.5], Relation::Less, -3.0)).unwrap();
        assert_eq!(
            text(&f),
            "(set-logic QF_LRA)\n(declare-const b1 Bool)\n(declare-const n0 Real)\n\
             (assert (<= (- 1.0) n0 (/ 1.0 2.0)))\n(assert (>= (ite b1 1.0 0.0) 1.0))\n\
             (assert (=> b1 (< (+ (* (- (/ 1.0 2.0)) n0) (ite b1 (/ 3.0 4.0) 0.0)) (- 3.0))))\n(check-sat)\n"
        );
        f.new_number(Domain::Integer { min: -2, max: 3 }).unwrap();
        f.add_linear(row(&[0, 1], &[2.0, 1.0], Relation::Equal, 0.0)).unwrap();
        f.add_linear(row(&[1], &[0.5], Relation::Greater, 1.0)).unwrap();
        let all = text(&f);
        assert!(all.starts_with("(set-logic QF_LIRA)\n"));
        assert!(all.contains("(declare-const n1 Int)\n(assert (<= (- 2) n1 3))\n"));
        assert!(all.contains("(assert (>= (ite b1 1 0) 1))\n"));
        assert!(all.contains("(= (+ (* 2.0 n0) (* 1.0 (to_real n1)) (ite b1 (/ 3.0 4.0) 0.0)) 0.0)"));
        assert!(all.ends_with("(assert (=> b1 (> (+ (* 2 n1) (ite b1 3 0)) 4)))\n(check-sat)\n"));
    }
}
