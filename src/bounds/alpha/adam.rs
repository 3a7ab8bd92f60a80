//! Steps of projected gradient ascent by Adam (D. Kingma, J. Ba, ICLR 2015).

use crate::bounds::number::Number;
use crate::net::eval::kernel::Isa;

/// Decay of the averages.
const FIRST: f64 = 0.9;
const SECOND: f64 = 0.999;

/// Which step it is.
pub(super) struct Adam {
    isa: Isa,
    powers: (f64, f64),
}

/// What is moved: values, the averages of their derivatives and of the squares of those.
pub(super) struct Moved<'a, T> {
    pub values: &'a mut [T],
    pub first: &'a mut [T],
    pub second: &'a mut [T],
}

impl<'a, T> Moved<'a, T> {
    /// Of arrays of all three.
    pub(super) fn of(
        values: &'a mut [T],
        first: &'a mut [T],
        second: &'a mut [T],
        range: std::ops::Range<usize>,
    ) -> Self {
        Moved { values: &mut values[range.clone()], first: &mut first[range.clone()], second: &mut second[range] }
    }
}

impl Adam {
    /// Before the first step.
    pub(super) fn new(isa: Isa) -> Self {
        Adam { isa, powers: (1.0, 1.0) }
    }

    /// To be called ahead of each step.
    pub(super) fn begin(&mut self) {
        self.powers = (self.powers.0 * FIRST, self.powers.1 * SECOND);
    }

    /// Moves values, and puts them into their ranges.
    pub(super) fn within<T: Number>(&self, rate: f64, gradient: &[T], range: (&[T], &[T]), moved: Moved<'_, T>) {
        let step = self.step(rate);
        let Moved { values, first, second } = moved;
        self.isa.vectorized(|| all_within(step, gradient, range.0, range.1, values, first, second));
    }

    /// Moves values that are not to be negative, each at a rate of its own.
    pub(super) fn above<T: Number>(&self, rate: f64, rates: &[T], gradient: &[T], moved: Moved<'_, T>) {
        let step = self.step(rate);
        let Moved { values, first, second } = moved;
        self.isa.vectorized(|| all_above(step, rates, gradient, values, first, second));
    }

    fn step<T: Number>(&self, rate: f64) -> Step<T> {
        Step {
            first: [FIRST, 1.0 - FIRST].map(T::from_f64),
            second: [SECOND, 1.0 - SECOND].map(T::from_f64),
            rate: T::from_f64(rate / (1.0 - self.powers.0)),
            unbias: T::from_f64(1.0 / (1.0 - self.powers.1)),
        }
    }
}

/// Numbers of one step.
#[derive(Clone, Copy)]
struct Step<T> {
    first: [T; 2],
    second: [T; 2],
    rate: T,
    /// What the second average is multiplied by, as it began at 0; that for the first is part of the rate.
    unbias: T,
}

impl<T: Number> Step<T> {
    /// Answers by how much to move.
    #[inline(always)]
    fn of(self, gradient: T, first: &mut T, second: &mut T) -> T {
        // What is no number moves nothing.
        let g = if gradient.abs() < T::LARGE { gradient } else { T::ZERO };
        *first = self.first[0] * *first + self.first[1] * g;
        *second = self.second[0] * *second + self.second[1] * g * g;
        self.rate * *first / ((*second * self.unbias).sqrt() + T::SMALL)
    }
}

#[inline(always)]
fn into<T: Number>(value: T, least: T, greatest: T) -> T {
    let value = if value > least { value } else { least };
    if value < greatest { value } else { greatest }
}

/// Slices are arguments of their own, and cut where the loop is: else compilers do not see that they lie apart.
#[inline(always)]
fn all_within<T: Number>(
    step: Step<T>,
    gradient: &[T],
    least: &[T],
    greatest: &[T],
    values: &mut [T],
    first: &mut [T],
    second: &mut [T],
) {
    let n = values.len();
    let (gradient, least, greatest) = (&gradient[..n], &least[..n], &greatest[..n]);
    let (first, second) = (&mut first[..n], &mut second[..n]);
    for i in 0..n {
        let more = step.of(gradient[i], &mut first[i], &mut second[i]);
        values[i] = into(values[i] + more, least[i], greatest[i]);
    }
}

#[inline(always)]
fn all_above<T: Number>(
    step: Step<T>,
    rates: &[T],
    gradient: &[T],
    values: &mut [T],
    first: &mut [T],
    second: &mut [T],
) {
    let n = values.len();
    let (gradient, rates) = (&gradient[..n], &rates[..n]);
    let (first, second) = (&mut first[..n], &mut second[..n]);
    for i in 0..n {
        let more = rates[i] * step.of(gradient[i], &mut first[i], &mut second[i]);
        values[i] = into(values[i] + more, T::ZERO, T::LARGE);
    }
}
