//! A subproblem: a part of a disjunct's box, and what is known of the neurons there.

use std::sync::Arc;

use super::within::Pace;
use crate::bounds::{Graph, Split};

/// Ends of intervals.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ends {
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
}

/// The best multipliers of the parent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Warm {
    /// `[row][line]`. They are a start only, so that 32 bits are enough.
    pub slopes: Vec<f32>,
    /// Neuron and what is added to its coefficient, a row; neurons ascend.
    pub multipliers: Vec<Vec<(u32, f64)>>,
}

/// What was found of neurons on the way to a subproblem.
#[derive(Debug, Clone)]
pub(crate) struct Level {
    pub neurons: Arc<Ends>,
    /// The splits that it was found under: so many of the first, of all and of those that were chosen.
    pub splits: usize,
    pub chosen: usize,
}

/// A subproblem.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Which target.
    pub target: u32,
    /// How many splits made it.
    pub depth: u32,
    /// What is proved of it before it is bounded itself: at every point some halfspace is missed by at least so much.
    pub bound: f64,
    /// What is left of the box.
    pub inputs: Arc<Ends>,
    /// What is known of the neurons.
    pub neurons: Arc<Ends>,
    /// What is said of neurons, in the order in which it was.
    pub splits: Arc<[Split]>,
    /// Those of them that were not found but chosen, in the same order; all others follow from them.
    pub chosen: Arc<[Split]>,
    /// What was known of neurons on the way here, if that is told; `neurons` comes last.
    pub levels: Arc<[Level]>,
    /// Whether it is split as a box from now on.
    pub boxed: bool,
    /// When neurons are bounded again.
    pub pace: Pace,
    /// Where multipliers start.
    pub warm: Option<Arc<Warm>>,
    /// Weights of the rows whose combination came nearest to close the parent.
    pub weights: Arc<[f64]>,
}

impl Node {
    /// Its share of the disjunct's box, each split being taken for a half.
    pub(crate) fn share(&self) -> f64 {
        (-f64::from(self.depth)).exp2()
    }
}

/// What splits say on the sides of a neuron, and how much deeper each side is: at least 0 and at most, or for the operand of
/// a sign above 0, below, and 0 itself, as far as what is known of it allows.
pub(crate) fn sides(graph: &Graph, neuron: u32, (least, greatest): (f64, f64)) -> Vec<(u32, Vec<Split>)> {
    let (above, below) = (Split { neuron, positive: true }, Split { neuron, positive: false });
    if graph.set_of(neuron as usize).is_none_or(|set| !set.signed) {
        return vec![(1, vec![above]), (1, vec![below])];
    }
    match (least < 0.0, greatest > 0.0) {
        (true, true) => vec![(1, vec![above]), (2, vec![below]), (2, vec![above, below])],
        (true, false) => vec![(1, vec![below]), (1, vec![above, below])],
        (false, true) => vec![(1, vec![above]), (1, vec![above, below])],
        (false, false) => vec![(0, vec![above, below])],
    }
}
