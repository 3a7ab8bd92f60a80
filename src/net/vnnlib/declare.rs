//! Variables: `X_i` and `Y_i` of version 1.0, tensors of version 2.0.

use std::collections::{HashMap, HashSet};

use super::error::Feature;
use super::lexer::{Token, quote};
use super::numeral::{is_numeric, whole};
use super::parse::{Names, Parser};
use super::{ParseErrorKind as Kind, ReadError};
use crate::error::OutOfMemory;
use crate::net::property::formula::push;
use crate::net::property::{MAX_VARIABLES, TensorDecl, elements};

/// Marks the column of an output while it is not yet known how many inputs there are.
const OUTPUT: u32 = 1 << 31;

/// Bytes that a number in a set takes, spare room included.
const ENTRY: u64 = 16;

/// The numbers of one letter. As files have them in order, the set is empty all the time.
#[derive(Default)]
struct Numbered {
    /// All numbers below this one are declared.
    all_below: u32,
    /// Those beyond a gap.
    beyond: HashSet<u32>,
    largest: u32,
    /// Where the largest was declared.
    place: usize,
}

impl Numbered {
    fn contains(&self, number: u32) -> bool {
        number < self.all_below || self.beyond.contains(&number)
    }

    fn count(&self) -> usize {
        self.all_below as usize + self.beyond.len()
    }

    /// Adds a new number.
    fn insert(&mut self, number: u32, place: usize) -> Result<(), OutOfMemory> {
        if number == self.all_below {
            self.all_below += 1;
            while self.beyond.remove(&self.all_below) {
                self.all_below += 1;
            }
        } else {
            self.beyond.try_reserve(1).map_err(|_| OutOfMemory::Allocator { bytes: ENTRY })?;
            self.beyond.insert(number);
        }
        if number >= self.largest {
            (self.largest, self.place) = (number, place);
        }
        Ok(())
    }
}

/// `X_0`, `X_1`, …, `Y_0`, `Y_1`, …
#[derive(Default)]
pub(super) struct Flat {
    inputs: Numbered,
    outputs: Numbered,
}

/// The letter and number of a name.
fn parts(name: &str) -> Option<(bool, &str)> {
    let (output, digits) = match name.split_once('_')? {
        ("X", digits) => (false, digits),
        ("Y", digits) => (true, digits),
        _ => return None,
    };
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    (plain && (digits == "0" || !digits.starts_with('0'))).then_some((output, digits))
}

impl Flat {
    pub fn bytes(&self) -> u64 {
        (self.inputs.beyond.capacity() + self.outputs.beyond.capacity()) as u64 * ENTRY
    }

    pub fn inputs(&self) -> usize {
        self.inputs.count()
    }

    pub fn outputs(&self) -> usize {
        self.outputs.count()
    }

    /// The column of a declared variable, before [`Flat::column`].
    pub fn find(&self, name: &str) -> Option<u32> {
        let (output, digits) = parts(name)?;
        let number = digits.parse().ok()?;
        let numbered = if output { &self.outputs } else { &self.inputs };
        numbered.contains(number).then_some(if output { number | OUTPUT } else { number })
    }

    /// The column of a variable, once all are declared.
    pub fn column(&self, column: u32) -> u32 {
        if column & OUTPUT == 0 { column } else { (column & !OUTPUT) + self.inputs() as u32 }
    }

    /// What is wrong with all declarations together, and where.
    pub fn fault(&self, end: usize) -> Option<(usize, Kind)> {
        for (letter, what, numbered) in [('X', "input `X_0`", &self.inputs), ('Y', "output `Y_0`", &self.outputs)] {
            if numbered.count() == 0 {
                return Some((end, Kind::NoneDeclared(what)));
            }
            if !numbered.beyond.is_empty() {
                let missing = numbered.all_below;
                let (declared, missing) = (format!("{letter}_{}", numbered.largest), format!("{letter}_{missing}"));
                return Some((numbered.place, Kind::Gap { declared, missing }));
            }
        }
        (self.inputs() + self.outputs() > MAX_VARIABLES).then_some((end, Kind::TooManyVariables))
    }
}

/// What `declare-network` declared.
pub(super) struct Declared {
    pub network: String,
    pub inputs: Vec<TensorDecl>,
    pub outputs: Vec<TensorDecl>,
    /// Element types, inputs first.
    pub types: Vec<String>,
}

/// The tensors of version 2.0.
#[derive(Default)]
pub(super) struct Tensors {
    pub declared: Option<Declared>,
    /// Each tensor's number (inputs first) and the column of its first element.
    by_name: HashMap<String, (usize, u32)>,
    /// Columns taken.
    columns: usize,
    /// Bytes of names and shapes.
    bytes: u64,
}

impl Tensors {
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Number, first column, shape and type of a tensor.
    pub fn find(&self, name: &str) -> Option<(usize, u32, &[usize], &str)> {
        let &(number, column) = self.by_name.get(name)?;
        let declared = self.declared.as_ref()?;
        let tensor = declared.inputs.iter().chain(&declared.outputs).nth(number)?;
        Some((number, column, &tensor.shape, &declared.types[number]))
    }
}

impl Parser<'_> {
    /// The rest of `(declare-const X_i Real)`.
    pub fn constant(&mut self) -> Result<(), ReadError> {
        const NAME: &str = "`X_` or `Y_` and a number";
        let (name, place) = self.word(NAME)?;
        let Some((output, digits)) = parts(name) else {
            return Err(self.lexer.expected(place, NAME, Token::Word(name)));
        };
        let number = digits.parse().ok().filter(|&number: &u32| (number as usize) < MAX_VARIABLES);
        let Some(number) = number else { return Err(self.error(place, Kind::TooManyVariables)) };
        let (kind, at) = self.word("`Real`")?;
        match kind {
            "Real" => {}
            "Int" | "Bool" => return Err(self.unsupported(at, Feature::ElementType(kind.into()))),
            _ => return Err(self.lexer.expected(at, "`Real`", Token::Word(kind))),
        }
        self.expect(Token::Close, "`)`")?;
        let Names::Flat(flat) = &mut self.names else { return Ok(()) };
        let numbered = if output { &mut flat.outputs } else { &mut flat.inputs };
        if numbered.contains(number) {
            return Err(self.error(place, Kind::Duplicate(name.into())));
        }
        Ok(numbered.insert(number, place)?)
    }

    /// The rest of `(declare-network f (declare-input …) … (declare-output …) …)`.
    pub fn network(&mut self) -> Result<(), ReadError> {
        let (network, _) = self.name("the network's name")?;
        let network = network.to_string();
        let mut declared = Declared { network, inputs: Vec::new(), outputs: Vec::new(), types: Vec::new() };
        loop {
            let expected = match (&declared.inputs[..], &declared.outputs[..]) {
                ([], _) => "`(declare-input`",
                (_, []) => "`(declare-input` or `(declare-output`",
                _ => "`(declare-output` or `)`",
            };
            match self.next()? {
                (Token::Open, _) => {}
                (Token::Close, _) if !declared.outputs.is_empty() => break,
                (token, at) => return Err(self.lexer.expected(at, expected, token)),
            }
            let (what, at) = self.word(expected)?;
            match what {
                "declare-input" if declared.outputs.is_empty() => {
                    let tensor = self.tensor(&mut declared.types)?;
                    push(&mut declared.inputs, tensor)?;
                }
                "declare-output" if !declared.inputs.is_empty() => {
                    let tensor = self.tensor(&mut declared.types)?;
                    push(&mut declared.outputs, tensor)?;
                }
                "declare-hidden" => return Err(self.unsupported(at, Feature::HiddenNodes)),
                "equal-to" | "isomorphic-to" => {
                    return Err(self.unsupported(at, Feature::NetworkEquivalence(what.into())));
                }
                _ => return Err(self.lexer.expected(at, expected, Token::Word(what))),
            }
        }
        if let Names::Tensors(tensors) = &mut self.names {
            tensors.declared = Some(declared);
        }
        Ok(())
    }

    /// A name: a letter, then letters, digits and `_`; no word of the language.
    fn name(&mut self, expected: &'static str) -> Result<(&str, usize), ReadError> {
        let (name, at) = self.word(expected)?;
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !plain || !name.starts_with(|c: char| c.is_ascii_alphabetic()) || matches!(name, "and" | "or") {
            return Err(self.lexer.expected(at, expected, Token::Word(name)));
        }
        Ok((name, at))
    }

    /// The rest of a tensor's declaration.
    fn tensor(&mut self, types: &mut Vec<String>) -> Result<TensorDecl, ReadError> {
        let (name, place) = self.name("the tensor's name")?;
        let name = name.to_string();
        let (kind, at) = self.name("an element type")?;
        let kind = kind.to_string();
        match kind.as_str() {
            "Real" | "real" | "bfloat16" | "float16" | "float32" | "float64" | "float8e4m3fn" | "float8e5m2"
            | "float8e4m3fnuz" | "float8e5m2fnuz" | "float4e2m1" => {}
            "int4" | "int8" | "int16" | "int32" | "int64" | "uint4" | "uint8" | "uint16" | "uint32" | "uint64"
            | "bool" | "string" | "complex64" | "complex128" => {
                return Err(self.unsupported(at, Feature::ElementType(kind)));
            }
            _ => return Err(self.error(at, Kind::UnknownType(quote(&kind)))),
        }
        self.expect(Token::OpenBracket, "`[`")?;
        let shape = self.shape()?;
        match self.next()? {
            (Token::Close, _) => {}
            (Token::Quoted, at) => return Err(self.unsupported(at, Feature::NodeNames)),
            (token, at) => return Err(self.lexer.expected(at, "`)`", token)),
        }
        let Names::Tensors(tensors) = &mut self.names else {
            return Err(self.error(place, Kind::UnknownCommand(name)));
        };
        let columns = tensors.columns.saturating_add(elements(&shape));
        let first = u32::try_from(tensors.columns).ok().filter(|_| columns <= MAX_VARIABLES);
        let Some(first) = first else { return Err(self.error(place, Kind::TooManyVariables)) };
        tensors.by_name.try_reserve(1).map_err(|_| OutOfMemory::Allocator { bytes: name.len() as u64 })?;
        tensors.bytes += (3 * name.len() + kind.len() + shape.capacity() * 8 + 256) as u64;
        tensors.columns = columns;
        if tensors.by_name.insert(name.clone(), (types.len(), first)).is_some() {
            return Err(self.error(place, Kind::Duplicate(quote(&name))));
        }
        push(types, kind)?;
        Ok(TensorDecl { name, shape })
    }

    /// The rest of `[2,3]`.
    fn shape(&mut self) -> Result<Vec<usize>, ReadError> {
        let mut shape = Vec::new();
        loop {
            let (size, at) = match self.next()? {
                (Token::Word(word), at) => (word, at),
                (Token::CloseBracket, _) if shape.is_empty() => break,
                (token, at) => return Err(self.lexer.expected(at, "a size", token)),
            };
            match whole(size) {
                None if size.bytes().all(|byte| byte.is_ascii_digit()) => {
                    return Err(self.error(at, Kind::TooManyVariables));
                }
                Some(0) => return Err(self.error(at, Kind::Size(quote(size)))),
                None if is_numeric(size) => return Err(self.error(at, Kind::Size(quote(size)))),
                None => return Err(self.lexer.expected(at, "a size", Token::Word(size))),
                Some(size) => push(&mut shape, usize::try_from(size).unwrap_or(usize::MAX))?,
            }
            self.working = shape.capacity() as u64 * 8;
            match self.next()? {
                (Token::Comma, _) => {}
                (Token::CloseBracket, _) => break,
                (token, at) => return Err(self.lexer.expected(at, "`,` or `]`", token)),
            }
        }
        self.working = 0;
        Ok(shape)
    }
}
