//! Draws from a space, exactly uniform: a uniform number below the count, and the member of that number.

use std::collections::BTreeMap;

use num_bigint::BigUint;
use num_traits::{One as _, Zero as _};

use super::{ArchError, Member, Programme};
use crate::budget::Budget;
use crate::instances::rng::Rng;

/// A stream of draws. The same space, seed and kind of draws give the same members.
#[derive(Debug)]
pub struct Draws<'a> {
    programme: &'a Programme,
    rng: Rng,
    /// Members that are left, where none is drawn twice.
    left: Option<BigUint>,
    /// Fisher and Yates, for the few places of the array of all numbers that do not hold their own number.
    moved: BTreeMap<BigUint, BigUint>,
}

impl<'a> Draws<'a> {
    /// Draws with the budget's seed; with `distinct` no member twice, else each independent of those before.
    #[must_use]
    pub fn new(programme: &'a Programme, distinct: bool, budget: &Budget) -> Self {
        let left = distinct.then(|| programme.count().clone());
        Draws { programme, rng: Rng::new(budget.seed()), left, moved: BTreeMap::new() }
    }

    /// The next draw; `None` where there is no member, or none that was not drawn.
    pub fn next(&mut self, budget: &Budget) -> Result<Option<Member>, ArchError> {
        budget.check()?;
        let Some(left) = &mut self.left else {
            let count = self.programme.count();
            if count.is_zero() {
                return Ok(None);
            }
            return self.programme.member(&below(&mut self.rng, count)).map(Some);
        };
        if left.is_zero() {
            return Ok(None);
        }
        let place = below(&mut self.rng, left);
        *left -= BigUint::one();
        let last = self.moved.remove(left).unwrap_or_else(|| left.clone());
        let drawn = if place == *left { last } else { self.moved.insert(place.clone(), last).unwrap_or(place) };
        self.programme.member(&drawn).map(Some)
    }
}

/// Uniform in `0..bound`, which is not empty: bits of its length until they are below it, twice on average at most.
fn below(rng: &mut Rng, bound: &BigUint) -> BigUint {
    let bits = bound.bits();
    loop {
        let mut digits: Vec<u32> = (0..bits.div_ceil(32)).map(|_| (rng.next() >> 32) as u32).collect();
        if let Some(top) = digits.last_mut() {
            *top >>= (32 - bits % 32) % 32;
        }
        let number = BigUint::new(digits);
        if number < *bound {
            return number;
        }
    }
}
