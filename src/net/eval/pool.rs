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
        let pairs = self.is_pairs();
        for (row, y) in y.chunks_exact_mut(along.positions).enumerate() {
            let rows = down.taps(row);
            // Two by two, by far the most common: one pass, in vectors of which each second element is taken.
            if self.kind == Kind::Max && pairs && rows.len() == 2 {
                let first = along.element(0, 0);
                let line = |tap_y: usize| &x[down.element(row, tap_y) * along.size + first..][..2 * along.positions];
                let (upper, lower) = (line(rows.start), line(rows.start + 1));
                isa.vectorized(|| {
                    let both = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
                    both.zip(&mut *y).for_each(|((a, b), y)| *y = larger(larger(a[0], a[1]), larger(b[0], b[1])));
                });
                meter.count(6 * along.positions)?;
                continue;
            }
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

    /// Whether it takes the largest of two by two elements, by far the most common, none beyond the sides.
    fn is_pairs(&self) -> bool {
        let Grid { y, x } = &self.grid;
        let two = (x.kernel, x.stride, x.dilation, y.kernel) == (2, 2, 1, 2);
        self.kind == Kind::Max && two && x.inside() == (0..x.positions)
    }

    /// One plane: adds to `to` the gradient at operand `x`, `g` being that at the answer `y`. Of several that are largest the
    /// first one, row by row, has it. Which one that is nobody can foretell: a branch here took longer than all else.
    pub(crate) fn reverse<T: Real>(
        &self,
        isa: Isa,
        x: &[T],
        (y, g): (&[T], &[T]),
        to: &mut [T],
        meter: &mut Meter<'_>,
    ) -> Result<(), EvalError> {
        let Grid { y: down, x: along } = &self.grid;
        if self.is_pairs() && down.dilation == 1 && down.inside() == (0..down.positions) {
            let (size, length, first) = (along.size, 2 * along.positions, along.element(0, 0));
            let rows = y.chunks_exact(along.positions).zip(g.chunks_exact(along.positions));
            for (row, (y, g)) in rows.enumerate() {
                let start = down.element(row, 0) * size + first;
                let (upper, lower) = to[start..start + size - first + length].split_at_mut(size - first);
                let seen = (&x[start..start + length], &x[start + size..start + size + length]);
                isa.vectorized(|| take_pairs(seen, (y, g), (upper, lower)));
                meter.count(8 * along.positions)?;
            }
            return Ok(());
        }
        self.windows(meter, |at, window| match self.kind {
            Kind::Max => {
                let mut open = g[at];
                window.elements(|i| (to[i], open) = take(x[i], y[at], to[i], open));
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
        let inside = x.inside();
        for row in 0..y.positions {
            let taps_y = y.taps(row);
            for column in 0..x.positions {
                let taps_x = if inside.contains(&column) { 0..x.kernel } else { x.taps(column) };
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
            }
            meter.count((taps_y.len() * x.kernel + 4).saturating_mul(x.positions))?;
        }
        Ok(())
    }
}

/// What is no number wins, and nothing wins over it.
#[inline]
fn larger<T: Real>(best: T, x: T) -> T {
    if x > best || x.is_nan() { x } else { best }
}

/// The gradient `to` of an element `x`, where the largest is `y`, and what is left of the gradient `open`: the first that
/// is as large takes it. Where `y` is no number that is the first that is none.
#[inline]
fn take<T: Real>(x: T, y: T, to: T, open: T) -> (T, T) {
    let hit = (x == y) | x.is_nan();
    (to + if hit { open } else { T::ZERO }, if hit { T::ZERO } else { open })
}

/// [`take`] for a row of positions, each of which sees two elements of two rows.
#[inline]
fn take_pairs<T: Real>((upper, lower): (&[T], &[T]), (y, g): (&[T], &[T]), to: (&mut [T], &mut [T])) {
    let seen = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
    let to = to.0.as_chunks_mut::<2>().0.iter_mut().zip(to.1.as_chunks_mut::<2>().0);
    for (((a, b), (to_a, to_b)), (&y, &g)) in seen.zip(to).zip(y.iter().zip(g)) {
        let mut open = g;
        (to_a[0], open) = take(a[0], y, to_a[0], open);
        (to_a[1], open) = take(a[1], y, to_a[1], open);
        (to_b[0], open) = take(b[0], y, to_b[0], open);
        (to_b[1], _) = take(b[1], y, to_b[1], open);
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
}
