//! Linear bounds of linear functions of the outputs.

use super::BoundsError;
use super::crown::{Duals, Frame, Rows};
use super::graph::Graph;
use super::magnitude::Magnitudes;
use super::number::Number;
use super::round::TINY;
use crate::net::eval::meter::Meter;
use crate::net::eval::plan::Place;

/// Functions `outputs · y + inputs · x`, one a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spec<'a> {
    /// The box of each row.
    pub boxes: &'a [u32],
    /// Which of the functions.
    pub functions: &'a [u32],
    /// Coefficients of outputs, `[function][output]`.
    pub outputs: &'a [f64],
    /// Coefficients of inputs, `[function][input]`; empty where there are none.
    pub inputs: &'a [f64],
    /// What each row's function is multiplied by, none of them negative; empty where it is 1.
    pub factors: &'a [f64],
}

/// Substitutes all rows back. Afterwards the rows hold linear lower bounds, settled.
pub(crate) fn substitute<T: Number>(
    graph: &Graph,
    magnitudes: &Magnitudes,
    frame: &Frame<'_, T>,
    spec: &Spec<'_>,
    duals: Option<&Duals<'_, T>>,
    rows: &mut Rows<T>,
    meter: &mut Meter<'_>,
) -> Result<(), BoundsError> {
    begin(graph, magnitudes, spec, rows, meter)?;
    finish(graph, magnitudes, frame, spec, duals, rows, meter)
}

/// Writes the rows.
pub(super) fn begin<T: Number>(
    graph: &Graph,
    magnitudes: &Magnitudes,
    spec: &Spec<'_>,
    rows: &mut Rows<T>,
    meter: &mut Meter<'_>,
) -> Result<(), BoundsError> {
    rows.start(graph, spec.boxes.iter().copied());
    let factor = |row: usize| spec.factors.get(row).copied().unwrap_or(1.0);
    let mut offset = 0;
    for &tensor in &graph.plan.outputs {
        let place = graph.plan.places[tensor.index()];
        let length = graph.plan.sizes[tensor.index()];
        let of = |row: usize| &spec.outputs[spec.functions[row] as usize * graph.output_len + offset..][..length];
        match place {
            Place::Root(root) => {
                let boxes = spec.boxes.len();
                let sizes = &magnitudes.values[root];
                let mut errors = vec![0.0; boxes];
                let to = rows.at(graph, root, meter)?;
                for (row, error) in errors.iter_mut().enumerate() {
                    let factor = factor(row);
                    for ((to, &c), size) in to[row * length..(row + 1) * length].iter_mut().zip(of(row)).zip(sizes) {
                        let c = factor * c;
                        // A tensor that is an output twice has the sum.
                        if T::SOUND && c != 0.0 && (*to != T::ZERO || factor != 1.0) {
                            *error += f64::EPSILON * ((to.to_f64() + c).abs() + c.abs()) * size + TINY;
                        }
                        *to += T::from_f64(c);
                    }
                }
                rows.error.iter_mut().zip(errors).for_each(|(error, more)| *error += more);
            }
            Place::Constant(index) => {
                let constant = &graph.plan.constants[index];
                for row in 0..spec.boxes.len() {
                    for (i, &c) in of(row).iter().enumerate() {
                        let more = factor(row) * c * constant.get(i);
                        rows.constant[row] += more;
                        rows.error[row] += f64::EPSILON * (2.0 * more.abs() + rows.constant[row].abs()) + TINY;
                    }
                }
            }
        }
        offset += length;
    }
    Ok(())
}

/// Goes back with rows that [`begin`] wrote.
pub(super) fn finish<T: Number>(
    graph: &Graph,
    magnitudes: &Magnitudes,
    frame: &Frame<'_, T>,
    spec: &Spec<'_>,
    duals: Option<&Duals<'_, T>>,
    rows: &mut Rows<T>,
    meter: &mut Meter<'_>,
) -> Result<(), BoundsError> {
    let top = graph.plan.lengths.len().saturating_sub(1);
    rows.substitute(graph, magnitudes, frame, duals, top, None, meter)?;
    if !spec.inputs.is_empty() {
        for &(root, offset) in &graph.inputs {
            let length = graph.plan.lengths[root];
            let mut errors = vec![0.0; spec.boxes.len()];
            let to = rows.at(graph, root, meter)?;
            for (row, error) in errors.iter_mut().enumerate() {
                let of = &spec.inputs[spec.functions[row] as usize * graph.input_len + offset..][..length];
                let factor = spec.factors.get(row).copied().unwrap_or(1.0);
                for (i, (to, &c)) in to[row * length..(row + 1) * length].iter_mut().zip(of).enumerate() {
                    let c = factor * c;
                    *to += T::from_f64(c);
                    if T::SOUND && c != 0.0 {
                        *error += f64::EPSILON * (to.to_f64().abs() + c.abs()) * magnitudes.values[root][i] + TINY;
                    }
                }
            }
            rows.error.iter_mut().zip(errors).for_each(|(error, more)| *error += more);
        }
    }
    rows.settle();
    Ok(())
}
