//! The way from a question to its answer: disjunct after disjunct is attacked, bounded, and split until it is covered.
//!
//! Disjuncts that share a box are taken together: one attack, one set of bounds of the whole box. What is open then is split
//! by workers (`work.rs`). Each time twice as many subproblems have been bounded they pause, and a longer attack starts from
//! points of open subproblems: there are properties whose only witnesses lie in a corner that no first attack finds.
//!
//! All that was decided is kept between calls, so that a run can be cut into slices of time or work, and written down (see
//! `frontier.rs`).

use std::sync::Arc;

use super::attack::{self, Attack};
use super::branch::{Ends, Node, Pace, Target};
use super::canonical::{self, CanonicalError, Disjunct, Disjuncts};
use super::eager::Eager;
use super::work::least_bound;
use super::{Options, Problem, Procedure, Reason, Statistics, Verdict, VerifyError, Witness};
use crate::bounds::{Graph, Root};
use crate::budget::Budget;
use crate::floats::Standard;
use crate::net::eval::meter::Meter;

/// Boxes with more inputs that are not fixed have neurons split rather than inputs.
const MANY_INPUTS: usize = 12;

/// Disjuncts that are taken together at most.
const TOGETHER: usize = 64;

/// Subproblems after which the first longer attack comes.
const FIRST_PAUSE: u64 = 256;

/// The share of all work that longer attacks take.
const ATTACK_SHARE: f64 = 0.12;

/// Points that a longer attack starts from.
const STARTS: usize = 32;

/// A question on its way to an answer.
///
/// [`Verifier::run`] goes on from where the call before ended, whatever ended it: a run may be cut into slices. With one
/// thread the same input, options, seed and work limits give the same run, bit for bit, slice by slice.
pub struct Verifier {
    pub(super) problem: Problem,
    pub(super) options: Options,
    pub(super) graph: Arc<Graph>,
    /// Where the procedure needs it.
    pub(super) eager: Option<Eager>,
    source: Disjuncts,
    /// One that was handed out but does not belong to the group before.
    next: Option<Disjunct>,
    group: Option<Group>,
    /// Every disjunct taken so far; none where nothing of it is left.
    pub(super) targets: Vec<Option<Arc<Target>>>,
    /// Targets before this one have been looked through.
    finished: usize,
    pub(super) open: Vec<Node>,
    pub(super) stuck: Vec<Node>,
    attack: Attack,
    /// Subproblems after which workers pause for a longer attack.
    pub(super) pause: u64,
    /// Work of longer attacks, and of one evaluation.
    attack_work: f64,
    evaluation_work: f64,
    /// Points of open subproblems that were bounded last.
    pub(super) points: Vec<f64>,
    exhausted: bool,
    pub(super) incomplete: bool,
    unbounded: Option<CanonicalError>,
    pub(super) witness: Option<Witness>,
    pub(super) statistics: Statistics,
}

/// Disjuncts that share a box, on their way to be open.
#[derive(Default)]
struct Group {
    disjuncts: Vec<Disjunct>,
    whole: bool,
    attacked: bool,
    root: Option<Root>,
    refined: bool,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier")
            .field("options", &self.options)
            .field("statistics", &self.statistics())
            .finish_non_exhaustive()
    }
}

impl Verifier {
    /// Makes the network ready for bounding. Nothing is decided yet.
    ///
    /// # Errors
    ///
    /// The budget, no memory, a network that cannot be bounded.
    pub fn new(problem: Problem, options: &Options, budget: &Budget) -> Result<Self, VerifyError> {
        let _standard = Standard::enter();
        let graph = Arc::new(Graph::new(problem.network(), budget)?);
        let source = Disjuncts::new(Arc::clone(problem.property()), &canonical::Options::default())?;
        Ok(Verifier {
            attack: Attack::new(&options.attack),
            eager: Eager::new(options.procedure, problem.network(), &graph)?,
            problem,
            options: options.clone(),
            graph,
            source,
            next: None,
            group: None,
            targets: Vec::new(),
            finished: 0,
            open: Vec::new(),
            stuck: Vec::new(),
            pause: FIRST_PAUSE,
            attack_work: 0.0,
            evaluation_work: 0.0,
            points: Vec::new(),
            exhausted: false,
            incomplete: false,
            unbounded: None,
            witness: None,
            statistics: Statistics::default(),
        })
    }

    /// The question.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// How it is gone about.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// What was done so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let mut statistics = self.statistics;
        statistics.attacked(&self.attack.statistics());
        let (open, stuck) = (self.open.len() as u64, self.stuck.len() as u64);
        let bound = if open + stuck == 0 { 0.0 } else { least_bound(self.open.iter().chain(&self.stuck)) };
        Statistics { open, stuck, bound, ..statistics }
    }

    /// The witness, once one was found.
    #[must_use]
    pub fn witness(&self) -> Option<&Witness> {
        self.witness.as_ref()
    }

    /// Which input has no bound, where [`Reason::Unbounded`] is the reason.
    #[must_use]
    pub fn unbounded(&self) -> Option<&CanonicalError> {
        self.unbounded.as_ref()
    }

    /// Goes on until there is a verdict or the budget ends. A later call goes on from there. However small a work limit is,
    /// a call that is granted any gets on by a step at least, for which it may take more than that.
    ///
    /// # Errors
    ///
    /// What [`VerifyError`] lists; not that the budget ran out.
    ///
    /// # Panics
    ///
    /// Where a worker does: its panic goes on here.
    pub fn run(&mut self, budget: &Budget) -> Result<Verdict, VerifyError> {
        let _standard = Standard::enter();
        let (spent, work) = (budget.spent(), self.statistics.work);
        let done = if budget.work_left() == 0 { Err(crate::budget::Stop::Work.into()) } else { self.advance(budget) };
        budget.set_grace(false);
        self.statistics.work = work + (budget.spent() - spent);
        match done {
            Ok(verdict) => Ok(verdict),
            Err(VerifyError::Stopped(stop)) => Ok(match &self.witness {
                Some(witness) => Verdict::Sat(witness.clone()),
                None => Verdict::Unknown(Reason::Stopped(stop)),
            }),
            Err(error) => Err(error),
        }
    }

    fn advance(&mut self, budget: &Budget) -> Result<Verdict, VerifyError> {
        let mut spent = budget.spent();
        budget.set_grace(true);
        loop {
            self.statistics.work += budget.spent() - spent;
            spent = budget.spent();
            if let Some(witness) = &self.witness {
                return Ok(Verdict::Sat(witness.clone()));
            }
            if !self.open.is_empty() {
                if self.statistics.bounded >= self.pause {
                    self.attack_again(budget)?;
                } else {
                    self.branch(budget)?;
                }
            } else if !self.exhausted {
                self.forget();
                self.take(budget)?;
            } else if self.unbounded.is_some() {
                return Ok(Verdict::Unknown(Reason::Unbounded));
            } else if self.incomplete {
                return Ok(Verdict::Unknown(Reason::Incomplete));
            } else if !self.stuck.is_empty() {
                return Ok(Verdict::Unknown(Reason::Rounding));
            } else {
                return Ok(Verdict::Unsat);
            }
        }
    }

    /// Drops targets of which nothing is left.
    fn forget(&mut self) {
        let mut kept: Vec<u32> = self.stuck.iter().map(|node| node.target).collect();
        kept.sort_unstable();
        for number in self.finished..self.targets.len() {
            if kept.binary_search(&(number as u32)).is_err() {
                self.targets[number] = None;
            }
        }
        self.finished = self.targets.len();
    }

    /// Takes the next disjuncts that share a box. A call that ends early is gone on with by the next.
    fn gather(&mut self, budget: &Budget) -> Result<(), VerifyError> {
        let group = self.group.get_or_insert_default();
        while !group.whole {
            let disjunct = match self.next.take() {
                Some(disjunct) => Some(disjunct),
                None if self.unbounded.is_some() => None,
                None => match self.source.next(budget) {
                    Err(error @ CanonicalError::Unbounded { .. }) => {
                        self.unbounded = Some(error);
                        None
                    }
                    disjunct => disjunct?,
                },
            };
            let Some(disjunct) = disjunct else {
                group.whole = true;
                break;
            };
            if let Some(first) = group.disjuncts.first()
                && (first.lower != disjunct.lower || first.upper != disjunct.upper || group.disjuncts.len() >= TOGETHER)
            {
                self.next = Some(disjunct);
                group.whole = true;
                break;
            }
            group.disjuncts.push(disjunct);
        }
        if group.disjuncts.is_empty() {
            self.group = None;
            self.exhausted = true;
        }
        Ok(())
    }

    /// Attacks the next disjuncts, and opens them.
    fn take(&mut self, budget: &Budget) -> Result<(), VerifyError> {
        self.gather(budget)?;
        let Some(group) = &mut self.group else { return Ok(()) };
        let procedure = self.options.procedure;
        if !group.attacked && matches!(procedure, Procedure::Auto | Procedure::Fuzz | Procedure::Gradient) {
            budget.set_grace(false);
            let (spent, done) = (budget.spent(), self.attack.statistics().evaluations);
            let report = match procedure {
                Procedure::Fuzz => self.attack.fuzz(&self.problem, &group.disjuncts, budget)?,
                _ => self.attack.run(&self.problem, &group.disjuncts, &[], budget)?,
            };
            let evaluations = self.attack.statistics().evaluations - done;
            if evaluations > 0 {
                self.evaluation_work = (budget.spent() - spent) as f64 / evaluations as f64;
            }
            // Splitting finds what half an attack has missed.
            group.attacked = procedure.is_complete() || report.stop.is_none();
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
            self.statistics.disjuncts += group.disjuncts.len() as u64;
            self.targets.extend(group.disjuncts.drain(..).map(|_| None));
            self.group = None;
            return Ok(());
        }
        let (lower, upper) = (&group.disjuncts[0].lower, &group.disjuncts[0].upper);
        // Who encodes wants the fewest phases.
        let is_eager = self.eager.is_some();
        let phases = is_eager || self.options.splits_neurons(lower, upper);
        let mut meter = Meter::new(budget);
        let mut root = match group.root.take() {
            Some(root) => root,
            None => Root::new(&self.graph, lower, upper, true, &mut meter)?,
        };
        budget.set_grace(false);
        if phases && !group.refined {
            group.refined = true;
            // What was found stays when the budget ends.
            if let Err(error) = root.refine(&self.graph, &self.options.refine, &mut meter) {
                group.root = Some(root);
                return Err(error.into());
            }
        }
        let root = Arc::new(root);
        let disjuncts = self.group.take().map_or_else(Vec::new, |group| group.disjuncts);
        self.statistics.disjuncts += disjuncts.len() as u64;
        for disjunct in disjuncts {
            let number = self.targets.len() as u32;
            // Without a halfspace there is no row that splits of neurons would make better.
            let boxed = !phases || disjunct.num_rows() == 0;
            let inputs = Arc::new(Ends { lower: disjunct.lower.clone(), upper: disjunct.upper.clone() });
            let neurons = Arc::new(Ends { lower: root.least.clone(), upper: root.greatest.clone() });
            self.targets.push(Some(Arc::new(Target::new(disjunct, Arc::clone(&root))?)));
            self.open.push(Node {
                target: number,
                depth: 0,
                bound: f64::NEG_INFINITY,
                inputs,
                neurons,
                splits: Arc::default(),
                chosen: Arc::default(),
                levels: Arc::default(),
                boxed,
                pace: Pace::default(),
                warm: None,
                weights: Arc::default(),
            });
        }
        Ok(())
    }

    /// Which steps of the disjuncts that come next are done: the attack, and better bounds of the whole box.
    pub(super) fn begun(&self) -> (bool, bool) {
        self.group.as_ref().map_or((false, false), |group| (group.attacked, group.refined))
    }

    /// Passes over these steps.
    pub(super) fn set_begun(&mut self, (attacked, refined): (bool, bool)) {
        self.group = Some(Group { attacked, refined, ..Group::default() });
    }

    /// The next disjunct, as if it had been taken.
    pub(super) fn skip(&mut self, budget: &Budget) -> Result<Option<Disjunct>, VerifyError> {
        Ok(self.source.next(budget)?)
    }

    /// A longer attack from points of open subproblems.
    fn attack_again(&mut self, budget: &Budget) -> Result<(), VerifyError> {
        self.pause = self.statistics.bounded.saturating_mul(2).max(FIRST_PAUSE);
        let allowed = ATTACK_SHARE * self.statistics.work as f64 - self.attack_work;
        // One that nothing is known of yet, as after a frontier was read, tells what an evaluation takes.
        let allowed = if self.evaluation_work > 0.0 { allowed / self.evaluation_work } else { 256.0 };
        if self.options.procedure != Procedure::Auto || allowed < 256.0 {
            return Ok(());
        }
        let Some(root) = self.open.last().and_then(|node| self.targets[node.target as usize].as_ref()).map(|t| &t.root)
        else {
            return Ok(());
        };
        let shares = |number: &u32| {
            self.targets[*number as usize].as_ref().is_some_and(|target| Arc::ptr_eq(&target.root, root))
        };
        let mut numbers: Vec<u32> = self.open.iter().map(|node| node.target).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let disjuncts: Vec<Disjunct> = numbers
            .iter()
            .filter(|number| shares(number))
            .filter_map(|&number| self.targets[number as usize].as_ref().map(|target| target.disjunct.clone()))
            .collect();
        let mut starts = std::mem::take(&mut self.points);
        // The oldest are the largest that are left.
        for node in self.open.iter().filter(|node| node.boxed && shares(&node.target)).take(STARTS) {
            starts.extend(node.inputs.lower.iter().zip(&node.inputs.upper).map(|(l, u)| 0.5 * l + 0.5 * u));
        }
        self.attack.set_options(&attack::Options {
            samples: 64,
            restarts: usize::MAX,
            evaluations: allowed as u64,
            ..self.options.attack.clone()
        });
        let (spent, done) = (budget.spent(), self.attack.statistics().evaluations);
        let report = self.attack.run(&self.problem, &disjuncts, &starts, budget);
        let work = (budget.spent() - spent) as f64;
        self.attack_work += work;
        let report = report?;
        let evaluations = self.attack.statistics().evaluations - done;
        if evaluations > 0 {
            self.evaluation_work = work / evaluations as f64;
        }
        self.witness = report.witness;
        match report.stop {
            Some(stop) if self.witness.is_none() => Err(stop.into()),
            _ => Ok(()),
        }
    }
}

impl Options {
    /// Whether neurons are split first in such a box.
    pub(super) fn splits_neurons(&self, lower: &[f64], upper: &[f64]) -> bool {
        match self.procedure {
            Procedure::ReluSplit => true,
            Procedure::InputSplit => false,
            _ => lower.iter().zip(upper).filter(|(l, u)| l < u).count() > MANY_INPUTS,
        }
    }
}
