//! UniGen: an approximate count says how many rows make cells of the right size, and a model of such a cell is drawn.
//!
//! Source: S. Chakraborty, K. S. Meel, M. Y. Vardi, "Balancing Scalability and Uniformity in SAT Witness Generator", DAC 2014,
//! algorithms 1 and 2: with [`Family::Dense`] and ε above 1.71 every one of *n* models is drawn with probability between
//! 1 / ((1 + ε) (*n* - 1)) and (1 + ε) / (*n* - 1), and a draw succeeds with probability at least 0.52. Several samples of a cell:
//! S. Chakraborty, D. J. Fremont, K. S. Meel, S. A. Seshia, M. Y. Vardi, "On Parallel Scalable Uniform SAT Witness Generation",
//! TACAS 2015; then samples of a cell are different models, and so not independent of each other.
//!
//! Cost: a draw asks for one to four cells of at most 2 + 3 √e (1 + 1/κ)² (1 + κ) models (63 for ε = 6).

use num_bigint::BigUint;

use super::count::Count;
use super::hash::Family;
use crate::budget::{Budget, Stop};
use crate::instances::rng::Rng;
use crate::solve::SolveError;
use crate::solve::cells::Cells;

/// The least tolerance that the guarantee can be had for.
pub(super) const LEAST_EPSILON: f64 = 1.71;

/// Sizes of cells that are taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sizes {
    pub pivot: f64,
    pub least: usize,
    pub most: usize,
}

impl Sizes {
    /// For a tolerance above [`LEAST_EPSILON`].
    pub fn of(epsilon: f64) -> Self {
        let epsilon_of = |kappa: f64| (1.0 + kappa) * (2.23 + 0.48 / (1.0 - kappa).powi(2)) - 1.0;
        // It rises from 1.71 without end. A smaller κ is always right.
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if epsilon_of(middle) <= epsilon {
                low = middle;
            } else {
                high = middle;
            }
        }
        // Below it cells would have more than 10^6 models.
        let kappa = f64::max(low, 1e-3);
        let pivot = (3.0 * 0.5f64.exp() * (1.0 + 1.0 / kappa).powi(2)).ceil();
        Sizes { pivot, least: (pivot / (1.0 + kappa)).ceil() as usize, most: (1.0 + (1.0 + kappa) * pivot) as usize }
    }
}

/// What is the same for all draws.
#[derive(Debug, Clone, Copy)]
pub(super) struct UniGen {
    pub sizes: Sizes,
    pub family: Family,
    /// Samples of a cell; 0 for as many as every cell that is taken has.
    pub per_cell: usize,
    /// The most rows.
    pub q: usize,
}

impl UniGen {
    /// For spaces of about so many models.
    pub fn new(sizes: Sizes, family: Family, per_cell: usize, count: &Count) -> Self {
        let q = (log2(&count.models) + 1.8f64.log2() - sizes.pivot.log2()).ceil().max(0.0) as usize;
        UniGen { sizes, family, per_cell, q }
    }

    /// One draw: models one after the other, none where it failed.
    pub fn draw(
        &self,
        cells: &mut Cells,
        rng: &mut Rng,
        budget: &Budget,
    ) -> Result<Result<Vec<u64>, Stop>, SolveError> {
        let width = cells.width();
        for rows in self.q.saturating_sub(3)..=self.q.min(width) {
            let parities = self.family.draw(width, rows, rng);
            let cell = match cells.enumerate(&parities, self.sizes.most + 1, budget)? {
                Ok(cell) => cell,
                Err(stop) => return Ok(Err(stop)),
            };
            if !cell.complete || cell.len() < self.sizes.least || cell.len() > self.sizes.most {
                continue;
            }
            let wanted = if self.per_cell == 0 { self.sizes.least } else { self.per_cell.min(cell.len()) };
            let mut order: Vec<usize> = (0..cell.len()).collect();
            rng.shuffle(&mut order);
            return Ok(Ok(order[..wanted].iter().flat_map(|&index| cell.model(index)).copied().collect()));
        }
        Ok(Ok(Vec::new()))
    }
}

/// Good to some 50 bits; 0 of 0.
fn log2(number: &BigUint) -> f64 {
    let shift = number.bits().saturating_sub(64);
    let leading = (number >> shift).iter_u64_digits().next().unwrap_or(1);
    (leading.max(1) as f64).log2() + shift as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_paper() {
        let sizes = Sizes::of(6.0);
        assert_eq!((sizes.pivot, sizes.least, sizes.most), (40.0, 26, 62), "{sizes:?}");
        let tight = Sizes::of(1.8);
        assert!(tight.pivot > sizes.pivot && tight.most > tight.least);
        assert_eq!(log2(&BigUint::from(1024u32)), 10.0);
        assert!((log2(&(BigUint::from(3u32) << 200u32)) - 200.0 - 3f64.log2()).abs() < 1e-12);
    }
}
