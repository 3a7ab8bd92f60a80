//! A space as a formula: its models, projected on the variables of [`Layout`], are its members, one each.
//!
//! Every dimension is a walk through the graph of `chains`: a variable a node and an edge, a clause that a node on the
//! way is left by one of its edges, and for each edge that its ends are on the way and which kernel and stride it
//! stands for. The bits of [`Layout`] determine the walk, and unit propagation finds it from them in the order of
//! layers.
//!
//! Beside that every walk has a code, some log₂ of the number of walks long. With the number of layers these codes
//! determine everything, so a random parity is best drawn over them alone ([`Encoding::support`]): bits of kernels and
//! strides are many more, and most of their values are no member, so that parities over them say little before nearly
//! all of them are known.
//!
//! Where members may have different numbers of layers, walks are aligned at the output, and their kernels and strides
//! are moved to the layers that they belong to by the number of layers.
//!
//! Cost: for each edge some 3 clauses and one a bit of its kernel, stride and code word; there are as many edges as
//! pairs of stride and output (with [`Division::Floor`](super::Division::Floor), of stride and kernel) that lie on a
//! way, for each size and layer: 970 for 28 to 8 in five layers, 216075 for 224 to 7. More than
//! [`TooLarge`](ArchError::TooLarge) says are refused.

use num_bigint::BigUint;

use super::chains::{Chains, Edge};
use super::gates::{Bit, Gates};
use super::{ArchError, Layer, Layout, Member, Space};
use crate::budget::Budget;
use crate::formula::Formula;

/// Nodes between two looks at the budget.
const LOOK: usize = 64;

/// Blocks of codes that a node refuses at once, the largest: others are found not to lead anywhere.
const MAX_REFUSED: usize = 32;

/// A space and its formula.
#[derive(Debug)]
pub struct Encoding {
    space: Space,
    layout: Layout,
    formula: Formula,
    dimensions: Vec<Dimension>,
    support: Vec<u32>,
}

#[derive(Debug)]
struct Dimension {
    chains: Chains,
    /// Variables of the code, the highest bit first.
    code: std::ops::Range<u32>,
}

/// What an encoding is made with.
#[derive(Debug)]
pub(super) struct Builder<'a> {
    pub space: &'a Space,
    pub layout: &'a Layout,
    pub gates: Gates<'a>,
    pub budget: &'a Budget,
    /// By number of layers: true where there are so many; `None` where there always are.
    lengths: Vec<Option<i32>>,
}

/// Where a layout has the bits of a layer's kernels, or of its strides.
type BitsOf = fn(&Layout, usize, usize) -> std::ops::Range<u32>;

/// A dimension while it is encoded: its graph, and the variables of its edges by height and node.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    pub chains: &'a Chains,
    pub edges: Vec<Vec<Vec<i32>>>,
}

impl Encoding {
    /// Encodes a space, within the budget's memory. The formula has the layout's variables first, which are its
    /// sampling set.
    pub fn new(space: &Space, budget: &Budget) -> Result<Self, ArchError> {
        let layout = Layout::new(space);
        let mut formula = Formula::new();
        formula.set_memory_limit(budget.memory());
        formula.ensure_vars(layout.len())?;
        let all: Vec<u32> = (1..=layout.len()).collect();
        formula.set_sampling_set(Some(&all))?;
        let mut edges = 0;
        let mut dimensions = Vec::with_capacity(space.dimensions());
        for dimension in 0..space.dimensions() {
            let chains = Chains::new(space, dimension, &mut edges, budget)?;
            let bits = chains.bits() as u32; // at most one for each doubling of ways: edges are counted
            let first = if bits == 0 { 1 } else { formula.new_vars(bits)? };
            dimensions.push(Dimension { chains, code: first..first + bits });
        }
        let (least, most) = space.description().layers;
        let mut builder =
            Builder { space, layout: &layout, gates: Gates { formula: &mut formula }, budget, lengths: Vec::new() };
        builder.lengths()?;
        let mut walks = Vec::with_capacity(dimensions.len());
        for (dimension, Dimension { chains, code }) in dimensions.iter().enumerate() {
            let walk = builder.walk(chains, code)?;
            let kernels = |layer| layout.kernel(layer, dimension).map(u32::cast_signed).collect::<Vec<i32>>();
            let strides = |layer| layout.stride(layer, dimension).map(u32::cast_signed).collect::<Vec<i32>>();
            let targets: Vec<Vec<i32>> = (0..most).map(kernels).collect();
            builder.align(&walk, &targets, |edge| edge.kernel.into())?;
            let targets: Vec<Vec<i32>> = (0..most).map(strides).collect();
            builder.align(&walk, &targets, |edge| edge.stride.into())?;
            walks.push(walk);
        }
        builder.tie()?;
        builder.measures(&walks)?;
        let free = (least..most).map(|layer| layout.active(layer));
        let support = free.chain(dimensions.iter().flat_map(|d| d.code.clone())).collect();
        Ok(Encoding { space: space.clone(), layout, formula, dimensions, support })
    }

    /// The space.
    #[must_use]
    pub fn space(&self) -> &Space {
        &self.space
    }

    /// Which variable is what.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The formula.
    #[must_use]
    pub fn formula(&self) -> &Formula {
        &self.formula
    }

    /// The formula, for constraints of a host's own over the layout's variables, and over fresh ones.
    pub fn formula_mut(&mut self) -> &mut Formula {
        &mut self.formula
    }

    /// Variables that determine a member, and so all others of the layout: those of layers that there need not be, and
    /// the codes of all dimensions. No two members agree on them.
    #[must_use]
    pub fn support(&self) -> &[u32] {
        &self.support
    }

    /// The member that a model of the formula is: positive values are true, variable `v` at `v - 1`. It is checked.
    pub fn member(&self, model: &[i8]) -> Result<Member, ArchError> {
        let member = self.layout.member(model)?;
        self.space.check(&member)?;
        Ok(member)
    }

    /// The member that values of [`Encoding::support`] stand for, in its order. It is checked.
    pub fn member_of_support(&self, values: &[bool]) -> Result<Member, ArchError> {
        if values.len() != self.support.len() {
            let why = format!("it has {} values, {} are needed", values.len(), self.support.len());
            return Err(ArchError::Model { why });
        }
        let (least, most) = self.space.description().layers;
        let (active, mut codes) = values.split_at(most - least);
        let layers = least + active.iter().take_while(|&&is| is).count();
        if active[layers - least..].contains(&true) {
            return Err(ArchError::Model { why: format!("there is a layer after layer {layers}, which there is not") });
        }
        let blank = Layer { kernel: Vec::new(), stride: Vec::new() };
        let mut member = Member { layers: vec![blank; layers] };
        for (index, dimension) in self.dimensions.iter().enumerate() {
            let (own, rest) = codes.split_at(dimension.code.len());
            codes = rest;
            let code = own.iter().fold(BigUint::ZERO, |code, &bit| (code << 1u32) + u32::from(bit));
            let Some(way) = dimension.chains.decode(layers, &code) else {
                return Err(ArchError::Model { why: format!("dimension {index}: the code {code} stands for nothing") });
            };
            for (layer, (kernel, stride)) in member.layers.iter_mut().zip(way) {
                layer.kernel.push(kernel);
                layer.stride.push(stride);
            }
        }
        self.space.check(&member)?;
        Ok(member)
    }
}

impl Builder<'_> {
    /// Which layers there are: those up to some number of them.
    fn lengths(&mut self) -> Result<(), ArchError> {
        let (least, most) = self.space.description().layers;
        let active = |layer: usize| self.layout.active(layer).cast_signed();
        for layer in 0..least {
            self.gates.clause(&[active(layer)])?;
        }
        for layer in least + 1..most {
            self.gates.clause(&[-active(layer), active(layer - 1)])?;
        }
        self.lengths = vec![None; most + 1];
        if least == most {
            return Ok(());
        }
        self.lengths[most] = Some(active(most - 1));
        self.lengths[least] = Some(-active(least));
        for length in least + 1..most {
            self.lengths[length] = self.gates.and(Some(active(length - 1)), Some(-active(length)))?;
        }
        Ok(())
    }

    /// Numbers of layers that there may be, each with its literal.
    pub fn each_length(&self) -> impl Iterator<Item = (usize, Option<i32>)> + use<> {
        let (least, most) = self.space.description().layers;
        (least..=most).zip(self.lengths[least..].to_vec())
    }

    /// True where there are at least so many layers.
    pub fn at_least(&self, layers: usize) -> i32 {
        self.layout.active(layers - 1).cast_signed()
    }

    /// The walk of one dimension, and its code.
    fn walk<'c>(&mut self, chains: &'c Chains, code: &std::ops::Range<u32>) -> Result<Walk<'c>, ArchError> {
        let place = |bit: u64| (code.end - 1 - bit as u32).cast_signed();
        let mut walk = Walk { chains, edges: Vec::with_capacity(chains.heights.len()) };
        let mut below: Vec<i32> = Vec::new();
        let mut clause = Vec::new();
        let mut entries: Vec<Vec<i32>> = Vec::new();
        for (height, nodes) in chains.heights.iter().enumerate() {
            let mut here = Vec::with_capacity(nodes.len());
            let mut edges = Vec::with_capacity(nodes.len());
            let mut into: Vec<Vec<i32>> = vec![Vec::new(); below.len()];
            for (index, node) in nodes.iter().enumerate() {
                if index % LOOK == 0 {
                    self.budget.check()?;
                }
                let at = self.gates.fresh()?;
                here.push(at);
                if height == 0 {
                    continue;
                }
                self.gates.clause(&[-at, self.at_least(height)])?;
                let first = self.gates.formula.new_vars(node.edges.len() as u32)?.cast_signed();
                let own: Vec<i32> = (first..).take(node.edges.len()).collect();
                clause.clear();
                clause.push(-at);
                clause.extend(&own);
                self.gates.clause(&clause)?;
                for (edge, &on) in node.edges.iter().zip(&own) {
                    self.gates.clause(&[-on, at])?;
                    self.gates.clause(&[-on, below[edge.to]])?;
                    into[edge.to].push(on);
                    for bit in edge.left..node.bits {
                        let literal = place(bit);
                        let is_set = edge.word.bit(bit - edge.left);
                        self.gates.clause(&[-on, if is_set { literal } else { -literal }])?;
                    }
                }
                // Codes that stand for nothing. That follows from what does, but not at once.
                for block in node.free.iter().take(MAX_REFUSED) {
                    clause.clear();
                    clause.push(-at);
                    let fixed = block.length..node.bits;
                    clause.extend(fixed.map(|bit| if block.start.bit(bit) { -place(bit) } else { place(bit) }));
                    self.gates.clause(&clause)?;
                }
                edges.push(own);
            }
            if height > 0 {
                entries.extend(into.into_iter().zip(&below).map(|(mut into, &node)| {
                    into.push(-node);
                    into
                }));
                // Beginnings come in later, with their heights.
                self.enter(chains, height - 1, &below, &mut entries)?;
            }
            walk.edges.push(edges);
            below = here;
        }
        let top = chains.heights.len() - 1;
        entries.extend(below.iter().map(|&node| vec![-node]));
        self.enter(chains, top, &below, &mut entries)?;
        // Codes of walks that are shorter than others.
        for (length, literal) in self.each_length() {
            let Some(start) = chains.starts[length] else {
                self.gates.clause(&literal.map_or(vec![], |literal| vec![-literal]))?;
                continue;
            };
            for bit in chains.heights[length][start].bits..code.len() as u64 {
                self.gates.clause(&literal.map_or(vec![-place(bit)], |literal| vec![-literal, -place(bit)]))?;
            }
        }
        Ok(walk)
    }

    /// Nodes of a height are on the way only where an edge leads to them, or the way begins there. `entries` has a
    /// clause for each of them.
    fn enter(
        &mut self,
        chains: &Chains,
        height: usize,
        nodes: &[i32],
        entries: &mut Vec<Vec<i32>>,
    ) -> Result<(), ArchError> {
        let mut begins_always = false;
        if let Some(start) = chains.starts[height] {
            let node = nodes[start];
            match self.lengths[height] {
                Some(literal) => {
                    self.gates.clause(&[-literal, node])?;
                    entries[start].push(literal);
                }
                None => {
                    begins_always = true;
                    self.gates.clause(&[node])?;
                }
            }
            for (index, clause) in entries.iter().enumerate() {
                if !(begins_always && index == start) {
                    self.gates.clause(clause)?;
                }
            }
        } else {
            for clause in entries.iter() {
                self.gates.clause(clause)?;
            }
        }
        entries.clear();
        Ok(())
    }

    /// Makes bits of each layer, the lowest first, the value of the edge that the walk takes there; all of them are
    /// false in layers that there are not.
    pub fn align(
        &mut self,
        walk: &Walk<'_>,
        layers: &[Vec<i32>],
        value: impl Fn(&Edge) -> u64,
    ) -> Result<(), ArchError> {
        let (least, most) = self.space.description().layers;
        let width = layers[0].len();
        // By height: where the walk's values are told.
        let mut told: Vec<Vec<i32>> = vec![Vec::new()];
        for height in 1..=most {
            if least == most {
                told.push(layers[most - height].clone());
                continue;
            }
            let first = self.gates.formula.new_vars(width as u32)?.cast_signed();
            told.push((first..).take(width).collect());
        }
        for (height, nodes) in walk.chains.heights.iter().enumerate().skip(1) {
            for (index, (node, edges)) in nodes.iter().zip(&walk.edges[height]).enumerate() {
                if index % LOOK == 0 {
                    self.budget.check()?;
                }
                for (edge, &on) in node.edges.iter().zip(edges) {
                    let value = value(edge);
                    for (bit, &target) in told[height].iter().enumerate() {
                        self.gates.clause(&[-on, if value >> bit & 1 == 1 { target } else { -target }])?;
                    }
                }
            }
        }
        if least == most {
            return Ok(());
        }
        for height in 1..=most {
            let there = self.at_least(height);
            for (&told, &first) in told[height].iter().zip(&layers[height - 1]) {
                self.gates.clause(&[there, -told])?;
                self.gates.clause(&[there, -first])?;
            }
        }
        for (length, literal) in self.each_length() {
            for layer in 0..length {
                for (&told, &target) in told[length - layer].iter().zip(&layers[layer]) {
                    self.gates.equal_if(literal, told, target)?;
                }
            }
        }
        Ok(())
    }

    /// Kernels or strides that are the same in all dimensions.
    fn tie(&mut self) -> Result<(), ArchError> {
        let d = self.space.description();
        let layout = self.layout;
        let ranges: [(bool, BitsOf); 2] = [(d.equal_kernels, Layout::kernel), (d.equal_strides, Layout::stride)];
        for (_, bits) in ranges.into_iter().filter(|(tied, _)| *tied) {
            for layer in 0..d.layers.1 {
                let first: Vec<Bit> = bits(layout, layer, 0).map(|v| Some(v.cast_signed())).collect();
                for dimension in 1..self.space.dimensions() {
                    let own: Vec<Bit> = bits(layout, layer, dimension).map(|v| Some(v.cast_signed())).collect();
                    for place in 0..own.len().max(first.len()) {
                        let at = |bits: &[Bit]| bits.get(place).copied().flatten();
                        match (at(&first), at(&own)) {
                            (Some(a), Some(b)) => self.gates.equal_if(None, a, b)?,
                            (a, b) => a.or(b).map_or(Ok(()), |bit| self.gates.clause(&[-bit]))?,
                        }
                    }
                }
            }
        }
        Ok(())
    }
}
