//! The DIMACS CNF automaton: fed with chunks of any size, it keeps what it must know between two of them and
//! nothing of their bytes.

use super::error::{ParseErrorKind, ReadError};
use super::header::{Header, HeaderLine, is_blank};
use crate::formula::{Clauses, Formula, MAX_VAR};

/// Where the automaton stands.
#[derive(Clone, Copy)]
enum State {
    /// Between two words.
    Between,
    /// Within a number, or after its minus sign.
    Number,
    /// Within a comment.
    Comment,
    /// Within the header's line.
    Header,
    /// After SATLIB's `%`.
    Rest,
}

/// One text on its way to a formula.
pub(super) struct Parser {
    clauses: Clauses,
    /// Bytes that the clauses may hold.
    limit: u64,
    header: Option<Header>,
    header_line: HeaderLine,
    state: State,
    /// The line, the first is 1.
    line: u64,
    /// Bytes of the text before this line.
    line_begin: u64,
    /// Bytes of the text before the chunk at hand.
    base: u64,
    /// Whether this line has had blanks only so far.
    fresh: bool,
    /// Bytes of the text before the number at hand.
    number_begin: u64,
    negative: bool,
    /// Whether the number at hand has a digit.
    digits: bool,
    /// Its absolute value, exact up to [`MAX_VAR`], saturated at `u64::MAX`.
    value: u64,
}

impl Parser {
    pub fn new() -> Self {
        Parser {
            clauses: Clauses::new(),
            limit: u64::MAX,
            header: None,
            header_line: HeaderLine::new(),
            state: State::Between,
            line: 1,
            line_begin: 0,
            base: 0,
            fresh: true,
            number_begin: 0,
            negative: false,
            digits: false,
            value: 0,
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        self.clauses.bytes()
    }

    /// Bytes that may be held from now on.
    pub fn set_limit(&mut self, bytes: u64) {
        self.limit = bytes;
    }

    /// Takes the next bytes of the text.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), ReadError> {
        let mut at = 0;
        while at < chunk.len() {
            at = match self.state {
                State::Between => self.between(chunk, at)?,
                State::Number => self.number(chunk, at)?,
                State::Comment => self.comment(chunk, at),
                State::Header => self.header_line(chunk, at)?,
                State::Rest => chunk.len(),
            };
        }
        self.base += chunk.len() as u64;
        Ok(())
    }

    /// The text is complete.
    pub fn finish(mut self) -> Result<Formula, ReadError> {
        match self.state {
            State::Number => self.end_number()?,
            State::Header => self.end_header()?,
            State::Between | State::Comment | State::Rest => {}
        }
        let Some(header) = self.header else {
            let kind = if self.base == 0 { ParseErrorKind::Empty } else { ParseErrorKind::MissingHeader };
            return Err(self.error_here(kind));
        };
        if let Some(kind) = self.incomplete(header) {
            return Err(self.error_here(kind));
        }
        Ok(Formula::from_clauses(header.variables, self.clauses))
    }

    /// An error at the end of what has been fed.
    pub fn error_here(&self, kind: ParseErrorKind) -> ReadError {
        self.error(self.base, kind)
    }

    /// An error at a byte of this line, counted from the beginning of the text.
    fn error(&self, byte: u64, kind: ParseErrorKind) -> ReadError {
        ReadError::Parse { path: None, line: self.line, column: byte - self.line_begin + 1, kind }
    }

    /// What is missing where the clauses end here.
    fn incomplete(&self, header: Header) -> Option<ParseErrorKind> {
        let (promised, found) = (header.clauses, self.clauses.len() as u64);
        if self.clauses.is_open() {
            return Some(ParseErrorKind::MissingZero);
        }
        (found < promised).then_some(ParseErrorKind::TooFewClauses { promised, found })
    }

    fn unexpected(&self, byte: u8, at: usize) -> ReadError {
        let kind = if byte == 0 { ParseErrorKind::NulByte } else { ParseErrorKind::UnexpectedByte(byte) };
        self.error(self.base + at as u64, kind)
    }

    fn newline(&mut self, at: usize) {
        self.line += 1;
        self.line_begin = self.base + at as u64 + 1;
        self.fresh = true;
    }

    fn between(&mut self, chunk: &[u8], mut at: usize) -> Result<usize, ReadError> {
        // Nothing is promised before there is a header.
        let (variables, promised) = self.header.map_or((0, 0), |h| (h.variables, h.clauses));
        while let Some(&byte) = chunk.get(at) {
            match byte {
                b'0'..=b'9' | b'-' => {
                    // Numbers are all but everything, so the usual ones do not go through the automaton: twice
                    // as fast. What is wrong with the others is found there.
                    let negative = byte == b'-';
                    if let Some((value, end)) = usual(chunk, at + usize::from(negative))
                        && (self.clauses.len() as u64) < promised
                    {
                        if value.wrapping_sub(1) < variables {
                            let literal = if negative { -(value as i32) } else { value as i32 };
                            self.clauses.open(literal, self.limit)?;
                            (at, self.fresh) = (end, false);
                            continue;
                        }
                        if byte == b'0' && value == 0 {
                            self.clauses.close(self.limit)?;
                            (at, self.fresh) = (end, false);
                            continue;
                        }
                    }
                    self.begin_number(byte, at)?;
                    return Ok(at + 1);
                }
                b'\n' => self.newline(at),
                b' ' | b'\t' | b'\r' => {}
                _ => {
                    self.begin_line(byte, at)?;
                    return Ok(at);
                }
            }
            at += 1;
        }
        Ok(at)
    }

    /// A byte that is neither blank nor part of a number: right only as the first of a line. It is left to the
    /// state that it leads to.
    fn begin_line(&mut self, byte: u8, at: usize) -> Result<(), ReadError> {
        if !self.fresh {
            return Err(self.unexpected(byte, at));
        }
        let here = |kind| Err(self.error(self.base + at as u64, kind));
        self.state = match (byte, self.header) {
            (b'c', _) => State::Comment,
            (b'p', None) => {
                self.number_begin = self.base + at as u64;
                State::Header
            }
            (b'p', Some(_)) => return here(ParseErrorKind::SecondHeader),
            (b'%' | b'x', None) => return here(ParseErrorKind::MissingHeader),
            (b'x', Some(_)) => return here(ParseErrorKind::Xor),
            (b'%', Some(header)) => {
                if let Some(kind) = self.incomplete(header) {
                    return here(kind);
                }
                State::Rest
            }
            _ => return Err(self.unexpected(byte, at)),
        };
        Ok(())
    }

    fn begin_number(&mut self, byte: u8, at: usize) -> Result<(), ReadError> {
        self.number_begin = self.base + at as u64;
        match self.header {
            None => return Err(self.error(self.number_begin, ParseErrorKind::MissingHeader)),
            Some(header) if self.clauses.len() as u64 == header.clauses => {
                let kind = ParseErrorKind::TooManyClauses { promised: header.clauses };
                return Err(self.error(self.number_begin, kind));
            }
            Some(_) => {}
        }
        self.fresh = false;
        self.negative = byte == b'-';
        self.digits = !self.negative;
        self.value = if self.negative { 0 } else { u64::from(byte - b'0') };
        self.state = State::Number;
        Ok(())
    }

    fn number(&mut self, chunk: &[u8], mut at: usize) -> Result<usize, ReadError> {
        let mut value = self.value;
        let begin = at;
        while let Some(&byte) = chunk.get(at) {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                self.value = value;
                self.digits |= at > begin;
                if byte != b'\n' && !is_blank(byte) {
                    return Err(self.unexpected(byte, at));
                }
                self.end_number()?;
                return Ok(at);
            }
            // Saturating only past the last valid variable keeps the usual step at one multiplication.
            value = if value <= u64::from(MAX_VAR) {
                value * 10 + u64::from(digit)
            } else {
                value.saturating_mul(10).saturating_add(u64::from(digit))
            };
            at += 1;
        }
        self.value = value;
        self.digits |= at > begin;
        Ok(at)
    }

    /// A number is complete: a literal, or the 0 that ends a clause.
    fn end_number(&mut self) -> Result<(), ReadError> {
        self.state = State::Between;
        let variables = self.header.map_or(0, |h| h.variables);
        if self.value.wrapping_sub(1) < u64::from(variables) {
            let literal = self.value as i32;
            return Ok(self.clauses.open(if self.negative { -literal } else { literal }, self.limit)?);
        }
        let kind = match (self.value, self.negative) {
            (0, false) => return Ok(self.clauses.close(self.limit)?),
            (0, true) if self.digits => ParseErrorKind::NegativeZero,
            (0, true) => ParseErrorKind::LoneMinus,
            (variable, negative) if variable > u64::from(MAX_VAR) => {
                ParseErrorKind::LiteralOutOfRange { negative, variable }
            }
            (value, negative) => {
                let literal = value as i32;
                ParseErrorKind::LiteralBeyondHeader { literal: if negative { -literal } else { literal }, variables }
            }
        };
        Err(self.error(self.number_begin, kind))
    }

    fn comment(&mut self, chunk: &[u8], at: usize) -> usize {
        match chunk[at..].iter().position(|b| *b == b'\n') {
            Some(len) => {
                self.state = State::Between;
                at + len
            }
            None => chunk.len(),
        }
    }

    fn header_line(&mut self, chunk: &[u8], at: usize) -> Result<usize, ReadError> {
        let rest = &chunk[at..];
        let newline = rest.iter().position(|b| *b == b'\n');
        let end = at + newline.unwrap_or(rest.len());
        if let Err(kind) = self.header_line.extend(&chunk[at..end]) {
            return Err(self.error(self.number_begin, kind));
        }
        if newline.is_some() {
            self.end_header()?;
        }
        Ok(end)
    }

    fn end_header(&mut self) -> Result<(), ReadError> {
        self.state = State::Between;
        let wrong = |(offset, kind)| self.error(self.number_begin + offset as u64, kind);
        self.header = Some(self.header_line.parse().map_err(wrong)?);
        Ok(())
    }
}

/// A number of the usual kind: at most 9 digits, a blank after it, all within the chunk. Answers its absolute value
/// and where it ends.
#[inline]
fn usual(chunk: &[u8], begin: usize) -> Option<(u32, usize)> {
    let mut value = 0u32;
    for (len, byte) in chunk[begin..].iter().take(10).enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return (len > 0 && (*byte == b'\n' || is_blank(*byte))).then_some((value, begin + len));
        }
        value = value.wrapping_mul(10).wrapping_add(u32::from(digit));
    }
    None
}
