//! An independent support: sampled variables that determine all others of the sampling set, so that hashing those is hashing all.
//!
//! A variable is determined by others where no two models that agree on these differ in it (Padoa's method): the formula is taken
//! twice, with a literal for each variable that makes both copies of it equal, and a solver is asked for two models under those
//! literals. One variable after the other is left out where there are none.
//!
//! Sources: A. Ivrii, S. Malik, K. S. Meel, M. Y. Vardi, "On computing minimal independent support and its applications to
//! sampling and counting", Constraints 21, 2016; M. Soos, K. S. Meel, "Arjun: An Efficient Independent Support Computation
//! Technique and its Applications to Counting and Sampling", ICCAD 2022.
//!
//! Cost: as many searches as the sampling set has variables, each with as many assumptions; they share what they learn, and all
//! together have so much work ([`WORK`]), after which what is left counts as needed.

use std::sync::Arc;

use crate::budget::{Budget, Stop};
use crate::formula::{Condition, Constraint, Formula, FormulaError};
use crate::solve::{Outcome, SolveError, Solver};

/// Work for all searches together, ...
const WORK: u64 = 1 << 27;

/// ... and for one.
const EACH: u64 = 1 << 22;

/// Sampling sets that are not looked into: each search would have as many assumptions.
const MANY: usize = 4096;

/// Looks for a support, and goes on where a budget ended it.
#[derive(Debug)]
pub(super) struct Support {
    set: Vec<u32>,
    /// None where there is nothing to look for.
    solver: Option<Box<Solver>>,
    /// By place in the set: the literal that makes both copies equal, and whether it is assumed.
    equal: Vec<i32>,
    kept: Vec<bool>,
    /// Variables of one copy.
    copy: u32,
    next: usize,
    left: u64,
}

impl Support {
    /// Of this sampling set.
    pub fn new(formula: &Formula, set: &[u32]) -> Result<Self, SolveError> {
        let count = set.len();
        let mut support = Support {
            set: set.to_vec(),
            solver: None,
            equal: Vec::new(),
            kept: vec![true; count],
            copy: formula.num_vars(),
            next: 0,
            left: WORK,
        };
        // Numbers are no variables that could be told apart.
        let fits = u64::from(formula.num_vars()) * 2 + count as u64 <= u64::from(crate::formula::MAX_VAR);
        if count > 1 && count <= MANY && formula.num_numbers() == 0 && fits {
            let twice = twice(formula, set)?;
            let first = 2 * support.copy + 1;
            support.equal = (0..count as u32).map(|place| (first + place).cast_signed()).collect();
            let mut solver = Solver::new(Arc::new(twice))?;
            solver.set_option("factor", 0)?;
            support.solver = Some(Box::new(solver));
        }
        Ok(support)
    }

    /// The support, in the order of the set.
    pub fn run(&mut self, budget: &Budget) -> Result<Result<Vec<u32>, Stop>, SolveError> {
        while let Some(solver) = &mut self.solver
            && self.next < self.set.len()
            && self.left > 0
        {
            // The last first: sets are often written with what comes first first.
            let place = self.set.len() - 1 - self.next;
            let variable = self.set[place].cast_signed();
            let others = (0..self.set.len()).filter(|&other| other != place && self.kept[other]);
            let mut assumed: Vec<i32> = others.map(|other| self.equal[other]).collect();
            assumed.extend([variable, -(variable + self.copy.cast_signed())]);
            let slice = budget.slice(EACH.min(self.left), 0);
            let outcome = solver.solve(&assumed, &slice)?;
            budget.absorb(&slice);
            match outcome {
                Outcome::Unsat => self.kept[place] = false,
                Outcome::Sat | Outcome::Unknown(Stop::Incomplete) => {}
                Outcome::Unknown(Stop::Work) if budget.work_left() > 0 => {}
                Outcome::Unknown(stop) => return Ok(Err(stop)),
            }
            self.left = self.left.saturating_sub(slice.spent().max(1));
            self.next += 1;
        }
        self.solver = None;
        let kept = self.set.iter().zip(&self.kept).filter(|(_, kept)| **kept);
        Ok(Ok(kept.map(|(&variable, _)| variable).collect()))
    }
}

/// Two copies of a formula, and for each variable of the set one that makes it equal in both.
fn twice(formula: &Formula, set: &[u32]) -> Result<Formula, FormulaError> {
    let count = formula.num_vars();
    let mut twice = formula.try_clone()?;
    twice.ensure_vars(2 * count + set.len() as u32)?;
    let moved = |literal: i32| literal + literal.signum() * count.cast_signed();
    let condition = |condition: Condition| match condition {
        Condition::Plain => Condition::Plain,
        Condition::Implied(literal) => Condition::Implied(moved(literal)),
        Condition::Reified(literal) => Condition::Reified(moved(literal)),
    };
    let mut literals: Vec<i32> = Vec::new();
    for constraint in formula.constraints() {
        literals.clear();
        match constraint {
            Constraint::Clause(clause) => {
                literals.extend(clause.iter().map(|&l| moved(l)));
                twice.add_clause(&literals)?;
            }
            Constraint::Xor(xor) => {
                literals.extend(xor.literals.iter().map(|&l| moved(l)));
                twice.add_xor(&literals, xor.rhs)?;
            }
            Constraint::Cardinality(sum) => {
                literals.extend(sum.literals.iter().map(|&l| moved(l)));
                twice.add_cardinality(&literals, sum.bound, condition(sum.condition))?;
            }
            Constraint::PseudoBoolean(sum) => {
                literals.extend(sum.literals.iter().map(|&l| moved(l)));
                twice.add_pseudo_boolean(&literals, sum.weights, sum.bound, condition(sum.condition))?;
            }
            Constraint::Linear(row) => {
                literals.extend(row.literals.iter().map(|&l| moved(l)));
                let condition = condition(row.condition);
                twice.add_linear(crate::formula::Linear { literals: &literals, condition, ..row })?;
            }
        }
    }
    for (place, &variable) in set.iter().enumerate() {
        let equal = (2 * count + 1 + place as u32).cast_signed();
        let (a, b) = (variable.cast_signed(), moved(variable.cast_signed()));
        twice.add_clause(&[-equal, a, -b])?;
        twice.add_clause(&[-equal, -a, b])?;
    }
    Ok(twice)
}
