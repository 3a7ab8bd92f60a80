//! The range of each output of a softmax.

/// Writes the range of each output.
pub(crate) fn range(_lower: &[f64], _upper: &[f64], out_lower: &mut [f64], out_upper: &mut [f64]) {
    out_lower.fill(0.0);
    out_upper.fill(1.0);
}
