//! How long a call takes to come back once another thread has triggered its interrupt: in reading, loading,
//! simplifying and searching. `cargo bench --bench interrupt [-- TRIES]`
//!
//! Each try runs read and solve of a large random 3-SAT instance (or solve of a small hard one), triggers at a random
//! moment, and measures from the trigger to the return. Exits with 1 where one try exceeds 100 ms.
#![allow(clippy::print_stdout)]

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use anser::budget::{Budget, Interrupt, Limits};
use anser::formula::{Formula, dimacs};
use anser::instances::{pigeonhole, random_ksat};
use anser::solve::{Outcome, Solver};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

const BOUND: Duration = Duration::from_millis(100);

struct Try {
    delay: Duration,
    phase: &'static str,
    latency: Duration,
}

/// Reads and solves; tells what it was at when it ended.
fn run(text: &[u8], budget: &Budget) -> (&'static str, Option<Solver>) {
    let Ok(formula) = dimacs::read_bytes(text, budget) else { return ("reading", None) };
    solve(Arc::new(formula), budget)
}

/// The solver is answered too: freeing it is no part of coming back.
fn solve(formula: Arc<Formula>, budget: &Budget) -> (&'static str, Option<Solver>) {
    let mut solver = Solver::new(formula).expect("a solver");
    let outcome = solver.solve(&[], budget).expect("a search");
    (if matches!(outcome, Outcome::Unknown(_)) { "" } else { "finished" }, Some(solver))
}

/// Triggers `delay` after the start.
fn attempt(delay: Duration, work: impl FnOnce(&Budget) -> (&'static str, Option<Solver>)) -> Try {
    let token = Interrupt::new();
    let limits = Limits { interrupt: Some(token.clone()), ..Limits::default() };
    let (done, waits) = channel();
    let trigger = std::thread::spawn(move || {
        if waits.recv_timeout(delay).is_err() {
            token.trigger();
        }
        Instant::now()
    });
    let (mut phase, solver) = work(&Budget::start(&limits));
    let back = Instant::now();
    if let (Some(solver), "") = (&solver, phase) {
        let statistics = solver.statistics();
        let count = |name| statistics.iter().find(|s| s.0 == name).map_or(0, |s| s.1);
        phase = match (count("active"), count("conflicts")) {
            (0, _) => "loading",
            (_, 0) => "simplifying, before the first conflict",
            _ => "searching and inprocessing",
        };
    }
    let _ = done.send(());
    let triggered = trigger.join().expect("the trigger");
    Try { delay, phase, latency: back.saturating_duration_since(triggered) }
}

fn main() {
    let tries: usize = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(100);
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let unlimited = Budget::unlimited();
    let generated = random_ksat::generate(1_000_000, 4_200_000, 3, &unlimited).expect("an instance");
    let mut large = Vec::new();
    dimacs::write(&generated, &mut large, &unlimited).expect("its text");
    drop(generated);
    let structured = Arc::new(pigeonhole::generate(60, 59, &unlimited).expect("an instance"));
    let small = Arc::new(random_ksat::generate(500, 2130, 3, &unlimited).expect("an instance"));

    let mut all = Vec::new();
    for i in 0..tries {
        // Half of the tries read and simplify, a quarter each search something structured and something random.
        let longest = if i % 2 == 0 { 20_000_000 } else { 6_000_000 };
        let delay = Duration::from_micros(random.next_u64() % longest);
        let t = match i % 4 {
            0 | 2 => attempt(delay, |b| run(&large, b)),
            1 => attempt(delay, |b| solve(Arc::clone(&structured), b)),
            _ => attempt(delay, |b| solve(Arc::clone(&small), b)),
        };
        println!("{:9.3} s  {:8.3} ms  {}", t.delay.as_secs_f64(), t.latency.as_secs_f64() * 1e3, t.phase);
        all.push(t);
    }
    let mut phases: Vec<&str> = all.iter().map(|t| t.phase).collect();
    phases.sort_unstable();
    phases.dedup();
    for phase in phases {
        let mut l: Vec<Duration> = all.iter().filter(|t| t.phase == phase).map(|t| t.latency).collect();
        l.sort_unstable();
        println!("{phase}: {} tries, median {:?}, worst {:?}", l.len(), l[l.len() / 2], l[l.len() - 1]);
    }
    let late = all.iter().filter(|t| t.phase != "finished" && t.latency > BOUND).count();
    println!("{late} of {tries} came back after more than {BOUND:?}");
    std::process::exit(i32::from(late > 0));
}
