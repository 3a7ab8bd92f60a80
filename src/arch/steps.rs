//! What one layer can do to a size in one dimension.
//!
//! Kernels are found from strides and outputs, not the other way round: from size `v` there are Σ v/s, so some v·ln v,
//! pairs of those, against v² pairs of kernel and stride.

use super::{Division, Space};

/// Kernels that with one stride give one output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// The stride.
    pub stride: u32,
    /// The least kernel and the largest.
    pub kernels: (u32, u32),
    /// The layer's output.
    pub output: u32,
    /// The size after the fixed layer.
    pub next: u32,
}

impl Run {
    /// How many kernels there are.
    pub fn len(&self) -> u64 {
        u64::from(self.kernels.1 - self.kernels.0 + 1)
    }
}

/// All layers from `size` that do not end below the space's output, by stride and then by kernel.
pub(super) fn runs(space: &Space, dimension: usize, size: u32) -> Vec<Run> {
    let d = space.description();
    let padded = size + space.padding(dimension);
    let most = d.kernels.1.min(padded);
    let largest = if d.strict { size - 1 } else { size };
    let mut runs = Vec::new();
    for stride in d.strides.0..=d.strides.1.min(padded) {
        let mut least = d.kernels.0;
        if d.kernel_above_stride {
            least = least.max(stride + 1);
        }
        if !d.identity && stride == 1 {
            least = least.max(2);
        }
        if least > most {
            continue;
        }
        let first = ((padded - least) / stride + 1).min(largest);
        let last = (padded - most) / stride + 1;
        for output in (last..=first).rev() {
            let high = padded - (output - 1) * stride;
            let low = match d.division {
                Division::Exact => high,
                Division::Floor => (high + 1).saturating_sub(stride),
            };
            let kernels = (low.max(least), high.min(most));
            let Some(next) = space.fixed(output) else { continue };
            if kernels.0 <= kernels.1 && next >= d.output[dimension] {
                runs.push(Run { stride, kernels, output, next });
            }
        }
    }
    runs
}
