//! DIMACS CNF and models, read and checked without the library under test.

use std::collections::HashSet;

/// A formula as its file states it: clauses in file order, literals in clause order, nothing simplified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cnf {
    /// The header's number of variables; no literal exceeds it.
    pub num_vars: usize,
    pub clauses: Vec<Vec<i32>>,
}

impl Cnf {
    /// A formula over the variables that occur in `clauses`.
    pub fn new(clauses: &[&[i32]]) -> Self {
        let num_vars = clauses.iter().flat_map(|c| c.iter()).map(|l| l.unsigned_abs() as usize).max().unwrap_or(0);
        Self { num_vars, clauses: clauses.iter().map(|c| c.to_vec()).collect() }
    }

    /// Reads DIMACS, strictly: comments, one header, exactly the announced clauses, each ended by `0` (clauses may
    /// span lines), no literal beyond the announced variables. A line `%` ends the file, as in SATLIB's files.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut header = None;
        let mut clauses = Vec::new();
        let mut open: Vec<i32> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let at = |what: &str| format!("line {}: {what}", number + 1);
            let mut words = line.split_ascii_whitespace().peekable();
            match words.peek() {
                None => continue,
                Some(&"%") => break,
                Some(word) if word.starts_with('c') => continue,
                Some(&"p") => {
                    let words: Vec<&str> = words.collect();
                    let ["p", "cnf", vars, count] = words[..] else { return Err(at("not a `p cnf` header")) };
                    if header.is_some() {
                        return Err(at("a second header"));
                    }
                    let vars: usize = vars.parse().map_err(|_| at("bad number of variables"))?;
                    let count: usize = count.parse().map_err(|_| at("bad number of clauses"))?;
                    header = Some((vars, count));
                    continue;
                }
                Some(_) => {}
            }
            let (vars, _) = header.ok_or_else(|| at("a clause before the header"))?;
            for word in words {
                let literal: i32 = word.parse().map_err(|_| at(&format!("`{word}` is not a literal")))?;
                if literal == 0 {
                    clauses.push(std::mem::take(&mut open));
                } else if literal == i32::MIN || literal.unsigned_abs() as usize > vars {
                    return Err(at(&format!("literal {literal} beyond {vars} variables")));
                } else {
                    open.push(literal);
                }
            }
        }
        let (num_vars, count) = header.ok_or("no header")?;
        if !open.is_empty() {
            return Err("the last clause has no `0`".to_string());
        }
        if clauses.len() != count {
            return Err(format!("{} clauses where the header says {count}", clauses.len()));
        }
        Ok(Self { num_vars, clauses })
    }

    /// The formula as DIMACS.
    pub fn to_dimacs(&self) -> String {
        let mut text = format!("p cnf {} {}\n", self.num_vars, self.clauses.len());
        for clause in &self.clauses {
            for literal in clause {
                text.push_str(&format!("{literal} "));
            }
            text.push_str("0\n");
        }
        text
    }

    /// Whether `model`, a set of literals, satisfies every clause. A variable may be missing from it as long as no
    /// clause needs it; one that stands in it both ways, or that the formula does not have, is an error.
    pub fn check_model(&self, model: &[i32]) -> Result<(), String> {
        let literals: HashSet<i32> = model.iter().copied().collect();
        for &literal in &literals {
            if literal == 0 || literal == i32::MIN || literal.unsigned_abs() as usize > self.num_vars {
                return Err(format!("literal {literal} beyond {} variables", self.num_vars));
            }
            if literals.contains(&-literal) {
                return Err(format!("variable {} stands both ways", literal.abs()));
            }
        }
        match self.clauses.iter().position(|clause| !clause.iter().any(|l| literals.contains(l))) {
            None => Ok(()),
            Some(index) => Err(format!("clause {} {:?} is not satisfied", index + 1, self.clauses[index])),
        }
    }

    /// A model by trying all assignments, or `None`. For formulas of up to 24 variables.
    pub fn brute_force(&self) -> Option<Vec<i32>> {
        assert!(self.num_vars <= 24, "{} variables are too many to try", self.num_vars);
        (0..1u32 << self.num_vars)
            .find(|&bits| self.clauses.iter().all(|clause| clause.iter().any(|&literal| holds(bits, literal))))
            .map(|bits| (1..=self.num_vars as i32).map(|v| if holds(bits, v) { v } else { -v }).collect())
    }
}

fn holds(bits: u32, literal: i32) -> bool {
    ((bits >> (literal.unsigned_abs() - 1)) & 1 == 1) == (literal > 0)
}

/// What a solver of the SAT competition prints.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    Sat(Vec<i32>),
    Unsat,
    Unknown,
}

/// Reads the `s` line and the `v` lines; every other line must be a comment or empty.
pub fn parse_answer(text: &str) -> Result<Answer, String> {
    let (mut status, mut model, mut ended) = (None, Vec::new(), false);
    for line in text.lines() {
        let mut words = line.split_ascii_whitespace();
        match words.next() {
            None | Some("c") => {}
            Some("s") if status.is_some() => return Err("two `s` lines".to_string()),
            Some("s") => status = Some(words.collect::<Vec<_>>().join(" ")),
            Some("v") => {
                for word in words {
                    if ended {
                        return Err(format!("`{word}` after the closing 0"));
                    }
                    match word.parse().map_err(|_| format!("`{word}` is not a literal"))? {
                        0 => ended = true,
                        literal => model.push(literal),
                    }
                }
            }
            Some(_) => return Err(format!("stray line: {line}")),
        }
    }
    match (status.as_deref(), ended) {
        (Some("SATISFIABLE"), true) => Ok(Answer::Sat(model)),
        (Some("SATISFIABLE"), false) => Err("no closing 0 on the `v` lines".to_string()),
        (Some("UNSATISFIABLE"), _) if model.is_empty() => Ok(Answer::Unsat),
        (Some("UNKNOWN"), _) if model.is_empty() => Ok(Answer::Unknown),
        (Some(other), _) => Err(format!("status {other}, with {} model literals", model.len())),
        (None, _) => Err("no `s` line".to_string()),
    }
}
