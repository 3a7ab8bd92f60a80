//! What counting found out, kept as a decision diagram with counts, and draws from it.
//!
//! A node is a component: one branch or two, each with its count, the counted variables that were assigned in it, those that are
//! free, and the nodes of the components it fell apart into. The models of a node are those of its branches, and of a branch the
//! product of what it consists of: a smooth deterministic decomposable form of the projection (A. Darwiche, "New Advances in
//! Compiling CNF to Decomposable Negation Normal Form", ECAI 2004). A draw goes down from the root, takes a branch with the
//! probability that its count has, and every child of it: exactly uniform, without any search.
//!
//! Source: D. Achlioptas, Z. S. Hammoudeh, P. Theodoropoulos, "Fast Sampling of Perfectly Uniform Satisfying Assignments",
//! SAT 2018 (SPUR), which draws while counting; here nodes are kept, so that there can be any number of draws.
//!
//! Cost: a draw visits as many nodes as components were met on the way down, at most one a counted variable.

use num_bigint::BigUint;

use super::engine::Engine;
use super::literal::Lit;
use super::number::Number;
use crate::error::OutOfMemory;
use crate::instances::rng::Rng;

/// No node: of a component without counted variables.
pub(super) const NO_NODE: u32 = u32::MAX;

#[derive(Debug)]
struct Branch {
    count: Number,
    /// Where its words begin: literals, free variables, children.
    literals: usize,
    free: usize,
    children: usize,
    end: usize,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    first: u32,
    branches: u32,
}

/// A component at work.
#[derive(Debug, Default)]
struct Open {
    /// Of the branch at hand.
    literals: Vec<u32>,
    free: Vec<u32>,
    children: Vec<u32>,
    /// Branches that are done and have models.
    done: Vec<Branch>,
    /// Nodes, branches and words there were when the branch at hand began.
    mark: [usize; 3],
}

/// Keeps nodes while counting goes on. It is told what the search does, frame by frame.
#[derive(Debug)]
pub(super) struct Recorder {
    nodes: Vec<Node>,
    branches: Vec<Branch>,
    words: Vec<u32>,
    open: Vec<Open>,
    /// Bytes of numbers that are no machine words.
    large: u64,
    limit: u64,
}

impl Recorder {
    pub fn new(limit: u64) -> Self {
        Recorder { nodes: Vec::new(), branches: Vec::new(), words: Vec::new(), open: Vec::new(), large: 0, limit }
    }

    pub fn bytes(&self) -> u64 {
        let fixed = self.nodes.len() * size_of::<Node>() + self.branches.len() * size_of::<Branch>();
        (fixed + 4 * self.words.len()) as u64 + self.large
    }

    fn mark(&self) -> [usize; 3] {
        [self.nodes.len(), self.branches.len(), self.words.len()]
    }

    /// A frame begins.
    pub fn open(&mut self) {
        let mark = self.mark();
        self.open.push(Open { mark, ..Open::default() });
    }

    /// The counted ones of these variables that are assigned now, and those that are free, in the branch at hand.
    pub fn assigned(&mut self, variables: &[u32], counted: &[bool], engine: &Engine, free: &[u32]) {
        let Some(open) = self.open.last_mut() else { return };
        for &variable in variables.iter().filter(|&&variable| counted[variable as usize]) {
            let positive = Lit::new(variable, true);
            match engine.value(positive) {
                0 => {}
                value => open.literals.push(if value > 0 { positive } else { !positive }.code()),
            }
        }
        open.free.extend_from_slice(free);
    }

    /// A part of the branch at hand.
    pub fn child(&mut self, node: u32) {
        if let Some(open) = self.open.last_mut()
            && node != NO_NODE
        {
            open.children.push(node);
        }
    }

    /// The branch at hand is done and has so many models; the next one begins, if there is one.
    pub fn end_branch(&mut self, count: &Number) -> Result<(), OutOfMemory> {
        let before = self.bytes();
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        let words = open.literals.len() + open.free.len() + open.children.len();
        let more = (4 * words + size_of::<Branch>() + size_of::<Node>()) as u64 + count.bytes();
        if before + more > self.limit {
            return Err(OutOfMemory::Limit { bytes: before + more, limit: self.limit });
        }
        let short = |_| OutOfMemory::Allocator { bytes: more };
        self.words.try_reserve(words).map_err(short)?;
        let literals = self.words.len();
        self.words.append(&mut open.literals);
        let free = self.words.len();
        self.words.append(&mut open.free);
        let children = self.words.len();
        self.words.append(&mut open.children);
        self.large += count.bytes();
        open.done.push(Branch { count: count.clone(), literals, free, children, end: self.words.len() });
        open.mark = [self.nodes.len(), self.branches.len(), self.words.len()];
        Ok(())
    }

    /// The last frame ends: its component becomes a node, and a part of the branch that it is in.
    pub fn close(&mut self) -> Result<u32, OutOfMemory> {
        let Some(mut open) = self.open.pop() else { return Ok(NO_NODE) };
        let node = self.nodes.len();
        if node >= NO_NODE as usize || self.branches.len() + 2 > u32::MAX as usize {
            return Err(OutOfMemory::Limit { bytes: self.bytes(), limit: self.bytes() });
        }
        let bytes = (size_of::<Node>() + 2 * size_of::<Branch>()) as u64;
        let short = |_| OutOfMemory::Allocator { bytes };
        self.nodes.try_reserve(1).map_err(short)?;
        self.branches.try_reserve(open.done.len()).map_err(short)?;
        self.nodes.push(Node { first: self.branches.len() as u32, branches: open.done.len() as u32 });
        self.branches.append(&mut open.done);
        self.child(node as u32);
        Ok(node as u32)
    }

    /// The branch at hand of frame `level` has no models, so the frames above are gone, and all that was found in it.
    pub fn refute(&mut self, level: usize) {
        for open in self.open.drain((level + 1).min(self.open.len())..) {
            self.large -= open.done.iter().map(|branch| branch.count.bytes()).sum::<u64>();
        }
        let Some(open) = self.open.last_mut() else { return };
        open.literals.clear();
        open.free.clear();
        open.children.clear();
        let [nodes, branches, words] = open.mark;
        self.large -= self.branches.drain(branches..).map(|branch| branch.count.bytes()).sum::<u64>();
        self.nodes.truncate(nodes);
        self.words.truncate(words);
    }

    /// What was kept, once the first frame's branch is done.
    pub fn finish(mut self) -> Result<Diagram, OutOfMemory> {
        let root = self.close()?;
        Ok(Diagram { nodes: self.nodes, branches: self.branches, words: self.words, root })
    }
}

/// A formula's projected models.
#[derive(Debug)]
pub(super) struct Diagram {
    nodes: Vec<Node>,
    branches: Vec<Branch>,
    words: Vec<u32>,
    root: u32,
}

impl Diagram {
    /// Draws a model: tells the values of all counted variables.
    pub fn draw(&self, rng: &mut Rng, mut set: impl FnMut(Lit)) {
        let mut stack = vec![self.root];
        while let Some(node) = stack.pop() {
            let Node { first, branches } = self.nodes[node as usize];
            let branches = &self.branches[first as usize..(first + branches) as usize];
            let branch = match branches {
                [] => continue,
                [only] => only,
                [first, second, ..] => {
                    if is_first(&first.count, &second.count, rng) {
                        first
                    } else {
                        second
                    }
                }
            };
            self.words[branch.literals..branch.free].iter().for_each(|&code| set(Lit::from_code(code)));
            self.words[branch.free..branch.children].iter().for_each(|&free| set(Lit::new(free, rng.bit())));
            stack.extend_from_slice(&self.words[branch.children..branch.end]);
        }
    }

    pub fn bytes(&self) -> u64 {
        let fixed = self.nodes.len() * size_of::<Node>() + self.branches.len() * size_of::<Branch>();
        (fixed + 4 * self.words.len()) as u64
    }
}

/// Whether it is the first branch, as likely as it is large.
fn is_first(first: &Number, second: &Number, rng: &mut Rng) -> bool {
    if let (Number::Small(a), Number::Small(b)) = (first, second)
        && let Some(total) = a.checked_add(*b)
    {
        return rng.below(total) < *a;
    }
    let first = first.to_big();
    below(&(&first + second.to_big()), rng) < first
}

/// Uniform below `bound`, which is not 0.
fn below(bound: &BigUint, rng: &mut Rng) -> BigUint {
    let bits = bound.bits();
    let words = bits.div_ceil(64);
    loop {
        let mut digits: Vec<u32> = Vec::new();
        for word in 0..words {
            let mut random = rng.next();
            if word + 1 == words && !bits.is_multiple_of(64) {
                random >>= 64 - bits % 64;
            }
            digits.extend([random as u32, (random >> 32) as u32]);
        }
        let number = BigUint::new(digits);
        if number < *bound {
            return number;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_drawn_evenly() {
        let mut rng = Rng::new(3);
        // Three quarters of 2^128, in thirds.
        let third: BigUint = BigUint::from(1u32) << 126;
        let bound = &third * 3u32;
        let mut seen = [0u32; 3];
        for _ in 0..30_000 {
            let number = below(&bound, &mut rng);
            let place = (0..3u32).filter(|&n| number >= &third * n).count() - 1;
            seen[place] += 1;
        }
        // Standard deviation 82; five of them.
        assert!(seen.iter().all(|n| n.abs_diff(10_000) < 410), "{seen:?}");
        let (one, three) = (Number::from(third.clone()), Number::from(bound));
        let first = (0..40_000).filter(|_| is_first(&one, &three, &mut rng)).count();
        // Standard deviation 87.
        assert!(first.abs_diff(10_000) < 435, "{first}");
        assert_eq!(below(&BigUint::from(1u32), &mut rng), BigUint::from(0u32));
    }
}
