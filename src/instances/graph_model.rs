//! Random graphs by the models that benchmark formulas are drawn on.
//!
//! | model | source |
//! |---|---|
//! | every edge by itself | E. N. Gilbert, "Random graphs", Annals of Mathematical Statistics 30, 1959, G(n, p); the graphs "of Erdős and Rényi" in paper 004 |
//! | regular | B. Bollobás, 1980, as in `regular_graph` |
//! | geometric: points in a square, close ones joined | E. N. Gilbert, "Random plane networks", 1961 |
//! | preferential attachment | A.-L. Barabási, R. Albert, "Emergence of scaling in random networks", Science 286, 1999 |
//! | small world: a ring, some of whose edges are moved | D. J. Watts, S. H. Strogatz, "Collective dynamics of 'small-world' networks", Nature 393, 1998 |

use super::rng::Rng;
use super::{Graph, InstanceError, positive, regular_graph, small, tick, with_capacity};
use crate::budget::Budget;

/// How edges come about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum GraphModel {
    /// Each pair of vertices is joined with this probability.
    ErdosRenyi(f64),
    /// Every vertex has so many neighbours, and the graph is connected.
    Regular(u64),
    /// Vertices are points of the unit square, and those not further apart than this are joined.
    Geometric(f64),
    /// One vertex after the other is joined to so many earlier ones, the likelier the more neighbours these have; the first
    /// ones are a star.
    BarabasiAlbert(u64),
    /// In a ring each vertex is joined to the nearest ones, so many (an even number); then each of these edges gets another
    /// end with this probability.
    WattsStrogatz(u64, f64),
}

/// A fair decision with probability `p`, in steps of 2^-53.
fn decide(rng: &mut Rng, p: f64) -> bool {
    unit(rng) < p
}

/// Uniform in [0, 1), in steps of 2^-53.
fn unit(rng: &mut Rng) -> f64 {
    (rng.next() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

fn probability(p: f64) -> Result<(), InstanceError> {
    if (0.0..=1.0).contains(&p) {
        return Ok(());
    }
    Err(InstanceError::parameter("probability", p, "must be between 0 and 1"))
}

impl GraphModel {
    /// A graph on so many vertices. Time: the number of pairs of vertices, or for the last two models of edges.
    pub(super) fn draw(self, vertices: u64, rng: &mut Rng, budget: &Budget) -> Result<Graph, InstanceError> {
        positive("vertices", vertices)?;
        let n = small("vertices", vertices.into())?;
        match self {
            GraphModel::ErdosRenyi(p) => {
                probability(p)?;
                pairs(n, budget, |_, _| decide(rng, p))
            }
            GraphModel::Regular(degree) => regular_graph::connected(vertices, degree, rng, budget),
            GraphModel::Geometric(radius) => {
                if !(radius >= 0.0 && radius.is_finite()) {
                    return Err(InstanceError::parameter("radius", radius, "must be a number, not negative"));
                }
                let mut points = with_capacity(n as usize)?;
                points.extend((0..n).map(|_| (unit(rng), unit(rng))));
                pairs(n, budget, |a, b| {
                    let ((x, y), (u, v)) = (points[a as usize - 1], points[b as usize - 1]);
                    (x - u) * (x - u) + (y - v) * (y - v) <= radius * radius
                })
            }
            GraphModel::BarabasiAlbert(edges) => preferential(n, edges, rng, budget),
            GraphModel::WattsStrogatz(neighbours, p) => {
                probability(p)?;
                small_world(n, neighbours, p, rng, budget)
            }
        }
    }
}

/// The pairs of vertices that are to be joined.
fn pairs(n: u32, budget: &Budget, mut joined: impl FnMut(u32, u32) -> bool) -> Result<Graph, InstanceError> {
    let mut edges: Vec<[u32; 2]> = Vec::new();
    let mut step = 0;
    for a in 1..=n {
        for b in a + 1..=n {
            tick(budget, step)?;
            step += 1;
            if joined(a, b) {
                push(&mut edges, [a, b])?;
            }
        }
    }
    Ok(Graph::from_simple(n, edges))
}

fn push(edges: &mut Vec<[u32; 2]>, edge: [u32; 2]) -> Result<(), InstanceError> {
    let bytes = 8 * edges.len() as u64;
    edges.try_reserve(1).map_err(|_| crate::error::OutOfMemory::Allocator { bytes })?;
    edges.push(edge);
    Ok(())
}

fn preferential(n: u32, edges: u64, rng: &mut Rng, budget: &Budget) -> Result<Graph, InstanceError> {
    if edges == 0 || edges >= u64::from(n) {
        let why = format!("must be at least 1 and less than the number of vertices, {n}");
        return Err(InstanceError::parameter("edges of a new vertex", edges, why));
    }
    let m = edges as u32; // less than `n`
    let (mut all, mut chosen) = (Vec::new(), with_capacity(m as usize)?);
    for vertex in 2..=m + 1 {
        push(&mut all, [1, vertex])?;
    }
    for vertex in m + 2..=n {
        tick(budget, vertex.into())?;
        chosen.clear();
        while chosen.len() < m as usize {
            // The end of a random edge: a vertex in proportion to its neighbours.
            let end = all[rng.index(all.len())][usize::from(rng.bit())];
            if !chosen.contains(&end) {
                chosen.push(end);
            }
        }
        for &end in &chosen {
            push(&mut all, [end, vertex])?;
        }
    }
    Ok(Graph::from_simple(n, all))
}

fn small_world(n: u32, neighbours: u64, p: f64, rng: &mut Rng, budget: &Budget) -> Result<Graph, InstanceError> {
    if !neighbours.is_multiple_of(2) || neighbours >= u64::from(n) {
        let why = format!("must be even and less than the number of vertices, {n}");
        return Err(InstanceError::parameter("neighbours", neighbours, why));
    }
    let half = neighbours as u32 / 2; // less than `n`
    let mut joined = std::collections::BTreeSet::new();
    let edge = |a: u32, b: u32| [a.min(b), a.max(b)];
    let across = |v: u32, by: u32| (v - 1 + by) % n + 1;
    for by in 1..=half {
        joined.extend((1..=n).map(|v| edge(v, across(v, by))));
    }
    let mut degrees = super::filled(2 * half, n as usize)?;
    for by in 1..=half {
        for v in 1..=n {
            tick(budget, v.into())?;
            // A vertex that all others are joined to has no other end to offer.
            if !decide(rng, p) || degrees[v as usize - 1] >= n - 1 {
                continue;
            }
            let end = loop {
                let end = 1 + rng.index(n as usize) as u32;
                if end != v && !joined.contains(&edge(v, end)) {
                    break end;
                }
            };
            joined.remove(&edge(v, across(v, by)));
            joined.insert(edge(v, end));
            degrees[across(v, by) as usize - 1] -= 1;
            degrees[end as usize - 1] += 1;
        }
    }
    Ok(Graph::from_simple(n, joined.into_iter().collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(model: GraphModel, n: u64, seed: u64) -> Graph {
        let graph = model.draw(n, &mut Rng::new(seed), &Budget::unlimited()).unwrap();
        assert_eq!(Graph::new(n, graph.edges()).as_ref(), Ok(&graph));
        graph
    }

    fn mean(model: GraphModel, n: u64) -> f64 {
        (0..300).map(|seed| draw(model, n, seed).edges().len() as f64).sum::<f64>() / 300.0
    }

    #[test]
    fn numbers_of_edges() {
        // 190 pairs, each with probability 0.3; the standard deviation of the mean is 0.36.
        assert!((mean(GraphModel::ErdosRenyi(0.3), 20) - 57.0).abs() < 1.8);
        assert_eq!(mean(GraphModel::ErdosRenyi(1.0), 9), 36.0);
        assert_eq!(mean(GraphModel::ErdosRenyi(0.0), 9), 0.0);
        assert_eq!(mean(GraphModel::Regular(4), 12), 24.0);
        assert_eq!(mean(GraphModel::Geometric(2.0), 9), 36.0);
        // Two points of a square are within r with probability πr² - 8r³/3 + r⁴/2: 0.0996 for 0.2, of 190 pairs; the mean's
        // standard deviation is below 0.5.
        assert!((mean(GraphModel::Geometric(0.2), 20) - 18.9).abs() < 2.0);
        // A star of m edges, and m more a vertex.
        assert_eq!(mean(GraphModel::BarabasiAlbert(3), 20), 3.0 + 3.0 * 16.0);
        assert_eq!(mean(GraphModel::BarabasiAlbert(1), 2), 1.0);
        assert_eq!(mean(GraphModel::WattsStrogatz(4, 0.5), 20), 40.0);
        let ring: Vec<[u32; 2]> = vec![[1, 2], [1, 5], [2, 3], [3, 4], [4, 5]];
        assert_eq!(draw(GraphModel::WattsStrogatz(2, 0.0), 5, 1).edges(), ring);
        assert_eq!(mean(GraphModel::WattsStrogatz(4, 1.0), 5), 10.0); // all of them: none can move
    }

    /// Old vertices have many neighbours, late ones few; and moved edges are half of all.
    #[test]
    fn shapes() {
        let (mut first, mut last, mut moved) = (0, 0, 0);
        for seed in 0..200 {
            let graph = draw(GraphModel::BarabasiAlbert(2), 100, seed);
            first += graph.edges().iter().flatten().filter(|&&v| v <= 10).count();
            last += graph.edges().iter().flatten().filter(|&&v| v > 90).count();
            let near = |&&[a, b]: &&[u32; 2]| (b - a).min(50 + a - b) <= 2;
            moved += 100 - draw(GraphModel::WattsStrogatz(4, 0.5), 50, seed).edges().iter().filter(near).count();
        }
        assert!(first > 3 * last, "{first} {last}");
        // Of 100 edges some 50 are moved, few of them to where an edge was before.
        assert!((40.0..51.0).contains(&(f64::from(moved as u32) / 200.0)), "{moved}");
    }

    #[test]
    fn what_is_refused() {
        let refused = |model: GraphModel, n| model.draw(n, &mut Rng::new(1), &Budget::unlimited()).unwrap_err();
        for model in [
            GraphModel::ErdosRenyi(-0.1),
            GraphModel::ErdosRenyi(f64::NAN),
            GraphModel::Regular(5),
            GraphModel::Geometric(f64::INFINITY),
            GraphModel::Geometric(-1.0),
            GraphModel::BarabasiAlbert(0),
            GraphModel::BarabasiAlbert(5),
            GraphModel::WattsStrogatz(3, 0.5),
            GraphModel::WattsStrogatz(6, 0.5),
            GraphModel::WattsStrogatz(2, 2.0),
        ] {
            assert!(matches!(refused(model, 5), InstanceError::Parameter { .. }), "{model:?}");
        }
        assert!(matches!(refused(GraphModel::ErdosRenyi(0.5), 0), InstanceError::Parameter { .. }));
        assert!(matches!(refused(GraphModel::ErdosRenyi(0.5), 1 << 31), InstanceError::TooLarge { .. }));
    }
}
