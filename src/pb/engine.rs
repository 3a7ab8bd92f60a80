//! The search: decisions, restarts, what is kept.

use super::analyze::Learned;
use super::inequality::{Inequality, divided, gcd};
use super::order::Order;
use super::proof::Proof;
use super::propagate::follow;
use super::relax::Relax;
use super::store::{Kind, Number, Reason, Store, Sums, Use};
use super::trail::Trail;
use super::{Literal, variable};
use crate::budget::{Budget, Phase, Progress, Stop};
use crate::error::OutOfMemory;

/// Conflicts of the shortest stretch between restarts.
const STRETCH: u64 = 100;
/// Conflicts until what was learned is gone through, and how many more each time.
const REDUCE: u64 = 2000;
const MORE: u64 = 500;
/// What has so few levels is kept for good.
const KEPT: u32 = 2;

/// How a search ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// All variables have values: [`Engine::value`].
    Sat,
    /// Of the assumptions, those that cannot hold together.
    Unsat(Vec<Literal>),
    /// The budget ended it.
    Unknown(Stop),
    /// It has not enough memory.
    Memory(OutOfMemory),
}

/// Constraints, and the search over them.
#[derive(Debug, Default)]
pub(crate) struct Engine {
    pub(super) store: Store,
    pub(super) trail: Trail,
    pub(super) order: Order,
    pub(super) learned: Inequality,
    pub(super) scratch: Inequality,
    /// In which conflict each variable was bumped.
    pub(super) bumped: Vec<u64>,
    pub(super) conflicts: u64,
    pub(super) propagations: u64,
    pub(super) use_more: f32,
    /// The last value of each variable.
    phases: Vec<bool>,
    refuted: bool,
    pub(super) proof: Option<Proof>,
    pub(super) relax: Relax,
    reductions: u64,
    next_reduction: u64,
}

/// Bytes of all arrays by variable.
const OF_VARIABLE: u64 = 280;

/// Room for so many items more.
pub(super) fn room<T>(all: &mut Vec<T>, more: usize) -> Result<(), OutOfMemory> {
    let bytes = more.saturating_mul(size_of::<T>()) as u64;
    all.try_reserve(more).map_err(|_| OutOfMemory::Allocator { bytes })
}

/// 1, 1, 2, 1, 1, 2, 4, … (Luby, Sinclair and Zuckerman, 1993), from 0.
fn luby(mut index: u64) -> u64 {
    loop {
        let size = (index + 2).next_power_of_two();
        if index + 2 == size {
            return size / 2;
        }
        index -= size / 2 - 1;
    }
}

/// A sum's counter begins with what is false and has been propagated, and what follows from it does; or it is violated.
fn start<T: Number>(sums: &mut Sums<T>, trail: &mut Trail, index: usize, reason: Reason) -> Option<Reason> {
    let (sum, counter) = (&sums.all[index], &mut sums.counters[index]);
    for &(weight, literal) in &sum.terms {
        if trail.is_false_before(literal, trail.head) {
            counter.slack -= weight;
        }
    }
    if counter.slack < T::default() {
        return Some(reason);
    }
    follow(&sum.terms, counter.slack, trail, reason);
    None
}

impl Engine {
    /// The seed decides which variables come first before there are conflicts.
    pub fn new(seed: u64) -> Self {
        Engine { order: Order::new(seed), use_more: 1.0, next_reduction: REDUCE, ..Engine::default() }
    }

    /// Room for so many variables more, or an error: afterwards they can be made.
    pub fn reserve(&mut self, more: usize) -> Result<(), OutOfMemory> {
        self.trail.reserve(more)?;
        self.store.reserve(more)?;
        self.order.reserve(more)?;
        self.learned.reserve(more)?;
        self.scratch.reserve(more)?;
        room(&mut self.phases, more)?;
        room(&mut self.bumped, more)
    }

    /// Variables below this number exist.
    pub fn ensure(&mut self, variables: usize) {
        self.trail.ensure(variables);
        self.store.ensure(variables);
        self.order.ensure(variables);
        self.learned.ensure(variables);
        self.scratch.ensure(variables);
        if variables > self.phases.len() {
            self.phases.resize(variables, false);
            self.bumped.resize(variables, u64::MAX);
        }
    }

    /// Which value a variable is tried with first.
    pub fn set_phase(&mut self, literal: Literal) {
        self.phases[variable(literal)] = literal & 1 == 0;
    }

    /// Whether a literal is true in the model.
    pub fn value(&self, literal: Literal) -> bool {
        self.phases[variable(literal)] != (literal & 1 == 1)
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        self.store.bytes + OF_VARIABLE * self.trail.num_vars() as u64
    }

    /// Undoes all decisions, so that constraints can be added.
    pub fn restart(&mut self) {
        self.backtrack(0);
    }

    /// Conflicts so far.
    pub fn conflicts(&self) -> u64 {
        self.conflicts
    }

    /// From here on what is derived is told. Before anything is added.
    pub fn set_proof(&mut self, proof: Proof) {
        self.proof = Some(proof);
        self.learned.derivation = Some(String::new());
        self.scratch.derivation = Some(String::new());
    }

    /// The proof, if one is written.
    pub fn proof(&mut self) -> Option<&mut Proof> {
        self.proof.as_mut()
    }

    /// Literals weigh at least the bound. Weights are positive; where a proof is written, `from` is the inequality's number in the
    /// formula or how it is derived.
    pub fn add(&mut self, terms: impl Iterator<Item = (i128, Literal)>, bound: i128, from: impl FnOnce() -> String) {
        self.add_as(terms, bound, from, Use::default());
    }

    /// The same, of use in another way.
    pub(super) fn add_as(
        &mut self,
        terms: impl Iterator<Item = (i128, Literal)>,
        bound: i128,
        from: impl FnOnce() -> String,
        usage: Use,
    ) {
        self.backtrack(0);
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        terms.for_each(|(weight, literal)| scratch.add(weight, literal));
        scratch.bound += bound;
        scratch.note(|derivation| derivation.push_str(&from()));
        // On level 0 what is violated is a contradiction.
        self.refuted |= self.take(&mut scratch, usage).is_some();
        self.scratch = scratch;
    }

    /// The number of an inequality in the proof, which tells of it now; 0 where there is none.
    fn prove(&mut self, inequality: &Inequality) -> u64 {
        match (&mut self.proof, &inequality.derivation) {
            (Some(proof), Some(derivation)) => proof.derive(derivation),
            _ => 0,
        }
    }

    /// Adds what is in the inequality, and what follows from it as things are; or answers that it is violated.
    fn take(&mut self, inequality: &mut Inequality, mut usage: Use) -> Option<Reason> {
        inequality.saturate();
        if inequality.bound <= 0 {
            return None;
        }
        let divisor = inequality.terms().fold(0, |divisor, (weight, _)| gcd(divisor, weight));
        if divisor > 1 {
            inequality.divide(divisor, |_| false);
        }
        if inequality.bound > i64::MAX.into() {
            // Of all weights but one the sum is less than that: this one literal must be true, and it stays so.
            inequality.divide(divided(inequality.bound, i64::MAX.into()), |_| false);
        }
        usage.number = self.prove(inequality);
        if inequality.terms().map(|(weight, _)| weight).sum::<i128>() < inequality.bound {
            self.refuted = true;
            return None;
        }
        let terms: Vec<(i64, Literal)> = inequality.terms().map(|(weight, l)| (weight as i64, l)).collect();
        let bound = inequality.bound as i64;
        if terms.iter().all(|&(weight, _)| weight >= bound) {
            return self.take_clause(terms.iter().map(|&(_, literal)| literal).collect(), usage);
        }
        let reason = self.store.add_sum(terms, bound, usage);
        let (kind, index) = reason.get()?;
        match kind {
            Kind::Clause => None,
            Kind::Narrow => start(&mut self.store.narrow, &mut self.trail, index, reason),
            Kind::Long => start(&mut self.store.long, &mut self.trail, index, reason),
            Kind::Wide => start(&mut self.store.wide, &mut self.trail, index, reason),
        }
    }

    /// The same for a clause: it is watched through what is not false, or became so last.
    fn take_clause(&mut self, mut literals: Vec<Literal>, usage: Use) -> Option<Reason> {
        literals.sort_unstable_by_key(|&literal| {
            let is_false = self.trail.value(literal) < 0;
            (is_false, if is_false { usize::MAX - self.trail.level_of(literal) } else { 0 }, literal)
        });
        let first = literals[0];
        let Some(&second) = literals.get(1) else {
            match self.trail.value(first) {
                0 => self.trail.push(first, Reason::NONE),
                1 => {}
                _ => self.refuted = true, // it is learned on level 0, or added there
            }
            return None;
        };
        let reason = self.store.add_clause(literals.into(), usage);
        if self.trail.value(first) < 0 {
            return Some(reason);
        }
        if self.trail.value(second) < 0 && self.trail.is_open(first) {
            self.trail.push(first, reason);
        }
        None
    }

    /// Looks for a model in which the assumptions hold.
    pub fn solve(&mut self, assumptions: &[Literal], budget: &Budget) -> Answer {
        self.backtrack(0);
        // Many calls may follow one another, each without a conflict.
        if let Err(stop) = budget.spend(1) {
            return Answer::Unknown(stop);
        }
        if self.bytes() > budget.memory() {
            return Answer::Memory(OutOfMemory::Limit { bytes: self.bytes(), limit: budget.memory() });
        }
        self.join_pairs(budget);
        self.begin_relaxing();
        let (mut restarts, mut until) = (0, self.conflicts + STRETCH);
        let (mut looked, mut steps, mut violated) = (self.propagations, 0u32, None);
        loop {
            let found = violated.take().or_else(|| self.propagate());
            if found.is_some() || (!self.refuted && self.relax(budget)) {
                self.conflicts += 1;
                self.refuted |= found.is_some() && self.trail.level() == 0;
                if self.refuted {
                    return Answer::Unsat(Vec::new());
                }
                match self.analyze(found) {
                    Learned::Contradiction => {
                        self.refuted = true;
                        let learned = std::mem::take(&mut self.learned);
                        self.prove(&learned);
                        self.learned = learned;
                        return Answer::Unsat(Vec::new());
                    }
                    Learned::Asserts { level, levels } => {
                        self.keep_phases(level);
                        self.backtrack(level);
                        let mut learned = std::mem::take(&mut self.learned);
                        let usage = Use { is_learned: true, levels, activity: self.use_more, ..Use::default() };
                        violated = self.take(&mut learned, usage);
                        self.learned = learned;
                        // Nothing is forgotten where the budget ends the search here.
                        self.refuted |= violated.is_some() && level == 0;
                    }
                }
                self.use_more *= 1.001;
                if self.use_more > 1e20 {
                    self.calm();
                }
                if self.refuted {
                    return Answer::Unsat(Vec::new());
                }
                let spent = budget.spend(self.propagations - looked);
                looked = self.propagations;
                let conflicts = self.conflicts;
                let report = || Progress { conflicts, ..Progress::at(Phase::Search) };
                if let Err(stop) = spent.and_then(|()| budget.report(report)) {
                    return Answer::Unknown(stop);
                }
                if self.conflicts.is_multiple_of(256) && self.bytes() > budget.memory() {
                    return Answer::Memory(OutOfMemory::Limit { bytes: self.bytes(), limit: budget.memory() });
                }
                budget.spend_conflicts(1);
                if budget.conflicts_left() == Some(0) {
                    return Answer::Unknown(Stop::Conflicts);
                }
                continue;
            }
            if self.refuted {
                return Answer::Unsat(Vec::new());
            }
            if self.conflicts >= until {
                restarts += 1;
                until = self.conflicts + STRETCH * luby(restarts);
                self.keep_phases(0);
                self.backtrack(0);
                if self.conflicts >= self.next_reduction {
                    self.reductions += 1;
                    self.next_reduction = self.conflicts + REDUCE + MORE * self.reductions;
                    self.reduce();
                }
                continue;
            }
            steps += 1;
            if steps.is_multiple_of(1024) {
                let spent = budget.spend(self.propagations - looked);
                looked = self.propagations;
                if let Err(stop) = spent {
                    return Answer::Unknown(stop);
                }
            }
            match self.next(assumptions) {
                Next::Decide(literal) => {
                    self.trail.new_level();
                    self.trail.push(literal, Reason::NONE);
                }
                Next::Holds => self.trail.new_level(),
                Next::Fails(literal) => {
                    let core = self.core(literal);
                    if let Some(proof) = &mut self.proof {
                        proof.lemma(core.iter().map(|&literal| literal ^ 1));
                    }
                    return Answer::Unsat(core);
                }
                Next::Nothing => {
                    self.keep_phases(0);
                    return Answer::Sat;
                }
            }
        }
    }

    fn next(&mut self, assumptions: &[Literal]) -> Next {
        if let Some(&assumption) = assumptions.get(self.trail.level()) {
            return match self.trail.value(assumption) {
                0 => Next::Decide(assumption),
                1 => Next::Holds,
                _ => Next::Fails(assumption),
            };
        }
        while let Some(v) = self.order.pop() {
            if self.trail.is_open(2 * v) {
                return Next::Decide(2 * v + u32::from(!self.phases[v as usize]));
            }
        }
        Next::Nothing
    }

    /// Remembers values of what is above a level.
    fn keep_phases(&mut self, level: usize) {
        let begin = if level == 0 { 0 } else { self.trail.starts.get(level).copied().unwrap_or(usize::MAX) };
        for &literal in self.trail.literals.iter().skip(begin) {
            self.phases[variable(literal)] = literal & 1 == 0;
        }
    }

    fn calm(&mut self) {
        for usage in self.store.usages_mut() {
            usage.activity *= 1e-20;
        }
        self.use_more *= 1e-20;
    }

    /// Drops half of what was learned: what joins many levels, and was of little use. On level 0.
    fn reduce(&mut self) {
        let is_loose = |usage: &Use| usage.is_learned && usage.levels > KEPT;
        let all = self.store.usages().enumerate().filter(|(_, (_, usage))| is_loose(usage));
        let mut all: Vec<_> =
            all.map(|(index, (reason, usage))| (usage.levels, usage.activity, index, reason)).collect();
        all.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.total_cmp(&b.1)).then(b.2.cmp(&a.2)));
        all.truncate(all.len() / 2);
        for (_, _, _, reason) in all {
            if let Some(usage) = self.store.usage(reason) {
                usage.is_gone = true;
                let number = usage.number;
                self.proof.iter_mut().for_each(|proof| proof.delete(number));
            }
        }
        // Reasons of level 0 are not looked at again.
        self.store.sweep();
    }
}

enum Next {
    Decide(Literal),
    /// An assumption that is true already.
    Holds,
    /// An assumption that is false.
    Fails(Literal),
    /// Everything has a value.
    Nothing,
}
