//! Convolutions and their transposes as products of matrices, block by block of positions.
//!
//! What a window sees at a position makes a column (K. Chellapilla, S. Puri, P. Simard, "High performance convolutional
//! neural networks for document processing", IWFHR 2006); columns are written right into the panels that the product takes,
//! a few panels at a time, so that memory stays small whatever the size of the image. The transpose multiplies first and
//! adds each column to where the window saw it. The one is the gradient of the other.

use std::ops::Range;

use super::EvalError;
use super::grid::Grid;
use super::kernel::Isa;
use super::meter::Meter;
use super::product::{Left, packed_len, product};
use super::real::Real;
use super::weights::Weights;

/// Elements of packed columns at a time: half of a first-level cache in 32 bits.
const COLUMNS: usize = 1 << 12;

/// The same for the transpose, whose columns are added to the image in runs that should be long: they stay in the
/// second-level cache.
const TRANSPOSED: usize = 1 << 16;

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
    fn block(&self, isa: Isa, elements: usize) -> usize {
        let width = T::width(isa);
        let panels = elements / (self.inner().max(self.channels) * width).max(1);
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
        let forward = packed_len::<T>(isa, self.inner(), self.block(isa, COLUMNS));
        let block = self.block(isa, TRANSPOSED);
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
        let (inner, positions, block) = (self.inner(), self.grid.positions(), self.block(isa, COLUMNS));
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
        let (inner, positions, block) = (self.inner(), self.grid.positions(), self.block(isa, TRANSPOSED));
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
                self.add_columns(isa, image, first, count, columns, meter)?;
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
        let (width, inner, Grid { y, x }) = (T::width(isa), self.inner(), &self.grid);
        for panel in 0..count.div_ceil(width) {
            let from = first + panel * width;
            let here = width.min(first + count - from);
            let panel = &mut to[panel * inner * width..(panel + 1) * inner * width];
            let segments = Segments::new(&self.grid, from, here);
            // What depends on the place in the window only is found once for all channels.
            for tap_x in 0..x.kernel {
                let clipped = segments.clipped(&self.grid, tap_x);
                for tap_y in 0..y.kernel {
                    let tap = tap_y * x.kernel + tap_x;
                    // Slices by hand: to make `chunks_exact` takes a division, here as long as some rows.
                    let (mut at, mut plane_at) = (tap * width, 0);
                    let (step, elements) = (self.grid.kernel() * width, self.grid.elements());
                    if self.is_shift() {
                        let (seen, element) = shift(&self.grid, elements, from, here, (tap_y, tap_x));
                        isa.vectorized(|| {
                            for _ in 0..self.image {
                                let plane = &image[plane_at + element..][..seen.len()];
                                clipped.shifted(plane, here, &seen, &mut panel[at..at + width]);
                                (at, plane_at) = (at + step, plane_at + elements);
                            }
                        });
                    } else {
                        for _ in 0..self.image {
                            let plane = &image[plane_at..plane_at + elements];
                            clipped.gathered(&self.grid, plane, tap_y, &mut panel[at..at + width]);
                            (at, plane_at) = (at + step, plane_at + elements);
                        }
                    }
                    meter.count(self.image * width)?;
                }
            }
        }
        Ok(())
    }

    /// Whether every place in the window sees the plane itself, shifted, but for what lies beyond its sides.
    fn is_shift(&self) -> bool {
        let Grid { y, x } = &self.grid;
        y.stride == 1 && x.stride == 1 && x.positions == x.size
    }

    /// Adds columns, `[entry][position]`, to where the window saw them; they are changed on the way.
    fn add_columns(
        &self,
        isa: Isa,
        image: &mut [T],
        first: usize,
        count: usize,
        columns: &mut [T],
        meter: &mut Meter<'_>,
    ) -> Result<(), EvalError> {
        let Grid { y, x } = &self.grid;
        for (k, row) in columns.chunks_exact_mut(count).enumerate() {
            let (channel, tap_y, tap_x) = self.column_entry(k);
            let plane = &mut image[channel * self.grid.elements()..(channel + 1) * self.grid.elements()];
            if self.is_shift() {
                let covered = x.covered(tap_x);
                if covered != (0..x.positions) {
                    // Nothing is added for what lies beyond the sides; all the rest is one run.
                    row_segments(x.positions, first, count, |_, index, column, length| {
                        let row = &mut row[index..index + length];
                        row[..covered.start.saturating_sub(column).min(length)].fill(T::ZERO);
                        row[covered.end.saturating_sub(column).min(length)..].fill(T::ZERO);
                    });
                }
                let (seen, element) = shift(&self.grid, plane.len(), first, count, (tap_y, tap_x));
                let row = &row[seen];
                isa.vectorized(|| plane[element..].iter_mut().zip(row).for_each(|(to, &v)| *to += v));
            } else {
                let (rows, columns) = (y.covered(tap_y), x.covered(tap_x));
                row_segments(x.positions, first, count, |down, index, column, length| {
                    let from = column.max(columns.start);
                    let to = (column + length).min(columns.end);
                    if rows.contains(&down) && from < to {
                        let element = y.element(down, tap_y) * x.size + x.element(from, tap_x);
                        let row = &row[index + from - column..index + to - column];
                        let to = plane[element..].iter_mut();
                        match x.stride {
                            1 => to.zip(row).for_each(|(to, &v)| *to += v),
                            stride => to.step_by(stride).zip(row).for_each(|(to, &v)| *to += v),
                        }
                    }
                });
            }
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
    match stride {
        // A loop: most runs are too short for a call of a copying function.
        1 => to.iter_mut().zip(from).for_each(|(to, &v)| *to = v),
        2 => {
            let (pairs, last) = from.as_chunks::<2>();
            let from = pairs.iter().map(|&[v, _]| v).chain(last.first().copied());
            to.iter_mut().zip(from).for_each(|(to, v)| *to = v);
        }
        _ => to.iter_mut().zip(from.iter().step_by(stride)).for_each(|(to, &v)| *to = v),
    }
}

/// Where all is [a shift](Conv::is_shift): which of `count` positions from `first` on see something of a plane of so many
/// elements, as far as rows go, and the element that the first of them sees.
fn shift(
    grid: &Grid,
    elements: usize,
    first: usize,
    count: usize,
    (tap_y, tap_x): (usize, usize),
) -> (Range<usize>, usize) {
    let Grid { y, x } = grid;
    // Position `i` of these sees element `i + ahead - behind`.
    let ahead = first + tap_y * y.dilation * x.size + tap_x * x.dilation;
    let behind = y.begin * x.size + x.begin;
    let from = behind.saturating_sub(ahead).min(count);
    let to = (elements + behind).saturating_sub(ahead).min(count).max(from);
    if from == to { (0..0, 0) } else { (from..to, from + ahead - behind) }
}

/// Cuts `count` positions from `first` on into rows of so many: calls `each` with (row, index, first column, how many).
fn row_segments(positions: usize, first: usize, count: usize, mut each: impl FnMut(usize, usize, usize, usize)) {
    let (mut row, mut column, mut index) = (first / positions, first % positions, 0);
    while index < count {
        let length = (count - index).min(positions - column);
        each(row, index, column, length);
        (row, column, index) = (row + 1, 0, index + length);
    }
}

/// A piece of a row of positions: index in the panel, row, first column, how many.
type Segment = (usize, usize, usize, usize);

/// Neighbouring positions cut into rows.
struct Segments {
    list: [Segment; MOST_SEGMENTS],
    count: usize,
}

/// Positions of the widest panel.
const MOST_SEGMENTS: usize = 32;

/// What a place along the row of the window sees of [`Segments`].
struct Clipped {
    /// Index in the panel, row, first element of the plane's row, how many.
    list: [Segment; MOST_SEGMENTS],
    count: usize,
    /// Positions of the panel that see what lies beyond the sides.
    beyond: [u8; MOST_SEGMENTS],
    beyond_count: usize,
    stride: usize,
}

impl Segments {
    /// Of `count` positions from `first` on; at most [`MOST_SEGMENTS`].
    fn new(grid: &Grid, first: usize, count: usize) -> Self {
        let mut segments = Segments { list: [(0, 0, 0, 0); MOST_SEGMENTS], count: 0 };
        row_segments(grid.x.positions, first, count, |row, index, column, length| {
            segments.list[segments.count] = (index, row, column, length);
            segments.count += 1;
        });
        segments
    }

    fn clipped(&self, grid: &Grid, tap_x: usize) -> Clipped {
        let (covered, stride) = (grid.x.covered(tap_x), grid.x.stride);
        let (list, beyond) = ([(0, 0, 0, 0); MOST_SEGMENTS], [0; MOST_SEGMENTS]);
        let mut clipped = Clipped { list, count: 0, beyond, beyond_count: 0, stride };
        for &(index, row, column, length) in &self.list[..self.count] {
            let from = column.max(covered.start).min(column + length);
            let to = (column + length).min(covered.end).max(from);
            for i in (column..from).chain(to..column + length) {
                clipped.beyond[clipped.beyond_count] = (index + i - column) as u8;
                clipped.beyond_count += 1;
            }
            if from < to {
                let element = grid.x.element(from, tap_x);
                clipped.list[clipped.count] = (index + from - column, row, element, to - from);
                clipped.count += 1;
            }
        }
        clipped
    }
}

impl Clipped {
    /// What a place in the window sees, `from` where it is `seen` and all is [a shift](Conv::is_shift). What the panel has beyond `count`
    /// positions nobody takes.
    #[inline]
    fn shifted<T: Real>(&self, from: &[T], count: usize, seen: &Range<usize>, row: &mut [T]) {
        if seen.len() == row.len() {
            copy_row(row, from);
        } else {
            row[..seen.start].fill(T::ZERO);
            row[seen.end..count].fill(T::ZERO);
            row[seen.clone()].iter_mut().zip(from).for_each(|(to, &v)| *to = v);
        }
        for &i in &self.beyond[..self.beyond_count] {
            row[usize::from(i)] = T::ZERO;
        }
    }

    /// What a place in the window sees.
    fn gathered<T: Real>(&self, grid: &Grid, plane: &[T], tap_y: usize, row: &mut [T]) {
        row.fill(T::ZERO);
        let Grid { y, x } = grid;
        for &(index, down, element, length) in &self.list[..self.count] {
            let down = down * y.stride + tap_y * y.dilation;
            if down >= y.begin && down - y.begin < y.size {
                let from = &plane[(down - y.begin) * x.size + element..];
                gather(&mut row[index..index + length], from, self.stride);
            }
        }
    }
}

/// Copies a row of a panel: of a known length this is a few moves of vectors instead of a call.
#[inline]
fn copy_row<T: Copy>(to: &mut [T], from: &[T]) {
    fn whole<T: Copy, const N: usize>(to: &mut [T], from: &[T]) -> bool {
        match (<&mut [T; N]>::try_from(to), <&[T; N]>::try_from(from)) {
            (Ok(to), Ok(from)) => {
                *to = *from;
                true
            }
            _ => false,
        }
    }
    if !(whole::<T, 32>(to, from) || whole::<T, 16>(to, from) || whole::<T, 8>(to, from)) {
        to.copy_from_slice(from);
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
