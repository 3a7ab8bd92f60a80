//! One dense system of parity constraints in reduced form, kept reduced in search.
//!
//! Every row has a *basic* variable, which stands in no other row, and watches a second one. While both are open the
//! row implies nothing. When the basic variable is assigned, another open one takes its place and is eliminated from
//! all other rows, as the simplex method exchanges a basic variable. Where only one open variable is left, the row
//! implies it. Rows change only by adding a row with an open variable that both have, and so a row without open
//! variables never changes: what was implied can be explained from it later, and backtracking changes no row.

use super::Output;
use crate::sat::propagator::Trail;

pub(super) const NONE: u32 = u32::MAX;

/// The room a matrix needs: bytes.
pub(super) fn bytes(rows: usize, columns: usize) -> u64 {
    let words = words(columns) as u64;
    (rows as u64) * (8 * words + 16) + 8 * 3 * words + 20 * columns as u64
}

/// A column more: the right side stands in the last one.
fn words(columns: usize) -> usize {
    (columns + 1).div_ceil(64)
}

/// Why a system has no matrix.
pub(super) enum Without {
    /// It would be too large or take too long, or there was no memory for it.
    Room,
    /// Its rows contradict each other.
    Solution,
}

#[derive(Debug)]
pub(super) struct Matrix {
    /// `u64`s a row.
    words: usize,
    /// Row by row. The last column is the right side.
    bits: Vec<u64>,
    /// Columns that are not assigned.
    open: Vec<u64>,
    /// Columns that are true; the right side always is, so that a row holds where it has an even number of these.
    truth: Vec<u64>,
    /// The row that is added to others.
    pivot: Vec<u64>,
    /// By column.
    variables: Vec<u32>,
    /// By column: the row in which it is basic.
    row_of: Vec<u32>,
    /// By column: the row that implied it.
    reason: Vec<u32>,
    /// By column: its place on the log, while it is assigned.
    order: Vec<u32>,
    /// By column: the first row that watches it. `next` and `previous` link the rows.
    head: Vec<u32>,
    basic: Vec<u32>,
    watch: Vec<u32>,
    next: Vec<u32>,
    previous: Vec<u32>,
    /// The tag of row 0.
    first_tag: u32,
}

impl Matrix {
    /// A matrix over these variables without rows; `None` where there is no memory for so many rows.
    pub fn new(variables: Vec<u32>, rows: usize, first_tag: u32) -> Option<Self> {
        let columns = variables.len();
        let words = words(columns);
        let mut open = filled(words, 0u64)?;
        let mut truth = filled(words, 0u64)?;
        for column in 0..columns {
            open[column / 64] |= 1 << (column % 64);
        }
        truth[columns / 64] |= 1 << (columns % 64);
        Some(Matrix {
            words,
            bits: reserved(rows.checked_mul(words)?)?,
            open,
            truth,
            pivot: filled(words, 0)?,
            variables,
            row_of: filled(columns, NONE)?,
            reason: filled(columns, NONE)?,
            order: filled(columns, 0)?,
            head: filled(columns, NONE)?,
            basic: reserved(rows)?,
            watch: reserved(rows)?,
            next: reserved(rows)?,
            previous: reserved(rows)?,
            first_tag,
        })
    }

    pub fn rows(&self) -> usize {
        self.basic.len()
    }

    pub fn variables(&self) -> &[u32] {
        &self.variables
    }

    pub fn first_tag(&self) -> u32 {
        self.first_tag
    }

    /// Adds a row. Within what was asked for at [`Matrix::new`]; before [`Matrix::reduce`].
    pub fn push(&mut self, columns: impl Iterator<Item = usize>, odd: bool) {
        let start = self.bits.len();
        self.bits.resize(start + self.words, 0);
        let right = self.variables.len();
        let row = &mut self.bits[start..];
        for column in columns {
            row[column / 64] |= 1 << (column % 64);
        }
        row[right / 64] |= u64::from(odd) << (right % 64);
    }

    /// Brings the rows into reduced form and drops those that follow from others, if no more than so many words have to
    /// be visited. The least frequent variable of a row becomes its basic one, where `counts` says how many rows have
    /// it, by column: it is to be eliminated from few rows.
    pub fn reduce(&mut self, counts: &[u32], most: u64, eliminations: &mut u64) -> Result<(), Without> {
        let rows = self.bits.len() / self.words;
        let mut kept = 0;
        let mut visited = 0;
        for row in 0..rows {
            let start = row * self.words;
            let least = self.columns(row).min_by_key(|&c| counts[c]);
            let Some(column) = least else {
                if self.bits[start..start + self.words].iter().any(|&w| w != 0) {
                    return Err(Without::Solution);
                }
                continue;
            };
            if visited > most {
                return Err(Without::Room);
            }
            self.pivot.copy_from_slice(&self.bits[start..start + self.words]);
            let (word, mask) = (column / 64, 1u64 << (column % 64));
            // The rows between `kept` and `row` were moved or are empty.
            for other in (0..kept).chain(row + 1..rows) {
                let other = &mut self.bits[other * self.words..(other + 1) * self.words];
                if other[word] & mask != 0 {
                    add(other, &self.pivot);
                    *eliminations += 1;
                    visited += self.words as u64;
                }
            }
            visited += rows as u64;
            self.bits.copy_within(start..start + self.words, kept * self.words);
            self.row_of[column] = kept as u32; // fewer than 2^30 rows: each has a variable of its own
            self.basic.push(column as u32);
            self.watch.push(NONE);
            self.next.push(NONE);
            self.previous.push(NONE);
            kept += 1;
        }
        self.bits.truncate(kept * self.words);
        Ok(())
    }

    /// After [`Matrix::reduce`]: watches every row, or finds what it implies.
    pub fn start(&mut self, out: &mut Output<'_>) {
        for row in 0..self.rows() {
            match self.find_open(row, self.basic[row], 0) {
                Some(column) => self.link(row, column),
                None => self.imply(row, self.basic[row], out),
            }
        }
    }

    /// 1, -1 or 0 as the column is true, false or open.
    #[inline]
    pub fn value(&self, column: u32) -> i8 {
        match (self.is_open(column), self.truth[column as usize / 64] >> (column % 64) & 1) {
            (true, _) => 0,
            (false, 1) => 1,
            _ => -1,
        }
    }

    /// The row that implied this column, or [`NONE`].
    pub fn reason(&self, column: u32) -> u32 {
        self.reason[column as usize]
    }

    /// `order` is the column's place on the log.
    #[inline]
    pub fn assign(&mut self, column: u32, value: bool, order: u32) {
        let (word, bit) = (column as usize / 64, column % 64);
        self.open[word] &= !(1 << bit);
        self.truth[word] |= u64::from(value) << bit;
        self.order[column as usize] = order;
    }

    #[inline]
    pub fn unassign(&mut self, column: u32) {
        let (word, bit) = (column as usize / 64, column % 64);
        self.open[word] |= 1 << bit;
        self.truth[word] &= !(1 << bit);
        self.reason[column as usize] = NONE;
    }

    /// Restores the form after `column` was assigned. Answers a row that is violated, if this found one.
    pub fn process(&mut self, column: u32, out: &mut Output<'_>) -> Option<u32> {
        let row = self.row_of[column as usize];
        if row == NONE {
            self.walk(column, out);
            return None;
        }
        // Nothing is open in a row that implied its basic variable.
        if self.reason[column as usize] == row { None } else { self.leave(row, column, out) }
    }

    /// A variable that is not basic was assigned: the rows that watch it look for another one.
    fn walk(&mut self, column: u32, out: &mut Output<'_>) {
        let mut row = self.head[column as usize];
        while row != NONE {
            let r = row as usize;
            row = self.next[r];
            let basic = self.basic[r];
            if let Some(other) = self.find_open(r, basic, column as usize / 64) {
                self.unlink(r);
                self.link(r, other);
            } else if self.is_open(basic) {
                self.imply(r, basic, out);
            }
            // Otherwise the basic variable was assigned as well and is still to be processed, or was implied.
        }
    }

    /// The basic variable of `row` was assigned.
    fn leave(&mut self, row: u32, leaving: u32, out: &mut Output<'_>) -> Option<u32> {
        let r = row as usize;
        let Some(first) = self.find_open(r, leaving, 0) else {
            return self.is_odd(r).then_some(row);
        };
        let Some(second) = self.find_open(r, first, first as usize / 64) else {
            self.imply(r, first, out);
            return None;
        };
        // The watch stays: it is open, or it was assigned and is still to be processed.
        let entering = if self.watch[r] == first { second } else { first };
        self.row_of[leaving as usize] = NONE;
        self.row_of[entering as usize] = row;
        self.basic[r] = entering;
        self.eliminate(r, entering, leaving, out);
        None
    }

    /// Takes `entering`, now basic in `row`, out of all other rows.
    fn eliminate(&mut self, row: usize, entering: u32, leaving: u32, out: &mut Output<'_>) {
        let words = self.words;
        self.pivot.copy_from_slice(&self.bits[row * words..(row + 1) * words]);
        let (word, mask) = (entering as usize / 64, 1u64 << (entering % 64));
        for other in 0..self.rows() {
            if self.bits[other * words + word] & mask != 0 && other != row {
                add(&mut self.bits[other * words..(other + 1) * words], &self.pivot);
                out.statistics.eliminations += 1;
                self.settle(other, leaving, out);
            }
        }
    }

    /// Finds a watch for a changed row. Where nothing is open, `leaving` is it, which was in no other row before, and is
    /// in all that were changed: nothing in them was assigned on a higher level.
    fn settle(&mut self, row: usize, leaving: u32, out: &mut Output<'_>) {
        let watch = self.watch[row];
        if watch != NONE && self.is_open(watch) && self.bit(row, watch) {
            return;
        }
        self.unlink(row);
        let basic = self.basic[row];
        if let Some(other) = self.find_open(row, basic, 0) {
            self.link(row, other);
            return;
        }
        self.link(row, leaving);
        if self.is_open(basic) {
            self.imply(row, basic, out);
        }
        // Otherwise the basic variable is still to be processed: had it been, an open one would have taken its place,
        // as the row had one before it was changed.
    }

    /// All but `column` is assigned in `row`.
    fn imply(&mut self, row: usize, column: u32, out: &mut Output<'_>) {
        let value = self.is_odd(row);
        self.reason[column as usize] = row as u32;
        self.assign(column, value, out.place());
        let variable = self.variables[column as usize].cast_signed();
        out.implied(column, if value { variable } else { -variable }, self.first_tag + row as u32);
    }

    /// Of a violated row: the literal that became false last.
    pub fn last_false(&self, row: u32) -> i32 {
        let last = self.columns(row as usize).max_by_key(|&c| self.order[c]);
        last.map_or(0, |c| self.false_literal(c))
    }

    /// Of a violated row: the place on the log of what was assigned last.
    pub fn last_order(&self, row: u32) -> u32 {
        self.columns(row as usize).map(|c| self.order[c]).max().unwrap_or(0)
    }

    fn false_literal(&self, column: usize) -> i32 {
        let variable = self.variables[column].cast_signed();
        if self.truth[column / 64] >> (column % 64) & 1 == 1 { -variable } else { variable }
    }

    /// Appends `literal` and the other literals of the row, which are false. Answers false where the row does not
    /// explain `literal`.
    pub fn explain(&self, row: u32, literal: i32, trail: &Trail, clause: &mut Vec<i32>) -> bool {
        let variable = literal.unsigned_abs();
        clause.push(literal);
        // Right side and the true ones of the others: the literal must make their sum even.
        let mut odd = self.right(row as usize);
        let mut found = false;
        for column in self.columns(row as usize) {
            let other = self.variables[column];
            if other == variable {
                found = true;
                continue;
            }
            let positive = other.cast_signed();
            match trail.value(positive) {
                1 => clause.push(-positive),
                -1 => clause.push(positive),
                _ => return false,
            }
            odd ^= trail.value(positive) == 1;
        }
        found && odd == (literal > 0)
    }

    fn right(&self, row: usize) -> bool {
        let right = self.variables.len();
        self.bits[row * self.words + right / 64] >> (right % 64) & 1 == 1
    }

    /// The columns of a row, without the right side.
    fn columns(&self, row: usize) -> impl Iterator<Item = usize> {
        let right = self.variables.len();
        let words = self.bits[row * self.words..(row + 1) * self.words].iter().enumerate();
        words.flat_map(|(i, &word)| Bits(word).map(move |b| 64 * i + b)).filter(move |&c| c != right)
    }

    #[inline]
    fn is_open(&self, column: u32) -> bool {
        self.open[column as usize / 64] >> (column % 64) & 1 == 1
    }

    #[inline]
    fn bit(&self, row: usize, column: u32) -> bool {
        self.bits[row * self.words + column as usize / 64] >> (column % 64) & 1 == 1
    }

    /// Whether the right side and the true variables of the row sum to 1.
    #[inline]
    fn is_odd(&self, row: usize) -> bool {
        let row = &self.bits[row * self.words..(row + 1) * self.words];
        row.iter().zip(&self.truth).fold(0, |sum, (a, b)| sum ^ (a & b)).count_ones() % 2 == 1
    }

    /// An open column of the row other than `not`, looked for from word `from` on, then from the beginning.
    #[inline]
    fn find_open(&self, row: usize, not: u32, from: usize) -> Option<u32> {
        let row = &self.bits[row * self.words..(row + 1) * self.words];
        let (not_word, not_mask) = (not as usize / 64, 1u64 << (not % 64));
        for i in (from..self.words).chain(0..from) {
            let mut found = row[i] & self.open[i];
            if i == not_word {
                found &= !not_mask;
            }
            if found != 0 {
                return Some(64 * i as u32 + found.trailing_zeros());
            }
        }
        None
    }

    /// At the fixpoint: a row has two open columns, its basic one, which is in no other row, and the watched one, or it
    /// has none and holds.
    #[cfg(test)]
    pub fn check(&self) {
        for row in 0..self.rows() {
            let (basic, watch) = (self.basic[row], self.watch[row]);
            assert!(self.bit(row, basic) && self.row_of[basic as usize] == row as u32);
            assert!((0..self.rows()).all(|other| other == row || !self.bit(other, basic)));
            if watch != NONE {
                assert!(self.bit(row, watch) && watch != basic);
                let mut list = self.head[watch as usize];
                while list != row as u32 {
                    list = self.next[list as usize];
                }
            }
            if self.find_open(row, NONE, 0).is_some() {
                assert!(watch != NONE && self.is_open(basic) && self.is_open(watch), "row {row} watches {watch}");
            } else {
                assert!(!self.is_odd(row));
            }
        }
    }

    fn link(&mut self, row: usize, column: u32) {
        let head = &mut self.head[column as usize];
        self.watch[row] = column;
        self.next[row] = *head;
        self.previous[row] = NONE;
        if *head != NONE {
            self.previous[*head as usize] = row as u32;
        }
        *head = row as u32;
    }

    fn unlink(&mut self, row: usize) {
        let column = self.watch[row];
        if column == NONE {
            return;
        }
        let (next, previous) = (self.next[row], self.previous[row]);
        if next != NONE {
            self.previous[next as usize] = previous;
        }
        if previous == NONE {
            self.head[column as usize] = next;
        } else {
            self.next[previous as usize] = next;
        }
        self.watch[row] = NONE;
    }
}

/// The bits of a word, the lowest first.
struct Bits(u64);

impl Iterator for Bits {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let bit = self.0.trailing_zeros() as usize;
        self.0 &= self.0 - 1;
        Some(bit)
    }
}

#[inline]
fn add(row: &mut [u64], other: &[u64]) {
    for (a, b) in row.iter_mut().zip(other) {
        *a ^= b;
    }
}

fn reserved<T>(length: usize) -> Option<Vec<T>> {
    let mut array = Vec::new();
    array.try_reserve_exact(length).ok()?;
    Some(array)
}

fn filled<T: Clone>(length: usize, value: T) -> Option<Vec<T>> {
    let mut array = reserved(length)?;
    array.resize(length, value);
    Some(array)
}
