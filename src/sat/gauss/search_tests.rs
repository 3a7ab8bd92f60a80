//! In search, beside brute force and known answers.

use super::*;
use std::collections::HashSet;

use crate::budget::{Budget, Limits};
use crate::formula::{Clauses, Formula};
use crate::instances::tseitin;
use crate::sat::{Answer, Cadical};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng};

struct Draw(Xoshiro256PlusPlus);

impl Draw {
    fn new(seed: u64) -> Self {
        Draw(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.0.next_u64() >> 11) as usize % bound
    }

    fn literals(&mut self, length: usize, variables: usize) -> Vec<i32> {
        let literal = |d: &mut Self| (1 + d.below(variables) as i32) * if d.below(2) == 0 { 1 } else { -1 };
        (0..length).map(|_| literal(self)).collect()
    }
}

/// A solver with a propagator of parity constraints.
struct Both {
    cadical: Cadical,
    id: usize,
    clauses: Formula,
    loaded: usize,
}

impl Both {
    fn new(variables: u32, matrix_limit: Option<u64>) -> Self {
        let mut cadical = Cadical::new().unwrap();
        cadical.resize(variables).unwrap();
        let mut gauss = Gauss::new();
        if let Some(bytes) = matrix_limit {
            gauss.set_matrix_limit(bytes);
        }
        let id = cadical.connect(Box::new(gauss), &[]).unwrap();
        Both { cadical, id, clauses: Formula::new(), loaded: 0 }
    }

    fn gauss(&mut self) -> &mut Gauss {
        self.cadical.propagator_mut(self.id).unwrap()
    }

    fn xor(&mut self, literals: &[i32], odd: bool) -> u32 {
        self.cadical.retract().unwrap();
        let variables: Vec<u32> = literals.iter().map(|l| l.unsigned_abs()).collect();
        self.cadical.observe(self.id, &variables).unwrap();
        self.gauss().add(literals, odd).unwrap()
    }

    fn remove(&mut self, id: u32) {
        self.cadical.retract().unwrap();
        assert!(self.gauss().remove(id));
    }

    fn clause(&mut self, literals: &[i32]) {
        self.clauses.add_clause(literals).unwrap();
    }

    fn solve(&mut self, assumptions: &[i32]) -> Answer {
        let clauses: &Clauses = self.clauses.clauses();
        let (loaded, added) = self.cadical.add(clauses, self.loaded, &Budget::unlimited());
        added.map_err(|_| ()).unwrap();
        self.loaded = loaded;
        self.cadical.solve(assumptions, &Budget::unlimited()).unwrap()
    }

    fn model(&mut self, variables: usize) -> Vec<i8> {
        let mut values = vec![0; variables];
        self.cadical.model(&mut values).unwrap();
        values
    }
}

/// What a small problem says, over variables `1..=n` as bits of a number.
#[derive(Default)]
struct Plain {
    clauses: Vec<Vec<i32>>,
    xors: Vec<(u32, Vec<i32>, bool)>,
}

impl Plain {
    fn holds(&self, model: u32, assumptions: &[i32]) -> bool {
        let value = |l: i32| (model >> (l.unsigned_abs() - 1) & 1 == 1) == (l > 0);
        self.clauses.iter().all(|c| c.iter().any(|&l| value(l)))
            && self.xors.iter().all(|x| x.1.iter().fold(false, |sum, &l| sum ^ value(l)) == x.2)
            && assumptions.iter().all(|&l| value(l))
    }

    fn models(&self, n: usize, assumptions: &[i32]) -> usize {
        (0..1u32 << n).filter(|&m| self.holds(m, assumptions)).count()
    }
}

fn number(values: &[i8]) -> u32 {
    values.iter().enumerate().fold(0, |m, (i, &v)| m | u32::from(v > 0) << i)
}

/// Mixed problems that grow and shrink. A constraint that will be removed has a variable of its own, which is assumed.
fn against_brute_force(seed: u64, matrix_limit: Option<u64>) -> [usize; 3] {
    let mut draw = Draw::new(seed);
    let mut seen = [0; 3];
    let n = 2 + draw.below(9);
    let guards = 4;
    let mut both = Both::new((n + guards) as u32, matrix_limit);
    let mut plain = Plain::default();
    let mut free: Vec<i32> = (1..=guards).map(|i| (n + i) as i32).collect();
    let mut assumed: Vec<i32> = vec![];
    for _ in 0..6 {
        for _ in 0..draw.below(n + 1) {
            let length = 1 + draw.below(4) + usize::from(draw.below(3) > 0);
            let literals = draw.literals(length, n);
            both.clause(&literals);
            plain.clauses.push(literals);
        }
        for _ in 0..draw.below(3) {
            let length = draw.below(n + 1).max(usize::from(draw.below(30) > 0));
            let (literals, odd) = (draw.literals(length, n), draw.below(2) == 0);
            let id = both.xor(&literals, odd);
            plain.xors.push((id, literals, odd));
        }
        if let Some(guard) = free.pop() {
            let mut literals = draw.literals(1 + n / 2, n);
            literals.push(guard);
            let odd = draw.below(2) == 0;
            let id = both.xor(&literals, odd);
            plain.xors.push((id, literals, odd));
            assumed.push(guard);
        }
        let length = draw.below(3);
        let mut assumptions = draw.literals(length, n);
        assumptions.extend(&assumed);
        let want = plain.models(n + guards, &assumptions);
        match both.solve(&assumptions) {
            Answer::Sat => {
                let model = both.model(n + guards);
                assert!(plain.holds(number(&model), &assumptions), "seed {seed}: no model");
                seen[0] += 1;
            }
            Answer::Unsat => {
                assert_eq!(want, 0, "seed {seed}: {want} models");
                let mut failed = vec![false; assumptions.len()];
                both.cadical.failed(&assumptions, &mut failed).unwrap();
                let core: Vec<i32> = (0..failed.len()).filter(|&i| failed[i]).map(|i| assumptions[i]).collect();
                assert_eq!(plain.models(n + guards, &core), 0, "seed {seed}: no core");
                seen[1] += 1;
            }
            other => panic!("seed {seed}: {other:?}"),
        }
        if !assumed.is_empty() && draw.below(2) == 0 {
            let guard = assumed.swap_remove(draw.below(assumed.len()));
            let place = plain.xors.iter().position(|x| x.1.contains(&guard)).unwrap();
            let (id, ..) = plain.xors.swap_remove(place);
            both.remove(id);
            seen[2] += 1;
        }
    }
    // All models, one by one, without the guards: what was learned from a constraint that is gone still tells its guard.
    let all = (0..1u32 << (n + guards)).filter(|&m| plain.holds(m, &assumed));
    let want = all.map(|m| m & ((1 << n) - 1)).collect::<HashSet<u32>>().len();
    let mut count = 0;
    while both.solve(&assumed) == Answer::Sat {
        let model = both.model(n + guards);
        assert!(plain.holds(number(&model), &assumed), "seed {seed}: no model");
        let block: Vec<i32> = (1..).zip(&model[..n]).map(|(v, &value)| if value > 0 { -v } else { v }).collect();
        plain.clauses.push(block.clone());
        both.clause(&block);
        count += 1;
        assert!(count <= want, "seed {seed}: more than {want} models");
        if count > 300 {
            return seen;
        }
    }
    assert_eq!(count, want, "seed {seed}");
    assert_eq!(both.gauss().statistics().late, 0);
    seen
}

#[test]
fn mixed_problems_agree_with_brute_force() {
    let mut seen = [0; 3];
    for seed in 0..500 {
        let limit = if seed % 5 == 0 { Some(0) } else { None };
        let this = against_brute_force(seed, limit);
        (0..3).for_each(|i| seen[i] += this[i]);
    }
    assert!(seen[0] > 800 && seen[1] > 300 && seen[2] > 400, "{seen:?}");
}

/// Every vertex of a random cubic graph has a parity constraint over its edges and its charge, which is a variable. The
/// vertices stand in groups, and clauses say that one of each group is charged. The constraints sum to: an even number
/// is charged, so that an odd number of groups is a contradiction, which elimination sees in each choice and not before.
fn hidden_parity(vertices: u64, groups: usize, seed: u64) -> (u32, Vec<Vec<i32>>, Vec<Vec<i32>>) {
    let budget = Budget::start(&Limits { seed, ..Limits::default() });
    let graph = tseitin::graph(vertices, 3, &budget).unwrap();
    let edges = graph.edges().len() as i32;
    let mut xors = vec![vec![]; vertices as usize];
    for (i, edge) in (1..).zip(graph.edges()) {
        edge.iter().for_each(|&v| xors[v as usize - 1].push(i));
    }
    (1..).zip(&mut xors).for_each(|(i, xor)| xor.push(edges + i));
    let charges: Vec<i32> = (1..=vertices as i32).map(|i| edges + i).collect();
    let mut clauses = vec![];
    for group in charges.chunks(charges.len() / groups) {
        clauses.push(group.to_vec());
        let pairs = group.iter().enumerate().flat_map(|(i, &a)| group[..i].iter().map(move |&b| vec![-a, -b]));
        clauses.extend(pairs);
    }
    (edges.unsigned_abs() + vertices as u32, xors, clauses)
}

#[test]
fn parity_hidden_behind_clauses() {
    for (groups, want) in [(3, Answer::Unsat), (4, Answer::Sat)] {
        for seed in 0..5 {
            let (variables, xors, clauses) = hidden_parity(60, groups, seed);
            let mut both = Both::new(variables, None);
            clauses.iter().for_each(|c| both.clause(c));
            xors.iter().for_each(|x| {
                both.xor(x, false);
            });
            assert_eq!(both.solve(&[]), want);
            // Not more often than there are choices.
            let s = both.gauss().statistics();
            assert!(s.conflicts <= 8000 && s.propagations + s.conflicts > 0, "{s:?}");
        }
    }
}

/// A matrix that fits and takes too long to build is not built, and its rows are propagated one by one.
#[test]
fn large_systems_go_without_elimination() {
    let mut draw = Draw::new(1);
    let n = 2000;
    let xors: Vec<Vec<i32>> = (0..n).map(|_| (1..=n).filter(|_| draw.below(2) == 0).collect()).collect();
    for (bytes, matrices) in [(1 << 20, 0), (8 << 20, 1), (100 << 10, 0)] {
        let mut both = Both::new(n as u32, Some(bytes));
        let solution: Vec<i32> = (1..=n).map(|v| if draw.below(2) == 0 { v } else { -v }).collect();
        for xor in &xors {
            let odd = xor.iter().filter(|&&v| solution[v as usize - 1] > 0).count() % 2 == 1;
            both.xor(xor, odd);
        }
        assert_eq!(both.solve(&solution), Answer::Sat);
        let mut wrong = solution.clone();
        wrong[n as usize / 2] *= -1;
        assert_eq!(both.solve(&wrong), Answer::Unsat);
        let s = both.gauss().statistics();
        assert_eq!((s.matrices, s.sparse), (matrices, if matrices == 1 { 0 } else { n as u64 }));
    }
}

/// 0 = 1 without variables, beside clauses only and beside other constraints.
#[test]
fn contradictions_without_variables() {
    for beside in [false, true] {
        let mut both = Both::new(3, None);
        both.clause(&[1, 2]);
        if beside {
            both.xor(&[2, 3], true);
        }
        assert_eq!(both.solve(&[]), Answer::Sat);
        both.xor(&[], false);
        assert_eq!(both.solve(&[]), Answer::Sat);
        both.xor(&[1, -1], false);
        assert_eq!(both.solve(&[3]), Answer::Unsat);
        assert_eq!(both.solve(&[]), Answer::Unsat);
    }
}
