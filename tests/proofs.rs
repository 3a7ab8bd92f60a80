//! Proofs in every format, from one solve and from several, checked by checkers that share nothing with the library.
#![cfg(feature = "cadical")]

mod support;

use std::io::{Error, Result as IoResult, Write};
use std::sync::{Arc, Mutex};

use anser::budget::{Budget, Limits};
use anser::formula::Formula;
use anser::instances::{pigeonhole, random_ksat, tseitin};
use anser::sat::SatError;
use anser::solve::{Outcome, ProofFormat, SolveError, Solver};
use support::model::Cnf;

/// Bytes that the test can look at while the solver has the writer.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> IoResult<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> IoResult<()> {
        Ok(())
    }
}

impl Shared {
    fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
    fn text(&self) -> String {
        String::from_utf8(self.bytes()).unwrap()
    }
}

fn cnf(formula: &Formula, added: &[Vec<i32>]) -> Cnf {
    let clauses: Vec<&[i32]> = formula.clauses().iter().chain(added.iter().map(Vec::as_slice)).collect();
    Cnf::new(&clauses)
}

fn seeded(seed: u64) -> Budget {
    Budget::start(&Limits { seed, ..Limits::default() })
}

fn unsatisfiable() -> Vec<Arc<Formula>> {
    let b = seeded(11);
    let mut empty_clause = Formula::new();
    empty_clause.add_clauses(&[1, 2], &[0, 2, 2]).unwrap();
    let mut units = Formula::new();
    units.add_clauses(&[1, -1, 2, -2], &[0, 1, 3, 4]).unwrap();
    units.add_clause(&[-1, 2]).unwrap();
    units.add_clauses(&[3, 3, -3, -3], &[0, 2, 4]).unwrap();
    vec![
        Arc::new(empty_clause),
        Arc::new(units),
        Arc::new(pigeonhole::generate(7, 6, &b).unwrap()),
        Arc::new(tseitin::generate(18, 3, tseitin::Charge::Odd, &b).unwrap()),
        Arc::new(random_ksat::generate(120, 620, 3, &b).unwrap()),
        Arc::new(random_ksat::generate(40, 900, 4, &b).unwrap()),
    ]
}

#[test]
fn every_format_refutes_every_instance() {
    for (i, formula) in unsatisfiable().iter().enumerate() {
        let cnf = cnf(formula, &[]);
        for format in [ProofFormat::Drat, ProofFormat::Lrat, ProofFormat::DratBinary, ProofFormat::LratBinary] {
            let sink = Shared::default();
            let mut solver = Solver::new(Arc::clone(formula)).unwrap();
            solver.set_proof(format, Box::new(sink.clone())).unwrap();
            assert_eq!(solver.solve(&[], &seeded(1)).unwrap(), Outcome::Unsat);
            let checked = match format {
                ProofFormat::Drat => support::drat::check_text(&cnf, &sink.text()).map(drop),
                ProofFormat::DratBinary => support::drat::check_binary(&cnf, &sink.bytes()).map(drop),
                ProofFormat::Lrat => support::lrat::check_text(&cnf, &sink.text()).map(drop),
                ProofFormat::LratBinary => support::lrat::check_binary(&cnf, &sink.bytes()).map(drop),
                ProofFormat::VeriPb => unreachable!("it is not about clauses"),
            };
            assert_eq!(checked, Ok(()), "instance {i}, {format:?}");
        }
    }
}

/// Bounded variable addition brings variables of the backend's own into the proof, by clauses that are not implied.
#[test]
fn extension_variables_in_proofs() {
    let formula = Arc::new(pigeonhole::generate(9, 8, &seeded(0)).unwrap());
    let cnf = cnf(&formula, &[]);
    for format in [ProofFormat::Drat, ProofFormat::Lrat] {
        let sink = Shared::default();
        let mut solver = Solver::new(Arc::clone(&formula)).unwrap();
        for (option, value) in [("factor", 1), ("factordelay", 0), ("factoriniticks", 1_000_000), ("factorthresh", 0)] {
            solver.set_option(option, value).unwrap();
        }
        solver.set_proof(format, Box::new(sink.clone())).unwrap();
        assert_eq!(solver.solve(&[], &seeded(1)).unwrap(), Outcome::Unsat);
        let summary = match format {
            ProofFormat::Drat => support::drat::check_text(&cnf, &sink.text()).map(|s| s.rat),
            _ => support::lrat::check_text(&cnf, &sink.text()).map(|s| s.rat),
        };
        println!("{format:?}: {summary:?} RAT steps");
        assert!(summary.is_ok_and(|rat| rat > 0), "{format:?}");
    }
}

/// Clauses added after a solve, assumptions over eliminated variables (which bring eliminated clauses back), and an
/// end without a model: the DRAT proof is about all clauses together.
#[test]
fn a_drat_proof_goes_on_over_several_solves() {
    let formula = Arc::new(random_ksat::generate(160, 640, 3, &seeded(3)).unwrap());
    let more = random_ksat::generate(160, 300, 3, &seeded(4)).unwrap();
    let sink = Shared::default();
    let mut solver = Solver::new(Arc::clone(&formula)).unwrap();
    solver.set_proof(ProofFormat::Drat, Box::new(sink.clone())).unwrap();
    // It would answer before it eliminates anything; and three more ways to take clauses away and bring them back.
    for (option, value) in [("lucky", 0), ("walk", 0), ("elimint", 1), ("block", 1), ("cover", 1), ("condition", 1)] {
        solver.set_option(option, value).unwrap();
    }
    let mut added: Vec<Vec<i32>> = Vec::new();
    let (mut answers, mut eliminated) = (Vec::new(), 0);
    let mut clauses = more.clauses().iter();
    loop {
        let v = i32::try_from(1 + added.len() % 160).unwrap();
        for assumptions in [&[v, -(v % 160 + 1)][..], &[]] {
            answers.push(solver.solve(assumptions, &seeded(1)).unwrap());
        }
        eliminated += solver.statistics().iter().find(|s| s.0 == "eliminated").unwrap().1;
        if answers.last() == Some(&Outcome::Unsat) {
            break;
        }
        for clause in clauses.by_ref().take(20) {
            solver.add_clause(clause).unwrap();
            added.push(clause.to_vec());
        }
    }
    assert!(answers.contains(&Outcome::Sat) && eliminated > 0, "{answers:?}, {eliminated} eliminated");
    assert!(added.len() >= 20);
    assert_eq!(support::drat::check_text(&cnf(&formula, &added), &sink.text()).map(drop), Ok(()));
}

/// The negated core is a lemma: with the core's literals as units it refutes.
#[test]
fn a_core_of_assumptions_is_a_lemma() {
    let formula = pigeonhole::generate(5, 5, &seeded(0)).unwrap();
    let mut more = formula.try_clone().unwrap();
    // Pigeon 5 may not sit in hole h where assumption a_h holds.
    let first = i32::try_from(more.new_vars(5).unwrap()).unwrap();
    for h in 0..5 {
        more.add_clause(&[-(first + h), -(4 * 5 + h + 1)]).unwrap();
    }
    let formula = Arc::new(more);
    for format in [ProofFormat::Drat, ProofFormat::Lrat] {
        let sink = Shared::default();
        let mut solver = Solver::new(Arc::clone(&formula)).unwrap();
        solver.set_proof(format, Box::new(sink.clone())).unwrap();
        let assumptions: Vec<i32> = (first..first + 5).collect();
        assert_eq!(solver.solve(&assumptions, &seeded(0)).unwrap(), Outcome::Unsat);
        let negated: Vec<i32> = solver.core().unwrap().iter().map(|l| -l).collect();
        assert_eq!(negated.len(), 5);
        let lemmas: Vec<Vec<i32>> = match format {
            ProofFormat::Lrat => support::lrat::parse_text(&sink.text())
                .unwrap()
                .into_iter()
                .filter_map(|l| match l {
                    support::lrat::Line::Add { clause, .. } => Some(clause),
                    support::lrat::Line::Delete { .. } => None,
                })
                .collect(),
            _ => sink
                .text()
                .lines()
                .filter(|l| !l.starts_with('d'))
                .map(|l| l.split_whitespace().map(|t| t.parse().unwrap()).take_while(|&x: &i32| x != 0).collect())
                .collect(),
        };
        let sorted = |c: &[i32]| {
            let mut c = c.to_vec();
            c.sort_unstable();
            c
        };
        assert!(lemmas.iter().any(|l| sorted(l) == sorted(&negated)), "{format:?}: {negated:?} is no lemma");
    }
}

#[test]
fn what_lrat_cannot_say_is_refused() {
    let mut formula = Formula::new();
    formula.add_clause(&[1, 2]).unwrap();
    let mut solver = Solver::new(Arc::new(formula)).unwrap();
    solver.set_proof(ProofFormat::Lrat, Box::new(Shared::default())).unwrap();
    solver.add_clause(&[-1]).unwrap();
    assert_eq!(solver.solve(&[], &seeded(0)).unwrap(), Outcome::Sat);
    assert!(matches!(solver.add_clause(&[-2]), Err(SolveError::State(_))));
    assert!(matches!(solver.set_proof(ProofFormat::Drat, Box::new(Shared::default())), Err(SolveError::State(_))));
}

struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> IoResult<usize> {
        if bytes.len() > self.0 {
            return Err(Error::other("the disk is full"));
        }
        self.0 -= bytes.len();
        Ok(bytes.len())
    }
    fn flush(&mut self) -> IoResult<()> {
        Ok(())
    }
}

#[test]
fn a_proof_that_cannot_be_written_is_an_error_and_no_answer() {
    for room in [0, 70_000] {
        let formula = Arc::new(pigeonhole::generate(8, 7, &seeded(0)).unwrap());
        let mut solver = Solver::new(formula).unwrap();
        solver.set_proof(ProofFormat::Drat, Box::new(Full(room))).unwrap();
        match solver.solve(&[], &seeded(0)) {
            Err(SolveError::Backend(SatError::Proof(e))) => assert_eq!(e.to_string(), "the disk is full"),
            other => panic!("room for {room} bytes: {other:?}"),
        }
        assert!(solver.core().is_err());
    }
}
