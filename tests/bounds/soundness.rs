//! Every number that comes out against values that were computed without rounding.
//!
//! Weights have all their bits, and some of them cancel: what the kernel computes in round-to-nearest is far off, and only
//! what it takes off for rounding keeps the bounds sound. Where no neuron changes its sign, linear bounds are the network itself, so that
//! the bounds are met but for rounding; half of them would be wrong without the error terms.

use anser::bounds::Method;
use anser::budget::Budget;
use anser::net::{Constant, Network, Op, TensorId};

use crate::check::{Asked, Values, bounds, compute, hold, points};
use crate::random::Random;

const METHODS: [Method; 4] = [
    Method::Interval,
    Method::Crown,
    Method::Alpha { iterations: 6, neuron_iterations: 0 },
    Method::Alpha { iterations: 3, neuron_iterations: 3 },
];

/// A number with all its bits, of either sign.
fn number(random: &mut Random, size: f64) -> f64 {
    (2.0 * random.unit() - 1.0) * size
}

/// Rows of a matrix, of which some are nearly their neighbour's negative and very large.
fn weights(random: &mut Random, m: usize, n: usize, scale: f64) -> Vec<f64> {
    let mut all: Vec<f64> = (0..m * n).map(|_| number(random, scale)).collect();
    for row in all.chunks_exact_mut(n) {
        for i in 1..n {
            if random.one_in(3) {
                row[i - 1] *= 1e8;
                row[i] = -row[i - 1] * (1.0 + 1e-9 * random.unit());
            }
        }
    }
    all
}

fn linear(net: &mut Network, random: &mut Random, x: TensorId, m: usize, scale: f64) -> TensorId {
    let n = net.tensor(x).len();
    let w = Constant::from_f64(&[m, n], &weights(random, m, n, scale)).unwrap();
    let b: Vec<f64> = (0..m).map(|_| number(random, scale)).collect();
    let w = net.add_constant("", w).unwrap();
    let b = net.add_constant("", Constant::from_f64(&[m], &b).unwrap()).unwrap();
    net.add_layer("", Op::Linear, &[x, w, b]).unwrap()
}

fn activation(net: &mut Network, random: &mut Random, x: TensorId) -> TensorId {
    let n = net.tensor(x).len();
    match random.below(9) {
        0 => net.add_layer("", Op::LeakyRelu { alpha: 0.3 * random.unit() }, &[x]).unwrap(),
        1 => net.add_layer("", Op::Abs, &[x]).unwrap(),
        2 => {
            let slopes: Vec<f64> = (0..n).map(|_| number(random, 1.5)).collect();
            let slopes = net.add_constant("", Constant::from_f64(&[n], &slopes).unwrap()).unwrap();
            net.add_layer("", Op::PRelu, &[x, slopes]).unwrap()
        }
        3 => net.add_layer("", Op::Clip { min: -random.unit(), max: random.unit() }, &[x]).unwrap(),
        4 if random.one_in(2) => net.add_layer("", Op::Sign, &[x]).unwrap(),
        _ => net.add_layer("", Op::Relu, &[x]).unwrap(),
    }
}

/// Dense layers, some with a way around them; and sometimes an output that is an inner tensor.
fn network(random: &mut Random) -> Network {
    let mut net = Network::new();
    let inputs = 1 + random.below(4);
    let mut x = net.add_input("x", &[1, inputs]).unwrap();
    let scale = random.pick(&[1.0, 1.0, 1.0e3, 1.0e-3]);
    for _ in 0..random.below(4) {
        let before = x;
        let m = if random.one_in(2) { net.tensor(x).len() } else { 1 + random.below(6) };
        x = linear(&mut net, random, x, m, scale);
        x = activation(&mut net, random, x);
        if net.tensor(before).len() == m && random.one_in(2) {
            x = net.add_layer("", random.pick_op(), &[x, before]).unwrap();
        }
        if random.one_in(4) {
            net.add_output(x).unwrap();
        }
    }
    x = linear(&mut net, random, x, 2, 1.0);
    net.add_output(x).unwrap();
    net
}

trait PickOp {
    fn pick_op(&mut self) -> Op;
}

impl PickOp for Random {
    fn pick_op(&mut self) -> Op {
        if self.one_in(2) { Op::Add } else { Op::Sub }
    }
}

/// Boxes within the root box, of all sizes down to points; and neurons decided as they are at a point of the box.
fn ask(net: &Network, random: &mut Random, root: (&[f64], &[f64]), method: Method) -> Asked {
    let bounds = bounds(net, root.0, root.1);
    let values = Values::new(net, &bounds, true);
    let (n, m) = (net.input_len(), net.output_len());
    let mut asked = Asked { boxes: 3, rows: 3, method, intersect: random.one_in(3), ..Asked::default() };
    asked.offsets.push(0);
    let splittable: Vec<usize> =
        bounds.neurons().iter().filter(|set| set.splittable).flat_map(|s| s.first..s.first + s.count).collect();
    for _ in 0..asked.boxes {
        let (mut lower, mut upper) = (Vec::new(), Vec::new());
        let width = random.pick(&[0.0, 1e-9, 1e-3, 0.3, 1.0]);
        for i in 0..n {
            let (l, u) = (root.0[i], root.1[i]);
            let a = (l + (u - l) * random.unit() * (1.0 - width)).clamp(l, u);
            lower.push(a);
            upper.push((a + width * (u - l)).clamp(a, u));
        }
        if random.one_in(2) {
            let point: Vec<f64> =
                (0..n).map(|i| (lower[i] + random.unit() * (upper[i] - lower[i])).clamp(lower[i], upper[i])).collect();
            let (_, neurons, _) = values.at(&point);
            for &neuron in &splittable {
                if random.one_in(3) {
                    asked.neurons.push(neuron as u32);
                    asked.phases.push(if neurons[neuron] >= num_traits::Zero::zero() { 1 } else { -1 });
                }
            }
        }
        asked.offsets.push(asked.neurons.len());
        asked.lower.extend(lower);
        asked.upper.extend(upper);
    }
    asked.outputs = (0..asked.rows * m).map(|_| if random.one_in(3) { 0.0 } else { number(random, 2.0) }).collect();
    if random.one_in(3) {
        asked.inputs = (0..asked.rows * n).map(|_| number(random, 2.0)).collect();
    }
    asked
}

#[test]
fn all_bounds_hold_in_exact_arithmetic() {
    let (mut kept, mut tried, mut split) = (0, 0, 0);
    for seed in 0..80 {
        let random = &mut Random::new(seed);
        let net = network(random);
        let n = net.input_len();
        let (lower, upper): (Vec<f64>, Vec<f64>) = (0..n)
            .map(|_| {
                let (a, b) = (number(random, 1.5), number(random, 1.5));
                (a.min(b), a.max(b))
            })
            .unzip();
        let bounds = bounds(&net, &lower, &upper);
        let values = Values::new(&net, &bounds, true);
        for method in METHODS {
            let mut asked = ask(&net, random, (&lower, &upper), method);
            let found = compute(&bounds, &asked, &Budget::unlimited()).unwrap();
            for index in 0..asked.boxes {
                let points = points(&asked, &found, index, 3, random);
                tried += points.len();
                kept += hold(&asked, &found, &values, index, &points);
                split += usize::from(asked.splits(index).next().is_some());
            }
            // What was found of neurons is a start for the same boxes.
            if found.empty.iter().all(|empty| !empty) {
                asked.known = found.neurons.clone();
                let again = compute(&bounds, &asked, &Budget::unlimited()).unwrap();
                for index in 0..asked.boxes {
                    let points = points(&asked, &again, index, 1, random);
                    hold(&asked, &again, &values, index, &points);
                }
            }
        }
    }
    assert!(kept * 2 > tried && split > 100, "{kept} of {tried} points counted, {split} boxes were split");
}
