//! What is written reads as what it was.

use anser::budget::Budget;
use anser::formula::dimacs::{self, Compression};
use anser::formula::{Formula, MAX_VAR};
use proptest::prelude::*;

use super::{clauses, compress, trickle};

fn formula() -> impl Strategy<Value = Formula> {
    let variable = prop_oneof![8 => 1u32..20, 1 => 1u32..=MAX_VAR, 1 => Just(MAX_VAR)];
    let literal = (variable, any::<bool>()).prop_map(|(v, s)| if s { v as i32 } else { -(v as i32) });
    let clause = prop::collection::vec(literal, 0..12);
    (prop::collection::vec(clause, 0..60), 0u32..30).prop_map(|(clauses, vars)| {
        let mut f = Formula::new();
        f.ensure_vars(vars).unwrap();
        for clause in &clauses {
            f.add_clause(clause).unwrap();
        }
        f
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn plain_gzip_xz(formula in formula(), seed in any::<u32>()) {
        let budget = Budget::unlimited();
        let text = dimacs::to_bytes(&formula, &budget).unwrap();
        let string = dimacs::to_string(&formula, &budget).unwrap();
        prop_assert_eq!(text.as_slice(), string.as_bytes());
        for format in [Compression::None, Compression::Gzip, Compression::Xz] {
            let back = trickle(&compress(&text, format), seed).unwrap();
            prop_assert_eq!(back.num_vars(), formula.num_vars());
            prop_assert_eq!(clauses(&back), clauses(&formula));
        }
    }
}

#[test]
fn own_compression() {
    let budget = Budget::unlimited();
    let mut f = Formula::new();
    for i in 1..20_000 {
        f.add_clause(&[i, -(i * 7 % 1000 + 1), i * 13 % 777 + 1]).unwrap();
    }
    let plain = dimacs::to_bytes(&f, &budget).unwrap();
    for format in [Compression::None, Compression::Gzip, Compression::Xz] {
        let mut bytes = Vec::new();
        dimacs::write_compressed(&f, &mut bytes, format, &budget).unwrap();
        assert_eq!(Compression::of_bytes(&bytes), format);
        assert!(format == Compression::None || bytes.len() * 2 < plain.len(), "{format}: {} bytes", bytes.len());
        assert_eq!(clauses(&dimacs::read_bytes(&bytes, &budget).unwrap()), clauses(&f));
    }
}

#[test]
fn text_is_exact() {
    let mut f = Formula::new();
    f.ensure_vars(9).unwrap();
    f.add_clauses(&[1, -2, MAX_VAR as i32, -(MAX_VAR as i32)], &[0, 2, 2, 4]).unwrap();
    let expected = "p cnf 1073741823 3\n1 -2 0\n0\n1073741823 -1073741823 0\n";
    assert_eq!(dimacs::to_string(&f, &Budget::unlimited()).unwrap(), expected);
    assert_eq!(dimacs::to_string(&Formula::new(), &Budget::unlimited()).unwrap(), "p cnf 0 0\n");
}
