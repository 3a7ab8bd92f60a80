//! Clause learning and cutting planes by turns, where nothing else is asked for and there are sums.
//!
//! Which of the two is better no feature of the formula tells: on published binarized networks each beats the other by a
//! hundred times and more (`benches/pb.rs`). So each has so many conflicts, then the other as many, then twice as many: the
//! cost is at most about twice that of the better one, and both keep what they have learned. Turns are counted in conflicts, so
//! that the same call gives the same run.

use super::{Outcome, SolveError, Solver};
use crate::budget::{Budget, Stop};
use crate::formula::Domain;
use crate::sat::Answer;
use crate::solve::Backend;
use crate::solve::log::Level;

/// Conflicts of the first turn.
const FIRST: u64 = 100;

/// Nobody sees the last one.
const ROUNDS: u32 = 50;

impl Solver {
    /// Whether cutting planes have turns: they know neither propagators of a host nor reals, and have no options.
    fn takes_turns(&self) -> bool {
        let formulas = [&*self.snapshot, &self.added];
        self.backend == Backend::Auto
            && self.options.is_empty()
            && self.hosts.is_empty()
            && formulas.iter().any(|f| f.cardinalities().len() + f.pseudo_booleans().len() > 0)
            && !self.added.domains().iter().any(|domain| matches!(domain, Domain::Real { .. }))
            && !self.planes_left_out
    }

    /// The engine's answer, or that of cutting planes, which is kept already.
    pub(super) fn search_by_turns(
        &mut self,
        assumptions: &[i32],
        budget: &Budget,
    ) -> Result<Result<Answer, Outcome>, SolveError> {
        for round in 0..ROUNDS {
            if !self.takes_turns() {
                break;
            }
            let conflicts = FIRST << round;
            let turn = budget.turn(conflicts, self.pb.bytes());
            let answer = self.search(assumptions, &turn)?;
            budget.absorb(&turn);
            if answer != Answer::Unknown(Stop::Conflicts) || budget.conflicts_left() == Some(0) {
                return Ok(Ok(answer));
            }
            let held = self.engine.as_ref().map_or(0, crate::sat::Cadical::bytes);
            let turn = budget.turn(conflicts, held);
            let outcome = self.solve_by_pb(assumptions, &turn);
            budget.absorb(&turn);
            match outcome {
                Ok(Outcome::Unknown(Stop::Conflicts)) if budget.conflicts_left() != Some(0) => {}
                Ok(outcome) => return Ok(Err(outcome)),
                Err(why @ (SolveError::Memory(_) | SolveError::Lower(_))) => {
                    self.log.say(Level::Info, || format!("cutting planes are left out from here on: {why}"));
                    (self.pb, self.planes_left_out) = (super::pb::Reasoner::default(), true);
                }
                Err(why) => return Err(why),
            }
        }
        self.search(assumptions, budget).map(Ok)
    }
}
