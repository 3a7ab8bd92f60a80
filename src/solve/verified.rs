//! No model leaves unchecked, whichever backend it is from: it is held against every constraint and assumption.

#[cfg(any(feature = "highs", feature = "z3"))]
use num_rational::BigRational;

use super::{SolveError, Solver};
use crate::formula::batch::Batch;
use crate::formula::{Formula, Violation, check};

/// An error where a model violates a constraint of the formulas, which follow one another, or an assumption.
pub(super) fn verify(
    formulas: [&Formula; 2],
    model: &[i8],
    numbers: &[f64],
    assumptions: &[i32],
) -> Result<(), SolveError> {
    let first = formulas[0].num_constraints();
    let violated = match formulas[0].check_with(model, numbers)? {
        None => formulas[1].check_with(model, numbers)?.map(|v| v.0.0 + first),
        Some(violation) => Some(violation.0.0),
    };
    if let Some(id) = violated {
        return Err(SolveError::WrongModel(format!("constraint {id}")));
    }
    match assumptions.iter().find(|&&l| !check::holds(model, l)) {
        Some(l) => Err(SolveError::WrongModel(format!("assumption {l}"))),
        None => Ok(()),
    }
}

impl Solver {
    /// No model leaves unchecked.
    pub(super) fn verify(&self, model: &[i8], numbers: &[f64], assumptions: &[i32]) -> Result<(), SolveError> {
        verify([&*self.snapshot, &self.added], model, numbers, assumptions)
    }

    /// No models leave unchecked: as [`Solver::verify`], for `count` models of the engine's first `width` variables.
    pub(super) fn verify_all(&self, values: &[i8], count: usize, width: usize) -> Result<(), SolveError> {
        let formulas = [&*self.snapshot, &self.added];
        let wrong = |place: usize, violation: Violation| {
            let first = if place == 0 { 0 } else { self.snapshot.num_constraints() };
            SolveError::WrongModel(format!("constraint {}", violation.0.0 + first))
        };
        let (mut batch, mut model, mut numbers) = (Batch::default(), Vec::new(), Vec::new());
        let mut done = 0;
        while done < count {
            let most = (count - done).min(Batch::MOST);
            batch.clear(self.num_vars() as usize).map_err(SolveError::Memory)?;
            for index in done..done + most {
                self.decode(&values[index * width..(index + 1) * width], &mut model, &mut numbers)?;
                for (place, formula) in formulas.into_iter().enumerate() {
                    if let Some(violation) = formula.check_sums(&model, &numbers)? {
                        return Err(wrong(place, violation));
                    }
                }
                batch.push(&model);
            }
            for (place, formula) in formulas.into_iter().enumerate() {
                if let Some(violation) = formula.check_batch(&batch) {
                    return Err(wrong(place, violation));
                }
            }
            done += most;
        }
        Ok(())
    }

    /// No model leaves unchecked: as [`Solver::verify`] where numbers need not be doubles.
    #[cfg(any(feature = "highs", feature = "z3"))]
    pub(super) fn verify_exact(
        &self,
        model: &[i8],
        numbers: &[BigRational],
        assumptions: &[i32],
    ) -> Result<(), SolveError> {
        let first = self.snapshot.num_constraints();
        let violated = match self.snapshot.check_exact(model, numbers)? {
            None => self.added.check_exact(model, numbers)?.map(|v| v.0.0 + first),
            Some(violation) => Some(violation.0.0),
        };
        if let Some(id) = violated {
            return Err(SolveError::WrongModel(format!("constraint {id}")));
        }
        match assumptions.iter().find(|&&l| !check::holds(model, l)) {
            Some(l) => Err(SolveError::WrongModel(format!("assumption {l}"))),
            None => Ok(()),
        }
    }
}
