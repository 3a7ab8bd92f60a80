//! Cardinality constraints as they are: "at least `k` of these literals", always, or where a literal is true, or
//! exactly where it is.
//!
//! Source: Jia and Rinard, "Efficient Exact Verification of Binarized Neural Networks", NeurIPS 2020 (their solver is
//! MiniSatCS). A reified constraint is one object with no auxiliary variables: a pair of counters that each assigned
//! literal of the constraint moves and that backtracking moves back. A reason is built only when it is asked for.
//!
//! The pair counts down: how many more literals must become true until the constraint holds whatever comes, and how many
//! must become false until it cannot hold. So the hot loop looks at eight bytes of a constraint and compares them with
//! one; all else is looked at where a counter reaches one or zero.
//!
//! What is found is complete for each constraint alone (generalised arc consistency). Cost: O(1) for each occurrence of
//! an assigned literal, once more where it is undone, and one scan of the constraint where it starts to force its open
//! literals. A constraint that holds always or is only implied is counted on one side alone. Memory: a literal takes
//! 4 bytes and 4 a counted side, a constraint 40.

use super::SatError;
use super::occurrences::{Occurrences, reserve};
use super::propagator::{Found, Halt, Keep, Propagator, Queue, Trail};
use crate::error::OutOfMemory;
use crate::formula::Condition;

/// What a propagator did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PropagatorStatistics {
    /// Constraints held.
    pub constraints: u64,
    /// Open literals found to be true.
    pub propagations: u64,
    /// Literals found to be true that are false.
    pub conflicts: u64,
    /// Reasons built.
    pub reasons_asked: u64,
}

/// The counter of literals that became false, and the tag of what follows from them; 0 is that of those that became true.
const FALSE: usize = 1;

#[derive(Debug, Clone, Copy)]
struct Constraint {
    /// Its literals in the arena.
    begin: usize,
    length: u32,
    bound: u32,
    /// 0 where it holds always.
    condition: i32,
    reified: bool,
}

/// All cardinality constraints of a solver.
#[derive(Debug, Default)]
pub(crate) struct Cardinality {
    constraints: Vec<Constraint>,
    literals: Vec<i32>,
    /// What is left until a constraint holds ([`TRUE`]) or cannot hold ([`FALSE`]). Negative where that is so already.
    left: Vec<[i32; 2]>,
    /// By true literal: the constraint it counts in, times two, plus the counter.
    occurrences: Occurrences<u32>,
    /// By true literal: the constraint whose condition it is, times two, plus one where it is the condition's negation.
    conditions: Occurrences<u32>,
    /// Constraints that force all of their literals from the beginning.
    units: Vec<u32>,
    /// The trail was read up to here.
    head: usize,
    /// Constraints were added since the occurrences were built.
    stale: bool,
    /// Room for one constraint's candidates: position and literal.
    candidates: Vec<(u32, i32)>,
    longest: usize,
    statistics: PropagatorStatistics,
    failure: Option<SatError>,
}

impl Cardinality {
    /// No constraints.
    #[cfg(test)]
    pub fn new() -> Self {
        Self::default()
    }

    /// At least `bound` of `literals` are true, under `condition`. Between searches only. The literals are over distinct
    /// variables, `bound` is from 1 to their number, and the condition's variable is none of theirs: what is above
    /// brings constraints into that form. Nothing changes where memory is short.
    pub fn add(&mut self, literals: &[i32], bound: i64, condition: Condition) -> Result<(), OutOfMemory> {
        debug_assert!(is_normal(literals, condition) && (1..=literals.len() as i64).contains(&bound));
        let count = self.constraints.len();
        if count >= (u32::MAX / 2) as usize {
            return Err(OutOfMemory::Allocator { bytes: (count * size_of::<Constraint>()) as u64 });
        }
        let longest = self.longest.max(literals.len());
        reserve(&mut self.constraints, 1)?;
        reserve(&mut self.literals, literals.len())?;
        reserve(&mut self.left, 1)?;
        reserve(&mut self.units, 1)?;
        let room = longest.saturating_sub(self.candidates.len());
        reserve(&mut self.candidates, room)?;
        // In range, as the bound is, and a literal a variable.
        let bound = u32::try_from(bound).unwrap_or(u32::MAX);
        let length = u32::try_from(literals.len()).unwrap_or(u32::MAX);
        let reified = matches!(condition, Condition::Reified(_));
        if bound == length && condition == Condition::Plain {
            self.units.push(u32::try_from(count).unwrap_or(u32::MAX));
        }
        let begin = self.literals.len();
        self.literals.extend_from_slice(literals);
        let condition = condition.literal().unwrap_or(0);
        self.constraints.push(Constraint { begin, length, bound, condition, reified });
        self.left.push([0, 0]);
        self.longest = longest;
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
        let sides = constraints().flat_map(|(index, c)| {
            let falses = this.literals_of(c).iter().map(move |&l| (-l, 2 * index + 1));
            let counted = if c.reified { this.literals_of(c) } else { &[] };
            falses.chain(counted.iter().map(move |&l| (l, 2 * index)))
        });
        let occurrences = Occurrences::build(sides)?;
        let conditions = constraints().filter(|(_, c)| c.condition != 0).flat_map(|(index, c)| {
            let falses = c.reified.then_some((-c.condition, 2 * index + 1));
            std::iter::once((c.condition, 2 * index)).chain(falses)
        });
        self.conditions = Occurrences::build(conditions)?;
        self.occurrences = occurrences;
        for (left, c) in self.left.iter_mut().zip(&self.constraints) {
            let until_true = if c.reified { c.bound.cast_signed() } else { i32::MAX };
            *left = [until_true, (c.length - c.bound + 1).cast_signed()];
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

    fn literals_of(&self, constraint: &Constraint) -> &[i32] {
        &self.literals[constraint.begin..constraint.begin + constraint.length as usize]
    }

    /// A counter of constraint `index` has reached one or zero, or is not above one while the condition became known.
    /// `last` is the literal that was read. Answers whether there is a conflict.
    #[cold]
    fn wake(&mut self, index: u32, side: usize, last: i32, trail: &Trail, queue: &mut Queue) -> bool {
        let c = self.constraints[index as usize];
        // What must hold where nothing can be given away any more on this side.
        let (condition, sign) = if side == FALSE { (c.condition, 1) } else { (-c.condition, -1) };
        let active = if condition == 0 { 1 } else { trail.value(condition) };
        let tag = 2 * index + u32::from(side == FALSE);
        if self.left[index as usize][side] <= 0 {
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
            for i in c.begin..c.begin + c.length as usize {
                let literal = self.literals[i];
                if trail.value(literal) == 0 {
                    queue.push(sign * literal, tag);
                    self.statistics.propagations += 1;
                }
            }
        }
        false
    }
}

/// Whether no variable occurs twice.
pub(super) fn is_normal(literals: &[i32], condition: Condition) -> bool {
    let mut variables: Vec<u32> = literals.iter().copied().chain(condition.literal()).map(i32::unsigned_abs).collect();
    variables.sort_unstable();
    variables.first() != Some(&0) && variables.windows(2).all(|pair| pair[0] != pair[1])
}

impl Propagator for Cardinality {
    fn propagate(&mut self, trail: &Trail, queue: &mut Queue) -> Result<(), Halt> {
        if self.stale
            && let Err(why) = self.prepare()
        {
            self.failure = Some(why.into());
            return Err(Halt);
        }
        if trail.level() == 0 || self.head == 0 {
            for &index in &self.units {
                let c = self.constraints[index as usize];
                for i in c.begin..c.begin + c.length as usize {
                    if trail.value(self.literals[i]) == 0 {
                        queue.push(self.literals[i], 2 * index + 1);
                        self.statistics.propagations += 1;
                    }
                }
            }
        }
        while let Some(&literal) = trail.literals().get(self.head) {
            self.head += 1;
            let mut conflict = false;
            for at in self.occurrences.range(literal) {
                let entry = self.occurrences.at(at);
                let (index, side) = (entry >> 1, (entry & 1) as usize);
                let left = &mut self.left[index as usize][side];
                *left -= 1;
                if left.cast_unsigned() <= 1 {
                    conflict |= self.wake(index, side, literal, trail, queue);
                }
            }
            for at in self.conditions.range(literal) {
                let entry = self.conditions.at(at);
                // A condition that is true forces what is left where no more may be false, and the other way round.
                let (index, side) = (entry >> 1, 1 - (entry & 1) as usize);
                if self.left[index as usize][side] <= 1 {
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
            for &entry in self.occurrences.of(trail.literals()[self.head]) {
                self.left[(entry >> 1) as usize][(entry & 1) as usize] += 1;
            }
        }
    }

    /// The earliest literals on the trail that suffice: fewest of them are of the current level, so that the learned
    /// clause jumps back far. Against the first ones of the constraint: half the conflicts on vertex covers without a
    /// solution (52,678 and 118,723, medians of five), about as many on majorities and networks.
    fn explain(&mut self, literal: i32, tag: u32, trail: &Trail, clause: &mut Vec<i32>) -> Result<(), Halt> {
        self.statistics.reasons_asked += 1;
        let (c, side) = (self.constraints[(tag >> 1) as usize], (tag & 1) as usize);
        // Of the false literals, the constraint can bear `length - bound`; of the true ones, its negation `bound - 1`.
        let (condition, sign, bearable) = match side {
            FALSE => (c.condition, 1, c.length - c.bound),
            _ => (-c.condition, -1, c.bound - 1),
        };
        let horizon = trail.horizon(literal);
        clause.push(literal);
        let mut needed = bearable as usize;
        if condition != 0 && literal == -condition {
            needed += 1;
        } else if condition != 0 {
            clause.push(-condition);
        }
        self.candidates.clear();
        for i in c.begin..c.begin + c.length as usize {
            let other = sign * self.literals[i];
            if trail.value(other) < 0 && other != literal {
                let position = trail.position(other);
                if position < horizon {
                    self.candidates.push((u32::try_from(position).unwrap_or(u32::MAX), other));
                }
            }
        }
        if self.candidates.len() > needed && needed > 0 {
            self.candidates.select_nth_unstable(needed - 1);
        }
        if self.candidates.len() < needed {
            debug_assert!(false, "a reason was asked for that the trail does not have");
            self.failure =
                Some(SatError::Internal("a cardinality constraint was asked for a reason it has not".into()));
            return Err(Halt);
        }
        clause.extend(self.candidates[..needed].iter().map(|&(_, other)| other));
        Ok(())
    }

    /// Nothing should be left to find here; it is cheap to make sure.
    fn check_model(&mut self, trail: &Trail, found: &mut Found<'_>) -> Result<bool, Halt> {
        for index in 0..self.constraints.len() {
            let c = self.constraints[index];
            let literals = self.literals_of(&c);
            let trues = literals.iter().filter(|&&l| trail.value(l) > 0).count();
            let holds = trues >= c.bound as usize;
            let active = if c.condition == 0 { 1 } else { trail.value(c.condition) };
            let (sign, literal) = match (holds, active > 0) {
                (false, true) => (1, -c.condition),
                (true, false) if c.reified => (-1, c.condition),
                _ => continue,
            };
            debug_assert!(false, "a violated constraint was not found by propagation");
            let all = literals.iter().map(|l| sign * l).filter(|&l| trail.value(l) < 0);
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
            + self.left.capacity() * size_of::<[i32; 2]>()
            + self.units.capacity() * size_of::<u32>()
            + self.candidates.capacity() * size_of::<(u32, i32)>()) as u64
            + self.occurrences.bytes()
            + self.conditions.bytes()
    }

    fn name(&self) -> &'static str {
        "cardinality"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sat::drive::{Dice, Drive, Reference};

    fn random(dice: &mut Dice, variables: i32) -> (Vec<i32>, i64, Condition) {
        let count = usize::try_from(1 + dice.below(variables.unsigned_abs().into())).unwrap();
        let (literals, spare) = dice.literals(variables, count);
        let bound = i64::try_from(1 + dice.below(count as u64)).unwrap();
        let condition = dice.condition(spare);
        (literals, bound, condition)
    }

    #[test]
    fn all_that_is_found_is_right_and_nothing_is_missed() {
        let mut dice = Dice(7);
        let (mut reasons, mut conflicts, mut fixpoints, mut models) = (0, 0, 0, 0);
        for round in 0..3000 {
            let variables = 1 + i32::try_from(dice.below(8)).unwrap();
            let (mut propagator, mut constraints) = (Cardinality::new(), Vec::new());
            // More constraints come between searches.
            for _ in 0..=dice.below(3) {
                for _ in 0..=dice.below(3) {
                    let (literals, bound, condition) = random(&mut dice, variables);
                    propagator.add(&literals, bound, condition).unwrap();
                    let terms = literals.iter().map(|&l| (1, l)).collect();
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
            assert!(propagator.statistics().constraints == constraints.len() as u64, "round {round}");
        }
        assert!(reasons > 50_000 && conflicts > 5_000 && fixpoints > 50_000 && models > 5_000);
        assert!(reasons + conflicts > 0, "{reasons} {conflicts} {fixpoints} {models}");
    }

    #[test]
    fn counters_come_back() {
        let mut dice = Dice(11);
        for _ in 0..300 {
            let mut propagator = Cardinality::new();
            let mut constraints = Vec::new();
            for _ in 0..4 {
                let (literals, bound, condition) = random(&mut dice, 8);
                propagator.add(&literals, bound, condition).unwrap();
                let terms = literals.iter().map(|&l| (1, l)).collect();
                constraints.push(Reference { terms, bound, condition });
            }
            propagator.prepare().unwrap();
            let fresh = propagator.left.clone();
            Drive::new(&mut propagator, &constraints, 8).run(50, &mut dice);
            propagator.backtrack(&Trail::default(), propagator.head); // nothing
            if propagator.head == 0 {
                assert_eq!(propagator.left, fresh);
            }
        }
    }

    #[test]
    fn a_reason_takes_the_earliest_literals() {
        // At most two of six: the reason of a conflict among five true ones is the first two and the literal itself.
        let mut propagator = Cardinality::new();
        propagator.add(&[-1, -2, -3, -4, -5, -6], 4, Condition::Plain).unwrap();
        let (mut trail, mut queue) = (Trail::default(), Queue::default());
        trail.resize(6);
        trail.new_level();
        for literal in [6, 3, 1, 5, 2] {
            trail.push(literal);
        }
        propagator.propagate(&trail, &mut queue).unwrap();
        let (literal, tag) = *queue.found.iter().find(|f| trail.value(f.0) < 0).unwrap();
        let mut clause = Vec::new();
        propagator.explain(literal, tag, &trail, &mut clause).unwrap();
        clause.sort_unstable();
        assert_eq!((literal, clause), (-1, vec![-6, -3, -1]));
    }
}
