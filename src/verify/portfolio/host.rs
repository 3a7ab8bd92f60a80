//! Procedures that a host adds: another solver, asked about one disjunct at a time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::member::Turn;
use crate::budget::{Budget, Stop};
use crate::net::property::Property;
use crate::verify::canonical::{self, CanonicalError, Disjunct, Disjuncts};
use crate::verify::supply::Supply;
use crate::verify::{Problem, Reason, Statistics, Verdict, VerifyError};

/// Disjuncts that wait for a host's answer at a time.
const WAITING: usize = 64;

/// A procedure of a host's.
///
/// What it says is trusted in one direction only: a witness is evaluated and checked as all others are, but that a disjunct
/// has none cannot be. A verdict of "unsat" in which such an answer has a part is as sound as the host.
pub trait HostProcedure: Send {
    /// What it is called, in records of slices.
    fn name(&self) -> &str;

    /// Tries to decide one disjunct within so many seconds. It may keep what it has found, to go on when it is asked about
    /// the same disjunct again.
    fn solve(&mut self, question: &Question<'_>) -> HostAnswer;
}

/// What a host is asked: whether an input in a box has outputs in some halfspaces.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The network.
    pub problem: &'a Problem,
    /// The disjunct's number, in the order of the property.
    pub number: u32,
    /// The box and the halfspaces.
    pub disjunct: &'a Disjunct,
    /// Wall-clock seconds that it should take at most.
    pub seconds: f64,
    /// Limits of the whole call; a host that can should stop where it says so.
    pub budget: &'a Budget,
}

/// What a host answers.
#[derive(Debug, Clone, PartialEq)]
pub enum HostAnswer {
    /// No input of the disjunct has outputs in all halfspaces.
    Unsat,
    /// This input has. It is rounded to 32 bits within the box, and checked.
    Sat(Vec<f64>),
    /// Not known yet.
    Unknown,
    /// The host cannot go on and is not to be asked again.
    Failed(String),
    /// The whole run is to end: [`Stop::Callback`] with this code.
    Stop(i32),
}

/// A host's procedure and what it was asked.
pub(super) struct Asked {
    name: String,
    /// Behind a lock only so that others may look at the rest meanwhile.
    procedure: Mutex<Box<dyn HostProcedure>>,
    property: Arc<Property>,
    supply: Option<Supply>,
    waiting: VecDeque<(u32, Disjunct)>,
    /// Whether there are no more disjuncts than those that wait.
    met_all: bool,
    unbounded: Option<CanonicalError>,
    is_excluded: Vec<bool>,
    closed: Vec<u32>,
    asked: u64,
    /// Answers that were said to be witnesses and are none.
    refuted: u64,
}

impl Asked {
    pub fn new(procedure: Box<dyn HostProcedure>, property: &Arc<Property>) -> Self {
        Asked {
            name: procedure.name().into(),
            procedure: Mutex::new(procedure),
            property: Arc::clone(property),
            supply: None,
            waiting: VecDeque::new(),
            met_all: false,
            unbounded: None,
            is_excluded: Vec::new(),
            closed: Vec::new(),
            asked: 0,
            refuted: 0,
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn exclude(&mut self, numbers: &[u32]) {
        for &number in numbers {
            let number = number as usize;
            if self.is_excluded.len() <= number {
                self.is_excluded.resize(number + 1, false);
            }
            self.is_excluded[number] = true;
        }
    }

    pub fn take_closed(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.closed)
    }

    pub fn total(&self) -> Option<u32> {
        self.supply.as_ref().filter(|_| self.met_all && self.unbounded.is_none()).map(Supply::position)
    }

    pub fn unbounded(&self) -> Option<&CanonicalError> {
        self.unbounded.as_ref()
    }

    pub fn statistics(&self) -> Statistics {
        let (open, closed) = (self.waiting.len() as u64, self.closed.len() as u64);
        Statistics { bounded: self.asked, replays: self.refuted, open, closed, ..Statistics::default() }
    }

    fn fill(&mut self, first: &[u32], budget: &Budget) -> Result<(), VerifyError> {
        let supply = match &mut self.supply {
            Some(supply) => supply,
            none => {
                let source = Disjuncts::new(Arc::clone(&self.property), &canonical::Options::default())?;
                none.insert(Supply::new(source, first))
            }
        };
        let is_excluded = &self.is_excluded;
        let is_left = |number: u32| !is_excluded.get(number as usize).is_some_and(|&excluded| excluded);
        self.waiting.retain(|(number, _)| is_left(*number));
        while self.waiting.len() < WAITING && !self.met_all {
            match supply.next(budget) {
                Ok(Some((number, disjunct))) if is_left(number) => self.waiting.push_back((number, disjunct)),
                Ok(Some(_)) => {}
                Ok(None) => self.met_all = true,
                Err(error @ CanonicalError::Unbounded { .. }) => {
                    self.unbounded = Some(error);
                    self.met_all = true;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Asks about disjuncts in turn for so many seconds, each for its part of them.
    pub fn turn(
        &mut self,
        problem: &Problem,
        first: &[u32],
        seconds: f64,
        budget: &Budget,
    ) -> Result<Turn, VerifyError> {
        self.fill(first, budget)?;
        if self.waiting.is_empty() {
            return Ok(Turn::Verdict(Verdict::Unknown(Reason::Incomplete)));
        }
        let (begin, each) = (Instant::now(), seconds / self.waiting.len() as f64);
        for _ in 0..self.waiting.len() {
            let left = seconds - begin.elapsed().as_secs_f64();
            if left <= 0.0 {
                break;
            }
            budget.check()?;
            let Some((number, disjunct)) = self.waiting.pop_front() else { break };
            self.asked += 1;
            let question = Question { problem, number, disjunct: &disjunct, seconds: each.min(left), budget };
            let procedure = self.procedure.get_mut().unwrap_or_else(PoisonError::into_inner);
            match procedure.solve(&question) {
                HostAnswer::Unsat => {
                    self.closed.push(number);
                    continue;
                }
                HostAnswer::Sat(x) if x.len() == problem.num_inputs() => {
                    let witness = problem.replay_near(&x, &disjunct.lower, &disjunct.upper, budget);
                    self.waiting.push_back((number, disjunct));
                    if let Some(witness) = witness? {
                        return Ok(Turn::Verdict(Verdict::Sat(witness)));
                    }
                    self.refuted += 1;
                }
                HostAnswer::Sat(x) => {
                    let (given, needed) = (x.len(), problem.num_inputs());
                    return Ok(Turn::Failed(format!("a witness of {given} numbers, where inputs have {needed}")));
                }
                HostAnswer::Unknown => self.waiting.push_back((number, disjunct)),
                HostAnswer::Failed(why) => return Ok(Turn::Failed(why)),
                HostAnswer::Stop(code) => {
                    self.waiting.push_back((number, disjunct));
                    return Err(Stop::Callback(code).into());
                }
            }
        }
        Ok(Turn::Paused)
    }
}
