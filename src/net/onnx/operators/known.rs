//! Operators whose answer is known while reading: constants, shapes, and what exporters compute shapes with.

use half::{bf16, f16};

use super::super::build::Builder;
use super::super::call::Call;
use super::super::value::{Ints, Value, element, not_finite};
use super::super::{OnnxError, fold};
use crate::net::{Constant, Elements, broadcast};

pub fn constant(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    call.arity(0, 0)?;
    let name = call.output(0);
    let mut given = Vec::new();
    if let Some(value) = call.tensor("value", builder.held)? {
        given.push(match value {
            // Layers know it by the node's output, not by what the stored tensor was called.
            Value::Real(weights) => Value::real(weights.constant.clone(), name),
            other => other,
        });
    }
    if call.opset >= 12 {
        if let Some(value) = call.any_float("value_float")? {
            given.push(float(builder, call, &[], vec![value])?);
        }
        if let Some(values) = call.floats("value_floats", builder.held)? {
            given.push(float(builder, call, &[values.len()], values)?);
        }
        if let Some(value) = call.int("value_int")? {
            given.push(Value::ints(vec![], element::INT64, vec![value]));
        }
        if let Some(values) = call.ints("value_ints", builder.held)? {
            given.push(Value::ints(vec![values.len()], element::INT64, values));
        }
    }
    call.finish()?;
    match (given.pop(), given.is_empty()) {
        (Some(value), true) => Ok(value),
        _ => Err(call.invalid("one value is needed")),
    }
}

fn float(
    builder: &mut Builder<'_, '_>,
    call: &Call<'_, '_>,
    shape: &[usize],
    values: Vec<f32>,
) -> Result<Value, OnnxError> {
    let name = call.output(0);
    if let [value] = values[..]
        && !value.is_finite()
    {
        return Ok(Value::Extreme { shape: shape.to_vec(), value: f64::from(value), name: name.to_owned() });
    }
    builder.held.take(values.len() as u64 * 4)?;
    Ok(Value::real(Constant::new(shape, Elements::F32(values)).map_err(|e| call.refused(e))?, name))
}

pub fn constant_of_shape(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    call.arity(1, 1)?;
    let sizes = call.list(0)?.unwrap_or_default();
    let shape = sizes.iter().map(|&s| call.size(s, "a size")).collect::<Result<Vec<_>, _>>()?;
    let len = fold::bounded(call, &shape)?;
    match call.tensor("value", builder.held)? {
        None => filled(builder, call, shape, len, 0.0f32, Elements::F32),
        Some(Value::Int(Ints { kind, values, .. })) if values.len() == 1 => {
            let mut all = builder.held.array(len)?;
            all.resize(len, values[0]);
            Ok(Value::ints(shape, kind, all))
        }
        Some(Value::Real(weights)) if weights.constant.len() == 1 => match weights.constant.elements() {
            Elements::F32(e) => filled(builder, call, shape, len, e[0], Elements::F32),
            Elements::F64(e) => filled(builder, call, shape, len, e[0], Elements::F64),
        },
        Some(Value::Extreme { value, name, .. }) => Err(not_finite(&name, value)),
        Some(_) => Err(call.invalid("the value is not one number")),
    }
}

fn filled<T: Copy>(
    builder: &mut Builder<'_, '_>,
    call: &Call<'_, '_>,
    shape: Vec<usize>,
    len: usize,
    value: T,
    elements: impl FnOnce(Vec<T>) -> Elements,
) -> Result<Value, OnnxError> {
    let mut all = builder.held.array(len)?;
    all.resize(len, value);
    let constant = Constant::new(&shape, elements(all)).map_err(|e| call.refused(e))?;
    Ok(Value::real(constant, call.output(0)))
}

pub fn shape(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    call.arity(1, 1)?;
    let (start, end) = if call.opset >= 15 { (call.int("start")?, call.int("end")?) } else { (None, None) };
    let shape = builder.shape(call.input(0)?);
    let rank = shape.len() as i64;
    let within = |v: i64| usize::try_from(if v < 0 { v.saturating_add(rank) } else { v }.clamp(0, rank)).unwrap_or(0);
    let (start, end) = (within(start.unwrap_or(0)), within(end.unwrap_or(rank)));
    let kept: Vec<i64> = shape[start.min(end)..end].iter().map(|&d| d as i64).collect();
    Ok(Value::ints(vec![kept.len()], element::INT64, kept))
}

/// A cast to a type of at least 32 bits changes no real number of a network; known numbers are cast as ONNX has it.
pub fn cast(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    call.ignore(&["saturate", "round_mode"]);
    call.arity(1, 1)?;
    let to = call.int("to")?.ok_or_else(|| call.invalid("the type to cast to is missing"))?;
    let x = call.input(0)?;
    let bad = || call.unsupported(format!("a cast to {}", element::name(to)));
    let outside = |value: &dyn std::fmt::Display| call.invalid(format!("{value} does not fit {}", element::name(to)));
    match (x, element::range(to)) {
        (Value::Tensor(_), _) if matches!(to, element::FLOAT | element::DOUBLE) => Ok(x.clone()),
        (Value::Tensor(_), _) => Err(call.unsupported(format!("a cast to {}, which rounds", element::name(to)))),
        (Value::Extreme { .. }, _) if element::is_real(to) => Ok(x.clone()),
        (Value::Extreme { value, name, .. }, _) => Err(not_finite(name, *value)),
        (Value::Int(ints), Some((least, most))) => {
            let mut values = builder.held.array(ints.values.len())?;
            for &v in ints.values.iter() {
                let v = if to == element::BOOL { i64::from(v != 0) } else { v };
                values.push(if (least..=most).contains(&v) { v } else { return Err(outside(&v)) });
            }
            Ok(Value::ints(ints.shape.clone(), to, values))
        }
        (Value::Real(weights), Some((least, most))) => {
            let constant = &weights.constant;
            let mut values = builder.held.array(constant.len())?;
            for v in (0..constant.len()).map(|i| constant.get(i)) {
                // The greatest of 64 bits is no double: what reaches its neighbour above is refused.
                let whole = if to == element::BOOL { f64::from(v != 0.0) } else { v.trunc() };
                let fits = whole >= least as f64 && whole <= most as f64 && whole < 9_223_372_036_854_775_808.0;
                values.push(if fits { whole as i64 } else { return Err(outside(&v)) });
            }
            Ok(Value::ints(constant.shape().to_vec(), to, values))
        }
        (Value::Int(ints), None) => {
            let mut values = builder.held.array(ints.values.len())?;
            for &v in ints.values.iter() {
                values.push(rounded(v as f64, to).ok_or_else(bad)?);
            }
            builder.computed(call, call.output(0), &ints.shape.clone(), values)
        }
        (Value::Real(weights), None) => {
            let constant = &weights.constant;
            let mut values = builder.held.array(constant.len())?;
            for v in (0..constant.len()).map(|i| constant.get(i)) {
                values.push(rounded(v, to).ok_or_else(bad)?);
            }
            builder.computed(call, call.output(0), &constant.shape().to_vec(), values)
        }
    }
}

/// A number in a type of reals.
fn rounded(value: f64, to: i64) -> Option<f64> {
    Some(match to {
        element::DOUBLE => value,
        element::FLOAT => f64::from(value as f32),
        element::FLOAT16 => f16::from_f64(value).to_f64(),
        element::BFLOAT16 => bf16::from_f64(value).to_f64(),
        _ => return None,
    })
}

fn integers<'v>(call: &'v Call<'_, '_>, index: usize) -> Result<&'v Ints, OnnxError> {
    call.known_ints(index)?.ok_or_else(|| call.invalid(format!("input {index} is missing")))
}

/// Of integers; nothing else makes shapes.
pub fn range(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    call.ignore(&["stash_type"]);
    call.arity(3, 3)?;
    let kind = integers(call, 0)?.kind;
    let mut bounds = [0i128; 3];
    for (index, bound) in bounds.iter_mut().enumerate() {
        let ints = integers(call, index)?;
        if ints.values.len() != 1 || ints.kind != kind {
            return Err(call.invalid("it takes three numbers of one type"));
        }
        *bound = i128::from(ints.values[0]);
    }
    let [start, limit, step] = bounds;
    if step == 0 {
        return Err(call.invalid("the step is 0"));
    }
    let reach = (limit - start) * step.signum();
    let len = if reach > 0 { (reach - 1) / step.abs() + 1 } else { 0 };
    let len = fold::bounded(call, &[usize::try_from(len).unwrap_or(usize::MAX)])?;
    let mut values = builder.held.array(len)?;
    // Each lies between start and limit.
    values.extend((0..len as i128).map(|i| i64::try_from(start + i * step).unwrap_or(0)));
    Ok(Value::ints(vec![len], kind, values))
}

/// Of integers.
pub fn equal(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    call.arity(2, 2)?;
    let (a, b) = (integers(call, 0)?, integers(call, 1)?);
    if a.kind != b.kind {
        return Err(call.invalid("its operands have different element types"));
    }
    let shape = joined(call, &[&a.shape, &b.shape])?;
    let len = fold::bounded(call, &shape)?;
    let (a, b) = (fold::expanded(builder, a, &shape, len)?, fold::expanded(builder, b, &shape, len)?);
    let mut values = builder.held.array(len)?;
    values.extend(a.iter().zip(&b).map(|(a, b)| i64::from(a == b)));
    Ok(Value::ints(shape, element::BOOL, values))
}

/// Where: a choice between known numbers of one kind.
pub fn choose(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    call.arity(3, 3)?;
    let condition = integers(call, 0)?;
    let (a, b) = (call.input(1)?, call.input(2)?);
    let shape = joined(call, &[&condition.shape, builder.shape(a), builder.shape(b)])?;
    let len = fold::bounded(call, &shape)?;
    let choice = fold::expanded(builder, condition, &shape, len)?;
    match (fold::expand(builder, call, "", a, &shape)?, fold::expand(builder, call, "", b, &shape)?) {
        (Value::Int(a), Value::Int(b)) if a.kind == b.kind => {
            let mut values = builder.held.array(len)?;
            values.extend((0..len).map(|i| if choice[i] != 0 { a.values[i] } else { b.values[i] }));
            Ok(Value::ints(shape, a.kind, values))
        }
        (Value::Real(a), Value::Real(b)) => {
            let mut values = builder.held.array(len)?;
            values.extend((0..len).map(|i| if choice[i] != 0 { a.constant.get(i) } else { b.constant.get(i) }));
            builder.computed(call, call.output(0), &shape, values)
        }
        (Value::Tensor(_), _) | (_, Value::Tensor(_)) => {
            Err(call.unsupported("a choice between tensors that are not known when the file is read"))
        }
        _ => Err(call.invalid("its operands have different element types")),
    }
}

fn joined(call: &Call<'_, '_>, shapes: &[&[usize]]) -> Result<Vec<usize>, OnnxError> {
    let joined = shapes.iter().try_fold(Vec::new(), |all, shape| broadcast(&all, shape));
    joined.ok_or_else(|| call.invalid(format!("shapes {shapes:?} do not broadcast")))
}

pub fn expand(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    call.arity(2, 2)?;
    let sizes = call.list(1)?.unwrap_or_default();
    let shape = sizes.iter().map(|&s| call.size(s, "a size")).collect::<Result<Vec<_>, _>>()?;
    fold::expand(builder, call, call.output(0), call.input(0)?, &shape)
}
