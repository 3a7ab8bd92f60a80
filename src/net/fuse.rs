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
use crate::budget::Budget;
use crate::error::OutOfMemory;

/// The same function, up to rounding of weights, with fewer layers. One unit of work is one weight changed.
pub fn fuse(network: &Network, budget: &Budget) -> Result<Network, NetworkError> {
    let mut uses = vec![0usize; network.tensors().len()];
    let all = network.layers().iter().flat_map(Layer::inputs).chain(network.outputs());
    all.for_each(|tensor| uses[tensor.index()] += 1);
    let mut drafts: Vec<Draft> = Vec::new();
    let mut makers = HashMap::new();
    let mut turned = HashMap::new();
    for layer in network.layers() {
        budget.spend(1)?;
        let mut merged = None;
        if let Some(x) = variable(network, layer)
            && uses[x.index()] == 1
            && let Some(&maker) = makers.get(&x)
        {
            let draft: &mut Draft = &mut drafts[maker];
            if let Some(axis) = draft.channel_axis(network)
                && let Some(change) = change(network, layer, x, axis)?
                && draft.take(network, &uses, &change, budget)?
            {
                draft.output = layer.output();
                draft.nodes.extend_from_slice(layer.nodes());
                merged = Some(maker);
            }
        }
        let maker = match merged {
            Some(maker) => maker,
            None => {
                drafts.push(Draft::new(network, layer, &mut turned, budget)?);
                drafts.len() - 1
            }
        };
        makers.insert(layer.output(), maker);
    }
    for draft in &mut drafts {
        draft.nodes.sort_by_key(|node| node.index);
    }
    build(network, &drafts, budget)
}

/// An operand of a layer of the new network.
#[derive(Debug)]
enum Operand {
    /// The tensor that stands for this one.
    Old(TensorId),
    /// The transpose of this matrix.
    Turned(TensorId, Constant),
    /// What was computed.
    New(Constant),
}

/// A layer of the new network.
#[derive(Debug)]
struct Draft {
    op: Op,
    operands: Vec<Operand>,
    output: TensorId,
    /// The second operand as it was, where there is one; else the first.
    weights: TensorId,
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
    /// The layer as it is, but that a product by a constant matrix is linear. `turned` holds the transposes made so far:
    /// layers that share a matrix share its transpose.
    fn new(
        network: &Network,
        layer: &Layer,
        turned: &mut HashMap<TensorId, Constant>,
        budget: &Budget,
    ) -> Result<Self, NetworkError> {
        let mut operands: Vec<Operand> = layer.inputs().iter().map(|&tensor| Operand::Old(tensor)).collect();
        let mut op = layer.op().clone();
        if op == Op::MatMul
            && let Some(matrix) = network.tensor(layer.inputs()[1]).constant()
            && let [rows, columns] = *matrix.shape()
        {
            let shared = match turned.get(&layer.inputs()[1]) {
                Some(known) => known.clone(),
                None => {
                    budget.spend(matrix.len() as u64)?;
                    let mut values = with_capacity(matrix.len())?;
                    values.extend((0..matrix.len()).map(|i| matrix.get(i % rows.max(1) * columns + i / rows.max(1))));
                    let new = Constant::narrowest(&[columns, rows], values)?;
                    turned.insert(layer.inputs()[1], new.clone());
                    new
                }
            };
            operands[1] = Operand::Turned(layer.inputs()[1], shared);
            op = Op::Linear;
        }
        let weights = layer.inputs()[usize::from(layer.inputs().len() > 1)];
        Ok(Draft { op, operands, output: layer.output(), weights, nodes: layer.nodes().to_vec() })
    }

    fn constant<'a>(&'a self, network: &'a Network, index: usize) -> Option<&'a Constant> {
        match self.operands.get(index)? {
            Operand::Old(tensor) => network.tensor(*tensor).constant(),
            Operand::Turned(_, constant) | Operand::New(constant) => Some(constant),
        }
    }

    /// Whether other layers take the same weights, so that changed ones would be another copy.
    fn shared(&self, uses: &[usize]) -> bool {
        uses[self.weights.index()] > 1
    }

    /// The axis of its answer along which the weights of a product or convolution differ.
    fn channel_axis(&self, network: &Network) -> Option<usize> {
        match self.op {
            Op::Linear => network.tensor(self.output).shape().len().checked_sub(1),
            Op::Conv { .. } | Op::ConvTranspose { .. } => Some(1),
            _ => None,
        }
    }

    /// Changes the weights so that what the layer answers is changed. `false`: it cannot be, or other layers take the same
    /// weights.
    fn take(
        &mut self,
        network: &Network,
        uses: &[usize],
        change: &Change,
        budget: &Budget,
    ) -> Result<bool, NetworkError> {
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
        budget.spend(channels as u64)?;
        if change.factor.iter().chain(&change.divisor).any(|&v| v != 1.0) {
            if self.shared(uses) {
                return Ok(false);
            }
            budget.spend(weights.len() as u64)?;
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

/// The operand of a layer that is no constant, where it is the only one.
fn variable(network: &Network, layer: &Layer) -> Option<TensorId> {
    let mut variables = layer.inputs().iter().filter(|&&tensor| network.tensor(tensor).constant().is_none());
    variables.next().copied().filter(|_| variables.next().is_none())
}

/// How a layer changes `x` channel by channel, where it does; channels lie along `axis`.
fn change(network: &Network, layer: &Layer, x: TensorId, axis: usize) -> Result<Option<Change>, NetworkError> {
    let constant = |i: usize| layer.inputs().get(i).and_then(|&tensor| network.tensor(tensor).constant());
    let swapped = layer.inputs()[0] != x;
    let other = match layer.op() {
        Op::Add | Op::Sub | Op::Mul => constant(usize::from(!swapped)),
        Op::Div if !swapped => constant(1),
        Op::BatchNorm { .. } | Op::Neg => None,
        _ => return Ok(None),
    };
    let shape = network.tensor(x).shape();
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
        return Ok(Some(change));
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
    Ok(Some(change))
}

/// The network of these layers.
fn build(network: &Network, drafts: &[Draft], budget: &Budget) -> Result<Network, NetworkError> {
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
    let mut turned = HashMap::new();
    let mut answers = HashMap::new();
    for draft in drafts {
        budget.check()?;
        let mut operands = Vec::new();
        for operand in &draft.operands {
            operands.push(match operand {
                Operand::Old(tensor) => match answers.get(tensor) {
                    Some(&answer) => answer,
                    None => place(&mut new, *tensor)?,
                },
                Operand::Turned(tensor, constant) => match turned.get(tensor) {
                    Some(&known) => known,
                    None => {
                        let id = new.add_constant("", constant.clone())?;
                        turned.insert(*tensor, id);
                        id
                    }
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
