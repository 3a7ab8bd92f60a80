//! Tseitin parity formulas: G. Tseitin, "On the complexity of derivation in propositional calculus", 1968; on random
//! regular graphs, which are expanders with high odds, every resolution refutation is exponential in the number of
//! vertices (A. Urquhart, "Hard examples for resolution", JACM 34(1), 1987). Gaussian elimination refutes them at
//! once.
//!
//! A variable an edge, a charge of 0 or 1 a vertex; the edges at a vertex must sum to its charge modulo 2. Every edge
//! is counted at both ends, so on a connected graph that is satisfiable exactly where the charges sum to an even
//! number.

use super::rng::Rng;
use super::{Builder, Graph, InstanceError, filled, literal, regular_graph, tick, with_capacity};
use crate::budget::Budget;
use crate::formula::Formula;

/// What the charges of all vertices sum to, modulo 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Charge {
    /// 0: satisfiable.
    Even,
    /// 1: unsatisfiable.
    Odd,
}

/// A Tseitin formula on a random connected `degree`-regular graph, with fair random charges that sum to `charge`:
/// `vertices * degree / 2` variables and `vertices * 2^(degree - 1)` clauses of `degree` literals.
///
/// Errors: a parameter is 0, `degree >= vertices`, `degree * vertices` is odd, degree 1 on more than two vertices, or
/// the formula would be too large.
pub fn generate(vertices: u64, degree: u64, charge: Charge, budget: &Budget) -> Result<Formula, InstanceError> {
    let mut rng = Rng::new(budget.seed());
    let graph = random_regular(vertices, degree, &mut rng, budget)?;
    let mut charges = filled(false, graph.num_vertices() as usize)?;
    let mut sum = false;
    for (step, c) in (0..).zip(&mut charges) {
        tick(budget, step)?;
        *c = rng.bit();
        sum ^= *c;
    }
    if let Some(last) = charges.last_mut() {
        *last ^= sum != (charge == Charge::Odd);
    }
    on_graph(&graph, &charges, budget)
}

/// The graph that [`generate`] uses at the same seed.
pub fn graph(vertices: u64, degree: u64, budget: &Budget) -> Result<Graph, InstanceError> {
    random_regular(vertices, degree, &mut Rng::new(budget.seed()), budget)
}

fn random_regular(vertices: u64, degree: u64, rng: &mut Rng, budget: &Budget) -> Result<Graph, InstanceError> {
    // Refuse a formula that is too large before the graph is drawn.
    if (1..vertices).contains(&degree) {
        let each = per_vertex(usize::try_from(degree).unwrap_or(usize::MAX));
        let clauses = each.saturating_mul(vertices.into());
        let edges = u128::from(vertices) * u128::from(degree) / 2;
        Builder::new(budget, edges, clauses, clauses.saturating_mul(degree.into()))?;
    }
    regular_graph::connected(vertices, degree, rng, budget)
}

/// The Tseitin formula of any graph; `charges[v - 1]` is the charge of vertex `v`. Variable `i + 1` stands for
/// `graph.edges()[i]`. Vertex by vertex, a clause for each wrong parity: `2^(d - 1)` at a vertex of degree `d`, and
/// the empty clause at a charged vertex without an edge.
///
/// Errors: not one charge a vertex, or the formula would be too large.
pub fn on_graph(graph: &Graph, charges: &[bool], budget: &Budget) -> Result<Formula, InstanceError> {
    let vertices = graph.num_vertices() as usize;
    if charges.len() != vertices {
        let why = format!("there must be one for each of the {vertices} vertices");
        return Err(InstanceError::parameter("number of charges", charges.len(), why));
    }
    let (start, list) = graph.incidence()?;
    let (mut clauses, mut literals) = (0u128, 0u128);
    for (v, &charge) in charges.iter().enumerate() {
        let degree = start[v + 1] - start[v];
        let each = if degree == 0 { u128::from(charge) } else { per_vertex(degree) };
        clauses = clauses.saturating_add(each);
        literals = literals.saturating_add(each.saturating_mul(degree as u128));
    }
    let mut builder = Builder::new(budget, graph.edges().len() as u128, clauses, literals)?;
    let mut clause = with_capacity(64)?;
    for (v, &charge) in charges.iter().enumerate() {
        let edges = &list[start[v]..start[v + 1]];
        // Bit `i` of `wrong` is the value of edge `i` in an assignment that the clause forbids. The formula would have
        // been too large if there were more than 63.
        for wrong in 0..1u64 << edges.len() {
            if (wrong.count_ones() % 2 == 1) == charge {
                continue;
            }
            clause.clear();
            clause.extend(edges.iter().enumerate().map(|(i, &edge)| literal(edge + 1, wrong >> i & 1 == 0)));
            builder.clause(&clause)?;
        }
    }
    Ok(builder.formula)
}

/// Clauses that a vertex of `degree`, at least 1, needs.
fn per_vertex(degree: usize) -> u128 {
    u32::try_from(degree - 1).ok().and_then(|shift| 1u128.checked_shl(shift)).unwrap_or(u128::MAX)
}
