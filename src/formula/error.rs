//! Why a formula refuses.

use super::{Domain, MAX_VAR};
use crate::error::OutOfMemory;

/// Why a formula did not take what it was given. The formula is as it was before.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FormulaError {
    /// A literal is 0 or its variable exceeds [`MAX_VAR`].
    #[error("literal {literal} at index {index} is not in -{MAX_VAR}..=-1 or 1..={MAX_VAR}")]
    Literal {
        /// The literal.
        literal: i32,
        /// Its index in the array it came in.
        index: usize,
    },
    /// A variable is 0 or exceeds the number of variables.
    #[error("variable {variable} is not in 1..={num_vars}")]
    Variable {
        /// The variable.
        variable: u32,
        /// How many variables there are.
        num_vars: u32,
    },
    /// More than [`MAX_VAR`] variables were asked for.
    #[error("{asked} variables were asked for, the most is {MAX_VAR}")]
    TooManyVariables {
        /// How many would be needed.
        asked: u64,
    },
    /// Offsets do not start at 0, decrease, or do not end at the number of items.
    #[error(
        "offset {offset} at index {index}: offsets must start at 0, not decrease, and end at the number of {of}, {items}"
    )]
    Offsets {
        /// The offending offset.
        offset: usize,
        /// Its index.
        index: usize,
        /// What they point into: literals or numbers.
        of: &'static str,
        /// How many of these were given.
        items: usize,
    },
    /// A name is empty, stands for another variable already, or holds a control character.
    #[error("name {name:?} for variable {variable}: {why}")]
    Name {
        /// The name.
        name: String,
        /// The variable it was meant for.
        variable: u32,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Arrays that belong together differ in length.
    #[error("{given} {what} were given, {needed} are needed")]
    Length {
        /// What there are too few or too many of.
        what: &'static str,
        /// How many were given.
        given: usize,
        /// How many are needed.
        needed: usize,
    },
    /// Bound and weights of a sum exceed 64 bits together.
    #[error("row {row}: the magnitudes of weights and bound add up to more than 2^63 - 1")]
    Overflow {
        /// Which of the rows given.
        row: usize,
    },
    /// More than [`MAX_VAR`] numbers were asked for.
    #[error("{asked} numbers were asked for, the most is {MAX_VAR}")]
    TooManyNumbers {
        /// How many would be needed.
        asked: u64,
    },
    /// A number's domain is empty or too wide.
    #[error("no number can have the domain {domain} at index {index}: {why}")]
    Domain {
        /// The domain.
        domain: Domain,
        /// Its index among those given.
        index: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// There is no such number.
    #[error("number {number} at index {index}: there are {num_numbers}, counted from 0")]
    Number {
        /// The number.
        number: u32,
        /// Its index in the array it came in.
        index: usize,
        /// How many there are.
        num_numbers: u32,
    },
    /// A coefficient is infinite or no number.
    #[error("{what} {value} at index {index} is not finite")]
    NotFinite {
        /// What it is meant to be.
        what: &'static str,
        /// The value.
        value: f64,
        /// Its index.
        index: usize,
    },
    /// Linear constraints are plain or implied.
    #[error("row {row}: a linear constraint is plain or implied by a literal, not reified")]
    ReifiedLinear {
        /// Which of the rows given.
        row: usize,
    },
    /// A model has fewer numbers than the formula.
    #[error("the model has {given} numbers, the formula {num_numbers}")]
    NumbersLength {
        /// How many were given.
        given: usize,
        /// How many are needed.
        num_numbers: u32,
    },
    /// A value does not belong to its number's domain.
    #[error("the value {value:?} of number {number} is outside its domain")]
    OutsideDomain {
        /// The number.
        number: u32,
        /// Its value.
        value: f64,
    },
    /// Two formulas that are put together disagree about a number.
    #[error("number {number} has another domain in the other formula")]
    OtherDomain {
        /// The number.
        number: u32,
    },
    /// A model has fewer values than the formula has variables.
    #[error("the model has {given} values, the formula {num_vars} variables")]
    ModelLength {
        /// How many values were given.
        given: usize,
        /// How many are needed.
        num_vars: u32,
    },
    /// No memory.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
}
