//! How to search, and what comes of it.

use crate::budget::Stop;
use crate::verify::Witness;

/// How long and how to search.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Random points that are tried in each box before gradients are; in boxes of more than 32 inputs no more than a batch.
    pub samples: usize,
    /// Times that descent starts anew in each box; without end where it is `usize::MAX` and the budget has one.
    pub restarts: usize,
    /// Steps of a descent.
    pub steps: usize,
    /// Points that are moved together.
    pub batch: usize,
    /// The largest first step, as a share of the width of the box.
    pub step: f64,
    /// Evaluations of one point after which a call ends.
    pub evaluations: u64,
    /// The margin (see [`Witness::margin`]) that ends the search at once.
    pub margin: f64,
    /// Steps made after the first witness to find one with that margin.
    pub polish: usize,
    /// Stands for the width where a box has none.
    pub range: f64,
    /// What to do where there is no number of 32 bits between two bounds: nothing, as such a box has no witness; or,
    /// where this is set, take the lower bound itself and round it for the evaluation in 32 bits only (see
    /// [`Problem::replay_rounded`](super::super::Problem::replay_rounded)).
    pub round: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            samples: 256,
            restarts: 2,
            steps: 24,
            batch: 32,
            step: 0.5,
            evaluations: u64::MAX,
            margin: 1e-5,
            polish: 16,
            range: 1e3,
            round: false,
        }
    }
}

/// What an attack has done, all calls together.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Statistics {
    /// Calls.
    pub calls: u64,
    /// Points evaluated, with or without gradients.
    pub evaluations: u64,
    /// Points of which gradients were taken.
    pub gradients: u64,
    /// Points that were replayed.
    pub replays: u64,
    /// Wall-clock time.
    pub seconds: f64,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The witness with the largest margin, if one was found.
    pub witness: Option<Witness>,
    /// Of which disjunct it is, counted from 0.
    pub disjunct: usize,
    /// Its margin in that disjunct; without a witness minus infinity.
    pub margin: f64,
    /// What of the budget ran out, if that ended the call.
    pub stop: Option<Stop>,
    /// How far the nearest point stayed from each disjunct: its worst halfspace's violation over the sum of that one's
    /// absolute coefficients. Infinite where no point was looked at.
    pub nearest: Vec<f64>,
}

impl Report {
    pub(super) fn empty() -> Self {
        Report { witness: None, disjunct: 0, margin: f64::NEG_INFINITY, stop: None, nearest: Vec::new() }
    }
}
