//! How far apart members are, one after the other: adj-T, equation 2 of the paper.
//!
//! The distance of two members is how many bits of [`Layout`] differ; which order these have makes no difference. More
//! is not better: draws from a uniform sampler have the mean distance of all pairs in expectation, no more and no less.

use super::{Layout, Member, Space};

/// By what the sum of distances is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Divisor {
    /// How many pairs there are: one less than members. Equation 2, and table 1 of the paper.
    #[default]
    Pairs,
    /// How many members there are, as in table 2 of the paper.
    Members,
}

/// The sum of distances of members that follow one another.
#[derive(Debug, Clone)]
pub struct Spread {
    layout: Layout,
    last: Option<Vec<bool>>,
    members: u64,
    distance: u64,
}

impl Spread {
    /// Of no members yet.
    #[must_use]
    pub fn new(space: &Space) -> Self {
        Spread { layout: Layout::new(space), last: None, members: 0, distance: 0 }
    }

    /// Takes the next member, which is of the space.
    ///
    /// # Panics
    /// Where the member has more layers or dimensions than the space.
    pub fn push(&mut self, member: &Member) {
        let bits = self.layout.bits(member);
        if let Some(last) = &self.last {
            self.distance += bits.iter().zip(last).filter(|(a, b)| a != b).count() as u64;
        }
        self.last = Some(bits);
        self.members += 1;
    }

    /// How many members were taken.
    #[must_use]
    pub fn members(&self) -> u64 {
        self.members
    }

    /// The sum of their distances.
    #[must_use]
    pub fn distance(&self) -> u64 {
        self.distance
    }

    /// adj-T; 0 where there are no two members.
    #[must_use]
    pub fn adj_t(&self, divisor: Divisor) -> f64 {
        let by = match divisor {
            Divisor::Pairs => self.members.saturating_sub(1),
            Divisor::Members => self.members,
        };
        if by == 0 { 0.0 } else { self.distance as f64 / by as f64 }
    }
}
