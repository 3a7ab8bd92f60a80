//! A strict forward checker of DRAT proofs, text and binary.
//!
//! The format: N. Wetzler, M. Heule, W. Hunt, "DRAT-trim: Efficient Checking and Trimming Using Expressive Clausal
//! Proofs", SAT 2014. A line `literals 0` adds a clause, a line `d literals 0` deletes one. A clause may be added when
//! unit propagation refutes it (RUP), or refutes each of its resolvents on its first literal (RAT).
//!
//! Every addition is checked, in order, with two watched literals. Good for some thousand variables and tens of
//! thousands of lines.
//!
//! Strictness, where checkers differ:
//! - The semantics is the specified one: a deleted unit clause, or a deleted reason of a top-level literal, really goes,
//!   and what followed from it is undone. (DRAT-trim ignores such deletions.)
//! - Deleting a clause that is not there is an error. Clauses are compared as sets of literals, and stand as often as
//!   they were added.
//! - The empty clause must be derived by a line (or stand in the formula). What follows it is read, not checked.

use std::collections::HashMap;

use super::lrat::{list, put};
use super::model::Cnf;

/// One line of a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    Add(Vec<i32>),
    Delete(Vec<i32>),
}

/// What a checked proof consisted of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Additions by unit propagation.
    pub rup: usize,
    /// Additions by resolution on the first literal.
    pub rat: usize,
    /// Clauses deleted.
    pub deleted: usize,
}

/// Checks that a text proof refutes the formula.
pub fn check_text(cnf: &Cnf, proof: &str) -> Result<Summary, String> {
    check(cnf, &parse_text(proof)?)
}

/// Checks that a binary proof refutes the formula.
pub fn check_binary(cnf: &Cnf, proof: &[u8]) -> Result<Summary, String> {
    check(cnf, &parse_binary(proof)?)
}

/// Checks that the lines refute the formula.
pub fn check(cnf: &Cnf, lines: &[Line]) -> Result<Summary, String> {
    let mut checker = Checker::new(cnf)?;
    for (index, line) in lines.iter().enumerate() {
        if checker.refuted() {
            break;
        }
        checker.step(line).map_err(|why| format!("step {}, {line:?}: {why}", index + 1))?;
    }
    if !checker.refuted() {
        return Err("the empty clause is not derived".to_string());
    }
    Ok(checker.summary)
}

/// Variables beyond this are refused, for the checker's tables have one entry a literal.
const MAX_VAR: u32 = 1 << 24;

/// Why a literal is true at top level.
const NO_REASON: usize = usize::MAX;

/// The clauses that stand at some point of a proof, and what propagation makes of them.
pub struct Checker {
    /// Literals of each clause, the two watched ones first. Deleted clauses stay as `None`: their index is not reused.
    clauses: Vec<Option<Vec<i32>>>,
    /// Where the clauses with this set of literals stand.
    index: HashMap<Vec<i32>, Vec<usize>>,
    /// By literal: the clauses that watch it.
    watches: Vec<Vec<usize>>,
    /// By literal: whether it is true.
    holds: Vec<bool>,
    /// By variable: the clause that made it true, for literals of the top level.
    reason: Vec<usize>,
    /// True literals in order.
    trail: Vec<i32>,
    /// How much of the trail has been propagated.
    propagated: usize,
    /// Whether propagation alone refutes the clauses that stand.
    conflict: bool,
    refuted: bool,
    summary: Summary,
}

impl Checker {
    pub fn new(cnf: &Cnf) -> Result<Self, String> {
        let mut checker = Self {
            clauses: Vec::new(),
            index: HashMap::new(),
            watches: Vec::new(),
            holds: Vec::new(),
            reason: Vec::new(),
            trail: Vec::new(),
            propagated: 0,
            conflict: false,
            refuted: false,
            summary: Summary::default(),
        };
        for clause in &cnf.clauses {
            checker.grow(clause)?;
            checker.insert(key(clause));
        }
        Ok(checker)
    }

    /// Whether the empty clause has been derived.
    pub fn refuted(&self) -> bool {
        self.refuted
    }

    /// Checks one line and carries it out. After an error the proof has failed; an addition that failed changes nothing.
    pub fn step(&mut self, line: &Line) -> Result<(), String> {
        match line {
            Line::Delete(clause) => self.delete(key(clause)),
            Line::Add(clause) => {
                self.grow(clause)?;
                if self.is_rup(clause) {
                    self.summary.rup += 1;
                } else if self.is_rat(clause) {
                    self.summary.rat += 1;
                } else {
                    return Err("neither RUP nor RAT".to_string());
                }
                self.insert(key(clause));
                Ok(())
            }
        }
    }

    fn grow(&mut self, clause: &[i32]) -> Result<(), String> {
        let Some(largest) = clause.iter().map(|l| l.unsigned_abs()).max() else { return Ok(()) };
        if largest > MAX_VAR {
            return Err(format!("variable {largest} is beyond this checker's {MAX_VAR}"));
        }
        let vars = largest as usize + 1;
        if self.reason.len() < vars {
            self.reason.resize(vars, NO_REASON);
            self.holds.resize(2 * vars, false);
            self.watches.resize(2 * vars, Vec::new());
        }
        Ok(())
    }

    fn is_true(&self, literal: i32) -> bool {
        self.holds[slot(literal)]
    }

    fn is_false(&self, literal: i32) -> bool {
        self.holds[slot(-literal)]
    }

    fn assign(&mut self, literal: i32, reason: usize) {
        self.holds[slot(literal)] = true;
        self.reason[literal.unsigned_abs() as usize] = reason;
        self.trail.push(literal);
    }

    fn undo(&mut self, length: usize) {
        for literal in self.trail.drain(length..) {
            self.holds[slot(literal)] = false;
            self.reason[literal.unsigned_abs() as usize] = NO_REASON;
        }
        self.propagated = length;
    }

    /// Adds a clause to those that stand; `clause` is sorted and free of repetitions.
    fn insert(&mut self, clause: Vec<i32>) {
        let number = self.clauses.len();
        self.index.entry(clause.clone()).or_default().push(number);
        let mut literals = clause;
        // Watch literals that are not false. Top-level literals are undone only all at once, so a false watch does no
        // harm as long as what follows from the clause has been drawn.
        literals.sort_by_key(|&literal| self.is_false(literal));
        if let [first, second, ..] = literals[..] {
            self.watches[slot(first)].push(number);
            self.watches[slot(second)].push(number);
        }
        self.clauses.push(Some(literals));
        self.refuted |= self.clauses[number].as_ref().is_some_and(Vec::is_empty);
        self.draw(number);
        self.conflict = self.conflict || !self.propagate();
    }

    /// What one clause alone yields at top level.
    fn draw(&mut self, number: usize) {
        let Some(clause) = &self.clauses[number] else { return };
        let mut open = clause.iter().filter(|&&literal| !self.is_false(literal));
        match (open.next().copied(), open.next()) {
            (None, _) => self.conflict = true,
            (Some(unit), None) if !self.is_true(unit) => self.assign(unit, number),
            // A unit clause takes over as the reason: it leans on nothing, so deleting the old reason costs nothing.
            (Some(unit), None) if clause.len() == 1 => self.reason[unit.unsigned_abs() as usize] = number,
            _ => {}
        }
    }

    fn delete(&mut self, clause: Vec<i32>) -> Result<(), String> {
        let copies = self.index.get_mut(&clause).filter(|copies| !copies.is_empty()).ok_or("it is not there")?;
        let is_reason = |&number: &usize| {
            let literals = self.clauses[number].as_ref().expect("the index names standing clauses");
            literals.iter().any(|&literal| self.reason[literal.unsigned_abs() as usize] == number)
        };
        // Of several copies the one that is no reason goes.
        let position = copies.iter().position(|number| !is_reason(number)).unwrap_or(0);
        let number = copies[position];
        let undoes = self.conflict || is_reason(&number);
        copies.swap_remove(position);
        let literals = self.clauses[number].take().expect("the index names standing clauses");
        for &literal in literals.iter().take(2) {
            self.watches[slot(literal)].retain(|&other| other != number);
        }
        self.summary.deleted += 1;
        if undoes {
            self.undo(0);
            self.conflict = false;
            for number in 0..self.clauses.len() {
                if self.clauses[number].as_ref().is_some_and(|literals| literals.len() < 2) {
                    self.draw(number);
                }
            }
            self.conflict = self.conflict || !self.propagate();
        }
        Ok(())
    }

    /// Unit propagation; false on a conflict.
    fn propagate(&mut self) -> bool {
        while self.propagated < self.trail.len() {
            let falsified = -self.trail[self.propagated];
            self.propagated += 1;
            let mut watching = std::mem::take(&mut self.watches[slot(falsified)]);
            let mut kept = 0;
            let mut conflict = false;
            for at in 0..watching.len() {
                let number = watching[at];
                watching[kept] = number;
                kept += 1;
                if conflict {
                    continue;
                }
                let holds = &self.holds;
                let literals = self.clauses[number].as_mut().expect("deleted clauses watch nothing");
                if literals[0] == falsified {
                    literals.swap(0, 1);
                }
                let other = literals[0];
                if holds[slot(other)] {
                    continue;
                }
                if let Some(found) = (2..literals.len()).find(|&i| !holds[slot(-literals[i])]) {
                    literals.swap(1, found);
                    self.watches[slot(literals[1])].push(number);
                    kept -= 1;
                } else if holds[slot(-other)] {
                    conflict = true;
                } else {
                    self.assign(other, number);
                }
            }
            watching.truncate(kept);
            self.watches[slot(falsified)] = watching;
            if conflict {
                return false;
            }
        }
        true
    }

    /// Makes the literals false on top of what holds, and propagates. False when that is contradictory.
    fn falsify(&mut self, literals: &[i32]) -> bool {
        for &literal in literals {
            if self.is_true(literal) {
                return false;
            }
            if !self.is_false(literal) {
                self.assign(-literal, NO_REASON);
            }
        }
        self.propagate()
    }

    fn is_rup(&mut self, clause: &[i32]) -> bool {
        if self.conflict {
            return true;
        }
        let top = self.trail.len();
        let consistent = self.falsify(clause);
        self.undo(top);
        !consistent
    }

    /// `clause` is not RUP. Its resolvents on the first literal must be.
    fn is_rat(&mut self, clause: &[i32]) -> bool {
        let Some(&pivot) = clause.first() else { return false };
        let top = self.trail.len();
        let consistent = self.falsify(clause);
        debug_assert!(consistent, "the clause is not RUP");
        let assumed = self.trail.len();
        let mut all = true;
        for number in 0..self.clauses.len() {
            let Some(literals) = &self.clauses[number] else { continue };
            if literals.contains(&-pivot) {
                let others: Vec<i32> = literals.iter().copied().filter(|&literal| literal != -pivot).collect();
                all = !self.falsify(&others);
                self.undo(assumed);
                if !all {
                    break;
                }
            }
        }
        self.undo(top);
        all
    }
}

fn slot(literal: i32) -> usize {
    2 * literal.unsigned_abs() as usize + usize::from(literal < 0)
}

/// The set of literals, as the index has it.
fn key(clause: &[i32]) -> Vec<i32> {
    let mut literals = clause.to_vec();
    literals.sort_unstable();
    literals.dedup();
    literals
}

/// Reads a text proof.
pub fn parse_text(text: &str) -> Result<Vec<Line>, String> {
    let mut lines = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let at = |what: String| format!("line {}: {what}", number + 1);
        let mut words: Vec<&str> = line.split_ascii_whitespace().collect();
        let Some(&first) = words.first() else { continue };
        if first.starts_with('c') {
            continue;
        }
        let deletes = first == "d";
        if deletes {
            words.remove(0);
        }
        if words.pop() != Some("0") {
            return Err(at("no closing 0".to_string()));
        }
        let clause = words.iter().map(|word| match word.parse::<i32>() {
            Ok(literal) if literal != 0 && literal != i32::MIN => Ok(literal),
            _ => Err(at(format!("`{word}` is not a literal"))),
        });
        let clause = clause.collect::<Result<_, _>>()?;
        lines.push(if deletes { Line::Delete(clause) } else { Line::Add(clause) });
    }
    Ok(lines)
}

/// Reads a binary proof: `a literals 0` and `d literals 0`, numbers as in binary LRAT.
pub fn parse_binary(bytes: &[u8]) -> Result<Vec<Line>, String> {
    let mut lines = Vec::new();
    let mut rest = bytes;
    while let Some((&tag, tail)) = rest.split_first() {
        rest = tail;
        let clause = list(&mut rest)?.into_iter().map(|number| match i32::try_from(number) {
            Ok(literal) if literal != i32::MIN => Ok(literal),
            _ => Err(format!("{number} is not a literal")),
        });
        let clause = clause.collect::<Result<_, _>>()?;
        match tag {
            b'a' => lines.push(Line::Add(clause)),
            b'd' => lines.push(Line::Delete(clause)),
            other => return Err(format!("{other:#04x} is neither `a` nor `d`")),
        }
    }
    Ok(lines)
}

/// The proof as text.
pub fn write_text(lines: &[Line]) -> String {
    let mut text = String::new();
    for line in lines {
        let (mark, clause) = match line {
            Line::Add(clause) => ("", clause),
            Line::Delete(clause) => ("d ", clause),
        };
        text.push_str(mark);
        clause.iter().for_each(|literal| text.push_str(&format!("{literal} ")));
        text.push_str("0\n");
    }
    text
}

/// The proof in binary.
pub fn write_binary(lines: &[Line]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in lines {
        let (tag, clause) = match line {
            Line::Add(clause) => (b'a', clause),
            Line::Delete(clause) => (b'd', clause),
        };
        bytes.push(tag);
        clause.iter().for_each(|&literal| put(&mut bytes, literal.into()));
        bytes.push(0);
    }
    bytes
}
