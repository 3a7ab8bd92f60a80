//! Pseudo-Boolean constraints as clauses: which encoding, and in what order they are tried.
//!
//! Direct, then the generalized totalizer (unit propagation sees all that follows, but it may grow exponentially), then
//! the polynomial watchdog (sees every violation; grows like n·log² n for each bit of the weights), then the adder
//! (sees little; grows like n for each bit). Each is given a quota of literals in proportion to the constraint; what
//! exceeds it is taken back and the next one is tried.

use super::super::Condition;
use super::super::lower::LowerError;
use super::sink::Sink;
use super::{PbEncoding, adder, direct, generalized_totalizer, polynomial_watchdog, sides};

/// Quotas, in literals of clauses for a literal of the constraint. On random sums (`benches/encode.rs solve`, five seeds
/// a family) CaDiCaL needs 20 to 250 times as many conflicts with the adder as with the others. The generalized
/// totalizer needs half the watchdog's conflicts and as much time on 20 of 40 variables with weights up to 8 or 100; on 40
/// of 80 with weights up to 100 as many conflicts and 15 times as long, for its size.
const DIRECT: usize = 16;
const GENERALIZED_TOTALIZER: usize = 1000;
const POLYNOMIAL_WATCHDOG: usize = 3000;

/// The most for any constraint: some 10 and 200 MB.
const MOST: [usize; 2] = [1 << 21, 1 << 25];

/// Σ `weights`·`literals` ≥ `bound`, where the condition says so.
pub(super) fn encode(
    literals: &[i32],
    weights: &[i64],
    bound: i64,
    condition: Condition,
    encoding: PbEncoding,
    sink: &mut Sink<'_>,
) -> Result<(), LowerError> {
    let direct = |sink: &mut Sink<'_>| {
        sides(literals, weights, bound, condition, sink, |literals, bound, output, sink| {
            direct::encode(literals, weights, bound, output, sink)
        })
    };
    let totalizer = |sink: &mut Sink<'_>| {
        sides(literals, weights, bound, condition, sink, |literals, bound, output, sink| {
            generalized_totalizer::encode(literals, weights, bound, output, sink)
        })
    };
    let watchdog = |sink: &mut Sink<'_>| {
        sides(literals, weights, bound, condition, sink, |literals, bound, output, sink| {
            polynomial_watchdog::encode(literals, weights, bound, output, sink)
        })
    };
    match encoding {
        PbEncoding::Auto => {
            let n = literals.len();
            if sink.attempt(n * DIRECT, direct)?
                || sink.attempt((n * GENERALIZED_TOTALIZER).min(MOST[0]), totalizer)?
                || sink.attempt((n * POLYNOMIAL_WATCHDOG).min(MOST[1]), watchdog)?
            {
                return Ok(());
            }
            adder::encode(literals, weights, bound, condition, sink)
        }
        PbEncoding::Direct => direct(sink),
        PbEncoding::GeneralizedTotalizer => totalizer(sink),
        PbEncoding::PolynomialWatchdog => watchdog(sink),
        PbEncoding::Adder => adder::encode(literals, weights, bound, condition, sink),
    }
}
