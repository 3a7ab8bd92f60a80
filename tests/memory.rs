//! What a solver says it holds, beside the peak resident set of a process that does nothing else. A memory limit rests
//! on that estimate.
#![cfg(all(feature = "cadical", target_os = "linux"))]
#![allow(clippy::print_stdout)] // the child tells its parent

use std::process::Command;
use std::sync::Arc;

use anser::budget::{Budget, Limits};
use anser::error::OutOfMemory;
use anser::instances::random_ksat;
use anser::solve::{Outcome, SolveError, Solver};

const CHILD: &str = "ANSER_TEST_MEMORY";

/// Variables, clauses, literals a clause, conflicts.
const CASES: [[u64; 4]; 4] =
    [[300_000, 1_260_000, 3, 100], [400_000, 400_000, 3, 100], [300_000, 3_000, 3, 0], [5_000, 400_000, 7, 2_000]];

fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

fn statistic(solver: &Solver, name: &str) -> u64 {
    solver.statistics().iter().find(|s| s.0 == name).unwrap().1.cast_unsigned()
}

/// Prints the estimate and the growth of the peak.
fn child(case: [u64; 4]) {
    let formula = Arc::new(random_ksat::generate(case[0], case[1], case[2], &Budget::unlimited()).unwrap());
    let before = peak();
    let mut solver = Solver::new(formula).unwrap();
    let limits = Limits { conflicts: Some(case[3]), work: Some(200_000_000), ..Limits::default() };
    solver.solve(&[], &Budget::start(&limits)).unwrap();
    println!("estimate {} peak {}", statistic(&solver, "bytes"), peak() - before);
}

#[test]
fn the_estimate_is_within_a_factor_of_two() {
    if let Ok(case) = std::env::var(CHILD) {
        return child(CASES[case.parse::<usize>().unwrap()]);
    }
    for (i, case) in CASES.iter().enumerate() {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_estimate_is_within_a_factor_of_two", "--nocapture"])
            .env(CHILD, i.to_string())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let number = |name: &str| {
            let mut words = text.split_whitespace().skip_while(|w| *w != name);
            words.nth(1).unwrap_or_else(|| panic!("{text}")).parse::<f64>().unwrap()
        };
        let ratio = number("estimate") / number("peak");
        println!("{case:?}: estimate {} MB, {ratio:.2} of the peak", number("estimate") / 1e6);
        assert!((0.5..=2.0).contains(&ratio), "{case:?}: {ratio}");
    }
}

#[test]
fn a_memory_limit_ends_loading_and_searching_and_the_solver_goes_on() {
    let with = |memory| Budget::start(&Limits { memory, conflicts: Some(3000), ..Limits::default() });
    let limited =
        |outcome: Result<Outcome, SolveError>| matches!(outcome, Err(SolveError::Memory(OutOfMemory::Limit { .. })));
    let large = Arc::new(random_ksat::generate(100_000, 420_000, 3, &Budget::unlimited()).unwrap());
    let mut solver = Solver::new(large).unwrap();
    assert!(limited(solver.solve(&[], &with(Some(10_000_000)))), "before loading");
    assert!(limited(solver.solve(&[], &with(Some(60_000_000)))), "while searching");
    assert!(solver.model().is_err());
    assert!(matches!(solver.solve(&[], &with(None)), Ok(Outcome::Unknown(_))));
}
