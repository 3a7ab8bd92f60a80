//! Operators that work element by element, and those that change nothing.

use super::super::OnnxError;
use super::super::build::Builder;
use super::super::call::Call;
use super::super::value::Value;
use crate::net::Op;

pub fn unary(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>, op: Op) -> Result<Value, OnnxError> {
    call.arity(1, 1)?;
    builder.apply(call, call.output(0), op, &[call.input(0)?.clone()])
}

pub fn binary(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>, op: Op) -> Result<Value, OnnxError> {
    call.arity(2, 2)?;
    builder.apply(call, call.output(0), op, &[call.input(0)?.clone(), call.input(1)?.clone()])
}

/// Bounds were attributes before opset 11. One that is missing is infinite: the default, the largest float, is meant so.
pub fn clip(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    let (min, max) = if call.opset < 11 {
        call.arity(1, 1)?;
        (call.any_float("min")?.map(f64::from), call.any_float("max")?.map(f64::from))
    } else {
        call.arity(1, 3)?;
        (bound(call, 1)?, bound(call, 2)?)
    };
    let op = Op::Clip { min: min.unwrap_or(f64::NEG_INFINITY), max: max.unwrap_or(f64::INFINITY) };
    builder.apply(call, call.output(0), op, &[call.input(0)?.clone()])
}

fn bound(call: &Call<'_, '_>, index: usize) -> Result<Option<f64>, OnnxError> {
    match call.optional(index) {
        None => Ok(None),
        Some(Value::Extreme { value, .. }) => Ok(Some(*value)),
        Some(Value::Real(weights)) if weights.constant.len() == 1 => Ok(Some(weights.constant.get(0))),
        Some(Value::Tensor(_)) => Err(call.unsupported(format!("input {index} is not known when the file is read"))),
        Some(_) => Err(call.invalid(format!("input {index} is not one real number"))),
    }
}

pub fn identity(call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    call.arity(1, 1)?;
    Ok(call.input(0)?.clone())
}

/// When nothing is trained it changes nothing.
pub fn dropout(call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    call.ignore(&["ratio", "seed"]);
    call.arity(1, if call.opset < 12 { 1 } else { 3 })?;
    match call.known_ints(2)? {
        Some(training) if training.values.iter().any(|v| *v != 0) => Err(call.unsupported("training mode")),
        _ => Ok(call.input(0)?.clone()),
    }
}
