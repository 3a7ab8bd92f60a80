//! The commands about networks and properties as a user meets them.

#![cfg(feature = "cli")]

#[path = "support/folder.rs"]
mod folder;

use std::path::Path;

use folder::Folder;

impl Folder {
    /// What goes wrong says so on standard error, and only there.
    fn bad(&self, line: &str) -> String {
        let (code, out, err) = self.run(line);
        assert_eq!((code, out.as_str()), (1, ""), "{line}: {err}");
        assert!(err.starts_with("anser: "), "{line}: {err}");
        err
    }
}

fn numbers(csv: &str) -> Vec<Vec<f64>> {
    csv.lines().map(|line| line.split(',').map(|v| v.parse().unwrap()).collect()).collect()
}

#[test]
fn a_network_is_made_shown_and_evaluated() {
    let f = Folder::empty();
    let made = f.json("generate network --input 4 --hidden 6,5 --outputs 3 --seed 7 -o net.onnx --json", 0);
    assert_eq!((&made["layers"], &made["parameters"]), (&5.into(), &(4 * 6 + 6 + 6 * 5 + 5 + 5 * 3 + 3).into()));
    f.good("generate network --input 4 --hidden 6,5 --outputs 3 --seed 7 -o again.onnx.gz", 0);
    let shown = f.json("net net.onnx --json", 0);
    assert_eq!(shown, f.json("net again.onnx.gz --json", 0));
    assert_eq!(shown["operators"], serde_json::json!({"Gemm": 3, "Relu": 2}));
    assert_eq!(shown["inputs"][0]["shape"], serde_json::json!([1, 4]));
    assert_eq!(shown["layers"][0]["weights"], serde_json::json!([[6, 4], [6]]));
    let text = f.good("net net.onnx", 0);
    assert!(text.contains("operators Gemm 3, Relu 2") && text.contains("layers 5"), "{text}");

    f.write("x.csv", "a,b,c,d\n0.5,-1,2,0\n1,1,1,1\n");
    let narrow = numbers(&f.good("eval net.onnx --input x.csv", 0));
    let wide = numbers(&f.good("eval net.onnx -i x.csv --precision f64", 0));
    assert_eq!((wide.len(), wide[0].len()), (2, 3));
    for (narrow, wide) in narrow.concat().iter().zip(wide.concat()) {
        assert!((narrow - wide).abs() <= 1e-5 * wide.abs().max(1.0), "{narrow} {wide}");
    }
    // Through numpy's format and back; the middle of the network is there, too.
    f.good("eval net.onnx -i x.csv --precision f64 -o y.npy", 0);
    f.good("generate network --input 3 --outputs 1 --seed 1 -o last.onnx", 0);
    assert_eq!(f.good("eval last.onnx -i y.npy", 0).lines().count(), 2);
    let object = f.json("eval net.onnx -i x.csv --precision f64 --json", 0);
    assert_eq!(object["outputs"][1][2].as_f64().unwrap(), wide[1][2]);
    let hidden = numbers(&f.good("eval net.onnx -i x.csv --precision f64 --tensor linear1.active --tensor output", 0));
    assert_eq!((hidden[0].len(), &hidden[1][5..]), (8, &wide[1][..]));
    assert!(hidden.iter().all(|row| row[..5].iter().all(|v| *v >= 0.0)));
}

#[test]
fn a_property_is_made_shown_and_holds_at_its_witness() {
    let f = Folder::empty();
    f.good(
        "generate network --input 1,8,8 --conv 3,4 --hidden 6 --outputs 4 --batch-norm --residual --seed 3 -o net.onnx",
        0,
    );
    f.good(
        "generate property --network net.onnx --kind reachability --radius 0.1 --witness w.csv --seed 5 -o p.vnnlib",
        0,
    );
    let shown = f.json("property p.vnnlib --network net.onnx --disjuncts --json", 0);
    assert_eq!((&shown["disjuncts"], shown["list"].as_array().unwrap().len()), (&1.into(), 1));
    let disjunct = &shown["list"][0];
    let witness = &numbers(&std::fs::read_to_string(f.path("w.csv")).unwrap())[0];
    let output = &numbers(&f.good("eval net.onnx -i w.csv --precision f64", 0))[0];
    assert_eq!((witness.len(), disjunct["exact"].as_bool()), (64, Some(true)));
    for (i, x) in witness.iter().enumerate() {
        let end = |side: &str| disjunct[side][i].as_f64().unwrap();
        assert!(end("lower") <= *x && *x <= end("upper"));
    }
    for row in disjunct["halfspaces"].as_array().unwrap() {
        let terms = row["terms"].as_object().unwrap().iter();
        let sum: f64 = terms
            .map(|(name, c)| c.as_f64().unwrap() * output[name.strip_prefix("Y_").unwrap().parse::<usize>().unwrap()])
            .sum();
        assert!(sum <= row["bound"].as_f64().unwrap());
    }
    f.good("generate property --network net.onnx --kind robustness --radius 0.1 --seed 5 -o r.vnnlib.gz", 0);
    let robust = f.json("property r.vnnlib.gz --json", 0);
    assert_eq!(robust["disjuncts"], 3);
    f.good("property r.vnnlib.gz -o again.vnnlib", 0);
    let again = f.json("property again.vnnlib --json", 0);
    assert_eq!((&again["atoms"], &again["inputs"]), (&robust["atoms"], &robust["inputs"]));
    let text = f.good("property again.vnnlib --disjuncts", 0);
    assert!(text.contains("disjuncts 3\n") && text.contains("<= X_63 <="), "{text}");
}

#[test]
fn what_is_wrong_is_told() {
    let f = Folder::empty();
    f.good("generate network --input 2 --outputs 2 --seed 1 -o net.onnx", 0);
    f.write("x.csv", "1,2\n3,x\n");
    f.write("short.csv", "1\n");
    f.write("p.vnnlib", "(declare-const X_0 Real)\n(declare-const Y_0 Real)\n(assert (<= X_0 Y_1))\n");
    f.write("q.vnnlib", "(declare-const X_0 Real)\n(declare-const Y_0 Real)\n(assert (<= X_0 1))\n");
    f.write("bad.onnx", "not a network");
    f.write("x.npy", "no array");
    for (line, expected) in [
        ("net missing.onnx", "missing.onnx: "),
        ("net bad.onnx", "bad.onnx: "),
        ("net net.onnx -o no/such/folder.onnx", "no/such/folder.onnx: "),
        ("eval net.onnx -i x.csv", "x.csv: line 2, field 2: \"x\" is no number"),
        ("eval net.onnx -i short.csv", "short.csv: line 1: 1 numbers, a sample has 2"),
        ("eval net.onnx -i x.npy", "x.npy: not a .npy file"),
        ("eval net.onnx -i x.txt", "x.txt: the name must end in .npy or .csv"),
        ("eval net.onnx -i short.csv --tensor nothing", "no tensor \"nothing\""),
        ("property p.vnnlib", "p.vnnlib: line 3, column 17: "),
        ("property q.vnnlib --json", "X_0"),
        ("property q.vnnlib --network net.onnx", "1 elements"),
        ("generate network --input 0 --outputs 1 -o a.onnx", "input = 0"),
        ("generate property --network net.onnx --kind robustness --radius -1 -o a.vnnlib", "radius = -1"),
        (
            "generate property --network net.onnx --kind robustness --radius 1 --witness w.csv -o a.vnnlib",
            "--witness: ",
        ),
    ] {
        let err = f.bad(line);
        assert!(err.contains(expected), "{line}: {err}");
    }
    assert!(!Path::new(&f.path("a.onnx")).exists() && !Path::new(&f.path("a.vnnlib")).exists());
}
