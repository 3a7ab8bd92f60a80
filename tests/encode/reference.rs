//! Whether a small formula of clauses, sums and linear rows has a model, by trying all values of its variables: an exact linear
//! program over what is left decides each. Shares nothing with any solver of the library.

use std::collections::BTreeMap;

use anser::formula::{Condition, Constraint, Domain, Formula, Relation};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use crate::exact::rational;
use crate::simplex::{Optimum, Row as Inequality, maximise};

/// Σ coefficient · number + constant compares with 0.
#[derive(Clone)]
struct Row {
    terms: BTreeMap<u32, BigRational>,
    constant: BigRational,
    relation: Relation,
}

/// A formula to decide.
pub struct Reference<'a> {
    formula: &'a Formula,
    domains: Vec<(BigRational, BigRational)>,
    /// Linear programs solved.
    pub programs: usize,
}

impl<'a> Reference<'a> {
    pub fn new(formula: &'a Formula) -> Self {
        let ends = |domain: &Domain| match *domain {
            Domain::Real { min, max } => (rational(min), rational(max)),
            Domain::Integer { .. } => panic!("integers are not tried"),
        };
        Reference { formula, domains: formula.domains().iter().map(ends).collect(), programs: 0 }
    }

    /// Whether there is a model in which these numbers have these values.
    pub fn is_satisfiable(&mut self, fixed: &[(u32, BigRational)]) -> bool {
        let before = self.domains.clone();
        let within = |(number, value): &(u32, BigRational)| {
            let (l, u) = &before[*number as usize];
            l <= value && value <= u
        };
        if !fixed.iter().all(within) {
            return false;
        }
        for (number, value) in fixed {
            self.domains[*number as usize] = (value.clone(), value.clone());
        }
        let mut model = vec![0i8; self.formula.num_vars() as usize];
        let answer = self.search(&mut model);
        self.domains = before;
        answer
    }

    fn search(&mut self, model: &mut Vec<i8>) -> bool {
        let mut open = None;
        for constraint in self.formula.constraints() {
            let Constraint::Clause(literals) = constraint else { continue };
            if literals.iter().any(|&l| value(model, l) > 0) {
                continue;
            }
            let left: Vec<i32> = literals.iter().copied().filter(|&l| value(model, l) == 0).collect();
            match left[..] {
                [] => return false,
                [unit] => open = Some(unit),
                _ => {}
            }
        }
        if !self.is_feasible(model) {
            return false;
        }
        let first = model.iter().position(|&v| v == 0).map(|i| i as i32 + 1);
        let Some(literal) = open.or(first) else { return self.sums_hold(model) };
        let sides = if open.is_some() { vec![literal] } else { vec![literal, -literal] };
        for side in sides {
            model[side.unsigned_abs() as usize - 1] = side.signum() as i8;
            if self.search(model) {
                return true;
            }
            model[side.unsigned_abs() as usize - 1] = 0;
        }
        false
    }

    /// Cardinality and pseudo-Boolean constraints, when every variable has a value.
    fn sums_hold(&self, model: &[i8]) -> bool {
        self.formula.constraints().all(|constraint| {
            let (Constraint::Cardinality(sum) | Constraint::PseudoBoolean(sum)) = constraint else { return true };
            let total: i64 = sum.terms().map(|(w, l)| if value(model, l) > 0 { w } else { 0 }).sum();
            match sum.condition {
                Condition::Plain => total >= sum.bound,
                Condition::Implied(l) => value(model, l) < 0 || total >= sum.bound,
                Condition::Reified(l) => (value(model, l) > 0) == (total >= sum.bound),
            }
        })
    }

    /// The rows that hold whatever the open variables are.
    fn rows(&self, model: &[i8]) -> Vec<Row> {
        let mut rows = Vec::new();
        for constraint in self.formula.constraints() {
            let Constraint::Linear(linear) = constraint else { continue };
            if let Condition::Implied(literal) = linear.condition
                && value(model, literal) <= 0
            {
                continue;
            }
            let mut terms: BTreeMap<u32, BigRational> = BTreeMap::new();
            for (&number, &c) in linear.numbers.iter().zip(linear.coefficients) {
                *terms.entry(number).or_insert_with(BigRational::zero) += rational(c);
            }
            let (mut least, mut most) = (-rational(linear.rhs), -rational(linear.rhs));
            for (&literal, &w) in linear.literals.iter().zip(linear.weights) {
                let w = rational(w);
                match value(model, literal) {
                    1 => (least, most) = (least + &w, most + &w),
                    0 if w.is_negative() => least += w,
                    0 => most += w,
                    _ => {}
                }
            }
            let mut add = |relation, constant: &BigRational| {
                rows.push(Row { terms: terms.clone(), constant: constant.clone(), relation });
            };
            match linear.relation {
                Relation::Equal if least == most => add(Relation::Equal, &least),
                Relation::Equal => {
                    add(Relation::AtMost, &least);
                    add(Relation::AtLeast, &most);
                }
                relation @ (Relation::AtMost | Relation::Less) => add(relation, &least),
                relation => add(relation, &most),
            }
        }
        rows
    }

    fn is_feasible(&mut self, model: &[i8]) -> bool {
        self.programs += 1;
        let mut rows = self.rows(model);
        for (number, (l, u)) in self.domains.iter().enumerate() {
            let terms = BTreeMap::from([(number as u32, BigRational::one())]);
            if l == u {
                rows.push(Row { terms, constant: -l.clone(), relation: Relation::Equal });
            } else {
                rows.push(Row { terms: terms.clone(), constant: -l.clone(), relation: Relation::AtLeast });
                rows.push(Row { terms, constant: -u.clone(), relation: Relation::AtMost });
            }
        }
        // Equations put numbers in terms of others.
        let (mut equations, mut rows): (Vec<Row>, Vec<Row>) =
            rows.into_iter().partition(|row| row.relation == Relation::Equal);
        while let Some(equation) = equations.pop() {
            let Some((&number, c)) = equation.terms.iter().next_back() else {
                if !equation.constant.is_zero() {
                    return false;
                }
                continue;
            };
            let c = c.clone();
            for row in equations.iter_mut().chain(&mut rows) {
                let Some(factor) = row.terms.get(&number).map(|f| f / &c) else { continue };
                for (other, d) in &equation.terms {
                    let entry = row.terms.entry(*other).or_insert_with(BigRational::zero);
                    *entry -= d * &factor;
                    if entry.is_zero() {
                        row.terms.remove(other);
                    }
                }
                row.constant -= &equation.constant * &factor;
            }
        }
        self.has_point(&rows)
    }

    /// Whether inequalities have a common point: the most that all strict ones can have room at once is above 0.
    fn has_point(&self, rows: &[Row]) -> bool {
        let mut columns: Vec<u32> = rows.iter().flat_map(|row| row.terms.keys().copied()).collect();
        columns.sort_unstable();
        columns.dedup();
        let room = columns.len();
        let mut inequalities = Vec::new();
        for row in rows {
            let sign = if matches!(row.relation, Relation::AtMost | Relation::Less) { 1 } else { -1 };
            let sign = BigRational::from_integer(sign.into());
            let is_strict = matches!(row.relation, Relation::Less | Relation::Greater);
            let mut coefficients = vec![BigRational::zero(); room + 1];
            let mut bound = -&row.constant * &sign;
            for (number, c) in &row.terms {
                let at = columns.binary_search(number).unwrap();
                coefficients[at] = c * &sign;
                // Columns are measured from the least that they can be.
                bound -= &coefficients[at] * &self.domains[*number as usize].0;
            }
            if is_strict {
                coefficients[room] = BigRational::one();
            }
            inequalities.push(integral(coefficients, bound));
        }
        let mut cap = vec![BigRational::zero(); room + 1];
        cap[room] = BigRational::one();
        inequalities.push(integral(cap, BigRational::one()));
        let mut objective = vec![BigInt::zero(); room + 1];
        objective[room] = BigInt::one();
        match maximise(&objective, &inequalities) {
            Optimum::At(most, _) => most.is_positive(),
            Optimum::Infeasible => false,
            Optimum::Unbounded => unreachable!("the room is at most 1"),
        }
    }
}

fn value(model: &[i8], literal: i32) -> i8 {
    model[literal.unsigned_abs() as usize - 1] * literal.signum() as i8
}

fn integral(coefficients: Vec<BigRational>, bound: BigRational) -> Inequality {
    let all = || coefficients.iter().chain([&bound]);
    let denominator = all().fold(BigInt::one(), |all, v| lcm(&all, v.denom()));
    let scale = |v: &BigRational| (v * BigRational::from_integer(denominator.clone())).to_integer();
    Inequality { coefficients: coefficients.iter().map(scale).collect(), bound: scale(&bound) }
}

fn lcm(a: &BigInt, b: &BigInt) -> BigInt {
    let (mut x, mut y) = (a.clone(), b.clone());
    while !y.is_zero() {
        (x, y) = (y.clone(), x % y);
    }
    a / x * b
}
