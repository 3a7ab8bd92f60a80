//! Fewer variables and clauses, with the same projected models.
//!
//! | step | what goes |
//! |---|---|
//! | probing | literals that must hold, variables that equal others: both values of a variable are propagated |
//! | subsumption | clauses and literals that others make superfluous |
//! | elimination | variables that are not kept, by resolution, where that makes no more clauses |
//!
//! What is not projected on is under a quantifier, so resolution may take it away, whatever it was defined by; variables that
//! are kept only go where another one, or a value, stands for them.
//!
//! Sources: N. Eén, A. Biere, "Effective Preprocessing in SAT Through Variable and Clause Elimination", SAT 2005; J.-M. Lagniez,
//! P. Marquis, "Preprocessing for Propositional Model Counting", AAAI 2014.

use super::CountError;
use super::engine::{Engine, Reason, filled};
use super::literal::Lit;
use crate::budget::{Budget, Stop};
use crate::error::OutOfMemory;

/// Variables in more clauses than this with either sign are not eliminated.
const OCCURRENCES: usize = 16;

/// Determined variables are eliminated only where they are in so few clauses with one sign: what follows from them is worth
/// more. Of 0, 1, 2, 4 and 16 this is the only one with which all of the sampling benchmarks but one are counted in 5 s.
const GATE: usize = 2;

/// Longer resolvents tie too much together.
const LONGEST: usize = 12;

/// Clauses that are looked through for subsumption at most.
const CROWD: usize = 400;

/// Literals that a round of probing may propagate: a second or so.
const PROPAGATIONS: u64 = 1 << 22;

/// Rounds of all steps at most.
const ROUNDS: usize = 6;

/// What stands for a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// A literal: its own where nothing was found out.
    Literal(Lit),
    Fixed(bool),
}

/// Clauses over variables, some of which are kept.
#[derive(Debug)]
pub(super) struct Problem {
    pub clauses: Vec<Vec<Lit>>,
    pub kept: Vec<bool>,
    /// What the kept ones determine, themselves among them; as far as that is found out.
    pub determined: Vec<bool>,
    /// By variable, what stands for it. Chains are followed to their end.
    pub values: Vec<Value>,
    pub contradiction: bool,
}

/// Ends early where the budget does.
macro_rules! go_on {
    ($outcome:expr) => {
        match $outcome {
            Ok(value) => value,
            Err(stop) => return Ok(Err(stop)),
        }
    };
}
pub(super) use go_on;

impl Problem {
    pub fn new(clauses: Vec<Vec<Lit>>, kept: Vec<bool>) -> Result<Self, OutOfMemory> {
        let mut values = filled(kept.len(), Value::Fixed(false))?;
        (0..).zip(&mut values).for_each(|(v, value)| *value = Value::Literal(Lit::new(v, true)));
        let determined = kept.clone();
        let mut problem = Problem { clauses, kept, determined, values, contradiction: false };
        problem.rewrite();
        Ok(problem)
    }

    /// All steps, until nothing changes.
    pub fn simplify(&mut self, eliminate: bool, budget: &Budget) -> Result<Result<(), Stop>, CountError> {
        for _ in 0..ROUNDS {
            if self.contradiction {
                break;
            }
            let before = self.size();
            go_on!(self.probe(budget)?);
            if self.contradiction {
                break;
            }
            let outcome = Elimination::new(self)?.run(self, eliminate, budget);
            // Gone clauses are empty, and there are no others.
            self.clauses.retain(|clause| !clause.is_empty());
            self.rewrite();
            go_on!(outcome?);
            // A round that takes away less than a fiftieth is the last.
            if self.size() as f64 > 0.98 * before as f64 {
                break;
            }
        }
        Ok(Ok(()))
    }

    fn size(&self) -> usize {
        self.clauses.iter().map(Vec::len).sum()
    }

    /// What stands for a literal in the end.
    pub fn resolve(&self, mut literal: Lit) -> Value {
        loop {
            match self.values[literal.var()] {
                Value::Fixed(value) => return Value::Fixed(value == literal.is_positive()),
                Value::Literal(other) => {
                    let other = if literal.is_positive() { other } else { !other };
                    if other == literal {
                        return Value::Literal(literal);
                    }
                    literal = other;
                }
            }
        }
    }

    /// Two literals that are the same. Answers whether that is possible.
    fn merge(&mut self, a: Lit, b: Lit) -> bool {
        match (self.resolve(a), self.resolve(b)) {
            (Value::Fixed(a), Value::Fixed(b)) => a == b,
            (Value::Fixed(value), Value::Literal(l)) | (Value::Literal(l), Value::Fixed(value)) => {
                self.values[l.var()] = Value::Fixed(value == l.is_positive());
                true
            }
            (Value::Literal(a), Value::Literal(b)) if a.var() == b.var() => a == b,
            (Value::Literal(a), Value::Literal(b)) => {
                let (stays, goes) = if self.kept[a.var()] { (a, b) } else { (b, a) };
                self.determined[stays.var()] |= self.determined[goes.var()];
                self.values[goes.var()] = Value::Literal(if goes.is_positive() { stays } else { !stays });
                true
            }
        }
    }

    /// Puts what is known into the clauses.
    fn rewrite(&mut self) {
        let mut clauses = std::mem::take(&mut self.clauses);
        clauses.retain_mut(|clause| {
            let mut satisfied = false;
            clause.retain_mut(|literal| match self.resolve(*literal) {
                Value::Fixed(value) => {
                    satisfied |= value;
                    false
                }
                Value::Literal(other) => {
                    *literal = other;
                    true
                }
            });
            clause.sort_unstable();
            clause.dedup();
            satisfied |= clause.windows(2).any(|pair| pair[0] == !pair[1]);
            self.contradiction |= !satisfied && clause.is_empty();
            !satisfied
        });
        clauses.sort_unstable();
        clauses.dedup();
        self.clauses = clauses;
    }

    /// Propagates both values of every variable.
    fn probe(&mut self, budget: &Budget) -> Result<Result<(), Stop>, CountError> {
        let count = self.values.len();
        let mut engine = Engine::new(count)?;
        for clause in &self.clauses {
            self.contradiction |= !engine.add(clause)?;
        }
        self.contradiction |= self.contradiction || !engine.propagate();
        // By variable, what follows from its variable being true.
        let mut implied = filled(count, 0i8)?;
        let mut steps = 0;
        for variable in 0..count as u32 {
            if self.contradiction {
                return Ok(Ok(()));
            }
            if engine.propagations > PROPAGATIONS {
                break;
            }
            if steps > 1 << 12 {
                go_on!(budget.spend(1));
                steps = 0;
            }
            let literal = Lit::new(variable, true);
            if !engine.is_open(variable)
                || engine.is_loose(literal)
                || self.values[variable as usize] != Value::Literal(literal)
            {
                continue;
            }
            let mark = engine.trail().len();
            let probe = |engine: &mut Engine, literal: Lit| {
                engine.open_level(false);
                engine.assign(literal, Reason::DECISION);
                engine.propagate()
            };
            if !probe(&mut engine, literal) {
                engine.backtrack(0);
                engine.assign(!literal, Reason::UNIT);
                self.contradiction |= !engine.propagate();
                continue;
            }
            let first: Vec<Lit> = engine.trail()[mark + 1..].to_vec();
            engine.backtrack(0);
            if !probe(&mut engine, !literal) {
                engine.backtrack(0);
                engine.assign(literal, Reason::UNIT);
                self.contradiction |= !engine.propagate();
                continue;
            }
            first.iter().for_each(|l| implied[l.var()] = if l.is_positive() { 1 } else { -1 });
            let second: Vec<Lit> = engine.trail()[mark + 1..].to_vec();
            engine.backtrack(0);
            steps += first.len() + second.len();
            for &other in &second {
                let sign = if other.is_positive() { 1 } else { -1 };
                if implied[other.var()] == sign {
                    if engine.is_open(other.variable()) {
                        engine.assign(other, Reason::UNIT);
                        self.contradiction |= !engine.propagate();
                    }
                } else if implied[other.var()] == -sign {
                    self.contradiction |= !self.merge(!other, literal);
                }
            }
            first.iter().for_each(|l| implied[l.var()] = 0);
        }
        for &literal in engine.trail() {
            match self.resolve(literal) {
                Value::Fixed(value) => self.contradiction |= !value,
                Value::Literal(l) => self.values[l.var()] = Value::Fixed(l.is_positive()),
            }
        }
        self.rewrite();
        Ok(Ok(()))
    }
}

/// Clauses by literal, while they change.
struct Elimination {
    /// By literal, numbers of clauses, some of which do not have it any more.
    occurrences: Vec<Vec<u32>>,
    signatures: Vec<u64>,
    /// Clauses to look at, and whether they wait.
    queue: Vec<u32>,
    queued: Vec<bool>,
    /// Variables whose clauses changed.
    touched: Vec<bool>,
    marks: Vec<bool>,
    steps: usize,
}

fn signature(clause: &[Lit]) -> u64 {
    clause.iter().fold(0, |bits, literal| bits | 1 << (literal.variable().wrapping_mul(0x9e37_79b1) >> 26))
}

impl Elimination {
    fn new(problem: &Problem) -> Result<Self, OutOfMemory> {
        let count = problem.values.len();
        let mut elimination = Elimination {
            occurrences: filled(2 * count, Vec::new())?,
            signatures: Vec::new(),
            queue: Vec::new(),
            queued: Vec::new(),
            touched: filled(count, true)?,
            marks: filled(2 * count, false)?,
            steps: 0,
        };
        for (at, clause) in problem.clauses.iter().enumerate() {
            elimination.index(at as u32, clause);
        }
        Ok(elimination)
    }

    fn index(&mut self, at: u32, clause: &[Lit]) {
        for literal in clause {
            self.occurrences[literal.index()].push(at);
            self.touched[literal.var()] = true;
        }
        self.signatures.push(signature(clause));
        self.queued.push(true);
        self.queue.push(at);
    }

    /// Empties clauses that are to go.
    fn run(&mut self, problem: &mut Problem, eliminate: bool, budget: &Budget) -> Result<Result<(), Stop>, CountError> {
        go_on!(self.subsume(problem, budget));
        let mut changed = eliminate;
        while std::mem::take(&mut changed) && !problem.contradiction {
            for variable in 0..problem.values.len() as u32 {
                let own = Value::Literal(Lit::new(variable, true));
                let known = problem.kept[variable as usize] || problem.values[variable as usize] != own;
                if !std::mem::take(&mut self.touched[variable as usize]) || known || problem.contradiction {
                    continue;
                }
                go_on!(self.spend(1 << 8, budget));
                if self.eliminate(problem, variable)? {
                    changed = true;
                    go_on!(self.subsume(problem, budget));
                }
            }
        }
        Ok(Ok(()))
    }

    fn spend(&mut self, steps: usize, budget: &Budget) -> Result<(), Stop> {
        self.steps += steps;
        if self.steps > 1 << 14 {
            self.steps = 0;
            budget.spend(1)?;
        }
        Ok(())
    }

    fn clean(&mut self, problem: &Problem, literal: Lit) {
        self.occurrences[literal.index()]
            .retain(|&clause| problem.clauses[clause as usize].binary_search(&literal).is_ok());
    }

    /// Replaces a variable's clauses by their resolvents, if these are no more.
    fn eliminate(&mut self, problem: &mut Problem, variable: u32) -> Result<bool, CountError> {
        let positive = Lit::new(variable, true);
        for literal in [positive, !positive] {
            self.clean(problem, literal);
        }
        let with = self.occurrences[positive.index()].clone();
        let without = self.occurrences[(!positive).index()].clone();
        if with.is_empty() && without.is_empty() || with.len().min(without.len()) > OCCURRENCES {
            return Ok(false);
        }
        let most = with.len() + without.len();
        if problem.determined[variable as usize] && with.len().min(without.len()) > GATE {
            return Ok(false);
        }
        let mut resolvents: Vec<Vec<Lit>> = Vec::new();
        for &a in &with {
            for literal in &problem.clauses[a as usize] {
                self.marks[literal.index()] = true;
            }
            let mut fine = true;
            for &b in &without {
                self.steps += problem.clauses[b as usize].len();
                let others = problem.clauses[b as usize].iter().filter(|&&l| l != !positive);
                if others.clone().any(|&l| self.marks[(!l).index()]) {
                    continue;
                }
                let mut clause: Vec<Lit> = others.copied().filter(|l| !self.marks[l.index()]).collect();
                clause.extend(problem.clauses[a as usize].iter().filter(|&&l| l != positive));
                if clause.len() > LONGEST || resolvents.len() >= most {
                    fine = false;
                    break;
                }
                clause.sort_unstable();
                resolvents.push(clause);
            }
            for literal in &problem.clauses[a as usize] {
                self.marks[literal.index()] = false;
            }
            if !fine {
                return Ok(false);
            }
        }
        for clause in with.into_iter().chain(without) {
            self.drop(problem, clause);
        }
        for clause in resolvents {
            problem.contradiction |= clause.is_empty();
            self.index(problem.clauses.len() as u32, &clause);
            problem.clauses.push(clause);
        }
        Ok(true)
    }

    fn drop(&mut self, problem: &mut Problem, clause: u32) {
        for literal in std::mem::take(&mut problem.clauses[clause as usize]) {
            self.touched[literal.var()] = true;
        }
    }

    /// Looks which clauses the waiting ones make superfluous, or a literal of which.
    fn subsume(&mut self, problem: &mut Problem, budget: &Budget) -> Result<(), Stop> {
        while let Some(at) = self.queue.pop() {
            self.queued[at as usize] = false;
            if problem.clauses[at as usize].is_empty() {
                continue;
            }
            self.spend(16, budget)?;
            let clause = problem.clauses[at as usize].clone();
            let crowd =
                |literal: &Lit| self.occurrences[literal.index()].len() + self.occurrences[(!*literal).index()].len();
            let Some(&least) = clause.iter().min_by_key(|literal| crowd(literal)) else { continue };
            if crowd(&least) > CROWD {
                continue;
            }
            let bits = self.signatures[at as usize];
            for literal in [least, !least] {
                self.clean(problem, literal);
                for other in self.occurrences[literal.index()].clone() {
                    let target = &problem.clauses[other as usize];
                    if other == at || target.len() < clause.len() || bits & !self.signatures[other as usize] != 0 {
                        continue;
                    }
                    self.steps += clause.len();
                    match subsumes(&clause, target) {
                        Subsumes::No => {}
                        Subsumes::All => self.drop(problem, other),
                        Subsumes::But(literal) => {
                            problem.clauses[other as usize].retain(|&l| l != literal);
                            let target = &problem.clauses[other as usize];
                            self.signatures[other as usize] = signature(target);
                            target.iter().for_each(|l| self.touched[l.var()] = true);
                            self.touched[literal.var()] = true;
                            // One of two literals at least was left.
                            if !std::mem::replace(&mut self.queued[other as usize], true) {
                                self.queue.push(other);
                            }
                            if target.is_empty() {
                                problem.contradiction = true;
                                return Ok(());
                            }
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

enum Subsumes {
    No,
    All,
    /// All but this literal of the other, whose negation is there.
    But(Lit),
}

/// Whether a clause has all literals of another, or all but one whose negation it has. Both ascend.
fn subsumes(clause: &[Lit], other: &[Lit]) -> Subsumes {
    let mut flipped = None;
    let mut at = 0;
    for &literal in clause {
        while other.get(at).is_some_and(|l| l.variable() < literal.variable()) {
            at += 1;
        }
        match other.get(at) {
            Some(&l) if l == literal => {}
            Some(&l) if l == !literal && flipped.is_none() => flipped = Some(l),
            _ => return Subsumes::No,
        }
        at += 1;
    }
    flipped.map_or(Subsumes::All, Subsumes::But)
}
