//! VNN-LIB in and out of an `anser_property`.

use std::ffi::c_char;
use std::io::Write;
use std::sync::Arc;

use super::anser_budget;
use super::anser_property;
use super::anser_sink;
use super::arguments::{Out, constructed, path, slice};
use super::budget::arm;
use super::callback::check_exception;
use super::error::Failure;
use super::floats::Standard;
use super::formula::copy_text;
use super::guard::guard;
use super::handle;
use super::property::PropertyState;
use super::sink::host_writer;
use super::status::anser_status;
use crate::net::vnnlib;

/// Reads a property in VNN-LIB from a file, plain or compressed by gzip or xz (told from its first bytes): version 1.0 as
/// the verification competition uses it, or the scalar core of version 2.0.
///
/// A decimal in the file denotes the double nearest to it. What is malformed is ANSER_STATUS_PARSE, and what the format
/// allows but is not supported (products of variables, hidden nodes, several networks) is ANSER_STATUS_UNSUPPORTED, both
/// with line and column.
///
/// @param budget ends the call with ANSER_STATUS_STOPPED; its memory limit holds while reading. May be NULL.
/// @param out_property the property; NULL on failure.
///
/// # Safety
/// `path` is null or a C string; `budget` is null or from anser_budget_new and not freed; `out_property` is null or
/// points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_property_read_vnnlib(
    path: *const c_char,
    budget: *const anser_budget,
    out_property: *mut *mut anser_property,
) -> anser_status {
    guard("anser_property_read_vnnlib", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_property, "out_property")?;
            let path = self::path(path, "path")?;
            let budget = arm(budget)?;
            let _standard = Standard::enter();
            let read = vnnlib::read_file(path, &budget);
            check_exception()?;
            out.set(handle::create(PropertyState::of(Arc::new(read?)))?);
        }
        Ok(())
    })
}

/// As anser_property_read_vnnlib, from memory.
///
/// # Safety
/// `bytes` is null or points to `length` bytes; `budget` is null or from anser_budget_new and not freed; `out_property`
/// is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_property_read_vnnlib_memory(
    bytes: *const u8,
    length: usize,
    budget: *const anser_budget,
    out_property: *mut *mut anser_property,
) -> anser_status {
    guard("anser_property_read_vnnlib_memory", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_property, "out_property")?;
            let bytes = slice(bytes, length, "bytes")?;
            let budget = arm(budget)?;
            let _standard = Standard::enter();
            let read = vnnlib::read_bytes(bytes, &budget);
            check_exception()?;
            out.set(handle::create(PropertyState::of(Arc::new(read?)))?);
        }
        Ok(())
    })
}

/// Writes the property in VNN-LIB to a file, compressed where its name ends in .gz or .xz: in version 2.0 where it was read
/// from that, else in 1.0. What is read back holds at the same points. The file appears under its name only when it is
/// whole.
///
/// # Safety
/// `property` is null or from this library and not freed; `path` is null or a C string; `budget` is null or from
/// anser_budget_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_property_write_vnnlib(
    property: *const anser_property,
    path: *const c_char,
    budget: *const anser_budget,
) -> anser_status {
    guard("anser_property_write_vnnlib", || {
        // SAFETY: passed on.
        let (path, state, budget) =
            unsafe { (self::path(path, "path")?, handle::read(property, "property")?, arm(budget)?) };
        let written = vnnlib::write_file(&state.property, path, &budget);
        check_exception()?;
        Ok(written?)
    })
}

/// As anser_property_write_vnnlib, uncompressed, into a host's function. The sink is let go of before this returns.
///
/// # Safety
/// `property` is null or from this library and not freed; `sink` is null or points to a struct of the size that it
/// states; `budget` is null or from anser_budget_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_property_write_vnnlib_sink(
    property: *const anser_property,
    sink: *const anser_sink,
    budget: *const anser_budget,
) -> anser_status {
    guard("anser_property_write_vnnlib_sink", || {
        // SAFETY: passed on.
        let (mut writer, state, budget) =
            unsafe { (host_writer(sink)?, handle::read(property, "property")?, arm(budget)?) };
        let text = vnnlib::to_string(&state.property, &budget);
        check_exception()?;
        for piece in text?.as_bytes().chunks(PIECE) {
            let written = writer.write_all(piece);
            check_exception()?;
            written.map_err(|e| Failure::new(anser_status::ANSER_STATUS_IO, e))?;
            budget.check().map_err(Failure::stopped)?;
        }
        Ok(())
    })
}

/// Bytes that a sink is given at once.
const PIECE: usize = 1 << 16;

/// As anser_property_write_vnnlib, uncompressed, into memory, with a terminating NUL.
///
/// @param buffer room for the text; may be NULL where capacity is 0, to learn the length only.
/// @param capacity bytes in buffer; too few are ANSER_STATUS_BUFFER_TOO_SMALL.
/// @param out_length bytes of the text without the NUL; also written where the buffer is too small. May be NULL.
///
/// # Safety
/// `property` is null or from this library and not freed; `budget` is null or from anser_budget_new and not freed;
/// `buffer` is null or has `capacity` bytes; `out_length` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_property_write_vnnlib_memory(
    property: *const anser_property,
    budget: *const anser_budget,
    buffer: *mut c_char,
    capacity: usize,
    out_length: *mut usize,
) -> anser_status {
    guard("anser_property_write_vnnlib_memory", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_length, "out_length")?;
            let state = handle::read(property, "property")?;
            let text = vnnlib::to_string(&state.property, &arm(budget)?);
            check_exception()?;
            copy_text(text?.as_bytes(), buffer, capacity, &out)
        }
    })
}
