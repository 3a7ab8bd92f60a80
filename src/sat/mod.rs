//! Conflict-driven clause learning: CaDiCaL 3 (Biere, Faller, Fazekas, Fleury, Froleyks and Pollitt, CAV 2024)
//! behind one audited wrapper.
//!
//! Constraints that are no clauses are propagators: they see the search's trail and say what follows (`propagator.rs`),
//! several at once (`multiplex.rs`).
//!
//! Rust reaches CaDiCaL through `cadical_shim.cpp`, which catches every C++ exception. All `unsafe` of this room
//! is in `raw.rs` and `raw/`, but for one question to the operating system.

mod cadical;
pub(crate) mod cardinality;
mod contract;
#[cfg(test)]
mod drive;
pub(crate) mod gauss;
mod machine;
#[cfg(test)]
mod mixed;
mod multiplex;
mod occurrences;
mod options;
mod poll;
pub(crate) mod propagator;
pub(crate) mod pseudo_boolean;
mod raw;
pub(crate) mod walk;

pub use crate::proof::ProofFormat;
pub(crate) use cadical::{AddError, Answer, Cadical, find_option, least_bytes};
pub use contract::{Broken, ContractViolation};
pub(crate) use machine::physical_memory;
pub(crate) use options::{NATIVE_SUMS, NATIVE_XORS};
pub use options::{options, statistics};
pub use raw::{MAX_STATISTICS, OptionInfo};

use crate::error::OutOfMemory;

/// Why the CDCL engine did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum SatError {
    /// No memory. Where it is the engine's own allocation that failed, the engine cannot be used any more.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
    /// An option that does not exist.
    #[error("there is no option {0:?}")]
    UnknownOption(String),
    /// An option's value out of its range.
    #[error("option {name}: {value} is not in {min}..={max}")]
    OptionRange {
        /// The option.
        name: &'static str,
        /// What was asked for.
        value: i64,
        /// The least value.
        min: i64,
        /// The greatest value.
        max: i64,
    },
    /// The proof could not be written.
    #[error("the proof could not be written: {0}")]
    Proof(std::io::Error),
    /// More clauses than a proof can number.
    #[error("{clauses} clauses: a proof can speak of {max} at most")]
    ProofSize {
        /// How many clauses there are.
        clauses: u64,
        /// How many there may be.
        max: u64,
    },
    /// An environment variable that would make CaDiCaL write files on its own.
    #[error("environment variable {0} is set: CaDiCaL would write a file of its own; unset it")]
    Environment(String),
    /// An earlier failure left the engine unusable.
    #[error("the engine cannot be used any more: an earlier call ran out of memory, or a propagator failed in it")]
    Unusable,
    /// A propagator did what it must not. The engine cannot be used any more.
    #[error(transparent)]
    Contract(#[from] ContractViolation),
    /// A variable that was not declared cannot be observed.
    #[error("variable {0} was not declared and cannot be observed")]
    Undeclared(u32),
    /// There is no such propagator.
    #[error("there is no propagator {0}")]
    NoPropagator(usize),
    /// The engine broke its own contract.
    #[error("CaDiCaL failed: {0}")]
    Internal(String),
}
