//! The search for a witness.
//!
//! | part | what it does |
//! |---|---|
//! | `options` | how to search, and what comes of it |
//! | `target` | disjuncts that share a box, the box in 32 bits, and how far a point is from each |
//! | `fuzz` | points without gradients |
//! | `pgd` | projected gradient descent of a batch of points |
//!
//! Each box has its random points, then descents in turn with all other boxes. A descent starts from the best of some
//! random points, from new ones and, after the first, from near the best points of earlier descents.
//!
//! Every point that is evaluated is looked at. One that seems to lie in a disjunct has to by the exact check, and is then
//! replayed ([`Problem::replay`]). The first witness whose margin is large enough ends the search; after one with less the
//! search goes on for some steps, for one that another program's rounding cannot take away, and answers the best.
//!
//! The same options, seed, work limit and calls before give the same search, bit for bit.
//!
//! Cost: an evaluation a random point, a gradient a point and step; memory for six points a member of a batch. With the
//! default options 256 points and 1536 gradients a box: some milliseconds for networks of some hundred neurons.

mod fuzz;
mod options;
mod pgd;
mod target;
#[cfg(test)]
mod tests;

use std::time::Instant;

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng as _;

use super::canonical::Disjunct;
use super::witness::{margin, widen, zeros};
use super::{Problem, VerifyError};
use crate::budget::Budget;
use crate::error::OutOfMemory;
pub use options::{Options, Report, Statistics};
use pgd::Swarm;
use target::Target;

/// The search, with its buffers and random numbers.
#[derive(Debug)]
pub struct Attack {
    options: Options,
    statistics: Statistics,
    swarm: Swarm,
    pool: Pool,
    /// The best points of all descents in a box, a pool each box.
    elites: Vec<Pool>,
    wide: [Vec<f64>; 2],
    report: Report,
    /// Evaluations left to this call.
    left: u64,
}

/// Inputs up to which random points are worth their evaluation.
const FEW: usize = 32;

/// Points that are kept of all descents in a box.
const ELITE: usize = 8;

/// The best of some points.
#[derive(Debug, Default)]
struct Pool {
    points: Vec<f32>,
    losses: Vec<f64>,
}

impl Attack {
    /// A search that has done nothing yet.
    #[must_use]
    pub fn new(options: &Options) -> Self {
        Attack {
            options: options.clone(),
            statistics: Statistics::default(),
            swarm: Swarm::default(),
            pool: Pool::default(),
            elites: Vec::new(),
            wide: [Vec::new(), Vec::new()],
            report: Report::empty(),
            left: 0,
        }
    }

    /// How it searches.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// To search otherwise from now on.
    pub fn set_options(&mut self, options: &Options) {
        self.options = options.clone();
    }

    /// What it has done.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.statistics
    }

    /// Looks for a point of one of these disjuncts: `starts` (points one after the other, moved into the box), random
    /// points, then gradient descent from the best of them and from new ones. Disjuncts that follow each other and have
    /// the same box are attacked together. Later calls take other random numbers.
    ///
    /// # Errors
    ///
    /// Arrays of a wrong length, no memory. That the budget ran out is none.
    pub fn run(
        &mut self,
        problem: &Problem,
        disjuncts: &[Disjunct],
        starts: &[f64],
        budget: &Budget,
    ) -> Result<Report, VerifyError> {
        self.call(problem, disjuncts, starts, self.options.restarts, budget)
    }

    /// Only random points, corners, the centre and the middles of faces.
    ///
    /// # Errors
    ///
    /// As [`Attack::run`].
    pub fn fuzz(&mut self, problem: &Problem, disjuncts: &[Disjunct], budget: &Budget) -> Result<Report, VerifyError> {
        self.call(problem, disjuncts, &[], 0, budget)
    }

    fn call(
        &mut self,
        problem: &Problem,
        disjuncts: &[Disjunct],
        starts: &[f64],
        restarts: usize,
        budget: &Budget,
    ) -> Result<Report, VerifyError> {
        let begin = Instant::now();
        let (inputs, outputs) = (problem.num_inputs(), problem.num_outputs());
        for disjunct in disjuncts {
            for (what, given, needed) in [
                ("inputs of a disjunct", disjunct.num_inputs(), inputs),
                ("upper bounds of a disjunct", disjunct.upper.len(), inputs),
                ("outputs of a disjunct", disjunct.num_outputs(), outputs),
            ] {
                if given != needed {
                    return Err(VerifyError::Size { what, given, needed });
                }
            }
        }
        if !starts.len().is_multiple_of(inputs) {
            let needed = starts.len().div_ceil(inputs).saturating_mul(inputs);
            return Err(VerifyError::Size { what: "coordinates of starts", given: starts.len(), needed });
        }
        let seed = budget.seed() ^ self.statistics.calls.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        self.statistics.calls += 1;
        self.left = self.options.evaluations;
        self.report = Report::empty();
        let answer = self.search(problem, disjuncts, starts, restarts, &mut random, budget);
        self.statistics.seconds += begin.elapsed().as_secs_f64();
        let mut report = std::mem::replace(&mut self.report, Report::empty());
        match answer {
            Err(VerifyError::Stopped(stop)) => report.stop = Some(stop),
            // Whatever went wrong after it: a witness is one.
            Err(error) if report.witness.is_none() => return Err(error),
            _ => {}
        }
        Ok(report)
    }

    fn search(
        &mut self,
        problem: &Problem,
        disjuncts: &[Disjunct],
        starts: &[f64],
        restarts: usize,
        random: &mut Xoshiro256PlusPlus,
        budget: &Budget,
    ) -> Result<(), VerifyError> {
        budget.check()?;
        let targets = Target::all(disjuncts, &self.options)?;
        let (inputs, outputs) = (problem.num_inputs(), problem.num_outputs());
        let batch = self.options.batch.max(1);
        self.swarm.reserve(batch, inputs, outputs)?;
        self.wide = [zeros(inputs)?, zeros(outputs)?];
        let bytes = 8 * disjuncts.len() as u64;
        self.report.nearest.try_reserve(disjuncts.len()).map_err(|_| OutOfMemory::Allocator { bytes })?;
        self.report.nearest.resize(disjuncts.len(), f64::INFINITY);
        self.elites.clear();
        self.elites.try_reserve(targets.len()).map_err(|_| OutOfMemory::Allocator { bytes: targets.len() as u64 })?;
        self.elites.resize_with(targets.len(), Pool::default);
        for (number, target) in targets.iter().enumerate() {
            self.draw(problem, target, starts, self.options.samples, 0, random, budget)?;
            // The points drawn are at hand only now, so the first descent comes at once.
            if restarts > 0 || self.report.witness.is_some() {
                self.descend(problem, target, (number, number), random, budget)?;
            }
            if self.finished() {
                return Ok(());
            }
        }
        let mut restart = 1;
        while restart < restarts && targets.iter().any(|target| target.moves) {
            for (number, target) in targets.iter().enumerate().filter(|(_, target)| target.moves) {
                let drawn = restart.saturating_mul(batch).saturating_mul(4).saturating_add(self.options.samples);
                self.draw(problem, target, &[], batch.saturating_mul(4), drawn, random, budget)?;
                self.descend(problem, target, (number, restart.wrapping_add(number)), random, budget)?;
                if self.finished() {
                    return Ok(());
                }
            }
            restart += 1;
        }
        Ok(())
    }

    fn finished(&self) -> bool {
        self.report.witness.is_some() || self.left == 0
    }

    fn enough(&self) -> bool {
        self.report.margin >= self.options.margin || self.left == 0
    }

    /// Evaluates starts and points from a target's list, and keeps the best.
    #[expect(clippy::too_many_arguments, reason = "one step of a search whose state they are")]
    fn draw(
        &mut self,
        problem: &Problem,
        target: &Target<'_>,
        starts: &[f64],
        samples: usize,
        first: usize,
        random: &mut Xoshiro256PlusPlus,
        budget: &Budget,
    ) -> Result<(), VerifyError> {
        let (inputs, outputs) = (problem.num_inputs(), problem.num_outputs());
        let batch = self.options.batch.max(1);
        let keep = batch.div_ceil(2);
        self.pool.points.clear();
        self.pool.losses.clear();
        let given = starts.len() / inputs;
        // Where there are many inputs random points are all alike, and gradients do better.
        let samples = if inputs > FEW { samples.min(batch) } else { samples };
        let total = given.saturating_add(if target.moves { samples } else { 1 });
        let mut done = 0;
        while done < total && !self.finished() {
            let count = batch.min(total - done).min(usize::try_from(self.left).unwrap_or(usize::MAX));
            for i in 0..count {
                let to = &mut self.swarm.x[i * inputs..][..inputs];
                match (done + i).checked_sub(given) {
                    Some(number) => target.point(first.saturating_add(number), random, to),
                    None => {
                        for (j, to) in to.iter_mut().enumerate() {
                            let near = starts[(done + i) * inputs + j] as f32;
                            let near = if near.is_nan() { target.lower[j] } else { near };
                            *to = near.clamp(target.lower[j], target.upper[j]);
                        }
                    }
                }
            }
            let Swarm { x, y, .. } = &mut self.swarm;
            problem.f32().evaluate(count, &x[..count * inputs], &mut y[..count * outputs], budget)?;
            self.count(count);
            self.look(problem, target, count, budget)?;
            for i in 0..count {
                let x = &self.swarm.x[i * inputs..][..inputs];
                let loss = target.nearest(x, &self.swarm.y[i * outputs..][..outputs]).1;
                self.pool.offer(x, loss, keep)?;
            }
            done += count;
        }
        Ok(())
    }

    /// One descent of a batch, half of it from the points kept.
    fn descend(
        &mut self,
        problem: &Problem,
        target: &Target<'_>,
        (number, restart): (usize, usize),
        random: &mut Xoshiro256PlusPlus,
        budget: &Budget,
    ) -> Result<(), VerifyError> {
        if !target.moves || self.enough() {
            return Ok(());
        }
        let (inputs, batch) = (problem.num_inputs(), self.options.batch.max(1));
        for i in 0..batch {
            let to = &mut self.swarm.x[i * inputs..][..inputs];
            let elite = &self.elites[number];
            match self.pool.points.chunks_exact(inputs).nth(i) {
                Some(from) => to.copy_from_slice(from),
                None if i % 2 == 0 && !elite.losses.is_empty() => {
                    let from = &elite.points[i / 2 % elite.losses.len() * inputs..][..inputs];
                    target.near(from, random, to);
                }
                None => target.point(usize::MAX - i, random, to),
            }
        }
        problem.f32().evaluate(batch, &self.swarm.x, &mut self.swarm.y, budget)?;
        self.count(batch);
        self.look(problem, target, batch, budget)?;
        self.swarm.start(target, restart, &self.options);
        let (mut decay, mut found) = (1.0, self.report.witness.is_some());
        let mut steps = if found { self.options.polish } else { self.options.steps };
        while steps > 0 && !self.enough() {
            let Swarm { x, y, gradients, cotangents, .. } = &mut self.swarm;
            problem.f32().vjp(batch, x, cotangents, gradients, Some(y), budget)?;
            self.count(batch);
            self.statistics.gradients += batch as u64;
            self.look(problem, target, batch, budget)?;
            self.swarm.advance(target, decay, random);
            decay *= pgd::decay(&self.options);
            steps -= 1;
            if !found && self.report.witness.is_some() {
                (found, steps) = (true, self.options.polish);
            }
        }
        for i in 0..batch {
            let (x, loss) = self.swarm.best(i, inputs);
            self.elites[number].offer(x, loss, ELITE)?;
        }
        Ok(())
    }

    fn count(&mut self, points: usize) {
        self.statistics.evaluations += points as u64;
        self.left = self.left.saturating_sub(points as u64);
    }

    /// Looks whether one of the points at hand is a witness with a larger margin.
    fn look(
        &mut self,
        problem: &Problem,
        target: &Target<'_>,
        count: usize,
        budget: &Budget,
    ) -> Result<(), VerifyError> {
        let (inputs, outputs) = (problem.num_inputs(), problem.num_outputs());
        for i in 0..count {
            let (x, y) = (&self.swarm.x[i * inputs..][..inputs], &self.swarm.y[i * outputs..][..outputs]);
            for (number, disjunct) in target.disjuncts.iter().enumerate() {
                let loss = target.loss(number, x, y);
                let nearest = &mut self.report.nearest[target.first + number];
                *nearest = nearest.min(loss);
                // Sums of doubles round; what is near enough is left to the exact check.
                if loss > 1e-9 * (1.0 + size(y)) || !y.iter().all(|v| v.is_finite()) {
                    continue;
                }
                let margin = margin(disjunct, x, y);
                if self.report.witness.is_some() && margin <= self.report.margin {
                    continue;
                }
                let [wide, outputs] = &mut self.wide;
                widen(x, wide);
                widen(y, outputs);
                for &(i, value) in &target.pinned {
                    wide[i] = value;
                }
                if !disjunct.contains(wide, outputs)? {
                    continue;
                }
                self.statistics.replays += 1;
                let witness = if target.pinned.is_empty() {
                    problem.replay(x, budget)?
                } else {
                    problem.replay_rounded(wide, budget)?
                };
                if let Some(witness) = witness {
                    let disjunct = target.first + number;
                    let nearest = std::mem::take(&mut self.report.nearest);
                    self.report = Report { witness: Some(witness), disjunct, margin, stop: None, nearest };
                    if self.enough() {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }
}

impl Pool {
    /// Keeps a point if it is one of the best `keep`.
    fn offer(&mut self, x: &[f32], loss: f64, keep: usize) -> Result<(), OutOfMemory> {
        if self.losses.len() < keep {
            let bytes = size_of_val(x) as u64;
            self.points.try_reserve(x.len()).map_err(|_| OutOfMemory::Allocator { bytes })?;
            self.losses.try_reserve(1).map_err(|_| OutOfMemory::Allocator { bytes })?;
            self.points.extend_from_slice(x);
            self.losses.push(loss);
        } else if let Some((worst, _)) = self.losses.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))
            && loss < self.losses[worst]
        {
            self.points[worst * x.len()..][..x.len()].copy_from_slice(x);
            self.losses[worst] = loss;
        }
        Ok(())
    }
}

fn size(y: &[f32]) -> f64 {
    y.iter().fold(0.0, |most: f64, &v| most.max(f64::from(v).abs()))
}
