//! WalkSAT: a random violated constraint; of its variables a random one with the walk probability, else one that breaks
//! least, a random one of several.
//!
//! Sources: B. Selman, H. Kautz, B. Cohen, "Noise strategies for improving local search", AAAI 1994 (SKC), which flips a
//! variable that breaks nothing before it throws the die; E. Yolcu, B. Póczos, "Learning Local Search Heuristics for Boolean
//! Satisfiability", NeurIPS 2019, section 3.2, whose baseline does not.

use rand_xoshiro::rand_core::Rng as _;

use super::breaks::{Breaks, ENOUGH, candidates};
use super::problem::{Problem, variable};
use super::scorer::{Choice, Scorer};
use super::state::{Rng, State, Word, below, unit};
use crate::error::OutOfMemory;

#[derive(Debug)]
pub(super) struct WalkSat {
    breaks: Breaks,
    /// Probability of a random choice.
    walk: f64,
    /// Whether a variable that breaks nothing goes first.
    free: bool,
    scratch: Vec<(u32, i64)>,
}

impl WalkSat {
    pub fn new(problem: &Problem, walk: f64, free: bool) -> Result<Self, OutOfMemory> {
        Ok(WalkSat { breaks: Breaks::new(problem)?, walk, free, scratch: Vec::with_capacity(ENOUGH) })
    }

    #[inline]
    fn of<W: Word>(
        &self,
        problem: &Problem,
        state: &State<W>,
        variables: impl ExactSizeIterator<Item = u32> + Clone,
        rng: &mut Rng,
    ) -> Choice {
        let length = variables.len();
        let random = |rng: &mut Rng| Choice {
            variable: variables.clone().nth(below(rng, length)).unwrap_or_default(),
            walk: true,
        };
        let walk = unit(rng) < self.walk;
        if walk && !self.free {
            return random(rng);
        }
        let (mut least, mut best, mut ties) = (u32::MAX, 0, 0);
        for variable in variables.clone() {
            let breaks = self.breaks.of(problem, state, variable);
            if breaks < least {
                (least, best, ties) = (breaks, variable, 1);
            } else if breaks == least {
                // Each of them equally likely.
                ties += 1;
                if below(rng, ties) == 0 {
                    best = variable;
                }
            }
        }
        if walk && least > 0 { random(rng) } else { Choice { variable: best, walk: false } }
    }
}

impl Scorer for WalkSat {
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
            let variables = problem.clause(constraint).iter().map(|&literal| variable(literal));
            return self.of(problem, state, variables, rng);
        }
        let mut found = std::mem::take(&mut self.scratch);
        candidates(problem, state, constraint, rng.next_u64() as usize >> 1, &mut found);
        let choice = self.of(problem, state, found.iter().map(|&(variable, _)| variable), rng);
        self.scratch = found;
        choice
    }

    fn bytes(&self) -> u64 {
        self.breaks.bytes()
    }
}
