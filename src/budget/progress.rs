//! What a long call tells its caller while it works.

use std::sync::Arc;
use std::time::Duration;

/// What the library is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Phase {
    /// Reading a file.
    Read = 1,
    /// Handing constraints to a backend.
    Load = 2,
    /// Searching or simplifying.
    Search = 3,
    /// Writing a file.
    Write = 4,
    /// Checking a model.
    Check = 5,
    /// Evaluating a network.
    Evaluate = 6,
    /// Bounding what a network computes.
    Bound = 7,
    /// Verifying a property of a network.
    Verify = 8,
    /// Making an objective least: a better model or a better bound was found.
    Minimize = 9,
}

/// One report. Counters count from the start of the object at work, not of the call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// What is being done.
    pub phase: Phase,
    /// Seconds since the call began; filled in by [`super::Budget::report`].
    pub seconds: f64,
    /// Units done: bytes read or written, constraints loaded or checked, subproblems of a verification closed, flips of a local
    /// search.
    pub done: u64,
    /// Units in all as far as they are known, 0 where they are not.
    pub total: u64,
    /// Conflicts of the search.
    pub conflicts: u64,
    /// Decisions of the search.
    pub decisions: u64,
    /// Propagated literals of the search.
    pub propagations: u64,
    /// Irredundant clauses that are left.
    pub irredundant: u64,
    /// Learned clauses that are kept.
    pub redundant: u64,
    /// Variables fixed at the root; of a verification, millionths of the question that are closed for good.
    pub fixed: u64,
    /// Of a verification, what is proved of every point that is open: some halfspace of its disjunct is missed by at least so
    /// much. Positive where none is a witness, -infinity where nothing is known yet; 0 elsewhere.
    pub bound: f64,
    /// At [`Phase::Minimize`], the objective of the best model so far; `i64::MAX` before there is one, and 0 elsewhere.
    pub value: i64,
    /// At [`Phase::Minimize`], what no model's objective is less than; 0 elsewhere.
    pub least: i64,
}

impl Progress {
    /// A report with every counter at zero.
    #[must_use]
    pub fn at(phase: Phase) -> Self {
        Progress {
            phase,
            seconds: 0.0,
            done: 0,
            total: 0,
            conflicts: 0,
            decisions: 0,
            propagations: 0,
            irredundant: 0,
            redundant: 0,
            fixed: 0,
            bound: 0.0,
            value: 0,
            least: 0,
        }
    }
}

type Callback = dyn Fn(&Progress) -> i32 + Send + Sync;

/// Where progress goes. Clones share the callback. A callback runs on the thread that is inside the call; one
/// that answers nonzero ends it.
#[derive(Clone)]
pub struct ProgressSink {
    every: Duration,
    call: Arc<Callback>,
}

impl ProgressSink {
    /// Reports to `call`, at most once in `every`, and each time that a bound of an objective moves.
    pub fn new(every: Duration, call: impl Fn(&Progress) -> i32 + Send + Sync + 'static) -> Self {
        ProgressSink { every, call: Arc::new(call) }
    }

    /// The shortest time between two reports.
    #[must_use]
    pub fn every(&self) -> Duration {
        self.every
    }

    pub(super) fn call(&self, progress: &Progress) -> i32 {
        (self.call)(progress)
    }
}

impl std::fmt::Debug for ProgressSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProgressSink").field("every", &self.every).finish_non_exhaustive()
    }
}
