//! The search tree of a projected enumeration, as a propagator.
//!
//! The habit is that of Gebser, Kaufmann and Schaub, "Solution Enumeration for Projected Boolean Search Problems"
//! (CPAIOR 2009): the literals of the projection under which the last model was found make a path; the next model is
//! looked for with the deepest step not yet turned around turned around. That a step was turned around is a propagation
//! with a reason built when asked, not a clause: going from one model to the next is going back and on, without a
//! conflict, and memory is linear in the projection however many models there are.
//!
//! Past the path, projected variables are decided first, in a fixed order, and those decisions become the new steps. Where
//! that order leads into many conflicts without a model, the engine's own heuristics decide until the next one; then
//! every projected literal past the path becomes a step, and those that are implied cost one conflict each when their turn
//! comes.
//!
//! Every clause that the engine learns on the way follows from the formula and the models told so far being excluded.
//! These only become more, so it stays right for the rest of the enumeration, and the engine is good for nothing else.

use crate::error::OutOfMemory;
use crate::sat::propagator::{Found, Halt, Propagator, Queue, Trail};

/// Backtracks without a model after which the engine decides.
const PATIENCE: u64 = 64;

/// Backtracks after which models that were found are handed out, even if there is room for more.
const LATENCY: u64 = 2048;

#[derive(Debug, Clone, Copy)]
struct Step {
    literal: i32,
    /// Whether all models with the opposite literal, under the steps before, have been told.
    turned: bool,
}

/// The search tree.
pub(super) struct Projection {
    /// The projected variables, in the order in which they are decided.
    variables: Vec<i32>,
    /// The value that each was seen with last.
    phases: Vec<bool>,
    path: Vec<Step>,
    /// Leading steps of the path that are never turned around: all models are looked for under these.
    fixed: usize,
    /// Leading steps of the path that are true on the trail.
    agreed: usize,
    /// Decisions made past the path, in order.
    decided: Vec<i32>,
    /// Leading variables that are assigned on the trail.
    assigned: usize,
    /// Whether the engine has decided something past the path.
    free: bool,
    /// Backtracks since the last model.
    backtracks: u64,
    /// Models found and not yet taken: values of the engine's variables, one model after the other.
    pub models: Vec<i8>,
    /// How many values a model has.
    width: usize,
    /// How many models there may be before the search is halted to have them taken.
    pub room: usize,
    /// How many there are.
    pub held: usize,
    /// Backtracks without a model after which the engine decides.
    pub patience: u64,
    /// Backtracks since they began to be collected.
    pub spent: u64,
    /// Whether every model has been found.
    pub complete: bool,
    /// Somebody else decided before the path was gone along: the search cannot go on.
    pub strayed: bool,
    /// Why a model could not be kept.
    pub short: Option<OutOfMemory>,
}

impl Projection {
    /// The tree over these variables of the engine, none of it searched; a model is the first `width` variables.
    pub fn new(variables: Vec<i32>, width: usize) -> Self {
        Projection {
            phases: vec![false; variables.len()],
            variables,
            path: Vec::new(),
            fixed: 0,
            agreed: 0,
            decided: Vec::new(),
            assigned: 0,
            free: false,
            backtracks: 0,
            models: Vec::new(),
            width,
            room: 1,
            held: 0,
            patience: PATIENCE,
            spent: 0,
            complete: false,
            strayed: false,
            short: None,
        }
    }

    /// Begins anew, with the models under a literal that the search has not heard of yet. What is learned on the way has its
    /// negation in it.
    pub fn begin_under(&mut self, guard: i32) {
        self.path.clear();
        self.path.push(Step { literal: guard, turned: false });
        self.fixed = 1;
        self.agreed = 0;
        self.decided.clear();
        self.free = false;
        (self.backtracks, self.spent) = (0, 0);
        self.models.clear();
        self.held = 0;
        self.complete = false;
    }

    /// Goes along the path as far as it is true. A step that was not turned around and is false has no models: it and all
    /// after it are dropped, since only steps before it have been decided. Were that not so, models would be lost, so it is
    /// looked at.
    fn agree(&mut self, trail: &Trail) -> Result<(), Halt> {
        while let Some(step) = self.path.get(self.agreed) {
            match trail.value(step.literal) {
                1 => self.agreed += 1,
                -1 if self.agreed < self.fixed => {
                    self.strayed |= trail.level() > 0;
                    self.complete = !self.strayed;
                    return Err(Halt);
                }
                -1 if !step.turned => {
                    if decisions(trail, self.path[..self.agreed].iter().map(|step| step.literal)) != trail.level() {
                        self.strayed = true;
                        return Err(Halt);
                    }
                    // It is turned around, not forgotten: what refutes it may be a clause that is not kept.
                    let literal = -step.literal;
                    self.path.truncate(self.agreed);
                    self.path.push(Step { literal, turned: true });
                }
                _ => break,
            }
        }
        Ok(())
    }

    /// Makes the projected literals of a model, which is on the trail, steps, and turns around the deepest that can be.
    /// Answers the level to go back to, or `None` where there is no such step. What the engine decided past the path is no
    /// step, so none of it may stay: what follows from it does not follow from the path.
    fn advance(&mut self, trail: &Trail) -> Option<usize> {
        for (phase, &variable) in self.phases.iter_mut().zip(&self.variables) {
            *phase = trail.value(variable) > 0;
        }
        let level = |literal: i32| trail.level_at(trail.position(literal));
        let mut most = usize::MAX;
        if self.free {
            // What stands no higher than the path's last decision follows from the path.
            let base = self.path.iter().map(|step| level(step.literal)).max().unwrap_or(0);
            most = base;
            let mut more: Vec<i32> = self.variables.iter().map(|&v| v * i32::from(trail.value(v))).collect();
            more.retain(|&l| l != 0 && level(l) > base);
            more.sort_unstable_by_key(|&l| trail.position(l));
            self.path.extend(more.into_iter().map(|literal| Step { literal, turned: false }));
        } else {
            let made = self.decided.iter().filter(|&&l| trail.value(l) > 0);
            self.path.extend(made.map(|&literal| Step { literal, turned: false }));
            // All else that is projected must follow from these.
            let top = self.path.iter().map(|step| level(step.literal)).max().unwrap_or(0);
            self.strayed |= decisions(trail, self.path.iter().map(|step| step.literal)) != top;
        }
        self.decided.clear();
        self.free = false;
        self.backtracks = 0;
        while self.path.pop_if(|step| step.turned).is_some() {}
        self.agreed = self.agreed.min(self.path.len());
        let last = self.path.len().checked_sub(1).filter(|&last| last >= self.fixed)?;
        let step = &mut self.path[last];
        // It was decided or implied above level 0.
        let below = level(step.literal) - 1;
        *step = Step { literal: -step.literal, turned: true };
        self.agreed = self.agreed.min(last);
        Some(below.min(most))
    }
}

/// How many of these literals, which are on the trail, were decided.
fn decisions(trail: &Trail, literals: impl Iterator<Item = i32>) -> usize {
    let positions = literals.map(|literal| trail.position(literal));
    positions.filter(|&at| trail.level_at(at) > 0 && trail.start(trail.level_at(at)) == at).count()
}

impl Propagator for Projection {
    fn propagate(&mut self, trail: &Trail, queue: &mut Queue) -> Result<(), Halt> {
        self.agree(trail)?;
        if let Some(step) = self.path.get(self.agreed)
            && step.turned
        {
            queue.push(step.literal, self.agreed as u32);
        }
        Ok(())
    }

    fn backtrack(&mut self, trail: &Trail, length: usize) {
        self.backtracks += 1;
        self.spent += 1;
        let kept = |literal: i32| trail.value(literal) != 0 && trail.position(literal) < length;
        let agreed = self.path[..self.agreed].iter().position(|step| !kept(step.literal));
        self.agreed = agreed.unwrap_or(self.agreed);
        let decided = self.decided.iter().position(|&l| !kept(l));
        self.decided.truncate(decided.unwrap_or(self.decided.len()));
        let assigned = self.variables[..self.assigned].iter().position(|&v| !kept(v));
        self.assigned = assigned.unwrap_or(self.assigned);
    }

    fn explain(&mut self, literal: i32, tag: u32, _trail: &Trail, clause: &mut Vec<i32>) -> Result<(), Halt> {
        // The steps that were turned around follow from those that were not.
        let before = self.path[..tag as usize].iter().filter(|step| !step.turned);
        clause.extend(before.map(|step| -step.literal));
        clause.push(literal);
        Ok(())
    }

    fn decide(&mut self, trail: &Trail) -> Result<Option<i32>, Halt> {
        self.agree(trail)?;
        if let Some(step) = self.path.get(self.agreed) {
            return Ok((trail.value(step.literal) == 0).then_some(step.literal));
        }
        if self.free || self.backtracks > self.patience {
            self.free = true;
            return Ok(None);
        }
        while let Some(&variable) = self.variables.get(self.assigned) {
            if trail.value(variable) == 0 {
                let literal = if self.phases[self.assigned] { variable } else { -variable };
                self.decided.push(literal);
                return Ok(Some(literal));
            }
            self.assigned += 1;
        }
        Ok(None)
    }

    fn check_model(&mut self, trail: &Trail, found: &mut Found<'_>) -> Result<bool, Halt> {
        let model = found.model();
        let model = &model[..self.width.min(model.len())];
        if self.models.try_reserve(model.len()).is_err() {
            self.short = Some(OutOfMemory::Allocator { bytes: model.len() as u64 });
            return Err(Halt);
        }
        self.models.extend_from_slice(model);
        self.held += 1;
        let Some(level) = self.advance(trail) else {
            self.complete = !self.strayed;
            return Err(Halt);
        };
        if self.strayed {
            return Err(Halt);
        }
        if self.held >= self.room || self.spent >= LATENCY {
            return Err(Halt);
        }
        found.go_back(level);
        Ok(false)
    }

    fn bytes(&self) -> u64 {
        (self.variables.capacity() * 5 + self.path.capacity() * size_of::<Step>() + self.models.capacity()) as u64
    }
}
