//! What every opaque handle is inside: a value, and a word that says who is using it.
//!
//! A host that uses one handle from two threads at once, uses or frees it from inside a callback of a call on it,
//! goes on after a caught panic, or carries it into a forked child, gets ANSER_STATUS_INVALID_STATE and nothing
//! else happens. Cost: one compare-and-swap on entry, one on exit; handles that are bound to their process ask for
//! the process id as well.

use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU32, Ordering};

use super::error::Failure;
use super::status::anser_status;
use crate::error::OutOfMemory;

/// Somebody changes the value.
const WRITER: u32 = 1 << 31;
/// A panic went through a call.
const POISONED: u32 = 1 << 30;
/// Freed while in use: the last user deletes it.
const DOOMED: u32 = 1 << 29;
/// The bits below count who reads it.
const READERS: u32 = DOOMED - 1;

/// A value and who uses it.
#[derive(Debug)]
pub struct Handle<T> {
    state: AtomicU32,
    /// The process that made it, where it must not be used in another.
    process: Option<u32>,
    value: UnsafeCell<T>,
}

/// A struct of the C ABI: a named handle.
pub(super) trait Opaque: Sized {
    type Value;
    fn wrap(handle: Handle<Self::Value>) -> Self;
    fn handle(&self) -> &Handle<Self::Value>;
    /// What it is called in messages.
    const NAME: &'static str;
    /// Whether it may hold threads, files or a solver, which a forked child does not have or must not share.
    const BOUND_TO_PROCESS: bool;
}

/// Makes a newtype of [`Handle`] a handle of the C ABI. (The struct itself is written out where it is documented, for
/// cbindgen, which does not look into macros.)
macro_rules! opaque {
    ($name:ident, $value:ty, bound_to_process: $bound:literal) => {
        impl $crate::ffi::handle::Opaque for $name {
            type Value = $value;
            const NAME: &'static str = stringify!($name);
            const BOUND_TO_PROCESS: bool = $bound;
            fn wrap(handle: $crate::ffi::handle::Handle<$value>) -> Self {
                $name(handle)
            }
            fn handle(&self) -> &$crate::ffi::handle::Handle<$value> {
                &self.0
            }
        }
    };
}
pub(super) use opaque;

/// Holds where a value may be read by several threads at once, and move between them.
pub(super) const fn shared<T: Send + Sync>() {}

/// A new handle, for the host to free.
pub(super) fn create<O: Opaque>(value: O::Value) -> Result<*mut O, Failure> {
    let process = O::BOUND_TO_PROCESS.then(std::process::id);
    let handle = Handle { state: AtomicU32::new(0), process, value: UnsafeCell::new(value) };
    place(O::wrap(handle))
}

/// Moves a value to the heap, for `Box::from_raw`. (A `Box::new` that finds no memory ends the process.)
pub(super) fn place<T>(value: T) -> Result<*mut T, Failure> {
    let mut one = Vec::new();
    one.try_reserve_exact(1).map_err(|_| OutOfMemory::Allocator { bytes: size_of::<T>() as u64 })?;
    one.push(value);
    Ok(Box::into_raw(one.into_boxed_slice()).cast())
}

/// Frees a handle; one that is in use is freed when its last user returns.
///
/// # Safety
/// `pointer` is null, or from [`create`] and not freed yet.
pub(super) unsafe fn free<O: Opaque>(pointer: *mut O) {
    if pointer.is_null() {
        return;
    }
    // SAFETY: not freed yet.
    let state = &unsafe { &*pointer }.handle().state;
    let before = state.fetch_or(DOOMED, Ordering::AcqRel);
    if before & (WRITER | READERS | DOOMED) == 0 {
        // SAFETY: nobody uses it, and whoever comes now is turned away.
        drop(unsafe { Box::from_raw(pointer) });
    }
}

/// Reads a handle's value; several may at once.
///
/// # Safety
/// `pointer` is null, or from [`create`] and not freed yet.
pub(super) unsafe fn read<'a, O: Opaque>(pointer: *const O, argument: &str) -> Result<Reading<'a, O>, Failure> {
    // SAFETY: passed on.
    let shared = unsafe { enter::<O>(pointer, argument, false) }?;
    Ok(Reading { shared })
}

/// Changes a handle's value; only one may.
///
/// # Safety
/// `pointer` is null, or from [`create`] and not freed yet.
pub(super) unsafe fn write<'a, O: Opaque>(pointer: *mut O, argument: &str) -> Result<Writing<'a, O>, Failure> {
    // SAFETY: passed on.
    let shared = unsafe { enter::<O>(pointer, argument, true) }?;
    Ok(Writing { shared })
}

unsafe fn enter<'a, O: Opaque>(pointer: *const O, argument: &str, write: bool) -> Result<&'a O, Failure> {
    let null = || {
        let text = format_args!("argument {argument} is NULL, a {} is needed", O::NAME);
        Failure::new(anser_status::ANSER_STATUS_NULL_ARGUMENT, text)
    };
    // SAFETY: null, or alive as the caller promises.
    let opaque = unsafe { pointer.as_ref() }.ok_or_else(null)?;
    let handle = opaque.handle();
    let refuse = |why| Err(Failure::state(format_args!("argument {argument}: the {} {why}", O::NAME)));
    if handle.process.is_some_and(|p| p != std::process::id()) {
        return refuse("was made in another process, before a fork");
    }
    let mut state = handle.state.load(Ordering::Relaxed);
    loop {
        if state & POISONED != 0 {
            return refuse("was poisoned by a caught panic and can only be freed");
        }
        let busy = if write { WRITER | DOOMED | READERS } else { WRITER | DOOMED };
        if state & busy != 0 || state & READERS == READERS {
            return refuse("is in use by another call: one on another thread, or the one whose callback is running");
        }
        let next = if write { state | WRITER } else { state + 1 };
        match handle.state.compare_exchange_weak(state, next, Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) => return Ok(opaque),
            Err(now) => state = now,
        }
    }
}

/// Gives up one use. `pointer`'s value is not touched afterwards unless this was the last use of a doomed one.
fn leave<O: Opaque>(opaque: &O, write: bool) {
    let state = &opaque.handle().state;
    if std::thread::panicking() {
        state.fetch_or(POISONED, Ordering::Relaxed);
    }
    let pointer = std::ptr::from_ref(opaque).cast_mut();
    let one = if write { WRITER } else { 1 };
    let after = state.fetch_sub(one, Ordering::AcqRel) - one;
    if after & DOOMED != 0 && after & (WRITER | READERS) == 0 {
        // SAFETY: freed by its owner while this was its last user; `free` left the deletion to us.
        drop(unsafe { Box::from_raw(pointer) });
    }
}

/// A value that is being read.
pub(super) struct Reading<'a, O: Opaque> {
    shared: &'a O,
}

impl<O: Opaque> Deref for Reading<'_, O> {
    type Target = O::Value;
    fn deref(&self) -> &O::Value {
        // SAFETY: the state word counts this reader, so nobody writes.
        unsafe { &*self.shared.handle().value.get() }
    }
}

impl<O: Opaque> Drop for Reading<'_, O> {
    fn drop(&mut self) {
        leave(self.shared, false);
    }
}

/// A value that is being changed.
pub(super) struct Writing<'a, O: Opaque> {
    shared: &'a O,
}

impl<O: Opaque> Deref for Writing<'_, O> {
    type Target = O::Value;
    fn deref(&self) -> &O::Value {
        // SAFETY: the state word names this the only user.
        unsafe { &*self.shared.handle().value.get() }
    }
}

impl<O: Opaque> DerefMut for Writing<'_, O> {
    fn deref_mut(&mut self) -> &mut O::Value {
        // SAFETY: the state word names this the only user.
        unsafe { &mut *self.shared.handle().value.get() }
    }
}

impl<O: Opaque> Drop for Writing<'_, O> {
    fn drop(&mut self) {
        leave(self.shared, true);
    }
}
