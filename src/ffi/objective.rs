//! What is to become least: the objective of an `anser_formula`, and `anser_solver`'s way to it.

use super::arguments::{Out, fill, room, slice};
use super::budget::arm;
use super::callback::check_exception;
use super::error::Failure;
use super::formula::change;
use super::guard::guard;
use super::handle;
use super::status::anser_status;
use super::{anser_budget, anser_formula, anser_result, anser_solver};
use crate::formula::FormulaError;
use crate::solve::Minimum;

/// Sets what anser_solver_minimize makes least: the sum of the weights of the literals that are true, and the offset. It takes
/// the place of the one before. To make something greatest, negate it. All other calls pass over it; anser_formula_write_opb_file
/// writes it, and formats that have no objective refuse the formula (ANSER_STATUS_UNSUPPORTED).
///
/// Variables that do not exist come into being, as with constraints; a variable may occur several times.
///
/// @param literals,weights of equal length; may be NULL where count is 0.
/// @param weights of any sign; their magnitudes and that of offset add up to at most INT64_MAX
///   (ANSER_STATUS_INVALID_ARGUMENT).
///
/// # Safety
/// `formula` is null or from this library and not freed; `literals` and `weights` are null or point to `count` items.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_set_objective(
    formula: *mut anser_formula,
    literals: *const i32,
    weights: *const i64,
    count: usize,
    offset: i64,
) -> anser_status {
    guard("anser_formula_set_objective", || {
        // SAFETY: passed on.
        unsafe {
            let (literals, weights) = (slice(literals, count, "literals")?, slice(weights, count, "weights")?);
            let mut formula = handle::write(formula, "formula")?;
            change(&mut formula, |f| f.set_objective(literals, weights, offset))
        }
    })
}

/// Takes the objective away.
///
/// # Safety
/// `formula` is null or from this library and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_clear_objective(formula: *mut anser_formula) -> anser_status {
    guard("anser_formula_clear_objective", || {
        // SAFETY: passed on.
        let mut formula = unsafe { handle::write(formula, "formula") }?;
        change(&mut formula, |f| {
            f.clear_objective();
            Ok::<(), FormulaError>(())
        })
    })
}

/// How many literals the objective has, and its offset; whether there is one: 1, else 0, and then the others are 0.
///
/// Variables occur once, so that these may be fewer than were given, and the offset another one.
///
/// @param out_has,out_count,out_offset each may be NULL.
///
/// # Safety
/// `formula` is null or from this library and not freed; the others are null or point to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_has_objective(
    formula: *const anser_formula,
    out_has: *mut i32,
    out_count: *mut usize,
    out_offset: *mut i64,
) -> anser_status {
    guard("anser_formula_has_objective", || {
        // SAFETY: passed on.
        unsafe {
            let (has, count, offset) = (
                Out::optional(out_has, "out_has")?,
                Out::optional(out_count, "out_count")?,
                Out::optional(out_offset, "out_offset")?,
            );
            let formula = handle::read(formula, "formula")?;
            let objective = formula.objective();
            has.set(objective.is_some().into());
            count.set(objective.map_or(0, |o| o.literals().len()));
            offset.set(objective.map_or(0, |o| o.offset()));
        }
        Ok(())
    })
}

/// The literals and weights of the objective, ascending by variable; none where there is no objective.
///
/// @param out_literals,out_weights room for `count` items each, at least as many as anser_formula_has_objective says.
///
/// # Safety
/// `formula` is null or from this library and not freed; the others are null or have room for `count` items.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_get_objective(
    formula: *const anser_formula,
    out_literals: *mut i32,
    out_weights: *mut i64,
    count: usize,
) -> anser_status {
    guard("anser_formula_get_objective", || {
        // SAFETY: passed on.
        unsafe {
            let formula = handle::read(formula, "formula")?;
            let Some(objective) = formula.objective() else { return Ok(()) };
            room(count, objective.literals().len(), "count")?;
            fill(out_literals, objective.literals(), "out_literals")?;
            fill(out_weights, objective.weights(), "out_weights")
        }
    })
}

/// Looks for the model under `assumptions` with the least value of the formula's objective; 0 where it has none.
///
/// ANSER_RESULT_OPTIMUM: no model is better than that of anser_solver_get_model. ANSER_RESULT_SAT: the budget ended the call;
/// that model is the best one so far. ANSER_RESULT_UNSAT and ANSER_RESULT_UNKNOWN as of anser_solver_solve. Each time that a better
/// model or bound is found, the budget's progress function is told (ANSER_PHASE_MINIMIZE); every model has been checked
/// before. By cutting planes (ANSER_BACKEND_AUTO or ANSER_BACKEND_PB; others: ANSER_STATUS_INVALID_STATE). A call that its
/// budget ended begins anew when it is made again, but for what was learned. With a proof of VeriPB nothing can be assumed.
///
/// @param assumptions may be NULL where num_assumptions is 0.
/// @param budget may be NULL.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `assumptions` is null or points to `num_assumptions`
/// literals; `budget` is null or from anser_budget_new and not freed; `out_result` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_minimize(
    solver: *mut anser_solver,
    assumptions: *const i32,
    num_assumptions: usize,
    budget: *const anser_budget,
    out_result: *mut anser_result,
) -> anser_status {
    guard("anser_solver_minimize", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_result, "out_result")?;
            let assumptions = slice(assumptions, num_assumptions, "assumptions")?;
            let budget = arm(budget)?;
            let mut solver = handle::write(solver, "solver")?;
            let minimum = solver.minimize(assumptions, &budget, &mut |_| ());
            check_exception()?;
            out.set(match minimum? {
                Minimum::Optimum => anser_result::ANSER_RESULT_OPTIMUM,
                Minimum::Sat(_) => anser_result::ANSER_RESULT_SAT,
                Minimum::Unsat => anser_result::ANSER_RESULT_UNSAT,
                Minimum::Unknown(_) => anser_result::ANSER_RESULT_UNKNOWN,
            });
        }
        Ok(())
    })
}

/// Sets what anser_solver_minimize makes least from now on, in place of the formula's objective.
///
/// @param literals,weights,offset as of anser_formula_set_objective, but that the variables must exist.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `literals` and `weights` are null or point to `count` items.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_set_objective(
    solver: *mut anser_solver,
    literals: *const i32,
    weights: *const i64,
    count: usize,
    offset: i64,
) -> anser_status {
    guard("anser_solver_set_objective", || {
        // SAFETY: passed on.
        unsafe {
            let (literals, weights) = (slice(literals, count, "literals")?, slice(weights, count, "weights")?);
            Ok(handle::write(solver, "solver")?.set_objective(literals, weights, offset)?)
        }
    })
}

/// What is known of the objective after anser_solver_minimize, until the solver is used otherwise or changed.
///
/// @param out_value the objective of the best model, which is the least where the result was ANSER_RESULT_OPTIMUM; INT64_MAX
///   where there is none. May be NULL.
/// @param out_bound no model is less. May be NULL.
/// @return ANSER_STATUS_INVALID_STATE where there was no such call.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; the others are null or point to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_get_objective(
    solver: *const anser_solver,
    out_value: *mut i64,
    out_bound: *mut i64,
) -> anser_status {
    guard("anser_solver_get_objective", || {
        // SAFETY: passed on.
        unsafe {
            let (value, bound) = (Out::optional(out_value, "out_value")?, Out::optional(out_bound, "out_bound")?);
            let solver = handle::read(solver, "solver")?;
            let Some(bounds) = solver.bounds() else {
                let why = "nothing is known of an objective: anser_solver_minimize was not the last call";
                return Err(Failure::new(anser_status::ANSER_STATUS_INVALID_STATE, why));
            };
            value.set(bounds.value.unwrap_or(i64::MAX));
            bound.set(bounds.bound);
        }
        Ok(())
    })
}
