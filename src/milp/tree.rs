//! Branch and bound, depth first.

use std::rc::Rc;

use super::certificate::refutes;
use super::leaf::{self, Leaf};
use super::program::Program;
use super::propagate::Propagator;
use super::raw::{Basis, Lp, Status};
use super::{Answer, MilpError, Statistics};
use crate::budget::{Budget, Phase, Progress, Stop};
use crate::error::OutOfMemory;
use crate::formula::Formula;

/// Iterations between two questions to the budget.
const SLICE: i32 = 200;

/// Slices that one linear program may take before it counts as failed.
const SLICES: usize = 1000;

/// What is so near an integer is taken for one.
const INTEGRAL: f64 = 1e-6;

/// A part: bounds of all columns.
#[derive(Debug, Clone)]
struct Part {
    lower: Vec<f64>,
    upper: Vec<f64>,
    /// The column whose bounds were changed last.
    changed: Option<usize>,
    basis: Rc<Basis>,
    depth: u32,
}

/// A search on its way.
pub(super) struct Tree<'a> {
    formulas: Vec<&'a Formula>,
    program: Program,
    propagator: Propagator,
    lp: Lp,
    open: Vec<Part>,
    doubtful: u64,
    pub statistics: Statistics,
}

/// What a linear program says of a part.
enum Bounded {
    Refuted,
    Unproved,
    /// A point near all rows.
    Near(Vec<f64>),
}

impl<'a> Tree<'a> {
    pub fn new(formulas: &[&'a Formula], assumptions: &[i32], budget: &Budget) -> Result<Self, MilpError> {
        let program = Program::new(formulas)?;
        let lp = Lp::new(&program, budget.seed())?;
        let propagator = Propagator::new(&program);
        let mut part = Part {
            lower: program.lower.clone(),
            upper: program.upper.clone(),
            changed: None,
            basis: Rc::default(),
            depth: 0,
        };
        let mut is_empty = false;
        for &literal in assumptions {
            let column = literal.unsigned_abs() as usize - 1;
            let value = f64::from(u8::from(literal > 0));
            is_empty |= !(part.lower[column] <= value && value <= part.upper[column]);
            (part.lower[column], part.upper[column]) = (value, value);
        }
        let open = if is_empty { Vec::new() } else { vec![part] };
        let formulas = formulas.to_vec();
        Ok(Tree { formulas, program, propagator, lp, open, doubtful: 0, statistics: Statistics::default() })
    }

    /// Goes on until there is an answer or the budget ends; a later call goes on from there.
    pub fn run(&mut self, content: &mut dyn FnMut(&[f64]) -> bool, budget: &Budget) -> Result<Answer, MilpError> {
        while let Some(part) = self.open.pop() {
            let (bytes, limit) = (self.bytes(), budget.memory());
            if bytes > limit {
                self.open.push(part);
                return Err(OutOfMemory::Limit { bytes, limit }.into());
            }
            match self.expand(part.clone(), content, budget)? {
                Ok(None) => {}
                Ok(Some(answer)) => return Ok(answer),
                Err(stop) => {
                    self.open.push(part);
                    return Ok(Answer::Unknown(stop));
                }
            }
        }
        Ok(if self.doubtful > 0 { Answer::Doubtful(self.doubtful) } else { Answer::Unsat })
    }

    /// About what the program and the open parts hold.
    fn bytes(&self) -> u64 {
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

    fn expand(
        &mut self,
        mut part: Part,
        content: &mut dyn FnMut(&[f64]) -> bool,
        budget: &Budget,
    ) -> Result<Result<Option<Answer>, Stop>, MilpError> {
        macro_rules! within {
            ($result:expr) => {
                match $result {
                    Ok(value) => value,
                    Err(stop) => return Ok(Err(stop)),
                }
            };
        }
        within!(budget.report(|| self.progress()));
        self.statistics.nodes += 1;
        let changed = part.changed.as_slice();
        let changed = (part.depth > 0).then_some(changed);
        let ends = (&mut part.lower[..], &mut part.upper[..]);
        if !within!(self.propagator.run(&self.program, changed, ends, budget)) {
            self.statistics.propagated += 1;
            return Ok(Ok(None));
        }
        let near = match within!(self.bound(&part, budget)?) {
            Bounded::Refuted => {
                self.statistics.refuted += 1;
                return Ok(Ok(None));
            }
            Bounded::Unproved => {
                self.statistics.unproved += 1;
                None
            }
            Bounded::Near(point) => Some(point),
        };
        if near.as_ref().is_some_and(|near| content(&near[self.program.num_vars()..][..self.num_numbers()])) {
            return Ok(Ok(Some(Answer::Found)));
        }
        let open = |column: &usize| self.program.is_integer[*column] && part.lower[*column] < part.upper[*column];
        let open: Vec<usize> = (0..part.lower.len()).filter(open).collect();
        let fraction = |column: usize| near.as_ref().map_or(0.0, |near| (near[column] - near[column].round()).abs());
        let is_integral = open.iter().all(|&column| fraction(column) <= INTEGRAL);
        if let Some(near) = &near
            && is_integral
        {
            match within!(self.leaf(&part, near, open.is_empty(), budget)?) {
                (Some(answer), _) => return Ok(Ok(Some(answer))),
                (None, Leaf::Nothing) if open.is_empty() => return Ok(Ok(None)),
                _ => {}
            }
        } else if near.is_none() && open.is_empty() {
            // No point of doubles and no proof: the simplex may find either.
            let middle: Vec<f64> = part.lower.iter().zip(&part.upper).map(|(&l, &u)| 0.5 * l + 0.5 * u).collect();
            match within!(self.leaf(&part, &middle, true, budget)?) {
                (Some(answer), _) => return Ok(Ok(Some(answer))),
                (None, Leaf::Nothing) => return Ok(Ok(None)),
                _ => {}
            }
        }
        let Some(&column) = open.iter().max_by(|&&a, &&b| fraction(a).total_cmp(&fraction(b)).then(b.cmp(&a))) else {
            self.doubtful += 1;
            return Ok(Ok(None));
        };
        self.split(&part, column, near.as_ref().map(|near| near[column]))?;
        Ok(Ok(None))
    }

    /// Puts both sides of a column on the stack; the one that the linear program leans to is looked at first.
    fn split(&mut self, part: &Part, column: usize, value: Option<f64>) -> Result<(), MilpError> {
        let (l, u) = (part.lower[column], part.upper[column]);
        // Where the linear program came to nothing, its basis may be none.
        let basis = if value.is_some() { Rc::new(self.lp.basis()?) } else { part.basis.clone() };
        let value = value.unwrap_or(0.5 * l + 0.5 * u).clamp(l, u);
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

    fn bound(&mut self, part: &Part, budget: &Budget) -> Result<Result<Bounded, Stop>, MilpError> {
        self.lp.set_bounds(&part.lower, &part.upper)?;
        self.lp.set_basis(&part.basis)?;
        for _ in 0..SLICES {
            let (status, iterations) = self.lp.run(SLICE)?;
            self.statistics.iterations += iterations;
            let work = (iterations + 1) * (self.program.values.len() as u64 / 1024 + 1);
            if let Err(stop) = budget.spend(work) {
                return Ok(Err(stop));
            }
            match status {
                Status::Optimal => {
                    let values = self.lp.values()?;
                    let is_point = values.iter().all(|value| value.is_finite());
                    return Ok(Ok(if is_point { Bounded::Near(values) } else { Bounded::Unproved }));
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
                    return Ok(Ok(if is_refuted { Bounded::Refuted } else { Bounded::Unproved }));
                }
                Status::Failed => return Ok(Ok(Bounded::Unproved)),
                Status::More => {}
            }
        }
        Ok(Ok(Bounded::Unproved))
    }

    /// Looks for a model near a point that is integral where it has to be.
    fn leaf(
        &self,
        part: &Part,
        near: &[f64],
        exhaustive: bool,
        budget: &Budget,
    ) -> Result<Result<(Option<Answer>, Leaf), Stop>, MilpError> {
        // Within the part, whatever HiGHS says: what is fixed has the value that it is fixed to.
        let value = |column: usize| {
            let value = near[column].clamp(part.lower[column], part.upper[column]);
            if self.program.is_integer[column] { value.round() } else { value }
        };
        let model: Vec<i8> = (0..self.program.num_vars()).map(|v| if value(v) > 0.5 { 1 } else { -1 }).collect();
        let values: Vec<f64> = (0..self.num_numbers() as u32).map(|n| value(self.program.number(n))).collect();
        let leaf = match leaf::decide(&self.formulas, &model, &values, exhaustive, budget) {
            Ok(leaf) => leaf,
            Err(stop) => return Ok(Err(stop)),
        };
        let Leaf::Point(numbers) = leaf else { return Ok(Ok((None, leaf))) };
        for formula in &self.formulas {
            if formula.check_exact(&model, &numbers)?.is_some() {
                return Ok(Ok((None, Leaf::Hard)));
            }
        }
        Ok(Ok((Some(Answer::Sat { model, numbers }), Leaf::Hard)))
    }
}
