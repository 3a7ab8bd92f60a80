//! Local search against the table of paper 004 and a plain implementation of its baseline.
#![allow(clippy::print_stdout)] // what was skipped and counted

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anser::budget::Budget;
use anser::formula::{Formula, dimacs};
use anser::search::{End, Method, Options, Search};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng};
use serde_json::Value;

/// As in the paper: tries of each formula, and flips of each.
const TRIES: u64 = 25;
const FLIPS: u64 = 750;

fn data() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/sls")).to_path_buf()
}

fn sets() -> Vec<(String, Vec<Arc<Formula>>)> {
    let Ok(folders) = std::fs::read_dir(data().join("eval_sets")) else {
        println!("skipped: there is no ../shared/data/sls");
        return Vec::new();
    };
    let mut sets: Vec<_> = folders
        .flatten()
        .map(|folder| {
            let mut files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().flatten().map(|f| f.path()).collect();
            files.sort();
            let read = |path: &PathBuf| Arc::new(dimacs::read_file(path, &Budget::unlimited()).unwrap());
            (folder.file_name().to_string_lossy().into_owned(), files.iter().map(read).collect())
        })
        .collect();
    sets.sort_by(|a: &(String, _), b| a.0.cmp(&b.0));
    sets
}

/// Flips of one try; [`FLIPS`] where it is not solved.
fn ours(formula: &Arc<Formula>, seed: u64) -> u64 {
    let options = Options { method: Method::WalkSat, flips: Some(FLIPS), tries: Some(1), seed, ..Options::default() };
    let mut search = Search::new(Arc::clone(formula), &options, &Budget::unlimited()).unwrap();
    let end = search.run(&Budget::unlimited()).unwrap();
    assert!(matches!(end, End::Model | End::Over));
    search.statistics().flips
}

/// The same, written down plainly: how many literals of each clause are true, and nothing else.
fn plain(formula: &Formula, seed: u64) -> u64 {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed ^ 0x5bd1_e995);
    let mut index = |length: usize| ((u128::from(rng.next_u64()) * length as u128) >> 64) as usize;
    let clauses: Vec<&[i32]> = formula.clauses().iter().collect();
    let mut values: Vec<bool> = (0..=formula.num_vars()).map(|_| index(2) == 1).collect();
    let holds = |values: &[bool], literal: i32| values[literal.unsigned_abs() as usize] == (literal > 0);
    let place = |literal: i32| 2 * literal.unsigned_abs() as usize + usize::from(literal < 0);
    let mut occurrences = vec![Vec::new(); 2 * formula.num_vars() as usize + 2];
    let mut counts = vec![0u8; clauses.len()];
    for (number, clause) in clauses.iter().enumerate() {
        for &literal in *clause {
            occurrences[place(literal)].push(number);
            counts[number] += u8::from(holds(&values, literal));
        }
    }
    for step in 0..FLIPS {
        let violated: Vec<usize> = (0..clauses.len()).filter(|&clause| counts[clause] == 0).collect();
        if violated.is_empty() {
            return step;
        }
        let clause = clauses[violated[index(violated.len())]];
        let literal = if index(2) == 0 {
            clause[index(clause.len())]
        } else {
            let breaks = |literal: i32| occurrences[place(-literal)].iter().filter(|&&c| counts[c] == 1).count();
            let least = clause.iter().map(|&literal| breaks(literal)).min().unwrap();
            let best: Vec<i32> = clause.iter().copied().filter(|&literal| breaks(literal) == least).collect();
            best[index(best.len())]
        };
        values[literal.unsigned_abs() as usize] = literal > 0;
        occurrences[place(literal)].iter().for_each(|&c| counts[c] += 1);
        occurrences[place(-literal)].iter().for_each(|&c| counts[c] -= 1);
    }
    FLIPS
}

fn mean(all: &[f64]) -> f64 {
    all.iter().sum::<f64>() / all.len() as f64
}

/// The WalkSAT column of the paper's table 2: each set's mean number of steps, ours, the plain implementation's and the
/// authors'; and formula by formula no difference between the first two.
#[test]
fn walksat_is_that_of_the_paper() {
    let table = std::fs::read_to_string(data().join("walksat_table2_column.json")).unwrap_or_default();
    let table: Value = serde_json::from_str(&table).unwrap_or_default();
    let mut differences = Vec::new();
    for (name, formulas) in sets() {
        let steps = |of: &dyn Fn(&Arc<Formula>, u64) -> u64| -> Vec<f64> {
            let mean = |formula| (0..TRIES).map(|seed| of(formula, seed) as f64).sum::<f64>() / TRIES as f64;
            formulas.iter().map(mean).collect()
        };
        let (a, b) = (steps(&ours), steps(&|formula, seed| plain(formula, seed)));
        differences.extend(a.iter().zip(&b).map(|(a, b)| a - b));
        let (theirs, deviation) = (table[&name]["avg"].as_f64().unwrap(), table[&name]["stderr_avg"].as_f64().unwrap());
        println!("{name:20} ours {:7.1}, plain {:7.1}, authors' {theirs:7.1} ± {deviation}", mean(&a), mean(&b));
        // Theirs is a mean over the same formulas, so the spread between formulas, which is most of its error, is ours too.
        assert!((mean(&a) - theirs).abs() <= 2.0 * deviation, "{name}");
    }
    if differences.is_empty() {
        return;
    }
    let n = differences.len() as f64;
    let average = mean(&differences);
    let variance = differences.iter().map(|d| (d - average).powi(2)).sum::<f64>() / (n - 1.0);
    let t = average / (variance / n).sqrt();
    println!("{n} formulas, paired: {average:.2} steps, t = {t:.2}");
    assert!(t.abs() < 2.576, "the two differ at p < 0.01: t = {t}");
}
