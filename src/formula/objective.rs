//! What is to become least.

use super::{Formula, FormulaError, MAX_VAR, arrays, check};
use crate::error::OutOfMemory;

/// Σ wᵢ·lᵢ + offset, which is to become least: a literal that is true counts with its weight. To make something greatest, make
/// its negation least.
///
/// A variable occurs once, as a positive literal or a negated one, with a weight that is not 0 and has any sign.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Objective {
    weights: Vec<i64>,
    literals: Vec<i32>,
    offset: i64,
}

impl Objective {
    /// Weights and literals, ascending by variable.
    pub fn terms(&self) -> impl Iterator<Item = (i64, i32)> + Clone {
        self.weights.iter().copied().zip(self.literals.iter().copied())
    }

    /// The literals, ascending by variable.
    #[must_use]
    pub fn literals(&self) -> &[i32] {
        &self.literals
    }

    /// The weights, in the order of the literals.
    #[must_use]
    pub fn weights(&self) -> &[i64] {
        &self.weights
    }

    /// What is added in any case.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.offset
    }

    /// Its value in a model: one number a variable, positive where it is true.
    ///
    /// # Panics
    /// Where the model has fewer values than the objective has variables.
    #[must_use]
    pub fn value(&self, model: &[i8]) -> i64 {
        self.offset + self.terms().filter(|&(_, l)| check::holds(model, l)).map(|(weight, _)| weight).sum::<i64>()
    }

    fn bytes(&self) -> u64 {
        arrays::bytes(&self.weights) + arrays::bytes(&self.literals)
    }

    pub(super) fn try_clone(&self) -> Result<Self, OutOfMemory> {
        let (weights, literals) = (arrays::try_clone(&self.weights)?, arrays::try_clone(&self.literals)?);
        Ok(Objective { weights, literals, offset: self.offset })
    }

    /// One with these terms, a variable of which may occur again; within so many bytes.
    fn merged(literals: &[i32], weights: &[i64], offset: i64, limit: u64) -> Result<Self, FormulaError> {
        let bytes = (literals.len() as u64).saturating_mul(size_of::<(i32, i64, i32, i64)>() as u64);
        if bytes > limit {
            return Err(OutOfMemory::Limit { bytes, limit }.into());
        }
        let short = |_| OutOfMemory::Allocator { bytes };
        let mut terms: Vec<(i32, i64)> = Vec::new();
        terms.try_reserve_exact(literals.len()).map_err(short)?;
        let mut magnitude = i128::from(offset.unsigned_abs());
        for (&literal, &weight) in literals.iter().zip(weights) {
            magnitude += i128::from(weight.unsigned_abs());
            terms.push((literal, weight));
        }
        if magnitude > i64::MAX.into() {
            return Err(FormulaError::Overflow { row: 0 });
        }
        terms.sort_by_key(|term| (term.0.unsigned_abs(), term.0 < 0));
        let mut objective = Objective { weights: Vec::new(), literals: Vec::new(), offset };
        objective.weights.try_reserve_exact(terms.len()).map_err(short)?;
        objective.literals.try_reserve_exact(terms.len()).map_err(short)?;
        for (literal, weight) in terms {
            let (last, others) = (objective.literals.last().copied(), objective.weights.last_mut());
            match (last, others) {
                (Some(last), Some(sum)) if last == literal => *sum += weight,
                // w·¬l is w - w·l.
                (Some(last), Some(sum)) if last == -literal => {
                    *sum -= weight;
                    objective.offset += weight;
                }
                _ => {
                    objective.literals.push(literal);
                    objective.weights.push(weight);
                }
            }
        }
        let mut kept = objective.weights.iter().map(|&weight| weight != 0).collect::<Vec<_>>().into_iter();
        objective.literals.retain(|_| kept.next() == Some(true));
        objective.weights.retain(|&weight| weight != 0);
        Ok(objective)
    }
}

impl Formula {
    /// Sets what [`Solver::minimize`](crate::solve::Solver::minimize) makes least: Σ wᵢ·lᵢ + offset. It replaces what was set
    /// before. Whatever else looks at a formula (solving, counting, enumerating, sampling, checking, encoding) passes over it.
    ///
    /// A variable may occur several times. Variables that do not exist come into being. The magnitudes of weights and offset add up
    /// to at most 2^63 − 1.
    pub fn set_objective(&mut self, literals: &[i32], weights: &[i64], offset: i64) -> Result<(), FormulaError> {
        if literals.len() != weights.len() {
            return Err(FormulaError::Length { what: "weights", given: weights.len(), needed: literals.len() });
        }
        let mut max = 0;
        for (index, &literal) in literals.iter().enumerate() {
            if literal == 0 || literal.unsigned_abs() > MAX_VAR {
                return Err(FormulaError::Literal { literal, index });
            }
            max = max.max(literal.unsigned_abs());
        }
        let room = self.room(self.objective.as_ref().map_or(0, Objective::bytes));
        self.objective = Some(Objective::merged(literals, weights, offset, room)?);
        self.ensure_vars(max)?;
        self.weigh();
        Ok(())
    }

    /// There is nothing to be made least any more.
    pub fn clear_objective(&mut self) {
        self.objective = None;
        self.weigh();
    }

    /// What is to become least, if anything was set.
    #[must_use]
    pub fn objective(&self) -> Option<&Objective> {
        self.objective.as_ref()
    }

    /// Bytes that the objective holds.
    pub(super) fn objective_bytes(&self) -> u64 {
        self.objective.as_ref().map_or(0, Objective::bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_merged() {
        let mut f = Formula::new();
        assert_eq!(f.objective(), None);
        f.set_objective(&[3, -1, 1, -3, 2, 2, 4], &[5, 2, 7, 1, 3, -3, 0], 10).unwrap();
        assert_eq!(f.num_vars(), 4);
        let objective = f.objective().unwrap().clone();
        assert_eq!(objective.terms().collect::<Vec<_>>(), [(5, 1), (4, 3)]);
        assert_eq!(objective.offset(), 13);
        for bits in 0..16u32 {
            let model: Vec<i8> = (0..4).map(|v| if bits >> v & 1 == 1 { 1 } else { -1 }).collect();
            let holds = |l: i32| i64::from((model[l.unsigned_abs() as usize - 1] > 0) == (l > 0));
            let wanted = 10 + 5 * holds(3) + 2 * holds(-1) + 7 * holds(1) + holds(-3) + 3 * holds(2) - 3 * holds(2);
            assert_eq!(objective.value(&model), wanted);
        }
        assert_eq!(f.try_clone().unwrap().objective(), Some(&objective));
        f.clear_objective();
        assert_eq!((f.objective(), f.bytes()), (None, 0));
    }

    #[test]
    fn refuses_what_is_none() {
        let mut f = Formula::new();
        f.set_objective(&[1], &[i64::MAX], 0).unwrap();
        let before = f.objective().cloned();
        assert_eq!(f.set_objective(&[1, 0], &[1, 1], 0), Err(FormulaError::Literal { literal: 0, index: 1 }));
        assert_eq!(
            f.set_objective(&[1, i32::MIN], &[1, 1], 0),
            Err(FormulaError::Literal { literal: i32::MIN, index: 1 })
        );
        assert!(matches!(f.set_objective(&[1], &[], 0), Err(FormulaError::Length { .. })));
        for (weights, offset) in [([i64::MAX, 1], 0), ([i64::MIN, 0], 0), ([0, 0], i64::MIN), ([i64::MAX, 0], -1)] {
            assert_eq!(f.set_objective(&[1, 2], &weights, offset), Err(FormulaError::Overflow { row: 0 }));
        }
        assert_eq!((f.objective().cloned(), f.num_vars()), (before, 1));
        f.set_memory_limit(100);
        assert!(matches!(f.set_objective(&[1; 100], &[1; 100], 0), Err(FormulaError::Memory(_))));
    }
}
