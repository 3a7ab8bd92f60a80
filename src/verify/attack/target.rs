//! What is aimed at: disjuncts that share a box, the box in 32 bits, and how far a point is from each of them.

use super::Options;
use crate::error::OutOfMemory;
use crate::verify::canonical::Disjunct;
use crate::verify::witness::{down, up, zeros};

/// What is descended; all have the same points of loss 0 or less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Loss {
    /// The largest violation of a halfspace.
    #[default]
    Largest,
    /// The sum of those above 0.
    Sum,
    /// All, weighted by a softmax of them.
    Soft,
}

/// By how much, as an exponent, the largest violation outweighs the least.
const SHARPNESS: f64 = 5.0;

/// A box of 32-bit numbers with the disjuncts that have it.
#[derive(Debug)]
pub(super) struct Target<'a> {
    pub disjuncts: &'a [Disjunct],
    /// The number of the first one.
    pub first: usize,
    /// The box, rounded inward; finite.
    pub lower: Vec<f32>,
    pub upper: Vec<f32>,
    /// Coordinates between whose bounds there is no number of 32 bits, and the double that they are.
    pub pinned: Vec<(usize, f64)>,
    /// `1 / Σ|a|` a halfspace, all disjuncts one after the other: violations become comparable.
    scales: Vec<f64>,
    /// Where the scales of a disjunct begin.
    offsets: Vec<usize>,
    pub rows_have_inputs: bool,
    /// Whether the box is more than a point.
    pub moves: bool,
}

/// Whether two disjuncts have the same box.
fn alike(a: &Disjunct, b: &Disjunct) -> bool {
    a.lower == b.lower && a.upper == b.upper
}

impl<'a> Target<'a> {
    /// The targets of these disjuncts; none for boxes without a point.
    pub fn all(disjuncts: &'a [Disjunct], options: &Options) -> Result<Vec<Target<'a>>, OutOfMemory> {
        let (mut targets, mut first) = (Vec::new(), 0);
        for group in disjuncts.chunk_by(alike) {
            if let Some(target) = Target::new(group, first, options)? {
                let bytes = size_of::<Target<'_>>() as u64;
                targets.try_reserve(1).map_err(|_| OutOfMemory::Allocator { bytes })?;
                targets.push(target);
            }
            first += group.len();
        }
        Ok(targets)
    }

    fn new(disjuncts: &'a [Disjunct], first: usize, options: &Options) -> Result<Option<Self>, OutOfMemory> {
        let inputs = disjuncts[0].num_inputs();
        let (mut lower, mut upper): (Vec<f32>, Vec<f32>) = (zeros(inputs)?, zeros(inputs)?);
        let mut pinned = Vec::new();
        for i in 0..inputs {
            let ends = (disjuncts[0].lower[i], disjuncts[0].upper[i]);
            let (low, high) = finite(ends, options.range);
            (lower[i], upper[i]) = (up(low), down(high));
            // Also where a bound is no number.
            if !(lower[i] <= upper[i] && lower[i].is_finite() && upper[i].is_finite()) {
                let near = low as f32;
                if !(options.round && low <= high && near.is_finite()) {
                    return Ok(None);
                }
                pinned.try_reserve(1).map_err(|_| OutOfMemory::Allocator { bytes: 16 })?;
                pinned.push((i, low));
                (lower[i], upper[i]) = (near, near);
            }
        }
        let rows = disjuncts.iter().map(Disjunct::num_rows).sum();
        let (mut scales, mut offsets): (Vec<f64>, Vec<usize>) = (zeros(rows)?, zeros(disjuncts.len())?);
        let mut next = 0;
        for (disjunct, offset) in disjuncts.iter().zip(&mut offsets) {
            *offset = next;
            for ends in disjunct.rows().offsets.windows(2) {
                let sum: f64 = disjunct.rows().coefficients[ends[0]..ends[1]].iter().map(|c| c.abs()).sum();
                scales[next] = if sum > 0.0 { 1.0 / sum } else { 1.0 };
                next += 1;
            }
        }
        let rows_have_inputs = disjuncts.iter().any(Disjunct::rows_have_inputs);
        let moves = lower.iter().zip(&upper).any(|(l, u)| l < u);
        Ok(Some(Target { disjuncts, first, lower, upper, pinned, scales, offsets, rows_have_inputs, moves }))
    }

    /// How far a point is beyond halfspace `row` of a disjunct: `(a · (x, y) - b) / Σ|a|`.
    fn violation(&self, disjunct: usize, row: usize, x: &[f32], y: &[f32]) -> f64 {
        let rows = self.disjuncts[disjunct].rows();
        let mut sum = -rows.bounds[row];
        for i in rows.offsets[row]..rows.offsets[row + 1] {
            let column = rows.columns[i] as usize;
            let value = if column < x.len() { x[column] } else { y[column - x.len()] };
            sum += rows.coefficients[i] * f64::from(value);
        }
        sum * self.scales[self.offsets[disjunct] + row]
    }

    /// The largest violation of a disjunct's halfspaces; not above 0 in all of them, infinite where it is no number.
    pub fn loss(&self, disjunct: usize, x: &[f32], y: &[f32]) -> f64 {
        let mut most = f64::NEG_INFINITY;
        for row in 0..self.disjuncts[disjunct].num_rows() {
            let violation = self.violation(disjunct, row, x, y);
            if violation.is_nan() {
                return f64::INFINITY;
            }
            most = most.max(violation);
        }
        most
    }

    /// The nearest disjunct, and its loss.
    pub fn nearest(&self, x: &[f32], y: &[f32]) -> (usize, f64) {
        let losses = (0..self.disjuncts.len()).map(|disjunct| (disjunct, self.loss(disjunct, x, y)));
        losses.min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((0, f64::INFINITY))
    }

    /// The gradient of a loss at outputs and inputs.
    pub fn pull(&self, disjunct: usize, loss: Loss, (x, y): (&[f32], &[f32]), inputs: &mut [f32], outputs: &mut [f32]) {
        inputs.fill(0.0);
        outputs.fill(0.0);
        let rows = self.disjuncts[disjunct].num_rows();
        let (mut worst, mut most, mut least) = (0, f64::NEG_INFINITY, f64::INFINITY);
        for row in 0..rows {
            let violation = self.violation(disjunct, row, x, y);
            if violation > most {
                (worst, most) = (row, violation);
            }
            least = least.min(violation);
        }
        if rows < 2 || loss == Loss::Largest || (loss == Loss::Sum && most <= 0.0) || most <= least {
            if rows > 0 {
                self.add(disjunct, worst, 1.0, x.len(), inputs, outputs);
            }
            return;
        }
        for row in 0..rows {
            let violation = self.violation(disjunct, row, x, y);
            let weight = match loss {
                Loss::Soft => (SHARPNESS * (violation - most) / (most - least)).exp(),
                _ if violation > 0.0 => 1.0,
                _ => 0.0,
            };
            if weight > 0.0 {
                self.add(disjunct, row, weight, x.len(), inputs, outputs);
            }
        }
    }

    fn add(&self, disjunct: usize, row: usize, weight: f64, columns: usize, inputs: &mut [f32], outputs: &mut [f32]) {
        let rows = self.disjuncts[disjunct].rows();
        let scale = weight * self.scales[self.offsets[disjunct] + row];
        for i in rows.offsets[row]..rows.offsets[row + 1] {
            let (column, share) = (rows.columns[i] as usize, (rows.coefficients[i] * scale) as f32);
            if column >= columns {
                outputs[column - columns] += share;
            } else if let Some(input) = inputs.get_mut(column) {
                *input += share;
            }
        }
    }
}

/// An interval with ends, the same one where it has them; numbers of 32 bits reach as far.
fn finite((lower, upper): (f64, f64), range: f64) -> (f64, f64) {
    let most = f64::from(f32::MAX);
    let (lower, upper) = match (lower == f64::NEG_INFINITY, upper == f64::INFINITY) {
        (true, true) => (-range, range),
        (true, false) => (upper - range, upper),
        (false, true) => (lower, lower + range),
        (false, false) => (lower, upper),
    };
    // What lies beyond on the wrong side has no point at all.
    (if lower < -most { -most } else { lower }, if upper > most { most } else { upper })
}
