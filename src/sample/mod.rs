//! Models drawn near-uniformly, and counted, by hashing: random parities cut the space of models into cells of about equal size,
//! and a cell is small enough to be enumerated.
//!
//! | part | what it does |
//! |---|---|
//! | `hash` | families of random parities |
//! | `count` | how many models there are, about: ApproxMC |
//! | `uniwit` | UniWit, as CAV 2013 has it and as paper 000 does |
//! | `unigen` | UniGen |
//! | `support` | which variables of the sampling set determine the others |
//! | `sampler` | a stream of samples by one of these methods |
//! | `state` | such a stream, written down |
//!
//! Exact counts, and exactly uniform draws, are those of [`count`](crate::count); the stream of samples takes them up too.
//!
//! All of it is about a formula's models projected on its sampling set. Which samples a seed gives depends on the formula, the
//! sampling set and the options, and on nothing else: not on the number of threads, how calls cut the stream, or what the engine
//! did before. That is so because a cell is taken only if all of its models are known, and these have an order of their own. Samples of
//! `Method::Exact` depend on the decision diagram besides, and so on the version of this library.

mod count;
mod error;
mod hash;
mod sampler;
mod state;
mod support;
#[cfg(test)]
mod tests;
mod unigen;
mod uniwit;

pub use count::{Count, CountOptions, Counter};
pub use error::SampleError;
pub use hash::Family;
pub use sampler::{End, HOPELESS, Method, Options, Sampler, Statistics, Step};

use crate::files::record;
use crate::formula::Formula;
use crate::instances::rng::Rng;

/// The sampling set of a formula, or all of its variables.
fn projection_of(formula: &Formula) -> Vec<u32> {
    formula.sampling_set().map_or_else(|| (1..=formula.num_vars()).collect(), <[u32]>::to_vec)
}

/// The random numbers of one draw: a stream of their own for each purpose and index.
fn stream(seed: u64, purpose: &str, index: u64) -> Rng {
    let bytes: Vec<u8> = purpose.bytes().chain(seed.to_le_bytes()).chain(index.to_le_bytes()).collect();
    Rng::new(record::sum(&bytes, record::START)) // which spreads it
}

fn check_family(family: Family) -> Result<(), SampleError> {
    match family {
        Family::Sparse(density) if !(density > 0.0 && density <= 0.5) => {
            Err(SampleError::Option { option: "density", value: density, allowed: "above 0 and at most 0.5" })
        }
        _ => Ok(()),
    }
}
