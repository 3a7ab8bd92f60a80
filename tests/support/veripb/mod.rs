//! A strict checker of pseudo-Boolean proofs in the VeriPB format, version 3.0.
//!
//! The format: the "VeriPB Proof Format Overview", the "Migration Guide From Version 2.0 to Version 3.0" and the
//! "VeriPB 3.0 Grammar", as published with the crate `veripb` 3.0.2. The rules: S. Gocht, J. Nordström, "Certifying
//! Parity Reasoning Efficiently Using Pseudo-Boolean Proofs", AAAI 2021; with an objective, B. Bogaerts, S. Gocht,
//! C. McCreesh, J. Nordström, "Certified Dominance and Symmetry Breaking for Combinatorial Optimisation", JAIR 77, 2023.
//!
//! Read: `f`, `pol` (`+`, `*`, `d`, `s`, `w`, literal axioms), `rup` with and without hints, `red` without subproof, `e`,
//! `i`, `ia`, `del id|range|spec`, `delc`, `deld`, `core`, `sol`, `soli`, `solx`, labels, `output NONE` and all conclusions.
//! Everything else is refused, unchecked assumptions among it.
//!
//! Strictness, where readings differ:
//! - An id that has been deleted may not be named again, not even to be deleted.
//! - With hints, propagation uses the hinted constraints and the negation of what is to be shown, over and over until
//!   nothing moves. A `:` with no hint after it leaves the negation alone. Without `:`, it uses all that stand.
//! - A solution may leave variables open after propagation if it satisfies each constraint all the same; an objective's
//!   variables must all have a value. A solution in a conclusion is not propagated.
//! - Deletions are not checked, for no output is claimed: what a conclusion says of solutions is held against the
//!   formula's own constraints, and deletions only weaken what is known otherwise.
//! - `solx` must name everything that propagation would add.
//! - A lower bound may not exceed the value of any solution that was logged, for what is derived after it may assume
//!   better ones.

mod conclude;
pub mod constraint;
pub mod int;
mod opb;
mod pol;
mod propagate;
mod read;
mod red;
mod rules;

pub use rules::Checker;

use std::fmt;

use num_bigint::BigInt;

/// A bound of the objective.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    Finite(BigInt),
    /// As a lower bound: there is no solution. As an upper one: nothing is claimed.
    Infinite,
}

/// What a checked proof has shown of the formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Unsat,
    Sat,
    /// Each solution's value is at least the first, and there is a solution whose value is at most the second.
    Bounds(Bound, Bound),
    /// Nothing.
    None,
}

/// Why a proof is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// `proof` or `formula`.
    pub text: &'static str,
    /// From 1.
    pub line: usize,
    pub why: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of the {}: {}", self.line, self.text, self.why)
    }
}

impl std::error::Error for Refusal {}

/// Checks a proof from its first line to its last against the formula, and says what it concludes.
pub fn check(opb: &str, proof: &str) -> Result<Verdict, Refusal> {
    let mut checker = Checker::new(opb)?;
    let refusal = |line, why: &str| Refusal { text: "proof", line, why: why.to_string() };
    // Carriage returns and nulls at the end are the format's own.
    let proof = proof.strip_suffix('\0').unwrap_or(proof);
    let (header, body) = proof.split_once(['\n', '\r']).unwrap_or((proof, ""));
    let version = header.strip_prefix("pseudo-Boolean proof version").filter(|rest| rest.starts_with([' ', '\t']));
    if version.map(str::trim_ascii) != Some("3.0") {
        return Err(refusal(1, "not a proof of version 3.0"));
    }
    // After `\r` the line's own `\n` may follow.
    let first_line = if body.starts_with('\n') && proof[header.len()..].starts_with('\r') { 1 } else { 2 };
    checker.read(body, first_line)?;
    let last = proof.lines().count().max(1);
    checker.verdict().ok_or_else(|| refusal(last, "ends before `end pseudo-Boolean proof;`"))
}
