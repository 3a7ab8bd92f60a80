//! Arrays that grow by half and refuse where memory is short.

use crate::error::OutOfMemory;

/// Makes room for `more` items: amortised, or as far as `limit` bytes allow. Half rather than double: what is read item
/// by item peaks lower.
pub(super) fn reserve<T>(array: &mut Vec<T>, more: usize, limit: u64) -> Result<(), OutOfMemory> {
    if array.capacity() - array.len() >= more {
        return Ok(());
    }
    let size = size_of::<T>() as u64;
    let mut step = more.max(array.len() / 2).max(4);
    loop {
        let bytes = (array.len() as u64).saturating_add(step as u64).saturating_mul(size);
        if bytes <= limit && array.try_reserve_exact(step).is_ok() {
            return Ok(());
        }
        if step == more {
            return Err(if bytes > limit {
                OutOfMemory::Limit { bytes, limit }
            } else {
                OutOfMemory::Allocator { bytes }
            });
        }
        step = more.max(step / 2);
    }
}

/// Bytes that an array holds.
pub(super) fn bytes<T>(array: &Vec<T>) -> u64 {
    (array.capacity() * size_of::<T>()) as u64
}

/// A copy.
pub(super) fn try_clone<T: Copy>(array: &[T]) -> Result<Vec<T>, OutOfMemory> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(array.len()).map_err(|_| OutOfMemory::Allocator { bytes: size_of_val(array) as u64 })?;
    copy.extend_from_slice(array);
    Ok(copy)
}
