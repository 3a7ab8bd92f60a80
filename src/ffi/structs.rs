//! Structs that a host fills in or has filled: their first field is their size, and they only ever grow at the end.

use super::error::Failure;
use super::status::anser_status;

/// Reads a struct whose first field is its size: one of an older host is filled up with zeros, one of a newer host is
/// taken where what this library does not know is zero.
///
/// # Safety
/// `pointer` is null or points to as many bytes as its first field says. `T` is plain data that may be zero, and
/// begins with a `usize`.
pub(super) unsafe fn read_struct<T: Copy>(pointer: *const T, shortest: usize, argument: &str) -> Result<T, Failure> {
    if pointer.is_null() {
        return Err(Failure::null(argument));
    }
    if !pointer.is_aligned() {
        return Err(Failure::invalid(format_args!("argument {argument} is not aligned")));
    }
    // SAFETY: the first field is there.
    let size = unsafe { pointer.cast::<usize>().read() };
    let bad = |why: &str| {
        let text = format_args!("argument {argument}: struct_size {size} {why}");
        Err(Failure::new(anser_status::ANSER_STATUS_BAD_STRUCT_SIZE, text))
    };
    if size < shortest {
        return bad(&format!("is less than {shortest}: use the INIT macro"));
    }
    if size > MOST_STRUCT {
        return bad("is no size of a struct: use the INIT macro");
    }
    let known = size.min(size_of::<T>());
    let bytes = pointer.cast::<u8>();
    for i in known..size {
        // SAFETY: within the size that the host states.
        if unsafe { bytes.add(i).read() } != 0 {
            return bad("is of a newer version, and sets something that this version does not know");
        }
    }
    let mut value = std::mem::MaybeUninit::<T>::zeroed();
    // SAFETY: `known` bytes are within both; what is not copied is zero, which `T` allows.
    unsafe {
        std::ptr::copy_nonoverlapping(bytes, value.as_mut_ptr().cast::<u8>(), known);
        Ok(value.assume_init())
    }
}

/// Writes a struct whose first field, set by the host, is its size: as much as the host has room for.
///
/// # Safety
/// `pointer` is null or points to as many bytes as its first field says. `T` begins with a `usize`.
pub(super) unsafe fn write_struct<T: Copy>(
    pointer: *mut T,
    value: &T,
    shortest: usize,
    argument: &str,
) -> Result<(), Failure> {
    if pointer.is_null() {
        return Err(Failure::null(argument));
    }
    if !pointer.is_aligned() {
        return Err(Failure::invalid(format_args!("argument {argument} is not aligned")));
    }
    // SAFETY: the first field is there.
    let size = unsafe { pointer.cast::<usize>().read() };
    if size < shortest || size > MOST_STRUCT {
        let text = format_args!("argument {argument}: struct_size {size} is none of this struct: use the INIT macro");
        return Err(Failure::new(anser_status::ANSER_STATUS_BAD_STRUCT_SIZE, text));
    }
    let skip = size_of::<usize>(); // the host's size stays
    let known = size.min(size_of::<T>());
    // SAFETY: within both; of a newer host's struct the rest is zeroed.
    unsafe {
        let (to, from) = (pointer.cast::<u8>(), std::ptr::from_ref(value).cast::<u8>());
        std::ptr::copy_nonoverlapping(from.add(skip), to.add(skip), known - skip);
        std::ptr::write_bytes(to.add(known), 0, size - known);
    }
    Ok(())
}

/// No struct of this library will ever be larger; a larger size is an uninitialized field.
const MOST_STRUCT: usize = 4096;
