//! The search over choices.
//!
//! What has to hold is a list of halfspaces, asserted so far, and a list of choices; the first `depth` of them are made.
//! Making one appends to both lists, going back truncates them. So the state is one path, whatever the tree.

use std::sync::Arc;

use super::bounds::{Bounds, Cut};
use super::{CanonicalError, LOOK_AHEAD, Statistics};
use crate::budget::{Budget, Stop};
use crate::net::property::Property;
use crate::net::property::formula::{Comparison, Node, push};

/// A node that holds, or one that does not.
type Literal = (u32, bool);

/// Something of which one alternative has to hold.
#[derive(Debug, Clone, Copy)]
enum Choice {
    /// A disjunction that holds or a conjunction that does not: one of its children.
    Any(Literal),
    /// An if-then-else: the condition with one branch, or its negation with the other.
    Branch(Literal),
    /// An atom's two sides differ: one is less than the other.
    Apart(u32),
}

/// A choice that is made.
#[derive(Debug, Clone, Copy)]
struct Made {
    /// The alternative to be tried next.
    next: u32,
    rows: usize,
    choices: usize,
    bounds: usize,
}

/// Work counted before the budget is asked.
const BATCH: u64 = 256;

/// Nodes that a look ahead visits in each alternative.
const LOOK: usize = 64;

pub(super) struct Search {
    property: Arc<Property>,
    pub(super) bounds: Bounds,
    /// Atoms asserted, each as an inequality; but those of which the box says all.
    pub(super) rows: Vec<(u32, Comparison)>,
    choices: Vec<Choice>,
    /// The first choices are made.
    made: Vec<Made>,
    /// Work space.
    open: Vec<Literal>,
    /// Whether the assertions have been entered.
    started: bool,
    /// Whether the last alternative was entered, and the choices after it are to be made.
    deeper: bool,
    finished: bool,
    /// The atom that contradicts what is asserted beside all choices.
    contradiction: Option<u32>,
    /// Work not yet spent.
    work: u64,
}

/// Why an alternative was not entered.
enum Refusal {
    /// Of the intervals; the atom that met it, where it was one.
    Contradiction(Option<u32>),
    Error(CanonicalError),
}

impl<E: Into<CanonicalError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Refusal::Error(error.into())
    }
}

impl Search {
    pub fn new(property: Arc<Property>) -> Self {
        Search {
            property,
            bounds: Bounds::default(),
            rows: Vec::new(),
            choices: Vec::new(),
            made: Vec::new(),
            open: Vec::new(),
            started: false,
            deeper: false,
            finished: false,
            contradiction: None,
            work: 0,
        }
    }

    pub fn property(&self) -> &Arc<Property> {
        &self.property
    }

    /// The first variable of the atom that contradicts what is asserted beside all choices.
    pub fn contradiction(&self) -> Option<usize> {
        let atom = self.property.formula().atom(self.contradiction?);
        atom.columns.first().map(|&column| column as usize)
    }

    /// Goes to the next path on which every choice is made; `false` where there is none. Where it fails, it can be
    /// called again.
    pub fn advance(&mut self, statistics: &mut Statistics, budget: &Budget) -> Result<bool, CanonicalError> {
        if self.finished {
            return Ok(false);
        }
        if !self.started {
            let property = Arc::clone(&self.property);
            self.bounds = Bounds::new(property.num_inputs() + property.num_outputs(), budget)?;
            match self.enter(property.formula().assertions().iter().map(|&root| (root, true)), budget) {
                Ok(()) => (self.started, self.deeper) = (true, true),
                Err(Refusal::Contradiction(atom)) => {
                    statistics.dropped_by_interval += 1;
                    self.finished = true;
                    self.contradiction = atom;
                    return Ok(false);
                }
                Err(Refusal::Error(error)) => {
                    self.back(0, 0, 0);
                    return Err(error);
                }
            }
        }
        loop {
            if self.deeper {
                if self.made.len() == self.choices.len() {
                    self.deeper = false;
                    return Ok(true);
                }
                if self.doomed() {
                    statistics.dropped_by_interval += 1;
                } else {
                    let (rows, choices, bounds) = (self.rows.len(), self.choices.len(), self.bounds.mark());
                    push(&mut self.made, Made { next: 0, rows, choices, bounds })?;
                }
                self.deeper = false;
            }
            let Some(&made) = self.made.last() else {
                self.finished = true;
                return Ok(false);
            };
            self.back(made.rows, made.choices, made.bounds);
            // Asked while an alternative is still untried, so that none is lost where the budget stops.
            self.spend(1, budget)?;
            let choice = self.choices[self.made.len() - 1];
            let Some(literals) = self.alternative(choice, made.next) else {
                self.made.pop();
                continue;
            };
            let answer = match literals {
                Alternative::Nodes(literals) => self.enter(literals.into_iter().flatten(), budget),
                Alternative::Side(atom, comparison) => self.assert(atom, comparison),
            };
            match answer {
                Ok(()) => {
                    statistics.nodes += 1;
                    self.deeper = true;
                }
                Err(Refusal::Contradiction(_)) => statistics.dropped_by_interval += 1,
                Err(Refusal::Error(error)) => return Err(error),
            }
            if let Some(made) = self.made.last_mut() {
                made.next += 1;
            }
        }
    }

    fn spend(&mut self, work: u64, budget: &Budget) -> Result<(), Stop> {
        self.work += work;
        if self.work >= BATCH { budget.spend(std::mem::take(&mut self.work)) } else { Ok(()) }
    }

    fn back(&mut self, rows: usize, choices: usize, bounds: usize) {
        self.rows.truncate(rows);
        self.choices.truncate(choices);
        self.bounds.back(bounds);
    }

    /// The alternative of this number, if there is one.
    fn alternative(&self, choice: Choice, number: u32) -> Option<Alternative> {
        let formula = self.property.formula();
        match choice {
            Choice::Any((node, holds)) => {
                let (Node::And(range) | Node::Or(range)) = formula.node(node) else { return None };
                let child = *formula.children(range).get(number as usize)?;
                Some(Alternative::Nodes([Some((child, holds)), None]))
            }
            Choice::Branch((node, holds)) => {
                let Node::Choose([condition, yes, no]) = formula.node(node) else { return None };
                let (truth, branch) = *[(true, yes), (false, no)].get(number as usize)?;
                Some(Alternative::Nodes([Some((condition, truth)), Some((branch, holds))]))
            }
            Choice::Apart(atom) => {
                let side = *[Comparison::Less, Comparison::Greater].get(number as usize)?;
                Some(Alternative::Side(atom, side))
            }
        }
    }

    /// Asserts literals: halfspaces go to the rows, choices to the choices.
    fn enter(&mut self, literals: impl Iterator<Item = Literal>, budget: &Budget) -> Result<(), Refusal> {
        let property = Arc::clone(&self.property);
        let formula = property.formula();
        self.open.clear();
        for literal in literals {
            push(&mut self.open, literal)?;
        }
        self.open.reverse();
        while let Some((node, holds)) = self.open.pop() {
            self.spend(1, budget)?;
            match formula.node(node) {
                Node::True | Node::False => {
                    if (formula.node(node) == Node::True) != holds {
                        return Err(Refusal::Contradiction(None));
                    }
                }
                Node::Not(child) => push(&mut self.open, (child, !holds))?,
                Node::Choose(_) => push(&mut self.choices, Choice::Branch((node, holds)))?,
                Node::And(range) | Node::Or(range) => {
                    let children = formula.children(range);
                    if matches!(formula.node(node), Node::And(_)) == holds || children.len() == 1 {
                        for &child in children.iter().rev() {
                            push(&mut self.open, (child, holds))?;
                        }
                    } else {
                        push(&mut self.choices, Choice::Any((node, holds)))?;
                    }
                }
                Node::Atom(atom) => {
                    let comparison = formula.atom(atom).comparison;
                    match if holds { comparison } else { comparison.negated() } {
                        Comparison::Equal => {
                            self.assert(atom, Comparison::LessOrEqual)?;
                            self.assert(atom, Comparison::GreaterOrEqual)?;
                        }
                        Comparison::NotEqual => push(&mut self.choices, Choice::Apart(atom))?,
                        inequality => self.assert(atom, inequality)?,
                    }
                }
            }
        }
        Ok(())
    }

    /// Asserts an atom under an inequality.
    fn assert(&mut self, atom: u32, comparison: Comparison) -> Result<(), Refusal> {
        let row = self.property.formula().atom(atom);
        let (possible, in_box) = match row.columns.len() {
            0 => (row.constant(comparison), true),
            1 => {
                let cut = Cut::of(&row, comparison);
                // Most atoms are of this kind: their rows would only make every disjunct slower.
                let in_box = cut.exact && !cut.end.open && (cut.column as usize) < self.property.num_inputs();
                (self.bounds.cut(&cut)?, in_box)
            }
            _ => (!self.bounds.refute(&row, comparison), false),
        };
        if !possible {
            return Err(Refusal::Contradiction(Some(atom)));
        }
        if !in_box {
            push(&mut self.rows, (atom, comparison))?;
        }
        Ok(())
    }

    /// Whether one of the choices to be made next has no alternative left.
    fn doomed(&mut self) -> bool {
        let mut open = std::mem::take(&mut self.open);
        let mut looked = 0;
        let pending = &self.choices[self.made.len()..];
        let doomed = pending.iter().take(LOOK_AHEAD).any(|&choice| {
            let mut numbers = (0..).map_while(|number| self.alternative(choice, number)).take(LOOK);
            let mut count = 0;
            let refuted = numbers.all(|alternative| {
                count += 1;
                self.refuted(alternative, &mut open, &mut looked)
            });
            // With more alternatives than were looked at, nothing is known.
            refuted && count < LOOK
        });
        self.work += looked;
        self.open = open;
        doomed
    }

    /// Whether an alternative contradicts the intervals, as far as a look at a few of its nodes tells.
    fn refuted(&self, alternative: Alternative, open: &mut Vec<Literal>, looked: &mut u64) -> bool {
        let formula = self.property.formula();
        let impossible = |atom: u32, comparison: Comparison| {
            let row = formula.atom(atom);
            match row.columns.len() {
                0 => !row.constant(comparison),
                1 => self.bounds.contradicts(&Cut::of(&row, comparison)),
                _ => self.bounds.refute(&row, comparison),
            }
        };
        let literals = match alternative {
            Alternative::Side(atom, comparison) => {
                *looked += 1;
                return impossible(atom, comparison);
            }
            Alternative::Nodes(literals) => literals,
        };
        open.clear();
        open.extend(literals.into_iter().flatten());
        for _ in 0..LOOK {
            let Some((node, holds)) = open.pop() else { return false };
            *looked += 1;
            match formula.node(node) {
                Node::True | Node::False => {
                    if (formula.node(node) == Node::True) != holds {
                        return true;
                    }
                }
                Node::Not(child) => open.push((child, !holds)),
                Node::Choose(_) => {}
                Node::And(range) | Node::Or(range) => {
                    let children = formula.children(range);
                    if matches!(formula.node(node), Node::And(_)) == holds || children.len() == 1 {
                        open.extend(children.iter().take(LOOK).map(|&child| (child, holds)));
                    }
                }
                Node::Atom(atom) => {
                    let comparison = formula.atom(atom).comparison;
                    let refuted = match if holds { comparison } else { comparison.negated() } {
                        Comparison::Equal => {
                            impossible(atom, Comparison::LessOrEqual) || impossible(atom, Comparison::GreaterOrEqual)
                        }
                        Comparison::NotEqual => false,
                        inequality => impossible(atom, inequality),
                    };
                    if refuted {
                        return true;
                    }
                }
            }
        }
        false
    }
}

/// What has to hold under an alternative.
enum Alternative {
    Nodes([Option<Literal>; 2]),
    /// An atom under a strict inequality.
    Side(u32, Comparison),
}
