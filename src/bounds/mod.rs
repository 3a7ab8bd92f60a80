//! What the numbers inside a network can be while its inputs lie in a box.

mod absolute;
pub(crate) mod alpha;
mod batch;
mod bounding;
mod combine;
mod contract;
pub(crate) mod crown;
mod dot;
mod error;
mod graph;
mod interval;
mod magnitude;
mod primal;
mod relax;
mod root;
mod round;
pub(crate) mod spec;
#[cfg(test)]
mod tests;

pub(crate) use alpha::Split;
pub(crate) use batch::Batch;
pub(crate) use bounding::Bounding;
pub(crate) use combine::Combination;
pub(crate) use contract::{Left, Linear, contract};
pub use error::BoundsError;
pub(crate) use graph::Graph;
pub use graph::Neurons;
pub(crate) use root::Root;
pub(crate) use round::{gamma, up};
