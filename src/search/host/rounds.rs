//! The walkers of all slots, round by round.

use std::time::{Duration, Instant};

use super::asker::{Asker, Asking};
use super::slot::{Arrangement, Place, Slot, answers};
use super::{BitOrder, Element, Graph, HostError, HostScorer, MOST_SCORERS, MOST_SLOTS, Output, Plan, Refusal};
use crate::budget::{Budget, Phase, Progress, Stop};
use crate::error::OutOfMemory;
use crate::search::problem::Problem;
use crate::search::state::Division;
use crate::search::walker::{Walk, Walker};
use crate::search::{End, Options, SearchError};

/// How long one wait for an answer is: interrupts are looked at in between.
const WAIT: Duration = Duration::from_millis(20);

/// A host's scorer with its slots.
#[derive(Debug)]
struct Attached {
    host: Box<dyn HostScorer>,
    plan: Plan,
    slots: Vec<Slot>,
    /// Calls so far.
    seq: u64,
    /// Whether `prepare` was called, so that `drain` and `release` are to be.
    is_prepared: bool,
    /// Whether the host may still read or write: memory is not freed then.
    is_lost: bool,
}

impl std::fmt::Debug for dyn HostScorer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HostScorer")
    }
}

/// Walkers whose scores come from hosts.
#[derive(Debug)]
pub(in crate::search) struct Rounds {
    attached: Vec<Attached>,
    /// Hosts may keep the addresses of its arrays until they are released.
    graph: Option<Graph>,
    num_walkers: usize,
    threads: usize,
    /// Flips so far.
    done: u64,
    /// A host has failed: there is no going on.
    failed: bool,
}

fn called<T>(scorer: usize, call: &'static str, answer: Result<T, Refusal>) -> Result<T, HostError> {
    answer.map_err(|refusal| HostError::of(scorer, call, refusal))
}

impl Rounds {
    /// With these hosts, in their order. `options` were looked through.
    pub fn new(
        problem: &Problem,
        division: Division,
        options: &Options,
        hosts: Vec<Box<dyn HostScorer>>,
        budget: &Budget,
    ) -> Result<Self, SearchError> {
        let count = hosts.len();
        if !(1..=MOST_SCORERS).contains(&count) || count > options.walkers {
            let value = count as f64;
            let allowed = "between 1 and 64, and at most as many as there are walkers";
            return Err(SearchError::Option { option: "scorers", value, allowed });
        }
        let graph = Graph::new(problem, budget)?;
        let mut rounds = Rounds {
            attached: Vec::with_capacity(count),
            graph: None,
            num_walkers: 0,
            threads: options.threads,
            done: 0,
            failed: false,
        };
        let (mut bytes, mut first) = (problem.bytes() + graph.bytes(), 0);
        let graph: &Graph = rounds.graph.insert(graph);
        for (number, host) in hosts.into_iter().enumerate() {
            // Equal shares, the first ones larger by one where that is needed.
            let walkers = options.walkers / count + usize::from(number < options.walkers % count);
            rounds.attached.push(Attached {
                plan: proposed(problem, graph, options, walkers, host.is_asynchronous()),
                host,
                slots: Vec::new(),
                seq: 0,
                is_prepared: false,
                is_lost: false,
            });
            let attached = &mut rounds.attached[number];
            let mut plan = attached.plan;
            called(number, "plan", attached.host.plan(&mut plan))?;
            attached.plan = settled(number, &attached.plan, plan, attached.host.is_asynchronous())?;
            attached.open(number, graph, problem, division, options, first, &mut bytes, budget)?;
            first += attached.slots.iter().map(|slot| slot.walkers.len()).sum::<usize>();
        }
        rounds.num_walkers = first;
        Ok(rounds)
    }

    pub fn len(&self) -> usize {
        self.num_walkers
    }

    pub fn bytes(&self) -> u64 {
        let slots = self.attached.iter().flat_map(|attached| &attached.slots);
        self.graph.as_ref().map_or(0, Graph::bytes) + slots.map(Slot::bytes).sum::<u64>()
    }

    /// The plan of a scorer, as it was settled.
    pub fn plan(&self, scorer: usize) -> Option<&Plan> {
        self.attached.get(scorer).map(|attached| &attached.plan)
    }

    /// All walkers, by number.
    pub fn each(&self) -> impl Iterator<Item = &dyn Walk> {
        let slots = self.attached.iter().flat_map(|attached| &attached.slots);
        slots.flat_map(|slot| &slot.walkers).map(|walker| walker.as_ref() as &dyn Walk)
    }

    /// The same, to be changed.
    pub fn each_mut(&mut self) -> impl Iterator<Item = &mut dyn Walk> {
        let slots = self.attached.iter_mut().flat_map(|attached| &mut attached.slots);
        slots.flat_map(|slot| &mut slot.walkers).map(|walker| walker.as_walk())
    }

    /// Lets every walker make so many flips. Answers the walker that has a model, where one does.
    pub fn run(&mut self, flips: u64, problem: &Problem, budget: &Budget) -> Result<(End, Option<usize>), SearchError> {
        if self.failed {
            return Err(SearchError::State("a scorer of this search has failed: it can be looked at and freed only"));
        }
        for slot in self.attached.iter_mut().flat_map(|attached| &mut attached.slots) {
            slot.allow(flips);
        }
        let outcome = self.rounds(problem, budget);
        let abandoned = self.abandon();
        self.failed = outcome.is_err() || abandoned.is_err();
        // What went wrong first is told.
        let ended = outcome?;
        abandoned?;
        Ok(ended)
    }

    fn rounds(&mut self, problem: &Problem, budget: &Budget) -> Result<(End, Option<usize>), SearchError> {
        loop {
            let (mut model, mut open, before) = (None, false, self.done);
            for number in 0..self.attached.len() {
                for place in 0..self.attached[number].slots.len() {
                    let attached = &mut self.attached[number];
                    let is_answered = match attached.collect(number, place, budget)? {
                        Collected::Stop(stop) => {
                            let _ = budget.spend(self.done - before);
                            return Ok((End::Unknown(stop), None));
                        }
                        Collected::Answer => true,
                        Collected::Nothing => false,
                    };
                    let round = attached.slots[place].go_on(problem, budget, self.threads, is_answered)?;
                    model = model.or(round.model);
                    self.done += round.flips;
                    open |= round.on > 0 || round.questions > 0;
                    if model.is_none() && round.questions > 0 {
                        attached.submit(number, place)?;
                    }
                }
            }
            let (done, spent) = (self.done, budget.spend(self.done - before));
            if model.is_some() {
                return Ok((End::Model, model));
            }
            if !open {
                // The budget may have kept walkers from going on.
                let mut slots = self.attached.iter().flat_map(|attached| &attached.slots);
                let is_over = slots.all(Slot::is_over);
                return Ok((budget.check().err().filter(|_| !is_over).map_or(End::Over, End::Unknown), None));
            }
            let report = || Progress { done, ..Progress::at(Phase::Search) };
            if let Err(stop) = spent.and_then(|()| budget.report(report)) {
                return Ok((End::Unknown(stop), None));
            }
        }
    }

    /// Takes back what is asked and not answered.
    fn abandon(&mut self) -> Result<(), HostError> {
        let mut first = Ok(());
        for (number, attached) in self.attached.iter_mut().enumerate() {
            if attached.slots.iter().any(|slot| slot.is_asked) {
                let drained = called(number, "drain", attached.host.drain());
                attached.is_lost |= drained.is_err();
                first = first.and(drained);
                attached.slots.iter_mut().for_each(Slot::abandon);
            }
        }
        first
    }
}

impl Drop for Rounds {
    fn drop(&mut self) {
        let mut is_lost = false;
        for attached in &mut self.attached {
            attached.close();
            is_lost |= attached.is_lost;
        }
        if is_lost {
            std::mem::forget(self.graph.take());
        }
    }
}

enum Collected {
    /// Nothing was asked.
    Nothing,
    Answer,
    Stop(Stop),
}

impl Attached {
    /// Makes walkers and slots, and shows them to the host.
    #[allow(clippy::too_many_arguments, reason = "all that there is when a search begins")]
    fn open(
        &mut self,
        number: usize,
        graph: &Graph,
        problem: &Problem,
        division: Division,
        options: &Options,
        first: usize,
        bytes: &mut u64,
        budget: &Budget,
    ) -> Result<(), SearchError> {
        let plan = self.plan;
        let arrangement = Arrangement::new(&plan)?;
        let within = |bytes: u64| {
            let limit = budget.memory();
            if bytes > limit { Err(OutOfMemory::Limit { bytes, limit }) } else { Ok(()) }
        };
        let mut left = plan.num_walkers as usize;
        let mut begin = first;
        for slot in 0..plan.num_slots {
            let size = left.min(plan.walkers_per_slot as usize);
            let mut walkers: Vec<Box<dyn Asking>> = Vec::new();
            walkers.try_reserve_exact(size).map_err(|_| OutOfMemory::Allocator { bytes: 16 * size as u64 })?;
            *bytes = bytes.saturating_add(arrangement.places.bytes as u64);
            within(*bytes)?;
            for walker in 0..size {
                let walk = plan.walk.unwrap_or_default();
                let asker = || Asker::new(walk, plan.keeps_flips, answers(&plan));
                let name = (begin + walker) as u64;
                let walker: Box<dyn Asking> = if division.bits <= u32::BITS {
                    Box::new(Walker::<u32, _>::new(problem, division, asker()?, options, name)?)
                } else {
                    Box::new(Walker::<u64, _>::new(problem, division, asker()?, options, name)?)
                };
                *bytes += walker.bytes();
                within(*bytes)?;
                if name.is_multiple_of(256) {
                    budget.check()?;
                }
                walkers.push(walker);
            }
            let (length, align) = (arrangement.places.bytes, arrangement.places.align);
            let memory = called(number, "alloc", self.host.allocate(length, align))?;
            let place = Place { scorer: number, slot, first: begin as u64, temperature: options.temperature };
            let made = if memory.is_some_and(|memory| !memory.at().as_ptr().addr().is_multiple_of(align)) {
                let wrong = Refusal::Wrong(format!("what it gave is not aligned to {align} bytes"));
                Err(HostError::of(number, "alloc", wrong).into())
            } else {
                Slot::new(&plan, &arrangement, place, memory, walkers).map_err(SearchError::from)
            };
            match (made, memory) {
                (Ok(slot), _) => self.slots.push(slot),
                (Err(error), memory) => {
                    if let Some(memory) = memory {
                        self.host.deallocate(memory, length);
                    }
                    return Err(error);
                }
            }
            begin += size;
            left -= size;
        }
        let batches: Vec<_> = self.slots.iter().map(|slot| slot.batch(0)).collect();
        self.is_prepared = true;
        Ok(called(number, "prepare", self.host.prepare(graph, &plan, &batches))?)
    }

    fn submit(&mut self, number: usize, place: usize) -> Result<(), HostError> {
        let slot = &mut self.slots[place];
        slot.gather();
        self.seq += 1;
        slot.is_asked = true;
        slot.since = self.plan.timeout.map(|_| Instant::now());
        called(number, "submit", self.host.submit(&slot.batch(self.seq)))
    }

    /// Waits for an answer, if anything was asked.
    fn collect(&mut self, number: usize, place: usize, budget: &Budget) -> Result<Collected, HostError> {
        let slot = &mut self.slots[place];
        if !slot.is_asked {
            return Ok(Collected::Nothing);
        }
        // How long it may still take.
        let left = || Some(self.plan.timeout?.checked_sub(slot.since?.elapsed()).unwrap_or_default());
        while self.host.is_asynchronous() {
            let wait = left().map_or(WAIT, |left| left.min(WAIT));
            if called(number, "collect", self.host.collect(slot.index, wait))? {
                break;
            }
            if let Err(stop) = budget.check() {
                return Ok(Collected::Stop(stop));
            }
            if left().is_some_and(|left| left.is_zero()) {
                break;
            }
            std::thread::yield_now();
        }
        if left().is_some_and(|left| left.is_zero()) {
            let seconds = self.plan.timeout.unwrap_or_default().as_secs_f64();
            return Err(HostError::Late { scorer: number, slot: slot.index, seconds });
        }
        slot.is_asked = false;
        Ok(Collected::Answer)
    }

    /// Lets the host go, and hands back its memory.
    fn close(&mut self) {
        if self.is_prepared {
            self.is_lost |= self.host.drain().is_err();
            self.host.release();
        }
        for slot in self.slots.drain(..) {
            let (bytes, memory) = (slot.block.bytes(), slot.block.of_host());
            match memory {
                _ if self.is_lost => std::mem::forget(slot.block),
                Some(memory) => self.host.deallocate(memory, bytes),
                None => {}
            }
        }
    }
}

/// What a host is proposed: two slots where it is asynchronous, and no limit to what goes into one.
fn proposed(problem: &Problem, graph: &Graph, options: &Options, walkers: usize, is_asynchronous: bool) -> Plan {
    let slots = if is_asynchronous { 2.min(walkers) } else { 1 };
    Plan {
        num_vars: problem.num_vars,
        num_constraints: graph.num_constraints,
        nnz: graph.con_to_lit.columns.len() as u64,
        num_walkers: walkers as u32,
        flips: options.flips.unwrap_or(u64::MAX),
        walkers_per_slot: walkers as u32,
        num_slots: slots as u32,
        output: Output::Scores,
        element: Element::F32,
        k: 1,
        bit_order: BitOrder::WalkerMajor,
        row_align: 128,
        timeout: None,
        walk: options.walk,
        deterministic: false,
        full_bits: false,
        keeps_flips: false,
    }
}

/// What the host made of it, if that can be.
fn settled(scorer: usize, proposed: &Plan, host: Plan, is_asynchronous: bool) -> Result<Plan, HostError> {
    let refuse = |field, value: u64, allowed| Err(HostError::Plan { scorer, field, value, allowed });
    let most_slots = if is_asynchronous { MOST_SLOTS } else { 1 };
    if !(1..=most_slots).contains(&host.num_slots) {
        let allowed = if is_asynchronous { "between 1 and 8" } else { "1 where there is no collect" };
        return refuse("num_slots", host.num_slots.into(), allowed);
    }
    let most = proposed.num_walkers;
    if !(1..=most).contains(&host.walkers_per_slot) {
        return refuse("walkers_per_slot", host.walkers_per_slot.into(), "between 1 and num_walkers");
    }
    if !host.row_align.is_power_of_two() || !(4..=4096).contains(&host.row_align) {
        return refuse("row_align", host.row_align.into(), "a power of two from 4 to 4096");
    }
    let most_k = if host.output == Output::Top { proposed.num_vars.max(1) } else { 1 << 20 };
    if host.output != Output::Scores && !(1..=most_k).contains(&host.k) {
        return refuse("k", host.k.into(), "between 1 and num_vars for TOPK, and 2^20 for FLIPS");
    }
    if host.keeps_flips && host.output != Output::Flips {
        return refuse("flags", 4, "without KEEPS_FLIPS but for FLIPS");
    }
    let k = if host.output == Output::Scores { 1 } else { host.k };
    let is_long = host.output == Output::Flips && k > 1;
    // Slots that are not needed are left out; those that are share walkers evenly.
    let num_slots = host.num_slots.min(most);
    let walkers_per_slot = host.walkers_per_slot.min(most.div_ceil(num_slots));
    Ok(Plan {
        num_vars: proposed.num_vars,
        num_constraints: proposed.num_constraints,
        nnz: proposed.nnz,
        num_walkers: most.min(walkers_per_slot.saturating_mul(num_slots)),
        flips: proposed.flips,
        walk: Some(proposed.walk.unwrap_or(if is_long { 0.0 } else { 0.5 })),
        walkers_per_slot,
        num_slots: most.div_ceil(walkers_per_slot).min(num_slots),
        k,
        ..host
    })
}
