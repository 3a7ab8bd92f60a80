//! What is true, since when, and why.

use super::engine::room;
use super::store::Reason;
use super::{Literal, variable};
use crate::error::OutOfMemory;

/// The assignment with its history.
#[derive(Debug, Default)]
pub(super) struct Trail {
    /// By literal: 1 true, -1 false, 0 open.
    values: Vec<i8>,
    /// True literals in the order in which they became so.
    pub literals: Vec<Literal>,
    /// Where each level but the first begins.
    pub starts: Vec<usize>,
    /// How many of the literals have been propagated.
    pub head: usize,
    /// By variable, where it is assigned.
    levels: Vec<u32>,
    places: Vec<u32>,
    reasons: Vec<Reason>,
}

impl Trail {
    pub fn num_vars(&self) -> usize {
        self.levels.len()
    }

    pub fn reserve(&mut self, more: usize) -> Result<(), OutOfMemory> {
        room(&mut self.values, 2 * more)?;
        room(&mut self.literals, more)?;
        room(&mut self.levels, more)?;
        room(&mut self.places, more)?;
        room(&mut self.reasons, more)
    }

    pub fn ensure(&mut self, variables: usize) {
        if variables > self.num_vars() {
            self.values.resize(2 * variables, 0);
            self.levels.resize(variables, 0);
            self.places.resize(variables, 0);
            self.reasons.resize(variables, Reason::NONE);
        }
    }

    #[inline]
    pub fn value(&self, literal: Literal) -> i8 {
        self.values[literal as usize]
    }

    #[inline]
    pub fn is_open(&self, literal: Literal) -> bool {
        self.values[literal as usize] == 0
    }

    /// The current level.
    #[inline]
    pub fn level(&self) -> usize {
        self.starts.len()
    }

    /// Of an assigned variable.
    #[inline]
    pub fn level_of(&self, literal: Literal) -> usize {
        self.levels[variable(literal)] as usize
    }

    /// Whether it is false, and was before the trail had so many literals.
    #[inline]
    pub fn is_false_before(&self, literal: Literal, place: usize) -> bool {
        self.values[literal as usize] < 0 && (self.places[variable(literal)] as usize) < place
    }

    pub fn reason(&self, literal: Literal) -> Reason {
        self.reasons[variable(literal)]
    }

    /// An open literal becomes true.
    #[inline]
    pub fn push(&mut self, literal: Literal, reason: Reason) {
        let v = variable(literal);
        self.values[literal as usize] = 1;
        self.values[literal as usize ^ 1] = -1;
        self.levels[v] = self.starts.len() as u32;
        self.places[v] = self.literals.len() as u32;
        self.reasons[v] = reason;
        self.literals.push(literal);
    }

    pub fn new_level(&mut self) {
        self.starts.push(self.literals.len());
    }

    /// The last literal becomes open again; it is answered with whether it had been propagated.
    pub fn pop(&mut self) -> Option<(Literal, bool)> {
        let literal = self.literals.pop()?;
        self.values[literal as usize] = 0;
        self.values[literal as usize ^ 1] = 0;
        let was_propagated = self.literals.len() < self.head;
        self.head = self.head.min(self.literals.len());
        Some((literal, was_propagated))
    }
}
