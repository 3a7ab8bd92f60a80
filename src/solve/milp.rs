//! The whole formula as a mixed integer program: what [`Backend::Milp`](super::Backend::Milp) does in place of the engine.

#[cfg(not(feature = "highs"))]
mod without {
    use super::super::{Outcome, SolveError, Solver};
    use crate::budget::Budget;

    /// Nothing.
    #[derive(Debug, Default)]
    pub(in crate::solve) struct Reasoner(());

    impl Reasoner {
        pub fn bytes(&self) -> u64 {
            0
        }

        pub fn gave_up(&self) -> Option<&str> {
            None
        }
    }

    impl Solver {
        pub(in crate::solve) fn solve_by_milp(&mut self, _: &[i32], _: &Budget) -> Result<Outcome, SolveError> {
            Err(SolveError::Unavailable("HiGHS"))
        }
    }
}

#[cfg(not(feature = "highs"))]
pub(super) use without::Reasoner;

#[cfg(feature = "highs")]
mod with {
    use std::sync::Arc;

    use num_traits::ToPrimitive;

    use super::super::{Choice, Last, Level, Outcome, SolveError, Solver};
    use crate::budget::{Budget, Stop};
    use crate::formula::Formula;
    use crate::milp::{Answer, MilpError, Search};

    /// Searches for a smaller core may look at so many parts for each that the first search took, and so many more.
    const CORE_PARTS: (u64, u64) = (2, 100);

    /// A search, and what it is about.
    #[derive(Debug, Default)]
    pub(in crate::solve) struct Reasoner {
        kept: Option<Kept>,
        /// Why the last search came to nothing.
        gave_up: Option<String>,
    }

    #[derive(Debug)]
    struct Kept {
        search: Search<Arc<Formula>>,
        /// Constraints, variables and numbers, which only become more.
        size: (u64, u32, u32),
        assumptions: Vec<i32>,
        /// Whether it was cut off.
        unfinished: bool,
    }

    impl Reasoner {
        pub fn bytes(&self) -> u64 {
            self.kept.as_ref().map_or(0, |kept| kept.search.bytes())
        }

        pub fn gave_up(&self) -> Option<&str> {
            self.gave_up.as_deref()
        }
    }

    impl From<MilpError> for SolveError {
        fn from(why: MilpError) -> Self {
            match why {
                MilpError::Memory(short) => SolveError::Memory(short),
                other => SolveError::Milp(other),
            }
        }
    }

    impl Solver {
        /// [`Solver::solve`], whose assumptions are known variables. A search that was cut off goes on where nothing was
        /// added since and the assumptions are the same.
        pub(in crate::solve) fn solve_by_milp(
            &mut self,
            assumptions: &[i32],
            budget: &Budget,
        ) -> Result<Outcome, SolveError> {
            self.milp.gave_up = None;
            if self.choice.is_none() {
                self.choice = Some(Choice::make(self.backend, false, [&*self.snapshot, &self.added]));
            }
            let size = (self.num_constraints(), self.num_vars(), self.num_numbers());
            let mut kept = match self.milp.kept.take().filter(|kept| kept.size == size) {
                Some(kept) => kept,
                None => {
                    let formulas = vec![Arc::clone(&self.snapshot), Arc::new(self.added.try_clone()?)];
                    let search = match Search::new(formulas, assumptions, budget) {
                        Err(MilpError::Stopped(stop)) => return Ok(self.unknown(stop)),
                        search => search?,
                    };
                    Kept { search, size, assumptions: assumptions.to_vec(), unfinished: true }
                }
            };
            if !kept.unfinished || kept.assumptions != assumptions {
                kept.search.restart(assumptions);
                kept.assumptions = assumptions.to_vec();
            }
            kept.unfinished = false;
            let answer = kept.search.run(&mut |_| false, budget)?;
            self.log.say(Level::Info, || {
                let name = match &answer {
                    Answer::Sat { .. } => "sat".into(),
                    Answer::Unsat => "unsat".into(),
                    Answer::Unknown(stop) => format!("unknown: {stop}"),
                    Answer::Found | Answer::Doubtful(_) => "unknown: rounding decides".to_owned(),
                };
                let done = kept.search.statistics();
                let (parts, iterations) = (done.nodes, done.iterations);
                format!("{name} after {:.3} s, {parts} parts, {iterations} iterations", budget.elapsed().as_secs_f64())
            });
            let outcome = match answer {
                Answer::Sat { model, numbers: exact } => {
                    self.verify_exact(&model, &exact, assumptions)?;
                    let numbers = exact.iter().map(|value| value.to_f64().unwrap_or(f64::NAN)).collect();
                    self.last = Last::Sat { model, numbers, exact };
                    Outcome::Sat
                }
                Answer::Unsat => {
                    self.last = Last::Unsat(core(&mut kept.search, assumptions, budget)?);
                    Outcome::Unsat
                }
                Answer::Unknown(stop) => {
                    kept.unfinished = true;
                    self.unknown(stop)
                }
                Answer::Found | Answer::Doubtful(_) => {
                    let why = "HiGHS's doubles neither satisfy nor refute some part, and it is too large for exact arithmetic";
                    self.milp.gave_up = Some(why.into());
                    self.unknown(Stop::Incomplete)
                }
            };
            self.milp.kept = Some(kept);
            Ok(outcome)
        }
    }

    /// Of assumptions that cannot hold together, as few as a few more searches show: none at all, halves, quarters and so on
    /// are left out one after the other. The budget's end leaves what was found so far.
    fn core(search: &mut Search<Arc<Formula>>, assumptions: &[i32], budget: &Budget) -> Result<Vec<i32>, MilpError> {
        let mut core: Vec<i32> = Vec::with_capacity(assumptions.len());
        let mut seen = std::collections::HashSet::new();
        core.extend(assumptions.iter().filter(|&&literal| seen.insert(literal)));
        let mut parts = CORE_PARTS.0.saturating_mul(search.statistics().nodes) + CORE_PARTS.1;
        let mut size = core.len();
        while size > 0 {
            let mut from = 0;
            while from < core.len() {
                if parts == 0 || budget.spend(0).is_err() {
                    return Ok(core);
                }
                let to = (from + size).min(core.len());
                let rest: Vec<i32> = core[..from].iter().chain(&core[to..]).copied().collect();
                search.restart(&rest);
                search.give_up_after(parts);
                let answer = search.run(&mut |_| false, budget)?;
                parts = parts.saturating_sub(search.statistics().nodes.max(1));
                if answer == Answer::Unsat {
                    core = rest;
                } else {
                    from = to;
                }
            }
            size /= 2;
        }
        Ok(core)
    }
}

#[cfg(feature = "highs")]
pub(super) use with::Reasoner;
