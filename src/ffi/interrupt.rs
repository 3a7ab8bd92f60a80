//! `anser_interrupt`: a token that ends a call from outside.

use super::arguments::constructed;
use super::error::Failure;
use super::guard::{guard, guard_free, guard_plain};
use super::handle::place;
use super::status::anser_status;
use crate::budget::Interrupt;

/// A token that ends the calls it was given to, with a budget, from another thread or a signal handler. It is
/// reference counted: it may be freed before or after what it was given to. Sticky: once triggered it ends every
/// call that it is given to, until it is reset. Every function on it but _free may be called from any thread at any time,
/// which is why they take it as const.
#[derive(Debug)]
pub struct anser_interrupt(pub(super) Interrupt);

/// A token that is not triggered. Free it with anser_interrupt_free.
///
/// @param out_interrupt the token; NULL on failure.
///
/// # Safety
/// `out_interrupt` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_interrupt_new(out_interrupt: *mut *mut anser_interrupt) -> anser_status {
    guard("anser_interrupt_new", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_interrupt, "out_interrupt")?;
            out.set(place(anser_interrupt(Interrupt::new()))?);
        }
        Ok(())
    })
}

/// Frees a token; NULL is ignored. What it was given to goes on with it, but nobody can trigger it any more.
///
/// # Safety
/// `interrupt` is null or from anser_interrupt_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_interrupt_free(interrupt: *mut anser_interrupt) {
    guard_free(|| {
        if !interrupt.is_null() {
            // SAFETY: from `anser_interrupt_new`, freed once.
            drop(unsafe { Box::from_raw(interrupt) });
        }
    });
}

/// Ends the calls that this token was given to. Async-signal-safe: one atomic store; the thread's last error stays
/// as it is. NULL is ignored.
///
/// # Safety
/// `interrupt` is null or from anser_interrupt_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_interrupt_trigger(interrupt: *const anser_interrupt) {
    // SAFETY: null or alive.
    guard_plain(|| unsafe { interrupt.as_ref() }.map_or((), |token| token.0.trigger()));
}

/// Makes a triggered token usable again.
///
/// # Safety
/// `interrupt` is null or from anser_interrupt_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_interrupt_reset(interrupt: *const anser_interrupt) -> anser_status {
    guard("anser_interrupt_reset", || {
        // SAFETY: null or alive.
        unsafe { token(interrupt) }?.reset();
        Ok(())
    })
}

/// 1 where the token was triggered since its last reset, else 0; 0 for NULL. Async-signal-safe.
///
/// # Safety
/// `interrupt` is null or from anser_interrupt_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_interrupt_is_triggered(interrupt: *const anser_interrupt) -> i32 {
    // SAFETY: null or alive.
    guard_plain(|| unsafe { interrupt.as_ref() }.is_some_and(|token| token.0.is_triggered()).into())
}

/// The token behind a pointer.
///
/// # Safety
/// `interrupt` is null or from anser_interrupt_new and not freed.
pub(super) unsafe fn token<'a>(interrupt: *const anser_interrupt) -> Result<&'a Interrupt, Failure> {
    // SAFETY: null or alive.
    let token = unsafe { interrupt.as_ref() };
    token.map(|t| &t.0).ok_or_else(|| Failure::null("interrupt"))
}
