//! An exact counter of one formula: encoded, made smaller, ordered, searched.

use std::sync::Arc;

use num_bigint::BigUint;

use super::cache::Cache;
use super::components::{Components, Graph};
use super::draws::{Plan, Source, Trace};
use super::engine::{Engine, filled};
use super::literal::Lit;
use super::search::Search;
use super::simplify::{Problem, Value, go_on};
use super::trace::Recorder;
use super::{CountError, decompose, defined};
use crate::budget::{Budget, Stop};
use crate::error::OutOfMemory;
use crate::formula::lower::LowerError;
use crate::formula::{Formula, FormulaError, cnf};

/// How often a step that only helps is begun when budgets end it.
const ATTEMPTS: u32 = 3;

/// How to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Bytes that counts of components may take. Where there are more, those that were not used for longest are dropped.
    pub cache: u64,
    /// Bytes that a trace may take, for draws; none is kept where it is `None`. Where it would be larger counting fails.
    pub trace: Option<u64>,
    /// Whether the formula is made smaller first, and variables that the projection determines are counted too. Hardly anything
    /// is faster without.
    pub simplify: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { cache: 1 << 30, trace: None, simplify: true }
    }
}

/// What counting took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Variables decided.
    pub decisions: u64,
    /// Branches without models that were learnt from.
    pub conflicts: u64,
    /// Literals propagated.
    pub propagations: u64,
    /// Components that were counted.
    pub components: u64,
    /// Components without counted variables that were looked at.
    pub searches: u64,
    /// Components whose count was known.
    pub cache_hits: u64,
    /// Counts that are kept, ...
    pub cache_entries: u64,
    /// ... and bytes that they take; ...
    pub cache_bytes: u64,
    /// ... and how many were dropped for want of room.
    pub cache_dropped: u64,
    /// Bytes of the trace.
    pub trace_bytes: u64,
}

/// Counts the models of a formula exactly, projected on some of its variables.
#[derive(Debug)]
pub struct Exact {
    formula: Arc<Formula>,
    options: Options,
    /// Where it is not what the formula says.
    projection: Option<Vec<u32>>,
    state: State,
    statistics: Statistics,
}

#[derive(Debug)]
enum State {
    New,
    Preparing(Box<Preparing>),
    Counting(Box<Search>, Plan),
    Done(BigUint, Option<Trace>),
}

/// Steps before the search, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Simplify,
    Determine,
    Eliminate,
    Order,
    Search,
}

#[derive(Debug)]
struct Preparing {
    problem: Problem,
    projection: Vec<u32>,
    stage: Stage,
    /// How often this stage was begun.
    attempts: u32,
}

impl Exact {
    /// For `formula` as it is now; projected on its sampling set, or where it has none on all of its variables and numbers.
    ///
    /// # Errors
    ///
    /// None yet: what cannot be counted is found out by [`Exact::run`].
    pub fn new(formula: impl Into<Arc<Formula>>, options: &Options) -> Result<Self, CountError> {
        let (formula, options) = (formula.into(), *options);
        Ok(Exact { formula, options, projection: None, state: State::New, statistics: Statistics::default() })
    }

    /// Projects on these variables, whatever the formula says; one that is named twice counts once.
    ///
    /// # Errors
    ///
    /// One that the formula does not have; counting has begun.
    pub fn set_projection(&mut self, variables: &[u32]) -> Result<(), CountError> {
        if !matches!(self.state, State::New) {
            return Err(CountError::Begun);
        }
        let num_vars = self.formula.num_vars();
        if let Some(&variable) = variables.iter().find(|&&variable| variable == 0 || variable > num_vars) {
            return Err(FormulaError::Variable { variable, num_vars }.into());
        }
        self.projection = Some(variables.to_vec());
        Ok(())
    }

    /// Goes on until the number is known, or the budget ends: then the next call goes on from there. One unit of work is about a
    /// decision or a conflict. Where the budget's memory is less than that of the cache, the cache gets what is left of it.
    ///
    /// # Errors
    ///
    /// Constraints that have no clauses, no memory, a trace larger than it may be.
    pub fn run(&mut self, budget: &Budget) -> Result<Result<BigUint, Stop>, CountError> {
        if let State::New = self.state {
            self.state = State::Preparing(Box::new(go_on!(self.encode(budget)?)));
        }
        if let State::Preparing(preparing) = &mut self.state {
            self.state = match go_on!(preparing.run(&self.options, budget)?) {
                Some((search, plan)) => State::Counting(Box::new(search), plan),
                None => State::Done(BigUint::ZERO, None),
            };
        }
        if let State::Counting(search, plan) = &mut self.state {
            let conflicts = search.engine.conflicts;
            let outcome = search.run(budget);
            budget.spend_conflicts(search.engine.conflicts - conflicts);
            self.statistics = search.statistics();
            let count = go_on!(outcome?).to_big() << plan.free;
            let recorder = search.recorder.take().filter(|_| count != BigUint::ZERO);
            let trace = match recorder {
                Some(recorder) => Some(Trace::new(recorder.finish()?, std::mem::take(plan), count.clone())),
                None => None,
            };
            self.state = State::Done(count, trace);
        }
        match &self.state {
            State::Done(count, _) => Ok(Ok(count.clone())),
            _ => Ok(Err(Stop::Incomplete)),
        }
    }

    /// What it took so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.statistics
    }

    /// A trace to draw from, once the number is known and not 0.
    ///
    /// # Errors
    ///
    /// None was kept, the number is not known yet, or there are no models.
    pub fn trace(&self) -> Result<Trace, CountError> {
        match &self.state {
            State::Done(_, Some(trace)) => Ok(trace.clone()),
            _ if self.options.trace.is_none() => Err(CountError::NoTrace("none was to be kept")),
            State::Done(count, _) if *count == BigUint::ZERO => Err(CountError::NoTrace("the formula has no models")),
            State::Done(..) => Err(CountError::NoTrace("there was no memory for its end")),
            _ => Err(CountError::NoTrace("the number is not known yet")),
        }
    }

    fn encode(&self, budget: &Budget) -> Result<Result<Preparing, Stop>, CountError> {
        let encoded = match cnf::encode(&self.formula, &cnf::Options::default(), budget) {
            Ok(encoded) => encoded,
            Err(LowerError::Stop(stop)) => return Ok(Err(stop)),
            Err(LowerError::Memory(short)) => return Err(short.into()),
            Err(other) => return Err(CountError::Lower(other)),
        };
        let formula = encoded.formula();
        let variables = formula.num_vars() as usize;
        // What the tables of all steps take together, about.
        let bytes = 64 * formula.clauses().num_literals() as u64 + 256 * variables as u64;
        if bytes > budget.memory() {
            return Err(OutOfMemory::Limit { bytes, limit: budget.memory() }.into());
        }
        let projection = match (&self.projection, formula.sampling_set()) {
            (Some(set), _) => set.clone(),
            (None, Some(set)) => set.to_vec(),
            (None, None) => (1..=formula.num_vars()).collect(),
        };
        let mut kept = filled(variables, false)?;
        projection.iter().for_each(|&variable| kept[variable as usize - 1] = true);
        let literals = |clause: &[i32]| clause.iter().map(|&l| Lit::from_dimacs(l)).collect::<Vec<Lit>>();
        let mut clauses = Vec::new();
        let short = |_| OutOfMemory::Allocator { bytes: 24 * formula.clauses().len() as u64 };
        clauses.try_reserve_exact(formula.clauses().len()).map_err(short)?;
        clauses.extend(formula.clauses().iter().map(literals));
        let problem = Problem::new(clauses, kept)?;
        let stage = if self.options.simplify { Stage::Simplify } else { Stage::Order };
        Ok(Ok(Preparing { problem, projection, stage, attempts: 0 }))
    }
}

impl Preparing {
    /// Goes through the stages. Those that only help are given up where budgets end them too often. None: a contradiction.
    fn run(&mut self, options: &Options, budget: &Budget) -> Result<Result<Option<(Search, Plan)>, Stop>, CountError> {
        let mut order = None;
        while self.stage < Stage::Search {
            if self.problem.contradiction {
                return Ok(Ok(None));
            }
            let next = match self.stage {
                Stage::Simplify => Stage::Determine,
                Stage::Determine => Stage::Eliminate,
                Stage::Eliminate => Stage::Order,
                Stage::Order | Stage::Search => Stage::Search,
            };
            self.attempts += 1;
            if self.attempts <= ATTEMPTS {
                match self.stage {
                    Stage::Simplify => go_on!(self.problem.simplify(false, budget)?),
                    Stage::Determine => go_on!(defined::determine(&mut self.problem, budget)?),
                    Stage::Eliminate => go_on!(self.problem.simplify(true, budget)?),
                    Stage::Order | Stage::Search => {
                        order = go_on!(decompose::order(&self.problem.clauses, &self.problem.determined, budget)?);
                    }
                }
            }
            (self.stage, self.attempts) = (next, 0);
        }
        if self.problem.contradiction {
            return Ok(Ok(None));
        }
        Ok(Ok(self.search(order.as_deref(), options)?))
    }

    /// The search over what is left of the problem. None where it is a contradiction.
    fn search(&mut self, bonus: Option<&[f64]>, options: &Options) -> Result<Option<(Search, Plan)>, CountError> {
        let problem = &mut self.problem;
        let variables = problem.kept.len();
        // Without gaps.
        let mut number = filled(variables, u32::MAX)?;
        problem.clauses.iter().flatten().for_each(|literal| number[literal.var()] = 0);
        let (mut counted, mut scores) = (Vec::new(), Vec::new());
        for (variable, number) in number.iter_mut().enumerate().filter(|(_, number)| **number == 0) {
            *number = counted.len() as u32;
            counted.push(problem.determined[variable]);
            scores.push(bonus.map_or(0.0, |bonus| bonus[variable]));
        }
        let mut plan = Plan { projection: std::mem::take(&mut self.projection), ..Plan::default() };
        plan.counted = counted.len() as u32;
        let mut free = filled(variables, u32::MAX)?;
        for &variable in &plan.projection {
            plan.sources.push(match problem.resolve(Lit::new(variable - 1, true)) {
                Value::Fixed(value) => Source::Fixed(value),
                Value::Literal(literal) if number[literal.var()] == u32::MAX => {
                    let place = &mut free[literal.var()];
                    if *place == u32::MAX {
                        *place = plan.free;
                        plan.free += 1;
                    }
                    Source::Free(Lit::new(*place, literal.is_positive()))
                }
                Value::Literal(literal) => Source::Counted(Lit::new(number[literal.var()], literal.is_positive())),
            });
        }
        for literal in problem.clauses.iter_mut().flatten() {
            *literal = Lit::new(number[literal.var()], literal.is_positive());
        }
        let mut engine = Engine::new(counted.len())?;
        for clause in &problem.clauses {
            if !engine.add(clause)? {
                return Ok(None);
            }
        }
        let components = Components::new(Graph::new(counted.len(), &problem.clauses)?, counted)?;
        let recorder = options.trace.map(Recorder::new);
        Ok(Some((Search::new(engine, components, Cache::new(options.cache), recorder, scores), plan)))
    }
}
