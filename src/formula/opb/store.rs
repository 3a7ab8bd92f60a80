//! From sums to constraints: what each is stored as, and which two become one.

use super::row::{Outline, Row, flipped};
use crate::formula::{Condition, Formula, FormulaError, Relation, arrays};

/// A weight made positive, with its variable, its sign and where it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Term {
    variable: u32,
    positive: bool,
    weight: u64,
    index: usize,
}

/// A formula that grows, and a constraint which the next one may complete.
#[derive(Debug)]
pub(super) struct Store {
    pub formula: Formula,
    /// Half of a reified constraint, perhaps.
    waiting: Row,
    outline: Option<Outline>,
    /// Scratch: the terms of two rows.
    terms: [Vec<Term>; 2],
    /// Scratch: literals and weights of what is added.
    literals: Vec<i32>,
    weights: Vec<i64>,
    /// Bytes that all of it may hold.
    most: u64,
}

impl Store {
    pub fn new() -> Self {
        Store {
            formula: Formula::new(),
            waiting: Row::default(),
            outline: None,
            terms: [Vec::new(), Vec::new()],
            literals: Vec::new(),
            weights: Vec::new(),
            most: u64::MAX,
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        self.formula.bytes() + self.beside()
    }

    fn beside(&self) -> u64 {
        self.waiting.bytes()
            + arrays::bytes(&self.terms[0])
            + arrays::bytes(&self.terms[1])
            + arrays::bytes(&self.literals)
            + arrays::bytes(&self.weights)
    }

    /// Bytes that may be held from now on, what is handed in not counted.
    pub fn set_limit(&mut self, bytes: u64) {
        self.most = bytes;
    }

    /// Bytes that a part may hold which holds `part` now.
    fn room(&self, part: u64) -> u64 {
        self.most.saturating_sub(self.bytes() - part)
    }

    /// A sum is to become least.
    pub fn minimize(&mut self, row: &Row) -> Result<(), FormulaError> {
        self.formula.set_memory_limit(self.most.saturating_sub(self.beside()));
        self.formula.set_objective(&row.literals, &row.weights, 0)
    }

    /// Adds a constraint. `row` is scratch afterwards.
    pub fn add(&mut self, row: &mut Row, relation: Relation) -> Result<(), FormulaError> {
        match relation {
            Relation::Equal => {
                self.flush()?;
                self.single(row, row.outline(), 0)?;
                row.negate();
                self.single(row, row.outline(), 0)
            }
            Relation::AtMost => {
                row.negate();
                self.at_least(row)
            }
            _ => self.at_least(row),
        }
    }

    fn at_least(&mut self, row: &mut Row) -> Result<(), FormulaError> {
        let outline = row.outline();
        if let Some(first) = self.outline
            && self.pair(first, row, outline)?
        {
            self.outline = None;
            return Ok(());
        }
        self.flush()?;
        if outline.guarded && !outline.zeros && outline.bound > 0 {
            std::mem::swap(&mut self.waiting, row);
            self.outline = Some(outline);
            Ok(())
        } else {
            self.single(row, outline, 0)
        }
    }

    /// Stores the constraint that waits, if there is one.
    pub fn flush(&mut self) -> Result<(), FormulaError> {
        let Some(outline) = self.outline.take() else { return Ok(()) };
        let waiting = std::mem::take(&mut self.waiting);
        let stored = self.single(&waiting, outline, waiting.bytes());
        self.waiting = waiting;
        stored
    }

    /// A constraint by itself, which holds `held` bytes that nobody else counts.
    fn single(&mut self, row: &Row, outline: Outline, held: u64) -> Result<(), FormulaError> {
        let guard = match outline.heavy {
            0 => None,
            // Enough by itself, so where it is true nothing is asked of the others.
            1 if outline.light > 0 && i128::from(row.weights[outline.last_heavy].unsigned_abs()) == outline.bound => {
                Some(outline.last_heavy)
            }
            _ => {
                self.formula.set_memory_limit(self.most.saturating_sub(self.beside() + held));
                let bound = row.bound;
                self.formula.add_pseudo_boolean(&row.literals, &row.weights, bound, Condition::Plain)?;
                return Ok(());
            }
        };
        self.literals.clear();
        let room = self.room(arrays::bytes(&self.literals)).saturating_sub(held);
        arrays::reserve(&mut self.literals, row.literals.len(), room)?;
        for (index, (weight, literal)) in row.terms().enumerate() {
            if weight != 0 && Some(index) != guard {
                self.literals.push(flipped(literal, weight));
            }
        }
        self.formula.set_memory_limit(self.most.saturating_sub(self.beside() + held));
        let bound = i64::try_from(outline.bound).map_err(|_| FormulaError::Overflow { row: 0 })?;
        match guard {
            None if bound == 1 => self.formula.add_clause(&self.literals)?,
            None => self.formula.add_cardinality(&self.literals, bound, Condition::Plain)?,
            Some(index) => {
                let condition = Condition::Implied(-flipped(row.literals[index], row.weights[index]));
                self.formula.add_cardinality(&self.literals, bound, condition)?
            }
        };
        Ok(())
    }

    /// Whether the constraint that waits and `row` are the halves of a reified one, which then is added.
    fn pair(&mut self, first: Outline, row: &Row, second: Outline) -> Result<bool, FormulaError> {
        // Without the guards the weights of both add up to the same.
        let rest = |row: &Row, outline: Outline| i128::from(row.magnitude) - outline.bound;
        let total = rest(&self.waiting, first);
        let fits = second.guarded
            && !second.zeros
            && second.bound > 0
            && row.literals.len() == self.waiting.literals.len()
            && rest(row, second) == total
            && first.bound + second.bound == total + 1
            && first.checksum.wrapping_add(second.checksum) == 0
            // l ↔ r in two clauses.
            && first.bound + second.bound > 2;
        if !fits {
            return Ok(false);
        }
        self.sort(row)?;
        let Some(guard) = self.guard(first.bound, second.bound) else { return Ok(false) };
        self.reify(guard, first)?;
        Ok(true)
    }

    /// The terms of the constraint that waits and of `row`, by variable.
    fn sort(&mut self, row: &Row) -> Result<(), FormulaError> {
        let count = row.literals.len();
        for terms in 0..2 {
            self.terms[terms].clear();
            let room = self.room(arrays::bytes(&self.terms[terms]));
            arrays::reserve(&mut self.terms[terms], count, room)?;
        }
        for (terms, row) in self.terms.iter_mut().zip([&self.waiting, row]) {
            let term = |(index, (weight, literal)): (usize, (i64, i32))| Term {
                variable: literal.unsigned_abs(),
                positive: flipped(literal, weight) > 0,
                weight: weight.unsigned_abs(),
                index,
            };
            terms.extend(row.terms().enumerate().map(term));
            terms.sort_unstable();
        }
        Ok(())
    }

    /// Which term of the constraint that waits is the guard. Both have the same distinct variables with opposite signs,
    /// and the same weights but for the guard's, which is the bound; otherwise there is none.
    fn guard(&self, first: i128, second: i128) -> Option<usize> {
        let [own, others] = &self.terms;
        if own.windows(2).any(|pair| pair[0].variable == pair[1].variable) {
            return None;
        }
        let mut different = None;
        // The last one written where several would do.
        let mut same: Option<usize> = None;
        for (a, b) in own.iter().zip(others) {
            if a.variable != b.variable || a.positive == b.positive {
                return None;
            }
            let is_guard = i128::from(a.weight) == first && i128::from(b.weight) == second;
            if a.weight != b.weight {
                if different.is_some() || !is_guard {
                    return None;
                }
                different = Some(a.index);
            } else if is_guard {
                same = same.max(Some(a.index));
            }
        }
        different.or(same)
    }

    /// Adds ¬guard ↔ the rest of the constraint that waits.
    fn reify(&mut self, guard: usize, outline: Outline) -> Result<(), FormulaError> {
        let count = self.waiting.literals.len();
        self.literals.clear();
        self.weights.clear();
        let room = self.room(arrays::bytes(&self.literals));
        arrays::reserve(&mut self.literals, count, room)?;
        let room = self.room(arrays::bytes(&self.weights));
        arrays::reserve(&mut self.weights, count, room)?;
        for (index, (weight, literal)) in self.waiting.terms().enumerate() {
            if index != guard {
                self.literals.push(flipped(literal, weight));
                self.weights.push(weight.abs());
            }
        }
        let bound = i64::try_from(outline.bound).map_err(|_| FormulaError::Overflow { row: 0 })?;
        let condition = Condition::Reified(-flipped(self.waiting.literals[guard], self.waiting.weights[guard]));
        self.formula.set_memory_limit(self.most.saturating_sub(self.beside()));
        if self.weights.iter().all(|&w| w == 1) {
            self.formula.add_cardinality(&self.literals, bound, condition)?;
        } else {
            self.formula.add_pseudo_boolean(&self.literals, &self.weights, bound, condition)?;
        }
        Ok(())
    }
}
