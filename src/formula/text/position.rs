//! Lines and columns of a text that comes in chunks.

use super::{ParseErrorKind, ReadError};

/// Where an automaton stands.
#[derive(Debug)]
pub(in crate::formula) struct Position {
    /// The line, the first is 1.
    line: u64,
    /// Bytes of the text before this line.
    line_begin: u64,
    /// Bytes of the text before the chunk at hand.
    base: u64,
}

/// A byte of the text, as errors name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::formula) struct Spot {
    line: u64,
    column: u64,
}

impl Spot {
    pub fn error(self, kind: ParseErrorKind) -> ReadError {
        ReadError::Parse { path: None, line: self.line, column: self.column, kind }
    }
}

impl Position {
    pub fn new() -> Self {
        Position { line: 1, line_begin: 0, base: 0 }
    }

    /// Bytes of the text before the chunk at hand; all of them after the last chunk.
    pub fn before(&self) -> u64 {
        self.base
    }

    /// Bytes of the text before byte `at` of the chunk at hand.
    #[inline]
    pub fn byte(&self, at: usize) -> u64 {
        self.base + at as u64
    }

    /// Byte `at` of the chunk at hand ends a line.
    #[inline]
    pub fn newline(&mut self, at: usize) {
        self.line += 1;
        self.line_begin = self.base + at as u64 + 1;
    }

    /// The chunk at hand has been gone through.
    pub fn advance(&mut self, length: usize) {
        self.base += length as u64;
    }

    /// A byte of this line, counted from the beginning of the text.
    pub fn spot(&self, byte: u64) -> Spot {
        Spot { line: self.line, column: byte - self.line_begin + 1 }
    }

    /// An error at a byte of this line, counted from the beginning of the text.
    pub fn error(&self, byte: u64, kind: ParseErrorKind) -> ReadError {
        self.spot(byte).error(kind)
    }

    /// An error at byte `at` of the chunk at hand, which cannot stand there.
    pub fn unexpected(&self, byte: u8, at: usize) -> ReadError {
        let kind = if byte == 0 { ParseErrorKind::NulByte } else { ParseErrorKind::UnexpectedByte(byte) };
        self.error(self.byte(at), kind)
    }
}
