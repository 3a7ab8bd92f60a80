//! Any bytes are read or refused within the memory that the budget grants; what was read is written and read again as the
//! same property, and its canonical form has the points of the formula.
#![no_main]

use anser::budget::{Budget, Limits};
use anser::net::vnnlib::{self, ReadError};
use anser::verify::canonical::{CanonicalError, Disjuncts, Options};
use anser_fuzz::MEMORY;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { memory: Some(MEMORY), ..Limits::default() };
    let property = match vnnlib::read_bytes(bytes, &Budget::start(&limits)) {
        Ok(property) => property,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            if let ReadError::Parse { line, column, .. } = error {
                assert!(line >= 1 && column >= 1);
            }
            return;
        }
    };
    assert!(property.bytes() <= MEMORY);
    let variables = property.num_inputs() + property.num_outputs();
    if variables > 1000 {
        return;
    }
    let text = vnnlib::to_string(&property, &Budget::unlimited()).expect("there is memory for the text");
    let again = vnnlib::read_bytes(text.as_bytes(), &Budget::unlimited()).expect("what was written can be read");
    assert!(again == property, "{text}");

    // A few points: zero, and what the bytes say.
    let mut points = vec![vec![0.0; variables]];
    let mut state = bytes.iter().fold(1u64, |state, b| state.wrapping_mul(31).wrapping_add((*b).into()));
    for _ in 0..4 {
        let draw = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            f64::from((state >> 59) as u8) * 0.5 - 4.0
        };
        points.push((0..variables).map(draw).collect());
    }
    let check = |point: &Vec<f64>| {
        let (x, y) = point.split_at(property.num_inputs());
        property.check(x, y).expect("the points have the right lengths")
    };
    let truth: Vec<bool> = points.iter().map(check).collect();
    let mut found = vec![(false, false); points.len()];
    let options = Options { limit: 100, lp: true };
    let mut disjuncts = Disjuncts::new(property.clone(), &options).expect("nothing is allocated yet");
    let budget = Budget::start(&Limits { work: Some(1_000_000), ..limits });
    loop {
        match disjuncts.next(&budget) {
            Ok(Some(disjunct)) => {
                for (point, (any, exact)) in points.iter().zip(&mut found) {
                    let (x, y) = point.split_at(property.num_inputs());
                    let inside = disjunct.contains(x, y).expect("the points have the right lengths");
                    *any |= inside;
                    *exact |= inside && disjunct.exact();
                }
            }
            Ok(None) => break,
            Err(CanonicalError::Memory(error)) => panic!("{error}"),
            Err(_) => return,
        }
    }
    for (truth, (any, exact)) in truth.into_iter().zip(found) {
        assert!(!truth || any, "a point is lost: {text}");
        assert!(truth || !exact, "a point is won: {text}");
    }
});
