//! Linear inequalities over the reals, strict or not, decided without rounding.
//!
//! Source: B. Dutertre, L. de Moura, "A Fast Linear-Arithmetic Solver for DPLL(T)", CAV 2006, section 3: every row becomes
//! a variable with a bound, strict bounds are moved by an infinitesimal δ, and Bland's rule keeps the pivots from cycling.
//! All numbers are rationals, so "no point" is a proof.
//!
//! Cost: a pivot touches rows × columns rationals, whose length grows with the pivots.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use crate::budget::{Budget, Stop};

/// `real + infinitesimal · δ`; compared one after the other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Delta {
    pub(crate) real: BigRational,
    pub(crate) infinitesimal: BigRational,
}

impl Delta {
    pub(crate) fn of(real: BigRational, infinitesimal: i32) -> Self {
        Delta { real, infinitesimal: BigRational::from_integer(BigInt::from(infinitesimal)) }
    }

    fn add(&mut self, factor: &BigRational, other: &Delta) {
        self.real += factor * &other.real;
        self.infinitesimal += factor * &other.infinitesimal;
    }
}

/// What is known of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A point satisfies all of them.
    Point,
    /// None does.
    Nothing,
    /// It would take more pivots than were granted.
    Hard,
}

/// Rows over columns, and bounds of both.
#[derive(Debug)]
pub(crate) struct Simplex {
    lower: Vec<Option<Delta>>,
    upper: Vec<Option<Delta>>,
    value: Vec<Delta>,
    /// `basic[r] = Σ rows[r][c] · free[c]`.
    rows: Vec<Vec<BigRational>>,
    basic: Vec<usize>,
    free: Vec<usize>,
}

impl Simplex {
    /// Variables are the columns, then the rows.
    pub(crate) fn new(columns: usize, rows: usize) -> Self {
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

    /// Adds to an entry of a row.
    pub(crate) fn add(&mut self, row: usize, column: usize, value: BigRational) {
        self.rows[row][column] += value;
    }

    /// Keeps the tighter of two bounds.
    pub(crate) fn bound(&mut self, variable: usize, upper: bool, bound: Delta) {
        let old = if upper { &mut self.upper[variable] } else { &mut self.lower[variable] };
        if old.as_ref().is_none_or(|old| if upper { bound < *old } else { bound > *old }) {
            *old = Some(bound);
        }
    }

    /// Where a column begins: near a point, if one is known to be near.
    #[cfg_attr(not(feature = "highs"), expect(dead_code, reason = "for mixed integer programs"))]
    pub(crate) fn start(&mut self, column: usize, value: BigRational) {
        self.value[column] = Delta::of(value, 0);
    }

    /// Looks for a point, with so many pivots at most.
    pub(crate) fn solve(&mut self, pivots: usize, budget: &Budget) -> Result<Answer, Stop> {
        for variable in 0..self.free.len() {
            if let (Some(lower), Some(upper)) = (&self.lower[variable], &self.upper[variable])
                && lower > upper
            {
                return Ok(Answer::Nothing);
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
        for _ in 0..pivots {
            let Some((row, target)) = self.violated() else { return Ok(Answer::Point) };
            let up = target > self.value[self.basic[row]];
            let Some(column) = self.entering(row, up) else { return Ok(Answer::Nothing) };
            self.pivot(row, column, target, budget)?;
        }
        Ok(if self.violated().is_none() { Answer::Point } else { Answer::Hard })
    }

    /// The columns' values at the point that was found: with a δ that is small enough (section 3 of the source).
    #[cfg_attr(not(feature = "highs"), expect(dead_code, reason = "for mixed integer programs"))]
    pub(crate) fn point(&self, columns: usize) -> Vec<BigRational> {
        let mut delta = BigRational::one();
        let mut at_most = |low: &Delta, high: &Delta| {
            // low <= high as pairs; low.real + low.inf δ <= high.real + high.inf δ.
            let (room, slope) = (&high.real - &low.real, &low.infinitesimal - &high.infinitesimal);
            if slope.is_positive() && room.is_positive() {
                let most = room / slope;
                if most < delta {
                    delta = most;
                }
            }
        };
        for (variable, value) in self.value.iter().enumerate() {
            if let Some(lower) = &self.lower[variable] {
                at_most(lower, value);
            }
            if let Some(upper) = &self.upper[variable] {
                at_most(value, upper);
            }
        }
        self.value[..columns].iter().map(|value| &value.real + &value.infinitesimal * &delta).collect()
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
    fn pivot(&mut self, row: usize, column: usize, target: Delta, budget: &Budget) -> Result<(), Stop> {
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
        let pivot = self.rows[row].clone();
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
