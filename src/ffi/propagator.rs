//! `anser_propagator`: a host's part of the search.

use std::ffi::c_void;
use std::ptr;

use super::anser_solver;
use super::arguments::{Out, check_array, slice, variable};
use super::callback::{
    Literals, Proposal, THROWN, UserData, anser_callback_check, anser_callback_clause, anser_callback_level,
    anser_callback_literal, anser_callback_literals, anser_callback_plain, anser_callback_proposal,
    anser_callback_reason,
};
use super::error::Failure;
use super::guard::guard;
use super::handle;
use super::status::anser_status;
use super::structs::read_struct;
use crate::solve::{HostFunctions, HostPropagator, HostStop};

/// A host's part of the search: constraints that are no clauses, over variables that it observes (IPASIR-UP: Fazekas,
/// Niemetz, Preiner, Kirchweger, Szeider and Biere, SAT 2023). Begin with ANSER_PROPAGATOR_INIT. See CALLBACKS at the top,
/// and examples-c/propagator.cpp.
///
/// Every function but `destroy` may be NULL, and then is not called: what is not needed costs nothing. They are called
/// during anser_solver_solve, and some of them during anser_solver_remove_propagator. They may call anser_interrupt_trigger
/// and, on other handles, anything; the solver itself answers ANSER_STATUS_INVALID_STATE.
///
/// Each answers 0 to go on. Anything else ends the solve without a result: ANSER_STATUS_OK, ANSER_RESULT_UNKNOWN,
/// ANSER_STOP_REASON_CALLBACK, and the answer is kept for anser_solver_get_callback_code. An exception ends it with
/// ANSER_STATUS_CALLBACK_FAILED. So does a propagator that does what it must not; the message says which one, what, and with
/// which literal, and the solver can only be freed then. It can only be freed, too, where `reason` did not answer 0: the
/// search cannot do without a reason.
///
/// What is said must follow from the host's constraints whatever else holds, for as long as the solver lives. The library
/// checks models against clauses only: that they satisfy the host's constraints is up to `check_model`, or to a
/// `propagate` that notices every violation once all observed variables are assigned.
///
/// The host sees a trail: literals of observed variables that are true, on decision levels. Level 0 is there from the start
/// and is never undone. A host is told late: what was undone before it was asked anything never reaches it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct anser_propagator {
    /// sizeof(anser_propagator).
    pub struct_size: usize,
    /// Handed to the functions below.
    pub user_data: *mut c_void,
    /// Called exactly once when the library lets go of `user_data`, also where registering failed, unless
    /// struct_size is wrong. May be NULL.
    pub destroy: Option<unsafe extern "C" fn(user_data: *mut c_void)>,
    /// These literals became true on the current level, in this order. Called before the host is asked anything.
    pub notify_assignment:
        Option<unsafe extern "C" fn(user_data: *mut c_void, literals: *const i32, num_literals: usize) -> i32>,
    /// A new level begins.
    pub notify_new_level: Option<unsafe extern "C" fn(user_data: *mut c_void) -> i32>,
    /// All above this level is undone; it is lower than the current one.
    pub notify_backtrack: Option<unsafe extern "C" fn(user_data: *mut c_void, level: usize) -> i32>,
    /// Writes an observed literal that is neither true nor false, to be made true next; or leaves 0.
    pub decide: Option<unsafe extern "C" fn(user_data: *mut c_void, out_literal: *mut i32) -> i32>,
    /// Writes an observed literal that follows from what is true; or leaves 0. Where it is false, that is a conflict; where
    /// it is true, it is passed over. Asked again until it leaves 0. Needs `reason`.
    pub propagate: Option<unsafe extern "C" fn(user_data: *mut c_void, out_literal: *mut i32) -> i32>,
    /// Writes where the reason of a propagated literal is: a clause of observed literals with that literal, all others
    /// of which were false before it was propagated. Asked for when a conflict depends on it, which may be long after
    /// `propagate`, or never. The clause must stay where it is until the next call of any of these functions.
    pub reason: Option<
        unsafe extern "C" fn(
            user_data: *mut c_void,
            literal: i32,
            out_literals: *mut *const i32,
            out_num_literals: *mut usize,
        ) -> i32,
    >,
    /// All observed variables are assigned, and all clauses hold: for each observed variable, in ascending order, the
    /// literal that is true. Writes 1 where that satisfies the host's constraints. Where it writes 0, `next_clause` is
    /// asked, and must give a clause that is false. Where it leaves out_accept as it is, that is 1.
    pub check_model: Option<
        unsafe extern "C" fn(
            user_data: *mut c_void,
            literals: *const i32,
            num_literals: usize,
            out_accept: *mut i32,
        ) -> i32,
    >,
    /// Writes where a clause of observed literals is that follows from the host's constraints; or leaves NULL. A pointer
    /// that is not NULL with length 0 is the empty clause: there is no model. Writes 1 to out_forgettable where the solver
    /// may forget the clause when it seems of little use; it is 0 at first. Asked after each round of propagation until
    /// it leaves NULL. The clause must stay where it is until the next call of any of these functions.
    pub next_clause: Option<
        unsafe extern "C" fn(
            user_data: *mut c_void,
            out_literals: *mut *const i32,
            out_num_literals: *mut usize,
            out_forgettable: *mut i32,
        ) -> i32,
    >,
    /// This observed literal is true in every model, whatever is assumed. It may come before notify_assignment.
    pub fixed: Option<unsafe extern "C" fn(user_data: *mut c_void, literal: i32) -> i32>,
    /// The solver learned this clause, of any variables.
    pub learned: Option<unsafe extern "C" fn(user_data: *mut c_void, literals: *const i32, num_literals: usize) -> i32>,
    /// The longest clause that `learned` is called with; 0 for none.
    pub max_learned: usize,
}

/// Where the C compiler must have each field (`ffi-tests/c/propagator.c` holds the other side), on 64 bits.
#[cfg(target_pointer_width = "64")]
const _: () = {
    use std::mem::offset_of;
    assert!(size_of::<anser_propagator>() == 112);
    assert!(offset_of!(anser_propagator, user_data) == 8 && offset_of!(anser_propagator, destroy) == 16);
    assert!(offset_of!(anser_propagator, notify_assignment) == 24 && offset_of!(anser_propagator, decide) == 48);
    assert!(offset_of!(anser_propagator, reason) == 64 && offset_of!(anser_propagator, next_clause) == 80);
    assert!(offset_of!(anser_propagator, learned) == 96 && offset_of!(anser_propagator, max_learned) == 104);
};

/// A host's functions, called.
struct Host {
    user: UserData,
    calls: anser_propagator,
}

// SAFETY: of what `calls` holds only the function pointers are used; the user data is `Send` as `UserData` says.
unsafe impl Send for Host {}

/// What the host answered, as an outcome.
fn outcome(answer: Option<i32>) -> Result<(), HostStop> {
    match answer {
        Some(0) => Ok(()),
        Some(code) => Err(HostStop::Code(code)),
        None => Err(HostStop::Code(THROWN)),
    }
}

/// Appends a clause of the host.
///
/// # Safety
/// `literals` points to `length` literals, or is no array that can be.
unsafe fn take(literals: *const i32, length: usize, clause: &mut Vec<i32>) -> Result<(), HostStop> {
    if length == 0 {
        return Ok(());
    }
    if check_array(literals, length, "out_literals").is_err() {
        return Err(HostStop::Broken("it answered a clause that is no array: NULL, not aligned, or too long"));
    }
    clause.try_reserve(length).map_err(|_| HostStop::Broken("it answered a clause for which there is no memory"))?;
    // SAFETY: an array as promised.
    clause.extend_from_slice(unsafe { std::slice::from_raw_parts(literals, length) });
    Ok(())
}

impl Host {
    fn literals(&self, call: Option<Literals>, literals: &[i32]) -> Result<(), HostStop> {
        let Some(call) = call else { return Ok(()) };
        // SAFETY: the host's contract.
        outcome(self.user.call(|user, threw| unsafe {
            anser_callback_literals(call, user, literals.as_ptr(), literals.len(), threw)
        }))
    }

    fn proposal(&self, call: Option<Proposal>) -> Result<i32, HostStop> {
        let Some(call) = call else { return Ok(0) };
        let mut literal = 0;
        let out = &raw mut literal;
        // SAFETY: the host's contract; `out` is writable.
        outcome(self.user.call(|user, threw| unsafe { anser_callback_proposal(call, user, out, threw) }))?;
        Ok(literal)
    }
}

impl HostPropagator for Host {
    fn functions(&self) -> HostFunctions {
        let c = &self.calls;
        HostFunctions {
            notify: c.notify_assignment.is_some() || c.notify_new_level.is_some() || c.notify_backtrack.is_some(),
            decide: c.decide.is_some(),
            propagate: c.propagate.is_some(),
            check_model: c.check_model.is_some(),
            next_clause: c.next_clause.is_some(),
            fixed: c.fixed.is_some(),
            max_learned: if c.learned.is_some() { c.max_learned } else { 0 },
        }
    }

    fn notify_assignment(&mut self, literals: &[i32]) -> Result<(), HostStop> {
        self.literals(self.calls.notify_assignment, literals)
    }

    fn notify_new_level(&mut self) -> Result<(), HostStop> {
        let Some(call) = self.calls.notify_new_level else { return Ok(()) };
        // SAFETY: the host's contract.
        outcome(self.user.call(|user, threw| unsafe { anser_callback_plain(call, user, threw) }))
    }

    fn notify_backtrack(&mut self, level: usize) -> Result<(), HostStop> {
        let Some(call) = self.calls.notify_backtrack else { return Ok(()) };
        // SAFETY: the host's contract.
        outcome(self.user.call(|user, threw| unsafe { anser_callback_level(call, user, level, threw) }))
    }

    fn decide(&mut self) -> Result<i32, HostStop> {
        self.proposal(self.calls.decide)
    }

    fn propagate(&mut self) -> Result<i32, HostStop> {
        self.proposal(self.calls.propagate)
    }

    fn reason(&mut self, literal: i32, clause: &mut Vec<i32>) -> Result<(), HostStop> {
        let Some(call) = self.calls.reason else { return Ok(()) };
        let (mut literals, mut length) = (ptr::null(), 0);
        let (out, out_length) = (&raw mut literals, &raw mut length);
        // SAFETY: the host's contract; both are writable.
        outcome(
            self.user.call(|user, threw| unsafe { anser_callback_reason(call, user, literal, out, out_length, threw) }),
        )?;
        // SAFETY: the host's contract.
        unsafe { take(literals, length, clause) }
    }

    fn check_model(&mut self, literals: &[i32]) -> Result<bool, HostStop> {
        let Some(call) = self.calls.check_model else { return Ok(true) };
        let mut accept = 1;
        let out = &raw mut accept;
        // SAFETY: the host's contract; `out` is writable.
        outcome(self.user.call(|user, threw| unsafe {
            anser_callback_check(call, user, literals.as_ptr(), literals.len(), out, threw)
        }))?;
        Ok(accept != 0)
    }

    fn next_clause(&mut self, clause: &mut Vec<i32>) -> Result<Option<bool>, HostStop> {
        let Some(call) = self.calls.next_clause else { return Ok(None) };
        let (mut literals, mut length, mut forgettable) = (ptr::null(), 0, 0);
        let (out, out_length, out_forgettable) = (&raw mut literals, &raw mut length, &raw mut forgettable);
        // SAFETY: the host's contract; all three are writable.
        outcome(self.user.call(|user, threw| unsafe {
            anser_callback_clause(call, user, out, out_length, out_forgettable, threw)
        }))?;
        if literals.is_null() && length == 0 {
            return Ok(None);
        }
        // SAFETY: the host's contract.
        unsafe { take(literals, length, clause) }?;
        Ok(Some(forgettable != 0))
    }

    fn fixed(&mut self, literal: i32) -> Result<(), HostStop> {
        let Some(call) = self.calls.fixed else { return Ok(()) };
        // SAFETY: the host's contract.
        outcome(self.user.call(|user, threw| unsafe { anser_callback_literal(call, user, literal, threw) }))
    }

    fn learned(&mut self, clause: &[i32]) -> Result<(), HostStop> {
        self.literals(self.calls.learned, clause)
    }
}

/// The variables of a host.
fn variables(given: &[i32]) -> Result<Vec<u32>, Failure> {
    let mut all = Vec::new();
    all.try_reserve_exact(given.len())
        .map_err(|_| crate::error::OutOfMemory::Allocator { bytes: size_of_val(given) as u64 })?;
    for (index, &value) in given.iter().enumerate() {
        all.push(variable(value, "variables").map_err(|e| e.at_index(index))?);
    }
    Ok(all)
}

/// Adds a propagator that observes these variables; any number of propagators may be added, before and between solves.
/// Observed variables are not eliminated from the search, and come back where they were. Forgets the model or core. Not
/// together with a proof, which could not tell why what the propagator says is true (ANSER_STATUS_INVALID_STATE).
///
/// @param propagator copied.
/// @param variables variables of the solver, in any order. May be NULL where num_variables is 0.
/// @param out_id its number: 0 for the first. May be NULL.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `propagator` is null or points to a struct of the size
/// that it states; `variables` is null or points to `num_variables` variables; `out_id` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_add_propagator(
    solver: *mut anser_solver,
    propagator: *const anser_propagator,
    variables: *const i32,
    num_variables: usize,
    out_id: *mut u32,
) -> anser_status {
    guard("anser_solver_add_propagator", || {
        // SAFETY: passed on; the struct is plain data.
        unsafe {
            let calls = read_struct(propagator, size_of::<anser_propagator>(), "propagator")?;
            // From here on `destroy` is called, whatever happens.
            let host = Host { user: UserData::new(calls.user_data, calls.destroy), calls };
            let out = Out::optional(out_id, "out_id")?;
            if calls.propagate.is_some() && calls.reason.is_none() {
                let text = "argument propagator: propagate needs reason, which is NULL";
                return Err(Failure::new(anser_status::ANSER_STATUS_NULL_ARGUMENT, text));
            }
            if calls.check_model.is_some() && calls.next_clause.is_none() {
                let text = "argument propagator: check_model needs next_clause, which is NULL";
                return Err(Failure::new(anser_status::ANSER_STATUS_NULL_ARGUMENT, text));
            }
            let observed = self::variables(slice(variables, num_variables, "variables")?)?;
            // On the way out the handle is left first: `destroy` is the host's code.
            let mut solver = handle::write(solver, "solver")?;
            solver.may_add_propagator(&observed)?;
            out.set(solver.add_propagator(Box::new(host), &observed)?);
        }
        Ok(())
    })
}

/// Lets a propagator observe more variables. Forgets the model or core.
///
/// @param propagator its number.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `variables` is null or points to `num_variables` variables.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_observe(
    solver: *mut anser_solver,
    propagator: u32,
    variables: *const i32,
    num_variables: usize,
) -> anser_status {
    guard("anser_solver_observe", || {
        // SAFETY: passed on.
        unsafe {
            let observed = self::variables(slice(variables, num_variables, "variables")?)?;
            Ok(handle::write(solver, "solver")?.observe(propagator, &observed)?)
        }
    })
}

/// Removes a propagator, whose `destroy` is called. It binds no more, but what was learned from it stays, so that later
/// models may still satisfy its constraints, or be missing for them. Forgets the model or core.
///
/// @param propagator its number, which is not used again.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_remove_propagator(solver: *mut anser_solver, propagator: u32) -> anser_status {
    guard("anser_solver_remove_propagator", || {
        // SAFETY: passed on.
        let mut solver = unsafe { handle::write(solver, "solver") }?;
        let host = solver.remove_propagator(propagator)?;
        drop(solver);
        drop(host); // the host's destroy runs when nobody is inside the handle any more
        Ok(())
    })
}
