//! Parity constraints one by one, without elimination: each row watches two of its variables, as in M. Soos, K. Nohl
//! and C. Castelluccia, "Extending SAT Solvers to Cryptographic Problems", SAT 2009, since a row implies something only
//! where at most one variable is open. For rows that share no variable with others, to which elimination has nothing to
//! add, and for systems too large for a matrix. A visit of a row costs its length at worst.

use super::{Statistics, room};
use crate::error::OutOfMemory;
use crate::sat::propagator::{Queue, Trail};

const NONE: u32 = u32::MAX;

#[derive(Debug, Default)]
pub(super) struct Sparse {
    /// Row by row; the first two of each row are watched.
    variables: Vec<u32>,
    rows: Vec<Row>,
    /// By index of a variable: the first watch of it. A watch is twice a row, plus 1 for the second one.
    head: Vec<u32>,
    /// By watch: the next and the previous watch of the same variable.
    next: Vec<u32>,
    previous: Vec<u32>,
    first_tag: u32,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    start: usize,
    length: u32,
    odd: bool,
    /// Where the last watch was found, from `start`: a long row is not read from its beginning each time.
    cursor: u32,
}

impl Sparse {
    /// Forgets everything and makes room.
    pub fn reset(&mut self, rows: usize, occurrences: usize, first_tag: u32) -> Result<(), OutOfMemory> {
        *self = Sparse { first_tag, ..Sparse::default() };
        room(&mut self.rows, rows)?;
        room(&mut self.variables, occurrences)?;
        room(&mut self.next, 2 * rows)?;
        room(&mut self.previous, 2 * rows)?;
        room(&mut self.head, occurrences)
    }

    /// An index for one more variable.
    pub fn new_index(&mut self) -> u32 {
        self.head.push(NONE);
        self.head.len() as u32 - 1
    }

    /// Adds a row of distinct open variables; answers what it implies by itself. `index` gives the index of a variable.
    pub fn push(
        &mut self,
        variables: impl Iterator<Item = u32>,
        odd: bool,
        index: impl Fn(u32) -> u32,
    ) -> Option<(i32, u32)> {
        let start = self.variables.len();
        self.variables.extend(variables);
        let length = (self.variables.len() - start) as u32;
        let row = self.rows.len() as u32;
        self.rows.push(Row { start, length, odd, cursor: 2 });
        self.next.extend([NONE; 2]);
        self.previous.extend([NONE; 2]);
        if length == 1 {
            let variable = self.variables[start].cast_signed();
            return Some((if odd { variable } else { -variable }, self.first_tag + row));
        }
        for side in 0..2 {
            self.link(2 * row + side, index(self.variables[start + side as usize]));
        }
        None
    }

    pub fn bytes(&self) -> u64 {
        let words = self.variables.capacity() + self.head.capacity() + self.next.capacity() + self.previous.capacity();
        (4 * words + self.rows.capacity() * size_of::<Row>()) as u64
    }

    pub fn first_tag(&self) -> u32 {
        self.first_tag
    }

    /// The variable `assigned`, of that index, was assigned. `index` gives the index of any variable of a row.
    pub fn process(
        &mut self,
        assigned: u32,
        index: impl Fn(u32) -> u32,
        trail: &Trail,
        queue: &mut Queue,
        statistics: &mut Statistics,
    ) {
        let mut watch = self.head[index(assigned) as usize];
        while watch != NONE {
            let this = watch;
            watch = self.next[this as usize];
            let Row { start, length, odd, cursor } = self.rows[this as usize / 2];
            let row = &mut self.variables[start..start + length as usize];
            let side = this as usize % 2;
            let cursor = cursor as usize;
            let found = (cursor..row.len()).chain(2..cursor).find(|&i| trail.value(row[i].cast_signed()) == 0);
            if let Some(place) = found {
                row.swap(side, place);
                let other = row[side];
                self.rows[this as usize / 2].cursor = place as u32;
                self.unlink(this, index(assigned));
                self.link(this, index(other));
                continue;
            }
            let other = row[1 - side].cast_signed();
            let sum = |odd, &v: &u32| odd ^ (trail.value(v.cast_signed()) == 1);
            let rest = row.iter().filter(|&&v| v.cast_signed() != other).fold(odd, sum);
            let literal = if rest { other } else { -other };
            match trail.value(literal) {
                1 => {}
                0 => {
                    statistics.propagations += 1;
                    queue.push(literal, self.first_tag + this / 2);
                }
                _ => {
                    statistics.conflicts += 1;
                    queue.push(literal, self.first_tag + this / 2);
                }
            }
        }
    }

    /// As [`super::matrix::Matrix::explain`].
    pub fn explain(&self, row: u32, literal: i32, trail: &Trail, clause: &mut Vec<i32>) -> bool {
        let Row { start, length, mut odd, .. } = self.rows[row as usize];
        clause.push(literal);
        let mut found = false;
        for &variable in &self.variables[start..start + length as usize] {
            let positive = variable.cast_signed();
            if variable == literal.unsigned_abs() {
                found = true;
                continue;
            }
            match trail.value(positive) {
                1 => clause.push(-positive),
                -1 => clause.push(positive),
                _ => return false,
            }
            odd ^= trail.value(positive) == 1;
        }
        found && odd == (literal > 0)
    }

    fn link(&mut self, watch: u32, index: u32) {
        let head = &mut self.head[index as usize];
        self.next[watch as usize] = *head;
        self.previous[watch as usize] = NONE;
        if *head != NONE {
            self.previous[*head as usize] = watch;
        }
        *head = watch;
    }

    fn unlink(&mut self, watch: u32, index: u32) {
        let (next, previous) = (self.next[watch as usize], self.previous[watch as usize]);
        if next != NONE {
            self.previous[next as usize] = previous;
        }
        if previous == NONE {
            self.head[index as usize] = next;
        } else {
            self.next[previous as usize] = next;
        }
    }
}
