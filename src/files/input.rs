//! Bytes of a source, decompressed chunk by chunk.
//!
//! Decoders: `flate2` for gzip (RFC 1951, 1952) and `lzma-rust2` for xz. The latter is used without its own
//! reader, so that what each block's dictionary needs counts against the budget before it is allocated.

use std::io::{self, BufRead, Read};

use flate2::bufread::MultiGzDecoder;
use lzma_rust2::{Action, Status, XzStream};

use super::{Compression, Damage, ReadError, fits};
use crate::budget::Budget;
use crate::error::OutOfMemory;

/// Bytes handed on at once; between two chunks the budget is asked.
pub(super) const CHUNK: usize = 64 * 1024;

/// Bytes held for a plain source.
const PLAIN: u64 = CHUNK as u64;

/// Bytes held for gzip: two chunks, a window of 32 KiB, tables, and a header of at most 64 KiB.
const GZIP: u64 = 4 * CHUNK as u64;

/// Bytes held for xz beside the dictionary.
const XZ: u64 = 2 * CHUNK as u64;

/// The most an xz dictionary may need where no memory limit is set: what xz's own encoder can ask for.
const XZ_MOST: u64 = (1536 + 1) << 20;

/// A source with its compression taken away.
pub(crate) enum Input<'b, R> {
    Plain(Raw<'b, R>),
    Gzip { decoder: MultiGzDecoder<Raw<'b, R>>, out: Vec<u8> },
    Xz { raw: Raw<'b, R>, decoder: Box<XzStream>, out: Vec<u8>, ended: bool },
}

impl<'b, R: Read> Input<'b, R> {
    /// Looks at the first bytes.
    pub fn open(source: R, budget: &'b Budget) -> Result<Self, ReadError> {
        fits(PLAIN, budget)?;
        let mut raw = Raw { inner: source, budget, buffer: chunk()?, begin: 0, end: 0, taken: 0, failure: None };
        while raw.end < Compression::MAGIC && raw.refill()? > 0 {}
        match Compression::of_bytes(&raw.buffer[..raw.end]) {
            Compression::None => Ok(Input::Plain(raw)),
            Compression::Gzip => {
                fits(GZIP, budget)?;
                Ok(Input::Gzip { decoder: MultiGzDecoder::new(raw), out: chunk()? })
            }
            Compression::Xz => {
                fits(XZ, budget)?;
                Ok(Input::Xz { raw, decoder: Box::new(XzStream::new(true)), out: chunk()?, ended: false })
            }
        }
    }

    /// Bytes taken from the source, still compressed.
    pub fn taken(&self) -> u64 {
        match self {
            Input::Plain(raw) | Input::Xz { raw, .. } => raw.taken,
            Input::Gzip { decoder, .. } => decoder.get_ref().taken,
        }
    }

    /// The next chunk, empty at the end, and the bytes that buffers and decoder hold. `held` bytes are held
    /// elsewhere.
    pub fn next(&mut self, held: u64) -> Result<(&[u8], u64), ReadError> {
        match self {
            Input::Plain(raw) => Ok((raw.chunk()?, PLAIN)),
            Input::Gzip { decoder, out } => match decoder.read(out) {
                Ok(len) => Ok((&out[..len], GZIP)),
                Err(e) => Err(fault(decoder.get_mut(), Compression::Gzip, &e)),
            },
            Input::Xz { raw, decoder, out, ended } => {
                let len = if *ended { 0 } else { decode_xz(raw, decoder, out, ended, held)? };
                Ok((&out[..len], XZ + u64::from(decoder.memory_usage().unwrap_or(0)) * 1024))
            }
        }
    }
}

/// Decodes until there is output; 0 bytes mean the end.
fn decode_xz<R: Read>(
    raw: &mut Raw<'_, R>,
    decoder: &mut XzStream,
    out: &mut [u8],
    ended: &mut bool,
    held: u64,
) -> Result<usize, ReadError> {
    let limit = raw.budget.memory();
    let room = limit.saturating_sub(held.saturating_add(XZ)).min(XZ_MOST);
    decoder.set_mem_limit(u32::try_from(room / 1024).unwrap_or(u32::MAX));
    loop {
        let input = match raw.fill_buf() {
            Ok(input) => input,
            Err(e) => return Err(fault(raw, Compression::Xz, &e)),
        };
        let action = if input.is_empty() { Action::Finish } else { Action::Run };
        let step = match decoder.process(input, out, action) {
            Ok(step) => step,
            Err(e) if e.kind() == io::ErrorKind::OutOfMemory => {
                let need = u64::from(decoder.memory_usage().unwrap_or(0)) * 1024;
                return Err(ReadError::from(if need > room {
                    OutOfMemory::Limit { bytes: held.saturating_add(XZ + need), limit: limit.min(XZ_MOST) }
                } else {
                    OutOfMemory::Allocator { bytes: need }
                }));
            }
            Err(e) => return Err(fault(raw, Compression::Xz, &e)),
        };
        raw.consume(step.bytes_consumed);
        *ended = step.status == Status::StreamEnd;
        if step.bytes_produced > 0 || *ended {
            return Ok(step.bytes_produced);
        }
        if action == Action::Finish && step.bytes_consumed == 0 {
            return Err(damaged(Damage::Truncated(Compression::Xz)));
        }
    }
}

/// What a decoder's error means: the source's own error where there was one.
fn fault<R>(raw: &mut Raw<'_, R>, format: Compression, error: &io::Error) -> ReadError {
    if let Some(failure) = raw.failure.take() {
        return failure;
    }
    damaged(match error.kind() {
        io::ErrorKind::UnexpectedEof => Damage::Truncated(format),
        _ => Damage::Corrupt { format, why: error.to_string() },
    })
}

fn damaged(damage: Damage) -> ReadError {
    ReadError::Damaged { path: None, damage }
}

/// A buffer of [`CHUNK`] bytes.
fn chunk() -> Result<Vec<u8>, OutOfMemory> {
    let mut buffer = Vec::new();
    buffer.try_reserve_exact(CHUNK).map_err(|_| OutOfMemory::Allocator { bytes: CHUNK as u64 })?;
    buffer.resize(CHUNK, 0);
    Ok(buffer)
}

/// The source, buffered. Its errors wait in `failure` while a decoder passes a stand-in on.
pub(crate) struct Raw<'b, R> {
    inner: R,
    budget: &'b Budget,
    buffer: Vec<u8>,
    begin: usize,
    end: usize,
    /// Bytes read from `inner`.
    taken: u64,
    failure: Option<ReadError>,
}

impl<R: Read> Raw<'_, R> {
    /// Appends to the buffer; 0 at the end of the source. A signal makes it ask the budget, then read on.
    fn refill(&mut self) -> Result<usize, ReadError> {
        loop {
            self.budget.check()?;
            let room = &mut self.buffer[self.end..];
            match self.inner.read(room) {
                Ok(len) => {
                    let len = len.min(room.len());
                    self.end += len;
                    self.taken += len as u64;
                    return Ok(len);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(ReadError::Io { path: None, source }),
            }
        }
    }

    /// What is buffered, or else the next bytes.
    fn chunk(&mut self) -> Result<&[u8], ReadError> {
        if self.begin == self.end {
            (self.begin, self.end) = (0, 0);
            self.refill()?;
        }
        let begin = std::mem::replace(&mut self.begin, self.end);
        Ok(&self.buffer[begin..self.end])
    }
}

impl<R: Read> BufRead for Raw<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.begin == self.end {
            (self.begin, self.end) = (0, 0);
            if let Err(failure) = self.refill() {
                self.failure = Some(failure);
                return Err(io::ErrorKind::Other.into());
            }
        }
        Ok(&self.buffer[self.begin..self.end])
    }

    fn consume(&mut self, len: usize) {
        self.begin = self.end.min(self.begin + len);
    }
}

impl<R: Read> Read for Raw<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = self.fill_buf()?.read(out)?;
        self.consume(len);
        Ok(len)
    }
}
