//! The Z3 backend of a solver: against the other backends, with reals, and what it refuses. Without feature `z3` it is
//! unavailable.
#![cfg(feature = "cadical")]

use std::sync::Arc;

use anser::formula::Formula;
use anser::solve::{Backend, SolveError, Solver};

fn solver(formula: Formula) -> Solver {
    Solver::new(Arc::new(formula)).unwrap()
}

#[test]
#[cfg(not(feature = "z3"))]
fn unavailable_where_it_was_not_built() {
    let mut s = solver(Formula::new());
    let error = s.set_backend(Backend::Z3).unwrap_err();
    assert!(matches!(error, SolveError::Unavailable("Z3")));
    assert_eq!(error.to_string(), "backend unavailable: this library was built without Z3");
    assert!(s.solve(&[], &anser::budget::Budget::unlimited()).is_ok(), "the backend is the one from before");
}

#[cfg(feature = "z3")]
#[path = "support/assumed.rs"]
mod assumed;
#[cfg(feature = "z3")]
#[path = "support/mixed.rs"]
mod mixed;

#[cfg(feature = "z3")]
mod with {
    use std::time::Duration;

    use anser::budget::{Budget, Interrupt, Limits, Stop};
    use anser::formula::{Condition, Domain, Linear, LinearRows, Relation};
    use anser::solve::{Enumerator, Outcome, ProofFormat};

    use super::assumed::agrees;
    use super::*;

    fn z3(formula: Formula) -> Solver {
        let mut s = solver(formula);
        s.set_backend(Backend::Z3).unwrap();
        s
    }

    fn solve(s: &mut Solver, assumptions: &[i32]) -> Outcome {
        s.solve(assumptions, &Budget::unlimited()).unwrap()
    }

    /// All kinds of constraints under assumptions.
    #[test]
    fn agrees_with_brute_force() {
        let counts = agrees(11, 200, &[1], z3, |s| {
            for (exact, &double) in s.exact_numbers().unwrap().iter().zip(s.numbers().unwrap()) {
                assert_eq!(exact.to_string(), double.to_string());
            }
        });
        assert!(counts.sat > 20 && counts.unsat > 20, "{counts:?}");
    }

    #[test]
    fn reals_are_exact_and_more_can_be_added() {
        let mut f = Formula::new();
        f.ensure_vars(2).unwrap();
        f.new_number(Domain::Real { min: 0.0, max: 10.0 }).unwrap();
        let third = |condition| Linear {
            numbers: &[0],
            coefficients: &[3.0],
            literals: &[],
            weights: &[],
            relation: Relation::Equal,
            rhs: 1.0,
            condition,
        };
        f.add_linear(third(Condition::Implied(1))).unwrap();
        let mut s = z3(f);
        assert_eq!(solve(&mut s, &[1]), Outcome::Sat);
        assert_eq!(s.exact_numbers().unwrap()[0].to_string(), "1/3");
        assert_eq!(s.numbers().unwrap(), [1.0 / 3.0]);
        assert_eq!(s.choice().unwrap().why, "Z3, as asked for");
        let y = s.new_numbers(&[Domain::Integer { min: 1, max: 5 }]).unwrap();
        s.add_linears(&LinearRows {
            numbers: &[0, y],
            coefficients: &[1.0, -1.0],
            number_offsets: &[0, 2],
            literals: &[],
            weights: &[],
            literal_offsets: &[],
            relations: &[Relation::Greater],
            rhs: &[0.0],
            conditions: &[Condition::Implied(2)],
        })
        .unwrap();
        assert!(s.exact_numbers().is_err());
        assert_eq!(solve(&mut s, &[2]), Outcome::Sat);
        assert!(s.exact_numbers().unwrap()[0] > s.exact_numbers().unwrap()[1]);
        assert_eq!(solve(&mut s, &[-3, 2, 1][1..]), Outcome::Unsat);
        assert_eq!(s.core().unwrap(), [2, 1]);
        let v = s.new_vars(1).unwrap();
        s.add_clause(&[v.cast_signed(), 1]).unwrap();
        assert_eq!(solve(&mut s, &[-v.cast_signed()]), Outcome::Sat);
        assert_eq!(s.model().unwrap(), [1, -1, -1]);
    }

    #[test]
    fn refuses_what_it_has_no_place_for() {
        let mut f = Formula::new();
        f.add_clause(&[1, 2]).unwrap();
        let state = |result: Result<(), SolveError>| assert!(matches!(result, Err(SolveError::State(_))), "{result:?}");
        let mut s = z3(f.try_clone().unwrap());
        state(s.set_option("seed", 1));
        state(s.set_phases(&[1]));
        state(s.set_proof(ProofFormat::Drat, Box::new(Vec::new())).map(drop));
        state(s.may_add_propagator(&[1]));
        assert_eq!(solve(&mut s, &[]), Outcome::Sat);
        state(s.set_backend(Backend::Auto));
        let mut s = solver(f.try_clone().unwrap());
        s.set_option("seed", 1).unwrap();
        state(s.set_backend(Backend::Z3));
        let mut e = Enumerator::new(Arc::new(f)).unwrap();
        e.solver_mut().unwrap().set_backend(Backend::Z3).unwrap();
        state(e.next(&Budget::unlimited()).map(drop));
    }

    #[test]
    fn limits_reach_it() {
        // One more pigeon than holes.
        let mut f = Formula::new();
        let at = |pigeon: i32, hole: i32| pigeon * 12 + hole + 1;
        for pigeon in 0..13 {
            f.add_clause(&(0..12).map(|hole| at(pigeon, hole)).collect::<Vec<_>>()).unwrap();
            for (other, hole) in (0..pigeon).flat_map(|other| (0..12).map(move |hole| (other, hole))) {
                f.add_clause(&[-at(pigeon, hole), -at(other, hole)]).unwrap();
            }
        }
        let mut s = z3(f);
        let mut ended = |limits: Limits| s.solve(&[], &Budget::start(&limits)).unwrap();
        let time = Some(Duration::from_millis(50));
        assert_eq!(ended(Limits { time, ..Limits::default() }), Outcome::Unknown(Stop::Time));
        assert_eq!(ended(Limits { work: Some(100_000), ..Limits::default() }), Outcome::Unknown(Stop::Work));
        let token = Interrupt::new();
        let trigger = token.clone();
        let thread = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(50));
            trigger.trigger();
        });
        let interrupt = Some(token);
        assert_eq!(ended(Limits { interrupt, ..Limits::default() }), Outcome::Unknown(Stop::Interrupted));
        thread.join().unwrap();
        s.add_clause(&[]).unwrap();
        assert_eq!(solve(&mut s, &[]), Outcome::Unsat);
        assert_eq!(s.stop().unwrap(), None);
        assert_eq!(s.gave_up(), None);
    }
}
