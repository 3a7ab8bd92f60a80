//! Random formulas of all kinds of constraints, and their models by brute force: every assignment is held against each
//! constraint as it was written, by code that shares nothing with the library.

use anser::formula::{Condition, Domain, Formula, LinearRows, Relation};

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): the tests' own generator.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub fn literal(&mut self, variables: u32) -> i32 {
        let variable = 1 + self.below(variables.into()) as i32;
        if self.below(2) == 0 { variable } else { -variable }
    }

    pub fn literals(&mut self, variables: u32, length: u64) -> Vec<i32> {
        (0..length).map(|_| self.literal(variables)).collect()
    }
}

/// A constraint, as this file understands it.
#[derive(Debug, Clone)]
pub enum Said {
    Clause(Vec<i32>),
    Xor(Vec<i32>, bool),
    Sum(Vec<(i64, i32)>, i64, Condition),
    /// Over integers and literals.
    Linear(Vec<(i64, u32)>, Vec<(i64, i32)>, Relation, i64, Condition),
}

/// A formula and what was said in it.
#[derive(Debug)]
pub struct Mixed {
    pub variables: u32,
    pub domains: Vec<(i64, i64)>,
    pub said: Vec<Said>,
}

pub fn is_true(values: u32, literal: i32) -> bool {
    (values >> (literal.unsigned_abs() - 1) & 1 == 1) == (literal > 0)
}

fn agrees(condition: Condition, values: u32, holds: bool) -> bool {
    match condition {
        Condition::Plain => holds,
        Condition::Implied(l) => !is_true(values, l) || holds,
        Condition::Reified(l) => is_true(values, l) == holds,
    }
}

fn compares(relation: Relation, left: i64, right: i64) -> bool {
    match relation {
        Relation::AtLeast => left >= right,
        Relation::AtMost => left <= right,
        Relation::Equal => left == right,
        Relation::Greater => left > right,
        Relation::Less => left < right,
    }
}

impl Said {
    pub fn holds(&self, values: u32, numbers: &[i64]) -> bool {
        let sum = |terms: &[(i64, i32)]| terms.iter().filter(|t| is_true(values, t.1)).map(|t| t.0).sum::<i64>();
        match self {
            Said::Clause(literals) => literals.iter().any(|&l| is_true(values, l)),
            Said::Xor(literals, rhs) => (literals.iter().filter(|&&l| is_true(values, l)).count() % 2 == 1) == *rhs,
            Said::Sum(terms, bound, condition) => agrees(*condition, values, sum(terms) >= *bound),
            Said::Linear(of_numbers, terms, relation, rhs, condition) => {
                let total = of_numbers.iter().map(|&(c, n)| c * numbers[n as usize]).sum::<i64>() + sum(terms);
                agrees(*condition, values, compares(*relation, total, *rhs))
            }
        }
    }
}

impl Mixed {
    /// A random formula. `numbers` allows integers.
    pub fn random(random: &mut Random, numbers: bool) -> Self {
        let variables = 1 + random.below(14) as u32;
        // Fewer variables where integers multiply the assignments to try.
        let domains: Vec<(i64, i64)> = (0..if numbers { random.below(3) } else { 0 })
            .map(|_| {
                let min = random.below(9) as i64 - 5;
                (min, min + random.below(5) as i64)
            })
            .collect();
        let variables = if domains.is_empty() { variables } else { variables.min(8) };
        let count = 1 + random.below(2 * u64::from(variables) + 2);
        let condition = |random: &mut Random| {
            let literal = random.literal(variables);
            [Condition::Plain, Condition::Implied(literal), Condition::Reified(literal)][random.below(3) as usize]
        };
        let said = (0..count)
            .map(|_| match random.below(if domains.is_empty() { 8 } else { 10 }) {
                0..=2 => {
                    let length = 1 + random.below(4);
                    Said::Clause(random.literals(variables, length))
                }
                3 => {
                    let length = random.below(8);
                    let literals = random.literals(variables, length);
                    Said::Xor(literals, random.below(2) == 0)
                }
                4 | 5 => {
                    let length = 1 + random.below(10);
                    let terms = random.literals(variables, length).into_iter().map(|l| (1, l)).collect();
                    let bound = random.below(length + 3) as i64 - 1;
                    Said::Sum(terms, bound, condition(random))
                }
                6 | 7 => {
                    let length = 1 + random.below(8);
                    let literals = random.literals(variables, length);
                    let terms: Vec<_> = literals.into_iter().map(|l| (random.below(23) as i64 - 8, l)).collect();
                    let bound = random.below(40) as i64 - 10;
                    Said::Sum(terms, bound, condition(random))
                }
                _ => {
                    let some = 1 + random.below(2);
                    let of_numbers = (0..some)
                        .map(|_| (random.below(9) as i64 - 4, random.below(domains.len() as u64) as u32))
                        .collect();
                    let length = random.below(3);
                    let literals = random.literals(variables, length);
                    let terms = literals.into_iter().map(|l| (random.below(9) as i64 - 4, l)).collect();
                    let relations =
                        [Relation::AtLeast, Relation::AtMost, Relation::Equal, Relation::Greater, Relation::Less];
                    let relation = relations[random.below(5) as usize];
                    let condition = match condition(random) {
                        Condition::Reified(l) => Condition::Implied(l),
                        other => other,
                    };
                    Said::Linear(of_numbers, terms, relation, random.below(21) as i64 - 10, condition)
                }
            })
            .collect();
        Mixed { variables, domains, said }
    }

    /// The library's formula: all of it, or what `keep` says of each constraint's index.
    pub fn formula(&self, keep: impl Fn(usize) -> bool) -> Formula {
        let mut formula = Formula::new();
        formula.ensure_vars(self.variables).unwrap();
        let domains: Vec<_> = self.domains.iter().map(|&(min, max)| Domain::Integer { min, max }).collect();
        formula.new_numbers(&domains).unwrap();
        for (index, said) in self.said.iter().enumerate().filter(|(i, _)| keep(*i)) {
            add(&mut formula, said, index);
        }
        formula
    }

    /// Every model: values of the variables as bits, and of the numbers.
    pub fn models(&self) -> Vec<(u32, Vec<i64>)> {
        let mut models = Vec::new();
        let mut numbers: Vec<i64> = self.domains.iter().map(|d| d.0).collect();
        loop {
            for values in 0..1u32 << self.variables {
                if self.said.iter().all(|said| said.holds(values, &numbers)) {
                    models.push((values, numbers.clone()));
                }
            }
            let Some(at) = (0..numbers.len()).find(|&i| numbers[i] < self.domains[i].1) else { return models };
            numbers[at] += 1;
            for (number, domain) in numbers.iter_mut().zip(&self.domains).take(at) {
                *number = domain.0;
            }
        }
    }
}

/// Says it to the library. Sums of unit weight alternate between the two ways to say them.
fn add(formula: &mut Formula, said: &Said, index: usize) {
    match said {
        Said::Clause(literals) => formula.add_clause(literals),
        Said::Xor(literals, rhs) => formula.add_xor(literals, *rhs),
        Said::Sum(terms, bound, condition) => {
            let (weights, literals): (Vec<i64>, Vec<i32>) = terms.iter().copied().unzip();
            if index.is_multiple_of(2) && weights.iter().all(|w| *w == 1) {
                formula.add_cardinality(&literals, *bound, *condition)
            } else {
                formula.add_pseudo_boolean(&literals, &weights, *bound, *condition)
            }
        }
        Said::Linear(of_numbers, terms, relation, rhs, condition) => {
            let (coefficients, numbers): (Vec<f64>, Vec<u32>) = of_numbers.iter().map(|&(c, n)| (c as f64, n)).unzip();
            let (weights, literals): (Vec<f64>, Vec<i32>) = terms.iter().map(|&(w, l)| (w as f64, l)).unzip();
            formula.add_linears(&LinearRows {
                numbers: &numbers,
                coefficients: &coefficients,
                number_offsets: &[0, numbers.len()],
                literals: &literals,
                weights: &weights,
                literal_offsets: &[0, literals.len()],
                relations: &[*relation],
                rhs: &[*rhs as f64],
                conditions: &[*condition],
            })
        }
    }
    .unwrap();
}
