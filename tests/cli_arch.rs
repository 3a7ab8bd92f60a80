//! `anser arch` as a user meets it.

#![cfg(feature = "cli")]

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

struct Run {
    code: i32,
    out: String,
    err: String,
}

fn arch(args: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anser"));
    command.arg("arch").args(args).stdin(Stdio::null());
    let done = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run {
        code: done.status.code().unwrap_or_else(|| panic!("{}", done.status)),
        out: text(done.stdout),
        err: text(done.stderr),
    }
}

fn json(args: &[&str]) -> (i32, Value) {
    let run = arch(&[args, &["--json"]].concat());
    (run.code, serde_json::from_str(&run.out).unwrap_or_else(|e| panic!("{e}: {} {}", run.out, run.err)))
}

const SPACE: [&str; 6] = ["--input", "28x28", "--output", "8x8", "--layers", "1..2"];

fn members(value: &Value) -> Vec<String> {
    value["members"].as_array().unwrap().iter().map(Value::to_string).collect()
}

#[test]
fn counts_agree_whatever_the_method() {
    // 3 squared and 52 squared.
    for method in ["programme", "engine"] {
        let (code, value) = json(&[&["count"], &SPACE[..], &["--method", method]].concat());
        assert_eq!(
            (code, value["count"].as_str(), value["exact"].as_bool()),
            (10, Some("2713"), Some(true)),
            "{value}"
        );
    }
    let (code, value) = json(&[&["count"], &SPACE[..], &["--method", "approximate"]].concat());
    let count: f64 = value["count"].as_str().unwrap().parse().unwrap();
    assert!(code == 0 && (2713.0 / 1.8..=2713.0 * 1.8).contains(&count), "{value}");
    let (_, value) = json(&["count", "--input", "224x224x224", "--output", "7x7x7", "--layers", "1..10"]);
    assert!(value["count"].as_str().unwrap().len() > 40, "{value}");
    let plain = arch(&["count", "--input", "28", "--output", "8", "--layers", "5"]);
    assert_eq!((plain.code, plain.out.lines().last()), (10, Some("16142")));
    let none = arch(&["count", "--input", "5", "--output", "5", "--layers", "2", "--strict"]);
    assert_eq!((none.code, none.out.lines().last()), (20, Some("0")));
}

#[test]
fn rules_reach_the_space() {
    let of = |more: &[&str]| {
        let args = [&["count", "--input", "28", "--output", "8", "--layers", "3"], more].concat();
        json(&args).1["count"].as_str().unwrap().parse::<u64>().unwrap()
    };
    assert_eq!(of(&[]), 466);
    assert_eq!(of(&["--no-identity"]), 319);
    assert_eq!(of(&["--strict"]), 319);
    assert_eq!(of(&["--floor"]), 692);
    assert_eq!(of(&["--kernel-above-stride"]), 264);
    assert_eq!(of(&["--pool", "2,1"]), 264);
    assert_eq!(of(&["--pool", "2,1", "--no-identity"]), 171);
    let small = of(&["--kernel-max", "9", "--stride-max", "2"]);
    assert!(small > 0 && small < 466, "{small}");
    assert!(of(&["--padding", "1"]) > 466);
}

#[test]
fn limits_on_the_whole_agree_with_a_filter() {
    let space = ["--input", "12x12", "--output", "4x4", "--layers", "2", "--channels", "3,8,4"];
    let (_, all) = json(&[&["enumerate"], &space[..]].concat());
    let fits = |member: &Value| {
        let layers = member["layers"].as_array().unwrap();
        let of =
            |layer: &Value| layer["kernel"].as_array().unwrap().iter().map(|k| k.as_u64().unwrap()).product::<u64>();
        24 * of(&layers[0]) + 32 * of(&layers[1]) <= 600
    };
    let expected: BTreeSet<String> =
        all["members"].as_array().unwrap().iter().filter(|m| fits(m)).map(Value::to_string).collect();
    let limited = [&space[..], &["--max-parameters", "600"]].concat();
    let (code, value) = json(&[&["enumerate"], &limited[..]].concat());
    let found = members(&value);
    assert_eq!(code, 10);
    assert!(found.iter().cloned().collect::<BTreeSet<_>>() == expected && found.len() == expected.len());
    assert!(expected.len() > 10 && expected.len() < all["members"].as_array().unwrap().len());
    let (_, counted) = json(&[&["count"], &limited[..]].concat());
    assert_eq!(counted["count"].as_str().unwrap(), expected.len().to_string());
    let (_, drawn) = json(&[&["sample"], &limited[..], &["-n", "30"]].concat());
    assert_eq!(drawn["method"], "unigen");
    assert!(members(&drawn).len() == 30 && members(&drawn).iter().all(|member| expected.contains(member)));
}

#[test]
fn members_are_listed_and_drawn() {
    let (code, all) = json(&[&["enumerate"], &SPACE[..]].concat());
    let everything: BTreeSet<String> = members(&all).into_iter().collect();
    assert_eq!((code, everything.len(), all["complete"].as_bool()), (10, 2713, Some(true)));
    let (_, engine) = json(&[&["enumerate"], &SPACE[..], &["--method", "engine"]].concat());
    assert!(members(&engine).into_iter().collect::<BTreeSet<_>>() == everything);
    let (_, first) = json(&[&["enumerate"], &SPACE[..], &["-n", "5"]].concat());
    assert_eq!((members(&first).len(), first["stop"].as_str()), (5, Some("limit")));
    for method in ["programme", "unigen", "uniwit", "uniwit13", "exact", "enumerate"] {
        let args = [&["sample"], &SPACE[..], &["-n", "20", "--distinct", "--seed", "7", "--method", method]].concat();
        let (code, value) = json(&args);
        let drawn = members(&value);
        assert_eq!((code, drawn.len()), (10, 20), "{method}");
        assert!(drawn.iter().all(|member| everything.contains(member)), "{method}");
        assert_eq!(drawn.iter().collect::<BTreeSet<_>>().len(), 20, "{method}");
        assert!(value["adj_t"].as_f64().unwrap() > 0.0);
        assert_eq!(value["times"].as_array().unwrap().len(), 20);
        assert_eq!(value["guaranteed"].as_bool(), Some(!["uniwit", "enumerate"].contains(&method)), "{method}");
        assert_eq!(members(&json(&args).1), drawn, "{method}: the seed decides");
    }
    let one = arch(&["enumerate", "--input", "9x8", "--output", "9x8", "--layers", "1"]);
    assert!(one.out.lines().any(|line| line == "1x1/1x1"), "{}", one.out);
}

#[test]
fn bad_arguments_get_clear_errors() {
    for (args, word) in [
        (vec!["count", "--input", "30", "--output", "20x20", "--layers", "2"], "output"),
        (vec!["count", "--input", "30x", "--output", "20", "--layers", "2"], "size"),
        (vec!["count", "--input", "0", "--output", "0", "--layers", "2"], "input"),
        (vec!["count", "--input", "99999999999999999999", "--output", "1", "--layers", "2"], "size"),
        (vec!["count", "--input", "4294967295", "--output", "1", "--layers", "2"], "4096"),
        (vec!["count", "--input", "30", "--output", "20", "--layers", "3..2"], "layers"),
        (vec!["count", "--input", "30", "--output", "20", "--layers", "0"], "layers"),
        (vec!["count", "--input", "30", "--output", "20", "--layers", "18446744073709551615"], "layers"),
        (vec!["count", "--input", "30", "--output", "20", "--layers", "..2"], "range"),
        (vec!["count", "--input", "30", "--output", "20", "--layers", "2", "--pool", "2"], "2,1"),
        (vec!["count", "--input", "30", "--output", "20", "--layers", "2", "--pool", "0,1"], "fixed"),
        (vec!["count", "--input", "30", "--output", "20", "--layers", "2", "--padding", "1x1"], "padding"),
        (vec!["count", "--input", "30", "--output", "20", "--layers", "2", "--max-parameters", "5"], "channels"),
        (vec!["count", "--input", "30", "--output", "20", "--layers", "2", "--kernel-max", "0"], "kernels"),
        (vec!["count", "--input", "30", "--output", "20", "--layers", "2", "--time", "-1"], "negative"),
        (vec!["count", "--input", "30", "--output", "20", "--layers", "2", "--receptive-field", "9..3"], "receptive"),
        (
            vec![
                "count",
                "--input",
                "30",
                "--output",
                "20",
                "--layers",
                "2",
                "--receptive-field",
                "3..9",
                "--method",
                "programme",
            ],
            "formula",
        ),
        (vec!["enumerate", "--input", "4096", "--output", "1", "--layers", "1..64", "--method", "engine"], "more than"),
        (vec!["sample", "--input", "30x30x30x30x30x30x30x30x30", "--output", "20", "--layers", "2"], "input"),
    ] {
        let run = arch(&args);
        assert_eq!(run.code, 1, "{args:?}: {} {}", run.out, run.err);
        assert!(run.err.contains(word), "{args:?}: {}", run.err);
        assert!(!run.err.contains("panick"), "{}", run.err);
    }
}

#[test]
fn a_limit_of_time_ends_it() {
    for command in [
        vec!["count", "--input", "4096x4096", "--output", "1x1", "--layers", "1..64", "--equal-kernels"],
        vec!["enumerate", "--input", "224x224", "--output", "7x7", "--layers", "4"],
        vec!["count", "--input", "28x28x28", "--output", "8x8x8", "--layers", "5", "--method", "engine"],
    ] {
        let started = Instant::now();
        let run = arch(&[&command[..], &["--time", "0.5", "--json"]].concat());
        assert!(started.elapsed() < Duration::from_secs(20), "{command:?}");
        if run.code == 1 {
            assert!(run.err.contains("more than"), "{command:?}: {}", run.err);
            continue;
        }
        let value: Value = serde_json::from_str(&run.out).unwrap();
        assert_eq!(value["stop"], "time", "{command:?}");
    }
}

#[test]
fn tables_stand_beside_the_papers() {
    let (code, value) = json(&["table", "2", "4", "figure4"]);
    assert_eq!((code, value["stop"].as_str()), (0, Some("solved")));
    let cell = |table: &str, layers: u64, dimensions: u64| {
        let rows = value[table].as_array().unwrap();
        rows.iter().find(|row| row["layers"] == layers && row["dimensions"] == dimensions).unwrap().clone()
    };
    let three = cell("table4", 4, 3);
    assert_eq!((three["members"].as_str(), three["paper_uniform"].as_f64()), (Some("1000"), Some(11509.547)));
    assert!(three["uniform"].as_f64().unwrap() > 0.0 && three["rows"].as_u64().unwrap() > 0);
    let one = cell("table2", 2, 1);
    assert_eq!((one["members"].as_str(), one["paper_limited"].as_f64()), (Some("7"), Some(4.286)));
    assert!(one["mean_distance"].as_f64().unwrap() > 0.0);
    assert!(value.get("table1").is_none() && value["figure4"].as_array().unwrap().len() == 120);
    let plain = arch(&["table", "1"]);
    assert!(plain.code == 0 && plain.out.contains("table1") && plain.out.contains("13.8420"), "{}", plain.out);
    let (_, stopped) = json(&["table", "--time", "0"]);
    assert_eq!(stopped["stop"], "time");
}

/// ResNet-18 makes 8 of 28, and then 4, 2 and 1 (section 5.2): what may stand in its place.
#[test]
fn downsampling_of_resnet_18() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap();
    let space = ["--input", "8x8", "--output", "1x1", "--layers", "3"];
    let (_, count) = json(&[&["count"], &space[..]].concat());
    let (_, one) = json(&["count", "--input", "8", "--output", "1", "--layers", "3"]);
    let one: u64 = one["count"].as_str().unwrap().parse().unwrap();
    assert_eq!(count["count"].as_str().unwrap(), (one * one).to_string());
    let more = ["--channels", "64,128,256,512", "--block", "residual", "-n", "3", "-o", place];
    let (code, value) = json(&[&["export"], &space[..], &more].concat());
    assert_eq!((code, value["members"].as_array().unwrap().len()), (10, 3));
    let options = anser::net::onnx::ReadOptions::default();
    let budget = anser::budget::Budget::unlimited();
    let net = anser::net::onnx::read_file(&folder.path().join("2.onnx"), &options, &budget).unwrap();
    assert_eq!(net.tensor(net.outputs()[0]).shape(), [1, 512, 1, 1]);
}

#[test]
fn exported_networks_have_the_shapes_of_the_space() {
    use anser::budget::Budget;
    use anser::net::onnx::{ReadOptions, read_file};
    let folder = tempfile::tempdir().unwrap();
    for (index, (input, output, more, shape)) in [
        ("30x28", "12x9", vec!["--pool", "2,1"], vec![1usize, 5, 12, 9]),
        ("40", "7", vec!["--padding", "1", "--floor"], vec![1, 5, 7]),
        ("20x20", "6x6", vec!["--max-parameters", "900"], vec![1, 5, 6, 6]),
        ("20x21", "6x5", vec!["--block", "residual", "--pool", "2,1"], vec![1, 5, 6, 5]),
    ]
    .into_iter()
    .enumerate()
    {
        let to = folder.path().join(index.to_string());
        let place = to.to_str().unwrap();
        let base = ["export", "--input", input, "--output", output, "--layers", "2", "--channels", "3,4,5"];
        let (code, value) = json(&[&base[..], &more, &["-n", "4", "-o", place, "--seed", "3"]].concat());
        assert_eq!((code, value["members"].as_array().unwrap().len()), (10, 4), "{value}");
        for (file, member) in value["members"].as_array().unwrap().iter().enumerate() {
            let path = to.join(format!("{file}.onnx"));
            let net = read_file(&path, &ReadOptions::default(), &Budget::unlimited()).unwrap();
            assert_eq!(net.tensor(net.outputs()[0]).shape(), shape, "{member}");
            let convolutions = net.layers().iter().filter(|layer| layer.op().name() == "Conv").count();
            let each = if more.contains(&"residual") { 3 } else { 1 };
            assert_eq!(convolutions, each * member["layers"].as_array().unwrap().len());
            let sums = net.layers().iter().filter(|layer| layer.op().name() == "Add").count();
            assert_eq!(sums * 3, if each == 3 { convolutions } else { 0 });
        }
    }
    for (args, word) in [
        (vec!["--input", "9x9x9", "--output", "4x4x4", "--layers", "1", "--channels", "1,1"], "dimensions"),
        (vec!["--input", "9", "--output", "4", "--layers", "1"], "channels"),
    ] {
        let run = arch(&[&["export"], &args[..], &["-o", folder.path().to_str().unwrap()]].concat());
        assert!(run.code == 1 && run.err.contains(word), "{}", run.err);
    }
}
