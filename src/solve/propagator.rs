//! Propagators of a host: what they may do, and how they are fitted into the search.
//!
//! A host is told of its own variables only, and late: what became true and was undone again before the host had a say
//! never reaches it. So a host that cares for few variables costs little.

use super::variables::Variables;
use crate::sat::propagator::{Found, Halt, Keep, Propagator, Queue, Trail};

/// Why a host's propagator ends a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostStop {
    /// It said so, with this code.
    Code(i32),
    /// It did what it must not, and this is what.
    Broken(&'static str),
}

/// Which functions a host's propagator has. One that it does not have is not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools)] // one a function
pub struct HostFunctions {
    /// [`HostPropagator::notify_assignment`], [`HostPropagator::notify_new_level`] and
    /// [`HostPropagator::notify_backtrack`].
    pub notify: bool,
    /// [`HostPropagator::decide`].
    pub decide: bool,
    /// [`HostPropagator::propagate`] and [`HostPropagator::reason`].
    pub propagate: bool,
    /// [`HostPropagator::check_model`].
    pub check_model: bool,
    /// [`HostPropagator::next_clause`].
    pub next_clause: bool,
    /// [`HostPropagator::fixed`].
    pub fixed: bool,
    /// The longest clause that [`HostPropagator::learned`] is called with; 0 for none.
    pub max_learned: usize,
}

/// A propagator of a host: constraints that are no clauses, over variables that it observes. See
/// [`crate::solve::Solver::add_propagator`].
///
/// What it says must follow from its constraints whatever else holds, for as long as the solver lives: the solver keeps what
/// it learned from it. It must be complete where a model is found: then at the latest it has to speak up.
pub trait HostPropagator: Send {
    /// Which of the functions below it has. Read once, when it is added.
    fn functions(&self) -> HostFunctions;

    /// These literals became true on the current decision level, in this order.
    fn notify_assignment(&mut self, _literals: &[i32]) -> Result<(), HostStop> {
        Ok(())
    }

    /// A new decision level begins.
    fn notify_new_level(&mut self) -> Result<(), HostStop> {
        Ok(())
    }

    /// All that became true above `level` is undone.
    fn notify_backtrack(&mut self, _level: usize) -> Result<(), HostStop> {
        Ok(())
    }

    /// An open literal to decide on next, or 0.
    fn decide(&mut self) -> Result<i32, HostStop> {
        Ok(0)
    }

    /// A literal that follows from what is true, or 0. Where it is false that is a conflict; one that is true already is
    /// passed over. It is asked again after each answer but 0.
    fn propagate(&mut self) -> Result<i32, HostStop> {
        Ok(0)
    }

    /// Appends the reason of a propagated literal: a clause with that literal, all others of which were false before it
    /// was propagated. It is asked for when a conflict depends on it, maybe long after.
    fn reason(&mut self, _literal: i32, _clause: &mut Vec<i32>) -> Result<(), HostStop> {
        Ok(())
    }

    /// A model of the clauses: for each observed variable, in ascending order, the literal that is true. Answers whether it
    /// satisfies the constraints; where it does not, [`HostPropagator::next_clause`] must give a clause that is false.
    fn check_model(&mut self, _literals: &[i32]) -> Result<bool, HostStop> {
        Ok(true)
    }

    /// Appends a clause that follows from the constraints and answers whether it may be forgotten, or answers `None`.
    /// Asked until it answers that.
    fn next_clause(&mut self, _clause: &mut Vec<i32>) -> Result<Option<bool>, HostStop> {
        Ok(None)
    }

    /// This literal of an observed variable is true in every model, whatever is assumed. It may come before
    /// [`HostPropagator::notify_assignment`] has it.
    fn fixed(&mut self, _literal: i32) -> Result<(), HostStop> {
        Ok(())
    }

    /// The solver learned this clause.
    fn learned(&mut self, _clause: &[i32]) -> Result<(), HostStop> {
        Ok(())
    }
}

impl Variables {
    /// A host's literal, which may be no literal of the formula, as the engine's.
    fn engine(&self, host: i32) -> i32 {
        let variable = host.unsigned_abs();
        let known = variable != 0 && variable <= self.declared();
        match known {
            true => self.to_engine(host),
            // What does not exist must not become what does.
            false if self.is_identity() || host == 0 => host,
            false => i32::MAX,
        }
    }

    /// The engine's literal over a variable of the formula as the host's.
    fn host(&self, engine: i32) -> i32 {
        self.to_formula(engine).unwrap_or(engine)
    }
}

/// A host's propagator in the search.
pub(super) struct Adapter {
    host: Box<dyn HostPropagator>,
    has: HostFunctions,
    /// The one place where the host's literals, which are the formula's, and the engine's meet.
    variables: Variables,
    /// By variable of the engine, as everything below that is not handed to the host.
    observes: Vec<bool>,
    /// Up to which position of the trail, and at which level, the host was told.
    told: usize,
    level: usize,
    /// Observed since: what was passed over may be theirs.
    unseen: Vec<u32>,
    /// What the host is handed.
    literals: Vec<i32>,
    /// What the host handed over.
    clause: Vec<i32>,
    /// It wants the search to end.
    stop: Option<HostStop>,
}

impl Adapter {
    pub(super) fn new(host: Box<dyn HostPropagator>) -> Self {
        let has = host.functions();
        let (variables, observes, unseen, literals, clause) = Default::default();
        Adapter { host, has, variables, observes, told: 0, level: 0, unseen, literals, clause, stop: None }
    }

    /// The host cares for these variables of the engine too, and `all` are those of the formula by now. Only while the
    /// trail stands at level 0.
    pub(super) fn observe(&mut self, variables: &[u32], all: &Variables) {
        self.variables.clone_from(all);
        let length = variables.iter().map(|&v| v as usize + 1).max().unwrap_or(0);
        if length > self.observes.len() {
            self.observes.resize(length, false);
        }
        for &variable in variables {
            if !std::mem::replace(&mut self.observes[variable as usize], true) {
                self.unseen.push(variable);
            }
        }
    }

    pub(super) fn take_stop(&mut self) -> Option<HostStop> {
        self.stop.take()
    }

    pub(super) fn into_host(self) -> Box<dyn HostPropagator> {
        self.host
    }

    /// Keeps why the host wants to end the search.
    fn note<T>(&mut self, answer: Result<T, HostStop>) -> Result<T, Halt> {
        answer.map_err(|why| {
            self.stop.get_or_insert(why);
            Halt
        })
    }

    /// Tells the host what it was not told yet.
    fn tell(&mut self, trail: &Trail) -> Result<(), Halt> {
        if self.stop.is_some() {
            return Err(Halt);
        }
        if !self.unseen.is_empty() && self.has.notify {
            let passed = |v: &u32| {
                let variable = v.cast_signed();
                let literal = if trail.value(variable) < 0 { -variable } else { variable };
                (trail.value(literal) > 0 && trail.position(literal) < self.told).then(|| self.variables.host(literal))
            };
            self.literals.clear();
            self.literals.extend(self.unseen.iter().filter_map(passed));
            self.unseen.clear();
            self.tell_literals()?;
        }
        while self.has.notify && (self.told < trail.len() || self.level < trail.level()) {
            let end = if self.level < trail.level() { trail.start(self.level + 1) } else { trail.len() };
            let fresh = &trail.literals()[self.told..end];
            self.literals.clear();
            for &literal in fresh {
                if self.observes.get(literal.unsigned_abs() as usize).is_some_and(|&observed| observed) {
                    self.literals.push(self.variables.host(literal));
                }
            }
            self.told = end;
            self.tell_literals()?;
            if self.level < trail.level() {
                self.level += 1;
                let answer = self.host.notify_new_level();
                self.note(answer)?;
            }
        }
        Ok(())
    }

    fn tell_literals(&mut self) -> Result<(), Halt> {
        if self.literals.is_empty() {
            return Ok(());
        }
        let answer = self.host.notify_assignment(&self.literals);
        self.note(answer)
    }

    /// The host's next clause into `self.clause`, and how long to keep it.
    fn clause(&mut self) -> Result<Option<Keep>, Halt> {
        self.clause.clear();
        let answer = self.host.next_clause(&mut self.clause);
        let forgettable = self.note(answer)?;
        self.clause.iter_mut().for_each(|literal| *literal = self.variables.engine(*literal));
        Ok(forgettable.map(|forgettable| if forgettable { Keep::WhileUseful } else { Keep::Always }))
    }
}

impl Propagator for Adapter {
    fn propagate(&mut self, trail: &Trail, queue: &mut Queue) -> Result<(), Halt> {
        self.tell(trail)?;
        if !self.has.propagate {
            return Ok(());
        }
        // A host with a queue of its own answers what has become true meanwhile; but not for ever.
        for _ in 0..2 * self.observes.len() + 2 {
            let answer = self.host.propagate();
            let literal = {
                let answer = self.note(answer)?;
                self.variables.engine(answer)
            };
            if literal == 0 {
                return Ok(());
            }
            if trail.value(literal) <= 0 {
                queue.push(literal, 0);
                return Ok(());
            }
        }
        self.note(Err(HostStop::Broken("propagate answers again and again what is true already")))
    }

    fn backtrack(&mut self, trail: &Trail, length: usize) {
        self.told = self.told.min(length);
        if self.level > trail.target() {
            self.level = trail.target();
            let answer = self.host.notify_backtrack(self.level);
            let _ = self.note(answer); // the search ends when the propagator is asked next
        }
    }

    fn explain(&mut self, literal: i32, _tag: u32, _trail: &Trail, clause: &mut Vec<i32>) -> Result<(), Halt> {
        let answer = self.host.reason(self.variables.host(literal), clause);
        self.note(answer)?;
        clause.iter_mut().for_each(|literal| *literal = self.variables.engine(*literal));
        Ok(())
    }

    fn decide(&mut self, trail: &Trail) -> Result<Option<i32>, Halt> {
        if !self.has.decide {
            return Ok(None);
        }
        self.tell(trail)?;
        let answer = self.host.decide();
        let literal = {
            let answer = self.note(answer)?;
            self.variables.engine(answer)
        };
        Ok((literal != 0).then_some(literal))
    }

    fn check_model(&mut self, trail: &Trail, found: &mut Found<'_>) -> Result<bool, Halt> {
        self.tell(trail)?;
        if !self.has.check_model {
            return Ok(true);
        }
        self.literals.clear();
        for (variable, _) in self.observes.iter().enumerate().filter(|(_, observed)| **observed) {
            let variable = i32::try_from(variable).unwrap_or(i32::MAX); // at most MAX_VAR
            let literal = if trail.value(variable) > 0 { variable } else { -variable };
            self.literals.push(self.variables.host(literal));
        }
        let answer = self.host.check_model(&self.literals);
        let taken = self.note(answer)?;
        while !taken && self.has.next_clause {
            let Some(keep) = self.clause()? else { break };
            found.clause(&self.clause, keep);
        }
        Ok(taken)
    }

    fn wants_clauses(&self) -> bool {
        self.has.next_clause
    }

    fn next_clause(&mut self, trail: &Trail, clause: &mut Vec<i32>) -> Result<Option<Keep>, Halt> {
        self.tell(trail)?;
        let keep = self.clause()?;
        clause.extend_from_slice(&self.clause);
        Ok(keep)
    }

    fn wants_fixed(&self) -> bool {
        self.has.fixed
    }

    fn fixed(&mut self, literal: i32) {
        if self.observes.get(literal.unsigned_abs() as usize).is_some_and(|&observed| observed) {
            let answer = self.host.fixed(self.variables.host(literal));
            let _ = self.note(answer);
        }
    }

    fn wants_learned(&self) -> usize {
        self.has.max_learned
    }

    fn learned(&mut self, clause: &[i32]) {
        self.literals.clear();
        for &literal in clause {
            // A clause over variables that the formula does not have says nothing to the host.
            let Some(literal) = self.variables.to_formula(literal) else { return };
            self.literals.push(literal);
        }
        let answer = self.host.learned(&self.literals);
        let _ = self.note(answer);
    }

    fn name(&self) -> &'static str {
        "of the host"
    }
}

impl std::fmt::Debug for Adapter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Adapter").field("has", &self.has).field("stop", &self.stop).finish_non_exhaustive()
    }
}
