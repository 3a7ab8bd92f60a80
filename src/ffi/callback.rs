//! A host's functions: reading the structs that carry them, calling them, letting go of them.

use std::cell::Cell;
use std::ffi::{c_char, c_void};

use super::error::{self, Failure};
use super::floats::as_the_host;
use super::status::anser_status;

unsafe extern "C" {
    pub(super) fn anser_callback_report(
        call: unsafe extern "C" fn(*mut c_void, *const c_void) -> i32,
        user_data: *mut c_void,
        progress: *const c_void,
        threw: *mut i32,
    ) -> i32;
    fn anser_callback_log(
        call: unsafe extern "C" fn(*mut c_void, i32, *const c_char),
        user_data: *mut c_void,
        level: i32,
        line: *const c_char,
        threw: *mut i32,
    );
    fn anser_callback_write(
        call: unsafe extern "C" fn(*mut c_void, *const u8, usize) -> i32,
        user_data: *mut c_void,
        bytes: *const u8,
        length: usize,
        threw: *mut i32,
    ) -> i32;
    pub(super) fn anser_callback_destroy(
        call: unsafe extern "C" fn(*mut c_void),
        user_data: *mut c_void,
        threw: *mut i32,
    );
}

/// Notifies of literals.
pub(super) type Literals = unsafe extern "C" fn(*mut c_void, *const i32, usize) -> i32;
/// Asks for a literal.
pub(super) type Proposal = unsafe extern "C" fn(*mut c_void, *mut i32) -> i32;
/// Asks for a reason.
pub(super) type Reason = unsafe extern "C" fn(*mut c_void, i32, *mut *const i32, *mut usize) -> i32;
/// Asks about a model.
pub(super) type Check = unsafe extern "C" fn(*mut c_void, *const i32, usize, *mut i32) -> i32;
/// Asks for a clause.
pub(super) type Clause = unsafe extern "C" fn(*mut c_void, *mut *const i32, *mut usize, *mut i32) -> i32;

// The functions of a propagator, by their arguments.
unsafe extern "C" {
    pub(super) fn anser_callback_plain(
        call: unsafe extern "C" fn(*mut c_void) -> i32,
        user: *mut c_void,
        threw: *mut i32,
    ) -> i32;
    pub(super) fn anser_callback_level(
        call: unsafe extern "C" fn(*mut c_void, usize) -> i32,
        user: *mut c_void,
        level: usize,
        threw: *mut i32,
    ) -> i32;
    pub(super) fn anser_callback_literal(
        call: unsafe extern "C" fn(*mut c_void, i32) -> i32,
        user: *mut c_void,
        literal: i32,
        threw: *mut i32,
    ) -> i32;
    pub(super) fn anser_callback_literals(
        call: Literals,
        user: *mut c_void,
        literals: *const i32,
        length: usize,
        threw: *mut i32,
    ) -> i32;
    pub(super) fn anser_callback_proposal(call: Proposal, user: *mut c_void, out: *mut i32, threw: *mut i32) -> i32;
    pub(super) fn anser_callback_reason(
        call: Reason,
        user: *mut c_void,
        literal: i32,
        out: *mut *const i32,
        out_length: *mut usize,
        threw: *mut i32,
    ) -> i32;
    pub(super) fn anser_callback_check(
        call: Check,
        user: *mut c_void,
        literals: *const i32,
        length: usize,
        out_accept: *mut i32,
        threw: *mut i32,
    ) -> i32;
    pub(super) fn anser_callback_clause(
        call: Clause,
        user: *mut c_void,
        out: *mut *const i32,
        out_length: *mut usize,
        out_forgettable: *mut i32,
        threw: *mut i32,
    ) -> i32;
}

/// Asks about a disjunct.
pub(super) type Solve =
    unsafe extern "C" fn(*mut c_void, *const super::host_procedure::anser_question, *mut i32, *mut f64) -> i32;

unsafe extern "C" {
    pub(super) fn anser_callback_solve(
        call: Solve,
        user: *mut c_void,
        question: *const c_void,
        out_result: *mut i32,
        out_input: *mut f64,
        threw: *mut i32,
    ) -> i32;
}

// The functions of a scorer that are like none above.
unsafe extern "C" {
    pub(super) fn anser_callback_plan(
        call: unsafe extern "C" fn(*mut c_void, *mut super::scorer::anser_scorer_plan) -> i32,
        user: *mut c_void,
        plan: *mut c_void,
        threw: *mut i32,
    ) -> i32;
    pub(super) fn anser_callback_alloc(
        call: unsafe extern "C" fn(*mut c_void, usize, usize, *mut *mut c_void) -> i32,
        user: *mut c_void,
        bytes: usize,
        align: usize,
        out: *mut *mut c_void,
        threw: *mut i32,
    ) -> i32;
    pub(super) fn anser_callback_dealloc(
        call: unsafe extern "C" fn(*mut c_void, *mut c_void, usize),
        user: *mut c_void,
        memory: *mut c_void,
        bytes: usize,
        threw: *mut i32,
    );
    pub(super) fn anser_callback_prepare(
        call: Prepare,
        user: *mut c_void,
        graph: *const c_void,
        plan: *const c_void,
        slots: *const c_void,
        num_slots: u32,
        threw: *mut i32,
    ) -> i32;
    pub(super) fn anser_callback_collect(
        call: unsafe extern "C" fn(*mut c_void, *const super::scorer::anser_batch, u64) -> i32,
        user: *mut c_void,
        batch: *const c_void,
        timeout_ns: u64,
        threw: *mut i32,
    ) -> i32;
    pub(super) fn anser_callback_text(
        call: unsafe extern "C" fn(*mut c_void) -> *const c_char,
        user: *mut c_void,
        threw: *mut i32,
    ) -> *const c_char;
}

/// Shows a scorer what it will be asked about.
pub(super) type Prepare = unsafe extern "C" fn(
    *mut c_void,
    *const super::scorer::anser_graph,
    *const super::scorer::anser_scorer_plan,
    *const super::scorer::anser_batch,
    u32,
) -> i32;

thread_local! {
    /// Whether a callback threw during the call that this thread is in.
    static THREW: Cell<bool> = const { Cell::new(false) };
}

/// Begins a call; what is answered goes to [`remember_exception`] when it ends.
pub(super) fn forget_exception() -> bool {
    THREW.replace(false)
}

pub(super) fn remember_exception(threw: bool) {
    THREW.set(threw);
}

/// An error where a callback threw during this call.
pub(super) fn check_exception() -> Result<(), Failure> {
    if THREW.get() {
        let text = "a callback of the host threw an exception";
        return Err(Failure::new(anser_status::ANSER_STATUS_CALLBACK_FAILED, text));
    }
    Ok(())
}

fn note(threw: i32) -> bool {
    if threw != 0 {
        THREW.set(true);
    }
    threw != 0
}

/// What a throwing `report` counts as having answered.
pub(super) const THROWN: i32 = i32::MIN;

/// A host's data with the function that lets go of it, called exactly once.
#[derive(Debug)]
pub(super) struct UserData {
    pointer: *mut c_void,
    destroy: Option<unsafe extern "C" fn(*mut c_void)>,
}

// SAFETY: the header says that user data may be used on whichever thread is inside a call that was given it, and by
// several at once where the host makes several calls at once.
unsafe impl Send for UserData {}
// SAFETY: as above.
unsafe impl Sync for UserData {}

impl UserData {
    pub(super) fn new(pointer: *mut c_void, destroy: Option<unsafe extern "C" fn(*mut c_void)>) -> Self {
        UserData { pointer, destroy }
    }

    pub(super) fn report<T>(&self, call: unsafe extern "C" fn(*mut c_void, *const T) -> i32, progress: &T) -> i32 {
        let mut threw = 0;
        // SAFETY: a function pointer's type is changed in a pointer argument only; the host's contract covers the rest.
        let answer = unsafe {
            let call = std::mem::transmute::<
                unsafe extern "C" fn(*mut c_void, *const T) -> i32,
                unsafe extern "C" fn(*mut c_void, *const c_void) -> i32,
            >(call);
            as_the_host(|| {
                anser_callback_report(call, self.pointer, std::ptr::from_ref(progress).cast(), &raw mut threw)
            })
        };
        if note(threw) { THROWN } else { answer }
    }

    /// Calls one of the host's functions through the shim, which `call` does with the user data and a place to say whether
    /// the host threw; `None` where it did.
    pub(super) fn call(&self, call: impl FnOnce(*mut c_void, *mut i32) -> i32) -> Option<i32> {
        let mut threw = 0;
        let answer = call(self.pointer, &raw mut threw);
        (!note(threw)).then_some(answer)
    }

    /// The same for functions whose exceptions the caller tells of by itself.
    pub(super) fn ask<T>(&self, call: impl FnOnce(*mut c_void, *mut i32) -> T) -> Option<T> {
        let mut threw = 0;
        let answer = call(self.pointer, &raw mut threw);
        (threw == 0).then_some(answer)
    }

    pub(super) fn log(
        &self,
        call: unsafe extern "C" fn(*mut c_void, i32, *const c_char),
        level: i32,
        line: &std::ffi::CStr,
    ) {
        let mut threw = 0;
        // SAFETY: the host's contract.
        unsafe { anser_callback_log(call, self.pointer, level, line.as_ptr(), &raw mut threw) }
        note(threw);
    }

    /// The host's answer, or `None` where it threw.
    pub(super) fn write(
        &self,
        call: unsafe extern "C" fn(*mut c_void, *const u8, usize) -> i32,
        bytes: &[u8],
    ) -> Option<i32> {
        let mut threw = 0;
        // SAFETY: the host's contract.
        let answer = as_the_host(|| unsafe {
            anser_callback_write(call, self.pointer, bytes.as_ptr(), bytes.len(), &raw mut threw)
        });
        (!note(threw)).then_some(answer)
    }
}

impl Drop for UserData {
    fn drop(&mut self) {
        if let Some(destroy) = self.destroy.take() {
            let mut threw = 0;
            // What it calls of this library must not touch the error that is on its way.
            let saved = error::save();
            // SAFETY: called once, as the header promises.
            as_the_host(|| unsafe { anser_callback_destroy(destroy, self.pointer, &raw mut threw) });
            error::restore(saved);
        }
    }
}
