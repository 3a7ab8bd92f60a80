//! Version 2.0 against the standard's own Python package: the same texts are taken, and mean the same at random points.
//!
//! Where the two differ on purpose: the package takes whatever it parses, also what we do not support (hidden nodes, several
//! networks, products of variables, whole numbers as indices written otherwise); we take exponents and whole numbers as real
//! constants. Those texts stand in `malformed.rs` and `accepted.rs`.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{NETWORK, Random, read};

const NAMES: [&str; 5] = ["X[0]", "X[1]", "Z", "Y[0,0]", "Y[0,1]"];

/// A Python with the package, or why there is none.
fn python() -> Result<String, String> {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/.deps/oracles/bin/python");
    let candidates = [own, "python3"];
    let usable = |python: &&str| {
        let output = Command::new(python).args(["-c", "import vnnlib"]).stderr(Stdio::null()).status();
        output.is_ok_and(|status| status.success())
    };
    let found = candidates.into_iter().find(|python| usable(python));
    found.map(String::from).ok_or_else(|| "no Python with the package vnnlib (scripts/setup installs it)".into())
}

fn number(random: &mut Random) -> String {
    ["0.0", "1.0", "-1.0", "0.5", "0.1", "-2.5", "3.0"][random.below(7)].into()
}

/// A linear expression: products have one factor that is no constant, at most.
fn linear(random: &mut Random, depth: usize) -> String {
    match random.below(if depth == 0 { 3 } else { 7 }) {
        0 => number(random),
        1 | 2 => NAMES[random.below(5)].into(),
        3 => format!("(* {} {})", number(random), linear(random, depth - 1)),
        4 => format!("(- {})", linear(random, depth - 1)),
        kind => {
            let operands: Vec<String> = (0..1 + random.below(3)).map(|_| linear(random, depth - 1)).collect();
            format!("({} {})", if kind == 5 { "+" } else { "-" }, operands.join(" "))
        }
    }
}

fn formula(random: &mut Random, depth: usize) -> String {
    if depth == 0 || random.below(3) == 0 {
        let comparison = ["<", "<=", ">", ">=", "==", "!="][random.below(6)];
        return format!("({comparison} {} {})", linear(random, 2), linear(random, 1));
    }
    let operands: Vec<String> = (0..1 + random.below(3)).map(|_| formula(random, depth - 1)).collect();
    format!("({} {})", ["and", "or"][random.below(2)], operands.join(" "))
}

/// Texts that are wrong for both, or right for both though they look odd.
const BY_HAND: [&str; 26] = [
    "(assert (<= X[0] 1.0)) ; comment",
    "(assert(<= Y[0,1] 1.0))",
    "(assert (<= Y[ 0 , 1 ] 1.0))",
    "(assert (<= Y [0,1] 1.0))",
    "(assert (<= 1.0 2.0))",
    "(assert (<= X[00] 01.0))",
    "(assert (<= (- 2.0 -1.0) X[0]))",
    "(assert (and (or (<= Z 1.0))))\r\n\r\n(assert (!= Z 0.5))",
    "",
    "(assert)",
    "(assert (<= X[0] 1.0)",
    "(assert (<= X[0] 1.0)) )",
    "(assert (<= X[0] X[1] 1.0))",
    "(assert (<= X[2] 1.0))",
    "(assert (<= X 1.0))",
    "(assert (<= Z[0] 1.0))",
    "(assert (<= Z[] 1.0))",
    "(assert (<= X[0,] 1.0))",
    "(assert (<= Q 1.0))",
    "(assert (= Z 1.0))",
    "(assert (<= Z .5))",
    "(assert (<= Z 5.))",
    "(assert (<= (+) Z))",
    "(assert (and))",
    "(assert (not (<= Z 1.0)))",
    "(assert true)",
];

#[test]
fn the_package_agrees() {
    let python = match python() {
        Ok(python) => python,
        Err(why) => return println!("skipped: {why}"),
    };
    let mut random = Random(20);
    let mut texts: Vec<String> = BY_HAND.iter().map(|text| format!("{NETWORK}{text}")).collect();
    for header in ["", "(vnnlib-version <3.0>)\n", "(vnnlib-version <2.0>)\n(vnnlib-version <2.0>)\n"] {
        texts.push(format!("{}(assert (<= Z 1.0))", NETWORK.replace("(vnnlib-version <2.0>)\n", header)));
    }
    for (from, to) in
        [("[2]", "[0]"), ("[2]", "[-2]"), ("Z float32", "X float32"), ("Z float32", "Z float64"), ("f (", "1f (")]
    {
        texts.push(format!("{}(assert (<= X[0] Z))", NETWORK.replace(from, to)));
    }
    for _ in 0..600 {
        let assertions: String =
            (0..1 + random.below(3)).map(|_| format!("(assert {})\n", formula(&mut random, 3))).collect();
        texts.push(format!("{NETWORK}{assertions}"));
        // The same with a parenthesis or a word gone.
        let mut broken = texts.last().cloned().unwrap_or_default();
        let at = NETWORK.len() + random.below(assertions.len());
        // A blank makes no difference, and a changed number may be a whole one.
        if b"()[]<>=+*andorXYZ".contains(&broken.as_bytes()[at]) {
            broken.remove(at);
            texts.push(broken);
        }
    }
    let points: Vec<[f64; 5]> = (0..30)
        .map(|_| std::array::from_fn(|_| [0.0, 1.0, -1.0, 0.5, 0.1, 0.3, random.unit() * 4.0 - 2.0][random.below(7)]))
        .collect();
    let named: Vec<Value> =
        points.iter().map(|point| NAMES.iter().zip(point).map(|(n, v)| (n.to_string(), json!(v))).collect()).collect();

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/property/oracle.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input: String = texts.iter().map(|text| json!({"text": text, "points": named}).to_string() + "\n").collect();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let answers: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), texts.len(), "the script stopped early");

    let (mut taken, mut refused) = (0, 0);
    for (text, answer) in texts.iter().zip(&answers) {
        let property = match (read(text), answer.as_array()) {
            (Ok(property), Some(_)) => property,
            (Err(_), None) => {
                refused += 1;
                continue;
            }
            // Products of variables, say: the package takes them.
            (Err(error), Some(_)) if error.is_unsupported() => continue,
            (ours, theirs) => panic!("{text}\nours: {ours:?}\ntheirs: {theirs:?}"),
        };
        taken += 1;
        for (point, truth) in points.iter().zip(answer.as_array().unwrap()) {
            assert_eq!(
                property.check(&point[..3], &point[3..]).unwrap(),
                truth.as_bool().unwrap(),
                "{text} at {point:?}"
            );
        }
    }
    println!("{taken} texts taken by both, {refused} refused by both");
    assert!(taken > 500 && refused > 100, "{taken} taken, {refused} refused");
}
