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
        let n = moved.values.len();
        let (least, greatest) = (&range.0[..n], &range.1[..n]);
        self.step(
            rate,
            |_| T::ONE,
            gradient,
            moved,
            |i, value| {
                let value = if value > least[i] { value } else { least[i] };
                if value < greatest[i] { value } else { greatest[i] }
            },
        );
    }

    /// Moves values that are not to be negative, each at a rate of its own.
    pub(super) fn above<T: Number>(&self, rate: f64, rates: &[T], gradient: &[T], moved: Moved<'_, T>) {
        let rates = &rates[..moved.values.len()];
        self.step(
            rate,
            |i| rates[i],
            gradient,
            moved,
            |_, value| {
                let value = if value > T::ZERO { value } else { T::ZERO };
                if value < T::LARGE { value } else { T::LARGE }
            },
        );
    }

    #[inline(always)]
    fn step<T: Number>(
        &self,
        rate: f64,
        rates: impl Fn(usize) -> T,
        gradient: &[T],
        moved: Moved<'_, T>,
        project: impl Fn(usize, T) -> T,
    ) {
        let Moved { values, first, second } = moved;
        let n = values.len();
        let (gradient, first, second) = (&gradient[..n], &mut first[..n], &mut second[..n]);
        // What the averages are multiplied by, as they began at 0.
        let rate = T::from_f64(rate / (1.0 - self.powers.0));
        let unbias = T::from_f64(1.0 / (1.0 - self.powers.1));
        let [keep_first, add_first] = [FIRST, 1.0 - FIRST].map(T::from_f64);
        let [keep_second, add_second] = [SECOND, 1.0 - SECOND].map(T::from_f64);
        self.isa.vectorized(|| {
            for i in 0..n {
                // What is no number moves nothing.
                let g = if gradient[i].abs() < T::LARGE { gradient[i] } else { T::ZERO };
                let m = keep_first * first[i] + add_first * g;
                let v = keep_second * second[i] + add_second * g * g;
                (first[i], second[i]) = (m, v);
                let more = rate * rates(i) * m / ((v * unbias).sqrt() + T::SMALL);
                values[i] = project(i, values[i] + more);
            }
        });
    }
}
