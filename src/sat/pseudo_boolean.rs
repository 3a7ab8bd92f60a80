//! Pseudo-Boolean constraints as they are: "the weights of the true literals among these sum to at least `b`", always,
//! or where a literal is true, or exactly where it is.
//!
//! Counter propagation with lazily built reasons, the reified form as in [`super::cardinality`]; for the counters see
//! Elffers and Nordström, "Divide and Conquer: Towards Faster Pseudo-Boolean Solving", IJCAI 2018, section 3. Each
//! constraint has two rooms: what may still become false until it cannot hold, and what may still become true until it
//! holds whatever comes. An open literal that weighs more than a room has only one value left. Weights are kept in
//! descending order, so that the scan for such literals stops at the first that fits.
//!
//! What is found is complete for each constraint alone (generalised arc consistency). Cost: O(1) for each occurrence of
//! an assigned literal while the heaviest literal fits, once more where it is undone; a scan of the literals that do not
//! fit otherwise. Memory: a literal takes 12 bytes and 16 a counted side, a constraint 72.

use super::SatError;
use super::cardinality::{PropagatorStatistics, is_normal};
use super::occurrences::{Occurrences, reserve};
use super::propagator::{Found, Halt, Keep, Propagator, Queue, Trail};
use crate::error::OutOfMemory;
use crate::formula::Condition;

/// The room of literals that become false, and the tag of what follows from them; 0 is that of those that become true.
const FALSE: usize = 1;

#[derive(Debug, Clone, Copy)]
struct Constraint {
    /// Its literals and weights in the arenas, the heaviest first.
    begin: usize,
    length: u32,
    /// 0 where it holds always.
    condition: i32,
    reified: bool,
    bound: i64,
    total: i64,
}

impl Constraint {
    fn places(&self) -> std::ops::Range<usize> {
        self.begin..self.begin + self.length as usize
    }

    /// How much of each side the constraint and its negation can bear.
    fn rooms(&self) -> [i64; 2] {
        [self.bound - 1, self.total - self.bound]
    }
}

/// What the hot loop looks at.
#[derive(Debug, Clone, Copy)]
struct Room {
    /// By side; negative where the side is decided. A side that is not counted never shrinks.
    left: [i64; 2],
    heaviest: i64,
}

/// All pseudo-Boolean constraints of a solver.
#[derive(Debug, Default)]
pub(crate) struct PseudoBoolean {
    constraints: Vec<Constraint>,
    literals: Vec<i32>,
    weights: Vec<i64>,
    rooms: Vec<Room>,
    /// By true literal: the constraint it counts in, times two, plus the side; and its weight.
    occurrences: Occurrences<(u32, i64)>,
    /// By true literal: the constraint whose condition it is, times two, plus one where it is the condition's negation.
    conditions: Occurrences<u32>,
    /// Constraints that force some of their literals from the beginning.
    units: Vec<u32>,
    /// The trail was read up to here.
    head: usize,
    /// Constraints were added since the occurrences were built.
    stale: bool,
    /// Room for one constraint, to sort it.
    terms: Vec<(i64, i32)>,
    statistics: PropagatorStatistics,
    failure: Option<SatError>,
}

impl PseudoBoolean {
    /// No constraints.
    #[cfg(test)]
    pub fn new() -> Self {
        Self::default()
    }

    /// The `weights` of the true `literals` sum to at least `bound`, under `condition`. Between searches only. There are
    /// as many weights as literals; the literals are over distinct variables, the condition's not among them; each weight
    /// is from 1 to `bound`; the weights sum to at least `bound` and fit. What is above brings constraints into that form.
    /// Nothing changes where memory is short.
    pub fn add(
        &mut self,
        literals: &[i32],
        weights: &[i64],
        bound: i64,
        condition: Condition,
    ) -> Result<(), OutOfMemory> {
        debug_assert!(is_normal(literals, condition) && literals.len() == weights.len());
        debug_assert!(weights.iter().all(|w| (1..=bound).contains(w)) && weights.iter().sum::<i64>() >= bound);
        let count = self.constraints.len();
        if count >= (u32::MAX / 2) as usize {
            return Err(OutOfMemory::Allocator { bytes: (count * size_of::<Constraint>()) as u64 });
        }
        reserve(&mut self.constraints, 1)?;
        reserve(&mut self.literals, literals.len())?;
        reserve(&mut self.weights, literals.len())?;
        reserve(&mut self.rooms, 1)?;
        reserve(&mut self.units, 1)?;
        self.terms.clear();
        reserve(&mut self.terms, literals.len())?;
        self.terms.extend(weights.iter().copied().zip(literals.iter().copied()));
        self.terms.sort_unstable_by_key(|&(weight, literal)| (std::cmp::Reverse(weight), literal.unsigned_abs()));
        let begin = self.literals.len();
        self.literals.extend(self.terms.iter().map(|t| t.1));
        self.weights.extend(self.terms.iter().map(|t| t.0));
        let (total, heaviest) = (weights.iter().sum(), self.terms.first().map_or(0, |t| t.0));
        let length = u32::try_from(literals.len()).unwrap_or(u32::MAX); // a literal a variable
        let reified = matches!(condition, Condition::Reified(_));
        if condition == Condition::Plain && heaviest > total - bound {
            self.units.push(u32::try_from(count).unwrap_or(u32::MAX));
        }
        let condition = condition.literal().unwrap_or(0);
        self.constraints.push(Constraint { begin, length, condition, reified, bound, total });
        self.rooms.push(Room { left: [0, 0], heaviest });
        self.stale = true;
        self.statistics.constraints += 1;
        Ok(())
    }

    /// Makes the tables for what was added since the last time. The next [`Propagator::propagate`] does it otherwise, and
    /// ends the search where memory is short.
    pub fn prepare(&mut self) -> Result<(), OutOfMemory> {
        if !self.stale {
            return Ok(());
        }
        // Never the old tables beside the new ones.
        (self.occurrences, self.conditions) = (Occurrences::default(), Occurrences::default());
        let this = &*self;
        let constraints = || (0u32..).zip(&this.constraints);
        let sides = constraints().flat_map(move |(index, c)| {
            let falses = c.places().map(move |i| (-this.literals[i], (2 * index + 1, this.weights[i])));
            let counted = if c.reified { c.places() } else { 0..0 };
            falses.chain(counted.map(move |i| (this.literals[i], (2 * index, this.weights[i]))))
        });
        let occurrences = Occurrences::build(sides)?;
        let conditions = constraints().filter(|(_, c)| c.condition != 0).flat_map(move |(index, c)| {
            let falses = c.reified.then_some((-c.condition, 2 * index + 1));
            std::iter::once((c.condition, 2 * index)).chain(falses)
        });
        self.conditions = Occurrences::build(conditions)?;
        self.occurrences = occurrences;
        for (room, c) in self.rooms.iter_mut().zip(&self.constraints) {
            room.left = c.rooms();
        }
        self.head = 0;
        self.stale = false;
        Ok(())
    }

    /// What was done so far.
    pub fn statistics(&self) -> PropagatorStatistics {
        self.statistics
    }

    /// Why the search was ended, if it was.
    pub fn take_failure(&mut self) -> Option<SatError> {
        self.failure.take()
    }

    /// The heaviest literal of constraint `index` does not fit into the room of `side` any more, or the condition became
    /// known. `last` is the literal that was read. Answers whether there is a conflict.
    fn wake(&mut self, index: u32, side: usize, last: i32, trail: &Trail, queue: &mut Queue) -> bool {
        let c = self.constraints[index as usize];
        let left = self.rooms[index as usize].left[side];
        // What must hold where nothing can be given away any more on this side.
        let (condition, sign) = if side == FALSE { (c.condition, 1) } else { (-c.condition, -1) };
        let active = if condition == 0 { 1 } else { trail.value(condition) };
        let tag = 2 * index + u32::from(side == FALSE);
        if left < 0 {
            // The condition's literal cannot hold. Without one, the literal that was read should not have become false.
            if active < 0 {
                return false;
            }
            queue.push(if condition == 0 { -last } else { -condition }, tag);
            self.statistics.conflicts += u64::from(active > 0);
            self.statistics.propagations += u64::from(active == 0);
            return active > 0;
        }
        if active > 0 {
            self.force(c, sign, left, tag, trail, queue);
        }
        false
    }

    /// The open literals that weigh more than `left` have one value left.
    fn force(&mut self, c: Constraint, sign: i32, left: i64, tag: u32, trail: &Trail, queue: &mut Queue) {
        for i in c.places() {
            if self.weights[i] <= left {
                break;
            }
            if trail.value(self.literals[i]) == 0 {
                queue.push(sign * self.literals[i], tag);
                self.statistics.propagations += 1;
            }
        }
    }
}

impl Propagator for PseudoBoolean {
    fn propagate(&mut self, trail: &Trail, queue: &mut Queue) -> Result<(), Halt> {
        if self.stale
            && let Err(why) = self.prepare()
        {
            self.failure = Some(why.into());
            return Err(Halt);
        }
        if trail.level() == 0 || self.head == 0 {
            for at in 0..self.units.len() {
                let index = self.units[at];
                let c = self.constraints[index as usize];
                self.force(c, 1, c.total - c.bound, 2 * index + 1, trail, queue);
            }
        }
        while let Some(&literal) = trail.literals().get(self.head) {
            self.head += 1;
            let mut conflict = false;
            for at in self.occurrences.range(literal) {
                let (entry, weight) = self.occurrences.at(at);
                let (index, side) = (entry >> 1, (entry & 1) as usize);
                let room = &mut self.rooms[index as usize];
                let before = room.left[side];
                room.left[side] = before - weight;
                // Where the side was decided before, that was said then.
                if before - weight < room.heaviest && before >= 0 {
                    conflict |= self.wake(index, side, literal, trail, queue);
                }
            }
            for at in self.conditions.range(literal) {
                let entry = self.conditions.at(at);
                // A condition that is true forces what may not be false any more, and the other way round.
                let (index, side) = (entry >> 1, 1 - (entry & 1) as usize);
                let room = &self.rooms[index as usize];
                if room.left[side] < room.heaviest {
                    conflict |= self.wake(index, side, literal, trail, queue);
                }
            }
            if conflict {
                break; // what is read beyond would be undone at once
            }
        }
        Ok(())
    }

    fn backtrack(&mut self, trail: &Trail, length: usize) {
        if self.stale {
            return; // read from the beginning the next time
        }
        while self.head > length {
            self.head -= 1;
            for &(entry, weight) in self.occurrences.of(trail.literals()[self.head]) {
                self.rooms[(entry >> 1) as usize].left[(entry & 1) as usize] += weight;
            }
        }
    }

    /// The heaviest literals until there are enough, so that the clause is short.
    fn explain(&mut self, literal: i32, tag: u32, trail: &Trail, clause: &mut Vec<i32>) -> Result<(), Halt> {
        self.statistics.reasons_asked += 1;
        let (c, side) = (self.constraints[(tag >> 1) as usize], (tag & 1) as usize);
        let (condition, sign) = if side == FALSE { (c.condition, 1) } else { (-c.condition, -1) };
        let horizon = trail.horizon(literal);
        clause.push(literal);
        let mut missing = c.rooms()[side] + 1;
        if condition != 0 && literal == -condition {
            // The literals alone must exceed the room.
        } else {
            if condition != 0 {
                clause.push(-condition);
            }
            let own = c.places().find(|&i| self.literals[i] == sign * literal);
            missing -= own.map_or(0, |i| self.weights[i]);
        }
        for i in c.places() {
            if missing <= 0 {
                break;
            }
            let other = sign * self.literals[i];
            if trail.value(other) < 0 && other != literal && trail.position(other) < horizon {
                clause.push(other);
                missing -= self.weights[i];
            }
        }
        if missing > 0 {
            debug_assert!(false, "a reason was asked for that the trail does not have");
            let what = "a pseudo-Boolean constraint was asked for a reason that it has not";
            self.failure = Some(SatError::Internal(what.into()));
            return Err(Halt);
        }
        Ok(())
    }

    /// Nothing should be left to find here; it is cheap to make sure.
    fn check_model(&mut self, trail: &Trail, found: &mut Found<'_>) -> Result<bool, Halt> {
        for c in &self.constraints {
            let sum: i64 = c.places().filter(|&i| trail.value(self.literals[i]) > 0).map(|i| self.weights[i]).sum();
            let active = if c.condition == 0 { 1 } else { trail.value(c.condition) };
            let (sign, literal) = match (sum >= c.bound, active > 0) {
                (false, true) => (1, -c.condition),
                (true, false) if c.reified => (-1, c.condition),
                _ => continue,
            };
            debug_assert!(false, "a violated constraint was not found by propagation");
            let all = c.places().map(|i| sign * self.literals[i]).filter(|&l| trail.value(l) < 0);
            let mut clause: Vec<i32> = all.collect();
            clause.extend(Some(literal).filter(|&l| l != 0));
            found.clause(&clause, Keep::WhileUseful);
            return Ok(false);
        }
        Ok(true)
    }

    fn bytes(&self) -> u64 {
        (self.constraints.capacity() * size_of::<Constraint>()
            + self.literals.capacity() * size_of::<i32>()
            + self.weights.capacity() * size_of::<i64>()
            + self.rooms.capacity() * size_of::<Room>()
            + self.units.capacity() * size_of::<u32>()
            + self.terms.capacity() * size_of::<(i64, i32)>()) as u64
            + self.occurrences.bytes()
            + self.conditions.bytes()
    }

    fn name(&self) -> &'static str {
        "pseudo-boolean"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sat::drive::{Dice, Drive, Reference};

    fn random(dice: &mut Dice, variables: i32) -> (Vec<i32>, Vec<i64>, i64, Condition) {
        let count = usize::try_from(1 + dice.below(variables.unsigned_abs().into())).unwrap();
        let (literals, spare) = dice.literals(variables, count);
        let most = [1, 3, 10, 1 << 40][usize::try_from(dice.below(4)).unwrap()];
        let mut weights: Vec<i64> = literals.iter().map(|_| i64::try_from(1 + dice.below(most)).unwrap()).collect();
        let total: i64 = weights.iter().sum();
        let bound = 1 + i64::try_from(dice.below(total.unsigned_abs())).unwrap();
        for weight in &mut weights {
            *weight = (*weight).min(bound);
        }
        let condition = dice.condition(spare);
        (literals, weights, bound, condition)
    }

    #[test]
    fn all_that_is_found_is_right_and_nothing_is_missed() {
        let mut dice = Dice(5);
        let (mut reasons, mut conflicts, mut fixpoints, mut models) = (0, 0, 0, 0);
        for _ in 0..3000 {
            let variables = 1 + i32::try_from(dice.below(8)).unwrap();
            let (mut propagator, mut constraints) = (PseudoBoolean::new(), Vec::new());
            for _ in 0..=dice.below(3) {
                for _ in 0..=dice.below(3) {
                    let (literals, weights, bound, condition) = random(&mut dice, variables);
                    propagator.add(&literals, &weights, bound, condition).unwrap();
                    let terms = weights.into_iter().zip(literals).collect();
                    constraints.push(Reference { terms, bound, condition });
                }
                let mut drive = Drive::new(&mut propagator, &constraints, variables);
                drive.run(60, &mut dice);
                reasons += drive.seen.reasons;
                conflicts += drive.seen.conflicts;
                fixpoints += drive.seen.fixpoints;
                models += drive.seen.models;
                if drive.seen.fixpoints == 0 {
                    break; // unsatisfiable
                }
                propagator.stale = true; // the next run has a new trail
            }
        }
        let enough = reasons > 50_000 && conflicts > 5_000 && fixpoints > 50_000 && models > 5_000;
        assert!(enough, "{reasons} {conflicts} {fixpoints} {models}");
    }

    #[test]
    fn weights_up_to_the_edge_of_the_integers() {
        let half = i64::MAX / 2;
        let mut dice = Dice(3);
        for condition in [Condition::Plain, Condition::Implied(3), Condition::Reified(-3)] {
            let mut propagator = PseudoBoolean::new();
            propagator.add(&[1, -2], &[half, half], half, condition).unwrap();
            let terms = vec![(half, 1), (half, -2)];
            let constraints = [Reference { terms, bound: half, condition }];
            Drive::new(&mut propagator, &constraints, 3).run(500, &mut dice);
        }
    }
}
