//! Limits on the whole of an architecture in its formula, exactly: parameters, multiply-adds, the receptive field.
//!
//! A product of kernels is a sum of conjunctions of their bits: the first factors by multipliers, the last one by
//! weights of a pseudo-Boolean constraint, which needs no carries. The receptive field is found from the output on,
//! where one that sees `r` cells of a layer's output sees (r − 1) s + k of its input, by an adder for each bit of a
//! stride.

use super::ArchError;
use super::chains::Edge;
use super::encode::{Builder, Walk};
use super::gates::Bit;
use crate::formula::Condition;

/// How many gates limits may take.
const MAX_GATES: u64 = 1 << 22;

impl Builder<'_> {
    /// All limits.
    pub fn measures(&mut self, walks: &[Walk<'_>]) -> Result<(), ArchError> {
        let d = self.space.description();
        if let Some(most) = d.max_parameters {
            let kernel = |edge: &Edge| u64::from(edge.kernel);
            self.at_most(walks, most, "gates of the limit of parameters", kernel)?;
        }
        if let Some(most) = d.max_multiply_adds {
            let uses = |edge: &Edge| u64::from(edge.kernel) * u64::from(edge.output);
            self.at_most(walks, most, "gates of the limit of multiply-adds", uses)?;
        }
        if let Some((least, most)) = d.receptive_field {
            for walk in walks {
                self.receptive_field(walk, least, most)?;
            }
        }
        Ok(())
    }

    /// Σ over layers of channels in · channels out · Π over dimensions of a value ≤ `most`.
    fn at_most(
        &mut self,
        walks: &[Walk<'_>],
        most: u64,
        what: &'static str,
        value: impl Fn(&Edge) -> u64,
    ) -> Result<(), ArchError> {
        let layers = self.space.description().layers.1;
        let mut factors: Vec<Vec<Vec<Bit>>> = vec![Vec::new(); layers];
        for walk in walks {
            let width = u64::BITS - walk.chains.largest(&value).leading_zeros();
            let mut bits = Vec::with_capacity(layers);
            for factors in &mut factors {
                let first = self.gates.formula.new_vars(width)?.cast_signed();
                let own: Vec<i32> = (first..).take(width as usize).collect();
                factors.push(own.iter().map(|&bit| Some(bit)).collect());
                bits.push(own);
            }
            self.align(walk, &bits, &value)?;
        }
        let channels = &self.space.description().channels;
        let mut terms: Vec<(u128, i32)> = Vec::new();
        let mut gates = 0u64;
        for (layer, factors) in factors.into_iter().enumerate() {
            let weight = u128::from(channels[layer]) * u128::from(channels[layer + 1]);
            let mut product: Vec<Bit> = Vec::new();
            for (index, factor) in factors.iter().enumerate() {
                self.budget.check()?;
                if index > 0 {
                    gates += product.len() as u64 * factor.len() as u64;
                }
                if gates > MAX_GATES {
                    return Err(ArchError::TooLarge { what, most: MAX_GATES });
                }
                if index == 0 {
                    product.clone_from(factor);
                } else if index + 1 < factors.len() {
                    product = self.gates.multiply(&product, factor)?;
                }
            }
            let last: &[Bit] = if factors.len() > 1 { &factors[factors.len() - 1] } else { &[] };
            for (place, &bit) in product.iter().enumerate() {
                // 2^64 at most stands for all that exceeds any limit.
                let at = |place: usize| weight.checked_shl(place as u32).filter(|w| w >> place == weight);
                if factors.len() == 1 {
                    terms.extend(bit.map(|bit| (at(place).unwrap_or(u128::MAX), bit)));
                }
                for (more, &other) in last.iter().enumerate() {
                    let both = self.gates.and(bit, other)?;
                    terms.extend(both.map(|both| (at(place + more).unwrap_or(u128::MAX), both)));
                }
            }
        }
        self.sum_at_most(terms, most, what)
    }

    fn sum_at_most(&mut self, terms: Vec<(u128, i32)>, most: u64, what: &'static str) -> Result<(), ArchError> {
        let (mut weights, mut literals, mut total) = (Vec::new(), Vec::new(), 0u128);
        for (weight, literal) in terms {
            if weight > u128::from(most) {
                self.gates.clause(&[-literal])?;
                continue;
            }
            total += weight;
            literals.push(literal);
            weights.push(-(weight as i128));
        }
        if total <= u128::from(most) {
            return Ok(());
        }
        let limit = i64::MAX as u64;
        if total + u128::from(most) > u128::from(limit) {
            return Err(ArchError::TooLarge { what, most: limit });
        }
        let weights: Vec<i64> = weights.into_iter().map(|weight| weight as i64).collect();
        self.gates.formula.add_pseudo_boolean(&literals, &weights, -(most as i64), Condition::Plain)?;
        Ok(())
    }

    /// `least` ≤ r ≤ `most` in one dimension, for the r - 1 of every height of its walk.
    fn receptive_field(&mut self, walk: &Walk<'_>, least: u64, most: u64) -> Result<(), ArchError> {
        if most == 0 {
            return Ok(self.gates.clause(&[])?); // it is at least 1
        }
        let (fixed_kernel, fixed_stride) = match self.space.description().fixed {
            Some(fixed) => (u64::from(fixed.kernel), u64::from(fixed.stride)),
            None => (1, 1),
        };
        // r - 1 before a layer is `own` + `times` · (r - 1 after it and its fixed layer).
        let own = |edge: &Edge| u64::from(edge.kernel - 1) + u64::from(edge.stride) * (fixed_kernel - 1);
        let times = |edge: &Edge| u64::from(edge.stride) * fixed_stride;
        let (mut largest, layers) = (0u128, self.space.description().layers.1);
        let (most_own, most_times) = (walk.chains.largest(own), walk.chains.largest(times));
        for _ in 0..layers {
            largest = largest.saturating_mul(most_times.into()).saturating_add(most_own.into());
        }
        let bound = largest.min(u128::from(most.saturating_sub(1)));
        let width = (u128::BITS - bound.leading_zeros()) as usize;
        if width > 62 {
            return Err(ArchError::TooLarge { what: "cells of a receptive field in a formula", most: 1 << 62 });
        }
        let mut seen: Vec<Bit> = Vec::new();
        let mut by_height = vec![seen.clone()];
        for height in 1..=layers {
            self.budget.check()?;
            let added = self.values(walk, height, own)?;
            let factor = self.values(walk, height, times)?;
            let mut sum = added;
            for (place, &bit) in factor.iter().enumerate() {
                let mut row = vec![None; place];
                for &other in &seen {
                    row.push(self.gates.and(other, bit)?);
                }
                sum = self.gates.add(&sum, &row)?;
                sum = self.within(sum, width)?;
            }
            seen = self.within(sum, width)?;
            by_height.push(seen.clone());
        }
        for (length, literal) in self.each_length() {
            let condition = literal.map_or(Condition::Plain, Condition::Implied);
            let bits = by_height[length].iter().enumerate();
            let (weights, literals): (Vec<i64>, Vec<i32>) =
                bits.filter_map(|(place, bit)| bit.map(|bit| (1i64 << place, bit))).unzip();
            // Sums are below 2^62, and so are all that could be more or less.
            let least = least.saturating_sub(1).min(1 << 62) as i64;
            let most = most.saturating_sub(1).min(1 << 62) as i64;
            if most < (1 << 62) - 1 {
                let negative: Vec<i64> = weights.iter().map(|w| -w).collect();
                self.gates.formula.add_pseudo_boolean(&literals, &negative, -most, condition)?;
            }
            if least > 0 {
                self.gates.formula.add_pseudo_boolean(&literals, &weights, least, condition)?;
            }
        }
        Ok(())
    }

    /// A value of the edge that the walk takes at a height; 0 where it has none there.
    fn values(&mut self, walk: &Walk<'_>, height: usize, value: impl Fn(&Edge) -> u64) -> Result<Vec<Bit>, ArchError> {
        let width = u64::BITS - walk.chains.largest(&value).leading_zeros();
        let first = self.gates.formula.new_vars(width)?.cast_signed();
        let there = self.at_least(height);
        let bits: Vec<i32> = (first..).take(width as usize).collect();
        for &bit in &bits {
            self.gates.clause(&[there, -bit])?;
        }
        for (node, edges) in walk.chains.heights[height].iter().zip(&walk.edges[height]) {
            for (edge, &on) in node.edges.iter().zip(edges) {
                let value = value(edge);
                for (place, &bit) in bits.iter().enumerate() {
                    self.gates.clause(&[-on, if value >> place & 1 == 1 { bit } else { -bit }])?;
                }
            }
        }
        Ok(bits.into_iter().map(Some).collect())
    }

    /// A number of at most so many bits: the others are 0.
    fn within(&mut self, mut bits: Vec<Bit>, width: usize) -> Result<Vec<Bit>, ArchError> {
        for bit in bits.drain(width.min(bits.len())..).flatten() {
            self.gates.clause(&[-bit])?;
        }
        Ok(bits)
    }
}
