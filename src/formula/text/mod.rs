//! What formats of formulas have in common: chunks, places, errors.
//!
//! A format brings an [`Automaton`], fed with chunks of at most 64 KiB, and a function that prints a formula. Held are
//! the formula, one chunk (two and the decoder's state where the input is compressed), what the automaton keeps
//! between chunks, and nothing that depends on what a header promises.

mod error;
mod parse_error;
mod position;
mod read;
mod write;

pub use crate::files::Compression;
pub use error::{ReadError, WriteError};
pub use parse_error::{Count, Feature, ParseErrorKind};

pub(super) use position::{Position, Spot};
pub(super) use read::{Automaton, read, read_bytes, read_file};
pub(super) use write::{Text, say, to_bytes, to_string, write, write_compressed, write_file};

/// Blanks within a line.
#[inline]
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}
