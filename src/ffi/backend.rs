//! How an `anser_solver` handles constraints that are no clauses, and such constraints added to it.

use std::ffi::c_char;
use std::sync::Arc;

use super::arguments::{Out, constructed, fill, room, slice};
use super::budget::arm;
use super::callback::check_exception;
use super::constraints::{conditions, parities};
use super::error::Failure;
use super::formula::{copy_text, offsets_of};
use super::guard::guard;
use super::handle;
use super::numbers::integer_domains;
use super::status::anser_status;
use super::{anser_budget, anser_formula, anser_solver};
use crate::error::OutOfMemory;
use crate::formula::cnf;
use crate::solve::Backend;

/// How constraints that are no clauses are handled.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_backend {
    /// As the constraints and what else is asked for suggest. Where there are cardinality or pseudo-Boolean constraints, and no
    /// options, proof and propagators of the host, cutting planes have every other turn once clause learning has taken long
    /// (500 conflicts, then twice as many each time).
    ANSER_BACKEND_AUTO = 0,
    /// By propagators in the search: parities by Gauss-Jordan elimination (Han and Jiang, CAV 2012), cardinality and
    /// pseudo-Boolean constraints by counters. Integers become order literals up to 4096 values, bits above. A proof
    /// cannot be written.
    ANSER_BACKEND_NATIVE = 1,
    /// As clauses: those of anser_formula_encode. A proof is about these.
    ANSER_BACKEND_ENCODE = 2,
    /// The whole formula by Z3 (satisfiability modulo theories), reals included; ANSER_STATUS_BACKEND_UNAVAILABLE where
    /// this library was built without it. It has no options, proofs, phases, propagators and enumeration. Z3 runs on a
    /// thread of its own during each solve, callbacks stay on the calling one.
    ANSER_BACKEND_Z3 = 3,
    /// The whole formula as a mixed integer program, reals included, by branch and bound over linear programs that HiGHS
    /// solves; ANSER_STATUS_BACKEND_UNAVAILABLE where this library was built without it. What HiGHS computes is checked
    /// before anything follows from it; where neither a model nor a refutation can be checked, the result is unknown. It
    /// has no options, proofs, phases, propagators and enumeration. Every part that it looks at counts as a conflict.
    /// Weights and bounds of pseudo-Boolean constraints have to be doubles (ANSER_STATUS_UNSUPPORTED).
    ANSER_BACKEND_MILP = 4,
    /// The whole formula by cutting planes (Elffers and Nordstroem, IJCAI 2018): conflicts are traced back to inequalities over
    /// literals in place of clauses, which is far stronger where constraints are sums, as in binarized networks and counting
    /// arguments. Clauses of two literals that say together that at most one of many holds are found and become one sum. It
    /// has no options, proofs, propagators and enumeration.
    ANSER_BACKEND_PB = 5,
}

pub(super) fn backend(code: i32) -> Result<Backend, Failure> {
    match code {
        0 => Ok(Backend::Auto),
        1 => Ok(Backend::Native),
        2 => Ok(Backend::Encode),
        3 => Ok(Backend::Z3),
        4 => Ok(Backend::Milp),
        5 => Ok(Backend::Pb),
        _ => Err(Failure::invalid(format_args!("argument backend: {code} is no anser_backend"))),
    }
}

/// Says how constraints that are no clauses are handled, before the first solve; ANSER_BACKEND_AUTO if it is not said.
///
/// @param backend one of anser_backend.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_set_backend(solver: *mut anser_solver, backend: i32) -> anser_status {
    guard("anser_solver_set_backend", || {
        let backend = self::backend(backend)?;
        // SAFETY: passed on.
        Ok(unsafe { handle::write(solver, "solver") }?.set_backend(backend)?)
    })
}

/// What was chosen when the first solve began: whether parities, and whether cardinality and pseudo-Boolean constraints,
/// are handled natively (1) or encoded (0). Before the first solve ANSER_STATUS_INVALID_STATE.
///
/// @param out_why a text that says why, valid until the solver is freed. May be NULL.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; the others are null or point to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_get_backend(
    solver: *const anser_solver,
    out_native_xors: *mut i32,
    out_native_sums: *mut i32,
    out_why: *mut *const c_char,
) -> anser_status {
    guard("anser_solver_get_backend", || {
        // SAFETY: passed on.
        unsafe {
            let xors = Out::optional(out_native_xors, "out_native_xors")?;
            let sums = Out::optional(out_native_sums, "out_native_sums")?;
            let why = Out::optional(out_why, "out_why")?;
            let solver = handle::read(solver, "solver")?;
            let choice = solver.choice().ok_or_else(|| Failure::state("nothing was solved yet"))?;
            xors.set(choice.native_xors.into());
            sums.set(choice.native_sums.into());
            why.set(choice.why_in_c.as_ptr());
        }
        Ok(())
    })
}

/// A formula of clauses that says the same: the clauses of `formula` in their order, then those that its integers and its
/// other constraints became. Variables 1..n are those of `formula`, the auxiliary ones follow. Every model of `formula`
/// extends to one of the result, and every model of the result is one of `formula`. It has the names of `formula`; its
/// sampling set is that of `formula`, or where that has none, its variables. Reals are beyond it
/// (ANSER_STATUS_UNSUPPORTED). Free it with anser_formula_free.
///
/// @param budget limits time and memory; may be NULL.
///
/// # Safety
/// `formula` is null or from this library and not freed; `budget` is null or from anser_budget_new and not freed;
/// `out_encoded` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_encode(
    formula: *const anser_formula,
    budget: *const anser_budget,
    out_encoded: *mut *mut anser_formula,
) -> anser_status {
    guard("anser_formula_encode", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_encoded, "out_encoded")?;
            let budget = arm(budget)?;
            let formula = Arc::clone(&*handle::read(formula, "formula")?);
            let encoded = cnf::encode(&formula, &cnf::Options::default(), &budget);
            check_exception()?;
            out.set(handle::create(Arc::new(encoded?.into_formula()))?);
        }
        Ok(())
    })
}

/// How many constraints the solver has, of all kinds: those of its formula, and those added since.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `out_constraints` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_num_constraints(
    solver: *const anser_solver,
    out_constraints: *mut u64,
) -> anser_status {
    guard("anser_solver_num_constraints", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_constraints, "out_constraints")?;
            out.set(handle::read(solver, "solver")?.num_constraints());
        }
        Ok(())
    })
}

/// Adds many parities to the solver, all or none; its formula stays as it was. Forgets the model or core. See
/// anser_formula_add_xors.
///
/// # Safety
/// As for anser_formula_add_xors.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_add_xors(
    solver: *mut anser_solver,
    literals: *const i32,
    num_literals: usize,
    offsets: *const usize,
    rhs: *const u8,
    num_xors: usize,
    out_first_id: *mut u64,
) -> anser_status {
    guard("anser_solver_add_xors", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_first_id, "out_first_id")?;
            let literals = slice(literals, num_literals, "literals")?;
            let offsets = slice(offsets, offsets_of(num_xors, "num_xors")?, "offsets")?;
            let rhs = parities(rhs, num_xors)?;
            out.set(handle::write(solver, "solver")?.add_xors(literals, offsets, rhs)?.0);
        }
        Ok(())
    })
}

/// Adds many cardinality constraints to the solver, all or none; its formula stays as it was. Forgets the model or core.
/// See anser_formula_add_cardinalities.
///
/// # Safety
/// As for anser_formula_add_cardinalities.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_add_cardinalities(
    solver: *mut anser_solver,
    literals: *const i32,
    num_literals: usize,
    offsets: *const usize,
    bounds: *const i64,
    conditions: *const i32,
    condition_literals: *const i32,
    num_constraints: usize,
    out_first_id: *mut u64,
) -> anser_status {
    guard("anser_solver_add_cardinalities", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_first_id, "out_first_id")?;
            let literals = slice(literals, num_literals, "literals")?;
            let offsets = slice(offsets, offsets_of(num_constraints, "num_constraints")?, "offsets")?;
            let bounds = slice(bounds, num_constraints, "bounds")?;
            let conditions = self::conditions(conditions, condition_literals, num_constraints)?;
            let mut solver = handle::write(solver, "solver")?;
            out.set(solver.add_cardinalities(literals, offsets, bounds, &conditions)?.0);
        }
        Ok(())
    })
}

/// Adds many pseudo-Boolean constraints to the solver, all or none; its formula stays as it was. Forgets the model or
/// core. See anser_formula_add_pseudo_booleans.
///
/// # Safety
/// As for anser_formula_add_pseudo_booleans.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_add_pseudo_booleans(
    solver: *mut anser_solver,
    literals: *const i32,
    weights: *const i64,
    num_literals: usize,
    offsets: *const usize,
    bounds: *const i64,
    conditions: *const i32,
    condition_literals: *const i32,
    num_constraints: usize,
    out_first_id: *mut u64,
) -> anser_status {
    guard("anser_solver_add_pseudo_booleans", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_first_id, "out_first_id")?;
            let weights = slice(weights, num_literals, "weights")?;
            let literals = slice(literals, num_literals, "literals")?;
            let offsets = slice(offsets, offsets_of(num_constraints, "num_constraints")?, "offsets")?;
            let bounds = slice(bounds, num_constraints, "bounds")?;
            let conditions = self::conditions(conditions, condition_literals, num_constraints)?;
            let mut solver = handle::write(solver, "solver")?;
            out.set(solver.add_pseudo_booleans(literals, weights, offsets, bounds, &conditions)?.0);
        }
        Ok(())
    })
}

/// Adds all constraints of another formula to the solver, all or none; both formulas stay as they were. Variables and
/// numbers are meant by their number: those that the solver does not have come into being. Numbers that it has must have
/// the same domain there, or the addition has fewer. Forgets the model or core.
///
/// @param out_first_id the id of the first constraint; the others follow it. May be NULL.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `addition` is null or from this library and not freed;
/// `out_first_id` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_add_formula(
    solver: *mut anser_solver,
    addition: *const anser_formula,
    out_first_id: *mut u64,
) -> anser_status {
    guard("anser_solver_add_formula", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_first_id, "out_first_id")?;
            let addition = handle::read(addition, "addition")?;
            out.set(handle::write(solver, "solver")?.add_formula(&addition)?.0);
        }
        Ok(())
    })
}

/// Fresh integers of the solver: number i has the values `min[i]` to `max[i]`. Forgets the model or core. See
/// anser_formula_new_integers.
///
/// # Safety
/// As for anser_formula_new_integers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_new_integers(
    solver: *mut anser_solver,
    min: *const i64,
    max: *const i64,
    count: usize,
    out_first: *mut u32,
) -> anser_status {
    guard("anser_solver_new_integers", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_first, "out_first")?;
            let domains = integer_domains(min, max, count)?;
            out.set(handle::write(solver, "solver")?.new_numbers(&domains)?);
        }
        Ok(())
    })
}

/// How many integers and reals the solver has: those of its formula, and those added since.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `out_numbers` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_num_numbers(solver: *const anser_solver, out_numbers: *mut u32) -> anser_status {
    guard("anser_solver_num_numbers", || {
        // SAFETY: passed on.
        unsafe { Out::needed(out_numbers, "out_numbers")?.set(handle::read(solver, "solver")?.num_numbers()) };
        Ok(())
    })
}

/// After ANSER_RESULT_SAT the values of all numbers: `out_values[i]` is that of number i. Integers are exact;
/// a real (ANSER_BACKEND_Z3, ANSER_BACKEND_MILP) is the double nearest to its value, which is rational and was checked exactly.
///
/// @param num_values at least what anser_solver_num_numbers says.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `out_values` is null or has room for `num_values`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_get_numbers(
    solver: *const anser_solver,
    out_values: *mut f64,
    num_values: usize,
) -> anser_status {
    guard("anser_solver_get_numbers", || {
        // SAFETY: passed on.
        unsafe {
            let solver = handle::read(solver, "solver")?;
            let numbers = solver.numbers()?;
            room(num_values, numbers.len(), "num_values")?;
            fill(out_values, numbers, "out_values")
        }
    })
}

/// After ANSER_RESULT_SAT the exact values of some numbers, as text: whole numbers like `-3`, fractions in lowest terms
/// like `1/3`, one space between two, a terminating NUL. These are the values that were checked.
///
/// @param numbers which: each less than anser_solver_num_numbers says. May be NULL where num_numbers is 0.
/// @param buffer room for the text; may be NULL where capacity is 0, to learn the length only.
/// @param capacity bytes in buffer; too few are ANSER_STATUS_BUFFER_TOO_SMALL.
/// @param out_length bytes of the text without the NUL; also written where the buffer is too small. May be NULL.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `numbers` is null or points to `num_numbers` numbers;
/// `buffer` is null or has `capacity` bytes; `out_length` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_get_exact_numbers(
    solver: *const anser_solver,
    numbers: *const u32,
    num_numbers: usize,
    buffer: *mut c_char,
    capacity: usize,
    out_length: *mut usize,
) -> anser_status {
    guard("anser_solver_get_exact_numbers", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_length, "out_length")?;
            let numbers = slice(numbers, num_numbers, "numbers")?;
            let solver = handle::read(solver, "solver")?;
            let values = solver.exact_numbers()?;
            let mut text = String::new();
            for (index, &number) in numbers.iter().enumerate() {
                let Some(value) = values.get(number as usize) else {
                    let count = values.len();
                    let text = format_args!("argument numbers: there is no number {number}, there are {count}");
                    return Err(Failure::invalid(text).at_index(index));
                };
                let value = value.to_string();
                let more = value.len() + 1;
                text.try_reserve(more).map_err(|_| OutOfMemory::Allocator { bytes: more as u64 })?;
                if index > 0 {
                    text.push(' ');
                }
                text.push_str(&value);
            }
            copy_text(text.as_bytes(), buffer, capacity, &out)
        }
    })
}
