//! Mixed formulas, an encoded network among them, decided by branch and bound over linear programs and by trying everything.
#![cfg(feature = "highs")]

#[allow(dead_code)]
#[path = "verify/exact.rs"]
mod exact;
#[allow(dead_code)]
#[path = "verify/generate.rs"]
mod generate;
#[allow(dead_code)]
#[path = "verify/random.rs"]
mod random;
#[path = "encode/reference.rs"]
mod reference;
#[path = "verify/simplex.rs"]
mod simplex;

use anser::budget::{Budget, Limits, Stop};
use anser::encode::relu::{EncodeError, Encoding, Form, Options, ReluEncoder, Tightening};
use anser::formula::{Condition, Formula, Linear, Relation};
use anser::milp::{self, Answer};
use anser::net::property::Property;
use anser::net::{Network, Op};
use anser::verify::{self, Problem, Procedure, Reason, Verdict, Verifier, VerifyError};

use generate::{Case, case};
use random::Random;
use reference::Reference;

/// A network with few phases, in a formula of its own; `None` where there are too many.
fn encoded(seed: u64, phases: u32) -> Option<(Case, Formula, Encoding)> {
    let case = case(seed);
    let form = if seed.is_multiple_of(2) { Form::BigM } else { Form::Smt };
    let options = Options { form, tightening: Tightening::Crown };
    let encoder = ReluEncoder::new(&case.network, options, &Budget::unlimited()).unwrap();
    let mut formula = Formula::new();
    let disjunct = &case.disjuncts[0];
    let encoding = encoder.encode(&mut formula, &disjunct.lower, &disjunct.upper, &Budget::unlimited()).unwrap();
    (formula.num_vars() <= phases).then_some((case, formula, encoding))
}

/// Adds variables, clauses, sums over phases, and rows over inputs and outputs, some of which hang on variables.
fn mix(formula: &mut Formula, encoding: &Encoding, case: &Case, random: &mut Random) {
    let first = formula.new_vars(3).unwrap() as i32;
    let vars = formula.num_vars() as usize;
    let literal = |random: &mut Random| (1 + random.below(vars) as i32) * if random.one_in(2) { 1 } else { -1 };
    for _ in 0..random.below(4) {
        let clause: Vec<i32> = (0..1 + random.below(3)).map(|_| literal(random)).collect();
        formula.add_clause(&clause).unwrap();
    }
    for _ in 0..random.below(3) {
        let literals: Vec<i32> = (0..3).map(|_| literal(random)).collect();
        let condition = match random.below(3) {
            0 => Condition::Plain,
            1 => Condition::Implied(first),
            _ => Condition::Reified(-first - 1),
        };
        formula.add_cardinality(&literals, random.between(0, 3), condition).unwrap();
    }
    let columns: Vec<u32> = encoding.inputs.iter().chain(&encoding.outputs).copied().collect();
    for disjunct in &case.disjuncts {
        for row in &disjunct.rows {
            let literals = [literal(random)];
            let condition = if random.one_in(3) { Condition::Implied(first + 2) } else { Condition::Plain };
            let relation = match (row.strict, random.below(8)) {
                (_, 0) => Relation::Equal,
                (true, _) => Relation::Less,
                (false, _) => Relation::AtMost,
            };
            formula
                .add_linear(Linear {
                    numbers: &row.terms.iter().map(|term| columns[term.0 as usize]).collect::<Vec<_>>(),
                    coefficients: &row.terms.iter().map(|term| term.1).collect::<Vec<_>>(),
                    literals: &literals,
                    weights: &[random.between(-2, 2) as f64 / 8.0],
                    relation,
                    rhs: row.bound,
                    condition,
                })
                .unwrap();
        }
    }
}

#[test]
fn mixed_formulas_are_decided_as_by_trying_everything() {
    let (mut sat, mut unsat, mut doubtful) = (0, 0, 0);
    for seed in 0..1200 {
        let Some((case, mut formula, encoding)) = encoded(seed, 6) else { continue };
        mix(&mut formula, &encoding, &case, &mut Random::new(seed + 1_000_000));
        let expected = Reference::new(&formula).is_satisfiable(&[]);
        let (answer, _) = milp::solve(&[&formula], &[], &Budget::unlimited()).unwrap();
        match answer {
            Answer::Sat { model, numbers } => {
                assert!(expected, "{}", case.name);
                assert_eq!(formula.check_exact(&model, &numbers), Ok(None), "{}", case.name);
                sat += 1;
            }
            Answer::Unsat => {
                assert!(!expected, "{}", case.name);
                unsat += 1;
            }
            Answer::Doubtful(_) => doubtful += 1,
            other => panic!("{other:?}"),
        }
    }
    println!("{sat} sat, {unsat} unsat, {doubtful} doubtful");
    assert!(sat > 150 && unsat > 250 && doubtful == 0, "{sat}, {unsat}, {doubtful}");
}

/// Formulas in which a network, its inputs and outputs, integers and literals hang together, and purely Boolean ones: no two
/// backends differ, and every model is checked without rounding.
#[cfg(all(feature = "cadical", feature = "z3"))]
mod backends {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use anser::formula::Domain;
    use anser::solve::{Backend, Outcome, Solver};

    use super::*;

    const FORMULAS: u64 = 500;

    /// Adds integers that rows bind to inputs, outputs and literals.
    fn add_integers(formula: &mut Formula, encoding: &Encoding, random: &mut Random) {
        let domain = Domain::Integer { min: random.between(-5, 0), max: random.between(0, 9) };
        let first = formula.new_numbers(&[domain; 2]).unwrap();
        let vars = formula.num_vars() as usize;
        let literal = |random: &mut Random| (1 + random.below(vars) as i32) * if random.one_in(2) { 1 } else { -1 };
        let columns: Vec<u32> = encoding.inputs.iter().chain(&encoding.outputs).copied().collect();
        for _ in 0..2 + random.below(2) {
            let column = columns[random.below(columns.len())];
            let relations = [Relation::AtLeast, Relation::AtMost, Relation::Equal, Relation::Less];
            let condition = if random.one_in(3) { Condition::Implied(literal(random)) } else { Condition::Plain };
            formula
                .add_linear(Linear {
                    numbers: &[column, first, first + 1],
                    coefficients: &[random.between(-4, 4) as f64 / 4.0, 1.0, random.between(-3, 3) as f64],
                    literals: &[literal(random)],
                    weights: &[random.between(-4, 4) as f64 / 2.0],
                    relation: relations[random.below(4)],
                    rhs: random.between(-6, 6) as f64 / 2.0,
                    condition,
                })
                .unwrap();
        }
        let literals: Vec<i32> = (0..4).map(|_| literal(random)).collect();
        let weights: Vec<i64> = (0..4).map(|_| random.between(-5, 5)).collect();
        formula.add_pseudo_boolean(&literals, &weights, random.between(-4, 3), Condition::Plain).unwrap();
    }

    /// Clauses, parities, cardinality and pseudo-Boolean constraints.
    fn boolean(random: &mut Random) -> Formula {
        let vars = 8 + random.below(10);
        let mut formula = Formula::new();
        formula.ensure_vars(vars as u32).unwrap();
        let literals = |random: &mut Random, count: usize| -> Vec<i32> {
            (0..count).map(|_| (1 + random.below(vars) as i32) * if random.one_in(2) { 1 } else { -1 }).collect()
        };
        for _ in 0..vars * 3 {
            formula.add_clause(&literals(random, 3)).unwrap();
        }
        for _ in 0..random.below(4) {
            formula.add_xor(&literals(random, 4), random.one_in(2)).unwrap();
            let reified = Condition::Reified(literals(random, 1)[0]);
            formula.add_cardinality(&literals(random, 6), random.between(1, 4), reified).unwrap();
            let weights: Vec<i64> = (0..6).map(|_| random.between(-9, 9)).collect();
            formula
                .add_pseudo_boolean(&literals(random, 6), &weights, random.between(-5, 9), Condition::Plain)
                .unwrap();
        }
        formula
    }

    #[test]
    fn all_backends_agree() {
        let mut counts: BTreeMap<(bool, bool), u32> = BTreeMap::new();
        let (mut seed, mut done) = (0, 0);
        while done < FORMULAS {
            seed += 1;
            let mut random = Random::new(seed + 2_000_000);
            let is_boolean = done % 4 == 3;
            let formula = if is_boolean {
                boolean(&mut random)
            } else {
                let Some((case, mut formula, encoding)) = encoded(seed, 12) else { continue };
                mix(&mut formula, &encoding, &case, &mut random);
                add_integers(&mut formula, &encoding, &mut random);
                formula
            };
            done += 1;
            let formula = Arc::new(formula);
            let mut outcomes = Vec::new();
            for backend in [Backend::Z3, Backend::Milp, Backend::Native, Backend::Encode] {
                if !is_boolean && matches!(backend, Backend::Native | Backend::Encode) {
                    continue; // reals
                }
                let mut solver = Solver::new(Arc::clone(&formula)).unwrap();
                solver.set_backend(backend).unwrap();
                let outcome = solver.solve(&[], &Budget::unlimited()).unwrap();
                if outcome == Outcome::Sat {
                    let (model, numbers) = (solver.model().unwrap(), solver.exact_numbers().unwrap());
                    assert_eq!(formula.check_exact(model, &numbers), Ok(None), "seed {seed}, {backend:?}");
                } else {
                    assert_eq!(outcome, Outcome::Unsat, "seed {seed}, {backend:?}: {:?}", solver.gave_up());
                }
                outcomes.push(outcome);
            }
            assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]), "seed {seed}: {outcomes:?}");
            *counts.entry((is_boolean, outcomes[0] == Outcome::Sat)).or_default() += 1;
        }
        println!("boolean, satisfiable: {counts:?}");
        assert!(counts.len() == 4 && counts.values().all(|&count| count > 30), "{counts:?}");
    }
}

/// A layer that is not piecewise linear is named, and nothing is decided.
#[test]
fn a_sigmoid_is_refused() {
    let mut network = Network::new();
    let x = network.add_input("x", &[1, 2]).unwrap();
    let y = network.add_layer("", Op::Sigmoid, &[x]).unwrap();
    network.add_output(y).unwrap();
    let mut property = Property::new(2, 2).unwrap();
    property.add_box(&[-1.0; 2], &[1.0; 2]).unwrap();
    let problem = Problem::new(network, property).unwrap();
    let error = Verifier::new(problem, &verify::Options::new(Procedure::Milp), &Budget::unlimited()).err().unwrap();
    assert!(matches!(error, VerifyError::Encode(EncodeError::Unsupported { layer: 0, op: "Sigmoid" })), "{error:?}");
    assert!(error.to_string().contains("Sigmoid"), "{error}");
}

/// A verification by MILP goes on where slices of work cut it, within a disjunct, and ends as one that nothing cuts.
#[test]
fn a_verification_goes_on_within_a_disjunct() {
    let (mut cut, mut verdicts) = (0, [0; 2]);
    for case in (0..120).map(case).filter(|case| case.answer.is_clear(1e-3)) {
        let verifier = || {
            let problem = Problem::new(case.network.clone(), case.property.clone()).unwrap();
            Verifier::new(problem, &verify::Options::new(Procedure::Milp), &Budget::unlimited()).unwrap()
        };
        let whole = verifier().run(&Budget::unlimited()).unwrap();
        let mut sliced = verifier();
        let (mut slices, limits) = (0, Limits { work: Some(1), ..Limits::default() });
        let verdict = loop {
            slices += 1;
            match sliced.run(&Budget::start(&limits)).unwrap() {
                Verdict::Unknown(Reason::Stopped(Stop::Work)) => assert!(slices < 100_000, "{}", case.name),
                verdict => break verdict,
            }
        };
        let is_sat = [&whole, &verdict].map(|verdict| match verdict {
            Verdict::Sat(_) => true,
            Verdict::Unsat => false,
            Verdict::Unknown(reason) => panic!("{}: {}", case.name, reason.name()),
        });
        assert_eq!(is_sat[0], is_sat[1], "{}", case.name);
        verdicts[usize::from(is_sat[0])] += 1;
        // Root bounds take a slice or two.
        cut += usize::from(slices > 2 * case.disjuncts.len() + 4);
    }
    println!("{verdicts:?}, {cut} cut within a disjunct");
    assert!(verdicts.iter().all(|&count| count > 10) && cut > 5, "{verdicts:?}, {cut}");
}
