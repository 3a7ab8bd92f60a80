//! Pseudo-Boolean problems by backend: `cargo bench --bench pb [-- networks|families|SECONDS|NAME …]`, both parts if none is
//! named, 60 seconds a problem if it is not said; a NAME takes only problems whose names it is part of.
//!
//! - `networks`: the files of `../shared/data/bnn/inversion`: median processor seconds of five seeds, of cutting planes, of
//!   clause learning with counters, and of what is chosen by itself; a run that is cut off counts as the limit, and three of
//!   these end a row.
//! - `families`: 111 problems of six families, one seed; last PAR-2, the mean where a run that is cut off counts twice the limit.
//!
//! Beside them CP-SAT and Exact (`make peers`) and minisat+ (Debian's package of that name), one seed, where they are there.
//! Hours.
#![allow(clippy::print_stdout)]

mod families;
mod peers;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anser::budget::{Budget, Limits};
use anser::formula::{Formula, opb};
use anser::solve::{Backend, Outcome, Solver};

const BACKENDS: [(&str, Backend); 3] = [("pb", Backend::Pb), ("native", Backend::Native), ("auto", Backend::Auto)];

fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Median seconds of so many seeds, and whether there is a model, where it was found out.
fn ours(formula: &Arc<Formula>, backend: Backend, limit: f64, seeds: u64) -> (f64, Option<bool>) {
    let (mut all, mut answer) = (Vec::new(), None);
    for seed in 1..=seeds {
        let limits = Limits { time: Some(Duration::from_secs_f64(limit)), seed, ..Limits::default() };
        let begin = cpu();
        let mut solver = Solver::new(Arc::clone(formula)).unwrap();
        solver.set_backend(backend).unwrap();
        let outcome = solver.solve(&[], &Budget::start(&limits)).unwrap();
        all.push(if matches!(outcome, Outcome::Unknown(_)) { limit } else { cpu() - begin });
        match outcome {
            Outcome::Sat => answer = Some(true),
            Outcome::Unsat => answer = Some(false),
            Outcome::Unknown(_) => {}
        }
        if all.iter().filter(|&&time| time >= limit).count() > 2 {
            break;
        }
    }
    (median(all), answer)
}

/// Prints a row, and answers its seconds; everybody has to say the same.
fn row(name: &str, formula: &Arc<Formula>, file: &Path, limit: f64, seeds: u64) -> Vec<Option<f64>> {
    let mut all: Vec<Option<(f64, Option<bool>)>> = Vec::new();
    all.extend(BACKENDS.iter().map(|&(_, backend)| Some(ours(formula, backend, limit, seeds))));
    all.extend(peers::NAMES.iter().map(|peer| peers::run(peer, file, limit)));
    let mut answers = all.iter().flatten().filter_map(|&(_, answer)| answer);
    let answer = answers.next();
    assert!(answers.all(|other| Some(other) == answer), "{name}: answers differ: {all:?}");
    let answer = match answer {
        Some(true) => "sat",
        Some(false) => "unsat",
        None => "-",
    };
    print!("{name:32} {answer:>6}");
    for time in &all {
        print!(" {:>9}", time.map_or("-".into(), |(seconds, _)| format!("{seconds:.3}")));
    }
    println!();
    all.into_iter().map(|time| time.map(|(seconds, _)| seconds)).collect()
}

fn head(name: &str) {
    print!("{name:32} {:>6}", "");
    for name in BACKENDS.iter().map(|b| b.0).chain(peers::NAMES) {
        print!(" {name:>9}");
    }
    println!();
}

fn networks(limit: f64, takes: impl Fn(&str) -> bool) {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/bnn/inversion"));
    let files = std::fs::read_dir(folder).map(|all| all.flatten().map(|f| f.path()).collect::<Vec<_>>());
    let mut files = files.unwrap_or_default();
    files.retain(|file| file.extension().is_some_and(|e| e == "opb"));
    files.sort();
    if files.is_empty() {
        println!("skipped: nothing of ../shared/data/bnn/inversion");
    }
    head("seconds, median of five");
    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if takes(&name) {
            let formula = Arc::new(opb::read_file(&file, &Budget::unlimited()).unwrap());
            row(&name, &formula, &file, limit, 5);
        }
    }
    println!();
}

fn families(limit: f64, takes: impl Fn(&str) -> bool) {
    head("seconds");
    let path = std::env::temp_dir().join(format!("anser-pb-{}.opb", std::process::id()));
    let mut scores: BTreeMap<&str, Vec<Vec<Option<f64>>>> = BTreeMap::new();
    for (family, name, formula) in families::all() {
        let name = format!("{family}, {name}");
        if takes(&name) {
            opb::write_file(&formula, &path, &Budget::unlimited()).unwrap();
            let times = row(&name, &Arc::new(formula), &path, limit, 1);
            scores.entry(family).or_default().push(times.clone());
            scores.entry("of all").or_default().push(times);
            std::fs::remove_file(&path).unwrap();
        }
    }
    println!();
    head("PAR-2");
    for (family, times) in scores {
        print!("{:39}", format!("{family}, {}", times.len()));
        for column in 0..times[0].len() {
            let par2 = |time: f64| if time >= limit { 2.0 * limit } else { time };
            let all: Option<Vec<f64>> = times.iter().map(|row| row[column].map(par2)).collect();
            let score = all.map(|all| all.iter().sum::<f64>() / all.len() as f64);
            print!(" {:>9}", score.map_or("-".into(), |score| format!("{score:.3}")));
        }
        println!();
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let limit = arguments.iter().find_map(|a| a.parse().ok()).unwrap_or(60.0);
    let is_part = |a: &String| a == "networks" || a == "families";
    let names: Vec<&String> = arguments.iter().filter(|a| a.parse::<f64>().is_err() && !is_part(a)).collect();
    let takes = |name: &str| names.is_empty() || names.iter().any(|part| name.contains(part.as_str()));
    for (part, run) in [("networks", networks as fn(f64, _)), ("families", families)] {
        if !arguments.iter().any(is_part) || arguments.iter().any(|a| a == part) {
            run(limit, takes);
        }
    }
}
