//! What the numbers inside a network can be while its inputs lie in a box.

mod absolute;
mod alpha;
mod batch;
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

pub use error::BoundsError;
pub use graph::Neurons;
