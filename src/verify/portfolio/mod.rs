//! All procedures in turn, in slices that grow.
//!
//! Each procedure has a share of the work; a round gives every one its share, in a fixed order, and each round has twice the
//! work of the one before: most questions are easy for one procedure or another, and which one it is costs little to find out
//! this way. A procedure that is paused keeps its open subproblems and goes on from there in the next round. What one closes
//! the others need not look at any more, so that several may decide a question that none decides alone. Disjuncts are taken in
//! the order in which the attack came near to them.
//!
//! Slices are measured in work, not in seconds: with one thread the same question, options and seed give the same run, however
//! it is cut into calls. Only what a host adds ([`HostProcedure`]) is measured in seconds.
//!
//! Source: J. Scott, G. Pan, E. Khalil, V. Ganesh, "Goose: A Meta-Solver for Deep Neural Network Verification", SMT 2022,
//! algorithm 1 (time iterative deepening; there procedures begin anew in each round, and learned models give the order).
//!
//! Cost: had the procedure that decides been chosen at once, and its share be 1/s, at most s times the work, and rather 1 to 2
//! times where it comes early in a round. Memory: the open subproblems of all procedures.

mod handover;
mod host;
mod member;
mod slice;

use std::sync::Arc;
use std::time::Instant;

pub use host::{HostAnswer, HostProcedure, Question};
pub use slice::{End, Slice};

use super::canonical::CanonicalError;
use super::supply::Order;
use super::{Options, Problem, Reason, Statistics, Verdict, VerifyError, Witness};
use crate::bounds::Graph;
use crate::budget::{Budget, Stop};
use member::{Known, Member, Turn};

/// Rounds after which slices do not grow any more.
const ROUNDS: u32 = 36;

/// Work per second until some was measured: what a host's seconds are reckoned from.
const PACE: f64 = 4e6;

/// All procedures, and what they have found together.
pub(super) struct Portfolio {
    problem: Problem,
    graph: Arc<Graph>,
    members: Vec<Member>,
    /// Work of one share of the first round.
    first: u64,
    order: Order,
    /// Disjuncts that are closed, as they came, and by number.
    closed: Vec<u32>,
    is_closed: Vec<bool>,
    /// How many disjuncts there are, once that is known.
    total: Option<u32>,
    unbounded: Option<CanonicalError>,
    /// Whether neurons are split first, once that is known.
    neurons: Option<bool>,
    round: u32,
    turn: usize,
    /// What a slice still has, which the budget of a call ended.
    left: Option<u64>,
    slices: Vec<Slice>,
    witness: Option<Witness>,
}

impl Portfolio {
    pub fn new(problem: Problem, graph: Arc<Graph>, options: &Options) -> Self {
        Portfolio {
            members: member::all(options),
            first: options.slice.max(1),
            problem,
            graph,
            order: Order::default(),
            closed: Vec::new(),
            is_closed: Vec::new(),
            total: None,
            unbounded: None,
            neurons: None,
            round: 0,
            turn: 0,
            left: None,
            slices: Vec::new(),
            witness: None,
        }
    }

    /// One more procedure, after all others.
    pub fn add(&mut self, procedure: Box<dyn HostProcedure>) {
        self.members.push(Member::of_host(procedure, self.problem.property()));
    }

    /// Names and shares, in the order of turns.
    pub fn schedule(&self) -> impl Iterator<Item = (&str, u64)> {
        self.members.iter().map(|member| (member.name.as_str(), member.share))
    }

    pub fn slices(&self) -> &[Slice] {
        &self.slices
    }

    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    pub fn witness(&self) -> Option<&Witness> {
        self.witness.as_ref()
    }

    pub fn unbounded(&self) -> Option<&CanonicalError> {
        self.unbounded.as_ref()
    }

    /// Counts of all procedures together; of the share that is covered, what is open and its bound, those of the one that has
    /// come furthest.
    pub fn statistics(&self) -> Statistics {
        let each: Vec<Statistics> = self.members.iter().filter_map(Member::statistics).collect();
        let mut all = Statistics::default();
        for one in &each {
            all.add(one);
        }
        let furthest =
            |a: &&Statistics, b: &&Statistics| a.covered.total_cmp(&b.covered).then(a.bounded.cmp(&b.bounded));
        let Statistics { covered, open, stuck, bound, .. } = each.iter().max_by(furthest).copied().unwrap_or_default();
        let disjuncts = each.iter().map(|one| one.disjuncts).max().unwrap_or(0);
        Statistics { disjuncts, covered, open, stuck, bound, ..all }
    }

    /// As [`Verifier::run`](super::Verifier::run).
    pub fn run(&mut self, budget: &Budget) -> Result<Verdict, VerifyError> {
        loop {
            if let Some(witness) = &self.witness {
                return Ok(Verdict::Sat(witness.clone()));
            }
            if self.total.is_some_and(|total| self.closed.len() == total as usize) {
                return Ok(Verdict::Unsat);
            }
            if self.members.iter().all(|member| member.ended().is_some()) {
                return Ok(Verdict::Unknown(self.reason()));
            }
            if self.turn == self.members.len() {
                self.turn = 0;
                self.round = (self.round + 1).min(ROUNDS);
            }
            if budget.work_left() == 0 {
                return Ok(Verdict::Unknown(Reason::Stopped(Stop::Work)));
            }
            let stop = if self.is_wanted() { self.slice(budget)? } else { None };
            match stop {
                None => self.turn += 1,
                Some(stop) => return Ok(Verdict::Unknown(Reason::Stopped(stop))),
            }
        }
    }

    /// Why nobody goes on.
    fn reason(&self) -> Reason {
        let is = |reason| self.members.iter().any(|member| member.ended() == Some(reason));
        match () {
            () if self.unbounded.is_some() => Reason::Unbounded,
            () if is(Reason::Rounding) => Reason::Rounding,
            () => Reason::Incomplete,
        }
    }

    /// Whether the one whose turn it is has anything to do.
    fn is_wanted(&mut self) -> bool {
        let known = Known { groups: self.order.num_groups(), neurons: self.neurons, lines: self.graph.lines };
        let may_be_known = self.members.iter().any(|member| member.splits() && member.ended().is_none());
        let member = &mut self.members[self.turn];
        if member.ended().is_some() {
            return false;
        }
        match member.is_wanted(known) {
            Some(true) => true,
            None if may_be_known => false,
            _ => {
                member.end(Reason::Incomplete);
                false
            }
        }
    }

    /// A slice of the one whose turn it is. What of the call's budget ended it, if that did.
    fn slice(&mut self, budget: &Budget) -> Result<Option<Stop>, VerifyError> {
        let turn = self.turn;
        let share = self.first.saturating_mul(1 << self.round).saturating_mul(self.members[turn].share);
        // At the beginning only: a run is the same however it is cut into calls.
        let adopted = if self.left.is_none() { handover::hand_over(&mut self.members, turn) } else { 0 };
        let granted = self.left.take().unwrap_or(share);
        let is_cut = budget.work_left() < granted;
        let seconds = granted as f64 / self.pace();
        let held = self.members.iter().enumerate().filter(|&(other, _)| other != turn).map(|(_, m)| m.bytes()).sum();
        let slice = budget.slice(granted, held);
        let (begin, before) = (Instant::now(), self.members[turn].statistics().unwrap_or_default());
        let of = (&self.problem, &self.graph);
        let ended = self.members[turn].turn(of, &self.order, &self.closed, seconds, &slice);
        budget.absorb(&slice);
        let closed = self.learn(turn);
        let after = self.members[turn].statistics().unwrap_or_default();
        let mut stop = None;
        let end = match ended {
            Ok(Turn::Verdict(Verdict::Sat(witness))) => {
                self.witness = Some(witness);
                End::Sat
            }
            // It is one if all are closed: see `run`.
            Ok(Turn::Verdict(Verdict::Unsat)) => End::Unsat,
            Ok(Turn::Paused | Turn::Verdict(Verdict::Unknown(Reason::Stopped(Stop::Work)))) if !is_cut => End::Paused,
            Ok(Turn::Paused) => End::Paused,
            Ok(Turn::Verdict(Verdict::Unknown(Reason::Stopped(Stop::Incomplete)))) => {
                End::Exhausted(Reason::Incomplete)
            }
            Ok(Turn::Verdict(Verdict::Unknown(Reason::Stopped(why)))) => {
                stop = Some(why);
                End::Paused
            }
            Ok(Turn::Verdict(Verdict::Unknown(reason))) => End::Exhausted(reason),
            Ok(Turn::Failed(why)) => End::Failed(why),
            Err(VerifyError::Stopped(why)) => {
                stop = (why != Stop::Work || is_cut).then_some(why);
                End::Paused
            }
            Err(error) if error.is_of_the_procedure() && self.others_go_on() => End::Failed(error.to_string()),
            Err(error) => return Err(error),
        };
        match &end {
            End::Paused | End::Sat => {}
            End::Exhausted(reason) => self.members[turn].end(*reason),
            End::Unsat | End::Failed(_) => self.members[turn].end(Reason::Incomplete),
        }
        self.slices.push(Slice {
            round: self.round,
            procedure: self.members[turn].name.clone(),
            granted,
            work: slice.spent(),
            seconds: begin.elapsed().as_secs_f64(),
            adopted,
            bounded: after.bounded.saturating_sub(before.bounded),
            closed,
            open: after.open,
            end,
        });
        if stop.is_some() {
            self.left = Some(granted.saturating_sub(slice.spent()).max(1));
        }
        Ok(stop)
    }

    /// Takes over what a slice has found out. How many disjuncts were closed.
    fn learn(&mut self, turn: usize) -> u64 {
        let member = &mut self.members[turn];
        let before = self.closed.len();
        for number in member.take_closed() {
            let index = number as usize;
            if self.is_closed.len() <= index {
                self.is_closed.resize(index + 1, false);
            }
            if !std::mem::replace(&mut self.is_closed[index], true) {
                self.closed.push(number);
            }
        }
        if let Some(order) = member.order() {
            self.order = order.clone();
        }
        self.total = self.total.or(member.total());
        self.neurons = self.neurons.or(member.splits_neurons());
        self.unbounded = self.unbounded.take().or_else(|| member.unbounded().cloned());
        (self.closed.len() - before) as u64
    }

    fn others_go_on(&self) -> bool {
        self.members.iter().enumerate().any(|(other, member)| other != self.turn && member.ended().is_none())
    }

    /// Work per second, as far as it was measured.
    fn pace(&self) -> f64 {
        let is_host = |slice: &&Slice| self.members.iter().any(|m| m.is_host() && m.name == slice.procedure);
        let own = self.slices.iter().filter(|slice| !is_host(slice));
        let (work, seconds) = own.fold((0, 0.0), |(w, s), slice| (w + slice.work, s + slice.seconds));
        if seconds > 0.1 { (work as f64 / seconds).max(1.0) } else { PACE }
    }
}
