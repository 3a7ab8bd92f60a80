//! Whether a formula holds at a point: one pass over its nodes, children first. Nothing is rounded.

use super::formula::{Atom, Formula, Node};
use super::number::compare;
use crate::error::OutOfMemory;

impl Atom<'_> {
    /// Whether it holds where `value` tells the variables. The values are finite.
    pub fn holds(&self, value: impl Fn(u32) -> f64 + Copy) -> bool {
        let terms = self.coefficients.iter().zip(self.columns.iter().map(|&column| value(column)));
        self.comparison.holds(compare(terms, self.bound))
    }
}

impl Formula {
    /// Whether all assertions hold where `value` tells the variables.
    pub fn holds(&self, value: impl Fn(u32) -> f64 + Copy) -> Result<bool, OutOfMemory> {
        let mut known: Vec<bool> = Vec::new();
        let mut first = 0; // of the nodes of the assertion at hand
        for &root in self.assertions() {
            if let Node::Atom(atom) = self.node(root) {
                if !self.atom(atom).holds(value) {
                    return Ok(false);
                }
            } else {
                let count = (root - first) as usize + 1;
                known.clear();
                known.try_reserve(count).map_err(|_| OutOfMemory::Allocator { bytes: count as u64 })?;
                for node in first..=root {
                    let of = |node: &u32| known[(node - first) as usize];
                    let holds = match self.node(node) {
                        Node::True => true,
                        Node::False => false,
                        Node::Atom(atom) => self.atom(atom).holds(value),
                        Node::And(range) => self.children(range).iter().all(of),
                        Node::Or(range) => self.children(range).iter().any(of),
                        Node::Not(child) => !of(&child),
                        Node::Choose([condition, yes, no]) => of(if of(&condition) { &yes } else { &no }),
                    };
                    known.push(holds);
                }
                if known.last() != Some(&true) {
                    return Ok(false);
                }
            }
            first = root + 1;
        }
        Ok(true)
    }
}
