//! A run that is not finished, written down: another process goes on from there.
//!
//! What is kept: how many disjuncts were taken (they come in the same order, so that their number says which), which of their
//! parts are open or cannot be split any more (boxes, splits of neurons, bounds of neurons that took long to find), the
//! statistics, a witness. Other bounds of neurons, multipliers and lemmas are not: they are found again.
//!
//! The format, version 3, numbers little-endian: 16 bytes `anser frontier\n\0`; `u32` version; `u64` fingerprint of network and
//! property; `u32` inputs, `u32` outputs, `u32` neurons; `u64` disjuncts taken; `u32` flags (1: something was given up; 2:
//! there is a witness; 4: the disjuncts that come next were attacked; 8: their box has the better bounds); `u64`
//! counters bounded, boxes, closed, lemmas, excluded, depth, evaluations, gradients, replays, work, pause; `f64` covered, seconds of
//! attacks and of splitting; the witness's input as `f32`; `u64` sets of bounds of all neurons, each `f64` lower and upper in turn; `u64`
//! parts that are open, `u64` that are stuck; each part: `u32` disjunct, `u32` depth, `f64` bound, `u8` whether it is split as a box; if not,
//! `u32` the number of its set, from 1, or 0 where it has none, `f64` two misses and `u32` times of its pace; `u8` whether its
//! box is the whole one, else the bounds of all inputs, `f64` lower and upper in turn; `u32` splits, each neuron times 2 plus
//! whether it is at least 0; `u32` weights, each `f64`. At the end a `u64`: FNV-1a of all bytes before.
//!
//! All of it is checked when it is read: sizes, the fingerprint, the sum; that boxes lie in their disjuncts' boxes and neurons
//! can be split. What cannot be checked is that closed parts were closed rightly: a frontier is to be trusted as much as who
//! wrote it.

use std::collections::HashMap;
use std::sync::Arc;

use super::branch::{Ends, Node, Pace, Target};
use super::run::Run;
use super::supply::Order;
use super::{Options, Problem, VerifyError};
use crate::bounds::{Graph, Root, Split};
use crate::budget::Budget;
use crate::files::record::{Reader, RecordError, START, Writer, sum};
use crate::net::eval::meter::Meter;
use crate::net::{onnx, vnnlib};

const MAGIC: &[u8; 16] = b"anser frontier\n\0";
const VERSION: u32 = 3;

/// Why a frontier was not read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrontierError {
    /// Something else altogether.
    #[error("no frontier: it does not begin as one")]
    Magic,
    /// A version that this library does not know.
    #[error("a frontier of version {0}; this library reads version {VERSION}")]
    Version(u32),
    /// Bytes are missing or changed.
    #[error("the frontier is damaged: its sum is wrong, or bytes are missing")]
    Damaged,
    /// It is of another network or property.
    #[error("the frontier is of another network or property")]
    Other,
    /// It says what cannot be.
    #[error("the frontier is wrong at byte {offset}: {what}")]
    Wrong {
        /// Where.
        offset: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// Only a single procedure writes one and goes on from it.
    #[error("a portfolio has no frontier: name one procedure")]
    Portfolio,
    /// Network or property cannot be written, so there is no fingerprint of them.
    #[error("no fingerprint: {0}")]
    Fingerprint(String),
}

impl From<RecordError> for FrontierError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Magic => FrontierError::Magic,
            RecordError::Version(version) => FrontierError::Version(version),
            RecordError::Damaged => FrontierError::Damaged,
            RecordError::Wrong { offset, what } => FrontierError::Wrong { offset, what },
        }
    }
}

impl From<RecordError> for VerifyError {
    fn from(error: RecordError) -> Self {
        FrontierError::from(error).into()
    }
}

fn fingerprint(problem: &Problem, budget: &Budget) -> Result<u64, VerifyError> {
    let failed = |why: String| VerifyError::Frontier(FrontierError::Fingerprint(why));
    let network = onnx::to_bytes(problem.network(), budget).map_err(|error| failed(error.to_string()))?;
    let property = vnnlib::to_string(problem.property(), budget).map_err(|error| failed(error.to_string()))?;
    budget.check()?;
    Ok(sum(property.as_bytes(), sum(&network, START)))
}

impl Run {
    /// As [`Verifier::export`](super::Verifier::export).
    pub fn export(&self, budget: &Budget) -> Result<Vec<u8>, VerifyError> {
        let mut out = Writer::new(MAGIC, VERSION);
        out.u64(fingerprint(&self.problem, budget)?);
        for size in [self.problem.num_inputs(), self.problem.num_outputs(), self.graph.total] {
            out.u32(size as u32);
        }
        out.u64(self.targets.len() as u64);
        let (attacked, refined) = self.begun();
        let flags = [self.incomplete, self.witness.is_some(), attacked, refined];
        out.u32(flags.iter().rev().fold(0, |bits, &flag| bits << 1 | u32::from(flag)));
        let s = self.statistics();
        for counter in [
            s.bounded,
            s.boxes,
            s.closed,
            s.lemmas,
            s.excluded,
            s.depth,
            s.evaluations,
            s.gradients,
            s.replays,
            s.work,
            self.pause,
        ] {
            out.u64(counter);
        }
        for number in [s.covered, s.attack_seconds, s.split_seconds] {
            out.f64(number);
        }
        if let Some(witness) = &self.witness {
            witness.input.iter().for_each(|v| out.0.extend_from_slice(&v.to_le_bytes()));
        }
        let nodes = || self.open.iter().chain(&self.stuck);
        let (mut numbers, mut sets) = (HashMap::new(), Vec::new());
        for node in nodes().filter(|node| !node.boxed) {
            budget.check()?;
            let root = self.targets[node.target as usize].as_ref().map(|target| &target.root);
            let is_own = |root: &Arc<Root>| root.least == node.neurons.lower && root.greatest == node.neurons.upper;
            numbers.entry(Arc::as_ptr(&node.neurons)).or_insert_with(|| {
                if root.is_some_and(is_own) {
                    return 0;
                }
                sets.push(&node.neurons);
                sets.len() as u32
            });
        }
        out.u64(sets.len() as u64);
        for set in sets {
            budget.check()?;
            out.ends(set);
        }
        out.u64(self.open.len() as u64);
        out.u64(self.stuck.len() as u64);
        for node in nodes() {
            budget.check()?;
            let set = numbers.get(&Arc::as_ptr(&node.neurons)).copied().unwrap_or(0);
            out.node(node, set, self.targets[node.target as usize].as_deref());
        }
        Ok(out.finish())
    }

    /// As [`Verifier::import`](super::Verifier::import).
    pub fn import(problem: Problem, options: &Options, bytes: &[u8], budget: &Budget) -> Result<Self, VerifyError> {
        let mut read = Reader::open(bytes, MAGIC, VERSION)?;
        if read.u64()? != fingerprint(&problem, budget)? {
            return Err(FrontierError::Other.into());
        }
        let graph = Arc::new(Graph::new(problem.network(), budget)?);
        let mut verifier = Run::new(problem, graph, options, &Order::default())?;
        let (n, total) = (verifier.problem.num_inputs(), verifier.graph.total);
        for size in [n, verifier.problem.num_outputs(), total] {
            if read.u32()? as usize != size {
                return Err(FrontierError::Other.into());
            }
        }
        let taken = read.u64()?;
        if taken > u64::from(u32::MAX) {
            return Err(read.wrong("too many disjuncts").into());
        }
        let flags = read.u32()?;
        if flags > 15 {
            return Err(read.wrong("unknown flags").into());
        }
        verifier.incomplete = flags & 1 != 0;
        verifier.set_begun((flags & 4 != 0, flags & 8 != 0));
        let s = &mut verifier.statistics;
        s.disjuncts = taken;
        for counter in [
            &mut s.bounded,
            &mut s.boxes,
            &mut s.closed,
            &mut s.lemmas,
            &mut s.excluded,
            &mut s.depth,
            &mut s.evaluations,
            &mut s.gradients,
            &mut s.replays,
            &mut s.work,
            &mut verifier.pause,
        ] {
            *counter = read.u64()?;
            if *counter > 1 << 62 {
                return Err(read.wrong("a counter that large").into());
            }
        }
        for number in [&mut s.covered, &mut s.attack_seconds, &mut s.split_seconds] {
            *number = read.f64()?;
            if !(number.is_finite() && *number >= 0.0) {
                return Err(read.wrong("a sum that is negative or no number").into());
            }
        }
        let mut witness = Vec::new();
        if flags & 2 != 0 {
            witness =
                read.take(n.saturating_mul(4))?.as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b)).collect();
        }
        let count = read.u64()?;
        if count > (read.left() / (16 * total).max(1)) as u64 {
            return Err(read.wrong("more bounds of neurons than bytes").into());
        }
        let sets = (0..count).map(|_| Ok(Arc::new(read.ends(total)?))).collect::<Result<Vec<_>, VerifyError>>()?;
        let (open, stuck) = (read.u64()?, read.u64()?);
        // The least that a part takes.
        if open.checked_add(stuck).is_none_or(|all| all > (read.left() / 26) as u64) {
            return Err(read.wrong("more parts than bytes").into());
        }
        let mut parts: Vec<Part> = Vec::new();
        for _ in 0..open + stuck {
            parts.push(read.part(n, taken, &sets)?);
        }
        read.end()?;
        verifier.restore(taken, &parts, open as usize, budget)?;
        if !witness.is_empty() {
            verifier.witness = verifier.problem.replay(&witness, budget)?;
        }
        Ok(verifier)
    }

    /// Takes so many disjuncts again, and opens these parts of them.
    fn restore(&mut self, taken: u64, parts: &[Part], open: usize, budget: &Budget) -> Result<(), VerifyError> {
        let mut needed: Vec<u32> = parts.iter().map(|part| part.target).collect();
        needed.sort_unstable();
        needed.dedup();
        let mut root: Option<Arc<Root>> = None;
        for number in 0..taken {
            let Some(disjunct) = self.skip(budget)? else {
                return Err(FrontierError::Wrong { offset: 0, what: "more disjuncts than the property has" }.into());
            };
            if needed.binary_search(&(number as u32)).is_err() {
                self.targets.push(None);
                continue;
            }
            let fits = |root: &&Arc<Root>| root.lower == disjunct.lower && root.upper == disjunct.upper;
            let root = match root.as_ref().filter(fits) {
                Some(root) => Arc::clone(root),
                None => {
                    let mut meter = Meter::new(budget);
                    let mut new = Root::new(&self.graph, &disjunct.lower, &disjunct.upper, true, &mut meter)?;
                    if self.options.splits_neurons(&disjunct.lower, &disjunct.upper) {
                        new.refine(&self.graph, &self.options.refine, &mut meter)?;
                    }
                    Arc::clone(root.insert(Arc::new(new)))
                }
            };
            self.targets.push(Some(Arc::new(Target::new(disjunct, root)?)));
            self.live.push(number as u32);
        }
        let mut whole: Option<(u32, Arc<Ends>, Arc<Ends>)> = None;
        for (index, part) in parts.iter().enumerate() {
            let Some(target) = self.targets[part.target as usize].as_deref() else { continue };
            let wrong = |what| VerifyError::from(FrontierError::Wrong { offset: part.offset, what });
            if !matches!(&whole, Some((number, ..)) if *number == part.target) {
                let (lower, upper) = target.ends.clone();
                let neurons = Ends { lower: target.root.least.clone(), upper: target.root.greatest.clone() };
                whole = Some((part.target, Arc::new(Ends { lower, upper }), Arc::new(neurons)));
            }
            let Some((_, box_, neurons)) = &whole else { continue };
            let inputs = match &part.inputs {
                None => Arc::clone(box_),
                Some(ends) => {
                    let within = |i: usize| {
                        let (l, u) = (ends.lower[i], ends.upper[i]);
                        box_.lower[i] <= l && l <= u && u <= box_.upper[i]
                    };
                    if !(0..ends.lower.len()).all(within) {
                        return Err(wrong("a box that is not in its disjunct's"));
                    }
                    Arc::clone(ends)
                }
            };
            let splittable = |split: &Split| {
                let set = self.graph.set_of(split.neuron as usize);
                set.is_some_and(|set| set.splittable || set.signed)
            };
            if !part.splits.iter().all(splittable) {
                return Err(wrong("a split of what cannot be split"));
            }
            if !part.boxed && target.rows() == 0 {
                return Err(wrong("splits of neurons where there is no halfspace"));
            }
            if !part.weights.is_empty() && part.weights.len() != target.rows() {
                return Err(wrong("another number of weights than of halfspaces"));
            }
            let node = Node {
                target: part.target,
                depth: part.depth,
                bound: part.bound,
                inputs,
                neurons: Arc::clone(part.neurons.as_ref().unwrap_or(neurons)),
                splits: part.splits.clone().into(),
                chosen: part.splits.clone().into(),
                levels: Arc::default(),
                boxed: part.boxed,
                pace: part.pace,
                warm: None,
                weights: part.weights.clone().into(),
            };
            if index < open { self.open.push(node) } else { self.stuck.push(node) }
        }
        Ok(())
    }
}

/// A part as it was read.
struct Part {
    offset: usize,
    target: u32,
    depth: u32,
    bound: f64,
    boxed: bool,
    neurons: Option<Arc<Ends>>,
    pace: Pace,
    inputs: Option<Arc<Ends>>,
    splits: Vec<Split>,
    weights: Vec<f64>,
}

/// What a frontier writes beyond numbers.
impl Writer {
    fn ends(&mut self, ends: &Ends) {
        for (&lower, &upper) in ends.lower.iter().zip(&ends.upper) {
            self.f64(lower);
            self.f64(upper);
        }
    }

    fn node(&mut self, node: &Node, set: u32, target: Option<&Target>) {
        self.u32(node.target);
        self.u32(node.depth);
        self.f64(node.bound);
        let whole =
            target.is_some_and(|target| node.inputs.lower == target.ends.0 && node.inputs.upper == target.ends.1);
        self.0.push(u8::from(node.boxed));
        if !node.boxed {
            self.u32(set);
            self.f64(node.pace.missed);
            self.f64(node.pace.range);
            self.u32(node.pace.times);
        }
        self.0.push(u8::from(whole));
        if !whole {
            self.ends(&node.inputs);
        }
        self.u32(node.splits.len() as u32);
        for split in &*node.splits {
            self.u32(split.neuron << 1 | u32::from(split.positive));
        }
        // They are a start only.
        let weights = if node.weights.iter().all(|w| (0.0..=1.0).contains(w)) { &node.weights[..] } else { &[] };
        self.u32(weights.len() as u32);
        weights.iter().for_each(|&weight| self.f64(weight));
    }
}

/// What a frontier reads beyond numbers.
impl Reader<'_> {
    /// Ends of so many intervals.
    fn ends(&mut self, count: usize) -> Result<Ends, VerifyError> {
        if self.left() / 16 < count {
            return Err(RecordError::Damaged.into());
        }
        let mut ends = Ends::default();
        for _ in 0..count {
            let (lower, upper) = (self.f64()?, self.f64()?);
            if lower.is_nan() || upper.is_nan() {
                return Err(self.wrong("an end of an interval that is no number").into());
            }
            ends.lower.push(lower);
            ends.upper.push(upper);
        }
        Ok(ends)
    }

    fn part(&mut self, inputs: usize, taken: u64, sets: &[Arc<Ends>]) -> Result<Part, VerifyError> {
        let offset = self.at();
        let (target, depth) = (self.u32()?, self.u32()?);
        if u64::from(target) >= taken {
            return Err(self.wrong("a disjunct that was not taken").into());
        }
        if depth > 1 << 30 {
            return Err(self.wrong("a depth that large").into());
        }
        let bound = self.f64()?;
        if bound.is_nan() {
            return Err(self.wrong("a bound that is no number").into());
        }
        let boxed = self.flag()?;
        let (mut neurons, mut pace) = (None, Pace::default());
        if !boxed {
            let set = self.u32()? as usize;
            if set > sets.len() {
                return Err(self.wrong("bounds of neurons that are not there").into());
            }
            neurons = set.checked_sub(1).map(|set| Arc::clone(&sets[set]));
            pace = Pace { missed: self.f64()?, range: self.f64()?, times: self.u32()? };
            if !(pace.missed >= 0.0 && pace.range >= 0.0 && pace.times <= 1 << 20) {
                return Err(self.wrong("a pace that cannot be").into());
            }
        }
        let inputs = if self.flag()? { None } else { Some(Arc::new(self.ends(inputs)?)) };
        let mut splits = Vec::new();
        for _ in 0..self.count(4)? {
            let split = self.u32()?;
            splits.push(Split { neuron: split >> 1, positive: split & 1 == 1 });
        }
        let mut weights = Vec::new();
        for _ in 0..self.count(8)? {
            let weight = self.f64()?;
            // Halfspaces may be added with these weights only.
            if !(0.0..=1.0).contains(&weight) {
                return Err(self.wrong("a weight that is not between 0 and 1").into());
            }
            weights.push(weight);
        }
        Ok(Part { offset, target, depth, bound, boxed, neurons, pace, inputs, splits, weights })
    }
}
