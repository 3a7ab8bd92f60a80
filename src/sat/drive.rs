//! A search that knows nothing but propagators: drives one at random and holds everything that it says against an
//! enumeration of all assignments. For tests.

use super::propagator::{Found, Pending, Propagator, Queue, Trail};
use crate::formula::Condition;

/// A constraint as the oracle sees it: weights of true literals sum to at least the bound.
#[derive(Debug, Clone)]
pub struct Reference {
    pub terms: Vec<(i64, i32)>,
    pub bound: i64,
    pub condition: Condition,
}

fn holds(assignment: u32, literal: i32) -> bool {
    (assignment >> (literal.unsigned_abs() - 1) & 1 == 1) == (literal > 0)
}

impl Reference {
    /// Bit `v - 1` of `assignment` is the value of variable `v`.
    pub fn holds(&self, assignment: u32) -> bool {
        let sum: i64 = self.terms.iter().filter(|t| holds(assignment, t.1)).map(|t| t.0).sum();
        match self.condition {
            Condition::Plain => sum >= self.bound,
            Condition::Implied(l) => !holds(assignment, l) || sum >= self.bound,
            Condition::Reified(l) => holds(assignment, l) == (sum >= self.bound),
        }
    }
}

/// A small generator: xorshift.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n
    }

    /// `count` literals over distinct variables of `1..=variables`, and one more literal for a condition.
    pub fn literals(&mut self, variables: i32, count: usize) -> (Vec<i32>, i32) {
        let mut all: Vec<i32> = (1..=variables).collect();
        for i in (1..all.len()).rev() {
            let j = usize::try_from(self.below(i as u64 + 1)).unwrap();
            all.swap(i, j);
        }
        for literal in &mut all {
            *literal *= if self.below(2) == 0 { 1 } else { -1 };
        }
        (all[..count].to_vec(), *all.get(count).unwrap_or(&0))
    }

    pub fn condition(&mut self, literal: i32) -> Condition {
        match self.below(if literal == 0 { 1 } else { 4 }) {
            0 => Condition::Plain,
            1 => Condition::Implied(literal),
            _ => Condition::Reified(literal),
        }
    }
}

/// What a run has seen, so that a test can hold that it saw enough.
#[derive(Debug, Default, Clone, Copy)]
pub struct Seen {
    pub reasons: usize,
    pub conflicts: usize,
    pub fixpoints: usize,
    pub models: usize,
}

/// One propagator under random decisions.
pub struct Drive<'a> {
    propagator: &'a mut dyn Propagator,
    constraints: &'a [Reference],
    variables: i32,
    trail: Trail,
    /// Found literals on the trail, and their tags.
    found: Vec<(i32, u32)>,
    pub seen: Seen,
}

impl<'a> Drive<'a> {
    pub fn new(propagator: &'a mut dyn Propagator, constraints: &'a [Reference], variables: i32) -> Self {
        let mut trail = Trail::default();
        trail.resize(variables.unsigned_abs());
        Drive { propagator, constraints, variables, trail, found: Vec::new(), seen: Seen::default() }
    }

    /// So many random steps; ends at level 0, or with a conflict there.
    pub fn run(&mut self, steps: usize, dice: &mut Dice) {
        for _ in 0..steps {
            if self.fixpoint(dice) {
                self.complete();
                self.ask_again(dice);
                if self.trail.len() == self.variables as usize {
                    let (mut clauses, mut model) = (Pending::default(), Vec::new());
                    let mut found =
                        Found { fetch: &mut |_| {}, model: &mut model, clauses: &mut clauses, back: &mut None };
                    assert_eq!(self.propagator.check_model(&self.trail, &mut found), Ok(true));
                    assert_eq!(clauses.len(), 0);
                    self.seen.models += 1;
                    self.backtrack(dice);
                } else if dice.below(6) == 0 {
                    self.backtrack(dice);
                } else {
                    // A decision, and what clauses might say together with it.
                    if self.trail.level() > 0 || dice.below(4) > 0 {
                        self.trail.new_level();
                    }
                    for _ in 0..=dice.below(2) * dice.below(3) {
                        self.push_open(dice);
                    }
                }
            } else if self.trail.level() == 0 {
                return;
            } else {
                self.backtrack(dice);
            }
        }
        self.cut(0);
    }

    fn push_open(&mut self, dice: &mut Dice) {
        let open: Vec<i32> = (1..=self.variables).filter(|&v| self.trail.value(v) == 0).collect();
        if !open.is_empty() {
            let variable = open[usize::try_from(dice.below(open.len() as u64)).unwrap()];
            self.trail.push(if dice.below(2) == 0 { variable } else { -variable });
        }
    }

    fn backtrack(&mut self, dice: &mut Dice) {
        let level = self.trail.level();
        if level > 0 {
            self.cut(usize::try_from(dice.below(level as u64)).unwrap());
        }
    }

    fn cut(&mut self, level: usize) {
        let length = self.trail.aim(level);
        self.propagator.backtrack(&self.trail, length);
        self.trail.backtrack(level);
        self.found.retain(|&(literal, _)| self.trail.value(literal) > 0);
    }

    /// Whether it ended without a conflict.
    fn fixpoint(&mut self, dice: &mut Dice) -> bool {
        loop {
            let mut queue = Queue::default();
            self.propagator.propagate(&self.trail, &mut queue).unwrap();
            if queue.found.is_empty() {
                self.seen.fixpoints += 1;
                return true;
            }
            while let Some((literal, tag)) = queue.found.pop_front() {
                match self.trail.value(literal) {
                    0 => {
                        if dice.below(2) == 0 {
                            self.check_reason(literal, tag);
                        }
                        self.trail.push(literal);
                        self.found.push((literal, tag));
                    }
                    1 => {}
                    _ => {
                        self.check_reason(literal, tag);
                        self.seen.conflicts += 1;
                        return false;
                    }
                }
            }
        }
    }

    /// Reasons of what was found some time ago.
    fn ask_again(&mut self, dice: &mut Dice) {
        for i in 0..self.found.len() {
            if dice.below(3) == 0 {
                let (literal, tag) = self.found[i];
                self.check_reason(literal, tag);
            }
        }
    }

    fn check_reason(&mut self, literal: i32, tag: u32) {
        let mut clause = vec![77]; // what was there stays
        self.propagator.explain(literal, tag, &self.trail, &mut clause).unwrap();
        assert_eq!(clause.remove(0), 77);
        self.seen.reasons += 1;
        assert!(clause.contains(&literal), "{clause:?} lacks {literal}");
        for &other in clause.iter().filter(|&&l| l != literal) {
            assert!(self.trail.value(other) < 0, "{other} is not false in {clause:?}");
            assert!(self.trail.position(other) < self.trail.horizon(literal), "{other} comes too late in {clause:?}");
        }
        let mut sorted = clause.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), clause.len(), "{clause:?}");
        let implied =
            |c: &&Reference| (0..1 << self.variables).all(|a: u32| !c.holds(a) || clause.iter().any(|&l| holds(a, l)));
        assert!(self.constraints.iter().any(|c| implied(&c)), "{clause:?} does not follow");
    }

    /// At a fixpoint each constraint can still be satisfied by each value of each open variable.
    fn complete(&self) {
        let (mut ones, mut zeros) = (0u32, 0u32);
        for &literal in self.trail.literals() {
            let bit = 1 << (literal.unsigned_abs() - 1);
            *(if literal > 0 { &mut ones } else { &mut zeros }) |= bit;
        }
        for c in self.constraints {
            let (mut can_be_one, mut can_be_zero) = (0, 0);
            for a in (0..1 << self.variables).filter(|a| a & ones == ones && a & zeros == 0 && c.holds(*a)) {
                can_be_one |= a;
                can_be_zero |= !a;
            }
            for variable in 1..=self.variables {
                let bit = 1 << (variable - 1);
                assert!(can_be_one & bit != 0 || zeros & bit != 0, "{variable} must be false: {c:?} {:?}", self.trail);
                assert!(can_be_zero & bit != 0 || ones & bit != 0, "{variable} must be true: {c:?} {:?}", self.trail);
            }
        }
    }
}
