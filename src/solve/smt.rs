//! The whole formula by Z3: what [`Backend::Z3`] does in place of the engine, and what it does without.

#[cfg(not(feature = "z3"))]
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
        pub(in crate::solve) fn solve_by_z3(&mut self, _: &[i32], _: &Budget) -> Result<Outcome, SolveError> {
            Err(SolveError::Unavailable("Z3"))
        }
    }
}

#[cfg(not(feature = "z3"))]
pub(super) use without::Reasoner;

#[cfg(feature = "z3")]
mod with {
    use num_traits::ToPrimitive;

    use super::super::{Choice, Last, Level, Outcome, SolveError, Solver};
    use crate::budget::{Budget, Stop};
    use crate::smt::{Answer, SmtError, Z3};

    /// Z3, and what it has been given.
    #[derive(Debug, Default)]
    pub(in crate::solve) struct Reasoner {
        z3: Option<Z3>,
        /// Constraints of the snapshot, and of what was added to it.
        loaded: [u64; 2],
        /// Why the last search came to nothing.
        gave_up: Option<String>,
    }

    impl Reasoner {
        pub fn bytes(&self) -> u64 {
            self.z3.as_ref().map_or(0, Z3::bytes)
        }

        pub fn gave_up(&self) -> Option<&str> {
            self.gave_up.as_deref()
        }
    }

    impl From<SmtError> for SolveError {
        fn from(why: SmtError) -> Self {
            match why {
                SmtError::Memory(short) => SolveError::Memory(short),
                other => SolveError::Smt(other),
            }
        }
    }

    impl Solver {
        /// [`Solver::solve`], whose assumptions are known variables.
        pub(in crate::solve) fn solve_by_z3(
            &mut self,
            assumptions: &[i32],
            budget: &Budget,
        ) -> Result<Outcome, SolveError> {
            self.smt.gave_up = None;
            if self.choice.is_none() {
                self.choice = Some(Choice::make(self.backend, false, [&*self.snapshot, &self.added]));
            }
            let z3 = match &mut self.smt.z3 {
                Some(z3) => z3,
                none => none.insert(Z3::new(budget.seed())?),
            };
            let [of_snapshot, of_added] = &mut self.smt.loaded;
            let mut stopped = z3.load(&self.snapshot, of_snapshot, budget)?;
            if stopped.is_none() {
                stopped = z3.load(&self.added, of_added, budget)?;
            }
            if let Some(stop) = stopped {
                return Ok(self.unknown(stop));
            }
            let answer = z3.solve(assumptions, budget)?;
            self.log.say(Level::Info, || {
                let name = match &answer {
                    Answer::Sat { .. } => "sat".into(),
                    Answer::Unsat { .. } => "unsat".into(),
                    Answer::Unknown(stop) => format!("unknown: {stop}"),
                    Answer::Incomplete(why) => format!("unknown: Z3 gave up: {why}"),
                };
                format!("{name} after {:.3} s", budget.elapsed().as_secs_f64())
            });
            match answer {
                Answer::Sat { model, numbers: exact } => {
                    self.verify_exact(&model, &exact, assumptions)?;
                    let numbers = exact.iter().map(|value| value.to_f64().unwrap_or(f64::NAN)).collect();
                    self.last = Last::Sat { model, numbers, exact };
                    Ok(Outcome::Sat)
                }
                Answer::Unsat { core } => {
                    self.last = Last::Unsat(core);
                    Ok(Outcome::Unsat)
                }
                Answer::Unknown(stop) => Ok(self.unknown(stop)),
                Answer::Incomplete(why) => {
                    self.smt.gave_up = Some(why);
                    Ok(self.unknown(Stop::Incomplete))
                }
            }
        }
    }
}

#[cfg(feature = "z3")]
pub(super) use with::Reasoner;
