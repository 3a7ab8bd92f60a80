//! The OPB automaton.

use super::header::Header;
use super::row::Row;
use super::store::Store;
use super::term::{at_least, term};
use crate::formula::text::{Automaton, Feature, ParseErrorKind, Position, ReadError, Spot};
use crate::formula::{Formula, FormulaError, MAX_VAR, Relation};

/// Where the automaton stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a constraint.
    Start,
    /// Within `min:`, `max:` or `soft:`.
    Keyword,
    /// Before a weight or what ends the sum.
    Sum,
    /// Within a weight.
    Weight,
    /// Before a literal.
    Literal,
    /// After `~`.
    Tilde,
    /// After `x`.
    Name,
    /// Within a variable's number.
    Variable,
    /// After `>` or `<`.
    Relation,
    /// Before the bound.
    Equals,
    /// Within the bound.
    Bound,
    /// Before `;`.
    End,
    /// Within a comment.
    Comment,
}

impl State {
    /// Whether blanks and line breaks may stand here.
    fn waits(self) -> bool {
        matches!(self, State::Start | State::Sum | State::Literal | State::Equals | State::End)
    }
}

/// A number as far as it has been read.
#[derive(Debug, Clone, Copy)]
struct Number {
    /// Bytes of the text before it.
    begin: u64,
    negative: bool,
    digits: bool,
    /// Saturated.
    value: u64,
}

/// One text on its way to a formula.
pub(super) struct Parser {
    store: Store,
    row: Row,
    /// Bytes that all of it may hold.
    most: u64,
    header: Header,
    position: Position,
    /// Whether this line has had blanks only so far.
    fresh: bool,
    state: State,
    /// Where a comment leads back to.
    resume: State,
    /// The keyword at hand, and how much of it has been seen.
    keyword: &'static [u8],
    matched: usize,
    /// Where the keyword or the last bound begins.
    begin: Spot,
    /// Whether the sum at hand is an objective, and whether it has a term.
    objective: bool,
    is_greatest: bool,
    terms: bool,
    /// Whether there has been an objective or a constraint.
    begun: bool,
    number: Number,
    weight: i64,
    negated: bool,
    relation: Relation,
    /// The largest variable.
    largest: u32,
    /// Constraints, and equalities among them.
    constraints: u64,
    equalities: u64,
}

impl Automaton for Parser {
    fn new() -> Self {
        let position = Position::new();
        Parser {
            store: Store::new(),
            row: Row::default(),
            most: u64::MAX,
            header: Header::new(),
            begin: position.spot(0),
            position,
            fresh: true,
            state: State::Start,
            resume: State::Start,
            keyword: b"",
            matched: 0,
            objective: false,
            is_greatest: false,
            terms: false,
            begun: false,
            number: Number { begin: 0, negative: false, digits: false, value: 0 },
            weight: 0,
            negated: false,
            relation: Relation::AtLeast,
            largest: 0,
            constraints: 0,
            equalities: 0,
        }
    }

    fn bytes(&self) -> u64 {
        self.store.bytes() + self.row.bytes()
    }

    fn set_limit(&mut self, bytes: u64) {
        self.most = bytes;
    }

    fn feed(&mut self, chunk: &[u8]) -> Result<(), ReadError> {
        let mut at = 0;
        while at < chunk.len() {
            at = match self.state {
                State::Comment => self.comment(chunk, at)?,
                State::Start | State::Sum => self.sum(chunk, at)?,
                _ => {
                    self.step(chunk[at], at)?;
                    at + 1
                }
            };
        }
        self.position.advance(chunk.len());
        Ok(())
    }

    fn finish(mut self) -> Result<Formula, ReadError> {
        let here = self.position.before();
        if self.state == State::Comment {
            self.end_comment()?;
        }
        if self.number.digits {
            self.end_number()?;
        }
        if self.state != State::Start {
            let (expected, found) = (self.expected(), "the end of the text".into());
            return Err(self.error_here(ParseErrorKind::Expected { expected, found }));
        }
        let (promised, found) = (self.header.constraints.unwrap_or(0), self.constraints);
        if !self.begun && self.header.variables.is_none() && self.header.constraints.is_none() {
            let kind = if here == 0 { ParseErrorKind::Empty } else { ParseErrorKind::NothingSaid };
            return Err(self.error_here(kind));
        }
        if found.saturating_add(self.equalities) < promised {
            return Err(self.error_here(ParseErrorKind::TooFewConstraints { promised, found }));
        }
        let spot = self.position.spot(here);
        self.store.set_limit(self.most.saturating_sub(self.row.bytes()));
        self.store.flush().map_err(|e| refused(e, spot))?;
        let mut formula = self.store.formula;
        let variables = self.header.variables.unwrap_or(self.largest);
        formula.ensure_vars(variables).map_err(|e| refused(e, spot))?;
        formula.set_memory_limit(u64::MAX);
        Ok(formula)
    }

    fn error_here(&self, kind: ParseErrorKind) -> ReadError {
        self.position.error(self.position.before(), kind)
    }
}

impl Parser {
    /// Before a weight. Terms and bounds of the usual form do not go through the automaton, which is slower; what is
    /// wrong with the others is found there.
    fn sum(&mut self, chunk: &[u8], mut at: usize) -> Result<usize, ReadError> {
        let most = self.header.variables.unwrap_or(MAX_VAR);
        while let Some(&byte) = chunk.get(at) {
            match byte {
                b' ' => at += 1,
                b'\n' => {
                    self.position.newline(at);
                    self.fresh = true;
                    at += 1;
                }
                b'+' | b'-' | b'0'..=b'9'
                    if let Some((weight, literal, end)) = term(chunk, at)
                        && literal.unsigned_abs().wrapping_sub(1) < most
                        && self.row.magnitude + weight.unsigned_abs() <= i64::MAX as u64 =>
                {
                    (self.state, self.begun, self.fresh) = (State::Sum, true, false);
                    self.push(weight, literal)?;
                    at = end;
                }
                b'>' if !self.objective
                    && let Some((bound, end)) = at_least(chunk, at)
                    && self.row.magnitude + bound.unsigned_abs() <= i64::MAX as u64 =>
                {
                    (self.begun, self.fresh) = (true, false);
                    (self.row.bound, self.relation) = (bound, Relation::AtLeast);
                    self.begin = self.position.spot(self.position.byte(at + 3));
                    self.state = self.end_constraint()?;
                    at = end;
                }
                _ => {
                    self.step(byte, at)?;
                    return Ok(at + 1);
                }
            }
        }
        Ok(at)
    }

    /// One byte outside a comment.
    fn step(&mut self, byte: u8, at: usize) -> Result<(), ReadError> {
        if matches!(self.state, State::Weight | State::Bound) && !self.number.digits && !byte.is_ascii_digit() {
            return Err(self.unexpected(byte, at));
        }
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {
                self.end_number()?;
                if !self.state.waits() {
                    return Err(self.unexpected(byte, at));
                }
                if byte == b'\n' {
                    self.position.newline(at);
                    self.fresh = true;
                }
                return Ok(());
            }
            b'*' if self.fresh && self.state.waits() => {
                self.header.begin(self.position.byte(at));
                (self.resume, self.state) = (self.state, State::Comment);
                return Ok(());
            }
            b'0'..=b'9' => self.digit(byte, at)?,
            b'+' | b'-' => self.sign(byte, at)?,
            _ => self.other(byte, at)?,
        }
        self.fresh = false;
        Ok(())
    }

    fn digit(&mut self, byte: u8, at: usize) -> Result<(), ReadError> {
        match self.state {
            State::Weight | State::Bound | State::Variable => {
                self.number.digits = true;
                self.number.value = self.number.value.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
            }
            State::Start | State::Sum | State::Name | State::Equals => {
                // Of a variable it is the whole name that is at fault.
                let begin = match self.state {
                    State::Name => self.number.begin,
                    _ => self.position.byte(at),
                };
                self.begin_number();
                self.number = Number { begin, negative: false, digits: true, value: u64::from(byte - b'0') };
            }
            _ => return Err(self.unexpected(byte, at)),
        }
        Ok(())
    }

    fn sign(&mut self, byte: u8, at: usize) -> Result<(), ReadError> {
        match self.state {
            State::Start | State::Sum | State::Equals => {
                self.begin_number();
                let begin = self.position.byte(at);
                self.number = Number { begin, negative: byte == b'-', digits: false, value: 0 };
                Ok(())
            }
            _ => Err(self.unexpected(byte, at)),
        }
    }

    fn begin_number(&mut self) {
        self.state = match self.state {
            State::Equals => State::Bound,
            State::Name => State::Variable,
            _ => {
                self.begun = true;
                State::Weight
            }
        };
    }

    /// A byte that is no blank and belongs to no number.
    fn other(&mut self, byte: u8, at: usize) -> Result<(), ReadError> {
        if matches!(byte, b';' | b'>' | b'<' | b'=') && !matches!(self.state, State::Weight) {
            self.end_number()?;
        }
        let spot = self.position.spot(self.position.byte(at));
        self.state = match (self.state, byte) {
            (State::Start | State::Sum, b'>' | b'<' | b'=') if !self.objective => {
                self.begun = true;
                self.relation = match byte {
                    b'>' => Relation::AtLeast,
                    b'<' => Relation::AtMost,
                    _ => Relation::Equal,
                };
                if byte == b'=' { State::Equals } else { State::Relation }
            }
            (State::Relation, b'=') => State::Equals,
            (State::End, b';') => self.end_constraint()?,
            (State::Sum, b';') if self.objective => self.end_objective()?,
            (State::Sum, b'x' | b'~') if self.terms => return Err(spot.error(unsupported(Feature::Products))),
            (State::Literal, b'~') => {
                (self.negated, self.number.begin) = (true, self.position.byte(at));
                State::Tilde
            }
            (State::Literal, b'x') => {
                (self.negated, self.number.begin) = (false, self.position.byte(at));
                State::Name
            }
            (State::Tilde, b'x') => State::Name,
            (State::Start, b'm' | b's') if !self.begun => {
                self.begin = spot;
                self.keyword = if byte == b'm' { b"min:" } else { b"soft:" };
                self.matched = 1;
                State::Keyword
            }
            (State::Keyword, _) => self.keyword(byte, at)?,
            (State::Start, b'[') => return Err(spot.error(unsupported(Feature::SoftConstraints))),
            _ => return Err(self.unexpected(byte, at)),
        };
        Ok(())
    }

    fn keyword(&mut self, byte: u8, at: usize) -> Result<State, ReadError> {
        if self.keyword == b"min:" && self.matched == 1 && byte == b'a' {
            self.keyword = b"max:";
        }
        if self.keyword[self.matched] != byte {
            return Err(self.unexpected(byte, at));
        }
        self.matched += 1;
        if self.matched < self.keyword.len() {
            return Ok(State::Keyword);
        }
        if self.keyword == b"soft:" {
            return Err(self.begin.error(unsupported(Feature::SoftConstraints)));
        }
        (self.objective, self.begun, self.is_greatest) = (true, true, self.keyword == b"max:");
        Ok(State::Sum)
    }

    /// Where a number ends, if one is at hand.
    fn end_number(&mut self) -> Result<(), ReadError> {
        if !matches!(self.state, State::Weight | State::Variable | State::Bound) {
            return Ok(());
        }
        let Number { begin, negative, value, .. } = self.number;
        let spot = self.position.spot(begin);
        if self.state == State::Variable {
            let variables = self.header.variables.unwrap_or(MAX_VAR);
            let negative = self.negated;
            let kind = match u32::try_from(value) {
                Ok(variable @ 1..=MAX_VAR) => {
                    let literal = if negative { -variable.cast_signed() } else { variable.cast_signed() };
                    if variable <= variables {
                        self.state = State::Sum;
                        return self.push(self.weight, literal);
                    }
                    ParseErrorKind::LiteralBeyondHeader { literal, variables }
                }
                Ok(0) => ParseErrorKind::VariableZero,
                _ => ParseErrorKind::LiteralOutOfRange { negative, variable: value },
            };
            return Err(spot.error(kind));
        }
        let Ok(number) = i64::try_from(value) else { return Err(spot.error(ParseErrorKind::NumberTooLarge)) };
        if self.row.magnitude + value > i64::MAX as u64 {
            return Err(spot.error(ParseErrorKind::SumTooLarge));
        }
        let number = if negative { -number } else { number };
        if self.state == State::Weight {
            (self.weight, self.state) = (number, State::Literal);
        } else {
            (self.row.bound, self.begin, self.state) = (number, spot, State::End);
        }
        Ok(())
    }

    #[inline]
    fn push(&mut self, weight: i64, literal: i32) -> Result<(), ReadError> {
        self.terms = true;
        self.largest = self.largest.max(literal.unsigned_abs());
        if self.row.is_full() {
            self.row.reserve(self.most.saturating_sub(self.store.bytes()))?;
        }
        self.row.literals.push(literal);
        self.row.weights.push(weight);
        self.row.magnitude += weight.unsigned_abs();
        Ok(())
    }

    fn end_constraint(&mut self) -> Result<State, ReadError> {
        self.constraints += 1;
        self.equalities += u64::from(self.relation == Relation::Equal);
        let spot = self.begin;
        self.store.set_limit(self.most.saturating_sub(self.row.bytes()));
        self.store.add(&mut self.row, self.relation).map_err(|e| refused(e, spot))?;
        self.row.clear();
        self.terms = false;
        Ok(State::Start)
    }

    fn end_objective(&mut self) -> Result<State, ReadError> {
        if self.is_greatest && self.terms {
            return Err(self.begin.error(unsupported(Feature::Maximum)));
        }
        if !self.is_greatest {
            let spot = self.begin;
            self.store.set_limit(self.most.saturating_sub(self.row.bytes()));
            self.store.minimize(&self.row).map_err(|e| refused(e, spot))?;
        }
        self.row.clear();
        (self.objective, self.terms) = (false, false);
        Ok(State::Start)
    }

    /// What may stand here, for messages.
    fn expected(&self) -> &'static str {
        match self.state {
            State::Weight | State::Bound if !self.number.digits => "a digit after the sign",
            State::Start => "a constraint",
            State::Keyword => "`min:`, `max:` or `soft:`",
            State::Sum if self.objective => "a weight or `;`",
            State::Sum => "a weight, `>=`, `=` or `<=`",
            State::Weight => "a blank after the weight",
            State::Literal => "`x` or `~x`",
            State::Tilde => "`x` after `~`",
            State::Name => "the number of a variable",
            State::Variable => "a blank after the variable",
            State::Relation => "`=`",
            State::Equals => "a number",
            State::Bound | State::End => "`;`",
            State::Comment => "a comment",
        }
    }

    fn unexpected(&self, byte: u8, at: usize) -> ReadError {
        let expected = match self.state {
            State::Start if matches!(byte, b'x' | b'~') => "a weight before the literal",
            _ => self.expected(),
        };
        let kind = match byte {
            0 => ParseErrorKind::NulByte,
            _ => ParseErrorKind::Expected { expected, found: format!("`{}`", std::ascii::escape_default(byte)) },
        };
        self.position.error(self.position.byte(at), kind)
    }

    fn comment(&mut self, chunk: &[u8], at: usize) -> Result<usize, ReadError> {
        let rest = &chunk[at..];
        let newline = rest.iter().position(|b| *b == b'\n');
        let end = at + newline.unwrap_or(rest.len());
        if !self.begun {
            self.header.extend(&chunk[at..end]);
        }
        if newline.is_some() {
            self.end_comment()?;
        }
        Ok(end)
    }

    fn end_comment(&mut self) -> Result<(), ReadError> {
        self.state = self.resume;
        if self.begun { Ok(()) } else { self.header.end(&self.position) }
    }
}

fn unsupported(feature: Feature) -> ParseErrorKind {
    ParseErrorKind::Unsupported(feature)
}

/// What the formula did not take. Literals have been looked at, so memory is short or a sum is too large.
fn refused(error: FormulaError, spot: Spot) -> ReadError {
    match error {
        FormulaError::Memory(short) => short.into(),
        _ => spot.error(ParseErrorKind::SumTooLarge),
    }
}
