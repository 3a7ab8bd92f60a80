//! Whether a disjunct has a point at all, the network aside: an exact simplex.
//!
//! Rows of one variable are bounds and cost no row. Beyond [`MOST_ENTRIES`] or [`MOST_PIVOTS`] the answer is that there may be a
//! point, which loses nothing.

use std::collections::HashMap;

use num_rational::BigRational;
use num_traits::Signed;

use super::disjunct::Disjunct;
use super::error::CanonicalError;
use crate::budget::Budget;
use crate::net::property::formula::push;
use crate::simplex::{Answer, Delta, Simplex};

/// Rows times columns that are worth a try.
const MOST_ENTRIES: usize = 1 << 16;

/// Pivots that are worth a try.
const MOST_PIVOTS: usize = 1000;

/// Whether some point of the box satisfies all rows. `true` also where that is too hard to tell.
pub(super) fn feasible(disjunct: &Disjunct, budget: &Budget) -> Result<bool, CanonicalError> {
    let rows = disjunct.rows();
    let long = || (0..disjunct.num_rows()).filter(|&row| rows.offsets[row + 1] - rows.offsets[row] > 1);
    let terms = |row: usize| rows.offsets[row]..rows.offsets[row + 1];
    let count = long().count();
    if count == 0 {
        return Ok(true); // intervals have said all there is to say
    }
    // Variables of the long rows come first, the rows' own after them.
    let mut columns: Vec<u32> = Vec::new();
    let mut position: HashMap<u32, usize> = HashMap::new();
    for column in long().flat_map(|row| &rows.columns[terms(row)]) {
        if position.contains_key(column) {
            continue;
        }
        if (columns.len() + 1).saturating_mul(count) > MOST_ENTRIES {
            return Ok(true);
        }
        position.insert(*column, columns.len());
        push(&mut columns, *column)?;
    }
    let mut simplex = Simplex::new(columns.len(), count);
    for (variable, &column) in columns.iter().enumerate() {
        if let (Some(&lower), Some(&upper)) = (disjunct.lower.get(column as usize), disjunct.upper.get(column as usize))
        {
            exact(lower).into_iter().for_each(|value| simplex.bound(variable, false, Delta::of(value, 0)));
            exact(upper).into_iter().for_each(|value| simplex.bound(variable, true, Delta::of(value, 0)));
        }
    }
    let mut next = 0;
    for row in 0..disjunct.num_rows() {
        budget.spend(1)?;
        let strict = i32::from(rows.strict[row]);
        let Some(bound) = exact(rows.bounds[row]) else { continue };
        if terms(row).len() > 1 {
            for i in terms(row) {
                if let Some(value) = exact(rows.coefficients[i]) {
                    simplex.add(next, position[&rows.columns[i]], value);
                }
            }
            simplex.bound(columns.len() + next, true, Delta::of(bound, -strict));
            next += 1;
        } else if let Some(first) = terms(row).next()
            && let Some(&variable) = position.get(&rows.columns[first])
            && let Some(coefficient) = exact(rows.coefficients[first])
        {
            let upper = coefficient.is_positive();
            let side = if upper { -strict } else { strict };
            simplex.bound(variable, upper, Delta::of(bound / coefficient, side));
        }
    }
    Ok(simplex.solve(MOST_PIVOTS, budget)? != Answer::Nothing)
}

/// A finite double.
fn exact(value: f64) -> Option<BigRational> {
    BigRational::from_float(value)
}

#[cfg(test)]
mod tests;
