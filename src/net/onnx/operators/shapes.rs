//! Operators that give the same elements another shape or order, and padding.

use super::super::OnnxError;
use super::super::build::Builder;
use super::super::call::Call;
use super::super::value::Value;
use crate::net::{MAX_ELEMENTS, Op, PadMode};

/// The same elements in another shape.
fn reshaped(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>, shape: Vec<usize>) -> Result<Value, OnnxError> {
    builder.apply(call, call.output(0), Op::Reshape { shape }, &[call.input(0)?.clone()])
}

pub fn flatten(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    call.arity(1, 1)?;
    let x = builder.shape(call.input(0)?);
    // The axis may also be the one after the last.
    let axis = match call.int("axis")?.unwrap_or(1) {
        axis if axis == x.len() as i64 => x.len(),
        axis => call.axis(axis, x.len())?,
    };
    let shape = vec![x[..axis].iter().product(), x[axis..].iter().product()];
    reshaped(builder, call, shape)
}

pub fn reshape(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    call.arity(2, 2)?;
    let allow_zero = call.opset >= 14 && call.flag("allowzero", false)?;
    let x = builder.shape(call.input(0)?);
    let wanted = call.list(1)?.unwrap_or_default();
    let mut shape = Vec::new();
    let mut open = None;
    for (axis, &size) in wanted.iter().enumerate() {
        shape.push(match size {
            -1 => {
                if open.replace(axis).is_some() {
                    return Err(call.invalid(format!("two sizes are open in {wanted:?}")));
                }
                1
            }
            0 if !allow_zero => {
                let kept = x.get(axis).copied();
                kept.ok_or_else(|| call.invalid(format!("{wanted:?} keeps axis {axis}, which {x:?} does not have")))?
            }
            size => call.size(size, "a size")?,
        });
    }
    if let Some(axis) = open {
        let (all, rest) = (x.iter().product::<usize>(), product(&shape));
        match rest {
            Some(rest) if rest > 0 && all.is_multiple_of(rest) => shape[axis] = all / rest,
            _ => return Err(call.invalid(format!("shape {x:?} cannot become {wanted:?}"))),
        }
    }
    reshaped(builder, call, shape)
}

fn product(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d))
}

pub fn squeeze(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    call.arity(1, if call.opset < 13 { 1 } else { 2 })?;
    let axes = call.moved("axes", 13, 1, builder.held)?;
    let x = builder.shape(call.input(0)?);
    let axes = match axes {
        Some(axes) => call.axes(&axes, x.len())?,
        None => (0..x.len()).filter(|&a| x[a] == 1).collect(),
    };
    if let Some(axis) = axes.iter().find(|&&a| x[a] != 1) {
        return Err(call.invalid(format!("axis {axis} of {x:?} is not of size 1")));
    }
    let shape = (0..x.len()).filter(|a| !axes.contains(a)).map(|a| x[a]).collect();
    reshaped(builder, call, shape)
}

pub fn unsqueeze(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    call.arity(if call.opset < 13 { 1 } else { 2 }, if call.opset < 13 { 1 } else { 2 })?;
    let axes = call.moved("axes", 13, 1, builder.held)?.ok_or_else(|| call.invalid("axes are missing"))?;
    let x = builder.shape(call.input(0)?);
    let axes = call.axes(&axes, x.len().saturating_add(axes.len()))?;
    let mut rest = x.iter();
    let rank = x.len() + axes.len();
    let shape = (0..rank).map(|a| if axes.contains(&a) { 1 } else { rest.next().copied().unwrap_or(1) }).collect();
    reshaped(builder, call, shape)
}

pub fn transpose(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    call.arity(1, 1)?;
    let x = call.input(0)?;
    let axes = match call.ints("perm", builder.held)? {
        Some(perm) => perm.iter().map(|&a| call.size(a, "an axis")).collect::<Result<_, _>>()?,
        None => (0..builder.shape(x).len()).rev().collect(),
    };
    builder.apply(call, call.output(0), Op::Transpose { axes }, std::slice::from_ref(x))
}

pub fn concat(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    let axis = call.int("axis")?.ok_or_else(|| call.invalid("the axis is missing"))?;
    let axis = call.axis(axis, builder.shape(call.input(0)?).len())?;
    let operands = (0..call.num_inputs()).map(|i| call.input(i).cloned()).collect::<Result<Vec<_>, _>>()?;
    builder.apply(call, call.output(0), Op::Concat { axis }, &operands)
}

/// What to add was an attribute before opset 11; since 18 it may be for some axes only. Less than nothing cuts off.
pub fn pad(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    let most = [1, 3, 4][usize::from(call.opset >= 11) + usize::from(call.opset >= 18)];
    call.arity(1, most)?;
    let pads = call.moved("pads", 11, 1, builder.held)?.ok_or_else(|| call.invalid("pads are missing"))?;
    let fill = match call.optional(2) {
        _ if call.opset < 11 => call.float("value", 0.0)?,
        None => 0.0,
        Some(Value::Real(weights)) if weights.constant.len() == 1 => weights.constant.get(0),
        Some(Value::Extreme { value, .. }) => *value,
        Some(_) => return Err(call.unsupported("padding with anything but one known real number")),
    };
    let mode = match call.text("mode")?.unwrap_or("constant") {
        "constant" => PadMode::Constant(fill),
        "reflect" => PadMode::Reflect,
        "edge" => PadMode::Edge,
        other => return Err(call.unsupported(format!("mode {other:?}"))),
    };
    let x = call.input(0)?;
    let shape = builder.shape(x).to_vec();
    // Not sorted: the entries of pads are in the order of the axes.
    let axes: Vec<usize> = match if call.opset >= 18 { call.list(3)? } else { None } {
        Some(axes) => {
            call.axes(&axes, shape.len())?;
            axes.iter().map(|&a| call.axis(a, shape.len())).collect::<Result<_, _>>()?
        }
        None => (0..shape.len()).collect(),
    };
    if pads.len() != 2 * axes.len() {
        return Err(call.invalid(format!("{} pads were given for {} axes", pads.len(), axes.len())));
    }
    let (mut begin, mut end) = (vec![0; shape.len()], vec![0; shape.len()]);
    let (mut starts, mut lengths) = (vec![0; shape.len()], shape.clone());
    let mut cuts = false;
    for (i, &axis) in axes.iter().enumerate() {
        let (before, after) = (pads[i], pads[axes.len() + i]);
        if before.unsigned_abs().max(after.unsigned_abs()) > MAX_ELEMENTS as u64 {
            return Err(call.invalid(format!("pads are {pads:?}")));
        }
        let size = |v: i64| usize::try_from(v.max(0)).unwrap_or(0);
        (begin[axis], end[axis]) = (size(before), size(after));
        let (first, last) = (size(-before), size(-after));
        cuts |= first + last > 0;
        starts[axis] = first;
        lengths[axis] = (shape[axis] - first.min(shape[axis])).saturating_sub(last);
        if first + last > shape[axis] {
            return Err(call.invalid(format!("pads {pads:?} cut more than shape {shape:?} has")));
        }
    }
    if !cuts {
        return builder.apply(call, call.output(0), Op::Pad { begin, end, mode }, std::slice::from_ref(x));
    }
    if !matches!(mode, PadMode::Constant(_)) {
        return Err(call.unsupported("pads that cut off in a mode other than constant"));
    }
    let steps = vec![1; shape.len()];
    let kept = builder.apply(call, "", Op::Slice { starts, steps, lengths }, std::slice::from_ref(x))?;
    builder.apply(call, call.output(0), Op::Pad { begin, end, mode }, &[kept])
}
