//! Random connected regular graphs by pairing points: B. Bollobás, "A probabilistic proof of an asymptotic formula
//! for the number of labelled regular graphs", European Journal of Combinatorics 1, 1980, in the form of A. Steger
//! and N. Wormald, "Generating random regular graphs quickly", Combinatorics, Probability and Computing 8, 1999,
//! which refuses a single bad pair instead of the whole pairing and so still ends at degree 30, where a pairing
//! without bad pairs has odds of about exp(-degree² / 4). Uniform in the limit for small degrees.

use super::rng::Rng;
use super::{Graph, InstanceError, filled, positive, small, tick, with_capacity};
use crate::budget::Budget;

/// Tries before giving up. A pairing of degree 3 or more gets stuck or falls apart in less than half of all cases, so
/// that so many failures mean a defect, not bad luck.
const TRIES: u64 = 1000;

/// A connected graph in which every vertex has `degree` neighbours.
///
/// Errors: a parameter is 0, `degree >= vertices`, `degree * vertices` is odd, degree 1 on more than two vertices,
/// more edges than variables can count.
pub(super) fn connected(vertices: u64, degree: u64, rng: &mut Rng, budget: &Budget) -> Result<Graph, InstanceError> {
    positive("vertices", vertices)?;
    positive("degree", degree)?;
    let refuse = |why: String| Err(InstanceError::parameter("degree", degree, why));
    if degree >= vertices {
        return refuse(format!("must be less than the number of vertices, {vertices}"));
    }
    let points = u128::from(vertices) * u128::from(degree);
    if !points.is_multiple_of(2) {
        return refuse(format!("times {vertices} vertices is odd, but every edge has two ends"));
    }
    if degree == 1 && vertices > 2 {
        return refuse("no such graph is connected on more than two vertices".into());
    }
    let n = small("vertices", vertices.into())?;
    small("edges", points / 2)?;
    // Less than `n`.
    let d = degree as u32;
    if d == 2 {
        return cycle(n, rng, budget);
    }
    for _ in 0..TRIES {
        // Beyond half of all neighbours the graph's complement is the sparser one, and as uniform.
        let graph = if d > (n - 1) / 2 {
            pairing(n, n - 1 - d, rng, budget)?.map(|edges| complement(n, &edges, budget)).transpose()?
        } else {
            pairing(n, d, rng, budget)?
        };
        if let Some(graph) = graph.map(|edges| Graph::from_simple(n, edges))
            && graph.is_connected()?
        {
            return Ok(graph);
        }
    }
    Err(InstanceError::NoGraph { vertices, degree, tries: TRIES })
}

/// The connected graphs of degree 2 are the cycles; a pairing would rarely hit one.
fn cycle(n: u32, rng: &mut Rng, budget: &Budget) -> Result<Graph, InstanceError> {
    let mut order: Vec<u32> = with_capacity(n as usize)?;
    order.extend(1..=n);
    budget.check()?;
    rng.shuffle(&mut order);
    let mut edges = with_capacity(n as usize)?;
    let next = order.iter().cycle().skip(1);
    edges.extend(order.iter().zip(next).map(|(&a, &b)| [a.min(b), a.max(b)]));
    Ok(Graph::from_simple(n, edges))
}

/// A simple graph of that degree, or `None` where the points that are left cannot be paired any more.
fn pairing(n: u32, d: u32, rng: &mut Rng, budget: &Budget) -> Result<Option<Vec<[u32; 2]>>, InstanceError> {
    let width = d as usize;
    // The vertex of every point that is not paired yet, `d` points a vertex.
    let mut points: Vec<u32> = with_capacity(n as usize * width)?;
    points.extend((1..=n).flat_map(|v| std::iter::repeat_n(v, width)));
    // The neighbours of every vertex, 0 where there is none yet.
    let mut neighbours = filled(0u32, n as usize * width)?;
    let row = |v: u32| (v as usize - 1) * width..v as usize * width;
    let mut edges = with_capacity(n as usize * width / 2)?;
    let mut refused = 0;
    let mut step = 0;
    while !points.is_empty() {
        tick(budget, step)?;
        step += 1;
        let i = rng.index(points.len());
        let j = rng.index(points.len());
        let (a, b) = (points[i], points[j]);
        if i == j || a == b || neighbours[row(a)].contains(&b) {
            refused += 1;
            // Rare draws are no proof that nothing is left, so look.
            if refused > 64 + points.len() {
                if !suitable(&points, |a, b| neighbours[row(a)].contains(&b), budget)? {
                    return Ok(None);
                }
                refused = 0;
            }
            continue;
        }
        refused = 0;
        points.swap_remove(i.max(j));
        points.swap_remove(i.min(j));
        for (v, other) in [(a, b), (b, a)] {
            if let Some(free) = neighbours[row(v)].iter_mut().find(|w| **w == 0) {
                *free = other;
            }
        }
        edges.push([a.min(b), a.max(b)]);
    }
    Ok(Some(edges))
}

/// Whether two of these points may still be paired. Quadratic, but called only when few are left.
fn suitable(points: &[u32], adjacent: impl Fn(u32, u32) -> bool, budget: &Budget) -> Result<bool, InstanceError> {
    for (step, &a) in (0..).zip(points) {
        tick(budget, step)?;
        if points.iter().any(|&b| a != b && !adjacent(a, b)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The pairs of vertices that are no edge.
fn complement(n: u32, edges: &[[u32; 2]], budget: &Budget) -> Result<Vec<[u32; 2]>, InstanceError> {
    let mut sorted = with_capacity(edges.len())?;
    sorted.extend_from_slice(edges);
    sorted.sort_unstable();
    let all = n as usize * (n as usize - 1) / 2;
    let mut missing = with_capacity(all - edges.len())?;
    let mut next = sorted.iter().peekable();
    for a in 1..=n {
        tick(budget, u64::from(a - 1))?;
        for b in a + 1..=n {
            if next.next_if(|&&edge| edge == [a, b]).is_none() {
                missing.push([a, b]);
            }
        }
    }
    Ok(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_degree_up_to_the_complete_graph() {
        for n in 2..=16u64 {
            for d in 1..n {
                if n * d % 2 == 1 || (d == 1 && n > 2) {
                    continue;
                }
                for seed in 0..5 {
                    let g = connected(n, d, &mut Rng::new(seed), &Budget::unlimited()).unwrap();
                    assert_eq!(Graph::new(n, g.edges()).as_ref(), Ok(&g), "simple");
                    assert!(g.is_connected().unwrap());
                    let (start, _) = g.incidence().unwrap();
                    assert!(start.windows(2).all(|s| (s[1] - s[0]) as u64 == d), "{n} vertices, degree {d}");
                }
            }
        }
        let g = connected(1000, 12, &mut Rng::new(1), &Budget::unlimited()).unwrap();
        assert_eq!(g.edges().len(), 6000);
    }

    #[test]
    fn all_cubic_graphs_on_six_vertices_come_up() {
        // 70 labelled ones, all connected: 60 prisms and 10 K(3,3).
        let mut seen = std::collections::BTreeMap::new();
        for seed in 0..14_000 {
            let g = connected(6, 3, &mut Rng::new(seed), &Budget::unlimited()).unwrap();
            *seen.entry(g.edges().to_vec()).or_insert(0u32) += 1;
        }
        // 200 each if uniform, which pairing with single refusals is only in the limit.
        assert!(seen.len() == 70 && seen.values().all(|n| (100..400).contains(n)), "{seen:?}");
    }

    #[test]
    fn bad_degrees() {
        let error = |n, d| connected(n, d, &mut Rng::new(0), &Budget::unlimited()).unwrap_err().to_string();
        assert!(error(0, 1).starts_with("vertices = 0"));
        assert!(error(4, 0).starts_with("degree = 0"));
        assert!(error(4, 4).contains("less than the number of vertices, 4"));
        assert!(error(5, 3).contains("odd"));
        assert!(error(4, 1).contains("connected"));
        assert!(error(1 << 30, 3).contains("1073741824 vertices"));
        assert!(error((1 << 30) - 2, 3).contains("1610612733 edges"));
        assert!(error(u64::MAX, u64::MAX - 1).contains("the most is"));
    }
}
