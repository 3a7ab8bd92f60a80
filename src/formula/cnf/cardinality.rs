//! Cardinality constraints as clauses: which encoding, and how a condition enters it.
//!
//! Σ l ≥ k says that at least k literals are true, or that fewer than n − k + 1 are false; what is counted is what needs
//! fewer outputs.

use super::super::Condition;
use super::super::lower::LowerError;
use super::sink::Sink;
use super::unary::{Merge, PAIRS, Unary};
use super::{CardinalityEncoding, adder, direct, sides};

/// The direct encoding is taken where it has at most so many literals for a literal of the constraint.
const DIRECT: usize = 16;

/// Unary sums are made up to so many literals of clauses, some 400 MB; beyond stand binary ones, with which CaDiCaL needs
/// many times as many conflicts (`benches/encode.rs solve`).
const UNARY: usize = 1 << 26;

/// At least `bound` of the literals, where the condition says so.
pub(super) fn encode(
    literals: &[i32],
    bound: i64,
    condition: Condition,
    encoding: CardinalityEncoding,
    sink: &mut Sink<'_>,
) -> Result<(), LowerError> {
    let unary = |merge, sink: &mut Sink<'_>| unary(literals, bound, condition, merge, sink);
    let direct = |sink: &mut Sink<'_>| {
        sides(literals, &[], bound, condition, sink, |literals, bound, output, sink| {
            direct::encode(literals, &[], bound, output, sink)
        })
    };
    match encoding {
        CardinalityEncoding::Auto => {
            if sink.attempt(DIRECT * literals.len(), direct)?
                || sink.attempt(UNARY, |s| unary(Merge::OddEven(PAIRS), s))?
            {
                return Ok(());
            }
            adder::encode(literals, &[], bound, condition, sink)
        }
        CardinalityEncoding::Direct => direct(sink),
        CardinalityEncoding::SequentialCounter => unary(Merge::Sequential, sink),
        CardinalityEncoding::Totalizer => unary(Merge::Totalizer, sink),
        CardinalityEncoding::Network => unary(Merge::OddEven(PAIRS), sink),
        CardinalityEncoding::Adder => adder::encode(literals, &[], bound, condition, sink),
    }
}

fn unary(
    literals: &[i32],
    bound: i64,
    condition: Condition,
    merge: Merge,
    sink: &mut Sink<'_>,
) -> Result<(), LowerError> {
    let n = literals.len();
    let bound = usize::try_from(bound).unwrap_or(usize::MAX); // between 2 and n - 1
    let guard = condition.literal().map(|c| -c);
    let reified = if let Condition::Reified(r) = condition { Some(r) } else { None };
    let both = reified.is_some();
    // True literals: condition → reached is the way down, and reached → r the way up. False ones: reached → no condition
    // is the way up, and no r → reached the way down.
    let mut negated = Vec::new();
    let (counted, reach, mut sums, if_up, if_down) = if bound <= n - bound + 1 {
        (literals, bound, Unary::new(merge, both, true), reified, guard)
    } else {
        sink.reserve(&mut negated, n)?;
        negated.extend(literals.iter().map(|l| -l));
        (negated.as_slice(), n - bound + 1, Unary::new(merge, true, both), guard, reified)
    };
    let middle = if merge == Merge::Sequential { n - 1 } else { n / 2 };
    let p = sums.sort(&counted[..middle], reach, sink)?;
    let q = sums.sort(&counted[middle..], reach, sink)?;
    sums.reach(0, p, q, reach, if_up, if_down, sink)
}

/// With odd-even merges where a totalizer merge takes more clauses than `pairs` for an output.
#[cfg(test)]
pub(super) fn network_of(
    literals: &[i32],
    bound: i64,
    condition: Condition,
    pairs: usize,
    sink: &mut Sink<'_>,
) -> Result<(), LowerError> {
    unary(literals, bound, condition, Merge::OddEven(pairs), sink)
}
