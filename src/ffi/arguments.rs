//! Pointers of a host, checked and made into what Rust can hold.

use std::ffi::{CStr, c_char};
use std::path::Path;

use super::error::Failure;
use super::status::anser_status;

/// An array of `length` items; NULL is allowed where `length` is 0.
///
/// # Safety
/// Where not null, `pointer` points to `length` initialized items that nobody changes during the call.
pub(super) unsafe fn slice<'a, T>(pointer: *const T, length: usize, argument: &str) -> Result<&'a [T], Failure> {
    if length == 0 {
        return Ok(&[]);
    }
    check_array(pointer, length, argument)?;
    // SAFETY: not null, aligned, of a possible length; the rest is promised.
    Ok(unsafe { std::slice::from_raw_parts(pointer, length) })
}

/// An array to write `length` items into; NULL is allowed where `length` is 0.
///
/// # Safety
/// Where not null, `pointer` points to room for `length` items that nobody else uses during the call.
pub(super) unsafe fn fill<T: Copy>(pointer: *mut T, values: &[T], argument: &str) -> Result<(), Failure> {
    if values.is_empty() {
        return Ok(());
    }
    check_array(pointer, values.len(), argument)?;
    // SAFETY: not null, aligned, and `values` is of this library, so they do not overlap.
    unsafe { std::ptr::copy_nonoverlapping(values.as_ptr(), pointer, values.len()) };
    Ok(())
}

pub(super) fn check_array<T>(pointer: *const T, length: usize, argument: &str) -> Result<(), Failure> {
    if pointer.is_null() {
        return Err(Failure::null(argument));
    }
    if !pointer.is_aligned() {
        return Err(Failure::invalid(format_args!("argument {argument} is not aligned to {} bytes", align_of::<T>())));
    }
    if length.checked_mul(size_of::<T>()).is_none_or(|bytes| isize::try_from(bytes).is_err()) {
        return Err(Failure::invalid(format_args!("argument {argument}: {length} items exceed the address space")));
    }
    Ok(())
}

/// Where one output goes.
pub(super) struct Out<T>(*mut T);

impl<T> Out<T> {
    /// An output that must be given.
    pub(super) fn needed(pointer: *mut T, argument: &str) -> Result<Self, Failure> {
        check_array(pointer, 1, argument)?;
        Ok(Out(pointer))
    }

    /// An output that may be NULL.
    pub(super) fn optional(pointer: *mut T, argument: &str) -> Result<Self, Failure> {
        if pointer.is_null() { Ok(Out(pointer)) } else { Out::needed(pointer, argument) }
    }

    /// Writes it.
    ///
    /// # Safety
    /// The pointer that this was made from is NULL or points to room for one item.
    pub(super) unsafe fn set(&self, value: T) {
        if !self.0.is_null() {
            // SAFETY: promised; alignment was checked.
            unsafe { self.0.write(value) }
        }
    }
}

/// The output of a constructor: set to NULL at once.
///
/// # Safety
/// Where not null, `pointer` points to room for a pointer.
pub(super) unsafe fn constructed<T>(pointer: *mut *mut T, argument: &str) -> Result<Out<*mut T>, Failure> {
    let out = Out::needed(pointer, argument)?;
    // SAFETY: promised.
    unsafe { out.set(std::ptr::null_mut()) };
    Ok(out)
}

/// A text in UTF-8.
///
/// # Safety
/// Where not null, `pointer` is a C string that nobody changes during the call.
pub(super) unsafe fn text<'a>(pointer: *const c_char, argument: &str) -> Result<&'a str, Failure> {
    if pointer.is_null() {
        return Err(Failure::null(argument));
    }
    // SAFETY: promised.
    let bytes = unsafe { CStr::from_ptr(pointer) };
    bytes.to_str().map_err(|e| Failure::invalid(format_args!("argument {argument} is not UTF-8: {e}")))
}

/// A path, in the bytes of the file system.
///
/// # Safety
/// Where not null, `pointer` is a C string that nobody changes during the call.
pub(super) unsafe fn path<'a>(pointer: *const c_char, argument: &str) -> Result<&'a Path, Failure> {
    if pointer.is_null() {
        return Err(Failure::null(argument));
    }
    // SAFETY: promised.
    let bytes = unsafe { CStr::from_ptr(pointer) };
    if bytes.is_empty() {
        return Err(Failure::invalid(format_args!("argument {argument} is empty")));
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        Ok(Path::new(std::ffi::OsStr::from_bytes(bytes.to_bytes())))
    }
    #[cfg(not(unix))]
    {
        bytes
            .to_str()
            .map(Path::new)
            .map_err(|e| Failure::invalid(format_args!("argument {argument} is not UTF-8: {e}")))
    }
}

/// Whether a buffer for `needed` items is long enough.
pub(super) fn room(given: usize, needed: usize, argument: &str) -> Result<(), Failure> {
    if given < needed {
        let text = format_args!("argument {argument}: {given} is too few, {needed} are needed");
        return Err(Failure::new(anser_status::ANSER_STATUS_BUFFER_TOO_SMALL, text));
    }
    Ok(())
}

/// Copies bytes to a host, unless it only asks for their number.
///
/// # Safety
/// `buffer` is null or has `capacity` bytes; `out` was made from a pointer with room for one.
pub(super) unsafe fn copy_bytes(
    bytes: &[u8],
    buffer: *mut u8,
    capacity: usize,
    out: &Out<usize>,
) -> Result<(), Failure> {
    // SAFETY: promised.
    unsafe { out.set(bytes.len()) };
    if buffer.is_null() && capacity == 0 {
        return Ok(());
    }
    room(capacity, bytes.len(), "capacity")?;
    // SAFETY: there is room.
    unsafe { fill(buffer, bytes, "buffer") }
}

/// A variable as a DIMACS integer.
pub(super) fn variable(value: i32, argument: &str) -> Result<u32, Failure> {
    u32::try_from(value)
        .ok()
        .filter(|v| *v != 0)
        .ok_or_else(|| Failure::invalid(format_args!("argument {argument}: {value} is not a variable")))
}
