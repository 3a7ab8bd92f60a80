//! Cardinality and pseudo-Boolean constraints: lists of literals, weights where not all are 1, bounds and conditions.

use super::clauses::check_offsets;
use super::{Clauses, Condition, FormulaError, arrays};
use crate::error::OutOfMemory;

/// Σ weightᵢ·literalᵢ ≥ bound, where the condition says so. A literal counts 1 where it is true, 0 where it is false.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sum<'a> {
    /// The literals, as written.
    pub literals: &'a [i32],
    /// A weight a literal; empty where all are 1.
    pub weights: &'a [i64],
    /// What the sum must reach.
    pub bound: i64,
    /// When it must.
    pub condition: Condition,
}

impl Sum<'_> {
    /// Weights and literals.
    pub fn terms(&self) -> impl Iterator<Item = (i64, i32)> + '_ {
        self.literals.iter().enumerate().map(|(i, &l)| (self.weights.get(i).copied().unwrap_or(1), l))
    }
}

/// A sequence of sums.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    literals: Clauses,
    /// One a literal, or none at all.
    weights: Vec<i64>,
    bounds: Vec<i64>,
    conditions: Vec<Condition>,
}

/// Sums as they come in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows<'a> {
    pub literals: &'a [i32],
    /// As many as literals, or `None` where all are 1.
    pub weights: Option<&'a [i64]>,
    pub offsets: &'a [usize],
    pub bounds: &'a [i64],
    /// As many as bounds; none where all are plain.
    pub conditions: &'a [Condition],
}

impl Rows<'_> {
    /// Lengths fit one another and no sum can leave 64 bits.
    pub fn check(&self) -> Result<(), FormulaError> {
        check_offsets("literals", self.literals.len(), self.offsets)?;
        let rows = self.offsets.len() - 1;
        let fits = |what, given, needed| {
            if given == needed { Ok(()) } else { Err(FormulaError::Length { what, given, needed }) }
        };
        if let Some(weights) = self.weights {
            fits("weights", weights.len(), self.literals.len())?;
        }
        fits("bounds", self.bounds.len(), rows)?;
        if !self.conditions.is_empty() {
            fits("conditions", self.conditions.len(), rows)?;
        }
        for (row, (ends, bound)) in self.offsets.windows(2).zip(self.bounds).enumerate() {
            let total = match self.weights {
                Some(weights) => {
                    weights[ends[0]..ends[1]].iter().try_fold(0u64, |sum, w| sum.checked_add(w.unsigned_abs()))
                }
                None => Some((ends[1] - ends[0]) as u64),
            };
            let total = total.and_then(|sum| sum.checked_add(bound.unsigned_abs()));
            if total.is_none_or(|sum| sum > i64::MAX as u64) {
                return Err(FormulaError::Overflow { row });
            }
        }
        Ok(())
    }
}

impl Sums {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.bounds.len()
    }

    /// Literals of all sums.
    pub fn num_literals(&self) -> usize {
        self.literals.num_literals()
    }

    pub(super) fn bytes(&self) -> u64 {
        self.literals.bytes()
            + arrays::bytes(&self.weights)
            + arrays::bytes(&self.bounds)
            + arrays::bytes(&self.conditions)
    }

    pub(super) fn try_clone(&self) -> Result<Self, OutOfMemory> {
        Ok(Sums {
            literals: self.literals.try_clone()?,
            weights: arrays::try_clone(&self.weights)?,
            bounds: arrays::try_clone(&self.bounds)?,
            conditions: arrays::try_clone(&self.conditions)?,
        })
    }

    /// The sum at `index`.
    pub fn get(&self, index: usize) -> Option<Sum<'_>> {
        let literals = self.literals.get(index)?;
        let (_, begin, _) = self.literals.raw(index, index);
        let weights = if self.weights.is_empty() { &[] } else { &self.weights[begin..begin + literals.len()] };
        Some(Sum { literals, weights, bound: self.bounds[index], condition: self.conditions[index] })
    }

    /// The sums in order.
    pub fn iter(&self) -> impl Iterator<Item = Sum<'_>> {
        (0..self.len()).filter_map(|i| self.get(i))
    }

    /// Room for rows, within `limit` bytes.
    pub(super) fn reserve(&mut self, rows: &Rows<'_>, limit: u64) -> Result<(), OutOfMemory> {
        let count = rows.bounds.len();
        let rest = |sums: &Sums, part: u64| limit.saturating_sub(sums.bytes() - part);
        let room = rest(self, self.literals.bytes());
        self.literals.reserve(rows.literals.len(), count, room)?;
        if rows.weights.is_some() {
            let room = rest(self, arrays::bytes(&self.weights));
            arrays::reserve(&mut self.weights, rows.literals.len(), room)?;
        }
        let room = rest(self, arrays::bytes(&self.bounds));
        arrays::reserve(&mut self.bounds, count, room)?;
        let room = rest(self, arrays::bytes(&self.conditions));
        arrays::reserve(&mut self.conditions, count, room)
    }

    /// Appends checked rows for which room was reserved.
    pub(super) fn push(&mut self, rows: &Rows<'_>) -> Result<(), OutOfMemory> {
        self.literals.push_many(rows.literals, rows.offsets, u64::MAX)?;
        self.weights.extend_from_slice(rows.weights.unwrap_or(&[]));
        self.bounds.extend_from_slice(rows.bounds);
        if rows.conditions.is_empty() {
            self.conditions.resize(self.bounds.len(), Condition::Plain);
        } else {
            self.conditions.extend_from_slice(rows.conditions);
        }
        Ok(())
    }
}
