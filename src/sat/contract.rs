//! What a propagator must keep to, and how it can fail to. CaDiCaL ends the process on most of this, so it is held
//! against the contract before CaDiCaL sees it.

/// A propagator did what it must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("propagator {propagator} ({name}): {broken}")]
pub struct ContractViolation {
    /// Which one, in the order in which they were connected.
    pub propagator: usize,
    /// What it is.
    pub name: &'static str,
    /// What it did.
    pub broken: Broken,
}

/// What a propagator must not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A propagated literal that is 0, out of range, or over a variable that is not observed.
    #[error("it propagated {literal}, which is no literal of an observed variable")]
    ForeignPropagation {
        /// What it propagated.
        literal: i32,
    },
    /// A decision that is out of range or over a variable that is not observed.
    #[error("it decided on {literal}, which is no literal of an observed variable")]
    ForeignDecision {
        /// What it decided on.
        literal: i32,
    },
    /// A decision on a variable that is assigned.
    #[error("it decided on {literal}, the variable of which is assigned")]
    AssignedDecision {
        /// What it decided on.
        literal: i32,
    },
    /// A reason without the literal that it is the reason of.
    #[error("its reason of {literal} does not contain {literal}")]
    ReasonWithoutLiteral {
        /// The literal that was to be explained.
        literal: i32,
    },
    /// A reason with a literal that is 0, out of range, or over a variable that is not observed.
    #[error("its reason of {literal} contains {other}, which is no literal of an observed variable")]
    ForeignReason {
        /// The literal that was to be explained.
        literal: i32,
        /// The literal that must not be in its reason.
        other: i32,
    },
    /// A reason with another literal that is not false.
    #[error("its reason of {literal} contains {other}, which is not false")]
    ReasonNotFalse {
        /// The literal that was to be explained.
        literal: i32,
        /// The literal that must not be in its reason.
        other: i32,
    },
    /// A reason with another literal that became false only after the propagation.
    #[error("its reason of {literal} contains {other}, which became false after {literal} was propagated")]
    ReasonTooLate {
        /// The literal that was to be explained.
        literal: i32,
        /// The literal that must not be in its reason.
        other: i32,
    },
    /// A clause with a literal that is 0, out of range, or over a variable that is not observed.
    #[error("it gave a clause with {literal}, which is no literal of an observed variable")]
    ForeignClause {
        /// The literal.
        literal: i32,
    },
    /// An assignment was refused, and no clause was given that is false in it.
    #[error("it refused an assignment without giving a clause that is false in it")]
    RefusedWithoutClause,
}

impl Broken {
    /// The same in other words for literals.
    pub(crate) fn map(&mut self, word: impl Fn(i32) -> i32) {
        let each = |literals: [&mut i32; 2]| literals.into_iter().for_each(|l| *l = word(*l));
        match self {
            Broken::ForeignPropagation { literal }
            | Broken::ForeignDecision { literal }
            | Broken::AssignedDecision { literal }
            | Broken::ReasonWithoutLiteral { literal }
            | Broken::ForeignClause { literal } => *literal = word(*literal),
            Broken::ForeignReason { literal, other }
            | Broken::ReasonNotFalse { literal, other }
            | Broken::ReasonTooLate { literal, other } => each([literal, other]),
            Broken::RefusedWithoutClause => {}
        }
    }
}
