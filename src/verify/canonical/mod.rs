//! The canonical form: a property as a disjunction of boxes with halfspaces, lazily.
//!
//! Source: D. Shriver, S. Elbaum, M. Dwyer, "Reducing DNN Properties to Enable Falsification with Adversarial Attacks",
//! ICSE 2021, as used by J. Scott, G. Pan, E. Khalil, V. Ganesh, "Goose: A Meta-Solver for Deep Neural Network
//! Verification", SMT 2022, section 3: every linear formula over inputs and outputs is a disjunction of
//! `x ∈ box ∧ A·y ≤ b`. Negations are pushed inwards, an equality is two halfspaces, `a ≠ b` a choice of two strict ones,
//! if-then-else a choice of two conjunctions.
//!
//! The disjunction may be exponentially long, so it is never written down: a depth-first search over the choices gives
//! one disjunct at a time. At each choice the intervals of all variables are at hand, and alternatives that contradict
//! them are not entered; the next 64 choices are looked at before one is made, so that a contradiction far down the
//! formula does not cost every way to reach it. What is left goes through an exact feasibility check (see `feasible.rs`)
//! before it is handed out.
//!
//! Cost: one unit of work a node visited, and memory for one path; each disjunct costs a copy of the box.

mod bounds;
mod disjunct;
mod error;
mod feasible;
mod leaf;
mod search;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use disjunct::{Dense, Disjunct};
pub use error::CanonicalError;

use crate::budget::Budget;
use crate::net::property::Property;
use search::Search;

/// Choices that are looked at before one is made.
const LOOK_AHEAD: usize = 64;

/// What to make of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The most disjuncts that are handed out; one more is an error.
    pub limit: u64,
    /// Whether disjuncts without a point are dropped by linear programming, too.
    pub lp: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { limit: 1 << 20, lp: true }
    }
}

/// What the search has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statistics {
    /// Alternatives entered.
    pub nodes: u64,
    /// Disjuncts handed out.
    pub produced: u64,
    /// Alternatives that contradicted an interval; each stands for all disjuncts that it would have led to.
    pub dropped_by_interval: u64,
    /// Disjuncts without a point that only linear programming found out.
    pub dropped_by_lp: u64,
}

/// The disjuncts of a property, one after the other. The order depends on the property only.
pub struct Disjuncts {
    search: Search,
    options: Options,
    statistics: Statistics,
    /// Whether the search stands at a disjunct that has not been handed out.
    at_leaf: bool,
}

impl Disjuncts {
    /// Starts before the first disjunct. The property is shared, not copied; nothing is allocated yet.
    ///
    /// # Errors
    ///
    /// None so far.
    pub fn new(property: impl Into<Arc<Property>>, options: &Options) -> Result<Self, CanonicalError> {
        let search = Search::new(property.into());
        Ok(Disjuncts { search, options: *options, statistics: Statistics::default(), at_leaf: false })
    }

    /// The property.
    #[must_use]
    pub fn property(&self) -> &Arc<Property> {
        self.search.property()
    }

    /// What has been done so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.statistics
    }

    /// A variable that the assertions leave no value, whatever the choices: a box whose bounds cross, say. Known once
    /// [`Disjuncts::next`] found no disjunct; then it is the first one met, by its name in the property, with its column (the
    /// inputs, then the outputs).
    #[must_use]
    pub fn contradiction(&self) -> Option<(usize, String)> {
        let column = self.search.contradiction()?;
        Some((column, self.search.property().variable_name(column)))
    }

    /// The next disjunct; `None` after the last. No disjunct at all means that the property cannot hold.
    ///
    /// # Errors
    ///
    /// What [`CanonicalError`] lists. Where the budget ended the call, the next call goes on; the other errors come
    /// again.
    pub fn next(&mut self, budget: &Budget) -> Result<Option<Disjunct>, CanonicalError> {
        loop {
            if !self.at_leaf && !self.search.advance(&mut self.statistics, budget)? {
                return Ok(None);
            }
            self.at_leaf = true;
            let disjunct = self.search.disjunct(budget)?;
            if self.options.lp && !feasible::feasible(&disjunct, budget)? {
                self.statistics.dropped_by_lp += 1;
                self.at_leaf = false;
                continue;
            }
            self.search.check_box(&disjunct)?;
            if self.statistics.produced == self.options.limit {
                return Err(CanonicalError::TooMany { limit: self.options.limit });
            }
            self.statistics.produced += 1;
            self.at_leaf = false;
            return Ok(Some(disjunct));
        }
    }
}
