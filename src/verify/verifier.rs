//! The way from a question to its answer: disjunct after disjunct is attacked, bounded, and split until it is covered.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::attack::{self, Attack};
use super::branch::{Effort, Ends, Node, Outcome, Phases, Splitter, Target};
use super::canonical::{self, Disjunct, Disjuncts};
use super::{Problem, VerifyError, Witness};
use crate::bounds::{Graph, Root, alpha};
use crate::budget::{Budget, Stop};
use crate::net::eval::meter::Meter;

/// Boxes with more inputs that are not fixed have neurons split rather than inputs.
const MANY_INPUTS: usize = 12;

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Procedure {
    /// An attack, then whatever splitting suits the network.
    Auto,
    /// Random points only. Never answers unsat, but where there is nothing to look for.
    Fuzz,
    /// Random points and projected gradient descent. Never answers unsat either.
    Gradient,
    /// Bounds of the whole box only. Never answers sat.
    Bounds,
    /// Splitting of the box.
    InputSplit,
    /// Splitting of neurons.
    ReluSplit,
}

/// Why there is no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The budget ran out; another call goes on.
    Stopped(Stop),
    /// Parts of the box are so small that no number lies between their ends, and what bounds are left is within rounding.
    Rounding,
    /// The procedure does not decide it.
    Incomplete,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// No real input has the property, in real arithmetic over the stored weights.
    Unsat,
    /// This one has it, in 32 and in 64 bits.
    Sat(Witness),
    /// Neither is known.
    Unknown(Reason),
}

/// How to go about it.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which procedure.
    pub procedure: Procedure,
    /// How many threads work on subproblems, at least 1.
    pub threads: usize,
    /// Subproblems bounded together.
    pub batch: usize,
    /// How neurons of a whole box are bounded before neurons are split.
    pub(crate) refine: alpha::Options,
    /// How subproblems are bounded when neurons are split.
    pub(crate) effort: Effort,
    /// The attack on every disjunct before it is split.
    pub attack: attack::Options,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            procedure: Procedure::Auto,
            threads: 1,
            batch: 16,
            refine: alpha::Options { iterations: 20, ..alpha::Options::default() },
            effort: Effort::default(),
            attack: attack::Options { round: true, ..attack::Options::default() },
        }
    }
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Statistics {
    /// Disjuncts looked at.
    pub disjuncts: u64,
    /// Subproblems bounded.
    pub bounded: u64,
    /// Subproblems closed.
    pub closed: u64,
    /// How many disjuncts they make up, were every split even: a measure of how far the proof has come.
    pub covered: f64,
    /// Subproblems open now.
    pub open: u64,
}

/// A question on its way to an answer.
pub struct Verifier {
    problem: Problem,
    options: Options,
    graph: Arc<Graph>,
    disjuncts: Disjuncts,
    /// One that was taken but has another box than those before.
    next: Option<Disjunct>,
    targets: Vec<Arc<Target>>,
    open: Vec<Node>,
    stuck: Vec<Node>,
    attack: Attack,
    exhausted: bool,
    incomplete: bool,
    witness: Option<Witness>,
    statistics: Statistics,
}

/// What workers share.
#[derive(Debug)]
struct Shared {
    open: Vec<Node>,
    stuck: Vec<Node>,
    busy: usize,
    statistics: Statistics,
    witness: Option<Witness>,
    failed: Option<VerifyError>,
}

impl Verifier {
    /// Makes the network ready for bounding. Nothing is decided yet.
    ///
    /// # Errors
    ///
    /// The budget, no memory.
    pub fn new(problem: Problem, options: &Options, budget: &Budget) -> Result<Self, VerifyError> {
        let graph = Arc::new(Graph::new(problem.network(), budget)?);
        let disjuncts = Disjuncts::new(Arc::clone(problem.property()), &canonical::Options::default())?;
        Ok(Verifier {
            attack: Attack::new(&options.attack),
            problem,
            options: options.clone(),
            graph,
            disjuncts,
            next: None,
            targets: Vec::new(),
            open: Vec::new(),
            stuck: Vec::new(),
            exhausted: false,
            incomplete: false,
            witness: None,
            statistics: Statistics::default(),
        })
    }

    /// What was done so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        Statistics { open: self.open.len() as u64, ..self.statistics }
    }

    /// Goes on until there is a verdict or the budget ends. A later call goes on from there.
    ///
    /// # Errors
    ///
    /// What [`VerifyError`] lists; not that the budget ran out.
    pub fn run(&mut self, budget: &Budget) -> Result<Verdict, VerifyError> {
        match self.advance(budget) {
            Ok(verdict) => Ok(verdict),
            Err(VerifyError::Stopped(stop)) => Ok(match &self.witness {
                Some(witness) => Verdict::Sat(witness.clone()),
                None => Verdict::Unknown(Reason::Stopped(stop)),
            }),
            Err(error) => Err(error),
        }
    }

    fn advance(&mut self, budget: &Budget) -> Result<Verdict, VerifyError> {
        loop {
            if let Some(witness) = &self.witness {
                return Ok(Verdict::Sat(witness.clone()));
            }
            if !self.open.is_empty() {
                self.branch(budget)?;
            } else if !self.exhausted {
                self.take(budget)?;
            } else if !self.stuck.is_empty() {
                return Ok(Verdict::Unknown(Reason::Rounding));
            } else if self.incomplete {
                return Ok(Verdict::Unknown(Reason::Incomplete));
            } else {
                return Ok(Verdict::Unsat);
            }
        }
    }

    /// Takes the next disjuncts that share a box.
    fn take(&mut self, budget: &Budget) -> Result<(), VerifyError> {
        let mut group: Vec<Disjunct> = Vec::new();
        loop {
            let disjunct = match self.next.take() {
                Some(disjunct) => Some(disjunct),
                None => self.disjuncts.next(budget)?,
            };
            let Some(disjunct) = disjunct else {
                self.exhausted = true;
                break;
            };
            if let Some(first) = group.first()
                && (first.lower != disjunct.lower || first.upper != disjunct.upper || group.len() >= 64)
            {
                self.next = Some(disjunct);
                break;
            }
            group.push(disjunct);
        }
        if group.is_empty() {
            return Ok(());
        }
        self.statistics.disjuncts += group.len() as u64;
        let procedure = self.options.procedure;
        let report = match procedure {
            Procedure::Fuzz => Some(self.attack.fuzz(&self.problem, &group, budget)?),
            Procedure::Gradient | Procedure::Auto => Some(self.attack.run(&self.problem, &group, &[], budget)?),
            _ => None,
        };
        if let Some(report) = report {
            self.witness = report.witness;
            if self.witness.is_some() {
                return Ok(());
            }
            if let Some(stop) = report.stop {
                return Err(stop.into());
            }
        }
        if matches!(procedure, Procedure::Fuzz | Procedure::Gradient) {
            self.incomplete = true;
            return Ok(());
        }
        let mut meter = Meter::new(budget);
        let mut root = Root::new(&self.graph, &group[0].lower, &group[0].upper, true, &mut meter)?;
        let phases = match procedure {
            Procedure::ReluSplit => true,
            Procedure::InputSplit => false,
            _ => group[0].lower.iter().zip(&group[0].upper).filter(|(l, u)| l < u).count() > MANY_INPUTS,
        };
        if phases {
            root.refine(&self.graph, &self.options.refine, &mut meter)?;
        }
        let root = Arc::new(root);
        for disjunct in group {
            let number = self.targets.len() as u32;
            let inputs = Arc::new(Ends { lower: disjunct.lower.clone(), upper: disjunct.upper.clone() });
            let neurons = Arc::new(Ends { lower: root.least.clone(), upper: root.greatest.clone() });
            self.targets.push(Arc::new(Target::new(disjunct, Arc::clone(&root))?));
            self.open.push(Node {
                target: number,
                depth: 0,
                inputs,
                neurons,
                splits: Arc::default(),
                boxed: !phases,
                warm: None,
                weights: Arc::default(),
            });
        }
        Ok(())
    }

    /// Splits until nothing is open or the budget ends.
    fn branch(&mut self, budget: &Budget) -> Result<(), VerifyError> {
        let shared = Mutex::new(Shared {
            open: std::mem::take(&mut self.open),
            stuck: std::mem::take(&mut self.stuck),
            busy: 0,
            statistics: self.statistics,
            witness: None,
            failed: None,
        });
        let wake = Condvar::new();
        let worker = || self.work(&shared, &wake, budget);
        if self.options.threads <= 1 {
            worker();
        } else {
            std::thread::scope(|scope| {
                for _ in 1..self.options.threads {
                    scope.spawn(worker);
                }
                worker();
            });
        }
        let shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
        (self.open, self.stuck, self.statistics) = (shared.open, shared.stuck, shared.statistics);
        self.witness = shared.witness;
        if self.options.procedure == Procedure::Bounds && !self.open.is_empty() {
            self.open.clear();
            self.incomplete = true;
        }
        match shared.failed {
            Some(error) if self.witness.is_none() => Err(error),
            _ => Ok(()),
        }
    }

    fn work(&self, shared: &Mutex<Shared>, wake: &Condvar, budget: &Budget) {
        let lock = || shared.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut splitter, mut phases) = (Splitter::default(), Phases::default());
        let mut probe = Attack::new(&attack::Options { samples: 0, restarts: 0, ..self.options.attack.clone() });
        let mut outcome = Outcome::default();
        let mut state = lock();
        loop {
            let Some(nodes) = self.pick(&mut state) else {
                if state.busy == 0 || state.failed.is_some() || state.witness.is_some() {
                    wake.notify_all();
                    return;
                }
                state = wake.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            state.busy += 1;
            drop(state);
            outcome.clear();
            let result = self.step(&nodes, &mut splitter, &mut phases, &mut probe, &mut outcome, budget);
            state = lock();
            state.busy -= 1;
            match result {
                Ok(witness) => {
                    state.statistics.bounded += nodes.len() as u64;
                    state.statistics.closed += outcome.closed;
                    state.statistics.covered += outcome.share;
                    // What went on to be split as a box comes last.
                    let (boxed, open): (Vec<Node>, Vec<Node>) =
                        outcome.open.drain(..).partition(|node| node.boxed && !nodes[0].boxed);
                    state.open.splice(0..0, boxed);
                    state.open.extend(open);
                    state.stuck.append(&mut outcome.stuck);
                    if state.witness.is_none() {
                        state.witness = witness;
                    }
                }
                // Nothing is lost: they are bounded again.
                Err(error) => {
                    state.open.extend(nodes);
                    state.failed.get_or_insert(error);
                }
            }
            wake.notify_all();
        }
    }

    /// Takes subproblems of one target off the top.
    fn pick(&self, state: &mut MutexGuard<'_, Shared>) -> Option<Vec<Node>> {
        if state.failed.is_some() || state.witness.is_some() {
            return None;
        }
        let last = state.open.last()?;
        if self.options.procedure == Procedure::Bounds && last.depth > 0 {
            return None;
        }
        let share = state.open.len().div_ceil(self.options.threads.max(1));
        let most = self.options.batch.clamp(1, share.max(1));
        let same = state
            .open
            .iter()
            .rev()
            .take(most)
            .take_while(|node| node.target == last.target && node.boxed == last.boxed)
            .count();
        let from = state.open.len() - same;
        Some(state.open.split_off(from))
    }

    fn step(
        &self,
        nodes: &[Node],
        splitter: &mut Splitter,
        phases: &mut Phases,
        probe: &mut Attack,
        outcome: &mut Outcome,
        budget: &Budget,
    ) -> Result<Option<Witness>, VerifyError> {
        let target = &self.targets[nodes[0].target as usize];
        if nodes[0].boxed {
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
}
