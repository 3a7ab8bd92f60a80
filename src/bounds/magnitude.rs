//! How large numbers get in a box: what proofs of rounding errors multiply by.

use super::graph::{Graph, Role};
use crate::net::eval::forward::Workspace;
use crate::net::eval::meter::Meter;
use crate::net::eval::plan::Kind;

use super::BoundsError;

/// Of the root box. They hold in every box within it.
#[derive(Debug, Default)]
pub(crate) struct Magnitudes {
    /// At least the absolute value of every element, by root.
    pub values: Vec<Vec<f64>>,
    /// For a linear step `y = L x + c` at least `|L| |x| + |c|`, element by element, by the root of `y`; else empty.
    pub steps: Vec<Vec<f64>>,
}

/// The largest magnitude in an interval.
pub(crate) fn magnitude(lower: f64, upper: f64) -> f64 {
    lower.abs().max(upper.abs())
}

impl Magnitudes {
    /// Computes those of a linear step, whose operands have theirs, and answers `|L| r` for radii `r` put into the workspace
    /// of the absolute network, when `radius` says so.
    pub(crate) fn linear(
        &mut self,
        graph: &Graph,
        step: usize,
        workspace: &mut Workspace<f64>,
        meter: &mut Meter<'_>,
    ) -> Result<(), BoundsError> {
        let Role::Linear { bias, magnitude, terms } = &graph.roles[step] else { return Ok(()) };
        let made = &graph.plan.steps[step];
        if matches!(made.kind, Kind::Repeat(_)) {
            let length = graph.plan.lengths[made.output];
            self.steps[made.output] = bias.as_ref().map_or(vec![0.0; length], |c| c.iter().map(|c| c.abs()).collect());
            return Ok(());
        }
        for place in &made.operands {
            if let crate::net::eval::plan::Place::Root(root) = *place
                && let Some(buffer) = graph.layout.buffer(root)
            {
                workspace.buffers[buffer][..graph.plan.lengths[root]].copy_from_slice(&self.values[root]);
            }
        }
        graph.absolute.forward(&graph.absolute.steps[step], &graph.layout, workspace, 1, meter)?;
        let Some(buffer) = graph.layout.buffer(made.output) else { return Ok(()) };
        let out = &workspace.buffers[buffer][..graph.plan.lengths[made.output]];
        let slack = 1.0 + super::round::gamma(*terms);
        let mut sizes = out.to_vec();
        for (i, size) in sizes.iter_mut().enumerate() {
            *size += bias.as_ref().map_or(0.0, |c| c[i].abs()) + magnitude.as_ref().map_or(0.0, |c| c[i]);
            *size = *size * slack + super::round::TINY;
        }
        self.steps[made.output] = sizes;
        Ok(())
    }
}
