//! Formulas from a host's arrays.

use super::formula::{Comparison, Node};
use super::number::Number;
use super::{Property, PropertyError};

/// Halfspaces in compressed sparse row form: row `r` says `Σ coefficients[i] · columns[i] ≤ bounds[r]` over
/// `i` in `offsets[r]..offsets[r + 1]`, or `<` where `strict[r]`. Columns are the inputs, then the outputs.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// Where each row begins and the last one ends: one more than there are rows, the first 0.
    pub offsets: &'a [usize],
    /// A variable a term.
    pub columns: &'a [u32],
    /// A coefficient a term, finite.
    pub coefficients: &'a [f64],
    /// A bound a row, finite.
    pub bounds: &'a [f64],
    /// Whether the bound itself is excluded, a row.
    pub strict: &'a [bool],
}

impl Property {
    /// Asserts that every input lies between its bounds, both included. An infinite bound on its own side is none.
    ///
    /// # Errors
    ///
    /// Arrays of a wrong length, a bound that is no number or is infinite on the other side, a lower bound greater than the
    /// upper, no memory. Then nothing was added.
    pub fn add_box(&mut self, lower: &[f64], upper: &[f64]) -> Result<(), PropertyError> {
        for (what, array, none) in [("lower", lower, f64::NEG_INFINITY), ("upper", upper, f64::INFINITY)] {
            let expected = self.num_inputs;
            if array.len() != expected {
                return Err(PropertyError::Length { what, expected, found: array.len() });
            }
            if let Some(index) = array.iter().position(|&v| !v.is_finite() && v != none) {
                return Err(PropertyError::NotFinite { what, index, value: array[index] });
            }
        }
        if let Some(index) = (0..lower.len()).find(|&i| lower[i] > upper[i]) {
            return Err(PropertyError::Crossed { index, lower: lower[index], upper: upper[index] });
        }
        self.all_or_nothing(|property| {
            let formula = &mut property.formula;
            let (mut terms, mut atoms) = (Vec::new(), Vec::new());
            for (column, (&lower, &upper)) in (0..).zip(lower.iter().zip(upper)) {
                for (bound, comparison) in [(lower, Comparison::GreaterOrEqual), (upper, Comparison::LessOrEqual)] {
                    if bound.is_finite() {
                        terms.push((column, Number::ONE));
                        let atom = formula.add_atom(&mut terms, comparison, Number::of(bound))?;
                        super::formula::push(&mut atoms, atom)?;
                    }
                }
            }
            let node = if atoms.is_empty() { Node::True } else { Node::And(formula.add_children(atoms)?) };
            let root = formula.add_node(node)?;
            Ok(formula.assert(root)?)
        })
    }

    /// Asserts a disjunction of conjunctions of halfspaces: disjunct `k` has the rows `offsets[k]..offsets[k + 1]`.
    /// Without a disjunct it cannot hold; a disjunct without a row always does.
    ///
    /// # Errors
    ///
    /// Arrays whose lengths or offsets do not fit each other, columns that name no variable, values that are not
    /// finite, no memory. Then nothing was added.
    pub fn add_assertion(&mut self, rows: &Rows<'_>, offsets: &[usize]) -> Result<(), PropertyError> {
        self.check_rows(rows)?;
        check_offsets("offsets of the disjuncts", offsets, rows.bounds.len())?;
        self.all_or_nothing(|property| {
            let formula = &mut property.formula;
            let (mut terms, mut disjuncts, mut atoms) = (Vec::new(), Vec::new(), Vec::new());
            for disjunct in offsets.windows(2) {
                atoms.clear();
                for row in disjunct[0]..disjunct[1] {
                    for i in rows.offsets[row]..rows.offsets[row + 1] {
                        let term = (rows.columns[i], Number::of(rows.coefficients[i]));
                        super::formula::push(&mut terms, term)?;
                    }
                    let comparison = if rows.strict[row] { Comparison::Less } else { Comparison::LessOrEqual };
                    let atom = formula.add_atom(&mut terms, comparison, Number::of(rows.bounds[row]))?;
                    super::formula::push(&mut atoms, atom)?;
                }
                let node = match atoms[..] {
                    [] => formula.add_node(Node::True)?,
                    [atom] => atom,
                    _ => {
                        let range = formula.add_children(atoms.iter().copied())?;
                        formula.add_node(Node::And(range))?
                    }
                };
                super::formula::push(&mut disjuncts, node)?;
            }
            let root = match disjuncts[..] {
                [] => formula.add_node(Node::False)?,
                [node] => node,
                _ => {
                    let range = formula.add_children(disjuncts.iter().copied())?;
                    formula.add_node(Node::Or(range))?
                }
            };
            Ok(formula.assert(root)?)
        })
    }

    fn check_rows(&self, rows: &Rows<'_>) -> Result<(), PropertyError> {
        let count = rows.bounds.len();
        for (what, expected, found) in [
            ("strict", count, rows.strict.len()),
            ("offsets of the rows", count + 1, rows.offsets.len()),
            ("coefficients", rows.columns.len(), rows.coefficients.len()),
        ] {
            if expected != found {
                return Err(PropertyError::Length { what, expected, found });
            }
        }
        check_offsets("offsets of the rows", rows.offsets, rows.columns.len())?;
        let variables = self.num_inputs + self.num_outputs;
        if let Some(index) = rows.columns.iter().position(|&c| c as usize >= variables) {
            return Err(PropertyError::Column { index, column: rows.columns[index], variables });
        }
        finite("coefficients", rows.coefficients)?;
        finite("bounds", rows.bounds)
    }

    /// Runs `add`, and takes back what it added where it fails.
    fn all_or_nothing(
        &mut self,
        add: impl FnOnce(&mut Property) -> Result<(), PropertyError>,
    ) -> Result<(), PropertyError> {
        let mark = self.formula.mark();
        let answer = add(self);
        if answer.is_err() {
            self.formula.truncate(mark);
        }
        answer
    }
}

pub(super) fn finite(what: &'static str, values: &[f64]) -> Result<(), PropertyError> {
    match values.iter().position(|v| !v.is_finite()) {
        Some(index) => Err(PropertyError::NotFinite { what, index, value: values[index] }),
        None => Ok(()),
    }
}

/// Offsets start at 0, never decrease, and end at `length`.
fn check_offsets(what: &'static str, offsets: &[usize], length: usize) -> Result<(), PropertyError> {
    let mut before = 0;
    for (index, &value) in offsets.iter().enumerate() {
        let last = index + 1 == offsets.len();
        if value < before || value > length || (index == 0 && value != 0) || (last && value != length) {
            return Err(PropertyError::Offset { what, index, value });
        }
        before = value;
    }
    if offsets.is_empty() && length > 0 {
        return Err(PropertyError::Length { what, expected: 2, found: 0 });
    }
    Ok(())
}
