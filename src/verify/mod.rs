//! Questions about networks.
//!
//! | part | what it does |
//! |---|---|
//! | [`canonical`] | a property as a disjunction of boxes with halfspaces, one disjunct at a time |
//! | [`Problem`] | a network and a property that fit each other, ready for evaluation |
//! | [`Witness`] | an input that has the property, confirmed in two precisions and by the exact check |
//! | [`attack`] | the search for a witness: random points and projected gradient descent |
//! | `branch` | subproblems, how they are bounded and split |
//! | [`Verifier`] | a question on its way to an answer |

pub mod attack;
mod branch;
pub mod canonical;
mod error;
mod problem;
mod verifier;
mod witness;

pub use error::VerifyError;
pub use problem::Problem;
pub use verifier::{Options, Procedure, Reason, Statistics, Verdict, Verifier};
pub use witness::Witness;
