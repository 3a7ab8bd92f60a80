//! Small formulas of clauses and native sums, against an enumeration of all assignments. For tests.

use super::cardinality::Cardinality;
use super::drive::{Dice, Reference};
use super::pseudo_boolean::PseudoBoolean;
use super::walk::Walk;
use super::{Answer, Cadical};
use crate::budget::Budget;
use crate::formula::{Clauses, Condition, Formula};

/// An engine with both propagators, sometimes with local search, which does not know the clauses; and what it was given.
struct Pair {
    engine: Cadical,
    cardinality: usize,
    pseudo_boolean: usize,
    walk: Option<usize>,
    variables: i32,
    references: Vec<Reference>,
}

impl Pair {
    fn new(variables: i32, dice: &mut Dice) -> Self {
        let mut engine = Cadical::new().unwrap();
        // Short of these, the small formulas would never see them.
        for (option, value) in
            [("restartint", 2), ("reduceinit", 5), ("inprobeint", 5), ("elimint", 10), ("rephaseint", 5)]
        {
            if dice.below(2) == 0 {
                engine.set_option(option, value).unwrap();
            }
        }
        engine.resize(variables.unsigned_abs()).unwrap();
        let cardinality = engine.connect(Box::new(Cardinality::new()), &[]).unwrap();
        let pseudo_boolean = engine.connect(Box::new(PseudoBoolean::new()), &[]).unwrap();
        let walk = (dice.below(2) == 0).then(|| engine.connect(Box::new(Walk::new(1)), &[]).unwrap());
        Pair { engine, cardinality, pseudo_boolean, walk, variables, references: Vec::new() }
    }

    fn add_clause(&mut self, literals: &[i32]) {
        let mut clauses = Formula::new();
        clauses.add_clause(literals).unwrap();
        let clauses: &Clauses = clauses.clauses();
        assert!(self.engine.add(clauses, 0, &Budget::unlimited()).1.is_ok());
        let terms = literals.iter().map(|&l| (1, l)).collect();
        self.references.push(Reference { terms, bound: 1, condition: Condition::Plain });
    }

    fn add_sum(&mut self, literals: &[i32], weights: Option<&[i64]>, bound: i64, condition: Condition) {
        self.engine.retract().unwrap();
        let variables = literals.iter().copied().chain(condition.literal()).map(i32::unsigned_abs);
        let variables: Vec<u32> = variables.collect();
        let id = if let Some(weights) = weights {
            let id = self.pseudo_boolean;
            let propagator = self.engine.propagator_mut::<PseudoBoolean>(id).unwrap();
            propagator.add(literals, weights, bound, condition).unwrap();
            id
        } else {
            let id = self.cardinality;
            self.engine.propagator_mut::<Cardinality>(id).unwrap().add(literals, bound, condition).unwrap();
            id
        };
        self.engine.observe(id, &variables).unwrap();
        if let Some(id) = self.walk {
            self.engine.observe(id, &variables).unwrap();
            let walk = self.engine.propagator_mut::<Walk>(id).unwrap();
            walk.add(literals, weights, bound, condition).unwrap();
            walk.prepare().unwrap();
        }
        let weights = weights.map_or(vec![1; literals.len()], <[i64]>::to_vec);
        let terms = weights.into_iter().zip(literals.iter().copied()).collect();
        self.references.push(Reference { terms, bound, condition });
    }

    fn random(&mut self, dice: &mut Dice) {
        let kind = dice.below(3);
        let most = if kind == 0 { 4 } else { self.variables.unsigned_abs().into() };
        let count = usize::try_from(1 + dice.below(most)).unwrap().min(self.variables as usize);
        let (literals, spare) = dice.literals(self.variables, count);
        let condition = dice.condition(spare);
        match kind {
            0 => self.add_clause(&literals),
            1 => {
                let bound = i64::try_from(1 + dice.below(count as u64)).unwrap();
                self.add_sum(&literals, None, bound, condition);
            }
            _ => {
                let most = [3, 20, 1 << 45][usize::try_from(dice.below(3)).unwrap()];
                let mut weights: Vec<i64> =
                    literals.iter().map(|_| i64::try_from(1 + dice.below(most)).unwrap()).collect();
                let total: i64 = weights.iter().sum();
                let bound = 1 + i64::try_from(dice.below(total.unsigned_abs())).unwrap();
                weights.iter_mut().for_each(|w| *w = (*w).min(bound));
                self.add_sum(&literals, Some(&weights), bound, condition);
            }
        }
    }

    /// Answers whether it is satisfiable.
    fn solve(&mut self, assumptions: &[i32]) -> bool {
        let is_true = |assignment: u32, l: i32| (assignment >> (l.unsigned_abs() - 1) & 1 == 1) == (l > 0);
        let is_model = |this: &Self, a: u32, assumptions: &[i32]| {
            this.references.iter().all(|c| c.holds(a)) && assumptions.iter().all(|&l| is_true(a, l))
        };
        let expected = (0..1 << self.variables).any(|a| is_model(self, a, assumptions));
        match self.engine.solve(assumptions, &Budget::unlimited()).unwrap() {
            Answer::Sat => {
                let mut values = vec![0; self.variables as usize];
                self.engine.model(&mut values).unwrap();
                let assignment = (0u32..).zip(&values).map(|(i, &v)| u32::from(v > 0) << i).sum();
                assert!(is_model(self, assignment, assumptions), "{values:?} {assumptions:?} {:?}", self.references);
            }
            Answer::Unsat => {
                assert!(!expected, "{assumptions:?} {:?}", self.references);
                let mut failed = vec![false; assumptions.len()];
                self.engine.failed(assumptions, &mut failed).unwrap();
                let core = assumptions.iter().zip(&failed).filter(|(_, f)| **f).map(|(l, _)| *l);
                let core: Vec<i32> = core.collect();
                assert!(!(0..1 << self.variables).any(|a| is_model(self, a, &core)), "{core:?} is no core");
            }
            other => panic!("{other:?}"),
        }
        expected
    }
}

#[test]
fn mixed_formulas_with_assumptions_and_additions() {
    let mut dice = Dice(0x5eed);
    let (mut sat, mut unsat, mut walked, mut refuted) = (0, 0, 0, 0);
    for _ in 0..900 {
        let variables = 2 + i32::try_from(dice.below(12)).unwrap();
        let mut pair = Pair::new(variables, &mut dice);
        for _ in 0..=dice.below(4) {
            for _ in 0..=dice.below(6) {
                pair.random(&mut dice);
            }
            for _ in 0..=dice.below(3) {
                let count = usize::try_from(dice.below(4)).unwrap().min(variables as usize);
                let (assumptions, _) = dice.literals(variables, count);
                let answer = pair.solve(&assumptions);
                sat += i32::from(answer);
                unsat += i32::from(!answer);
            }
        }
        let statistics = pair.walk.map(|id| pair.engine.propagator::<Walk>(id).unwrap().statistics());
        walked += statistics.map_or(0, |s| s.found);
        refuted += statistics.map_or(0, |s| s.refuted);
    }
    assert!(sat > 900 && unsat > 900 && walked > 100 && refuted > 10, "{sat} {unsat} {walked} {refuted}");
}
