//! Functions of one number that are linear on both sides of a threshold, signs, and maxima.
//!
//! Source of the big-M form: V. Tjeng, K. Xiao, R. Tedrake, "Evaluating Robustness of Neural Networks with Mixed Integer
//! Programming", ICLR 2019, section 4 and appendix; M is what bounds of the neuron make it, side by side.

use super::expression::{Expression, product, sum};
use super::writer::{ANYTHING, Writer};
use super::{EncodeError, Neuron};
use crate::bounds::{down, up};
use crate::formula::{Condition, Relation};

/// `slope · x + offset`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Line {
    pub slope: f64,
    pub offset: f64,
}

impl Line {
    pub const ZERO: Line = Line { slope: 0.0, offset: 0.0 };
    pub const SAME: Line = Line { slope: 1.0, offset: 0.0 };

    fn of(self, x: u32) -> Expression {
        let terms = if self.slope == 0.0 { Vec::new() } else { vec![(x, self.slope)] };
        Expression { terms, constant: self.offset }
    }

    /// Between what its values on an interval lie.
    fn range(self, ends: (f64, f64)) -> (f64, f64) {
        self.of(0).range(|_| ends)
    }

    /// At most this by so much on an interval.
    fn above(self, other: Line, (l, u): (f64, f64)) -> f64 {
        let at = |x: f64| {
            let slopes = (down(self.slope - other.slope), up(self.slope - other.slope));
            let most = up(slopes.0 * x).max(up(slopes.1 * x));
            match (sum(self.slope, -other.slope).and_then(|slope| product(slope, x)), sum(self.offset, -other.offset)) {
                (Some(change), Some(offset)) if sum(change, offset).is_some() => change + offset,
                _ => up(most + up(self.offset - other.offset)),
            }
        };
        at(l).max(at(u))
    }
}

/// A function with a line below a threshold and one above it, which meet there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bend {
    pub at: f64,
    pub below: Line,
    pub above: Line,
}

impl Bend {
    pub const RELU: Bend = Bend { at: 0.0, below: Line::ZERO, above: Line::SAME };
    pub const ABS: Bend = Bend { at: 0.0, below: Line { slope: -1.0, offset: 0.0 }, above: Line::SAME };

    pub fn leaky(slope: f64) -> Self {
        Bend { at: 0.0, below: Line { slope, offset: 0.0 }, above: Line::SAME }
    }

    /// `max(x, at)`.
    pub fn at_least(at: f64) -> Self {
        Bend { at, below: Line { slope: 0.0, offset: at }, above: Line::SAME }
    }

    /// `min(x, at)`.
    pub fn at_most(at: f64) -> Self {
        Bend { at, below: Line::SAME, above: Line { slope: 0.0, offset: at } }
    }
}

impl Writer<'_> {
    /// The function of a number, of which it is known between what it lies.
    pub fn bend(&mut self, bend: Bend, x: u32, (l, u): (f64, f64)) -> Result<(Expression, Neuron), EncodeError> {
        let Bend { at, below, above } = bend;
        if l >= at || u <= at {
            let (line, side) = if l >= at { (above, 1) } else { (below, -1) };
            let (value, phase) = (line.of(x), side * self.truth()?);
            let post = self.define(&value, ANYTHING)?;
            let value = if value.is_simple() { value } else { Expression::number(post) };
            return Ok((value, Neuron { pre: x, post, phase }));
        }
        let (left, right) = ((l, at), (at, u));
        let ((l1, u1), (l2, u2)) = (below.range(left), above.range(right));
        let (y, phase) = (self.number((l1.min(l2), u1.max(u2)))?, self.literal());
        // y - above <= 0 and >= 0 where the phase is true, and the same below where it is not.
        for (literal, line, other, ends) in [(phase, above, below, left), (-phase, below, above, right)] {
            let value = line.of(x);
            let minus = |e: &Expression| Expression {
                terms: e.terms.iter().map(|&(n, c)| (n, -c)).collect(),
                constant: -e.constant,
            };
            let (mut over, mut under) = (minus(&value), value);
            over.terms.push((y, 1.0));
            under.terms.push((y, -1.0));
            self.at_most_zero(literal, &over, other.above(line, ends))?;
            self.at_most_zero(literal, &under, line.above(other, ends))?;
        }
        if self.is_conditional() {
            self.compare(phase, &Expression { terms: vec![(x, -1.0)], constant: at }, Relation::AtMost, up(at - l))?;
            self.compare(-phase, &Expression { terms: vec![(x, 1.0)], constant: -at }, Relation::AtMost, up(u - at))?;
        }
        Ok((Expression::number(y), Neuron { pre: x, post: y, phase }))
    }

    /// 1, 0 or -1. Two neurons: whether it is above 0, and whether it is not below.
    pub fn sign(&mut self, x: u32, (l, u): (f64, f64)) -> Result<(Expression, [Neuron; 2]), EncodeError> {
        let truth = self.truth()?;
        let known = match (l, u) {
            (l, _) if l > 0.0 => Some(1.0),
            (_, u) if u < 0.0 => Some(-1.0),
            (0.0, 0.0) => Some(0.0),
            _ => None,
        };
        if let Some(value) = known {
            let expression = Expression::constant(value);
            let post = self.define(&expression, ANYTHING)?;
            let phase = |is: bool| if is { truth } else { -truth };
            let neurons = [phase(value > 0.0), phase(value >= 0.0)].map(|phase| Neuron { pre: x, post, phase });
            return Ok((expression, neurons));
        }
        let y = self.number((-1.0, 1.0))?;
        let (above, not_below) = (self.literal(), self.literal());
        self.clause(&[-above, not_below])?;
        let (x_, minus) = (Expression::number(x), Expression { terms: vec![(x, -1.0)], constant: 0.0 });
        self.compare(above, &minus, Relation::Less, -l)?;
        self.compare(-above, &x_, Relation::AtMost, u)?;
        self.compare(not_below, &minus, Relation::AtMost, -l)?;
        self.compare(-not_below, &x_, Relation::Less, u)?;
        // y = above + not_below - 1.
        let row = Expression { terms: vec![(y, 1.0)], constant: 1.0 };
        self.row(Condition::Plain, &row, &[(above, -1.0), (not_below, -1.0)], Relation::Equal)?;
        Ok((Expression::number(y), [above, not_below].map(|phase| Neuron { pre: x, post: y, phase })))
    }

    /// The largest of some numbers, of which it is known between what they lie. Each that may be it is a neuron, whose phase
    /// says that it is.
    pub fn largest(&mut self, candidates: &[(u32, (f64, f64))]) -> Result<(Expression, Vec<Neuron>), EncodeError> {
        let least = candidates.iter().map(|c| c.1.0).fold(f64::NEG_INFINITY, f64::max);
        let most = candidates.iter().map(|c| c.1.1).fold(f64::NEG_INFINITY, f64::max);
        let able: Vec<_> = candidates.iter().filter(|c| c.1.1 >= least).copied().collect();
        if let [(number, _)] = able[..] {
            let phase = self.truth()?;
            return Ok((Expression::number(number), vec![Neuron { pre: number, post: number, phase }]));
        }
        let y = self.number((least, most))?;
        let mut neurons = Vec::new();
        for &(number, (l, _)) in &able {
            let phase = self.literal();
            let under = Expression { terms: vec![(number, 1.0), (y, -1.0)], constant: 0.0 };
            self.row(Condition::Plain, &under, &[], Relation::AtMost)?;
            let over = Expression { terms: vec![(number, -1.0), (y, 1.0)], constant: 0.0 };
            self.at_most_zero(phase, &over, up(most - l))?;
            neurons.push(Neuron { pre: number, post: y, phase });
        }
        let phases: Vec<i32> = neurons.iter().map(|neuron| neuron.phase).collect();
        self.clause(&phases)?;
        Ok((Expression::number(y), neurons))
    }
}
