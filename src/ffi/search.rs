//! `anser_search`: models of a formula, looked for by local search.

use std::sync::Arc;

use super::arguments::{Out, constructed, fill, room, slice};
use super::budget::arm;
use super::callback::check_exception;
use super::error::Failure;
use super::floats::Standard;
use super::guard::{guard, guard_free};
use super::handle::{self, Handle, opaque};
use super::sampler::flag;
use super::status::anser_status;
use super::structs::{read_struct, write_struct};
use super::{anser_budget, anser_formula, anser_stop_reason, stop_reason};
use crate::budget::Stop;
use crate::search::{End, Method, Options, Search, SearchError};

/// How a local search chooses the variable that it flips next.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_search_method {
    /// probSAT (Balint and Schoening, SAT 2012): of a random violated constraint a variable at random, the likelier the less it
    /// breaks.
    ANSER_SEARCH_PROBSAT = 0,
    /// WalkSAT as the baseline of Yolcu and Poczos (NeurIPS 2019) has it: of a random violated constraint a random variable, or
    /// one that breaks least.
    ANSER_SEARCH_WALKSAT = 1,
    /// WalkSAT of Selman, Kautz and Cohen (AAAI 1994): the same, but a variable that breaks nothing goes first.
    ANSER_SEARCH_SKC = 2,
    /// DDFW (Ishtaiwi et al., CP 2005): clauses have weights, which move to those that stay violated. Over clauses only:
    /// anser_formula_encode makes clauses of everything.
    ANSER_SEARCH_DDFW = 3,
}

/// What a local search is to do. Begin with ANSER_SEARCH_OPTIONS_INIT: probSAT, one walker, one thread, no end, seed 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct anser_search_options {
    /// sizeof(anser_search_options).
    pub struct_size: usize,
    /// One of anser_search_method.
    pub method: i32,
    /// How many threads the walkers are divided among, the calling one included; 0 stands for 1, 256 at most. What is found
    /// does not depend on it.
    pub threads: u32,
    /// How many walkers there are, each with an assignment of its own; 0 stands for 1, 2^20 at most.
    pub walkers: usize,
    /// Flips of a try; 0 stands for no limit.
    pub flips: u64,
    /// Tries of each walker; 0 stands for no limit.
    pub tries: u64,
    /// Decides every random choice.
    pub seed: u64,
    /// Where has_walk is 1, the probability of a random step of WalkSAT: 0 to 1.
    pub walk: f64,
    /// 1 where `walk` counts; else 0: it is 1/2, and 0.567 for ANSER_SEARCH_SKC.
    pub has_walk: i32,
    /// 0.
    pub reserved: i32,
    /// How scores of a host become a choice: 0 for the highest one, else a variable at random in proportion to
    /// exp(score / temperature). 0 for the methods of the library.
    pub temperature: f64,
}

const _: () = assert!(std::mem::offset_of!(anser_search_options, temperature) == 64);

/// How a call that searches ended.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_search_end {
    /// The budget ended it: see anser_search_get_stop_reason. The next call goes on.
    ANSER_SEARCH_END_UNKNOWN = 0,
    /// There is a model, and it was checked.
    ANSER_SEARCH_END_MODEL = 1,
    /// All tries are over; or as many flips as were asked for are made, and the next call goes on.
    ANSER_SEARCH_END_OVER = 2,
    /// There is no model: a constraint has none by itself. Local search shows nothing else of that kind.
    ANSER_SEARCH_END_REFUTED = 3,
}

/// What the walkers of a local search did, as in table 4 of Yolcu and Poczos, NeurIPS 2019. Begin with
/// ANSER_SEARCH_STATISTICS_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct anser_search_statistics {
    /// sizeof(anser_search_statistics).
    pub struct_size: usize,
    /// Tries begun.
    pub tries: u64,
    /// Flips.
    pub flips: u64,
    /// Those that were random steps. What follows is about the others.
    pub walk: u64,
    /// Of a variable that was flipped before in the same try.
    pub undo: u64,
    /// To more violated constraints.
    pub upwards: u64,
    /// To as many.
    pub sideways: u64,
    /// To fewer.
    pub downwards: u64,
}

const _: () = assert!(std::mem::offset_of!(anser_search_statistics, downwards) == 56);

/// What a handle holds.
#[derive(Debug)]
pub struct Searching {
    pub(super) search: Search,
    stop: Option<Stop>,
    /// What a callback answered that ended the last call.
    pub(super) code: Option<i32>,
}

impl Searching {
    pub(super) fn of(search: Search) -> Self {
        Searching { search, stop: None, code: None }
    }
}

/// Stochastic local search: walkers with a complete assignment each, who flip one variable after the other until nothing is
/// violated. It finds models, often where other search takes far longer, and never shows that there is none. Clauses, parities,
/// cardinality and pseudo-Boolean constraints and integers are searched as they are. Reals are ANSER_STATUS_UNSUPPORTED, and so are
/// sums whose weights, with the bound where there is a condition, add up to 2^63 or more.
///
/// The same formula, options and seed give the same search, whatever the number of threads. Where several walkers find a model
/// within the same stretch of flips, it is that of the first of them.
///
/// Cost: a flip looks at the constraints of its variable; DDFW's at all variables besides that would take weight off. Memory is
/// some 8 bytes a literal of a clause once, and for each walker 4 or 8 bytes a clause and 9 a variable (with DDFW 4 and 12 more).
///
/// A search is used by one thread at a time and may move between threads. It does not survive a fork into the child.
#[derive(Debug)]
pub struct anser_search(Handle<Searching>);

opaque!(anser_search, Searching, bound_to_process: true);

pub(super) fn options_of(given: &anser_search_options) -> Result<Options, Failure> {
    if given.threads > 256 {
        return Err(Failure::invalid(format_args!("argument options: threads {} is above 256", given.threads)));
    }
    if given.reserved != 0 {
        return Err(Failure::invalid(format_args!("argument options: reserved {} is not 0", given.reserved)));
    }
    Ok(Options {
        method: match given.method {
            0 => Method::ProbSat,
            1 => Method::WalkSat,
            2 => Method::Skc,
            3 => Method::Ddfw,
            other => {
                let text = format_args!("argument options: method {other} is no anser_search_method");
                return Err(Failure::invalid(text));
            }
        },
        walkers: given.walkers.max(1),
        flips: (given.flips > 0).then_some(given.flips),
        tries: (given.tries > 0).then_some(given.tries),
        walk: flag(given.has_walk, "has_walk")?.then_some(given.walk),
        temperature: given.temperature,
        threads: given.threads.max(1) as usize,
        seed: given.seed,
    })
}

/// A search in `formula` as it is now: later changes of the formula do not reach it. Free it with anser_search_free.
///
/// @param options NULL for the defaults.
/// @param budget ends the call with ANSER_STATUS_STOPPED; its memory limit is that of the search, and its seed is not used.
///   May be NULL.
///
/// # Safety
/// `formula` is null or from this library and not freed; `options` is null or points to a struct of the size that it states;
/// `budget` is null or from anser_budget_new and not freed; `out_search` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_search_new(
    formula: *const anser_formula,
    options: *const anser_search_options,
    budget: *const anser_budget,
    out_search: *mut *mut anser_search,
) -> anser_status {
    guard("anser_search_new", || {
        // SAFETY: passed on; the struct is plain data.
        unsafe {
            let out = constructed(out_search, "out_search")?;
            let chosen = if options.is_null() {
                Options::default()
            } else {
                options_of(&read_struct(options, size_of::<anser_search_options>(), "options")?)?
            };
            let formula = Arc::clone(&*handle::read(formula, "formula")?);
            let search = Search::new(formula, &chosen, &arm(budget)?);
            check_exception()?;
            out.set(handle::create(Searching::of(search?))?);
        }
        Ok(())
    })
}

/// Frees a search; NULL is ignored.
///
/// # Safety
/// `search` is null or from anser_search_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_search_free(search: *mut anser_search) {
    // SAFETY: passed on.
    guard_free(|| unsafe { handle::free(search) });
}

/// Lets walkers go on, and says how that ended.
unsafe fn go_on(
    search: *mut anser_search,
    flips: Option<u64>,
    budget: *const anser_budget,
    out_end: *mut anser_search_end,
) -> Result<(), Failure> {
    // SAFETY: passed on.
    unsafe {
        let out = Out::needed(out_end, "out_end")?;
        let budget = arm(budget)?;
        let mut handle = handle::write(search, "search")?;
        (handle.stop, handle.code) = (None, None);
        let _standard = Standard::enter();
        let end = match flips {
            None => handle.search.run(&budget),
            Some(flips) => handle.search.step(flips, &budget),
        };
        handle.code = match &end {
            Ok(End::Unknown(Stop::Callback(code))) => Some(*code),
            Err(SearchError::Host(host)) => Some(host.code()),
            _ => None,
        };
        check_exception()?;
        out.set(match end? {
            End::Model => anser_search_end::ANSER_SEARCH_END_MODEL,
            End::Over => anser_search_end::ANSER_SEARCH_END_OVER,
            End::Refuted => anser_search_end::ANSER_SEARCH_END_REFUTED,
            End::Unknown(stop) => {
                handle.stop = Some(stop);
                anser_search_end::ANSER_SEARCH_END_UNKNOWN
            }
        });
    }
    Ok(())
}

/// Searches until there is a model or all tries are over. Once there is a model, it stays, until
/// anser_search_set_assignment.
///
/// @param budget may be NULL. Its seed is not used: that of the options is. A unit of work is a flip.
///
/// # Safety
/// `search` is null or from anser_search_new and not freed; `budget` is null or from anser_budget_new and not freed;
/// `out_end` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_search_run(
    search: *mut anser_search,
    budget: *const anser_budget,
    out_end: *mut anser_search_end,
) -> anser_status {
    // SAFETY: passed on.
    guard("anser_search_run", || unsafe { go_on(search, None, budget, out_end) })
}

/// Lets every walker make at most so many flips more.
///
/// @param budget may be NULL. Its seed is not used: that of the options is. A unit of work is a flip.
///
/// # Safety
/// `search` is null or from anser_search_new and not freed; `budget` is null or from anser_budget_new and not freed;
/// `out_end` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_search_step(
    search: *mut anser_search,
    flips: u64,
    budget: *const anser_budget,
    out_end: *mut anser_search_end,
) -> anser_status {
    // SAFETY: passed on.
    guard("anser_search_step", || unsafe { go_on(search, Some(flips), budget, out_end) })
}

/// How many variables and numbers an assignment has: those of the formula.
///
/// # Safety
/// `search` is null or from anser_search_new and not freed; `out_vars` and `out_numbers` are null or point to room for one each.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_search_num_vars(
    search: *const anser_search,
    out_vars: *mut usize,
    out_numbers: *mut usize,
) -> anser_status {
    guard("anser_search_num_vars", || {
        // SAFETY: passed on.
        unsafe {
            let (vars, numbers) = (Out::needed(out_vars, "out_vars")?, Out::optional(out_numbers, "out_numbers")?);
            let handle = handle::read(search, "search")?;
            vars.set(handle.search.formula().num_vars() as usize);
            numbers.set(handle.search.formula().num_numbers() as usize);
        }
        Ok(())
    })
}

/// The model: out_values[v - 1] is 1 where variable v is true, -1 where it is false.
///
/// @param num_values at least what anser_search_num_vars says.
///
/// # Safety
/// `search` is null or from anser_search_new and not freed; `out_values` is null or has room for `num_values`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_search_get_model(
    search: *const anser_search,
    out_values: *mut i8,
    num_values: usize,
) -> anser_status {
    guard("anser_search_get_model", || {
        // SAFETY: passed on.
        unsafe {
            let handle = handle::read(search, "search")?;
            let (model, _) = handle.search.model()?;
            room(num_values, model.len(), "num_values")?;
            fill(out_values, model, "out_values")
        }
    })
}

/// The values of the formula's integers in the model.
///
/// @param num_numbers at least what anser_search_num_vars says of numbers.
///
/// # Safety
/// `search` is null or from anser_search_new and not freed; `out_numbers` is null or has room for `num_numbers`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_search_get_numbers(
    search: *const anser_search,
    out_numbers: *mut f64,
    num_numbers: usize,
) -> anser_status {
    guard("anser_search_get_numbers", || {
        // SAFETY: passed on.
        unsafe {
            let handle = handle::read(search, "search")?;
            let (_, numbers) = handle.search.model()?;
            room(num_numbers, numbers.len(), "num_numbers")?;
            fill(out_numbers, numbers, "out_numbers")
        }
    })
}

/// The assignment with the fewest violated constraints that any walker came to: out_values[v - 1] is 1 where variable v is
/// true, -1 where it is false.
///
/// @param num_values at least what anser_search_num_vars says.
/// @param out_violated how many constraints it violates, where a reified one counts as two. May be NULL.
///
/// # Safety
/// `search` is null or from anser_search_new and not freed; `out_values` is null or has room for `num_values`; `out_violated`
/// is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_search_get_best(
    search: *mut anser_search,
    out_values: *mut i8,
    num_values: usize,
    out_violated: *mut u64,
) -> anser_status {
    guard("anser_search_get_best", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_violated, "out_violated")?;
            let mut handle = handle::write(search, "search")?;
            let (values, violated) = handle.search.best()?;
            room(num_values, values.len(), "num_values")?;
            fill(out_values, &values, "out_values")?;
            out.set(violated as u64);
        }
        Ok(())
    })
}

/// The next try of a walker begins from these values, and its current one ends: what a solver or an earlier search came to,
/// say. A model that was found is forgotten.
///
/// @param walker below the number of walkers.
/// @param values positive where a variable is to be true; that of variable v at v - 1.
/// @param num_values what anser_search_num_vars says.
///
/// # Safety
/// `search` is null or from anser_search_new and not freed; `values` is null or points to `num_values` values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_search_set_assignment(
    search: *mut anser_search,
    walker: usize,
    values: *const i8,
    num_values: usize,
) -> anser_status {
    guard("anser_search_set_assignment", || {
        // SAFETY: passed on.
        unsafe {
            let values = slice(values, num_values, "values")?;
            let mut handle = handle::write(search, "search")?;
            let needed = handle.search.formula().num_vars() as usize;
            if values.len() != needed {
                let text = format_args!("argument num_values: {num_values} is not {needed}, the number of variables");
                return Err(Failure::invalid(text));
            }
            Ok(handle.search.set_assignment(walker, values)?)
        }
    })
}

/// What the walkers did.
///
/// @param out_statistics its struct_size says how much is written.
///
/// # Safety
/// `search` is null or from anser_search_new and not freed; `out_statistics` is null or points to a struct of the size that it
/// states.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_search_get_statistics(
    search: *const anser_search,
    out_statistics: *mut anser_search_statistics,
) -> anser_status {
    guard("anser_search_get_statistics", || {
        // SAFETY: passed on; the struct is plain data.
        unsafe {
            let s = handle::read(search, "search")?.search.statistics();
            let value = anser_search_statistics {
                struct_size: size_of::<anser_search_statistics>(),
                tries: s.tries,
                flips: s.flips,
                walk: s.walk,
                undo: s.undo,
                upwards: s.upwards,
                sideways: s.sideways,
                downwards: s.downwards,
            };
            write_struct(out_statistics, &value, size_of::<anser_search_statistics>(), "out_statistics")
        }
    })
}

/// Why the last call that searched ended; ANSER_STOP_REASON_SOLVED where no budget ended it.
///
/// # Safety
/// `search` is null or from anser_search_new and not freed; `out_reason` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_search_get_stop_reason(
    search: *const anser_search,
    out_reason: *mut anser_stop_reason,
) -> anser_status {
    guard("anser_search_get_stop_reason", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_reason, "out_reason")?;
            out.set(stop_reason(handle::read(search, "search")?.stop));
        }
        Ok(())
    })
}
