//! One dimension of a space as a graph: sizes between layers, and the layers that lead from one to another on a way
//! from input to output; and a short code for its ways.
//!
//! The code of a way is read from its highest bit. From a node, as many bits are left as ways on from there need, and
//! each of its edges has a block of these codes: those that begin with the edge's word, with as many bits after it as
//! are needed then. Most blocks are larger than what is used of them. What is left over is given to other edges, as in
//! a buddy system (K. C. Knowlton, "A fast storage allocator", 1965), whose words then are longer; so at most about
//! every second code stands for nothing: 28 to 8 in five layers has 16142 ways, and codes of 15 bits.
//!
//! Nodes are counted by how many layers follow them: then spaces with different numbers of layers share them.

use num_bigint::BigUint;
use num_traits::{One as _, Zero as _};

use super::steps::{Run, runs};
use super::{ArchError, Space};
use crate::budget::Budget;

/// The most layers, of all heights and dimensions of a space, that are put into a formula.
pub(super) const MAX_EDGES: u64 = 1 << 18;

/// A layer between two sizes.
#[derive(Debug, Clone)]
pub(super) struct Edge {
    pub stride: u32,
    pub kernel: u32,
    pub output: u32,
    /// Its node, one below.
    pub to: usize,
    /// The code word, and how many bits are left after it.
    pub word: BigUint,
    pub left: u64,
}

/// A size with a number of layers to go.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub size: u32,
    pub edges: Vec<Edge>,
    /// Bits of code from here on.
    pub bits: u64,
    /// How many ways there are from here on.
    ways: BigUint,
    /// Codes that stand for nothing, the largest blocks first.
    pub free: Vec<Block>,
}

/// Codes from `start` on, 2 to the `length` of them; `start` is a multiple of that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub start: BigUint,
    pub length: u64,
}

/// Free blocks that a node remembers: those that are left over after so many are lost.
const MAX_FREE: usize = 1 << 10;

/// One dimension.
#[derive(Debug, Clone)]
pub(super) struct Chains {
    /// Nodes by the number of layers that follow.
    pub heights: Vec<Vec<Node>>,
    /// Where ways of so many layers begin, if there are any.
    pub starts: Vec<Option<usize>>,
}

impl Chains {
    /// The graph of a dimension. `edges` counts those of all dimensions.
    pub fn new(space: &Space, dimension: usize, edges: &mut u64, budget: &Budget) -> Result<Self, ArchError> {
        let d = space.description();
        let (input, output) = (d.input[dimension], d.output[dimension]);
        let (least, most) = d.layers;
        let too_large = || ArchError::TooLarge { what: "layers in a formula", most: MAX_EDGES };
        // Sizes that some layers lead to, and what can be done there.
        let mut known: Vec<Option<Vec<Run>>> = vec![None; input as usize + 1];
        let (mut front, mut held) = (vec![input], 0u64);
        for _ in 0..most {
            let mut next = Vec::new();
            for &size in &front {
                if known[size as usize].is_none() {
                    budget.check()?;
                    let runs = runs(space, dimension, size);
                    held += runs.len() as u64;
                    if held > 16 * MAX_EDGES {
                        return Err(too_large());
                    }
                    next.extend(runs.iter().map(|run| run.next));
                    known[size as usize] = Some(runs);
                }
            }
            next.sort_unstable();
            next.dedup();
            front = next;
        }
        // Sizes from which exactly so many layers lead to the output.
        let mut reach = vec![vec![false; input as usize + 1]];
        reach[0][output as usize] = true;
        for height in 0..most {
            budget.check()?;
            let to = |run: &Run| reach[height][run.next as usize];
            let more = known.iter().map(|runs| runs.as_ref().is_some_and(|runs| runs.iter().any(to))).collect();
            reach.push(more);
        }
        let mut chains = Chains { heights: vec![Vec::new(); most + 1], starts: vec![None; most + 1] };
        let mut sizes: Vec<u32> = Vec::new();
        for height in (0..=most).rev() {
            budget.check()?;
            if (least..=most).contains(&height) && reach[height][input as usize] {
                sizes.push(input);
            }
            sizes.sort_unstable();
            sizes.dedup();
            if (least..=most).contains(&height) {
                chains.starts[height] = sizes.iter().position(|&s| s == input && reach[height][input as usize]);
            }
            let mut below: Vec<u32> = Vec::new();
            for &size in &sizes {
                let mut node = Node { size, edges: Vec::new(), bits: 0, ways: BigUint::one(), free: Vec::new() };
                let on = known[size as usize].iter().flatten();
                for run in on.filter(|run| height > 0 && reach[height - 1][run.next as usize]) {
                    *edges += run.len();
                    if *edges > MAX_EDGES {
                        return Err(too_large());
                    }
                    below.push(run.next);
                    // The node below is not known yet: its size stands for it.
                    node.edges.extend((run.kernels.0..=run.kernels.1).map(|kernel| Edge {
                        stride: run.stride,
                        kernel,
                        output: run.output,
                        to: run.next as usize,
                        word: BigUint::zero(),
                        left: 0,
                    }));
                }
                chains.heights[height].push(node);
            }
            sizes = below;
        }
        chains.code(input, budget)?;
        Ok(chains)
    }

    /// Joins edges to nodes and gives them their words, from the output on.
    fn code(&mut self, input: u32, budget: &Budget) -> Result<(), ArchError> {
        let mut place = vec![0; input as usize + 1];
        for height in 1..self.heights.len() {
            for (index, node) in self.heights[height - 1].iter().enumerate() {
                place[node.size as usize] = index;
            }
            let (below, here) = self.heights.split_at_mut(height);
            let below = &below[height - 1];
            for node in &mut here[0] {
                budget.check()?;
                for edge in &mut node.edges {
                    edge.to = place[edge.to];
                    edge.left = below[edge.to].bits;
                }
                node.edges.sort_by_key(|edge| (std::cmp::Reverse(edge.left), edge.stride, edge.kernel));
                node.ways = node.edges.iter().map(|edge| &below[edge.to].ways).sum();
                node.bits = if node.ways.is_zero() { 0 } else { (&node.ways - 1u32).bits() };
                // A bit more is always enough where that was not: so it ends.
                while !node.allot(below) {
                    node.bits += 1;
                }
            }
        }
        Ok(())
    }

    /// How many bits codes have, for the longest.
    pub fn bits(&self) -> u64 {
        let of = |(height, start): (usize, &Option<usize>)| start.map(|start| self.heights[height][start].bits);
        self.starts.iter().enumerate().filter_map(of).max().unwrap_or(0)
    }

    /// Kernels and strides of the way of `layers` layers that has this code, if there is one.
    pub fn decode(&self, layers: usize, code: &BigUint) -> Option<Vec<(u32, u32)>> {
        let start = (*self.starts.get(layers)?)?;
        let mut way = Vec::with_capacity(layers);
        self.follow(layers, start, code.clone(), &mut way).then_some(way)
    }

    fn follow(&self, height: usize, node: usize, code: BigUint, way: &mut Vec<(u32, u32)>) -> bool {
        let node = &self.heights[height][node];
        if height == 0 || node.free.iter().any(|block| &code >> block.length == &block.start >> block.length) {
            return height == 0 && code.is_zero();
        }
        // Blocks lie within one another: what is left over of one is another's.
        node.edges.iter().filter(|edge| &code >> edge.left == edge.word).any(|edge| {
            way.push((edge.kernel, edge.stride));
            let found = self.follow(height - 1, edge.to, &code - (&edge.word << edge.left), way);
            if !found {
                way.pop();
            }
            found
        })
    }

    /// The largest value of something over all edges.
    pub fn largest(&self, of: impl Fn(&Edge) -> u64) -> u64 {
        self.heights.iter().flatten().flat_map(|node| &node.edges).map(of).max().unwrap_or(0)
    }
}

impl Node {
    /// Gives each edge a block, the largest first, of codes that have the node's bits; answers whether there were
    /// enough.
    fn allot(&mut self, below: &[Node]) -> bool {
        let mut free: Vec<Vec<BigUint>> = vec![Vec::new(); self.bits as usize + 1];
        free[self.bits as usize].push(BigUint::zero());
        for edge in &mut self.edges {
            let found = (edge.left..=self.bits).find(|&length| !free[length as usize].is_empty());
            let Some(found) = found else { return false };
            let Some(start) = free[found as usize].pop() else { return false };
            for length in edge.left..found {
                free[length as usize].push(&start + (BigUint::one() << length));
            }
            for block in &below[edge.to].free {
                free[block.length as usize].push(&start + &block.start);
            }
            edge.word = start >> edge.left;
        }
        let all = free.into_iter().enumerate().rev();
        let blocks = all.flat_map(|(length, starts)| starts.into_iter().map(move |start| (length as u64, start)));
        self.free = blocks.take(MAX_FREE).map(|(length, start)| Block { start, length }).collect();
        true
    }
}
