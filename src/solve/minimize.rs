//! The least value of a formula's objective, by cutting planes.

use super::verified::verify;
use super::{Backend, Last, Level, SolveError, Solver};
use crate::budget::{Budget, Phase, Progress, Stop};
use crate::formula::Objective;
use crate::pb::{Conclusion, Goal, Known, Least, Way, of};

/// How a call of [`Solver::minimize`] ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Minimum {
    /// No model is better than [`Solver::model`].
    Optimum,
    /// The budget ended the call. [`Solver::model`] is the best one so far; there may be better ones.
    Sat(Stop),
    /// There is no model under the assumptions; [`Solver::core`] tells which of them matter.
    Unsat,
    /// The budget ended the call before there was a model.
    Unknown(Stop),
}

/// What is known of an objective's least value under the assumptions of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// That of the best model so far.
    pub value: Option<i64>,
    /// No model is less.
    pub bound: i64,
}

/// What the last minimization left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Left {
    pub bounds: Bounds,
    pub stop: Option<Stop>,
}

/// Values of an objective, whose weights and offset add up to less than 2^63.
fn bounds(known: Known) -> Bounds {
    Bounds { value: known.value.map(|value| value as i64), bound: known.bound as i64 }
}

impl Solver {
    /// Sets what [`Solver::minimize`] makes least in place of the formula's objective, as [`Formula::set_objective`] does.
    ///
    /// [`Formula::set_objective`]: crate::formula::Formula::set_objective
    pub fn set_objective(&mut self, literals: &[i32], weights: &[i64], offset: i64) -> Result<(), SolveError> {
        self.may_add()?;
        for (index, &literal) in literals.iter().enumerate() {
            self.known(literal, index)?;
        }
        self.added.set_objective(literals, weights, offset)?;
        self.forget();
        Ok(())
    }

    /// What is made least: what was set here, or else the formula's.
    #[must_use]
    pub fn objective(&self) -> Option<&Objective> {
        self.added.objective().or_else(|| self.snapshot.objective())
    }

    /// Looks for the model under `assumptions` with the least value of the objective, which is 0 where there is none. Each time
    /// that a better model or bound is found, `told` is called with both, and so is the budget's progress
    /// ([`Phase::Minimize`]), at once; bounds only grow and values only fall. Every model has been checked before.
    ///
    /// By cutting planes, whether the backend is [`Backend::Pb`] or [`Backend::Auto`]; the others cannot. Models from above and
    /// cores from below take turns. The budget is that of [`Solver::solve`]; a call that it ended starts anew when it is made
    /// again, but for what was learned. With a proof of VeriPB nothing can be assumed and the formula's own objective counts;
    /// the proof ends with the optimum, and cores are left out.
    pub fn minimize(
        &mut self,
        assumptions: &[i32],
        budget: &Budget,
        told: &mut dyn FnMut(Bounds),
    ) -> Result<Minimum, SolveError> {
        for (index, &literal) in assumptions.iter().enumerate() {
            self.known(literal, index)?;
        }
        self.can_minimize(assumptions)?;
        self.forget();
        self.solves += 1;
        if let Err(stop) = budget.check() {
            return Ok(self.cut(stop, None));
        }
        if let Some(stop) = self.load_pb(budget)? {
            return Ok(self.cut(stop, None));
        }
        let formulas = [&*self.snapshot, &self.added];
        let objective = self.added.objective().or_else(|| self.snapshot.objective());
        let goal = objective.map_or_else(Goal::default, |objective| {
            Goal::new(objective.terms().map(|(weight, l)| (weight, self.pb.literal(l))), objective.offset())
        });
        let asked = self.pb.literals(assumptions);
        let Some(mut engine) = self.pb.engine.take() else { return Ok(self.cut(Stop::Incomplete, None)) };
        let (reasoner, log, mut wrong) = (&self.pb, &mut self.log, None);
        let mut tell = |known: Known, model: Option<&[bool]>| {
            if let Some(model) = model {
                let holds = |l: i32| model[(of(l) >> 1) as usize] == (l > 0);
                let (model, numbers) = reasoner.model(holds);
                let value = objective.map_or(0, |objective| objective.value(&model));
                let checked = verify(formulas, &model, &numbers, assumptions);
                let is_value = known.value == Some(value.into());
                let found =
                    checked.and(if is_value { Ok(()) } else { Err(SolveError::WrongModel("its value".into())) });
                wrong = wrong.take().or(found.err());
            }
            if wrong.is_some() {
                return Err(Stop::Incomplete);
            }
            log.say(Level::Info, || format!("{known:?}"));
            let known = bounds(known);
            told(known);
            let (value, least) = (known.value.unwrap_or(i64::MAX), known.bound);
            budget.tell(Progress { value, least, ..Progress::at(Phase::Minimize) })
        };
        let (least, known) = engine.minimize(&goal, &asked, Way::Both, budget, &mut tell);
        self.pb.engine = Some(engine);
        if let Some(wrong) = wrong {
            return Err(wrong);
        }
        let known = bounds(known);
        self.pb.prove(match (&least, known.value) {
            (Least::Optimum, Some(value)) => Some(Conclusion::Optimum(value.into())),
            (Least::Unsat(_), _) => Some(Conclusion::Unsat),
            _ => None,
        })?;
        if known.value.is_some() {
            self.keep_pb_model(assumptions)?;
        }
        self.left = Some(Left { bounds: known, stop: None });
        match least {
            Least::Optimum => Ok(Minimum::Optimum),
            Least::Unsat(failed) => {
                self.last = Last::Unsat(self.pb.core(assumptions, &failed));
                Ok(Minimum::Unsat)
            }
            Least::Unknown(stop) => Ok(self.cut(stop, Some(known))),
            Least::Memory(short) => Err(SolveError::Memory(short)),
        }
    }

    /// What is known of the objective's least value after [`Solver::minimize`], until the solver is used otherwise.
    #[must_use]
    pub fn bounds(&self) -> Option<Bounds> {
        self.left.map(|left| left.bounds)
    }

    fn can_minimize(&self, assumptions: &[i32]) -> Result<(), SolveError> {
        if !matches!(self.backend, Backend::Auto | Backend::Pb) {
            return Err(SolveError::State("objectives are for the cutting planes backend, pb or auto"));
        }
        self.has_place(Backend::Pb)?;
        match self.proof.format() {
            Some(format) if !format.is_about_sums() => {
                Err(SolveError::State("a proof of a least value can be one of VeriPB only"))
            }
            Some(_) if !assumptions.is_empty() => {
                Err(SolveError::State("a proof of a least value has no place for assumptions"))
            }
            Some(_) if self.added.objective().is_some() => {
                Err(SolveError::State("a proof of a least value is about the formula's own objective"))
            }
            _ => Ok(()),
        }
    }

    fn cut(&mut self, stop: Stop, known: Option<Bounds>) -> Minimum {
        let value = known.and_then(|known| known.value);
        self.left = known.map(|bounds| Left { bounds, stop: Some(stop) });
        if value.is_some() {
            return Minimum::Sat(stop);
        }
        self.unknown(stop);
        Minimum::Unknown(stop)
    }
}
