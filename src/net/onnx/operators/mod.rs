//! Operators of the file into operators of the network, one group a file.
//!
//! Source: "ONNX Operators" and their changelog, github.com/onnx/onnx, docs/Operators.md and docs/Changelog.md, versions
//! 7 to 28 of the default domain.

mod arithmetic;
mod known;
mod linear;
mod reduce;
mod shapes;
mod slices;
mod windows;

use super::OnnxError;
use super::build::Builder;
use super::call::Call;
use super::value::Value;
use crate::net::Op;

/// The values of a node's outputs: as many as the operator has here, `None` where one is not wanted.
type Answers = Result<Vec<Option<Value>>, OnnxError>;

/// Translates a node. `used` tells whether anybody wants a tensor.
pub fn translate(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>, used: &dyn Fn(&str) -> bool) -> Answers {
    let since = match call.op() {
        "Expand" => 8,
        "Sign" | "ConstantOfShape" | "Where" => 9,
        "Range" => 11,
        _ => 0,
    };
    if call.opset < since {
        return Err(call.unsupported(format!("there is no such operator before opset {since}")));
    }
    let b = builder;
    let value = match call.op() {
        "Add" => arithmetic::binary(b, call, Op::Add),
        "Sub" => arithmetic::binary(b, call, Op::Sub),
        "Mul" => arithmetic::binary(b, call, Op::Mul),
        "Div" => arithmetic::binary(b, call, Op::Div),
        "PRelu" => arithmetic::binary(b, call, Op::PRelu),
        "Neg" => arithmetic::unary(b, call, Op::Neg),
        "Abs" => arithmetic::unary(b, call, Op::Abs),
        "Relu" => arithmetic::unary(b, call, Op::Relu),
        "Sign" => arithmetic::unary(b, call, Op::Sign),
        "Sigmoid" => arithmetic::unary(b, call, Op::Sigmoid),
        "Tanh" => arithmetic::unary(b, call, Op::Tanh),
        "LeakyRelu" => {
            let alpha = call.float("alpha", 0.01)?;
            arithmetic::unary(b, call, Op::LeakyRelu { alpha })
        }
        "Clip" => arithmetic::clip(b, call),
        "Identity" => arithmetic::identity(call),
        "Dropout" => arithmetic::dropout(call),
        "Gemm" => linear::gemm(b, call),
        "MatMul" => linear::matmul(b, call),
        "BatchNormalization" => linear::batch_norm(b, call),
        "Conv" => windows::conv(b, call),
        "ConvTranspose" => windows::conv_transpose(b, call),
        "MaxPool" => windows::max_pool(b, call),
        "AveragePool" => windows::average_pool(b, call),
        "GlobalAveragePool" => windows::global_average_pool(b, call),
        "GlobalMaxPool" => windows::global_max_pool(b, call),
        "ReduceSum" => reduce::reduce(b, call, 13, |axes, keep| Op::ReduceSum { axes, keep }),
        "ReduceMean" => reduce::reduce(b, call, 18, |axes, keep| Op::ReduceMean { axes, keep }),
        "Softmax" => reduce::softmax(b, call),
        "Flatten" => shapes::flatten(b, call),
        "Reshape" => shapes::reshape(b, call),
        "Squeeze" => shapes::squeeze(b, call),
        "Unsqueeze" => shapes::unsqueeze(b, call),
        "Transpose" => shapes::transpose(b, call),
        "Concat" => shapes::concat(b, call),
        "Pad" => shapes::pad(b, call),
        "Split" => return slices::split(b, call, used),
        "Slice" => slices::slice(b, call),
        "Gather" => slices::gather(b, call),
        "Constant" => known::constant(b, call),
        "ConstantOfShape" => known::constant_of_shape(b, call),
        "Shape" => known::shape(b, call),
        "Cast" => known::cast(b, call),
        "Range" => known::range(b, call),
        "Equal" => known::equal(b, call),
        "Where" => known::choose(b, call),
        "Expand" => known::expand(b, call),
        _ => Err(call.unsupported("this operator")),
    };
    Ok(vec![Some(value?)])
}
