//! The direct encoding of a sum: a clause for each least set of literals that must not all be true, the prime
//! implicates. For cardinality constraints that is the binomial encoding.
//!
//! No fresh variables, and unit propagation sees all that follows. Cost: as many clauses as there are such sets, which
//! grows exponentially in general, so a caller sets a quota; each costs O(n) steps.

use super::super::lower::LowerError;
use super::sink::Sink;

/// Σ wᵢ·xᵢ ≥ `bound` → `output`, or never where there is no output. Weights are descending; `weights` is empty where
/// all are 1; `bound` is positive and at most the total.
pub(super) fn encode(
    literals: &[i32],
    weights: &[i64],
    bound: i64,
    output: Option<i32>,
    sink: &mut Sink<'_>,
) -> Result<(), LowerError> {
    let n = literals.len();
    let weight = |i: usize| weights.get(i).copied().unwrap_or(1);
    // What is there from each place on.
    let mut rest: Vec<i64> = Vec::new();
    let (mut chosen, mut clause): (Vec<usize>, Vec<i32>) = (Vec::new(), Vec::new());
    sink.reserve(&mut rest, n + 1)?;
    sink.reserve(&mut chosen, n)?;
    sink.reserve(&mut clause, n + 1)?;
    rest.resize(n + 1, 0);
    for i in (0..n).rev() {
        rest[i] = rest[i + 1] + weight(i);
    }
    // Depth first, in the order of places: what reaches the bound with its last and least literal is a least set.
    let (mut sum, mut next) = (0i64, 0);
    loop {
        if sum >= bound {
            clause.clear();
            clause.extend(chosen.iter().map(|&i| -literals[i]));
            clause.extend(output);
            sink.clause(&clause)?;
        } else if sum + rest[next] >= bound {
            chosen.push(next);
            sum += weight(next);
            next += 1;
            continue;
        }
        sink.spend(1)?;
        let Some(last) = chosen.pop() else { return Ok(()) };
        sum -= weight(last);
        next = last + 1;
    }
}
