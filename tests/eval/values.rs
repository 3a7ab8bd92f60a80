//! Values against the definitions, batches against single samples.

use anser::budget::Budget;
use anser::net::eval::{EvalError, Evaluator};
use anser::net::{Constant, Network, Op, TensorId};

use crate::cases::{Random, graph, operators, window};
use crate::reference;

/// Equal up to the rounding of sums, or both no number.
fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a.is_nan() && b.is_nan()) || a == b || (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1.0)
}

fn evaluate(net: &Network, batch: usize, inputs: &[f64]) -> Vec<f64> {
    let mut outputs = vec![f64::NAN; batch * net.output_len()];
    Evaluator::new(net).unwrap().evaluate(batch, inputs, &mut outputs, &Budget::unlimited()).unwrap();
    outputs
}

fn networks() -> Vec<Network> {
    let mut all = operators(1);
    all.extend((0..200).map(graph));
    all
}

#[test]
fn every_operator_is_as_defined() {
    let mut random = Random::new(2);
    for net in networks() {
        let evaluator = Evaluator::<f64>::new(&net).unwrap();
        let single = Evaluator::<f32>::new(&net).unwrap();
        let batch = 3;
        let inputs = random.numbers(batch * net.input_len());
        let outputs = evaluate(&net, batch, &inputs);
        let mut second = vec![0.0; outputs.len()];
        evaluator.evaluate(batch, &inputs, &mut second, &Budget::unlimited()).unwrap();
        assert_eq!(outputs, second);
        let mut narrow = vec![0.0; outputs.len()];
        let rounded: Vec<f32> = inputs.iter().map(|&v| v as f32).collect();
        single.evaluate(batch, &rounded, &mut narrow, &Budget::unlimited()).unwrap();
        let ops: Vec<_> = net.layers().iter().map(|l| l.op()).collect();
        for s in 0..batch {
            let sample = &inputs[s * net.input_len()..(s + 1) * net.input_len()];
            let expected = reference::outputs(&net, sample);
            for (i, &value) in expected.iter().enumerate() {
                let given = outputs[s * net.output_len() + i];
                assert!(close(value, given, 1e-12), "{ops:?}: {given} for {value}");
                let given = f64::from(narrow[s * net.output_len() + i]);
                // Signs and clipped values jump; random inputs are not that near.
                assert!(close(value, given, 1e-3), "{ops:?} in 32 bits: {given} for {value}");
            }
        }
    }
}

#[test]
fn all_tensors_are_as_defined_whatever_is_asked_for() {
    let mut random = Random::new(3);
    for net in networks() {
        let evaluator = Evaluator::<f64>::new(&net).unwrap();
        let batch = 2;
        let inputs = random.numbers(batch * net.input_len());
        let outputs = evaluate(&net, batch, &inputs);
        let arrays: Vec<_> =
            (0..batch).map(|s| reference::all(&net, &inputs[s * net.input_len()..(s + 1) * net.input_len()])).collect();
        let every: Vec<TensorId> = (0..net.tensors().len() as u32).map(TensorId).collect();
        let some: Vec<TensorId> = every.iter().copied().filter(|_| random.bit()).chain([every[0], every[0]]).collect();
        for tensors in [&every, &some] {
            let total: usize = tensors.iter().map(|&t| net.tensor(t).len()).sum();
            let mut values = vec![f64::NAN; batch * total];
            evaluator.evaluate_tensors(batch, &inputs, tensors, &mut values, &Budget::unlimited()).unwrap();
            let mut rest = &values[..];
            for &t in tensors {
                for arrays in &arrays {
                    let (own, after) = rest.split_at(net.tensor(t).len());
                    rest = after;
                    let expected = &arrays[t.index()].values;
                    assert!(own.iter().zip(expected).all(|(&a, &b)| close(a, b, 1e-12)), "{own:?} {expected:?}");
                }
            }
            assert!(rest.is_empty());
        }
        let mut again = vec![f64::NAN; outputs.len()];
        evaluator
            .vjp(batch, &inputs, &outputs, &mut vec![0.0; inputs.len()], Some(&mut again), &Budget::unlimited())
            .unwrap();
        assert_eq!(again, outputs);
    }
}

#[test]
fn a_sample_has_the_same_bits_alone_and_in_any_batch() {
    let mut random = Random::new(4);
    for net in networks() {
        let evaluator = Evaluator::<f32>::new(&net).unwrap();
        let most = 131;
        let inputs: Vec<f32> = random.numbers(most * net.input_len()).iter().map(|&v| v as f32).collect();
        let cotangents: Vec<f32> = random.numbers(most * net.output_len()).iter().map(|&v| v as f32).collect();
        let run = |first: usize, batch: usize| {
            let (n, m) = (net.input_len(), net.output_len());
            let mut outputs = vec![0.0; batch * m];
            let mut gradients = vec![0.0; batch * n];
            let inputs = &inputs[first * n..(first + batch) * n];
            evaluator.evaluate(batch, inputs, &mut outputs, &Budget::unlimited()).unwrap();
            let cotangents = &cotangents[first * m..(first + batch) * m];
            evaluator.vjp(batch, inputs, cotangents, &mut gradients, None, &Budget::unlimited()).unwrap();
            [outputs, gradients].concat().iter().map(|v: &f32| v.to_bits()).collect::<Vec<_>>()
        };
        let (n, m) = (net.input_len(), net.output_len());
        let whole = run(0, most);
        for (first, batch) in [(0, 1), (7, 2), (50, 5), (100, 13), (1, 97)] {
            let part = run(first, batch);
            assert_eq!(part[..batch * m], whole[first * m..(first + batch) * m]);
            assert_eq!(part[batch * m..], whole[most * m + first * n..most * m + (first + batch) * n]);
        }
    }
}

#[test]
fn no_number_in_gives_no_number_out() {
    for op in [
        Op::Relu,
        Op::LeakyRelu { alpha: 0.1 },
        Op::Sign,
        Op::Abs,
        Op::Sigmoid,
        Op::Tanh,
        Op::Clip { min: -1.0, max: 1.0 },
        Op::Clip { min: f64::NEG_INFINITY, max: f64::INFINITY },
        Op::Softmax { first: 2, count: 1 },
        Op::MaxPool { window: window(&[2], &[1], &[1], &[0], &[0]), ceil: false },
    ] {
        for place in 0..2 {
            let mut net = Network::new();
            let x = net.add_input("", &[1, 1, 2]).unwrap();
            let y = net.add_layer("", op.clone(), &[x]).unwrap();
            net.add_output(y).unwrap();
            let mut input = [0.5, 0.5];
            input[place] = f64::NAN;
            let y = evaluate(&net, 1, &input);
            assert!(y[place.min(y.len() - 1)].is_nan(), "{op:?} {y:?}");
        }
    }
}

#[test]
fn extremes_do_not_overflow() {
    let run = |op: Op, x: &[f64]| {
        let mut net = Network::new();
        let i = net.add_input("", &[x.len()]).unwrap();
        let y = net.add_layer("", op, &[i]).unwrap();
        net.add_output(y).unwrap();
        evaluate(&net, 1, x)
    };
    assert_eq!(run(Op::Softmax { first: 0, count: 1 }, &[1e4, 0.0, 1e4]), [0.5, 0.0, 0.5]);
    assert_eq!(run(Op::Sigmoid, &[-1e4, 0.0, 1e4, f64::INFINITY]), [0.0, 0.5, 1.0, 1.0]);
    // A window that sees only padding.
    let beyond = window(&[2], &[2], &[3], &[3], &[3]);
    let mut net = Network::new();
    let x = net.add_input("", &[1, 1, 1]).unwrap();
    let y = net.add_layer("", Op::MaxPool { window: beyond.clone(), ceil: false }, &[x]).unwrap();
    let z = net.add_layer("", Op::AveragePool { window: beyond, ceil: false, count_padding: false }, &[x]).unwrap();
    net.add_output(y).unwrap();
    net.add_output(z).unwrap();
    let values = evaluate(&net, 1, &[4.0]);
    let expected = reference::outputs(&net, &[4.0]);
    for (value, expected) in values.iter().zip(expected) {
        assert_eq!(*value, if expected.is_nan() { 0.0 } else { expected });
    }
}

#[test]
fn nothing_is_evaluated_where_there_is_nothing() {
    for net in networks() {
        assert!(evaluate(&net, 0, &[]).is_empty());
    }
    let mut net = Network::new();
    let x = net.add_input("", &[2, 0]).unwrap();
    let w = net.add_constant("", Constant::from_f32(&[3, 0], &[]).unwrap()).unwrap();
    let b = net.add_constant("", Constant::from_f32(&[3], &[1.0, 2.0, 3.0]).unwrap()).unwrap();
    let y = net.add_layer("", Op::Linear, &[x, w, b]).unwrap();
    let sum = net.add_layer("", Op::ReduceSum { axes: vec![0], keep: false }, &[x]).unwrap();
    let both = net.add_layer("", Op::Concat { axis: 1 }, &[x, y]).unwrap();
    for t in [y, sum, both, x, b] {
        net.add_output(t).unwrap();
    }
    let one = [1.0, 2.0, 3.0];
    let expected = [&one[..], &one, &one, &one, &one].concat();
    assert_eq!(evaluate(&net, 2, &[]), [&expected[..], &expected].concat());
    let evaluator = Evaluator::<f64>::new(&net).unwrap();
    evaluator.vjp(2, &[], &[1.0; 30], &mut [], None, &Budget::unlimited()).unwrap();
    let nothing = Network::new();
    assert!(evaluate(&nothing, 5, &[]).is_empty());
}

#[test]
fn lengths_and_tensors_that_do_not_fit_are_refused() {
    let net = graph(1);
    let evaluator = Evaluator::<f64>::new(&net).unwrap();
    let (n, m) = (net.input_len(), net.output_len());
    let b = Budget::unlimited();
    let length = |what, given, needed| Err(EvalError::Length { what, given, needed });
    assert_eq!(evaluator.evaluate(2, &vec![0.0; n], &mut vec![0.0; 2 * m], &b), length("inputs", n, 2 * n));
    assert_eq!(evaluator.evaluate(1, &vec![0.0; n], &mut vec![0.0; m + 1], &b), length("outputs", m + 1, m));
    let huge = usize::MAX;
    assert_eq!(evaluator.evaluate(huge, &vec![0.0; n], &mut vec![0.0; m], &b), length("inputs", n, huge));
    let (x, mut y) = (vec![0.0; n], vec![0.0; m]);
    assert_eq!(evaluator.vjp(1, &x, &vec![0.0; m + 1], &mut vec![0.0; n], None, &b), length("cotangents", m + 1, m));
    assert_eq!(evaluator.vjp(1, &x, &vec![0.0; m], &mut vec![0.0; n + 1], None, &b), length("gradients", n + 1, n));
    let refused = evaluator.vjp(1, &x, &vec![0.0; m], &mut vec![0.0; n], Some(&mut y[1..]), &b);
    assert_eq!(refused, length("outputs", m - 1, m));
    let tensors = net.tensors().len();
    let unknown = [TensorId(0), TensorId(tensors as u32)];
    let error = evaluator.evaluate_tensors(1, &x, &unknown, &mut y, &b);
    assert_eq!(error, Err(EvalError::UnknownTensor { tensor: tensors as u32, index: 1, tensors }));
}

#[test]
fn threads_may_share_an_evaluator() {
    let net = graph(3);
    let evaluator = Evaluator::<f64>::new(&net).unwrap();
    let inputs = Random::new(5).numbers(64 * net.input_len());
    let expected = evaluate(&net, 64, &inputs);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let mut outputs = vec![0.0; expected.len()];
                    evaluator.evaluate(64, &inputs, &mut outputs, &Budget::unlimited()).unwrap();
                    assert_eq!(outputs, expected);
                }
            });
        }
    });
}
