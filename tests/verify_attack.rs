//! The attack on published instances: what is known to have a witness, what is known to have none.
#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::time::Duration;

use anser::budget::{Budget, Limits};
use anser::net::eval::Evaluator;
use anser::net::{onnx, vnnlib};
use anser::verify::attack::{Attack, Options, Report};
use anser::verify::canonical::{Disjunct, Disjuncts};
use anser::verify::{Problem, Witness};

/// An instance of a benchmark's list.
struct Instance {
    name: String,
    network: PathBuf,
    property: PathBuf,
    /// What tools found, where they agree.
    sat: bool,
}

/// The instances of a benchmark; `None`, with the reason printed, where it is not there.
fn instances(benchmark: &str) -> Option<Vec<Instance>> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data")).join(benchmark);
    let list = folder.join("instances.csv");
    let Ok(text) = std::fs::read_to_string(&list) else {
        println!("skipped: no {}", list.display());
        return None;
    };
    let stored = |name: &str| {
        let plain = folder.join(name);
        if plain.exists() { plain } else { folder.join(format!("{name}.gz")) }
    };
    let line = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        let [network, property, _, verdict] = fields[..] else { panic!("{line}") };
        assert!(["sat", "unsat", "conflict"].contains(&verdict), "{line}");
        if verdict == "conflict" {
            return None;
        }
        let name = format!("{network} {property}");
        Some(Instance { name, network: stored(network), property: stored(property), sat: verdict == "sat" })
    };
    Some(text.lines().skip(1).filter_map(line).collect())
}

fn read(instance: &Instance) -> (Problem, Vec<Disjunct>) {
    let budget = Budget::unlimited();
    let network = onnx::read_file(&instance.network, &onnx::ReadOptions::default(), &budget).unwrap();
    let property = vnnlib::read_file(&instance.property, &budget).unwrap();
    let problem = Problem::new(network, property).unwrap();
    let mut iterator = Disjuncts::new(problem.property().clone(), &Default::default()).unwrap();
    let mut disjuncts = Vec::new();
    while let Some(disjunct) = iterator.next(&budget).unwrap() {
        disjuncts.push(disjunct);
    }
    (problem, disjuncts)
}

/// A run that ends with the same answer wherever it runs: its limits are work, not time.
fn attack(problem: &Problem, disjuncts: &[Disjunct], options: &Options, work: u64) -> Report {
    let budget = Budget::start(&Limits { work: Some(work), ..Limits::default() });
    Attack::new(options).run(problem, disjuncts, &[], &budget).unwrap()
}

/// Checks a witness of a property whose box is one of numbers of 32 bits, by an evaluation that knows nothing of it.
fn check(instance: &Instance, problem: &Problem, witness: &Witness) {
    let network = onnx::read_file(
        &instance.network,
        &onnx::ReadOptions { fuse: false, ..Default::default() },
        &Budget::unlimited(),
    );
    let evaluator = Evaluator::<f64>::new(&network.unwrap()).unwrap();
    let x: Vec<f64> = witness.input.iter().map(|&v| f64::from(v)).collect();
    let mut y = vec![0.0; problem.num_outputs()];
    evaluator.evaluate(1, &x, &mut y, &Budget::unlimited()).unwrap();
    assert!(problem.property().check(&x, &y).unwrap(), "{}", instance.name);
}

/// Attacks the instances that are said to have a witness, every `stride`-th of the others, and answers how many of how
/// many witnesses there are that were found.
fn run(benchmark: &str, options: &Options, work: u64, stride: usize) -> Option<(usize, usize)> {
    let instances = instances(benchmark)?;
    let (mut found, mut total) = (0, 0);
    for instance in instances.iter().filter(|instance| instance.sat) {
        let (problem, disjuncts) = read(instance);
        total += 1;
        let report = attack(&problem, &disjuncts, options, work);
        if let Some(witness) = report.witness {
            assert!(report.margin >= options.margin, "{}: {}", instance.name, report.margin);
            if !options.round {
                check(instance, &problem, &witness);
            }
            found += 1;
        } else {
            println!("{benchmark}: none for {}", instance.name);
        }
    }
    for instance in instances.iter().filter(|instance| !instance.sat).step_by(stride) {
        let (problem, disjuncts) = read(instance);
        let report = attack(&problem, &disjuncts, &Options { restarts: 2, ..options.clone() }, work);
        assert_eq!(report.witness, None, "{}", instance.name);
    }
    println!("{benchmark}: {found} of {total}");
    Some((found, total))
}

/// Until it is found, or all work is spent.
fn patient() -> Options {
    Options { restarts: usize::MAX, ..Options::default() }
}

#[test]
fn acasxu() {
    // All but property 2 of network 1_5 need less than a twentieth.
    let Some((found, total)) = run("acasxu", &patient(), 1_000_000, 4) else { return };
    assert!(total == 29 && found >= 28, "{found}");
}

#[test]
fn small_networks() {
    for (benchmark, count) in [("rl_benchmarks", 85), ("tllverifybench", 5), ("test_nano", 1)] {
        let Some(answer) = run(benchmark, &Options::default(), 1_000_000, 3) else { return };
        assert_eq!(answer, (count, count), "{benchmark}");
    }
}

#[test]
fn images() {
    let Some(answer) = run("mnist_fc", &Options::default(), 10_000_000, 9) else { return };
    assert_eq!(answer, (15, 15));
}

/// Most of these boxes have inputs fixed to numbers that are none of 32 bits.
#[test]
fn fixed_inputs_that_have_to_be_rounded() {
    let work = 10_000_000;
    let Some(answer) = run("collins_rul_cnn", &Options { round: true, ..Options::default() }, work, 9) else { return };
    assert_eq!(answer, (27, 27));
    let Some(answer) = run("collins_rul_cnn", &Options::default(), work, usize::MAX) else { return };
    assert_eq!(answer, (5, 27));
}

/// The budget's clock is heard.
#[test]
fn time_runs_out() {
    let Some(instances) = instances("mnist_fc") else { return };
    let (problem, disjuncts) = read(instances.iter().find(|instance| !instance.sat).unwrap());
    let budget = Budget::start(&Limits { time: Some(Duration::from_millis(50)), ..Limits::default() });
    let report = Attack::new(&patient()).run(&problem, &disjuncts, &[], &budget).unwrap();
    assert_eq!((report.witness, report.stop), (None, Some(anser::budget::Stop::Time)));
    assert!(budget.elapsed() < Duration::from_secs(5));
}
