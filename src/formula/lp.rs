//! Any formula that mixed linear arithmetic can say as a CPLEX LP file, out only: what solvers for mixed integer programs read.
//!
//! The format is that of the IBM ILOG CPLEX "File formats reference manual", section "LP file format", without what only
//! some readers know:
//!
//! ```text
//! \ b2 is x[0]
//! Minimize
//!  obj: 0 a + 0 b2 + 0 n0
//! Subject To
//!  c0: a + b2 >= 1
//!  c1: 3 n0 - 4 a >= -3.5
//! Bounds
//!  -1.5 <= n0 <= 2
//! Binaries
//!  a b2
//! End
//! ```
//!
//! A variable keeps its name where that is a name in LP; else variable v is `bv`, and its name stands in a comment. Number n is
//! `nn`, and the row of constraint i is `ci`, that of a second half `ci_`. Parities get a counter `pi`, conditions become
//! rows that are switched off (big-M; M is no larger than the domains make it, but for rounding), and where that needs no
//! rounding ¬x is 1 − x, else a column `mv` (or, for a condition, `kv` or `jv`). See `program.rs`.
//!
//! Digits are those that read back as the same double. What is not a sum of doubles then, and a strict inequality over reals,
//! is [`WriteError::Part`]; strict inequalities over integers are said without being strict. Solvers read with tolerances of
//! their own: HiGHS takes what is beyond 1e20 for infinite, refuses coefficients beyond 1e15, and drops those below 1e-9.

use std::io::Write;
use std::path::Path;

pub use super::text::{Compression, WriteError};

use super::program::{Column, Program, naming};
use super::text::{self, Text, say};
use super::{Formula, Relation};
use crate::budget::Budget;

/// Terms in a line.
const TERMS: usize = 8;

/// Writes `formula`. Budget and memory are as for [`dimacs::write`](super::dimacs::write()), but that the whole program is
/// held: some 16 bytes a literal and 40 a row. What cannot be said is told before anything is written.
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

fn print(formula: &Formula, text: &mut Text<'_>) -> Result<(), WriteError> {
    let program = Program::new(formula, "LP", text.budget())?;
    comments(formula, "\\ ", text)?;
    say(text, "Minimize\n obj:")?;
    // Every column of the formula is named here first, so that readers keep their order.
    for index in 0..formula.num_vars() + formula.num_numbers() {
        say(text, separator(index as usize, if index == 0 { " " } else { " + " }))?;
        say(text, "0 ")?;
        say(text, &naming::column(formula, program.column(index)))?;
    }
    say(text, "\nSubject To\n")?;
    for (row, terms) in program.rows() {
        say(text, " ")?;
        say(text, &naming::row(row.origin))?;
        say(text, ":")?;
        for (count, &(column, value)) in terms.iter().enumerate() {
            let sign = match (count, value < 0.0) {
                (0, false) => " ",
                (_, true) => " - ",
                (_, false) => " + ",
            };
            say(text, separator(count, sign))?;
            if value.abs() != 1.0 {
                say(text, &naming::number(value.abs()))?;
                say(text, " ")?;
            }
            say(text, &naming::column(formula, program.column(column)))?;
        }
        say(
            text,
            match row.relation {
                Relation::AtMost => " <= ",
                Relation::Equal => " = ",
                _ => " >= ",
            },
        )?;
        say(text, &naming::number(row.rhs))?;
        say(text, "\n")?;
    }
    bounds(&program, text)?;
    let is_binary =
        |column: u32| matches!(program.column(column), Column::Variable(_) | Column::Negation(_) | Column::Off(_));
    section(&program, "Binaries", is_binary, text)?;
    section(&program, "Generals", |column| !is_binary(column) && program.is_integer(column), text)?;
    say(text, "End\n")
}

/// What stands before a term: a line feed where the line is full.
fn separator(count: usize, sign: &'static str) -> &'static str {
    match sign {
        _ if count == 0 || !count.is_multiple_of(TERMS) => sign,
        " - " => "\n  - ",
        _ => "\n  + ",
    }
}

fn bounds(program: &Program<'_>, text: &mut Text<'_>) -> Result<(), WriteError> {
    say(text, "Bounds\n")?;
    for index in program.formula().num_vars()..program.num_columns() {
        let column = program.column(index);
        if let Column::Negation(_) | Column::Off(_) = column {
            continue;
        }
        let ((lower, upper), name) = (program.bounds(index), naming::column(program.formula(), column));
        say(text, " ")?;
        if lower == upper {
            say(text, &name)?;
            say(text, " = ")?;
        } else {
            say(text, &naming::number(lower))?;
            say(text, " <= ")?;
            say(text, &name)?;
            say(text, " <= ")?;
        }
        say(text, &naming::number(upper))?;
        say(text, "\n")?;
    }
    Ok(())
}

fn section(
    program: &Program<'_>,
    title: &str,
    has: impl Fn(u32) -> bool,
    text: &mut Text<'_>,
) -> Result<(), WriteError> {
    let mut count = 0usize;
    for index in (0..program.num_columns()).filter(|&index| has(index)) {
        if count == 0 {
            say(text, title)?;
        }
        say(text, if count.is_multiple_of(TERMS) { "\n " } else { " " })?;
        say(text, &naming::column(program.formula(), program.column(index)))?;
        count += 1;
    }
    if count > 0 { say(text, "\n") } else { Ok(()) }
}

/// The names that are not kept, a comment each, as far as they are not too long for a line.
pub(super) fn comments(formula: &Formula, begin: &str, text: &mut Text<'_>) -> Result<(), WriteError> {
    for variable in 1..=formula.num_vars() {
        let Some(name) = formula.names.get(variable).filter(|name| !naming::keeps(name)) else { continue };
        let cut =
            name.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|&end| end <= 400).last().unwrap_or(0);
        say(text, begin)?;
        say(text, &naming::column(formula, Column::Variable(variable)))?;
        say(text, " is ")?;
        say(text, &name[..cut])?;
        say(text, if cut < name.len() { "...\n" } else { "\n" })?;
    }
    Ok(())
}
