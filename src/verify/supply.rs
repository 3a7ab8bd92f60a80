//! Disjuncts one by one, those that promise most first.

use std::collections::{BTreeMap, VecDeque};

use super::canonical::{CanonicalError, Disjunct, Disjuncts};
use crate::budget::Budget;

/// Disjuncts that are put into an order at most: those before the last of them are kept in memory until their turn comes.
const ORDERED: usize = 1024;

/// How near to disjuncts an attack has come.
#[derive(Debug, Clone, Default)]
pub(super) struct Order {
    /// By number: the first disjunct with the same box, and the distance.
    met: BTreeMap<u32, (u32, f64)>,
}

impl Order {
    /// Of disjuncts that share a box.
    pub fn note(&mut self, numbers: &[u32], distances: &[f64]) {
        let Some(&group) = numbers.first() else { return };
        for (&number, &distance) in numbers.iter().zip(distances) {
            if self.met.len() < ORDERED || self.met.contains_key(&number) {
                let (_, least) = self.met.entry(number).or_insert((group, f64::INFINITY));
                *least = least.min(distance);
            }
        }
    }

    /// Infinite where nothing is known.
    pub fn distance(&self, number: u32) -> f64 {
        self.met.get(&number).map_or(f64::INFINITY, |&(_, distance)| distance)
    }

    /// How many groups were met, each of one box.
    pub fn num_groups(&self) -> usize {
        let mut groups: Vec<u32> = self.met.values().map(|&(group, _)| group).collect();
        groups.dedup();
        groups.len()
    }

    /// The nearest first; those with the same box stay together.
    pub fn first(&self) -> Vec<u32> {
        let mut groups: BTreeMap<u32, f64> = BTreeMap::new();
        for &(group, distance) in self.met.values() {
            let least = groups.entry(group).or_insert(f64::INFINITY);
            *least = least.min(distance);
        }
        let mut numbers: Vec<(f64, u32, u32)> =
            self.met.iter().map(|(&number, &(group, _))| (groups[&group], group, number)).collect();
        numbers.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        numbers.into_iter().map(|(_, _, number)| number).collect()
    }
}

/// Hands out every disjunct once, with its number in the order of the property.
pub(super) struct Supply {
    source: Disjuncts,
    /// The number of what `source` hands out next.
    position: u32,
    /// Numbers that come before all others, in this order.
    first: VecDeque<u32>,
    /// Passed over on the way to one that comes first.
    kept: BTreeMap<u32, Disjunct>,
}

impl Supply {
    /// `first`: numbers of disjuncts that there are, each once.
    pub fn new(source: Disjuncts, first: &[u32]) -> Self {
        Supply { source, position: 0, first: first.iter().copied().collect(), kept: BTreeMap::new() }
    }

    /// How many disjuncts were met, handed out or not.
    pub fn position(&self) -> u32 {
        self.position
    }

    /// The next one; `None` after the last. A call that ends early is gone on with by the next.
    pub fn next(&mut self, budget: &Budget) -> Result<Option<(u32, Disjunct)>, CanonicalError> {
        while let Some(&wanted) = self.first.front() {
            if let Some(disjunct) = self.kept.remove(&wanted) {
                self.first.pop_front();
                return Ok(Some((wanted, disjunct)));
            }
            match self.pull(budget)? {
                Some((number, disjunct)) => self.kept.insert(number, disjunct),
                None => break,
            };
        }
        match self.kept.pop_first() {
            Some(kept) => Ok(Some(kept)),
            None => self.pull(budget),
        }
    }

    fn pull(&mut self, budget: &Budget) -> Result<Option<(u32, Disjunct)>, CanonicalError> {
        let Some(disjunct) = self.source.next(budget)? else { return Ok(None) };
        self.position += 1;
        Ok(Some((self.position - 1, disjunct)))
    }
}
