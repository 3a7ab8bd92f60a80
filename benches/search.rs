//! Local search: `cargo bench --bench search [-- flips|solve|mixed …]`, all parts if none is named.
//!
//! - `flips`: flips a second of one walker, median of five, on the formulas of `../shared/data/satlib/uf250-1065`, and on
//!   random 3-SAT with 4.2 clauses a variable, 5-SAT with 20 and 7-SAT with 85.
//! - `solve`: seconds and flips to a model of random 3-SAT at 4.2 with 10^4 to 10^6 variables, of 5-SAT at 20 and of 7-SAT at
//!   85, median of 20 seeds, 300 s each at most: hours.
//! - `mixed`: planted formulas of parities, cardinality and pseudo-Boolean constraints, by each method and by the engine.
#![allow(clippy::print_stdout)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anser::budget::{Budget, Limits};
use anser::formula::{Condition, Formula, dimacs};
use anser::instances::random_ksat;
use anser::search::{End, Method, Options, Search};
use anser::solve::{Outcome, Solver};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng};

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

/// Constraints of five literals that all hold for a hidden assignment: of parities `xors` of 100, and as many cardinality as
/// pseudo-Boolean ones, some of which are tight.
fn planted(variables: u32, constraints: u64, xors: u64, seed: u64) -> Arc<Formula> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut below = |n: u64| ((u128::from(rng.next_u64()) * u128::from(n)) >> 64) as u64;
    let model: Vec<bool> = (0..variables).map(|_| below(2) == 1).collect();
    let mut formula = Formula::new();
    formula.ensure_vars(variables).unwrap();
    for _ in 0..constraints {
        let mut literals: Vec<i32> = Vec::new();
        while literals.len() < 5 {
            let variable = 1 + below(variables.into()) as i32;
            if literals.iter().all(|l| l.abs() != variable) {
                literals.push(if below(2) == 1 { variable } else { -variable });
            }
        }
        let holds = |l: i32| model[l.unsigned_abs() as usize - 1] == (l > 0);
        let count = literals.iter().filter(|&&l| holds(l)).count() as i64;
        let weights: Vec<i64> = literals.iter().map(|_| 1 + below(9) as i64).collect();
        let held: i64 = literals.iter().zip(&weights).filter(|(l, _)| holds(**l)).map(|(_, w)| w).sum();
        let slack = below(3) as i64;
        if below(100) < xors {
            formula.add_xor(&literals, count % 2 == 1).unwrap();
        } else if below(2) == 0 {
            formula.add_cardinality(&literals, (count - slack).max(1).min(count), Condition::Plain).unwrap();
        } else {
            formula.add_pseudo_boolean(&literals, &weights, held - 3 * slack, Condition::Plain).unwrap();
        }
    }
    Arc::new(formula)
}

fn mixed() {
    const LIMIT: f64 = 60.0;
    println!(
        "{:44} {:>9} {:>9} {:>9} {:>9}",
        "planted, seconds (60: not solved)", "walksat", "skc", "probsat", "engine"
    );
    for (variables, constraints, xors) in [
        (1_000, 1_000, 0),
        (1_000, 1_000, 5),
        (1_000, 1_000, 20),
        (10_000, 10_000, 5),
        (100_000, 100_000, 5),
        (100_000, 100_000, 20),
    ] {
        let formula = planted(variables, constraints, xors, 1);
        let limits = Limits { time: Some(Duration::from_secs_f64(LIMIT)), ..Limits::default() };
        let [a, b, c] = [Method::WalkSat, Method::Skc, Method::ProbSat].map(|method| {
            let begin = Instant::now();
            let options = Options { method, walk: Some(0.01), ..Options::default() };
            let mut search = Search::new(Arc::clone(&formula), &options, &Budget::unlimited()).unwrap();
            let end = search.run(&Budget::start(&limits)).unwrap();
            if end == End::Model { begin.elapsed().as_secs_f64() } else { LIMIT }
        });
        let begin = Instant::now();
        let outcome = Solver::new(formula).unwrap().solve(&[], &Budget::start(&limits)).unwrap();
        let engine = if outcome == Outcome::Sat { begin.elapsed().as_secs_f64() } else { LIMIT };
        let name = format!("{variables} variables, {constraints} constraints, {xors}% parities");
        println!("{name:44} {a:9.3} {b:9.3} {c:9.3} {engine:9.3}");
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
    if wanted("mixed") {
        mixed();
    }
}
