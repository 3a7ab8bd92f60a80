//! Texts made to break a reader: it answers, in bounded memory and without the stack.

use anser::budget::Budget;
use anser::net::property::Property;
use anser::net::vnnlib::{self, ReadError};
use anser::verify::canonical::{CanonicalError, Disjuncts, Options};

use super::{DECLARED, NETWORK, Random, read};

/// What was read is written and read again; its canonical form ends or is stopped.
fn exercise(property: &Property) {
    let text = vnnlib::to_string(property, &Budget::unlimited()).unwrap();
    assert_eq!(&read(&text).unwrap_or_else(|e| panic!("{e}: {text}")), property);
    let mut disjuncts = Disjuncts::new(property.clone(), &Options { limit: 20, lp: true }).unwrap();
    let (x, y) = (vec![0.0; property.num_inputs()], vec![0.0; property.num_outputs()]);
    let (truth, mut found, mut exact) = (property.check(&x, &y).unwrap(), false, true);
    loop {
        match disjuncts.next(&Budget::unlimited()) {
            Ok(Some(disjunct)) => {
                found |= disjunct.contains(&x, &y).unwrap();
                exact &= disjunct.exact();
            }
            Ok(None) => {
                assert!(!truth || found);
                assert!(truth || !found || !exact);
                break;
            }
            Err(CanonicalError::Stopped(stop)) => panic!("{stop}"),
            Err(_) => break,
        }
    }
}

const SEEDS: [&str; 3] = [
    "(declare-const X_0 Real)\n(declare-const Y_0 Real) ; c\n(declare-const X_1 Real)\n\
     (assert (and (<= X_0 0.5) (>= X_0 -1e-1)))(assert (<= (- X_1) 3))(assert (<= X_1 4))\n\
     (assert (or (and (<= (+ (* 2 Y_0) X_0) 1.5)) (=> (!= Y_0 0) (not (= X_0 Y_0)))))\n",
    "(vnnlib-version <2.0>)\n(declare-network f (declare-input X float32 [2,1]) (declare-output Y Real []))\n\
     (assert (and (<= X[0,0] 1.0) (>= X[0,0] 0.0) (== X[1,0] 2.5)))\n(assert (or (!= Y 0.5) (< (- Y 1.0) (* 3.0 2.0))))",
    "(declare-const X_0 Real)(declare-const Y_0 Real)(assert (ite (<= X_0 (+ Y_0 0.1)) (<= (* 0.1 X_0) 0.3) (< X_0 2)))\
     (assert (and (<= X_0 9) (>= X_0 (- 9))))",
];

#[test]
fn every_prefix() {
    for seed in SEEDS {
        exercise(&read(seed).unwrap());
        for length in 0..seed.len() {
            match read(&seed[..length]) {
                Ok(property) => exercise(&property),
                Err(ReadError::Parse { line, column, .. }) => assert!(line >= 1 && column >= 1),
                Err(other) => panic!("{other}"),
            }
        }
    }
}

#[test]
fn changed_bytes() {
    let mut random = Random(0x5EED);
    let mut read_anyway = 0;
    for round in 0..30_000 {
        let mut text = SEEDS[round % SEEDS.len()].as_bytes().to_vec();
        for _ in 0..1 + random.below(3) {
            let at = random.below(text.len());
            let other = text[random.below(text.len())];
            match random.below(5) {
                0 => text[at] = random.next() as u8,
                1 => text[at] = other,
                2 => drop(text.remove(at)),
                3 => text.insert(at, other),
                _ => {
                    let (from, to) = (random.below(text.len()), random.below(text.len()));
                    let piece = text[from.min(to)..from.max(to)].to_vec();
                    text.splice(at..at, piece);
                }
            }
        }
        match read(&text) {
            Ok(property) => {
                exercise(&property);
                read_anyway += 1;
            }
            Err(ReadError::Parse { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert!(read_anyway > 500, "{read_anyway}");
}

#[test]
fn depth() {
    const DEPTH: usize = 1_000_000;
    for (open, inner, close) in [
        ("(and ", "(<= X_0 1)", ")"),
        ("(not ", "(<= X_0 1)", ")"),
        ("(or (<= Y_0 1) ", "(<= X_0 1)", ")"),
        ("(ite true ", "true", " false)"),
        ("(<= ", "X_0", " 1)"),
        ("(", "", ""),
    ] {
        let nested = format!("{DECLARED}(assert {}{inner}{})", open.repeat(DEPTH), close.repeat(DEPTH));
        match read(&nested) {
            Ok(property) => {
                assert_eq!(property.check(&[1.0, 0.0], &[9.0]), Ok(true));
                let text = vnnlib::to_string(&property, &Budget::unlimited()).unwrap();
                assert_eq!(read(&text).unwrap(), property);
            }
            Err(error) => assert!(open == "(" || open == "(<= ", "{error}"),
        }
        let tight = super::memory(1 << 20);
        assert!(vnnlib::read_bytes(nested.as_bytes(), &tight).is_err());
    }
    for (open, close) in [("(+ X_1 ", ")"), ("(- X_1 ", ")"), ("(* 1 ", ")"), ("(- ", ")"), ("(* (- 1) ", ")")] {
        let nested = format!("{DECLARED}(assert (<= {}X_0{} 1))", open.repeat(DEPTH), close.repeat(DEPTH));
        let property = read(&nested).unwrap();
        assert_eq!(property.num_atoms(), 1);
        assert_eq!(property.check(&[1.0, 0.0], &[9.0]), Ok(true));
    }
}

/// Numbers that blow up when multiplied, and what they are multiplied with.
#[test]
fn long_constants() {
    let big = "(* 1.7976931348623157e308 1.7976931348623157e308 1.1 1.1 1.1 1.1)";
    let many = "X_0 ".repeat(100_000);
    let text = format!("{DECLARED}(assert (<= (* {big} (+ {many})) 1))");
    assert_eq!(read(&text).unwrap().check(&[0.0, 0.0], &[0.0]), Ok(true));
    let error = vnnlib::read_bytes(text.as_bytes(), &super::memory(8 << 20)).unwrap_err();
    assert!(matches!(error, ReadError::Memory(_)), "{error}");
    let digits = format!("{DECLARED}(assert (<= X_0 0.{}))", "3".repeat(1_000_000));
    let third = read(&digits).unwrap();
    assert_eq!((third.check(&[0.333], &[]).is_err(), third.check(&[1.0 / 3.0, 0.0], &[0.0])), (true, Ok(true)));
    assert_eq!(third.check(&[(1.0f64 / 3.0).next_up(), 0.0], &[0.0]), Ok(false));
}

#[test]
fn counts() {
    // Two billion inputs are declared in a line: no memory is taken until somebody wants a box.
    let huge = NETWORK.replace("[2]", "[46340,46340]");
    let property = read(format!("{huge}(assert (<= X[46339,46339] 1.0))")).unwrap();
    assert_eq!(property.num_inputs(), 46340 * 46340 + 1);
    assert!(property.bytes() < 10_000);
    // A hundred thousand tensors.
    let tensors: String = (0..100_000).map(|i| format!("(declare-input T{i} Real [1])")).collect();
    let text = format!(
        "(vnnlib-version <2.0>)(declare-network f {tensors}(declare-output Y Real [1]))(assert (<= T99999[0] 1.0))"
    );
    assert_eq!(read(&text).unwrap().num_inputs(), 100_000);
    assert!(matches!(vnnlib::read_bytes(text.as_bytes(), &super::memory(1 << 20)), Err(ReadError::Memory(_))));
}
