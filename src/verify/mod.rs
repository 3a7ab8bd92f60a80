//! Questions about networks.
//!
//! | part | what it does |
//! |---|---|
//! | [`canonical`] | a property as a disjunction of boxes with halfspaces, one disjunct at a time |
//! | [`Problem`] | a network and a property that fit each other, ready for evaluation |
//! | [`Witness`] | an input that has the property, confirmed in two precisions and by the exact check |
//! | [`attack`] | the search for a witness: random points and projected gradient descent |
//! | `branch` | subproblems, how they are bounded and split |
//! | `eager` | a subproblem as one formula, decided by a solver |
//! | `work`, `frontier` | threads that take subproblems; what is open written down and read back |
//! | [`Options`], [`Verdict`] | how a question is answered, and what comes of it |
//! | `run`, `supply` | one procedure on its way, and the disjuncts that it takes |
//! | `portfolio` | all procedures in turn, also a host's |
//! | [`Verifier`] | a question on its way to an answer |

pub mod attack;
mod branch;
pub mod canonical;
mod eager;
mod error;
mod frontier;
mod options;
mod portfolio;
mod problem;
mod run;
mod supply;
mod verifier;
mod witness;
mod work;

pub use error::VerifyError;
pub use frontier::FrontierError;
pub use options::{Options, Procedure, Reason, Statistics, Verdict};
pub use portfolio::{End, HostAnswer, HostProcedure, Question, Slice};
pub use problem::Problem;
pub use verifier::Verifier;
pub use witness::Witness;
