//! What is written reads as what it was.

use anser::budget::Budget;
use anser::formula::opb::{self, Compression, WriteError};
use anser::formula::{Condition, ConstraintId, Domain, Formula, Kind, LinearRows, Relation};
use proptest::prelude::*;

use super::{assignments, compress, show, trickle};

const VARIABLES: u32 = 5;

fn literal() -> impl Strategy<Value = i32> {
    (1..=VARIABLES as i32, any::<bool>()).prop_map(|(v, s)| if s { v } else { -v })
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        2 => Just(Condition::Plain),
        1 => literal().prop_map(Condition::Implied),
        2 => literal().prop_map(Condition::Reified),
    ]
}

/// Clauses, cardinality and pseudo-Boolean constraints under any condition, trivial and contradictory ones among them;
/// the condition's variable may be one of the sum.
fn formula() -> impl Strategy<Value = Formula> {
    let term = (literal(), prop_oneof![Just(1i64), Just(-1), -5i64..6]);
    let constraint = (0..3, prop::collection::vec(term, 0..6), -7i64..8, condition());
    prop::collection::vec(constraint, 0..6).prop_map(|constraints| {
        let mut f = Formula::new();
        f.ensure_vars(VARIABLES).unwrap();
        for (kind, terms, bound, condition) in constraints {
            let (literals, weights): (Vec<i32>, Vec<i64>) = terms.into_iter().unzip();
            match kind {
                0 => f.add_clause(&literals),
                1 => f.add_cardinality(&literals, bound, condition),
                _ => f.add_pseudo_boolean(&literals, &weights, bound, condition),
            }
            .unwrap();
        }
        f
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn same_models(formula in formula(), seed in any::<u32>()) {
        let text = opb::to_bytes(&formula, &Budget::unlimited()).unwrap();
        let format = [Compression::None, Compression::Gzip, Compression::Xz][seed as usize % 3];
        let back = trickle(&compress(&text, format), seed).unwrap();
        prop_assert_eq!(back.num_vars(), formula.num_vars());
        let again = opb::to_bytes(&back, &Budget::unlimited()).unwrap();
        let third = super::read(&again).unwrap();
        for model in assignments(VARIABLES) {
            let satisfied = |f: &Formula| f.check(&model).unwrap().is_none();
            prop_assert_eq!(satisfied(&formula), satisfied(&back), "{:?} {:?}", show(&back), model);
            prop_assert_eq!(satisfied(&back), satisfied(&third), "{:?} {:?}", show(&third), model);
        }
    }

    /// A reified cardinality constraint over distinct variables comes back as it was.
    #[test]
    fn same_reified(vars in prop::sample::subsequence((1i32..40).collect::<Vec<_>>(), 2..30).prop_shuffle(),
                    signs in prop::collection::vec(any::<bool>(), 40), at in 0.0..1.0) {
        let literals: Vec<i32> = vars.iter().zip(&signs).map(|(&v, &s)| if s { v } else { -v }).collect();
        let (guard, literals) = literals.split_last().unwrap();
        let bound = 1 + (at * literals.len() as f64) as i64;
        let mut f = Formula::new();
        f.add_cardinality(literals, bound, Condition::Reified(*guard)).unwrap();
        f.add_cardinality(literals, bound, Condition::Implied(*guard)).unwrap();
        let back = super::read(&opb::to_bytes(&f, &Budget::unlimited()).unwrap()).unwrap();
        if literals.len() > 1 {
            prop_assert_eq!(&show(&back)[0], &show(&f)[0]);
            prop_assert_eq!(back.num_constraints(), 2);
            prop_assert!(bound == 1 || show(&back)[1] == show(&f)[1]);
        }
    }
}

#[test]
fn text_is_exact() {
    let mut f = Formula::new();
    f.ensure_vars(7).unwrap();
    f.add_clause(&[1, -2]).unwrap();
    f.add_clause(&[]).unwrap();
    f.add_cardinality(&[1, -2, 3], 2, Condition::Plain).unwrap();
    f.add_cardinality(&[1, -2, 3], 2, Condition::Implied(-4)).unwrap();
    f.add_cardinality(&[1, -2, 3], 3, Condition::Reified(4)).unwrap();
    f.add_pseudo_boolean(&[1, -2], &[3, -2], -1, Condition::Plain).unwrap();
    f.add_pseudo_boolean(&[1, -2], &[3, -2], -1, Condition::Reified(-4)).unwrap();
    let expected = "* #variable= 7 #constraint= 9\n\
        +1 x1 +1 ~x2 >= 1 ;\n\
        +0 x1 >= 1 ;\n\
        +1 x1 +1 ~x2 +1 x3 >= 2 ;\n\
        +1 x1 +1 ~x2 +1 x3 +2 x4 >= 2 ;\n\
        +1 x1 +1 ~x2 +1 x3 +3 ~x4 >= 3 ;\n\
        +1 ~x1 +1 x2 +1 ~x3 +1 x4 >= 1 ;\n\
        +3 x1 -2 ~x2 >= -1 ;\n\
        +3 x1 -2 ~x2 +1 x4 >= -1 ;\n\
        -3 x1 +2 ~x2 +5 ~x4 >= 2 ;\n";
    assert_eq!(opb::to_string(&f, &Budget::unlimited()).unwrap(), expected);
    let mut f = Formula::new();
    assert_eq!(opb::to_string(&f, &Budget::unlimited()).unwrap(), "* #variable= 0 #constraint= 0\n");
    f.add_clause(&[]).unwrap();
    assert_eq!(opb::to_string(&f, &Budget::unlimited()).unwrap(), "* #variable= 0 #constraint= 1\n>= 1 ;\n");
}

#[test]
fn extremes() {
    let most = i64::MAX;
    let mut f = Formula::new();
    f.add_pseudo_boolean(&[1, 2], &[most - 3, 2], -1, Condition::Plain).unwrap();
    f.add_pseudo_boolean(&[1], &[1], 1 - most, Condition::Plain).unwrap();
    f.add_pseudo_boolean(&[1], &[-most], 0, Condition::Plain).unwrap();
    f.add_pseudo_boolean(&[1, 2], &[most / 4, -7], most / 4, Condition::Reified(3)).unwrap();
    let back = super::read(&opb::to_bytes(&f, &Budget::unlimited()).unwrap()).unwrap();
    for model in assignments(3) {
        assert_eq!(f.check(&model).unwrap().is_none(), back.check(&model).unwrap().is_none());
    }
    // A guard of such a sum may take it beyond 64 bits: it is written, and refused when read.
    f.add_pseudo_boolean(&[1], &[most - 1], 1, Condition::Reified(3)).unwrap();
    let text = opb::to_string(&f, &Budget::unlimited()).unwrap();
    assert!(text.contains("9223372036854775806 ~x1 +9223372036854775806 x3 >= 9223372036854775806 ;"), "{text}");
    let error = super::read(text.as_bytes()).unwrap_err();
    assert_eq!(error.kind(), Some(&opb::ParseErrorKind::SumTooLarge));
}

#[test]
fn what_opb_cannot_say() {
    let budget = Budget::unlimited();
    let mut f = Formula::new();
    f.add_cardinality(&[1, 2], 1, Condition::Plain).unwrap();
    f.set_sampling_set(Some(&[1])).unwrap(); // left out: no word for it, and no constraint
    assert!(opb::to_string(&f, &budget).is_ok());
    let x = f.new_number(Domain::Real { min: 0.0, max: 1.0 }).unwrap();
    let error = opb::to_string(&f, &budget).unwrap_err();
    assert_eq!(error.to_string(), "the formula has 1 integers or reals, which OPB cannot say");
    f.add_linears(&LinearRows {
        numbers: &[x],
        coefficients: &[1.0],
        number_offsets: &[0, 1],
        literals: &[],
        weights: &[],
        literal_offsets: &[],
        relations: &[Relation::AtLeast],
        rhs: &[0.5],
        conditions: &[],
    })
    .unwrap();
    f.add_xor(&[1], true).unwrap();
    let error = opb::to_string(&f, &budget).unwrap_err();
    assert!(matches!(error, WriteError::Unsayable { constraint: ConstraintId(1), kind: Kind::Linear, format: "OPB" }));
    assert_eq!(error.to_string(), "constraint 1 is a linear constraint, which OPB cannot say");
    let mut f = Formula::new();
    f.add_xor(&[1], true).unwrap();
    assert_eq!(
        opb::to_string(&f, &budget).unwrap_err().to_string(),
        "constraint 0 is a parity constraint, which OPB cannot say"
    );
}

proptest! {
    /// Objectives, with their offsets.
    #[test]
    fn objectives_come_back(
        terms in prop::collection::vec((literal(), -1_000_000i64..1_000_000), 0..9),
        offset in prop_oneof![Just(0i64), -50i64..50],
    ) {
        let free = Budget::unlimited();
        let mut f = Formula::new();
        f.add_clause(&[1, -2]).unwrap();
        let (literals, weights): (Vec<i32>, Vec<i64>) = terms.into_iter().unzip();
        f.set_objective(&literals, &weights, offset).unwrap();
        let text = opb::to_string(&f, &free).unwrap();
        let again = opb::read_bytes(text.as_bytes(), &free).unwrap();
        prop_assert_eq!(again.num_vars(), f.num_vars());
        for model in assignments(f.num_vars()) {
            let value = |f: &Formula| f.objective().unwrap().value(&model);
            prop_assert_eq!(value(&again), value(&f), "{}", text);
        }
    }
}

#[test]
fn objectives_of_nothing() {
    let free = Budget::unlimited();
    assert_eq!(super::read(b"+1 x1 >= 1 ;\n").unwrap().objective(), None);
    let empty = super::read(b"min: ;\n+1 x1 >= 1 ;\n").unwrap();
    assert_eq!(empty.objective().unwrap().terms().count(), 0);
    assert!(opb::to_string(&empty, &free).unwrap().contains("\nmin: ;\n"));
    let mut f = Formula::new();
    f.set_objective(&[], &[], 3).unwrap();
    let error = opb::to_string(&f, &free).unwrap_err();
    assert_eq!(error.to_string(), "the formula has an objective, which is not written in OPB");
}
