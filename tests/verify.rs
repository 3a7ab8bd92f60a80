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
#[path = "verify/portfolio.rs"]
mod portfolio;
#[path = "verify/published.rs"]
mod published;
#[path = "verify/random.rs"]
mod random;
#[path = "support/replay.rs"]
mod replay;
#[path = "verify/replay_tests.rs"]
mod replay_tests;
#[path = "verify/runs.rs"]
mod runs;
#[path = "verify/simplex.rs"]
mod simplex;
#[path = "support/tables.rs"]
mod tables;
#[path = "verify/tables_tests.rs"]
mod tables_tests;
#[path = "verify/witnesses.rs"]
mod witnesses;

use std::time::Duration;

use anser::budget::{Budget, Limits};
use anser::net::Network;
use anser::net::property::Property;
use anser::verify::{self, Options, Problem, Procedure, Verifier, Witness};

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
pub const PROCEDURES: &[&str] = &[
    "relu-split",
    "fuzz",
    "gradient",
    "bounds",
    "auto",
    "input-split",
    #[cfg(feature = "highs")]
    "milp",
    #[cfg(feature = "z3")]
    "smt",
    "portfolio",
];

/// Whether a procedure decides whatever rounding does not leave open.
pub fn is_complete(procedure: &str) -> bool {
    Procedure::from_name(procedure).is_some_and(Procedure::is_complete)
}

/// The verifier under test: the one place that knows its interface.
pub fn verdict(network: &Network, property: &Property, procedure: &str, seconds: f64) -> Verdict {
    let procedure = Procedure::from_name(procedure).expect(procedure);
    let limits = Limits { time: Some(Duration::from_secs_f64(seconds)), ..Limits::default() };
    let budget = Budget::start(&limits);
    let problem = Problem::new(network.clone(), property.clone()).expect("they fit");
    let mut verifier = Verifier::new(problem, &Options::new(procedure), &Budget::unlimited()).expect("a verifier");
    told(verifier.run(&budget).expect("a run"))
}

/// The verdict as tests look at it.
pub fn told(verdict: verify::Verdict) -> Verdict {
    match verdict {
        verify::Verdict::Unsat => Verdict::Unsat,
        verify::Verdict::Sat(Witness { input, output }) => Verdict::Sat { input, output },
        verify::Verdict::Unknown(reason) => Verdict::Unknown(reason.name().to_owned()),
    }
}
