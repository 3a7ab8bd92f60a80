//! The one wrapper of CaDiCaL. It owns the solver and the proof's sink, knows CaDiCaL's contract and keeps it, so
//! that CaDiCaL never aborts.

use std::io::Write;
use std::panic::resume_unwind;

use super::SatError;
use super::options::options;
use super::poll::{Ended, Engine, Poll};
use super::proof::{ProofFormat, Sink};
use super::raw::{self, MAX_STATISTICS};
use crate::budget::{Budget, Phase, Progress, Stop};
use crate::error::OutOfMemory;
use crate::formula::Clauses;

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// There is a model.
    Sat,
    /// There is none under the assumptions.
    Unsat,
    /// The budget ended the search.
    Unknown(Stop),
}

/// An incremental CDCL solver. It may move between threads, but is used by one at a time.
///
/// The order of calls: options and a proof first, then [`Cadical::resize`] and clauses, then searches with
/// clauses between them. Literals must be nonzero and within the variables declared by `resize`: CaDiCaL ends the
/// process where they are not. The room above, `solve`, checks that, which is why this type is not public.
#[derive(Debug)]
pub(crate) struct Cadical {
    handle: raw::Handle,
    usable: bool,
}

/// Clauses handed over between two looks at the budget.
const CHUNK: usize = 4096;

impl Cadical {
    /// A solver without clauses, every option at its default, whatever the environment says.
    pub fn new() -> Result<Self, SatError> {
        if let Some(name) = raw::unwanted_environment() {
            return Err(SatError::Environment(name));
        }
        Ok(Cadical { handle: raw::Handle::new()?, usable: true })
    }

    /// Sets an option. Only before the first clause.
    pub fn set_option(&mut self, name: &str, value: i64) -> Result<(), SatError> {
        let index = find_option(name, value)?;
        let value = i32::try_from(value).unwrap_or(i32::MAX); // in range, so it fits
        self.call(|h| h.set_option(index, value))
    }

    /// Writes a proof into `writer` while searching. Only before the first clause; `original_clauses` is how many
    /// will be added before the first search.
    pub fn set_proof(
        &mut self,
        format: ProofFormat,
        original_clauses: u64,
        writer: Box<dyn Write + Send>,
    ) -> Result<(), SatError> {
        let max = i32::MAX as u64 / 2;
        if original_clauses > max {
            return Err(SatError::ProofSize { clauses: original_clauses, max });
        }
        self.call(|h| h.proof(format, original_clauses.cast_signed(), Box::new(Sink::new(writer))))
    }

    /// Declares the variables `1..=max_var`.
    pub fn resize(&mut self, max_var: u32) -> Result<(), SatError> {
        self.call(|h| h.resize(max_var.cast_signed()))
    }

    /// Adds the clauses from number `first` on, unless the budget says stop. Answers where to go on.
    pub fn add(&mut self, clauses: &Clauses, first: usize, budget: &Budget) -> (usize, Result<(), AddError>) {
        let total = clauses.len();
        let mut done = first;
        while done < total {
            let progress = Progress { done: done as u64, total: total as u64, ..Progress::at(Phase::Load) };
            if let Err(stop) = budget.report(|| progress) {
                return (done, Err(AddError::Stop(stop)));
            }
            let end = total.min(done + CHUNK);
            if let Err(why) = self.call(|h| h.add(clauses, done, end)) {
                return (done, Err(AddError::Failed(why)));
            }
            done = end;
        }
        (done, Ok(()))
    }

    /// The value that a decision on the literal's variable tries first: the one that makes it true.
    pub fn set_phase(&mut self, literal: i32) -> Result<(), SatError> {
        self.call(|h| h.phase(literal))
    }

    /// Takes back what [`Cadical::set_phase`] said of a variable.
    pub fn clear_phase(&mut self, variable: u32) -> Result<(), SatError> {
        self.call(|h| h.unphase(variable.cast_signed()))
    }

    /// Searches for a model of the clauses under `assumptions`.
    pub fn solve(&mut self, assumptions: &[i32], budget: &Budget) -> Result<Answer, SatError> {
        if !self.usable {
            return Err(SatError::Unusable);
        }
        let before = Count::of(&self.handle);
        let conflicts = budget.limits().conflicts;
        let work = budget.limits().work.map(|_| budget.work_left());
        let mut poll = Poll::new(budget, &self.handle);
        let searched = self.handle.solve(assumptions, conflicts, work, &mut poll);
        let ended = poll.ended();
        let searched = self.note(searched);
        if let Some(Ended::Panic(panic)) = ended {
            resume_unwind(panic); // a caller's callback panicked: the engine itself is whole
        }
        let after = Count::of(&self.handle);
        let overspent = budget.spend(after.ticks.saturating_sub(before.ticks)).is_err_and(|stop| stop == Stop::Work);
        let result = searched?;
        self.flush_proof()?;
        match (result, ended) {
            (10, _) => Ok(Answer::Sat),
            (20, _) => Ok(Answer::Unsat),
            (_, Some(Ended::Stop(stop))) => Ok(Answer::Unknown(stop)),
            (_, Some(Ended::Memory(short))) => Err(short.into()),
            _ if conflicts.is_some_and(|limit| after.conflicts.saturating_sub(before.conflicts) >= limit) => {
                Ok(Answer::Unknown(Stop::Conflicts))
            }
            _ if overspent || work.is_some_and(|limit| after.ticks.saturating_sub(before.ticks) >= limit) => {
                Ok(Answer::Unknown(Stop::Work))
            }
            (other, _) => Err(SatError::Internal(format!("a search without a limit answered {other}"))),
        }
    }

    /// After [`Answer::Sat`]: the values of the variables `1..=values.len()`, as 1 and -1.
    pub fn model(&mut self, values: &mut [i8]) -> Result<(), SatError> {
        self.call(|h| h.model(values))
    }

    /// After [`Answer::Unsat`]: which of these assumptions are part of the core.
    pub fn failed(&mut self, assumptions: &[i32], failed: &mut [bool]) -> Result<(), SatError> {
        self.call(|h| h.failed(assumptions, failed))
    }

    /// The counters named by [`super::statistics`].
    #[must_use]
    pub fn statistics(&self) -> [i64; MAX_STATISTICS] {
        self.handle.statistics()
    }

    /// Bytes held, estimated: summed over variables and clauses with what each is known to take. Time: linear in
    /// the number of clauses.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.handle.bytes()
    }

    fn flush_proof(&mut self) -> Result<(), SatError> {
        let flushed = self.handle.flush_proof();
        self.note(flushed)
    }

    fn call<T>(&mut self, act: impl FnOnce(&mut raw::Handle) -> Result<T, SatError>) -> Result<T, SatError> {
        if !self.usable {
            return Err(SatError::Unusable);
        }
        let outcome = act(&mut self.handle);
        self.note(outcome)
    }

    /// After an exception CaDiCaL must not be touched again.
    fn note<T>(&mut self, outcome: Result<T, SatError>) -> Result<T, SatError> {
        if matches!(outcome, Err(SatError::Memory(OutOfMemory::Backend) | SatError::Internal(_))) {
            self.usable = false;
            self.handle.abandon();
        }
        outcome
    }
}

/// Why not all clauses were added.
#[derive(Debug)]
pub(crate) enum AddError {
    /// The budget said stop.
    Stop(Stop),
    /// The engine failed.
    Failed(SatError),
}

/// Bytes that CaDiCaL will hold at least once it has so many variables, clauses and literals.
pub(crate) fn least_bytes(variables: u32, clauses: usize, literals: usize) -> u64 {
    raw::least_bytes(variables, clauses as u64, literals as u64)
}

/// The index of the option of that name, if the value is in its range.
pub(crate) fn find_option(name: &str, value: i64) -> Result<usize, SatError> {
    let table = options();
    let Ok(index) = table.binary_search_by(|o| o.name.cmp(name)) else {
        return Err(SatError::UnknownOption(name.into()));
    };
    let option = &table[index];
    if value < option.min || value > option.max {
        return Err(SatError::OptionRange { name: option.name, value, min: option.min, max: option.max });
    }
    Ok(index)
}

struct Count {
    conflicts: u64,
    ticks: u64,
}

impl Count {
    fn of(handle: &raw::Handle) -> Self {
        let counters = handle.statistics();
        Count { conflicts: counters[raw::CONFLICTS].cast_unsigned(), ticks: counters[raw::TICKS].cast_unsigned() }
    }
}

impl Engine for raw::Handle {
    fn snapshot(&self) -> Progress {
        let counters = self.statistics();
        let count = |i: usize| counters[i].cast_unsigned();
        Progress {
            conflicts: count(raw::CONFLICTS),
            decisions: count(raw::DECISIONS),
            propagations: count(raw::PROPAGATIONS),
            irredundant: count(raw::IRREDUNDANT),
            redundant: count(raw::REDUNDANT),
            fixed: count(raw::FIXED),
            ..Progress::at(Phase::Search)
        }
    }

    fn clauses(&self) -> u64 {
        let p = self.snapshot();
        p.irredundant + p.redundant
    }

    fn bytes(&self) -> u64 {
        self.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sat::statistics;

    #[test]
    fn counters_are_where_they_are_said_to_be() {
        let name = |i: usize| statistics()[i].0;
        assert_eq!(
            [raw::CONFLICTS, raw::DECISIONS, raw::PROPAGATIONS, raw::TICKS].map(name),
            ["conflicts", "decisions", "propagations", "ticks"]
        );
        assert_eq!([raw::IRREDUNDANT, raw::REDUNDANT, raw::FIXED].map(name), ["irredundant", "redundant", "fixed"]);
    }

    #[test]
    fn options_are_sorted_and_hold_their_defaults() {
        let table = options();
        assert!(table.len() > 200);
        assert!(table.windows(2).all(|w| w[0].name < w[1].name));
        assert!(table.iter().all(|o| o.min <= o.default && o.default <= o.max && !o.doc.is_empty()));
        assert!(find_option("seed", 7).is_ok());
        assert!(find_option("check", 1).is_err());
    }

    #[test]
    fn a_handle_may_move_between_threads() {
        fn send<T: Send>() {}
        send::<Cadical>();
    }
}
