//! One incremental solver over the reasoners: takes a snapshot of a formula, hands it to a backend, checks what
//! comes back.
//!
//! The snapshot is shared, not copied; what is added later is kept beside it. Every model is checked against
//! both, and against the assumptions, before anybody sees it.
//!
//! Constraints that are no clauses go to propagators or are encoded (`backend.rs`, `load.rs`), which may take variables
//! that the formula does not have (`variables.rs`). Z3, branch and bound over linear
//! programs, and cutting planes take all of them as they are (`smt.rs`, `milp.rs`, `pb.rs`); cutting planes also by turns with
//! the engine (`turns.rs`), and local search may run beside it (`beside.rs`).

mod backend;
mod beside;
pub(crate) mod cells;
mod enumerate;
mod hosts;
mod load;
mod log;
mod milp;
mod minimize;
mod pb;
mod projection;
mod propagator;
mod smt;
mod turns;
mod variables;
mod verified;

pub use crate::sat::{OptionInfo, ProofFormat};
pub use backend::{Backend, Choice};
pub use enumerate::{End, Enumerator, Step};
pub use log::{Level, Log};
pub use minimize::{Bounds, Minimum};
pub use propagator::{HostFunctions, HostPropagator, HostStop};

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::Write;
use std::sync::{Arc, LazyLock};

use arrayvec::ArrayVec;
use num_rational::BigRational;

use crate::budget::{Budget, Stop};
use crate::error::OutOfMemory;
use crate::formula::lower::LowerError;
use crate::formula::{Condition, ConstraintId, Domain, Formula, FormulaError, LinearRows, rational};
use crate::sat::{self, Answer, Cadical, SatError};
use load::{Early, Loader};

/// How a call of [`Solver::solve`] ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// There is a model, and [`Solver::model`] has it.
    Sat,
    /// There is none under the assumptions; [`Solver::core`] tells which of them matter.
    Unsat,
    /// The budget ended the call, or the backend gave up ([`Stop::Incomplete`]; [`Solver::gave_up`] says why).
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
    /// A constraint is beyond the backend.
    #[error(transparent)]
    Lower(LowerError),
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
    /// Z3 failed.
    #[cfg(feature = "z3")]
    #[error(transparent)]
    Smt(crate::smt::SmtError),
    /// The formula is beyond the MILP backend, or HiGHS failed.
    #[cfg(feature = "highs")]
    #[error(transparent)]
    Milp(crate::milp::MilpError),
    /// The backend was not built into this library.
    #[error("backend unavailable: this library was built without {0}")]
    Unavailable(&'static str),
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
    backend: Backend,
    choice: Option<Choice>,
    engine: Option<Cadical>,
    /// What [`Backend::Z3`] has instead.
    smt: smt::Reasoner,
    /// What [`Backend::Milp`] has instead.
    milp: milp::Reasoner,
    /// What [`Backend::Pb`] has instead, and [`Backend::Auto`] beside.
    pb: pb::Reasoner,
    /// Whether they have no turns any more.
    planes_left_out: bool,
    loader: Loader,
    /// Whether the engine has searched.
    searched: bool,
    /// Index in [`options`], and value.
    options: Vec<(usize, i64)>,
    /// Said before the engine was made.
    phases: Vec<i32>,
    proof: Proof,
    hosts: hosts::Hosts,
    /// Whether local search runs beside.
    local_search: bool,
    last: Last,
    /// What is known of an objective.
    left: Option<minimize::Left>,
    solves: i64,
    log: Log,
}

/// What the last search left.
#[derive(Debug)]
enum Last {
    Nothing,
    /// Numbers that need not be doubles are in `exact` as they are; there are none where that is empty.
    Sat {
        model: Vec<i8>,
        numbers: Vec<f64>,
        exact: Vec<BigRational>,
    },
    Unsat(Vec<i32>),
    Unknown(Stop),
}

enum Proof {
    None,
    Wanted(ProofFormat, Box<dyn Write + Send>),
    Running(ProofFormat),
}

impl Proof {
    fn format(&self) -> Option<ProofFormat> {
        match *self {
            Proof::None => None,
            Proof::Wanted(format, _) | Proof::Running(format) => Some(format),
        }
    }
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

const NO_MODEL: &str = "there is no model: the last solve did not answer sat, or the solver was changed since";
const FACTOR: &str =
    "with option factor the backend adds variables of its own: after the first solve there can be no new ones";

const OWN_STATISTICS: [(&str, &str); 6] = [
    ("solves", "Calls of solve"),
    ("variables", "Variables declared"),
    ("clauses", "Clauses given"),
    ("constraints", "Constraints given, clauses included"),
    ("bytes", "Bytes held by the backend, estimated"),
    ("planes", "Conflicts of cutting planes"),
];

/// Room for the statistics of a solver.
pub const MAX_STATISTICS: usize = OWN_STATISTICS.len() + load::STATISTICS.len() + sat::MAX_STATISTICS;

static STATISTICS: LazyLock<ArrayVec<(&'static str, &'static str), MAX_STATISTICS>> =
    LazyLock::new(|| OWN_STATISTICS.iter().chain(&load::STATISTICS).chain(sat::statistics()).copied().collect());

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
        added.new_numbers(formula.domains())?;
        Ok(Solver {
            snapshot: formula,
            added,
            backend: Backend::Auto,
            choice: None,
            engine: None,
            smt: smt::Reasoner::default(),
            milp: milp::Reasoner::default(),
            pb: pb::Reasoner::default(),
            planes_left_out: false,
            loader: Loader::default(),
            searched: false,
            options: Vec::new(),
            phases: Vec::new(),
            proof: Proof::None,
            hosts: hosts::Hosts::default(),
            local_search: false,
            left: None,
            last: Last::Nothing,
            solves: 0,
            log: Log::default(),
        })
    }

    /// Where the solver tells what it does. Answers where it told so far.
    pub fn set_log(&mut self, log: Log) -> Log {
        std::mem::replace(&mut self.log, log)
    }

    /// How constraints that are not clauses are to be handled. Only before the first solve.
    pub fn set_backend(&mut self, backend: Backend) -> Result<(), SolveError> {
        if self.choice.is_some() {
            return Err(SolveError::State("the backend can be set before the first solve only"));
        }
        if let Some(missing) = backend.missing() {
            return Err(SolveError::Unavailable(missing));
        }
        if let Some(format) = self.proof.format() {
            self.has_proofs(backend, format)?;
        }
        self.has_place(backend)?;
        self.backend = backend;
        Ok(())
    }

    /// An error where a backend has no place for what was asked for, a proof aside.
    fn has_place(&self, backend: Backend) -> Result<(), SolveError> {
        let phases = !self.phases.is_empty() && backend != Backend::Pb;
        let asked = phases || !self.options.is_empty() || !self.hosts.is_empty() || self.local_search;
        match backend.refusal() {
            Some(refusal) if asked => Err(SolveError::State(refusal)),
            _ => Ok(()),
        }
    }

    /// An error where a backend has no proofs in this format.
    fn has_proofs(&self, backend: Backend, format: ProofFormat) -> Result<(), SolveError> {
        match (backend, format.is_about_sums()) {
            (Backend::Pb, true) => Ok(()),
            (Backend::Auto, true) => self.has_place(Backend::Pb),
            (_, true) => Err(SolveError::State("a proof of VeriPB needs the cutting planes backend")),
            (_, false) => backend.refusal().map_or(Ok(()), |refusal| Err(SolveError::State(refusal))),
        }
    }

    /// An error where a backend was chosen that has no place for what is asked for.
    fn needs_engine(&self) -> Result<(), SolveError> {
        self.backend.refusal().map_or(Ok(()), |refusal| Err(SolveError::State(refusal)))
    }

    /// What was chosen, and why; `None` before the first solve.
    #[must_use]
    pub fn choice(&self) -> Option<&Choice> {
        self.choice.as_ref()
    }

    /// Sets an option of the backend. Only before the first solve.
    pub fn set_option(&mut self, name: &str, value: i64) -> Result<(), SolveError> {
        let index = sat::find_option(name, value)?;
        self.needs_engine()?;
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
    /// A proof of VeriPB is about the inequalities of the formula in OPB, in their order ([`opb::write`](crate::formula::opb::write())),
    /// and cutting planes find it: [`Backend::Auto`] becomes [`Backend::Pb`]. The formula has no parities and numbers then, and no
    /// constraint can be added after the first solve. The proof ends with the first answer that there is no model whatever is
    /// assumed; without one, when the solver is dropped.
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
        self.may_set_proof(format)?;
        if format.is_about_sums() {
            self.backend = Backend::Pb;
        }
        match std::mem::replace(&mut self.proof, Proof::Wanted(format, writer)) {
            Proof::Wanted(_, old) => Ok(Some(old)),
            Proof::None | Proof::Running(_) => Ok(None),
        }
    }

    /// Whether [`Solver::set_proof`] comes in time.
    pub fn may_set_proof(&self, format: ProofFormat) -> Result<(), SolveError> {
        self.has_proofs(self.backend, format)?;
        // A first solve that ended before anything was loaded has chosen all the same; a proof can be about clauses only.
        let native = self.choice.as_ref().is_some_and(|c| c.native_xors || c.native_sums);
        let begun = if format.is_about_sums() {
            self.choice.is_some() || self.pb.engine.is_some()
        } else {
            self.engine.is_some() || native
        };
        if begun {
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

    /// How many constraints there are, those added included.
    #[must_use]
    pub fn num_constraints(&self) -> u64 {
        self.snapshot.num_constraints() + self.added.num_constraints()
    }

    /// How many clauses there are, those added included, and encoded constraints not.
    #[must_use]
    pub fn num_clauses(&self) -> usize {
        self.snapshot.clauses().len() + self.added.clauses().len()
    }

    /// How many integers and reals there are, those added included.
    #[must_use]
    pub fn num_numbers(&self) -> u32 {
        self.added.num_numbers()
    }

    /// Bytes that the constraints added to the solver may hold. (What the backend holds is limited by each call's budget.)
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

    /// Fresh numbers; the first of them is answered. Forgets the last model or core.
    pub fn new_numbers(&mut self, domains: &[Domain]) -> Result<u32, SolveError> {
        self.may_add()?;
        let first = self.added.new_numbers(domains)?;
        self.last = Last::Nothing;
        Ok(first)
    }

    /// Adds a clause to the solver; its formula stays as it was. Forgets the last model or core.
    pub fn add_clause(&mut self, literals: &[i32]) -> Result<ConstraintId, SolveError> {
        self.add(literals, &[], |added| added.add_clause(literals))
    }

    /// Adds clauses `literals[offsets[i]..offsets[i + 1]]`, all or none. Forgets the last model or core.
    pub fn add_clauses(&mut self, literals: &[i32], offsets: &[usize]) -> Result<ConstraintId, SolveError> {
        self.add(literals, &[], |added| added.add_clauses(literals, offsets))
    }

    /// As [`Formula::add_xors`]. Forgets the last model or core.
    pub fn add_xors(&mut self, literals: &[i32], offsets: &[usize], rhs: &[bool]) -> Result<ConstraintId, SolveError> {
        self.add(literals, &[], |added| added.add_xors(literals, offsets, rhs))
    }

    /// As [`Formula::add_cardinalities`]. Forgets the last model or core.
    pub fn add_cardinalities(
        &mut self,
        literals: &[i32],
        offsets: &[usize],
        bounds: &[i64],
        conditions: &[Condition],
    ) -> Result<ConstraintId, SolveError> {
        self.add(literals, conditions, |added| added.add_cardinalities(literals, offsets, bounds, conditions))
    }

    /// As [`Formula::add_pseudo_booleans`]. Forgets the last model or core.
    pub fn add_pseudo_booleans(
        &mut self,
        literals: &[i32],
        weights: &[i64],
        offsets: &[usize],
        bounds: &[i64],
        conditions: &[Condition],
    ) -> Result<ConstraintId, SolveError> {
        self.add(literals, conditions, |added| {
            added.add_pseudo_booleans(literals, weights, offsets, bounds, conditions)
        })
    }

    /// Adds all constraints of `more`, all or none. Its variables and numbers are meant by their number: those that the
    /// solver does not have come into being, and numbers that it has must have the same domain there. The first id is
    /// answered, the others follow it. Forgets the last model or core.
    pub fn add_formula(&mut self, more: &Formula) -> Result<ConstraintId, SolveError> {
        self.may_add()?;
        self.may_grow(more.num_vars().into())?;
        let first = self.num_constraints();
        self.added = self.added.extended(more)?;
        self.forget();
        Ok(ConstraintId(first))
    }

    /// As [`Formula::add_linears`]. Forgets the last model or core.
    pub fn add_linears(&mut self, rows: &LinearRows<'_>) -> Result<ConstraintId, SolveError> {
        self.add(rows.literals, rows.conditions, |added| added.add_linears(rows))
    }

    fn add(
        &mut self,
        literals: &[i32],
        conditions: &[Condition],
        add: impl FnOnce(&mut Formula) -> Result<ConstraintId, FormulaError>,
    ) -> Result<ConstraintId, SolveError> {
        self.may_add()?;
        let of_conditions = conditions.iter().filter_map(|c| c.literal());
        let max = literals.iter().copied().chain(of_conditions).map(i32::unsigned_abs).max();
        self.may_grow(max.unwrap_or(0).into())?;
        let id = add(&mut self.added)?;
        self.forget();
        Ok(ConstraintId(self.snapshot.num_constraints() + id.0))
    }

    /// What was found is not about what there is now.
    fn forget(&mut self) {
        (self.last, self.left) = (Last::Nothing, None);
    }

    fn may_add(&self) -> Result<(), SolveError> {
        match self.proof {
            Proof::Running(format) if format.is_lrat() => {
                Err(SolveError::State("an LRAT proof is being written: no clause can be added after the first solve"))
            }
            Proof::Running(ProofFormat::VeriPb) => Err(SolveError::State(
                "a proof of VeriPB is being written: no constraint can be added after the first solve",
            )),
            _ => Ok(()),
        }
    }

    /// With bounded variable addition the backend takes variables of its own right after those it knows.
    fn may_grow(&self, max: u64) -> Result<(), SolveError> {
        if self.engine.is_some() && max > u64::from(self.num_vars()) && self.option("factor")? != 0 {
            return Err(SolveError::State(FACTOR));
        }
        Ok(())
    }

    /// The values that decisions try first: those that make these literals true. They lead the search and bind nothing:
    /// in particular the backend first tries a few simple assignments (option `lucky`).
    pub fn set_phases(&mut self, literals: &[i32]) -> Result<(), SolveError> {
        if self.backend != Backend::Pb {
            self.needs_engine()?;
        }
        for (index, &literal) in literals.iter().enumerate() {
            self.known(literal, index)?;
        }
        for &literal in literals {
            match &mut self.engine {
                Some(engine) if literal.unsigned_abs() <= self.loader.declared() => {
                    engine.set_phase(self.loader.variables.to_engine(literal))?;
                }
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
            Some(engine) if variable <= self.loader.declared() => {
                let variable = self.loader.variables.to_engine(variable.cast_signed());
                Ok(engine.clear_phase(variable.unsigned_abs())?)
            }
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
        self.forget();
        self.solves += 1;
        if let Err(stop) = budget.check() {
            return Ok(self.unknown(stop));
        }
        match self.backend {
            Backend::Z3 => return self.solve_by_z3(assumptions, budget),
            Backend::Milp => return self.solve_by_milp(assumptions, budget),
            Backend::Pb => return self.solve_by_pb(assumptions, budget),
            Backend::Auto | Backend::Native | Backend::Encode => {}
        }
        if let Some(stop) = self.load(budget)? {
            return Ok(self.unknown(stop));
        }
        let answer = match self.search_beside(assumptions, budget)? {
            Ok(answer) => answer,
            Err(outcome) => return Ok(outcome),
        };
        match answer {
            Answer::Unknown(stop) => Ok(self.unknown(stop)),
            Answer::Halted(id) => {
                Err(SatError::Internal(format!("propagator {id} halted the search without a reason")).into())
            }
            Answer::Sat => {
                let mut values = zeros(self.loader.supply.total() as usize)?;
                self.engine_mut()?.model(&mut values)?;
                let (mut model, mut numbers) = (Vec::new(), Vec::new());
                self.decode(&values, &mut model, &mut numbers)?;
                self.verify(&model, &numbers, assumptions)?;
                self.last = Last::Sat { model, numbers, exact: Vec::new() };
                Ok(Outcome::Sat)
            }
            Answer::Unsat => {
                let mut failed = Vec::new();
                failed.try_reserve_exact(assumptions.len()).map_err(refused(assumptions.len()))?;
                failed.resize(assumptions.len(), false);
                let asked = self.to_engine(assumptions)?;
                self.engine_mut()?.failed(&asked, &mut failed)?;
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

    /// Searches the engine, which has everything. Assumptions are the formula's.
    fn search(&mut self, assumptions: &[i32], budget: &Budget) -> Result<Answer, SolveError> {
        let assumed = self.to_engine(assumptions)?;
        self.searched = true;
        let engine = self.engine.as_mut().ok_or(SolveError::State("the backend was not made"))?;
        let answer = engine.solve(&assumed, budget);
        let stop = self.hosts.stop(engine);
        let answer = answer.map_err(|why| self.hosts.named(why, &self.loader.variables))?;
        if let Some(stop) = stop? {
            return Ok(Answer::Unknown(stop));
        }
        self.log.say(Level::Info, || format!("{answer:?} after {:.3} s", budget.elapsed().as_secs_f64()));
        if let (Answer::Halted(id), Some(engine)) = (answer, &mut self.engine)
            && let Some(failure) = self.loader.failure(engine, id)
        {
            return Err(memory_first(failure));
        }
        Ok(answer)
    }

    /// The engine's literals for those of the formula, which were declared.
    fn to_engine<'l>(&self, literals: &'l [i32]) -> Result<Cow<'l, [i32]>, SolveError> {
        if self.loader.variables.is_identity() {
            return Ok(Cow::Borrowed(literals));
        }
        let mut mapped = Vec::new();
        mapped.try_reserve_exact(literals.len()).map_err(refused(4 * literals.len()))?;
        mapped.extend(literals.iter().map(|&l| self.loader.variables.to_engine(l)));
        Ok(Cow::Owned(mapped))
    }

    fn engine_mut(&mut self) -> Result<&mut Cadical, SolveError> {
        self.engine.as_mut().ok_or(SolveError::State("the backend was not made"))
    }

    /// The formula's model from the engine's.
    fn decode(&self, values: &[i8], model: &mut Vec<i8>, numbers: &mut Vec<f64>) -> Result<(), SolveError> {
        self.loader.decode(values, model, numbers).map_err(SolveError::Memory)
    }

    fn unknown(&mut self, stop: Stop) -> Outcome {
        self.last = Last::Unknown(stop);
        Outcome::Unknown(stop)
    }

    /// Makes the engine and gives it what it does not have yet.
    fn load(&mut self, budget: &Budget) -> Result<Option<Stop>, SolveError> {
        let formulas = [&*self.snapshot, &self.added];
        let settled = self.phases.is_empty() && self.hosts.are_settled();
        if self.engine.is_some() && self.loader.is_done(formulas) && settled {
            return Ok(None);
        }
        let proof = !matches!(self.proof, Proof::None);
        if self.choice.is_none() {
            let choice = Choice::make(self.backend, proof, formulas);
            self.log.say(Level::Info, || choice.why.clone());
            self.choice = Some(choice);
        }
        match self.try_load(budget) {
            Ok(()) => Ok(None),
            Err(Early::Stop(stop)) => Ok(Some(stop)),
            Err(Early::Failed(why)) => Err(why),
        }
    }

    fn try_load(&mut self, budget: &Budget) -> Result<(), Early> {
        let formulas = [&*self.snapshot, &self.added];
        let Some(choice) = &self.choice else { return Ok(()) };
        let proof = !matches!(self.proof, Proof::None);
        if proof && (choice.native_xors || choice.native_sums) && formulas.iter().any(|f| !f.is_cnf()) {
            let why = "a proof is about clauses: it needs the backend that encodes";
            return Err(Early::Failed(SolveError::State(why)));
        }
        let before = self.loader.supply.total();
        self.loader.lower(formulas, choice, budget)?;
        let grown = self.loader.supply.total() > before;
        let clauses = self.loader.num_clauses(formulas);
        self.check_room(clauses, budget)?;
        if self.engine.is_none() {
            self.engine = Some(self.make_engine(clauses, budget)?);
        } else if grown && self.searched && self.option("factor").is_ok_and(|value| value != 0) {
            return Err(Early::Failed(SolveError::State(FACTOR)));
        }
        let walks = self.option("walk").is_ok_and(|value| value != 0);
        let Some(engine) = &mut self.engine else { return Ok(()) };
        self.loader.walks = walks;
        let formulas = [&*self.snapshot, &self.added];
        self.loader.connect(formulas, engine, budget)?;
        self.hosts.connect(engine, &self.loader.variables)?;
        self.loader.load(formulas, engine, budget)?;
        self.log.say(Level::Debug, || format!("loaded {clauses} clauses"));
        for literal in self.phases.drain(..) {
            engine.set_phase(self.loader.variables.to_engine(literal))?;
        }
        Ok(())
    }

    /// An engine that will be given so many clauses before it searches.
    fn make_engine(&mut self, clauses: usize, budget: &Budget) -> Result<Cadical, SolveError> {
        let mut engine = Cadical::new()?;
        if !self.options.iter().any(|(i, _)| options()[*i].name == "seed") {
            let range = options().iter().find(|o| o.name == "seed").map_or(1, |o| o.max.cast_unsigned() + 1);
            engine.set_option("seed", (budget.seed() % range).cast_signed())?;
        }
        if self.loader.has_native_sums() {
            for (name, value) in sat::NATIVE_SUMS {
                engine.set_option(name, value)?; // what the user set comes after it
            }
        }
        if self.loader.has_native_xors() {
            for (name, value) in sat::NATIVE_XORS {
                engine.set_option(name, value)?;
            }
        }
        for (index, value) in &self.options {
            engine.set_option(options()[*index].name, *value)?;
        }
        if let Proof::Wanted(format, writer) = std::mem::replace(&mut self.proof, Proof::None) {
            engine.set_proof(format, clauses as u64, writer)?;
            self.proof = Proof::Running(format);
        }
        Ok(engine)
    }

    /// What the backend will need at least must fit the limit, and the machine: most systems grant more memory
    /// than they have, and kill who uses it.
    fn check_room(&self, clauses: usize, budget: &Budget) -> Result<(), Early> {
        let literals = self.loader.num_literals([&*self.snapshot, &self.added]);
        let bytes = sat::least_bytes(self.loader.supply.total(), clauses, literals);
        let limit = budget.memory().min(sat::physical_memory());
        if bytes > limit {
            return Err(OutOfMemory::Limit { bytes, limit }.into());
        }
        Ok(())
    }

    /// Why the backend gave up, in its own words, after [`Stop::Incomplete`].
    #[must_use]
    pub fn gave_up(&self) -> Option<&str> {
        self.smt.gave_up().or_else(|| self.milp.gave_up())
    }

    /// The values of numbers in the model, after [`Outcome::Sat`] and until the solver is changed: integers exactly, of
    /// reals the nearest double, which need not satisfy what the exact value does.
    pub fn numbers(&self) -> Result<&[f64], SolveError> {
        match &self.last {
            Last::Sat { numbers, .. } => Ok(numbers),
            _ => Err(SolveError::State(NO_MODEL)),
        }
    }

    /// As [`Solver::numbers`], the exact values, which were checked.
    pub fn exact_numbers(&self) -> Result<Cow<'_, [BigRational]>, SolveError> {
        match &self.last {
            Last::Sat { numbers, exact, .. } if exact.is_empty() => {
                Ok(numbers.iter().map(|&value| rational(value)).collect())
            }
            Last::Sat { exact, .. } => Ok(Cow::Borrowed(exact)),
            _ => Err(SolveError::State(NO_MODEL)),
        }
    }

    /// The model, after [`Outcome::Sat`] and until the solver is changed: 1 or -1 for variable `v` at `v - 1`.
    pub fn model(&self) -> Result<&[i8], SolveError> {
        match &self.last {
            Last::Sat { model, .. } => Ok(model),
            _ => Err(SolveError::State(NO_MODEL)),
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
            Last::Sat { .. } | Last::Unsat(_) => Ok(self.left.and_then(|left| left.stop)),
        }
    }

    /// What [`statistics`] names, since the solver was made.
    #[must_use]
    pub fn statistics(&self) -> ArrayVec<(&'static str, i64), MAX_STATISTICS> {
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let engine = self.engine.as_ref().map_or(0, Cadical::bytes);
        let bytes = engine + self.smt.bytes() + self.milp.bytes() + self.pb.bytes();
        let clauses = count(self.num_clauses() as u64);
        let own = [
            self.solves,
            self.num_vars().into(),
            clauses,
            count(self.num_constraints()),
            count(bytes),
            count(self.pb.conflicts()),
        ];
        let loaded = self.loader.statistics(self.engine.as_ref());
        let engine = self.engine.as_ref().map_or([0; sat::MAX_STATISTICS], Cadical::statistics);
        statistics().iter().map(|s| s.0).zip(own.into_iter().chain(loaded).chain(engine)).collect()
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
