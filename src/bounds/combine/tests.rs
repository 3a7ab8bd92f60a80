use num_rational::BigRational;
use num_traits::Zero;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng};

use super::Combination;

struct Drawn {
    rows: Vec<f64>,
    constants: Vec<f64>,
    lower: Vec<f64>,
    upper: Vec<f64>,
}

fn unit(rng: &mut Xoshiro256PlusPlus) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

/// Sparse and dense, boxes that are points in some directions, numbers of several sizes, many of them equal.
fn drawn(seed: u64) -> Drawn {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let (n, count) = (1 + (seed % 7) as usize, 1 + (seed / 7 % 9) as usize);
    let mut number = |size: f64| match rng.next_u64() % 4 {
        0 => 0.0,
        1 => size * ((rng.next_u64() % 5) as f64 - 2.0),
        _ => size * (2.0 * unit(&mut rng) - 1.0),
    };
    let rows = (0..n * count).map(|i| number([1.0, 1e-4, 1e3][i / n % 3])).collect();
    let constants = (0..count).map(|i| number([1.0, 1e-4, 1e3][i % 3])).collect();
    let lower: Vec<f64> = (0..n).map(|_| number(1.0)).collect();
    let upper = lower.iter().map(|l| l + number(2.0).abs()).collect();
    Drawn { rows, constants, lower, upper }
}

fn found(drawn: &Drawn) -> Combination {
    let mut combination = Combination::default();
    combination.find(&drawn.rows, &drawn.constants, &drawn.lower, &drawn.upper);
    combination
}

fn largest_at(drawn: &Drawn, x: &[f64]) -> f64 {
    let rows = drawn.rows.chunks_exact(x.len()).zip(&drawn.constants);
    rows.map(|(row, c)| c + row.iter().zip(x).map(|(a, x)| a * x).sum::<f64>()).fold(f64::NEG_INFINITY, f64::max)
}

fn least_of(combination: &Combination, drawn: &Drawn) -> f64 {
    let ends = drawn.lower.iter().zip(&drawn.upper);
    let terms = combination.coefficients.iter().zip(ends).map(|(a, (l, u))| (a * l).min(a * u));
    combination.constant + terms.sum::<f64>()
}

/// The point shows that no combination is better.
#[test]
fn the_optimum_has_a_certificate() {
    for seed in 0..20_000 {
        let drawn = drawn(seed);
        let combination = found(&drawn);
        let (above, below) = (largest_at(&drawn, &combination.point), least_of(&combination, &drawn));
        assert!((above - below).abs() <= 1e-9 * 1e3, "seed {seed}: {below} to {above}");
        assert!(combination.point.iter().zip(&drawn.lower).all(|(x, l)| x >= l));
        assert!(combination.point.iter().zip(&drawn.upper).all(|(x, u)| x <= u));
    }
}

/// In arithmetic that does not round: at every corner the combination is at most what the weights say.
#[test]
fn the_combination_is_below_the_exact_one() {
    let exact = |v: f64| BigRational::from_float(v).unwrap();
    for seed in 0..1000 {
        let drawn = drawn(seed);
        let (combination, n) = (found(&drawn), drawn.lower.len());
        for corner in 0..1u32 << n {
            let x: Vec<f64> =
                (0..n).map(|j| if corner >> j & 1 == 0 { drawn.lower[j] } else { drawn.upper[j] }).collect();
            let at = |row: &[f64], c: f64| row.iter().zip(&x).fold(exact(c), |sum, (&a, &x)| sum + exact(a) * exact(x));
            let rows = drawn.rows.chunks_exact(n).zip(&drawn.constants).zip(&combination.weights);
            let truth = rows.fold(BigRational::zero(), |sum, ((row, &c), &weight)| sum + exact(weight) * at(row, c));
            assert!(at(&combination.coefficients, combination.constant) <= truth, "seed {seed}");
        }
    }
}

#[test]
fn functions_that_say_nothing_are_left_out() {
    for (what, wrong) in [f64::NEG_INFINITY, f64::NAN, f64::INFINITY].into_iter().enumerate() {
        let constants = [-1.0, wrong, -3.0];
        let mut combination = Combination::default();
        combination.find(&[1.0, 0.0, -1.0], &constants, &[2.0], &[4.0]);
        assert_eq!(combination.weights[1], 0.0, "{what}");
        assert!(combination.constant + 2.0 * combination.coefficients[0] > 0.0);
    }
    let mut combination = Combination::default();
    combination.find(&[f64::NAN], &[0.0], &[0.0], &[1.0]);
    assert!(combination.constant == f64::NEG_INFINITY || !combination.coefficients[0].is_finite());
    combination.find(&[], &[], &[0.0], &[1.0]);
    assert!(combination.weights.is_empty() && combination.constant <= 0.0);
}
