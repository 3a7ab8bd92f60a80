//! One disjunct: a box of inputs and halfspaces.

use crate::error::OutOfMemory;
use crate::net::property::formula::push;
use crate::net::property::number::{Number, compare};
use crate::net::property::{PropertyError, Rows};

/// A closed box of inputs, and halfspaces over the outputs, or over both where [`Disjunct::rows_have_inputs`] says so.
#[derive(Debug, Clone, PartialEq)]
pub struct Disjunct {
    /// The least value of each input.
    pub lower: Vec<f64>,
    /// The largest value of each input.
    pub upper: Vec<f64>,
    num_outputs: usize,
    offsets: Vec<usize>,
    columns: Vec<u32>,
    coefficients: Vec<f64>,
    bounds: Vec<f64>,
    strict: Vec<bool>,
    pub(super) exact: bool,
}

/// Halfspaces `a · y ≤ b`, or `<` where `strict`, as a dense matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Dense {
    /// Coefficients, rows × outputs, row by row.
    pub a: Vec<f64>,
    /// A bound a row.
    pub b: Vec<f64>,
    /// Whether the bound itself is excluded, a row.
    pub strict: Vec<bool>,
}

impl Disjunct {
    /// A box without halfspaces.
    pub(in crate::verify) fn empty(lower: Vec<f64>, upper: Vec<f64>, num_outputs: usize) -> Self {
        Disjunct {
            lower,
            upper,
            num_outputs,
            offsets: vec![0],
            columns: Vec::new(),
            coefficients: Vec::new(),
            bounds: Vec::new(),
            strict: Vec::new(),
            exact: true,
        }
    }

    /// How many inputs there are.
    #[must_use]
    pub fn num_inputs(&self) -> usize {
        self.lower.len()
    }

    /// How many outputs there are.
    #[must_use]
    pub fn num_outputs(&self) -> usize {
        self.num_outputs
    }

    /// How many halfspaces there are.
    #[must_use]
    pub fn num_rows(&self) -> usize {
        self.bounds.len()
    }

    /// The halfspaces; columns are the inputs, then the outputs.
    #[must_use]
    pub fn rows(&self) -> Rows<'_> {
        Rows {
            offsets: &self.offsets,
            columns: &self.columns,
            coefficients: &self.coefficients,
            bounds: &self.bounds,
            strict: &self.strict,
        }
    }

    /// Whether a halfspace speaks of inputs.
    #[must_use]
    pub fn rows_have_inputs(&self) -> bool {
        self.columns.iter().any(|&column| (column as usize) < self.num_inputs())
    }

    /// Whether the points of the disjunct are exactly those of its part of the formula. Otherwise there may be a few
    /// more, by the rounding of a bound: no point is ever lost.
    #[must_use]
    pub fn exact(&self) -> bool {
        self.exact
    }

    /// The halfspaces as a dense matrix over the outputs; `None` where one of them speaks of inputs.
    ///
    /// # Errors
    ///
    /// No memory.
    pub fn dense(&self) -> Result<Option<Dense>, OutOfMemory> {
        if self.rows_have_inputs() {
            return Ok(None);
        }
        let size = self.num_rows().saturating_mul(self.num_outputs);
        let bytes = size.saturating_mul(size_of::<f64>()) as u64;
        let mut a = Vec::new();
        a.try_reserve_exact(size).map_err(|_| OutOfMemory::Allocator { bytes })?;
        a.resize(size, 0.0);
        for (row, ends) in self.offsets.windows(2).enumerate() {
            for i in ends[0]..ends[1] {
                a[row * self.num_outputs + self.columns[i] as usize - self.num_inputs()] = self.coefficients[i];
            }
        }
        Ok(Some(Dense { a, b: self.bounds.clone(), strict: self.strict.clone() }))
    }

    /// Whether a point lies in the box and in all halfspaces. Exact: nothing is rounded.
    ///
    /// # Errors
    ///
    /// Arrays of a wrong length, values that are infinite or no numbers.
    pub fn contains(&self, x: &[f64], y: &[f64]) -> Result<bool, PropertyError> {
        for (what, array, expected) in [("x", x, self.num_inputs()), ("y", y, self.num_outputs)] {
            if array.len() != expected {
                return Err(PropertyError::Length { what, expected, found: array.len() });
            }
            if let Some(index) = array.iter().position(|v| !v.is_finite()) {
                return Err(PropertyError::NotFinite { what, index, value: array[index] });
            }
        }
        let inside = |((&value, &lower), &upper): ((&f64, &f64), &f64)| lower <= value && value <= upper;
        Ok(x.iter().zip(&self.lower).zip(&self.upper).all(inside) && self.halfspaces_hold(x, y))
    }

    fn halfspaces_hold(&self, x: &[f64], y: &[f64]) -> bool {
        let value = |column: u32| x.get(column as usize).copied().unwrap_or_else(|| y[column as usize - x.len()]);
        self.offsets.windows(2).enumerate().all(|(row, ends)| {
            let terms: Vec<(Number, f64)> =
                (ends[0]..ends[1]).map(|i| (Number::of(self.coefficients[i]), value(self.columns[i]))).collect();
            let order = compare(terms.iter().map(|(c, v)| (c, *v)), &Number::of(self.bounds[row]));
            if self.strict[row] { order.is_lt() } else { order.is_le() }
        })
    }

    /// Adds a halfspace.
    pub(in crate::verify) fn add(
        &mut self,
        terms: impl Iterator<Item = (u32, f64)>,
        bound: f64,
        strict: bool,
    ) -> Result<(), OutOfMemory> {
        for (column, coefficient) in terms {
            push(&mut self.columns, column)?;
            push(&mut self.coefficients, coefficient)?;
        }
        push(&mut self.offsets, self.columns.len())?;
        push(&mut self.bounds, bound)?;
        push(&mut self.strict, strict)
    }
}
