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

/// Quotas, in literals of clauses for a literal of the constraint.
const DIRECT: usize = 16;
const GENERALIZED_TOTALIZER: usize = 1000;
const POLYNOMIAL_WATCHDOG: usize = 2000;

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
                || sink.attempt(n * GENERALIZED_TOTALIZER, totalizer)?
                || sink.attempt(n * POLYNOMIAL_WATCHDOG, watchdog)?
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
