//! A member as bits, so that members can be compared, hashed and put into a formula.

use super::{ArchError, Layer, Member, Space};

/// Which variable is which bit. Variables count from 1, in this order: `x₁ … x_N`, true for the layers that there are;
/// then layer by layer, dimension by dimension, the bits of the kernel and those of the stride, each from the lowest.
/// All bits of layers that there are not are false. In a dimension kernels have as many bits as the largest needs that
/// its size, padding and bounds allow, and so have strides: nothing is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    layers: usize,
    /// Bits of kernels and of strides, and where they begin within a layer.
    widths: Vec<(u32, u32, u32)>,
    /// Bits of a layer.
    stride: u32,
}

impl Layout {
    /// The layout of a space's members.
    #[must_use]
    pub fn new(space: &Space) -> Self {
        let mut stride = 0;
        let mut widths = Vec::with_capacity(space.dimensions());
        for dimension in 0..space.dimensions() {
            let (kernel, step) = space.largest(dimension);
            let (kernel, step) = (u32::BITS - kernel.leading_zeros(), u32::BITS - step.leading_zeros());
            widths.push((kernel, step, stride));
            stride += kernel + step;
        }
        Layout { layers: space.description().layers.1, widths, stride }
    }

    /// How many variables there are.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.layers as u32 * (1 + self.stride)
    }

    /// Whether there are none: never.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The variable that says whether there is a layer `layer`, counted from 0.
    ///
    /// # Panics
    /// Where there is no such layer.
    #[must_use]
    pub fn active(&self, layer: usize) -> u32 {
        assert!(layer < self.layers, "layer {layer} of {}", self.layers);
        layer as u32 + 1
    }

    /// The bits of a kernel, lowest first; layers and dimensions count from 0.
    ///
    /// # Panics
    /// Where there is no such layer or dimension.
    #[must_use]
    pub fn kernel(&self, layer: usize, dimension: usize) -> std::ops::Range<u32> {
        let (width, _, offset) = self.widths[dimension];
        let first = self.first(layer) + offset;
        first..first + width
    }

    /// The bits of a stride, lowest first; layers and dimensions count from 0.
    ///
    /// # Panics
    /// Where there is no such layer or dimension.
    #[must_use]
    pub fn stride(&self, layer: usize, dimension: usize) -> std::ops::Range<u32> {
        let (before, width, offset) = self.widths[dimension];
        let first = self.first(layer) + offset + before;
        first..first + width
    }

    fn first(&self, layer: usize) -> u32 {
        assert!(layer < self.layers, "layer {layer} of {}", self.layers);
        1 + self.layers as u32 + layer as u32 * self.stride
    }

    /// The bits of a member of the space, variable `v` at `v - 1`.
    ///
    /// # Panics
    /// Where the member has more layers or dimensions than the space.
    #[must_use]
    pub fn bits(&self, member: &Member) -> Vec<bool> {
        let mut bits = vec![false; self.len() as usize];
        for (index, layer) in member.layers.iter().enumerate() {
            bits[self.active(index) as usize - 1] = true;
            for dimension in 0..self.widths.len() {
                let places = [
                    (self.kernel(index, dimension), layer.kernel[dimension]),
                    (self.stride(index, dimension), layer.stride[dimension]),
                ];
                for (range, value) in places {
                    range.enumerate().for_each(|(bit, variable)| bits[variable as usize - 1] = value >> bit & 1 == 1);
                }
            }
        }
        bits
    }

    /// The member that a model tells: positive values are true, variable `v` at `v - 1`. Whether it is of the space is
    /// not looked at, beyond that layers end where they end.
    pub fn member(&self, model: &[i8]) -> Result<Member, ArchError> {
        if model.len() < self.len() as usize {
            return Err(ArchError::Model { why: format!("it has {} values, {} are needed", model.len(), self.len()) });
        }
        let value = |variable: u32| model[variable as usize - 1] > 0;
        let number = |range: std::ops::Range<u32>| {
            range.enumerate().map(|(bit, variable)| u32::from(value(variable)) << bit).sum::<u32>()
        };
        let count = (0..self.layers).take_while(|&layer| value(self.active(layer))).count();
        if (count..self.layers).any(|layer| value(self.active(layer))) {
            return Err(ArchError::Model { why: format!("there is a layer after layer {count}, which there is not") });
        }
        let dimensions = 0..self.widths.len();
        let layer = |layer| Layer {
            kernel: dimensions.clone().map(|dimension| number(self.kernel(layer, dimension))).collect(),
            stride: dimensions.clone().map(|dimension| number(self.stride(layer, dimension))).collect(),
        };
        Ok(Member { layers: (0..count).map(layer).collect() })
    }
}
