//! The checker of VeriPB proofs, judged: each rule where it is right and where it is not, and random proofs against brute
//! force.

#[path = "../support/mod.rs"]
mod support;

mod oracle;
mod rules;
mod soundness;
