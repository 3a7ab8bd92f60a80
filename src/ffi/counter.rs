//! `anser_counter`: how many models a formula has.

use std::ffi::c_char;
use std::sync::Arc;

use super::arguments::{Out, constructed};
use super::budget::arm;
use super::callback::check_exception;
use super::error::Failure;
use super::floats::Standard;
use super::formula::copy_text;
use super::guard::{guard, guard_free};
use super::handle::{self, Handle, opaque};
use super::sampler::{family, flag};
use super::status::anser_status;
use super::structs::read_struct;
use super::{anser_budget, anser_formula, anser_stop_reason, stop_reason};
use crate::budget::Stop;
use crate::count::{self, Exact};
use crate::sample::{Count, CountOptions, Counter, Family};

/// How well to count. Begin with ANSER_COUNTER_OPTIONS_INIT: within a factor of 1.8, 8 times in 10, seed 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct anser_counter_options {
    /// sizeof(anser_counter_options).
    pub struct_size: usize,
    /// The count is between n / (1 + epsilon) and n (1 + epsilon): above 0.004; 0 stands for 0.8.
    pub epsilon: f64,
    /// How likely it may be further off: between 0 and 1; 0 stands for 0.2.
    pub delta: f64,
    /// One of anser_hash_family. The guarantee holds with dense and shifted ones; dense ones where it is ANSER_HASH_AUTO.
    pub hash_family: i32,
    /// 1 to count exactly, by components that are cached (the class of sharpSAT and Ganak); then nothing else here matters. Else 0.
    pub exact: i32,
    /// Of ANSER_HASH_SPARSE: above 0 and at most 0.5.
    pub hash_density: f64,
    /// Decides every random choice.
    pub seed: u64,
}

const _: () = assert!(std::mem::offset_of!(anser_counter_options, seed) == 40);

/// How a call that counts ended.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_counting {
    /// The budget ended it: see anser_counter_get_stop_reason. The next call goes on.
    ANSER_COUNTING_UNKNOWN = 0,
    /// The count is exact.
    ANSER_COUNTING_EXACT = 1,
    /// The count is within its tolerance with the probability asked for.
    ANSER_COUNTING_APPROXIMATE = 2,
}

/// What counts.
#[derive(Debug)]
enum Way {
    Hashed(Box<Counter>),
    Exact(Box<Exact>),
}

/// What a handle holds.
#[derive(Debug)]
pub struct Counting {
    counter: Way,
    seed: u64,
    count: Option<Count>,
    stop: Option<Stop>,
}

/// Counts the models of a formula, projected on its sampling set, or on all variables where it has none: ApproxMC (CP 2013,
/// IJCAI 2016, CAV 2023), or exactly. Where there are few models they are all found, and the count is exact in any case.
///
/// A counter is used by one thread at a time and may move between threads. It does not survive a fork into the child.
#[derive(Debug)]
pub struct anser_counter(Handle<Counting>);

opaque!(anser_counter, Counting, bound_to_process: true);

/// A counter for `formula` as it is now: later changes of the formula do not reach it. Free it with anser_counter_free.
///
/// @param options NULL for the defaults.
///
/// # Safety
/// `formula` is null or from this library and not freed; `options` is null or points to a struct of the size that it states;
/// `out_counter` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_counter_new(
    formula: *const anser_formula,
    options: *const anser_counter_options,
    out_counter: *mut *mut anser_counter,
) -> anser_status {
    guard("anser_counter_new", || {
        // SAFETY: passed on; the struct is plain data.
        unsafe {
            let out = constructed(out_counter, "out_counter")?;
            let (mut seed, mut exact) = (0, false);
            let mut chosen = CountOptions::default();
            if !options.is_null() {
                let given = read_struct(options, size_of::<anser_counter_options>(), "options")?;
                exact = flag(given.exact, "exact")?;
                // What is all zero bits.
                let or = |value: f64, default: f64| if value.to_bits() == 0 { default } else { value };
                seed = given.seed;
                chosen = CountOptions {
                    epsilon: or(given.epsilon, chosen.epsilon),
                    delta: or(given.delta, chosen.delta),
                    family: family(given.hash_family, given.hash_density)?.unwrap_or(Family::Dense),
                };
            }
            let formula = Arc::clone(&*handle::read(formula, "formula")?);
            let counter = if exact {
                Way::Exact(Box::new(Exact::new(formula, &count::Options::default())?))
            } else {
                Way::Hashed(Box::new(Counter::new(formula, &chosen)?))
            };
            out.set(handle::create(Counting { counter, seed, count: None, stop: None })?);
        }
        Ok(())
    })
}

/// Frees a counter; NULL is ignored.
///
/// # Safety
/// `counter` is null or from anser_counter_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_counter_free(counter: *mut anser_counter) {
    // SAFETY: passed on.
    guard_free(|| unsafe { handle::free(counter) });
}

/// Counts, or goes on with counting. Once the count is known it stays.
///
/// @param budget may be NULL. Its seed is not used: that of the options is.
///
/// # Safety
/// `counter` is null or from anser_counter_new and not freed; `budget` is null or from anser_budget_new and not freed;
/// `out_end` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_counter_run(
    counter: *mut anser_counter,
    budget: *const anser_budget,
    out_end: *mut anser_counting,
) -> anser_status {
    guard("anser_counter_run", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_end, "out_end")?;
            let budget = arm(budget)?;
            let mut handle = handle::write(counter, "counter")?;
            handle.stop = None;
            if handle.count.is_none() {
                let _standard = Standard::enter();
                let seed = handle.seed;
                let counted: Result<_, Failure> = match &mut handle.counter {
                    Way::Hashed(counter) => counter.run(seed, &budget).map_err(Failure::from),
                    Way::Exact(exact) => exact
                        .run(&budget)
                        .map(|found| found.map(|models| Count { models, exact: true }))
                        .map_err(Failure::from),
                };
                check_exception()?;
                match counted? {
                    Ok(count) => handle.count = Some(count),
                    Err(stop) => handle.stop = Some(stop),
                }
            }
            out.set(match &handle.count {
                None => anser_counting::ANSER_COUNTING_UNKNOWN,
                Some(count) if count.exact => anser_counting::ANSER_COUNTING_EXACT,
                Some(_) => anser_counting::ANSER_COUNTING_APPROXIMATE,
            });
        }
        Ok(())
    })
}

/// The count as decimal digits with a terminating NUL, once it is known.
///
/// @param buffer room for the digits; may be NULL where capacity is 0, to learn the length only.
/// @param capacity bytes in buffer; too few are ANSER_STATUS_BUFFER_TOO_SMALL.
/// @param out_length digits without the NUL; also written where the buffer is too small. May be NULL.
///
/// # Safety
/// `counter` is null or from anser_counter_new and not freed; `buffer` is null or has `capacity` bytes; `out_length` is null or
/// points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_counter_get_count(
    counter: *const anser_counter,
    buffer: *mut c_char,
    capacity: usize,
    out_length: *mut usize,
) -> anser_status {
    guard("anser_counter_get_count", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_length, "out_length")?;
            let handle = handle::read(counter, "counter")?;
            let Some(count) = &handle.count else {
                return Err(Failure::state("there is no count yet: anser_counter_run has not come to its end"));
            };
            copy_text(count.models.to_string().as_bytes(), buffer, capacity, &out)
        }
    })
}

/// How many cells were looked into, or with `exact` how many components were counted.
///
/// # Safety
/// `counter` is null or from anser_counter_new and not freed; `out_cells` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_counter_num_cells(counter: *const anser_counter, out_cells: *mut u64) -> anser_status {
    guard("anser_counter_num_cells", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_cells, "out_cells")?;
            out.set(match &handle::read(counter, "counter")?.counter {
                Way::Hashed(counter) => counter.cells(),
                Way::Exact(exact) => exact.statistics().components,
            });
        }
        Ok(())
    })
}

/// Why the last run ended; ANSER_STOP_REASON_SOLVED where no budget ended it.
///
/// # Safety
/// `counter` is null or from anser_counter_new and not freed; `out_reason` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_counter_get_stop_reason(
    counter: *const anser_counter,
    out_reason: *mut anser_stop_reason,
) -> anser_status {
    guard("anser_counter_get_stop_reason", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_reason, "out_reason")?;
            out.set(stop_reason(handle::read(counter, "counter")?.stop));
        }
        Ok(())
    })
}
