//! Unit propagation over pseudo-Boolean constraints, by counters.
//!
//! Each row knows its slack: how much its literals that are not false exceed the degree by. A literal whose weight
//! exceeds the slack must be true; below zero there is a conflict. What holds without assumptions (the root) is kept
//! from one check to the next, and drawn anew after a row it leans on is deleted.

use std::rc::Rc;

use super::constraint::{Constraint, Lit};
use super::int::Int;

#[derive(Clone, Debug)]
struct Row {
    constraint: Rc<Constraint>,
    /// Over the literals whose being false has been told to the rows.
    slack: Int,
    largest: Int,
    live: bool,
    /// It stands on the lists.
    attached: bool,
    /// Something at the root leans on it.
    is_reason: bool,
}

/// Rows, and what follows from them.
#[derive(Clone, Debug, Default)]
pub struct Propagator {
    rows: Vec<Row>,
    /// By literal: row and place of the term there. Dead rows are dropped in passing.
    occurs: Vec<Vec<(u32, u32)>>,
    /// By literal.
    holds: Vec<bool>,
    trail: Vec<Lit>,
    /// How much of the trail the rows have been told.
    told: usize,
    conflict: bool,
    /// Rows that are new, by number.
    fresh: Vec<usize>,
    /// What holds at the root must be drawn anew.
    stale: bool,
    assuming: bool,
}

/// What to go back to.
#[derive(Clone, Copy)]
pub struct Mark(usize);

impl Propagator {
    pub fn holds(&self, lit: Lit) -> bool {
        self.holds.get(lit.slot()).is_some_and(|&value| value)
    }

    pub fn trail(&self) -> &[Lit] {
        &self.trail
    }

    /// Adds a row, and answers its number. Nothing is drawn from it until [`Self::settle`].
    pub fn insert(&mut self, constraint: Rc<Constraint>) -> usize {
        let number = self.rows.len();
        let largest = constraint.terms.iter().map(|(_, weight)| weight).max().cloned().unwrap_or(Int::ZERO);
        self.rows.push(Row { constraint, slack: Int::ZERO, largest, live: true, attached: false, is_reason: false });
        self.fresh.push(number);
        number
    }

    /// Takes a row out, and with it all that leans on it.
    pub fn remove(&mut self, number: usize) {
        let row = &mut self.rows[number];
        row.live = false;
        self.stale |= row.is_reason || self.conflict;
        row.constraint = Rc::new(Constraint { terms: Vec::new(), degree: Int::ZERO });
    }

    /// Draws all that follows at the root. False when that is contradictory.
    pub fn settle(&mut self) -> bool {
        if self.stale {
            self.stale = false;
            self.conflict = false;
            self.undo(Mark(0));
            self.rows.iter_mut().for_each(|row| row.is_reason = false);
            for number in 0..self.rows.len() {
                if self.rows[number].attached && !(self.draw(number) && self.propagate()) {
                    break;
                }
            }
        }
        while !self.conflict
            && let Some(number) = self.fresh.pop()
        {
            if self.rows[number].live {
                self.attach(number);
                let _ = self.draw(number) && self.propagate();
            }
        }
        !self.conflict
    }

    /// Begins assumptions; the root is settled and free of conflict.
    pub fn mark(&mut self) -> Mark {
        assert!(!self.conflict && !self.stale && self.fresh.is_empty(), "the root is settled");
        self.assuming = true;
        Mark(self.trail.len())
    }

    /// Takes back everything since `mark`.
    pub fn undo(&mut self, mark: Mark) {
        while self.trail.len() > mark.0 {
            let Some(lit) = self.trail.pop() else { break };
            if self.trail.len() < self.told {
                self.told = self.trail.len();
                for &(row, place) in &self.occurs[lit.negated().slot()] {
                    let row = &mut self.rows[row as usize];
                    if row.live {
                        row.slack = row.slack.plus(&row.constraint.terms[place as usize].1);
                    }
                }
            }
            self.holds[lit.slot()] = false;
        }
    }

    /// Ends assumptions.
    pub fn back(&mut self, mark: Mark) {
        self.undo(mark);
        self.conflict = false;
        self.assuming = false;
    }

    /// Whether the constraint, on top of what holds, leads to a conflict. With `keep` it and what follows stay until
    /// [`Self::forget`].
    pub fn refutes(&mut self, constraint: Constraint, keep: bool) -> bool {
        let mark = Mark(self.trail.len());
        let number = self.insert(Rc::new(constraint));
        self.fresh.pop();
        self.attach(number);
        let consistent = self.draw(number) && self.propagate();
        if !keep {
            self.undo(mark);
            self.conflict = false;
            self.forget();
        }
        !consistent
    }

    /// Takes the last row out; what follows from it has been undone.
    pub fn forget(&mut self) {
        let row = self.rows.pop().expect("a row was assumed");
        for (lit, _) in &row.constraint.terms {
            self.occurs[lit.slot()].pop();
        }
    }

    /// Makes the literal true. False when it is false.
    pub fn assume(&mut self, lit: Lit) -> bool {
        self.grow(lit);
        if self.holds(lit.negated()) {
            return false;
        }
        self.set(lit);
        true
    }

    /// The live rows with the variable, without the one that was assumed last.
    pub fn rows_with(&self, var: u32) -> impl Iterator<Item = usize> {
        let slots = [2 * var as usize, 2 * var as usize + 1];
        let lists = slots.into_iter().filter_map(|slot| self.occurs.get(slot)).flatten();
        let assumed = self.rows.len() - usize::from(self.assuming);
        lists.map(|&(row, _)| row as usize).filter(move |&row| row < assumed && self.rows[row].live)
    }

    pub fn row(&self, number: usize) -> &Rc<Constraint> {
        &self.rows[number].constraint
    }

    pub fn live_rows(&self) -> impl Iterator<Item = &Rc<Constraint>> {
        self.rows.iter().filter(|row| row.live).map(|row| &row.constraint)
    }

    /// Unit propagation. False on a conflict.
    pub fn propagate(&mut self) -> bool {
        while !self.conflict && self.told < self.trail.len() {
            let falsified = self.trail[self.told].negated();
            self.told += 1;
            let mut places = std::mem::take(&mut self.occurs[falsified.slot()]);
            places.retain(|&(number, place)| {
                let row = &mut self.rows[number as usize];
                if row.live {
                    row.slack = row.slack.minus(&row.constraint.terms[place as usize].1);
                    // After a conflict the counters are still kept, for they are undone alike.
                    if !self.conflict && row.slack < row.largest {
                        self.draw(number as usize);
                    }
                }
                self.rows[number as usize].live
            });
            self.occurs[falsified.slot()] = places;
        }
        !self.conflict
    }

    /// Puts a row on the lists; the rows have been told everything.
    fn attach(&mut self, number: usize) {
        let constraint = Rc::clone(&self.rows[number].constraint);
        let mut slack = constraint.degree.negated();
        for (place, (lit, weight)) in constraint.terms.iter().enumerate() {
            self.grow(*lit);
            self.occurs[lit.slot()].push((number as u32, place as u32));
            if !self.holds(lit.negated()) {
                slack = slack.plus(weight);
            }
        }
        self.rows[number].slack = slack;
        self.rows[number].attached = true;
    }

    /// What one row yields. False on a conflict.
    fn draw(&mut self, number: usize) -> bool {
        let row = &self.rows[number];
        if !row.live || row.slack >= row.largest {
            return true;
        }
        if row.slack < Int::ZERO {
            self.conflict = true;
            return false;
        }
        let constraint = Rc::clone(&row.constraint);
        let slack = row.slack.clone();
        for (lit, weight) in &constraint.terms {
            if *weight > slack && !self.holds(*lit) && !self.holds(lit.negated()) {
                self.set(*lit);
                self.rows[number].is_reason |= !self.assuming;
            }
        }
        true
    }

    fn set(&mut self, lit: Lit) {
        if !self.holds(lit) {
            self.holds[lit.slot()] = true;
            self.trail.push(lit);
        }
    }

    fn grow(&mut self, lit: Lit) {
        let wanted = 2 * lit.var() as usize + 2;
        if self.holds.len() < wanted {
            self.holds.resize(wanted, false);
            self.occurs.resize(wanted, Vec::new());
        }
    }
}
