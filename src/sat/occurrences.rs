//! Where each literal occurs: one array of entries, sorted by literal, and where each literal's entries begin.

use std::ops::Range;

use crate::error::OutOfMemory;

/// Entries by literal, 8 bytes a literal beside the entries.
#[derive(Debug)]
pub(super) struct Occurrences<T> {
    /// The entries of the literal with index `i` are `starts[i]..starts[i + 1]`.
    starts: Vec<usize>,
    entries: Vec<T>,
}

/// Positive literals are even, negative ones odd, a variable's two side by side.
#[inline]
fn index(literal: i32) -> usize {
    2 * literal.unsigned_abs() as usize + usize::from(literal < 0)
}

impl<T> Default for Occurrences<T> {
    fn default() -> Self {
        Occurrences { starts: Vec::new(), entries: Vec::new() }
    }
}

impl<T: Copy> Occurrences<T> {
    /// Each literal's entries in the order in which they come; `all` is gone through three times.
    pub fn build(all: impl Iterator<Item = (i32, T)> + Clone) -> Result<Self, OutOfMemory> {
        let (mut starts, mut entries) = (Vec::new(), Vec::new());
        let Some((max, filler)) = all.clone().max_by_key(|(literal, _)| literal.unsigned_abs()) else {
            return Ok(Occurrences { starts, entries });
        };
        let length = 2 * max.unsigned_abs() as usize + 3;
        reserve(&mut starts, length)?;
        starts.resize(length, 0);
        for (literal, _) in all.clone() {
            starts[index(literal) + 1] += 1;
        }
        for i in 1..length {
            starts[i] += starts[i - 1];
        }
        let total = starts[length - 1];
        reserve(&mut entries, total)?;
        entries.resize(total, filler);
        // Each start runs up to the next literal's while its entries are put down, and is shifted back afterwards.
        for (literal, entry) in all {
            let start = &mut starts[index(literal)];
            entries[*start] = entry;
            *start += 1;
        }
        starts.copy_within(0..length - 1, 1);
        starts[0] = 0;
        Ok(Occurrences { starts, entries })
    }

    /// The entries of `literal`.
    #[inline]
    pub fn of(&self, literal: i32) -> &[T] {
        &self.entries[self.range(literal)]
    }

    /// Where the entries of `literal` are, for loops that change what is beside.
    #[inline]
    pub fn range(&self, literal: i32) -> Range<usize> {
        match self.starts.get(index(literal)..=index(literal) + 1) {
            Some(&[start, end]) => start..end,
            _ => 0..0,
        }
    }

    /// The entry at a place of [`Occurrences::range`].
    #[inline]
    pub fn at(&self, place: usize) -> T {
        self.entries[place]
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        (self.starts.capacity() * size_of::<usize>() + self.entries.capacity() * size_of::<T>()) as u64
    }
}

/// Room for so many more.
pub(super) fn reserve<T>(list: &mut Vec<T>, more: usize) -> Result<(), OutOfMemory> {
    list.try_reserve(more).map_err(|_| OutOfMemory::Allocator { bytes: more.saturating_mul(size_of::<T>()) as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_by_literal() {
        let all = [(3, 'a'), (-1, 'b'), (3, 'c'), (-3, 'd'), (1, 'e'), (-1, 'f')];
        let occurrences = Occurrences::build(all.iter().copied()).unwrap();
        assert_eq!(occurrences.of(1), ['e']);
        assert_eq!(occurrences.of(-1), ['b', 'f']);
        assert_eq!(occurrences.of(3), ['a', 'c']);
        assert_eq!(occurrences.of(-3), ['d']);
        for literal in [2, -2, 4, -4, i32::MAX, -i32::MAX] {
            assert!(occurrences.of(literal).is_empty());
        }
        assert!(Occurrences::<u32>::build(std::iter::empty()).unwrap().of(1).is_empty());
    }
}
