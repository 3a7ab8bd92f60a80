//! The C ABI, one file a handle; a formula takes several. `include/anser.h` is generated from here.
//!
//! Every exported function runs inside a guard ([`guard`]), which keeps panics and errors apart from the host; every handle
//! is a `Handle` (`handle.rs`), which turns misuse (two threads at once, use from inside a callback, use after a
//! panic, use in a forked child) into a status. Nothing here decides anything about formulas.
#![allow(unsafe_code)]
// C names, so that the header and the sources can be searched for the same words.
#![allow(non_camel_case_types)]

mod arguments;
mod backend;
mod budget;
mod callback;
mod constraints;
mod contents;
mod enumerator;
mod error;
mod formula;
pub mod guard;
mod handle;
mod interrupt;
mod last_error;
mod names;
mod numbers;
mod opb;
mod propagator;
mod sampling;
mod sink;
mod solver;
mod status;
mod structs;
mod version;

pub use backend::*;
pub use budget::*;
pub use constraints::*;
pub use contents::*;
pub use enumerator::*;
pub use formula::*;
pub use interrupt::*;
pub use last_error::*;
pub use names::*;
pub use numbers::*;
pub use opb::*;
pub use propagator::*;
pub use sampling::*;
pub use sink::*;
pub use solver::*;
pub use status::*;
pub use version::*;
