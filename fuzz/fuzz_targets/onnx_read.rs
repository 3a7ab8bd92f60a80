//! Any bytes are read or refused within the memory that the budget grants; what was read is written and read again, and
//! then computes the same.
#![no_main]

use anser::budget::{Budget, Limits};
use anser::net::Network;
use anser::net::eval::Evaluator;
use anser::net::onnx::{OnnxErrorKind, ReadOptions, read_bytes, to_bytes};
use anser_fuzz::MEMORY;
use libfuzzer_sys::fuzz_target;

/// Networks with more elements are not evaluated: an input of a few bytes may be a convolution of hours.
const SMALL: usize = 4096;

fn answers(network: &Network) -> Vec<f64> {
    let inputs: Vec<f64> = (0..network.input_len()).map(|i| (i * 37 % 101) as f64 / 16.0 - 3.0).collect();
    let mut outputs = vec![0.0; network.output_len()];
    let evaluator = Evaluator::<f64>::new(network).expect("there is memory for a small network");
    evaluator.evaluate(1, &inputs, &mut outputs, &Budget::unlimited()).expect("lengths fit");
    outputs
}

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { memory: Some(MEMORY), ..Limits::default() };
    let options = ReadOptions { fuse: false, ..ReadOptions::default() };
    let network = match read_bytes(bytes, None, &options, &Budget::start(&limits)) {
        Ok(network) => network,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    assert!(network.bytes() <= MEMORY);
    if network.tensors().iter().map(|t| t.len()).sum::<usize>() > SMALL {
        return;
    }
    let written = to_bytes(&network, &Budget::unlimited()).expect("there is memory for the model");
    let again = match read_bytes(&written, None, &options, &Budget::unlimited()) {
        Ok(again) => again,
        Err(error) => panic!("{error}: {network:?}"),
    };
    assert_eq!(network.inputs().len(), again.inputs().len());
    let (first, second) = (answers(&network), answers(&again));
    assert_eq!(first.len(), second.len());
    let scale = first.iter().fold(1.0f64, |m, v| if v.is_finite() { m.max(v.abs()) } else { m });
    for (a, b) in first.iter().zip(&second) {
        let alike = (a - b).abs() <= 1e-9 * scale || !a.is_finite() || !b.is_finite();
        assert!(alike, "{a} and {b}: {network:?}");
    }
    // Weights that do not stay finite when merged are refused or left: no panic is what is asked.
    if let Err(error) = read_bytes(bytes, None, &ReadOptions::default(), &Budget::unlimited()) {
        assert!(matches!(error.kind(), OnnxErrorKind::Fuse(_)), "{error}");
    }
});
