//! What stands for the largest of a group of operands.

/// `max(x) <= sum of coefficient * x[index] + constant`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Above {
    terms: [(usize, f64); 2],
    count: usize,
    pub constant: f64,
}

impl Above {
    /// (index of the operand, coefficient).
    pub(crate) fn terms(&self) -> &[(usize, f64)] {
        &self.terms[..self.count]
    }
}

/// The operand that stands below: the one with the largest lower bound.
pub(crate) fn below(lower: &[f64], upper: &[f64]) -> Option<usize> {
    let _ = upper;
    (!lower.is_empty()).then_some(0)
}

/// What stands above.
pub(crate) fn above(_lower: &[f64], _upper: &[f64]) -> Above {
    Above { terms: [(0, 0.0); 2], count: 0, constant: f64::INFINITY }
}

/// The range of the largest.
pub(crate) fn range(_lower: &[f64], _upper: &[f64]) -> (f64, f64) {
    (f64::NEG_INFINITY, f64::INFINITY)
}
