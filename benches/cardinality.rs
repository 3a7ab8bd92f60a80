//! Native cardinality constraints beside encoded ones, through the public solver: process CPU seconds, median of five
//! seeds, and ratios. `cargo bench --bench cardinality [-- [--seconds S] [--option NAME=VALUE]… [FILE.opb …]]`
//!
//! Without files: the random binarized networks of `../shared/data/bnn/inversion`, where they are; networks generated
//! here with other sizes and seeds; vertex covers, whose only sum is the size; and systems of random majorities. The
//! last two define nothing, so local search has no part in them.
//!
//! Seed 0 is the formula as it stands. Any other renames the variables and flips signs at random, and is the budget's
//! seed as well, from which local search and CaDiCaL take theirs: CaDiCaL's own seed hardly changes a short run. A run
//! that takes longer than the limit (20 s of wall time) counts with the seconds it took and is told as `?`.
#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anser::budget::{Budget, Limits};
use anser::formula::{Condition, Constraint, ConstraintId, Formula, opb};
use anser::solve::{Backend, Outcome, Solver};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

const SEEDS: u64 = 5;

struct Random(Xoshiro256PlusPlus);

impl Random {
    fn new(seed: u64) -> Self {
        Random(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    fn below(&mut self, n: usize) -> usize {
        (self.0.next_u64() % n as u64) as usize
    }

    fn sign(&mut self, literal: i32) -> i32 {
        if self.below(2) == 0 { literal } else { -literal }
    }
}

/// A network with random weights and thresholds about the middle, asked for an input with which the last layer's
/// weighted sum is `q` standard deviations above its mean; as the files are.
fn network(sizes: &[i32], q: f64, seed: u64) -> Formula {
    let mut random = Random::new(seed);
    let mut formula = Formula::new();
    let mut before = 1;
    for pair in sizes.windows(2) {
        let first = before + pair[0];
        for neuron in first..first + pair[1] {
            let literals: Vec<i32> = (before..first).map(|x| random.sign(x)).collect();
            let bound = i64::from(pair[0] / 2) + random.below(3) as i64;
            formula.add_cardinality(&literals, bound, Condition::Reified(neuron)).expect("a neuron");
        }
        before = first;
    }
    let last = sizes[sizes.len() - 1];
    let literals: Vec<i32> = (before..before + last).map(|x| random.sign(x)).collect();
    let bound = (f64::from(last) / 2.0 + q * f64::from(last).sqrt() / 2.0).ceil();
    formula.add_cardinality(&literals, bound as i64, Condition::Plain).expect("the question");
    formula
}

/// A vertex cover of a random graph with at most `size` vertices.
fn cover(vertices: i32, edges: usize, size: i32, seed: u64) -> Formula {
    let mut random = Random::new(seed);
    let mut formula = Formula::new();
    for _ in 0..edges {
        let a = random.below(vertices as usize) as i32;
        let b = (a + 1 + random.below(vertices as usize - 1) as i32) % vertices;
        formula.add_clause(&[a + 1, b + 1]).expect("an edge");
    }
    let literals: Vec<i32> = (1..=vertices).map(|v| -v).collect();
    formula.add_cardinality(&literals, i64::from(vertices - size), Condition::Plain).expect("a size");
    formula
}

/// Majorities of eleven random literals.
fn majorities(variables: i32, count: usize, seed: u64) -> Formula {
    let mut random = Random::new(seed);
    let mut formula = Formula::new();
    for _ in 0..count {
        let mut all: Vec<i32> = (1..=variables).collect();
        let mut literals = Vec::new();
        for _ in 0..11 {
            let literal = all.swap_remove(random.below(all.len()));
            literals.push(random.sign(literal));
        }
        formula.add_cardinality(&literals, 6, Condition::Plain).expect("a majority");
    }
    formula
}

/// The same formula under other names. All families have clauses and cardinality constraints only.
fn renamed(formula: &Formula, seed: u64) -> Formula {
    if seed == 0 {
        return formula.try_clone().expect("a copy");
    }
    let mut random = Random::new(seed ^ 0x5eed);
    let mut names: Vec<i32> = (1..=formula.num_vars().cast_signed()).collect();
    for i in (1..names.len()).rev() {
        names.swap(i, random.below(i + 1));
    }
    for name in &mut names {
        *name = random.sign(*name);
    }
    let name = |l: i32| names[l.unsigned_abs() as usize - 1] * l.signum();
    let all = |literals: &[i32]| literals.iter().map(|&l| name(l)).collect::<Vec<i32>>();
    let mut other = Formula::new();
    for id in 0..formula.num_constraints() {
        match formula.constraint(ConstraintId(id)) {
            Some(Constraint::Clause(literals)) => other.add_clause(&all(literals)).expect("a clause"),
            Some(Constraint::Cardinality(sum)) => {
                let condition = match sum.condition {
                    Condition::Plain => Condition::Plain,
                    Condition::Implied(l) => Condition::Implied(name(l)),
                    Condition::Reified(l) => Condition::Reified(name(l)),
                };
                other.add_cardinality(&all(sum.literals), sum.bound, condition).expect("a sum")
            }
            other => panic!("not of these families: {other:?}"),
        };
    }
    other
}

/// What this thread has used of a processor, where the system tells; wall time elsewhere.
fn cpu(start: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let told = told.as_deref().and_then(|s| s.split(' ').next()?.parse::<u64>().ok());
    told.map_or_else(|| start.elapsed().as_secs_f64(), |nanoseconds| nanoseconds as f64 * 1e-9)
}

struct Settings {
    seconds: f64,
    options: Vec<(String, i64)>,
}

/// Median seconds, and the answers.
fn medians(formula: &Formula, backend: Backend, settings: &Settings) -> (f64, f64, String) {
    let start = Instant::now();
    let (mut times, mut answers) = (Vec::new(), String::new());
    for seed in 0..SEEDS {
        // Where three runs ended at the limit the median is known.
        if answers.matches('?').count() as u64 > SEEDS / 2 {
            times.push(f64::INFINITY);
            continue;
        }
        let formula = Arc::new(renamed(formula, seed));
        let limits = Limits { seed, time: Some(Duration::from_secs_f64(settings.seconds)), ..Limits::default() };
        let before = cpu(start);
        let mut solver = Solver::new(formula).expect("a solver");
        solver.set_backend(backend).expect("before the first solve");
        for (name, value) in &settings.options {
            solver.set_option(name, *value).expect("an option");
        }
        answers.push(match solver.solve(&[], &Budget::start(&limits)).expect("a search") {
            Outcome::Sat => 's',
            Outcome::Unsat => 'u',
            Outcome::Unknown(_) => '?',
        });
        times.push(cpu(start) - before);
    }
    times.sort_unstable_by(f64::total_cmp);
    let worst = times.iter().copied().filter(|t| t.is_finite()).fold(0.0, f64::max);
    (times[times.len() / 2], worst, answers)
}

fn instances(files: &[PathBuf]) -> Vec<(String, Formula)> {
    let read = |file: &PathBuf| {
        let formula = opb::read_file(file, &Budget::unlimited()).expect("a formula");
        (file.file_name().unwrap_or_default().to_string_lossy().into_owned(), formula)
    };
    if !files.is_empty() {
        return files.iter().map(read).collect();
    }
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/bnn/inversion"));
    let mut all: Vec<(String, Formula)> = Vec::new();
    match std::fs::read_dir(folder) {
        Ok(entries) => {
            let mut names: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
            names.sort();
            all.extend(names.iter().map(read));
        }
        Err(_) => println!("skipped: {} is absent", folder.display()),
    }
    for (sizes, q, seed) in [
        (&[60, 30, 30][..], 3.0, 11),
        (&[80, 40, 40, 20], 2.0, 12),
        (&[200, 50], 3.0, 13),
        (&[30, 20, 20], 4.0, 3),
        (&[24, 24, 24], 4.0, 5),
    ] {
        all.push((format!("network {sizes:?} q {q} seed {seed}"), network(sizes, q, seed)));
    }
    for (vertices, edges, size, seed) in [(60, 150, 35, 1), (60, 150, 31, 1), (100, 150, 52, 2)] {
        let name = format!("cover {vertices} vertices {edges} edges size {size}");
        all.push((name, cover(vertices, edges, size, seed)));
    }
    for (variables, count, seed) in [(50, 45, 1), (50, 60, 1), (60, 80, 2)] {
        all.push((format!("majorities {variables} variables {count}"), majorities(variables, count, seed)));
    }
    all
}

fn main() {
    let mut settings = Settings { seconds: 20.0, options: Vec::new() };
    let mut files = Vec::new();
    let mut arguments = std::env::args().skip(1).filter(|a| a != "--bench");
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--seconds" => settings.seconds = arguments.next().and_then(|s| s.parse().ok()).expect("seconds"),
            "--option" => {
                let option = arguments.next().expect("NAME=VALUE");
                let (name, value) = option.split_once('=').expect("NAME=VALUE");
                settings.options.push((name.into(), value.parse().expect("a number")));
            }
            _ => files.push(PathBuf::from(argument)),
        }
    }
    println!("{:44} {:>18} {:>18} {:>18}", "median (worst) CPU seconds", "native", "native, no walk", "encoded");
    for (name, formula) in instances(&files) {
        let walk = medians(&formula, Backend::Native, &settings);
        settings.options.push(("walk".into(), 0));
        let native = medians(&formula, Backend::Native, &settings);
        settings.options.pop();
        let encoded = medians(&formula, Backend::Encode, &settings);
        let cell = |(median, worst, answers): &(f64, f64, String)| format!("{median:.3} ({worst:.3}) {answers:5}");
        println!(
            "{name:44} {:>20} {:>20} {:>20}  encoded/native {:.2}",
            cell(&walk),
            cell(&native),
            cell(&encoded),
            encoded.0 / walk.0
        );
    }
}
