//! What is read, from models made here: names, nodes, open sizes, order, dead parts.

use std::path::Path;

use anser::budget::{Budget, Limits, Stop};
use anser::files;
use anser::net::Op;
use anser::net::onnx::{GraphError, OnnxErrorKind, ReadOptions, read_bytes, read_file};
use rten_onnx::onnx::{Dimension, ModelProto, OperatorSetIdProto, TensorShapeProto};

use super::{evaluate, floats, model, node, read, refusal, small, value};

#[test]
fn a_small_model_layer_by_layer() {
    let network = read(&small().write_buf().unwrap()).unwrap();
    let ops: Vec<_> = network.layers().iter().map(|l| l.op().clone()).collect();
    let expected =
        [Op::Linear, Op::Add, Op::Relu, Op::Reshape { shape: vec![2, 2] }, Op::Softmax { first: 1, count: 1 }];
    assert_eq!(ops, expected);
    let softmax = &network.layers()[4].nodes()[0];
    assert_eq!((softmax.index, softmax.op.as_str()), (5, "Softmax"));
    assert_eq!(network.tensor(network.outputs()[0]).name(), "y");
    assert_eq!(network.tensor(network.inputs()[0]).shape(), [2, 3]);
    assert_eq!(network.find("b").map(|id| network.tensor(id).len()), Some(2));
    // Row 0: x = (1, 2, 0): x W + b = (2.5, 3.5); row 1: all zero, then b, of which relu leaves (0.5, 0).
    let answer = evaluate(&network, 1, &[1.0, 2.0, 0.0, 0.0, 0.0, 0.0]);
    let expected = [1.0 / (1.0 + 1f64.exp()), 1.0 / (1.0 + (-1f64).exp()), 1.0 / (1.0 + (-0.5f64).exp())];
    assert!(answer.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{answer:?}");
}

#[test]
fn nodes_in_any_order_and_dead_ones() {
    let mut shuffled = small();
    let graph = shuffled.graph.as_mut().unwrap();
    graph.node.reverse();
    graph.node.push(node("Mystery", &["q", "nobody"], &["dead"]));
    graph.initializer.push(floats("unused", &[2], &[f32::NAN, 0.0]));
    let network = read(&shuffled.write_buf().unwrap()).unwrap();
    let inputs = [0.5, -1.0, 2.0, 0.25, 3.0, -0.5];
    let straight = read(&small().write_buf().unwrap()).unwrap();
    assert_eq!(evaluate(&network, 1, &inputs), evaluate(&straight, 1, &inputs));
    assert!(network.find("unused").is_none() && network.find("dead").is_none());
}

#[test]
fn layers_that_only_told_a_shape_are_gone() {
    let nodes = vec![
        node("Relu", &["x"], &["r"]),
        node("Sigmoid", &["r"], &["s"]),
        node("Shape", &["s"], &["n"]),
        node("ConstantOfShape", &["n"], &["z"]),
        node("Add", &["x", "z"], &["y"]),
    ];
    let network = read(&model(nodes, vec![]).write_buf().unwrap()).unwrap();
    assert_eq!(network.layers().len(), 1);
    assert_eq!(network.tensors().len(), 3);
}

#[test]
fn open_sizes_are_given_by_name() {
    let symbol = |name: &str| Dimension { dim_param: Some(name.to_owned()), ..Dimension::default() };
    let with = |dims: Vec<Dimension>| {
        let mut model = model(vec![node("Relu", &["x"], &["y"])], vec![]);
        let input = &mut model.graph.as_mut().unwrap().input[0];
        input.r#type.as_mut().unwrap().tensor_type.as_mut().unwrap().shape = Some(TensorShapeProto { dim: dims });
        model.write_buf().unwrap()
    };
    let read = |bytes: &[u8], dims: &[(&str, usize)]| {
        let dims = dims.iter().map(|(n, s)| ((*n).to_owned(), *s)).collect();
        let options = ReadOptions { fuse: false, dims };
        let network = read_bytes(bytes, None, &options, &Budget::unlimited());
        network.map(|n| n.tensor(n.inputs()[0]).shape().to_vec()).map_err(|e| e.to_string())
    };
    let both = with(vec![symbol("batch"), symbol("width")]);
    assert_eq!(read(&both, &[("width", 5)]), Ok(vec![1, 5]));
    assert_eq!(read(&both, &[("width", 5), ("batch", 2)]), Ok(vec![2, 5]));
    let error = read(&both, &[("batch", 2)]).unwrap_err();
    assert!(error.contains("\"x\"") && error.contains("\"width\""), "{error}");
    assert_eq!(read(&with(vec![Dimension::default(), symbol("w")]), &[("w", 3)]), Ok(vec![1, 3]));
    assert!(read(&with(vec![symbol("n"), Dimension::default()]), &[("n", 3)]).is_err());
    assert!(read(&with(vec![symbol("n"), symbol("w")]), &[("w", usize::MAX)]).unwrap_err().contains("too large"));
    let negative = Dimension { dim_value: Some(-1), ..Dimension::default() };
    assert!(read(&with(vec![negative]), &[]).unwrap_err().contains("-1"));
}

#[test]
fn graphs_that_are_none() {
    let of = |nodes: Vec<_>| model(nodes, vec![floats("c", &[1], &[1.0])]).write_buf().unwrap();
    let kind = |bytes: &[u8]| match read(bytes).unwrap_err().kind() {
        OnnxErrorKind::Graph(error) => error.clone(),
        other => panic!("{other}"),
    };
    let mut ring = vec![node("Add", &["x", "c2"], &["a"]), node("Relu", &["a"], &["b"]), node("Neg", &["b"], &["c2"])];
    ring.push(node("Relu", &["b"], &["y"]));
    assert!(matches!(kind(&of(ring)), GraphError::Cyclic(node) if node.index < 3));
    assert!(matches!(kind(&of(vec![node("Add", &["x", "y"], &["y"])])), GraphError::Cyclic(node) if node.index == 0));
    let undefined = of(vec![node("Relu", &["x"], &["a"]), node("Add", &["a", "ghost"], &["y"])]);
    assert!(matches!(kind(&undefined), GraphError::Undefined { node, tensor } if node.index == 1 && tensor == "ghost"));
    assert!(matches!(kind(&of(vec![])), GraphError::UndefinedOutput(name) if name == "y"));
    let double = of(vec![node("Relu", &["x"], &["y"]), node("Neg", &["x"], &["y"])]);
    assert!(matches!(kind(&double), GraphError::Producers { node, tensor } if node.index == 1 && tensor == "y"));
    for taken in ["x", "c"] {
        let over = of(vec![node("Relu", &["x"], &[taken]), node("Neg", &["x"], &["y"])]);
        assert!(matches!(kind(&over), GraphError::Producers { tensor, .. } if tensor == taken));
    }
    let twice = |change: fn(&mut rten_onnx::onnx::GraphProto)| {
        let mut model = small();
        change(model.graph.as_mut().unwrap());
        kind(&model.write_buf().unwrap())
    };
    let duplicate = |error: GraphError, kind: &str| matches!(error, GraphError::Duplicate { what, .. } if what == kind);
    assert!(duplicate(twice(|g| g.input.push(g.input[0].clone())), "input"));
    assert!(duplicate(twice(|g| g.output.push(g.output[0].clone())), "output"));
    assert!(duplicate(twice(|g| g.initializer.push(g.initializer[0].clone())), "initializer"));
}

#[test]
fn versions() {
    let with = |opsets: &[(&str, i64)]| {
        let import = |&(domain, version): &(&str, i64)| OperatorSetIdProto {
            domain: Some(domain.to_owned()),
            version: Some(version),
        };
        let opset_import = opsets.iter().map(import).collect();
        ModelProto { opset_import, ..model(vec![node("Relu", &["x"], &["y"])], vec![]) }.write_buf().unwrap()
    };
    for good in [7, 13, 28] {
        assert!(read(&with(&[("ai.onnx.ml", 2), ("", good)])).is_ok());
        assert!(read(&with(&[("ai.onnx", good)])).is_ok());
    }
    for bad in [-1, 0, 6, 29, i64::MAX] {
        assert!(refusal(&with(&[("", bad)])).contains("opset"), "{bad}");
    }
    assert!(refusal(&with(&[])).contains("no version"));
    assert!(refusal(&with(&[("", 13), ("", 14)])).contains("two versions"));
}

#[test]
fn weights_that_are_no_numbers_are_named_with_their_index() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut model = small();
        model.graph.as_mut().unwrap().initializer[0].float_data[4] = bad;
        let text = refusal(&model.write_buf().unwrap());
        assert!(text.contains("\"w\"") && text.contains("element 4") && text.contains(&bad.to_string()), "{text}");
    }
}

#[test]
fn declared_shapes_are_held_to() {
    let mut model = small();
    model.graph.as_mut().unwrap().output[0] = value("y", &[Some(2), Some(5)]);
    let text = refusal(&model.write_buf().unwrap());
    assert!(text.contains("[2, 5]") && text.contains("[2, 2]"), "{text}");
    model.graph.as_mut().unwrap().output[0] = value("y", &[None, Some(2)]);
    assert!(read(&model.write_buf().unwrap()).is_ok());
}

#[test]
fn errors_name_the_file_and_the_node() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.onnx.gz");
    let mut model = small();
    model.graph.as_mut().unwrap().node[1].name = Some("bias".to_owned());
    model.graph.as_mut().unwrap().initializer[1] = floats("b", &[3], &[0.0; 3]);
    files::write_file(&path, &model.write_buf().unwrap(), &Budget::unlimited()).unwrap();
    let error = read_file(&path, &ReadOptions::default(), &Budget::unlimited()).unwrap_err();
    assert_eq!(error.path(), Some(path.as_path()));
    let text = error.to_string();
    let expected = "node 1 \"bias\" (Add, opset 13): Add: shapes [2, 2] and [3] do not broadcast";
    assert_eq!(text, format!("{}: {expected}", path.display()));
    let missing = read_file(Path::new("/nowhere/x.onnx"), &ReadOptions::default(), &Budget::unlimited()).unwrap_err();
    assert!(matches!(missing.kind(), OnnxErrorKind::Io(_)));
    assert!(missing.to_string().starts_with("/nowhere/x.onnx: "), "{missing}");
    let mut damaged = std::fs::read(&path).unwrap();
    damaged.truncate(damaged.len() - 5);
    std::fs::write(&path, damaged).unwrap();
    let error = read_file(&path, &ReadOptions::default(), &Budget::unlimited()).unwrap_err();
    assert!(matches!(error.kind(), OnnxErrorKind::Damaged(_)), "{error}");
}

#[test]
fn a_stopped_call_says_so() {
    let limits = Limits { time: Some(std::time::Duration::ZERO), ..Limits::default() };
    let bytes = small().write_buf().unwrap();
    let error = read_bytes(&bytes, None, &ReadOptions::default(), &Budget::start(&limits)).unwrap_err();
    assert!(matches!(error.kind(), OnnxErrorKind::Stopped(Stop::Time)), "{error}");
}
