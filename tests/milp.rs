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

use anser::budget::Budget;
use anser::encode::relu::{Encoding, Form, Options, ReluEncoder, Tightening};
use anser::formula::{Condition, Formula, Linear, Relation};
use anser::milp::{self, Answer};

use generate::{Case, case};
use random::Random;
use reference::Reference;

/// A network with few phases, in a formula of its own.
fn encoded(seed: u64) -> Option<(Case, Formula, Encoding)> {
    let case = case(seed);
    let form = if seed.is_multiple_of(2) { Form::BigM } else { Form::Smt };
    let options = Options { form, tightening: Tightening::Crown };
    let encoder = ReluEncoder::new(&case.network, options, &Budget::unlimited()).unwrap();
    let mut formula = Formula::new();
    let disjunct = &case.disjuncts[0];
    let encoding = encoder.encode(&mut formula, &disjunct.lower, &disjunct.upper, &Budget::unlimited()).unwrap();
    (formula.num_vars() <= 6).then_some((case, formula, encoding))
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
        let Some((case, mut formula, encoding)) = encoded(seed) else { continue };
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
