//! Where a window's positions lie on a tensor: one or two spatial axes, treated as two.

use std::ops::Range;

use crate::net::Window;

/// One axis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Axis {
    /// Elements of the tensor.
    pub size: usize,
    /// Positions of the window.
    pub positions: usize,
    pub kernel: usize,
    pub stride: usize,
    pub dilation: usize,
    /// Padding before and after.
    pub begin: usize,
    pub end: usize,
}

impl Axis {
    /// One that is not there.
    const NONE: Axis = Axis { size: 1, positions: 1, kernel: 1, stride: 1, dilation: 1, begin: 0, end: 0 };

    /// Which of the window's elements at this position lie within the tensor.
    #[inline]
    pub(crate) fn taps(&self, position: usize) -> Range<usize> {
        let start = position * self.stride;
        let first = divided(self.begin.saturating_sub(start), self.dilation).min(self.kernel);
        let end = divided((self.begin + self.size).saturating_sub(start), self.dilation).min(self.kernel);
        first..end.max(first)
    }

    /// How many of the window's elements at this position lie within tensor and padding.
    #[inline]
    pub(crate) fn padded_taps(&self, position: usize) -> usize {
        let whole = self.begin + self.size + self.end;
        divided(whole.saturating_sub(position * self.stride), self.dilation).min(self.kernel)
    }

    /// The element under one of [`Axis::taps`].
    #[inline]
    pub(crate) fn element(&self, position: usize, tap: usize) -> usize {
        position * self.stride + tap * self.dilation - self.begin
    }

    /// The positions at which the window's element `tap` lies within the tensor.
    #[inline]
    pub(crate) fn covered(&self, tap: usize) -> Range<usize> {
        let offset = tap * self.dilation;
        let first = divided(self.begin.saturating_sub(offset), self.stride).min(self.positions);
        let end = divided((self.begin + self.size).saturating_sub(offset), self.stride).min(self.positions);
        first..end.max(first)
    }

    /// The positions at which all of the window lies within the tensor.
    pub(crate) fn inside(&self) -> Range<usize> {
        let last = self.kernel.saturating_sub(1);
        self.covered(0).start.max(self.covered(last).start)..self.covered(0).end.min(self.covered(last).end)
    }
}

/// Divided and rounded up. Divisions of 64 bits take up to 90 cycles, and most strides and dilations are 1 or 2: without
/// these branches they were half of a small convolution's time.
#[inline]
fn divided(number: usize, by: usize) -> usize {
    match by {
        1 => number,
        2 => number.div_ceil(2),
        _ => number.div_ceil(by),
    }
}

/// Both axes; where there is one, the first is of size 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grid {
    pub y: Axis,
    pub x: Axis,
}

impl Grid {
    /// `sizes` of the tensor that the window slides over, `positions` of the window.
    pub(crate) fn new(window: &Window, sizes: &[usize], positions: &[usize]) -> Self {
        let axis = |i: usize| Axis {
            size: sizes[i],
            positions: positions[i],
            kernel: window.kernel[i],
            stride: window.strides[i],
            dilation: window.dilations[i],
            begin: window.begin[i],
            end: window.end[i],
        };
        match sizes.len() {
            1 => Grid { y: Axis::NONE, x: axis(0) },
            _ => Grid { y: axis(0), x: axis(1) },
        }
    }

    pub(crate) fn elements(&self) -> usize {
        self.y.size * self.x.size
    }

    pub(crate) fn positions(&self) -> usize {
        self.y.positions * self.x.positions
    }

    pub(crate) fn kernel(&self) -> usize {
        self.y.kernel * self.x.kernel
    }
}
