//! What linear bounds of a network know of a part of its mixed integer program.
//!
//! The program's own bounds are those of the whole box. In a part, where phases are fixed and inputs lie in a smaller box,
//! neurons are bounded again by linear functions of the inputs (CROWN): that fixes more phases, makes the program's rows
//! tighter, and closes parts before any linear program is solved.
//!
//! Sources: E. Botoeva and others, "Efficient Verification of ReLU-based Neural Networks via Dependency Analysis", AAAI 2020
//! (bounds of neurons again at the nodes of a MILP); R. Bunel and others, "Branch and Bound for Piecewise Linear Neural Network
//! Verification", JMLR 21, 2020, section 5 (inputs are cut rather than phases where there are few of them).

use std::sync::Arc;

use super::super::branch::Target;
use crate::bounds::{Bounding, BoundsError, Graph, Root};
use crate::budget::Budget;
use crate::encode::relu::Encoding;
use crate::milp::{Knowledge, Known, MilpError};

/// Inputs are cut where no more of them than that are open.
const FEW_INPUTS: usize = 12;

/// And while more phases than that are. On networks of 300 neurons and 5 inputs a linear program takes some 25 times as long as
/// linear bounds do, and refuted every eighth part. Seconds for three properties (ACAS Xu 1_1 with 2 and 3, 1_2 with 2): 1.2
/// with 3 phases here, 0.9 with 6, 2.6 with 12, more than 11 with 16 and linear programs from 32 on; 1_3, property 2, 0.7 with
/// 3, 4.4 with 6 and 9.9 with 12.
const FEW_PHASES: usize = 4;

/// And as long as they are wider than such a share of the whole: where that decides nothing, phases do.
const NARROW: f64 = 1.0 / 4096.0;

/// A network, a target, and where both are among the columns.
#[derive(Debug)]
pub(super) struct LinearBounds {
    graph: Arc<Graph>,
    root: Arc<Root>,
    /// The target's halfspaces, `[row][output]` and `[row][input]`, and their bounds.
    of_outputs: Vec<f64>,
    of_inputs: Vec<f64>,
    bounds: Vec<f64>,
    /// The columns of inputs.
    inputs: Vec<usize>,
    /// Neurons of the graph and their columns.
    neurons: Vec<(usize, usize)>,
    /// Columns of neurons, where they bend, columns of their phases, and whether the phase is 1 above.
    bends: Vec<(usize, f64, usize, bool)>,
    /// Whether there are signs: they jump in however small a box, so that only phases decide them.
    jumps: bool,
    bounding: Bounding,
}

impl LinearBounds {
    /// For a formula of so many variables.
    pub fn new(graph: &Arc<Graph>, target: &Target, encoding: &Encoding, num_vars: u32) -> Self {
        let number = |number: u32| num_vars as usize + number as usize;
        let neurons = (0..graph.total).filter_map(|at| Some((at, number(encoding.neuron(at as u32)?)))).collect();
        let bends = encoding.bends().filter_map(|(of, at, phase)| {
            let column = number(encoding.neuron(of)?);
            Some((column, at, phase.unsigned_abs() as usize - 1, phase > 0))
        });
        LinearBounds {
            graph: Arc::clone(graph),
            root: Arc::clone(&target.root),
            of_outputs: target.outputs.clone(),
            of_inputs: target.inputs.clone(),
            bounds: target.disjunct.rows().bounds.to_vec(),
            inputs: encoding.inputs.iter().map(|&input| number(input)).collect(),
            neurons,
            bends: bends.collect(),
            jumps: graph.neurons.iter().any(|set| set.signed),
            bounding: Bounding::default(),
        }
    }

    /// The input that costs the row most that is nearest to close the part.
    fn input(&self, lower: &[f64], upper: &[f64]) -> Option<usize> {
        let is_open = |input: usize| {
            let (l, u) = (lower[self.inputs[input]], upper[self.inputs[input]]);
            let middle = 0.5 * l + 0.5 * u;
            l < middle && middle < u && u - l > NARROW * (self.root.upper[input] - self.root.lower[input])
        };
        let mut weights = vec![0.0; self.inputs.len()];
        let missed = |row: usize| self.bounding.least(&self.graph, row) - self.bounds[row];
        let row = (0..self.bounds.len()).max_by(|&a, &b| missed(a).total_cmp(&missed(b)).then(b.cmp(&a)))?;
        self.bounding.pay(&self.graph, row, 1.0, &mut weights);
        let all = self.inputs.iter().zip(&weights).enumerate().filter(|(input, _)| is_open(*input));
        let all = all.map(|(_, (&column, weight))| (column, weight + 1e-9 * (upper[column] - lower[column])));
        all.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))).map(|best| best.0)
    }

    /// Bounds neurons and rows. `false`: there is no point.
    fn bound(&mut self, lower: &mut [f64], upper: &mut [f64], budget: &Budget) -> Result<bool, BoundsError> {
        let of = |ends: &[f64]| self.inputs.iter().map(|&column| ends[column]).collect::<Vec<_>>();
        let (box_lower, box_upper) = (of(lower), of(upper));
        let (mut least, mut greatest) = (self.root.least.clone(), self.root.greatest.clone());
        for &(neuron, column) in &self.neurons {
            least[neuron] = least[neuron].max(lower[column]);
            greatest[neuron] = greatest[neuron].min(upper[column]);
        }
        if least.iter().zip(&greatest).any(|(l, u)| l > u) {
            return Ok(false);
        }
        self.bounding.keep();
        let boxes = std::iter::once((&box_lower[..], &box_upper[..]));
        let known = std::iter::once((&least[..], &greatest[..]));
        self.bounding.start(&self.graph, 1, boxes, known, std::iter::empty(), budget)?;
        self.bounding.propagate(&self.graph, &self.root, budget)?;
        if self.bounding.is_empty(0) {
            return Ok(false);
        }
        let rows = self.bounds.len();
        let functions = (&self.of_outputs[..], &self.of_inputs[..]);
        self.bounding.bound_rows(&self.graph, &self.root, (rows, 0..rows as u32), functions, budget)?;
        if (0..rows).any(|row| self.bounding.least(&self.graph, row) > self.bounds[row]) {
            return Ok(false);
        }
        let (least, greatest) = self.bounding.neurons(0);
        for &(neuron, column) in &self.neurons {
            lower[column] = lower[column].max(least[neuron]);
            upper[column] = upper[column].min(greatest[neuron]);
        }
        Ok(self.neurons.iter().all(|&(_, column)| lower[column] <= upper[column]))
    }
}

impl Knowledge for LinearBounds {
    fn tighten(&mut self, lower: &mut [f64], upper: &mut [f64], budget: &Budget) -> Result<Known, MilpError> {
        // Phases that are fixed say on which side of its bend a neuron is.
        for &(column, at, phase, positive) in &self.bends {
            if lower[phase] == upper[phase] {
                if (lower[phase] > 0.5) == positive {
                    lower[column] = lower[column].max(at);
                } else {
                    upper[column] = upper[column].min(at);
                }
            }
        }
        if !self.bound(lower, upper, budget).map_err(failed)? {
            return Ok(Known::Empty);
        }
        let mut open = 0;
        for &(column, at, phase, positive) in &self.bends {
            if lower[phase] < upper[phase] {
                // At the bend itself both phases say the same.
                let is_above = lower[column] >= at;
                if is_above || upper[column] <= at {
                    let value = f64::from(u8::from(is_above == positive));
                    (lower[phase], upper[phase]) = (value, value);
                } else {
                    open += 1;
                }
            }
        }
        let free = self.inputs.iter().filter(|&&column| lower[column] < upper[column]).count();
        let is_input = free <= FEW_INPUTS && open > FEW_PHASES && !self.jumps;
        let branch = if is_input { self.input(lower, upper) } else { None };
        Ok(Known::Open { branch })
    }
}

fn failed(error: BoundsError) -> MilpError {
    match error {
        BoundsError::Stopped(stop) => MilpError::Stopped(stop),
        BoundsError::Memory(short) => MilpError::Memory(short),
        _ => MilpError::Internal,
    }
}
