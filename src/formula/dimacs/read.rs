//! From bytes to a formula.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::error::ReadError;
use super::input::{Fault, Input};
use super::parse::Parser;
use crate::budget::{Budget, Phase, Progress};
use crate::error::OutOfMemory;
use crate::formula::Formula;

/// Reads DIMACS CNF, plain, gzip or xz, to the end of `source`.
///
/// The formula, the buffers and the decoder together hold at most [`Budget::memory`] bytes; the least that reads
/// anything is 64 KiB, 256 KiB for gzip, and for xz 128 KiB and what the file's dictionary takes. The formula that
/// is answered has no memory limit. The budget is asked every 64 KiB, progress counts bytes of `source`.
pub fn read(source: impl Read, budget: &Budget) -> Result<Formula, ReadError> {
    read_sized(source, 0, budget)
}

/// [`read()`] from memory.
pub fn read_bytes(bytes: &[u8], budget: &Budget) -> Result<Formula, ReadError> {
    read_sized(bytes, bytes.len() as u64, budget)
}

/// [`read()`] from a file; the name is in the error. Opening a named pipe waits for its writer, whatever the budget
/// says.
pub fn read_file(path: &Path, budget: &Budget) -> Result<Formula, ReadError> {
    let read_open = || {
        let io = |source| ReadError::Io { path: None, source };
        let file = File::open(path).map_err(io)?;
        let meta = file.metadata().map_err(io)?;
        read_sized(file, if meta.is_file() { meta.len() } else { 0 }, budget)
    };
    read_open().map_err(|e| e.in_file(path))
}

/// `total`: bytes of the source, 0 where that is unknown.
fn read_sized(source: impl Read, total: u64, budget: &Budget) -> Result<Formula, ReadError> {
    let mut input = Input::open(source, budget)?;
    let mut parser = Parser::new();
    loop {
        let done = input.taken();
        budget.report(|| Progress { done, total, ..Progress::at(Phase::Read) })?;
        let (chunk, held) = match input.next(parser.bytes()) {
            Ok(next) => next,
            Err(Fault::Read(e)) => return Err(e),
            Err(Fault::Data(kind)) => return Err(parser.error_here(kind)),
        };
        if chunk.is_empty() {
            return parser.finish();
        }
        let limit = budget.memory();
        parser.set_limit(limit.saturating_sub(held));
        parser.feed(chunk).map_err(|e| in_all(e, held, limit))?;
    }
}

/// The parser's limit leaves out the buffers; an error speaks of both.
fn in_all(error: ReadError, held: u64, limit: u64) -> ReadError {
    match error {
        ReadError::Memory(OutOfMemory::Limit { bytes, .. }) => {
            OutOfMemory::Limit { bytes: bytes.saturating_add(held), limit }.into()
        }
        other => other,
    }
}
