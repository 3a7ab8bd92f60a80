//! Local search beside the search, through the public solver.
#![cfg(feature = "cadical")]

use std::sync::Arc;

use anser::budget::{Budget, Limits};
use anser::formula::{Condition, Formula};
use anser::solve::{Backend, Outcome, Solver};

/// A network of 30-16-16 neurons with weights from a generator of its own, asked for an input with which `bound` of the
/// last layer's literals are true.
fn network(mut state: u64, bound: i64) -> Arc<Formula> {
    let mut coin = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        state >> 63 == 0
    };
    let mut formula = Formula::new();
    for (inputs, neurons) in [(1..31, 31..47), (31..47, 47..63)] {
        for neuron in neurons {
            let literals: Vec<i32> = inputs.clone().map(|x| if coin() { x } else { -x }).collect();
            let half = literals.len() as i64 / 2;
            formula.add_cardinality(&literals, half, Condition::Reified(neuron)).unwrap();
        }
    }
    let literals: Vec<i32> = (47..63).map(|x| if coin() { x } else { -x }).collect();
    formula.add_cardinality(&literals, bound, Condition::Plain).unwrap();
    Arc::new(formula)
}

fn solver(formula: &Arc<Formula>) -> Solver {
    let mut solver = Solver::new(Arc::clone(formula)).unwrap();
    solver.set_backend(Backend::Native).unwrap();
    solver
}

fn count(solver: &Solver, name: &str) -> i64 {
    solver.statistics().iter().find(|s| s.0 == name).unwrap().1
}

#[test]
fn a_network_is_inverted_without_conflicts() {
    for state in 0..20 {
        let formula = network(state, 11);
        let mut solver = solver(&formula);
        assert_eq!(solver.solve(&[], &Budget::unlimited()).unwrap(), Outcome::Sat);
        assert_eq!((count(&solver, "walk_models"), count(&solver, "conflicts")), (1, 0), "{state}");
    }
}

#[test]
fn assumptions_and_added_constraints_hold() {
    for state in 0..20 {
        let formula = network(state, 9);
        let mut solver = solver(&formula);
        // The solver checks each model against all constraints and the assumptions.
        for assumptions in [&[1, -2, 3][..], &[-1, 40], &[], &[-47, 48, 5]] {
            assert!(matches!(solver.solve(assumptions, &Budget::unlimited()).unwrap(), Outcome::Sat | Outcome::Unsat));
        }
        // Clauses that local search was not told of: it may be wrong, the answer not.
        let mut models = 0;
        let mut seen = std::collections::BTreeSet::new();
        while models < 12 && solver.solve(&[], &Budget::unlimited()).unwrap() == Outcome::Sat {
            let model: Vec<i8> = solver.model().unwrap()[..30].to_vec();
            let block: Vec<i32> = (1i32..).zip(&model).map(|(v, &value)| -v * i32::from(value)).collect();
            assert!(seen.insert(model), "found twice");
            solver.add_clause(&block).unwrap();
            models += 1;
        }
        assert_eq!(models, 12);
        solver.add_cardinalities(&(1..31).collect::<Vec<_>>(), &[0, 30], &[20], &[Condition::Plain]).unwrap();
        assert!(matches!(solver.solve(&[], &Budget::unlimited()).unwrap(), Outcome::Sat | Outcome::Unsat));
    }
}

#[test]
fn unsatisfiable_networks_are_told_so() {
    let mut unsatisfiable = 0;
    for state in 0..4 {
        let formula = network(state, 16);
        let answers = [Backend::Native, Backend::Encode].map(|backend| {
            let mut solver = Solver::new(Arc::clone(&formula)).unwrap();
            solver.set_backend(backend).unwrap();
            solver.solve(&[], &Budget::unlimited()).unwrap()
        });
        assert_eq!(answers[0], answers[1]);
        unsatisfiable += i32::from(answers[0] == Outcome::Unsat);
    }
    assert!(unsatisfiable > 0);
}

#[test]
fn option_walk_turns_it_off_and_a_seed_repeats_a_run() {
    let formula = network(5, 11);
    let run = |walk: i64, seed: u64| {
        let mut solver = solver(&formula);
        solver.set_option("walk", walk).unwrap();
        let budget = Budget::start(&Limits { seed, ..Limits::default() });
        assert_eq!(solver.solve(&[], &budget).unwrap(), Outcome::Sat);
        let counts = ["walk_flips", "walk_models", "decisions", "conflicts"].map(|name| count(&solver, name));
        (counts, solver.model().unwrap().to_vec())
    };
    assert_eq!(run(0, 1).0[..2], [0, 0]);
    assert_eq!(run(1, 1), run(1, 1));
    assert!((2..6).any(|seed| run(1, seed).1 != run(1, 1).1));
}
