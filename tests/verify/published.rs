//! Verdicts on published instances against what is known of them; witnesses replayed by onnxruntime.

use std::time::{Duration, Instant};

use anser::budget::{Budget, Limits};
use anser::net::{onnx, vnnlib};
use anser::verify::{Options, Problem, Verdict, Verifier};

use crate::replay::Replay;
use crate::tables::{Instance, instances};

/// Verifies these instances; whatever is decided must be as published, and a number of them must be.
fn check(instances: &[Instance], seconds: f64, least: usize) {
    check_by(&Options::default(), instances, seconds, least);
}

fn check_by(options: &Options, instances: &[Instance], seconds: f64, least: usize) {
    let (begin, mut replay, mut decided) = (Instant::now(), Replay::start(), 0);
    for instance in instances {
        let limits = Limits { time: Some(Duration::from_secs_f64(seconds)), ..Limits::default() };
        let budget = Budget::start(&limits);
        let network = onnx::read_file(&instance.network, &Default::default(), &Budget::unlimited()).unwrap();
        let property = vnnlib::read_file(&instance.property, &Budget::unlimited()).unwrap();
        let problem = Problem::new(network, property).unwrap();
        let mut verifier = Verifier::new(problem, options, &budget).unwrap();
        let verdict = verifier.run(&budget).unwrap();
        match &verdict {
            Verdict::Unknown(reason) => {
                println!("{}: {} of {:?}", instance.name, reason.name(), instance.expected);
                continue;
            }
            Verdict::Unsat => assert_ne!(instance.expected, Some(true), "{}: unsat", instance.name),
            Verdict::Sat(witness) => {
                assert_ne!(instance.expected, Some(false), "{}: sat at {:?}", instance.name, witness.input);
                if let Ok(replay) = &mut replay {
                    let property = verifier.problem().property();
                    let said = replay.satisfies(&instance.network, property, &witness.input);
                    // Whose box is no box of 32-bit numbers is left to the exact check.
                    let wide: Vec<f64> = witness.input.iter().map(|&v| f64::from(v)).collect();
                    let outputs: Vec<f64> = witness.output.iter().map(|&v| f64::from(v)).collect();
                    if property.check(&wide, &outputs) == Ok(true) {
                        assert_eq!(said, Ok(true), "{}: onnxruntime at {:?}", instance.name, witness.input);
                    }
                }
            }
        }
        decided += 1;
    }
    if let Err(why) = replay {
        println!("skipped: replay: {why}");
    }
    println!("{decided} of {} decided in {:.1} s", instances.len(), begin.elapsed().as_secs_f64());
    assert!(decided >= least, "{decided} of {}, needed are {least}", instances.len());
}

/// Instances of a benchmark that `pick` takes by number.
fn some(benchmark: &str, pick: impl Fn(usize, &Instance) -> bool) -> Vec<Instance> {
    let Some(all) = instances(benchmark) else {
        println!("skipped: no {benchmark}");
        return Vec::new();
    };
    let picked = all.into_iter().enumerate().filter(|(index, instance)| pick(*index, instance));
    picked.map(|(_, instance)| instance).collect()
}

#[test]
fn fuzzed_instances() {
    let all = some("vnnlib_fuzz", |_, _| true);
    check(&all, 20.0, all.len());
}

#[test]
#[cfg(feature = "highs")]
fn fuzzed_instances_as_mixed_integer_programs() {
    let all = some("vnnlib_fuzz", |_, _| true);
    check_by(&Options::new(anser::verify::Procedure::Milp), &all, 20.0, all.len());
}

#[test]
#[cfg(feature = "z3")]
fn fuzzed_instances_as_smt_formulas() {
    let all = some("vnnlib_fuzz", |_, _| true);
    check_by(&Options::new(anser::verify::Procedure::Smt), &all, 20.0, all.len());
}

#[test]
fn small_instances() {
    let all = some("test_nano", |_, _| true);
    check(&all, 20.0, all.len());
    let all = some("tllverifybench", |_, _| true);
    check(&all, 20.0, 0);
}

#[test]
fn rl_instances() {
    let all = some("rl_benchmarks", |index, _| index % 4 == 0);
    check(&all, 10.0, all.len() * 9 / 10);
}

#[test]
#[ignore = "minutes: make test-long"]
fn all_rl_instances() {
    let all = some("rl_benchmarks", |_, _| true);
    check(&all, 60.0, all.len() * 95 / 100);
}

#[test]
fn some_acasxu_instances() {
    let all = some("acasxu", |index, _| index % 9 == 0);
    check(&all, 3.0, all.len() / 2);
}

#[test]
fn some_large_instances() {
    let all = some("collins_rul_cnn", |index, _| index % 12 == 0);
    check(&all, 3.0, 0);
    let all = some("mnist_fc", |index, _| index % 20 == 0);
    check(&all, 3.0, 0);
}
