//! What follows from what is true.

use super::Literal;
use super::engine::Engine;
use super::store::{Kind, Number, Reason, Sums, Watch};
use super::trail::Trail;

/// Counts a literal as false in each sum, with what follows unless one is violated, which is answered.
fn count<T: Number>(sums: &mut Sums<T>, trail: &mut Trail, falsified: Literal) -> Option<Reason> {
    let mut violated = None;
    for occurrence in &sums.occurrences[falsified as usize] {
        let counter = &mut sums.counters[occurrence.sum as usize];
        counter.slack -= occurrence.weight;
        if counter.slack >= counter.heaviest || violated.is_some() {
            continue;
        }
        let reason = Reason::new(T::KIND, occurrence.sum as usize);
        if counter.slack < T::default() {
            violated = Some(reason);
            continue;
        }
        follow(&sums.all[occurrence.sum as usize].terms, counter.slack, trail, reason);
    }
    violated
}

/// What weighs more than the slack must be true.
#[inline]
pub(super) fn follow<T: Number>(terms: &[(T, Literal)], slack: T, trail: &mut Trail, reason: Reason) {
    for &(weight, literal) in terms {
        if weight <= slack {
            break;
        }
        if trail.is_open(literal) {
            trail.push(literal, reason);
        }
    }
}

impl Engine {
    /// Until nothing more follows, or something is violated, which is answered.
    pub(super) fn propagate(&mut self) -> Option<Reason> {
        while self.trail.head < self.trail.literals.len() {
            let falsified = self.trail.literals[self.trail.head] ^ 1;
            self.trail.head += 1;
            self.propagations += 1;
            // All counters first, so that they can be taken back whatever is violated.
            let (store, trail) = (&mut self.store, &mut self.trail);
            let violated = count(&mut store.narrow, trail, falsified);
            let violated = count(&mut store.long, trail, falsified).or(violated);
            let violated = count(&mut store.wide, trail, falsified).or(violated);
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
                violated = Some(Reason::new(Kind::Clause, watch.clause as usize));
                break;
            }
            if self.trail.is_open(other) {
                self.trail.push(other, Reason::new(Kind::Clause, watch.clause as usize));
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
                self.store.narrow.release(literal ^ 1);
                self.store.long.release(literal ^ 1);
                self.store.wide.release(literal ^ 1);
            }
            self.order.open(literal);
        }
        self.trail.starts.truncate(level);
    }
}
