//! A sum on its way to a constraint.

use crate::error::OutOfMemory;
use crate::formula::arrays;

/// Σ weightᵢ·literalᵢ ≥ bound.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub literals: Vec<i32>,
    pub weights: Vec<i64>,
    pub bound: i64,
    /// The magnitudes of the weights, added up; at most 2^63 - 1.
    pub magnitude: u64,
}

/// What a row looks like once every weight is positive: −w·l is w·¬l − w.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outline {
    /// The bound.
    pub bound: i128,
    /// Whether some weight is 0.
    pub zeros: bool,
    /// Literals that weigh 1.
    pub light: usize,
    /// Literals that weigh more, and the last of them.
    pub heavy: usize,
    pub last_heavy: usize,
    /// Whether some literal weighs exactly the bound.
    pub guarded: bool,
    /// The literals, added up: turning all of them over changes the sign.
    pub checksum: i64,
}

/// A literal with its weight made positive.
#[inline]
pub(super) fn flipped(literal: i32, weight: i64) -> i32 {
    if weight < 0 { -literal } else { literal }
}

impl Row {
    pub fn clear(&mut self) {
        self.literals.clear();
        self.weights.clear();
        self.magnitude = 0;
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        arrays::bytes(&self.literals) + arrays::bytes(&self.weights)
    }

    /// Whether there is no room for a term.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.literals.len() == self.literals.capacity() || self.weights.len() == self.weights.capacity()
    }

    /// Room for a term, within `limit` bytes.
    pub fn reserve(&mut self, limit: u64) -> Result<(), OutOfMemory> {
        arrays::reserve(&mut self.literals, 1, limit.saturating_sub(arrays::bytes(&self.weights)))?;
        arrays::reserve(&mut self.weights, 1, limit.saturating_sub(arrays::bytes(&self.literals)))
    }

    /// Σ ≤ bound as Σ ≥ bound, or the other way. Magnitudes fit 63 bits, so nothing overflows.
    pub fn negate(&mut self) {
        for weight in &mut self.weights {
            *weight = -*weight;
        }
        self.bound = -self.bound;
    }

    /// Weights and literals, as written.
    pub fn terms(&self) -> impl Iterator<Item = (i64, i32)> + '_ {
        self.weights.iter().copied().zip(self.literals.iter().copied())
    }

    pub fn outline(&self) -> Outline {
        let negative: i128 = self.weights.iter().filter(|w| **w < 0).map(|w| i128::from(w.unsigned_abs())).sum();
        let bound = i128::from(self.bound) + negative;
        let mut outline =
            Outline { bound, zeros: false, light: 0, heavy: 0, last_heavy: 0, guarded: false, checksum: 0 };
        for (index, (weight, literal)) in self.terms().enumerate() {
            let size = weight.unsigned_abs();
            if size > 1 {
                outline.heavy += 1;
                outline.last_heavy = index;
            }
            outline.light += usize::from(size == 1);
            outline.zeros |= size == 0;
            outline.guarded |= i128::from(size) == bound;
            outline.checksum = outline.checksum.wrapping_add(i64::from(flipped(literal, weight)));
        }
        outline
    }
}
