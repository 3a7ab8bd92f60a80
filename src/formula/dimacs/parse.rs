//! The DIMACS CNF automaton.

use super::header::{Header, HeaderLine};
use super::sampling::Comments;
use crate::formula::order::Order;
use crate::formula::text::{Automaton, ParseErrorKind, Position, ReadError, Spot, is_blank};
use crate::formula::{Clauses, Formula, Kind, MAX_VAR, Xors, arrays};

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
    /// How many clauses there may be before something must be looked at: none before the header and within a parity.
    room: u64,
    /// Bytes that the clauses may hold.
    limit: u64,
    xors: Xors,
    /// The literals of the parity at hand, where there is one.
    xor: Vec<i32>,
    in_xor: bool,
    order: Order,
    /// Clauses that came before the last parity.
    ordered: u64,
    comments: Comments,
    /// Bytes that all of it may hold.
    most: u64,
    header: Option<Header>,
    header_line: HeaderLine,
    /// The first constraint beyond the header's number.
    beyond: Option<Spot>,
    state: State,
    position: Position,
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

impl Automaton for Parser {
    fn new() -> Self {
        Parser {
            clauses: Clauses::new(),
            room: 0,
            limit: u64::MAX,
            xors: Xors::default(),
            xor: Vec::new(),
            in_xor: false,
            order: Order::default(),
            ordered: 0,
            comments: Comments::new(),
            most: u64::MAX,
            header: None,
            header_line: HeaderLine::new(),
            beyond: None,
            state: State::Between,
            position: Position::new(),
            fresh: true,
            number_begin: 0,
            negative: false,
            digits: false,
            value: 0,
        }
    }

    fn bytes(&self) -> u64 {
        self.clauses.bytes() + self.beside()
    }

    fn set_limit(&mut self, bytes: u64) {
        self.most = bytes;
        self.limit = bytes.saturating_sub(self.beside());
    }

    fn feed(&mut self, chunk: &[u8]) -> Result<(), ReadError> {
        let mut at = 0;
        while at < chunk.len() {
            at = match self.state {
                State::Between => self.between(chunk, at)?,
                State::Number => self.number(chunk, at)?,
                State::Comment => self.comment(chunk, at)?,
                State::Header => self.header_line(chunk, at)?,
                State::Rest => chunk.len(),
            };
        }
        self.position.advance(chunk.len());
        Ok(())
    }

    fn finish(mut self) -> Result<Formula, ReadError> {
        let here = self.position.before();
        match self.state {
            State::Number => self.end_number()?,
            State::Header => self.end_header()?,
            State::Comment => {
                let promised = self.header.map(|h| h.variables);
                self.comments.end_line(&self.position, promised, here, self.room_for(self.comments.bytes()))?;
            }
            State::Between | State::Rest => {}
        }
        let Some(header) = self.header else {
            let kind = if here == 0 { ParseErrorKind::Empty } else { ParseErrorKind::MissingHeader };
            return Err(self.error_here(kind));
        };
        // What follows SATLIB's `%` says nothing, and what came before it has been looked at.
        if !matches!(self.state, State::Rest) {
            self.complete(header, self.position.spot(here))?;
        }
        self.order_clauses()?;
        let mut formula = Formula::from_clauses(header.variables, self.clauses);
        formula.xors = self.xors;
        formula.order = self.order;
        formula.sampling_set = self.comments.sampling_set();
        formula.weigh();
        Ok(formula)
    }

    fn error_here(&self, kind: ParseErrorKind) -> ReadError {
        self.position.error(self.position.before(), kind)
    }
}

impl Parser {
    /// Bytes held beside the clauses.
    fn beside(&self) -> u64 {
        self.xors.bytes() + arrays::bytes(&self.xor) + self.order.bytes() + self.comments.bytes()
    }

    /// Bytes that a part may hold which holds `part` now.
    fn room_for(&self, part: u64) -> u64 {
        self.most.saturating_sub(self.bytes() - part)
    }

    /// Refuses a formula that ends here and is not what the header promises.
    fn complete(&self, header: Header, here: Spot) -> Result<(), ReadError> {
        if self.in_xor || self.clauses.is_open() {
            return Err(here.error(ParseErrorKind::MissingZero));
        }
        let (promised, found) = (header.clauses, self.total());
        // Either all count or, as some generators have it, the clauses alone.
        if found == promised || self.clauses.len() as u64 == promised {
            return Ok(());
        }
        Err(match self.beyond {
            Some(spot) => spot.error(ParseErrorKind::TooManyClauses { promised }),
            None => here.error(ParseErrorKind::TooFewClauses { promised, found }),
        })
    }

    /// Clauses and parities so far.
    fn total(&self) -> u64 {
        self.clauses.len() as u64 + self.xors.len() as u64
    }

    fn between(&mut self, chunk: &[u8], mut at: usize) -> Result<usize, ReadError> {
        let (variables, room) = (self.header.map_or(0, |h| h.variables), self.room);
        while let Some(&byte) = chunk.get(at) {
            match byte {
                b'0'..=b'9' | b'-' => {
                    // Numbers are all but everything, so the usual ones do not go through the automaton: twice
                    // as fast. What is wrong with the others is found there.
                    let negative = byte == b'-';
                    if let Some((value, end)) = usual(chunk, at + usize::from(negative))
                        && (self.clauses.len() as u64) < room
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
                b'\n' => {
                    self.position.newline(at);
                    self.fresh = true;
                }
                b' ' | b'\t' | b'\r' => {}
                b'x' if self.fresh => {
                    self.begin_xor(at)?;
                    return Ok(at + 1);
                }
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
            return Err(self.position.unexpected(byte, at));
        }
        let spot = self.position.spot(self.position.byte(at));
        let here = |kind| Err(spot.error(kind));
        self.state = match (byte, self.header) {
            (b'c', _) => State::Comment,
            // Once more before anything else: looked at when it is whole.
            (b'p', header) if header.is_none() || self.total() == 0 && !self.in_xor && !self.clauses.is_open() => {
                self.number_begin = self.position.byte(at);
                self.header_line = HeaderLine::new();
                State::Header
            }
            (b'p', _) => return here(ParseErrorKind::SecondHeader),
            (b'%', None) => return here(ParseErrorKind::MissingHeader),
            (b'%', Some(header)) => {
                self.complete(header, spot)?;
                State::Rest
            }
            _ => return Err(self.position.unexpected(byte, at)),
        };
        Ok(())
    }

    /// A constraint begins here; a parity where `xor` says so.
    fn begin_constraint(&mut self, spot: Spot, xor: bool) -> Result<(), ReadError> {
        let Some(header) = self.header else { return Err(spot.error(ParseErrorKind::MissingHeader)) };
        let promised = header.clauses;
        if self.total() >= promised {
            let first = *self.beyond.get_or_insert(spot);
            // The header may count the clauses alone, but then there must be a parity, and not more clauses.
            if !xor && (self.xors.len() == 0 || self.clauses.len() as u64 == promised) {
                return Err(first.error(ParseErrorKind::TooManyClauses { promised }));
            }
            self.set_room();
        }
        Ok(())
    }

    fn set_room(&mut self) {
        let promised = self.header.map_or(0, |h| h.clauses);
        self.room = match self.beyond {
            _ if self.in_xor => 0,
            None => promised.saturating_sub(self.xors.len() as u64),
            Some(_) => promised,
        };
    }

    /// The `x` of a parity.
    fn begin_xor(&mut self, at: usize) -> Result<(), ReadError> {
        let spot = self.position.spot(self.position.byte(at));
        if self.in_xor || self.clauses.is_open() {
            return Err(spot.error(ParseErrorKind::MissingZero));
        }
        self.begin_constraint(spot, true)?;
        self.order_clauses()?;
        (self.in_xor, self.fresh) = (true, false);
        self.set_room();
        Ok(())
    }

    /// The 0 of a parity.
    fn end_xor(&mut self) -> Result<(), ReadError> {
        let (total, index) = (self.total(), self.xors.len() as u64);
        self.order.reserve(Kind::Xor, self.room_for(self.order.bytes()))?;
        let room = self.room_for(self.xors.bytes());
        self.xors.push(&self.xor, &[0, self.xor.len()], &[true], room)?;
        self.order.note(Kind::Xor, total, index);
        self.xor.clear();
        self.in_xor = false;
        self.set_room();
        self.set_limit(self.most);
        Ok(())
    }

    /// Notes where the clauses since the last parity stand.
    fn order_clauses(&mut self) -> Result<(), ReadError> {
        let clauses = self.clauses.len() as u64;
        if clauses > self.ordered {
            self.order.reserve(Kind::Clause, self.room_for(self.order.bytes()))?;
            self.order.note(Kind::Clause, self.ordered + self.xors.len() as u64, self.ordered);
            self.ordered = clauses;
        }
        Ok(())
    }

    fn begin_number(&mut self, byte: u8, at: usize) -> Result<(), ReadError> {
        self.number_begin = self.position.byte(at);
        if !self.in_xor && !self.clauses.is_open() {
            self.begin_constraint(self.position.spot(self.number_begin), false)?;
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
                    return Err(self.position.unexpected(byte, at));
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
            let literal = if self.negative { -(self.value as i32) } else { self.value as i32 };
            if self.in_xor {
                let room = self.room_for(arrays::bytes(&self.xor));
                arrays::reserve(&mut self.xor, 1, room)?;
                self.xor.push(literal);
                return Ok(());
            }
            return Ok(self.clauses.open(literal, self.limit)?);
        }
        let kind = match (self.value, self.negative) {
            (0, false) if self.in_xor => return self.end_xor(),
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
        Err(self.position.error(self.number_begin, kind))
    }

    fn comment(&mut self, chunk: &[u8], at: usize) -> Result<usize, ReadError> {
        let (promised, room) = (self.header.map(|h| h.variables), self.room_for(self.comments.bytes()));
        let end = self.comments.feed(&self.position, promised, chunk, at, room)?;
        if end < chunk.len() {
            self.state = State::Between;
            self.set_limit(self.most);
        }
        Ok(end)
    }

    fn header_line(&mut self, chunk: &[u8], at: usize) -> Result<usize, ReadError> {
        let rest = &chunk[at..];
        let newline = rest.iter().position(|b| *b == b'\n');
        let end = at + newline.unwrap_or(rest.len());
        if let Err(kind) = self.header_line.extend(&chunk[at..end]) {
            return Err(self.position.error(self.number_begin, kind));
        }
        if newline.is_some() {
            self.end_header()?;
        }
        Ok(end)
    }

    fn end_header(&mut self) -> Result<(), ReadError> {
        self.state = State::Between;
        let wrong = |(offset, kind)| self.position.error(self.number_begin + offset as u64, kind);
        let header = self.header_line.parse().map_err(wrong)?;
        if self.header.is_some_and(|first| first != header) {
            return Err(self.position.error(self.number_begin, ParseErrorKind::SecondHeader));
        }
        self.comments.check(header.variables)?;
        self.header = Some(header);
        self.set_room();
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
