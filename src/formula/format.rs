//! Which format a file has, told by its name. Some are read and written, some only written.

use std::io::{Read, Write};
use std::path::Path;

use super::text::{ReadError, WriteError};
use super::{Formula, dimacs, lp, mps, opb, smtlib};
use crate::budget::Budget;

/// The formats of formulas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// DIMACS CNF, with parities and a sampling set: [`dimacs`].
    Dimacs,
    /// Pseudo-Boolean constraints: [`opb`].
    Opb,
}

impl Format {
    /// What a name says: `.opb`, also before `.gz` or `.xz`, or anything else. Case does not matter.
    #[must_use]
    pub fn of_path(path: &Path) -> Self {
        if is(path, "opb") { Format::Opb } else { Format::Dimacs }
    }

    /// Reads a formula in this format.
    pub fn read(self, source: impl Read, budget: &Budget) -> Result<Formula, ReadError> {
        match self {
            Format::Dimacs => dimacs::read(source, budget),
            Format::Opb => opb::read(source, budget),
        }
    }

    /// [`Format::read`] from memory.
    pub fn read_bytes(self, bytes: &[u8], budget: &Budget) -> Result<Formula, ReadError> {
        match self {
            Format::Dimacs => dimacs::read_bytes(bytes, budget),
            Format::Opb => opb::read_bytes(bytes, budget),
        }
    }

    /// Reads a file in this format, whatever its name.
    pub fn read_file(self, path: &Path, budget: &Budget) -> Result<Formula, ReadError> {
        match self {
            Format::Dimacs => dimacs::read_file(path, budget),
            Format::Opb => opb::read_file(path, budget),
        }
    }

    /// Writes a formula in this format.
    pub fn write(self, formula: &Formula, out: impl Write, budget: &Budget) -> Result<(), WriteError> {
        TextFormat::from(self).write(formula, out, budget)
    }

    /// Writes a file in this format, compressed as its name says.
    pub fn write_file(self, formula: &Formula, path: &Path, budget: &Budget) -> Result<(), WriteError> {
        TextFormat::from(self).write_file(formula, path, budget)
    }
}

/// The formats that formulas are written in. Those beyond [`Format`] are not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextFormat {
    /// DIMACS CNF, with parities and a sampling set: [`dimacs`].
    Dimacs,
    /// Pseudo-Boolean constraints: [`opb`].
    Opb,
    /// SMT-LIB 2: [`smtlib`].
    SmtLib,
    /// CPLEX LP: [`lp`].
    Lp,
    /// Free MPS: [`mps`].
    Mps,
}

impl TextFormat {
    /// What a name says: `.opb`, `.smt2`, `.lp` or `.mps`, also before `.gz` or `.xz`, or anything else, which is DIMACS CNF.
    /// Case does not matter.
    #[must_use]
    pub fn of_path(path: &Path) -> Self {
        let told =
            [("opb", TextFormat::Opb), ("smt2", TextFormat::SmtLib), ("lp", TextFormat::Lp), ("mps", TextFormat::Mps)];
        told.into_iter().find(|(suffix, _)| is(path, suffix)).map_or(TextFormat::Dimacs, |(_, format)| format)
    }

    /// Writes a formula in this format.
    pub fn write(self, formula: &Formula, out: impl Write, budget: &Budget) -> Result<(), WriteError> {
        match self {
            TextFormat::Dimacs => dimacs::write(formula, out, budget),
            TextFormat::Opb => opb::write(formula, out, budget),
            TextFormat::SmtLib => smtlib::write(formula, out, budget),
            TextFormat::Lp => lp::write(formula, out, budget),
            TextFormat::Mps => mps::write(formula, out, budget),
        }
    }

    /// Writes a file in this format, compressed as its name says.
    pub fn write_file(self, formula: &Formula, path: &Path, budget: &Budget) -> Result<(), WriteError> {
        match self {
            TextFormat::Dimacs => dimacs::write_file(formula, path, budget),
            TextFormat::Opb => opb::write_file(formula, path, budget),
            TextFormat::SmtLib => smtlib::write_file(formula, path, budget),
            TextFormat::Lp => lp::write_file(formula, path, budget),
            TextFormat::Mps => mps::write_file(formula, path, budget),
        }
    }
}

impl From<Format> for TextFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Dimacs => TextFormat::Dimacs,
            Format::Opb => TextFormat::Opb,
        }
    }
}

/// Whether a name has this suffix, also before that of a compression.
fn is(path: &Path, suffix: &str) -> bool {
    let has = |path: &Path, suffix: &str| path.extension().is_some_and(|e| e.eq_ignore_ascii_case(suffix));
    has(path, suffix)
        || (has(path, "gz") || has(path, "xz")) && path.file_stem().is_some_and(|s| has(Path::new(s), suffix))
}

/// Reads a file in the format that its name says.
pub fn read_file(path: &Path, budget: &Budget) -> Result<Formula, ReadError> {
    Format::of_path(path).read_file(path, budget)
}

/// Writes a file in the format that its name says, and compressed as it says.
pub fn write_file(formula: &Formula, path: &Path, budget: &Budget) -> Result<(), WriteError> {
    TextFormat::of_path(path).write_file(formula, path, budget)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn told_by_the_suffix() {
        let of = |path: &str| Format::of_path(Path::new(path));
        for opb in ["a.opb", "a/b.OPB", "a.opb.gz", "a.cnf.opb.XZ"] {
            assert_eq!(of(opb), Format::Opb, "{opb}");
        }
        let written = |path: &str| TextFormat::of_path(Path::new(path));
        assert_eq!(
            ["a.cnf", "a.OPB.gz", "a.smt2", "a.lp.xz", "a/b.mps"].map(written),
            [TextFormat::Dimacs, TextFormat::Opb, TextFormat::SmtLib, TextFormat::Lp, TextFormat::Mps]
        );
        for other in ["", "-", "a", "opb", ".opb", "a.opb/b", "a.opb.cnf", "a.opb.zip", "a.gz", ".opb.gz", "a.cnf"] {
            assert_eq!(of(other), Format::Dimacs, "{other}");
        }
    }
}
