//! What goes into the formula, gathered until all of it is there: numbers, variables, rows, clauses.

use super::expression::Expression;
use super::{EncodeError, Form};
use crate::bounds::up;
use crate::budget::Budget;
use crate::error::OutOfMemory;
use crate::formula::{Condition, Domain, Formula, FormulaError, LinearRows, Relation};
use crate::net::eval::meter::Meter;

/// Gathers constraints over the numbers and variables that come after those of a formula.
pub(super) struct Writer<'a> {
    form: Form,
    first_number: u32,
    /// Of the new numbers.
    ranges: Vec<(f64, f64)>,
    num_vars: u32,
    truth: Option<i32>,
    numbers: Vec<u32>,
    coefficients: Vec<f64>,
    number_offsets: Vec<usize>,
    literals: Vec<i32>,
    weights: Vec<f64>,
    literal_offsets: Vec<usize>,
    relations: Vec<Relation>,
    rhs: Vec<f64>,
    conditions: Vec<Condition>,
    clauses: Vec<i32>,
    clause_offsets: Vec<usize>,
    meter: Meter<'a>,
    /// Bytes that are kept, estimated, and how many may be.
    bytes: u64,
    limit: u64,
    /// Operations since it was last seen that there is memory.
    unseen: usize,
}

impl<'a> Writer<'a> {
    pub fn new(formula: &Formula, form: Form, budget: &'a Budget) -> Self {
        Writer {
            form,
            first_number: formula.num_numbers(),
            ranges: Vec::new(),
            num_vars: formula.num_vars(),
            truth: None,
            numbers: Vec::new(),
            coefficients: Vec::new(),
            number_offsets: vec![0],
            literals: Vec::new(),
            weights: Vec::new(),
            literal_offsets: vec![0],
            relations: Vec::new(),
            rhs: Vec::new(),
            conditions: Vec::new(),
            clauses: Vec::new(),
            clause_offsets: vec![0],
            meter: crate::bounds::meter(budget),
            bytes: 0,
            limit: budget.memory(),
            unseen: SEEN,
        }
    }

    /// Whether rows may hang on literals.
    pub fn is_conditional(&self) -> bool {
        self.form == Form::Smt
    }

    /// Counts so many multiply-adds, or what takes about as long; sees that there is memory for as many small things.
    pub fn count(&mut self, operations: usize) -> Result<(), EncodeError> {
        self.meter.count(operations)?;
        self.unseen += operations;
        if self.unseen >= SEEN {
            spare(self.unseen * SMALL)?;
            self.unseen = 0;
        }
        Ok(())
    }

    /// Counts bytes that are kept.
    pub fn hold(&mut self, bytes: usize) -> Result<(), EncodeError> {
        self.bytes = self.bytes.saturating_add(bytes as u64);
        if self.bytes > self.limit {
            return Err(OutOfMemory::Limit { bytes: self.bytes, limit: self.limit }.into());
        }
        Ok(())
    }

    /// A new number of this range.
    pub fn number(&mut self, (least, most): (f64, f64)) -> Result<u32, EncodeError> {
        if !(least.is_finite() && most.is_finite()) {
            return Err(EncodeError::Unbounded);
        }
        if least > most {
            return Err(EncodeError::Empty);
        }
        reserve(&mut self.ranges, 1)?;
        self.ranges.push((least, most));
        Ok(self.first_number + self.ranges.len() as u32 - 1)
    }

    /// Between what a new number lies.
    pub fn range(&self, number: u32) -> (f64, f64) {
        self.ranges[(number - self.first_number) as usize]
    }

    /// A new number's range becomes what is known as well.
    pub fn narrow(&mut self, number: u32, known: (f64, f64)) -> Result<(f64, f64), EncodeError> {
        let range = &mut self.ranges[(number - self.first_number) as usize];
        *range = (range.0.max(known.0), range.1.min(known.1));
        if range.0 > range.1 { Err(EncodeError::Empty) } else { Ok(*range) }
    }

    /// Between what an expression lies.
    pub fn range_of(&self, expression: &Expression) -> (f64, f64) {
        match expression.as_number() {
            Some(number) => self.range(number),
            None => expression.range(|number| self.range(number)),
        }
    }

    pub fn literal(&mut self) -> i32 {
        self.num_vars += 1;
        self.num_vars.cast_signed() // too many are refused when all is handed over
    }

    /// A literal that is true.
    pub fn truth(&mut self) -> Result<i32, EncodeError> {
        if let Some(truth) = self.truth {
            return Ok(truth);
        }
        let truth = self.literal();
        self.clause(&[truth])?;
        Ok(*self.truth.insert(truth))
    }

    /// The literal that is true, if one was needed.
    pub fn known_truth(&self) -> Option<i32> {
        self.truth
    }

    pub fn clause(&mut self, literals: &[i32]) -> Result<(), EncodeError> {
        reserve(&mut self.clauses, literals.len())?;
        reserve(&mut self.clause_offsets, 1)?;
        self.clauses.extend_from_slice(literals);
        self.clause_offsets.push(self.clauses.len());
        Ok(())
    }

    /// The expression and these literals compare with 0.
    pub fn row(
        &mut self,
        condition: Condition,
        expression: &Expression,
        literals: &[(i32, f64)],
        relation: Relation,
    ) -> Result<(), EncodeError> {
        let (terms, weights) = (expression.terms.len(), literals.len());
        self.count(terms + weights + 1)?;
        self.hold((terms + weights) * size_of::<(u32, f64)>() + ROW)?;
        reserve(&mut self.numbers, terms)?;
        reserve(&mut self.coefficients, terms)?;
        reserve(&mut self.number_offsets, 1)?;
        reserve(&mut self.literals, weights)?;
        reserve(&mut self.weights, weights)?;
        reserve(&mut self.literal_offsets, 1)?;
        reserve(&mut self.relations, 1)?;
        reserve(&mut self.rhs, 1)?;
        reserve(&mut self.conditions, 1)?;
        self.numbers.extend(expression.terms.iter().map(|term| term.0));
        self.coefficients.extend(expression.terms.iter().map(|term| term.1));
        self.number_offsets.push(self.numbers.len());
        self.literals.extend(literals.iter().map(|term| term.0));
        self.weights.extend(literals.iter().map(|term| term.1));
        self.literal_offsets.push(self.literals.len());
        self.relations.push(relation);
        self.rhs.push(-expression.constant);
        self.conditions.push(condition);
        Ok(())
    }

    /// Where `literal` is true the expression is at most 0. `most` is what it is at most where the literal is false.
    pub fn at_most_zero(&mut self, literal: i32, expression: &Expression, most: f64) -> Result<(), EncodeError> {
        self.compare(literal, expression, Relation::AtMost, most)
    }

    /// The same, or less than 0 where the relation says so.
    pub fn compare(
        &mut self,
        literal: i32,
        expression: &Expression,
        relation: Relation,
        most: f64,
    ) -> Result<(), EncodeError> {
        match self.form {
            Form::Smt => self.row(Condition::Implied(literal), expression, &[], relation),
            Form::BigM if most <= 0.0 && relation == Relation::AtMost => {
                self.row(Condition::Plain, expression, &[], relation)
            }
            // What is less than 0 has to be where the literal is false, too: by a step more.
            Form::BigM => self.row(Condition::Plain, expression, &[(-literal, -up(most.max(0.0)))], relation),
        }
    }

    /// A number that is the expression: itself, where it is one.
    pub fn define(&mut self, expression: &Expression, known: (f64, f64)) -> Result<u32, EncodeError> {
        if let Some(number) = expression.as_number() {
            return Ok(number);
        }
        self.alias(expression, known)
    }

    /// A new number that is the expression.
    pub fn alias(&mut self, expression: &Expression, known: (f64, f64)) -> Result<u32, EncodeError> {
        let number = self.fresh(expression, 1.0, 0.0, known)?;
        if !expression.is_constant() {
            let row = with(expression, number, -1.0, expression.constant);
            self.row(Condition::Plain, &row, &[], Relation::Equal)?;
        }
        Ok(number)
    }

    /// A new number that is the expression over `divisor`, which is positive.
    pub fn quotient(&mut self, expression: &Expression, divisor: f64) -> Result<u32, EncodeError> {
        let number = self.fresh(expression, divisor, 0.0, ANYTHING)?;
        let row = with(expression, number, -divisor, expression.constant);
        self.row(Condition::Plain, &row, &[], Relation::Equal)?;
        Ok(number)
    }

    /// A new number that differs from the expression by no more than `error`.
    pub fn near(&mut self, expression: &Expression, error: f64) -> Result<u32, EncodeError> {
        let number = self.fresh(expression, 1.0, error, ANYTHING)?;
        let above = with(expression, number, -1.0, (expression.constant - error).next_down());
        self.row(Condition::Plain, &above, &[], Relation::AtMost)?;
        let below = with(expression, number, -1.0, (expression.constant + error).next_up());
        self.row(Condition::Plain, &below, &[], Relation::AtLeast)?;
        Ok(number)
    }

    /// A number whose range is that of the expression over `divisor`, with `error` on both sides, and what is known.
    fn fresh(
        &mut self,
        expression: &Expression,
        divisor: f64,
        error: f64,
        known: (f64, f64),
    ) -> Result<u32, EncodeError> {
        let (least, most) = self.range_of(expression);
        let (least, most) =
            if divisor == 1.0 { (least, most) } else { ((least / divisor).next_down(), (most / divisor).next_up()) };
        let (least, most) =
            if error == 0.0 { (least, most) } else { ((least - error).next_down(), (most + error).next_up()) };
        self.number((least.max(known.0), most.min(known.1)))
    }

    /// Hands all over. A formula that reaches its memory limit on the way is as it was.
    pub fn finish(mut self, formula: &mut Formula) -> Result<(), EncodeError> {
        let mut domains = Vec::new();
        reserve(&mut domains, self.ranges.len())?;
        domains.extend(self.ranges.iter().map(|&(min, max)| Domain::Real { min, max }));
        self.meter.count(self.ranges.len())?;
        self.meter.finish()?;
        // A part of it may fit.
        let before = if formula.memory_limit() < u64::MAX { Some(formula.try_clone()?) } else { None };
        let rows = LinearRows {
            numbers: &self.numbers,
            coefficients: &self.coefficients,
            number_offsets: &self.number_offsets,
            literals: &self.literals,
            weights: &self.weights,
            literal_offsets: &self.literal_offsets,
            relations: &self.relations,
            rhs: &self.rhs,
            conditions: &self.conditions,
        };
        let added = add(formula, self.num_vars, &domains, &rows, (&self.clauses, &self.clause_offsets));
        if let (Err(_), Some(before)) = (&added, before) {
            *formula = before;
        }
        Ok(added?)
    }
}

fn add(
    formula: &mut Formula,
    num_vars: u32,
    domains: &[Domain],
    rows: &LinearRows<'_>,
    (literals, offsets): (&[i32], &[usize]),
) -> Result<(), FormulaError> {
    formula.ensure_vars(num_vars)?;
    formula.new_numbers(domains)?;
    formula.add_linears(rows)?;
    formula.add_clauses(literals, offsets)?;
    Ok(())
}

/// Bytes of a row beside its terms: two offsets, a relation, a right-hand side, a condition; here and in the formula.
const ROW: usize = 96;

/// Operations between two looks at whether there is memory.
const SEEN: usize = 512;
/// Bytes that an operation allocates at most, on its way or for good.
const SMALL: usize = 128;

/// Nothing is known.
pub(super) const ANYTHING: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

/// The terms of an expression, a new number, which is greater than all of them, and a constant.
fn with(expression: &Expression, number: u32, coefficient: f64, constant: f64) -> Expression {
    let mut row = Expression { terms: expression.terms.clone(), constant };
    row.terms.push((number, coefficient));
    row
}

/// Sees that there is memory for so many bytes of small things, which are allocated next: an allocation that fails there
/// would end the process. The allocator has them again, and gives them out.
pub(super) fn spare(bytes: usize) -> Result<(), EncodeError> {
    let mut probe: Vec<u8> = Vec::new();
    reserve(&mut probe, bytes)?;
    std::hint::black_box(&mut probe); // else it is never allocated
    Ok(())
}

/// An empty array with room for so many items.
pub(super) fn list<T>(length: usize) -> Result<Vec<T>, EncodeError> {
    let mut list = Vec::new();
    reserve(&mut list, length)?;
    Ok(list)
}

/// Room for more items.
pub(super) fn reserve<T>(array: &mut Vec<T>, more: usize) -> Result<(), EncodeError> {
    let bytes = (more as u64).saturating_mul(size_of::<T>() as u64);
    array.try_reserve(more).map_err(|_| OutOfMemory::Allocator { bytes }.into())
}
