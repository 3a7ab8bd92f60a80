//! Spaces of convolutional architectures: every list of kernels and strides that takes an input of one size to an
//! output of another. Source: D. Calhas, V. Manquinho, I. Lynce, "Automatic Generation of Neural Architecture Search
//! Spaces", section 3; one layer of size `i` gives `(i - k) / s + 1`, in each dimension of its own.
//!
//! | part | what it does |
//! |---|---|
//! | `space` | which lists are members, told by [`Space::check`] from the definition alone |
//! | `steps` | what one layer can do in one dimension |
//! | `programme` | members counted, numbered, listed and drawn exactly uniformly, without search |
//! | `draws` | the draws |
//! | `layout` | a member as bits |
//! | `chains` | one dimension as a graph, and a code of its ways |
//! | `encode`, `measures`, `gates` | the space as a formula, for a host's own constraints and for what ties dimensions together |
//! | `search` | members found in the formula: all, or drawn by random parities |
//! | `export` | a member as a network |
//! | `spread` | how far apart members are: adj-T |
//!
//! Kernels and strides of one dimension have nothing to do with those of another, so the programme counts each
//! dimension and multiplies. Limits on the whole (parameters, multiply-adds, receptive field) are for the formula.

mod chains;
mod draws;
mod encode;
mod error;
mod export;
mod gates;
mod layout;
mod measures;
mod programme;
#[cfg(feature = "cadical")]
mod search;
mod space;
mod spread;
mod steps;

pub use draws::Draws;
pub use encode::Encoding;
pub use error::{ArchError, Violation};
pub use export::{Block, network};
pub use layout::Layout;
pub use programme::{Members, Programme};
#[cfg(feature = "cadical")]
pub use search::{Found, Listed, Sampled, SearchError};
pub use space::{
    Description, Division, Fixed, Layer, MAX_CHANNELS, MAX_DIMENSIONS, MAX_LAYERS, MAX_SIZE, Measures, Member, Space,
};
pub use spread::{Divisor, Spread};
