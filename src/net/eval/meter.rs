//! Work counted and the budget asked, in small enough steps.

use super::EvalError;
use super::real::Real;
use crate::budget::{Budget, Phase, Progress};
use crate::error::OutOfMemory;

/// Multiply-adds in one unit of work.
const UNIT: u64 = 1024;

/// Multiply-adds between two questions to the budget: less than a millisecond, also without vectors.
const POLL: u64 = 1 << 20;

/// Elements moved between two questions.
const BLOCK: usize = 1 << 18;

/// Counts multiply-adds for a [`Budget`].
#[derive(Debug)]
pub(crate) struct Meter<'a> {
    budget: &'a Budget,
    phase: Phase,
    pending: u64,
}

impl<'a> Meter<'a> {
    pub(crate) fn new(budget: &'a Budget) -> Self {
        Meter::at(budget, Phase::Evaluate)
    }

    /// For something else than evaluation.
    pub(crate) fn at(budget: &'a Budget, phase: Phase) -> Self {
        Meter { budget, phase, pending: 0 }
    }

    /// Counts so many multiply-adds, or what takes about as long.
    pub(crate) fn count(&mut self, operations: usize) -> Result<(), EvalError> {
        self.pending = self.pending.saturating_add(operations as u64);
        if self.pending >= POLL {
            self.budget.spend(self.pending / UNIT)?;
            self.budget.report(|| Progress::at(self.phase))?;
            self.pending %= UNIT;
        }
        Ok(())
    }

    /// Spends what is left, rounded up.
    pub(crate) fn finish(self) -> Result<(), EvalError> {
        Ok(self.budget.spend(self.pending.div_ceil(UNIT))?)
    }

    /// `to` becomes `from`, which is as long.
    pub(crate) fn copy<T: Real>(&mut self, from: &[T], to: &mut [T]) -> Result<(), EvalError> {
        for (from, to) in from.chunks(BLOCK).zip(to.chunks_mut(BLOCK)) {
            to.copy_from_slice(from);
            self.count(to.len())?;
        }
        Ok(())
    }

    /// `from` is added to `to`, which is as long.
    pub(crate) fn add<T: Real>(&mut self, from: &[T], to: &mut [T]) -> Result<(), EvalError> {
        for (from, to) in from.chunks(BLOCK).zip(to.chunks_mut(BLOCK)) {
            to.iter_mut().zip(from).for_each(|(to, &from)| *to += from);
            self.count(to.len())?;
        }
        Ok(())
    }

    pub(crate) fn fill<T: Real>(&mut self, to: &mut [T], value: T) -> Result<(), EvalError> {
        for to in to.chunks_mut(BLOCK) {
            to.fill(value);
            self.count(to.len())?;
        }
        Ok(())
    }

    /// Makes a buffer at least so long.
    pub(crate) fn grow<T: Real>(&mut self, buffer: &mut Vec<T>, length: usize) -> Result<(), EvalError> {
        if buffer.len() >= length {
            return Ok(());
        }
        let more = length - buffer.len();
        let bytes = (more as u64).saturating_mul(size_of::<T>() as u64);
        buffer.try_reserve_exact(more).map_err(|_| OutOfMemory::Allocator { bytes })?;
        while buffer.len() < length {
            // Piece by piece: the system hands out memory no faster than some GB/s.
            let next = length.min(buffer.len() + BLOCK);
            self.count(next - buffer.len())?;
            buffer.resize(next, T::ZERO);
        }
        Ok(())
    }
}
