//! Lines that begin with `x`.

use anser::budget::Budget;
use anser::formula::dimacs::{self, Compression, ParseErrorKind as K, WriteError};
use anser::formula::{Condition, Constraint, ConstraintId, Domain, Formula, Kind};
use proptest::prelude::*;

use super::malformed::refused;
use super::{compress, read, trickle};

/// A constraint with its literals; parities are marked and odd.
fn said(formula: &Formula) -> Vec<(bool, Vec<i32>)> {
    let one = |constraint| match constraint {
        Constraint::Clause(literals) => (false, literals.to_vec()),
        Constraint::Xor(xor) if xor.rhs => (true, xor.literals.to_vec()),
        other => panic!("{other:?}"),
    };
    let all: Vec<_> = formula.constraints().map(one).collect();
    for (id, expected) in (0..).zip(&all) {
        assert_eq!(one(formula.constraint(ConstraintId(id)).unwrap()), *expected, "id {id}");
    }
    all
}

type Row = (&'static [u8], &'static [(bool, &'static [i32])]);

#[test]
fn layouts() {
    const C: bool = false;
    const X: bool = true;
    let rows: &[Row] = &[
        (b"p cnf 3 1\nx1 -2 3 0\n", &[(X, &[1, -2, 3])]),
        (b"p cnf 3 1\nx 1 -2 3 0", &[(X, &[1, -2, 3])]),
        (b"p cnf 3 1\n \tx\t-1 2 0\r\n", &[(X, &[-1, 2])]),
        (b"p cnf 3 1\nx0\n", &[(X, &[])]),
        (b"p cnf 3 1\nx 0\n", &[(X, &[])]),
        (b"p cnf 3 1\nx1 1 -1 0\n", &[(X, &[1, 1, -1])]),
        (b"p cnf 3 1\nx1\nc within\n2 3\n0\n", &[(X, &[1, 2, 3])]),
        (b"p cnf 3 2\nx1 2 0 -3 0\n", &[(X, &[1, 2]), (C, &[-3])]),
        (
            b"p cnf 3 6\n1 0\n2 0\nx1 2 0\n-1 0\nx3 0\nx-3 2 0\n",
            &[(C, &[1]), (C, &[2]), (X, &[1, 2]), (C, &[-1]), (X, &[3]), (X, &[-3, 2])],
        ),
        // Some generators count the clauses alone.
        (b"p cnf 3 2\n1 0\nx1 2 0\n2 0\nx3 0\n", &[(C, &[1]), (X, &[1, 2]), (C, &[2]), (X, &[3])]),
        (b"p cnf 3 0\nx1 2 0\nx3 0\n%\n0\n", &[(X, &[1, 2]), (X, &[3])]),
        (b"p cnf 3 2\nx1 2 0\nx3 0\nx2 0\n1 0\n2 0", &[(X, &[1, 2]), (X, &[3]), (X, &[2]), (C, &[1]), (C, &[2])]),
    ];
    for (input, expected) in rows {
        let what = input.escape_ascii().to_string();
        for format in [Compression::None, Compression::Gzip, Compression::Xz] {
            let bytes = compress(input, format);
            for formula in [read(&bytes), trickle(&bytes, 3), trickle(&bytes, 77)] {
                let formula = formula.unwrap_or_else(|e| panic!("{what}: {e}"));
                let expected: Vec<_> = expected.iter().map(|(x, l)| (*x, l.to_vec())).collect();
                assert_eq!((formula.num_vars(), said(&formula)), (3, expected), "{what}");
            }
        }
    }
}

#[test]
fn refusals() {
    const NO_ZERO: &str = "the last clause does not end with 0";
    const NO_HEADER: &str = "the header `p cnf VARIABLES CLAUSES` is missing";
    let beyond = K::LiteralBeyondHeader { literal: -4, variables: 3 };
    let rows: &[(&[u8], u64, u64, K, &str)] = &[
        (b"x1 2 0\np cnf 3 1\n", 1, 1, K::MissingHeader, NO_HEADER),
        (b"p cnf 3 1\nx1 2\n", 3, 1, K::MissingZero, NO_ZERO),
        (b"p cnf 3 1\nx", 2, 2, K::MissingZero, NO_ZERO),
        (b"p cnf 3 1\nx1 2\n%\n", 3, 1, K::MissingZero, NO_ZERO),
        (b"p cnf 3 2\n1 2\nx3 0\n0\n", 3, 1, K::MissingZero, NO_ZERO),
        (b"p cnf 3 2\nx1 2\n  x3 0\n0\n", 3, 3, K::MissingZero, NO_ZERO),
        (b"p cnf 3 2\n1 0 x2 0\n", 2, 5, K::UnexpectedByte(b'x'), "unexpected byte `x`"),
        (b"p cnf 3 1\nxx1 0\n", 2, 2, K::UnexpectedByte(b'x'), "unexpected byte `x`"),
        (b"p cnf 3 1\nX1 0\n", 2, 1, K::UnexpectedByte(b'X'), "unexpected byte `X`"),
        (b"p cnf 3 1\nx1 \0 0\n", 2, 4, K::NulByte, "unexpected NUL byte, this is not a text file"),
        (b"p cnf 3 1\nx- 0\n", 2, 2, K::LoneMinus, "a minus sign without a number"),
        (b"p cnf 3 1\nx-0\n", 2, 2, K::NegativeZero, "`-0` is neither a literal nor the end of a clause"),
        (b"p cnf 3 1\nx1 -4 0\n", 2, 4, beyond, "literal -4 is beyond the header's 3 variables"),
        (
            b"p cnf 3 1\nx1 1073741824 0\n",
            2,
            4,
            K::LiteralOutOfRange { negative: false, variable: 1 << 30 },
            "literal 1073741824 is out of range, the largest variable is 1073741823",
        ),
        (b"p cnf 3 1\nx1\np cnf 3 1\n", 3, 1, K::SecondHeader, "a second header"),
        (
            b"p cnf 3 3\nx1 2 0\n3 0\n",
            4,
            1,
            K::TooFewClauses { promised: 3, found: 2 },
            "the header promises 3 clauses, there are only 2",
        ),
        // The first one beyond is named, whichever way the header counts.
        (
            b"p cnf 3 1\n1 0\nx2 0\n3 0\n",
            3,
            1,
            K::TooManyClauses { promised: 1 },
            "there are more clauses than the 1 of the header",
        ),
        (
            b"p cnf 3 2\nx1 0\nx2 0\nx3 0\nx1 2 0\n1 0\n",
            4,
            1,
            K::TooManyClauses { promised: 2 },
            "there are more clauses than the 2 of the header",
        ),
    ];
    for (input, line, column, kind, message) in rows {
        refused(input, *line, *column, kind, message);
    }
}

fn formula() -> impl Strategy<Value = Formula> {
    let literal = (1i32..30, any::<bool>()).prop_map(|(v, s)| if s { v } else { -v });
    let constraint = (prop::collection::vec(literal, 0..7), any::<bool>(), any::<bool>());
    (prop::collection::vec(constraint, 0..40), 1u32..9, prop::option::of(prop::collection::vec(1u32..=1, 0..30)))
        .prop_map(|(constraints, vars, set)| {
            let mut f = Formula::new();
            f.ensure_vars(vars).unwrap();
            for (literals, xor, rhs) in &constraints {
                if *xor { f.add_xor(literals, *rhs) } else { f.add_clause(literals) }.unwrap();
            }
            let spread: Option<Vec<u32>> = set.map(|s| (0..s.len() as u32).map(|i| i * 7 % f.num_vars() + 1).collect());
            f.set_sampling_set(spread.as_deref()).unwrap();
            f
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Written and read: the same constraints under the same ids, even parities as odd ones.
    #[test]
    fn round_trip(formula in formula(), seed in any::<u32>()) {
        let text = dimacs::to_bytes(&formula, &Budget::unlimited()).unwrap();
        let back = trickle(&text, seed).unwrap();
        prop_assert_eq!(back.num_vars(), formula.num_vars());
        prop_assert_eq!(back.sampling_set(), formula.sampling_set());
        let odd = |constraint| match constraint {
            Constraint::Clause(literals) => (false, literals.to_vec()),
            Constraint::Xor(xor) => (true, match (xor.literals, xor.rhs) {
                (literals, true) => literals.to_vec(),
                ([], false) => vec![1, -1],
                ([first, rest @ ..], false) => [&[-first], rest].concat(),
            }),
            other => panic!("{other:?}"),
        };
        let expected: Vec<_> = formula.constraints().map(odd).collect();
        prop_assert_eq!(said(&back), expected);
        prop_assert_eq!(dimacs::to_bytes(&back, &Budget::unlimited()).unwrap(), text);
    }
}

#[test]
fn text_is_exact() {
    let mut f = Formula::new();
    f.add_xor(&[1, -2], false).unwrap();
    f.add_clause(&[2]).unwrap();
    f.add_xor(&[], false).unwrap();
    f.add_xor(&[], true).unwrap();
    f.add_xor(&[-12], true).unwrap();
    f.set_sampling_set(Some(&[12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 1])).unwrap();
    let expected = "p cnf 12 5\nc ind 1 3 4 5 6 7 8 9 10 11 0\nc ind 12 0\nx-1 -2 0\n2 0\nx1 -1 0\nx0\nx-12 0\n";
    assert_eq!(dimacs::to_string(&f, &Budget::unlimited()).unwrap(), expected);
}

#[test]
fn what_dimacs_cannot_say() {
    let budget = Budget::unlimited();
    let written = |f: &Formula| dimacs::to_string(f, &budget).unwrap_err();
    let mut f = Formula::new();
    f.add_clause(&[1, 2]).unwrap();
    f.add_pseudo_boolean(&[1, 2], &[1, 2], 2, Condition::Plain).unwrap();
    f.add_cardinality(&[1, 2], 1, Condition::Plain).unwrap();
    let error = written(&f);
    assert!(matches!(error, WriteError::Unsayable { constraint: ConstraintId(1), kind: Kind::PseudoBoolean, .. }));
    assert_eq!(error.to_string(), "constraint 1 is a pseudo-Boolean constraint, which DIMACS CNF cannot say");

    let mut f = Formula::new();
    f.add_xor(&[], true).unwrap();
    assert_eq!(dimacs::to_string(&f, &budget).unwrap(), "p cnf 0 1\nx0\n");
    f.add_xor(&[], false).unwrap();
    assert!(matches!(written(&f), WriteError::Unsayable { constraint: ConstraintId(1), kind: Kind::Xor, .. }));
    f.new_number(Domain::Integer { min: 0, max: 1 }).unwrap();
    let error = written(&f);
    assert_eq!(error.to_string(), "the formula has 1 integers or reals, which DIMACS CNF cannot say");
    // Nothing is created.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.cnf");
    assert!(matches!(dimacs::write_file(&f, &path, &budget), Err(WriteError::Numbers { numbers: 1, .. })));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
