//! What is known of the signs of a target's neurons, as clauses.
//!
//! Source: H. Duong, L. Li, T. Nguyen, M. Dwyer, "A DPLL(T) Framework for Verifying Deep Neural Networks" (NeuralSAT), 2023,
//! sections 4.1 and 4.3: literals are the signs of neurons, and a subproblem that bounds close gives a clause.
//!
//! A lemma says that no witness meets all of some splits ([`super::lemma`] finds them). The variable of a neuron is true where
//! it is at least 0, false where it is at most 0; at 0 it may be either. So every witness gives an assignment that satisfies all
//! lemmas, and meets the splits of any subproblem that it lies in: where the lemmas are unsatisfiable together with the
//! splits, the subproblem has no witness. That is left to the CDCL engine, under assumptions; where it was not built in, lemmas
//! are not learned.
//!
//! Operands of signs have no literals: their splits have three sides.

use std::sync::Arc;

use crate::bounds::Split;

#[cfg(all(test, feature = "cadical"))]
mod tests;

/// Lemmas of one target.
#[derive(Debug, Default)]
pub(crate) struct Clauses {
    /// Lemmas that were looked for, and found.
    sought: u64,
    found: u64,
    #[cfg(feature = "cadical")]
    engine: Option<engine::Engine>,
}

/// Longer lemmas hardly ever close anything.
pub(super) const LONGEST: usize = 24;

/// So many are kept: models are checked against all of them.
const MOST: u64 = 4096;

/// Of so many closed subproblems one must give a lemma, but for the first, or it is not worth it.
const ONE_OF: u64 = 8;
const FIRST: u64 = 32;

impl Clauses {
    /// Whether lemmas are to be looked for.
    pub(super) fn are_sought(&self) -> bool {
        cfg!(feature = "cadical") && self.found < MOST && self.sought <= FIRST + ONE_OF * self.found
    }

    /// Takes lemmas that so many subproblems gave. Answers how many of them are kept.
    #[cfg_attr(not(feature = "cadical"), expect(unused_variables, reason = "there is no engine to keep lemmas"))]
    pub(super) fn learn(&mut self, sought: usize, lemmas: &[Arc<[Split]>]) -> u64 {
        self.sought += sought as u64;
        let before = self.found;
        #[cfg(feature = "cadical")]
        for lemma in lemmas.iter().filter(|lemma| lemma.len() <= LONGEST) {
            self.found += u64::from(self.engine.get_or_insert_default().learn(lemma).is_ok());
        }
        self.found - before
    }

    /// Whether no witness meets all these splits.
    #[cfg_attr(not(feature = "cadical"), expect(unused_variables, reason = "there is no engine to keep lemmas"))]
    pub(super) fn exclude<'a>(&mut self, splits: impl IntoIterator<Item = &'a Split>) -> bool {
        #[cfg(feature = "cadical")]
        if let Some(engine) = &mut self.engine {
            // An engine that fails closes nothing.
            return engine.exclude(splits).unwrap_or(false);
        }
        false
    }
}

#[cfg(feature = "cadical")]
mod engine {
    use std::collections::HashMap;
    use std::sync::Arc;

    use crate::bounds::Split;
    use crate::budget::{Budget, Limits};
    use crate::formula::Formula;
    use crate::solve::{Outcome, SolveError, Solver};

    /// Where that many conflicts do not tell, bounds will.
    const CONFLICTS: u64 = 1000;

    /// Made when there is something to learn.
    #[derive(Debug, Default)]
    pub(super) struct Engine {
        solver: Option<Solver>,
        /// Of neurons that lemmas speak of.
        variables: HashMap<u32, i32>,
        assumptions: Vec<i32>,
    }

    fn literal(variable: i32, positive: bool) -> i32 {
        if positive { variable } else { -variable }
    }

    impl Engine {
        pub fn learn(&mut self, lemma: &[Split]) -> Result<(), SolveError> {
            if self.solver.is_none() {
                self.solver = Some(Solver::new(Arc::new(Formula::new()))?);
            }
            let Some(solver) = &mut self.solver else { return Ok(()) };
            let mut clause = Vec::with_capacity(lemma.len());
            for split in lemma {
                let variable = match self.variables.get(&split.neuron) {
                    Some(&variable) => variable,
                    None => {
                        let variable = solver.new_vars(1)?.cast_signed();
                        self.variables.insert(split.neuron, variable);
                        variable
                    }
                };
                clause.push(literal(variable, !split.positive));
            }
            solver.add_clause(&clause).map(|_| ())
        }

        pub fn exclude<'a>(&mut self, splits: impl IntoIterator<Item = &'a Split>) -> Result<bool, SolveError> {
            let Some(solver) = &mut self.solver else { return Ok(false) };
            let known = |split: &Split| Some(literal(*self.variables.get(&split.neuron)?, split.positive));
            self.assumptions.clear();
            self.assumptions.extend(splits.into_iter().filter_map(known));
            // A neuron that is 0 has both signs: either will do.
            self.assumptions.sort_unstable_by_key(|literal| literal.unsigned_abs());
            self.assumptions.dedup_by_key(|literal| literal.unsigned_abs());
            let budget = Budget::start(&Limits { conflicts: Some(CONFLICTS), ..Limits::default() });
            Ok(solver.solve(&self.assumptions, &budget)? == Outcome::Unsat)
        }
    }
}
