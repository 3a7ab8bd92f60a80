//! The simplex against the elimination of Fourier and Motzkin.

use num_traits::Zero;
use proptest::prelude::*;

use super::*;

/// A row of integers: `Σ coefficients · v ≤ bound`, or `<`.
type Row = (Vec<BigRational>, BigRational, bool);

fn disjunct(inputs: usize, outputs: usize, rows: &[(Vec<i8>, i8, bool)]) -> Disjunct {
    let mut disjunct = Disjunct::empty(vec![-2.0; inputs], vec![3.0; inputs], outputs);
    for (coefficients, bound, strict) in rows {
        let terms = (0..).zip(coefficients).filter(|(_, c)| **c != 0).map(|(i, c)| (i, f64::from(*c)));
        disjunct.add(terms, f64::from(*bound), *strict).unwrap();
    }
    disjunct
}

/// Eliminates one variable after the other (J. Fourier 1826, T. Motzkin 1936).
fn eliminated(mut rows: Vec<Row>, variables: usize) -> bool {
    for variable in 0..variables {
        let (with, mut without): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| !row.0[variable].is_zero());
        let (above, below): (Vec<Row>, Vec<Row>) = with.into_iter().partition(|row| row.0[variable].is_positive());
        for (a, b, open) in &above {
            for (c, d, strict) in &below {
                let (p, q) = (-&c[variable], a[variable].clone());
                let sum = a.iter().zip(c).map(|(a, c)| a * &p + c * &q).collect();
                without.push((sum, b * &p + d * &q, *open || *strict));
            }
        }
        rows = without;
    }
    rows.iter().all(|(_, bound, strict)| if *strict { bound.is_positive() } else { !bound.is_negative() })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn as_elimination_says(
        inputs in 0usize..2,
        rows in prop::collection::vec((prop::collection::vec(-3i8..4, 3), -4i8..5, any::<bool>()), 1..6),
    ) {
        let disjunct = disjunct(inputs, 3 - inputs, &rows);
        let number = |value: i8| BigRational::from_integer(value.into());
        let mut all: Vec<Row> = rows.iter()
            .map(|(c, b, strict)| (c.iter().map(|&c| number(c)).collect(), number(*b), *strict))
            .collect();
        for input in 0..inputs {
            for (sign, bound) in [(1, 3), (-1, 2)] {
                let unit = (0..3).map(|i| number(if i == input { sign } else { 0 })).collect();
                all.push((unit, number(bound), false));
            }
        }
        let answer = feasible(&disjunct, &Budget::unlimited()).unwrap();
        // Rows of one variable at most are the intervals' business.
        let long = rows.iter().any(|(c, _, _)| c.iter().filter(|c| **c != 0).count() > 1);
        let constants = rows.iter().any(|(c, _, _)| c.iter().all(|c| *c == 0));
        let foreign = rows.iter().any(|(c, _, _)| c.iter().filter(|c| **c != 0).count() == 1);
        let truth = eliminated(all, 3);
        if long && !constants && !foreign {
            prop_assert_eq!(answer, truth);
        } else {
            prop_assert!(answer || !truth);
        }
    }
}

#[test]
fn strictness_decides() {
    // y0 <= y1, y1 <= y2, y2 <= y0 has points, but none with a strict one among them.
    let cycle = |strict: bool| [(vec![1, -1, 0], 0, false), (vec![0, 1, -1], 0, strict), (vec![-1, 0, 1], 0, false)];
    assert!(feasible(&disjunct(0, 3, &cycle(false)), &Budget::unlimited()).unwrap());
    assert!(!feasible(&disjunct(0, 3, &cycle(true)), &Budget::unlimited()).unwrap());
    // The box and a mixed row: y0 >= x0 + 10, y0 <= 8, where x0 is at least -2.
    let mixed = |bound: i8, strict: bool| [(vec![1, -1], -10, false), (vec![0, 1], bound, strict)];
    assert!(feasible(&disjunct(1, 1, &mixed(8, false)), &Budget::unlimited()).unwrap());
    assert!(!feasible(&disjunct(1, 1, &mixed(8, true)), &Budget::unlimited()).unwrap());
    assert!(!feasible(&disjunct(1, 1, &mixed(7, false)), &Budget::unlimited()).unwrap());
}

#[test]
fn too_large_to_tell_is_kept_and_the_budget_stops() {
    let many: Vec<_> = (0..260).map(|_| (vec![1i8; 300], -1i8, false)).collect();
    assert!(feasible(&disjunct(0, 300, &many), &Budget::unlimited()).unwrap());
    let rows = [(vec![1, 1], -1, false), (vec![-1, -1], 0, false)];
    let budget = Budget::start(&crate::budget::Limits { work: Some(1), ..Default::default() });
    assert_eq!(feasible(&disjunct(0, 2, &rows), &budget), Err(CanonicalError::Stopped(crate::budget::Stop::Work)));
}
