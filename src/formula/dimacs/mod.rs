//! DIMACS CNF in and out, plain, gzip or xz, with parities and sampling sets.
//!
//! The format is that of the SAT competitions ("Satisfiability: Suggested Format", DIMACS Challenge, 1993, and the
//! competition rules since 2009), read strictly: one header `p cnf VARIABLES CLAUSES`, then exactly so many
//! clauses, none with a variable beyond the header's. (The same header may stand there again before the first clause:
//! files of meelgroup/sampling-benchmarks have it twice.) A clause ends with `0`; it may span lines, and a line may hold
//! several. Lines that begin with `c` are comments, wherever they stand, but for sampling sets. Blanks are spaces, tabs
//! and carriage returns. From a line that begins with `%` on (SATLIB ends its files so) nothing is looked at.
//!
//! **Parities**, as CryptoMiniSat reads them (its README, "XOR clauses", and `dimacsparser.h`): a line that begins with
//! `x`, as in `x1 -2 3 0` or `x 1 -2 3 0`, says that an odd number of its literals is true; `x0` is a contradiction.
//! They count among the header's clauses. CryptoMiniSat never looks at that number, and there are generators that count
//! the clauses alone, so a header that does so is accepted too.
//!
//! **Sampling sets** stand in comments, before or after the header: `c ind 1 2 3 0` (ApproxMC, UniGen, Ganak) and
//! `c p show 1 2 3 0` (Model Counting Competition, format of 2021). Several lines add up. A comment whose first word is
//! `ind`, or whose first two are `p show`, must be such a line; other comments, `c independent` or `c p weight` say,
//! stay comments.
//!
//! Cost: one pass over chunks of 64 KiB; held are the formula, one chunk (two and the decoder's state where the
//! input is compressed), and nothing that depends on what the header promises. Compression is told by the first
//! bytes, never by a name.

mod header;
mod parse;
mod sampling;
mod write;

use std::io::{Read, Write};
use std::path::Path;

pub use super::text::{Compression, Count, Feature, ParseErrorKind, ReadError, WriteError};

use super::{Formula, text};
use crate::budget::Budget;
use parse::Parser;
use write::print;

/// Reads DIMACS CNF, plain, gzip or xz, to the end of `source`.
///
/// The formula, the buffers and the decoder together hold at most [`Budget::memory`] bytes; the least that reads
/// anything is 64 KiB, 256 KiB for gzip, and for xz 128 KiB and what the file's dictionary takes. The formula that
/// is answered has no memory limit. The budget is asked every 64 KiB, progress counts bytes of `source`.
pub fn read(source: impl Read, budget: &Budget) -> Result<Formula, ReadError> {
    text::read::<Parser>(source, budget)
}

/// [`read()`] from memory.
pub fn read_bytes(bytes: &[u8], budget: &Budget) -> Result<Formula, ReadError> {
    text::read_bytes::<Parser>(bytes, budget)
}

/// [`read()`] from a file; the name is in the error. Opening a named pipe waits for its writer, whatever the budget
/// says.
pub fn read_file(path: &Path, budget: &Budget) -> Result<Formula, ReadError> {
    text::read_file::<Parser>(path, budget)
}

/// Writes `formula` as DIMACS CNF: the header, the sampling set, then one clause or parity a line, in order. Reading it
/// gives the same formula, but for names, which the format has no place for, and for parities that are to be even: they
/// come back with their first literal negated. Other constraints, and numbers, are [`WriteError::Unsayable`] and
/// [`WriteError::Numbers`], before anything is written.
///
/// The budget is asked every 16 KiB, progress counts bytes of text; [`Budget::memory`] bounds what is held beside the
/// formula.
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

/// Writes a file, compressed as its suffix says (`.gz`, `.xz`). The file appears under its name when it is complete:
/// a call that fails or is stopped leaves what was there before. What is not a regular file (`/dev/stdout`, a pipe)
/// is written straight.
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
