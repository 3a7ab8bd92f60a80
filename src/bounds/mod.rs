//! What the numbers inside a network can be while its inputs lie in a box: sound to the last bit.
//!
//! | part | what it is |
//! |---|---|
//! | `api` | the kernel as a host uses it: boxes in, bounds out |
//! | `graph` | the network as the kernel sees it: steps that are linear, steps that are not, and the neurons between |
//! | `absolute` | the same network with absolute weights: how large sums can get |
//! | `round`, `dot`, `magnitude` | what rounding can have done, and what pays for it |
//! | `interval` | interval arithmetic, step by step |
//! | `relax` | lines, planes and intervals around everything that is not linear |
//! | `number` | the precision of a row |
//! | `crown` | linear functions substituted back through the network |
//! | `alive` | products that leave out the rectifiers that are 0 |
//! | `batch` | the neurons of many boxes, layer by layer |
//! | `spec`, `bounding` | rows over the outputs; a batch from start to end |
//! | `alpha`, `primal` | slopes and multipliers by gradients, and where the relaxed network is least |
//! | `combine` | several inequalities at once: the combination of them that says most |
//! | `contract` | what an inequality leaves of a box |
//! | `root` | what is computed once, of the box that all others lie in |

mod absolute;
mod alive;
pub(crate) mod alpha;
mod api;
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
mod number;
mod primal;
mod relax;
mod root;
mod round;
pub(crate) mod spec;

pub(crate) use alpha::Split;
pub use api::{Bounds, Contracted, Functions, Method, Options, Polytope, Query, Results, Splits};
pub(crate) use batch::Batch;
pub(crate) use bounding::Bounding;
pub(crate) use combine::Combination;
pub(crate) use contract::{Left, Linear, contract};
pub use error::BoundsError;
pub(crate) use graph::Graph;
pub use graph::Neurons;
pub(crate) use root::Root;
pub(crate) use round::{down, gamma, up};

use crate::budget::{Budget, Phase};
use crate::net::eval::meter::Meter;

/// Counts what bounding costs.
pub(crate) fn meter(budget: &Budget) -> Meter<'_> {
    Meter::at(budget, Phase::Bound)
}
