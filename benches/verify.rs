//! Verdicts on networks, and what they take.
//! `cargo bench --bench verify -- [--time S] [--threads N] [--procedure NAME] [--only TEXT] FOLDER …`, or `--peer`, or
//! `--growth` in place of folders.
//!
//! - `FOLDER …`: folders of `../shared/data`. A line an instance, and sums (`verify/folders.rs`).
//! - `--peer`: Anser and Marabou side by side on twelve ACAS Xu instances (`verify/peer.rs`).
//! - `--growth`: how time and subproblems grow with depth, width and box of random networks (`verify/growth.rs`).
//!
//! Limits are 60 seconds, 20 for `--growth`: of the wall clock, but for `--peer`, where they are of the processor.
//! The latter two add to `benches/results/verify_*.jsonl`.
#![allow(clippy::print_stdout)]

#[path = "verify/folders.rs"]
mod folders;
#[path = "verify/growth.rs"]
mod growth;
#[path = "verify/peer.rs"]
mod peer;
#[allow(dead_code)] // tests need more of it
#[path = "../tests/support/tables.rs"]
mod tables;

use std::io::Write;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anser::verify::{Options, Procedure, Verdict};

/// What the command line says.
pub struct Settings {
    /// Seconds an instance, where given.
    pub time: Option<f64>,
    /// How questions are answered.
    pub options: Options,
    /// The procedure, where it was named.
    pub procedure: Option<Procedure>,
    /// Only instances with this in their name.
    pub only: String,
}

/// Seconds of the processor that this process has used.
pub fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// One word for a verdict.
pub fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Sat(_) => "sat",
        Verdict::Unsat => "unsat",
        Verdict::Unknown(reason) => reason.name(),
    }
}

/// One word for what is known.
pub fn known(expected: Option<bool>) -> &'static str {
    match expected {
        Some(true) => "sat",
        Some(false) => "unsat",
        None => "unknown",
    }
}

/// The one in the middle, or the mean of both; none of none.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (upper, lower) = (sorted.get(sorted.len() / 2)?, sorted.get(sorted.len().checked_sub(1)? / 2)?);
    Some(f64::midpoint(*lower, *upper))
}

/// Adds a line to a file of `benches/results`, with machine and time.
pub fn record(file: &str, mut line: serde_json::Value) {
    let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = told.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split(": ").nth(1));
    line["machine"] = model.unwrap_or(std::env::consts::ARCH).into();
    line["time"] = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs()).into();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/results");
    let written = std::fs::create_dir_all(&folder).and_then(|()| {
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(folder.join(file))?;
        writeln!(file, "{line}")
    });
    if let Err(error) = written {
        println!("not written to benches/results/{file}: {error}");
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut settings = Settings { time: None, options: Options::default(), procedure: None, only: String::new() };
    let (mut peer, mut growth, mut alone, mut folders) = (false, false, false, Vec::new());
    while let Some(argument) = arguments.next() {
        let mut next = || arguments.next().unwrap_or_default();
        match argument.as_str() {
            "--bench" => {}
            "--time" => settings.time = next().parse().ok(),
            "--threads" => settings.options.threads = next().parse().unwrap_or(1),
            "--batch" => settings.options.batch = next().parse().unwrap_or(16),
            "--only" => settings.only = next(),
            "--procedure" => {
                let name = next();
                settings.procedure = Procedure::from_name(&name);
                match settings.procedure {
                    Some(procedure) => settings.options.procedure = procedure,
                    None => return println!("no procedure {name:?}"),
                }
            }
            "--peer" => peer = true,
            "--growth" => growth = true,
            "--alone" => alone = true,
            other if other.starts_with('-') => return println!("no option {other}"),
            folder => folders.push(folder.to_owned()),
        }
    }
    if alone {
        return peer::alone(&folders, &settings);
    }
    for folder in &folders {
        folders::run(folder, &settings);
    }
    if peer {
        peer::run(&settings);
    }
    if growth {
        growth::run(&settings);
    }
    if folders.is_empty() && !peer && !growth {
        println!("nothing named: FOLDER of ../shared/data, --peer or --growth");
    }
}
