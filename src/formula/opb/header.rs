//! The comment `* #variable= VARIABLES #constraint= CONSTRAINTS`.

use crate::formula::MAX_VAR;
use crate::formula::text::{ParseErrorKind, Position, ReadError, is_blank};

/// Bytes of a comment that are looked at; the competitions' headers have some 100.
const LONGEST: usize = 256;

/// What comments have promised, and the comment at hand.
#[derive(Debug)]
pub(super) struct Header {
    pub variables: Option<u32>,
    /// Saturated.
    pub constraints: Option<u64>,
    line: [u8; LONGEST],
    length: usize,
    /// Bytes of the text up to the comment's `*`.
    begin: u64,
}

impl Header {
    pub fn new() -> Self {
        Header { variables: None, constraints: None, line: [0; LONGEST], length: 0, begin: 0 }
    }

    /// A comment begins after this byte.
    pub fn begin(&mut self, byte: u64) {
        (self.begin, self.length) = (byte + 1, 0);
    }

    /// More of the comment. What exceeds the room is not kept.
    pub fn extend(&mut self, more: &[u8]) {
        let fits = more.len().min(LONGEST - self.length);
        self.line[self.length..self.length + fits].copy_from_slice(&more[..fits]);
        self.length += fits;
    }

    /// The comment is complete.
    pub fn end(&mut self, position: &Position) -> Result<(), ReadError> {
        let mut end = self.length;
        if end == LONGEST {
            // The last word may have been cut.
            end = self.line.iter().rposition(|&b| is_blank(b)).unwrap_or(0);
        }
        let mut words = Words { line: &self.line[..end], at: 0 };
        let mut first = true;
        while let Some((at, word)) = words.next() {
            let key = [&b"#variable="[..], b"#constraint="].into_iter().find(|key| word.starts_with(key));
            let Some(key) = key else {
                // Where it does not begin with one of the two it is a comment like any other.
                if first {
                    return Ok(());
                }
                continue;
            };
            first = false;
            // The number stands in the same word or in the next one.
            let rest = (at + key.len(), &word[key.len()..]);
            let value = if rest.1.is_empty() { words.next() } else { Some(rest) };
            let Some((at, number)) = value else { return Ok(()) };
            let Some(count) = parse(number) else { continue };
            if key == b"#constraint=" {
                self.constraints.get_or_insert(count);
            } else if self.variables.is_none() {
                match u32::try_from(count) {
                    Ok(n) if n <= MAX_VAR => self.variables = Some(n),
                    _ => {
                        let found = number.escape_ascii().to_string();
                        let kind = ParseErrorKind::TooManyVariables { found };
                        return Err(position.error(self.begin + at as u64, kind));
                    }
                }
            }
        }
        Ok(())
    }
}

/// A number of digits, saturated.
fn parse(word: &[u8]) -> Option<u64> {
    let all = !word.is_empty() && word.iter().all(u8::is_ascii_digit);
    let digit = |n: u64, b: &u8| n.saturating_mul(10).saturating_add(u64::from(b - b'0'));
    all.then(|| word.iter().fold(0, digit))
}

struct Words<'a> {
    line: &'a [u8],
    at: usize,
}

impl<'a> Words<'a> {
    /// The next word and its offset.
    fn next(&mut self) -> Option<(usize, &'a [u8])> {
        let rest = self.line.get(self.at..)?;
        let begin = self.at + rest.iter().position(|b| !is_blank(*b))?;
        let rest = &self.line[begin..];
        let word = &rest[..rest.iter().position(|b| is_blank(*b)).unwrap_or(rest.len())];
        self.at = begin + word.len();
        Some((begin, word))
    }
}
