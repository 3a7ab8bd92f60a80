//! Formulas of all kinds of constraints: what solver and enumeration answer, native and encoded, against brute force.
#![cfg(feature = "cadical")]

#[path = "support/mixed.rs"]
mod mixed;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anser::budget::Budget;
use anser::formula::{Condition, Formula};
use anser::solve::{Backend, Enumerator, HostFunctions, HostPropagator, HostStop, Outcome, Solver, Step};
use mixed::{Mixed, Random, is_true};

const BACKENDS: [Backend; 2] = [Backend::Native, Backend::Encode];

fn bits(model: &[i8]) -> u32 {
    model.iter().enumerate().filter(|(_, v)| **v > 0).map(|(i, _)| 1 << i).sum()
}

fn integers(numbers: &[f64]) -> Vec<i64> {
    numbers.iter().map(|&n| n as i64).collect()
}

/// Every projected model once, and nothing else.
fn enumerate(formula: &Arc<Formula>, backend: Backend, project: Option<&[u32]>) -> Vec<(u32, Vec<i64>)> {
    let budget = Budget::unlimited();
    let mut e = Enumerator::new(Arc::clone(formula)).unwrap();
    e.solver_mut().unwrap().set_backend(backend).unwrap();
    if let Some(variables) = project {
        e.set_projection(variables).unwrap();
    }
    let mut found = Vec::new();
    loop {
        match e.next(&budget).unwrap() {
            Step::Model => found.push((bits(e.model().unwrap()), integers(e.numbers().unwrap()))),
            Step::Complete => break,
            Step::Unknown(stop) => panic!("{stop:?}"),
        }
    }
    assert!(e.is_complete());
    assert_eq!(e.count(), found.len() as u64);
    found
}

#[test]
fn native_encoded_and_brute_force_agree() {
    let mut random = Random(3);
    let (mut sat, mut many) = (0, 0);
    for round in 0..2000 {
        let mixed = Mixed::random(&mut random, round % 4 == 0);
        let expected = mixed.models();
        let values: BTreeSet<u32> = expected.iter().map(|m| m.0).collect();
        let formula = Arc::new(mixed.formula(|_| true));
        sat += usize::from(!expected.is_empty());
        many += usize::from(expected.len() > 10);
        for backend in BACKENDS {
            let mut solver = Solver::new(Arc::clone(&formula)).unwrap();
            solver.set_backend(backend).unwrap();
            let outcome = solver.solve(&[], &Budget::unlimited()).unwrap();
            assert_eq!(outcome == Outcome::Sat, !expected.is_empty(), "{round} {backend:?} {mixed:?}");
            if outcome == Outcome::Sat {
                let model = (bits(solver.model().unwrap()), integers(solver.numbers().unwrap()));
                assert!(expected.contains(&model), "{round} {backend:?} {mixed:?}");
            }
            let found = enumerate(&formula, backend, None);
            assert!(found.iter().all(|model| expected.contains(model)), "{round} {backend:?} {mixed:?}");
            let told: BTreeSet<u32> = found.iter().map(|m| m.0).collect();
            assert_eq!(told.len(), found.len(), "a model was told twice: {round} {backend:?} {mixed:?}");
            assert_eq!(told, values, "{round} {backend:?} {mixed:?}");
        }
    }
    assert!((400..1800).contains(&sat) && many > 200, "{sat} satisfiable, {many} with more than 10 models");
}

#[test]
fn projected_counts_are_those_of_brute_force() {
    let mut random = Random(4);
    for round in 0..300 {
        let mixed = Mixed::random(&mut random, false);
        let formula = Arc::new(mixed.formula(|_| true));
        let size = random.below(u64::from(mixed.variables) + 1);
        let project: BTreeSet<u32> = (0..size).map(|_| 1 + random.below(mixed.variables.into()) as u32).collect();
        let project: Vec<u32> = project.into_iter().collect();
        let mask: u32 = project.iter().map(|v| 1 << (v - 1)).sum();
        let expected: BTreeSet<u32> = mixed.models().iter().map(|m| m.0 & mask).collect();
        for backend in BACKENDS {
            let found = enumerate(&formula, backend, Some(&project));
            let told: BTreeSet<u32> = found.iter().map(|m| m.0 & mask).collect();
            assert_eq!(told.len(), found.len(), "told twice: {round} {backend:?} {mixed:?} {project:?}");
            assert_eq!(told, expected, "{round} {backend:?} {mixed:?} {project:?}");
        }
    }
}

/// Constraints and variables added between searches, under assumptions, with cores that hold.
#[test]
fn incremental_solving_agrees() {
    let mut random = Random(5);
    let mut outcomes = BTreeMap::new();
    for round in 0..400 {
        let mixed = Mixed::random(&mut random, round % 5 == 0);
        for backend in BACKENDS {
            let half = mixed.said.len() / 2;
            let part = mixed.formula(|i| i < half);
            let mut solver = Solver::new(Arc::new(part)).unwrap();
            solver.set_backend(backend).unwrap();
            solver.solve(&[], &Budget::unlimited()).unwrap();
            let mut said = Mixed { variables: mixed.variables, domains: mixed.domains.clone(), said: Vec::new() };
            said.said.extend_from_slice(&mixed.said[..half]);
            for more in &mixed.said[half..] {
                // A variable of its own each time, so that numbers of variables part ways.
                let fresh = solver.new_vars(1).unwrap().cast_signed();
                add(&mut solver, more);
                solver.add_clause(&[fresh]).unwrap();
                said.said.push(more.clone());
                let length = random.below(3);
                let assumptions = random.literals(mixed.variables, length);
                let holds = |values: u32| assumptions.iter().all(|&l| is_true(values, l));
                let expected = said.models().iter().any(|m| holds(m.0));
                let outcome = solver.solve(&assumptions, &Budget::unlimited()).unwrap();
                assert_eq!(outcome == Outcome::Sat, expected, "{round} {backend:?} {said:?} {assumptions:?}");
                *outcomes.entry(expected).or_insert(0) += 1;
                if outcome == Outcome::Unsat {
                    let core = solver.core().unwrap();
                    assert!(core.iter().all(|l| assumptions.contains(l)));
                    let holds = |values: u32| core.iter().all(|&l| is_true(values, l));
                    assert!(!said.models().iter().any(|m| holds(m.0)), "{round} {backend:?} {said:?} {core:?}");
                }
            }
        }
    }
    assert!(outcomes.values().all(|n| *n > 300), "{outcomes:?}");
}

/// Decides on open variables of its own liking, wherever it is asked.
struct Meddler {
    random: Random,
    values: Vec<i8>,
    trail: Vec<i32>,
    starts: Vec<usize>,
}

impl HostPropagator for Meddler {
    fn functions(&self) -> HostFunctions {
        HostFunctions { notify: true, decide: true, ..HostFunctions::default() }
    }

    fn notify_assignment(&mut self, literals: &[i32]) -> Result<(), HostStop> {
        for &literal in literals {
            self.values[literal.unsigned_abs() as usize] = 1;
            self.trail.push(literal);
        }
        Ok(())
    }

    fn notify_new_level(&mut self) -> Result<(), HostStop> {
        self.starts.push(self.trail.len());
        Ok(())
    }

    fn notify_backtrack(&mut self, level: usize) -> Result<(), HostStop> {
        for literal in self.trail.drain(self.starts[level]..) {
            self.values[literal.unsigned_abs() as usize] = 0;
        }
        self.starts.truncate(level);
        Ok(())
    }

    fn decide(&mut self) -> Result<i32, HostStop> {
        let open: Vec<i32> = (1..self.values.len()).filter(|&v| self.values[v] == 0).map(|v| v as i32).collect();
        if open.is_empty() || self.random.below(4) == 0 {
            return Ok(0);
        }
        let variable = open[self.random.below(open.len() as u64) as usize];
        Ok(if self.random.below(2) == 0 { variable } else { -variable })
    }
}

/// Whoever else decides, no model is lost and none told twice.
#[test]
fn enumeration_keeps_its_decisions() {
    let mut random = Random(6);
    for round in 0..300 {
        let mixed = Mixed::random(&mut random, false);
        let formula = Arc::new(mixed.formula(|_| true));
        let all: Vec<u32> = (1..=mixed.variables).collect();
        let project = &all[..random.below(u64::from(mixed.variables) + 1) as usize];
        let mask: u32 = project.iter().map(|v| 1 << (v - 1)).sum();
        let expected: BTreeSet<u32> = mixed.models().iter().map(|m| m.0 & mask).collect();
        let mut e = Enumerator::new(formula).unwrap();
        e.set_projection(project).unwrap();
        let values = vec![0; mixed.variables as usize + 1];
        let meddler = Meddler { random: Random(round), values, trail: Vec::new(), starts: Vec::new() };
        e.solver_mut().unwrap().add_propagator(Box::new(meddler), &all).unwrap();
        let mut told = Vec::new();
        while e.next(&Budget::unlimited()).unwrap() == Step::Model {
            told.push(bits(e.model().unwrap()) & mask);
        }
        let set: BTreeSet<u32> = told.iter().copied().collect();
        assert_eq!((set.len(), &set), (told.len(), &expected), "{round} {mixed:?} {project:?}");
    }
}

fn add(solver: &mut Solver, said: &mixed::Said) {
    use anser::formula::LinearRows;
    use mixed::Said;
    match said {
        Said::Clause(literals) => solver.add_clause(literals),
        Said::Xor(literals, rhs) => solver.add_xors(literals, &[0, literals.len()], &[*rhs]),
        Said::Sum(terms, bound, condition) => {
            let (weights, literals): (Vec<i64>, Vec<i32>) = terms.iter().copied().unzip();
            solver.add_pseudo_booleans(&literals, &weights, &[0, literals.len()], &[*bound], &[*condition])
        }
        Said::Linear(of_numbers, terms, relation, rhs, condition) => {
            let (coefficients, numbers): (Vec<f64>, Vec<u32>) = of_numbers.iter().map(|&(c, n)| (c as f64, n)).unzip();
            let (weights, literals): (Vec<f64>, Vec<i32>) = terms.iter().map(|&(w, l)| (w as f64, l)).unzip();
            solver.add_linears(&LinearRows {
                numbers: &numbers,
                coefficients: &coefficients,
                number_offsets: &[0, numbers.len()],
                literals: &literals,
                weights: &weights,
                literal_offsets: &[0, literals.len()],
                relations: &[*relation],
                rhs: &[*rhs as f64],
                conditions: &[*condition],
            })
        }
    }
    .unwrap();
}

/// A parity that is looked at only when a model is complete, and the literals that were seen.
struct Late {
    variables: Vec<u32>,
    refused: Option<Vec<i32>>,
}

impl HostPropagator for Late {
    fn functions(&self) -> HostFunctions {
        HostFunctions { check_model: true, next_clause: true, ..HostFunctions::default() }
    }

    fn check_model(&mut self, literals: &[i32]) -> Result<bool, HostStop> {
        let seen: Vec<u32> = literals.iter().map(|l| l.unsigned_abs()).collect();
        assert_eq!(seen, self.variables, "other variables than were asked for");
        let odd = literals.iter().filter(|l| **l > 0).count() % 2 == 1;
        if !odd {
            self.refused = Some(literals.iter().map(|l| -l).collect());
        }
        Ok(odd)
    }

    fn next_clause(&mut self, clause: &mut Vec<i32>) -> Result<Option<bool>, HostStop> {
        let refused = self.refused.take();
        clause.extend(refused.iter().flatten());
        Ok(refused.map(|_| false))
    }
}

/// A host speaks of the formula's variables, also where encodings have taken numbers in between.
#[test]
fn a_host_speaks_of_the_formula() {
    let mut random = Random(7);
    let mut outcomes = [0, 0];
    for round in 0..200 {
        let mut mixed = Mixed::random(&mut random, round % 3 == 0);
        let backend = BACKENDS[round % 2];
        let mut solver = Solver::new(Arc::new(mixed.formula(|_| true))).unwrap();
        solver.set_backend(backend).unwrap();
        solver.solve(&[], &Budget::unlimited()).unwrap();
        // Variables that come after those of the encodings.
        solver.new_vars(2).unwrap();
        mixed.variables += 2;
        for _ in 0..3 {
            let more = mixed::Said::Sum(
                random.literals(mixed.variables, 6).into_iter().map(|l| (1, l)).collect(),
                3,
                Condition::Plain,
            );
            add(&mut solver, &more);
            mixed.said.push(more);
        }
        let mut variables: Vec<u32> = (1..=mixed.variables).filter(|_| random.below(2) == 0).collect();
        variables.push(mixed.variables);
        variables.dedup();
        mixed.said.push(mixed::Said::Xor(variables.iter().map(|v| v.cast_signed()).collect(), true));
        let late = Late { variables: variables.clone(), refused: None };
        solver.add_propagator(Box::new(late), &variables).unwrap();
        let outcome = solver.solve(&[], &Budget::unlimited()).unwrap();
        let expected = mixed.models();
        assert_eq!(outcome == Outcome::Sat, !expected.is_empty(), "{round} {backend:?} {mixed:?}");
        outcomes[usize::from(outcome == Outcome::Sat)] += 1;
        if outcome == Outcome::Sat {
            let values = bits(solver.model().unwrap());
            assert!(expected.iter().any(|m| m.0 == values), "{round} {backend:?} {mixed:?}");
        }
    }
    assert!(outcomes.iter().all(|n| *n > 40), "{outcomes:?}");
}
