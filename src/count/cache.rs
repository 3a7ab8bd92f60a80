//! Counts of components, found again.
//!
//! A key is the component itself, its variables and clauses as differences: equal keys are equal components, whatever their
//! hashes. Entries lie in the order in which they were made. What was counted in a branch that turned out to have no model may
//! be too small (clauses learnt there may rest on another component's contradiction), so a branch that dies takes all entries
//! away that were made in it: those at the end (M. Thurley, "sharpSAT", SAT 2006, section 3.3).
//!
//! Where memory is short, the half of the entries that has not been used for longest goes.

use super::number::Number;
use crate::error::OutOfMemory;

const NONE: u32 = u32::MAX;

#[derive(Debug)]
struct Entry {
    hash: u64,
    /// Where its key begins; it ends where the next one begins.
    key: usize,
    /// The next entry of the same bucket.
    next: u32,
    used: u32,
    node: u32,
    count: Number,
}

#[derive(Debug)]
pub(super) struct Cache {
    buckets: Vec<u32>,
    entries: Vec<Entry>,
    keys: Vec<u8>,
    /// Bytes of numbers that are no machine words.
    large: u64,
    clock: u32,
    pub limit: u64,
    pub hits: u64,
    pub stores: u64,
    pub dropped: u64,
}

impl Cache {
    pub fn new(limit: u64) -> Self {
        let (buckets, entries, keys) = (Vec::new(), Vec::new(), Vec::new());
        Cache { buckets, entries, keys, large: 0, clock: 0, limit, hits: 0, stores: 0, dropped: 0 }
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Bytes in use.
    pub fn bytes(&self) -> u64 {
        let fixed = self.entries.len() * size_of::<Entry>() + self.buckets.len() * 4 + self.keys.len();
        fixed as u64 + self.large
    }

    fn key(&self, at: usize) -> &[u8] {
        let end = self.entries.get(at + 1).map_or(self.keys.len(), |next| next.key);
        &self.keys[self.entries[at].key..end]
    }

    /// The count of a component and its node, if it is known.
    pub fn find(&mut self, key: &[u8], hash: u64) -> Option<(&Number, u32)> {
        let mut at = *self.buckets.get(self.bucket(hash)?)?;
        while at != NONE {
            let index = at as usize;
            if self.entries[index].hash == hash && self.key(index) == key {
                self.hits += 1;
                self.clock = self.clock.saturating_add(1);
                let clock = self.clock;
                let entry = &mut self.entries[index];
                entry.used = clock;
                return Some((&entry.count, entry.node));
            }
            at = self.entries[index].next;
        }
        None
    }

    fn bucket(&self, hash: u64) -> Option<usize> {
        let mask = self.buckets.len().checked_sub(1)?;
        Some(hash as usize & mask)
    }

    /// Keeps the count of a component that is not known. `marks` are lengths of the cache that are to mean the same entries
    /// when some were dropped.
    pub fn insert<'m>(
        &mut self,
        key: &[u8],
        hash: u64,
        count: Number,
        node: u32,
        marks: impl Iterator<Item = &'m mut usize>,
    ) -> Result<(), OutOfMemory> {
        let bytes = (key.len() + size_of::<Entry>()) as u64 + count.bytes();
        if self.bytes() + bytes > self.limit {
            self.shrink(marks)?;
            if self.bytes() + bytes > self.limit {
                return Ok(());
            }
        }
        if self.entries.len() >= self.buckets.len() {
            self.rehash((2 * self.buckets.len()).max(256))?;
        }
        let Some(bucket) = self.bucket(hash).filter(|_| self.entries.len() < NONE as usize) else { return Ok(()) };
        let short = |_| OutOfMemory::Allocator { bytes };
        self.keys.try_reserve(key.len()).map_err(short)?;
        self.entries.try_reserve(1).map_err(short)?;
        self.stores += 1;
        self.large += count.bytes();
        self.clock = self.clock.saturating_add(1);
        let start = self.keys.len();
        self.keys.extend_from_slice(key);
        let next = self.buckets[bucket];
        self.buckets[bucket] = self.entries.len() as u32;
        self.entries.push(Entry { hash, key: start, next, used: self.clock, node, count });
        Ok(())
    }

    /// Takes the entries from number `mark` on away.
    pub fn truncate(&mut self, mark: usize) {
        while self.entries.len() > mark
            && let Some(entry) = self.entries.pop()
        {
            // The last entry is the first of its bucket.
            if let Some(bucket) = self.bucket(entry.hash) {
                self.buckets[bucket] = entry.next;
            }
            self.large -= entry.count.bytes();
            self.keys.truncate(entry.key);
        }
    }

    fn rehash(&mut self, buckets: usize) -> Result<(), OutOfMemory> {
        self.buckets = super::engine::filled(buckets, NONE)?;
        for at in 0..self.entries.len() {
            if let Some(bucket) = self.bucket(self.entries[at].hash) {
                self.entries[at].next = self.buckets[bucket];
                self.buckets[bucket] = at as u32;
            }
        }
        Ok(())
    }

    /// Drops the half of the entries that was not used for longest.
    fn shrink<'m>(&mut self, marks: impl Iterator<Item = &'m mut usize>) -> Result<(), OutOfMemory> {
        let mut ages: Vec<u32> = Vec::new();
        let bytes = 4 * self.entries.len() as u64;
        ages.try_reserve_exact(self.entries.len()).map_err(|_| OutOfMemory::Allocator { bytes })?;
        ages.extend(self.entries.iter().map(|entry| entry.used));
        if ages.is_empty() {
            return Ok(());
        }
        let middle = ages.len() / 2;
        let limit = *ages.select_nth_unstable(middle).1;
        let mut marks: Vec<&mut usize> = marks.collect();
        marks.sort_unstable();
        let mut marks = marks.into_iter().peekable();
        let (mut kept, mut keys) = (0, 0);
        for at in 0..self.entries.len() {
            while let Some(mark) = marks.next_if(|mark| **mark == at) {
                *mark = kept;
            }
            let key = self.entries[at].key;
            let end = key + self.key(at).len();
            if self.entries[at].used > limit {
                self.keys.copy_within(key..end, keys);
                self.entries[at].key = keys;
                keys += end - key;
                self.entries.swap(kept, at);
                kept += 1;
            } else {
                self.large -= self.entries[at].count.bytes();
                self.dropped += 1;
            }
        }
        marks.for_each(|mark| *mark = kept);
        self.entries.truncate(kept);
        self.keys.truncate(keys);
        self.rehash(self.buckets.len())
    }
}

/// Not for security: keys are compared.
pub(super) fn hash(key: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = key.len() as u64;
    let (words, rest) = key.as_chunks::<8>();
    let mut mix = |word: u64| {
        let wide = u128::from(hash ^ word ^ 0x243f_6a88_85a3_08d3) * u128::from(FACTOR);
        hash = (wide as u64) ^ ((wide >> 64) as u64).rotate_left(29);
    };
    words.iter().for_each(|word| mix(u64::from_le_bytes(*word)));
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    mix(u64::from_le_bytes(last));
    hash ^ hash >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u32) -> Vec<u8> {
        (0..n % 7 + 4).flat_map(|i| (n + i).to_le_bytes()).collect()
    }

    #[test]
    fn entries_are_found_until_they_are_taken_away_or_dropped() {
        let mut cache = Cache::new(1 << 20);
        let put = |cache: &mut Cache, n: u32| {
            let key = key(n);
            cache.insert(&key, hash(&key), Number::Small(u64::from(n) + 1), n, std::iter::empty()).unwrap();
        };
        let get = |cache: &mut Cache, n: u32| {
            let key = key(n);
            cache.find(&key, hash(&key)).map(|(count, node)| (count.clone(), node))
        };
        (0..2000).for_each(|n| put(&mut cache, n));
        assert!((0..2000).all(|n| get(&mut cache, n) == Some((Number::Small(u64::from(n) + 1), n))));
        cache.truncate(700);
        assert!((0..2000).all(|n| get(&mut cache, n).is_some() == (n < 700)));
        (700..2000).for_each(|n| put(&mut cache, n));
        let used: Vec<u32> = (0..2000).filter(|n| n % 3 == 0).collect();
        assert!(used.iter().all(|&n| get(&mut cache, n).is_some()));
        let mut marks = [0, 3, 999, 2000];
        cache.shrink(marks.iter_mut()).unwrap();
        assert_eq!(cache.len(), 999);
        assert!(used.iter().all(|&n| get(&mut cache, n).is_some()));
        // Of those below 3 the first was used, of those below 999 a third and none that were made before.
        assert_eq!([marks[0], marks[1], marks[3]], [0, 1, 999]);
        let before = cache.bytes();
        cache.truncate(marks[1]);
        assert!(cache.bytes() < before && get(&mut cache, 0).is_some() && get(&mut cache, 3).is_none());
    }

    #[test]
    fn one_hash_is_not_one_component() {
        let mut cache = Cache::new(1 << 20);
        for n in 0..50 {
            cache.insert(&key(n), 7, Number::Small(u64::from(n)), n, std::iter::empty()).unwrap();
        }
        for n in 0..50 {
            assert_eq!(cache.find(&key(n), 7), Some((&Number::Small(u64::from(n)), n)));
        }
        assert_eq!(cache.find(&key(50), 7), None);
    }
}
