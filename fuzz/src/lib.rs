//! What the targets share.

use std::io::Read;

use anser::budget::{Budget, Limits};
use anser::formula::{Format, Formula, ReadError};

/// Bytes that a text may take.
pub const MEMORY: u64 = 64 << 20;

/// Hands bytes out in pieces of 1 to 13.
struct Pieces<'a> {
    bytes: &'a [u8],
    state: u32,
}

impl Read for Pieces<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.state = self.state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let length = (1 + (self.state >> 16) as usize % 13).min(self.bytes.len()).min(out.len());
        out[..length].copy_from_slice(&self.bytes[..length]);
        self.bytes = &self.bytes[length..];
        Ok(length)
    }
}

/// Reads the bytes piece by piece; the pieces depend on the bytes.
pub fn in_pieces(format: Format, bytes: &[u8]) -> Result<Formula, ReadError> {
    let state = bytes.iter().fold(1u32, |state, b| state.wrapping_mul(31).wrapping_add((*b).into()));
    let limits = Limits { memory: Some(MEMORY), ..Limits::default() };
    format.read(Pieces { bytes, state }, &Budget::start(&limits))
}

/// The same kind of error, at the same place; but that a decoder keeps to itself what it decoded in the step that failed.
pub fn same_error(a: &ReadError, b: &ReadError) {
    use anser::formula::ParseErrorKind::Damaged;
    assert!(!a.to_string().is_empty());
    if let (ReadError::Parse { line, column, kind, .. }, ReadError::Parse { line: l, column: c, kind: k, .. }) = (a, b) {
        assert!(*line >= 1 && *column >= 1);
        let decoder = matches!(kind, Damaged(_)) || matches!(k, Damaged(_));
        assert!(decoder || (line, column, kind) == (l, c, k), "{a} whole, {b} in pieces");
    }
}
