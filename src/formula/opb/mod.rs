//! Pseudo-Boolean constraints in OPB, in and out, plain, gzip or xz.
//!
//! The format is that of the pseudo-Boolean competitions (O. Roussel and V. Manquinho, "Input/Output Format and Solver
//! Requirements for the Competitions of Pseudo-Boolean Solvers", revision 2324, 2016, sections 2 and 3; PB24 and PB25
//! keep it), linear, of decision and optimisation:
//!
//! ```text
//! * #variable= 3 #constraint= 2
//! min: +2 x1 -1 x3 ;
//! +1 x1 +1 ~x2 +3 x3 >= 3 ;
//! -2 x1 +1 x2 = -1 ;
//! ```
//!
//! **Read** are sums of weighted literals, each weight written, then `>=`, `=` or `<=`, a number and `;`. Line breaks
//! are blanks, but that a line which begins with `*` is a comment, wherever it stands. A variable is `x` and its
//! number; other names are refused. Beyond the format: `<=`, sums without a term, and no header at all.
//!
//! **The header** is a comment, so what is no number in it is no promise. Of the first `#variable=` and the first
//! `#constraint=` in comments that begin with one of them, before anything else: so many variables exist, a literal
//! beyond them is an error, and so are fewer constraints than promised, whether an equality counts once or twice. More
//! constraints are taken.
//!
//! **The objective** comes before the constraints: `min:`, a sum, `;`. It becomes that of the formula
//! ([`Formula::objective`]). The format has no word for a constant, so that an offset is written as `+k x1 +k ~x1`.
//!
//! **Not supported**, and refused as such with the place, are a sum to maximise, soft constraints (WBO) and products of
//! literals. `max: ;` asks for nothing and is skipped. Numbers of the format have any size; here weights and bound of a
//! constraint must add up to less than 2^63 in magnitude.
//!
//! **What becomes of a constraint.** Σ ≤ b is stored as Σ −wᵢ·lᵢ ≥ −b. An equality is two constraints with ids that
//! follow one another, ≥ first. Where every weight is 1, −1 or 0 it is a cardinality constraint, with −1·l read as ¬l − 1,
//! and a clause where one literal is enough. With one further literal g of weight k > 1 that reaches the bound alone,
//! Σ lᵢ + k·g ≥ k, it is the cardinality constraint Σ lᵢ ≥ k under the condition [`Implied(¬g)`](super::Condition). All
//! else is stored as written. Then, **two constraints in a row that spell a reified one become it**, in either order:
//!
//! ```text
//! Σ wᵢ·lᵢ  + k·¬r     ≥ k                r → Σ wᵢ·lᵢ ≥ k
//! Σ wᵢ·¬lᵢ + k'·r     ≥ k'               ¬r → Σ wᵢ·lᵢ ≤ Σ wᵢ − k'
//! ```
//!
//! with k + k' = Σ wᵢ + 1, all weights positive once negative ones are flipped, and no variable twice. The first of the
//! two gives the literals, r and k. Two binary clauses that say l ↔ r stay two clauses.
//!
//! Cost: one pass over chunks of 64 KiB. Held are the formula, buffers as for DIMACS, and two constraints; that two make
//! one is looked into only where three sums agree, and then takes a sort of both. The budget is asked between chunks, not
//! within that sort.

mod header;
mod parse;
mod row;
mod store;
mod term;
mod write;

use std::io::{Read, Write};
use std::path::Path;

pub use super::text::{Compression, Feature, ParseErrorKind, ReadError, WriteError};

use super::{Formula, text};
use crate::budget::Budget;
use parse::Parser;
use write::print;

/// Reads OPB, plain, gzip or xz, to the end of `source`. Budget, memory and progress are as for
/// [`dimacs::read`](super::dimacs::read()).
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

/// Writes `formula` as OPB: the header, then one constraint a line, in order; a reified one takes two. Clauses,
/// cardinality and pseudo-Boolean constraints can be said, under any condition; others, and numbers, are
/// [`WriteError::Unsayable`] and [`WriteError::Numbers`], before anything is written.
///
/// Reading it gives a formula with the same variables and the same models: the same constraints, but that a cardinality
/// constraint which one literal satisfies comes back as a clause, what has the weights of a cardinality constraint as
/// one, and what is guarded in other words. (A guard weighs as much as the sum it guards: beyond 2^61 or so what is
/// written may be more than [`read()`] takes.) Names and the sampling set are not written: the format has no place for
/// them. Budget and memory are as for [`dimacs::write`](super::dimacs::write()).
pub fn write(formula: &Formula, out: impl Write, budget: &Budget) -> Result<(), WriteError> {
    text::write(print, formula, out, budget)
}

/// Whether OPB has words for all of it.
#[cfg(feature = "cadical")]
pub(crate) fn has_words_for(formula: &Formula) -> bool {
    write::sayable(formula).is_ok()
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
