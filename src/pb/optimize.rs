//! The least value of an objective: from above by better and better models, from below by cores, by turns.
//!
//! From above: each model asks for a better one. From below: the literals of the objective are assumed not to cost; of the
//! literals of a core one does, which raises the bound, and how many more there are is counted by fresh literals, one at a time
//! as cores need them (A. Morgado, C. Dodaro, J. Marques-Silva, "Core-Guided MaxSAT with Soft Cardinality Constraints", CP 2014;
//! for cutting planes J. Devriendt, S. Gocht, E. Demirović, J. Nordström, P. Stuckey, "Cutting to the Core of Pseudo-Boolean
//! Optimization", AAAI 2021). Heavy literals are assumed first (C. Ansótegui, M. Bonet, J. Levy, "SAT-based MaxSAT algorithms",
//! Artificial Intelligence 196, 2013). Each way has so many conflicts, then the other as many, then twice as many, so that both
//! bounds move, and the cost is about twice that of the better way.
//!
//! What asks for better models holds under a literal of its own, which is assumed during the call and false ever after. The bound
//! from below is about models better than the best one known: so it, or the value of that one, bounds all of them.

use std::collections::BTreeMap;

use super::Literal;
use super::engine::{Answer, Engine};
use super::store::Use;
use crate::budget::{Budget, Stop};
use crate::error::OutOfMemory;

/// Conflicts of the first turn.
const FIRST: u64 = 200;
/// Conflicts that it may take to make a core smaller.
const TRIM: u64 = 200;
/// Nobody sees the last turn.
const ROUNDS: u32 = 50;

/// What is to become least: literals that are true cost so much. Costs are positive, and a variable occurs once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Goal {
    pub costs: Vec<(i128, Literal)>,
    /// What is paid in any case.
    pub base: i128,
}

/// Ways to go, for tests to take one alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Above,
    Below,
    Both,
}

/// Who is told of what is known, and of a better model by variable; may end the search.
pub(crate) type Told<'a> = &'a mut dyn FnMut(Known, Option<&[bool]>) -> Result<(), Stop>;

/// How a search for the least value ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Least {
    /// The best model known is the best there is.
    Optimum,
    /// Of the assumptions, those that cannot hold together.
    Unsat(Vec<Literal>),
    /// The budget ended it; there may be a model.
    Unknown(Stop),
    /// It has not enough memory.
    Memory(OutOfMemory),
}

/// What is known of the least value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    /// That of the best model.
    pub value: Option<i128>,
    /// No model is less.
    pub bound: i128,
}

/// Of a core: its literals, and literals that say that there are at least so many of them, from two on.
#[derive(Debug)]
struct Count {
    literals: Vec<Literal>,
    more: Vec<Literal>,
}

/// A search under way.
struct Descent<'a> {
    goal: &'a Goal,
    /// What the caller assumes; then the literal under which better models are asked for, if there is one.
    assumptions: Vec<Literal>,
    guard: Option<Literal>,
    known: Known,
    /// The best model.
    model: Vec<bool>,
    /// What literals cost on top of the bound.
    rest: BTreeMap<Literal, i128>,
    bound: i128,
    counts: Vec<Count>,
    /// Which count a literal belongs to, and how many it says there are.
    says: BTreeMap<Literal, (usize, usize)>,
    /// Literals that cost so much are assumed not to.
    stratum: i128,
    told: Told<'a>,
}

/// What a turn came to.
enum Turn {
    /// Its conflicts are used up.
    Over,
    End(Least),
}

impl Engine {
    /// Looks for the least value under assumptions; says what is known each time that it changes, with the model, by variable, where
    /// it is a better one. Afterwards [`Engine::value`] is
    /// that of the best model, if there is one. Where a proof is written the objective is that of the formula, nothing is
    /// assumed, and better models are the only way.
    pub fn minimize(
        &mut self,
        goal: &Goal,
        assumptions: &[Literal],
        way: Way,
        budget: &Budget,
        told: Told<'_>,
    ) -> (Least, Known) {
        let known = Known { value: None, bound: goal.base };
        match self.solve(assumptions, budget) {
            Answer::Sat => {}
            Answer::Unsat(core) => return (Least::Unsat(core), known),
            Answer::Unknown(stop) => return (Least::Unknown(stop), known),
            Answer::Memory(short) => return (Least::Memory(short), known),
        }
        self.restart();
        let mut assumptions = assumptions.to_vec();
        let guard = if self.proof.is_some() { None } else { self.another() };
        if guard.is_none() && self.proof.is_none() {
            return (Least::Unknown(Stop::Incomplete), known); // there are no more variables
        }
        assumptions.extend(guard);
        let rest: BTreeMap<Literal, i128> = goal.costs.iter().map(|&(cost, literal)| (literal, cost)).collect();
        let stratum = rest.values().copied().max().unwrap_or(0);
        let mut descent = Descent {
            goal,
            assumptions,
            guard,
            known,
            model: Vec::new(),
            rest,
            bound: goal.base,
            counts: Vec::new(),
            says: BTreeMap::new(),
            stratum,
            told,
        };
        let least = descent.run(self, if guard.is_none() { Way::Above } else { way }, budget);
        let known = descent.known;
        for (v, &value) in descent.model.iter().enumerate() {
            self.set_phase(2 * v as Literal + u32::from(!value));
        }
        if let Some(guard) = guard {
            self.add([(1, guard ^ 1)].into_iter(), 1, String::new);
        }
        (least, known)
    }

    /// A fresh variable, if there can be one more.
    fn another(&mut self) -> Option<Literal> {
        let next = self.trail.num_vars();
        if next >= crate::formula::MAX_VAR as usize || self.reserve(1).is_err() {
            return None;
        }
        self.ensure(next + 1);
        Some(2 * next as Literal)
    }
}

impl Descent<'_> {
    fn run(&mut self, engine: &mut Engine, way: Way, budget: &Budget) -> Least {
        if let Some(least) = self.improve(engine) {
            return least;
        }
        for round in 0..ROUNDS {
            for from_above in [true, false] {
                if way == if from_above { Way::Below } else { Way::Above } {
                    continue;
                }
                let turn = budget.turn(FIRST << round, 0);
                let came_to = if from_above { self.above(engine, &turn) } else { self.below(engine, &turn) };
                budget.absorb(&turn);
                match came_to {
                    Turn::Over if budget.conflicts_left() != Some(0) => {}
                    Turn::End(least) => return least,
                    Turn::Over => return Least::Unknown(Stop::Conflicts),
                }
            }
        }
        Least::Unknown(Stop::Incomplete)
    }

    /// What else an answer without a model comes to. A core without an assumption of the caller's and ours says that no model is
    /// better than the best one; so does any of those alone, since that model meets them.
    fn ended(&mut self, answer: Answer) -> Turn {
        match answer {
            Answer::Unknown(Stop::Conflicts) => Turn::Over,
            Answer::Unknown(stop) => Turn::End(Least::Unknown(stop)),
            Answer::Memory(short) => Turn::End(Least::Memory(short)),
            Answer::Sat | Answer::Unsat(_) => Turn::End(self.optimum()),
        }
    }

    /// It is known, whatever who is told has to say.
    fn optimum(&mut self) -> Least {
        if let Some(value) = self.known.value
            && self.known.bound < value
        {
            self.known.bound = value;
            let _ = (self.told)(self.known, None);
        }
        Least::Optimum
    }

    /// Better models, one after the other.
    fn above(&mut self, engine: &mut Engine, turn: &Budget) -> Turn {
        // A model counts as a conflict does, or who finds them without any would never end.
        for _ in 0..turn.conflicts_left().unwrap_or(FIRST) {
            match engine.solve(&self.assumptions, turn) {
                Answer::Sat => {
                    if let Some(least) = self.improve(engine) {
                        return Turn::End(least);
                    }
                }
                answer => return self.ended(answer),
            }
        }
        Turn::Over
    }

    /// Takes the engine's model, which is better than those before, and asks for a better one; answers if there can be none.
    fn improve(&mut self, engine: &mut Engine) -> Option<Least> {
        let costs = self.goal.costs.iter().filter(|&&(_, literal)| engine.value(literal));
        let value = self.goal.base + costs.map(|cost| cost.0).sum::<i128>();
        assert!(self.known.value.is_none_or(|before| value < before), "a better model is better");
        self.model = (0..engine.trail.num_vars()).map(|v| engine.value(2 * v as Literal)).collect();
        self.known.value = Some(value);
        let going = (self.told)(self.known, Some(&self.model));
        let number = match &mut engine.proof {
            Some(proof) => proof.solution((0..self.model.len()).map(|v| 2 * v as Literal + u32::from(!self.model[v]))),
            None => 0,
        };
        if value <= self.known.bound {
            return Some(self.optimum());
        }
        if let Err(stop) = going {
            return Some(Least::Unknown(stop));
        }
        // Those that do not cost save so much at least.
        let saved = self.goal.costs.iter().map(|cost| cost.0).sum::<i128>() + self.goal.base - (value - 1);
        let terms = self.goal.costs.iter().map(|&(cost, literal)| (cost, literal ^ 1));
        let guard = self.guard.map(|guard| (saved, guard ^ 1));
        if engine.proof.is_none() {
            engine.store.usages_mut().filter(|usage| usage.is_goal).for_each(Use::supersede);
        }
        let usage = Use { is_goal: true, ..Use::default() };
        engine.add_as(terms.chain(guard), saved, || number.to_string(), usage);
        None
    }

    /// Cores, one after the other.
    fn below(&mut self, engine: &mut Engine, turn: &Budget) -> Turn {
        loop {
            self.harden(engine);
            let mut asked = self.assumptions.clone();
            let heavy = self.rest.iter().filter(|&(_, &cost)| cost >= self.stratum);
            let mut heavy: Vec<(i128, Literal)> = heavy.map(|(&literal, &cost)| (cost, literal)).collect();
            heavy.sort_unstable_by(|a, b| b.cmp(a));
            asked.extend(heavy.iter().map(|&(_, literal)| literal ^ 1));
            match engine.solve(&asked, turn) {
                Answer::Sat => {
                    if let Some(least) = self.improve(engine) {
                        return Turn::End(least);
                    }
                    // Half as heavy, or what is heaviest of what is less.
                    let lighter = self.rest.values().copied().filter(|&cost| cost < self.stratum);
                    match lighter.max() {
                        Some(cost) => self.stratum = cost.min((self.stratum / 2).max(1)),
                        None => self.stratum = 1,
                    }
                }
                Answer::Unsat(core) => {
                    let core = self.trim(engine, core, turn);
                    if core.is_empty() {
                        return Turn::End(self.optimum());
                    }
                    if !self.relax(engine, &core) {
                        return Turn::End(Least::Unknown(Stop::Incomplete));
                    }
                    if let Some(value) = self.known.value
                        && self.known.bound < self.bound.min(value)
                    {
                        self.known.bound = self.bound.min(value);
                        let going = (self.told)(self.known, None);
                        if self.known.bound == value {
                            return Turn::End(Least::Optimum);
                        }
                        if let Err(stop) = going {
                            return Turn::End(Least::Unknown(stop));
                        }
                    }
                }
                answer => return self.ended(answer),
            }
        }
    }

    /// What costs more than is left to a better model must not be.
    fn harden(&mut self, engine: &mut Engine) {
        let (Some(value), Some(guard)) = (self.known.value, self.guard) else { return };
        let left = value - 1 - self.bound;
        let over: Vec<Literal> = self.rest.iter().filter(|&(_, &cost)| cost > left).map(|(&l, _)| l).collect();
        for literal in over {
            self.rest.remove(&literal);
            engine.restart();
            engine.add([(1, literal ^ 1), (1, guard ^ 1)].into_iter(), 1, String::new);
        }
    }

    /// The literals of the objective and of counts that a core is about, made fewer as long as that is quick.
    fn trim(&self, engine: &mut Engine, core: Vec<Literal>, turn: &Budget) -> Vec<Literal> {
        let costs = |core: &[Literal]| -> Vec<Literal> {
            core.iter().map(|&literal| literal ^ 1).filter(|literal| self.rest.contains_key(literal)).collect()
        };
        let mut core = costs(&core);
        while core.len() > 1 {
            let mut asked = self.assumptions.clone();
            asked.extend(core.iter().map(|&literal| literal ^ 1));
            let part = turn.turn(TRIM, 0);
            let answer = engine.solve(&asked, &part);
            turn.absorb(&part);
            match answer {
                Answer::Unsat(smaller) if costs(&smaller).len() < core.len() => core = costs(&smaller),
                _ => break,
            }
        }
        core
    }

    /// One of a core's literals costs: the bound rises, and what more of them cost is counted. Answers whether there were variables.
    fn relax(&mut self, engine: &mut Engine, core: &[Literal]) -> bool {
        let Some(cost) = core.iter().filter_map(|literal| self.rest.get(literal)).min().copied() else { return true };
        self.bound += cost;
        engine.restart();
        for literal in core {
            if let Some(rest) = self.rest.get_mut(literal) {
                *rest -= cost;
                if *rest == 0 {
                    self.rest.remove(literal);
                }
            }
            if let Some(&(count, many)) = self.says.get(literal)
                && !self.count(engine, count, many + 1, cost)
            {
                return false;
            }
        }
        if core.len() > 1 {
            self.counts.push(Count { literals: core.to_vec(), more: Vec::new() });
            return self.count(engine, self.counts.len() - 1, 2, cost);
        }
        true
    }

    /// That a count is at least so many costs so much more.
    fn count(&mut self, engine: &mut Engine, count: usize, many: usize, cost: i128) -> bool {
        let Count { literals, more } = &mut self.counts[count];
        if many > literals.len() {
            return true;
        }
        if more.len() < many - 1 {
            let Some(literal) = engine.another() else { return false };
            // Without it, all but many - 1 are false.
            let least = (literals.len() - (many - 1)) as i128;
            let terms = literals.iter().map(|&l| (1, l ^ 1)).chain([(least, literal)]);
            engine.add(terms, least, String::new);
            more.push(literal);
            self.says.insert(literal, (count, many));
        }
        *self.rest.entry(more[many - 2]).or_default() += cost;
        true
    }
}

impl Goal {
    /// Weights of any sign for literals of different variables, and an offset.
    pub fn new(terms: impl Iterator<Item = (i64, Literal)>, offset: i64) -> Self {
        let mut goal = Goal { costs: Vec::new(), base: offset.into() };
        for (weight, literal) in terms.filter(|term| term.0 != 0) {
            let weight = i128::from(weight);
            goal.base += weight.min(0);
            goal.costs.push((weight.abs(), literal ^ u32::from(weight < 0)));
        }
        goal
    }
}
