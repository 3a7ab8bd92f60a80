//! Seeded generators of benchmark formulas and networks, one family a file.
//!
//! | family | satisfiable | file |
//! |---|---|---|
//! | random k-SAT | below a ratio of clauses to variables | [`random_ksat`] |
//! | planted k-SAT | always | [`planted`] |
//! | pigeonhole | if every pigeon has a hole | [`pigeonhole`] |
//! | Tseitin parity on random regular graphs | if the charges sum to an even number | [`tseitin`] |
//! | colouring of random graphs | below a ratio of edges to vertices, or planted | [`coloring`] |
//! | clique, vertex cover, dominating set on random graphs | where there is such a set of vertices | [`subgraph`] |
//! | SR(n) | one of a pair that differ in one sign | [`sr`] |
//!
//! Neural networks of several kinds are made by [`networks`], properties of any network by [`properties`].
//!
//! Every generator takes its seed, its memory limit and its interrupt from a [`Budget`]. The same parameters and
//! seed give the same formula, literal by literal, or the same network, bit by bit, on every machine. (Properties
//! hold outputs of their network, whose last bits depend on the machine.) Generating counts no work.

pub mod coloring;
mod graph;
mod graph_model;
pub mod networks;
pub mod pigeonhole;
pub mod planted;
pub mod properties;
mod random_graph;
pub mod random_ksat;
mod regular_graph;
pub(crate) mod rng;
pub mod sr;
pub mod subgraph;
pub mod tseitin;

pub use graph::Graph;
pub use graph_model::GraphModel;

use crate::budget::{Budget, Stop};
use crate::error::OutOfMemory;
use crate::formula::{Formula, FormulaError, MAX_VAR, Model};
use crate::net::NetworkError;
use crate::net::eval::EvalError;
use crate::net::property::PropertyError;

/// Why there is no instance.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InstanceError {
    /// A parameter does not fit the family, or the other parameters.
    #[error("{name} = {value}: {why}")]
    Parameter {
        /// Which one.
        name: &'static str,
        /// What was given.
        value: String,
        /// What is wrong with it.
        why: String,
    },
    /// The formula would have more of something than can be counted.
    #[error("the formula would have {count} {what}, the most is {most}")]
    TooLarge {
        /// Of what.
        what: &'static str,
        /// How many; `u128::MAX` where it is even more.
        count: u128,
        /// How many there may be.
        most: u64,
    },
    /// No graph was found; another seed may find one.
    #[error("no connected simple {degree}-regular graph on {vertices} vertices in {tries} tries")]
    NoGraph {
        /// Vertices.
        vertices: u64,
        /// Edges at every vertex.
        degree: u64,
        /// How often it was tried.
        tries: u64,
    },
    /// The budget ran out.
    #[error("{0}")]
    Stopped(Stop),
    /// The formula refused what the generator made.
    #[error(transparent)]
    Formula(FormulaError),
    /// The network refused what the generator made.
    #[error(transparent)]
    Network(NetworkError),
    /// The property refused what the generator made: the network's numbers are out of range.
    #[error(transparent)]
    Property(PropertyError),
    /// No memory.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
}

impl From<Stop> for InstanceError {
    fn from(stop: Stop) -> Self {
        InstanceError::Stopped(stop)
    }
}

impl From<FormulaError> for InstanceError {
    fn from(error: FormulaError) -> Self {
        match error {
            FormulaError::Memory(memory) => InstanceError::Memory(memory),
            other => InstanceError::Formula(other),
        }
    }
}

impl From<NetworkError> for InstanceError {
    fn from(error: NetworkError) -> Self {
        match error {
            NetworkError::Memory(memory) => InstanceError::Memory(memory),
            NetworkError::Stopped(stop) => InstanceError::Stopped(stop),
            other => InstanceError::Network(other),
        }
    }
}

impl From<PropertyError> for InstanceError {
    fn from(error: PropertyError) -> Self {
        match error {
            PropertyError::Memory(memory) => InstanceError::Memory(memory),
            other => InstanceError::Property(other),
        }
    }
}

impl From<EvalError> for InstanceError {
    fn from(error: EvalError) -> Self {
        match error {
            EvalError::Stopped(stop) => InstanceError::Stopped(stop),
            EvalError::Memory(memory) => InstanceError::Memory(memory),
            EvalError::Length { .. } | EvalError::UnknownTensor { .. } => {
                unreachable!("buffers are of the network's size")
            }
        }
    }
}

impl InstanceError {
    fn parameter(name: &'static str, value: impl ToString, why: impl Into<String>) -> Self {
        InstanceError::Parameter { name, value: value.to_string(), why: why.into() }
    }
}

/// A formula and a model of it that the generator hid there.
#[derive(Debug)]
pub struct Planted {
    /// The formula.
    pub formula: Formula,
    /// A model: 1 or -1 for every variable, variable `v` at index `v - 1`.
    pub model: Model,
}

/// `value` where it is not zero.
fn positive(name: &'static str, value: u64) -> Result<u64, InstanceError> {
    if value == 0 { Err(InstanceError::parameter(name, value, "must be at least 1")) } else { Ok(value) }
}

/// `count` where so many variables, vertices or other 31-bit things can be told apart.
fn small(what: &'static str, count: u128) -> Result<u32, InstanceError> {
    match u32::try_from(count) {
        Ok(n) if n <= MAX_VAR => Ok(n),
        _ => Err(InstanceError::TooLarge { what, count, most: u64::from(MAX_VAR) }),
    }
}

/// The literal of `variable` (at most [`MAX_VAR`]) that is true where `value` is.
fn literal(variable: u32, value: bool) -> i32 {
    let positive = variable.cast_signed();
    if value { positive } else { -positive }
}

/// An array of `len` times `value`.
fn filled<T: Clone>(value: T, len: usize) -> Result<Vec<T>, OutOfMemory> {
    let mut array = with_capacity(len)?;
    array.resize(len, value);
    Ok(array)
}

/// An empty array with room for `len`.
fn with_capacity<T>(len: usize) -> Result<Vec<T>, OutOfMemory> {
    let mut array = Vec::new();
    let bytes = (len as u64).saturating_mul(size_of::<T>() as u64);
    array.try_reserve_exact(len).map_err(|_| OutOfMemory::Allocator { bytes })?;
    Ok(array)
}

/// Asks the budget at every `1 << 12`-th step, which is oftener than every millisecond.
fn tick(budget: &Budget, step: u64) -> Result<(), Stop> {
    if step.is_multiple_of(1 << 12) { budget.check() } else { Ok(()) }
}

/// A formula that is being generated, its size known beforehand.
struct Builder<'a> {
    formula: Formula,
    budget: &'a Budget,
    step: u64,
}

impl<'a> Builder<'a> {
    /// Refuses at once what cannot succeed: too many variables, more clauses than can be counted, more bytes than
    /// the memory limit or the machine has.
    fn new(budget: &'a Budget, variables: u128, clauses: u128, literals: u128) -> Result<Self, InstanceError> {
        let variables = small("variables", variables)?;
        let countable = |what, count: u128| match u64::try_from(count) {
            Ok(_) => Ok(()),
            Err(_) => Err(InstanceError::TooLarge { what, count, most: u64::MAX }),
        };
        countable("clauses", clauses)?;
        countable("literals", literals)?;
        let size = clauses.saturating_mul(8).saturating_add(literals.saturating_mul(4));
        countable("bytes", size)?;
        let bytes = u64::try_from(size).unwrap_or(u64::MAX);
        if bytes > budget.memory() {
            return Err(OutOfMemory::Limit { bytes, limit: budget.memory() }.into());
        }
        // Asked for and given back: what the allocator refuses now need not be generated halfway first.
        drop(with_capacity::<u8>(usize::try_from(bytes).unwrap_or(usize::MAX))?);
        let mut formula = Formula::new();
        formula.set_memory_limit(budget.memory());
        formula.ensure_vars(variables)?;
        Ok(Builder { formula, budget, step: 0 })
    }

    fn clause(&mut self, literals: &[i32]) -> Result<(), InstanceError> {
        tick(self.budget, self.step)?;
        self.step += 1;
        self.formula.add_clause(literals)?;
        Ok(())
    }

    fn name(&mut self, variable: u32, name: &str) -> Result<(), InstanceError> {
        tick(self.budget, self.step)?;
        self.step += 1;
        Ok(self.formula.set_name(variable, Some(name))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Limits;

    #[test]
    fn sizes_are_refused_before_work_begins() {
        let b = Budget::unlimited();
        let refused = |v, c, l| Builder::new(&b, v, c, l).err();
        assert!(matches!(refused(1 << 30, 1, 1), Some(InstanceError::TooLarge { what: "variables", .. })));
        assert!(matches!(refused(1, 1 << 64, 1), Some(InstanceError::TooLarge { what: "clauses", .. })));
        assert!(matches!(refused(1, 1, 1 << 64), Some(InstanceError::TooLarge { what: "literals", .. })));
        assert!(matches!(refused(1, 1 << 62, 1 << 62), Some(InstanceError::TooLarge { what: "bytes", .. })));
        assert!(matches!(refused(1, 1 << 60, 1), Some(InstanceError::Memory(OutOfMemory::Allocator { .. }))));
        let limited = Budget::start(&Limits { memory: Some(100), ..Limits::default() });
        let error = Builder::new(&limited, 1, 10, 10).err();
        assert_eq!(error, Some(InstanceError::Memory(OutOfMemory::Limit { bytes: 120, limit: 100 })));
    }

    #[test]
    fn an_interrupt_ends_generation() {
        let token = crate::budget::Interrupt::new();
        token.trigger();
        let b = Budget::start(&Limits { interrupt: Some(token), ..Limits::default() });
        let stopped = Some(InstanceError::Stopped(Stop::Interrupted));
        assert_eq!(random_ksat::generate(10, 40, 3, &b).err(), stopped);
        assert_eq!(planted::generate(10, 40, 3, &b).err(), stopped);
        assert_eq!(pigeonhole::generate(5, 4, &b).err(), stopped);
        assert_eq!(tseitin::generate(10, 3, tseitin::Charge::Odd, &b).err(), stopped);
        assert_eq!(coloring::generate(10, 20, 3, &b).err(), stopped);
        assert_eq!(coloring::generate_planted(10, 20, 3, &b).err(), stopped);
    }
}
