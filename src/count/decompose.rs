//! A decision order from a tree decomposition: variables near the root of a balanced one cut a formula into pieces.
//!
//! The graph has an edge between variables of one clause. It is eliminated by least fill, with variables that cannot be decided
//! first; what a variable is tied to when it goes is a bag. A bag of n variables weighs 2^n, the assignments that it may have,
//! the tree of bags is rooted where no branch weighs more than half, and a variable's depth is that of the highest bag that has
//! it. (Were all bags equal, decisions would begin far from where the work is: twice as many on the hardest of the benchmarks.)
//!
//! Source: T. Korhonen, M. Järvisalo, "Integrating Tree Decompositions into Decision Heuristics of Propositional Model Counters",
//! CP 2021 (SharpSAT-TD), section 4: how depth is weighed against activity too.
//!
//! Cost: a matrix of bits over the variables, so formulas of more than [`MOST`] variables have no such order; the sum over the
//! variables of the number of neighbours they have when they go, squared, times the variables over 64.

use super::CountError;
use super::engine::filled;
use super::literal::Lit;
use crate::budget::{Budget, Stop};
use crate::error::OutOfMemory;

/// Variables of a formula that is looked at.
const MOST: usize = 20_000;

/// Bags of more variables tell nothing.
const WIDEST: usize = 200;

/// Words of the matrix that may be looked at: some tenths of a second.
const STEPS: u64 = 1 << 29;

/// A graph as a matrix of bits.
struct Graph {
    words: usize,
    bits: Vec<u64>,
    degrees: Vec<u32>,
}

impl Graph {
    fn row(&self, variable: usize) -> &[u64] {
        &self.bits[variable * self.words..(variable + 1) * self.words]
    }

    fn tie(&mut self, a: usize, b: usize) {
        let word = &mut self.bits[a * self.words + b / 64];
        if *word >> (b % 64) & 1 == 0 {
            *word |= 1 << (b % 64);
            self.bits[b * self.words + a / 64] |= 1 << (a % 64);
            self.degrees[a] += 1;
            self.degrees[b] += 1;
        }
    }

    fn remove(&mut self, variable: usize, neighbours: &[u32]) {
        for &other in neighbours {
            self.bits[other as usize * self.words + variable / 64] &= !(1 << (variable % 64));
            self.degrees[other as usize] -= 1;
        }
    }

    fn neighbours(&self, variable: usize, list: &mut Vec<u32>) {
        list.clear();
        for (at, &word) in self.row(variable).iter().enumerate() {
            let mut word = word;
            while word != 0 {
                list.push(64 * at as u32 + word.trailing_zeros());
                word &= word - 1;
            }
        }
    }

    /// Pairs of neighbours that are not tied, counted twice.
    fn fill(&self, variable: usize, neighbours: &[u32]) -> u32 {
        let row = self.row(variable);
        let missing = neighbours.iter().map(|&other| {
            row.iter().zip(self.row(other as usize)).map(|(a, b)| (a & !b).count_ones()).sum::<u32>() - 1
        });
        missing.sum()
    }
}

/// By variable, what its depth adds to the score of deciding it. None where there is no decomposition that helps.
pub(super) fn order(
    clauses: &[Vec<Lit>],
    decidable: &[bool],
    budget: &Budget,
) -> Result<Result<Option<Vec<f64>>, Stop>, CountError> {
    let count = decidable.len();
    if !(3..=MOST).contains(&count) {
        return Ok(Ok(None));
    }
    let words = count.div_ceil(64);
    let mut graph = Graph { words, bits: filled(words * count, 0)?, degrees: filled(count, 0)? };
    for clause in clauses.iter().filter(|clause| clause.len() <= WIDEST) {
        for (at, a) in clause.iter().enumerate() {
            clause[..at].iter().for_each(|b| graph.tie(a.var(), b.var()));
        }
    }
    let (sequence, bags) = match eliminate(&mut graph, decidable, budget)? {
        Ok(Some(eliminated)) if !eliminated.0.is_empty() => eliminated,
        Ok(_) => return Ok(Ok(None)),
        Err(stop) => return Ok(Err(stop)),
    };
    Ok(Ok(Some(depths(&sequence, &bags, decidable)?)))
}

/// The variables in the order in which they went, and by variable what it was tied to then.
type Elimination = (Vec<u32>, Vec<Vec<u32>>);

fn eliminate(
    graph: &mut Graph,
    decidable: &[bool],
    budget: &Budget,
) -> Result<Result<Option<Elimination>, Stop>, OutOfMemory> {
    let count = decidable.len();
    let (mut sequence, mut bags) = (Vec::new(), filled(count, Vec::new())?);
    let mut fills = filled(count, 0u32)?;
    let mut stale = filled(count, true)?;
    let mut left: Vec<u32> = (0..count as u32).filter(|&variable| graph.degrees[variable as usize] > 0).collect();
    let (mut neighbours, mut others) = (Vec::new(), Vec::new());
    let mut steps = 0;
    while !left.is_empty() {
        if let Err(stop) = budget.check() {
            return Ok(Err(stop));
        }
        if steps > STEPS {
            return Ok(Ok(None));
        }
        steps += left.len() as u64;
        let mut best = (true, u32::MAX, u32::MAX, 0);
        for (place, &variable) in left.iter().enumerate() {
            let index = variable as usize;
            if std::mem::take(&mut stale[index]) {
                graph.neighbours(index, &mut others);
                fills[index] = graph.fill(index, &others);
                steps += ((others.len() + 1) * graph.words) as u64;
            }
            best = best.min((decidable[index], fills[index], graph.degrees[index], place));
        }
        let variable = left.swap_remove(best.3) as usize;
        graph.neighbours(variable, &mut neighbours);
        if neighbours.len() > WIDEST {
            return Ok(Ok(None));
        }
        graph.remove(variable, &neighbours);
        for (at, &a) in neighbours.iter().enumerate() {
            neighbours[..at].iter().for_each(|&b| graph.tie(a as usize, b as usize));
        }
        for &a in &neighbours {
            stale[a as usize] = true;
            if best.1 > 0 {
                graph.neighbours(a as usize, &mut others);
                others.iter().for_each(|&b| stale[b as usize] = true);
            }
        }
        sequence.push(variable as u32);
        bags[variable] = neighbours.clone();
    }
    Ok(Ok(Some((sequence, bags))))
}

/// Depths in the tree of bags.
fn depths(sequence: &[u32], bags: &[Vec<u32>], decidable: &[bool]) -> Result<Vec<f64>, OutOfMemory> {
    let count = bags.len();
    let mut place = filled(count, 0usize)?;
    sequence.iter().enumerate().for_each(|(at, &variable)| place[variable as usize] = at);
    // Bags that have another one's variables and one more take its place.
    let mut node_of = filled(count, 0usize)?;
    let mut nodes: Vec<(Vec<u32>, Vec<usize>, usize)> = Vec::new();
    for &variable in sequence.iter().rev() {
        let bag = &bags[variable as usize];
        let parent = bag.iter().min_by_key(|&&other| place[other as usize]).map(|&other| node_of[other as usize]);
        let mut whole = bag.clone();
        whole.push(variable);
        match parent {
            Some(parent) if nodes[parent].0.len() == bag.len() => {
                nodes[parent].0 = whole;
                nodes[parent].2 += 1;
                node_of[variable as usize] = parent;
            }
            parent => {
                // Parts that nothing ties hang together at the first node.
                let parent = parent.or((!nodes.is_empty()).then_some(0));
                let node = nodes.len();
                nodes.push((whole, Vec::new(), 1));
                if let Some(parent) = parent {
                    nodes[parent].1.push(node);
                    nodes[node].1.push(parent);
                }
                node_of[variable as usize] = node;
            }
        }
    }
    // Parents come before children, so weights add up from the end.
    let mut weights: Vec<f64> = nodes.iter().map(|node| node.2 as f64 * (node.0.len() as f64).exp2()).collect();
    let total: f64 = weights.iter().sum();
    let parent = |node: usize| nodes[node].1.first().copied().filter(|&parent| parent < node);
    for node in (1..nodes.len()).rev() {
        if let Some(parent) = parent(node) {
            weights[parent] += weights[node];
        }
    }
    let heaviest = |node: usize| {
        let below = nodes[node].1.iter().filter(|&&other| parent(other) == Some(node)).map(|&other| weights[other]);
        below.fold(total - weights[node], f64::max)
    };
    let root = (0..nodes.len()).min_by(|&a, &b| heaviest(a).total_cmp(&heaviest(b))).unwrap_or(0);
    let mut level = filled(nodes.len(), usize::MAX)?;
    let mut depths = filled(count, f64::INFINITY)?;
    let mut queue = vec![root];
    level[root] = 0;
    let (mut at, mut deepest) = (0, 1.0f64);
    while let Some(&node) = queue.get(at) {
        at += 1;
        for &variable in &nodes[node].0 {
            let depth = &mut depths[variable as usize];
            *depth = depth.min(level[node] as f64);
            if decidable[variable as usize] {
                deepest = deepest.max(*depth);
            }
        }
        for &other in &nodes[node].1 {
            if level[other] == usize::MAX {
                level[other] = level[node] + 1;
                queue.push(other);
            }
        }
    }
    let variables = sequence.iter().filter(|&&v| decidable[v as usize]).count().max(1) as f64;
    let width = sequence.iter().filter(|&&v| decidable[v as usize]).map(|&v| bags[v as usize].len()).max();
    let width = width.unwrap_or(0).max(1) as f64;
    let weight = (100.0 * (variables / width).min(50.0).exp() / variables).min(1e9);
    // What no clause has has no depth.
    Ok(depths.into_iter().map(|depth| if depth.is_finite() { -weight * depth / deepest } else { 0.0 }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(u32, u32)]) -> Vec<Vec<Lit>> {
        pairs.iter().map(|&(a, b)| vec![Lit::new(a, true), Lit::new(b, true)]).collect()
    }

    #[test]
    fn a_path_is_cut_in_the_middle() {
        let path: Vec<(u32, u32)> = (0..20).map(|v| (v, v + 1)).collect();
        let order = order(&pairs(&path), &[true; 21], &Budget::unlimited()).unwrap().unwrap().unwrap();
        let first: Vec<usize> = (0..21).filter(|&v| order[v] == 0.0).collect();
        assert!(!first.is_empty() && first.iter().all(|v| (8..=12).contains(v)), "{first:?}");
        assert!((1..9).all(|v| order[v - 1] <= order[v]) && order[0] < -1e6);
    }

    #[test]
    fn nothing_tied_has_no_order() {
        assert_eq!(order(&[], &[true; 5], &Budget::unlimited()).unwrap(), Ok(None));
    }

    #[test]
    fn what_cannot_be_decided_is_no_cut() {
        // A star whose middle is not decidable is a clique of the others.
        let star: Vec<(u32, u32)> = (1..9).map(|v| (0, v)).collect();
        let mut decidable = [true; 9];
        let cut = order(&pairs(&star), &decidable, &Budget::unlimited()).unwrap().unwrap().unwrap();
        assert!(cut[0] == 0.0 && cut.iter().filter(|score| **score < 0.0).count() >= 7);
        decidable[0] = false;
        let clique = order(&pairs(&star), &decidable, &Budget::unlimited()).unwrap().unwrap().unwrap();
        assert!(clique.iter().all(|score| *score == 0.0), "{clique:?}");
    }
}
