//! The networks of the shared data: all are read, and agree with onnxruntime on random inputs.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anser::budget::Budget;
use anser::net::Network;
use anser::net::eval::Evaluator;
use anser::net::onnx::{read_bytes, read_file, to_bytes, write_file};

use super::round_trip::same;
use super::{agree, evaluate, options, oracle};

const SAMPLES: usize = 100;

/// Inputs for a network. What answers signs jumps: pixels make its sums exact in 32 bits too.
fn inputs(path: &Path, len: usize) -> Vec<f64> {
    let pixels = path.to_string_lossy().contains("traffic_signs");
    let mut state = 1u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 40
    };
    let number = |bits: u64| if pixels { (bits & 255) as f64 } else { bits as f64 / (1 << 23) as f64 - 1.0 };
    (0..SAMPLES * len).map(|_| number(next())).collect()
}

/// What onnxruntime answers to each model.
fn onnxruntime(jobs: &[(PathBuf, Vec<f64>)]) -> Option<Vec<Vec<f64>>> {
    let folder = tempfile::tempdir().unwrap();
    let mut list = String::new();
    let file = |i: usize, kind: &str| folder.path().join(format!("{i}.{kind}"));
    for (i, (path, inputs)) in jobs.iter().enumerate() {
        oracle::write_numbers(&file(i, "in"), inputs);
        let (from, to) = (file(i, "in"), file(i, "out"));
        writeln!(list, "{}\t{}\t{}", path.display(), from.display(), to.display()).unwrap();
    }
    let path = folder.path().join("jobs");
    std::fs::write(&path, list).unwrap();
    oracle::run("onnxruntime_eval.py", &[&path])?;
    Some((0..jobs.len()).map(|i| oracle::numbers(&file(i, "out"))).collect())
}

/// The network's answers in 32 bits.
fn narrow(network: &Network, inputs: &[f64]) -> Vec<f64> {
    let inputs: Vec<f32> = inputs.iter().map(|&v| v as f32).collect();
    let mut outputs = vec![0.0f32; SAMPLES * network.output_len()];
    let evaluator = Evaluator::<f32>::new(network).unwrap();
    evaluator.evaluate(SAMPLES, &inputs, &mut outputs, &Budget::unlimited()).unwrap();
    outputs.into_iter().map(f64::from).collect()
}

#[test]
fn every_shared_network_agrees_with_onnxruntime_also_fused_and_written() {
    let Some(paths) = oracle::networks() else { return };
    let budget = Budget::unlimited();
    let folder = tempfile::tempdir().unwrap();
    let mut jobs = Vec::new();
    let mut networks = Vec::new();
    for (i, path) in paths.iter().enumerate() {
        let plain = read_file(path, &options(false), &budget).unwrap();
        let fused = read_file(path, &options(true), &budget).unwrap();
        assert!(
            !plain.layers().is_empty() && plain.layers().iter().all(|l| !l.nodes().is_empty()),
            "{}",
            path.display()
        );
        for network in [&plain, &fused] {
            let bytes = to_bytes(network, &budget).unwrap();
            let again = read_bytes(&bytes, None, &options(false), &budget).unwrap();
            same(network, &again).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        }
        let written = folder.path().join(format!("{i}.onnx.gz"));
        write_file(&fused, &written, &budget).unwrap();
        let inputs = inputs(path, plain.input_len());
        jobs.push((path.clone(), inputs.clone()));
        jobs.push((written, inputs));
        networks.push((plain, fused));
    }
    let Some(answers) = onnxruntime(&jobs) else { return };
    let mut wrong = Vec::new();
    for (i, (plain, fused)) in networks.iter().enumerate() {
        let (path, inputs) = &jobs[2 * i];
        let theirs = &answers[2 * i];
        for (what, ours) in [
            ("64 bits", evaluate(plain, SAMPLES, inputs)),
            ("64 bits, fused", evaluate(fused, SAMPLES, inputs)),
            ("32 bits", narrow(plain, inputs)),
            ("32 bits, fused", narrow(fused, inputs)),
            ("onnxruntime, written", answers[2 * i + 1].clone()),
        ] {
            if let Err(error) = agree(&ours, theirs) {
                wrong.push(format!("{}, {what}: {error}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{} networks agree on {SAMPLES} inputs each", networks.len());
}
