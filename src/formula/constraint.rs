//! One constraint of any kind, as it was written.

use super::{ConstraintId, Formula, FormulaError, Kind, Linear, Sum, Xor};

/// A constraint, as written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Constraint<'a> {
    /// A disjunction of literals.
    Clause(&'a [i32]),
    /// A parity of literals.
    Xor(Xor<'a>),
    /// At least so many literals; the weights are empty.
    Cardinality(Sum<'a>),
    /// A weighted sum of literals.
    PseudoBoolean(Sum<'a>),
    /// A sum over integers, reals and literals.
    Linear(Linear<'a>),
}

impl Formula {
    /// How many constraints there are, of all kinds. Their ids are the numbers below.
    #[must_use]
    pub fn num_constraints(&self) -> u64 {
        let others = self.xors.len() + self.cardinalities.len() + self.pseudo_booleans.len() + self.linears.len();
        (self.clauses.len() + others) as u64
    }

    /// The constraint that an id stands for.
    #[must_use]
    pub fn constraint(&self, id: ConstraintId) -> Option<Constraint<'_>> {
        if id.0 >= self.num_constraints() {
            return None;
        }
        let (kind, index) = self.order.find(id);
        match kind {
            Kind::Clause => self.clauses.get(index).map(Constraint::Clause),
            Kind::Xor => self.xors.get(index).map(Constraint::Xor),
            Kind::Cardinality => self.cardinalities.get(index).map(Constraint::Cardinality),
            Kind::PseudoBoolean => self.pseudo_booleans.get(index).map(Constraint::PseudoBoolean),
            Kind::Linear => self.linears.get(index).map(Constraint::Linear),
        }
    }

    /// The first constraint from `id` on that is no clause, and its id. Logarithmic in how often kinds change.
    pub(crate) fn next_other(&self, id: u64) -> Option<(ConstraintId, Constraint<'_>)> {
        let id = self.order.skip_clauses(ConstraintId(id))?;
        Some((id, self.constraint(id)?))
    }

    /// The constraints in the order in which they were added.
    pub fn constraints(&self) -> impl Iterator<Item = Constraint<'_>> {
        (0..self.num_constraints()).filter_map(|id| self.constraint(ConstraintId(id)))
    }

    /// A copy with the constraints of `more` after its own. Variables and numbers of `more` are meant by their number: those
    /// that this formula does not have come into being, and numbers that it has must have the same domain there.
    pub fn extended(&self, more: &Formula) -> Result<Formula, FormulaError> {
        let known = self.domains().len().min(more.domains().len());
        if let Some(number) = (0..known).find(|&n| self.domains()[n] != more.domains()[n]) {
            return Err(FormulaError::OtherDomain { number: number as u32 }); // numbers are counted in 32 bits
        }
        let mut all = self.try_clone()?;
        all.ensure_vars(more.num_vars())?;
        all.new_numbers(&more.domains()[known..])?;
        for constraint in more.constraints() {
            match constraint {
                Constraint::Clause(literals) => all.add_clause(literals)?,
                Constraint::Xor(xor) => all.add_xor(xor.literals, xor.rhs)?,
                Constraint::Cardinality(sum) => all.add_cardinality(sum.literals, sum.bound, sum.condition)?,
                Constraint::PseudoBoolean(sum) => {
                    all.add_pseudo_boolean(sum.literals, sum.weights, sum.bound, sum.condition)?
                }
                Constraint::Linear(row) => all.add_linear(row)?,
            };
        }
        Ok(all)
    }

    /// Whether every constraint is a clause.
    #[must_use]
    pub fn is_cnf(&self) -> bool {
        self.num_constraints() == self.clauses.len() as u64
    }
}
