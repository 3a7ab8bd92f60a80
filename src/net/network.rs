//! The network itself: tensors, layers, and how they are put together.

use std::collections::HashMap;

use super::{Constant, NetworkError, Op, element_count};
use crate::error::OutOfMemory;

/// A tensor of a network, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TensorId(pub u32);

impl TensorId {
    /// As an index into [`Network::tensors`].
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Where the elements of a tensor come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// From outside: input so and so, counted from 0.
    Input(usize),
    /// They are known.
    Constant(Constant),
    /// From this layer, counted from 0.
    Layer(usize),
}

/// A tensor: a name, a shape, and where its elements come from.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    name: String,
    shape: Vec<usize>,
    length: usize,
    source: Source,
}

impl Tensor {
    /// Its name, as in the ONNX file; unique in the network. Empty where nobody gave it one.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its shape; empty for a scalar.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// How many elements it has.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a tensor's length, not a container's")]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Where its elements come from.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Its elements, where they are known.
    #[must_use]
    pub fn constant(&self) -> Option<&Constant> {
        match &self.source {
            Source::Constant(constant) => Some(constant),
            _ => None,
        }
    }
}

/// A node of the ONNX graph that a layer was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeRef {
    /// Its place in the file's list, counted from 0.
    pub index: usize,
    /// Its name; often empty.
    pub name: String,
    /// Its operator.
    pub op: String,
}

/// One step: an operator, its operands, and the tensor it answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    op: Op,
    inputs: Vec<TensorId>,
    output: TensorId,
    nodes: Vec<NodeRef>,
}

impl Layer {
    /// What it computes.
    #[must_use]
    pub fn op(&self) -> &Op {
        &self.op
    }

    /// Its operands, constants included.
    #[must_use]
    pub fn inputs(&self) -> &[TensorId] {
        &self.inputs
    }

    /// What it answers.
    #[must_use]
    pub fn output(&self) -> TensorId {
        self.output
    }

    /// The nodes of the ONNX graph that went into it, in the file's order; none where it was built by hand.
    #[must_use]
    pub fn nodes(&self) -> &[NodeRef] {
        &self.nodes
    }
}

/// A neural network. It is whole after every call: tensors, layers and outputs are only added.
#[derive(Debug, Clone, Default)]
pub struct Network {
    tensors: Vec<Tensor>,
    layers: Vec<Layer>,
    inputs: Vec<TensorId>,
    outputs: Vec<TensorId>,
    names: HashMap<String, TensorId>,
    input_len: usize,
    output_len: usize,
}

impl Network {
    /// A network without anything.
    #[must_use]
    pub fn new() -> Self {
        Network::default()
    }

    /// Adds an input tensor. `name` may be empty.
    pub fn add_input(&mut self, name: &str, shape: &[usize]) -> Result<TensorId, NetworkError> {
        let length = element_count(shape)?;
        let total = self.input_len + length;
        element_count(&[total])?;
        let id = self.add_tensor(name, shape, length, Source::Input(self.inputs.len()))?;
        self.inputs.push(id);
        self.input_len = total;
        Ok(id)
    }

    /// Adds a tensor of known elements. `name` may be empty.
    pub fn add_constant(&mut self, name: &str, constant: Constant) -> Result<TensorId, NetworkError> {
        let (shape, length) = (constant.shape().to_vec(), constant.len());
        self.add_tensor(name, &shape, length, Source::Constant(constant))
    }

    /// Adds a layer over tensors that exist; answers its output. `name` is the output's and may be empty.
    pub fn add_layer(&mut self, name: &str, op: Op, inputs: &[TensorId]) -> Result<TensorId, NetworkError> {
        self.add_layer_of(name, op, inputs, Vec::new())
    }

    /// [`Network::add_layer`] with the nodes that it was made from.
    pub fn add_layer_of(
        &mut self,
        name: &str,
        op: Op,
        inputs: &[TensorId],
        nodes: Vec<NodeRef>,
    ) -> Result<TensorId, NetworkError> {
        let mut operands = Vec::new();
        for (index, &tensor) in inputs.iter().enumerate() {
            operands.push(self.known(tensor, index)?);
        }
        let shape = op.output_shape(&operands)?;
        let length = element_count(&shape)?;
        let output = self.add_tensor(name, &shape, length, Source::Layer(self.layers.len()))?;
        self.layers.push(Layer { op, inputs: inputs.to_vec(), output, nodes });
        Ok(output)
    }

    /// Makes a tensor an output; the same one may be several.
    pub fn add_output(&mut self, tensor: TensorId) -> Result<(), NetworkError> {
        let total = self.output_len + self.known(tensor, 0)?.len();
        element_count(&[total])?;
        self.outputs.push(tensor);
        self.output_len = total;
        Ok(())
    }

    /// All tensors, in the order in which they were added.
    #[must_use]
    pub fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// One tensor.
    ///
    /// # Panics
    /// There is no such tensor.
    #[must_use]
    pub fn tensor(&self, id: TensorId) -> &Tensor {
        &self.tensors[id.index()]
    }

    /// The tensor of this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<TensorId> {
        self.names.get(name).copied()
    }

    /// All layers; each takes only constants, inputs and what layers before it answer.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The input tensors, in order.
    #[must_use]
    pub fn inputs(&self) -> &[TensorId] {
        &self.inputs
    }

    /// The output tensors, in order.
    #[must_use]
    pub fn outputs(&self) -> &[TensorId] {
        &self.outputs
    }

    /// Elements of all inputs together: the length of one sample.
    #[must_use]
    pub fn input_len(&self) -> usize {
        self.input_len
    }

    /// Elements of all outputs together.
    #[must_use]
    pub fn output_len(&self) -> usize {
        self.output_len
    }

    /// How many weights there are: elements of all constants that a layer takes.
    #[must_use]
    pub fn num_parameters(&self) -> usize {
        self.tensors.iter().filter_map(Tensor::constant).map(Constant::len).sum()
    }

    /// Bytes that the constants take.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.tensors.iter().filter_map(Tensor::constant).map(Constant::bytes).sum()
    }

    fn known(&self, tensor: TensorId, index: usize) -> Result<&Tensor, NetworkError> {
        let unknown = NetworkError::UnknownTensor { tensor: tensor.0, index, tensors: self.tensors.len() };
        self.tensors.get(tensor.index()).ok_or(unknown)
    }

    fn add_tensor(
        &mut self,
        name: &str,
        shape: &[usize],
        length: usize,
        source: Source,
    ) -> Result<TensorId, NetworkError> {
        let refuse = |why| NetworkError::Name { name: name.to_owned(), why };
        if name.contains('\0') {
            return Err(refuse("holds a NUL"));
        }
        if self.names.contains_key(name) {
            return Err(refuse("stands for another tensor already"));
        }
        let id = u32::try_from(self.tensors.len()).map(TensorId).map_err(|_| refuse("is one too many"))?;
        let short = OutOfMemory::Allocator { bytes: size_of::<Tensor>() as u64 };
        self.tensors.try_reserve(1).map_err(|_| short)?;
        if !name.is_empty() {
            self.names.try_reserve(1).map_err(|_| short)?;
            self.names.insert(name.to_owned(), id);
        }
        self.tensors.push(Tensor { name: name.to_owned(), shape: shape.to_vec(), length, source });
        Ok(id)
    }
}
