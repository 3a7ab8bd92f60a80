//! Enumeration of 2^16 projected models of constrained spaces of 200 variables, and how the cost of a model grows.
//! `cargo bench --bench enumerate [-- MODELS]`
//!
//! Beside it the habit that most hosts have: solve, add a clause that blocks the model, solve again (for the first 2^12
//! models, since it slows down). Times are wall-clock seconds; "growth" is the time of the last tenth of the models by
//! that of the first tenth.
#![allow(clippy::print_stdout)]

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anser::budget::{Budget, Limits};
use anser::formula::{Condition, Formula};
use anser::instances::random_ksat;
use anser::solve::{Enumerator, Outcome, Solver};
use rand_xoshiro::Xoshiro256StarStar;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

const VARIABLES: u32 = 200;

fn ksat(ratio: f64, seed: u64) -> Formula {
    let clauses = (f64::from(VARIABLES) * ratio) as u64;
    let budget = Budget::start(&Limits { seed, ..Limits::default() });
    random_ksat::generate(VARIABLES.into(), clauses, 3, &budget).expect("a formula")
}

/// Dense random parities that leave about so many dimensions.
fn parities(free: u32, random: &mut Xoshiro256StarStar) -> Formula {
    let mut formula = Formula::new();
    formula.ensure_vars(VARIABLES).expect("variables");
    for _ in 0..VARIABLES - free {
        let literals: Vec<i32> = (1..=VARIABLES as i32).filter(|_| random.next_u32() & 1 == 1).collect();
        formula.add_xor(&literals, random.next_u32() & 1 == 1).expect("a parity");
    }
    formula
}

/// Rows and columns of a 20 × 10 grid: at most 3 of each row, at least 5 of each column.
fn grid() -> Formula {
    let mut formula = Formula::new();
    let cell = |row: i32, column: i32| 10 * row + column + 1;
    for row in 0..20 {
        let none: Vec<i32> = (0..10).map(|column| -cell(row, column)).collect();
        formula.add_cardinality(&none, 7, Condition::Plain).expect("a row");
    }
    for column in 0..10 {
        let some: Vec<i32> = (0..20).map(|row| cell(row, column)).collect();
        formula.add_cardinality(&some, 5, Condition::Plain).expect("a column");
    }
    formula
}

struct Run {
    models: u64,
    complete: bool,
    seconds: f64,
    growth: f64,
}

/// The time of the last tenth of the models, told at these times, by that of the first.
fn growth(at: &[f64], seconds: f64) -> f64 {
    match at.len() / 10 {
        0 => f64::NAN,
        tenth => (seconds - at[at.len() - 1 - tenth]) / (at[tenth] - at[0]).max(1e-9),
    }
}

fn enumerate(formula: &Arc<Formula>, project: &[u32], limit: u64, budget: &Budget) -> Run {
    let start = Instant::now();
    let mut e = Enumerator::new(Arc::clone(formula)).expect("an enumeration");
    e.set_projection(project).expect("a projection");
    let mut at = Vec::with_capacity(limit as usize);
    e.run(limit, budget, |_| {
        at.push(start.elapsed().as_secs_f64());
        ControlFlow::Continue(())
    })
    .expect("models");
    let seconds = start.elapsed().as_secs_f64();
    Run { models: e.count(), complete: e.is_complete(), seconds, growth: growth(&at, seconds) }
}

/// Solve, block, solve again.
fn block(formula: &Arc<Formula>, project: &[u32], limit: u64, budget: &Budget) -> Run {
    let start = Instant::now();
    let mut solver = Solver::new(Arc::clone(formula)).expect("a solver");
    let mut at = Vec::new();
    let mut complete = false;
    while (at.len() as u64) < limit {
        match solver.solve(&[], budget).expect("a search") {
            Outcome::Sat => {}
            Outcome::Unsat => {
                complete = true;
                break;
            }
            Outcome::Unknown(_) => break,
        }
        at.push(start.elapsed().as_secs_f64());
        let model = solver.model().expect("a model");
        let clause: Vec<i32> =
            project.iter().map(|&v| if model[v as usize - 1] > 0 { -(v as i32) } else { v as i32 }).collect();
        solver.add_clause(&clause).expect("a clause");
    }
    let seconds = start.elapsed().as_secs_f64();
    Run { models: at.len() as u64, complete, seconds, growth: growth(&at, seconds) }
}

fn main() {
    let limit = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(1 << 16);
    let mut random = Xoshiro256StarStar::seed_from_u64(1);
    let all: Vec<u32> = (1..=VARIABLES).collect();
    let some: Vec<u32> = (1..=40).collect();
    let mut mixed = ksat(2.5, 7);
    for _ in 0..20 {
        let literals: Vec<i32> = (1..=VARIABLES as i32).filter(|_| random.next_u32() % 20 == 0).collect();
        mixed.add_xor(&literals, random.next_u32() & 1 == 1).expect("a parity");
    }
    let families: Vec<(&str, Formula, &[u32])> = vec![
        ("3-SAT, ratio 2.5, all", ksat(2.5, 1), &all),
        ("3-SAT, ratio 3.5, all", ksat(3.5, 2), &all),
        ("3-SAT, ratio 4.0, all", ksat(4.0, 3), &all),
        ("3-SAT, ratio 3.5, on 40", ksat(3.5, 4), &some),
        ("parities, 2^16 models", parities(16, &mut random), &all),
        ("grid of cardinalities", grid(), &all),
        ("3-SAT 2.5 and parities", mixed, &all),
    ];
    println!(
        "{:26} {:>7} {:>8} {:>9} {:>7} | blocking: {:>6} {:>9} {:>7} {:>6}",
        "space", "models", "seconds", "us/model", "growth", "models", "us/model", "growth", "ratio"
    );
    for (name, formula, project) in families {
        let formula = Arc::new(formula);
        let limits = Limits { time: Some(Duration::from_secs(60)), ..Limits::default() };
        let ours = enumerate(&formula, project, limit, &Budget::start(&limits));
        let limits = Limits { time: Some(Duration::from_secs(20)), ..Limits::default() };
        let theirs = block(&formula, project, limit.min(1 << 12), &Budget::start(&limits));
        let each = |run: &Run| run.seconds * 1e6 / run.models.max(1) as f64;
        println!(
            "{name:26} {:>7}{} {:>7.2} {:>9.1} {:>7.2} | {:>16} {:>9.1} {:>7.2} {:>6.1}",
            ours.models,
            if ours.complete { "." } else { " " },
            ours.seconds,
            each(&ours),
            ours.growth,
            theirs.models,
            each(&theirs),
            theirs.growth,
            each(&theirs) / each(&ours),
        );
    }
}
