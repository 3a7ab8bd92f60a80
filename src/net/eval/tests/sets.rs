//! Whole networks with every instruction set that this machine has, not only the one that it would pick.
//!
//! Sets differ in whether a product is rounded before it is added and, where blocks of a transposed convolution meet, in
//! the order of sums: a rounding or two for each of at most 2100 terms. Roundings go either way, so it is about the square
//! root of their number that remains, 1e-14 of the terms in 64 bits and 5e-6 in 32. Held is 1e-12 and 1e-5 of the largest
//! number of a vector, since single ones may cancel.

use std::fmt::Debug;

use super::cases::{Random, graph, operators, window};
use super::reference;
use crate::budget::Budget;
use crate::net::eval::Evaluator;
use crate::net::eval::kernel::Isa;
use crate::net::eval::real::Real;
use crate::net::{Network, Op, TensorId};

const BATCH: usize = 29;

fn convolution(x: &[usize], w: &[usize], op: Op, random: &mut Random) -> Network {
    let mut net = Network::new();
    let input = net.add_input("", x).unwrap();
    let weights = net.add_constant("", random.constant(w)).unwrap();
    let y = net.add_layer("", op, &[input, weights]).unwrap();
    net.add_output(y).unwrap();
    net
}

/// Strides, dilations, groups and padding together, on images of more positions than the widest panel has.
fn convolutions(random: &mut Random) -> Vec<Network> {
    let mut all = Vec::new();
    for stride in [1, 2, 3] {
        for dilation in [1, 2] {
            for groups in [1, 2] {
                for padding in [0, 1, 2] {
                    let win = window(&[3, 3], &[stride; 2], &[dilation; 2], &[padding; 2], &[padding, dilation]);
                    let op = Op::Conv { window: win.clone(), groups };
                    all.push(convolution(&[1, 4, 9, 17], &[14, 4 / groups, 3, 3], op, random));
                    let op = Op::ConvTranspose { window: win, output_padding: vec![0, stride - 1], groups };
                    all.push(convolution(&[1, 4, 5, 7], &[4, 10 / groups, 3, 3], op, random));
                }
            }
        }
    }
    all
}

/// Convolution, normalization, pooling and layers of several widths.
fn deep(random: &mut Random) -> Network {
    let mut net = Network::new();
    let mut x = net.add_input("", &[1, 2, 12, 20]).unwrap();
    let mut add = |op: Op, x: TensorId, shapes: &[&[usize]], scale: f64| {
        let mut operands = vec![x];
        for shape in shapes {
            let values: Vec<f64> = random.numbers(shape.iter().product()).iter().map(|v| v * scale).collect();
            let constant = crate::net::Constant::from_f64(shape, &values).unwrap();
            operands.push(net.add_constant("", constant).unwrap());
        }
        net.add_layer("", op, &operands).unwrap()
    };
    let three = || window(&[3, 3], &[1, 1], &[1, 1], &[1, 1], &[1, 1]);
    let two = || window(&[2, 2], &[2, 2], &[1, 1], &[0, 0], &[0, 0]);
    x = add(Op::Conv { window: three(), groups: 1 }, x, &[&[13, 2, 3, 3], &[13]], 0.25);
    x = add(Op::Tanh, x, &[], 1.0);
    x = add(Op::MaxPool { window: two(), ceil: false }, x, &[], 1.0);
    x = add(Op::Conv { window: three(), groups: 1 }, x, &[&[9, 13, 3, 3], &[9]], 0.1);
    x = add(Op::Sigmoid, x, &[], 1.0);
    x = add(Op::AveragePool { window: two(), ceil: false, count_padding: true }, x, &[], 1.0);
    x = add(Op::Reshape { shape: vec![1, 135] }, x, &[], 1.0);
    x = add(Op::Linear, x, &[&[67, 135], &[67]], 0.1);
    x = add(Op::LeakyRelu { alpha: 0.1 }, x, &[], 1.0);
    x = add(Op::Linear, x, &[&[10, 67], &[10]], 0.1);
    x = add(Op::Softmax { first: 1, count: 1 }, x, &[], 1.0);
    net.add_output(x).unwrap();
    net
}

/// Values, then gradients, of some of the samples.
fn run<T: Real>(evaluator: &Evaluator<T>, [inputs, cotangents]: [&[T]; 2], first: usize, batch: usize) -> [Vec<T>; 2] {
    let (n, m) = (evaluator.input_len(), evaluator.output_len());
    let inputs = &inputs[first * n..(first + batch) * n];
    let cotangents = &cotangents[first * m..(first + batch) * m];
    let (mut outputs, mut gradients) = (vec![T::ZERO; batch * m], vec![T::ZERO; batch * n]);
    evaluator.evaluate(batch, inputs, &mut outputs, &Budget::unlimited()).unwrap();
    evaluator.vjp(batch, inputs, cotangents, &mut gradients, None, &Budget::unlimited()).unwrap();
    [outputs, gradients]
}

/// Equal up to so much of the largest finite number, or of 1.
fn close<T: Real>(given: &[T], expected: &[T], tolerance: f64, what: &dyn Debug) {
    assert_eq!(given.len(), expected.len());
    let finite = expected.iter().map(|v| v.to_f64().abs()).filter(|v| v.is_finite());
    let most = finite.fold(1.0, f64::max);
    for (a, b) in given.iter().zip(expected) {
        let (a, b) = (a.to_f64(), b.to_f64());
        assert!(a == b || (a - b).abs() <= tolerance * most, "{what:?}: {a} and {b}, the largest being {most}");
    }
}

fn bits<T: Real>(values: &[T]) -> Vec<u64> {
    values.iter().map(|v| v.to_f64().to_bits()).collect()
}

fn check<T: Real>(net: &Network, seed: u64, tolerance: f64) {
    let mut random = Random::new(seed);
    let wide = random.numbers(BATCH * net.input_len());
    let inputs: Vec<T> = wide.iter().map(|&v| T::from_f64(v)).collect();
    let cotangents: Vec<T> = random.numbers(BATCH * net.output_len()).iter().map(|&v| T::from_f64(v)).collect();
    let ops: Vec<_> = net.layers().iter().map(|layer| layer.op()).collect();
    let (n, m) = (net.input_len(), net.output_len());
    // Inputs in 32 bits are others.
    let defined = (size_of::<T>() == 8).then(|| reference::outputs(net, &wide[..n]));
    let defined: Option<Vec<T>> = defined.map(|values| values.iter().map(|&v| T::from_f64(v)).collect());
    let mut portable: Option<[Vec<T>; 2]> = None;
    for isa in Isa::available() {
        let evaluator = Evaluator::<T>::with_isa(net, isa).unwrap();
        assert_eq!(evaluator.plan.isa, isa);
        let whole = run(&evaluator, [&inputs, &cotangents], 0, BATCH);
        for (first, batch) in [(0, 1), (28, 1), (7, 2), (10, 3), (3, 7), (1, 13)] {
            let part = run(&evaluator, [&inputs, &cotangents], first, batch);
            let end = first + batch;
            assert_eq!(bits(&part[0]), bits(&whole[0][first * m..end * m]), "{isa:?} {ops:?}");
            assert_eq!(bits(&part[1]), bits(&whole[1][first * n..end * n]), "{isa:?} {ops:?}");
        }
        if let Some(portable) = &portable {
            for (given, expected) in whole.iter().zip(portable) {
                close(given, expected, tolerance, &(isa, &ops));
            }
        }
        if let Some(defined) = &defined {
            close(&whole[0][..m], defined, tolerance, &(isa, &ops));
        }
        portable.get_or_insert(whole);
    }
}

fn check_both(networks: impl IntoIterator<Item = Network>) {
    for (seed, net) in networks.into_iter().enumerate() {
        check::<f64>(&net, seed as u64, 1e-12);
        check::<f32>(&net, seed as u64, 1e-5);
    }
}

#[test]
fn every_operator_is_the_same_with_all() {
    check_both(operators(41));
}

#[test]
fn random_graphs_are_the_same_with_all() {
    check_both((0..100).map(graph));
}

#[test]
fn convolutions_are_the_same_with_all() {
    check_both(convolutions(&mut Random::new(42)));
}

#[test]
fn deep_networks_are_the_same_with_all() {
    check_both((43..46).map(|seed| deep(&mut Random::new(seed))));
}
