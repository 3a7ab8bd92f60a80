//! Pooling: the largest or the mean of what a window sees.
//!
//! What lies beyond the padding never counts. A window that sees nothing but padding has minus infinity for its largest and
//! 0 for its mean.

use super::EvalError;
use super::grid::Grid;
use super::kernel::Isa;
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
    /// One plane: row by row of positions, each place in the window for the whole row at once.
    pub(crate) fn apply<T: Real>(
        &self,
        isa: Isa,
        x: &[T],
        y: &mut [T],
        meter: &mut Meter<'_>,
    ) -> Result<(), EvalError> {
        let Grid { y: down, x: along } = &self.grid;
        for (row, y) in y.chunks_exact_mut(along.positions).enumerate() {
            let rows = down.taps(row);
            match self.kind {
                Kind::Max => {
                    self.row(isa, x, row, y, T::LEAST, larger, meter)?;
                }
                Kind::Mean(padding) => {
                    self.row(isa, x, row, y, T::ZERO, |y, x| y + x, meter)?;
                    for (column, y) in y.iter_mut().enumerate() {
                        let count = if padding {
                            down.padded_taps(row) * along.padded_taps(column)
                        } else {
                            rows.len() * along.taps(column).len()
                        };
                        if count > 0 {
                            *y = *y / T::from_f64(count as f64);
                        }
                    }
                    meter.count(3 * along.positions)?;
                }
            }
        }
        Ok(())
    }

    /// A row of positions, folded from `start` on.
    #[allow(clippy::too_many_arguments)]
    fn row<T: Real>(
        &self,
        isa: Isa,
        x: &[T],
        row: usize,
        y: &mut [T],
        start: T,
        fold: impl Fn(T, T) -> T + Copy,
        meter: &mut Meter<'_>,
    ) -> Result<(), EvalError> {
        let Grid { y: down, x: along } = &self.grid;
        let rows = down.taps(row);
        let line = |tap_y: usize| &x[down.element(row, tap_y) * along.size..][..along.size];
        // Two by two, by far the most common: one pass, in vectors of which each second element is taken.
        if (along.kernel, along.stride, along.dilation) == (2, 2, 1)
            && along.covered(0) == (0..along.positions)
            && along.covered(1) == (0..along.positions)
            && rows.len() == 2
        {
            let (upper, lower) =
                (&line(rows.start)[along.element(0, 0)..], &line(rows.start + 1)[along.element(0, 0)..]);
            isa.vectorized(|| {
                let both = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
                both.zip(&mut *y).for_each(|((a, b), y)| *y = fold(fold(a[0], a[1]), fold(b[0], b[1])));
            });
            return meter.count(6 * along.positions);
        }
        y.fill(start);
        for tap_y in rows {
            let x = line(tap_y);
            for tap_x in 0..along.kernel {
                let covered = along.covered(tap_x);
                if covered.is_empty() {
                    continue;
                }
                let (from, y) = (&x[along.element(covered.start, tap_x)..], &mut y[covered]);
                isa.vectorized(|| match along.stride {
                    1 => y.iter_mut().zip(from).for_each(|(y, &x)| *y = fold(*y, x)),
                    stride => y.iter_mut().zip(from.iter().step_by(stride)).for_each(|(y, &x)| *y = fold(*y, x)),
                });
            }
            meter.count(along.kernel * along.positions)?;
        }
        meter.count(along.positions)
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

/// What is no number wins, and nothing wins over it.
fn larger<T: Real>(best: T, x: T) -> T {
    if x > best || x.is_nan() { x } else { best }
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
