//! Planes that enclose a quotient over a box, and its range.
use super::product::{Plane, Planes};

/// The range of a quotient, rounded outward.
pub(crate) fn range(_x: (f64, f64), _y: (f64, f64)) -> (f64, f64) {
    (f64::NEG_INFINITY, f64::INFINITY)
}

/// Planes of a quotient.
pub(crate) fn planes(_x: (f64, f64), _y: (f64, f64)) -> Planes {
    let flat = |constant| Plane { x: 0.0, y: 0.0, constant };
    Planes { lower: [flat(f64::NEG_INFINITY); 2], upper: [flat(f64::INFINITY); 2] }
}
