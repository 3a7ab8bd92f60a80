//! What several layers take is made once.

use std::sync::Arc;

use super::cases::Random;
use crate::budget::Budget;
use crate::net::eval::Evaluator;
use crate::net::eval::kernel::Isa;
use crate::net::eval::plan::Kind;
use crate::net::eval::product::packed_len;
use crate::net::eval::real::Real;
use crate::net::{Constant, Network, Op, TensorId};

const SIZE: usize = 256;
const LAYERS: usize = 1000;

/// An orthogonal matrix without zeros, a reflection with its columns moved by one: what passes through it a thousand times
/// neither grows nor fades.
fn orthogonal(random: &mut Random) -> Vec<f64> {
    let v = random.numbers(SIZE);
    let norm: f64 = v.iter().map(|v| v * v).sum();
    let entry = |i: usize, j: usize| f64::from(i == j) - 2.0 * v[i] * v[j] / norm;
    (0..SIZE * SIZE).map(|at| entry(at / SIZE, (at + 1) % SIZE)).collect()
}

/// `x Wᵀ + b` so many times over.
fn unrolled(matrix: &[f64], bias: &[f64]) -> Network {
    let mut net = Network::new();
    let mut x = net.add_input("", &[1, SIZE]).unwrap();
    let w = net.add_constant("", Constant::from_f64(&[SIZE, SIZE], matrix).unwrap()).unwrap();
    let b = net.add_constant("", Constant::from_f64(&[SIZE], bias).unwrap()).unwrap();
    for _ in 0..LAYERS {
        x = net.add_layer("", Op::Linear, &[x, w, b]).unwrap();
    }
    net.add_output(x).unwrap();
    net
}

#[test]
fn a_thousand_layers_hold_the_one_matrix_that_they_take_once() {
    let mut random = Random::new(31);
    let matrix = orthogonal(&mut random);
    let bias: Vec<f64> = random.numbers(SIZE).iter().map(|b| b / 1000.0).collect();
    let net = unrolled(&matrix, &bias);
    let (x, g) = (random.numbers(SIZE), random.numbers(SIZE));
    let (mut y, mut back) = (x.clone(), g.clone());
    for _ in 0..LAYERS {
        y = (0..SIZE).map(|i| bias[i] + (0..SIZE).map(|j| matrix[i * SIZE + j] * y[j]).sum::<f64>()).collect();
        back = (0..SIZE).map(|j| (0..SIZE).map(|i| matrix[i * SIZE + j] * back[i]).sum::<f64>()).collect();
    }
    check::<f64>(&net, [&x, &g, &y, &back]);
    check::<f32>(&net, [&x, &g, &y, &back]);
}

fn check<T: Real>(net: &Network, [x, g, y, back]: [&[f64]; 4]) {
    let evaluator = Evaluator::<T>::new(net).unwrap();
    let one = packed_len::<T>(Isa::fastest(), SIZE, SIZE);
    assert_eq!((evaluator.plan.packed(), evaluator.plan.weights), (one, one));
    let narrow = |values: &[f64]| values.iter().map(|&v| T::from_f64(v)).collect::<Vec<_>>();
    let (mut outputs, mut gradients) = (narrow(x), narrow(x));
    evaluator.evaluate(1, &narrow(x), &mut outputs, &Budget::unlimited()).unwrap();
    assert_eq!(evaluator.plan.packed(), one);
    evaluator.vjp(1, &narrow(x), &narrow(g), &mut gradients, None, &Budget::unlimited()).unwrap();
    assert_eq!(evaluator.plan.packed(), 2 * one);
    // Each layer adds at most a rounding for each term, and none makes larger what was off before. Roundings go either way:
    // what they add up to stays far below the bound.
    let unit = if size_of::<T>() == 8 { f64::EPSILON } else { f64::from(f32::EPSILON) };
    let most = |values: &[f64]| values.iter().fold(0.0f64, |a, b| a.max(b.abs()));
    let tolerance = unit * (LAYERS * SIZE) as f64 / 16.0;
    for (given, expected) in outputs.iter().zip(y) {
        assert!((given.to_f64() - expected).abs() <= tolerance * most(y), "{given:?} for {expected}");
    }
    for (given, expected) in gradients.iter().zip(back) {
        assert!((given.to_f64() - expected).abs() <= tolerance * most(back), "{given:?} for {expected}");
    }
    let mut biases = evaluator.plan.steps.iter().map(|step| match &step.kind {
        Kind::Linear(linear) => linear.bias.as_ref().unwrap().values().as_ptr(),
        kind => panic!("{kind:?}"),
    });
    let first = biases.next().unwrap();
    assert!(biases.all(|bias| bias == first));
}

#[test]
fn the_same_elements_in_another_shape_are_another_matrix() {
    let mut net = Network::new();
    let wide = Constant::from_f64(&[2, 4], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]).unwrap();
    let tall = wide.reshaped(&[4, 2]).unwrap();
    let x = net.add_input("", &[4]).unwrap();
    let (wide, tall) = (net.add_constant("", wide).unwrap(), net.add_constant("", tall).unwrap());
    let y = net.add_layer("", Op::Linear, &[x, wide]).unwrap();
    let y = net.add_layer("", Op::Linear, &[y, tall]).unwrap();
    net.add_output(y).unwrap();
    let mut outputs = [0.0; 4];
    let evaluator = Evaluator::<f64>::new(&net).unwrap();
    evaluator.evaluate(1, &[1.0, 0.0, 0.0, 1.0], &mut outputs, &Budget::unlimited()).unwrap();
    assert_eq!(outputs, [31.0, 67.0, 103.0, 139.0]);
}

#[test]
fn normalizations_kernels_and_lists_that_are_the_same_are_shared_and_others_are_not() {
    let mut random = Random::new(32);
    let mut net = Network::new();
    let mut x = net.add_input("", &[1, 4, 4, 4]).unwrap();
    let four = [1.0, 2.0, 3.0, 4.0].map(|v| Constant::from_f64(&[4], &[v; 4]).unwrap());
    let four = four.map(|constant| net.add_constant("", constant).unwrap());
    let w = net.add_constant("", random.constant(&[4, 4, 1, 1])).unwrap();
    let window = super::cases::window(&[1, 1], &[1, 1], &[1, 1], &[0, 0], &[0, 0]);
    for epsilon in [0.0, 0.0, 5.0] {
        let operands: Vec<TensorId> = [x].into_iter().chain(four).collect();
        x = net.add_layer("", Op::BatchNorm { epsilon }, &operands).unwrap();
        x = net.add_layer("", Op::Conv { window: window.clone(), groups: 1 }, &[x, w]).unwrap();
        x = net.add_layer("", Op::Transpose { axes: vec![0, 1, 3, 2] }, &[x]).unwrap();
    }
    net.add_output(x).unwrap();
    let plan = Evaluator::<f32>::new(&net).unwrap().plan;
    let (mut affine, mut kernels, mut lists) = (Vec::new(), Vec::new(), Vec::new());
    for step in &plan.steps {
        match &step.kind {
            Kind::Scale { affine: a, .. } => affine.push(Arc::clone(a)),
            Kind::Conv(conv) => kernels.push(conv.weights.values().as_ptr()),
            Kind::Select(list, _) => lists.push(Arc::as_ptr(list)),
            kind => panic!("{kind:?}"),
        }
    }
    assert!(Arc::ptr_eq(&affine[0], &affine[1]));
    assert_eq!((affine[1].scale[0], affine[2].scale[0]), (0.5, 1.0 / 3.0));
    assert_eq!(plan.weights, 16);
    assert_eq!(kernels, [kernels[0]; 3]);
    assert_eq!(lists, [lists[0]; 3]);
}
