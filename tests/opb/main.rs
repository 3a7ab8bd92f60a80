//! OPB in and out: what is accepted and what becomes of it, what is refused and where, what is written.

#![allow(clippy::print_stdout)] // a skipped test says why

mod accepted;
mod budget;
mod malformed;
mod pairs;
mod roundtrip;

#[path = "../support/text.rs"]
mod text;

use anser::budget::Budget;
use anser::formula::opb::{self, ReadError};
use anser::formula::{Condition, Constraint, Formula, Sum};

use text::{Trickle, compress};

fn read(bytes: &[u8]) -> Result<Formula, ReadError> {
    opb::read_bytes(bytes, &Budget::unlimited())
}

fn trickle(bytes: &[u8], seed: u32) -> Result<Formula, ReadError> {
    opb::read(Trickle { bytes, state: seed }, &Budget::unlimited())
}

/// The constraints in words: `1 -2` a clause, `1 -2 >= 2` a cardinality constraint, `3*1 2*-2 >= 2` a pseudo-Boolean
/// one, `3 -> ` or `3 <-> ` in front where it is implied or reified.
fn show(formula: &Formula) -> Vec<String> {
    let list = |words: Vec<String>| words.join(" ");
    let sum = |sum: Sum<'_>| {
        let condition = match sum.condition {
            Condition::Plain => String::new(),
            Condition::Implied(literal) => format!("{literal} -> "),
            Condition::Reified(literal) => format!("{literal} <-> "),
        };
        let words = match sum.weights {
            [] => sum.literals.iter().map(i32::to_string).collect(),
            weights => weights.iter().zip(sum.literals).map(|(w, l)| format!("{w}*{l}")).collect(),
        };
        format!("{condition}{} >= {}", list(words), sum.bound)
    };
    let words = |constraint| match constraint {
        Constraint::Clause(literals) => list(literals.iter().map(i32::to_string).collect()),
        Constraint::Cardinality(s) | Constraint::PseudoBoolean(s) => sum(s),
        other => panic!("{other:?}"),
    };
    formula.constraints().map(words).collect()
}

/// Every assignment of the first `n` variables.
fn assignments(n: u32) -> impl Iterator<Item = Vec<i8>> {
    (0..1u32 << n).map(move |bits| (0..n).map(|v| if bits >> v & 1 == 1 { 1 } else { -1 }).collect())
}
