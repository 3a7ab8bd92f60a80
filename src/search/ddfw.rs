//! DDFW: clauses have weights that are never made or lost, only moved. The variable is flipped that takes most weight off
//! violated clauses; where none takes any, each violated clause takes some from the heaviest satisfied clause that shares a
//! literal with it.
//!
//! Source: A. Ishtaiwi, J. Thornton, A. Sattar, D. N. Pham, "Neighbourhood clause weight redistribution in local search for
//! SAT", CP 2005: weights begin at 8; a clause that is heavier than that gives 2, another one 1; one time in a hundred a
//! random satisfied clause gives instead; a step that changes nothing is taken with probability 0.15 before weights move.
//!
//! Cost of a flip: beside that of the state, a look at all literals of clauses that become satisfied or violated, and at all
//! variables that would take weight off. Memory: 16 bytes a variable, 4 a clause.

use super::problem::{Problem, variable};
use super::scorer::{Choice, Scorer};
use super::state::{Rng, State, Watch, Word, below, filled, unit};
use crate::error::OutOfMemory;

const BEGIN: u32 = 8;
/// Probability that a random clause gives.
const RANDOM: f64 = 0.01;
/// Probability of a step that changes nothing, where none is better.
const SIDEWAYS: f64 = 0.15;
/// Random clauses that are looked at until one is satisfied and heavy enough to give.
const ATTEMPTS: usize = 100;

/// How much weight flipping each variable takes off what is violated.
#[derive(Debug)]
pub(super) struct Gains {
    weights: Vec<u32>,
    gains: Vec<i64>,
    /// Variables that take any, in any order, and where each of them is there.
    good: Vec<u32>,
    places: Vec<u32>,
}

#[derive(Debug)]
pub(super) struct Ddfw(Gains);

impl Gains {
    #[inline]
    fn add(&mut self, variable: u32, more: i64) {
        let gain = &mut self.gains[variable as usize];
        let before = *gain;
        *gain += more;
        match (before > 0, *gain > 0) {
            (false, true) => {
                self.places[variable as usize] = self.good.len() as u32;
                self.good.push(variable);
            }
            (true, false) => {
                let place = self.places[variable as usize];
                self.good.swap_remove(place as usize);
                if let Some(&moved) = self.good.get(place as usize) {
                    self.places[moved as usize] = place;
                }
            }
            _ => {}
        }
    }

    fn add_to_all(&mut self, problem: &Problem, clause: usize, more: i64) {
        for &literal in problem.clause(clause) {
            self.add(variable(literal), more);
        }
    }

    fn weight(&self, clause: usize) -> i64 {
        self.weights[clause].into()
    }

    /// The satisfied clause that gives weight to a violated one.
    fn giver<W: Word>(&self, problem: &Problem, state: &State<W>, clause: usize, rng: &mut Rng) -> Option<usize> {
        let gives = |other: usize| self.weights[other] >= BEGIN && state.critical(other).0 > 0;
        if unit(rng) >= RANDOM {
            let (mut heaviest, mut found) = (BEGIN - 1, None);
            for &literal in problem.clause(clause) {
                for &other in problem.in_clauses.row(literal as usize) {
                    let weight = self.weights[other as usize];
                    if weight > heaviest && state.critical(other as usize).0 > 0 {
                        (heaviest, found) = (weight, Some(other as usize));
                    }
                }
            }
            if found.is_some() {
                return found;
            }
        }
        let random = |_| below(rng, problem.clauses.len());
        (0..ATTEMPTS).map(random).find(|&other| gives(other))
    }

    /// Moves weight to each violated clause.
    fn transfer<W: Word>(&mut self, problem: &Problem, state: &State<W>, rng: &mut Rng) {
        for &clause in &state.violated {
            let Some(giver) = self.giver(problem, state, clause as usize, rng) else { continue };
            let amount = if self.weights[giver] > BEGIN { 2 } else { 1 };
            self.weights[giver] -= amount;
            self.weights[clause as usize] += amount;
            if let (1, variable) = state.critical(giver) {
                self.add(variable, amount.into());
            }
            self.add_to_all(problem, clause as usize, amount.into());
        }
    }
}

impl Watch for Gains {
    fn made(&mut self, problem: &Problem, clause: usize, by: u32) {
        let weight = self.weight(clause);
        self.add_to_all(problem, clause, -weight);
        self.add(by, -weight);
    }

    fn broken(&mut self, problem: &Problem, clause: usize, by: u32) {
        let weight = self.weight(clause);
        self.add(by, weight);
        self.add_to_all(problem, clause, weight);
    }

    fn gained(&mut self, clause: usize, variable: u32) {
        self.add(variable, -self.weight(clause));
    }

    fn lost(&mut self, clause: usize, variable: u32) {
        self.add(variable, self.weight(clause));
    }
}

impl Ddfw {
    /// For a problem of clauses only.
    pub fn new(problem: &Problem) -> Result<Self, OutOfMemory> {
        let variables = problem.num_vars as usize;
        let mut good = filled(variables, 0)?;
        good.clear();
        Ok(Ddfw(Gains {
            weights: filled(problem.clauses.len(), BEGIN)?,
            gains: filled(variables, 0)?,
            good,
            places: filled(variables, 0)?,
        }))
    }
}

#[cfg(test)]
impl Ddfw {
    pub fn weights(&self) -> &[u32] {
        &self.0.weights
    }

    pub fn gain(&self, variable: usize) -> i64 {
        self.0.gains[variable]
    }
}

impl Scorer for Ddfw {
    type Watch = Gains;

    fn watch(&mut self) -> &mut Gains {
        &mut self.0
    }

    fn begin<W: Word>(&mut self, problem: &Problem, state: &mut State<W>) {
        let gains = &mut self.0;
        gains.weights.fill(BEGIN);
        gains.gains.fill(0);
        gains.good.clear();
        state.count(problem, |clause, variable| gains.gained(clause, variable));
        for &clause in &state.violated {
            let weight = gains.weight(clause as usize);
            gains.add_to_all(problem, clause as usize, weight);
        }
    }

    fn choose<W: Word>(&mut self, problem: &Problem, state: &State<W>, rng: &mut Rng) -> Choice {
        let gains = &mut self.0;
        if gains.good.is_empty() {
            let clause = problem.clause(state.violated[below(rng, state.violated.len())] as usize);
            if unit(rng) < SIDEWAYS {
                let (head, tail) = clause.split_at(below(rng, clause.len()));
                let mut around = tail.iter().chain(head).map(|&literal| variable(literal));
                if let Some(variable) = around.find(|&variable| gains.gains[variable as usize] == 0) {
                    return Choice { variable, walk: false };
                }
            }
            gains.transfer(problem, state, rng);
            if gains.good.is_empty() {
                // Weight moves on at the next step, from where a random flip leads.
                return Choice { variable: variable(clause[below(rng, clause.len())]), walk: true };
            }
        }
        let (mut most, mut best, mut ties) = (0, 0, 0);
        for &variable in &gains.good {
            let gain = gains.gains[variable as usize];
            if gain > most {
                (most, best, ties) = (gain, variable, 1);
            } else if gain == most {
                ties += 1;
                if below(rng, ties) == 0 {
                    best = variable;
                }
            }
        }
        Choice { variable: best, walk: false }
    }

    fn bytes(&self) -> u64 {
        let gains = &self.0;
        let words = gains.weights.capacity() + gains.good.capacity() + gains.places.capacity();
        (4 * words + 8 * gains.gains.capacity()) as u64
    }
}
