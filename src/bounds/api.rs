//! The kernel as a host uses it: boxes in, bounds out.
//!
//! [`Bounds`] is a network made ready for all boxes within one *root box*. A [`Query`] is a batch of boxes, each with
//! neurons whose sign is decided (*splits*), and linear functions of the outputs (*rows*); what is found goes into the
//! caller's [`Results`]. The search (which box next, what to split) is the caller's.
//!
//! All numbers are sound in real arithmetic, rounding included: a lower bound is at most the least value that the network,
//! with its stored weights taken as real numbers, has on the box where the splits hold, and so on.
//!
//! Every box is bounded by itself: what is found does not depend on which other boxes are in the batch, nor on how much
//! memory there is, and the same query gives the same bits on the same kind of machine.
//!
//! Cost: see [`Method`]. Nothing is computed whose buffer is not given.

mod check;
mod compute;
mod memory;
mod polytope;

use std::sync::Arc;

use super::graph::{Graph, Neurons};
use super::root::Root;
use super::{BoundsError, meter};
use crate::budget::Budget;
use crate::net::Network;

pub use polytope::{Contracted, Polytope};

/// How the root box is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Whether the neurons of the root box are bounded by backward substitution, which makes all that follows tighter, and not by
    /// intervals alone.
    pub tighten: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { tighten: true }
    }
}

/// How rows are bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// Interval arithmetic: R. Moore, R. Kearfott, M. Cloud, "Introduction to Interval Analysis", SIAM 2009. Cost: about two
    /// evaluations a box.
    Interval,
    /// Linear bounds by backward substitution: H. Zhang and others, "Efficient Neural Network Robustness Certification with
    /// General Activation Functions", NeurIPS 2018. Cost: for each neuron of unknown sign, and each row, an evaluation of the
    /// layers before it.
    #[default]
    Crown,
    /// Slopes of rectifiers and multipliers of splits are found by gradients, for every row: K. Xu and others, "Fast and
    /// Complete", ICLR 2021; S. Wang and others, "Beta-CROWN", NeurIPS 2021. Cost: that of `Crown`, and for every row and
    /// iteration two evaluations more.
    Alpha {
        /// Steps of each row.
        iterations: usize,
        /// Steps of each neuron that has no sign yet; with 0 neurons are bounded as by `Crown`.
        neuron_iterations: usize,
    },
}

/// Neurons of each box whose sign is decided. Those of box `b` stand from `offsets[b]` to `offsets[b + 1]`; without any
/// offsets no box has splits. Bounds hold where all signs of a box hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct Splits<'a> {
    /// One more than there are boxes, from 0, not decreasing; or none at all.
    pub offsets: &'a [usize],
    /// Numbers of splittable neurons ([`Bounds::neurons`]).
    pub neurons: &'a [u32],
    /// `1`: the neuron is at least 0; `-1`: at most 0.
    pub phases: &'a [i8],
}

/// What is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<'a> {
    /// How many boxes there are.
    pub boxes: usize,
    /// `[box][input]`, finite and within the root box.
    pub lower: &'a [f64],
    /// `[box][input]`.
    pub upper: &'a [f64],
    /// What is decided.
    pub splits: Splits<'a>,
    /// Bounds of neurons that are known to hold in each box where its splits hold, `[box][neuron]`: those of the box that it was
    /// cut from, say. They are taken on trust; infinities are allowed. Empty where nothing is known.
    pub known: (&'a [f64], &'a [f64]),
    /// How many rows there are: functions `outputs · y + inputs · x`, the same for all boxes.
    pub rows: usize,
    /// Coefficients of the outputs `y`, `[row][output]`, finite.
    pub outputs: &'a [f64],
    /// Coefficients of the inputs `x`, `[row][input]`, finite; empty for none.
    pub inputs: &'a [f64],
    /// How rows are bounded.
    pub method: Method,
    /// Whether intervals are computed as well, and the better bound of neurons and rows is taken.
    pub intersect: bool,
}

/// A linear function of the inputs for every box and row.
#[derive(Debug)]
pub struct Functions<'a> {
    /// `[box][row][input]`.
    pub coefficients: &'a mut [f64],
    /// `[box][row]`.
    pub constants: &'a mut [f64],
}

/// Where results go. What is `None` is not computed, unless something else needs it.
///
/// Of a box that turned out empty (no point of it has the signs that its splits say) all lower bounds are `+inf` and all
/// upper ones `-inf`, and so are the constants of its linear functions, whose coefficients are 0.
#[derive(Debug, Default)]
pub struct Results<'a> {
    /// Lower bounds of rows, `[box][row]`; `-inf` where none was found.
    pub lower: Option<&'a mut [f64]>,
    /// Upper bounds of rows, `[box][row]`.
    pub upper: Option<&'a mut [f64]>,
    /// Linear functions that are nowhere in the box above the row, where splits hold: taken as real functions, without rounding.
    pub below: Option<Functions<'a>>,
    /// Linear functions that are nowhere below the row.
    pub above: Option<Functions<'a>>,
    /// Where in the box the function below is least, `[box][row][input]`: a good place to look for a counterexample.
    pub points: Option<&'a mut [f64]>,
    /// Bounds of neurons, `[box][neuron]`.
    pub neurons: Option<(&'a mut [f64], &'a mut [f64])>,
    /// Whether the box turned out empty. Where it did not, it may be empty all the same.
    pub empty: Option<&'a mut [bool]>,
}

/// A network made ready for the boxes within a root box. Clones share everything; it may be used by several threads at once.
#[derive(Debug, Clone)]
pub struct Bounds {
    graph: Arc<Graph>,
    root: Arc<Root>,
}

impl Bounds {
    /// Makes a network ready for all boxes within this one, which is finite.
    ///
    /// The budget's memory limit is one on weights in double precision and on what is kept of the root box.
    pub fn new(
        network: &Network,
        lower: &[f64],
        upper: &[f64],
        options: &Options,
        budget: &Budget,
    ) -> Result<Bounds, BoundsError> {
        check::root_box(network.input_len(), lower, upper)?;
        memory::grant_network(network, budget)?;
        let graph = Arc::new(Graph::new(network, budget)?);
        Bounds::root(graph, lower, upper, options, budget)
    }

    /// The same network for the boxes within another box, which need not lie in the first. Weights are shared.
    pub fn within(
        &self,
        lower: &[f64],
        upper: &[f64],
        options: &Options,
        budget: &Budget,
    ) -> Result<Bounds, BoundsError> {
        check::root_box(self.input_len(), lower, upper)?;
        Bounds::root(Arc::clone(&self.graph), lower, upper, options, budget)
    }

    fn root(
        graph: Arc<Graph>,
        lower: &[f64],
        upper: &[f64],
        options: &Options,
        budget: &Budget,
    ) -> Result<Bounds, BoundsError> {
        memory::grant_root(&graph, budget)?;
        let mut meter = meter(budget);
        let root = Root::new(&graph, lower, upper, options.tighten, &mut meter)?;
        meter.finish()?;
        Ok(Bounds { graph, root: Arc::new(root) })
    }

    /// How many inputs the network has: numbers, not tensors.
    #[must_use]
    pub fn input_len(&self) -> usize {
        self.graph.input_len
    }

    /// How many outputs.
    #[must_use]
    pub fn output_len(&self) -> usize {
        self.graph.output_len
    }

    /// The neurons: operands of everything that is not linear, in the order of layers.
    #[must_use]
    pub fn neurons(&self) -> &[Neurons] {
        &self.graph.neurons
    }

    /// How many neurons there are in all.
    #[must_use]
    pub fn num_neurons(&self) -> usize {
        self.graph.total
    }

    /// The root box.
    #[must_use]
    pub fn root_box(&self) -> (&[f64], &[f64]) {
        (&self.root.lower, &self.root.upper)
    }

    /// Bounds of the neurons in the root box.
    #[must_use]
    pub fn root_neurons(&self) -> (&[f64], &[f64]) {
        (&self.root.least, &self.root.greatest)
    }

    /// Bounds of the outputs in the root box: intervals from those of the neurons.
    #[must_use]
    pub fn root_outputs(&self) -> (&[f64], &[f64]) {
        (&self.root.outputs.0, &self.root.outputs.1)
    }

    /// Bounds a batch of boxes. Results are written only where all went well, but that rows and neurons of boxes that were done
    /// before an error may have been.
    pub fn compute(&self, query: &Query<'_>, results: &mut Results<'_>, budget: &Budget) -> Result<(), BoundsError> {
        check::query(self, query)?;
        check::results(self, query, results)?;
        compute::run(self, query, results, budget)
    }

    /// What inequalities between outputs leave of boxes and neurons: backward contraction.
    ///
    /// See [`Polytope`]. [`Query::method`] is not looked at: linear bounds are those of [`Method::Crown`].
    pub fn contract(
        &self,
        query: &Query<'_>,
        polytope: &Polytope<'_>,
        contracted: &mut Contracted<'_>,
        budget: &Budget,
    ) -> Result<(), BoundsError> {
        check::query(self, query)?;
        check::polytope(self, query, polytope, contracted)?;
        polytope::run(self, query, polytope, contracted, budget)
    }
}
