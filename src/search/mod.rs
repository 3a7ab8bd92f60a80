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
//! | `host` | scores from outside, for many walkers at once |
//!
//! Walkers are independent, and each has a random stream of its own: what one does depends on the formula, the options, the
//! seed and its number, and on nothing else, so neither on the number of threads nor on how calls cut the search.

mod best;
mod breaks;
mod ddfw;
pub mod host;
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
use host::{HostError, HostScorer, Plan, Rounds};
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
    /// Asked for too early, or too late.
    #[error("{0}")]
    State(&'static str),
    /// A host's scorer did what it must not, or said that it failed.
    #[error(transparent)]
    Host(#[from] HostError),
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
    /// How scores of a host become a choice: 0 for the highest one, else a variable at random, in proportion to
    /// exp(score / temperature). 0 for the methods above.
    pub temperature: f64,
    /// Threads that walkers are divided among; at least 1.
    pub threads: usize,
    /// Of every random decision.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            method: Method::default(),
            walkers: 1,
            flips: None,
            tries: None,
            walk: None,
            temperature: 0.0,
            threads: 1,
            seed: 0,
        }
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

/// Those who walk.
#[derive(Debug)]
enum Walkers {
    /// By themselves.
    Own(Vec<Box<dyn Walk>>),
    /// With scores from hosts.
    Asking(Box<Rounds>),
}

impl Walkers {
    fn len(&self) -> usize {
        match self {
            Walkers::Own(all) => all.len(),
            Walkers::Asking(rounds) => rounds.len(),
        }
    }

    fn each(&self) -> Box<dyn Iterator<Item = &dyn Walk> + '_> {
        match self {
            Walkers::Own(all) => Box::new(all.iter().map(AsRef::as_ref)),
            Walkers::Asking(rounds) => Box::new(rounds.each()),
        }
    }

    fn each_mut(&mut self) -> Box<dyn Iterator<Item = &mut dyn Walk> + '_> {
        match self {
            Walkers::Own(all) => Box::new(all.iter_mut().map(|walker| walker.as_mut() as &mut dyn Walk)),
            Walkers::Asking(rounds) => Box::new(rounds.each_mut()),
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Walkers::Own(all) => all.iter().map(|walker| walker.bytes()).sum(),
            Walkers::Asking(rounds) => rounds.bytes(),
        }
    }
}

/// A local search.
#[derive(Debug)]
pub struct Search {
    formula: Arc<Formula>,
    problem: Problem,
    walkers: Walkers,
    threads: usize,
    /// The walker that has a model, once there is one.
    found: Option<usize>,
    model: Vec<i8>,
    numbers: Vec<f64>,
}

impl Search {
    /// For a formula without reals, within the budget's memory.
    pub fn new(formula: Arc<Formula>, options: &Options, budget: &Budget) -> Result<Self, SearchError> {
        if options.temperature != 0.0 {
            let allowed = "0 but for scores from a host";
            return Err(SearchError::Option { option: "temperature", value: options.temperature, allowed });
        }
        let (problem, division) = prepared(&formula, options, budget)?;
        if options.method == Method::Ddfw && problem.is_mixed() {
            return Err(SearchError::Clauses { method: options.method });
        }
        let mut walkers = Vec::new();
        let (mut bytes, limit) = (problem.bytes(), budget.memory());
        for number in 0..options.walkers as u64 {
            budget.check()?;
            let walker = if division.bits <= u32::BITS {
                made::<u32>(&problem, division, options, number)?
            } else {
                made::<u64>(&problem, division, options, number)?
            };
            bytes += walker.bytes();
            if bytes > limit {
                return Err(OutOfMemory::Limit { bytes, limit }.into());
            }
            walkers.try_reserve(1).map_err(|_| OutOfMemory::Allocator { bytes: 16 })?;
            walkers.push(walker);
        }
        Ok(Search::of(formula, problem, Walkers::Own(walkers), options))
    }

    /// The same, with scores from these hosts, among whom walkers are divided evenly and for good: one a device, say. The
    /// method of the options is not used, and there may be fewer walkers than they say, where hosts want no more.
    pub fn with_scorers(
        formula: Arc<Formula>,
        options: &Options,
        scorers: Vec<Box<dyn HostScorer>>,
        budget: &Budget,
    ) -> Result<Self, SearchError> {
        if !(0.0..=f64::MAX).contains(&options.temperature) {
            let allowed = "0 or more, and finite";
            return Err(SearchError::Option { option: "temperature", value: options.temperature, allowed });
        }
        let (problem, division) = prepared(&formula, options, budget)?;
        let rounds = Rounds::new(&problem, division, options, scorers, budget)?;
        Ok(Search::of(formula, problem, Walkers::Asking(Box::new(rounds)), options))
    }

    fn of(formula: Arc<Formula>, problem: Problem, walkers: Walkers, options: &Options) -> Self {
        let (model, numbers) = (Vec::new(), Vec::new());
        Search { formula, problem, walkers, threads: options.threads, found: None, model, numbers }
    }

    /// The formula that is searched.
    #[must_use]
    pub fn formula(&self) -> &Formula {
        &self.formula
    }

    /// How many walkers there are.
    #[must_use]
    pub fn num_walkers(&self) -> usize {
        self.walkers.len()
    }

    /// What was agreed upon with a host's scorer, by its number.
    #[must_use]
    pub fn plan(&self, scorer: usize) -> Option<&Plan> {
        match &self.walkers {
            Walkers::Own(_) => None,
            Walkers::Asking(rounds) => rounds.plan(scorer),
        }
    }

    /// Bytes held.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.problem.bytes() + self.walkers.bytes()
    }

    /// Searches until there is a model or all tries are over.
    pub fn run(&mut self, budget: &Budget) -> Result<End, SearchError> {
        self.walk(u64::MAX, budget)
    }

    /// Makes at most so many flips with each walker.
    pub fn step(&mut self, flips: u64, budget: &Budget) -> Result<End, SearchError> {
        self.walk(flips, budget)
    }

    fn walk(&mut self, flips: u64, budget: &Budget) -> Result<End, SearchError> {
        if self.problem.refuted {
            return Ok(End::Refuted);
        }
        if self.found.is_some() {
            return Ok(End::Model);
        }
        if flips == 0 {
            return Ok(End::Over);
        }
        if let Err(stop) = budget.check() {
            return Ok(End::Unknown(stop));
        }
        let (end, found) = match &mut self.walkers {
            Walkers::Own(walkers) => own(walkers, flips, &self.problem, self.threads, budget)?,
            Walkers::Asking(rounds) => rounds.run(flips, &self.problem, budget)?,
        };
        if let Some(walker) = found {
            self.take(walker)?;
        }
        Ok(end)
    }

    /// Keeps and checks the model of a walker.
    fn take(&mut self, walker: usize) -> Result<(), SearchError> {
        let mut walkers = self.walkers.each();
        let values = walkers.nth(walker).ok_or(SearchError::State("there is no such walker"))?.values();
        let (model, numbers) = (decoded(values, self.formula.num_vars())?, self.numbers_of(values)?);
        if let Some(violation) = self.formula.check_with(&model, &numbers)? {
            return Err(SearchError::WrongModel(violation.0.0));
        }
        drop(walkers);
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
        let least = self.walkers.each_mut().map(Walk::best).min_by_key(|best| best.0);
        let Some((violated, values)) = least.filter(|best| best.0 != usize::MAX) else {
            return Err(SearchError::State("there is no assignment yet: the search has not begun"));
        };
        Ok((decoded(values, self.formula.num_vars())?, violated))
    }

    /// The next try of a walker begins from these values, positive for true, and its current one ends.
    pub fn set_assignment(&mut self, walker: usize, values: &[i8]) -> Result<(), SearchError> {
        let walkers = self.walkers.len();
        let to = self.walkers.each_mut().nth(walker).ok_or(SearchError::NoWalker { walker, walkers })?;
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
        self.walkers.each().map(Walk::statistics).fold(Statistics::default(), |a, b| Statistics {
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

/// A problem, for options that can be.
fn prepared(formula: &Formula, options: &Options, budget: &Budget) -> Result<(Problem, Division), SearchError> {
    let refuse = |option, allowed, value: f64| SearchError::Option { option, value, allowed };
    if !(1..=MOST_WALKERS).contains(&options.walkers) {
        return Err(refuse("walkers", "between 1 and 1048576", options.walkers as f64));
    }
    for (name, limit) in [("threads", Some(options.threads as u64)), ("flips", options.flips), ("tries", options.tries)]
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
    let problem = Problem::new(formula, budget)?;
    let division = Division::of(&problem);
    Ok((problem, division))
}

/// Lets walkers make so many flips each, between looks at the budget. Answers the walker that has a model, where one does.
fn own(
    walkers: &mut [Box<dyn Walk>],
    flips: u64,
    problem: &Problem,
    threads: usize,
    budget: &Budget,
) -> Result<(End, Option<usize>), SearchError> {
    let stretch = (LOOK / walkers.len() as u64).max(1);
    let flipped = |walkers: &[Box<dyn Walk>]| walkers.iter().map(|walker| walker.statistics().flips).sum::<u64>();
    let mut left = flips;
    let mut before = flipped(walkers);
    while left > 0 {
        if let Err(stop) = budget.report(|| Progress { done: before, ..Progress::at(Phase::Search) }) {
            return Ok((End::Unknown(stop), None));
        }
        let most = left.min(stretch);
        let walked = stretched(walkers, most, problem, threads, budget)?;
        let now = flipped(walkers);
        let spent = budget.spend(now - before);
        if let Some(first) = walked.iter().position(|walked| *walked == Walked::Model) {
            return Ok((End::Model, Some(first)));
        }
        if walked.iter().all(|walked| *walked == Walked::Over) {
            return Ok((End::Over, None));
        }
        if let Err(stop) = spent {
            return Ok((End::Unknown(stop), None));
        }
        before = now;
        left -= most;
    }
    Ok((End::Over, None))
}

/// Lets every walker make so many flips.
fn stretched(
    walkers: &mut [Box<dyn Walk>],
    flips: u64,
    problem: &Problem,
    threads: usize,
    budget: &Budget,
) -> Result<Vec<Walked>, SearchError> {
    let walk = |walkers: &mut [Box<dyn Walk>]| -> Vec<Walked> {
        walkers.iter_mut().map(|walker| walker.walk(problem, flips, budget)).collect()
    };
    if threads == 1 || walkers.len() == 1 {
        return Ok(walk(walkers));
    }
    let share = walkers.len().div_ceil(threads);
    let (own, others) = walkers.split_at_mut(share);
    std::thread::scope(|scope| {
        let named = || std::thread::Builder::new().name(WORKER.into());
        let spawn = |part| named().spawn_scoped(scope, move || walk(part));
        let workers = others.chunks_mut(share).map(spawn).collect::<Result<Vec<_>, _>>();
        let workers = workers.map_err(SearchError::Thread)?;
        let mut walked = walk(own);
        for worker in workers {
            walked.extend(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        Ok(walked)
    })
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
