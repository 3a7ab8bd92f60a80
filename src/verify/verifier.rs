//! A question on its way to an answer, by one procedure or by all of them.

use std::sync::Arc;

use super::canonical::CanonicalError;
use super::portfolio::{HostProcedure, Portfolio, Slice};
use super::run::Run;
use super::supply::Order;
use super::{FrontierError, Options, Problem, Procedure, Statistics, Verdict, VerifyError, Witness};
use crate::bounds::Graph;
use crate::budget::Budget;
use crate::floats::Standard;

/// A question on its way to an answer.
///
/// [`Verifier::run`] goes on from where the call before ended, whatever ended it: a run may be cut into slices. With one
/// thread the same input, options, seed and work limits give the same run, bit for bit, slice by slice.
pub struct Verifier {
    options: Options,
    way: Way,
}

enum Way {
    One(Box<Run>),
    All(Box<Portfolio>),
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier")
            .field("options", &self.options)
            .field("statistics", &self.statistics())
            .finish_non_exhaustive()
    }
}

impl Verifier {
    /// Makes the network ready for bounding. Nothing is decided yet.
    ///
    /// # Errors
    ///
    /// The budget, no memory, a network that cannot be bounded.
    pub fn new(problem: Problem, options: &Options, budget: &Budget) -> Result<Self, VerifyError> {
        let _standard = Standard::enter();
        let graph = Arc::new(Graph::new(problem.network(), budget)?);
        let way = match options.procedure {
            Procedure::Portfolio => Way::All(Box::new(Portfolio::new(problem, graph, options))),
            _ => Way::One(Box::new(Run::new(problem, graph, options, &Order::default())?)),
        };
        Ok(Verifier { options: options.clone(), way })
    }

    /// The question.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        match &self.way {
            Way::One(run) => run.problem(),
            Way::All(portfolio) => portfolio.problem(),
        }
    }

    /// How it is gone about.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// What was done so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        match &self.way {
            Way::One(run) => run.statistics(),
            Way::All(portfolio) => portfolio.statistics(),
        }
    }

    /// The witness, once one was found.
    #[must_use]
    pub fn witness(&self) -> Option<&Witness> {
        match &self.way {
            Way::One(run) => run.witness(),
            Way::All(portfolio) => portfolio.witness(),
        }
    }

    /// Which input has no bound, where [`Reason::Unbounded`](super::Reason::Unbounded) is the reason.
    #[must_use]
    pub fn unbounded(&self) -> Option<&CanonicalError> {
        match &self.way {
            Way::One(run) => run.unbounded(),
            Way::All(portfolio) => portfolio.unbounded(),
        }
    }

    /// Adds a procedure of the host's to the portfolio; it has the last turn in each round.
    ///
    /// # Errors
    ///
    /// [`VerifyError::NoPortfolio`] where the procedure is another one.
    pub fn add_procedure(&mut self, procedure: Box<dyn HostProcedure>) -> Result<(), VerifyError> {
        match &mut self.way {
            Way::One(_) => Err(VerifyError::NoPortfolio),
            Way::All(portfolio) => {
                portfolio.add(procedure);
                Ok(())
            }
        }
    }

    /// The procedures of the portfolio in the order of their turns, and how many shares of a round each has. Empty where
    /// there is none.
    #[must_use]
    pub fn schedule(&self) -> Vec<(&str, u64)> {
        match &self.way {
            Way::One(_) => Vec::new(),
            Way::All(portfolio) => portfolio.schedule().collect(),
        }
    }

    /// What each slice of the portfolio did, in their order. Empty where there is none.
    #[must_use]
    pub fn slices(&self) -> &[Slice] {
        match &self.way {
            Way::One(_) => &[],
            Way::All(portfolio) => portfolio.slices(),
        }
    }

    /// Goes on until there is a verdict or the budget ends. A later call goes on from there. However small a work limit is,
    /// a call that is granted any gets on by a step at least, for which it may take more than that.
    ///
    /// # Errors
    ///
    /// What [`VerifyError`] lists; not that the budget ran out.
    ///
    /// # Panics
    ///
    /// Where a worker does: its panic goes on here.
    pub fn run(&mut self, budget: &Budget) -> Result<Verdict, VerifyError> {
        let _standard = Standard::enter();
        match &mut self.way {
            Way::One(run) => run.run(budget),
            Way::All(portfolio) => portfolio.run(budget),
        }
    }

    /// Writes down how far the run has come, for [`Verifier::import`]. To be called between runs.
    ///
    /// # Errors
    ///
    /// The budget; a network or property that cannot be written; [`FrontierError::Portfolio`].
    pub fn export(&self, budget: &Budget) -> Result<Vec<u8>, VerifyError> {
        match &self.way {
            Way::One(run) => run.export(budget),
            Way::All(_) => Err(FrontierError::Portfolio.into()),
        }
    }

    /// A run that goes on where [`Verifier::export`] wrote it down, with the same verdict at its end. Options may be others.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Frontier`] where the bytes are none of this question; as [`Verifier::new`] otherwise, and the budget.
    pub fn import(problem: Problem, options: &Options, bytes: &[u8], budget: &Budget) -> Result<Self, VerifyError> {
        let _standard = Standard::enter();
        if options.procedure == Procedure::Portfolio {
            return Err(FrontierError::Portfolio.into());
        }
        let run = Run::import(problem, options, bytes, budget)?;
        Ok(Verifier { options: options.clone(), way: Way::One(Box::new(run)) })
    }
}
