//! OPB in and out of an `anser_formula`.

use std::ffi::c_char;
use std::sync::Arc;

use super::anser_budget;
use super::anser_formula;
use super::anser_sink;
use super::arguments::{Out, constructed, path, slice};
use super::budget::arm;
use super::callback::check_exception;
use super::formula::write_text;
use super::guard::guard;
use super::handle;
use super::sink::host_writer;
use super::status::anser_status;
use crate::formula::{TextFormat, opb};

/// Reads pseudo-Boolean constraints in OPB (the format of the pseudo-Boolean competitions) from a file, plain or
/// compressed by gzip or xz (told from its first bytes).
///
/// A sum with unit weights becomes a cardinality constraint, or a clause where one literal is enough; an equality becomes
/// two constraints, at least first; two constraints in a row that spell a reified one become it; else there is one
/// pseudo-Boolean constraint for each. What is malformed, beyond the header's variables, short of its constraints, or
/// beyond 64 bits is ANSER_STATUS_PARSE with line and column; a sum to maximise, soft constraints and products of literals are
/// ANSER_STATUS_UNSUPPORTED with line and column.
///
/// @param budget ends the call with ANSER_STATUS_STOPPED; its memory limit is the formula's while reading. May be NULL.
/// @param out_formula the formula; NULL on failure.
///
/// # Safety
/// `path` is null or a C string; `budget` is null or from anser_budget_new and not freed; `out_formula` is null or
/// points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_read_opb(
    path: *const c_char,
    budget: *const anser_budget,
    out_formula: *mut *mut anser_formula,
) -> anser_status {
    guard("anser_formula_read_opb", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_formula, "out_formula")?;
            let path = self::path(path, "path")?;
            let read = opb::read_file(path, &arm(budget)?);
            check_exception()?;
            out.set(handle::create(Arc::new(read?))?);
        }
        Ok(())
    })
}

/// As anser_formula_read_opb, from memory.
///
/// # Safety
/// `bytes` is null or points to `length` bytes; `budget` is null or from anser_budget_new and not freed;
/// `out_formula` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_read_opb_memory(
    bytes: *const u8,
    length: usize,
    budget: *const anser_budget,
    out_formula: *mut *mut anser_formula,
) -> anser_status {
    guard("anser_formula_read_opb_memory", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_formula, "out_formula")?;
            let bytes = slice(bytes, length, "bytes")?;
            let read = opb::read_bytes(bytes, &arm(budget)?);
            check_exception()?;
            out.set(handle::create(Arc::new(read?))?);
        }
        Ok(())
    })
}

/// Writes the formula in OPB to a file, compressed where its name ends in .gz or .xz. The file appears under its name
/// only when it is whole. A reified constraint takes two lines; names and the sampling set are left out. Parities, linear
/// constraints and numbers are ANSER_STATUS_UNSUPPORTED, for constraints with the id of the first one in
/// anser_last_error_index.
///
/// # Safety
/// `formula` is null or from this library and not freed; `path` is null or a C string; `budget` is null or from
/// anser_budget_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_write_opb(
    formula: *const anser_formula,
    path: *const c_char,
    budget: *const anser_budget,
) -> anser_status {
    guard("anser_formula_write_opb", || {
        // SAFETY: passed on.
        let (path, formula, budget) =
            unsafe { (self::path(path, "path")?, handle::read(formula, "formula")?, arm(budget)?) };
        let written = opb::write_file(&formula, path, &budget);
        check_exception()?;
        Ok(written?)
    })
}

/// As anser_formula_write_opb, uncompressed, into a host's function. The sink is let go of before this returns.
///
/// # Safety
/// `formula` is null or from this library and not freed; `sink` is null or points to a struct of the size that it
/// states; `budget` is null or from anser_budget_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_write_opb_sink(
    formula: *const anser_formula,
    sink: *const anser_sink,
    budget: *const anser_budget,
) -> anser_status {
    guard("anser_formula_write_opb_sink", || {
        // SAFETY: passed on.
        let (writer, formula, budget) =
            unsafe { (host_writer(sink)?, handle::read(formula, "formula")?, arm(budget)?) };
        let written = opb::write(&formula, writer, &budget);
        check_exception()?;
        Ok(written?)
    })
}

/// As anser_formula_write_opb, uncompressed, into memory, with a terminating NUL.
///
/// @param buffer room for the text; may be NULL where capacity is 0, to learn the length only.
/// @param capacity bytes in buffer; too few are ANSER_STATUS_BUFFER_TOO_SMALL.
/// @param out_length bytes of the text without the NUL; also written where the buffer is too small. May be NULL.
///
/// # Safety
/// `formula` is null or from this library and not freed; `budget` is null or from anser_budget_new and not freed;
/// `buffer` is null or has `capacity` bytes; `out_length` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_write_opb_memory(
    formula: *const anser_formula,
    budget: *const anser_budget,
    buffer: *mut c_char,
    capacity: usize,
    out_length: *mut usize,
) -> anser_status {
    guard("anser_formula_write_opb_memory", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_length, "out_length")?;
            let formula = handle::read(formula, "formula")?;
            write_text(TextFormat::Opb, &formula, &arm(budget)?, buffer, capacity, &out)
        }
    })
}
