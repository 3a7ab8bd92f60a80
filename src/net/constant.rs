//! Tensors of known numbers: weights, and what else a network does not compute.

use std::borrow::Cow;
use std::sync::Arc;

use half::{bf16, f16};

use super::{NetworkError, element_count};
use crate::error::OutOfMemory;

/// How the elements of a [`Constant`] are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ElementType {
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary64.
    F64,
}

/// The elements, in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub enum Elements {
    /// As stored in nearly all networks. Halves are widened to this, exactly.
    F32(Vec<f32>),
    /// What a file or host gave in 64 bits, and what was computed from other constants and does not fit 32 bits.
    F64(Vec<f64>),
}

/// A shape and finite numbers, row-major without gaps. Cloning shares the numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Constant {
    shape: Vec<usize>,
    elements: Arc<Elements>,
}

impl Constant {
    /// From elements as stored. The shape's product must be their number; all must be finite.
    pub fn new(shape: &[usize], elements: Elements) -> Result<Self, NetworkError> {
        let needed = element_count(shape)?;
        let (given, odd) = match &elements {
            Elements::F32(e) => {
                (e.len(), e.iter().position(|v| !v.is_finite()).map(|index| (index, f64::from(e[index]))))
            }
            Elements::F64(e) => (e.len(), e.iter().position(|v| !v.is_finite()).map(|index| (index, e[index]))),
        };
        if given != needed {
            return Err(NetworkError::Length { shape: shape.to_vec(), given, needed });
        }
        if let Some((index, value)) = odd {
            return Err(NetworkError::NotFinite { index, value });
        }
        Ok(Constant { shape: shape.to_vec(), elements: Arc::new(elements) })
    }

    /// A copy of 32-bit numbers.
    pub fn from_f32(shape: &[usize], values: &[f32]) -> Result<Self, NetworkError> {
        Constant::new(shape, Elements::F32(collect(values.iter().copied())?))
    }

    /// A copy of 64-bit numbers.
    pub fn from_f64(shape: &[usize], values: &[f64]) -> Result<Self, NetworkError> {
        Constant::new(shape, Elements::F64(collect(values.iter().copied())?))
    }

    /// Halves, widened exactly.
    pub fn from_f16(shape: &[usize], values: &[f16]) -> Result<Self, NetworkError> {
        Constant::new(shape, Elements::F32(collect(values.iter().map(|v| v.to_f32()))?))
    }

    /// bfloat16 numbers, widened exactly.
    pub fn from_bf16(shape: &[usize], values: &[bf16]) -> Result<Self, NetworkError> {
        Constant::new(shape, Elements::F32(collect(values.iter().map(|v| v.to_f32()))?))
    }

    /// Numbers that were computed: stored in 32 bits where all of them fit exactly, else in 64.
    pub fn narrowest(shape: &[usize], values: Vec<f64>) -> Result<Self, NetworkError> {
        if values.iter().all(|&v| f64::from(v as f32) == v) {
            return Constant::new(shape, Elements::F32(collect(values.iter().map(|&v| v as f32))?));
        }
        Constant::new(shape, Elements::F64(values))
    }

    /// The shape; empty for a scalar.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// How many elements there are.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a tensor's length, not a container's")]
    pub fn len(&self) -> usize {
        match &*self.elements {
            Elements::F32(e) => e.len(),
            Elements::F64(e) => e.len(),
        }
    }

    /// The elements as stored.
    #[must_use]
    pub fn elements(&self) -> &Elements {
        &self.elements
    }

    /// Where the elements are: the same for constants that share them.
    pub(crate) fn place(&self) -> *const Elements {
        Arc::as_ptr(&self.elements)
    }

    /// How they are stored.
    #[must_use]
    pub fn element_type(&self) -> ElementType {
        match &*self.elements {
            Elements::F32(_) => ElementType::F32,
            Elements::F64(_) => ElementType::F64,
        }
    }

    /// One element, exactly.
    ///
    /// # Panics
    /// `index` is out of range.
    #[must_use]
    pub fn get(&self, index: usize) -> f64 {
        match &*self.elements {
            Elements::F32(e) => f64::from(e[index]),
            Elements::F64(e) => e[index],
        }
    }

    /// All elements in 64 bits, exactly.
    pub fn to_f64(&self) -> Result<Cow<'_, [f64]>, OutOfMemory> {
        Ok(match &*self.elements {
            Elements::F32(e) => Cow::Owned(collect(e.iter().map(|&v| f64::from(v)))?),
            Elements::F64(e) => Cow::Borrowed(e),
        })
    }

    /// All elements in 32 bits, rounded to nearest where they are stored in 64.
    pub fn to_f32(&self) -> Result<Cow<'_, [f32]>, OutOfMemory> {
        Ok(match &*self.elements {
            Elements::F32(e) => Cow::Borrowed(e),
            Elements::F64(e) => Cow::Owned(collect(e.iter().map(|&v| v as f32))?),
        })
    }

    /// The same elements in another shape of as many.
    pub fn reshaped(&self, shape: &[usize]) -> Result<Self, NetworkError> {
        let needed = element_count(shape)?;
        if needed != self.len() {
            return Err(NetworkError::Length { shape: shape.to_vec(), given: self.len(), needed });
        }
        Ok(Constant { shape: shape.to_vec(), elements: Arc::clone(&self.elements) })
    }

    /// Bytes that the elements take.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.len() as u64
            * match self.element_type() {
                ElementType::F32 => 4,
                ElementType::F64 => 8,
            }
    }
}

/// Collects without aborting where memory is short.
fn collect<T>(values: impl ExactSizeIterator<Item = T>) -> Result<Vec<T>, OutOfMemory> {
    let mut array = Vec::new();
    let bytes = (values.len() as u64).saturating_mul(size_of::<T>() as u64);
    array.try_reserve_exact(values.len()).map_err(|_| OutOfMemory::Allocator { bytes })?;
    array.extend(values);
    Ok(array)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn computed_numbers_are_stored_as_narrow_as_is_exact() {
        let narrow = Constant::narrowest(&[2], vec![0.5, -3.0]).unwrap();
        assert_eq!(narrow.element_type(), ElementType::F32);
        let wide = Constant::narrowest(&[2], vec![0.5, 0.1]).unwrap();
        assert_eq!((wide.element_type(), wide.get(1)), (ElementType::F64, 0.1));
    }

    #[test]
    fn halves_are_exact_and_what_is_not_finite_is_refused() {
        let half = Constant::from_f16(&[1], &[f16::from_f32(0.333)]).unwrap();
        assert_eq!(half.get(0), f64::from(f16::from_f32(0.333).to_f32()));
        let brain = Constant::from_bf16(&[], &[bf16::from_f32(-1.0e38)]).unwrap();
        assert_eq!(brain.get(0), f64::from(bf16::from_f32(-1.0e38).to_f32()));
        let error = Constant::from_f32(&[3], &[1.0, f32::NAN, 2.0]).unwrap_err();
        assert!(matches!(error, NetworkError::NotFinite { index: 1, .. }));
        assert!(Constant::from_f16(&[1], &[f16::INFINITY]).is_err());
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused() {
        let short = Constant::from_f32(&[2, 3], &[0.0; 5]).unwrap_err();
        assert_eq!(short, NetworkError::Length { shape: vec![2, 3], given: 5, needed: 6 });
        assert!(matches!(Constant::from_f32(&[usize::MAX, 2], &[]), Err(NetworkError::TooLarge { .. })));
        assert_eq!(
            Constant::from_f32(&[0, usize::MAX], &[]).unwrap_err(),
            NetworkError::TooLarge { shape: vec![0, usize::MAX] }
        );
    }
}
