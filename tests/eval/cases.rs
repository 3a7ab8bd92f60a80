//! Networks of one operator each, and random graphs.

use anser::net::{Constant, Network, Op, PadMode, TensorId, Window};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

pub struct Random(Xoshiro256PlusPlus);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.0.next_u64() % n as u64) as usize
    }

    pub fn bit(&mut self) -> bool {
        self.below(2) == 1
    }

    /// In -2..2, not near 0, where most kinks are.
    pub fn number(&mut self) -> f64 {
        let size = 0.05 + 1.95 * (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        if self.bit() { size } else { -size }
    }

    pub fn numbers(&mut self, n: usize) -> Vec<f64> {
        (0..n).map(|_| self.number()).collect()
    }

    pub fn constant(&mut self, shape: &[usize]) -> Constant {
        let n = shape.iter().product();
        Constant::from_f64(shape, &self.numbers(n)).unwrap()
    }

    fn positive(&mut self, n: usize) -> Constant {
        let values: Vec<f64> = self.numbers(n).iter().map(|v| v.abs()).collect();
        Constant::from_f64(&[n], &values).unwrap()
    }
}

pub fn window(kernel: &[usize], strides: &[usize], dilations: &[usize], begin: &[usize], end: &[usize]) -> Window {
    Window {
        kernel: kernel.to_vec(),
        strides: strides.to_vec(),
        dilations: dilations.to_vec(),
        begin: begin.to_vec(),
        end: end.to_vec(),
    }
}

/// Operands: shapes of inputs, then constants.
fn one(op: Op, inputs: &[&[usize]], constants: &[Constant]) -> Network {
    let mut net = Network::new();
    let mut operands: Vec<TensorId> = inputs.iter().map(|s| net.add_input("", s).unwrap()).collect();
    operands.extend(constants.iter().map(|c| net.add_constant("", c.clone()).unwrap()));
    let out = net.add_layer("", op, &operands).unwrap();
    net.add_output(out).unwrap();
    net
}

/// Every operator, with several shapes and attributes.
pub fn operators(seed: u64) -> Vec<Network> {
    let r = &mut Random::new(seed);
    let mut all = Vec::new();
    for (x, m, n, bias) in [
        (&[5][..], 3, 5, true),
        (&[1, 40], 37, 40, false),
        (&[2, 3, 7], 70, 7, true),
        (&[1, 2100], 2, 2100, true),
        (&[1, 1], 1, 1, true),
    ] {
        let mut constants = vec![r.constant(&[m, n])];
        if bias {
            constants.push(r.constant(&[m]));
        }
        all.push(one(Op::Linear, &[x], &constants));
    }
    for (a, b) in [
        (&[3][..], &[3][..]),
        (&[4], &[4, 5]),
        (&[2, 3], &[3]),
        (&[2, 3], &[3, 40]),
        (&[2, 1, 3, 4], &[5, 4, 2]),
        (&[5, 2, 3], &[2, 5, 3, 4]),
        (&[3, 2, 4], &[4, 2]),
    ] {
        all.push(one(Op::MatMul, &[a, b], &[]));
        all.push(one(Op::MatMul, &[a], &[r.constant(b)]));
        let mut net = Network::new();
        let (a, b) = (net.add_constant("", r.constant(a)).unwrap(), net.add_input("", b).unwrap());
        let out = net.add_layer("", Op::MatMul, &[a, b]).unwrap();
        net.add_output(out).unwrap();
        all.push(net);
    }
    for (x, w, groups, win) in [
        (&[1, 2, 5, 6][..], &[3, 2, 3, 3][..], 1, window(&[3, 3], &[1, 1], &[1, 1], &[1, 1], &[1, 1])),
        (&[2, 4, 7, 5], &[6, 2, 2, 3], 2, window(&[2, 3], &[2, 1], &[1, 2], &[0, 2], &[1, 1])),
        (&[1, 3, 9, 9], &[3, 1, 3, 3], 3, window(&[3, 3], &[2, 2], &[2, 2], &[2, 1], &[0, 3])),
        (&[1, 2, 12], &[20, 2, 4], 1, window(&[4], &[3], &[2], &[2], &[3])),
        (&[3, 5, 1, 1], &[2, 5, 1, 1], 1, window(&[1, 1], &[1, 1], &[1, 1], &[0, 0], &[0, 0])),
        (&[1, 1, 40, 3], &[14, 1, 3, 1], 1, window(&[3, 1], &[1, 1], &[1, 1], &[4, 0], &[4, 0])),
    ] {
        for bias in [false, true] {
            let mut constants = vec![r.constant(w)];
            if bias {
                constants.push(r.constant(&[w[0]]));
            }
            all.push(one(Op::Conv { window: win.clone(), groups }, &[x], &constants));
        }
    }
    for (x, w, groups, output_padding, win) in [
        (&[1, 2, 4, 3][..], &[2, 3, 3, 3][..], 1, &[0, 0][..], window(&[3, 3], &[1, 1], &[1, 1], &[0, 0], &[0, 0])),
        (&[2, 4, 3, 4], &[4, 3, 2, 3], 2, &[1, 0], window(&[2, 3], &[2, 3], &[1, 2], &[1, 0], &[0, 2])),
        (&[1, 3, 9], &[3, 2, 4], 1, &[2], window(&[4], &[3], &[2], &[2], &[1])),
        (&[1, 20, 7, 7], &[20, 1, 3, 3], 20, &[1, 1], window(&[3, 3], &[2, 2], &[1, 1], &[1, 1], &[1, 1])),
    ] {
        for bias in [false, true] {
            let mut constants = vec![r.constant(w)];
            if bias {
                constants.push(r.constant(&[w[1] * groups]));
            }
            let op = Op::ConvTranspose { window: win.clone(), output_padding: output_padding.to_vec(), groups };
            all.push(one(op, &[x], &constants));
        }
    }
    for x in [&[3][..], &[2, 3], &[2, 3, 5], &[1, 3, 2, 2]] {
        let constants = [r.constant(&[3]), r.constant(&[3]), r.constant(&[3]), r.positive(3)];
        all.push(one(Op::BatchNorm { epsilon: 1e-3 }, &[x], &constants));
    }
    for op in [Op::Add, Op::Sub, Op::Mul, Op::Div] {
        for (a, b) in [
            (&[2, 3, 4][..], &[2, 3, 4][..]),
            (&[2, 3, 4], &[]),
            (&[1], &[2, 3]),
            (&[2, 3, 4], &[3, 1]),
            (&[4], &[2, 3, 4]),
            (&[2, 1, 4, 1], &[3, 1, 5]),
            (&[1, 30, 40], &[30, 1]),
        ] {
            all.push(one(op.clone(), &[a, b], &[]));
            all.push(one(op.clone(), &[a], &[r.constant(b)]));
            let mut net = Network::new();
            let (c, x) = (net.add_constant("", r.constant(a)).unwrap(), net.add_input("", b).unwrap());
            let out = net.add_layer("", op.clone(), &[c, x]).unwrap();
            net.add_output(out).unwrap();
            all.push(net);
        }
        let mut net = Network::new();
        let x = net.add_input("", &[6]).unwrap();
        let out = net.add_layer("", op.clone(), &[x, x]).unwrap();
        net.add_output(out).unwrap();
        all.push(net);
    }
    for (x, slope) in [(&[2, 3, 4][..], &[3, 1][..]), (&[5], &[]), (&[2, 600], &[600]), (&[2, 3, 4], &[2, 1, 4])] {
        all.push(one(Op::PRelu, &[x], &[r.constant(slope)]));
    }
    for op in [
        Op::Neg,
        Op::Abs,
        Op::Relu,
        Op::LeakyRelu { alpha: 0.3 },
        Op::LeakyRelu { alpha: -0.1 },
        Op::Sign,
        Op::Sigmoid,
        Op::Tanh,
        Op::Clip { min: -0.7, max: 1.1 },
        Op::Clip { min: f64::NEG_INFINITY, max: 0.4 },
        Op::Clip { min: 0.0, max: f64::INFINITY },
        Op::Reshape { shape: vec![7, 1, 3] },
    ] {
        all.push(one(op, &[&[3, 7]], &[]));
    }
    all.push(one(Op::Relu, &[&[1100]], &[]));
    for (first, count) in [(0, 1), (1, 1), (2, 1), (1, 2), (0, 3)] {
        all.push(one(Op::Softmax { first, count }, &[&[3, 4, 2]], &[]));
    }
    all.push(one(Op::Softmax { first: 0, count: 1 }, &[&[1200]], &[]));
    for (x, win) in [
        (&[1, 2, 6, 6][..], window(&[2, 2], &[2, 2], &[1, 1], &[0, 0], &[0, 0])),
        (&[2, 1, 7, 5], window(&[3, 2], &[2, 1], &[1, 2], &[1, 1], &[0, 1])),
        (&[1, 3, 11], window(&[4], &[3], &[1], &[2], &[2])),
        (&[1, 1, 6, 7], window(&[3, 3], &[2, 2], &[2, 1], &[1, 2], &[3, 1])),
    ] {
        for ceil in [false, true] {
            all.push(one(Op::MaxPool { window: win.clone(), ceil }, &[x], &[]));
            for count_padding in [false, true] {
                all.push(one(Op::AveragePool { window: win.clone(), ceil, count_padding }, &[x], &[]));
            }
        }
    }
    for axes in [vec![], vec![0], vec![1], vec![2], vec![0, 2], vec![1, 2], vec![0, 1, 2]] {
        for keep in [false, true] {
            all.push(one(Op::ReduceSum { axes: axes.clone(), keep }, &[&[2, 3, 4]], &[]));
            all.push(one(Op::ReduceMean { axes: axes.clone(), keep }, &[&[2, 3, 4]], &[]));
        }
    }
    all.push(one(Op::ReduceMean { axes: vec![1, 3], keep: false }, &[&[3, 4, 5, 2]], &[]));
    all.push(one(Op::ReduceSum { axes: vec![0, 2], keep: true }, &[&[1, 3, 700]], &[]));
    for axes in [vec![2, 0, 1], vec![0, 2, 1], vec![0, 1, 2]] {
        all.push(one(Op::Transpose { axes }, &[&[2, 3, 4]], &[]));
    }
    for axis in 0..3 {
        let mut other = vec![2, 3, 4];
        other[axis] = 5;
        all.push(one(Op::Concat { axis }, &[&[2, 3, 4], &other], &[r.constant(&[2, 3, 4])]));
    }
    all.push(one(Op::Concat { axis: 0 }, &[&[3]], &[]));
    let slice = |starts: &[usize], steps: &[isize], lengths: &[usize]| Op::Slice {
        starts: starts.to_vec(),
        steps: steps.to_vec(),
        lengths: lengths.to_vec(),
    };
    all.push(one(slice(&[1, 4], &[1, -2], &[2, 3]), &[&[3, 5]], &[]));
    all.push(one(slice(&[0, 0], &[2, 3], &[2, 2]), &[&[3, 5]], &[]));
    for (axis, shape, list) in [(1, vec![2, 2], vec![3, 0, 0, 1]), (0, vec![], vec![1]), (2, vec![3], vec![2, 1, 2])] {
        all.push(one(Op::Gather { axis, shape, indices: list }, &[&[2, 4, 3]], &[]));
    }
    for mode in [PadMode::Constant(0.25), PadMode::Reflect, PadMode::Edge] {
        all.push(one(Op::Pad { begin: vec![1, 0, 3], end: vec![0, 2, 1], mode }, &[&[2, 3, 4]], &[]));
    }
    all
}

/// A random graph: several inputs and outputs, tensors used several times, shapes `[1, n]`.
pub fn graph(seed: u64) -> Network {
    let r = &mut Random::new(seed);
    let mut net = Network::new();
    let mut tensors: Vec<TensorId> =
        (0..1 + r.below(3)).map(|i| net.add_input(&format!("x{i}"), &[1, [3, 3, 5][r.below(3)]]).unwrap()).collect();
    tensors.push(net.add_constant("c", r.constant(&[1, 3])).unwrap());
    for _ in 0..12 {
        let a = tensors[r.below(tensors.len())];
        let b = tensors[r.below(tensors.len())];
        let width = net.tensor(a).len();
        let op = match r.below(12) {
            0 | 1 => {
                let m = [3, 4, 3][r.below(3)];
                let w = net.add_constant("", r.constant(&[m, width])).unwrap();
                let bias = net.add_constant("", r.constant(&[m])).unwrap();
                tensors.push(net.add_layer("", Op::Linear, &[a, w, bias]).unwrap());
                continue;
            }
            2 | 3 if net.tensor(b).len() == width => {
                let op = [Op::Add, Op::Sub, Op::Mul][r.below(3)].clone();
                tensors.push(net.add_layer("", op, &[a, b]).unwrap());
                continue;
            }
            4 => {
                tensors.push(net.add_layer("", Op::Concat { axis: 1 }, &[a, b, a]).unwrap());
                continue;
            }
            5 => Op::Tanh,
            6 => Op::Sigmoid,
            7 => Op::Softmax { first: 1, count: 1 },
            8 => Op::Reshape { shape: vec![1, width] },
            9 => Op::Slice { starts: vec![0, width - 1], steps: vec![1, -1], lengths: vec![1, width] },
            10 => Op::LeakyRelu { alpha: 0.2 },
            _ => Op::Relu,
        };
        tensors.push(net.add_layer("", op, &[a]).unwrap());
    }
    for _ in 0..3 {
        // The last ones most often: they are made of the others. The same one may come twice.
        let back = r.below(5).min(r.below(5));
        net.add_output(tensors[tensors.len() - 1 - back]).unwrap();
    }
    if r.bit() {
        net.add_output(tensors[r.below(tensors.len())]).unwrap();
    }
    net
}
