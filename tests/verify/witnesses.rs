//! Every published instance that can be satisfied: its witness is written to a file, read back, and replayed by
//! onnxruntime.
//!
//! What has to hold is the property itself, by its exact check and without any tolerance, of the input read back and
//! the outputs that onnxruntime computes there in 32 bits. A bound of an input need not be a number of 32 bits; then
//! the witness may lie outside by that rounding, and the property has to hold with the input moved to the bound.
//! Whatever holds only with a tolerance on outputs is said with it, and fails the test.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use anser::budget::{Budget, Limits};
use anser::net::property::Property;
use anser::net::{onnx, vnnlib};
use anser::verify::canonical::{self, Disjuncts};
use anser::verify::{Options, Problem, Verdict, Verifier, Witness};

use crate::replay::Replay;
use crate::tables::{BENCHMARKS, Instance, instances};

/// Seconds an instance.
const SECONDS: f64 = 60.0;

/// Tolerances that are tried where none does not do.
const TOLERANCES: [f64; 4] = [1e-6, 1e-5, 1e-4, 1e-3];

/// How well onnxruntime bears a witness out.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Held {
    /// As it stands.
    Exactly,
    /// Once inputs are moved to bounds that are no numbers of 32 bits. Outputs hold without any tolerance.
    InputsRounded,
    /// Only if halfspaces may be missed by this much.
    Within(f64),
    /// Not even then.
    No,
}

/// The competition's form of a counterexample.
fn text(witness: &Witness) -> String {
    let inputs = witness.input.iter().enumerate().map(|(index, value)| ('X', index, value));
    let outputs = witness.output.iter().enumerate().map(|(index, value)| ('Y', index, value));
    let mut text = String::new();
    for (letter, index, value) in inputs.chain(outputs) {
        let open = if text.is_empty() { "(" } else { "\n " };
        write!(text, "{open}({letter}_{index} {})", f64::from(*value)).unwrap();
    }
    text + ")\n"
}

/// The input that such a text names.
fn input(text: &str) -> Vec<f32> {
    let pairs = text.split(['(', ')', '\n']).filter_map(|part| part.trim().split_once(' '));
    let mut values = Vec::new();
    for (name, value) in pairs.filter(|(name, _)| name.starts_with('X')) {
        assert_eq!(name, format!("X_{}", values.len()));
        values.push(value.parse().unwrap());
    }
    values
}

/// How well this input and these outputs have the property.
fn held(property: &Property, x: &[f32], y: &[f64]) -> Held {
    let wide: Vec<f64> = x.iter().copied().map(f64::from).collect();
    if property.check(&wide, y).unwrap() {
        return Held::Exactly;
    }
    let mut least = f64::INFINITY;
    let mut disjuncts = Disjuncts::new(property.clone(), &canonical::Options::default()).unwrap();
    while let Some(disjunct) = disjuncts.next(&Budget::unlimited()).unwrap() {
        let ends = || disjunct.lower.iter().zip(&disjunct.upper);
        let rounded = |(&value, (&lower, &upper)): (&f64, (&f64, &f64))| {
            f64::from(lower as f32) <= value && value <= f64::from(upper as f32)
        };
        if !wide.iter().zip(ends()).all(rounded) {
            continue;
        }
        let moved: Vec<f64> = wide.iter().zip(ends()).map(|(v, (lower, upper))| v.max(*lower).min(*upper)).collect();
        if disjunct.contains(&moved, y).unwrap() {
            return Held::InputsRounded;
        }
        let rows = disjunct.rows();
        let missed = rows.offsets.windows(2).zip(rows.bounds).map(|(ends, bound)| {
            let terms = (ends[0]..ends[1]).map(|i| {
                let column = rows.columns[i] as usize;
                rows.coefficients[i] * moved.get(column).copied().unwrap_or_else(|| y[column - moved.len()])
            });
            terms.sum::<f64>() - bound
        });
        least = least.min(missed.fold(0.0, f64::max));
    }
    TOLERANCES.into_iter().find(|tolerance| least <= *tolerance).map_or(Held::No, Held::Within)
}

/// The witness of an instance, written to a file and replayed from there; or why there is none.
fn replayed(instance: &Instance, file: &Path, replay: &mut Replay) -> Result<Held, String> {
    let limits = Limits { time: Some(Duration::from_secs_f64(SECONDS)), ..Limits::default() };
    let budget = Budget::start(&limits);
    let network = onnx::read_file(&instance.network, &Default::default(), &Budget::unlimited()).unwrap();
    let property = vnnlib::read_file(&instance.property, &Budget::unlimited()).unwrap();
    let problem = Problem::new(network, property).unwrap();
    let mut verifier = Verifier::new(problem, &Options::default(), &budget).unwrap();
    match verifier.run(&budget).unwrap() {
        Verdict::Unknown(reason) => return Err(reason.name().to_owned()),
        Verdict::Unsat => panic!("{}: unsat", instance.name),
        Verdict::Sat(witness) => std::fs::write(file, text(&witness)).unwrap(),
    }
    let x = input(&std::fs::read_to_string(file).unwrap());
    let y: Vec<f64> = replay.outputs(&instance.network, &x).unwrap().into_iter().map(f64::from).collect();
    Ok(held(verifier.problem().property(), &x, &y))
}

#[test]
#[ignore = "all satisfiable instances, up to a minute each: make test-long"]
fn every_witness_replays_in_onnxruntime() {
    let mut replay = match Replay::start() {
        Ok(replay) => replay,
        Err(why) => return println!("skipped: {why}"),
    };
    let folder = tempfile::tempdir().unwrap();
    let mut bad = Vec::new();
    for benchmark in BENCHMARKS.into_iter().chain(["vnnlib_fuzz"]) {
        let Some(all) = instances(benchmark) else {
            println!("skipped: no {benchmark}");
            continue;
        };
        let (mut counts, mut open, mut tried) = ([0; 3], 0, 0);
        for instance in all.into_iter().filter(|instance| instance.expected == Some(true)) {
            tried += 1;
            let file = folder.path().join(format!("{benchmark}{tried}.counterexample"));
            match replayed(&instance, &file, &mut replay) {
                Ok(Held::Exactly) => counts[0] += 1,
                Ok(Held::InputsRounded) => {
                    counts[1] += 1;
                    println!("{}: holds, its inputs rounded to 32 bits at the bounds", instance.name);
                }
                Ok(held) => {
                    counts[2] += 1;
                    match held {
                        Held::Within(tolerance) => println!("{}: holds only within {tolerance:e}", instance.name),
                        _ => println!("{}: does not hold", instance.name),
                    }
                    bad.push((instance.name, held));
                }
                Err(reason) => {
                    open += 1;
                    println!("{}: no witness: {reason}", instance.name);
                }
            }
        }
        println!(
            "{benchmark}: {tried} satisfiable: {} hold exactly, {} with inputs rounded at bounds, {} do not; \
             {open} not found",
            counts[0], counts[1], counts[2]
        );
    }
    assert!(bad.is_empty(), "{bad:?}");
}

#[test]
fn what_holds_only_nearly_is_told_apart() {
    let mut property = Property::new(1, 1).unwrap();
    property.add_box(&[0.1], &[0.3]).unwrap();
    let rows = anser::net::property::Rows {
        offsets: &[0, 1],
        columns: &[1],
        coefficients: &[1.0],
        bounds: &[2.0],
        strict: &[false],
    };
    property.add_assertion(&rows, &[0, 1]).unwrap();
    let of = |x: f32, y: f64| held(&property, &[x], &[y]);
    assert_eq!(of(0.2, 2.0), Held::Exactly);
    // In 32 bits 0.3 is more than 0.3.
    assert_eq!(of(0.3, 2.0), Held::InputsRounded);
    assert_eq!(of(0.3f32.next_up(), 2.0), Held::No);
    assert_eq!(of(0.2, 2.0f64.next_up()), Held::Within(1e-6));
    assert_eq!((of(0.2, 2.00005), of(0.2, 2.1)), (Held::Within(1e-4), Held::No));
    let witness = Witness { input: vec![0.1, -3e-9], output: vec![1.5] };
    assert_eq!(input(&text(&witness)), witness.input);
    assert_eq!(text(&witness), "((X_0 0.10000000149011612)\n (X_1 -0.000000003000000026176508)\n (Y_0 1.5))\n");
}
