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
    /// A search for each.
    Cubes(Box<Cubes>),
}

/// Members from a solver that only answers questions. The values of [`Encoding::support`] so far are a way through a
/// binary tree; the next member is looked for where the way turns off for the last time to a side that was not looked
/// at yet. A core ends the way where it is already without hope. Nothing is added to the solver, so that the next
/// question is no harder than the last one: clauses that exclude what was found, as in the paper, make it slower with
/// each of them (16,142 members by Z3 in `benches/architectures.rs`).
#[derive(Debug)]
struct Cubes {
    solver: Solver,
    /// Literals, and whether the other side of each is still to be looked at. Members that are still to be told satisfy
    /// all of them, or all before an open one and not that.
    way: Vec<(i32, bool)>,
    done: bool,
}

impl<'a> Listed<'a> {
    /// For the formula of `encoding` as it is now. Backends without enumeration, Z3 among them, are asked for each member
    /// anew.
    pub fn new(encoding: &'a Encoding, backend: Backend) -> Result<Self, SearchError> {
        let formula = Arc::new(encoding.formula().try_clone()?);
        let by = match backend {
            Backend::Z3 | Backend::Milp | Backend::Pb => {
                let mut solver = Solver::new(formula)?;
                solver.set_backend(backend)?;
                By::Cubes(Box::new(Cubes { solver, way: Vec::new(), done: false }))
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
            By::Engine(enumerator) => match enumerator.next(budget)? {
                solve::Step::Model => Ok(Found::Member(self.encoding.member(enumerator.model()?)?)),
                solve::Step::Complete => Ok(Found::Exhausted),
                solve::Step::Unknown(stop) => Ok(Found::Unknown(stop)),
            },
            By::Cubes(cubes) => cubes.next(self.encoding, budget),
        }
    }
}

impl Cubes {
    fn next(&mut self, encoding: &Encoding, budget: &Budget) -> Result<Found, SearchError> {
        while !self.done {
            let literals: Vec<i32> = self.way.iter().map(|&(literal, _)| literal).collect();
            match self.solver.solve(&literals, budget)? {
                Outcome::Unknown(stop) => return Ok(Found::Unknown(stop)),
                Outcome::Unsat => {
                    let core = self.solver.core()?;
                    let last = literals.iter().rposition(|literal| core.contains(literal));
                    self.way.truncate(last.map_or(0, |last| last + 1));
                    self.turn();
                }
                Outcome::Sat => {
                    let model = self.solver.model()?;
                    let member = encoding.member(model)?;
                    for &variable in &encoding.support()[self.way.len()..] {
                        let variable = variable.cast_signed();
                        let literal = if model[variable as usize - 1] > 0 { variable } else { -variable };
                        self.way.push((literal, true));
                    }
                    self.turn();
                    return Ok(Found::Member(member));
                }
            }
        }
        Ok(Found::Exhausted)
    }

    /// Leaves the way's end, where nothing is left, for the last side that is still to be looked at.
    fn turn(&mut self) {
        while let Some((literal, open)) = self.way.pop() {
            if open {
                self.way.push((-literal, false));
                return;
            }
        }
        self.done = true;
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
