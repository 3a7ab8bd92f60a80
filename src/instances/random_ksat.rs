//! Uniform random k-SAT, the fixed clause-length model: D. Mitchell, B. Selman, H. Levesque, "Hard and easy
//! distributions of SAT problems", AAAI 1992, section 2.
//!
//! Every clause has `k` distinct variables, each set of them equally likely, and fair signs. Clauses are drawn
//! independently, so one may come twice. 3-SAT is hardest near 4.26 clauses a variable, where half of the formulas
//! are satisfiable.

use super::rng::Rng;
use super::{Builder, InstanceError, literal, positive, tick, with_capacity};
use crate::budget::{Budget, Stop};
use crate::formula::Formula;

/// `clauses` clauses of `k` literals over `variables` variables. Within a clause the variables ascend. Time: `k`
/// draws a clause, more where `k` comes close to `variables`.
///
/// Errors: a parameter is 0, `k > variables`, or the formula would be too large.
pub fn generate(variables: u64, clauses: u64, k: u64, budget: &Budget) -> Result<Formula, InstanceError> {
    let (mut builder, k) = prepare(variables, clauses, k, budget)?;
    let mut rng = Rng::new(budget.seed());
    let mut clause = with_capacity(k)?;
    for _ in 0..clauses {
        distinct(builder.formula.num_vars(), k, &mut rng, &mut clause, budget)?;
        for lit in &mut clause {
            *lit = if rng.bit() { *lit } else { -*lit };
        }
        builder.clause(&clause)?;
    }
    Ok(builder.formula)
}

/// How many clauses make `ratio` clauses a variable, rounded to the nearest.
///
/// Errors: `ratio` is not a positive finite number, or gives no clause, or too many to count.
pub fn clauses_for_ratio(variables: u64, ratio: f64) -> Result<u64, InstanceError> {
    let refuse = |why: &str| Err(InstanceError::parameter("ratio", ratio, why));
    if !ratio.is_finite() || ratio <= 0.0 {
        return refuse("must be a positive number");
    }
    let clauses = (ratio * variables as f64).round();
    if clauses < 1.0 {
        return refuse("gives no clause");
    }
    if clauses >= 2f64.powi(64) {
        return refuse("gives more clauses than can be counted");
    }
    Ok(clauses as u64)
}

/// Checks what random and planted k-SAT have in common.
pub(super) fn prepare(
    variables: u64,
    clauses: u64,
    k: u64,
    budget: &Budget,
) -> Result<(Builder<'_>, usize), InstanceError> {
    positive("variables", variables)?;
    positive("clauses", clauses)?;
    positive("k", k)?;
    if k > variables {
        let why = format!("a clause cannot have more distinct variables than there are, {variables}");
        return Err(InstanceError::parameter("k", k, why));
    }
    let literals = u128::from(clauses) * u128::from(k);
    let builder = Builder::new(budget, variables.into(), clauses.into(), literals)?;
    let most = usize::MAX;
    let len = usize::try_from(k).map_err(|_| InstanceError::TooLarge {
        what: "literals in a clause",
        count: k.into(),
        most: most as u64,
    })?;
    Ok((builder, len))
}

/// Fills `clause` with `k` distinct variables as positive literals, ascending.
pub(super) fn distinct(
    variables: u32,
    k: usize,
    rng: &mut Rng,
    clause: &mut Vec<i32>,
    budget: &Budget,
) -> Result<(), Stop> {
    clause.clear();
    let mut draws = 0;
    while clause.len() < k {
        draws += 1;
        tick(budget, draws)?;
        // Below 2^30, so it fits.
        let lit = literal(rng.below(u64::from(variables)) as u32 + 1, true);
        if let Err(place) = clause.binary_search(&lit) {
            clause.insert(place, lit);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios() {
        assert_eq!(clauses_for_ratio(100, 4.26), Ok(426));
        assert_eq!(clauses_for_ratio(3, 0.5), Ok(2));
        for bad in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e-9, 1e300] {
            let error = clauses_for_ratio(100, bad).unwrap_err();
            assert!(matches!(error, InstanceError::Parameter { name: "ratio", .. }), "{error}");
        }
    }

    #[test]
    fn variable_sets_are_even() {
        let mut rng = Rng::new(3);
        let mut seen = std::collections::BTreeMap::new();
        let mut clause = Vec::new();
        for _ in 0..20_000 {
            distinct(6, 3, &mut rng, &mut clause, &Budget::unlimited()).unwrap();
            *seen.entry(clause.clone()).or_insert(0u32) += 1;
        }
        // Standard deviation 31; five of them.
        assert!(seen.len() == 20 && seen.values().all(|n| n.abs_diff(1000) < 155), "{seen:?}");
    }
}
