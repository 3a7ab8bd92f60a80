//! DIMACS in and out: what is refused and where, what is accepted, what a budget does, what files look like after.

#![allow(clippy::print_stdout)] // a skipped test says why

mod accepted;
mod budget;
mod files;
mod malformed;
mod parities;
mod roundtrip;
mod sampling;
#[path = "../support/text.rs"]
mod text;

use anser::budget::Budget;
use anser::formula::Formula;
use anser::formula::dimacs::{self, ReadError};

use text::{Trickle, compress};

fn read(bytes: &[u8]) -> Result<Formula, ReadError> {
    dimacs::read_bytes(bytes, &Budget::unlimited())
}

fn trickle(bytes: &[u8], seed: u32) -> Result<Formula, ReadError> {
    dimacs::read(Trickle { bytes, state: seed }, &Budget::unlimited())
}

fn clauses(formula: &Formula) -> Vec<Vec<i32>> {
    formula.clauses().iter().map(<[i32]>::to_vec).collect()
}
