//! Local search: `cargo bench --bench search [-- flips|solve …]`, all parts if none is named.
//!
//! - `flips`: flips a second of one walker, median of five, on the formulas of `../shared/data/satlib/uf250-1065`, and on
//!   random 3-SAT with 4.2 clauses a variable, 5-SAT with 20 and 7-SAT with 85.
//! - `solve`: seconds and flips to a model of random 3-SAT at 4.2 with 10^4 to 10^6 variables, median of 20 seeds.
#![allow(clippy::print_stdout)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anser::budget::{Budget, Limits};
use anser::formula::{Formula, dimacs};
use anser::instances::random_ksat;
use anser::search::{End, Method, Options, Search};

fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    let n = all.len();
    if n == 0 { f64::NAN } else { f64::midpoint(all[n / 2], all[(n - 1) / 2]) }
}

fn random(variables: u64, ratio: f64, k: u64, seed: u64) -> Arc<Formula> {
    let budget = Budget::start(&Limits { seed, ..Limits::default() });
    let clauses = random_ksat::clauses_for_ratio(variables, ratio).unwrap();
    Arc::new(random_ksat::generate(variables, clauses, k, &budget).unwrap())
}

fn rate(formulas: &[Arc<Formula>], method: Method, least: u64) -> f64 {
    let run = |seed| {
        let (mut flips, mut seconds) = (0, 0.0);
        while flips < least {
            for formula in formulas {
                let options = Options { method, seed: seed + flips, flips: Some(least), ..Options::default() };
                let mut search = Search::new(Arc::clone(formula), &options, &Budget::unlimited()).unwrap();
                // The first flips are not like the others: much is violated then.
                search.step(1, &Budget::unlimited()).unwrap();
                let (before, begin) = (search.statistics().flips, cpu());
                search.step(least, &Budget::unlimited()).unwrap();
                seconds += cpu() - begin;
                flips += search.statistics().flips - before;
            }
        }
        flips as f64 / seconds * 1e-6
    };
    median((1..=5).map(run).collect())
}

fn flips() {
    println!("{:32} {:>10} {:>10} {:>10}", "million flips a second", "walksat", "skc", "probsat");
    let show = |name: &str, formulas: &[Arc<Formula>], least| {
        let [a, b, c] = [Method::WalkSat, Method::Skc, Method::ProbSat].map(|method| rate(formulas, method, least));
        println!("{name:32} {a:10.3} {b:10.3} {c:10.3}");
    };
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/satlib/uf250-1065"));
    let files = std::fs::read_dir(folder).map(|all| all.flatten().map(|entry| entry.path()).collect::<Vec<_>>());
    let mut files = files.unwrap_or_default();
    files.sort();
    let read = |path: &std::path::PathBuf| Arc::new(dimacs::read_file(path, &Budget::unlimited()).unwrap());
    let all: Vec<_> = files.iter().map(read).collect();
    if all.is_empty() {
        println!("skipped: no uf250-1065 in ../shared/data/satlib");
    } else {
        show(&format!("uf250-1065, {} files", all.len()), &all, 3_000_000);
    }
    for (variables, ratio, k) in
        [(10_000, 4.2, 3), (100_000, 4.2, 3), (1_000_000, 4.2, 3), (10_000, 20.0, 5), (1_000, 85.0, 7)]
    {
        show(&format!("{k}-SAT, {variables} variables, {ratio}"), &[random(variables, ratio, k, 1)], 2_000_000);
    }
    println!();
}

fn solve() {
    println!("{:32} {:>8} {:>12} {:>12}", "to a model, probSAT, 20 seeds", "solved", "seconds", "flips");
    for (variables, ratio, k) in
        [(10_000, 4.2, 3), (100_000, 4.2, 3), (1_000_000, 4.2, 3), (500, 20.0, 5), (90, 85.0, 7)]
    {
        let (mut seconds, mut flips, mut solved) = (Vec::new(), Vec::new(), 0);
        for seed in 1..=20 {
            let formula = random(variables, ratio, k, seed);
            let begin = Instant::now();
            let options = Options { seed, ..Options::default() };
            let mut search = Search::new(formula, &options, &Budget::unlimited()).unwrap();
            let limits = Limits { time: Some(Duration::from_secs(300)), ..Limits::default() };
            solved += usize::from(search.run(&Budget::start(&limits)).unwrap() == End::Model);
            seconds.push(begin.elapsed().as_secs_f64());
            flips.push(search.statistics().flips as f64);
        }
        let name = format!("{k}-SAT, {variables} variables, {ratio}");
        println!("{name:32} {solved:8} {:12.3} {:12.0}", median(seconds), median(flips));
    }
}

fn main() {
    let parts: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|wanted| wanted == part);
    if wanted("flips") {
        flips();
    }
    if wanted("solve") {
        solve();
    }
}
