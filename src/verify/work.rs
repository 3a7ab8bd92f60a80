//! Workers: threads that bound and split subproblems until none is open.
//!
//! Subproblems are a stack, so that few are open at a time. A worker takes some of one target off its top, now and then off
//! its other end, without holding anything, and puts back what became of them. What it took goes back as it was where it
//! fails, the budget's end and a panic included: nothing is lost, it is bounded again.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Instant;

use super::attack::{self, Attack};
use super::branch::{Ends, Node, Outcome, Phases, Splitter};
use super::run::Run;
use super::{Procedure, Statistics, VerifyError, Witness};
use crate::budget::{Budget, Phase, Progress, Reports, WORKER, nested};
use crate::error::OutOfMemory;
use crate::floats::Standard;

/// One batch of so many is taken off the stack's other end.
const OLDEST: u64 = 16;

/// The least bound is looked for once in so many times the work that looking is.
const LOOK: u64 = 16;

/// Coordinates of points that are kept for the next attack.
const KEPT: usize = 1 << 14;

/// What workers share.
#[derive(Default)]
struct Shared {
    open: Vec<Node>,
    stuck: Vec<Node>,
    busy: usize,
    /// The least bound of what each worker has in hand; infinite where that is nothing.
    in_hand: Vec<f64>,
    /// The least bound of all, and how many were to be bounded until it is looked for again: it only rises, slowly.
    bound: (f64, u64),
    /// Whether some were bounded since the call began.
    advanced: bool,
    statistics: Statistics,
    points: Vec<f64>,
    witness: Option<Witness>,
    failed: Option<VerifyError>,
    panic: Option<Box<dyn Any + Send>>,
}

impl Shared {
    fn is_over(&self) -> bool {
        self.failed.is_some() || self.witness.is_some() || self.panic.is_some()
    }

    fn progress(&mut self) -> Progress {
        let Statistics { closed, covered, disjuncts, bounded, .. } = self.statistics;
        if bounded >= self.bound.1 {
            let open = self.open.len() + self.stuck.len();
            let least = least_bound(self.open.iter().chain(&self.stuck));
            self.bound = (self.in_hand.iter().copied().fold(least, f64::min), bounded + open as u64 / LOOK);
        }
        Progress {
            done: closed,
            total: (closed + (self.open.len() + self.stuck.len()) as u64).max(1),
            fixed: (1e6 * covered / disjuncts.max(1) as f64) as u64,
            bound: self.bound.0,
            ..Progress::at(Phase::Verify)
        }
    }
}

/// What is proved of all of these.
pub(super) fn least_bound<'a>(nodes: impl IntoIterator<Item = &'a Node>) -> f64 {
    nodes.into_iter().map(|node| node.bound).fold(f64::INFINITY, f64::min)
}

/// Buffers of a worker.
struct Worker {
    splitter: Splitter,
    phases: Phases,
    probe: Attack,
    outcome: Outcome,
}

impl Run {
    /// Splits until nothing is open, it is time for an attack, or the budget ends.
    pub(super) fn branch(&mut self, budget: &Budget) -> Result<(), VerifyError> {
        let shared = Mutex::new(Shared {
            open: std::mem::take(&mut self.open),
            stuck: std::mem::take(&mut self.stuck),
            statistics: self.statistics,
            in_hand: vec![f64::INFINITY; self.options.threads.max(1)],
            ..Shared::default()
        });
        let wake = Condvar::new();
        let this = &*self;
        std::thread::scope(|scope| {
            for index in 1..this.options.threads {
                let (shared, wake) = (&shared, &wake);
                let work = move || {
                    let _standard = Standard::enter();
                    let _reports = nested(Reports::Never);
                    this.work(shared, wake, index, budget);
                };
                // One fewer will do.
                if std::thread::Builder::new().name(WORKER.into()).spawn_scoped(scope, work).is_err() {
                    break;
                }
            }
            this.work(&shared, &wake, 0, budget);
        });
        let shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
        (self.open, self.stuck, self.statistics) = (shared.open, shared.stuck, shared.statistics);
        self.witness = shared.witness;
        self.points = shared.points;
        if let Some(panic) = shared.panic {
            resume_unwind(panic);
        }
        if self.options.procedure == Procedure::Bounds {
            self.give_up_parts();
        }
        match shared.failed {
            Some(error) if self.witness.is_none() => Err(error),
            _ => Ok(()),
        }
    }

    fn work(&self, shared: &Mutex<Shared>, wake: &Condvar, index: usize, budget: &Budget) {
        let is_first = index == 0;
        let lock = || shared.lock().unwrap_or_else(PoisonError::into_inner);
        let mut worker = Worker {
            splitter: Splitter::default(),
            phases: Phases::default(),
            probe: Attack::new(&attack::Options { samples: 0, restarts: 0, ..self.options.attack.clone() }),
            outcome: Outcome::default(),
        };
        let mut state = lock();
        loop {
            let Some(nodes) = self.pick(&mut state) else {
                if state.busy == 0 || state.is_over() || state.statistics.bounded >= self.pause {
                    break;
                }
                state = wake.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            state.busy += 1;
            state.in_hand[index] = least_bound(&nodes);
            let progress = state.progress();
            drop(state);
            worker.outcome.clear();
            let _reports = is_first.then(|| nested(Reports::As(progress)));
            let (begin, boxed) = (Instant::now(), nodes[0].boxed);
            let result = catch_unwind(AssertUnwindSafe(|| {
                let witness = self.expand(&nodes, &mut worker, budget)?;
                if is_first {
                    budget.report(|| progress)?;
                }
                Ok(witness)
            }));
            let seconds = begin.elapsed().as_secs_f64();
            state = lock();
            state.busy -= 1;
            state.in_hand[index] = f64::INFINITY;
            state.statistics.split_seconds += seconds;
            match result {
                Ok(Ok(witness)) => {
                    let outcome = &mut worker.outcome;
                    state.statistics.bounded += nodes.len() as u64;
                    state.statistics.boxes += if boxed { nodes.len() as u64 } else { 0 };
                    state.statistics.closed += outcome.closed;
                    state.statistics.lemmas += outcome.lemmas;
                    state.statistics.excluded += outcome.excluded;
                    state.statistics.covered += outcome.share;
                    let deepest = nodes.iter().map(|node| u64::from(node.depth)).max().unwrap_or(0);
                    state.statistics.depth = state.statistics.depth.max(deepest);
                    // What went on to be split as a box comes last.
                    let neurons = !nodes[0].boxed;
                    let (boxed, open): (Vec<Node>, Vec<Node>) =
                        outcome.open.drain(..).partition(|node| node.boxed && neurons);
                    state.open.splice(0..0, boxed);
                    state.open.extend(open);
                    state.stuck.append(&mut outcome.stuck);
                    if !outcome.points.is_empty() {
                        let n = self.graph.input_len.max(1);
                        outcome.points.truncate((KEPT / n).max(1) * n);
                        std::mem::swap(&mut state.points, &mut outcome.points);
                    }
                    if state.witness.is_none() {
                        state.witness = witness;
                    }
                    if !state.advanced {
                        state.advanced = true;
                        budget.set_grace(false);
                    }
                    if let Err(error) = self.check_memory(&state, budget) {
                        state.failed.get_or_insert(error);
                    }
                }
                Ok(Err(error)) => {
                    state.open.extend(nodes);
                    state.failed.get_or_insert(error);
                }
                Err(panic) => {
                    state.open.extend(nodes);
                    state.panic.get_or_insert(panic);
                }
            }
            wake.notify_all();
        }
        state.statistics.attacked(&worker.probe.statistics());
        wake.notify_all();
    }

    /// Takes subproblems of one target off the top.
    fn pick(&self, state: &mut Shared) -> Option<Vec<Node>> {
        if state.is_over() || state.statistics.bounded >= self.pause {
            return None;
        }
        let last = state.open.last()?;
        if self.options.procedure == Procedure::Bounds && last.depth > 0 {
            // Those of whole boxes may lie below.
            let whole = state.open.iter().position(|node| node.depth == 0)?;
            return Some(vec![state.open.remove(whole)]);
        }
        let share = state.open.len().div_ceil(self.options.threads.max(1));
        // The first may cost more than was granted: as little as possible.
        let most = if state.advanced { self.options.batch.clamp(1, share.max(1)) } else { 1 };
        // Now and then from the other end: a corner that only ties decide must not keep all others waiting.
        let is_oldest = state.statistics.bounded / self.options.batch.max(1) as u64 % OLDEST == OLDEST - 1;
        let pattern = if is_oldest { &state.open[0] } else { last };
        let alike = |node: &&Node| node.target == pattern.target && node.boxed == pattern.boxed;
        if is_oldest {
            let same = state.open.iter().take(most).take_while(alike).count();
            return Some(state.open.drain(..same).collect());
        }
        let same = state.open.iter().rev().take(most).take_while(alike).count();
        let from = state.open.len() - same;
        Some(state.open.split_off(from))
    }

    fn expand(&self, nodes: &[Node], worker: &mut Worker, budget: &Budget) -> Result<Option<Witness>, VerifyError> {
        let Worker { splitter, phases, probe, outcome } = worker;
        // What is open has a target.
        let Some(target) = &self.targets[nodes[0].target as usize] else { return Ok(None) };
        if let Some(eager) = self.eager.as_ref().filter(|_| !nodes[0].boxed) {
            if let Some(witness) = eager.expand(&self.problem, target, nodes, outcome, budget)? {
                return Ok(Some(witness));
            }
        } else if nodes[0].boxed {
            splitter.expand(&self.graph, target, nodes, outcome, budget)?;
        } else {
            phases.expand(&self.graph, target, nodes, &self.options.effort, outcome, budget)?;
        }
        if outcome.points.is_empty() || self.options.procedure == Procedure::Bounds {
            return Ok(None);
        }
        let report = probe.run(&self.problem, std::slice::from_ref(&target.disjunct), &outcome.points, budget)?;
        Ok(report.witness)
    }

    /// Whether what open subproblems hold is more than may be held.
    fn check_memory(&self, state: &Shared, budget: &Budget) -> Result<(), VerifyError> {
        let limit = budget.memory();
        if limit == u64::MAX {
            return Ok(());
        }
        let bytes = self.bytes(state.open.iter().chain(&state.stuck));
        if bytes > limit { Err(OutOfMemory::Limit { bytes, limit }.into()) } else { Ok(()) }
    }

    /// About what subproblems hold. What several share counts once.
    pub(super) fn bytes<'a>(&self, nodes: impl Iterator<Item = &'a Node>) -> u64 {
        let (inputs, neurons, lines) = (self.graph.input_len as u64, self.graph.total as u64, self.graph.lines as u64);
        let of = |node: &Node| {
            let part = |ends: &Arc<Ends>, length: u64| 16 * length / Arc::strong_count(ends).max(1) as u64;
            let levels = node.levels.iter().map(|level| part(&level.neurons, neurons)).sum::<u64>();
            let held = part(&node.inputs, inputs) + part(&node.neurons, neurons) + levels;
            let each = 2 * lines + 16 * node.splits.len() as u64;
            held + node.warm.as_ref().map_or(0, |warm| each * warm.multipliers.len() as u64) + 256
        };
        nodes.map(of).sum()
    }
}
