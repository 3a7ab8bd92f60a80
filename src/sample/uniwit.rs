//! UniWit: cells are drawn with more and more rows until one is small.
//!
//! Source: S. Chakraborty, K. S. Meel, M. Y. Vardi, "A Scalable and Nearly Uniform Generator of SAT Witnesses", CAV 2013, algorithm
//! UniWit; and as D. Calhas and others have it (paper 000, section 4), which stops at the first cell below the pivot, also an
//! empty one, and takes any of its models. Without CAV 2013's last step, which takes each model with probability one over the
//! pivot, a model's chances depend on the size of its cell: that variant carries no guarantee.
//!
//! With [`Family::Shifted`] and the last step every model is drawn with probability at least 1/8 of its fair share, and a draw
//! succeeds with probability at least 1/8 (CAV 2013, theorems 1 and 2, for k = 2).
//!
//! Cost: a draw asks for cells with 0, 1, 2, ... rows, up to some log₂ of the number of models.

use super::hash::Family;
use crate::budget::{Budget, Stop};
use crate::instances::rng::Rng;
use crate::solve::SolveError;
use crate::solve::cells::{Cell, Cells};

/// What the two variants differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variant {
    /// Paper 000.
    Paper,
    /// CAV 2013.
    Original,
}

/// What is the same for all draws: k = 2.
#[derive(Debug, Clone, Copy)]
pub(super) struct UniWit {
    pub variant: Variant,
    pub family: Family,
    width: usize,
}

impl UniWit {
    pub fn new(variant: Variant, family: Family, width: usize) -> Self {
        UniWit { variant, family, width }
    }

    /// 2 |V|^(1/2).
    fn pivot(&self) -> f64 {
        2.0 * (self.width as f64).sqrt()
    }

    /// Most models of a cell that is small.
    pub fn most(&self) -> usize {
        match self.variant {
            Variant::Original => self.pivot().ceil() as usize,
            // Fewer than the pivot.
            Variant::Paper => (self.pivot().ceil() as usize).saturating_sub(1),
        }
    }

    /// One draw: a model, or none where it failed.
    pub fn draw(
        &self,
        cells: &mut Cells,
        rng: &mut Rng,
        budget: &Budget,
    ) -> Result<Result<Option<Vec<u64>>, Stop>, SolveError> {
        let most = self.most();
        // i - l begins at 0 and ends where i reaches the number of variables.
        let l = (0.5 * (self.width.max(1) as f64).log2()).floor() as usize;
        for rows in 0..=self.width.saturating_sub(l) {
            let parities = self.family.draw(self.width, rows, rng);
            let cell = match cells.enumerate(&parities, most + 1, budget)? {
                Ok(cell) => cell,
                Err(stop) => return Ok(Err(stop)),
            };
            let is_small = cell.complete && cell.len() <= most;
            match self.variant {
                Variant::Original if is_small && cell.len() > 0 => return Ok(Ok(take(&cell, most, rng))),
                Variant::Paper if is_small => return Ok(Ok(take(&cell, cell.len(), rng))),
                _ => {}
            }
        }
        Ok(Ok(None))
    }
}

/// Model j of the cell, where j is one of so many numbers; none where there is no such model.
fn take(cell: &Cell, numbers: usize, rng: &mut Rng) -> Option<Vec<u64>> {
    let j = if numbers == 0 { return None } else { rng.index(numbers) };
    (j < cell.len()).then(|| cell.model(j).to_vec())
}
