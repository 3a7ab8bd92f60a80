//! What single-variable atoms say about each variable: an interval whose ends may be excluded, with an undo list.
//!
//! An end that no double is gets rounded outward and excluded: it lies strictly inside. So the intervals never lose a
//! point, and where they contradict each other the atoms do.

use crate::budget::Budget;
use crate::error::OutOfMemory;
use crate::net::property::dyadic::Dyadic;
use crate::net::property::formula::{Atom, Comparison, push};
use crate::net::property::number::Number;

/// The end of an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct End {
    pub value: f64,
    /// Whether the value itself lies outside.
    pub open: bool,
}

/// The end that an atom of one variable gives, and whether it is the upper one. The comparison is an inequality.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    pub column: u32,
    pub upper: bool,
    pub end: End,
    /// Whether the end is the atom's own, not rounded.
    pub exact: bool,
}

impl Cut {
    /// What an atom of one variable says under this comparison.
    pub fn of(atom: &Atom<'_>, comparison: Comparison) -> Cut {
        let (column, coefficient) = (atom.columns[0], &atom.coefficients[0]);
        let upper = matches!(comparison, Comparison::Less | Comparison::LessOrEqual);
        let strict = matches!(comparison, Comparison::Less | Comparison::Greater);
        // The first coefficient of an atom is positive.
        let (value, exact) = match (coefficient, atom.bound) {
            (Number::Double(1.0), Number::Double(bound)) => (*bound, true),
            _ => quotient(&atom.bound.dyadic(), &coefficient.dyadic(), upper),
        };
        Cut { column, upper, end: End { value, open: strict || !exact }, exact }
    }
}

/// `bound / coefficient`, rounded up or down, and whether it needed to be.
fn quotient(bound: &Dyadic, coefficient: &Dyadic, up: bool) -> (f64, bool) {
    let value = if up { bound.quotient_up(coefficient) } else { bound.quotient_down(coefficient) };
    (value, value.is_finite() && Dyadic::of(value).times(coefficient) == *bound)
}

/// An interval a variable; none before [`Bounds::new`].
#[derive(Default)]
pub(super) struct Bounds {
    lower: Vec<End>,
    upper: Vec<End>,
    undo: Vec<(u32, bool, End)>,
}

impl Bounds {
    /// All of the real line, where memory is for `variables` intervals and a box.
    pub fn new(variables: usize, budget: &Budget) -> Result<Self, OutOfMemory> {
        let (bytes, limit) = ((variables * (2 * size_of::<End>() + 2 * size_of::<f64>())) as u64, budget.memory());
        if bytes > limit {
            return Err(OutOfMemory::Limit { bytes, limit });
        }
        let all = |value| {
            let mut ends = Vec::new();
            let bytes = (variables * size_of::<End>()) as u64;
            ends.try_reserve_exact(variables).map_err(|_| OutOfMemory::Allocator { bytes })?;
            ends.resize(variables, End { value, open: false });
            Ok::<_, OutOfMemory>(ends)
        };
        Ok(Bounds { lower: all(f64::NEG_INFINITY)?, upper: all(f64::INFINITY)?, undo: Vec::new() })
    }

    pub fn lower(&self, column: u32) -> End {
        self.lower[column as usize]
    }

    pub fn upper(&self, column: u32) -> End {
        self.upper[column as usize]
    }

    /// Whether a cut takes nothing away from the interval.
    pub fn implies(&self, cut: &Cut) -> bool {
        let now = if cut.upper { self.upper(cut.column) } else { self.lower(cut.column) };
        if cut.upper {
            now.value < cut.end.value || (now.value == cut.end.value && (now.open || !cut.end.open))
        } else {
            now.value > cut.end.value || (now.value == cut.end.value && (now.open || !cut.end.open))
        }
    }

    /// Whether a cut leaves nothing of the interval.
    pub fn contradicts(&self, cut: &Cut) -> bool {
        let (lower, upper) =
            if cut.upper { (self.lower(cut.column), cut.end) } else { (cut.end, self.upper(cut.column)) };
        lower.value > upper.value || (lower.value == upper.value && (lower.open || upper.open))
    }

    /// Cuts an interval; `false` where nothing is left of it.
    pub fn cut(&mut self, cut: &Cut) -> Result<bool, OutOfMemory> {
        if self.contradicts(cut) {
            return Ok(false);
        }
        if !self.implies(cut) {
            let ends = if cut.upper { &mut self.upper } else { &mut self.lower };
            let end = &mut ends[cut.column as usize];
            push(&mut self.undo, (cut.column, cut.upper, *end))?;
            *end = cut.end;
        }
        Ok(true)
    }

    /// Whether an atom of several variables cannot hold under this comparison, as far as doubles can tell.
    pub fn refute(&self, atom: &Atom<'_>, comparison: Comparison) -> bool {
        let below = matches!(comparison, Comparison::Less | Comparison::LessOrEqual);
        // The sum at its least, or at its largest turned around: refuted where even that is beyond the bound.
        let sign = if below { 1.0 } else { -1.0 };
        let Some(bound) = atom.bound.as_double() else { return false };
        let (mut sum, mut magnitude) = (0.0, bound.abs());
        for (&column, coefficient) in atom.columns.iter().zip(atom.coefficients) {
            let Some(coefficient) = coefficient.as_double().map(|c| c * sign) else { return false };
            let end = if coefficient > 0.0 { self.lower(column) } else { self.upper(column) };
            let product = coefficient * end.value;
            sum += product;
            magnitude += product.abs();
        }
        let doubt = (atom.columns.len() as f64 + 4.0) * (f64::EPSILON * magnitude + 4.0 * f64::MIN_POSITIVE);
        // An infinite end makes the doubt infinite.
        doubt.is_finite() && sum - bound * sign > doubt
    }

    pub fn mark(&self) -> usize {
        self.undo.len()
    }

    /// Goes back to what was at a mark.
    pub fn back(&mut self, mark: usize) {
        while self.undo.len() > mark {
            if let Some((column, upper, end)) = self.undo.pop() {
                let ends = if upper { &mut self.upper } else { &mut self.lower };
                ends[column as usize] = end;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(upper: bool, value: f64, open: bool) -> Cut {
        Cut { column: 0, upper, end: End { value, open }, exact: true }
    }

    #[test]
    fn intervals() {
        let mut bounds = Bounds::new(1, &Budget::unlimited()).unwrap();
        assert!(bounds.cut(&cut(true, 1.0, false)).unwrap());
        let mark = bounds.mark();
        assert!(bounds.contradicts(&cut(false, 1.0, true)));
        assert!(!bounds.contradicts(&cut(false, 1.0, false)));
        assert!(!bounds.implies(&cut(true, 1.0, true)));
        assert!(bounds.cut(&cut(true, 1.0, true)).unwrap());
        assert!(bounds.implies(&cut(true, 1.0, false)));
        assert!(!bounds.cut(&cut(false, 1.0, false)).unwrap());
        bounds.back(mark);
        assert!(bounds.cut(&cut(false, 1.0, false)).unwrap());
        bounds.back(0);
        assert_eq!((bounds.lower(0).value, bounds.upper(0).value), (f64::NEG_INFINITY, f64::INFINITY));
    }

    #[test]
    fn thirds_are_rounded_outward() {
        for (upper, comparison) in [(true, Comparison::LessOrEqual), (false, Comparison::GreaterOrEqual)] {
            let (coefficient, bound) = (Number::of(3.0), Number::of(1.0));
            let atom = Atom { columns: &[0], coefficients: &[coefficient], comparison, bound: &bound };
            let cut = Cut::of(&atom, comparison);
            assert!(!cut.exact && cut.end.open && cut.upper == upper);
            let third = Dyadic::of(cut.end.value).times(&Dyadic::of(3.0));
            assert_eq!(third > Dyadic::of(1.0), upper);
        }
    }
}
