//! Branch and bound, depth first, which goes on where it ended.

use std::ops::Deref;
use std::sync::Arc;

use super::certificate::refutes;
use super::knowledge::{Knowledge, Known};
use super::leaf::{self, Leaf};
use super::program::Program;
use super::propagate::Propagator;
use super::raw::{Basis, Lp, Status};
use super::{Answer, MilpError, Statistics};
use crate::budget::{Budget, Phase, Progress, Stop};
use crate::error::OutOfMemory;
use crate::floats::Standard;
use crate::formula::Formula;

/// Iterations between two questions to the budget: few where the program is large, so many at least and at most.
const SLICE: (usize, usize) = (10, 200);

/// Entries, rows and columns that all iterations between two questions may look at, about.
const SLICE_ENTRIES: usize = 4 << 20;

/// What an iteration takes, as multiply-adds for each entry of the program: on one of 300 neurons (16 thousand entries) 85 us,
/// as long as some 400 units of bounding, each 1024 multiply-adds.
const ITERATION: u64 = 26;

/// Slices that one linear program may take before it counts as failed.
const SLICES: u32 = 1000;

/// What is so near an integer is taken for one.
const INTEGRAL: f64 = 1e-6;

/// A part: bounds of all columns.
#[derive(Debug, Clone)]
struct Part {
    lower: Vec<f64>,
    upper: Vec<f64>,
    /// The column whose bounds were changed last.
    changed: Option<usize>,
    basis: Arc<Basis>,
    depth: u32,
}

/// The part that is being looked at, and how far that has come. Every stage is either made as a whole or made again from
/// what the one before it left, so that where a search is cut changes nothing of what it finds.
#[derive(Debug)]
struct Current {
    part: Part,
    /// The column that it is cut at without a linear program.
    branch: Option<usize>,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// Nothing is known yet.
    Fresh,
    /// What rows leave of it is in HiGHS, which has made so many slices.
    Bounding(u32),
    /// The point near all rows, if there is one.
    Bounded(Option<Vec<f64>>),
}

/// Why a search does not go on.
#[derive(Debug)]
enum Halt {
    Stop(Stop),
    Failed(MilpError),
}

impl From<Stop> for Halt {
    fn from(stop: Stop) -> Self {
        Halt::Stop(stop)
    }
}

impl From<MilpError> for Halt {
    fn from(error: MilpError) -> Self {
        match error {
            MilpError::Stopped(stop) => Halt::Stop(stop),
            error => Halt::Failed(error),
        }
    }
}

/// A search on its way: [`Search::run`] goes on from where the call before ended, whatever ended it, and where it was cut
/// changes neither its answer nor what it did. Formulas are held by reference or shared.
#[derive(Debug)]
pub(crate) struct Search<F> {
    formulas: Vec<F>,
    program: Program,
    propagator: Propagator,
    knowledge: Option<Box<dyn Knowledge>>,
    lp: Lp,
    current: Option<Current>,
    open: Vec<Part>,
    doubtful: u64,
    /// Parts that may be looked at.
    most: u64,
    statistics: Statistics,
}

/// What a linear program says of a part.
enum Bounded {
    Refuted,
    Unproved,
    /// A point near all rows.
    Near(Vec<f64>),
}

impl<F: Deref<Target = Formula>> Search<F> {
    /// For the conjunction of some formulas, whose variables and numbers are the same ones, under assumptions. The seed is
    /// the budget's.
    ///
    /// # Errors
    ///
    /// What [`MilpError`] lists; a budget that ended is [`MilpError::Stopped`].
    pub fn new(formulas: Vec<F>, assumptions: &[i32], budget: &Budget) -> Result<Self, MilpError> {
        let _standard = Standard::enter();
        let program = Program::new(&formulas.iter().map(|formula| &**formula).collect::<Vec<_>>(), budget)?;
        let lp = Lp::new(&program, budget.seed())?;
        let propagator = Propagator::new(&program);
        let mut search = Search {
            formulas,
            program,
            propagator,
            knowledge: None,
            lp,
            current: None,
            open: Vec::new(),
            doubtful: 0,
            most: u64::MAX,
            statistics: Statistics::default(),
        };
        search.restart(assumptions);
        Ok(search)
    }

    /// Has somebody asked before each linear program.
    pub fn set_knowledge(&mut self, knowledge: Box<dyn Knowledge>) {
        self.knowledge = Some(knowledge);
    }

    /// Begins again, under other assumptions.
    pub fn restart(&mut self, assumptions: &[i32]) {
        let mut part = Part {
            lower: self.program.lower.clone(),
            upper: self.program.upper.clone(),
            changed: None,
            basis: Arc::default(),
            depth: 0,
        };
        let mut is_empty = false;
        for &literal in assumptions {
            let column = literal.unsigned_abs() as usize - 1;
            let value = f64::from(u8::from(literal > 0));
            is_empty |= !(part.lower[column] <= value && value <= part.upper[column]);
            (part.lower[column], part.upper[column]) = (value, value);
        }
        self.open = if is_empty { Vec::new() } else { vec![part] };
        (self.current, self.doubtful, self.most) = (None, 0, u64::MAX);
        self.statistics = Statistics::default();
    }

    #[cfg_attr(not(any(test, feature = "cadical")), allow(dead_code, reason = "for cores, which only solvers have"))]
    /// Gives up, as incomplete, once so many parts have been looked at in all.
    #[cfg_attr(not(feature = "cadical"), allow(dead_code, reason = "for cores, which solvers have"))]
    pub fn give_up_after(&mut self, parts: u64) {
        self.most = parts;
    }

    /// What was done so far.
    pub fn statistics(&self) -> Statistics {
        self.statistics
    }

    /// Goes on until there is an answer or the budget ends. However small a work limit is, a call that is granted any gets
    /// on by a part, or by some iterations of its linear program, at least. Each part counts as a conflict. `content` sees the numbers of each point that linear programs
    /// find on the way, which need not satisfy anything, and ends the search by saying that one will do.
    ///
    /// # Errors
    ///
    /// What [`MilpError`] lists; not that the budget ran out.
    pub fn run(&mut self, content: &mut dyn FnMut(&[f64]) -> bool, budget: &Budget) -> Result<Answer, MilpError> {
        let _standard = Standard::enter();
        if budget.work_left() == 0 {
            return Ok(Answer::Unknown(Stop::Work));
        }
        budget.set_grace(true);
        let answer = self.advance(content, budget);
        budget.set_grace(false);
        match answer {
            Ok(answer) => Ok(answer),
            Err(Halt::Stop(stop)) => Ok(Answer::Unknown(stop)),
            Err(Halt::Failed(error)) => Err(error),
        }
    }

    fn advance(&mut self, content: &mut dyn FnMut(&[f64]) -> bool, budget: &Budget) -> Result<Answer, Halt> {
        loop {
            budget.report(|| self.progress())?;
            let mut current = match self.current.take() {
                Some(current) => current,
                None if self.open.is_empty() => break,
                None if self.statistics.nodes >= self.most => return Err(Stop::Incomplete.into()),
                None if budget.conflicts_left() == Some(0) => return Err(Stop::Conflicts.into()),
                None => {
                    // Only where it is not the first does what was spent end the call.
                    budget.spend(0)?;
                    self.check_memory(budget)?;
                    let Some(part) = self.open.pop() else { break };
                    self.statistics.nodes += 1;
                    budget.spend_conflicts(1);
                    Current { part, branch: None, stage: Stage::Fresh }
                }
            };
            let expanded = self.expand(&mut current, content, budget);
            // One that was answered of is answered of again by a later call.
            if !matches!(expanded, Ok(None)) {
                self.current = Some(current);
            }
            if let Some(answer) = expanded? {
                return Ok(answer);
            }
            budget.set_grace(false);
        }
        Ok(if self.doubtful > 0 { Answer::Doubtful(self.doubtful) } else { Answer::Unsat })
    }

    fn check_memory(&self, budget: &Budget) -> Result<(), MilpError> {
        let (bytes, limit) = (self.bytes(), budget.memory());
        if bytes > limit { Err(OutOfMemory::Limit { bytes, limit }.into()) } else { Ok(()) }
    }

    /// About what the program and the open parts hold.
    pub fn bytes(&self) -> u64 {
        let (columns, entries) = (self.program.lower.len() as u64, self.program.values.len() as u64);
        16 * columns * (self.open.len() as u64 + 2) + 32 * entries
    }

    fn num_numbers(&self) -> usize {
        self.formulas.iter().map(|formula| formula.num_numbers() as usize).max().unwrap_or(0)
    }

    fn progress(&self) -> Progress {
        let Statistics { nodes, .. } = self.statistics;
        Progress { done: nodes, total: nodes + self.open.len() as u64, ..Progress::at(Phase::Search) }
    }

    /// Closes a part, answers of it, or puts what it is made of on the stack.
    fn expand(
        &mut self,
        current: &mut Current,
        content: &mut dyn FnMut(&[f64]) -> bool,
        budget: &Budget,
    ) -> Result<Option<Answer>, Halt> {
        if matches!(current.stage, Stage::Fresh) {
            let mut part = current.part.clone();
            // Rows that were made to hold of another part hold of this one no more.
            self.program.localise(&part.lower, &part.upper);
            // Who knows better leaves little for rows to say.
            let mut is_empty = false;
            if self.knowledge.is_none() || part.depth == 0 {
                let changed = (part.depth > 0).then_some(part.changed.as_slice());
                let ends = (&mut part.lower[..], &mut part.upper[..]);
                is_empty = !self.propagator.run(&self.program, changed, ends, budget)?;
            }
            if let Some(knowledge) = self.knowledge.as_mut().filter(|_| !is_empty) {
                match knowledge.tighten(&mut part.lower, &mut part.upper, budget)? {
                    Known::Empty => is_empty = true,
                    Known::Open { branch } => current.branch = branch,
                }
            }
            if is_empty {
                self.statistics.propagated += 1;
                return Ok(None);
            }
            current.part = part;
            let part = &current.part;
            if current.branch.is_some() {
                current.stage = Stage::Bounded(None);
            } else {
                if !self.program.bends().is_empty() {
                    self.program.localise(&part.lower, &part.upper);
                    self.lp.load(&self.program)?;
                }
                self.lp.set_bounds(&part.lower, &part.upper)?;
                self.lp.set_basis(&part.basis)?;
                current.stage = Stage::Bounding(0);
            }
        }
        if let Stage::Bounding(slices) = &mut current.stage {
            let near = match self.bound(&current.part, slices, budget)? {
                Bounded::Refuted => {
                    self.statistics.refuted += 1;
                    return Ok(None);
                }
                Bounded::Unproved => {
                    self.statistics.unproved += 1;
                    None
                }
                Bounded::Near(point) => Some(point),
            };
            current.stage = Stage::Bounded(near);
        }
        let part = &current.part;
        let Stage::Bounded(near) = &current.stage else { return Ok(None) };
        let middle = || part.lower.iter().zip(&part.upper).map(|(&l, &u)| 0.5 * l + 0.5 * u).collect::<Vec<f64>>();
        // Where there was no linear program, the middle is as good a guess.
        let guess = if near.is_none() && current.branch.is_some() { Some(middle()) } else { None };
        let seen = near.as_ref().or(guess.as_ref());
        if seen.is_some_and(|seen| content(&seen[self.program.num_vars()..][..self.num_numbers()])) {
            return Ok(Some(Answer::Found));
        }
        let open = |column: &usize| self.program.is_integer[*column] && part.lower[*column] < part.upper[*column];
        let open: Vec<usize> = (0..part.lower.len()).filter(open).collect();
        let fraction = |column: usize| near.as_ref().map_or(0.0, |near| (near[column] - near[column].round()).abs());
        let is_integral = open.iter().all(|&column| fraction(column) <= INTEGRAL);
        if let Some(near) = near
            && is_integral
        {
            match self.leaf(part, near, open.is_empty(), budget)? {
                (Some(answer), _) => return Ok(Some(answer)),
                (None, Leaf::Nothing) if open.is_empty() => return Ok(None),
                _ => {}
            }
        } else if near.is_none() && open.is_empty() {
            // No point of doubles and no proof: the simplex may find either.
            match self.leaf(part, &middle(), true, budget)? {
                (Some(answer), _) => return Ok(Some(answer)),
                (None, Leaf::Nothing) => return Ok(None),
                _ => {}
            }
        }
        let best = open.iter().max_by(|&&a, &&b| fraction(a).total_cmp(&fraction(b)).then(b.cmp(&a)));
        let best = current.branch.or_else(|| self.widest_bend(part, near.as_deref())).or_else(|| best.copied());
        let Some(column) = best else {
            self.doubtful += 1;
            return Ok(None);
        };
        let value = near.as_ref().map(|near| near[column]);
        self.split(part, column, value)?;
        Ok(None)
    }

    /// The open phase of the bend that the linear program is farthest from.
    fn widest_bend(&self, part: &Part, near: Option<&[f64]>) -> Option<usize> {
        let near = near?;
        let gaps = self.program.bends().iter().filter(|bend| part.lower[bend.phase] < part.upper[bend.phase]);
        let gaps = gaps.map(|bend| (bend.phase, near[bend.y] - near[bend.x].max(0.0)));
        gaps.filter(|gap| gap.1 > INTEGRAL).max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))).map(|gap| gap.0)
    }

    /// Puts both sides of a column on the stack; the one that the linear program leans to is looked at first.
    fn split(&mut self, part: &Part, column: usize, value: Option<f64>) -> Result<(), MilpError> {
        let (l, u) = (part.lower[column], part.upper[column]);
        // Where the linear program came to nothing, its basis may be none.
        let basis = if value.is_some() { Arc::new(self.lp.basis()?) } else { part.basis.clone() };
        let value = value.unwrap_or(0.5 * l + 0.5 * u).clamp(l, u);
        if !self.program.is_integer[column] {
            // Both sides have the middle.
            let middle = 0.5 * l + 0.5 * u;
            let side = |is_below: bool| {
                let (mut lower, mut upper) = (part.lower.clone(), part.upper.clone());
                *(if is_below { &mut upper[column] } else { &mut lower[column] }) = middle;
                Part { lower, upper, changed: Some(column), basis: basis.clone(), depth: part.depth + 1 }
            };
            let leans_below = value < middle;
            self.open.push(side(!leans_below));
            self.open.push(side(leans_below));
            return Ok(());
        }
        // An integral value is no place to cut at: one side would be all there was.
        let below = if value.fract() == 0.0 && value >= u { value - 1.0 } else { value.floor() };
        let side = |is_below: bool| {
            let (mut lower, mut upper) = (part.lower.clone(), part.upper.clone());
            if is_below {
                upper[column] = below;
            } else {
                lower[column] = below + 1.0;
            }
            Part { lower, upper, changed: Some(column), basis: basis.clone(), depth: part.depth + 1 }
        };
        let leans_below = value - below < 0.5;
        self.open.push(side(!leans_below));
        self.open.push(side(leans_below));
        Ok(())
    }

    fn slice(&self) -> i32 {
        let size = self.program.values.len() + self.program.rows() + self.program.lower.len();
        (SLICE_ENTRIES / size.max(1)).clamp(SLICE.0, SLICE.1) as i32
    }

    /// Goes on with the linear program that HiGHS has.
    fn bound(&mut self, part: &Part, slices: &mut u32, budget: &Budget) -> Result<Bounded, Halt> {
        while *slices < SLICES {
            // Asked before the slice: what one has found is never found again.
            budget.spend(0)?;
            let (status, iterations) = self.lp.run(self.slice())?;
            *slices += 1;
            self.statistics.iterations += iterations;
            // That is a step: a later call goes on with the same program.
            budget.set_grace(false);
            let work = (iterations + 1) * (ITERATION * self.program.values.len() as u64 / 1024 + 1);
            let stop = budget.spend(work);
            match status {
                Status::Optimal => {
                    let values = self.lp.values()?;
                    let is_point = values.iter().all(|value| value.is_finite());
                    return Ok(if is_point { Bounded::Near(values) } else { Bounded::Unproved });
                }
                Status::Infeasible => {
                    // Whichever sign it has.
                    let shows = |mut ray: Vec<f64>| {
                        refutes(&self.program, &ray, &part.lower, &part.upper) || {
                            ray.iter_mut().for_each(|y| *y = -*y);
                            refutes(&self.program, &ray, &part.lower, &part.upper)
                        }
                    };
                    let is_refuted = self.lp.ray().is_some_and(shows);
                    return Ok(if is_refuted { Bounded::Refuted } else { Bounded::Unproved });
                }
                Status::Failed => return Ok(Bounded::Unproved),
                Status::More => stop?,
            }
        }
        Ok(Bounded::Unproved)
    }

    /// Looks for a model near a point that is integral where it has to be.
    fn leaf(
        &self,
        part: &Part,
        near: &[f64],
        exhaustive: bool,
        budget: &Budget,
    ) -> Result<(Option<Answer>, Leaf), Halt> {
        // Within the part, whatever HiGHS says: what is fixed has the value that it is fixed to.
        let value = |column: usize| {
            let value = near[column].clamp(part.lower[column], part.upper[column]);
            if self.program.is_integer[column] { value.round() } else { value }
        };
        let model: Vec<i8> = (0..self.program.num_vars()).map(|v| if value(v) > 0.5 { 1 } else { -1 }).collect();
        let values: Vec<f64> = (0..self.num_numbers() as u32).map(|n| value(self.program.number(n))).collect();
        let formulas: Vec<&Formula> = self.formulas.iter().map(|formula| &**formula).collect();
        let leaf = leaf::decide(&formulas, &model, &values, exhaustive, budget)?;
        let Leaf::Point(numbers) = leaf else { return Ok((None, leaf)) };
        for formula in &self.formulas {
            if formula.check_exact(&model, &numbers).map_err(MilpError::from)?.is_some() {
                return Ok((None, Leaf::Hard));
            }
        }
        Ok((Some(Answer::Sat { model, numbers }), Leaf::Hard))
    }
}
