//! Where encodings write: clauses and fresh variables, within a memory limit and a budget, and what an attempt wrote
//! can be taken back.

use super::super::lower::LowerError;
use super::super::{Clauses, MAX_VAR};
use crate::budget::Budget;
use crate::error::OutOfMemory;

/// So many literals are written between two looks at the budget: some 0.1 ms.
const POLL: usize = 1 << 14;

/// Clauses in the making.
#[derive(Debug)]
pub(super) struct Sink<'a> {
    pub clauses: Clauses,
    pub num_vars: u32,
    /// Bytes that clauses and scratch may hold.
    limit: u64,
    /// Bytes held elsewhere on behalf of the clauses.
    held: u64,
    budget: &'a Budget,
    /// Literals until the next look at the budget.
    until_poll: usize,
    /// How many literals an attempt may have written at its end.
    quota: usize,
}

impl<'a> Sink<'a> {
    pub fn new(num_vars: u32, limit: u64, budget: &'a Budget) -> Self {
        let quota = usize::MAX;
        Sink { clauses: Clauses::new(), num_vars, limit, held: 0, budget, until_poll: POLL, quota }
    }

    /// A fresh variable.
    pub fn fresh(&mut self) -> Result<i32, LowerError> {
        if self.num_vars == MAX_VAR {
            return Err(LowerError::TooManyVariables);
        }
        self.num_vars += 1;
        Ok(self.num_vars.cast_signed())
    }

    /// A clause.
    pub fn clause(&mut self, literals: &[i32]) -> Result<(), LowerError> {
        self.spend(literals.len() + 1)?;
        self.announce(literals.len())?;
        self.clauses.push(literals, self.limit.saturating_sub(self.held))?;
        Ok(())
    }

    /// Fails where so many more literals are beyond what an attempt may write.
    pub fn announce(&self, literals: usize) -> Result<(), LowerError> {
        let all = self.clauses.num_literals().saturating_add(literals);
        if all > self.quota {
            // Only `attempt` sees it.
            return Err(OutOfMemory::Limit { bytes: all as u64 * 4, limit: self.quota as u64 * 4 }.into());
        }
        Ok(())
    }

    /// A clause of two parts, the second of which may be absent.
    pub fn clause_or(&mut self, literals: &[i32], more: Option<i32>) -> Result<(), LowerError> {
        let mut clause = arrayvec::ArrayVec::<i32, 4>::new();
        clause.extend(literals.iter().copied().chain(more));
        self.clause(&clause)
    }

    /// Counts steps and looks at the budget now and then.
    pub fn spend(&mut self, steps: usize) -> Result<(), LowerError> {
        if steps < self.until_poll {
            self.until_poll -= steps;
            return Ok(());
        }
        self.until_poll = POLL;
        Ok(self.budget.check()?)
    }

    /// So many bytes are held elsewhere now.
    pub fn hold(&mut self, bytes: u64) -> Result<(), LowerError> {
        self.held = bytes;
        let bytes = bytes + self.clauses.bytes();
        if bytes > self.limit { Err(OutOfMemory::Limit { bytes, limit: self.limit }.into()) } else { Ok(()) }
    }

    /// Makes room in scratch that an encoding holds.
    pub fn reserve<T>(&self, array: &mut Vec<T>, more: usize) -> Result<(), LowerError> {
        Ok(super::super::arrays::reserve(array, more, self.limit.saturating_sub(self.held + self.clauses.bytes()))?)
    }

    /// Lets `write` write up to so many literals. Where it needs more, more memory or more variables than there are,
    /// what it wrote is taken back and the answer is false.
    pub fn attempt(
        &mut self,
        literals: usize,
        write: impl FnOnce(&mut Self) -> Result<(), LowerError>,
    ) -> Result<bool, LowerError> {
        let (num_vars, len, quota) = (self.num_vars, self.clauses.len(), self.quota);
        self.quota = quota.min(self.clauses.num_literals().saturating_add(literals));
        let written = write(self);
        self.quota = quota;
        match written {
            Ok(()) => return Ok(true),
            Err(LowerError::Memory(_) | LowerError::TooManyVariables) => {}
            Err(why) => return Err(why),
        }
        self.num_vars = num_vars;
        self.clauses.truncate(len);
        // The room is handed back where it is much, beside what is left and has to be moved, or was not enough.
        let used = (self.clauses.num_literals() * 4 + len * 8) as u64;
        if self.clauses.bytes() > 2 * used + (1 << 16) || self.clauses.bytes() > self.limit / 8 * 7 {
            self.clauses.shrink();
        }
        Ok(false)
    }
}
