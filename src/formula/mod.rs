//! What can be said: variables, clauses, models, and whether a model satisfies a formula.
//!
//! Variables are DIMACS integers `1..=num_vars`; a literal is a variable or its negation as a nonzero `i32`.
//! Literals of all clauses stand in one array with offsets, in the order in which they were added: 4 bytes a
//! literal and 8 a clause. Nothing is simplified: duplicates and tautologies are kept as written, so that a
//! proof or a model speaks of exactly what the caller said.

pub(crate) mod check;
mod clauses;
mod condition;
pub mod dimacs;
mod names;

pub use check::{Model, Violation};
pub use clauses::Clauses;
pub use condition::Condition;

use crate::error::OutOfMemory;
use names::Names;

/// The largest variable. Twice a variable plus one still fits a DIMACS integer.
pub const MAX_VAR: u32 = (1 << 30) - 1;

/// The place of a constraint in its formula: 0 for the first one added, and so on. Never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConstraintId(pub u64);

/// Why a formula did not take what it was given. The formula is as it was before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
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
    /// Offsets do not start at 0, decrease, or do not end at the number of literals.
    #[error(
        "offset {offset} at index {index}: offsets must start at 0, not decrease, and end at the number of literals, {literals}"
    )]
    Offsets {
        /// The offending offset.
        offset: usize,
        /// Its index.
        index: usize,
        /// How many literals were given.
        literals: usize,
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

/// Counts of a formula.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Variables, used or not.
    pub variables: u64,
    /// Clauses.
    pub clauses: u64,
    /// Literals of all clauses.
    pub literals: u64,
    /// Clauses without a literal.
    pub empty: u64,
    /// Clauses of one literal.
    pub unit: u64,
    /// Clauses of two literals.
    pub binary: u64,
    /// Clauses of three literals.
    pub ternary: u64,
    /// Length of the longest clause.
    pub longest: u64,
    /// Bytes held.
    pub bytes: u64,
}

/// A formula in conjunctive normal form.
#[derive(Debug)]
pub struct Formula {
    num_vars: u32,
    clauses: Clauses,
    names: Names,
    memory_limit: u64,
}

impl Default for Formula {
    fn default() -> Self {
        Formula::new()
    }
}

impl Formula {
    /// The empty formula, which every model satisfies.
    #[must_use]
    pub fn new() -> Self {
        Formula { num_vars: 0, clauses: Clauses::new(), names: Names::default(), memory_limit: u64::MAX }
    }

    /// A copy that shares nothing with this one.
    pub fn try_clone(&self) -> Result<Self, FormulaError> {
        Ok(Formula {
            num_vars: self.num_vars,
            clauses: self.clauses.try_clone()?,
            names: self.names.try_clone()?,
            memory_limit: self.memory_limit,
        })
    }

    /// Bytes that the formula may hold from now on.
    pub fn set_memory_limit(&mut self, bytes: u64) {
        self.memory_limit = bytes;
    }

    /// Bytes held.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.clauses.bytes() + self.names.bytes()
    }

    /// How many variables there are: the largest that was mentioned or asked for.
    #[must_use]
    pub fn num_vars(&self) -> u32 {
        self.num_vars
    }

    /// A fresh variable.
    pub fn new_var(&mut self) -> Result<u32, FormulaError> {
        self.new_vars(1)
    }

    /// `count` fresh variables; the first of them is answered, the others follow it.
    pub fn new_vars(&mut self, count: u32) -> Result<u32, FormulaError> {
        let asked = u64::from(self.num_vars) + u64::from(count);
        self.grow_to(asked)?;
        Ok(self.num_vars - count + 1)
    }

    /// Makes sure that the variables `1..=max` exist.
    pub fn ensure_vars(&mut self, max: u32) -> Result<(), FormulaError> {
        if max > self.num_vars { self.grow_to(u64::from(max)) } else { Ok(()) }
    }

    fn grow_to(&mut self, asked: u64) -> Result<(), FormulaError> {
        match u32::try_from(asked) {
            Ok(n) if n <= MAX_VAR => {
                self.num_vars = n;
                Ok(())
            }
            _ => Err(FormulaError::TooManyVariables { asked }),
        }
    }

    /// Gives `variable` a name, or takes its name away with `None`. A name stands for one variable.
    pub fn set_name(&mut self, variable: u32, name: Option<&str>) -> Result<(), FormulaError> {
        self.variable(variable)?;
        let room = self.memory_limit.saturating_sub(self.clauses.bytes());
        self.names.set(variable, name, room)
    }

    /// The name of `variable`, if it has one.
    pub fn name(&self, variable: u32) -> Result<Option<&str>, FormulaError> {
        self.variable(variable)?;
        Ok(self.names.get(variable))
    }

    /// The variable of that name.
    #[must_use]
    pub fn variable_named(&self, name: &str) -> Option<u32> {
        self.names.find(name)
    }

    fn variable(&self, variable: u32) -> Result<(), FormulaError> {
        if variable == 0 || variable > self.num_vars {
            return Err(FormulaError::Variable { variable, num_vars: self.num_vars });
        }
        Ok(())
    }

    /// Adds the disjunction of `literals`; without literals that is a contradiction. Variables that do not exist
    /// yet come into being.
    pub fn add_clause(&mut self, literals: &[i32]) -> Result<ConstraintId, FormulaError> {
        let max = max_variable(literals)?;
        let limit = self.memory_limit.saturating_sub(self.names.bytes());
        let id = self.clauses.push(literals, limit)?;
        self.num_vars = self.num_vars.max(max);
        Ok(ConstraintId(id))
    }

    /// Adds many clauses at once: clause `i` is `literals[offsets[i]..offsets[i + 1]]`. The first id is answered,
    /// the others follow it. All are added or none.
    pub fn add_clauses(&mut self, literals: &[i32], offsets: &[usize]) -> Result<ConstraintId, FormulaError> {
        clauses::check_offsets(literals.len(), offsets)?;
        let max = max_variable(literals)?;
        let limit = self.memory_limit.saturating_sub(self.names.bytes());
        let id = self.clauses.push_many(literals, offsets, limit)?;
        self.num_vars = self.num_vars.max(max);
        Ok(ConstraintId(id))
    }

    /// The clauses, in the order in which they were added.
    #[must_use]
    pub fn clauses(&self) -> &Clauses {
        &self.clauses
    }

    /// The literals of clause `id`, as written.
    #[must_use]
    pub fn clause(&self, id: ConstraintId) -> Option<&[i32]> {
        usize::try_from(id.0).ok().and_then(|i| self.clauses.get(i))
    }

    /// Counts. Time: linear in the number of clauses.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let mut s = Statistics {
            variables: u64::from(self.num_vars),
            clauses: self.clauses.len() as u64,
            literals: self.clauses.num_literals() as u64,
            bytes: self.bytes(),
            ..Statistics::default()
        };
        for clause in &self.clauses {
            match clause.len() {
                0 => s.empty += 1,
                1 => s.unit += 1,
                2 => s.binary += 1,
                3 => s.ternary += 1,
                _ => {}
            }
            s.longest = s.longest.max(clause.len() as u64);
        }
        s
    }
}

/// The largest variable of `literals`, 0 where there are none; the first bad literal is an error.
pub(crate) fn max_variable(literals: &[i32]) -> Result<u32, FormulaError> {
    let mut max = 0;
    for (index, &literal) in literals.iter().enumerate() {
        let variable = literal.unsigned_abs();
        if variable.wrapping_sub(1) >= MAX_VAR {
            return Err(FormulaError::Literal { literal, index });
        }
        max = max.max(variable);
    }
    Ok(max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_come_back_as_written() {
        let mut f = Formula::new();
        assert_eq!(f.add_clause(&[3, -3, 3]), Ok(ConstraintId(0)));
        assert_eq!(f.add_clause(&[]), Ok(ConstraintId(1)));
        assert_eq!(f.add_clauses(&[1, 2, -5], &[0, 2, 2, 3]), Ok(ConstraintId(2)));
        assert_eq!(f.num_vars(), 5);
        let all: Vec<&[i32]> = f.clauses().iter().collect();
        assert_eq!(all, [&[3, -3, 3][..], &[], &[1, 2], &[], &[-5]]);
        assert_eq!(f.clause(ConstraintId(5)), None);
        let s = f.statistics();
        assert_eq!((s.clauses, s.literals, s.empty, s.unit, s.binary, s.ternary, s.longest), (5, 6, 2, 1, 1, 1, 3));
    }

    #[test]
    fn refused_input_changes_nothing() {
        let mut f = Formula::new();
        let _ = f.add_clause(&[1, 2]);
        let bad = i32::try_from(MAX_VAR).unwrap() + 1;
        for lits in [&[1, 0][..], &[bad], &[i32::MIN], &[-bad]] {
            assert!(matches!(f.add_clause(lits), Err(FormulaError::Literal { .. })), "{lits:?}");
        }
        for offsets in [&[][..], &[0], &[1, 2], &[0, 2, 1, 2], &[0, 3], &[0, 1]] {
            assert!(matches!(f.add_clauses(&[7, 8], offsets), Err(FormulaError::Offsets { .. })), "{offsets:?}");
        }
        assert_eq!(f.add_clauses(&[], &[0]), Ok(ConstraintId(1)));
        assert!(f.new_vars(MAX_VAR).is_err());
        assert_eq!((f.num_vars(), f.clauses().len()), (2, 1));
    }

    #[test]
    fn fresh_variables_follow_one_another() {
        let mut f = Formula::new();
        assert_eq!(f.new_var(), Ok(1));
        assert_eq!(f.new_vars(3), Ok(2));
        assert_eq!(f.new_vars(0), Ok(5));
        assert_eq!(f.num_vars(), 4);
        assert_eq!(f.new_vars(MAX_VAR - 4), Ok(5));
        assert_eq!(f.new_var(), Err(FormulaError::TooManyVariables { asked: u64::from(MAX_VAR) + 1 }));
    }

    #[test]
    fn memory_limit_holds() {
        let mut f = Formula::new();
        f.set_memory_limit(4096);
        let mut added = 0;
        while f.add_clause(&[1, 2, 3]).is_ok() {
            added += 1;
            assert!(f.bytes() <= 4096);
        }
        assert!((50..300).contains(&added), "{added}");
        assert_eq!(f.clauses().len(), added);
        assert!(matches!(f.set_name(1, Some(&"x".repeat(5000))), Err(FormulaError::Memory(_))));
    }

    #[test]
    fn names_stand_for_one_variable() {
        let mut f = Formula::new();
        f.ensure_vars(3).unwrap();
        f.set_name(1, Some("x[0]")).unwrap();
        assert!(matches!(f.set_name(2, Some("x[0]")), Err(FormulaError::Name { .. })));
        assert!(matches!(f.set_name(2, Some("")), Err(FormulaError::Name { .. })));
        assert!(matches!(f.set_name(2, Some("a\nb")), Err(FormulaError::Name { .. })));
        assert!(matches!(f.set_name(4, Some("y")), Err(FormulaError::Variable { .. })));
        f.set_name(1, Some("z")).unwrap();
        assert_eq!((f.variable_named("x[0]"), f.variable_named("z"), f.name(1)), (None, Some(1), Ok(Some("z"))));
        f.set_name(1, None).unwrap();
        assert_eq!((f.variable_named("z"), f.name(1)), (None, Ok(None)));
    }
}
