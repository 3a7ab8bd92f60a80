//! From a formula to bytes, whatever the format.

use std::io::{self, Write};
use std::path::Path;

use super::{Compression, WriteError};
use crate::budget::{Budget, Phase, Progress};
use crate::error::OutOfMemory;
use crate::files::{self, Sink, fits};
use crate::formula::Formula;

/// Bytes of text between two looks at the budget. An xz encoder takes some milliseconds for so many.
const CHUNK: usize = 16 * 1024;

/// Bytes that may be added before the buffer's length is looked at: a sign, a number of 64 bits, a few blanks.
const SLACK: usize = 32;

/// A format's writer.
pub(in crate::formula) type Print = fn(&Formula, &mut Text<'_>) -> Result<(), WriteError>;

/// Writes a formula. The budget is asked every 16 KiB, progress counts bytes of text; [`Budget::memory`] bounds what
/// is held beside the formula.
pub(in crate::formula) fn write(
    print: Print,
    formula: &Formula,
    mut out: impl Write,
    budget: &Budget,
) -> Result<(), WriteError> {
    let mut text = Text::new(&mut out, budget)?;
    print(formula, &mut text)?;
    text.flush()?;
    budget.check()?;
    Ok(text.out.flush()?)
}

/// [`write()`], compressed. An xz encoder holds some 100 MB.
pub(in crate::formula) fn write_compressed(
    print: Print,
    formula: &Formula,
    out: impl Write,
    compression: Compression,
    budget: &Budget,
) -> Result<(), WriteError> {
    files::encode(out, compression, budget, |out| write(print, formula, out, budget))
}

/// Writes a file, compressed as its suffix says (`.gz`, `.xz`). The file appears under its name when it is complete:
/// a call that fails or is stopped leaves what was there before. What is not a regular file (`/dev/stdout`, a pipe)
/// is written straight.
pub(in crate::formula) fn write_file(
    print: Print,
    formula: &Formula,
    path: &Path,
    budget: &Budget,
) -> Result<(), WriteError> {
    files::write_whole(path, |file| write_compressed(print, formula, file, Compression::of_path(path), budget))
        .map_err(|e| e.in_file(path))
}

/// The text of [`write()`], in memory.
pub(in crate::formula) fn to_bytes(print: Print, formula: &Formula, budget: &Budget) -> Result<Vec<u8>, WriteError> {
    let mut sink = Sink::new(budget);
    match write(print, formula, &mut sink, budget) {
        Ok(()) => Ok(sink.bytes),
        Err(e) => Err(sink.short.map_or(e, WriteError::Memory)),
    }
}

/// The text of [`write()`], in memory.
pub(in crate::formula) fn to_string(print: Print, formula: &Formula, budget: &Budget) -> Result<String, WriteError> {
    let bytes = to_bytes(print, formula, budget)?;
    String::from_utf8(bytes).map_err(|e| WriteError::from(io::Error::new(io::ErrorKind::InvalidData, e)))
}

/// Text on its way out. The buffer has room for [`SLACK`] more bytes at any time.
pub(in crate::formula) struct Text<'a> {
    out: &'a mut dyn Write,
    budget: &'a Budget,
    buffer: Vec<u8>,
    done: u64,
}

impl<'a> Text<'a> {
    fn new(out: &'a mut dyn Write, budget: &'a Budget) -> Result<Self, WriteError> {
        let bytes = CHUNK + SLACK;
        fits(bytes as u64, budget)?;
        let mut buffer = Vec::new();
        buffer.try_reserve_exact(bytes).map_err(|_| OutOfMemory::Allocator { bytes: bytes as u64 })?;
        Ok(Text { out, budget, buffer, done: 0 })
    }

    /// What the writer may take.
    pub fn budget(&self) -> &'a Budget {
        self.budget
    }

    /// Up to 16 bytes as they are.
    #[inline]
    pub fn plain(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.buffer.extend_from_slice(bytes);
        self.keep_room()
    }

    /// A number and what follows it.
    #[inline]
    pub fn number(&mut self, mut number: u64, then: u8) -> Result<(), WriteError> {
        let mut digits = [then; 21];
        let mut at = digits.len() - 1;
        loop {
            at -= 1;
            digits[at] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        self.buffer.extend_from_slice(&digits[at..]);
        self.keep_room()
    }

    /// One byte, before a number.
    #[inline]
    pub fn sign(&mut self, byte: u8) {
        self.buffer.push(byte);
    }

    #[inline]
    fn keep_room(&mut self) -> Result<(), WriteError> {
        if self.buffer.len() >= CHUNK { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), WriteError> {
        let done = self.done;
        self.budget.report(|| Progress { done, ..Progress::at(Phase::Write) })?;
        let mut rest = &self.buffer[..];
        while !rest.is_empty() {
            match self.out.write(rest) {
                Ok(0) => return Err(io::Error::from(io::ErrorKind::WriteZero).into()),
                Ok(len) => rest = &rest[len.min(rest.len())..],
                Err(e) if e.kind() == io::ErrorKind::Interrupted => self.budget.check()?,
                Err(e) => return Err(e.into()),
            }
        }
        self.done += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

/// Text of any length.
pub(in crate::formula) fn say(text: &mut Text<'_>, words: &str) -> Result<(), WriteError> {
    words.as_bytes().chunks(16).try_for_each(|piece| text.plain(piece))
}
