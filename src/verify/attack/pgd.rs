//! Projected gradient descent.
//!
//! Source: A. Madry, A. Makelov, L. Schmidt, D. Tsipras, A. Vladu, "Towards Deep Learning Models Resistant to Adversarial
//! Attacks", ICLR 2018, section 2.1; steps that halve and go back to the best point when nothing was gained are from
//! F. Croce, M. Hein, "Reliable Evaluation of Adversarial Robustness with an Ensemble of Diverse Parameter-free Attacks",
//! ICML 2020, section 3.
//!
//! A batch of points is moved together, each in its own way: down the largest violation of its disjunct, the sum of all,
//! or all weighted by a softmax; along the gradient's signs or along the gradient itself; towards the nearest disjunct or
//! one of its own; with large, middling or small first steps. Steps are shares of the box's widths and decay
//! geometrically. The loss is not cut at 0, so that points go on to move inward. The halfspaces whose gradient is taken
//! are weighted as at the point before the step: so a step costs one gradient and no extra evaluation.

use rand_xoshiro::Xoshiro256PlusPlus;

use super::fuzz::{between, unit};
use super::target::{Loss, Target};
use super::{Options, OutOfMemory};
use crate::verify::witness::zeros;

/// Steps without a gain after which a point goes back to its best.
const PATIENCE: u32 = 3;

/// The last step as a share of the first.
const LAST: f64 = 1.0 / 32.0;

/// The points that are moved together, point by point.
#[derive(Debug, Default)]
pub(super) struct Swarm {
    pub x: Vec<f32>,
    pub y: Vec<f32>,
    pub gradients: Vec<f32>,
    /// The loss at its outputs and inputs.
    pub cotangents: Vec<f32>,
    direct: Vec<f32>,
    best_x: Vec<f32>,
    best_gradients: Vec<f32>,
    points: Vec<Point>,
}

/// How a point is moved.
#[derive(Debug, Clone, Copy, Default)]
struct Point {
    disjunct: usize,
    /// Whether it goes to the nearest disjunct.
    nearest: bool,
    loss: Loss,
    sign: bool,
    step: f64,
    best: f64,
    fails: u32,
}

impl Swarm {
    /// Room for so many points.
    pub fn reserve(&mut self, points: usize, inputs: usize, outputs: usize) -> Result<(), OutOfMemory> {
        let (x, y) = (points.saturating_mul(inputs), points.saturating_mul(outputs));
        for array in [&mut self.x, &mut self.gradients, &mut self.direct, &mut self.best_x, &mut self.best_gradients] {
            if array.len() != x {
                *array = zeros(x)?;
            }
        }
        for array in [&mut self.y, &mut self.cotangents] {
            if array.len() != y {
                *array = zeros(y)?;
            }
        }
        if self.points.len() != points {
            self.points = zeros(points)?;
        }
        Ok(())
    }

    /// Says how each point is moved from where it is. Outputs are those of the points.
    pub fn start(&mut self, target: &Target<'_>, restart: usize, options: &Options) {
        let count = self.points.len();
        for i in 0..count {
            let number = restart.wrapping_mul(count).wrapping_add(i);
            let first = [1.0, 0.25, 0.0625][(number / 16) % 3];
            self.points[i] = Point {
                disjunct: number % target.disjuncts.len(),
                nearest: number & 8 == 0,
                loss: [Loss::Largest, Loss::Soft, Loss::Sum, Loss::Soft][number & 3],
                sign: number & 4 == 0,
                step: options.step * first,
                best: f64::INFINITY,
                fails: 0,
            };
            self.aim(i, target);
        }
    }

    /// The cotangents of a point for the outputs that it has.
    fn aim(&mut self, i: usize, target: &Target<'_>) {
        let (inputs, outputs) = (target.lower.len(), self.y.len() / self.points.len());
        let (x, y) = (&self.x[i * inputs..][..inputs], &self.y[i * outputs..][..outputs]);
        let point = &mut self.points[i];
        if point.nearest {
            point.disjunct = target.nearest(x, y).0;
        }
        let direct = if target.rows_have_inputs { &mut self.direct[i * inputs..][..inputs] } else { &mut [] };
        target.pull(point.disjunct, point.loss, (x, y), direct, &mut self.cotangents[i * outputs..][..outputs]);
    }

    /// The best point that a point has been, and its loss.
    pub fn best(&self, i: usize, inputs: usize) -> (&[f32], f64) {
        (&self.best_x[i * inputs..][..inputs], self.points[i].best)
    }

    /// Moves every point, whose gradients and outputs have been computed. `decay` of its step is left.
    pub fn advance(&mut self, target: &Target<'_>, decay: f64, random: &mut Xoshiro256PlusPlus) {
        let (inputs, outputs) = (target.lower.len(), self.y.len() / self.points.len());
        for i in 0..self.points.len() {
            let (from, to) = (i * inputs, (i + 1) * inputs);
            if target.rows_have_inputs {
                self.gradients[from..to].iter_mut().zip(&self.direct[from..to]).for_each(|(g, d)| *g += d);
            }
            let point = &mut self.points[i];
            let (x, y) = (&self.x[from..to], &self.y[i * outputs..][..outputs]);
            let loss = if point.nearest { target.nearest(x, y).1 } else { target.loss(point.disjunct, x, y) };
            self.aim(i, target);
            let point = &mut self.points[i];
            let (x, gradients) = (&mut self.x[from..to], &mut self.gradients[from..to]);
            if loss < point.best {
                (point.best, point.fails) = (loss, 0);
                self.best_x[from..to].copy_from_slice(x);
                self.best_gradients[from..to].copy_from_slice(gradients);
            } else {
                point.fails += 1;
                if point.fails >= PATIENCE && point.best < f64::INFINITY {
                    (point.fails, point.step) = (0, point.step * 0.5);
                    x.copy_from_slice(&self.best_x[from..to]);
                    gradients.copy_from_slice(&self.best_gradients[from..to]);
                }
            }
            if !shift(x, gradients, target, point.step * decay, point.sign) {
                for (i, x) in x.iter_mut().enumerate() {
                    *x = between(target.lower[i], target.upper[i], unit(random));
                }
            }
        }
    }
}

/// What is left of a step after one.
pub(super) fn decay(options: &Options) -> f64 {
    LAST.powf(1.0 / options.steps.max(1) as f64)
}

/// Moves a point against its gradient; `false` where there is none.
fn shift(x: &mut [f32], gradients: &[f32], target: &Target<'_>, step: f64, sign: bool) -> bool {
    let width = |i: usize| f64::from(target.upper[i]) - f64::from(target.lower[i]);
    let steepest = (0..x.len()).map(|i| f64::from(gradients[i]).abs() * width(i)).fold(0.0, f64::max);
    if steepest <= 0.0 || !steepest.is_finite() {
        return false;
    }
    for (i, x) in x.iter_mut().enumerate() {
        let slope = f64::from(gradients[i]) * width(i);
        // A slope that is no number moves nothing.
        let share = match (sign, slope > 0.0, slope < 0.0) {
            (_, false, false) => continue,
            (true, up, _) => {
                if up {
                    1.0
                } else {
                    -1.0
                }
            }
            (false, _, _) => slope / steepest,
        };
        let next = f64::from(*x) - step * width(i) * share;
        *x = (next as f32).clamp(target.lower[i], target.upper[i]);
    }
    true
}
