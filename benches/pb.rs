//! Pseudo-Boolean problems by backend: `cargo bench --bench pb [-- SECONDS [NAME …]]`, 60 seconds if it is not said; files of
//! `../shared/data/bnn/inversion` whose names contain a NAME, all if there is none.
//!
//! Median processor seconds of five seeds, of cutting planes and of clause learning with counters; a run that is cut off counts
//! as the limit, and two of these end a row. CP-SAT beside it, one seed (`make peers`; left out where it is not there).
#![allow(clippy::print_stdout)]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anser::budget::{Budget, Limits};
use anser::formula::{Formula, opb};
use anser::solve::{Backend, Outcome, Solver};

fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

fn ours(formula: &Arc<Formula>, backend: Backend, seconds: f64) -> (f64, &'static str) {
    let (mut all, mut answer) = (Vec::new(), "-");
    for seed in 1..=5 {
        let limits = Limits { time: Some(Duration::from_secs_f64(seconds)), seed, ..Limits::default() };
        let begin = cpu();
        let mut solver = Solver::new(Arc::clone(formula)).unwrap();
        solver.set_backend(backend).unwrap();
        let outcome = solver.solve(&[], &Budget::start(&limits)).unwrap();
        all.push(match outcome {
            Outcome::Unknown(_) => seconds,
            _ => cpu() - begin,
        });
        match outcome {
            Outcome::Sat => answer = "sat",
            Outcome::Unsat => answer = "unsat",
            Outcome::Unknown(_) => {}
        }
        if all.iter().filter(|&&time| time >= seconds).count() > 2 {
            break;
        }
    }
    (median(all), answer)
}

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let seconds = arguments.first().and_then(|a| a.parse().ok());
    if seconds.is_some() {
        arguments.remove(0);
    }
    let seconds: f64 = seconds.unwrap_or(60.0);
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/bnn/inversion"));
    let files = std::fs::read_dir(folder).map(|all| all.flatten().map(|f| f.path()).collect::<Vec<_>>());
    let mut files = files.unwrap_or_default();
    files.retain(|file| file.extension().is_some_and(|e| e == "opb"));
    files.retain(|file| arguments.is_empty() || arguments.iter().any(|a| file.to_string_lossy().contains(a.as_str())));
    files.sort();
    if files.is_empty() {
        println!("skipped: nothing of ../shared/data/bnn/inversion");
    }
    println!("{:28} {:>6} {:>10} {:>10} {:>10}", "seconds, median of five", "", "pb", "native", "CP-SAT");
    for file in files {
        let formula = Arc::new(opb::read_file(&file, &Budget::unlimited()).unwrap());
        let (by_pb, answer) = ours(&formula, Backend::Pb, seconds);
        let (native, other) = ours(&formula, Backend::Native, seconds);
        assert!(answer == "-" || other == "-" || answer == other, "backends differ");
        let answer = if answer == "-" { other } else { answer };
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/opb_peer.py");
        let run = Command::new("python3")
            .env_remove("LD_LIBRARY_PATH")
            .arg(script)
            .arg(seconds.to_string())
            .arg(&file)
            .output();
        let said = run.map(|run| String::from_utf8_lossy(&run.stdout).trim().to_owned()).unwrap_or_default();
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let peer = if said.is_empty() { "-" } else { said.as_str() };
        println!("{name:28} {answer:>6} {by_pb:10.3} {native:10.3} {peer:>10}");
    }
}
