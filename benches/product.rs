//! One linear layer beside the same product by `ndarray` (whose kernel is `matrixmultiply`), one thread: medians of
//! microseconds and ratios. The layer's weights are packed once, when the evaluator is made; `ndarray` packs at every call.
//! `cargo bench --bench product`
#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::time::Instant;

use anser::budget::Budget;
use anser::net::eval::{Evaluator, Real};
use anser::net::{Constant, Network, Op};
use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, LinalgScalar};

/// Inputs, outputs, samples.
const SHAPES: [[usize; 3]; 7] = [
    [256, 256, 1],
    [784, 256, 1],
    [2048, 2048, 1],
    [256, 256, 16],
    [784, 256, 256],
    [256, 256, 256],
    [2048, 2048, 256],
];

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn compare<T: Real + LinalgScalar>(name: &str, [n, m, batch]: [usize; 3]) {
    let values = |len: usize| -> Vec<f64> { (0..len).map(|i| ((i * 37 % 101) as f64 - 50.0) / 64.0).collect() };
    let mut network = Network::new();
    let weights = values(m * n);
    let x = network.add_input("", &[1, n]).expect("a shape");
    let w = network.add_constant("", Constant::from_f64(&[m, n], &weights).expect("weights")).expect("a tensor");
    let y = network.add_layer("", Op::Linear, &[x, w]).expect("a layer");
    network.add_output(y).expect("an output");
    let evaluator = Evaluator::<T>::new(&network).expect("memory");

    let inputs: Vec<T> = values(batch * n).into_iter().map(T::from_f64).collect();
    let mut outputs = vec![T::ZERO; batch * m];
    let matrix = Array2::from_shape_vec((m, n), weights.iter().map(|&v| T::from_f64(v)).collect()).expect("a shape");
    let samples = Array2::from_shape_vec((batch, n), inputs.clone()).expect("a shape");
    let vector = Array1::from_vec(inputs.clone());
    let mut answers = Array2::from_elem((batch, m), T::ZERO);
    let budget = Budget::unlimited();

    let runs = (2_000_000_000 / (n * m * batch)).clamp(21, 4001);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let start = Instant::now();
        evaluator.evaluate(batch, black_box(&inputs), &mut outputs, &budget).expect("buffers of its size");
        ours.push(start.elapsed().as_secs_f64());
        let start = Instant::now();
        if batch == 1 {
            black_box(matrix.dot(black_box(&vector)));
        } else {
            general_mat_mul(T::ONE, black_box(&samples), &matrix.t(), T::ZERO, &mut answers);
            black_box(&answers);
        }
        theirs.push(start.elapsed().as_secs_f64());
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let gflops = 2e-9 * (n * m * batch) as f64 / ours;
    println!(
        "{name} {n:5} -> {m:5} x {batch:4} | {:9.1} | {:9.1} | {:5.2} | {gflops:6.1}",
        ours * 1e6,
        theirs * 1e6,
        theirs / ours
    );
}

fn main() {
    println!("layer                    |   us ours | us ndarray | ratio | GFLOP/s ours");
    for shape in SHAPES {
        compare::<f32>("f32", shape);
        compare::<f64>("f64", shape);
    }
}
