//! Parity constraints: literals, and whether an odd number of them is true.

use super::{Clauses, arrays};
use crate::error::OutOfMemory;

/// literal₁ ⊕ … ⊕ literalₙ = rhs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Xor<'a> {
    /// The literals, as written.
    pub literals: &'a [i32],
    /// Whether an odd number of them is true.
    pub rhs: bool,
}

/// A sequence of parity constraints.
#[derive(Debug, Default)]
pub(crate) struct Xors {
    literals: Clauses,
    rhs: Vec<bool>,
}

impl Xors {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.rhs.len()
    }

    /// Literals of all.
    pub fn num_literals(&self) -> usize {
        self.literals.num_literals()
    }

    pub(super) fn bytes(&self) -> u64 {
        self.literals.bytes() + arrays::bytes(&self.rhs)
    }

    pub(super) fn try_clone(&self) -> Result<Self, OutOfMemory> {
        Ok(Xors { literals: self.literals.try_clone()?, rhs: arrays::try_clone(&self.rhs)? })
    }

    /// The constraint at `index`.
    pub fn get(&self, index: usize) -> Option<Xor<'_>> {
        Some(Xor { literals: self.literals.get(index)?, rhs: self.rhs[index] })
    }

    /// The constraints in order.
    pub fn iter(&self) -> impl Iterator<Item = Xor<'_>> {
        self.literals.iter().zip(&self.rhs).map(|(literals, &rhs)| Xor { literals, rhs })
    }

    /// Appends constraints with checked offsets, within `limit` bytes; all or none.
    pub(super) fn push(
        &mut self,
        literals: &[i32],
        offsets: &[usize],
        rhs: &[bool],
        limit: u64,
    ) -> Result<(), OutOfMemory> {
        let room = limit.saturating_sub(self.literals.bytes());
        arrays::reserve(&mut self.rhs, rhs.len(), room)?;
        let room = limit.saturating_sub(arrays::bytes(&self.rhs));
        self.literals.push_many(literals, offsets, room)?;
        self.rhs.extend_from_slice(rhs);
        Ok(())
    }
}
