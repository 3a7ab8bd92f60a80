//! What elimination in search is worth: parity constraints by Gauss–Jordan elimination (native), cut into clauses
//! (encoded), and in CryptoMiniSat 5 (`make peers`; left out where that is not there),
//! on the same formulas, one after the other. `cargo bench --bench xor [-- [--native] [--direct] FAMILY …]`; with
//! `--native` nothing else is run, which is for profiles, with `--direct` all but the encoding.
//!
//! - `hidden`: a parity contradiction on a random cubic graph of 60 vertices that elimination sees only when clauses
//!   were decided: each vertex may be charged, and one vertex of each of three groups is.
//! - `random`: random parity constraints of three variables among random 3-SAT near the threshold.
//! - `cells`: files of `../shared/data/sampling` with random parity constraints over half of the sampling set each, as
//!   many as leave at most 60 solutions. A first model, and all.
//!
//! Times are processor times from the formula in memory on. A run that takes longer than 20 s by the clock counts as 20 s
//! and is marked. Ratios are of times; those above 1 are in favour of
//! native. Exits with 1 where answers or counts differ.
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anser::budget::{Budget, Limits};
use anser::formula::{Formula, dimacs};
use anser::instances::{random_ksat, tseitin};
use anser::solve::{Backend, Outcome, Solver};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng};

const LIMIT: f64 = 20.0;
const MOST: usize = 60;

/// Over a larger sampling set, so many rows are hard already: only a first model is asked for.
const HARD: usize = 200;
const HARD_ROWS: usize = 40;

type Xor = (Vec<i32>, bool);

struct Instance {
    family: &'static str,
    name: String,
    clauses: Formula,
    xors: Vec<Xor>,
    /// Where all models are wanted: of which variables.
    projection: Vec<i32>,
}

#[derive(Clone, Debug)]
struct Run {
    answer: &'static str,
    first: f64,
    all: f64,
    count: usize,
    done: bool,
    counts: BTreeMap<&'static str, i64>,
}

struct Draw(Xoshiro256PlusPlus);

impl Draw {
    fn new(seed: u64) -> Self {
        Draw(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.0.next_u64() >> 11) as usize % bound
    }
}

/// Processor seconds of this thread: other programs on the machine do not lengthen them.
fn now() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn seeded(seed: u64) -> Budget {
    Budget::start(&Limits { seed, ..Limits::default() })
}

fn seconds(limit: f64) -> Budget {
    Budget::start(&Limits { time: Some(Duration::from_secs_f64(limit.max(0.0))), ..Limits::default() })
}

/// The constraints sum to: an even number of vertices is charged.
fn hidden(vertices: u64, groups: usize, seed: u64) -> Instance {
    let graph = tseitin::graph(vertices, 3, &seeded(seed)).expect("a graph");
    let edges = graph.edges().len() as i32;
    let mut xors: Vec<Xor> = (1..=vertices as i32).map(|v| (vec![edges + v], false)).collect();
    for (i, edge) in (1..).zip(graph.edges()) {
        edge.iter().for_each(|&v| xors[v as usize - 1].0.push(i));
    }
    let mut clauses = Formula::new();
    let charges: Vec<i32> = (1..=vertices as i32).map(|v| edges + v).collect();
    for group in charges.chunks(charges.len() / groups) {
        clauses.add_clause(group).expect("a clause");
        for (i, &a) in group.iter().enumerate() {
            for &b in &group[..i] {
                clauses.add_clause(&[-a, -b]).expect("a clause");
            }
        }
    }
    let name = format!("{vertices} vertices, {groups} groups, seed {seed}");
    Instance { family: "hidden", name, clauses, xors, projection: vec![] }
}

fn random(variables: u64, parities: usize, clauses: u64, seed: u64) -> Instance {
    let formula = random_ksat::generate(variables, clauses, 3, &seeded(seed)).expect("a formula");
    let mut draw = Draw::new(seed);
    let mut xors = vec![];
    while xors.len() < parities {
        let mut xor: Vec<i32> = (0..3).map(|_| 1 + draw.below(variables as usize) as i32).collect();
        xor.sort_unstable();
        xor.dedup();
        if xor.len() == 3 {
            xors.push((xor, draw.below(2) == 0));
        }
    }
    let name = format!("{variables} variables, {parities} parities, {clauses} clauses, seed {seed}");
    Instance { family: "random", name, clauses: formula, xors, projection: vec![] }
}

/// The file with as few parity constraints, of a fixed sequence, as leave at most [`MOST`] solutions.
fn cell(file: &Path, seed: u64) -> Option<Instance> {
    let text = std::fs::read_to_string(file).expect("a file");
    let lines = text.lines().filter_map(|l| l.strip_prefix("c ind "));
    let mut projection: Vec<i32> = lines.flat_map(str::split_whitespace).filter_map(|t| t.parse().ok()).collect();
    projection.sort_unstable();
    projection.dedup();
    projection.retain(|&v| v > 0);
    let mut draw = Draw::new(seed);
    let rows: Vec<Xor> = (0..projection.len())
        .map(|_| (projection.iter().copied().filter(|_| draw.below(2) == 0).collect(), draw.below(2) == 0))
        .collect();
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let read = || dimacs::read_file(file, &Budget::unlimited());
    if let Err(why) = read() {
        println!("{name}: left out, {why}");
        return None;
    }
    let with = |m: usize| Instance {
        family: "cells",
        name: format!("{name}, seed {seed}, {m} of {}", projection.len()),
        clauses: read().expect("read before"),
        xors: rows[..m].to_vec(),
        projection: projection.clone(),
    };
    if projection.len() > HARD {
        return Some(Instance { projection: vec![], ..with(HARD_ROWS) });
    }
    let (mut low, mut high) = (0, rows.len()); // more than MOST solutions at low, not at high
    while high - low > 1 {
        let middle = low.midpoint(high);
        let run = native(&with(middle));
        if !run.done && run.count <= MOST {
            println!("{name}: left out, {middle} parities take too long");
            return None;
        }
        if run.count > MOST { low = middle } else { high = middle }
    }
    Some(with(high))
}

fn cells() -> Vec<Instance> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/sampling"));
    let mut files: Vec<PathBuf> = vec![];
    for folder in [root.to_path_buf(), root.join("Blasted_Real"), root.join("V7"), root.join("V15")] {
        let Ok(found) = std::fs::read_dir(&folder) else {
            println!("skipped: {} is absent", folder.display());
            continue;
        };
        files.extend(found.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "cnf")));
    }
    files.sort();
    files.iter().flat_map(|f| (0..2).filter_map(|seed| cell(f, seed)).collect::<Vec<_>>()).collect()
}

fn search(formula: Formula, backend: Backend, projection: &[i32]) -> Run {
    let formula = Arc::new(formula);
    let start = Instant::now();
    let begin = now();
    let mut solver = Solver::new(formula).expect("a solver");
    solver.set_backend(backend).expect("a backend");
    let mut run = Run { answer: "limit", first: LIMIT, all: LIMIT, count: 0, done: false, counts: BTreeMap::new() };
    loop {
        let outcome = solver.solve(&[], &seconds(LIMIT - start.elapsed().as_secs_f64())).expect("a search");
        let used = now() - begin;
        let stopped = matches!(outcome, Outcome::Unknown(_));
        if run.count == 0 {
            run.first = if stopped { LIMIT } else { used.min(LIMIT) };
            run.answer = match outcome {
                Outcome::Sat => "sat",
                Outcome::Unsat => "unsat",
                Outcome::Unknown(_) => "limit",
            };
        }
        run.done = outcome == Outcome::Unsat || (outcome == Outcome::Sat && projection.is_empty());
        run.all = if run.done { used.min(LIMIT) } else { LIMIT };
        if outcome != Outcome::Sat {
            break;
        }
        run.count += 1;
        if projection.is_empty() || run.count > MOST {
            break;
        }
        let model = solver.model().expect("a model");
        let block: Vec<i32> = projection.iter().map(|&v| if model[v as usize - 1] > 0 { -v } else { v }).collect();
        solver.add_clause(&block).expect("a clause");
    }
    run.counts = solver.statistics().into_iter().collect();
    run
}

fn native(instance: &Instance) -> Run {
    search(whole(instance), Backend::Native, &instance.projection)
}

fn encoded(instance: &Instance) -> Run {
    search(whole(instance), Backend::Encode, &instance.projection)
}

fn whole(instance: &Instance) -> Formula {
    let mut formula = instance.clauses.try_clone().expect("memory");
    for (xor, odd) in &instance.xors {
        formula.add_xor(xor, *odd).expect("a parity");
    }
    formula
}

fn line(text: &mut String, literals: &[i32]) {
    for literal in literals {
        let _ = write!(text, "{literal} ");
    }
    text.push_str("0\n");
}

/// CryptoMiniSat on this instance, or why not.
fn peer(instance: &Instance, file: &Path) -> Result<Run, String> {
    let mut text = format!("p cnf {} {}\n", instance.clauses.num_vars(), instance.clauses.clauses().len());
    if !instance.projection.is_empty() {
        let list: Vec<String> = instance.projection.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "c ind {} 0", list.join(" "));
    }
    for clause in instance.clauses.clauses() {
        line(&mut text, clause);
    }
    for (xor, odd) in &instance.xors {
        let mut xor = xor.clone();
        if let Some(first) = xor.first_mut().filter(|_| !odd) {
            *first = -*first;
        }
        text.push('x');
        line(&mut text, &xor);
    }
    std::fs::write(file, text).map_err(|e| e.to_string())?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/xor_peer.py");
    let ran = Command::new("python3").arg(script).arg(LIMIT.to_string()).arg(file).output();
    let output = ran.map_err(|e| format!("python3: {e}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let fields: Vec<&str> = said.split_whitespace().collect();
    let [answer, first, all, count, done] = fields[..] else {
        let why = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(why.lines().last().unwrap_or("no answer").to_owned());
    };
    let number = |t: &str| t.parse::<f64>().map_err(|e| e.to_string());
    Ok(Run {
        answer: ["sat", "unsat", "limit"].into_iter().find(|a| *a == answer).unwrap_or("limit"),
        first: number(first)?.min(LIMIT),
        all: number(all)?.min(LIMIT),
        count: count.parse().unwrap_or(0),
        done: done == "done",
        counts: BTreeMap::new(),
    })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn show(run: &Run, exhaust: bool) -> String {
    let mark = if run.done { ' ' } else { '*' };
    if exhaust { format!("{:8.3} {:8.3}{mark}", run.first, run.all) } else { format!("{:8.3}{mark}", run.first) }
}

fn agree(a: &Run, b: &Run) -> bool {
    (a.answer == b.answer || a.answer == "limit" || b.answer == "limit") && (a.count == b.count || !a.done || !b.done)
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let want = |family: &str| wanted.is_empty() || wanted.iter().any(|w| w == family);
    let mut all = vec![];
    if want("hidden") {
        all.extend((0..5).map(|seed| hidden(60, 3, seed)));
    }
    if want("random") {
        all.extend((0..10).map(|seed| random(170, 85, 380, seed)));
    }
    if want("cells") {
        all.extend(cells());
    }
    let folder = std::env::temp_dir();
    let file = folder.join(format!("anser-xor-{}.cnf", std::process::id()));
    let mut differ = 0;
    let only_native = std::env::args().any(|a| a == "--native");
    let without_encoding = only_native || std::env::args().any(|a| a == "--direct");
    let mut absent = only_native.then(|| "not asked for".to_owned());
    let mut runs: BTreeMap<(&str, &str), Vec<[Option<f64>; 3]>> = BTreeMap::new();
    println!(
        "times in s (first model, all models where they are wanted; * hit the limit): native, encoded, CryptoMiniSat"
    );
    for instance in &all {
        let exhaust = !instance.projection.is_empty();
        let a = native(instance);
        let b = if without_encoding { a.clone() } else { encoded(instance) };
        let c = if absent.is_none() { peer(instance, &file) } else { Err(String::new()) };
        let same =
            agree(&a, &b) && c.as_ref().is_ok_and(|c| agree(&a, c) && agree(&b, c)) || c.is_err() && agree(&a, &b);
        differ += i32::from(!same);
        let peer = c.as_ref().map_or("       -".into(), |c| show(c, exhaust));
        let count = |name| a.counts.get(name).copied().unwrap_or(-1);
        println!(
            "{:8}{:48} {:5} {:3} {} {} {peer} rows {:4} implied {:7} reasons {:6} conflicts {:5} of {:6} added {:8}{}",
            instance.family,
            instance.name,
            a.answer,
            a.count,
            show(&a, exhaust),
            show(&b, exhaust),
            count("gauss_rows"),
            count("xor_propagations"),
            count("xor_reasons"),
            count("xor_conflicts"),
            count("conflicts"),
            count("gauss_eliminations"),
            if same { "" } else { "  DIFFERS" }
        );
        let _ = std::io::stdout().flush();
        let first = [Some(a.first), Some(b.first), c.as_ref().ok().map(|c| c.first)];
        runs.entry((instance.family, if exhaust { "first" } else { "" })).or_default().push(first);
        if exhaust {
            let all = [Some(a.all), Some(b.all), c.as_ref().ok().map(|c| c.all)];
            runs.entry((instance.family, "all")).or_default().push(all);
        }
        if let (Err(why), None) = (&c, &absent) {
            println!("skipped: CryptoMiniSat: {why}");
            absent = Some(why.clone());
        }
    }
    let _ = std::fs::remove_file(&file);
    for ((family, what), times) in &runs {
        let column = |i: usize| times.iter().filter_map(|t| t[i]).collect::<Vec<_>>();
        let ratio = |i: usize| times.iter().filter_map(|t| Some(t[i]? / t[0]?)).collect::<Vec<_>>();
        println!(
            "{family} {what}: {} formulas; medians {:.4} s, encoded {:.4} s, CryptoMiniSat {:.4} s; totals {:.2}, {:.2}, {:.2}; \
             medians of the ratios to native: encoded {:.2}, CryptoMiniSat {:.2}",
            times.len(),
            median(column(0)),
            median(column(1)),
            median(column(2)),
            column(0).iter().sum::<f64>(),
            column(1).iter().sum::<f64>(),
            column(2).iter().sum::<f64>(),
            median(ratio(1)),
            median(ratio(2)),
        );
    }
    println!("{differ} differ in answer or count");
    std::process::exit(i32::from(differ > 0));
}
