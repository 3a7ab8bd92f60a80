//! Whether a model satisfies a formula. Knows no solver; every model passes it before it leaves the library.

use super::{ConstraintId, Formula, FormulaError};

/// One value a variable: 1 true, -1 false, 0 open; variable `v` at index `v - 1`.
pub type Model = Vec<i8>;

/// The first constraint that a model does not satisfy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Violation(pub ConstraintId);

impl Formula {
    /// The first constraint that `model` leaves unsatisfied, or `None` where it satisfies all. A literal of an
    /// open variable satisfies nothing. Values past the last variable are not looked at.
    pub fn check(&self, model: &[i8]) -> Result<Option<Violation>, FormulaError> {
        if model.len() < self.num_vars() as usize {
            return Err(FormulaError::ModelLength { given: model.len(), num_vars: self.num_vars() });
        }
        let violated = self.clauses().iter().position(|clause| !clause.iter().any(|&l| holds(model, l)));
        Ok(violated.map(|i| Violation(ConstraintId(i as u64))))
    }
}

/// Whether `literal` is true under `model`, which has a value for its variable.
pub(crate) fn holds(model: &[i8], literal: i32) -> bool {
    let value = model[literal.unsigned_abs() as usize - 1];
    if literal > 0 { value > 0 } else { value < 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_violation() {
        let mut f = Formula::new();
        f.add_clauses(&[1, 2, -1, 3, -2, -3], &[0, 2, 4, 6]).unwrap();
        assert_eq!(f.check(&[1, -1, 1]), Ok(None));
        assert_eq!(f.check(&[1, -1, 1, 0, 9]), Ok(None));
        assert_eq!(f.check(&[1, -1, -1]), Ok(Some(Violation(ConstraintId(1)))));
        assert_eq!(f.check(&[0, 0, 0]), Ok(Some(Violation(ConstraintId(0)))));
        assert_eq!(f.check(&[1, 1]), Err(FormulaError::ModelLength { given: 2, num_vars: 3 }));
        assert_eq!(Formula::new().check(&[]), Ok(None));
        f.add_clause(&[]).unwrap();
        assert_eq!(f.check(&[1, -1, 1]), Ok(Some(Violation(ConstraintId(3)))));
    }
}
