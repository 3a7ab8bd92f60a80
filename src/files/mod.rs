//! Files, whatever is in them: compression, chunks, memory limits, and files that appear when they are whole.
//!
//! Compression is told by the first bytes when reading, by the suffix when writing. What a text format needs beyond this
//! (lines, columns) is the formats' own.

mod compression;
mod encode;
mod error;
mod input;
mod place;
pub(crate) mod record;
mod whole;

pub use compression::Compression;
pub use error::{Damage, ReadError, WriteError};
pub use record::RecordError;
pub use whole::{decompress, read_file, write_file};

pub(crate) use encode::{Sink, encode};
pub(crate) use input::Input;
pub(crate) use place::write as write_whole;

use crate::budget::Budget;
use crate::error::OutOfMemory;

/// Whether the budget grants so many bytes.
pub(crate) fn fits(bytes: u64, budget: &Budget) -> Result<(), OutOfMemory> {
    let limit = budget.memory();
    if bytes > limit { Err(OutOfMemory::Limit { bytes, limit }) } else { Ok(()) }
}
