//! The parity constraints as they were given, each over distinct variables. Matrices are built from them.

use super::room;
use crate::error::OutOfMemory;

/// Rows of variables, each with the parity that its true variables must have. 4 bytes a variable and 16 a row; the
/// room of removed rows is taken back once it is the larger part.
#[derive(Debug, Default)]
pub(super) struct Store {
    rows: Vec<Row>,
    variables: Vec<u32>,
    /// Rows that may be used again.
    free: Vec<u32>,
    /// Places in `variables` that no row uses any more.
    wasted: usize,
    /// Rows that say 0 = 1.
    contradictions: usize,
    /// Used by `add`.
    scratch: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    start: usize,
    length: u32,
    odd: bool,
    live: bool,
}

/// A live row.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub variables: &'a [u32],
    pub odd: bool,
}

impl Store {
    /// Keeps a row and answers its id. On failure nothing is changed.
    pub fn add(&mut self, literals: &[i32], mut odd: bool) -> Result<u32, OutOfMemory> {
        room(&mut self.scratch, literals.len())?;
        self.scratch.clear();
        for &literal in literals {
            // ¬x = x + 1
            odd ^= literal < 0;
            self.scratch.push(literal.unsigned_abs());
        }
        cancel_pairs(&mut self.scratch);
        if self.wasted > self.variables.len() / 2 {
            self.compact();
        }
        room(&mut self.variables, self.scratch.len())?;
        room(&mut self.rows, 1)?;
        // So that `remove` needs no memory.
        let missing = (self.rows.len() + 1).saturating_sub(self.free.len());
        room(&mut self.free, missing)?;
        let start = self.variables.len();
        self.variables.extend_from_slice(&self.scratch);
        self.contradictions += usize::from(self.scratch.is_empty() && odd);
        let length = u32::try_from(self.scratch.len()).unwrap_or(u32::MAX); // distinct variables
        let row = Row { start, length, odd, live: true };
        if let Some(id) = self.free.pop() {
            self.rows[id as usize] = row;
            return Ok(id);
        }
        self.rows.push(row);
        Ok(u32::try_from(self.rows.len() - 1).unwrap_or(u32::MAX)) // 2^32 rows take 64 GB
    }

    /// Forgets all rows.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.variables.clear();
        self.free.clear();
        (self.wasted, self.contradictions) = (0, 0);
    }

    /// Forgets a row. Answers whether there was one.
    #[cfg(test)]
    pub fn remove(&mut self, id: u32) -> bool {
        let Some(row) = self.rows.get_mut(id as usize).filter(|r| r.live) else { return false };
        row.live = false;
        self.wasted += row.length as usize;
        self.contradictions -= usize::from(row.length == 0 && row.odd);
        self.free.push(id);
        true
    }

    /// Whether some row says 0 = 1.
    #[cfg(test)]
    pub fn contradiction(&self) -> bool {
        self.contradictions > 0
    }

    pub fn len(&self) -> usize {
        self.rows.len() - self.free.len()
    }

    /// Variables of all rows, each as often as it occurs.
    pub fn occurrences(&self) -> usize {
        self.variables.len() - self.wasted
    }

    pub fn iter(&self) -> impl Iterator<Item = View<'_>> {
        let rows = self.rows.iter().filter(|r| r.live);
        rows.map(|r| View { variables: &self.variables[r.start..r.start + r.length as usize], odd: r.odd })
    }

    pub fn bytes(&self) -> u64 {
        let words = self.variables.capacity() + self.free.capacity() + self.scratch.capacity();
        (words * 4 + self.rows.capacity() * size_of::<Row>()) as u64
    }

    /// Moves the live rows together. Rows are not in the order of their ids where ids were used again.
    fn compact(&mut self) {
        // Used ids in the order of their places; `free` has room for all ids, but it is in use.
        let mut order: Vec<u32> = (0..self.rows.len() as u32).filter(|&id| self.rows[id as usize].live).collect();
        order.sort_unstable_by_key(|&id| self.rows[id as usize].start);
        let mut end = 0;
        for id in order {
            let row = &mut self.rows[id as usize];
            let length = row.length as usize;
            self.variables.copy_within(row.start..row.start + length, end);
            row.start = end;
            end += length;
        }
        self.variables.truncate(end);
        self.wasted = 0;
    }
}

/// Sorts, and takes away what stands there twice: x + x = 0.
fn cancel_pairs(variables: &mut Vec<u32>) {
    variables.sort_unstable();
    let (mut from, mut to) = (0, 0);
    while from < variables.len() {
        if variables.get(from + 1) == Some(&variables[from]) {
            from += 2;
        } else {
            variables[to] = variables[from];
            from += 1;
            to += 1;
        }
    }
    variables.truncate(to);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(store: &Store) -> Vec<(Vec<u32>, bool)> {
        store.iter().map(|r| (r.variables.to_vec(), r.odd)).collect()
    }

    #[test]
    fn negations_flip_and_pairs_cancel() {
        let mut store = Store::default();
        assert_eq!(store.add(&[3, -1, 2], true), Ok(0));
        assert_eq!(store.add(&[5, 4, -5, 5, 5, 5], false), Ok(1));
        assert_eq!(store.add(&[7, 7], false), Ok(2));
        assert!(!store.contradiction());
        assert_eq!(store.add(&[7, -7], false), Ok(3));
        assert!(store.contradiction());
        let want = [(vec![1, 2, 3], false), (vec![4, 5], true), (vec![], false), (vec![], true)];
        assert_eq!(rows(&store), want);
    }

    #[test]
    fn rows_come_and_go() {
        let mut store = Store::default();
        let mut live: Vec<(u32, Vec<u32>)> = Vec::new();
        let mut most = 0;
        for step in 0..10_000u32 {
            let all: Vec<u32> = (1..2 + step % 13).map(|i| i * 7 + step % 5).collect();
            let literals: Vec<i32> = all.iter().map(|&v| v.cast_signed()).collect();
            live.push((store.add(&literals, false).unwrap(), all));
            if live.len() > 20 {
                let (id, _) = live.swap_remove((step * 7919) as usize % live.len());
                assert!(store.remove(id) && !store.remove(id));
            }
            most = most.max(store.bytes());
            assert_eq!(store.len(), live.len());
            assert_eq!(store.occurrences(), live.iter().map(|l| l.1.len()).sum::<usize>());
        }
        let mut have: Vec<Vec<u32>> = store.iter().map(|r| r.variables.to_vec()).collect();
        let mut want: Vec<Vec<u32>> = live.into_iter().map(|l| l.1).collect();
        have.sort_unstable();
        want.sort_unstable();
        assert_eq!(have, want);
        assert!(most < 8192, "{most} bytes");
        assert!(!store.remove(1 << 20));
    }
}
