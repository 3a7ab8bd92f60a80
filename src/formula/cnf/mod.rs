//! Formulas as clauses: what a CNF file, a plain CDCL engine and a proof of unsatisfiability speak of.
//!
//! Clauses are taken over; parities, cardinality and pseudo-Boolean constraints are encoded with fresh variables above
//! those of the formula, integers and linear constraints over them by way of sums of literals. Every model of the
//! formula extends to one of the clauses, and every model of the clauses restricts to one of the formula.
//!
//! | encoding | of | fresh variables | clauses | unit propagation sees |
//! |---|---|---|---|---|
//! | pieces of m | parity of n | n/(m − 2) | 2^(m − 1) a piece | all that follows |
//! | direct | sums | none | exponential | all that follows |
//! | sequential counter | k of n | n·k | 2·n·k | all that follows |
//! | totalizer | k of n | n·log k | n·k | all that follows |
//! | network | k of n | n·log² k | n·log² k | all that follows |
//! | generalized totalizer | n weights | values of partial sums | their products | all that follows |
//! | polynomial watchdog | n weights of b bits | b·n·log² n | b·n·log² n | violations |
//! | adder | n weights of b bits | 2·b·n | 7·b·n | little |
//!
//! with k and n − k + 1, whichever is less, for k. A condition is a literal more in the clauses that enforce the sum; for
//! a reified constraint both directions are encoded.
//!
//! Everything here looks at its budget every 16,384 steps, some 0.1 ms (but sorts the literals of one constraint in one
//! go), and answers where memory is short. `rustsat`, which has several of these encodings, does neither: its tables
//! abort the process where memory is refused, its adder allocates an entry for each value up to the bound, and the
//! order of its clauses is that of a hash map. It is the peer in `benches/encode.rs`.

mod adder;
mod cardinality;
mod direct;
mod generalized_totalizer;
mod polynomial_watchdog;
mod pseudo_boolean;
mod sink;
#[cfg(test)]
mod tests;
mod unary;
mod xor;

use super::check::holds;
use super::lower::{LowerError, Lowering, Target};
use super::{Clauses, Condition, Constraint, Formula, FormulaError, Model, arrays};
use crate::budget::{Budget, Phase, Progress};
use sink::Sink;

/// The longest piece that a parity is cut into.
pub const MAX_XOR_PIECE: u32 = 12;

/// How cardinality constraints become clauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CardinalityEncoding {
    /// Direct where that is small, else a network, and an adder where even that would be huge.
    #[default]
    Auto,
    /// A clause for each least set of literals that must not all be false.
    Direct,
    /// One literal after the other is counted.
    SequentialCounter,
    /// A tree of counts in unary.
    Totalizer,
    /// A tree of counts in unary with odd-even merges where these are smaller.
    Network,
    /// Counts in binary.
    Adder,
}

/// How pseudo-Boolean constraints become clauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PbEncoding {
    /// The first of the following whose size is in proportion to the constraint.
    #[default]
    Auto,
    /// A clause for each least set of literals that must not all be false.
    Direct,
    /// A tree with an output for each value of a partial sum.
    GeneralizedTotalizer,
    /// Sorted literals bit by bit.
    PolynomialWatchdog,
    /// Sums in binary.
    Adder,
}

/// Which encodings are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Options {
    /// For cardinality constraints.
    pub cardinality: CardinalityEncoding,
    /// For pseudo-Boolean constraints whose weights differ.
    pub pseudo_boolean: PbEncoding,
    /// The length of the pieces that parities are cut into: 3 to [`MAX_XOR_PIECE`]; what is outside counts as the
    /// nearer of these.
    pub xor_piece: u32,
    /// Integers of at most so many values have a literal a value, others one a bit.
    pub order_limit: u32,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            cardinality: CardinalityEncoding::Auto,
            pseudo_boolean: PbEncoding::Auto,
            xor_piece: 4,
            order_limit: 4096,
        }
    }
}

/// What a kind of constraint became.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// Fresh variables.
    pub variables: u64,
    /// Clauses.
    pub clauses: u64,
    /// Literals of these clauses.
    pub literals: u64,
}

/// What the parts of a formula became.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Integers.
    pub numbers: Share,
    /// Clauses, as they were.
    pub clauses: Share,
    /// Parities.
    pub xors: Share,
    /// Cardinality constraints.
    pub cardinalities: Share,
    /// Pseudo-Boolean constraints.
    pub pseudo_booleans: Share,
    /// Linear constraints.
    pub linears: Share,
}

impl Statistics {
    /// All of it.
    #[must_use]
    pub fn total(&self) -> Share {
        let parts = [self.numbers, self.clauses, self.xors, self.cardinalities, self.pseudo_booleans, self.linears];
        parts.into_iter().fold(Share::default(), |a, b| Share {
            variables: a.variables + b.variables,
            clauses: a.clauses + b.clauses,
            literals: a.literals + b.literals,
        })
    }
}

/// A formula as clauses.
#[derive(Debug)]
pub struct Encoded {
    formula: Formula,
    num_vars: u32,
    statistics: Statistics,
    lowering: Lowering,
}

/// Encodes all of `formula`, within the budget's memory limit: first its clauses as they are, so that they keep their order,
/// then what binds its integers, then the other constraints in theirs. The same formula and options give the same clauses.
pub fn encode(formula: &Formula, options: &Options, budget: &Budget) -> Result<Encoded, LowerError> {
    let beside = formula.names_bytes();
    let limit = budget.memory().saturating_sub(beside);
    let mut lowering = Lowering::new();
    lowering.set_order_limit(options.order_limit);
    let mut target = Encoder::new(*options, formula.num_vars(), Clauses::new(), limit, budget);
    let mut statistics = Statistics::default();
    let mut before = target.size();
    let mut account = |share: &mut Share, target: &Encoder<'_>| {
        let now = target.size();
        share.variables += now.variables - before.variables;
        share.clauses += now.clauses - before.clauses;
        share.literals += now.literals - before.literals;
        before = now;
    };
    let total = formula.num_constraints();
    let progress = |done| Progress { done, total, ..Progress::at(Phase::Load) };
    for (id, clause) in (0..).zip(formula.clauses()) {
        target.sink.clause(clause)?;
        if id % 1024 == 0 {
            budget.report(|| progress(id))?;
        }
    }
    account(&mut statistics.clauses, &target);
    for (number, &domain) in formula.domains().iter().enumerate() {
        lowering.set_memory_limit(limit.saturating_sub(target.sink.clauses.bytes()));
        if number % 1024 == 0 {
            budget.check()?;
        }
        lowering.number(domain, &mut target)?;
        target.sink.hold(lowering.bytes())?;
        account(&mut statistics.numbers, &target);
    }
    let code_vars = target.sink.num_vars;
    let (mut next, mut done) = (0, formula.clauses().len() as u64);
    while let Some((id, constraint)) = formula.next_other(next) {
        lowering.set_memory_limit(limit.saturating_sub(target.sink.clauses.bytes()));
        lowering.add(constraint, id, |l| l, &mut target)?;
        target.sink.hold(lowering.bytes())?;
        let share = match constraint {
            Constraint::Clause(_) => &mut statistics.clauses,
            Constraint::Xor(_) => &mut statistics.xors,
            Constraint::Cardinality(_) => &mut statistics.cardinalities,
            Constraint::PseudoBoolean(_) => &mut statistics.pseudo_booleans,
            Constraint::Linear(_) => &mut statistics.linears,
        };
        account(share, &target);
        if done % 1024 == 0 {
            budget.report(|| progress(done))?;
        }
        (next, done) = (id.0 + 1, done + 1);
    }
    let Sink { clauses, num_vars, .. } = target.sink;
    let mut encoded = Formula::from_clauses(num_vars, clauses);
    encoded.set_memory_limit(budget.memory());
    encoded.take_names(formula)?;
    // Fresh variables other than those of numbers have no say in what a witness is.
    let all: Vec<u32>;
    let set = match formula.sampling_set() {
        None if num_vars > code_vars => {
            let mut variables = Vec::new();
            arrays::reserve(&mut variables, code_vars as usize, budget.memory())?;
            variables.extend(1..=code_vars);
            all = variables;
            Some(all.as_slice())
        }
        set => set,
    };
    encoded.set_sampling_set(set).map_err(memory_only)?;
    Ok(Encoded { formula: encoded, num_vars: formula.num_vars(), statistics, lowering })
}

/// Variables exist and names are good, so only memory can be short.
fn memory_only(why: FormulaError) -> LowerError {
    match why {
        FormulaError::Memory(memory) => memory.into(),
        _ => LowerError::TooManyVariables,
    }
}

impl Encoded {
    /// The clauses, over the variables of the formula and fresh ones above; its names; its sampling set, and where it has
    /// none but there are fresh variables, the set of its variables and of those that integers became.
    #[must_use]
    pub fn formula(&self) -> &Formula {
        &self.formula
    }

    /// The clauses alone.
    #[must_use]
    pub fn into_formula(self) -> Formula {
        self.formula
    }

    /// How many variables the formula has that was encoded. Those above are fresh.
    #[must_use]
    pub fn num_vars(&self) -> u32 {
        self.num_vars
    }

    /// The values of all integers in a model of the clauses, as [`Formula::check_with`] takes them.
    pub fn numbers(&self, model: &[i8]) -> Result<Vec<f64>, FormulaError> {
        let num_vars = self.formula.num_vars();
        if model.len() < num_vars as usize {
            return Err(FormulaError::ModelLength { given: model.len(), num_vars });
        }
        let mut values = Vec::new();
        let count = self.lowering.num_numbers();
        arrays::reserve(&mut values, count as usize, u64::MAX)?;
        // Exact: within ±2^53.
        values.extend((0..count).map(|number| self.lowering.value(number, |l| holds(model, l)) as f64));
        Ok(values)
    }

    /// The part of a model of the clauses that is a model of the formula.
    #[must_use]
    pub fn model<'a>(&self, model: &'a Model) -> &'a [i8] {
        &model[..(self.num_vars as usize).min(model.len())]
    }

    /// What the parts of the formula became.
    #[must_use]
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }
}

/// Takes simple constraints and writes clauses.
#[derive(Debug)]
pub(crate) struct Encoder<'a> {
    options: Options,
    sink: Sink<'a>,
}

impl<'a> Encoder<'a> {
    /// Writes to `clauses`, which may hold `limit` bytes; fresh variables are those above `num_vars`.
    pub fn new(options: Options, num_vars: u32, clauses: Clauses, limit: u64, budget: &'a Budget) -> Self {
        let mut sink = Sink::new(num_vars, limit, budget);
        sink.clauses = clauses;
        Encoder { options, sink }
    }

    /// The clauses, and how many variables there are now.
    #[cfg(feature = "cadical")]
    pub fn into_parts(self) -> (Clauses, u32) {
        (self.sink.clauses, self.sink.num_vars)
    }

    fn size(&self) -> Share {
        let clauses = &self.sink.clauses;
        Share {
            variables: self.sink.num_vars.into(),
            clauses: clauses.len() as u64,
            literals: clauses.num_literals() as u64,
        }
    }
}

impl Target for Encoder<'_> {
    fn fresh(&mut self) -> Result<i32, LowerError> {
        self.sink.fresh()
    }

    fn clause(&mut self, literals: &[i32]) -> Result<(), LowerError> {
        self.sink.clause(literals)
    }

    fn xor(&mut self, literals: &[i32], rhs: bool) -> Result<(), LowerError> {
        let piece = self.options.xor_piece.clamp(3, MAX_XOR_PIECE) as usize;
        xor::encode(literals, rhs, piece, &mut self.sink)
    }

    fn cardinality(&mut self, literals: &[i32], bound: i64, condition: Condition) -> Result<(), LowerError> {
        cardinality::encode(literals, bound, condition, self.options.cardinality, &mut self.sink)
    }

    fn pseudo_boolean(
        &mut self,
        literals: &[i32],
        weights: &[i64],
        bound: i64,
        condition: Condition,
    ) -> Result<(), LowerError> {
        pseudo_boolean::encode(literals, weights, bound, condition, self.options.pseudo_boolean, &mut self.sink)
    }
}

/// A sum under a condition as sums that entail a literal: condition → Σ w·l ≥ b is Σ w·¬l ≥ total − b + 1 → no condition,
/// and what reification adds is Σ w·l ≥ b → condition. `write` gets literals, the bound and what reaching it entails.
fn sides(
    literals: &[i32],
    weights: &[i64],
    bound: i64,
    condition: Condition,
    sink: &mut Sink<'_>,
    write: impl Fn(&[i32], i64, Option<i32>, &mut Sink<'_>) -> Result<(), LowerError>,
) -> Result<(), LowerError> {
    let total = if weights.is_empty() { literals.len() as i64 } else { weights.iter().sum() };
    let mut negated = Vec::new();
    sink.reserve(&mut negated, literals.len())?;
    negated.extend(literals.iter().map(|l| -l));
    write(&negated, total - bound + 1, condition.literal().map(|c| -c), sink)?;
    if let Condition::Reified(r) = condition { write(literals, bound, Some(r), sink) } else { Ok(()) }
}
