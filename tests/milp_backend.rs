//! The MILP backend of a solver: against brute force, with reals, cores and limits, and what it refuses. Without feature
//! `highs` it is refused itself.
#![cfg(feature = "cadical")]

use std::sync::Arc;

use anser::formula::Formula;
use anser::solve::{Backend, SolveError, Solver};

fn solver(formula: Formula) -> Solver {
    Solver::new(Arc::new(formula)).unwrap()
}

#[cfg(not(feature = "highs"))]
#[test]
fn is_refused_where_it_was_not_built() {
    let mut s = solver(Formula::new());
    let error = s.set_backend(Backend::Milp).unwrap_err();
    assert!(matches!(error, SolveError::Unavailable("HiGHS")));
    assert_eq!(error.to_string(), "backend unavailable: this library was built without HiGHS");
    assert!(s.solve(&[], &anser::budget::Budget::unlimited()).is_ok(), "the backend is the one from before");
}

#[cfg(feature = "highs")]
#[path = "support/assumed.rs"]
mod assumed;
#[cfg(feature = "highs")]
#[path = "support/mixed.rs"]
mod mixed;

#[cfg(feature = "highs")]
mod with {
    use std::time::{Duration, Instant};

    use anser::budget::{Budget, Interrupt, Limits, Stop};
    use anser::formula::{Condition, Domain, Linear, LinearRows, Relation};
    use anser::solve::{Enumerator, Outcome, ProofFormat};

    use super::assumed::agrees;
    use super::mixed::Random;
    use super::*;

    fn milp(formula: Formula) -> Solver {
        let mut s = solver(formula);
        s.set_backend(Backend::Milp).unwrap();
        s
    }

    fn solve(s: &mut Solver, assumptions: &[i32]) -> Outcome {
        s.solve(assumptions, &Budget::unlimited()).unwrap()
    }

    /// All kinds of constraints under assumptions, twice: the second search begins again in the same program.
    #[test]
    fn agrees_with_brute_force() {
        let counts = agrees(12, 300, &[1, -1], milp, |_| ());
        assert!(counts.sat > 40 && counts.unsat > 40 && counts.smaller > 20, "{counts:?}");
    }

    #[test]
    fn reals_are_exact_and_more_can_be_added() {
        let mut f = Formula::new();
        f.ensure_vars(2).unwrap();
        f.new_number(Domain::Real { min: 0.0, max: 10.0 }).unwrap();
        f.add_linear(Linear {
            numbers: &[0],
            coefficients: &[3.0],
            literals: &[],
            weights: &[],
            relation: Relation::Equal,
            rhs: 1.0,
            condition: Condition::Implied(1),
        })
        .unwrap();
        let mut s = milp(f);
        assert_eq!(solve(&mut s, &[1]), Outcome::Sat);
        assert_eq!(s.exact_numbers().unwrap()[0].to_string(), "1/3");
        assert_eq!(s.numbers().unwrap(), [1.0 / 3.0]);
        assert_eq!(s.choice().unwrap().why, "MILP, as asked for");
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
        // 3 is new.
        let v = s.new_vars(1).unwrap().cast_signed();
        assert_eq!(solve(&mut s, &[-v, 2, 1]), Outcome::Unsat);
        assert_eq!(s.core().unwrap(), [2, 1], "{v} has nothing to do with it");
        s.add_clause(&[v, 1]).unwrap();
        assert_eq!(solve(&mut s, &[-v]), Outcome::Sat);
        assert_eq!(s.model().unwrap(), [1, -1, -1]);
    }

    #[test]
    fn refuses_what_it_has_no_place_for() {
        let mut f = Formula::new();
        f.add_clause(&[1, 2]).unwrap();
        let state = |result: Result<(), SolveError>| assert!(matches!(result, Err(SolveError::State(_))), "{result:?}");
        let mut s = milp(f.try_clone().unwrap());
        state(s.set_option("seed", 1));
        state(s.set_phases(&[1]));
        state(s.set_proof(ProofFormat::Drat, Box::new(Vec::new())).map(drop));
        state(s.may_add_propagator(&[1]));
        assert_eq!(solve(&mut s, &[]), Outcome::Sat);
        state(s.set_backend(Backend::Auto));
        let mut s = solver(f.try_clone().unwrap());
        s.set_option("seed", 1).unwrap();
        state(s.set_backend(Backend::Milp));
        let mut e = Enumerator::new(Arc::new(f.try_clone().unwrap())).unwrap();
        e.solver_mut().unwrap().set_backend(Backend::Milp).unwrap();
        state(e.next(&Budget::unlimited()).map(drop));
        // No double is 2^60 + 1.
        f.add_pseudo_boolean(&[1, 2], &[(1 << 60) + 1, 1], 1, Condition::Plain).unwrap();
        let error = milp(f).solve(&[], &Budget::unlimited()).unwrap_err();
        assert!(error.to_string().contains("exceeds 2^53"), "{error}");
    }

    /// One more pigeon than holes.
    fn pigeons(holes: i32) -> Formula {
        let mut f = Formula::new();
        let at = |pigeon: i32, hole: i32| pigeon * holes + hole + 1;
        for pigeon in 0..=holes {
            f.add_clause(&(0..holes).map(|hole| at(pigeon, hole)).collect::<Vec<_>>()).unwrap();
            for (other, hole) in (0..pigeon).flat_map(|other| (0..holes).map(move |hole| (other, hole))) {
                f.add_clause(&[-at(pigeon, hole), -at(other, hole)]).unwrap();
            }
        }
        f
    }

    #[test]
    fn limits_reach_it() {
        let mut s = milp(pigeons(12));
        let mut ended = |limits: Limits| s.solve(&[], &Budget::start(&limits)).unwrap();
        let time = Some(Duration::from_millis(50));
        assert_eq!(ended(Limits { time, ..Limits::default() }), Outcome::Unknown(Stop::Time));
        assert_eq!(ended(Limits { work: Some(1000), ..Limits::default() }), Outcome::Unknown(Stop::Work));
        assert_eq!(ended(Limits { conflicts: Some(7), ..Limits::default() }), Outcome::Unknown(Stop::Conflicts));
        let bytes = Limits { memory: Some(1000), ..Limits::default() };
        assert!(matches!(s.solve(&[], &Budget::start(&bytes)), Err(SolveError::Memory(_))));
        s.add_clause(&[]).unwrap();
        assert_eq!(solve(&mut s, &[]), Outcome::Unsat);
        assert_eq!(s.stop().unwrap(), None);
        assert_eq!(s.gave_up(), None);
    }

    /// A search that slices of work cut goes on, and ends as one that nothing cut.
    #[test]
    fn a_search_that_was_cut_off_goes_on() {
        let mut s = milp(pigeons(4));
        let mut calls = 0;
        let outcome = loop {
            calls += 1;
            let limits = Limits { work: Some(1), ..Limits::default() };
            match s.solve(&[1], &Budget::start(&limits)).unwrap() {
                Outcome::Unknown(stop) => assert_eq!(stop, Stop::Work),
                outcome => break outcome,
            }
        };
        assert_eq!(outcome, Outcome::Unsat);
        assert!(calls > 3, "{calls}");
    }

    /// Also within a linear program of some hundred thousand entries.
    #[test]
    fn an_interrupt_ends_a_large_program() {
        let mut random = Random(13);
        let (variables, rows) = (20_000, 60_000);
        let mut f = Formula::new();
        for _ in 0..rows {
            let literals = random.literals(variables, 5);
            f.add_cardinality(&literals, 2, Condition::Plain).unwrap();
        }
        let mut s = milp(f);
        for delay in [300, 1500] {
            let token = Interrupt::new();
            let trigger = token.clone();
            let thread = std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(delay));
                trigger.trigger();
                Instant::now()
            });
            let limits = Limits { interrupt: Some(token), ..Limits::default() };
            let outcome = s.solve(&[], &Budget::start(&limits)).unwrap();
            let end = Instant::now();
            let waited = end.saturating_duration_since(thread.join().unwrap());
            println!("{outcome:?}, {waited:?} after the interrupt, {:?}", s.statistics().last());
            assert_eq!(outcome, Outcome::Unknown(Stop::Interrupted));
            assert!(waited < Duration::from_secs(5), "{waited:?}");
        }
    }
}
