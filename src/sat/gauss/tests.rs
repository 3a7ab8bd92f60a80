//! A search that is no search: decisions, literals from elsewhere and backtracking at random, and after every step what
//! was said is held against an elimination from scratch.

use super::*;
use crate::sat::propagator::Pending;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng};

struct Draw(Xoshiro256PlusPlus);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        (self.0.next_u64() >> 11) as usize % bound
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// Variables `1..=254`; bit 0 is the right side.
type Row = [u64; 4];

fn bit(row: &Row, i: usize) -> bool {
    row[i / 64] >> (i % 64) & 1 == 1
}

fn flip(row: &mut Row, i: usize) {
    row[i / 64] ^= 1 << (i % 64);
}

fn row_of(literals: &[i32], odd: bool) -> Row {
    let mut row = [u64::from(odd), 0, 0, 0];
    for &literal in literals {
        flip(&mut row, literal.unsigned_abs() as usize);
        row[0] ^= u64::from(literal < 0);
    }
    row
}

/// The first variable of a row.
fn first(row: &Row) -> Option<usize> {
    let variables = [row[0] & !1, row[1], row[2], row[3]];
    let word = variables.iter().position(|&w| w != 0)?;
    Some(64 * word + variables[word].trailing_zeros() as usize)
}

/// Reduced rows with their pivots, or `None` where they contradict each other.
fn eliminate(rows: &[Row]) -> Option<Vec<(usize, Row)>> {
    let mut reduced: Vec<(usize, Row)> = Vec::new();
    for row in rows {
        let mut row = *row;
        for (pivot, other) in &reduced {
            if bit(&row, *pivot) {
                (0..4).for_each(|i| row[i] ^= other[i]);
            }
        }
        let Some(pivot) = first(&row) else {
            if row[0] & 1 == 1 {
                return None;
            }
            continue;
        };
        for (_, other) in &mut reduced {
            if bit(other, pivot) {
                (0..4).for_each(|i| other[i] ^= row[i]);
            }
        }
        reduced.push((pivot, row));
    }
    Some(reduced)
}

/// The literals that follow, those of `units` and more.
fn implied(rows: &[Row], units: &[i32]) -> Option<Vec<i32>> {
    let mut all = rows.to_vec();
    all.extend(units.iter().map(|&l| row_of(&[l], true)));
    let reduced = eliminate(&all)?;
    let ones = |r: &Row| r.iter().map(|w| w.count_ones()).sum::<u32>() - (r[0] & 1) as u32;
    let single = reduced.iter().filter(|(_, r)| ones(r) == 1);
    Some(single.map(|(p, r)| if bit(r, 0) { *p as i32 } else { -(*p as i32) }).collect())
}

struct Driver {
    draw: Draw,
    gauss: Gauss,
    rows: Vec<(u32, Row)>,
    trail: Trail,
    queue: Queue,
    /// What was propagated and may still be explained, oldest first.
    told: Vec<(i32, u32)>,
    variables: usize,
    /// Elimination is expected to be complete.
    complete: bool,
    reasons: usize,
    conflicts: usize,
}

impl Driver {
    fn new(seed: u64, variables: usize, complete: bool) -> Self {
        let mut trail = Trail::default();
        trail.resize(variables as u32);
        let mut gauss = Gauss::new();
        if !complete {
            gauss.set_matrix_limit(0);
        }
        Driver {
            draw: Draw(Xoshiro256PlusPlus::seed_from_u64(seed)),
            gauss,
            rows: Vec::new(),
            trail,
            queue: Queue::default(),
            told: Vec::new(),
            variables,
            complete,
            reasons: 0,
            conflicts: 0,
        }
    }

    fn literal(&mut self) -> i32 {
        let variable = 1 + self.draw.below(self.variables) as i32;
        if self.draw.one_in(2) { variable } else { -variable }
    }

    fn add(&mut self, length: usize) {
        let literals: Vec<i32> = (0..length).map(|_| self.literal()).collect();
        let odd = self.draw.one_in(2);
        let id = self.gauss.add(&literals, odd).unwrap();
        assert!(self.rows.iter().all(|r| r.0 != id));
        self.rows.push((id, row_of(&literals, odd)));
    }

    fn system(&self) -> Vec<Row> {
        self.rows.iter().map(|r| r.1).collect()
    }

    fn root(&self) -> &[i32] {
        &self.trail.literals()[..self.trail.start(1)]
    }

    /// Asks for the reason of a literal, and holds it against what the contract says.
    fn explain(&mut self, literal: i32, tag: u32) {
        let mut clause = vec![];
        let horizon = self.trail.horizon(literal);
        self.gauss.explain(literal, tag, &self.trail, &mut clause).unwrap();
        self.reasons += 1;
        assert!(clause.contains(&literal));
        for &other in clause.iter().filter(|&&l| l != literal) {
            assert_eq!(self.trail.value(other), -1, "{other} of {clause:?}");
            assert!(self.trail.position(other) < horizon, "{other} of {clause:?}");
        }
        let mut facts = self.root().to_vec();
        if self.trail.value(literal) > 0 && horizon < facts.len() {
            facts.truncate(horizon); // not by itself
        }
        facts.extend(clause.iter().map(|l| -l));
        assert_eq!(implied(&self.system(), &facts), None, "{clause:?} does not follow");
    }

    fn backtrack(&mut self, level: usize) {
        let length = self.trail.start(level + 1);
        self.gauss.backtrack(&self.trail, length);
        self.trail.backtrack(level);
        self.queue.found.clear();
        let trail = &self.trail;
        self.told.retain(|t| trail.value(t.0) > 0);
    }

    /// Propagates to the fixpoint. Answers false where that ended at level 0 with a contradiction.
    fn propagate(&mut self) -> bool {
        loop {
            self.gauss.propagate(&self.trail, &mut self.queue).unwrap();
            if self.queue.found.is_empty() {
                // A contradiction without a variable cannot be told.
                return !self.gauss.is_contradictory() || !self.gauss.variables().unwrap().is_empty();
            }
            while let Some((literal, tag)) = self.queue.found.pop_front() {
                match self.trail.value(literal) {
                    1 => continue,
                    0 => {
                        if self.draw.one_in(4) {
                            self.explain(literal, tag);
                        }
                        self.trail.push(literal);
                        self.told.push((literal, tag));
                    }
                    _ => {
                        self.explain(literal, tag);
                        self.conflicts += 1;
                        if self.trail.level() == 0 {
                            assert_eq!(implied(&self.system(), self.root()), None);
                            return false;
                        }
                        let level = self.draw.below(self.trail.level());
                        self.backtrack(level);
                        // As a learned clause would do. Never beyond what the rows say: at level 0 that stays.
                        if level > 0 && self.draw.one_in(2) {
                            self.push_any();
                        }
                        break;
                    }
                }
                if self.trail.level() > 0 && self.draw.one_in(5) {
                    self.push_any(); // by a clause
                }
                if self.draw.one_in(3) {
                    let told = self.told.get(self.draw.below(self.told.len().max(1))).copied();
                    if let Some((literal, tag)) = told {
                        self.explain(literal, tag);
                    }
                }
                if self.draw.one_in(4) {
                    // Asked before all is assigned that was found.
                    self.gauss.propagate(&self.trail, &mut self.queue).unwrap();
                }
            }
        }
    }

    fn push_any(&mut self) {
        let literal = self.literal();
        self.trail.push(literal);
    }

    fn check(&mut self) {
        let follows = implied(&self.system(), self.trail.literals());
        if self.complete {
            let follows = follows.expect("a contradiction was not found");
            assert!(follows.iter().all(|&l| self.trail.value(l) > 0), "{follows:?}");
        } else {
            for (_, row) in &self.rows {
                let follows = implied(&[*row], self.trail.literals()).expect("a violated row was not found");
                assert!(follows.iter().all(|&l| self.trail.value(l) > 0), "{follows:?}");
            }
        }
        self.gauss.matrices.iter().for_each(|m| m.check());
        let all = self.told.clone();
        if self.draw.one_in(8) {
            all.into_iter().for_each(|(literal, tag)| self.explain(literal, tag));
        }
        if (1..=self.variables).all(|v| self.trail.value(v as i32) != 0) && follows_exactly(self) {
            assert!(takes(&mut self.gauss, &self.trail).0);
        }
    }

    fn decide(&mut self) {
        self.trail.new_level();
        // Sometimes a variable that nobody observes.
        if !self.draw.one_in(6) {
            for _ in 0..50 {
                let literal = self.literal();
                if self.trail.value(literal) == 0 {
                    self.trail.push(literal);
                    break;
                }
            }
        }
        while self.draw.one_in(3) {
            self.push_any();
        }
    }

    /// Searches for so many steps; false where the system became contradictory.
    fn run(&mut self, steps: usize) -> bool {
        for _ in 0..steps {
            if !self.propagate() {
                return false;
            }
            self.check();
            if self.trail.level() > 0 && self.draw.one_in(4) {
                let level = self.draw.below(self.trail.level());
                self.backtrack(level);
            } else {
                self.decide();
            }
        }
        self.backtrack(0);
        true
    }
}

/// Whether the assignment is taken, and how many clauses were given against it.
fn takes(gauss: &mut Gauss, trail: &Trail) -> (bool, usize) {
    let mut clauses = Pending::default();
    let mut found = Found { fetch: &mut |_| {}, model: &mut vec![], clauses: &mut clauses, back: &mut None };
    (gauss.check_model(trail, &mut found).unwrap(), clauses.len())
}

fn follows_exactly(driver: &Driver) -> bool {
    implied(&driver.system(), driver.trail.literals()).is_some()
}

/// Systems of all densities, between one word and four, changed between searches.
fn random_systems(complete: bool, seeds: std::ops::Range<u64>) -> (usize, usize, Statistics) {
    let (mut reasons, mut conflicts) = (0, 0);
    let mut total = Statistics::default();
    for seed in seeds {
        let mut size = Draw(Xoshiro256PlusPlus::seed_from_u64(!seed));
        let variables = if size.one_in(8) { 60 + size.below(190) } else { 1 + size.below(24) };
        let mut driver = Driver::new(seed, variables, complete);
        let most = if size.one_in(3) { variables } else { 5 };
        let longest = 1 + size.below(most);
        for _ in 0..3 {
            let rows = size.below(variables + 2);
            for _ in 0..rows {
                let length = size.below(longest + 1).max(usize::from(!size.one_in(40)));
                driver.add(length);
            }
            // Contradictions are found too, but are soon over.
            while implied(&driver.system(), driver.root()).is_none() && !size.one_in(20) {
                let (id, _) = driver.rows.swap_remove(size.below(driver.rows.len()));
                assert!(driver.gauss.remove(id));
            }
            driver.told.clear();
            if !driver.run(if variables > 24 { 40 } else { 25 }) {
                break;
            }
            while !driver.rows.is_empty() && size.one_in(2) {
                let (id, _) = driver.rows.swap_remove(size.below(driver.rows.len()));
                assert!(driver.gauss.remove(id));
            }
        }
        reasons += driver.reasons;
        conflicts += driver.conflicts;
        let s = driver.gauss.statistics();
        total.propagations += s.propagations;
        total.eliminations += s.eliminations;
        total.builds += s.builds;
        total.late += s.late;
        total.matrices += s.matrices;
        total.sparse += s.sparse;
    }
    (reasons, conflicts, total)
}

#[test]
fn everything_that_follows_is_found_and_explained() {
    let (reasons, conflicts, s) = random_systems(true, 0..1000);
    assert!(reasons > 40_000 && conflicts > 700 && s.builds > 2000, "{reasons} {conflicts} {s:?}");
    assert!(s.propagations > 20_000 && s.eliminations > 300_000 && s.matrices > 200 && s.sparse > 200, "{s:?}");
    assert_eq!(s.late, 0);
}

#[test]
fn without_elimination_every_row_is_propagated() {
    let (reasons, conflicts, s) = random_systems(false, 10_000..12_000);
    assert!(reasons > 20_000 && conflicts > 1_000, "{reasons} {conflicts} {s:?}");
    assert_eq!((s.eliminations, s.matrices, s.late), (0, 0, 0));
}

#[test]
#[ignore = "two minutes: make test-long"]
fn everything_that_follows_is_found_and_explained_in_many_systems() {
    let (_, _, s) = random_systems(true, 100_000..120_000);
    assert_eq!(s.late, 0);
    random_systems(false, 200_000..220_000);
}
