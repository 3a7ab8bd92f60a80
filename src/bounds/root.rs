//! What is known of the whole box that everything lies in: intervals of every number, tightened by linear bounds where a
//! neuron needs it, and the magnitudes that rounding errors are reckoned from.

use super::BoundsError;
use super::alpha;
use super::batch::Batch;
use super::crown::Rows;
use super::graph::{Graph, Role};
use super::interval::{self, Intervals};
use super::magnitude::{Magnitudes, magnitude};
use crate::net::eval::forward::Workspace;
use crate::net::eval::layout::Layout;
use crate::net::eval::meter::Meter;

/// Of one box.
#[derive(Debug)]
pub(crate) struct Root {
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
    pub magnitudes: Magnitudes,
    /// Of the neurons.
    pub least: Vec<f64>,
    pub greatest: Vec<f64>,
    /// Of the outputs, by intervals alone.
    pub outputs: (Vec<f64>, Vec<f64>),
}

impl Root {
    /// `tighten`: whether neurons get linear bounds or only intervals.
    pub(crate) fn new(
        graph: &Graph,
        lower: &[f64],
        upper: &[f64],
        tighten: bool,
        meter: &mut Meter<'_>,
    ) -> Result<Self, BoundsError> {
        let roots = graph.plan.lengths.len();
        let mut intervals: Intervals = vec![(Vec::new(), Vec::new()); roots];
        let mut magnitudes = Magnitudes { values: vec![Vec::new(); roots], steps: vec![Vec::new(); roots] };
        let mut workspaces = [workspace(&graph.layout, meter)?, workspace(&graph.layout, meter)?];
        let (mut batch, mut rows) = (Batch::default(), Rows::default());
        batch.resize(graph, 1, meter)?;
        batch.lower.copy_from_slice(lower);
        batch.upper.copy_from_slice(upper);
        for root in 0..roots {
            let (l, u) = match graph.plan.makers[root] {
                None => {
                    let offset = graph.inputs.iter().find(|(r, _)| *r == root).map_or(0, |(_, offset)| *offset);
                    let range = offset..offset + graph.plan.lengths[root];
                    (lower[range.clone()].to_vec(), upper[range].to_vec())
                }
                Some(step) => {
                    if matches!(graph.roles[step], Role::Linear { .. }) {
                        magnitudes.linear(graph, step, &mut workspaces[1], meter)?;
                    } else {
                        batch.relax(graph, step, meter)?;
                    }
                    interval::forward(graph, step, &intervals, &magnitudes, &mut workspaces, meter)?
                }
            };
            intervals[root] = (l, u);
            if let Some(first) = graph.first[root] {
                let range = first..first + graph.plan.lengths[root];
                batch.least[range.clone()].copy_from_slice(&intervals[root].0);
                batch.greatest[range.clone()].copy_from_slice(&intervals[root].1);
                if tighten && graph.plan.makers[root].is_some() && !graph.is_cut(root) {
                    batch.tighten(graph, &magnitudes, root, &mut rows, meter)?;
                }
                intervals[root] = (batch.least[range.clone()].to_vec(), batch.greatest[range].to_vec());
            }
            magnitudes.values[root] =
                intervals[root].0.iter().zip(&intervals[root].1).map(|(&l, &u)| magnitude(l, u)).collect();
        }
        let outputs = outputs(graph, &intervals);
        let Batch { least, greatest, .. } = batch;
        Ok(Root { lower: lower.to_vec(), upper: upper.to_vec(), magnitudes, least, greatest, outputs })
    }
}

impl Root {
    /// Bounds neurons once more, each row with slopes of its own. What has been found stays when the budget ends.
    pub(crate) fn refine(
        &mut self,
        graph: &Graph,
        options: &alpha::Options,
        meter: &mut Meter<'_>,
    ) -> Result<(), BoundsError> {
        let mut batch = Batch::default();
        batch.resize(graph, 1, meter)?;
        batch.lower.copy_from_slice(&self.lower);
        batch.upper.copy_from_slice(&self.upper);
        batch.least.copy_from_slice(&self.least);
        batch.greatest.copy_from_slice(&self.greatest);
        let mut workspace = alpha::Workspace::default();
        workspace.rows.sparing = true;
        let result = alpha::tighten(graph, &self.magnitudes, &mut batch, &[], None, options, &mut workspace, meter);
        (self.least, self.greatest) = (batch.least, batch.greatest);
        result.map(|_| ())
    }
}

pub(super) fn outputs(graph: &Graph, intervals: &Intervals) -> (Vec<f64>, Vec<f64>) {
    let (mut lower, mut upper) = (Vec::new(), Vec::new());
    for &tensor in &graph.plan.outputs {
        match graph.plan.places[tensor.index()] {
            crate::net::eval::plan::Place::Root(root) => {
                lower.extend_from_slice(&intervals[root].0);
                upper.extend_from_slice(&intervals[root].1);
            }
            crate::net::eval::plan::Place::Constant(index) => {
                let constant = &graph.plan.constants[index];
                lower.extend((0..constant.len()).map(|i| constant.get(i)));
                upper.extend((0..constant.len()).map(|i| constant.get(i)));
            }
        }
    }
    (lower, upper)
}

pub(super) fn workspace(layout: &Layout, meter: &mut Meter<'_>) -> Result<Workspace<f64>, BoundsError> {
    let mut workspace = Workspace::default();
    for &size in &layout.sizes {
        let mut buffer = Vec::new();
        meter.grow(&mut buffer, size)?;
        workspace.buffers.push(buffer);
    }
    Ok(workspace)
}
