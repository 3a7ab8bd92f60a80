//! Intervals of all kinds, and what the inequalities are checked with: arithmetic that does not round.

mod curved;
mod group;
mod piecewise;
mod planes;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng};

use super::*;
use crate::net::property::dyadic::Dyadic;

const INF: f64 = f64::INFINITY;

/// Pairs that are no interval.
const NONE: [(f64, f64); 5] = [(1.0, -1.0), (f64::NAN, 1.0), (-1.0, f64::NAN), (f64::NAN, f64::NAN), (INF, -INF)];

struct Random(Xoshiro256PlusPlus);

impl Random {
    fn new(seed: u64) -> Self {
        Random(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    fn below(&mut self, n: u64) -> u64 {
        self.0.next_u64() % n
    }

    /// From 0 to 1, with all its digits.
    fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Of the given decimal orders of magnitude, either sign.
    fn number(&mut self, from: f64, to: f64) -> f64 {
        let magnitude = 10_f64.powf(from + (to - from) * self.unit()) * (1.0 + self.unit());
        if self.below(2) == 0 { magnitude } else { -magnitude }
    }

    /// A number of any kind.
    fn any(&mut self) -> f64 {
        match self.below(12) {
            0 => 0.0,
            1 => self.below(7) as f64 - 3.0,
            2 => self.number(-13.0, -11.0),
            3 => self.number(-322.0, -300.0),
            4 => self.number(95.0, 105.0),
            5 => self.number(200.0, 307.0),
            _ => self.number(-3.0, 2.0),
        }
    }

    fn interval(&mut self) -> (f64, f64) {
        let (a, b) = match self.below(10) {
            0 => (self.any(), self.any()),
            1 => {
                let a = self.any();
                (a, a)
            }
            2 => {
                let a = self.number(-3.0, 2.0);
                (a, a + self.number(-13.0, -11.0))
            }
            3 => (0.0, self.any()),
            4 => (self.any(), if self.below(2) == 0 { INF } else { -INF }),
            5 if self.below(5) == 0 => (-INF, INF),
            6 => (self.number(-12.0, -10.0), self.number(-12.0, -10.0)),
            _ => (self.number(-2.0, 1.5), self.number(-2.0, 1.5)),
        };
        if a <= b { (a, b) } else { (b, a) }
    }

    /// One of ordinary size, more than a point.
    fn plain(&mut self) -> (f64, f64) {
        let (a, b) = (8.0 * self.unit() - 4.0, 8.0 * self.unit() - 4.0);
        (a.min(b), a.max(b))
    }

    /// Finite numbers of an interval: its ends, the kinks that are inside with their neighbours, and others.
    fn points(&mut self, (l, u): (f64, f64), kinks: &[f64]) -> Vec<f64> {
        let mut points = vec![l, u, f64::MIN, f64::MAX, l.next_up(), u.next_down(), l / 2.0 + u / 2.0];
        points.extend([l + 1.0, u - 1.0, l * 1e3, u * 1e3, 1e150, -1e150]);
        points.extend(kinks.iter().flat_map(|k| [*k, k.next_up(), k.next_down()]));
        for _ in 0..4 {
            let share = self.unit();
            points.push(l + (u - l) * share);
            points.push(l * (1.0 - share) + u * share);
        }
        points.retain(|x| x.is_finite() && (l..=u).contains(x));
        points
    }
}

fn dyadic(value: f64) -> Dyadic {
    assert!(value.is_finite());
    Dyadic::of(value)
}

fn rational(value: f64) -> BigRational {
    BigRational::from_float(value).unwrap()
}

/// `slope * x + intercept` without rounding.
fn line_at((slope, intercept): (f64, f64), x: f64) -> Dyadic {
    dyadic(slope).times(&dyadic(x)).plus(&dyadic(intercept))
}

/// Lines are numbers; an intercept may be infinite if the line is flat and says nothing.
fn assert_form(lines: &Lines) {
    for ((slope, intercept), nothing) in [(lines.lower, -INF), (lines.upper, INF)] {
        assert!(slope.is_finite(), "{lines:?}");
        assert!(intercept.is_finite() || (intercept == nothing && slope == 0.0), "{lines:?}");
    }
}

/// Between which numbers `exp(-y)` is, for `y` not negative: within `2^-290`.
fn exp_of_minus(y: &BigRational) -> (BigRational, BigRational) {
    let small = BigRational::new(BigInt::one(), BigInt::one() << 290);
    assert!(!y.is_negative());
    if *y > BigRational::from_integer(BigInt::from(300)) {
        return (BigRational::zero(), small); // exp(-300) < 2^-432
    }
    // In units of 2^-320. Each product is rounded down, as `y` is: 1024 times as much after ten squares.
    let bits = 320_u32;
    let reduced: BigInt = ((y.numer() << bits) / y.denom()) >> 10;
    let one: BigInt = BigInt::one() << bits;
    let (mut term, mut sum) = (one.clone(), one);
    for n in 1..64 {
        term = -((&term * &reduced) >> bits) / n;
        sum += &term;
    }
    for _ in 0..10 {
        sum = (&sum * &sum) >> bits;
    }
    let value = BigRational::new(sum, BigInt::one() << bits);
    ((&value - &small).max(BigRational::zero()), value + small)
}

/// Between which numbers tanh is.
fn tanh_of(x: &BigRational) -> (BigRational, BigRational) {
    if x.is_negative() {
        let (lo, hi) = tanh_of(&-x);
        return (-hi, -lo);
    }
    if *x < rational(1e-30) {
        return (x - x * x * x / BigInt::from(3), x.clone());
    }
    let (lo, hi) = exp_of_minus(&(x * BigInt::from(2)));
    let one = BigRational::one();
    ((&one - &hi) / (&one + &hi), (&one - &lo) / (&one + &lo))
}

/// Between which numbers the sigmoid is.
fn sigmoid_of(x: &BigRational) -> (BigRational, BigRational) {
    let (lo, hi) = tanh_of(&(x / BigInt::from(2)));
    let half = |t: BigRational| (t + BigInt::one()) / BigInt::from(2);
    (half(lo), half(hi))
}

/// The oracle against constants from tables.
#[test]
fn known_values() {
    let about = |(lo, hi): (BigRational, BigRational), digits: &str| {
        let (whole, part) = digits.split_once('.').unwrap();
        let unit = BigInt::from(10).pow(part.len() as u32);
        let value: BigInt = format!("{whole}{part}").parse().unwrap();
        let of = |n: BigInt| BigRational::new(n, unit.clone());
        assert!(lo <= hi && of(value.clone()) <= lo && hi <= of(value + 1), "{digits}");
    };
    about(exp_of_minus(&rational(1.0)), "0.367879441171442321595523770161460867445811131031767834507");
    about(tanh_of(&rational(0.5)), "0.462117157260009758502318483643672548730289280330113038552");
    about(sigmoid_of(&rational(1.0)), "0.731058578630004879251159241821836274365144640165056519276");
}
