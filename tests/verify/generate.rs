//! Random tiny networks with random properties, and their exact answers.
//!
//! Half of the networks have small dyadic weights, so that neurons, maxima and rows are met exactly at points that are
//! easily hit; the others have random 32-bit ones. Rows are put near the extremes that samples reach, some exactly at the true
//! extreme, so that about half of the properties can be satisfied and many barely.

use anser::budget::Budget;
use anser::net::eval::Evaluator;
use anser::net::property::{Property, Rows};
use anser::net::{Constant, Network, Op, TensorId, Window};
use num_traits::ToPrimitive;

use crate::exact::{Answer, Disjunct, Row, decide, rational};
use crate::random::Random;

/// The most pieces to choose: a ReLU is one, a clip two, a maximum one less than its candidates.
pub const MOST_NEURONS: usize = 12;

/// Where the search for room ends: what has this much is satisfied whatever the rounding.
pub const ENOUGH: f64 = 1.0 / 64.0;

/// A question with its exact answer.
pub struct Case {
    pub name: String,
    pub network: Network,
    pub property: Property,
    pub disjuncts: Vec<Disjunct>,
    pub answer: Answer,
}

/// The cases of these seeds.
pub fn cases(seeds: std::ops::Range<u64>) -> Vec<Case> {
    seeds.map(case).collect()
}

/// The case of a seed.
pub fn case(seed: u64) -> Case {
    let mut random = Random::new(seed);
    let nice = random.one_in(2);
    let network = Builder::new(&mut random, nice).build();
    let mut disjuncts = question(&network, nice, &mut random);
    let mut answer = decide(&network, &disjuncts, ENOUGH).unwrap();
    // Rows of one disjunct moved to where the extreme is: only the tie decides.
    if disjuncts.len() == 1 && random.one_in(if nice { 6 } else { 12 }) {
        let margin = decide(&network, &disjuncts, 1.0).unwrap().margin;
        let moved: Option<Vec<f64>> = disjuncts[0]
            .rows
            .iter()
            .map(|row| {
                let exact = rational(row.bound) - &margin;
                exact.to_f64().filter(|&bound| rational(bound) == exact)
            })
            .collect();
        if let Some(moved) = moved.filter(|_| margin < rational(1.0)) {
            disjuncts[0].rows.iter_mut().zip(moved).for_each(|(row, bound)| row.bound = bound);
            answer = decide(&network, &disjuncts, ENOUGH).unwrap();
        }
    }
    let property = property(&network, &disjuncts);
    let kinds: Vec<&str> = network.layers().iter().map(|layer| layer.op().name()).collect();
    let name = format!("seed {seed}, {}: {}", if nice { "dyadic" } else { "random" }, kinds.join(" "));
    Case { name, network, property, disjuncts, answer }
}

/// The property of these disjuncts, which have the same box.
pub fn property(network: &Network, disjuncts: &[Disjunct]) -> Property {
    let mut property = Property::new(network.input_len(), network.output_len()).unwrap();
    property.add_box(&disjuncts[0].lower, &disjuncts[0].upper).unwrap();
    let rows = || disjuncts.iter().flat_map(|disjunct| &disjunct.rows);
    let (mut offsets, mut ends) = (vec![0], vec![0]);
    for disjunct in disjuncts {
        for row in &disjunct.rows {
            offsets.push(offsets[offsets.len() - 1] + row.terms.len());
        }
        ends.push(offsets.len() - 1);
    }
    let rows = Rows {
        offsets: &offsets,
        columns: &rows().flat_map(|row| row.terms.iter().map(|term| term.0)).collect::<Vec<_>>(),
        coefficients: &rows().flat_map(|row| row.terms.iter().map(|term| term.1)).collect::<Vec<_>>(),
        bounds: &rows().map(|row| row.bound).collect::<Vec<_>>(),
        strict: &rows().map(|row| row.strict).collect::<Vec<_>>(),
    };
    property.add_assertion(&rows, &ends).unwrap();
    property
}

/// Points of a box: corners, its middle, and random ones, all of them numbers of 32 bits.
pub fn points(disjunct: &Disjunct, count: usize, random: &mut Random) -> Vec<Vec<f64>> {
    let one = |kind: usize, random: &mut Random| {
        let ends = disjunct.lower.iter().zip(&disjunct.upper);
        let each = ends.map(|(&lower, &upper)| {
            let t = match kind {
                0 => 0.5,
                1 => random.below(2) as f64,
                2 => random.below(9) as f64 / 8.0,
                _ => random.unit(),
            };
            f64::from((lower + (upper - lower) * t) as f32).clamp(lower, upper)
        });
        each.collect()
    };
    (0..count).map(|k| one(if k == 0 { 0 } else { 1 + k % 3 }, random)).collect()
}

/// The outputs at each point, in 64 bits.
pub fn outputs(network: &Network, points: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut all = vec![0.0; points.len() * network.output_len()];
    let evaluator = Evaluator::<f64>::new(network).unwrap();
    evaluator.evaluate(points.len(), &points.concat(), &mut all, &Budget::unlimited()).unwrap();
    all.chunks_exact(network.output_len()).map(<[f64]>::to_vec).collect()
}

fn weight(nice: bool, random: &mut Random) -> f32 {
    if nice { random.between(-6, 6) as f32 / 4.0 } else { (random.unit() * 3.0 - 1.5) as f32 }
}

/// One to three disjuncts over the same box.
fn question(network: &Network, nice: bool, random: &mut Random) -> Vec<Disjunct> {
    let (mut lower, mut upper) = (Vec::new(), Vec::new());
    let fixed = random.one_in(8).then(|| random.below(network.input_len()));
    for input in 0..network.input_len() {
        let (middle, radius) = match nice {
            true => (random.between(-4, 4) as f32 / 4.0, random.between(2, 8) as f32 / 4.0),
            false => ((random.unit() * 2.0 - 1.0) as f32, (0.05 + 2.0 * random.unit()) as f32),
        };
        let radius = if fixed == Some(input) && network.input_len() > 1 { 0.0 } else { radius };
        lower.push(f64::from(middle - radius));
        upper.push(f64::from(middle + radius));
    }
    let empty = Disjunct { lower, upper, rows: Vec::new() };
    let inputs = points(&empty, 120, random);
    let outputs = outputs(network, &inputs);
    let points: Vec<Vec<f64>> = inputs.into_iter().zip(outputs).map(|(x, y)| [x, y].concat()).collect();
    let count = random.pick(&[1, 1, 1, 2, 3]);
    // Of several disjuncts, all have to fail for the property to fail.
    let kindness = random.pick(&[-0.4, -0.1, -0.03, -0.003, 0.0, 0.01, 0.05, 0.15, 0.4]);
    let kindness = if count > 1 { kindness + 0.05 } else { kindness };
    (0..count).map(|_| Disjunct { rows: rows(network, &points, nice, kindness, random), ..empty.clone() }).collect()
}

/// Rows that some sample satisfies, and a last one near the least value that it has at those samples. `kindness` says how
/// far beyond, as a share of the values' spread: the larger, the fewer points are left.
fn rows(network: &Network, points: &[Vec<f64>], nice: bool, kindness: f64, random: &mut Random) -> Vec<Row> {
    let (inputs, all) = (network.input_len(), network.input_len() + network.output_len());
    let hidden = &points[random.below(points.len())];
    let count = random.pick(&[1, 1, 2, 3]);
    let mut left: Vec<&Vec<f64>> = points.iter().collect();
    let mut rows = Vec::new();
    let mut tries = 0;
    while rows.len() < count {
        let mut terms: Vec<(u32, f64)> = Vec::new();
        for column in (if random.one_in(5) { 0 } else { inputs })..all {
            let coefficient = match random.below(3) {
                0 => 0.0,
                1 => random.pick(&[-1.0, 1.0]),
                _ => f64::from(weight(nice, random)),
            };
            if coefficient != 0.0 {
                terms.push((column as u32, coefficient));
            }
        }
        if terms.is_empty() {
            terms.push((inputs as u32, 1.0));
        }
        let value = |point: &[f64]| terms.iter().map(|&(column, c)| c * point[column as usize]).sum::<f64>();
        let values: Vec<f64> = left.iter().map(|point| value(point)).collect();
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        tries += 1;
        if most - least < 1e-6 && tries < 20 {
            continue; // of a constant: hard to miss and easy to tie
        }
        let bound = if rows.len() + 1 < count {
            value(hidden) + (most - least) * random.pick(&[0.01, 0.1, 0.3])
        } else {
            least - kindness * (most - least)
        };
        let bound = if nice { (bound * 256.0).round() / 256.0 } else { bound };
        left.retain(|point| value(point) <= bound || std::ptr::eq(*point, hidden));
        rows.push(Row { terms, bound, strict: random.one_in(3) });
    }
    rows
}

struct Builder<'a> {
    network: Network,
    random: &'a mut Random,
    nice: bool,
    neurons: usize,
}

impl<'a> Builder<'a> {
    fn new(random: &'a mut Random, nice: bool) -> Self {
        Builder { network: Network::new(), random, nice, neurons: 0 }
    }

    fn build(mut self) -> Network {
        let inputs = 1 + self.random.below(4);
        let mut x = self.network.add_input("x", &[1, inputs]).unwrap();
        let most = 6 + self.random.below(MOST_NEURONS - 5);
        let mut tries = 0;
        while self.neurons < most && tries < 12 {
            tries += 1;
            x = self.block(x, most - self.neurons).unwrap_or(x);
        }
        let outputs = 1 + self.random.below(3);
        let y = self.dense(x, outputs);
        self.network.add_output(y).unwrap();
        self.network
    }

    fn length(&self, x: TensorId) -> usize {
        self.network.tensor(x).len()
    }

    fn add(&mut self, op: Op, inputs: &[TensorId]) -> TensorId {
        self.network.add_layer("", op, inputs).unwrap_or_else(|error| panic!("{error}"))
    }

    fn weights(&mut self, shape: &[usize]) -> TensorId {
        let count = shape.iter().product();
        let values: Vec<f32> = (0..count).map(|_| weight(self.nice, self.random)).collect();
        self.network.add_constant("", Constant::from_f32(shape, &values).unwrap()).unwrap()
    }

    /// Small ones, so that few neurons stay on one side.
    fn biases(&mut self, count: usize) -> TensorId {
        let nice = self.nice;
        let one =
            |random: &mut Random| if nice { random.between(-2, 2) as f32 / 4.0 } else { weight(false, random) / 3.0 };
        let values: Vec<f32> = (0..count).map(|_| one(self.random)).collect();
        self.network.add_constant("", Constant::from_f32(&[count], &values).unwrap()).unwrap()
    }

    fn dense(&mut self, x: TensorId, width: usize) -> TensorId {
        let w = self.weights(&[width, self.length(x)]);
        let b = self.biases(width);
        self.add(Op::Linear, &[x, w, b])
    }

    fn reshape(&mut self, x: TensorId, shape: &[usize]) -> TensorId {
        self.add(Op::Reshape { shape: shape.to_vec() }, &[x])
    }

    fn flat(&mut self, x: TensorId) -> TensorId {
        self.reshape(x, &[1, self.length(x)])
    }

    /// A nonlinearity on every element, as many pieces as there are left allowing.
    fn active(&mut self, x: TensorId, left: usize) -> Option<TensorId> {
        let length = self.length(x);
        if length > left {
            return None;
        }
        let alpha = self.random.pick(&[0.125, 0.25, 0.5, f64::from(0.01f32), 1.5, -0.5]);
        let op = match self.random.below(12) {
            0..5 => Op::Relu,
            5 | 6 => Op::LeakyRelu { alpha },
            7 => Op::Abs,
            8 => {
                let slope = self.weights(&[length]);
                let shape = self.network.tensor(x).shape().to_vec();
                let slope = if shape.len() == 2 { slope } else { self.weights(&[1]) };
                self.neurons += length;
                return Some(self.add(Op::PRelu, &[x, slope]));
            }
            9 | 10 if 2 * length <= left => {
                self.neurons += length;
                let (min, max) = self.random.pick(&[(0.0, 1.0), (-1.0, 1.0), (-0.5, 0.75), (0.0, 6.0)]);
                Op::Clip { min, max }
            }
            11 if length <= 3 => Op::Sign,
            _ => Op::Relu,
        };
        self.neurons += length;
        Some(self.add(op, &[x]))
    }

    fn hidden(&mut self, x: TensorId, width: usize, left: usize) -> Option<TensorId> {
        if width > left {
            return None;
        }
        let y = self.dense(x, width);
        self.active(y, left)
    }

    /// A random block; none where it does not fit what is there.
    fn block(&mut self, x: TensorId, left: usize) -> Option<TensorId> {
        let n = self.length(x);
        match self.random.below(12) {
            0..4 => {
                let width = 1 + self.random.below(5);
                self.hidden(x, width, left)
            }
            // A residual sum or difference.
            4 => {
                let y = self.hidden(x, n, left)?;
                let op = self.random.pick(&[0, 0, 1]);
                Some(self.add(if op == 0 { Op::Add } else { Op::Sub }, &[x, y]))
            }
            5 if n <= 6 => {
                let width = 1 + self.random.below(3);
                let y = self.hidden(x, width, left)?;
                let order = if self.random.one_in(2) { [x, y] } else { [y, x] };
                Some(self.add(Op::Concat { axis: 1 }, &order))
            }
            6 if n >= 2 => {
                let channels = 1 + self.random.below(2);
                let padding = self.random.below(2);
                let length = n + padding - 1;
                if channels * length > left {
                    return None;
                }
                let image = self.reshape(x, &[1, 1, n]);
                let (w, b) = (self.weights(&[channels, 1, 2]), self.biases(channels));
                let y = self.add(Op::Conv { window: line(2, 1, padding), groups: 1 }, &[image, w, b]);
                let y = self.active(y, left)?;
                Some(self.flat(y))
            }
            7 if n == 4 && left >= 4 => {
                let image = self.reshape(x, &[1, 1, 2, 2]);
                let w = self.weights(&[1, 1, 2, 2]);
                let window = Window {
                    kernel: vec![2; 2],
                    strides: vec![1; 2],
                    dilations: vec![1; 2],
                    begin: vec![0, 1],
                    end: vec![1, 0],
                };
                let y = self.add(Op::Conv { window, groups: 1 }, &[image, w]);
                let y = self.active(y, left)?;
                Some(self.flat(y))
            }
            8 if n >= 2 => {
                let (kernel, stride) = if n == 2 { (2, 1) } else { self.random.pick(&[(2, 1), (2, 2), (3, 1)]) };
                let length = (n - kernel) / stride + 1;
                if length * (kernel - 1) > left {
                    return None;
                }
                self.neurons += length * (kernel - 1);
                let image = self.reshape(x, &[1, 1, n]);
                let y = self.add(Op::MaxPool { window: line(kernel, stride, 0), ceil: false }, &[image]);
                Some(self.flat(y))
            }
            9 if n >= 3 => {
                let image = self.reshape(x, &[1, 1, n]);
                let kernel = self.random.pick(&[2, 3]);
                let count_padding = self.random.one_in(2);
                let op = Op::AveragePool { window: line(kernel, 1, 1), ceil: false, count_padding };
                let y = self.add(op, &[image]);
                Some(self.flat(y))
            }
            10 => {
                let c = self.weights(&[1, n]);
                let d = self.weights(&[n]);
                let x = self.add(Op::Mul, &[x, c]);
                let order = if self.random.one_in(2) { [x, d] } else { [d, x] };
                let op = if self.random.one_in(2) { Op::Add } else { Op::Sub };
                Some(self.add(op, &order))
            }
            11 if n == 4 || n == 6 => {
                let table = self.reshape(x, &[1, 2, n / 2]);
                let y = self.add(Op::Transpose { axes: vec![0, 2, 1] }, &[table]);
                if self.random.one_in(2) {
                    return Some(self.add(Op::ReduceSum { axes: vec![2], keep: false }, &[y]));
                }
                let (starts, steps, lengths) = (vec![0, n / 2 - 1, 0], vec![1, -1, 1], vec![1, n / 2, 1]);
                let y = self.add(Op::Slice { starts, steps, lengths }, &[y]);
                Some(self.flat(y))
            }
            _ => None,
        }
    }
}

/// A window along one axis, padded at the end.
fn line(kernel: usize, stride: usize, padding: usize) -> Window {
    Window { kernel: vec![kernel], strides: vec![stride], dilations: vec![1], begin: vec![0], end: vec![padding] }
}
