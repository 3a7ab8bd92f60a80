//! `anser_budget`: what a call may take, and how it tells of its progress.

use std::ffi::c_void;
use std::time::Duration;

use super::anser_interrupt;
use super::arguments::constructed;
use super::callback::UserData;
use super::error::Failure;
use super::guard::{guard, guard_free};
use super::handle::{self, Handle, opaque};
use super::interrupt::token;
use super::status::anser_status;
use super::structs::read_struct;
use crate::budget::{Budget, Limits, Progress, ProgressSink, Stop};

/// Why a search or another long call ended.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_stop_reason {
    /// It finished.
    ANSER_STOP_REASON_SOLVED = 0,
    /// The wall-clock limit ran out.
    ANSER_STOP_REASON_TIME = 1,
    /// The deterministic work limit ran out.
    ANSER_STOP_REASON_WORK = 2,
    /// The conflict limit ran out.
    ANSER_STOP_REASON_CONFLICTS = 3,
    /// The interrupt token was triggered.
    ANSER_STOP_REASON_INTERRUPTED = 4,
    /// A callback answered nonzero.
    ANSER_STOP_REASON_CALLBACK = 5,
    /// Not the budget: the backend gave up on its own. More time does not help.
    ANSER_STOP_REASON_INCOMPLETE = 6,
}

pub(super) fn stop_reason(stop: Option<Stop>) -> anser_stop_reason {
    match stop {
        None => anser_stop_reason::ANSER_STOP_REASON_SOLVED,
        Some(Stop::Time) => anser_stop_reason::ANSER_STOP_REASON_TIME,
        Some(Stop::Work) => anser_stop_reason::ANSER_STOP_REASON_WORK,
        Some(Stop::Conflicts) => anser_stop_reason::ANSER_STOP_REASON_CONFLICTS,
        Some(Stop::Interrupted) => anser_stop_reason::ANSER_STOP_REASON_INTERRUPTED,
        Some(Stop::Callback(_)) => anser_stop_reason::ANSER_STOP_REASON_CALLBACK,
        Some(Stop::Incomplete) => anser_stop_reason::ANSER_STOP_REASON_INCOMPLETE,
    }
}

/// What the library is at.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_phase {
    /// Reading a file.
    ANSER_PHASE_READ = 1,
    /// Handing constraints to a backend.
    ANSER_PHASE_LOAD = 2,
    /// Searching or simplifying.
    ANSER_PHASE_SEARCH = 3,
    /// Writing a file.
    ANSER_PHASE_WRITE = 4,
    /// Checking a model.
    ANSER_PHASE_CHECK = 5,
    /// Evaluating a network, or its gradients.
    ANSER_PHASE_EVALUATE = 6,
    /// Bounding what a network computes.
    ANSER_PHASE_BOUND = 7,
    /// Verifying a property of a network.
    ANSER_PHASE_VERIFY = 8,
    /// Making an objective least: a better model or a better bound was found. Reported at once, however short ago the last report
    /// was.
    ANSER_PHASE_MINIMIZE = 9,
}

/// How far a call is. Counters of the search count from when the solver was made; seconds, done and total are the
/// call's.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_progress {
    /// sizeof(anser_progress), as this library knows it.
    pub struct_size: usize,
    /// What is being done: one of `anser_phase`.
    pub phase: i32,
    /// Zero; ignore it.
    pub reserved: i32,
    /// Seconds since the call began.
    pub seconds: f64,
    /// Units done: bytes of the file when reading (compressed, where it is) or writing, clauses when loading, flips of a local
    /// search, subproblems closed when verifying; else 0.
    pub done: u64,
    /// Units in all; 0 where that is unknown.
    pub total: u64,
    /// Conflicts of the search.
    pub conflicts: u64,
    /// Decisions of the search.
    pub decisions: u64,
    /// Literals propagated by the search.
    pub propagations: u64,
    /// Irredundant clauses that are left.
    pub irredundant: u64,
    /// Learned clauses that are kept.
    pub redundant: u64,
    /// Variables fixed at the root; when verifying, millionths of the question that are closed for good.
    pub fixed: u64,
    /// When verifying, the best bound: at each point of each open subproblem some halfspace of its disjunct, coefficients · point
    /// <= bound, is missed by at least so much; at most 0, -infinity where nothing is known yet. Else 0.
    pub bound: f64,
    /// At ANSER_PHASE_MINIMIZE, the objective of the best model so far; INT64_MAX before there is one. Else 0.
    pub value: i64,
    /// At ANSER_PHASE_MINIMIZE, what no model's objective is less than. Else 0.
    pub least: i64,
}

/// A function that is told of progress. Begin with ANSER_PROGRESS_CALLBACK_INIT. See CALLBACKS at the top: where
/// several calls use one budget at once, it is called by several threads at once.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct anser_progress_callback {
    /// sizeof(anser_progress_callback).
    pub struct_size: usize,
    /// Handed to the functions below.
    pub user_data: *mut c_void,
    /// Told of progress, which is valid until it returns. Nonzero ends the call: stop reason ANSER_STOP_REASON_CALLBACK.
    pub report: Option<unsafe extern "C" fn(user_data: *mut c_void, progress: *const anser_progress) -> i32>,
    /// Called exactly once when the library lets go of `user_data`, also where registering failed, unless
    /// struct_size is wrong. May be NULL.
    pub destroy: Option<unsafe extern "C" fn(user_data: *mut c_void)>,
}

/// What a call may take: time, work, conflicts, memory, a seed, an interrupt token, a progress callback. Plain
/// data, which calls take as `const anser_budget *`; NULL there means no limits and seed 0. Limits count from
/// the start of each call that is given the budget. Several calls may use one budget at once. Changing or freeing
/// it does not touch calls under way.
#[derive(Debug)]
pub struct anser_budget(Handle<Limits>);

opaque!(anser_budget, Limits, bound_to_process: false);

/// A budget without limits, with seed 0. Free it with anser_budget_free.
///
/// # Safety
/// `out_budget` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_budget_new(out_budget: *mut *mut anser_budget) -> anser_status {
    guard("anser_budget_new", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_budget, "out_budget")?;
            out.set(handle::create(Limits::default())?);
        }
        Ok(())
    })
}

/// Frees a budget; NULL is ignored.
///
/// # Safety
/// `budget` is null or from anser_budget_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_budget_free(budget: *mut anser_budget) {
    // SAFETY: passed on.
    guard_free(|| unsafe { handle::free(budget) });
}

/// Wall-clock seconds a call may take; infinity for no limit. Negative or NaN is an error.
///
/// # Safety
/// `budget` is null or from anser_budget_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_budget_set_time_limit(budget: *mut anser_budget, seconds: f64) -> anser_status {
    guard("anser_budget_set_time_limit", || {
        // SAFETY: passed on.
        let mut limits = unsafe { handle::write(budget, "budget") }?;
        limits.time = time(seconds, "seconds")?;
        Ok(())
    })
}

/// Units of work a call may take; UINT64_MAX for no limit. The same input, options, seed and work limit give the same
/// run, bit for bit. For a search by clause learning one unit is one of the statistic "ticks", about one cache line
/// touched; the limit is looked at between conflicts, so that a call may exceed it by what lies between two looks.
///
/// # Safety
/// `budget` is null or from anser_budget_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_budget_set_work_limit(budget: *mut anser_budget, units: u64) -> anser_status {
    guard("anser_budget_set_work_limit", || {
        // SAFETY: passed on.
        unsafe { handle::write(budget, "budget") }?.work = limited(units);
        Ok(())
    })
}

/// Conflicts that a call's search may meet; UINT64_MAX for no limit. It may be exceeded by a few.
///
/// # Safety
/// `budget` is null or from anser_budget_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_budget_set_conflict_limit(budget: *mut anser_budget, conflicts: u64) -> anser_status {
    guard("anser_budget_set_conflict_limit", || {
        // SAFETY: passed on.
        unsafe { handle::write(budget, "budget") }?.conflicts = limited(conflicts);
        Ok(())
    })
}

/// Bytes that the object at work may hold; UINT64_MAX for no limit. A call that would exceed it answers
/// ANSER_STATUS_OUT_OF_MEMORY, and the object can still be used. For backends the count is an estimate.
///
/// # Safety
/// `budget` is null or from anser_budget_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_budget_set_memory_limit(budget: *mut anser_budget, bytes: u64) -> anser_status {
    guard("anser_budget_set_memory_limit", || {
        // SAFETY: passed on.
        unsafe { handle::write(budget, "budget") }?.memory = limited(bytes);
        Ok(())
    })
}

/// The seed of every random decision.
///
/// # Safety
/// `budget` is null or from anser_budget_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_budget_set_seed(budget: *mut anser_budget, seed: u64) -> anser_status {
    guard("anser_budget_set_seed", || {
        // SAFETY: passed on.
        unsafe { handle::write(budget, "budget") }?.seed = seed;
        Ok(())
    })
}

/// The token that ends calls; NULL for none. The budget keeps a reference: the token may be freed at once.
///
/// # Safety
/// `budget` is null or from anser_budget_new and not freed; `interrupt` is null or from anser_interrupt_new and
/// not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_budget_set_interrupt(
    budget: *mut anser_budget,
    interrupt: *const anser_interrupt,
) -> anser_status {
    guard("anser_budget_set_interrupt", || {
        // SAFETY: passed on.
        unsafe {
            let mut limits = handle::write(budget, "budget")?;
            limits.interrupt = if interrupt.is_null() { None } else { Some(token(interrupt)?.clone()) };
        }
        Ok(())
    })
}

/// The function that is told of progress, at most once in `every_seconds`; NULL for none. The struct is copied.
///
/// # Safety
/// `budget` is null or from anser_budget_new and not freed; `callback` is null or points to a struct of the
/// size that it states.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_budget_set_progress(
    budget: *mut anser_budget,
    callback: *const anser_progress_callback,
    every_seconds: f64,
) -> anser_status {
    guard("anser_budget_set_progress", || {
        let sink = if callback.is_null() {
            None
        } else {
            // SAFETY: passed on; the struct is plain data.
            let callback = unsafe { read_struct(callback, size_of::<anser_progress_callback>(), "callback") }?;
            // From here on `destroy` is called, whatever happens.
            let host = UserData::new(callback.user_data, callback.destroy);
            let Some(report) = callback.report else {
                return Err(Failure::new(
                    anser_status::ANSER_STATUS_NULL_ARGUMENT,
                    "argument callback: report is NULL",
                ));
            };
            let every = time(every_seconds, "every_seconds")?.unwrap_or(Duration::MAX);
            Some(ProgressSink::new(every, move |p| host.report(report, &progress_struct(p))))
        };
        // SAFETY: passed on.
        let mut limits = unsafe { handle::write(budget, "budget") }?;
        // The old one is let go of when nobody is inside the handle any more: its destroy is the host's code.
        let old = std::mem::replace(&mut limits.progress, sink);
        drop(limits);
        drop(old);
        Ok(())
    })
}

fn progress_struct(p: &Progress) -> anser_progress {
    anser_progress {
        struct_size: size_of::<anser_progress>(),
        phase: p.phase as i32,
        reserved: 0,
        seconds: p.seconds,
        done: p.done,
        total: p.total,
        conflicts: p.conflicts,
        decisions: p.decisions,
        propagations: p.propagations,
        irredundant: p.irredundant,
        redundant: p.redundant,
        fixed: p.fixed,
        bound: p.bound,
        value: p.value,
        least: p.least,
    }
}

/// Seconds of a host; what exceeds some 10^11 years is for ever.
fn time(seconds: f64, argument: &str) -> Result<Option<Duration>, Failure> {
    if seconds.is_nan() || seconds < 0.0 {
        return Err(Failure::invalid(format_args!("argument {argument}: {seconds} is not a time")));
    }
    Ok(Duration::try_from_secs_f64(seconds).ok())
}

fn limited(value: u64) -> Option<u64> {
    (value != u64::MAX).then_some(value)
}

/// Arms a budget for a call; NULL grants everything.
///
/// # Safety
/// `budget` is null or from anser_budget_new and not freed.
pub(super) unsafe fn arm(budget: *const anser_budget) -> Result<Budget, Failure> {
    if budget.is_null() {
        return Ok(Budget::unlimited());
    }
    // SAFETY: passed on.
    Ok(Budget::start(&*unsafe { handle::read(budget, "budget") }?))
}
