//! Verdicts about networks against an exact decision of tiny ones, published tables, and onnxruntime.
#![allow(clippy::print_stdout)]

#[path = "verify/differential.rs"]
mod differential;
#[path = "verify/exact.rs"]
mod exact;
#[path = "verify/exact_tests.rs"]
mod exact_tests;
#[path = "verify/generate.rs"]
mod generate;
#[path = "verify/random.rs"]
mod random;
#[path = "support/replay.rs"]
mod replay;
#[path = "verify/replay_tests.rs"]
mod replay_tests;
#[path = "verify/simplex.rs"]
mod simplex;
#[path = "support/tables.rs"]
mod tables;
#[path = "verify/tables_tests.rs"]
mod tables_tests;

use anser::net::Network;
use anser::net::property::Property;

/// What a procedure says.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// No input satisfies the property.
    Unsat,
    /// This input and output do.
    Sat {
        /// The input.
        input: Vec<f32>,
        /// What the network answers there.
        output: Vec<f32>,
    },
    /// Neither was shown, for this reason.
    Unknown(String),
}

/// The procedures that are compared.
pub const PROCEDURES: &[&str] = &[];

/// The verifier under test: the one place that knows its interface.
pub fn verdict(_network: &Network, _property: &Property, procedure: &str) -> Verdict {
    Verdict::Unknown(format!("there is no procedure {procedure}"))
}
