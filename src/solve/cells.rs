//! Cells of a formula's models: those that some parities of projected variables hold in, one cell after the other.
//!
//! All cells share one engine. The parities of a cell, and the fact that models told are excluded, hold under a literal of
//! the cell's own, its guard, which is the first decision. So a cell's matrix is reduced over the projected variables alone,
//! and what the engine learned in a cell goes with its guard, while all that follows from the formula stays.
//!
//! Source: M. Soos, S. Gocht and K. S. Meel, "Tinted, Detached, and Lazy CNF-XOR Solving and its Applications to Counting and
//! Sampling", CAV 2020 (elimination in search, models enumerated without adding clauses for good); here no row has a variable
//! of its own, and blocking a model takes no clause.

use std::sync::Arc;

use super::projection::Projection;
use super::{SolveError, Solver, refused};
use crate::budget::{Budget, Stop};
use crate::formula::{Clauses, Formula};
use crate::sat::gauss::Gauss;
use crate::sat::{self, AddError, Answer, SatError};

/// Most models that are fetched at once.
const BATCH: usize = 256;

/// Cells of an engine at least.
const CELLS: usize = 64;

/// A parity of projected variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parity {
    /// Places in the support, each once.
    pub places: Vec<u32>,
    /// Whether an odd number of them is true.
    pub odd: bool,
}

/// What is known of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    /// `u64`s of a model.
    pub words: usize,
    /// Models one after the other: the variable at place `p` of the projection is bit `p % 64` of word `p / 64`.
    pub bits: Vec<u64>,
    /// Whether these are all; then they are in ascending order, whatever the engine did before.
    pub complete: bool,
}

impl Cell {
    /// How many models were found.
    pub fn len(&self) -> usize {
        self.bits.len() / self.words
    }

    /// Model `index`.
    pub fn model(&self, index: usize) -> &[u64] {
        &self.bits[index * self.words..(index + 1) * self.words]
    }
}

/// Goes through cells.
#[derive(Debug)]
pub(crate) struct Cells {
    solver: Solver,
    projection: Vec<u32>,
    support: Vec<u32>,
    planted: Option<Planted>,
    /// The formula has no model at all.
    empty: bool,
    cells: u64,
}

/// The propagators' ids in the engine.
#[derive(Debug, Clone, Copy)]
struct Planted {
    tree: usize,
    gauss: usize,
    guard: Option<i32>,
    /// How many values a model has.
    width: usize,
    /// How many cells there were.
    cells: usize,
}

impl Cells {
    /// For the models of `formula` as it is now, projected on these variables, each once. Those of `support` determine the
    /// others of these: parities are over them.
    pub fn new(formula: Arc<Formula>, projection: &[u32], support: &[u32]) -> Result<Self, SolveError> {
        let solver = solver(formula)?;
        let (projection, support) = (projection.to_vec(), support.to_vec());
        Ok(Cells { solver, projection, support, planted: None, empty: false, cells: 0 })
    }

    /// The variables that parities are over.
    pub fn support(&self) -> &[u32] {
        &self.support
    }

    /// How many these are.
    pub fn width(&self) -> usize {
        self.support.len()
    }

    /// `u64`s of a model.
    pub fn words(&self) -> usize {
        self.projection.len().div_ceil(64).max(1)
    }

    /// How many cells were asked for.
    pub fn cells(&self) -> u64 {
        self.cells
    }

    /// Up to `limit` models, all of which have these parities. A cell that the budget ends is begun anew by the next call.
    pub fn enumerate(
        &mut self,
        rows: &[Parity],
        limit: usize,
        budget: &Budget,
    ) -> Result<Result<Cell, Stop>, SolveError> {
        let mut cell = Cell { words: self.words(), bits: Vec::new(), complete: self.empty };
        if let Err(stop) = budget.check() {
            return Ok(Err(stop));
        }
        if self.empty || limit == 0 {
            return Ok(Ok(cell));
        }
        let planted = match self.begin(rows, budget)? {
            Ok(planted) => planted,
            Err(stop) => return Ok(Err(stop)),
        };
        self.cells += 1;
        while !cell.complete && cell.len() < limit {
            if let Some(stop) = self.search(planted, limit, &mut cell, budget)? {
                return Ok(Err(stop));
            }
        }
        if cell.complete {
            sort(&mut cell)?;
        }
        Ok(Ok(cell))
    }

    /// Finds some more models.
    fn search(
        &mut self,
        planted: Planted,
        limit: usize,
        cell: &mut Cell,
        budget: &Budget,
    ) -> Result<Option<Stop>, SolveError> {
        let room = (limit - cell.len()).min(BATCH);
        let tree = self.tree(planted)?;
        tree.room = room;
        tree.held = 0;
        tree.spent = 0;
        tree.models.clear();
        let outcome = self.solver.search(&[], budget);
        let tree = self.tree(planted)?;
        let models = std::mem::take(&mut tree.models);
        let (held, complete, strayed, short) = (tree.held, tree.complete, tree.strayed, tree.short.take());
        if let Some(short) = short {
            return Err(SolveError::Memory(short));
        }
        let stop = match outcome? {
            Answer::Halted(id) if id == planted.tree && strayed => {
                return Err(SatError::Internal("it decided on its own where the cell had a decision".into()).into());
            }
            Answer::Halted(id) if id == planted.tree => None,
            Answer::Halted(_) => return Err(SolveError::State("a propagator ended the search")),
            Answer::Sat => return Err(SolveError::WrongModel("the cell, which did not see it".into())),
            // Without the guard being refuted first: whatever the parities are.
            Answer::Unsat => {
                self.empty = true;
                cell.complete = true;
                None
            }
            Answer::Unknown(stop) => Some(stop),
        };
        cell.complete |= complete;
        self.take(&models, (held, planted.width), cell)?;
        self.tree(planted)?.models = models;
        Ok(stop)
    }

    /// Checks models and keeps their projected part.
    fn take(&self, models: &[i8], (count, width): (usize, usize), cell: &mut Cell) -> Result<(), SolveError> {
        self.solver.verify_all(models, count, width)?;
        let room = count * cell.words;
        cell.bits.try_reserve(room).map_err(refused(8 * room))?;
        for index in 0..count {
            let values = &models[index * width..(index + 1) * width];
            let start = cell.bits.len();
            cell.bits.resize(start + cell.words, 0);
            for (place, &variable) in self.projection.iter().enumerate() {
                let literal = self.solver.loader.variables.to_engine(variable.cast_signed());
                let holds = values[literal.unsigned_abs() as usize - 1].signum() == literal.signum() as i8;
                cell.bits[start + place / 64] |= u64::from(holds) << (place % 64);
            }
        }
        Ok(())
    }

    fn tree(&mut self, planted: Planted) -> Result<&mut Projection, SolveError> {
        let tree = self.solver.engine_mut()?.propagator_mut(planted.tree);
        tree.ok_or(SolveError::State("the cells lost their search tree"))
    }

    /// Leaves the last cell for the next.
    fn begin(&mut self, rows: &[Parity], budget: &Budget) -> Result<Result<Planted, Stop>, SolveError> {
        // Every model costs a step for each variable, those of cells that are gone included: begun anew, a search has lost what
        // it learned, but that must not make up most of it.
        if self.planted.is_some_and(|planted| planted.cells > CELLS + planted.width / 4) {
            self.solver = solver(Arc::clone(&self.solver.snapshot))?;
            self.planted = None;
        }
        let mut planted = match self.planted {
            Some(planted) => planted,
            None => match self.plant(budget)? {
                Ok(planted) => planted,
                Err(stop) => return Ok(Err(stop)),
            },
        };
        let Some(engine) = &mut self.solver.engine else { return Err(SolveError::State("the backend was not made")) };
        let guard = self.solver.loader.fresh(engine)?;
        engine.retract()?;
        if let Some(old) = planted.guard {
            let mut retired = Clauses::new();
            retired.open(-old, u64::MAX).map_err(SolveError::Memory)?;
            retired.close(u64::MAX).map_err(SolveError::Memory)?;
            if let (_, Err(AddError::Failed(why))) = engine.add(&retired, 0, &Budget::unlimited()) {
                return Err(why.into());
            }
        }
        engine.observe(planted.tree, &[guard])?;
        engine.observe(planted.gauss, &[guard])?;
        let guard = guard.cast_signed();
        planted.guard = Some(guard);
        planted.cells += 1;
        self.planted = Some(planted);
        self.tree(planted)?.begin_under(guard);
        let columns: Vec<i32> = self.columns().collect();
        let gauss = self.solver.engine_mut()?.propagator_mut::<Gauss>(planted.gauss);
        let gauss = gauss.ok_or(SolveError::State("the cells lost their parities"))?;
        gauss.guard(guard);
        let mut literals = Vec::new();
        for row in rows {
            literals.clear();
            literals.extend(row.places.iter().map(|&place| columns[place as usize]));
            gauss.add(&literals, row.odd).map_err(SolveError::Memory)?;
        }
        Ok(Ok(planted))
    }

    /// The engine's variables of the support.
    fn columns(&self) -> impl Iterator<Item = i32> {
        self.support.iter().map(|&v| self.solver.loader.variables.to_engine(v.cast_signed()))
    }

    /// Loads the engine, with a tree and an empty matrix.
    fn plant(&mut self, budget: &Budget) -> Result<Result<Planted, Stop>, SolveError> {
        if let Some(stop) = self.solver.load(budget)? {
            return Ok(Err(stop));
        }
        let literals: Vec<i32> = self.columns().collect();
        let variables: Vec<u32> = literals.iter().map(|l| l.unsigned_abs()).collect();
        let width = self.solver.loader.supply.total() as usize;
        let engine = self.solver.engine_mut()?;
        let gauss = engine.connect(Box::new(Gauss::default()), &variables)?;
        let tree = engine.connect(Box::new(Projection::new(literals, width)), &variables)?;
        let planted = Planted { tree, gauss, guard: None, width, cells: 0 };
        self.planted = Some(planted);
        Ok(Ok(planted))
    }
}

fn solver(formula: Arc<Formula>) -> Result<Solver, SolveError> {
    let mut solver = Solver::new(formula)?;
    // Each cell takes a variable more.
    solver.set_option("factor", 0)?;
    for (name, value) in sat::NATIVE_XORS {
        solver.set_option(name, value)?;
    }
    Ok(solver)
}

/// Brings models into ascending order.
fn sort(cell: &mut Cell) -> Result<(), SolveError> {
    let words = cell.words;
    let mut order: Vec<&[u64]> = Vec::new();
    order.try_reserve_exact(cell.bits.len() / words).map_err(refused(cell.bits.len() * 2))?;
    order.extend(cell.bits.chunks_exact(words));
    order.sort_unstable_by(|a, b| a.iter().rev().cmp(b.iter().rev()));
    cell.bits = order.concat();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Limits;
    use crate::formula::Condition;
    use crate::instances::{random_ksat, rng::Rng};

    /// Cells of random formulas, of any rows, in any order and cut off at any number, against all assignments.
    #[test]
    fn cells_are_those_of_brute_force() {
        let (mut full, mut cut, mut empty) = (0, 0, 0);
        for round in 0..200u64 {
            let budget = Budget::start(&Limits { seed: round, ..Limits::default() });
            let mut rng = Rng::new(round);
            let mut formula = random_ksat::generate(11, 10 + round % 35, 3, &budget).unwrap();
            if round % 3 == 0 {
                formula.add_xor(&[1, 4, 7, 10], round % 2 == 0).unwrap();
            }
            if round % 4 == 0 {
                formula.add_cardinality(&[2, -3, 5, 8, 11], 2, Condition::Plain).unwrap();
            }
            let projection: Vec<u32> = (1..=11).filter(|_| rng.index(4) > 0).collect();
            let bits = |assignment: u32| {
                let of = |(place, &v): (usize, &u32)| u64::from(assignment >> (v - 1) & 1) << place;
                projection.iter().enumerate().map(of).sum::<u64>()
            };
            let values = |bits: u32| (0..11).map(|i| if bits >> i & 1 == 1 { 1 } else { -1 }).collect::<Vec<i8>>();
            let models = (0..1u32 << 11).filter(|&a| formula.check(&values(a)).unwrap().is_none()).map(bits);
            let models: std::collections::BTreeSet<u64> = models.collect();
            let mut cells = Cells::new(Arc::new(formula), &projection, &projection).unwrap();
            for _ in 0..25 {
                let rows: Vec<Parity> = (0..rng.index(7))
                    .map(|_| Parity {
                        places: (0..projection.len() as u32).filter(|_| rng.bit()).collect(),
                        odd: rng.bit(),
                    })
                    .collect();
                let holds = |model: u64, row: &Parity| {
                    row.places.iter().filter(|&&p| model >> p & 1 == 1).count() % 2 == usize::from(row.odd)
                };
                let expected: Vec<u64> =
                    models.iter().copied().filter(|&m| rows.iter().all(|row| holds(m, row))).collect();
                let limit = [1, 3, 10, 5000][rng.index(4)];
                let cell = cells.enumerate(&rows, limit, &budget).unwrap().unwrap();
                if cell.complete {
                    assert_eq!(cell.bits, expected, "{round}");
                    full += 1;
                    empty += usize::from(expected.is_empty());
                } else {
                    let told: std::collections::BTreeSet<u64> = cell.bits.iter().copied().collect();
                    assert!(told.len() == limit && cell.len() == limit && expected.len() >= limit, "{round}");
                    assert!(told.iter().all(|model| expected.contains(model)));
                    cut += 1;
                }
            }
        }
        let said = format!("{full} complete, {empty} of them empty, {cut} cut off");
        assert!(full > 1000 && cut > 500 && empty > 300 && full - empty > 500, "{said}");
    }
}
