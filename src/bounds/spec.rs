//! Linear bounds of linear functions of the outputs.

use super::BoundsError;
use super::batch::Batch;
use super::crown::{Duals, Rows};
use super::graph::Graph;
use super::magnitude::Magnitudes;
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
}

/// Substitutes all rows back. Afterwards the rows hold linear lower bounds, settled.
pub(crate) fn substitute(
    graph: &Graph,
    magnitudes: &Magnitudes,
    batch: &Batch,
    spec: &Spec<'_>,
    duals: Option<&Duals<'_>>,
    rows: &mut Rows,
    meter: &mut Meter<'_>,
) -> Result<(), BoundsError> {
    rows.start(graph, spec.boxes.iter().copied());
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
                    for ((to, &c), size) in to[row * length..(row + 1) * length].iter_mut().zip(of(row)).zip(sizes) {
                        // A tensor that is an output twice has the sum.
                        if *to != 0.0 && c != 0.0 {
                            *error += f64::EPSILON * (*to + c).abs() * size;
                        }
                        *to += c;
                    }
                }
                rows.error.iter_mut().zip(errors).for_each(|(error, more)| *error += more);
            }
            Place::Constant(index) => {
                let constant = &graph.plan.constants[index];
                for row in 0..spec.boxes.len() {
                    for (i, &c) in of(row).iter().enumerate() {
                        let more = c * constant.get(i);
                        rows.constant[row] += more;
                        rows.error[row] += f64::EPSILON * (more.abs() + rows.constant[row].abs());
                    }
                }
            }
        }
        offset += length;
    }
    let top = graph.plan.lengths.len().saturating_sub(1);
    rows.substitute(graph, magnitudes, &batch.frame(), duals, top, None, meter)?;
    if !spec.inputs.is_empty() {
        for &(root, offset) in &graph.inputs {
            let length = graph.plan.lengths[root];
            let mut errors = vec![0.0; spec.boxes.len()];
            let to = rows.at(graph, root, meter)?;
            for (row, error) in errors.iter_mut().enumerate() {
                let of = &spec.inputs[spec.functions[row] as usize * graph.input_len + offset..][..length];
                for (i, (to, &c)) in to[row * length..(row + 1) * length].iter_mut().zip(of).enumerate() {
                    *to += c;
                    if c != 0.0 {
                        *error += f64::EPSILON * to.abs() * magnitudes.values[root][i];
                    }
                }
            }
            rows.error.iter_mut().zip(errors).for_each(|(error, more)| *error += more);
        }
    }
    rows.settle();
    Ok(())
}
