//! Clauses in two flat arrays: literals, and where each clause ends.

use super::FormulaError;
use crate::error::OutOfMemory;

/// A sequence of clauses: 4 bytes a literal, 8 a clause.
#[derive(Debug, Default)]
pub struct Clauses {
    literals: Vec<i32>,
    /// `ends[i]` is where clause `i` ends; it begins where the one before it ends.
    ends: Vec<usize>,
}

impl Clauses {
    /// No clauses.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many clauses there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Literals of all clauses.
    #[must_use]
    pub fn num_literals(&self) -> usize {
        self.literals.len()
    }

    /// Bytes held.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        (self.literals.capacity() * size_of::<i32>() + self.ends.capacity() * size_of::<usize>()) as u64
    }

    /// The literals of clause `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&[i32]> {
        let end = *self.ends.get(index)?;
        let begin = if index == 0 { 0 } else { self.ends[index - 1] };
        Some(&self.literals[begin..end])
    }

    /// The clauses in order.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter { clauses: self, begin: 0, index: 0 }
    }

    /// The clauses `first..end` in bulk, without going through them: all literals, where the first of these clauses
    /// begins in them, and where each of these ends.
    #[must_use]
    pub fn raw(&self, first: usize, end: usize) -> (&[i32], usize, &[usize]) {
        let begin = if first == 0 { 0 } else { self.ends[first - 1] };
        (&self.literals, begin, &self.ends[first..end])
    }

    /// A copy.
    pub(super) fn try_clone(&self) -> Result<Self, OutOfMemory> {
        let mut copy = Clauses::new();
        copy.reserve_exact(self.literals.len(), self.ends.len(), u64::MAX)?;
        copy.literals.extend_from_slice(&self.literals);
        copy.ends.extend_from_slice(&self.ends);
        Ok(copy)
    }

    /// Makes room for so many more literals and clauses, and no more.
    pub(super) fn reserve_exact(&mut self, literals: usize, clauses: usize, limit: u64) -> Result<(), OutOfMemory> {
        let more = |v_len: usize, v_cap: usize, n: usize| v_len.saturating_add(n).max(v_cap) as u64;
        let bytes = more(self.literals.len(), self.literals.capacity(), literals)
            .saturating_mul(4)
            .saturating_add(more(self.ends.len(), self.ends.capacity(), clauses).saturating_mul(8));
        if bytes > limit {
            return Err(OutOfMemory::Limit { bytes, limit });
        }
        let refused = |_| OutOfMemory::Allocator { bytes };
        self.literals.try_reserve_exact(literals).map_err(refused)?;
        self.ends.try_reserve_exact(clauses).map_err(refused)
    }

    /// Makes room for so many more, amortised: where an array must move, it grows by half, or as far as `limit`
    /// allows. (Half rather than double: a large file read clause by clause peaks lower.)
    pub(super) fn reserve(&mut self, literals: usize, clauses: usize, limit: u64) -> Result<(), OutOfMemory> {
        let short = |len: usize, cap: usize, n: usize| cap - len < n;
        let grow_literals = short(self.literals.len(), self.literals.capacity(), literals);
        let grow_ends = short(self.ends.len(), self.ends.capacity(), clauses);
        if !grow_literals && !grow_ends {
            return Ok(());
        }
        let half = |v_len: usize, n: usize| n.max(v_len / 2).max(16);
        let l = if grow_literals { half(self.literals.len(), literals) } else { literals };
        let c = if grow_ends { half(self.ends.len(), clauses) } else { clauses };
        // Near the limit the steps halve, so that the last bytes do not cost a move each.
        let (mut l, mut c) = (l, c);
        while l > literals || c > clauses {
            if self.reserve_exact(l, c, limit).is_ok() {
                return Ok(());
            }
            (l, c) = (literals.max(l / 2), clauses.max(c / 2));
        }
        self.reserve_exact(literals, clauses, limit)
    }

    /// Appends a literal to the clause that [`Clauses::close`] will end.
    #[inline]
    pub(crate) fn open(&mut self, literal: i32, limit: u64) -> Result<(), OutOfMemory> {
        if self.literals.len() == self.literals.capacity() {
            self.reserve(1, 0, limit)?;
        }
        self.literals.push(literal);
        Ok(())
    }

    /// Whether literals wait for [`Clauses::close`].
    pub(super) fn is_open(&self) -> bool {
        self.ends.last().copied().unwrap_or(0) != self.literals.len()
    }

    /// Makes a clause of the literals since the last one.
    #[inline]
    pub(crate) fn close(&mut self, limit: u64) -> Result<(), OutOfMemory> {
        if self.ends.len() == self.ends.capacity() {
            self.reserve(0, 1, limit)?;
        }
        self.ends.push(self.literals.len());
        Ok(())
    }

    /// Appends a clause; its index is answered. Nothing changes where memory is short.
    pub(crate) fn push(&mut self, literals: &[i32], limit: u64) -> Result<u64, OutOfMemory> {
        self.reserve(literals.len(), 1, limit)?;
        self.literals.extend_from_slice(literals);
        self.ends.push(self.literals.len());
        Ok(self.ends.len() as u64 - 1)
    }

    /// Forgets all clauses but the first `len`.
    pub(super) fn truncate(&mut self, len: usize) {
        self.ends.truncate(len);
        self.literals.truncate(self.ends.last().copied().unwrap_or(0));
    }

    /// Hands back the room that is not used.
    pub(super) fn shrink(&mut self) {
        self.ends.shrink_to_fit();
        self.literals.shrink_to_fit();
    }

    /// Appends clauses with checked offsets; the first one's index is answered.
    pub(super) fn push_many(&mut self, literals: &[i32], offsets: &[usize], limit: u64) -> Result<u64, OutOfMemory> {
        let first = self.ends.len() as u64;
        self.reserve(literals.len(), offsets.len().saturating_sub(1), limit)?;
        let base = self.literals.len();
        self.literals.extend_from_slice(literals);
        self.ends.extend(offsets.iter().skip(1).map(|o| base + o));
        Ok(first)
    }
}

/// Offsets start at 0, never decrease and end at `items`, the number of what they point into.
pub(super) fn check_offsets(of: &'static str, items: usize, offsets: &[usize]) -> Result<(), FormulaError> {
    let bad = |index: usize, offset: usize| Err(FormulaError::Offsets { offset, index, of, items });
    match offsets {
        [] => return bad(0, 0),
        [first, ..] if *first != 0 => return bad(0, *first),
        _ => {}
    }
    if let Some(i) = (1..offsets.len()).find(|&i| offsets[i] < offsets[i - 1]) {
        return bad(i, offsets[i]);
    }
    let last = offsets.len() - 1;
    if offsets[last] != items { bad(last, offsets[last]) } else { Ok(()) }
}

/// Goes through clauses in order.
#[derive(Debug, Clone)]
pub struct Iter<'a> {
    clauses: &'a Clauses,
    begin: usize,
    index: usize,
}

impl<'a> Iterator for Iter<'a> {
    type Item = &'a [i32];

    fn next(&mut self) -> Option<&'a [i32]> {
        let end = *self.clauses.ends.get(self.index)?;
        let clause = &self.clauses.literals[self.begin..end];
        self.begin = end;
        self.index += 1;
        Some(clause)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.clauses.ends.len() - self.index;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl<'a> IntoIterator for &'a Clauses {
    type Item = &'a [i32];
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literal_by_literal_is_as_clause_by_clause() {
        let (mut whole, mut parts) = (Clauses::new(), Clauses::new());
        for clause in [&[1, -2, 3][..], &[], &[-1]] {
            whole.push(clause, u64::MAX).unwrap();
            for &literal in clause {
                parts.open(literal, u64::MAX).unwrap();
                assert!(parts.is_open());
            }
            parts.close(u64::MAX).unwrap();
            assert!(!parts.is_open());
        }
        assert!(whole.iter().eq(parts.iter()));
        assert_eq!(parts.len(), 3);
    }

    /// The limit is used up, in few moves, and what does not fit changes nothing.
    #[test]
    fn grows_up_to_the_limit() {
        let limit = 1 << 20;
        let mut clauses = Clauses::new();
        let (mut moves, mut bytes) = (0, 0);
        while clauses.push(&[1], limit).is_ok() {
            moves += u32::from(clauses.bytes() != bytes);
            bytes = clauses.bytes();
        }
        assert!(bytes <= limit && clauses.len() as u64 * 12 > limit * 9 / 10, "{} clauses", clauses.len());
        assert!(moves < 150, "{moves}");
    }
}
