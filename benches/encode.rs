//! Constraints into clauses: time and size of each encoding as constraints grow, beside `rustsat`'s where it has the
//! same one, and how long CaDiCaL takes on what comes out. `cargo bench --bench encode [-- sizes | solve [only=PART OF A FAMILY'S NAME]]`
//!
//! An encoding that takes more than 2 GB or 60 s is said to, and is not asked for anything larger. Ratios to the peer
//! are of times in the same run.
#![allow(clippy::print_stdout)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use anser::budget::{Budget, Limits};
use anser::formula::cnf::{self, CardinalityEncoding, Options, PbEncoding};
use anser::formula::{Condition, Formula};
use anser::solve::{Outcome, Solver};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use rustsat::encodings::card::{self, Totalizer};
use rustsat::encodings::pb::{self, BinaryAdder, DynamicPolyWatchdog, GeneralizedTotalizer};
use rustsat::instances::{BasicVarManager, Cnf};
use rustsat::types::{Lit, Var};

const CARDINALITY: [(&str, CardinalityEncoding); 5] = [
    ("auto", CardinalityEncoding::Auto),
    ("sequential counter", CardinalityEncoding::SequentialCounter),
    ("totalizer", CardinalityEncoding::Totalizer),
    ("network", CardinalityEncoding::Network),
    ("adder", CardinalityEncoding::Adder),
];

const PB: [(&str, PbEncoding); 4] = [
    ("auto", PbEncoding::Auto),
    ("generalized totalizer", PbEncoding::GeneralizedTotalizer),
    ("polynomial watchdog", PbEncoding::PolynomialWatchdog),
    ("adder", PbEncoding::Adder),
];

struct Size {
    seconds: f64,
    variables: u64,
    clauses: u64,
    literals: u64,
}

impl Size {
    fn row(&self, what: &str, n: usize, name: &str, before: Option<&Size>) {
        let grown = before.map_or(String::new(), |b| {
            let of = |now: u64, then: u64| now as f64 / then.max(1) as f64;
            format!("x{:.0} time, x{:.0} clauses", self.seconds / b.seconds, of(self.clauses, b.clauses))
        });
        println!(
            "{what:22} {n:7} {name:30} {:10} {:11} {:11} {:10.3} ms  {grown}",
            self.variables,
            self.clauses,
            self.literals,
            self.seconds * 1e3
        );
    }
}

fn ours(formula: &Formula, options: &Options) -> Option<Size> {
    let limits = Limits { memory: Some(2 << 30), time: Some(Duration::from_secs(60)), ..Limits::default() };
    let start = Instant::now();
    let encoded = cnf::encode(formula, options, &Budget::start(&limits)).ok()?;
    let seconds = start.elapsed().as_secs_f64();
    let total = encoded.statistics().total();
    Some(Size { seconds, variables: total.variables, clauses: total.clauses, literals: total.literals })
}

fn negated(n: usize) -> impl Iterator<Item = Lit> {
    (0..n).map(|v| Lit::negative(v as u32))
}

/// What `rustsat` makes of a sum of at most `most` of the negated literals.
fn peer(n: usize, write: impl FnOnce(&mut Cnf, &mut BasicVarManager) -> usize) -> Size {
    let mut variables = BasicVarManager::from_next_free(Var::new(n as u32));
    let mut clauses = Cnf::new();
    let start = Instant::now();
    let enforced = write(&mut clauses, &mut variables);
    let seconds = start.elapsed().as_secs_f64();
    let literals = clauses.iter().map(|c| c.len() as u64).sum::<u64>() + enforced as u64;
    use rustsat::instances::ManageVars;
    Size {
        seconds,
        variables: u64::from(variables.n_used()) - n as u64,
        clauses: (clauses.len() + enforced) as u64,
        literals,
    }
}

fn peer_totalizer(n: usize, k: usize) -> Size {
    use card::{BoundUpper, Encode};
    peer(n, |clauses, variables| {
        let mut totalizer = Totalizer::from_iter(negated(n));
        assert_eq!(totalizer.n_lits(), n);
        totalizer.encode_ub(n - k..=n - k, clauses, variables).expect("memory");
        totalizer.enforce_ub(n - k).expect("encoded").len()
    })
}

fn peer_pb<E>(weights: &[i64], bound: i64) -> Size
where
    E: FromIterator<(Lit, usize)> + pb::BoundUpper,
{
    let n = weights.len();
    let most = (weights.iter().sum::<i64>() - bound) as usize;
    peer(n, |clauses, variables| {
        let mut sum: E = negated(n).zip(weights).map(|(l, &w)| (l, w as usize)).collect();
        sum.encode_ub(most..=most, clauses, variables).expect("memory");
        sum.enforce_ub(most).expect("encoded").len()
    })
}

fn cardinalities() {
    for (what, k_of) in [("at least 10", (|_| 10) as fn(usize) -> usize), ("at least n/2", |n| n / 2)] {
        let mut before: [Option<Size>; CARDINALITY.len()] = Default::default();
        let mut alive = [true; CARDINALITY.len()];
        let mut peer_alive = true;
        for n in [100, 1000, 10_000, 100_000] {
            let k = k_of(n);
            let literals: Vec<i32> = (1..=n as i32).collect();
            let mut formula = Formula::new();
            formula.add_cardinality(&literals, k as i64, Condition::Plain).expect("a constraint");
            let mut totalizer = None;
            for (i, (name, cardinality)) in CARDINALITY.into_iter().enumerate() {
                if !alive[i] {
                    continue;
                }
                match ours(&formula, &Options { cardinality, ..Options::default() }) {
                    Some(size) => {
                        size.row(what, n, name, before[i].as_ref());
                        if cardinality == CardinalityEncoding::Totalizer {
                            totalizer = Some(size.seconds);
                        }
                        before[i] = Some(size);
                    }
                    None => {
                        println!("{what:22} {n:7} {name:30} beyond 2 GB or 60 s");
                        alive[i] = false;
                    }
                }
            }
            // It has no limit: n·k literals of three are what it takes at least.
            peer_alive &= n * k.min(n - k) <= 30_000_000;
            if peer_alive {
                let size = peer_totalizer(n, k);
                size.row(what, n, "rustsat totalizer", None);
                if let Some(ours) = totalizer {
                    println!("{:30} rustsat's totalizer takes {:.1} times as long", "", size.seconds / ours);
                }
            }
        }
    }
}

fn weights(n: usize, most: u64) -> Vec<i64> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
    (0..n).map(|_| (random.next_u64() % most + 1).cast_signed()).collect()
}

fn pseudo_booleans() {
    for most in [8, 1000, 1_000_000] {
        let what = format!("weights up to {most}");
        let mut before: [Option<Size>; PB.len()] = Default::default();
        let mut alive = [true; PB.len()];
        for n in [100, 1000, 10_000, 100_000] {
            let weights = weights(n, most);
            let bound = weights.iter().sum::<i64>() / 2;
            let literals: Vec<i32> = (1..=n as i32).collect();
            let mut formula = Formula::new();
            formula.add_pseudo_boolean(&literals, &weights, bound, Condition::Plain).expect("a constraint");
            for (i, (name, pseudo_boolean)) in PB.into_iter().enumerate() {
                if !alive[i] {
                    continue;
                }
                match ours(&formula, &Options { pseudo_boolean, ..Options::default() }) {
                    Some(size) => {
                        size.row(&what, n, name, before[i].as_ref());
                        before[i] = Some(size);
                    }
                    None => {
                        println!("{what:22} {n:7} {name:30} beyond 2 GB or 60 s");
                        alive[i] = false;
                    }
                }
            }
            // Weights up to 1000 take it 160 million clauses and 160 s.
            if n == 100 && most <= 8 {
                peer_pb::<GeneralizedTotalizer>(&weights, bound).row(&what, n, "rustsat generalized totalizer", None);
            }
            if n <= 1000 {
                peer_pb::<DynamicPolyWatchdog>(&weights, bound).row(&what, n, "rustsat dynamic watchdog", None);
            }
            // 16 bytes for each value up to the bound.
            if bound < 20_000_000 {
                peer_pb::<BinaryAdder>(&weights, bound).row(&what, n, "rustsat adder", None);
            }
        }
    }
}

fn parities() {
    for n in [100, 1000, 10_000, 100_000] {
        let literals: Vec<i32> = (1..=n).collect();
        let mut formula = Formula::new();
        formula.add_xor(&literals, true).expect("a constraint");
        for xor_piece in 3..=6 {
            let size = ours(&formula, &Options { xor_piece, ..Options::default() }).expect("linear");
            size.row("parity", n as usize, &format!("pieces of {xor_piece}"), None);
        }
    }
}

/// Seconds and conflicts until CaDiCaL answers, 10 s at most; what is not answered counts 20 s.
fn solve(formula: &Formula, options: &Options) -> (f64, i64) {
    let start = Instant::now();
    let encoded = cnf::encode(formula, options, &Budget::unlimited()).expect("clauses");
    let mut solver = Solver::new(Arc::new(encoded.into_formula())).expect("a solver");
    let limits = Limits { time: Some(Duration::from_secs(10)), ..Limits::default() };
    let outcome = solver.solve(&[], &Budget::start(&limits)).expect("a search");
    let conflicts = solver.statistics().iter().find(|s| s.0 == "conflicts").map_or(-1, |s| s.1);
    let seconds = if matches!(outcome, Outcome::Unknown(_)) { 20.0 } else { start.elapsed().as_secs_f64() };
    (seconds, conflicts)
}

/// Random sums over shared variables, about as many as leave it open whether all can be reached.
fn sums(n: usize, rows: usize, length: usize, most: u64, share: f64, seed: u64) -> Formula {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut formula = Formula::new();
    formula.ensure_vars(n as u32).expect("variables");
    for _ in 0..rows {
        let mut literals: Vec<i32> = Vec::new();
        while literals.len() < length {
            let variable = (random.next_u64() % n as u64) as i32 + 1;
            if literals.iter().all(|l| l.abs() != variable) {
                literals.push(if random.next_u64() >> 63 == 0 { variable } else { -variable });
            }
        }
        let weights: Vec<i64> = literals.iter().map(|_| (random.next_u64() % most + 1).cast_signed()).collect();
        let bound = (weights.iter().sum::<i64>() as f64 * share) as i64;
        formula.add_pseudo_boolean(&literals, &weights, bound, Condition::Plain).expect("a constraint");
    }
    formula
}

/// Market split (Cornuéjols and Dawande, 1998): equations whose sides are halves; hard, mostly without a solution.
fn market_split(rows: usize, n: usize, most: u64, seed: u64) -> Formula {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut formula = Formula::new();
    let literals: Vec<i32> = (1..=n as i32).collect();
    for _ in 0..rows {
        let weights: Vec<i64> = literals.iter().map(|_| (random.next_u64() % most).cast_signed()).collect();
        let half = weights.iter().sum::<i64>() / 2;
        let opposite: Vec<i64> = weights.iter().map(|w| -w).collect();
        formula.add_pseudo_boolean(&literals, &weights, half, Condition::Plain).expect("a constraint");
        formula.add_pseudo_boolean(&literals, &opposite, -half, Condition::Plain).expect("a constraint");
    }
    formula
}

fn compare(family: &str, formulas: &[Formula], all: &[(String, Options)]) {
    if std::env::args().any(|a| a.starts_with("only=") && !family.contains(&a["only=".len()..])) {
        return;
    }
    for (name, options) in all {
        let runs: Vec<(f64, i64)> = formulas.iter().map(|f| solve(f, options)).collect();
        let seconds: f64 = runs.iter().map(|r| r.0).sum();
        let conflicts: i64 = runs.iter().map(|r| r.1).sum();
        let out = runs.iter().filter(|r| r.0 == 20.0).count();
        let count = formulas.len();
        println!("{family:36} {name:30} {seconds:8.2} s {conflicts:10} conflicts, {out} of {count} not solved in 10 s");
    }
}

fn solving() {
    let seeds = 0..5u64;
    let cardinality: Vec<(String, Options)> = CARDINALITY
        .into_iter()
        .map(|(name, cardinality)| (name.into(), Options { cardinality, ..Options::default() }))
        .collect();
    let pseudo_boolean: Vec<(String, Options)> = PB
        .into_iter()
        .map(|(name, pseudo_boolean)| (name.into(), Options { pseudo_boolean, ..Options::default() }))
        .collect();
    let make = |f: &dyn Fn(u64) -> Formula| seeds.clone().map(f).collect::<Vec<_>>();
    compare("30 sums of 25 of 50, 0.64", &make(&|s| sums(50, 30, 25, 1, 0.64, s)), &cardinality);
    compare("100 sums of 10 of 60, 0.7", &make(&|s| sums(60, 100, 10, 1, 0.7, s)), &cardinality);
    compare("20 sums of 300 of 600, 0.53", &make(&|s| sums(600, 20, 300, 1, 0.53, s)), &cardinality);
    compare("30 sums of 20 of 40, w <= 8, 0.66", &make(&|s| sums(40, 30, 20, 8, 0.66, s)), &pseudo_boolean);
    compare("20 sums of 20 of 40, w <= 100, 0.66", &make(&|s| sums(40, 20, 20, 100, 0.66, s)), &pseudo_boolean);
    compare("10 sums of 40 of 80, w <= 100, 0.6", &make(&|s| sums(80, 10, 40, 100, 0.6, s)), &pseudo_boolean);
    compare("10 sums of 40 of 60, w <= 1e6, 0.6", &make(&|s| sums(60, 10, 40, 1_000_000, 0.6, s)), &pseudo_boolean);
    compare("market split, 3 rows of 16", &make(&|s| market_split(3, 16, 100, s)), &pseudo_boolean);
    let pieces: Vec<(String, Options)> = (3..=6)
        .map(|xor_piece| (format!("pieces of {xor_piece}"), Options { xor_piece, ..Options::default() }))
        .collect();
    compare("random parities of 16, 30 of 36", &make(&|s| random_parities(36, 30, 16, s)), &pieces);
    compare("random parities of 6, 45 of 50", &make(&|s| random_parities(50, 45, 6, s)), &pieces);
}

fn random_parities(n: usize, rows: usize, length: usize, seed: u64) -> Formula {
    let sums = sums(n, rows, length, 1, 0.5, seed);
    let mut formula = Formula::new();
    formula.ensure_vars(n as u32).expect("variables");
    for constraint in sums.constraints() {
        if let anser::formula::Constraint::PseudoBoolean(sum) = constraint {
            formula.add_xor(sum.literals, true).expect("a parity");
        }
    }
    formula
}

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let wanted = |what: &str| asked.is_empty() || asked.iter().any(|a| a == what);
    if wanted("sizes") {
        println!(
            "{:22} {:>7} {:30} {:>10} {:>11} {:>11}",
            "constraint", "n", "encoding", "variables", "clauses", "literals"
        );
        parities();
        cardinalities();
        pseudo_booleans();
    }
    if wanted("solve") {
        solving();
    }
}
