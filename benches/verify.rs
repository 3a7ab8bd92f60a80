//! Verdicts on published instances, and what they take.
//! `cargo bench --bench verify -- [--time S] [--threads N] [--procedure NAME] [--only TEXT] FOLDER …`
//!
//! A folder of `../shared/data` with an `instances.csv`: networks, properties, published verdicts. For each instance a line:
//! verdict, CPU and wall seconds of reading and verifying, subproblems. At the end sums, and whatever was decided wrongly.
#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anser::budget::{Budget, Limits};
use anser::net::onnx;
use anser::net::vnnlib;
use anser::verify::{Options, Problem, Procedure, Verdict, Verifier};

fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// The file, or its compressed form.
fn stored(path: PathBuf) -> PathBuf {
    if path.exists() {
        return path;
    }
    for ending in ["gz", "xz"] {
        let mut name = path.clone().into_os_string();
        name.push(".");
        name.push(ending);
        if Path::new(&name).exists() {
            return name.into();
        }
    }
    path
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (mut time, mut options, mut only, mut folders) = (60.0, Options::default(), String::new(), Vec::new());
    while let Some(argument) = arguments.next() {
        let mut next = || arguments.next().unwrap_or_default();
        match argument.as_str() {
            "--bench" => {}
            "--time" => time = next().parse().unwrap_or(time),
            "--threads" => options.threads = next().parse().unwrap_or(1),
            "--batch" => options.batch = next().parse().unwrap_or(16),
            "--only" => only = next(),
            "--procedure" => {
                options.procedure = Procedure::from_name(&next()).unwrap_or(Procedure::Auto);
            }
            folder => folders.push(folder.to_owned()),
        }
    }
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    for folder in folders {
        let folder = data.join(folder);
        let Ok(table) = std::fs::read_to_string(folder.join("instances.csv")) else {
            println!("skipped: no {}", folder.display());
            continue;
        };
        let (mut solved, mut wrong, mut all, mut sum) = (0, 0, 0, 0.0);
        for line in table.lines().skip(1).filter(|line| line.contains(&only)) {
            let fields: Vec<&str> = line.split(',').collect();
            let (start, begin) = (Instant::now(), cpu());
            let limits = Limits { time: Some(Duration::from_secs_f64(time)), ..Limits::default() };
            let budget = Budget::start(&limits);
            let net = onnx::read_file(&stored(folder.join(fields[0])), &Default::default(), &budget);
            let property = vnnlib::read_file(stored(folder.join(fields[1])), &budget);
            let verdict = match (net, property) {
                (Ok(net), Ok(property)) => Problem::new(net, property)
                    .and_then(|problem| Verifier::new(problem, &options, &budget))
                    .and_then(|mut verifier| Ok((verifier.run(&budget)?, verifier.statistics()))),
                (Err(error), _) => {
                    println!("{error}");
                    continue;
                }
                (_, Err(error)) => {
                    println!("{error}");
                    continue;
                }
            };
            let (cpu, wall) = (cpu() - begin, start.elapsed().as_secs_f64());
            let (name, nodes) = match &verdict {
                Ok((verdict, statistics)) => (
                    match verdict {
                        Verdict::Sat(_) => "sat".to_owned(),
                        Verdict::Unsat => "unsat".to_owned(),
                        Verdict::Unknown(reason) => format!("{reason:?}"),
                    },
                    format!(
                        "{} bounded, {} open, {:.4} of {} covered",
                        statistics.bounded, statistics.open, statistics.covered, statistics.disjuncts
                    ),
                ),
                Err(error) => (error.to_string(), String::new()),
            };
            all += 1;
            sum += cpu;
            let decided = name == "sat" || name == "unsat";
            solved += usize::from(decided);
            let expected = fields[3];
            let bad = decided && (expected == "sat" || expected == "unsat") && name != expected;
            wrong += usize::from(bad);
            let mark = if bad { " WRONG" } else { "" };
            println!("{name:20} {expected:9} {cpu:9.3} {wall:9.3}  {} {}  {nodes}{mark}", fields[0], fields[1]);
        }
        println!("{}: {solved} of {all} decided, {wrong} wrong, {sum:.2} CPU seconds", folder.display());
    }
}
