//! `anser_disjuncts`: the canonical form of a property, one disjunct after the other.

use std::mem::offset_of;
use std::sync::Arc;

use super::anser_budget;
use super::anser_halfspaces;
use super::anser_property;
use super::arguments::{Out, check_array, constructed, fill, room, slice};
use super::budget::arm;
use super::callback::check_exception;
use super::constraints::reserved;
use super::error::Failure;
use super::floats::Standard;
use super::guard::{guard, guard_free};
use super::handle::{self, Handle, opaque, shared};
use super::status::anser_status;
use super::structs::{read_struct, write_struct};
use crate::verify::canonical::{Disjunct, Disjuncts, Options};

/// How the canonical form is made. Begin with ANSER_DISJUNCTS_OPTIONS_INIT.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_disjuncts_options {
    /// sizeof(anser_disjuncts_options).
    pub struct_size: usize,
    /// The most disjuncts that are told; one more is ANSER_STATUS_UNSUPPORTED. 0 is taken as 2^20.
    pub limit: u64,
    /// 1 where disjuncts without a point that only linear programming would find out are told as well; 0 where they are
    /// dropped.
    pub without_lp: i32,
    /// Zero.
    pub reserved: i32,
}

const _: () = assert!(size_of::<anser_disjuncts_options>() == 24);

/// What was done so far. Begin with ANSER_DISJUNCTS_STATISTICS_INIT.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_disjuncts_statistics {
    /// sizeof(anser_disjuncts_statistics), set by the host.
    pub struct_size: usize,
    /// Alternatives that were entered.
    pub nodes: u64,
    /// Disjuncts that were told.
    pub produced: u64,
    /// Alternatives that contradicted the bounds; each stands for all disjuncts that it would have led to.
    pub dropped_by_interval: u64,
    /// Disjuncts without a point that only linear programming found out.
    pub dropped_by_lp: u64,
}

const _: () = assert!(offset_of!(anser_disjuncts_statistics, dropped_by_lp) == 32);

/// The canonical form of a property: a disjunction, each part of which is a box of inputs and halfspaces over outputs (or
/// over inputs and outputs, see anser_disjuncts_rows_have_inputs). It may be exponentially long, so it is told one part at a
/// time, and what contradicts itself is left out. The property holds at a point if and only if some disjunct does.
///
/// The order of calls: anser_disjuncts_next, and where it found one, what reads it; then the next. Reading where there is
/// none, before the first and after the last, is ANSER_STATUS_INVALID_STATE. The same property and options give the same
/// disjuncts in the same order.
#[derive(Debug)]
pub struct anser_disjuncts(Handle<DisjunctsState>);

opaque!(anser_disjuncts, DisjunctsState, bound_to_process: false);
const _: () = shared::<DisjunctsState>();

/// What a handle holds.
pub struct DisjunctsState {
    disjuncts: Disjuncts,
    current: Option<Disjunct>,
}

impl std::fmt::Debug for DisjunctsState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DisjunctsState").field("current", &self.current).finish_non_exhaustive()
    }
}

impl DisjunctsState {
    fn current(&self) -> Result<&Disjunct, Failure> {
        let none = || Failure::state("there is no disjunct: anser_disjuncts_next must have found one");
        self.current.as_ref().ok_or_else(none)
    }
}

/// An iterator over the disjuncts of `property` as it is now: later changes do not reach it. It stands before the first. Free
/// it with anser_disjuncts_free.
///
/// @param options begin with ANSER_DISJUNCTS_OPTIONS_INIT. NULL for the defaults.
///
/// # Safety
/// `property` is null or from this library and not freed; `options` is null or points to a struct of the size that it
/// states; `out_disjuncts` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_disjuncts_new(
    property: *const anser_property,
    options: *const anser_disjuncts_options,
    out_disjuncts: *mut *mut anser_disjuncts,
) -> anser_status {
    guard("anser_disjuncts_new", || {
        // SAFETY: passed on; the struct is plain data.
        unsafe {
            let out = constructed(out_disjuncts, "out_disjuncts")?;
            let options = read_options(options)?;
            let property = Arc::clone(&handle::read(property, "property")?.property);
            let _standard = Standard::enter();
            let disjuncts = Disjuncts::new(property, &options)?;
            out.set(handle::create(DisjunctsState { disjuncts, current: None })?);
        }
        Ok(())
    })
}

/// # Safety
/// `options` is null or points to a struct of the size that it states.
unsafe fn read_options(options: *const anser_disjuncts_options) -> Result<Options, Failure> {
    if options.is_null() {
        return Ok(Options::default());
    }
    // SAFETY: passed on; the struct is plain data.
    let given = unsafe { read_struct(options, size_of::<anser_disjuncts_options>(), "options") }?;
    let limit = if given.limit == 0 { Options::default().limit } else { given.limit };
    match given.without_lp {
        0 => Ok(Options { limit, lp: true }),
        1 => Ok(Options { limit, lp: false }),
        other => Err(Failure::invalid(format_args!("argument options.without_lp: {other} is neither 0 nor 1"))),
    }
}

/// Frees an iterator; NULL is ignored.
///
/// # Safety
/// `disjuncts` is null or from anser_disjuncts_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_disjuncts_free(disjuncts: *mut anser_disjuncts) {
    // SAFETY: passed on.
    guard_free(|| unsafe { handle::free(disjuncts) });
}

/// How many inputs the property has.
///
/// # Safety
/// `disjuncts` is null or from anser_disjuncts_new and not freed; `out_inputs` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_disjuncts_num_inputs(
    disjuncts: *const anser_disjuncts,
    out_inputs: *mut usize,
) -> anser_status {
    guard("anser_disjuncts_num_inputs", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_inputs, "out_inputs")?;
            out.set(handle::read(disjuncts, "disjuncts")?.disjuncts.property().num_inputs());
        }
        Ok(())
    })
}

/// How many outputs the property has.
///
/// # Safety
/// `disjuncts` is null or from anser_disjuncts_new and not freed; `out_outputs` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_disjuncts_num_outputs(
    disjuncts: *const anser_disjuncts,
    out_outputs: *mut usize,
) -> anser_status {
    guard("anser_disjuncts_num_outputs", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_outputs, "out_outputs")?;
            out.set(handle::read(disjuncts, "disjuncts")?.disjuncts.property().num_outputs());
        }
        Ok(())
    })
}

/// Goes to the next disjunct. An input without a bound on both sides is ANSER_STATUS_UNSUPPORTED with the input in
/// anser_last_error_index: there is no box then. After an error there is no disjunct to read; a call that the budget ended
/// can be made again and goes on.
///
/// @param budget ends the call with ANSER_STATUS_STOPPED. May be NULL.
/// @param out_found 1 where there is one more, 0 after the last.
///
/// # Safety
/// `disjuncts` is null or from anser_disjuncts_new and not freed; `budget` is null or from anser_budget_new and not freed;
/// `out_found` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_disjuncts_next(
    disjuncts: *mut anser_disjuncts,
    budget: *const anser_budget,
    out_found: *mut i32,
) -> anser_status {
    guard("anser_disjuncts_next", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_found, "out_found")?;
            let budget = arm(budget)?;
            let mut state = handle::write(disjuncts, "disjuncts")?;
            let _standard = Standard::enter();
            state.current = None;
            let next = state.disjuncts.next(&budget);
            check_exception()?;
            state.current = next?;
            out.set(state.current.is_some().into());
        }
        Ok(())
    })
}

/// Whether the assertions contradict each other whatever the choices, as a box whose bounds cross does, and for which
/// variable. Known once anser_disjuncts_next found no disjunct.
///
/// @param out_variable the first variable met that nothing is left for: inputs from 0 up, then outputs; SIZE_MAX where there
///   is none.
///
/// # Safety
/// `disjuncts` is null or from anser_disjuncts_new and not freed; `out_variable` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_disjuncts_get_contradiction(
    disjuncts: *const anser_disjuncts,
    out_variable: *mut usize,
) -> anser_status {
    guard("anser_disjuncts_get_contradiction", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_variable, "out_variable")?;
            let state = handle::read(disjuncts, "disjuncts")?;
            out.set(state.disjuncts.contradiction().map_or(usize::MAX, |(column, _)| column));
        }
        Ok(())
    })
}

/// The box of the disjunct: what each input lies between, both ends included.
///
/// @param out_lower the least values.
/// @param out_upper the greatest values.
/// @param num_inputs the room in each array: at least what anser_disjuncts_num_inputs says.
///
/// # Safety
/// `disjuncts` is null or from anser_disjuncts_new and not freed; the arrays are null or have room for `num_inputs`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_disjuncts_get_box(
    disjuncts: *const anser_disjuncts,
    out_lower: *mut f64,
    out_upper: *mut f64,
    num_inputs: usize,
) -> anser_status {
    guard("anser_disjuncts_get_box", || {
        // SAFETY: passed on.
        unsafe {
            let state = handle::read(disjuncts, "disjuncts")?;
            let disjunct = state.current()?;
            room(num_inputs, disjunct.num_inputs(), "num_inputs")?;
            check_array(out_lower, disjunct.num_inputs(), "out_lower")?;
            check_array(out_upper, disjunct.num_inputs(), "out_upper")?;
            fill(out_lower, &disjunct.lower, "out_lower")?;
            fill(out_upper, &disjunct.upper, "out_upper")
        }
    })
}

/// How many halfspaces the disjunct has.
///
/// # Safety
/// `disjuncts` is null or from anser_disjuncts_new and not freed; `out_rows` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_disjuncts_num_rows(
    disjuncts: *const anser_disjuncts,
    out_rows: *mut usize,
) -> anser_status {
    guard("anser_disjuncts_num_rows", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_rows, "out_rows")?;
            out.set(handle::read(disjuncts, "disjuncts")?.current()?.num_rows());
        }
        Ok(())
    })
}

/// The halfspaces of the disjunct as a dense matrix over the outputs: A y at most b, or less where strict. Where
/// anser_disjuncts_rows_have_inputs says so, anser_disjuncts_get_input_coefficients has what the inputs add to A y.
///
/// @param out_coefficients A, row after row: what anser_disjuncts_num_rows says times the number of outputs.
/// @param num_coefficients the room in out_coefficients.
/// @param out_bounds b: one a row.
/// @param out_strict 1 where the bound itself is excluded, else 0: one a row. May be NULL.
/// @param num_rows the room in out_bounds and out_strict: at least what anser_disjuncts_num_rows says.
///
/// # Safety
/// `disjuncts` is null or from anser_disjuncts_new and not freed; the arrays are null or have the room that is stated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_disjuncts_get_rows(
    disjuncts: *const anser_disjuncts,
    out_coefficients: *mut f64,
    num_coefficients: usize,
    out_bounds: *mut f64,
    out_strict: *mut u8,
    num_rows: usize,
) -> anser_status {
    guard("anser_disjuncts_get_rows", || {
        // SAFETY: passed on.
        unsafe {
            let state = handle::read(disjuncts, "disjuncts")?;
            let disjunct = state.current()?;
            let rows = disjunct.rows();
            let matrix = dense(disjunct, disjunct.num_inputs(), disjunct.num_outputs())?;
            room(num_coefficients, matrix.len(), "num_coefficients")?;
            room(num_rows, rows.bounds.len(), "num_rows")?;
            if rows.bounds.is_empty() {
                return Ok(());
            }
            check_array(out_coefficients, matrix.len(), "out_coefficients")?;
            check_array(out_bounds, rows.bounds.len(), "out_bounds")?;
            fill(out_coefficients, &matrix, "out_coefficients")?;
            fill(out_bounds, rows.bounds, "out_bounds")?;
            if out_strict.is_null() { Ok(()) } else { fill(out_strict.cast(), rows.strict, "out_strict") }
        }
    })
}

/// The coefficients of `count` columns from `first` on, in all rows.
fn dense(disjunct: &Disjunct, first: usize, count: usize) -> Result<Vec<f64>, Failure> {
    let rows = disjunct.rows();
    let items = rows.bounds.len().saturating_mul(count);
    let mut matrix = reserved(items)?;
    matrix.resize(items, 0.0);
    for (row, ends) in rows.offsets.windows(2).enumerate() {
        for k in ends[0]..ends[1] {
            if let Some(column) = (rows.columns[k] as usize).checked_sub(first).filter(|&c| c < count) {
                matrix[row * count + column] = rows.coefficients[k];
            }
        }
    }
    Ok(matrix)
}

/// Whether a halfspace of the disjunct speaks of inputs.
///
/// @param out_have 1 where one does, else 0.
///
/// # Safety
/// `disjuncts` is null or from anser_disjuncts_new and not freed; `out_have` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_disjuncts_rows_have_inputs(
    disjuncts: *const anser_disjuncts,
    out_have: *mut i32,
) -> anser_status {
    guard("anser_disjuncts_rows_have_inputs", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_have, "out_have")?;
            out.set(handle::read(disjuncts, "disjuncts")?.current()?.rows_have_inputs().into());
        }
        Ok(())
    })
}

/// The coefficients of the inputs in the halfspaces of the disjunct, as a dense matrix; all 0 where no halfspace speaks of
/// inputs.
///
/// @param out_coefficients row after row: what anser_disjuncts_num_rows says times the number of inputs.
/// @param num_coefficients the room in it.
///
/// # Safety
/// `disjuncts` is null or from anser_disjuncts_new and not freed; `out_coefficients` is null or has that room.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_disjuncts_get_input_coefficients(
    disjuncts: *const anser_disjuncts,
    out_coefficients: *mut f64,
    num_coefficients: usize,
) -> anser_status {
    guard("anser_disjuncts_get_input_coefficients", || {
        // SAFETY: passed on.
        unsafe {
            let state = handle::read(disjuncts, "disjuncts")?;
            let disjunct = state.current()?;
            let matrix = dense(disjunct, 0, disjunct.num_inputs())?;
            room(num_coefficients, matrix.len(), "num_coefficients")?;
            fill(out_coefficients, &matrix, "out_coefficients")
        }
    })
}

/// The halfspaces of the disjunct in the form in which anser_property_add_assertion takes them, without a copy.
///
/// @param out_rows begin with ANSER_HALFSPACES_INIT. Its arrays are borrowed: valid until the next anser_disjuncts_next or
///   anser_disjuncts_free.
///
/// # Safety
/// `disjuncts` is null or from anser_disjuncts_new and not freed; `out_rows` is null or points to a struct of the size that
/// it states.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_disjuncts_get_halfspaces(
    disjuncts: *const anser_disjuncts,
    out_rows: *mut anser_halfspaces,
) -> anser_status {
    guard("anser_disjuncts_get_halfspaces", || {
        // SAFETY: passed on; a `bool` is a byte that is 0 or 1.
        unsafe {
            let state = handle::read(disjuncts, "disjuncts")?;
            let rows = state.current()?.rows();
            let value = anser_halfspaces {
                struct_size: size_of::<anser_halfspaces>(),
                num_rows: rows.bounds.len(),
                columns: rows.columns.as_ptr(),
                coefficients: rows.coefficients.as_ptr(),
                num_terms: rows.columns.len(),
                offsets: rows.offsets.as_ptr(),
                bounds: rows.bounds.as_ptr(),
                strict: rows.strict.as_ptr().cast(),
            };
            write_struct(out_rows, &value, size_of::<anser_halfspaces>(), "out_rows")
        }
    })
}

/// Whether the points of the disjunct are exactly those of its part of the property. Otherwise there may be a few more, by
/// the rounding of a bound; no point is ever lost. anser_property_check is exact in either case.
///
/// @param out_exact 1 where they are, else 0.
///
/// # Safety
/// `disjuncts` is null or from anser_disjuncts_new and not freed; `out_exact` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_disjuncts_is_exact(
    disjuncts: *const anser_disjuncts,
    out_exact: *mut i32,
) -> anser_status {
    guard("anser_disjuncts_is_exact", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_exact, "out_exact")?;
            out.set(handle::read(disjuncts, "disjuncts")?.current()?.exact().into());
        }
        Ok(())
    })
}

/// Whether a point, which must be finite, lies in the box of the disjunct and in all its halfspaces: nothing is rounded.
///
/// @param x the inputs.
/// @param num_inputs what anser_property_num_inputs says, exactly.
/// @param y the outputs.
/// @param num_outputs what anser_property_num_outputs says, exactly.
/// @param out_inside 1 where it does, else 0.
///
/// # Safety
/// `disjuncts` is null or from anser_disjuncts_new and not freed; the arrays are null or as long as stated; `out_inside` is
/// null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_disjuncts_contains(
    disjuncts: *const anser_disjuncts,
    x: *const f64,
    num_inputs: usize,
    y: *const f64,
    num_outputs: usize,
    out_inside: *mut i32,
) -> anser_status {
    guard("anser_disjuncts_contains", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_inside, "out_inside")?;
            let state = handle::read(disjuncts, "disjuncts")?;
            let disjunct = state.current()?;
            let (x, y) = (slice(x, num_inputs, "x")?, slice(y, num_outputs, "y")?);
            let _standard = Standard::enter();
            out.set(disjunct.contains(x, y)?.into());
        }
        Ok(())
    })
}

/// What was done so far, for all disjuncts.
///
/// @param out_statistics begin with ANSER_DISJUNCTS_STATISTICS_INIT.
///
/// # Safety
/// `disjuncts` is null or from anser_disjuncts_new and not freed; `out_statistics` is null or points to a struct of the
/// size that it states.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_disjuncts_get_statistics(
    disjuncts: *const anser_disjuncts,
    out_statistics: *mut anser_disjuncts_statistics,
) -> anser_status {
    guard("anser_disjuncts_get_statistics", || {
        // SAFETY: passed on.
        unsafe {
            let counts = handle::read(disjuncts, "disjuncts")?.disjuncts.statistics();
            let size = size_of::<anser_disjuncts_statistics>();
            let value = anser_disjuncts_statistics {
                struct_size: size,
                nodes: counts.nodes,
                produced: counts.produced,
                dropped_by_interval: counts.dropped_by_interval,
                dropped_by_lp: counts.dropped_by_lp,
            };
            write_struct(out_statistics, &value, size, "out_statistics")
        }
    })
}
