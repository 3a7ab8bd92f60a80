//! Rectifiers, the sign, clipping.

use super::*;

/// Exactly.
fn value(function: Function, x: f64) -> Dyadic {
    match function {
        Function::Rectifier(slope) if x < 0.0 => dyadic(slope).times(&dyadic(x)),
        Function::Rectifier(_) => dyadic(x),
        Function::Sign => dyadic(if x == 0.0 { 0.0 } else { x.signum() }),
        Function::Clip(a, b) => dyadic(x.max(a).min(b)),
        Function::Sigmoid | Function::Tanh => unreachable!(),
    }
}

fn functions() -> Vec<Function> {
    let slopes = [0.0, -1.0, 0.01, 0.1, 0.25, 1.0, 1.3, 2.5, -0.3, -7.1, 1e-310, 1e90, -1e99, 1e200, f64::MAX];
    let clips =
        [(0.0, 6.0), (-1.0, 1.0), (-0.1, 0.7), (2.3, 2.3), (0.0, INF), (-INF, 0.3), (-INF, INF), (1e-320, 1e300)];
    let mut functions = vec![Function::Sign];
    functions.extend(slopes.map(Function::Rectifier));
    functions.extend(clips.map(|(a, b)| Function::Clip(a, b)));
    functions
}

fn kinks(function: Function) -> Vec<f64> {
    match function {
        Function::Clip(a, b) => vec![a, b],
        _ => vec![0.0],
    }
}

#[test]
fn lines_and_ranges_hold() {
    let mut random = Random::new(1);
    for function in functions() {
        for _ in 0..2500 {
            let (l, u) = random.interval();
            let (lines, range) = (function.lines(l, u), function.range(l, u));
            assert_form(&lines);
            for x in random.points((l, u), &kinks(function)) {
                let y = value(function, x);
                let what = || format!("{function:?} on [{l:e}, {u:e}] at {x:e}: {lines:?} {range:?}");
                assert!(lines.lower.1 == -INF || line_at(lines.lower, x) <= y, "{}", what());
                assert!(lines.upper.1 == INF || line_at(lines.upper, x) >= y, "{}", what());
                assert!(range.0 == -INF || dyadic(range.0) <= y, "{}", what());
                assert!(range.1 == INF || dyadic(range.1) >= y, "{}", what());
            }
        }
    }
}

#[test]
fn what_is_no_interval_or_no_function_is_answered_with_nothing() {
    let mut functions = functions();
    functions.extend([Function::Sigmoid, Function::Tanh]);
    for (l, u) in NONE {
        for &function in &functions {
            assert_eq!(function.lines(l, u), Lines::UNKNOWN);
            assert_eq!(function.range(l, u), (-INF, INF));
            assert_eq!(function.adjustable(l, u), None);
        }
    }
    for function in [
        Function::Rectifier(f64::NAN),
        Function::Rectifier(INF),
        Function::Clip(1.0, 0.0),
        Function::Clip(f64::NAN, 0.0),
        Function::Clip(INF, INF),
    ] {
        assert_eq!(function.lines(-1.0, 1.0), Lines::UNKNOWN, "{function:?}");
        assert_eq!(function.range(-1.0, 1.0), (-INF, INF), "{function:?}");
    }
}

#[test]
fn many_at_once_are_as_one_by_one() {
    let mut random = Random::new(2);
    let mut functions = functions();
    functions.extend([Function::Sigmoid, Function::Tanh, Function::Rectifier(f64::NAN)]);
    for function in functions {
        for odd in [false, true] {
            let mut intervals: Vec<_> =
                (0..101).map(|_| if odd { random.interval() } else { random.plain() }).collect();
            if odd {
                intervals.extend(NONE);
            }
            let (lower, upper): (Vec<_>, Vec<_>) = intervals.iter().copied().unzip();
            let mut out = [(); 4].map(|()| vec![f64::NAN; lower.len()]);
            let [lower_slope, lower_icpt, upper_slope, upper_icpt] = &mut out;
            lines_of(function, &lower, &upper, LinesOf { lower_slope, lower_icpt, upper_slope, upper_icpt });
            for (i, (l, u)) in intervals.into_iter().enumerate() {
                let lines = Lines { lower: (out[0][i], out[1][i]), upper: (out[2][i], out[3][i]) };
                assert_eq!(lines, function.lines(l, u), "{function:?} on [{l:e}, {u:e}]");
            }
        }
    }
}

#[test]
fn lines_that_may_be_turned() {
    let mut random = Random::new(3);
    let mut seen = [0; 2];
    for function in functions() {
        for _ in 0..300 {
            let (l, u) = random.interval();
            let Some(Adjustable { side, least, greatest }) = function.adjustable(l, u) else {
                let is_linear = l >= 0.0 || u <= 0.0 || function == Function::Rectifier(1.0);
                assert!(is_linear || !matches!(function, Function::Rectifier(_)));
                continue;
            };
            assert!(l < 0.0 && u > 0.0 && least < greatest);
            let lines = function.lines(l, u);
            let chosen = if side == Side::Lower { lines.lower } else { lines.upper };
            assert!((least..=greatest).contains(&chosen.0) && chosen.1 == 0.0);
            seen[usize::from(side == Side::Lower)] += 1;
            for slope in [least, greatest, least / 2.0 + greatest / 2.0] {
                for x in random.points((l, u), &[0.0]) {
                    let (line, y) = (line_at((slope, 0.0), x), value(function, x));
                    assert!(if side == Side::Lower { line <= y } else { line >= y }, "{function:?} {slope} at {x:e}");
                }
            }
        }
    }
    assert!(seen[0] > 100 && seen[1] > 100);
}

/// Where a function is linear there is nothing to round.
#[test]
fn linear_pieces_are_exact() {
    let mut random = Random::new(4);
    let both = |line| Lines { lower: line, upper: line };
    for _ in 0..1000 {
        let (l, u) = random.interval();
        let (a, b) = if random.below(2) == 0 { (l.abs().min(u.abs()), l.abs().max(u.abs())) } else { (0.0, u.abs()) };
        for slope in [0.0, -1.0, 0.1, 3.0] {
            let function = Function::Rectifier(slope);
            assert_eq!(function.lines(a, b), both((1.0, 0.0)));
            if b > 0.0 {
                assert_eq!(function.lines(-b, -a), both((slope, 0.0)));
            }
        }
        assert_eq!(Function::Rectifier(1.0).lines(l, u), both((1.0, 0.0)));
        assert_eq!(Function::Clip(l, u).lines(l, u).lower, if l == u { (0.0, l) } else { (1.0, 0.0) });
        if a > 0.0 {
            assert_eq!(Function::Sign.lines(a, b), both((0.0, 1.0)));
            assert_eq!(Function::Sign.lines(-b, -a), both((0.0, -1.0)));
            assert_eq!(Function::Clip(-2.0, 0.0).lines(a, b), both((0.0, 0.0)));
        }
    }
    assert_eq!(Function::Sign.lines(0.0, -0.0), both((0.0, 0.0)));
    assert_eq!(Function::Rectifier(0.0).range(-3.0, 0.1), (0.0, 0.1));
    assert_eq!(Function::Rectifier(-1.0).range(-3.0, 0.1), (0.0, 3.0));
    assert_eq!(Function::Rectifier(-1.0).range(-3.0, -0.1), (0.1, 3.0));
}

/// ReLU on known intervals: the chord, and below the line with the smaller area.
#[test]
fn relu_has_the_lines_of_crown() {
    let near = |(slope, intercept): (f64, f64), expected: (f64, f64)| {
        assert!((slope - expected.0).abs() <= 1e-15 && (0.0..1e-14).contains(&(intercept - expected.1)));
    };
    let relu = Function::Rectifier(0.0);
    near(relu.lines(-1.0, 3.0).upper, (0.75, 0.75));
    near(relu.lines(-3.0, 1.0).upper, (0.25, 0.75));
    assert_eq!(relu.lines(-1.0, 3.0).lower, (1.0, 0.0));
    assert_eq!(relu.lines(-3.0, 1.0).lower, (0.0, 0.0));
    assert_eq!(relu.lines(-1.0, 1.0).lower, (0.0, 0.0));
    near(Function::Rectifier(-1.0).lines(-1.0, 3.0).upper, (0.5, 1.5));
    // An end that is infinite leaves the line that is parallel to the ray.
    near(relu.lines(-2.0, INF).upper, (1.0, 2.0));
    near(relu.lines(-INF, 2.0).upper, (0.0, 2.0));
    assert_eq!(relu.lines(-INF, INF), Lines { lower: (0.0, 0.0), upper: (0.0, INF) });
}

/// The mean distance of the lines, against that of the ends of the range.
fn share(function: Function, (l, u): (f64, f64)) -> f64 {
    let Lines { lower, upper } = function.lines(l, u);
    let range = function.range(l, u);
    ((upper.0 - lower.0) * (l / 2.0 + u / 2.0) + upper.1 - lower.1) / (range.1 - range.0)
}

#[test]
fn lines_are_closer_than_constants() {
    let mut random = Random::new(5);
    // As far as the area of a triangle is from that of the box around it.
    for (function, most) in [
        (Function::Rectifier(0.0), 0.5),
        (Function::Rectifier(0.1), 0.5),
        (Function::Rectifier(3.0), 0.5),
        (Function::Clip(-1.0, 1.0), 0.75),
        (Function::Sign, 1.0),
    ] {
        let mut total = 0.0;
        for _ in 0..1000 {
            let mut interval = random.plain();
            interval = (interval.0.min(-interval.1 * random.unit()), interval.1.max(0.1));
            interval.0 = interval.0.min(-0.1);
            let share = share(function, interval);
            assert!(share <= most + 1e-12, "{function:?} on {interval:?}: {share}");
            total += share / 1000.0;
        }
        assert!(total <= most * 0.95, "{function:?}: {total}");
    }
}
