//! SR(n): random formulas at the edge between satisfiable and not (D. Selsam, M. Lamm, B. Bünz, P. Liang, L. de Moura, D. L.
//! Dill, "Learning a SAT solver from single-bit supervision", ICLR 2019, section 4.1).
//!
//! Clauses of 1 + B(0.7) + G(0.4) distinct variables with fair signs are added until there is no model, where B is 1 with
//! that probability, and G counts draws up to the first success; with one sign of the last clause turned there is one again.

use super::rng::Rng;
use super::{InstanceError, positive, small};
use crate::budget::Budget;
use crate::formula::Formula;

/// A formula over `variables` variables, and the same where the last clause's first sign is the other: the one has no model, the
/// other has. `has_model` says whether one has; it is asked once for each clause.
///
/// Errors: no variables, those of `has_model`, or no memory.
pub fn generate<E: From<InstanceError>>(
    variables: u64,
    budget: &Budget,
    mut has_model: impl FnMut(&Formula) -> Result<bool, E>,
) -> Result<[Formula; 2], E> {
    let drawn = |error: InstanceError| E::from(error);
    positive("variables", variables).map_err(drawn)?;
    let n = small("variables", variables.into()).map_err(drawn)?;
    let mut rng = Rng::new(budget.seed());
    let refused = |error: crate::formula::FormulaError| E::from(InstanceError::from(error));
    let mut formula = Formula::new();
    formula.set_memory_limit(budget.memory());
    formula.ensure_vars(n).map_err(refused)?;
    loop {
        budget.check().map_err(|stop| E::from(InstanceError::from(stop)))?;
        let mut clause = draw(n, &mut rng);
        let mut other = formula.try_clone().map_err(refused)?;
        formula.add_clause(&clause).map_err(refused)?;
        if !has_model(&formula)? {
            clause[0] = -clause[0];
            other.add_clause(&clause).map_err(refused)?;
            return Ok([formula, other]);
        }
    }
}

fn draw(n: u32, rng: &mut Rng) -> Vec<i32> {
    let mut length = 1 + u32::from(rng.below(10) < 7);
    // The number of draws up to the first success.
    loop {
        length += 1;
        if rng.below(10) < 4 {
            break;
        }
    }
    let mut clause: Vec<i32> = Vec::new();
    while (clause.len() as u32) < length.min(n) {
        let variable = 1 + rng.index(n as usize) as i32;
        if !clause.iter().any(|l| l.abs() == variable) {
            clause.push(if rng.bit() { variable } else { -variable });
        }
    }
    clause
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Limits;

    fn has_model(formula: &Formula) -> Result<bool, InstanceError> {
        let n = formula.num_vars();
        let model = |bits: u32| -> Vec<i8> { (0..n).map(|v| if bits >> v & 1 == 1 { 1 } else { -1 }).collect() };
        Ok((0..1 << n).any(|bits| formula.check(&model(bits)).unwrap().is_none()))
    }

    #[test]
    fn one_sign_makes_the_difference() {
        let mut clauses = 0;
        for seed in 0..20 {
            let budget = Budget::start(&Limits { seed, ..Limits::default() });
            let [without, with] = generate(6, &budget, has_model).unwrap();
            assert!(!has_model(&without).unwrap() && has_model(&with).unwrap());
            let (a, b): (Vec<_>, Vec<_>) = (without.clauses().iter().collect(), with.clauses().iter().collect());
            assert_eq!(a[..a.len() - 1], b[..b.len() - 1]);
            let (a, b) = (a[a.len() - 1], b[b.len() - 1]);
            assert!(a[0] == -b[0] && a[1..] == b[1..]);
            clauses += without.clauses().len();
        }
        assert!((20 * 15..20 * 80).contains(&clauses), "{clauses}");
        assert!(generate(0, &Budget::unlimited(), has_model).is_err());
    }

    /// Mean length 1 + 0.7 + 2.5.
    #[test]
    fn lengths() {
        let mut rng = Rng::new(1);
        let total: usize = (0..20_000).map(|_| draw(1000, &mut rng).len()).sum();
        let mean = total as f64 / 20_000.0;
        // The standard deviation is 1.99, that of the mean 0.014.
        assert!((mean - 4.2).abs() < 0.07, "{mean}");
    }
}
