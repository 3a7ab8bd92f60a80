//! A formula as local search sees it: clauses, parities and weighted sums over variables 0, 1, 2 …, and where each
//! literal occurs.
//!
//! Sums come in normal form (`formula::lower`), integers as literals. A condition is a term of its own: where c implies
//! Σ ≥ b, Σ + b·¬c ≥ b; so all constraints are plain, and a reified one is two.
//!
//! Memory: 4 bytes a literal of a clause and 4 where it occurs, 8 a literal of the problem, 12 to 20 a literal of a
//! parity or a sum.

use std::ops::Range;

use super::SearchError;
use crate::budget::Budget;
use crate::error::OutOfMemory;
use crate::formula::lower::{LowerError, Lowering, Target};
use crate::formula::{Condition, ConstraintId, Formula, MAX_VAR};

/// A literal: twice its variable, and one more where it is negated.
pub(super) type Literal = u32;

/// The variable of a literal.
#[inline]
pub(super) fn variable(literal: Literal) -> u32 {
    literal >> 1
}

/// Rows of different lengths, one after the other.
#[derive(Debug)]
pub(super) struct Rows<T> {
    starts: Vec<u32>,
    items: Vec<T>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Rows { starts: vec![0], items: Vec::new() }
    }
}

impl<T> Rows<T> {
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    #[inline]
    pub fn range(&self, row: usize) -> Range<usize> {
        self.starts[row] as usize..self.starts[row + 1] as usize
    }

    #[inline]
    pub fn row(&self, row: usize) -> &[T] {
        &self.items[self.range(row)]
    }

    fn push(&mut self, items: impl ExactSizeIterator<Item = T>) -> Result<(), LowerError> {
        let refused = |bytes: usize| OutOfMemory::Allocator { bytes: bytes as u64 };
        self.items.try_reserve(items.len()).map_err(|_| refused(items.len() * size_of::<T>()))?;
        self.starts.try_reserve(1).map_err(|_| refused(size_of::<u32>()))?;
        self.items.extend(items);
        let end = u32::try_from(self.items.len()).map_err(|_| OutOfMemory::Limit {
            bytes: self.items.len() as u64 * size_of::<T>() as u64,
            limit: u64::from(u32::MAX) * size_of::<T>() as u64,
        })?;
        self.starts.push(end);
        Ok(())
    }

    /// Rows by key of entries that come in any order, each row in the order in which they come; they come twice.
    fn by_key(keys: usize, entries: impl Iterator<Item = (u32, T)> + Clone) -> Result<Self, OutOfMemory>
    where
        T: Copy + Default,
    {
        let refused = |bytes: usize| OutOfMemory::Allocator { bytes: bytes as u64 };
        let mut starts: Vec<u32> = Vec::new();
        starts.try_reserve_exact(keys + 2).map_err(|_| refused(4 * (keys + 2)))?;
        starts.resize(keys + 2, 0);
        for (key, _) in entries.clone() {
            starts[key as usize + 2] += 1;
        }
        for key in 2..keys + 2 {
            starts[key] += starts[key - 1];
        }
        let total = starts[keys + 1] as usize;
        let mut items = Vec::new();
        items.try_reserve_exact(total).map_err(|_| refused(total * size_of::<T>()))?;
        items.resize(total, T::default());
        // The start of each row runs up to its end, where the next one starts.
        for (key, entry) in entries {
            let start = &mut starts[key as usize + 1];
            items[*start as usize] = entry;
            *start += 1;
        }
        starts.pop();
        Ok(Rows { starts, items })
    }

    fn bytes(&self) -> u64 {
        (self.starts.capacity() * size_of::<u32>() + self.items.capacity() * size_of::<T>()) as u64
    }
}

/// What is searched. Constraints are counted through: clauses, then parities, then sums.
#[derive(Debug, Default)]
pub(super) struct Problem {
    pub num_vars: u32,
    /// No two literals of a clause have the same variable.
    pub clauses: Rows<Literal>,
    /// Of each clause, where all have as many literals.
    pub length: Option<u32>,
    /// Variables of parities, and what they must add up to.
    pub xors: Rows<u32>,
    pub odd: Vec<bool>,
    /// Terms of sums, whose weights are positive; and what they must come to at least.
    pub sums: Rows<(u32, i64)>,
    pub bounds: Vec<i64>,
    /// The largest weight of each sum.
    pub heaviest: Vec<i64>,
    /// By literal.
    pub in_clauses: Rows<u32>,
    pub in_sums: Rows<(u32, i64)>,
    /// By variable.
    pub in_xors: Rows<u32>,
    /// A constraint that nothing satisfies was met.
    pub refuted: bool,
    /// What the formula's integers are.
    lowering: Lowering,
    scratch: Vec<Literal>,
    terms: Vec<(Literal, i64)>,
    /// The constraint that is being taken up.
    current: u64,
}

impl Problem {
    /// The formula's variables come first, then those of its integers.
    pub fn new(formula: &Formula, budget: &Budget) -> Result<Self, SearchError> {
        let mut problem = Problem { num_vars: formula.num_vars(), ..Problem::default() };
        let mut lowering = Lowering::new();
        lowering.set_memory_limit(budget.memory());
        let look = 1 << 12;
        for &domain in formula.domains() {
            budget.check()?;
            lowering.number(domain, &mut problem)?;
        }
        for (id, constraint) in (0..).zip(formula.constraints()) {
            if id % look == 0 {
                budget.check()?;
                problem.within(budget.memory())?;
            }
            problem.current = id;
            lowering.add(constraint, ConstraintId(id), |literal| literal, &mut problem)?;
        }
        problem.lowering = lowering;
        problem.join()?;
        problem.within(budget.memory())?;
        Ok(problem)
    }

    /// The value of an integer of the formula.
    pub fn number(&self, number: u32, holds: impl Fn(Literal) -> bool) -> i64 {
        self.lowering.value(number, |literal| holds(of(literal)))
    }

    /// How many constraints there are.
    pub fn num_constraints(&self) -> usize {
        self.clauses.len() + self.xors.len() + self.sums.len()
    }

    /// Whether there are other constraints than clauses.
    #[inline]
    pub fn is_mixed(&self) -> bool {
        self.clauses.len() < self.num_constraints()
    }

    /// The literals of a clause.
    #[inline]
    pub fn clause(&self, index: usize) -> &[Literal] {
        match self.length {
            // No look at where it starts, which may not be near.
            Some(length) => &self.clauses.items[index * length as usize..(index + 1) * length as usize],
            None => self.clauses.row(index),
        }
    }

    pub fn bytes(&self) -> u64 {
        let lists = self.odd.capacity() + 8 * (self.bounds.capacity() + self.heaviest.capacity());
        self.clauses.bytes()
            + self.xors.bytes()
            + self.sums.bytes()
            + self.in_clauses.bytes()
            + self.in_sums.bytes()
            + self.in_xors.bytes()
            + lists as u64
    }

    fn within(&self, limit: u64) -> Result<(), OutOfMemory> {
        let bytes = self.bytes();
        if bytes > limit { Err(OutOfMemory::Limit { bytes, limit }) } else { Ok(()) }
    }

    /// Finds out where literals occur.
    fn join(&mut self) -> Result<(), OutOfMemory> {
        fn entries<T>(rows: &Rows<T>) -> impl Iterator<Item = (u32, &T)> + Clone {
            (0..rows.len()).flat_map(|row| rows.row(row).iter().map(move |item| (row as u32, item)))
        }
        if u32::try_from(self.num_constraints()).is_err() {
            // They are counted in 32 bits; each takes four bytes at least.
            let (bytes, limit) = (4 * self.num_constraints() as u64, 4 * u64::from(u32::MAX));
            return Err(OutOfMemory::Limit { bytes, limit });
        }
        let literals = 2 * self.num_vars as usize;
        self.in_clauses = Rows::by_key(literals, entries(&self.clauses).map(|(clause, &literal)| (literal, clause)))?;
        self.in_xors =
            Rows::by_key(self.num_vars as usize, entries(&self.xors).map(|(xor, &variable)| (variable, xor)))?;
        let of_sums = entries(&self.sums).map(|(sum, &(literal, weight))| (literal, (sum, weight)));
        self.in_sums = Rows::by_key(literals, of_sums)?;
        let length = |index: usize| self.clauses.row(index).len();
        if self.clauses.len() > 0 && (1..self.clauses.len()).all(|index| length(index) == length(0)) {
            self.length = Some(length(0) as u32);
        }
        self.scratch = Vec::new();
        self.terms = Vec::new();
        Ok(())
    }

    fn sum(&mut self, bound: i64, condition: Condition) -> Result<(), LowerError> {
        match condition {
            Condition::Plain => {}
            Condition::Implied(literal) => self.terms.push((of(-literal), bound)),
            Condition::Reified(literal) => {
                // Where it is false, the sum is less than the bound: the false literals weigh more than the others leave.
                let own = std::mem::take(&mut self.terms);
                self.terms.extend(own.iter().map(|&(l, w)| (l ^ 1, w)));
                let total: i64 = own.iter().map(|&(_, w)| w).sum();
                let least = total - bound + 1;
                self.terms.push((of(literal), least));
                self.sum(least, Condition::Plain)?;
                self.terms = own;
                self.terms.push((of(-literal), bound));
            }
        }
        if self.terms.iter().try_fold(0i64, |sum, &(_, weight)| sum.checked_add(weight)).is_none() {
            let why = "in a local search the weights of a sum, and its bound where it has a condition, must add up to less than 2^63";
            return Err(LowerError::Unsupported { id: ConstraintId(self.current), why });
        }
        self.heaviest.push(self.terms.iter().map(|&(_, weight)| weight).max().unwrap_or(1));
        self.bounds.push(bound);
        let pushed = self.sums.push(self.terms.iter().copied());
        self.terms.clear();
        pushed
    }
}

fn of(literal: i32) -> Literal {
    2 * (literal.unsigned_abs() - 1) + u32::from(literal < 0)
}

impl Target for Problem {
    fn fresh(&mut self) -> Result<i32, LowerError> {
        if self.num_vars >= MAX_VAR {
            return Err(LowerError::TooManyVariables);
        }
        self.num_vars += 1;
        Ok(self.num_vars.cast_signed())
    }

    fn clause(&mut self, literals: &[i32]) -> Result<(), LowerError> {
        self.scratch.clear();
        self.scratch.extend(literals.iter().map(|&l| of(l)));
        self.scratch.sort_unstable();
        self.scratch.dedup();
        if self.scratch.is_empty() {
            self.refuted = true;
            return Ok(());
        }
        if self.scratch.windows(2).any(|pair| pair[0] ^ 1 == pair[1]) {
            return Ok(());
        }
        self.clauses.push(self.scratch.drain(..))
    }

    fn xor(&mut self, literals: &[i32], rhs: bool) -> Result<(), LowerError> {
        self.odd.push(rhs);
        self.xors.push(literals.iter().map(|&l| l.unsigned_abs() - 1))
    }

    fn cardinality(&mut self, literals: &[i32], bound: i64, condition: Condition) -> Result<(), LowerError> {
        self.terms.clear();
        self.terms.extend(literals.iter().map(|&l| (of(l), 1)));
        self.sum(bound, condition)
    }

    fn pseudo_boolean(
        &mut self,
        literals: &[i32],
        weights: &[i64],
        bound: i64,
        condition: Condition,
    ) -> Result<(), LowerError> {
        self.terms.clear();
        self.terms.extend(literals.iter().zip(weights).map(|(&l, &w)| (of(l), w)));
        self.sum(bound, condition)
    }
}
