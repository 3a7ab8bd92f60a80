//! Families on which solvers of pseudo-Boolean problems are compared, at three sizes each: 111 formulas.

use anser::budget::Budget;
use anser::formula::{Condition, Formula};
use anser::instances::pigeonhole;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};

/// What is drawn from chance is drawn so many times.
const SEEDS: u64 = 7;

struct Source(Xoshiro256PlusPlus);

impl Source {
    fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }
}

/// As many of the literals hold as this.
fn exactly(formula: &mut Formula, literals: &[i32], count: i64) {
    let negated: Vec<i32> = literals.iter().map(|l| -l).collect();
    formula.add_cardinality(literals, count, Condition::Plain).unwrap();
    formula.add_cardinality(&negated, literals.len() as i64 - count, Condition::Plain).unwrap();
}

/// What the literals that hold weigh is at most this.
fn at_most(formula: &mut Formula, literals: &[i32], weights: &[i64], most: i64) {
    let negated: Vec<i64> = weights.iter().map(|w| -w).collect();
    formula.add_pseudo_boolean(literals, &negated, -most, Condition::Plain).unwrap();
}

/// Edges of a simple graph on `0..vertices` in which each vertex has so many neighbours: half-edges are paired until it is one.
fn regular(vertices: usize, degree: usize, source: &mut Source) -> Vec<(usize, usize)> {
    loop {
        let mut ends: Vec<usize> = (0..vertices * degree).map(|end| end / degree).collect();
        for place in (1..ends.len()).rev() {
            ends.swap(place, source.below(place + 1));
        }
        let mut edges: Vec<_> = ends.chunks(2).map(|pair| (pair[0].min(pair[1]), pair[0].max(pair[1]))).collect();
        edges.sort_unstable();
        if edges.iter().all(|edge| edge.0 != edge.1) && edges.windows(2).all(|pair| pair[0] != pair[1]) {
            return edges;
        }
    }
}

/// One pigeon more than there are holes, which hold one each. No model. As clauses: [`pigeonhole`].
fn pigeons(pigeons: i32) -> Formula {
    let mut formula = Formula::new();
    let holes = pigeons - 1;
    let place = |pigeon: i32, hole: i32| pigeon * holes + hole + 1;
    for pigeon in 0..pigeons {
        let all: Vec<i32> = (0..holes).map(|hole| place(pigeon, hole)).collect();
        formula.add_clause(&all).unwrap();
    }
    for hole in 0..holes {
        let none: Vec<i32> = (0..pigeons).map(|pigeon| -place(pigeon, hole)).collect();
        formula.add_cardinality(&none, i64::from(holes), Condition::Plain).unwrap();
    }
    formula
}

/// Of the edges at each vertex half are coloured (K. Markström, "Locality and Hard SAT-Instances", JSAT 2, 2006), on a 4-regular
/// graph with an odd number of edges: one of them has a vertex in its middle. No model.
fn even_coloring(vertices: usize, source: &mut Source) -> Formula {
    let mut edges = regular(vertices, 4, source);
    let (a, b) = edges.swap_remove(source.below(edges.len()));
    edges.extend([(a, vertices), (b, vertices)]);
    let mut formula = Formula::new();
    formula.ensure_vars(edges.len() as u32).unwrap();
    for vertex in 0..=vertices {
        let at = (1..).zip(&edges).filter(|(_, edge)| edge.0 == vertex || edge.1 == vertex);
        let at: Vec<i32> = at.map(|(variable, _)| variable).collect();
        exactly(&mut formula, &at, at.len() as i64 / 2);
    }
    formula
}

/// Vertices of a 4-regular graph in two colours, two neighbours of each colour for every vertex.
fn two_coloring(vertices: usize, source: &mut Source) -> Formula {
    let edges = regular(vertices, 4, source);
    let mut formula = Formula::new();
    formula.ensure_vars(vertices as u32).unwrap();
    for vertex in 0..vertices {
        let at = edges.iter().filter(|edge| edge.0 == vertex || edge.1 == vertex);
        let next: Vec<i32> = at.map(|&(a, b)| (a + b - vertex) as i32 + 1).collect();
        exactly(&mut formula, &next, 2);
    }
    formula
}

/// A cover of the edges of a random graph, of eight neighbours a vertex on average, by 62 of 100 vertices.
fn vertex_cover(vertices: usize, source: &mut Source) -> Formula {
    let mut formula = Formula::new();
    formula.ensure_vars(vertices as u32).unwrap();
    for a in 0..vertices {
        for b in 0..a {
            if source.below(vertices - 1) < 8 {
                formula.add_clause(&[a as i32 + 1, b as i32 + 1]).unwrap();
            }
        }
    }
    let none: Vec<i32> = (1..=vertices as i32).map(|v| -v).collect();
    formula.add_cardinality(&none, (vertices - vertices * 62 / 100) as i64, Condition::Plain).unwrap();
    formula
}

/// Items worth four fifths of all in which three resources are used to two thirds at most.
fn knapsack(items: usize, source: &mut Source) -> Formula {
    let mut formula = Formula::new();
    formula.ensure_vars(items as u32).unwrap();
    let all: Vec<i32> = (1..=items as i32).collect();
    let mut weights = || (0..items).map(|_| 1 + source.below(1_000_000) as i64).collect::<Vec<_>>();
    for _ in 0..3 {
        let used = weights();
        at_most(&mut formula, &all, &used, used.iter().sum::<i64>() * 2 / 3);
    }
    let worth = weights();
    formula.add_pseudo_boolean(&all, &worth, worth.iter().sum::<i64>() * 4 / 5, Condition::Plain).unwrap();
    formula
}

/// Half of each of several sums (G. Cornuéjols, M. Dawande, "A Class of Hard Small 0-1 Programs", INFORMS J. Computing 11, 1999).
fn market_split(variables: usize, sums: usize, source: &mut Source) -> Formula {
    let mut formula = Formula::new();
    formula.ensure_vars(variables as u32).unwrap();
    let all: Vec<i32> = (1..=variables as i32).collect();
    for _ in 0..sums {
        let weights: Vec<i64> = all.iter().map(|_| source.below(100) as i64).collect();
        let half = weights.iter().sum::<i64>() / 2;
        at_most(&mut formula, &all, &weights, half);
        formula.add_pseudo_boolean(&all, &weights, half, Condition::Plain).unwrap();
    }
    formula
}

/// All of them, by family, with a name.
pub fn all() -> Vec<(&'static str, String, Formula)> {
    let mut all = Vec::new();
    for n in [10, 20, 50] {
        let clauses = pigeonhole::generate(n as u64, n as u64 - 1, &Budget::unlimited()).unwrap();
        all.push(("pigeons", format!("{n} as sums"), pigeons(n)));
        all.push(("pigeons", format!("{n} as clauses"), clauses));
    }
    type Family = (&'static str, [usize; 3], fn(usize, &mut Source) -> Formula);
    let families: [Family; 5] = [
        ("even colouring", [20, 40, 80], even_coloring),
        ("two colours", [200, 400, 800], two_coloring),
        ("vertex cover", [60, 80, 100], vertex_cover),
        ("knapsack", [25, 50, 100], knapsack),
        ("market split", [16, 20, 24], |n, source| market_split(n, 3, source)),
    ];
    for (family, sizes, make) in families {
        for size in sizes {
            for seed in 1..=SEEDS {
                let mut source = Source(Xoshiro256PlusPlus::seed_from_u64(seed));
                all.push((family, format!("{size}, seed {seed}"), make(size, &mut source)));
            }
        }
    }
    all
}
