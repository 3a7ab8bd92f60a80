//! Every operator in every form against onnxruntime: see `tests/oracles/make_models.py`.

use anser::budget::Budget;
use anser::net::onnx::{read_bytes, read_file, to_bytes};

use super::{agree, evaluate, options, oracle};

#[test]
fn every_form_of_every_operator_agrees_with_onnxruntime() {
    let folder = tempfile::tempdir().unwrap();
    let Some(()) = oracle::run("make_models.py", &[folder.path()]) else { return };
    let cases = std::fs::read_to_string(folder.path().join("cases")).unwrap();
    let budget = Budget::unlimited();
    let mut wrong = Vec::new();
    let (mut agreed, mut refused) = (0, 0);
    for line in cases.lines() {
        let (kind, rest) = line.split_once(' ').unwrap();
        let (name, rest) = rest.split_once(' ').unwrap();
        let path = folder.path().join(format!("{name}.onnx"));
        if kind == "refuse" {
            let answer = read_file(&path, &options(true), &budget);
            match answer.map_err(|e| e.to_string()) {
                Err(text) if text.contains(rest) && text.starts_with(path.to_str().unwrap()) => refused += 1,
                answer => wrong.push(format!("{name}: {:?}", answer.map(|_| "read"))),
            }
            continue;
        }
        let samples: usize = rest.split_once(' ').unwrap().0.parse().unwrap();
        let inputs = oracle::numbers(&path.with_extension("in"));
        let expected = oracle::numbers(&path.with_extension("out"));
        let mut check = |what: &str, network: Result<anser::net::Network, anser::net::onnx::OnnxError>| {
            let result = network.map_err(|e| e.to_string()).and_then(|network| {
                if network.input_len() * samples != inputs.len() {
                    return Err(format!("{} inputs, not {}", network.input_len(), inputs.len() / samples));
                }
                agree(&evaluate(&network, samples, &inputs), &expected)
            });
            match result {
                Ok(()) => agreed += 1,
                Err(error) => wrong.push(format!("{name}, {what}: {error}")),
            }
        };
        let plain = read_file(&path, &options(false), &budget);
        if let Ok(network) = &plain {
            let written = to_bytes(network, &budget).unwrap();
            check("written and read again", read_bytes(&written, None, &options(false), &budget));
        }
        check("as it is", plain);
        check("fused", read_file(&path, &options(true), &budget));
    }
    println!("{agreed} agree, {refused} are refused as they should");
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.lines().count(), wrong.join("\n"));
    assert!(agreed > 1000 && refused > 15);
}
