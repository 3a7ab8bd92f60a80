//! Local search beside the engine: a model where the engine alone takes long, and the engine's answers where it has none.
#![cfg(feature = "cadical")]

use std::sync::Arc;
use std::time::Duration;

use anser::budget::{Budget, Limits};
use anser::formula::{Condition, Formula};
use anser::instances::{pigeonhole, random_ksat};
use anser::solve::{Backend, Outcome, Solver};

fn random(variables: u64, ratio: f64, seed: u64) -> Formula {
    let budget = Budget::start(&Limits { seed, ..Limits::default() });
    let clauses = random_ksat::clauses_for_ratio(variables, ratio).unwrap();
    random_ksat::generate(variables, clauses, 3, &budget).unwrap()
}

fn beside(formula: Formula) -> Solver {
    let mut solver = Solver::new(Arc::new(formula)).unwrap();
    solver.set_local_search(true).unwrap();
    solver
}

fn seconds(seconds: u64) -> Budget {
    Budget::start(&Limits { time: Some(Duration::from_secs(seconds)), ..Limits::default() })
}

/// Four thousand variables at a ratio of 4: minutes or hours for clause learning alone.
#[test]
fn a_model_comes_first() {
    for seed in 1..=3 {
        let mut solver = beside(random(4000, 4.0, seed));
        assert_eq!(solver.solve(&[], &seconds(200)).unwrap(), Outcome::Sat);
        let model = solver.model().unwrap().to_vec();
        assert_eq!(model.len(), 4000);
        // Under assumptions, with what was added, and with a variable more.
        let more = solver.new_vars(1).unwrap();
        let last = i32::try_from(more).unwrap();
        solver.add_clause(&[-last, if model[0] > 0 { 1 } else { -1 }]).unwrap();
        let assumed = [last, if model[1] > 0 { 2 } else { -2 }];
        assert_eq!(solver.solve(&assumed, &seconds(200)).unwrap(), Outcome::Sat);
        let again = solver.model().unwrap();
        assert!(again[0] == model[0] && again[1] == model[1] && again[4000] == 1);
    }
}

/// What local search cannot show, the engine does: both small and large, cores too; and the other way round.
#[test]
fn the_engine_answers_as_alone() {
    let pigeons = pigeonhole::generate(8, 7, &Budget::unlimited()).unwrap();
    let mut solver = beside(pigeons);
    assert_eq!(solver.solve(&[], &seconds(100)).unwrap(), Outcome::Unsat);
    for seed in 1..=30 {
        let formula = random(30, 4.3, seed);
        let alone = Solver::new(Arc::new(formula.try_clone().unwrap())).unwrap().solve(&[], &seconds(100)).unwrap();
        assert_eq!(beside(formula).solve(&[], &seconds(100)).unwrap(), alone, "seed {seed}");
    }
    let mut formula = Formula::new();
    formula.add_clause(&[1, 2]).unwrap();
    formula.add_clause(&[-1, 3]).unwrap();
    let mut solver = beside(formula);
    assert_eq!(solver.solve(&[-2, -3], &seconds(100)).unwrap(), Outcome::Unsat);
    assert_eq!(solver.core().unwrap().len(), 2);
    assert_eq!(solver.solve(&[], &seconds(100)).unwrap(), Outcome::Sat);
}

#[test]
fn other_constraints_and_budgets() {
    // Sums that no weight of 64 bits holds are left to the engine; parities and integers go to both.
    let mut formula = Formula::new();
    formula.add_xor(&[1, 2, 3], true).unwrap();
    formula.add_cardinality(&[1, 2, 3, 4], 3, Condition::Reified(5)).unwrap();
    let heavy = [-(1i64 << 61) - 3, -(1i64 << 61) - 1, -(1i64 << 61) + 17];
    formula.add_pseudo_boolean(&[1, 2, 3], &heavy, -(1i64 << 61) - 4, Condition::Implied(5)).unwrap();
    let mut solver = beside(formula);
    assert_eq!(solver.solve(&[5], &seconds(100)).unwrap(), Outcome::Unsat);
    assert_eq!(solver.solve(&[-5], &seconds(100)).unwrap(), Outcome::Sat);
    // Nobody is done: the budget ends both, and the next call goes on.
    let mut solver = beside(random(600, 4.6, 1));
    let stopped =
        solver.solve(&[], &Budget::start(&Limits { time: Some(Duration::from_millis(300)), ..Limits::default() }));
    assert!(matches!(stopped.unwrap(), Outcome::Unknown(anser::budget::Stop::Time)));
    let limits = Limits { conflicts: Some(50), ..Limits::default() };
    assert!(matches!(solver.solve(&[], &Budget::start(&limits)).unwrap(), Outcome::Unknown(_)));
    // Switched off again, and where there is no place for it.
    solver.set_local_search(false).unwrap();
    assert!(matches!(solver.solve(&[], &Budget::start(&limits)).unwrap(), Outcome::Unknown(_)));
    assert!(beside(random(5, 1.0, 1)).set_backend(Backend::Z3).is_err());
    if cfg!(feature = "z3") {
        let mut solver = Solver::new(Arc::new(random(5, 1.0, 1))).unwrap();
        solver.set_backend(Backend::Z3).unwrap();
        assert!(solver.set_local_search(true).is_err());
    }
}
