//! What a propagator is: a part of the search that knows constraints which are not clauses. The form is that of
//! IPASIR-UP (Fazekas, Niemetz, Preiner, Kirchweger, Szeider and Biere, SAT 2023), with one trail shared by all
//! propagators, read from where each of them stopped, and reasons built only when they are asked for.

use std::any::Any;

/// The observed part of the search's trail: which literals are true, in the order in which they became true.
///
/// The order is that of decision levels: nothing is assigned out of order.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    /// 1 where the variable is true, -1 where false, 0 where open; by variable.
    values: Vec<i8>,
    /// Where the variable's literal stands in `literals`, while it is assigned; by variable.
    positions: Vec<u32>,
    literals: Vec<i32>,
    /// Where level `i + 1` begins in `literals`.
    starts: Vec<usize>,
    /// The level that is gone back to, while propagators are told of it.
    target: usize,
}

impl Trail {
    /// Makes room for the variables `1..=max`.
    pub fn resize(&mut self, max: u32) {
        let length = max as usize + 1;
        if length > self.values.len() {
            self.values.resize(length, 0);
            self.positions.resize(length, 0);
        }
    }

    /// 1 where `literal` is true, -1 where it is false, 0 where it is open or not observed.
    #[inline]
    #[must_use]
    pub fn value(&self, literal: i32) -> i8 {
        let value = self.values.get(literal.unsigned_abs() as usize).copied().unwrap_or(0);
        if literal > 0 { value } else { -value }
    }

    /// The literals that are true, the oldest first.
    #[inline]
    #[must_use]
    pub fn literals(&self) -> &[i32] {
        &self.literals
    }

    /// How many literals are true.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.literals.len()
    }

    /// Where the variable of `literal`, which is assigned, stands on the trail.
    #[inline]
    #[must_use]
    pub fn position(&self, literal: i32) -> usize {
        self.positions[literal.unsigned_abs() as usize] as usize
    }

    /// What a reason of `literal` may use: literals that stand before this position. Where the literal is not true,
    /// it is asked for as it is about to be propagated, or in conflict with the trail, and may use all of it.
    #[inline]
    #[must_use]
    pub fn horizon(&self, literal: i32) -> usize {
        if self.value(literal) > 0 { self.position(literal) } else { self.literals.len() }
    }

    /// The current decision level.
    #[must_use]
    pub fn level(&self) -> usize {
        self.starts.len()
    }

    /// Where `level` begins on the trail; level 0 begins at 0.
    #[must_use]
    pub fn start(&self, level: usize) -> usize {
        if level == 0 { 0 } else { self.starts.get(level - 1).copied().unwrap_or(self.literals.len()) }
    }

    /// The decision level at which the literal at `position` became true.
    #[must_use]
    pub fn level_at(&self, position: usize) -> usize {
        self.starts.partition_point(|&start| start <= position)
    }

    /// While [`Propagator::backtrack`] is called: the decision level that stays.
    #[must_use]
    pub fn target(&self) -> usize {
        self.target
    }

    /// Where `level` ends on the trail: how many literals stay when all above it is undone. [`Trail::backtrack`] to this
    /// level comes next.
    pub(super) fn aim(&mut self, level: usize) -> usize {
        self.target = level;
        self.start(level + 1)
    }

    /// A new decision level begins.
    pub fn new_level(&mut self) {
        self.starts.push(self.literals.len());
    }

    /// `literal` became true. One that is true already is not told twice.
    pub fn push(&mut self, literal: i32) {
        let variable = literal.unsigned_abs() as usize;
        if self.values[variable] != 0 {
            return;
        }
        self.values[variable] = if literal > 0 { 1 } else { -1 };
        self.positions[variable] = u32::try_from(self.literals.len()).unwrap_or(u32::MAX); // at most MAX_VAR
        self.literals.push(literal);
    }

    /// Forgets all that stands above `level`.
    pub fn backtrack(&mut self, level: usize) {
        let length = self.start(level + 1);
        for &literal in &self.literals[length..] {
            self.values[literal.unsigned_abs() as usize] = 0;
        }
        self.literals.truncate(length);
        self.starts.truncate(level);
    }
}

/// What propagators found, in order: literals that must hold, each with a tag from which its reason can be built.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    pub(super) found: std::collections::VecDeque<(i32, u32)>,
}

impl Queue {
    /// `literal` must hold under the trail. Where it is false, that is a conflict. `tag` comes back in
    /// [`Propagator::explain`].
    #[inline]
    pub fn push(&mut self, literal: i32, tag: u32) {
        self.found.push_back((literal, tag));
    }

    /// Takes back what was pushed.
    pub fn clear(&mut self) {
        self.found.clear();
    }
}

/// Ends the search. Why is kept by the propagator that says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Halt;

/// How long the search keeps a clause that a propagator gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Until it seems of little use, as with a learned clause. The propagator can give it again.
    WhileUseful,
    /// For ever, as with a clause of the formula.
    Always,
}

/// Clauses that propagators gave and the search has not taken yet, one after another in one array.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub(super) literals: Vec<i32>,
    /// Where each clause ends in `literals`, and how long it is kept; the first that was not taken is `next`.
    pub(super) ends: Vec<(usize, Keep)>,
    pub(super) next: usize,
}

impl Pending {
    /// Makes room where all were taken. What [`Pending::take`] answered is valid until then.
    pub(super) fn tidy(&mut self) {
        if self.next == self.ends.len() {
            self.literals.clear();
            self.ends.clear();
            self.next = 0;
        }
    }

    /// One more clause.
    pub(super) fn push(&mut self, clause: &[i32], keep: Keep) {
        self.literals.extend_from_slice(clause);
        self.ends.push((self.literals.len(), keep));
    }

    /// How many there are, those that were taken included.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Clause `index`, and how long it is kept.
    pub(super) fn get(&self, index: usize) -> Option<(&[i32], Keep)> {
        let &(end, keep) = self.ends.get(index)?;
        let start = if index == 0 { 0 } else { self.ends[index - 1].0 };
        Some((&self.literals[start..end], keep))
    }

    /// The oldest that was not taken, which now is.
    pub(super) fn take(&mut self) -> Option<(&[i32], Keep)> {
        let index = self.next;
        if index < self.ends.len() {
            self.next += 1;
        }
        self.get(index)
    }
}

/// The assignment that [`Propagator::check_model`] is asked about.
pub(crate) struct Found<'a> {
    pub(super) fetch: &'a mut dyn FnMut(&mut Vec<i8>),
    pub(super) model: &'a mut Vec<i8>,
    pub(super) clauses: &'a mut Pending,
    pub(super) back: &'a mut Option<usize>,
}

impl Found<'_> {
    /// A value for every variable of the engine, not only for the observed ones: 1 or -1, variable `v` at `v - 1`.
    /// Values of variables that were eliminated are the ones with which all clauses hold. Cost: linear, once a model.
    pub fn model(&mut self) -> &[i8] {
        if self.model.is_empty() {
            (self.fetch)(self.model);
        }
        self.model
    }

    /// A clause over observed variables that holds in every model. To refuse an assignment takes one that is false
    /// in it.
    pub fn clause(&mut self, literals: &[i32], keep: Keep) {
        self.clauses.push(literals, keep);
    }

    /// To refuse an assignment without a clause: the search goes back to `level`, which is below the current one, and on
    /// from there. The propagator must then say what keeps the assignment from coming again.
    pub fn go_back(&mut self, level: usize) {
        *self.back = Some(level);
    }
}

/// A part of the search.
///
/// Literals are those of the engine. What a propagator says is over variables that it observes itself; the trail also has
/// those that others observe. Calls come on the thread that searches. New constraints come between searches only, while the trail stands at level 0; a
/// propagator then reads the trail from its beginning again.
pub(crate) trait Propagator: Any + Send {
    /// Reads the trail from where it stopped the last time and says what follows. It is called until no propagator
    /// finds anything new; what was found earlier on the same trail need not be said again.
    fn propagate(&mut self, trail: &Trail, queue: &mut Queue) -> Result<(), Halt>;

    /// The trail is about to be cut to `length` literals: undoes what was read beyond. What was found and not yet
    /// assigned is forgotten; it was found on a level that is now undone.
    fn backtrack(&mut self, trail: &Trail, length: usize);

    /// Appends the reason of `literal`, which this propagator found with `tag`: a clause that contains `literal`, the
    /// other literals of which are false and stand before [`Trail::horizon`].
    fn explain(&mut self, literal: i32, tag: u32, trail: &Trail, clause: &mut Vec<i32>) -> Result<(), Halt>;

    /// An open literal to decide next, or none. Who was connected last is asked first, and none after the first proposal.
    fn decide(&mut self, _trail: &Trail) -> Result<Option<i32>, Halt> {
        Ok(None)
    }

    /// All observed variables are assigned, all clauses hold, and no propagator finds anything on this trail. Answers
    /// whether the propagator takes the assignment; where it does not, it gives clauses, of which at least one is false, or
    /// goes back. Propagators are asked in the order in which
    /// they were connected, until one refuses: who is asked knows that all before took it.
    fn check_model(&mut self, _trail: &Trail, _found: &mut Found<'_>) -> Result<bool, Halt> {
        Ok(true)
    }

    /// Whether [`Propagator::next_clause`] is to be asked. Read once, when the propagator is connected.
    fn wants_clauses(&self) -> bool {
        false
    }

    /// Appends a clause over observed variables that holds in every model, or answers `None`. It is asked after each
    /// round of propagation, until no propagator has one.
    fn next_clause(&mut self, _trail: &Trail, _clause: &mut Vec<i32>) -> Result<Option<Keep>, Halt> {
        Ok(None)
    }

    /// Whether [`Propagator::fixed`] is to be called. Read once, when the propagator is connected.
    fn wants_fixed(&self) -> bool {
        false
    }

    /// `literal` holds in every model, whatever is assumed. It is said of all variables, once each and when that is found
    /// out, also between searches: it may come before the trail has the literal.
    fn fixed(&mut self, _literal: i32) {}

    /// The longest clause that [`Propagator::learned`] is to be called with; 0 for none. Read once, when the
    /// propagator is connected.
    fn wants_learned(&self) -> usize {
        0
    }

    /// The search learned this clause, over any variables: it follows from the clauses and what propagators said.
    fn learned(&mut self, _clause: &[i32]) {}

    /// Bytes held, estimated; counts towards the memory limit of a search.
    fn bytes(&self) -> u64 {
        0
    }

    /// What it is called in messages.
    fn name(&self) -> &'static str {
        std::any::type_name::<Self>()
    }
}
