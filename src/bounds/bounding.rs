//! One batch of boxes from start to end: neurons, then rows.

use super::BoundsError;
use super::batch::Batch;
use super::crown::Rows;
use super::graph::Graph;
use super::root::Root;
use super::spec::{Spec, substitute};
use crate::budget::Budget;
use crate::net::eval::meter::Meter;

/// Buffers of a batch of boxes.
#[derive(Debug, Default)]
pub(crate) struct Bounding {
    pub batch: Batch,
    rows: Rows,
    boxes: Vec<u32>,
    functions: Vec<u32>,
}

impl Bounding {
    /// Takes boxes with what is known of their neurons.
    pub(crate) fn start<'a>(
        &mut self,
        graph: &Graph,
        count: usize,
        boxes: impl Iterator<Item = (&'a [f64], &'a [f64])>,
        known: impl Iterator<Item = (&'a [f64], &'a [f64])>,
        budget: &Budget,
    ) -> Result<(), BoundsError> {
        let mut meter = Meter::new(budget);
        self.batch.resize(graph, count, &mut meter)?;
        for (index, (lower, upper)) in boxes.enumerate() {
            let range = index * graph.input_len..(index + 1) * graph.input_len;
            self.batch.lower[range.clone()].copy_from_slice(lower);
            self.batch.upper[range].copy_from_slice(upper);
        }
        for (index, (least, greatest)) in known.enumerate() {
            let range = index * graph.total..(index + 1) * graph.total;
            self.batch.least[range.clone()].copy_from_slice(least);
            self.batch.greatest[range].copy_from_slice(greatest);
        }
        Ok(meter.finish()?)
    }

    /// Bounds all neurons.
    pub(crate) fn propagate(&mut self, graph: &Graph, root: &Root, budget: &Budget) -> Result<(), BoundsError> {
        let mut meter = Meter::new(budget);
        self.batch.propagate(graph, &root.magnitudes, &mut self.rows, &mut meter)?;
        Ok(meter.finish()?)
    }

    /// Bounds the same rows in every box: `[row][output]` and, where there are any, `[row][input]`.
    pub(crate) fn bound_rows(
        &mut self,
        graph: &Graph,
        root: &Root,
        (rows, outputs, inputs): (usize, &[f64], &[f64]),
        budget: &Budget,
    ) -> Result<(), BoundsError> {
        let mut meter = Meter::new(budget);
        self.boxes.clear();
        self.functions.clear();
        for index in 0..self.batch.count {
            for row in 0..rows {
                self.boxes.push(index as u32);
                self.functions.push(row as u32);
            }
        }
        let spec = Spec { boxes: &self.boxes, functions: &self.functions, outputs, inputs };
        substitute(graph, &root.magnitudes, &self.batch, &spec, None, &mut self.rows, &mut meter)?;
        Ok(meter.finish()?)
    }

    /// Whether no point of a box is left.
    pub(crate) fn is_empty(&self, index: usize) -> bool {
        self.batch.empty[index]
    }

    /// A lower bound of a row over its box.
    pub(crate) fn least(&self, graph: &Graph, row: usize) -> f64 {
        self.rows.least(graph, &self.batch.frame(), row)
    }

    /// The linear lower bound of a row: its coefficients, and its constant.
    pub(crate) fn linear(&self, graph: &Graph, row: usize, coefficients: &mut [f64]) -> f64 {
        for &(root, offset) in &graph.inputs {
            let length = graph.plan.lengths[root];
            if let Some(left) = self.rows.left(root) {
                coefficients[offset..offset + length].copy_from_slice(&left[row * length..(row + 1) * length]);
            }
        }
        self.rows.constant[row]
    }

    /// What is known of a box's neurons.
    pub(crate) fn neurons(&self, index: usize) -> (&[f64], &[f64]) {
        let range = index * self.batch.least.len() / self.batch.count.max(1)
            ..(index + 1) * self.batch.least.len() / self.batch.count.max(1);
        (&self.batch.least[range.clone()], &self.batch.greatest[range])
    }
}
