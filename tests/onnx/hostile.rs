//! Bytes that are no model, or one that means harm: an error each, in time that goes with their length.

use std::time::Instant;

use anser::budget::Budget;
use anser::net::Network;
use anser::net::onnx::{OnnxErrorKind, read_bytes, to_bytes};
use rten_onnx::onnx::DataType;

use super::round_trip::same;
use super::{floats, ints, model, node, options, read, refusal, small};

/// A field of bytes.
fn field(number: u64, content: &[u8]) -> Vec<u8> {
    let mut bytes = varint(number << 3 | 2);
    bytes.extend(varint(content.len() as u64));
    bytes.extend(content);
    bytes
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// What may be done with any network that was read.
fn use_it(network: &Network) {
    let bytes = to_bytes(network, &Budget::unlimited()).unwrap();
    if network.tensors().iter().map(|t| t.len()).sum::<usize>() < 10_000 {
        let inputs = vec![0.5; network.input_len()];
        let evaluator = anser::net::eval::Evaluator::<f64>::new(network).unwrap();
        let mut outputs = vec![0.0; network.output_len()];
        evaluator.evaluate(1, &inputs, &mut outputs, &Budget::unlimited()).unwrap();
    }
    read(&bytes).unwrap();
}

#[test]
fn every_truncation_is_refused_or_means_the_same() {
    let bytes = small().write_buf().unwrap();
    let whole = read(&bytes).unwrap();
    let mut refused = 0;
    for end in 0..bytes.len() {
        match read(&bytes[..end]) {
            Err(_) => refused += 1,
            // What follows the operators' version are descriptions.
            Ok(network) => same(&whole, &network).unwrap_or_else(|e| panic!("{end} of {}: {e}", bytes.len())),
        }
    }
    assert!(refused + 10 > bytes.len(), "{refused} of {}", bytes.len());
}

#[test]
fn mutated_bytes_never_panic() {
    let base = small().write_buf().unwrap();
    let mut state = 7u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let (mut read_anyway, mut refused) = (0, 0);
    for _ in 0..30_000 {
        let mut bytes = base.clone();
        for _ in 0..=next(3) {
            let at = next(bytes.len());
            match next(5) {
                0 => bytes[at] = next(256) as u8,
                1 => bytes[at] ^= 1 << next(8),
                2 => bytes.insert(at, next(256) as u8),
                3 => drop(bytes.remove(at)),
                _ => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][next(5)],
            }
        }
        match read_bytes(&bytes, None, &options(true), &Budget::unlimited()) {
            Ok(network) => {
                use_it(&network);
                read_anyway += 1;
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                refused += 1;
            }
        }
    }
    assert!(read_anyway > 1000 && refused > 10_000, "{read_anyway} read, {refused} refused");
}

#[test]
fn lengths_that_lie() {
    let graph = |inner: &[u8]| field(7, inner);
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (vec![], "no graph"),
        (b"\x0a".to_vec(), "does not end"),
        (b"hello, this is text".to_vec(), "no ONNX model"),
        ([varint(7 << 3 | 2), varint(u64::MAX)].concat(), "bytes where 0 are left"),
        ([varint(7 << 3 | 2), varint(1 << 62), vec![0; 9]].concat(), "bytes where 9 are left"),
        (graph(&[varint(1 << 3 | 2), varint(100)].concat()), "100 bytes where 0 are left"),
        (vec![0xff; 11], "does not end"),
        (vec![0x00, 0x00], "number 0"),
        (vec![0x0b], "wire type 3"),
        (vec![0x0c], "wire type 4"),
        (vec![0x0f], "wire type 7"),
        (vec![0x3d, 1, 2, 3, 4], "field 7 is Fixed32"),
        ([graph(&[]), graph(&[])].concat(), "second graph"),
        (graph(&field(1, &field(4, &[0xff, 0xfe]))), "UTF-8"),
        // float_data of five bytes
        (graph(&field(5, &field(4, &[0; 5]))), "5 bytes of numbers"),
        // packed dimensions that end within a number are seen once they are wanted
    ];
    for (bytes, word) in cases {
        let text = refusal(&bytes);
        assert!(text.contains(word), "{bytes:?}: {text}");
    }
    let error = read(&graph(&field(1, &field(4, &[0x41, 0xfe])))).unwrap_err();
    assert!(matches!(error.kind(), OnnxErrorKind::Malformed { offset: Some(7), .. }), "{error:?}");
}

#[test]
fn tensors_that_lie() {
    let with = |tensor: rten_onnx::onnx::TensorProto| {
        let mut model = small();
        model.graph.as_mut().unwrap().initializer[0] = tensor;
        refusal(&model.write_buf().unwrap())
    };
    let cases = [
        (floats("w", &[3, -2], &[0.0; 6]), "dimension -2 is negative"),
        (floats("w", &[3, 2], &[0.0; 5]), "5 elements, its shape needs 6"),
        (floats("w", &[3, 2], &[0.0; 7]), "7 elements, its shape needs 6"),
        (floats("w", &[i64::MAX, i64::MAX], &[0.0; 6]), "too large"),
        (floats("w", &[i64::MAX, 0], &[]), "too large"),
        (floats("w", &[1; 17], &[0.0]), "too large"),
        (floats("w", &[1 << 30], &[0.0]), "its shape needs 1073741824"),
        (rten_onnx::onnx::TensorProto { data_type: None, ..floats("w", &[3, 2], &[0.0; 6]) }, "undefined"),
        (
            rten_onnx::onnx::TensorProto { data_type: Some(DataType(99)), ..floats("w", &[3, 2], &[0.0; 6]) },
            "element type 99",
        ),
        (
            rten_onnx::onnx::TensorProto { raw_data: Some(vec![0; 24].into()), ..floats("w", &[3, 2], &[0.0; 6]) },
            "data twice",
        ),
        (
            rten_onnx::onnx::TensorProto { raw_data: Some(vec![0; 23].into()), ..floats("w", &[3, 2], &[]) },
            "23 bytes, its shape needs 24",
        ),
        (
            rten_onnx::onnx::TensorProto {
                data_type: Some(DataType::INT32),
                int32_data: vec![1; 6],
                ..floats("w", &[3, 2], &[])
            },
            "int32",
        ),
    ];
    for (tensor, word) in cases {
        let text = with(tensor);
        assert!(text.contains(word), "{word}: {text}");
        assert!(text.contains("\"w\"") || text.contains("node 0"), "{text}");
    }
    let gather = |indices: &[i64]| {
        let nodes = vec![node("Gather", &["x", "i"], &["y"])];
        model(nodes, vec![ints("i", &[indices.len() as i64], indices)]).write_buf().unwrap()
    };
    assert!(read(&gather(&[1, -2])).is_ok());
    for bad in [2, -3, i64::MAX, i64::MIN] {
        assert!(refusal(&gather(&[0, bad])).contains(&format!("index {bad}")));
    }
}

#[test]
fn numbers_at_the_edges() {
    let edges = [0, 1, -1, 2, 1 << 31, i64::MAX, i64::MIN, i64::MIN + 1];
    let attributes: Vec<Vec<i64>> = edges.iter().flat_map(|&a| edges.map(|b| vec![a, b])).collect();
    let mut refused = 0;
    for values in attributes {
        let list = |n: usize| ints("i", &[n as i64], &values.iter().cycle().take(n).copied().collect::<Vec<_>>());
        let nodes = [
            (node("Reshape", &["x", "i"], &["y"]), 2),
            (node("Unsqueeze", &["x", "i"], &["y"]), 2),
            (node("Squeeze", &["x", "i"], &["y"]), 2),
            (node("Pad", &["x", "i"], &["y"]), 4),
            (node("Slice", &["x", "i", "i"], &["y"]), 2),
            (node("Slice", &["x", "i", "i", "", "i"], &["y"]), 2),
            (node("Split", &["x", "i"], &["y", "z"]), 2),
            (node("ReduceSum", &["x", "i"], &["y"]), 2),
            (node("Gather", &["x", "i"], &["y"]), 2),
            (node("Expand", &["x", "i"], &["y"]), 2),
            (node("ConstantOfShape", &["i"], &["y"]), 2),
        ];
        for (node, n) in nodes {
            refused += usize::from(read(&model(vec![node], vec![list(n)]).write_buf().unwrap()).is_err());
        }
        // Integers are computed with checks.
        for op in ["Add", "Sub", "Mul", "Div"] {
            let nodes = vec![node(op, &["i", "j"], &["k"]), node("Reshape", &["x", "k"], &["y"])];
            let reversed: Vec<i64> = values.iter().rev().copied().collect();
            let model = model(nodes, vec![list(2), ints("j", &[2], &reversed)]);
            refused += usize::from(read(&model.write_buf().unwrap()).is_err());
        }
    }
    assert!(refused > 500, "{refused}");
}

#[test]
fn depth_costs_nothing() {
    // Graphs in attributes of nodes of graphs, and so on; and fields that nobody knows.
    for numbers in [&[6u64, 5, 1][..], &[99], &[4, 2]] {
        let mut inner = vec![];
        for depth in 0..30_000 {
            // Lengths would add up to the square: only the innermost are whole.
            inner = if inner.len() < 1 << 20 { field(numbers[depth % numbers.len()], &inner) } else { inner };
        }
        let node_bytes = field(5, &field(6, &inner));
        let bytes = field(
            7,
            &[field(1, &[node_bytes, field(4, b"If"), field(2, b"y")].concat()), field(12, &field(1, b"y"))].concat(),
        );
        let bytes = [bytes, field(8, &[0x10, 13])].concat();
        let text = refusal(&bytes);
        assert!(text.contains("node 0 (If, opset 13): unsupported"), "{text}");
    }
}

#[test]
fn a_million_nodes_in_a_row() {
    const NODES: usize = 1_000_000;
    let mut graph = Vec::new();
    // Backwards, so that the order is found here.
    for i in (0..NODES).rev() {
        let from = if i == 0 { "x".to_owned() } else { format!("n{}", i - 1) };
        let to = if i + 1 == NODES { "y".to_owned() } else { format!("n{i}") };
        let node = [field(1, from.as_bytes()), field(2, to.as_bytes()), field(4, b"Neg")].concat();
        graph.extend(field(1, &node));
    }
    let mut model = small();
    let part = model.graph.as_mut().unwrap();
    part.node.clear();
    part.initializer.clear();
    let frame = model.write_buf().unwrap();
    // The frame's graph is joined with the nodes: its own bytes are put behind them.
    let start = frame.iter().position(|b| *b == 0x3a).unwrap();
    let len = frame[start + 1] as usize;
    graph.extend(&frame[start + 2..start + 2 + len]);
    let bytes = [&frame[..start], &field(7, &graph), &frame[start + 2 + len..]].concat();
    let begun = Instant::now();
    let network = read(&bytes).unwrap();
    println!("{NODES} nodes in {:.1} s", begun.elapsed().as_secs_f64());
    assert_eq!(network.layers().len(), NODES);
    assert_eq!(network.layers()[0].nodes()[0].index, NODES - 1);
}
