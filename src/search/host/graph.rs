//! The formula as a host sees it: a bipartite graph of constraints and literals, both ways round.
//!
//! Literal 2v is variable v, 2v + 1 its negation. A parity is a row of variables, so of even literals. Constraints are those
//! of the search: integers as literals, and a reified sum as two.

use crate::budget::Budget;
use crate::error::OutOfMemory;
use crate::search::SearchError;
use crate::search::problem::Problem;
use crate::search::state::filled;

/// Where rows begin, in the narrower of two forms that holds it.
#[derive(Debug)]
pub enum Offsets {
    /// Below 2^31 entries.
    Narrow(Vec<u32>),
    /// Beyond.
    Wide(Vec<u64>),
}

impl Offsets {
    fn new(rows: usize, nnz: u64) -> Result<Self, OutOfMemory> {
        Ok(if nnz < 1 << 31 { Offsets::Narrow(filled(rows + 1, 0)?) } else { Offsets::Wide(filled(rows + 1, 0)?) })
    }

    /// Of one row.
    #[must_use]
    #[inline]
    pub fn get(&self, row: usize) -> usize {
        match self {
            Offsets::Narrow(all) => all[row] as usize,
            Offsets::Wide(all) => all[row] as usize,
        }
    }

    fn set(&mut self, row: usize, to: usize) {
        match self {
            Offsets::Narrow(all) => all[row] = to as u32,
            Offsets::Wide(all) => all[row] = to as u64,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Offsets::Narrow(all) => 4 * all.capacity() as u64,
            Offsets::Wide(all) => 8 * all.capacity() as u64,
        }
    }
}

/// A sparse matrix, row by row, each with ascending columns.
#[derive(Debug)]
pub struct Csr {
    /// How many rows.
    pub rows: usize,
    /// Where each row begins, and the last one ends.
    pub offsets: Offsets,
    /// All rows one after the other.
    pub columns: Vec<u32>,
    /// A weight each; all are 1 where there are none.
    pub weights: Option<Vec<i64>>,
}

impl Csr {
    fn new(rows: usize, nnz: usize, weighted: bool) -> Result<Self, OutOfMemory> {
        Ok(Csr {
            rows,
            offsets: Offsets::new(rows, nnz as u64)?,
            columns: filled(nnz, 0)?,
            weights: if weighted { Some(filled(nnz, 1)?) } else { None },
        })
    }

    /// Columns and weights of a row have these places.
    #[must_use]
    #[inline]
    pub fn row(&self, row: usize) -> std::ops::Range<usize> {
        self.offsets.get(row)..self.offsets.get(row + 1)
    }

    fn bytes(&self) -> u64 {
        let weights = self.weights.as_ref().map_or(0, Vec::capacity);
        self.offsets.bytes() + (4 * self.columns.capacity() + 8 * weights) as u64
    }

    fn transposed(&self, rows: usize) -> Result<Csr, OutOfMemory> {
        let mut to = Csr::new(rows, self.columns.len(), self.weights.is_some())?;
        let mut next: Vec<u64> = filled(rows + 1, 0)?;
        for &column in &self.columns {
            next[column as usize + 1] += 1;
        }
        for row in 0..rows {
            next[row + 1] += next[row];
            to.offsets.set(row + 1, next[row + 1] as usize);
        }
        for from in 0..self.rows {
            for place in self.row(from) {
                let at = &mut next[self.columns[place] as usize];
                to.columns[*at as usize] = from as u32;
                if let (Some(to), Some(from)) = (&mut to.weights, &self.weights) {
                    to[*at as usize] = from[place];
                }
                *at += 1;
            }
        }
        Ok(to)
    }
}

/// A constraint is a clause.
pub const CLAUSE: u8 = 1;
/// The true ones of its variables are odd in number where its bound is 1, and even where it is 0.
pub const XOR: u8 = 2;
/// At least as many of its literals are true as its bound says.
pub const CARDINALITY: u8 = 3;
/// Its true literals weigh at least its bound.
pub const PSEUDO_BOOLEAN: u8 = 4;

/// Constraints and literals.
#[derive(Debug)]
pub struct Graph {
    /// Variables: those of the formula, then those of its integers.
    pub num_vars: u32,
    /// Constraints: clauses, then parities, then sums.
    pub num_constraints: u32,
    /// Of all below: the same graph has the same.
    pub hash: u64,
    /// A row a constraint, of literals.
    pub con_to_lit: Csr,
    /// A row a literal, of constraints.
    pub lit_to_con: Csr,
    /// A kind a constraint; all are clauses where there are none.
    pub kinds: Option<Vec<u8>>,
    /// A bound a constraint; all are 1 where there are none.
    pub bounds: Option<Vec<i64>>,
}

impl Graph {
    pub(in crate::search) fn new(problem: &Problem, budget: &Budget) -> Result<Self, SearchError> {
        let (clauses, xors, sums) = (problem.clauses.len(), problem.xors.len(), problem.sums.len());
        let count = problem.num_constraints();
        // A condition may be a literal of its own sum: then that has the weight of both.
        let mut nnz: usize = (0..clauses).map(|row| problem.clauses.range(row).len()).sum();
        nnz += (0..xors).map(|row| problem.xors.range(row).len()).sum::<usize>();
        let mut terms: Vec<(u32, i64)> = Vec::new();
        for row in 0..sums {
            nnz += merged(problem.sums.row(row), &mut terms)?;
        }
        budget.check()?;
        let is_weighted = (0..sums).any(|row| problem.sums.row(row).iter().any(|&(_, weight)| weight != 1));
        let mut con_to_lit = Csr::new(count, nnz, is_weighted)?;
        let (mut kinds, mut bounds) =
            if problem.is_mixed() { (Some(filled(count, CLAUSE)?), Some(filled(count, 1i64)?)) } else { (None, None) };
        let mut end = 0;
        for row in 0..clauses {
            for &literal in problem.clause(row) {
                con_to_lit.columns[end] = literal;
                end += 1;
            }
            con_to_lit.offsets.set(row + 1, end);
        }
        for row in 0..xors {
            let begin = end;
            for &variable in problem.xors.row(row) {
                con_to_lit.columns[end] = 2 * variable;
                end += 1;
            }
            con_to_lit.columns[begin..end].sort_unstable();
            con_to_lit.offsets.set(clauses + row + 1, end);
            if let (Some(kinds), Some(bounds)) = (&mut kinds, &mut bounds) {
                (kinds[clauses + row], bounds[clauses + row]) = (XOR, problem.odd[row].into());
            }
        }
        for row in 0..sums {
            let at = clauses + xors + row;
            merged(problem.sums.row(row), &mut terms)?;
            for &(literal, weight) in &terms {
                con_to_lit.columns[end] = literal;
                if let Some(weights) = &mut con_to_lit.weights {
                    weights[end] = weight;
                }
                end += 1;
            }
            con_to_lit.offsets.set(at + 1, end);
            if let (Some(kinds), Some(bounds)) = (&mut kinds, &mut bounds) {
                let is_plain = terms.iter().all(|&(_, weight)| weight == 1);
                kinds[at] = if is_plain { CARDINALITY } else { PSEUDO_BOOLEAN };
                bounds[at] = problem.bounds[row];
            }
        }
        budget.check()?;
        let lit_to_con = con_to_lit.transposed(2 * problem.num_vars as usize)?;
        let mut graph = Graph {
            num_vars: problem.num_vars,
            num_constraints: count as u32,
            hash: 0,
            con_to_lit,
            lit_to_con,
            kinds,
            bounds,
        };
        graph.hash = graph.hashed();
        Ok(graph)
    }

    /// Bytes held.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let (kinds, bounds) =
            (self.kinds.as_ref().map_or(0, Vec::capacity), self.bounds.as_ref().map_or(0, Vec::capacity));
        self.con_to_lit.bytes() + self.lit_to_con.bytes() + (kinds + 8 * bounds) as u64
    }

    fn hashed(&self) -> u64 {
        let mut hash = 0u64;
        let mut take = |value: u64| {
            // The finalizer of SplitMix64, over what came before.
            let mut mixed = hash.rotate_left(5) ^ value.wrapping_add(0x9e37_79b9_7f4a_7c15);
            mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            hash = mixed ^ mixed >> 31;
        };
        take(self.num_vars.into());
        for row in 0..self.con_to_lit.rows {
            let places = self.con_to_lit.row(row);
            take(places.len() as u64);
            if let (Some(kinds), Some(bounds)) = (&self.kinds, &self.bounds) {
                take(kinds[row].into());
                take(bounds[row].cast_unsigned());
            }
            for place in places {
                take(self.con_to_lit.columns[place].into());
                if let Some(weights) = &self.con_to_lit.weights {
                    take(weights[place].cast_unsigned());
                }
            }
        }
        hash
    }
}

/// The terms of a sum by literal, each literal once; how many there are.
fn merged(row: &[(u32, i64)], into: &mut Vec<(u32, i64)>) -> Result<usize, OutOfMemory> {
    into.clear();
    into.try_reserve(row.len()).map_err(|_| OutOfMemory::Allocator { bytes: 16 * row.len() as u64 })?;
    into.extend_from_slice(row);
    into.sort_unstable();
    // All weights of a sum together are below 2^63.
    into.dedup_by(|later, kept| {
        later.0 == kept.0 && {
            kept.1 += later.1;
            true
        }
    });
    Ok(into.len())
}
