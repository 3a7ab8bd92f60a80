//! Random k-SAT with a planted model: D. Achlioptas, H. Jia, C. Moore, "Hiding satisfying assignments: two are
//! better than one", JAIR 24, 2005, section 1 (there "1-hidden").
//!
//! A hidden assignment is drawn first; every clause is uniform among the clauses of `k` distinct variables that it
//! satisfies. Literals then agree with it more often than not, which draws local search towards it: at the same
//! ratio such formulas are easier than uniform ones.

use super::random_ksat::{distinct, prepare};
use super::rng::Rng;
use super::{InstanceError, Planted, filled, literal, tick, with_capacity};
use crate::budget::Budget;

/// `clauses` clauses of `k` literals over `variables` variables, and the model that satisfies them all. Within a
/// clause the variables ascend.
///
/// Errors: as [`super::random_ksat::generate`].
pub fn generate(variables: u64, clauses: u64, k: u64, budget: &Budget) -> Result<Planted, InstanceError> {
    let (mut builder, k) = prepare(variables, clauses, k, budget)?;
    let mut rng = Rng::new(budget.seed());
    let mut model = filled(1i8, builder.formula.num_vars() as usize)?;
    for (step, value) in (0..).zip(&mut model) {
        tick(budget, step)?;
        *value = if rng.bit() { 1 } else { -1 };
    }
    let mut clause = with_capacity(k)?;
    for _ in 0..clauses {
        distinct(builder.formula.num_vars(), k, &mut rng, &mut clause, budget)?;
        // Of the 2^k signs one is refused: the one that the hidden model falsifies everywhere.
        loop {
            let mut satisfied = false;
            for lit in &mut clause {
                let variable = lit.unsigned_abs();
                let sign = rng.bit();
                satisfied |= sign == (model[variable as usize - 1] > 0);
                *lit = literal(variable, sign);
            }
            if satisfied {
                break;
            }
        }
        builder.clause(&clause)?;
    }
    Ok(Planted { formula: builder.formula, model })
}
