//! Planes that enclose a product over a box, and its range.

/// `x * X + y * Y + constant` for operands X and Y.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Plane {
    pub x: f64,
    pub y: f64,
    pub constant: f64,
}

/// Two planes below and two above, each sound on its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Planes {
    pub lower: [Plane; 2],
    pub upper: [Plane; 2],
}

/// The range of a product, rounded outward.
pub(crate) fn range(_x: (f64, f64), _y: (f64, f64)) -> (f64, f64) {
    (f64::NEG_INFINITY, f64::INFINITY)
}

/// McCormick's planes of a product.
pub(crate) fn planes(_x: (f64, f64), _y: (f64, f64)) -> Planes {
    let flat = |constant| Plane { x: 0.0, y: 0.0, constant };
    Planes { lower: [flat(f64::NEG_INFINITY); 2], upper: [flat(f64::INFINITY); 2] }
}
