//! Operators whose operands are all known are computed while reading.
//!
//! Elements that are only moved stay as they are. Integers, which shapes are made of, are computed with in 64 bits and
//! checked against their type. All other reals are computed by [`Evaluator`] in 64 bits.

use std::borrow::Cow;

use super::OnnxError;
use super::build::Builder;
use super::call::Call;
use super::value::{Ints, Value, element};
use crate::error::OutOfMemory;
use crate::net::eval::{EvalError, Evaluator};
use crate::net::{Constant, Elements, Network, Op, broadcast, element_count};

/// The most elements that a computed constant may have: a short file is not to ask for much.
const MAX_FOLDED: usize = 1 << 26;

/// A shape that is not too large for a computed constant; answers its elements.
pub fn bounded(call: &Call<'_, '_>, shape: &[usize]) -> Result<usize, OnnxError> {
    let len = element_count(shape).map_err(|e| call.refused(e))?;
    if len <= MAX_FOLDED {
        return Ok(len);
    }
    Err(call.unsupported(format!("a computed constant of {len} elements, the most are {MAX_FOLDED}")))
}

/// What the operator answers, `None` where an operand is not known.
pub fn apply(
    builder: &mut Builder<'_, '_>,
    call: &Call<'_, '_>,
    name: &str,
    op: &Op,
    operands: &[Value],
) -> Result<Option<Value>, OnnxError> {
    let ints: Option<Vec<&Ints>> =
        operands.iter().map(|v| if let Value::Int(i) = v { Some(i) } else { None }).collect();
    if let Some(ints) = ints.filter(|i| !i.is_empty()) {
        return integers(builder, call, op, &ints);
    }
    let reals: Option<Vec<&Constant>> = operands.iter().map(Value::constant).collect();
    match reals.filter(|r| !r.is_empty()) {
        Some(reals) if only_moves(op) => moved_reals(builder, call, name, op, &reals).map(Some),
        Some(reals) => evaluated(builder, call, name, op, &reals).map(Some),
        None => Ok(None),
    }
}

fn only_moves(op: &Op) -> bool {
    matches!(op, Op::Reshape { .. } | Op::Transpose { .. } | Op::Slice { .. } | Op::Concat { .. } | Op::Gather { .. })
}

/// The shape of what an operator answers that needs no constants.
fn shape_of(call: &Call<'_, '_>, op: &Op, shapes: &[&[usize]]) -> Result<Vec<usize>, OnnxError> {
    let mut network = Network::new();
    let mut ids = Vec::new();
    for shape in shapes {
        ids.push(network.add_input("", shape).map_err(|e| call.refused(e))?);
    }
    let id = network.add_layer("", op.clone(), &ids).map_err(|e| call.refused(e))?;
    Ok(network.tensor(id).shape().to_vec())
}

fn moved_reals(
    builder: &mut Builder<'_, '_>,
    call: &Call<'_, '_>,
    name: &str,
    op: &Op,
    operands: &[&Constant],
) -> Result<Value, OnnxError> {
    let shapes: Vec<&[usize]> = operands.iter().map(|c| c.shape()).collect();
    let shape = shape_of(call, op, &shapes)?;
    if let Op::Reshape { .. } = op {
        let same = operands[0].reshaped(&shape).map_err(|e| call.refused(e))?;
        return Ok(Value::real(same, name));
    }
    let len = bounded(call, &shape)?;
    let narrow: Option<Vec<&[f32]>> = operands
        .iter()
        .map(|c| match c.elements() {
            Elements::F32(e) => Some(e.as_slice()),
            Elements::F64(_) => None,
        })
        .collect();
    let elements = match narrow {
        Some(all) => Elements::F32(moved(op, &shapes, &all, &shape, builder.held.array(len)?)),
        None => {
            let wide: Vec<Cow<'_, [f64]>> = operands.iter().map(|c| c.to_f64()).collect::<Result<_, OutOfMemory>>()?;
            let all: Vec<&[f64]> = wide.iter().map(|c| &**c).collect();
            Elements::F64(moved(op, &shapes, &all, &shape, builder.held.array(len)?))
        }
    };
    Ok(Value::real(Constant::new(&shape, elements).map_err(|e| call.refused(e))?, name))
}

fn evaluated(
    builder: &mut Builder<'_, '_>,
    call: &Call<'_, '_>,
    name: &str,
    op: &Op,
    operands: &[&Constant],
) -> Result<Value, OnnxError> {
    let mut network = Network::new();
    let mut ids = Vec::new();
    for constant in operands {
        ids.push(network.add_constant("", (*constant).clone()).map_err(|e| call.refused(e))?);
    }
    let id = network.add_layer("", op.clone(), &ids).map_err(|e| call.refused(e))?;
    network.add_output(id).map_err(|e| call.refused(e))?;
    let shape = network.tensor(id).shape().to_vec();
    let len = bounded(call, &shape)?;
    let mut values = builder.held.array(len)?;
    values.resize(len, 0.0);
    let evaluator = Evaluator::<f64>::new(&network)?;
    evaluator.evaluate(1, &[], &mut values, builder.held.budget()).map_err(|e| match e {
        EvalError::Stopped(stop) => OnnxError::from(stop),
        EvalError::Memory(error) => error.into(),
        error => call.invalid(error.to_string()),
    })?;
    builder.held.give_back(len as u64 * 8);
    builder.computed(call, name, &shape, values)
}

fn integers(
    builder: &mut Builder<'_, '_>,
    call: &Call<'_, '_>,
    op: &Op,
    operands: &[&Ints],
) -> Result<Option<Value>, OnnxError> {
    let kind = operands[0].kind;
    if operands.iter().any(|o| o.kind != kind) {
        return Err(call.invalid("its operands have different element types"));
    }
    let shapes: Vec<&[usize]> = operands.iter().map(|o| o.shape.as_slice()).collect();
    if only_moves(op) {
        let shape = shape_of(call, op, &shapes)?;
        let room = builder.held.array(bounded(call, &shape)?)?;
        let all: Vec<&[i64]> = operands.iter().map(|o| o.values.as_slice()).collect();
        let values = moved(op, &shapes, &all, &shape, room);
        return Ok(Some(Value::ints(shape, kind, values)));
    }
    let (least, most) = element::range(kind).unwrap_or((i64::MIN, i64::MAX));
    let checked = |value: Option<i64>| {
        let within = value.filter(|v| (least..=most).contains(v));
        within.ok_or_else(|| call.invalid(format!("a result does not fit {}", element::name(kind))))
    };
    let (shape, values) = match (op, operands) {
        (Op::Neg | Op::Abs, [x]) => {
            let mut values = builder.held.array(x.values.len())?;
            for &v in x.values.iter() {
                values.push(checked(if *op == Op::Neg { v.checked_neg() } else { v.checked_abs() })?);
            }
            (x.shape.clone(), values)
        }
        (Op::Add | Op::Sub | Op::Mul | Op::Div, [a, b]) => {
            let shape = shape_of(call, op, &shapes)?;
            let len = bounded(call, &shape)?;
            let (a, b) = (expanded(builder, a, &shape, len)?, expanded(builder, b, &shape, len)?);
            let mut values = builder.held.array(len)?;
            for (&a, &b) in a.iter().zip(&b) {
                values.push(checked(match op {
                    Op::Add => a.checked_add(b),
                    Op::Sub => a.checked_sub(b),
                    Op::Mul => a.checked_mul(b),
                    _ => a.checked_div(b),
                })?);
            }
            (shape, values)
        }
        _ => return Ok(None),
    };
    Ok(Some(Value::ints(shape, kind, values)))
}

/// Integers broadcast to a shape.
pub fn expanded(
    builder: &mut Builder<'_, '_>,
    ints: &Ints,
    shape: &[usize],
    len: usize,
) -> Result<Vec<i64>, OnnxError> {
    let mut out = builder.held.array(len)?;
    view(&ints.values, shape, 0, &broadcast_strides(&ints.shape, shape), &mut out);
    Ok(out)
}

/// Any known value broadcast to the shape that it and `shape` broadcast to.
pub fn expand(
    builder: &mut Builder<'_, '_>,
    call: &Call<'_, '_>,
    name: &str,
    value: &Value,
    shape: &[usize],
) -> Result<Value, OnnxError> {
    let from = builder.shape(value);
    let Some(shape) = broadcast(from, shape) else {
        return Err(call.invalid(format!("shape {from:?} does not broadcast to {shape:?}")));
    };
    let len = bounded(call, &shape)?;
    match value {
        Value::Int(ints) => {
            let values = expanded(builder, ints, &shape, len)?;
            Ok(Value::ints(shape, ints.kind, values))
        }
        Value::Real(weights) => {
            let strides = broadcast_strides(weights.constant.shape(), &shape);
            let elements = match weights.constant.elements() {
                Elements::F32(e) => {
                    let mut out = builder.held.array(len)?;
                    view(e, &shape, 0, &strides, &mut out);
                    Elements::F32(out)
                }
                Elements::F64(e) => {
                    let mut out = builder.held.array(len)?;
                    view(e, &shape, 0, &strides, &mut out);
                    Elements::F64(out)
                }
            };
            Ok(Value::real(Constant::new(&shape, elements).map_err(|e| call.refused(e))?, name))
        }
        Value::Tensor(_) if from == shape => Ok(value.clone()),
        Value::Tensor(_) => Err(call.unsupported("broadcasting a tensor that is not known when the file is read")),
        Value::Extreme { value, name, .. } => Err(super::value::not_finite(name, *value)),
    }
}

/// Steps between neighbours along each axis, row-major.
fn strides(shape: &[usize]) -> Vec<isize> {
    let mut strides = vec![1isize; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis].saturating_mul(shape[axis].max(1).cast_signed());
    }
    strides
}

/// Steps of a tensor of shape `from` that is broadcast to `to`.
fn broadcast_strides(from: &[usize], to: &[usize]) -> Vec<isize> {
    let mut steps = vec![0; to.len() - from.len()];
    steps.extend(strides(from).iter().zip(from).map(|(&step, &size)| if size == 1 { 0 } else { step }));
    steps
}

/// Appends the elements at `start` plus any combination of steps, row-major.
fn view<T: Copy>(data: &[T], shape: &[usize], start: usize, steps: &[isize], out: &mut Vec<T>) {
    if shape.contains(&0) {
        return;
    }
    let mut index = vec![0; shape.len()];
    let mut at = start.cast_signed();
    loop {
        out.push(data[at.cast_unsigned()]);
        let mut axis = shape.len();
        loop {
            let Some(next) = axis.checked_sub(1) else { return };
            axis = next;
            index[axis] += 1;
            if index[axis] < shape[axis] {
                at += steps[axis];
                break;
            }
            index[axis] = 0;
            at -= steps[axis] * (shape[axis] - 1).cast_signed();
        }
    }
}

/// The operands' elements in the order that `op`, which only moves, puts them in. `shape` was checked.
fn moved<T: Copy>(op: &Op, shapes: &[&[usize]], operands: &[&[T]], shape: &[usize], mut out: Vec<T>) -> Vec<T> {
    let (x, data) = (shapes[0], operands[0]);
    match op {
        Op::Transpose { axes } => {
            let steps = strides(x);
            let steps: Vec<isize> = axes.iter().map(|&a| steps[a]).collect();
            view(data, shape, 0, &steps, &mut out);
        }
        Op::Slice { starts, steps, .. } => {
            let strides = strides(x);
            let start = starts.iter().zip(&strides).map(|(&s, &step)| s * step.cast_unsigned()).sum();
            let steps: Vec<isize> = strides.iter().zip(steps).map(|(&a, &b)| a.saturating_mul(b)).collect();
            view(data, shape, start, &steps, &mut out);
        }
        Op::Concat { axis } => {
            let outer: usize = x[..*axis].iter().product();
            for i in 0..outer {
                for (shape, data) in shapes.iter().zip(operands) {
                    let block: usize = shape[*axis..].iter().product();
                    out.extend_from_slice(&data[i * block..(i + 1) * block]);
                }
            }
        }
        Op::Gather { axis, indices, .. } => {
            let (outer, inner) = (x[..*axis].iter().product::<usize>(), x[axis + 1..].iter().product::<usize>());
            for i in 0..outer {
                for &index in indices {
                    let begin = (i * x[*axis] + index) * inner;
                    out.extend_from_slice(&data[begin..begin + inner]);
                }
            }
        }
        _ => out.extend_from_slice(data),
    }
    out
}
