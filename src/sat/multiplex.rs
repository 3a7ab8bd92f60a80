//! Many propagators in the one place that CaDiCaL has for them (IPASIR-UP: Fazekas, Niemetz, Preiner, Kirchweger, Szeider
//! and Biere, SAT 2023).
//!
//! The multiplexer keeps the one trail that all of them read, remembers who proposed which literal so that it knows whom
//! to ask for the reason, and holds all that they answer against [`super::contract`] before CaDiCaL sees it. No panic
//! leaves it: a panic, a broken contract or a [`Halt`] ends the search, and CaDiCaL gets neutral answers until it has
//! ended.
//!
//! A propagator that halts while it explains, breaks its contract or panics leaves the engine unusable: CaDiCaL cannot do
//! without a reason, so it is given one that does not follow.
//!
//! Cost: a call through a function pointer and one through a vtable for each thing CaDiCaL says or asks; each literal of
//! a reason is looked at once. Buffers are kept, so nothing is allocated once they have grown.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::contract::{Broken, ContractViolation};
use super::propagator::{Found, Halt, Keep, Pending, Propagator, Queue, Trail};

/// Why the propagators ended the search.
pub(super) enum End {
    /// This one said so.
    Halt(usize),
    /// One broke its contract.
    Violation(ContractViolation),
    /// One panicked.
    Panic(Box<dyn Any + Send>),
    /// What CaDiCaL said does not fit what it said before.
    Lost(String),
}

/// A propagator that is connected.
struct Member {
    propagator: Box<dyn Propagator>,
    /// By variable.
    observes: Vec<bool>,
    /// The stamp of the trail when it was last asked what follows.
    asked_at: u64,
    wants_clauses: bool,
    wants_fixed: bool,
    wants_learned: usize,
}

/// Fills in so many variables' values.
type Fetch<'a> = &'a mut dyn FnMut(&mut Vec<i8>, usize);

/// What propagators think of an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All take it.
    Taken,
    /// One gave a clause that is false in it.
    Refused,
    /// One wants to go back to this decision level.
    Back(usize),
}

/// Who proposed a literal, and with which tag.
type Proposal = (usize, u32);

/// See the module.
#[derive(Default)]
pub(super) struct Multiplexer {
    /// How many are declared.
    variables: usize,
    trail: Trail,
    /// Changes when the trail does: who was asked at this stamp would find nothing new.
    stamp: u64,
    queue: Queue,
    /// Whose findings the queue holds.
    finder: usize,
    /// By id; none where one was disconnected.
    members: Vec<Option<Member>>,
    /// How many members observe a variable; by variable.
    observers: Vec<u32>,
    /// By literal and not by variable: what is proposed may be the negation of what was proposed before and still has to be
    /// explained.
    proposals: Vec<Proposal>,
    reason: Vec<i32>,
    clause: Vec<i32>,
    pending: Pending,
    model: Vec<i8>,
    end: Option<End>,
    /// A reason had to be made up.
    spoiled: bool,
}

impl std::fmt::Debug for Multiplexer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.members.iter().map(|m| m.as_ref().map(|m| m.propagator.name()));
        f.debug_list().entries(names).finish()
    }
}

/// Where `literal` stands in `proposals`.
fn code(literal: i32) -> usize {
    2 * literal.unsigned_abs() as usize + usize::from(literal < 0)
}

/// Between searches.
impl Multiplexer {
    /// Takes a propagator in, which observes nothing yet.
    pub(super) fn join(&mut self, propagator: Box<dyn Propagator>) -> usize {
        self.members.push(Some(Member {
            wants_clauses: propagator.wants_clauses(),
            wants_fixed: propagator.wants_fixed(),
            wants_learned: propagator.wants_learned(),
            propagator,
            observes: Vec::new(),
            asked_at: self.stamp,
        }));
        self.members.len() - 1
    }

    /// Lets propagator `id` observe `variables`; answers those that nobody observed before.
    pub(super) fn observe(&mut self, id: usize, variables: &[u32]) -> Vec<i32> {
        let mut fresh = Vec::new();
        let max = variables.iter().copied().max().unwrap_or(0);
        self.trail.resize(max);
        let length = max as usize + 1;
        if length > self.observers.len() {
            self.observers.resize(length, 0);
            self.proposals.resize(2 * length, (usize::MAX, 0));
        }
        let Some(member) = self.members.get_mut(id).and_then(Option::as_mut) else { return fresh };
        if length > member.observes.len() {
            member.observes.resize(length, false);
        }
        for &variable in variables {
            let index = variable as usize;
            if !std::mem::replace(&mut member.observes[index], true) {
                self.observers[index] += 1;
                if self.observers[index] == 1 {
                    fresh.push(variable.cast_signed());
                }
            }
        }
        fresh
    }

    /// Lets propagator `id` go, and answers which variables nobody observes any more.
    pub(super) fn leave(&mut self, id: usize) -> Option<(Box<dyn Propagator>, Vec<i32>)> {
        let member = self.members.get_mut(id)?.take()?;
        if self.finder == id {
            self.queue.found.clear();
        }
        let mut unobserved = Vec::new();
        for (variable, _) in member.observes.iter().enumerate().filter(|(_, observed)| **observed) {
            self.observers[variable] -= 1;
            if self.observers[variable] == 0 {
                unobserved.push(i32::try_from(variable).unwrap_or(i32::MAX)); // at most MAX_VAR
            }
        }
        Some((member.propagator, unobserved))
    }

    /// So many variables are declared.
    pub(super) fn resize(&mut self, variables: u32) {
        self.variables = variables as usize;
    }

    /// Whether propagator `id` is connected.
    pub(super) fn has(&self, id: usize) -> bool {
        self.members.get(id).is_some_and(Option::is_some)
    }

    /// Whether nobody is connected.
    pub(super) fn is_empty(&self) -> bool {
        self.members.iter().all(Option::is_none)
    }

    /// Whether somebody listens to fixed literals, and the longest learned clause that somebody wants.
    pub(super) fn wants(&self) -> (bool, usize) {
        let members = || self.members.iter().flatten();
        (members().any(|m| m.wants_fixed), members().map(|m| m.wants_learned).max().unwrap_or(0))
    }

    /// Propagator `id`, if it is one of that type.
    pub(super) fn get<T: Propagator>(&self, id: usize) -> Option<&T> {
        let propagator: &dyn Any = &*self.members.get(id)?.as_ref()?.propagator;
        propagator.downcast_ref()
    }

    /// Propagator `id`, if it is one of that type.
    pub(super) fn get_mut<T: Propagator>(&mut self, id: usize) -> Option<&mut T> {
        let propagator: &mut dyn Any = &mut *self.members.get_mut(id)?.as_mut()?.propagator;
        propagator.downcast_mut()
    }

    /// A search begins. Constraints may have come since the last one, so everyone is asked again.
    pub(super) fn begin(&mut self) {
        self.stamp += 1;
    }

    /// Why the propagators ended the search, and whether the engine must not be used again.
    pub(super) fn take_end(&mut self) -> Option<(End, bool)> {
        let end = self.end.take()?;
        let unusable = self.spoiled || !matches!(end, End::Halt(_));
        Some((end, unusable))
    }

    /// Bytes held, estimated.
    pub(super) fn bytes(&self) -> u64 {
        let members = self.members.iter().flatten();
        let own = self.observers.len() * (size_of::<u32>() + 2 * size_of::<Proposal>() + 10);
        own as u64 + members.map(|m| m.observes.len() as u64 + m.propagator.bytes()).sum::<u64>()
    }
}

/// What CaDiCaL says and asks.
impl Multiplexer {
    /// These literals are true now.
    pub(super) fn assigned(&mut self, literals: &[i32]) {
        for &literal in literals {
            // Where variables were merged CaDiCaL may name one that nobody observes.
            if self.is_observed(literal) {
                debug_assert!(self.trail.value(literal) >= 0);
                self.trail.push(literal);
                self.stamp += 1;
            }
        }
    }

    /// A new decision level begins.
    pub(super) fn new_level(&mut self) {
        self.trail.new_level();
    }

    /// All above `level` is undone.
    pub(super) fn backtrack(&mut self, level: usize) {
        let length = self.trail.aim(level);
        self.queue.found.clear();
        if !self.is_broken() {
            self.contained((), |this| {
                for member in this.members.iter_mut().flatten() {
                    member.propagator.backtrack(&this.trail, length);
                }
            });
        }
        self.trail.backtrack(level);
        self.stamp += 1;
    }

    /// A literal that must hold, or 0.
    pub(super) fn propagate(&mut self) -> i32 {
        if self.has_ended() { 0 } else { self.contained(0, Self::find) }
    }

    /// The reason of a literal that [`Multiplexer::propagate`] answered.
    pub(super) fn explain(&mut self, literal: i32) -> &[i32] {
        let explained = !self.is_broken() && self.contained(false, |this| this.ask_reason(literal));
        if !explained {
            self.spoiled = true;
            self.reason.clear();
            self.reason.push(literal);
        }
        &self.reason
    }

    /// What to decide next, or 0.
    pub(super) fn decide(&mut self) -> i32 {
        if self.has_ended() { 0 } else { self.contained(0, Self::ask_decision) }
    }

    /// Whether all take the assignment that `model` says of the observed variables; `fetch` gets that of all variables.
    pub(super) fn check(&mut self, model: &[i32], fetch: Fetch<'_>) -> Verdict {
        if self.has_ended() {
            Verdict::Taken
        } else {
            self.contained(Verdict::Taken, |this| this.ask_all(model, fetch))
        }
    }

    /// A clause to add, if there is one.
    pub(super) fn next_clause(&mut self) -> Option<(&[i32], Keep)> {
        if self.has_ended() || !self.contained(false, Self::has_clause) { None } else { self.pending.take() }
    }

    /// `literal` holds in every model.
    pub(super) fn fixed(&mut self, literal: i32) {
        if !self.is_broken() {
            self.contained((), |this| {
                for member in this.members.iter_mut().flatten().filter(|m| m.wants_fixed) {
                    member.propagator.fixed(literal);
                }
            });
        }
    }

    /// The search learned a clause.
    pub(super) fn learned(&mut self, clause: &[i32]) {
        if !self.is_broken() {
            self.contained((), |this| {
                for member in this.members.iter_mut().flatten().filter(|m| clause.len() <= m.wants_learned) {
                    member.propagator.learned(clause);
                }
            });
        }
    }

    /// Whether the search is to end.
    pub(super) fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    /// Whether propagators must not be called any more.
    fn is_broken(&self) -> bool {
        !matches!(self.end, None | Some(End::Halt(_)))
    }

    /// Lets no panic out.
    fn contained<T>(&mut self, otherwise: T, act: impl FnOnce(&mut Self) -> T) -> T {
        match catch_unwind(AssertUnwindSafe(|| act(self))) {
            Ok(answer) => answer,
            Err(panic) => {
                self.end = Some(End::Panic(panic));
                otherwise
            }
        }
    }

    fn is_observed(&self, literal: i32) -> bool {
        self.observers.get(literal.unsigned_abs() as usize).is_some_and(|&n| n > 0)
    }

    /// Whether propagator `id` observes the literal's variable.
    fn may_use(&self, id: usize, literal: i32) -> bool {
        let member = self.members.get(id).and_then(Option::as_ref);
        member.is_some_and(|m| m.observes.get(literal.unsigned_abs() as usize).is_some_and(|&observed| observed))
    }

    /// Ends the search: propagator `id` broke its contract.
    fn violated(&mut self, id: usize, broken: Broken) {
        let name = self.members[id].as_ref().map_or("", |m| m.propagator.name());
        self.end = Some(End::Violation(ContractViolation { propagator: id, name, broken }));
    }

    fn find(&mut self) -> i32 {
        loop {
            while let Some((literal, tag)) = self.queue.found.pop_front() {
                if !self.may_use(self.finder, literal) {
                    self.violated(self.finder, Broken::ForeignPropagation { literal });
                    return 0;
                }
                if self.trail.value(literal) <= 0 {
                    self.proposals[code(literal)] = (self.finder, tag);
                    return literal;
                }
            }
            for (id, member) in self.members.iter_mut().enumerate() {
                let Some(member) = member.as_mut().filter(|m| m.asked_at != self.stamp) else { continue };
                member.asked_at = self.stamp;
                self.finder = id;
                if member.propagator.propagate(&self.trail, &mut self.queue) == Err(Halt) {
                    self.end = Some(End::Halt(id));
                    return 0;
                }
                if !self.queue.found.is_empty() {
                    break;
                }
            }
            if self.queue.found.is_empty() {
                return 0;
            }
        }
    }

    fn ask_reason(&mut self, literal: i32) -> bool {
        let (id, tag) = self.proposals.get(code(literal)).copied().unwrap_or((usize::MAX, 0));
        let Some(member) = self.members.get_mut(id).and_then(Option::as_mut) else {
            self.end = Some(End::Lost(format!("it asked for the reason of {literal}, which nobody proposed")));
            return false;
        };
        self.reason.clear();
        if member.propagator.explain(literal, tag, &self.trail, &mut self.reason) == Err(Halt) {
            self.end = Some(End::Halt(id));
            return false;
        }
        let horizon = self.trail.horizon(literal);
        let mut broken = None;
        let mut has_literal = false;
        for &other in &self.reason {
            if other == literal {
                has_literal = true;
            } else if !self.may_use(id, other) {
                broken = broken.or(Some(Broken::ForeignReason { literal, other }));
            } else if self.trail.value(other) >= 0 {
                broken = broken.or(Some(Broken::ReasonNotFalse { literal, other }));
            } else if self.trail.position(other) >= horizon {
                broken = broken.or(Some(Broken::ReasonTooLate { literal, other }));
            }
        }
        if !has_literal {
            broken = broken.or(Some(Broken::ReasonWithoutLiteral { literal }));
        }
        if let Some(broken) = broken {
            self.violated(id, broken);
        }
        broken.is_none()
    }

    fn ask_decision(&mut self) -> i32 {
        // Who came last comes first.
        for id in (0..self.members.len()).rev() {
            let Some(member) = &mut self.members[id] else { continue };
            match member.propagator.decide(&self.trail) {
                Ok(None) => {}
                Ok(Some(literal)) if !self.may_use(id, literal) => {
                    self.violated(id, Broken::ForeignDecision { literal });
                    return 0;
                }
                Ok(Some(literal)) if self.trail.value(literal) != 0 => {
                    self.violated(id, Broken::AssignedDecision { literal });
                    return 0;
                }
                Ok(Some(literal)) => return literal,
                Err(Halt) => {
                    self.end = Some(End::Halt(id));
                    return 0;
                }
            }
        }
        0
    }

    fn ask_all(&mut self, model: &[i32], fetch: Fetch<'_>) -> Verdict {
        if let Some(literal) = model.iter().find(|&&l| self.is_observed(l) && self.trail.value(l) <= 0) {
            self.end = Some(End::Lost(format!("{literal} holds in its model and not on its trail")));
            return Verdict::Taken;
        }
        // A clause that refused one model may lead to the next without a round of propagation in between.
        let literal = self.find();
        if literal != 0 && self.ask_reason(literal) {
            self.pending.push(&self.reason, Keep::WhileUseful);
        }
        if literal != 0 || self.has_ended() {
            return if self.has_ended() { Verdict::Taken } else { Verdict::Refused };
        }
        self.model.clear();
        for id in 0..self.members.len() {
            let Some(member) = &mut self.members[id] else { continue };
            self.pending.tidy();
            let before = self.pending.len();
            let variables = self.variables;
            let mut fetch = |values: &mut Vec<i8>| fetch(values, variables);
            let (mut back, clauses) = (None, &mut self.pending);
            let mut found = Found { fetch: &mut fetch, model: &mut self.model, clauses, back: &mut back };
            let Ok(taken) = member.propagator.check_model(&self.trail, &mut found) else {
                self.end = Some(End::Halt(id));
                return Verdict::Taken;
            };
            let mut one_is_false = false;
            for index in before..self.pending.len() {
                let clause = self.pending.get(index).map_or(&[][..], |c| c.0);
                if let Some(&literal) = clause.iter().find(|&&l| !self.may_use(id, l)) {
                    self.violated(id, Broken::ForeignClause { literal });
                    return Verdict::Taken;
                }
                one_is_false |= clause.iter().all(|&l| self.trail.value(l) < 0);
            }
            if let Some(level) = back.filter(|level| !taken && !one_is_false && *level < self.trail.level()) {
                return Verdict::Back(level);
            }
            if !taken && !one_is_false {
                self.violated(id, Broken::RefusedWithoutClause);
                return Verdict::Taken;
            }
            if one_is_false {
                return Verdict::Refused;
            }
        }
        Verdict::Taken
    }

    fn has_clause(&mut self) -> bool {
        self.pending.tidy();
        if self.pending.len() > 0 {
            return true;
        }
        for id in 0..self.members.len() {
            let Some(member) = self.members[id].as_mut().filter(|m| m.wants_clauses) else { continue };
            self.clause.clear();
            match member.propagator.next_clause(&self.trail, &mut self.clause) {
                Ok(None) => {}
                Ok(Some(keep)) => {
                    if let Some(&literal) = self.clause.iter().find(|&&l| !self.may_use(id, l)) {
                        self.violated(id, Broken::ForeignClause { literal });
                        return false;
                    }
                    self.pending.push(&self.clause, keep);
                    return true;
                }
                Err(Halt) => {
                    self.end = Some(End::Halt(id));
                    return false;
                }
            }
        }
        false
    }
}

#[cfg(test)]
mod failures;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod tests;
