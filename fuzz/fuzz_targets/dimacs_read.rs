//! Any bytes are read or refused within the memory that the budget grants, whatever pieces they come in; what was read
//! is written and read again.
#![no_main]

use anser::budget::{Budget, Limits};
use anser::formula::dimacs;
use anser::formula::{Constraint, Format, Formula};
use anser_fuzz::{MEMORY, in_pieces};
use libfuzzer_sys::fuzz_target;

/// Literals of a constraint, and whether it is a parity, which from a text is an odd one.
fn said(constraint: Constraint<'_>) -> (bool, &[i32]) {
    match constraint {
        Constraint::Clause(literals) => (false, literals),
        Constraint::Xor(xor) => {
            assert!(xor.rhs);
            (true, xor.literals)
        }
        _ => panic!("DIMACS has no other constraints"),
    }
}

fn same(a: &Formula, b: &Formula) {
    assert_eq!(a.num_vars(), b.num_vars());
    assert_eq!(a.num_constraints(), b.num_constraints());
    assert!(a.constraints().map(said).eq(b.constraints().map(said)));
    assert_eq!(a.sampling_set(), b.sampling_set());
}

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { memory: Some(MEMORY), ..Limits::default() };
    let whole = dimacs::read_bytes(bytes, &Budget::start(&limits));
    let pieces = in_pieces(Format::Dimacs, bytes);
    let (formula, pieces) = match (whole, pieces) {
        (Ok(whole), Ok(pieces)) => (whole, pieces),
        (Err(whole), Err(pieces)) => return anser_fuzz::same_error(&whole, &pieces),
        (whole, pieces) => panic!("{whole:?} whole, {pieces:?} in pieces"),
    };
    same(&formula, &pieces);
    assert!(formula.bytes() <= MEMORY);
    let literals = formula.constraints().flat_map(|c| said(c).1);
    assert!(literals.into_iter().all(|l| *l != 0 && l.unsigned_abs() <= formula.num_vars()));
    assert!(formula.sampling_set().unwrap_or(&[]).windows(2).all(|w| w[0] < w[1]));
    assert!(formula.sampling_set().unwrap_or(&[]).iter().all(|v| (1..=formula.num_vars()).contains(v)));

    // Text may be longer than what was read (it was compressed, say), so nothing limits it here.
    let text = dimacs::to_bytes(&formula, &Budget::unlimited()).expect("there is memory for the text");
    let again = dimacs::read_bytes(&text, &Budget::unlimited()).expect("what was written is well-formed");
    same(&formula, &again);
});
