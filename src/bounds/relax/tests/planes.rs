//! Products and quotients.

use super::super::product::{Plane, Planes};
use super::super::{product, quotient};
use super::*;

fn at(plane: Plane, x: f64, y: f64) -> Dyadic {
    line_at((plane.x, plane.constant), x).plus(&dyadic(plane.y).times(&dyadic(y)))
}

fn assert_planes(planes: &Planes) {
    for (list, nothing) in [(planes.lower, -INF), (planes.upper, INF)] {
        for plane in list {
            assert!(plane.x.is_finite() && plane.y.is_finite(), "{planes:?}");
            let says_nothing = plane.constant == nothing && plane.x == 0.0 && plane.y == 0.0;
            assert!(plane.constant.is_finite() || says_nothing, "{planes:?}");
        }
    }
}

#[test]
fn products_hold() {
    let mut random = Random::new(10);
    for _ in 0..1500 {
        let (xs, ys) = (random.interval(), random.interval());
        let (planes, range) = (product::planes(xs, ys), product::range(xs, ys));
        assert_planes(&planes);
        let (x_points, y_points) = (random.points(xs, &[0.0]), random.points(ys, &[0.0]));
        for x in x_points {
            for &y in &y_points {
                let exact = dyadic(x).times(&dyadic(y));
                let what = || format!("{xs:?} {ys:?} at {x:e} {y:e}: {planes:?} {range:?}");
                assert!(range.0 == -INF || dyadic(range.0) <= exact, "{}", what());
                assert!(range.1 == INF || dyadic(range.1) >= exact, "{}", what());
                let finite = |p: &&Plane| p.constant.is_finite();
                assert!(planes.lower.iter().filter(finite).all(|p| at(*p, x, y) <= exact), "{}", what());
                assert!(planes.upper.iter().filter(finite).all(|p| at(*p, x, y) >= exact), "{}", what());
            }
        }
    }
}

#[test]
fn quotients_hold() {
    let mut random = Random::new(11);
    let mut sloped = 0;
    for _ in 0..1500 {
        let xs = random.interval();
        let ys = if random.below(2) == 0 { random.interval() } else { random.plain() };
        let (planes, range) = (quotient::planes(xs, ys), quotient::range(xs, ys));
        assert_planes(&planes);
        if ys.0 <= 0.0 && ys.1 >= 0.0 {
            assert_eq!(range, (-INF, INF));
            continue;
        }
        sloped += usize::from(planes.lower[0].y != 0.0);
        let (x_points, y_points) = (random.points(xs, &[0.0]), random.points(ys, &[1.0]));
        for x in x_points {
            for &y in &y_points {
                // Times the divisor, with its sign.
                let sign = dyadic(y.signum());
                let (exact, times) = (dyadic(x).times(&sign), |d: Dyadic| d.times(&dyadic(y.abs())));
                let what = || format!("{xs:?} {ys:?} at {x:e} {y:e}: {planes:?} {range:?}");
                assert!(range.0 == -INF || times(dyadic(range.0)) <= exact, "{}", what());
                assert!(range.1 == INF || times(dyadic(range.1)) >= exact, "{}", what());
                let finite = |p: &&Plane| p.constant.is_finite();
                assert!(planes.lower.iter().filter(finite).all(|p| times(at(*p, x, y)) <= exact), "{}", what());
                assert!(planes.upper.iter().filter(finite).all(|p| times(at(*p, x, y)) >= exact), "{}", what());
            }
        }
    }
    assert!(sloped > 300, "{sloped}");
}

#[test]
fn what_is_no_box_is_answered_with_nothing() {
    for none in NONE {
        for of in [product::planes, quotient::planes] {
            for planes in [of(none, (1.0, 2.0)), of((1.0, 2.0), none)] {
                assert_planes(&planes);
                assert!(planes.lower.iter().all(|p| p.constant == -INF));
                assert!(planes.upper.iter().all(|p| p.constant == INF));
            }
        }
        for of in [product::range, quotient::range] {
            assert_eq!(of(none, (1.0, 2.0)), (-INF, INF));
            assert_eq!(of((1.0, 2.0), none), (-INF, INF));
        }
    }
}

#[test]
fn known_planes_and_ranges() {
    let plane = |x, y, constant: f64| Plane { x, y, constant };
    let planes = product::planes((0.0, 1.0), (0.0, 1.0));
    assert_eq!(planes.lower, [plane(0.0, 0.0, 0.0), plane(1.0, 1.0, -1.0)]);
    assert_eq!(planes.upper, [plane(1.0, 0.0, 0.0), plane(0.0, 1.0, 0.0)]);
    // Where one operand is a point: the operand times it.
    let planes = product::planes((0.3, 0.3), (-1.7, 2.9));
    for Plane { x, y, constant } in planes.lower.into_iter().chain(planes.upper) {
        assert!(y == 0.3 && (x * 0.3 + constant).abs() < 1e-15);
    }
    assert_eq!(product::range((0.0, INF), (0.0, INF)), (0.0, INF));
    assert_eq!(product::range((-INF, INF), (0.0, 0.0)), (0.0, 0.0));
    assert_eq!(product::range((-1.0, 1.0), (1.0, INF)), (-INF, INF));
    assert_eq!(quotient::range((5.0, INF), (1.0, INF)), (0.0, INF));
    assert_eq!(quotient::range((0.0, 0.0), (1.0, 3.0)), (0.0, 0.0));
    assert_eq!(quotient::range((1.0, 2.0), (0.0, 3.0)), (-INF, INF));
}

/// In the middle of the box planes are no farther off than a quarter of its area, and for a quotient closer than constants.
#[test]
fn planes_are_closer_than_constants() {
    let mut random = Random::new(12);
    let middle = |plane: Plane, x: (f64, f64), y: (f64, f64)| {
        plane.x * (x.0 + x.1) / 2.0 + plane.y * (y.0 + y.1) / 2.0 + plane.constant
    };
    let mut share = 0.0;
    for _ in 0..1000 {
        let (x, y) = (random.plain(), random.plain());
        let (planes, quarter) = (product::planes(x, y), (x.1 - x.0) * (y.1 - y.0) / 4.0);
        let exact = (x.0 + x.1) * (y.0 + y.1) / 4.0;
        for (lower, upper) in planes.lower.into_iter().zip(planes.upper) {
            assert!((exact - middle(lower, x, y) - quarter).abs() < 1e-12);
            assert!((middle(upper, x, y) - exact - quarter).abs() < 1e-12);
        }
        let y = (1.0 + random.unit(), 2.0 + random.unit());
        let (planes, range) = (quotient::planes(x, y), quotient::range(x, y));
        let gap = |i: usize, j: usize| middle(planes.upper[i], x, y) - middle(planes.lower[j], x, y);
        let least = gap(0, 0).min(gap(0, 1)).min(gap(1, 0)).min(gap(1, 1));
        share += least / (range.1 - range.0) / 1000.0;
    }
    assert!(share < 0.5, "{share}");
}
