//! Compressing what is written, and growing buffers that refuse rather than abort.

use std::io::{self, Write};

use flate2::write::GzEncoder;
use lzma_rust2::{XzOptions, XzWriter};

use super::{Compression, fits};
use crate::budget::Budget;
use crate::error::OutOfMemory;

/// zlib's default, and xz's: 8 MiB of dictionary.
const GZIP_LEVEL: u32 = 6;
const XZ_LEVEL: u32 = 6;

/// Bytes that the gzip encoder holds at most (miniz: window, hash chains, output).
const GZIP_STATE: u64 = 512 * 1024;

/// Lets `fill` write to `out`, compressed. An xz encoder holds some 100 MB.
pub(crate) fn encode<W: Write, E>(
    out: W,
    compression: Compression,
    budget: &Budget,
    fill: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<(), E>
where
    E: From<io::Error> + From<OutOfMemory>,
{
    match compression {
        Compression::None => {
            let mut out = out;
            fill(&mut out)?;
            Ok(out.flush()?)
        }
        Compression::Gzip => {
            fits(GZIP_STATE, budget)?;
            let mut encoder = GzEncoder::new(Patient(out), flate2::Compression::new(GZIP_LEVEL));
            fill(&mut encoder)?;
            Ok(encoder.finish()?.flush()?)
        }
        Compression::Xz => {
            let options = XzOptions::with_preset(XZ_LEVEL);
            fits(u64::from(options.lzma_options.get_memory_usage()) * 1024, budget)?;
            let mut encoder = XzWriter::new(Patient(out), options)?;
            fill(&mut encoder)?;
            Ok(encoder.finish()?.flush()?)
        }
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
pub(crate) struct Sink {
    pub bytes: Vec<u8>,
    limit: u64,
    /// Why it refused.
    pub short: Option<OutOfMemory>,
}

impl Sink {
    /// One that holds as much as the budget grants.
    pub fn new(budget: &Budget) -> Self {
        Sink { bytes: Vec::new(), limit: budget.memory(), short: None }
    }
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
