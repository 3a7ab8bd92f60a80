//! What stands for an operator that is not linear: two lines that enclose its graph over an interval.
//!
//! Source: H. Zhang, T.-W. Weng, P.-Y. Chen, C.-J. Hsieh, L. Daniel, "Efficient Neural Network Robustness Certification
//! with General Activation Functions" (CROWN), NeurIPS 2018, section 3; G. Singh, T. Gehr, M. Püschel, M. Vechev, "An
//! Abstract Domain for Certifying Neural Networks" (DeepPoly), POPL 2019, section 4.

/// Functions of one number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Function {
    /// `x` where it is not negative, else the slope times `x`: ReLU has slope 0, `|x|` -1.
    Rectifier(f64),
    /// -1, 0 or 1.
    Sign,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// `min(max(x, a), b)`, `a <= b`.
    Clip(f64, f64),
}

/// `lower.0 * x + lower.1 <= f(x) <= upper.0 * x + upper.1`, in real arithmetic, for every real x of the interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lines {
    pub lower: (f64, f64),
    pub upper: (f64, f64),
}
