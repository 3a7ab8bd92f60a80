//! An `anser_formula` as text in any format that formulas are written in.

use std::ffi::c_char;

use super::anser_budget;
use super::anser_formula;
use super::anser_sink;
use super::arguments::{Out, path};
use super::budget::arm;
use super::callback::check_exception;
use super::error::Failure;
use super::formula::write_text;
use super::guard::guard;
use super::handle;
use super::sink::host_writer;
use super::status::anser_status;
use crate::formula::TextFormat;

/// Formats that formulas are written in; the first two are read, too.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_format {
    /// DIMACS CNF, as anser_formula_write_dimacs writes it.
    ANSER_FORMAT_DIMACS = 1,
    /// OPB, as anser_formula_write_opb writes it.
    ANSER_FORMAT_OPB = 2,
    /// SMT-LIB 2.6, for solvers modulo theories: all constraints, integers and reals, without rounding. Variable v is bv and
    /// number n is nn; names stand in comments.
    ANSER_FORMAT_SMT_LIB = 3,
    /// CPLEX LP, for mixed integer programming: see anser_formula_write.
    ANSER_FORMAT_LP = 4,
    /// Free MPS, for mixed integer programming: see anser_formula_write.
    ANSER_FORMAT_MPS = 5,
}

fn format(code: i32) -> Result<TextFormat, Failure> {
    use anser_format::*;
    let all = [
        (ANSER_FORMAT_DIMACS, TextFormat::Dimacs),
        (ANSER_FORMAT_OPB, TextFormat::Opb),
        (ANSER_FORMAT_SMT_LIB, TextFormat::SmtLib),
        (ANSER_FORMAT_LP, TextFormat::Lp),
        (ANSER_FORMAT_MPS, TextFormat::Mps),
    ];
    let found = all.into_iter().find(|(known, _)| *known as i32 == code);
    found
        .map(|(_, format)| format)
        .ok_or_else(|| Failure::invalid(format_args!("argument format: {code} is no anser_format")))
}

/// Writes the formula to a file in one of anser_format, compressed where its name ends in .gz or .xz. The file appears under
/// its name only when it is whole.
///
/// LP and MPS say the formula, and not a relaxation of it: every constraint becomes rows over variables in 0..1, numbers, and
/// helpers, conditions become rows that are switched off (big-M, from the numbers' bounds). Variables keep names that the
/// formats take, letters, digits, `_` and `.`; variable v is bv else, and its name stands in a comment; number n is nn, the row
/// of the constraint with id i is ci, or ci and ci_. Digits read back as the same doubles. Strict inequalities over integers are
/// said without being strict; over reals they are ANSER_STATUS_UNSUPPORTED, and so is what would have to be rounded (a weight
/// beyond 2^53, say), with the id of the first such constraint in anser_last_error_index. What DIMACS and OPB cannot say is as
/// in anser_formula_write_dimacs and anser_formula_write_opb.
///
/// @param format one of anser_format.
/// @param budget ends the call with ANSER_STATUS_STOPPED; its memory limit bounds what is held beside the formula, for LP and
///   MPS all rows. May be NULL.
///
/// # Safety
/// `formula` is null or from this library and not freed; `path` is null or a C string; `budget` is null or from
/// anser_budget_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_write(
    formula: *const anser_formula,
    format: i32,
    path: *const c_char,
    budget: *const anser_budget,
) -> anser_status {
    guard("anser_formula_write", || {
        // SAFETY: passed on.
        let (format, path, formula, budget) = unsafe {
            (self::format(format)?, self::path(path, "path")?, handle::read(formula, "formula")?, arm(budget)?)
        };
        let written = format.write_file(&formula, path, &budget);
        check_exception()?;
        Ok(written?)
    })
}

/// As anser_formula_write, uncompressed, into a host's function. The sink is let go of before this returns.
///
/// # Safety
/// `formula` is null or from this library and not freed; `sink` is null or points to a struct of the size that it
/// states; `budget` is null or from anser_budget_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_write_sink(
    formula: *const anser_formula,
    format: i32,
    sink: *const anser_sink,
    budget: *const anser_budget,
) -> anser_status {
    guard("anser_formula_write_sink", || {
        // SAFETY: passed on. The sink first: it is let go of also where something else is wrong.
        let (writer, format, formula, budget) =
            unsafe { (host_writer(sink)?, self::format(format)?, handle::read(formula, "formula")?, arm(budget)?) };
        let written = format.write(&formula, writer, &budget);
        check_exception()?;
        Ok(written?)
    })
}

/// As anser_formula_write, uncompressed, into memory, with a terminating NUL.
///
/// @param buffer room for the text; may be NULL where capacity is 0, to learn the length only.
/// @param capacity bytes in buffer; too few are ANSER_STATUS_BUFFER_TOO_SMALL.
/// @param out_length bytes of the text without the NUL; also written where the buffer is too small. May be NULL.
///
/// # Safety
/// `formula` is null or from this library and not freed; `budget` is null or from anser_budget_new and not freed;
/// `buffer` is null or has `capacity` bytes; `out_length` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_write_memory(
    formula: *const anser_formula,
    format: i32,
    budget: *const anser_budget,
    buffer: *mut c_char,
    capacity: usize,
    out_length: *mut usize,
) -> anser_status {
    guard("anser_formula_write_memory", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_length, "out_length")?;
            let format = self::format(format)?;
            let formula = handle::read(formula, "formula")?;
            write_text(format, &formula, &arm(budget)?, buffer, capacity, &out)
        }
    })
}
