//! Pseudo-Boolean search by cutting planes: conflict-driven, like clause learning, but what is learned from a conflict is a
//! linear inequality over literals.
//!
//! | part | what it does |
//! |---|---|
//! | `store` | clauses and sums, and where literals occur |
//! | `trail` | what is true, since when, and why |
//! | `propagate` | what follows |
//! | `inequality` | sums that are added, divided and weakened |
//! | `analyze` | from a conflict to an inequality that would have prevented it |
//! | `at_most_one` | pairs that are cliques, as one sum |
//! | `proof` | derivations of what is learned |
//! | `relax` | linear programs that refute what is decided |
//! | `order` | which variable is next |
//! | `engine` | the search: decisions, restarts, what is kept |
//! | `optimize` | the least value of an objective |
//! | `load` | a formula's constraints as sums |
//!
//! Sources: J. Elffers, J. Nordström, "Divide and Conquer: Towards Faster Pseudo-Boolean Solving", IJCAI 2018 (rounding by
//! division); M. Moskewicz et al., "Chaff", DAC 2001; N. Eén, N. Sörensson, "An Extensible SAT-solver", SAT 2003.

mod analyze;
mod at_most_one;
mod engine;
mod inequality;
mod load;
mod optimize;
mod order;
mod proof;
mod propagate;
mod relax;
mod store;
#[cfg(test)]
mod tests;
mod trail;

pub(crate) use engine::{Answer, Engine};
pub(crate) use load::of;
pub(crate) use optimize::{Goal, Known, Least, Way};
pub(crate) use proof::{Conclusion, Proof};

/// A literal: twice its variable, and one more where it is negated.
pub(crate) type Literal = u32;

/// The variable of a literal.
#[inline]
fn variable(literal: Literal) -> usize {
    (literal >> 1) as usize
}
