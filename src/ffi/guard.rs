//! The one way in: every exported function runs inside a guard.
//!
//! A guard lets no panic out, prints nothing of one, and keeps what went wrong for `anser_last_error`. The variants
//! differ in what they answer and in whether they touch the error slot.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use super::error::{self, Failure};
use super::status::anser_status;

thread_local! {
    /// How many guards this thread is inside of.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// What the panic hook saw.
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs the body of `function`, which answers a status.
pub fn guard(function: &'static str, body: impl FnOnce() -> Result<(), Failure>) -> anser_status {
    error::clear();
    let outer = super::callback::forget_exception();
    let outcome = contained(body);
    super::callback::remember_exception(outer); // of the call whose callback made this one
    match outcome {
        Ok(Ok(())) => {
            error::clear(); // a callback's own calls may have failed meanwhile
            anser_status::ANSER_STATUS_OK
        }
        Ok(Err(failure)) => {
            let status = failure.status;
            error::keep(function, &failure);
            status
        }
        Err(panic) => {
            error::keep(function, &Failure::new(anser_status::ANSER_STATUS_PANIC, describe(&*panic)));
            std::mem::forget(panic); // a payload's own Drop might panic
            anser_status::ANSER_STATUS_PANIC
        }
    }
}

/// Runs the body of a function that frees. It cannot fail, and leaves the error slot alone, so that a clean-up
/// after an error does not wipe it out.
pub fn guard_free(body: impl FnOnce()) {
    if let Err(panic) = contained(body) {
        std::mem::forget(panic);
    }
}

/// Runs the body of a function that reads the error slot.
pub(super) fn guard_keeping_error<T>(otherwise: T, body: impl FnOnce() -> T) -> T {
    contained(body).unwrap_or_else(|panic| {
        std::mem::forget(panic);
        otherwise
    })
}

/// Runs the body of a function that cannot fail and touches no thread-local state: callable from a signal handler.
pub(super) fn guard_plain<T>(body: impl FnOnce() -> T) -> T {
    body()
}

fn contained<T>(body: impl FnOnce() -> T) -> Result<T, Box<dyn Any + Send>> {
    route_panics();
    DEPTH.set(DEPTH.get() + 1);
    let outcome = catch_unwind(AssertUnwindSafe(body));
    DEPTH.set(DEPTH.get() - 1);
    outcome
}

/// A panic inside a guard is kept for `anser_last_error` instead of printed. Others go where they went before: a
/// Rust host that links the rlib keeps its own hook.
fn route_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            // A worker's panic goes on in the thread that is inside the guard.
            let is_worker = std::thread::current().name() == Some(crate::budget::WORKER);
            if DEPTH.try_with(Cell::get).unwrap_or(0) == 0 && !is_worker {
                return before(info);
            }
            let text = info.to_string();
            let _ = PANIC.try_with(|slot| {
                if let Ok(mut slot) = slot.try_borrow_mut() {
                    *slot = text;
                }
            });
        }));
    });
}

fn describe(panic: &(dyn Any + Send)) -> String {
    let seen = PANIC.try_with(|slot| slot.try_borrow_mut().map(|mut s| std::mem::take(&mut *s)).unwrap_or_default());
    let text = match seen {
        Ok(text) if !text.is_empty() => text,
        _ => match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
            (Some(text), _) => (*text).into(),
            (_, Some(text)) => text.clone(),
            _ => "an unknown panic".into(),
        },
    };
    format!("defect, caught: {text}")
}
