//! Clauses and sums, and where literals occur.
//!
//! A clause is watched through two of its literals (with a third one beside each watch that may save a look at the clause).
//! A sum has a counter: what its literals that are not false weigh, less its bound. Every sum knows of every literal of its
//! that becomes false. Sums are kept in numbers of 32, 64 or 128 bits, the narrowest that hold whatever they add up to.

use super::Literal;
use super::engine::room;
use crate::error::OutOfMemory;

/// What a literal follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reason(u32);

/// Where something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Clause,
    Narrow,
    Long,
    Wide,
}

const INDEX: u32 = 30;

impl Reason {
    /// It was decided, or holds by itself.
    pub const NONE: Reason = Reason(u32::MAX);

    #[inline]
    pub fn new(kind: Kind, index: usize) -> Self {
        Reason((kind as u32) << INDEX | index as u32)
    }

    /// Which one, if any.
    pub fn get(self) -> Option<(Kind, usize)> {
        const KINDS: [Kind; 4] = [Kind::Clause, Kind::Narrow, Kind::Long, Kind::Wide];
        let kind = KINDS[(self.0 >> INDEX) as usize];
        (self != Reason::NONE).then_some((kind, (self.0 & ((1 << INDEX) - 1)) as usize))
    }
}

/// How useful something learned was.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Use {
    pub is_learned: bool,
    pub is_gone: bool,
    /// Levels of its false literals when it was learned.
    pub levels: u32,
    pub activity: f32,
    /// Its number in the proof, where one is written.
    pub number: u64,
    /// It asks for a better model.
    pub is_goal: bool,
}

impl Use {
    /// Something else says more: it is dropped when what was learned is gone through.
    pub fn supersede(&mut self) {
        (self.is_learned, self.levels, self.is_goal) = (true, u32::MAX, false);
    }
}

#[derive(Debug)]
pub(super) struct Clause {
    /// The first two are watched.
    pub literals: Box<[Literal]>,
    pub usage: Use,
}

/// Literals weigh at least the bound.
#[derive(Debug)]
pub(super) struct Sum<T> {
    /// By weight, descending.
    pub terms: Box<[(T, Literal)]>,
    pub bound: T,
    pub usage: Use,
}

/// What is looked at each time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counter<T> {
    /// What those that were not propagated to be false weigh, less the bound.
    pub slack: T,
    pub heaviest: T,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Watch {
    pub clause: u32,
    /// Another literal of it.
    pub other: Literal,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Occurrence<T> {
    pub sum: u32,
    pub weight: T,
}

/// What sums are kept in.
pub(super) trait Number: Copy + Ord + Default + Into<i128> + std::ops::AddAssign + std::ops::SubAssign {
    const KIND: Kind;

    /// Of one that fits.
    fn of(number: i128) -> Self;
}

macro_rules! number {
    ($of:ty, $kind:ident) => {
        impl Number for $of {
            const KIND: Kind = Kind::$kind;

            #[inline]
            fn of(number: i128) -> Self {
                number as $of
            }
        }
    };
}

number!(i32, Narrow);
number!(i64, Long);
number!(i128, Wide);

/// Sums in numbers of one width.
#[derive(Debug)]
pub(super) struct Sums<T> {
    pub all: Vec<Sum<T>>,
    pub counters: Vec<Counter<T>>,
    /// By literal.
    pub occurrences: Vec<Vec<Occurrence<T>>>,
}

impl<T> Default for Sums<T> {
    fn default() -> Self {
        Sums { all: Vec::new(), counters: Vec::new(), occurrences: Vec::new() }
    }
}

#[derive(Debug, Default)]
pub(super) struct Store {
    pub clauses: Vec<Clause>,
    /// By literal.
    pub watches: Vec<Vec<Watch>>,
    pub narrow: Sums<i32>,
    pub long: Sums<i64>,
    pub wide: Sums<i128>,
    /// So many of the clauses have been looked through for cliques.
    pub joined: usize,
    /// Bytes of clauses and sums, their places in lists included.
    pub bytes: u64,
}

impl Clause {
    fn bytes(&self) -> u64 {
        (size_of::<Clause>() + 4 * self.literals.len() + 2 * size_of::<Watch>()) as u64
    }
}

impl<T: Number> Sum<T> {
    fn bytes(&self) -> u64 {
        let of_term = size_of::<(T, Literal)>() + size_of::<Occurrence<T>>();
        (size_of::<Sum<T>>() + size_of::<Counter<T>>() + of_term * self.terms.len()) as u64
    }
}

impl<T: Number> Sums<T> {
    fn reserve(&mut self, more: usize) -> Result<(), OutOfMemory> {
        room(&mut self.occurrences, 2 * more)
    }

    fn ensure(&mut self, variables: usize) {
        if 2 * variables > self.occurrences.len() {
            self.occurrences.resize_with(2 * variables, Vec::new);
        }
    }

    /// Its bytes; terms are in order. The slack is what is left with nothing false.
    fn add(&mut self, terms: &[(i64, Literal)], bound: i64, slack: i128, usage: Use) -> u64 {
        let index = self.all.len() as u32;
        let terms: Box<[_]> = terms.iter().map(|&(weight, literal)| (T::of(weight.into()), literal)).collect();
        for &(weight, literal) in &terms {
            self.occurrences[literal as usize].push(Occurrence { sum: index, weight });
        }
        let heaviest = terms.first().map_or(T::default(), |term| term.0);
        self.counters.push(Counter { slack: T::of(slack), heaviest });
        let sum = Sum { terms, bound: T::of(bound.into()), usage };
        let bytes = sum.bytes();
        self.all.push(sum);
        bytes
    }

    /// Those that stay move together; what bytes they take.
    fn sweep(&mut self) -> u64 {
        let mut places = Vec::with_capacity(self.all.len());
        let mut next = 0;
        for sum in &self.all {
            places.push(if sum.usage.is_gone { u32::MAX } else { next });
            next += u32::from(!sum.usage.is_gone);
        }
        for list in &mut self.occurrences {
            list.retain_mut(|occurrence| {
                occurrence.sum = places[occurrence.sum as usize];
                occurrence.sum != u32::MAX
            });
        }
        let mut index = 0;
        self.counters.retain(|_| {
            index += 1;
            places[index - 1] != u32::MAX
        });
        self.all.retain(|sum| !sum.usage.is_gone);
        self.all.iter().map(Sum::bytes).sum()
    }

    /// A literal is false no more.
    #[inline]
    pub fn release(&mut self, literal: Literal) {
        for occurrence in &self.occurrences[literal as usize] {
            self.counters[occurrence.sum as usize].slack += occurrence.weight;
        }
    }

    fn each(&self, index: usize, mut see: impl FnMut(i128, Literal)) -> i128 {
        let sum = &self.all[index];
        sum.terms.iter().for_each(|&(weight, literal)| see(weight.into(), literal));
        sum.bound.into()
    }
}

impl Store {
    pub fn reserve(&mut self, more: usize) -> Result<(), OutOfMemory> {
        room(&mut self.watches, 2 * more)?;
        self.narrow.reserve(more)?;
        self.long.reserve(more)?;
        self.wide.reserve(more)
    }

    pub fn ensure(&mut self, variables: usize) {
        if 2 * variables > self.watches.len() {
            self.watches.resize_with(2 * variables, Vec::new);
        }
        self.narrow.ensure(variables);
        self.long.ensure(variables);
        self.wide.ensure(variables);
    }

    /// Of two literals at least.
    pub fn add_clause(&mut self, literals: Box<[Literal]>, usage: Use) -> Reason {
        let index = self.clauses.len();
        for (watched, other) in [(0, 1), (1, 0)] {
            self.watches[literals[watched] as usize].push(Watch { clause: index as u32, other: literals[other] });
        }
        let clause = Clause { literals, usage };
        self.bytes += clause.bytes();
        self.clauses.push(clause);
        Reason::new(Kind::Clause, index)
    }

    /// Its slack is that of an empty trail.
    pub fn add_sum(&mut self, mut terms: Vec<(i64, Literal)>, bound: i64, usage: Use) -> Reason {
        terms.sort_unstable_by(|a, b| b.cmp(a));
        let total = terms.iter().map(|&(weight, _)| i128::from(weight)).sum::<i128>();
        // Slacks are between minus this and this.
        let (slack, most) = (total - i128::from(bound), total.max(bound.into()));
        let (kind, index, bytes);
        if most <= i32::MAX.into() {
            (kind, index) = (Kind::Narrow, self.narrow.all.len());
            bytes = self.narrow.add(&terms, bound, slack, usage);
        } else if most <= i64::MAX.into() {
            (kind, index) = (Kind::Long, self.long.all.len());
            bytes = self.long.add(&terms, bound, slack, usage);
        } else {
            (kind, index) = (Kind::Wide, self.wide.all.len());
            bytes = self.wide.add(&terms, bound, slack, usage);
        }
        self.bytes += bytes;
        Reason::new(kind, index)
    }

    /// Shows the terms of what something follows from, and answers the bound; nothing where it follows from itself.
    pub fn each(&self, reason: Reason, mut see: impl FnMut(i128, Literal)) -> i128 {
        match reason.get() {
            None => 0,
            Some((Kind::Clause, index)) => {
                self.clauses[index].literals.iter().for_each(|&literal| see(1, literal));
                1
            }
            Some((Kind::Narrow, index)) => self.narrow.each(index, see),
            Some((Kind::Long, index)) => self.long.each(index, see),
            Some((Kind::Wide, index)) => self.wide.each(index, see),
        }
    }

    pub fn usage(&mut self, reason: Reason) -> Option<&mut Use> {
        Some(match reason.get()? {
            (Kind::Clause, index) => &mut self.clauses[index].usage,
            (Kind::Narrow, index) => &mut self.narrow.all[index].usage,
            (Kind::Long, index) => &mut self.long.all[index].usage,
            (Kind::Wide, index) => &mut self.wide.all[index].usage,
        })
    }

    /// Its number in the proof.
    pub fn number(&self, reason: Reason) -> u64 {
        match reason.get() {
            None => 0,
            Some((Kind::Clause, index)) => self.clauses[index].usage.number,
            Some((Kind::Narrow, index)) => self.narrow.all[index].usage.number,
            Some((Kind::Long, index)) => self.long.all[index].usage.number,
            Some((Kind::Wide, index)) => self.wide.all[index].usage.number,
        }
    }

    /// Each clause and sum with its place.
    pub fn usages(&self) -> impl Iterator<Item = (Reason, &Use)> {
        let clauses = self.clauses.iter().map(|clause| &clause.usage).enumerate().map(|(i, u)| (Kind::Clause, i, u));
        let narrow = self.narrow.all.iter().map(|sum| &sum.usage).enumerate().map(|(i, u)| (Kind::Narrow, i, u));
        let long = self.long.all.iter().map(|sum| &sum.usage).enumerate().map(|(i, u)| (Kind::Long, i, u));
        let wide = self.wide.all.iter().map(|sum| &sum.usage).enumerate().map(|(i, u)| (Kind::Wide, i, u));
        let all = clauses.chain(narrow).chain(long).chain(wide);
        all.map(|(kind, index, usage)| (Reason::new(kind, index), usage))
    }

    /// The use of everything.
    pub fn usages_mut(&mut self) -> impl Iterator<Item = &mut Use> {
        let clauses = self.clauses.iter_mut().map(|clause| &mut clause.usage);
        let narrow = self.narrow.all.iter_mut().map(|sum| &mut sum.usage);
        let long = self.long.all.iter_mut().map(|sum| &mut sum.usage);
        clauses.chain(narrow).chain(long).chain(self.wide.all.iter_mut().map(|sum| &mut sum.usage))
    }

    /// Takes out what is gone, everywhere; what stays gets other places, so that reasons from before mean nothing.
    pub fn sweep(&mut self) {
        let mut places = Vec::with_capacity(self.clauses.len());
        let (mut next, mut joined) = (0, 0);
        for (index, clause) in self.clauses.iter().enumerate() {
            let stays = !clause.usage.is_gone;
            places.push(if stays { next } else { u32::MAX });
            next += u32::from(stays);
            joined += usize::from(stays && index < self.joined);
        }
        self.joined = joined;
        for list in &mut self.watches {
            list.retain_mut(|watch| {
                watch.clause = places[watch.clause as usize];
                watch.clause != u32::MAX
            });
        }
        self.clauses.retain(|clause| !clause.usage.is_gone);
        self.bytes = self.clauses.iter().map(Clause::bytes).sum();
        self.bytes += self.narrow.sweep() + self.long.sweep() + self.wide.sweep();
    }
}
