//! Formulas written as LP, MPS and SMT-LIB, read back: by a reader of this file, which tries every point, and by HiGHS and Z3
//! (`tests/oracles/programs.py`) where these are installed.

#![cfg(feature = "cadical")]
#![allow(clippy::print_stdout)] // a skipped test says why

#[path = "support/mixed.rs"]
mod mixed;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;

use anser::budget::{Budget, Limits};
use anser::formula::{Condition, Domain, Formula, Linear, Relation, TextFormat, lp, mps, smtlib};
use anser::solve::{Backend, Outcome, Solver};
use mixed::{Mixed, Random, Said, is_true};
use serde_json::Value;

/// Σ terms between lower and upper.
#[derive(Debug, Default, Clone, PartialEq)]
struct Row {
    terms: BTreeMap<String, f64>,
    lower: f64,
    upper: f64,
}

/// A program as a reader has it.
#[derive(Debug, Default, Clone, PartialEq)]
struct Read {
    rows: BTreeMap<String, Row>,
    /// Bounds, and whether it is an integer.
    columns: BTreeMap<String, (f64, f64, bool)>,
}

fn row(relation: &str, rhs: f64) -> Row {
    let (lower, upper) = match relation {
        ">=" | "G" => (rhs, f64::INFINITY),
        "<=" | "L" => (f64::NEG_INFINITY, rhs),
        "=" | "E" => (rhs, rhs),
        other => panic!("{other}"),
    };
    Row { terms: BTreeMap::new(), lower, upper }
}

/// LP, as far as this library writes it.
fn read_lp(text: &str) -> Read {
    let mut read = Read::default();
    let text: String = text.lines().filter(|line| !line.starts_with('\\')).collect::<Vec<_>>().join("\n");
    let (_, rest) = text.split_once("Minimize\n obj:").unwrap();
    let (_, rest) = rest.split_once("\nSubject To\n").unwrap();
    let (rows, rest) = rest.split_once("Bounds\n").unwrap();
    for line in rows.replace("\n  ", " ").lines() {
        let (name, rest) = line.trim().split_once(':').unwrap();
        let words: Vec<&str> = rest.split_whitespace().collect();
        let [terms @ .., relation, rhs] = &words[..] else { panic!("{line}") };
        let mut made = row(relation, rhs.parse().unwrap());
        let (mut sign, mut factor) = (1.0, 1.0);
        for word in terms {
            match (*word, word.parse::<f64>()) {
                ("+", _) => sign = 1.0,
                ("-", _) => sign = -1.0,
                (_, Ok(number)) => factor = number,
                _ => {
                    assert!(made.terms.insert((*word).to_owned(), sign * factor).is_none(), "{line}");
                    (sign, factor) = (1.0, 1.0);
                }
            }
        }
        assert!(read.rows.insert(name.to_owned(), made).is_none(), "{line}");
    }
    let mut section = "Bounds";
    for line in rest.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match (&words[..], section) {
            ([title @ ("Binaries" | "Generals" | "End")], _) => section = title,
            ([name, "=", value], "Bounds") => {
                let value = value.parse().unwrap();
                read.columns.insert((*name).to_owned(), (value, value, false));
            }
            ([lower, "<=", name, "<=", upper], "Bounds") => {
                read.columns.insert((*name).to_owned(), (lower.parse().unwrap(), upper.parse().unwrap(), false));
            }
            (names, "Binaries") => {
                read.columns.extend(names.iter().map(|name| ((*name).to_owned(), (0.0, 1.0, true))));
            }
            (names, "Generals") => names.iter().for_each(|name| read.columns.get_mut(*name).unwrap().2 = true),
            _ => panic!("{line}"),
        }
    }
    assert_eq!(section, "End");
    read
}

/// Free MPS, as far as this library writes it.
fn read_mps(text: &str) -> Read {
    let mut read = Read::default();
    let (mut section, mut integer) = ("", false);
    for line in text.lines().filter(|line| !line.starts_with('*')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if !line.starts_with(' ') {
            section = words[0];
            continue;
        }
        let number = |word: &str| word.parse::<f64>().unwrap();
        match (section, &words[..]) {
            ("ROWS", ["N", "obj"]) => {}
            ("ROWS", [kind, name]) => {
                read.rows.insert((*name).to_owned(), row(kind, 0.0));
            }
            ("COLUMNS", ["MARKER", "'MARKER'", kind]) => integer = *kind == "'INTORG'",
            ("COLUMNS", [name, of, value]) => {
                read.columns.entry((*name).to_owned()).or_insert((f64::NAN, f64::NAN, integer));
                if *of != "obj" {
                    read.rows.get_mut(*of).unwrap().terms.insert((*name).to_owned(), number(value));
                }
            }
            ("RHS", ["RHS", name, value]) => {
                let row = read.rows.get_mut(*name).unwrap();
                row.lower = if row.lower.is_finite() { number(value) } else { row.lower };
                row.upper = if row.upper.is_finite() { number(value) } else { row.upper };
            }
            ("BOUNDS", ["BV", "BND", name]) => *read.columns.get_mut(*name).unwrap() = (0.0, 1.0, true),
            ("BOUNDS", [kind, "BND", name, value]) => {
                let column = read.columns.get_mut(*name).unwrap();
                let value = number(value);
                match *kind {
                    "FX" => (column.0, column.1) = (value, value),
                    "LO" => column.0 = value,
                    "UP" => column.1 = value,
                    other => panic!("{other}"),
                }
            }
            _ => panic!("{line}"),
        }
    }
    assert_eq!(section, "ENDATA");
    assert!(read.columns.values().all(|column| column.0 <= column.1));
    read
}

impl Read {
    /// Whether helpers can be chosen so that this point satisfies all rows. Numbers are small integers.
    fn holds(&self, values: u32, numbers: &[i64]) -> bool {
        self.rows.values().all(|row| {
            let mut sum = 0.0;
            let mut half = None;
            for (name, factor) in &row.terms {
                let index = || name[1..].parse::<usize>().unwrap();
                match name.as_bytes()[0] {
                    _ if name == "never" => {}
                    b'b' => sum += factor * f64::from(u8::from(is_true(values, index() as i32))),
                    b'j' => sum += factor * f64::from(u8::from(is_true(values, index() as i32))),
                    b'm' | b'k' => sum += factor * f64::from(u8::from(!is_true(values, index() as i32))),
                    b'n' => sum += factor * numbers[index()] as f64,
                    b'p' => half = Some((*factor, self.columns[name].1)),
                    _ => panic!("{name}"),
                }
            }
            let inside = |sum: f64| row.lower <= sum && sum <= row.upper;
            match half {
                None => inside(sum),
                // No other row has it.
                Some((factor, most)) => (0..=most as u32).any(|p| inside(sum + factor * f64::from(p))),
            }
        })
    }
}

fn text(format: TextFormat, formula: &Formula) -> String {
    let mut bytes = Vec::new();
    format.write(formula, &mut bytes, &Budget::unlimited()).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// A random formula without strict inequalities where its numbers are to be reals.
fn random(random: &mut Random, kind: u64) -> (Mixed, Formula) {
    let mut mixed = Mixed::random(random, kind > 0);
    if kind < 2 {
        let formula = mixed.formula(|_| true);
        return (mixed, formula);
    }
    for said in &mut mixed.said {
        if let Said::Linear(_, _, relation, _, _) = said {
            *relation = match *relation {
                Relation::Greater => Relation::AtLeast,
                Relation::Less => Relation::AtMost,
                other => other,
            };
        }
    }
    let mut formula = Formula::new();
    formula.ensure_vars(mixed.variables).unwrap();
    for &(min, max) in &mixed.domains {
        formula.new_number(Domain::Real { min: min as f64 + 0.25, max: max as f64 + 0.5 }).unwrap();
    }
    let booleans = Mixed { domains: Vec::new(), said: mixed.said.clone(), ..mixed };
    for said in &booleans.said {
        let Said::Linear(of_numbers, terms, relation, rhs, condition) = said else { continue };
        let (coefficients, numbers): (Vec<f64>, Vec<u32>) = of_numbers.iter().map(|&(c, n)| (c as f64, n)).unzip();
        let (weights, literals): (Vec<f64>, Vec<i32>) = terms.iter().map(|&(w, l)| (w as f64 / 2.0, l)).unzip();
        let (relation, rhs, condition) = (*relation, *rhs as f64, *condition);
        let row = Linear {
            numbers: &numbers,
            coefficients: &coefficients,
            literals: &literals,
            weights: &weights,
            relation,
            rhs,
            condition,
        };
        formula.add_linear(row).unwrap();
    }
    let rest = booleans.formula(|index| !matches!(booleans.said[index], Said::Linear(..)));
    let whole = formula.extended(&rest_with(&rest, &formula)).unwrap();
    (booleans, whole)
}

/// The constraints of a formula without numbers, over the numbers of another.
fn rest_with(rest: &Formula, other: &Formula) -> Formula {
    let mut all = Formula::new();
    all.ensure_vars(rest.num_vars()).unwrap();
    all.new_numbers(other.domains()).unwrap();
    all.extended(&{
        let mut copy = rest.try_clone().unwrap();
        copy.new_numbers(other.domains()).unwrap();
        copy
    })
    .unwrap()
}

#[test]
fn points_are_models() {
    let mut numbers = Random(7);
    let (mut models, mut points) = (0u64, 0u64);
    for _ in 0..300 {
        let (mixed, formula) = random(&mut numbers, 1);
        let lp = read_lp(&text(TextFormat::Lp, &formula));
        assert_eq!(lp, read_mps(&text(TextFormat::Mps, &formula)));
        let mut values_of: Vec<i64> = mixed.domains.iter().map(|d| d.0).collect();
        loop {
            for values in 0..1u32 << mixed.variables {
                let expected = mixed.said.iter().all(|said| said.holds(values, &values_of));
                assert_eq!(lp.holds(values, &values_of), expected, "{mixed:?}\n{}", text(TextFormat::Lp, &formula));
                models += u64::from(expected);
                points += 1;
            }
            let Some(at) = (0..values_of.len()).find(|&i| values_of[i] < mixed.domains[i].1) else { break };
            values_of[at] += 1;
            (0..at).for_each(|i| values_of[i] = mixed.domains[i].0);
        }
    }
    assert!(models > 1000 && points > 100_000, "{models} {points}");
}

/// Weights that no M merges with, held against every point in exact arithmetic of integers: all are multiples of 2^-60.
#[test]
fn conditions_whose_variables_have_weights() {
    let least = 2f64.powi(-60);
    let mut numbers = Random(5);
    let mut helpers = 0;
    for _ in 0..200 {
        let count = 1 + numbers.below(4) as usize;
        let literals = numbers.literals(3, count as u64);
        // Some near 1, some near 2^-58.
        let weights: Vec<f64> = (0..count)
            .map(|_| {
                let near = if numbers.below(2) == 0 { 1.0 } else { 0.0 };
                (near + (numbers.below(9) as f64 - 4.0) * if near == 1.0 { 2f64.powi(-52) } else { least }) * 3.0
            })
            .collect();
        let condition = numbers.literal(3);
        let rhs = weights[0] + if numbers.below(2) == 0 { 1.0 } else { 0.0 };
        let mut f = Formula::new();
        f.ensure_vars(3).unwrap();
        let (relation, condition) = (Relation::AtLeast, Condition::Implied(condition));
        f.add_linear(Linear {
            numbers: &[],
            coefficients: &[],
            literals: &literals,
            weights: &weights,
            relation,
            rhs,
            condition,
        })
        .unwrap();
        // Where a literal stands twice their sum may be none.
        let Ok(told) = lp::to_string(&f, &Budget::unlimited()) else {
            assert!(literals.iter().enumerate().any(|(i, l)| literals[..i].contains(l)));
            continue;
        };
        let read = read_lp(&told);
        helpers += usize::from(read.rows.len() > 1);
        let exact = |value: f64| (value / least) as i128;
        for values in 0..8 {
            let sum = literals
                .iter()
                .zip(&weights)
                .filter(|(l, _)| is_true(values, **l))
                .map(|(_, w)| exact(*w))
                .sum::<i128>();
            let active = condition.literal().is_some_and(|c| is_true(values, c));
            let holds = read.rows.values().all(|row| {
                let value = |name: &str| {
                    let bit = is_true(values, name[1..].parse().unwrap());
                    i128::from(if name.starts_with(['m', 'k']) { !bit } else { bit })
                };
                let sum: i128 = row.terms.iter().map(|(name, factor)| exact(*factor) * value(name)).sum();
                (row.lower.is_infinite() || exact(row.lower) <= sum)
                    && (row.upper.is_infinite() || sum <= exact(row.upper))
            });
            assert_eq!(holds, !active || sum >= exact(rhs), "{literals:?} {weights:?} {rhs} {values}\n{told}");
        }
    }
    assert!(helpers > 20, "{helpers}");
}

/// A running `tests/oracles/programs.py`.
struct Oracle {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Oracle {
    /// Why not, where there is none.
    fn start(module: &str) -> Result<Oracle, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = root.join(".deps/oracles/bin/python");
        let path = root.join(".deps/z3");
        let there = Command::new(&python).args(["-c", &format!("import {module}")]).env("PYTHONPATH", &path).output();
        if !there.is_ok_and(|done| done.status.success()) {
            return Err(format!("{} has no {module}, see make setup", python.display()));
        }
        let mut child = Command::new(python)
            .arg(root.join("tests/oracles/programs.py"))
            .env("PYTHONPATH", path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let requests = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Ok(Oracle { child, requests, answers })
    }

    fn ask(&mut self, file: &Path) -> Value {
        writeln!(self.requests.as_mut().unwrap(), "{}", file.display()).unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        drop(self.requests.take());
        let _ = self.child.wait();
    }
}

/// C's %a.
fn hex(word: &Value) -> f64 {
    let word = word.as_str().unwrap();
    let (sign, word) = word.strip_prefix('-').map_or((1.0, word), |rest| (-1.0, rest));
    if word == "inf" {
        return sign * f64::INFINITY;
    }
    let (mantissa, exponent) = word.strip_prefix("0x").unwrap().split_once('p').unwrap();
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = u64::from_str_radix(&format!("{whole}{part}"), 16).unwrap();
    let exponent = exponent.parse::<i32>().unwrap() - 4 * part.len() as i32;
    // In two steps, each exact, since 2^-1074 is no factor of its own inverse.
    sign * digits as f64 * 2f64.powi(exponent / 2) * 2f64.powi(exponent - exponent / 2)
}

/// What HiGHS has read.
fn as_read(answer: &Value) -> Read {
    let mut read = Read::default();
    let list = |key: &str| answer[key].as_array().unwrap();
    for (index, name) in list("names").iter().enumerate() {
        let column = (hex(&answer["lower"][index]), hex(&answer["upper"][index]), list("integer")[index] == true);
        read.columns.insert(name.as_str().unwrap().to_owned(), column);
    }
    for row in list("rows") {
        let terms = row["terms"].as_object().unwrap().iter().map(|(name, value)| (name.clone(), hex(value)));
        let made = Row { terms: terms.collect(), lower: hex(&row["lower"]), upper: hex(&row["upper"]) };
        read.rows.insert(row["name"].as_str().unwrap().to_owned(), made);
    }
    read
}

/// What the library's own solver says; none where it has no backend for reals.
fn solved(formula: &Formula) -> Option<bool> {
    let mut solver = Solver::new(Arc::new(formula.try_clone().unwrap())).unwrap();
    if cfg!(feature = "z3") && formula.domains().iter().any(|domain| matches!(domain, Domain::Real { .. })) {
        solver.set_backend(Backend::Z3).unwrap();
    }
    match solver.solve(&[], &Budget::unlimited()) {
        Ok(Outcome::Sat) => Some(true),
        Ok(Outcome::Unsat) => Some(false),
        _ => None,
    }
}

/// Held against HiGHS or Z3, in these formats.
fn agrees(module: &str, formats: &[(TextFormat, &str)]) {
    let mut oracle = match Oracle::start(module) {
        Ok(oracle) => oracle,
        Err(why) => return println!("skipped: {why}"),
    };
    let folder = tempfile::tempdir().unwrap();
    let mut numbers = Random(11);
    let mut seen = [[0; 2]; 3];
    for index in 0..180 {
        let kind = index % 3;
        let (mixed, formula) = random(&mut numbers, kind);
        let expected = if kind < 2 { Some(!mixed.models().is_empty()) } else { None };
        let own = solved(&formula);
        let expected = match (expected, own) {
            (Some(expected), own) => {
                assert_eq!(own, Some(expected));
                expected
            }
            (None, Some(own)) => own,
            (None, None) => continue, // reals need a backend
        };
        seen[kind as usize][usize::from(expected)] += 1;
        for &(format, suffix) in formats {
            let file = folder.path().join(format!("f.{suffix}"));
            format.write_file(&formula, &file, &Budget::unlimited()).unwrap();
            let answer = oracle.ask(&file);
            let told = text(format, &formula);
            assert_eq!(answer["result"], if expected { "sat" } else { "unsat" }, "{answer}\n{told}");
            match format {
                TextFormat::Lp => assert_eq!(as_read(&answer), read_lp(&told), "{told}"),
                TextFormat::Mps => assert_eq!(as_read(&answer), read_mps(&told), "{told}"),
                _ => {}
            }
        }
    }
    println!(
        "unsat and sat: {} clauses and sums, {} with integers, {} with reals",
        show(seen[0]),
        show(seen[1]),
        show(seen[2])
    );
    assert!(seen[..2].iter().all(|[unsat, sat]| *unsat > 3 && *sat > 3), "{seen:?}");
}

fn show([unsat, sat]: [u32; 2]) -> String {
    format!("{unsat} + {sat}")
}

#[test]
fn highs_agrees() {
    agrees("highspy", &[(TextFormat::Lp, "lp"), (TextFormat::Mps, "mps")]);
}

#[test]
fn z3_agrees() {
    agrees("z3", &[(TextFormat::SmtLib, "smt2")]);
}

/// Names that a reader could take for something else, and numbers that a careless one would round.
fn hostile() -> (Formula, Vec<&'static str>) {
    let names = vec![
        "End",
        "Subject To",
        "st",
        "free",
        "inf",
        "infinite",
        "nan",
        "e1",
        "E",
        "3x",
        "x y",
        "x:y",
        "x[0]",
        "-x",
        "+",
        ">= 1",
        "b2",
        "b999",
        "n0",
        "m1",
        "p0",
        "never",
        "obj",
        "RHS",
        "BND",
        "bnd_",
        "MARKER",
        "'MARKER'",
        "* note",
        "\\ comment",
        "|bar|",
        "ä",
        "\u{2028}",
        "c0",
        "good_name.1",
        "binary",
        "GENERALS",
        "sos1",
        "0x10",
        "1e5",
        ".5",
        "_",
        "semi-continuous",
        "$",
        "\"",
    ];
    let mut f = Formula::new();
    f.ensure_vars(names.len() as u32).unwrap();
    for (variable, name) in (1..).zip(&names) {
        f.set_name(variable, Some(name)).unwrap();
    }
    let all: Vec<i32> = (1..=names.len() as i32).collect();
    f.new_numbers(&[
        Domain::Real { min: -0.1, max: 1.0 / 3.0 },
        Domain::Integer { min: -(1 << 53), max: (1 << 53) - 1 },
    ])
    .unwrap();
    f.add_cardinality(&all, 3, Condition::Plain).unwrap();
    let weights: Vec<f64> = all.iter().map(|&v| 1.0 / f64::from(v) + 0.1).collect();
    let row = |rhs, condition| Linear {
        numbers: &[0, 1],
        coefficients: &[123_456.789e-3, 1e-7],
        literals: &all,
        weights: &weights,
        relation: Relation::AtMost,
        rhs,
        condition,
    };
    f.add_linear(row(0.1 + 0.2, Condition::Plain)).unwrap();
    f.add_linear(row(-1.0 / 7.0, Condition::Implied(3))).unwrap();
    f.add_linear(row(5e-324, Condition::Implied(-4))).unwrap();
    f.set_name(5, Some(&"x".repeat(255))).unwrap();
    f.set_name(6, Some(&"long ".repeat(300))).unwrap();
    (f, names)
}

#[test]
fn hostile_names_and_numbers_read_back() {
    let (formula, names) = hostile();
    let (lp, mps) = (
        lp::to_string(&formula, &Budget::unlimited()).unwrap(),
        mps::to_string(&formula, &Budget::unlimited()).unwrap(),
    );
    let read = read_lp(&lp);
    assert_eq!(read, read_mps(&mps));
    let weights = &read.rows["c1"].terms;
    for (variable, name) in (1u32..).zip(&names) {
        let kept = ["good_name.1", "c0", "_", "bnd_"].contains(name) || variable == 5;
        let column = if variable == 5 {
            "x".repeat(255)
        } else if kept {
            (*name).to_owned()
        } else {
            format!("b{variable}")
        };
        assert_eq!(weights[&column], 1.0 / f64::from(variable) + 0.1, "{name}");
        let told = lp.lines().any(|line| line == format!("\\ b{variable} is {name}"));
        assert_eq!(told, !kept && variable != 6, "{name}");
    }
    assert!(lp.lines().chain(mps.lines()).all(|line| line.len() <= 560 || line.contains("xxx")), "{lp}");
    assert_eq!(read.columns["n0"], (-0.1, 1.0 / 3.0, false));
    assert_eq!(read.columns["n1"], (-9007199254740992.0, 9007199254740991.0, true));
    match Oracle::start("highspy") {
        Err(why) => println!("skipped: {why}"),
        Ok(mut oracle) => {
            let folder = tempfile::tempdir().unwrap();
            for (suffix, text) in [("lp", &lp), ("mps", &mps)] {
                let file = folder.path().join(format!("f.{suffix}"));
                std::fs::write(&file, text).unwrap();
                let answer = oracle.ask(&file);
                assert_ne!(answer["names"], Value::Null, "{answer}");
                assert_eq!(as_read(&answer), read);
            }
        }
    }
    match Oracle::start("z3") {
        Err(why) => println!("skipped: {why}"),
        Ok(mut oracle) => {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("f.smt2");
            smtlib::write_file(&formula, &file, &Budget::unlimited()).unwrap();
            assert_ne!(oracle.ask(&file)["result"], "error");
        }
    }
}

#[test]
fn compressed_files_and_no_files() {
    let (formula, _) = hostile();
    let folder = tempfile::tempdir().unwrap();
    for name in ["f.lp.gz", "f.mps.xz", "f.smt2.gz"] {
        let path = folder.path().join(name);
        anser::formula::write_file(&formula, &path, &Budget::unlimited()).unwrap();
        let bytes = anser::files::read_file(&path, &Budget::unlimited()).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), text(TextFormat::of_path(&path), &formula));
    }
    assert!(lp::write_file(&formula, Path::new("/nowhere/f.lp"), &Budget::unlimited()).is_err());
}

/// One of each.
fn everything() -> Formula {
    let mut f = Formula::new();
    f.ensure_vars(3).unwrap();
    f.set_name(1, Some("on")).unwrap();
    f.set_name(2, Some("x[0] >= 1 \\ End")).unwrap();
    let n = f.new_numbers(&[Domain::Real { min: -1.5, max: 2.0 }, Domain::Integer { min: -4, max: 4 }]).unwrap();
    f.add_clause(&[1, -2, 3]).unwrap();
    f.add_clause(&[]).unwrap();
    f.add_xor(&[1, -2, 3], true).unwrap();
    f.add_cardinality(&[1, -2, 3, 3], 2, Condition::Reified(-1)).unwrap();
    let row = |relation, rhs, condition| Linear {
        numbers: &[0, 1],
        coefficients: &[0.1, -2.0],
        literals: &[-3],
        weights: &[0.25],
        relation,
        rhs,
        condition,
    };
    f.add_linear(row(Relation::AtMost, 0.5, Condition::Plain)).unwrap();
    f.add_linear(row(Relation::Equal, 0.0, Condition::Implied(2))).unwrap();
    f.add_linear(Linear { numbers: &[n + 1], coefficients: &[1.0], ..row(Relation::Greater, 1.0, Condition::Plain) })
        .unwrap();
    f
}

#[test]
fn golden() {
    assert_eq!(text(TextFormat::Lp, &Formula::new()), "Minimize\n obj:\nSubject To\nBounds\nEnd\n");
    let told = text(TextFormat::Lp, &everything());
    let expected = "\
\\ b2 is x[0] >= 1 \\ End
Minimize
 obj: 0 on + 0 b2 + 0 b3 + 0 n0 + 0 n1
Subject To
 c0: on - b2 + b3 >= 0
 c1: never >= 1
 c2: on - b2 + b3 - 2 p2 = 0
 c3: 3 on - b2 + 2 b3 >= 1
 c3_: 4 on - b2 + 2 b3 <= 3
 c4: - 0.25 b3 + 0.1 n0 - 2 n1 <= 0.25
 c5: - 8.150000000000002 b2 - 0.25 b3 + 0.1 n0 - 2 n1 >= -8.400000000000002
 c5_: 8.450000000000001 b2 - 0.25 b3 + 0.1 n0 - 2 n1 <= 8.200000000000001
 c6: - 0.25 b3 + n1 >= 1
Bounds
 -1.5 <= n0 <= 2
 -4 <= n1 <= 4
 never = 0
 0 <= p2 <= 1
Binaries
 on b2 b3
Generals
 n1 never p2
End
";
    assert_eq!(told, expected);
}

#[test]
fn what_cannot_be_said_is_told_with_its_place() {
    let refused = |f: &Formula| {
        let (lp, mps) = (lp::to_bytes(f, &Budget::unlimited()), mps::to_bytes(f, &Budget::unlimited()));
        let told = lp.unwrap_err().to_string();
        assert_eq!(mps.unwrap_err().to_string(), told.replace("LP", "MPS"));
        told
    };
    let mut f = Formula::new();
    f.new_number(Domain::Real { min: 0.0, max: 1.0 }).unwrap();
    let row = Linear {
        numbers: &[0],
        coefficients: &[1.0],
        literals: &[],
        weights: &[],
        relation: Relation::Less,
        rhs: 0.5,
        condition: Condition::Plain,
    };
    f.add_clause(&[1]).unwrap();
    f.add_linear(row).unwrap();
    assert_eq!(refused(&f), "constraint 1 is a strict inequality over reals, which LP cannot say");
    let mut f = Formula::new();
    f.add_pseudo_boolean(&[1, 2], &[(1 << 60) + 1, 1], 1, Condition::Plain).unwrap();
    assert!(refused(&f).contains("that is no double"));
    let mut f = Formula::new();
    f.new_number(Domain::Real { min: -1e300, max: 1.0 }).unwrap();
    let steep = Linear { coefficients: &[1e300], relation: Relation::AtLeast, condition: Condition::Implied(1), ..row };
    f.add_linear(steep).unwrap();
    assert!(refused(&f).contains("exceeds every double"));
    // A weight that merges with its like to no double.
    let mut f = Formula::new();
    let twice = Linear { numbers: &[], coefficients: &[], literals: &[1, 1], weights: &[1e20, 1.0], ..row };
    f.add_linear(Linear { relation: Relation::AtLeast, ..twice }).unwrap();
    assert!(refused(&f).contains("that is no double"));
}

#[test]
fn a_negated_literal_that_would_round_is_a_column() {
    let mut f = Formula::new();
    let row = Linear {
        numbers: &[],
        coefficients: &[],
        literals: &[-1, -2],
        weights: &[1e20, 1.0],
        relation: Relation::AtLeast,
        rhs: 3.0,
        condition: Condition::Plain,
    };
    f.add_linear(row).unwrap();
    let told = text(TextFormat::Lp, &f);
    assert!(told.contains(" m1: b1 + m1 = 1\n m2: b2 + m2 = 1\n c0: 1e20 m1 + m2 >= 3\n"), "{told}");
}

#[test]
fn memory_is_bounded() {
    let mut f = Formula::new();
    for i in 0..10_000 {
        f.add_clause(&[i % 50 + 1, -(i % 49 + 2)]).unwrap();
    }
    let limits = Limits { memory: Some(100_000), ..Default::default() };
    for print in [lp::to_bytes, mps::to_bytes] {
        assert!(matches!(print(&f, &Budget::start(&limits)), Err(lp::WriteError::Memory(_))));
    }
}
