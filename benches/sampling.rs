//! Counts and samples of the files of `../shared/data/sampling`, beside pyapproxmc, pyganak, pyunigen and pycmsgen
//! (`make peers`; left out where these are not there). `cargo bench --bench sampling [-- count|sample|uniform FILE …]`,
//! where FILE is a part of a file's name; all parts but `uniform` and all files if none is named.
//!
//! - `count`: processor seconds of a count with ε = 0.8 and δ = 0.2, median of five seeds, beside pyapproxmc's (three); of an
//!   exact count beside pyganak's, medians of three.
//! - `sample`: processor seconds of 500 samples, one a cell, as many of a cell as there may be, and exactly uniform ones;
//!   pyunigen's rate is taken from 50 samples, its own default of several a cell; the last ratio is that of the faster of the
//!   last two to pycmsgen.
//! - `uniform`: chi-square of UniGen, one sample a cell, over ten seeds, on random spaces of some 500 to 5,000 models, with 100
//!   draws a model; takes more than an hour. `FIRST=N` begins with that seed, and FILE is a space, 22, 27 or 34 clauses.
//!
//! A peer that takes longer than a minute counts as that. Ratios are ours to theirs: those below 1 are in our favour.
#![allow(clippy::print_stdout)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anser::budget::{Budget, Limits};
use anser::count::{self, Exact};
use anser::formula::{Formula, dimacs};
use anser::instances::random_ksat;
use anser::sample::{CountOptions, Counter, Method, Options, Sampler, Step};

/// Seconds that a peer may take; it counts with so many where it takes longer.
const LIMIT: f64 = 60.0;

const SAMPLES: u64 = 500;
const OF_UNIGEN: u64 = 50;

fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    let n = all.len();
    if n == 0 { f64::NAN } else { f64::midpoint(all[n / 2], all[(n - 1) / 2]) }
}

fn files(within: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(within) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "cnf") {
            found.push(path);
        }
    }
}

fn name(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// What a peer told, and its processor seconds; [`LIMIT`] and nothing told where it takes longer, none where there is no such peer.
fn peer(what: &str, number: u64, seed: u64, path: &Path) -> Option<(String, f64)> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/sampling_peer.py");
    let run = Command::new("timeout")
        .args([LIMIT.to_string().as_str(), "python3", script, what, &number.to_string(), &seed.to_string()])
        .arg(path)
        .output()
        .ok()?;
    if run.status.code() == Some(124) {
        return Some((String::new(), LIMIT));
    }
    let text = String::from_utf8(run.stdout).ok()?;
    let (told, seconds) = text.lines().last()?.split_once(' ')?;
    Some((told.to_owned(), seconds.parse().ok()?))
}

fn read(path: &Path) -> Arc<Formula> {
    Arc::new(dimacs::read_file(path, &Budget::unlimited()).unwrap_or_else(|error| panic!("{error}")))
}

/// Processor seconds of an exact count; [`LIMIT`] where it takes longer.
fn exact(formula: &Arc<Formula>) -> f64 {
    let begin = cpu();
    let budget = Budget::start(&Limits { time: Some(Duration::from_secs_f64(LIMIT)), ..Limits::default() });
    let mut counter = Exact::new(Arc::clone(formula), &count::Options::default()).unwrap();
    if counter.run(&budget).unwrap().is_ok() { cpu() - begin } else { LIMIT }
}

fn counts(paths: &[PathBuf]) {
    println!(
        "{:34} {:>24} {:>10} {:>10} {:>7} {:>10} {:>7}",
        "file", "count", "ours s", "approxmc", "ratio", "ganak", "ratio"
    );
    let (mut to_approxmc, mut to_ganak) = (Vec::new(), Vec::new());
    for path in paths {
        let formula = read(path);
        let (mut seconds, mut count) = (Vec::new(), String::new());
        for seed in 1..=5 {
            let begin = cpu();
            let mut counter = Counter::new(Arc::clone(&formula), &CountOptions::default()).unwrap();
            let found = counter.run(seed, &Budget::unlimited()).unwrap().unwrap();
            seconds.push(cpu() - begin);
            count = format!("{}{}", if found.exact { "" } else { "~" }, found.models);
        }
        let ours = median(seconds);
        let first = exact(&formula);
        let others = (0..2).take_while(|_| first < LIMIT).map(|_| exact(&formula));
        let exactly = median(std::iter::once(first).chain(others).collect());
        let theirs = |what| {
            let (first, others) = (peer(what, 0, 1, path)?.1, 2..=3);
            let others = others.take_while(|_| first < LIMIT).filter_map(|seed| Some(peer(what, 0, seed, path)?.1));
            Some(median(std::iter::once(first).chain(others).collect()))
        };
        let theirs = |what| theirs(what).unwrap_or(f64::NAN);
        let (approxmc, ganak) = (theirs("approxmc"), theirs("ganak"));
        to_approxmc.push(ours / approxmc);
        to_ganak.push(exactly / ganak);
        println!(
            "{:34} {count:>24} {ours:10.4} {approxmc:10.4} {:7.3} {exactly:10.4} {ganak:10.4} {:7.3}",
            name(path),
            ours / approxmc,
            exactly / ganak
        );
    }
    println!("median ratios: {:.3} to pyapproxmc, {:.3} to pyganak\n", median(to_approxmc), median(to_ganak));
}

fn samples(paths: &[PathBuf]) {
    println!(
        "{:34} {:>12} {:>12} {:>10} {:>12} {:>9} {:>9} {:>9} {:>10} {:>7}",
        "file",
        "one a cell s",
        "of a cell s",
        "exactly s",
        "unigen 50 s",
        "ratio",
        "ratio",
        "ratio",
        "cmsgen s",
        "ratio"
    );
    for path in paths {
        let formula = read(path);
        let ours = |method, per_cell| {
            let all = (1..=3).map(|seed| {
                let begin = cpu();
                let options = Options { method, per_cell, ..Options::default() };
                let mut sampler = Sampler::new(Arc::clone(&formula), &options, seed).unwrap();
                let mut drawn = 0;
                while drawn < SAMPLES {
                    drawn += u64::from(sampler.next(&Budget::unlimited()).unwrap() == Step::Sample);
                }
                cpu() - begin
            });
            median(all.collect())
        };
        let (one, many) = (ours(Method::UniGen, 1), ours(Method::UniGen, 0));
        let exact = if exact(&formula) < LIMIT { ours(Method::Exact, 1) } else { f64::NAN };
        let unigen =
            peer("unigen", OF_UNIGEN, 1, path).map_or(f64::NAN, |(told, s)| s / told.parse().unwrap_or(f64::NAN));
        let cmsgen = median((1..=3).filter_map(|seed| Some(peer("cmsgen", SAMPLES, seed, path)?.1)).collect());
        let each = |seconds: f64| seconds / SAMPLES as f64;
        println!(
            "{:34} {one:12.4} {many:12.4} {exact:10.4} {:12.4} {:9.4} {:9.4} {:9.4} {cmsgen:10.4} {:7.3}",
            name(path),
            unigen * OF_UNIGEN as f64,
            each(one) / unigen,
            each(many) / unigen,
            each(exact) / unigen,
            exact.min(many) / cmsgen
        );
    }
    println!();
}

/// A random space of about so many models, all of which are known.
fn space(clauses: u64, seed: u64) -> (Arc<Formula>, HashMap<u64, u32>) {
    const VARIABLES: u32 = 16;
    let budget = Budget::start(&Limits { seed, ..Limits::default() });
    let formula = random_ksat::generate(u64::from(VARIABLES), clauses, 3, &budget).unwrap();
    let value = |bits: u64| (0..VARIABLES).map(|i| if bits >> i & 1 == 1 { 1 } else { -1 }).collect::<Vec<i8>>();
    let models = (0..1u64 << VARIABLES).filter(|&bits| formula.check(&value(bits)).unwrap().is_none());
    let models = models.map(|bits| (bits, 0)).collect();
    (Arc::new(formula), models)
}

/// How likely a standard normal variable is above `z`, by the continued fraction of Laplace where it is far out.
fn above(z: f64) -> f64 {
    let density = (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
    if z < 1.0 {
        // The power series of the distribution function.
        let (mut term, mut sum) = (z, z);
        for n in 1..200 {
            term *= z * z / f64::from(2 * n + 1);
            sum += term;
        }
        return 0.5 - density * sum;
    }
    density / (1..200).rev().fold(z, |fraction, n| z + f64::from(n) / fraction)
}

fn uniform(wanted: &[&str]) {
    let first = wanted.iter().find_map(|a| a.strip_prefix("FIRST=")).map_or(0, |number| number.parse().unwrap());
    let wanted: Vec<_> = wanted.iter().filter(|a| !a.starts_with("FIRST=")).collect();
    println!("{:>8} {:>6} {:>6} {:>10} {:>12} {:>8}", "models", "seed", "rows", "draws", "chi-square", "p");
    for clauses in [34, 27, 22] {
        if !wanted.is_empty() && !wanted.contains(&&clauses.to_string().as_str()) {
            continue;
        }
        let (formula, models) = space(clauses, clauses);
        for seed in first..10 {
            let mut seen = models.clone();
            let mut sampler = Sampler::new(Arc::clone(&formula), &Options::default(), seed).unwrap();
            let draws = 100 * models.len();
            let mut drawn = 0;
            while drawn < draws {
                if sampler.next(&Budget::unlimited()).unwrap() == Step::Sample {
                    *seen.get_mut(&sampler.sample().unwrap()[0]).expect("a sample is a model") += 1;
                    drawn += 1;
                }
            }
            let chi: f64 = seen.values().map(|&n| (f64::from(n) - 100.0).powi(2) / 100.0).sum();
            // Wilson and Hilferty: the cube root of chi-square over its degrees of freedom is about normal.
            let k = (models.len() - 1) as f64;
            let z = ((chi / k).cbrt() - (1.0 - 2.0 / (9.0 * k))) / (2.0 / (9.0 * k)).sqrt();
            let rows = sampler.statistics().rows;
            println!("{:8} {seed:6} {rows:6} {draws:10} {chi:12.1} {:8.4}", models.len(), above(z));
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let (parts, wanted): (Vec<_>, Vec<_>) =
        arguments.iter().map(String::as_str).partition(|a| ["count", "sample", "uniform"].contains(a));
    if parts.contains(&"uniform") {
        uniform(&wanted);
    }
    if parts == ["uniform"] {
        return;
    }
    let mut paths = Vec::new();
    files(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/sampling")), &mut paths);
    paths.retain(|path| wanted.is_empty() || wanted.iter().any(|part| name(path).contains(part)));
    paths.sort();
    if paths.is_empty() {
        println!("skipped: no such files in ../shared/data/sampling");
        return;
    }
    if parts.is_empty() || parts.contains(&"count") {
        counts(&paths);
    }
    if parts.is_empty() || parts.contains(&"sample") {
        samples(&paths);
    }
}
