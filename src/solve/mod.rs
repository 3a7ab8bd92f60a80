//! One incremental solver over the reasoners: takes a snapshot of a formula, hands it to a backend, checks what
//! comes back.
//!
//! The snapshot is shared, not copied; what is added later is kept beside it. Every model is checked against
//! both, and against the assumptions, before anybody sees it.

mod hosts;
mod log;
mod propagator;

pub use crate::sat::{OptionInfo, ProofFormat};
pub use log::{Level, Log};
pub use propagator::{HostFunctions, HostPropagator, HostStop};

use std::collections::HashSet;
use std::io::Write;
use std::sync::{Arc, LazyLock};

use arrayvec::ArrayVec;

use crate::budget::{Budget, Stop};
use crate::error::OutOfMemory;
use crate::formula::{ConstraintId, Formula, FormulaError, check, max_variable};
use crate::sat::{self, AddError, Answer, Cadical, SatError};

/// How a call of [`Solver::solve`] ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// There is a model, and [`Solver::model`] has it.
    Sat,
    /// There is none under the assumptions; [`Solver::core`] tells which of them matter.
    Unsat,
    /// The budget ended the call.
    Unknown(Stop),
}

/// Why a solver did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum SolveError {
    /// What was given is no formula.
    #[error(transparent)]
    Formula(#[from] FormulaError),
    /// The backend failed.
    #[error(transparent)]
    Backend(#[from] SatError),
    /// No memory. The solver can still be used, with a larger limit say.
    #[error(transparent)]
    Memory(OutOfMemory),
    /// The call does not fit what was done before.
    #[error("{0}")]
    State(&'static str),
    /// A propagator did what it must not. Where that was in a reason, the solver cannot be used any more.
    #[error("propagator {0}: {1}")]
    Propagator(u32, &'static str),
    /// There is no such propagator.
    #[error("there is no propagator {0}")]
    NoPropagator(u32),
    /// The backend's model does not satisfy the formula. It is withheld.
    #[error("the backend's model violates {0}; it is withheld")]
    WrongModel(String),
}

/// An incremental solver.
#[derive(Debug)]
pub struct Solver {
    snapshot: Arc<Formula>,
    /// What was added since; its variables include the snapshot's.
    added: Formula,
    engine: Option<Cadical>,
    /// How many clauses of snapshot and addition the engine has.
    loaded: [usize; 2],
    loaded_vars: u32,
    loading_is_done: bool,
    /// Index in [`options`], and value.
    options: Vec<(usize, i64)>,
    /// Said before the engine was made.
    phases: Vec<i32>,
    proof: Proof,
    hosts: hosts::Hosts,
    last: Last,
    solves: i64,
    log: Log,
}

/// What the last search left.
#[derive(Debug)]
enum Last {
    Nothing,
    Sat(Vec<i8>),
    Unsat(Vec<i32>),
    Unknown(Stop),
}

enum Proof {
    None,
    Wanted(ProofFormat, Box<dyn Write + Send>),
    Running(ProofFormat),
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Proof::None => f.write_str("None"),
            Proof::Wanted(format, _) => write!(f, "Wanted({format:?})"),
            Proof::Running(format) => write!(f, "Running({format:?})"),
        }
    }
}

const OWN_STATISTICS: [(&str, &str); 4] = [
    ("solves", "Calls of solve"),
    ("variables", "Variables declared"),
    ("clauses", "Clauses given"),
    ("bytes", "Bytes held by the backend, estimated"),
];

/// Room for the statistics of a solver.
pub const MAX_STATISTICS: usize = OWN_STATISTICS.len() + sat::MAX_STATISTICS;

static STATISTICS: LazyLock<ArrayVec<(&'static str, &'static str), MAX_STATISTICS>> =
    LazyLock::new(|| OWN_STATISTICS.iter().chain(sat::statistics()).copied().collect());

/// Name and meaning of every statistic, in the order of [`Solver::statistics`].
#[must_use]
pub fn statistics() -> &'static [(&'static str, &'static str)] {
    &STATISTICS
}

/// Every option of a solver, sorted by name.
#[must_use]
pub fn options() -> &'static [OptionInfo] {
    sat::options()
}

impl Solver {
    /// A solver for `formula` as it is now. The backend is made and loaded by the first [`Solver::solve`].
    pub fn new(formula: Arc<Formula>) -> Result<Self, SolveError> {
        let mut added = Formula::new();
        added.ensure_vars(formula.num_vars())?;
        Ok(Solver {
            snapshot: formula,
            added,
            engine: None,
            loaded: [0, 0],
            loaded_vars: 0,
            loading_is_done: false,
            options: Vec::new(),
            phases: Vec::new(),
            proof: Proof::None,
            hosts: hosts::Hosts::default(),
            last: Last::Nothing,
            solves: 0,
            log: Log::default(),
        })
    }

    /// Where the solver tells what it does. Answers where it told so far.
    pub fn set_log(&mut self, log: Log) -> Log {
        std::mem::replace(&mut self.log, log)
    }

    /// Sets an option of the backend. Only before the first solve.
    pub fn set_option(&mut self, name: &str, value: i64) -> Result<(), SolveError> {
        let index = sat::find_option(name, value)?;
        if self.engine.is_some() {
            return Err(SolveError::State("options can be set before the first solve only"));
        }
        self.options.retain(|(i, _)| *i != index);
        self.options.try_reserve(1).map_err(refused(size_of::<(usize, i64)>()))?;
        self.options.push((index, value));
        Ok(())
    }

    /// The value of an option: what was set, or its default.
    pub fn option(&self, name: &str) -> Result<i64, SolveError> {
        let set = self.options.iter().find(|(i, _)| options()[*i].name == name).map(|(_, v)| *v);
        let default = || options().iter().find(|o| o.name == name).map(|o| o.default);
        set.or_else(default).ok_or_else(|| SatError::UnknownOption(name.into()).into())
    }

    /// Writes a proof of unsatisfiability into `writer`. Only before the first solve. After each solve everything
    /// has been written and flushed. It is about the clauses in the order in which they were given.
    ///
    /// A DRAT proof goes on when clauses are added after the first solve, and then is about all of them. LRAT
    /// numbers the given clauses first, so after the first solve none can be added. The negation of a core of
    /// failed assumptions is a lemma of the proof.
    ///
    /// Answers the writer that this one replaces.
    pub fn set_proof(
        &mut self,
        format: ProofFormat,
        writer: Box<dyn Write + Send>,
    ) -> Result<Option<Box<dyn Write + Send>>, SolveError> {
        self.may_set_proof()?;
        match std::mem::replace(&mut self.proof, Proof::Wanted(format, writer)) {
            Proof::Wanted(_, old) => Ok(Some(old)),
            Proof::None | Proof::Running(_) => Ok(None),
        }
    }

    /// Whether [`Solver::set_proof`] comes in time.
    pub fn may_set_proof(&self) -> Result<(), SolveError> {
        if self.engine.is_some() {
            return Err(SolveError::State("a proof can be asked for before the first solve only"));
        }
        if !self.hosts.is_empty() {
            return Err(SolveError::State("there is a propagator, and what it says has no proof"));
        }
        Ok(())
    }

    /// How many variables there are, those added included.
    #[must_use]
    pub fn num_vars(&self) -> u32 {
        self.added.num_vars()
    }

    /// How many clauses there are, those added included.
    #[must_use]
    pub fn num_clauses(&self) -> usize {
        self.snapshot.clauses().len() + self.added.clauses().len()
    }

    /// Bytes that the clauses added to the solver may hold. (What the backend holds is limited by each call's budget.)
    pub fn set_memory_limit(&mut self, bytes: u64) {
        self.added.set_memory_limit(bytes);
    }

    /// `count` fresh variables; the first of them is answered. Forgets the last model or core.
    pub fn new_vars(&mut self, count: u32) -> Result<u32, SolveError> {
        self.may_grow(u64::from(self.num_vars()) + u64::from(count))?;
        let first = self.added.new_vars(count)?;
        self.last = Last::Nothing;
        Ok(first)
    }

    /// Adds a clause to the solver; its formula stays as it was. Forgets the last model or core.
    pub fn add_clause(&mut self, literals: &[i32]) -> Result<ConstraintId, SolveError> {
        self.may_add(literals)?;
        let id = self.added.add_clause(literals)?;
        Ok(self.note_added(id))
    }

    /// Adds clauses `literals[offsets[i]..offsets[i + 1]]`, all or none. Forgets the last model or core.
    pub fn add_clauses(&mut self, literals: &[i32], offsets: &[usize]) -> Result<ConstraintId, SolveError> {
        self.may_add(literals)?;
        let id = self.added.add_clauses(literals, offsets)?;
        Ok(self.note_added(id))
    }

    /// What was found is not about what there is now.
    fn forget(&mut self) {
        self.last = Last::Nothing;
    }

    fn note_added(&mut self, id: ConstraintId) -> ConstraintId {
        self.last = Last::Nothing;
        ConstraintId(self.snapshot.clauses().len() as u64 + id.0)
    }

    fn may_add(&self, literals: &[i32]) -> Result<(), SolveError> {
        if matches!(self.proof, Proof::Running(format) if format.is_lrat()) {
            return Err(SolveError::State(
                "an LRAT proof is being written: no clause can be added after the first solve",
            ));
        }
        self.may_grow(max_variable(literals)?.into())
    }

    /// With bounded variable addition the backend takes variables of its own right after those it knows.
    fn may_grow(&self, max: u64) -> Result<(), SolveError> {
        if self.engine.is_some() && max > u64::from(self.num_vars()) && self.option("factor")? != 0 {
            return Err(SolveError::State(
                "with option factor the backend adds variables of its own: after the first solve there can be no new ones",
            ));
        }
        Ok(())
    }

    /// The values that decisions try first: those that make these literals true. They lead the search and bind nothing:
    /// in particular the backend first tries a few simple assignments (option `lucky`).
    pub fn set_phases(&mut self, literals: &[i32]) -> Result<(), SolveError> {
        for (index, &literal) in literals.iter().enumerate() {
            self.known(literal, index)?;
        }
        for &literal in literals {
            match &mut self.engine {
                Some(engine) if literal.unsigned_abs() <= self.loaded_vars => engine.set_phase(literal)?,
                _ => {
                    self.phases.try_reserve(1).map_err(|_| SolveError::Memory(OutOfMemory::Allocator { bytes: 4 }))?;
                    self.phases.push(literal);
                }
            }
        }
        Ok(())
    }

    /// Takes back what [`Solver::set_phases`] said of a variable.
    pub fn clear_phase(&mut self, variable: u32) -> Result<(), SolveError> {
        if variable == 0 || variable > self.num_vars() {
            return Err(FormulaError::Variable { variable, num_vars: self.num_vars() }.into());
        }
        self.phases.retain(|l| l.unsigned_abs() != variable);
        match &mut self.engine {
            Some(engine) if variable <= self.loaded_vars => Ok(engine.clear_phase(variable)?),
            _ => Ok(()),
        }
    }

    fn known(&self, literal: i32, index: usize) -> Result<(), SolveError> {
        if literal == 0 || literal == i32::MIN {
            return Err(FormulaError::Literal { literal, index }.into());
        }
        if literal.unsigned_abs() > self.num_vars() {
            let variable = literal.unsigned_abs();
            return Err(FormulaError::Variable { variable, num_vars: self.num_vars() }.into());
        }
        Ok(())
    }

    /// Looks for a model under `assumptions`, literals that hold for this call only. The budget's seed is taken by
    /// the first call and stays, unless option `seed` was set. A call that the budget ended, also while it was
    /// loading clauses, can be made again and goes on.
    pub fn solve(&mut self, assumptions: &[i32], budget: &Budget) -> Result<Outcome, SolveError> {
        for (index, &literal) in assumptions.iter().enumerate() {
            self.known(literal, index)?;
        }
        self.last = Last::Nothing;
        self.solves += 1;
        if let Err(stop) = budget.check() {
            return Ok(self.unknown(stop));
        }
        if let Some(stop) = self.load(budget)? {
            return Ok(self.unknown(stop));
        }
        let engine = self.engine.as_mut().ok_or(SolveError::State("the backend was not made"))?;
        let answer = engine.solve(assumptions, budget);
        let stop = self.hosts.stop(engine);
        let answer = answer.map_err(|why| self.hosts.named(why))?;
        if let Some(stop) = stop? {
            return Ok(self.unknown(stop));
        }
        self.log.say(Level::Info, || format!("{answer:?} after {:.3} s", budget.elapsed().as_secs_f64()));
        match answer {
            Answer::Unknown(stop) => Ok(self.unknown(stop)),
            Answer::Halted(id) => {
                Err(SatError::Internal(format!("propagator {id} halted the search without a reason")).into())
            }
            Answer::Sat => {
                let mut model = zeros(self.added.num_vars() as usize)?;
                engine.model(&mut model)?;
                self.verify(&model, assumptions)?;
                self.last = Last::Sat(model);
                Ok(Outcome::Sat)
            }
            Answer::Unsat => {
                let mut failed = Vec::new();
                failed.try_reserve_exact(assumptions.len()).map_err(refused(assumptions.len()))?;
                failed.resize(assumptions.len(), false);
                engine.failed(assumptions, &mut failed)?;
                let most = assumptions.len();
                let mut core: Vec<i32> = Vec::new();
                core.try_reserve(most).map_err(refused(4 * most))?;
                let mut seen = HashSet::new();
                seen.try_reserve(most).map_err(refused(8 * most))?;
                for (&literal, _) in assumptions.iter().zip(&failed).filter(|(_, f)| **f) {
                    if seen.insert(literal) {
                        core.push(literal);
                    }
                }
                self.last = Last::Unsat(core);
                Ok(Outcome::Unsat)
            }
        }
    }

    fn unknown(&mut self, stop: Stop) -> Outcome {
        self.last = Last::Unknown(stop);
        Outcome::Unknown(stop)
    }

    /// Makes the engine and gives it what it does not have yet.
    fn load(&mut self, budget: &Budget) -> Result<Option<Stop>, SolveError> {
        self.check_room(budget)?;
        if self.engine.is_none() {
            self.engine = Some(self.make_engine(budget)?);
        }
        let Some(engine) = &mut self.engine else { return Ok(None) };
        if self.loaded_vars < self.added.num_vars() {
            engine.resize(self.added.num_vars()).map_err(memory_first)?;
            self.loaded_vars = self.added.num_vars();
        }
        self.hosts.connect(engine)?;
        for (formula, loaded) in [&*self.snapshot, &self.added].into_iter().zip(&mut self.loaded) {
            let (now, outcome) = engine.add(formula.clauses(), *loaded, budget);
            if now > *loaded {
                self.log.say(Level::Debug, || format!("loaded clauses {}..{now}", *loaded));
                *loaded = now;
            }
            match outcome {
                Ok(()) => {}
                Err(AddError::Stop(stop)) => return Ok(Some(stop)),
                Err(AddError::Failed(why)) => return Err(memory_first(why)),
            }
        }
        for literal in self.phases.drain(..) {
            engine.set_phase(literal)?;
        }
        self.loading_is_done = true;
        Ok(None)
    }

    fn make_engine(&mut self, budget: &Budget) -> Result<Cadical, SolveError> {
        let mut engine = Cadical::new()?;
        if !self.options.iter().any(|(i, _)| options()[*i].name == "seed") {
            let range = options().iter().find(|o| o.name == "seed").map_or(1, |o| o.max.cast_unsigned() + 1);
            engine.set_option("seed", (budget.seed() % range).cast_signed())?;
        }
        for (index, value) in &self.options {
            engine.set_option(options()[*index].name, *value)?;
        }
        if let Proof::Wanted(format, writer) = std::mem::replace(&mut self.proof, Proof::None) {
            engine.set_proof(format, self.num_clauses() as u64, writer)?;
            self.proof = Proof::Running(format);
        }
        Ok(engine)
    }

    /// What the backend will need at least must fit the limit, and the machine: most systems grant more memory
    /// than they have, and kill who uses it.
    fn check_room(&self, budget: &Budget) -> Result<(), SolveError> {
        if self.loading_is_done && self.loaded_vars == self.num_vars() {
            return Ok(());
        }
        let literals = self.snapshot.clauses().num_literals() + self.added.clauses().num_literals();
        let bytes = sat::least_bytes(self.num_vars(), self.num_clauses(), literals);
        let limit = budget.memory().min(sat::physical_memory());
        if bytes > limit {
            return Err(SolveError::Memory(OutOfMemory::Limit { bytes, limit }));
        }
        Ok(())
    }

    /// No model leaves unchecked.
    fn verify(&self, model: &[i8], assumptions: &[i32]) -> Result<(), SolveError> {
        let first = self.snapshot.clauses().len() as u64;
        let in_snapshot = self.snapshot.check(model)?.map(|v| v.0.0);
        let violated = match in_snapshot {
            None => self.added.check(model)?.map(|v| v.0.0 + first),
            some => some,
        };
        if let Some(id) = violated {
            return Err(SolveError::WrongModel(format!("constraint {id}")));
        }
        match assumptions.iter().find(|&&l| !check::holds(model, l)) {
            Some(l) => Err(SolveError::WrongModel(format!("assumption {l}"))),
            None => Ok(()),
        }
    }

    /// The model, after [`Outcome::Sat`] and until the solver is changed: 1 or -1 for variable `v` at `v - 1`.
    pub fn model(&self) -> Result<&[i8], SolveError> {
        match &self.last {
            Last::Sat(model) => Ok(model),
            _ => Err(SolveError::State(
                "there is no model: the last solve did not answer sat, or the solver was changed since",
            )),
        }
    }

    /// The assumptions that cannot hold together, after [`Outcome::Unsat`] and until the solver is changed; each once,
    /// in the order in which they were given, not always the fewest. Empty where the clauses alone are contradictory.
    pub fn core(&self) -> Result<&[i32], SolveError> {
        match &self.last {
            Last::Unsat(core) => Ok(core),
            _ => Err(SolveError::State(
                "there is no core: the last solve did not answer unsat, or the solver was changed since",
            )),
        }
    }

    /// Why the last solve ended without an answer, or `None` where it answered.
    pub fn stop(&self) -> Result<Option<Stop>, SolveError> {
        match &self.last {
            Last::Nothing => Err(SolveError::State("nothing was solved since the solver was made or changed")),
            Last::Unknown(stop) => Ok(Some(*stop)),
            Last::Sat(_) | Last::Unsat(_) => Ok(None),
        }
    }

    /// What [`statistics`] names, since the solver was made.
    #[must_use]
    pub fn statistics(&self) -> ArrayVec<(&'static str, i64), MAX_STATISTICS> {
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let bytes = self.engine.as_ref().map_or(0, Cadical::bytes);
        let own = [self.solves, self.num_vars().into(), count(self.num_clauses() as u64), count(bytes)];
        let engine = self.engine.as_ref().map_or([0; sat::MAX_STATISTICS], Cadical::statistics);
        statistics().iter().map(|s| s.0).zip(own.into_iter().chain(engine)).collect()
    }
}

fn zeros(length: usize) -> Result<Vec<i8>, SolveError> {
    let mut values = Vec::new();
    values.try_reserve_exact(length).map_err(refused(length))?;
    values.resize(length, 0);
    Ok(values)
}

fn refused(bytes: usize) -> impl Fn(std::collections::TryReserveError) -> SolveError {
    move |_| SolveError::Memory(OutOfMemory::Allocator { bytes: bytes as u64 })
}

/// A limit that was reached leaves the backend whole, unlike an allocation that failed inside.
fn memory_first(why: SatError) -> SolveError {
    match why {
        SatError::Memory(short @ OutOfMemory::Limit { .. }) => SolveError::Memory(short),
        other => SolveError::Backend(other),
    }
}
