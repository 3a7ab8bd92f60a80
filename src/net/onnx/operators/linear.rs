//! Matrix products and normalization.

use super::super::OnnxError;
use super::super::build::Builder;
use super::super::call::Call;
use super::super::fold;
use super::super::value::Value;
use crate::net::{Constant, Op};

pub fn matmul(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    call.arity(2, 2)?;
    let (a, b) = (call.input(0)?, call.input(1)?);
    let (rank_a, rank_b) = (builder.shape(a).len(), builder.shape(b).len());
    let (op, operands) = match (a, b) {
        (Value::Tensor(_), Value::Real(_)) if rank_b == 2 && rank_a > 0 => {
            (Op::Linear, [a.clone(), transposed(builder, call, b)?])
        }
        // A matrix times a vector is the same.
        (Value::Real(_), Value::Tensor(_)) if rank_a == 2 && rank_b == 1 => (Op::Linear, [b.clone(), a.clone()]),
        _ => (Op::MatMul, [a.clone(), b.clone()]),
    };
    builder.apply(call, call.output(0), op, &operands)
}

fn transposed(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>, matrix: &Value) -> Result<Value, OnnxError> {
    let known = if let Value::Real(weights) = matrix { weights.transposed.get() } else { None };
    if let Some(known) = known {
        return Ok(known.clone());
    }
    let new = builder.apply(call, "", Op::Transpose { axes: vec![1, 0] }, std::slice::from_ref(matrix))?;
    if let Value::Real(weights) = matrix {
        let _ = weights.transposed.set(new.clone()); // it was empty
    }
    Ok(new)
}

/// `factor` times a value.
fn scaled(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>, value: Value, factor: f64) -> Result<Value, OnnxError> {
    if factor == 1.0 {
        return Ok(value);
    }
    let factor = builder.scalar(call, factor)?;
    builder.apply(call, "", Op::Mul, &[value, factor])
}

/// `alpha A B + beta C`. With a known `B` and a `C` that is the same for all rows it is one layer.
pub fn gemm(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    let (alpha, beta) = (call.float("alpha", 1.0)?, call.float("beta", 1.0)?);
    let (trans_a, trans_b) = (call.flag("transA", false)?, call.flag("transB", false)?);
    call.arity(if call.opset < 11 { 3 } else { 2 }, 3)?;
    let (mut a, mut b) = (call.input(0)?.clone(), call.input(1)?.clone());
    for (value, what) in [(&a, "A"), (&b, "B")] {
        let shape = builder.shape(value);
        if shape.len() != 2 {
            return Err(call.invalid(format!("{what} has shape {shape:?}, needed are two axes")));
        }
    }
    if trans_a {
        a = transposed(builder, call, &a)?;
    }
    let c = call.optional(2).filter(|_| beta != 0.0).cloned();
    let columns = builder.shape(&b)[usize::from(!trans_b)];
    let rows = builder.shape(&a)[0];
    if let Some(c) = &c {
        let shape = builder.shape(c);
        if crate::net::broadcast(shape, &[rows, columns]).is_none_or(|all| all != [rows, columns]) {
            return Err(call.invalid(format!("C has shape {shape:?}, needed is one for {:?}", [rows, columns])));
        }
    }
    let (product, c) = if let (Value::Tensor(_), Value::Real(_)) = (&a, &b) {
        // Our matrix has outputs for rows.
        let w = if trans_b { b } else { transposed(builder, call, &b)? };
        let mut operands = vec![a, scaled(builder, call, w, alpha)?];
        let bias = c.as_ref().and_then(|c| Some((c.clone(), bias_shape(c.constant()?, columns)?)));
        let rest = match bias {
            Some((bias, shape)) => {
                let bias = scaled(builder, call, bias, beta)?;
                let flat = builder.apply(call, "", Op::Reshape { shape }, &[bias])?;
                operands.push(fold::expand(builder, call, "", &flat, &[columns])?);
                None
            }
            None => c,
        };
        let name = if rest.is_none() { call.output(0) } else { "" };
        (builder.apply(call, name, Op::Linear, &operands)?, rest)
    } else {
        if trans_b {
            b = transposed(builder, call, &b)?;
        }
        // The factor goes to a known matrix where there is one.
        if let Value::Real(_) = b {
            b = scaled(builder, call, b, alpha)?;
        } else {
            a = scaled(builder, call, a, alpha)?;
        }
        let name = if c.is_none() { call.output(0) } else { "" };
        (builder.apply(call, name, Op::MatMul, &[a, b])?, c)
    };
    match c {
        None => Ok(product),
        Some(c) => {
            let c = scaled(builder, call, c, beta)?;
            builder.apply(call, call.output(0), Op::Add, &[product, c])
        }
    }
}

/// The shape of a vector to add to every row, `None` where rows differ or there is none.
fn bias_shape(c: &Constant, columns: usize) -> Option<Vec<usize>> {
    let last = c.shape().last().copied().unwrap_or(1);
    (c.len() == last && (last == columns || last == 1)).then(|| vec![last])
}

pub fn batch_norm(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    call.ignore(&["momentum"]);
    call.arity(5, 5)?;
    if call.opset < 9 && !call.flag("spatial", true)? {
        return Err(call.unsupported("statistics for each element"));
    }
    if call.opset >= 14 && call.flag("training_mode", false)? {
        return Err(call.unsupported("training mode"));
    }
    let epsilon = call.float("epsilon", 1e-5)?;
    let operands = (0..5).map(|i| call.input(i).cloned()).collect::<Result<Vec<_>, _>>()?;
    builder.apply(call, call.output(0), Op::BatchNorm { epsilon }, &operands)
}
