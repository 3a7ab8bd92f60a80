//! Satisfiability modulo theories: Z3 5.3 (de Moura and Bjørner, TACAS 2008) behind one audited wrapper.
//!
//! `Z3` takes every kind of constraint, integers and reals included, and answers models whose numbers are rationals.
//! It is linked as a shared library; another version than 5.3 is refused before anything else is called.
//!
//! **Limits.** Z3 runs on a thread of its own, made for each search, while the calling one looks at the budget every 10
//! ms and reports progress, without counters, since Z3 tells none while it works. Z3 looks at the flag that ends it
//! often but not always; its own clock is not used. One unit of work is one step of Z3's resource limit, some
//! arithmetic or a few propagations: the same input, seed and work limit give the same run. Loading constraints counts
//! what Z3 counts for it.
//!
//! **Memory.** Z3 counts bytes for all of the process, not for a context, and its own limit is global and is left
//! alone. [`Budget::memory`] is held against what all of Z3 holds more than when the search began, and what this
//! context was seen to hold before: exact where one context is at work at a time, too strict where there are several.
//!
//! All `unsafe` of this room is in `raw.rs`.

mod raw;
#[cfg(test)]
mod tests;
mod translate;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use num_rational::BigRational;

use crate::budget::{Budget, Phase, Progress, Stop};
use crate::error::OutOfMemory;
use crate::formula::{ConstraintId, Formula};
use raw::{Context, Counters, Verdict};

/// How often the calling thread looks at the budget.
const LOOK: Duration = Duration::from_millis(10);

/// Constraints between two looks at the budget while loading.
const LOAD_LOOK: u64 = 64;

/// Stack of the thread that Z3 runs on: parts of it recurse as deep as terms and proofs are. Only what is used is
/// taken.
const STACK: usize = 64 << 20;

/// Why Z3 did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum SmtError {
    /// Another Z3 was linked, or a host brought one that took its place.
    #[error("this library is made for Z3 5.3, and Z3 {major}.{minor} was linked")]
    Version {
        /// Its major version.
        major: u32,
        /// Its minor version.
        minor: u32,
    },
    /// No memory. Where it is Z3's own allocation that failed, it cannot be used any more.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
    /// An earlier failure left it unusable.
    #[error("Z3 cannot be used any more: an earlier call failed in it")]
    Unusable,
    /// The system gave no thread.
    #[error("no thread for Z3: {0}")]
    Thread(std::io::Error),
    /// Z3 broke its own contract.
    #[error("Z3 failed: {0}")]
    Internal(String),
}

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    /// A model: 1 or -1 a variable, and a value a number. Nobody has checked it yet.
    Sat { model: Vec<i8>, numbers: Vec<BigRational> },
    /// There is none. Of the assumptions, those that cannot hold together, each once.
    Unsat { core: Vec<i32> },
    /// The budget ended the search.
    Unknown(Stop),
    /// Z3 gave up, and says why.
    Incomplete(String),
}

/// An incremental solver.
#[derive(Debug)]
pub(crate) struct Z3 {
    context: Context,
    usable: bool,
    counters: Counters,
    /// Numbers whose domain was asserted.
    bounded: u32,
    /// Bytes that the searches so far were seen to add.
    held: u64,
}

impl Z3 {
    /// A solver without constraints.
    pub fn new(seed: u64) -> Result<Self, SmtError> {
        let mut context = Context::new()?;
        let folded = ((seed >> 32) ^ seed) as u32; // Z3's seeds have 32 bits
        context.set_options(&[(c"random_seed", folded)])?;
        Ok(Z3 { context, usable: true, counters: Counters::default(), bounded: 0, held: 0 })
    }

    /// Declares what variables and numbers of `formula` are not declared yet, and adds its constraints from id `from`
    /// on, which is moved past each one that was added. Numbers that are known already must have the same domain.
    /// Answers whether the budget ended it; the next call goes on.
    pub fn load(&mut self, formula: &Formula, from: &mut u64, budget: &Budget) -> Result<Option<Stop>, SmtError> {
        let loaded = self.usable().and_then(|()| self.try_load(formula, from, budget));
        self.noted(loaded)
    }

    fn try_load(&mut self, formula: &Formula, from: &mut u64, budget: &Budget) -> Result<Option<Stop>, SmtError> {
        let total = formula.num_constraints();
        let look = |done: u64| budget.report(|| Progress { done, total, ..Progress::at(Phase::Load) });
        while self.context.num_variables() < formula.num_vars() as usize {
            if (self.context.num_variables() as u64).is_multiple_of(LOAD_LOOK)
                && let Err(stop) = look(*from)
            {
                return Ok(Some(stop));
            }
            self.context.declare_variable()?;
        }
        for (number, &domain) in (0..).zip(formula.domains()).skip(self.bounded as usize) {
            if u64::from(number).is_multiple_of(LOAD_LOOK)
                && let Err(stop) = look(*from)
            {
                return Ok(Some(stop));
            }
            if self.context.num_numbers() <= number as usize {
                self.context.declare_number(translate::sort(domain))?;
            }
            translate::assert_domain(&self.context.terms(), number, domain)?;
            self.bounded = number + 1;
        }
        while let Some(constraint) = formula.constraint(ConstraintId(*from)) {
            if from.is_multiple_of(LOAD_LOOK)
                && let Err(stop) = look(*from)
            {
                return Ok(Some(stop));
            }
            translate::assert(&self.context.terms(), constraint)?;
            *from += 1;
        }
        Ok(None)
    }

    /// Looks for a model under `assumptions`, literals of declared variables that hold for this call only. A search
    /// that the budget ended can be made again, with what was learned.
    pub fn solve(&mut self, assumptions: &[i32], budget: &Budget) -> Result<Answer, SmtError> {
        let answer = self.usable().and_then(|()| self.try_solve(assumptions, budget));
        self.noted(answer)
    }

    fn try_solve(&mut self, assumptions: &[i32], budget: &Budget) -> Result<Answer, SmtError> {
        loop {
            let (work, conflicts) = (budget.work_left(), budget.conflicts_left());
            if let Err(stop) = budget.check() {
                return Ok(Answer::Unknown(stop));
            }
            if work == 0 {
                return Ok(Answer::Unknown(Stop::Work));
            }
            if conflicts == Some(0) {
                return Ok(Answer::Unknown(Stop::Conflicts));
            }
            // Z3's limits have 32 bits; 0 is none for work, and all ones for conflicts.
            let steps = if work == u64::MAX { 0 } else { u32::try_from(work).unwrap_or(u32::MAX) };
            let conflicts = conflicts.map_or(u32::MAX, |c| u32::try_from(c).unwrap_or(u32::MAX));
            self.context.set_options(&[(c"rlimit", steps), (c"max_conflicts", conflicts)])?;
            let before = self.counters.steps;
            let (verdict, stop) = self.watched(assumptions, budget)?;
            let counted = self.count(budget)?;
            match (verdict, stop) {
                (Verdict::Sat, _) => {
                    let (model, numbers) = self.context.model()?;
                    let numbers = numbers.iter().map(|n| parse(n)).collect::<Result<_, _>>()?;
                    return Ok(Answer::Sat { model, numbers });
                }
                (Verdict::Unsat, _) => return Ok(Answer::Unsat { core: self.context.core(assumptions)? }),
                (Verdict::Unknown, Some(Ended::Stop(stop))) => return Ok(Answer::Unknown(stop)),
                (Verdict::Unknown, Some(Ended::Memory(short))) => return Err(short.into()),
                (Verdict::Unknown, None) => {}
            }
            if let Err(stop) = counted {
                return Ok(Answer::Unknown(stop));
            }
            if steps > 0 && self.counters.steps - before >= u64::from(steps) {
                continue; // more was granted than Z3 can be told at once
            }
            let why = self.context.why_unknown();
            if conflicts != u32::MAX && why.contains("conflict") {
                return Ok(Answer::Unknown(Stop::Conflicts));
            }
            return Ok(Answer::Incomplete(why));
        }
    }

    /// Searches on a thread of its own, and ends it when the budget says so.
    fn watched(&mut self, assumptions: &[i32], budget: &Budget) -> Result<(Verdict, Option<Ended>), SmtError> {
        let (base, held) = (raw::bytes(), self.held);
        let grown = || held.saturating_add(raw::bytes().saturating_sub(base));
        let limit = budget.memory();
        let (search, interrupter) = self.context.search(assumptions);
        let done = AtomicBool::new(false);
        let caller = thread::current();
        let (verdict, ended) = thread::scope(|scope| {
            let work = || {
                let verdict = search.run();
                done.store(true, Ordering::Release);
                caller.unpark();
                verdict
            };
            let builder = thread::Builder::new().name("anser-z3".into()).stack_size(STACK);
            let worker = builder.spawn_scoped(scope, work).map_err(SmtError::Thread)?;
            let mut ended = None;
            while !done.load(Ordering::Acquire) && !worker.is_finished() {
                if ended.is_none() {
                    // A panic of a progress callback waits until Z3 has ended.
                    ended = match catch_unwind(AssertUnwindSafe(|| budget.report(|| Progress::at(Phase::Search)))) {
                        Ok(Ok(())) if limit == u64::MAX => None,
                        Ok(Ok(())) => {
                            let bytes = grown();
                            (bytes > limit).then_some(Ok(Ended::Memory(OutOfMemory::Limit { bytes, limit })))
                        }
                        Ok(Err(stop)) => Some(Ok(Ended::Stop(stop))),
                        Err(panic) => Some(Err(panic)),
                    };
                }
                if ended.is_some() {
                    interrupter.interrupt(); // again and again: one that comes before the search begins is lost
                }
                thread::park_timeout(LOOK);
            }
            let verdict = worker.join().unwrap_or_else(|panic| resume_unwind(panic));
            let ended = ended.transpose().unwrap_or_else(|panic| resume_unwind(panic));
            Ok::<_, SmtError>((verdict, ended))
        })?;
        self.held = grown();
        match verdict {
            Ok(verdict) => Ok((verdict, ended)),
            // A search that a limit or the flag ended says so in one of two ways.
            Err(SmtError::Internal(why)) if ended.is_some() || why.contains("cancel") || why.contains("resource") => {
                Ok((Verdict::Unknown, ended))
            }
            Err(why) => Err(why),
        }
    }

    /// Spends what was counted since the last time; the error is that of the budget.
    fn count(&mut self, budget: &Budget) -> Result<Result<(), Stop>, SmtError> {
        let now = self.context.counters()?;
        budget.spend_conflicts(now.conflicts.saturating_sub(self.counters.conflicts));
        let spent = now.steps.saturating_sub(self.counters.steps);
        self.counters = now;
        // At the limit it is over as well: Z3 stops at it, not past it.
        let left = budget.spend(spent);
        Ok(if left.is_ok() && budget.work_left() == 0 { Err(Stop::Work) } else { left })
    }

    /// Bytes that searches were seen to add, as Z3 counts them.
    pub fn bytes(&self) -> u64 {
        self.held
    }

    fn usable(&self) -> Result<(), SmtError> {
        if self.usable { Ok(()) } else { Err(SmtError::Unusable) }
    }

    /// An error of Z3's own leaves it in a state that nobody knows.
    fn noted<T>(&mut self, result: Result<T, SmtError>) -> Result<T, SmtError> {
        if matches!(result, Err(SmtError::Memory(OutOfMemory::Backend) | SmtError::Internal(_))) {
            self.usable = false;
        }
        result
    }
}

/// Why the calling thread ended a search.
#[derive(Debug)]
enum Ended {
    Stop(Stop),
    Memory(OutOfMemory),
}

/// A number as Z3 prints it: `p` or `p/q`.
fn parse(text: &str) -> Result<BigRational, SmtError> {
    text.parse().map_err(|_| SmtError::Internal(format!("{text:?} is no rational number")))
}
