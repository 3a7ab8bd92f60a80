//! One walker: algorithm 1 of E. Yolcu and B. Póczos, "Learning Local Search Heuristics for Boolean Satisfiability", NeurIPS
//! 2019, from a random assignment to a model or to its last flip, again and again.

use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};

use super::best::Best;
use super::problem::Problem;
use super::scorer::{Choice, Scorer};
use super::state::{Division, Rng, State, Word, filled};
use super::{Options, Statistics};
use crate::budget::Budget;
use crate::error::OutOfMemory;

/// Flips between two looks at the budget: a single one may go through half of all variables.
const LOOK: u64 = 256;

/// What some flips came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Walked {
    /// All of them were made, or the budget is over.
    On,
    /// The state is a model.
    Model,
    /// The last try is over.
    Over,
}

/// A walker, whatever its scorer and words are.
pub(super) trait Walk: std::fmt::Debug + Send {
    /// Makes at most so many flips; fewer where the budget is over, which is looked at before each try and now and then.
    fn walk(&mut self, problem: &Problem, flips: u64, budget: &Budget) -> Walked;
    /// Its assignment.
    fn values(&self) -> &[u32];
    /// The least that was violated, and where.
    fn best(&mut self) -> (usize, &[u32]);
    fn statistics(&self) -> Statistics;
    /// Begins the next try from this assignment.
    fn set(&mut self, values: &[u32]);
    fn bytes(&self) -> u64;
}

#[derive(Debug)]
pub(super) struct Walker<W, S> {
    pub state: State<W>,
    pub scorer: S,
    pub rng: Rng,
    /// Flips a try, and how many tries are left.
    flips: u64,
    pub tries: u64,
    /// Flips that are left of this try; none before the first.
    pub left: Option<u64>,
    /// Whether the next try begins from the values that are there.
    given: bool,
    /// In which try each variable was flipped last, from 1 on.
    flipped: Vec<u32>,
    best: Best,
    statistics: Statistics,
}

impl<W: Word, S: Scorer> Walker<W, S> {
    /// The walker with this number.
    pub fn new(
        problem: &Problem,
        division: Division,
        scorer: S,
        options: &Options,
        number: u64,
    ) -> Result<Self, OutOfMemory> {
        // One stream a walker: seeds are spread out by the generator's own way of taking them up (SplitMix64).
        let mut seeds = Rng::seed_from_u64(options.seed);
        let seed = seeds.next_u64() ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Ok(Walker {
            state: State::new(problem, division)?,
            scorer,
            rng: Rng::seed_from_u64(seed),
            flips: options.flips.unwrap_or(u64::MAX),
            tries: options.tries.unwrap_or(u64::MAX),
            left: None,
            given: false,
            flipped: filled(problem.num_vars as usize, 0)?,
            best: Best::new(problem.num_vars)?,
            statistics: Statistics::default(),
        })
    }

    /// Begins a try: it was taken off those that are left.
    pub fn begin(&mut self, problem: &Problem) {
        if !self.given {
            self.best.save(&self.state.values);
            for word in &mut self.state.values {
                *word = (self.rng.next_u64() >> 32) as u32;
            }
            if let (Some(last), over @ 1..) = (self.state.values.last_mut(), problem.num_vars % 32) {
                *last &= (1 << over) - 1;
            }
        }
        self.given = false;
        self.scorer.begin(problem, &mut self.state);
        self.best.after(None, self.state.violated.len(), &self.state.values);
        self.statistics.tries += 1;
        self.left = Some(self.flips);
        if self.statistics.tries > u64::from(u32::MAX) {
            self.flipped.fill(0);
        }
    }

    /// Flips a variable, and counts what that was.
    #[inline]
    pub fn apply(&mut self, problem: &Problem, choice: Choice) {
        let before = self.state.violated.len();
        self.state.flip(problem, choice.variable, self.scorer.watch());
        let after = self.state.violated.len();
        self.best.after(Some(choice.variable), after, &self.state.values);
        let this = self.statistics.tries as u32;
        let last = std::mem::replace(&mut self.flipped[choice.variable as usize], this);
        let all = &mut self.statistics;
        all.flips += 1;
        if choice.walk {
            all.walk += 1;
        } else {
            // No jumps, which nothing could foretell.
            all.undo += u64::from(last == this);
            all.upwards += u64::from(after > before);
            all.sideways += u64::from(after == before);
            all.downwards += u64::from(after < before);
        }
    }
}

impl<W: Word, S: Scorer> Walk for Walker<W, S> {
    fn walk(&mut self, problem: &Problem, flips: u64, budget: &Budget) -> Walked {
        let mut remaining = flips;
        loop {
            let left = match self.left {
                Some(left @ 1..) => left,
                _ if self.left.is_some() && self.state.violated.is_empty() => return Walked::Model,
                _ if self.tries == 0 => return Walked::Over,
                _ if budget.check().is_err() => return Walked::On,
                _ => {
                    self.tries -= 1;
                    self.begin(problem);
                    continue;
                }
            };
            let (mut done, most) = (0, left.min(remaining));
            let mut is_over = false;
            while done < most && !self.state.violated.is_empty() {
                if done % LOOK == LOOK - 1 && budget.check().is_err() {
                    is_over = true;
                    break;
                }
                let choice = self.scorer.choose(problem, &self.state, &mut self.rng);
                self.apply(problem, choice);
                done += 1;
            }
            self.left = Some(left - done);
            remaining -= done;
            if self.state.violated.is_empty() {
                return Walked::Model;
            }
            if remaining == 0 || is_over {
                return if left == done && self.tries == 0 { Walked::Over } else { Walked::On };
            }
        }
    }

    fn values(&self) -> &[u32] {
        &self.state.values
    }

    fn best(&mut self) -> (usize, &[u32]) {
        self.best.save(&self.state.values);
        (self.best.violated, self.best.values())
    }

    fn statistics(&self) -> Statistics {
        self.statistics
    }

    fn set(&mut self, values: &[u32]) {
        self.best.save(&self.state.values);
        self.state.values.copy_from_slice(values);
        (self.given, self.left) = (true, None);
    }

    fn bytes(&self) -> u64 {
        self.state.bytes() + self.scorer.bytes() + self.best.bytes() + 4 * self.flipped.capacity() as u64
    }
}
