//! The generalized totalizer: a tree with an output for each value that a partial sum can have.
//!
//! S. Joshi, R. Martins, V. Manquinho, "Generalized totalizer encoding for pseudo-Boolean constraints", CP 2015. Of
//! children a and b, aᵤ ∧ bᵥ → oᵤ₊ᵥ. Left out are values that cannot become the bound with all that is missing, and what
//! reaches the bound has no output but a clause of its own; where those clauses are many, b is ordered (bᵥ → the value
//! below), and then the least v for each u is enough. Unit propagation sees all that follows.
//!
//! Cost: as many outputs as there are different partial sums, at worst min(2ⁿ, bound) a node, and the product of the
//! children's outputs in clauses; so a caller sets a quota. Few different weights keep it small.

use super::super::lower::LowerError;
use super::sink::Sink;

/// Σ wᵢ·xᵢ ≥ `bound` → `output`, or never where there is no output. Weights are descending; `bound` is positive and at
/// most the total.
pub(super) fn encode(
    literals: &[i32],
    weights: &[i64],
    bound: i64,
    output: Option<i32>,
    sink: &mut Sink<'_>,
) -> Result<(), LowerError> {
    let total = weights.iter().map(|&w| w.min(bound)).sum();
    let mut tree = Tree { literals, weights, bound, output, total, ..Tree::default() };
    tree.node(0, literals.len(), sink)?;
    Ok(())
}

#[derive(Debug, Default)]
struct Tree<'a> {
    literals: &'a [i32],
    weights: &'a [i64],
    bound: i64,
    output: Option<i32>,
    total: i64,
    /// A stack of outputs, by value: those of the nodes under way.
    outputs: Vec<(i64, i32)>,
    /// Scratch: values of a node, in rows.
    values: Vec<i64>,
    merged: Vec<i64>,
    ends: Vec<usize>,
}

impl Tree<'_> {
    /// Puts the outputs for the literals `from..to` on the stack; answers the weight of these literals.
    fn node(&mut self, from: usize, to: usize, sink: &mut Sink<'_>) -> Result<i64, LowerError> {
        if to - from == 1 {
            let (literal, weight) = (self.literals[from], self.weights[from].min(self.bound));
            if weight == self.bound {
                sink.clause_or(&[-literal], self.output)?;
            } else {
                sink.reserve(&mut self.outputs, 1)?;
                self.outputs.push((weight, literal));
            }
            return Ok(weight);
        }
        let base = self.outputs.len();
        let middle = self.middle(from, to);
        let left = self.node(from, middle, sink)?;
        let split = self.outputs.len();
        let right = self.node(middle, to, sink)?;
        self.merge(base, split, left, right, sink)?;
        Ok(left + right)
    }

    /// Where `from..to` is split: in the middle, or where the weights change nearest to it. (Equal weights apart from
    /// others have few partial sums: for 1000 weights up to 8, 2.0 instead of 3.4 million clauses.)
    fn middle(&self, from: usize, to: usize) -> usize {
        let middle = usize::midpoint(from, to);
        let changes = |at: usize| at > from && at < to && self.weights[at - 1] != self.weights[at];
        let near = (0..=to - middle).flat_map(|d| [middle.saturating_sub(d), middle + d]).find(|&at| changes(at));
        near.unwrap_or(middle)
    }

    /// Replaces the outputs of two nodes, `base..split` and from `split` on, by theirs together.
    fn merge(
        &mut self,
        base: usize,
        split: usize,
        left: i64,
        right: i64,
        sink: &mut Sink<'_>,
    ) -> Result<(), LowerError> {
        let end = self.outputs.len();
        // Less than this cannot reach the bound.
        let least = |weight: i64| self.bound - (self.total - weight);
        let (least_left, least_right, least) = (least(left), least(right), least(left + right));
        let pairs = (split - base + 1).saturating_mul(end - split + 1);
        sink.announce(pairs.saturating_mul(2))?;
        sink.reserve(&mut self.values, pairs)?;
        sink.reserve(&mut self.merged, pairs)?;
        sink.reserve(&mut self.ends, split - base + 1)?;
        self.values.clear();
        self.ends.clear();
        let mut reaching = 0;
        for u in zero(least_left).chain(base..split) {
            let (value, _) = self.output(u);
            for v in zero(least_right).chain(split..end) {
                let sum = value + self.output(v).0;
                if sum >= self.bound {
                    reaching += end - v; // those after it too
                    break;
                }
                if sum >= least.max(1) {
                    self.values.push(sum);
                }
            }
            self.ends.push(self.values.len());
            sink.spend(end - split + 1)?;
        }
        self.merge_rows(sink)?;
        let values = self.values.len();
        sink.reserve(&mut self.outputs, values)?;
        for i in 0..values {
            self.outputs.push((self.values[i], sink.fresh()?));
        }
        let is_ordered = reaching > 2 * (end - base);
        if is_ordered {
            for v in split + 1..end {
                sink.clause(&[-self.outputs[v].1, self.outputs[v - 1].1])?;
            }
        }
        for u in zero(least_left).chain(base..split) {
            let (value, a) = self.output(u);
            let mut at = end;
            for v in zero(least_right).chain(split..end) {
                let (more, b) = self.output(v);
                let sum = value + more;
                let mut clause = arrayvec::ArrayVec::<i32, 2>::new();
                clause.extend(a.into_iter().chain(b).map(|l| -l));
                if sum >= self.bound {
                    sink.clause_or(&clause, self.output)?;
                    if is_ordered {
                        break;
                    }
                } else if sum >= least.max(1) {
                    while self.outputs[at].0 < sum {
                        at += 1;
                    }
                    sink.clause_or(&clause, Some(self.outputs[at].1))?;
                }
            }
        }
        self.outputs.copy_within(end.., base);
        self.outputs.truncate(base + values);
        Ok(())
    }

    /// Value and literal of an output; [`ZERO`] is the value 0, which needs none.
    fn output(&self, at: usize) -> (i64, Option<i32>) {
        if at == ZERO { (0, None) } else { (self.outputs[at].0, Some(self.outputs[at].1)) }
    }

    /// Makes one ascending row without duplicates of ascending ones.
    fn merge_rows(&mut self, sink: &mut Sink<'_>) -> Result<(), LowerError> {
        while self.ends.len() > 1 {
            self.merged.clear();
            let (mut begin, mut rows) = (0, 0);
            for pair in 0..self.ends.len().div_ceil(2) {
                let middle = self.ends[2 * pair];
                let end = self.ends.get(2 * pair + 1).copied().unwrap_or(middle);
                let (mut a, mut b) = (begin, middle);
                while a < middle || b < end {
                    let from_a = b == end || a < middle && self.values[a] <= self.values[b];
                    let value = if from_a { self.values[a] } else { self.values[b] };
                    if from_a {
                        a += 1
                    } else {
                        b += 1
                    }
                    if self.merged.len() == rows || self.merged.last() != Some(&value) {
                        self.merged.push(value);
                    }
                }
                sink.spend(end - begin)?;
                begin = end;
                rows = self.merged.len();
                self.ends[pair] = rows;
            }
            self.ends.truncate(self.ends.len().div_ceil(2));
            std::mem::swap(&mut self.values, &mut self.merged);
        }
        Ok(())
    }
}

/// Stands for the value 0.
const ZERO: usize = usize::MAX;

/// The value 0, where it may become the bound.
fn zero(least: i64) -> impl Iterator<Item = usize> {
    (least <= 0).then_some(ZERO).into_iter()
}
