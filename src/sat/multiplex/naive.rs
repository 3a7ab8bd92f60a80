//! Propagators without any cleverness, which say all that can be said: what tests hold the multiplexer against.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng};

use crate::sat::propagator::{Found, Halt, Keep, Propagator, Queue, Trail};

pub(super) struct Random(Xoshiro256PlusPlus);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Random(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0.next_u64() % bound
    }

    pub(super) fn literal(&mut self, vars: u32) -> i32 {
        let variable = i32::try_from(1 + self.below(vars.into())).unwrap();
        if self.below(2) == 0 { variable } else { -variable }
    }

    pub(super) fn clause(&mut self, vars: u32, length: usize) -> Vec<i32> {
        (0..length).map(|_| self.literal(vars)).collect()
    }

    /// `length` different variables.
    pub(super) fn variables(&mut self, vars: u32, length: usize) -> Vec<i32> {
        let mut chosen: Vec<i32> = Vec::new();
        while chosen.len() < length {
            let variable = self.literal(vars).abs();
            if !chosen.contains(&variable) {
                chosen.push(variable);
            }
        }
        chosen
    }
}

/// What a constraint says under a trail: it is a clause of them that is false or has one literal left, or nothing.
pub(super) trait Constraint: Send + 'static {
    /// Appends a clause that follows from the constraint and is false, or all false but for its first literal.
    fn unit(&self, trail: &Trail, clause: &mut Vec<i32>);
}

impl Constraint for Vec<i32> {
    fn unit(&self, trail: &Trail, clause: &mut Vec<i32>) {
        let mut open = self.iter().filter(|&&l| trail.value(l) >= 0);
        let (first, second) = (open.next(), open.next());
        if second.is_none() && first.is_none_or(|&l| trail.value(l) == 0) {
            clause.extend(first);
            clause.extend(self.iter().filter(|&l| Some(l) != first));
        }
    }
}

/// An odd number of these literals is true.
pub(super) struct Xor(pub Vec<i32>);

impl Constraint for Xor {
    fn unit(&self, trail: &Trail, clause: &mut Vec<i32>) {
        let mut open = self.0.iter().filter(|&&l| trail.value(l) == 0);
        let (first, second) = (open.next(), open.next());
        let odd = self.0.iter().filter(|&&l| trail.value(l) > 0).count() % 2 == 1;
        if second.is_some() || (first.is_none() && odd) {
            return;
        }
        clause.extend(first.map(|&l| if odd { -l } else { l }));
        let false_of = |&l: &i32| if trail.value(l) > 0 { -l } else { l };
        clause.extend(self.0.iter().filter(|&l| Some(l) != first).map(false_of));
    }
}

/// When a propagator speaks up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mode {
    /// As soon as it can.
    Eager,
    /// Where a model was found.
    Lazy,
    /// Through clauses that it adds.
    Clauses(Keep),
}

/// Constraints that are gone through one by one whenever anything happens.
pub(super) struct Naive<C> {
    pub constraints: Vec<C>,
    pub mode: Mode,
    /// Proposes decisions.
    pub decides: Option<Random>,
    /// What it knows of the trail.
    read: Vec<i32>,
    reasons: Vec<Vec<i32>>,
    pub fixed: Vec<i32>,
    pub learned: Vec<Vec<i32>>,
    pub models: Vec<Vec<i8>>,
}

impl<C: Constraint> Naive<C> {
    pub(super) fn new(constraints: Vec<C>, mode: Mode) -> Self {
        let (read, reasons, fixed, learned, models) = Default::default();
        Naive { constraints, mode, decides: None, read, reasons, fixed, learned, models }
    }

    /// The trail only ever grows and is cut as `backtrack` says.
    fn follow(&mut self, trail: &Trail) {
        assert_eq!(self.read[..], trail.literals()[..self.read.len()]);
        for (place, &literal) in trail.literals().iter().enumerate().skip(self.read.len()) {
            assert_eq!((trail.value(literal), trail.value(-literal)), (1, -1));
            assert_eq!((trail.position(literal), trail.horizon(literal)), (place, place));
            assert!((trail.start(trail.level_at(place))..trail.start(trail.level_at(place) + 1)).contains(&place));
            self.read.push(literal);
        }
    }

    fn first_unit(&self, trail: &Trail) -> Vec<i32> {
        let mut clause = Vec::new();
        for constraint in &self.constraints {
            constraint.unit(trail, &mut clause);
            if !clause.is_empty() {
                break;
            }
        }
        clause
    }
}

impl<C: Constraint> Propagator for Naive<C> {
    fn propagate(&mut self, trail: &Trail, queue: &mut Queue) -> Result<(), Halt> {
        self.follow(trail);
        if self.mode != Mode::Eager {
            return Ok(());
        }
        for constraint in &self.constraints {
            let mut clause = Vec::new();
            constraint.unit(trail, &mut clause);
            if let Some(&literal) = clause.first() {
                queue.push(literal, u32::try_from(self.reasons.len()).unwrap());
                self.reasons.push(clause);
            }
        }
        Ok(())
    }

    fn backtrack(&mut self, trail: &Trail, length: usize) {
        assert_eq!(length, trail.start(trail.target() + 1));
        self.read.truncate(length);
    }

    fn explain(&mut self, literal: i32, tag: u32, _: &Trail, clause: &mut Vec<i32>) -> Result<(), Halt> {
        let reason = &self.reasons[tag as usize];
        assert_eq!(reason[0], literal);
        clause.extend(reason);
        Ok(())
    }

    fn decide(&mut self, trail: &Trail) -> Result<Option<i32>, Halt> {
        let Some(random) = &mut self.decides else { return Ok(None) };
        let literal = random.literal(8);
        Ok((random.below(3) == 0 && trail.value(literal) == 0).then_some(literal))
    }

    fn check_model(&mut self, trail: &Trail, found: &mut Found<'_>) -> Result<bool, Halt> {
        self.follow(trail);
        let clause = self.first_unit(trail);
        if self.mode == Mode::Eager {
            assert!(clause.is_empty(), "an eager propagator never meets a wrong model");
        }
        if clause.is_empty() {
            self.models.push(found.model().to_vec());
            return Ok(true);
        }
        found.clause(&clause, if let Mode::Clauses(keep) = self.mode { keep } else { Keep::WhileUseful });
        Ok(false)
    }

    fn wants_clauses(&self) -> bool {
        matches!(self.mode, Mode::Clauses(_))
    }

    fn next_clause(&mut self, trail: &Trail, clause: &mut Vec<i32>) -> Result<Option<Keep>, Halt> {
        self.follow(trail);
        let Mode::Clauses(keep) = self.mode else { return Ok(None) };
        clause.extend(self.first_unit(trail));
        Ok((!clause.is_empty()).then_some(keep))
    }

    fn wants_fixed(&self) -> bool {
        true
    }

    fn fixed(&mut self, literal: i32) {
        self.fixed.push(literal);
    }

    fn wants_learned(&self) -> usize {
        3
    }

    fn learned(&mut self, clause: &[i32]) {
        self.learned.push(clause.to_vec());
    }
}
