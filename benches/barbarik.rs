//! Barbarik: is a sampler uniform on spaces that are too large to be enumerated? `cargo bench --bench barbarik
//! [-- unigen|uniwit13|uniwit|exact|skewed] [PAIRS=N] [FILE …]`, where FILE is a part of the name of a file of
//! `../shared/data/sampling`; UniGen, all pairs, and three of these files if nothing is said. `skewed` takes the least of four
//! uniform samples: it must be rejected.
//!
//! Source: S. Chakraborty, K. S. Meel, "On Testing of Uniform Samplers", AAAI 2019, algorithms 1 and 2: with its ε = 0.6, η = 0.9,
//! δ = 0.05 a sampler that is ε-close to uniform is accepted, and one that is η-far from uniform (and treats a formula's
//! parts alike) rejected, with probability 1 - δ each. Constants are those of the authors' program
//! (github.com/meelgroup/barbarik).
//!
//! Each test takes a sample of the sampler at hand and one that is exactly uniform, builds a formula that has these two left, each
//! with 2,197 extensions by fresh variables (so that cells have at least five rows), and has the sampler draw from that. All
//! pairs are 2,682, with 1.4 million samples; `PAIRS=N` makes it N of either round: a smoke test.
#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anser::budget::Budget;
use anser::formula::{Formula, dimacs};
use anser::sample::{Method, Options, Sampler, Step};

const EPSILON: f64 = 0.6;
const ETA: f64 = 0.9;
const DELTA: f64 = 0.05;

/// The chains: so many models of so many fresh variables, for each of so many variables that differ.
const MODELS: u32 = 13;
const FRESH: u32 = 4;
const CHAINS: usize = 3;

#[derive(Clone, Copy)]
struct Tested {
    method: Method,
    /// The least of so many samples.
    of: usize,
}

impl Tested {
    /// Some samples of a formula, as literals over its sampling set.
    fn draw(self, formula: &Arc<Formula>, seed: u64, wanted: usize) -> Vec<Vec<i32>> {
        let options = Options { method: self.method, ..Options::default() };
        let mut sampler = Sampler::new(Arc::clone(formula), &options, seed).unwrap();
        let mut drawn = Vec::with_capacity(wanted * self.of);
        let mut failed = 0;
        while drawn.len() < wanted * self.of {
            match sampler.next(&Budget::unlimited()).unwrap() {
                Step::Sample => drawn.push(sampler.literals().unwrap().collect::<Vec<i32>>()),
                Step::Failed => failed += 1,
                other => panic!("{other:?} after {} samples, {failed} failed", drawn.len()),
            }
        }
        drawn.chunks(self.of).map(|few| few.iter().min().unwrap().clone()).collect()
    }
}

/// Clauses that leave so many of the 2^m assignments of `fresh`, where `on` is true. Source: S. Chakraborty, D. Fried, K. S. Meel,
/// M. Y. Vardi, "From Weighted to Unweighted Model Counting", IJCAI 2015: the assignments, as numbers, are below `models`.
fn chain(formula: &mut Formula, on: i32, fresh: &[i32], models: u32) {
    // Below or equal to `models - 1`, bit by bit from the highest: where the bound has a 0, not 1 with the same bits before.
    let most = models - 1;
    let mut before = vec![-on];
    for (bit, &variable) in fresh.iter().enumerate().rev() {
        if most >> bit & 1 == 1 {
            before.push(-variable);
        } else {
            let mut clause = before.clone();
            clause.push(-variable);
            formula.add_clause(&clause).unwrap();
        }
    }
}

/// The formula with `one` and `two` alone, each with as many extensions. Answers a literal that is true in `one` only.
fn kernel(formula: &Formula, one: &[i32], two: &[i32], seed: u64) -> Option<(Arc<Formula>, i32)> {
    let mut left = formula.try_clone().unwrap();
    let mut set: Vec<u32> = one.iter().map(|l| l.unsigned_abs()).collect();
    let differing: Vec<i32> = one.iter().zip(two).filter(|(a, b)| a != b).map(|(&a, _)| a).collect();
    let &first = differing.first()?;
    for (&a, &b) in one.iter().zip(two) {
        if a == b {
            left.add_clause(&[a]).unwrap();
        } else if a != first {
            left.add_clause(&[-first, a]).unwrap();
            left.add_clause(&[first, -a]).unwrap();
        }
    }
    for index in 0..CHAINS {
        // Anywhere among those that differ; where there are few, one of them more than once.
        let at = differing[(seed as usize).wrapping_mul(2_654_435_761).wrapping_add(index * 7) % differing.len()];
        let fresh: Vec<i32> = (0..FRESH).map(|_| left.new_var().unwrap().cast_signed()).collect();
        let inverted: Vec<i32> = fresh.iter().map(|v| -v).collect();
        chain(&mut left, at, &fresh, MODELS);
        chain(&mut left, -at, &inverted, MODELS);
        set.extend(fresh.iter().map(|v| v.unsigned_abs()));
    }
    left.set_sampling_set(Some(&set)).unwrap();
    Some((Arc::new(left), first))
}

/// Whether it is accepted.
fn test(path: &Path, tested: Tested, pairs: Option<u64>) -> bool {
    let formula = Arc::new(dimacs::read_file(path, &Budget::unlimited()).unwrap());
    let name = path.file_stem().unwrap().to_string_lossy();
    let uniform = Tested { method: Method::Exact, of: 1 };
    let rounds = (2.0 / (ETA + EPSILON)).log2().ceil() as i32 + 1;
    let start = Instant::now();
    let (mut done, mut samples) = (0u64, 0u64);
    for round in (1..=rounds).rev() {
        let power = 2f64.powi(round - 1);
        let e = std::f64::consts::E;
        let logs = (4.0 / (ETA + EPSILON)).log2();
        let all = 2.0 * power * (EPSILON + ETA) / (ETA - EPSILON).powi(2) * logs * 4.0 * e / (e - 1.0);
        let all = (all * (1.0 / DELTA).ln()).ceil() as u64;
        let beta = (power + 1.0) * (ETA + EPSILON) / (4.0 + (EPSILON + ETA) * (power - 1.0));
        let gamma = (beta - EPSILON) / 4.0;
        let factor = (16.0 * e / (e - 1.0) / (ETA - EPSILON).powi(2) * logs * (1.0 / DELTA).ln()).log2();
        let wanted = ((1.0 / (9.0 * gamma * gamma)).ceil() * factor).ceil() as usize;
        let half = wanted as f64 / 2.0;
        let (low, high) = (half * (1.0 - f64::midpoint(beta, EPSILON)), half * (1.0 + f64::midpoint(beta, EPSILON)));
        let count = pairs.map_or(all, |most| most.min(all));
        let ones = tested.draw(&formula, 2 * round as u64, count as usize);
        let twos = uniform.draw(&formula, 2 * round as u64 + 1, count as usize);
        let (mut least, mut most) = (wanted, 0);
        for (index, (one, two)) in ones.iter().zip(&twos).enumerate() {
            let Some((left, literal)) = kernel(&formula, one, two, index as u64) else { continue };
            let drawn = tested.draw(&left, index as u64, wanted);
            let of_one = drawn.iter().filter(|sample| sample.contains(&literal)).count();
            (least, most) = (least.min(of_one), most.max(of_one));
            (done, samples) = (done + 1, samples + wanted as u64);
            if !(low..=high).contains(&(of_one as f64)) {
                let seconds = start.elapsed().as_secs_f64();
                println!(
                    "{name}: REJECTED after {done} pairs, {samples} samples, {seconds:.0} s: {of_one} of {wanted}"
                );
                return false;
            }
        }
        println!(
            "{name}: round {round}: {count} of {all} pairs, {least} to {most} of {wanted} each, {low:.0} to {high:.0} allowed"
        );
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{name}: accepted, {done} pairs, {samples} samples, {seconds:.0} s");
    true
}

fn main() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/sampling/Blasted_Real"));
    let mut tested = Tested { method: Method::UniGen, of: 1 };
    let (mut pairs, mut wanted, mut skewed) = (None, Vec::new(), false);
    for argument in std::env::args().skip(1).filter(|a| !a.starts_with("--")) {
        match argument.as_str() {
            "unigen" => tested.method = Method::UniGen,
            "uniwit13" => tested.method = Method::UniWit13,
            "uniwit" => tested.method = Method::UniWit,
            "exact" => tested.method = Method::Exact,
            "skewed" => (tested, skewed) = (Tested { method: Method::Exact, of: 4 }, true),
            other => match other.strip_prefix("PAIRS=") {
                Some(number) => pairs = Some(number.parse().expect("PAIRS is a number")),
                None => wanted.push(other.to_owned()),
            },
        }
    }
    if wanted.is_empty() {
        wanted = ["case145", "case35", "case100"].map(str::to_owned).to_vec();
    }
    let Ok(entries) = std::fs::read_dir(folder) else {
        println!("skipped: there is no {}", folder.display());
        return;
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| {
        wanted.iter().any(|part| path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with(part.as_str())))
    });
    paths.sort();
    let accepted = paths.iter().filter(|path| test(path, tested, pairs)).count();
    if accepted != if skewed { 0 } else { paths.len() } {
        std::process::exit(1);
    }
}
