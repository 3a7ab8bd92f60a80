//! Approximate counting: cells are made so small that their models can be counted, and the count is scaled up.
//!
//! Sources: S. Chakraborty, K. S. Meel, M. Y. Vardi, "A Scalable Approximate Model Counter", CP 2013; the same, "Algorithmic
//! Improvements in Approximate Counting for Probabilistic Inference: From Linear to Logarithmic SAT Calls", IJCAI 2016 (rows of
//! one hash function are added one by one, so that the cells of a round lie within one another, and the number of rows is
//! searched for in leaps).
//!
//! A round gives a count within a factor 1 + ε with probability at least 0.64 (IJCAI 2016, lemma 3); the median of as many
//! rounds as the binomial distribution asks for is that wrong with probability δ at most. Rounds depend on nothing but the
//! seed and their number.
//!
//! Cost: each round asks for some log₂ *n* cells of at most 1 + 9.84 (1 + ε/(1+ε)) (1 + 1/ε)² models (73 with ε = 0.8), where a
//! round before did not tell where to look; then for two or three.

use std::sync::Arc;

use num_bigint::BigUint;

use super::support::Support;
use super::{Family, SampleError, projection_of, stream};
use crate::budget::{Budget, Phase, Progress, Stop};
use crate::formula::Formula;
use crate::solve::cells::Cells;

/// How likely a round is too far off, at most.
const MISS: f64 = 0.36;

/// How well to count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CountOptions {
    /// The count is at least the true one divided by 1 + ε, and at most the true one times 1 + ε, ...
    pub epsilon: f64,
    /// ... but with this probability.
    pub delta: f64,
    /// The guarantee holds with [`Family::Dense`] and [`Family::Shifted`].
    pub family: Family,
}

impl Default for CountOptions {
    fn default() -> Self {
        CountOptions { epsilon: 0.8, delta: 0.2, family: Family::Dense }
    }
}

/// A number of models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub models: BigUint,
    /// Whether there are exactly so many: there were so few that all were found.
    pub exact: bool,
}

/// What a round has found: models in a cell, and how many rows made it. The count is the first times 2 to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Round {
    models: u64,
    rows: u32,
}

/// Counts the models of a formula, projected on its sampling set.
#[derive(Debug)]
pub struct Counter {
    formula: Arc<Formula>,
    projection: Vec<u32>,
    support: Support,
    /// Once the support is known.
    cells: Option<Cells>,
    rounds: Rounds,
}

/// How far counting has come.
#[derive(Debug)]
pub(super) struct Rounds {
    family: Family,
    /// A cell with fewer models is small.
    threshold: usize,
    done: Vec<Round>,
    wanted: usize,
    /// Where the round at hand has come to.
    search: Option<Search>,
    /// All models, where there are so few.
    exact: Option<u64>,
    begun: bool,
}

/// The rows of a round for which the cell is just small.
#[derive(Debug)]
struct Search {
    rows: Vec<crate::solve::cells::Parity>,
    /// The most rows with which it is known to be large, and the fewest with which it is known to be small, and how many models
    /// it has then.
    large: usize,
    small: Option<(usize, u64)>,
    step: usize,
    next: usize,
}

impl Counter {
    /// For `formula` as it is now; its sampling set, or all variables where it has none.
    ///
    /// # Errors
    ///
    /// ε that is not above 0.004, δ that is not between 0 and 1, a density that is not above 0 and up to 1/2.
    pub fn new(formula: Arc<Formula>, options: &CountOptions) -> Result<Self, SampleError> {
        let rounds = Rounds::new(options)?;
        let projection = projection_of(&formula);
        Ok(Counter { support: Support::new(&formula, &projection)?, projection, formula, cells: None, rounds })
    }

    /// Goes on until the number is known, or the budget ends: then the next call goes on from there. `seed` must be
    /// the same in all calls.
    pub fn run(&mut self, seed: u64, budget: &Budget) -> Result<Result<Count, Stop>, SampleError> {
        let cells = match &mut self.cells {
            Some(cells) => cells,
            none => match self.support.run(budget)? {
                Ok(support) => none.insert(Cells::new(Arc::clone(&self.formula), &self.projection, &support)?),
                Err(stop) => return Ok(Err(stop)),
            },
        };
        self.rounds.run(cells, seed, budget)
    }

    /// How many cells were looked into.
    #[must_use]
    pub fn cells(&self) -> u64 {
        self.cells.as_ref().map_or(0, Cells::cells)
    }

    /// How many rounds there will be, unless all models are found at once.
    #[must_use]
    pub fn rounds(&self) -> usize {
        self.rounds.wanted
    }
}

impl Rounds {
    pub fn new(options: &CountOptions) -> Result<Self, SampleError> {
        let CountOptions { epsilon, delta, family } = *options;
        let pivot = 9.84 * (1.0 + epsilon / (1.0 + epsilon)) * (1.0 + 1.0 / epsilon).powi(2);
        if !(epsilon > 0.0 && epsilon.is_finite() && pivot < 1e6) {
            return Err(SampleError::Option { option: "epsilon", value: epsilon, allowed: "a number above 0.004" });
        }
        if !(delta > 0.0 && delta < 1.0) {
            return Err(SampleError::Option { option: "delta", value: delta, allowed: "between 0 and 1" });
        }
        super::check_family(family)?;
        Ok(Rounds {
            family,
            threshold: pivot.ceil() as usize + 1,
            done: Vec::new(),
            wanted: rounds(delta),
            search: None,
            exact: None,
            begun: false,
        })
    }

    /// As [`Counter::run`], over these cells.
    pub fn run(&mut self, cells: &mut Cells, seed: u64, budget: &Budget) -> Result<Result<Count, Stop>, SampleError> {
        if !self.begun {
            let cell = match cells.enumerate(&[], self.threshold, budget)? {
                Ok(cell) => cell,
                Err(stop) => return Ok(Err(stop)),
            };
            self.exact = cell.complete.then_some(cell.len() as u64);
            self.begun = true;
        }
        if let Some(models) = self.exact {
            return Ok(Ok(Count { models: models.into(), exact: true }));
        }
        while self.done.len() < self.wanted {
            let (done, total) = (self.done.len() as u64, self.wanted as u64);
            if let Err(stop) = budget.report(|| Progress { done, total, ..Progress::at(Phase::Search) }) {
                return Ok(Err(stop));
            }
            match self.round(cells, seed, budget)? {
                Ok(round) => self.done.push(round),
                Err(stop) => return Ok(Err(stop)),
            }
        }
        let mut found: Vec<BigUint> = self.done.iter().map(|round| BigUint::from(round.models) << round.rows).collect();
        found.sort_unstable();
        Ok(Ok(Count { models: found.swap_remove(self.wanted / 2), exact: false }))
    }

    fn round(&mut self, cells: &mut Cells, seed: u64, budget: &Budget) -> Result<Result<Round, Stop>, SampleError> {
        let width = cells.width();
        let mut search = match self.search.take() {
            Some(search) => search,
            None => {
                let mut rng = stream(seed, "count", self.done.len() as u64);
                let rows = self.family.draw(width, width, &mut rng);
                let next = self.done.last().map_or(1, |round| round.rows as usize).clamp(1, width.max(1));
                Search { rows, large: 0, small: None, step: 1, next }
            }
        };
        loop {
            let cell = match cells.enumerate(&search.rows[..search.next], self.threshold, budget)? {
                Ok(cell) => cell,
                Err(stop) => {
                    self.search = Some(search);
                    return Ok(Err(stop));
                }
            };
            if cell.complete && cell.len() < self.threshold {
                search.small = Some((search.next, cell.len() as u64));
            } else {
                search.large = search.next;
            }
            let large = search.large;
            match search.small {
                Some((rows, models)) if rows == large + 1 => return Ok(Ok(Round { models, rows: rows as u32 })),
                Some((rows, _)) if large > 0 => search.next = usize::midpoint(large, rows),
                Some((rows, _)) => {
                    search.next = rows.saturating_sub(search.step).max(1);
                    search.step *= 2;
                }
                // Rows that hardly say anything, being few different ones. The round misses: there are no so many assignments.
                None if large == width => {
                    return Ok(Ok(Round { models: cell.len() as u64, rows: width as u32 }));
                }
                None => {
                    search.next = (large + search.step).min(width);
                    search.step *= 2;
                }
            }
        }
    }
}

/// How many rounds make the median good with probability 1 - `delta`.
fn rounds(delta: f64) -> usize {
    let mut t = 1;
    // A hundred rounds for each factor of 10^6 would do: the loop ends.
    while too_many_misses(t) > delta {
        t += 2;
    }
    t
}

/// How likely at least half of `t` rounds miss.
fn too_many_misses(t: usize) -> f64 {
    let mut term = (1.0 - MISS).powi(t as i32);
    let mut sum = 0.0;
    for k in 0..=t {
        if 2 * k > t {
            sum += term;
        }
        term *= (t - k) as f64 / (k + 1) as f64 * MISS / (1.0 - MISS);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_are_as_many_as_the_binomial_asks_for() {
        assert_eq!(rounds(0.4), 1);
        // Three: 3 * 0.36^2 * 0.64 + 0.36^3 = 0.2955.
        assert!((too_many_misses(3) - 0.295_488).abs() < 1e-9);
        assert_eq!((rounds(0.3), rounds(0.29)), (3, 5));
        let few = [0.2, 0.1, 0.05, 0.01].map(rounds);
        assert!(few.windows(2).all(|pair| pair[0] < pair[1]), "{few:?}");
        for (delta, t) in [0.2, 0.1, 0.05, 0.01].into_iter().zip(few) {
            assert!(too_many_misses(t) <= delta && too_many_misses(t - 2) > delta);
        }
    }
}
