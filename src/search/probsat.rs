//! probSAT: a random violated constraint; of its variables one at random, the likelier the less it breaks.
//!
//! A variable that breaks b is chosen in proportion to (0.9 + b)^-2.06 where no clause has more than three literals, and to
//! c^-b otherwise, with c = 2.85 up to four, 3.7 up to five, 5.1 up to six and 5.4 beyond. In a violated sum the weight of
//! its term is a factor.
//!
//! Source: A. Balint, U. Schöning, "Choosing probability distributions for stochastic local search and the role of make versus
//! break", SAT 2012; the numbers are those of the authors' program of the SAT Competition 2013 (probSAT SC13.2).
//! Powers are those of the system's mathematical library: where another one rounds otherwise, walks may differ.

use rand_xoshiro::rand_core::Rng as _;

use super::breaks::{Breaks, ENOUGH, candidates};
use super::problem::{Problem, variable};
use super::scorer::{Choice, Scorer};
use super::state::{Rng, State, Word, below, unit};
use crate::error::OutOfMemory;

/// Breaks that are told apart: what is beyond is about as unlikely.
const MOST: usize = 64;

/// Literals of a clause whose probabilities fit on the stack.
const SHORT: usize = 16;

#[derive(Debug)]
pub(super) struct ProbSat {
    breaks: Breaks,
    /// How likely a variable is by what it breaks.
    table: [f64; MOST],
    scratch: Vec<(u32, i64)>,
    sums: Vec<f64>,
}

impl ProbSat {
    pub fn new(problem: &Problem) -> Result<Self, OutOfMemory> {
        let lengths = (0..problem.clauses.len()).map(|clause| problem.clauses.range(clause).len());
        let longest = lengths.max().unwrap_or(0);
        let of = |breaks: f64| match longest {
            0..=3 => (0.9 + breaks).powf(-2.06),
            4 => 2.85f64.powf(-breaks),
            5 => 3.7f64.powf(-breaks),
            6 => 5.1f64.powf(-breaks),
            _ => 5.4f64.powf(-breaks),
        };
        let room = longest.max(ENOUGH);
        let (mut scratch, mut sums) = (Vec::new(), Vec::new());
        scratch.try_reserve_exact(room).map_err(|_| OutOfMemory::Allocator { bytes: 16 * room as u64 })?;
        sums.try_reserve_exact(room).map_err(|_| OutOfMemory::Allocator { bytes: 8 * room as u64 })?;
        Ok(ProbSat {
            breaks: Breaks::new(problem)?,
            table: std::array::from_fn(|breaks| of(breaks as f64)),
            scratch,
            sums,
        })
    }

    #[inline]
    fn likely<W: Word>(&self, problem: &Problem, state: &State<W>, variable: u32) -> f64 {
        self.table[(self.breaks.of(problem, state, variable) as usize).min(MOST - 1)]
    }
}

/// The first place whose sum exceeds the drawn share of the last one.
#[inline]
fn drawn(sums: &[f64], rng: &mut Rng) -> usize {
    let target = unit(rng) * sums[sums.len() - 1];
    sums.iter().filter(|&&sum| sum <= target).count().min(sums.len() - 1)
}

impl Scorer for ProbSat {
    type Watch = Breaks;

    #[inline]
    fn watch(&mut self) -> &mut Breaks {
        &mut self.breaks
    }

    fn begin<W: Word>(&mut self, problem: &Problem, state: &mut State<W>) {
        self.breaks.count(problem, state);
    }

    #[inline]
    fn choose<W: Word>(&mut self, problem: &Problem, state: &State<W>, rng: &mut Rng) -> Choice {
        let constraint = state.violated[below(rng, state.violated.len())] as usize;
        if constraint < problem.clauses.len() {
            let literals = problem.clause(constraint);
            if literals.len() <= SHORT {
                let (mut sums, mut sum) = ([0.0; SHORT], 0.0);
                for (place, &literal) in sums.iter_mut().zip(literals) {
                    sum += self.likely(problem, state, variable(literal));
                    *place = sum;
                }
                let chosen = drawn(&sums[..literals.len()], rng);
                return Choice { variable: variable(literals[chosen]), walk: false };
            }
        }
        let (mut found, mut sums) = (std::mem::take(&mut self.scratch), std::mem::take(&mut self.sums));
        if constraint < problem.clauses.len() {
            found.clear();
            found.extend(problem.clause(constraint).iter().map(|&literal| (variable(literal), 1)));
        } else {
            candidates(problem, state, constraint, rng.next_u64() as usize >> 1, &mut found);
        }
        let mut sum = 0.0;
        sums.clear();
        sums.extend(found.iter().map(|&(variable, weight)| {
            sum += self.likely(problem, state, variable) * weight as f64;
            sum
        }));
        let variable = found[drawn(&sums, rng)].0;
        (self.scratch, self.sums) = (found, sums);
        Choice { variable, walk: false }
    }

    fn bytes(&self) -> u64 {
        self.breaks.bytes() + (16 * self.scratch.capacity() + 8 * self.sums.capacity()) as u64
    }
}
