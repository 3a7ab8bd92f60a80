//! A subproblem: a part of a disjunct's box, and what is known of the neurons there.

use std::sync::Arc;

/// Ends of intervals.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ends {
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
}

/// A subproblem.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Which target.
    pub target: u32,
    /// How many splits made it.
    pub depth: u32,
    /// What is left of the box.
    pub inputs: Arc<Ends>,
    /// What is known of the neurons.
    pub neurons: Arc<Ends>,
    /// Weights of the rows whose combination came nearest to close the parent.
    pub weights: Arc<[f64]>,
}
