//! Normal forms: of a weighted sum of literals one with distinct variables and positive weights, as small as rounding
//! makes it; of a parity one over distinct variables without negations.
//!
//! Σ wᵢ·lᵢ ≥ b is merged (duplicates add up, l and ¬l cancel, what is negative is flipped by w·l = w + |w|·¬l), then
//! saturated (no weight exceeds the bound), divided and rounded up (Chvátal and Gomory; the saturated weights, each
//! enough by itself, have no say in the divisor). All steps keep the set of models, so they hold under every condition.
//! Sums that say a disjunction or a conjunction of literals become clauses, those with equal weights cardinality
//! constraints. N. Eén and N. Sörensson, "Translating pseudo-Boolean constraints into SAT", JSAT 2, 2006, section 2.1.
//!
//! A condition whose variable occurs in the sum splits: where c is true the value of its term is known, so
//! c → Σ ≥ b loses that term; c ↔ Σ ≥ b is c → Σ ≥ b and ¬c → Σ < b, each without it.
//!
//! Numbers stay within 64 bits where the magnitudes of the given weights add up to at most 2^63 − 1. Of one variable
//! let A be the sum of the weights of its positive literals, B that of its negated ones. Merged it weighs |A − B| and
//! lowers the bound by min(A, B); |A − B| ≤ |A| + |B| is at most what its weights add up to in magnitude, so the merged
//! weights add up to no more than the given ones. The bound is held in 128 bits until it is known to lie between 1 and
//! the total.
//!
//! Cost: O(n log n) for n literals. The arrays are kept from call to call, so nothing is allocated once they are large
//! enough.

use std::cmp::Reverse;

use num_traits::ToPrimitive;

use super::lower::{LowerError, Target};
use super::{Condition, arrays};
use crate::error::OutOfMemory;

/// Scratch of the normal forms. A constraint is first pushed, then handed on.
#[derive(Debug, Default)]
pub(super) struct Normal {
    /// Weights and literals as given, then merged: by variable, weights positive.
    terms: Vec<(i64, i32)>,
    /// Merged terms while they are saturated, divided and sorted.
    work: Vec<(i64, i32)>,
    literals: Vec<i32>,
    weights: Vec<i64>,
    clause: Vec<i32>,
}

impl Normal {
    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        arrays::bytes(&self.terms)
            + arrays::bytes(&self.work)
            + arrays::bytes(&self.literals)
            + arrays::bytes(&self.weights)
            + arrays::bytes(&self.clause)
    }

    /// Forgets what was pushed and makes room for `n` terms, within `limit` bytes.
    pub fn begin(&mut self, n: usize, limit: u64) -> Result<(), OutOfMemory> {
        self.terms.clear();
        self.work.clear();
        self.literals.clear();
        self.weights.clear();
        self.clause.clear();
        // What an array holds over its elements is for the next constraint.
        let term = size_of::<(i64, i32)>() as u64 * 2 + size_of::<i32>() as u64 * 2 + size_of::<i64>() as u64;
        let bytes = (n as u64 + 1).saturating_mul(term);
        if bytes > limit {
            return Err(OutOfMemory::Limit { bytes, limit });
        }
        let room = |array: u64| limit / term * array;
        arrays::reserve(&mut self.terms, n, room(16))?;
        arrays::reserve(&mut self.work, n, room(16))?;
        arrays::reserve(&mut self.literals, n, room(4))?;
        arrays::reserve(&mut self.weights, n, room(8))?;
        arrays::reserve(&mut self.clause, n + 1, room(4))
    }

    /// One more term of those announced. The magnitudes of all weights add up to at most `i64::MAX`.
    #[inline]
    pub fn push(&mut self, weight: i64, literal: i32) {
        self.terms.push((weight, literal));
    }

    /// Hands the sum of what was pushed on: at least `bound`, where the condition says so. `bound` stays within ±2^126.
    pub fn sum(&mut self, bound: i128, condition: Condition, target: &mut impl Target) -> Result<(), LowerError> {
        let bound = self.merge(bound);
        let Some(literal) = condition.literal() else { return self.reduce(bound, condition, target) };
        let variable = literal.unsigned_abs();
        let Ok(at) = self.terms.binary_search_by_key(&variable, |&(_, l)| l.unsigned_abs()) else {
            return self.reduce(bound, condition, target);
        };
        let (weight, term) = self.terms.remove(at);
        let weight = i128::from(weight);
        let gained = if term == literal { weight } else { 0 };
        self.reduce(bound - gained, Condition::Implied(literal), target)?;
        if let Condition::Reified(_) = condition {
            // Where the condition is false the term counts the other way, and Σ w·l < b is Σ w·¬l ≥ total - b + 1.
            let bound = bound - (weight - gained);
            let total = self.terms.iter().map(|&(w, _)| i128::from(w)).sum::<i128>();
            for (_, l) in &mut self.terms {
                *l = -*l;
            }
            self.reduce(total - bound + 1, Condition::Implied(-literal), target)?;
        }
        Ok(())
    }

    /// Makes the terms distinct in their variables, with positive weights, sorted by variable. Answers the new bound.
    fn merge(&mut self, mut bound: i128) -> i128 {
        self.terms.sort_unstable_by_key(|&(_, l)| l.unsigned_abs());
        let (mut kept, mut at) = (0, 0);
        while at < self.terms.len() {
            let variable = self.terms[at].1.unsigned_abs();
            let (mut if_true, mut if_false) = (0i64, 0i64);
            while let Some(&(weight, literal)) = self.terms.get(at)
                && literal.unsigned_abs() == variable
            {
                if literal > 0 {
                    if_true += weight
                } else {
                    if_false += weight
                }
                at += 1;
            }
            bound -= i128::from(if_true.min(if_false));
            if if_true != if_false {
                let positive = variable.cast_signed();
                let literal = if if_true > if_false { positive } else { -positive };
                self.terms[kept] = ((if_true - if_false).abs(), literal);
                kept += 1;
            }
        }
        self.terms.truncate(kept);
        bound
    }

    /// Hands merged terms on, none of which has the condition's variable.
    fn reduce(&mut self, bound: i128, condition: Condition, target: &mut impl Target) -> Result<(), LowerError> {
        self.literals.clear();
        self.weights.clear();
        let total = self.terms.iter().map(|&(w, _)| i128::from(w)).sum::<i128>();
        if bound <= 0 || bound > total {
            return decided(bound <= 0, condition, target);
        }
        let mut bound = bound.to_i64().unwrap_or(i64::MAX); // at most the total, which fits
        // Saturate, and divide by what divides the weights below the bound.
        let (mut divisor, mut below) = (0u64, 0i64);
        for &(weight, _) in self.terms.iter().filter(|t| t.0 < bound) {
            divisor = gcd(divisor, weight.unsigned_abs());
            below += weight;
        }
        if below < bound {
            // Those that are not enough by themselves are not enough together.
            self.literals.extend(self.terms.iter().filter(|t| t.0 >= bound).map(|t| t.1));
            return self.disjunction(condition, target);
        }
        let divisor = divisor.cast_signed(); // at most a weight
        let rounded = (bound - 1) / divisor + 1;
        let weigh = |&(w, l): &(i64, i32)| (if w >= bound { rounded } else { w / divisor }, l);
        self.work.clear();
        self.work.extend(self.terms.iter().map(weigh));
        bound = rounded;
        let total = self.work.iter().map(|t| t.0).sum::<i64>();
        let least = self.work.iter().map(|t| t.0).min().unwrap_or(0);
        let most = self.work.iter().map(|t| t.0).max().unwrap_or(0);
        if total - least < bound {
            self.literals.extend(self.work.iter().map(|t| t.1));
            return self.conjunction(condition, target);
        }
        if least == most {
            self.literals.extend(self.work.iter().map(|t| t.1));
            return target.cardinality(&self.literals, bound, condition);
        }
        self.work.sort_unstable_by_key(|&(w, l)| (Reverse(w), l.unsigned_abs()));
        self.literals.extend(self.work.iter().map(|t| t.1));
        self.weights.extend(self.work.iter().map(|t| t.0));
        target.pseudo_boolean(&self.literals, &self.weights, bound, condition)
    }

    /// At least one of the literals.
    fn disjunction(&mut self, condition: Condition, target: &mut impl Target) -> Result<(), LowerError> {
        self.clause.clear();
        if let Some(literal) = condition.literal() {
            self.clause.push(-literal);
        }
        self.clause.extend_from_slice(&self.literals);
        target.clause(&self.clause)?;
        if let Condition::Reified(r) = condition {
            self.literals.iter().try_for_each(|&l| target.clause(&[r, -l]))?;
        }
        Ok(())
    }

    /// All of the literals.
    fn conjunction(&mut self, condition: Condition, target: &mut impl Target) -> Result<(), LowerError> {
        for &l in &self.literals {
            match condition.literal() {
                None => target.clause(&[l])?,
                Some(c) => target.clause(&[-c, l])?,
            }
        }
        if let Condition::Reified(r) = condition {
            self.clause.clear();
            self.clause.push(r);
            self.clause.extend(self.literals.iter().map(|l| -l));
            target.clause(&self.clause)?;
        }
        Ok(())
    }

    /// Hands the parity of what was pushed on; the weights have no meaning.
    pub fn xor(&mut self, mut rhs: bool, target: &mut impl Target) -> Result<(), LowerError> {
        self.literals.clear();
        for &(_, literal) in &self.terms {
            rhs ^= literal < 0;
            self.literals.push(literal.abs());
        }
        self.literals.sort_unstable();
        let mut kept = 0;
        for at in 0..self.literals.len() {
            if kept > 0 && self.literals[kept - 1] == self.literals[at] {
                kept -= 1;
            } else {
                self.literals[kept] = self.literals[at];
                kept += 1;
            }
        }
        self.literals.truncate(kept);
        match (self.literals.as_slice(), rhs) {
            ([], false) => Ok(()),
            ([], true) => target.clause(&[]),
            (&[v], rhs) => target.clause(&[if rhs { v } else { -v }]),
            (variables, rhs) => target.xor(variables, rhs),
        }
    }
}

/// A constraint that surely holds, or surely does not.
pub(super) fn decided(holds: bool, condition: Condition, target: &mut impl Target) -> Result<(), LowerError> {
    match (condition, holds) {
        (Condition::Plain | Condition::Implied(_), true) => Ok(()),
        (Condition::Plain, false) => target.clause(&[]),
        (Condition::Implied(c) | Condition::Reified(c), false) => target.clause(&[-c]),
        (Condition::Reified(c), true) => target.clause(&[c]),
    }
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
