//! Clauses and sums, and where literals occur.
//!
//! A clause is watched through two of its literals (with a third one beside each watch that may save a look at the clause).
//! A sum has a counter: what its literals that are not false weigh, less its bound. Every sum knows of every literal of its
//! that becomes false.

use super::Literal;
use super::engine::room;
use crate::error::OutOfMemory;

/// What a literal follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reason(u32);

const OF_CLAUSE: u32 = 1 << 31;

impl Reason {
    /// It was decided, or holds by itself.
    pub const NONE: Reason = Reason(u32::MAX);

    pub fn clause(index: usize) -> Self {
        Reason(index as u32 | OF_CLAUSE)
    }

    pub fn sum(index: usize) -> Self {
        Reason(index as u32)
    }

    /// Which one, if any: a clause or a sum.
    pub fn get(self) -> Option<Result<usize, usize>> {
        if self == Reason::NONE {
            None
        } else if self.0 & OF_CLAUSE != 0 {
            Some(Ok((self.0 & !OF_CLAUSE) as usize))
        } else {
            Some(Err(self.0 as usize))
        }
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
}

#[derive(Debug)]
pub(super) struct Clause {
    /// The first two are watched.
    pub literals: Box<[Literal]>,
    pub usage: Use,
}

/// Literals weigh at least the bound.
#[derive(Debug)]
pub(super) struct Sum {
    /// By weight, descending.
    pub terms: Box<[(i64, Literal)]>,
    pub bound: i64,
    /// What those that were not propagated to be false weigh, less the bound.
    pub slack: i128,
    pub usage: Use,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Watch {
    pub clause: u32,
    /// Another literal of it.
    pub other: Literal,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Occurrence {
    pub sum: u32,
    pub weight: i64,
}

#[derive(Debug, Default)]
pub(super) struct Store {
    pub clauses: Vec<Clause>,
    pub sums: Vec<Sum>,
    /// By literal.
    pub watches: Vec<Vec<Watch>>,
    pub occurrences: Vec<Vec<Occurrence>>,
    /// Bytes of clauses and sums, their places in lists included.
    pub bytes: u64,
}

impl Clause {
    fn bytes(&self) -> u64 {
        (size_of::<Clause>() + 4 * self.literals.len() + 2 * size_of::<Watch>()) as u64
    }
}

impl Sum {
    fn bytes(&self) -> u64 {
        (size_of::<Sum>() + (size_of::<(i64, Literal)>() + size_of::<Occurrence>()) * self.terms.len()) as u64
    }
}

impl Store {
    pub fn reserve(&mut self, more: usize) -> Result<(), OutOfMemory> {
        room(&mut self.watches, 2 * more)?;
        room(&mut self.occurrences, 2 * more)
    }

    pub fn ensure(&mut self, variables: usize) {
        if 2 * variables > self.watches.len() {
            self.watches.resize_with(2 * variables, Vec::new);
            self.occurrences.resize_with(2 * variables, Vec::new);
        }
    }

    /// Of two literals at least.
    pub fn add_clause(&mut self, literals: Box<[Literal]>, usage: Use) -> usize {
        let index = self.clauses.len();
        for (watched, other) in [(0, 1), (1, 0)] {
            self.watches[literals[watched] as usize].push(Watch { clause: index as u32, other: literals[other] });
        }
        let clause = Clause { literals, usage };
        self.bytes += clause.bytes();
        self.clauses.push(clause);
        index
    }

    /// Its slack is that of an empty trail.
    pub fn add_sum(&mut self, mut terms: Vec<(i64, Literal)>, bound: i64, usage: Use) -> usize {
        let index = self.sums.len();
        terms.sort_unstable_by(|a, b| b.cmp(a));
        for &(weight, literal) in &terms {
            self.occurrences[literal as usize].push(Occurrence { sum: index as u32, weight });
        }
        let slack = terms.iter().map(|&(weight, _)| i128::from(weight)).sum::<i128>() - i128::from(bound);
        let sum = Sum { terms: terms.into(), bound, slack, usage };
        self.bytes += sum.bytes();
        self.sums.push(sum);
        index
    }

    /// Takes out of all lists what is gone.
    pub fn sweep(&mut self) {
        for list in &mut self.watches {
            list.retain(|watch| !self.clauses[watch.clause as usize].usage.is_gone);
        }
        for list in &mut self.occurrences {
            list.retain(|occurrence| !self.sums[occurrence.sum as usize].usage.is_gone);
        }
        for clause in self.clauses.iter_mut().filter(|clause| clause.usage.is_gone) {
            clause.literals = Box::default();
        }
        for sum in self.sums.iter_mut().filter(|sum| sum.usage.is_gone) {
            sum.terms = Box::default();
        }
        self.bytes =
            self.clauses.iter().map(Clause::bytes).sum::<u64>() + self.sums.iter().map(Sum::bytes).sum::<u64>();
    }
}
