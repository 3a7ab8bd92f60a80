//! `--backend`.

use anser::solve;
use clap::ValueEnum;

/// How constraints that are no clauses are handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Backend {
    /// As the constraints and what else is asked for suggest
    Auto,
    /// By propagators: Gauss-Jordan elimination and counters
    Native,
    /// As clauses
    Encode,
    /// By Z3, where the program was built with it
    Z3,
    /// By branch and bound over linear programs, where the program was built with HiGHS
    Milp,
    /// By cutting planes
    Pb,
}

impl From<Backend> for solve::Backend {
    fn from(backend: Backend) -> Self {
        match backend {
            Backend::Auto => solve::Backend::Auto,
            Backend::Native => solve::Backend::Native,
            Backend::Encode => solve::Backend::Encode,
            Backend::Z3 => solve::Backend::Z3,
            Backend::Milp => solve::Backend::Milp,
            Backend::Pb => solve::Backend::Pb,
        }
    }
}
