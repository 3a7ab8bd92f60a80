//! Graph colouring: is there a colour for every vertex such that no edge joins two of the same? The direct encoding
//! of the "flat" graphs in SATLIB (H. Hoos, T. Stützle, "SATLIB: an online resource for research on SAT", SAT 2000),
//! on random graphs G(n, m), hardest for three colours near 2.3 edges a vertex (P. Cheeseman, B. Kanefsky,
//! W. Taylor, "Where the really hard problems are", IJCAI 1991), or on graphs that hide a colouring with classes of
//! equal size (J. Culberson, F. Luo, "Exploring the k-colorable landscape with iterated greedy", DIMACS Series 26,
//! 1996, "equi-partite"; their "flat" graphs even out the degrees too, these do not).

use super::rng::Rng;
use super::{Builder, Graph, GraphModel, InstanceError, Planted, filled, positive, random_graph, with_capacity};
use crate::budget::Budget;
use crate::formula::Formula;

/// A colouring of a random graph G(n, m) with `colors` colours: `vertices * colors` variables.
///
/// Errors: a parameter is 0, more edges than pairs of vertices, or the formula would be too large.
pub fn generate(vertices: u64, edges: u64, colors: u64, budget: &Budget) -> Result<Formula, InstanceError> {
    check(vertices, edges, colors, budget)?;
    let graph = random_graph::gnm(vertices, edges, &mut Rng::new(budget.seed()), budget)?;
    on_graph(&graph, colors, budget)
}

/// The same on a random graph that a hidden colouring with classes of equal size colours.
///
/// Errors: as [`generate`]; the edges must fit between the classes.
pub fn generate_planted(vertices: u64, edges: u64, colors: u64, budget: &Budget) -> Result<Planted, InstanceError> {
    check(vertices, edges, colors, budget)?;
    let mut rng = Rng::new(budget.seed());
    let (graph, color) = random_graph::partite(vertices, edges, colors, &mut rng, budget)?;
    let formula = on_graph(&graph, colors, budget)?;
    let mut model = filled(-1i8, formula.num_vars() as usize)?;
    // As many as there are variables, so it fits.
    let k = colors as usize;
    for (v, &c) in color.iter().enumerate() {
        model[v * k + c as usize] = 1;
    }
    Ok(Planted { formula, model })
}

/// The colouring of any graph. Variable `(v - 1) * colors + c`, named `v{v}=c{c}`, says that vertex `v` has colour
/// `c`, both from 1. Clauses, in this order: every vertex has a colour, none has two, the ends of an edge differ:
/// `vertices * (1 + colors * (colors - 1) / 2) + edges * colors`.
///
/// Errors: no colours, or the formula would be too large.
pub fn on_graph(graph: &Graph, colors: u64, budget: &Budget) -> Result<Formula, InstanceError> {
    encode(graph, colors, true, budget)
}

/// The same, but a vertex may have several colours, of which any one will do: as CNFgen has it (M. Lauria et al., SAT 2017),
/// on whose formulas paper 004 is measured. Its clauses are those of [`on_graph`] without the second kind.
///
/// Errors: no colours, or the formula would be too large.
pub fn covering(graph: &Graph, colors: u64, budget: &Budget) -> Result<Formula, InstanceError> {
    encode(graph, colors, false, budget)
}

/// [`covering`] on a random graph.
///
/// Errors: a parameter is 0 or does not fit the model, or the formula would be too large.
pub fn generate_covering(
    vertices: u64,
    colors: u64,
    model: GraphModel,
    budget: &Budget,
) -> Result<Formula, InstanceError> {
    positive("colors", colors)?;
    covering(&model.draw(vertices, &mut Rng::new(budget.seed()), budget)?, colors, budget)
}

fn encode(graph: &Graph, colors: u64, one: bool, budget: &Budget) -> Result<Formula, InstanceError> {
    positive("colors", colors)?;
    let mut builder = builder(graph.num_vertices().into(), graph.edges().len() as u64, colors, budget)?;
    // At most as many as variables.
    let (n, k) = (graph.num_vertices(), colors as u32);
    for v in 1..=n {
        for c in 1..=k {
            builder.name((v - 1) * k + c, &format!("v{v}=c{c}"))?;
        }
    }
    let has = |v: u32, c: u32| ((v - 1) * k + c).cast_signed();
    let mut some = with_capacity(k as usize)?;
    for v in 1..=n {
        some.clear();
        some.extend((1..=k).map(|c| has(v, c)));
        builder.clause(&some)?;
    }
    for v in (1..=n).filter(|_| one) {
        for c in 1..=k {
            for other in c + 1..=k {
                builder.clause(&[-has(v, c), -has(v, other)])?;
            }
        }
    }
    for &[a, b] in graph.edges() {
        for c in 1..=k {
            builder.clause(&[-has(a, c), -has(b, c)])?;
        }
    }
    Ok(builder.formula)
}

/// Refuses what needs no graph to be refused.
fn check(vertices: u64, edges: u64, colors: u64, budget: &Budget) -> Result<(), InstanceError> {
    positive("vertices", vertices)?;
    positive("edges", edges)?;
    positive("colors", colors)?;
    let pairs = u128::from(vertices) * u128::from(vertices - 1) / 2;
    if u128::from(edges) > pairs {
        let why = format!("there are only {pairs} possible edges");
        return Err(InstanceError::parameter("edges", edges, why));
    }
    builder(vertices, edges, colors, budget).map(drop)
}

fn builder(vertices: u64, edges: u64, colors: u64, budget: &Budget) -> Result<Builder<'_>, InstanceError> {
    let (n, m, k) = (u128::from(vertices), u128::from(edges), u128::from(colors));
    let conflicts = (k * (k - 1) / 2).saturating_mul(n).saturating_add(m * k);
    let literals = conflicts.saturating_mul(2).saturating_add(n * k);
    Builder::new(budget, n * k, conflicts.saturating_add(n), literals)
}
