//! Networks and what may be asked of them.

pub mod property;
pub mod vnnlib;
