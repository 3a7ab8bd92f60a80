//! The canonical form against the formula itself.

use proptest::prelude::*;

use super::*;
use crate::budget::{Limits, Stop};
use crate::net::vnnlib;

const NAMES: [&str; 4] = ["X_0", "X_1", "Y_0", "Y_1"];

fn read(assertions: &str) -> Property {
    let declared: String = NAMES.iter().map(|name| format!("(declare-const {name} Real)")).collect();
    vnnlib::read_bytes(format!("{declared}\n{assertions}").as_bytes(), &Budget::unlimited()).unwrap()
}

/// A box around all points of the tests.
const BOX: &str = "(assert (and (>= X_0 -9) (<= X_0 9) (>= X_1 -9) (<= X_1 9)))";

fn all(property: &Property, options: &Options) -> Result<(Vec<Disjunct>, Statistics), CanonicalError> {
    let mut disjuncts = Disjuncts::new(property.clone(), options)?;
    let mut found = Vec::new();
    while let Some(disjunct) = disjuncts.next(&Budget::unlimited())? {
        found.push(disjunct);
    }
    assert_eq!(disjuncts.next(&Budget::unlimited()), Ok(None));
    assert_eq!(disjuncts.statistics().produced, found.len() as u64);
    Ok((found, disjuncts.statistics()))
}

fn term() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (0usize..4).prop_map(|i| NAMES[i].to_string()),
        (-3i8..4).prop_map(|c| format!("{c}")),
        Just("0.1".to_string()),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|all| format!("(+ {})", all.join(" "))),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|all| format!("(- {})", all.join(" "))),
            (-2i8..3, inner).prop_map(|(c, term)| format!("(* {c} {term})")),
        ]
    })
}

fn formula() -> impl Strategy<Value = String> {
    let comparison = prop::sample::select(vec!["<", "<=", ">", ">=", "=", "!="]);
    let simple = ((0usize..4), comparison.clone(), -3i8..4).prop_map(|(v, c, b)| format!("({c} {} {b})", NAMES[v]));
    let general = (term(), comparison, term()).prop_map(|(a, c, b)| format!("({c} {a} {b})"));
    let atom = prop_oneof![3 => simple, 2 => general, 1 => prop::sample::select(vec!["true".into(), "false".into()])];
    atom.prop_recursive(4, 16, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            list.clone().prop_map(|all| format!("(and {})", all.join(" "))),
            list.prop_map(|all| format!("(or {})", all.join(" "))),
            inner.clone().prop_map(|one| format!("(not {one})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(=> {a} {b})")),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("(ite {a} {b} {c})")),
        ]
    })
}

/// Small whole numbers and their neighbours, so that bounds are met and missed by one double.
fn near() -> impl Strategy<Value = f64> {
    (-4i8..5, 0u8..5).prop_map(|(whole, how)| {
        let value = f64::from(whole);
        match how {
            0 => value.next_up(),
            1 => value.next_down(),
            2 => value * 0.1,
            _ => value,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    /// The union of the disjuncts has the points of the formula, and the text written is the same formula.
    #[test]
    fn has_the_points_of_the_formula(
        assertions in prop::collection::vec(formula(), 1..4),
        points in prop::collection::vec(prop::array::uniform4(near()), 40),
    ) {
        let text: String = assertions.iter().map(|assertion| format!("(assert {assertion})\n")).collect();
        let property = read(&(text + BOX));
        let written = vnnlib::to_string(&property, &Budget::unlimited()).unwrap();
        prop_assert_eq!(&vnnlib::read_bytes(written.as_bytes(), &Budget::unlimited()).unwrap(), &property);
        let (kept, _) = all(&property, &Options::default()).unwrap();
        let (loose, _) = all(&property, &Options { lp: false, ..Options::default() }).unwrap();
        for [a, b, c, d] in points {
            let (x, y) = ([a, b], [c, d]);
            let truth = property.check(&x, &y).unwrap();
            for disjuncts in [&kept, &loose] {
                let inside = |disjunct: &&Disjunct| disjunct.contains(&x, &y).unwrap();
                let found = disjuncts.iter().any(|disjunct| inside(&disjunct));
                let exact = disjuncts.iter().filter(inside).any(Disjunct::exact);
                prop_assert!(!truth || found, "lost {:?} {:?}", x, y);
                prop_assert!(truth || !exact, "won {:?} {:?}", x, y);
            }
        }
    }
}

#[test]
fn shapes_of_disjuncts() {
    let property = read(&format!("{BOX}(assert (or (<= Y_0 Y_1) (and (> Y_0 3) (<= Y_1 2) (<= Y_1 5))))"));
    let (disjuncts, statistics) = all(&property, &Options::default()).unwrap();
    assert_eq!((disjuncts.len(), statistics.nodes), (2, 2));
    assert_eq!((disjuncts[0].lower.as_slice(), disjuncts[0].upper.as_slice()), (&[-9.0, -9.0][..], &[9.0, 9.0][..]));
    let dense = disjuncts[0].dense().unwrap().unwrap();
    assert_eq!((dense.a, dense.b, dense.strict), (vec![1.0, -1.0], vec![0.0], vec![false]));
    // Y_1 <= 5 follows from Y_1 <= 2.
    let dense = disjuncts[1].dense().unwrap().unwrap();
    assert_eq!((dense.a, dense.b, dense.strict), (vec![-1.0, 0.0, 0.0, 1.0], vec![-3.0, 2.0], vec![true, false]));
    assert!(disjuncts.iter().all(Disjunct::exact));
}

#[test]
fn inputs_in_rows() {
    // A strict bound, one that no double is, and a mixed atom.
    let property = read(&format!("{BOX}(assert (and (< X_0 1) (<= (* 3 X_1) 1) (<= Y_0 X_0)))"));
    let (disjuncts, _) = all(&property, &Options::default()).unwrap();
    let [disjunct] = &disjuncts[..] else { panic!("one disjunct") };
    assert!(disjunct.rows_have_inputs() && disjunct.exact() && disjunct.dense().unwrap().is_none());
    assert_eq!(disjunct.upper, [1.0, (1.0f64 / 3.0).next_up()]);
    assert_eq!((disjunct.num_rows(), disjunct.rows().strict), (3, &[true, false, false][..]));
    assert!(!disjunct.contains(&[1.0, 0.0], &[0.0, 0.0]).unwrap());
    assert!(disjunct.contains(&[1.0f64.next_down(), 0.0], &[0.0, 0.0]).unwrap());
}

#[test]
fn bounds_that_no_double_is() {
    // 0.1·(x + 0.3) <= 0.2, and y0 + y1 <= 0.1·0.1: rounded outward, and it says so.
    let text = format!("{BOX}(assert (<= (* 0.1 (+ X_0 0.3)) 0.2))(assert (<= (+ Y_0 Y_1) (* 0.1 0.1)))");
    let (disjuncts, _) = all(&read(&text), &Options::default()).unwrap();
    assert!(!disjuncts[0].exact());
    assert!(disjuncts[0].upper[0] > 1.69 && disjuncts[0].upper[0] < 1.71);
    // A coefficient that no double is.
    let text = format!("{BOX}(assert (<= (+ (* 0.1 0.1 Y_0) Y_1) 0))");
    let error = all(&read(&text), &Options::default()).unwrap_err();
    assert!(error.is_unsupported());
    assert_eq!(error.to_string(), "unsupported: the coefficient of `Y_0` in comparison 4 of the property is no double");
    // Alone, it is divided away.
    let text = format!("{BOX}(assert (<= (* 0.1 0.1 Y_0) 1))");
    let (disjuncts, _) = all(&read(&text), &Options::default()).unwrap();
    assert!(!disjuncts[0].exact() && (99.9..100.1).contains(&disjuncts[0].rows().bounds[0]));
}

#[test]
fn contradictions() {
    for text in [
        "(assert (and (>= X_0 1) (< X_0 1)))",
        "(assert (>= X_0 10))",
        "(assert false)",
        "(assert (or (>= X_0 10) (and (< Y_0 0) (> Y_0 0)) (not true)))",
        "(assert (!= 1 1))",
        "(assert (>= (+ X_0 X_1) 19))",
    ] {
        let (disjuncts, statistics) = all(&read(&format!("{BOX}{text}")), &Options::default()).unwrap();
        assert!(disjuncts.is_empty() && statistics.dropped_by_interval > 0, "{text}");
        assert_eq!(statistics.dropped_by_lp, 0);
    }
    let cycle = read(&format!("{BOX}(assert (and (< Y_0 Y_1) (or (<= Y_1 Y_0) (<= (+ Y_1 1) Y_0))))"));
    let (disjuncts, statistics) = all(&cycle, &Options::default()).unwrap();
    assert_eq!((disjuncts.len(), statistics.dropped_by_lp), (0, 2));
    assert_eq!(all(&cycle, &Options { lp: false, ..Options::default() }).unwrap().0.len(), 2);
}

#[test]
fn a_contradiction_of_the_assertions_is_named() {
    for (text, expected) in [
        ("(assert (and (>= X_0 1) (< X_0 1)))", Some((0, "X_0"))),
        ("(assert (>= Y_0 3)) (assert (< Y_0 3))", Some((2, "Y_0"))),
        ("(assert (>= (+ X_0 X_1) 19))", Some((0, "X_0"))),
        // Here it hangs on the choice, and here on none.
        ("(assert (or (>= X_0 10) (<= X_0 -10)))", None),
        ("(assert false)", None),
    ] {
        let mut disjuncts = Disjuncts::new(read(&format!("{BOX}{text}")), &Options::default()).unwrap();
        assert_eq!(disjuncts.contradiction(), None);
        assert!(disjuncts.next(&Budget::unlimited()).unwrap().is_none(), "{text}");
        let found = disjuncts.contradiction();
        assert_eq!(found.as_ref().map(|(column, name)| (*column, name.as_str())), expected, "{text}");
    }
}

#[test]
fn unbounded_inputs() {
    let error = all(&read("(assert (and (>= X_0 0) (<= X_0 1) (<= X_1 4)))"), &Options::default()).unwrap_err();
    assert_eq!(error.to_string(), "input `X_1` has no lower bound in a disjunct of the property");
    // A disjunct without a point need not be bounded.
    let text = "(assert (or (and (< Y_0 Y_1) (< Y_1 Y_0)) (and (>= X_0 0) (<= X_0 1) (<= X_1 4) (>= X_1 0))))";
    assert_eq!(all(&read(text), &Options::default()).unwrap().0.len(), 1);
}

/// 60 choices: far too many disjuncts, unless they contradict each other.
#[test]
fn explosions() {
    let free: String = (0..60).map(|i| format!("(assert (or (<= Y_0 (+ Y_1 {i})) (>= Y_0 (* 2 Y_1))))")).collect();
    let mut disjuncts = Disjuncts::new(read(&format!("{BOX}{free}")), &Options { limit: 1000, lp: false }).unwrap();
    let error = loop {
        match disjuncts.next(&Budget::unlimited()) {
            Ok(disjunct) => assert!(disjunct.is_some()),
            Err(error) => break error,
        }
    };
    assert_eq!(error, CanonicalError::TooMany { limit: 1000 });
    assert_eq!(disjuncts.next(&Budget::unlimited()), Err(error));
    assert_eq!(disjuncts.statistics().produced, 1000);
    // At the very end something cannot hold.
    let text = format!("{BOX}{free}(assert (or (< X_0 -9) (> X_0 9)))");
    assert_eq!(all(&read(&text), &Options::default()).unwrap().1.nodes, 0);
    // Each choice contradicts all others but one.
    let bound: String = (0..60).map(|i| format!("(assert (or (<= Y_0 {i}) (>= Y_0 {})))", i + 1)).collect();
    let (disjuncts, statistics) = all(&read(&format!("{BOX}{bound}")), &Options::default()).unwrap();
    assert_eq!(disjuncts.len(), 61);
    assert!(statistics.nodes < 4000, "{}", statistics.nodes);
}

/// Stopped at any time, it goes on where it stopped.
#[test]
fn goes_on_after_a_stop() {
    let bound: String = (0..40).map(|i| format!("(assert (or (<= Y_0 {i}) (>= Y_0 {})))", i + 1)).collect();
    let property = read(&format!("{BOX}{bound}(assert (or (< Y_0 Y_1) (< Y_1 Y_0)))"));
    let (expected, _) = all(&property, &Options::default()).unwrap();
    let mut disjuncts = Disjuncts::new(property, &Options::default()).unwrap();
    let (mut found, mut stops) = (Vec::new(), 0);
    loop {
        let budget = Budget::start(&Limits { work: Some(600), ..Limits::default() });
        match disjuncts.next(&budget) {
            Ok(Some(disjunct)) => found.push(disjunct),
            Ok(None) => break,
            Err(error) => {
                assert_eq!(error, CanonicalError::Stopped(Stop::Work));
                stops += 1;
            }
        }
    }
    assert_eq!(found, expected);
    assert!(stops > 5, "{stops}");
}

/// A million levels, a million choices: neither the stack nor time runs out.
#[test]
fn deep_and_wide() {
    let deep = format!("{}{BOX}(assert {}(<= Y_0 1){})", "", "(not (and ".repeat(200_000), "))".repeat(200_000));
    assert_eq!(all(&read(&deep), &Options::default()).unwrap().0.len(), 1);
    let nested = format!("{BOX}(assert {}(<= Y_0 1){})", "(or (<= Y_1 0) ".repeat(100_000), ")".repeat(100_000));
    let mut disjuncts = Disjuncts::new(read(&nested), &Options::default()).unwrap();
    for _ in 0..100 {
        assert!(disjuncts.next(&Budget::unlimited()).unwrap().is_some());
    }
    let wide = format!("{BOX}{}", "(assert (or (<= Y_0 1) (<= Y_1 1)))".repeat(100_000));
    let mut disjuncts = Disjuncts::new(read(&wide), &Options::default()).unwrap();
    assert!(disjuncts.next(&Budget::unlimited()).unwrap().is_some());
}

#[test]
fn an_iterator_may_move_between_threads() {
    fn check<T: Send + 'static>() {}
    check::<Disjuncts>();
}
