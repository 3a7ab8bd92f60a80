//! What rows leave of the columns' bounds.
//!
//! Source: M. Savelsbergh, "Preprocessing and Probing Techniques for Mixed Integer Programming Problems", ORSA Journal on
//! Computing 6, 1994, section 1; here every bound is rounded outward, so that no point of the rows is lost.

use super::program::Program;
use crate::bounds::{down, up};
use crate::budget::{Budget, Stop};

/// A bound of a real is taken over where it takes away so much of its width.
const WORTH: f64 = 0.01;

/// Rows are looked at so often, on average, at most.
const ROUNDS: usize = 8;

/// Rows of each column.
#[derive(Debug, Clone)]
pub(super) struct Propagator {
    starts: Vec<usize>,
    rows: Vec<u32>,
    queue: Vec<u32>,
    is_queued: Vec<bool>,
}

impl Propagator {
    pub fn new(program: &Program) -> Self {
        let columns = program.lower.len();
        let mut starts = vec![0; columns + 1];
        program.indices.iter().for_each(|&column| starts[column as usize + 1] += 1);
        for column in 0..columns {
            starts[column + 1] += starts[column];
        }
        let (mut next, mut rows) = (starts.clone(), vec![0; program.indices.len()]);
        for row in 0..program.rows() {
            for (column, _) in program.row(row) {
                rows[next[column]] = row as u32;
                next[column] += 1;
            }
        }
        Propagator { starts, rows, queue: Vec::new(), is_queued: vec![false; program.rows()] }
    }

    /// Tightens bounds, from the rows of some columns on; of all rows where that is `None`. `false`: no point is left.
    pub fn run(
        &mut self,
        program: &Program,
        changed: Option<&[usize]>,
        (lower, upper): (&mut [f64], &mut [f64]),
        budget: &Budget,
    ) -> Result<bool, Stop> {
        match changed {
            None => (0..program.rows()).for_each(|row| self.push(row as u32)),
            Some(columns) => columns.iter().for_each(|&column| self.push_rows(column)),
        }
        let (mut at, mut fine) = (0, true);
        while at < self.queue.len() && at < ROUNDS * program.rows() {
            let row = self.queue[at] as usize;
            at += 1;
            self.is_queued[row] = false;
            budget.spend(program.row(row).count() as u64 / 64)?;
            if !self.row(program, row, lower, upper) {
                fine = false;
                break;
            }
        }
        self.queue.iter().for_each(|&row| self.is_queued[row as usize] = false);
        self.queue.clear();
        Ok(fine)
    }

    fn push(&mut self, row: u32) {
        if !std::mem::replace(&mut self.is_queued[row as usize], true) {
            self.queue.push(row);
        }
    }

    fn push_rows(&mut self, column: usize) {
        for at in self.starts[column]..self.starts[column + 1] {
            self.push(self.rows[at]);
        }
    }

    fn row(&mut self, program: &Program, row: usize, lower: &mut [f64], upper: &mut [f64]) -> bool {
        let (least, most) = (program.row_lower[row], program.row_upper[row]);
        let (mut low, mut high) = (0.0, 0.0);
        for (column, c) in program.row(row) {
            let (l, u) = ends(c, lower[column], upper[column]);
            low = down(low + down(c * l));
            high = up(high + up(c * u));
        }
        if low > most || high < least {
            return false;
        }
        if low >= least && high <= most {
            return true;
        }
        // Rows of a part may have lost an entry.
        for (column, c) in program.row(row).filter(|entry| entry.1 != 0.0) {
            let (l, u) = ends(c, lower[column], upper[column]);
            // The others are at least `rest.0` and at most `rest.1`.
            let rest = (down(low - up(c * l)), up(high - down(c * u)));
            // c x <= most - rest.0, c x >= least - rest.1.
            let (above, below) = (up(most - rest.0), down(least - rest.1));
            let (at_most, at_least) =
                if c > 0.0 { (up(above / c), down(below / c)) } else { (up(below / c), down(above / c)) };
            if !self.narrow(program, column, at_least, at_most, lower, upper) {
                return false;
            }
        }
        true
    }

    fn narrow(
        &mut self,
        program: &Program,
        column: usize,
        mut least: f64,
        mut most: f64,
        lower: &mut [f64],
        upper: &mut [f64],
    ) -> bool {
        let width = upper[column] - lower[column];
        let worth = if program.is_integer[column] {
            (least, most) = (least.ceil(), most.floor());
            0.0
        } else {
            WORTH * width
        };
        let mut changed = false;
        if least > lower[column] + worth {
            lower[column] = least;
            changed = true;
        }
        if most < upper[column] - worth {
            upper[column] = most;
            changed = true;
        }
        if lower[column] > upper[column] {
            return false;
        }
        if changed {
            self.push_rows(column);
        }
        true
    }
}

/// The end of a column where a term is least, and where it is greatest.
fn ends(c: f64, lower: f64, upper: f64) -> (f64, f64) {
    if c > 0.0 { (lower, upper) } else { (upper, lower) }
}
