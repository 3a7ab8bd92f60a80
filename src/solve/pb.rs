//! The whole formula by cutting planes: what [`Backend::Pb`](super::Backend::Pb) does in place of the engine.

use std::io::Write;

use super::{Backend, Choice, Last, Level, Outcome, SolveError, Solver};
use crate::budget::{Budget, Stop};
use crate::error::OutOfMemory;
use crate::formula::lower::{LowerError, Lowering, Target as _};
use crate::formula::{Condition, ConstraintId, Formula, opb};
use crate::pb::{Answer, Conclusion, Engine, Proof, of};
use crate::sat::SatError;

const UNWRITTEN: &str =
    "a proof of VeriPB is about a formula in OPB, which has no words for parities, numbers and sums of them";

/// Constraints between two looks at the budget while loading.
const LOOK: u64 = 1024;

const UNMADE: SolveError = SolveError::State("the backend was not made");

/// The engine, and what it has been given.
#[derive(Debug, Default)]
pub(super) struct Reasoner {
    pub engine: Option<Engine>,
    lowering: Lowering,
    /// By variable of the formula: that of the engine, which has others in between.
    variables: Vec<i32>,
    /// Constraints of the snapshot, and of what was added to it.
    loaded: [u64; 2],
}

impl Reasoner {
    pub fn bytes(&self) -> u64 {
        self.engine.as_ref().map_or(0, Engine::bytes) + self.lowering.bytes()
    }

    pub fn conflicts(&self) -> u64 {
        self.engine.as_ref().map_or(0, Engine::conflicts)
    }

    /// Literals of the engine.
    pub fn literals(&self, literals: &[i32]) -> Vec<u32> {
        literals.iter().map(|&l| self.literal(l)).collect()
    }

    pub fn literal(&self, literal: i32) -> u32 {
        of(self.variables[literal.unsigned_abs() as usize - 1] * literal.signum())
    }

    /// What a model of the engine is for the formula.
    pub fn model(&self, holds: impl Fn(i32) -> bool + Copy) -> (Vec<i8>, Vec<f64>) {
        let model = self.variables.iter().map(|&v| if holds(v) { 1 } else { -1 }).collect();
        let numbers = 0..self.lowering.num_numbers();
        (model, numbers.map(|number| self.lowering.value(number, holds) as f64).collect())
    }

    /// The assumptions that are among those that failed, each once.
    pub fn core(&self, assumptions: &[i32], failed: &[u32]) -> Vec<i32> {
        let mut core: Vec<i32> = Vec::new();
        for &literal in assumptions {
            if failed.contains(&self.literal(literal)) && !core.contains(&literal) {
                core.push(literal);
            }
        }
        core
    }

    /// All of the proof so far is written, if there is one, and maybe its end.
    pub fn prove(&mut self, conclusion: Option<Conclusion>) -> Result<(), SatError> {
        let Some(proof) = self.engine.as_mut().and_then(Engine::proof) else { return Ok(()) };
        if let Some(conclusion) = conclusion {
            proof.conclude(conclusion);
        }
        proof.flush().map_err(SatError::Proof)
    }

    fn set_phase(&mut self, literal: i32) {
        let literal = self.literal(literal);
        if let Some(engine) = &mut self.engine {
            engine.set_phase(literal);
        }
    }

    /// A new engine for a formula whose proof goes to a writer, as far as OPB has words for it.
    fn load_proved(
        &mut self,
        formulas: [&Formula; 2],
        has_goal: bool,
        writer: Box<dyn Write + Send>,
        budget: &Budget,
    ) -> Result<(), SolveError> {
        let all = formulas[1];
        let sums = formulas.iter().flat_map(|f| f.cardinalities().iter().chain(f.pseudo_booleans().iter()));
        let twice = sums.filter(|sum| matches!(sum.condition, Condition::Reified(_))).count();
        let rows = formulas.iter().map(|f| f.num_constraints()).sum::<u64>() + twice as u64;
        let mut engine = Engine::new(budget.seed());
        engine.set_proof(Proof::new(writer, rows, has_goal));
        engine.reserve(all.num_vars() as usize).map_err(SolveError::Memory)?;
        engine.ensure(all.num_vars() as usize);
        let mut number = 1;
        for (formula, loaded) in formulas.into_iter().zip(&mut self.loaded) {
            for constraint in formula.constraints() {
                number += engine.add_written(constraint, number).ok_or(SolveError::State(UNWRITTEN))?;
                *loaded += 1;
            }
        }
        self.variables = (1..=all.num_vars() as i32).collect();
        self.engine = Some(engine);
        Ok(())
    }

    /// Gives the engine what it does not have yet.
    fn load(&mut self, formulas: [&Formula; 2], budget: &Budget) -> Result<(), LowerError> {
        let engine = self.engine.get_or_insert_with(|| Engine::new(budget.seed()));
        engine.restart();
        let all = formulas[1];
        let more = all.num_vars() as usize - self.variables.len();
        self.variables.try_reserve(more).map_err(|_| OutOfMemory::Allocator { bytes: 4 * more as u64 })?;
        engine.reserve(more)?;
        while self.variables.len() < all.num_vars() as usize {
            self.variables.push(engine.fresh()?);
        }
        self.lowering.set_memory_limit(budget.memory().saturating_sub(engine.bytes()));
        for &domain in &all.domains()[self.lowering.num_numbers() as usize..] {
            budget.check()?;
            self.lowering.number(domain, engine)?;
        }
        let mut first = 0;
        for (formula, loaded) in formulas.into_iter().zip(&mut self.loaded) {
            while *loaded < formula.num_constraints() {
                if loaded.is_multiple_of(LOOK) {
                    budget.check()?;
                    let (bytes, limit) = (engine.bytes(), budget.memory());
                    if bytes > limit {
                        return Err(OutOfMemory::Limit { bytes, limit }.into());
                    }
                }
                let Some(constraint) = formula.constraint(ConstraintId(*loaded)) else { break };
                let (id, map) = (ConstraintId(first + *loaded), |l: i32| {
                    self.variables[l.unsigned_abs() as usize - 1] * l.signum()
                });
                self.lowering.add(constraint, id, map, engine)?;
                *loaded += 1;
            }
            first += formula.num_constraints();
        }
        Ok(())
    }
}

impl Solver {
    /// [`Solver::solve`], whose assumptions are known variables.
    pub(super) fn solve_by_pb(&mut self, assumptions: &[i32], budget: &Budget) -> Result<Outcome, SolveError> {
        if let Some(stop) = self.load_pb(budget)? {
            return Ok(self.unknown(stop));
        }
        let asked = self.pb.literals(assumptions);
        let Some(engine) = &mut self.pb.engine else { return Err(UNMADE) };
        let answer = engine.solve(&asked, budget);
        self.log.say(Level::Info, || {
            let (conflicts, seconds) = (engine.conflicts(), budget.elapsed().as_secs_f64());
            format!("{answer:?} after {conflicts} conflicts in all, {seconds:.3} s")
        });
        let is_refuted = answer == Answer::Unsat(Vec::new());
        self.pb.prove(is_refuted.then_some(Conclusion::Unsat))?;
        match answer {
            Answer::Sat => {
                self.keep_pb_model(assumptions)?;
                Ok(Outcome::Sat)
            }
            Answer::Unsat(failed) => {
                self.last = Last::Unsat(self.pb.core(assumptions, &failed));
                Ok(Outcome::Unsat)
            }
            Answer::Unknown(stop) => Ok(self.unknown(stop)),
            Answer::Memory(short) => Err(SolveError::Memory(short)),
        }
    }

    /// Gives the engine of cutting planes what it does not have yet.
    pub(super) fn load_pb(&mut self, budget: &Budget) -> Result<Option<Stop>, SolveError> {
        if self.choice.is_none() && self.backend == Backend::Pb {
            self.choice = Some(Choice::make(self.backend, false, [&*self.snapshot, &self.added]));
        }
        let formulas = [&*self.snapshot, &self.added];
        if self.proof.format().is_some() && formulas.iter().any(|f| !opb::has_words_for(f)) {
            return Err(SolveError::State(UNWRITTEN));
        }
        if let super::Proof::Wanted(format, writer) = std::mem::replace(&mut self.proof, super::Proof::None) {
            self.proof = super::Proof::Running(format);
            let has_goal = formulas[0].objective().is_some();
            self.pb.load_proved(formulas, has_goal, writer, budget)?;
        }
        match self.pb.load(formulas, budget) {
            Ok(()) => {}
            Err(LowerError::Stop(stop)) => return Ok(Some(stop)),
            Err(LowerError::Memory(short)) => return Err(SolveError::Memory(short)),
            Err(why) => return Err(SolveError::Lower(why)),
        }
        for literal in std::mem::take(&mut self.phases) {
            self.pb.set_phase(literal);
        }
        Ok(None)
    }

    /// The engine's model, checked, is that of the last search.
    pub(super) fn keep_pb_model(&mut self, assumptions: &[i32]) -> Result<(), SolveError> {
        let Some(engine) = &self.pb.engine else { return Err(UNMADE) };
        let (model, numbers) = self.pb.model(|l| engine.value(of(l)));
        self.verify(&model, &numbers, assumptions)?;
        self.last = Last::Sat { model, numbers, exact: Vec::new() };
        Ok(())
    }
}
