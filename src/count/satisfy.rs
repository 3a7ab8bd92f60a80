//! Whether some variables have values that go with what is assigned: CDCL over these variables, above the level at hand.

use super::engine::{Engine, Lesson};
use super::literal::Lit;
use crate::budget::{Budget, Stop};
use crate::error::OutOfMemory;

/// Conflicts before the first restart; then as Luby's sequence has it.
const RESTART: u64 = 64;

/// What was found.
#[derive(Debug)]
pub(super) enum Answer {
    Satisfiable,
    /// No: and what that teaches about the levels that were there. None where there is no model at all.
    Refuted(Option<Lesson>),
    Stopped(Stop),
}

/// Variables by activity, the highest first.
#[derive(Debug, Default)]
pub(super) struct Heap {
    heap: Vec<u32>,
    /// By variable, its place and 1; 0 where it is not in.
    place: Vec<u32>,
    /// By variable, the number of the call that may decide it.
    member: Vec<u32>,
    call: u32,
}

impl Heap {
    /// For another call, over a formula of `variables`.
    fn begin(&mut self, variables: usize) -> Result<(), OutOfMemory> {
        for &variable in &self.heap {
            self.place[variable as usize] = 0;
        }
        self.heap.clear();
        if self.place.len() < variables || self.call == u32::MAX {
            self.place = super::engine::filled(variables, 0)?;
            self.member = super::engine::filled(variables, 0)?;
            self.call = 0;
        }
        self.call += 1;
        Ok(())
    }

    fn admit(&mut self, variable: u32, activity: &[f64]) {
        self.member[variable as usize] = self.call;
        self.push(variable, activity);
    }

    fn push(&mut self, variable: u32, activity: &[f64]) {
        if self.place[variable as usize] == 0 && self.member[variable as usize] == self.call {
            self.heap.push(variable);
            self.place[variable as usize] = self.heap.len() as u32;
            self.up(self.heap.len() - 1, activity);
        }
    }

    fn put(&mut self, at: usize, variable: u32) {
        self.heap[at] = variable;
        self.place[variable as usize] = at as u32 + 1;
    }

    fn up(&mut self, mut at: usize, activity: &[f64]) {
        let variable = self.heap[at];
        while at > 0 && activity[self.heap[(at - 1) / 2] as usize] < activity[variable as usize] {
            self.put(at, self.heap[(at - 1) / 2]);
            at = (at - 1) / 2;
        }
        self.put(at, variable);
    }

    fn pop(&mut self, activity: &[f64]) -> Option<u32> {
        let last = self.heap.pop()?;
        let Some(&top) = self.heap.first() else {
            self.place[last as usize] = 0;
            return Some(last);
        };
        self.place[top as usize] = 0;
        let mut at = 0;
        loop {
            let mut child = 2 * at + 1;
            if child >= self.heap.len() {
                break;
            }
            let value = |at: usize| activity[self.heap[at] as usize];
            if child + 1 < self.heap.len() && value(child + 1) > value(child) {
                child += 1;
            }
            if value(child) <= activity[last as usize] {
                break;
            }
            self.put(at, self.heap[child]);
            at = child;
        }
        self.put(at, last);
        Some(top)
    }
}

impl Engine {
    /// Whether `variables` have values; if so what these are stands in `phase`. `assumed` is decided first; a lesson is then of
    /// no use but that there is one. Everything assigned here is taken back.
    pub fn satisfy(
        &mut self,
        variables: &[u32],
        assumed: &[Lit],
        heap: &mut Heap,
        budget: &Budget,
    ) -> Result<Answer, OutOfMemory> {
        let (base, mark) = (self.level(), self.trail().len());
        heap.begin(self.phase.len())?;
        let answer = self.search(variables, assumed, heap, budget)?;
        self.backtrack(base);
        self.shorten(mark);
        Ok(answer)
    }

    fn search(
        &mut self,
        variables: &[u32],
        assumed: &[Lit],
        heap: &mut Heap,
        budget: &Budget,
    ) -> Result<Answer, OutOfMemory> {
        let base = self.level();
        // Many a question is answered before there is anything to decide.
        let mut filled = false;
        let (mut conflicts, mut restarts, mut steps) = (0, 1, 0u64);
        loop {
            if !self.propagate() {
                let Some(lesson) = self.learn(base)? else { return Ok(Answer::Refuted(None)) };
                if lesson.level <= base {
                    return Ok(Answer::Refuted(Some(lesson)));
                }
                self.undo(lesson.below.max(base), heap);
                self.assign(lesson.asserted.0, lesson.asserted.1);
                conflicts += 1;
                if let Err(stop) = budget.spend(1) {
                    return Ok(Answer::Stopped(stop));
                }
                if conflicts >= RESTART * luby(restarts) {
                    (conflicts, restarts) = (0, restarts + 1);
                    self.undo(base, heap);
                    self.reduce()?;
                }
                continue;
            }
            steps += 1;
            if steps.is_multiple_of(256)
                && let Err(stop) = budget.check()
            {
                return Ok(Answer::Stopped(stop));
            }
            let next = match assumed.get(self.level() - base) {
                Some(&literal) => match self.value(literal) {
                    0 => Some(literal),
                    1 => {
                        // A level of its own all the same, so that levels count assumptions.
                        self.open_level(true);
                        continue;
                    }
                    _ => return Ok(Answer::Refuted(None)),
                },
                None => loop {
                    if !std::mem::replace(&mut filled, true) {
                        for &variable in variables {
                            heap.admit(variable, &self.activity);
                        }
                    }
                    match heap.pop(&self.activity) {
                        Some(variable) if self.is_open(variable) => {
                            break Some(Lit::new(variable, self.phase[variable as usize]));
                        }
                        Some(_) => {}
                        None => break None,
                    }
                },
            };
            let Some(literal) = next else { return Ok(Answer::Satisfiable) };
            self.open_level(false);
            self.assign(literal, super::engine::Reason::DECISION);
        }
    }

    fn undo(&mut self, level: usize, heap: &mut Heap) {
        let kept = self.start_of(level + 1);
        for at in kept..self.trail().len() {
            heap.push(self.trail()[at].variable(), &self.activity);
        }
        self.backtrack(level);
    }
}

/// 1, 1, 2, 1, 1, 2, 4, ...: M. Luby, A. Sinclair, D. Zuckerman, "Optimal speedup of Las Vegas algorithms", IPL 47, 1993.
fn luby(mut index: u64) -> u64 {
    loop {
        let length = u64::BITS - index.leading_zeros();
        if index == (1 << length) - 1 {
            return 1 << (length - 1);
        }
        index -= (1 << (length - 1)) - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lubys_sequence() {
        let sequence: Vec<u64> = (1..16).map(luby).collect();
        assert_eq!(sequence, [1, 1, 2, 1, 1, 2, 4, 1, 1, 2, 1, 1, 2, 4, 8]);
    }
}
