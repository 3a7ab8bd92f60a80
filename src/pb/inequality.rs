//! Sums that are added, divided and weakened: what a conflict is traced back in.

use super::engine::room;
use super::proof::{operate, spell};
use super::{Literal, variable};
use crate::error::OutOfMemory;

/// Literals weigh at least `bound`. A variable occurs once.
#[derive(Debug, Default)]
pub(super) struct Inequality {
    /// By variable: the weight, negative where its negation is the literal; 0 where there is none.
    weights: Vec<i128>,
    /// Variables that occur, and maybe some that do not any more.
    listed: Vec<u32>,
    is_listed: Vec<bool>,
    pub bound: i128,
    /// How it was derived, in reverse Polish notation, where a proof is written.
    pub derivation: Option<String>,
}

/// Rounded up.
pub(super) fn divided(number: i128, by: i128) -> i128 {
    number.div_euclid(by) + i128::from(number.rem_euclid(by) != 0)
}

/// The greatest common divisor.
pub(super) fn gcd(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl Inequality {
    pub fn reserve(&mut self, more: usize) -> Result<(), OutOfMemory> {
        room(&mut self.weights, more)?;
        room(&mut self.listed, more)?;
        room(&mut self.is_listed, more)
    }

    pub fn ensure(&mut self, variables: usize) {
        if variables > self.weights.len() {
            self.weights.resize(variables, 0);
            self.is_listed.resize(variables, false);
        }
    }

    pub fn clear(&mut self) {
        for v in self.listed.drain(..) {
            self.weights[v as usize] = 0;
            self.is_listed[v as usize] = false;
        }
        self.bound = 0;
        self.note(String::clear);
    }

    /// Where a proof is written, adds to how it was derived.
    #[inline]
    pub fn note(&mut self, write: impl FnOnce(&mut String)) {
        if let Some(derivation) = &mut self.derivation {
            write(derivation);
        }
    }

    /// Notes that so many times an inequality of the proof is added.
    #[cfg(feature = "highs")]
    pub fn note_sum(&mut self, number: u64, times: i128) {
        self.note(|derivation| {
            let plus = if derivation.is_empty() { "" } else { " +" };
            derivation.push(' ');
            derivation.push_str(itoa::Buffer::new().format(number));
            if times > 1 {
                operate(times, " *", derivation);
            }
            derivation.push_str(plus);
        });
    }

    /// Notes that so much of a literal's negation, which is never negative, is added.
    fn note_weakening(&mut self, literal: Literal, by: i128) {
        self.note(|derivation| {
            spell(literal ^ 1, derivation);
            if by > 1 {
                operate(by, " *", derivation);
            }
            derivation.push_str(" +");
        });
    }

    /// What a literal weighs.
    #[inline]
    pub fn weight(&self, literal: Literal) -> i128 {
        let weight = self.weights[variable(literal)];
        (if literal & 1 == 1 { -weight } else { weight }).max(0)
    }

    /// A literal more: where its negation is there, as much of both is a constant.
    #[inline]
    pub fn add(&mut self, weight: i128, literal: Literal) {
        let v = variable(literal);
        if !self.is_listed[v] {
            self.is_listed[v] = true;
            self.listed.push(v as u32);
        }
        let (before, more) = (self.weights[v], if literal & 1 == 1 { -weight } else { weight });
        self.weights[v] = before + more;
        if (before < 0) != (more < 0) {
            self.bound -= before.abs().min(weight);
        }
    }

    /// Literals with their weights.
    pub fn terms(&self) -> impl Iterator<Item = (i128, Literal)> {
        let listed = self.listed.iter().map(|&v| (self.weights[v as usize], 2 * v));
        listed.filter(|&(weight, _)| weight != 0).map(|(weight, l)| (weight.abs(), l + u32::from(weight < 0)))
    }

    /// No literal weighs more than the bound.
    pub fn saturate(&mut self) {
        let most = self.bound.max(0);
        let mut is_less = false;
        for &v in &self.listed {
            let weight = &mut self.weights[v as usize];
            is_less |= weight.abs() > most;
            *weight = (*weight).clamp(-most, most);
        }
        if is_less {
            self.note(|derivation| derivation.push_str(" s"));
        }
    }

    /// The largest weight.
    pub fn heaviest(&self) -> i128 {
        self.listed.iter().map(|&v| self.weights[v as usize].abs()).max().unwrap_or(0)
    }

    /// Every weight and the bound so many times.
    pub fn multiply(&mut self, by: i128) {
        if by == 1 {
            return;
        }
        self.note(|derivation| operate(by, " *", derivation));
        for &v in &self.listed {
            self.weights[v as usize] *= by;
        }
        self.bound *= by;
    }

    /// So many times another one is added.
    pub fn add_multiple(&mut self, other: &Inequality, by: i128) {
        if let (Some(derivation), Some(others)) = (&mut self.derivation, &other.derivation) {
            derivation.push(' ');
            derivation.push_str(others);
            if by > 1 {
                operate(by, " *", derivation);
            }
            derivation.push_str(" +");
        }
        for (weight, literal) in other.terms() {
            self.add(weight * by, literal);
        }
        self.bound += other.bound * by;
    }

    /// A literal weighs so much less: as much of it is taken for true.
    pub fn weaken(&mut self, literal: Literal, by: i128) {
        let weight = &mut self.weights[variable(literal)];
        *weight -= weight.signum() * by;
        self.bound -= by;
        self.note_weakening(literal, by);
    }

    /// Divides by `by`, rounding up; of literals that the function does not spare what would be rounded is weakened away before.
    pub fn divide(&mut self, by: i128, spares: impl Fn(Literal) -> bool) {
        for index in 0..self.listed.len() {
            let v = self.listed[index];
            let weight = self.weights[v as usize];
            let rest = weight.abs() % by;
            let mut quotient = weight / by;
            if rest != 0 {
                let literal = 2 * v + u32::from(weight < 0);
                if spares(literal) {
                    quotient += weight.signum();
                } else {
                    self.bound -= rest;
                    self.note_weakening(literal, rest);
                }
            }
            self.weights[v as usize] = quotient;
        }
        self.bound = divided(self.bound, by);
        self.note(|derivation| operate(by, " d", derivation));
    }
}
