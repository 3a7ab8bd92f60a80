//! What a caller gives is looked at before anything is computed.

use super::{Bounds, BoundsError, Contracted, Functions, Method, Polytope, Query, Results, Splits};

fn lengths(all: &[(&'static str, usize, usize)]) -> Result<(), BoundsError> {
    match all.iter().find(|(_, given, needed)| given != needed) {
        Some(&(what, given, needed)) => Err(BoundsError::Length { what, given, needed }),
        None => Ok(()),
    }
}

/// So many rows of so many numbers; what cannot be counted cannot be given either.
fn product(what: &'static str, counts: &[usize]) -> Result<usize, BoundsError> {
    let all = counts.iter().try_fold(1usize, |all, &count| all.checked_mul(count));
    all.filter(|&all| all <= isize::MAX as usize / 8).ok_or(BoundsError::TooMany { what })
}

/// The root box of a network with so many inputs.
pub(super) fn root_box(inputs: usize, lower: &[f64], upper: &[f64]) -> Result<(), BoundsError> {
    lengths(&[
        ("the root box's lower bounds", lower.len(), inputs),
        ("the root box's upper bounds", upper.len(), inputs),
    ])?;
    box_ends("the root box", lower, upper)
}

/// A box: finite, and lower bounds are not above upper ones.
fn box_ends(what: &'static str, lower: &[f64], upper: &[f64]) -> Result<(), BoundsError> {
    finite(what, lower)?;
    finite(what, upper)?;
    ascend(what, lower, upper)
}

fn finite(what: &'static str, values: &[f64]) -> Result<(), BoundsError> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(BoundsError::Value { what, index, value: values[index] }),
        None => Ok(()),
    }
}

fn ascend(what: &'static str, lower: &[f64], upper: &[f64]) -> Result<(), BoundsError> {
    match lower.iter().zip(upper).position(|(lower, upper)| lower > upper) {
        Some(index) => Err(BoundsError::Crossed { what, index, lower: lower[index], upper: upper[index] }),
        None => Ok(()),
    }
}

pub(super) fn query(bounds: &Bounds, query: &Query<'_>) -> Result<(), BoundsError> {
    let (n, m, total) = (bounds.input_len(), bounds.output_len(), bounds.num_neurons());
    let of_boxes = product("the boxes", &[query.boxes, n])?;
    lengths(&[
        ("the boxes' lower bounds", query.lower.len(), of_boxes),
        ("the boxes' upper bounds", query.upper.len(), of_boxes),
        ("the rows' coefficients of outputs", query.outputs.len(), product("the rows", &[query.rows, m])?),
    ])?;
    if !query.inputs.is_empty() {
        let needed = product("the rows", &[query.rows, n])?;
        lengths(&[("the rows' coefficients of inputs", query.inputs.len(), needed)])?;
    }
    box_ends("the boxes", query.lower, query.upper)?;
    let (lower, upper) = bounds.root_box();
    for index in 0..query.boxes {
        for input in 0..n {
            let (l, u) = (query.lower[index * n + input], query.upper[index * n + input]);
            if l < lower[input] || u > upper[input] {
                let value = if l < lower[input] { l } else { u };
                return Err(BoundsError::Outside { index, input, value });
            }
        }
    }
    finite("the rows' coefficients of outputs", query.outputs)?;
    finite("the rows' coefficients of inputs", query.inputs)?;
    if !(query.known.0.is_empty() && query.known.1.is_empty()) {
        let needed = product("the known bounds of neurons", &[query.boxes, total])?;
        lengths(&[
            ("the known lower bounds of neurons", query.known.0.len(), needed),
            ("the known upper bounds of neurons", query.known.1.len(), needed),
        ])?;
        for ends in [query.known.0, query.known.1] {
            if let Some(index) = ends.iter().position(|value| value.is_nan()) {
                return Err(BoundsError::Value { what: "the known bounds of neurons", index, value: f64::NAN });
            }
        }
        ascend("the known bounds of neurons", query.known.0, query.known.1)?;
    }
    splits(bounds, query.boxes, &query.splits)
}

fn splits(bounds: &Bounds, boxes: usize, splits: &Splits<'_>) -> Result<(), BoundsError> {
    let count = splits.neurons.len();
    lengths(&[("the splits' phases", splits.phases.len(), count)])?;
    if splits.offsets.is_empty() {
        return lengths(&[("the splits' neurons, without offsets,", count, 0)]);
    }
    lengths(&[("the splits' offsets", splits.offsets.len(), boxes.saturating_add(1))])?;
    let bad = |index: usize| Err(BoundsError::Offset { index, value: splits.offsets[index], splits: count });
    if splits.offsets[0] != 0 {
        return bad(0);
    }
    if let Some(index) = splits.offsets.windows(2).position(|pair| pair[0] > pair[1]) {
        return bad(index + 1);
    }
    if splits.offsets[boxes] != count {
        return bad(boxes);
    }
    for (index, (&neuron, &phase)) in splits.neurons.iter().zip(splits.phases).enumerate() {
        let neuron = neuron as usize;
        let set = bounds.neurons().iter().find(|n| (n.first..n.first + n.count).contains(&neuron));
        let why = match set {
            None => "is not there",
            Some(set) if !set.splittable => "cannot be split: it is no operand of ReLU or the like",
            Some(_) if phase != 1 && phase != -1 => "has a phase that is neither 1 nor -1",
            Some(_) => continue,
        };
        return Err(BoundsError::Neuron { index, neuron, why });
    }
    Ok(())
}

pub(super) fn results(bounds: &Bounds, query: &Query<'_>, results: &Results<'_>) -> Result<(), BoundsError> {
    let (boxes, rows) = (query.boxes, query.rows);
    let of_rows = product("the rows of all boxes", &[boxes, rows])?;
    let of_functions = product("the linear functions of all boxes", &[boxes, rows, bounds.input_len()])?;
    let of_neurons = product("the neurons of all boxes", &[boxes, bounds.num_neurons()])?;
    let length = |given: &Option<&mut [f64]>, needed: usize| given.as_ref().map_or(needed, |to| to.len());
    let function = |given: &Option<Functions<'_>>| {
        given.as_ref().map_or((of_functions, of_rows), |to| (to.coefficients.len(), to.constants.len()))
    };
    let (below, above) = (function(&results.below), function(&results.above));
    let neurons = results.neurons.as_ref().map_or((of_neurons, of_neurons), |to| (to.0.len(), to.1.len()));
    lengths(&[
        ("room for lower bounds", length(&results.lower, of_rows), of_rows),
        ("room for upper bounds", length(&results.upper, of_rows), of_rows),
        ("room for coefficients of functions below", below.0, of_functions),
        ("room for constants of functions below", below.1, of_rows),
        ("room for coefficients of functions above", above.0, of_functions),
        ("room for constants of functions above", above.1, of_rows),
        ("room for points", length(&results.points, of_functions), of_functions),
        ("room for lower bounds of neurons", neurons.0, of_neurons),
        ("room for upper bounds of neurons", neurons.1, of_neurons),
        ("room for flags of empty boxes", results.empty.as_ref().map_or(boxes, |to| to.len()), boxes),
    ])?;
    match query.method {
        Method::Alpha { iterations, neuron_iterations } if iterations.max(neuron_iterations) > MOST_ITERATIONS => {
            Err(BoundsError::TooMany { what: "the iterations" })
        }
        _ => Ok(()),
    }
}

/// More would be a negative number taken as another, say.
const MOST_ITERATIONS: usize = 1 << 24;

pub(super) fn polytope(
    bounds: &Bounds,
    query: &Query<'_>,
    polytope: &Polytope<'_>,
    contracted: &Contracted<'_>,
) -> Result<(), BoundsError> {
    let of_boxes = query.boxes * bounds.input_len();
    let of_neurons = product("the neurons of all boxes", &[query.boxes, bounds.num_neurons()])?;
    let neurons = contracted.neurons.as_ref().map_or((of_neurons, of_neurons), |to| (to.0.len(), to.1.len()));
    let strict = if polytope.strict.is_empty() { query.rows } else { polytope.strict.len() };
    lengths(&[
        ("the rows' right sides", polytope.right.len(), query.rows),
        ("the rows' strictness", strict, query.rows),
        ("room for the boxes' lower bounds", contracted.lower.len(), of_boxes),
        ("room for the boxes' upper bounds", contracted.upper.len(), of_boxes),
        ("room for lower bounds of neurons", neurons.0, of_neurons),
        ("room for upper bounds of neurons", neurons.1, of_neurons),
        ("room for flags of empty boxes", contracted.empty.as_ref().map_or(query.boxes, |to| to.len()), query.boxes),
    ])?;
    finite("the rows' right sides", polytope.right)
}
