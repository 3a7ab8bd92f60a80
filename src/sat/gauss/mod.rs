//! Parity constraints in search, by Gauss–Jordan elimination: C.-S. Han and J.-H. R. Jiang, "When Boolean
//! Satisfiability Meets Gaussian Elimination in a Simplex Way", CAV 2012, with reasons that are built only when they
//! are asked for, as in M. Soos, S. Gocht and K. S. Meel, "Tinted, Detached, and Lazy CNF-XOR Solving and its
//! Applications to Counting and Sampling", CAV 2020.
//!
//! Constraints are kept as given ([`store`]). What is searched with is built from them at level 0: variables that
//! are fixed there are put in, constraints that share variables come together, and each such part becomes a dense
//! matrix of `u64` words in reduced row echelon form ([`matrix`]), or stays as it is ([`sparse`]) where it is a single
//! row or too large to hold or to build. At the fixpoint a matrix has said every literal that follows from its constraints and the trail
//! (T. Laitinen, T. Junttila and I. Niemelä, "Extending Clause Learning SAT Solvers with Complete Parity Reasoning",
//! ICTAI 2012): a sum of two or more of its rows has as many open basic variables as rows, so that none but a single
//! row can have just one open variable.
//!
//! What a matrix implies is assigned in it at once, before the search has it, so that one visit finds all of it and
//! no row changes from when it implied something until that is undone. No row changes on backtracking; a log says
//! which columns to open again.
//!
//! Cost, for a matrix of *r* rows and *c* columns: to build it, *r²c* / 64 steps at most; an assigned basic variable,
//! *r* plus *c* / 64 for each row that is changed; another variable, *c* / 64 for each row that watches it; an assignment
//! undone, a step; a reason, *c*.

mod build;
mod matrix;
#[cfg(test)]
mod search_tests;
mod sparse;
mod store;
#[cfg(test)]
mod tests;

use super::propagator::{Found, Halt, Keep, Propagator, Queue, Trail};
use crate::error::OutOfMemory;
use matrix::{Matrix, NONE};
use sparse::Sparse;
use store::Store;

/// Bytes that all matrices may take, unless [`Gauss::set_matrix_limit`] says otherwise: one of 20,000 sparse rows and as
/// many columns.
const MATRIX_BYTES: u64 = 64 << 20;

/// Words that may be visited to build one matrix, for each byte of that limit, as this cannot be interrupted: 2^30 words
/// take about 1.6 s. A dense system of *n* rows and columns visits *n*³ / 128 (measured: 6000 rows, 2.5 s).
const WORK: u64 = 16;

/// The tag of literals that are said because the constraints contradict each other at level 0.
const CONTRADICTION: u32 = u32::MAX;

/// What was done since the beginning, but for the first five, which tell what is there now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Statistics {
    /// Constraints.
    pub xors: u64,
    /// Matrices.
    pub matrices: u64,
    /// Their rows.
    pub rows: u64,
    /// Their columns.
    pub columns: u64,
    /// Constraints that are propagated one by one, without elimination.
    pub sparse: u64,
    /// How often matrices were built.
    pub builds: u64,
    /// Literals found.
    pub propagations: u64,
    /// Violated constraints, or sums of them, found.
    pub conflicts: u64,
    /// Reasons built.
    pub reasons_asked: u64,
    /// Their literals.
    pub reason_literals: u64,
    /// Rows added to rows.
    pub eliminations: u64,
    /// Assignments that violated a constraint and were seen only when they were complete. None is expected.
    pub late: u64,
}

/// Why a search was ended from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No memory for the constraints.
    Memory(OutOfMemory),
    /// A reason was asked for that does not exist: the trail is not the one that was read.
    Reason,
}

/// Where a variable is: in a matrix, by its column, or among the sparse rows, by its index.
#[derive(Debug, Clone, Copy)]
struct Place {
    matrix: u32,
    column: u32,
}

/// In place of a matrix.
const SPARSE: u32 = NONE - 1;
const NOWHERE: Place = Place { matrix: NONE, column: NONE };

/// A column that was assigned. It is undone when the trail becomes shorter than `length`.
#[derive(Debug, Clone, Copy)]
struct Entry {
    matrix: u32,
    column: u32,
    length: u32,
}

/// A conflict that was told: there is nothing more to say until the trail becomes shorter than `length`.
#[derive(Debug, Clone, Copy)]
struct Stuck {
    literal: i32,
    tag: u32,
    length: u32,
}

/// What a matrix writes to while it works.
struct Output<'a> {
    log: &'a mut Vec<Entry>,
    queue: &'a mut Queue,
    statistics: &'a mut Statistics,
    matrix: u32,
    length: u32,
}

impl Output<'_> {
    /// Where the next implied column will stand on the log.
    #[inline]
    fn place(&self) -> u32 {
        self.log.len() as u32
    }

    #[inline]
    fn implied(&mut self, column: u32, literal: i32, tag: u32) {
        self.log.push(Entry { matrix: self.matrix, column, length: self.length });
        self.queue.push(literal, tag);
        self.statistics.propagations += 1;
    }
}

/// Parity constraints as a part of the search.
#[derive(Debug, Default)]
pub(crate) struct Gauss {
    store: Store,
    /// By variable.
    places: Vec<Place>,
    matrices: Vec<Matrix>,
    sparse: Sparse,
    /// Columns in the order in which they were assigned. It has room for all.
    log: Vec<Entry>,
    /// How much of the log was processed.
    processed: usize,
    /// How much of the trail was read.
    read: usize,
    stuck: Option<Stuck>,
    /// The constraints changed since the matrices were built.
    changed: bool,
    /// Where there is one, the constraints say nothing unless it is true.
    guard: Option<i32>,
    matrix_limit: Option<u64>,
    /// Used by `check_model`.
    clause: Vec<i32>,
    statistics: Statistics,
    failure: Option<Failure>,
}

impl Gauss {
    /// Without constraints.
    #[cfg(test)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes that all matrices may take together; what does not fit, or would take too long to build for its size, is
    /// propagated without elimination.
    #[cfg(test)]
    pub fn set_matrix_limit(&mut self, bytes: u64) {
        self.matrix_limit = Some(bytes);
        self.changed = true;
    }

    /// Adds the constraint that the literals sum to `rhs` modulo 2, and answers its id for [`Gauss::remove`]. Between
    /// searches. A negated literal flips the sum and what stands there twice cancels; without literals it is nothing,
    /// or a contradiction.
    pub fn add(&mut self, literals: &[i32], rhs: bool) -> Result<u32, OutOfMemory> {
        let max = literals.iter().map(|l| l.unsigned_abs()).max().unwrap_or(0) as usize;
        let missing = (max + 1).saturating_sub(self.places.len());
        room(&mut self.places, missing)?;
        let id = self.store.add(literals, rhs)?;
        self.places.resize(self.places.len() + missing, NOWHERE);
        self.changed = true;
        Ok(id)
    }

    /// Takes a constraint back, between searches; its id may be given to another one. Answers whether there was one.
    ///
    /// The search keeps what it learned from the constraint, clauses and fixed literals. That is right only where the
    /// constraint has a variable that occurs nowhere else, will not occur, and is assumed or left open, never fixed:
    /// with it open, the constraint says nothing about the other variables, and neither does what was learned.
    #[cfg(test)]
    pub fn remove(&mut self, id: u32) -> bool {
        let removed = self.store.remove(id);
        self.changed |= removed;
        removed
    }

    /// Takes all constraints back, between searches, for others that hold under `guard` alone: a literal that is in no
    /// constraint and that the search has not heard of yet.
    ///
    /// All that is learned from them has the guard's negation in it, and is worth nothing once that holds. The guard is to be
    /// the search's first decision: each time it is taken back the matrices are built anew, since what they imply by
    /// themselves they imply on its level.
    pub fn guard(&mut self, guard: i32) {
        self.store.clear();
        self.guard = Some(guard);
        self.changed = true;
    }

    fn is_asleep(&self, trail: &Trail) -> bool {
        self.guard.is_some_and(|guard| trail.value(guard) <= 0)
    }

    /// Whether some constraint alone is a contradiction, and has no variable: 0 = 1. Where there is no other constraint
    /// with a variable, this cannot be said in search before an assignment is complete.
    #[cfg(test)]
    pub fn is_contradictory(&self) -> bool {
        self.store.contradiction()
    }

    /// The variables of all constraints, ascending: those to observe.
    #[cfg(test)]
    pub fn variables(&self) -> Result<Vec<u32>, OutOfMemory> {
        let mut all = Vec::new();
        room(&mut all, self.store.occurrences())?;
        all.extend(self.store.iter().flat_map(|row| row.variables));
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }

    /// What was done so far.
    pub fn statistics(&self) -> Statistics {
        Statistics { xors: self.store.len() as u64, ..self.statistics }
    }

    /// Why [`Halt`] was answered.
    pub fn failure(&self) -> Option<Failure> {
        self.failure
    }

    /// Takes what the trail says beyond `read` into the matrices. Answers false at a literal of which a matrix found
    /// the opposite.
    fn read(&mut self, trail: &Trail, queue: &mut Queue) -> bool {
        while let Some(&literal) = trail.literals().get(self.read) {
            let length = self.read as u32 + 1;
            let place = self.places.get(literal.unsigned_abs() as usize).copied().unwrap_or(NOWHERE);
            if place.matrix == SPARSE {
                let places = &self.places;
                let index = |v: u32| places[v as usize].column;
                self.sparse.process(literal.unsigned_abs(), index, trail, queue, &mut self.statistics);
            } else if place.matrix != NONE {
                let matrix = &mut self.matrices[place.matrix as usize];
                match (matrix.value(place.column), literal > 0) {
                    (0, value) => {
                        matrix.assign(place.column, value, self.log.len() as u32);
                        self.log.push(Entry { matrix: place.matrix, column: place.column, length });
                    }
                    (1, true) | (-1, false) => {}
                    _ => {
                        // Only where it was implied here, and the search has not come to it yet.
                        let tag = matrix.first_tag() + matrix.reason(place.column);
                        self.stuck = Some(Stuck { literal: -literal, tag, length });
                        queue.push(-literal, tag);
                        return false;
                    }
                }
            }
            self.read += 1;
        }
        true
    }

    /// Processes what was assigned, up to the fixpoint or the first conflict.
    fn work(&mut self, length: u32, queue: &mut Queue) {
        while let Some(&Entry { matrix, column, .. }) = self.log.get(self.processed) {
            self.processed += 1;
            let m = &mut self.matrices[matrix as usize];
            let statistics = &mut self.statistics;
            let mut out = Output { log: &mut self.log, queue: &mut *queue, statistics, matrix, length };
            if let Some(row) = m.process(column, &mut out) {
                let (literal, tag) = (m.last_false(row), m.first_tag() + row);
                let length = self.log[m.last_order(row) as usize].length;
                self.stuck = Some(Stuck { literal, tag, length });
                self.statistics.conflicts += 1;
                queue.push(literal, tag);
                return;
            }
        }
    }

    fn halt(&mut self, failure: Failure) -> Halt {
        self.failure = Some(failure);
        Halt
    }
}

impl Propagator for Gauss {
    fn propagate(&mut self, trail: &Trail, queue: &mut Queue) -> Result<(), Halt> {
        if self.is_asleep(trail) {
            return Ok(());
        }
        if self.changed {
            self.build(trail, queue).map_err(|why| self.halt(Failure::Memory(why)))?;
        }
        if let Some(stuck) = self.stuck {
            queue.push(stuck.literal, stuck.tag);
            return Ok(());
        }
        // Positions on the trail are below 2^30.
        if self.read(trail, queue) {
            self.work(trail.len() as u32, queue);
        }
        Ok(())
    }

    fn backtrack(&mut self, trail: &Trail, length: usize) {
        let kept = length as u32;
        self.changed |= self.guard.is_some_and(|guard| trail.value(guard) != 0 && trail.position(guard) >= length);
        while let Some(&Entry { matrix, column, length }) = self.log.last() {
            if length <= kept {
                break;
            }
            self.matrices[matrix as usize].unassign(column);
            self.log.pop();
        }
        self.processed = self.processed.min(self.log.len());
        self.read = self.read.min(length);
        self.stuck = self.stuck.filter(|s| s.length <= kept);
    }

    /// A literal that became true at level 0 follows from the constraints and from what was true there, and is its own
    /// reason. That also holds for what was found before the matrices were built anew.
    fn explain(&mut self, literal: i32, tag: u32, trail: &Trail, clause: &mut Vec<i32>) -> Result<(), Halt> {
        let start = clause.len();
        let horizon = trail.horizon(literal);
        let root = if trail.value(literal) > 0 { trail.level_at(horizon) == 0 } else { trail.level() == 0 };
        if root || tag == CONTRADICTION {
            clause.push(literal);
        } else {
            let found = if tag >= self.sparse.first_tag() {
                self.sparse.explain(tag - self.sparse.first_tag(), literal, trail, clause)
            } else {
                let next = self.matrices.partition_point(|m| m.first_tag() <= tag);
                let matrix = &self.matrices[next - 1];
                matrix.explain(tag - matrix.first_tag(), literal, trail, clause)
            };
            if !found {
                clause.truncate(start);
                return Err(self.halt(Failure::Reason));
            }
        }
        clause.extend(self.guard.map(|guard| -guard));
        self.statistics.reasons_asked += 1;
        self.statistics.reason_literals += (clause.len() - start) as u64;
        Ok(())
    }

    /// Every constraint once more, as it was given: this does not rely on any matrix.
    fn check_model(&mut self, trail: &Trail, found: &mut Found<'_>) -> Result<bool, Halt> {
        if self.is_asleep(trail) {
            return Ok(true);
        }
        let value = |v: u32| trail.value(v.cast_signed());
        let mut holds = true;
        for row in self.store.iter() {
            let odd = row.variables.iter().fold(false, |sum, &v| sum ^ (value(v) == 1));
            if odd != row.odd {
                let falsified = |&v: &u32| if value(v) == 1 { -v.cast_signed() } else { v.cast_signed() };
                self.clause.clear();
                self.clause.extend(row.variables.iter().map(falsified));
                self.clause.extend(self.guard.map(|guard| -guard));
                found.clause(&self.clause, Keep::WhileUseful);
                self.statistics.late += 1;
                holds = false;
            }
        }
        Ok(holds)
    }

    fn bytes(&self) -> u64 {
        let matrices: u64 = self.matrices.iter().map(|m| matrix::bytes(m.rows(), m.variables().len())).sum();
        let arrays = self.places.capacity() * size_of::<Place>() + self.log.capacity() * size_of::<Entry>();
        self.store.bytes() + self.sparse.bytes() + matrices + arrays as u64
    }

    fn name(&self) -> &'static str {
        "parity constraints"
    }
}

/// Makes room for `more` elements.
fn room<T>(array: &mut Vec<T>, more: usize) -> Result<(), OutOfMemory> {
    let bytes = more.saturating_mul(size_of::<T>()) as u64;
    array.try_reserve(more).map_err(|_| OutOfMemory::Allocator { bytes })
}
