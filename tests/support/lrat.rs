//! A strict checker of LRAT proofs, text and binary.
//!
//! The format: L. Cruz-Filipe, M. Heule, W. Hunt, M. Kaufmann, P. Schneider-Kamp, "Efficient Certified RAT
//! Verification", CADE 2017, and M. Heule, W. Hunt, M. Kaufmann, N. Wetzler, "Efficient, Verified Checking of
//! Propositional Proofs", ITP 2017. The formula's clauses have the ids 1..m in file order. A line
//! `id literals 0 hints 0` adds a clause, a line `id d ids 0` deletes some.
//!
//! Strictness, where checkers differ:
//! - The ids of added clauses increase and are larger than every earlier one. The leading id of a deletion line carries
//!   no meaning, but must not exceed the ids to come.
//! - Each hint must be unit under the assignment so far, with its last literal *unassigned*, or falsified. A satisfied
//!   hint is an error. A falsified hint ends its chain: any hint after it is an error. A unit hint whose literal turns
//!   out not to be needed for the conflict is tolerated, as the format does not promise minimal chains.
//! - A RAT step has the first literal as pivot, and exactly one block `-id hints` for each clause that contains the
//!   negated pivot, in any order. A clause whose resolvent is a tautology or satisfied has its block, without hints.
//! - Deleting or hinting at an id that is not there is an error, as is a tautology among the added clauses.
//! - A literal that stands twice in a clause counts once.
//! - The empty clause must be derived by a line (or stand in the formula); unit propagation alone does not end a proof.
//!   After it only deletions may follow.

use std::collections::{BTreeMap, HashSet};

use super::model::Cnf;

/// One line of a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    Add { id: u64, clause: Vec<i32>, hints: Vec<i64> },
    Delete { ids: Vec<u64> },
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
    let mut checker = Checker::new(cnf);
    for line in lines {
        checker.step(line)?;
    }
    if !checker.refuted() {
        return Err("the empty clause is not derived".to_string());
    }
    Ok(checker.summary())
}

/// The clauses that stand at some point of a proof.
pub struct Checker {
    clauses: BTreeMap<u64, Vec<i32>>,
    last_id: u64,
    refuted: bool,
    summary: Summary,
}

/// What following a chain of hints led to.
#[derive(PartialEq, Eq)]
enum Chain {
    Conflict,
    Open,
}

impl Checker {
    pub fn new(cnf: &Cnf) -> Self {
        let clauses: BTreeMap<u64, Vec<i32>> = (1..).zip(cnf.clauses.iter().map(|c| distinct(c))).collect();
        let refuted = clauses.values().any(Vec::is_empty);
        Self { last_id: clauses.len() as u64, clauses, refuted, summary: Summary::default() }
    }

    /// Whether the empty clause has been derived.
    pub fn refuted(&self) -> bool {
        self.refuted
    }

    pub fn summary(&self) -> Summary {
        self.summary
    }

    /// The clauses that stand now, by id.
    pub fn clauses(&self) -> &BTreeMap<u64, Vec<i32>> {
        &self.clauses
    }

    /// Checks one line and carries it out. After an error the proof has failed; an addition that failed changes nothing.
    pub fn step(&mut self, line: &Line) -> Result<(), String> {
        match line {
            Line::Delete { ids } => {
                for id in ids {
                    self.clauses.remove(id).ok_or_else(|| format!("deletes clause {id}, which is not there"))?;
                    self.summary.deleted += 1;
                }
                Ok(())
            }
            Line::Add { id, clause, hints } => {
                self.add(*id, &distinct(clause), hints).map_err(|why| format!("clause {id} {clause:?}: {why}"))
            }
        }
    }

    fn add(&mut self, id: u64, clause: &[i32], hints: &[i64]) -> Result<(), String> {
        if self.refuted {
            return Err("added after the empty clause".to_string());
        }
        if id <= self.last_id {
            return Err(format!("its id does not exceed {}", self.last_id));
        }
        let mut assigned: HashSet<i32> = HashSet::new();
        for literal in clause {
            assigned.insert(-literal);
            if assigned.contains(literal) {
                return Err("a tautology".to_string());
            }
        }
        let split = hints.iter().position(|&hint| hint < 0).unwrap_or(hints.len());
        let (prefix, blocks) = hints.split_at(split);
        match self.follow(prefix, &mut assigned)? {
            Chain::Conflict if blocks.is_empty() => self.summary.rup += 1,
            Chain::Conflict => return Err(format!("hint {} stands after the conflict", blocks[0])),
            Chain::Open => {
                let pivot = *clause.first().ok_or("its hints do not lead to a conflict")?;
                self.resolve(pivot, blocks, &assigned)?;
                self.summary.rat += 1;
            }
        }
        self.last_id = id;
        self.refuted = clause.is_empty();
        self.clauses.insert(id, clause.to_vec());
        Ok(())
    }

    /// Propagates along the hints. All literals in `assigned` are true.
    fn follow(&self, hints: &[i64], assigned: &mut HashSet<i32>) -> Result<Chain, String> {
        for (index, &hint) in hints.iter().enumerate() {
            let clause = u64::try_from(hint).ok().and_then(|id| self.clauses.get(&id));
            let clause = clause.ok_or_else(|| format!("hint {hint} is not there"))?;
            let mut open = clause.iter().filter(|&literal| !assigned.contains(&-literal));
            match (open.next(), open.next()) {
                (None, _) if index + 1 == hints.len() => return Ok(Chain::Conflict),
                (None, _) => return Err(format!("hint {} stands after the conflict", hints[index + 1])),
                (Some(_), Some(_)) => return Err(format!("hint {hint} is not unit")),
                (Some(literal), None) if assigned.contains(literal) => {
                    return Err(format!("hint {hint} is already satisfied"));
                }
                (Some(literal), None) => assigned.insert(*literal),
            };
        }
        Ok(Chain::Open)
    }

    /// The RAT part: every resolvent on the pivot, each with its block of hints.
    fn resolve(&self, pivot: i32, blocks: &[i64], assigned: &HashSet<i32>) -> Result<(), String> {
        let mut missing: HashSet<u64> =
            self.clauses.iter().filter(|(_, clause)| clause.contains(&-pivot)).map(|(&id, _)| id).collect();
        let mut rest = blocks;
        while let Some((&head, tail)) = rest.split_first() {
            let end = tail.iter().position(|&hint| hint < 0).unwrap_or(tail.len());
            let (hints, next) = tail.split_at(end);
            rest = next;
            let id = head.unsigned_abs();
            if !missing.remove(&id) {
                return Err(format!("clause {id} is not one to resolve with, or is named twice"));
            }
            let mut assigned = assigned.clone();
            let mut satisfied = false;
            for &literal in self.clauses[&id].iter().filter(|&&literal| literal != -pivot) {
                satisfied |= assigned.contains(&literal);
                assigned.insert(-literal);
            }
            if satisfied {
                if !hints.is_empty() {
                    return Err(format!("the resolvent with {id} is satisfied, yet hints follow"));
                }
            } else if self.follow(hints, &mut assigned).map_err(|why| format!("resolvent with {id}: {why}"))?
                == Chain::Open
            {
                return Err(format!("the hints for the resolvent with {id} do not lead to a conflict"));
            }
        }
        match missing.iter().min() {
            None => Ok(()),
            Some(id) => Err(format!("neither a conflict nor a resolvent with {id}")),
        }
    }
}

/// The clause without its repetitions, in order: the first literal is a RAT step's pivot.
fn distinct(clause: &[i32]) -> Vec<i32> {
    let mut seen = HashSet::new();
    clause.iter().copied().filter(|&literal| seen.insert(literal)).collect()
}

/// Reads a text proof.
pub fn parse_text(text: &str) -> Result<Vec<Line>, String> {
    let mut lines = Vec::new();
    let mut last_id = 0;
    for (number, line) in text.lines().enumerate() {
        let at = |what: String| format!("line {}: {what}", number + 1);
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let Some((&first, rest)) = words.split_first() else { continue };
        if first.starts_with('c') {
            continue;
        }
        let id = positive(first).map_err(at)?;
        if let Some(("d", ids)) = rest.split_first().map(|(word, rest)| (*word, rest)) {
            let (&"0", ids) = ids.split_last().ok_or_else(|| at("no closing 0".to_string()))? else {
                return Err(at("no closing 0".to_string()));
            };
            let ids = ids.iter().map(|word| positive(word)).collect::<Result<_, _>>().map_err(at)?;
            lines.push(Line::Delete { ids });
        } else {
            if id <= last_id {
                return Err(at(format!("id {id} does not exceed {last_id}")));
            }
            let mut clause = Vec::new();
            let mut words = rest.iter();
            loop {
                let word = words.next().ok_or_else(|| at("a clause without its 0".to_string()))?;
                let literal: i32 = word.parse().map_err(|_| at(format!("`{word}` is not a literal")))?;
                match literal {
                    0 => break,
                    i32::MIN => return Err(at(format!("`{word}` is not a literal"))),
                    _ => clause.push(literal),
                }
            }
            let mut hints = Vec::new();
            loop {
                let word = words.next().ok_or_else(|| at("hints without their 0".to_string()))?;
                match word.parse::<i64>().map_err(|_| at(format!("`{word}` is not a hint")))? {
                    0 => break,
                    hint => hints.push(hint),
                }
            }
            if let Some(word) = words.next() {
                return Err(at(format!("`{word}` after the closing 0")));
            }
            lines.push(Line::Add { id, clause, hints });
        }
        last_id = last_id.max(id);
    }
    Ok(lines)
}

fn positive(word: &str) -> Result<u64, String> {
    // Hints are signed, so an id must fit there too.
    match word.parse::<i64>() {
        Ok(id) if id > 0 => Ok(id as u64),
        _ => Err(format!("`{word}` is not a clause id")),
    }
}

/// The proof as text.
pub fn write_text(lines: &[Line]) -> String {
    let join = |numbers: &[String]| numbers.iter().map(|n| format!("{n} ")).collect::<String>();
    let mut text = String::new();
    let mut last_id = 1;
    for line in lines {
        match line {
            Line::Add { id, clause, hints } => {
                last_id = *id;
                let clause: Vec<String> = clause.iter().map(i32::to_string).collect();
                let hints: Vec<String> = hints.iter().map(i64::to_string).collect();
                text.push_str(&format!("{id} {}0 {}0\n", join(&clause), join(&hints)));
            }
            Line::Delete { ids } => {
                let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
                text.push_str(&format!("{last_id} d {}0\n", join(&ids)));
            }
        }
    }
    text
}

/// Reads a binary proof: `a id literals 0 hints 0` and `d ids 0`, each number `n` as `2|n| + (n < 0)` in groups of
/// seven bits, low group first, the high bit set on all but the last.
pub fn parse_binary(bytes: &[u8]) -> Result<Vec<Line>, String> {
    let mut lines = Vec::new();
    let mut rest = bytes;
    while let Some((&tag, tail)) = rest.split_first() {
        rest = tail;
        match tag {
            b'a' => {
                let id = id_of(number(&mut rest)?)?;
                let clause = list(&mut rest)?.into_iter().map(literal_of).collect::<Result<_, _>>()?;
                let hints = list(&mut rest)?;
                lines.push(Line::Add { id, clause, hints });
            }
            b'd' => {
                let ids = list(&mut rest)?.into_iter().map(id_of).collect::<Result<_, _>>()?;
                lines.push(Line::Delete { ids });
            }
            other => return Err(format!("{other:#04x} is neither `a` nor `d`")),
        }
    }
    Ok(lines)
}

fn id_of(number: i64) -> Result<u64, String> {
    if number > 0 { Ok(number as u64) } else { Err(format!("{number} is not a clause id")) }
}

fn literal_of(number: i64) -> Result<i32, String> {
    match i32::try_from(number) {
        Ok(literal) if literal != 0 && literal != i32::MIN => Ok(literal),
        _ => Err(format!("{number} is not a literal")),
    }
}

/// Numbers up to the closing zero.
pub(super) fn list(bytes: &mut &[u8]) -> Result<Vec<i64>, String> {
    let mut numbers = Vec::new();
    loop {
        match number(bytes)? {
            0 => return Ok(numbers),
            other => numbers.push(other),
        }
    }
}

fn number(bytes: &mut &[u8]) -> Result<i64, String> {
    let mut value = 0u64;
    for shift in (0..63).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or("the proof ends inside a number")?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            let magnitude = (value >> 1) as i64;
            return match value {
                1 => Err("minus zero is no number".to_string()),
                _ if value & 1 == 1 => Ok(-magnitude),
                _ => Ok(magnitude),
            };
        }
    }
    Err("a number of more than 63 bits".to_string())
}

/// The proof in binary.
pub fn write_binary(lines: &[Line]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in lines {
        match line {
            Line::Add { id, clause, hints } => {
                bytes.push(b'a');
                put(&mut bytes, *id as i64);
                clause.iter().for_each(|&literal| put(&mut bytes, literal.into()));
                bytes.push(0);
                hints.iter().for_each(|&hint| put(&mut bytes, hint));
                bytes.push(0);
            }
            Line::Delete { ids } => {
                bytes.push(b'd');
                ids.iter().for_each(|&id| put(&mut bytes, id as i64));
                bytes.push(0);
            }
        }
    }
    bytes
}

pub(super) fn put(bytes: &mut Vec<u8>, number: i64) {
    let mut rest = 2 * number.unsigned_abs() + u64::from(number < 0);
    while rest > 0x7f {
        bytes.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}
