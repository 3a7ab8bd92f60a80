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
mod engine;
mod error;
mod literal;
mod number;
mod satisfy;
mod search;
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
use number::Number;
use search::Search;
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
            let diagram = match search.recorder.take() {
                Some(recorder) if !count.is_zero() => {
                    Some((recorder.finish()?, Plan { projection: std::mem::take(&mut plan.projection) }))
                }
                _ => None,
            };
            self.state = State::Done { count: count.to_big(), diagram };
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
        let mut clauses: Vec<Vec<Lit>> = Vec::new();
        for clause in formula.clauses() {
            let mut literals: Vec<Lit> = clause.iter().map(|&l| Lit::from_dimacs(l)).collect();
            literals.sort_unstable();
            literals.dedup();
            if literals.windows(2).all(|pair| pair[0] != !pair[1]) {
                clauses.push(literals);
            }
        }
        clauses.sort_unstable();
        clauses.dedup();
        let mut engine = Engine::new(variables as usize)?;
        let mut fine = true;
        for clause in &clauses {
            fine = fine && engine.add(clause)?;
        }
        if !fine {
            self.state = State::Done { count: BigUint::ZERO, diagram: None };
            return Ok(Ok(()));
        }
        let mut counted = engine::filled(variables as usize, false)?;
        projection.iter().for_each(|&variable| counted[variable as usize - 1] = true);
        let components = Components::new(Graph::new(variables as usize, &clauses)?, counted)?;
        let cache = Cache::new(self.options.cache);
        let recorder = self.options.trace.map(Recorder::new);
        let order = match decompose::order(&clauses, &components.counted, budget)? {
            Ok(order) => order,
            Err(stop) => return Ok(Err(stop)),
        };
        let bonus = match order {
            Some(order) => order.depths.iter().map(|depth| -depth * order.weight).collect(),
            None => engine::filled(variables as usize, 0.0)?,
        };
        let search = Box::new(Search::new(engine, components, cache, recorder, bonus));
        self.state = State::Counting { search, plan: Plan { projection } };
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
        Ok(Trace { diagram, plan, count: count.clone(), values: Vec::new(), stack: Vec::new() })
    }
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
        let mut words = engine::filled(self.plan.projection.len().div_ceil(64), 0u64)?;
        for (place, &variable) in self.plan.projection.iter().enumerate() {
            words[place / 64] |= u64::from(self.values[variable as usize - 1]) << (place % 64);
        }
        Ok(words)
    }
}
