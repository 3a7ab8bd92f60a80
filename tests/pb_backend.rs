//! The cutting planes backend of a solver: against brute force, on published networks, with cores, limits, what is added, and
//! what it refuses.
#![cfg(feature = "cadical")]
#![allow(clippy::print_stdout)] // what was skipped

#[path = "support/assumed.rs"]
mod assumed;
#[path = "support/mixed.rs"]
mod mixed;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anser::budget::{Budget, Interrupt, Limits, Stop};
use anser::formula::{Condition, Domain, Formula, opb};
use anser::instances::{pigeonhole, random_ksat};
use anser::solve::{Backend, Enumerator, Outcome, ProofFormat, SolveError, Solver};
use assumed::agrees;
use mixed::Random;

fn pb(formula: Formula) -> Solver {
    let mut solver = Solver::new(Arc::new(formula)).unwrap();
    solver.set_backend(Backend::Pb).unwrap();
    solver
}

fn solve(solver: &mut Solver, assumptions: &[i32]) -> Outcome {
    solver.solve(assumptions, &Budget::unlimited()).unwrap()
}

fn statistic(solver: &Solver, name: &str) -> i64 {
    let all = solver.statistics();
    all.iter().find(|(known, _)| *known == name).map(|(_, value)| *value).unwrap()
}

/// All kinds of constraints, integers too, under assumptions, again and again on one engine.
#[test]
fn agrees_with_brute_force() {
    let counts = agrees(5, 5000, &[1, -1, 1], pb, |_| ());
    assert!(counts.sat > 1000 && counts.unsat > 1000 && counts.smaller > 200, "{counts:?}");
}

/// The same answers as clause learning, where it takes thousands of conflicts: with restarts, and with most of what was
/// learned dropped again.
#[test]
fn agrees_with_clause_learning() {
    let (mut sat, mut unsat, mut long) = (0, 0, 0);
    for seed in 1..=30 {
        let budget = Budget::start(&Limits { seed, ..Limits::default() });
        let mut formula = random_ksat::generate(190, 790, 3, &budget).unwrap();
        let mut random = Random(seed);
        for _ in 0..6 {
            let literals: Vec<i32> = (1..=190).filter(|_| random.below(8) == 0).collect();
            let literals: Vec<i32> = literals.into_iter().map(|v| if random.below(2) == 0 { v } else { -v }).collect();
            let weights: Vec<i64> = literals.iter().map(|_| 1 + random.below(9) as i64).collect();
            let bound = weights.iter().sum::<i64>() * 47 / 100;
            formula.add_pseudo_boolean(&literals, &weights, bound, Condition::Plain).unwrap();
            formula.add_cardinality(&literals, literals.len() as i64 / 2, Condition::Reified(literals[0])).unwrap();
        }
        let mut native = Solver::new(Arc::new(formula.try_clone().unwrap())).unwrap();
        native.set_backend(Backend::Native).unwrap();
        let mut planes = pb(formula);
        let answer = solve(&mut planes, &[]);
        assert_eq!(answer, solve(&mut native, &[]), "seed {seed}");
        (sat, unsat) = (sat + u32::from(answer == Outcome::Sat), unsat + u32::from(answer == Outcome::Unsat));
        long += u32::from(statistic(&planes, "planes") > 2500);
    }
    assert!(sat > 2 && unsat > 2 && long > 5, "{sat} {unsat} {long}");
}

/// Weights up to 10^18.
#[test]
fn heavy_weights() {
    const HEAVY: i64 = 1_000_000_000_000_000_000;
    let mut formula = Formula::new();
    // 1 and 2, or 3: and 3 weighs one short of both.
    formula
        .add_pseudo_boolean(&[1, 2, 3], &[HEAVY, HEAVY + 3, 2 * HEAVY + 2], 2 * HEAVY + 3, Condition::Plain)
        .unwrap();
    let weights = [HEAVY, HEAVY - 1, HEAVY - 7];
    formula.add_pseudo_boolean(&[4, 5, 6], &weights, 2 * HEAVY - 1, Condition::Reified(7)).unwrap();
    let mut s = pb(formula);
    assert_eq!(solve(&mut s, &[-1, -2]), Outcome::Unsat);
    assert_eq!(solve(&mut s, &[-3]), Outcome::Sat);
    assert_eq!(s.model().unwrap()[..3], [1, 1, -1]);
    for (asked, outcome) in [
        ([4, 5, -6, -7], Outcome::Unsat),
        ([4, -5, 6, 7], Outcome::Unsat),
        ([4, 5, -6, 7], Outcome::Sat),
        ([4, -5, 6, -7], Outcome::Sat),
    ] {
        assert_eq!(solve(&mut s, &asked), outcome, "{asked:?}");
    }
}

/// Networks that map an input near another one to another output (`../shared/truth.md`), with the answers of others.
#[test]
fn published_networks() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/bnn/inversion"));
    if !folder.exists() {
        println!("skipped: there is no ../shared/data/bnn");
        return;
    }
    for (file, outcome) in [
        ("bnn_40-20-20_q2_s1", Outcome::Sat),
        ("bnn_40-20-20_q2_s2", Outcome::Sat),
        ("bnn_40-20-20_q4_s1", Outcome::Unsat),
        ("bnn_40-20-20_q4_s2", Outcome::Sat),
    ] {
        let formula = opb::read_file(&folder.join(format!("{file}.opb")), &Budget::unlimited()).unwrap();
        assert_eq!(solve(&mut pb(formula), &[]), outcome, "{file}");
    }
}

/// Fifty pigeons, as sums: for clause learning that would take for ever.
#[test]
fn pigeons() {
    const PIGEONS: i32 = 50;
    let place = |pigeon: i32, hole: i32| pigeon * (PIGEONS - 1) + hole + 1;
    let mut formula = Formula::new();
    for pigeon in 0..PIGEONS {
        formula.add_clause(&(0..PIGEONS - 1).map(|hole| place(pigeon, hole)).collect::<Vec<_>>()).unwrap();
    }
    for hole in 0..PIGEONS - 1 {
        let absent: Vec<i32> = (0..PIGEONS).map(|pigeon| -place(pigeon, hole)).collect();
        formula.add_cardinality(&absent, i64::from(PIGEONS) - 1, Condition::Plain).unwrap();
    }
    let mut by_turns = Solver::new(Arc::new(formula.try_clone().unwrap())).unwrap();
    assert_eq!(solve(&mut pb(formula), &[]), Outcome::Unsat);
    // Clause learning has the first turn, and gets nowhere.
    assert_eq!(solve(&mut by_turns, &[]), Outcome::Unsat);
    assert!(statistic(&by_turns, "planes") > 0);
    // A model that cutting planes find, under assumptions with which there is one and without.
    by_turns.new_vars(1).unwrap();
    assert_eq!(solve(&mut by_turns, &[1]), Outcome::Unsat);
    let few = Limits { conflicts: Some(700), ..Limits::default() };
    let hard = random_ksat::generate(300, 1380, 3, &Budget::start(&few)).unwrap();
    let mut hard = Solver::new(Arc::new(hard)).unwrap();
    hard.add_cardinalities(&(1..=60).collect::<Vec<_>>(), &[0, 60], &[20], &[Condition::Plain]).unwrap();
    assert_eq!(hard.solve(&[], &Budget::start(&few)).unwrap(), Outcome::Unknown(Stop::Conflicts));
    let conflicts = (statistic(&hard, "conflicts"), statistic(&hard, "planes"));
    assert!(conflicts.0 >= 400 && conflicts.1 >= 290 && conflicts.0 + conflicts.1 == 700, "{conflicts:?}");
}

#[test]
fn what_is_added_between_solves() {
    let mut formula = Formula::new();
    formula.add_clause(&[1, 2]).unwrap();
    formula.new_number(Domain::Integer { min: 0, max: 9 }).unwrap();
    let mut s = pb(formula);
    assert_eq!(solve(&mut s, &[]), Outcome::Sat);
    assert_eq!(s.choice().unwrap().why, "cutting planes, as asked for");
    let v = s.new_vars(2).unwrap().cast_signed();
    assert_eq!(v, 3);
    s.add_xors(&[1, 2, 3, 4], &[0, 4], &[true]).unwrap();
    s.add_cardinalities(&[1, 2, 3, 4], &[0, 4], &[2], &[Condition::Plain]).unwrap();
    assert_eq!(solve(&mut s, &[-4]), Outcome::Sat);
    assert_eq!(s.model().unwrap(), [1, 1, 1, -1]);
    s.set_phases(&[-3, 1]).unwrap();
    s.add_clause(&[4]).unwrap();
    assert_eq!(solve(&mut s, &[-1]), Outcome::Sat);
    assert_eq!(s.model().unwrap(), [-1, 1, 1, 1]);
    s.add_clause(&[-2]).unwrap();
    assert_eq!(solve(&mut s, &[-1]), Outcome::Unsat);
    assert_eq!(s.core().unwrap(), [-1]);
    s.add_clause(&[-1]).unwrap();
    assert_eq!(solve(&mut s, &[]), Outcome::Unsat);
    assert_eq!(s.core().unwrap(), &[] as &[i32]);
    assert_eq!(solve(&mut s, &[3]), Outcome::Unsat);
}

#[test]
fn budgets() {
    let limits = Limits { seed: 1, ..Limits::default() };
    let hard = || random_ksat::generate(300, 1380, 3, &Budget::start(&limits)).unwrap();
    let mut s = pb(hard());
    let begin = Instant::now();
    let in_time = Limits { time: Some(Duration::from_millis(200)), ..Limits::default() };
    assert_eq!(s.solve(&[], &Budget::start(&in_time)).unwrap(), Outcome::Unknown(Stop::Time));
    assert!(begin.elapsed() < Duration::from_secs(20));
    let few = Limits { conflicts: Some(10), ..Limits::default() };
    assert_eq!(s.solve(&[], &Budget::start(&few)).unwrap(), Outcome::Unknown(Stop::Conflicts));
    let little = Limits { work: Some(1000), ..Limits::default() };
    assert_eq!(s.solve(&[], &Budget::start(&little)).unwrap(), Outcome::Unknown(Stop::Work));
    let token = Interrupt::new();
    token.trigger();
    let interrupted = Limits { interrupt: Some(token), ..Limits::default() };
    assert_eq!(s.solve(&[], &Budget::start(&interrupted)).unwrap(), Outcome::Unknown(Stop::Interrupted));
    let small = Limits { memory: Some(10_000), ..Limits::default() };
    assert!(matches!(pb(hard()).solve(&[], &Budget::start(&small)), Err(SolveError::Memory(_))));
    // The same limits, the same run.
    let trace = || {
        let mut s = pb(hard());
        let work = Limits { work: Some(200_000), ..Limits::default() };
        (s.solve(&[], &Budget::start(&work)).unwrap(), s.statistics())
    };
    assert_eq!(trace(), trace());
}

#[test]
fn refuses_what_it_has_no_place_for() {
    let state = |result: Result<(), SolveError>| assert!(matches!(result, Err(SolveError::State(_))), "{result:?}");
    let mut formula = Formula::new();
    formula.add_clause(&[1, 2]).unwrap();
    let mut s = pb(formula.try_clone().unwrap());
    state(s.set_option("seed", 1));
    state(s.set_proof(ProofFormat::Drat, Box::new(Vec::new())).map(drop));
    state(s.set_local_search(true));
    s.set_phases(&[1]).unwrap();
    assert_eq!(solve(&mut s, &[]), Outcome::Sat);
    assert_eq!(s.model().unwrap()[0], 1);
    let mut e = Enumerator::new(Arc::new(formula.try_clone().unwrap())).unwrap();
    e.solver_mut().unwrap().set_backend(Backend::Pb).unwrap();
    assert!(matches!(e.next(&Budget::unlimited()), Err(SolveError::State(_))));
    formula.new_number(Domain::Real { min: 0.0, max: 1.0 }).unwrap();
    assert!(matches!(pb(formula).solve(&[], &Budget::unlimited()), Err(SolveError::Lower(_))));
    assert_eq!(solve(&mut pb(pigeonhole::generate(5, 4, &Budget::unlimited()).unwrap()), &[]), Outcome::Unsat);
    assert_eq!(solve(&mut pb(Formula::new()), &[]), Outcome::Sat);
}
