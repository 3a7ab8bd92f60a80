//! `anser_enumerator`: the models of a formula, one after the other.

use std::ffi::{c_char, c_void};
use std::ops::ControlFlow;
use std::sync::Arc;

use super::arguments::{Out, check_array, constructed, fill, room, slice, text};
use super::backend::backend;
use super::budget::arm;
use super::callback::{UserData, check_exception};
use super::error::Failure;
use super::guard::{guard, guard_free};
use super::handle::{self, Handle, opaque};
use super::status::anser_status;
use super::structs::read_struct;
use super::{anser_budget, anser_formula, anser_stop_reason, stop_reason};
use crate::budget::Stop;
use crate::solve::{End, Enumerator, Step};

/// How a call that looks for models ended.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_enumeration {
    /// The budget ended it: see anser_enumerator_get_stop_reason. The next call goes on.
    ANSER_ENUMERATION_UNKNOWN = 0,
    /// One more model, or as many as were asked for. There may be more.
    ANSER_ENUMERATION_MODEL = 1,
    /// All models have been told.
    ANSER_ENUMERATION_COMPLETE = 2,
}

/// A function that takes models. Begin with ANSER_MODEL_CALLBACK_INIT. See CALLBACKS at the top; beyond what is allowed
/// there it may call any function on other handles, since no search is under way while it runs.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct anser_model_callback {
    /// sizeof(anser_model_callback).
    pub struct_size: usize,
    /// Handed to the functions below.
    pub user_data: *mut c_void,
    /// Takes a model, valid until it returns: values[v - 1] is 1 where variable v is true, -1 where it is false, for all
    /// `length` variables of the formula. Nonzero means enough: the call ends with ANSER_ENUMERATION_MODEL.
    pub model: Option<unsafe extern "C" fn(user_data: *mut c_void, values: *const i8, length: usize) -> i32>,
    /// Called exactly once before the call that was given it returns. May be NULL.
    pub destroy: Option<unsafe extern "C" fn(user_data: *mut c_void)>,
}

const _: () = assert!(std::mem::offset_of!(anser_model_callback, destroy) == 24);

type TakesValues = unsafe extern "C" fn(*mut c_void, *const i8, usize) -> i32;
type TakesBytes = unsafe extern "C" fn(*mut c_void, *const u8, usize) -> i32;

/// What a handle holds.
#[derive(Debug)]
pub struct Enumeration {
    enumerator: Enumerator,
    stop: Option<Stop>,
}

/// The models of a formula, projected on some of its variables: each projected model once, in no particular order, in one
/// search that goes on from model to model. Every model is checked against every constraint before it is told.
///
/// The order of calls: anser_enumerator_new, then projection, backend and options; then anser_enumerator_next,
/// _next_models or _run, again and again. A call that its budget ended can be made again and goes on. The same formula,
/// options and seed give the same models in the same order. Memory does not grow with the number of models.
///
/// An enumerator is used by one thread at a time and may move between threads. It does not survive a fork into the child.
#[derive(Debug)]
pub struct anser_enumerator(Handle<Enumeration>);

opaque!(anser_enumerator, Enumeration, bound_to_process: true);

/// An enumerator for `formula` as it is now: later changes of the formula do not reach it. It projects on the formula's
/// sampling set, or on all variables where there is none. Free it with anser_enumerator_free.
///
/// # Safety
/// `formula` is null or from this library and not freed; `out_enumerator` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_enumerator_new(
    formula: *const anser_formula,
    out_enumerator: *mut *mut anser_enumerator,
) -> anser_status {
    guard("anser_enumerator_new", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_enumerator, "out_enumerator")?;
            let formula = Arc::clone(&*handle::read(formula, "formula")?);
            out.set(handle::create(Enumeration { enumerator: Enumerator::new(formula)?, stop: None })?);
        }
        Ok(())
    })
}

/// Frees an enumerator; NULL is ignored. Freed from inside its own callback, it goes when the call under way returns.
///
/// # Safety
/// `enumerator` is null or from anser_enumerator_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_enumerator_free(enumerator: *mut anser_enumerator) {
    // SAFETY: passed on.
    guard_free(|| unsafe { handle::free(enumerator) });
}

/// Sets the variables that two models must differ in, before the first model is looked for. They are decided in this order.
///
/// @param vars each in 1..num_vars; one that comes again is ignored. May be NULL where num_vars is 0: then there is one
///   model at most.
///
/// # Safety
/// `enumerator` is null or from anser_enumerator_new and not freed; `vars` is null or points to `num_vars` variables.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_enumerator_set_projection(
    enumerator: *mut anser_enumerator,
    vars: *const u32,
    num_vars: usize,
) -> anser_status {
    guard("anser_enumerator_set_projection", || {
        // SAFETY: passed on.
        unsafe {
            let vars = slice(vars, num_vars, "vars")?;
            Ok(handle::write(enumerator, "enumerator")?.enumerator.set_projection(vars)?)
        }
    })
}

/// How many variables two models differ in.
///
/// # Safety
/// `enumerator` is null or from anser_enumerator_new and not freed; `out_vars` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_enumerator_num_projection(
    enumerator: *const anser_enumerator,
    out_vars: *mut usize,
) -> anser_status {
    guard("anser_enumerator_num_projection", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_vars, "out_vars")?;
            out.set(handle::read(enumerator, "enumerator")?.enumerator.projection().len());
        }
        Ok(())
    })
}

/// The variables that two models differ in, in the order in which they are decided.
///
/// @param num_vars at least what anser_enumerator_num_projection says.
///
/// # Safety
/// `enumerator` is null or from anser_enumerator_new and not freed; `out_vars` is null or has room for `num_vars`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_enumerator_get_projection(
    enumerator: *const anser_enumerator,
    out_vars: *mut u32,
    num_vars: usize,
) -> anser_status {
    guard("anser_enumerator_get_projection", || {
        // SAFETY: passed on.
        unsafe {
            let handle = handle::read(enumerator, "enumerator")?;
            let projection = handle.enumerator.projection();
            room(num_vars, projection.len(), "num_vars")?;
            fill(out_vars, projection, "out_vars")
        }
    })
}

/// Says how constraints that are no clauses are handled, before the first model is looked for. See
/// anser_solver_set_backend.
///
/// @param backend one of anser_backend.
///
/// # Safety
/// `enumerator` is null or from anser_enumerator_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_enumerator_set_backend(enumerator: *mut anser_enumerator, backend: i32) -> anser_status {
    guard("anser_enumerator_set_backend", || {
        let backend = self::backend(backend)?;
        // SAFETY: passed on.
        let mut handle = unsafe { handle::write(enumerator, "enumerator") }?;
        Ok(handle.enumerator.solver_mut()?.set_backend(backend)?)
    })
}

/// Sets an option of the solver inside, before the first model is looked for. See anser_solver_set_option.
///
/// # Safety
/// `enumerator` is null or from anser_enumerator_new and not freed; `name` is null or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_enumerator_set_option(
    enumerator: *mut anser_enumerator,
    name: *const c_char,
    value: i64,
) -> anser_status {
    guard("anser_enumerator_set_option", || {
        // SAFETY: passed on.
        unsafe {
            let name = text(name, "name")?;
            Ok(handle::write(enumerator, "enumerator")?.enumerator.solver_mut()?.set_option(name, value)?)
        }
    })
}

impl Enumeration {
    fn note(&mut self, stop: Option<Stop>) {
        self.stop = stop;
    }
}

/// Looks for the next model. After ANSER_ENUMERATION_MODEL anser_enumerator_get_model has it, until another is told.
///
/// @param budget may be NULL. Its seed is taken by the first call.
///
/// # Safety
/// `enumerator` is null or from anser_enumerator_new and not freed; `budget` is null or from anser_budget_new and not
/// freed; `out_end` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_enumerator_next(
    enumerator: *mut anser_enumerator,
    budget: *const anser_budget,
    out_end: *mut anser_enumeration,
) -> anser_status {
    guard("anser_enumerator_next", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_end, "out_end")?;
            let budget = arm(budget)?;
            let mut handle = handle::write(enumerator, "enumerator")?;
            handle.note(None);
            let step = handle.enumerator.next(&budget);
            check_exception()?;
            let (end, stop) = match step? {
                Step::Model => (anser_enumeration::ANSER_ENUMERATION_MODEL, None),
                Step::Complete => (anser_enumeration::ANSER_ENUMERATION_COMPLETE, None),
                Step::Unknown(stop) => (anser_enumeration::ANSER_ENUMERATION_UNKNOWN, Some(stop)),
            };
            handle.note(stop);
            out.set(end);
        }
        Ok(())
    })
}

/// Looks for up to `capacity` more models and writes what they say of the projection: out_values[i * n + j] is 1 or -1 for the
/// j-th of n projected variables in model i. ANSER_ENUMERATION_MODEL means that there was no more room. Models that were
/// found before the budget ended the call, or before an error, are written and counted.
///
/// @param out_values room for `capacity` times what anser_enumerator_num_projection says; may be NULL where that is 0.
/// @param out_models how many models were written, also with ANSER_ENUMERATION_UNKNOWN and _COMPLETE.
///
/// # Safety
/// `enumerator` is null or from anser_enumerator_new and not freed; `budget` is null or from anser_budget_new and not
/// freed; `out_values` is null or has that room; the others are null or point to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_enumerator_next_models(
    enumerator: *mut anser_enumerator,
    budget: *const anser_budget,
    out_values: *mut i8,
    capacity: usize,
    out_models: *mut usize,
    out_end: *mut anser_enumeration,
) -> anser_status {
    guard("anser_enumerator_next_models", || {
        // SAFETY: passed on; what is written lies within the room that was promised.
        unsafe {
            let models = Out::needed(out_models, "out_models")?;
            let out = Out::needed(out_end, "out_end")?;
            let budget = arm(budget)?;
            let mut handle = handle::write(enumerator, "enumerator")?;
            let width = handle.enumerator.projection().len();
            let Some(total) = capacity.checked_mul(width) else {
                let text = format_args!("argument capacity: {capacity} models of {width} values exceed memory");
                return Err(Failure::invalid(text));
            };
            if total > 0 {
                check_array(out_values, total, "out_values")?;
            }
            models.set(0);
            handle.note(None);
            let (mut end, mut stop) = (anser_enumeration::ANSER_ENUMERATION_MODEL, None);
            for index in 0..capacity {
                let step = handle.enumerator.next(&budget);
                check_exception()?;
                match step? {
                    Step::Model => {}
                    Step::Complete => {
                        end = anser_enumeration::ANSER_ENUMERATION_COMPLETE;
                        break;
                    }
                    Step::Unknown(why) => {
                        (end, stop) = (anser_enumeration::ANSER_ENUMERATION_UNKNOWN, Some(why));
                        break;
                    }
                }
                let model = handle.enumerator.model()?;
                for (j, &v) in handle.enumerator.projection().iter().enumerate() {
                    out_values.add(index * width + j).write(model[v as usize - 1]);
                }
                models.set(index + 1);
            }
            handle.note(stop);
            out.set(end);
        }
        Ok(())
    })
}

/// Hands models to `callback`, up to `limit` of them: ANSER_ENUMERATION_MODEL means that there were as many, or that the
/// callback had enough; where the last of them is known to be the last of all, ANSER_ENUMERATION_COMPLETE. A callback that throws ends the call with ANSER_STATUS_CALLBACK_FAILED; its model counts as told.
///
/// @param limit UINT64_MAX for all.
/// @param budget may be NULL.
///
/// # Safety
/// `enumerator` is null or from anser_enumerator_new and not freed; `budget` is null or from anser_budget_new and not
/// freed; `callback` is null or points to a struct of the size that it states; `out_end` is null or points to room for
/// one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_enumerator_run(
    enumerator: *mut anser_enumerator,
    limit: u64,
    budget: *const anser_budget,
    callback: *const anser_model_callback,
    out_end: *mut anser_enumeration,
) -> anser_status {
    guard("anser_enumerator_run", || {
        // SAFETY: passed on; the struct is plain data.
        unsafe {
            let callback = read_struct(callback, size_of::<anser_model_callback>(), "callback")?;
            let host = UserData::new(callback.user_data, callback.destroy);
            let Some(call) = callback.model else {
                return Err(Failure::new(anser_status::ANSER_STATUS_NULL_ARGUMENT, "argument callback: model is NULL"));
            };
            // A pointer to signed bytes is passed as one to bytes.
            let call = std::mem::transmute::<TakesValues, TakesBytes>(call);
            let out = Out::needed(out_end, "out_end")?;
            let budget = arm(budget)?;
            let mut handle = handle::write(enumerator, "enumerator")?;
            handle.note(None);
            let end = handle.enumerator.run(limit, &budget, |model| {
                let bytes = std::slice::from_raw_parts(model.as_ptr().cast::<u8>(), model.len());
                match host.write(call, bytes) {
                    Some(0) => ControlFlow::Continue(()),
                    _ => ControlFlow::Break(()),
                }
            });
            check_exception()?;
            let (end, stop) = match end? {
                End::Enough => (anser_enumeration::ANSER_ENUMERATION_MODEL, None),
                End::Complete => (anser_enumeration::ANSER_ENUMERATION_COMPLETE, None),
                End::Unknown(stop) => (anser_enumeration::ANSER_ENUMERATION_UNKNOWN, Some(stop)),
            };
            handle.note(stop);
            out.set(end);
        }
        Ok(())
    })
}

/// How many variables the formula has: the values of a model.
///
/// # Safety
/// `enumerator` is null or from anser_enumerator_new and not freed; `out_vars` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_enumerator_num_vars(
    enumerator: *const anser_enumerator,
    out_vars: *mut u32,
) -> anser_status {
    guard("anser_enumerator_num_vars", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_vars, "out_vars")?;
            out.set(handle::read(enumerator, "enumerator")?.enumerator.solver().num_vars());
        }
        Ok(())
    })
}

/// The last model told, all variables of the formula: out_values[v - 1] is 1 where variable v is true, -1 where it is false.
///
/// @param num_values at least what anser_enumerator_num_vars says.
///
/// # Safety
/// `enumerator` is null or from anser_enumerator_new and not freed; `out_values` is null or has room for `num_values`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_enumerator_get_model(
    enumerator: *const anser_enumerator,
    out_values: *mut i8,
    num_values: usize,
) -> anser_status {
    guard("anser_enumerator_get_model", || {
        // SAFETY: passed on.
        unsafe {
            let handle = handle::read(enumerator, "enumerator")?;
            let model = handle.enumerator.model()?;
            room(num_values, model.len(), "num_values")?;
            fill(out_values, model, "out_values")
        }
    })
}

/// How many integers the formula has: the numbers of a model.
///
/// # Safety
/// `enumerator` is null or from anser_enumerator_new and not freed; `out_numbers` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_enumerator_num_numbers(
    enumerator: *const anser_enumerator,
    out_numbers: *mut u32,
) -> anser_status {
    guard("anser_enumerator_num_numbers", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_numbers, "out_numbers")?;
            out.set(handle::read(enumerator, "enumerator")?.enumerator.solver().num_numbers());
        }
        Ok(())
    })
}

/// The values of numbers in the last model told: `out_values[i]` is that of number i.
///
/// @param num_values at least what anser_enumerator_num_numbers says.
///
/// # Safety
/// `enumerator` is null or from anser_enumerator_new and not freed; `out_values` is null or has room for `num_values`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_enumerator_get_numbers(
    enumerator: *const anser_enumerator,
    out_values: *mut f64,
    num_values: usize,
) -> anser_status {
    guard("anser_enumerator_get_numbers", || {
        // SAFETY: passed on.
        unsafe {
            let handle = handle::read(enumerator, "enumerator")?;
            let numbers = handle.enumerator.numbers()?;
            room(num_values, numbers.len(), "num_values")?;
            fill(out_values, numbers, "out_values")
        }
    })
}

/// How many models have been told.
///
/// # Safety
/// `enumerator` is null or from anser_enumerator_new and not freed; `out_models` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_enumerator_num_models(
    enumerator: *const anser_enumerator,
    out_models: *mut u64,
) -> anser_status {
    guard("anser_enumerator_num_models", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_models, "out_models")?;
            out.set(handle::read(enumerator, "enumerator")?.enumerator.count());
        }
        Ok(())
    })
}

/// Why the last call that looked for models ended; ANSER_STOP_REASON_SOLVED where no budget ended it.
///
/// # Safety
/// `enumerator` is null or from anser_enumerator_new and not freed; `out_reason` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_enumerator_get_stop_reason(
    enumerator: *const anser_enumerator,
    out_reason: *mut anser_stop_reason,
) -> anser_status {
    guard("anser_enumerator_get_stop_reason", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_reason, "out_reason")?;
            out.set(stop_reason(handle::read(enumerator, "enumerator")?.stop));
        }
        Ok(())
    })
}
