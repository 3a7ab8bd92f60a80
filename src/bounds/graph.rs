//! A network as the bounding kernel sees it: steps that are linear, steps that are not, and the numbers between.
//!
//! Steps are those that evaluation lowers a network to. The elements of operands of steps that are not linear are the
//! *neurons*: bounds are kept for them and for nothing else. What an operator without linear relaxation answers (softmax, a
//! product of two matrices that both depend on the input) is kept as well, and cut: going backward, its interval is put in.

use std::sync::OnceLock;

use super::absolute::absolute;
use super::relax::Function;
use super::{BoundsError, meter};
use crate::budget::Budget;
use crate::error::OutOfMemory;
use crate::net::eval::elementwise::{Binary, Unary};
use crate::net::eval::forward::Workspace;
use crate::net::eval::kernel::Isa;
use crate::net::eval::layout::Layout;
use crate::net::eval::meter::Meter;
use crate::net::eval::plan::{Kind, Place, Plan, Step};
use crate::net::eval::pool;
use crate::net::eval::real::with_capacity;
use crate::net::{Network, TensorId};

/// What is to be done with a step.
#[derive(Debug)]
pub(crate) enum Role {
    /// `y = L x + c`.
    Linear {
        /// `c`, where it is not all zeros.
        bias: Option<Vec<f64>>,
        /// The most products that add up to one coefficient when going backward, and to one element going forward.
        terms: usize,
        /// At least the rounding of `c` itself over the unit roundoff; where weights are folded.
        magnitude: Option<Vec<f64>>,
    },
    /// The same function of every element.
    Function(Function),
    /// A rectifier of its own slope for every element.
    Rectifiers(Vec<f64>),
    /// The product or the quotient of two operands, element by element.
    Product,
    /// The largest in each window.
    Max,
    /// Nothing but an interval is known of it.
    Cut,
}

/// A set of neurons: all elements of a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Neurons {
    /// The tensor, as the network counts them. Reshaped tensors are the same; the first one is named.
    pub tensor: TensorId,
    /// The first neuron's number.
    pub first: usize,
    /// How many there are.
    pub count: usize,
    /// Whether a split at 0 makes the operator linear: they are operands of ReLU or the like.
    pub splittable: bool,
    /// Whether they are operands of signs alone, which are constants below, at and above 0.
    pub(crate) signed: bool,
    pub(crate) root: usize,
}

impl Neurons {
    /// Whether an interval says all that counts of such a neuron: on which side of 0 it is.
    pub(crate) fn is_decided(&self, l: f64, u: f64) -> bool {
        self.splittable && (l >= 0.0 || u <= 0.0) || self.signed && (l > 0.0 || u < 0.0)
    }
}

/// The lowered network.
#[derive(Debug)]
pub(crate) struct Graph {
    pub plan: Plan<f64>,
    pub absolute: Plan<f64>,
    /// Every root has a buffer of its own.
    pub layout: Layout,
    pub roles: Vec<Role>,
    pub neurons: Vec<Neurons>,
    /// Number of the first neuron of each root; `None` where no bounds are kept.
    pub first: Vec<Option<usize>>,
    /// How many neurons there are.
    pub total: usize,
    /// Where the lines of each step that is a function begin.
    pub slots: Vec<Option<usize>>,
    /// How many lines there are.
    pub lines: usize,
    /// Root and offset of each input tensor.
    pub inputs: Vec<(usize, usize)>,
    pub input_len: usize,
    pub output_len: usize,
    /// What the network was, to lower it once more in single precision when that is asked for.
    network: Network,
    narrow: OnceLock<Narrow>,
}

/// The steps once more, in single precision.
#[derive(Debug)]
pub(super) struct Narrow {
    pub plan: Plan<f32>,
    /// What each linear step adds, where it is not all zeros.
    pub biases: Vec<Option<Vec<f32>>>,
}

impl Graph {
    pub(crate) fn new(network: &Network, budget: &Budget) -> Result<Self, BoundsError> {
        let isa = Isa::fastest();
        let plan = Plan::<f64>::new(network, isa)?;
        let absolute = Plan::<f64>::new(&absolute(network)?, isa)?;
        let layout = Layout::new(&plan, 0..plan.lengths.len(), true);
        let mut graph = Graph {
            roles: Vec::new(),
            neurons: Vec::new(),
            first: vec![None; plan.lengths.len()],
            total: 0,
            slots: Vec::new(),
            lines: 0,
            inputs: Vec::new(),
            input_len: network.input_len(),
            output_len: network.output_len(),
            plan,
            absolute,
            layout,
            network: network.clone(),
            narrow: OnceLock::new(),
        };
        let mut offset = 0;
        for &tensor in network.inputs() {
            if let Some(root) = graph.plan.root_of(tensor) {
                graph.inputs.push((root, offset));
            }
            offset += network.tensor(tensor).len();
        }
        let mut meter = meter(budget);
        let mut workspace = Workspace::default();
        for buffer in &graph.layout.sizes {
            let mut zeros = Vec::new();
            meter.grow(&mut zeros, *buffer)?;
            workspace.buffers.push(zeros);
        }
        for index in 0..graph.plan.steps.len() {
            let role = graph.role(index, &mut workspace, &mut meter)?;
            let is_function = matches!(role, Role::Function(_) | Role::Rectifiers(_));
            graph.slots.push(is_function.then_some(graph.lines));
            if is_function {
                graph.lines += graph.plan.lengths[graph.plan.steps[index].output];
            }
            graph.roles.push(role);
        }
        graph.find_neurons(network);
        meter.finish()?;
        Ok(graph)
    }

    pub(super) fn narrow(&self) -> Result<&Narrow, OutOfMemory> {
        if let Some(narrow) = self.narrow.get() {
            return Ok(narrow);
        }
        let plan = Plan::<f32>::new(&self.network, self.plan.isa)?;
        let mut biases = Vec::with_capacity(self.roles.len());
        for role in &self.roles {
            let Role::Linear { bias: Some(bias), .. } = role else {
                biases.push(None);
                continue;
            };
            let mut narrow = with_capacity(bias.len())?;
            narrow.extend(bias.iter().map(|&bias| bias as f32));
            biases.push(Some(narrow));
        }
        Ok(self.narrow.get_or_init(|| Narrow { plan, biases }))
    }

    fn role(&self, index: usize, workspace: &mut Workspace<f64>, meter: &mut Meter<'_>) -> Result<Role, BoundsError> {
        let step = &self.plan.steps[index];
        let known = |i: usize| matches!(step.operands.get(i), Some(Place::Constant(_)));
        Ok(match &step.kind {
            Kind::Unary(Unary::Relu) => Role::Function(Function::Rectifier(0.0)),
            Kind::Unary(Unary::LeakyRelu(alpha)) => Role::Function(Function::Rectifier(*alpha)),
            Kind::Unary(Unary::Abs) => Role::Function(Function::Rectifier(-1.0)),
            Kind::Unary(Unary::Sign) => Role::Function(Function::Sign),
            Kind::Unary(Unary::Sigmoid) => Role::Function(Function::Sigmoid),
            Kind::Unary(Unary::Tanh) => Role::Function(Function::Tanh),
            Kind::Unary(Unary::Clip(min, max)) => Role::Function(Function::Clip(*min, *max)),
            Kind::Binary(Binary::PRelu, _, spread) => {
                let Some(&Place::Constant(slopes)) = step.operands.get(1) else { return Ok(Role::Cut) };
                let slopes = self.plan.values[slopes].as_ref().map_or(&[][..], |slopes| slopes.values());
                let mut all = vec![0.0; self.plan.lengths[step.output]];
                let mut buffer = [0.0; crate::net::eval::spread::BLOCK];
                for (block, all) in all.chunks_mut(buffer.len()).enumerate() {
                    let start = block * crate::net::eval::spread::BLOCK;
                    let count = all.len();
                    all.copy_from_slice(spread.fetch(slopes, start, &mut buffer[..count]));
                }
                Role::Rectifiers(all)
            }
            Kind::Binary(Binary::Mul | Binary::Div, ..) if !known(0) && !known(1) => Role::Product,
            Kind::Binary(Binary::Div, ..) if !known(1) => Role::Cut,
            Kind::MatMul { .. } if !known(0) && !known(1) => Role::Cut,
            Kind::Softmax(_) => Role::Cut,
            Kind::Pool(pool) if pool.kind == pool::Kind::Max => Role::Max,
            _ => {
                let Some(buffer) = self.layout.buffer(step.output) else { return Ok(Role::Cut) };
                // With zeros going in, what comes out is what is added.
                self.plan.forward(step, &self.layout, workspace, 1, meter)?;
                let out = &mut workspace.buffers[buffer][..self.plan.lengths[step.output]];
                let bias = out.iter().any(|&v| v != 0.0).then(|| out.to_vec());
                out.fill(0.0);
                let magnitude = match &step.kind {
                    Kind::Scale { affine, inner } => {
                        let channels = affine.magnitude.len();
                        Some((0..out.len()).map(|i| affine.magnitude[i / inner % channels]).collect())
                    }
                    _ => None,
                };
                Role::Linear { bias, terms: self.terms(step), magnitude }
            }
        })
    }

    /// The most products that add up to one number, forward or backward.
    fn terms(&self, step: &Step<f64>) -> usize {
        match &step.kind {
            Kind::Linear(linear) => linear.matrix.inner.max(linear.matrix.columns),
            Kind::Conv(conv) | Kind::ConvTranspose(conv) => conv.grid.kernel() * conv.image.max(conv.channels),
            Kind::Scale { .. } | Kind::Unary(_) | Kind::Concat { .. } | Kind::Repeat(_) => 1,
            _ => {
                let longest = |place: &Place| match *place {
                    Place::Root(root) => self.plan.lengths[root],
                    Place::Constant(_) => 0,
                };
                let operands = step.operands.iter().map(longest).max().unwrap_or(0);
                operands.max(self.plan.lengths[step.output])
            }
        }
    }

    fn find_neurons(&mut self, network: &Network) {
        let mut kept = vec![None; self.plan.lengths.len()];
        for (step, role) in self.plan.steps.iter().zip(&self.roles) {
            if matches!(role, Role::Linear { .. }) {
                continue;
            }
            let splittable = matches!(role, Role::Function(Function::Rectifier(_)) | Role::Rectifiers(_));
            let signed = matches!(role, Role::Function(Function::Sign));
            for place in &step.operands {
                if let Place::Root(root) = *place {
                    let all = kept[root].get_or_insert((true, true));
                    *all = (all.0 && splittable, all.1 && signed);
                }
            }
            if matches!(role, Role::Cut) {
                kept[step.output].get_or_insert((false, false));
            }
        }
        for (root, splits) in kept.into_iter().enumerate() {
            // What does not depend on the input is put in as it is.
            let inactive = (!self.plan.is_active(root)).then_some((false, false));
            let Some((splittable, signed)) = inactive.or(splits) else { continue };
            // A constant that is repeated for every sample has a root of its own.
            let repeated = self.plan.makers[root].and_then(|step| match self.plan.steps[step].kind {
                Kind::Repeat(constant) => Some(Place::Constant(constant)),
                _ => None,
            });
            let is_root = |&index: &usize| {
                let place = self.plan.places[index];
                place == Place::Root(root) || Some(place) == repeated
            };
            let tensor = (0..network.tensors().len()).find(is_root).unwrap_or(0);
            let (first, count) = (self.total, self.plan.lengths[root]);
            self.neurons.push(Neurons { tensor: TensorId(tensor as u32), first, count, splittable, signed, root });
            self.first[root] = Some(first);
            self.total += count;
        }
    }

    /// Outputs that are computed: where each tensor's elements begin among all outputs, and its root.
    pub(crate) fn output_roots(&self) -> impl Iterator<Item = (usize, usize)> {
        let mut offset = 0;
        self.plan.outputs.iter().filter_map(move |&tensor| {
            let at = offset;
            offset += self.plan.sizes[tensor.index()];
            match self.plan.places[tensor.index()] {
                Place::Root(root) => Some((at, root)),
                Place::Constant(_) => None,
            }
        })
    }

    /// The lines of rectifiers of a neuron, and their slopes below 0.
    pub(crate) fn rectifiers_of(&self, neuron: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let all = self.plan.steps.iter().zip(self.slots.iter().zip(&self.roles));
        all.filter_map(move |(step, (slot, role))| {
            let (slot, &Place::Root(operand)) = ((*slot)?, step.operands.first()?) else { return None };
            let element = neuron.checked_sub(self.first[operand]?).filter(|&i| i < self.plan.lengths[operand])?;
            match role {
                Role::Function(Function::Rectifier(slope)) => Some((slot + element, *slope)),
                Role::Rectifiers(slopes) => Some((slot + element, slopes[element])),
                _ => None,
            }
        })
    }

    /// The set that a neuron belongs to.
    pub(crate) fn set_of(&self, neuron: usize) -> Option<&Neurons> {
        let after = self.neurons.partition_point(|set| set.first <= neuron);
        self.neurons[..after].last().filter(|set| neuron - set.first < set.count)
    }

    /// Whether going backward ends at this root: its interval is put in.
    pub(crate) fn is_cut(&self, root: usize) -> bool {
        let made = self.plan.makers[root];
        !self.plan.is_active(root) || made.is_some_and(|step| matches!(self.roles[step], Role::Cut))
    }
}
