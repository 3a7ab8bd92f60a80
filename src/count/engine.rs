//! Clauses, the trail, propagation and learning: what counting and satisfiability share.
//!
//! Two watched literals with blockers, binary clauses apart (N. Sörensson, N. Eén, "MiniSat", SAT 2005); first unique
//! implication point (L. Zhang et al., ICCAD 2001).
//!
//! A level is *forced* where its first literal is no decision but follows from lower levels: that is what the second branch of
//! a decision is whose first one was refuted. Analysis resolves forced levels away, so the level it answers always has a
//! decision to take back.

use super::literal::Lit;
use crate::error::OutOfMemory;

/// Words of a clause before its literals: length, glue (0 of an original clause), age.
const HEADER: usize = 3;
const GLUE: usize = 1;
const USED: usize = 2;

/// The arena's limit in words: reasons have a bit less than 32.
const ARENA: usize = 1 << 31;

/// Why a literal is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reason(u32);

impl Reason {
    /// It was decided.
    pub const DECISION: Reason = Reason(u32::MAX);
    /// It is a clause.
    pub const UNIT: Reason = Reason(u32::MAX - 2);

    fn binary(other: Lit) -> Self {
        Reason(other.code() << 1 | 1)
    }

    fn clause(at: u32) -> Self {
        Reason(at << 1)
    }
}

#[derive(Debug, Clone, Copy)]
struct Watch {
    clause: u32,
    blocker: Lit,
}

/// What a conflict teaches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lesson {
    /// The highest level with a decision that the conflict rests on.
    pub level: usize,
    /// What follows once that level is undone, and why.
    pub asserted: (Lit, Reason),
    /// The negated decision, and why it follows too; asked for where the level is not above a given one.
    pub flipped: Option<(Lit, Reason)>,
    /// The highest other level in the learnt clause.
    pub below: usize,
}

#[derive(Debug)]
pub(super) struct Engine {
    /// By literal: 1 true, -1 false, 0 open.
    values: Vec<i8>,
    levels: Vec<u32>,
    reasons: Vec<Reason>,
    trail: Vec<Lit>,
    head: usize,
    /// Of each level from 1 on, where it begins on the trail and whether it is forced.
    starts: Vec<(u32, bool)>,
    /// By literal, what follows from it by a binary clause.
    binaries: Vec<Vec<Lit>>,
    /// By literal, the clauses that watch its negation.
    watches: Vec<Vec<Watch>>,
    arena: Vec<u32>,
    learnt: Vec<u32>,
    /// Literals learnt, which have to be told anew to every level.
    units: Vec<Lit>,
    /// The clause that is false, after a conflict.
    conflict: Vec<Lit>,
    pub activity: Vec<f64>,
    pub bump: f64,
    pub phase: Vec<bool>,
    seen: Vec<bool>,
    /// By level, how many of its variables are seen.
    counts: Vec<u32>,
    clause: Vec<Lit>,
    touched: Vec<u32>,
    stamps: Vec<u32>,
    stamp: u32,
    limit: usize,
    pub conflicts: u64,
    pub propagations: u64,
}

pub(super) fn filled<T: Clone>(count: usize, value: T) -> Result<Vec<T>, OutOfMemory> {
    let mut array = Vec::new();
    let bytes = (count as u64).saturating_mul(size_of::<T>() as u64);
    array.try_reserve_exact(count).map_err(|_| OutOfMemory::Allocator { bytes })?;
    array.resize(count, value);
    Ok(array)
}

impl Engine {
    /// Without clauses.
    pub fn new(variables: usize) -> Result<Self, OutOfMemory> {
        Ok(Engine {
            values: filled(2 * variables, 0)?,
            levels: filled(variables, 0)?,
            reasons: filled(variables, Reason::DECISION)?,
            trail: Vec::new(),
            head: 0,
            starts: Vec::new(),
            binaries: filled(2 * variables, Vec::new())?,
            watches: filled(2 * variables, Vec::new())?,
            arena: Vec::new(),
            learnt: Vec::new(),
            units: Vec::new(),
            conflict: Vec::new(),
            activity: filled(variables, 0.0)?,
            bump: 1.0,
            phase: filled(variables, false)?,
            seen: filled(variables, false)?,
            counts: vec![0],
            clause: Vec::new(),
            touched: Vec::new(),
            stamps: vec![0],
            stamp: 0,
            limit: 4000,
            conflicts: 0,
            propagations: 0,
        })
    }

    /// Bytes held, about.
    pub fn bytes(&self) -> u64 {
        (self.values.len() * (1 + 2 * 24) + self.levels.len() * 24 + self.arena.capacity() * 8) as u64
    }

    pub fn value(&self, literal: Lit) -> i8 {
        self.values[literal.index()]
    }

    /// By literal: 1 true, -1 false, 0 open.
    pub fn values(&self) -> &[i8] {
        &self.values
    }

    /// Whether nothing follows from either value of a variable but by longer clauses.
    pub fn is_loose(&self, literal: Lit) -> bool {
        self.binaries[literal.index()].is_empty() && self.binaries[(!literal).index()].is_empty()
    }

    pub fn is_open(&self, variable: u32) -> bool {
        self.values[(variable as usize) << 1] == 0
    }

    pub fn level(&self) -> usize {
        self.starts.len()
    }

    pub fn trail(&self) -> &[Lit] {
        &self.trail
    }

    /// A clause of distinct variables, at level 0. Answers whether there is no contradiction yet.
    pub fn add(&mut self, literals: &[Lit]) -> Result<bool, OutOfMemory> {
        debug_assert!(self.level() == 0);
        self.clause.clear();
        for &literal in literals {
            match self.value(literal) {
                1 => return Ok(true),
                0 => self.clause.push(literal),
                _ => {}
            }
        }
        let clause = std::mem::take(&mut self.clause);
        let fine = match *clause.as_slice() {
            [] => false,
            [unit] => {
                self.assign(unit, Reason::UNIT);
                true
            }
            _ => {
                self.attach(&clause, 0)?;
                true
            }
        };
        self.clause = clause;
        Ok(fine)
    }

    /// At least two literals, of which the first two are watched.
    fn attach(&mut self, literals: &[Lit], glue: u32) -> Result<Reason, OutOfMemory> {
        if let &[a, b] = literals {
            self.binaries[(!a).index()].push(b);
            self.binaries[(!b).index()].push(a);
            return Ok(Reason::binary(b));
        }
        let words = HEADER + literals.len();
        let at = self.arena.len();
        if at + words > ARENA {
            return Err(OutOfMemory::Limit { bytes: 4 * (at + words) as u64, limit: 4 * ARENA as u64 });
        }
        self.arena.try_reserve(words).map_err(|_| OutOfMemory::Allocator { bytes: 4 * words as u64 })?;
        self.arena.extend([literals.len() as u32, glue, 1]);
        self.arena.extend(literals.iter().map(|l| l.code()));
        let at = at as u32;
        self.watches[(!literals[0]).index()].push(Watch { clause: at, blocker: literals[1] });
        self.watches[(!literals[1]).index()].push(Watch { clause: at, blocker: literals[0] });
        if glue > 0 {
            self.learnt.push(at);
        }
        Ok(Reason::clause(at))
    }

    /// Begins a level.
    pub fn open_level(&mut self, forced: bool) {
        self.starts.push((self.trail.len() as u32, forced));
        if self.counts.len() <= self.starts.len() {
            self.counts.push(0);
            self.stamps.push(0);
        }
    }

    /// Makes an open literal true at the level at hand.
    pub fn assign(&mut self, literal: Lit, reason: Reason) {
        debug_assert!(self.value(literal) == 0);
        self.values[literal.index()] = 1;
        self.values[(!literal).index()] = -1;
        self.levels[literal.var()] = self.starts.len() as u32;
        self.reasons[literal.var()] = reason;
        self.trail.push(literal);
    }

    /// Tells the level at hand what was learnt to hold always. Answers whether that is possible.
    pub fn assert_units(&mut self) -> bool {
        for at in 0..self.units.len() {
            let unit = self.units[at];
            match self.value(unit) {
                0 => self.assign(unit, Reason::UNIT),
                -1 => {
                    self.conflict.clear();
                    self.conflict.push(unit);
                    return false;
                }
                _ => {}
            }
        }
        true
    }

    /// Where a level begins on the trail, from 1 on; the trail's length where there is no such level.
    pub fn start_of(&self, level: usize) -> usize {
        self.starts.get(level - 1).map_or(self.trail.len(), |start| start.0 as usize)
    }

    /// Undoes the levels above `level`.
    pub fn backtrack(&mut self, level: usize) {
        if let Some(&(start, _)) = self.starts.get(level) {
            self.shorten(start as usize);
            self.starts.truncate(level);
        }
    }

    /// Undoes what is on the trail from `length` on, all of which is of the level at hand.
    pub fn shorten(&mut self, length: usize) {
        for &literal in &self.trail[length..] {
            self.values[literal.index()] = 0;
            self.values[(!literal).index()] = 0;
            self.phase[literal.var()] = literal.is_positive();
        }
        self.trail.truncate(length);
        self.head = length;
    }

    /// Propagates all that is on the trail. Answers false at a conflict.
    pub fn propagate(&mut self) -> bool {
        while self.head < self.trail.len() {
            let truth = self.trail[self.head];
            self.head += 1;
            self.propagations += 1;
            for at in 0..self.binaries[truth.index()].len() {
                let other = self.binaries[truth.index()][at];
                match self.value(other) {
                    0 => self.assign(other, Reason::binary(!truth)),
                    -1 => {
                        self.conflict.clear();
                        self.conflict.extend([other, !truth]);
                        return false;
                    }
                    _ => {}
                }
            }
            if !self.visit(truth) {
                return false;
            }
        }
        true
    }

    /// Visits the clauses that watch the negation of `truth`.
    fn visit(&mut self, truth: Lit) -> bool {
        let mut list = std::mem::take(&mut self.watches[truth.index()]);
        let missed = (!truth).code();
        let (mut from, mut to) = (0, 0);
        let mut fine = true;
        'clauses: while from < list.len() {
            let watch = list[from];
            from += 1;
            if self.values[watch.blocker.index()] == 1 {
                list[to] = watch;
                to += 1;
                continue;
            }
            let at = watch.clause as usize;
            let length = self.arena[at] as usize;
            let literals = &mut self.arena[at + HEADER..at + HEADER + length];
            if literals[0] == missed {
                literals.swap(0, 1);
            }
            let first = Lit::from_code(literals[0]);
            let watch = Watch { clause: watch.clause, blocker: first };
            let value = self.values[first.index()];
            if value != 1 {
                for other in 2..length {
                    let candidate = literals[other];
                    if self.values[candidate as usize] != -1 {
                        literals.swap(1, other);
                        self.watches[(candidate ^ 1) as usize].push(watch);
                        continue 'clauses;
                    }
                }
            }
            list[to] = watch;
            to += 1;
            if value == -1 {
                self.conflict.clear();
                self.conflict.extend(literals.iter().map(|&code| Lit::from_code(code)));
                fine = false;
                break;
            }
            if value == 0 {
                self.assign(first, Reason::clause(watch.clause));
            }
        }
        list.copy_within(from.., to);
        list.truncate(to + list.len() - from);
        self.watches[truth.index()] = list;
        fine
    }

    /// Learns from the conflict found last. None where there is no model at all. The negated decision is answered too if
    /// its level is at most `flip`.
    pub fn learn(&mut self, flip: usize) -> Result<Option<Lesson>, OutOfMemory> {
        self.conflicts += 1;
        self.bump *= 1.0 / 0.95;
        if self.bump > 1e100 {
            self.activity.iter_mut().for_each(|activity| *activity *= 1e-100);
            self.bump *= 1e-100;
        }
        self.touched.clear();
        let conflict = std::mem::take(&mut self.conflict);
        conflict.iter().for_each(|&literal| self.see(literal));
        self.conflict = conflict;
        let mut at = self.trail.len();
        let point = loop {
            while at > 0 && !self.seen[self.trail[at - 1].var()] {
                at -= 1;
            }
            // Level 0 is never seen.
            let Some(&literal) = at.checked_sub(1).and_then(|last| self.trail.get(last)) else {
                self.forget();
                return Ok(None);
            };
            let level = self.levels[literal.var()] as usize;
            if !self.starts[level - 1].1 && self.counts[level] == 1 {
                break literal;
            }
            self.resolve(literal);
            at -= 1;
        };
        let level = self.levels[point.var()] as usize;
        let (asserted, below) = self.take_clause(point)?;
        let decision = self.trail[self.starts[level - 1].0 as usize];
        let mut flipped = None;
        if level <= flip {
            flipped = Some(asserted);
            if point != decision {
                while at > 0
                    && self.levels[self.trail[at - 1].var()] as usize == level
                    && self.trail[at - 1] != decision
                {
                    let literal = self.trail[at - 1];
                    if self.seen[literal.var()] {
                        self.resolve(literal);
                    }
                    at -= 1;
                }
                flipped = Some(self.take_clause(decision)?.0);
            }
        }
        self.forget();
        Ok(Some(Lesson { level, asserted, flipped, below }))
    }

    /// A false literal of the clause at hand.
    fn see(&mut self, literal: Lit) {
        let variable = literal.var();
        let level = self.levels[variable] as usize;
        if level == 0 || self.seen[variable] {
            return;
        }
        self.seen[variable] = true;
        self.counts[level] += 1;
        self.touched.push(literal.variable());
        self.activity[variable] += self.bump;
    }

    fn resolve(&mut self, literal: Lit) {
        let variable = literal.var();
        self.seen[variable] = false;
        self.counts[self.levels[variable] as usize] -= 1;
        let reason = self.reasons[variable];
        debug_assert!(reason != Reason::DECISION);
        if reason == Reason::UNIT {
            return;
        }
        if reason.0 & 1 == 1 {
            return self.see(Lit::from_code(reason.0 >> 1));
        }
        let clause = (reason.0 >> 1) as usize;
        self.arena[clause + USED] = 2;
        for at in clause + HEADER..clause + HEADER + self.arena[clause] as usize {
            let other = Lit::from_code(self.arena[at]);
            if other != literal {
                self.see(other);
            }
        }
    }

    /// Whether a seen literal follows from the other seen ones.
    fn is_redundant(&self, literal: Lit) -> bool {
        let reason = self.reasons[literal.var()];
        let known = |other: Lit| self.seen[other.var()] || self.levels[other.var()] == 0;
        if reason == Reason::DECISION {
            return false;
        }
        if reason == Reason::UNIT {
            return true;
        }
        if reason.0 & 1 == 1 {
            return known(Lit::from_code(reason.0 >> 1));
        }
        let clause = (reason.0 >> 1) as usize;
        let literals = &self.arena[clause + HEADER..clause + HEADER + self.arena[clause] as usize];
        literals.iter().map(|&code| Lit::from_code(code)).all(|other| other.var() == literal.var() || known(other))
    }

    /// Keeps the clause of what is seen, `point` being the one literal of its level: that the negation of it holds. Answers
    /// this and the highest other level.
    fn take_clause(&mut self, point: Lit) -> Result<((Lit, Reason), usize), OutOfMemory> {
        let mut clause = std::mem::take(&mut self.clause);
        clause.clear();
        clause.push(!point);
        for &variable in &self.touched {
            let negative = Lit::new(variable, false);
            let literal = if self.value(negative) == -1 { negative } else { !negative };
            if self.seen[variable as usize] && variable != point.variable() {
                if self.is_redundant(literal) {
                    // It stays seen, so that others follow from it: reasons go down the trail, never round.
                    continue;
                }
                clause.push(literal);
            }
        }
        clause[1..].sort_unstable();
        let mut below = 0;
        if clause.len() > 1 {
            let level = |literal: &Lit| self.levels[literal.var()];
            let highest = (1..clause.len()).max_by_key(|&at| level(&clause[at])).unwrap_or(1);
            clause.swap(1, highest);
            below = level(&clause[1]) as usize;
        }
        let reason = match clause.len() {
            1 => {
                self.units.push(clause[0]);
                Reason::UNIT
            }
            _ => {
                self.stamp += 1;
                let mut glue = 0;
                for literal in &clause {
                    let level = self.levels[literal.var()] as usize;
                    if self.stamps[level] != self.stamp {
                        self.stamps[level] = self.stamp;
                        glue += 1;
                    }
                }
                self.attach(&clause, glue)?
            }
        };
        self.clause = clause;
        Ok(((!point, reason), below))
    }

    fn forget(&mut self) {
        for &variable in &self.touched {
            if std::mem::take(&mut self.seen[variable as usize]) {
                self.counts[self.levels[variable as usize] as usize] -= 1;
            }
        }
    }

    /// Drops half of the learnt clauses where there are many.
    pub fn reduce(&mut self) -> Result<(), OutOfMemory> {
        if self.learnt.len() < self.limit {
            return Ok(());
        }
        self.limit += self.limit / 8;
        let mut candidates = Vec::new();
        for &clause in &self.learnt {
            let at = clause as usize;
            let first = Lit::from_code(self.arena[at + HEADER]);
            let second = Lit::from_code(self.arena[at + HEADER + 1]);
            let is_reason = |l: Lit| self.value(l) == 1 && self.reasons[l.var()] == Reason::clause(clause);
            if self.arena[at + GLUE] > 2 && !is_reason(first) && !is_reason(second) {
                candidates.push(clause);
            }
        }
        let arena = &self.arena;
        candidates.sort_by_key(|&c| (arena[c as usize + USED], std::cmp::Reverse(arena[c as usize + GLUE]), c));
        for &clause in &candidates[..candidates.len() / 2] {
            // Length 0: gone.
            let words = self.arena[clause as usize];
            self.arena[clause as usize + USED] = words;
            self.arena[clause as usize] = 0;
        }
        self.compact()
    }

    /// Moves the clauses together.
    fn compact(&mut self) -> Result<(), OutOfMemory> {
        let (mut from, mut to) = (0, 0);
        let mut moves: Vec<(u32, u32)> = Vec::new();
        while from < self.arena.len() {
            let length = self.arena[from] as usize;
            if length == 0 {
                from += HEADER + self.arena[from + USED] as usize;
                continue;
            }
            let words = HEADER + length;
            self.arena.copy_within(from..from + words, to);
            if self.arena[to + GLUE] > 0 {
                let used = &mut self.arena[to + USED];
                *used = used.saturating_sub(1);
            }
            if moves.len() == moves.capacity() {
                moves.try_reserve(moves.len() + 16).map_err(|_| OutOfMemory::Allocator { bytes: 64 })?;
            }
            moves.push((from as u32, to as u32));
            from += words;
            to += words;
        }
        self.arena.truncate(to);
        let moved = |clause: u32| moves.binary_search_by_key(&clause, |m| m.0).ok().map(|at| moves[at].1);
        for list in &mut self.watches {
            list.retain_mut(|watch| match moved(watch.clause) {
                Some(place) => {
                    watch.clause = place;
                    true
                }
                None => false,
            });
        }
        self.learnt.retain_mut(|clause| match moved(*clause) {
            Some(place) => {
                *clause = place;
                true
            }
            None => false,
        });
        for literal in &self.trail {
            let reason = &mut self.reasons[literal.var()];
            if reason.0 & 1 == 0 && *reason != Reason::UNIT {
                // Reasons were kept.
                *reason = moved(reason.0 >> 1).map_or(Reason::UNIT, Reason::clause);
            }
        }
        Ok(())
    }
}
