//! Sums over vectors, sixteen at a time. Their order is fixed; any order would keep within [`super::round::gamma`].

use super::number::Number;
use crate::net::eval::kernel::Isa;

const LANES: usize = 16;

/// Adds up what `each` answers for every element of arrays of equal length.
#[inline(always)]
fn sum<T: Number, const N: usize>(isa: Isa, arrays: [&[T]; N], each: impl Fn([T; N]) -> T) -> T {
    isa.vectorized(|| {
        let length = arrays.iter().map(|a| a.len()).min().unwrap_or(0);
        let whole = arrays.map(|a| a[..length].as_chunks::<LANES>().0);
        let mut sums = [T::ZERO; LANES];
        for block in 0..length / LANES {
            let now = whole.map(|a| &a[block]);
            for (lane, sum) in sums.iter_mut().enumerate() {
                *sum += each(now.map(|a| a[lane]));
            }
        }
        let mut total = T::ZERO;
        sums.iter().for_each(|&sum| total += sum);
        for i in length / LANES * LANES..length {
            total += each(arrays.map(|a| a[i]));
        }
        total
    })
}

/// `sum |a_i| v_i`, where errors are accounted for; else 0.
pub(crate) fn absolute<T: Number>(isa: Isa, a: &[T], v: &[f64]) -> f64 {
    T::sound(a).map_or(0.0, |a| sum(isa, [a, v], |[a, v]| a.abs() * v))
}

/// `sum a_i c_i`.
pub(crate) fn dot<T: Number>(isa: Isa, a: &[T], c: &[T]) -> f64 {
    sum(isa, [a, c], |[a, c]| a * c).to_f64()
}

/// `sum min(a_i l_i, a_i u_i)`.
pub(crate) fn least<T: Number>(isa: Isa, a: &[T], lower: &[T], upper: &[T]) -> f64 {
    sum(isa, [a, lower, upper], |[a, l, u]| least_of(a, l, u)).to_f64()
}

/// `sum |a_i| max(|l_i|, |u_i|)`, where errors are accounted for; else 0.
pub(crate) fn size<T: Number>(isa: Isa, a: &[T], lower: &[T], upper: &[T]) -> f64 {
    if !T::SOUND {
        return 0.0;
    }
    let sizes = |[a, l, u]: [T; 3]| {
        let (l, u) = (l.abs(), u.abs());
        let size = a.abs() * if l > u { l } else { u };
        if a == T::ZERO { T::ZERO } else { size }
    };
    sum(isa, [a, lower, upper], sizes).to_f64()
}

#[inline(always)]
fn least_of<T: Number>(a: T, l: T, u: T) -> T {
    let least = a * if a >= T::ZERO { l } else { u };
    if a == T::ZERO { T::ZERO } else { least }
}
