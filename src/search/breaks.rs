//! How many constraints a flip would break, for scorers that choose within one violated constraint.
//!
//! Of clauses that is counted for every variable, flip by flip: those for which it is critical. Of parities and sums it is
//! found when it is asked for: a parity that holds is broken by each of its variables; a sum counts by how many flips, at
//! the least, it would be further from its bound than it is.

use super::problem::{Problem, variable};
use super::state::{State, Watch, Word, filled};
use crate::error::OutOfMemory;

/// For how many clauses each variable is critical.
#[derive(Debug)]
pub(super) struct Breaks(Vec<u32>);

impl Breaks {
    pub fn new(problem: &Problem) -> Result<Self, OutOfMemory> {
        Ok(Breaks(filled(problem.num_vars as usize, 0)?))
    }

    pub fn bytes(&self) -> u64 {
        4 * self.0.capacity() as u64
    }

    /// Counts anew.
    pub fn count<W: Word>(&mut self, problem: &Problem, state: &mut State<W>) {
        self.0.fill(0);
        state.count(problem, |_, variable| self.0[variable as usize] += 1);
    }

    /// What flipping the variable breaks.
    #[inline]
    pub fn of<W: Word>(&self, problem: &Problem, state: &State<W>, variable: u32) -> u32 {
        let clauses = self.0[variable as usize];
        if problem.is_mixed() { clauses.saturating_add(others(problem, state, variable)) } else { clauses }
    }
}

fn others<W: Word>(problem: &Problem, state: &State<W>, variable: u32) -> u32 {
    let xors = problem.in_xors.row(variable as usize).iter().filter(|&&xor| state.even[xor as usize]).count();
    let literal = 2 * variable + u32::from(!state.value(variable));
    let mut broken = xors as i64;
    for &(sum, weight) in problem.in_sums.row(literal as usize) {
        let (slack, heaviest) = (state.slack[sum as usize], problem.heaviest[sum as usize]);
        let flips = |slack: i64| if slack < 0 { (-slack - 1) / heaviest + 1 } else { 0 };
        broken = broken.saturating_add(flips(slack - weight) - flips(slack));
    }
    u32::try_from(broken).unwrap_or(u32::MAX)
}

impl Watch for Breaks {
    #[inline]
    fn made(&mut self, _: &Problem, _: usize, by: u32) {
        self.0[by as usize] += 1;
    }

    #[inline]
    fn broken(&mut self, _: &Problem, _: usize, by: u32) {
        self.0[by as usize] -= 1;
    }

    #[inline]
    fn gained(&mut self, _: usize, variable: u32) {
        self.0[variable as usize] += 1;
    }

    #[inline]
    fn lost(&mut self, _: usize, variable: u32) {
        self.0[variable as usize] -= 1;
    }
}

/// Candidates of a parity or sum that are looked at, the most.
pub(super) const ENOUGH: usize = 32;

/// Variables whose flip brings a violated parity or sum nearer, each with its weight: those from place `start` on, of a long one some of
/// them.
pub(super) fn candidates<W: Word>(
    problem: &Problem,
    state: &State<W>,
    constraint: usize,
    start: usize,
    found: &mut Vec<(u32, i64)>,
) {
    found.clear();
    let other = constraint - problem.clauses.len();
    if let Some(sum) = other.checked_sub(problem.xors.len()) {
        let (head, tail) = problem.sums.row(sum).split_at(start % problem.sums.row(sum).len());
        // At least one: a sum that is violated has a false literal.
        let open = tail.iter().chain(head).filter(|(literal, _)| !state.holds(*literal)).take(ENOUGH);
        found.extend(open.map(|&(literal, weight)| (variable(literal), weight)));
    } else {
        let row = problem.xors.row(other);
        let (head, tail) = row.split_at(start % row.len());
        found.extend(tail.iter().chain(head).take(ENOUGH).map(|&variable| (variable, 1)));
    }
}
