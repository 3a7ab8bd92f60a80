//! The one wrapper of CaDiCaL. It owns the solver and the proof's sink, knows CaDiCaL's contract and keeps it, so
//! that CaDiCaL never aborts.
#![allow(unsafe_code)]

use std::io::Write;
use std::panic::resume_unwind;

use super::SatError;
use super::options::{MAX_STATISTICS, options};
use super::poll::{Ended, Engine, Poll};
use super::proof::{ProofFormat, Sink};
use crate::budget::{Budget, Phase, Progress, Stop};
use crate::error::OutOfMemory;
use crate::formula::Clauses;

// Makes the linker take CaDiCaL from the crate that compiles it.
use cadical_sys as _;

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// There is a model.
    Sat,
    /// There is none under the assumptions.
    Unsat,
    /// The budget ended the search.
    Unknown(Stop),
}

/// An incremental CDCL solver. It may move between threads, but is used by one at a time.
///
/// The order of calls: options and a proof first, then [`Cadical::resize`] and clauses, then searches with
/// clauses between them. Literals must be nonzero and within the variables declared by `resize`: CaDiCaL ends the
/// process where they are not. The room above, `solve`, checks that, which is why this type is not public.
#[derive(Debug)]
pub(crate) struct Cadical {
    handle: raw::Handle,
    usable: bool,
}

/// Clauses handed over between two looks at the budget.
const CHUNK: usize = 4096;

impl Cadical {
    /// A solver without clauses, every option at its default, whatever the environment says.
    pub fn new() -> Result<Self, SatError> {
        if let Some(name) = raw::unwanted_environment() {
            return Err(SatError::Environment(name));
        }
        Ok(Cadical { handle: raw::Handle::new()?, usable: true })
    }

    /// Sets an option. Only before the first clause.
    pub fn set_option(&mut self, name: &str, value: i64) -> Result<(), SatError> {
        let index = find_option(name, value)?;
        let value = i32::try_from(value).unwrap_or(i32::MAX); // in range, so it fits
        self.call(|h| h.set_option(index, value))
    }

    /// Writes a proof into `writer` while searching. Only before the first clause; `original_clauses` is how many
    /// will be added before the first search.
    pub fn set_proof(
        &mut self,
        format: ProofFormat,
        original_clauses: u64,
        writer: Box<dyn Write + Send>,
    ) -> Result<(), SatError> {
        let max = i32::MAX as u64 / 2;
        if original_clauses > max {
            return Err(SatError::ProofSize { clauses: original_clauses, max });
        }
        self.call(|h| h.proof(format, original_clauses.cast_signed(), Box::new(Sink::new(writer))))
    }

    /// Declares the variables `1..=max_var`.
    pub fn resize(&mut self, max_var: u32) -> Result<(), SatError> {
        self.call(|h| h.resize(max_var.cast_signed()))
    }

    /// Adds the clauses from number `first` on, unless the budget says stop. Answers where to go on.
    pub fn add(&mut self, clauses: &Clauses, first: usize, budget: &Budget) -> (usize, Result<(), AddError>) {
        let total = clauses.len();
        let mut done = first;
        while done < total {
            let progress = Progress { done: done as u64, total: total as u64, ..Progress::at(Phase::Load) };
            if let Err(stop) = budget.report(|| progress) {
                return (done, Err(AddError::Stop(stop)));
            }
            let end = total.min(done + CHUNK);
            if let Err(why) = self.call(|h| h.add(clauses, done, end)) {
                return (done, Err(AddError::Failed(why)));
            }
            done = end;
        }
        (done, Ok(()))
    }

    /// The value that a decision on the literal's variable tries first: the one that makes it true.
    pub fn set_phase(&mut self, literal: i32) -> Result<(), SatError> {
        self.call(|h| h.phase(literal))
    }

    /// Takes back what [`Cadical::set_phase`] said of a variable.
    pub fn clear_phase(&mut self, variable: u32) -> Result<(), SatError> {
        self.call(|h| h.unphase(variable.cast_signed()))
    }

    /// Searches for a model of the clauses under `assumptions`.
    pub fn solve(&mut self, assumptions: &[i32], budget: &Budget) -> Result<Answer, SatError> {
        if !self.usable {
            return Err(SatError::Unusable);
        }
        let before = Count::of(&self.handle);
        let conflicts = budget.limits().conflicts;
        let work = budget.limits().work.map(|_| budget.work_left());
        let mut poll = Poll::new(budget, &self.handle);
        let searched = self.handle.solve(assumptions, conflicts, work, &mut poll);
        let ended = poll.ended();
        let searched = self.note(searched);
        if let Some(Ended::Panic(panic)) = ended {
            resume_unwind(panic); // a caller's callback panicked: the engine itself is whole
        }
        let after = Count::of(&self.handle);
        let overspent = budget.spend(after.ticks.saturating_sub(before.ticks)).is_err_and(|stop| stop == Stop::Work);
        let result = searched?;
        self.flush_proof()?;
        match (result, ended) {
            (10, _) => Ok(Answer::Sat),
            (20, _) => Ok(Answer::Unsat),
            (_, Some(Ended::Stop(stop))) => Ok(Answer::Unknown(stop)),
            (_, Some(Ended::Memory(short))) => Err(short.into()),
            _ if conflicts.is_some_and(|limit| after.conflicts.saturating_sub(before.conflicts) >= limit) => {
                Ok(Answer::Unknown(Stop::Conflicts))
            }
            _ if overspent || work.is_some_and(|limit| after.ticks.saturating_sub(before.ticks) >= limit) => {
                Ok(Answer::Unknown(Stop::Work))
            }
            (other, _) => Err(SatError::Internal(format!("a search without a limit answered {other}"))),
        }
    }

    /// After [`Answer::Sat`]: the values of the variables `1..=values.len()`, as 1 and -1.
    pub fn model(&mut self, values: &mut [i8]) -> Result<(), SatError> {
        self.call(|h| h.model(values))
    }

    /// After [`Answer::Unsat`]: which of these assumptions are part of the core.
    pub fn failed(&mut self, assumptions: &[i32], failed: &mut [bool]) -> Result<(), SatError> {
        self.call(|h| h.failed(assumptions, failed))
    }

    /// The counters named by [`super::statistics`].
    #[must_use]
    pub fn statistics(&self) -> [i64; MAX_STATISTICS] {
        self.handle.statistics()
    }

    /// Bytes held, estimated: summed over variables and clauses with what each is known to take. Time: linear in
    /// the number of clauses.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.handle.bytes()
    }

    fn flush_proof(&mut self) -> Result<(), SatError> {
        let flushed = self.handle.flush_proof();
        self.note(flushed)
    }

    fn call<T>(&mut self, act: impl FnOnce(&mut raw::Handle) -> Result<T, SatError>) -> Result<T, SatError> {
        if !self.usable {
            return Err(SatError::Unusable);
        }
        let outcome = act(&mut self.handle);
        self.note(outcome)
    }

    /// After an exception CaDiCaL must not be touched again.
    fn note<T>(&mut self, outcome: Result<T, SatError>) -> Result<T, SatError> {
        if matches!(outcome, Err(SatError::Memory(OutOfMemory::Backend) | SatError::Internal(_))) {
            self.usable = false;
            self.handle.abandon();
        }
        outcome
    }
}

/// Why not all clauses were added.
#[derive(Debug)]
pub(crate) enum AddError {
    /// The budget said stop.
    Stop(Stop),
    /// The engine failed.
    Failed(SatError),
}

/// Bytes that CaDiCaL will hold at least once it has so many variables, clauses and literals.
pub(crate) fn least_bytes(variables: u32, clauses: usize, literals: usize) -> u64 {
    raw::least_bytes(variables, clauses as u64, literals as u64)
}

/// The index of the option of that name, if the value is in its range.
pub(crate) fn find_option(name: &str, value: i64) -> Result<usize, SatError> {
    let table = options();
    let Ok(index) = table.binary_search_by(|o| o.name.cmp(name)) else {
        return Err(SatError::UnknownOption(name.into()));
    };
    let option = &table[index];
    if value < option.min || value > option.max {
        return Err(SatError::OptionRange { name: option.name, value, min: option.min, max: option.max });
    }
    Ok(index)
}

struct Count {
    conflicts: u64,
    ticks: u64,
}

impl Count {
    fn of(handle: &raw::Handle) -> Self {
        let counters = handle.statistics();
        Count { conflicts: counters[raw::CONFLICTS].cast_unsigned(), ticks: counters[raw::TICKS].cast_unsigned() }
    }
}

impl Engine for raw::Handle {
    fn snapshot(&self) -> Progress {
        let counters = self.statistics();
        let count = |i: usize| counters[i].cast_unsigned();
        Progress {
            conflicts: count(raw::CONFLICTS),
            decisions: count(raw::DECISIONS),
            propagations: count(raw::PROPAGATIONS),
            irredundant: count(raw::IRREDUNDANT),
            redundant: count(raw::REDUNDANT),
            fixed: count(raw::FIXED),
            ..Progress::at(Phase::Search)
        }
    }

    fn clauses(&self) -> u64 {
        let p = self.snapshot();
        p.irredundant + p.redundant
    }

    fn bytes(&self) -> u64 {
        self.bytes()
    }
}

/// The C functions of `cadical_shim.hpp`, made safe one by one.
pub(super) mod raw {
    use std::ffi::{CStr, c_char, c_void};
    use std::ptr;

    use super::super::SatError;
    use arrayvec::ArrayVec;

    use super::super::options::{MAX_OPTIONS, MAX_STATISTICS, OptionInfo, StatisticNames};
    use super::super::poll::{Engine, Poll};
    use super::super::proof::{ProofFormat, Sink};
    use crate::error::OutOfMemory;
    use crate::formula::Clauses;

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
            poll: RawPoll,
            context: *mut c_void,
            out_result: *mut i32,
        ) -> i32;
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
    pub(in super::super) const CONFLICTS: usize = 0;
    pub(in super::super) const DECISIONS: usize = 1;
    pub(in super::super) const PROPAGATIONS: usize = 2;
    pub(in super::super) const TICKS: usize = 3;
    pub(in super::super) const IRREDUNDANT: usize = 10;
    pub(in super::super) const REDUNDANT: usize = 11;
    pub(in super::super) const FIXED: usize = 12;

    /// A static C string.
    fn text(s: *const c_char) -> &'static str {
        // SAFETY: only called with string literals of the shim, which live for ever and are ASCII.
        unsafe { CStr::from_ptr(s) }.to_str().unwrap_or("?")
    }

    pub(in super::super) fn options() -> ArrayVec<OptionInfo, MAX_OPTIONS> {
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

    pub(in super::super) fn statistics() -> StatisticNames {
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

    /// Owns one CaDiCaL and, where there is one, the sink that its proof writer was given.
    #[derive(Debug)]
    pub(in super::super) struct Handle {
        /// Null once it had to be abandoned.
        solver: *mut Opaque,
        /// Null or from `Box::into_raw`; the solver holds a copy of this pointer.
        sink: *mut Sink,
    }

    // SAFETY: CaDiCaL keeps no thread-local state, the sink's writer is `Send`, and the handle is reached through
    // `&mut` or, for counters, from the thread that searches. Never `Sync`.
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
        }
    }

    impl Handle {
        pub(super) fn new() -> Result<Self, SatError> {
            let mut raw = ptr::null_mut();
            // SAFETY: `raw` is writable.
            match unsafe { anser_cadical_new(&raw mut raw) } {
                0 => Ok(Handle { solver: raw, sink: ptr::null_mut() }),
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

        pub(super) fn set_option(&mut self, index: usize, value: i32) -> Result<(), SatError> {
            debug_assert!(index < super::super::options::options().len());
            // SAFETY: who calls this found the index in the table.
            self.done(unsafe { anser_cadical_set_option(self.solver, index, value) })
        }

        pub(super) fn proof(&mut self, format: ProofFormat, originals: i64, sink: Box<Sink>) -> Result<(), SatError> {
            let (lrat, binary) = (format.is_lrat().into(), format.is_binary().into());
            self.sink = Box::into_raw(sink);
            // SAFETY: `take_proof` gets back the pointer to the `Sink` that this handle keeps in place.
            self.done(unsafe {
                anser_cadical_proof(self.solver, lrat, binary, originals, take_proof, self.sink.cast())
            })
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
            // SAFETY: `ask::<E>` gets back the pointer to this very `poll`, while nobody else uses it.
            let code = unsafe {
                anser_cadical_solve(
                    self.solver,
                    assumptions.as_ptr(),
                    assumptions.len(),
                    limit(conflicts),
                    limit(ticks),
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
            unsafe { anser_cadical_bytes(self.solver) }
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sat::statistics;

    #[test]
    fn counters_are_where_they_are_said_to_be() {
        let name = |i: usize| statistics()[i].0;
        assert_eq!(
            [raw::CONFLICTS, raw::DECISIONS, raw::PROPAGATIONS, raw::TICKS].map(name),
            ["conflicts", "decisions", "propagations", "ticks"]
        );
        assert_eq!([raw::IRREDUNDANT, raw::REDUNDANT, raw::FIXED].map(name), ["irredundant", "redundant", "fixed"]);
    }

    #[test]
    fn options_are_sorted_and_hold_their_defaults() {
        let table = options();
        assert!(table.len() > 200);
        assert!(table.windows(2).all(|w| w[0].name < w[1].name));
        assert!(table.iter().all(|o| o.min <= o.default && o.default <= o.max && !o.doc.is_empty()));
        assert!(find_option("seed", 7).is_ok());
        assert!(find_option("check", 1).is_err());
    }

    #[test]
    fn a_handle_may_move_between_threads() {
        fn send<T: Send>() {}
        send::<Cadical>();
    }
}
