//! Asks for everything, and holds every number against values at points.

use anser::bounds::{Bounds, Functions, Method, Options, Query, Results, Splits};
use anser::budget::Budget;
use anser::net::Network;
use anser::net::eval::Evaluator;
use num_rational::BigRational;
use num_traits::{Signed, Zero};

use crate::exact::{self, rational};
use crate::random::Random;

/// Boxes, splits and rows, owned.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub boxes: usize,
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
    pub offsets: Vec<usize>,
    pub neurons: Vec<u32>,
    pub phases: Vec<i8>,
    pub known: (Vec<f64>, Vec<f64>),
    pub rows: usize,
    pub outputs: Vec<f64>,
    pub inputs: Vec<f64>,
    pub method: Method,
    pub intersect: bool,
}

impl Asked {
    pub fn query(&self) -> Query<'_> {
        Query {
            boxes: self.boxes,
            lower: &self.lower,
            upper: &self.upper,
            splits: Splits { offsets: &self.offsets, neurons: &self.neurons, phases: &self.phases },
            known: (&self.known.0, &self.known.1),
            rows: self.rows,
            outputs: &self.outputs,
            inputs: &self.inputs,
            method: self.method,
            intersect: self.intersect,
        }
    }

    pub fn splits(&self, index: usize) -> impl Iterator<Item = (usize, i8)> + '_ {
        let range = if self.offsets.is_empty() { 0..0 } else { self.offsets[index]..self.offsets[index + 1] };
        range.map(|i| (self.neurons[i] as usize, self.phases[i]))
    }

    /// One of its boxes, alone.
    pub fn only(&self, index: usize) -> Asked {
        let each = |all: &[f64]| {
            let width = all.len() / self.boxes;
            all[index * width..(index + 1) * width].to_vec()
        };
        let (neurons, phases): (Vec<u32>, Vec<i8>) = self.splits(index).map(|(n, p)| (n as u32, p)).unzip();
        Asked {
            boxes: 1,
            lower: each(&self.lower),
            upper: each(&self.upper),
            offsets: vec![0, neurons.len()],
            neurons,
            phases,
            known: (each(&self.known.0), each(&self.known.1)),
            ..self.clone()
        }
    }
}

/// All results.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
    pub below: (Vec<f64>, Vec<f64>),
    pub above: (Vec<f64>, Vec<f64>),
    pub points: Vec<f64>,
    pub neurons: (Vec<f64>, Vec<f64>),
    pub empty: Vec<bool>,
}

pub fn compute(bounds: &Bounds, asked: &Asked, budget: &Budget) -> Result<Found, anser::bounds::BoundsError> {
    let (rows, n, total) = (asked.boxes * asked.rows, bounds.input_len(), asked.boxes * bounds.num_neurons());
    let zeros = |length: usize| vec![f64::NAN; length];
    let mut found = Found {
        lower: zeros(rows),
        upper: zeros(rows),
        below: (zeros(rows * n), zeros(rows)),
        above: (zeros(rows * n), zeros(rows)),
        points: zeros(rows * n),
        neurons: (zeros(total), zeros(total)),
        empty: vec![false; asked.boxes],
    };
    let mut results = Results {
        lower: Some(&mut found.lower),
        upper: Some(&mut found.upper),
        below: Some(Functions { coefficients: &mut found.below.0, constants: &mut found.below.1 }),
        above: Some(Functions { coefficients: &mut found.above.0, constants: &mut found.above.1 }),
        points: Some(&mut found.points),
        neurons: Some((&mut found.neurons.0, &mut found.neurons.1)),
        empty: Some(&mut found.empty),
    };
    bounds.compute(&asked.query(), &mut results, budget)?;
    Ok(found)
}

pub fn bounds(network: &Network, lower: &[f64], upper: &[f64]) -> Bounds {
    Bounds::new(network, lower, upper, &Options::default(), &Budget::unlimited()).unwrap()
}

/// Values of a network and its neurons: without rounding, or computed in double precision.
pub struct Values {
    /// With the neurons as further outputs.
    network: Network,
    evaluator: Option<Evaluator<f64>>,
    outputs: usize,
}

impl Values {
    pub fn new(network: &Network, bounds: &Bounds, exact: bool) -> Self {
        let mut wider = network.clone();
        for neurons in bounds.neurons() {
            wider.add_output(neurons.tensor).unwrap();
        }
        let evaluator = (!exact).then(|| Evaluator::new(&wider).unwrap());
        Values { network: wider, evaluator, outputs: network.output_len() }
    }

    /// Outputs and neurons at a point, and by how much each may be off, relatively to all that the network deals with.
    pub fn at(&self, point: &[f64]) -> (Vec<BigRational>, Vec<BigRational>, BigRational) {
        let mut outputs = Vec::new();
        let slack = if let Some(evaluator) = &self.evaluator {
            let mut values = vec![0.0; evaluator.output_len()];
            evaluator.evaluate(1, point, &mut values, &Budget::unlimited()).unwrap();
            let size = values.iter().map(|v| v.abs()).fold(1.0, f64::max);
            outputs.extend(values.iter().map(|&v| rational(v)));
            // Sums of less than 2^12 products, some layers deep: each rounds by 2^-53.
            rational(size * f64::EPSILON * 65536.0)
        } else {
            let input: Vec<BigRational> = point.iter().map(|&x| rational(x)).collect();
            outputs = exact::evaluate(&self.network, &input).unwrap();
            BigRational::zero()
        };
        let neurons = outputs.split_off(self.outputs);
        (outputs, neurons, slack)
    }
}

fn dot(a: &[f64], x: &[BigRational]) -> BigRational {
    a.iter().zip(x).filter(|(a, _)| **a != 0.0).map(|(&a, x)| rational(a) * x).sum()
}

fn at_most(bound: f64, value: &BigRational) -> bool {
    bound == f64::NEG_INFINITY || bound.is_finite() && rational(bound) <= *value
}

fn at_least(bound: f64, value: &BigRational) -> bool {
    bound == f64::INFINITY || bound.is_finite() && rational(bound) >= *value
}

/// Holds what was found against values at points of a box; those that do not keep its splits say nothing. Answers how many
/// did.
pub fn hold(asked: &Asked, found: &Found, values: &Values, index: usize, points: &[Vec<f64>]) -> usize {
    let n = points.first().map_or(0, Vec::len);
    let total = found.neurons.0.len() / asked.boxes;
    let mut kept = 0;
    for point in points {
        let (outputs, neurons, slack) = values.at(point);
        let keeps = |(neuron, phase): (usize, i8)| {
            let value = &neurons[neuron];
            if phase > 0 { *value >= slack } else { *value <= -&slack }
        };
        if !asked.splits(index).all(keeps) {
            continue;
        }
        kept += 1;
        let context = format!("{:?} {} box {index} at {point:?}", asked.method, asked.intersect);
        assert!(!found.empty[index], "empty: {context}");
        for (neuron, value) in neurons.iter().enumerate() {
            let (l, u) = (found.neurons.0[index * total + neuron], found.neurons.1[index * total + neuron]);
            assert!(
                at_most(l, &(value + &slack)) && at_least(u, &(value - &slack)),
                "neuron {neuron} is {value}, not from {l} to {u}: {context}"
            );
        }
        let x: Vec<BigRational> = point.iter().map(|&x| rational(x)).collect();
        for row in 0..asked.rows {
            let at = index * asked.rows + row;
            let m = outputs.len();
            let mut value = dot(&asked.outputs[row * m..(row + 1) * m], &outputs);
            let size: f64 = 1.0 + asked.outputs[row * m..(row + 1) * m].iter().map(|a| a.abs()).sum::<f64>();
            if !asked.inputs.is_empty() {
                value += dot(&asked.inputs[row * n..(row + 1) * n], &x);
            }
            let slack = &slack * rational(size);
            let (least, greatest) = (&value - &slack, &value + &slack);
            assert!(at_most(found.lower[at], &greatest), "row {row} is {value} < {}: {context}", found.lower[at]);
            assert!(at_least(found.upper[at], &least), "row {row} is {value} > {}: {context}", found.upper[at]);
            for (function, below) in [(&found.below, true), (&found.above, false)] {
                let constant = function.1[at];
                if constant.is_infinite() {
                    assert_eq!(constant > 0.0, !below, "{context}");
                    continue;
                }
                let of = dot(&function.0[at * n..(at + 1) * n], &x) + rational(constant);
                assert!(if below { of <= greatest } else { of >= least }, "row {row} {below}: {of} {value}: {context}");
            }
        }
    }
    kept
}

/// Corners, points at random, the middle, and those where functions are least.
pub fn points(asked: &Asked, found: &Found, index: usize, count: usize, random: &mut Random) -> Vec<Vec<f64>> {
    let n = asked.lower.len() / asked.boxes;
    let (lower, upper) = (&asked.lower[index * n..(index + 1) * n], &asked.upper[index * n..(index + 1) * n]);
    let mut all = vec![lower.to_vec(), upper.to_vec()];
    let inside = |i: usize, t: f64| (lower[i] + t * (upper[i] - lower[i])).clamp(lower[i], upper[i]);
    all.push((0..n).map(|i| inside(i, 0.5)).collect());
    for _ in 0..count {
        all.push((0..n).map(|i| inside(i, random.unit())).collect());
        all.push((0..n).map(|i| if random.one_in(2) { lower[i] } else { upper[i] }).collect());
    }
    let of = index * asked.rows * n..(index + 1) * asked.rows * n;
    for point in found.points[of].chunks_exact(n.max(1)) {
        assert!(point.iter().zip(lower.iter().zip(upper)).all(|(x, (l, u))| l <= x && x <= u));
        all.push(point.to_vec());
    }
    all
}

/// Whether any value at a point is told apart from the bounds: what a test of soundness must come near to.
pub fn gap(found: f64, value: &BigRational) -> f64 {
    use num_traits::ToPrimitive;
    if found.is_finite() { (rational(found) - value).abs().to_f64().unwrap_or(f64::INFINITY) } else { f64::INFINITY }
}
