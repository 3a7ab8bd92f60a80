//! A graph becomes a network, node after node.

use std::collections::HashMap;
use std::path::Path;

use super::call::Call;
use super::graph::{Plan, Producer, node_ref};
use super::proto::{Dim, Graph, Model, ValueInfo};
use super::value::{Value, element, not_finite};
use super::wire::Held;
use super::{MAX_OPSET, MIN_OPSET, OnnxError, OnnxErrorKind, ReadOptions, fold, operators, tensor};
use crate::error::OutOfMemory;
use crate::net::{Constant, Network, NetworkError, Op, Source, TensorId};

/// Bytes that a layer takes with its tensor and names, roughly.
const LAYER: u64 = 768;

/// The network that is being made.
pub struct Builder<'b, 'h> {
    /// As far as it is.
    pub network: Network,
    /// What is held.
    pub held: &'h mut Held<'b>,
}

impl Builder<'_, '_> {
    /// The shape of a value.
    pub fn shape<'v>(&'v self, value: &'v Value) -> &'v [usize] {
        value.shape(&self.network)
    }

    /// The tensor of the network that holds a value.
    pub fn tensor(&mut self, call: &Call<'_, '_>, value: &Value) -> Result<TensorId, OnnxError> {
        match value {
            Value::Tensor(id) => Ok(*id),
            Value::Extreme { value, name, .. } => Err(not_finite(name, *value)),
            Value::Int(ints) => {
                Err(call.unsupported(format!("a computation on elements of type {}", element::name(ints.kind))))
            }
            Value::Real(weights) => {
                if let Some(id) = weights.id.get() {
                    return Ok(id);
                }
                self.held.take(LAYER)?;
                let added = self.network.add_constant(&weights.name, weights.constant.clone());
                let id = added.map_err(|e| call.refused(e))?;
                weights.id.set(Some(id));
                Ok(id)
            }
        }
    }

    /// What an operator answers: a constant where all operands are known, else a layer's output called `name`.
    pub fn apply(&mut self, call: &Call<'_, '_>, name: &str, op: Op, operands: &[Value]) -> Result<Value, OnnxError> {
        if let Some(value) = fold::apply(self, call, name, &op, operands)? {
            return Ok(value);
        }
        let mut ids = Vec::new();
        for operand in operands {
            let id = self.tensor(call, operand)?;
            self.held.push(&mut ids, id)?;
        }
        self.held.take(LAYER)?;
        let added = self.network.add_layer_of(name, op, &ids, vec![call.place()]);
        added.map(Value::Tensor).map_err(|e| call.refused(e))
    }

    /// Known reals, computed while reading.
    pub fn computed(
        &mut self,
        call: &Call<'_, '_>,
        name: &str,
        shape: &[usize],
        values: Vec<f64>,
    ) -> Result<Value, OnnxError> {
        let constant = Constant::narrowest(shape, values).map_err(|e| call.refused(e))?;
        self.held.take(constant.bytes())?;
        Ok(Value::real(constant, name))
    }

    /// One number.
    pub fn scalar(&mut self, call: &Call<'_, '_>, value: f64) -> Result<Value, OnnxError> {
        self.computed(call, "", &[], vec![value])
    }
}

/// Makes the network of a model.
pub fn build(
    model: &Model<'_>,
    folder: Option<&Path>,
    options: &ReadOptions,
    held: &mut Held<'_>,
) -> Result<Network, OnnxError> {
    let no_model = |what: &str| OnnxErrorKind::Malformed { what: what.to_owned(), offset: None };
    let graph = model.graph.as_ref().ok_or_else(|| no_model("there is no graph"))?;
    if graph.outputs.is_empty() {
        return Err(no_model("the graph has no outputs").into());
    }
    let plan = Plan::new(graph, held)?;
    let mut values: HashMap<&str, Value> = HashMap::new();
    let mut builder = Builder { network: Network::new(), held };
    for (index, info) in graph.inputs.iter().enumerate() {
        if plan.producers.get(info.name) == Some(&Producer::Input(index)) {
            let shape = input_shape(info, options)?;
            let added = builder.network.add_input(info.name, &shape);
            let id = added.map_err(|e| input_error(info, e))?;
            insert(&mut values, info.name, Value::Tensor(id), builder.held)?;
        }
    }
    let opset = opset(model)?;
    for &index in &plan.order {
        builder.held.budget().check()?;
        let node = &graph.nodes[index];
        let place = node_ref(graph, index);
        if !matches!(node.domain, "" | "ai.onnx") {
            let version = model.opsets.iter().find(|o| o.0 == node.domain).map_or(0, |o| o.1);
            let why = format!("operators of domain {:?}", node.domain);
            return Err(OnnxErrorKind::Unsupported { node: place, opset: version, why }.into());
        }
        let mut inputs = Vec::new();
        for name in &node.inputs {
            let value =
                if name.is_empty() { None } else { Some(find(&mut values, graph, &plan, name, folder, builder.held)?) };
            builder.held.push(&mut inputs, value)?;
        }
        let call = Call::new(node, place, opset, inputs, folder);
        let used = |name: &str| plan.wanted.contains(name);
        let answers = operators::translate(&mut builder, &call, &used)?;
        call.finish()?;
        if let Some(extra) = node.outputs.iter().skip(answers.len()).find(|name| used(name)) {
            return Err(call.unsupported(format!("its output {extra:?}")));
        }
        for (name, value) in node.outputs.iter().zip(answers) {
            if let Some(value) = value.filter(|_| !name.is_empty()) {
                insert(&mut values, name, value, builder.held)?;
            }
        }
    }
    for info in &graph.outputs {
        let value = find(&mut values, graph, &plan, info.name, folder, builder.held)?;
        output(&mut builder, info, &value)?;
    }
    without_dead_layers(builder.network, builder.held)
}

fn insert<'a>(
    values: &mut HashMap<&'a str, Value>,
    name: &'a str,
    value: Value,
    held: &mut Held<'_>,
) -> Result<(), OnnxError> {
    let bytes = 2 * size_of::<(&str, Value)>() as u64;
    held.take(bytes)?;
    values.try_reserve(1).map_err(|_| OutOfMemory::Allocator { bytes })?;
    values.insert(name, value);
    Ok(())
}

/// A value by name; stored tensors are loaded when they are first wanted.
fn find<'a>(
    values: &mut HashMap<&'a str, Value>,
    graph: &Graph<'a>,
    plan: &Plan<'a>,
    name: &'a str,
    folder: Option<&Path>,
    held: &mut Held<'_>,
) -> Result<Value, OnnxError> {
    if let Some(value) = values.get(name) {
        return Ok(value.clone());
    }
    let Some(Producer::Initializer(index)) = plan.producers.get(name) else {
        // All else was made before: it is an input, or a needed node's output that its operator does not have.
        return Err(super::GraphError::UndefinedOutput(name.to_owned()).into());
    };
    let value = tensor::load(&graph.initializers[*index], name, folder, held)?;
    insert(values, name, value.clone(), held)?;
    Ok(value)
}

/// The version of the default operators.
fn opset(model: &Model<'_>) -> Result<i64, OnnxError> {
    let malformed = |what: String| OnnxErrorKind::Malformed { what, offset: None };
    let mut versions = model.opsets.iter().filter(|o| matches!(o.0, "" | "ai.onnx")).map(|o| o.1);
    let version = versions.next().ok_or_else(|| malformed("no version of ONNX's operators is imported".to_owned()))?;
    if versions.any(|other| other != version) {
        return Err(malformed("two versions of ONNX's operators are imported".to_owned()).into());
    }
    if !(MIN_OPSET..=MAX_OPSET).contains(&version) {
        let what = format!("opset {version} is not supported, {MIN_OPSET} to {MAX_OPSET} are");
        return Err(malformed(what).into());
    }
    Ok(version)
}

fn input_error(info: &ValueInfo<'_>, why: impl std::fmt::Display) -> OnnxError {
    OnnxErrorKind::Input { name: info.name.to_owned(), why: why.to_string() }.into()
}

fn input_shape(info: &ValueInfo<'_>, options: &ReadOptions) -> Result<Vec<usize>, OnnxError> {
    let refuse = |why: String| input_error(info, why);
    match info.element {
        Some(kind) if element::is_real(kind) => {}
        Some(kind) => return Err(refuse(format!("its elements are {}, not real numbers", element::name(kind)))),
        None => return Err(refuse("it is no tensor".to_owned())),
    }
    let dims = info.shape.as_ref().ok_or_else(|| refuse("it has no shape".to_owned()))?;
    let given = |symbol: &str| options.dims.iter().find(|(name, _)| name == symbol).map(|(_, size)| *size);
    let size = |(axis, dim): (usize, &Dim<'_>)| match dim {
        Dim::Size(size) => usize::try_from(*size).map_err(|_| refuse(format!("axis {axis} has size {size}"))),
        Dim::Symbol(symbol) => match given(symbol) {
            Some(size) => Ok(size),
            None if axis == 0 => Ok(1),
            None => Err(refuse(format!("axis {axis} has the open size {symbol:?}, which was not given"))),
        },
        Dim::Unknown if axis == 0 => Ok(1),
        Dim::Unknown => Err(refuse(format!("axis {axis} has no size"))),
    };
    dims.iter().enumerate().map(size).collect()
}

/// Makes a value an output, called as the file calls it.
fn output(builder: &mut Builder<'_, '_>, info: &ValueInfo<'_>, value: &Value) -> Result<(), OnnxError> {
    let refuse = |why: String| -> OnnxError { OnnxErrorKind::Output { name: info.name.to_owned(), why }.into() };
    let refused = |error: NetworkError| match error {
        NetworkError::Memory(error) => error.into(),
        error => refuse(error.to_string()),
    };
    let shape = builder.shape(value).to_vec();
    if let Some(dims) = &info.shape {
        let fits = |(dim, &size): (&Dim<'_>, &usize)| match dim {
            Dim::Size(declared) => usize::try_from(*declared).is_ok_and(|d| d == size),
            _ => true,
        };
        if dims.len() != shape.len() || !dims.iter().zip(&shape).all(fits) {
            return Err(refuse(format!("it is declared with shape {}, and has {shape:?}", declared(dims))));
        }
    }
    builder.held.take(LAYER)?;
    let network = &mut builder.network;
    let id = match value {
        Value::Tensor(id) if network.tensor(*id).name() == info.name => *id,
        // Another name of a tensor that has one: a layer that changes nothing carries it.
        Value::Tensor(id) => network.add_layer(info.name, Op::Reshape { shape }, &[*id]).map_err(refused)?,
        Value::Real(weights) => match weights.id.get().filter(|id| network.tensor(*id).name() == info.name) {
            Some(id) => id,
            None => network.add_constant(info.name, weights.constant.clone()).map_err(refused)?,
        },
        Value::Int(ints) => {
            return Err(refuse(format!("its elements are {}, not real numbers", element::name(ints.kind))));
        }
        Value::Extreme { value, .. } => return Err(refuse(format!("it is {value}"))),
    };
    network.add_output(id).map_err(refused)
}

/// A declared shape, as messages show it.
fn declared(dims: &[Dim<'_>]) -> String {
    let names = dims.iter().map(|dim| match dim {
        Dim::Size(size) => size.to_string(),
        Dim::Symbol(symbol) => (*symbol).to_owned(),
        Dim::Unknown => "?".to_owned(),
    });
    format!("[{}]", names.collect::<Vec<_>>().join(", "))
}

/// Takes away layers and constants that no output needs: those that only told a shape.
fn without_dead_layers(network: Network, held: &mut Held<'_>) -> Result<Network, OnnxError> {
    let mut alive = held.array(network.tensors().len())?;
    alive.resize(network.tensors().len(), false);
    for id in network.inputs().iter().chain(network.outputs()) {
        alive[id.index()] = true;
    }
    for layer in network.layers().iter().rev() {
        if alive[layer.output().index()] {
            for id in layer.inputs() {
                alive[id.index()] = true;
            }
        }
    }
    if alive.iter().all(|&a| a) {
        return Ok(network);
    }
    let mut smaller = Network::new();
    let mut moved = held.array(network.tensors().len())?;
    moved.resize(network.tensors().len(), TensorId(0));
    for (index, tensor) in network.tensors().iter().enumerate().filter(|(i, _)| alive[*i]) {
        let again = |e: NetworkError| -> OnnxError {
            match e {
                NetworkError::Memory(error) => error.into(),
                e => OnnxErrorKind::Output { name: tensor.name().to_owned(), why: e.to_string() }.into(),
            }
        };
        held.take(LAYER)?;
        moved[index] = match tensor.source() {
            Source::Input(_) => smaller.add_input(tensor.name(), tensor.shape()).map_err(again)?,
            Source::Constant(constant) => smaller.add_constant(tensor.name(), constant.clone()).map_err(again)?,
            Source::Layer(layer) => {
                let layer = &network.layers()[*layer];
                let inputs: Vec<_> = layer.inputs().iter().map(|id| moved[id.index()]).collect();
                let nodes = layer.nodes().to_vec();
                smaller.add_layer_of(tensor.name(), layer.op().clone(), &inputs, nodes).map_err(again)?
            }
        };
    }
    for id in network.outputs() {
        let added = smaller.add_output(moved[id.index()]);
        added.map_err(|e| OnnxErrorKind::Output { name: String::new(), why: e.to_string() })?;
    }
    Ok(smaller)
}
