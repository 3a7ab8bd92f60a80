//! Assertions: a stack of operators whose operands are known so far, so that depth costs memory and never the stack.

use super::error::Feature;
use super::lexer::{Token, quote};
use super::linear::{Arithmetic, Fault, Linear};
use super::numeral::{decimal, is_numeric, whole};
use super::parse::{Names, Parser};
use super::{ParseErrorKind as Kind, ReadError};
use crate::net::property::formula::{Comparison, Node, push};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    And,
    Or,
    Not,
    Implies,
    Choose,
    Compare(Comparison),
    Arithmetic(Arithmetic),
}

/// An operator whose operands are being read.
#[derive(Debug)]
struct Frame<'t> {
    operator: Operator,
    word: &'t str,
    place: usize,
    /// Where its operands begin.
    first: usize,
}

/// What an expression turned out to be.
#[derive(Debug, Clone, Copy)]
enum Value {
    /// A node of the formula.
    Truth(u32),
    /// A node of the comparison at hand.
    Number(u32),
}

#[derive(Debug, Clone, Copy)]
struct Operand {
    value: Value,
    place: usize,
}

/// Reads assertions; what it holds is used again for the next one.
#[derive(Default)]
pub(super) struct Assertions {
    operands: Vec<Operand>,
    linear: Linear,
    /// The first tensor of the comparison at hand; version 2.0 does not mix element types.
    tensor: Option<usize>,
}

const FORMULA: &str = "a formula";
const NUMBER: &str = "a number";

impl Assertions {
    /// The rest of `(assert …)`.
    pub fn read<'t>(&mut self, parser: &mut Parser<'t>) -> Result<(), ReadError> {
        let mut frames: Vec<Frame<'t>> = Vec::new();
        loop {
            let (token, place) = parser.next()?;
            match token {
                Token::Open => {
                    let (word, place) = parser.word("an operator")?;
                    let operator = operator(parser, word, place)?;
                    if matches!(operator, Operator::Compare(_)) {
                        self.tensor = None;
                    }
                    push(&mut frames, Frame { operator, word, place, first: self.operands.len() })?;
                }
                Token::Word(word) => {
                    let value = self.leaf(parser, word, place)?;
                    push(&mut self.operands, Operand { value, place })?;
                }
                Token::Close if let Some(frame) = frames.pop() => {
                    let value = self.close(parser, &frame)?;
                    self.operands.truncate(frame.first);
                    push(&mut self.operands, Operand { value, place: frame.place })?;
                }
                _ => {
                    return Err(parser.lexer.expected(
                        place,
                        if frames.is_empty() { FORMULA } else { "an operand" },
                        token,
                    ));
                }
            }
            parser.working = (frames.capacity() * size_of::<Frame<'_>>()
                + self.operands.capacity() * size_of::<Operand>()) as u64
                + self.linear.bytes();
            if frames.is_empty() {
                break;
            }
        }
        parser.expect(Token::Close, "`)`")?;
        match self.operands.pop() {
            Some(Operand { value: Value::Truth(node), .. }) => Ok(parser.formula.assert(node)?),
            Some(Operand { place, .. }) => Err(parser.error(place, Kind::Sort { expected: FORMULA, found: NUMBER })),
            None => Ok(()), // the loop ends with an operand
        }
    }

    /// A constant or a variable.
    fn leaf(&mut self, parser: &mut Parser<'_>, word: &str, place: usize) -> Result<Value, ReadError> {
        let two = matches!(parser.names, Names::Tensors(_));
        if is_numeric(word) {
            let value = decimal(word, two).map_err(|kind| parser.error(place, kind))?;
            return Ok(Value::Number(self.linear.constant(value)?));
        }
        let column = match &parser.names {
            Names::Flat(_) if word == "true" => return Ok(Value::Truth(parser.formula.add_node(Node::True)?)),
            Names::Flat(_) if word == "false" => return Ok(Value::Truth(parser.formula.add_node(Node::False)?)),
            Names::Flat(flat) => match flat.find(word) {
                Some(column) => column,
                None => return Err(parser.error(place, Kind::Undeclared(quote(word)))),
            },
            Names::Tensors(_) => self.element(parser, word, place)?,
        };
        Ok(Value::Number(self.linear.variable(column)?))
    }

    /// The rest of `X[0,1]`, or a scalar.
    fn element(&mut self, parser: &mut Parser<'_>, word: &str, place: usize) -> Result<u32, ReadError> {
        let Names::Tensors(tensors) = &parser.names else { return Ok(0) };
        let Some((number, first, shape, kind)) = tensors.find(word) else {
            return Err(parser.error(place, Kind::Undeclared(quote(word))));
        };
        if let (Some(before), Some(declared)) = (self.tensor, &tensors.declared)
            && declared.types[before] != *kind
        {
            let (name, expected, found) = (quote(word), declared.types[before].clone(), kind.to_string());
            return Err(parser.error(place, Kind::TypeMismatch { name, expected, found }));
        }
        self.tensor = Some(number);
        let dimensions = shape.len();
        if dimensions == 0 {
            return Ok(first); // a bracket after it is found where the next operand should be
        }
        let bracket = parser.next_is_bracket()?;
        if !bracket {
            return Err(parser.unsupported(place, Feature::WholeTensor(quote(word))));
        }
        let (mut found, mut offset) = (0, 0usize);
        loop {
            let (index, at) = parser.word("an index")?;
            if let Names::Tensors(tensors) = &parser.names
                && let Some((_, _, shape, _)) = tensors.find(word)
                && let Some(&size) = shape.get(found)
            {
                let value = whole(index).and_then(|index| usize::try_from(index).ok());
                match value.filter(|&value| value < size) {
                    Some(value) => offset = offset * size + value, // below the tensor's elements
                    None if is_numeric(index) => {
                        let index = quote(index);
                        return Err(parser.error(at, Kind::IndexOutOfShape { index, size }));
                    }
                    None => return Err(parser.lexer.expected(at, "an index", Token::Word(index))),
                }
            }
            found += 1;
            match parser.next()? {
                (Token::Comma, _) => {}
                (Token::CloseBracket, _) => break,
                (token, at) => return Err(parser.lexer.expected(at, "`,` or `]`", token)),
            }
        }
        if found != dimensions {
            let kind = Kind::IndexCount { name: quote(word), expected: dimensions, found };
            return Err(parser.error(place, kind));
        }
        Ok(first + offset as u32) // fewer than 2^31 elements
    }

    /// What an operator makes of its operands.
    fn close(&mut self, parser: &mut Parser<'_>, frame: &Frame<'_>) -> Result<Value, ReadError> {
        let count = self.operands.len() - frame.first;
        let (fits, expected) = match frame.operator {
            Operator::And | Operator::Or | Operator::Arithmetic(_) => (count >= 1, "at least one operand"),
            Operator::Not => (count == 1, "one operand"),
            Operator::Compare(_) => (count == 2, "two operands"),
            Operator::Implies => (count >= 2, "at least two operands"),
            Operator::Choose => (count == 3, "three operands"),
        };
        if !fits {
            let operator = frame.word.to_string();
            return Err(parser.error(frame.place, Kind::Arity { operator, expected, found: count }));
        }
        self.sorts(parser, frame)?;
        let numbers = self.operands[frame.first..].iter().map(|operand| match operand.value {
            Value::Truth(number) | Value::Number(number) => number,
        });
        let formula = &mut parser.formula;
        let node = match frame.operator {
            Operator::And => Node::And(formula.add_children(numbers)?),
            Operator::Or => Node::Or(formula.add_children(numbers)?),
            Operator::Not => Node::Not(number(&self.operands[frame.first])),
            Operator::Choose => {
                let of = |position: usize| number(&self.operands[frame.first + position]);
                Node::Choose([of(0), of(1), of(2)])
            }
            // a => b => c says that c holds where a and b do: not a, or not b, or c.
            Operator::Implies => {
                let last = self.operands.len() - 1;
                for operand in &mut self.operands[frame.first..last] {
                    operand.value = Value::Truth(formula.add_node(Node::Not(number(operand)))?);
                }
                Node::Or(formula.add_children(self.operands[frame.first..].iter().map(number))?)
            }
            Operator::Compare(comparison) => {
                let of = |position: usize| number(&self.operands[frame.first + position]);
                let sides = (of(0), comparison, of(1));
                let atom = self.linear.compare(formula, sides, parser.budget);
                return atom.map(Value::Truth).map_err(|fault| self.fault(parser, frame, fault));
            }
            Operator::Arithmetic(operation) => {
                let value = self.linear.inner(operation, numbers);
                return value.map(Value::Number).map_err(|fault| self.fault(parser, frame, fault));
            }
        };
        Ok(Value::Truth(formula.add_node(node)?))
    }

    /// Whether the operands are what the operator takes.
    fn sorts(&self, parser: &Parser<'_>, frame: &Frame<'_>) -> Result<(), ReadError> {
        let numbers = matches!(frame.operator, Operator::Compare(_) | Operator::Arithmetic(_));
        let operands = &self.operands[frame.first..];
        let wrong = |operand: &&Operand| matches!(operand.value, Value::Number(_)) != numbers;
        let Some(operand) = operands.iter().find(wrong) else { return Ok(()) };
        let all = operands.iter().all(|operand| wrong(&operand));
        Err(match frame.operator {
            Operator::Choose if operands[1..].iter().all(|operand| wrong(&operand)) => {
                parser.unsupported(frame.place, Feature::NumericChoice)
            }
            Operator::Compare(Comparison::Equal | Comparison::NotEqual) if all => {
                parser.unsupported(frame.place, Feature::Equivalence)
            }
            _ => {
                let (expected, found) = if numbers { (NUMBER, FORMULA) } else { (FORMULA, NUMBER) };
                parser.error(operand.place, Kind::Sort { expected, found })
            }
        })
    }

    fn fault(&self, parser: &Parser<'_>, frame: &Frame<'_>, fault: Fault) -> ReadError {
        match fault {
            Fault::Operand(position, kind) => parser.error(self.operands[frame.first + position].place, kind),
            Fault::Whole(kind) => parser.error(frame.place, kind),
            Fault::Memory(error) => error.into(),
            Fault::Stopped(stop) => stop.into(),
        }
    }
}

fn number(operand: &Operand) -> u32 {
    match operand.value {
        Value::Truth(number) | Value::Number(number) => number,
    }
}

fn operator(parser: &Parser<'_>, word: &str, place: usize) -> Result<Operator, ReadError> {
    let one = matches!(parser.names, Names::Flat(_));
    Ok(match word {
        "and" => Operator::And,
        "or" => Operator::Or,
        "<" => Operator::Compare(Comparison::Less),
        "<=" => Operator::Compare(Comparison::LessOrEqual),
        ">" => Operator::Compare(Comparison::Greater),
        ">=" => Operator::Compare(Comparison::GreaterOrEqual),
        "!=" => Operator::Compare(Comparison::NotEqual),
        "==" if !one => Operator::Compare(Comparison::Equal),
        "=" if one => Operator::Compare(Comparison::Equal),
        "distinct" if one => Operator::Compare(Comparison::NotEqual),
        "not" if one => Operator::Not,
        "=>" if one => Operator::Implies,
        "ite" if one => Operator::Choose,
        "+" => Operator::Arithmetic(Arithmetic::Sum),
        "-" => Operator::Arithmetic(Arithmetic::Difference),
        "*" => Operator::Arithmetic(Arithmetic::Product),
        "/" => return Err(parser.unsupported(place, Feature::Division)),
        _ => return Err(parser.error(place, Kind::UnknownOperator(quote(word)))),
    })
}
