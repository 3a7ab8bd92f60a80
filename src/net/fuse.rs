//! Normalization, scaling and biases merged into the weights before them.
//!
//! A matrix product by a constant becomes a linear layer. Then, where what a linear layer or convolution answers goes to one
//! layer only and is no output, and that layer adds, subtracts, multiplies or divides by a constant for each channel,
//! negates, or normalizes, it is merged: weights and bias take it over. That is computed in 64 bits and stored so, each
//! weight rounded at most three times (B. Jacob et al., "Quantization and training of neural networks", CVPR 2018,
//! section 3.2, has the formula). What would not stay finite is left as it is.
//!
//! The merged layer has the nodes of all its layers, in the file's order; its tensor has the name of the last one's. Constants
//! that nobody needs any more are gone. Fusing what is fused changes nothing. Cost: one pass over the weights for each merge.

use std::collections::HashMap;

use super::{Constant, Layer, Network, NetworkError, NodeRef, Op, TensorId};
use crate::error::OutOfMemory;

/// The same function, up to rounding of weights, with fewer layers.
pub fn fuse(network: &Network) -> Result<Network, NetworkError> {
    let mut uses = vec![0usize; network.tensors().len()];
    let all = network.layers().iter().flat_map(Layer::inputs).chain(network.outputs());
    all.for_each(|tensor| uses[tensor.index()] += 1);
    let mut drafts: Vec<Draft> = Vec::new();
    let mut makers = HashMap::new();
    for layer in network.layers() {
        let mut merged = None;
        if let Some((x, change)) = change(network, layer)?
            && uses[x.index()] == 1
            && let Some(&maker) = makers.get(&x)
        {
            let draft: &mut Draft = &mut drafts[maker];
            if draft.take(network, &change)? {
                draft.output = layer.output();
                draft.nodes.extend_from_slice(layer.nodes());
                draft.nodes.sort_by_key(|node| node.index);
                merged = Some(maker);
            }
        }
        let maker = match merged {
            Some(maker) => maker,
            None => {
                drafts.push(Draft::new(network, layer)?);
                drafts.len() - 1
            }
        };
        makers.insert(layer.output(), maker);
    }
    build(network, &drafts)
}

/// An operand of a layer of the new network.
#[derive(Debug)]
enum Operand {
    /// The tensor that stands for this one.
    Old(TensorId),
    /// What was computed.
    New(Constant),
}

/// A layer of the new network.
#[derive(Debug)]
struct Draft {
    op: Op,
    operands: Vec<Operand>,
    output: TensorId,
    nodes: Vec<NodeRef>,
}

/// `x` becomes `factor x / divisor + shift`, each for every channel.
#[derive(Debug)]
struct Change {
    factor: Vec<f64>,
    divisor: Vec<f64>,
    shift: Vec<f64>,
}

impl Draft {
    fn new(network: &Network, layer: &Layer) -> Result<Self, NetworkError> {
        let mut operands: Vec<Operand> = layer.inputs().iter().map(|&tensor| Operand::Old(tensor)).collect();
        let mut op = layer.op().clone();
        if op == Op::MatMul
            && let Some(matrix) = network.tensor(layer.inputs()[1]).constant()
            && let [rows, columns] = *matrix.shape()
        {
            let mut values = with_capacity(matrix.len())?;
            values.extend((0..matrix.len()).map(|i| matrix.get(i % rows.max(1) * columns + i / rows.max(1))));
            operands[1] = Operand::New(Constant::narrowest(&[columns, rows], values)?);
            op = Op::Linear;
        }
        Ok(Draft { op, operands, output: layer.output(), nodes: layer.nodes().to_vec() })
    }

    fn constant<'a>(&'a self, network: &'a Network, index: usize) -> Option<&'a Constant> {
        match self.operands.get(index)? {
            Operand::Old(tensor) => network.tensor(*tensor).constant(),
            Operand::New(constant) => Some(constant),
        }
    }

    /// Changes the weights so that what the layer answers is changed. `false`: it cannot be.
    fn take(&mut self, network: &Network, change: &Change) -> Result<bool, NetworkError> {
        if !matches!(self.op, Op::Linear | Op::Conv { .. } | Op::ConvTranspose { .. }) {
            return Ok(false);
        }
        let Some(weights) = self.constant(network, 1) else { return Ok(false) };
        let channels = change.factor.len();
        // The channel that a weight is for.
        let shape = weights.shape();
        let each = |from: usize| shape[from..].iter().product::<usize>().max(1);
        let of = |i: usize| match &self.op {
            Op::ConvTranspose { groups, .. } => {
                let group = i / each(1) / (shape[0] / groups).max(1);
                group * shape[1] + i / each(2) % shape[1].max(1)
            }
            _ => i / each(1),
        };
        let number = |value: f64, c: usize| value * change.factor[c] / change.divisor[c];
        let mut new = None;
        if change.factor.iter().chain(&change.divisor).any(|&v| v != 1.0) {
            let mut values = with_capacity(weights.len())?;
            values.extend((0..weights.len()).map(|i| number(weights.get(i), of(i))));
            if values.iter().any(|v: &f64| !v.is_finite()) {
                return Ok(false);
            }
            new = Some(Constant::narrowest(shape, values)?);
        }
        let old = self.constant(network, 2);
        let mut bias = with_capacity(channels)?;
        bias.extend((0..channels).map(|c| number(old.map_or(0.0, |b| b.get(c)), c) + change.shift[c]));
        if bias.iter().any(|v: &f64| !v.is_finite()) {
            return Ok(false);
        }
        let bias = Constant::narrowest(&[channels], bias)?;
        if let Some(new) = new {
            self.operands[1] = Operand::New(new);
        }
        self.operands.truncate(2);
        self.operands.push(Operand::New(bias));
        Ok(true)
    }
}

/// The operand that a layer changes channel by channel, and how; the channels are those of the layer that answers it.
fn change(network: &Network, layer: &Layer) -> Result<Option<(TensorId, Change)>, NetworkError> {
    let constant = |i: usize| layer.inputs().get(i).and_then(|&tensor| network.tensor(tensor).constant());
    let (x, other, swapped) = match (layer.op(), constant(0), constant(1)) {
        (Op::Add | Op::Sub | Op::Mul | Op::Div, None, Some(c)) => (layer.inputs()[0], Some(c), false),
        (Op::Add | Op::Sub | Op::Mul, Some(c), None) => (layer.inputs()[1], Some(c), true),
        (Op::BatchNorm { .. } | Op::Neg, None, _) => (layer.inputs()[0], None, false),
        _ => return Ok(None),
    };
    let shape = network.tensor(x).shape();
    let super::Source::Layer(maker) = network.tensor(x).source() else { return Ok(None) };
    let Some(axis) = channel_axis(network, *maker) else { return Ok(None) };
    let channels = shape[axis];
    let filled = |value: f64| -> Result<Vec<f64>, OutOfMemory> {
        let mut values = with_capacity(channels)?;
        values.resize(channels, value);
        Ok(values)
    };
    let mut change = Change { factor: filled(1.0)?, divisor: filled(1.0)?, shift: filled(0.0)? };
    if let Some(other) = other {
        if network.tensor(layer.output()).shape() != shape {
            return Ok(None);
        }
        // Only the channels may differ.
        let offset = shape.len() - other.shape().len();
        if other.shape().iter().enumerate().any(|(i, &size)| size != 1 && i + offset != axis) {
            return Ok(None);
        }
        let at = |c: usize| other.get(if other.len() == 1 { 0 } else { c });
        let target = match layer.op() {
            Op::Mul => &mut change.factor,
            Op::Div => &mut change.divisor,
            _ => &mut change.shift,
        };
        for (c, value) in target.iter_mut().enumerate() {
            *value = if *layer.op() == Op::Sub && !swapped { -at(c) } else { at(c) };
        }
        if *layer.op() == Op::Sub && swapped {
            change.factor = filled(-1.0)?;
        }
        return Ok(Some((x, change)));
    }
    match layer.op() {
        Op::BatchNorm { epsilon } if axis == 1.min(shape.len() - 1) => {
            let (Some(scale), Some(bias), Some(mean), Some(variance)) =
                (constant(1), constant(2), constant(3), constant(4))
            else {
                return Ok(None);
            };
            for c in 0..channels {
                let divisor = (variance.get(c) + epsilon).sqrt();
                (change.factor[c], change.divisor[c]) = (scale.get(c), divisor);
                change.shift[c] = bias.get(c) - mean.get(c) * scale.get(c) / divisor;
            }
        }
        Op::Neg => change.factor = filled(-1.0)?,
        _ => return Ok(None),
    }
    Ok(Some((x, change)))
}

/// The axis of a layer's answer along which its weights differ; it is looked for through layers that are merged into it.
fn channel_axis(network: &Network, mut layer: usize) -> Option<usize> {
    loop {
        let here = &network.layers()[layer];
        let rank = network.tensor(here.output()).shape().len();
        let constant = |i: usize| here.inputs().get(i).and_then(|&tensor| network.tensor(tensor).constant());
        match here.op() {
            Op::Linear => return Some(rank - 1),
            Op::MatMul => return constant(1).filter(|matrix| matrix.shape().len() == 2).map(|_| rank - 1),
            Op::Conv { .. } | Op::ConvTranspose { .. } => return Some(1),
            Op::BatchNorm { .. } | Op::Neg | Op::Add | Op::Sub | Op::Mul | Op::Div => {}
            _ => return None,
        }
        let x = here.inputs().iter().find(|&&tensor| network.tensor(tensor).constant().is_none())?;
        match network.tensor(*x).source() {
            super::Source::Layer(before) => layer = *before,
            _ => return None,
        }
    }
}

/// The network of these layers.
fn build(network: &Network, drafts: &[Draft]) -> Result<Network, NetworkError> {
    let mut new = Network::new();
    let mut places = HashMap::new();
    for &tensor in network.inputs() {
        let old = network.tensor(tensor);
        places.insert(tensor, new.add_input(old.name(), old.shape())?);
    }
    let mut place = |new: &mut Network, tensor: TensorId| -> Result<TensorId, NetworkError> {
        if let Some(&known) = places.get(&tensor) {
            return Ok(known);
        }
        let old = network.tensor(tensor);
        // Layers come before those that take what they answer.
        let constant = old.constant().ok_or(NetworkError::UnknownTensor {
            tensor: tensor.0,
            index: 0,
            tensors: network.tensors().len(),
        })?;
        let id = new.add_constant(old.name(), constant.clone())?;
        places.insert(tensor, id);
        Ok(id)
    };
    let mut answers = HashMap::new();
    for draft in drafts {
        let mut operands = Vec::new();
        for operand in &draft.operands {
            operands.push(match operand {
                Operand::Old(tensor) => match answers.get(tensor) {
                    Some(&answer) => answer,
                    None => place(&mut new, *tensor)?,
                },
                Operand::New(constant) => new.add_constant("", constant.clone())?,
            });
        }
        let name = network.tensor(draft.output).name();
        let id = new.add_layer_of(name, draft.op.clone(), &operands, draft.nodes.clone())?;
        answers.insert(draft.output, id);
    }
    for tensor in network.outputs() {
        let output = match answers.get(tensor) {
            Some(&answer) => answer,
            None => place(&mut new, *tensor)?,
        };
        new.add_output(output)?;
    }
    Ok(new)
}

fn with_capacity(len: usize) -> Result<Vec<f64>, OutOfMemory> {
    let mut array = Vec::new();
    let bytes = (len as u64).saturating_mul(8);
    array.try_reserve_exact(len).map_err(|_| OutOfMemory::Allocator { bytes })?;
    Ok(array)
}
