//! What a linear program says of inequalities over variables between 0 and 1, some of which are fixed: whether they rule one
//! another out, as far as doubles can tell.

use super::MilpError;
use super::program::Program;
use super::raw::{Lp, Status};
use crate::floats::Standard;

/// Inequalities Σ wᵢ·xᵢ ≥ b, loaded into HiGHS.
#[derive(Debug)]
pub(crate) struct Relaxation {
    lp: Lp,
    lower: Vec<f64>,
    upper: Vec<f64>,
}

/// What a look found, and after how many iterations.
#[derive(Debug)]
pub(crate) enum Found {
    /// There is a point, or it is not known.
    Point(u64),
    /// There seems to be none: multipliers of the rows, one a row, are to show it; what is not positive means nothing.
    Refuted(Vec<f64>, u64),
    /// The iterations are used up.
    Nothing(u64),
}

/// One of them: columns with their weights, and the bound.
pub(crate) type Row = (Vec<(usize, f64)>, f64);

impl Relaxation {
    /// Over so many columns.
    pub fn new(columns: usize, rows: impl Iterator<Item = Row>, seed: u64) -> Result<Self, MilpError> {
        let _standard = Standard::enter();
        let program = Program::of_rows(columns, rows);
        let lp = Lp::new(&program, seed)?;
        Ok(Relaxation { lp, lower: program.lower, upper: program.upper })
    }

    /// A column has this value from here on, or is free.
    pub fn fix(&mut self, column: usize, value: Option<bool>) {
        let (lower, upper) = value.map_or((0.0, 1.0), |value| (f64::from(value), f64::from(value)));
        (self.lower[column], self.upper[column]) = (lower, upper);
    }

    /// Looks for a point, for so many iterations at most, from where the last call ended.
    pub fn refute(&mut self, iterations: i32) -> Result<Found, MilpError> {
        let _standard = Standard::enter();
        self.lp.set_bounds(&self.lower, &self.upper)?;
        let (status, count) = self.lp.run(iterations)?;
        Ok(match status {
            Status::Infeasible => self.lp.ray().map_or(Found::Point(count), |ray| Found::Refuted(ray, count)),
            Status::More => Found::Nothing(count),
            _ => Found::Point(count),
        })
    }
}
