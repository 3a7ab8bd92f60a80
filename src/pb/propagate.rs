//! What follows from what is true.

use super::engine::Engine;
use super::store::{Reason, Watch};

impl Engine {
    /// Until nothing more follows, or something is violated, which is answered.
    pub(super) fn propagate(&mut self) -> Option<Reason> {
        while self.trail.head < self.trail.literals.len() {
            let falsified = self.trail.literals[self.trail.head] ^ 1;
            self.trail.head += 1;
            self.propagations += 1;
            // All counters first, so that they can be taken back whatever is violated.
            let mut violated = None;
            for occurrence in &self.store.occurrences[falsified as usize] {
                let sum = &mut self.store.sums[occurrence.sum as usize];
                sum.slack -= i128::from(occurrence.weight);
                if sum.slack < 0 {
                    violated = violated.or(Some(Reason::sum(occurrence.sum as usize)));
                } else if sum.slack < i128::from(sum.terms[0].0) && violated.is_none() {
                    for &(weight, literal) in &sum.terms {
                        if i128::from(weight) <= sum.slack {
                            break;
                        }
                        if self.trail.is_open(literal) {
                            self.trail.push(literal, Reason::sum(occurrence.sum as usize));
                        }
                    }
                }
            }
            let violated = violated.or_else(|| self.propagate_clauses(falsified));
            if violated.is_some() {
                return violated;
            }
        }
        None
    }

    fn propagate_clauses(&mut self, falsified: u32) -> Option<Reason> {
        let mut watches = std::mem::take(&mut self.store.watches[falsified as usize]);
        let (mut read, mut write, mut violated) = (0, 0, None);
        while read < watches.len() {
            let watch = watches[read];
            read += 1;
            if self.trail.value(watch.other) > 0 {
                watches[write] = watch;
                write += 1;
                continue;
            }
            let literals = &mut self.store.clauses[watch.clause as usize].literals;
            let other = literals[0] ^ literals[1] ^ falsified;
            let watch = Watch { other, ..watch };
            if self.trail.value(other) <= 0
                && let Some(place) = (2..literals.len()).find(|&place| self.trail.value(literals[place]) >= 0)
            {
                let found = literals[place];
                (literals[0], literals[1], literals[place]) = (other, found, falsified);
                self.store.watches[found as usize].push(watch);
                continue;
            }
            watches[write] = watch;
            write += 1;
            if self.trail.value(other) < 0 {
                violated = Some(Reason::clause(watch.clause as usize));
                break;
            }
            if self.trail.is_open(other) {
                self.trail.push(other, Reason::clause(watch.clause as usize));
            }
        }
        watches.copy_within(read.., write);
        watches.truncate(write + watches.len() - read);
        self.store.watches[falsified as usize] = watches;
        violated
    }

    /// Undoes all levels above this one.
    pub(super) fn backtrack(&mut self, level: usize) {
        let Some(&begin) = self.trail.starts.get(level) else { return };
        while self.trail.literals.len() > begin {
            let Some((literal, was_propagated)) = self.trail.pop() else { break };
            if was_propagated {
                for occurrence in &self.store.occurrences[literal as usize ^ 1] {
                    self.store.sums[occurrence.sum as usize].slack += i128::from(occurrence.weight);
                }
            }
            self.order.open(literal);
        }
        self.trail.starts.truncate(level);
    }
}
