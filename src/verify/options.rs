//! How a question is answered, and what comes of it.

use super::Witness;
use super::attack;
use super::branch::Effort;
use crate::bounds::alpha;
use crate::budget::Stop;

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Procedure {
    /// An attack, then whatever splitting suits the network.
    Auto,
    /// Random points only. Never answers unsat, but where there is nothing to look for.
    Fuzz,
    /// Random points and projected gradient descent. Never answers unsat either.
    Gradient,
    /// Bounds of the whole box only. Never answers sat.
    Bounds,
    /// Splitting of the box.
    InputSplit,
    /// Splitting of neurons.
    ReluSplit,
    /// The whole question as a mixed integer program. Needs the feature `highs`.
    Milp,
    /// The whole question as a formula for an SMT solver. Needs the feature `z3`.
    Smt,
    /// All of them in turn, in slices that grow.
    Portfolio,
}

impl Procedure {
    /// All of them, in the order of their numbers.
    pub const ALL: [Procedure; 9] = [
        Procedure::Auto,
        Procedure::Fuzz,
        Procedure::Gradient,
        Procedure::Bounds,
        Procedure::InputSplit,
        Procedure::ReluSplit,
        Procedure::Milp,
        Procedure::Smt,
        Procedure::Portfolio,
    ];

    /// What it is called: `auto`, `fuzz`, `gradient`, `bounds`, `input-split`, `relu-split`, `milp`, `smt` or
    /// `portfolio`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Procedure::Auto => "auto",
            Procedure::Fuzz => "fuzz",
            Procedure::Gradient => "gradient",
            Procedure::Bounds => "bounds",
            Procedure::InputSplit => "input-split",
            Procedure::ReluSplit => "relu-split",
            Procedure::Milp => "milp",
            Procedure::Smt => "smt",
            Procedure::Portfolio => "portfolio",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Procedure> {
        Procedure::ALL.into_iter().find(|procedure| procedure.name() == name)
    }

    /// Whether it answers every question sooner or later, but for those that only rounding leaves open.
    #[must_use]
    pub fn is_complete(self) -> bool {
        !matches!(self, Procedure::Fuzz | Procedure::Gradient | Procedure::Bounds)
    }
}

/// Why there is no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The budget ran out; another call goes on.
    Stopped(Stop),
    /// Parts of the box are so small that no number lies between their ends, and what bounds are left is within rounding.
    Rounding,
    /// The procedure does not decide it.
    Incomplete,
    /// An input without a bound on one side: there is no box to look in.
    Unbounded,
}

impl Reason {
    /// One word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Reason::Stopped(Stop::Time) => "time",
            Reason::Stopped(Stop::Work) => "work",
            Reason::Stopped(Stop::Conflicts) => "conflicts",
            Reason::Stopped(Stop::Interrupted) => "interrupted",
            Reason::Stopped(Stop::Callback(_)) => "callback",
            Reason::Stopped(Stop::Incomplete) => "incomplete",
            Reason::Rounding => "rounding",
            Reason::Incomplete => "incomplete",
            Reason::Unbounded => "unbounded",
        }
    }
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// No real input has the property, in real arithmetic over the stored weights.
    Unsat,
    /// This one has it, in 32 and in 64 bits.
    Sat(Witness),
    /// Neither is known.
    Unknown(Reason),
}

/// How to go about it.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which procedure.
    pub procedure: Procedure,
    /// How many threads work on subproblems, at least 1.
    pub threads: usize,
    /// Subproblems bounded together.
    pub batch: usize,
    /// How neurons of a whole box are bounded before neurons are split.
    pub(crate) refine: alpha::Options,
    /// How subproblems are bounded when neurons are split.
    pub(crate) effort: Effort,
    /// The attack on every disjunct before it is split.
    pub attack: attack::Options,
    /// Which procedures a portfolio has; those that suit the question where none is named.
    pub procedures: Vec<Procedure>,
    /// Work of one share of the portfolio's first round; procedures have from one share to some hundred.
    pub slice: u64,
    /// Whether [`Procedure::Auto`] attacks: not where another procedure did.
    pub(crate) attack_first: bool,
}

impl Options {
    /// The defaults, with this procedure.
    #[must_use]
    pub fn new(procedure: Procedure) -> Self {
        Options { procedure, ..Options::default() }
    }
}

impl Default for Options {
    fn default() -> Self {
        Options {
            procedure: Procedure::Auto,
            threads: 1,
            batch: 16,
            refine: alpha::Options { iterations: 20, ..alpha::Options::default() },
            effort: Effort::default(),
            attack: attack::Options { round: true, ..attack::Options::default() },
            procedures: Vec::new(),
            slice: 1 << 15,
            attack_first: true,
        }
    }
}

/// What was done. With one thread the same input, options, seed and work limits give the same numbers, but for seconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Statistics {
    /// Disjuncts looked at.
    pub disjuncts: u64,
    /// Subproblems bounded.
    pub bounded: u64,
    /// Of these, those that were bounded and split as boxes; in the others neurons were split.
    pub boxes: u64,
    /// Subproblems closed.
    pub closed: u64,
    /// Lemmas learned from closed subproblems: signs of neurons that no witness has together.
    pub lemmas: u64,
    /// Subproblems, and sides of neurons that would have been tried, that lemmas excluded.
    pub excluded: u64,
    /// How many disjuncts they make up, were every split even: a measure of how far the proof has come.
    pub covered: f64,
    /// Subproblems open now.
    pub open: u64,
    /// At every point of those open and stuck some halfspace of the disjunct is missed by at least so much; -infinity where
    /// nothing is known of one yet, 0 where there is none.
    pub bound: f64,
    /// Boxes that cannot be split any more and are not closed.
    pub stuck: u64,
    /// Splits that made the deepest subproblem so far.
    pub depth: u64,
    /// Points at which the network was evaluated to find a witness.
    pub evaluations: u64,
    /// Points at which gradients were taken.
    pub gradients: u64,
    /// Points that looked like witnesses and were checked.
    pub replays: u64,
    /// Work of the budgets that were given.
    pub work: u64,
    /// Wall-clock seconds of attacks.
    pub attack_seconds: f64,
    /// Seconds of bounding and splitting, all threads together.
    pub split_seconds: f64,
}

impl Statistics {
    /// What [`Statistics::entries`] has: name and meaning.
    pub const NAMES: [(&'static str, &'static str); 17] = [
        ("disjuncts", "disjuncts looked at"),
        ("bounded", "subproblems bounded"),
        ("boxes", "of these, those that were split as boxes and not by neurons"),
        ("closed", "subproblems closed"),
        ("lemmas", "lemmas learned: signs of neurons that no witness has together"),
        ("excluded", "subproblems and sides of neurons that lemmas excluded"),
        ("covered", "how many disjuncts they make up, were every split even"),
        ("open", "subproblems open now"),
        ("bound", "what is proved of all that is open: some halfspace of its disjunct is missed by at least so much"),
        ("stuck", "boxes that cannot be split any more and are not closed"),
        ("depth", "splits that made the deepest subproblem so far"),
        ("evaluations", "points at which the network was evaluated to find a witness"),
        ("gradients", "points at which gradients were taken"),
        ("replays", "points that looked like witnesses and were checked"),
        ("work", "work of the budgets that were given"),
        ("attack_seconds", "wall-clock seconds of attacks"),
        ("split_seconds", "seconds of bounding and splitting, all threads together"),
    ];

    /// All of it by name.
    #[must_use]
    pub fn entries(&self) -> [(&'static str, f64); 17] {
        let values = [
            self.disjuncts as f64,
            self.bounded as f64,
            self.boxes as f64,
            self.closed as f64,
            self.lemmas as f64,
            self.excluded as f64,
            self.covered,
            self.open as f64,
            self.bound,
            self.stuck as f64,
            self.depth as f64,
            self.evaluations as f64,
            self.gradients as f64,
            self.replays as f64,
            self.work as f64,
            self.attack_seconds,
            self.split_seconds,
        ];
        std::array::from_fn(|index| (Self::NAMES[index].0, values[index]))
    }

    /// Without seconds: what two equal runs agree on.
    #[must_use]
    pub fn without_seconds(self) -> Self {
        Statistics { attack_seconds: 0.0, split_seconds: 0.0, ..self }
    }

    /// Adds the counts of another procedure.
    pub(super) fn add(&mut self, other: &Statistics) {
        self.disjuncts += other.disjuncts;
        self.bounded += other.bounded;
        self.boxes += other.boxes;
        self.closed += other.closed;
        self.lemmas += other.lemmas;
        self.excluded += other.excluded;
        self.covered += other.covered;
        self.open += other.open;
        self.stuck += other.stuck;
        self.depth = self.depth.max(other.depth);
        self.evaluations += other.evaluations;
        self.gradients += other.gradients;
        self.replays += other.replays;
        self.work += other.work;
        self.attack_seconds += other.attack_seconds;
        self.split_seconds += other.split_seconds;
    }

    /// Adds what attacks did.
    pub(super) fn attacked(&mut self, attack: &attack::Statistics) {
        self.evaluations += attack.evaluations;
        self.gradients += attack.gradients;
        self.replays += attack.replays;
        self.attack_seconds += attack.seconds;
    }
}
