//! Models counted exactly, projected on some variables, and drawn exactly uniformly.
//!
//! | part | what it does |
//! |---|---|
//! | `literal`, `number` | literals as indices; numbers of models |
//! | `engine` | clauses, trail, propagation, learning |
//! | `satisfy` | whether variables have values: CDCL above the level at hand |
//! | `components` | what a formula falls apart into |
//! | `cache` | counts of components, found again |
//! | `search` | decisions, products over components, sums over branches |
//! | `trace` | the decision diagram that a search is, and draws from it |
//!
//! Sources: T. Sang, F. Bacchus, P. Beame, H. Kautz, T. Pitassi, "Combining Component Caching and Clause Learning for Effective
//! Model Counting", SAT 2004 (Cachet); T. Sang, P. Beame, H. Kautz, "Heuristics for Fast Exact Model Counting", SAT 2005;
//! M. Thurley, "sharpSAT: Counting Models with Advanced Component Caching and Implicit BCP", SAT 2006; R. A. Aziz, G. Chu,
//! C. Muise, P. Stuckey, "#∃SAT: Projected Model Counting", SAT 2015; S. Sharma, S. Roy, M. Soos, K. S. Meel, "GANAK: A
//! Scalable Probabilistic Exact Model Counter", IJCAI 2019, whose hashes of components may collide: here keys are compared.

mod cache;
mod components;
mod decompose;
mod defined;
mod engine;
mod error;
mod literal;
mod number;
mod satisfy;
mod search;
mod simplify;
mod trace;

use std::sync::Arc;

use num_bigint::BigUint;

pub use error::CountError;

use crate::budget::{Budget, Stop};
use crate::formula::lower::LowerError;
use crate::formula::{Formula, FormulaError, cnf};
use crate::instances::rng::Rng;
use cache::Cache;
use components::{Components, Graph};
use engine::Engine;
use literal::Lit;
use search::Search;
use simplify::{Problem, Value, go_on};
use trace::{Diagram, Recorder};

/// How to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Bytes that counts of components may take. Where there are more, those that were not used for longest are dropped.
    pub cache: u64,
    /// Bytes that a trace may take, for draws; none is kept where it is `None`. Where it would be larger counting fails.
    pub trace: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Options { cache: 1 << 30, trace: None }
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
    Counting { search: Box<Search>, plan: Plan },
    Done { count: BigUint, diagram: Option<(Diagram, Plan)> },
}

/// What becomes of the variables that are projected on.
#[derive(Debug)]
struct Plan {
    projection: Vec<u32>,
    sources: Vec<Source>,
    /// How many that no clause has.
    free: u32,
}

/// Where a variable's value comes from.
#[derive(Debug, Clone, Copy)]
enum Source {
    Fixed(bool),
    /// A literal of one of the free variables.
    Free(Lit),
    /// A literal that is counted.
    Counted(Lit),
}

impl Exact {
    /// For `formula` as it is now; projected on its sampling set, or where it has none on all of its variables and numbers.
    ///
    /// # Errors
    ///
    /// None yet.
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

    /// Goes on until the number is known, or the budget ends: then the next call goes on from there.
    ///
    /// # Errors
    ///
    /// Constraints that have no clauses, no memory, a trace larger than it may be.
    pub fn run(&mut self, budget: &Budget) -> Result<Result<BigUint, Stop>, CountError> {
        if let State::New = self.state {
            match self.prepare(budget)? {
                Ok(()) => {}
                Err(stop) => return Ok(Err(stop)),
            }
        }
        if let State::Counting { search, plan } = &mut self.state {
            let conflicts = search.engine.conflicts;
            let outcome = search.run(budget);
            budget.spend_conflicts(search.engine.conflicts - conflicts);
            self.statistics = statistics(search);
            let count = match outcome? {
                Ok(count) => count,
                Err(stop) => return Ok(Err(stop)),
            };
            let (recorder, free) = (search.recorder.take(), plan.free);
            let diagram = match recorder {
                Some(recorder) if !count.is_zero() => {
                    let plan = std::mem::replace(plan, Plan { projection: Vec::new(), sources: Vec::new(), free: 0 });
                    Some((recorder.finish()?, plan))
                }
                _ => None,
            };
            self.state = State::Done { count: count.to_big() << free, diagram };
        }
        match &self.state {
            State::Done { count, .. } => Ok(Ok(count.clone())),
            _ => Ok(Err(Stop::Incomplete)),
        }
    }

    /// What it took so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.statistics
    }

    fn prepare(&mut self, budget: &Budget) -> Result<Result<(), Stop>, CountError> {
        let encoded = match cnf::encode(&self.formula, &cnf::Options::default(), budget) {
            Ok(encoded) => encoded,
            Err(LowerError::Stop(stop)) => return Ok(Err(stop)),
            Err(LowerError::Memory(short)) => return Err(short.into()),
            Err(other) => return Err(CountError::Lower(other)),
        };
        let formula = encoded.formula();
        let variables = formula.num_vars();
        let projection = match (&self.projection, formula.sampling_set()) {
            (Some(set), _) => set.clone(),
            (None, Some(set)) => set.to_vec(),
            (None, None) => (1..=variables).collect(),
        };
        let mut kept = engine::filled(variables as usize, false)?;
        projection.iter().for_each(|&variable| kept[variable as usize - 1] = true);
        let clauses = formula.clauses().iter().map(|clause| clause.iter().map(|&l| Lit::from_dimacs(l)).collect());
        let mut problem = Problem::new(clauses.collect(), kept)?;
        go_on!(problem.simplify(budget)?);
        if problem.contradiction {
            self.state = State::Done { count: BigUint::ZERO, diagram: None };
            return Ok(Ok(()));
        }
        let determined = go_on!(defined::determined(&problem, budget)?);
        self.state = match go_on!(assemble(problem, &determined, projection, &self.options, budget)?) {
            Some((search, plan)) => State::Counting { search: Box::new(search), plan },
            None => State::Done { count: BigUint::ZERO, diagram: None },
        };
        Ok(Ok(()))
    }

    /// A trace to draw from, once the number is known and not 0.
    ///
    /// # Errors
    ///
    /// None was kept, the number is not known yet, or there are no models.
    pub fn trace(&mut self) -> Result<Trace, CountError> {
        if self.options.trace.is_none() {
            return Err(CountError::NoTrace("none was to be kept"));
        }
        let State::Done { count, diagram } = &mut self.state else {
            return Err(CountError::NoTrace("the number is not known yet"));
        };
        if *count == BigUint::ZERO {
            return Err(CountError::NoTrace("the formula has no models"));
        }
        let (diagram, plan) = diagram.take().ok_or(CountError::NoTrace("it has been taken"))?;
        Ok(Trace { diagram, plan, count: count.clone(), values: Vec::new(), free: Vec::new(), stack: Vec::new() })
    }
}

/// The search over what is left of a problem. None where it is a contradiction.
fn assemble(
    mut problem: Problem,
    determined: &[bool],
    projection: Vec<u32>,
    options: &Options,
    budget: &Budget,
) -> Result<Result<Option<(Search, Plan)>, Stop>, CountError> {
    // Variables without gaps.
    let mut number = engine::filled(determined.len(), u32::MAX)?;
    problem.clauses.iter().flatten().for_each(|literal| number[literal.var()] = 0);
    let mut counted = Vec::new();
    for (variable, number) in number.iter_mut().enumerate().filter(|(_, number)| **number == 0) {
        *number = counted.len() as u32;
        counted.push(determined[variable]);
    }
    let mut plan = Plan { projection, sources: Vec::new(), free: 0 };
    let mut free: Vec<u32> = engine::filled(determined.len(), u32::MAX)?;
    for &variable in &plan.projection {
        let source = match problem.resolve(Lit::new(variable - 1, true)) {
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
        };
        plan.sources.push(source);
    }
    for literal in problem.clauses.iter_mut().flatten() {
        *literal = Lit::new(number[literal.var()], literal.is_positive());
    }
    let mut engine = Engine::new(counted.len())?;
    for clause in &problem.clauses {
        if !engine.add(clause)? {
            return Ok(Ok(None));
        }
    }
    let order = go_on!(decompose::order(&problem.clauses, &counted, budget)?);
    let bonus = match order {
        Some(order) => order.depths.iter().map(|depth| -depth * order.weight).collect(),
        None => engine::filled(counted.len(), 0.0)?,
    };
    let components = Components::new(Graph::new(counted.len(), &problem.clauses)?, counted)?;
    let recorder = options.trace.map(Recorder::new);
    Ok(Ok(Some((Search::new(engine, components, Cache::new(options.cache), recorder, bonus), plan))))
}

fn statistics(search: &Search) -> Statistics {
    Statistics {
        decisions: search.decisions,
        conflicts: search.engine.conflicts,
        propagations: search.engine.propagations,
        components: search.counted,
        searches: search.satisfied,
        cache_hits: search.cache.hits,
        cache_entries: search.cache.len() as u64,
        cache_bytes: search.cache.bytes(),
        cache_dropped: search.cache.dropped,
        trace_bytes: search.recorder.as_ref().map_or(0, Recorder::bytes),
    }
}

/// What counting found, to draw from: each model of the projection with the same probability, and draws independent.
#[derive(Debug)]
pub struct Trace {
    diagram: Diagram,
    plan: Plan,
    count: BigUint,
    values: Vec<bool>,
    free: Vec<u64>,
    stack: Vec<u32>,
}

impl Trace {
    /// How many models there are to draw from.
    #[must_use]
    pub fn count(&self) -> &BigUint {
        &self.count
    }

    /// What is projected on. Where no sampling set was given these are all variables, and those that numbers became after them.
    #[must_use]
    pub fn projection(&self) -> &[u32] {
        &self.plan.projection
    }

    /// Draw number `index` of those that `seed` gives: a bit for each variable of the projection, in its order, the first one the
    /// lowest of the first word.
    ///
    /// # Errors
    ///
    /// No memory.
    pub fn draw(&mut self, seed: u64, index: u64) -> Result<Vec<u64>, CountError> {
        // The generator's own seeding spreads them.
        let mut rng = Rng::new(seed ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23));
        self.draw_with(&mut rng)
    }

    /// A draw with this generator.
    pub(crate) fn draw_with(&mut self, rng: &mut Rng) -> Result<Vec<u64>, CountError> {
        let values = &mut self.values;
        let set = |literal: Lit| {
            if values.len() <= literal.var() {
                values.resize(literal.var() + 1, false);
            }
            values[literal.var()] = literal.is_positive();
        };
        self.diagram.draw(rng, &mut self.stack, set);
        self.free.clear();
        self.free.extend((0..self.plan.free.div_ceil(64)).map(|_| rng.next()));
        let mut words = engine::filled(self.plan.projection.len().div_ceil(64), 0u64)?;
        for (place, &source) in self.plan.sources.iter().enumerate() {
            let value = match source {
                Source::Fixed(value) => value,
                Source::Free(l) => (self.free[l.var() / 64] >> (l.var() % 64) & 1 == 1) == l.is_positive(),
                Source::Counted(l) => self.values[l.var()] == l.is_positive(),
            };
            words[place / 64] |= u64::from(value) << (place % 64);
        }
        Ok(words)
    }
}
