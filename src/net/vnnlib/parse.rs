//! The commands of a text.

use super::declare::{Flat, Tensors};
use super::error::Feature;
use super::expression::Assertions;
use super::lexer::{Lexer, Token, quote};
use super::{ParseErrorKind as Kind, ReadError};
use crate::budget::Budget;
use crate::error::OutOfMemory;
use crate::net::property::formula::Formula;
use crate::net::property::{Naming, Property, PropertyError};

/// Tokens between two looks at what is held.
const TOKENS: u32 = 4096;

/// Variables as the two versions declare them.
pub(super) enum Names {
    Flat(Flat),
    Tensors(Tensors),
}

impl Names {
    fn bytes(&self) -> u64 {
        match self {
            Names::Flat(flat) => flat.bytes(),
            Names::Tensors(tensors) => tensors.bytes(),
        }
    }
}

/// A text on its way to a property.
pub(super) struct Parser<'t> {
    pub lexer: Lexer<'t>,
    pub names: Names,
    pub formula: Formula,
    pub budget: &'t Budget,
    tokens: u32,
    /// A token that was looked at and not taken.
    ahead: Option<(Token<'t>, usize)>,
    /// Bytes held by the caller.
    held: u64,
    /// Bytes held by whatever is at work.
    pub working: u64,
}

/// Reads a text. `held` bytes are held elsewhere.
pub(super) fn parse(text: &[u8], held: u64, budget: &Budget) -> Result<Property, ReadError> {
    let parser = Parser {
        lexer: Lexer::new(text, budget),
        names: Names::Flat(Flat::default()),
        formula: Formula::default(),
        budget,
        tokens: 0,
        ahead: None,
        held,
        working: 0,
    };
    parser.commands()
}

impl<'t> Parser<'t> {
    /// The next token and its place. Every so often, whether what is held is within the limit.
    pub fn next(&mut self) -> Result<(Token<'t>, usize), ReadError> {
        if let Some(token) = self.ahead.take() {
            return Ok(token);
        }
        self.tokens += 1;
        if self.tokens == TOKENS {
            self.tokens = 0;
            self.fits()?;
        }
        self.lexer.next()
    }

    /// Takes an opening bracket, if that is what comes next.
    pub fn next_is_bracket(&mut self) -> Result<bool, ReadError> {
        let token = self.next()?;
        if token.0 != Token::OpenBracket {
            self.ahead = Some(token);
        }
        Ok(token.0 == Token::OpenBracket)
    }

    fn fits(&self) -> Result<(), OutOfMemory> {
        let bytes = self.held + self.formula.bytes() + self.names.bytes() + self.working;
        let limit = self.budget.memory();
        if bytes <= limit { Ok(()) } else { Err(OutOfMemory::Limit { bytes, limit }) }
    }

    pub fn error(&self, at: usize, kind: Kind) -> ReadError {
        self.lexer.error(at, kind)
    }

    pub fn unsupported(&self, at: usize, feature: Feature) -> ReadError {
        self.error(at, Kind::Unsupported(feature))
    }

    /// A word and its place.
    pub fn word(&mut self, expected: &'static str) -> Result<(&'t str, usize), ReadError> {
        match self.next()? {
            (Token::Word(word), at) => Ok((word, at)),
            (token, at) => Err(self.lexer.expected(at, expected, token)),
        }
    }

    /// This token and no other.
    pub fn expect(&mut self, wanted: Token<'_>, expected: &'static str) -> Result<usize, ReadError> {
        match self.next()? {
            (token, at) if token == wanted => Ok(at),
            (token, at) => Err(self.lexer.expected(at, expected, token)),
        }
    }

    fn commands(mut self) -> Result<Property, ReadError> {
        let mut assertions = Assertions::default();
        let mut first = true;
        loop {
            let at = match self.next()? {
                (Token::Open, at) => at,
                (Token::End, at) => return self.finish(at),
                (token, at) => return Err(self.lexer.expected(at, "`(` or the end of the text", token)),
            };
            let (command, place) = self.word("a command")?;
            match (command, &self.names) {
                ("assert", Names::Tensors(tensors)) if tensors.declared.is_none() => {
                    return Err(self.lexer.expected(place, "`declare-network`", Token::Word(command)));
                }
                ("assert", _) => assertions.read(&mut self)?,
                ("vnnlib-version", _) if first => self.version()?,
                ("declare-const", Names::Flat(_)) => self.constant()?,
                ("declare-network", Names::Tensors(tensors)) => {
                    if tensors.declared.is_some() {
                        // Networks come before assertions.
                        return Err(if self.formula.num_assertions() == 0 {
                            self.unsupported(at, Feature::SeveralNetworks)
                        } else {
                            self.lexer.expected(place, "`assert`", Token::Word(command))
                        });
                    }
                    self.network()?;
                }
                ("declare-network", Names::Flat(_)) => {
                    let expected = "`(vnnlib-version <2.0>)` at the beginning of the text";
                    return Err(self.lexer.expected(place, expected, Token::Word(command)));
                }
                ("check-sat" | "exit" | "set-logic" | "set-info" | "set-option" | "define-fun" | "declare-fun", _) => {
                    return Err(self.unsupported(place, Feature::Command(command.into())));
                }
                _ => return Err(self.error(place, Kind::UnknownCommand(quote(command)))),
            }
            first = false;
        }
    }

    fn version(&mut self) -> Result<(), ReadError> {
        let (version, place) = self.word("`<2.0>`")?;
        let numbers = version.strip_prefix('<').and_then(|v| v.strip_suffix('>')).and_then(|v| v.split_once('.'));
        let known = numbers.is_some_and(|(major, minor)| {
            major == "2" && !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit())
        });
        if !known {
            return Err(self.error(place, Kind::Version(quote(version))));
        }
        self.expect(Token::Close, "`)`")?;
        self.names = Names::Tensors(Tensors::default());
        Ok(())
    }

    fn finish(mut self, end: usize) -> Result<Property, ReadError> {
        self.fits()?;
        let mut formula = std::mem::take(&mut self.formula);
        let answer = match &mut self.names {
            Names::Flat(flat) => {
                if let Some((at, kind)) = flat.fault(end) {
                    return Err(self.lexer.error(at, kind));
                }
                let inputs = flat.inputs();
                formula.map_columns(|column| flat.column(column));
                let property = Property::new(inputs, flat.outputs());
                property.map(|property| property.with_formula(formula))
            }
            Names::Tensors(tensors) => {
                let Some(declared) = tensors.declared.take() else {
                    return Err(self.lexer.expected(end, "`(declare-network`", Token::End));
                };
                if formula.num_assertions() == 0 {
                    return Err(self.lexer.expected(end, "`(assert`", Token::End));
                }
                let naming = Naming::Tensors { network: declared.network, types: declared.types };
                Property::of(declared.inputs, declared.outputs, naming, formula)
            }
        };
        // Declarations were counted as they came.
        answer.map_err(|error| match error {
            PropertyError::Memory(error) => ReadError::Memory(error),
            _ => self.lexer.error(end, Kind::TooManyVariables),
        })
    }
}
