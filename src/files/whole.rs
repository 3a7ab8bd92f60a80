//! Whole files at once, for formats that are no streams.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::{Compression, Input, ReadError, WriteError, encode, place};
use crate::budget::{Budget, Phase, Progress};
use crate::error::OutOfMemory;

/// Bytes written between two looks at the budget.
const CHUNK: usize = 64 * 1024;

/// All bytes of a file, decompressed. They and the decoder hold at most [`Budget::memory`] bytes; the budget is asked
/// every 64 KiB.
pub fn read_file(path: &Path, budget: &Budget) -> Result<Vec<u8>, ReadError> {
    let read = || {
        let io = |source| ReadError::Io { path: None, source };
        let file = File::open(path).map_err(io)?;
        let meta = file.metadata().map_err(io)?;
        if meta.is_dir() {
            return Err(io(io::ErrorKind::IsADirectory.into()));
        }
        all(file, if meta.is_file() { meta.len() } else { 0 }, budget)
    };
    read().map_err(|e| e.in_file(path))
}

/// Bytes in memory, decompressed where they are compressed.
pub fn decompress<'a>(bytes: &'a [u8], budget: &Budget) -> Result<Cow<'a, [u8]>, ReadError> {
    match Compression::of_bytes(bytes) {
        Compression::None => Ok(Cow::Borrowed(bytes)),
        _ => all(bytes, bytes.len() as u64, budget).map(Cow::Owned),
    }
}

/// `total`: bytes of the source, 0 where that is unknown.
fn all(source: impl Read, total: u64, budget: &Budget) -> Result<Vec<u8>, ReadError> {
    let mut input = Input::open(source, budget)?;
    let mut bytes: Vec<u8> = Vec::new();
    let limit = budget.memory();
    loop {
        let done = input.taken();
        budget.report(|| Progress { done, total, ..Progress::at(Phase::Read) })?;
        let (chunk, held) = input.next(bytes.capacity() as u64)?;
        if chunk.is_empty() {
            return Ok(bytes);
        }
        if bytes.capacity() - bytes.len() < chunk.len() {
            // Growth by half peaks lower than doubling; what a plain file needs is known.
            let known = usize::try_from(total).unwrap_or(0).saturating_sub(bytes.len());
            let more = chunk.len().max(bytes.len() / 2).max(if bytes.is_empty() { known } else { 0 });
            let room = limit.saturating_sub(held);
            for more in [more, chunk.len()] {
                let needed = (bytes.len() + more) as u64;
                if needed <= room && bytes.try_reserve_exact(more).is_ok() {
                    break;
                }
                if more == chunk.len() {
                    return Err(if needed > room {
                        OutOfMemory::Limit { bytes: needed.saturating_add(held), limit }.into()
                    } else {
                        OutOfMemory::Allocator { bytes: needed }.into()
                    });
                }
            }
        }
        bytes.extend_from_slice(chunk);
    }
}

/// Writes a file, compressed as its suffix says (`.gz`, `.xz`). The file appears under its name when it is complete: a call
/// that fails or is stopped leaves what was there before.
pub fn write_file(path: &Path, bytes: &[u8], budget: &Budget) -> Result<(), WriteError> {
    let written = place::write(path, |file| {
        encode(file, Compression::of_path(path), budget, |out| {
            for (index, chunk) in bytes.chunks(CHUNK).enumerate() {
                let done = (index * CHUNK) as u64;
                budget.report(|| Progress { done, total: bytes.len() as u64, ..Progress::at(Phase::Write) })?;
                out.write_all(chunk)?;
            }
            Ok::<(), WriteError>(budget.check()?)
        })
    });
    written.map_err(|e| match e {
        WriteError::Io { source, .. } => WriteError::Io { path: Some(path.to_path_buf()), source },
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Limits;

    #[test]
    fn written_and_read_back_in_every_compression() {
        let folder = tempfile::tempdir().unwrap();
        let bytes: Vec<u8> = (0..300_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let budget = Budget::unlimited();
        for name in ["plain", "a.gz", "a.xz"] {
            let path = folder.path().join(name);
            write_file(&path, &bytes, &budget).unwrap();
            assert_eq!(read_file(&path, &budget).unwrap(), bytes, "{name}");
            let raw = std::fs::read(&path).unwrap();
            assert_eq!(decompress(&raw, &budget).unwrap(), bytes, "{name}");
            let short = decompress(&raw[..raw.len() - 9], &budget);
            assert_eq!(short.is_err(), name != "plain", "{name}");
        }
    }

    #[test]
    fn a_small_file_that_unfolds_stops_at_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bomb.gz");
        write_file(&path, &vec![0; 64 << 20], &Budget::unlimited()).unwrap();
        assert!(std::fs::metadata(&path).unwrap().len() < 100_000);
        let budget = Budget::start(&Limits { memory: Some(8 << 20), ..Limits::default() });
        assert!(matches!(read_file(&path, &budget), Err(ReadError::Memory(OutOfMemory::Limit { .. }))));
    }

    #[test]
    fn what_is_no_file_is_named() {
        let budget = Budget::unlimited();
        let missing = read_file(Path::new("/nowhere/at/all"), &budget).unwrap_err();
        assert!(missing.to_string().starts_with("/nowhere/at/all: "), "{missing}");
        assert!(read_file(Path::new("/"), &budget).is_err());
    }
}
