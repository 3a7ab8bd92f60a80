//! One assignment, and what it violates, kept up to date flip by flip.
//!
//! A clause is one word: how many of its literals are true in the low bits, and above them the sum modulo 2 of the
//! variables of these literals. Where one is true alone, that is its variable, found without a look at the clause (A.
//! Biere, "Yet another local search solver", 2014, keeps it for the same reason). Where none is true nothing is summed,
//! and the word says instead where the clause stands in the list of what is violated: so a flip touches one word a clause.
//!
//! Cost of a flip: a word for each occurrence of the variable; what a [`Watch`] does where the number of true literals
//! changes from or to 0 or 1; and the parities and sums of the variable.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::Rng as _;

use super::problem::{Literal, Problem, variable};
use crate::error::OutOfMemory;

pub(super) type Rng = Xoshiro256PlusPlus;

/// Uniform in `0..bound`, up to a bias of `bound` in 2^64.
#[inline]
pub(super) fn below(rng: &mut Rng, bound: usize) -> usize {
    ((u128::from(rng.next_u64()) * bound as u128) >> 64) as usize
}

/// Uniform in [0, 1), in steps of 2^-53.
#[inline]
pub(super) fn unit(rng: &mut Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// A clause's word: 32 bits where counts and variables fit, which is half as much to fetch.
pub(super) trait Word: Copy + Default + std::fmt::Debug + Send + Sync + 'static {
    fn of(value: u64) -> Self;
    fn get(self) -> u64;
}

impl Word for u32 {
    #[inline]
    fn of(value: u64) -> Self {
        value as u32
    }
    #[inline]
    fn get(self) -> u64 {
        self.into()
    }
}

impl Word for u64 {
    #[inline]
    fn of(value: u64) -> Self {
        value
    }
    #[inline]
    fn get(self) -> u64 {
        self
    }
}

/// How words are divided.
#[derive(Debug, Clone, Copy)]
pub(super) struct Division {
    /// Bits of the count.
    low: u32,
    /// Bits in all.
    pub bits: u32,
}

impl Division {
    pub fn of(problem: &Problem) -> Self {
        let longest = (0..problem.clauses.len()).map(|clause| problem.clauses.range(clause).len()).max().unwrap_or(0);
        let bits = |most: u64| u64::BITS - most.leading_zeros();
        let low = bits(longest as u64);
        Division { low, bits: low + bits(u64::from(problem.num_vars).max(problem.num_constraints() as u64)) }
    }
}

/// What is told of clauses while variables flip. A clause is critical for a variable where that has its only true literal.
pub(super) trait Watch {
    /// The clause became satisfied, and critical for the variable.
    fn made(&mut self, problem: &Problem, clause: usize, by: u32);
    /// The clause became violated, and was critical for the variable.
    fn broken(&mut self, problem: &Problem, clause: usize, by: u32);
    /// The clause became critical for the variable.
    fn gained(&mut self, clause: usize, variable: u32);
    /// The clause is no longer critical for the variable.
    fn lost(&mut self, clause: usize, variable: u32);
}

/// An assignment.
#[derive(Debug)]
pub(super) struct State<W> {
    division: Division,
    /// Variable v is bit v % 32 of word v / 32.
    pub values: Vec<u32>,
    words: Vec<W>,
    /// Constraints that are violated, in any order.
    pub violated: Vec<u32>,
    /// Of parities and sums that are violated, where.
    places: Vec<u32>,
    /// Whether parities are as they should be.
    pub even: Vec<bool>,
    /// What sums come to, less their bounds.
    pub slack: Vec<i64>,
}

/// An array of so many equal values.
pub(super) fn filled<T: Clone>(length: usize, value: T) -> Result<Vec<T>, OutOfMemory> {
    let mut array = Vec::new();
    let refused = |_| OutOfMemory::Allocator { bytes: (length * size_of::<T>()) as u64 };
    array.try_reserve_exact(length).map_err(refused)?;
    array.resize(length, value);
    Ok(array)
}

impl<W: Word> State<W> {
    /// All false, and nothing counted yet.
    pub fn new(problem: &Problem, division: Division) -> Result<Self, OutOfMemory> {
        let others = problem.xors.len() + problem.sums.len();
        let mut violated = filled(problem.num_constraints(), 0)?;
        violated.clear();
        Ok(State {
            division,
            values: filled((problem.num_vars as usize).div_ceil(32), 0)?,
            words: filled(problem.clauses.len(), W::default())?,
            violated,
            places: filled(others, 0)?,
            even: filled(problem.xors.len(), false)?,
            slack: filled(problem.sums.len(), 0)?,
        })
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        let words = self.words.capacity() * size_of::<W>();
        let numbers = 4 * (self.values.capacity() + self.violated.capacity() + self.places.capacity());
        (words + numbers + self.even.capacity() + 8 * self.slack.capacity()) as u64
    }

    /// Whether the variable is true.
    #[inline]
    pub fn value(&self, variable: u32) -> bool {
        self.values[variable as usize / 32] >> (variable % 32) & 1 == 1
    }

    #[inline]
    pub fn holds(&self, literal: Literal) -> bool {
        self.value(variable(literal)) != (literal & 1 == 1)
    }

    /// How many literals of a clause are true; and if that is one, its variable.
    #[inline]
    pub fn critical(&self, clause: usize) -> (u64, u32) {
        let word = self.words[clause].get();
        (word & ((1 << self.division.low) - 1), (word >> self.division.low) as u32)
    }

    /// Counts for the values that are there, and tells what is critical. Clauses that are violated are not told.
    pub fn count(&mut self, problem: &Problem, mut critical: impl FnMut(usize, u32)) {
        self.violated.clear();
        let low = self.division.low;
        for clause in 0..problem.clauses.len() {
            let mut word = 0u64;
            for &literal in problem.clause(clause) {
                if self.holds(literal) {
                    word = (word + 1) ^ u64::from(variable(literal)) << low;
                }
            }
            match word & ((1 << low) - 1) {
                0 => {
                    word = (self.violated.len() as u64) << low;
                    self.violated.push(clause as u32);
                }
                1 => critical(clause, (word >> low) as u32),
                _ => {}
            }
            self.words[clause] = W::of(word);
        }
        for xor in 0..problem.xors.len() {
            let odd = problem.xors.row(xor).iter().fold(false, |odd, &v| odd ^ self.value(v));
            self.even[xor] = odd == problem.odd[xor];
            if !self.even[xor] {
                self.places[xor] = self.violated.len() as u32;
                self.violated.push((problem.clauses.len() + xor) as u32);
            }
        }
        let before = problem.clauses.len() + problem.xors.len();
        for sum in 0..problem.sums.len() {
            let terms = problem.sums.row(sum).iter();
            let held: i64 = terms.filter(|(literal, _)| self.holds(*literal)).map(|&(_, weight)| weight).sum();
            self.slack[sum] = held - problem.bounds[sum];
            if self.slack[sum] < 0 {
                self.places[problem.xors.len() + sum] = self.violated.len() as u32;
                self.violated.push((before + sum) as u32);
            }
        }
    }

    /// Takes what stands at a place out of the list of what is violated.
    #[inline]
    fn remove(&mut self, place: usize) {
        let last = self.violated.pop().unwrap_or_default();
        let Some(moved) = self.violated.get_mut(place) else { return };
        *moved = last;
        match self.words.get_mut(last as usize) {
            Some(word) => *word = W::of((place as u64) << self.division.low),
            None => self.places[last as usize - self.words.len()] = place as u32,
        }
    }

    #[inline]
    pub fn flip(&mut self, problem: &Problem, flipped: u32, watch: &mut impl Watch) {
        self.values[flipped as usize / 32] ^= 1 << (flipped % 32);
        let becomes = 2 * flipped + u32::from(!self.value(flipped));
        let low = self.division.low;
        let (mask, own) = ((1u64 << low) - 1, u64::from(flipped) << low);
        for &clause in problem.in_clauses.row(becomes as usize) {
            let word = self.words[clause as usize].get();
            let next = match word & mask {
                0 => {
                    self.remove((word >> low) as usize);
                    watch.made(problem, clause as usize, flipped);
                    own | 1
                }
                1 => {
                    watch.lost(clause as usize, (word >> low) as u32);
                    (word ^ own) + 1
                }
                _ => (word ^ own) + 1,
            };
            self.words[clause as usize] = W::of(next);
        }
        for &clause in problem.in_clauses.row(becomes as usize ^ 1) {
            let word = self.words[clause as usize].get();
            let next = match word & mask {
                1 => {
                    watch.broken(problem, clause as usize, flipped);
                    let place = self.violated.len() as u64;
                    self.violated.push(clause);
                    place << low
                }
                2 => {
                    let next = (word ^ own) - 1;
                    watch.gained(clause as usize, (next >> low) as u32);
                    next
                }
                _ => (word ^ own) - 1,
            };
            self.words[clause as usize] = W::of(next);
        }
        if problem.is_mixed() {
            self.flip_others(problem, flipped, becomes);
        }
    }

    fn flip_others(&mut self, problem: &Problem, flipped: u32, becomes: Literal) {
        for &xor in problem.in_xors.row(flipped as usize) {
            let even = !self.even[xor as usize];
            self.even[xor as usize] = even;
            self.turned(problem, xor as usize, !even);
        }
        for (literal, sign) in [(becomes, 1), (becomes ^ 1, -1)] {
            for &(sum, weight) in problem.in_sums.row(literal as usize) {
                let slack = &mut self.slack[sum as usize];
                let before = *slack;
                *slack += sign * weight;
                if (before < 0) != (*slack < 0) {
                    let violated = *slack < 0;
                    self.turned(problem, problem.xors.len() + sum as usize, violated);
                }
            }
        }
    }

    /// A parity or sum became violated, or satisfied.
    fn turned(&mut self, problem: &Problem, other: usize, violated: bool) {
        if violated {
            self.places[other] = self.violated.len() as u32;
            self.violated.push((problem.clauses.len() + other) as u32);
        } else {
            self.remove(self.places[other] as usize);
        }
    }
}
