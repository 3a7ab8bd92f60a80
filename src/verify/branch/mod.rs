//! Branch and bound: a disjunct's box is covered by subproblems, each is bounded, and what the bounds do not decide is split.
//!
//! | part | what it does |
//! |---|---|
//! | `target` | a disjunct made ready: its rows, and what is known of its whole box |
//! | `node` | a subproblem |
//! | `input` | splits the box: for networks with few inputs |
//! | `relu` | splits neurons: for networks with many |
//! | `within` | bounds neurons where a witness would be, and says when that is worth it |
//! | `lemma` | which splits closed a subproblem |
//! | `clauses` | what follows from that for others |

mod clauses;
mod input;
mod lemma;
mod node;
mod relu;
mod target;
mod within;

pub(crate) use input::{Outcome, Splitter};
pub(crate) use node::{Ends, Node};
pub(crate) use relu::{Effort, Phases};
pub(crate) use target::Target;
pub(crate) use within::Pace;
