//! Local search over independent variables, beside the search: looks for a model by flipping variables that nothing
//! defines, and lets what is defined follow.
//!
//! Where most constraints are reified sums that define a variable each, as the neurons of a binarized network do, the
//! formula is a circuit: a value for each input gives a value for everything else, and only the few constraints that define
//! nothing can be violated. A random input is flipped, the change runs through the circuit, and the flip stays unless
//! the violated constraints miss more than before. Clause learning knows nothing of that: it needs thousands of conflicts
//! where a few hundred flips do, as long as there are models enough.
//!
//! Sources: Kautz, McAllester and Selman, "Exploiting Variable Dependency in Local Search", IJCAI 1997 (poster); Pham,
//! Thornton and Sattar, "Building Structure into Local Search for SAT", IJCAI 2007, whose definitions are gates of a
//! CNF formula. Here they are sums, and the objective is by how much they are missed.
//!
//! It is a propagator that finds nothing and only decides. It searches when the search stands at its first decision, as
//! long as it has done less than its share of the work, with all that is assigned there kept; when it has a model, it
//! decides accordingly until the model is complete, or refuted by a constraint that it does not know. Cost of a flip:
//! the occurrences of all variables that change. Memory: a literal takes 12 bytes, 16 more where it has a weight.

use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};

use super::occurrences::{Occurrences, reserve};
use super::propagator::{Halt, Propagator, Queue, Trail};
use crate::error::OutOfMemory;
use crate::formula::Condition;

/// Occurrences that may be looked at for nothing, for each literal of the formula, and at most.
const FIRST: u64 = 1000;
const FIRST_MOST: u64 = 20_000_000;
/// Occurrences that may be looked at for each occurrence of a literal that the search assigned.
const SHARE: u64 = 8;
/// At a time: some milliseconds, since nobody asks the budget meanwhile.
const SLICE: u64 = 4_000_000;
/// After so many models that something unknown refuted it gives up.
const REFUTED: u32 = 3;
/// Flips without improvement before a new start, for each free input.
const PATIENCE: usize = 3;

const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Sum {
    begin: usize,
    length: u32,
    /// Where its weights begin, if they are not all one.
    weights: Option<usize>,
    bound: i64,
    heaviest: i64,
    condition: Condition,
    /// Where it stands in the circuit, if it defines its condition.
    level: u32,
}

/// What was done.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WalkStatistics {
    /// Inputs flipped.
    pub flips: u64,
    /// Occurrences looked at.
    pub visits: u64,
    /// New starts.
    pub tries: u64,
    /// Models found.
    pub found: u64,
    /// Of them, those that a constraint refuted.
    pub refuted: u32,
    /// Occurrences that may be looked at.
    pub credit: u64,
}

/// The circuit, an assignment of it and the way on.
#[derive(Debug)]
pub(crate) struct Walk {
    sums: Vec<Sum>,
    literals: Vec<i32>,
    weights: Vec<i64>,
    /// The sums in which a true literal counts one, or a weight.
    units: Occurrences<u32>,
    weighted: Occurrences<(u32, i64)>,
    /// By variable: the sums whose condition it is and which do not define it.
    conditions: Occurrences<u32>,
    /// The sum that defines a variable, by variable.
    definitions: Vec<u32>,
    /// Defined variables in the order in which they can be computed.
    order: Vec<u32>,
    inputs: Vec<u32>,
    /// Variables were added since the tables were built.
    stale: bool,

    /// 1 or -1, by variable.
    values: Vec<i8>,
    /// By variable: what the trail says of defined ones, 0 where it says nothing.
    required: Vec<i8>,
    /// Inputs of which the trail says nothing.
    free: Vec<u32>,
    totals: Vec<i64>,
    /// By how much a sum that defines nothing is missed.
    missed: Vec<i64>,
    cost: i64,
    /// Definitions to look at, by level.
    pending: Vec<Vec<u32>>,
    is_pending: Vec<bool>,
    lowest: usize,
    highest: usize,
    /// Variables that changed with the last flip.
    flipped: Vec<u32>,
    idle: usize,
    random: SplitMix64,

    /// A model to decide by, and how far it was looked at.
    model: Option<usize>,
    /// The search was at level 0 since the last decision.
    at_root: bool,
    head: usize,
    /// What the search did, in occurrences.
    credit: u64,
    statistics: WalkStatistics,
}

impl Walk {
    /// Nothing yet.
    pub fn new(seed: u64) -> Self {
        Walk {
            sums: Vec::new(),
            literals: Vec::new(),
            weights: Vec::new(),
            units: Occurrences::default(),
            weighted: Occurrences::default(),
            conditions: Occurrences::default(),
            definitions: Vec::new(),
            order: Vec::new(),
            inputs: Vec::new(),
            stale: false,
            values: Vec::new(),
            required: Vec::new(),
            free: Vec::new(),
            totals: Vec::new(),
            missed: Vec::new(),
            cost: 0,
            pending: Vec::new(),
            is_pending: Vec::new(),
            lowest: usize::MAX,
            highest: 0,
            flipped: Vec::new(),
            idle: 0,
            random: SplitMix64::seed_from_u64(seed),
            model: None,
            at_root: true,
            head: 0,
            credit: 0,
            statistics: WalkStatistics::default(),
        }
    }

    /// One more constraint, in the form that [`super::cardinality::Cardinality::add`] and
    /// [`super::pseudo_boolean::PseudoBoolean::add`] take; a clause has bound 1. Between searches only. All variables
    /// must be observed.
    pub fn add(
        &mut self,
        literals: &[i32],
        weights: Option<&[i64]>,
        bound: i64,
        condition: Condition,
    ) -> Result<(), OutOfMemory> {
        if self.sums.len() >= NONE as usize {
            return Err(OutOfMemory::Allocator { bytes: (self.sums.len() * size_of::<Sum>()) as u64 });
        }
        reserve(&mut self.sums, 1)?;
        reserve(&mut self.literals, literals.len())?;
        reserve(&mut self.weights, weights.map_or(0, <[i64]>::len))?;
        let begin = self.literals.len();
        self.literals.extend_from_slice(literals);
        let heaviest = weights.map_or(1, |w| w.iter().copied().max().unwrap_or(1));
        let weights = weights.map(|w| {
            let begin = self.weights.len();
            self.weights.extend_from_slice(w);
            begin
        });
        let length = u32::try_from(literals.len()).unwrap_or(u32::MAX);
        self.sums.push(Sum { begin, length, weights, bound, heaviest, condition, level: 0 });
        self.stale = true;
        Ok(())
    }

    /// Makes the tables. Answers whether the search is worth while: there is something defined.
    pub fn prepare(&mut self) -> Result<bool, OutOfMemory> {
        if self.stale {
            self.build()?;
            self.stale = false;
            self.model = None;
            self.credit += FIRST.saturating_mul(self.literals.len() as u64).min(FIRST_MOST);
        }
        Ok(!self.order.is_empty())
    }

    /// The variables to observe; one may come more than once.
    pub fn variables(&self) -> impl Iterator<Item = u32> {
        let conditions = self.sums.iter().filter_map(|s| s.condition.literal());
        self.literals.iter().copied().chain(conditions).map(i32::unsigned_abs)
    }

    /// What was done so far.
    pub fn statistics(&self) -> WalkStatistics {
        WalkStatistics { credit: self.credit, ..self.statistics }
    }

    fn literals_of(&self, sum: &Sum) -> &[i32] {
        &self.literals[sum.begin..sum.begin + sum.length as usize]
    }

    fn build(&mut self) -> Result<(), OutOfMemory> {
        let variables = self.variables().max().unwrap_or(0) as usize + 1;
        self.define(variables)?;
        (self.units, self.weighted) = (Occurrences::default(), Occurrences::default());
        let this = &*self;
        let sums = || (0u32..).zip(&this.sums);
        let units = sums().filter(|(_, s)| s.weights.is_none());
        let units = Occurrences::build(units.flat_map(|(i, s)| this.literals_of(s).iter().map(move |&l| (l, i))))?;
        let weighted = sums().filter_map(|(i, s)| s.weights.map(|w| (i, s, w)));
        let weighted = Occurrences::build(weighted.flat_map(|(i, s, w)| {
            let weights = &this.weights[w..w + s.length as usize];
            this.literals_of(s).iter().zip(weights).map(move |(&l, &w)| (l, (i, w)))
        }))?;
        let checks = sums().filter(|(_, s)| s.level == 0).filter_map(|(i, s)| Some((s.condition.literal()?.abs(), i)));
        let conditions = Occurrences::build(checks)?;
        (self.units, self.weighted, self.conditions) = (units, weighted, conditions);
        let count = self.sums.len();
        fill(&mut self.values, variables, -1)?;
        fill(&mut self.required, variables, 0)?;
        fill(&mut self.totals, count, 0)?;
        fill(&mut self.missed, count, 0)?;
        fill(&mut self.is_pending, count, false)?;
        self.flipped.clear();
        reserve(&mut self.flipped, variables)?;
        self.free.clear();
        reserve(&mut self.free, self.inputs.len())?;
        self.idle = usize::MAX; // begins with a new start
        Ok(())
    }

    /// Finds what defines what. A variable is defined by the first reified sum that has it as its condition, unless the
    /// definitions go in a circle: what depends on a circle is not defined.
    fn define(&mut self, variables: usize) -> Result<(), OutOfMemory> {
        fill(&mut self.definitions, variables, NONE)?;
        let mut open = Vec::new(); // by sum: how many of its variables wait for a definition
        fill(&mut open, self.sums.len(), 0u32)?;
        for (i, sum) in (0u32..).zip(&mut self.sums) {
            sum.level = 0;
            if let Condition::Reified(literal) = sum.condition {
                let definition = &mut self.definitions[literal.unsigned_abs() as usize];
                if *definition == NONE {
                    *definition = i;
                }
            }
        }
        let Walk { sums, literals, definitions, .. } = &*self;
        let variables_of = |s: &Sum| literals[s.begin..s.begin + s.length as usize].iter().map(|l| l.unsigned_abs());
        let defined = |v: u32| definitions[v as usize] != NONE;
        let defines = |i: u32| match sums[i as usize].condition {
            Condition::Reified(l) => Some(l.unsigned_abs()).filter(|&v| definitions[v as usize] == i),
            _ => None,
        };
        let uses = (0u32..).zip(sums).filter(|&(i, _)| defines(i).is_some());
        let uses = uses.flat_map(|(i, s)| variables_of(s).filter(|&v| defined(v)).map(move |v| (v.cast_signed(), i)));
        let uses = Occurrences::build(uses)?;
        let mut ready = Vec::new();
        let mut order = Vec::new();
        reserve(&mut ready, sums.len())?;
        reserve(&mut order, variables)?;
        for (i, sum) in (0u32..).zip(sums).filter(|&(i, _)| defines(i).is_some()) {
            open[i as usize] = u32::try_from(variables_of(sum).filter(|&v| defined(v)).count()).unwrap_or(u32::MAX);
            if open[i as usize] == 0 {
                ready.push(i);
            }
        }
        let mut levels = Vec::new();
        fill(&mut levels, sums.len(), 0u32)?;
        let mut next = 0;
        while let Some(&i) = ready.get(next) {
            next += 1;
            let Some(variable) = defines(i) else { continue };
            let below = variables_of(&sums[i as usize]).filter(|&v| defined(v));
            levels[i as usize] = 1 + below.map(|v| levels[definitions[v as usize] as usize]).max().unwrap_or(0);
            order.push(variable);
            for &user in uses.of(variable.cast_signed()) {
                open[user as usize] -= 1;
                if open[user as usize] == 0 {
                    ready.push(user);
                }
            }
        }
        let depth = levels.iter().copied().max().unwrap_or(0) as usize + 1;
        for (sum, level) in self.sums.iter_mut().zip(levels) {
            sum.level = level;
        }
        for definition in &mut self.definitions {
            if *definition != NONE && self.sums[*definition as usize].level == 0 {
                *definition = NONE;
            }
        }
        // Each list has room for all definitions of its level, so that the search does not allocate.
        self.pending.clear();
        reserve(&mut self.pending, depth)?;
        self.pending.resize_with(depth, Vec::new);
        let mut widths = Vec::new();
        fill(&mut widths, depth, 0usize)?;
        for sum in &self.sums {
            widths[sum.level as usize] += usize::from(sum.level > 0);
        }
        for (list, width) in self.pending.iter_mut().zip(widths) {
            reserve(list, width)?;
        }
        (self.lowest, self.highest) = (usize::MAX, 0);
        self.order = order;
        let mut known = Vec::new();
        fill(&mut known, variables, false)?;
        for variable in self.variables() {
            known[variable as usize] = true;
        }
        self.inputs.clear();
        reserve(&mut self.inputs, variables)?;
        let inputs = (0u32..).zip(&self.definitions).filter(|&(v, &d)| d == NONE && known[v as usize]);
        self.inputs.extend(inputs.map(|(v, _)| v));
        Ok(())
    }

    fn holds(&self, index: usize) -> bool {
        self.totals[index] >= self.sums[index].bound
    }

    fn is_true(&self, literal: i32) -> bool {
        (self.values[literal.unsigned_abs() as usize] > 0) == (literal > 0)
    }

    /// By how many of its heaviest literals a sum is missed that defines nothing.
    fn miss(&self, index: usize) -> i64 {
        let sum = &self.sums[index];
        let too_little = sum.bound - self.totals[index];
        let (active, inactive) = match sum.condition {
            Condition::Plain => (true, false),
            Condition::Implied(l) => (self.is_true(l), false),
            Condition::Reified(l) => (self.is_true(l), !self.is_true(l)),
        };
        let missing = match (active, inactive) {
            (true, _) => too_little,
            (_, true) => 1 - too_little,
            _ => 0,
        };
        if missing <= 0 { 0 } else { (missing - 1) / sum.heaviest + 1 }
    }

    /// A sum changed from `before`.
    fn touch(&mut self, index: u32, before: i64) {
        let i = index as usize;
        let level = self.sums[i].level as usize;
        if level == 0 {
            let missed = self.miss(i);
            self.cost += missed - std::mem::replace(&mut self.missed[i], missed);
        } else if (before >= self.sums[i].bound) != self.holds(i) && !self.is_pending[i] {
            self.is_pending[i] = true;
            self.pending[level].push(index);
            self.lowest = self.lowest.min(level);
            self.highest = self.highest.max(level);
        }
    }

    /// Gives a variable its other value.
    fn toggle(&mut self, variable: u32) {
        let v = variable as usize;
        self.values[v] = -self.values[v];
        let now_true = variable.cast_signed() * i32::from(self.values[v]);
        if self.required[v] != 0 {
            self.cost += if self.values[v] == self.required[v] { -1 } else { 1 };
        }
        for (literal, sign) in [(now_true, 1), (-now_true, -1)] {
            let (units, weighted) = (self.units.range(literal), self.weighted.range(literal));
            self.statistics.visits += (units.len() + weighted.len()) as u64;
            for at in units {
                let index = self.units.at(at);
                let before = self.totals[index as usize];
                self.totals[index as usize] = before + sign;
                self.touch(index, before);
            }
            for at in weighted {
                let (index, weight) = self.weighted.at(at);
                let before = self.totals[index as usize];
                self.totals[index as usize] = before + sign * weight;
                self.touch(index, before);
            }
        }
        for at in self.conditions.range(variable.cast_signed()) {
            let index = self.conditions.at(at);
            self.touch(index, self.totals[index as usize]);
        }
    }

    /// Lets definitions follow what changed.
    fn settle(&mut self) {
        let mut level = self.lowest;
        while level <= self.highest {
            self.statistics.visits += 1;
            while let Some(index) = self.pending[level].pop() {
                let i = index as usize;
                self.is_pending[i] = false;
                if let Some(literal) = self.sums[i].condition.literal()
                    && self.is_true(literal) != self.holds(i)
                {
                    self.flipped.push(literal.unsigned_abs());
                    self.toggle(literal.unsigned_abs());
                }
            }
            level += 1;
        }
        (self.lowest, self.highest) = (usize::MAX, 0);
    }

    /// Takes over what the trail says, and computes everything anew.
    fn take(&mut self, trail: &Trail) {
        self.free.clear();
        for &input in &self.inputs {
            match trail.value(input.cast_signed()) {
                0 => self.free.push(input),
                value => self.values[input as usize] = value,
            }
        }
        for &variable in &self.order {
            self.required[variable as usize] = trail.value(variable.cast_signed());
        }
        self.compute();
    }

    /// Computes totals, defined values and the cost from the values of the inputs.
    fn compute(&mut self) {
        self.statistics.visits += self.literals.len() as u64;
        self.cost = 0;
        self.totals.fill(0);
        for i in 0..self.inputs.len() {
            self.count(self.inputs[i]);
        }
        for i in 0..self.order.len() {
            let variable = self.order[i];
            let definition = self.definitions[variable as usize] as usize;
            let positive = matches!(self.sums[definition].condition, Condition::Reified(l) if l > 0);
            let value = if self.holds(definition) == positive { 1 } else { -1 };
            self.values[variable as usize] = value;
            let required = self.required[variable as usize];
            self.cost += i64::from(required != 0 && required != value);
            self.count(variable);
        }
        for i in 0..self.sums.len() {
            self.missed[i] = if self.sums[i].level == 0 { self.miss(i) } else { 0 };
            self.cost += self.missed[i];
        }
    }

    /// Adds a variable's true literal to the totals.
    fn count(&mut self, variable: u32) {
        let literal = variable.cast_signed() * i32::from(self.values[variable as usize]);
        for &index in self.units.of(literal) {
            self.totals[index as usize] += 1;
        }
        for &(index, weight) in self.weighted.of(literal) {
            self.totals[index as usize] += weight;
        }
    }

    /// Looks for a model, with so many visits at most.
    fn search(&mut self, effort: u64) -> bool {
        let limit = self.statistics.visits.saturating_add(effort);
        while self.cost > 0 {
            if self.statistics.visits >= limit || self.free.is_empty() {
                return false;
            }
            if self.idle >= PATIENCE * self.free.len() {
                self.idle = 0;
                self.statistics.tries += 1;
                for i in 0..self.free.len() {
                    let heads = self.random.next_u64() >> 63 == 0;
                    self.values[self.free[i] as usize] = if heads { 1 } else { -1 };
                }
                self.compute();
                continue;
            }
            let before = self.cost;
            let input = self.free[below(&mut self.random, self.free.len())];
            self.statistics.flips += 1;
            self.flipped.clear();
            self.flipped.push(input);
            self.toggle(input);
            self.settle();
            self.idle = if self.cost < before { 0 } else { self.idle + 1 };
            if self.cost > before {
                for i in 0..self.flipped.len() {
                    self.toggle(self.flipped[i]);
                }
                self.settle(); // nothing follows any more: empties the lists
            }
        }
        true
    }

    /// What the model says of the next open variable. Inputs come first, and the others follow from them.
    fn follow(&mut self, trail: &Trail) -> Option<i32> {
        let mut at = self.model?;
        let total = self.inputs.len() + self.order.len();
        while at < total {
            let variable = *self.inputs.get(at).unwrap_or_else(|| &self.order[at - self.inputs.len()]);
            let literal = variable.cast_signed() * i32::from(self.values[variable as usize]);
            match trail.value(literal) {
                0 => {
                    self.model = Some(at);
                    return Some(literal);
                }
                1 => at += 1,
                _ => {
                    self.model = None;
                    self.idle = usize::MAX;
                    self.statistics.refuted += u32::from(!self.at_root);
                    return None;
                }
            }
        }
        self.model = Some(at);
        None
    }
}

/// A place in a list of `length`, which is not 0; even enough for less than 2^32.
fn below(random: &mut SplitMix64, length: usize) -> usize {
    ((u128::from(random.next_u64()) * length as u128) >> 64) as usize
}

fn fill<T: Copy>(list: &mut Vec<T>, length: usize, value: T) -> Result<(), OutOfMemory> {
    list.clear();
    reserve(list, length)?;
    list.resize(length, value);
    Ok(())
}

impl Propagator for Walk {
    /// Finds nothing; sees how much work the search does.
    fn propagate(&mut self, trail: &Trail, _queue: &mut Queue) -> Result<(), Halt> {
        let read = (trail.len() - self.head.min(trail.len())) as u64;
        self.head = trail.len();
        let density = self.literals.len() / (self.definitions.len() + 1) + 1;
        self.credit = self.credit.saturating_add(SHARE * read * density as u64);
        Ok(())
    }

    fn backtrack(&mut self, trail: &Trail, length: usize) {
        self.head = self.head.min(length);
        self.at_root |= trail.target() == 0;
        self.model = self.model.map(|_| 0);
    }

    fn explain(&mut self, _: i32, _: u32, _: &Trail, _: &mut Vec<i32>) -> Result<(), Halt> {
        Err(Halt) // it proposed nothing
    }

    fn decide(&mut self, trail: &Trail) -> Result<Option<i32>, Halt> {
        if self.stale || self.order.is_empty() || self.statistics.refuted >= REFUTED {
            return Ok(None);
        }
        if let Some(literal) = self.follow(trail) {
            self.at_root = false;
            return Ok(Some(literal));
        }
        // The first decision after level 0: all that is assigned is assumed, or follows.
        let first = std::mem::replace(&mut self.at_root, false);
        let left = self.credit.saturating_sub(self.statistics.visits);
        if !first || self.model.is_some() || left <= 4 * self.literals.len() as u64 {
            return Ok(None);
        }
        self.take(trail);
        if !self.search(left.min(SLICE)) {
            return Ok(None);
        }
        self.statistics.found += 1;
        self.model = Some(0);
        Ok(self.follow(trail))
    }

    fn bytes(&self) -> u64 {
        (self.sums.capacity() * (size_of::<Sum>() + 17)
            + self.literals.capacity() * size_of::<i32>()
            + self.weights.capacity() * size_of::<i64>()
            + self.values.capacity() * 24) as u64
            + self.units.bytes()
            + self.weighted.bytes()
            + self.conditions.bytes()
    }

    fn name(&self) -> &'static str {
        "walk"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sat::drive::{Dice, Reference};

    /// Random definitions, checks and clauses over so many variables.
    fn random(dice: &mut Dice, variables: i32) -> (Walk, Vec<Reference>) {
        let (mut walk, mut references) = (Walk::new(dice.below(1000)), Vec::new());
        for _ in 0..1 + dice.below(8) {
            let count = usize::try_from(1 + dice.below(variables.unsigned_abs().into())).unwrap();
            let (literals, spare) = dice.literals(variables, count);
            let weighted = dice.below(3) == 0;
            let weight = |dice: &mut Dice| i64::try_from(1 + dice.below(if weighted { 9 } else { 1 })).unwrap();
            let mut weights: Vec<i64> = literals.iter().map(|_| weight(dice)).collect();
            let total: i64 = weights.iter().sum();
            let bound = 1 + i64::try_from(dice.below(total.unsigned_abs())).unwrap();
            weights.iter_mut().for_each(|w| *w = (*w).min(bound));
            let condition = dice.condition(spare);
            walk.add(&literals, weighted.then_some(&weights[..]), bound, condition).unwrap();
            references.push(Reference { terms: weights.into_iter().zip(literals).collect(), bound, condition });
        }
        (walk, references)
    }

    fn assignment(walk: &Walk, variables: i32) -> u32 {
        (0..variables).map(|v| u32::from(walk.values.get(v as usize + 1).is_some_and(|&x| x > 0)) << v).sum()
    }

    #[test]
    fn what_costs_nothing_is_a_model_and_counters_stay_right() {
        let mut dice = Dice(77);
        let (mut found, mut missed, mut circuits) = (0, 0, 0);
        for _ in 0..2000 {
            let variables = 2 + i32::try_from(dice.below(9)).unwrap();
            let (mut walk, references) = random(&mut dice, variables);
            circuits += i32::from(walk.prepare().unwrap());
            let mut trail = Trail::default();
            trail.resize(variables.unsigned_abs());
            let fixed = usize::try_from(dice.below(3)).unwrap();
            let (fixed, _) = dice.literals(variables, fixed.min(variables as usize));
            fixed.iter().for_each(|&l| trail.push(l));
            walk.take(&trail);
            for _ in 0..5 {
                if walk.search(40) {
                    break;
                }
                let state = (walk.values.clone(), walk.totals.clone(), walk.missed.clone(), walk.cost);
                assert!(walk.pending.iter().all(Vec::is_empty) && !walk.is_pending.contains(&true));
                walk.compute();
                assert_eq!(state, (walk.values.clone(), walk.totals.clone(), walk.missed.clone(), walk.cost));
            }
            let bits: u32 = fixed.iter().filter(|l| **l > 0).map(|l| 1 << (l - 1)).sum();
            let mask: u32 = fixed.iter().map(|l| 1 << (l.abs() - 1)).sum();
            let is_model = |a: u32| references.iter().all(|r| r.holds(a));
            let a = assignment(&walk, variables);
            if walk.cost == 0 {
                // A variable that occurs nowhere is nobody's business.
                let known: u32 = walk.variables().fold(0, |known, v| known | 1 << (v - 1));
                assert_eq!(a & mask & known, bits & known);
                assert!(is_model(a), "{a:b} {references:?}");
                found += 1;
            } else {
                assert!(!is_model(a) || a & mask != bits);
                missed += i32::from((0..1 << variables).any(|a| a & mask == bits && is_model(a)));
            }
        }
        assert!(found > 800 && circuits > 1000, "{found} {missed} {circuits}");
    }

    #[test]
    fn circles_define_nothing() {
        let mut walk = Walk::new(0);
        walk.add(&[1, 2], None, 1, Condition::Reified(3)).unwrap();
        walk.add(&[4, 2], None, 2, Condition::Reified(5)).unwrap();
        walk.add(&[5, 1], None, 1, Condition::Reified(-4)).unwrap();
        walk.add(&[3, 4, 1], None, 1, Condition::Reified(6)).unwrap();
        walk.add(&[1, 2], None, 2, Condition::Reified(-3)).unwrap();
        assert!(walk.prepare().unwrap());
        assert_eq!((walk.order.clone(), walk.inputs.clone()), (vec![3], vec![1, 2, 4, 5, 6]));
        assert_eq!(walk.sums.iter().map(|s| s.level).collect::<Vec<_>>(), [1, 0, 0, 0, 0]);
    }
}
