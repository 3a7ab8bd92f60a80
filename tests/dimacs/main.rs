//! DIMACS in and out: what is refused and where, what is accepted, what a budget does, what files look like after.

mod accepted;
mod budget;
mod files;
mod malformed;
mod roundtrip;

use std::io::{Read, Write};

use anser::budget::Budget;
use anser::formula::Formula;
use anser::formula::dimacs::{self, Compression, ReadError};

/// Hands out 1 to 7 bytes at a time, in a pattern set by the seed, with a signal now and then.
struct Trickle<'a> {
    bytes: &'a [u8],
    state: u32,
}

impl Read for Trickle<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.state = self.state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if self.state >> 28 == 0 {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let len = (1 + (self.state >> 16) as usize % 7).min(self.bytes.len()).min(out.len());
        out[..len].copy_from_slice(&self.bytes[..len]);
        self.bytes = &self.bytes[len..];
        Ok(len)
    }
}

fn read(bytes: &[u8]) -> Result<Formula, ReadError> {
    dimacs::read_bytes(bytes, &Budget::unlimited())
}

fn trickle(bytes: &[u8], seed: u32) -> Result<Formula, ReadError> {
    dimacs::read(Trickle { bytes, state: seed }, &Budget::unlimited())
}

fn clauses(formula: &Formula) -> Vec<Vec<i32>> {
    formula.clauses().iter().map(<[i32]>::to_vec).collect()
}

/// Compressed by the crates, not by our writer.
fn compress(bytes: &[u8], compression: Compression) -> Vec<u8> {
    match compression {
        Compression::None => bytes.to_vec(),
        Compression::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Xz => {
            let options = lzma_rust2::XzOptions::with_preset(0);
            let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
    }
}
