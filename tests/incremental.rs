//! Random formulas of up to 14 variables, solved incrementally with assumptions, against brute force.
#![cfg(feature = "cadical")]

use std::sync::Arc;

use anser::budget::{Budget, Limits, Stop};
use anser::formula::Formula;
use anser::solve::{Outcome, Solver};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

struct Random(Xoshiro256PlusPlus);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0.next_u64() % n
    }
    fn literal(&mut self, vars: u64) -> i32 {
        let v = i32::try_from(1 + self.below(vars)).unwrap();
        if self.below(2) == 0 { v } else { -v }
    }
    fn clause(&mut self, vars: u64) -> Vec<i32> {
        let length = [1, 2, 2, 3, 3, 3, 3, 4, 5][usize::try_from(self.below(9)).unwrap()];
        (0..length).map(|_| self.literal(vars)).collect()
    }
}

fn is_true(assignment: u32, literal: i32) -> bool {
    (assignment >> (literal.unsigned_abs() - 1) & 1 == 1) == (literal > 0)
}

/// Whether some assignment of `vars` variables satisfies all clauses and the units.
fn satisfiable(vars: u64, clauses: &[Vec<i32>], units: &[i32]) -> bool {
    (0..1u32 << vars)
        .any(|a| units.iter().all(|&l| is_true(a, l)) && clauses.iter().all(|c| c.iter().any(|&l| is_true(a, l))))
}

#[test]
fn two_thousand_formulas_agree_with_brute_force() {
    let mut random = Random(Xoshiro256PlusPlus::seed_from_u64(20_240_601));
    let (mut sat, mut unsat, mut proper_cores) = (0, 0, 0);
    for round in 0..2000 {
        let vars = 1 + random.below(14);
        let first = random.below(1 + 3 * vars);
        let mut clauses: Vec<Vec<i32>> = (0..first).map(|_| random.clause(vars)).collect();
        let mut formula = Formula::new();
        formula.ensure_vars(u32::try_from(vars).unwrap()).unwrap();
        for c in &clauses {
            formula.add_clause(c).unwrap();
        }
        let formula = Arc::new(formula);
        let mut solver = Solver::new(Arc::clone(&formula)).unwrap();
        let budget = Budget::start(&Limits { seed: round, ..Limits::default() });
        for call in 0..4 {
            if call > 0 {
                let more: Vec<Vec<i32>> = (0..random.below(1 + vars)).map(|_| random.clause(vars)).collect();
                let offsets: Vec<usize> = std::iter::once(0)
                    .chain(more.iter().scan(0, |sum, c| {
                        *sum += c.len();
                        Some(*sum)
                    }))
                    .collect();
                solver.add_clauses(&more.concat(), &offsets).unwrap();
                clauses.extend(more);
            }
            if random.below(4) == 0 {
                let phases: Vec<i32> = (0..3).map(|_| random.literal(vars)).collect();
                solver.set_phases(&phases).unwrap();
            }
            let assumptions: Vec<i32> = (0..random.below(5)).map(|_| random.literal(vars)).collect();
            let expected = satisfiable(vars, &clauses, &assumptions);
            match solver.solve(&assumptions, &budget).unwrap() {
                Outcome::Sat => {
                    assert!(expected, "round {round}: {clauses:?} {assumptions:?}");
                    let model = solver.model().unwrap();
                    assert_eq!(model.len() as u64, vars);
                    let a = model.iter().enumerate().fold(0, |a, (i, &v)| a | u32::from(v > 0) << i);
                    assert!(assumptions.iter().all(|&l| is_true(a, l)));
                    assert!(clauses.iter().all(|c| c.iter().any(|&l| is_true(a, l))));
                    assert!(solver.core().is_err());
                    sat += 1;
                }
                Outcome::Unsat => {
                    assert!(!expected, "round {round}: {clauses:?} {assumptions:?}");
                    let core = solver.core().unwrap().to_vec();
                    assert!(core.iter().all(|l| assumptions.contains(l)));
                    assert!(!satisfiable(vars, &clauses, &core), "round {round}: the core {core:?} is none");
                    assert!(solver.model().is_err());
                    unsat += 1;
                    proper_cores += u32::from(core.len() < assumptions.len());
                }
                Outcome::Unknown(stop) => panic!("round {round}: stopped without a limit: {stop}"),
            }
        }
        assert_eq!(formula.clauses().len() as u64, first, "the snapshot's formula was changed");
    }
    assert!(sat > 1000 && unsat > 1000 && proper_cores > 500, "{sat} sat, {unsat} unsat, {proper_cores} proper cores");
}

fn pigeonhole(pigeons: i32, holes: i32) -> Arc<Formula> {
    let mut f = Formula::new();
    for p in 0..pigeons {
        f.add_clause(&(1..=holes).map(|h| p * holes + h).collect::<Vec<_>>()).unwrap();
    }
    for h in 1..=holes {
        for p in 0..pigeons {
            for q in 0..p {
                f.add_clause(&[-(p * holes + h), -(q * holes + h)]).unwrap();
            }
        }
    }
    Arc::new(f)
}

#[test]
fn limits_end_a_search_and_it_can_go_on() {
    let mut solver = Solver::new(pigeonhole(8, 7)).unwrap();
    let limits = |l: Limits| Budget::start(&l);
    let stopped = |s: &mut Solver, b: Budget| s.solve(&[], &b).unwrap();
    assert_eq!(
        stopped(&mut solver, limits(Limits { conflicts: Some(10), ..Limits::default() })),
        Outcome::Unknown(Stop::Conflicts)
    );
    assert_eq!(solver.stop().unwrap(), Some(Stop::Conflicts));
    assert_eq!(
        stopped(&mut solver, limits(Limits { work: Some(100), ..Limits::default() })),
        Outcome::Unknown(Stop::Work)
    );
    assert_eq!(
        stopped(&mut solver, limits(Limits { time: Some(std::time::Duration::ZERO), ..Limits::default() })),
        Outcome::Unknown(Stop::Time)
    );
    assert!(solver.model().is_err() && solver.core().is_err());
    assert_eq!(stopped(&mut solver, Budget::unlimited()), Outcome::Unsat);
    assert_eq!(solver.core().unwrap(), &[] as &[i32]);
    assert_eq!(solver.stop().unwrap(), None);
}

#[test]
fn the_same_seed_and_work_give_the_same_run() {
    let mut random = Random(Xoshiro256PlusPlus::seed_from_u64(5));
    let mut formula = Formula::new();
    for _ in 0..1060 {
        formula.add_clause(&[random.literal(250), random.literal(250), random.literal(250)]).unwrap();
    }
    let formula = Arc::new(formula);
    let run = |seed, work| {
        let mut solver = Solver::new(Arc::clone(&formula)).unwrap();
        let outcome = solver.solve(&[], &Budget::start(&Limits { seed, work, ..Limits::default() })).unwrap();
        (outcome, solver.statistics())
    };
    assert_eq!(run(3, Some(1_000_000)), run(3, Some(1_000_000)));
    assert_ne!(run(3, Some(1_000_000)).1, run(4, Some(1_000_000)).1);
}

#[test]
fn calls_out_of_order_are_errors() {
    let mut f = Formula::new();
    f.add_clause(&[1, 2]).unwrap();
    let mut solver = Solver::new(Arc::new(f)).unwrap();
    assert!(solver.model().is_err() && solver.core().is_err() && solver.stop().is_err());
    assert!(solver.solve(&[3], &Budget::unlimited()).is_err());
    assert!(solver.solve(&[0], &Budget::unlimited()).is_err());
    assert!(solver.set_phases(&[i32::MIN]).is_err());
    assert!(solver.set_option("nonsense", 1).is_err());
    assert!(solver.set_option("elim", 2).is_err());
    solver.set_option("elim", 0).unwrap();
    assert_eq!(solver.option("elim").unwrap(), 0);
    assert_eq!(solver.solve(&[-1], &Budget::unlimited()).unwrap(), Outcome::Sat);
    assert_eq!(solver.model().unwrap(), &[-1, 1]);
    assert!(solver.set_option("elim", 1).is_err());
    solver.add_clause(&[-2]).unwrap();
    assert!(solver.model().is_err());
    assert_eq!(solver.solve(&[-1], &Budget::unlimited()).unwrap(), Outcome::Unsat);
    assert_eq!(solver.core().unwrap(), &[-1]);
    assert_eq!(solver.solve(&[], &Budget::unlimited()).unwrap(), Outcome::Sat);
    assert_eq!(solver.new_vars(2).unwrap(), 3);
    assert_eq!(solver.solve(&[4, -3], &Budget::unlimited()).unwrap(), Outcome::Sat);
    assert_eq!(solver.model().unwrap(), &[1, -1, -1, 1]);
}
