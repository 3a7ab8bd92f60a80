//! `anser_formula`: what can be said.

use std::ffi::c_char;
use std::io::Write;
use std::mem::offset_of;
use std::sync::Arc;

use super::anser_budget;
use super::anser_sink;
use super::arguments::{Out, check_array, constructed, fill, path, room, slice, text, variable};
use super::budget::arm;
use super::callback::check_exception;
use super::error::Failure;
use super::guard::{guard, guard_free};
use super::handle::{self, Handle, opaque};
use super::sink::host_writer;
use super::status::anser_status;
use super::structs::write_struct;
use crate::budget::Budget;
use crate::error::OutOfMemory;
use crate::formula::{ConstraintId, Formula, TextFormat, dimacs};

/// A formula: variables 1..num_vars, and constraints over their literals in DIMACS convention (v for a variable, -v for
/// its negation), all of which must hold. Constraints are clauses, parities (XOR), cardinality and pseudo-Boolean
/// constraints; with integers and reals, which are counted from 0, also linear constraints. Every constraint, of whatever
/// kind, has an id: 0 for the first one that was added, 1 for the next, and so on, never reused.
///
/// A solver takes a snapshot: the formula may be changed or freed afterwards. Functions that take
/// `const anser_formula *` may be called from several threads at once.
#[derive(Debug)]
pub struct anser_formula(Handle<Arc<Formula>>);

opaque!(anser_formula, Arc<Formula>, bound_to_process: false);

/// Counts of a formula. Begin with ANSER_FORMULA_STATISTICS_INIT.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_formula_statistics {
    /// sizeof(anser_formula_statistics), set by the host.
    pub struct_size: usize,
    /// Variables, used or not.
    pub variables: u64,
    /// Clauses.
    pub clauses: u64,
    /// Literals of all clauses.
    pub literals: u64,
    /// Clauses without a literal.
    pub empty: u64,
    /// Clauses of one literal.
    pub unit: u64,
    /// Clauses of two literals.
    pub binary: u64,
    /// Clauses of three literals.
    pub ternary: u64,
    /// Literals of the longest clause.
    pub longest: u64,
    /// Bytes held.
    pub bytes: u64,
    /// Parity constraints.
    pub xors: u64,
    /// Cardinality constraints.
    pub cardinalities: u64,
    /// Pseudo-Boolean constraints.
    pub pseudo_booleans: u64,
    /// Linear constraints.
    pub linears: u64,
    /// Literals and numbers of all constraints that are not clauses, but for the literals of conditions.
    pub terms: u64,
    /// Integers and reals.
    pub numbers: u64,
    /// Variables of the sampling set; 0 where there is none.
    pub sampling_set: u64,
}

/// The struct ended before this field in its first version.
const FIRST_STATISTICS: usize = offset_of!(anser_formula_statistics, xors);
const _: () = assert!(FIRST_STATISTICS == 80);

/// Changes a formula. Where a solver or a clone shares it, a copy is changed, which takes its place where that went
/// well: a call that fails leaves also what a host borrowed.
pub(super) fn change<T, E: Into<Failure>>(
    shared: &mut Arc<Formula>,
    act: impl FnOnce(&mut Formula) -> Result<T, E>,
) -> Result<T, Failure> {
    if let Some(formula) = Arc::get_mut(shared) {
        return act(formula).map_err(Into::into);
    }
    let mut copy = shared.try_clone()?;
    let done = act(&mut copy).map_err(Into::into)?;
    *shared = Arc::new(copy);
    Ok(done)
}

/// An empty formula. Free it with anser_formula_free.
///
/// # Safety
/// `out_formula` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_new(out_formula: *mut *mut anser_formula) -> anser_status {
    guard("anser_formula_new", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_formula, "out_formula")?;
            out.set(handle::create(Arc::new(Formula::new()))?);
        }
        Ok(())
    })
}

/// Frees a formula; NULL is ignored.
///
/// # Safety
/// `formula` is null or from this library and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_free(formula: *mut anser_formula) {
    // SAFETY: passed on.
    guard_free(|| unsafe { handle::free(formula) });
}

/// A copy, independent of the original; what it holds is shared until one of the two is changed.
///
/// # Safety
/// `formula` is null or from this library and not freed; `out_formula` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_clone(
    formula: *const anser_formula,
    out_formula: *mut *mut anser_formula,
) -> anser_status {
    guard("anser_formula_clone", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_formula, "out_formula")?;
            let formula = handle::read(formula, "formula")?;
            out.set(handle::create(Arc::clone(&formula))?);
        }
        Ok(())
    })
}

/// Bytes that the formula may hold from now on; UINT64_MAX for no limit. What would exceed it answers
/// ANSER_STATUS_OUT_OF_MEMORY and changes nothing.
///
/// # Safety
/// `formula` is null or from this library and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_set_memory_limit(formula: *mut anser_formula, bytes: u64) -> anser_status {
    guard("anser_formula_set_memory_limit", || {
        // SAFETY: passed on.
        let mut formula = unsafe { handle::write(formula, "formula") }?;
        change(&mut formula, |f| {
            f.set_memory_limit(bytes);
            Ok::<_, Failure>(())
        })
    })
}

/// How many variables there are: the largest that was mentioned or asked for.
///
/// # Safety
/// `formula` is null or from this library and not freed; `out_vars` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_num_vars(formula: *const anser_formula, out_vars: *mut u32) -> anser_status {
    guard("anser_formula_num_vars", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_vars, "out_vars")?;
            out.set(handle::read(formula, "formula")?.num_vars());
        }
        Ok(())
    })
}

/// `count` fresh variables: out_first, out_first + 1, and so on. With count 0 nothing changes, and out_first is the
/// variable that would come next.
///
/// # Safety
/// `formula` is null or from this library and not freed; `out_first` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_new_vars(
    formula: *mut anser_formula,
    count: u32,
    out_first: *mut i32,
) -> anser_status {
    guard("anser_formula_new_vars", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_first, "out_first")?;
            let mut formula = handle::write(formula, "formula")?;
            out.set(change(&mut formula, |f| f.new_vars(count))?.cast_signed());
        }
        Ok(())
    })
}

/// Makes sure that the variables 1..max_var exist.
///
/// # Safety
/// `formula` is null or from this library and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_ensure_vars(formula: *mut anser_formula, max_var: u32) -> anser_status {
    guard("anser_formula_ensure_vars", || {
        // SAFETY: passed on.
        let mut formula = unsafe { handle::write(formula, "formula") }?;
        change(&mut formula, |f| f.ensure_vars(max_var))
    })
}

/// Adds a clause: the disjunction of `num_literals` literals, kept as written. Without literals it is a
/// contradiction. Variables that do not exist yet come into being, up to 2^30 - 1.
///
/// @param literals each in -(2^30-1)..-1 or 1..2^30-1; may be NULL where num_literals is 0.
/// @param out_id the constraint's id: see anser_formula. May be NULL.
///
/// # Safety
/// `formula` is null or from this library and not freed; `literals` is null or points to `num_literals` literals;
/// `out_id` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_add_clause(
    formula: *mut anser_formula,
    literals: *const i32,
    num_literals: usize,
    out_id: *mut u64,
) -> anser_status {
    guard("anser_formula_add_clause", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_id, "out_id")?;
            let literals = slice(literals, num_literals, "literals")?;
            let mut formula = handle::write(formula, "formula")?;
            out.set(change(&mut formula, |f| f.add_clause(literals))?.0);
        }
        Ok(())
    })
}

/// Adds many clauses at once, all or none: clause i is
/// `literals[offsets[i]] .. literals[offsets[i + 1] - 1]`.
///
/// @param literals all literals, `num_literals` of them.
/// @param offsets num_clauses + 1 offsets: from 0, not decreasing, the last one num_literals.
/// @param out_first_id the first clause's id; the others follow it. May be NULL.
///
/// # Safety
/// `formula` is null or from this library and not freed; the arrays are null or as long as stated; `out_first_id`
/// is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_add_clauses(
    formula: *mut anser_formula,
    literals: *const i32,
    num_literals: usize,
    offsets: *const usize,
    num_clauses: usize,
    out_first_id: *mut u64,
) -> anser_status {
    guard("anser_formula_add_clauses", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_first_id, "out_first_id")?;
            let literals = slice(literals, num_literals, "literals")?;
            let offsets = slice(offsets, offsets_of(num_clauses, "num_clauses")?, "offsets")?;
            let mut formula = handle::write(formula, "formula")?;
            out.set(change(&mut formula, |f| f.add_clauses(literals, offsets))?.0);
        }
        Ok(())
    })
}

/// How many offsets so many rows have.
pub(super) fn offsets_of(rows: usize, argument: &str) -> Result<usize, Failure> {
    let too_many = || Failure::invalid(format_args!("argument {argument}: {rows} exceeds the address space"));
    rows.checked_add(1).ok_or_else(too_many)
}

/// How many clauses there are. Where the formula has no other constraints, their ids are 0..num_clauses-1; see
/// anser_formula_num_constraints.
///
/// # Safety
/// `formula` is null or from this library and not freed; `out_clauses` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_num_clauses(
    formula: *const anser_formula,
    out_clauses: *mut u64,
) -> anser_status {
    guard("anser_formula_num_clauses", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_clauses, "out_clauses")?;
            out.set(handle::read(formula, "formula")?.clauses().len() as u64);
        }
        Ok(())
    })
}

/// How many literals all clauses have together.
///
/// # Safety
/// `formula` is null or from this library and not freed; `out_literals` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_num_literals(
    formula: *const anser_formula,
    out_literals: *mut u64,
) -> anser_status {
    guard("anser_formula_num_literals", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_literals, "out_literals")?;
            out.set(handle::read(formula, "formula")?.clauses().num_literals() as u64);
        }
        Ok(())
    })
}

/// All clauses at once, without the constraints of other kinds, in the form in which anser_formula_add_clauses takes
/// them.
///
/// @param out_literals room for at least as many literals as anser_formula_num_literals says.
/// @param out_offsets room for at least anser_formula_num_clauses + 1 offsets.
///
/// # Safety
/// `formula` is null or from this library and not freed; the outputs are null or have the room that is stated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_get_clauses(
    formula: *const anser_formula,
    out_literals: *mut i32,
    num_literals: usize,
    out_offsets: *mut usize,
    num_offsets: usize,
) -> anser_status {
    guard("anser_formula_get_clauses", || {
        // SAFETY: passed on.
        unsafe {
            let formula = handle::read(formula, "formula")?;
            let (literals, _, ends) = formula.clauses().raw(0, formula.clauses().len());
            room(num_literals, literals.len(), "num_literals")?;
            room(num_offsets, ends.len() + 1, "num_offsets")?;
            check_array(out_offsets, ends.len() + 1, "out_offsets")?;
            fill(out_literals, literals, "out_literals")?;
            fill(out_offsets, &[0], "out_offsets")?;
            fill(out_offsets.wrapping_add(1), ends, "out_offsets")
        }
    })
}

/// The literals of a clause, as written. The id of a constraint of another kind is ANSER_STATUS_INVALID_ARGUMENT:
/// anser_formula_get_constraint reads them all.
///
/// @param out_literals borrowed: valid until the formula is next changed or freed.
/// @param out_num_literals how many.
///
/// # Safety
/// `formula` is null or from this library and not freed; the outputs are null or point to room for one each.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_get_clause(
    formula: *const anser_formula,
    id: u64,
    out_literals: *mut *const i32,
    out_num_literals: *mut usize,
) -> anser_status {
    guard("anser_formula_get_clause", || {
        // SAFETY: passed on.
        unsafe {
            let out_literals = Out::needed(out_literals, "out_literals")?;
            let out_num_literals = Out::needed(out_num_literals, "out_num_literals")?;
            let formula = handle::read(formula, "formula")?;
            let Some(clause) = formula.clause(ConstraintId(id)) else {
                let count = formula.num_constraints();
                let text = if id < count {
                    format_args!("argument id: constraint {id} is no clause")
                } else {
                    format_args!("argument id: there is no constraint {id}, there are {count}")
                };
                return Err(Failure::invalid(text));
            };
            out_literals.set(clause.as_ptr());
            out_num_literals.set(clause.len());
        }
        Ok(())
    })
}

/// Gives a variable a name, or takes it away with NULL. A name is UTF-8 without control characters, not empty, and
/// stands for one variable.
///
/// # Safety
/// `formula` is null or from this library and not freed; `name` is null or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_set_name(
    formula: *mut anser_formula,
    var: i32,
    name: *const c_char,
) -> anser_status {
    guard("anser_formula_set_name", || {
        // SAFETY: passed on.
        unsafe {
            let name = if name.is_null() { None } else { Some(text(name, "name")?) };
            let var = variable(var, "var")?;
            let mut formula = handle::write(formula, "formula")?;
            change(&mut formula, |f| f.set_name(var, name))
        }
    })
}

/// The name of a variable, copied into `buffer` with a terminating NUL.
///
/// @param buffer room for the name; may be NULL where capacity is 0, to learn the length only.
/// @param capacity bytes in buffer; too few are ANSER_STATUS_BUFFER_TOO_SMALL.
/// @param out_length bytes of the name without the NUL; 0 where the variable has none. Also written where the buffer is
///   too small. May be NULL.
///
/// # Safety
/// `formula` is null or from this library and not freed; `buffer` is null or has `capacity` bytes; `out_length` is
/// null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_get_name(
    formula: *const anser_formula,
    var: i32,
    buffer: *mut c_char,
    capacity: usize,
    out_length: *mut usize,
) -> anser_status {
    guard("anser_formula_get_name", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_length, "out_length")?;
            let var = variable(var, "var")?;
            let formula = handle::read(formula, "formula")?;
            let name = formula.name(var)?.unwrap_or_default();
            copy_text(name.as_bytes(), buffer, capacity, &out)?;
        }
        Ok(())
    })
}

/// Copies a text with a terminating NUL, unless the host only asks for its length.
pub(super) unsafe fn copy_text(
    bytes: &[u8],
    buffer: *mut c_char,
    capacity: usize,
    out: &Out<usize>,
) -> Result<(), Failure> {
    if capacity != 0 && buffer.is_null() {
        return Err(Failure::null("buffer"));
    }
    // SAFETY: passed on.
    unsafe { out.set(bytes.len()) };
    if capacity == 0 {
        return Ok(());
    }
    room(capacity, bytes.len() + 1, "capacity")?;
    // SAFETY: the buffer has room for the text and the NUL.
    unsafe {
        fill(buffer.cast::<u8>(), bytes, "buffer")?;
        fill(buffer.cast::<u8>().wrapping_add(bytes.len()), &[0], "buffer")
    }
}

/// The variable of that name; 0 where no variable has it.
///
/// # Safety
/// `formula` is null or from this library and not freed; `name` is null or a C string; `out_var` is null or points
/// to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_find_name(
    formula: *const anser_formula,
    name: *const c_char,
    out_var: *mut i32,
) -> anser_status {
    guard("anser_formula_find_name", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_var, "out_var")?;
            let name = text(name, "name")?;
            out.set(handle::read(formula, "formula")?.variable_named(name).unwrap_or(0).cast_signed());
        }
        Ok(())
    })
}

/// Counts. Time: linear in the number of clauses. A host that was compiled with an older header gets the fields it knows.
///
/// @param out_statistics begin with ANSER_FORMULA_STATISTICS_INIT.
///
/// # Safety
/// `formula` is null or from this library and not freed; `out_statistics` is null or points to a struct of the size
/// that it states.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_get_statistics(
    formula: *const anser_formula,
    out_statistics: *mut anser_formula_statistics,
) -> anser_status {
    guard("anser_formula_get_statistics", || {
        // SAFETY: passed on.
        unsafe {
            let s = handle::read(formula, "formula")?.statistics();
            let size = size_of::<anser_formula_statistics>();
            let value = anser_formula_statistics {
                struct_size: size,
                variables: s.variables,
                clauses: s.clauses,
                literals: s.literals,
                empty: s.empty,
                unit: s.unit,
                binary: s.binary,
                ternary: s.ternary,
                longest: s.longest,
                bytes: s.bytes,
                xors: s.xors,
                cardinalities: s.cardinalities,
                pseudo_booleans: s.pseudo_booleans,
                linears: s.linears,
                terms: s.terms,
                numbers: s.numbers,
                sampling_set: s.sampling_set,
            };
            write_struct(out_statistics, &value, FIRST_STATISTICS, "out_statistics")
        }
    })
}

/// Checks a model, without any solver. A formula with integers or reals needs anser_formula_check_with_numbers.
///
/// @param values values[v - 1] is positive where variable v is true, negative where it is false, 0 where it is open:
///   what depends on it is then not satisfied.
/// @param num_values at least the number of variables.
/// @param out_satisfied 1 where every constraint is satisfied, else 0.
/// @param out_violated the id of the first constraint that is not; UINT64_MAX where all are. May be NULL.
///
/// # Safety
/// `formula` is null or from this library and not freed; `values` is null or points to `num_values` values; the
/// outputs are null or point to room for one each.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_check(
    formula: *const anser_formula,
    values: *const i8,
    num_values: usize,
    out_satisfied: *mut i32,
    out_violated: *mut u64,
) -> anser_status {
    guard("anser_formula_check", || {
        // SAFETY: passed on.
        unsafe {
            let out_satisfied = Out::needed(out_satisfied, "out_satisfied")?;
            let out_violated = Out::optional(out_violated, "out_violated")?;
            let values = slice(values, num_values, "values")?;
            let violated = handle::read(formula, "formula")?.check(values)?;
            out_satisfied.set(violated.is_none().into());
            out_violated.set(violated.map_or(u64::MAX, |v| v.0.0));
        }
        Ok(())
    })
}

/// Reads a formula in DIMACS CNF from a file, plain or compressed by gzip or xz (told from its first bytes).
///
/// Comments, clauses over several lines, and SATLIB's `%` trailer are read; so are CryptoMiniSat's parities (`x1 -2 3 0`,
/// which count among the header's clauses) and sampling sets (`c ind 1 2 0` and `c p show 1 2 0`). Counts that do not
/// match the header and everything else that is malformed is ANSER_STATUS_PARSE with line and column.
///
/// @param budget ends the call with ANSER_STATUS_STOPPED; its memory limit is the formula's while reading. May be NULL.
/// @param out_formula the formula; NULL on failure.
///
/// # Safety
/// `path` is null or a C string; `budget` is null or from anser_budget_new and not freed; `out_formula` is null or
/// points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_read_dimacs(
    path: *const c_char,
    budget: *const anser_budget,
    out_formula: *mut *mut anser_formula,
) -> anser_status {
    guard("anser_formula_read_dimacs", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_formula, "out_formula")?;
            let path = self::path(path, "path")?;
            let read = dimacs::read_file(path, &arm(budget)?);
            check_exception()?;
            out.set(handle::create(Arc::new(read?))?);
        }
        Ok(())
    })
}

/// As anser_formula_read_dimacs, from memory.
///
/// # Safety
/// `bytes` is null or points to `length` bytes; `budget` is null or from anser_budget_new and not freed;
/// `out_formula` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_read_dimacs_memory(
    bytes: *const u8,
    length: usize,
    budget: *const anser_budget,
    out_formula: *mut *mut anser_formula,
) -> anser_status {
    guard("anser_formula_read_dimacs_memory", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_formula, "out_formula")?;
            let bytes = slice(bytes, length, "bytes")?;
            let read = dimacs::read_bytes(bytes, &arm(budget)?);
            check_exception()?;
            out.set(handle::create(Arc::new(read?))?);
        }
        Ok(())
    })
}

/// Writes the formula in DIMACS CNF to a file, compressed where its name ends in .gz or .xz. The file appears under
/// its name only when it is whole. Parities become `x` lines, the sampling set `c ind` lines; names are left out. Other
/// constraints and numbers are ANSER_STATUS_UNSUPPORTED, for constraints with the id of the first one in
/// anser_last_error_index.
///
/// # Safety
/// `formula` is null or from this library and not freed; `path` is null or a C string; `budget` is null or from
/// anser_budget_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_write_dimacs(
    formula: *const anser_formula,
    path: *const c_char,
    budget: *const anser_budget,
) -> anser_status {
    guard("anser_formula_write_dimacs", || {
        // SAFETY: passed on.
        let (path, formula, budget) =
            unsafe { (self::path(path, "path")?, handle::read(formula, "formula")?, arm(budget)?) };
        let written = dimacs::write_file(&formula, path, &budget);
        check_exception()?;
        Ok(written?)
    })
}

/// As anser_formula_write_dimacs, uncompressed, into a host's function. The sink is let go of before this returns.
///
/// # Safety
/// `formula` is null or from this library and not freed; `sink` is null or points to a struct of the size that it
/// states; `budget` is null or from anser_budget_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_write_dimacs_sink(
    formula: *const anser_formula,
    sink: *const anser_sink,
    budget: *const anser_budget,
) -> anser_status {
    guard("anser_formula_write_dimacs_sink", || {
        // SAFETY: passed on.
        let (writer, formula, budget) =
            unsafe { (host_writer(sink)?, handle::read(formula, "formula")?, arm(budget)?) };
        let written = dimacs::write(&formula, writer, &budget);
        check_exception()?;
        Ok(written?)
    })
}

/// As anser_formula_write_dimacs, uncompressed, into memory, with a terminating NUL.
///
/// @param buffer room for the text; may be NULL where capacity is 0, to learn the length only.
/// @param capacity bytes in buffer; too few are ANSER_STATUS_BUFFER_TOO_SMALL.
/// @param out_length bytes of the text without the NUL; also written where the buffer is too small. May be NULL.
///
/// # Safety
/// `formula` is null or from this library and not freed; `budget` is null or from anser_budget_new and not freed;
/// `buffer` is null or has `capacity` bytes; `out_length` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_write_dimacs_memory(
    formula: *const anser_formula,
    budget: *const anser_budget,
    buffer: *mut c_char,
    capacity: usize,
    out_length: *mut usize,
) -> anser_status {
    guard("anser_formula_write_dimacs_memory", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_length, "out_length")?;
            let formula = handle::read(formula, "formula")?;
            write_text(TextFormat::Dimacs, &formula, &arm(budget)?, buffer, capacity, &out)
        }
    })
}

/// Writes into memory, unless the host only asks for the length.
pub(super) unsafe fn write_text(
    format: TextFormat,
    formula: &Formula,
    budget: &Budget,
    buffer: *mut c_char,
    capacity: usize,
    out: &Out<usize>,
) -> Result<(), Failure> {
    let mut count = Count(0);
    let written = format.write(formula, &mut count, budget);
    check_exception()?;
    written?;
    let length = usize::try_from(count.0).unwrap_or(usize::MAX);
    if capacity == 0 {
        // SAFETY: passed on.
        unsafe { out.set(length) };
        return Ok(());
    }
    let mut text = Vec::new();
    text.try_reserve_exact(length).map_err(|_| OutOfMemory::Allocator { bytes: count.0 })?;
    let written = format.write(formula, &mut text, budget);
    check_exception()?;
    written?;
    // SAFETY: passed on.
    unsafe { copy_text(&text, buffer, capacity, out) }
}

/// Counts bytes.
struct Count(u64);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
