//! `anser bounds` as a user meets it.

#![cfg(feature = "cli")]

#[path = "support/folder.rs"]
mod folder;

use folder::Folder;
use serde_json::Value;

/// Names of two inputs and two outputs, the inputs between -1 and 1.
const BOX: &str = "(declare-const X_0 Real)(declare-const X_1 Real)(declare-const Y_0 Real)(declare-const Y_1 Real)\n\
                   (assert (>= X_0 -1))(assert (<= X_0 1))(assert (>= X_1 -1))(assert (<= X_1 1))\n";

impl Folder {
    /// With a network of two inputs and two outputs, and one of a single layer.
    fn new() -> Self {
        let folder = Folder::empty();
        for line in [
            "generate network --input 2 --hidden 8,8 --outputs 2 --seed 3 -o net.onnx",
            "generate network --input 2 --outputs 2 --seed 4 -o linear.onnx",
        ] {
            folder.good(line, 0);
        }
        folder
    }

    /// The box, and an assertion.
    fn property(&self, name: &str, assertion: &str) {
        self.write(name, &format!("{BOX}(assert {assertion})\n"));
    }

    /// What a network answers in 64 bits to a grid over the box.
    fn answers(&self, network: &str) -> (Vec<[f64; 2]>, Vec<Vec<f64>>) {
        let end = |i: i32| f64::from(i) / 8.0 - 1.0;
        let points: Vec<[f64; 2]> = (0..17 * 17).map(|i| [end(i / 17), end(i % 17)]).collect();
        let rows: Vec<String> = points.iter().map(|[a, b]| format!("{a},{b}\n")).collect();
        self.write("x.csv", &rows.concat());
        let (code, out, _) = self.run(&format!("eval {network} -i x.csv --precision f64"));
        assert_eq!(code, 0);
        (points, out.lines().map(|line| line.split(',').map(|v| v.parse().unwrap()).collect()).collect())
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

/// Lower and upper bounds of the outputs of a box.
fn outputs(of: &Value) -> (Vec<f64>, Vec<f64>) {
    (numbers(&of["outputs"]["lower"]), numbers(&of["outputs"]["upper"]))
}

#[test]
fn bounds_hold_and_better_methods_have_better_ones() {
    let f = Folder::new();
    // Also of inputs.
    f.property("p.vnnlib", "(<= (+ Y_0 (* -2 Y_1)) (+ X_0 0.5))");
    let (points, answers) = f.answers("net.onnx");
    let mut widths = Vec::new();
    for options in [
        "--method interval",
        "--method crown --intersect",
        "--method alpha --intersect",
        "--method alpha --iterations 50 --neuron-iterations 20 --intersect",
    ] {
        let report = f.json(&format!("bounds net.onnx p.vnnlib --json {options}"), 0);
        assert_eq!((&report["verdict"], &report["reason"]), (&"unknown".into(), &"incomplete".into()));
        assert_eq!((&report["disjuncts"], &report["closed"]), (&1.into(), &0.into()));
        assert_eq!(report["method"].as_str().unwrap(), options.split_whitespace().nth(1).unwrap());
        let of = &report["boxes"][0];
        assert_eq!((numbers(&of["lower"]), numbers(&of["upper"])), (vec![-1.0; 2], vec![1.0; 2]));
        let (lower, upper) = outputs(of);
        let row = &of["disjuncts"][0]["halfspaces"][0];
        assert_eq!((&row["terms"]["X_0"], &row["terms"]["Y_1"]), (&(-1.0).into(), &(-2.0).into()), "{row}");
        let (least, greatest) = (row["least"].as_f64().unwrap(), row["greatest"].as_f64().unwrap());
        for (x, y) in points.iter().zip(&answers) {
            // Answers are rounded, bounds are not off by that.
            let within = |l: f64, v: f64, u: f64| l <= v + 1e-12 && v <= u + 1e-12;
            assert!((0..2).all(|i| within(lower[i], y[i], upper[i])), "{options}: {y:?} {of}");
            assert!(within(least, y[0] - 2.0 * y[1] - x[0], greatest), "{options}: {x:?} {y:?} {row}");
        }
        widths.push([upper[0] - lower[0], upper[1] - lower[1], greatest - least]);
    }
    for pair in widths.windows(2) {
        assert!((0..3).all(|i| pair[1][i] <= pair[0][i] + 1e-9), "{widths:?}");
    }
    assert!((0..3).all(|i| widths[3][i] < 0.9 * widths[0][i]), "{widths:?}");
}

#[test]
fn what_is_linear_is_bounded_to_the_last_digits() {
    let f = Folder::new();
    f.property("p.vnnlib", "(>= Y_0 1000)");
    let (_, answers) = f.answers("linear.onnx");
    for method in ["interval", "crown", "alpha"] {
        let report = f.json(&format!("bounds linear.onnx p.vnnlib --json --method {method}"), 20);
        let (lower, upper) = outputs(&report["boxes"][0]);
        for i in 0..2 {
            // The grid has the corners.
            let least = answers.iter().map(|y| y[i]).fold(f64::INFINITY, f64::min);
            let greatest = answers.iter().map(|y| y[i]).fold(f64::NEG_INFINITY, f64::max);
            assert!((lower[i] - least).abs() <= 1e-12 && (upper[i] - greatest).abs() <= 1e-12, "{report}");
        }
    }
}

#[test]
fn a_disjunct_is_closed_by_any_row_and_all_of_them_are_the_proof() {
    let f = Folder::new();
    f.property("all.vnnlib", "(or (>= Y_0 1000) (and (<= Y_1 1000) (>= (+ Y_0 Y_1) 2000)))");
    let (code, out, err) = f.run("bounds net.onnx all.vnnlib");
    assert_eq!((code, err.as_str()), (20, ""));
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[0], "box 0");
    assert!(lines[1].contains(" <= Y_0 <= ") && lines[2].contains(" <= Y_1 <= "), "{out}");
    assert_eq!(lines[3], "disjunct 0, box 0: closed");
    assert!(lines[4].starts_with("  -1 Y_0 <= -1000: from ") && lines[4].ends_with(", closes"), "{out}");
    assert_eq!(lines[5], "disjunct 1, box 0: closed");
    // The one that any point meets does not, the other does.
    assert_eq!(lines[6..8].iter().filter(|line| line.ends_with(", closes")).count(), 1, "{out}");
    assert_eq!(lines[8..], ["boxes 1", "disjuncts 2", "closed 2", "unsat"]);
    assert_eq!(f.run("verify net.onnx all.vnnlib --procedure bounds").0, 20);

    f.property("some.vnnlib", "(or (>= Y_0 1000) (>= Y_1 -1000))");
    let report = f.json("bounds net.onnx some.vnnlib --json", 0);
    assert_eq!((&report["disjuncts"], &report["closed"]), (&2.into(), &1.into()));
    let disjuncts = &report["boxes"][0]["disjuncts"];
    assert_eq!((&disjuncts[0]["closed"], &disjuncts[1]["closed"]), (&true.into(), &false.into()));
    assert_eq!(disjuncts[0]["halfspaces"][0]["closes"], true);
    let (_, out, _) = f.run("bounds net.onnx some.vnnlib");
    assert!(out.ends_with("\ndisjuncts 2\nclosed 1\nunknown: incomplete\n"), "{out}");
}

#[test]
fn each_box_has_its_own_outputs() {
    let f = Folder::new();
    let half = |i: usize, rows: &str| {
        let side = if i == 0 { "(<= X_0 0)" } else { "(>= X_0 0)" };
        format!("(and {side} {rows})")
    };
    let text = [half(0, "(>= Y_0 1000)"), half(0, "(>= Y_1 1000)"), half(1, "(>= Y_0 1000)")].join(" ");
    f.property("p.vnnlib", &format!("(or {text})"));
    let report = f.json("bounds net.onnx p.vnnlib --json", 20);
    let boxes = report["boxes"].as_array().unwrap();
    assert_eq!((boxes.len(), &report["disjuncts"]), (2, &3.into()));
    assert_eq!(boxes.iter().map(|b| b["disjuncts"].as_array().unwrap().len()).collect::<Vec<_>>(), [2, 1]);
    assert_eq!((numbers(&boxes[0]["upper"]), numbers(&boxes[1]["lower"])), (vec![0.0, 1.0], vec![0.0, -1.0]));
    assert_ne!(boxes[0]["outputs"], boxes[1]["outputs"]);
    let (points, answers) = f.answers("net.onnx");
    for (x, y) in points.iter().zip(answers) {
        let (lower, upper) = outputs(&boxes[usize::from(x[0] > 0.0)]);
        assert!((0..2).all(|i| lower[i] <= y[i] + 1e-12 && y[i] <= upper[i] + 1e-12));
    }
}

#[test]
fn disjuncts_that_do_not_fit_one_call_share_their_box_all_the_same() {
    let f = Folder::new();
    let rows: Vec<String> = (0..5000).map(|i| format!("(>= Y_0 {})", 1000 + i)).collect();
    f.property("p.vnnlib", &format!("(or {})", rows.join(" ")));
    let report = f.json("bounds net.onnx p.vnnlib --json --method interval", 20);
    assert_eq!((report["boxes"].as_array().unwrap().len(), &report["closed"]), (1, &5000.into()));
    let disjuncts = report["boxes"][0]["disjuncts"].as_array().unwrap();
    assert!(disjuncts.iter().enumerate().all(|(i, d)| d["halfspaces"][0]["bound"] == -1000.0 - i as f64));
    let least = &disjuncts[0]["halfspaces"][0]["least"];
    assert!(disjuncts.iter().all(|d| &d["halfspaces"][0]["least"] == least));
}

#[test]
fn without_a_disjunct_and_without_halfspaces() {
    let f = Folder::new();
    f.property("none.vnnlib", "(>= X_0 2)");
    assert_eq!(
        f.run("bounds net.onnx none.vnnlib"),
        (20, "boxes 0\ndisjuncts 0\nclosed 0\nunsat\n".into(), String::new())
    );
    f.write("any.vnnlib", BOX);
    let report = f.json("bounds net.onnx any.vnnlib --json", 0);
    assert_eq!(
        report["boxes"][0]["disjuncts"],
        serde_json::json!([{"halfspaces": [], "exact": true, "closed": false}])
    );
}

#[test]
fn limits_end_it() {
    let f = Folder::new();
    f.property("p.vnnlib", "(>= Y_0 1000)");
    for (limit, reason) in [("--time 0", "time"), ("--work 0", "work")] {
        let (code, out, err) = f.run(&format!("bounds net.onnx p.vnnlib {limit}"));
        assert_eq!((code, err.as_str()), (0, ""));
        assert_eq!(out, format!("boxes 0\ndisjuncts 0\nclosed 0\nunknown: {reason}\n"));
        let report = f.json(&format!("bounds net.onnx p.vnnlib --json {limit}"), 0);
        assert_eq!((&report["verdict"], &report["reason"]), (&"unknown".into(), &reason.into()));
    }
}

#[test]
fn an_input_without_bounds_has_no_box() {
    let f = Folder::new();
    f.write("open.vnnlib", &format!("{}(assert (>= Y_0 1000))\n", BOX.replace("(assert (<= X_1 1))", "")));
    let report = f.json("bounds net.onnx open.vnnlib --json", 0);
    assert_eq!((&report["verdict"], &report["reason"]), (&"unknown".into(), &"unbounded".into()));
    let (code, out, _) = f.run("bounds net.onnx open.vnnlib");
    assert!(code == 0 && out.contains("unknown: unbounded") && out.contains("X_1"), "{out}");
}

#[test]
fn mistakes_are_told_as_by_verify() {
    let f = Folder::new();
    f.property("p.vnnlib", "(>= Y_0 0)");
    f.property("bad.vnnlib", "(>= Y_0 luck)");
    f.write("other.vnnlib", "(declare-const X_0 Real)(declare-const Y_0 Real)(assert (>= X_0 0))(assert (<= X_0 1))\n");
    f.write("empty.onnx", "");
    let whole = std::fs::read(f.path("net.onnx")).unwrap();
    for (name, length) in [("half.onnx", whole.len() / 2), ("tail.onnx", whole.len() - 1)] {
        std::fs::write(f.path(name), &whole[..length]).unwrap();
    }
    for (files, word) in [
        ("net.onnx other.vnnlib", "inputs"),
        ("nowhere.onnx p.vnnlib", "nowhere.onnx"),
        ("net.onnx nowhere.vnnlib", "nowhere.vnnlib"),
        ("half.onnx p.vnnlib", "half.onnx"),
        ("tail.onnx p.vnnlib", "tail.onnx"),
        ("empty.onnx p.vnnlib", "empty.onnx"),
        ("p.vnnlib net.onnx", "p.vnnlib"),
        ("net.onnx bad.vnnlib", "bad.vnnlib: line 3, column 17"),
    ] {
        let (code, out, err) = f.run(&format!("bounds {files}"));
        assert_eq!((code, out.as_str()), (1, ""), "{files}");
        assert!(err.starts_with("anser: ") && err.contains(word), "{files}: {err}");
        assert_eq!(f.run(&format!("verify {files}")).2, err);
        assert_eq!(f.run(&format!("bounds {files} --json")), (1, String::new(), err));
    }
    for (options, word) in [
        ("--method luck", "crown"),
        ("--iterations 5", "--iterations: only --method alpha"),
        ("--method interval --neuron-iterations 0", "--neuron-iterations: only --method alpha"),
        ("--method interval --intersect", "--intersect"),
        ("--method alpha --iterations -1", "-1"),
        ("--method alpha --iterations 99999999999", "iterations are too many"),
        ("--time -1", "negative"),
        ("--dim", "--dim"),
    ] {
        let (code, out, err) = f.run(&format!("bounds net.onnx p.vnnlib {options}"));
        assert_eq!((code, out.as_str()), (1, ""), "{options}");
        assert!(err.contains(word), "{options}: {err}");
    }
}
