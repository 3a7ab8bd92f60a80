//! What the numbers inside a network can be while its inputs lie in a box.

mod absolute;
mod alpha;
mod batch;
mod bounding;
mod combine;
mod contract;
mod crown;
mod dot;
mod error;
mod graph;
mod interval;
mod magnitude;
mod primal;
mod relax;
mod root;
mod round;
mod spec;
#[cfg(test)]
mod tests;

pub(crate) use bounding::Bounding;
pub(crate) use combine::Combination;
pub(crate) use contract::{Left, Linear, contract};
pub use error::BoundsError;
pub(crate) use graph::Graph;
pub use graph::Neurons;
pub(crate) use root::Root;
pub(crate) use round::{gamma, up};
