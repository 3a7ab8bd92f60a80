//! Several linear functions of which none may be positive: which convex combination of them comes nearest to show that they
//! have no common point in a box.
//!
//! The least value over the box of the largest function is a linear program in the point; the multipliers of the functions at
//! its optimum are the weights of the best combination (strong duality). It is solved by the primal simplex method with
//! bounded variables (G. Dantzig, "Upper bounds, secondary constraints, and block triangularity in linear programming",
//! Econometrica 23, 1955): every corner of the box is feasible, so there is no first phase. How the method ends is no matter
//! of soundness, for any weights that are not negative give a combination that holds; its rounding is accounted for.
//!
//! Cost: a pass over a tableau of functions by inputs a pivot, mostly fewer pivots than there are functions and inputs.

use super::round::{TINY, down, gamma, up};

#[cfg(test)]
mod tests;

/// Entries of tableaus that one search may pass over.
const MOST: usize = 1 << 22;

/// What is taken for zero, relative to the largest coefficient.
const ZERO: f64 = 1e-11;

/// Functions `coefficients · x + constant`, row by row, and what is found. Buffers are kept.
#[derive(Debug, Default)]
pub(crate) struct Combination {
    /// Weights of the best combination; they add up to about 1.
    pub weights: Vec<f64>,
    /// The combination: coefficients, and a constant that makes it no larger than the exact combination in the box.
    pub coefficients: Vec<f64>,
    pub constant: f64,
    /// Where the largest function is least.
    pub point: Vec<f64>,
    /// `[basic][free]`: what a basic variable gains as a free one grows.
    tableau: Vec<f64>,
    basic: Vec<Variable>,
    free: Vec<Variable>,
    values: Vec<f64>,
    pivot: Vec<f64>,
}

/// A variable of the program: every function is at most the largest's bound by a slack of at least 0; inputs go from 0, the
/// lower end, to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Variable {
    Bound,
    Slack(usize),
    Input { index: usize, at_upper: bool },
}

impl Variable {
    fn upper(self) -> f64 {
        if matches!(self, Variable::Input { .. }) { 1.0 } else { f64::INFINITY }
    }

    fn is_at_upper(self) -> bool {
        matches!(self, Variable::Input { at_upper: true, .. })
    }

    fn moved(self, to_upper: bool) -> Self {
        match self {
            Variable::Input { index, .. } => Variable::Input { index, at_upper: to_upper },
            other => other,
        }
    }
}

impl Combination {
    /// Looks for weights. Where numbers are none that can be computed with they are equal, and the constant may be -∞.
    pub(crate) fn find(&mut self, rows: &[f64], constants: &[f64], lower: &[f64], upper: &[f64]) {
        let (n, count) = (lower.len(), constants.len());
        self.weights.clear();
        self.weights.resize(count, 1.0 / count.max(1) as f64);
        self.point.clear();
        self.point.extend_from_slice(lower);
        if self.start(rows, constants, lower, upper) {
            let pivots = (MOST / (count * (n + 1))).clamp(1, 8 * (count + n));
            for _ in 0..pivots {
                if !self.step() {
                    break;
                }
            }
            self.read(lower, upper);
        }
        self.settle(rows, constants, lower, upper);
    }

    /// The tableau at the corner where the sum of all functions is least. Whether there is something to be done.
    fn start(&mut self, rows: &[f64], constants: &[f64], lower: &[f64], upper: &[f64]) -> bool {
        let (n, count) = (lower.len(), constants.len());
        self.free.clear();
        self.free.extend((0..n).map(|index| {
            let sum: f64 = (0..count).map(|row| rows[row * n + index]).sum();
            Variable::Input { index, at_upper: sum < 0.0 }
        }));
        let at = |j: usize| if self.free[j].is_at_upper() { upper[j] } else { lower[j] };
        self.values.clear();
        self.values
            .extend((0..count).map(|row| constants[row] + (0..n).map(|j| rows[row * n + j] * at(j)).sum::<f64>()));
        // A function that is none says nothing: its slack is 0 and stays so.
        let is_function = |row: &usize| self.values[*row].is_finite();
        let largest = (0..count).filter(is_function).max_by(|&a, &b| self.values[a].total_cmp(&self.values[b]));
        let Some(largest) = largest else { return false };
        // The slack of the largest function is 0 there, and free.
        self.free.push(Variable::Slack(largest));
        let most = self.values[largest];
        let wide = n + 1;
        self.tableau.clear();
        self.tableau.resize(count * wide, 0.0);
        self.basic.clear();
        for row in 0..count {
            let is_bound = row == largest;
            self.basic.push(if is_bound { Variable::Bound } else { Variable::Slack(row) });
            if !self.values[row].is_finite() {
                self.values[row] = 0.0;
                continue;
            }
            for j in 0..n {
                let own = if is_bound { 0.0 } else { rows[row * n + j] };
                self.tableau[row * wide + j] = (rows[largest * n + j] - own) * (upper[j] - lower[j]);
            }
            self.tableau[row * wide + n] = 1.0;
            self.values[row] = if is_bound { most } else { most - self.values[row] };
        }
        self.tableau.iter().chain(&self.values).all(|value| value.is_finite())
    }

    /// One step along an edge; whether there was one that makes the bound less.
    fn step(&mut self) -> bool {
        let wide = self.free.len();
        let Some(bound) = self.basic.iter().position(|&variable| variable == Variable::Bound) else { return false };
        let objective = &self.tableau[bound * wide..(bound + 1) * wide];
        let scale = objective.iter().fold(0.0f64, |most, value| most.max(value.abs()));
        // What a variable gains by leaving its end.
        let gain = |k: usize| if self.free[k].is_at_upper() { objective[k] } else { -objective[k] };
        let Some(entering) = (0..wide).max_by(|&a, &b| gain(a).total_cmp(&gain(b))) else { return false };
        if gain(entering) <= ZERO * scale {
            return false;
        }
        let sign = if self.free[entering].is_at_upper() { -1.0 } else { 1.0 };
        let (mut length, mut leaving) = (self.free[entering].upper(), None);
        let mut size = 0.0;
        for (row, &variable) in self.basic.iter().enumerate() {
            let change = sign * self.tableau[row * wide + entering];
            if variable == Variable::Bound || change.abs() <= ZERO {
                continue;
            }
            let room = if change < 0.0 { self.values[row] } else { variable.upper() - self.values[row] };
            let most = (room / change.abs()).max(0.0);
            // Of equals the largest pivot.
            if most < length || most == length && change.abs() > size {
                (length, leaving, size) = (most, Some((row, change > 0.0)), change.abs());
            }
        }
        if !length.is_finite() {
            return false;
        }
        for (row, value) in self.values.iter_mut().enumerate() {
            *value += self.tableau[row * wide + entering] * sign * length;
        }
        let Some((row, to_upper)) = leaving else {
            self.free[entering] = self.free[entering].moved(sign > 0.0);
            return true;
        };
        let begin = if self.free[entering].is_at_upper() { 1.0 } else { 0.0 };
        self.values[row] = begin + sign * length;
        let left = self.basic[row].moved(to_upper);
        self.basic[row] = self.free[entering];
        self.free[entering] = left;
        self.exchange(row, entering);
        true
    }

    /// Solves a row for a free variable, and puts it into all others.
    fn exchange(&mut self, row: usize, column: usize) {
        let wide = self.free.len();
        let own = &mut self.tableau[row * wide..(row + 1) * wide];
        let by = 1.0 / own[column];
        own.iter_mut().for_each(|value| *value *= -by);
        own[column] = by;
        self.pivot.clear();
        self.pivot.extend_from_slice(own);
        for (other, values) in self.tableau.chunks_exact_mut(wide).enumerate() {
            let factor = values[column];
            if other == row || factor == 0.0 {
                continue;
            }
            values[column] = 0.0;
            values.iter_mut().zip(&self.pivot).for_each(|(value, pivot)| *value += factor * pivot);
        }
    }

    /// Weights are what the bound gains with the slacks; the point is where the variables are.
    fn read(&mut self, lower: &[f64], upper: &[f64]) {
        let wide = self.free.len();
        let Some(bound) = self.basic.iter().position(|&variable| variable == Variable::Bound) else { return };
        let objective = &self.tableau[bound * wide..(bound + 1) * wide];
        let mut set = |index: usize, share: f64| {
            self.point[index] =
                (lower[index] + share * (upper[index] - lower[index])).clamp(lower[index], upper[index]);
        };
        for (&variable, &value) in self.basic.iter().zip(&self.values) {
            if let Variable::Input { index, .. } = variable {
                set(index, value);
            }
        }
        let (mut sum, equal) = (0.0, self.weights.first().copied().unwrap_or(1.0));
        self.weights.fill(0.0);
        for (&variable, &gain) in self.free.iter().zip(objective) {
            match variable {
                Variable::Input { index, at_upper } => set(index, if at_upper { 1.0 } else { 0.0 }),
                Variable::Slack(row) if gain > 0.0 => {
                    self.weights[row] = gain;
                    sum += gain;
                }
                _ => {}
            }
        }
        if sum > 0.0 && sum.is_finite() {
            self.weights.iter_mut().for_each(|weight| *weight /= sum);
        } else {
            self.weights.fill(equal);
        }
    }

    /// Computes the combination with an error that is accounted for.
    fn settle(&mut self, rows: &[f64], constants: &[f64], lower: &[f64], upper: &[f64]) {
        let n = lower.len();
        self.coefficients.clear();
        self.coefficients.resize(n, 0.0);
        let (mut constant, mut size) = (0.0, 0.0);
        for (row, (&c, &weight)) in constants.iter().zip(&self.weights).enumerate().filter(|(_, (_, w))| **w > 0.0) {
            constant += weight * c;
            size += weight * c.abs();
            for (j, (sum, &a)) in self.coefficients.iter_mut().zip(&rows[row * n..(row + 1) * n]).enumerate() {
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
