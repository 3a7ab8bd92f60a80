//! A formula's constraints as sums.
//!
//! A condition is a term of its own: where c implies Σ ≥ b, Σ + b·¬c ≥ b, and a reified sum is two of these. Parities become
//! clauses, long ones in pieces that fresh variables join.

use super::Literal;
use super::engine::Engine;
use crate::formula::lower::{LowerError, Target};
use crate::formula::{Condition, Constraint, MAX_VAR};

/// Variables of a piece of a parity.
const PIECE: usize = 4;

/// A literal of the formula's kind.
pub(crate) fn of(literal: i32) -> Literal {
    2 * (literal.unsigned_abs() - 1) + u32::from(literal < 0)
}

impl Engine {
    fn sum(&mut self, literals: &[i32], weight: impl Fn(usize) -> i64 + Copy, bound: i64, condition: Condition) {
        let terms = |flip: u32| literals.iter().enumerate().map(move |(i, &l)| (weight(i).into(), of(l) ^ flip));
        let bound = i128::from(bound);
        match condition {
            Condition::Plain => self.add(terms(0), bound, String::new),
            Condition::Implied(c) => self.add(terms(0).chain([(bound, of(-c))]), bound, String::new),
            Condition::Reified(c) => {
                self.add(terms(0).chain([(bound, of(-c))]), bound, String::new);
                // Where it is false, the sum is less than the bound: the false literals weigh more than the others leave.
                let least = terms(0).map(|(weight, _)| weight).sum::<i128>() - bound + 1;
                self.add(terms(1).chain([(least, of(c))]), least, String::new);
            }
        }
    }

    /// A constraint in the words of OPB (`formula::opb`), the first of which has this number in the proof. Answers how many there
    /// are; `None` where OPB has no words for it.
    pub fn add_written(&mut self, constraint: Constraint<'_>, number: u64) -> Option<u64> {
        let sum = match constraint {
            Constraint::Clause(literals) => {
                self.row(literals.iter().map(|&l| (1, l)).collect(), 1, number);
                return Some(1);
            }
            Constraint::Cardinality(sum) | Constraint::PseudoBoolean(sum) => sum,
            _ => return None,
        };
        let (bound, mut terms) = (i128::from(sum.bound), Vec::with_capacity(sum.literals.len() + 1));
        terms.extend(sum.terms().map(|(weight, l)| (i128::from(weight), l)));
        let least = terms.iter().map(|term| term.0.min(0)).sum::<i128>();
        let most = terms.iter().map(|term| term.0.max(0)).sum::<i128>();
        let Some(condition) = sum.condition.literal() else {
            self.row(terms, bound, number);
            return Some(1);
        };
        let mut below: Vec<(i128, i32)> = Vec::new();
        if let Condition::Reified(_) = sum.condition {
            below.extend(terms.iter().map(|&(weight, l)| (-weight, l)));
            below.push((most - bound + 1, condition));
        }
        terms.push((bound - least, -condition));
        self.row(terms, bound, number);
        if below.is_empty() {
            return Some(1);
        }
        self.row(below, 1 - bound, number + 1);
        Some(2)
    }

    /// What is negative weighs as much of its negation less as much.
    fn row(&mut self, terms: Vec<(i128, i32)>, bound: i128, number: u64) {
        let lifted = bound - terms.iter().map(|term| term.0.min(0)).sum::<i128>();
        let terms = terms.into_iter().filter(|term| term.0 != 0);
        let terms = terms.map(|(weight, l)| (weight.abs(), of(l) ^ u32::from(weight < 0)));
        self.add(terms, lifted, || number.to_string());
    }

    fn parity(&mut self, literals: &[Literal], is_odd: bool) {
        for signs in 0..1u32 << literals.len() {
            // Each assignment with the wrong parity is excluded.
            if (signs.count_ones() % 2 == 1) != is_odd {
                let clause = literals.iter().enumerate().map(|(i, &l)| (1, l ^ (signs >> i & 1)));
                self.add(clause, 1, String::new);
            }
        }
    }
}

impl Target for Engine {
    fn fresh(&mut self) -> Result<i32, LowerError> {
        let next = self.trail.num_vars() + 1;
        if next > MAX_VAR as usize {
            return Err(LowerError::TooManyVariables);
        }
        self.ensure(next);
        Ok(next as i32)
    }

    fn clause(&mut self, literals: &[i32]) -> Result<(), LowerError> {
        let mut literals: Vec<Literal> = literals.iter().map(|&l| of(l)).collect();
        literals.sort_unstable();
        literals.dedup();
        if !literals.windows(2).any(|pair| pair[0] ^ 1 == pair[1]) {
            self.add(literals.into_iter().map(|l| (1, l)), 1, String::new);
        }
        Ok(())
    }

    fn xor(&mut self, literals: &[i32], rhs: bool) -> Result<(), LowerError> {
        let mut rest: Vec<Literal> = literals.iter().map(|&l| of(l)).collect();
        while rest.len() > PIECE {
            let joint = of(self.fresh()?);
            let mut piece: Vec<Literal> = rest.drain(..PIECE - 1).collect();
            piece.push(joint);
            self.parity(&piece, false);
            rest.push(joint);
        }
        self.parity(&rest, rhs);
        Ok(())
    }

    fn cardinality(&mut self, literals: &[i32], bound: i64, condition: Condition) -> Result<(), LowerError> {
        self.sum(literals, |_| 1, bound, condition);
        Ok(())
    }

    fn pseudo_boolean(
        &mut self,
        literals: &[i32],
        weights: &[i64],
        bound: i64,
        condition: Condition,
    ) -> Result<(), LowerError> {
        self.sum(literals, |i| weights[i], bound, condition);
        Ok(())
    }
}
