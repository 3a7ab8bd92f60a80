//! At most one of many: what clauses of two literals say together, as one sum.
//!
//! Two literals of which one must be false are joined by an edge; of the literals of a clique all but one must be false. By
//! clauses alone cutting planes reason no better than resolution, which needs exponentially many steps where one sum a clique
//! needs few: pigeons in holes (W. Cook, C. Coullard, G. Turán, "On the complexity of cutting-plane proofs", Discrete Applied
//! Mathematics 18, 1987). The cliques are grown greedily, each from an edge that none has yet; to find the largest is hard (A.
//! Biere, D. Le Berre, E. Lonca, N. Manthey, "Detecting Cardinality Constraints in CNF", SAT 2014, compare ways).

use super::Literal;
use super::engine::{Engine, room};
use super::store::Clause;

/// Literals of the smallest clique that is worth a sum.
const LEAST: usize = 3;

/// Edges looked at in one go; what is not found by then stays as it is.
const MOST: u64 = 20_000_000;

/// What may not be true together, by literal.
struct Pairs {
    /// Both ways round, in order, with the clause that says it.
    edges: Vec<(Literal, Literal, u32)>,
    /// Where those of each literal begin.
    starts: Vec<usize>,
    looks: u64,
}

impl Pairs {
    fn new(mut edges: Vec<(Literal, Literal, u32)>, literals: usize) -> Self {
        edges.sort_unstable();
        edges.dedup_by_key(|edge| (edge.0, edge.1));
        let mut starts = vec![0; literals + 1];
        for &(literal, ..) in &edges {
            starts[literal as usize + 1] += 1;
        }
        for literal in 0..literals {
            starts[literal + 1] += starts[literal];
        }
        Pairs { edges, starts, looks: 0 }
    }

    fn of(&self, literal: Literal) -> &[(Literal, Literal, u32)] {
        &self.edges[self.starts[literal as usize]..self.starts[literal as usize + 1]]
    }

    /// Keeps of the candidates, which are in order, those that are joined to a literal.
    fn retain(&mut self, candidates: &mut Vec<Literal>, literal: Literal) {
        let all = &self.edges[self.starts[literal as usize]..self.starts[literal as usize + 1]];
        let mut place = 0;
        candidates.retain(|&candidate| {
            place += all[place..].partition_point(|edge| edge.1 < candidate);
            all.get(place).is_some_and(|edge| edge.1 == candidate)
        });
        self.looks += (candidates.len() + 1) as u64;
    }

    /// A clique with this edge in it, that nothing can be added to.
    fn grow(&mut self, edge: usize) -> Vec<Literal> {
        let (a, b, _) = self.edges[edge];
        let mut candidates: Vec<Literal> = self.of(a).iter().map(|edge| edge.1).collect();
        self.looks += candidates.len() as u64;
        self.retain(&mut candidates, b);
        let mut clique = vec![a, b];
        // The one with the most edges first: it leaves the most.
        while let Some(&next) = candidates.iter().max_by_key(|&&l| (self.of(l).len(), u32::MAX - l)) {
            clique.push(next);
            self.looks += candidates.len() as u64;
            self.retain(&mut candidates, next);
        }
        clique.sort_unstable();
        clique
    }

    /// Where an edge is that exists.
    fn place(&self, a: Literal, b: Literal) -> usize {
        self.starts[a as usize] + self.of(a).partition_point(|edge| edge.1 < b)
    }
}

impl Engine {
    /// Joins clauses of two literals that were added since the last time: cliques become sums, and their clauses go. On level 0.
    pub(super) fn join_pairs(&mut self) {
        let begin = std::mem::replace(&mut self.joined, self.store.clauses.len());
        let is_pair = |clause: &Clause| clause.literals.len() == 2 && !clause.usage.is_learned && !clause.usage.is_gone;
        let count = self.store.clauses[begin..].iter().filter(|clause| is_pair(clause)).count();
        let mut edges = Vec::new();
        if count < LEAST || room(&mut edges, 2 * count).is_err() {
            return;
        }
        for (index, clause) in self.store.clauses.iter().enumerate().skip(begin) {
            if let (&[a, b], true) = (&*clause.literals, is_pair(clause)) {
                edges.push((a ^ 1, b ^ 1, index as u32));
                edges.push((b ^ 1, a ^ 1, index as u32));
            }
        }
        let mut pairs = Pairs::new(edges, 2 * self.trail.num_vars());
        let mut is_joined = vec![false; pairs.edges.len()];
        let mut cliques = Vec::new();
        for edge in 0..pairs.edges.len() {
            if is_joined[edge] || pairs.edges[edge].0 > pairs.edges[edge].1 {
                continue;
            }
            if pairs.looks > MOST {
                break;
            }
            let clique = pairs.grow(edge);
            if clique.len() < LEAST {
                continue;
            }
            for (place, &a) in clique.iter().enumerate() {
                for &b in &clique[place + 1..] {
                    let joined = pairs.place(a, b);
                    is_joined[joined] = true;
                    self.store.clauses[pairs.edges[joined].2 as usize].usage.is_gone = true;
                }
            }
            pairs.looks += (clique.len() * clique.len()) as u64;
            cliques.push(clique);
        }
        if cliques.is_empty() {
            return;
        }
        self.store.sweep();
        for clique in cliques {
            let least = clique.len() as i64 - 1;
            self.add(clique.into_iter().map(|literal| (1, literal ^ 1)), least);
        }
        self.joined = self.store.clauses.len();
    }
}
