//! What formats of formulas have in common: compression, chunks, places, errors, and files that appear when they are
//! whole.
//!
//! A format brings an [`Automaton`], fed with chunks of at most 64 KiB, and a function that prints a formula. Held are
//! the formula, one chunk (two and the decoder's state where the input is compressed), what the automaton keeps
//! between chunks, and nothing that depends on what a header promises. Compression is told by the first bytes when
//! reading, by the suffix when writing.

mod compression;
mod error;
mod input;
mod parse_error;
mod place;
mod position;
mod read;
mod write;

pub use compression::Compression;
pub use error::{ReadError, WriteError};
pub use parse_error::{Count, Feature, ParseErrorKind};

pub(super) use position::{Position, Spot};
pub(super) use read::{Automaton, read, read_bytes, read_file};
pub(super) use write::{Text, to_bytes, to_string, write, write_compressed, write_file};

use crate::budget::Budget;
use crate::error::OutOfMemory;

/// Whether the budget grants so many bytes.
fn fits(bytes: u64, budget: &Budget) -> Result<(), OutOfMemory> {
    let limit = budget.memory();
    if bytes > limit { Err(OutOfMemory::Limit { bytes, limit }) } else { Ok(()) }
}

/// Blanks within a line.
#[inline]
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}
