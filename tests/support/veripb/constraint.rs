//! Pseudo-Boolean constraints in literal normal form, and the arithmetic of cutting planes on them.
//!
//! S. Gocht, J. Nordström, "Certifying Parity Reasoning Efficiently Using Pseudo-Boolean Proofs", AAAI 2021, section 2.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::int::Int;

/// Twice its variable's number, and one more where it is negated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lit(pub u32);

impl Lit {
    pub fn var(self) -> u32 {
        self.0 / 2
    }

    pub fn is_negated(self) -> bool {
        self.0 % 2 == 1
    }

    pub fn negated(self) -> Self {
        Self(self.0 ^ 1)
    }

    pub fn slot(self) -> usize {
        self.0 as usize
    }
}

/// What a substitution makes of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Image {
    Constant(bool),
    Literal(Lit),
}

/// By variable. Variables that are not in it stay what they are.
pub type Substitution = HashMap<u32, Image>;

/// The literal's image.
pub fn image(substitution: &Substitution, lit: Lit) -> Image {
    match substitution.get(&lit.var()) {
        None => Image::Literal(lit),
        Some(&Image::Constant(value)) => Image::Constant(value != lit.is_negated()),
        Some(&Image::Literal(other)) if lit.is_negated() => Image::Literal(other.negated()),
        Some(&other) => other,
    }
}

/// The weighted sum of the literals that are true is at least the degree.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Constraint {
    /// By variable, each variable once, weights positive.
    pub terms: Vec<(Lit, Int)>,
    /// Negative as well: nothing is rounded up to zero.
    pub degree: Int,
}

impl Constraint {
    /// From any sum: weights of either sign, variables more than once.
    pub fn new(mut sum: Vec<(Lit, Int)>, mut degree: Int) -> Self {
        sum.sort_by_key(|&(lit, _)| lit.var());
        let mut terms: Vec<(Lit, Int)> = Vec::with_capacity(sum.len());
        // All over positive literals first: w * ~x is w - w * x.
        for (lit, weight) in sum {
            let weight = if lit.is_negated() {
                degree = degree.minus(&weight);
                weight.negated()
            } else {
                weight
            };
            match terms.last_mut() {
                Some((last, total)) if last.var() == lit.var() => *total = total.plus(&weight),
                _ => terms.push((Lit(lit.0 & !1), weight)),
            }
        }
        terms.retain(|(_, weight)| !weight.is_zero());
        for (lit, weight) in &mut terms {
            if !weight.is_positive() {
                *weight = weight.negated();
                *lit = lit.negated();
                degree = degree.plus(weight);
            }
        }
        Self { terms, degree }
    }

    /// The literal is at least zero.
    pub fn axiom(lit: Lit) -> Self {
        Self { terms: vec![(lit, Int::ONE)], degree: Int::ZERO }
    }

    /// The largest value that the left side can take.
    pub fn total(&self) -> Int {
        self.terms.iter().fold(Int::ZERO, |sum, (_, weight)| sum.plus(weight))
    }

    /// No assignment satisfies it.
    pub fn is_contradiction(&self) -> bool {
        self.total() < self.degree
    }

    /// Every assignment satisfies it.
    pub fn is_trivial(&self) -> bool {
        !self.degree.is_positive()
    }

    pub fn plus(&self, other: &Self) -> Self {
        let mut terms = Vec::with_capacity(self.terms.len() + other.terms.len());
        let mut degree = self.degree.plus(&other.degree);
        let (mut left, mut right) = (self.terms.iter().peekable(), other.terms.iter().peekable());
        while let (Some((a, v)), Some((b, w))) = (left.peek(), right.peek()) {
            match a.var().cmp(&b.var()) {
                Ordering::Less => terms.extend(left.next().cloned()),
                Ordering::Greater => terms.extend(right.next().cloned()),
                Ordering::Equal => {
                    if a == b {
                        terms.push((*a, v.plus(w)));
                    } else {
                        // x + ~x is 1.
                        degree = degree.minus(v.min(w));
                        match v.cmp(w) {
                            Ordering::Greater => terms.push((*a, v.minus(w))),
                            Ordering::Less => terms.push((*b, w.minus(v))),
                            Ordering::Equal => {}
                        }
                    }
                    left.next();
                    right.next();
                }
            }
        }
        terms.extend(left.cloned());
        terms.extend(right.cloned());
        Self { terms, degree }
    }

    /// The factor is positive.
    pub fn multiply(&mut self, factor: &Int) {
        for (_, weight) in &mut self.terms {
            *weight = weight.times(factor);
        }
        self.degree = self.degree.times(factor);
    }

    /// Rounds up. The divisor is positive.
    pub fn divide(&mut self, divisor: &Int) {
        for (_, weight) in &mut self.terms {
            *weight = weight.divided_up(divisor);
        }
        self.degree = self.degree.divided_up(divisor);
    }

    /// No weight needs to exceed the degree.
    pub fn saturate(&mut self) {
        if self.is_trivial() {
            self.terms.clear();
        }
        for (_, weight) in &mut self.terms {
            if *weight > self.degree {
                *weight = self.degree.clone();
            }
        }
    }

    /// Takes the variable out, as if its literal were true.
    pub fn weaken(&mut self, var: u32) {
        if let Ok(at) = self.terms.binary_search_by_key(&var, |(lit, _)| lit.var()) {
            let (_, weight) = self.terms.remove(at);
            self.degree = self.degree.minus(&weight);
        }
    }

    /// What holds just where this does not.
    pub fn negation(&self) -> Self {
        let degree = self.total().minus(&self.degree).plus(&Int::ONE);
        Self { terms: self.terms.iter().map(|(lit, weight)| (lit.negated(), weight.clone())).collect(), degree }
    }

    pub fn substituted(&self, substitution: &Substitution) -> Self {
        let mut degree = self.degree.clone();
        let mut sum = Vec::with_capacity(self.terms.len());
        for (lit, weight) in &self.terms {
            match image(substitution, *lit) {
                Image::Literal(lit) => sum.push((lit, weight.clone())),
                Image::Constant(true) => degree = degree.minus(weight),
                Image::Constant(false) => {}
            }
        }
        Self::new(sum, degree)
    }

    /// Whether the literals that `holds` names satisfy it, whatever the others are.
    pub fn is_satisfied(&self, holds: impl Fn(Lit) -> bool) -> bool {
        let reached = self.terms.iter().filter(|(lit, _)| holds(*lit));
        reached.fold(Int::ZERO, |sum, (_, weight)| sum.plus(weight)) >= self.degree
    }

    /// Whether `other` follows by literal axioms, one saturation and literal axioms again; or this is a contradiction,
    /// from which everything follows.
    ///
    /// A weight of `other` that reaches its degree bears any weight here, for saturation takes that down. Where it does
    /// not, what is too much here must be weakened away, and lowers the degree.
    pub fn implies(&self, other: &Self) -> bool {
        if other.is_trivial() || self.is_contradiction() {
            return true;
        }
        let mut left = self.degree.clone();
        let mut wanted = other.terms.iter().peekable();
        for (lit, weight) in &self.terms {
            while wanted.next_if(|(other, _)| other.var() < lit.var()).is_some() {}
            match wanted.peek() {
                Some((same, bears)) if same == lit => {
                    if *bears < other.degree && bears < weight {
                        left = left.minus(&weight.minus(bears));
                    }
                }
                _ => left = left.minus(weight),
            }
        }
        left >= other.degree
    }
}
