//! Any formula that mixed linear arithmetic can say as an MPS file in free form, out only: what solvers for mixed integer
//! programs read.
//!
//! The format is that of the IBM ILOG CPLEX "File formats reference manual", section "MPS file format", with fields parted by
//! blanks; it goes back to IBM's Mathematical Programming System/360. What stands for what, what cannot be said, and what
//! readers make of numbers is as in [`lp`]; a name that is not kept stands in a comment, `* b2 is x[0]`.

use std::io::Write;
use std::path::Path;

pub use super::text::{Compression, WriteError};

use super::program::{Column, Program, naming};
use super::text::{self, Text, say};
use super::{Formula, Relation, arrays, lp};
use crate::budget::Budget;

/// Writes `formula`. Budget and memory are as for [`lp::write`](super::lp::write()); the terms are held once more.
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
    let program = Program::new(formula, "MPS", text.budget())?;
    let by_column = ByColumn::new(&program, text.budget())?;
    lp::comments(formula, "* ", text)?;
    say(text, "NAME anser\nROWS\n N obj\n")?;
    for (row, _) in program.rows() {
        say(
            text,
            match row.relation {
                Relation::AtMost => " L ",
                Relation::Equal => " E ",
                _ => " G ",
            },
        )?;
        say(text, &naming::row(row.origin))?;
        say(text, "\n")?;
    }
    say(text, "COLUMNS\n")?;
    let mut integers = false;
    let mark = |begin: bool, text: &mut Text<'_>| {
        say(text, if begin { " MARKER 'MARKER' 'INTORG'\n" } else { " MARKER 'MARKER' 'INTEND'\n" })
    };
    for index in 0..program.num_columns() {
        if program.is_integer(index) != integers {
            integers = !integers;
            mark(integers, text)?;
        }
        let name = naming::column(formula, program.column(index));
        let entries = by_column.entries(index);
        if entries.is_empty() {
            field(&name, "obj", 0.0, text)?;
        }
        for &(row, value) in entries {
            field(&name, &naming::row(by_column.origins[row as usize]), value, text)?;
        }
    }
    if integers {
        mark(false, text)?;
    }
    say(text, "RHS\n")?;
    for (row, _) in program.rows() {
        if row.rhs != 0.0 {
            field("RHS", &naming::row(row.origin), row.rhs, text)?;
        }
    }
    say(text, "BOUNDS\n")?;
    for index in 0..program.num_columns() {
        let (lower, upper) = program.bounds(index);
        let column = program.column(index);
        let name = naming::column(formula, column);
        match column {
            Column::Variable(_) | Column::Negation(_) | Column::Off(_) => {
                say(text, " BV BND ")?;
                say(text, &name)?;
                say(text, "\n")?;
            }
            _ if lower == upper => field("FX BND", &name, lower, text)?,
            _ => {
                field("LO BND", &name, lower, text)?;
                field("UP BND", &name, upper, text)?;
            }
        }
    }
    say(text, "ENDATA\n")
}

fn field(first: &str, second: &str, value: f64, text: &mut Text<'_>) -> Result<(), WriteError> {
    for piece in [" ", first, " ", second, " ", &naming::number(value), "\n"] {
        say(text, piece)?;
    }
    Ok(())
}

/// The terms of a program column by column.
struct ByColumn {
    /// Where each column's entries end.
    ends: Vec<usize>,
    /// Rows and values.
    entries: Vec<(u32, f64)>,
    /// What the rows say.
    origins: Vec<super::program::Origin>,
}

impl ByColumn {
    fn new(program: &Program<'_>, budget: &Budget) -> Result<Self, WriteError> {
        let room = budget.memory().saturating_sub(program.bytes());
        let (columns, terms) = (program.num_columns() as usize, program.num_terms());
        let mut origins = Vec::new();
        arrays::reserve(&mut origins, program.num_rows(), room)?;
        origins.extend(program.rows().map(|(row, _)| row.origin));
        let mut ends: Vec<usize> = Vec::new();
        let room = room.saturating_sub(arrays::bytes(&origins));
        arrays::reserve(&mut ends, columns + 1, room)?;
        let mut entries = Vec::new();
        arrays::reserve(&mut entries, terms, room.saturating_sub(arrays::bytes(&ends)))?;
        ends.resize(columns + 1, 0);
        entries.resize(terms, (0, 0.0));
        program.rows().flat_map(|(_, terms)| terms).for_each(|&(column, _)| ends[column as usize + 1] += 1);
        (0..columns).for_each(|column| ends[column + 1] += ends[column]);
        // Each begin moves on to its end.
        for (row, (_, terms)) in (0..).zip(program.rows()) {
            budget.check()?;
            for &(column, value) in terms {
                let at = &mut ends[column as usize];
                entries[*at] = (row, value);
                *at += 1;
            }
        }
        Ok(ByColumn { ends, entries, origins })
    }

    fn entries(&self, column: u32) -> &[(u32, f64)] {
        let column = column as usize;
        let begin = if column == 0 { 0 } else { self.ends[column - 1] };
        &self.entries[begin..self.ends[column]]
    }
}
