//! Convolutions and their transposes as products of matrices, block by block of positions.
//!
//! What a window sees at a position makes a column (K. Chellapilla, S. Puri, P. Simard, "High performance convolutional
//! neural networks for document processing", IWFHR 2006); columns are written right into the panels that the product takes,
//! a few panels at a time, so that memory stays small whatever the size of the image. The transpose multiplies first and
//! adds each column to where the window saw it. The one is the gradient of the other.

use super::EvalError;
use super::grid::Grid;
use super::kernel::Isa;
use super::meter::Meter;
use super::product::{Left, packed_len, product};
use super::real::{Real, Weights};

/// Elements of packed columns at a time: half of a second-level cache of 1 MB in 32 bits.
const COLUMNS: usize = 1 << 17;

/// Weights `[group][position channel][image channel][kernel]` between an image and the window's positions on it. For a
/// convolution the image is the operand, for its transpose the answer.
#[derive(Debug)]
pub(crate) struct Conv<T> {
    pub grid: Grid,
    pub groups: usize,
    /// Channels of the image in each group.
    pub image: usize,
    /// Channels at the positions in each group.
    pub channels: usize,
    pub weights: Weights<T>,
    pub bias: Option<Weights<T>>,
}

/// Buffers that outlive a call.
#[derive(Debug, Default)]
pub(crate) struct Scratch<T> {
    pub packed: Vec<T>,
    pub columns: Vec<T>,
}

impl<T: Real> Conv<T> {
    /// Elements of a column.
    fn inner(&self) -> usize {
        self.image * self.grid.kernel()
    }

    /// Positions taken at once.
    fn block(&self, isa: Isa) -> usize {
        let width = T::width(isa);
        let panels = COLUMNS / (self.inner().max(self.channels) * width).max(1);
        width * panels.clamp(1, self.grid.positions().div_ceil(width).max(1))
    }

    pub(crate) fn image_len(&self) -> usize {
        self.groups * self.image * self.grid.elements()
    }

    pub(crate) fn positions_len(&self) -> usize {
        self.groups * self.channels * self.grid.positions()
    }

    /// Elements of scratch for [`Conv::convolve`], and for [`Conv::transpose`].
    pub(crate) fn scratch(&self, isa: Isa) -> (usize, usize) {
        let block = self.block(isa);
        let forward = packed_len::<T>(isa, self.inner(), block);
        (forward, packed_len::<T>(isa, self.channels, block).saturating_add(self.inner().saturating_mul(block)))
    }

    /// Adds the convolution of `image` to `out`.
    pub(crate) fn convolve(
        &self,
        isa: Isa,
        image: &[T],
        out: &mut [T],
        scratch: &mut Scratch<T>,
        meter: &mut Meter<'_>,
    ) -> Result<(), EvalError> {
        let (inner, positions, block) = (self.inner(), self.grid.positions(), self.block(isa));
        let area = self.image * self.grid.elements();
        meter.grow(&mut scratch.packed, packed_len::<T>(isa, inner, block))?;
        for group in 0..self.groups {
            let image = &image[group * area..(group + 1) * area];
            let left = self.left(group, inner, 1, self.channels);
            for first in (0..positions).step_by(block) {
                let count = block.min(positions - first);
                self.pack_columns(isa, image, first, count, &mut scratch.packed, meter)?;
                let start = group * self.channels * positions + first;
                product(isa, meter, left, inner, &scratch.packed, count, &mut out[start..], positions)?;
            }
        }
        Ok(())
    }

    /// Adds the transpose's answer to `values`, which stand at the positions, to `image`.
    pub(crate) fn transpose(
        &self,
        isa: Isa,
        values: &[T],
        image: &mut [T],
        scratch: &mut Scratch<T>,
        meter: &mut Meter<'_>,
    ) -> Result<(), EvalError> {
        let (inner, positions, block) = (self.inner(), self.grid.positions(), self.block(isa));
        let area = self.image * self.grid.elements();
        let width = T::width(isa);
        meter.grow(&mut scratch.packed, packed_len::<T>(isa, self.channels, block))?;
        meter.grow(&mut scratch.columns, inner * block)?;
        for group in 0..self.groups {
            let image = &mut image[group * area..(group + 1) * area];
            let left = self.left(group, 1, inner, inner);
            let values = &values[group * self.channels * positions..];
            for first in (0..positions).step_by(block) {
                let count = block.min(positions - first);
                for panel in 0..count.div_ceil(width) {
                    let from = first + panel * width;
                    let here = width.min(first + count - from);
                    for channel in 0..self.channels {
                        let start = (panel * self.channels + channel) * width;
                        let row = &mut scratch.packed[start..start + width];
                        row[..here].copy_from_slice(&values[channel * positions + from..][..here]);
                        row[here..].fill(T::ZERO);
                    }
                    meter.count(self.channels * width)?;
                }
                let columns = &mut scratch.columns[..inner * count];
                meter.fill(columns, T::ZERO)?;
                product(isa, meter, left, self.channels, &scratch.packed, count, columns, count)?;
                self.add_columns(image, first, count, columns, meter)?;
            }
        }
        Ok(())
    }

    /// The weights of a group as a left matrix.
    fn left(&self, group: usize, row_stride: usize, inner_stride: usize, rows: usize) -> Left<'_, T> {
        let size = self.channels * self.inner();
        Left { values: &self.weights.values()[group * size..(group + 1) * size], rows, row_stride, inner_stride }
    }

    /// Writes the columns of `count` positions from `first` on into panels.
    fn pack_columns(
        &self,
        isa: Isa,
        image: &[T],
        first: usize,
        count: usize,
        to: &mut [T],
        meter: &mut Meter<'_>,
    ) -> Result<(), EvalError> {
        let (width, inner) = (T::width(isa), self.inner());
        for panel in 0..count.div_ceil(width) {
            let from = first + panel * width;
            let here = width.min(first + count - from);
            let panel = &mut to[panel * inner * width..(panel + 1) * inner * width];
            for (k, row) in panel.chunks_exact_mut(width).enumerate() {
                let (channel, tap_y, tap_x) = self.column_entry(k);
                let plane = &image[channel * self.grid.elements()..(channel + 1) * self.grid.elements()];
                row.fill(T::ZERO);
                runs(&self.grid, from, here, tap_y, tap_x, |at, element, length| {
                    let stride = self.grid.x.stride;
                    let to = &mut row[at..at + length];
                    if stride == 1 {
                        to.copy_from_slice(&plane[element..element + length]);
                    } else {
                        to.iter_mut().zip(plane[element..].iter().step_by(stride)).for_each(|(to, &v)| *to = v);
                    }
                });
                meter.count(width)?;
            }
        }
        Ok(())
    }

    /// Adds columns, `[entry][position]`, to where the window saw them.
    fn add_columns(
        &self,
        image: &mut [T],
        first: usize,
        count: usize,
        columns: &[T],
        meter: &mut Meter<'_>,
    ) -> Result<(), EvalError> {
        for (k, row) in columns.chunks_exact(count).enumerate() {
            let (channel, tap_y, tap_x) = self.column_entry(k);
            let plane = &mut image[channel * self.grid.elements()..(channel + 1) * self.grid.elements()];
            runs(&self.grid, first, count, tap_y, tap_x, |at, element, length| {
                let to = plane[element..].iter_mut().step_by(self.grid.x.stride);
                to.zip(&row[at..at + length]).for_each(|(to, &v)| *to += v);
            });
            meter.count(count)?;
        }
        Ok(())
    }

    /// Channel, and place in the window, of an entry of a column.
    fn column_entry(&self, k: usize) -> (usize, usize, usize) {
        let (size, row) = (self.grid.kernel(), self.grid.x.kernel);
        (k / size, k % size / row, k % row)
    }
}

/// Calls `each` with (index among the positions from `first` on, element of the plane, how many) for every run of
/// positions in a row at which this place in the window lies within the plane.
fn runs(
    grid: &Grid,
    first: usize,
    count: usize,
    tap_y: usize,
    tap_x: usize,
    mut each: impl FnMut(usize, usize, usize),
) {
    let Grid { y, x } = grid;
    let (rows, columns) = (y.covered(tap_y), x.covered(tap_x));
    let (mut position, last) = (first, first + count);
    while position < last {
        let (row, column) = (position / x.positions, position % x.positions);
        let next = last.min(position - column + x.positions);
        let from = column.max(columns.start);
        let to = (column + next - position).min(columns.end);
        if rows.contains(&row) && from < to {
            let element = y.element(row, tap_y) * x.size + x.element(from, tap_x);
            each(position - first + from - column, element, to - from);
        }
        position = next;
    }
}
