//! Linear programs in the search: where the formula's inequalities have no point with what is decided, not even a fractional one,
//! multipliers say which of them add up to a contradiction (Farkas). In integers that sum is an inequality like any other: it
//! follows whatever the multipliers are, and where it is violated it is a conflict.
//!
//! Source: J. Devriendt, A. Gleixner, J. Nordström, "Learn to Relax: Integrating 0-1 Integer Linear Programming with
//! Pseudo-Boolean Conflict-Driven Search", Constraints 26, 2021.
//!
//! A program is made when a search has had some conflicts, and asked rarely where it has nothing to say: its iterations are
//! counted against the conflicts. Needs feature `highs`; without it there is none.

#[cfg(feature = "highs")]
pub(super) use with_highs::Relax;

#[cfg(not(feature = "highs"))]
pub(super) use without::Relax;

#[cfg(not(feature = "highs"))]
mod without {
    use super::super::engine::Engine;
    use crate::budget::Budget;

    /// No linear programs.
    #[derive(Debug, Default)]
    pub(in super::super) struct Relax;

    impl Engine {
        /// Whether what is decided is refuted by what then is in [`Engine::learned`].
        pub(in super::super) fn relax(&mut self, _: &Budget) -> bool {
            false
        }

        /// Another search begins.
        pub(in super::super) fn begin_relaxing(&mut self) {}
    }
}

#[cfg(feature = "highs")]
mod with_highs {
    use super::super::engine::Engine;
    use super::super::inequality::Inequality;
    use super::super::{Literal, variable};
    use crate::budget::Budget;
    use crate::milp::{Found, Relaxation};

    /// Conflicts of a search before there is a program.
    const PATIENCE: u64 = 300;
    /// Entries of the largest program.
    const ENTRIES: usize = 200_000;
    /// Iterations of a small program for each conflict, on average: on the first levels, where what is learned says most, and
    /// elsewhere. One of a larger program counts as one more for each so many entries.
    const SHARE: [u64; 2] = [50, 10];
    const SMALL: [usize; 2] = [20_000, 2000];
    /// The last of the first levels.
    const SHALLOW: usize = 2;
    /// Iterations between two questions to the budget, and of one call.
    const SLICE: i32 = 200;
    const MOST: u64 = 20_000;
    /// Conflicts between calls that had nothing to say, at most.
    const GAP: u64 = 2048;
    /// Weights and bounds that doubles hold.
    const EXACT: i128 = 1 << 53;
    /// What multipliers are rounded to where no small numbers fit.
    const SCALE: f64 = (1 << 20) as f64;

    /// A program and when it is asked.
    #[derive(Debug, Default)]
    pub(in super::super) struct Relax {
        rows: Vec<Row>,
        relaxation: Option<Relaxation>,
        /// So many clauses and sums, and variables, there were when it was made.
        made_of: (usize, usize),
        /// At so many conflicts the search began, and it is asked next on the first levels and on others.
        begin: u64,
        due: [u64; 2],
        gap: [u64; 2],
        /// So much was true on level 0 when it was asked there.
        root: usize,
        /// Iterations, and what one counts as.
        iterations: u64,
        price: [u64; 2],
        is_off: bool,
        /// It is asked before each decision: for tests.
        pub is_eager: bool,
    }

    /// An inequality of the formula.
    #[derive(Debug)]
    struct Row {
        terms: Vec<(i128, Literal)>,
        bound: i128,
        /// In the proof.
        number: u64,
    }

    impl Engine {
        /// Another search begins.
        pub(in super::super) fn begin_relaxing(&mut self) {
            let relax = &mut self.relax;
            (relax.begin, relax.due, relax.gap) = (self.conflicts, [self.conflicts + PATIENCE; 2], [1; 2]);
            (relax.root, relax.iterations, relax.is_off) = (usize::MAX, 0, false);
        }

        /// Whether what is decided is refuted by what then is in [`Engine::learned`].
        pub(in super::super) fn relax(&mut self, budget: &Budget) -> bool {
            let (level, relax) = (self.trail.level(), &self.relax);
            let place = usize::from(level > SHALLOW);
            let is_early = self.conflicts < relax.due[place]
                || (level == 0 && relax.root == self.trail.literals.len())
                || relax.iterations * relax.price[place] > SHARE[place] * (self.conflicts - relax.begin);
            if relax.is_off || (is_early && !relax.is_eager) {
                return false;
            }
            let mut relax = std::mem::take(&mut self.relax);
            let mut learned = std::mem::take(&mut self.learned);
            let is_refuted = self.ask(&mut relax, &mut learned, budget);
            if level == 0 {
                relax.root = self.trail.literals.len(); // a point there says nothing about decisions
            } else {
                relax.gap[place] = if is_refuted { 1 } else { (2 * relax.gap[place]).min(GAP) };
                relax.due[place] = self.conflicts + relax.gap[place];
            }
            (self.relax, self.learned) = (relax, learned);
            is_refuted
        }

        fn ask(&self, relax: &mut Relax, learned: &mut Inequality, budget: &Budget) -> bool {
            self.make(relax);
            let Some(relaxation) = &mut relax.relaxation else { return false };
            for v in 0..self.trail.num_vars() {
                let value = self.trail.value(2 * v as Literal);
                relaxation.fix(v, (value != 0).then_some(value > 0));
            }
            let mut spent = 0;
            while spent < MOST && budget.check().is_ok() {
                match relaxation.refute(SLICE) {
                    Ok(Found::Nothing(iterations)) => spent += iterations,
                    Ok(Found::Point(iterations)) => {
                        relax.iterations += iterations + 1;
                        return false;
                    }
                    Ok(Found::Refuted(ray, iterations)) => {
                        relax.iterations += iterations + 1;
                        return self.combine(&relax.rows, &ray, learned);
                    }
                    Err(_) => {
                        relax.is_off = true; // nothing depends on it
                        return false;
                    }
                }
            }
            relax.iterations += spent;
            false
        }

        /// A program of what the formula has now, unless there is one.
        fn make(&self, relax: &mut Relax) {
            let formula = || self.store.usages().filter(|(_, usage)| !usage.is_learned && !usage.is_goal);
            let made_of = (formula().count(), self.trail.num_vars());
            if relax.relaxation.is_some() && relax.made_of == made_of {
                return;
            }
            (relax.relaxation, relax.made_of) = (None, made_of);
            relax.rows.clear();
            let mut entries = 0;
            for (reason, usage) in formula() {
                let mut terms = Vec::new();
                let bound = self.store.each(reason, |weight, literal| terms.push((weight, literal)));
                entries += terms.len();
                if entries > ENTRIES {
                    relax.is_off = true;
                    return;
                }
                if bound < EXACT && terms.iter().map(|term| term.0).sum::<i128>() < EXACT {
                    relax.rows.push(Row { terms, bound, number: usage.number });
                }
            }
            relax.price = SMALL.map(|small| 1 + (entries / small) as u64);
            let rows = relax.rows.iter().map(|row| {
                // w·¬l is w - w·l.
                let below: i128 = row.terms.iter().filter(|term| term.1 & 1 == 1).map(|term| term.0).sum();
                let entry = |&(weight, literal): &(i128, Literal)| {
                    (variable(literal), if literal & 1 == 1 { -weight } else { weight } as f64)
                };
                (row.terms.iter().map(entry).collect(), (row.bound - below) as f64)
            });
            relax.relaxation = Relaxation::new(self.trail.num_vars(), rows, 0).ok();
            relax.is_off = relax.relaxation.is_none();
        }

        /// Adds the rows up in integers; answers whether that is violated.
        fn combine(&self, rows: &[Row], ray: &[f64], learned: &mut Inequality) -> bool {
            let heaviest = ray.iter().copied().fold(0.0, f64::max);
            if !heaviest.is_finite() || heaviest <= 0.0 {
                return false;
            }
            let is_small = |by: &f64| {
                ray.iter().all(|y| {
                    let y = y.max(0.0) / heaviest * by;
                    (y - y.round()).abs() < 1e-6
                })
            };
            let by = (1..=24).map(f64::from).find(is_small).unwrap_or(SCALE);
            learned.clear();
            for (row, y) in rows.iter().zip(ray) {
                // At most SCALE, since no y is more than the heaviest.
                let times = (y.max(0.0) / heaviest * by).round() as i128;
                if times > 0 {
                    row.terms.iter().for_each(|&(weight, literal)| learned.add(weight * times, literal));
                    learned.bound += row.bound * times;
                    learned.note_sum(row.number, times);
                }
            }
            let end = self.trail.literals.len();
            let open = learned.terms().filter(|&(_, literal)| !self.trail.is_false_before(literal, end));
            let most: i128 = open.map(|term| term.0).sum();
            let is_violated = most < learned.bound;
            if is_violated {
                learned.saturate();
            }
            is_violated
        }
    }
}
