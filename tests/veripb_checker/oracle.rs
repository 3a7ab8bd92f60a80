//! Formulas of a few variables, and all that can be asked of them by trying every assignment. Constraints are read from
//! their text by code of its own.

use crate::support::veripb::{Bound, Verdict};
use crate::support::veripb_mutations::Random;

/// A sum of weighted literals, `-3` the negation of variable 3, compared with a number.
#[derive(Clone, Debug)]
pub struct Row {
    pub sum: Vec<(i128, i32)>,
    pub relation: &'static str,
    pub bound: i128,
}

/// Variables `x1` to `xn`; assignments are sets of bits, variable 1 the lowest. The variables after them, `y1` and so on,
/// are the proof's.
#[derive(Clone, Debug)]
pub struct Small {
    pub variables: u32,
    pub rows: Vec<Row>,
    pub objective: Option<Vec<(i128, i32)>>,
}

/// How many variables proofs may add.
pub const ADDED: u32 = 2;

fn is_true(literal: i32, assignment: u32) -> bool {
    (assignment >> (literal.unsigned_abs() - 1) & 1 == 1) == (literal > 0)
}

pub fn value(sum: &[(i128, i32)], assignment: u32) -> i128 {
    sum.iter().filter(|&&(_, literal)| is_true(literal, assignment)).map(|(weight, _)| weight).sum()
}

impl Row {
    pub fn holds(&self, assignment: u32) -> bool {
        let value = value(&self.sum, assignment);
        match self.relation {
            ">=" => value >= self.bound,
            "<=" => value <= self.bound,
            _ => value == self.bound,
        }
    }
}

impl Small {
    pub fn random(random: &mut Random) -> Self {
        let variables = 2 + random.below(5) as u32;
        let literal = |random: &mut Random| {
            let variable = 1 + random.below(variables as usize) as i32;
            if random.once_in(2) { variable } else { -variable }
        };
        let rows = (0..1 + random.below(2 + 2 * variables as usize)).map(|_| {
            let clause = random.once_in(2);
            let sum: Vec<(i128, i32)> = (0..1 + random.below(4))
                .map(|_| (if clause { 1 } else { random.below(9) as i128 - 3 }, literal(random)))
                .collect();
            let relation = if clause { ">=" } else { *random.pick(&[">=", ">=", ">=", "<=", "="]) };
            let bound = if clause {
                1
            } else {
                value(&sum, random.next() as u32) + i128::from(random.once_in(4)) * (random.below(3) as i128 - 1)
            };
            Row { sum, relation, bound }
        });
        let rows: Vec<Row> = rows.collect();
        let objective = random
            .once_in(2)
            .then(|| (0..1 + random.below(5)).map(|_| (random.below(8) as i128 - 2, literal(random))).collect());
        Self { variables, rows, objective }
    }

    pub fn name(&self, variable: u32) -> String {
        if variable <= self.variables { format!("x{variable}") } else { format!("y{}", variable - self.variables) }
    }

    pub fn literal(&self, literal: i32) -> String {
        format!("{}{}", if literal < 0 { "~" } else { "" }, self.name(literal.unsigned_abs()))
    }

    pub fn sum(&self, sum: &[(i128, i32)]) -> String {
        sum.iter().map(|&(weight, literal)| format!("{weight:+} {} ", self.literal(literal))).collect()
    }

    pub fn text(&self) -> String {
        let mut text = format!("* #variable= {} #constraint= {}\n", self.variables, self.rows.len());
        if let Some(objective) = &self.objective {
            text += &format!("min: {};\n", self.sum(objective));
        }
        for row in &self.rows {
            text += &format!("{}{} {} ;\n", self.sum(&row.sum), row.relation, row.bound);
        }
        text
    }

    /// How many constraints the format counts.
    pub fn size(&self) -> usize {
        self.rows.iter().map(|row| if row.relation == "=" { 2 } else { 1 }).sum()
    }

    pub fn models(&self) -> Vec<u32> {
        (0..1 << self.variables).filter(|&assignment| self.rows.iter().all(|row| row.holds(assignment))).collect()
    }

    /// Zero where there is no objective.
    pub fn worth(&self, assignment: u32) -> i128 {
        self.objective.as_ref().map_or(0, |objective| value(objective, assignment))
    }

    pub fn solution(&self, assignment: u32) -> String {
        let literals = (1..=self.variables as i32).map(|v| if is_true(v, assignment) { v } else { -v });
        literals.map(|literal| self.literal(literal)).collect::<Vec<_>>().join(" ")
    }

    /// Reads `w literal ... >= d`.
    pub fn row(&self, text: &str) -> Row {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let [terms @ .., ">=", bound] = &words[..] else { panic!("`{text}` is not a constraint") };
        let terms = terms.chunks(2).map(|term| {
            let name = term[1].trim_start_matches('~');
            let number: u32 = name[1..].parse().unwrap();
            let variable = if name.starts_with('y') { number + self.variables } else { number } as i32;
            (term[0].parse().unwrap(), if name.len() < term[1].len() { -variable } else { variable })
        });
        Row { sum: terms.collect(), relation: ">=", bound: bound.parse().unwrap() }
    }

    /// Whether what a verdict says is so.
    pub fn agrees(&self, verdict: &Verdict) -> bool {
        let models = self.models();
        let best = models.iter().map(|&model| self.worth(model)).min();
        match verdict {
            Verdict::None => true,
            Verdict::Sat => !models.is_empty(),
            Verdict::Unsat => models.is_empty(),
            Verdict::Bounds(lower, upper) => {
                let below = match (lower, best) {
                    (_, None) => true,
                    (Bound::Infinite, Some(_)) => false,
                    (Bound::Finite(lower), Some(best)) => *lower <= best.into(),
                };
                let above = match (upper, best) {
                    (Bound::Infinite, _) => true,
                    (Bound::Finite(_), None) => false,
                    (Bound::Finite(upper), Some(best)) => *upper >= best.into(),
                };
                below && above
            }
        }
    }
}
