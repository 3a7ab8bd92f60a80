//! Judges for the integration tests: a model checker and three proof checkers that share no code with the library.
//!
//! Each integration test is a program of its own and uses only a part of this, hence the `allow`.
#![allow(dead_code)]

pub mod drat;
pub mod lrat;
pub mod model;
pub mod veripb;
pub mod veripb_mutations;
