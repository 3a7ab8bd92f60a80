//! `anser_sampler`: models of a formula, drawn at random.

use std::ffi::c_void;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::arguments::{Out, check_array, constructed, copy_bytes, fill, room, slice};
use super::budget::arm;
use super::callback::{UserData, check_exception};
use super::error::Failure;
use super::floats::Standard;
use super::guard::{guard, guard_free};
use super::handle::{self, Handle, opaque};
use super::status::anser_status;
use super::structs::{read_struct, write_struct};
use super::{anser_budget, anser_formula, anser_stop_reason, stop_reason};
use crate::budget::Stop;
use crate::sample::{End, Family, Method, Options, Sampler, Step};

/// How samples are drawn. *n* is the number of models, projected on the sampling set; "of a cell" means of those models that
/// random parities leave. A guarantee holds with the hash functions that are named beside it; others may be chosen, and
/// anser_sampler_is_guaranteed says what holds.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_sampling_method {
    /// UniGen (DAC 2014, TACAS 2015), with ANSER_HASH_DENSE: a model is a sample with a probability between
    /// 1 / ((1 + epsilon) n) and (1 + epsilon) / n, where the count that it begins with is not off by more than its tolerance
    /// (8 in 10 times at least); a draw succeeds 52 times in a hundred at least. What is seen is far better on both scores.
    ANSER_SAMPLING_UNIGEN = 0,
    /// UniWit as CAV 2013 has it, with ANSER_HASH_SHIFTED or _DENSE: a model is a sample with a probability of 1 / (8 n) at
    /// least; a draw succeeds one time in eight at least.
    ANSER_SAMPLING_UNIWIT13 = 1,
    /// UniWit without the draw that its guarantee needs, as the paper on architecture spaces has it (section 4): there is no
    /// guarantee.
    ANSER_SAMPLING_UNIWIT = 2,
    /// Counts exactly, with components that are cached, and draws from the decision diagram that this leaves (SPUR, SAT 2018):
    /// exactly uniform and independent, no draw fails, and each takes microseconds. Counting may take long or much memory:
    /// where the diagram would exceed 4 GiB, the call is ANSER_STATUS_OUT_OF_MEMORY. Uses no hash functions.
    ANSER_SAMPLING_EXACT = 3,
}

/// Families of hash functions that cut a space into cells.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_hash_family {
    /// Those with which the method's guarantee holds: shifted ones for UniWit, else dense ones.
    ANSER_HASH_AUTO = 0,
    /// Parities with every variable with probability 1/2 (Gomes, Sabharwal and Selman, NIPS 2006): 3-wise independent.
    ANSER_HASH_DENSE = 1,
    /// Parities over a window of random bits that moves by one from row to row (CAV 2013): pairwise independent.
    ANSER_HASH_SHIFTED = 2,
    /// Parities with every variable with probability hash_density: no guarantee holds with these.
    ANSER_HASH_SPARSE = 3,
}

/// What a sampler is to do. Begin with ANSER_SAMPLER_OPTIONS_INIT: UniGen, one sample of a cell, repetitions, one thread, seed 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct anser_sampler_options {
    /// sizeof(anser_sampler_options).
    pub struct_size: usize,
    /// One of anser_sampling_method.
    pub method: i32,
    /// One of anser_hash_family.
    pub hash_family: i32,
    /// Of ANSER_HASH_SPARSE: above 0 and at most 0.5.
    pub hash_density: f64,
    /// The tolerance of UniGen: above 1.71; 0 stands for 6.
    pub epsilon: f64,
    /// Of UniGen: how many samples of a cell are taken, each another model; 0 stands for 1, and SIZE_MAX for as many as any
    /// cell has that is taken. Samples of one cell are not independent of each other; each on its own is as good as one.
    pub per_cell: usize,
    /// 1 where no sample is to be told twice, else 0.
    pub distinct: i32,
    /// How many threads draw, the calling one included; 0 stands for 1. Samples do not depend on it. 256 at most.
    pub threads: u32,
    /// Decides every random choice.
    pub seed: u64,
}

const _: () = assert!(std::mem::offset_of!(anser_sampler_options, seed) == 48);

/// How a call that draws samples ended.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_sampling {
    /// The budget ended it: see anser_sampler_get_stop_reason. The next call goes on.
    ANSER_SAMPLING_UNKNOWN = 0,
    /// One more sample, or as many as were asked for.
    ANSER_SAMPLING_SAMPLE = 1,
    /// There are no models; or, where none is told twice, all have been told.
    ANSER_SAMPLING_EXHAUSTED = 2,
    /// The method failed, as it may now and then: nothing was drawn. The next call draws anew. Of calls that draw many, 1000
    /// draws in a row failed.
    ANSER_SAMPLING_FAILED = 3,
}

/// What a sampler has done. Begin with ANSER_SAMPLER_STATISTICS_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct anser_sampler_statistics {
    /// sizeof(anser_sampler_statistics).
    pub struct_size: usize,
    /// Samples told.
    pub samples: u64,
    /// Draws made: each gives samples of one cell, or fails.
    pub draws: u64,
    /// Draws that failed. The success rate is 1 - failed / draws.
    pub failed: u64,
    /// Samples that were told before, and so were not told again.
    pub repeated: u64,
    /// Cells looked into, those of counting included.
    pub cells: u64,
    /// The most parities that make a cell; 0 where all models are known.
    pub rows: u64,
}

const _: () = assert!(std::mem::offset_of!(anser_sampler_statistics, rows) == 48);

/// A function that takes samples. Begin with ANSER_SAMPLE_CALLBACK_INIT. See CALLBACKS at the top; beyond what is allowed
/// there it may call any function on other handles, since no search is under way while it runs.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct anser_sample_callback {
    /// sizeof(anser_sample_callback).
    pub struct_size: usize,
    /// Handed to the functions below.
    pub user_data: *mut c_void,
    /// Takes a sample, valid until it returns: bit p % 64 of words[p / 64] is the value of the p-th variable of the sampling
    /// set. `num_words` is what anser_sampler_num_words says. Nonzero means enough: the call ends with
    /// ANSER_SAMPLING_SAMPLE.
    pub sample: Option<unsafe extern "C" fn(user_data: *mut c_void, words: *const u64, num_words: usize) -> i32>,
    /// Called exactly once before the call that was given it returns. May be NULL.
    pub destroy: Option<unsafe extern "C" fn(user_data: *mut c_void)>,
}

const _: () = assert!(std::mem::offset_of!(anser_sample_callback, destroy) == 24);

type TakesWords = unsafe extern "C" fn(*mut c_void, *const u64, usize) -> i32;
type TakesBytes = unsafe extern "C" fn(*mut c_void, *const u8, usize) -> i32;

/// What a handle holds.
#[derive(Debug)]
pub struct Sampling {
    sampler: Sampler,
    options: Options,
    stop: Option<Stop>,
}

/// A stream of samples: models of a formula, projected on its sampling set and drawn at random. Every model that a cell has is
/// checked against every constraint.
///
/// The order of calls: anser_sampler_new, anser_sampler_set_projection if need be, then anser_sampler_next, _next_samples or
/// _run, again and again. A call that its budget ended can be made again and goes on. The same formula, sampling set, options
/// and seed give the same samples in the same order, whatever the number of threads and however calls cut the stream.
///
/// Cost: of UniGen some hundred cells once, to count; then a draw looks into one to four cells of few models (62 at most with
/// epsilon = 6), by a solver that stays while rows come and go.
///
/// A sampler is used by one thread at a time and may move between threads. It does not survive a fork into the child.
#[derive(Debug)]
pub struct anser_sampler(Handle<Sampling>);

opaque!(anser_sampler, Sampling, bound_to_process: true);

fn method(value: i32) -> Result<Method, Failure> {
    match value {
        0 => Ok(Method::UniGen),
        1 => Ok(Method::UniWit13),
        2 => Ok(Method::UniWit),
        3 => Ok(Method::Exact),
        _ => Err(Failure::invalid(format_args!("argument options: method {value} is no anser_sampling_method"))),
    }
}

pub(super) fn family(value: i32, density: f64) -> Result<Option<Family>, Failure> {
    match value {
        0 => Ok(None),
        1 => Ok(Some(Family::Dense)),
        2 => Ok(Some(Family::Shifted)),
        3 => Ok(Some(Family::Sparse(density))),
        _ => Err(Failure::invalid(format_args!("argument options: hash_family {value} is no anser_hash_family"))),
    }
}

pub(super) fn flag(value: i32, name: &str) -> Result<bool, Failure> {
    match value {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Failure::invalid(format_args!("argument options: {name} {value} is neither 0 nor 1"))),
    }
}

/// A sampler for `formula` as it is now: later changes of the formula do not reach it. Samples are about the formula's
/// sampling set, or about all variables where there is none. Free it with anser_sampler_free.
///
/// @param options NULL for the defaults.
///
/// # Safety
/// `formula` is null or from this library and not freed; `options` is null or points to a struct of the size that it states;
/// `out_sampler` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_sampler_new(
    formula: *const anser_formula,
    options: *const anser_sampler_options,
    out_sampler: *mut *mut anser_sampler,
) -> anser_status {
    guard("anser_sampler_new", || {
        // SAFETY: passed on; the struct is plain data.
        unsafe {
            let out = constructed(out_sampler, "out_sampler")?;
            let mut seed = 0;
            let mut chosen = Options::default();
            if !options.is_null() {
                let given = read_struct(options, size_of::<anser_sampler_options>(), "options")?;
                if given.threads > 256 {
                    let text = format_args!("argument options: threads {} is above 256", given.threads);
                    return Err(Failure::invalid(text));
                }
                seed = given.seed;
                chosen = Options {
                    method: method(given.method)?,
                    family: family(given.hash_family, given.hash_density)?,
                    // What is all zero bits; -0 is out of range like any other.
                    epsilon: if given.epsilon.to_bits() == 0 { chosen.epsilon } else { given.epsilon },
                    per_cell: match given.per_cell {
                        0 => 1,
                        usize::MAX => 0,
                        some => some,
                    },
                    distinct: flag(given.distinct, "distinct")?,
                    threads: given.threads.max(1) as usize,
                };
            }
            let formula = Arc::clone(&*handle::read(formula, "formula")?);
            let sampler = Sampler::new(formula, &chosen, seed)?;
            out.set(handle::create(Sampling { sampler, options: chosen, stop: None })?);
        }
        Ok(())
    })
}

/// Frees a sampler; NULL is ignored. Freed from inside its own callback, it goes when the call under way returns.
///
/// # Safety
/// `sampler` is null or from anser_sampler_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_sampler_free(sampler: *mut anser_sampler) {
    // SAFETY: passed on.
    guard_free(|| unsafe { handle::free(sampler) });
}

/// Whether the method's theorem holds with the hash functions chosen: 1 or 0. See anser_sampling_method.
///
/// # Safety
/// `sampler` is null or from anser_sampler_new and not freed; `out_guaranteed` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_sampler_is_guaranteed(
    sampler: *const anser_sampler,
    out_guaranteed: *mut i32,
) -> anser_status {
    guard("anser_sampler_is_guaranteed", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_guaranteed, "out_guaranteed")?;
            out.set(handle::read(sampler, "sampler")?.options.is_guaranteed().into());
        }
        Ok(())
    })
}

/// Sets the variables that samples are about, before the first one is drawn.
///
/// @param vars each in 1..num_vars; one that comes again is ignored. May be NULL where num_vars is 0: then there is one
///   sample at most.
///
/// # Safety
/// `sampler` is null or from anser_sampler_new and not freed; `vars` is null or points to `num_vars` variables.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_sampler_set_projection(
    sampler: *mut anser_sampler,
    vars: *const u32,
    num_vars: usize,
) -> anser_status {
    guard("anser_sampler_set_projection", || {
        // SAFETY: passed on.
        unsafe {
            let vars = slice(vars, num_vars, "vars")?;
            Ok(handle::write(sampler, "sampler")?.sampler.set_projection(vars)?)
        }
    })
}

/// How many variables samples are about.
///
/// # Safety
/// `sampler` is null or from anser_sampler_new and not freed; `out_vars` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_sampler_num_projection(
    sampler: *const anser_sampler,
    out_vars: *mut usize,
) -> anser_status {
    guard("anser_sampler_num_projection", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_vars, "out_vars")?;
            out.set(handle::read(sampler, "sampler")?.sampler.projection().len());
        }
        Ok(())
    })
}

/// The variables that samples are about, in the order of a sample's bits.
///
/// @param num_vars at least what anser_sampler_num_projection says.
///
/// # Safety
/// `sampler` is null or from anser_sampler_new and not freed; `out_vars` is null or has room for `num_vars`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_sampler_get_projection(
    sampler: *const anser_sampler,
    out_vars: *mut u32,
    num_vars: usize,
) -> anser_status {
    guard("anser_sampler_get_projection", || {
        // SAFETY: passed on.
        unsafe {
            let handle = handle::read(sampler, "sampler")?;
            let projection = handle.sampler.projection();
            room(num_vars, projection.len(), "num_vars")?;
            fill(out_vars, projection, "out_vars")
        }
    })
}

/// How many words a sample takes: 64 variables of the sampling set each, 1 at least.
///
/// # Safety
/// `sampler` is null or from anser_sampler_new and not freed; `out_words` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_sampler_num_words(sampler: *const anser_sampler, out_words: *mut usize) -> anser_status {
    guard("anser_sampler_num_words", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_words, "out_words")?;
            out.set(handle::read(sampler, "sampler")?.sampler.words());
        }
        Ok(())
    })
}

/// Draws once. After ANSER_SAMPLING_SAMPLE anser_sampler_get_sample has the sample, until another is drawn.
///
/// @param budget may be NULL. Its seed is not used: that of the options is.
///
/// # Safety
/// `sampler` is null or from anser_sampler_new and not freed; `budget` is null or from anser_budget_new and not freed;
/// `out_end` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_sampler_next(
    sampler: *mut anser_sampler,
    budget: *const anser_budget,
    out_end: *mut anser_sampling,
) -> anser_status {
    guard("anser_sampler_next", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_end, "out_end")?;
            let budget = arm(budget)?;
            let mut handle = handle::write(sampler, "sampler")?;
            handle.stop = None;
            let _standard = Standard::enter();
            let step = handle.sampler.next(&budget);
            check_exception()?;
            let (end, stop) = match step? {
                Step::Sample => (anser_sampling::ANSER_SAMPLING_SAMPLE, None),
                Step::Failed => (anser_sampling::ANSER_SAMPLING_FAILED, None),
                Step::Exhausted => (anser_sampling::ANSER_SAMPLING_EXHAUSTED, None),
                Step::Unknown(stop) => (anser_sampling::ANSER_SAMPLING_UNKNOWN, Some(stop)),
            };
            handle.stop = stop;
            out.set(end);
        }
        Ok(())
    })
}

fn ended(end: End) -> (anser_sampling, Option<Stop>) {
    match end {
        End::Enough => (anser_sampling::ANSER_SAMPLING_SAMPLE, None),
        End::Exhausted => (anser_sampling::ANSER_SAMPLING_EXHAUSTED, None),
        End::Failed => (anser_sampling::ANSER_SAMPLING_FAILED, None),
        End::Unknown(stop) => (anser_sampling::ANSER_SAMPLING_UNKNOWN, Some(stop)),
    }
}

/// Draws up to `capacity` samples and writes them one after the other: bit p % 64 of out_words[i * w + p / 64] is the value of
/// the p-th variable of the sampling set in sample i, w what anser_sampler_num_words says. Draws that fail are made again.
/// Samples that were drawn before the budget ended the call, or before an error, are written and counted.
///
/// @param budget may be NULL.
/// @param out_words room for `capacity` times w words.
/// @param out_samples how many samples were written, however the call ended.
///
/// # Safety
/// `sampler` is null or from anser_sampler_new and not freed; `budget` is null or from anser_budget_new and not freed;
/// `out_words` is null or has that room; the others are null or point to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_sampler_next_samples(
    sampler: *mut anser_sampler,
    budget: *const anser_budget,
    out_words: *mut u64,
    capacity: usize,
    out_samples: *mut usize,
    out_end: *mut anser_sampling,
) -> anser_status {
    guard("anser_sampler_next_samples", || {
        // SAFETY: passed on; what is written lies within the room that was promised.
        unsafe {
            let samples = Out::needed(out_samples, "out_samples")?;
            let out = Out::needed(out_end, "out_end")?;
            let budget = arm(budget)?;
            let mut handle = handle::write(sampler, "sampler")?;
            let width = handle.sampler.words();
            let Some(total) = capacity.checked_mul(width) else {
                let text = format_args!("argument capacity: {capacity} samples of {width} words exceed memory");
                return Err(Failure::invalid(text));
            };
            if total > 0 {
                check_array(out_words, total, "out_words")?;
            }
            samples.set(0);
            handle.stop = None;
            let _standard = Standard::enter();
            let mut written = 0;
            let end = handle.sampler.run(capacity as u64, &budget, |sampler| {
                if let Ok(sample) = sampler.sample() {
                    std::ptr::copy_nonoverlapping(sample.as_ptr(), out_words.add(written * width), width);
                    written += 1;
                    samples.set(written);
                }
                ControlFlow::Continue(())
            });
            check_exception()?;
            let (end, stop) = ended(end?);
            handle.stop = stop;
            out.set(end);
        }
        Ok(())
    })
}

/// Hands samples to `callback`, up to `limit` of them: ANSER_SAMPLING_SAMPLE means that there were as many, or that the callback
/// had enough. Draws that fail are made again. A callback that throws ends the call with ANSER_STATUS_CALLBACK_FAILED; its
/// sample counts as told.
///
/// @param limit UINT64_MAX for no end.
/// @param budget may be NULL.
///
/// # Safety
/// `sampler` is null or from anser_sampler_new and not freed; `budget` is null or from anser_budget_new and not freed;
/// `callback` is null or points to a struct of the size that it states; `out_end` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_sampler_run(
    sampler: *mut anser_sampler,
    limit: u64,
    budget: *const anser_budget,
    callback: *const anser_sample_callback,
    out_end: *mut anser_sampling,
) -> anser_status {
    guard("anser_sampler_run", || {
        // SAFETY: passed on; the struct is plain data.
        unsafe {
            let callback = read_struct(callback, size_of::<anser_sample_callback>(), "callback")?;
            let host = UserData::new(callback.user_data, callback.destroy);
            let Some(call) = callback.sample else {
                return Err(Failure::new(
                    anser_status::ANSER_STATUS_NULL_ARGUMENT,
                    "argument callback: sample is NULL",
                ));
            };
            // A pointer to words is passed as one to bytes, and their number as it is.
            let call = std::mem::transmute::<TakesWords, TakesBytes>(call);
            let out = Out::needed(out_end, "out_end")?;
            let budget = arm(budget)?;
            let mut handle = handle::write(sampler, "sampler")?;
            handle.stop = None;
            let _standard = Standard::enter();
            let end = handle.sampler.run(limit, &budget, |sampler| {
                let Ok(sample) = sampler.sample() else { return ControlFlow::Break(()) };
                match host.write(call, std::slice::from_raw_parts(sample.as_ptr().cast::<u8>(), sample.len())) {
                    Some(0) => ControlFlow::Continue(()),
                    _ => ControlFlow::Break(()),
                }
            });
            check_exception()?;
            let (end, stop) = ended(end?);
            handle.stop = stop;
            out.set(end);
        }
        Ok(())
    })
}

/// The last sample drawn: bit p % 64 of out_words[p / 64] is the value of the p-th variable of the sampling set; bits past the
/// last variable are 0.
///
/// @param num_words at least what anser_sampler_num_words says.
///
/// # Safety
/// `sampler` is null or from anser_sampler_new and not freed; `out_words` is null or has room for `num_words`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_sampler_get_sample(
    sampler: *const anser_sampler,
    out_words: *mut u64,
    num_words: usize,
) -> anser_status {
    guard("anser_sampler_get_sample", || {
        // SAFETY: passed on.
        unsafe {
            let handle = handle::read(sampler, "sampler")?;
            let sample = handle.sampler.sample()?;
            room(num_words, sample.len(), "num_words")?;
            fill(out_words, sample, "out_words")
        }
    })
}

/// The last sample drawn as literals, in the order of the sampling set: v where variable v is true, -v where it is false.
///
/// @param num_literals at least what anser_sampler_num_projection says.
///
/// # Safety
/// `sampler` is null or from anser_sampler_new and not freed; `out_literals` is null or has room for `num_literals`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_sampler_get_literals(
    sampler: *const anser_sampler,
    out_literals: *mut i32,
    num_literals: usize,
) -> anser_status {
    guard("anser_sampler_get_literals", || {
        // SAFETY: passed on.
        unsafe {
            let handle = handle::read(sampler, "sampler")?;
            let literals: Vec<i32> = handle.sampler.literals()?.collect();
            room(num_literals, literals.len(), "num_literals")?;
            fill(out_literals, &literals, "out_literals")
        }
    })
}

/// What the sampler has done.
///
/// @param out_statistics its struct_size says how much is written.
///
/// # Safety
/// `sampler` is null or from anser_sampler_new and not freed; `out_statistics` is null or points to a struct of the size that it
/// states.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_sampler_get_statistics(
    sampler: *const anser_sampler,
    out_statistics: *mut anser_sampler_statistics,
) -> anser_status {
    guard("anser_sampler_get_statistics", || {
        // SAFETY: passed on; the struct is plain data.
        unsafe {
            let s = handle::read(sampler, "sampler")?.sampler.statistics();
            let value = anser_sampler_statistics {
                struct_size: size_of::<anser_sampler_statistics>(),
                samples: s.samples,
                draws: s.draws,
                failed: s.failed,
                repeated: s.repeated,
                cells: s.cells,
                rows: s.rows as u64,
            };
            write_struct(out_statistics, &value, size_of::<anser_sampler_statistics>(), "out_statistics")
        }
    })
}

/// Why the last call that drew ended; ANSER_STOP_REASON_SOLVED where no budget ended it.
///
/// # Safety
/// `sampler` is null or from anser_sampler_new and not freed; `out_reason` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_sampler_get_stop_reason(
    sampler: *const anser_sampler,
    out_reason: *mut anser_stop_reason,
) -> anser_status {
    guard("anser_sampler_get_stop_reason", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_reason, "out_reason")?;
            out.set(stop_reason(handle::read(sampler, "sampler")?.stop));
        }
        Ok(())
    })
}

/// The stream's place as bytes, from which anser_sampler_restore_memory goes on, also in another process. It grows with the
/// number of samples only where none is told twice.
///
/// @param budget ends the call with ANSER_STATUS_STOPPED. May be NULL.
/// @param buffer room for the bytes; may be NULL where capacity is 0, to learn the length only.
/// @param capacity bytes in buffer; too few are ANSER_STATUS_BUFFER_TOO_SMALL.
/// @param out_length how many bytes there are; also written where the buffer is too small.
///
/// # Safety
/// `sampler` is null or from anser_sampler_new and not freed; `budget` is null or from anser_budget_new and not freed; `buffer` is
/// null or has `capacity` bytes; `out_length` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_sampler_save_memory(
    sampler: *const anser_sampler,
    budget: *const anser_budget,
    buffer: *mut u8,
    capacity: usize,
    out_length: *mut usize,
) -> anser_status {
    guard("anser_sampler_save_memory", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_length, "out_length")?;
            let handle = handle::read(sampler, "sampler")?;
            let bytes = handle.sampler.save(&arm(budget)?);
            check_exception()?;
            copy_bytes(&bytes?, buffer, capacity, &out)
        }
    })
}

/// Goes on where anser_sampler_save_memory wrote a sampler down: of the same formula, sampling set, options and seed, but for
/// the number of threads. What is no saved sampler, or a damaged one, is ANSER_STATUS_PARSE; that of another is
/// ANSER_STATUS_INVALID_ARGUMENT. Nothing is changed where it fails. Which samples were told cannot be checked: what was saved is
/// to be trusted as much as who wrote it.
///
/// @param bytes what was saved.
/// @param length how many bytes there are.
/// @param budget ends the call with ANSER_STATUS_STOPPED. May be NULL.
///
/// # Safety
/// `sampler` is null or from anser_sampler_new and not freed; `bytes` is null or points to `length` bytes; `budget` is null or
/// from anser_budget_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_sampler_restore_memory(
    sampler: *mut anser_sampler,
    bytes: *const u8,
    length: usize,
    budget: *const anser_budget,
) -> anser_status {
    guard("anser_sampler_restore_memory", || {
        // SAFETY: passed on.
        unsafe {
            let bytes = slice(bytes, length, "bytes")?;
            let budget = arm(budget)?;
            let mut handle = handle::write(sampler, "sampler")?;
            let restored = handle.sampler.restore(bytes, &budget);
            check_exception()?;
            restored?;
            handle.stop = None;
        }
        Ok(())
    })
}
