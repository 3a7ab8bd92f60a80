//! What can be said: variables, constraints, models, and whether a model satisfies a formula.
//!
//! Variables are DIMACS integers `1..=num_vars`; a literal is a variable or its negation as a nonzero `i32`. Beside
//! them there may be numbers, bounded integers and reals, counted from 0. Constraints are clauses, parities (XOR),
//! cardinality and pseudo-Boolean constraints, and linear constraints over numbers and literals.
//!
//! Constraints of a kind stand in flat arrays with offsets, in the order in which they were added: a clause costs 4
//! bytes a literal and 8 of its own. Nothing is simplified: duplicates and tautologies are kept as written, so that a
//! proof or a model speaks of exactly what the caller said.

mod arrays;
#[cfg(feature = "cadical")]
pub(crate) mod batch;
pub(crate) mod check;
mod clauses;
pub mod cnf;
mod codes;
mod condition;
mod constraint;
pub mod dimacs;
mod error;
mod exact;
mod format;
mod linear;
pub(crate) mod lower;
pub mod lp;
pub mod mps;
mod names;
mod normal;
mod numbers;
mod objective;
pub mod opb;
mod order;
mod program;
pub mod smtlib;
mod statistics;
mod sums;
mod text;
mod xors;

pub use check::{Model, Violation};
pub use clauses::Clauses;
pub use condition::Condition;
pub use constraint::Constraint;
pub use error::FormulaError;
pub use format::{Format, TextFormat, read_file, write_file};
pub use lower::LowerError;
pub use numbers::{Domain, Linear, LinearRows, MAX_INTEGER, Relation};
pub use objective::Objective;
pub use order::Kind;
pub use statistics::Statistics;
pub use sums::Sum;
pub use text::{Compression, Count, Feature, ParseErrorKind, ReadError, WriteError};
pub use xors::Xor;

#[allow(unused_imports)] // where there is no backend that computes with rationals
pub(crate) use check::rational;
#[allow(unused_imports)] // until the solver uses it
pub(crate) use lower::{Lowering, Target};
pub(crate) use numbers::Linears;
pub(crate) use sums::Sums;
pub(crate) use xors::Xors;

use crate::error::OutOfMemory;
use names::Names;
use order::Order;
use sums::Rows;

/// The largest variable. Twice a variable plus one still fits a DIMACS integer.
pub const MAX_VAR: u32 = (1 << 30) - 1;

/// The place of a constraint in its formula: 0 for the first one added, and so on. Never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConstraintId(pub u64);

/// A conjunction of constraints.
#[derive(Debug)]
pub struct Formula {
    num_vars: u32,
    clauses: Clauses,
    xors: Xors,
    cardinalities: Sums,
    pseudo_booleans: Sums,
    linears: Linears,
    order: Order,
    domains: Vec<Domain>,
    names: Names,
    sampling_set: Option<Vec<u32>>,
    objective: Option<Objective>,
    memory_limit: u64,
    /// Bytes held beside the clauses.
    beside: u64,
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
        Formula::from_clauses(0, Clauses::new())
    }

    /// A formula of clauses, none of which has a variable beyond `num_vars`.
    pub(crate) fn from_clauses(num_vars: u32, clauses: Clauses) -> Self {
        Formula {
            num_vars,
            clauses,
            xors: Xors::default(),
            cardinalities: Sums::default(),
            pseudo_booleans: Sums::default(),
            linears: Linears::default(),
            order: Order::default(),
            domains: Vec::new(),
            names: Names::default(),
            sampling_set: None,
            objective: None,
            memory_limit: u64::MAX,
            beside: 0,
        }
    }

    /// A copy that shares nothing with this one.
    pub fn try_clone(&self) -> Result<Self, FormulaError> {
        let mut copy = Formula {
            num_vars: self.num_vars,
            clauses: self.clauses.try_clone()?,
            xors: self.xors.try_clone()?,
            cardinalities: self.cardinalities.try_clone()?,
            pseudo_booleans: self.pseudo_booleans.try_clone()?,
            linears: self.linears.try_clone()?,
            order: self.order.try_clone()?,
            domains: arrays::try_clone(&self.domains)?,
            names: self.names.try_clone()?,
            sampling_set: self.sampling_set.as_deref().map(arrays::try_clone).transpose()?,
            objective: self.objective.as_ref().map(Objective::try_clone).transpose()?,
            memory_limit: self.memory_limit,
            beside: 0,
        };
        copy.weigh(); // not what the original holds, which may have grown in steps
        Ok(copy)
    }

    /// Bytes that the formula may hold from now on.
    pub fn set_memory_limit(&mut self, bytes: u64) {
        self.memory_limit = bytes;
    }

    /// Bytes that the formula may hold; `u64::MAX` where there is no limit.
    #[must_use]
    pub fn memory_limit(&self) -> u64 {
        self.memory_limit
    }

    /// Bytes held.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.clauses.bytes() + self.beside
    }

    /// Sums up what is held beside the clauses.
    fn weigh(&mut self) {
        self.beside = self.xors.bytes()
            + self.cardinalities.bytes()
            + self.pseudo_booleans.bytes()
            + self.linears.bytes()
            + self.order.bytes()
            + arrays::bytes(&self.domains)
            + self.names.bytes()
            + self.sampling_set.as_ref().map_or(0, arrays::bytes)
            + self.objective_bytes();
    }

    /// Bytes that a part which holds `part` now may hold.
    fn room(&self, part: u64) -> u64 {
        self.memory_limit.saturating_sub(self.bytes() - part)
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
        let room = self.room(self.names.bytes());
        let set = self.names.set(variable, name, room);
        self.weigh();
        set
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

    /// Bytes that the names hold.
    fn names_bytes(&self) -> u64 {
        self.names.bytes()
    }

    /// Takes the names of another formula over, whose variables exist here too, in place of its own.
    fn take_names(&mut self, from: &Formula) -> Result<(), OutOfMemory> {
        self.names = from.names.try_clone()?;
        self.weigh();
        Ok(())
    }

    fn variable(&self, variable: u32) -> Result<(), FormulaError> {
        if variable == 0 || variable > self.num_vars {
            return Err(FormulaError::Variable { variable, num_vars: self.num_vars });
        }
        Ok(())
    }

    /// Declares the variables whose values make a witness: what samplers, counters and enumeration project on. `None`
    /// where all do.
    pub fn set_sampling_set(&mut self, variables: Option<&[u32]>) -> Result<(), FormulaError> {
        let mut set = None;
        if let Some(variables) = variables {
            variables.iter().try_for_each(|&v| self.variable(v))?;
            let bytes = size_of_val(variables) as u64;
            let limit = self.room(self.sampling_set.as_ref().map_or(0, arrays::bytes));
            if bytes > limit {
                return Err(OutOfMemory::Limit { bytes, limit }.into());
            }
            let mut sorted = arrays::try_clone(variables)?;
            sorted.sort_unstable();
            sorted.dedup();
            set = Some(sorted);
        }
        self.sampling_set = set;
        self.weigh();
        Ok(())
    }

    /// The sampling set, sorted, where one was declared.
    #[must_use]
    pub fn sampling_set(&self) -> Option<&[u32]> {
        self.sampling_set.as_deref()
    }

    /// A fresh number; the first one is 0.
    pub fn new_number(&mut self, domain: Domain) -> Result<u32, FormulaError> {
        self.new_numbers(&[domain])
    }

    /// Fresh numbers; the first of them is answered, the others follow it.
    pub fn new_numbers(&mut self, domains: &[Domain]) -> Result<u32, FormulaError> {
        let first = self.num_numbers();
        for (index, &domain) in domains.iter().enumerate() {
            if let Some(why) = domain.wrong() {
                return Err(FormulaError::Domain { domain, index, why });
            }
        }
        let asked = u64::from(first) + domains.len() as u64;
        if asked > u64::from(MAX_VAR) {
            return Err(FormulaError::TooManyNumbers { asked });
        }
        let room = self.room(arrays::bytes(&self.domains));
        let reserved = arrays::reserve(&mut self.domains, domains.len(), room);
        if reserved.is_ok() {
            self.domains.extend_from_slice(domains);
        }
        self.weigh();
        reserved?;
        Ok(first)
    }

    /// How many numbers there are.
    #[must_use]
    pub fn num_numbers(&self) -> u32 {
        self.domains.len() as u32 // at most MAX_VAR
    }

    /// The domains of all numbers.
    #[must_use]
    pub fn domains(&self) -> &[Domain] {
        &self.domains
    }

    /// Adds the disjunction of `literals`; without literals that is a contradiction. Variables that do not exist
    /// yet come into being.
    pub fn add_clause(&mut self, literals: &[i32]) -> Result<ConstraintId, FormulaError> {
        let max = max_variable(literals)?;
        let total = self.num_constraints();
        self.reserve_order(Kind::Clause)?;
        let index = self.clauses.push(literals, self.memory_limit.saturating_sub(self.beside))?;
        Ok(self.note(Kind::Clause, total, index, max))
    }

    /// Adds many clauses at once: clause `i` is `literals[offsets[i]..offsets[i + 1]]`. The first id is answered,
    /// the others follow it. All are added or none.
    pub fn add_clauses(&mut self, literals: &[i32], offsets: &[usize]) -> Result<ConstraintId, FormulaError> {
        clauses::check_offsets("literals", literals.len(), offsets)?;
        let max = max_variable(literals)?;
        let total = self.num_constraints();
        if offsets.len() == 1 {
            return Ok(ConstraintId(total));
        }
        self.reserve_order(Kind::Clause)?;
        let index = self.clauses.push_many(literals, offsets, self.memory_limit.saturating_sub(self.beside))?;
        Ok(self.note(Kind::Clause, total, index, max))
    }

    /// Adds literal₁ ⊕ … ⊕ literalₙ = `rhs`; without literals that is a contradiction where `rhs` is true.
    pub fn add_xor(&mut self, literals: &[i32], rhs: bool) -> Result<ConstraintId, FormulaError> {
        self.add_xors(literals, &[0, literals.len()], &[rhs])
    }

    /// Adds many parities at once: number `i` is over `literals[offsets[i]..offsets[i + 1]]` and equals `rhs[i]`. The
    /// first id is answered, the others follow it. All are added or none.
    pub fn add_xors(
        &mut self,
        literals: &[i32],
        offsets: &[usize],
        rhs: &[bool],
    ) -> Result<ConstraintId, FormulaError> {
        clauses::check_offsets("literals", literals.len(), offsets)?;
        let max = max_variable(literals)?;
        if rhs.len() + 1 != offsets.len() {
            return Err(FormulaError::Length { what: "right-hand sides", given: rhs.len(), needed: offsets.len() - 1 });
        }
        self.append(Kind::Xor, max, rhs.len(), |f, room| Ok(f.xors.push(literals, offsets, rhs, room)?))
    }

    /// Adds Σ literals ≥ `bound`, where the condition says so. A literal may occur more than once and then counts as
    /// often; at most `k` literals are true exactly where at least `n - k` of their negations are.
    pub fn add_cardinality(
        &mut self,
        literals: &[i32],
        bound: i64,
        condition: Condition,
    ) -> Result<ConstraintId, FormulaError> {
        self.add_cardinalities(literals, &[0, literals.len()], &[bound], &[condition])
    }

    /// Adds many cardinality constraints at once: number `i` is over `literals[offsets[i]..offsets[i + 1]]`, with
    /// `bounds[i]` and `conditions[i]`; no conditions at all mean that every one is plain. The first id is answered, the
    /// others follow it. All are added or none.
    pub fn add_cardinalities(
        &mut self,
        literals: &[i32],
        offsets: &[usize],
        bounds: &[i64],
        conditions: &[Condition],
    ) -> Result<ConstraintId, FormulaError> {
        self.add_sums(Kind::Cardinality, Rows { literals, weights: None, offsets, bounds, conditions })
    }

    /// Adds Σ `weights[i]`·`literals[i]` ≥ `bound`, where the condition says so. Weights may be negative or 0, a literal
    /// may occur more than once. The magnitudes of weights and bound must add up to less than 2^63.
    pub fn add_pseudo_boolean(
        &mut self,
        literals: &[i32],
        weights: &[i64],
        bound: i64,
        condition: Condition,
    ) -> Result<ConstraintId, FormulaError> {
        self.add_pseudo_booleans(literals, weights, &[0, literals.len()], &[bound], &[condition])
    }

    /// Adds many pseudo-Boolean constraints at once, as [`Formula::add_cardinalities`] does, with a weight a literal.
    pub fn add_pseudo_booleans(
        &mut self,
        literals: &[i32],
        weights: &[i64],
        offsets: &[usize],
        bounds: &[i64],
        conditions: &[Condition],
    ) -> Result<ConstraintId, FormulaError> {
        self.add_sums(Kind::PseudoBoolean, Rows { literals, weights: Some(weights), offsets, bounds, conditions })
    }

    fn add_sums(&mut self, kind: Kind, rows: Rows<'_>) -> Result<ConstraintId, FormulaError> {
        rows.check()?;
        let max = max_variable(rows.literals)?.max(max_condition(rows.conditions)?);
        self.append(kind, max, rows.bounds.len(), |f, room| {
            let sums = if kind == Kind::Cardinality { &mut f.cardinalities } else { &mut f.pseudo_booleans };
            sums.reserve(&rows, room)?;
            Ok(sums.push(&rows)?)
        })
    }

    /// Adds a linear constraint.
    pub fn add_linear(&mut self, row: Linear<'_>) -> Result<ConstraintId, FormulaError> {
        self.add_linears(&LinearRows {
            numbers: row.numbers,
            coefficients: row.coefficients,
            number_offsets: &[0, row.numbers.len()],
            literals: row.literals,
            weights: row.weights,
            literal_offsets: &[0, row.literals.len()],
            relations: &[row.relation],
            rhs: &[row.rhs],
            conditions: &[row.condition],
        })
    }

    /// Adds many linear constraints at once. The first id is answered, the others follow it. All are added or none.
    pub fn add_linears(&mut self, rows: &LinearRows<'_>) -> Result<ConstraintId, FormulaError> {
        rows.check(self.num_numbers())?;
        let max = max_variable(rows.literals)?.max(max_condition(rows.conditions)?);
        self.append(Kind::Linear, max, rows.rhs.len(), |f, room| f.linears.push(rows, room))
    }

    /// Appends `count` constraints of a kind that is not clauses. `push` gets the bytes that their part may hold.
    fn append(
        &mut self,
        kind: Kind,
        max: u32,
        count: usize,
        push: impl FnOnce(&mut Self, u64) -> Result<(), FormulaError>,
    ) -> Result<ConstraintId, FormulaError> {
        let total = self.num_constraints();
        if count == 0 {
            return Ok(ConstraintId(total));
        }
        self.reserve_order(kind)?;
        let (index, bytes) = match kind {
            Kind::Clause => (self.clauses.len(), self.clauses.bytes()),
            Kind::Xor => (self.xors.len(), self.xors.bytes()),
            Kind::Cardinality => (self.cardinalities.len(), self.cardinalities.bytes()),
            Kind::PseudoBoolean => (self.pseudo_booleans.len(), self.pseudo_booleans.bytes()),
            Kind::Linear => (self.linears.len(), self.linears.bytes()),
        };
        let room = self.room(bytes);
        let pushed = push(self, room);
        self.weigh();
        pushed?;
        Ok(self.note(kind, total, index as u64, max))
    }

    /// Room for a change of kinds.
    #[inline]
    fn reserve_order(&mut self, kind: Kind) -> Result<(), FormulaError> {
        let before = self.order.bytes();
        self.order.reserve(kind, self.memory_limit.saturating_sub(self.bytes() - before))?;
        self.beside += self.order.bytes() - before;
        Ok(())
    }

    #[inline]
    fn note(&mut self, kind: Kind, total: u64, index: u64, max: u32) -> ConstraintId {
        self.order.note(kind, total, index);
        self.num_vars = self.num_vars.max(max);
        ConstraintId(total)
    }

    /// The parities, in the order in which they were added.
    pub(crate) fn xors(&self) -> &Xors {
        &self.xors
    }

    /// The cardinality constraints, in the order in which they were added.
    pub(crate) fn cardinalities(&self) -> &Sums {
        &self.cardinalities
    }

    /// The pseudo-Boolean constraints, in the order in which they were added.
    pub(crate) fn pseudo_booleans(&self) -> &Sums {
        &self.pseudo_booleans
    }

    /// The linear constraints, in the order in which they were added.
    pub(crate) fn linears(&self) -> &Linears {
        &self.linears
    }

    /// The clauses, in the order in which they were added.
    #[must_use]
    pub fn clauses(&self) -> &Clauses {
        &self.clauses
    }

    /// The literals of clause `id`, as written; `None` where `id` is no clause.
    #[must_use]
    pub fn clause(&self, id: ConstraintId) -> Option<&[i32]> {
        match self.constraint(id) {
            Some(Constraint::Clause(literals)) => Some(literals),
            _ => None,
        }
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

/// The largest variable of conditions, 0 where there are none; the first bad literal is an error.
fn max_condition(conditions: &[Condition]) -> Result<u32, FormulaError> {
    let mut max = 0;
    for (index, condition) in conditions.iter().enumerate() {
        let Some(literal) = condition.literal() else { continue };
        max = max.max(max_variable(&[literal]).map_err(|_| FormulaError::Literal { literal, index })?);
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
