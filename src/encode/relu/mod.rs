//! A piecewise linear network as constraints over reals and literals.
//!
//! Every number of the network that something but a sum depends on becomes a real of the formula: inputs, neurons and what
//! they answer, outputs. The constraints hold of exactly the values that the network has in real arithmetic over its stored
//! weights, for every input in the box (a normalization's factors are irrational: its answer is held between bounds that
//! contain it). Nothing is rounded: where a coefficient would be, a number of its own stands for the product.
//!
//! Each neuron that may be on either side of its bend has a *phase*: a literal that is true where the neuron is at the bend or
//! above it. Of those that bounds decide the phase is a literal that is always true, or its negation.
//!
//! Sources: V. Tjeng, K. Xiao, R. Tedrake, "Evaluating Robustness of Neural Networks with Mixed Integer Programming", ICLR 2019
//! (big-M form with neuron bounds); G. Katz and others, "Reluplex", CAV 2017 (the form for SMT solvers).
//!
//! Cost: linear in the multiplications of an evaluation, after the neurons are bounded.

mod error;
mod expression;
mod lower;
mod pieces;
mod writer;

pub use error::EncodeError;

use std::sync::Arc;

use crate::bounds::{BoundsError, Graph, Root, alpha, meter};
use crate::budget::Budget;
use crate::floats::Standard;
use crate::formula::{Condition, Domain, Formula, FormulaError, Relation};
use crate::net::{Network, Op};
use expression::Expression;
use lower::Lowering;
use writer::{Writer, list};

/// How a choice between pieces is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Form {
    /// By rows that hold always, in which the phase counts as a number times a bound: for MILP solvers.
    #[default]
    BigM,
    /// By rows that hang on the phase: for SMT solvers (QF_LRA).
    Smt,
}

/// What bounds the neurons before they are encoded. The tighter, the fewer phases there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Tightening {
    /// Interval arithmetic.
    Interval,
    /// Linear bounds (CROWN).
    #[default]
    Crown,
    /// Linear bounds with slopes found by gradients (alpha-CROWN), so many steps a neuron.
    Alpha(usize),
}

/// How a network is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Options {
    /// How choices are said.
    pub form: Form,
    /// What bounds neurons.
    pub tightening: Tightening,
}

/// A piece of a network that has a bend: a rectifier; one of the two bends of a clip; one of the two of a sign (whether its
/// operand is above 0, and whether it is not below); one candidate of a maximum, whose phase says that it is the largest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Neuron {
    /// The number of its operand.
    pub pre: u32,
    /// The number of its answer.
    pub post: u32,
    /// True where the operand is at the bend or above it.
    pub phase: i32,
}

/// Where a network is in a formula.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoding {
    /// The numbers of the inputs, those of all input tensors.
    pub inputs: Vec<u32>,
    /// The numbers of the outputs. Two outputs may be one number.
    pub outputs: Vec<u32>,
    /// The neurons, layer by layer.
    pub neurons: Vec<Neuron>,
    /// The layer of each neuron, counted from 0.
    pub layers: Vec<u32>,
    /// The box that it holds for.
    pub lower: Vec<f64>,
    /// The box that it holds for.
    pub upper: Vec<f64>,
    /// Of neurons that bend where a neuron of the graph is: which, and where.
    bends: Vec<Option<(u32, f64)>>,
    /// The number of each of the graph's neurons that has one.
    numbers: Vec<Option<u32>>,
    /// The literal that is always true, if one was needed.
    truth: Option<i32>,
}

/// Encodes one network, into as many formulas and for as many boxes as one likes.
#[derive(Debug, Clone)]
pub struct ReluEncoder {
    graph: Arc<Graph>,
    options: Options,
    /// The layer of every step.
    layers: Arc<Vec<u32>>,
}

impl Encoding {
    /// The phase of a neuron where bounds decide it: whether it is at its bend or above it in all of the box.
    #[must_use]
    pub fn decided(&self, neuron: &Neuron) -> Option<bool> {
        self.truth.filter(|&truth| truth == neuron.phase.abs()).map(|_| neuron.phase > 0)
    }

    /// The number of one of the graph's neurons, if it has one.
    pub(crate) fn neuron(&self, neuron: u32) -> Option<u32> {
        self.numbers[neuron as usize]
    }

    /// Of neurons that bend where a neuron of the graph is: which that is, where they bend, and their phase.
    #[cfg_attr(not(feature = "highs"), allow(dead_code, reason = "for the MILP procedure"))]
    pub(crate) fn bends(&self) -> impl Iterator<Item = (u32, f64, i32)> {
        let all = self.neurons.iter().zip(&self.bends);
        all.filter_map(|(neuron, bend)| bend.map(|(of, at)| (of, at, neuron.phase)))
    }
}

impl ReluEncoder {
    /// Makes a network ready.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Unsupported`] where a layer is not piecewise linear; the budget; no memory.
    pub fn new(network: &Network, options: Options, budget: &Budget) -> Result<Self, EncodeError> {
        ReluEncoder::of_graph(network, Arc::new(Graph::new(network, budget)?), options)
    }

    /// The same for a network that is ready for bounding.
    pub(crate) fn of_graph(network: &Network, graph: Arc<Graph>, options: Options) -> Result<Self, EncodeError> {
        let mut layers = vec![0; graph.plan.steps.len()];
        for (index, layer) in network.layers().iter().enumerate() {
            let depends = |i: usize| graph.plan.root_of(layer.inputs()[i]).is_some_and(|r| graph.plan.is_active(r));
            let fits = match layer.op() {
                // Of a constant too: what it answers is rounded, and no exact number is known.
                Op::Sigmoid | Op::Tanh | Op::Softmax { .. } => false,
                Op::MatMul | Op::Mul => !(depends(0) && depends(1)),
                Op::Div => !depends(1),
                _ => true,
            };
            if !fits {
                return Err(EncodeError::Unsupported { layer: index, op: layer.op().name() });
            }
            let step = graph.plan.root_of(layer.output()).and_then(|root| graph.plan.makers[root]);
            if let Some(step) = step {
                layers[step] = index as u32;
            }
        }
        Ok(ReluEncoder { graph, options, layers: Arc::new(layers) })
    }

    /// How it encodes.
    #[must_use]
    pub fn options(&self) -> Options {
        self.options
    }

    /// Elements of all inputs together.
    #[must_use]
    pub fn num_inputs(&self) -> usize {
        self.graph.input_len
    }

    /// Elements of all outputs together.
    #[must_use]
    pub fn num_outputs(&self) -> usize {
        self.graph.output_len
    }

    /// Adds the network to a formula, for the inputs of a box, whose ends are finite. What it takes are new numbers and new
    /// variables; those that the formula has stay as they are.
    ///
    /// # Errors
    ///
    /// A box that is none; numbers beyond what a double can be; a formula that takes no more, the budget (whose memory
    /// limit is one on what is gathered, estimated), no memory. The formula is then as it was; only where the allocator
    /// itself refused it memory, it may have new numbers, variables and part of the constraints over them, which
    /// exclude nothing.
    pub fn encode(
        &self,
        formula: &mut Formula,
        lower: &[f64],
        upper: &[f64],
        budget: &Budget,
    ) -> Result<Encoding, EncodeError> {
        self.check(lower, upper)?;
        let root = self.bound(lower, upper, budget)?;
        self.encode_known(formula, (lower, upper), (&root.least, &root.greatest), budget)
    }

    /// The same where it is known between what the graph's neurons lie.
    pub(crate) fn encode_known(
        &self,
        formula: &mut Formula,
        (lower, upper): (&[f64], &[f64]),
        known: (&[f64], &[f64]),
        budget: &Budget,
    ) -> Result<Encoding, EncodeError> {
        let _standard = Standard::enter();
        let mut writer = Writer::new(formula, self.options.form, budget);
        let mut inputs = list(lower.len())?;
        for (&l, &u) in lower.iter().zip(upper) {
            inputs.push(writer.number((l, u))?);
        }
        let mut lowering = Lowering::new(&self.graph, known, &mut writer)?;
        for &(input, offset) in &self.graph.inputs {
            lowering.set_input(input, &inputs[offset..][..self.graph.plan.lengths[input]])?;
        }
        let outputs = lowering.run()?;
        let found = std::mem::take(&mut lowering.found);
        let truth = writer.known_truth();
        let mut layers = list(found.steps.len())?;
        layers.extend(found.steps.iter().map(|&step| self.layers[step as usize]));
        let (neurons, bends, numbers) = (found.neurons, found.bends, found.numbers);
        let mut ends = [list(lower.len())?, list(upper.len())?];
        ends[0].extend_from_slice(lower);
        ends[1].extend_from_slice(upper);
        let [lower, upper] = ends;
        writer.finish(formula)?;
        Ok(Encoding { inputs, outputs, neurons, layers, lower, upper, bends, numbers, truth })
    }

    /// A literal under which the inputs lie in a box within the one that was encoded, with all that this box says of neurons:
    /// their bounds, and their phases where it decides them. The network is not encoded again; solving under the literal as an
    /// assumption is solving for this box.
    ///
    /// # Errors
    ///
    /// As [`ReluEncoder::encode`]; a box that reaches beyond the one that was encoded.
    pub fn restrict(
        &self,
        formula: &mut Formula,
        encoding: &Encoding,
        lower: &[f64],
        upper: &[f64],
        budget: &Budget,
    ) -> Result<i32, EncodeError> {
        self.check(lower, upper)?;
        for (input, (&l, &u)) in lower.iter().zip(upper).enumerate() {
            for (value, beyond) in [(l, l < encoding.lower[input]), (u, u > encoding.upper[input])] {
                if beyond {
                    return Err(EncodeError::Outside { input, value });
                }
            }
        }
        let root = self.bound(lower, upper, budget)?;
        let mut writer = Writer::new(formula, self.options.form, budget);
        let within = writer.literal();
        let ends = encoding.inputs.iter().zip(lower.iter().zip(upper)).map(|(&number, (&l, &u))| (number, l, u));
        let neurons = encoding.numbers.iter().zip(root.least.iter().zip(&root.greatest));
        let neurons = neurons.filter_map(|(&number, (&l, &u))| Some((number?, l, u)));
        for (number, l, u) in ends.chain(neurons) {
            let Some(&Domain::Real { min, max }) = formula.domains().get(number as usize) else {
                return Err(FormulaError::Number { number, index: 0, num_numbers: formula.num_numbers() }.into());
            };
            for (relation, end, is_tighter) in [(Relation::AtLeast, l, l > min), (Relation::AtMost, u, u < max)] {
                if is_tighter {
                    let expression = Expression { terms: vec![(number, 1.0)], constant: -end };
                    writer.row(Condition::Implied(within), &expression, &[], relation)?;
                }
            }
        }
        for (neuron, bend) in encoding.neurons.iter().zip(&encoding.bends) {
            let Some((at, bend)) = *bend else { continue };
            if root.least[at as usize] >= bend {
                writer.clause(&[-within, neuron.phase])?;
            } else if root.greatest[at as usize] <= bend {
                writer.clause(&[-within, -neuron.phase])?;
            }
        }
        writer.finish(formula)?;
        Ok(within)
    }

    fn bound(&self, lower: &[f64], upper: &[f64], budget: &Budget) -> Result<Root, EncodeError> {
        let _standard = Standard::enter();
        let mut meter = meter(budget);
        let tighten = self.options.tightening != Tightening::Interval;
        let mut root = Root::new(&self.graph, lower, upper, tighten, &mut meter)?;
        if let Tightening::Alpha(iterations) = self.options.tightening {
            root.refine(&self.graph, &alpha::Options { iterations, ..alpha::Options::default() }, &mut meter)?;
        }
        meter.finish()?;
        Ok(root)
    }

    fn check(&self, lower: &[f64], upper: &[f64]) -> Result<(), EncodeError> {
        let needed = self.num_inputs();
        for (what, ends) in [("the box's lower ends", lower), ("the box's upper ends", upper)] {
            if ends.len() != needed {
                return Err(BoundsError::Length { what, given: ends.len(), needed }.into());
            }
            if let Some(index) = ends.iter().position(|end| !end.is_finite()) {
                return Err(BoundsError::Value { what, index, value: ends[index] }.into());
            }
        }
        if let Some(index) = (0..needed).find(|&i| lower[i] > upper[i]) {
            let (lower, upper) = (lower[index], upper[index]);
            return Err(BoundsError::Crossed { what: "the box", index, lower, upper }.into());
        }
        Ok(())
    }
}
