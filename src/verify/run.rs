//! One procedure on its way from a question to its answer: disjunct after disjunct is attacked, bounded, and split until it
//! is covered.
//!
//! Disjuncts that share a box are taken together: one attack, one set of bounds of the whole box. What is open then is split
//! by workers (`work.rs`). Each time twice as many subproblems have been bounded they pause, and a longer attack starts from
//! points of open subproblems: there are properties whose only witnesses lie in a corner that no first attack finds.
//!
//! All that was decided is kept between calls, so that a run can be cut into slices of time or work, and written down (see
//! `frontier.rs`).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::attack::{self, Attack};
use super::branch::{Ends, Node, Pace, Target};
use super::canonical::{self, CanonicalError, Disjunct, Disjuncts};
use super::eager::Eager;
use super::supply::{Order, Supply};
use super::work::least_bound;
use super::{Options, Problem, Procedure, Reason, Statistics, Verdict, VerifyError, Witness};
use crate::bounds::{Graph, Root};
use crate::budget::Budget;
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

/// A procedure and how far it has come. Several may share a question: each is told what others have closed.
pub(super) struct Run {
    pub(super) problem: Problem,
    pub(super) options: Options,
    pub(super) graph: Arc<Graph>,
    /// Where the procedure needs it.
    pub(super) eager: Option<Eager>,
    supply: Supply,
    /// One that was handed out but does not belong to the group before.
    next: Option<(u32, Disjunct)>,
    group: Option<Group>,
    /// By the disjunct's number; none where it was not taken yet or nothing of it is left.
    pub(super) targets: Vec<Option<Arc<Target>>>,
    /// Those that others have closed, by number.
    excluded: Vec<bool>,
    /// Those that were closed here, in the order in which it was found out.
    closed: Vec<u32>,
    /// How far the attack stayed from disjuncts, and which of them have the same box.
    order: Order,
    /// Numbers of targets of which something may be left.
    pub(super) live: Vec<u32>,
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
    /// Whether neurons were split in the first box.
    neurons: Option<bool>,
    pub(super) incomplete: bool,
    unbounded: Option<CanonicalError>,
    pub(super) witness: Option<Witness>,
    pub(super) statistics: Statistics,
}

/// What is left of a disjunct.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Left {
    /// Of its box.
    pub share: f64,
    /// How many subproblems.
    pub nodes: usize,
    /// Whether some are split as boxes.
    pub boxed: bool,
}

/// Disjuncts that share a box, on their way to be open.
#[derive(Default)]
struct Group {
    disjuncts: Vec<Disjunct>,
    numbers: Vec<u32>,
    whole: bool,
    attacked: bool,
    root: Option<Root>,
    refined: bool,
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run")
            .field("options", &self.options)
            .field("statistics", &self.statistics())
            .finish_non_exhaustive()
    }
}

impl Run {
    /// Makes ready. Nothing is decided yet.
    ///
    /// # Errors
    ///
    /// A procedure that this library was built without, or that does not know all operators of the network.
    pub fn new(problem: Problem, graph: Arc<Graph>, options: &Options, order: &Order) -> Result<Self, VerifyError> {
        let source = Disjuncts::new(Arc::clone(problem.property()), &canonical::Options::default())?;
        Ok(Run {
            attack: Attack::new(&options.attack),
            eager: Eager::new(options.procedure, problem.network(), &graph)?,
            problem,
            options: options.clone(),
            graph,
            supply: Supply::new(source, &order.first()),
            next: None,
            group: None,
            targets: Vec::new(),
            excluded: Vec::new(),
            closed: Vec::new(),
            order: order.clone(),
            live: Vec::new(),
            open: Vec::new(),
            stuck: Vec::new(),
            pause: FIRST_PAUSE,
            attack_work: 0.0,
            evaluation_work: 0.0,
            points: Vec::new(),
            exhausted: false,
            neurons: None,
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

    /// As [`Verifier::run`](super::Verifier::run). Unsat says that what others have closed, which this procedure was told, and
    /// what it closed itself are all disjuncts.
    pub fn run(&mut self, budget: &Budget) -> Result<Verdict, VerifyError> {
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
                self.settle();
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

    /// How many disjuncts there are, once all have been met. Not where one has no box.
    pub fn total(&self) -> Option<u32> {
        (self.exhausted && self.unbounded.is_none()).then(|| self.supply.position())
    }

    /// Which disjuncts were closed here since this was asked last.
    pub fn take_closed(&mut self) -> Vec<u32> {
        self.settle();
        std::mem::take(&mut self.closed)
    }

    /// Bytes that open subproblems hold.
    pub fn held(&self) -> u64 {
        self.bytes(self.open.iter().chain(&self.stuck))
    }

    /// Whether neurons were split in the first box that was opened; none before.
    pub fn splits_neurons(&self) -> Option<bool> {
        self.neurons
    }

    /// What the attack said of the order in which disjuncts are best taken.
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// Drops disjuncts that others have closed.
    pub fn exclude(&mut self, numbers: &[u32]) {
        for &number in numbers {
            let number = number as usize;
            if self.excluded.len() <= number {
                self.excluded.resize(number + 1, false);
            }
            self.excluded[number] = true;
            if let Some(target) = self.targets.get_mut(number) {
                *target = None;
            }
        }
        let targets = &self.targets;
        let is_left = |node: &Node| targets[node.target as usize].is_some();
        self.open.retain(is_left);
        self.stuck.retain(is_left);
    }

    fn is_excluded(&self, number: u32) -> bool {
        self.excluded.get(number as usize).is_some_and(|&excluded| excluded)
    }

    /// What is left of each disjunct that was opened and not closed, by number.
    pub fn left(&self) -> BTreeMap<u32, Left> {
        let mut left: BTreeMap<u32, Left> = BTreeMap::new();
        for node in self.open.iter().chain(&self.stuck) {
            let left = left.entry(node.target).or_default();
            left.share += node.share();
            left.nodes += 1;
            left.boxed |= node.boxed;
        }
        left
    }

    /// What is left of a disjunct.
    pub fn nodes_of(&self, number: u32) -> impl Iterator<Item = &Node> {
        self.open.iter().chain(&self.stuck).filter(move |node| node.target == number)
    }

    /// Goes on with what another procedure has left of a disjunct that was opened here too, rather than with what is left here.
    /// Every witness must lie in one of these. They are decided whole, boxes too.
    pub fn adopt<'a>(&mut self, number: u32, nodes: impl Iterator<Item = &'a Node>) {
        let is_other = |node: &Node| node.target != number;
        let before: f64 = self.nodes_of(number).map(Node::share).sum();
        self.open.retain(is_other);
        self.stuck.retain(is_other);
        if let Some(eager) = &self.eager {
            eager.forget(number);
        }
        let mut share = 0.0;
        for node in nodes {
            share += node.share();
            self.open.push(Node {
                boxed: false,
                levels: Arc::default(),
                pace: Pace::default(),
                warm: None,
                weights: Arc::default(),
                ..node.clone()
            });
        }
        self.statistics.covered += before - share;
    }

    /// Finds targets of which nothing is left.
    fn settle(&mut self) {
        let mut kept: Vec<u32> = self.open.iter().chain(&self.stuck).map(|node| node.target).collect();
        kept.sort_unstable();
        kept.dedup();
        let (targets, closed) = (&mut self.targets, &mut self.closed);
        self.live.retain(|&number| {
            let is_left = kept.binary_search(&number).is_ok();
            if !is_left && targets[number as usize].take().is_some() {
                closed.push(number);
            }
            is_left
        });
    }

    /// Leaves undecided what splits have made: for bounds alone.
    pub(super) fn give_up_parts(&mut self) {
        self.settle();
        let targets = &mut self.targets;
        let before = self.open.len();
        self.open.retain(|node| {
            if node.depth > 0 {
                targets[node.target as usize] = None;
            }
            node.depth == 0
        });
        self.incomplete |= self.open.len() < before;
    }

    /// Takes the next disjuncts that share a box. A call that ends early is gone on with by the next.
    fn gather(&mut self, budget: &Budget) -> Result<(), VerifyError> {
        let mut group = self.group.take().unwrap_or_default();
        while !group.whole {
            let taken = match self.next.take() {
                Some(taken) => Ok(Some(taken)),
                None if self.unbounded.is_some() => Ok(None),
                None => match self.supply.next(budget) {
                    Err(error @ CanonicalError::Unbounded { .. }) => {
                        self.unbounded = Some(error);
                        Ok(None)
                    }
                    taken => taken,
                },
            };
            let (number, disjunct) = match taken {
                Ok(Some(taken)) => taken,
                Ok(None) => {
                    group.whole = true;
                    break;
                }
                Err(error) => {
                    self.group = Some(group);
                    return Err(error.into());
                }
            };
            if self.is_excluded(number) {
                continue;
            }
            if let Some(first) = group.disjuncts.first()
                && (first.lower != disjunct.lower || first.upper != disjunct.upper || group.disjuncts.len() >= TOGETHER)
            {
                self.next = Some((number, disjunct));
                group.whole = true;
                break;
            }
            group.disjuncts.push(disjunct);
            group.numbers.push(number);
        }
        self.exhausted = group.disjuncts.is_empty();
        self.group = (!self.exhausted).then_some(group);
        Ok(())
    }

    /// Attacks the next disjuncts, and opens them.
    fn take(&mut self, budget: &Budget) -> Result<(), VerifyError> {
        self.gather(budget)?;
        let Some(mut group) = self.group.take() else { return Ok(()) };
        // Others may have closed some since.
        let left: Vec<bool> = group.numbers.iter().map(|&number| !self.is_excluded(number)).collect();
        let mut keep = left.iter();
        group.disjuncts.retain(|_| keep.next() == Some(&true));
        let mut keep = left.iter();
        group.numbers.retain(|_| keep.next() == Some(&true));
        if group.disjuncts.is_empty() {
            return Ok(());
        }
        let begun = self.begin(&mut group, budget);
        if begun.is_err() || self.witness.is_some() {
            self.group = Some(group);
        }
        begun
    }

    /// What comes before a group is split. A call that ends early is gone on with by the next.
    fn begin(&mut self, group: &mut Group, budget: &Budget) -> Result<(), VerifyError> {
        let procedure = self.options.procedure;
        if !group.attacked && self.options.attacks_first() {
            self.attack_first(group, budget)?;
            if self.witness.is_some() {
                return Ok(());
            }
        }
        self.statistics.disjuncts += group.disjuncts.len() as u64;
        let length = group.numbers.iter().max().map_or(0, |&most| most as usize + 1);
        if self.targets.len() < length {
            self.targets.resize(length, None);
        }
        if matches!(procedure, Procedure::Fuzz | Procedure::Gradient) {
            self.incomplete = true;
            return Ok(());
        }
        let opened = self.open_group(group, budget);
        if opened.is_err() {
            self.statistics.disjuncts -= group.disjuncts.len() as u64;
        }
        opened
    }

    fn attack_first(&mut self, group: &mut Group, budget: &Budget) -> Result<(), VerifyError> {
        budget.set_grace(false);
        let (spent, done) = (budget.spent(), self.attack.statistics().evaluations);
        let report = match self.options.procedure {
            Procedure::Fuzz => self.attack.fuzz(&self.problem, &group.disjuncts, budget)?,
            _ => self.attack.run(&self.problem, &group.disjuncts, &[], budget)?,
        };
        let evaluations = self.attack.statistics().evaluations - done;
        if evaluations > 0 {
            self.evaluation_work = (budget.spent() - spent) as f64 / evaluations as f64;
        }
        self.order.note(&group.numbers, &report.nearest);
        // Splitting finds what half an attack has missed.
        group.attacked = self.options.procedure.is_complete() || report.stop.is_none();
        self.witness = report.witness;
        match report.stop {
            Some(stop) if self.witness.is_none() => Err(stop.into()),
            _ => Ok(()),
        }
    }

    /// Bounds the whole box, and opens its disjuncts.
    fn open_group(&mut self, group: &mut Group, budget: &Budget) -> Result<(), VerifyError> {
        let (lower, upper) = (&group.disjuncts[0].lower, &group.disjuncts[0].upper);
        // Who encodes wants the fewest phases.
        let phases = self.eager.is_some() || self.options.splits_neurons(lower, upper);
        self.neurons.get_or_insert(phases);
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
        let (mut targets, mut nodes) = (Vec::new(), Vec::new());
        for (&number, disjunct) in group.numbers.iter().zip(&group.disjuncts) {
            // Without a halfspace there is no row that splits of neurons would make better.
            let boxed = !phases || disjunct.num_rows() == 0;
            let inputs = Arc::new(Ends { lower: disjunct.lower.clone(), upper: disjunct.upper.clone() });
            let neurons = Arc::new(Ends { lower: root.least.clone(), upper: root.greatest.clone() });
            targets.push((number, Target::new(disjunct.clone(), Arc::clone(&root))?));
            nodes.push(Node {
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
        // Whatever has a target and no subproblem counts as closed: nothing may fail between the two.
        for (number, target) in targets {
            self.targets[number as usize] = Some(Arc::new(target));
            self.live.push(number);
        }
        // The last is taken first: that to which the attack came nearest.
        let far = |node: &Node| self.order.distance(node.target);
        nodes.sort_by(|a, b| far(b).total_cmp(&far(a)));
        self.open.append(&mut nodes);
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
        Ok(self.supply.next(budget)?.map(|(_, disjunct)| disjunct))
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
    fn attacks_first(&self) -> bool {
        match self.procedure {
            Procedure::Auto => self.attack_first,
            Procedure::Fuzz | Procedure::Gradient => true,
            _ => false,
        }
    }

    /// Whether neurons are split first in such a box.
    pub(super) fn splits_neurons(&self, lower: &[f64], upper: &[f64]) -> bool {
        match self.procedure {
            Procedure::ReluSplit => true,
            Procedure::InputSplit => false,
            _ => lower.iter().zip(upper).filter(|(l, u)| l < u).count() > MANY_INPUTS,
        }
    }
}
