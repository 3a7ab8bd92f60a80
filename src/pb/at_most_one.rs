//! At most one of many: what clauses of two literals say together, as one sum.
//!
//! Two literals of which one must be false are joined by an edge; of the literals of a clique all but one must be false. By
//! clauses alone cutting planes reason no better than resolution, which needs exponentially many steps where one sum a clique
//! needs few: pigeons in holes (W. Cook, C. Coullard, G. Turán, "On the complexity of cutting-plane proofs", Discrete Applied
//! Mathematics 18, 1987). The cliques are grown greedily, each from an edge that none has yet; to find the largest is hard (A.
//! Biere, D. Le Berre, E. Lonca, N. Manthey, "Detecting Cardinality Constraints in CNF", SAT 2014, compare ways).

use std::fmt::Write as _;

use super::Literal;
use super::engine::{Engine, room};
use super::store::Clause;
use crate::budget::Budget;

/// Literals of the smallest clique that is worth a sum.
const LEAST: usize = 3;

/// Edges looked at in one go, some 50 ns each; what is not found by then stays as it is.
const MOST: u64 = 5_000_000;

/// What may not be true together.
struct Pairs {
    /// Both ways round, in order, with the clause that says it.
    edges: Vec<(Literal, Literal, u32)>,
    looks: u64,
}

impl Pairs {
    fn new(mut edges: Vec<(Literal, Literal, u32)>) -> Self {
        edges.sort_unstable();
        edges.dedup_by_key(|edge| (edge.0, edge.1));
        Pairs { edges, looks: 0 }
    }

    fn of(&self, literal: Literal) -> &[(Literal, Literal, u32)] {
        let rest = &self.edges[self.edges.partition_point(|edge| edge.0 < literal)..];
        &rest[..rest.partition_point(|edge| edge.0 == literal)]
    }

    /// Keeps of the candidates, which are in order, those that are joined to a literal.
    fn retain(&mut self, candidates: &mut Vec<Literal>, literal: Literal) {
        self.looks += candidates.len() as u64 + 1;
        let mut all = self.of(literal);
        candidates.retain(|&candidate| {
            all = &all[all.partition_point(|edge| edge.1 < candidate)..];
            all.first().is_some_and(|edge| edge.1 == candidate)
        });
    }

    /// A clique with this edge in it, that nothing can be added to: the first of those that fit, again and again.
    fn grow(&mut self, edge: usize) -> Vec<Literal> {
        let (a, b, _) = self.edges[edge];
        let mut candidates: Vec<Literal> = self.of(a).iter().map(|edge| edge.1).collect();
        self.retain(&mut candidates, b);
        let mut clique = vec![a, b];
        while let Some(&next) = candidates.first() {
            clique.push(next);
            self.retain(&mut candidates, next);
        }
        clique.sort_unstable();
        clique
    }

    /// Where an edge is that exists.
    fn place(&self, a: Literal, b: Literal) -> usize {
        self.edges.partition_point(|edge| (edge.0, edge.1) < (a, b))
    }
}

impl Engine {
    /// Joins clauses of two literals that were added since the last time: cliques become sums, and their clauses go. On level 0.
    ///
    /// Where there is no memory for it, or the budget ends it, what has not been joined stays as it is.
    pub(super) fn join_pairs(&mut self, budget: &Budget) {
        let begin = std::mem::replace(&mut self.store.joined, self.store.clauses.len());
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
        let mut pairs = Pairs::new(edges);
        let (mut is_joined, mut cliques) = (Vec::new(), Vec::new());
        if room(&mut is_joined, pairs.edges.len()).is_err() {
            return;
        }
        is_joined.resize(pairs.edges.len(), false);
        for edge in 0..pairs.edges.len() {
            if is_joined[edge] || pairs.edges[edge].0 > pairs.edges[edge].1 {
                continue;
            }
            let before = pairs.looks;
            let clique = pairs.grow(edge);
            if budget.spend(pairs.looks - before).is_err() || pairs.looks > MOST {
                break;
            }
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
            let derivation = if self.proof.is_some() { self.derive(&pairs, &clique) } else { String::new() };
            cliques.push((clique, derivation));
        }
        if cliques.is_empty() {
            return;
        }
        self.store.sweep();
        for (clique, derivation) in cliques {
            let least = clique.len() as i128 - 1;
            self.add(clique.into_iter().map(|literal| (1, literal ^ 1)), least, || derivation);
        }
        self.store.joined = self.store.clauses.len();
    }

    /// How a clique follows from its pairs: with each literal that joins k others, the sum of these k - 1 times and the pairs of the
    /// new one, divided by k.
    fn derive(&self, pairs: &Pairs, clique: &[Literal]) -> String {
        let number = |a, b| self.store.clauses[pairs.edges[pairs.place(a, b)].2 as usize].usage.number;
        let mut text = number(clique[0], clique[1]).to_string();
        for (joined, &literal) in clique.iter().enumerate().skip(2) {
            if joined > 2 {
                let _ = write!(text, " {} *", joined - 1);
            }
            for &other in &clique[..joined] {
                let _ = write!(text, " {} +", number(other, literal));
            }
            let _ = write!(text, " {joined} d");
        }
        text
    }
}
