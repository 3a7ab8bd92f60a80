//! `anser_host_procedure`: another solver's part in a portfolio; and what slices of a portfolio did.

use std::ffi::{CString, c_char, c_void};
use std::ptr;

use super::anser_network;
use super::anser_result;
use super::anser_verifier;
use super::arguments::{Out, text};
use super::callback::{THROWN, UserData, anser_callback_solve};
use super::error::Failure;
use super::floats::as_the_host;
use super::guard::guard;
use super::handle;
use super::network::NetworkState;
use super::status::anser_status;
use super::structs::{read_struct, write_struct};
use super::verifier::VerifierState;
use crate::verify::{End, HostAnswer, HostProcedure, Procedure, Question, Slice};

/// What a host's procedure is asked: whether an input in a box has outputs in all of some halfspaces. All pointers are valid
/// until the function returns.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_question {
    /// sizeof(anser_question) of the library, which may be newer than the host's.
    pub struct_size: usize,
    /// The network. Not to be freed.
    pub network: *const anser_network,
    /// The disjunct's number in the order of the property: the same one may be asked about again.
    pub number: u64,
    /// How many inputs a sample has.
    pub num_inputs: usize,
    /// How many outputs.
    pub num_outputs: usize,
    /// The least value of each input.
    pub lower: *const f64,
    /// The largest value of each input.
    pub upper: *const f64,
    /// How many halfspaces there are: sum(coefficient * variable) <= bound, or < where it is strict.
    pub num_rows: usize,
    /// Where each row begins in columns and coefficients; num_rows + 1 of them.
    pub row_offsets: *const usize,
    /// Variables: the inputs from 0 up, then the outputs.
    pub columns: *const u32,
    /// A coefficient each column.
    pub coefficients: *const f64,
    /// A bound each row.
    pub bounds: *const f64,
    /// 1 where the bound itself is excluded, each row.
    pub strict: *const u8,
    /// Wall-clock seconds that it should take at most.
    pub seconds: f64,
}

/// A host's procedure: another solver, say. Begin with ANSER_HOST_PROCEDURE_INIT. See CALLBACKS at the top, and
/// examples-c/host_procedure.cpp.
///
/// What it answers is trusted in one direction only. A witness is evaluated and checked like any other, and one that is none
/// is passed over; but that a disjunct has none cannot be checked: a verdict ANSER_RESULT_UNSAT in which such an answer has a
/// part is as sound as the host. anser_verifier_get_slice tells whose slices have closed something.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct anser_host_procedure {
    /// sizeof(anser_host_procedure).
    pub struct_size: usize,
    /// Handed to the functions below.
    pub user_data: *mut c_void,
    /// Called exactly once when the library lets go of `user_data`, also where adding failed, unless struct_size is wrong.
    /// May be NULL.
    pub destroy: Option<unsafe extern "C" fn(user_data: *mut c_void)>,
    /// What it is called in records of slices; copied.
    pub name: *const c_char,
    /// Tries to decide one disjunct: writes an `anser_result`, which is ANSER_RESULT_UNKNOWN at first, and for
    /// ANSER_RESULT_SAT the input, num_inputs numbers; each is rounded to 32 bits within the box. Answers 0 to go on; anything
    /// else ends the run with ANSER_STOP_REASON_CALLBACK. It may keep what it has found for the next time.
    pub solve: Option<
        unsafe extern "C" fn(
            user_data: *mut c_void,
            question: *const anser_question,
            out_result: *mut i32,
            out_input: *mut f64,
        ) -> i32,
    >,
}

/// How a slice ended.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_slice_end {
    /// It was used up; the procedure goes on in its next slice.
    ANSER_SLICE_END_PAUSED = 0,
    /// With a witness.
    ANSER_SLICE_END_SAT = 1,
    /// With nothing open: together with what others have closed there is no witness.
    ANSER_SLICE_END_UNSAT = 2,
    /// The procedure has done what it can, and is not asked again.
    ANSER_SLICE_END_EXHAUSTED = 3,
    /// The procedure cannot go on, and is not asked again.
    ANSER_SLICE_END_FAILED = 4,
}

/// What a slice of a portfolio did. Begin with ANSER_SLICE_INFO_INIT.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_slice_info {
    /// sizeof(anser_slice_info).
    pub struct_size: usize,
    /// Whose slice it was. Valid until the verifier is run again or freed.
    pub procedure: *const c_char,
    /// Why it failed or was exhausted, else NULL. Valid as long.
    pub why: *const c_char,
    /// From 0; each round has twice the work of the one before.
    pub round: u32,
    /// One of `anser_slice_end`.
    pub end: i32,
    /// Work that was granted.
    pub granted: u64,
    /// Work that was done: more than was granted where a step did not fit.
    pub work: u64,
    /// Subproblems bounded, or questions to a host.
    pub bounded: u64,
    /// Disjuncts closed.
    pub closed: u64,
    /// Subproblems of this procedure that are open now.
    pub open: u64,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// Subproblems that others had left and that this procedure has taken over, at the beginning.
    pub adopted: u64,
}

/// Where the C compiler must have each field (`ffi-tests/c/layout.c` holds the other side), on 64 bits.
#[cfg(target_pointer_width = "64")]
const _: () = {
    use std::mem::offset_of;
    assert!(size_of::<anser_question>() == 112 && offset_of!(anser_question, lower) == 40);
    assert!(offset_of!(anser_question, row_offsets) == 64 && offset_of!(anser_question, seconds) == 104);
    assert!(size_of::<anser_host_procedure>() == 40 && offset_of!(anser_host_procedure, solve) == 32);
    assert!(size_of::<anser_slice_info>() == 88 && offset_of!(anser_slice_info, round) == 24);
    assert!(offset_of!(anser_slice_info, granted) == 32 && offset_of!(anser_slice_info, seconds) == 72);
};

/// A host's function, called.
struct Host {
    user: UserData,
    calls: anser_host_procedure,
    name: String,
    /// A handle for the host to look at, made when it is first asked.
    network: *mut anser_network,
}

// SAFETY: of what `calls` holds only the function pointer is used; the user data is `Send` as `UserData` says, and the
// network's handle is used by one thread at a time.
unsafe impl Send for Host {}

impl Drop for Host {
    fn drop(&mut self) {
        // SAFETY: null, or made below and not freed.
        unsafe { handle::free(self.network) };
    }
}

impl HostProcedure for Host {
    fn name(&self) -> &str {
        &self.name
    }

    fn solve(&mut self, question: &Question<'_>) -> HostAnswer {
        let Some(call) = self.calls.solve else { return HostAnswer::Unknown };
        if self.network.is_null() {
            match handle::create(NetworkState::of(std::sync::Arc::clone(question.problem.network()))) {
                Ok(network) => self.network = network,
                Err(_) => return HostAnswer::Failed("no memory".into()),
            }
        }
        let (disjunct, rows) = (question.disjunct, question.disjunct.rows());
        let strict: Vec<u8> = rows.strict.iter().map(|&strict| u8::from(strict)).collect();
        let asked = anser_question {
            struct_size: size_of::<anser_question>(),
            network: self.network,
            number: u64::from(question.number),
            num_inputs: disjunct.num_inputs(),
            num_outputs: disjunct.num_outputs(),
            lower: disjunct.lower.as_ptr(),
            upper: disjunct.upper.as_ptr(),
            num_rows: disjunct.num_rows(),
            row_offsets: rows.offsets.as_ptr(),
            columns: rows.columns.as_ptr(),
            coefficients: rows.coefficients.as_ptr(),
            bounds: rows.bounds.as_ptr(),
            strict: strict.as_ptr(),
            seconds: question.seconds,
        };
        let mut result = anser_result::ANSER_RESULT_UNKNOWN as i32;
        let mut input = vec![0.0; disjunct.num_inputs()];
        let (out_result, out_input) = (&raw mut result, input.as_mut_ptr());
        // SAFETY: the host's contract; both are writable.
        let answer = self.user.call(|user, threw| {
            as_the_host(|| unsafe {
                anser_callback_solve(call, user, ptr::from_ref(&asked).cast(), out_result, out_input, threw)
            })
        });
        match answer {
            None => HostAnswer::Stop(THROWN),
            Some(0) if result == anser_result::ANSER_RESULT_SAT as i32 => HostAnswer::Sat(input),
            Some(0) if result == anser_result::ANSER_RESULT_UNSAT as i32 => HostAnswer::Unsat,
            Some(0) if result == anser_result::ANSER_RESULT_UNKNOWN as i32 => HostAnswer::Unknown,
            Some(0) => HostAnswer::Failed(format!("the host answered {result}, which is no anser_result")),
            Some(code) => HostAnswer::Stop(code),
        }
    }
}

/// Adds a host's procedure to a portfolio, between runs: it has the last turn in each round, and an eighth to a quarter of what all
/// others have, reckoned in seconds. ANSER_STATUS_INVALID_STATE where the verifier's procedure is not ANSER_PROCEDURE_PORTFOLIO.
///
/// @param procedure copied, with its name.
///
/// # Safety
/// `verifier` is null or from this library and not freed; `procedure` is null or points to a struct of the size that it
/// states, whose name is null or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_verifier_add_procedure(
    verifier: *mut anser_verifier,
    procedure: *const anser_host_procedure,
) -> anser_status {
    guard("anser_verifier_add_procedure", || {
        // SAFETY: passed on; the struct is plain data.
        unsafe {
            let calls = read_struct(procedure, size_of::<anser_host_procedure>(), "procedure")?;
            // From here on `destroy` is called, whatever happens.
            let user = UserData::new(calls.user_data, calls.destroy);
            let mut host = Box::new(Host { user, calls, name: String::new(), network: ptr::null_mut() });
            if calls.solve.is_none() {
                return Err(Failure::null("procedure.solve"));
            }
            host.name = text(calls.name, "procedure.name")?.to_owned();
            // On the way out the handle is left first: `destroy` is the host's code.
            let mut state = handle::write(verifier, "verifier")?;
            if state.verifier.options().procedure != Procedure::Portfolio {
                return Err(Failure::state("argument verifier: its procedure is not ANSER_PROCEDURE_PORTFOLIO"));
            }
            state.verifier.add_procedure(host)?;
        }
        Ok(())
    })
}

/// Texts of a slice, for C.
pub(super) fn texts(slice: &Slice) -> (CString, Option<CString>) {
    // A host's text ends where it has a NUL.
    let c = |text: &str| CString::new(text.split('\0').next().unwrap_or_default()).unwrap_or_default();
    let why = match &slice.end {
        End::Exhausted(reason) => Some(c(reason.name())),
        End::Failed(why) => Some(c(why)),
        End::Paused | End::Sat | End::Unsat => None,
    };
    (c(&slice.procedure), why)
}

fn info(state: &VerifierState, index: usize) -> Option<anser_slice_info> {
    let (slice, (procedure, why)) = (state.verifier.slices().get(index)?, state.texts.get(index)?);
    let end = match slice.end {
        End::Paused => anser_slice_end::ANSER_SLICE_END_PAUSED,
        End::Sat => anser_slice_end::ANSER_SLICE_END_SAT,
        End::Unsat => anser_slice_end::ANSER_SLICE_END_UNSAT,
        End::Exhausted(_) => anser_slice_end::ANSER_SLICE_END_EXHAUSTED,
        End::Failed(_) => anser_slice_end::ANSER_SLICE_END_FAILED,
    };
    Some(anser_slice_info {
        struct_size: size_of::<anser_slice_info>(),
        procedure: procedure.as_ptr(),
        why: why.as_ref().map_or(ptr::null(), |why| why.as_ptr()),
        round: slice.round,
        end: end as i32,
        granted: slice.granted,
        work: slice.work,
        bounded: slice.bounded,
        closed: slice.closed,
        open: slice.open,
        seconds: slice.seconds,
        adopted: slice.adopted,
    })
}

/// How many slices a portfolio has gone through so far; 0 for other procedures.
///
/// # Safety
/// `verifier` is null or from this library and not freed; `out_slices` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_verifier_num_slices(
    verifier: *const anser_verifier,
    out_slices: *mut usize,
) -> anser_status {
    guard("anser_verifier_num_slices", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_slices, "out_slices")?;
            out.set(handle::read(verifier, "verifier")?.texts.len());
        }
        Ok(())
    })
}

/// What a slice did, by index 0..num_slices-1, in their order.
///
/// # Safety
/// `verifier` is null or from this library and not freed; `out_info` is null or points to a struct of the size that it
/// states.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_verifier_get_slice(
    verifier: *const anser_verifier,
    index: usize,
    out_info: *mut anser_slice_info,
) -> anser_status {
    guard("anser_verifier_get_slice", || {
        // SAFETY: passed on.
        unsafe {
            let state = handle::read(verifier, "verifier")?;
            let Some(info) = info(&state, index) else {
                let count = state.texts.len();
                return Err(Failure::invalid(format_args!(
                    "argument index: there is no slice {index}, there are {count}"
                )));
            };
            write_struct(out_info, &info, size_of::<anser_slice_info>(), "out_info")
        }
    })
}
