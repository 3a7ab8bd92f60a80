//! Models one after the other, projected on a set of variables: each projected model once.
//!
//! One search goes through all of them; see `projection` for how. Models are found in batches and handed out between
//! searches, so who takes them may do anything, stop, and go on later.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::projection::Projection;
use super::{Log, SolveError, Solver, refused};
use crate::budget::{Budget, Stop};
use crate::formula::{Formula, FormulaError};
use crate::sat::{Answer, SatError};

/// Most bytes of models in a batch, and most models.
const BATCH_BYTES: usize = 4 << 20;
const BATCH_MODELS: usize = 1024;

/// What [`Enumerator::next`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// One more model; [`Enumerator::model`] has it.
    Model,
    /// There are no more.
    Complete,
    /// The budget ended the call. The next call goes on.
    Unknown(Stop),
}

/// How a call of [`Enumerator::run`] ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All models have been told.
    Complete,
    /// The limit was reached, or who takes them had enough. There may be more.
    Enough,
    /// The budget ended the call. The next call goes on.
    Unknown(Stop),
}

/// An enumeration of the models of a formula.
#[derive(Debug)]
pub struct Enumerator {
    solver: Solver,
    projection: Vec<u32>,
    /// The search tree's id in the engine, once there is one.
    tree: Option<usize>,
    /// Models of the last batch, one after the other.
    batch: Vec<i8>,
    width: usize,
    /// How many of them have been told, and how many there are.
    told: usize,
    held: usize,
    /// Whether these are known to be models.
    verified: bool,
    /// How many models the next batch may have.
    room: usize,
    total: u64,
    complete: bool,
    model: Vec<i8>,
    numbers: Vec<f64>,
    /// Whether these two are the last model told.
    valid: bool,
}

impl Enumerator {
    /// An enumeration of the models of `formula` as it is now, projected on its sampling set, or on all variables where
    /// it has none.
    pub fn new(formula: Arc<Formula>) -> Result<Self, SolveError> {
        let all;
        let projection = match formula.sampling_set() {
            Some(set) => set,
            None => {
                all = variables_up_to(formula.num_vars())?;
                &all
            }
        };
        let mut copy = Vec::new();
        copy.try_reserve_exact(projection.len()).map_err(refused(4 * projection.len()))?;
        copy.extend_from_slice(projection);
        Ok(Enumerator {
            solver: Solver::new(formula)?,
            projection: copy,
            tree: None,
            batch: Vec::new(),
            width: 0,
            told: 0,
            held: 0,
            verified: false,
            room: 1,
            total: 0,
            complete: false,
            model: Vec::new(),
            numbers: Vec::new(),
            valid: false,
        })
    }

    /// The variables that two models must differ in. Only before the first model is looked for. They are decided in this
    /// order.
    pub fn set_projection(&mut self, variables: &[u32]) -> Result<(), SolveError> {
        self.unstarted("the projection")?;
        let num_vars = self.solver.num_vars();
        if let Some(&variable) = variables.iter().find(|&&v| v == 0 || v > num_vars) {
            return Err(FormulaError::Variable { variable, num_vars }.into());
        }
        let mut seen = bits(num_vars as usize + 1)?;
        let mut projection = Vec::new();
        projection.try_reserve_exact(variables.len()).map_err(refused(4 * variables.len()))?;
        projection.extend(variables.iter().filter(|&&v| !std::mem::replace(&mut seen[v as usize], true)));
        self.projection = projection;
        Ok(())
    }

    /// The variables that two models differ in, each once, in the order in which they are decided.
    #[must_use]
    pub fn projection(&self) -> &[u32] {
        &self.projection
    }

    /// The solver at work, for its options, backend, log and propagators; to be set before the first model is looked for. Its
    /// statistics are those of the enumeration.
    #[must_use]
    pub fn solver(&self) -> &Solver {
        &self.solver
    }

    /// See [`Enumerator::solver`].
    pub fn solver_mut(&mut self) -> Result<&mut Solver, SolveError> {
        self.unstarted("the solver")?;
        Ok(&mut self.solver)
    }

    /// Where the enumeration tells what it does. Answers where it told so far.
    pub fn set_log(&mut self, log: Log) -> Log {
        self.solver.set_log(log)
    }

    fn unstarted(&self, what: &'static str) -> Result<(), SolveError> {
        if self.tree.is_none() && !self.complete {
            return Ok(());
        }
        Err(SolveError::State(match what {
            "the projection" => "the projection can be set before the first model is looked for only",
            _ => "the solver can be changed before the first model is looked for only",
        }))
    }

    /// How many models have been told.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.total
    }

    /// Whether all models have been told.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete && self.told == self.held
    }

    /// Looks for the next model.
    pub fn next(&mut self, budget: &Budget) -> Result<Step, SolveError> {
        if self.is_complete() {
            return Ok(Step::Complete);
        }
        // Models that were found before are told only as long as the call may go on, too: who takes them may be slow.
        if let Err(stop) = budget.check() {
            return Ok(Step::Unknown(stop));
        }
        loop {
            if self.told < self.held {
                self.valid = false;
                if !self.verified {
                    self.solver.verify_all(&self.batch, self.held, self.width)?;
                    self.verified = true;
                }
                let at = self.told * self.width;
                let values = &self.batch[at..at + self.width];
                self.solver.decode(values, &mut self.model, &mut self.numbers)?;
                self.valid = true;
                self.told += 1;
                self.total += 1;
                return Ok(Step::Model);
            }
            if self.complete {
                return Ok(Step::Complete);
            }
            if let Some(stop) = self.search(budget)?
                && self.held == 0
            {
                return Ok(Step::Unknown(stop));
            }
        }
    }

    /// The last model told: 1 or -1 for variable `v` at `v - 1`, those outside the projection included.
    pub fn model(&self) -> Result<&[i8], SolveError> {
        if !self.valid {
            return Err(SolveError::State("there is no model: none was told yet"));
        }
        Ok(&self.model)
    }

    /// The values of numbers in the last model told.
    pub fn numbers(&self) -> Result<&[f64], SolveError> {
        self.model()?;
        Ok(&self.numbers)
    }

    /// Hands up to `limit` more models to `each`, until that breaks.
    pub fn run(
        &mut self,
        limit: u64,
        budget: &Budget,
        mut each: impl FnMut(&[i8]) -> ControlFlow<()>,
    ) -> Result<End, SolveError> {
        for _ in 0..limit {
            match self.next(budget)? {
                Step::Complete => return Ok(End::Complete),
                Step::Unknown(stop) => return Ok(End::Unknown(stop)),
                Step::Model => {
                    if each(&self.model).is_break() {
                        return Ok(if self.is_complete() { End::Complete } else { End::Enough });
                    }
                }
            }
        }
        Ok(if self.is_complete() { End::Complete } else { End::Enough })
    }

    /// Fills the batch with the next models; answers why it holds fewer than it may, unless there are no more.
    fn search(&mut self, budget: &Budget) -> Result<Option<Stop>, SolveError> {
        (self.held, self.told, self.verified) = (0, 0, false);
        let tree = match self.tree {
            Some(tree) => tree,
            None => match self.start(budget)? {
                Ok(tree) => tree,
                Err(stop) => return Ok(Some(stop)),
            },
        };
        let most = (BATCH_BYTES / self.width.max(1)).clamp(1, BATCH_MODELS);
        let room = self.room.min(most);
        self.room = (2 * self.room).min(BATCH_MODELS);
        let mut batch = std::mem::take(&mut self.batch);
        batch.clear();
        let projection = self.tree_mut(tree)?;
        projection.room = room;
        projection.held = 0;
        projection.spent = 0;
        projection.models = batch;
        let outcome = self.solver.search(&[], budget);
        let projection = self.tree_mut(tree)?;
        let (batch, held) = (std::mem::take(&mut projection.models), std::mem::take(&mut projection.held));
        let (complete, short, strayed) = (projection.complete, projection.short.take(), projection.strayed);
        (self.batch, self.held) = (batch, held);
        self.complete |= complete;
        if let Some(short) = short
            && self.held == 0
        {
            return Err(SolveError::Memory(short));
        }
        match outcome? {
            Answer::Halted(id) if id == tree && strayed => {
                Err(SatError::Internal("it decided on its own where the enumeration had a decision".into()).into())
            }
            Answer::Halted(id) if id == tree => Ok(None),
            Answer::Halted(_) => Err(SolveError::State("a propagator ended the search")),
            // The tree takes no model: it halts or refuses.
            Answer::Sat => Err(SolveError::WrongModel("the enumeration, which did not see it".into())),
            Answer::Unsat => {
                self.complete = true;
                Ok(None)
            }
            Answer::Unknown(stop) => Ok(Some(stop)),
        }
    }

    fn tree_mut(&mut self, tree: usize) -> Result<&mut Projection, SolveError> {
        let tree = self.solver.engine_mut()?.propagator_mut(tree);
        tree.ok_or(SolveError::State("the enumeration lost its search tree"))
    }

    /// Loads the engine and plants the tree.
    fn start(&mut self, budget: &Budget) -> Result<Result<usize, Stop>, SolveError> {
        self.solver.needs_engine()?;
        if let Some(stop) = self.solver.load(budget)? {
            return Ok(Err(stop));
        }
        let mut literals = Vec::new();
        literals.try_reserve_exact(self.projection.len()).map_err(refused(4 * self.projection.len()))?;
        literals.extend(self.projection.iter().map(|&v| self.solver.loader.variables.to_engine(v.cast_signed())));
        let variables: Vec<u32> = literals.iter().map(|l| l.unsigned_abs()).collect();
        self.width = self.solver.loader.supply.total() as usize;
        let tree = Box::new(Projection::new(literals, self.width));
        let tree = self.solver.engine_mut()?.connect(tree, &variables)?;
        self.tree = Some(tree);
        Ok(Ok(tree))
    }
}

fn variables_up_to(max: u32) -> Result<Vec<u32>, SolveError> {
    let mut all = Vec::new();
    all.try_reserve_exact(max as usize).map_err(refused(4 * max as usize))?;
    all.extend(1..=max);
    Ok(all)
}

fn bits(length: usize) -> Result<Vec<bool>, SolveError> {
    let mut bits = Vec::new();
    bits.try_reserve_exact(length).map_err(refused(length))?;
    bits.resize(length, false);
    Ok(bits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Limits;
    use crate::instances::random_ksat;

    /// However soon the engine is let decide, no model is lost and none told twice.
    #[test]
    fn impatience_loses_nothing() {
        for round in 0..150u64 {
            let budget = Budget::start(&Limits { seed: round, ..Limits::default() });
            let mut formula = random_ksat::generate(11, 30 + round % 15, 3, &budget).unwrap();
            formula.add_xor(&[1, 4, 7, 10], round % 2 == 0).unwrap();
            let project: Vec<u32> = (1..=(round % 12) as u32).collect();
            let mask: u32 = project.iter().map(|v| 1 << (v - 1)).sum();
            let values = |bits: u32| (0..11).map(|i| if bits >> i & 1 == 1 { 1 } else { -1 }).collect::<Vec<i8>>();
            let models = (0..1u32 << 11).filter(|&bits| formula.check(&values(bits)).unwrap().is_none());
            let expected: std::collections::BTreeSet<u32> = models.map(|bits| bits & mask).collect();
            let formula = Arc::new(formula);
            for patience in 0..4 {
                let mut e = Enumerator::new(Arc::clone(&formula)).unwrap();
                e.set_projection(&project).unwrap();
                let tree = e.start(&budget).unwrap().unwrap();
                e.tree_mut(tree).unwrap().patience = patience;
                let mut told = std::collections::BTreeSet::new();
                while e.next(&budget).unwrap() == Step::Model {
                    let bits: u32 = (0..11).filter(|&i| e.model().unwrap()[i] > 0).map(|i| 1 << i).sum();
                    assert!(told.insert(bits & mask), "told twice: {round} {patience}");
                }
                assert_eq!(told, expected, "{round} {patience}");
            }
        }
    }
}
