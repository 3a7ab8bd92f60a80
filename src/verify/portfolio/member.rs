//! A procedure of the portfolio, with its share and what it has come to.

use std::sync::Arc;

use super::host::{Asked, HostProcedure};
use crate::bounds::Graph;
use crate::budget::{Budget, Stop};
use crate::net::property::Property;
use crate::verify::branch::Effort;
use crate::verify::canonical::CanonicalError;
use crate::verify::run::Run;
use crate::verify::supply::Order;
use crate::verify::{Options, Problem, Procedure, Reason, Statistics, Verdict, VerifyError};

/// When a procedure has a part in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Always,
    /// Where disjuncts differ in their boxes: bounds of all of them come before the first is split.
    ManyBoxes,
    /// Where neurons are what is split first: splitting the box is something else then.
    NeuronsFirst,
    /// Where there are few neurons: Z3 takes up a large formula as a whole, which no limit cuts.
    FewNeurons,
}

/// Neurons up to which there are few: on 300 a slice of 2^17 steps of Z3 took 0.3 seconds, on 1024 one of 2^16 took 22.
const FEW: usize = 512;

/// What is known of a question once its first slices have passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    pub groups: usize,
    /// Whether neurons are split; not known before a disjunct was opened.
    pub neurons: Option<bool>,
    /// How many neurons the network has that are no linear function of others.
    pub lines: usize,
}

enum Way {
    Own { options: Box<Options>, when: When, run: Option<Box<Run>> },
    Host(Box<Asked>),
}

/// How a turn ended.
pub(super) enum Turn {
    Verdict(Verdict),
    Paused,
    Failed(String),
}

/// A procedure.
pub(super) struct Member {
    pub name: String,
    pub share: u64,
    way: Way,
    /// Why it is not asked any more.
    ended: Option<Reason>,
    /// What it did, once it has ended.
    kept: Option<Statistics>,
    /// How many of those that are closed it was told of.
    told: usize,
}

/// All that this library was built with, in the order of their turns.
pub(super) fn all(options: &Options) -> Vec<Member> {
    let named = &options.procedures;
    let own = |name: &str, share, when, procedure| {
        let when = if named.is_empty() { when } else { When::Always };
        let options = Box::new(Options { procedure, attack_first: false, ..options.clone() });
        Member::new(name.into(), share, Way::Own { options, when, run: None })
    };
    let mut members = vec![
        own("attack", 32, When::Always, Procedure::Gradient),
        own("bounds", 32, When::ManyBoxes, Procedure::Bounds),
        own("split", 256, When::Always, Procedure::Auto),
        own("relu-split (quick)", 64, When::Always, Procedure::ReluSplit),
        own("input-split", 32, When::NeuronsFirst, Procedure::InputSplit),
    ];
    if let Way::Own { options, .. } = &mut members[3].way {
        options.effort = Effort::quick();
    }
    if cfg!(feature = "highs") {
        members.push(own("milp", 32, When::Always, Procedure::Milp));
    }
    if cfg!(feature = "z3") {
        // A step of Z3 takes as long as some 30 units of the others.
        members.push(own("smt", 1, When::FewNeurons, Procedure::Smt));
    }
    let is_named = |member: &Member| match &member.way {
        Way::Own { options, .. } => named.is_empty() || named.contains(&options.procedure),
        Way::Host(_) => true,
    };
    members.retain(is_named);
    members
}

impl Member {
    fn new(name: String, share: u64, way: Way) -> Self {
        Member { name, share, way, ended: None, kept: None, told: 0 }
    }

    pub fn of_host(procedure: Box<dyn HostProcedure>, property: &Arc<Property>) -> Self {
        let asked = Box::new(Asked::new(procedure, property));
        Member::new(asked.name().into(), 64, Way::Host(asked))
    }

    pub fn is_host(&self) -> bool {
        matches!(self.way, Way::Host(_))
    }

    pub fn ended(&self) -> Option<Reason> {
        self.ended
    }

    pub fn run(&self) -> Option<&Run> {
        match &self.way {
            Way::Own { run, .. } => run.as_deref(),
            Way::Host(_) => None,
        }
    }

    /// Its run, if it decides a subproblem as a whole.
    pub fn decider(&mut self) -> Option<&mut Run> {
        match &mut self.way {
            Way::Own { options, run: Some(run), .. } if options.procedure == Procedure::Milp => Some(run),
            _ => None,
        }
    }

    /// Its run, if it splits.
    pub fn splitter(&self) -> Option<&Run> {
        match &self.way {
            Way::Own { options, run: Some(run), .. } => {
                let splits = [Procedure::Auto, Procedure::ReluSplit, Procedure::InputSplit];
                splits.contains(&options.procedure).then_some(&**run)
            }
            _ => None,
        }
    }

    /// Whether it has a part in the question; none where that is not known yet.
    pub fn is_wanted(&self, known: Known) -> Option<bool> {
        match &self.way {
            Way::Own { when: When::ManyBoxes, .. } => Some(known.groups > 1),
            Way::Own { when: When::NeuronsFirst, .. } => known.neurons,
            Way::Own { when: When::FewNeurons, .. } => Some(known.lines <= FEW),
            _ => Some(true),
        }
    }

    /// Not to be asked again. What it held is given back.
    pub fn end(&mut self, reason: Reason) {
        self.kept = self.statistics();
        self.ended = Some(reason);
        if let Way::Own { run, .. } = &mut self.way {
            *run = None;
        }
    }

    /// A slice. `closed` are all disjuncts that are, in the order in which that was found out.
    pub fn turn(
        &mut self,
        (problem, graph): (&Problem, &Arc<Graph>),
        order: &Order,
        closed: &[u32],
        seconds: f64,
        budget: &Budget,
    ) -> Result<Turn, VerifyError> {
        let news = &closed[self.told..];
        self.told = closed.len();
        let run = match &mut self.way {
            Way::Own { options, run, .. } => match run {
                Some(run) => run,
                none => none.insert(Box::new(Run::new(problem.clone(), Arc::clone(graph), options, order)?)),
            },
            Way::Host(asked) => {
                asked.exclude(news);
                let turn = asked.turn(problem, &order.first(), seconds, budget);
                // However long it took: a schedule that hangs on seconds would not repeat.
                let _ = budget.spend(budget.work_left().min(u64::MAX / 2));
                return match turn {
                    Err(VerifyError::Stopped(Stop::Work)) => Ok(Turn::Paused),
                    turn => turn,
                };
            }
        };
        run.exclude(news);
        run.run(budget).map(Turn::Verdict)
    }

    pub fn take_closed(&mut self) -> Vec<u32> {
        match &mut self.way {
            Way::Own { run, .. } => run.as_mut().map_or_else(Vec::new, |run| run.take_closed()),
            Way::Host(asked) => asked.take_closed(),
        }
    }

    pub fn total(&self) -> Option<u32> {
        match &self.way {
            Way::Own { run, .. } => run.as_ref().and_then(|run| run.total()),
            Way::Host(asked) => asked.total(),
        }
    }

    /// What an attack says of the order; none where this is no attack.
    pub fn order(&self) -> Option<&Order> {
        match &self.way {
            Way::Own { options, run: Some(run), .. } if options.procedure == Procedure::Gradient => Some(run.order()),
            _ => None,
        }
    }

    /// Whether this is who chooses what to split.
    pub fn splits(&self) -> bool {
        matches!(&self.way, Way::Own { options, .. } if options.procedure == Procedure::Auto)
    }

    /// What it has chosen: whether neurons are split.
    pub fn splits_neurons(&self) -> Option<bool> {
        self.run().filter(|_| self.splits()).and_then(Run::splits_neurons)
    }

    pub fn unbounded(&self) -> Option<&CanonicalError> {
        match &self.way {
            Way::Own { run, .. } => run.as_ref().and_then(|run| run.unbounded()),
            Way::Host(asked) => asked.unbounded(),
        }
    }

    /// What it did; none before its first turn.
    pub fn statistics(&self) -> Option<Statistics> {
        match &self.way {
            _ if self.kept.is_some() => self.kept,
            Way::Own { run, .. } => run.as_ref().map(|run| run.statistics()),
            Way::Host(asked) => Some(asked.statistics()),
        }
    }

    /// Bytes that its open subproblems hold.
    pub fn bytes(&self) -> u64 {
        self.run().map_or(0, Run::held)
    }
}
