//! From a path on which every choice is made to a disjunct.

use std::collections::HashSet;

use super::bounds::Cut;
use super::disjunct::Disjunct;
use super::error::CanonicalError;
use super::search::Search;
use crate::budget::Budget;
use crate::error::OutOfMemory;
use crate::net::property::dyadic::Dyadic;
use crate::net::property::formula::{Atom, Comparison};
use crate::net::property::number::Number;

/// Rows between two questions to the budget.
const ROWS: usize = 4096;

impl Atom<'_> {
    /// Whether an atom without variables holds under this comparison.
    pub(super) fn constant(&self, comparison: Comparison) -> bool {
        comparison.holds(Dyadic::of(0.0).cmp(&self.bound.dyadic()))
    }
}

impl Search {
    /// The disjunct at the end of the path.
    pub fn disjunct(&self, budget: &Budget) -> Result<Disjunct, CanonicalError> {
        let inputs = self.property().num_inputs();
        let lower = copied(inputs, |input| self.bounds.lower(input).value)?;
        let upper = copied(inputs, |input| self.bounds.upper(input).value)?;
        let mut disjunct = Disjunct::empty(lower, upper, self.property().num_outputs());
        // Of several atoms that cut a variable at the same place, one is kept.
        let mut cuts = HashSet::new();
        for (number, &(atom, comparison)) in self.rows.iter().enumerate() {
            if number.is_multiple_of(ROWS) {
                budget.check()?;
            }
            let row = self.property().formula().atom(atom);
            match row.columns.len() {
                0 => {}
                1 => self.single(&mut disjunct, &mut cuts, atom, &row, comparison)?,
                _ => self.several(&mut disjunct, atom, &row, comparison)?,
            }
        }
        Ok(disjunct)
    }

    /// An atom of one variable that the box does not say: of an output, or with an end that is excluded or rounded.
    fn single(
        &self,
        disjunct: &mut Disjunct,
        cuts: &mut HashSet<(u32, bool)>,
        atom: u32,
        row: &Atom<'_>,
        comparison: Comparison,
    ) -> Result<(), CanonicalError> {
        let cut = Cut::of(row, comparison);
        let end = if cut.upper { self.bounds.upper(cut.column) } else { self.bounds.lower(cut.column) };
        let input = (cut.column as usize) < disjunct.num_inputs();
        if end != cut.end {
            return Ok(()); // another cuts deeper
        }
        if cut.exact {
            let strict = cut.end.open;
            cuts.try_reserve(1).map_err(|_| OutOfMemory::Allocator { bytes: size_of::<(u32, bool)>() as u64 })?;
            if !cuts.insert((cut.column, cut.upper)) {
                return Ok(());
            }
            let sign = if cut.upper { 1.0 } else { -1.0 };
            let bound = cut.end.value * sign + 0.0;
            return Ok(disjunct.add([(cut.column, sign)].into_iter(), bound, strict)?);
        }
        // As it stands, if doubles can say it; else its rounded end will do.
        if row.coefficients[0].as_double().is_some() && row.bound.as_double().is_some() {
            return self.several(disjunct, atom, row, comparison);
        }
        disjunct.exact = false;
        if !input && cut.end.value.is_finite() {
            let sign = if cut.upper { 1.0 } else { -1.0 };
            disjunct.add([(cut.column, sign)].into_iter(), cut.end.value * sign + 0.0, true)?;
        }
        Ok(())
    }

    /// An atom as a row `≤` or `<`.
    fn several(
        &self,
        disjunct: &mut Disjunct,
        atom: u32,
        row: &Atom<'_>,
        comparison: Comparison,
    ) -> Result<(), CanonicalError> {
        let below = matches!(comparison, Comparison::Less | Comparison::LessOrEqual);
        let strict = matches!(comparison, Comparison::Less | Comparison::Greater);
        if let Some(at) = row.coefficients.iter().position(|coefficient| coefficient.as_double().is_none()) {
            let variable = self.property().variable_name(row.columns[at] as usize);
            return Err(CanonicalError::Coefficient { variable, atom });
        }
        let sign = if below { 1.0 } else { -1.0 };
        let (bound, strict) = match row.bound {
            Number::Double(bound) => (bound * sign + 0.0, strict),
            Number::Exact(bound) => {
                disjunct.exact = false;
                let one = Dyadic::of(1.0);
                let bound = if below { bound.quotient_up(&one) } else { bound.negated().quotient_up(&one) };
                if bound == f64::INFINITY {
                    return Ok(()); // no double is beyond it
                }
                (bound, true) // it lies strictly below the rounded bound
            }
        };
        let terms = row.columns.iter().zip(row.coefficients);
        let terms = terms.map(|(&column, coefficient)| (column, coefficient.as_double().unwrap_or(0.0) * sign));
        Ok(disjunct.add(terms, bound, strict)?)
    }

    /// Whether the box is bounded.
    pub fn check_box(&self, disjunct: &Disjunct) -> Result<(), CanonicalError> {
        for (side, ends) in [("lower", &disjunct.lower), ("upper", &disjunct.upper)] {
            if let Some(index) = ends.iter().position(|end| end.is_infinite()) {
                let variable = self.property().variable_name(index);
                return Err(CanonicalError::Unbounded { variable, index, side });
            }
        }
        Ok(())
    }
}

fn copied(count: usize, of: impl Fn(u32) -> f64) -> Result<Vec<f64>, OutOfMemory> {
    let mut values = Vec::new();
    let bytes = (count * size_of::<f64>()) as u64;
    values.try_reserve_exact(count).map_err(|_| OutOfMemory::Allocator { bytes })?;
    values.extend((0..count as u32).map(of));
    Ok(values)
}
