//! A network as an ONNX model: opset 19, IR version 9, one graph, one node a layer where ONNX has the operator.
//!
//! ONNX wants one element type for all operands, so all is FLOAT where every number of the network is a 32-bit one, else
//! all is DOUBLE. What ONNX says otherwise, and so comes back as other layers that compute the same:
//!
//! - a linear layer of anything but a matrix is MatMul and Add (two layers where it has a bias);
//! - MatMul by a constant matrix comes back as a linear layer;
//! - softmax over several axes is done on a flat axis between two Reshapes, normalization of a vector likewise;
//! - a slope or an epsilon that is no 32-bit number goes into a constant (PRelu, the variance);
//! - a sum over no axes, and a tensor that is a second output, are a Reshape or an Identity.
//!
//! Cost: the model is held twice while it is encoded.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io::{self, Write};

use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataType, Dimension, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
    TensorProto, TensorShapeProto, TypeProto, TypeProtoTensor, ValueInfoProto,
};
use rten_onnx::protobuf::{EncodeMessage, ValueWriter};

use super::WriteError;
use crate::budget::{Budget, Stop};
use crate::error::OutOfMemory;
use crate::files::{Sink, fits};
use crate::net::{Constant, Layer, Network, Op, PadMode, TensorId, Window};

/// The version of the operators that are written.
pub const WRITTEN_OPSET: i64 = 19;
const IR_VERSION: i64 = 9;

/// Bytes that a node takes with its attributes and names, roughly.
const NODE: u64 = 2048;

/// The network as a model.
pub fn to_bytes(network: &Network, budget: &Budget) -> Result<Vec<u8>, WriteError> {
    let wide = needs_double(network, budget)?;
    let weights = network.num_parameters() as u64 * if wide { 8 } else { 4 };
    let rest = (network.layers().len() + network.tensors().len()) as u64 * NODE;
    fits(weights.saturating_mul(2).saturating_add(rest), budget)?;
    let mut writer = Writer { network, budget, wide, names: names(network), graph: GraphProto::default(), extra: 0 };
    writer.graph()?;
    let model = ModelProto {
        ir_version: Some(IR_VERSION),
        producer_name: Some("anser".to_owned()),
        producer_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        graph: Some(writer.graph),
        opset_import: vec![OperatorSetIdProto { domain: Some(String::new()), version: Some(WRITTEN_OPSET) }],
        ..ModelProto::default()
    };
    let mut out = Polled { sink: Sink::new(budget), budget, stop: None, written: 0 };
    let encoded = model.encode(ValueWriter::new(&mut out));
    match (out.stop, out.sink.short, encoded) {
        (Some(stop), ..) => Err(stop.into()),
        (_, Some(short), _) => Err(short.into()),
        (_, _, Err(error)) => Err(io::Error::other(error.to_string()).into()),
        _ => Ok(out.sink.bytes),
    }
}

/// A buffer that asks the budget now and then.
struct Polled<'b> {
    sink: Sink,
    budget: &'b Budget,
    stop: Option<Stop>,
    written: usize,
}

impl Write for Polled<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written += bytes.len();
        if self.written >= 1 << 16 {
            self.written = 0;
            if let Err(stop) = self.budget.check() {
                self.stop = Some(stop);
                return Err(io::ErrorKind::Other.into());
            }
        }
        self.sink.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn is_narrow(value: f64) -> bool {
    f64::from(value as f32) == value
}

/// Whether a number of the network is no 32-bit one.
fn needs_double(network: &Network, budget: &Budget) -> Result<bool, Stop> {
    for constant in network.tensors().iter().filter_map(|t| t.constant()) {
        budget.check()?;
        if let crate::net::Elements::F64(values) = constant.elements()
            && !values.iter().all(|&v| is_narrow(v))
        {
            return Ok(true);
        }
    }
    Ok(network.layers().iter().any(|layer| match layer.op() {
        Op::LeakyRelu { alpha } => !is_narrow(*alpha),
        Op::BatchNorm { epsilon } => !is_narrow(*epsilon),
        Op::Clip { min, max } => !is_narrow(*min) || !is_narrow(*max),
        Op::Pad { mode: PadMode::Constant(value), .. } => !is_narrow(*value),
        _ => false,
    }))
}

/// A name for every tensor: its own, or a new one.
fn names(network: &Network) -> Vec<String> {
    let name = |(index, given): (usize, &str)| {
        if !given.is_empty() {
            return given.to_owned();
        }
        let mut name = format!("t{index}");
        while network.find(&name).is_some() {
            name.push('_');
        }
        name
    };
    network.tensors().iter().map(|t| t.name()).enumerate().map(name).collect()
}

struct Writer<'a> {
    network: &'a Network,
    budget: &'a Budget,
    wide: bool,
    names: Vec<String>,
    graph: GraphProto,
    /// Names that were made up on the way.
    extra: usize,
}

type Outcome = Result<(), WriteError>;

impl Writer<'_> {
    fn graph(&mut self) -> Outcome {
        let network = self.network;
        self.graph.node.try_reserve(network.layers().len()).map_err(|_| OutOfMemory::Allocator { bytes: NODE })?;
        for &id in network.inputs() {
            let info = self.info(id, self.names[id.index()].clone());
            self.graph.input.push(info);
        }
        // A matrix may only be wanted transposed.
        let mut taken = vec![false; network.tensors().len()];
        for id in network.layers().iter().flat_map(|l| kept_operands(network, l)).chain(network.outputs()) {
            taken[id.index()] = true;
        }
        for (index, tensor) in network.tensors().iter().enumerate() {
            if let Some(constant) = tensor.constant().filter(|_| taken[index]) {
                let stored = self.stored(self.names[index].clone(), constant)?;
                self.graph.initializer.push(stored);
            }
        }
        for layer in network.layers() {
            self.budget.check()?;
            self.layer(layer)?;
        }
        let mut seen = HashSet::new();
        for &id in network.outputs() {
            let mut name = self.names[id.index()].clone();
            if !seen.insert(id) {
                let again = self.fresh();
                self.node(None, "Identity", &[&name], &again, vec![]);
                name = again;
            }
            let info = self.info(id, name);
            self.graph.output.push(info);
        }
        Ok(())
    }

    fn element(&self) -> DataType {
        if self.wide { DataType::DOUBLE } else { DataType::FLOAT }
    }

    fn info(&self, id: TensorId, name: String) -> ValueInfoProto {
        let size = |&d: &usize| Dimension { dim_value: Some(d as i64), ..Dimension::default() };
        let dim = self.network.tensor(id).shape().iter().map(size).collect();
        let tensor = TypeProtoTensor { elem_type: Some(self.element()), shape: Some(TensorShapeProto { dim }) };
        let kind = TypeProto { tensor_type: Some(tensor), ..TypeProto::default() };
        ValueInfoProto { name: Some(name), r#type: Some(kind) }
    }

    /// A constant as it is.
    fn stored(&self, name: String, constant: &Constant) -> Result<TensorProto, WriteError> {
        self.tensor(name, constant.shape(), constant.len(), |i| constant.get(i))
    }

    fn tensor(
        &self,
        name: String,
        shape: &[usize],
        len: usize,
        value: impl Fn(usize) -> f64,
    ) -> Result<TensorProto, WriteError> {
        let size = if self.wide { 8 } else { 4 };
        let bytes = (len as u64).saturating_mul(size);
        let mut raw: Vec<u8> = Vec::new();
        let room = usize::try_from(bytes).unwrap_or(usize::MAX);
        raw.try_reserve_exact(room).map_err(|_| OutOfMemory::Allocator { bytes })?;
        for i in 0..len {
            if self.wide {
                raw.extend(value(i).to_le_bytes());
            } else {
                raw.extend((value(i) as f32).to_le_bytes());
            }
        }
        Ok(raw_tensor(name, shape, self.element(), raw))
    }

    /// A name that no tensor has.
    fn fresh(&mut self) -> String {
        loop {
            let name = format!("u{}", self.extra);
            self.extra += 1;
            if self.network.find(&name).is_none() {
                return name;
            }
        }
    }

    /// Adds a list of integers; answers its name.
    fn ints(&mut self, shape: &[usize], values: &[i64]) -> String {
        let name = self.fresh();
        let raw = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.graph.initializer.push(raw_tensor(name.clone(), shape, DataType::INT64, raw));
        name
    }

    fn list(&mut self, values: &[usize]) -> String {
        let values: Vec<i64> = values.iter().map(|&v| v as i64).collect();
        self.ints(&[values.len()], &values)
    }

    /// Adds a number; answers its name.
    fn number(&mut self, value: f64) -> Result<String, WriteError> {
        let name = self.fresh();
        let stored = self.tensor(name.clone(), &[], 1, |_| value)?;
        self.graph.initializer.push(stored);
        Ok(name)
    }

    fn node(&mut self, layer: Option<&Layer>, op: &str, inputs: &[&str], output: &str, attribute: Vec<AttributeProto>) {
        let name = layer.and_then(|l| l.nodes().first()).map(|n| n.name.clone()).filter(|n| !n.is_empty());
        self.graph.node.push(NodeProto {
            name,
            op_type: Some(op.to_owned()),
            input: inputs.iter().map(|&i| i.to_owned()).collect(),
            output: vec![output.to_owned()],
            attribute,
            ..NodeProto::default()
        });
    }

    fn reshape(&mut self, layer: &Layer, input: &str, shape: &[usize], output: &str) {
        let sizes = self.list(shape);
        let attributes = if shape.contains(&0) { vec![int("allowzero", 1)] } else { vec![] };
        self.node(Some(layer), "Reshape", &[input, &sizes], output, attributes);
    }

    fn layer(&mut self, layer: &Layer) -> Outcome {
        let network = self.network;
        let names: Vec<String> = layer.inputs().iter().map(|id| self.names[id.index()].clone()).collect();
        let operands: Vec<&str> = names.iter().map(String::as_str).collect();
        let x = network.tensor(layer.inputs()[0]);
        let out = self.names[layer.output().index()].clone();
        let op = layer.op().name();
        let attributes = match layer.op() {
            Op::Linear => return self.linear(layer, &operands, &out),
            Op::Conv { window, groups } => window_attributes(window, vec![size("group", *groups)]),
            Op::ConvTranspose { window, output_padding, groups } => {
                window_attributes(window, vec![size("group", *groups), sizes("output_padding", output_padding)])
            }
            Op::BatchNorm { epsilon } => return self.batch_norm(layer, *epsilon, &operands, &out),
            Op::LeakyRelu { alpha } if !is_narrow(*alpha) => {
                let slope = self.number(*alpha)?;
                self.node(Some(layer), "PRelu", &[operands[0], &slope], &out, vec![]);
                return Ok(());
            }
            Op::LeakyRelu { alpha } => vec![float("alpha", *alpha as f32)],
            Op::Clip { min, max } => {
                let least = if *min == f64::NEG_INFINITY { String::new() } else { self.number(*min)? };
                let most = if *max == f64::INFINITY { String::new() } else { self.number(*max)? };
                let all = [operands[0], &least, &most];
                let given = all.iter().rposition(|n| !n.is_empty()).map_or(1, |last| last + 1);
                self.node(Some(layer), op, &all[..given], &out, vec![]);
                return Ok(());
            }
            Op::Softmax { first, count: 1 } => vec![size("axis", *first)],
            Op::Softmax { first, count } => {
                let shape = x.shape();
                let inner = shape[*first..first + count].iter().product();
                let flat = [&shape[..*first], &[inner], &shape[first + count..]].concat();
                let (before, after) = (self.fresh(), self.fresh());
                self.reshape(layer, operands[0], &flat, &before);
                self.node(Some(layer), op, &[&before], &after, vec![size("axis", *first)]);
                self.reshape(layer, &after, shape, &out);
                return Ok(());
            }
            Op::MaxPool { window, ceil } => window_attributes(window, vec![int("ceil_mode", i64::from(*ceil))]),
            Op::AveragePool { window, ceil, count_padding } => {
                let flags =
                    vec![int("ceil_mode", i64::from(*ceil)), int("count_include_pad", i64::from(*count_padding))];
                window_attributes(window, flags)
            }
            Op::ReduceSum { axes, .. } | Op::ReduceMean { axes, .. } if axes.is_empty() => {
                self.reshape(layer, operands[0], x.shape(), &out);
                return Ok(());
            }
            Op::ReduceSum { axes, keep } | Op::ReduceMean { axes, keep } => {
                let axes = self.list(axes);
                let attributes = vec![int("keepdims", i64::from(*keep))];
                self.node(Some(layer), op, &[operands[0], &axes], &out, attributes);
                return Ok(());
            }
            Op::Reshape { shape } => {
                self.reshape(layer, operands[0], shape, &out);
                return Ok(());
            }
            Op::Transpose { axes } => vec![sizes("perm", axes)],
            Op::Concat { axis } => vec![size("axis", *axis)],
            Op::Slice { starts, steps, lengths } => {
                let ends: Vec<i64> = (0..starts.len()).map(|i| slice_end(starts[i], steps[i], lengths[i])).collect();
                let begins: Vec<i64> =
                    starts.iter().zip(lengths).map(|(&s, &l)| if l > 0 { s as i64 } else { 0 }).collect();
                let steps: Vec<i64> = steps.iter().map(|&s| s as i64).collect();
                let axes: Vec<usize> = (0..starts.len()).collect();
                let rank = [starts.len()];
                let lists =
                    [self.ints(&rank, &begins), self.ints(&rank, &ends), self.list(&axes), self.ints(&rank, &steps)];
                let all = [operands[0], &lists[0], &lists[1], &lists[2], &lists[3]];
                self.node(Some(layer), op, &all, &out, vec![]);
                return Ok(());
            }
            Op::Gather { axis, shape, indices } => {
                let indices: Vec<i64> = indices.iter().map(|&i| i as i64).collect();
                let indices = self.ints(shape, &indices);
                self.node(Some(layer), op, &[operands[0], &indices], &out, vec![size("axis", *axis)]);
                return Ok(());
            }
            Op::Pad { begin, end, mode } => {
                let pads = self.list(&[&begin[..], &end[..]].concat());
                let mut all = vec![operands[0], &pads];
                let (mode, fill) = match mode {
                    PadMode::Constant(value) => ("constant", Some(self.number(*value)?)),
                    PadMode::Reflect => ("reflect", None),
                    PadMode::Edge => ("edge", None),
                };
                all.extend(fill.as_deref());
                self.node(Some(layer), op, &all, &out, vec![text("mode", mode)]);
                return Ok(());
            }
            _ => vec![],
        };
        self.node(Some(layer), op, &operands, &out, attributes);
        Ok(())
    }

    /// Gemm takes matrices only; for all else the transposed matrix is stored.
    fn linear(&mut self, layer: &Layer, operands: &[&str], out: &str) -> Outcome {
        if is_gemm(self.network, layer) {
            self.node(Some(layer), "Gemm", operands, out, vec![int("transB", 1)]);
            return Ok(());
        }
        let Some(w) = self.network.tensor(layer.inputs()[1]).constant() else {
            return Ok(()); // a linear layer's matrix is known, or it would not have been added
        };
        let (m, n) = (w.shape()[0], w.shape()[1]);
        let name = self.fresh();
        let matrix = self.tensor(name.clone(), &[n, m], m * n, |i| w.get(i % m * n + i / m))?;
        self.graph.initializer.push(matrix);
        match operands.get(2) {
            None => self.node(Some(layer), "MatMul", &[operands[0], &name], out, vec![]),
            Some(bias) => {
                let product = self.fresh();
                self.node(Some(layer), "MatMul", &[operands[0], &name], &product, vec![]);
                self.node(Some(layer), "Add", &[&product, bias], out, vec![]);
            }
        }
        Ok(())
    }

    fn batch_norm(&mut self, layer: &Layer, epsilon: f64, operands: &[&str], out: &str) -> Outcome {
        let x = self.network.tensor(layer.inputs()[0]).shape();
        let mut operands = operands.to_vec();
        let (variance, sum) = (self.network.tensor(layer.inputs()[4]).constant(), self.fresh());
        let mut attribute = float("epsilon", epsilon as f32);
        if let (false, Some(variance)) = (is_narrow(epsilon), variance) {
            let stored = self.tensor(sum.clone(), variance.shape(), variance.len(), |i| variance.get(i) + epsilon)?;
            self.graph.initializer.push(stored);
            operands[4] = &sum;
            attribute = float("epsilon", 0.0);
        }
        if let &[channels] = x {
            let (before, after) = (self.fresh(), self.fresh());
            self.reshape(layer, operands[0], &[1, channels], &before);
            operands[0] = &before;
            self.node(Some(layer), "BatchNormalization", &operands, &after, vec![attribute]);
            self.reshape(layer, &after, x, out);
        } else {
            self.node(Some(layer), "BatchNormalization", &operands, out, vec![attribute]);
        }
        Ok(())
    }
}

/// Whether a linear layer is a Gemm, whose matrix is stored as it is.
fn is_gemm(network: &Network, layer: &Layer) -> bool {
    network.tensor(layer.inputs()[0]).shape().len() == 2
}

/// Operands that are written under their own names.
fn kept_operands<'a>(network: &'a Network, layer: &'a Layer) -> impl Iterator<Item = &'a TensorId> {
    let moved = matches!(layer.op(), Op::Linear) && !is_gemm(network, layer);
    layer.inputs().iter().enumerate().filter(move |(i, _)| !(moved && *i == 1)).map(|(_, id)| id)
}

/// Where a slice ends; before the first element is the least number, as negative ones count from the end.
fn slice_end(start: usize, step: isize, length: usize) -> i64 {
    if length == 0 {
        return 0;
    }
    let end = start as i128 + step as i128 * length as i128;
    if end < 0 { i64::MIN } else { i64::try_from(end).unwrap_or(i64::MAX) }
}

fn raw_tensor(name: String, shape: &[usize], element: DataType, raw: Vec<u8>) -> TensorProto {
    TensorProto {
        name: Some(name),
        dims: shape.iter().map(|&d| d as i64).collect(),
        data_type: Some(element),
        raw_data: Some(RefCell::new(raw)),
        ..TensorProto::default()
    }
}

fn attribute(name: &str, kind: AttributeType) -> AttributeProto {
    AttributeProto { name: Some(name.to_owned()), r#type: Some(kind), ..AttributeProto::default() }
}

fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto { i: Some(value), ..attribute(name, AttributeType::INT) }
}

fn size(name: &str, value: usize) -> AttributeProto {
    int(name, value as i64)
}

fn float(name: &str, value: f32) -> AttributeProto {
    AttributeProto { f: Some(value), ..attribute(name, AttributeType::FLOAT) }
}

fn text(name: &str, value: &str) -> AttributeProto {
    AttributeProto { s: Some(value.to_owned()), ..attribute(name, AttributeType::STRING) }
}

fn sizes(name: &str, values: &[usize]) -> AttributeProto {
    let ints = values.iter().map(|&v| v as i64).collect();
    AttributeProto { ints, ..attribute(name, AttributeType::INTS) }
}

fn window_attributes(window: &Window, mut more: Vec<AttributeProto>) -> Vec<AttributeProto> {
    more.push(sizes("kernel_shape", &window.kernel));
    more.push(sizes("strides", &window.strides));
    more.push(sizes("dilations", &window.dilations));
    more.push(sizes("pads", &[&window.begin[..], &window.end[..]].concat()));
    more
}
