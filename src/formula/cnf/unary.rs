//! Sums in unary: outputs oⱼ for "at least j of the inputs", made by merging the outputs of halves.
//!
//! Two ways to merge a of p and b of q outputs into as many as are asked for:
//! - *totalizer*: aᵢ ∧ bⱼ → oᵢ₊ⱼ for all i, j: p·q clauses (O. Bailleux, Y. Boufkhad, "Efficient CNF encoding of Boolean
//!   cardinality constraints", CP 2003);
//! - *odd-even merge*: the odd places and the even ones are merged apart, then neighbours are sorted: O((p + q) log(p +
//!   q)) clauses and variables (K. Batcher 1968; N. Eén, N. Sörensson, JSAT 2006, section 5).
//!
//! Only the k highest outputs are made (cardinality networks: R. Asín, R. Nieuwenhuis, A. Oliveras, E.
//! Rodríguez-Carbonell, Constraints 16, 2011), and of the last merge only the one that is asked for. Small merges are
//! totalizer merges in either case (I. Abío, R. Nieuwenhuis, A. Oliveras, E. Rodríguez-Carbonell, "A parametric approach
//! for smaller and better encodings of cardinality constraints", CP 2013).
//!
//! Clauses go up (inputs true → outputs true), down (outputs true → inputs true), or both. One way is enough for a
//! constraint that is implied; both share variables for one that is reified, and then the outputs are functions of
//! the inputs. Either way unit propagation sees all that follows for the inputs.
//!
//! Cost for k of n: n log n variables and some n·k clauses with totalizer merges, O(n log² k) of both with odd-even ones.

use super::super::lower::LowerError;
use super::sink::Sink;

/// How sequences are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Merge {
    /// Always as a totalizer does.
    Totalizer,
    /// One input after the other: the sequential counter (C. Sinz, CP 2005).
    Sequential,
    /// Odd-even where a totalizer merge takes more clauses than so many for an output.
    OddEven(usize),
}

/// A totalizer merge that takes more clauses than this for an output gives way to an odd-even one. 500 of 1000 literals
/// take 138,450 clauses and 11,956 variables then, beside the totalizer's 258,976 and 8,976.
pub(super) const PAIRS: usize = 32;

/// Makes unary sums.
#[derive(Debug)]
pub(super) struct Unary {
    merge: Merge,
    up: bool,
    down: bool,
    /// A stack of sequences: the inputs and outputs of the merges under way.
    pub wires: Vec<i32>,
}

impl Unary {
    pub fn new(merge: Merge, up: bool, down: bool) -> Self {
        Unary { merge, up, down, wires: Vec::new() }
    }

    /// Puts the `most` highest outputs of `inputs` on the stack, or all; answers how many that are.
    pub fn sort(&mut self, inputs: &[i32], most: usize, sink: &mut Sink<'_>) -> Result<usize, LowerError> {
        let base = self.wires.len();
        if inputs.len() <= 1 {
            sink.reserve(&mut self.wires, 1)?;
            self.wires.extend_from_slice(inputs);
            return Ok(inputs.len());
        }
        if self.merge == Merge::Sequential {
            let mut p = self.sort(&inputs[..1], most, sink)?;
            for input in inputs[1..].chunks(1) {
                let q = self.sort(input, most, sink)?;
                p = self.merge(base, p, q, most, sink)?;
            }
            return Ok(p);
        }
        let (left, right) = inputs.split_at(inputs.len() / 2);
        let p = self.sort(left, most, sink)?;
        let q = self.sort(right, most, sink)?;
        self.merge(base, p, q, most, sink)
    }

    /// Replaces the sequences of `p` and `q` outputs at `base`, the top of the stack, by the `most` highest of both.
    pub fn merge(
        &mut self,
        base: usize,
        p: usize,
        q: usize,
        most: usize,
        sink: &mut Sink<'_>,
    ) -> Result<usize, LowerError> {
        let m = (p + q).min(most);
        if p == 0 || q == 0 || m == 0 {
            self.wires.truncate(base + m);
            return Ok(m);
        }
        sink.reserve(&mut self.wires, p + q + m)?;
        let is_small = match self.merge {
            Merge::Totalizer | Merge::Sequential => true,
            Merge::OddEven(most) => pairs(p, q, m) / m <= most || p + q == 2,
        };
        if is_small {
            for _ in 0..m {
                self.wires.push(sink.fresh()?);
            }
            self.totalizer(base, p, q, m, sink)?;
        } else {
            self.odd_even(base, p, q, m, sink)?;
        }
        self.wires.copy_within(base + p + q.., base);
        self.wires.truncate(base + m);
        Ok(m)
    }

    fn totalizer(&mut self, base: usize, p: usize, q: usize, m: usize, sink: &mut Sink<'_>) -> Result<(), LowerError> {
        let (inputs, outputs) = self.wires[base..].split_at(p + q);
        let (a, b) = inputs.split_at(p);
        for i in 0..=p.min(m) {
            for j in 0..=q.min(m - i) {
                if self.up && i + j > 0 {
                    let mut clause = arrayvec::ArrayVec::<i32, 3>::new();
                    clause.extend((i > 0).then(|| -a[i - 1]));
                    clause.extend((j > 0).then(|| -b[j - 1]));
                    clause.push(outputs[i + j - 1]);
                    sink.clause(&clause)?;
                }
                if self.down && i + j < m {
                    let mut clause = arrayvec::ArrayVec::<i32, 3>::new();
                    clause.extend(a.get(i).copied());
                    clause.extend(b.get(j).copied());
                    clause.push(-outputs[i + j]);
                    sink.clause(&clause)?;
                }
            }
        }
        Ok(())
    }

    fn odd_even(&mut self, base: usize, p: usize, q: usize, m: usize, sink: &mut Sink<'_>) -> Result<(), LowerError> {
        let top = base + p + q;
        let mut parts = [0; 2];
        for (first, part) in parts.iter_mut().enumerate() {
            let start = self.wires.len();
            sink.reserve(&mut self.wires, p + q)?;
            for (begin, end) in [(base, base + p), (base + p, top)] {
                for at in (begin + first..end).step_by(2) {
                    self.wires.push(self.wires[at]);
                }
            }
            let (p, q) = ((p + 1 - first) / 2, (q + 1 - first) / 2);
            *part = self.merge(start, p, q, m / 2 + 1 - first, sink)?;
        }
        // Odd places d, even places e: the outputs are d₁, then max and min of dᵢ₊₁ and eᵢ.
        let (d, e) = (top, top + parts[0]);
        sink.reserve(&mut self.wires, m)?;
        self.wires.push(self.wires[d]);
        let mut made = 1;
        for i in 0.. {
            if made == m {
                break;
            }
            let one = (i + 1 < parts[0]).then(|| self.wires[d + i + 1]);
            let other = (i < parts[1]).then(|| self.wires[e + i]);
            match (one, other) {
                (Some(one), Some(other)) => {
                    let max = sink.fresh()?;
                    self.wires.push(max);
                    made += 1;
                    let min = if made < m { Some(sink.fresh()?) } else { None };
                    self.wires.extend(min);
                    made += usize::from(min.is_some());
                    self.sort_two(one, other, max, min, sink)?;
                }
                (only, None) | (None, only) => {
                    self.wires.extend(only);
                    made += 1;
                }
            }
        }
        self.wires.copy_within(e + parts[1].., top);
        self.wires.truncate(top + m);
        Ok(())
    }

    fn sort_two(&self, a: i32, b: i32, max: i32, min: Option<i32>, sink: &mut Sink<'_>) -> Result<(), LowerError> {
        if self.up {
            sink.clause(&[-a, max])?;
            sink.clause(&[-b, max])?;
            min.map_or(Ok(()), |min| sink.clause(&[-a, -b, min]))?;
        }
        if self.down {
            sink.clause(&[-max, a, b])?;
            if let Some(min) = min {
                sink.clause(&[-min, a])?;
                sink.clause(&[-min, b])?;
            }
        }
        Ok(())
    }

    /// What the `bound`-th output of the sequences of `p` and `q` outputs at `base` says: each of its clauses up has
    /// `if_up` for the output, each one down `if_down` for its negation; where these are absent it is false, or true.
    /// Empties the stack down to `base`.
    #[allow(clippy::too_many_arguments)]
    pub fn reach(
        &mut self,
        base: usize,
        p: usize,
        q: usize,
        bound: usize,
        if_up: Option<i32>,
        if_down: Option<i32>,
        sink: &mut Sink<'_>,
    ) -> Result<(), LowerError> {
        let (a, b) = self.wires[base..].split_at(p);
        let mut clause = arrayvec::ArrayVec::<i32, 2>::new();
        if self.up {
            for i in bound.saturating_sub(q)..=p.min(bound) {
                clause.clear();
                clause.extend((i > 0).then(|| -a[i - 1]));
                clause.extend((i < bound).then(|| -b[bound - i - 1]));
                sink.clause_or(&clause, if_up)?;
            }
        }
        if self.down {
            for i in (bound - 1).saturating_sub(q)..=p.min(bound - 1) {
                clause.clear();
                clause.extend(a.get(i).copied());
                clause.extend(b.get(bound - 1 - i).copied());
                sink.clause_or(&clause, if_down)?;
            }
        }
        self.wires.truncate(base);
        Ok(())
    }
}

/// How many clauses a totalizer merge of `p` and `q` outputs takes for `m` of them: (i, j) with i ≤ p, j ≤ q, i + j ≤ m.
fn pairs(p: usize, q: usize, m: usize) -> usize {
    let (p, q) = (p.min(m), q.min(m));
    let beyond = (p + q).saturating_sub(m);
    ((p + 1) * (q + 1)).saturating_sub(beyond * (beyond + 1) / 2)
}
