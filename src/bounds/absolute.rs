//! The absolute network: every linear layer with the absolute values of its weights, without what it adds.
//!
//! With `y = L x + c` the numbers `|L|` are what interval arithmetic and proofs of rounding errors need:
//! `|y - y'| <= |L| |x - x'|`. Layers that are not linear stay as they are and are never computed. There is a layer for
//! every layer, so that both networks lower to the same steps.

use super::BoundsError;
use crate::net::{Constant, Elements, Network, NetworkError, Op, PadMode, Source, TensorId};

/// The absolute network of a network.
pub(crate) fn absolute(network: &Network) -> Result<Network, BoundsError> {
    let mut new = Network::new();
    let mut ids: Vec<TensorId> = Vec::new();
    for tensor in network.tensors() {
        let id = match tensor.source() {
            Source::Input(_) => new.add_input("", tensor.shape())?,
            // Most get another form for each layer.
            Source::Constant(constant) => new.add_constant("", constant.clone())?,
            Source::Layer(index) => {
                let layer = &network.layers()[*index];
                let constant = |i: usize| layer.inputs().get(i).and_then(|&id| network.tensor(id).constant());
                let mut inputs: Vec<TensorId> = layer.inputs().iter().map(|id| ids[id.index()]).collect();
                let mut change = |new: &mut Network, i: usize, to: fn(f64) -> f64| -> Result<(), NetworkError> {
                    if let Some(constant) = constant(i) {
                        inputs[i] = new.add_constant("", mapped(constant, to)?)?;
                    }
                    Ok(())
                };
                let op = match layer.op() {
                    Op::Linear | Op::Conv { .. } | Op::ConvTranspose { .. } => {
                        change(&mut new, 1, f64::abs)?;
                        inputs.truncate(2);
                        layer.op().clone()
                    }
                    Op::BatchNorm { .. } => {
                        change(&mut new, 1, f64::abs)?;
                        change(&mut new, 2, |_| 0.0)?;
                        change(&mut new, 3, |_| 0.0)?;
                        layer.op().clone()
                    }
                    Op::MatMul | Op::Mul | Op::Div => {
                        change(&mut new, 0, f64::abs)?;
                        change(&mut new, 1, f64::abs)?;
                        layer.op().clone()
                    }
                    Op::Add | Op::Sub => {
                        change(&mut new, 0, |_| 0.0)?;
                        change(&mut new, 1, |_| 0.0)?;
                        Op::Add
                    }
                    Op::Neg => Op::LeakyRelu { alpha: 1.0 },
                    Op::Pad { begin, end, mode: PadMode::Constant(_) } => {
                        Op::Pad { begin: begin.clone(), end: end.clone(), mode: PadMode::Constant(0.0) }
                    }
                    other => {
                        // What is merely moved has no part in differences.
                        for i in 0..layer.inputs().len() {
                            if !matches!(other, Op::PRelu) {
                                change(&mut new, i, |_| 0.0)?;
                            }
                        }
                        other.clone()
                    }
                };
                new.add_layer("", op, &inputs)?
            }
        };
        ids.push(id);
    }
    for output in network.outputs() {
        new.add_output(ids[output.index()])?;
    }
    Ok(new)
}

fn mapped(constant: &Constant, to: fn(f64) -> f64) -> Result<Constant, NetworkError> {
    let elements = match constant.elements() {
        Elements::F32(values) => Elements::F32(values.iter().map(|&v| to(f64::from(v)) as f32).collect()),
        Elements::F64(values) => Elements::F64(values.iter().map(|&v| to(v)).collect()),
    };
    Constant::new(constant.shape(), elements)
}
