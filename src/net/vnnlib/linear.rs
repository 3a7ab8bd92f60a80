//! Sums and products on their way to an atom.
//!
//! A comparison is first kept as a tree in which every node knows whether it is constant, and then walked from the top
//! with the factor that a node is multiplied by: each leaf gives its term at once. So the cost is that of the text,
//! however deep it nests (rewriting sums from the leaves up would be quadratic).

use super::ParseErrorKind as Kind;
use super::error::Feature;
use crate::budget::{Budget, Stop};
use crate::error::OutOfMemory;
use crate::net::property::formula::{Comparison, Formula, push};
use crate::net::property::number::Number;

/// What an inner node does with its operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Sum,
    /// The first operand without the others; a single one is negated.
    Difference,
    Product,
}

#[derive(Debug)]
enum Expression {
    Constant(Number),
    Variable(u32),
    /// Operands in a range, at least one of them not constant.
    Inner(Arithmetic, usize, usize),
}

/// The two sides of a comparison.
#[derive(Debug, Default)]
pub(super) struct Linear {
    expressions: Vec<Expression>,
    operands: Vec<u32>,
    /// Work space.
    terms: Vec<(u32, Number)>,
    open: Vec<(u32, Number)>,
    /// Bytes of numbers that are no doubles, never counted down within a comparison.
    heap: u64,
}

/// What is wrong, and which operand it is about.
pub(super) enum Fault {
    Operand(usize, Kind),
    Whole(Kind),
    Memory(OutOfMemory),
    Stopped(Stop),
}

impl From<Stop> for Fault {
    fn from(stop: Stop) -> Self {
        Fault::Stopped(stop)
    }
}

impl From<OutOfMemory> for Fault {
    fn from(error: OutOfMemory) -> Self {
        Fault::Memory(error)
    }
}

impl Linear {
    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        let nodes = self.expressions.capacity() * size_of::<Expression>() + self.operands.capacity() * 4;
        let work = (self.terms.capacity() + self.open.capacity()) * size_of::<(u32, Number)>();
        (nodes + work) as u64 + self.heap
    }

    fn add(&mut self, expression: Expression) -> Result<u32, OutOfMemory> {
        if let Expression::Constant(value) = &expression {
            self.heap += value.heap();
        }
        let number = u32::try_from(self.expressions.len());
        let number = number.map_err(|_| OutOfMemory::Allocator { bytes: self.bytes() })?;
        push(&mut self.expressions, expression)?;
        Ok(number)
    }

    pub fn constant(&mut self, value: f64) -> Result<u32, OutOfMemory> {
        self.add(Expression::Constant(Number::of(value)))
    }

    pub fn variable(&mut self, column: u32) -> Result<u32, OutOfMemory> {
        self.add(Expression::Variable(column))
    }

    /// A node over others; one of constants is a constant.
    pub fn inner(
        &mut self,
        operation: Arithmetic,
        operands: impl ExactSizeIterator<Item = u32> + Clone,
    ) -> Result<u32, Fault> {
        let mut variables = 0;
        let single = operands.len() == 1;
        let mut total = if operation == Arithmetic::Product { Number::ONE } else { Number::ZERO };
        for (position, operand) in operands.clone().enumerate() {
            let Expression::Constant(value) = &self.expressions[operand as usize] else {
                variables += 1;
                if operation == Arithmetic::Product && variables > 1 {
                    return Err(Fault::Operand(position, Kind::Unsupported(Feature::Nonlinear)));
                }
                continue;
            };
            total = match operation {
                Arithmetic::Sum => total.plus(value),
                Arithmetic::Difference if position > 0 || single => total.plus(&value.negated()),
                Arithmetic::Difference => total.plus(value),
                Arithmetic::Product => total.times(value),
            };
            if !total.fits() {
                return Err(Fault::Whole(Kind::ConstantTooLong));
            }
        }
        if variables == 0 {
            return Ok(self.add(Expression::Constant(total))?);
        }
        let first = self.operands.len();
        for operand in operands {
            push(&mut self.operands, operand)?;
        }
        Ok(self.add(Expression::Inner(operation, first, self.operands.len()))?)
    }

    /// An atom that compares two nodes; all nodes are gone then.
    pub fn compare(
        &mut self,
        formula: &mut Formula,
        (left, comparison, right): (u32, Comparison, u32),
        budget: &Budget,
    ) -> Result<u32, Fault> {
        let most = budget.memory().saturating_sub(formula.bytes());
        let (mut bound, mut steps) = (Number::ZERO, 0u32);
        push(&mut self.open, (right, Number::of(-1.0)))?;
        push(&mut self.open, (left, Number::ONE))?;
        while let Some((node, factor)) = self.open.pop() {
            steps = steps.wrapping_add(1);
            if steps.is_multiple_of(1024) {
                budget.check()?;
            }
            match &self.expressions[node as usize] {
                Expression::Constant(value) => bound = bound.plus(&value.times(&factor).negated()),
                Expression::Variable(column) => push(&mut self.terms, (*column, factor.clone()))?,
                Expression::Inner(operation, first, end) => {
                    let operands = &self.operands[*first..*end];
                    let mut factor = factor.clone();
                    if *operation == Arithmetic::Product {
                        for &operand in operands {
                            if let Expression::Constant(value) = &self.expressions[operand as usize] {
                                factor = factor.times(value);
                            }
                        }
                    }
                    if !factor.fits() {
                        return Err(Fault::Whole(Kind::ConstantTooLong));
                    }
                    // Every operand gets a copy, so that long factors are what memory goes to.
                    self.heap += factor.heap() * 2 * operands.len() as u64;
                    if self.heap > most {
                        let bytes = formula.bytes().saturating_add(self.heap);
                        return Err(OutOfMemory::Limit { bytes, limit: budget.memory() }.into());
                    }
                    let single = operands.len() == 1;
                    for (position, &operand) in operands.iter().enumerate() {
                        let constant = matches!(self.expressions[operand as usize], Expression::Constant(_));
                        if *operation == Arithmetic::Product && constant {
                            continue;
                        }
                        let turn = *operation == Arithmetic::Difference && (position > 0 || single);
                        push(&mut self.open, (operand, if turn { factor.negated() } else { factor.clone() }))?;
                    }
                }
            }
            if !bound.fits() {
                return Err(Fault::Whole(Kind::ConstantTooLong));
            }
        }
        self.expressions.clear();
        self.operands.clear();
        self.heap = 0;
        let node = formula.add_atom(&mut self.terms, comparison, bound)?;
        // Adding up the terms of a variable may have made a coefficient longer.
        if !formula.last_atom_fits() {
            return Err(Fault::Whole(Kind::ConstantTooLong));
        }
        Ok(node)
    }
}
