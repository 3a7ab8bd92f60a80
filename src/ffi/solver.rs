//! `anser_solver`: an incremental solver.

use std::ffi::{CString, c_char, c_void};
use std::fs::File;
use std::sync::{Arc, LazyLock};

use arrayvec::ArrayVec;

use super::arguments::{Out, constructed, fill, path, room, slice, text, variable};
use super::budget::arm;
use super::callback::{UserData, check_exception};
use super::error::Failure;
use super::formula::offsets_of;
use super::guard::{guard, guard_free};
use super::handle::{self, Handle, opaque};
use super::sink::host_writer;
use super::status::anser_status;
use super::structs::{read_struct, write_struct};
use super::{anser_budget, anser_formula, anser_sink, anser_stop_reason, stop_reason};
use crate::budget::Stop;
use crate::formula::check::holds;
use crate::solve::{self, Level, Log, Outcome, ProofFormat, Solver};

/// How a search ended.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_result {
    /// The budget ended it: see anser_solver_get_stop_reason.
    ANSER_RESULT_UNKNOWN = 0,
    /// There is a model, and it was checked.
    ANSER_RESULT_SAT = 10,
    /// There is none under the assumptions.
    ANSER_RESULT_UNSAT = 20,
    /// There is a model, it was checked, and no other one has a smaller objective: of anser_solver_minimize.
    ANSER_RESULT_OPTIMUM = 30,
}

/// The format of a proof of unsatisfiability.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_proof_format {
    /// DRAT as text (Wetzler, Heule and Hunt, SAT 2014).
    ANSER_PROOF_FORMAT_DRAT = 1,
    /// LRAT as text (Cruz-Filipe et al., CADE 2017).
    ANSER_PROOF_FORMAT_LRAT = 2,
    /// DRAT, binary.
    ANSER_PROOF_FORMAT_DRAT_BINARY = 3,
    /// LRAT, binary.
    ANSER_PROOF_FORMAT_LRAT_BINARY = 4,
    /// VeriPB, version 3.0, text (Gocht and Nordström, AAAI 2021): by cutting planes, see ANSER_BACKEND_PB.
    ANSER_PROOF_FORMAT_VERIPB = 5,
}

/// How important a line of a log is.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_log_level {
    /// Something is not as it should be.
    ANSER_LOG_LEVEL_WARNING = 1,
    /// A step of a call.
    ANSER_LOG_LEVEL_INFO = 2,
    /// Details.
    ANSER_LOG_LEVEL_DEBUG = 3,
}

/// A function that takes the lines of a solver's log. Begin with ANSER_LOG_CALLBACK_INIT. See CALLBACKS at the top.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct anser_log_callback {
    /// sizeof(anser_log_callback).
    pub struct_size: usize,
    /// Handed to the functions below.
    pub user_data: *mut c_void,
    /// Takes one line without a line end, UTF-8, valid until it returns; `level` is one of anser_log_level.
    pub log: Option<unsafe extern "C" fn(user_data: *mut c_void, level: i32, line: *const c_char)>,
    /// Called exactly once when the library lets go of `user_data`, also where registering failed, unless
    /// struct_size is wrong. May be NULL.
    pub destroy: Option<unsafe extern "C" fn(user_data: *mut c_void)>,
}

/// One option of a solver. Begin with ANSER_OPTION_INFO_INIT. Strings are static.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_option_info {
    /// sizeof(anser_option_info), set by the host.
    pub struct_size: usize,
    /// Its name.
    pub name: *const c_char,
    /// What it does.
    pub doc: *const c_char,
    /// Its value if nothing is said. All options are integers; one with the range 0..1 is a switch.
    pub default_value: i64,
    /// The least value.
    pub min_value: i64,
    /// The greatest value.
    pub max_value: i64,
}

/// One statistic of a solver. Begin with ANSER_STATISTIC_INFO_INIT. Strings are static. All statistics are integers.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_statistic_info {
    /// sizeof(anser_statistic_info), set by the host.
    pub struct_size: usize,
    /// Its name.
    pub name: *const c_char,
    /// What it counts.
    pub doc: *const c_char,
}

/// An incremental solver by conflict-driven clause learning (CaDiCaL 3). The order of calls:
///
/// - anser_solver_new, then options, log, proof;
/// - anser_solver_solve, again and again, with clauses, variables and phases added in between;
/// - after ANSER_RESULT_SAT the model, after ANSER_RESULT_UNSAT the core, and always the stop reason. They are forgotten
///   when clauses or variables are added and when the solver solves again; phases leave them.
///
/// What does not fit that order answers ANSER_STATUS_INVALID_STATE and changes nothing. A solver is used by one
/// thread at a time and may move between threads. It does not survive a fork into the child.
#[derive(Debug)]
pub struct anser_solver(Handle<Solver>);

opaque!(anser_solver, Solver, bound_to_process: true);

/// A solver for `formula` as it is now: later changes of the formula do not reach it. Free it with anser_solver_free.
///
/// # Safety
/// `formula` is null or from this library and not freed; `out_solver` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_new(
    formula: *const anser_formula,
    out_solver: *mut *mut anser_solver,
) -> anser_status {
    guard("anser_solver_new", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_solver, "out_solver")?;
            let formula = Arc::clone(&*handle::read(formula, "formula")?);
            out.set(handle::create(Solver::new(formula)?)?);
        }
        Ok(())
    })
}

/// Frees a solver; NULL is ignored. Freed from inside its own callback, it goes when the call under way returns.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_free(solver: *mut anser_solver) {
    // SAFETY: passed on.
    guard_free(|| unsafe { handle::free(solver) });
}

/// How many options a solver has.
///
/// # Safety
/// `out_options` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_num_options(out_options: *mut usize) -> anser_status {
    guard("anser_solver_num_options", || {
        // SAFETY: passed on.
        unsafe { Out::needed(out_options, "out_options")?.set(solve::options().len()) };
        Ok(())
    })
}

/// One option, by index 0..num_options-1; sorted by name.
///
/// # Safety
/// `out_info` is null or points to a struct of the size that it states.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_get_option_info(index: usize, out_info: *mut anser_option_info) -> anser_status {
    guard("anser_solver_get_option_info", || {
        let Some(option) = solve::options().get(index) else {
            return Err(no_index(index, "option", solve::options().len()));
        };
        let size = size_of::<anser_option_info>();
        let value = anser_option_info {
            struct_size: size,
            name: OPTION_TEXTS[index].0.as_ptr(),
            doc: OPTION_TEXTS[index].1.as_ptr(),
            default_value: option.default,
            min_value: option.min,
            max_value: option.max,
        };
        // SAFETY: passed on.
        unsafe { write_struct(out_info, &value, size, "out_info") }
    })
}

/// A name and what it means, as C strings.
type Texts = Vec<(CString, CString)>;

static OPTION_TEXTS: LazyLock<Texts> = LazyLock::new(|| texts(solve::options().iter().map(|o| (o.name, o.doc))));
static STATISTIC_TEXTS: LazyLock<Texts> = LazyLock::new(|| texts(solve::statistics().iter().copied()));

fn texts(pairs: impl Iterator<Item = (&'static str, &'static str)>) -> Texts {
    let c = |s| CString::new(s).unwrap_or_default();
    pairs.map(|(name, doc)| (c(name), c(doc))).collect()
}

fn no_index(index: usize, what: &str, count: usize) -> Failure {
    Failure::invalid(format_args!("argument index: there is no {what} {index}, there are {count}"))
}

/// Sets an option, before the first solve. A value out of its range is an error.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `name` is null or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_set_option(
    solver: *mut anser_solver,
    name: *const c_char,
    value: i64,
) -> anser_status {
    guard("anser_solver_set_option", || {
        // SAFETY: passed on.
        unsafe {
            let name = text(name, "name")?;
            Ok(handle::write(solver, "solver")?.set_option(name, value)?)
        }
    })
}

/// The value of an option.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `name` is null or a C string; `out_value` is null or
/// points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_get_option(
    solver: *const anser_solver,
    name: *const c_char,
    out_value: *mut i64,
) -> anser_status {
    guard("anser_solver_get_option", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_value, "out_value")?;
            let name = text(name, "name")?;
            out.set(handle::read(solver, "solver")?.option(name)?);
        }
        Ok(())
    })
}

/// How many statistics a solver has.
///
/// # Safety
/// `out_statistics` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_num_statistics(out_statistics: *mut usize) -> anser_status {
    guard("anser_solver_num_statistics", || {
        // SAFETY: passed on.
        unsafe { Out::needed(out_statistics, "out_statistics")?.set(solve::statistics().len()) };
        Ok(())
    })
}

/// One statistic, by index 0..num_statistics-1.
///
/// # Safety
/// `out_info` is null or points to a struct of the size that it states.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_get_statistic_info(
    index: usize,
    out_info: *mut anser_statistic_info,
) -> anser_status {
    guard("anser_solver_get_statistic_info", || {
        let Some((name, doc)) = STATISTIC_TEXTS.get(index) else {
            return Err(no_index(index, "statistic", solve::statistics().len()));
        };
        let size = size_of::<anser_statistic_info>();
        let value = anser_statistic_info { struct_size: size, name: name.as_ptr(), doc: doc.as_ptr() };
        // SAFETY: passed on.
        unsafe { write_struct(out_info, &value, size, "out_info") }
    })
}

/// All statistics, in the order of their indices, counted from when the solver was made.
///
/// @param num_values at least what anser_solver_num_statistics says.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `out_values` is null or has room for `num_values`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_get_statistics(
    solver: *const anser_solver,
    out_values: *mut i64,
    num_values: usize,
) -> anser_status {
    guard("anser_solver_get_statistics", || {
        // SAFETY: passed on.
        unsafe {
            let all = handle::read(solver, "solver")?.statistics();
            let values: ArrayVec<i64, { solve::MAX_STATISTICS }> = all.iter().map(|s| s.1).collect();
            room(num_values, values.len(), "num_values")?;
            fill(out_values, &values, "out_values")
        }
    })
}

/// One statistic by name.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `name` is null or a C string; `out_value` is null or
/// points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_get_statistic(
    solver: *const anser_solver,
    name: *const c_char,
    out_value: *mut i64,
) -> anser_status {
    guard("anser_solver_get_statistic", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_value, "out_value")?;
            let name = text(name, "name")?;
            let all = handle::read(solver, "solver")?.statistics();
            let Some((_, value)) = all.iter().find(|s| s.0 == name) else {
                return Err(Failure::invalid(format_args!("argument name: there is no statistic {name:?}")));
            };
            out.set(*value);
        }
        Ok(())
    })
}

/// Where the solver tells what it does; NULL for nowhere. The struct is copied.
///
/// @param level the least important level that is wanted: one of anser_log_level.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `callback` is null or points to a struct of the size that
/// it states.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_set_log(
    solver: *mut anser_solver,
    callback: *const anser_log_callback,
    level: i32,
) -> anser_status {
    guard("anser_solver_set_log", || {
        let log = if callback.is_null() {
            Log::default()
        } else {
            // SAFETY: passed on; the struct is plain data.
            let callback = unsafe { read_struct(callback, size_of::<anser_log_callback>(), "callback") }?;
            let host = UserData::new(callback.user_data, callback.destroy);
            let Some(call) = callback.log else {
                return Err(Failure::new(anser_status::ANSER_STATUS_NULL_ARGUMENT, "argument callback: log is NULL"));
            };
            let level = match level {
                1 => Level::Warning,
                2 => Level::Info,
                3 => Level::Debug,
                _ => return Err(Failure::invalid(format_args!("argument level: {level} is no anser_log_level"))),
            };
            Log::new(level, move |level, line| {
                let line = CString::new(line).unwrap_or_default();
                host.log(call, level as i32, &line);
            })
        };
        // SAFETY: passed on.
        let mut solver = unsafe { handle::write(solver, "solver") }?;
        let old = solver.set_log(log);
        drop(solver);
        drop(old); // the host's destroy runs when nobody is inside the handle any more
        Ok(())
    })
}

fn proof_format(format: i32) -> Result<ProofFormat, Failure> {
    match format {
        1 => Ok(ProofFormat::Drat),
        2 => Ok(ProofFormat::Lrat),
        3 => Ok(ProofFormat::DratBinary),
        4 => Ok(ProofFormat::LratBinary),
        5 => Ok(ProofFormat::VeriPb),
        _ => Err(Failure::invalid(format_args!("argument format: {format} is no anser_proof_format"))),
    }
}

/// Writes a proof of unsatisfiability into a file, which is created or emptied now. Before the first solve. After each
/// solve everything has been written. See anser_solver_set_proof_sink.
///
/// @param format one of anser_proof_format.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `path` is null or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_set_proof_file(
    solver: *mut anser_solver,
    format: i32,
    path: *const c_char,
) -> anser_status {
    guard("anser_solver_set_proof_file", || {
        // SAFETY: passed on.
        unsafe {
            let format = proof_format(format)?;
            let path = self::path(path, "path")?;
            let mut solver = handle::write(solver, "solver")?;
            solver.may_set_proof(format)?;
            let file = File::create(path).map_err(|e| {
                let text = format_args!("argument path: {} cannot be created: {e}", path.display());
                Failure::new(anser_status::ANSER_STATUS_IO, text)
            })?;
            let old = solver.set_proof(format, Box::new(file))?;
            drop(solver);
            drop(old); // a host's destroy runs when nobody is inside the handle any more
            Ok(())
        }
    })
}

/// Writes a proof of unsatisfiability into a host's function. Before the first solve. The sink is let go of when the
/// solver is freed, or another proof is set. Where it refuses or throws, the solve ends with ANSER_STATUS_IO or
/// ANSER_STATUS_CALLBACK_FAILED, and every later one with ANSER_STATUS_IO.
///
/// The proof is about the clauses of the formula and then those added to the solver, in order. After each solve
/// everything has been written. DRAT goes on when clauses are added after the first solve, and is then about all of
/// them; LRAT numbers the given clauses first, so that none can be added after the first solve. The negation of a core
/// of failed assumptions is a lemma of the proof.
///
/// A proof of VeriPB is about the inequalities of the formula as anser_formula_write_opb_file writes them, in their order, and
/// cutting planes find it: ANSER_BACKEND_AUTO becomes ANSER_BACKEND_PB. The formula has no parities and numbers then, and
/// nothing can be added after the first solve. The proof ends with the first answer that there is no model whatever is
/// assumed; without one, when the solver is freed.
///
/// @param format one of anser_proof_format.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `sink` is null or points to a struct of the size that it
/// states.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_set_proof_sink(
    solver: *mut anser_solver,
    format: i32,
    sink: *const anser_sink,
) -> anser_status {
    guard("anser_solver_set_proof_sink", || {
        // SAFETY: passed on.
        unsafe {
            let writer = host_writer(sink)?;
            let format = proof_format(format)?;
            let mut solver = handle::write(solver, "solver")?;
            let old = solver.set_proof(format, Box::new(writer))?;
            drop(solver);
            drop(old);
            Ok(())
        }
    })
}

/// Bytes that the clauses added to the solver may hold from now on; UINT64_MAX for no limit. What would exceed it answers
/// ANSER_STATUS_OUT_OF_MEMORY and changes nothing. What the backend holds is limited by the budget of each solve.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_set_memory_limit(solver: *mut anser_solver, bytes: u64) -> anser_status {
    guard("anser_solver_set_memory_limit", || {
        // SAFETY: passed on.
        unsafe { handle::write(solver, "solver") }?.set_memory_limit(bytes);
        Ok(())
    })
}

/// How many clauses the solver has: those of its formula, and those added since.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `out_clauses` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_num_clauses(solver: *const anser_solver, out_clauses: *mut u64) -> anser_status {
    guard("anser_solver_num_clauses", || {
        // SAFETY: passed on.
        unsafe { Out::needed(out_clauses, "out_clauses")?.set(handle::read(solver, "solver")?.num_clauses() as u64) };
        Ok(())
    })
}

/// How many variables the solver has: those of its formula, and those added since.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `out_vars` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_num_vars(solver: *const anser_solver, out_vars: *mut u32) -> anser_status {
    guard("anser_solver_num_vars", || {
        // SAFETY: passed on.
        unsafe { Out::needed(out_vars, "out_vars")?.set(handle::read(solver, "solver")?.num_vars()) };
        Ok(())
    })
}

/// `count` fresh variables of the solver: out_first, out_first + 1, and so on. Forgets the model or core. With option
/// "factor" the backend takes variables of its own: after the first solve there can then be no new ones, here or in
/// clauses (ANSER_STATUS_INVALID_STATE).
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `out_first` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_new_vars(
    solver: *mut anser_solver,
    count: u32,
    out_first: *mut i32,
) -> anser_status {
    guard("anser_solver_new_vars", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_first, "out_first")?;
            out.set(handle::write(solver, "solver")?.new_vars(count)?.cast_signed());
        }
        Ok(())
    })
}

/// Adds a clause to the solver; its formula stays as it was. Forgets the model or core. See anser_formula_add_clause.
///
/// @param out_id ids go on from those of the formula. May be NULL.
///
/// # Safety
/// As for anser_formula_add_clause.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_add_clause(
    solver: *mut anser_solver,
    literals: *const i32,
    num_literals: usize,
    out_id: *mut u64,
) -> anser_status {
    guard("anser_solver_add_clause", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_id, "out_id")?;
            let literals = slice(literals, num_literals, "literals")?;
            out.set(handle::write(solver, "solver")?.add_clause(literals)?.0);
        }
        Ok(())
    })
}

/// Adds many clauses at once, all or none. See anser_formula_add_clauses.
///
/// # Safety
/// As for anser_formula_add_clauses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_add_clauses(
    solver: *mut anser_solver,
    literals: *const i32,
    num_literals: usize,
    offsets: *const usize,
    num_clauses: usize,
    out_first_id: *mut u64,
) -> anser_status {
    guard("anser_solver_add_clauses", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_first_id, "out_first_id")?;
            let literals = slice(literals, num_literals, "literals")?;
            let offsets = slice(offsets, offsets_of(num_clauses, "num_clauses")?, "offsets")?;
            out.set(handle::write(solver, "solver")?.add_clauses(literals, offsets)?.0);
        }
        Ok(())
    })
}

/// The values that decisions try first: those that make these literals true. They hold until cleared. They lead the
/// search and bind nothing: in particular the backend first tries a few simple assignments (option "lucky").
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `literals` is null or points to `num_literals` literals.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_set_phases(
    solver: *mut anser_solver,
    literals: *const i32,
    num_literals: usize,
) -> anser_status {
    guard("anser_solver_set_phases", || {
        // SAFETY: passed on.
        unsafe {
            let literals = slice(literals, num_literals, "literals")?;
            Ok(handle::write(solver, "solver")?.set_phases(literals)?)
        }
    })
}

/// Takes back what anser_solver_set_phases said of a variable.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_clear_phase(solver: *mut anser_solver, var: i32) -> anser_status {
    guard("anser_solver_clear_phase", || {
        let var = variable(var, "var")?;
        // SAFETY: passed on.
        Ok(unsafe { handle::write(solver, "solver") }?.clear_phase(var)?)
    })
}

/// Whether local search (probSAT) looks for a model in each anser_solver_solve from now on, on a second thread beside the
/// engine: of large random or otherwise loosely built formulas it may have one long before. Where it finds one first that is the
/// answer, checked as any other, so that the same call may give another model the next time. It is left out where there are
/// reals or propagators of the host; it may hold as much memory again as the budget allows. ANSER_STATUS_INVALID_STATE with ANSER_BACKEND_Z3 and _MILP.
///
/// @param is_on 1, or 0, which it is at first.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_set_local_search(solver: *mut anser_solver, is_on: i32) -> anser_status {
    guard("anser_solver_set_local_search", || {
        let is_on = match is_on {
            0 => false,
            1 => true,
            _ => return Err(Failure::invalid(format_args!("argument is_on: {is_on} is neither 0 nor 1"))),
        };
        // SAFETY: passed on.
        Ok(unsafe { handle::write(solver, "solver") }?.set_local_search(is_on)?)
    })
}

/// Looks for a model under `assumptions`: literals that hold for this call only.
///
/// A call that its budget ended can be made again and goes on. The budget's seed is taken by the first call, unless
/// option "seed" was set. Every model is checked against every clause and assumption before it is answered.
///
/// @param assumptions may be NULL where num_assumptions is 0.
/// @param budget may be NULL.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `assumptions` is null or points to `num_assumptions`
/// literals; `budget` is null or from anser_budget_new and not freed; `out_result` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_solve(
    solver: *mut anser_solver,
    assumptions: *const i32,
    num_assumptions: usize,
    budget: *const anser_budget,
    out_result: *mut anser_result,
) -> anser_status {
    guard("anser_solver_solve", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_result, "out_result")?;
            let assumptions = slice(assumptions, num_assumptions, "assumptions")?;
            let budget = arm(budget)?;
            let mut solver = handle::write(solver, "solver")?;
            let outcome = solver.solve(assumptions, &budget);
            check_exception()?;
            out.set(match outcome? {
                Outcome::Unknown(_) => anser_result::ANSER_RESULT_UNKNOWN,
                Outcome::Sat => anser_result::ANSER_RESULT_SAT,
                Outcome::Unsat => anser_result::ANSER_RESULT_UNSAT,
            });
        }
        Ok(())
    })
}

/// Why the last solve ended; ANSER_STOP_REASON_SOLVED where it answered.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `out_reason` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_get_stop_reason(
    solver: *const anser_solver,
    out_reason: *mut anser_stop_reason,
) -> anser_status {
    guard("anser_solver_get_stop_reason", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_reason, "out_reason")?;
            out.set(stop_reason(handle::read(solver, "solver")?.stop()?));
        }
        Ok(())
    })
}

/// After ANSER_STOP_REASON_CALLBACK: what the callback answered; INT32_MIN where it threw.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `out_code` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_get_callback_code(
    solver: *const anser_solver,
    out_code: *mut i32,
) -> anser_status {
    guard("anser_solver_get_callback_code", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_code, "out_code")?;
            match handle::read(solver, "solver")?.stop()? {
                Some(Stop::Callback(code)) => out.set(code),
                _ => return Err(Failure::state("the last solve was not ended by a callback's answer")),
            }
        }
        Ok(())
    })
}

/// Whether a literal is one of so many variables.
fn known(literal: i32, variables: usize) -> Result<(), Failure> {
    if literal == 0 || literal.unsigned_abs() as usize > variables {
        return Err(Failure::invalid(format_args!(
            "argument literal: {literal} is not within the {variables} variables"
        )));
    }
    Ok(())
}

/// The value of a literal in the model: 1 where it is true, -1 where it is false.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `out_value` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_get_value(
    solver: *const anser_solver,
    literal: i32,
    out_value: *mut i32,
) -> anser_status {
    guard("anser_solver_get_value", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_value, "out_value")?;
            let solver = handle::read(solver, "solver")?;
            let model = solver.model()?;
            known(literal, model.len())?;
            out.set(if holds(model, literal) { 1 } else { -1 });
        }
        Ok(())
    })
}

/// The whole model: out_values[v - 1] is 1 where variable v is true, -1 where it is false.
///
/// @param num_values at least what anser_solver_num_vars says.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `out_values` is null or has room for `num_values`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_get_model(
    solver: *const anser_solver,
    out_values: *mut i8,
    num_values: usize,
) -> anser_status {
    guard("anser_solver_get_model", || {
        // SAFETY: passed on.
        unsafe {
            let solver = handle::read(solver, "solver")?;
            let model = solver.model()?;
            room(num_values, model.len(), "num_values")?;
            fill(out_values, model, "out_values")
        }
    })
}

/// How many assumptions are in the core of the last solve, which answered ANSER_RESULT_UNSAT. 0 where the clauses
/// alone are contradictory.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `out_literals` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_num_core(solver: *const anser_solver, out_literals: *mut usize) -> anser_status {
    guard("anser_solver_num_core", || {
        // SAFETY: passed on.
        unsafe { Out::needed(out_literals, "out_literals")?.set(handle::read(solver, "solver")?.core()?.len()) };
        Ok(())
    })
}

/// The core: assumptions that cannot hold together, each once, in the order in which they were given; not always the
/// fewest.
///
/// @param num_literals at least what anser_solver_num_core says.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `out_literals` is null or has room for `num_literals`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_get_core(
    solver: *const anser_solver,
    out_literals: *mut i32,
    num_literals: usize,
) -> anser_status {
    guard("anser_solver_get_core", || {
        // SAFETY: passed on.
        unsafe {
            let solver = handle::read(solver, "solver")?;
            let core = solver.core()?;
            room(num_literals, core.len(), "num_literals")?;
            fill(out_literals, core, "out_literals")
        }
    })
}

/// 1 where `literal` is in the core, else 0.
///
/// # Safety
/// `solver` is null or from anser_solver_new and not freed; `out_failed` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_solver_is_failed(
    solver: *const anser_solver,
    literal: i32,
    out_failed: *mut i32,
) -> anser_status {
    guard("anser_solver_is_failed", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_failed, "out_failed")?;
            let solver = handle::read(solver, "solver")?;
            let core = solver.core()?;
            known(literal, solver.num_vars() as usize)?;
            out.set(core.contains(&literal).into());
        }
        Ok(())
    })
}
