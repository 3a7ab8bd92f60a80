//! Counting: decisions over the counted variables, products over components, sums over branches.
//!
//! Under what is assigned a formula is the product of its components, each counted on its own, once (see [`cache`]).
//! A component is counted by deciding a variable of it, both ways. Only counted variables are decided; a component without any
//! needs a model, not their number (R. A. Aziz, G. Chu, C. Muise, P. Stuckey, "#∃SAT: Projected Model Counting", SAT 2015).
//!
//! What conflicts teach prunes branches without a model, and nothing else: a count is never too large, and in a branch that
//! has a model it is exact, since what was learnt holds in every model. Where there is none the product is 0 in the end, as the
//! component that has no model is refuted, but counts of others may be too small: they are taken out of the cache with it.
//!
//! Frames are levels: there is no recursion. A call that is stopped goes on where it was.

use super::cache::{self, Cache};
use super::components::{Component, Components, Parts, write_key};
use super::engine::{Engine, Lesson, Reason};
use super::literal::Lit;
use super::number::Number;
use super::satisfy::{Answer, Heap};
use super::trace::{NO_NODE, Recorder};
use super::{CountError, Statistics};
use crate::budget::{Budget, Phase, Progress, Stop};
use crate::error::OutOfMemory;

/// Steps between two looks at the budget.
const LOOK: u64 = 64;

/// A component at work: the last but those it fell apart into.
#[derive(Debug)]
struct Frame {
    component: usize,
    /// Models in the first branch, once that is done.
    first: Number,
    /// Of the branch at hand, the product of what is known.
    count: Number,
    second: bool,
    /// Entries of the cache when the branch began.
    mark: usize,
    decision: Lit,
}

/// What became of a step.
enum Step {
    On,
    /// There are so many models.
    Done(Number),
    Stopped(Stop),
}

#[derive(Debug)]
pub(super) struct Search {
    pub engine: Engine,
    components: Components,
    cache: Cache,
    pub recorder: Option<Recorder>,
    /// By variable, what its place in the decomposition adds to its score.
    bonus: Vec<f64>,
    frames: Vec<Frame>,
    parts: Parts,
    order: Vec<u32>,
    key: Vec<u8>,
    heap: Heap,
    /// Bytes that the cache may take, where the budget allows as many.
    cache_limit: u64,
    decisions: u64,
    counted: u64,
    satisfied: u64,
    begun: bool,
    /// An error in the middle of a step: what stands there is of no use any more.
    broken: Option<CountError>,
}

impl Search {
    pub fn new(
        engine: Engine,
        components: Components,
        cache: Cache,
        recorder: Option<Recorder>,
        bonus: Vec<f64>,
    ) -> Self {
        let whole = Frame {
            component: 0,
            first: Number::ZERO,
            count: Number::ONE,
            second: true,
            mark: 0,
            decision: Lit::from_code(0),
        };
        let cache_limit = cache.limit;
        Search {
            engine,
            components,
            cache,
            recorder,
            bonus,
            frames: vec![whole],
            parts: Parts::default(),
            order: Vec::new(),
            key: Vec::new(),
            heap: Heap::default(),
            cache_limit,
            decisions: 0,
            counted: 0,
            satisfied: 0,
            begun: false,
            broken: None,
        }
    }

    pub fn statistics(&self) -> Statistics {
        Statistics {
            decisions: self.decisions,
            conflicts: self.engine.conflicts,
            propagations: self.engine.propagations,
            components: self.counted,
            searches: self.satisfied,
            cache_hits: self.cache.hits,
            cache_entries: self.cache.len() as u64,
            cache_bytes: self.cache.bytes(),
            cache_dropped: self.cache.dropped,
            trace_bytes: self.recorder.as_ref().map_or(0, Recorder::bytes),
        }
    }

    /// Gives the cache what the rest leaves of the memory.
    fn share_memory(&mut self, budget: &Budget) -> Result<(), OutOfMemory> {
        let beside = self.engine.bytes() + self.components.bytes() + self.recorder.as_ref().map_or(0, Recorder::bytes);
        let limit = budget.memory();
        let left = limit.checked_sub(beside).ok_or(OutOfMemory::Limit { bytes: beside, limit })?;
        self.cache.limit = left.min(self.cache_limit);
        Ok(())
    }

    /// Counts, or goes on with it. After an error in the middle of a step every call answers that error again; that the budget
    /// has too little memory is found out between steps, and a larger one may go on.
    pub fn run(&mut self, budget: &Budget) -> Result<Result<Number, Stop>, CountError> {
        if let Some(error) = &self.broken {
            return Err(error.clone());
        }
        if !self.begun {
            if !self.engine.propagate() {
                return Ok(Ok(Number::ZERO));
            }
            if let Some(recorder) = &mut self.recorder {
                recorder.open();
            }
            self.begun = true;
            let parts = self.split();
            self.whole(parts)?;
        }
        let mut steps = 0u64;
        loop {
            if steps.is_multiple_of(LOOK) {
                let progress = || Progress {
                    conflicts: self.engine.conflicts,
                    decisions: self.decisions,
                    propagations: self.engine.propagations,
                    ..Progress::at(Phase::Search)
                };
                if let Err(stop) = budget.report(progress).and_then(|()| budget.spend(LOOK.min(steps))) {
                    return Ok(Err(stop));
                }
                let fewer = self.engine.reduce().map_err(CountError::from);
                self.whole(fewer)?;
                self.share_memory(budget)?;
            }
            steps += 1;
            let step = self.step(budget);
            match self.whole(step)? {
                Step::On => {}
                Step::Done(count) => return Ok(Ok(count)),
                Step::Stopped(stop) => return Ok(Err(stop)),
            }
        }
    }

    /// What was done as a whole, or else broke off and left things half done.
    fn whole<T>(&mut self, outcome: Result<T, CountError>) -> Result<T, CountError> {
        if let Err(error) = &outcome {
            self.broken = Some(error.clone());
        }
        outcome
    }

    fn step(&mut self, budget: &Budget) -> Result<Step, CountError> {
        let Some(frame) = self.frames.last() else { return Ok(Step::Done(Number::ZERO)) };
        let last = self.components.stack.len() - 1;
        if last == frame.component {
            return self.end_branch();
        }
        let Component { variables, counted, .. } = &self.components.stack[last];
        if *counted > 0 {
            self.decide(last)?;
            return Ok(Step::On);
        }
        let variables = &self.components.variables[variables.clone()];
        self.satisfied += 1;
        match self.engine.satisfy(variables, &[], &mut self.heap, budget)? {
            Answer::Satisfiable => {
                self.store(last, Number::ONE, NO_NODE)?;
                self.components.pop();
                Ok(Step::On)
            }
            Answer::Refuted(lesson) => self.refute(lesson),
            Answer::Stopped(stop) => Ok(Step::Stopped(stop)),
        }
    }

    /// Decides a variable of a component.
    fn decide(&mut self, component: usize) -> Result<(), CountError> {
        let scale = 1.0 / self.engine.bump;
        let mut best = (f64::NEG_INFINITY, 0);
        for &variable in self.components.variables_of(component) {
            if self.components.counted[variable as usize] {
                let activity = self.engine.activity[variable as usize] * scale;
                let frequency = f64::from(self.components.frequency[variable as usize]);
                let score = frequency + 10.0 * activity + self.bonus[variable as usize];
                if score > best.0 {
                    best = (score, variable);
                }
            }
        }
        let decision = Lit::new(best.1, self.engine.phase[best.1 as usize]);
        self.decisions += 1;
        let mark = self.cache.len();
        self.frames.push(Frame { component, first: Number::ZERO, count: Number::ONE, second: false, mark, decision });
        if let Some(recorder) = &mut self.recorder {
            recorder.open();
        }
        self.engine.open_level(false);
        self.engine.assign(decision, Reason::DECISION);
        self.descend()
    }

    /// After an assignment: what follows from it, and what the component falls apart into.
    fn descend(&mut self) -> Result<(), CountError> {
        loop {
            if self.engine.assert_units() && self.engine.propagate() {
                return self.split();
            }
            let level = self.engine.level();
            let lesson = self.engine.learn(level)?;
            if !self.turn(lesson)? {
                return Ok(());
            }
        }
    }

    /// What the last frame's component falls apart into: what is known of it goes into the product, the rest on the stack.
    fn split(&mut self) -> Result<(), CountError> {
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        let parts = &mut self.parts;
        self.components.split(frame.component, &self.engine, parts);
        frame.count.double(parts.free.len() as u64);
        if let Some(recorder) = &mut self.recorder {
            let variables = self.components.variables_of(frame.component);
            recorder.assigned(variables, &self.components.counted, &self.engine, &parts.free);
        }
        self.order.clear();
        for (number, part) in (0..).zip(&parts.parts) {
            self.key.clear();
            let variables = &parts.variables[part.variables.clone()];
            write_key(variables, &parts.clauses[part.clauses.clone()], &mut self.key);
            match self.cache.find(&self.key, cache::hash(&self.key)) {
                Some((count, node)) => {
                    frame.count.multiply(count);
                    if let Some(recorder) = &mut self.recorder {
                        recorder.child(node);
                    }
                }
                None => self.order.push(number),
            }
        }
        // The smallest on top.
        self.order.sort_by_key(|&part| std::cmp::Reverse(parts.parts[part as usize].variables.len()));
        self.order.iter().try_for_each(|&part| self.components.push(parts, part as usize))?;
        self.counted += self.order.len() as u64;
        Ok(())
    }

    /// The branch at hand has its count, which is not 0.
    fn end_branch(&mut self) -> Result<Step, CountError> {
        let level = self.frames.len() - 1;
        let Some(frame) = self.frames.last_mut() else { return Ok(Step::Done(Number::ZERO)) };
        if let Some(recorder) = &mut self.recorder {
            recorder.end_branch(&frame.count)?;
        }
        if level == 0 {
            return Ok(Step::Done(frame.count.clone()));
        }
        if frame.second {
            self.close()?;
            return Ok(Step::On);
        }
        frame.first = std::mem::replace(&mut frame.count, Number::ONE);
        frame.second = true;
        frame.mark = self.cache.len();
        let other = !frame.decision;
        self.engine.backtrack(level - 1);
        self.engine.open_level(false);
        self.engine.assign(other, Reason::DECISION);
        self.descend()?;
        Ok(self.finished())
    }

    /// Done with 0 where no frame is left.
    fn finished(&self) -> Step {
        if self.frames.is_empty() { Step::Done(Number::ZERO) } else { Step::On }
    }

    /// The last frame's component has its count: that of both branches.
    fn close(&mut self) -> Result<(), CountError> {
        let Some(Frame { component, first, count, .. }) = self.frames.pop() else { return Ok(()) };
        self.engine.backtrack(self.frames.len() - 1);
        let mut total = first;
        total.add(&count);
        let node = match &mut self.recorder {
            Some(recorder) => recorder.close()?,
            None => NO_NODE,
        };
        if let Some(parent) = self.frames.last_mut() {
            parent.count.multiply(&total);
        }
        self.store(component, total, node)?;
        self.components.pop();
        Ok(())
    }

    fn store(&mut self, component: usize, count: Number, node: u32) -> Result<(), CountError> {
        let Component { variables, clauses, .. } = self.components.stack[component].clone();
        self.key.clear();
        write_key(&self.components.variables[variables], &self.components.clauses[clauses], &mut self.key);
        let marks = self.frames.iter_mut().map(|frame| &mut frame.mark);
        self.cache.insert(&self.key, cache::hash(&self.key), count, node, marks)?;
        Ok(())
    }

    fn refute(&mut self, lesson: Option<Lesson>) -> Result<Step, CountError> {
        if self.turn(lesson)? {
            self.descend()?;
        }
        Ok(self.finished())
    }

    /// The branch of the lesson's level has no model. Answers whether its other branch was begun, or else it had its count
    /// already, and the component has it now.
    fn turn(&mut self, lesson: Option<Lesson>) -> Result<bool, CountError> {
        let Some(Lesson { level, asserted, flipped: Some(flipped), .. }) = lesson else {
            self.engine.backtrack(0);
            self.frames.clear();
            return Ok(false);
        };
        self.frames.truncate(level + 1);
        let Some(frame) = self.frames.last_mut() else { return Ok(false) };
        while self.components.stack.len() > frame.component + 1 {
            self.components.pop();
        }
        self.cache.truncate(frame.mark);
        frame.count = Number::ONE;
        if let Some(recorder) = &mut self.recorder {
            recorder.refute(level);
        }
        if frame.second {
            frame.count = Number::ZERO;
            self.close()?;
            return Ok(false);
        }
        frame.second = true;
        self.engine.backtrack(level - 1);
        self.engine.open_level(true);
        for (literal, reason) in [flipped, asserted] {
            if self.engine.value(literal) == 0 {
                self.engine.assign(literal, reason);
            }
        }
        Ok(true)
    }
}
