//! The formula's text: an objective that may be absent, then constraints, one a line.

use super::constraint::{Constraint, Lit};
use super::int::Int;
use super::read::{Names, Token, Tokens, Words, is_label, negated};

/// A linear function of the literals, to be made as small as can be.
#[derive(Clone, Debug)]
pub struct Objective {
    pub sum: Vec<(Lit, Int)>,
    pub constant: Int,
}

impl Objective {
    /// It is at least `bound`.
    pub fn at_least(&self, bound: &Int) -> Constraint {
        Constraint::new(self.sum.clone(), bound.minus(&self.constant))
    }

    /// It is less than `bound`.
    pub fn below(&self, bound: &Int) -> Constraint {
        self.at_least(bound).negation()
    }

    /// Its value, where `holds` says of each of its literals whether it is true; `None` where one is undecided.
    pub fn value(&self, holds: impl Fn(Lit) -> bool) -> Option<Int> {
        self.sum.iter().try_fold(self.constant.clone(), |value, (lit, weight)| {
            match (holds(*lit), holds(lit.negated())) {
                (true, _) => Some(value.plus(weight)),
                (_, true) => Some(value),
                _ => None,
            }
        })
    }
}

/// A formula as the checker sees it.
#[derive(Clone, Debug, Default)]
pub struct Formula {
    pub names: Names,
    pub objective: Option<Objective>,
    /// An equality stands as two, the first that the sum is at least the right side.
    pub constraints: Vec<Constraint>,
    /// Labels, and the number of what they stand before, from 1.
    pub labels: Vec<(String, usize)>,
}

/// Reads it; an error has the line it is in.
pub fn read(text: &str) -> Result<Formula, (usize, String)> {
    let mut formula = Formula::default();
    for (index, line) in text.lines().enumerate() {
        let start = line.trim_ascii_start();
        if start.is_empty() || start.starts_with('*') {
            continue;
        }
        formula.line(line, index + 1).map_err(|why| (index + 1, why))?;
    }
    Ok(formula)
}

impl Formula {
    fn line(&mut self, line: &str, number: usize) -> Result<(), String> {
        if line.contains('%') {
            return Err("`%` begins no comment here".to_string());
        }
        let tokens: Vec<Token> = Tokens::new(line, number).collect();
        let Some((Token { text: ";", .. }, tokens)) = tokens.split_last() else {
            return Err("no `;` at the end of the line".to_string());
        };
        let mut words = Words::new(tokens);
        if words.peek() == Some("min") {
            words.next();
            words.expect(":")?;
            if self.objective.is_some() || !self.constraints.is_empty() {
                return Err("the objective must come first, and once".to_string());
            }
            let sum = words.sum(&mut self.names)?;
            let constant = if words.peek().is_some() { words.integer()? } else { Int::ZERO };
            self.objective = Some(Objective { sum, constant });
            return words.end();
        }
        let label = words.peek().filter(|text| is_label(text));
        if label.is_some() {
            words.next();
        }
        let sum = words.sum(&mut self.names)?;
        let relation = words.take("`>=`, `<=` or `=`")?;
        let bound = words.integer()?;
        words.end()?;
        if let Some(label) = label {
            self.labels.push((label.to_string(), self.constraints.len() + 1));
        }
        if matches!(relation, ">=" | "=") {
            self.constraints.push(Constraint::new(sum.clone(), bound.clone()));
        }
        match relation {
            ">=" => Ok(()),
            "=" if label.is_some() => Err("an equality has no label, for it is two constraints".to_string()),
            "<=" | "=" => {
                self.constraints.push(Constraint::new(negated(sum), bound.negated()));
                Ok(())
            }
            other => Err(format!("`{other}` stands where `>=`, `<=` or `=` should")),
        }
    }
}
