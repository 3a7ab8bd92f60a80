//! From bytes to a formula, whatever the format.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::error::ReadError;
use super::parse_error::ParseErrorKind;
use crate::budget::{Budget, Phase, Progress};
use crate::error::OutOfMemory;
use crate::files::{self, Input};
use crate::formula::Formula;

/// A format's reader: fed with chunks of any size, it keeps what it must know between two of them and nothing of
/// their bytes.
pub(in crate::formula) trait Automaton: Sized {
    /// Before the first byte.
    fn new() -> Self;

    /// Bytes held.
    fn bytes(&self) -> u64;

    /// Bytes that may be held from now on.
    fn set_limit(&mut self, bytes: u64);

    /// Takes the next bytes of the text.
    fn feed(&mut self, chunk: &[u8]) -> Result<(), ReadError>;

    /// The text is complete.
    fn finish(self) -> Result<Formula, ReadError>;

    /// An error at the end of what has been fed.
    fn error_here(&self, kind: ParseErrorKind) -> ReadError;
}

/// Reads to the end of `source`.
pub(in crate::formula) fn read<A: Automaton>(source: impl Read, budget: &Budget) -> Result<Formula, ReadError> {
    read_sized::<A>(source, 0, budget)
}

/// [`read()`] from memory.
pub(in crate::formula) fn read_bytes<A: Automaton>(bytes: &[u8], budget: &Budget) -> Result<Formula, ReadError> {
    read_sized::<A>(bytes, bytes.len() as u64, budget)
}

/// [`read()`] from a file; the name is in the error.
pub(in crate::formula) fn read_file<A: Automaton>(path: &Path, budget: &Budget) -> Result<Formula, ReadError> {
    let read_open = || {
        let io = |source| ReadError::Io { path: None, source };
        let file = File::open(path).map_err(io)?;
        let meta = file.metadata().map_err(io)?;
        read_sized::<A>(file, if meta.is_file() { meta.len() } else { 0 }, budget)
    };
    read_open().map_err(|e| e.in_file(path))
}

/// `total`: bytes of the source, 0 where that is unknown.
fn read_sized<A: Automaton>(source: impl Read, total: u64, budget: &Budget) -> Result<Formula, ReadError> {
    let mut input = Input::open(source, budget).map_err(plain)?;
    let mut automaton = A::new();
    let limit = budget.memory();
    loop {
        let done = input.taken();
        budget.report(|| Progress { done, total, ..Progress::at(Phase::Read) })?;
        let (chunk, held) = match input.next(automaton.bytes()) {
            Ok(next) => next,
            Err(files::ReadError::Damaged { damage, .. }) => return Err(automaton.error_here(damage.into())),
            Err(other) => return Err(plain(other)),
        };
        automaton.set_limit(limit.saturating_sub(held));
        if chunk.is_empty() {
            return automaton.finish().map_err(|e| in_all(e, limit));
        }
        automaton.feed(chunk).map_err(|e| in_all(e, limit))?;
    }
}

/// A part's limit leaves out what else is held; an error speaks of all of it.
fn in_all(error: ReadError, limit: u64) -> ReadError {
    match error {
        ReadError::Memory(OutOfMemory::Limit { bytes, limit: room }) => {
            OutOfMemory::Limit { bytes: bytes.saturating_add(limit.saturating_sub(room)), limit }.into()
        }
        other => other,
    }
}

/// An error that has no place in the text.
fn plain(error: files::ReadError) -> ReadError {
    match error {
        files::ReadError::Io { path, source } => ReadError::Io { path, source },
        files::ReadError::Stopped(stop) => stop.into(),
        files::ReadError::Memory(short) => short.into(),
        files::ReadError::Damaged { path, damage } => {
            ReadError::Parse { path, line: 1, column: 1, kind: damage.into() }
        }
    }
}
