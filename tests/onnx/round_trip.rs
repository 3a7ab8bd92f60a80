//! What is written is read again as the same network, and onnxruntime reads it too.

use std::collections::HashMap;

use anser::budget::{Budget, Limits};
use anser::error::OutOfMemory;
use anser::files::WriteError;
use anser::instances::networks::{Activation, NetworkSpec, generate};
use anser::net::onnx::{read_bytes, to_bytes};
use anser::net::{Constant, Network, Op, PadMode, TensorId, Window};

use super::{evaluate, options};

/// Whether two networks are one up to the order of constants and the names that nobody gave.
pub fn same(a: &Network, b: &Network) -> Result<(), String> {
    let mut partner: HashMap<TensorId, TensorId> = HashMap::new();
    let mut pair = |what: &str, x: TensorId, y: TensorId| {
        let (s, t) = (a.tensor(x), b.tensor(y));
        let known = *partner.entry(x).or_insert(y);
        let alike = s.constant() == t.constant() && s.shape() == t.shape();
        let both_known = s.constant().is_some() && t.constant().is_some();
        if !alike || (known != y && !both_known) || (!s.name().is_empty() && !both_known && s.name() != t.name()) {
            return Err(format!("{what}: {:?} {:?} and {:?} {:?}", s.name(), s.shape(), t.name(), t.shape()));
        }
        Ok(())
    };
    if (a.inputs().len(), a.outputs().len(), a.layers().len())
        != (b.inputs().len(), b.outputs().len(), b.layers().len())
    {
        return Err(format!("{} layers and {}", a.layers().len(), b.layers().len()));
    }
    for (&x, &y) in a.inputs().iter().zip(b.inputs()) {
        pair("input", x, y)?;
    }
    for (i, (l, m)) in a.layers().iter().zip(b.layers()).enumerate() {
        if l.op() != m.op() || l.inputs().len() != m.inputs().len() {
            return Err(format!("layer {i}: {:?} and {:?}", l.op(), m.op()));
        }
        for (&x, &y) in l.inputs().iter().zip(m.inputs()) {
            pair(&format!("layer {i}, {:?}", l.op()), x, y)?;
        }
        pair(&format!("layer {i}"), l.output(), m.output())?;
    }
    a.outputs().iter().zip(b.outputs()).try_for_each(|(&x, &y)| pair("output", x, y))
}

fn again(network: &Network) -> Network {
    let bytes = to_bytes(network, &Budget::unlimited()).unwrap();
    let read = read_bytes(&bytes, None, &options(false), &Budget::unlimited()).unwrap();
    let inputs: Vec<f64> = (0..3 * network.input_len()).map(|i| ((i * 37 % 101) as f64 - 50.0) / 32.0).collect();
    let (ours, theirs) = (evaluate(network, 3, &inputs), evaluate(&read, 3, &inputs));
    // What is stored is what there was; where a layer is written as others, sums may be in another order.
    let scale = ours.iter().fold(1.0f64, |m, v| m.max(v.abs()));
    assert!(ours.iter().zip(&theirs).all(|(a, b)| (a - b).abs() <= 1e-12 * scale), "{network:?}");
    // Written again it is the same file, up to the order of weights, which the first reading settles.
    let twice = to_bytes(&read, &Budget::unlimited()).unwrap();
    let thrice = read_bytes(&twice, None, &options(false), &Budget::unlimited()).unwrap();
    same(&read, &thrice).unwrap();
    assert_eq!(to_bytes(&thrice, &Budget::unlimited()).unwrap(), twice);
    read
}

#[test]
fn generated_networks() {
    let activations =
        [Activation::Relu, Activation::LeakyRelu, Activation::Sigmoid, Activation::Tanh, Activation::Sign];
    for (i, activation) in activations.into_iter().enumerate() {
        for (batch_norm, residual) in [(false, false), (true, false), (false, true), (true, true)] {
            for input in [vec![7], vec![2, 6, 5]] {
                let spec = NetworkSpec {
                    channels: if input.len() == 3 { vec![2, 4] } else { vec![] },
                    input,
                    widths: vec![7, 7],
                    outputs: 3,
                    activation,
                    batch_norm,
                    residual,
                };
                let limits = Limits { seed: i as u64, ..Limits::default() };
                let network = generate(&spec, &Budget::start(&limits)).unwrap();
                same(&network, &again(&network)).unwrap_or_else(|e| panic!("{spec:?}: {e}"));
            }
        }
    }
}

fn window(rank: usize, dilation: usize) -> Window {
    Window {
        kernel: vec![2; rank],
        strides: (1..=rank).collect(),
        dilations: vec![dilation; rank],
        begin: vec![1; rank],
        end: vec![0; rank],
    }
}

/// A network of one layer over an input of this shape and constants of those.
fn one(op: Op, shape: &[usize], constants: &[&[usize]]) -> Network {
    let mut network = Network::new();
    let mut operands = vec![network.add_input("x", shape).unwrap()];
    for (k, shape) in constants.iter().enumerate() {
        let len = shape.iter().product::<usize>();
        let values: Vec<f32> = (0..len).map(|i| ((i * 7 + k * 3) % 11) as f32 / 8.0 + 0.125).collect();
        operands.push(network.add_constant("", Constant::from_f32(shape, &values).unwrap()).unwrap());
    }
    let y = network.add_layer("", op, &operands).unwrap();
    network.add_output(y).unwrap();
    network
}

#[test]
fn every_operator() {
    let image: &[usize] = &[2, 4, 5, 6];
    let cases: Vec<(Op, &[usize], Vec<&[usize]>)> = vec![
        (Op::Linear, &[2, 3], vec![&[4, 3], &[4]]),
        (Op::Linear, &[2, 3], vec![&[4, 3]]),
        (Op::Linear, &[3], vec![&[4, 3]]),
        (Op::Linear, &[2, 5, 3], vec![&[4, 3]]),
        (Op::MatMul, &[2, 3], vec![&[3]]),
        (Op::MatMul, &[2, 2, 3], vec![&[2, 3, 4]]),
        (Op::Conv { window: window(2, 2), groups: 2 }, image, vec![&[6, 2, 2, 2], &[6]]),
        (Op::Conv { window: window(1, 1), groups: 1 }, &[1, 4, 7], vec![&[3, 4, 2]]),
        (
            Op::ConvTranspose { window: window(2, 3), output_padding: vec![1, 2], groups: 2 },
            image,
            vec![&[4, 3, 2, 2], &[6]],
        ),
        (Op::BatchNorm { epsilon: 0.25 }, image, vec![&[4], &[4], &[4], &[4]]),
        (Op::BatchNorm { epsilon: 0.0 }, &[2, 3], vec![&[3], &[3], &[3], &[3]]),
        (Op::Add, &[2, 3], vec![&[3]]),
        (Op::Sub, &[2, 3], vec![&[2, 1]]),
        (Op::Mul, &[2, 3], vec![&[]]),
        (Op::Div, &[2, 3], vec![&[4, 1, 1]]),
        (Op::Neg, &[2, 3], vec![]),
        (Op::Abs, &[2, 3], vec![]),
        (Op::Relu, &[], vec![]),
        (Op::LeakyRelu { alpha: 0.125 }, &[2, 3], vec![]),
        (Op::PRelu, &[2, 3], vec![&[3]]),
        (Op::Sign, &[2, 3], vec![]),
        (Op::Sigmoid, &[2, 3], vec![]),
        (Op::Tanh, &[2, 3], vec![]),
        (Op::Clip { min: -0.5, max: 1.0 }, &[2, 3], vec![]),
        (Op::Clip { min: f64::NEG_INFINITY, max: 0.1 }, &[2, 3], vec![]),
        (Op::Clip { min: 0.0, max: f64::INFINITY }, &[2, 3], vec![]),
        (Op::Clip { min: f64::NEG_INFINITY, max: f64::INFINITY }, &[2, 3], vec![]),
        (Op::Softmax { first: 1, count: 1 }, &[2, 3, 4], vec![]),
        (Op::MaxPool { window: window(2, 2), ceil: true }, image, vec![]),
        (Op::MaxPool { window: window(1, 1), ceil: false }, &[1, 4, 7], vec![]),
        (Op::AveragePool { window: window(2, 2), ceil: false, count_padding: true }, image, vec![]),
        (Op::AveragePool { window: window(2, 1), ceil: true, count_padding: false }, image, vec![]),
        (Op::ReduceSum { axes: vec![0, 2], keep: true }, image, vec![]),
        (Op::ReduceMean { axes: vec![1], keep: false }, image, vec![]),
        (Op::Reshape { shape: vec![3, 1, 2] }, &[2, 3], vec![]),
        (Op::Reshape { shape: vec![] }, &[1], vec![]),
        (Op::Reshape { shape: vec![0, 7] }, &[7, 0], vec![]),
        (Op::Transpose { axes: vec![2, 0, 1] }, &[2, 3, 4], vec![]),
        (Op::Transpose { axes: vec![] }, &[], vec![]),
        (Op::Concat { axis: 1 }, &[2, 3], vec![&[2, 1], &[2, 4]]),
        (Op::Slice { starts: vec![4, 1], steps: vec![-2, 3], lengths: vec![3, 2] }, &[5, 6], vec![]),
        (Op::Slice { starts: vec![0], steps: vec![1], lengths: vec![0] }, &[5], vec![]),
        (Op::Gather { axis: 1, shape: vec![2, 2], indices: vec![0, 3, 3, 1] }, &[2, 4], vec![]),
        (Op::Gather { axis: 0, shape: vec![], indices: vec![1] }, &[2, 4], vec![]),
        (Op::Pad { begin: vec![1, 0], end: vec![0, 2], mode: PadMode::Constant(-1.5) }, &[3, 4], vec![]),
        (Op::Pad { begin: vec![1, 0], end: vec![0, 2], mode: PadMode::Constant(0.1) }, &[3, 4], vec![]),
        (Op::Pad { begin: vec![2, 1], end: vec![0, 3], mode: PadMode::Reflect }, &[3, 4], vec![]),
        (Op::Pad { begin: vec![2, 1], end: vec![0, 3], mode: PadMode::Edge }, &[3, 4], vec![]),
    ];
    for (op, shape, constants) in cases {
        let network = one(op.clone(), shape, &constants);
        same(&network, &again(&network)).unwrap_or_else(|e| panic!("{op:?} of {shape:?}: {e}"));
    }
    // ONNX says these otherwise: the function is the same, which `again` has seen to.
    let others: Vec<(Op, &[usize], Vec<&[usize]>)> = vec![
        (Op::Linear, &[2, 5, 3], vec![&[4, 3], &[4]]),
        (Op::Linear, &[3], vec![&[4, 3], &[4]]),
        (Op::MatMul, &[2, 3], vec![&[3, 4]]),
        (Op::BatchNorm { epsilon: 1e-5 }, &[2, 3], vec![&[3], &[3], &[3], &[3]]),
        (Op::BatchNorm { epsilon: 0.5 }, &[3], vec![&[3], &[3], &[3], &[3]]),
        (Op::LeakyRelu { alpha: 0.1 }, &[2, 3], vec![]),
        (Op::Softmax { first: 1, count: 2 }, &[2, 3, 4], vec![]),
        (Op::ReduceSum { axes: vec![], keep: true }, &[2, 3], vec![]),
        (Op::Slice { starts: vec![2], steps: vec![-3], lengths: vec![1] }, &[5], vec![]),
    ];
    for (op, shape, constants) in others {
        again(&one(op, shape, &constants));
    }
}

#[test]
fn names_widths_and_odd_outputs() {
    let mut network = Network::new();
    let x = network.add_input("x", &[2]).unwrap();
    let third = network.add_constant("third", Constant::from_f64(&[2], &[1.0 / 3.0, 2.0]).unwrap()).unwrap();
    let y = network.add_layer("t3", Op::Mul, &[x, third]).unwrap();
    let z = network.add_layer("", Op::Relu, &[y]).unwrap();
    for output in [z, y, x, third] {
        network.add_output(output).unwrap();
    }
    let read = again(&network);
    same(&network, &read).unwrap();
    assert_eq!(read.tensor(read.find("third").unwrap()).constant().unwrap().get(0), 1.0 / 3.0);
    assert_eq!(read.find("t3").map(|id| read.outputs()[1] == id), Some(true));
    // An output that is there twice is a Reshape to itself.
    network.add_output(y).unwrap();
    let read = again(&network);
    assert_eq!((read.layers().len(), read.outputs().len()), (3, 5));
}

#[test]
fn writing_stops_and_keeps_to_its_memory() {
    let spec = NetworkSpec::dense(100, &[300, 300], 10);
    let network = generate(&spec, &Budget::unlimited()).unwrap();
    let limits = Limits { memory: Some(400_000), ..Limits::default() };
    let error = to_bytes(&network, &Budget::start(&limits)).unwrap_err();
    assert!(matches!(error, WriteError::Memory(OutOfMemory::Limit { .. })), "{error}");
    let limits = Limits { time: Some(std::time::Duration::ZERO), ..Limits::default() };
    assert!(matches!(to_bytes(&network, &Budget::start(&limits)), Err(WriteError::Stopped(_))));
}
