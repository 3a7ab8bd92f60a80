//! Any bytes are read or refused within the memory that the budget grants, whatever pieces they come in; what was read
//! is written and read again, and then has the same models.
#![no_main]

use anser::budget::{Budget, Limits};
use anser::formula::opb::{self, ParseErrorKind};
use anser::formula::{Constraint, Format};
use anser_fuzz::{MEMORY, in_pieces};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { memory: Some(MEMORY), ..Limits::default() };
    let whole = opb::read_bytes(bytes, &Budget::start(&limits));
    let pieces = in_pieces(Format::Opb, bytes);
    let (formula, pieces) = match (whole, pieces) {
        (Ok(whole), Ok(pieces)) => (whole, pieces),
        (Err(whole), Err(pieces)) => return anser_fuzz::same_error(&whole, &pieces),
        (whole, pieces) => panic!("{whole:?} whole, {pieces:?} in pieces"),
    };
    assert_eq!(formula.num_vars(), pieces.num_vars());
    assert!(formula.constraints().eq(pieces.constraints()));
    assert!(formula.bytes() <= MEMORY);
    let literals = formula.constraints().flat_map(|c| match c {
        Constraint::Clause(literals) => literals,
        Constraint::Cardinality(sum) | Constraint::PseudoBoolean(sum) => sum.literals,
        _ => panic!("OPB has no other constraints"),
    });
    assert!(literals.into_iter().all(|l| *l != 0 && l.unsigned_abs() <= formula.num_vars()));

    let text = opb::to_bytes(&formula, &Budget::unlimited()).expect("there is memory for the text");
    let again = match opb::read_bytes(&text, &Budget::unlimited()) {
        Ok(again) => again,
        // What a guard adds may be too much.
        Err(error) => return assert_eq!(error.kind(), Some(&ParseErrorKind::SumTooLarge), "{error}"),
    };
    assert_eq!(again.num_vars(), formula.num_vars());
    if formula.num_vars() > 1000 {
        return;
    }
    // All models of few variables, some of many.
    let mut state = 1u64;
    for bits in 0..1u64 << formula.num_vars().min(7) {
        let value = |v: u32| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let bit = if v < 7 { bits >> v } else { state >> 63 };
            if bit & 1 == 1 { 1 } else { -1 }
        };
        let model: Vec<i8> = (0..formula.num_vars()).map(value).collect();
        let satisfied = |f: &anser::formula::Formula| f.check(&model).expect("it is long enough").is_none();
        assert_eq!(satisfied(&formula), satisfied(&again), "{model:?}");
    }
});
