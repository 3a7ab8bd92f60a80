//! Models counted exactly, projected on some variables, and drawn exactly uniformly.
//!
//! | part | what it does |
//! |---|---|
//! | `literal`, `number` | literals as indices; numbers of models |
//! | `engine` | clauses, trail, propagation, learning |
//! | `satisfy` | whether variables have values: CDCL above the level at hand |
//! | `components` | what a formula falls apart into |
//! | `cache` | counts of components, found again |
//! | `search` | decisions, products over components, sums over branches |
//! | `trace` | the decision diagram that a search is |
//! | `simplify`, `defined` | fewer variables and clauses first; variables that the projection determines |
//! | `decompose` | a decision order from a tree decomposition |
//! | `exact` | all of that for a formula |
//! | `draws` | draws from a trace |
//!
//! Sources: T. Sang, F. Bacchus, P. Beame, H. Kautz, T. Pitassi, "Combining Component Caching and Clause Learning for Effective
//! Model Counting", SAT 2004 (Cachet); T. Sang, P. Beame, H. Kautz, "Heuristics for Fast Exact Model Counting", SAT 2005;
//! M. Thurley, "sharpSAT: Counting Models with Advanced Component Caching and Implicit BCP", SAT 2006; R. A. Aziz, G. Chu,
//! C. Muise, P. Stuckey, "#∃SAT: Projected Model Counting", SAT 2015; S. Sharma, S. Roy, M. Soos, K. S. Meel, "GANAK: A
//! Scalable Probabilistic Exact Model Counter", IJCAI 2019, whose hashes of components may collide: here keys are compared.

mod cache;
mod components;
mod decompose;
mod defined;
mod draws;
mod engine;
mod error;
mod exact;
mod literal;
mod number;
mod satisfy;
mod search;
mod simplify;
mod trace;

pub use draws::Trace;
pub use error::CountError;
pub use exact::{Exact, Options, Statistics};
