//! Every property of the published benchmarks: it reads, is written and read again, and its canonical form has the points
//! of the formula.

use std::path::{Path, PathBuf};

use anser::budget::Budget;
use anser::net::property::Property;
use anser::net::vnnlib;
use anser::verify::canonical::{Disjunct, Disjuncts, Options};

use super::{Random, read};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data");

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let name = path.to_string_lossy().into_owned();
        if path.is_dir() {
            files(&path, found);
        } else if name.ends_with(".vnnlib") || name.ends_with(".vnnlib.gz") {
            found.push(path);
        }
    }
}

fn disjuncts(property: &Property) -> Vec<Disjunct> {
    let mut all = Disjuncts::new(property.clone(), &Options::default()).unwrap();
    let mut found = Vec::new();
    while let Some(disjunct) = all.next(&Budget::unlimited()).unwrap() {
        found.push(disjunct);
    }
    found
}

/// A point in or near a disjunct: inputs within the box, some of them at or just beyond its ends; outputs such that rows
/// are met exactly, missed by one double, or left alone.
fn point(disjunct: &Disjunct, random: &mut Random) -> (Vec<f64>, Vec<f64>) {
    let ends = disjunct.lower.iter().zip(&disjunct.upper);
    let mut x: Vec<f64> = ends
        .map(|(&lower, &upper)| match random.below(8) {
            0 => lower,
            1 => upper,
            _ => (lower + (upper - lower) * random.unit()).clamp(lower, upper),
        })
        .collect();
    if random.below(4) == 0 {
        let at = random.below(x.len());
        let (lower, upper) = (disjunct.lower[at], disjunct.upper[at]);
        x[at] = [lower.next_down(), upper.next_up(), lower - 1.0, upper + 1.0][random.below(4)];
    }
    let mut y: Vec<f64> = (0..disjunct.num_outputs()).map(|_| (random.unit() - 0.5) * 4.0).collect();
    let rows = disjunct.rows();
    let aimed = random.below(3) == 0;
    for _ in 0..2 * random.below(3) {
        for row in 0..disjunct.num_rows() {
            let terms = rows.offsets[row]..rows.offsets[row + 1];
            let outputs: Vec<usize> = terms.clone().filter(|&i| rows.columns[i] as usize >= x.len()).collect();
            if outputs.is_empty() {
                continue;
            }
            let one = outputs[random.below(outputs.len())];
            let value = |i: usize| {
                let column = rows.columns[i] as usize;
                rows.coefficients[i] * if column < x.len() { x[column] } else { y[column - x.len()] }
            };
            let others: f64 = terms.filter(|&i| i != one).map(value).sum();
            let tight = (rows.bounds[row] - others) / rows.coefficients[one];
            let inwards = -rows.coefficients[one].signum();
            y[rows.columns[one] as usize - x.len()] = match random.below(12) {
                // Some properties leave each of many outputs a thousandth of room.
                _ if aimed => tight + inwards * random.unit() * 1e-4,
                0 => tight,
                1 => tight.next_up(),
                2 => tight.next_down(),
                3 => tight - inwards * random.unit(),
                _ => tight + inwards * random.unit() * 10f64.powi(-(random.below(6) as i32)),
            };
        }
    }
    (x, y)
}

#[test]
fn canonical_form_and_formula_agree() {
    let mut found = Vec::new();
    files(Path::new(DATA), &mut found);
    if found.is_empty() {
        println!("skipped: no properties under {DATA}");
        return;
    }
    found.sort();
    let (mut total, mut inside) = (0u64, 0u64);
    for (number, path) in found.iter().enumerate() {
        let property = vnnlib::read_file(path, &Budget::unlimited()).unwrap_or_else(|error| panic!("{error}"));
        let text = vnnlib::to_string(&property, &Budget::unlimited()).unwrap();
        assert_eq!(read(&text).unwrap(), property, "{}", path.display());
        let disjuncts = disjuncts(&property);
        assert!(!disjuncts.is_empty() && disjuncts.iter().all(Disjunct::exact), "{}", path.display());
        let mut random = Random(number as u64 + 1);
        let points = 10_000;
        let mut hits = 0;
        for _ in 0..points {
            let (x, y) = point(&disjuncts[random.below(disjuncts.len())], &mut random);
            let truth = property.check(&x, &y).unwrap();
            let union = disjuncts.iter().any(|disjunct| disjunct.contains(&x, &y).unwrap());
            assert_eq!(truth, union, "{} at {x:?} {y:?}", path.display());
            hits += u64::from(truth);
        }
        assert!(hits > 0 && hits < points as u64, "{}: {hits} of {points}", path.display());
        (total, inside) = (total + points as u64, inside + hits);
    }
    println!("{} properties, {total} points, {inside} of them satisfying", found.len());
}
