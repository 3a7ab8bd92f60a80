//! Encoded networks against exact answers: what the formula allows is what the network does.

#[allow(dead_code)]
#[path = "eval/cases.rs"]
mod cases;
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

use anser::budget::{Budget, Limits};
use anser::encode::relu::{EncodeError, Encoding, Form, Options, ReluEncoder, Tightening};
use anser::formula::{Condition, Domain, Formula, Linear, Relation};
use anser::net::{Constant, Network, Op};
use num_bigint::BigInt;
use num_rational::BigRational;

use exact::{Disjunct, rational};
use generate::{Case, cases, points};
use random::Random;
use reference::Reference;

const FORMS: [Form; 2] = [Form::BigM, Form::Smt];

fn encode(network: &Network, options: Options, disjunct: &Disjunct) -> (Formula, Encoding) {
    let mut formula = Formula::new();
    let encoder = ReluEncoder::new(network, options, &Budget::unlimited()).unwrap();
    let encoding = encoder.encode(&mut formula, &disjunct.lower, &disjunct.upper, &Budget::unlimited()).unwrap();
    (formula, encoding)
}

/// Adds the rows of a disjunct.
fn ask(formula: &mut Formula, encoding: &Encoding, disjunct: &Disjunct) {
    let columns: Vec<u32> = encoding.inputs.iter().chain(&encoding.outputs).copied().collect();
    for row in &disjunct.rows {
        formula
            .add_linear(Linear {
                numbers: &row.terms.iter().map(|term| columns[term.0 as usize]).collect::<Vec<_>>(),
                coefficients: &row.terms.iter().map(|term| term.1).collect::<Vec<_>>(),
                literals: &[],
                weights: &[],
                relation: if row.strict { Relation::Less } else { Relation::AtMost },
                rhs: row.bound,
                condition: Condition::Plain,
            })
            .unwrap();
    }
}

fn options(form: Form, seed: usize) -> Options {
    let tightening = [Tightening::Interval, Tightening::Crown, Tightening::Alpha(5)][seed % 3];
    Options { form, tightening }
}

/// Small enough to be tried.
fn small(seeds: std::ops::Range<u64>, phases: usize) -> impl Iterator<Item = Case> {
    cases(seeds).into_iter().filter(move |case| {
        let (_, encoding) = encode(&case.network, options(Form::Smt, 1), &case.disjuncts[0]);
        encoding.neurons.len() <= phases
    })
}

#[test]
fn formulas_have_models_exactly_where_properties_can_be_met() {
    for form in FORMS {
        let (mut sat, mut unsat) = (0, 0);
        for (index, case) in small(0..300, 7).enumerate() {
            let mut any = false;
            for disjunct in &case.disjuncts {
                let (mut formula, encoding) = encode(&case.network, options(form, index), disjunct);
                ask(&mut formula, &encoding, disjunct);
                any |= Reference::new(&formula).is_satisfiable(&[]);
            }
            assert_eq!(any, case.answer.is_sat(), "{form:?}, {}", case.name);
            *(if any { &mut sat } else { &mut unsat }) += 1;
        }
        assert!(sat > 20 && unsat > 20, "{sat}, {unsat}");
    }
}

/// Phases are decided exactly where the domain of the operand lies on one side, and a formula of few bytes takes nothing.
#[test]
fn domains_say_what_is_decided() {
    let (mut decided, mut open) = (0, 0);
    for (index, case) in cases(0..200).into_iter().enumerate() {
        let (formula, encoding) = encode(&case.network, options(FORMS[index % 2], index), &case.disjuncts[0]);
        for (neuron, &layer) in encoding.neurons.iter().zip(&encoding.layers) {
            if !matches!(case.network.layers()[layer as usize].op(), Op::Relu) {
                continue;
            }
            let Domain::Real { min, max } = formula.domains()[neuron.pre as usize] else { panic!("{}", case.name) };
            let wanted = if min >= 0.0 { Some(true) } else { (max <= 0.0).then_some(false) };
            assert_eq!(encoding.decided(neuron), wanted, "{}: {min} to {max}", case.name);
            *(if wanted.is_some() { &mut decided } else { &mut open }) += 1;
        }
        let disjunct = &case.disjuncts[0];
        let budget = Budget::unlimited();
        let encoder = ReluEncoder::new(&case.network, options(FORMS[index % 2], index), &budget).unwrap();
        let mut small = Formula::new();
        small.new_vars(1).unwrap();
        small.set_memory_limit(formula.bytes() * (index as u64 % 8) / 10);
        let error = encoder.encode(&mut small, &disjunct.lower, &disjunct.upper, &budget).unwrap_err();
        assert!(matches!(error, EncodeError::Formula(_)), "{error}");
        assert_eq!((small.num_vars(), small.num_numbers(), small.num_constraints()), (1, 0, 0), "{}", case.name);
    }
    assert!(decided > 50 && open > 50, "{decided}, {open}");
}

/// At a point there is one answer, the network's: a step beside it there is no model.
#[test]
fn numbers_are_what_the_network_computes() {
    for form in FORMS {
        for (index, case) in small(300..340, 6).enumerate() {
            let disjunct = &case.disjuncts[0];
            let (formula, encoding) = encode(&case.network, options(form, index), disjunct);
            let mut reference = Reference::new(&formula);
            let mut random = Random::new(index as u64);
            for point in points(disjunct, 3, &mut random) {
                let exact: Vec<BigRational> = point.iter().map(|&v| rational(v)).collect();
                let outputs = exact::evaluate(&case.network, &exact).unwrap();
                let mut fixed: Vec<(u32, BigRational)> = encoding.inputs.iter().copied().zip(exact).collect();
                fixed.extend(encoding.outputs.iter().copied().zip(outputs));
                assert!(reference.is_satisfiable(&fixed), "{form:?}, {}", case.name);
                let last = fixed.len() - 1;
                fixed[last].1 += BigRational::new(1.into(), BigInt::from(1u64 << 60));
                assert!(!reference.is_satisfiable(&fixed), "{form:?}, {}", case.name);
            }
        }
    }
}

/// Every operator by itself: at a point outputs are what evaluation says, up to its rounding (far below 60 products of
/// numbers below 4, each off by 2^-53), and nothing else. Boxes are narrow, so that few phases are open.
#[test]
fn every_operator_is_encoded_or_refused() {
    let (mut encoded, mut refused) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
    for (index, network) in cases::operators(11).iter().enumerate().filter(|(_, network)| network.input_len() <= 60) {
        let name = network.layers()[0].op().name();
        let form = FORMS[index % 2];
        let budget = Budget::unlimited();
        let Ok(encoder) = ReluEncoder::new(network, options(form, index), &budget) else {
            refused.insert(name);
            continue;
        };
        let point = cases::Random::new(index as u64).numbers(network.input_len());
        let [lower, upper] = [-0.01, 0.01].map(|r| point.iter().map(|v| v + r).collect::<Vec<_>>());
        let mut formula = Formula::new();
        let encoding = encoder.encode(&mut formula, &lower, &upper, &budget).unwrap();
        let values = generate::outputs(network, std::slice::from_ref(&point)).remove(0);
        let fixed: Vec<(u32, BigRational)> =
            encoding.inputs.iter().copied().zip(point.iter().map(|&v| rational(v))).collect();
        assert!(Reference::new(&formula).is_satisfiable(&fixed), "{index}, {name}");
        for i in (0..values.len()).step_by(1 + values.len() / 3) {
            for (relation, side) in [(Relation::AtLeast, 1.0), (Relation::AtMost, -1.0)] {
                let mut beyond = formula.try_clone().unwrap();
                let row = Linear {
                    numbers: &[encoding.outputs[i]],
                    coefficients: &[1.0],
                    literals: &[],
                    weights: &[],
                    relation,
                    rhs: values[i] + side * 1e-9 * (1.0 + values[i].abs()),
                    condition: Condition::Plain,
                };
                beyond.add_linear(row).unwrap();
                assert!(!Reference::new(&beyond).is_satisfiable(&fixed), "{index}, {name}, output {i}");
            }
        }
        encoded.insert(name);
    }
    println!("encoded: {encoded:?}; refused: {refused:?}");
    assert_eq!(encoded.len(), 26, "{encoded:?}");
    assert!(["Sigmoid", "Tanh", "Softmax"].iter().all(|name| refused.contains(name)), "{refused:?}");
}

/// Under the literal of a smaller box the formula is that of the smaller box; beside it, that of the whole one.
#[test]
fn smaller_boxes_are_assumptions() {
    let mut differ = 0;
    for form in FORMS {
        for (index, case) in small(500..540, 6).enumerate() {
            let disjunct = &case.disjuncts[0];
            let encoder = ReluEncoder::new(&case.network, options(form, index), &Budget::unlimited()).unwrap();
            let (mut formula, encoding) = encode(&case.network, options(form, index), disjunct);
            ask(&mut formula, &encoding, disjunct);
            let before = formula.num_numbers();
            let mut lower = disjunct.lower.clone();
            for (l, u) in lower.iter_mut().zip(&disjunct.upper) {
                *l = 0.5 * *l + 0.5 * u;
            }
            let budget = Budget::unlimited();
            let within = encoder.restrict(&mut formula, &encoding, &lower, &disjunct.upper, &budget).unwrap();
            assert_eq!(formula.num_numbers(), before);
            let inner = Disjunct { lower, ..disjunct.clone() };
            let (mut own, numbers) = encode(&case.network, options(form, index), &inner);
            ask(&mut own, &numbers, &inner);
            let expected = Reference::new(&own).is_satisfiable(&[]);
            let mut there = formula.try_clone().unwrap();
            there.add_clause(&[within]).unwrap();
            assert_eq!(Reference::new(&there).is_satisfiable(&[]), expected, "{form:?}, {}", case.name);
            let mut elsewhere = formula;
            elsewhere.add_clause(&[-within]).unwrap();
            let whole = Reference::new(&elsewhere).is_satisfiable(&[]);
            let (mut own, numbers) = encode(&case.network, options(form, index), disjunct);
            ask(&mut own, &numbers, disjunct);
            assert_eq!(whole, Reference::new(&own).is_satisfiable(&[]), "{form:?}, {}", case.name);
            differ += usize::from(whole != expected);
        }
    }
    assert!(differ > 3, "{differ}");
}

/// What bounds decide has no phase of its own, and tighter bounds decide more.
#[test]
fn bounds_decide_phases() {
    let mut open = [0; 3];
    for case in cases(700..760) {
        for (index, count) in open.iter_mut().enumerate() {
            let (formula, encoding) = encode(&case.network, options(Form::BigM, index), &case.disjuncts[0]);
            let truth = formula.constraints().find_map(|c| match c {
                anser::formula::Constraint::Clause(&[unit]) => Some(unit),
                _ => None,
            });
            let is_open = |phase: i32| Some(phase.abs()) != truth;
            *count += encoding.neurons.iter().filter(|neuron| is_open(neuron.phase)).count();
            assert_eq!(encoding.neurons.len(), encoding.layers.len());
        }
    }
    assert!(open[0] > open[1] && open[1] >= open[2], "{open:?}");
}

#[test]
fn bad_boxes_and_networks_are_refused() {
    let mut network = Network::new();
    let x = network.add_input("x", &[2]).unwrap();
    let h = network.add_layer("h", Op::Relu, &[x]).unwrap();
    let w = network.add_constant("w", Constant::from_f64(&[1, 2], &[1e308, 1e308]).unwrap()).unwrap();
    let y = network.add_layer("y", Op::Linear, &[h, w]).unwrap();
    network.add_output(y).unwrap();
    let budget = Budget::unlimited();
    let encoder = ReluEncoder::new(&network, Options::default(), &budget).unwrap();
    let mut formula = Formula::new();
    let mut said = |lower: &[f64], upper: &[f64]| {
        let said = encoder.encode(&mut formula, lower, upper, &budget).unwrap_err().to_string();
        assert_eq!((formula.num_vars(), formula.num_numbers(), formula.num_constraints()), (0, 0, 0));
        said
    };
    assert!(said(&[0.0], &[1.0, 1.0]).contains("1 elements, needed are 2"));
    assert!(said(&[0.0, f64::NAN], &[1.0, 1.0]).contains("element 1"));
    assert!(said(&[0.0, 0.0], &[1.0, f64::INFINITY]).contains("element 1"));
    assert!(said(&[0.0, 2.0], &[1.0, 1.0]).contains("index 1"));
    assert_eq!(said(&[-1e10, -1.0], &[1e10, 1.0]), EncodeError::Unbounded.to_string());
    let encoding = encoder.encode(&mut formula, &[-1.0, -1.0], &[0.125, 0.125], &budget).unwrap();
    let outside = encoder.restrict(&mut formula, &encoding, &[0.0, -2.0], &[0.0, 0.0], &budget).unwrap_err();
    assert_eq!(outside, EncodeError::Outside { input: 1, value: -2.0 });
    let other = encoder.restrict(&mut Formula::new(), &encoding, &[0.0, 0.0], &[0.0, 0.0], &budget).unwrap_err();
    assert!(other.to_string().contains("number"), "{other}");
    let none = Limits { work: Some(0), ..Limits::default() };
    let stopped = encoder.encode(&mut Formula::new(), &[0.0, 0.0], &[1.0, 1.0], &Budget::start(&none));
    assert!(matches!(stopped, Err(EncodeError::Stopped(_))), "{stopped:?}");
    let curved = network.add_layer("t", Op::Tanh, &[y]).unwrap();
    network.add_output(curved).unwrap();
    let said = ReluEncoder::new(&network, Options::default(), &budget).unwrap_err();
    assert_eq!(said, EncodeError::Unsupported { layer: 2, op: "Tanh" });
}
