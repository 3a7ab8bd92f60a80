//! Why counting or sampling failed.

use crate::count::CountError;
use crate::files::RecordError;
use crate::formula::smtlib::WriteError;
use crate::solve::SolveError;

/// Why counting or sampling failed.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// The solver did.
    #[error(transparent)]
    Solve(#[from] SolveError),
    /// The exact counter did.
    #[error(transparent)]
    Count(#[from] CountError),
    /// An option is not in its range.
    #[error("{option}: {value} is not {allowed}")]
    Option {
        /// Its name.
        option: &'static str,
        /// What was asked for.
        value: f64,
        /// What may be.
        allowed: &'static str,
    },
    /// What is to be restored is no saved state, or a damaged one.
    #[error("no saved sampler: {0}")]
    Record(#[from] RecordError),
    /// It is one of another sampler.
    #[error("the saved sampler is of another formula, sampling set, seed, or other options")]
    Other,
    /// The formula has no text, and so no fingerprint.
    #[error("no fingerprint: {0}")]
    Fingerprint(#[from] WriteError),
}
