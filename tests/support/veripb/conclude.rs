//! Solutions on the way, and the footer: what the proof claims to have shown.

use std::collections::HashSet;

use super::constraint::{Constraint, Lit};
use super::int::Int;
use super::opb::Objective;
use super::read::Words;
use super::rules::{Checker, Stage};
use super::{Bound, Verdict};

/// The solutions that the proof has named.
#[derive(Clone, Debug, Default)]
pub(super) struct Logged {
    any: bool,
    /// The least value of them all.
    least: Option<Int>,
    /// Whether one satisfies the formula, and the least value of those that do.
    solved: bool,
    reached: Option<Int>,
}

impl Checker {
    /// Reads a solution and propagates it, and answers all that it makes true, and its value if there is an objective.
    pub(super) fn solution(&mut self, words: &mut Words) -> Result<(Vec<Lit>, Option<Int>), String> {
        let literals = words.literals(&mut self.formula.names)?;
        let claimed = if words.colon() { Some(words.integer()?) } else { None };
        if !self.propagator.settle() {
            return Err("what stands is contradictory".to_string());
        }
        let mark = self.propagator.mark();
        let consistent = literals.iter().all(|&lit| self.propagator.assume(lit)) && self.propagator.propagate();
        let holds = |lit| self.propagator.holds(lit);
        let assigned = self.propagator.trail().to_vec();
        let value = self.formula.objective.as_ref().map(|objective| objective.value(holds));
        let violated = self
            .entries
            .iter()
            .position(|entry| entry.as_ref().is_some_and(|entry| !entry.constraint.is_satisfied(holds)));
        let solves = self.formula.constraints.iter().all(|constraint| constraint.is_satisfied(holds));
        self.propagator.back(mark);
        if !consistent {
            return Err("the solution propagates to a conflict".to_string());
        }
        if let Some(at) = violated {
            return Err(format!("the solution does not satisfy constraint {}", at + 1));
        }
        let value = match value {
            Some(None) => return Err("a variable of the objective has no value".to_string()),
            Some(Some(value)) => Some(value),
            None => None,
        };
        if claimed.is_some() && claimed != value {
            return Err("the solution does not have the value it is said to have".to_string());
        }
        let logged = &mut self.logged;
        logged.any = true;
        logged.least = least(logged.least.take(), value.as_ref());
        if solves {
            logged.solved = true;
            logged.reached = least(logged.reached.take(), value.as_ref());
        }
        Ok((assigned, value))
    }

    pub(super) fn solution_improved(&mut self, words: &mut Words) -> Result<usize, String> {
        let (_, value) = self.solution(words)?;
        let (Some(value), Some(objective)) = (value, &self.formula.objective) else {
            return Err("there is no objective to improve".to_string());
        };
        let better = objective.below(&value);
        Ok(self.add(better, true))
    }

    pub(super) fn solution_excluded(&mut self, words: &mut Words) -> Result<usize, String> {
        let mut ahead = words.clone();
        let mut named = ahead.literals(&mut self.formula.names)?;
        ahead.end()?;
        let (mut assigned, _) = self.solution(words)?;
        named.sort_unstable();
        named.dedup();
        assigned.sort_unstable();
        if named != assigned {
            return Err("the solution to exclude does not name all that follows from it".to_string());
        }
        let clause = named.into_iter().map(|lit| (lit.negated(), Int::ONE)).collect();
        Ok(self.add(Constraint::new(clause, Int::ONE), true))
    }

    /// Reads one of the three statements that end a proof.
    pub(super) fn footer(&mut self, first: &str, words: &mut Words) -> Result<(), String> {
        let stage = match (&self.stage, first) {
            (Stage::Rules, "output") => {
                words.expect("NONE").map_err(|_| "only `output NONE` is known to this checker")?;
                Stage::Output
            }
            (Stage::Output, "conclusion") => Stage::Conclusion(self.conclusion(words)?),
            (Stage::Conclusion(verdict), "end") => {
                let verdict = verdict.clone();
                words.expect("pseudo-Boolean")?;
                words.expect("proof")?;
                Stage::End(verdict)
            }
            _ => return Err(format!("`{first}` stands in the wrong place of the proof's end")),
        };
        self.stage = stage;
        words.end()
    }

    fn conclusion(&mut self, words: &mut Words) -> Result<Verdict, String> {
        match (words.take("a conclusion")?, self.formula.objective.is_some()) {
            ("NONE", _) => Ok(Verdict::None),
            ("SAT", false) => {
                let solved = if words.colon() { self.given(words)?.0 } else { self.logged.solved };
                if solved { Ok(Verdict::Sat) } else { Err("no solution of the formula was named".to_string()) }
            }
            ("UNSAT", false) => {
                self.contradiction(words)?;
                Ok(Verdict::Unsat)
            }
            ("BOUNDS", true) => {
                let lower = self.lower(words)?;
                let upper = self.upper(words)?;
                match (&lower, &upper) {
                    (Bound::Finite(lower), Bound::Finite(upper)) if lower > upper => {
                        Err("the lower bound is above the upper".to_string())
                    }
                    (Bound::Infinite, Bound::Finite(_)) => Err("no solution, and an upper bound".to_string()),
                    _ => Ok(Verdict::Bounds(lower, upper)),
                }
            }
            (other @ ("SAT" | "UNSAT"), true) => Err(format!("`{other}` where there is an objective")),
            ("BOUNDS", false) => Err("`BOUNDS` where there is no objective".to_string()),
            (other, _) => Err(format!("`{other}` is not a conclusion")),
        }
    }

    /// A contradiction must stand, and be the one that is hinted at.
    fn contradiction(&self, words: &mut Words) -> Result<(), String> {
        if self.logged.any {
            return Err("a solution was named, and none is said to be".to_string());
        }
        let found = if words.colon() {
            self.constraint(self.id(words.take("an id")?)?).is_contradiction()
        } else {
            self.entries.iter().flatten().any(|entry| entry.constraint.is_contradiction())
        };
        if found { Ok(()) } else { Err("no contradiction stands there".to_string()) }
    }

    fn lower(&self, words: &mut Words) -> Result<Bound, String> {
        if words.peek() == Some("INF") {
            words.next();
            self.contradiction(words)?;
            return Ok(Bound::Infinite);
        }
        let bound = words.integer()?;
        let claim = self.objective()?.at_least(&bound);
        let shown = if words.colon() {
            self.constraint(self.id(words.take("an id")?)?).implies(&claim)
        } else {
            claim.is_trivial() || self.implying(&claim).is_some()
        };
        if !shown {
            return Err(format!("nothing there shows the lower bound {bound}"));
        }
        if self.logged.least.as_ref().is_some_and(|least| *least < bound) {
            return Err(format!("a solution was named whose value is below {bound}"));
        }
        Ok(Bound::Finite(bound.big()))
    }

    fn upper(&mut self, words: &mut Words) -> Result<Bound, String> {
        if words.peek() == Some("INF") {
            words.next();
            return Ok(Bound::Infinite);
        }
        let bound = words.integer()?;
        let reached = if words.colon() { self.given(words)?.1 } else { self.logged.reached.clone() };
        if reached.is_none_or(|reached| reached > bound) {
            return Err(format!("no solution of the formula was named whose value is at most {bound}"));
        }
        Ok(Bound::Finite(bound.big()))
    }

    fn objective(&self) -> Result<&Objective, String> {
        self.formula.objective.as_ref().ok_or_else(|| "there is no objective".to_string())
    }

    /// A solution that the conclusion itself names: whether it satisfies the formula, and if so its value.
    fn given(&mut self, words: &mut Words) -> Result<(bool, Option<Int>), String> {
        let literals: HashSet<Lit> = words.literals(&mut self.formula.names)?.into_iter().collect();
        let holds = |lit| literals.contains(&lit);
        if literals.iter().any(|lit| holds(lit.negated())) {
            return Err("the solution has a literal both ways".to_string());
        }
        let solved = self.formula.constraints.iter().all(|constraint| constraint.is_satisfied(holds));
        let value = self.formula.objective.as_ref().and_then(|objective| objective.value(holds));
        Ok((solved, value.filter(|_| solved)))
    }
}

fn least(old: Option<Int>, new: Option<&Int>) -> Option<Int> {
    match (old, new) {
        (Some(old), Some(new)) => Some(old.min(new.clone())),
        (old, new) => old.or_else(|| new.cloned()),
    }
}
