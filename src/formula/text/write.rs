//! From a formula to bytes, whatever the format.

use std::io::{self, Write};
use std::path::Path;

use flate2::write::GzEncoder;
use lzma_rust2::{XzOptions, XzWriter};

use super::{Compression, WriteError, fits, place};
use crate::budget::{Budget, Phase, Progress};
use crate::error::OutOfMemory;
use crate::formula::Formula;

/// Bytes of text between two looks at the budget. An xz encoder takes some milliseconds for so many.
const CHUNK: usize = 16 * 1024;

/// Bytes that may be added before the buffer's length is looked at: a sign, a number of 64 bits, a few blanks.
const SLACK: usize = 32;

/// zlib's default, and xz's: 8 MiB of dictionary.
const GZIP_LEVEL: u32 = 6;
const XZ_LEVEL: u32 = 6;

/// Bytes that the gzip encoder holds at most (miniz: window, hash chains, output).
const GZIP_STATE: u64 = 512 * 1024;

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
    match compression {
        Compression::None => write(print, formula, out, budget),
        Compression::Gzip => {
            fits(GZIP_STATE, budget)?;
            let mut encoder = GzEncoder::new(Patient(out), flate2::Compression::new(GZIP_LEVEL));
            write(print, formula, &mut encoder, budget)?;
            Ok(encoder.finish()?.flush()?)
        }
        Compression::Xz => {
            let options = XzOptions::with_preset(XZ_LEVEL);
            fits(u64::from(options.lzma_options.get_memory_usage()) * 1024, budget)?;
            let mut encoder = XzWriter::new(Patient(out), options)?;
            write(print, formula, &mut encoder, budget)?;
            Ok(encoder.finish()?.flush()?)
        }
    }
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
    place::write(path, |file| write_compressed(print, formula, file, Compression::of_path(path), budget))
        .map_err(|e| e.in_file(path))
}

/// The text of [`write()`], in memory.
pub(in crate::formula) fn to_bytes(print: Print, formula: &Formula, budget: &Budget) -> Result<Vec<u8>, WriteError> {
    let mut sink = Sink { bytes: Vec::new(), limit: budget.memory(), short: None };
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

/// Writes on after a signal: encoders are not to see one.
struct Patient<W>(W);

impl<W: Write> Write for Patient<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.0.write(bytes) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                answer => return answer,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A growing buffer that refuses rather than aborts.
struct Sink {
    bytes: Vec<u8>,
    limit: u64,
    short: Option<OutOfMemory>,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let needed = self.bytes.len() as u64 + bytes.len() as u64;
        let short = if needed > self.limit {
            Some(OutOfMemory::Limit { bytes: needed, limit: self.limit })
        } else {
            self.bytes.try_reserve(bytes.len()).err().map(|_| OutOfMemory::Allocator { bytes: needed })
        };
        if short.is_some() {
            self.short = short;
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
