//! From formulas to the engine: clauses as they are, other constraints brought to simple ones, and these handed to
//! propagators or encoded.
//!
//! Loading goes on where it stopped: the budget may end it between any two constraints. Where a proof is written all
//! clauses are encoded before the first one is loaded, since the proof must know how many there will be.

use super::backend::Choice;
use super::variables::{Supply, Variables};
use super::{SolveError, memory_first};
use crate::budget::{Budget, Phase, Progress, Stop};
use crate::error::OutOfMemory;
use crate::formula::cnf::{Encoder, Options};
use crate::formula::lower::{LowerError, Lowering, Target};
use crate::formula::{Clauses, Condition, ConstraintId, Formula, FormulaError, Sum};
use crate::sat::cardinality::Cardinality;
use crate::sat::gauss::{self, Gauss};
use crate::sat::propagator::Propagator;
use crate::sat::pseudo_boolean::PseudoBoolean;
use crate::sat::walk::Walk;
use crate::sat::{AddError, Cadical, SatError};

/// Clauses that are mapped at once.
const CHUNK: usize = 4096;

/// Constraints between two looks at the budget.
const LOOK: u64 = 64;

/// How much of a formula has been taken.
#[derive(Debug, Default, Clone, Copy)]
struct Done {
    clauses: usize,
    /// The other constraints with ids below this.
    others: u64,
}

/// Name and meaning of what [`Loader::statistics`] answers.
pub(super) const STATISTICS: [(&str, &str); 15] = [
    ("auxiliary_variables", "Variables of the backend that the formula does not have"),
    ("encoded_clauses", "Clauses that other constraints became"),
    ("native_xors", "Parities handled by Gauss-Jordan elimination"),
    ("gauss_matrices", "Matrices that they form"),
    ("gauss_rows", "Rows of these matrices"),
    ("gauss_eliminations", "Rows added to rows"),
    ("xor_propagations", "Literals that parities implied"),
    ("xor_conflicts", "Conflicts that parities found"),
    ("xor_reasons", "Reasons asked for of what parities implied"),
    ("native_sums", "Cardinality and pseudo-Boolean constraints handled by counters"),
    ("sum_propagations", "Literals that sums implied"),
    ("sum_conflicts", "Conflicts that sums found"),
    ("sum_reasons", "Reasons asked for of what sums implied"),
    ("walk_flips", "Inputs flipped by local search"),
    ("walk_models", "Models that local search proposed"),
];

/// The propagators' ids in the engine.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Natives {
    pub gauss: Option<usize>,
    pub cardinality: Option<usize>,
    pub pseudo_boolean: Option<usize>,
    pub walk: Option<usize>,
}

/// What the engine has been given.
#[derive(Debug, Default)]
pub(super) struct Loader {
    pub variables: Variables,
    pub supply: Supply,
    pub natives: Natives,
    lowering: Lowering,
    /// Of the snapshot, and of what was added to it.
    done: [Done; 2],
    /// Encoded clauses; those before `loaded` are in the engine.
    encoded: Clauses,
    loaded: usize,
    /// Variables that the engine knows.
    resized: u32,
    /// What propagators are to be given, in the engine's variables.
    native: Formula,
    /// Whether local search may be tried: option `walk`, as for the backend's own.
    pub walks: bool,
}

/// Why loading ended early.
pub(super) enum Early {
    Stop(Stop),
    Failed(SolveError),
}

impl From<Stop> for Early {
    fn from(stop: Stop) -> Self {
        Early::Stop(stop)
    }
}

impl From<SatError> for Early {
    fn from(error: SatError) -> Self {
        Early::Failed(memory_first(error))
    }
}

impl From<SolveError> for Early {
    fn from(error: SolveError) -> Self {
        Early::Failed(error)
    }
}

impl From<FormulaError> for Early {
    fn from(error: FormulaError) -> Self {
        Early::Failed(error.into())
    }
}

impl From<OutOfMemory> for Early {
    fn from(error: OutOfMemory) -> Self {
        Early::Failed(SolveError::Memory(error))
    }
}

impl From<LowerError> for Early {
    fn from(error: LowerError) -> Self {
        match error {
            LowerError::Stop(stop) => Early::Stop(stop),
            LowerError::Memory(short) => Early::Failed(SolveError::Memory(short)),
            other => Early::Failed(SolveError::Lower(other)),
        }
    }
}

impl Loader {
    /// Whether the engine has all of these formulas.
    pub fn is_done(&self, formulas: [&Formula; 2]) -> bool {
        let [snapshot, added] = formulas;
        self.variables.declared() == added.num_vars()
            && self.done[0].clauses == snapshot.clauses().len()
            && self.done[1].clauses == added.clauses().len()
            && self.has_others(formulas)
            && self.loaded == self.encoded.len()
            && self.native.num_constraints() == 0
    }

    /// Whether all numbers and all constraints that are no clauses have been lowered. The second formula has the numbers
    /// of the first.
    fn has_others(&self, formulas: [&Formula; 2]) -> bool {
        let lowered = |(formula, done): (&Formula, &Done)| formula.next_other(done.others).is_none();
        self.lowering.num_numbers() == formulas[1].num_numbers() && formulas.into_iter().zip(&self.done).all(lowered)
    }

    /// How many clauses the engine will have been given, once everything is encoded.
    pub fn num_clauses(&self, formulas: [&Formula; 2]) -> usize {
        formulas[0].clauses().len() + formulas[1].clauses().len() + self.encoded.len()
    }

    /// How many literals those clauses will have.
    pub fn num_literals(&self, formulas: [&Formula; 2]) -> usize {
        formulas.iter().map(|f| f.clauses().num_literals()).sum::<usize>() + self.encoded.num_literals()
    }

    /// Variables of the formula that the engine knows.
    pub fn declared(&self) -> u32 {
        self.variables.declared()
    }

    /// Why one of the propagators loaded here ended the search, if it was one of them.
    pub fn failure(&self, engine: &mut Cadical, id: usize) -> Option<SatError> {
        if self.natives.cardinality == Some(id) {
            return engine.propagator_mut::<Cardinality>(id)?.take_failure();
        }
        if self.natives.pseudo_boolean == Some(id) {
            return engine.propagator_mut::<PseudoBoolean>(id)?.take_failure();
        }
        if self.natives.gauss != Some(id) {
            return None;
        }
        Some(match engine.propagator::<Gauss>(id)?.failure()? {
            gauss::Failure::Memory(short) => short.into(),
            gauss::Failure::Reason => SatError::Internal("it asked for the reason of a parity that has none".into()),
        })
    }

    /// Gives variables to the formula's, and brings every constraint that is no clause to the engine's terms.
    pub fn lower(&mut self, formulas: [&Formula; 2], choice: &Choice, budget: &Budget) -> Result<(), Early> {
        self.variables.declare(formulas[1].num_vars(), &mut self.supply)?;
        if self.has_others(formulas) {
            return Ok(());
        }
        let encoded = std::mem::take(&mut self.encoded);
        let limit = budget.memory();
        let encoder = Encoder::new(Options::default(), self.supply.total(), encoded, limit, budget);
        let mut feed = Feed { encoder, native: std::mem::take(&mut self.native), choice };
        let lowered = self.lower_others(formulas, &mut feed, budget);
        // What was lowered before an end stays.
        let Feed { encoder, native, .. } = feed;
        let (encoded, total) = encoder.into_parts();
        (self.encoded, self.native) = (encoded, native);
        self.supply.set_total(total);
        lowered
    }

    fn lower_others(&mut self, formulas: [&Formula; 2], feed: &mut Feed<'_>, budget: &Budget) -> Result<(), Early> {
        for &domain in &formulas[1].domains()[self.lowering.num_numbers() as usize..] {
            self.lowering.number(domain, feed)?;
        }
        let first = [0, formulas[0].num_constraints()];
        let total = first[1] + formulas[1].num_constraints();
        let mut count = 0u64;
        for ((formula, done), first) in formulas.into_iter().zip(&mut self.done).zip(first) {
            while let Some((id, constraint)) = formula.next_other(done.others) {
                if count.is_multiple_of(LOOK) {
                    let progress = Progress { done: first + id.0, total, ..Progress::at(Phase::Load) };
                    budget.report(|| progress)?;
                }
                let id_of_all = ConstraintId(first + id.0);
                self.lowering.add(constraint, id_of_all, |literal| self.variables.to_engine(literal), feed)?;
                done.others = id.0 + 1;
                count += 1;
            }
            done.others = formula.num_constraints();
        }
        Ok(())
    }

    /// Whether sums wait for their propagators.
    pub fn has_native_sums(&self) -> bool {
        self.native.cardinalities().len() + self.native.pseudo_booleans().len() > 0
    }

    /// Whether parities wait for their propagator.
    pub fn has_native_xors(&self) -> bool {
        self.native.xors().len() > 0
    }

    /// Declares the engine's variables and gives propagators what they are to be given. Clauses come after that, since
    /// whoever observes is told only of what is found out while it does.
    pub fn connect(&mut self, formulas: [&Formula; 2], engine: &mut Cadical, budget: &Budget) -> Result<(), Early> {
        if self.resized < self.supply.total() {
            engine.resize(self.supply.total())?;
            self.resized = self.supply.total();
        }
        self.propagate(formulas, engine, budget)
    }

    /// One more variable of the engine, which the formula does not have.
    pub fn fresh(&mut self, engine: &mut Cadical) -> Result<u32, SolveError> {
        let variable = self.supply.take(1)?;
        engine.resize(variable)?;
        self.resized = variable;
        Ok(variable)
    }

    /// Gives the engine the clauses that it does not have yet.
    pub fn load(&mut self, formulas: [&Formula; 2], engine: &mut Cadical, budget: &Budget) -> Result<(), Early> {
        for (formula, done) in formulas.into_iter().zip(&mut self.done) {
            if self.variables.is_identity() {
                add(engine, formula.clauses(), &mut done.clauses, budget)?;
            } else {
                self.variables.add(engine, formula.clauses(), &mut done.clauses, budget)?;
            }
        }
        add(engine, &self.encoded, &mut self.loaded, budget)
    }

    /// Gives propagators what they are to be given.
    fn propagate(&mut self, formulas: [&Formula; 2], engine: &mut Cadical, budget: &Budget) -> Result<(), Early> {
        let native = std::mem::take(&mut self.native);
        if native.num_constraints() == 0 {
            return Ok(());
        }
        engine.retract()?;
        if native.xors().len() > 0 {
            let (id, gauss) = member::<Gauss>(engine, &mut self.natives.gauss)?;
            for xor in native.xors().iter() {
                gauss.add(xor.literals, xor.rhs)?;
            }
            observe(engine, id, native.xors().iter().flat_map(|xor| xor.literals.iter().copied()))?;
        }
        let with_condition = |sum: Sum<'_>| sum.condition.literal();
        if native.cardinalities().len() > 0 {
            let (id, cardinality) = member::<Cardinality>(engine, &mut self.natives.cardinality)?;
            for sum in native.cardinalities().iter() {
                cardinality.add(sum.literals, sum.bound, sum.condition)?;
            }
            let sums = native.cardinalities().iter();
            observe(engine, id, sums.flat_map(|s| s.literals.iter().copied().chain(with_condition(s))))?;
        }
        if native.pseudo_booleans().len() > 0 {
            let (id, pseudo_boolean) = member::<PseudoBoolean>(engine, &mut self.natives.pseudo_boolean)?;
            for sum in native.pseudo_booleans().iter() {
                pseudo_boolean.add(sum.literals, sum.weights, sum.bound, sum.condition)?;
            }
            let sums = native.pseudo_booleans().iter();
            observe(engine, id, sums.flat_map(|s| s.literals.iter().copied().chain(with_condition(s))))?;
        }
        self.walk(&native, formulas, engine, budget)
    }

    /// Tells local search of the sums, and of the clauses over their variables.
    fn walk(
        &mut self,
        native: &Formula,
        formulas: [&Formula; 2],
        engine: &mut Cadical,
        budget: &Budget,
    ) -> Result<(), Early> {
        let sums = || native.cardinalities().iter().chain(native.pseudo_booleans().iter());
        if let Some(id) = self.natives.walk {
            let walk = engine.propagator_mut::<Walk>(id).ok_or(SatError::NoPropagator(id))?;
            for sum in sums() {
                walk.add(sum.literals, weights_of(sum), sum.bound, sum.condition)?;
            }
            walk.prepare()?;
            let variables: Vec<u32> = walk.variables().collect();
            return observe(engine, id, variables.into_iter().map(u32::cast_signed));
        }
        if !self.walks || !sums().any(|sum| matches!(sum.condition, Condition::Reified(_))) {
            return Ok(());
        }
        let mut walk = Walk::new(budget.seed());
        for sum in sums() {
            walk.add(sum.literals, weights_of(sum), sum.bound, sum.condition)?;
        }
        let mut observed = Vec::new();
        let variables = self.supply.total() as usize + 1;
        observed.try_reserve_exact(variables).map_err(|_| OutOfMemory::Allocator { bytes: variables as u64 })?;
        observed.resize(variables, false);
        walk.variables().for_each(|v| observed[v as usize] = true);
        let mut clause: Vec<i32> = Vec::new();
        for literals in formulas.iter().flat_map(|f| f.clauses().iter()) {
            let mapped = literals.iter().map(|&l| self.variables.to_engine(l));
            if mapped.clone().all(|l| observed[l.unsigned_abs() as usize]) {
                clause.clear();
                clause.extend(mapped);
                clause.sort_unstable_by_key(|l| (l.unsigned_abs(), *l));
                clause.dedup();
                if clause.windows(2).all(|pair| pair[0] != -pair[1]) {
                    walk.add(&clause, None, 1, Condition::Plain)?;
                }
            }
        }
        if walk.prepare()? {
            let variables: Vec<u32> = (1..variables as u32).filter(|&v| observed[v as usize]).collect();
            self.natives.walk = Some(engine.connect(Box::new(walk), &variables)?);
        }
        Ok(())
    }

    /// What the propagators did: in the order of [`STATISTICS`].
    pub fn statistics(&self, engine: Option<&Cadical>) -> [i64; STATISTICS.len()] {
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let natives = &self.natives;
        let gauss = engine.and_then(|e| e.propagator::<Gauss>(natives.gauss?)).map(Gauss::statistics);
        let gauss = gauss.unwrap_or_default();
        let cardinality = engine.and_then(|e| e.propagator::<Cardinality>(natives.cardinality?));
        let cardinality = cardinality.map(Cardinality::statistics).unwrap_or_default();
        let sums = engine.and_then(|e| e.propagator::<PseudoBoolean>(natives.pseudo_boolean?));
        let sums = sums.map(PseudoBoolean::statistics).unwrap_or_default();
        let walk = engine.and_then(|e| e.propagator::<Walk>(natives.walk?)).map(Walk::statistics).unwrap_or_default();
        [
            u64::from(self.supply.total() - self.variables.declared()),
            self.encoded.len() as u64,
            gauss.xors,
            gauss.matrices,
            gauss.rows,
            gauss.eliminations,
            gauss.propagations,
            gauss.conflicts,
            gauss.reasons_asked,
            cardinality.constraints + sums.constraints,
            cardinality.propagations + sums.propagations,
            cardinality.conflicts + sums.conflicts,
            cardinality.reasons_asked + sums.reasons_asked,
            walk.flips,
            walk.found,
        ]
        .map(count)
    }

    /// The formula's model and numbers from the values of the engine's variables.
    pub fn decode(&self, engine: &[i8], model: &mut Vec<i8>, numbers: &mut Vec<f64>) -> Result<(), OutOfMemory> {
        model.clear();
        numbers.clear();
        let (variables, count) = (self.variables.declared() as usize, self.lowering.num_numbers());
        let short = |_| OutOfMemory::Allocator { bytes: variables as u64 + 8 * u64::from(count) };
        model.try_reserve_exact(variables).map_err(short)?;
        numbers.try_reserve_exact(count as usize).map_err(short)?;
        let value = |literal: i32| engine[literal.unsigned_abs() as usize - 1] * if literal > 0 { 1 } else { -1 };
        if self.variables.is_identity() {
            model.extend_from_slice(&engine[..variables]);
        } else {
            // Variables are at most 2^30 - 1.
            model.extend((1..=variables as i32).map(|v| value(self.variables.to_engine(v))));
        }
        numbers.extend((0..count).map(|n| self.lowering.value(n, |l| value(l) > 0) as f64));
        Ok(())
    }
}

/// Adds the clauses from number `done` on.
fn add(engine: &mut Cadical, clauses: &Clauses, done: &mut usize, budget: &Budget) -> Result<(), Early> {
    let (now, outcome) = engine.add(clauses, *done, budget);
    *done = now;
    match outcome {
        Ok(()) => Ok(()),
        Err(AddError::Stop(stop)) => Err(stop.into()),
        Err(AddError::Failed(why)) => Err(why.into()),
    }
}

impl Variables {
    /// Adds the clauses from number `done` on, in the engine's variables.
    fn add(&self, engine: &mut Cadical, clauses: &Clauses, done: &mut usize, budget: &Budget) -> Result<(), Early> {
        while *done < clauses.len() {
            let end = clauses.len().min(*done + CHUNK);
            let mut mapped = Clauses::new();
            for index in *done..end {
                let literals = clauses.get(index).unwrap_or(&[]);
                literals.iter().try_for_each(|&l| mapped.open(self.to_engine(l), u64::MAX))?;
                mapped.close(u64::MAX)?;
            }
            let mut taken = 0;
            let added = add(engine, &mapped, &mut taken, budget);
            *done += taken;
            added?;
        }
        Ok(())
    }
}

/// The weights of a sum, unless all are 1.
fn weights_of<'s>(sum: Sum<'s>) -> Option<&'s [i64]> {
    (!sum.weights.is_empty()).then_some(sum.weights)
}

/// The propagator of a kind and its id; it is connected where there is none yet.
fn member<'e, T: Propagator + Default>(
    engine: &'e mut Cadical,
    slot: &mut Option<usize>,
) -> Result<(usize, &'e mut T), Early> {
    let id = match *slot {
        Some(id) => id,
        None => engine.connect(Box::new(T::default()), &[])?,
    };
    *slot = Some(id);
    let member = engine.propagator_mut(id).ok_or(SatError::NoPropagator(id))?;
    Ok((id, member))
}

/// Lets propagator `id` observe the variables of these literals.
fn observe(engine: &mut Cadical, id: usize, literals: impl Iterator<Item = i32>) -> Result<(), Early> {
    let mut variables = Vec::new();
    for literal in literals {
        if variables.len() == variables.capacity() {
            let bytes = 8 * variables.len() as u64 + 64;
            variables.try_reserve(variables.len() + 16).map_err(|_| OutOfMemory::Allocator { bytes })?;
        }
        variables.push(literal.unsigned_abs());
    }
    variables.sort_unstable();
    variables.dedup();
    Ok(engine.observe(id, &variables)?)
}

/// Takes simple constraints: for propagators as they are, or encoded.
struct Feed<'a> {
    encoder: Encoder<'a>,
    native: Formula,
    choice: &'a Choice,
}

/// Nothing but memory can be short: literals are within the variables, and sums were in a formula before.
fn short(why: FormulaError) -> LowerError {
    match why {
        FormulaError::Memory(short) => short.into(),
        _ => LowerError::TooManyVariables,
    }
}

impl Target for Feed<'_> {
    fn fresh(&mut self) -> Result<i32, LowerError> {
        self.encoder.fresh()
    }

    fn clause(&mut self, literals: &[i32]) -> Result<(), LowerError> {
        self.encoder.clause(literals)
    }

    fn xor(&mut self, literals: &[i32], rhs: bool) -> Result<(), LowerError> {
        if !self.choice.native_xors {
            return self.encoder.xor(literals, rhs);
        }
        self.native.add_xor(literals, rhs).map(drop).map_err(short)
    }

    fn cardinality(&mut self, literals: &[i32], bound: i64, condition: Condition) -> Result<(), LowerError> {
        if !self.choice.native_sums {
            return self.encoder.cardinality(literals, bound, condition);
        }
        self.native.add_cardinality(literals, bound, condition).map(drop).map_err(short)
    }

    fn pseudo_boolean(
        &mut self,
        literals: &[i32],
        weights: &[i64],
        bound: i64,
        condition: Condition,
    ) -> Result<(), LowerError> {
        if !self.choice.native_sums {
            return self.encoder.pseudo_boolean(literals, weights, bound, condition);
        }
        self.native.add_pseudo_boolean(literals, weights, bound, condition).map(drop).map_err(short)
    }
}
