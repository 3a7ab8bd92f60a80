//! Whether a disjunct has a point at all, the network aside: an exact simplex.
//!
//! Source: B. Dutertre, L. de Moura, "A Fast Linear-Arithmetic Solver for DPLL(T)", CAV 2006, section 3: every row becomes
//! a variable with a bound, strict bounds are moved by an infinitesimal δ, and Bland's rule keeps the pivots from cycling.
//! All numbers are rationals, so "no point" is a proof. Rows of one variable are bounds and cost no row.
//!
//! Cost: a pivot touches rows × columns rationals, whose length grows with the pivots. Beyond [`MOST_ENTRIES`] or
//! [`MOST_PIVOTS`] the answer is that there may be a point, which loses nothing.

use std::collections::HashMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};

use super::disjunct::Disjunct;
use super::error::CanonicalError;
use crate::budget::Budget;
use crate::error::OutOfMemory;
use crate::net::property::formula::push;

/// Rows times columns that are worth a try.
const MOST_ENTRIES: usize = 1 << 16;

/// Pivots that are worth a try.
const MOST_PIVOTS: usize = 1000;

/// `real + infinitesimal · δ`; compared one after the other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Delta {
    real: BigRational,
    infinitesimal: BigRational,
}

impl Delta {
    fn of(real: BigRational, infinitesimal: i32) -> Self {
        Delta { real, infinitesimal: BigRational::from_integer(BigInt::from(infinitesimal)) }
    }

    fn add(&mut self, factor: &BigRational, other: &Delta) {
        self.real += factor * &other.real;
        self.infinitesimal += factor * &other.infinitesimal;
    }
}

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
            simplex.bound(variable, false, exact(lower).map(|value| Delta::of(value, 0)));
            simplex.bound(variable, true, exact(upper).map(|value| Delta::of(value, 0)));
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
                    simplex.rows[next][position[&rows.columns[i]]] += value;
                }
            }
            simplex.bound(columns.len() + next, true, Some(Delta::of(bound, -strict)));
            next += 1;
        } else if let Some(first) = terms(row).next()
            && let Some(&variable) = position.get(&rows.columns[first])
            && let Some(coefficient) = exact(rows.coefficients[first])
        {
            let upper = coefficient.is_positive();
            let side = if upper { -strict } else { strict };
            simplex.bound(variable, upper, Some(Delta::of(bound / coefficient, side)));
        }
    }
    simplex.solve(budget)
}

/// A finite double.
fn exact(value: f64) -> Option<BigRational> {
    BigRational::from_float(value)
}

struct Simplex {
    lower: Vec<Option<Delta>>,
    upper: Vec<Option<Delta>>,
    value: Vec<Delta>,
    /// `basic[r] = Σ rows[r][c] · free[c]`.
    rows: Vec<Vec<BigRational>>,
    basic: Vec<usize>,
    free: Vec<usize>,
}

impl Simplex {
    /// At most [`MOST_ENTRIES`] entries.
    fn new(columns: usize, rows: usize) -> Self {
        let zero = BigRational::zero;
        Simplex {
            lower: vec![None; columns + rows],
            upper: vec![None; columns + rows],
            value: vec![Delta::of(zero(), 0); columns + rows],
            rows: vec![vec![zero(); columns]; rows],
            basic: (columns..columns + rows).collect(),
            free: (0..columns).collect(),
        }
    }

    /// Keeps the tighter of two bounds.
    fn bound(&mut self, variable: usize, upper: bool, bound: Option<Delta>) {
        let Some(bound) = bound else { return };
        let old = if upper { &mut self.upper[variable] } else { &mut self.lower[variable] };
        if old.as_ref().is_none_or(|old| if upper { bound < *old } else { bound > *old }) {
            *old = Some(bound);
        }
    }

    fn solve(&mut self, budget: &Budget) -> Result<bool, CanonicalError> {
        for variable in 0..self.free.len() {
            if let (Some(lower), Some(upper)) = (&self.lower[variable], &self.upper[variable])
                && lower > upper
            {
                return Ok(false);
            }
            // Within the bounds, at 0 where that is.
            if let Some(lower) = self.lower[variable].as_ref().filter(|lower| self.value[variable] < **lower) {
                self.value[variable] = lower.clone();
            }
            if let Some(upper) = self.upper[variable].as_ref().filter(|upper| self.value[variable] > **upper) {
                self.value[variable] = upper.clone();
            }
        }
        for (row, &basic) in self.rows.iter().zip(&self.basic) {
            let mut sum = Delta::of(BigRational::zero(), 0);
            row.iter().zip(&self.free).for_each(|(coefficient, &free)| sum.add(coefficient, &self.value[free]));
            self.value[basic] = sum;
        }
        for _ in 0..MOST_PIVOTS {
            let Some((row, target)) = self.violated() else { return Ok(true) };
            let Some(column) = self.entering(row, target > self.value[self.basic[row]]) else { return Ok(false) };
            self.pivot(row, column, target, budget)?;
        }
        Ok(true)
    }

    /// The basic variable of the least number that is out of its bounds, as a row, and the bound.
    fn violated(&self) -> Option<(usize, Delta)> {
        let out = |row: usize| {
            let variable = self.basic[row];
            let value = &self.value[variable];
            let lower = self.lower[variable].as_ref().filter(|lower| value < lower);
            lower.or_else(|| self.upper[variable].as_ref().filter(|upper| value > upper))
        };
        let row = (0..self.basic.len()).filter(|&row| out(row).is_some()).min_by_key(|&row| self.basic[row])?;
        Some((row, out(row)?.clone()))
    }

    /// The free variable of the least number that can move the row's up or down, as a column.
    fn entering(&self, row: usize, up: bool) -> Option<usize> {
        let can = |&column: &usize| {
            let coefficient = &self.rows[row][column];
            let variable = self.free[column];
            let value = &self.value[variable];
            if coefficient.is_zero() {
                false
            } else if coefficient.is_positive() == up {
                self.upper[variable].as_ref().is_none_or(|upper| value < upper)
            } else {
                self.lower[variable].as_ref().is_none_or(|lower| value > lower)
            }
        };
        (0..self.free.len()).filter(can).min_by_key(|&column| self.free[column])
    }

    /// Exchanges a basic variable, which goes to its bound, with a free one.
    fn pivot(&mut self, row: usize, column: usize, target: Delta, budget: &Budget) -> Result<(), CanonicalError> {
        let (leaving, entering) = (self.basic[row], self.free[column]);
        let inverse = self.rows[row][column].recip();
        let mut step = target.clone();
        step.add(&BigRational::from_integer(BigInt::from(-1)), &self.value[leaving]);
        let mut moved = Delta::of(BigRational::zero(), 0);
        moved.add(&inverse, &step);
        self.value[leaving] = target;
        self.value[entering].add(&BigRational::from_integer(BigInt::from(1)), &moved);

        // leaving = … + a · entering + …, solved for entering.
        for (at, coefficient) in self.rows[row].iter_mut().enumerate() {
            *coefficient = if at == column { inverse.clone() } else { -(&*coefficient * &inverse) };
        }
        let mut pivot = Vec::new();
        let bytes = (self.free.len() * size_of::<BigRational>()) as u64;
        pivot.try_reserve_exact(self.free.len()).map_err(|_| OutOfMemory::Allocator { bytes })?;
        pivot.extend_from_slice(&self.rows[row]);
        for (other, coefficients) in self.rows.iter_mut().enumerate() {
            budget.spend(pivot.len() as u64)?;
            if other == row || coefficients[column].is_zero() {
                continue;
            }
            let factor = std::mem::replace(&mut coefficients[column], BigRational::zero());
            self.value[self.basic[other]].add(&factor, &moved);
            for (coefficient, pivot) in coefficients.iter_mut().zip(&pivot) {
                if !pivot.is_zero() {
                    *coefficient += &factor * pivot;
                }
            }
        }
        (self.basic[row], self.free[column]) = (entering, leaving);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
