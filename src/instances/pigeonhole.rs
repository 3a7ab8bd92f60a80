//! The pigeonhole principle: S. Cook, R. Reckhow, "The relative efficiency of propositional proof systems", Journal
//! of Symbolic Logic 44(1), 1979. Unsatisfiable exactly where there are more pigeons than holes; then every
//! resolution refutation is exponential in the number of holes (A. Haken, "The intractability of resolution",
//! Theoretical Computer Science 39, 1985), so that CDCL without further reasoning stops at about a dozen.

use super::{Builder, InstanceError, positive, small, with_capacity};
use crate::budget::Budget;
use crate::formula::Formula;

/// Every pigeon sits in a hole, no two in the same. Variable `i * holes + j + 1`, named `p{i+1}=h{j+1}`, says that
/// pigeon `i` sits in hole `j`, both from 0. First a clause a pigeon, then, hole by hole, one for each pair of
/// pigeons: `pigeons + holes * pigeons * (pigeons - 1) / 2` clauses.
///
/// Errors: a parameter is 0, or the formula would be too large.
pub fn generate(pigeons: u64, holes: u64, budget: &Budget) -> Result<Formula, InstanceError> {
    let p = u128::from(positive("pigeons", pigeons)?);
    let h = u128::from(positive("holes", holes)?);
    // At most 2^192 without saturation; what saturates is refused.
    let pairs = (p * (p - 1) / 2).saturating_mul(h);
    let literals = pairs.saturating_mul(2).saturating_add(p * h);
    let mut builder = Builder::new(budget, p * h, pairs.saturating_add(p), literals)?;
    // Their product is, so they are.
    let (p, h) = (small("pigeons", p)?, small("holes", h)?);
    for i in 0..p {
        for j in 0..h {
            builder.name(i * h + j + 1, &format!("p{}=h{}", i + 1, j + 1))?;
        }
    }
    let sits = |i: u32, j: u32| (i * h + j + 1).cast_signed();
    let mut somewhere = with_capacity(h as usize)?;
    for i in 0..p {
        somewhere.clear();
        somewhere.extend((0..h).map(|j| sits(i, j)));
        builder.clause(&somewhere)?;
    }
    for j in 0..h {
        for i in 0..p {
            for other in i + 1..p {
                builder.clause(&[-sits(i, j), -sits(other, j)])?;
            }
        }
    }
    Ok(builder.formula)
}
