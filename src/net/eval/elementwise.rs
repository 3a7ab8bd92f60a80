//! Operators that take elements one by one, and their derivatives.
//!
//! Where an operator has a kink, the derivative is one of those beside it: 0 for ReLU, `|x|` and the sign at 0, the slope for
//! a leaky ReLU at 0, 1 for clipping at its bounds. All answer "no number" where they are given one.

use super::EvalError;
use super::kernel::Isa;
use super::meter::Meter;
use super::real::Real;
use super::spread::{BLOCK, Spread};

/// Operators of one operand.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unary<T> {
    Neg,
    Abs,
    Relu,
    LeakyRelu(T),
    Sign,
    Sigmoid,
    Tanh,
    Clip(T, T),
}

/// Operators of two operands. The second of `PRelu` is its slope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    PRelu,
}

impl<T: Real> Unary<T> {
    pub(crate) fn apply(&self, isa: Isa, x: &[T], y: &mut [T], meter: &mut Meter<'_>) -> Result<(), EvalError> {
        let zero = T::ZERO;
        match *self {
            Unary::Neg => each(isa, x, y, meter, |x| -x),
            Unary::Abs => each(isa, x, y, meter, T::abs),
            Unary::Relu => each(isa, x, y, meter, |x| if x < zero { zero } else { x }),
            Unary::LeakyRelu(alpha) => each(isa, x, y, meter, |x| if x < zero { alpha * x } else { x }),
            Unary::Sign => each(isa, x, y, meter, |x| {
                if x > zero {
                    T::ONE
                } else if x < zero {
                    -T::ONE
                } else if x == zero {
                    zero
                } else {
                    x
                }
            }),
            Unary::Sigmoid => each(isa, x, y, meter, |x| {
                // The exponential of what is not positive does not overflow.
                let e = (-x.abs()).exp();
                let far = T::ONE / (T::ONE + e);
                if x < zero { e * far } else { far }
            }),
            Unary::Tanh => each(isa, x, y, meter, T::tanh),
            Unary::Clip(min, max) => each(isa, x, y, meter, |x| {
                if x < min {
                    min
                } else if x > max {
                    max
                } else {
                    x
                }
            }),
        }
    }

    /// Adds to `to` the gradient at operand `x`, `g` being that at the answer `y`.
    pub(crate) fn reverse(
        &self,
        isa: Isa,
        x: &[T],
        y: &[T],
        g: &[T],
        to: &mut [T],
        meter: &mut Meter<'_>,
    ) -> Result<(), EvalError> {
        let zero = T::ZERO;
        match *self {
            Unary::Neg => back(isa, x, g, to, meter, |_, g| -g),
            Unary::Abs => back(isa, x, g, to, meter, |x, g| {
                if x > zero {
                    g
                } else if x < zero {
                    -g
                } else {
                    zero
                }
            }),
            Unary::Relu => back(isa, x, g, to, meter, |x, g| if x > zero { g } else { zero }),
            Unary::LeakyRelu(alpha) => back(isa, x, g, to, meter, |x, g| if x > zero { g } else { alpha * g }),
            Unary::Sign => Ok(()),
            Unary::Sigmoid => back(isa, y, g, to, meter, |y, g| g * y * (T::ONE - y)),
            Unary::Tanh => back(isa, y, g, to, meter, |y, g| g * (T::ONE - y * y)),
            Unary::Clip(min, max) => back(isa, x, g, to, meter, |x, g| if x >= min && x <= max { g } else { zero }),
        }
    }
}

fn each<T: Real>(isa: Isa, x: &[T], y: &mut [T], meter: &mut Meter<'_>, f: impl Fn(T) -> T) -> Result<(), EvalError> {
    for (x, y) in x.chunks(BLOCK).zip(y.chunks_mut(BLOCK)) {
        isa.vectorized(|| x.iter().zip(&mut *y).for_each(|(&x, y)| *y = f(x)));
        meter.count(8 * y.len())?;
    }
    Ok(())
}

fn back<T: Real>(
    isa: Isa,
    x: &[T],
    g: &[T],
    to: &mut [T],
    meter: &mut Meter<'_>,
    f: impl Fn(T, T) -> T,
) -> Result<(), EvalError> {
    for ((x, g), to) in x.chunks(BLOCK).zip(g.chunks(BLOCK)).zip(to.chunks_mut(BLOCK)) {
        isa.vectorized(|| x.iter().zip(g).zip(&mut *to).for_each(|((&x, &g), to)| *to += f(x, g)));
        meter.count(to.len())?;
    }
    Ok(())
}

impl Binary {
    /// One sample.
    pub(crate) fn apply<T: Real>(
        self,
        (a, spread_a): (&[T], &Spread),
        (b, spread_b): (&[T], &Spread),
        y: &mut [T],
        meter: &mut Meter<'_>,
    ) -> Result<(), EvalError> {
        let (mut buffer_a, mut buffer_b) = ([T::ZERO; BLOCK], [T::ZERO; BLOCK]);
        for (index, y) in y.chunks_mut(BLOCK).enumerate() {
            let (start, count) = (index * BLOCK, y.len());
            let a = spread_a.fetch(a, start, &mut buffer_a[..count]);
            let b = spread_b.fetch(b, start, &mut buffer_b[..count]);
            let both = a.iter().zip(b).zip(y);
            match self {
                Binary::Add => both.for_each(|((&a, &b), y)| *y = a + b),
                Binary::Sub => both.for_each(|((&a, &b), y)| *y = a - b),
                Binary::Mul => both.for_each(|((&a, &b), y)| *y = a * b),
                Binary::Div => both.for_each(|((&a, &b), y)| *y = a / b),
                Binary::PRelu => both.for_each(|((&a, &b), y)| *y = if a < T::ZERO { b * a } else { a }),
            }
            meter.count(count)?;
        }
        Ok(())
    }

    /// Adds to `to` the gradient at the first (`second`: the second) operand of one sample.
    pub(crate) fn reverse<T: Real>(
        self,
        second: bool,
        (a, spread_a): (&[T], &Spread),
        (b, spread_b): (&[T], &Spread),
        g: &[T],
        to: &mut [T],
        meter: &mut Meter<'_>,
    ) -> Result<(), EvalError> {
        let (mut buffer_a, mut buffer_b, mut slope) = ([T::ZERO; BLOCK], [T::ZERO; BLOCK], [T::ZERO; BLOCK]);
        for (index, g) in g.chunks(BLOCK).enumerate() {
            let (start, count) = (index * BLOCK, g.len());
            let slope = &mut slope[..count];
            let a = spread_a.fetch(a, start, &mut buffer_a[..count]);
            let b = spread_b.fetch(b, start, &mut buffer_b[..count]);
            let all = a.iter().zip(b).zip(g).zip(&mut *slope);
            match (self, second) {
                (Binary::Add, _) | (Binary::Sub, false) => slope.copy_from_slice(g),
                (Binary::Sub, true) => all.for_each(|((_, &g), to)| *to = -g),
                (Binary::Mul, false) => all.for_each(|(((_, &b), &g), to)| *to = g * b),
                (Binary::Mul, true) => all.for_each(|(((&a, _), &g), to)| *to = g * a),
                (Binary::Div, false) => all.for_each(|(((_, &b), &g), to)| *to = g / b),
                (Binary::Div, true) => all.for_each(|(((&a, &b), &g), to)| *to = -(g * (a / b)) / b),
                (Binary::PRelu, _) => all.for_each(|(((&a, &b), &g), to)| *to = if a > T::ZERO { g } else { b * g }),
            }
            (if second { spread_b } else { spread_a }).add(slope, start, to);
            meter.count(2 * count)?;
        }
        Ok(())
    }
}

/// Softmax over the middle one of three axes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Softmax {
    pub outer: usize,
    pub count: usize,
    pub inner: usize,
}

impl Softmax {
    /// The indices of each group, as (first, step).
    fn groups(self) -> impl Iterator<Item = usize> {
        (0..self.outer).flat_map(move |o| (0..self.inner).map(move |i| o * self.count * self.inner + i))
    }

    /// One sample. The largest is subtracted first, so that nothing overflows.
    pub(crate) fn apply<T: Real>(self, x: &[T], y: &mut [T], meter: &mut Meter<'_>) -> Result<(), EvalError> {
        for first in self.groups() {
            let (mut largest, mut sum) = (T::LEAST, T::ZERO);
            for block in self.blocks() {
                for i in block {
                    let x = x[first + i * self.inner];
                    // What is no number makes the sum no number.
                    if x > largest {
                        largest = x;
                    }
                }
                meter.count(BLOCK.min(self.count))?;
            }
            for block in self.blocks() {
                for i in block {
                    let at = first + i * self.inner;
                    y[at] = (x[at] - largest).exp();
                    sum += y[at];
                }
                meter.count(8 * BLOCK.min(self.count))?;
            }
            for block in self.blocks() {
                for i in block {
                    let at = first + i * self.inner;
                    y[at] = y[at] / sum;
                }
                meter.count(BLOCK.min(self.count))?;
            }
        }
        Ok(())
    }

    /// One sample: adds to `to` the gradient at the operand, `g` being that at the answer `y`.
    pub(crate) fn reverse<T: Real>(
        self,
        y: &[T],
        g: &[T],
        to: &mut [T],
        meter: &mut Meter<'_>,
    ) -> Result<(), EvalError> {
        for first in self.groups() {
            let mut sum = T::ZERO;
            for block in self.blocks() {
                for i in block {
                    let at = first + i * self.inner;
                    sum += g[at] * y[at];
                }
                meter.count(BLOCK.min(self.count))?;
            }
            for block in self.blocks() {
                for i in block {
                    let at = first + i * self.inner;
                    to[at] += y[at] * (g[at] - sum);
                }
                meter.count(BLOCK.min(self.count))?;
            }
        }
        Ok(())
    }

    fn blocks(self) -> impl Iterator<Item = std::ops::Range<usize>> {
        (0..self.count).step_by(BLOCK).map(move |i| i..self.count.min(i + BLOCK))
    }
}
