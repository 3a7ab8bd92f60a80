//! Products of matrices: packing of the right one, and the loops around the tiles of [`super::kernel`].

use super::EvalError;
use super::kernel::{Block, FEW_ROWS, Isa, MAX_PANELS};
use super::meter::Meter;
use super::real::Real;

/// Inner indices taken at once. A panel of so many rows takes half of a first-level cache, where it stays while all rows
/// of the left matrix pass. It does not depend on anything else, so that every entry is summed in the same order in every product.
const DEPTH: usize = 128;

/// Rows of the left matrix between two questions to the budget.
const ROWS: usize = 96;

/// The left matrix: entry `(r, k)` is `values[r * row_stride + k * inner_stride]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Left<'a, T> {
    pub values: &'a [T],
    pub rows: usize,
    pub row_stride: usize,
    pub inner_stride: usize,
}

/// Elements that a packed matrix takes.
pub(crate) fn packed_len<T: Real>(isa: Isa, inner: usize, columns: usize) -> usize {
    let width = T::width(isa);
    columns.div_ceil(width).saturating_mul(width).saturating_mul(inner)
}

/// Packs a matrix whose entry `(k, j)` is `at(k, j)` into a slice of [`packed_len`].
pub(crate) fn pack<T: Real>(isa: Isa, inner: usize, columns: usize, to: &mut [T], at: impl Fn(usize, usize) -> T) {
    let width = T::width(isa);
    for panel in 0..columns.div_ceil(width) {
        let first = panel * width;
        let count = width.min(columns - first);
        for k in 0..inner {
            let start = (panel * inner + k) * width;
            let row = &mut to[start..start + width];
            for (j, value) in row.iter_mut().enumerate() {
                *value = if j < count { at(k, first + j) } else { T::ZERO };
            }
        }
    }
}

/// `out[r * out_stride + j] += sum over k of left (r, k) times panels (k, j)`.
#[allow(clippy::too_many_arguments)]
pub(crate) fn product<T: Real>(
    isa: Isa,
    meter: &mut Meter<'_>,
    left: Left<'_, T>,
    inner: usize,
    panels: &[T],
    columns: usize,
    out: &mut [T],
    out_stride: usize,
) -> Result<(), EvalError> {
    if left.rows == 0 || inner == 0 || columns == 0 {
        return Ok(());
    }
    let width = T::width(isa);
    let together = width * if left.rows <= FEW_ROWS { MAX_PANELS } else { 1 };
    for depth in (0..inner).step_by(DEPTH) {
        let inner_now = DEPTH.min(inner - depth);
        for first in (0..columns).step_by(together) {
            let columns_now = together.min(columns - first);
            for row in (0..left.rows).step_by(ROWS) {
                // The last rows may be few; the block takes one panel at a time then, unless all were few.
                let rows = ROWS.min(left.rows - row);
                T::multiply(
                    isa,
                    Block {
                        rows,
                        inner: inner_now,
                        left: &left.values[row * left.row_stride + depth * left.inner_stride..],
                        row_stride: left.row_stride,
                        inner_stride: left.inner_stride,
                        panels: &panels[first * inner + depth * width..],
                        panel_stride: inner * width,
                        columns: columns_now,
                        out: &mut out[row * out_stride + first..],
                        out_stride,
                    },
                );
                meter.count(rows.saturating_mul(inner_now * columns_now))?;
            }
        }
    }
    Ok(())
}
