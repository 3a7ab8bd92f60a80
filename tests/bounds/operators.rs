//! Every operator, and random graphs of them: values at points lie within all bounds. Operators that are piecewise linear are
//! evaluated without rounding, others in double precision.

use anser::bounds::Method;
use anser::budget::Budget;
use anser::instances::networks::{Activation, NetworkSpec, network};
use anser::net::{Constant, Network, Op};

use crate::cases;
use crate::check::{Asked, Values, bounds, compute, hold, points};
use crate::random::Random;

const METHODS: [Method; 3] = [Method::Interval, Method::Crown, Method::Alpha { iterations: 4, neuron_iterations: 0 }];

/// Whether the reference can evaluate it without rounding.
fn is_exact(net: &Network) -> bool {
    net.layers().iter().all(|layer| match layer.op() {
        Op::Sigmoid | Op::Tanh | Op::Softmax { .. } | Op::BatchNorm { .. } => false,
        Op::MatMul | Op::ConvTranspose { .. } | Op::Pad { .. } => false,
        Op::Mul => layer.inputs().iter().any(|&id| net.tensor(id).constant().is_some()),
        Op::Div => net.tensor(layer.inputs()[1]).constant().is_some(),
        _ => true,
    })
}

/// Two boxes around a centre, rows of a few outputs.
fn ask(net: &Network, random: &mut Random, centre: &[f64], width: f64, method: Method) -> Asked {
    let m = net.output_len();
    let mut asked = Asked { boxes: 2, rows: 3, method, intersect: random.one_in(2), ..Asked::default() };
    for part in [1.0, 0.25] {
        asked.lower.extend(centre.iter().map(|c| c - part * width));
        asked.upper.extend(centre.iter().map(|c| c + part * width * 0.5));
    }
    for _ in 0..asked.rows {
        let mut row = vec![0.0; m];
        for _ in 0..3 {
            row[random.below(m)] = 2.0 * random.unit() - 1.0;
        }
        asked.outputs.extend(row);
    }
    asked
}

fn hold_all(net: &Network, seed: u64, count: usize) -> usize {
    let random = &mut Random::new(seed);
    let n = net.input_len();
    let exact = is_exact(net) && n <= 12 && net.tensors().iter().all(|tensor| tensor.len() <= 64);
    let mut finite = 0;
    for width in [0.1, 0.6] {
        // Not near 0: quotients have bounds.
        let centre: Vec<f64> =
            (0..n).map(|_| if random.one_in(2) { 1.0 } else { -1.0 } * (1.0 + random.unit())).collect();
        let root = (
            centre.iter().map(|c| c - width).collect::<Vec<_>>(),
            centre.iter().map(|c| c + width).collect::<Vec<_>>(),
        );
        let bounds = bounds(net, &root.0, &root.1);
        let values = Values::new(net, &bounds, exact);
        for method in METHODS {
            let asked = ask(net, random, &centre, width, method);
            let found = compute(&bounds, &asked, &Budget::unlimited()).unwrap();
            finite += found.lower.iter().filter(|bound| bound.is_finite()).count();
            for index in 0..asked.boxes {
                let points = points(&asked, &found, index, count, random);
                assert!(hold(&asked, &found, &values, index, &points) == points.len());
            }
        }
    }
    finite
}

#[test]
fn every_operator_alone() {
    for seed in 0..1 {
        for (index, net) in cases::operators(seed).iter().enumerate().filter(|(_, net)| net.input_len() <= 200) {
            let count = if net.input_len() <= 24 { 3 } else { 2 };
            assert!(hold_all(net, seed * 1000 + index as u64, count) > 0, "{net:?}");
        }
    }
}

/// A linear layer before and after each: what goes into the operator depends on all inputs, and comes out mixed.
#[test]
fn every_operator_between_linear_layers() {
    for (index, inner) in cases::operators(7).iter().enumerate().filter(|(_, net)| net.input_len() <= 60) {
        let random = &mut Random::new(index as u64);
        let mut net = Network::new();
        let x = net.add_input("x", &[4]).unwrap();
        let mut matrix = |net: &mut Network, m: usize, n: usize| {
            let values: Vec<f64> = (0..m * n).map(|_| 2.0 * random.unit() - 1.0).collect();
            net.add_constant("", Constant::from_f64(&[m, n], &values).unwrap()).unwrap()
        };
        let mut operands = Vec::new();
        let layer = &inner.layers()[0];
        for &id in layer.inputs() {
            let tensor = inner.tensor(id);
            operands.push(match tensor.constant() {
                Some(constant) => net.add_constant("", constant.clone()).unwrap(),
                None => {
                    let w = matrix(&mut net, tensor.len(), 4);
                    let flat = net.add_layer("", Op::Linear, &[x, w]).unwrap();
                    net.add_layer("", Op::Reshape { shape: tensor.shape().to_vec() }, &[flat]).unwrap()
                }
            });
        }
        let y = net.add_layer("", layer.op().clone(), &operands).unwrap();
        let length = net.tensor(y).len();
        let flat = net.add_layer("", Op::Reshape { shape: vec![length] }, &[y]).unwrap();
        let w = matrix(&mut net, 2, length);
        let z = net.add_layer("", Op::Linear, &[flat, w]).unwrap();
        net.add_output(z).unwrap();
        hold_all(&net, index as u64, 2);
    }
}

#[test]
fn random_graphs() {
    for seed in 0..60 {
        hold_all(&cases::graph(seed), seed, 3);
    }
}

#[test]
fn whole_networks() {
    let dense = NetworkSpec::dense(5, &[12, 10, 8], 3);
    let image = NetworkSpec::convolutional([2, 6, 6], &[4, 4], &[8], 3);
    let specs = [
        dense.clone(),
        NetworkSpec { activation: Activation::LeakyRelu, batch_norm: true, ..dense.clone() },
        NetworkSpec { activation: Activation::Sigmoid, ..dense.clone() },
        NetworkSpec { activation: Activation::Tanh, residual: true, widths: vec![5, 5], ..dense },
        NetworkSpec::binarized(5, &[8, 8], 2),
        image.clone(),
        NetworkSpec { residual: true, channels: vec![2, 2, 2], ..image },
    ];
    for spec in &specs {
        for seed in 0..4 {
            hold_all(&network(spec, seed).unwrap(), seed, 8);
        }
    }
}
