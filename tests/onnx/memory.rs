//! A memory limit holds, whatever a file claims: the peak of a process that reads it.
#![cfg(target_os = "linux")]

use std::process::Command;

use anser::budget::{Budget, Limits};
use anser::error::OutOfMemory;
use anser::files::write_file;
use anser::net::onnx::{OnnxErrorKind, ReadOptions, read_file};

use super::{floats, ints, model, node, read, small};

const CHILD: &str = "ANSER_TEST_ONNX_MEMORY";
const LIMIT: u64 = 64 << 20;

fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// Reads a file within the limit and prints what came of it and how far the peak rose.
fn child(path: &str) {
    let budget = Budget::start(&Limits { memory: Some(LIMIT), ..Limits::default() });
    let before = peak();
    let answer = read_file(path.as_ref(), &ReadOptions { fuse: false, ..ReadOptions::default() }, &budget);
    let what = match answer.as_ref().map_err(|e| e.kind()) {
        Ok(_) => "read".to_owned(),
        Err(OnnxErrorKind::Memory(OutOfMemory::Limit { .. })) => "limit".to_owned(),
        Err(other) => format!("other: {other}").replace(' ', "_"),
    };
    println!("answer {what} peak {}", peak() - before);
}

#[test]
fn the_limit_holds() {
    if let Ok(path) = std::env::var(CHILD) {
        return child(&path);
    }
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        write_file(&path, bytes, &Budget::unlimited()).unwrap();
        path
    };
    let mut cases = vec![
        (write("small.onnx", &small().write_buf().unwrap()), "read"),
        (write("bomb.onnx.gz", &vec![0; 512 << 20]), "limit"),
    ];
    // Empty nodes, tensors, attributes and numbers: two or three bytes each, hundreds when decoded.
    for (name, inner) in
        [("nodes", &[0x0a, 0][..]), ("tensors", &[0x2a, 0]), ("inputs", &[0x5a, 0]), ("values", &[0x62, 0])]
    {
        let graph = inner.repeat(4 << 20);
        let len = graph.len() as u64;
        let mut bytes = vec![0x3a];
        bytes.extend((0..4).map(|i| (len >> (7 * i)) as u8 & 0x7f | if i < 3 { 0x80 } else { 0 }));
        bytes.extend(graph);
        cases.push((write(&format!("{name}.onnx.gz"), &bytes), "limit"));
    }
    let large = |shape: &[i64]| {
        let nodes = vec![node("ConstantOfShape", &["s"], &["c"]), node("Relu", &["c"], &["y"])];
        model(nodes, vec![ints("s", &[shape.len() as i64], shape)]).write_buf().unwrap()
    };
    cases.push((write("filled.onnx", &large(&[1 << 25])), "limit"));
    // Each doubles what there was.
    let mut nodes = vec![node("Concat", &["c", "c"], &["c0"])];
    nodes.extend((0..24).map(|i| node("Concat", &[&format!("c{i}"), &format!("c{i}")], &[&format!("c{}", i + 1)])));
    nodes.push(node("Relu", &["c24"], &["y"]));
    for node in &mut nodes {
        node.attribute = if node.op_type.as_deref() == Some("Concat") { vec![super::int("axis", 0)] } else { vec![] };
    }
    cases.push((write("doubled.onnx", &model(nodes, vec![floats("c", &[1], &[1.0])]).write_buf().unwrap()), "limit"));
    let many: Vec<f32> = vec![0.5; 10 << 20];
    let nodes = vec![node("Relu", &["c"], &["y"])];
    cases.push((
        write("weights.onnx.gz", &model(nodes, vec![floats("c", &[10 << 20], &many)]).write_buf().unwrap()),
        "limit",
    ));
    for (path, expected) in cases {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "memory::the_limit_holds", "--nocapture"])
            .env(CHILD, &path)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let word =
            |name: &str| text.split_whitespace().skip_while(|w| *w != name).nth(1).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(word("answer"), expected, "{}", path.display());
        let peak: u64 = word("peak").parse().unwrap();
        println!("{}: {expected}, {:.1} MB", path.file_name().unwrap().display(), peak as f64 / 1e6);
        // Beside what is counted: code that is touched the first time, and the allocator's own.
        assert!(peak <= LIMIT + (16 << 20), "{}: {peak}", path.display());
    }
}

/// Without a limit a short file cannot ask for much either: what is held goes with its length.
#[test]
fn a_short_file_asks_for_little() {
    // 60 constants of 64 MiB; and 1,000 tables of a million indices in a file that has one.
    let mut filled = vec![node("ConstantOfShape", &["s"], &["c0"])];
    filled.extend((0..60).map(|i| node("Add", &[&format!("c{i}"), &format!("c{i}")], &[&format!("c{}", i + 1)])));
    filled.push(node("Relu", &["c60"], &["y"]));
    let filled = model(filled, vec![ints("s", &[1], &[1 << 24])]);
    let mut gathered = vec![node("Gather", &["x", "i"], &["g0"])];
    gathered.extend((0..1000).map(|i| node("Gather", &[&format!("g{i}"), "i"], &[&format!("g{}", i + 1)])));
    gathered.push(node("Relu", &["g1000"], &["y"]));
    let indices: Vec<i64> = vec![0; 1 << 20];
    let gathered = model(gathered, vec![ints("i", &[1 << 20], &indices)]);
    for model in [filled, gathered] {
        let error = read(&model.write_buf().unwrap()).unwrap_err();
        assert!(matches!(error.kind(), OnnxErrorKind::Memory(OutOfMemory::Limit { .. })), "{error}");
    }
}
