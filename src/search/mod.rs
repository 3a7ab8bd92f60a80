//! Stochastic local search: complete assignments that are changed variable by variable until nothing is violated. It finds
//! models, and never shows that there is none.
//!
//! | part | what it does |
//! |---|---|
//! | `problem` | a formula as clauses, parities and sums, and where each literal occurs |
//! | `state` | one assignment, and what it violates, flip by flip |
//! | `breaks` | how much a flip would break |
//! | `scorer` | what chooses the next variable |
//! | `walksat`, `probsat`, `ddfw` | the scorers that are built in |
//! | `walker` | algorithm 1 of paper 004: tries, flips, statistics |
//! | `best` | the best assignment of a walk |
//!
//! Walkers are independent, and each has a random stream of its own: what one does depends on the formula, the options, the
//! seed and its number, and on nothing else, so neither on the number of threads nor on how calls cut the search.

mod best;
mod breaks;
mod ddfw;
mod problem;
mod probsat;
mod scorer;
mod state;
#[cfg(test)]
mod tests;
mod walker;
mod walksat;

use std::sync::Arc;

use crate::budget::{Budget, Phase, Progress, Stop, WORKER};
use crate::error::OutOfMemory;
use crate::formula::lower::LowerError;
use crate::formula::{Formula, FormulaError};
use ddfw::Ddfw;
use problem::Problem;
use probsat::ProbSat;
use scorer::Scorer;
use state::{Division, Word, filled};
use walker::{Walk, Walked, Walker};
use walksat::WalkSat;

/// Flips between two looks at the budget, of all walkers together.
const LOOK: u64 = 1 << 14;

/// The most walkers of a search.
const MOST_WALKERS: usize = 1 << 20;

/// Why a search could not be made or go on.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// An option is out of range.
    #[error("{option} = {value}: it must be {allowed}")]
    Option {
        /// Its name.
        option: &'static str,
        /// What it was.
        value: f64,
        /// What it may be.
        allowed: &'static str,
    },
    /// A constraint or a number is beyond local search.
    #[error("{0}")]
    Unsupported(LowerError),
    /// The method takes clauses only.
    #[error("{method:?} takes clauses only, and there are parities or sums: encode the formula first")]
    Clauses {
        /// The method.
        method: Method,
    },
    /// The formula refused.
    #[error(transparent)]
    Formula(#[from] FormulaError),
    /// No memory.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
    /// The budget ended the making of a search.
    #[error("{0}")]
    Stop(Stop),
    /// The system gave no thread.
    #[error("no thread for a walker: {0}")]
    Thread(std::io::Error),
    /// What was found is no model: a defect of this library.
    #[error("what local search found violates constraint {0}")]
    WrongModel(u64),
    /// There are fewer walkers.
    #[error("there is no walker {walker}: there are {walkers}, counted from 0")]
    NoWalker {
        /// Its number.
        walker: usize,
        /// How many there are.
        walkers: usize,
    },
    /// Asked for too early.
    #[error("{0}")]
    State(&'static str),
}

impl From<Stop> for SearchError {
    fn from(stop: Stop) -> Self {
        SearchError::Stop(stop)
    }
}

impl From<LowerError> for SearchError {
    fn from(error: LowerError) -> Self {
        match error {
            LowerError::Memory(short) => short.into(),
            LowerError::Stop(stop) => stop.into(),
            other => SearchError::Unsupported(other),
        }
    }
}

/// How the next variable is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// WalkSAT as the baseline of paper 004 has it.
    WalkSat,
    /// WalkSAT of Selman, Kautz and Cohen: a variable that breaks nothing goes first.
    Skc,
    /// probSAT.
    #[default]
    ProbSat,
    /// DDFW, over clauses only.
    Ddfw,
}

/// What a search is made with.
#[derive(Debug, Clone)]
pub struct Options {
    /// How the next variable is chosen.
    pub method: Method,
    /// How many walkers there are, each with an assignment of its own; at least 1, and 2^20 at most.
    pub walkers: usize,
    /// Flips of a try; as many as it takes if not given.
    pub flips: Option<u64>,
    /// Tries of each walker; as many as it takes if not given.
    pub tries: Option<u64>,
    /// Probability of a random step of `WalkSat` (1/2 if not given, as in paper 004) and `Skc` (0.567, where it is fastest on
    /// random 3-SAT).
    pub walk: Option<f64>,
    /// Threads that walkers are divided among; at least 1.
    pub threads: usize,
    /// Of every random decision.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Options { method: Method::default(), walkers: 1, flips: None, tries: None, walk: None, threads: 1, seed: 0 }
    }
}

/// What walkers did, as in table 4 of paper 004: undo, upwards, sideways and downwards are about flips that a scorer chose, not
/// a random walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statistics {
    /// Tries begun.
    pub tries: u64,
    /// Flips.
    pub flips: u64,
    /// Those of a random walk.
    pub walk: u64,
    /// Of a variable that was flipped before in the same try.
    pub undo: u64,
    /// To more violated constraints.
    pub upwards: u64,
    /// To as many.
    pub sideways: u64,
    /// To fewer.
    pub downwards: u64,
}

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With a model.
    Model,
    /// All tries are over, or as many flips as were asked for are made.
    Over,
    /// There is no model: a constraint has none by itself. Local search finds out nothing else of that kind.
    Refuted,
    /// The budget ended it. The next call goes on.
    Unknown(Stop),
}

/// A local search.
#[derive(Debug)]
pub struct Search {
    formula: Arc<Formula>,
    problem: Problem,
    walkers: Vec<Box<dyn Walk>>,
    threads: usize,
    /// The walker that has a model, once there is one.
    found: Option<usize>,
    model: Vec<i8>,
    numbers: Vec<f64>,
}

impl Search {
    /// For a formula without reals, within the budget's memory.
    pub fn new(formula: Arc<Formula>, options: &Options, budget: &Budget) -> Result<Self, SearchError> {
        let refuse = |option, allowed, value: f64| SearchError::Option { option, value, allowed };
        if !(1..=MOST_WALKERS).contains(&options.walkers) {
            return Err(refuse("walkers", "between 1 and 1048576", options.walkers as f64));
        }
        for (name, limit) in
            [("threads", Some(options.threads as u64)), ("flips", options.flips), ("tries", options.tries)]
        {
            if limit == Some(0) {
                return Err(refuse(name, "at least 1", 0.0));
            }
        }
        if let Some(walk) = options.walk
            && !(0.0..=1.0).contains(&walk)
        {
            return Err(refuse("walk", "between 0 and 1", walk));
        }
        let problem = Problem::new(&formula, budget)?;
        if options.method == Method::Ddfw && problem.is_mixed() {
            return Err(SearchError::Clauses { method: options.method });
        }
        let division = Division::of(&problem);
        let mut search = Search {
            formula,
            problem,
            walkers: Vec::new(),
            threads: options.threads,
            found: None,
            model: Vec::new(),
            numbers: Vec::new(),
        };
        let (mut bytes, limit) = (search.problem.bytes(), budget.memory());
        for number in 0..options.walkers as u64 {
            budget.check()?;
            let problem = &search.problem;
            let walker = if division.bits <= u32::BITS {
                made::<u32>(problem, division, options, number)?
            } else {
                made::<u64>(problem, division, options, number)?
            };
            bytes += walker.bytes();
            if bytes > limit {
                return Err(OutOfMemory::Limit { bytes, limit }.into());
            }
            search.walkers.try_reserve(1).map_err(|_| OutOfMemory::Allocator { bytes: 16 })?;
            search.walkers.push(walker);
        }
        Ok(search)
    }

    /// The formula that is searched.
    #[must_use]
    pub fn formula(&self) -> &Formula {
        &self.formula
    }

    /// Bytes held.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.problem.bytes() + self.walkers.iter().map(|walker| walker.bytes()).sum::<u64>()
    }

    /// How many flips each walker makes between two looks at the budget.
    fn stretch(&self) -> u64 {
        (LOOK / self.walkers.len() as u64).max(1)
    }

    /// Searches until there is a model or all tries are over.
    pub fn run(&mut self, budget: &Budget) -> Result<End, SearchError> {
        loop {
            if let Some(end) = self.round(self.stretch(), budget)? {
                return Ok(end);
            }
        }
    }

    /// Makes at most so many flips with each walker.
    pub fn step(&mut self, flips: u64, budget: &Budget) -> Result<End, SearchError> {
        let mut left = flips;
        while left > 0 {
            let most = left.min(self.stretch());
            if let Some(end) = self.round(most, budget)? {
                return Ok(end);
            }
            left -= most;
        }
        Ok(End::Over)
    }

    /// Lets every walker make so many flips; nothing is answered where the search goes on.
    fn round(&mut self, flips: u64, budget: &Budget) -> Result<Option<End>, SearchError> {
        if self.problem.refuted {
            return Ok(Some(End::Refuted));
        }
        if self.found.is_some() {
            return Ok(Some(End::Model));
        }
        let before = self.statistics().flips;
        if let Err(stop) = budget.report(|| Progress { done: before, ..Progress::at(Phase::Search) }) {
            return Ok(Some(End::Unknown(stop)));
        }
        let problem = &self.problem;
        let walk = |walkers: &mut [Box<dyn Walk>]| -> Vec<Walked> {
            walkers.iter_mut().map(|walker| walker.walk(problem, flips, budget)).collect()
        };
        let walked = if self.threads == 1 || self.walkers.len() == 1 {
            walk(&mut self.walkers)
        } else {
            let share = self.walkers.len().div_ceil(self.threads);
            let (own, others) = self.walkers.split_at_mut(share);
            std::thread::scope(|scope| {
                let named = || std::thread::Builder::new().name(WORKER.into());
                let spawn = |part| named().spawn_scoped(scope, move || walk(part));
                let workers = others.chunks_mut(share).map(spawn).collect::<Result<Vec<_>, _>>();
                let workers = workers.map_err(SearchError::Thread)?;
                let mut walked = walk(own);
                for worker in workers {
                    walked.extend(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
                }
                Ok::<_, SearchError>(walked)
            })?
        };
        let spent = budget.spend(self.statistics().flips - before);
        if let Some(first) = walked.iter().position(|walked| *walked == Walked::Model) {
            self.take(first)?;
            return Ok(Some(End::Model));
        }
        if walked.iter().all(|walked| *walked == Walked::Over) {
            return Ok(Some(End::Over));
        }
        Ok(spent.err().map(End::Unknown))
    }

    /// Keeps and checks the model of a walker.
    fn take(&mut self, walker: usize) -> Result<(), SearchError> {
        let values = self.walkers[walker].values();
        let (model, numbers) = (decoded(values, self.formula.num_vars())?, self.numbers_of(values)?);
        if let Some(violation) = self.formula.check_with(&model, &numbers)? {
            return Err(SearchError::WrongModel(violation.0.0));
        }
        (self.model, self.numbers, self.found) = (model, numbers, Some(walker));
        Ok(())
    }

    fn numbers_of(&self, values: &[u32]) -> Result<Vec<f64>, OutOfMemory> {
        let holds = |literal: u32| values[literal as usize / 64] >> (literal / 2 % 32) & 1 != literal & 1;
        let mut numbers = filled(self.formula.num_numbers() as usize, 0.0)?;
        for (number, value) in (0..).zip(&mut numbers) {
            *value = self.problem.number(number, holds) as f64;
        }
        Ok(numbers)
    }

    /// The model: 1 or -1 a variable, and the formula's integers. An error where none was found.
    pub fn model(&self) -> Result<(&[i8], &[f64]), SearchError> {
        match self.found {
            Some(_) => Ok((&self.model, &self.numbers)),
            None => Err(SearchError::State("there is no model: the search has not found any")),
        }
    }

    /// The assignment with the fewest violated constraints that any walker came to, 1 or -1 a variable, and how many these are
    /// in the search's terms, where a reified constraint is two. An error before the first flip.
    pub fn best(&mut self) -> Result<(Vec<i8>, usize), SearchError> {
        let least = (0..self.walkers.len()).min_by_key(|&walker| self.walkers[walker].best().0).unwrap_or_default();
        let (violated, values) = self.walkers[least].best();
        if violated == usize::MAX {
            return Err(SearchError::State("there is no assignment yet: the search has not begun"));
        }
        Ok((decoded(values, self.formula.num_vars())?, violated))
    }

    /// The next try of a walker begins from these values, positive for true, and its current one ends.
    pub fn set_assignment(&mut self, walker: usize, values: &[i8]) -> Result<(), SearchError> {
        let walkers = self.walkers.len();
        let to = self.walkers.get_mut(walker).ok_or(SearchError::NoWalker { walker, walkers })?;
        if values.len() < self.formula.num_vars() as usize {
            return Err(FormulaError::ModelLength { given: values.len(), num_vars: self.formula.num_vars() }.into());
        }
        let mut words = filled(to.values().len(), 0)?;
        words.copy_from_slice(to.values());
        for (variable, &value) in values.iter().enumerate().take(self.formula.num_vars() as usize) {
            let bit = 1 << (variable % 32);
            words[variable / 32] = if value > 0 { words[variable / 32] | bit } else { words[variable / 32] & !bit };
        }
        to.set(&words);
        self.found = None;
        Ok(())
    }

    /// What all walkers did so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.walkers.iter().map(|walker| walker.statistics()).fold(Statistics::default(), |a, b| Statistics {
            tries: a.tries + b.tries,
            flips: a.flips + b.flips,
            walk: a.walk + b.walk,
            undo: a.undo + b.undo,
            upwards: a.upwards + b.upwards,
            sideways: a.sideways + b.sideways,
            downwards: a.downwards + b.downwards,
        })
    }
}

fn decoded(values: &[u32], num_vars: u32) -> Result<Vec<i8>, OutOfMemory> {
    let mut model = filled(num_vars as usize, -1)?;
    for (v, value) in model.iter_mut().enumerate() {
        if values[v / 32] >> (v % 32) & 1 == 1 {
            *value = 1;
        }
    }
    Ok(model)
}

fn made<W: Word>(
    problem: &Problem,
    division: Division,
    options: &Options,
    number: u64,
) -> Result<Box<dyn Walk>, OutOfMemory> {
    fn walker<W: Word, S: Scorer + 'static>(
        problem: &Problem,
        division: Division,
        scorer: S,
        options: &Options,
        number: u64,
    ) -> Result<Box<dyn Walk>, OutOfMemory> {
        Ok(Box::new(Walker::<W, S>::new(problem, division, scorer, options, number)?))
    }
    match options.method {
        Method::WalkSat => {
            let scorer = WalkSat::new(problem, options.walk.unwrap_or(0.5), false)?;
            walker::<W, _>(problem, division, scorer, options, number)
        }
        Method::Skc => {
            let scorer = WalkSat::new(problem, options.walk.unwrap_or(0.567), true)?;
            walker::<W, _>(problem, division, scorer, options, number)
        }
        Method::ProbSat => walker::<W, _>(problem, division, ProbSat::new(problem)?, options, number),
        Method::Ddfw => walker::<W, _>(problem, division, Ddfw::new(problem)?, options, number),
    }
}
