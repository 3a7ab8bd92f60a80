//! Witnesses: inputs that have the property, and how they are confirmed.
//!
//! Who asks for a witness evaluates it with another program, mostly in 32 bits, whose outputs differ from ours in the last
//! bits: sums are taken in another order. So a witness is an input of 32-bit numbers for which the whole property holds by
//! its exact check both of the outputs computed in 32 bits and of those computed in 64. How far its outputs are from where
//! it would end to be one is its [margin](Witness::margin).
//!
//! Cost: one evaluation in each precision.

use super::canonical::Disjunct;
use super::{Problem, VerifyError};
use crate::budget::Budget;
use crate::error::OutOfMemory;

/// An input that has the property, with its outputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Witness {
    /// The input, all tensors one after the other.
    pub input: Vec<f32>,
    /// The outputs that it has in 32 bits.
    pub output: Vec<f32>,
}

impl Witness {
    /// How far the outputs are from leaving the disjunct; the least slack of a halfspace that speaks of outputs, as a share of their size. Negative outside.
    #[must_use]
    pub fn margin(&self, disjunct: &Disjunct) -> f64 {
        margin(disjunct, &self.input, &self.output)
    }
}

/// The least slack `b - a · (x, y)` of the halfspaces that speak of outputs, each divided by `Σ|a| · max|y|`, the sum
/// taken over the outputs it speaks of: about by how large a share of their size outputs may be off before one of the
/// halfspaces ends to hold. Infinite where no halfspace speaks of outputs; negative where one does not hold, also one of
/// inputs.
///
/// Not exact: it is computed in doubles.
#[must_use]
pub(crate) fn margin(disjunct: &Disjunct, x: &[f32], y: &[f32]) -> f64 {
    let size = y.iter().fold(0.0, |most: f64, &v| most.max(f64::from(v).abs()));
    let (rows, mut least) = (disjunct.rows(), f64::INFINITY);
    for (row, ends) in rows.offsets.windows(2).enumerate() {
        let (mut slack, mut weight) = (rows.bounds[row], 0.0);
        for i in ends[0]..ends[1] {
            let (column, coefficient) = (rows.columns[i] as usize, rows.coefficients[i]);
            let value = if column < x.len() { x[column] } else { y[column - x.len()] };
            slack -= coefficient * f64::from(value);
            weight += if column < x.len() { 0.0 } else { coefficient.abs() };
        }
        let scale = weight * size;
        let share = match (weight > 0.0, slack >= 0.0) {
            (false, true) => f64::INFINITY,
            (true, true) if slack == 0.0 => 0.0,
            _ if scale > 0.0 => slack / scale,
            _ => slack * f64::INFINITY,
        };
        // Also where it is no number.
        least = if share > least { least } else { share };
    }
    least
}

impl Problem {
    /// The witness that an input is, if it is one. An input or output that is infinite or no number makes none.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Size`], the budget, no memory.
    pub fn replay(&self, x: &[f32], budget: &Budget) -> Result<Option<Witness>, VerifyError> {
        self.sizes(&[("elements of x", x.len())])?;
        if !x.iter().all(|v| v.is_finite()) {
            return Ok(None);
        }
        let mut wide = zeros(x.len())?;
        widen(x, &mut wide);
        self.replay_rounded(&wide, budget)
    }

    /// The witness that the 32-bit input nearest to a point in this box is, if it is one: every coordinate is rounded to
    /// the nearest number of 32 bits that lies between its bounds. There is none where there is no such number, as between
    /// two equal bounds that are no numbers of 32 bits.
    ///
    /// # Errors
    ///
    /// As [`Problem::replay`].
    pub fn replay_near(
        &self,
        x: &[f64],
        lower: &[f64],
        upper: &[f64],
        budget: &Budget,
    ) -> Result<Option<Witness>, VerifyError> {
        self.sizes(&[("elements of x", x.len()), ("lower bounds", lower.len()), ("upper bounds", upper.len())])?;
        let mut point = zeros(x.len())?;
        for (to, (&x, (&lower, &upper))) in point.iter_mut().zip(x.iter().zip(lower.iter().zip(upper))) {
            let (lower, upper) = (up(lower), down(upper));
            let near = x as f32;
            // Also where one of them is no number.
            if near.is_nan() || lower.partial_cmp(&upper).is_none_or(std::cmp::Ordering::is_gt) {
                return Ok(None);
            }
            *to = near.max(lower).min(upper);
        }
        self.replay(&point, budget)
    }

    /// The witness that a point of doubles is, if it is one: the property holds of this point with the outputs that it has
    /// in 64 bits, and with those that the 32-bit input nearest to it has in 32. For points of 32-bit numbers this is
    /// [`Problem::replay`]; for others the witness's input may lie outside the property's box by a rounding, as whatever
    /// reads it in 32 bits has it.
    ///
    /// # Errors
    ///
    /// As [`Problem::replay`].
    pub fn replay_rounded(&self, x: &[f64], budget: &Budget) -> Result<Option<Witness>, VerifyError> {
        self.sizes(&[("elements of x", x.len())])?;
        let (mut input, mut output): (Vec<f32>, Vec<f32>) = (zeros(x.len())?, zeros(self.num_outputs())?);
        input.iter_mut().zip(x).for_each(|(to, &from)| *to = from as f32);
        // What is finite in 32 bits is so in 64.
        if !input.iter().all(|v| v.is_finite()) {
            return Ok(None);
        }
        self.f32().evaluate(1, &input, &mut output, budget)?;
        let mut y: Vec<f64> = zeros(output.len())?;
        widen(&output, &mut y);
        if !self.has_property(x, &y)? {
            return Ok(None);
        }
        self.f64().evaluate(1, x, &mut y, budget)?;
        Ok(if self.has_property(x, &y)? { Some(Witness { input, output }) } else { None })
    }

    fn has_property(&self, x: &[f64], y: &[f64]) -> Result<bool, VerifyError> {
        Ok(y.iter().all(|v| v.is_finite()) && self.property().check(x, y)?)
    }

    fn sizes(&self, arrays: &[(&'static str, usize)]) -> Result<(), VerifyError> {
        let needed = self.num_inputs();
        match arrays.iter().find(|array| array.1 != needed) {
            Some(&(what, given)) => Err(VerifyError::Size { what, given, needed }),
            None => Ok(()),
        }
    }
}

/// The least number of 32 bits that is not below.
#[must_use]
pub(crate) fn up(value: f64) -> f32 {
    let near = value as f32;
    if f64::from(near) < value { near.next_up() } else { near }
}

/// The largest number of 32 bits that is not above.
#[must_use]
pub(crate) fn down(value: f64) -> f32 {
    let near = value as f32;
    if f64::from(near) > value { near.next_down() } else { near }
}

/// So many zeros.
pub(super) fn zeros<T: Copy + Default>(len: usize) -> Result<Vec<T>, OutOfMemory> {
    let mut array = Vec::new();
    let bytes = len.saturating_mul(size_of::<T>()) as u64;
    array.try_reserve_exact(len).map_err(|_| OutOfMemory::Allocator { bytes })?;
    array.resize(len, T::default());
    Ok(array)
}

/// `to` becomes `from`, which is as long.
pub(super) fn widen(from: &[f32], to: &mut [f64]) {
    to.iter_mut().zip(from).for_each(|(to, &from)| *to = f64::from(from));
}
