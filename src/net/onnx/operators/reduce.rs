//! Sums, means and softmax.

use super::super::OnnxError;
use super::super::build::Builder;
use super::super::call::Call;
use super::super::value::Value;
use crate::net::Op;

/// `since`: the opset in which the axes became an input.
pub fn reduce(
    builder: &mut Builder<'_, '_>,
    call: &Call<'_, '_>,
    since: i64,
    op: impl FnOnce(Vec<usize>, bool) -> Op,
) -> Result<Value, OnnxError> {
    call.arity(1, if call.opset < since { 1 } else { 2 })?;
    let keep = call.flag("keepdims", true)?;
    let noop = call.opset >= since && call.flag("noop_with_empty_axes", false)?;
    let x = call.input(0)?;
    let rank = builder.shape(x).len();
    let axes = match call.moved("axes", since, 1, builder.held)?.filter(|axes| !axes.is_empty()) {
        Some(axes) => call.axes(&axes, rank)?,
        None if noop => return Ok(x.clone()),
        None => (0..rank).collect(),
    };
    builder.apply(call, call.output(0), op(axes, keep), std::slice::from_ref(x))
}

/// Before opset 13 the axis cut the shape in two, and the softmax was over all of the second part.
pub fn softmax(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    call.arity(1, 1)?;
    let x = call.input(0)?;
    let rank = builder.shape(x).len();
    let old = call.opset < 13;
    let first = call.axis(call.int("axis")?.unwrap_or(if old { 1 } else { -1 }), rank)?;
    let count = if old { rank - first } else { 1 };
    builder.apply(call, call.output(0), Op::Softmax { first, count }, std::slice::from_ref(x))
}
