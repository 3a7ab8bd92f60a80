//! Which variable of the engine stands for which of the formula. They are the same until constraints have needed
//! auxiliary variables and the formula has grown after that.

use crate::formula::{FormulaError, MAX_VAR};

/// A run of variables that follow one another on both sides.
#[derive(Debug, Clone, Copy)]
struct Run {
    formula: u32,
    engine: u32,
    length: u32,
}

/// The variables of an engine: `1..=total`.
#[derive(Debug, Default)]
pub(super) struct Supply {
    total: u32,
}

impl Supply {
    /// How many there are.
    pub fn total(&self) -> u32 {
        self.total
    }

    /// There are so many now, which is no less than before.
    pub fn set_total(&mut self, total: u32) {
        self.total = self.total.max(total);
    }

    /// So many more; the first of them is answered.
    pub fn take(&mut self, count: u32) -> Result<u32, FormulaError> {
        let asked = u64::from(self.total) + u64::from(count);
        if asked > u64::from(MAX_VAR) {
            return Err(FormulaError::TooManyVariables { asked });
        }
        self.total += count;
        Ok(self.total - count + 1)
    }
}

/// The engine's variables that stand for the formula's. Those of the supply that it does not have are auxiliary.
#[derive(Debug, Default, Clone)]
pub(super) struct Variables {
    runs: Vec<Run>,
    declared: u32,
}

impl Variables {
    /// Variables of the formula that have one in the engine: `1..=declared`.
    pub fn declared(&self) -> u32 {
        self.declared
    }

    /// Whether every variable of the formula has its own number in the engine.
    pub fn is_identity(&self) -> bool {
        self.runs.len() <= 1
    }

    /// Gives variables of the engine to those of the formula up to `max`.
    pub fn declare(&mut self, max: u32, supply: &mut Supply) -> Result<(), FormulaError> {
        let Some(count) = max.checked_sub(self.declared).filter(|n| *n > 0) else { return Ok(()) };
        let engine = supply.take(count)?;
        let formula = self.declared + 1;
        self.declared = max;
        match self.runs.last_mut() {
            Some(run) if run.engine + run.length == engine => run.length += count,
            _ => self.runs.push(Run { formula, engine, length: count }),
        }
        Ok(())
    }

    /// The engine's literal for one of the formula, which was declared.
    pub fn to_engine(&self, literal: i32) -> i32 {
        if self.is_identity() {
            return literal;
        }
        let variable = literal.unsigned_abs();
        let run = self.runs[self.runs.partition_point(|run| run.formula <= variable) - 1];
        let mapped = (run.engine + (variable - run.formula)).cast_signed();
        if literal > 0 { mapped } else { -mapped }
    }

    /// The formula's literal for one of the engine; `None` where that is auxiliary.
    pub fn to_formula(&self, literal: i32) -> Option<i32> {
        let variable = literal.unsigned_abs();
        if self.is_identity() {
            return (variable <= self.declared).then_some(literal);
        }
        let run = self.runs.get(self.runs.partition_point(|run| run.engine <= variable).checked_sub(1)?)?;
        let offset = variable - run.engine;
        let mapped = (offset < run.length).then(|| (run.formula + offset).cast_signed())?;
        Some(if literal > 0 { mapped } else { -mapped })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let (mut v, mut s) = (Variables::default(), Supply::default());
        v.declare(3, &mut s).unwrap();
        v.declare(5, &mut s).unwrap();
        assert!(v.is_identity());
        assert_eq!((v.to_engine(-4), v.to_formula(-4), v.to_formula(6)), (-4, Some(-4), None));
        assert_eq!((s.take(1), s.take(1)), (Ok(6), Ok(7)));
        v.declare(6, &mut s).unwrap();
        v.declare(6, &mut s).unwrap();
        v.declare(8, &mut s).unwrap();
        assert_eq!(s.take(1), Ok(11));
        v.declare(9, &mut s).unwrap();
        assert_eq!((v.declared(), s.total()), (9, 12));
        assert!(!v.is_identity());
        let engine: Vec<i32> = (1..=9).map(|l| v.to_engine(l)).collect();
        assert_eq!(engine, [1, 2, 3, 4, 5, 8, 9, 10, 12]);
        for l in (1..=9).flat_map(|l| [l, -l]) {
            assert_eq!(v.to_formula(v.to_engine(l)), Some(l));
        }
        assert_eq!([6, 7, 11, 13].map(|l| v.to_formula(l)), [None; 4]);
        assert!(v.declare(MAX_VAR, &mut s).is_err());
        assert_eq!(s.total(), 12);
    }
}
