//! Formulas as mixed integer programs: what LP and MPS files say.
//!
//! A column is a variable (0 or 1), a number, or one of four helpers: half of how many literals of a parity are true; the
//! negation of a variable; one for what a row is switched off by; and `never`, which is 0, for what nothing satisfies. The program is the formula, not a relaxation
//! of it: its points are the models, and every double is one that needs no rounding.
//!
//! - A literal ¬x is 1 − x. Where the row's right-hand side would be no double then, it is a column m of its own, x + m = 1.
//! - c → Σ ≥ b is Σ + M·¬c ≥ b, where M is at least b less the least that Σ can be; every domain is bounded, so that there
//!   is one. Any greater M says the same, and so one is taken that needs no rounding; where c's variable has a weight of its own
//!   with which none does, M weighs a column of its own, that is ¬c.
//! - Σ > b over integers is Σ ≥ b′ with the next value b′ that the sum can have. Over reals it cannot be said.
//!
//! (The programs of [`crate::milp`] may say less than the formula, by as much as rounding takes, since its points are checked.)
//!
//! Cost: O(n log n) for a row of n terms; two words a term are held.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Pow, ToPrimitive, Zero};

use super::text::WriteError;
use super::{Condition, Constraint, ConstraintId, Domain, Formula, Linear, Relation, arrays, rational};
use crate::budget::Budget;
use crate::error::OutOfMemory;
use crate::floats::Standard;

/// What a column stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Variable(u32),
    Number(u32),
    /// Half of how many literals of this parity are true, rounded down.
    Half(ConstraintId),
    /// 1 where the variable is false.
    Negation(u32),
    /// 1 where the condition's literal is false.
    Off(i32),
    /// 0.
    Never,
}

/// What a row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// A constraint, or the first half of it.
    Constraint(ConstraintId),
    /// The second half of it.
    Second(ConstraintId),
    /// That a column is a variable's negation.
    Negation(u32),
    /// That a column is 1 where a condition's literal is false.
    Off(i32),
}

/// A row: [`Relation::AtLeast`], [`Relation::AtMost`] or [`Relation::Equal`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub origin: Origin,
    pub relation: Relation,
    pub rhs: f64,
    /// Where its terms end.
    end: usize,
}

/// All of it. Columns are the variables, the numbers, and then the helpers.
pub(super) struct Program<'f> {
    formula: &'f Formula,
    /// Helpers, and the most that they can be; the least is 0, and they are integers.
    helpers: Vec<(Column, f64)>,
    rows: Vec<Row>,
    terms: Vec<(u32, f64)>,
    negations: BTreeMap<u32, u32>,
    switches: BTreeMap<i32, u32>,
    never: Option<u32>,
    limit: u64,
}

/// Why there is no program.
enum Failed {
    Unsayable(&'static str),
    Other(WriteError),
}

impl From<OutOfMemory> for Failed {
    fn from(short: OutOfMemory) -> Self {
        Failed::Other(short.into())
    }
}

/// A sum of columns that is at least `rhs`, or equal to it.
#[derive(Debug, Clone, Default)]
struct Sum {
    terms: Vec<(u32, f64)>,
    rhs: f64,
}

const NO_DOUBLE: &str = "a row with a number that is no double";

impl<'f> Program<'f> {
    /// The program of a formula. `format` is for messages. It holds at most what the budget's memory limit allows.
    pub fn new(formula: &'f Formula, format: &'static str, budget: &Budget) -> Result<Self, WriteError> {
        let _standard = Standard::enter();
        let mut program = Program {
            formula,
            helpers: Vec::new(),
            rows: Vec::new(),
            terms: Vec::new(),
            negations: BTreeMap::new(),
            switches: BTreeMap::new(),
            never: None,
            limit: budget.memory(),
        };
        if formula.objective().is_some() {
            return Err(WriteError::Objective { format });
        }
        for (id, constraint) in (0..).map(ConstraintId).zip(formula.constraints()) {
            budget.check()?;
            match program.add(id, constraint) {
                Ok(()) => {}
                Err(Failed::Unsayable(why)) => return Err(WriteError::Part { constraint: id, why, format }),
                Err(Failed::Other(error)) => return Err(error),
            }
        }
        Ok(program)
    }

    pub fn formula(&self) -> &'f Formula {
        self.formula
    }

    /// How many columns there are.
    pub fn num_columns(&self) -> u32 {
        self.formula.num_vars() + self.formula.num_numbers() + self.helpers.len() as u32 // see `helper`
    }

    pub fn column(&self, index: u32) -> Column {
        let (variables, numbers) = (self.formula.num_vars(), self.formula.num_numbers());
        if index < variables {
            Column::Variable(index + 1)
        } else if index - variables < numbers {
            Column::Number(index - variables)
        } else {
            self.helpers[(index - variables - numbers) as usize].0
        }
    }

    /// The least and the greatest value of a column.
    pub fn bounds(&self, index: u32) -> (f64, f64) {
        let variables = self.formula.num_vars();
        match self.column(index) {
            Column::Variable(_) => (0.0, 1.0),
            Column::Number(number) => match self.formula.domains()[number as usize] {
                Domain::Integer { min, max } => (min as f64, max as f64), // within 2^53
                Domain::Real { min, max } => (min, max),
            },
            _ => (0.0, self.helpers[(index - variables - self.formula.num_numbers()) as usize].1),
        }
    }

    pub fn is_integer(&self, index: u32) -> bool {
        match self.column(index) {
            Column::Number(number) => matches!(self.formula.domains()[number as usize], Domain::Integer { .. }),
            _ => true,
        }
    }

    /// The rows and their terms.
    pub fn rows(&self) -> impl Iterator<Item = (Row, &[(u32, f64)])> {
        let begins = std::iter::once(0).chain(self.rows.iter().map(|row| row.end));
        self.rows.iter().zip(begins).map(|(row, begin)| (*row, &self.terms[begin..row.end]))
    }

    pub fn num_rows(&self) -> usize {
        self.rows.len()
    }

    pub fn num_terms(&self) -> usize {
        self.terms.len()
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        let map = 64 * (self.negations.len() + self.switches.len()) as u64;
        arrays::bytes(&self.helpers) + arrays::bytes(&self.rows) + arrays::bytes(&self.terms) + map
    }

    fn room(&self, part: u64) -> u64 {
        self.limit.saturating_sub(self.bytes() - part)
    }

    fn helper(&mut self, column: Column, most: f64) -> Result<u32, Failed> {
        let index = u64::from(self.formula.num_vars()) + u64::from(self.formula.num_numbers());
        let index = index + self.helpers.len() as u64;
        let too_many = OutOfMemory::Allocator { bytes: index.saturating_mul(size_of::<(Column, f64)>() as u64) };
        let index = u32::try_from(index).ok().filter(|&i| i < u32::MAX).ok_or(too_many)?;
        let room = self.room(arrays::bytes(&self.helpers));
        arrays::reserve(&mut self.helpers, 1, room)?;
        self.helpers.push((column, most));
        Ok(index)
    }

    /// The column that is 1 where the variable is false.
    fn negation(&mut self, variable: u32) -> Result<u32, Failed> {
        if let Some(&column) = self.negations.get(&variable) {
            return Ok(column);
        }
        let column = self.helper(Column::Negation(variable), 1.0)?;
        self.negations.insert(variable, column);
        self.push(Origin::Negation(variable), Relation::Equal, &[(variable - 1, 1.0), (column, 1.0)], 1.0)?;
        Ok(column)
    }

    /// A column that is 1 where the condition's literal is false. No sum has it otherwise.
    fn off(&mut self, condition: i32) -> Result<u32, Failed> {
        if let Some(&column) = self.switches.get(&condition) {
            return Ok(column);
        }
        let column = self.helper(Column::Off(condition), 1.0)?;
        self.switches.insert(condition, column);
        let variable = condition.unsigned_abs() - 1;
        let (weight, rhs) = if condition > 0 { (1.0, 1.0) } else { (-1.0, 0.0) };
        self.push(Origin::Off(condition), Relation::Equal, &[(variable, 1.0), (column, weight)], rhs)?;
        Ok(column)
    }

    fn push(&mut self, origin: Origin, relation: Relation, terms: &[(u32, f64)], rhs: f64) -> Result<(), Failed> {
        let room = self.room(arrays::bytes(&self.terms));
        arrays::reserve(&mut self.terms, terms.len(), room)?;
        let room = self.room(arrays::bytes(&self.rows));
        arrays::reserve(&mut self.rows, 1, room)?;
        self.terms.extend_from_slice(terms);
        self.rows.push(Row { origin, relation, rhs, end: self.terms.len() });
        Ok(())
    }

    fn add(&mut self, id: ConstraintId, constraint: Constraint<'_>) -> Result<(), Failed> {
        let first = Origin::Constraint(id);
        match constraint {
            Constraint::Clause(literals) => {
                let literals = literals.iter().map(|&l| (l, 1.0));
                self.row(first, Vec::new(), literals, Relation::AtLeast, 1.0, None)
            }
            Constraint::Xor(xor) => {
                let mut columns = Vec::new();
                if xor.literals.len() > 1 {
                    let most = (xor.literals.len() / 2) as f64;
                    columns.push((self.helper(Column::Half(id), most)?, -2.0));
                }
                let literals = xor.literals.iter().map(|&l| (l, 1.0));
                self.row(first, columns, literals, Relation::Equal, f64::from(u8::from(xor.rhs)), None)
            }
            Constraint::Cardinality(sum) | Constraint::PseudoBoolean(sum) => {
                let mut literals: Vec<(i32, f64)> = Vec::new();
                arrays::reserve(&mut literals, sum.literals.len(), self.room(0))?;
                for (weight, literal) in sum.terms() {
                    literals.push((literal, double(weight)?));
                }
                let literals = || literals.iter().copied();
                let (least, condition) = (double(sum.bound)?, sum.condition.literal());
                self.row(first, Vec::new(), literals(), Relation::AtLeast, least, condition)?;
                match sum.condition {
                    Condition::Reified(literal) => {
                        let most = double(sum.bound - 1)?;
                        let second = Origin::Second(id);
                        self.row(second, Vec::new(), literals(), Relation::AtMost, most, Some(-literal))
                    }
                    _ => Ok(()),
                }
            }
            Constraint::Linear(row) => self.linear(id, row),
        }
    }

    fn linear(&mut self, id: ConstraintId, row: Linear<'_>) -> Result<(), Failed> {
        let variables = self.formula.num_vars();
        let columns = || row.numbers.iter().zip(row.coefficients).map(|(&n, &c)| (variables + n, c)).collect();
        let literals = || row.literals.iter().copied().zip(row.weights.iter().copied());
        let (first, condition) = (Origin::Constraint(id), row.condition.literal());
        match row.relation {
            Relation::Equal if condition.is_some() => {
                self.row(first, columns(), literals(), Relation::AtLeast, row.rhs, condition)?;
                self.row(Origin::Second(id), columns(), literals(), Relation::AtMost, row.rhs, condition)
            }
            Relation::Greater | Relation::Less => {
                let (relation, rhs) = self.weak(row)?;
                self.row(first, columns(), literals(), relation, rhs, condition)
            }
            relation => self.row(first, columns(), literals(), relation, row.rhs, condition),
        }
    }

    /// What a strict inequality over integers says without being strict: its sum is a multiple of the largest power of two
    /// that divides all coefficients.
    fn weak(&self, row: Linear<'_>) -> Result<(Relation, f64), Failed> {
        let domains = self.formula.domains();
        let of_integers = row.numbers.iter().zip(row.coefficients).all(|(&number, &coefficient)| {
            coefficient == 0.0 || matches!(domains[number as usize], Domain::Integer { .. })
        });
        if !of_integers {
            return Err(Failed::Unsayable("a strict inequality over reals"));
        }
        let exponents = row.coefficients.iter().chain(row.weights).filter(|&&c| c != 0.0).map(|&c| exponent(c));
        let unit = exponents.min().unwrap_or(0);
        let two = BigRational::from_integer(BigInt::from(2));
        let unit =
            if unit < 0 { Pow::pow(two, unit.unsigned_abs()).recip() } else { Pow::pow(two, unit.unsigned_abs()) };
        let many = rational(row.rhs) / &unit;
        let (relation, next) = if row.relation == Relation::Greater {
            (Relation::AtLeast, many.floor() + BigRational::one())
        } else {
            (Relation::AtMost, many.ceil() - BigRational::one())
        };
        Ok((relation, exactly(&(next * unit)).ok_or(Failed::Unsayable(NO_DOUBLE))?))
    }

    /// A row over columns and literals, where the condition is true.
    fn row(
        &mut self,
        origin: Origin,
        columns: Vec<(u32, f64)>,
        literals: impl Iterator<Item = (i32, f64)> + Clone,
        relation: Relation,
        rhs: f64,
        condition: Option<i32>,
    ) -> Result<(), Failed> {
        // Turned around, so that it is at least its right-hand side.
        let sign = if relation == Relation::AtMost { -1.0 } else { 1.0 };
        let mut terms = columns;
        terms.iter_mut().for_each(|term| term.1 *= sign);
        let literals = literals.map(|(literal, weight)| (literal, sign * weight));
        let mut sum = self.sum(terms, literals, sign * rhs)?;
        if let Some(condition) = condition {
            match self.implied(sum, condition)? {
                None => return Ok(()), // it holds anyway
                Some(whole) => sum = whole,
            }
        }
        if sum.terms.is_empty() {
            let holds = if relation == Relation::Equal { sum.rhs == 0.0 } else { sum.rhs <= 0.0 };
            return if holds { Ok(()) } else { self.contradiction(origin) };
        }
        sum.terms.iter_mut().for_each(|term| term.1 *= sign);
        self.push(origin, relation, &sum.terms, sign * sum.rhs)
    }

    /// never ≥ 1
    fn contradiction(&mut self, origin: Origin) -> Result<(), Failed> {
        let never = match self.never {
            Some(column) => column,
            None => self.helper(Column::Never, 0.0)?,
        };
        self.never = Some(never);
        self.push(origin, Relation::AtLeast, &[(never, 1.0)], 1.0)
    }

    /// The sum with one term a column: negated literals by 1 − x, or else by columns of their own.
    fn sum(
        &mut self,
        columns: Vec<(u32, f64)>,
        literals: impl Iterator<Item = (i32, f64)> + Clone,
        rhs: f64,
    ) -> Result<Sum, Failed> {
        let mut terms = columns;
        let count = terms.len();
        let more = literals.clone().count();
        arrays::reserve(&mut terms, more, self.room(0))?;
        terms.extend(literals.clone().map(|(l, w)| (l.unsigned_abs() - 1, if l > 0 { w } else { -w })));
        let constants = literals.clone().filter(|(l, _)| *l < 0).map(|(_, w)| -w);
        if let Some(rhs) = exact_sum(std::iter::once(rhs).chain(constants))
            && let Some(terms) = merged(&mut terms)
        {
            return Ok(Sum { terms, rhs });
        }
        // The first were sorted in place.
        terms.retain(|term| term.0 >= self.formula.num_vars());
        debug_assert!(terms.len() <= count);
        for (literal, weight) in literals {
            let variable = literal.unsigned_abs();
            let column = if literal > 0 { variable - 1 } else { self.negation(variable)? };
            terms.push((column, weight));
        }
        let terms = merged(&mut terms).ok_or(Failed::Unsayable(NO_DOUBLE))?;
        Ok(Sum { terms, rhs })
    }

    /// Σ + M·¬c ≥ b; none where Σ ≥ b holds in any case.
    fn implied(&mut self, sum: Sum, condition: i32) -> Result<Option<Sum>, Failed> {
        let least = sum.terms.iter().fold(0.0, |total, &(column, coefficient)| {
            let (lower, upper) = self.bounds(column);
            plus_below(total, times_below(coefficient, if coefficient > 0.0 { lower } else { upper }))
        });
        let needed = -plus_below(least, -sum.rhs);
        if needed <= 0.0 {
            return Ok(None);
        }
        if !needed.is_finite() {
            return Err(Failed::Unsayable("a row whose sum exceeds every double"));
        }
        let variable = condition.unsigned_abs();
        for most in larger(needed) {
            let mut terms = sum.terms.clone();
            terms.push((variable - 1, if condition > 0 { -most } else { most }));
            let rhs = if condition > 0 { exact_sum([sum.rhs, -most].into_iter()) } else { Some(sum.rhs) };
            if let Some(rhs) = rhs
                && let Some(terms) = merged(&mut terms)
            {
                return Ok(Some(Sum { terms, rhs }));
            }
        }
        let mut terms = sum.terms;
        terms.push((self.off(condition)?, needed));
        Ok(Some(Sum { terms, rhs: sum.rhs }))
    }
}

fn double(value: i64) -> Result<f64, Failed> {
    let near = value as f64;
    if near as i128 == i128::from(value) { Ok(near) } else { Err(Failed::Unsayable(NO_DOUBLE)) }
}

/// The least set bit of a finite double that is not 0, as a power of two.
fn exponent(value: f64) -> i32 {
    let bits = value.to_bits();
    let (mantissa, biased) = (bits & ((1 << 52) - 1), (bits >> 52 & 0x7FF) as i32);
    let (mantissa, exponent) = if biased == 0 { (mantissa, -1074) } else { (mantissa | 1 << 52, biased - 1075) };
    exponent + mantissa.trailing_zeros().cast_signed()
}

/// The double that this is, if it is one.
fn exactly(value: &BigRational) -> Option<f64> {
    let near = value.to_f64().filter(|near| near.is_finite())?;
    (rational(near) == *value).then_some(near)
}

/// The sum, if it is a double.
fn exact_sum(values: impl Iterator<Item = f64> + Clone) -> Option<f64> {
    let mut total = 0.0;
    let exact = values.clone().all(|value| {
        let (sum, lost) = two_sum(total, value);
        total = sum;
        lost == 0.0
    });
    if exact { Some(total) } else { exactly(&values.map(rational).fold(BigRational::zero(), |a, b| a + b)) }
}

/// The sum as rounded, and what rounding lost (D. Knuth, "The Art of Computer Programming" 2, section 4.2.2); the latter is no
/// number where the sum is not finite.
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let other = sum - a;
    (sum, (a - (sum - other)) + (b - other))
}

/// a + b, or a double below it.
fn plus_below(a: f64, b: f64) -> f64 {
    let (sum, lost) = two_sum(a, b);
    if lost == 0.0 { sum } else { sum.next_down() }
}

/// a·b, or a double below it.
fn times_below(a: f64, b: f64) -> f64 {
    let product = a * b;
    // Near the least doubles what rounding lost is lost itself.
    let exact = product == 0.0 && (a == 0.0 || b == 0.0) || product.abs() > 1e-280 && a.mul_add(b, -product) == 0.0;
    if exact { product } else { product.next_down() }
}

/// The number and two greater ones with fewer digits: to 26 bits, and to a power of two.
fn larger(value: f64) -> impl Iterator<Item = f64> {
    let up = move |bits: u32| {
        let mask = (1u64 << (52 - bits)) - 1;
        let word = value.to_bits();
        f64::from_bits(if word & mask == 0 { word } else { (word | mask) + 1 })
    };
    [value, up(25), up(0)].into_iter().filter(|value| value.is_finite())
}

/// Sorted by column, one term a column, none of them 0; none where a sum of two is no double.
fn merged(terms: &mut [(u32, f64)]) -> Option<Vec<(u32, f64)>> {
    terms.sort_by_key(|term| term.0);
    let mut sums = Vec::with_capacity(terms.len());
    for group in terms.chunk_by(|a, b| a.0 == b.0) {
        let sum = exact_sum(group.iter().map(|term| term.1))?;
        if sum != 0.0 {
            sums.push((group[0].0, sum));
        }
    }
    Some(sums)
}

/// How a program's parts are called in a file. A variable keeps its name where no reader can take it for anything else:
/// letters, digits, `_` and `.`, at most 255 of them; it begins with a letter that begins no number (`e1`, `inf`, `nan`),
/// is no word of the formats, and none of the names below. Else variable v is `bv`. Number n is `nn`.
pub(super) mod naming {
    use super::{Column, Origin};
    use crate::formula::Formula;

    /// Words of the formats, and the helper's name.
    const WORDS: &[&str] = &[
        "bin",
        "binaries",
        "binary",
        "bnd",
        "bound",
        "bounds",
        "constraint",
        "constraints",
        "end",
        "free",
        "gen",
        "general",
        "generals",
        "int",
        "integer",
        "integers",
        "lazy",
        "marker",
        "max",
        "maximise",
        "maximize",
        "maximum",
        "min",
        "minimise",
        "minimize",
        "minimum",
        "name",
        "never",
        "obj",
        "pwl",
        "pwlobj",
        "ranges",
        "rhs",
        "s.t.",
        "sc",
        "sec",
        "semi",
        "semis",
        "sos",
        "sos1",
        "sos2",
        "st",
        "subject",
        "such",
        "user",
    ];

    /// Whether a variable may be called so.
    pub fn keeps(name: &str) -> bool {
        let bytes = name.as_bytes();
        let lower = name.to_ascii_lowercase();
        let Some(&first) = bytes.first() else { return false };
        let generated = b"bjkmnp".contains(&first) && bytes.len() > 1 && bytes[1..].iter().all(u8::is_ascii_digit);
        let mut after = bytes[1..].iter();
        let number =
            lower.starts_with('e') && after.next().is_none_or(|b| b.is_ascii_digit() || b.eq_ignore_ascii_case(&b'e'));
        bytes.len() <= 255
            && (first.is_ascii_alphabetic() || first == b'_')
            && bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
            && !generated
            && !number
            && !lower.starts_with("inf")
            && !lower.starts_with("nan")
            && !WORDS.contains(&lower.as_str())
    }

    pub fn column(formula: &Formula, column: Column) -> String {
        match column {
            Column::Variable(v) => match formula.names.get(v).filter(|name| keeps(name)) {
                Some(name) => name.to_owned(),
                None => format!("b{v}"),
            },
            Column::Number(n) => format!("n{n}"),
            Column::Half(id) => format!("p{}", id.0),
            Column::Negation(v) => format!("m{v}"),
            Column::Off(literal) => off(literal),
            Column::Never => "never".to_owned(),
        }
    }

    fn off(literal: i32) -> String {
        format!("{}{}", if literal > 0 { "k" } else { "j" }, literal.unsigned_abs())
    }

    pub fn row(origin: Origin) -> String {
        match origin {
            Origin::Constraint(id) => format!("c{}", id.0),
            Origin::Second(id) => format!("c{}_", id.0),
            Origin::Negation(v) => format!("m{v}"),
            Origin::Off(literal) => off(literal),
        }
    }

    /// The shortest digits that read back as this double.
    pub fn number(value: f64) -> String {
        let value = value + 0.0; // no -0
        let plain = value == 0.0 || (1e-5..1e15).contains(&value.abs());
        if plain { format!("{value}") } else { format!("{value:e}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_exact_or_none() {
        assert_eq!(exact_sum([1e20, 1.0, -1e20].into_iter()), Some(1.0));
        assert_eq!(exact_sum([1e20, 1.0].into_iter()), None);
        assert_eq!(exact_sum([f64::MAX, f64::MAX, -f64::MAX].into_iter()), Some(f64::MAX));
        assert_eq!(exact_sum([f64::MAX, f64::MAX].into_iter()), None);
        assert_eq!(exact_sum([0.5, 0.25, -0.75].into_iter()), Some(0.0));
        assert_eq!((exponent(12.0), exponent(-0.375), exponent(f64::from_bits(1))), (2, -3, -1074));
    }

    #[test]
    fn bounds_of_products_are_below() {
        assert_eq!(times_below(3.0, -0.5), -1.5);
        assert_eq!((times_below(0.0, 1e300), times_below(1e-200, 0.0)), (0.0, 0.0));
        for (a, b) in [(0.1, 0.3), (-0.1, 0.7), (1e-200, 1e-200), (-1e-200, 1e-200), (1e-160, 1e-160)] {
            assert!(rational(times_below(a, b)) < rational(a) * rational(b), "{a} {b}");
        }
        assert_eq!(times_below(-1e200, 1e200), f64::NEG_INFINITY);
        assert!(plus_below(1.0, 1e-30) == 1.0f64.next_down() && plus_below(1.0, -1e-30) < 1.0);
    }

    #[test]
    fn larger_numbers_have_fewer_digits() {
        let all: Vec<f64> = larger(0.1).collect();
        assert_eq!((all[0], all[2]), (0.1, 0.125));
        assert!(all[1] > 0.1 && all[1] < 0.1000001 && exponent(all[1]) >= -29);
        assert_eq!(larger(8.0).collect::<Vec<_>>(), [8.0; 3]);
        assert_eq!(larger(f64::MAX).count(), 1);
    }

    #[test]
    fn names_that_mean_something_else_are_not_kept() {
        for name in ["x", "_a.b", "x_0", "bits", "m3x", "element", "E_", "B", "b", "b3a", "b3_"] {
            assert!(naming::keeps(name), "{name}");
        }
        let long = "x".repeat(256);
        for name in [
            "", "b3", "n0", "p7", "m1", "never", "NEVER", "e", "e1", "E12", "ee", "inf", "Infty", "nan0", "st", "S.T.",
            "End", "free", "x y", "x[0]", "x:", "1x", ".x", "-x", "x\\", "ä", "x>=1", "rhs", "obj", "*", "$x", &long,
        ] {
            assert!(!naming::keeps(name), "{name}");
        }
    }

    #[test]
    fn numbers_read_back() {
        for value in
            [0.0, -0.0, 1.0, -2.5, 0.1, 1e15, 1e-300, f64::MAX, f64::from_bits(1), 9007199254740993.0, 123456.0]
        {
            assert_eq!(naming::number(value).parse(), Ok(value));
        }
        assert_eq!(["0", "-3", "0.25", "1e15", "1e-6"], [-0.0, -3.0, 0.25, 1e15, 1e-6].map(naming::number)[..]);
    }
}
