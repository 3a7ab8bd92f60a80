//! Comments, and the sampling set that some of them declare: `c ind 1 2 3 0` and `c p show 1 2 3 0`.

use crate::formula::text::{ParseErrorKind, Position, ReadError, Spot, is_blank};
use crate::formula::{MAX_VAR, arrays};

/// How far a comment has been understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Before its `c`.
    Start,
    /// After its `c`.
    Marked,
    /// Before or within its first word.
    First,
    /// Before or within the word after `p`.
    Second,
    /// Between variables.
    Between,
    /// Within a variable.
    Variable,
    /// After the 0.
    Ended,
    /// A comment like any other.
    Plain,
}

/// The longest word that means something.
const LONGEST: usize = 4;

/// The comment at hand, and what comments have declared so far.
#[derive(Debug)]
pub(super) struct Comments {
    stage: Stage,
    word: [u8; LONGEST],
    length: usize,
    /// Bytes of the text before the variable at hand.
    begin: u64,
    /// The variable at hand, saturated.
    value: u64,
    /// Whether there is a sampling set.
    declared: bool,
    variables: Vec<u32>,
    /// The largest variable that came before the header, and where it stands first.
    largest: Option<(u32, Spot)>,
}

impl Comments {
    pub fn new() -> Self {
        Comments {
            stage: Stage::Start,
            word: [0; LONGEST],
            length: 0,
            begin: 0,
            value: 0,
            declared: false,
            variables: Vec::new(),
            largest: None,
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        arrays::bytes(&self.variables)
    }

    /// Takes a comment from its `c` on, or what came with the next chunk. Answers where its line ends, or the end of the
    /// chunk. `promised` is the header's number of variables, where it has been read; `limit` bytes may be held.
    pub fn feed(
        &mut self,
        position: &Position,
        promised: Option<u32>,
        chunk: &[u8],
        mut at: usize,
        limit: u64,
    ) -> Result<usize, ReadError> {
        while self.stage != Stage::Plain {
            let Some(&byte) = chunk.get(at) else { return Ok(at) };
            if byte == b'\n' {
                self.end_line(position, promised, position.byte(at), limit)?;
                return Ok(at);
            }
            self.step(position, promised, byte, at, limit)?;
            at += 1;
        }
        match chunk[at..].iter().position(|b| *b == b'\n') {
            Some(length) => {
                self.stage = Stage::Start;
                Ok(at + length)
            }
            None => Ok(chunk.len()),
        }
    }

    fn step(
        &mut self,
        position: &Position,
        promised: Option<u32>,
        byte: u8,
        at: usize,
        limit: u64,
    ) -> Result<(), ReadError> {
        self.stage = match self.stage {
            Stage::Start => Stage::Marked,
            Stage::Marked if is_blank(byte) => self.next_word(Stage::First),
            Stage::First if is_blank(byte) && self.length > 0 => match self.word() {
                b"ind" => self.declare(),
                b"p" => self.next_word(Stage::Second),
                _ => Stage::Plain,
            },
            Stage::Second if is_blank(byte) && self.length > 0 => match self.word() {
                b"show" => self.declare(),
                _ => Stage::Plain,
            },
            Stage::First | Stage::Second if is_blank(byte) => self.stage,
            Stage::First | Stage::Second if self.length < LONGEST => {
                self.word[self.length] = byte;
                self.length += 1;
                self.stage
            }
            Stage::Between if byte.is_ascii_digit() => {
                self.begin = position.byte(at);
                self.value = u64::from(byte - b'0');
                Stage::Variable
            }
            Stage::Variable if byte.is_ascii_digit() => {
                self.value = self.value.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
                Stage::Variable
            }
            Stage::Variable if is_blank(byte) => self.end_variable(position, promised, limit)?,
            Stage::Between | Stage::Ended if is_blank(byte) => self.stage,
            Stage::Between | Stage::Variable | Stage::Ended => return Err(position.unexpected(byte, at)),
            Stage::Marked | Stage::First | Stage::Second | Stage::Plain => Stage::Plain,
        };
        Ok(())
    }

    fn word(&self) -> &[u8] {
        &self.word[..self.length]
    }

    fn next_word(&mut self, stage: Stage) -> Stage {
        self.length = 0;
        stage
    }

    fn declare(&mut self) -> Stage {
        self.declared = true;
        Stage::Between
    }

    /// The comment's line, or the text, ends at this byte.
    pub fn end_line(
        &mut self,
        position: &Position,
        promised: Option<u32>,
        byte: u64,
        limit: u64,
    ) -> Result<(), ReadError> {
        let stage = match self.stage {
            Stage::First if self.word() == b"ind" => Stage::Between,
            Stage::Second if self.word() == b"show" => Stage::Between,
            Stage::Variable => self.end_variable(position, promised, limit)?,
            stage => stage,
        };
        self.stage = Stage::Start;
        self.length = 0;
        if stage == Stage::Between {
            return Err(position.error(byte, ParseErrorKind::SamplingMissingZero));
        }
        Ok(())
    }

    fn end_variable(&mut self, position: &Position, promised: Option<u32>, limit: u64) -> Result<Stage, ReadError> {
        let spot = position.spot(self.begin);
        let variable = match u32::try_from(self.value) {
            Ok(0) => return Ok(Stage::Ended),
            Ok(variable) if variable <= MAX_VAR => variable,
            _ => return Err(spot.error(ParseErrorKind::LiteralOutOfRange { negative: false, variable: self.value })),
        };
        match promised {
            Some(variables) => within(variable, variables, spot)?,
            None if self.largest.is_none_or(|(most, _)| variable > most) => self.largest = Some((variable, spot)),
            None => {}
        }
        arrays::reserve(&mut self.variables, 1, limit)?;
        self.variables.push(variable);
        Ok(Stage::Between)
    }

    /// The header has come: checks the variables that came before it.
    pub fn check(&mut self, variables: u32) -> Result<(), ReadError> {
        self.largest.take().map_or(Ok(()), |(variable, spot)| within(variable, variables, spot))
    }

    /// The sampling set, where there is one, sorted.
    pub fn sampling_set(self) -> Option<Vec<u32>> {
        let mut set = self.variables;
        set.sort_unstable();
        set.dedup();
        self.declared.then_some(set)
    }
}

fn within(variable: u32, variables: u32, spot: Spot) -> Result<(), ReadError> {
    if variable > variables {
        return Err(spot.error(ParseErrorKind::SamplingBeyondHeader { variable, variables }));
    }
    Ok(())
}
