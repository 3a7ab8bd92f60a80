//! Bounded integers and reals, and linear constraints over them and over literals.

use std::cmp::Ordering;

use num_rational::BigRational;

use super::clauses::check_offsets;
use super::{Clauses, Condition, FormulaError, arrays};
use crate::error::OutOfMemory;

/// The largest magnitude of an integer: up to here every integer is a `double`.
pub const MAX_INTEGER: i64 = 1 << 53;

/// What values a number may have. Ends are included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Domain {
    /// Integers from `min` to `max`, which lie within ±[`MAX_INTEGER`].
    Integer {
        /// The least value.
        min: i64,
        /// The greatest value.
        max: i64,
    },
    /// Reals from `min` to `max`, which are finite.
    Real {
        /// The least value.
        min: f64,
        /// The greatest value.
        max: f64,
    },
}

impl Domain {
    /// What is wrong with it, if anything is.
    pub(super) fn wrong(&self) -> Option<&'static str> {
        match *self {
            Domain::Integer { min, max } if min > max => Some("its least value exceeds its greatest"),
            Domain::Integer { min, max } if min < -MAX_INTEGER || max > MAX_INTEGER => {
                Some("an integer lies within -2^53..=2^53")
            }
            Domain::Real { min, max } if !min.is_finite() || !max.is_finite() => Some("a real has finite bounds"),
            Domain::Real { min, max } if min > max => Some("its least value exceeds its greatest"),
            _ => None,
        }
    }

    /// Whether `value` belongs to it.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        match *self {
            Domain::Integer { min, max } => value.trunc() == value && value >= min as f64 && value <= max as f64,
            Domain::Real { min, max } => value >= min && value <= max,
        }
    }

    /// [`Domain::contains`] for a value that need not be a double.
    #[must_use]
    pub fn contains_exact(&self, value: &BigRational) -> bool {
        let (min, max) = match *self {
            Domain::Integer { .. } if !value.is_integer() => return false,
            Domain::Integer { min, max } => {
                (Some(BigRational::from_integer(min.into())), Some(BigRational::from_integer(max.into())))
            }
            Domain::Real { min, max } => (BigRational::from_float(min), BigRational::from_float(max)),
        };
        min.is_some_and(|min| *value >= min) && max.is_some_and(|max| *value <= max)
    }
}

impl std::fmt::Display for Domain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Domain::Integer { min, max } => write!(f, "of integers from {min} to {max}"),
            Domain::Real { min, max } => write!(f, "of reals from {min:?} to {max:?}"),
        }
    }
}

/// How a sum compares with its right-hand side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// ≥
    AtLeast,
    /// ≤
    AtMost,
    /// =
    Equal,
    /// >
    Greater,
    /// <
    Less,
}

impl Relation {
    /// Whether it holds of a sum that compares so with its right-hand side.
    #[must_use]
    pub fn holds(self, ordering: Ordering) -> bool {
        match self {
            Relation::AtLeast => ordering != Ordering::Less,
            Relation::AtMost => ordering != Ordering::Greater,
            Relation::Equal => ordering == Ordering::Equal,
            Relation::Greater => ordering == Ordering::Greater,
            Relation::Less => ordering == Ordering::Less,
        }
    }
}

/// Σ coefficientᵢ·numberᵢ + Σ weightⱼ·literalⱼ ⋚ rhs, where the condition says so. Coefficients are taken as the rational
/// numbers that they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Linear<'a> {
    /// Numbers, as counted by [`Formula::new_number`](super::Formula::new_number).
    pub numbers: &'a [u32],
    /// A coefficient a number.
    pub coefficients: &'a [f64],
    /// Literals: 1 where true, 0 where false.
    pub literals: &'a [i32],
    /// A weight a literal.
    pub weights: &'a [f64],
    /// How the sum compares.
    pub relation: Relation,
    /// With what it compares.
    pub rhs: f64,
    /// When it must: [`Condition::Plain`] or [`Condition::Implied`].
    pub condition: Condition,
}

/// Many linear constraints at once: row `i` has the numbers `number_offsets[i]..number_offsets[i + 1]` and the literals
/// `literal_offsets[i]..literal_offsets[i + 1]`.
#[derive(Debug, Clone, Copy)]
pub struct LinearRows<'a> {
    /// Numbers of all rows.
    pub numbers: &'a [u32],
    /// A coefficient a number.
    pub coefficients: &'a [f64],
    /// Where each row's numbers begin, and where the last row's end.
    pub number_offsets: &'a [usize],
    /// Literals of all rows.
    pub literals: &'a [i32],
    /// A weight a literal.
    pub weights: &'a [f64],
    /// Where each row's literals begin, and where the last row's end; empty where no row has any.
    pub literal_offsets: &'a [usize],
    /// How each row compares.
    pub relations: &'a [Relation],
    /// With what.
    pub rhs: &'a [f64],
    /// When; empty where all are plain.
    pub conditions: &'a [Condition],
}

impl LinearRows<'_> {
    /// Whether the rows are sound, given how many numbers there are.
    pub(super) fn check(&self, num_numbers: u32) -> Result<(), FormulaError> {
        check_offsets("numbers", self.numbers.len(), self.number_offsets)?;
        let rows = self.number_offsets.len() - 1;
        let fits = |what, given, needed| {
            if given == needed { Ok(()) } else { Err(FormulaError::Length { what, given, needed }) }
        };
        fits("coefficients", self.coefficients.len(), self.numbers.len())?;
        fits("weights", self.weights.len(), self.literals.len())?;
        if !self.literal_offsets.is_empty() || !self.literals.is_empty() {
            check_offsets("literals", self.literals.len(), self.literal_offsets)?;
            fits("literal offsets", self.literal_offsets.len(), rows + 1)?;
        }
        fits("relations", self.relations.len(), rows)?;
        fits("right-hand sides", self.rhs.len(), rows)?;
        if !self.conditions.is_empty() {
            fits("conditions", self.conditions.len(), rows)?;
        }
        if let Some(index) = self.numbers.iter().position(|&n| n >= num_numbers) {
            return Err(FormulaError::Number { number: self.numbers[index], index, num_numbers });
        }
        let values = [("coefficient", self.coefficients), ("weight", self.weights), ("right-hand side", self.rhs)];
        for (what, values) in values {
            if let Some(index) = values.iter().position(|v| !v.is_finite()) {
                return Err(FormulaError::NotFinite { what, value: values[index], index });
            }
        }
        match self.conditions.iter().position(|c| matches!(c, Condition::Reified(_))) {
            Some(row) => Err(FormulaError::ReifiedLinear { row }),
            None => Ok(()),
        }
    }
}

/// A sequence of linear constraints.
#[derive(Debug, Default)]
pub(crate) struct Linears {
    numbers: Vec<u32>,
    coefficients: Vec<f64>,
    number_ends: Vec<usize>,
    literals: Clauses,
    weights: Vec<f64>,
    relations: Vec<Relation>,
    rhs: Vec<f64>,
    conditions: Vec<Condition>,
}

impl Linears {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.rhs.len()
    }

    /// Numbers of all.
    pub fn num_numbers(&self) -> usize {
        self.numbers.len()
    }

    /// Literals of all.
    pub fn num_literals(&self) -> usize {
        self.literals.num_literals()
    }

    /// Numbers and literals of all.
    pub fn num_terms(&self) -> usize {
        self.num_numbers() + self.num_literals()
    }

    pub(super) fn bytes(&self) -> u64 {
        arrays::bytes(&self.numbers)
            + arrays::bytes(&self.coefficients)
            + arrays::bytes(&self.number_ends)
            + self.literals.bytes()
            + arrays::bytes(&self.weights)
            + arrays::bytes(&self.relations)
            + arrays::bytes(&self.rhs)
            + arrays::bytes(&self.conditions)
    }

    pub(super) fn try_clone(&self) -> Result<Self, OutOfMemory> {
        Ok(Linears {
            numbers: arrays::try_clone(&self.numbers)?,
            coefficients: arrays::try_clone(&self.coefficients)?,
            number_ends: arrays::try_clone(&self.number_ends)?,
            literals: self.literals.try_clone()?,
            weights: arrays::try_clone(&self.weights)?,
            relations: arrays::try_clone(&self.relations)?,
            rhs: arrays::try_clone(&self.rhs)?,
            conditions: arrays::try_clone(&self.conditions)?,
        })
    }

    /// The constraint at `index`.
    pub fn get(&self, index: usize) -> Option<Linear<'_>> {
        let numbers = if index == 0 { 0 } else { *self.number_ends.get(index - 1)? }..*self.number_ends.get(index)?;
        let literals = self.literals.get(index)?;
        let (_, begin, _) = self.literals.raw(index, index);
        Some(Linear {
            numbers: &self.numbers[numbers.clone()],
            coefficients: &self.coefficients[numbers],
            literals,
            weights: &self.weights[begin..begin + literals.len()],
            relation: self.relations[index],
            rhs: self.rhs[index],
            condition: self.conditions[index],
        })
    }

    /// The constraints in order.
    pub fn iter(&self) -> impl Iterator<Item = Linear<'_>> {
        (0..self.len()).filter_map(|i| self.get(i))
    }

    /// Appends checked rows, within `limit` bytes; all or none.
    pub(super) fn push(&mut self, rows: &LinearRows<'_>, limit: u64) -> Result<(), FormulaError> {
        let count = rows.rhs.len();
        let room = |l: &Linears, part: u64| limit.saturating_sub(l.bytes() - part);
        macro_rules! reserve {
            ($array:ident, $more:expr) => {
                let left = room(self, arrays::bytes(&self.$array));
                arrays::reserve(&mut self.$array, $more, left)?;
            };
        }
        reserve!(numbers, rows.numbers.len());
        reserve!(coefficients, rows.numbers.len());
        reserve!(number_ends, count);
        reserve!(weights, rows.literals.len());
        reserve!(relations, count);
        reserve!(rhs, count);
        reserve!(conditions, count);
        let left = room(self, self.literals.bytes());
        if rows.literal_offsets.is_empty() {
            self.literals.reserve(0, count, left)?;
            for _ in 0..count {
                self.literals.close(left)?;
            }
        } else {
            self.literals.push_many(rows.literals, rows.literal_offsets, left)?;
        }
        let base = self.numbers.len();
        self.numbers.extend_from_slice(rows.numbers);
        self.coefficients.extend_from_slice(rows.coefficients);
        self.number_ends.extend(rows.number_offsets[1..].iter().map(|end| base + end));
        self.weights.extend_from_slice(rows.weights);
        self.relations.extend_from_slice(rows.relations);
        self.rhs.extend_from_slice(rows.rhs);
        if rows.conditions.is_empty() {
            self.conditions.resize(self.rhs.len(), Condition::Plain);
        } else {
            self.conditions.extend_from_slice(rows.conditions);
        }
        Ok(())
    }
}
