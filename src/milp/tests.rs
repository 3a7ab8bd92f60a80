//! Against all assignments, and by hand.

use num_rational::BigRational;
use proptest::prelude::*;

use super::*;
use crate::budget::Limits;
use crate::formula::{Condition, Domain, Linear, Relation};

fn condition(kind: u8, literal: i32) -> Condition {
    match kind % 3 {
        0 => Condition::Plain,
        1 => Condition::Implied(literal),
        _ => Condition::Reified(literal),
    }
}

fn literals() -> impl Strategy<Value = Vec<i32>> {
    prop::collection::vec((1..=6i32, any::<bool>()).prop_map(|(v, s)| if s { v } else { -v }), 1..5)
}

/// A constraint: which kind, literals, weights, bound, condition.
type Piece = (u8, Vec<i32>, Vec<i64>, i64, u8, i32);

fn piece() -> impl Strategy<Value = Piece> {
    let weights = prop::collection::vec(-3..=3i64, 6);
    (0..6u8, literals(), weights, -3..=5i64, any::<u8>(), prop::sample::select(vec![1, -2, 3, -4, 5, 6]))
}

/// Six variables and two integers from -2 to 2.
fn formula(pieces: &[Piece]) -> Formula {
    let mut f = Formula::new();
    f.ensure_vars(6).unwrap();
    f.new_numbers(&[Domain::Integer { min: -2, max: 2 }; 2]).unwrap();
    for (kind, literals, weights, bound, condition_kind, literal) in pieces {
        let when = condition(*condition_kind, *literal);
        match kind {
            0 => f.add_clause(literals).map(|_| ()),
            1 => f.add_xor(literals, bound % 2 == 0).map(|_| ()),
            2 => f.add_cardinality(literals, *bound, when).map(|_| ()),
            3 => f.add_pseudo_boolean(literals, &weights[..literals.len()], *bound, when).map(|_| ()),
            _ => {
                let relations =
                    [Relation::AtLeast, Relation::AtMost, Relation::Equal, Relation::Greater, Relation::Less];
                f.add_linear(Linear {
                    numbers: &[0, 1],
                    coefficients: &[weights[4] as f64 / 2.0, weights[5] as f64],
                    literals,
                    weights: &weights[..literals.len()].iter().map(|&w| w as f64 / 4.0).collect::<Vec<_>>(),
                    relation: relations[bound.unsigned_abs() as usize % 5],
                    rhs: *bound as f64 / 2.0,
                    condition: if matches!(when, Condition::Reified(_)) { Condition::Plain } else { when },
                })
                .map(|_| ())
            }
        }
        .unwrap();
    }
    f
}

fn brute(f: &Formula, assumptions: &[i32]) -> bool {
    (0..64u32).any(|bits| {
        let model: Vec<i8> = (0..6).map(|v| if bits >> v & 1 == 1 { 1 } else { -1 }).collect();
        let holds = |&l: &i32| (model[l.unsigned_abs() as usize - 1] > 0) == (l > 0);
        assumptions.iter().all(holds)
            && (0..25).any(|n| f.check_with(&model, &[f64::from(n / 5 - 2), f64::from(n % 5 - 2)]).unwrap().is_none())
    })
}

fn decide(f: &Formula, assumptions: &[i32]) -> (Answer, Statistics) {
    solve(&[f], assumptions, &Budget::unlimited()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn answers_are_those_of_trying_everything(
        pieces in prop::collection::vec(piece(), 1..9),
        assumptions in prop::collection::vec(prop::sample::select(vec![1, -2, 3, -4]), 0..3),
    ) {
        let f = formula(&pieces);
        let (answer, _) = decide(&f, &assumptions);
        match answer {
            Answer::Sat { model, numbers } => {
                prop_assert_eq!(f.check_exact(&model, &numbers), Ok(None));
                for &l in &assumptions {
                    prop_assert!((model[l.unsigned_abs() as usize - 1] > 0) == (l > 0));
                }
            }
            answer => {
                prop_assert_eq!(answer, Answer::Unsat);
                prop_assert!(!brute(&f, &assumptions));
            }
        }
    }
}

fn reals(count: usize) -> Formula {
    let mut f = Formula::new();
    f.new_numbers(&vec![Domain::Real { min: -10.0, max: 10.0 }; count]).unwrap();
    f
}

fn row(f: &mut Formula, coefficients: &[f64], relation: Relation, rhs: f64) {
    let numbers: Vec<u32> = (0..coefficients.len() as u32).collect();
    let row = Linear {
        numbers: &numbers,
        coefficients,
        literals: &[],
        weights: &[],
        relation,
        rhs,
        condition: Condition::Plain,
    };
    f.add_linear(row).unwrap();
}

fn point(f: &Formula) -> Vec<BigRational> {
    match decide(f, &[]).0 {
        Answer::Sat { numbers, .. } => numbers,
        answer => panic!("{answer:?}"),
    }
}

#[test]
fn values_are_rationals() {
    let mut f = reals(2);
    row(&mut f, &[3.0, 0.0], Relation::Equal, 1.0);
    row(&mut f, &[1.0, 7.0], Relation::Equal, 0.0);
    let ratio = |a: i64, b: i64| BigRational::new(a.into(), b.into());
    assert_eq!(point(&f), [ratio(1, 3), ratio(-1, 21)]);
    // Neither number is defined by those before it.
    let mut f = reals(2);
    row(&mut f, &[3.0, 1.0], Relation::Equal, 1.0);
    row(&mut f, &[1.0, -7.0], Relation::Equal, 0.0);
    assert_eq!(point(&f), [ratio(7, 22), ratio(1, 22)]);
}

#[test]
fn strict_rows_are_met_strictly() {
    let mut f = reals(2);
    row(&mut f, &[1.0, 1.0], Relation::AtLeast, 1.0);
    row(&mut f, &[1.0, 0.0], Relation::Less, 0.5);
    row(&mut f, &[0.0, 1.0], Relation::Less, 0.5 + 1e-12);
    assert_eq!(f.check_exact(&[], &point(&f)), Ok(None));
    row(&mut f, &[0.0, 1.0], Relation::Less, 0.5);
    assert_eq!(decide(&f, &[]).0, Answer::Unsat);
}

/// x + 1e-12 y = 1, x + 2e-12 y = 1 - 1e-11 and y >= -5: within HiGHS's tolerances there are points, in truth y = -10.
/// x, y and a variable a: what looks like the rows of a rectifier and is more.
#[test]
fn equations_are_no_rows_of_a_rectifier() {
    let with = |over: Relation, under: Relation, x: (f64, f64)| {
        let mut f = Formula::new();
        let a = f.new_var().unwrap() as i32;
        let reals = [Domain::Real { min: x.0, max: x.1 }, Domain::Real { min: 0.0, max: 4.0 }];
        f.new_numbers(&reals).unwrap();
        for (numbers, coefficients, weight, relation, rhs) in
            [(&[0, 1][..], &[1.0, -1.0][..], -4.0, over, -4.0), (&[1], &[-1.0], 4.0, under, 0.0)]
        {
            let (literals, weights, condition) = (&[a][..], &[weight][..], Condition::Plain);
            f.add_linear(Linear { numbers, coefficients, literals, weights, relation, rhs, condition }).unwrap();
        }
        decide(&f, &[]).0
    };
    let is_sat = |answer: Answer| matches!(answer, Answer::Sat { .. });
    // a is 1 and y is x.
    assert!(is_sat(with(Relation::AtLeast, Relation::AtLeast, (1.0, 4.0))));
    assert!(is_sat(with(Relation::Equal, Relation::AtLeast, (1.0, 4.0))));
    // y is 4 a.
    assert!(is_sat(with(Relation::AtLeast, Relation::Equal, (-4.0, -1.0))));
    assert!(is_sat(with(Relation::Equal, Relation::Equal, (1.0, 4.0))));
    assert_eq!(with(Relation::Equal, Relation::Equal, (1.0, 3.5)), Answer::Unsat);
}

#[test]
fn what_tolerances_let_pass_is_decided_exactly() {
    let mut f = reals(2);
    row(&mut f, &[1.0, 1e-12], Relation::Equal, 1.0);
    row(&mut f, &[1.0, 2e-12], Relation::Equal, 1.0 - 1e-11);
    row(&mut f, &[0.0, 1.0], Relation::AtLeast, -5.0);
    assert_eq!(decide(&f, &[]).0, Answer::Unsat);
    let mut lp = raw::Lp::new(&program::Program::new(&[&f], &Budget::unlimited()).unwrap(), 0).unwrap();
    assert_eq!(lp.run(1000).unwrap().0, raw::Status::Optimal, "HiGHS alone would be wrong here");
}

/// One pigeon more than there are holes.
fn pigeons(holes: i32) -> Formula {
    let mut f = Formula::new();
    let at = |pigeon: i32, hole: i32| pigeon * holes + hole + 1;
    for pigeon in 0..=holes {
        f.add_clause(&(0..holes).map(|hole| at(pigeon, hole)).collect::<Vec<_>>()).unwrap();
    }
    for hole in 0..holes {
        for a in 0..=holes {
            for b in 0..a {
                f.add_clause(&[-at(a, hole), -at(b, hole)]).unwrap();
            }
        }
    }
    f
}

#[test]
fn budgets_end_a_search_and_empty_programs_have_models() {
    assert!(matches!(decide(&Formula::new(), &[]).0, Answer::Sat { .. }));
    let mut empty = Formula::new();
    empty.add_clause(&[]).unwrap();
    assert_eq!(decide(&empty, &[]).0, Answer::Unsat);
    let f = pigeons(11);
    let limits = Limits { time: Some(std::time::Duration::from_millis(50)), ..Limits::default() };
    let begin = std::time::Instant::now();
    assert_eq!(solve(&[&f], &[], &Budget::start(&limits)).unwrap().0, Answer::Unknown(Stop::Time));
    assert!(begin.elapsed().as_millis() < 500, "{:?}", begin.elapsed());
    let limits = Limits { work: Some(100), ..Limits::default() };
    let run = || solve(&[&f], &[], &Budget::start(&limits)).unwrap();
    assert_eq!(run().0, Answer::Unknown(Stop::Work));
    assert_eq!(run().1, run().1);
}

/// Parities over overlapping variables, and a sum over all of them, an integer and a real that is almost fixed.
fn hard() -> Formula {
    let mut f = Formula::new();
    f.ensure_vars(14).unwrap();
    f.new_numbers(&[Domain::Integer { min: -9, max: 9 }, Domain::Real { min: -4.0, max: 4.0 }]).unwrap();
    for start in 1..9 {
        f.add_xor(&[start, start + 2, start + 3, start + 5], start % 3 == 0).unwrap();
    }
    let literals: Vec<i32> = (1..=14).collect();
    let weights: Vec<f64> = literals.iter().map(|&l| f64::from(7 * l % 11) + 0.25).collect();
    for (relation, rhs) in [(Relation::AtLeast, 31.4), (Relation::AtMost, 31.6)] {
        f.add_linear(Linear {
            numbers: &[0, 1],
            coefficients: &[3.0, 0.01],
            literals: &literals,
            weights: &weights,
            relation,
            rhs,
            condition: Condition::Plain,
        })
        .unwrap();
    }
    f
}

#[test]
fn where_a_search_is_cut_changes_nothing() {
    let mut sat = hard();
    let mut unsat = hard();
    unsat.add_cardinality(&(1..=14).collect::<Vec<_>>(), 9, Condition::Plain).unwrap();
    sat.add_clause(&[1, 2]).unwrap();
    let mut seen = Vec::new();
    for (f, assumptions) in [(&sat, vec![]), (&sat, vec![3, -4, 5]), (&unsat, vec![]), (&unsat, vec![-1])] {
        let (whole, statistics) = decide(f, &assumptions);
        seen.push((matches!(whole, Answer::Sat { .. }), statistics.nodes));
        for work in [1, 7, 200] {
            let mut search = Search::new(vec![f], &assumptions, &Budget::unlimited()).unwrap();
            let mut calls = 0;
            let answer = loop {
                let before = search.statistics().nodes;
                let limits = Limits { work: Some(work), ..Limits::default() };
                calls += 1;
                match search.run(&mut |_| false, &Budget::start(&limits)).unwrap() {
                    Answer::Unknown(stop) => assert_eq!(stop, Stop::Work),
                    answer => break answer,
                }
                assert!(search.statistics().nodes > before || before == 0, "no step");
            };
            assert_eq!((&answer, search.statistics()), (&whole, statistics), "slices of {work}");
            assert!(work > 7 || calls > 3, "{calls} calls, {statistics:?}");
            // Asked again, it answers again.
            assert_eq!(search.run(&mut |_| false, &Budget::unlimited()).unwrap(), whole);
            assert_eq!(search.statistics(), statistics);
        }
        // Each part counts as a conflict.
        let mut search = Search::new(vec![f], &assumptions, &Budget::unlimited()).unwrap();
        let limits = Limits { conflicts: Some(5), ..Limits::default() };
        assert_eq!(search.run(&mut |_| false, &Budget::start(&limits)).unwrap(), Answer::Unknown(Stop::Conflicts));
        assert_eq!(search.statistics().nodes, 5);
        assert_eq!(search.run(&mut |_| false, &Budget::unlimited()).unwrap(), whole);
        assert_eq!(search.statistics(), statistics);
    }
    assert!(seen.iter().all(|s| s.1 > 10) && seen.iter().any(|s| s.0) && seen.iter().any(|s| !s.0), "{seen:?}");
}

/// Also within one linear program, which takes more iterations than are made between two questions to the budget.
#[test]
fn a_linear_program_goes_on_too() {
    let mut f = reals(600);
    let mut state = 1u32;
    let mut random = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    for _ in 0..400 {
        let mut coefficients = vec![0.0; 600];
        (0..8).for_each(|_| coefficients[random(600) as usize] = f64::from(random(19)) - 9.0);
        row(&mut f, &coefficients, Relation::Equal, f64::from(random(31)) - 15.0);
    }
    let mut whole = Search::new(vec![&f], &[], &Budget::unlimited()).unwrap();
    let answer = whole.run(&mut |_| false, &Budget::unlimited()).unwrap();
    assert!(whole.statistics().iterations > 400, "{:?}", whole.statistics());
    let mut cut = Search::new(vec![&f], &[], &Budget::unlimited()).unwrap();
    let mut within = 0;
    let end = loop {
        // The exact arithmetic at the end may take more than a slice, and is not cut.
        let time = (within < 3).then_some(std::time::Duration::from_micros(900));
        let limits = Limits { time, ..Limits::default() };
        let before = cut.statistics();
        match cut.run(&mut |_| false, &Budget::start(&limits)).unwrap() {
            Answer::Unknown(_) => within += u32::from(cut.statistics().iterations > before.iterations),
            answer => break answer,
        }
    };
    assert_eq!((end, cut.statistics()), (answer, whole.statistics()));
    assert!(within > 1, "the linear program was cut {within} times");
}
