//! The largest of a group, and softmax.

use super::super::{max, softmax};
use super::*;

/// A box, and points of it: corners, and others.
fn group(random: &mut Random, plain: bool) -> (Vec<f64>, Vec<f64>, Vec<Vec<f64>>) {
    let n = 1 + random.below(5) as usize;
    let intervals: Vec<_> = (0..n).map(|_| if plain { random.plain() } else { random.interval() }).collect();
    let choices: Vec<_> = intervals.iter().map(|i| random.points(*i, &[0.0])).collect();
    let mut points: Vec<Vec<f64>> = Vec::new();
    for corner in 0..1_usize << n {
        points.push((0..n).map(|i| choices[i][(corner >> i & 1).min(choices[i].len() - 1)]).collect());
    }
    for _ in 0..8 {
        points.push(choices.iter().map(|c| c[random.below(c.len() as u64) as usize]).collect());
    }
    let (lower, upper) = intervals.into_iter().unzip();
    (lower, upper, points)
}

fn sum_at(above: &max::Above, point: &[f64]) -> Dyadic {
    above.terms().iter().fold(dyadic(above.constant), |sum, &(i, c)| sum.plus(&dyadic(c).times(&dyadic(point[i]))))
}

#[test]
fn sums_are_above_the_largest() {
    let mut random = Random::new(13);
    let mut seen = [0; 3];
    for round in 0..20_000 {
        let (lower, upper, points) = group(&mut random, round % 2 == 0);
        let (above, below, range) =
            (max::above(&lower, &upper), max::below(&lower, &upper), max::range(&lower, &upper));
        seen[above.terms().len()] += 1;
        assert!(above.terms().iter().all(|(_, c)| (0.0..=1.0).contains(c)));
        assert_eq!(lower[below.unwrap()], range.0);
        for point in points {
            let largest = point.iter().copied().fold(-INF, f64::max);
            let what = || format!("{lower:?} {upper:?} at {point:?}: {above:?}");
            assert!(above.constant == INF || sum_at(&above, &point) >= dyadic(largest), "{}", what());
            assert!(range.0 <= largest && largest <= range.1, "{}", what());
        }
    }
    assert!(seen.iter().all(|n| *n > 500), "{seen:?}");
}

#[test]
fn known_sums() {
    let about = |above: max::Above, terms: &[(usize, f64)], constant: f64| {
        assert_eq!(above.terms().len(), terms.len(), "{above:?}");
        for ((i, c), (j, d)) in above.terms().iter().zip(terms) {
            assert!(i == j && (c - d).abs() < 1e-15, "{above:?}");
        }
        assert!((constant..constant + 1e-14).contains(&above.constant), "{above:?}");
    };
    // Of one operand, or one that is the largest for certain: itself, without rounding.
    about(max::above(&[1.0], &[2.0]), &[(0, 1.0)], 0.0);
    let above = max::above(&[-5.0, 0.7, 0.1], &[0.1, 2.0, 0.7]);
    assert_eq!((above.terms(), above.constant), (&[(1, 1.0)][..], 0.0));
    // ReLU's chord: of max(x, 0) on [-1, 3], and of max(a, b).
    about(max::above(&[-1.0, 0.0], &[3.0, 0.0]), &[(0, 0.75)], 0.75);
    about(max::above(&[0.0, 0.0], &[1.0, 1.0]), &[(0, 0.5), (1, 0.5)], 0.5);
    // A third that is below does not count, one that is not leaves only what is above it.
    about(max::above(&[0.0, 0.0, -9.0], &[1.0, 1.0, 0.0]), &[(0, 0.5), (1, 0.5)], 0.5);
    about(max::above(&[0.0, 0.0, 0.0], &[4.0, 2.0, 2.0]), &[(0, 0.5)], 2.0);
    about(max::above(&[0.0, 0.0, 0.0], &[2.0, 2.0, 2.0]), &[], 2.0);
    about(max::above(&[0.0, 1.0], &[INF, 3.0]), &[(0, 1.0)], 3.0);
    about(max::above(&[-INF, 1.0], &[2.0, 3.0]), &[(1, 0.5)], 1.5);
    about(max::above(&[-INF, -INF], &[2.0, 3.0]), &[], 3.0);
    assert_eq!(max::below(&[0.0, 1.0, 1.0, -INF], &[9.0, 2.0, 3.0, INF]), Some(2));
}

#[test]
fn groups_of_nothing() {
    assert_eq!((max::below(&[], &[]), max::above(&[], &[]).constant, max::range(&[], &[])), (None, INF, (-INF, INF)));
    for (l, u) in NONE {
        let (lower, upper) = ([0.0, l], [1.0, u]);
        assert_eq!((max::above(&lower, &upper).constant, max::range(&lower, &upper)), (INF, (-INF, INF)));
        let (mut out_lower, mut out_upper) = ([0.0; 2], [0.0; 2]);
        softmax::range(&lower, &upper, &mut out_lower, &mut out_upper);
        assert_eq!((out_lower, out_upper), ([-INF; 2], [INF; 2]));
    }
    softmax::range(&[], &[], &mut [], &mut []);
}

/// In the middle of the box the sum is no higher than the constant, and for two operands where ReLU's chord is.
#[test]
fn sums_are_lower_than_constants() {
    let mut random = Random::new(14);
    let mut gain = 0.0;
    for _ in 0..2000 {
        let (lower, upper, _) = group(&mut random, true);
        let above = max::above(&lower, &upper);
        let middle: f64 =
            above.terms().iter().map(|(i, c)| c * (lower[*i] + upper[*i]) / 2.0).sum::<f64>() + above.constant;
        let range = max::range(&lower, &upper);
        assert!(middle <= range.1 + 1e-12, "{lower:?} {upper:?} {above:?}");
        gain += (range.1 - middle) / (range.1 - range.0) / 2000.0;
        if let ([l1, l2], [u1, u2]) = (&lower[..], &upper[..]) {
            let relu = Function::Rectifier(0.0).lines(l1 - u2, u1 - l2).upper;
            let chord = (l2 + u2) / 2.0 + relu.0 * (l1 + u1 - l2 - u2) / 2.0 + relu.1;
            assert!((middle - chord).abs() < 1e-12, "{lower:?} {upper:?} {above:?}");
        }
    }
    assert!(gain > 0.2, "{gain}");
}

/// Between which numbers an output of softmax is.
fn softmax_of(point: &[f64], i: usize) -> (BigRational, BigRational) {
    let top = rational(point.iter().copied().fold(-INF, f64::max));
    let parts: Vec<_> = point.iter().map(|x| exp_of_minus(&(&top - rational(*x)))).collect();
    let sum = |of: fn(&(BigRational, BigRational)) -> &BigRational| parts.iter().map(of).sum::<BigRational>();
    (&parts[i].0 / sum(|p| &p.1), &parts[i].1 / sum(|p| &p.0))
}

#[test]
fn softmax_ranges_hold_and_are_reached() {
    let mut random = Random::new(15);
    for round in 0..60 {
        let (lower, upper, mut points) = group(&mut random, round % 3 != 0);
        let n = lower.len();
        let (mut out_lower, mut out_upper) = (vec![f64::NAN; n], vec![f64::NAN; n]);
        softmax::range(&lower, &upper, &mut out_lower, &mut out_upper);
        for i in 0..n {
            assert!(0.0 <= out_lower[i] && out_lower[i] <= out_upper[i] && out_upper[i] <= 1.0);
            let corner = |own: &[f64], other: &[f64]| -> Vec<f64> {
                (0..n).map(|j| if i == j { own[j] } else { other[j] }).collect()
            };
            for (corner, bound) in [(corner(&lower, &upper), &out_lower), (corner(&upper, &lower), &out_upper)] {
                if corner.iter().all(|x| x.is_finite()) {
                    let reached = softmax_of(&corner, i).0 - rational(bound[i]);
                    let most = rational(bound[i]) * rational(1e-13) + rational(1e-60);
                    assert!(corner.iter().any(|x| x.abs() > 1e3) || reached.abs() <= most, "{lower:?} {upper:?} {i}");
                    points.push(corner);
                }
            }
            for point in &points {
                let (lo, hi) = softmax_of(point, i);
                let what = || format!("{lower:?} {upper:?} at {point:?}: [{}, {}]", out_lower[i], out_upper[i]);
                assert!(rational(out_lower[i]) <= hi && rational(out_upper[i]) >= lo, "{}", what());
            }
        }
    }
}
