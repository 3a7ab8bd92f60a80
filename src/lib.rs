//! Anser: an embeddable solver engine for questions about neural networks and Boolean formulas.
//!
//! The rooms, from the ground up. A room imports only from the rooms above it in this list.
//!
//! | room | what it holds |
//! |---|---|
//! | [`error`] | what every room may fail with |
//! | [`budget`] | deadline, work, interrupt, progress, seed, memory: one object, passed through everything |
//! | `floats` | floating point as IEEE 754 has it, whatever mode the host's thread is in |
//! | [`files`] | compression, memory limits of reading, files that appear when they are whole |
//! | [`formula`] | variables, constraints, models and their check; encodings into clauses; DIMACS and OPB in and out |
//! | `proof` | formats of proofs, and where their bytes go |
//! | `simplex` | linear inequalities over the reals, decided without rounding |
//! | [`net`] | neural networks: layers, ONNX, properties, exact evaluation, gradients |
//! | [`bounds`] | what the numbers inside a network can be: intervals and linear bounds over boxes, sound to the last bit |
//! | [`encode`] | networks into formulas, so that a host puts constraints of its own around them |
//! | [`instances`] | seeded generators of benchmark formulas, networks and properties |
//! | `milp` | mixed integer programs: branch and bound over HiGHS, every step checked (feature `highs`) |
//! | `pb` | cutting planes: conflict-driven search that learns inequalities over literals |
//! | [`sat`] | conflict-driven clause learning: CaDiCaL 3 behind one audited wrapper, with propagators for parities and sums |
//! | `smt` | satisfiability modulo theories: Z3 5.3 behind one audited wrapper (feature `z3`) |
//! | [`search`] | stochastic local search: walkers, scores, models |
//! | [`solve`] | one incremental solver over the reasoners: backends, enumeration, propagators of a host |
//! | [`count`] | models counted exactly by components, and drawn exactly uniformly |
//! | [`sample`] | models drawn near-uniformly and counted, by random parities |
//! | [`arch`] | spaces of convolutional architectures: counted, drawn, and as formulas |
//! | [`verify`] | questions about networks: canonical form, attacks, branch and bound, verdicts with witnesses |
//! | [`ffi`] | the C ABI, one file a handle |

// Tests in here take networks from the integration tests, which name the crate.
#[cfg(test)]
extern crate self as anser;

pub mod error;

pub mod budget;

mod floats;

pub mod files;

pub mod formula;

#[cfg(feature = "cadical")]
mod proof;

mod simplex;

pub mod net;

pub mod bounds;

pub mod encode;

pub mod instances;

#[cfg(feature = "highs")]
pub mod milp;

#[cfg(feature = "cadical")]
pub mod sat;

#[cfg(feature = "z3")]
pub mod smt;

#[cfg(feature = "cadical")]
mod pb;

pub mod search;

#[cfg(feature = "cadical")]
pub mod solve;

pub mod count;

#[cfg(feature = "cadical")]
pub mod sample;

pub mod arch;

pub mod verify;

#[cfg(feature = "cadical")]
pub mod ffi;
