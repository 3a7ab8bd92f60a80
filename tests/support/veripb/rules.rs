//! The constraints that stand at some point of a proof, and the rules that add and take them.

use std::collections::HashMap;
use std::rc::Rc;

use super::conclude::Logged;
use super::constraint::{Constraint, Lit};
use super::int::Int;
use super::opb::{self, Formula};
use super::propagate::Propagator;
use super::read::{Token, Tokens, Words, is_label};
use super::{Refusal, Verdict};

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) constraint: Rc<Constraint>,
    /// Its number at the propagator.
    row: usize,
    core: bool,
}

/// How far the proof has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Rules,
    Output,
    Conclusion(Verdict),
    End(Verdict),
}

/// Reads a proof, rule by rule. After an error it has failed.
#[derive(Clone, Debug)]
pub struct Checker {
    pub(super) formula: Formula,
    /// Id `n` at `n - 1`; `None` where deleted.
    pub(super) entries: Vec<Option<Entry>>,
    labels: HashMap<String, usize>,
    /// By constraint, the ids it stands under; kept from the first time on that it is asked for.
    index: Option<HashMap<Rc<Constraint>, Vec<usize>>>,
    pub(super) propagator: Propagator,
    pub(super) logged: Logged,
    pub(super) stage: Stage,
}

impl Checker {
    pub fn new(opb: &str) -> Result<Self, Refusal> {
        let formula = opb::read(opb).map_err(|(line, why)| Refusal { text: "formula", line, why })?;
        let mut checker = Self {
            entries: Vec::new(),
            labels: formula.labels.iter().cloned().collect(),
            index: None,
            propagator: Propagator::default(),
            logged: Logged::default(),
            stage: Stage::Rules,
            formula,
        };
        for constraint in checker.formula.constraints.clone() {
            checker.add(constraint, true);
        }
        Ok(checker)
    }

    /// Reads rules; the text's first line has the number `line`.
    pub fn read(&mut self, text: &str, line: usize) -> Result<(), Refusal> {
        let mut statement: Vec<Token> = Vec::new();
        for token in Tokens::new(text, line) {
            if token.text != ";" {
                statement.push(token);
                continue;
            }
            let line = statement.first().unwrap_or(&token).line;
            self.statement(&statement).map_err(|why| Refusal { text: "proof", line, why })?;
            statement.clear();
        }
        let Some(first) = statement.first() else { return Ok(()) };
        Err(Refusal { text: "proof", line: first.line, why: format!("`{}` and no `;` after it", first.text) })
    }

    /// What was concluded, once the proof has ended.
    pub fn verdict(&self) -> Option<Verdict> {
        match &self.stage {
            Stage::End(verdict) => Some(verdict.clone()),
            _ => None,
        }
    }

    /// The constraints that stand, with their ids, as the format writes them.
    pub fn standing(&self) -> Vec<(usize, String)> {
        let standing = self.entries.iter().enumerate().filter_map(|(at, entry)| Some((at + 1, entry.as_ref()?)));
        standing.map(|(id, entry)| (id, self.formula.names.show(&entry.constraint))).collect()
    }

    fn statement(&mut self, tokens: &[Token]) -> Result<(), String> {
        let mut words = Words::new(tokens);
        let mut rule = words.take("a rule")?;
        if self.stage != Stage::Rules || rule == "output" {
            return self.footer(rule, &mut words);
        }
        let label = Some(rule).filter(|word| is_label(word));
        if label.is_some() {
            rule = words.take("a rule")?;
        }
        let words = &mut words;
        let id = match rule {
            "pol" => Some(self.pol(words)?),
            "rup" => Some(self.rup(words)?),
            "red" => Some(self.red(words)?),
            "ia" => Some(self.implied(words, true)?),
            "i" => Some(self.implied(words, false)?),
            "e" => Some(self.equal(words)?),
            "soli" => Some(self.solution_improved(words)?),
            "solx" => Some(self.solution_excluded(words)?),
            _ => None,
        };
        match (id, label) {
            (Some(id), Some(label)) => {
                self.labels.insert(label.to_string(), id);
            }
            (None, Some(_)) => return Err(format!("`{rule}` takes no label, or is not known")),
            (Some(_), None) => {}
            (None, None) => match rule {
                "f" => self.formula_size(words)?,
                "sol" => self.solution(words).map(drop)?,
                "del" => self.delete(words)?,
                "delc" | "deld" => self.delete_of(rule == "delc", words)?,
                "core" => self.core(words)?,
                other => return Err(format!("`{other}` is not a rule that this checker knows")),
            },
        }
        words.end()
    }

    /// Adds a constraint under the next id.
    pub(super) fn add(&mut self, constraint: Constraint, core: bool) -> usize {
        let constraint = Rc::new(constraint);
        let row = self.propagator.insert(Rc::clone(&constraint));
        if let Some(index) = &mut self.index {
            index.entry(Rc::clone(&constraint)).or_default().push(self.entries.len() + 1);
        }
        self.entries.push(Some(Entry { constraint, row, core }));
        self.entries.len()
    }

    pub(super) fn constraint(&self, id: usize) -> &Rc<Constraint> {
        &self.entries[id - 1].as_ref().expect("ids are checked as they are read").constraint
    }

    /// The id that a word names: a label, a number, or a negative number that counts from the end.
    pub(super) fn id(&self, word: &str) -> Result<usize, String> {
        let id = self.any_id(word)?;
        match self.entries[id - 1] {
            Some(_) => Ok(id),
            None => Err(format!("`{word}`: constraint {id} has been deleted")),
        }
    }

    /// As [`Self::id`], of a constraint that may have been deleted.
    fn any_id(&self, word: &str) -> Result<usize, String> {
        if let Some(&id) = self.labels.get(word) {
            return Ok(id);
        }
        if word.starts_with('@') {
            return Err(format!("`{word}` is not a label"));
        }
        let number = Int::parse(word).filter(|number| !number.is_zero() && !word.starts_with('+'));
        let number = number.ok_or_else(|| format!("`{word}` is not a constraint's id"))?;
        let last = self.entries.len();
        let id = match number {
            Int::Small(number) if number > 0 => usize::try_from(number).ok().filter(|&id| id <= last),
            Int::Small(number) => usize::try_from(number.unsigned_abs()).ok().filter(|&id| id <= last),
            Int::Large(_) => None,
        };
        let id = id.ok_or_else(|| format!("`{word}`: there are {last} constraints"))?;
        Ok(if word.starts_with('-') { last + 1 - id } else { id })
    }

    /// Ids up to a `:` or the end.
    fn ids(&self, words: &mut Words) -> Result<Vec<usize>, String> {
        let mut ids = Vec::new();
        while let Some(word) = words.peek().filter(|&word| word != ":") {
            ids.push(self.id(word)?);
            words.next();
        }
        Ok(ids)
    }

    /// From the first id up to, but without, the second; those that stand.
    fn range(&self, words: &mut Words) -> Result<Vec<usize>, String> {
        let from = self.any_id(words.take("an id")?)?;
        let word = words.take("an id")?;
        let next = self.entries.len() + 1;
        let to = if word == next.to_string() { next } else { self.any_id(word)? };
        if from > to {
            return Err(format!("the range from {from} to {to} runs backwards"));
        }
        Ok((from..to).filter(|id| self.entries[id - 1].is_some()).collect())
    }

    fn formula_size(&self, words: &mut Words) -> Result<(), String> {
        let claimed = words.integer()?;
        let count = self.formula.constraints.len();
        if self.entries.len() > count {
            return Err("the formula's size is to be said before anything is derived".to_string());
        }
        if claimed.big() != count.into() {
            return Err(format!("the formula has {count} constraints, not {claimed}"));
        }
        Ok(())
    }

    fn rup(&mut self, words: &mut Words) -> Result<usize, String> {
        let constraint = words.constraint(&mut self.formula.names)?;
        let shown = if words.colon() {
            let mut hinted = vec![Rc::new(constraint.negation())];
            while let Some(word) = words.next() {
                if word != "~" {
                    hinted.push(Rc::clone(self.constraint(self.id(word)?)));
                }
            }
            refuted(&hinted)
        } else {
            self.follows(&constraint)
        };
        if !shown {
            return Err("unit propagation does not show it".to_string());
        }
        Ok(self.add(constraint, false))
    }

    /// Whether unit propagation over all that stands refutes the constraint's negation.
    pub(super) fn follows(&mut self, constraint: &Constraint) -> bool {
        if !self.propagator.settle() {
            return true;
        }
        let mark = self.propagator.mark();
        let refuted = self.propagator.refutes(constraint.negation(), false);
        self.propagator.back(mark);
        refuted
    }

    /// The id after a `:`, if there is one.
    fn hint(&self, words: &mut Words) -> Result<Option<usize>, String> {
        if !words.colon() {
            return Ok(None);
        }
        self.id(words.take("an id")?).map(Some)
    }

    fn implied(&mut self, words: &mut Words, adds: bool) -> Result<usize, String> {
        let constraint = words.constraint(&mut self.formula.names)?;
        let by = match self.hint(words)? {
            Some(id) => Some(id).filter(|&id| self.constraint(id).implies(&constraint)),
            None => self.implying(&constraint),
        };
        let by = by.ok_or("it is not implied")?;
        Ok(if adds { self.add(constraint, false) } else { by })
    }

    /// A constraint that stands and implies this one.
    pub(super) fn implying(&self, constraint: &Constraint) -> Option<usize> {
        let implies = |entry: &Entry| entry.constraint.implies(constraint);
        self.entries.iter().position(|entry| entry.as_ref().is_some_and(implies)).map(|at| at + 1)
    }

    fn equal(&mut self, words: &mut Words) -> Result<usize, String> {
        let constraint = words.constraint(&mut self.formula.names)?;
        let found = match self.hint(words)? {
            Some(id) => Some(id).filter(|&id| **self.constraint(id) == constraint),
            None => self.copies(&constraint).last().copied(),
        };
        found.ok_or_else(|| "it is not there".to_string())
    }

    /// The ids that the constraint stands under.
    pub(super) fn copies(&mut self, constraint: &Constraint) -> &[usize] {
        let entries = &self.entries;
        let index = self.index.get_or_insert_with(|| {
            let mut index: HashMap<Rc<Constraint>, Vec<usize>> = HashMap::new();
            for (at, entry) in entries.iter().enumerate() {
                if let Some(entry) = entry {
                    index.entry(Rc::clone(&entry.constraint)).or_default().push(at + 1);
                }
            }
            index
        });
        index.get(constraint).map_or(&[], Vec::as_slice)
    }

    fn delete(&mut self, words: &mut Words) -> Result<(), String> {
        let ids = match words.take("`id`, `range` or `spec`")? {
            "id" => self.ids(words)?,
            "range" => self.range(words)?,
            "spec" => {
                let constraint = words.constraint(&mut self.formula.names)?;
                let copies = self.copies(&constraint).to_vec();
                if copies.is_empty() {
                    return Err("no such constraint stands".to_string());
                }
                copies
            }
            other => return Err(format!("`{other}` stands where `id`, `range` or `spec` should")),
        };
        ids.into_iter().try_for_each(|id| self.remove(id))
    }

    fn delete_of(&mut self, core: bool, words: &mut Words) -> Result<(), String> {
        for id in self.ids(words)? {
            if self.entries[id - 1].as_ref().is_some_and(|entry| entry.core != core) {
                return Err(format!("constraint {id} is {} the core", if core { "not in" } else { "in" }));
            }
            self.remove(id)?;
        }
        Ok(())
    }

    fn remove(&mut self, id: usize) -> Result<(), String> {
        let entry = self.entries[id - 1].take().ok_or_else(|| format!("constraint {id} is deleted twice"))?;
        self.propagator.remove(entry.row);
        if let Some(copies) = self.index.as_mut().and_then(|index| index.get_mut(&entry.constraint)) {
            copies.retain(|&copy| copy != id);
        }
        Ok(())
    }

    fn core(&mut self, words: &mut Words) -> Result<(), String> {
        let ids = match words.take("`id` or `range`")? {
            "id" => self.ids(words)?,
            "range" => self.range(words)?,
            other => return Err(format!("`{other}` stands where `id` or `range` should")),
        };
        for id in ids {
            if let Some(entry) = &mut self.entries[id - 1] {
                entry.core = true;
            }
        }
        Ok(())
    }
}

/// Whether unit propagation over these constraints alone ends in a conflict.
fn refuted(constraints: &[Rc<Constraint>]) -> bool {
    let mut holds: HashMap<u32, Lit> = HashMap::new();
    loop {
        let before = holds.len();
        for constraint in constraints {
            let is_false = |lit: Lit| holds.get(&lit.var()) == Some(&lit.negated());
            let open = constraint.terms.iter().filter(|(lit, _)| !is_false(*lit));
            let slack = open.fold(Int::ZERO, |sum, (_, weight)| sum.plus(weight)).minus(&constraint.degree);
            if slack < Int::ZERO {
                return true;
            }
            for (lit, weight) in &constraint.terms {
                if *weight > slack {
                    holds.entry(lit.var()).or_insert(*lit);
                }
            }
        }
        if holds.len() == before {
            return false;
        }
    }
}
