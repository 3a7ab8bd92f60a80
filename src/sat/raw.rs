//! The C functions of `cadical_shim.hpp`, made safe one by one. Nothing here decides anything.
#![allow(unsafe_code)]

mod calls;

use std::ffi::{CStr, c_char, c_void};
use std::ptr;

use arrayvec::ArrayVec;

use self::calls::{CALLS, Calls};
use super::SatError;
use super::multiplex::Multiplexer;
use super::poll::{Engine, Poll};
use crate::error::OutOfMemory;
use crate::formula::Clauses;
use crate::proof::{ProofFormat, Sink};

// Makes the linker take CaDiCaL from the crate that compiles it.
use cadical_sys as _;

/// One option: all are integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionInfo {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// Its value if nothing is said.
    pub default: i64,
    /// The least value.
    pub min: i64,
    /// The greatest value.
    pub max: i64,
}

/// Room for the options of CaDiCaL; a test holds that it is enough.
pub(super) const MAX_OPTIONS: usize = 300;
/// Room for the statistics; a test holds that it is enough.
pub const MAX_STATISTICS: usize = 32;

/// Name and meaning of each statistic.
pub type StatisticNames = ArrayVec<(&'static str, &'static str), MAX_STATISTICS>;

#[repr(C)]
struct Opaque {
    _private: [u8; 0],
}

#[repr(C)]
struct RawOption {
    name: *const c_char,
    doc: *const c_char,
    def: i32,
    lo: i32,
    hi: i32,
}

type RawPoll = extern "C" fn(*mut c_void) -> i32;
type RawSink = extern "C" fn(*mut c_void, *const u8, usize) -> i32;

unsafe extern "C" {
    fn anser_cadical_new(out: *mut *mut Opaque) -> i32;
    fn anser_cadical_delete(handle: *mut Opaque);
    fn anser_cadical_error(handle: *const Opaque) -> *const c_char;
    fn anser_cadical_unwanted_environment() -> *const c_char;
    fn anser_cadical_num_options() -> usize;
    fn anser_cadical_get_option(index: usize, out: *mut RawOption);
    fn anser_cadical_set_option(handle: *mut Opaque, index: usize, value: i32) -> i32;
    fn anser_cadical_proof(
        handle: *mut Opaque,
        lrat: i32,
        binary: i32,
        originals: i64,
        sink: RawSink,
        context: *mut c_void,
    ) -> i32;
    fn anser_cadical_flush_proof(handle: *mut Opaque, out_failed: *mut i32) -> i32;
    fn anser_cadical_resize(handle: *mut Opaque, max_var: i32) -> i32;
    fn anser_cadical_add(
        handle: *mut Opaque,
        literals: *const i32,
        begin: usize,
        ends: *const usize,
        clauses: usize,
    ) -> i32;
    fn anser_cadical_phase(handle: *mut Opaque, literal: i32) -> i32;
    fn anser_cadical_unphase(handle: *mut Opaque, literal: i32) -> i32;
    fn anser_cadical_solve(
        handle: *mut Opaque,
        assumptions: *const i32,
        length: usize,
        conflicts: i64,
        ticks: i64,
        interrupt: *const u8,
        poll: RawPoll,
        context: *mut c_void,
        out_result: *mut i32,
    ) -> i32;
    fn anser_cadical_connect(handle: *mut Opaque, calls: *const Calls, context: *mut c_void) -> i32;
    fn anser_cadical_listen(handle: *mut Opaque, fixed: i32, learned: usize) -> i32;
    fn anser_cadical_observe(handle: *mut Opaque, variables: *const i32, length: usize) -> i32;
    fn anser_cadical_unobserve(handle: *mut Opaque, variables: *const i32, length: usize) -> i32;
    fn anser_cadical_retract(handle: *mut Opaque) -> i32;
    fn anser_cadical_found(handle: *const Opaque, out: *mut i8, length: usize) -> i32;
    fn anser_cadical_model(handle: *mut Opaque, out: *mut i8, length: usize) -> i32;
    fn anser_cadical_failed(handle: *mut Opaque, assumptions: *const i32, length: usize, out: *mut u8) -> i32;
    fn anser_cadical_num_statistics() -> usize;
    fn anser_cadical_statistic_name(index: usize) -> *const c_char;
    fn anser_cadical_statistic_doc(index: usize) -> *const c_char;
    fn anser_cadical_statistics(handle: *const Opaque, out: *mut i64);
    fn anser_cadical_least_bytes(variables: u64, clauses: u64, literals: u64) -> u64;
    fn anser_cadical_bytes(handle: *const Opaque) -> u64;
}

// Places in the table of statistics; a test holds them.
pub(super) const CONFLICTS: usize = 0;
pub(super) const DECISIONS: usize = 1;
pub(super) const PROPAGATIONS: usize = 2;
pub(super) const TICKS: usize = 3;
pub(super) const IRREDUNDANT: usize = 10;
pub(super) const REDUNDANT: usize = 11;
pub(super) const FIXED: usize = 12;

/// A static C string.
fn text(s: *const c_char) -> &'static str {
    // SAFETY: only called with string literals of the shim, which live for ever and are ASCII.
    unsafe { CStr::from_ptr(s) }.to_str().unwrap_or("?")
}

pub(super) fn options() -> ArrayVec<OptionInfo, MAX_OPTIONS> {
    // SAFETY: the count is the table's; each index is below it, and `raw` is written before it is read.
    unsafe {
        (0..anser_cadical_num_options())
            .map(|i| {
                let mut raw = RawOption { name: ptr::null(), doc: ptr::null(), def: 0, lo: 0, hi: 0 };
                anser_cadical_get_option(i, &raw mut raw);
                OptionInfo {
                    name: text(raw.name),
                    doc: text(raw.doc),
                    default: raw.def.into(),
                    min: raw.lo.into(),
                    max: raw.hi.into(),
                }
            })
            .collect()
    }
}

pub(super) fn statistics() -> StatisticNames {
    // SAFETY: each index is below the table's length.
    unsafe {
        (0..anser_cadical_num_statistics())
            .map(|i| (text(anser_cadical_statistic_name(i)), text(anser_cadical_statistic_doc(i))))
            .collect()
    }
}

pub(super) fn unwanted_environment() -> Option<String> {
    // SAFETY: no arguments; the answer is null or a string literal.
    let name = unsafe { anser_cadical_unwanted_environment() };
    (!name.is_null()).then(|| text(name).to_owned())
}

pub(super) fn least_bytes(variables: u32, clauses: u64, literals: u64) -> u64 {
    // SAFETY: plain arithmetic.
    unsafe { anser_cadical_least_bytes(variables.into(), clauses, literals) }
}

/// Owns one CaDiCaL and, where there are any, the sink that its proof writer was given and the multiplexer of its
/// propagators.
#[derive(Debug)]
pub(super) struct Handle {
    /// Null once it had to be abandoned.
    solver: *mut Opaque,
    /// Null or from `Box::into_raw`; the solver holds a copy of this pointer.
    sink: *mut Sink,
    /// Null or from `Box::into_raw`; the solver holds a copy of this pointer while propagators are connected.
    multiplexer: *mut Multiplexer,
}

// SAFETY: CaDiCaL keeps no thread-local state, the sink's writer and the propagators are `Send`, and the handle is reached
// through `&mut` or, for counters, from the thread that searches. Never `Sync`.
unsafe impl Send for Handle {}

impl Drop for Handle {
    fn drop(&mut self) {
        if !self.solver.is_null() {
            // SAFETY: made by `new`, deleted once, and no search is under way.
            unsafe { anser_cadical_delete(self.solver) }
        }
        if !self.sink.is_null() {
            // SAFETY: from `Box::into_raw`, freed once, after the solver that wrote into it is gone or abandoned.
            drop(unsafe { Box::from_raw(self.sink) });
        }
        if !self.multiplexer.is_null() {
            // SAFETY: from `Box::into_raw`, freed once, after the solver that called it is gone or abandoned.
            drop(unsafe { Box::from_raw(self.multiplexer) });
        }
    }
}

impl Handle {
    pub(super) fn new() -> Result<Self, SatError> {
        let mut raw = ptr::null_mut();
        // SAFETY: `raw` is writable.
        match unsafe { anser_cadical_new(&raw mut raw) } {
            0 => Ok(Handle { solver: raw, sink: ptr::null_mut(), multiplexer: ptr::null_mut() }),
            1 => Err(OutOfMemory::Allocator { bytes: 0 }.into()),
            _ => Err(SatError::Internal("no solver could be made".into())),
        }
    }

    /// Lets go of a solver that must not be touched again. What it held is leaked: to delete it might crash.
    pub(super) fn abandon(&mut self) {
        self.solver = ptr::null_mut();
    }

    fn done(&self, code: i32) -> Result<(), SatError> {
        match code {
            0 => Ok(()),
            1 => Err(OutOfMemory::Backend.into()),
            _ => {
                // SAFETY: the text belongs to the handle and is copied at once.
                let text = unsafe { CStr::from_ptr(anser_cadical_error(self.solver)) };
                Err(SatError::Internal(text.to_string_lossy().into_owned()))
            }
        }
    }

    /// `index` is within [`options`].
    pub(super) fn set_option(&mut self, index: usize, value: i32) -> Result<(), SatError> {
        // SAFETY: who calls this found the index in the table of options.
        self.done(unsafe { anser_cadical_set_option(self.solver, index, value) })
    }

    pub(super) fn proof(&mut self, format: ProofFormat, originals: i64, sink: Box<Sink>) -> Result<(), SatError> {
        let (lrat, binary) = (format.is_lrat().into(), format.is_binary().into());
        self.sink = Box::into_raw(sink);
        // SAFETY: `take_proof` gets back the pointer to the `Sink` that this handle keeps in place.
        self.done(unsafe { anser_cadical_proof(self.solver, lrat, binary, originals, take_proof, self.sink.cast()) })
    }

    /// Hands every byte so far to the sink, if there is one.
    pub(super) fn flush_proof(&mut self) -> Result<(), SatError> {
        if self.sink.is_null() || self.solver.is_null() {
            return Ok(());
        }
        let mut failed = 0;
        // SAFETY: `failed` is writable.
        self.done(unsafe { anser_cadical_flush_proof(self.solver, &raw mut failed) })?;
        // SAFETY: ours, and the solver is not at work.
        let sink = unsafe { &mut *self.sink };
        if failed == 0 && sink.flush() { Ok(()) } else { Err(SatError::Proof(sink.failure())) }
    }

    pub(super) fn resize(&mut self, max_var: i32) -> Result<(), SatError> {
        // SAFETY: a plain call between searches.
        self.done(unsafe { anser_cadical_resize(self.solver, max_var) })
    }

    /// Adds the clauses `first..end`.
    pub(super) fn add(&mut self, clauses: &Clauses, first: usize, end: usize) -> Result<(), SatError> {
        let (literals, begin, ends) = clauses.raw(first, end);
        // SAFETY: `begin` and `ends` are within `literals`, as `Clauses` holds; literals were checked on entry.
        self.done(unsafe { anser_cadical_add(self.solver, literals.as_ptr(), begin, ends.as_ptr(), ends.len()) })
    }

    pub(super) fn phase(&mut self, literal: i32) -> Result<(), SatError> {
        // SAFETY: a plain call between searches.
        self.done(unsafe { anser_cadical_phase(self.solver, literal) })
    }

    pub(super) fn unphase(&mut self, literal: i32) -> Result<(), SatError> {
        // SAFETY: a plain call between searches.
        self.done(unsafe { anser_cadical_unphase(self.solver, literal) })
    }

    /// Makes the multiplexer, where there is none, and connects it.
    pub(super) fn connect(&mut self) -> Result<(), SatError> {
        if self.multiplexer.is_null() {
            self.multiplexer = Box::into_raw(Box::default());
        }
        // SAFETY: the functions of the table get back the pointer to the `Multiplexer` that this handle keeps in place.
        self.done(unsafe { anser_cadical_connect(self.solver, &raw const CALLS, self.multiplexer.cast()) })
    }

    /// What propagators said and CaDiCaL learned stays.
    pub(super) fn disconnect(&mut self) -> Result<(), SatError> {
        // SAFETY: a plain call between searches.
        self.done(unsafe { anser_cadical_connect(self.solver, ptr::null(), ptr::null_mut()) })
    }

    /// Only while connected.
    pub(super) fn listen(&mut self, fixed: bool, learned: usize) -> Result<(), SatError> {
        // SAFETY: a plain call between searches, and who makes it has connected propagators.
        self.done(unsafe { anser_cadical_listen(self.solver, fixed.into(), learned) })
    }

    /// Only while connected, and declared variables.
    pub(super) fn observe(&mut self, variables: &[i32]) -> Result<(), SatError> {
        // SAFETY: a plain call between searches; the multiplexer, which it calls, is not borrowed.
        self.done(unsafe { anser_cadical_observe(self.solver, variables.as_ptr(), variables.len()) })
    }

    /// Only while connected.
    pub(super) fn unobserve(&mut self, variables: &[i32]) -> Result<(), SatError> {
        // SAFETY: as for `observe`.
        self.done(unsafe { anser_cadical_unobserve(self.solver, variables.as_ptr(), variables.len()) })
    }

    /// Forgets the last answer and undoes every decision.
    pub(super) fn retract(&mut self) -> Result<(), SatError> {
        // SAFETY: as for `observe`.
        self.done(unsafe { anser_cadical_retract(self.solver) })
    }

    /// None where nothing was ever connected. Not while CaDiCaL is at work, but for a poll, which comes while no
    /// propagator is.
    pub(super) fn multiplexer(&self) -> Option<&Multiplexer> {
        // SAFETY: null or ours, and nobody changes it now.
        unsafe { self.multiplexer.as_ref() }
    }

    /// None where nothing was ever connected.
    pub(super) fn multiplexer_mut(&mut self) -> Option<&mut Multiplexer> {
        // SAFETY: null or ours; CaDiCaL, the only other one with this pointer, is not at work.
        unsafe { self.multiplexer.as_mut() }
    }

    /// Takes `&self` so that the poll may read counters meanwhile; who calls it holds `&mut Cadical`.
    pub(super) fn solve<E: Engine>(
        &self,
        assumptions: &[i32],
        conflicts: Option<u64>,
        ticks: Option<u64>,
        poll: &mut Poll<'_, E>,
    ) -> Result<i32, SatError> {
        let limit = |l: Option<u64>| l.map_or(-1, |l| i64::try_from(l).unwrap_or(i64::MAX / 4));
        let mut result = 0;
        let interrupt = poll.interrupt();
        let flag = interrupt.as_ref().map_or(ptr::null(), |i| i.as_ptr().cast_const().cast::<u8>());
        // SAFETY: `ask::<E>` gets back the pointer to this very `poll`, while nobody else uses it; `interrupt` keeps the
        // flag alive, which is read atomically.
        let code = unsafe {
            anser_cadical_solve(
                self.solver,
                assumptions.as_ptr(),
                assumptions.len(),
                limit(conflicts),
                limit(ticks),
                flag,
                ask::<E>,
                ptr::from_mut(poll).cast(),
                &raw mut result,
            )
        };
        self.done(code).map(|()| result)
    }

    pub(super) fn model(&mut self, values: &mut [i8]) -> Result<(), SatError> {
        // SAFETY: writes `values.len()` values.
        self.done(unsafe { anser_cadical_model(self.solver, values.as_mut_ptr(), values.len()) })
    }

    pub(super) fn failed(&mut self, assumptions: &[i32], failed: &mut [bool]) -> Result<(), SatError> {
        let length = assumptions.len().min(failed.len());
        // SAFETY: writes `length` bytes, each 0 or 1, which are valid `bool`s.
        self.done(unsafe {
            anser_cadical_failed(self.solver, assumptions.as_ptr(), length, failed.as_mut_ptr().cast::<u8>())
        })
    }

    /// Zeros where the solver was abandoned.
    pub(super) fn statistics(&self) -> [i64; MAX_STATISTICS] {
        let mut out = [0; MAX_STATISTICS];
        if !self.solver.is_null() {
            // SAFETY: `out` has room for all; CaDiCaL's counters are plain integers of this thread.
            unsafe { anser_cadical_statistics(self.solver, out.as_mut_ptr()) }
        }
        out
    }

    pub(super) fn bytes(&self) -> u64 {
        if self.solver.is_null() {
            return 0;
        }
        // SAFETY: called between searches, or from a poll, where CaDiCaL's clause list is whole.
        unsafe { anser_cadical_bytes(self.solver) }.saturating_add(self.multiplexer().map_or(0, Multiplexer::bytes))
    }
}

extern "C" fn ask<E: Engine>(context: *mut c_void) -> i32 {
    // SAFETY: `context` is the `Poll<E>` that `solve` was given.
    let poll = unsafe { &mut *context.cast::<Poll<'_, E>>() };
    i32::from(poll.poll())
}

extern "C" fn take_proof(context: *mut c_void, bytes: *const u8, length: usize) -> i32 {
    // SAFETY: `context` is the `Sink` that `proof` was given; the bytes are the shim's buffer.
    let (sink, bytes) = unsafe { (&mut *context.cast::<Sink>(), std::slice::from_raw_parts(bytes, length)) };
    i32::from(!sink.write(bytes))
}
