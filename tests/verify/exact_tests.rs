//! The exact decision itself: by hand, against sampling, and against an independent MILP.

use anser::budget::Budget;
use anser::net::onnx::{ReadOptions, read_file};
use anser::net::vnnlib;
use anser::net::{Constant, Network, Op, TensorId};
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

use crate::exact::{Answer, Disjunct, Row, decide, disjuncts, doubles, evaluate, rational};
use crate::generate::{Case, ENOUGH, cases, outputs, points};
use crate::random::Random;
use crate::tables;

fn constant(network: &mut Network, shape: &[usize], values: &[f32]) -> TensorId {
    network.add_constant("", Constant::from_f32(shape, values).unwrap()).unwrap()
}

/// `|x - 1/2|` of one input, by two ReLUs.
fn tent() -> Network {
    let mut network = Network::new();
    let x = network.add_input("x", &[1]).unwrap();
    let w = constant(&mut network, &[2, 1], &[1.0, -1.0]);
    let b = constant(&mut network, &[2], &[-0.5, 0.5]);
    let h = network.add_layer("", Op::Linear, &[x, w, b]).unwrap();
    let h = network.add_layer("", Op::Relu, &[h]).unwrap();
    let w = constant(&mut network, &[1, 2], &[1.0, 1.0]);
    let y = network.add_layer("", Op::Linear, &[h, w]).unwrap();
    network.add_output(y).unwrap();
    network
}

/// One input through one operator.
fn single(op: Op) -> Network {
    let mut network = Network::new();
    let x = network.add_input("x", &[1]).unwrap();
    let y = network.add_layer("", op, &[x]).unwrap();
    network.add_output(y).unwrap();
    network
}

/// Whether `sign · y ≤ sign · bound` for some input from `lower` to `upper`.
fn ask(network: &Network, (lower, upper): (f64, f64), sign: f64, bound: f64, strict: bool) -> Answer {
    let row = Row { terms: vec![(1, sign)], bound: sign * bound, strict };
    let disjunct = Disjunct { lower: vec![lower], upper: vec![upper], rows: vec![row] };
    decide(network, &[disjunct], 1.0).unwrap()
}

fn witness(answer: &Answer) -> Option<f64> {
    answer.witness.as_ref().map(|(input, _)| input[0].to_f64().unwrap())
}

#[test]
fn extremes_are_met_exactly() {
    let tent = tent();
    // The least value is 0, only at 1/2.
    let tie = ask(&tent, (0.0, 1.0), 1.0, 0.0, false);
    assert_eq!((witness(&tie), tie.margin.clone()), (Some(0.5), BigRational::zero()));
    assert!(!tie.is_clear(1e-300));
    assert!(!ask(&tent, (0.0, 1.0), 1.0, 0.0, true).is_sat());
    let below = ask(&tent, (0.0, 1.0), 1.0, -0.125, false);
    assert_eq!((witness(&below), below.margin), (None, rational(-0.125)));
    let above = ask(&tent, (0.0, 1.0), 1.0, f64::MIN_POSITIVE, true);
    assert!(above.is_sat() && above.margin == rational(f64::MIN_POSITIVE));
    // The largest is at the ends of the box, and 1/4 lies at two places.
    assert!(!ask(&tent, (0.0, 0.9), -1.0, 0.5, true).is_sat());
    assert_eq!(witness(&ask(&tent, (0.0, 0.9), -1.0, 0.5, false)), Some(0.0));
    let both = |bound: f64| {
        let rows = [(1.0, 0.25), (-1.0, -0.25)].map(|(c, b)| Row { terms: vec![(1, c)], bound: b, strict: false });
        let rows = [rows.to_vec(), vec![Row { terms: vec![(0, 1.0)], bound, strict: false }]].concat();
        decide(&tent, &[Disjunct { lower: vec![0.0], upper: vec![1.0], rows }], 1.0).unwrap()
    };
    assert_eq!((witness(&both(0.5)), witness(&both(0.2))), (Some(0.25), None));
}

#[test]
fn signs_have_three_pieces() {
    let sign = single(Op::Sign);
    // 0 is answered only at 0.
    let zero = ask(&sign, (-1.0, 1.0), 1.0, 0.0, false);
    assert!(zero.is_sat() && zero.margin == rational(1.0));
    let rows = [(1.0, 0.5), (-1.0, 0.5)].map(|(c, b)| Row { terms: vec![(1, c)], bound: b, strict: true }).to_vec();
    let only = Disjunct { lower: vec![-1.0], upper: vec![1.0], rows };
    let answer = decide(&sign, std::slice::from_ref(&only), 1.0).unwrap();
    assert_eq!((witness(&answer), answer.margin.clone()), (Some(0.0), BigRational::zero()));
    let answer = decide(&sign, &[Disjunct { lower: vec![f64::MIN_POSITIVE], ..only }], 1.0).unwrap();
    assert_eq!(witness(&answer), None);
    assert!(ask(&sign, (-1.0, 0.0), -1.0, 0.0, false).is_sat());
    assert!(!ask(&sign, (-1.0, 0.0), -1.0, 1.0, false).is_sat());
}

#[test]
fn pieces_are_where_they_belong() {
    let value = |op: Op, x: f64| {
        let answer = ask(&single(op.clone()), (x, x), 1.0, 100.0, false);
        let output = doubles(&answer.witness.unwrap().1)[0];
        assert_eq!(doubles(&evaluate(&single(op), &[rational(x)]).unwrap()), [output]);
        output
    };
    for x in [-3.0, -0.5, 0.0, 0.25, 2.0] {
        assert_eq!(value(Op::Relu, x), x.max(0.0));
        assert_eq!(value(Op::Abs, x), x.abs());
        assert_eq!(value(Op::LeakyRelu { alpha: 0.25 }, x), if x < 0.0 { x / 4.0 } else { x });
        assert_eq!(value(Op::Clip { min: -0.75, max: 1.5 }, x), x.clamp(-0.75, 1.5));
        assert_eq!(value(Op::Clip { min: f64::NEG_INFINITY, max: 1.5 }, x), x.min(1.5));
        assert_eq!(value(Op::Neg, x), -x);
    }
    let refused = decide(&single(Op::Tanh), &[Disjunct { lower: vec![0.0], upper: vec![1.0], rows: vec![] }], 1.0);
    assert!(refused.unwrap_err().contains("Tanh"));
}

/// By how much a disjunct's rows have room at a point, the least of them.
fn room(disjunct: &Disjunct, point: &[f64]) -> f64 {
    let slack = |row: &Row| row.bound - row.terms.iter().map(|&(c, w)| w * point[c as usize]).sum::<f64>();
    disjunct.rows.iter().map(slack).fold(f64::INFINITY, f64::min)
}

/// The same, exactly, and never more than 1.
fn exact_room(disjunct: &Disjunct, point: &[BigRational]) -> BigRational {
    let sum = |row: &Row| row.terms.iter().map(|&(c, w)| rational(w) * &point[c as usize]).sum::<BigRational>();
    let slacks = disjunct.rows.iter().map(|row| rational(row.bound) - sum(row));
    slacks.fold(rational(1.0), Ord::min)
}

/// Whether a point satisfies the rows, exactly.
fn holds(disjunct: &Disjunct, point: &[BigRational]) -> bool {
    disjunct.rows.iter().all(|row| {
        let sum: BigRational = row.terms.iter().map(|&(c, w)| rational(w) * &point[c as usize]).sum();
        sum < rational(row.bound) || (!row.strict && sum == rational(row.bound))
    })
}

/// A witness is in the box, is what the network answers there, and satisfies the property; no sampled point has more room
/// than the margin says.
fn check(case: &Case, random: &mut Random) {
    let (name, answer) = (&case.name, &case.answer);
    let has_sign = case.network.layers().iter().any(|layer| *layer.op() == Op::Sign);
    if let Some((input, output)) = &answer.witness {
        let disjunct = &case.disjuncts[0];
        let ends = disjunct.lower.iter().zip(&disjunct.upper);
        assert!(input.iter().zip(ends).all(|(x, (l, u))| rational(*l) <= *x && *x <= rational(*u)), "{name}");
        assert_eq!(evaluate(&case.network, input).unwrap(), *output, "{name}");
        let point = [&input[..], output].concat();
        assert!(case.disjuncts.iter().any(|disjunct| holds(disjunct, &point)), "{name}");
        assert!(!answer.margin.is_negative(), "{name}");
        if !has_sign {
            let theirs = outputs(&case.network, &[doubles(input)]).concat();
            let close = theirs.iter().zip(doubles(output)).all(|(a, b)| (a - b).abs() <= 1e-9 * b.abs().max(1.0));
            assert!(close, "{name}: {theirs:?} and {:?}", doubles(output));
        }
    } else {
        assert!(!answer.margin.is_positive(), "{name}");
    }
    if !has_sign {
        let nearest = answer.nearest.clone().unwrap();
        let point = [&nearest[..], &evaluate(&case.network, &nearest).unwrap()].concat();
        let best = case.disjuncts.iter().map(|disjunct| exact_room(disjunct, &point)).max();
        assert_eq!(best, Some(answer.margin.clone()), "{name}");
    }
    let inputs = points(&case.disjuncts[0], 1000, random);
    let margin = answer.margin.to_f64().unwrap();
    for (x, y) in inputs.iter().zip(outputs(&case.network, &inputs)) {
        let point = [&x[..], &y].concat();
        let best = case.disjuncts.iter().map(|disjunct| room(disjunct, &point)).fold(f64::NEG_INFINITY, f64::max);
        // At a sign's border the margin counts the argument's room, too. Roundings in 64 bits stay far below 1e-9.
        assert!(has_sign || margin >= ENOUGH || best <= margin + 1e-9, "{name}: {best} of {margin} at {x:?}");
        if case.property.check(x, &y).unwrap() && best > 1e-9 && !has_sign {
            assert!(answer.is_sat(), "{name}: {x:?}");
        }
        if has_sign && !answer.is_sat() {
            let exact: Vec<BigRational> = x.iter().map(|&v| rational(v)).collect();
            let output = evaluate(&case.network, &exact).unwrap();
            let point = [exact, output].concat();
            assert!(!case.disjuncts.iter().any(|disjunct| holds(disjunct, &point)), "{name}: {x:?}");
        }
    }
}

#[test]
fn answers_agree_with_samples() {
    let started = std::time::Instant::now();
    let cases = cases(0..500);
    let seconds = started.elapsed().as_secs_f64();
    let mut random = Random::new(1);
    cases.iter().for_each(|case| check(case, &mut random));
    let count = |of: &dyn Fn(&Case) -> bool| cases.iter().filter(|case| of(case)).count();
    let sat = count(&|case| case.answer.is_sat());
    let tied = count(&|case| case.answer.margin.is_zero());
    let close = count(&|case| !case.answer.is_clear(1e-3));
    let regions: usize = cases.iter().map(|case| case.answer.regions).sum();
    println!("500 cases in {seconds:.1} s: {sat} sat, {tied} by a tie, {close} within 1e-3, {regions} regions");
    let largest = cases.iter().map(|case| case.answer.regions).max();
    let mut tensors = 0.0f64; // of all tensors, at all corners and some points between
    for case in &cases {
        let network = &case.network;
        let evaluator = anser::net::eval::Evaluator::<f64>::new(network).unwrap();
        let inputs = points(&case.disjuncts[0], 100, &mut random);
        for layer in network.layers() {
            let id = layer.output();
            let mut values = vec![0.0; 100 * network.tensor(id).len()];
            let budget = Budget::unlimited();
            evaluator.evaluate_tensors(100, &inputs.concat(), &[id], &mut values, &budget).unwrap();
            tensors = values.iter().fold(tensors, |m, v| m.max(v.abs()));
        }
    }
    assert!(tensors < 256.0, "{tensors}"); // the judge's tolerance rests on it
    println!("at most {largest:?} regions");
    let with = |name: &str| count(&|case| case.network.layers().iter().any(|layer| layer.op().name() == name));
    for name in ["Relu", "LeakyRelu", "PRelu", "Abs", "Clip", "Sign", "MaxPool", "AveragePool", "Conv", "Concat"] {
        assert!(with(name) >= 10, "{name} in {} cases", with(name));
    }
    for name in ["Add", "Sub", "Mul", "Transpose", "Slice", "ReduceSum", "Reshape"] {
        assert!(with(name) >= 5, "{name} in {} cases", with(name));
    }
    assert!((200..=300).contains(&sat) && tied >= 20 && close >= 40, "{sat} {tied} {close}");
    let tied_sat = count(&|case| case.answer.is_sat() && case.answer.margin.is_zero());
    assert!(tied_sat >= 5 && tied - tied_sat >= 5, "{tied_sat} of {tied}");
}

/// The published verdicts of fuzzed instances, computed by an independent MILP.
#[test]
fn answers_agree_with_an_independent_milp() {
    let Some(instances) = tables::instances("vnnlib_fuzz") else {
        println!("skipped: no vnnlib_fuzz under {}", tables::data().display());
        return;
    };
    let budget = Budget::unlimited();
    for instance in &instances {
        let network = read_file(&instance.network, &ReadOptions::default(), &budget).unwrap();
        let property = vnnlib::read_file(&instance.property, &budget).unwrap();
        let answer = decide(&network, &disjuncts(&property), ENOUGH).unwrap();
        assert_eq!(Some(answer.is_sat()), instance.expected, "{}", instance.name);
    }
    assert_eq!(instances.len(), 40);
}
