//! Sources that come in pieces, and compression by the crates rather than by the library.

use std::io::{Read, Write};

use anser::formula::Compression;

/// Hands out 1 to 7 bytes at a time, in a pattern set by the seed, with a signal now and then.
pub struct Trickle<'a> {
    pub bytes: &'a [u8],
    pub state: u32,
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

/// Compressed by the crates, not by our writer.
pub fn compress(bytes: &[u8], compression: Compression) -> Vec<u8> {
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
