//! Why a question about a network has no answer.

use super::FrontierError;
use super::canonical::CanonicalError;
use crate::bounds::BoundsError;
use crate::budget::Stop;
use crate::encode::relu::EncodeError;
use crate::error::OutOfMemory;
use crate::formula::FormulaError;
use crate::net::eval::EvalError;
use crate::net::property::PropertyError;

/// What goes wrong when a question about a network is asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum VerifyError {
    /// Network and property do not fit each other, or an array does not fit them.
    #[error("{what}: there are {given}, needed are {needed}")]
    Size {
        /// What there are too many or too few of.
        what: &'static str,
        /// How many there are.
        given: usize,
        /// How many there must be.
        needed: usize,
    },
    /// The budget ran out.
    #[error("{0}")]
    Stopped(Stop),
    /// The property has no canonical form.
    #[error(transparent)]
    Canonical(CanonicalError),
    /// The network was not evaluated.
    #[error(transparent)]
    Eval(EvalError),
    /// The property was not checked.
    #[error(transparent)]
    Property(PropertyError),
    /// The network was not bounded.
    #[error(transparent)]
    Bounds(BoundsError),
    /// A frontier was not read or written.
    #[error(transparent)]
    Frontier(#[from] FrontierError),
    /// The network has no encoding.
    #[error(transparent)]
    Encode(EncodeError),
    /// The formula that a subproblem became was refused.
    #[error(transparent)]
    Formula(#[from] FormulaError),
    /// The library was built without the backend that the procedure needs.
    #[error("backend unavailable: this library was built without {backend}")]
    Unavailable {
        /// Which.
        backend: &'static str,
    },
    /// A host adds procedures to a portfolio only.
    #[error("the procedure is no portfolio, to which others could be added")]
    NoPortfolio,
    /// A backend failed.
    #[error("{backend}: {why}")]
    Backend {
        /// Which.
        backend: &'static str,
        /// What it said.
        why: String,
    },
    /// No memory.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
}

impl VerifyError {
    /// Whether another procedure may do better.
    pub(super) fn is_of_the_procedure(&self) -> bool {
        matches!(
            self,
            VerifyError::Encode(_)
                | VerifyError::Formula(_)
                | VerifyError::Unavailable { .. }
                | VerifyError::Backend { .. }
                | VerifyError::Memory(_)
        )
    }
}

impl From<EncodeError> for VerifyError {
    fn from(error: EncodeError) -> Self {
        match error {
            EncodeError::Stopped(stop) => stop.into(),
            EncodeError::Memory(error) => error.into(),
            EncodeError::Bounds(error) => error.into(),
            EncodeError::Formula(error) => error.into(),
            error => VerifyError::Encode(error),
        }
    }
}

#[cfg(feature = "highs")]
impl From<crate::milp::MilpError> for VerifyError {
    fn from(error: crate::milp::MilpError) -> Self {
        match error {
            crate::milp::MilpError::Memory(error) => error.into(),
            error => VerifyError::Backend { backend: "milp", why: error.to_string() },
        }
    }
}

impl From<Stop> for VerifyError {
    fn from(stop: Stop) -> Self {
        VerifyError::Stopped(stop)
    }
}

impl From<CanonicalError> for VerifyError {
    fn from(error: CanonicalError) -> Self {
        match error {
            CanonicalError::Stopped(stop) => stop.into(),
            CanonicalError::Memory(error) => error.into(),
            error => VerifyError::Canonical(error),
        }
    }
}

impl From<EvalError> for VerifyError {
    fn from(error: EvalError) -> Self {
        match error {
            EvalError::Stopped(stop) => stop.into(),
            EvalError::Memory(error) => error.into(),
            error => VerifyError::Eval(error),
        }
    }
}

impl From<PropertyError> for VerifyError {
    fn from(error: PropertyError) -> Self {
        match error {
            PropertyError::Memory(error) => error.into(),
            error => VerifyError::Property(error),
        }
    }
}

impl From<BoundsError> for VerifyError {
    fn from(error: BoundsError) -> Self {
        match error {
            BoundsError::Stopped(stop) => stop.into(),
            BoundsError::Memory(error) => error.into(),
            error => VerifyError::Bounds(error),
        }
    }
}
