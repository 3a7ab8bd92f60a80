//! Whether up to 64 models at once satisfy the clauses and parities of a formula: a model is a bit of each word, so that a
//! literal is looked at once for all of them.

use super::check::Violation;
use super::{Formula, Xor};
use crate::error::OutOfMemory;

/// Models side by side.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// Of each variable: in which models it is true, and in which it is false.
    planes: Vec<[u64; 2]>,
    held: usize,
}

impl Batch {
    /// How many models there can be.
    pub const MOST: usize = 64;

    /// No models, of so many variables.
    pub fn clear(&mut self, variables: usize) -> Result<(), OutOfMemory> {
        self.held = 0;
        self.planes.clear();
        let refused = |_| OutOfMemory::Allocator { bytes: (variables * size_of::<[u64; 2]>()) as u64 };
        self.planes.try_reserve_exact(variables).map_err(refused)?;
        self.planes.resize(variables, [0; 2]);
        Ok(())
    }

    /// One model more, of which there are fewer than [`Batch::MOST`].
    pub fn push(&mut self, model: &[i8]) {
        for (plane, &value) in self.planes.iter_mut().zip(model) {
            plane[0] |= u64::from(value > 0) << self.held;
            plane[1] |= u64::from(value < 0) << self.held;
        }
        self.held += 1;
    }

    /// All models.
    fn all(&self) -> u64 {
        u64::MAX.checked_shr(64 - self.held as u32).unwrap_or(0)
    }

    /// The models in which a literal is true.
    fn of(&self, literal: i32) -> u64 {
        self.planes[literal.unsigned_abs() as usize - 1][usize::from(literal < 0)]
    }

    fn clause_holds(&self, clause: &[i32]) -> bool {
        clause.iter().fold(0, |held, &literal| held | self.of(literal)) == self.all()
    }

    fn xor_holds(&self, xor: Xor<'_>) -> bool {
        let (mut odd, mut known) = (0, self.all());
        for &literal in xor.literals {
            odd ^= self.of(literal);
            known &= self.of(literal) | self.of(-literal);
        }
        let wanted = if xor.rhs { self.all() } else { 0 };
        known == self.all() && odd == wanted
    }
}

impl Formula {
    /// The first clause or parity that one of these models leaves unsatisfied. The models have a value for each variable;
    /// sums are [`Formula::check_sums`]' to look at.
    pub(crate) fn check_batch(&self, batch: &Batch) -> Option<Violation> {
        let clause = self.clauses().iter().position(|clause| !batch.clause_holds(clause));
        let xor = self.xors.iter().position(|xor| !batch.xor_holds(xor));
        self.least([clause, xor, None, None, None])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::Condition;
    use crate::instances::rng::Rng;

    /// Batches of any size, with open variables and models that violate this or that, against one model after the other.
    #[test]
    fn a_batch_is_checked_as_its_models_are() {
        let (mut fine, mut violated) = (0, 0);
        for round in 0..2000 {
            let mut rng = Rng::new(round);
            let mut formula = Formula::new();
            formula.ensure_vars(6).unwrap();
            for _ in 0..1 + rng.index(4) {
                let literal = |rng: &mut Rng| (1 + rng.index(6) as i32) * if rng.bit() { 1 } else { -1 };
                let literals: Vec<i32> = (0..2 + rng.index(5)).map(|_| literal(&mut rng)).collect();
                match rng.index(3) {
                    0 => formula.add_xor(&literals, rng.bit()).unwrap(),
                    1 => formula.add_cardinality(&literals, 1, Condition::Implied(literal(&mut rng))).unwrap(),
                    _ => formula.add_clause(&literals).unwrap(),
                };
            }
            let held = [0, 1, 2, 5, 63, 64][rng.index(6)];
            let value = |rng: &mut Rng| if rng.index(40) == 0 { 0 } else { [1, -1][rng.index(2)] };
            let mut models: Vec<Vec<i8>> = (0..held).map(|_| (0..6).map(|_| value(&mut rng)).collect()).collect();
            if round % 4 > 0 {
                // Mostly such as satisfy it, and one that may not.
                let last = models.pop();
                models.retain(|model| formula.check(model).unwrap().is_none());
                models.extend(last.filter(|_| round % 2 == 0));
            }
            let mut batch = Batch::default();
            batch.clear(6).unwrap();
            models.iter().for_each(|model| batch.push(model));
            let sums = models.iter().filter_map(|model| formula.check_sums(model, &[]).unwrap());
            let found = sums.chain(formula.check_batch(&batch)).map(|v| v.0).min();
            let expected = models.iter().filter_map(|model| formula.check(model).unwrap()).map(|v| v.0).min();
            assert_eq!(found, expected, "{round}: {models:?}");
            fine += usize::from(expected.is_none() && !models.is_empty());
            violated += usize::from(expected.is_some());
        }
        assert!(fine > 400 && violated > 400, "{fine} {violated}");
    }
}
