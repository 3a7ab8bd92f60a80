//! Several linear functions of which none may be positive: which convex combination of them comes nearest to show that they
//! have no common point in a box.
//!
//! By weak duality every combination's least value over the box is a lower bound of the largest of the functions. Weights are
//! found by multiplicative updates (S. Arora, E. Hazan, S. Kale, "The multiplicative weights update method", Theory of
//! Computing 8, 2012, section 3.3): a function that is large where the combination is least gains.
//!
//! Cost: a pass over all coefficients an iteration.

use super::round::{TINY, down, gamma, up};

/// Functions `coefficients · x + constant`, row by row, and what is found. Buffers are kept.
#[derive(Debug, Default)]
pub(crate) struct Combination {
    /// Weights of the best combination; they add up to about 1.
    pub weights: Vec<f64>,
    /// The combination: coefficients, and a constant that makes it no larger than the exact combination in the box.
    pub coefficients: Vec<f64>,
    pub constant: f64,
    /// Where it is least.
    pub point: Vec<f64>,
    current: Vec<f64>,
    at: Vec<f64>,
    values: Vec<f64>,
}

impl Combination {
    /// Looks for weights, beginning with those that are there if they are as many as rows.
    pub(crate) fn find(&mut self, rows: &[f64], constants: &[f64], lower: &[f64], upper: &[f64], iterations: usize) {
        let (n, count) = (lower.len(), constants.len());
        if self.weights.len() != count {
            self.weights.clear();
            self.weights.resize(count, 1.0 / count as f64);
        }
        self.current.clear();
        self.current.extend_from_slice(&self.weights);
        self.coefficients.resize(n, 0.0);
        self.at.resize(n, 0.0);
        self.point.resize(n, 0.0);
        self.values.resize(count, 0.0);
        let mut best = f64::NEG_INFINITY;
        for iteration in 0..iterations.max(1) {
            self.coefficients.fill(0.0);
            for (row, &weight) in rows.chunks_exact(n.max(1)).zip(&self.current) {
                self.coefficients.iter_mut().zip(row).for_each(|(sum, &a)| *sum += weight * a);
            }
            for (j, at) in self.at.iter_mut().enumerate() {
                *at = if self.coefficients[j] > 0.0 { lower[j] } else { upper[j] };
            }
            let (mut value, mut scale) = (0.0, 0.0f64);
            for (i, row) in rows.chunks_exact(n.max(1)).enumerate() {
                let of: f64 = constants[i] + row.iter().zip(&self.at).map(|(a, x)| a * x).sum::<f64>();
                self.values[i] = of;
                value += self.current[i] * of;
                scale = scale.max(of.abs());
            }
            if !(value.is_finite() && scale > 0.0) {
                break;
            }
            if value > best {
                best = value;
                self.weights.copy_from_slice(&self.current);
                self.point.copy_from_slice(&self.at);
                if best > 0.0 {
                    break;
                }
            }
            let rate = 1.0 / (1.0 + 0.3 * iteration as f64);
            let mut sum = 0.0;
            for (weight, &of) in self.current.iter_mut().zip(&self.values) {
                *weight = (*weight * (rate * of / scale).exp()).max(1e-6);
                sum += *weight;
            }
            self.current.iter_mut().for_each(|weight| *weight /= sum);
        }
        self.settle(rows, constants, lower, upper);
    }

    /// Computes the combination with an error that is accounted for.
    fn settle(&mut self, rows: &[f64], constants: &[f64], lower: &[f64], upper: &[f64]) {
        let n = lower.len();
        self.coefficients.fill(0.0);
        let (mut constant, mut size) = (0.0, 0.0);
        for ((row, &c), &weight) in rows.chunks_exact(n.max(1)).zip(constants).zip(&self.weights) {
            constant += weight * c;
            size += weight * c.abs();
            for (j, (sum, &a)) in self.coefficients.iter_mut().zip(row).enumerate() {
                *sum += weight * a;
                size += weight * a.abs() * lower[j].abs().max(upper[j].abs());
            }
        }
        self.constant = down(constant - up(gamma(constants.len() + n + 4) * size + TINY));
        if !self.constant.is_finite() {
            self.constant = f64::NEG_INFINITY;
        }
    }
}
