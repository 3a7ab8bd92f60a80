//! The sigmoid and the hyperbolic tangent.

use super::*;

fn value(function: Function, x: &BigRational) -> (BigRational, BigRational) {
    if function == Function::Tanh { tanh_of(x) } else { sigmoid_of(x) }
}

fn check(function: Function, (l, u): (f64, f64), random: &mut Random) {
    let (lines, range) = (function.lines(l, u), function.range(l, u));
    assert_form(&lines);
    for x in random.points((l, u), &[0.0]) {
        let exact = rational(x);
        let (lo, hi) = value(function, &exact);
        let at = |(slope, intercept): (f64, f64)| rational(slope) * &exact + rational(intercept);
        let what = || format!("{function:?} on [{l:e}, {u:e}] at {x:e}: {lines:?} {range:?}");
        // All lines are finite: the functions are. What is violated for certain is.
        assert!(at(lines.lower) <= hi, "lower {}", what());
        assert!(at(lines.upper) >= lo, "upper {}", what());
        assert!(rational(range.0) <= hi && rational(range.1) >= lo, "range {}", what());
    }
}

#[test]
fn lines_and_ranges_hold() {
    let mut random = Random::new(6);
    for function in [Function::Sigmoid, Function::Tanh] {
        for _ in 0..100 {
            let interval = random.interval();
            check(function, interval, &mut random);
            for _ in 0..4 {
                let interval = random.plain();
                check(function, interval, &mut random);
            }
        }
        for l in [-40.0, -700.0, -0.5, -1e-9, 0.0, 3.0] {
            for u in [-39.0, -1e-7, 0.0, 1e-9, 1e-3, 4.0, 19.0, 800.0] {
                if l <= u {
                    check(function, (l, u), &mut random);
                }
            }
        }
    }
}

/// At the point where a tangent touches, which random points miss: the least distance is there.
#[test]
fn lines_hold_where_they_touch() {
    let mut random = Random::new(7);
    for _ in 0..1500 {
        let (l, u) = random.plain();
        for function in [Function::Tanh, Function::Sigmoid] {
            let Lines { lower, upper } = function.lines(l, u);
            for ((slope, intercept), is_upper) in [(lower, false), (upper, true)] {
                let scale = if function == Function::Tanh { 1.0 } else { 4.0 };
                let t = (1.0 / (slope * scale) - 1.0).max(0.0).sqrt().asinh() * if scale == 1.0 { 1.0 } else { 2.0 };
                let x = (if is_upper { t } else { -t }).clamp(l, u);
                let exact = rational(x);
                let (lo, hi) = value(function, &exact);
                let distance = rational(slope) * &exact + rational(intercept) - if is_upper { lo } else { hi };
                let distance = if is_upper { distance } else { -distance };
                assert!(!distance.is_negative(), "{function:?} on [{l:e}, {u:e}] at {x:e}");
            }
        }
    }
}

/// Each line comes as close to the function as rounding allows.
#[test]
fn lines_touch() {
    let mut random = Random::new(8);
    for i in 0..3000 {
        let (l, u) = if i % 3 == 0 {
            let l = random.number(-3.0, 1.0);
            (l, l + random.number(-12.0, -1.0).abs())
        } else {
            random.plain()
        };
        for function in [Function::Tanh, Function::Sigmoid] {
            let f = |x: f64| if function == Function::Tanh { x.tanh() } else { 0.5 + 0.5 * (x / 2.0).tanh() };
            let Lines { lower, upper } = function.lines(l, u);
            let least = |(slope, intercept): (f64, f64), sign: f64| {
                (0..=2000)
                    .map(|i| l + (u - l) * f64::from(i) / 2000.0)
                    .map(|x| sign * (slope * x + intercept - f(x)))
                    .fold(INF, f64::min)
            };
            // The grid misses a point of contact by half a step: second derivatives are below 1.
            let missed = ((u - l) / 4000.0).powi(2) + 1e-14;
            assert!(least(upper, 1.0) <= missed, "{function:?} on [{l:e}, {u:e}]: {upper:?}");
            assert!(least(lower, -1.0) <= missed, "{function:?} on [{l:e}, {u:e}]: {lower:?}");
        }
    }
}

/// The mean distance of the lines is a small part of that of constants where intervals are short, and never more.
#[test]
fn lines_are_closer_than_constants() {
    let mut random = Random::new(9);
    for function in [Function::Tanh, Function::Sigmoid] {
        for (width, most) in [(0.1, 0.08), (0.5, 0.3), (2.0, 0.7), (20.0, 1.0)] {
            let mut total = 0.0;
            for _ in 0..500 {
                let middle = 4.0 * random.unit() - 2.0;
                let (l, u) = (middle - width / 2.0, middle + width / 2.0);
                let Lines { lower, upper } = function.lines(l, u);
                let range = function.range(l, u);
                let mean = (upper.0 - lower.0) * (l / 2.0 + u / 2.0) + upper.1 - lower.1;
                total += mean / (range.1 - range.0) / 500.0;
                assert!(mean <= (range.1 - range.0) * 1.001, "{function:?} on [{l}, {u}]");
            }
            assert!(total <= most, "{function:?}, {width}: {total}");
        }
    }
}

#[test]
fn at_a_point_and_far_out() {
    for function in [Function::Tanh, Function::Sigmoid] {
        let lines = function.lines(0.3, 0.3);
        assert!(lines.lower.0 == 0.0 && lines.upper.0 == 0.0 && lines.upper.1 - lines.lower.1 < 2e-14);
        let least = if function == Function::Tanh { -1.0 } else { 0.0 };
        for (l, u) in [(-INF, INF), (-1e300, 1e300), (-INF, 1e300)] {
            let lines = function.lines(l, u);
            assert!(lines.lower.0 == 0.0 && (least - 1e-15..=least).contains(&lines.lower.1), "{lines:?}");
            assert!(lines.upper.0 == 0.0 && (1.0..1.0 + 1e-15).contains(&lines.upper.1), "{lines:?}");
        }
        assert_eq!(function.range(-INF, INF), (least, 1.0));
    }
}
