//! The one wrapper of CaDiCaL. It owns the solver and the proof's sink, knows CaDiCaL's contract and keeps it, so
//! that CaDiCaL never aborts.

use std::io::Write;
use std::panic::resume_unwind;

use super::SatError;
use super::multiplex::{End, Multiplexer};
use super::options::options;
use super::poll::{Ended, Engine, Poll};
use super::propagator::Propagator;
use super::raw::{self, MAX_STATISTICS};
use crate::budget::{Budget, Phase, Progress, Stop};
use crate::error::OutOfMemory;
use crate::formula::Clauses;
use crate::proof::{ProofFormat, Sink};

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// There is a model.
    Sat,
    /// There is none under the assumptions.
    Unsat,
    /// The budget ended the search.
    Unknown(Stop),
    /// This propagator ended the search, and knows why.
    Halted(usize),
}

/// An incremental CDCL solver. It may move between threads, but is used by one at a time.
///
/// The order of calls: options and a proof first, then [`Cadical::resize`] and clauses, then searches with
/// clauses between them. Literals must be nonzero and within the variables declared by `resize`: CaDiCaL ends the
/// process where they are not. The room above, `solve`, checks that, which is why this type is not public.
///
/// While a propagator is connected, options `chrono` and `ilb` count as 0, and the search does not try lucky phases.
#[derive(Debug)]
pub(crate) struct Cadical {
    handle: raw::Handle,
    variables: u32,
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
        Ok(Cadical { handle: raw::Handle::new()?, variables: 0, usable: true })
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
        self.variables = self.variables.max(max_var);
        let variables = self.variables;
        self.call(|h| {
            h.resize(max_var.cast_signed())?;
            if let Some(multiplexer) = h.multiplexer_mut() {
                multiplexer.resize(variables);
            }
            Ok(())
        })
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

    /// Connects a propagator that observes these variables, and answers its number. Undoes every decision, and forgets the
    /// last answer. Variables that were eliminated come back. Observed variables are not eliminated any more.
    pub fn connect(&mut self, propagator: Box<dyn Propagator>, observed: &[u32]) -> Result<usize, SatError> {
        self.declared(observed)?;
        let variables = self.variables;
        self.call(|h| {
            if h.multiplexer().is_none_or(Multiplexer::is_empty) {
                h.connect()?;
            }
            let Some(multiplexer) = h.multiplexer_mut() else { return Err(SatError::NoPropagator(0)) };
            multiplexer.resize(variables);
            let id = multiplexer.join(propagator);
            let fresh = multiplexer.observe(id, observed);
            let (fixed, learned) = multiplexer.wants();
            h.listen(fixed, learned)?;
            h.observe(&fresh)?;
            Ok(id)
        })
    }

    /// Lets propagator `id` observe more variables. Undoes every decision, and forgets the last answer.
    pub fn observe(&mut self, id: usize, variables: &[u32]) -> Result<(), SatError> {
        self.declared(variables)?;
        self.call(|h| match h.multiplexer_mut() {
            Some(multiplexer) if multiplexer.has(id) => {
                let fresh = multiplexer.observe(id, variables);
                h.observe(&fresh)
            }
            _ => Err(SatError::NoPropagator(id)),
        })
    }

    /// Disconnects propagator `id` and gives it back. Undoes every decision, and forgets the last answer. What was
    /// learned from what it said stays.
    pub fn disconnect(&mut self, id: usize) -> Result<Box<dyn Propagator>, SatError> {
        self.call(|h| {
            h.retract()?; // while it still hears of it
            let left = h.multiplexer_mut().and_then(|m| m.leave(id).map(|left| (left, m.is_empty(), m.wants())));
            let Some(((propagator, unobserved), nobody, (fixed, learned))) = left else {
                return Err(SatError::NoPropagator(id));
            };
            if nobody {
                h.disconnect()?;
            } else {
                h.unobserve(&unobserved)?;
                h.listen(fixed, learned)?;
            }
            Ok(propagator)
        })
    }

    /// Propagator `id`, if it is one of that type.
    #[must_use]
    pub fn propagator<T: Propagator>(&self, id: usize) -> Option<&T> {
        self.handle.multiplexer().and_then(|m| m.get(id))
    }

    /// Propagator `id`, if it is one of that type. To give it constraints, [`Cadical::retract`] first.
    pub fn propagator_mut<T: Propagator>(&mut self, id: usize) -> Option<&mut T> {
        self.handle.multiplexer_mut().and_then(|m| m.get_mut(id))
    }

    /// Undoes every decision, so that propagators can take new constraints: the trail stands at level 0. Forgets the last
    /// answer. Costs nothing where it stands there already.
    pub fn retract(&mut self) -> Result<(), SatError> {
        self.call(raw::Handle::retract)
    }

    fn declared(&self, variables: &[u32]) -> Result<(), SatError> {
        match variables.iter().find(|&&v| v == 0 || v > self.variables) {
            Some(&variable) => Err(SatError::Undeclared(variable)),
            None => Ok(()),
        }
    }

    /// Searches for a model of the clauses under `assumptions`.
    pub fn solve(&mut self, assumptions: &[i32], budget: &Budget) -> Result<Answer, SatError> {
        if !self.usable {
            return Err(SatError::Unusable);
        }
        let before = Count::of(&self.handle);
        let conflicts = budget.conflicts_left();
        let work = budget.limits().work.map(|_| budget.work_left());
        if let Some(multiplexer) = self.handle.multiplexer_mut() {
            multiplexer.begin();
        }
        let mut poll = Poll::new(budget, &self.handle);
        let searched = self.handle.solve(assumptions, conflicts, work, &mut poll);
        let ended = poll.ended();
        let searched = self.note(searched);
        let halted = self.propagators_ended()?;
        if let Some(Ended::Panic(panic)) = ended {
            resume_unwind(panic); // a caller's callback panicked: the engine itself is whole
        }
        let after = Count::of(&self.handle);
        let overspent = budget.spend(after.ticks.saturating_sub(before.ticks)).is_err_and(|stop| stop == Stop::Work);
        budget.spend_conflicts(after.conflicts.saturating_sub(before.conflicts));
        let result = searched?;
        self.flush_proof()?;
        if let Some(id) = halted {
            return Ok(Answer::Halted(id)); // whatever CaDiCaL made of neutral answers
        }
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
        let outcome = self.note(outcome)?;
        self.propagators_ended()?;
        Ok(outcome)
    }

    /// What propagators have to say of the call that ended: that one halted the search, or worse.
    fn propagators_ended(&mut self) -> Result<Option<usize>, SatError> {
        let Some((end, unusable)) = self.handle.multiplexer_mut().and_then(Multiplexer::take_end) else {
            return Ok(None);
        };
        self.usable &= !unusable;
        match end {
            End::Halt(id) => Ok(Some(id)),
            End::Violation(violation) => Err(violation.into()),
            End::Lost(why) => Err(SatError::Internal(why)),
            End::Panic(panic) => resume_unwind(panic),
        }
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
