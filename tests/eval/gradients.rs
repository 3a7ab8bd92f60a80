//! Gradients against central finite differences.

use anser::budget::Budget;
use anser::net::eval::Evaluator;
use anser::net::{Network, Op};

use crate::cases::{Random, graph, operators, window};
use crate::reference;

fn gradient(net: &Network, batch: usize, inputs: &[f64], cotangents: &[f64]) -> Vec<f64> {
    let mut gradients = vec![f64::NAN; inputs.len()];
    let evaluator = Evaluator::new(net).unwrap();
    evaluator.vjp(batch, inputs, cotangents, &mut gradients, None, &Budget::unlimited()).unwrap();
    gradients
}

/// All coordinates where there are few, else some.
fn check(net: &Network, random: &mut Random) {
    let (n, m, batch) = (net.input_len(), net.output_len(), 2);
    let inputs = random.numbers(batch * n);
    let cotangents = random.numbers(batch * m);
    let gradients = gradient(net, batch, &inputs, &cotangents);
    let ops: Vec<_> = net.layers().iter().map(|l| l.op()).collect();
    for s in 0..batch {
        let (sample, weights) = (&inputs[s * n..(s + 1) * n], &cotangents[s * m..(s + 1) * m]);
        let value = |i: usize, by: f64| -> f64 {
            let mut moved = sample.to_vec();
            moved[i] += by;
            reference::outputs(net, &moved).iter().zip(weights).map(|(y, w)| y * w).sum()
        };
        for _ in 0..n.min(if m > 200 { 1 } else { 6 }) {
            let i = random.below(n);
            // The error is of order h² in the third derivative and 1e-16 / h in rounding.
            let h = 1e-5;
            let expected = (value(i, h) - value(i, -h)) / (2.0 * h);
            let given = gradients[s * n + i];
            assert!((expected - given).abs() <= 1e-5 * (1.0 + expected.abs()), "{ops:?}: {given} for {expected}");
        }
    }
    let single = Evaluator::<f32>::new(net).unwrap();
    let narrow = |v: &[f64]| v.iter().map(|&v| v as f32).collect::<Vec<_>>();
    let mut low = vec![f32::NAN; gradients.len()];
    single.vjp(batch, &narrow(&inputs), &narrow(&cotangents), &mut low, None, &Budget::unlimited()).unwrap();
    let scale = gradients.iter().fold(1.0f64, |a, b| a.max(b.abs()));
    for (&high, &low) in gradients.iter().zip(&low) {
        assert!((high - f64::from(low)).abs() <= 1e-4 * scale, "{ops:?} in 32 bits: {low} for {high}");
    }
}

#[test]
fn of_every_operator() {
    let mut random = Random::new(6);
    for seed in 0..2 {
        for net in operators(seed) {
            check(&net, &mut random);
        }
    }
}

#[test]
fn of_random_graphs() {
    let mut random = Random::new(7);
    for seed in 0..200 {
        check(&graph(seed), &mut random);
    }
}

#[test]
fn at_kinks_they_are_as_documented() {
    let at = |op: Op, x: &[f64]| {
        let mut net = Network::new();
        let i = net.add_input("", &[1, 1, x.len()]).unwrap();
        let y = net.add_layer("", op, &[i]).unwrap();
        net.add_output(y).unwrap();
        let m = net.output_len();
        gradient(&net, 1, x, &vec![1.0; m])
    };
    assert_eq!(at(Op::Relu, &[-1.0, 0.0, 1.0]), [0.0, 0.0, 1.0]);
    assert_eq!(at(Op::LeakyRelu { alpha: 0.25 }, &[-1.0, 0.0, 1.0]), [0.25, 0.25, 1.0]);
    assert_eq!(at(Op::Abs, &[-1.0, 0.0, 1.0]), [-1.0, 0.0, 1.0]);
    assert_eq!(at(Op::Sign, &[-1.0, 0.0, 1.0]), [0.0, 0.0, 0.0]);
    assert_eq!(at(Op::Clip { min: -1.0, max: 1.0 }, &[-2.0, -1.0, 0.0, 1.0, 2.0]), [0.0, 1.0, 1.0, 1.0, 0.0]);
    let pool = Op::MaxPool { window: window(&[3], &[3], &[1], &[0], &[0]), ceil: false };
    assert_eq!(at(pool, &[1.0, 2.0, 2.0]), [0.0, 1.0, 0.0]);
}

#[test]
fn outputs_that_are_the_same_add_up_and_constants_have_none() {
    let mut net = Network::new();
    let x = net.add_input("x", &[2]).unwrap();
    let unused = net.add_input("unused", &[1]).unwrap();
    let c = net.add_constant("c", anser::net::Constant::from_f64(&[2], &[3.0, 4.0]).unwrap()).unwrap();
    let y = net.add_layer("y", Op::Mul, &[x, c]).unwrap();
    for t in [y, c, y, x] {
        net.add_output(t).unwrap();
    }
    let g = gradient(&net, 1, &[1.0, 1.0, 1.0], &[1.0, 1.0, 9.0, 9.0, 10.0, 10.0, 100.0, 100.0]);
    assert_eq!(g, [133.0, 144.0, 0.0]);
    net.add_output(unused).unwrap();
    assert_eq!(gradient(&net, 1, &[1.0; 3], &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 7.0]), [0.0, 0.0, 7.0]);
}
