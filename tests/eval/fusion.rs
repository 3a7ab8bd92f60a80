//! Fused networks against those they were made from.

use anser::budget::{Budget, Limits, Stop};
use anser::instances::networks::{Activation, NetworkSpec, network};
use anser::net::eval::Evaluator;
use anser::net::fuse::fuse;
use anser::net::{Constant, Network, NetworkError, NodeRef, Op, TensorId};

use crate::cases::{Random, graph, operators, window};

fn outputs(net: &Network, batch: usize, inputs: &[f64]) -> Vec<f64> {
    let mut outputs = vec![0.0; batch * net.output_len()];
    Evaluator::new(net).unwrap().evaluate(batch, inputs, &mut outputs, &Budget::unlimited()).unwrap();
    outputs
}

fn names(net: &Network) -> Vec<&'static str> {
    net.layers().iter().map(|l| l.op().name()).collect()
}

fn same(a: &Network, b: &Network) -> bool {
    a.tensors() == b.tensors() && a.layers() == b.layers() && a.outputs() == b.outputs() && a.inputs() == b.inputs()
}

/// The same values, and fusing again changes nothing.
fn check(net: &Network, random: &mut Random) -> Network {
    let fused = fuse(net, &Budget::unlimited()).unwrap();
    let inputs = random.numbers(4 * net.input_len());
    let (before, after) = (outputs(net, 4, &inputs), outputs(&fused, 4, &inputs));
    let scale = before.iter().fold(1.0f64, |a, b| a.max(b.abs()));
    for (a, b) in before.iter().zip(&after) {
        assert!((a - b).abs() <= 1e-12 * scale, "{:?}: {b} for {a}", names(net));
    }
    assert!(same(&fuse(&fused, &Budget::unlimited()).unwrap(), &fused), "{:?}", names(&fused));
    fused
}

#[test]
fn random_networks_stay_the_same_function() {
    let mut random = Random::new(8);
    for seed in 0..10 {
        for (spec, layers) in [
            (NetworkSpec::dense(9, &[8, 7], 3), 5),
            (NetworkSpec { batch_norm: true, ..NetworkSpec::dense(9, &[8, 8, 7], 3) }, 7),
            (NetworkSpec { residual: true, batch_norm: true, ..NetworkSpec::dense(9, &[8, 8, 7], 3) }, 8),
            (NetworkSpec { activation: Activation::Tanh, ..NetworkSpec::dense(9, &[5], 3) }, 3),
            (NetworkSpec::convolutional([2, 8, 9], &[3, 3, 4], &[6], 3), 13),
            (NetworkSpec { residual: true, ..NetworkSpec::convolutional([3, 8, 9], &[3, 3], &[6], 3) }, 12),
        ] {
            let net = network(&spec, seed).unwrap();
            let fused = check(&net, &mut random);
            assert_eq!(fused.layers().len(), layers, "{:?}", names(&fused));
        }
    }
    for net in operators(3).iter().chain(&(0..200).map(graph).collect::<Vec<_>>()) {
        check(net, &mut random);
    }
}

/// A layer of one of these kinds, and the shape of its answer.
fn first(net: &mut Network, random: &mut Random, kind: usize) -> TensorId {
    match kind {
        0 => {
            let x = net.add_input("x", &[2, 3]).unwrap();
            let w = net.add_constant("w", random.constant(&[3, 4])).unwrap();
            net.add_layer("first", Op::MatMul, &[x, w]).unwrap()
        }
        1 => {
            let x = net.add_input("x", &[3]).unwrap();
            let w = net.add_constant("w", random.constant(&[4, 3])).unwrap();
            net.add_layer("first", Op::Linear, &[x, w]).unwrap()
        }
        2 => {
            let x = net.add_input("x", &[1, 2, 5, 6]).unwrap();
            let w = net.add_constant("w", random.constant(&[4, 1, 2, 3])).unwrap();
            let b = net.add_constant("b", random.constant(&[4])).unwrap();
            let window = window(&[2, 3], &[1, 1], &[1, 1], &[0, 0], &[0, 0]);
            net.add_layer("first", Op::Conv { window, groups: 2 }, &[x, w, b]).unwrap()
        }
        _ => {
            let x = net.add_input("x", &[1, 6, 5]).unwrap();
            let w = net.add_constant("w", random.constant(&[6, 2, 3])).unwrap();
            let window = window(&[3], &[1], &[1], &[0], &[0]);
            let op = Op::ConvTranspose { window, output_padding: vec![0], groups: 2 };
            net.add_layer("first", op, &[x, w]).unwrap()
        }
    }
}

#[test]
fn chains_of_all_kinds_are_merged_into_one() {
    let mut random = Random::new(9);
    for kind in 0..4 {
        for round in 0..60 {
            let mut net = Network::new();
            let mut y = first(&mut net, &mut random, kind);
            let rank = net.tensor(y).shape().len();
            for step in 0..1 + round % 4 {
                let channels = match (kind, random.below(4)) {
                    (_, 0) => vec![],
                    (0 | 1, 1) => vec![4],
                    (0, _) => vec![1, 4],
                    (1, _) => vec![1],
                    (2, 1) => vec![4, 1, 1],
                    (2, _) => vec![1, 4, 1, 1],
                    (_, 1) => vec![4, 1],
                    _ => vec![1, 4, 1],
                };
                let c = net.add_constant("", random.constant(&channels)).unwrap();
                let (op, operands) = match random.below(8) {
                    0 => (Op::Add, vec![y, c]),
                    1 => (Op::Add, vec![c, y]),
                    2 => (Op::Sub, vec![y, c]),
                    3 => (Op::Sub, vec![c, y]),
                    4 => (Op::Mul, vec![c, y]),
                    5 => (Op::Div, vec![y, c]),
                    6 => (Op::Neg, vec![y]),
                    _ => {
                        let mut operands = vec![y];
                        for _ in 0..3 {
                            operands.push(net.add_constant("", random.constant(&[4])).unwrap());
                        }
                        let ones = Constant::from_f64(&[4], &[0.5, 1.0, 1.5, 2.0]).unwrap();
                        operands.push(net.add_constant("", ones).unwrap());
                        (Op::BatchNorm { epsilon: 1e-5 }, operands)
                    }
                };
                y = net.add_layer(&format!("y{step}"), op, &operands).unwrap();
                assert_eq!(net.tensor(y).shape().len(), rank);
            }
            net.add_output(y).unwrap();
            let fused = check(&net, &mut random);
            assert_eq!(fused.layers().len(), 1, "{:?}", names(&net));
            let last = net.layers().len() - 2;
            assert_eq!(fused.tensor(fused.outputs()[0]).name(), format!("y{last}"));
        }
    }
}

#[test]
fn what_is_used_twice_or_differs_within_a_channel_stays() {
    let mut random = Random::new(10);
    // The answer of the first layer is an output; goes to two layers; the constant enlarges it; differs along a row.
    for case in 0..4 {
        let mut net = Network::new();
        let y = first(&mut net, &mut random, if case == 3 { 2 } else { 0 });
        let shape = [&[4][..], &[4], &[3, 1, 4], &[4, 4]][case];
        let c = net.add_constant("c", random.constant(shape)).unwrap();
        let z = net.add_layer("z", Op::Add, &[y, c]).unwrap();
        net.add_output(z).unwrap();
        if case == 0 {
            net.add_output(y).unwrap();
        }
        if case == 1 {
            let relu = net.add_layer("relu", Op::Relu, &[y]).unwrap();
            net.add_output(relu).unwrap();
        }
        let fused = check(&net, &mut random);
        assert_eq!(fused.layers().len(), net.layers().len());
        assert!(fused.find("first").is_some() && fused.find("c").is_some());
    }
    // Normalization of the second axis of three is not that of the last.
    let mut net = Network::new();
    let x = net.add_input("", &[1, 4, 4]).unwrap();
    let w = net.add_constant("", random.constant(&[4, 4])).unwrap();
    let y = net.add_layer("", Op::Linear, &[x, w]).unwrap();
    let ones = Constant::from_f64(&[4], &[0.5, 1.0, 1.5, 2.0]).unwrap();
    let c = net.add_constant("", ones).unwrap();
    let z = net.add_layer("", Op::BatchNorm { epsilon: 0.0 }, &[y, c, c, c, c]).unwrap();
    net.add_output(z).unwrap();
    assert_eq!(check(&net, &mut random).layers().len(), 2);
    // Weights would be infinite.
    let mut net = Network::new();
    let y = first(&mut net, &mut random, 1);
    let c = net.add_constant("", Constant::from_f64(&[], &[1e-310]).unwrap()).unwrap();
    let z = net.add_layer("", Op::Div, &[y, c]).unwrap();
    net.add_output(z).unwrap();
    assert_eq!(fuse(&net, &Budget::unlimited()).unwrap().layers().len(), 2);
}

#[test]
fn nodes_come_in_the_files_order_and_unused_constants_go() {
    let mut random = Random::new(11);
    let mut net = Network::new();
    let node = |index: usize| vec![NodeRef { index, name: format!("n{index}"), op: "Op".into() }];
    let x = net.add_input("x", &[1, 3]).unwrap();
    let w = net.add_constant("w", random.constant(&[4, 3])).unwrap();
    let c = net.add_constant("c", random.constant(&[4])).unwrap();
    let y = net.add_layer_of("y", Op::Linear, &[x, w], node(7)).unwrap();
    let z = net.add_layer_of("z", Op::Add, &[y, c], node(2)).unwrap();
    let r = net.add_layer_of("r", Op::Relu, &[z], node(9)).unwrap();
    net.add_output(r).unwrap();
    let fused = check(&net, &mut random);
    let indices: Vec<usize> = fused.layers()[0].nodes().iter().map(|n| n.index).collect();
    assert_eq!((indices, names(&fused)), (vec![2, 7], vec!["Gemm", "Relu"]));
    assert!(fused.find("c").is_none() && fused.find("y").is_none() && fused.find("w").is_some());
    assert_eq!(fused.layers()[0].output(), fused.find("z").unwrap());
    assert_eq!(fused.tensors().len(), 5);
}

#[test]
fn long_chains_cost_no_more_than_their_length() {
    let mut net = Network::new();
    let x = net.add_input("", &[1, 2]).unwrap();
    let w = net.add_constant("", Constant::from_f64(&[2, 2], &[1.0, 2.0, 3.0, 4.0]).unwrap()).unwrap();
    let b = net.add_constant("", Constant::from_f64(&[2], &[0.5, 0.25]).unwrap()).unwrap();
    let first = net.add_layer("", Op::Linear, &[x, w]).unwrap();
    let mut y = first;
    // Merged one after the other; then, past a tensor that is used twice, one that cannot be merged.
    for _ in 0..100_000 {
        y = net.add_layer("", Op::Add, &[y, b]).unwrap();
    }
    for _ in 0..100_000 {
        y = net.add_layer("", Op::Neg, &[y]).unwrap();
    }
    let mut z = net.add_layer("", Op::Relu, &[y]).unwrap();
    for _ in 0..100_000 {
        z = net.add_layer("", Op::Neg, &[z]).unwrap();
    }
    net.add_output(z).unwrap();
    // Four weights and two channels a layer, a layer itself, and what is added up at the end.
    let budget = Budget::start(&Limits { work: Some(3_000_000), ..Limits::default() });
    let fused = fuse(&net, &budget).unwrap();
    assert_eq!(fused.layers().len(), 100_002);
    let expected = [1.0 + 50_000.0, 3.0 + 25_000.0];
    assert_eq!(outputs(&fused, 1, &[1.0, 0.0]), expected);
    let short = Budget::start(&Limits { work: Some(1000), ..Limits::default() });
    assert_eq!(fuse(&net, &short).unwrap_err(), NetworkError::Stopped(Stop::Work));
}

#[test]
fn matrices_that_layers_share_stay_shared() {
    let mut random = Random::new(12);
    let mut net = Network::new();
    let mut x = net.add_input("", &[3, 3]).unwrap();
    let w = net.add_constant("", random.constant(&[3, 3])).unwrap();
    let two = net.add_constant("", Constant::from_f64(&[], &[2.0]).unwrap()).unwrap();
    for op in [Op::MatMul, Op::Linear, Op::MatMul, Op::Linear] {
        x = net.add_layer("", op, &[x, w]).unwrap();
        x = net.add_layer("", Op::Mul, &[x, two]).unwrap();
        x = net.add_layer("", Op::Relu, &[x]).unwrap();
    }
    net.add_output(x).unwrap();
    let fused = check(&net, &mut random);
    // Scaled matrices would be copies: the layers that scale stay.
    assert_eq!(fused.layers().len(), net.layers().len());
    assert!(fused.bytes() <= 3 * net.bytes(), "{} {}", fused.bytes(), net.bytes());
}
