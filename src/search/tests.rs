//! Against recounting, brute force, and a plain implementation.

use super::breaks::Breaks;
use super::problem::Problem;
use super::scorer::Scorer;
use super::state::{Division, State, Word};
use super::*;
use crate::formula::Condition;
use crate::instances::rng::Rng as Source;
use rand_xoshiro::rand_core::SeedableRng as _;

/// A formula of every kind of constraint over so many variables; all of them hold for the assignment that is given back.
fn planted(variables: u32, constraints: usize, seed: u64) -> (Formula, Vec<i8>) {
    let mut rng = Source::new(seed);
    let model: Vec<i8> = (0..variables).map(|_| if rng.bit() { 1 } else { -1 }).collect();
    let mut formula = Formula::new();
    formula.ensure_vars(variables).unwrap();
    let holds = |literal: i32| (model[literal.unsigned_abs() as usize - 1] > 0) == (literal > 0);
    while formula.num_constraints() < constraints as u64 {
        let length = 2 + rng.index(6);
        let mut literals: Vec<i32> = Vec::new();
        while literals.len() < length {
            let variable = 1 + rng.index(variables as usize) as i32;
            if !literals.iter().any(|l| l.abs() == variable) {
                literals.push(if rng.bit() { variable } else { -variable });
            }
        }
        let weights: Vec<i64> = literals.iter().map(|_| 1 + rng.index(9) as i64).collect();
        let held: i64 = literals.iter().zip(&weights).filter(|(l, _)| holds(**l)).map(|(_, w)| w).sum();
        let count = literals.iter().filter(|&&l| holds(l)).count() as i64;
        let condition = (1 + rng.index(variables as usize) as i32) * if rng.bit() { 1 } else { -1 };
        match rng.index(6) {
            0 if count > 0 => formula.add_clause(&literals).unwrap(),
            1 => formula.add_xor(&literals, count % 2 == 1).unwrap(),
            2 => formula.add_cardinality(&literals, count, Condition::Plain).unwrap(),
            3 => formula.add_pseudo_boolean(&literals, &weights, held, Condition::Plain).unwrap(),
            4 => {
                let bound = if holds(condition) { count } else { count + 1 };
                formula.add_cardinality(&literals, bound, Condition::Reified(condition)).unwrap()
            }
            _ => {
                let bound = if holds(condition) { held } else { held + 3 };
                formula.add_pseudo_boolean(&literals, &weights, bound, Condition::Implied(condition)).unwrap()
            }
        };
    }
    assert_eq!(formula.check(&model).unwrap(), None);
    (formula, model)
}

/// Whether all that is kept up to date is as it would be found anew.
fn recounted<W: Word>(problem: &Problem, state: &State<W>, breaks: &Breaks) {
    let mut anew = State::<W>::new(problem, Division::of(problem)).unwrap();
    anew.values.clone_from(&state.values);
    let mut counts = Breaks::new(problem).unwrap();
    counts.count(problem, &mut anew);
    let sorted = |state: &State<W>| {
        let mut violated = state.violated.clone();
        violated.sort_unstable();
        violated
    };
    assert_eq!(sorted(state), sorted(&anew));
    assert_eq!((&state.even, &state.slack), (&anew.even, &anew.slack));
    for variable in 0..problem.num_vars {
        assert_eq!(breaks.of(problem, state, variable), counts.of(problem, &anew, variable), "{variable}");
    }
}

fn flips_are_counted<W: Word>() {
    for seed in 0..40 {
        let (formula, _) = planted(20, 40, seed);
        let problem = Problem::new(&formula, &Budget::unlimited()).unwrap();
        let mut state = State::<W>::new(&problem, Division::of(&problem)).unwrap();
        let mut breaks = Breaks::new(&problem).unwrap();
        breaks.count(&problem, &mut state);
        let mut rng = Source::new(seed);
        for _ in 0..200 {
            let variable = rng.index(problem.num_vars as usize) as u32;
            let (before, broken) = (state.violated.clone(), breaks.of(&problem, &state, variable));
            let only_clauses = !problem.is_mixed();
            state.flip(&problem, variable, &mut breaks);
            recounted(&problem, &state, &breaks);
            let newly = state.violated.iter().filter(|c| !before.contains(c)).count();
            assert!(broken as usize >= newly && (!only_clauses || broken as usize == newly));
        }
    }
}

#[test]
fn what_is_kept_is_what_is_counted() {
    flips_are_counted::<u32>();
    flips_are_counted::<u64>();
}

/// What the search violates is what the formula's own check finds violated.
#[test]
fn nothing_violated_is_a_model() {
    for seed in 0..30 {
        let (formula, _) = planted(9, 14, seed);
        let problem = Problem::new(&formula, &Budget::unlimited()).unwrap();
        assert_eq!(problem.num_vars, 9);
        let mut state = State::<u32>::new(&problem, Division::of(&problem)).unwrap();
        for bits in 0..1u32 << 9 {
            state.values[0] = bits;
            state.count(&problem, |_, _| ());
            let fine = formula.check(&decoded(&state.values, 9).unwrap()).unwrap().is_none();
            assert_eq!(state.violated.is_empty(), fine && !problem.refuted, "seed {seed}: {bits:b}");
        }
    }
}

#[test]
fn planted_models_are_found() {
    for method in [Method::WalkSat, Method::Skc, Method::ProbSat] {
        for seed in 0..10 {
            let (formula, _) = planted(30, 60, seed);
            let options =
                Options { method, seed, walkers: 3, flips: Some(20_000), tries: Some(50), ..Options::default() };
            let mut search = Search::new(Arc::new(formula), &options, &Budget::unlimited()).unwrap();
            assert_eq!(search.run(&Budget::unlimited()).unwrap(), End::Model, "{method:?}, seed {seed}");
            assert!(search.model().is_ok());
        }
    }
}

/// DDFW's gains are those of a recount after every flip, weights are moved and neither made nor lost, and models are found.
#[test]
fn weights_and_gains() {
    for seed in 0..20 {
        let budget = Budget::start(&crate::budget::Limits { seed, ..Default::default() });
        let formula = crate::instances::random_ksat::generate(30, 120, 3, &budget).unwrap();
        let problem = Problem::new(&formula, &budget).unwrap();
        let mut state = State::<u32>::new(&problem, Division::of(&problem)).unwrap();
        let mut scorer = Ddfw::new(&problem).unwrap();
        let mut rng = state::Rng::seed_from_u64(seed);
        scorer.begin(&problem, &mut state);
        for _ in 0..300 {
            if state.violated.is_empty() {
                break;
            }
            let choice = scorer.choose(&problem, &state, &mut rng);
            state.flip(&problem, choice.variable, scorer.watch());
            let weights = scorer.weights();
            assert_eq!(weights.iter().map(|&w| u64::from(w)).sum::<u64>(), 8 * 120);
            let cost = |values: &[i8]| -> i64 {
                let clauses = formula.clauses().iter().zip(weights);
                let violated = clauses.filter(|(clause, _)| {
                    clause.iter().all(|&l| (values[l.unsigned_abs() as usize - 1] > 0) != (l > 0))
                });
                violated.map(|(_, &weight)| i64::from(weight)).sum()
            };
            let mut values = decoded(&state.values, 30).unwrap();
            let now = cost(&values);
            for variable in 0..30 {
                values[variable] = -values[variable];
                assert_eq!(scorer.gain(variable), now - cost(&values), "seed {seed}, {variable}");
                values[variable] = -values[variable];
            }
        }
    }
}

/// Each choice is as likely as the method says.
#[test]
fn choices_have_their_probabilities() {
    // One violated clause, 1 ∨ 2 ∨ 3; flipping 1 breaks nothing, 2 one clause, 3 two.
    let mut formula = Formula::new();
    for clause in [&[1, 2, 3][..], &[-2, 4], &[-3, 4], &[-3, 5]] {
        formula.add_clause(clause).unwrap();
    }
    let problem = Problem::new(&formula, &Budget::unlimited()).unwrap();
    let mut state = State::<u32>::new(&problem, Division::of(&problem)).unwrap();
    let mut rng = state::Rng::seed_from_u64(1);
    let draws = 200_000;
    let mut check = |name: &str, choose: &mut dyn FnMut(&mut State<u32>, &mut state::Rng) -> u32, likely: [f64; 3]| {
        let mut seen = [0u32; 3];
        for _ in 0..draws {
            seen[choose(&mut state, &mut rng) as usize] += 1;
        }
        for (seen, likely) in seen.into_iter().zip(likely) {
            let expected = likely * f64::from(draws);
            let deviation = (expected * (1.0 - likely)).sqrt().max(1e-9);
            assert!((f64::from(seen) - expected).abs() <= 5.0 * deviation, "{name}: {seen} for {expected}");
        }
    };
    let mut walksat = WalkSat::new(&problem, 0.3, false).unwrap();
    let mut choose = |state: &mut State<u32>, rng: &mut state::Rng| {
        walksat.begin(&problem, state);
        walksat.choose(&problem, state, rng).variable
    };
    check("walksat", &mut choose, [0.8, 0.1, 0.1]);
    let mut skc = WalkSat::new(&problem, 0.3, true).unwrap();
    let mut choose = |state: &mut State<u32>, rng: &mut state::Rng| {
        skc.begin(&problem, state);
        skc.choose(&problem, state, rng).variable
    };
    check("skc", &mut choose, [1.0, 0.0, 0.0]);
    let mut probsat = ProbSat::new(&problem).unwrap();
    let mut choose = |state: &mut State<u32>, rng: &mut state::Rng| {
        probsat.begin(&problem, state);
        probsat.choose(&problem, state, rng).variable
    };
    let weights = [0.0, 1.0, 2.0].map(|breaks: f64| (0.9 + breaks).powf(-2.06));
    let all: f64 = weights.iter().sum();
    check("probsat", &mut choose, weights.map(|weight| weight / all));
}

/// One seed, one run: for any number of threads, and however calls cut it.
#[test]
fn a_seed_is_a_run() {
    let (formula, _) = planted(60, 150, 7);
    let formula = Arc::new(formula);
    let trace = |threads, cut: u64| {
        let options = Options { walkers: 5, threads, seed: 3, flips: Some(700), ..Options::default() };
        let mut search = Search::new(Arc::clone(&formula), &options, &Budget::unlimited()).unwrap();
        let mut ends = Vec::new();
        for _ in 0..3000 / cut {
            if search.step(cut, &Budget::unlimited()).unwrap() == End::Model {
                break;
            }
        }
        ends.push(search.walkers.each().map(|walker| walker.values().to_vec()).collect::<Vec<_>>());
        (ends, search.statistics(), search.best().unwrap())
    };
    let first = trace(1, 3000);
    assert!(first.1.flips > 0);
    assert_eq!(trace(2, 3000), first);
    assert_eq!(trace(4, 3000), first);
}

/// What a seed has given so far is what it gives: for each method the same walk, flip by flip, with 1 and 2 threads.
#[test]
fn golden_walks() {
    let budget = Budget::start(&crate::budget::Limits { seed: 1, ..Default::default() });
    let formula = Arc::new(crate::instances::random_ksat::generate(200, 840, 3, &budget).unwrap());
    let (mixed, _) = planted(200, 500, 1);
    let mixed = Arc::new(mixed);
    let walk = |formula: &Arc<Formula>, method, threads| {
        let options = Options { method, threads, walkers: 2, seed: 1, flips: Some(150), ..Options::default() };
        let mut search = Search::new(Arc::clone(formula), &options, &Budget::unlimited()).unwrap();
        let mut sum = 0xcbf2_9ce4_8422_2325u64;
        for _ in 0..400 {
            if search.step(1, &Budget::unlimited()).unwrap() == End::Model {
                break;
            }
            for walker in search.walkers.each() {
                for &word in walker.values() {
                    sum = (sum ^ u64::from(word)).wrapping_mul(0x0100_0000_01b3);
                }
            }
        }
        sum
    };
    let golden: [(Method, u64, Option<u64>); 4] = [
        (Method::WalkSat, 0x768e_99ba_f91c_83fd, Some(0x10b8_5b6f_5463_ddfc)),
        (Method::Skc, 0xc05a_2d47_714f_2ade, Some(0xd558_79c3_659a_3d53)),
        (Method::ProbSat, 0x9fcb_b844_215d_c30b, Some(0x1cd0_e941_f1ee_0fb8)),
        (Method::Ddfw, 0x2c0a_2ba1_dc58_500f, None),
    ];
    let walks = |threads| {
        golden.map(|(method, _, others)| {
            (method, walk(&formula, method, threads), others.map(|_| walk(&mixed, method, threads)))
        })
    };
    assert_eq!(walks(1), golden, "{:#x?}", walks(1));
    assert_eq!(walks(2), golden);
}

#[test]
fn hostile_input() {
    let empty = Search::new(Arc::new(Formula::new()), &Options::default(), &Budget::unlimited());
    let mut empty = empty.unwrap();
    assert!(empty.model().is_err() && empty.best().is_err());
    assert_eq!(empty.run(&Budget::unlimited()).unwrap(), End::Model);
    assert_eq!(empty.model().unwrap().0, &[] as &[i8]);
    let mut formula = Formula::new();
    formula.add_clause(&[]).unwrap();
    formula.add_clause(&[1, -1]).unwrap();
    let formula = Arc::new(formula);
    let mut refuted = Search::new(Arc::clone(&formula), &Options::default(), &Budget::unlimited()).unwrap();
    assert_eq!(refuted.run(&Budget::unlimited()).unwrap(), End::Refuted);
    for options in [
        Options { walkers: 0, ..Options::default() },
        Options { walkers: usize::MAX, ..Options::default() },
        Options { threads: 0, ..Options::default() },
        Options { flips: Some(0), ..Options::default() },
        Options { tries: Some(0), ..Options::default() },
        Options { walk: Some(f64::NAN), ..Options::default() },
        Options { walk: Some(1.5), ..Options::default() },
    ] {
        assert!(matches!(
            Search::new(Arc::clone(&formula), &options, &Budget::unlimited()),
            Err(SearchError::Option { .. })
        ));
    }
    let mut mixed = Formula::new();
    mixed.add_xor(&[1, 2, 3], true).unwrap();
    let ddfw = Options { method: Method::Ddfw, ..Options::default() };
    let refused = Search::new(Arc::new(mixed), &ddfw, &Budget::unlimited());
    assert!(matches!(refused, Err(SearchError::Clauses { .. })));
    // At most so much of what adds up to nearly 2^63 by itself: turned around, and with its bound, that is more.
    let some = (1i64 << 61) - 20;
    for (condition, fits) in [(Condition::Plain, true), (Condition::Implied(5), false), (Condition::Reified(-5), false)]
    {
        let mut heavy = Formula::new();
        let weights = [-some - 5, -some - 3, -some - 1, -7];
        heavy.add_pseudo_boolean(&[1, 2, 3, 4], &weights, -some - 6, condition).unwrap();
        let search = Search::new(Arc::new(heavy), &Options::default(), &Budget::unlimited());
        assert_eq!(search.is_ok(), fits, "{search:?}");
        match search {
            Ok(mut search) => assert_eq!(search.run(&Budget::unlimited()).unwrap(), End::Model),
            Err(error) => assert!(matches!(error, SearchError::Unsupported(_)), "{error}"),
        }
    }
    // Many walkers, who look at the budget often and at memory.
    let (many, _) = planted(20, 30, 1);
    let options = Options { walkers: 1 << 17, threads: 2, ..Options::default() };
    let mut crowd = Search::new(Arc::new(many.try_clone().unwrap()), &options, &Budget::unlimited()).unwrap();
    assert_eq!(crowd.run(&Budget::unlimited()).unwrap(), End::Model);
    let limits = crate::budget::Limits { memory: Some(1 << 20), ..Default::default() };
    let refused = Search::new(Arc::new(many), &options, &Budget::start(&limits));
    assert!(matches!(refused, Err(SearchError::Memory(OutOfMemory::Limit { .. }))));
    // Contradictory, by two constraints: it ends with its tries.
    let mut formula = Formula::new();
    formula.add_clause(&[1]).unwrap();
    formula.add_clause(&[-1]).unwrap();
    let options = Options { flips: Some(10), tries: Some(3), ..Options::default() };
    let mut search = Search::new(Arc::new(formula), &options, &Budget::unlimited()).unwrap();
    assert_eq!(search.run(&Budget::unlimited()).unwrap(), End::Over);
    assert_eq!(search.run(&Budget::unlimited()).unwrap(), End::Over);
    let statistics = search.statistics();
    assert_eq!((statistics.tries, statistics.flips), (3, 30));
    assert_eq!(search.best().unwrap().1, 1);
}
