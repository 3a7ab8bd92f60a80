//! The generators' source of randomness: xoshiro256++ (D. Blackman, S. Vigna, "Scrambled linear pseudorandom number
//! generators", ACM TOMS 47(4), 2021) and unbiased draws from it.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng};

#[derive(Debug, Clone)]
pub(crate) struct Rng(Xoshiro256PlusPlus);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Rng(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in `0..bound`, which is not empty: D. Lemire, "Fast random integer generation in an interval", ACM
    /// TOMACS 29(1), 2019, algorithm 5.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        debug_assert!(bound > 0);
        let mut wide = u128::from(self.next()) * u128::from(bound);
        if low(wide) < bound {
            let threshold = bound.wrapping_neg() % bound;
            while low(wide) < threshold {
                wide = u128::from(self.next()) * u128::from(bound);
            }
        }
        high(wide)
    }

    pub(crate) fn bit(&mut self) -> bool {
        // The highest bit: the lowest ones are the weakest of this generator.
        self.next() >> 63 == 1
    }

    /// An index into an array of `len` elements, which is not empty.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        // Answers less than `len`, so it fits again.
        self.below(len as u64) as usize
    }

    /// Every order equally likely (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, array: &mut [T]) {
        for i in (1..array.len()).rev() {
            array.swap(i, self.index(i + 1));
        }
    }
}

fn low(wide: u128) -> u64 {
    (wide & u128::from(u64::MAX)) as u64
}

fn high(wide: u128) -> u64 {
    (wide >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_even() {
        let mut rng = Rng::new(1);
        let mut seen = [0u32; 6];
        for _ in 0..60_000 {
            seen[rng.index(6)] += 1;
        }
        // Standard deviation 91; five of them.
        assert!(seen.iter().all(|n| n.abs_diff(10_000) < 456), "{seen:?}");
        // Two thirds of 2^64: draws without rejection would halve the odds of the upper half.
        let bound = u64::MAX / 3 * 2;
        let upper = (0..60_000).filter(|_| rng.below(bound) >= bound / 2).count();
        assert!(upper.abs_diff(30_000) < 612, "{upper}");
        let ones = (0..60_000).filter(|_| rng.bit()).count();
        assert!(ones.abs_diff(30_000) < 612, "{ones}");
        assert_eq!(rng.below(1), 0);
    }

    #[test]
    fn orders_are_even() {
        let mut rng = Rng::new(2);
        let mut seen = std::collections::BTreeMap::new();
        for _ in 0..24_000 {
            let mut order = [0, 1, 2, 3];
            rng.shuffle(&mut order);
            *seen.entry(order).or_insert(0u32) += 1;
        }
        // Standard deviation 31; five of them.
        assert!(seen.len() == 24 && seen.values().all(|n| n.abs_diff(1000) < 155), "{seen:?}");
    }
}
