//! ONNX in and out: operators against onnxruntime, the shared networks, round trips, and hostile files.
#![allow(clippy::print_stdout)]

#[path = "onnx/conformance.rs"]
mod conformance;
#[path = "onnx/data.rs"]
mod data;
#[path = "onnx/external.rs"]
mod external;
#[path = "onnx/hostile.rs"]
mod hostile;
#[path = "onnx/memory.rs"]
mod memory;
#[path = "onnx/oracle.rs"]
mod oracle;
#[path = "onnx/read.rs"]
mod read;
#[path = "onnx/round_trip.rs"]
mod round_trip;

use anser::budget::Budget;
use anser::net::Network;
use anser::net::eval::Evaluator;
use anser::net::onnx::{OnnxError, ReadOptions, read_bytes};
use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataType, Dimension, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
    TensorProto, TensorShapeProto, TypeProto, TypeProtoTensor, ValueInfoProto,
};

fn options(fuse: bool) -> ReadOptions {
    ReadOptions { fuse, ..ReadOptions::default() }
}

fn read(bytes: &[u8]) -> Result<Network, OnnxError> {
    read_bytes(bytes, None, &options(false), &Budget::unlimited())
}

fn refusal(bytes: &[u8]) -> String {
    match read(bytes) {
        Ok(network) => panic!("read as {network:?}"),
        Err(error) => error.to_string(),
    }
}

/// The network's answers to `samples` inputs, in 64 bits.
fn evaluate(network: &Network, samples: usize, inputs: &[f64]) -> Vec<f64> {
    let mut outputs = vec![0.0; samples * network.output_len()];
    let evaluator = Evaluator::<f64>::new(network).unwrap();
    evaluator.evaluate(samples, inputs, &mut outputs, &Budget::unlimited()).unwrap();
    outputs
}

/// Whether they agree up to a share of the largest; in 32 bits that is some 100 roundings.
fn agree(ours: &[f64], theirs: &[f64]) -> Result<(), String> {
    if ours.len() != theirs.len() {
        return Err(format!("{} outputs, not {}", ours.len(), theirs.len()));
    }
    let scale = theirs.iter().fold(1.0f64, |m, v| m.max(v.abs()));
    match ours.iter().zip(theirs).position(|(a, b)| (a - b).abs() > 1e-5 * scale || !a.is_finite()) {
        Some(i) => Err(format!("output {i}: {} and {}", ours[i], theirs[i])),
        None => Ok(()),
    }
}

/// A model over one input `x` of shape (2, 3), with one output `y`.
fn model(nodes: Vec<NodeProto>, initializers: Vec<TensorProto>) -> ModelProto {
    let graph = GraphProto {
        node: nodes,
        initializer: initializers,
        input: vec![value("x", &[Some(2), Some(3)])],
        output: vec![value("y", &[])],
        value_info: vec![],
    };
    ModelProto {
        ir_version: Some(7),
        graph: Some(graph),
        opset_import: vec![OperatorSetIdProto { domain: Some(String::new()), version: Some(13) }],
        ..ModelProto::default()
    }
}

/// A tensor of floats, without a shape where `dims` is empty.
fn value(name: &str, dims: &[Option<i64>]) -> ValueInfoProto {
    let dim = dims.iter().map(|&d| Dimension { dim_value: d, ..Dimension::default() }).collect();
    let shape = if dims.is_empty() { None } else { Some(TensorShapeProto { dim }) };
    let tensor_type = Some(TypeProtoTensor { elem_type: Some(DataType::FLOAT), shape });
    ValueInfoProto { name: Some(name.to_owned()), r#type: Some(TypeProto { tensor_type, ..TypeProto::default() }) }
}

fn node(op: &str, inputs: &[&str], outputs: &[&str]) -> NodeProto {
    NodeProto {
        op_type: Some(op.to_owned()),
        input: inputs.iter().map(|&n| n.to_owned()).collect(),
        output: outputs.iter().map(|&n| n.to_owned()).collect(),
        ..NodeProto::default()
    }
}

fn floats(name: &str, dims: &[i64], values: &[f32]) -> TensorProto {
    TensorProto {
        name: Some(name.to_owned()),
        dims: dims.to_vec(),
        data_type: Some(DataType::FLOAT),
        float_data: values.to_vec(),
        ..TensorProto::default()
    }
}

fn ints(name: &str, dims: &[i64], values: &[i64]) -> TensorProto {
    TensorProto {
        name: Some(name.to_owned()),
        dims: dims.to_vec(),
        data_type: Some(DataType::INT64),
        int64_data: values.to_vec(),
        ..TensorProto::default()
    }
}

fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto {
        name: Some(name.to_owned()),
        i: Some(value),
        r#type: Some(AttributeType::INT),
        ..AttributeProto::default()
    }
}

/// `relu(x W + b)` and a sign of it, with a shape computed on the way.
fn small() -> ModelProto {
    let nodes = vec![
        node("MatMul", &["x", "w"], &["p"]),
        node("Add", &["p", "b"], &["q"]),
        node("Relu", &["q"], &["r"]),
        node("Shape", &["r"], &["s"]),
        node("Reshape", &["r", "s"], &["t"]),
        NodeProto { attribute: vec![int("axis", 1)], ..node("Softmax", &["t"], &["y"]) },
    ];
    let w = floats("w", &[3, 2], &[1.0, -2.0, 0.5, 3.0, -1.5, 0.25]);
    model(nodes, vec![w, floats("b", &[2], &[0.5, -0.5])])
}
