//! `anser_verifier`: whether an input of a network has a property.

use std::ffi::{CString, c_char};
use std::mem::offset_of;
use std::sync::{Arc, LazyLock};

use super::anser_budget;
use super::anser_network;
use super::anser_property;
use super::anser_result;
use super::anser_statistic_info;
use super::anser_stop_reason;
use super::arguments::{Out, check_array, constructed, copy_bytes, fill, room, slice, text};
use super::budget::{arm, stop_reason};
use super::callback::check_exception;
use super::error::Failure;
use super::floats::Standard;
use super::guard::{guard, guard_free};
use super::handle::{self, Handle, opaque, shared};
use super::host_procedure;
use super::status::anser_status;
use super::structs::{read_struct, write_struct};
use crate::budget::Stop;
use crate::verify::{Options, Problem, Procedure, Reason, Statistics, Verdict, Verifier};

/// How a question about a network is answered.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_procedure {
    /// An attack, then whatever splitting suits the network.
    ANSER_PROCEDURE_AUTO = 0,
    /// Random points only. Does not answer unsat, but where there is nothing to look for.
    ANSER_PROCEDURE_FUZZ = 1,
    /// Random points and projected gradient descent. Does not answer unsat either.
    ANSER_PROCEDURE_GRADIENT = 2,
    /// Bounds of the whole box only. Does not answer sat.
    ANSER_PROCEDURE_BOUNDS = 3,
    /// Splitting of the box.
    ANSER_PROCEDURE_INPUT_SPLIT = 4,
    /// Splitting of neurons.
    ANSER_PROCEDURE_RELU_SPLIT = 5,
    /// Each disjunct whole, as a mixed integer program. ANSER_STATUS_BACKEND_UNAVAILABLE where the library was built without
    /// HiGHS; ANSER_STATUS_UNSUPPORTED for networks that are not piecewise linear.
    ANSER_PROCEDURE_MILP = 6,
    /// Each disjunct whole, as a formula for an SMT solver: Z3. Where a budget ends a search, the next one begins anew.
    ANSER_PROCEDURE_SMT = 7,
    /// All of them that the library was built with, and those that a host adds (anser_verifier_add_procedure), in turn, in
    /// slices of work that grow. What one closes the others pass over. A frontier cannot be written.
    ANSER_PROCEDURE_PORTFOLIO = 8,
}

const _: () = assert!(Procedure::ALL.len() == anser_procedure::ANSER_PROCEDURE_PORTFOLIO as usize + 1);

/// Why a verifier answered ANSER_RESULT_UNKNOWN.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_unknown_reason {
    /// It did not: there is a verdict.
    ANSER_UNKNOWN_REASON_NONE = 0,
    /// The budget ran out: anser_verifier_get_stop_reason says how. Another call goes on.
    ANSER_UNKNOWN_REASON_STOPPED = 1,
    /// What is left open is within rounding: boxes between whose ends lies no number.
    ANSER_UNKNOWN_REASON_ROUNDING = 2,
    /// The procedure does not decide it.
    ANSER_UNKNOWN_REASON_INCOMPLETE = 3,
    /// An input has no bound on one side, so that there is no box to look in.
    ANSER_UNKNOWN_REASON_UNBOUNDED = 4,
}

/// How to go about it. Begin with ANSER_VERIFIER_OPTIONS_INIT.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_verifier_options {
    /// sizeof(anser_verifier_options).
    pub struct_size: usize,
    /// One of `anser_procedure`.
    pub procedure: i32,
    /// How many threads work on subproblems, up to 1024; the calling one is the first. 0 is taken as 1.
    pub threads: u32,
    /// How many subproblems are bounded together, up to 65536. 0 for the default.
    pub batch: u32,
    /// Which procedures ANSER_PROCEDURE_PORTFOLIO has: bit p for `anser_procedure` p. 0 for all that suit the question.
    pub procedures: u32,
}

const _: () =
    assert!(size_of::<anser_verifier_options>() == 24 && offset_of!(anser_verifier_options, procedures) == 20);

/// Whether some input of a network has a property: a run of branch and bound with attacks. Each call of anser_verifier_run
/// goes on from where the one before ended, so that a run may be cut into slices of time or work, and
/// anser_verifier_write_frontier_memory writes down how far it has come.
///
/// What is answered is sound: bounds are rounded outward, so that ANSER_RESULT_UNSAT holds in real arithmetic over the
/// stored weights; a witness is evaluated in 32 and in 64 bits, and the property checked exactly of both.
///
/// With one thread the same network, property, options, seed and work limits give the same run, bit for bit, call by call;
/// with several they give the same verdicts, if any.
#[derive(Debug)]
pub struct anser_verifier(Handle<VerifierState>);

opaque!(anser_verifier, VerifierState, bound_to_process: false);
const _: () = shared::<VerifierState>();

/// What a handle holds.
#[derive(Debug)]
pub struct VerifierState {
    pub(super) verifier: Verifier,
    /// Of the last run.
    verdict: Option<Verdict>,
    /// Of all slices.
    pub(super) texts: Vec<(CString, Option<CString>)>,
}

impl VerifierState {
    fn new(verifier: Verifier) -> Self {
        VerifierState { verifier, verdict: None, texts: Vec::new() }
    }

    fn verdict(&self) -> Result<&Verdict, Failure> {
        self.verdict
            .as_ref()
            .ok_or_else(|| Failure::state("there is no verdict: anser_verifier_run must have answered"))
    }

    fn reason(&self) -> Result<Option<Reason>, Failure> {
        Ok(match self.verdict()? {
            Verdict::Unknown(reason) => Some(*reason),
            _ => None,
        })
    }
}

/// # Safety
/// `options` is null or points to a struct of the size that it states.
unsafe fn read_options(options: *const anser_verifier_options) -> Result<Options, Failure> {
    let mut made = Options::default();
    if options.is_null() {
        return Ok(made);
    }
    // SAFETY: passed on; the struct is plain data.
    let given = unsafe { read_struct(options, size_of::<anser_verifier_options>(), "options") }?;
    made.procedure =
        usize::try_from(given.procedure).ok().and_then(|number| Procedure::ALL.get(number).copied()).ok_or_else(
            || Failure::invalid(format_args!("argument options.procedure: {} is no anser_procedure", given.procedure)),
        )?;
    for (name, value, most) in [("threads", given.threads, 1024), ("batch", given.batch, 65536)] {
        if value > most {
            return Err(Failure::invalid(format_args!("argument options.{name}: {value} is more than {most}")));
        }
    }
    let all = (1 << Procedure::Portfolio as u32) - 1;
    if given.procedures & !all != 0 {
        return Err(Failure::invalid(format_args!(
            "argument options.procedures: {:#x} has bits of none",
            given.procedures
        )));
    }
    let is_named = |number: &usize| given.procedures >> number & 1 == 1;
    made.procedures = (0..Procedure::ALL.len()).filter(is_named).map(|number| Procedure::ALL[number]).collect();
    made.threads = given.threads.max(1) as usize;
    if given.batch > 0 {
        made.batch = given.batch as usize;
    }
    Ok(made)
}

/// # Safety
/// As anser_verifier_new.
unsafe fn problem(network: *const anser_network, property: *const anser_property) -> Result<Problem, Failure> {
    // SAFETY: passed on.
    let (network, property) = unsafe {
        let network = Arc::clone(&handle::read(network, "network")?.network);
        (network, Arc::clone(&handle::read(property, "property")?.property))
    };
    Ok(Problem::new(network, property)?)
}

/// A verifier of whether some input of `network` has `property`, both as they are now: later changes do not reach it. It has
/// decided nothing yet. Free it with anser_verifier_free.
///
/// @param options begin with ANSER_VERIFIER_OPTIONS_INIT. NULL for the defaults.
/// @param budget ends the call with ANSER_STATUS_STOPPED. May be NULL.
///
/// # Safety
/// `network` and `property` are null or from this library and not freed; `options` is null or points to a struct of the size
/// that it states; `budget` is null or from anser_budget_new and not freed; `out_verifier` is null or points to room for a
/// pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_verifier_new(
    network: *const anser_network,
    property: *const anser_property,
    options: *const anser_verifier_options,
    budget: *const anser_budget,
    out_verifier: *mut *mut anser_verifier,
) -> anser_status {
    guard("anser_verifier_new", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_verifier, "out_verifier")?;
            let options = read_options(options)?;
            let problem = problem(network, property)?;
            let budget = arm(budget)?;
            let _standard = Standard::enter();
            let verifier = Verifier::new(problem, &options, &budget);
            check_exception()?;
            out.set(handle::create(VerifierState::new(verifier?))?);
        }
        Ok(())
    })
}

/// Frees a verifier; NULL is ignored.
///
/// # Safety
/// `verifier` is null or from this library and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_verifier_free(verifier: *mut anser_verifier) {
    // SAFETY: passed on.
    guard_free(|| unsafe { handle::free(verifier) });
}

/// Goes on until there is a verdict or the budget ends: ANSER_RESULT_SAT where an input with the property was found,
/// ANSER_RESULT_UNSAT where there is none, else ANSER_RESULT_UNKNOWN, and anser_verifier_get_unknown_reason says why. However
/// small a work limit is, a call that is granted any gets on by a step at least, for which it may take more than that.
///
/// Progress is told in subproblems: done are those closed, total those closed and open, and fixed is the share of all that is
/// proved, in millionths. Its bound is the best bound.
///
/// @param budget limits the call; its memory limit counts open subproblems. May be NULL.
///
/// # Safety
/// `verifier` is null or from this library and not freed; `budget` is null or from anser_budget_new and not freed;
/// `out_result` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_verifier_run(
    verifier: *mut anser_verifier,
    budget: *const anser_budget,
    out_result: *mut anser_result,
) -> anser_status {
    guard("anser_verifier_run", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_result, "out_result")?;
            let budget = arm(budget)?;
            let mut state = handle::write(verifier, "verifier")?;
            let _standard = Standard::enter();
            state.verdict = None;
            let verdict = state.verifier.run(&budget);
            let texts = state.verifier.slices().iter().map(host_procedure::texts).collect();
            state.texts = texts;
            check_exception()?;
            let verdict = verdict?;
            out.set(match &verdict {
                Verdict::Unknown(_) => anser_result::ANSER_RESULT_UNKNOWN,
                Verdict::Sat(_) => anser_result::ANSER_RESULT_SAT,
                Verdict::Unsat => anser_result::ANSER_RESULT_UNSAT,
            });
            state.verdict = Some(verdict);
        }
        Ok(())
    })
}

/// Why the last run answered ANSER_RESULT_UNKNOWN; ANSER_UNKNOWN_REASON_NONE where it did not.
///
/// # Safety
/// `verifier` is null or from this library and not freed; `out_reason` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_verifier_get_unknown_reason(
    verifier: *const anser_verifier,
    out_reason: *mut anser_unknown_reason,
) -> anser_status {
    guard("anser_verifier_get_unknown_reason", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_reason, "out_reason")?;
            out.set(match handle::read(verifier, "verifier")?.reason()? {
                None => anser_unknown_reason::ANSER_UNKNOWN_REASON_NONE,
                Some(Reason::Stopped(_)) => anser_unknown_reason::ANSER_UNKNOWN_REASON_STOPPED,
                Some(Reason::Rounding) => anser_unknown_reason::ANSER_UNKNOWN_REASON_ROUNDING,
                Some(Reason::Incomplete) => anser_unknown_reason::ANSER_UNKNOWN_REASON_INCOMPLETE,
                Some(Reason::Unbounded) => anser_unknown_reason::ANSER_UNKNOWN_REASON_UNBOUNDED,
            });
        }
        Ok(())
    })
}

/// What of the budget ended the last run; ANSER_STOP_REASON_SOLVED where nothing did.
///
/// # Safety
/// `verifier` is null or from this library and not freed; `out_reason` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_verifier_get_stop_reason(
    verifier: *const anser_verifier,
    out_reason: *mut anser_stop_reason,
) -> anser_status {
    guard("anser_verifier_get_stop_reason", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_reason, "out_reason")?;
            out.set(match handle::read(verifier, "verifier")?.reason()? {
                Some(Reason::Stopped(stop)) => stop_reason(Some(stop)),
                _ => stop_reason(None),
            });
        }
        Ok(())
    })
}

/// After ANSER_STOP_REASON_CALLBACK: what the callback answered.
///
/// # Safety
/// `verifier` is null or from this library and not freed; `out_code` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_verifier_get_callback_code(
    verifier: *const anser_verifier,
    out_code: *mut i32,
) -> anser_status {
    guard("anser_verifier_get_callback_code", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_code, "out_code")?;
            match handle::read(verifier, "verifier")?.reason()? {
                Some(Reason::Stopped(Stop::Callback(code))) => out.set(code),
                _ => return Err(Failure::state("the last run was not ended by a callback's answer")),
            }
        }
        Ok(())
    })
}

/// How many inputs the network has: the numbers of a sample.
///
/// # Safety
/// `verifier` is null or from this library and not freed; `out_inputs` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_verifier_num_inputs(
    verifier: *const anser_verifier,
    out_inputs: *mut usize,
) -> anser_status {
    guard("anser_verifier_num_inputs", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_inputs, "out_inputs")?;
            out.set(handle::read(verifier, "verifier")?.verifier.problem().num_inputs());
        }
        Ok(())
    })
}

/// How many outputs the network has.
///
/// # Safety
/// `verifier` is null or from this library and not freed; `out_outputs` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_verifier_num_outputs(
    verifier: *const anser_verifier,
    out_outputs: *mut usize,
) -> anser_status {
    guard("anser_verifier_num_outputs", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_outputs, "out_outputs")?;
            out.set(handle::read(verifier, "verifier")?.verifier.problem().num_outputs());
        }
        Ok(())
    })
}

/// After ANSER_RESULT_SAT: an input that has the property, and what the network answers to it in 32 bits.
///
/// @param out_input the sample.
/// @param num_inputs the room in out_input: at least what anser_verifier_num_inputs says.
/// @param out_output the outputs. May be NULL where num_outputs is 0.
/// @param num_outputs the room in out_output: 0, or at least what anser_verifier_num_outputs says.
///
/// # Safety
/// `verifier` is null or from this library and not freed; the arrays are null or have the room that is stated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_verifier_get_witness(
    verifier: *const anser_verifier,
    out_input: *mut f32,
    num_inputs: usize,
    out_output: *mut f32,
    num_outputs: usize,
) -> anser_status {
    guard("anser_verifier_get_witness", || {
        // SAFETY: passed on.
        unsafe {
            let state = handle::read(verifier, "verifier")?;
            let Verdict::Sat(witness) = state.verdict()? else {
                return Err(Failure::state("there is no witness: the last run did not answer ANSER_RESULT_SAT"));
            };
            room(num_inputs, witness.input.len(), "num_inputs")?;
            check_array(out_input, witness.input.len(), "out_input")?;
            if num_outputs > 0 {
                room(num_outputs, witness.output.len(), "num_outputs")?;
                check_array(out_output, witness.output.len(), "out_output")?;
            }
            fill(out_input, &witness.input, "out_input")?;
            if num_outputs > 0 { fill(out_output, &witness.output, "out_output") } else { Ok(()) }
        }
    })
}

static STATISTIC_TEXTS: LazyLock<Vec<(CString, CString)>> = LazyLock::new(|| {
    let c = |s| CString::new(s).unwrap_or_default();
    Statistics::NAMES.iter().map(|&(name, doc)| (c(name), c(doc))).collect()
});

/// How many statistics a verifier has.
///
/// # Safety
/// `out_statistics` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_verifier_num_statistics(out_statistics: *mut usize) -> anser_status {
    guard("anser_verifier_num_statistics", || {
        // SAFETY: passed on.
        unsafe { Out::needed(out_statistics, "out_statistics")?.set(Statistics::NAMES.len()) };
        Ok(())
    })
}

/// One statistic, by index 0..num_statistics-1. Those of a verifier are doubles: counts, shares, seconds, and one bound, which may be
/// negative or -infinity.
///
/// # Safety
/// `out_info` is null or points to a struct of the size that it states.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_verifier_get_statistic_info(
    index: usize,
    out_info: *mut anser_statistic_info,
) -> anser_status {
    guard("anser_verifier_get_statistic_info", || {
        let Some((name, doc)) = STATISTIC_TEXTS.get(index) else {
            let count = Statistics::NAMES.len();
            return Err(Failure::invalid(format_args!(
                "argument index: there is no statistic {index}, there are {count}"
            )));
        };
        let size = size_of::<anser_statistic_info>();
        let value = anser_statistic_info { struct_size: size, name: name.as_ptr(), doc: doc.as_ptr() };
        // SAFETY: passed on.
        unsafe { write_struct(out_info, &value, size, "out_info") }
    })
}

/// All statistics, in the order of their indices, counted from when the verifier was made.
///
/// @param num_values at least what anser_verifier_num_statistics says.
///
/// # Safety
/// `verifier` is null or from this library and not freed; `out_values` is null or has room for `num_values`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_verifier_get_statistics(
    verifier: *const anser_verifier,
    out_values: *mut f64,
    num_values: usize,
) -> anser_status {
    guard("anser_verifier_get_statistics", || {
        // SAFETY: passed on.
        unsafe {
            let values = handle::read(verifier, "verifier")?.verifier.statistics().entries().map(|(_, value)| value);
            room(num_values, values.len(), "num_values")?;
            fill(out_values, &values, "out_values")
        }
    })
}

/// One statistic by name.
///
/// # Safety
/// `verifier` is null or from this library and not freed; `name` is null or a C string; `out_value` is null or points to room
/// for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_verifier_get_statistic(
    verifier: *const anser_verifier,
    name: *const c_char,
    out_value: *mut f64,
) -> anser_status {
    guard("anser_verifier_get_statistic", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_value, "out_value")?;
            let name = text(name, "name")?;
            let all = handle::read(verifier, "verifier")?.verifier.statistics().entries();
            let Some((_, value)) = all.iter().find(|s| s.0 == name) else {
                return Err(Failure::invalid(format_args!("argument name: there is no statistic {name:?}")));
            };
            out.set(*value);
        }
        Ok(())
    })
}

/// Writes down how far the run has come, between two runs: what is open, and what is known of it, some dozens of bytes for each
/// subproblem. anser_verifier_read_frontier_memory goes on from there, also in another process.
///
/// @param budget ends the call with ANSER_STATUS_STOPPED. May be NULL.
/// @param buffer room for the bytes; may be NULL where capacity is 0, to learn the length only.
/// @param capacity bytes in buffer; too few are ANSER_STATUS_BUFFER_TOO_SMALL.
/// @param out_length how many bytes there are; also written where the buffer is too small.
///
/// # Safety
/// `verifier` is null or from this library and not freed; `budget` is null or from anser_budget_new and not freed; `buffer` is
/// null or has `capacity` bytes; `out_length` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_verifier_write_frontier_memory(
    verifier: *const anser_verifier,
    budget: *const anser_budget,
    buffer: *mut u8,
    capacity: usize,
    out_length: *mut usize,
) -> anser_status {
    guard("anser_verifier_write_frontier_memory", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_length, "out_length")?;
            let state = handle::read(verifier, "verifier")?;
            let bytes = state.verifier.export(&arm(budget)?);
            check_exception()?;
            copy_bytes(&bytes?, buffer, capacity, &out)
        }
    })
}

/// A verifier that goes on where anser_verifier_write_frontier_memory wrote another one down, with the same verdict at the
/// end. All that was written is checked against network and property but that closed subproblems were closed rightly: a
/// frontier is to be trusted as much as who wrote it. What is no frontier, or a damaged one, is ANSER_STATUS_PARSE; one of
/// another network or property is ANSER_STATUS_INVALID_ARGUMENT.
///
/// @param options as in anser_verifier_new; they may be others than before.
/// @param bytes the frontier.
/// @param length how many bytes there are.
/// @param budget ends the call with ANSER_STATUS_STOPPED. May be NULL.
///
/// # Safety
/// As anser_verifier_new; `bytes` is null or points to `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_verifier_read_frontier_memory(
    network: *const anser_network,
    property: *const anser_property,
    options: *const anser_verifier_options,
    bytes: *const u8,
    length: usize,
    budget: *const anser_budget,
    out_verifier: *mut *mut anser_verifier,
) -> anser_status {
    guard("anser_verifier_read_frontier_memory", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_verifier, "out_verifier")?;
            let options = read_options(options)?;
            let problem = problem(network, property)?;
            let bytes = slice(bytes, length, "bytes")?;
            let budget = arm(budget)?;
            let _standard = Standard::enter();
            let verifier = Verifier::import(problem, &options, bytes, &budget);
            check_exception()?;
            out.set(handle::create(VerifierState::new(verifier?))?);
        }
        Ok(())
    })
}
