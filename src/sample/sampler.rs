//! A stream of samples.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use num_bigint::BigUint;

use super::count::Rounds;
use super::support::Support;
use super::unigen::{LEAST_EPSILON, Sizes, UniGen};
use super::uniwit::{UniWit, Variant};
use super::{CountOptions, Family, SampleError, projection_of, stream};
use crate::budget::{Budget, Reports, Stop, WORKER, nested};
use crate::count::{self, Exact, Trace};
use crate::formula::{Formula, FormulaError};
use crate::instances::rng::Rng;
use crate::solve::SolveError;
use crate::solve::cells::{Cell, Cells};

/// Draws that a thread makes before results are put in order.
const DRAWS: u64 = 8;

/// Bytes that a trace may take.
const TRACE: u64 = 1 << 32;

/// In a stream without repetitions: after so many samples in a row that were told before, for each one that was told, it is
/// looked whether there are others at all.
const REPEATED: u64 = 4;

/// So many failed draws in a row end [`Sampler::run`]: with the guarantee of any method here that does not happen.
pub const HOPELESS: u64 = 1000;

/// How samples are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// As paper 000 has it: no guarantee.
    UniWit,
    /// As CAV 2013 has it: near-uniform with [`Family::Shifted`].
    UniWit13,
    /// DAC 2014, and with several samples of a cell TACAS 2015: almost uniform with [`Family::Dense`].
    #[default]
    UniGen,
    /// Counts exactly, and draws from the decision diagram that this leaves (SPUR, SAT 2018): exactly uniform, and no draw
    /// fails. No hash functions are used.
    Exact,
}

/// What a sampler is to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// How samples are drawn.
    pub method: Method,
    /// The hash functions; none for those with which the method's guarantee holds.
    pub family: Option<Family>,
    /// The tolerance ε of UniGen, above 1.71.
    pub epsilon: f64,
    /// Of UniGen: how many samples of a cell are taken, each a different model; 0 for as many as every cell has that is taken.
    pub per_cell: usize,
    /// Whether no sample is told twice.
    pub distinct: bool,
    /// How many threads draw, the calling one included. Samples do not depend on it.
    pub threads: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options { method: Method::UniGen, family: None, epsilon: 6.0, per_cell: 1, distinct: false, threads: 1 }
    }
}

impl Options {
    /// The hash functions that are used.
    #[must_use]
    pub fn family(&self) -> Family {
        self.family.unwrap_or(match self.method {
            Method::UniWit | Method::UniWit13 => Family::Shifted,
            Method::UniGen | Method::Exact => Family::Dense,
        })
    }

    /// Whether the method's theorem holds with these hash functions.
    #[must_use]
    pub fn is_guaranteed(&self) -> bool {
        match self.method {
            Method::UniWit => false,
            // Three-wise independent functions are pairwise independent.
            Method::UniWit13 => matches!(self.family(), Family::Shifted | Family::Dense),
            Method::UniGen => self.family() == Family::Dense,
            Method::Exact => true,
        }
    }
}

/// What [`Sampler::next`] came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A sample; [`Sampler::sample`] has it.
    Sample,
    /// The method failed this time, as it may: nothing was drawn. The next call draws anew.
    Failed,
    /// There are no models; or, where none is told twice, all have been told.
    Exhausted,
    /// The budget ended the call. The next call goes on.
    Unknown(Stop),
}

/// Why [`Sampler::run`] ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// There were as many as were asked for.
    Enough,
    /// There are no models; or, where none is told twice, all have been told.
    Exhausted,
    /// [`HOPELESS`] draws in a row failed.
    Failed,
    /// The budget ended the call. The next one goes on.
    Unknown(Stop),
}

/// What a sampler did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statistics {
    /// Samples told.
    pub samples: u64,
    /// Draws made, ...
    pub draws: u64,
    /// ... of which so many failed.
    pub failed: u64,
    /// Samples that were told before, and so were not told again.
    pub repeated: u64,
    /// Cells looked into, those of counting included.
    pub cells: u64,
    /// The most rows of a cell; 0 where all models are known.
    pub rows: usize,
}

/// Draws samples: models of a formula, projected on its sampling set.
#[derive(Debug)]
pub struct Sampler {
    pub(super) formula: Arc<Formula>,
    pub(super) projection: Vec<u32>,
    pub(super) options: Options,
    pub(super) seed: u64,
    plan: Option<Plan>,
    support: Support,
    rounds: Option<Rounds>,
    exact: Option<Exact>,
    /// One a thread, once the support is known.
    workers: Vec<Cells>,
    /// The draw that is told next, and those that are known already.
    pub(super) next: u64,
    drawn: BTreeMap<u64, Vec<u64>>,
    /// How many of its samples were told before the stream was saved.
    pub(super) skipped: usize,
    pub(super) ready: VecDeque<Vec<u64>>,
    /// How many samples the draw gave of which some are ready.
    pub(super) of_last: u64,
    pub(super) told: HashSet<Vec<u64>>,
    /// Samples in a row that were told before.
    pub(super) in_vain: u64,
    exhausted: bool,
    sample: Vec<u64>,
    pub(super) statistics: Statistics,
}

/// How a draw is made, once that is known.
#[derive(Debug, Clone)]
enum Plan {
    /// There are so few that all are known: each is as likely as any other.
    All(Arc<Cell>),
    Exact(Trace),
    Hashed(Hashed),
}

/// From cells.
#[derive(Debug, Clone, Copy)]
enum Hashed {
    UniWit(UniWit),
    UniGen(UniGen),
}

impl Hashed {
    /// Models one after the other; none where the draw failed.
    fn draw(&self, cells: &mut Cells, rng: &mut Rng, budget: &Budget) -> Result<Result<Vec<u64>, Stop>, SolveError> {
        match self {
            Hashed::UniWit(plan) => Ok(plan.draw(cells, rng, budget)?.map(Option::unwrap_or_default)),
            Hashed::UniGen(plan) => plan.draw(cells, rng, budget),
        }
    }
}

impl Sampler {
    /// For `formula` as it is now; its sampling set, or all variables where it has none. `seed` and the index of a draw give its
    /// random numbers.
    ///
    /// # Errors
    ///
    /// Options out of their range.
    pub fn new(formula: Arc<Formula>, options: &Options, seed: u64) -> Result<Self, SampleError> {
        super::check_family(options.family())?;
        let epsilon = options.epsilon;
        if options.method == Method::UniGen && !(epsilon > LEAST_EPSILON && epsilon.is_finite()) {
            return Err(SampleError::Option { option: "epsilon", value: epsilon, allowed: "a number above 1.71" });
        }
        let projection = projection_of(&formula);
        Ok(Sampler {
            support: Support::new(&formula, &projection)?,
            projection,
            options: Options { threads: options.threads.max(1), ..options.clone() },
            formula,
            seed,
            plan: None,
            rounds: None,
            exact: None,
            workers: Vec::new(),
            next: 0,
            drawn: BTreeMap::new(),
            skipped: 0,
            ready: VecDeque::new(),
            of_last: 0,
            told: HashSet::new(),
            in_vain: 0,
            exhausted: false,
            sample: Vec::new(),
            statistics: Statistics::default(),
        })
    }

    /// The variables that samples are about, in the order of a sample's bits.
    #[must_use]
    pub fn projection(&self) -> &[u32] {
        &self.projection
    }

    /// `u64`s of a sample.
    #[must_use]
    pub fn words(&self) -> usize {
        self.projection.len().div_ceil(64).max(1)
    }

    /// What was done so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        Statistics { cells: self.workers.iter().map(Cells::cells).sum(), ..self.statistics }
    }

    /// The last sample told: variable `projection()[p]` is bit `p % 64` of word `p / 64`.
    ///
    /// # Errors
    ///
    /// None was told yet.
    pub fn sample(&self) -> Result<&[u64], SampleError> {
        if self.sample.is_empty() {
            return Err(SolveError::State("there is no sample: none was drawn yet").into());
        }
        Ok(&self.sample)
    }

    /// The same as literals, in the order of the sampling set.
    pub fn literals(&self) -> Result<impl Iterator<Item = i32> + '_, SampleError> {
        let sample = self.sample()?;
        let literal = |(place, &variable): (usize, &u32)| {
            let holds = sample[place / 64] >> (place % 64) & 1 == 1;
            if holds { variable.cast_signed() } else { -variable.cast_signed() }
        };
        Ok(self.projection.iter().enumerate().map(literal))
    }

    /// Draws the next sample.
    pub fn next(&mut self, budget: &Budget) -> Result<Step, SampleError> {
        if let Err(stop) = budget.check() {
            return Ok(Step::Unknown(stop));
        }
        if self.exhausted {
            return Ok(Step::Exhausted);
        }
        if self.plan.is_none()
            && let Err(stop) = self.prepare(budget)?
        {
            return Ok(Step::Unknown(stop));
        }
        loop {
            while let Some(sample) = self.ready.pop_front() {
                if self.options.distinct && !self.told.insert(sample.clone()) {
                    self.statistics.repeated += 1;
                    self.in_vain += 1;
                    continue;
                }
                self.in_vain = 0;
                self.statistics.samples += 1;
                self.sample = sample;
                return Ok(Step::Sample);
            }
            if self.all_told(budget)? {
                self.exhausted = true;
                return Ok(Step::Exhausted);
            }
            if !self.drawn.contains_key(&self.next)
                && let Err(stop) = self.draw(budget)?
            {
                return Ok(Step::Unknown(stop));
            }
            let Some(models) = self.drawn.remove(&self.next) else { continue };
            self.next += 1;
            self.statistics.draws += 1;
            if models.is_empty() {
                self.statistics.failed += 1;
                return Ok(Step::Failed);
            }
            let skipped = std::mem::take(&mut self.skipped);
            self.of_last = (models.len() / self.words()) as u64;
            self.ready.extend(models.chunks_exact(self.words()).skip(skipped).map(<[u64]>::to_vec));
        }
    }

    /// Draws up to `limit` samples, each handed to `take`, which may have enough. Draws that fail are made again, but for
    /// [`HOPELESS`] in a row.
    pub fn run(
        &mut self,
        limit: u64,
        budget: &Budget,
        mut take: impl FnMut(&Sampler) -> ControlFlow<()>,
    ) -> Result<End, SampleError> {
        let (mut told, mut failed) = (0, 0);
        while told < limit {
            match self.next(budget)? {
                Step::Sample => {
                    (told, failed) = (told + 1, 0);
                    if take(self).is_break() {
                        break;
                    }
                }
                Step::Failed => {
                    failed += 1;
                    if failed == HOPELESS {
                        return Ok(End::Failed);
                    }
                }
                Step::Exhausted => return Ok(End::Exhausted),
                Step::Unknown(stop) => return Ok(End::Unknown(stop)),
            }
        }
        Ok(End::Enough)
    }

    /// Whether there is nothing that could be told.
    fn all_told(&mut self, budget: &Budget) -> Result<bool, SampleError> {
        match &self.plan {
            Some(Plan::All(cell)) if cell.len() == 0 || self.options.distinct && self.told.len() == cell.len() => {
                return Ok(true);
            }
            Some(Plan::Exact(trace)) => {
                return Ok(self.options.distinct && *trace.count() == BigUint::from(self.told.len()));
            }
            _ => {}
        }
        let told = self.told.len() as u64;
        if !self.options.distinct || self.in_vain <= REPEATED * (told + 16) {
            return Ok(false);
        }
        self.in_vain = 0;
        let found = self.workers[0].enumerate(&[], self.told.len() + 1, budget)?;
        Ok(found.is_ok_and(|cell| cell.complete && cell.len() as u64 == told))
    }

    /// Finds out how to draw.
    fn prepare(&mut self, budget: &Budget) -> Result<Result<(), Stop>, SampleError> {
        let family = self.options.family();
        if self.options.method == Method::Exact {
            return self.count(budget);
        }
        if self.workers.is_empty() {
            match self.support.run(budget)? {
                Ok(support) => self.workers.push(self.cells(&support)?),
                Err(stop) => return Ok(Err(stop)),
            }
        }
        let width = self.workers[0].width();
        let uniwit = |variant| UniWit::new(variant, family, width);
        let sizes = Sizes::of(self.options.epsilon);
        let most = match self.options.method {
            Method::UniWit => uniwit(Variant::Paper).most(),
            Method::UniWit13 => uniwit(Variant::Original).most(),
            Method::UniGen | Method::Exact => sizes.most,
        };
        if self.rounds.is_none() {
            let cell = match self.workers[0].enumerate(&[], most + 1, budget)? {
                Ok(cell) => cell,
                Err(stop) => return Ok(Err(stop)),
            };
            if cell.complete && cell.len() <= most {
                self.plan = Some(Plan::All(Arc::new(cell)));
                return Ok(Ok(()));
            }
        }
        self.plan = Some(match self.options.method {
            Method::UniWit => Plan::Hashed(Hashed::UniWit(uniwit(Variant::Paper))),
            Method::UniWit13 => Plan::Hashed(Hashed::UniWit(uniwit(Variant::Original))),
            Method::UniGen | Method::Exact => {
                let rounds = match &mut self.rounds {
                    Some(rounds) => rounds,
                    // Whatever the family: with sparse rows over few variables a count may be far off, and then no cell fits.
                    none => none.insert(Rounds::new(&CountOptions::default())?),
                };
                let count = match rounds.run(&mut self.workers[0], self.seed, budget)? {
                    Ok(count) => count,
                    Err(stop) => return Ok(Err(stop)),
                };
                let plan = UniGen::new(sizes, family, self.options.per_cell, &count);
                self.statistics.rows = plan.q.min(width);
                self.rounds = None;
                Plan::Hashed(Hashed::UniGen(plan))
            }
        });
        Ok(Ok(()))
    }

    /// Counts exactly, for a trace to draw from.
    fn count(&mut self, budget: &Budget) -> Result<Result<(), Stop>, SampleError> {
        let exact = match &mut self.exact {
            Some(exact) => exact,
            none => {
                let options = count::Options { trace: Some(TRACE), ..count::Options::default() };
                let mut exact = Exact::new(Arc::clone(&self.formula), &options)?;
                exact.set_projection(&self.projection)?;
                none.insert(exact)
            }
        };
        let models = match exact.run(budget)? {
            Ok(models) => models,
            Err(stop) => return Ok(Err(stop)),
        };
        self.plan = Some(if models == BigUint::ZERO {
            Plan::All(Arc::new(Cell { words: self.words(), bits: Vec::new(), complete: true }))
        } else {
            Plan::Exact(exact.trace()?)
        });
        self.exact = None;
        Ok(Ok(()))
    }

    fn cells(&self, support: &[u32]) -> Result<Cells, SolveError> {
        Cells::new(Arc::clone(&self.formula), &self.projection, support)
    }

    /// Makes the next draw, and more by other threads. What was drawn when the budget ends is kept.
    fn draw(&mut self, budget: &Budget) -> Result<Result<(), Stop>, SampleError> {
        let generator = |index| stream(self.seed, "draw", index);
        let plan = match &self.plan {
            None => return Ok(Ok(())),
            // Nothing that threads would make faster.
            Some(Plan::All(cell)) => {
                let model = cell.model(generator(self.next).index(cell.len())).to_vec();
                self.drawn.insert(self.next, model);
                return Ok(Ok(()));
            }
            Some(Plan::Exact(trace)) => {
                let mut model = trace.draw(&mut generator(self.next))?;
                model.resize(self.words(), 0);
                self.drawn.insert(self.next, model);
                return Ok(Ok(()));
            }
            Some(Plan::Hashed(plan)) => *plan,
        };
        let threads = self.options.threads;
        while self.workers.len() < threads {
            let support = self.workers[0].support().to_vec();
            self.workers.push(self.cells(&support)?);
        }
        let end = self.next + if threads == 1 { 1 } else { threads as u64 * DRAWS };
        let at = AtomicU64::new(self.next);
        let known = &self.drawn;
        let work = |cells: &mut Cells| -> Drawn {
            let mut drawn = Vec::new();
            loop {
                let index = at.fetch_add(1, Ordering::Relaxed);
                if index >= end {
                    return (drawn, Ok(Ok(())));
                }
                if known.contains_key(&index) {
                    continue;
                }
                match plan.draw(cells, &mut generator(index), budget) {
                    Ok(Ok(models)) => drawn.push((index, models)),
                    Ok(Err(stop)) => return (drawn, Ok(Err(stop))),
                    Err(error) => return (drawn, Err(error.into())),
                }
            }
        };
        let results = each(&mut self.workers[..threads], &work);
        let mut ended = Ok(());
        let mut failed = None;
        for (drawn, end) in results {
            self.drawn.extend(drawn);
            match end {
                Ok(Ok(())) => {}
                Ok(Err(stop)) => ended = Err(stop),
                Err(error) => failed = Some(error),
            }
        }
        let has_next = self.drawn.contains_key(&self.next);
        match failed {
            Some(error) if !has_next => Err(error),
            _ => Ok(if has_next { Ok(()) } else { ended }),
        }
    }

    /// Makes draw `next` the next one, past so many of its samples.
    pub(super) fn begin_at(&mut self, next: u64, skipped: usize) {
        self.drawn.clear();
        self.ready.clear();
        self.sample.clear();
        (self.next, self.skipped, self.exhausted) = (next, skipped, false);
    }

    /// Chooses the variables that samples are about, each once. Only before the first draw.
    ///
    /// # Errors
    ///
    /// A variable that the formula does not have.
    pub fn set_projection(&mut self, variables: &[u32]) -> Result<(), SampleError> {
        if self.plan.is_some() || self.rounds.is_some() || self.exact.is_some() {
            return Err(SolveError::State("the sampling set can be chosen before the first draw only").into());
        }
        let num_vars = self.formula.num_vars();
        if let Some(&variable) = variables.iter().find(|&&v| v == 0 || v > num_vars) {
            return Err(SolveError::from(FormulaError::Variable { variable, num_vars }).into());
        }
        let mut seen = HashSet::new();
        self.projection = variables.iter().copied().filter(|v| seen.insert(*v)).collect();
        self.support = Support::new(&self.formula, &self.projection)?;
        self.workers.clear();
        Ok(())
    }
}

/// Has each worker work, the first on this thread.
fn each(workers: &mut [Cells], work: &(impl Fn(&mut Cells) -> Drawn + Sync)) -> Vec<Drawn> {
    let [first, others @ ..] = workers else { return Vec::new() };
    if others.is_empty() {
        return vec![work(first)];
    }
    std::thread::scope(|scope| {
        let mut running = Vec::new();
        for cells in others {
            let task = move || {
                let _reports = nested(Reports::Never);
                work(cells)
            };
            // One fewer will do.
            if let Ok(thread) = std::thread::Builder::new().name(WORKER.into()).spawn_scoped(scope, task) {
                running.push(thread);
            }
        }
        let mut results = vec![work(first)];
        for thread in running {
            match thread.join() {
                Ok(result) => results.push(result),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    })
}

/// What a thread has drawn, and why it ended.
type Drawn = (Vec<(u64, Vec<u64>)>, Result<Result<(), Stop>, SampleError>);
