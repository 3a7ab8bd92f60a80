//! Pooling: the largest or the mean of what a window sees.
//!
//! What lies beyond the padding never counts. A window that sees nothing but padding has minus infinity for its largest and
//! 0 for its mean.

use super::EvalError;
use super::grid::Grid;
use super::meter::Meter;
use super::real::Real;

/// Which pooling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Max,
    /// Whether padding counts as zeros.
    Mean(bool),
}

/// A window that slides over planes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pool {
    pub kind: Kind,
    pub grid: Grid,
}

impl Pool {
    /// One plane.
    pub(crate) fn apply<T: Real>(&self, x: &[T], y: &mut [T], meter: &mut Meter<'_>) -> Result<(), EvalError> {
        self.windows(meter, |at, window| {
            y[at] = match self.kind {
                Kind::Max => window.largest(x).map_or(T::LEAST, |i| x[i]),
                Kind::Mean(_) => {
                    let mut sum = T::ZERO;
                    window.elements(|i| sum += x[i]);
                    if window.count == 0 { sum } else { sum / T::from_f64(window.count as f64) }
                }
            };
        })
    }

    /// One plane: adds to `to` the gradient at operand `x`, `g` being that at the answer. Of several that are largest the
    /// first one, row by row, has it.
    pub(crate) fn reverse<T: Real>(
        &self,
        x: &[T],
        g: &[T],
        to: &mut [T],
        meter: &mut Meter<'_>,
    ) -> Result<(), EvalError> {
        self.windows(meter, |at, window| match self.kind {
            Kind::Max => {
                if let Some(i) = window.largest(x) {
                    to[i] += g[at];
                }
            }
            Kind::Mean(_) => {
                if window.count > 0 {
                    let share = g[at] / T::from_f64(window.count as f64);
                    window.elements(|i| to[i] += share);
                }
            }
        })
    }

    /// Calls `each` with every position and what the window sees there.
    fn windows(&self, meter: &mut Meter<'_>, mut each: impl FnMut(usize, Seen)) -> Result<(), EvalError> {
        let Grid { y, x } = &self.grid;
        for row in 0..y.positions {
            let taps_y = y.taps(row);
            for column in 0..x.positions {
                let taps_x = x.taps(column);
                let count = match self.kind {
                    Kind::Mean(true) => y.padded_taps(row) * x.padded_taps(column),
                    _ => taps_y.len() * taps_x.len(),
                };
                let (rows, columns) = (taps_y.len(), taps_x.len());
                let first = if rows * columns == 0 {
                    0
                } else {
                    y.element(row, taps_y.start) * x.size + x.element(column, taps_x.start)
                };
                let steps = (y.dilation * x.size, x.dilation);
                each(row * x.positions + column, Seen { first, rows, columns, steps, count });
                meter.count(rows * columns + 4)?;
            }
        }
        Ok(())
    }
}

/// What a window sees of a plane.
struct Seen {
    first: usize,
    rows: usize,
    columns: usize,
    steps: (usize, usize),
    /// Elements that the mean is over.
    count: usize,
}

impl Seen {
    fn elements(&self, mut each: impl FnMut(usize)) {
        if self.columns == 0 {
            return;
        }
        for row in 0..self.rows {
            for column in 0..self.columns {
                each(self.first + row * self.steps.0 + column * self.steps.1);
            }
        }
    }

    /// The first largest one, or the first that is no number.
    fn largest<T: Real>(&self, x: &[T]) -> Option<usize> {
        let mut best: Option<usize> = None;
        self.elements(|i| {
            // Nothing is larger than what is no number.
            let beats = best.is_none_or(|best| x[i] > x[best] || (x[i].is_nan() && !x[best].is_nan()));
            if beats {
                best = Some(i);
            }
        });
        best
    }
}
