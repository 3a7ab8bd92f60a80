//! Sums over vectors, eight at a time. Their order is fixed; any order would keep within [`super::round::gamma`].

use crate::net::eval::kernel::Isa;

const LANES: usize = 8;

/// Adds up what `each` answers for every element of arrays of equal length.
#[inline(always)]
fn sum<const N: usize>(isa: Isa, arrays: [&[f64]; N], each: impl Fn([f64; N]) -> f64) -> f64 {
    isa.vectorized(|| {
        let length = arrays.iter().map(|a| a.len()).min().unwrap_or(0);
        let whole = arrays.map(|a| a[..length].as_chunks::<LANES>().0);
        let mut sums = [0.0; LANES];
        for block in 0..length / LANES {
            let now = whole.map(|a| &a[block]);
            for (lane, sum) in sums.iter_mut().enumerate() {
                *sum += each(now.map(|a| a[lane]));
            }
        }
        let mut total: f64 = sums.iter().sum();
        for i in length / LANES * LANES..length {
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
    sum(isa, [a, lower, upper], |[a, l, u]| least_of(a, l, u))
}

/// `sum |a_i| max(|l_i|, |u_i|)`.
pub(crate) fn size(isa: Isa, a: &[f64], lower: &[f64], upper: &[f64]) -> f64 {
    sum(isa, [a, lower, upper], |[a, l, u]| {
        let (l, u) = (l.abs(), u.abs());
        let size = a.abs() * if l > u { l } else { u };
        if a == 0.0 { 0.0 } else { size }
    })
}

#[inline(always)]
fn least_of(a: f64, l: f64, u: f64) -> f64 {
    let least = a * if a >= 0.0 { l } else { u };
    if a == 0.0 { 0.0 } else { least }
}
