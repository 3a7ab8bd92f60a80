//! Properties as text. What is written reads back as the same property, node by node and bit for bit.

use std::fmt::Write;

use crate::budget::Budget;
use crate::error::OutOfMemory;
use crate::files::WriteError;
use crate::net::property::formula::{Atom, Comparison, Formula, Node, push};
use crate::net::property::number::Number;
use crate::net::property::{Naming, Property, TensorDecl};

/// The text of a property: version 2.0 where it was read from that, else version 1.0.
///
/// Doubles are written with the fewest digits that read back as the same double, and without an exponent, which version
/// 2.0 does not have. Constants that are no doubles are written as sums and products of some.
///
/// # Errors
///
/// No memory for the text, or the budget ended the call.
pub fn to_string(property: &Property, budget: &Budget) -> Result<String, WriteError> {
    let text = Text { text: String::new(), limit: budget.memory(), refused: None };
    let mut writer = Writer { property, budget, text, pieces: 0 };
    match property.naming() {
        Naming::Flat => {
            for (letter, count) in [('X', property.num_inputs()), ('Y', property.num_outputs())] {
                for number in 0..count {
                    writer.put(format_args!("(declare-const {letter}_{number} Real)\n"))?;
                }
            }
        }
        Naming::Tensors { network, types } => writer.network(network, types)?,
    }
    for &root in property.formula().assertions() {
        writer.put(format_args!("(assert "))?;
        writer.tree(property.formula(), root)?;
        writer.put(format_args!(")\n"))?;
    }
    Ok(writer.text.text)
}

/// What is still to be written.
enum Pending {
    Node(u32),
    /// A closing parenthesis.
    Close,
}

/// Pieces between two questions to the budget.
const PIECES: u32 = 1024;

/// A string that grows within a limit, and says so where it cannot.
struct Text {
    text: String,
    limit: u64,
    refused: Option<OutOfMemory>,
}

impl Write for Text {
    fn write_str(&mut self, piece: &str) -> std::fmt::Result {
        if self.text.capacity() - self.text.len() < piece.len() {
            let more = self.text.len().max(piece.len()).max(1024);
            let bytes = (self.text.len() + more) as u64;
            if bytes > self.limit {
                self.refused = Some(OutOfMemory::Limit { bytes, limit: self.limit });
            } else if self.text.try_reserve(more).is_err() {
                self.refused = Some(OutOfMemory::Allocator { bytes });
            }
        }
        if self.refused.is_some() {
            return Err(std::fmt::Error);
        }
        self.text.push_str(piece);
        Ok(())
    }
}

struct Writer<'a> {
    property: &'a Property,
    budget: &'a Budget,
    text: Text,
    pieces: u32,
}

impl Writer<'_> {
    fn put(&mut self, piece: std::fmt::Arguments<'_>) -> Result<(), WriteError> {
        self.pieces += 1;
        if self.pieces == PIECES {
            self.pieces = 0;
            self.budget.check()?;
        }
        match (self.text.write_fmt(piece), self.text.refused) {
            (_, Some(error)) => Err(error.into()),
            _ => Ok(()), // nothing else fails
        }
    }

    fn network(&mut self, network: &str, types: &[String]) -> Result<(), WriteError> {
        let property = self.property;
        self.put(format_args!("(vnnlib-version <2.0>)\n(declare-network {network}\n"))?;
        let inputs = property.inputs().iter().map(|tensor| ("input", tensor));
        let outputs = property.outputs().iter().map(|tensor| ("output", tensor));
        for ((what, TensorDecl { name, shape }), kind) in inputs.chain(outputs).zip(types) {
            self.put(format_args!("  (declare-{what} {name} {kind} ["))?;
            for (position, size) in shape.iter().enumerate() {
                self.put(format_args!("{}{size}", if position == 0 { "" } else { "," }))?;
            }
            self.put(format_args!("])\n"))?;
        }
        self.put(format_args!(")\n"))
    }

    /// A node and all below it.
    fn tree(&mut self, formula: &Formula, root: u32) -> Result<(), WriteError> {
        let mut pending = vec![Pending::Node(root)];
        let mut begin = true; // of the assertion or of a list
        while let Some(next) = pending.pop() {
            let Pending::Node(node) = next else {
                self.put(format_args!(")"))?;
                continue;
            };
            if !begin {
                self.put(format_args!(" "))?;
            }
            begin = false;
            let (operator, children) = match &formula.node(node) {
                Node::True => ("true", &[][..]),
                Node::False => ("false", &[][..]),
                Node::Atom(atom) => {
                    self.atom(formula.atom(*atom))?;
                    continue;
                }
                Node::And(range) => ("and", formula.children(*range)),
                Node::Or(range) => ("or", formula.children(*range)),
                Node::Not(child) => {
                    self.put(format_args!("(not"))?;
                    push(&mut pending, Pending::Close)?;
                    push(&mut pending, Pending::Node(*child))?;
                    continue;
                }
                Node::Choose(three) => {
                    self.put(format_args!("(ite"))?;
                    push(&mut pending, Pending::Close)?;
                    for &child in three.iter().rev() {
                        push(&mut pending, Pending::Node(child))?;
                    }
                    continue;
                }
            };
            if children.is_empty() {
                self.put(format_args!("{operator}"))?;
                continue;
            }
            self.put(format_args!("({operator}"))?;
            push(&mut pending, Pending::Close)?;
            for &child in children.iter().rev() {
                push(&mut pending, Pending::Node(child))?;
            }
        }
        Ok(())
    }

    fn atom(&mut self, atom: Atom<'_>) -> Result<(), WriteError> {
        let comparison = match atom.comparison {
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
            Comparison::Equal if *self.property.naming() == Naming::Flat => "=",
            Comparison::Equal => "==",
            Comparison::NotEqual => "!=",
        };
        self.put(format_args!("({comparison} "))?;
        match (atom.columns, atom.coefficients) {
            ([], _) => self.put(format_args!("0.0"))?,
            // As it is mostly said: Y_1 <= Y_0.
            (&[a, b], [p, q]) if *p == Number::ONE && *q == Number::of(-1.0) && atom.bound.is_zero() => {
                let names = (self.property.variable_name(a as usize), self.property.variable_name(b as usize));
                return self.put(format_args!("{} {})", names.0, names.1));
            }
            (&[column], [coefficient]) => self.term(column, coefficient)?,
            (columns, coefficients) => {
                self.put(format_args!("(+"))?;
                for (&column, coefficient) in columns.iter().zip(coefficients) {
                    self.put(format_args!(" "))?;
                    self.term(column, coefficient)?;
                }
                self.put(format_args!(")"))?;
            }
        }
        self.put(format_args!(" "))?;
        self.number(atom.bound)?;
        self.put(format_args!(")"))
    }

    fn term(&mut self, column: u32, coefficient: &Number) -> Result<(), WriteError> {
        let name = self.property.variable_name(column as usize);
        if *coefficient == Number::ONE {
            return self.put(format_args!("{name}"));
        }
        self.put(format_args!("(* "))?;
        self.number(coefficient)?;
        self.put(format_args!(" {name})"))
    }

    fn number(&mut self, number: &Number) -> Result<(), WriteError> {
        let Number::Exact(exact) = number else {
            return self.double(number.as_double().unwrap_or(0.0));
        };
        self.put(format_args!("(+"))?;
        for factors in exact.pieces() {
            self.put(format_args!(" (*"))?;
            for factor in factors {
                self.put(format_args!(" "))?;
                self.double(factor)?;
            }
            self.put(format_args!(")"))?;
        }
        self.put(format_args!(")"))
    }

    /// Always with a point: version 2.0 tells real constants from whole ones.
    fn double(&mut self, value: f64) -> Result<(), WriteError> {
        let point = if value.fract() == 0.0 { ".0" } else { "" };
        self.put(format_args!("{value}{point}"))
    }
}
