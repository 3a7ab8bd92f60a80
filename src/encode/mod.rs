//! Networks as formulas, so that a host puts constraints of its own around them.

pub mod relu;
