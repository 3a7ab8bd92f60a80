//! The two precisions in which a network is evaluated.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use crate::error::OutOfMemory;
use crate::net::Elements;

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// `f32` or `f64`.
pub trait Real:
    sealed::Sealed
    + super::kernel::Kernel
    + Copy
    + Debug
    + Default
    + PartialOrd
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + AddAssign
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// Minus infinity.
    const LEAST: Self;

    /// Rounded to nearest.
    fn from_f64(value: f64) -> Self;
    /// Exactly.
    fn to_f64(self) -> f64;
    /// `|self|`.
    fn abs(self) -> Self;
    /// Whether it is no number.
    fn is_nan(self) -> bool;
    /// e to the power of it.
    fn exp(self) -> Self;
    /// Its hyperbolic tangent.
    fn tanh(self) -> Self;
    /// The elements, where they are stored in this type.
    #[doc(hidden)]
    fn stored(elements: &Elements) -> Option<&[Self]>;
}

/// An empty array with room for `len`.
pub(crate) fn with_capacity<T>(len: usize) -> Result<Vec<T>, OutOfMemory> {
    let mut array = Vec::new();
    let bytes = (len as u64).saturating_mul(size_of::<T>() as u64);
    array.try_reserve_exact(len).map_err(|_| OutOfMemory::Allocator { bytes })?;
    Ok(array)
}

macro_rules! real {
    ($t:ty, $variant:ident) => {
        impl Real for $t {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const LEAST: Self = <$t>::NEG_INFINITY;

            fn from_f64(value: f64) -> Self {
                value as $t
            }

            fn to_f64(self) -> f64 {
                f64::from(self)
            }

            fn abs(self) -> Self {
                <$t>::abs(self)
            }

            fn is_nan(self) -> bool {
                <$t>::is_nan(self)
            }

            fn exp(self) -> Self {
                <$t>::exp(self)
            }

            fn tanh(self) -> Self {
                <$t>::tanh(self)
            }

            fn stored(elements: &Elements) -> Option<&[Self]> {
                match elements {
                    Elements::$variant(values) => Some(values),
                    _ => None,
                }
            }
        }
    };
}

real!(f32, F32);
real!(f64, F64);
