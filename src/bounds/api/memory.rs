//! How many boxes and rows are at work at once. Estimates are generous.

use super::super::batch;
use super::super::graph::Graph;
use super::{Bounds, BoundsError, Method, Query};
use crate::budget::Budget;
use crate::error::OutOfMemory;
use crate::net::Network;
use crate::net::eval::plan::Place;

/// What a call takes where there is no limit: what the caches of a few cores hold, so that larger batches would not be faster.
const COMFORT: u64 = 64 << 20;

/// Rows at work at once, at most.
const ROWS: u64 = 1024;

const NUMBER: u64 = size_of::<f64>() as u64;

fn grant(bytes: u64, budget: &Budget) -> Result<(), BoundsError> {
    let limit = budget.memory();
    if bytes > limit { Err(OutOfMemory::Limit { bytes, limit }.into()) } else { Ok(()) }
}

/// The network lowered three times: as it is, with absolute weights, and in single precision; a weight that is stored in 4
/// bytes takes 8 in the first two, and a matrix is packed besides.
pub(super) fn grant_network(network: &Network, budget: &Budget) -> Result<(), BoundsError> {
    grant(network.bytes().saturating_mul(10), budget)
}

pub(super) fn grant_root(graph: &Graph, budget: &Budget) -> Result<(), BoundsError> {
    let Costs { base, each_box, .. } = Costs::of(graph, false);
    let kept = 4 * NUMBER * sum(&graph.plan.lengths);
    grant(base.saturating_add(each_box).saturating_add(kept), budget)
}

fn sum(lengths: &[usize]) -> u64 {
    lengths.iter().map(|&length| length as u64).sum()
}

/// Bytes.
struct Costs {
    /// Of neurons' rows and of intervals, however many boxes there are.
    base: u64,
    each_box: u64,
    each_row: u64,
}

impl Costs {
    /// `kept`: whether rows keep their coefficients, as those of gradients do.
    fn of(graph: &Graph, kept: bool) -> Costs {
        let widest = graph.plan.lengths.iter().copied().max().unwrap_or(1).max(1) as u64;
        let (roots, live) = (graph.plan.lengths.len() as u64, frontier(graph) as u64);
        let (n, total, lines) = (graph.input_len as u64, graph.total as u64, graph.lines as u64);
        let each = NUMBER * widest * (live + 3);
        let together = batch::together(graph) as u64;
        let base = each * together + NUMBER * (4 * sum(&graph.plan.lengths) + 2 * sum(&graph.layout.sizes));
        // Units: two rows for each neuron of a layer.
        let each_box = NUMBER * (2 * n + 2 * total + 4 * lines + 2 * graph.output_len as u64) + 24 * widest;
        let more = if kept {
            NUMBER * (widest * roots + 8 * lines + 2 * total + 4 * n + sum(&graph.layout.sizes))
        } else {
            NUMBER * n
        };
        Costs { base, each_box, each_row: each + more + 64 }
    }
}

/// How many roots have coefficients at once when going back from the outputs, at most.
fn frontier(graph: &Graph) -> usize {
    let mut live = vec![false; graph.plan.lengths.len()];
    for &tensor in &graph.plan.outputs {
        if let Some(root) = graph.plan.root_of(tensor) {
            live[root] = true;
        }
    }
    let mut most = 1;
    for root in (0..live.len()).rev() {
        let Some(step) = graph.plan.makers[root].filter(|_| live[root]) else { continue };
        for place in &graph.plan.steps[step].operands {
            if let Place::Root(operand) = *place {
                live[operand] = true;
            }
        }
        most = most.max(live.iter().filter(|live| **live).count());
        live[root] = false;
    }
    most
}

/// How much of a query is at work at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chunks {
    pub boxes: usize,
    pub rows: usize,
}

pub(super) fn chunks(bounds: &Bounds, query: &Query<'_>, kept: bool, budget: &Budget) -> Result<Chunks, BoundsError> {
    let alpha = matches!(query.method, Method::Alpha { .. });
    let mut costs = Costs::of(&bounds.graph, kept || alpha);
    if alpha {
        // Neurons' rows are there in single precision too, and what is known of boxes.
        let each = costs.each_row.saturating_add(costs.each_row / 2);
        costs.base = costs.base.saturating_add(each.saturating_mul(super::super::alpha::TOGETHER as u64));
        costs.each_box = costs.each_box.saturating_add(costs.each_box / 2);
    }
    let Costs { base, each_box, each_row } = costs;
    let limit = budget.memory();
    // At least one box and one row.
    let least = base.saturating_add(each_box).saturating_add(each_row);
    grant(least, budget)?;
    let room = limit.min(COMFORT.max(least)) - base;
    let each_box_rows = (2 * query.rows as u64).clamp(1, ROWS);
    let boxes = (room / (each_box + each_box_rows * each_row)).clamp(1, query.boxes.max(1) as u64);
    let rows = ((room - (boxes * each_box).min(room)) / each_row).clamp(1, ROWS);
    Ok(Chunks { boxes: boxes as usize, rows: rows as usize })
}
