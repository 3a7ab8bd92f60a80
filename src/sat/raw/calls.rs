//! What CaDiCaL calls while it works: the table of functions that leads from the shim's propagator to the multiplexer.
//!
//! The multiplexer lives behind a raw pointer that the solver holds too. Each function here makes the one reference to
//! it that exists at that time: CaDiCaL calls one at a time, and `Handle` makes none while CaDiCaL is at work.
#![allow(unsafe_code)]

use std::ffi::c_void;

use super::{Opaque, anser_cadical_found};
use crate::sat::multiplex::{Multiplexer, Verdict};
use crate::sat::propagator::Keep;

/// `anser_cadical_propagator` of the shim.
#[repr(C)]
pub(super) struct Calls {
    assigned: extern "C" fn(*mut c_void, *const i32, usize),
    new_level: extern "C" fn(*mut c_void),
    backtrack: extern "C" fn(*mut c_void, usize),
    propagate: extern "C" fn(*mut c_void) -> i32,
    reason: extern "C" fn(*mut c_void, i32, *mut *const i32, *mut usize),
    decide: extern "C" fn(*mut c_void) -> i32,
    check: extern "C" fn(*mut c_void, *const Opaque, *const i32, usize) -> i32,
    next_clause: extern "C" fn(*mut c_void, *mut *const i32, *mut usize, *mut i32) -> i32,
    fixed: extern "C" fn(*mut c_void, i32),
    learned: extern "C" fn(*mut c_void, *const i32, usize),
    ended: extern "C" fn(*mut c_void) -> i32,
}

pub(super) static CALLS: Calls =
    Calls { assigned, new_level, backtrack, propagate, reason, decide, check, next_clause, fixed, learned, ended };

/// # Safety
/// `context` is the multiplexer that `Handle` connected, and no reference to it exists.
unsafe fn multiplexer<'a>(context: *mut c_void) -> &'a mut Multiplexer {
    // SAFETY: as promised.
    unsafe { &mut *context.cast::<Multiplexer>() }
}

/// # Safety
/// `length` literals are there, or it is 0.
unsafe fn slice<'a>(literals: *const i32, length: usize) -> &'a [i32] {
    if length == 0 {
        return &[]; // an empty vector's pointer may be null
    }
    // SAFETY: as promised.
    unsafe { std::slice::from_raw_parts(literals, length) }
}

extern "C" fn assigned(context: *mut c_void, literals: *const i32, length: usize) {
    // SAFETY: called by the shim with the context it was given and a vector's contents.
    unsafe { multiplexer(context).assigned(slice(literals, length)) }
}

extern "C" fn new_level(context: *mut c_void) {
    // SAFETY: called by the shim with the context it was given.
    unsafe { multiplexer(context) }.new_level();
}

extern "C" fn backtrack(context: *mut c_void, level: usize) {
    // SAFETY: called by the shim with the context it was given.
    unsafe { multiplexer(context) }.backtrack(level);
}

extern "C" fn propagate(context: *mut c_void) -> i32 {
    // SAFETY: called by the shim with the context it was given.
    unsafe { multiplexer(context) }.propagate()
}

extern "C" fn reason(context: *mut c_void, literal: i32, out: *mut *const i32, out_length: *mut usize) {
    // SAFETY: called by the shim with the context it was given and two places to write to. The literals stay where
    // they are until the next reason is asked for.
    unsafe {
        let reason = multiplexer(context).explain(literal);
        *out = reason.as_ptr();
        *out_length = reason.len();
    }
}

extern "C" fn decide(context: *mut c_void) -> i32 {
    // SAFETY: called by the shim with the context it was given.
    unsafe { multiplexer(context) }.decide()
}

extern "C" fn check(context: *mut c_void, handle: *const Opaque, model: *const i32, length: usize) -> i32 {
    let mut fetch = |values: &mut Vec<i8>, variables: usize| {
        values.resize(variables, 0);
        // SAFETY: CaDiCaL is about to ask whether its model is taken, so it has one; writes as many values as there is
        // room for, and calls nothing back.
        unsafe { anser_cadical_found(handle, values.as_mut_ptr(), variables) };
    };
    // SAFETY: called by the shim with the context it was given and a vector's contents.
    match unsafe { multiplexer(context).check(slice(model, length), &mut fetch) } {
        Verdict::Taken => 1,
        Verdict::Refused => 0,
        Verdict::Back(level) => -1 - i32::try_from(level).unwrap_or(i32::MAX - 1), // at most as many as variables
    }
}

extern "C" fn next_clause(
    context: *mut c_void,
    out: *mut *const i32,
    out_length: *mut usize,
    out_forgettable: *mut i32,
) -> i32 {
    // SAFETY: called by the shim with the context it was given and three places to write to. The literals stay where
    // they are until the next clause is asked for.
    unsafe {
        let Some((clause, keep)) = multiplexer(context).next_clause() else { return 0 };
        *out = clause.as_ptr();
        *out_length = clause.len();
        *out_forgettable = i32::from(keep == Keep::WhileUseful);
    }
    1
}

extern "C" fn fixed(context: *mut c_void, literal: i32) {
    // SAFETY: called by the shim with the context it was given.
    unsafe { multiplexer(context) }.fixed(literal);
}

extern "C" fn learned(context: *mut c_void, literals: *const i32, length: usize) {
    // SAFETY: called by the shim with the context it was given and a vector's contents.
    unsafe { multiplexer(context).learned(slice(literals, length)) }
}

extern "C" fn ended(context: *mut c_void) -> i32 {
    // SAFETY: called by the shim with the context it was given.
    i32::from(unsafe { multiplexer(context) }.has_ended())
}
