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
            let segments = Segments::new(&self.grid, from, here);
            let mut rows = panel.chunks_exact_mut(width);
            for channel in 0..self.image {
                let plane = &image[channel * self.grid.elements()..][..self.grid.elements()];
                for tap_y in 0..self.grid.y.kernel {
                    for tap_x in 0..self.grid.x.kernel {
                        let Some(row) = rows.next() else { break };
                        if self.grid.y.stride == 1
                            && self.grid.x.stride == 1
                            && self.grid.x.positions == self.grid.x.size
                        {
                            segments.shifted(&self.grid, plane, from, here, (tap_y, tap_x), row);
                            continue;
                        }
                        row.fill(T::ZERO);
                        segments.each(&self.grid, tap_y, tap_x, |at, element, length| {
                            gather(&mut row[at..at + length], &plane[element..], self.grid.x.stride);
                        });
                    }
                }
                meter.count(self.grid.kernel() * width)?;
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

/// Every `stride`-th of the elements.
fn gather<T: Copy>(to: &mut [T], from: &[T], stride: usize) {
    if stride == 1 {
        // A loop: most runs are too short for a call of a copying function.
        to.iter_mut().zip(from).for_each(|(to, &v)| *to = v);
    } else {
        to.iter_mut().zip(from.iter().step_by(stride)).for_each(|(to, &v)| *to = v);
    }
}

/// Neighbouring positions cut into rows.
struct Segments {
    /// Row, first column and number of columns, for at most as many as a panel has positions.
    list: [(usize, usize, usize); MOST_SEGMENTS],
    count: usize,
}

/// Positions of the widest panel.
const MOST_SEGMENTS: usize = 32;

impl Segments {
    /// Of `count` positions from `first` on; at most [`MOST_SEGMENTS`].
    fn new(grid: &Grid, first: usize, count: usize) -> Self {
        let mut segments = Segments { list: [(0, 0, 0); MOST_SEGMENTS], count: 0 };
        let (mut row, mut column, mut left) = (first / grid.x.positions, first % grid.x.positions, count);
        while left > 0 {
            let length = left.min(grid.x.positions - column);
            segments.list[segments.count] = (row, column, length);
            segments.count += 1;
            (row, column, left) = (row + 1, 0, left - length);
        }
        segments
    }

    /// What a place in the window sees, where rows of positions are as long as those of the plane and strides are 1: the
    /// plane itself, shifted, but for the columns that lie beyond its sides.
    fn shifted<T: Real>(
        &self,
        grid: &Grid,
        plane: &[T],
        first: usize,
        count: usize,
        (tap_y, tap_x): (usize, usize),
        row: &mut [T],
    ) {
        let Grid { y, x } = grid;
        // Position `i` of these sees element `i + ahead - behind`.
        let ahead = first + tap_y * y.dilation * x.size + tap_x * x.dilation;
        let behind = y.begin * x.size + x.begin;
        let from = behind.saturating_sub(ahead).min(count);
        let to = (plane.len() + behind).saturating_sub(ahead).min(count).max(from);
        row[..from].fill(T::ZERO);
        row[to..].fill(T::ZERO);
        if from < to {
            row[from..to].copy_from_slice(&plane[from + ahead - behind..to + ahead - behind]);
        }
        let columns = x.covered(tap_x);
        if columns == (0..x.positions) {
            return;
        }
        let mut index = 0;
        for &(_, column, length) in &self.list[..self.count] {
            let row = &mut row[index..index + length];
            row[..columns.start.saturating_sub(column).min(length)].fill(T::ZERO);
            row[columns.end.saturating_sub(column).min(length)..].fill(T::ZERO);
            index += length;
        }
    }

    /// Calls `each` with (index among the positions, element of the plane, how many) for every run of positions in a row
    /// at which this place in the window lies within the plane.
    fn each(&self, grid: &Grid, tap_y: usize, tap_x: usize, mut each: impl FnMut(usize, usize, usize)) {
        let Grid { y, x } = grid;
        let (offset_y, offset_x) = (tap_y * y.dilation, tap_x * x.dilation);
        let columns = x.covered(tap_x);
        let mut index = 0;
        for &(row, column, length) in &self.list[..self.count] {
            let (from, to) = (column.max(columns.start), (column + length).min(columns.end));
            let down = row * y.stride + offset_y;
            if from < to && down >= y.begin && down - y.begin < y.size {
                let element = (down - y.begin) * x.size + from * x.stride + offset_x - x.begin;
                each(index + from - column, element, to - from);
            }
            index += length;
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::eval::kernel::Kernel as _;

    #[test]
    fn a_panel_has_no_more_positions_than_there_is_room_for() {
        for isa in Isa::available() {
            assert!(f32::width(isa).max(f64::width(isa)) <= MOST_SEGMENTS);
        }
    }
}
