//! A walker that waits for answers: it makes random steps by itself, and asks in between.

use std::fmt::Debug;

use rand_xoshiro::rand_core::Rng as _;

use crate::budget::Budget;
use crate::error::OutOfMemory;
use crate::search::breaks::{ENOUGH, candidates};
use crate::search::problem::{Problem, variable};
use crate::search::scorer::{Choice, Scorer};
use crate::search::state::{Rng, State, Watch, Word, below, unit};
use crate::search::walker::{Walk, Walker};

/// Flips between two looks at the budget, and between two turns of other walkers.
const LOOK: u32 = 256;
const TURN: u32 = 4096;

/// Flips of a walker that its host is told of one by one. Beyond that its whole assignment is: random steps are hardly ever so
/// many between two questions.
pub(in crate::search) const LOG: usize = 16;

/// A flip that the host had no proposal for.
const RANDOM: u32 = u32::MAX;

/// How far a walker came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::search) enum Step {
    /// To a question.
    Question,
    /// It has a model.
    Model,
    /// It made all flips that it was allowed, or the budget is over.
    Rest,
    /// Its last try is over.
    Over,
    /// It had its turn, and goes on in the next round.
    On,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(in crate::search) struct Question {
    pub key: u64,
    pub violated: usize,
    /// Flips that are left of the try.
    pub left: u64,
}

/// Nothing is kept up to date but the state.
#[derive(Debug, Default)]
pub(in crate::search) struct Unwatched;

impl Watch for Unwatched {
    fn made(&mut self, _: &Problem, _: usize, _: u32) {}
    fn broken(&mut self, _: &Problem, _: usize, _: u32) {}
    fn gained(&mut self, _: usize, _: u32) {}
    fn lost(&mut self, _: usize, _: u32) {}
}

/// What a walker keeps whose scores come from outside. As a scorer it makes random steps.
#[derive(Debug)]
pub(in crate::search) struct Asker {
    watch: Unwatched,
    /// Probability of a random step before a question.
    walk: f64,
    /// Whether the host makes the flips that it answers by itself.
    keeps_flips: bool,
    /// The key of what is asked, from when it is decided until it is answered.
    question: Option<u64>,
    /// What was answered, and how many of these flips are made.
    answers: Vec<u32>,
    made: usize,
    /// Whether the host's copy has all of them already.
    is_ahead: bool,
    /// Flips that the host was not told of.
    log: Vec<u32>,
    /// It is to take the whole assignment.
    reload: bool,
    scratch: Vec<(u32, i64)>,
}

impl Asker {
    pub fn new(walk: f64, keeps_flips: bool, answers: usize) -> Result<Self, OutOfMemory> {
        fn room<T>(length: usize) -> Result<Vec<T>, OutOfMemory> {
            let mut all = Vec::new();
            let bytes = (length * size_of::<T>()) as u64;
            all.try_reserve_exact(length).map_err(|_| OutOfMemory::Allocator { bytes })?;
            Ok(all)
        }
        Ok(Asker {
            watch: Unwatched,
            walk,
            keeps_flips,
            question: None,
            answers: room(answers.max(1))?,
            made: 0,
            is_ahead: false,
            log: room(LOG + if keeps_flips { 0 } else { answers })?,
            reload: true,
            scratch: room(ENOUGH)?,
        })
    }

    fn note(&mut self, flipped: u32) {
        if self.reload {
            return;
        }
        if self.log.len() == self.log.capacity() {
            self.reload = true;
            self.log.clear();
        } else {
            self.log.push(flipped);
        }
    }
}

impl Scorer for Asker {
    type Watch = Unwatched;

    fn watch(&mut self) -> &mut Unwatched {
        &mut self.watch
    }

    fn begin<W: Word>(&mut self, problem: &Problem, state: &mut State<W>) {
        state.count(problem, |_, _| ());
        (self.question, self.made, self.reload) = (None, 0, true);
        self.answers.clear();
        self.log.clear();
    }

    /// A random variable of a random violated constraint.
    fn choose<W: Word>(&mut self, problem: &Problem, state: &State<W>, rng: &mut Rng) -> Choice {
        let constraint = state.violated[below(rng, state.violated.len())] as usize;
        if constraint < problem.clauses.len() {
            let literals = problem.clause(constraint);
            return Choice { variable: variable(literals[below(rng, literals.len())]), walk: true };
        }
        candidates(problem, state, constraint, rng.next_u64() as usize >> 1, &mut self.scratch);
        Choice { variable: self.scratch[below(rng, self.scratch.len())].0, walk: true }
    }

    fn bytes(&self) -> u64 {
        (4 * (self.answers.capacity() + self.log.capacity()) + 16 * self.scratch.capacity()) as u64
    }
}

/// A walker that waits for answers, whatever its words are.
pub(in crate::search) trait Asking: Walk + Debug + Send {
    /// Makes what was answered and random steps, until there is something to ask, or as many flips as it is allowed.
    fn advance(&mut self, problem: &Problem, allowed: &mut u64, budget: &Budget) -> Step;
    /// What it asks.
    fn question(&self) -> Question;
    /// The answer: variables to flip, one after the other; where there are none, a random step is made.
    fn answer(&mut self, flips: &[u32]);
    /// The generator of its random decisions.
    fn rng(&mut self) -> &mut Rng;
    /// Whether the host is to take the whole assignment, else what was flipped, since it was told last.
    fn news(&self) -> Result<&[u32], &[u32]>;
    /// The host was told.
    fn told(&mut self);
    /// The host was told, but what it knows is in doubt.
    fn doubt(&mut self);
    /// As a walker.
    fn as_walk(&mut self) -> &mut dyn Walk;
}

impl<W: Word> Asking for Walker<W, Asker> {
    fn advance(&mut self, problem: &Problem, allowed: &mut u64, budget: &Budget) -> Step {
        let mut made = 0;
        loop {
            let left = match self.left {
                Some(_) if self.state.violated.is_empty() => return Step::Model,
                Some(1..) if *allowed == 0 => return Step::Rest,
                Some(left @ 1..) => left,
                _ if self.tries == 0 => return Step::Over,
                _ if *allowed == 0 || budget.check().is_err() => return Step::Rest,
                _ => {
                    self.tries -= 1;
                    self.begin(problem);
                    continue;
                }
            };
            if self.scorer.question.is_some() {
                return Step::Question;
            }
            made += 1;
            if made == TURN {
                return Step::On;
            }
            if made % LOOK == 0 && budget.check().is_err() {
                return Step::Rest;
            }
            let answer = self.scorer.answers.get(self.scorer.made).copied();
            let choice = match answer {
                Some(variable) if variable != RANDOM => Choice { variable, walk: false },
                None if unit(&mut self.rng) >= self.scorer.walk => {
                    self.scorer.question = Some(self.rng.next_u64());
                    return Step::Question;
                }
                _ => self.scorer.choose(problem, &self.state, &mut self.rng),
            };
            self.scorer.made += usize::from(answer.is_some());
            self.apply(problem, choice);
            if choice.walk || !self.scorer.is_ahead {
                self.scorer.note(choice.variable);
            }
            self.left = Some(left - 1);
            *allowed -= 1;
        }
    }

    fn question(&self) -> Question {
        Question {
            key: self.scorer.question.unwrap_or_default(),
            violated: self.state.violated.len(),
            left: self.left.unwrap_or_default(),
        }
    }

    fn answer(&mut self, flips: &[u32]) {
        let asker = &mut self.scorer;
        (asker.question, asker.made, asker.is_ahead) = (None, 0, asker.keeps_flips);
        asker.answers.clear();
        asker.answers.extend_from_slice(if flips.is_empty() { &[RANDOM] } else { flips });
    }

    fn rng(&mut self) -> &mut Rng {
        &mut self.rng
    }

    fn news(&self) -> Result<&[u32], &[u32]> {
        if self.scorer.reload { Err(&self.state.values) } else { Ok(&self.scorer.log) }
    }

    fn told(&mut self) {
        // An assignment that was taken anew is where the walker is, and not where its answers lead.
        self.scorer.is_ahead &= !self.scorer.reload;
        self.scorer.reload = false;
        self.scorer.log.clear();
    }

    fn doubt(&mut self) {
        self.scorer.reload = true;
        self.scorer.log.clear();
    }

    fn as_walk(&mut self) -> &mut dyn Walk {
        self
    }
}
