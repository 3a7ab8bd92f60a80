//! Local search beside the engine: on a thread of its own, over the same formula, until one of them is done.
//!
//! It only finds models, so it takes nothing from what the engine shows, and where the engine answers, that is the answer. It
//! knows neither reals nor what propagators of a host say: where there are such it is left out, as where it has no memory.

use std::sync::Arc;

use super::{Outcome, SolveError, Solver};
use crate::budget::{Budget, Interrupt, Stop, WORKER};
use crate::formula::Formula;
use crate::sat::Answer;
use crate::search::{End, Options, Search, SearchError};
use crate::solve::log::Level;

/// Flips of a try, for each variable: a walk that found nothing by then does better from elsewhere, now and then.
const TRY: u64 = 10_000;

/// Ends what runs beside, whichever way this thread comes out.
struct Ends<'a>(&'a Interrupt);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.trigger();
    }
}

/// What a search found.
type Found = Option<(Vec<i8>, Vec<f64>)>;

impl Solver {
    /// Whether local search (probSAT) looks for a model in each solve from now on, on a second thread beside the engine. The
    /// same call may then give another model, or end in another moment. Not with backends that have no engine of clauses.
    pub fn set_local_search(&mut self, is_on: bool) -> Result<(), SolveError> {
        if is_on {
            self.needs_engine()?;
        }
        self.local_search = is_on;
        Ok(())
    }

    /// The engine's answer, or that of what runs beside it, which is kept already: local search, or cutting planes by turns.
    pub(super) fn search_beside(
        &mut self,
        assumptions: &[i32],
        budget: &Budget,
    ) -> Result<Result<Answer, Outcome>, SolveError> {
        if !self.local_search || !self.hosts.is_empty() {
            return self.search_by_turns(assumptions, budget);
        }
        let formula = self.whole(assumptions)?;
        let over = Interrupt::new();
        // The memory limit is the engine's; the search may have as much again.
        let (mine, theirs) = (budget.until(&over), budget.until(&over));
        let (answer, found) = std::thread::scope(|scope| {
            let worker = std::thread::Builder::new().name(WORKER.into()).spawn_scoped(scope, || {
                let found = found(formula, &theirs);
                if matches!(found, Ok(Some(_))) {
                    over.trigger();
                }
                found
            });
            let ends = Ends(&over);
            let answer = self.search_by_turns(assumptions, &mine);
            drop(ends);
            let found = match worker {
                Ok(worker) => worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                Err(why) => Err(SearchError::Thread(why)),
            };
            (answer, found)
        });
        budget.absorb(&mine);
        let answer = match answer? {
            Ok(answer) => answer,
            Err(Outcome::Unknown(stop)) => Answer::Unknown(stop),
            Err(outcome) => return Ok(Err(outcome)),
        };
        match found {
            Ok(Some((model, numbers))) if matches!(answer, Answer::Unknown(_)) => {
                self.verify(&model, &numbers, assumptions)?;
                self.log.say(Level::Info, || "local search has a model".into());
                self.last = super::Last::Sat { model, numbers, exact: Vec::new() };
                return Ok(Err(Outcome::Sat));
            }
            Ok(_) => {}
            Err(why) => self.log.say(Level::Info, || format!("local search was left out: {why}")),
        }
        Ok(Ok(answer))
    }

    /// All that holds in this call, in one formula.
    fn whole(&self, assumptions: &[i32]) -> Result<Arc<Formula>, SolveError> {
        if assumptions.is_empty() && self.added.num_constraints() == 0 && self.num_vars() == self.snapshot.num_vars() {
            return Ok(Arc::clone(&self.snapshot));
        }
        let mut whole = self.snapshot.extended(&self.added)?;
        for &literal in assumptions {
            whole.add_clause(&[literal])?;
        }
        Ok(Arc::new(whole))
    }
}

fn found(formula: Arc<Formula>, budget: &Budget) -> Result<Found, SearchError> {
    let flips = u64::from(formula.num_vars()).max(100) * TRY;
    let options = Options { flips: Some(flips), seed: budget.seed(), ..Options::default() };
    let mut search = match Search::new(formula, &options, budget) {
        Err(SearchError::Stop(Stop::Interrupted)) => return Ok(None),
        search => search?,
    };
    if search.run(budget)? != End::Model {
        return Ok(None);
    }
    let (model, numbers) = search.model()?;
    Ok(Some((model.to_vec(), numbers.to_vec())))
}
