//! Random graphs with a given number of edges: G(n, m) of P. Erdős and A. Rényi, "On random graphs I", Publicationes
//! Mathematicae 6, 1959, and the same with edges only between parts of equal size, which hides a colouring.

use std::collections::HashSet;

use super::rng::Rng;
use super::{Graph, InstanceError, filled, small, tick, with_capacity};
use crate::budget::Budget;
use crate::error::OutOfMemory;

/// Every set of `edges` edges equally likely.
pub(super) fn gnm(vertices: u64, edges: u64, rng: &mut Rng, budget: &Budget) -> Result<Graph, InstanceError> {
    let n = small("vertices", vertices.into())?;
    let mut order = with_capacity(n as usize)?;
    order.extend(1..=n);
    between(&order, n, edges, rng, budget)
}

/// The vertices are dealt into `parts` parts whose sizes differ by at most one, every way equally likely; then every
/// set of `edges` edges between different parts is equally likely. Also answers the part of each vertex, from 0.
pub(super) fn partite(
    vertices: u64,
    edges: u64,
    parts: u64,
    rng: &mut Rng,
    budget: &Budget,
) -> Result<(Graph, Vec<u32>), InstanceError> {
    let n = small("vertices", vertices.into())?;
    let parts = small("parts", parts.into())?;
    let mut order = with_capacity(n as usize)?;
    order.extend(1..=n);
    budget.check()?;
    rng.shuffle(&mut order);
    let graph = between(&order, parts, edges, rng, budget)?;
    let mut part_of = filled(0u32, n as usize)?;
    for part in 0..parts {
        for &vertex in &order[begin(n, parts, part)..begin(n, parts, part + 1)] {
            part_of[vertex as usize - 1] = part;
        }
    }
    Ok((graph, part_of))
}

/// Where a part begins in the order of vertices.
fn begin(vertices: u32, parts: u32, part: u32) -> usize {
    (u64::from(vertices) * u64::from(part) / u64::from(parts)) as usize
}

/// `count` edges between vertices of `order` that lie in different parts.
fn between(order: &[u32], parts: u32, count: u64, rng: &mut Rng, budget: &Budget) -> Result<Graph, InstanceError> {
    let n = small("vertices", order.len() as u128)?;
    // Edges are numbered: those from the vertex at place `i` to later parts are `first[i]..first[i + 1]`.
    let mut first = filled(0u64, order.len() + 1)?;
    for part in 0..parts {
        let end = begin(n, parts, part + 1);
        for i in begin(n, parts, part)..end {
            first[i + 1] = first[i] + (order.len() - end) as u64;
        }
    }
    let possible = first[order.len()];
    if count > possible {
        let why = format!("there are only {possible} possible edges");
        return Err(InstanceError::parameter("edges", count, why));
    }
    let mut edges = with_capacity(usize::try_from(count).unwrap_or(usize::MAX))?;
    for (step, number) in (0..).zip(subset(possible, count, rng, budget)?) {
        tick(budget, step)?;
        let i = first.partition_point(|&f| f <= number) - 1;
        // `first[i + 1]` edges end at the last place.
        let j = order.len() - (first[i + 1] - number) as usize;
        edges.push([order[i].min(order[j]), order[i].max(order[j])]);
    }
    Ok(Graph::from_simple(n, edges))
}

/// A subset of `0..n` with `count` elements, every one equally likely, in the order drawn: R. Floyd's algorithm in
/// J. Bentley, "Programming pearls: a sample of brilliance", CACM 30(9), 1987. One draw an element, however dense.
fn subset(n: u64, count: u64, rng: &mut Rng, budget: &Budget) -> Result<Vec<u64>, InstanceError> {
    let len = usize::try_from(count).unwrap_or(usize::MAX);
    let mut list = with_capacity(len)?;
    // Asked for membership only; its order is nobody's concern.
    let mut seen = HashSet::new();
    seen.try_reserve(len).map_err(|_| OutOfMemory::Allocator { bytes: count.saturating_mul(8) })?;
    for last in n - count..n {
        tick(budget, last)?;
        let drawn = rng.below(last + 1);
        let element = if seen.insert(drawn) { drawn } else { last };
        seen.insert(element);
        list.push(element);
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subsets_are_even() {
        let mut rng = Rng::new(4);
        let mut seen = std::collections::BTreeMap::new();
        for _ in 0..20_000 {
            let mut set = subset(6, 3, &mut rng, &Budget::unlimited()).unwrap();
            set.sort_unstable();
            *seen.entry(set).or_insert(0u32) += 1;
        }
        // Standard deviation 31; five of them.
        assert!(seen.len() == 20 && seen.values().all(|n| n.abs_diff(1000) < 155), "{seen:?}");
    }

    #[test]
    fn every_edge_count_down_to_the_complete_graph() {
        for m in 0..=15 {
            let g = gnm(6, m, &mut Rng::new(m), &Budget::unlimited()).unwrap();
            assert_eq!(Graph::new(6, g.edges()).as_ref(), Ok(&g));
            assert_eq!(g.edges().len() as u64, m);
        }
        assert!(gnm(6, 16, &mut Rng::new(0), &Budget::unlimited()).is_err());
    }

    #[test]
    fn edges_lie_between_even_parts() {
        // 7 vertices in parts of 2, 2 and 3: 21 - 1 - 1 - 3 edges.
        for m in 0..=16 {
            let (g, part) = partite(7, m, 3, &mut Rng::new(m), &Budget::unlimited()).unwrap();
            assert_eq!(g.edges().len() as u64, m);
            assert_eq!(Graph::new(7, g.edges()).as_ref(), Ok(&g));
            assert!(g.edges().iter().all(|&[a, b]| part[a as usize - 1] != part[b as usize - 1]));
            let mut sizes = [0, 1, 2].map(|p| part.iter().filter(|&&q| q == p).count());
            sizes.sort_unstable();
            assert_eq!(sizes, [2, 2, 3]);
        }
        assert!(partite(7, 17, 3, &mut Rng::new(0), &Budget::unlimited()).is_err());
        // More parts than vertices: some stay empty, everything else is G(n, m).
        let (g, _) = partite(4, 6, 9, &mut Rng::new(0), &Budget::unlimited()).unwrap();
        assert_eq!(g.edges().len(), 6);
    }
}
