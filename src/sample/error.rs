//! Why counting or sampling failed.

use crate::solve::SolveError;

/// Why counting or sampling failed.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// The solver did.
    #[error(transparent)]
    Solve(#[from] SolveError),
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
}
