//! A disjunct made ready for bounding.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::clauses::Clauses;
use crate::bounds::Root;
use crate::error::OutOfMemory;
use crate::verify::canonical::Disjunct;
use crate::verify::witness::zeros;

/// Halfspaces `outputs · y + inputs · x <= bound`, and what is known of the whole box.
#[derive(Debug)]
pub(crate) struct Target {
    pub disjunct: Disjunct,
    /// `[row][output]`.
    pub outputs: Vec<f64>,
    /// `[row][input]`, empty where no row speaks of inputs.
    pub inputs: Vec<f64>,
    pub root: Arc<Root>,
    /// The box.
    pub ends: (Vec<f64>, Vec<f64>),
    /// What closed subproblems say of others. Workers share it.
    clauses: Mutex<Clauses>,
}

impl Target {
    pub(crate) fn new(disjunct: Disjunct, root: Arc<Root>) -> Result<Self, OutOfMemory> {
        let (n, m, rows) = (disjunct.num_inputs(), disjunct.num_outputs(), disjunct.num_rows());
        let mut outputs = zeros(rows.saturating_mul(m))?;
        let mut inputs = zeros(if disjunct.rows_have_inputs() { rows.saturating_mul(n) } else { 0 })?;
        let all = disjunct.rows();
        for (row, ends) in all.offsets.windows(2).enumerate() {
            for i in ends[0]..ends[1] {
                let column = all.columns[i] as usize;
                if column < n {
                    inputs[row * n + column] = all.coefficients[i];
                } else {
                    outputs[row * m + column - n] = all.coefficients[i];
                }
            }
        }
        let ends = (disjunct.lower.clone(), disjunct.upper.clone());
        Ok(Target { disjunct, outputs, inputs, root, ends, clauses: Mutex::default() })
    }

    pub(super) fn clauses(&self) -> MutexGuard<'_, Clauses> {
        self.clauses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn rows(&self) -> usize {
        self.disjunct.num_rows()
    }

    /// Whether a lower bound of row `row` shows that no point meets it.
    pub(crate) fn is_beyond(&self, row: usize, least: f64) -> bool {
        let rows = self.disjunct.rows();
        least > rows.bounds[row] || rows.strict[row] && least >= rows.bounds[row]
    }
}
