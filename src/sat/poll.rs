//! What the engine asks while it works: whether to go on.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::budget::{Budget, Interrupt, Phase, Progress, Stop};
use crate::error::OutOfMemory;

/// What a poll may look at.
pub(super) trait Engine {
    /// Counters at this moment.
    fn snapshot(&self) -> Progress;
    /// Clauses kept.
    fn clauses(&self) -> u64;
    /// Bytes held; linear in the number of clauses.
    fn bytes(&self) -> u64;
}

/// Why a poll ended the search.
pub(super) enum Ended {
    Stop(Stop),
    Memory(OutOfMemory),
    Panic(Box<dyn Any + Send>),
}

/// One search's watchman.
pub(super) struct Poll<'a, E> {
    budget: &'a Budget,
    engine: &'a E,
    ended: Option<Ended>,
    /// Bytes are summed up again when so many clauses are kept: a sixteenth more than the last time, so that the
    /// sums cost a small share of what adding those clauses cost.
    next_sum: u64,
}

impl<'a, E: Engine> Poll<'a, E> {
    pub(super) fn new(budget: &'a Budget, engine: &'a E) -> Self {
        Poll { budget, engine, ended: None, next_sum: 0 }
    }

    /// Whether to end the search. No panic gets out.
    pub(super) fn poll(&mut self) -> bool {
        if self.ended.is_none() {
            self.ended = match catch_unwind(AssertUnwindSafe(|| self.look())) {
                Ok(found) => found,
                Err(panic) => Some(Ended::Panic(panic)),
            };
        }
        self.ended.is_some()
    }

    fn look(&mut self) -> Option<Ended> {
        if let Err(stop) = self.budget.report(|| Progress { phase: Phase::Search, ..self.engine.snapshot() }) {
            return Some(Ended::Stop(stop));
        }
        let limit = self.budget.memory();
        if limit != u64::MAX && self.engine.clauses() >= self.next_sum {
            let bytes = self.engine.bytes();
            if bytes > limit {
                return Some(Ended::Memory(OutOfMemory::Limit { bytes, limit }));
            }
            let clauses = self.engine.clauses();
            self.next_sum = clauses + clauses / 16 + 16;
        }
        None
    }

    /// The flag of the interrupt token, if there is one.
    pub(super) fn interrupt(&self) -> Option<Arc<AtomicBool>> {
        self.budget.limits().interrupt.as_ref().map(Interrupt::flag)
    }

    pub(super) fn ended(self) -> Option<Ended> {
        self.ended
    }
}
