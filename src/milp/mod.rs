//! Mixed integer programs: branch and bound of our own over linear programs that HiGHS solves.
//!
//! HiGHS computes in doubles and gives no proof of what its own search rules out, so nothing that it says is taken on trust. A
//! part is closed where propagation with outward rounding leaves nothing of it, or where multipliers from HiGHS are checked to
//! refute it (`certificate.rs`), or, once all its integers are fixed, by an exact simplex. A model is one of rationals that
//! satisfies every constraint exactly (`leaf.rs`). What neither can be shown of is left as doubtful, and said to be unknown.
//!
//! Sources: A. Land, A. Doig, "An automatic method of solving discrete programming problems", Econometrica 28, 1960; Q. Huangfu,
//! J. Hall, "Parallelizing the dual revised simplex method", Mathematical Programming Computation 10, 2018 (HiGHS).
//!
//! Cost: at worst exponential in the integers; each part costs the iterations of the dual simplex that its bounds make necessary.
//! The budget is asked between slices of up to 200 iterations, before each part, and in exact arithmetic row by row: an interrupt
//! takes as long as a slice does, on programs of some hundred thousand entries tenths of a second. One unit of work is 1024
//! multiply-adds, as where bounds are computed, or what takes as long; an iteration counts as 26 for each entry of the program. A memory limit counts the program and the open parts.

mod certificate;
mod knowledge;
mod leaf;
mod program;
mod propagate;
mod raw;
#[cfg(feature = "cadical")]
mod relaxation;
mod search;

#[cfg(test)]
mod tests;

use num_rational::BigRational;

use crate::budget::{Budget, Stop};
use crate::error::OutOfMemory;
use crate::formula::{Formula, FormulaError};
pub(crate) use knowledge::{Knowledge, Known};
#[cfg(feature = "cadical")]
pub(crate) use relaxation::{Found, Relaxation};
pub(crate) use search::Search;

/// Why a program was not solved.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MilpError {
    /// More than HiGHS can count, or a number beyond what a double can be.
    #[error("the program is too large for the backend")]
    TooLarge,
    /// A weight or a bound that no double is.
    #[error("a weight or a bound of a sum exceeds 2^53 and is no double: the backend cannot say it")]
    Weight,
    /// The shared library found at run time is not the HiGHS that this library was made for.
    #[error("the HiGHS found is not version 1.15")]
    Version,
    /// HiGHS refused.
    #[error("HiGHS failed")]
    Internal,
    /// The budget ended before there was a search.
    #[error("{0}")]
    Stopped(Stop),
    /// A model that is none, which would be a fault of this library.
    #[error(transparent)]
    Formula(#[from] FormulaError),
    /// No memory.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
}

impl From<Stop> for MilpError {
    fn from(stop: Stop) -> Self {
        MilpError::Stopped(stop)
    }
}

/// How a search ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A model: 1 or -1 for every variable, and exact values of all numbers.
    Sat {
        /// Variable `v` at `v - 1`.
        model: Vec<i8>,
        /// Of the numbers.
        numbers: Vec<BigRational>,
    },
    /// There is none.
    Unsat,
    /// The caller was content with a point.
    Found,
    /// The budget ended the search.
    Unknown(Stop),
    /// There may be one where rounding decides: so many parts were neither refuted nor satisfied.
    Doubtful(u64),
}

/// What a search did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statistics {
    /// Parts looked at.
    pub nodes: u64,
    /// Iterations of the simplex method.
    pub iterations: u64,
    /// Parts that propagation closed.
    pub propagated: u64,
    /// Parts that checked multipliers closed.
    pub refuted: u64,
    /// Parts that HiGHS called infeasible with multipliers that do not show it.
    pub unproved: u64,
}

/// Decides the conjunction of some formulas, whose variables and numbers are the same ones, under assumptions.
///
/// # Errors
///
/// What [`MilpError`] lists; not that the budget ran out.
pub fn solve(formulas: &[&Formula], assumptions: &[i32], budget: &Budget) -> Result<(Answer, Statistics), MilpError> {
    let mut search = match Search::new(formulas.to_vec(), assumptions, budget) {
        Err(MilpError::Stopped(stop)) => return Ok((Answer::Unknown(stop), Statistics::default())),
        search => search?,
    };
    let answer = search.run(&mut |_| false, budget)?;
    Ok((answer, search.statistics()))
}
