//! Reading DIMACS: ours plain and from gzip, beside rustsat's reader in the same run, and how the cost grows.
//!
//! `cargo bench --no-default-features --bench dimacs`. Files of random 3-SAT come from a fixed seed. Times are
//! medians of 5, with the file in the page cache; peak memory is that of a child process that only reads.

#![allow(clippy::print_stdout)]

use std::fs::File;
use std::io::{BufReader, Write};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anser::budget::Budget;
use anser::formula::Formula;
use anser::formula::dimacs;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use rustsat::instances::SatInstance;

const RUNS: usize = 5;

/// Set in a child process to the reader and the file whose peak memory is asked for.
const CHILD: &str = "ANSER_BENCH_PEAK";

fn main() {
    if let Ok(job) = std::env::var(CHILD) {
        let (reader, path) = job.split_once(' ').expect("`reader path`");
        match reader {
            "ours" => drop(ours(Path::new(path))),
            _ => drop(peer(Path::new(path))),
        }
        println!("{}", peak_kib());
        return;
    }
    let folder = tempfile::tempdir().expect("a folder for the files");
    println!(
        "{:>9} {:>9}  {:<6} {:<8} {:>8} {:>8} {:>9}",
        "clauses", "MB", "file", "reader", "seconds", "MB/s", "peak MB"
    );
    for (variables, clauses) in [(23_800, 100_000), (238_000, 1_000_000), (1_000_000, 4_200_000)] {
        let plain = folder.path().join(format!("{clauses}.cnf"));
        let gzip = folder.path().join(format!("{clauses}.cnf.gz"));
        let formula = random_3_sat(variables, clauses);
        let start = Instant::now();
        dimacs::write_file(&formula, &plain, &Budget::unlimited()).expect("the file is written");
        let written = start.elapsed().as_secs_f64();
        dimacs::write_file(&formula, &gzip, &Budget::unlimited()).expect("the file is written");
        drop(formula);
        let megabytes = std::fs::metadata(&plain).expect("it is there").len() as f64 / 1e6;
        let row = |file: &str, reader: &str, seconds: f64, peak: Option<f64>| {
            let peak = peak.map_or_else(|| "-".into(), |p| format!("{p:.0}"));
            let rate = megabytes / seconds;
            println!("{clauses:>9} {megabytes:>9.1}  {file:<6} {reader:<8} {seconds:>8.3} {rate:>8.0} {peak:>9}");
        };
        let our_time = median(|| drop(ours(&plain)));
        let peer_time = median(|| drop(peer(&plain)));
        row("plain", "anser", our_time, Some(peak("ours", &plain)));
        row("gzip", "anser", median(|| drop(ours(&gzip))), Some(peak("ours", &gzip)));
        row("plain", "rustsat", peer_time, Some(peak("peer", &plain)));
        row("plain", "(write)", written, None);
        println!("{:>9} rustsat takes {:.1} times as long", "", peer_time / our_time);
    }
}

fn random_3_sat(variables: u64, clauses: usize) -> Formula {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut formula = Formula::new();
    let mut clause = [0; 3];
    for _ in 0..clauses {
        for literal in &mut clause {
            let draw = rng.next_u64();
            let variable = (draw >> 1) % variables + 1;
            *literal = i32::try_from(variable).expect("it is small") * if draw & 1 == 0 { 1 } else { -1 };
        }
        formula.add_clause(&clause).expect("there is memory");
    }
    formula
}

fn ours(path: &Path) -> Formula {
    dimacs::read_file(path, &Budget::unlimited()).expect("our own file")
}

fn peer(path: &Path) -> SatInstance {
    SatInstance::from_dimacs(&mut BufReader::new(File::open(path).expect("it is there"))).expect("a valid file")
}

fn median(mut run: impl FnMut()) -> f64 {
    let mut seconds: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[RUNS / 2]
}

/// Peak resident memory, in MB, of a child process that reads the file.
fn peak(reader: &str, path: &Path) -> f64 {
    std::io::stdout().flush().expect("stdout");
    let this = std::env::current_exe().expect("the path of this program");
    let out = Command::new(this).env(CHILD, format!("{reader} {}", path.display())).output().expect("a child");
    let kib: f64 = String::from_utf8_lossy(&out.stdout).trim().parse().expect("a number");
    kib * 1024.0 / 1e6
}

/// `VmHWM` of this process; 0 where the system has no such file.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}
