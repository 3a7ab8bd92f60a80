//! Evaluation and gradients of networks beside onnxruntime, one thread: medians of microseconds a batch, and ratios.
//! `cargo bench --bench eval [-- FILE.onnx …]`
//!
//! Without files: `mnist-net_256x4.onnx` of `../shared/data/mnist_fc`, where it is, and a small convolutional network. Both
//! sides take turns of a fifth of the runs each, and the median is over all. Of onnxruntime's two ways to be called from
//! Python (plain, and with inputs and outputs bound) the faster counts; what a call costs for a network that does nothing is
//! told, and taken off for the second ratio. Ratios above 1: onnxruntime took longer. The last column is a gradient's time
//! over an evaluation's. Results are added to `benches/results/eval.jsonl`.
#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anser::budget::Budget;
use anser::net::Network;
use anser::net::eval::{Evaluator, Real};
use anser::net::onnx::{ReadOptions, read_file};

const ROUNDS: usize = 5;

struct Peer {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

fn python() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(".deps/oracles/bin/python")
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/eval_peer.py")
}

impl Peer {
    fn new(model: &Path, kind: &str) -> Option<Peer> {
        let mut command = Command::new(python());
        command.arg(script()).arg("serve").arg(model).arg(kind).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().ok()?;
        let (to, from) = (child.stdin.take()?, BufReader::new(child.stdout.take()?));
        Some(Peer { child, to, from })
    }

    /// Seconds: of a run, and of a call that does nothing.
    fn time(&mut self, batch: usize, runs: usize) -> Option<(f64, f64)> {
        writeln!(self.to, "{batch} {runs}").ok()?;
        self.to.flush().ok()?;
        let mut line = String::new();
        self.from.read_line(&mut line).ok()?;
        let numbers: Vec<f64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [plain, bound, empty] = numbers[..] else { return None };
        Some((plain.min(bound), empty))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The processor, where the system tells.
fn machine() -> String {
    let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = told.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split(": ").nth(1));
    model.unwrap_or(std::env::consts::ARCH).to_owned()
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn time(runs: usize, times: &mut Vec<f64>, mut call: impl FnMut()) {
    for _ in 0..runs {
        let start = Instant::now();
        call();
        times.push(start.elapsed().as_secs_f64());
    }
}

fn compare<T: Real>(name: &str, network: &Network, file: &Path, kind: &str, results: &mut impl Write) {
    let evaluator = Evaluator::<T>::new(network).expect("memory for the network");
    let mut peer = Peer::new(file, kind);
    let budget = Budget::unlimited();
    for (batch, runs) in [(1, 4000), (256, 150)] {
        let inputs: Vec<T> =
            (0..batch * evaluator.input_len()).map(|i| T::from_f64((i * 37 % 101) as f64 / 100.0)).collect();
        let mut outputs = vec![T::ZERO; batch * evaluator.output_len()];
        let cotangents = vec![T::ONE; outputs.len()];
        let mut gradients = vec![T::ZERO; inputs.len()];
        let (mut own, mut reverse, mut theirs, mut empty) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            time(runs / ROUNDS, &mut own, || {
                evaluator.evaluate(batch, black_box(&inputs), &mut outputs, &budget).expect("values");
                black_box(&mut outputs);
            });
            time(runs / ROUNDS / 2, &mut reverse, || {
                evaluator
                    .vjp(batch, black_box(&inputs), &cotangents, &mut gradients, None, &budget)
                    .expect("gradients");
                black_box(&mut gradients);
            });
            if let Some((run, nothing)) = peer.as_mut().and_then(|peer| peer.time(batch, runs / ROUNDS)) {
                theirs.push(run);
                empty.push(nothing);
            }
        }
        let (own, reverse) = (median(&mut own) * 1e6, median(&mut reverse) * 1e6);
        let label = format!("{name} {kind} batch {batch}");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        if theirs.is_empty() {
            println!("{label:<34} {own:>9.1} {:>9} {:>7} {:>7} {:>7} {:>8.2}", "-", "-", "-", "-", reverse / own);
            continue;
        }
        let (peer, call) = (median(&mut theirs) * 1e6, median(&mut empty) * 1e6);
        let (raw, net) = (peer / own, (peer - call) / own);
        println!("{label:<34} {own:>9.1} {peer:>9.1} {call:>7.1} {raw:>7.2} {net:>7.2} {:>8.2}", reverse / own);
        let line = serde_json::json!({
            "bench": "eval", "time": now, "machine": machine(), "network": name, "type": kind, "batch": batch, "microseconds": own,
            "gradient_microseconds": reverse, "onnxruntime_microseconds": peer, "call_microseconds": call,
        });
        let _ = writeln!(results, "{line}");
    }
}

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> =
        std::env::args().skip(1).filter(|a| !a.starts_with("--")).map(PathBuf::from).collect();
    let folder = tempfile::tempdir().expect("a folder");
    if files.is_empty() {
        files.push(root.join("../shared/data/mnist_fc/onnx/mnist-net_256x4.onnx"));
        let conv = folder.path().join("conv.onnx");
        let _ = Command::new(python()).arg(script()).arg("conv").arg(&conv).status();
        files.push(conv);
    }
    let path = root.join("benches/results");
    std::fs::create_dir_all(&path).expect("a folder for results");
    let results = std::fs::OpenOptions::new().append(true).create(true).open(path.join("eval.jsonl"));
    let mut results = results.expect("a file for results");
    println!("{:<34} {:>9} {:>9} {:>7} {:>7} {:>7} {:>8}", "", "us", "peer us", "call", "ratio", "less", "gradient");
    for file in &files {
        let name = file.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
        match read_file(file, &ReadOptions::default(), &Budget::unlimited()) {
            Ok(network) => {
                compare::<f32>(&name, &network, file, "f32", &mut results);
                compare::<f64>(&name, &network, file, "f64", &mut results);
            }
            Err(error) => println!("skipped: {error}"),
        }
    }
}
