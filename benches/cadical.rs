//! What is lost on the way to CaDiCaL: this library against `cadical-sys` called directly, on the same formulas, in
//! turn, in one process. `cargo bench --bench cadical [-- FILE.cnf …]`
//!
//! Without files: 20 uf250 and 20 uuf250 files of SATLIB, where `../shared/data/satlib` is there, and ten generated
//! instances of some 5 to 30 s. Conflicts and decisions must be the same to the last one; times are told as totals
//! and as the median of the ratios. Exits with 1 where a count differs or the total is more than 5% higher.
#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anser::budget::{Budget, Limits};
use anser::formula::{Formula, dimacs};
use anser::instances::{pigeonhole, random_ksat};
use anser::solve::{Outcome, Solver};

struct Run {
    seconds: f64,
    conflicts: i64,
    decisions: i64,
    answer: i32,
}

fn ours(formula: &Arc<Formula>) -> Run {
    let start = Instant::now();
    let mut solver = Solver::new(Arc::clone(formula)).expect("a solver");
    let answer = match solver.solve(&[], &Budget::unlimited()).expect("a search") {
        Outcome::Sat => 10,
        Outcome::Unsat => 20,
        Outcome::Unknown(_) => 0,
    };
    let seconds = start.elapsed().as_secs_f64();
    let statistics = solver.statistics();
    let count = |name| statistics.iter().find(|s| s.0 == name).map_or(-1, |s| s.1);
    Run { seconds, conflicts: count("conflicts"), decisions: count("decisions"), answer }
}

fn direct(formula: &Formula) -> Run {
    let start = Instant::now();
    let mut solver = cadical_sys::CaDiCal::new();
    solver.resize(formula.num_vars().cast_signed());
    for clause in formula.clauses() {
        for &literal in clause {
            solver.add(literal);
        }
        solver.add(0);
    }
    let answer = solver.solve() as i32;
    if answer == 10 {
        // As ours, which hands out a whole model.
        let values: Vec<i32> = (1..=formula.num_vars().cast_signed()).map(|v| solver.val(v)).collect();
        assert_eq!(values.len(), formula.num_vars() as usize);
    }
    let seconds = start.elapsed().as_secs_f64();
    let count = |name: &str| solver.get_statistic_value(name);
    Run { seconds, conflicts: count("conflicts"), decisions: count("decisions"), answer }
}

fn instances(files: &[PathBuf]) -> Vec<(String, Arc<Formula>)> {
    let mut all = Vec::new();
    for file in files {
        let formula = dimacs::read_file(file, &Budget::unlimited()).expect("a formula");
        all.push((file.file_name().unwrap_or_default().to_string_lossy().into_owned(), Arc::new(formula)));
    }
    all
}

fn satlib() -> Vec<PathBuf> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/satlib"));
    let mut files = Vec::new();
    for family in ["uf250-1065", "uuf250-1065"] {
        let Ok(folder) = std::fs::read_dir(root.join(family)) else {
            println!("skipped: {} is absent", root.join(family).display());
            continue;
        };
        let mut names: Vec<PathBuf> = folder.flatten().map(|e| e.path()).collect();
        names.sort();
        files.extend(names.into_iter().take(20));
    }
    files
}

fn generated() -> Vec<(String, Arc<Formula>)> {
    let seeded = |seed| Budget::start(&Limits { seed, ..Limits::default() });
    let mut all = Vec::new();
    for (variables, seed) in [(265, 0), (265, 1), (265, 3), (265, 6), (265, 7), (275, 0), (275, 1), (275, 2), (275, 3)]
    {
        let clauses = variables * 436 / 100;
        let formula = random_ksat::generate(variables, clauses, 3, &seeded(seed)).expect("an instance");
        all.push((format!("random 3-SAT {variables}/{clauses}, seed {seed}"), Arc::new(formula)));
    }
    let formula = pigeonhole::generate(10, 9, &seeded(0)).expect("an instance");
    all.push(("pigeonhole 10/9".into(), Arc::new(formula)));
    all
}

fn main() {
    let files: Vec<PathBuf> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).map(PathBuf::from).collect();
    let all = if files.is_empty() {
        let mut all = instances(&satlib());
        all.extend(generated());
        all
    } else {
        instances(&files)
    };
    let (mut a_total, mut b_total, mut ratios, mut differ) = (0.0, 0.0, Vec::new(), 0);
    for (i, (name, formula)) in all.iter().enumerate() {
        let (a, b) = if i % 2 == 0 {
            let a = ours(formula);
            (a, direct(formula))
        } else {
            let b = direct(formula);
            (ours(formula), b)
        };
        let same = (a.conflicts, a.decisions, a.answer) == (b.conflicts, b.decisions, b.answer);
        differ += i32::from(!same);
        println!(
            "{name:40} {:3} {:8} conflicts {:9} decisions  {:8.3} s  direct {:8.3} s{}",
            a.answer,
            a.conflicts,
            a.decisions,
            a.seconds,
            b.seconds,
            if same { "" } else { "  DIFFERS" }
        );
        a_total += a.seconds;
        b_total += b.seconds;
        ratios.push(a.seconds / b.seconds);
    }
    ratios.sort_unstable_by(f64::total_cmp);
    println!("{} formulas: {a_total:.2} s, direct {b_total:.2} s: {:.3} of it", all.len(), a_total / b_total);
    println!("median of the ratios {:.3}; {differ} differ in conflicts, decisions or answer", ratios[ratios.len() / 2]);
    std::process::exit(i32::from(differ > 0 || a_total > 1.05 * b_total));
}
