//! What bounds cost, and how tight they are. `cargo bench --bench bounds`
//!
//! - CROWN on `mnist-net_256x4.onnx`, on the box of a property that is 0.03 wide on either side: milliseconds a box, alone and
//!   in batches of 64; and the same of an ACAS Xu network;
//! - how much narrower outputs get by 20 and 50 steps of gradients, also where neurons were split at random, and where neurons
//!   are bounded by 20 steps of their own;
//! - what a step of gradients costs a row, with 1, 8 and 64 rows together;
//! - how time grows with depth, width and width of the box: exponents of least-squares fits in logarithms over random dense
//!   networks.
//!
//! Neurons and both bounds of all outputs are bounded each time, from nothing but the root box's intervals. Times are medians.
//! Results are added to `benches/results/bounds.jsonl`. The files are those of `../shared/data`, where they are.
#![allow(clippy::print_stdout)]

use std::io::Write;
use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anser::bounds::{Bounds, Method, Options, Query, Results, Splits};
use anser::budget::Budget;
use anser::instances::networks::{NetworkSpec, network};
use anser::net::Network;
use anser::net::onnx::{self, ReadOptions};
use anser::net::vnnlib;
use anser::verify::canonical::{self, Disjuncts};

/// The processor, where the system tells.
fn machine() -> String {
    let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = told.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split(": ").nth(1));
    model.unwrap_or(std::env::consts::ARCH).to_owned()
}

/// Repeats a call for a second, three times at least: the median in milliseconds.
fn median(mut call: impl FnMut()) -> f64 {
    call();
    let (mut times, start) = (Vec::new(), Instant::now());
    while times.len() < 3 || (start.elapsed().as_secs_f64() < 1.0 && times.len() < 200) {
        let before = Instant::now();
        call();
        times.push(before.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

struct Case {
    bounds: Bounds,
    lower: Vec<f64>,
    upper: Vec<f64>,
    outputs: Vec<f64>,
}

impl Case {
    /// The root box is the box, with intervals for its neurons, so that a call has all to do.
    fn new(network: &Network, lower: Vec<f64>, upper: Vec<f64>) -> Case {
        let options = Options { tighten: false };
        let bounds = Bounds::new(network, &lower, &upper, &options, &Budget::unlimited()).expect("bounds");
        let m = bounds.output_len();
        let outputs = (0..m * m).map(|i| f64::from(u8::from(i % (m + 1) == 0))).collect();
        Case { bounds, lower, upper, outputs }
    }

    /// Both bounds of all outputs of so many boxes, which are all the same.
    fn compute(&self, boxes: usize, splits: Splits<'_>, method: Method) -> (Vec<f64>, Vec<f64>, Vec<f64>, Vec<f64>) {
        let (m, total) = (self.bounds.output_len(), self.bounds.num_neurons());
        let (mut lower, mut upper) = (vec![0.0; boxes * m], vec![0.0; boxes * m]);
        let (mut least, mut greatest) = (vec![0.0; boxes * total], vec![0.0; boxes * total]);
        let query = Query {
            boxes,
            lower: &self.lower.repeat(boxes),
            upper: &self.upper.repeat(boxes),
            splits,
            rows: m,
            outputs: &self.outputs,
            method,
            ..Query::default()
        };
        let mut results = Results {
            lower: Some(&mut lower),
            upper: Some(&mut upper),
            neurons: Some((&mut least, &mut greatest)),
            ..Results::default()
        };
        self.bounds.compute(&query, &mut results, &Budget::unlimited()).expect("bounds");
        (lower, upper, least, greatest)
    }

    fn milliseconds(&self, boxes: usize, method: Method) -> f64 {
        median(|| drop(self.compute(boxes, Splits::default(), method))) / boxes as f64
    }

    /// Mean width of the outputs' bounds in boxes that did not turn out empty, and how many those are.
    fn width(&self, boxes: usize, splits: Splits<'_>, method: Method) -> (f64, usize) {
        let (lower, upper, ..) = self.compute(boxes, splits, method);
        let widths: Vec<f64> = lower.iter().zip(&upper).map(|(l, u)| u - l).filter(|width| *width >= 0.0).collect();
        (widths.iter().sum::<f64>() / widths.len() as f64, widths.len() / self.bounds.output_len())
    }
}

/// A network of `../shared/data`, and the box of a property.
fn published(onnx: &str, vnnlib: &str) -> Option<Case> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let budget = Budget::unlimited();
    let network = onnx::read_file(&data.join(onnx), &ReadOptions::default(), &budget).ok()?;
    let property = vnnlib::read_file(data.join(vnnlib), &budget).ok()?;
    let disjunct = Disjuncts::new(property, &canonical::Options::default()).ok()?.next(&budget).ok()??;
    Some(Case::new(&network, disjunct.lower.clone(), disjunct.upper.clone()))
}

fn stamp() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

fn cost(name: &str, case: &Case, results: &mut impl Write) {
    let (alone, many) = (case.milliseconds(1, Method::Crown), case.milliseconds(64, Method::Crown));
    let interval = case.milliseconds(64, Method::Interval);
    println!("{name:<28} {alone:>9.3} ms a box alone, {many:>9.3} in 64; intervals {interval:>9.4}");
    let line = serde_json::json!({
        "bench": "bounds", "time": stamp(), "machine": machine(), "network": name, "what": "cost",
        "alone_ms": alone, "batch64_ms": many, "interval_ms": interval,
    });
    let _ = writeln!(results, "{line}");
}

fn tightness(name: &str, case: &Case, results: &mut impl Write) {
    let alpha = |iterations| Method::Alpha { iterations, neuron_iterations: 0 };
    let (_, _, least, greatest) = case.compute(1, Splits::default(), Method::Crown);
    let mut unstable: Vec<u32> =
        (0..least.len()).filter(|&i| least[i] < 0.0 && greatest[i] > 0.0).map(|i| i as u32).collect();
    let (offsets, mut neurons, mut phases) = ((0..=8).map(|i| i * 20).collect::<Vec<usize>>(), Vec::new(), Vec::new());
    // A shuffle by a fixed generator, another part of it for each box.
    let mut state = 1u64;
    for i in (1..unstable.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        unstable.swap(i, (state >> 33) as usize % (i + 1));
    }
    if unstable.len() >= 20 {
        for i in 0..8 * 20 {
            let neuron = unstable[(i / 20 * 17 + i % 20) % unstable.len()];
            neurons.push(neuron);
            phases.push(if -least[neuron as usize] > greatest[neuron as usize] { -1 } else { 1 });
        }
    }
    let splits = Splits { offsets: &offsets, neurons: &neurons, phases: &phases };
    let all = Method::Alpha { iterations: 20, neuron_iterations: 20 };
    for (what, boxes, splits, methods) in [
        ("alpha", 1, Splits::default(), &[(20, alpha(20)), (50, alpha(50))][..]),
        ("beta", 8, splits, &[(20, alpha(20)), (50, alpha(50))]),
        ("neurons", 1, Splits::default(), &[(20, all)]),
    ] {
        if boxes > 1 && neurons.is_empty() {
            continue;
        }
        let (crown, left) = case.width(boxes, splits, Method::Crown);
        for &(iterations, method) in methods {
            let start = Instant::now();
            let (width, _) = case.width(boxes, splits, method);
            let milliseconds = start.elapsed().as_secs_f64() * 1e3 / boxes as f64;
            let share = width / crown;
            println!(
                "{name:<28} {what:<7} {iterations:>3} steps: width {width:>9.4} of {crown:>9.4} ({share:.3}), {left} boxes, \
                 {milliseconds:>9.2} ms a box; {} unstable",
                unstable.len()
            );
            let line = serde_json::json!({
                "bench": "bounds", "time": stamp(), "machine": machine(), "network": name, "what": what,
                "iterations": iterations, "width": width, "crown_width": crown, "ms": milliseconds, "boxes": left,
                "unstable": unstable.len(),
            });
            let _ = writeln!(results, "{line}");
        }
    }
}

/// Milliseconds of a step of gradients for each row, by how many rows there are: what ten steps take beyond none. No row is
/// left alone as early as that.
fn steps(name: &str, case: &Case, results: &mut impl Write) {
    let m = case.bounds.output_len();
    let counts = [1, 8, 64];
    let each = counts.map(|rows| {
        let outputs: Vec<f64> = (0..rows * m).map(|i| f64::from(u8::from(i / m % m == i % m))).collect();
        let [none, ten] = [0, 10].map(|iterations| {
            let query = Query {
                boxes: 1,
                lower: &case.lower,
                upper: &case.upper,
                rows,
                outputs: &outputs,
                method: Method::Alpha { iterations, neuron_iterations: 0 },
                ..Query::default()
            };
            let mut lower = vec![0.0; rows];
            median(|| {
                let mut results = Results { lower: Some(&mut lower), ..Results::default() };
                case.bounds.compute(&query, &mut results, &Budget::unlimited()).expect("bounds");
            })
        });
        (ten - none) / (10 * rows) as f64
    });
    let [one, eight, many] = each;
    println!("{name:<28} a step {one:>9.4} ms a row alone, {eight:>9.4} in 8, {many:>9.4} in 64");
    let line = serde_json::json!({
        "bench": "bounds", "time": stamp(), "machine": machine(), "network": name, "what": "steps",
        "rows": counts, "ms": each,
    });
    let _ = writeln!(results, "{line}");
}

/// Slope of the least-squares line through logarithms.
fn exponent(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let (mx, my) = (logs.iter().map(|p| p.0).sum::<f64>() / n, logs.iter().map(|p| p.1).sum::<f64>() / n);
    let (mut xy, mut xx) = (0.0, 0.0);
    for (x, y) in logs {
        xy += (x - mx) * (y - my);
        xx += (x - mx) * (x - mx);
    }
    xy / xx
}

fn growth(what: &str, points: impl Iterator<Item = (f64, usize, usize, f64)>, results: &mut impl Write) {
    let mut fitted = Vec::new();
    for (x, depth, width, radius) in points {
        let net = network(&NetworkSpec::dense(32, &vec![width; depth], 5), 1).expect("a network");
        let case = Case::new(&net, vec![-radius; 32], vec![radius; 32]);
        let time = case.milliseconds(4, Method::Crown);
        println!("  {what} {x:>8}: {time:>9.3} ms a box");
        fitted.push((x, time));
    }
    let slope = exponent(&fitted);
    println!("{:<28} time grows as {what}^{slope:.2}", "dense");
    let line = serde_json::json!({
        "bench": "bounds", "time": stamp(), "machine": machine(), "what": format!("growth by {what}"), "exponent": slope,
        "points": fitted,
    });
    let _ = writeln!(results, "{line}");
}

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/results");
    std::fs::create_dir_all(&folder).expect("a folder for results");
    let file = std::fs::OpenOptions::new().append(true).create(true).open(folder.join("bounds.jsonl"));
    let mut results = file.expect("a file for results");
    for (name, onnx, property) in [
        ("mnist-net_256x4", "mnist_fc/onnx/mnist-net_256x4.onnx", "mnist_fc/vnnlib/prop_0_0.03.vnnlib"),
        ("ACASXU_1_1", "acasxu/onnx/ACASXU_run2a_1_1_batch_2000.onnx", "acasxu/vnnlib/prop_3.vnnlib"),
    ] {
        let Some(case) = published(onnx, property) else {
            println!("skipped: {name}: no {onnx} or {property}");
            continue;
        };
        cost(name, &case, &mut results);
        steps(name, &case, &mut results);
        tightness(name, &case, &mut results);
    }
    growth("depth", [2, 3, 4, 6, 8].iter().map(|&d| (d as f64, d, 128, 0.05)), &mut results);
    growth("width", [64, 128, 256, 512].iter().map(|&w| (w as f64, 4, w, 0.05)), &mut results);
    growth("box", [0.003, 0.01, 0.03, 0.1, 0.3].iter().map(|&r| (r, 4, 128, r)), &mut results);
}
