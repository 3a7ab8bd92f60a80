//! Which constraint an id stands for. Constraints of each kind stand in arrays of their own; one entry here says where a
//! run of the same kind begins, so a formula of clauses needs none.

use super::{ConstraintId, arrays};
use crate::error::OutOfMemory;

/// The kinds of constraints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A disjunction of literals.
    Clause,
    /// A parity of literals.
    Xor,
    /// At least so many literals.
    Cardinality,
    /// A weighted sum of literals.
    PseudoBoolean,
    /// A sum over integers, reals and literals.
    Linear,
}

#[derive(Debug, Clone, Copy)]
struct Run {
    first: u64,
    kind: Kind,
    /// Where the run begins among the constraints of its kind.
    index: u64,
}

/// The runs, in the order of ids. Before the first one stand clauses.
#[derive(Debug, Default)]
pub(super) struct Order {
    runs: Vec<Run>,
}

impl Order {
    pub fn bytes(&self) -> u64 {
        arrays::bytes(&self.runs)
    }

    pub fn try_clone(&self) -> Result<Self, OutOfMemory> {
        Ok(Order { runs: arrays::try_clone(&self.runs)? })
    }

    fn last(&self) -> Kind {
        self.runs.last().map_or(Kind::Clause, |run| run.kind)
    }

    /// Room for [`Order::note`].
    #[inline]
    pub fn reserve(&mut self, kind: Kind, limit: u64) -> Result<(), OutOfMemory> {
        if self.last() == kind { Ok(()) } else { arrays::reserve(&mut self.runs, 1, limit) }
    }

    /// A constraint of `kind` is added: there were `total` constraints, and `index` of its kind. Room was reserved.
    #[inline]
    pub fn note(&mut self, kind: Kind, total: u64, index: u64) {
        if self.last() != kind {
            self.runs.push(Run { first: total, kind, index });
        }
    }

    /// The kind of a constraint, and its index among those of its kind. The id must have been given.
    pub fn find(&self, id: ConstraintId) -> (Kind, usize) {
        let at = self.runs.partition_point(|run| run.first <= id.0);
        let run = if at == 0 { Run { first: 0, kind: Kind::Clause, index: 0 } } else { self.runs[at - 1] };
        (run.kind, usize::try_from(run.index + (id.0 - run.first)).unwrap_or(usize::MAX))
    }

    /// The first id from `id` on that stands for no clause, if it was given.
    pub fn skip_clauses(&self, id: ConstraintId) -> Option<ConstraintId> {
        let at = self.runs.partition_point(|run| run.first <= id.0);
        if at > 0 && self.runs[at - 1].kind != Kind::Clause {
            return Some(id);
        }
        // A run of clauses is followed by one of another kind.
        self.runs.get(at).map(|run| ConstraintId(run.first))
    }

    /// The id of the constraint at `index` among those of `kind`, which exists.
    pub fn id(&self, kind: Kind, index: u64) -> ConstraintId {
        let clauses = Run { first: 0, kind: Kind::Clause, index: 0 };
        let run = std::iter::once(&clauses).chain(&self.runs).rfind(|r| r.kind == kind && r.index <= index);
        ConstraintId(run.map_or(index, |r| r.first + (index - r.index)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_go_there_and_back() {
        let mut order = Order::default();
        let mut counts = [0u64; 5];
        let kinds = [Kind::Clause, Kind::Xor, Kind::Cardinality, Kind::PseudoBoolean, Kind::Linear];
        let said = [0, 0, 1, 1, 1, 0, 2, 3, 3, 4, 0, 0, 1, 4];
        let mut expected = Vec::new();
        for (total, &k) in said.iter().enumerate() {
            order.reserve(kinds[k], u64::MAX).unwrap();
            order.note(kinds[k], total as u64, counts[k]);
            expected.push((kinds[k], counts[k] as usize));
            counts[k] += 1;
        }
        for (id, &(kind, index)) in expected.iter().enumerate() {
            assert_eq!(order.find(ConstraintId(id as u64)), (kind, index));
            assert_eq!(order.id(kind, index as u64), ConstraintId(id as u64));
            let other = expected[id..].iter().position(|(kind, _)| *kind != Kind::Clause).map(|i| id + i);
            assert_eq!(order.skip_clauses(ConstraintId(id as u64)), other.map(|id| ConstraintId(id as u64)));
        }
    }
}
