//! Formulas as rows over numbers between bounds, some of them integers.
//!
//! Every row follows from the formula: where a coefficient cannot be written down exactly, the row allows a little more. What
//! the rows rule out the formula rules out; that a point meets the rows says nothing yet about the formula.
//!
//! Columns are the formula's variables, 0 or 1, then its numbers, then a counter for each parity (half of how many of its
//! literals are true).

use std::collections::{HashMap, HashSet};

use super::MilpError;
use crate::bounds::{down, up};
use crate::budget::Budget;
use crate::formula::{Condition, Constraint, Domain, Formula, Relation};

/// Constraints between two questions to the budget.
const POLL: usize = 256;

/// `row_lower <= A x <= row_upper`, `lower <= x <= upper`.
#[derive(Debug, Clone, Default)]
pub(super) struct Program {
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
    pub is_integer: Vec<bool>,
    pub row_lower: Vec<f64>,
    pub row_upper: Vec<f64>,
    /// Where each row begins; its entries end where the next one's begin.
    pub starts: Vec<i32>,
    pub indices: Vec<i32>,
    pub values: Vec<f64>,
    num_vars: usize,
    bends: Vec<Bend>,
}

/// Two rows that make a number y the larger of 0 and x where a variable a is 0 or 1: `x - y - M a >= -M` and `U a - y >= 0`,
/// where y is not negative and neither has another side. Where x is at least -L, L not negative, and at most V, they hold with L
/// and V in place of M and U too, in a part as in the whole: where a is 0, y is 0 by the second row; where it is 1, y is at most
/// x by the first.
///
/// Source: P. Belotti and others, "On handling indicator constraints in mixed integer programming", Computational
/// Optimization and Applications 65, 2016, section 3 (bounds of indicators tightened node by node).
#[derive(Debug, Clone, Copy)]
pub(super) struct Bend {
    pub x: usize,
    pub y: usize,
    pub phase: usize,
    over: usize,
    /// The entries of the phase.
    at_over: usize,
    at_under: usize,
}

/// A sum of columns and a constant, on its way to a row.
#[derive(Debug, Clone, Default)]
struct Sum {
    terms: Vec<(usize, f64)>,
    /// Between what the constant lies.
    constant: (f64, f64),
}

impl Sum {
    fn add(&mut self, constant: f64) {
        self.constant = (plus(self.constant.0, constant, down), plus(self.constant.1, constant, up));
    }
}

/// Rounded by `round` where it is rounded at all.
fn plus(a: f64, b: f64, round: fn(f64) -> f64) -> f64 {
    let s = a + b;
    let other = s - a;
    if (a - (s - other)) + (b - other) == 0.0 { s } else { round(s) }
}

impl Program {
    /// All constraints of some formulas, the variables and numbers of which are the same ones.
    pub fn new(formulas: &[&Formula], budget: &Budget) -> Result<Self, MilpError> {
        let mut program = Program::default();
        let num_vars = formulas.iter().map(|formula| formula.num_vars()).max().unwrap_or(0) as usize;
        program.num_vars = num_vars;
        for _ in 0..num_vars {
            program.column(0.0, 1.0, true);
        }
        let largest = formulas.iter().max_by_key(|formula| formula.num_numbers());
        for domain in largest.map_or(&[][..], |formula| formula.domains()) {
            match *domain {
                Domain::Real { min, max } => program.column(min, max, false),
                // Up to 2^53, so that all of them are doubles.
                Domain::Integer { min, max } => program.column(min as f64, max as f64, true),
            };
        }
        for formula in formulas {
            for (index, constraint) in formula.constraints().enumerate() {
                if index % POLL == 0 {
                    budget.check()?;
                }
                program.add(constraint)?;
            }
        }
        program.starts.push(program.indices.len() as i32);
        program.find_bends();
        Ok(program)
    }

    /// Rows Σ wᵢ·xᵢ ≥ b over so many columns between 0 and 1.
    #[cfg(feature = "cadical")]
    pub fn of_rows(columns: usize, rows: impl Iterator<Item = (Vec<(usize, f64)>, f64)>) -> Self {
        let mut program = Program::default();
        for _ in 0..columns {
            program.column(0.0, 1.0, false);
        }
        for (entries, bound) in rows {
            program.starts.push(program.indices.len() as i32);
            for (column, value) in entries {
                program.indices.push(column as i32);
                program.values.push(value);
            }
            program.row_lower.push(bound);
            program.row_upper.push(f64::INFINITY);
        }
        program.starts.push(program.indices.len() as i32);
        program
    }

    fn find_bends(&mut self) {
        // Rows with another side would say something else where an entry changes.
        let one_sided = |row: usize| self.row_upper[row] == f64::INFINITY;
        let mut unders = HashMap::new();
        for row in (0..self.rows()).filter(|&row| self.row_lower[row] == 0.0 && one_sided(row)) {
            let begin = self.starts[row] as usize;
            if let [(phase, u), (y, c)] = self.row(row).collect::<Vec<_>>()[..]
                && phase < self.num_vars
                && u > 0.0
                && c == -1.0
                && self.lower[y] >= 0.0
            {
                unders.insert((phase, y), begin);
            }
        }
        let mut seen = HashSet::new();
        for row in 0..self.rows() {
            let (begin, end) = (self.starts[row] as usize, self.starts[row + 1] as usize);
            if end - begin != 3 || !one_sided(row) {
                continue;
            }
            let entries: Vec<(usize, f64)> = self.row(row).collect();
            let [(phase, m), a, b] = entries[..] else { continue };
            let (x, y) = if a.1 == 1.0 { (a, b) } else { (b, a) };
            if phase < self.num_vars
                && m < 0.0
                && self.row_lower[row] == m
                && (x.1, y.1) == (1.0, -1.0)
                && let Some(&at_under) = unders.get(&(phase, y.0))
                && seen.insert(phase)
            {
                let (x, y) = (x.0, y.0);
                self.bends.push(Bend { x, y, phase, over: row, at_over: begin, at_under });
            }
        }
    }

    pub fn bends(&self) -> &[Bend] {
        &self.bends
    }

    /// Has the rows of all bends say what they may say of a part.
    pub fn localise(&mut self, lower: &[f64], upper: &[f64]) {
        for bend in &self.bends {
            let (least, most) = (lower[bend.x].min(0.0), upper[bend.x].max(0.0));
            self.values[bend.at_over] = least;
            self.row_lower[bend.over] = least;
            self.values[bend.at_under] = most;
        }
    }

    fn column(&mut self, lower: f64, upper: f64, is_integer: bool) -> usize {
        self.lower.push(lower);
        self.upper.push(upper);
        self.is_integer.push(is_integer);
        self.lower.len() - 1
    }

    /// The column of a formula's number.
    pub fn number(&self, number: u32) -> usize {
        self.num_vars + number as usize
    }

    pub fn num_vars(&self) -> usize {
        self.num_vars
    }

    pub fn rows(&self) -> usize {
        self.row_lower.len()
    }

    /// The entries of a row.
    pub fn row(&self, row: usize) -> impl Iterator<Item = (usize, f64)> + Clone {
        let range = self.starts[row] as usize..self.starts[row + 1] as usize;
        self.indices[range.clone()].iter().zip(&self.values[range]).map(|(&column, &value)| (column as usize, value))
    }

    fn literal(&self, sum: &mut Sum, literal: i32, weight: f64) {
        let column = literal.unsigned_abs() as usize - 1;
        if literal > 0 {
            sum.terms.push((column, weight));
        } else {
            sum.terms.push((column, -weight));
            sum.add(weight);
        }
    }

    fn add(&mut self, constraint: Constraint<'_>) -> Result<(), MilpError> {
        let mut sum = Sum::default();
        match constraint {
            Constraint::Clause(literals) => {
                literals.iter().for_each(|&l| self.literal(&mut sum, l, 1.0));
                self.at_least(sum, 1.0, Condition::Plain)
            }
            Constraint::Xor(xor) => {
                xor.literals.iter().for_each(|&l| self.literal(&mut sum, l, 1.0));
                let half = self.column(0.0, (xor.literals.len() / 2) as f64, true);
                sum.terms.push((half, -2.0));
                let rhs = f64::from(u8::from(xor.rhs));
                self.at_least(sum.clone(), rhs, Condition::Plain)?;
                self.at_most(sum, rhs, Condition::Plain)
            }
            Constraint::Cardinality(s) | Constraint::PseudoBoolean(s) => {
                // Weights of 64 bits need not be doubles.
                let exact = |value: i64| {
                    let double = value as f64;
                    (double as i64 == value && double.abs() < 9e18).then_some(double).ok_or(MilpError::Weight)
                };
                for (weight, literal) in s.terms() {
                    let weight = exact(weight)?;
                    self.literal(&mut sum, literal, weight);
                }
                let bound = exact(s.bound)?;
                if let Condition::Reified(literal) = s.condition {
                    self.at_most(sum.clone(), exact(s.bound - 1)?, Condition::Implied(-literal))?;
                    return self.at_least(sum, bound, Condition::Implied(literal));
                }
                self.at_least(sum, bound, s.condition)
            }
            Constraint::Linear(row) => {
                for (&number, &c) in row.numbers.iter().zip(row.coefficients) {
                    sum.terms.push((self.number(number), c));
                }
                row.literals.iter().zip(row.weights).for_each(|(&l, &w)| self.literal(&mut sum, l, w));
                // What is strict is checked of points.
                match row.relation {
                    Relation::AtLeast | Relation::Greater => self.at_least(sum, row.rhs, row.condition),
                    Relation::AtMost | Relation::Less => self.at_most(sum, row.rhs, row.condition),
                    Relation::Equal if row.condition == Condition::Plain => {
                        self.merge(&mut sum)?;
                        let lower = plus(row.rhs, -sum.constant.1, down);
                        let upper = plus(row.rhs, -sum.constant.0, up);
                        self.push(&sum, lower, upper)
                    }
                    Relation::Equal => {
                        self.at_least(sum.clone(), row.rhs, row.condition)?;
                        self.at_most(sum, row.rhs, row.condition)
                    }
                }
            }
        }
    }

    fn at_most(&mut self, mut sum: Sum, bound: f64, condition: Condition) -> Result<(), MilpError> {
        sum.terms.iter_mut().for_each(|term| term.1 = -term.1);
        sum.constant = (-sum.constant.1, -sum.constant.0);
        self.at_least(sum, -bound, condition)
    }

    fn at_least(&mut self, mut sum: Sum, bound: f64, condition: Condition) -> Result<(), MilpError> {
        self.merge(&mut sum)?;
        let mut least = plus(bound, -sum.constant.1, down);
        if let Condition::Implied(literal) = condition {
            // Where the literal is false the row says no more than the columns' bounds do.
            let lowest = sum.terms.iter().fold(0.0, |total, &(column, c)| {
                let end = if c > 0.0 { self.lower[column] } else { self.upper[column] };
                down(total + down(c * end))
            });
            let more = up(least - lowest);
            if more <= 0.0 {
                return Ok(());
            }
            // sum - more · [literal] >= least - more
            sum.constant = (0.0, 0.0);
            self.literal(&mut sum, literal, -more);
            self.merge(&mut sum)?;
            least = down(down(least - more) - sum.constant.1);
        }
        self.push(&sum, least, f64::INFINITY)
    }

    /// Puts terms of the same column together.
    fn merge(&self, sum: &mut Sum) -> Result<(), MilpError> {
        sum.terms.sort_by_key(|term| term.0);
        let mut merged: Vec<(usize, f64)> = Vec::with_capacity(sum.terms.len());
        for &(column, c) in &sum.terms {
            match merged.last_mut() {
                Some(last) if last.0 == column => {
                    let (low, high) = (plus(last.1, c, down), plus(last.1, c, up));
                    if low != high {
                        // What is lost goes into the constant.
                        let (l, u) = (self.lower[column], self.upper[column]);
                        let most = up(up(high - low) * l.abs().max(u.abs()));
                        sum.constant = (down(sum.constant.0 - most), up(sum.constant.1 + most));
                    }
                    last.1 = low;
                }
                _ => merged.push((column, c)),
            }
        }
        merged.retain(|term| term.1 != 0.0);
        if merged.iter().any(|term| !term.1.is_finite()) {
            return Err(MilpError::TooLarge);
        }
        sum.terms = merged;
        Ok(())
    }

    fn push(&mut self, sum: &Sum, lower: f64, upper: f64) -> Result<(), MilpError> {
        if i32::try_from(self.indices.len() + sum.terms.len()).is_err() || i32::try_from(self.lower.len()).is_err() {
            return Err(MilpError::TooLarge);
        }
        self.starts.push(self.indices.len() as i32);
        self.indices.extend(sum.terms.iter().map(|term| term.0 as i32));
        self.values.extend(sum.terms.iter().map(|term| term.1));
        self.row_lower.push(lower);
        self.row_upper.push(upper);
        Ok(())
    }
}
