//! Who reports when one long call makes others.

use std::cell::Cell;

use super::Progress;

/// What becomes of reports on this thread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Reports {
    /// Every call tells of itself.
    Own,
    /// They tell of the outer call instead.
    As(Progress),
    /// There are none: a callback runs only on the thread that is inside the call.
    Never,
}

thread_local! {
    static REPORTS: Cell<Reports> = const { Cell::new(Reports::Own) };
}

pub(super) fn reports() -> Reports {
    REPORTS.get()
}

/// What threads of the library's own are called. A panic in one goes on in the thread that waits for it, and prints nothing.
pub(crate) const WORKER: &str = "anser worker";

/// Puts things back when dropped.
#[derive(Debug)]
pub(crate) struct Nested(Reports);

/// From now on, on this thread.
#[must_use]
pub(crate) fn nested(reports: Reports) -> Nested {
    Nested(REPORTS.replace(reports))
}

impl Drop for Nested {
    fn drop(&mut self) {
        REPORTS.set(self.0);
    }
}
