//! What stands for an operator that is not linear: two lines that enclose its graph over an interval.
//!
//! Source: H. Zhang, T.-W. Weng, P.-Y. Chen, C.-J. Hsieh, L. Daniel, "Efficient Neural Network Robustness Certification
//! with General Activation Functions" (CROWN), NeurIPS 2018, section 3; G. Singh, T. Gehr, M. Püschel, M. Vechev, "An
//! Abstract Domain for Certifying Neural Networks" (DeepPoly), POPL 2019, section 4.
//!
//! A slope may be any number, so it is computed as it is convenient; the intercept is then the extreme of what is between
//! the function and the slope, rounded outward. So each line holds in real arithmetic. Ends that are infinite, or so large
//! that products of them may overflow, give lines that are flat, or that say nothing: intercept minus or plus infinity.
//! The same is said of an interval that is empty or has an end that is no number. Nothing here allocates.
//!
//! Cost: a division for a piecewise linear function, some dozens of exponentials for one that is curved.

mod clip;
pub(crate) mod max;
pub(crate) mod product;
pub(crate) mod quotient;
mod rectifier;
mod sigmoid;
mod sign;
pub(crate) mod softmax;
#[cfg(test)]
mod tests;

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

/// One of the two lines of [`Lines`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Lower,
    Upper,
}

/// A line whose slope may be any of a range, its intercept staying 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Adjustable {
    pub side: Side,
    pub least: f64,
    pub greatest: f64,
}

/// Where [`lines_of`] writes, element by element.
#[derive(Debug)]
pub(crate) struct LinesOf<'a> {
    pub lower_slope: &'a mut [f64],
    pub lower_icpt: &'a mut [f64],
    pub upper_slope: &'a mut [f64],
    pub upper_icpt: &'a mut [f64],
}

/// Not where an end is no number either.
fn is_interval(l: f64, u: f64) -> bool {
    l <= u
}

impl Lines {
    /// Nothing is known.
    pub(crate) const UNKNOWN: Lines = Lines { lower: (0.0, f64::NEG_INFINITY), upper: (0.0, f64::INFINITY) };

    /// Both lines are the same: the function is linear, or all there is to say is two constants.
    fn both(line: (f64, f64)) -> Self {
        Lines { lower: line, upper: line }
    }

    /// Without slopes or intercepts that are no numbers, and flat where an intercept is infinite.
    fn checked(mut self) -> Self {
        if !(self.lower.0.is_finite() && self.lower.1 < f64::INFINITY && self.lower.1 > f64::NEG_INFINITY) {
            self.lower = Lines::UNKNOWN.lower;
        }
        if !(self.upper.0.is_finite() && self.upper.1 < f64::INFINITY && self.upper.1 > f64::NEG_INFINITY) {
            self.upper = Lines::UNKNOWN.upper;
        }
        self
    }
}

impl Function {
    /// The values that it takes on an interval, rounded outward; (-∞, ∞) where the interval is none.
    pub(crate) fn range(self, l: f64, u: f64) -> (f64, f64) {
        if !is_interval(l, u) {
            return (f64::NEG_INFINITY, f64::INFINITY);
        }
        match self {
            Function::Rectifier(slope) => rectifier::range(slope, l, u),
            Function::Sign => sign::range(l, u),
            Function::Sigmoid => sigmoid::sigmoid_range(l, u),
            Function::Tanh => sigmoid::tanh_range(l, u),
            Function::Clip(a, b) => clip::range(a, b, l, u),
        }
    }

    /// Lines that enclose its graph over an interval; [`Lines::UNKNOWN`] where the interval is none.
    pub(crate) fn lines(self, l: f64, u: f64) -> Lines {
        if !is_interval(l, u) {
            return Lines::UNKNOWN;
        }
        let lines = match self {
            Function::Rectifier(slope) => rectifier::lines(slope, l, u),
            Function::Sign => sign::lines(l, u),
            Function::Sigmoid => sigmoid::sigmoid_lines(l, u),
            Function::Tanh => sigmoid::tanh_lines(l, u),
            Function::Clip(a, b) => clip::lines(a, b, l, u),
        };
        lines.checked()
    }

    /// The line of a rectifier that may be turned about the origin, if 0 is inside the interval: with every slope between
    /// the two, intercept 0, it is sound. It is the lower one for ReLU, and where the slope below 0 is under 1, for then the
    /// function is convex; the upper one where that slope is over 1.
    pub(crate) fn adjustable(self, l: f64, u: f64) -> Option<Adjustable> {
        match self {
            Function::Rectifier(slope) if slope.is_finite() && slope != 1.0 && l < 0.0 && u > 0.0 => {
                let side = if slope < 1.0 { Side::Lower } else { Side::Upper };
                Some(Adjustable { side, least: slope.min(1.0), greatest: slope.max(1.0) })
            }
            _ => None,
        }
    }
}

/// [`Function::lines`] of every element. All slices have the same length.
///
/// Rectifiers take up to ten nanoseconds an element, the curved functions about two microseconds (busy machine, no FMA).
pub(crate) fn lines_of(function: Function, lower: &[f64], upper: &[f64], out: LinesOf<'_>) {
    if let Function::Rectifier(slope) = function {
        return rectifier::lines_of(slope, lower, upper, out);
    }
    for (i, (&l, &u)) in lower.iter().zip(upper).enumerate() {
        let lines = function.lines(l, u);
        (out.lower_slope[i], out.lower_icpt[i]) = lines.lower;
        (out.upper_slope[i], out.upper_icpt[i]) = lines.upper;
    }
}
