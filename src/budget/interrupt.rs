//! A token that any thread, or a signal handler, may trigger to end a call.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Reference counted; clones are the same token. Sticky: once triggered it ends every call that it is given
/// to, until [`Interrupt::reset`].
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// A token that is not triggered.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends what this token was given to. Async-signal-safe: one atomic store.
    pub fn trigger(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Makes the token usable again.
    pub fn reset(&self) {
        self.0.store(false, Ordering::SeqCst);
    }

    /// Whether it was triggered since the last reset.
    #[must_use]
    pub fn is_triggered(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The flag itself, for signal-handling crates that set an `AtomicBool`.
    #[must_use]
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}
