//! `anser verify` as a user meets it.

#![cfg(feature = "cli")]

#[path = "support/folder.rs"]
mod folder;

use folder::Folder;

impl Folder {
    /// With a network of two inputs and two outputs.
    fn new() -> Self {
        let folder = Folder::empty();
        folder.good("generate network --input 2 --hidden 8,8 --outputs 2 --seed 3 -o net.onnx", 0);
        folder
    }

    /// A box, and the assertion that output 0 is at least `least`.
    fn at_least(&self, name: &str, least: f64) {
        self.write(
            name,
            &format!(
                "(declare-const X_0 Real)(declare-const X_1 Real)(declare-const Y_0 Real)(declare-const Y_1 Real)\n\
                 (assert (>= X_0 -1))(assert (<= X_0 1))(assert (>= X_1 -1))(assert (<= X_1 1))(assert (>= Y_0 {least}))\n"
            ),
        );
    }
}

#[test]
fn a_witness_is_written_as_the_competition_has_it() {
    let f = Folder::new();
    f.at_least("sat.vnnlib", -1000.0);
    let (code, out, err) = f.run("verify net.onnx sat.vnnlib");
    assert_eq!((code, err.as_str()), (10, ""));
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!((lines[0], lines.len()), ("sat", 5), "{out}");
    let mut numbers = Vec::new();
    for (line, name) in lines[1..].iter().zip(["X_0", "X_1", "Y_0", "Y_1"]) {
        let cell = line.trim_start_matches([' ', '(']).trim_end_matches(')');
        let (variable, number) = cell.split_once(' ').unwrap();
        assert_eq!(variable, name);
        numbers.push(number.parse::<f64>().unwrap());
    }
    assert!(lines[1].starts_with("((X_0 ") && lines[2].starts_with(" (X_1 ") && lines[4].ends_with("))"), "{out}");
    // Numbers are those of 32 bits, all of them; the network answers as it says.
    assert!(numbers.iter().all(|&v| f64::from(v as f32) == v));
    f.write("x.csv", &format!("{},{}\n", numbers[0], numbers[1]));
    let (_, answers, _) = f.run("eval net.onnx -i x.csv");
    let answers: Vec<f64> = answers.trim().split(',').map(|v| v.parse().unwrap()).collect();
    for (answer, number) in answers.iter().zip(&numbers[2..]) {
        assert!((answer - number).abs() <= 1e-5 * number.abs().max(1.0), "{answers:?} {numbers:?}");
    }
}

#[test]
fn what_cannot_be_is_unsat_and_json_says_what_was_done() {
    let f = Folder::new();
    f.at_least("unsat.vnnlib", 1000.0);
    assert_eq!(f.run("verify net.onnx unsat.vnnlib"), (20, "unsat\n".into(), String::new()));
    for procedure in ["auto", "input-split", "relu-split", "bounds"] {
        let report = f.json(&format!("verify net.onnx unsat.vnnlib --procedure {procedure} --threads 2 --json"), 20);
        assert_eq!((&report["verdict"], &report["procedure"]), (&"unsat".into(), &procedure.into()));
        assert_eq!((&report["statistics"]["disjuncts"], &report["statistics"]["open"]), (&1.into(), &0.into()));
        assert!(report["input"].is_null() && report["reason"].is_null());
    }
    let report = f.json("verify net.onnx unsat.vnnlib --procedure gradient --json", 0);
    assert_eq!((&report["verdict"], &report["reason"]), (&"unknown".into(), &"incomplete".into()));
    assert!(report["statistics"]["gradients"].as_u64().unwrap() > 0);
    f.at_least("sat.vnnlib", -1000.0);
    let report = f.json("verify net.onnx sat.vnnlib --seed 5 --json", 10);
    assert_eq!(report["input"].as_array().unwrap().len(), 2);
    assert_eq!(report["output"].as_array().unwrap().len(), 2);
}

/// The verdict stays alone on the standard output; the slices add up to what was done.
#[test]
fn a_portfolio_explains_itself() {
    let f = Folder::new();
    f.at_least("unsat.vnnlib", 1000.0);
    let (code, out, err) = f.run("verify net.onnx unsat.vnnlib --explain");
    assert_eq!((code, out.as_str()), (20, "unsat\n"));
    let lines: Vec<&str> = err.lines().collect();
    assert!(lines[0].starts_with("shares of a round: attack ") && lines[0].contains("relu-split"), "{err}");
    assert!(lines[1].starts_with("round") && lines.last().unwrap().ends_with("unsat"), "{err}");
    let report = f.json("verify net.onnx unsat.vnnlib --explain --json", 20);
    assert_eq!(report["procedure"], "portfolio");
    let slices = report["slices"].as_array().unwrap();
    let sum = |key: &str| slices.iter().map(|slice| slice[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!((slices.len() + 2, sum("closed")), (lines.len(), 1));
    assert_eq!(slices[0]["procedure"], "attack");
    assert_eq!(slices.last().unwrap()["end"], "unsat");
    assert!(report["shares"]["split"].as_u64() > report["shares"]["attack"].as_u64());
    assert!(f.json("verify net.onnx unsat.vnnlib --json", 20)["slices"].is_null());
    let (code, out, err) = f.run("verify net.onnx unsat.vnnlib --procedure input-split --explain");
    assert_eq!((code, out.as_str(), err.as_str()), (20, "unsat\n", "no schedule: one procedure, input-split\n"));
}

#[test]
fn limits_end_it() {
    let f = Folder::new();
    f.at_least("p.vnnlib", 1000.0);
    assert_eq!(f.run("verify net.onnx p.vnnlib --time 0"), (0, "timeout\n".into(), String::new()));
    assert_eq!(f.run("verify net.onnx p.vnnlib --work 0"), (0, "unknown\n".into(), String::new()));
    let report = f.json("verify net.onnx p.vnnlib --time 0 --json", 0);
    assert_eq!((&report["verdict"], &report["reason"]), (&"unknown".into(), &"time".into()));
}

#[test]
fn an_input_without_bounds_is_unknown() {
    let f = Folder::new();
    f.write(
        "open.vnnlib",
        "(declare-const X_0 Real)(declare-const X_1 Real)(declare-const Y_0 Real)(declare-const Y_1 Real)\n\
         (assert (>= X_0 0))(assert (<= X_0 1))(assert (>= X_1 0))(assert (>= Y_0 1000))\n",
    );
    let report = f.json("verify net.onnx open.vnnlib --json", 0);
    assert_eq!((&report["verdict"], &report["reason"]), (&"unknown".into(), &"unbounded".into()));
}

#[test]
fn mistakes_are_told() {
    let f = Folder::new();
    f.at_least("p.vnnlib", 0.0);
    f.write("other.vnnlib", "(declare-const X_0 Real)(declare-const Y_0 Real)(assert (>= X_0 0))(assert (<= X_0 1))\n");
    for (line, word) in [
        ("verify net.onnx other.vnnlib", "inputs"),
        ("verify nowhere.onnx p.vnnlib", "nowhere.onnx"),
        ("verify net.onnx nowhere.vnnlib", "nowhere.vnnlib"),
        ("verify net.onnx p.vnnlib --procedure luck", "relu-split"),
        ("verify net.onnx p.vnnlib --threads 0", "threads"),
    ] {
        let (code, out, err) = f.run(line);
        assert_eq!((code, out.as_str()), (1, ""), "{line}");
        assert!(err.contains(word), "{line}: {err}");
    }
}
