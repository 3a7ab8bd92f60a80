//! Members found by search in the space's formula: one after the other in the order that a solver finds them, or drawn
//! at random.
//!
//! | name in paper 000 | here |
//! |---|---|
//! | All, Limited-M | [`Listed`]: with Z3, as there, or by the engine |
//! | Limited_Uniform-M | [`Sampled`] with [`Method::UniWit`](crate::sample::Method::UniWit), or a method with a guarantee |
//!
//! Parities are drawn over [`Encoding::support`]: no two members agree on it, so what holds of the models of a formula
//! holds of the members.

use std::sync::Arc;

use super::{ArchError, Encoding, Member};
use crate::budget::{Budget, Stop};
use crate::formula::FormulaError;
use crate::sample::{Options, SampleError, Sampler, Statistics};
use crate::solve::{Backend, Enumerator, Outcome, SolveError, Solver};
use crate::{sample, solve};

/// Why a search failed.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The space refused.
    #[error(transparent)]
    Arch(#[from] ArchError),
    /// The solver did.
    #[error(transparent)]
    Solve(#[from] SolveError),
    /// The sampler did.
    #[error(transparent)]
    Sample(#[from] SampleError),
}

impl From<FormulaError> for SearchError {
    fn from(error: FormulaError) -> Self {
        SearchError::Arch(error.into())
    }
}

/// What a call came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A member.
    Member(Member),
    /// A draw failed, as it may. The next call draws anew.
    Failed,
    /// There are no others; or none at all.
    Exhausted,
    /// The budget ended the call. The next call goes on.
    Unknown(Stop),
}

/// Members in the order in which a solver finds them, each once.
#[derive(Debug)]
pub struct Listed<'a> {
    encoding: &'a Encoding,
    by: By,
}

#[derive(Debug)]
enum By {
    /// One search through all of them.
    Engine(Box<Enumerator>),
    /// A search for each, with those before excluded by clauses.
    Blocking(Box<Solver>),
    /// As before, after the last one.
    Done,
}

impl<'a> Listed<'a> {
    /// For the formula of `encoding` as it is now. Backends without enumeration, Z3 among them, are asked again and
    /// again.
    pub fn new(encoding: &'a Encoding, backend: Backend) -> Result<Self, SearchError> {
        let formula = Arc::new(encoding.formula().try_clone()?);
        let by = match backend {
            Backend::Z3 | Backend::Milp => {
                let mut solver = Solver::new(formula)?;
                solver.set_backend(backend)?;
                By::Blocking(Box::new(solver))
            }
            _ => {
                let mut enumerator = Enumerator::new(formula)?;
                enumerator.solver_mut()?.set_backend(backend)?;
                By::Engine(Box::new(enumerator))
            }
        };
        Ok(Listed { encoding, by })
    }

    /// The next member.
    pub fn next(&mut self, budget: &Budget) -> Result<Found, SearchError> {
        match &mut self.by {
            By::Done => Ok(Found::Exhausted),
            By::Engine(enumerator) => match enumerator.next(budget)? {
                solve::Step::Model => Ok(Found::Member(self.encoding.member(enumerator.model()?)?)),
                solve::Step::Complete => Ok(Found::Exhausted),
                solve::Step::Unknown(stop) => Ok(Found::Unknown(stop)),
            },
            By::Blocking(solver) => match solver.solve(&[], budget)? {
                Outcome::Unknown(stop) => Ok(Found::Unknown(stop)),
                Outcome::Unsat => {
                    self.by = By::Done;
                    Ok(Found::Exhausted)
                }
                Outcome::Sat => {
                    let member = self.encoding.member(solver.model()?)?;
                    let bits = self.encoding.layout().bits(&member);
                    let other = |(bit, variable): (bool, i32)| if bit { -variable } else { variable };
                    let clause: Vec<i32> = bits.into_iter().zip(1..).map(other).collect();
                    solver.add_clause(&clause)?;
                    Ok(Found::Member(member))
                }
            },
        }
    }
}

/// Members drawn at random, by parities that cut the space into cells.
#[derive(Debug)]
pub struct Sampled<'a> {
    encoding: &'a Encoding,
    sampler: Sampler,
}

impl<'a> Sampled<'a> {
    /// For the formula of `encoding` as it is now. The same formula, options and seed give the same members.
    pub fn new(encoding: &'a Encoding, options: &Options, seed: u64) -> Result<Self, SearchError> {
        let mut formula = encoding.formula().try_clone()?;
        formula.set_sampling_set(Some(encoding.support()))?;
        Ok(Sampled { encoding, sampler: Sampler::new(Arc::new(formula), options, seed)? })
    }

    /// Draws the next member.
    pub fn next(&mut self, budget: &Budget) -> Result<Found, SearchError> {
        match self.sampler.next(budget)? {
            sample::Step::Sample => {
                let mut values = vec![false; self.encoding.support().len()];
                // Both are in the order of variables.
                for (value, literal) in values.iter_mut().zip(self.sampler.literals()?) {
                    *value = literal > 0;
                }
                Ok(Found::Member(self.encoding.member_of_support(&values)?))
            }
            sample::Step::Failed => Ok(Found::Failed),
            sample::Step::Exhausted => Ok(Found::Exhausted),
            sample::Step::Unknown(stop) => Ok(Found::Unknown(stop)),
        }
    }

    /// What the sampler did so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.sampler.statistics()
    }
}
