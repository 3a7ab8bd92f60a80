//! Z3's C functions, made safe one by one. Nothing here decides anything.
//!
//! A [`Context`] counts references: what [`Terms`] makes is held until that is dropped, declared symbols and the solver
//! until the context is. Z3 never calls back: without an error handler it keeps a code, which is asked for after each
//! call.
#![allow(unsafe_code)]

use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char, c_int, c_uint};
use std::marker::PhantomData;
use std::ptr;
use std::sync::OnceLock;

use z3_sys as z3;

use super::SmtError;
use crate::error::OutOfMemory;

/// Major and minor version of the Z3 that the bindings are for.
const VERSION: (u32, u32) = (5, 3);

/// What a check answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Sat,
    Unsat,
    Unknown,
}

/// The sort of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Int,
    Real,
}

/// What a check counts.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counters {
    /// Steps as Z3's own resource limit counts them, since the context was made.
    pub steps: u64,
    /// Conflicts, as far as the solver at work tells.
    pub conflicts: u64,
}

/// Owns one Z3 context and one solver in it.
#[derive(Debug)]
pub(super) struct Context {
    raw: z3::Z3_context,
    solver: z3::Z3_solver,
    bool_sort: z3::Z3_sort,
    int_sort: z3::Z3_sort,
    real_sort: z3::Z3_sort,
    /// Each with a reference of ours: variable `v` at `v - 1`.
    variables: Vec<z3::Z3_ast>,
    /// Each with a reference of ours.
    numbers: Vec<(z3::Z3_ast, Sort)>,
}

// SAFETY: a context and what is in it know no thread: Z3 keeps thread-local only counts of bytes, which it sums up. It
// is reached through `&mut`, or through `&` by one thread, and by `Interrupter`, whose one function is meant for other
// threads. Never `Sync`.
unsafe impl Send for Context {}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: each of these has one reference of ours, and no call is under way. Sorts go with the context.
        unsafe {
            self.variables.iter().chain(self.numbers.iter().map(|(n, _)| n)).for_each(|&a| z3::Z3_dec_ref(self.raw, a));
            z3::Z3_solver_dec_ref(self.raw, self.solver);
            z3::Z3_del_context(self.raw);
        }
    }
}

/// A text that Z3 holds, copied.
///
/// # Safety
/// Null or a C string.
unsafe fn text(s: *const c_char) -> String {
    if s.is_null() {
        return String::new();
    }
    // SAFETY: as the caller says.
    unsafe { CStr::from_ptr(s) }.to_string_lossy().into_owned()
}

/// The library that was linked, if it is one that the bindings are for. Asked before anything else is called.
fn linked() -> Result<(), SmtError> {
    static FOUND: OnceLock<(u32, u32)> = OnceLock::new();
    let &(major, minor) = FOUND.get_or_init(|| {
        let (mut major, mut minor, mut build, mut revision) = (0, 0, 0, 0);
        // SAFETY: writes four numbers. The warnings that are turned off would go to stderr.
        unsafe {
            z3::Z3_get_version(&raw mut major, &raw mut minor, &raw mut build, &raw mut revision);
            if (major, minor) == VERSION {
                z3::Z3_toggle_warning_messages(false);
            }
        }
        (major, minor)
    });
    if (major, minor) == VERSION { Ok(()) } else { Err(SmtError::Version { major, minor }) }
}

/// Bytes that all of Z3 holds in this process, as it counts them itself.
pub(super) fn bytes() -> u64 {
    // SAFETY: reads a counter under a lock.
    if linked().is_ok() { unsafe { z3::Z3_get_estimated_alloc_size() } } else { 0 }
}

fn failed(what: &str) -> SmtError {
    SmtError::Internal(format!("no {what} could be made"))
}

impl Context {
    pub(super) fn new() -> Result<Self, SmtError> {
        linked()?;
        // SAFETY: the configuration is freed once. A null error handler makes Z3 keep errors instead of ending the
        // process. On the ways out before `Context` owns it, the context is freed with all that is in it.
        unsafe {
            let config = z3::Z3_mk_config().ok_or_else(|| failed("configuration"))?;
            let raw = z3::Z3_mk_context_rc(config);
            z3::Z3_del_config(config);
            let raw = raw.ok_or_else(|| failed("context"))?;
            z3::Z3_set_error_handler(raw, None);
            let sorts = (z3::Z3_mk_bool_sort(raw), z3::Z3_mk_int_sort(raw), z3::Z3_mk_real_sort(raw));
            let (Some(bool_sort), Some(int_sort), Some(real_sort), Some(solver)) =
                (sorts.0, sorts.1, sorts.2, z3::Z3_mk_solver(raw))
            else {
                z3::Z3_del_context(raw);
                return Err(failed("solver"));
            };
            // The three sorts belong to Z3's own plugins, which hold them as long as the context lives.
            z3::Z3_solver_inc_ref(raw, solver);
            Ok(Context { raw, solver, bool_sort, int_sort, real_sort, variables: Vec::new(), numbers: Vec::new() })
        }
    }

    /// The error of the last call, if it left one.
    fn done(&self) -> Result<(), SmtError> {
        // SAFETY: the code is one of the enumeration, as the version says; the text is copied at once.
        unsafe {
            match z3::Z3_get_error_code(self.raw) {
                z3::ErrorCode::Ok => Ok(()),
                z3::ErrorCode::MemoutFail => Err(OutOfMemory::Backend.into()),
                code => Err(SmtError::Internal(text(z3::Z3_get_error_msg(self.raw, code)))),
            }
        }
    }

    /// What a call answered, or why it answered nothing.
    fn made<T>(&self, made: Option<T>) -> Result<T, SmtError> {
        self.done()?;
        made.ok_or_else(|| SmtError::Internal("it answered nothing".into()))
    }

    /// How many variables are declared.
    pub(super) fn num_variables(&self) -> usize {
        self.variables.len()
    }

    /// How many numbers are declared.
    pub(super) fn num_numbers(&self) -> usize {
        self.numbers.len()
    }

    /// A fresh symbol, by number: Booleans have even ones, numbers odd ones. It has a reference of ours.
    fn symbol(&self, number: usize, sort: z3::Z3_sort) -> Result<z3::Z3_ast, SmtError> {
        let number = c_int::try_from(number).map_err(|_| SmtError::Internal("too many symbols".into()))?;
        // SAFETY: the symbol lives as long as the context, the sort is ours.
        unsafe {
            let name = self.made(z3::Z3_mk_int_symbol(self.raw, number))?;
            let made = self.made(z3::Z3_mk_const(self.raw, name, sort))?;
            z3::Z3_inc_ref(self.raw, made);
            Ok(made)
        }
    }

    /// Declares the next variable.
    pub(super) fn declare_variable(&mut self) -> Result<(), SmtError> {
        self.variables.try_reserve(1).map_err(|_| OutOfMemory::Allocator { bytes: 8 })?;
        let made = self.symbol(2 * self.variables.len(), self.bool_sort)?;
        self.variables.push(made);
        Ok(())
    }

    /// Declares the next number.
    pub(super) fn declare_number(&mut self, sort: Sort) -> Result<(), SmtError> {
        self.numbers.try_reserve(1).map_err(|_| OutOfMemory::Allocator { bytes: 16 })?;
        let made = self.symbol(2 * self.numbers.len() + 1, self.sort(sort))?;
        self.numbers.push((made, sort));
        Ok(())
    }

    fn sort(&self, sort: Sort) -> z3::Z3_sort {
        match sort {
            Sort::Int => self.int_sort,
            Sort::Real => self.real_sort,
        }
    }

    /// A place to make terms in.
    pub(super) fn terms(&self) -> Terms<'_> {
        Terms { context: self, pins: RefCell::new(Vec::new()) }
    }

    /// Sets options of the solver, all of them unsigned.
    pub(super) fn set_options(&mut self, options: &[(&CStr, u32)]) -> Result<(), SmtError> {
        // SAFETY: the parameters have a reference of ours, given back once; names are C strings.
        unsafe {
            let params = self.made(z3::Z3_mk_params(self.raw))?;
            z3::Z3_params_inc_ref(self.raw, params);
            let set = || {
                for (name, value) in options {
                    let name = self.made(z3::Z3_mk_string_symbol(self.raw, name.as_ptr()))?;
                    z3::Z3_params_set_uint(self.raw, params, name, *value);
                    self.done()?;
                }
                z3::Z3_solver_set_params(self.raw, self.solver, params);
                self.done()
            };
            let set = set();
            z3::Z3_params_dec_ref(self.raw, params);
            set
        }
    }

    /// A search under these literals, to be run on any thread, and what ends it from another one.
    pub(super) fn search<'c>(&'c mut self, assumptions: &'c [i32]) -> (Search<'c>, Interrupter<'c>) {
        let interrupter = Interrupter { raw: self.raw, solver: self.solver, of: PhantomData };
        (Search { context: self, assumptions }, interrupter)
    }

    /// Why the last check answered unknown.
    pub(super) fn why_unknown(&self) -> String {
        // SAFETY: the text is copied at once.
        unsafe { text(z3::Z3_solver_get_reason_unknown(self.raw, self.solver)) }
    }

    pub(super) fn counters(&self) -> Result<Counters, SmtError> {
        let mut counters = Counters::default();
        // SAFETY: the statistics have a reference of ours, given back once; each index is below their length, and each
        // value is read as what it is.
        unsafe {
            let stats = self.made(z3::Z3_solver_get_statistics(self.raw, self.solver))?;
            z3::Z3_stats_inc_ref(self.raw, stats);
            for index in 0..z3::Z3_stats_size(self.raw, stats) {
                let value = if z3::Z3_stats_is_uint(self.raw, stats, index) {
                    u64::from(z3::Z3_stats_get_uint_value(self.raw, stats, index))
                } else {
                    z3::Z3_stats_get_double_value(self.raw, stats, index) as u64 // saturates
                };
                match text(z3::Z3_stats_get_key(self.raw, stats, index)).as_str() {
                    "rlimit count" => counters.steps = value,
                    // The solvers for propositional formulas and for theories have each a name of their own for it.
                    "conflicts" | "sat conflicts" => counters.conflicts += value,
                    _ => {}
                }
            }
            z3::Z3_stats_dec_ref(self.raw, stats);
        }
        self.done()?;
        Ok(counters)
    }

    /// Of these literals, which were assumed, those that the last check, unsat, made use of.
    pub(super) fn core(&self, assumptions: &[i32]) -> Result<Vec<i32>, SmtError> {
        let terms = self.terms();
        let assumed = assumptions.iter().map(|&l| terms.literal(l)).collect::<Result<Vec<_>, _>>()?;
        let mut used = std::collections::HashSet::new();
        // SAFETY: the vector has a reference of ours, given back once, and holds its members; these are only compared.
        // A term is there once: that which means the same is the same.
        unsafe {
            let core = self.made(z3::Z3_solver_get_unsat_core(self.raw, self.solver))?;
            z3::Z3_ast_vector_inc_ref(self.raw, core);
            used.extend(
                (0..z3::Z3_ast_vector_size(self.raw, core)).filter_map(|i| z3::Z3_ast_vector_get(self.raw, core, i)),
            );
            z3::Z3_ast_vector_dec_ref(self.raw, core);
        }
        self.done()?;
        let mut literals = Vec::new();
        for (literal, term) in assumptions.iter().zip(&assumed) {
            if used.remove(&term.raw) {
                literals.push(*literal);
            }
        }
        if !used.is_empty() {
            return Err(SmtError::Internal("its core has what was not assumed".into()));
        }
        Ok(literals)
    }

    /// The model of the last check, sat: 1 or -1 a variable, and a text a number, `p` or `p/q`.
    pub(super) fn model(&self) -> Result<(Vec<i8>, Vec<String>), SmtError> {
        // SAFETY: the model has a reference of ours, given back once.
        unsafe {
            let model = self.made(z3::Z3_solver_get_model(self.raw, self.solver))?;
            z3::Z3_model_inc_ref(self.raw, model);
            let values = self.values(model);
            z3::Z3_model_dec_ref(self.raw, model);
            values
        }
    }

    fn values(&self, model: z3::Z3_model) -> Result<(Vec<i8>, Vec<String>), SmtError> {
        let short = |bytes: usize| OutOfMemory::Allocator { bytes: bytes as u64 };
        let (mut booleans, mut numbers) = (Vec::new(), Vec::new());
        let many = self.variables.len();
        booleans.try_reserve_exact(many).map_err(|_| short(many))?;
        numbers.try_reserve_exact(self.numbers.len()).map_err(|_| short(24 * self.numbers.len()))?;
        for &variable in &self.variables {
            // SAFETY: the value has been given a reference.
            booleans.push(self.value(model, variable, |value| unsafe {
                match z3::Z3_get_bool_value(self.raw, value) {
                    z3::Z3_L_TRUE => Ok(1),
                    z3::Z3_L_FALSE => Ok(-1),
                    _ => Err(SmtError::Internal("a variable has no value in its model".into())),
                }
            })?);
        }
        for &(number, _) in &self.numbers {
            // SAFETY: the value has been given a reference; the text is copied at once.
            numbers.push(self.value(model, number, |value| unsafe {
                let value = text(z3::Z3_get_numeral_string(self.raw, value));
                self.done().map(|()| value)
            })?);
        }
        Ok((booleans, numbers))
    }

    /// Hands the value of a term to `read`.
    fn value<T>(
        &self,
        model: z3::Z3_model,
        term: z3::Z3_ast,
        read: impl FnOnce(z3::Z3_ast) -> Result<T, SmtError>,
    ) -> Result<T, SmtError> {
        let mut value = None::<z3::Z3_ast>;
        // SAFETY: `value` has the size of a pointer, null for none, and is read only where the call succeeded; it gets
        // a reference before the next call and loses it after `read`.
        unsafe {
            let found = z3::Z3_model_eval(self.raw, model, term, true, ptr::from_mut(&mut value).cast());
            let value = self.made(value.filter(|_| found))?;
            z3::Z3_inc_ref(self.raw, value);
            let result = read(value);
            z3::Z3_dec_ref(self.raw, value);
            result
        }
    }

    /// Asserts what SMT-LIB commands assert. Symbols of the context are not theirs.
    #[cfg(test)]
    pub(super) fn assert_smtlib(&mut self, commands: &str) -> Result<(), SmtError> {
        let commands = CString::new(commands).map_err(|_| SmtError::Internal("a NUL in SMT-LIB".into()))?;
        // SAFETY: no sorts and declarations; the vector has a reference of ours, given back once, and holds its
        // members.
        unsafe {
            let no_names = ptr::null();
            let parsed = z3::Z3_parse_smtlib2_string(
                self.raw,
                commands.as_ptr(),
                0,
                no_names,
                ptr::null(),
                0,
                no_names,
                ptr::null(),
            );
            let parsed = self.made(parsed)?;
            z3::Z3_ast_vector_inc_ref(self.raw, parsed);
            for index in 0..z3::Z3_ast_vector_size(self.raw, parsed) {
                if let Some(assertion) = z3::Z3_ast_vector_get(self.raw, parsed, index) {
                    z3::Z3_solver_assert(self.raw, self.solver, assertion);
                }
            }
            z3::Z3_ast_vector_dec_ref(self.raw, parsed);
        }
        self.done()
    }
}

/// A search to be run.
#[derive(Debug)]
pub(super) struct Search<'c> {
    context: &'c mut Context,
    assumptions: &'c [i32],
}

impl Search<'_> {
    pub(super) fn run(self) -> Result<Verdict, SmtError> {
        let Search { context, assumptions } = self;
        let terms = context.terms();
        let assumed = assumptions.iter().map(|&l| terms.literal(l)).collect::<Result<Vec<_>, _>>()?;
        // SAFETY: `Term` is a pointer to a term, and `terms` holds them all.
        let verdict = unsafe {
            z3::Z3_solver_check_assumptions(context.raw, context.solver, length(&assumed)?, pointers(&assumed))
        };
        context.done()?;
        Ok(match verdict {
            z3::Z3_L_TRUE => Verdict::Sat,
            z3::Z3_L_FALSE => Verdict::Unsat,
            _ => Verdict::Unknown,
        })
    }
}

/// Ends a search from another thread.
#[derive(Debug, Clone, Copy)]
pub(super) struct Interrupter<'c> {
    raw: z3::Z3_context,
    solver: z3::Z3_solver,
    of: PhantomData<&'c Context>,
}

impl Interrupter<'_> {
    /// Asks the search under way to end. Where none has begun yet or it is over, nothing happens: it is to be asked
    /// again until the search has ended, and leaves no mark on the next one.
    pub(super) fn interrupt(&self) {
        // SAFETY: the one function that Z3 allows beside a call in the same context: it takes a lock, looks whether a
        // check is under way, and raises a flag that goes with that check. The lifetime keeps the context alive.
        unsafe { z3::Z3_solver_interrupt(self.raw, self.solver) }
    }
}

/// A term, alive as long as the [`Terms`] it came from, to be used with terms of the same context.
#[derive(Debug, Clone, Copy)]
#[repr(transparent)]
pub(super) struct Term<'t> {
    raw: z3::Z3_ast,
    of: PhantomData<&'t ()>,
}

fn length(terms: &[Term<'_>]) -> Result<c_uint, SmtError> {
    c_uint::try_from(terms.len()).map_err(|_| SmtError::Internal("more than 2^32 - 1 terms in one".into()))
}

fn pointers(terms: &[Term<'_>]) -> *const z3::Z3_ast {
    terms.as_ptr().cast()
}

/// Where terms are made; it holds them until it is dropped.
#[derive(Debug)]
pub(super) struct Terms<'c> {
    context: &'c Context,
    pins: RefCell<Vec<z3::Z3_ast>>,
}

impl Drop for Terms<'_> {
    fn drop(&mut self) {
        for &term in self.pins.get_mut().iter() {
            // SAFETY: given a reference in `pin`, which is given back once.
            unsafe { z3::Z3_dec_ref(self.context.raw, term) }
        }
    }
}

/// A function that makes a term of two.
type Binary = unsafe extern "C" fn(z3::Z3_context, z3::Z3_ast, z3::Z3_ast) -> Option<z3::Z3_ast>;

/// A function that makes a term of many.
type Many = unsafe extern "C" fn(z3::Z3_context, c_uint, *const z3::Z3_ast) -> Option<z3::Z3_ast>;

impl Terms<'_> {
    fn pin(&self, made: Option<z3::Z3_ast>) -> Result<Term<'_>, SmtError> {
        let raw = self.context.made(made)?;
        let mut pins = self.pins.borrow_mut();
        pins.try_reserve(1).map_err(|_| OutOfMemory::Allocator { bytes: 8 })?;
        // SAFETY: just made, and Z3 keeps what it made last until the next call.
        unsafe { z3::Z3_inc_ref(self.context.raw, raw) }
        pins.push(raw);
        Ok(Term { raw, of: PhantomData })
    }

    fn binary(&self, make: Binary, a: Term<'_>, b: Term<'_>) -> Result<Term<'_>, SmtError> {
        // SAFETY: both terms are alive; Z3 checks their sorts.
        self.pin(unsafe { make(self.context.raw, a.raw, b.raw) })
    }

    fn many(&self, make: Many, terms: &[Term<'_>]) -> Result<Term<'_>, SmtError> {
        // SAFETY: as many pointers as are told, to terms that are alive; Z3 checks their sorts.
        self.pin(unsafe { make(self.context.raw, length(terms)?, pointers(terms)) })
    }

    /// A literal of a declared variable.
    pub(super) fn literal(&self, literal: i32) -> Result<Term<'_>, SmtError> {
        let at = (literal.unsigned_abs() as usize).wrapping_sub(1);
        let undeclared = || SmtError::Internal(format!("literal {literal} was not declared"));
        let raw = *self.context.variables.get(at).ok_or_else(undeclared)?;
        let variable = Term { raw, of: PhantomData };
        if literal > 0 { Ok(variable) } else { self.not(variable) }
    }

    /// A declared number and its sort.
    pub(super) fn number(&self, number: u32) -> Result<(Term<'_>, Sort), SmtError> {
        let undeclared = || SmtError::Internal(format!("number {number} was not declared"));
        let &(raw, sort) = self.context.numbers.get(number as usize).ok_or_else(undeclared)?;
        Ok((Term { raw, of: PhantomData }, sort))
    }

    /// True or false.
    pub(super) fn constant(&self, value: bool) -> Result<Term<'_>, SmtError> {
        // SAFETY: a plain call.
        self.pin(unsafe { if value { z3::Z3_mk_true(self.context.raw) } else { z3::Z3_mk_false(self.context.raw) } })
    }

    pub(super) fn not(&self, a: Term<'_>) -> Result<Term<'_>, SmtError> {
        // SAFETY: the term is alive.
        self.pin(unsafe { z3::Z3_mk_not(self.context.raw, a.raw) })
    }

    pub(super) fn or(&self, terms: &[Term<'_>]) -> Result<Term<'_>, SmtError> {
        self.many(z3::Z3_mk_or, terms)
    }

    pub(super) fn xor(&self, a: Term<'_>, b: Term<'_>) -> Result<Term<'_>, SmtError> {
        self.binary(z3::Z3_mk_xor, a, b)
    }

    pub(super) fn iff(&self, a: Term<'_>, b: Term<'_>) -> Result<Term<'_>, SmtError> {
        self.binary(z3::Z3_mk_iff, a, b)
    }

    pub(super) fn implies(&self, a: Term<'_>, b: Term<'_>) -> Result<Term<'_>, SmtError> {
        self.binary(z3::Z3_mk_implies, a, b)
    }

    pub(super) fn if_then_else(&self, a: Term<'_>, b: Term<'_>, c: Term<'_>) -> Result<Term<'_>, SmtError> {
        // SAFETY: the terms are alive; Z3 checks their sorts.
        self.pin(unsafe { z3::Z3_mk_ite(self.context.raw, a.raw, b.raw, c.raw) })
    }

    /// A number written as `p` or, where it is real, `p/q`.
    pub(super) fn numeral(&self, digits: &str, sort: Sort) -> Result<Term<'_>, SmtError> {
        let digits = CString::new(digits).map_err(|_| SmtError::Internal("a NUL in a number".into()))?;
        // SAFETY: a C string, which Z3 copies.
        self.pin(unsafe { z3::Z3_mk_numeral(self.context.raw, digits.as_ptr(), self.context.sort(sort)) })
    }

    /// An integer as a real.
    pub(super) fn to_real(&self, a: Term<'_>) -> Result<Term<'_>, SmtError> {
        // SAFETY: the term is alive; Z3 checks its sort.
        self.pin(unsafe { z3::Z3_mk_int2real(self.context.raw, a.raw) })
    }

    /// The sum of at least one term.
    pub(super) fn add(&self, terms: &[Term<'_>]) -> Result<Term<'_>, SmtError> {
        self.many(z3::Z3_mk_add, terms)
    }

    pub(super) fn times(&self, a: Term<'_>, b: Term<'_>) -> Result<Term<'_>, SmtError> {
        self.many(z3::Z3_mk_mul, &[Term { raw: a.raw, of: PhantomData }, Term { raw: b.raw, of: PhantomData }])
    }

    pub(super) fn at_least(&self, a: Term<'_>, b: Term<'_>) -> Result<Term<'_>, SmtError> {
        self.binary(z3::Z3_mk_ge, a, b)
    }

    pub(super) fn at_most(&self, a: Term<'_>, b: Term<'_>) -> Result<Term<'_>, SmtError> {
        self.binary(z3::Z3_mk_le, a, b)
    }

    pub(super) fn greater(&self, a: Term<'_>, b: Term<'_>) -> Result<Term<'_>, SmtError> {
        self.binary(z3::Z3_mk_gt, a, b)
    }

    pub(super) fn less(&self, a: Term<'_>, b: Term<'_>) -> Result<Term<'_>, SmtError> {
        self.binary(z3::Z3_mk_lt, a, b)
    }

    pub(super) fn equal(&self, a: Term<'_>, b: Term<'_>) -> Result<Term<'_>, SmtError> {
        self.binary(z3::Z3_mk_eq, a, b)
    }

    /// Σ `weights[i]`·`terms[i]` ≥ `bound`, over Booleans.
    pub(super) fn weighs(&self, terms: &[Term<'_>], weights: &[i32], bound: i32) -> Result<Term<'_>, SmtError> {
        if terms.len() != weights.len() {
            return Err(SmtError::Internal("weights and terms differ in number".into()));
        }
        // SAFETY: as many pointers and weights as are told.
        self.pin(unsafe { z3::Z3_mk_pbge(self.context.raw, length(terms)?, pointers(terms), weights.as_ptr(), bound) })
    }

    /// At least `bound` of these Booleans.
    pub(super) fn count(&self, terms: &[Term<'_>], bound: u32) -> Result<Term<'_>, SmtError> {
        // SAFETY: as many pointers as are told.
        self.pin(unsafe { z3::Z3_mk_atleast(self.context.raw, length(terms)?, pointers(terms), bound) })
    }

    /// Asserts a Boolean term.
    pub(super) fn assert(&self, a: Term<'_>) -> Result<(), SmtError> {
        // SAFETY: the term is alive; the solver takes a reference of its own.
        unsafe { z3::Z3_solver_assert(self.context.raw, self.context.solver, a.raw) }
        self.context.done()
    }
}
