//! Is there a set of k vertices that is a clique, covers all edges, or dominates all vertices? In the encodings of CNFgen
//! (M. Lauria, J. Elffers, J. Nordström, M. Vinyals, "CNFgen: a generator of crafted benchmarks", SAT 2017), literal by literal,
//! on which the formulas of paper 004 are made.
//!
//! k rows choose the vertices, row i vertex v by variable `s{i}=v{v}`, in ascending order, which leaves one way of k! to
//! say the same set. A clique has a vertex in every row, and each another one; covers and dominating sets have a variable for
//! each vertex besides, `v{v}`, which is true where some row has it, and rows may agree or stay empty.

use super::rng::Rng;
use super::{Builder, Graph, GraphModel, InstanceError, positive, small, with_capacity};
use crate::budget::Budget;
use crate::formula::Formula;

/// What the vertices are to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subgraph {
    /// All joined to one another.
    Clique,
    /// One of them at each edge.
    VertexCover,
    /// Each vertex is one of them, or joined to one.
    DominatingSet,
}

/// On a random graph.
///
/// Errors: a parameter is 0 or does not fit the model, or the formula would be too large.
pub fn generate(
    what: Subgraph,
    vertices: u64,
    size: u64,
    model: GraphModel,
    budget: &Budget,
) -> Result<Formula, InstanceError> {
    positive("size", size)?;
    let graph = model.draw(vertices, &mut Rng::new(budget.seed()), budget)?;
    on_graph(what, &graph, size, budget)
}

/// On any graph of n vertices: k n variables for a clique, (k + 1) n for a cover or a dominating set; some k² n² / 2 clauses.
///
/// Errors: size 0, or the formula would be too large.
pub fn on_graph(what: Subgraph, graph: &Graph, size: u64, budget: &Budget) -> Result<Formula, InstanceError> {
    positive("size", size)?;
    let (n, k) = (u128::from(graph.num_vertices()), u128::from(size));
    let marks = if what == Subgraph::Clique { 0 } else { 1 };
    // At most 2^30 of them, so that no product overflows.
    let variables = small("variables", (k + marks).saturating_mul(n))?;
    let (pairs, rows, edges) = (n * (n - 1) / 2, k * (k - 1) / 2, graph.edges().len() as u128);
    let clauses = match what {
        Subgraph::Clique => k + rows * n + k * pairs + rows * (2 * pairs - edges),
        _ => 2 * k * pairs + rows * pairs + k * n + n + if what == Subgraph::VertexCover { edges } else { n },
    };
    let long = match what {
        Subgraph::Clique => k * n,
        Subgraph::VertexCover => n * (k + 1) + 2 * edges,
        Subgraph::DominatingSet => n * (k + 1) + n + 2 * edges,
    };
    let mut builder = Builder::new(budget, variables.into(), clauses, 2 * clauses + long)?;
    // There are at least as many variables.
    let (n, k) = (graph.num_vertices(), size as u32);
    let chosen = |row: u32, vertex: u32| ((row - 1 + marks as u32) * n + vertex).cast_signed();
    for row in 1..=k {
        for vertex in 1..=n {
            builder.name(chosen(row, vertex).cast_unsigned(), &format!("s{row}=v{vertex}"))?;
        }
    }
    if what == Subgraph::Clique {
        clique(graph, k, chosen, &mut builder)?;
    } else {
        for vertex in 1..=n {
            builder.name(vertex, &format!("v{vertex}"))?;
        }
        marked(n, k, chosen, &mut builder)?;
        if what == Subgraph::VertexCover {
            for &[a, b] in graph.edges() {
                builder.clause(&[a.cast_signed(), b.cast_signed()])?;
            }
        } else {
            dominated(graph, &mut builder)?;
        }
    }
    Ok(builder.formula)
}

fn clique(
    graph: &Graph,
    k: u32,
    has: impl Fn(u32, u32) -> i32,
    builder: &mut Builder<'_>,
) -> Result<(), InstanceError> {
    let n = graph.num_vertices();
    let mut some = with_capacity(n as usize)?;
    for row in 1..=k {
        some.clear();
        some.extend((1..=n).map(|vertex| has(row, vertex)));
        builder.clause(&some)?;
    }
    for vertex in 1..=n {
        for row in 1..=k {
            for other in row + 1..=k {
                builder.clause(&[-has(row, vertex), -has(other, vertex)])?;
            }
        }
    }
    at_most_one(n, k, &has, builder)?;
    let mut edges = graph.edges().iter().peekable();
    for a in 1..=n {
        for b in a + 1..=n {
            let joined = edges.next_if_eq(&&[a, b]).is_some();
            for row in 1..=k {
                for other in row + 1..=k {
                    builder.clause(&[-has(row, b), -has(other, a)])?;
                    if !joined {
                        builder.clause(&[-has(row, a), -has(other, b)])?;
                    }
                }
            }
        }
    }
    Ok(())
}

fn at_most_one(n: u32, k: u32, has: &impl Fn(u32, u32) -> i32, builder: &mut Builder<'_>) -> Result<(), InstanceError> {
    for row in 1..=k {
        for a in 1..=n {
            for b in a + 1..=n {
                builder.clause(&[-has(row, a), -has(row, b)])?;
            }
        }
    }
    Ok(())
}

/// Rows that ascend, and what each vertex has to do with them. That a row has one vertex at most is said twice, there too.
fn marked(n: u32, k: u32, has: impl Fn(u32, u32) -> i32, builder: &mut Builder<'_>) -> Result<(), InstanceError> {
    at_most_one(n, k, &has, builder)?;
    for b in 1..=n {
        for a in 1..b {
            for row in 1..=k {
                for other in row..=k {
                    builder.clause(&[-has(row, b), -has(other, a)])?;
                }
            }
        }
    }
    for vertex in 1..=n {
        for row in 1..=k {
            builder.clause(&[-has(row, vertex), vertex.cast_signed()])?;
        }
    }
    let mut rows = with_capacity(k as usize + 1)?;
    for vertex in 1..=n {
        rows.clear();
        rows.push(-vertex.cast_signed());
        rows.extend((1..=k).map(|row| has(row, vertex)));
        builder.clause(&rows)?;
    }
    Ok(())
}

/// Each vertex with its neighbours; sets that are the same are said once, all in ascending order.
fn dominated(graph: &Graph, builder: &mut Builder<'_>) -> Result<(), InstanceError> {
    let (start, list) = graph.incidence()?;
    let mut sets = with_capacity(graph.num_vertices() as usize)?;
    for vertex in 1..=graph.num_vertices() {
        let edges = &list[start[vertex as usize - 1]..start[vertex as usize]];
        let mut around = with_capacity(edges.len() + 1)?;
        around.push(vertex.cast_signed());
        for &edge in edges {
            let [a, b] = graph.edges()[edge as usize];
            around.push((if a == vertex { b } else { a }).cast_signed());
        }
        around.sort_unstable();
        sets.push(around);
    }
    sets.sort_unstable();
    sets.dedup();
    sets.iter().try_for_each(|around| builder.clause(around))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Brute force over sets: the formula has a model where there is such a set of at most (a clique: exactly) k vertices.
    #[test]
    fn sets_of_small_graphs() {
        let (mut yes, mut no) = (0, 0);
        for seed in 0..60 {
            let (n, k) = (4, 1 + seed % 3);
            let graph = GraphModel::ErdosRenyi(0.5).draw(n, &mut Rng::new(seed), &Budget::unlimited()).unwrap();
            let joined = |a: u32, b: u32| graph.edges().contains(&[a.min(b), a.max(b)]);
            for what in [Subgraph::Clique, Subgraph::VertexCover, Subgraph::DominatingSet] {
                let is = |set: u32| {
                    let within = |v: u32| set >> (v - 1) & 1 == 1;
                    match what {
                        Subgraph::Clique => {
                            u64::from(set.count_ones()) == k
                                && (1..=4).all(|a| (1..a).all(|b| !within(a) || !within(b) || joined(a, b)))
                        }
                        Subgraph::VertexCover => {
                            u64::from(set.count_ones()) <= k
                                && graph.edges().iter().all(|&[a, b]| within(a) || within(b))
                        }
                        Subgraph::DominatingSet => {
                            u64::from(set.count_ones()) <= k
                                && (1..=4).all(|a| within(a) || (1..=4).any(|b| within(b) && b != a && joined(a, b)))
                        }
                    }
                };
                let formula = on_graph(what, &graph, k, &Budget::unlimited()).unwrap();
                let bits = formula.num_vars();
                let model = |bits_of: u32| -> Vec<i8> {
                    (0..bits).map(|v| if bits_of >> v & 1 == 1 { 1 } else { -1 }).collect()
                };
                let found = (0..1u32 << bits).any(|m| formula.check(&model(m)).unwrap().is_none());
                assert_eq!(found, (0..16).any(is), "{what:?} of {k} in {:?}", graph.edges());
                *(if found { &mut yes } else { &mut no }) += 1;
            }
        }
        assert!(yes > 50 && no > 20, "{yes} {no}");
    }

    #[test]
    fn sizes_are_refused() {
        let graph = Graph::new(3, &[[1, 2]]).unwrap();
        for what in [Subgraph::Clique, Subgraph::VertexCover, Subgraph::DominatingSet] {
            assert!(on_graph(what, &graph, 0, &Budget::unlimited()).is_err());
            let huge = on_graph(what, &graph, u64::MAX, &Budget::unlimited());
            assert!(matches!(huge, Err(InstanceError::TooLarge { .. })), "{what:?}");
        }
    }
}
