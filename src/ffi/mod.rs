//! The C ABI, one file a handle; bounds, formulas, networks and properties take several. `include/anser.h` is generated from here.
//!
//! Every exported function runs inside a guard ([`guard`]), which keeps panics and errors apart from the host; every handle
//! is a `Handle` (`handle.rs`), which turns misuse (two threads at once, use from inside a callback, use after a
//! panic, use in a forked child) into a status. Nothing here decides anything about formulas or
//! networks.
#![allow(unsafe_code)]
// C names, so that the header and the sources can be searched for the same words.
#![allow(non_camel_case_types)]

mod arch;
mod arguments;
mod backend;
mod bounds;
mod bounds_compute;
mod budget;
mod callback;
mod constraints;
mod contents;
mod counter;
mod disjuncts;
mod enumerator;
mod error;
mod formula;
pub mod guard;
mod handle;
mod host_procedure;
mod interrupt;
mod last_error;
mod names;
mod network;
mod network_contents;
mod network_eval;
mod network_files;
mod network_layers;
mod network_views;
mod numbers;
mod objective;
mod opb;
mod propagator;
mod property;
mod property_files;
mod relu_encoder;
mod sampler;
mod sampling;
mod scorer;
mod search;
mod sink;
mod solver;
mod status;
mod structs;
mod text_format;
mod verifier;
mod version;

use crate::floats;

pub use arch::*;
pub use backend::*;
pub use bounds::*;
pub use bounds_compute::*;
pub use budget::*;
pub use constraints::*;
pub use contents::*;
pub use counter::*;
pub use disjuncts::*;
pub use enumerator::*;
pub use formula::*;
pub use host_procedure::*;
pub use interrupt::*;
pub use last_error::*;
pub use names::*;
pub use network::*;
pub use network_contents::*;
pub use network_eval::*;
pub use network_files::*;
pub use network_layers::*;
pub use numbers::*;
pub use objective::*;
pub use opb::*;
pub use propagator::*;
pub use property::*;
pub use property_files::*;
pub use relu_encoder::*;
pub use sampler::*;
pub use sampling::*;
pub use scorer::*;
pub use search::*;
pub use sink::*;
pub use solver::*;
pub use status::*;
pub use text_format::*;
pub use verifier::*;
pub use version::*;
