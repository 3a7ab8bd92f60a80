//! The space by dynamic programming over sizes: how many ways lead from a size to the output in so many layers.
//!
//! Dimensions that are not tied together are counted on their own and multiplied; where kernels or strides are to be
//! equal in all dimensions, the states are tuples of sizes. From the counts the member of any number is found directly,
//! which gives listing in a fixed order and exactly uniform draws. Cost: layers · sizes² additions of big integers for
//! a dimension.

use std::collections::HashMap;

use num_bigint::BigUint;
use num_traits::{ToPrimitive as _, Zero as _};

use super::steps::{Run, runs};
use super::{ArchError, Layer, Member, Space};
use crate::budget::Budget;
use crate::error::OutOfMemory;

/// The most combinations of sizes of dimensions that are tied together.
const MAX_STATES: usize = 1 << 20;

/// The counts of a space. Members are numbered by their layers, then by their first dimension (or all of them where
/// they are tied together) and so on; within that by the first layer's strides and kernels, then the second's.
#[derive(Debug)]
pub struct Programme {
    space: Space,
    parts: Vec<Part>,
    /// Members of each number of layers, from the fewest.
    by_layers: Vec<BigUint>,
    total: BigUint,
}

/// Dimensions that are tied together, or one.
#[derive(Debug)]
struct Part {
    dimensions: Vec<usize>,
    states: Vec<Vec<u32>>,
    index: HashMap<Vec<u32>, u32>,
    /// `ways[l][state]`: how many lists of `l` layers lead from there to the output.
    ways: Vec<Vec<BigUint>>,
}

/// One layer of a part: a run in each of its dimensions.
#[derive(Debug)]
struct Move {
    runs: Vec<Run>,
    /// How many choices of kernels there are.
    choices: u128,
    /// The state it leads to.
    next: u32,
}

/// Kernel and stride in each dimension of a part, a layer after another.
type Chain = Vec<Vec<(u32, u32)>>;

impl Programme {
    /// Counts a space. Refuses where parameters, multiply-adds or the receptive field are limited: then dimensions and
    /// layers are tied together by more than sizes.
    pub fn new(space: &Space, budget: &Budget) -> Result<Self, ArchError> {
        let d = space.description();
        let limits = [
            ("a limit of parameters", d.max_parameters.is_some()),
            ("a limit of multiply-adds", d.max_multiply_adds.is_some()),
            ("a range of the receptive field", d.receptive_field.is_some()),
        ];
        if let Some((what, _)) = limits.into_iter().find(|(_, limited)| *limited) {
            return Err(ArchError::Coupled { what });
        }
        let all: Vec<usize> = (0..space.dimensions()).collect();
        let groups = if space.is_tied() { vec![all] } else { all.into_iter().map(|i| vec![i]).collect() };
        let mut held = 0;
        let mut parts = Vec::with_capacity(groups.len());
        for dimensions in groups {
            parts.push(Part::new(space, dimensions, &mut held, budget)?);
        }
        let of = |l: usize| parts.iter().map(|part| &part.ways[l][0]).product::<BigUint>();
        let by_layers: Vec<BigUint> = (d.layers.0..=d.layers.1).map(of).collect();
        Ok(Programme { space: space.clone(), parts, total: by_layers.iter().sum(), by_layers })
    }

    /// The space.
    #[must_use]
    pub fn space(&self) -> &Space {
        &self.space
    }

    /// How many members there are.
    #[must_use]
    pub fn count(&self) -> &BigUint {
        &self.total
    }

    /// How many members have each number of layers, from the fewest to the most.
    #[must_use]
    pub fn count_by_layers(&self) -> &[BigUint] {
        &self.by_layers
    }

    /// Member number `index`, counted from 0.
    pub fn member(&self, index: &BigUint) -> Result<Member, ArchError> {
        let mut rest = index.clone();
        for (layers, count) in (self.space.description().layers.0..).zip(&self.by_layers) {
            if rest >= *count {
                rest -= count;
                continue;
            }
            let mut chains = Vec::with_capacity(self.parts.len());
            // The last part is the fastest.
            for part in self.parts.iter().rev() {
                let ways = &part.ways[layers][0];
                chains.push(part.chain(&self.space, layers, &rest % ways));
                rest /= ways;
            }
            chains.reverse();
            return Ok(self.assemble(&chains));
        }
        Err(ArchError::Index { index: index.to_string(), count: self.total.to_string() })
    }

    /// All members in the order of their numbers.
    #[must_use]
    pub fn members(&self) -> Members<'_> {
        let next = self.space.description().layers.0;
        Members { programme: self, next, walks: Vec::new(), chains: Vec::new() }
    }

    fn assemble(&self, chains: &[Chain]) -> Member {
        let blank = Layer { kernel: vec![0; self.space.dimensions()], stride: vec![0; self.space.dimensions()] };
        let mut layers = vec![blank; chains[0].len()];
        for (part, chain) in self.parts.iter().zip(chains) {
            for (layer, choice) in layers.iter_mut().zip(chain) {
                for (&dimension, &(kernel, stride)) in part.dimensions.iter().zip(choice) {
                    (layer.kernel[dimension], layer.stride[dimension]) = (kernel, stride);
                }
            }
        }
        Member { layers }
    }
}

impl Part {
    fn new(space: &Space, dimensions: Vec<usize>, held: &mut u64, budget: &Budget) -> Result<Self, ArchError> {
        let d = space.description();
        let layers = d.layers.1;
        let sizes = |of: &[u32]| dimensions.iter().map(|&i| of[i]).collect::<Vec<u32>>();
        let (start, goal) = (sizes(&d.input), sizes(&d.output));
        let (mut states, mut index) = (vec![start.clone()], HashMap::from([(start, 0u32)]));
        // Breadth first: what takes more layers than there are is never looked at.
        let mut edges: Vec<Vec<(u32, u128)>> = Vec::new();
        let (mut depth, mut end) = (0, 1);
        while edges.len() < states.len() {
            if edges.len() == end {
                (depth, end) = (depth + 1, states.len());
            }
            let mut out: Vec<(u32, u128)> = Vec::new();
            if depth < layers {
                let state = states[edges.len()].clone();
                visit(space, &dimensions, &state, budget, &mut |runs, choices| {
                    let sizes: Vec<u32> = runs.iter().map(|run| run.next).collect();
                    let next = match index.get(&sizes) {
                        Some(&known) => known,
                        None if states.len() == MAX_STATES => {
                            return Err(ArchError::TooLarge { what: "combinations of sizes", most: MAX_STATES as u64 });
                        }
                        None => {
                            states.push(sizes.clone());
                            index.insert(sizes, states.len() as u32 - 1);
                            states.len() as u32 - 1
                        }
                    };
                    out.push((next, choices));
                    Ok(())
                })?;
            }
            out.sort_unstable();
            out.dedup_by(|from, to| {
                let same = from.0 == to.0;
                if same {
                    to.1 += from.1;
                }
                same
            });
            out.shrink_to_fit();
            *held += (size_of::<(u32, u128)>() * out.len() + 64 * (layers + 1)) as u64;
            if *held > budget.memory() {
                return Err(OutOfMemory::Limit { bytes: *held, limit: budget.memory() }.into());
            }
            edges.push(out);
        }
        let mut none = vec![BigUint::zero(); states.len()];
        if let Some(&goal) = index.get(&goal) {
            none[goal as usize] = 1u32.into();
        }
        let mut ways = vec![none];
        for l in 0..layers {
            let mut more = Vec::with_capacity(states.len());
            for out in &edges {
                budget.check()?;
                let known = out.iter().filter(|(next, _)| !ways[l][*next as usize].is_zero());
                more.push(known.map(|&(next, n)| &ways[l][next as usize] * n).sum());
            }
            ways.push(more);
        }
        Ok(Part { dimensions, states, index, ways })
    }

    /// The layers from `state` after which `left` more can lead to the output, in their order.
    fn moves(&self, space: &Space, state: u32, left: usize) -> Vec<Move> {
        let mut moves = Vec::new();
        let sizes = &self.states[state as usize];
        let visited = visit(space, &self.dimensions, sizes, &Budget::unlimited(), &mut |runs, choices| {
            let sizes: Vec<u32> = runs.iter().map(|run| run.next).collect();
            if let Some(&next) = self.index.get(&sizes)
                && !self.ways[left][next as usize].is_zero()
            {
                moves.push(Move { runs: runs.to_vec(), choices, next });
            }
            Ok(())
        });
        debug_assert!(visited.is_ok(), "nothing in there fails");
        moves
    }

    /// Chain number `rest` of those from the input, which has so many.
    fn chain(&self, space: &Space, layers: usize, mut rest: BigUint) -> Chain {
        let mut state = 0;
        let mut chain = Vec::with_capacity(layers);
        for left in (0..layers).rev() {
            for step in self.moves(space, state, left) {
                let ways = &self.ways[left][step.next as usize];
                let here = ways * step.choices;
                if rest >= here {
                    rest -= here;
                    continue;
                }
                let choice = (&rest / ways).to_u128().unwrap_or(u128::MAX); // below `choices`
                rest %= ways;
                chain.push(step.choice(space, choice));
                state = step.next;
                break;
            }
        }
        debug_assert_eq!(chain.len(), layers);
        chain
    }
}

impl Move {
    /// Kernels and strides of choice number `choice`.
    fn choice(&self, space: &Space, mut choice: u128) -> Vec<(u32, u32)> {
        if space.description().equal_kernels {
            let least = shared(&self.runs).map_or(0, |(least, _)| least);
            return self.runs.iter().map(|run| (least + choice as u32, run.stride)).collect();
        }
        let mut all: Vec<(u32, u32)> = Vec::with_capacity(self.runs.len());
        for run in self.runs.iter().rev() {
            let len = u128::from(run.len());
            all.push((run.kernels.0 + (choice % len) as u32, run.stride));
            choice /= len;
        }
        all.reverse();
        all
    }
}

/// Kernels that are in all of these runs.
fn shared(runs: &[Run]) -> Option<(u32, u32)> {
    let least = runs.iter().map(|run| run.kernels.0).max()?;
    let most = runs.iter().map(|run| run.kernels.1).min()?;
    (least <= most).then_some((least, most))
}

/// Takes a layer: a run in each dimension, and how many choices of kernels these leave.
type Told<'a> = dyn FnMut(&[Run], u128) -> Result<(), ArchError> + 'a;

/// Tells every layer from sizes: a run in each dimension, and how many choices of kernels these leave.
fn visit(
    space: &Space,
    dimensions: &[usize],
    sizes: &[u32],
    budget: &Budget,
    each: &mut Told<'_>,
) -> Result<(), ArchError> {
    budget.check()?;
    let all: Vec<Vec<Run>> = dimensions.iter().zip(sizes).map(|(&i, &size)| runs(space, i, size)).collect();
    let d = space.description();
    // An odometer over dimensions that skips what does not agree with the dimensions before.
    let (mut at, mut chosen) = (vec![0; all.len()], Vec::<Run>::with_capacity(all.len()));
    let mut steps = 0u64;
    loop {
        steps += 1;
        if steps.is_multiple_of(1 << 12) {
            budget.check()?;
        }
        let depth = chosen.len();
        if depth == all.len() {
            // 4096^8 at most.
            let choices = match shared(&chosen) {
                Some((least, most)) if d.equal_kernels => u128::from(most - least + 1),
                _ => chosen.iter().map(|run| u128::from(run.len())).product(),
            };
            each(&chosen, choices)?;
            chosen.pop();
            continue;
        }
        let Some(&run) = all[depth].get(at[depth]) else {
            at[depth] = 0;
            if chosen.pop().is_none() {
                return Ok(());
            }
            continue;
        };
        at[depth] += 1;
        chosen.push(run);
        if d.equal_strides && run.stride != chosen[0].stride || d.equal_kernels && shared(&chosen).is_none() {
            chosen.pop();
        }
    }
}

/// Members one after the other. A step costs little; only what fits into memory many times over is held.
#[derive(Debug)]
pub struct Members<'a> {
    programme: &'a Programme,
    /// The number of layers to go on with.
    next: usize,
    /// One a part, while members of one number of layers are told.
    walks: Vec<Walk>,
    chains: Vec<Chain>,
}

/// Depth first through the chains of a part.
#[derive(Debug)]
struct Walk {
    layers: usize,
    frames: Vec<Frame>,
}

#[derive(Debug)]
struct Frame {
    moves: Vec<Move>,
    at: usize,
    choice: u128,
}

impl Walk {
    fn push(&mut self, part: &Part, space: &Space, state: u32) {
        let left = self.layers - self.frames.len() - 1;
        self.frames.push(Frame { moves: part.moves(space, state, left), at: 0, choice: 0 });
    }

    /// The next chain; after the last `None`, and then the first again. There is one.
    fn next(&mut self, part: &Part, space: &Space) -> Option<Chain> {
        if self.frames.is_empty() {
            self.push(part, space, 0);
        } else {
            loop {
                let frame = self.frames.last_mut()?;
                frame.choice += 1;
                if frame.choice < frame.moves[frame.at].choices {
                    break;
                }
                (frame.choice, frame.at) = (0, frame.at + 1);
                if frame.at < frame.moves.len() {
                    break;
                }
                self.frames.pop();
            }
        }
        while self.frames.len() < self.layers {
            let state = self.frames.last().map_or(0, |frame| frame.moves[frame.at].next);
            self.push(part, space, state);
        }
        Some(self.frames.iter().map(|frame| frame.moves[frame.at].choice(space, frame.choice)).collect())
    }
}

impl Iterator for Members<'_> {
    type Item = Member;

    fn next(&mut self) -> Option<Member> {
        let programme = self.programme;
        let (space, first) = (&programme.space, programme.space.description().layers.0);
        for i in (0..self.walks.len()).rev() {
            let part = &programme.parts[i];
            if let Some(chain) = self.walks[i].next(part, space) {
                self.chains[i] = chain;
                return Some(programme.assemble(&self.chains));
            }
            if i > 0 {
                self.chains[i] = self.walks[i].next(part, space)?; // the first again
            }
        }
        loop {
            let layers = self.next;
            if programme.by_layers.get(layers - first)?.is_zero() {
                self.next += 1;
                continue;
            }
            self.next += 1;
            self.walks = programme.parts.iter().map(|_| Walk { layers, frames: Vec::new() }).collect();
            let each = self.walks.iter_mut().zip(&programme.parts);
            self.chains = each.map(|(walk, part)| walk.next(part, space)).collect::<Option<_>>()?;
            return Some(programme.assemble(&self.chains));
        }
    }
}
