//! An exact linear program solver for a handful of variables: maximise an objective over `x ≥ 0`, `A·x ≤ b`.
//!
//! Source: V. Chvátal, "Linear Programming", 1983, chapters 2 and 3 (dictionaries, two phases); R. Bland's rule against
//! cycling; J. Edmonds' integer pivoting, by which all entries stay integers over one common denominator, the last pivot.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

/// `coefficients · x ≤ bound`.
#[derive(Debug, Clone)]
pub struct Row {
    pub coefficients: Vec<BigInt>,
    pub bound: BigInt,
}

/// What there is to find.
#[derive(Debug, Clone, PartialEq)]
pub enum Optimum {
    Infeasible,
    Unbounded,
    /// The largest value of the objective, and where.
    At(BigRational, Vec<BigRational>),
}

/// The largest `objective · x`.
pub fn maximise(objective: &[BigInt], rows: &[Row]) -> Optimum {
    let mut dictionary = Dictionary::new(objective.len(), rows);
    if !dictionary.make_feasible() {
        return Optimum::Infeasible;
    }
    dictionary.set_objective(objective);
    if !dictionary.optimise() {
        return Optimum::Unbounded;
    }
    Optimum::At(dictionary.ratio(&dictionary.value), dictionary.point(objective.len()))
}

/// `basic[i] = (bounds[i] - Σ rows[i][j] · free[j]) / denominator`, and the objective is
/// `(value + Σ objective[j] · free[j]) / denominator`.
struct Dictionary {
    rows: Vec<Vec<BigInt>>,
    bounds: Vec<BigInt>,
    objective: Vec<BigInt>,
    value: BigInt,
    denominator: BigInt,
    basic: Vec<usize>,
    free: Vec<usize>,
}

/// The number of the variable that every row gets in the first phase.
const AUXILIARY: usize = usize::MAX;

impl Dictionary {
    fn new(columns: usize, rows: &[Row]) -> Self {
        Dictionary {
            rows: rows.iter().map(|row| row.coefficients.clone()).collect(),
            bounds: rows.iter().map(|row| row.bound.clone()).collect(),
            objective: vec![BigInt::zero(); columns],
            value: BigInt::zero(),
            denominator: BigInt::one(),
            basic: (columns..columns + rows.len()).collect(),
            free: (0..columns).collect(),
        }
    }

    /// The first phase: whether all bounds can be made non-negative.
    fn make_feasible(&mut self) -> bool {
        let Some(worst) = (0..self.bounds.len()).min_by_key(|&row| &self.bounds[row]) else { return true };
        if !self.bounds[worst].is_negative() {
            return true;
        }
        self.free.push(AUXILIARY);
        self.objective.push(-BigInt::one());
        self.rows.iter_mut().for_each(|row| row.push(-BigInt::one()));
        self.pivot(worst, self.free.len() - 1);
        self.optimise();
        if !self.value.is_zero() {
            return false;
        }
        if let Some(row) = self.basic.iter().position(|&variable| variable == AUXILIARY) {
            let Some(column) = self.rows[row].iter().position(|entry| !entry.is_zero()) else { return true };
            self.pivot(row, column);
        }
        if let Some(column) = self.free.iter().position(|&variable| variable == AUXILIARY) {
            self.free.remove(column);
            self.objective.remove(column);
            self.rows.iter_mut().for_each(|row| drop(row.remove(column)));
        }
        true
    }

    /// An objective over the variables numbered from 0, in terms of those that are free now.
    fn set_objective(&mut self, objective: &[BigInt]) {
        self.value = BigInt::zero();
        self.objective = vec![BigInt::zero(); self.free.len()];
        for (variable, coefficient) in objective.iter().enumerate() {
            if let Some(column) = self.free.iter().position(|&free| free == variable) {
                self.objective[column] += coefficient * &self.denominator;
            } else if let Some(row) = self.basic.iter().position(|&basic| basic == variable) {
                self.value += coefficient * &self.bounds[row];
                for (entry, along) in self.objective.iter_mut().zip(&self.rows[row]) {
                    *entry -= coefficient * along;
                }
            }
        }
    }

    /// Whether the objective has a largest value.
    fn optimise(&mut self) -> bool {
        loop {
            let rising = (0..self.free.len()).filter(|&column| self.objective[column].is_positive());
            let Some(column) = rising.min_by_key(|&column| self.free[column]) else { return true };
            let Some(row) = self.leaving(column) else { return false };
            self.pivot(row, column);
        }
    }

    /// The row that stops the free variable of a column first; of several the one of the least variable. The auxiliary
    /// variable leaves as soon as it can.
    fn leaving(&self, column: usize) -> Option<usize> {
        let order = |row: usize| self.basic[row].wrapping_add(1); // AUXILIARY first
        let mut best: Option<usize> = None;
        for row in (0..self.rows.len()).filter(|&row| self.rows[row][column].is_positive()) {
            let sooner = best.is_none_or(|best| {
                let ours = &self.bounds[row] * &self.rows[best][column];
                let theirs = &self.bounds[best] * &self.rows[row][column];
                ours < theirs || (ours == theirs && order(row) < order(best))
            });
            if sooner {
                best = Some(row);
            }
        }
        best
    }

    fn pivot(&mut self, row: usize, column: usize) {
        let pivot = self.rows[row][column].clone();
        let old = std::mem::replace(&mut self.denominator, pivot.clone());
        let (along, bound) = (self.rows[row].clone(), self.bounds[row].clone());
        for other in (0..self.rows.len()).filter(|&other| other != row) {
            let factor = self.rows[other][column].clone();
            for (at, entry) in self.rows[other].iter_mut().enumerate() {
                *entry = if at == column { -&factor } else { (&*entry * &pivot - &factor * &along[at]) / &old };
            }
            self.bounds[other] = (&self.bounds[other] * &pivot - &factor * &bound) / &old;
        }
        let factor = self.objective[column].clone();
        for (at, entry) in self.objective.iter_mut().enumerate() {
            *entry = if at == column { -&factor } else { (&*entry * &pivot - &factor * &along[at]) / &old };
        }
        self.value = (&self.value * &pivot + &factor * &bound) / &old;
        self.rows[row][column] = old;
        std::mem::swap(&mut self.basic[row], &mut self.free[column]);
        if pivot.is_negative() {
            let all = self.rows.iter_mut().flatten().chain(&mut self.bounds).chain(&mut self.objective);
            all.chain([&mut self.value, &mut self.denominator]).for_each(|entry| *entry = -&*entry);
        }
    }

    fn ratio(&self, numerator: &BigInt) -> BigRational {
        BigRational::new(numerator.clone(), self.denominator.clone())
    }

    fn point(&self, columns: usize) -> Vec<BigRational> {
        let mut point = vec![BigRational::zero(); columns];
        for (row, &variable) in self.basic.iter().enumerate() {
            if variable < columns {
                point[variable] = self.ratio(&self.bounds[row]);
            }
        }
        point
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn rational(value: i64) -> BigRational {
        BigRational::from_integer(value.into())
    }

    /// The largest `objective · x` by eliminating variables one by one (Fourier and Motzkin): a row more says
    /// `z - objective · x ≤ 0`, and what is left bounds `z`.
    fn eliminated(objective: &[i64], rows: &[(Vec<i64>, i64)]) -> Optimum {
        let count = objective.len();
        let mut all: Vec<Vec<BigRational>> = Vec::new(); // coefficients of x, of z, the bound
        for (coefficients, bound) in rows {
            all.push(coefficients.iter().copied().chain([0, *bound]).map(rational).collect());
        }
        for variable in 0..count {
            let mut row = vec![BigRational::zero(); count + 2];
            row[variable] = rational(-1);
            all.push(row);
        }
        all.push(objective.iter().map(|&c| rational(-c)).chain([rational(1), rational(0)]).collect());
        for variable in 0..count {
            let (with, mut without): (Vec<_>, Vec<_>) = all.into_iter().partition(|row| !row[variable].is_zero());
            let (upper, lower): (Vec<_>, Vec<_>) = with.into_iter().partition(|row| row[variable].is_positive());
            for above in &upper {
                for below in &lower {
                    let (f, g) = (-&below[variable], above[variable].clone());
                    without.push(above.iter().zip(below).map(|(a, b)| a * &f + b * &g).collect());
                }
            }
            all = without;
        }
        let (with, without): (Vec<_>, Vec<_>) = all.into_iter().partition(|row| !row[count].is_zero());
        if without.iter().any(|row| row[count + 1].is_negative()) {
            return Optimum::Infeasible;
        }
        match with.iter().map(|row| &row[count + 1] / &row[count]).min() {
            Some(least) => Optimum::At(least, Vec::new()),
            None => Optimum::Unbounded,
        }
    }

    #[test]
    fn optima_are_those_of_elimination() {
        let mut random = Random::new(1);
        let mut seen = [0; 3];
        for _ in 0..3000 {
            let columns = 1 + random.below(3);
            let mut draw = |most: usize| random.below(2 * most + 1) as i64 - most as i64;
            let objective: Vec<i64> = (0..columns).map(|_| draw(3)).collect();
            let count = 1 + draw(2).unsigned_abs() as usize * 2;
            let rows: Vec<(Vec<i64>, i64)> =
                (0..count).map(|_| ((0..columns).map(|_| draw(3)).collect(), draw(4))).collect();
            let big = |values: &[i64]| values.iter().map(|&v| BigInt::from(v)).collect::<Vec<_>>();
            let given: Vec<Row> = rows.iter().map(|(c, b)| Row { coefficients: big(c), bound: (*b).into() }).collect();
            let found = maximise(&big(&objective), &given);
            match (&found, eliminated(&objective, &rows)) {
                (Optimum::At(value, point), Optimum::At(truth, _)) => {
                    assert_eq!(*value, truth, "{objective:?} {rows:?}");
                    let sum = |c: &[i64]| c.iter().zip(point).map(|(&c, x)| x * rational(c)).sum::<BigRational>();
                    assert!(point.iter().all(|x| !x.is_negative()), "{objective:?} {rows:?}");
                    assert!(rows.iter().all(|(c, b)| sum(c) <= rational(*b)), "{objective:?} {rows:?}");
                    assert_eq!(sum(&objective), truth);
                    seen[0] += 1;
                }
                (Optimum::Infeasible, Optimum::Infeasible) => seen[1] += 1,
                (Optimum::Unbounded, Optimum::Unbounded) => seen[2] += 1,
                (found, truth) => panic!("{found:?}, not {truth:?}: {objective:?} {rows:?}"),
            }
        }
        assert!(seen.iter().all(|&count| count > 200), "{seen:?}");
    }
}
