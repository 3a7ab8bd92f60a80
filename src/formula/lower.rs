//! From any constraint to simple ones: clauses, parities, cardinality and pseudo-Boolean constraints in normal form,
//! over literals only.
//!
//! Sums are brought to normal form (see `normal`), integers become literals (see `codes`), linear constraints over
//! them sums of literals (see `linear`). A [`Target`] takes the result: an engine that reasons with parities and sums
//! itself, or the encodings into clauses (see [`cnf`](super::cnf)).

use super::codes::Codes;
use super::linear::Row;
use super::normal::{Normal, decided};
use super::{Condition, Constraint, ConstraintId, Domain};
use crate::budget::Stop;
use crate::error::OutOfMemory;

/// Why a constraint could not be put in simpler terms. What its target was given before that stays there.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum LowerError {
    /// The constraint is beyond this way of solving.
    #[error("constraint {}: {why}", id.0)]
    Unsupported {
        /// The constraint.
        id: ConstraintId,
        /// What stands in the way.
        why: &'static str,
    },
    /// The number is beyond this way of solving.
    #[error("number {number}: {why}")]
    UnsupportedNumber {
        /// The number.
        number: u32,
        /// What stands in the way.
        why: &'static str,
    },
    /// The sum of a constraint may leave 64 bits.
    #[error("constraint {}: over the literals of its numbers the weights add up to more than 2^63 - 1", id.0)]
    Overflow {
        /// The constraint.
        id: ConstraintId,
    },
    /// More variables than there can be.
    #[error("more than {} variables are needed", super::MAX_VAR)]
    TooManyVariables,
    /// No memory.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
    /// The budget ended the work.
    #[error("{0}")]
    Stop(Stop),
}

impl From<Stop> for LowerError {
    fn from(stop: Stop) -> Self {
        LowerError::Stop(stop)
    }
}

/// What simple constraints are handed to.
pub(crate) trait Target {
    /// A fresh variable, as a positive literal.
    fn fresh(&mut self) -> Result<i32, LowerError>;

    /// A clause: as it was written where it was one, so it may have duplicates.
    fn clause(&mut self, literals: &[i32]) -> Result<(), LowerError>;

    /// A parity of at least two distinct variables, as positive literals in ascending order.
    fn xor(&mut self, literals: &[i32], rhs: bool) -> Result<(), LowerError>;

    /// At least `bound` of the literals, whose variables are distinct, ascending, and not the condition's;
    /// 2 ≤ `bound` < how many there are.
    fn cardinality(&mut self, literals: &[i32], bound: i64, condition: Condition) -> Result<(), LowerError>;

    /// A sum of at least `bound`. Variables are distinct and not the condition's; weights are between 1 and `bound`,
    /// descending (variables ascending where they are equal), not all equal, and have no common divisor but 1, nor
    /// have those below the bound; they add up to at most `i64::MAX`, those below the bound to at least it.
    fn pseudo_boolean(
        &mut self,
        literals: &[i32],
        weights: &[i64],
        bound: i64,
        condition: Condition,
    ) -> Result<(), LowerError>;
}

/// Carries what has been said about numbers from constraint to constraint, and scratch.
#[derive(Debug)]
pub(crate) struct Lowering {
    codes: Codes,
    normal: Normal,
    row: Row,
    memory_limit: u64,
}

impl Default for Lowering {
    fn default() -> Self {
        let (codes, normal, row) = (Codes::default(), Normal::default(), Row::default());
        Lowering { codes, normal, row, memory_limit: u64::MAX }
    }
}

impl Lowering {
    /// Without numbers.
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on numbers of more than `values` values become binary. 4096 where nothing is said.
    pub fn set_order_limit(&mut self, values: u32) {
        self.codes.order_limit = values.into();
    }

    /// Bytes that may be held from now on.
    pub fn set_memory_limit(&mut self, bytes: u64) {
        self.memory_limit = bytes;
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        self.codes.bytes() + self.normal.bytes() + self.row.bytes()
    }

    /// How many numbers were declared.
    pub fn num_numbers(&self) -> u32 {
        self.codes.len()
    }

    /// Declares the next number. Its literals are fresh variables of `target`, which also gets what binds them.
    pub fn number(&mut self, domain: Domain, target: &mut impl Target) -> Result<(), LowerError> {
        let beside = self.normal.bytes() + self.row.bytes();
        self.codes.declare(domain, self.memory_limit.saturating_sub(beside), target)
    }

    /// Hands `constraint`, whose numbers were declared, to `target`. `map` turns its literals into those of the target.
    /// The id is for errors.
    pub fn add(
        &mut self,
        constraint: Constraint<'_>,
        id: ConstraintId,
        map: impl Fn(i32) -> i32,
        target: &mut impl Target,
    ) -> Result<(), LowerError> {
        let of = |condition| match condition {
            Condition::Plain => Condition::Plain,
            Condition::Implied(literal) => Condition::Implied(map(literal)),
            Condition::Reified(literal) => Condition::Reified(map(literal)),
        };
        let codes = self.codes.bytes();
        let row_limit = self.memory_limit.saturating_sub(codes + self.normal.bytes());
        let normal_limit = self.memory_limit.saturating_sub(codes + self.row.bytes());
        match constraint {
            Constraint::Clause(literals) => {
                self.row.literals.clear();
                super::arrays::reserve(&mut self.row.literals, literals.len(), row_limit)?;
                self.row.literals.extend(literals.iter().map(|&l| map(l)));
                target.clause(&self.row.literals)
            }
            Constraint::Xor(xor) => {
                self.normal.begin(xor.literals.len(), normal_limit)?;
                xor.literals.iter().for_each(|&l| self.normal.push(1, map(l)));
                self.normal.xor(xor.rhs, target)
            }
            Constraint::Cardinality(sum) | Constraint::PseudoBoolean(sum) => {
                self.normal.begin(sum.literals.len(), normal_limit)?;
                sum.terms().for_each(|(w, l)| self.normal.push(w, map(l)));
                self.normal.sum(sum.bound.into(), of(sum.condition), target)
            }
            Constraint::Linear(linear) => {
                let bounds = self.row.read(linear, id, &map, &self.codes, row_limit)?;
                let normal_limit = self.memory_limit.saturating_sub(codes + self.row.bytes());
                let condition = of(linear.condition);
                let Some([least, most]) = bounds else { return decided(false, condition, target) };
                if let Some(least) = least {
                    self.normal.begin(self.row.terms.len(), normal_limit)?;
                    self.row.terms.iter().for_each(|&(w, l)| self.normal.push(w, l));
                    self.normal.sum(least, condition, target)?;
                }
                if let Some(most) = most {
                    self.normal.begin(self.row.terms.len(), normal_limit)?;
                    self.row.terms.iter().for_each(|&(w, l)| self.normal.push(-w, l));
                    self.normal.sum(-most, condition, target)?;
                }
                Ok(())
            }
        }
    }

    /// The value of a declared number in a model of what the target was given.
    pub fn value(&self, number: u32, value_of: impl Fn(i32) -> bool) -> i64 {
        self.codes.value(number, value_of)
    }
}

#[cfg(test)]
mod tests;
