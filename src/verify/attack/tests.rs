//! The attack on networks whose answers are known, against a plain evaluation, and on what could break it.

use super::*;
use crate::budget::{Limits, Stop};
use crate::net::property::Property;
use crate::net::{Constant, Network, Op, vnnlib};
use crate::verify::canonical::Disjuncts;
use crate::verify::witness::{down, up};

/// Weights, row by row, and biases.
type Layers = Vec<(Vec<f64>, Vec<f64>)>;

/// Linear layers with ReLU between them.
fn network(inputs: usize, layers: &Layers) -> Network {
    let mut net = Network::new();
    let (mut x, mut width) = (net.add_input("x", &[inputs]).unwrap(), inputs);
    for (i, (weights, bias)) in layers.iter().enumerate() {
        if i > 0 {
            x = net.add_layer("", Op::Relu, &[x]).unwrap();
        }
        let w = net.add_constant("", Constant::from_f64(&[bias.len(), width], weights).unwrap()).unwrap();
        let b = net.add_constant("", Constant::from_f64(&[bias.len()], bias).unwrap()).unwrap();
        x = net.add_layer("", Op::Linear, &[x, w, b]).unwrap();
        width = bias.len();
    }
    net.add_output(x).unwrap();
    net
}

/// What it computes, by the definition.
fn reference(layers: &Layers, x: &[f64]) -> Vec<f64> {
    let mut x = x.to_vec();
    for (i, (weights, bias)) in layers.iter().enumerate() {
        if i > 0 {
            x.iter_mut().for_each(|v| *v = v.max(0.0));
        }
        let row = |(w, b): (&[f64], &f64)| b + w.iter().zip(&x).map(|(w, x)| w * x).sum::<f64>();
        x = weights.chunks(x.len()).zip(bias).map(row).collect();
    }
    x
}

fn property(inputs: usize, outputs: usize, text: &str) -> Property {
    let names = (0..inputs).map(|i| format!("X_{i}")).chain((0..outputs).map(|i| format!("Y_{i}")));
    let declared: String = names.map(|name| format!("(declare-const {name} Real)")).collect();
    vnnlib::read_bytes(format!("{declared}{text}").as_bytes(), &Budget::unlimited()).unwrap()
}

fn problem(layers: &Layers, inputs: usize, text: &str) -> (Problem, Vec<Disjunct>) {
    let outputs = layers.last().unwrap().1.len();
    let problem = Problem::new(network(inputs, layers), property(inputs, outputs, text)).unwrap();
    let mut iterator = Disjuncts::new(problem.property().clone(), &Default::default()).unwrap();
    let mut disjuncts = Vec::new();
    while let Some(disjunct) = iterator.next(&Budget::unlimited()).unwrap() {
        disjuncts.push(disjunct);
    }
    (problem, disjuncts)
}

fn attack(layers: &Layers, inputs: usize, text: &str) -> Report {
    let (problem, disjuncts) = problem(layers, inputs, text);
    Attack::new(&Options::default()).run(&problem, &disjuncts, &[], &Budget::unlimited()).unwrap()
}

fn identity() -> Layers {
    vec![(vec![1.0], vec![0.0])]
}

/// A box of every input.
fn cube(inputs: usize, lower: f64, upper: f64) -> String {
    (0..inputs).map(|i| format!("(assert (and (>= X_{i} {lower:?}) (<= X_{i} {upper:?})))")).collect()
}

fn random_layers(random: &mut Xoshiro256PlusPlus, sizes: &[usize]) -> Layers {
    let mut numbers = |count: usize| (0..count).map(|_| 2.0 * fuzz::unit(random) - 1.0).collect::<Vec<f64>>();
    sizes.windows(2).map(|pair| (numbers(pair[0] * pair[1]), numbers(pair[1]))).collect()
}

#[test]
fn finds_what_is_there_and_nothing_else() {
    // relu(x) + relu(-z): 2 in one corner, never more.
    let layers = vec![(vec![1.0, 0.0, 0.0, -1.0], vec![0.0; 2]), (vec![1.0, 1.0], vec![0.0])];
    let text = |bound: &str| format!("{}(assert (>= Y_0 {bound}))", cube(2, -1.0, 1.0));
    let witness = attack(&layers, 2, &text("1.999")).witness.unwrap();
    assert!(reference(&layers, &[f64::from(witness.input[0]), f64::from(witness.input[1])])[0] >= 1.999);
    assert_eq!(attack(&layers, 2, &text("2.0")).witness.unwrap().input, [1.0, -1.0]);
    let none = attack(&layers, 2, &text("2.00001"));
    assert_eq!((none.witness, none.stop, none.margin), (None, None, f64::NEG_INFINITY));
}

/// Random networks: where one of many points of a grid has the property clearly, so has one that is found; and what is
/// found has it by plain evaluation, up to its rounding.
#[test]
fn random_networks_against_a_grid() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
    let (mut found, mut none) = (0, 0);
    for round in 0..60 {
        let layers = random_layers(&mut random, &[2, 6, 6, 3]);
        let bound = 0.4 + 0.05 * f64::from(round % 30);
        let text = format!(
            "{}(assert (or (and (>= Y_0 {bound:?}) (>= Y_0 Y_1)) (and (>= Y_2 (+ Y_0 {bound:?})) (<= X_0 (+ X_1 Y_1)))))",
            cube(2, -1.0, 1.0)
        );
        let clearly = |x: &[f64; 2]| {
            let y = reference(&layers, x);
            (y[0] >= bound + 0.02 && y[0] >= y[1] + 0.02) || (y[2] >= y[0] + bound + 0.02 && x[0] + 0.02 <= x[1] + y[1])
        };
        let coordinate = |i: i32| f64::from(i) / 50.0 - 1.0;
        let grid = (0..101).any(|i| (0..101).any(|j| clearly(&[coordinate(i), coordinate(j)])));
        let report = attack(&layers, 2, &text);
        let Some(witness) = report.witness else {
            assert!(!grid, "round {round}");
            none += 1;
            continue;
        };
        found += 1;
        let x: Vec<f64> = witness.input.iter().map(|&v| f64::from(v)).collect();
        let y = reference(&layers, &x);
        let almost = 1e-12; // sums of a dozen numbers below 30
        let first = y[0] >= bound - almost && y[0] >= y[1] - almost;
        let second = y[2] >= y[0] + bound - almost && x[0] <= x[1] + y[1] + almost;
        assert!(x.iter().all(|v| v.abs() <= 1.0) && (first || second), "round {round}");
        assert!(y.iter().zip(&witness.output).all(|(wide, &narrow)| (wide - f64::from(narrow)).abs() < 1e-4));
    }
    assert!(found > 10 && none > 10, "{found} {none}");
}

#[test]
fn gradients_find_what_random_points_do_not() {
    // The largest of a sum over 40 inputs: random points stay in the middle.
    let layers = vec![((0..40).map(|i| f64::from(i % 3) - 1.5).collect::<Vec<f64>>(), vec![0.0])];
    let most: f64 = layers[0].0.iter().map(|w: &f64| w.abs()).sum();
    let (problem, disjuncts) =
        problem(&layers, 40, &format!("{}(assert (>= Y_0 {:?}))", cube(40, -1.0, 1.0), 0.99 * most));
    let mut attack = Attack::new(&Options::default());
    assert_eq!(attack.fuzz(&problem, &disjuncts, &Budget::unlimited()).unwrap().witness, None);
    assert_eq!(attack.statistics().gradients, 0);
    let report = attack.run(&problem, &disjuncts, &[], &Budget::unlimited()).unwrap();
    assert!(report.witness.is_some() && attack.statistics().gradients > 0);
}

#[test]
fn starts_are_tried_first() {
    let (problem, disjuncts) =
        problem(&identity(), 1, &format!("{}(assert (and (>= Y_0 0.3) (<= Y_0 0.30001)))", cube(1, 0.0, 1.0)));
    let options = Options { samples: 0, restarts: 0, ..Options::default() };
    let mut attack = Attack::new(&options);
    let mut run = |starts: &[f64]| attack.run(&problem, &disjuncts, starts, &Budget::unlimited()).unwrap().witness;
    assert_eq!(run(&[]), None);
    assert_eq!(run(&[0.7, f64::NAN, f64::INFINITY, 0.300005]).unwrap().input, [0.300005f32]);
}

#[test]
fn what_is_met_with_equality_only() {
    let constant = vec![(vec![0.0], vec![0.5])];
    let text = |sign: &str| format!("{}(assert ({sign} Y_0 0.5))", cube(1, 0.0, 1.0));
    assert_eq!(attack(&constant, 1, &text("<")).witness, None);
    assert_eq!(attack(&constant, 1, &text(">")).witness, None);
    let report = attack(&constant, 1, &text("<="));
    assert_eq!((report.witness.unwrap().output, report.margin), (vec![0.5], 0.0));
}

#[test]
fn a_witness_with_slack_is_preferred_and_one_without_kept() {
    // relu(x): y <= 0 holds with equality, never by more; y <= x does from x = 0 on, y <= x / 2 + 0.1 by more and more.
    let layers = vec![(vec![1.0], vec![0.0]), (vec![1.0], vec![0.0])];
    let report = attack(&layers, 1, &format!("{}(assert (<= Y_0 0.0))", cube(1, -1.0, 1.0)));
    assert_eq!((report.witness.is_some(), report.margin), (true, 0.0));
    let mut attack = Attack::new(&Options { margin: 0.2, ..Options::default() });
    let (problem, disjuncts) = problem(&identity(), 1, &format!("{}(assert (>= Y_0 0.5))", cube(1, 0.0, 1.0)));
    let starts = [0.5];
    let report = attack.run(&problem, &disjuncts, &starts, &Budget::unlimited()).unwrap();
    assert!(report.margin >= 0.2, "{}", report.margin);
    assert_eq!(report.margin, report.witness.unwrap().margin(&disjuncts[report.disjunct]));
}

#[test]
fn both_precisions_have_to_agree() {
    // (x + 1e8) - 1e8 is 0 at 1 in 32 bits.
    let layers = vec![(vec![1.0], vec![1e8]), (vec![1.0], vec![-1e8])];
    let text = format!("{}(assert (<= Y_0 0.5))", cube(1, 1.0, 1.0));
    let (problem, _) = problem(&layers, 1, &text);
    let mut y = [7.0f32];
    problem.f32().evaluate(1, &[1.0], &mut y, &Budget::unlimited()).unwrap();
    assert_eq!(y, [0.0]);
    assert_eq!(attack(&layers, 1, &text).witness, None);
}

#[test]
fn a_box_of_one_point() {
    let text = |value: f64| format!("{}(assert (>= Y_0 0.0))", cube(1, value, value));
    assert_eq!(attack(&identity(), 1, &text(0.5)).witness.unwrap().input, [0.5]);
    // No number of 32 bits.
    assert_eq!(attack(&identity(), 1, &text(0.1)).witness, None);
    let (problem, disjuncts) = problem(&identity(), 1, &text(0.1));
    let mut attack = Attack::new(&Options { round: true, ..Options::default() });
    let report = attack.run(&problem, &disjuncts, &[], &Budget::unlimited()).unwrap();
    assert_eq!(report.witness.unwrap().input, [0.1f32]);
    // Endless restarts end where there is nothing to move.
    let (problem, disjuncts) = self::problem(&identity(), 1, &format!("{}(assert (> Y_0 0.5))", cube(1, 0.5, 0.5)));
    let mut attack = Attack::new(&Options { restarts: usize::MAX, ..Options::default() });
    assert_eq!(attack.run(&problem, &disjuncts, &[], &Budget::unlimited()).unwrap().witness, None);
    assert_eq!(attack.statistics().evaluations, 1);
}

#[test]
fn a_disjunct_without_halfspaces_is_met_anywhere() {
    let report = attack(&identity(), 1, &cube(1, 2.0, 3.0));
    assert_eq!((report.witness.unwrap().input, report.margin), (vec![2.5], f64::INFINITY));
}

#[test]
fn no_numbers_are_no_witnesses() {
    // Infinite, and a difference of two such: networks hold no other numbers than finite ones.
    let infinite = vec![(vec![1e200], vec![1e200]), (vec![1e200], vec![0.0])];
    let nan = vec![(vec![1e200; 2], vec![1e200; 2]), (vec![1e200, -1e200], vec![0.0])];
    for layers in [infinite, nan] {
        for text in ["", "(assert (<= Y_0 1.0))", "(assert (> Y_0 1.0))"] {
            assert_eq!(attack(&layers, 1, &format!("{}{text}", cube(1, -1.0, 1.0))).witness, None);
        }
    }
    let (problem, _) = problem(&identity(), 1, &cube(1, -1.0, 1.0));
    for value in [f32::NAN, f32::INFINITY] {
        assert_eq!(problem.replay(&[value], &Budget::unlimited()), Ok(None));
    }
}

#[test]
fn boxes_without_ends_or_sense() {
    let (problem, _) = problem(&identity(), 1, "(assert (and (>= X_0 -1e300) (<= X_0 1e300) (>= Y_0 7.0)))");
    let mut attack = Attack::new(&Options::default());
    for (lower, upper, found) in [
        (f64::NEG_INFINITY, f64::INFINITY, true),
        (f64::NEG_INFINITY, 9.0, true),
        (-9.0, f64::INFINITY, true),
        (-1e300, 1e300, true),
        (1e39, 1e40, false),
        (f64::NEG_INFINITY, -1e40, false),
        (9.0, 8.0, false),
        (f64::NAN, 8.0, false),
        (f64::INFINITY, f64::NEG_INFINITY, false),
    ] {
        for round in [false, true] {
            attack.set_options(&Options { round, ..Options::default() });
            let mut disjunct = Disjunct::empty(vec![lower], vec![upper], 1);
            disjunct.add([(1, -1.0)].into_iter(), -7.0, false).unwrap();
            let report = attack.run(&problem, &[disjunct], &[], &Budget::unlimited()).unwrap();
            assert_eq!(report.witness.is_some(), found, "{lower} {upper} {round}");
        }
    }
}

#[test]
fn several_boxes_at_once() {
    let text = "(assert (or (and (>= X_0 0) (<= X_0 1) (>= Y_0 1.5)) (and (>= X_0 2) (<= X_0 3) (<= Y_0 1.9))
                            (and (>= X_0 2) (<= X_0 3) (>= Y_0 2.75))))";
    let (problem, disjuncts) = problem(&identity(), 1, text);
    let report = Attack::new(&Options::default()).run(&problem, &disjuncts, &[], &Budget::unlimited()).unwrap();
    let witness = report.witness.unwrap();
    assert!(witness.input[0] >= 2.75 && disjuncts[report.disjunct].upper == [3.0]);
    assert!(witness.margin(&disjuncts[report.disjunct]) >= 0.0);
}

#[test]
fn the_same_seed_and_work_give_the_same_run() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
    let layers = random_layers(&mut random, &[3, 20, 20, 1]);
    let (problem, disjuncts) = problem(&layers, 3, &format!("{}(assert (>= Y_0 1e6))", cube(3, -1.0, 1.0)));
    let run = |work: u64, seed: u64| {
        let limits = Limits { work: Some(work), seed, ..Limits::default() };
        let mut attack = Attack::new(&Options { restarts: usize::MAX, ..Options::default() });
        let report = attack.run(&problem, &disjuncts, &[], &Budget::start(&limits)).unwrap();
        assert_eq!((&report.witness, report.stop), (&None, Some(Stop::Work)));
        (Statistics { seconds: 0.0, ..attack.statistics() }, attack.swarm.x.clone())
    };
    for work in [0, 1, 10, 1000, 5000] {
        assert_eq!(run(work, 1), run(work, 1));
    }
    assert_ne!(run(5000, 1).1, run(5000, 2).1);
    // So many evaluations, up to a batch.
    let mut attack = Attack::new(&Options { restarts: usize::MAX, evaluations: 1000, ..Options::default() });
    let report = attack.run(&problem, &disjuncts, &[], &Budget::unlimited()).unwrap();
    assert_eq!((report.witness, report.stop), (None, None));
    assert!((1000..1032).contains(&attack.statistics().evaluations));
}

#[test]
fn strange_options() {
    let (problem, disjuncts) = problem(&identity(), 1, &format!("{}(assert (>= Y_0 0.9))", cube(1, 0.0, 1.0)));
    let run = |options: Options| Attack::new(&options).run(&problem, &disjuncts, &[0.1], &Budget::unlimited());
    let none = Options { samples: 0, steps: 0, batch: 0, restarts: 0, ..Options::default() };
    assert_eq!(run(none.clone()).unwrap().witness, None);
    assert!(run(Options { steps: 9, restarts: 9, ..none.clone() }).unwrap().witness.is_some());
    for value in [f64::NAN, f64::INFINITY, -1.0, 0.0] {
        let options = Options { step: value, margin: value, range: value, ..Options::default() };
        assert!(run(options).unwrap().witness.is_some());
    }
    assert!(matches!(run(Options { batch: usize::MAX, ..none }), Err(VerifyError::Memory(_))));
}

#[test]
fn sizes_have_to_fit() {
    let error = Problem::new(network(1, &identity()), property(2, 1, "")).unwrap_err();
    assert_eq!(error.to_string(), "inputs of the property: there are 2, needed are 1");
    let error = Problem::new(network(1, &identity()), property(1, 3, "")).unwrap_err();
    assert_eq!(error.to_string(), "outputs of the property: there are 3, needed are 1");
    let (problem, disjuncts) = problem(&identity(), 1, &cube(1, 0.0, 1.0));
    let budget = Budget::unlimited();
    let mut attack = Attack::new(&Options::default());
    for disjunct in [
        Disjunct::empty(vec![0.0; 2], vec![1.0; 2], 1),
        Disjunct::empty(vec![0.0], vec![1.0; 2], 1),
        Disjunct::empty(vec![0.0], vec![1.0], 2),
    ] {
        assert!(matches!(attack.run(&problem, &[disjunct], &[], &budget), Err(VerifyError::Size { .. })));
    }
    assert!(problem.replay(&[0.0, 0.0], &budget).is_err());
    assert!(problem.replay_near(&[0.0], &[0.0], &[], &budget).is_err());
    assert_eq!(attack.run(&problem, &[], &[], &budget).unwrap().witness, None);
    assert!(attack.run(&problem, &disjuncts, &[], &budget).unwrap().witness.is_some());
}

#[test]
fn points_are_rounded_inward() {
    let tenth = f64::from(0.1f32); // above 0.1
    assert_eq!((up(0.1), down(0.1)), (0.1f32, 0.1f32.next_down()));
    assert_eq!((up(tenth), down(tenth)), (0.1f32, 0.1f32));
    assert_eq!((up(f64::INFINITY), down(1e300), up(-1e300)), (f32::INFINITY, f32::MAX, f32::MIN));
    let (problem, _) = problem(&identity(), 1, &cube(1, 0.1, 0.3));
    let near = |x: f64, lower: f64, upper: f64| {
        let witness = problem.replay_near(&[x], &[lower], &[upper], &Budget::unlimited()).unwrap();
        witness.map(|witness| witness.input[0])
    };
    assert_eq!(near(0.1, 0.1, 0.3), Some(0.1f32));
    assert_eq!(near(0.3, 0.1, 0.3), Some(0.3f32.next_down())); // 0.3f32 is above 0.3
    assert_eq!(near(9.0, 0.1, 0.3), Some(0.3f32.next_down()));
    assert_eq!(near(0.2, 0.2, 0.2), None);
    assert_eq!(near(0.25, 0.25, 0.25), Some(0.25));
    assert_eq!(near(0.2, 0.3, 0.1), None);
    assert_eq!(near(f64::NAN, 0.1, 0.3), None);
    // The box that was given is not the property's.
    assert_eq!(near(0.5, 0.5, 0.5), None);
}

#[test]
fn they_may_move_between_threads_and_a_problem_may_be_shared() {
    fn send<T: Send + 'static>() {}
    fn sync<T: Sync + Clone>() {}
    send::<Attack>();
    send::<Problem>();
    sync::<Problem>();
}
