//! Bounds of networks through the public interface: against evaluation without rounding, operator by operator, and what is
//! refused.

#[path = "bounds/arguments.rs"]
mod arguments;
#[path = "eval/cases.rs"]
#[allow(dead_code)]
mod cases;
#[path = "bounds/check.rs"]
mod check;
#[path = "verify/exact.rs"]
#[allow(dead_code)]
mod exact;
#[path = "bounds/operators.rs"]
mod operators;
#[path = "bounds/polytope.rs"]
mod polytope;
#[path = "verify/random.rs"]
#[allow(dead_code)]
mod random;
#[path = "verify/simplex.rs"]
#[allow(dead_code)]
mod simplex;
#[path = "bounds/soundness.rs"]
mod soundness;
#[path = "bounds/tightness.rs"]
mod tightness;
