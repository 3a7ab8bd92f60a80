//! The global polynomial watchdog: bit by bit, the literals whose weight has this bit are sorted and merged with every
//! second output of the bit below, which is the carry; the highest bit is compared with the bound.
//!
//! O. Bailleux, Y. Boufkhad, O. Roussel, "New encodings of pseudo-Boolean constraints into CNF", SAT 2009. A constant is
//! added to the sum so that only the highest bit matters. Unit propagation sees every violation, though not all that
//! follows before.
//!
//! Cost: sorting n literals for each bit of the weights, n·log² n clauses and variables a bit.

use super::super::lower::LowerError;
use super::sink::Sink;
use super::unary::{Merge, PAIRS, Unary};

/// Σ wᵢ·xᵢ ≥ `bound` → `output`, or never where there is no output. `bound` is positive and at most the total.
pub(super) fn encode(
    literals: &[i32],
    weights: &[i64],
    bound: i64,
    output: Option<i32>,
    sink: &mut Sink<'_>,
) -> Result<(), LowerError> {
    let weight = |i: usize| weights[i].min(bound);
    let top = (0..weights.len()).map(weight).max().unwrap_or(1).ilog2();
    // The sum and the constant reach a multiple of the highest power just where the sum reaches the bound.
    let reach = ((bound - 1) >> top) + 1;
    let constant = (i128::from(reach) << top) - i128::from(bound);
    let mut sums = Unary::new(Merge::OddEven(PAIRS), true, false);
    let mut bucket = Vec::new();
    sink.reserve(&mut bucket, literals.len())?;
    let mut carried = 0;
    for bit in 0..=top {
        bucket.clear();
        bucket.extend((0..literals.len()).filter(|&i| weight(i) >> bit & 1 == 1).map(|i| literals[i]));
        let most = usize::try_from(i128::from(reach) << (top - bit)).unwrap_or(usize::MAX);
        let more = sums.sort(&bucket, most, sink)?;
        if bit == top {
            return sums.reach(0, carried, more, most, output, None, sink);
        }
        let all = sums.merge(0, carried, more, most, sink)?;
        // With a constant 1 the second output of both is the first one of the literals.
        let skip = if constant >> bit & 1 == 1 { 0 } else { 1 };
        carried = 0;
        for at in (skip..all).step_by(2) {
            sums.wires[carried] = sums.wires[at];
            carried += 1;
        }
        sums.wires.truncate(carried);
    }
    Ok(())
}
