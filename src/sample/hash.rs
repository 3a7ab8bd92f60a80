//! Random parities that cut a space into cells.

use crate::instances::rng::Rng;
use crate::solve::cells::Parity;

/// A family of hash functions from assignments of *n* variables to *m* bits; a cell is what one of them maps to one value.
///
/// | family | a row | independence | used by |
/// |---|---|---|---|
/// | `Dense` | every variable with probability 1/2 | 3-wise | ApproxMC, UniGen: their guarantees hold with it |
/// | `Shifted` | a window of *n* bits in a row of *n* + *m* − 1 random ones, moved by one from row to row | pairwise | UniWit: its guarantee holds with it, and ApproxMC's |
/// | `Sparse` | every variable with a probability below 1/2 | none that any guarantee here needs | heuristics |
///
/// Sources: C. P. Gomes, A. Sabharwal, B. Selman, "Near-Uniform Sampling of Combinatorial Spaces Using XOR Constraints", NIPS 2006
/// (`Dense`); S. Chakraborty, K. S. Meel, M. Y. Vardi, "A Scalable and Nearly Uniform Generator of SAT Witnesses", CAV 2013,
/// and paper 000, section 4, with the sum's index in place of the row's (`Shifted`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Family {
    /// Every variable with probability 1/2.
    Dense,
    /// One window of random bits, moved by one from row to row.
    Shifted,
    /// Every variable with this probability, above 0 and up to 1/2.
    Sparse(f64),
}

impl Family {
    /// The rows of a cell: a random function of the family and a random value. Rows of a longer cell begin with those of a
    /// shorter one that is drawn from the same generator, but for `Shifted`.
    pub(super) fn draw(self, width: usize, count: usize, rng: &mut Rng) -> Vec<Parity> {
        match self {
            Family::Dense => (0..count).map(|_| dense(width, rng)).collect(),
            Family::Sparse(density) => (0..count).map(|_| sparse(width, density, rng)).collect(),
            Family::Shifted => {
                let bits = bits(width + count.saturating_sub(1), rng);
                let row = |first: usize, odd| Parity {
                    places: (0..width as u32).filter(|&place| bits[first + place as usize]).collect(),
                    odd,
                };
                (0..count).map(|first| row(first, rng.bit())).collect()
            }
        }
    }
}

fn bits(count: usize, rng: &mut Rng) -> Vec<bool> {
    let mut bits = Vec::with_capacity(count);
    while bits.len() < count {
        let word = rng.next();
        bits.extend((0..64.min(count - bits.len())).map(|i| word >> i & 1 == 1));
    }
    bits
}

fn dense(width: usize, rng: &mut Rng) -> Parity {
    let chosen = bits(width, rng);
    let places = (0..width as u32).filter(|&place| chosen[place as usize]).collect();
    Parity { places, odd: rng.bit() }
}

fn sparse(width: usize, density: f64, rng: &mut Rng) -> Parity {
    // 2^53 steps of the unit interval.
    let most = (density * 9_007_199_254_740_992.0) as u64;
    let places = (0..width as u32).filter(|_| rng.next() >> 11 < most).collect();
    Parity { places, odd: rng.bit() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(rows: &[Parity], point: u64) -> u64 {
        let holds =
            |row: &Parity| row.places.iter().filter(|&&p| point >> p & 1 == 1).count() % 2 == usize::from(row.odd);
        rows.iter().enumerate().map(|(bit, row)| u64::from(holds(row)) << bit).sum()
    }

    /// Points fall into the cell of all ones as independently as the family promises: two of them always, three with `Dense`.
    #[test]
    fn families_are_as_independent_as_they_say() {
        let points = [0b00000, 0b10110, 0b01101];
        let mut rng = Rng::new(3);
        for (family, triples) in [(Family::Dense, true), (Family::Shifted, false)] {
            let (mut ones, mut pairs, mut all) = (0u32, 0u32, 0u32);
            for _ in 0..64_000 {
                let rows = family.draw(5, 2, &mut rng);
                let within = points.map(|point| value(&rows, point) == 3);
                ones += u32::from(within[1]);
                pairs += u32::from(within[1] && within[2]);
                all += u32::from(within.iter().all(|&w| w));
            }
            // 1/4, 1/16, 1/64 of all; five standard deviations.
            assert!(ones.abs_diff(16_000) < 550, "{family:?} {ones}");
            assert!(pairs.abs_diff(4_000) < 307, "{family:?} {pairs}");
            assert!(!triples || all.abs_diff(1_000) < 157, "{family:?} {all}");
        }
        let rows = Family::Sparse(0.1).draw(1000, 100, &mut rng);
        let mean = rows.iter().map(|row| row.places.len()).sum::<usize>() / 100;
        assert!((95..105).contains(&mean), "{mean}");
    }
}
