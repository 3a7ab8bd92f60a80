//! Draws from a trace: each projected model with the same probability, draws independent of each other.

use std::sync::Arc;

use num_bigint::BigUint;

use super::CountError;
use super::engine::filled;
use super::literal::Lit;
use super::trace::Diagram;
use crate::instances::rng::Rng;

/// Where the value of a variable that is projected on comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    Fixed(bool),
    /// A literal of one of the variables that no clause has.
    Free(Lit),
    /// A literal that the diagram has.
    Counted(Lit),
}

/// What becomes of the variables that are projected on.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub projection: Vec<u32>,
    /// One for each of them.
    pub sources: Vec<Source>,
    /// How many variables are free.
    pub free: u32,
    /// How many the diagram has.
    pub counted: u32,
}

/// What counting found out, to draw from. Clones share it, and threads may.
#[derive(Debug, Clone)]
pub struct Trace {
    diagram: Arc<Diagram>,
    plan: Arc<Plan>,
    count: Arc<BigUint>,
}

impl Trace {
    /// Of a count that is not 0.
    pub(super) fn new(diagram: Diagram, plan: Plan, count: BigUint) -> Self {
        Trace { diagram: Arc::new(diagram), plan: Arc::new(plan), count: Arc::new(count) }
    }

    /// How many models there are to draw from.
    #[must_use]
    pub fn count(&self) -> &BigUint {
        &self.count
    }

    /// What is projected on, variables counting from 1: the set as it was given. Where none was given these are all variables of the
    /// formula, and after them those that its numbers became.
    #[must_use]
    pub fn projection(&self) -> &[u32] {
        &self.plan.projection
    }

    /// Bytes that the trace takes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.diagram.bytes()
    }

    /// Draw number `index` of those that `seed` gives: a bit for each variable of the projection, in its order, the first one the
    /// lowest of the first word.
    ///
    /// # Errors
    ///
    /// No memory.
    pub fn sample(&self, seed: u64, index: u64) -> Result<Vec<u64>, CountError> {
        // One stream a draw; the generator's own seeding spreads what differs in few bits.
        let mut spread = Rng::new(seed);
        let mut rng = Rng::new(spread.next() ^ index);
        self.draw(&mut rng)
    }

    /// A draw with this generator, as [`Trace::sample`] answers it.
    pub(crate) fn draw(&self, rng: &mut Rng) -> Result<Vec<u64>, CountError> {
        let mut values = filled(self.plan.counted as usize, false)?;
        self.diagram.draw(rng, |literal| values[literal.var()] = literal.is_positive());
        let mut free = filled((self.plan.free as usize).div_ceil(64), 0u64)?;
        free.iter_mut().for_each(|word| *word = rng.next());
        let mut words = filled(self.plan.projection.len().div_ceil(64), 0u64)?;
        for (place, &source) in self.plan.sources.iter().enumerate() {
            let value = match source {
                Source::Fixed(value) => value,
                Source::Free(l) => (free[l.var() / 64] >> (l.var() % 64) & 1 == 1) == l.is_positive(),
                Source::Counted(l) => values[l.var()] == l.is_positive(),
            };
            words[place / 64] |= u64::from(value) << (place % 64);
        }
        Ok(words)
    }
}
