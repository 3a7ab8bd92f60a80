//! Sums over vectors, eight at a time. Their order is fixed; any order would keep within [`super::round::gamma`].

use crate::net::eval::kernel::Isa;

const LANES: usize = 8;

/// Adds up what `each` answers for every element of arrays of equal length.
#[inline(always)]
fn sum<const N: usize>(isa: Isa, arrays: [&[f64]; N], each: impl Fn([f64; N]) -> f64) -> f64 {
    isa.vectorized(|| {
        let length = arrays.iter().map(|a| a.len()).min().unwrap_or(0);
        let arrays = arrays.map(|a| &a[..length]);
        let mut sums = [0.0; LANES];
        let whole = length / LANES * LANES;
        let mut at = 0;
        while at < whole {
            let now = arrays.map(|a| &a[at..at + LANES]);
            for lane in 0..LANES {
                sums[lane] += each(now.map(|a| a[lane]));
            }
            at += LANES;
        }
        let mut total = 0.0;
        for sum in sums {
            total += sum;
        }
        for i in whole..length {
            total += each(arrays.map(|a| a[i]));
        }
        total
    })
}

/// `sum |a_i| v_i`.
pub(crate) fn absolute(isa: Isa, a: &[f64], v: &[f64]) -> f64 {
    sum(isa, [a, v], |[a, v]| a.abs() * v)
}

/// `sum a_i c_i`.
pub(crate) fn dot(isa: Isa, a: &[f64], c: &[f64]) -> f64 {
    sum(isa, [a, c], |[a, c]| a * c)
}

/// `sum min(a_i l_i, a_i u_i)`.
pub(crate) fn least(isa: Isa, a: &[f64], lower: &[f64], upper: &[f64]) -> f64 {
    sum(isa, [a, lower, upper], |[a, l, u]| if a >= 0.0 { if a == 0.0 { 0.0 } else { a * l } } else { a * u })
}

/// `sum |a_i| max(|l_i|, |u_i|)`.
pub(crate) fn size(isa: Isa, a: &[f64], lower: &[f64], upper: &[f64]) -> f64 {
    sum(isa, [a, lower, upper], |[a, l, u]| {
        let (l, u) = (l.abs(), u.abs());
        if a == 0.0 { 0.0 } else { a.abs() * if l > u { l } else { u } }
    })
}
