//! Redundance-based strengthening: the rule `red`, its goals proved without help from the proof.
//!
//! Whatever satisfies all that stands but not the constraint, the witness must turn into something that satisfies both
//! and is no worse for the objective. (Bogaerts et al., JAIR 77, 2023, section 3.)

use std::collections::{BTreeSet, HashMap};

use super::constraint::{Constraint, Image, Substitution, image};
use super::int::Int;
use super::read::{Words, negated};
use super::rules::Checker;

impl Checker {
    pub(super) fn red(&mut self, words: &mut Words) -> Result<usize, String> {
        let constraint = words.constraint(&mut self.formula.names)?;
        words.expect(":")?;
        let witness = words.substitution(&mut self.formula.names)?;
        if witness.is_empty() {
            return Err("a witness is missing".to_string());
        }
        if words.colon() {
            return Err("subproofs are not known to this checker".to_string());
        }
        if self.propagator.settle() {
            let mark = self.propagator.mark();
            let refuted = self.propagator.refutes(constraint.negation(), true);
            let open = if refuted { None } else { self.open_goal(&constraint, &witness) };
            self.propagator.back(mark);
            self.propagator.forget();
            if let Some(goal) = open {
                return Err(format!("the witness does not show the goal `{}`", self.formula.names.show(&goal)));
            }
        }
        Ok(self.add(constraint, false))
    }

    /// A goal that cannot be shown. The negation of the constraint has been assumed, as the last row.
    fn open_goal(&mut self, constraint: &Constraint, witness: &Substitution) -> Option<Constraint> {
        let negation = constraint.negation();
        let rows: BTreeSet<usize> = witness.keys().flat_map(|&var| self.propagator.rows_with(var)).collect();
        let mut goals = vec![constraint.substituted(witness)];
        for row in rows {
            let touched = self.propagator.row(row);
            let goal = touched.substituted(witness);
            if !touched.implies(&goal) {
                goals.push(goal);
            }
        }
        goals.extend(self.no_worse(witness));
        goals.into_iter().find(|goal| {
            !(negation.implies(goal) || self.propagator.refutes(goal.negation(), false) || self.stands(goal))
        })
    }

    /// The objective is at least what it is after the witness.
    fn no_worse(&self, witness: &Substitution) -> Option<Constraint> {
        let objective = self.formula.objective.as_ref()?;
        let mut sum = objective.sum.clone();
        let mut degree = Int::ZERO;
        let mut after = Vec::new();
        for (lit, weight) in &objective.sum {
            match image(witness, *lit) {
                Image::Literal(lit) => after.push((lit, weight.clone())),
                Image::Constant(true) => degree = degree.plus(weight),
                Image::Constant(false) => {}
            }
        }
        sum.extend(negated(after));
        Some(Constraint::new(sum, degree))
    }

    /// Whether a constraint that stands implies the goal, as it is or with what propagation knows put into both.
    fn stands(&mut self, goal: &Constraint) -> bool {
        if !self.copies(goal).is_empty() {
            return true;
        }
        let known: HashMap<u32, Image> =
            self.propagator.trail().iter().map(|lit| (lit.var(), Image::Constant(!lit.is_negated()))).collect();
        let reduced = goal.substituted(&known);
        let mut rows = self.propagator.live_rows();
        rows.any(|row| row.implies(goal) || row.substituted(&known).implies(&reduced))
    }
}
