//! Points without rounding: all integers are fixed, the reals are near where the linear program left them.
//!
//! First number by number, in the order in which they came into being: whatever defines a number by those before it (as an
//! encoded network does) fixes it, and where it has room it stays where the linear program had it. Where that fails, an exact
//! simplex that starts there decides.

use num_rational::BigRational;
use num_traits::{Signed, Zero};

use crate::budget::{Budget, Stop};
use crate::formula::{Condition, Constraint, Domain, Formula, Relation};
use crate::simplex::{Answer, Delta, Simplex};

/// Rows times columns that the simplex is tried on.
const MOST_ENTRIES: usize = 1 << 16;

/// Pivots that it may take.
const MOST_PIVOTS: usize = 2000;

/// What is known of a part in which all integers are fixed.
#[derive(Debug)]
pub(super) enum Leaf {
    /// Values of all numbers that satisfy all rows.
    Point(Vec<BigRational>),
    /// There are none.
    Nothing,
    /// Too hard to tell.
    Hard,
}

/// Σ coefficient · real compares with a right-hand side.
struct Row {
    terms: Vec<(u32, BigRational)>,
    relation: Relation,
    rhs: BigRational,
}

/// `model` has a value for every variable; `near` one for every number, integral where the number is.
pub(super) fn decide(
    formulas: &[&Formula],
    model: &[i8],
    near: &[f64],
    exhaustive: bool,
    budget: &Budget,
) -> Result<Leaf, Stop> {
    let domains = formulas.iter().map(|formula| formula.domains()).max_by_key(|domains| domains.len()).unwrap_or(&[]);
    let near: Vec<BigRational> = near.iter().map(|&value| exact(value)).collect();
    let Some(rows) = rows(formulas, domains, model, &near) else { return Ok(Leaf::Nothing) };
    if let Some(point) = one_by_one(&rows, domains, &near, budget)? {
        return Ok(Leaf::Point(point));
    }
    if exhaustive { simplex(&rows, domains, &near, budget) } else { Ok(Leaf::Hard) }
}

fn exact(value: f64) -> BigRational {
    BigRational::from_float(value).unwrap_or_else(BigRational::zero)
}

/// The rows over reals; `None` where one without reals does not hold.
fn rows(formulas: &[&Formula], domains: &[Domain], model: &[i8], near: &[BigRational]) -> Option<Vec<Row>> {
    let holds = |literal: i32| (model[literal.unsigned_abs() as usize - 1] > 0) == (literal > 0);
    let mut rows = Vec::new();
    for formula in formulas {
        for constraint in formula.constraints() {
            let Constraint::Linear(linear) = constraint else { continue };
            if matches!(linear.condition, Condition::Implied(literal) if !holds(literal)) {
                continue;
            }
            let mut row = Row { terms: Vec::new(), relation: linear.relation, rhs: exact(linear.rhs) };
            for (&number, &c) in linear.numbers.iter().zip(linear.coefficients).filter(|(_, c)| **c != 0.0) {
                match domains[number as usize] {
                    Domain::Integer { .. } => row.rhs -= exact(c) * &near[number as usize],
                    Domain::Real { .. } => row.terms.push((number, exact(c))),
                }
            }
            for (&literal, &weight) in linear.literals.iter().zip(linear.weights) {
                if holds(literal) {
                    row.rhs -= exact(weight);
                }
            }
            row.terms.sort_by_key(|term| term.0);
            row.terms.dedup_by(|next, last| {
                let same = next.0 == last.0;
                if same {
                    last.1 += &next.1;
                }
                same
            });
            row.terms.retain(|term| !term.1.is_zero());
            if !row.terms.is_empty() {
                rows.push(row);
            } else if !row.relation.holds(BigRational::zero().cmp(&row.rhs)) {
                return None;
            }
        }
    }
    Some(rows)
}

/// An end of what a number may be, and whether it may not be that itself.
type End = (BigRational, bool);

fn one_by_one(
    rows: &[Row],
    domains: &[Domain],
    near: &[BigRational],
    budget: &Budget,
) -> Result<Option<Vec<BigRational>>, Stop> {
    let mut last_of: Vec<Vec<(&Row, &(u32, BigRational))>> = vec![Vec::new(); domains.len()];
    for row in rows {
        if let Some(last) = row.terms.last() {
            last_of[last.0 as usize].push((row, last));
        }
    }
    let mut values = near.to_vec();
    for (number, domain) in domains.iter().enumerate() {
        let Domain::Real { min, max } = *domain else { continue };
        let (mut low, mut high): (End, End) = ((exact(min), false), (exact(max), false));
        for (row, last) in &last_of[number] {
            budget.spend(row.terms.len() as u64)?;
            let mut value = row.rhs.clone();
            let rest = &row.terms[..row.terms.len() - 1];
            rest.iter().for_each(|(other, c)| value -= c * &values[*other as usize]);
            value /= &last.1;
            let is_flipped = last.1.is_negative();
            let (is_low, is_high) = match row.relation {
                Relation::Equal => (true, true),
                Relation::AtLeast | Relation::Greater => (!is_flipped, is_flipped),
                Relation::AtMost | Relation::Less => (is_flipped, !is_flipped),
            };
            let strict = matches!(row.relation, Relation::Greater | Relation::Less);
            if is_low && (value > low.0 || value == low.0 && strict) {
                low = (value.clone(), strict);
            }
            if is_high && (value < high.0 || value == high.0 && strict) {
                high = (value, strict);
            }
        }
        let is_within = |value: &BigRational| {
            (*value > low.0 || *value == low.0 && !low.1) && (*value < high.0 || *value == high.0 && !high.1)
        };
        if is_within(&values[number]) {
            continue;
        }
        let end = if values[number] <= low.0 { &low.0 } else { &high.0 };
        values[number] = if is_within(end) { end.clone() } else { (&low.0 + &high.0) / exact(2.0) };
        if !is_within(&values[number]) {
            return Ok(None);
        }
    }
    Ok(Some(values))
}

fn simplex(rows: &[Row], domains: &[Domain], near: &[BigRational], budget: &Budget) -> Result<Leaf, Stop> {
    let reals: Vec<u32> =
        (0..domains.len() as u32).filter(|&number| matches!(domains[number as usize], Domain::Real { .. })).collect();
    if rows.len().saturating_mul(reals.len()) > MOST_ENTRIES {
        return Ok(Leaf::Hard);
    }
    let mut simplex = Simplex::new(reals.len(), rows.len());
    for (column, &number) in reals.iter().enumerate() {
        if let Domain::Real { min, max } = domains[number as usize] {
            simplex.bound(column, false, Delta::of(exact(min), 0));
            simplex.bound(column, true, Delta::of(exact(max), 0));
            simplex.start(column, near[number as usize].clone());
        }
    }
    for (index, row) in rows.iter().enumerate() {
        for (number, c) in &row.terms {
            if let Ok(column) = reals.binary_search(number) {
                simplex.add(index, column, c.clone());
            }
        }
        let variable = reals.len() + index;
        let strict = i32::from(matches!(row.relation, Relation::Greater | Relation::Less));
        if !matches!(row.relation, Relation::AtMost | Relation::Less) {
            simplex.bound(variable, false, Delta::of(row.rhs.clone(), strict));
        }
        if !matches!(row.relation, Relation::AtLeast | Relation::Greater) {
            simplex.bound(variable, true, Delta::of(row.rhs.clone(), -strict));
        }
    }
    Ok(match simplex.solve(MOST_PIVOTS, budget)? {
        Answer::Nothing => Leaf::Nothing,
        Answer::Hard => Leaf::Hard,
        Answer::Point => {
            let mut values = near.to_vec();
            for (number, value) in reals.iter().zip(simplex.point(reals.len())) {
                values[*number as usize] = value;
            }
            Leaf::Point(values)
        }
    })
}
