//! The sampling set of an `anser_formula`.

use super::anser_formula;
use super::arguments::{Out, fill, room, slice};
use super::error::Failure;
use super::formula::change;
use super::guard::guard;
use super::handle;
use super::status::anser_status;

/// Declares the variables whose values make a witness: what samplers, counters and enumeration project on. It takes the
/// place of the one before. Without one, all variables count; an empty one is one all the same, on which all models look
/// alike.
///
/// @param variables each in 1..num_vars, in any order; repetitions are dropped. May be NULL where num_variables is 0.
///
/// # Safety
/// `formula` is null or from this library and not freed; `variables` is null or points to `num_variables` variables.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_set_sampling_set(
    formula: *mut anser_formula,
    variables: *const i32,
    num_variables: usize,
) -> anser_status {
    guard("anser_formula_set_sampling_set", || {
        // SAFETY: passed on; what is negative, and then too large, is refused below.
        let (given, mut formula) = unsafe {
            (slice(variables.cast::<u32>(), num_variables, "variables")?, handle::write(formula, "formula")?)
        };
        let num_vars = formula.num_vars();
        if let Some(index) = given.iter().position(|&v| v == 0 || v > num_vars) {
            let variable = given[index].cast_signed();
            let text = format_args!("argument variables: {variable} at index {index} is not in 1..={num_vars}");
            return Err(Failure::invalid(text).at_index(index));
        }
        change(&mut formula, |f| f.set_sampling_set(Some(given)))
    })
}

/// Takes the sampling set away: all variables count.
///
/// # Safety
/// `formula` is null or from this library and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_clear_sampling_set(formula: *mut anser_formula) -> anser_status {
    guard("anser_formula_clear_sampling_set", || {
        // SAFETY: passed on.
        let mut formula = unsafe { handle::write(formula, "formula") }?;
        change(&mut formula, |f| f.set_sampling_set(None))
    })
}

/// Whether a sampling set was declared: 1, or 0 where all variables count.
///
/// # Safety
/// `formula` is null or from this library and not freed; `out_has` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_has_sampling_set(
    formula: *const anser_formula,
    out_has: *mut i32,
) -> anser_status {
    guard("anser_formula_has_sampling_set", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_has, "out_has")?;
            out.set(handle::read(formula, "formula")?.sampling_set().is_some().into());
        }
        Ok(())
    })
}

/// How many variables the sampling set has; 0 where none was declared.
///
/// # Safety
/// `formula` is null or from this library and not freed; `out_variables` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_num_sampling_set(
    formula: *const anser_formula,
    out_variables: *mut usize,
) -> anser_status {
    guard("anser_formula_num_sampling_set", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_variables, "out_variables")?;
            out.set(handle::read(formula, "formula")?.sampling_set().map_or(0, <[u32]>::len));
        }
        Ok(())
    })
}

/// The variables of the sampling set, ascending; none where none was declared.
///
/// @param out_variables room for at least as many variables as anser_formula_num_sampling_set says.
///
/// # Safety
/// `formula` is null or from this library and not freed; `out_variables` is null or has room for `num_variables`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_get_sampling_set(
    formula: *const anser_formula,
    out_variables: *mut i32,
    num_variables: usize,
) -> anser_status {
    guard("anser_formula_get_sampling_set", || {
        // SAFETY: passed on; a variable is the same as an `i32`.
        unsafe {
            let formula = handle::read(formula, "formula")?;
            let set = formula.sampling_set().unwrap_or_default();
            room(num_variables, set.len(), "num_variables")?;
            fill(out_variables.cast::<u32>(), set, "out_variables")
        }
    })
}
