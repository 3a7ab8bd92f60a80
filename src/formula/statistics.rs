//! Counts of a formula.

use super::Formula;

/// Counts of a formula.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Variables, used or not.
    pub variables: u64,
    /// Clauses.
    pub clauses: u64,
    /// Literals of all clauses.
    pub literals: u64,
    /// Clauses without a literal.
    pub empty: u64,
    /// Clauses of one literal.
    pub unit: u64,
    /// Clauses of two literals.
    pub binary: u64,
    /// Clauses of three literals.
    pub ternary: u64,
    /// Length of the longest clause.
    pub longest: u64,
    /// Parity constraints.
    pub xors: u64,
    /// Cardinality constraints.
    pub cardinalities: u64,
    /// Pseudo-Boolean constraints.
    pub pseudo_booleans: u64,
    /// Linear constraints.
    pub linears: u64,
    /// Literals and numbers of all constraints that are not clauses.
    pub terms: u64,
    /// Integers and reals.
    pub numbers: u64,
    /// Variables of the sampling set; 0 where there is none.
    pub sampling_set: u64,
    /// Bytes held.
    pub bytes: u64,
}

impl Formula {
    /// Counts. Time: linear in the number of clauses.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let mut s = Statistics {
            variables: u64::from(self.num_vars),
            clauses: self.clauses.len() as u64,
            literals: self.clauses.num_literals() as u64,
            xors: self.xors.len() as u64,
            cardinalities: self.cardinalities.len() as u64,
            pseudo_booleans: self.pseudo_booleans.len() as u64,
            linears: self.linears.len() as u64,
            terms: (self.xors.num_literals()
                + self.cardinalities.num_literals()
                + self.pseudo_booleans.num_literals()
                + self.linears.num_terms()) as u64,
            numbers: u64::from(self.num_numbers()),
            sampling_set: self.sampling_set.as_ref().map_or(0, |s| s.len() as u64),
            bytes: self.bytes(),
            ..Statistics::default()
        };
        for clause in &self.clauses {
            match clause.len() {
                0 => s.empty += 1,
                1 => s.unit += 1,
                2 => s.binary += 1,
                3 => s.ternary += 1,
                _ => {}
            }
            s.longest = s.longest.max(clause.len() as u64);
        }
        s
    }
}
