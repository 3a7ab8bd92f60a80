//! `anser bench verify` as a user meets it.

#![cfg(feature = "cli")]
#![allow(clippy::print_stdout)] // a skipped test says why

#[path = "support/folder.rs"]
mod folder;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use folder::Folder;

impl Folder {
    /// A folder `set` of three instances: one with a witness, one without, one whose network is not there.
    fn new() -> Self {
        let folder = Folder::empty();
        std::fs::create_dir(folder.path("set")).unwrap();
        folder.good("generate network --input 2 --hidden 8,8 --outputs 2 --seed 3 -o set/net.onnx.gz", 0);
        folder.at_least("set/low.vnnlib", -1000.0);
        folder.at_least("set/high.vnnlib", 1000.0);
        folder.write(
            "set/instances.csv",
            "net.onnx,low.vnnlib,20,sat\nnet.onnx,high.vnnlib,30,unsat\ngone.onnx,low.vnnlib,5\n",
        );
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

    /// The rows of a result file by column.
    fn rows(&self, name: &str) -> Vec<Vec<String>> {
        let text = std::fs::read_to_string(self.path(name)).unwrap();
        let mut lines = text.lines();
        assert_eq!(
            lines.next(),
            Some(
                "folder,network,property,procedure,verdict,expected,wall_seconds,cpu_seconds,work,bounded,reason,\
                 limit_seconds,work_limit,threads"
            )
        );
        lines.map(|line| line.split(',').map(str::to_owned).collect()).collect()
    }
}

const SWEEP: &str = "bench verify . --procedure bounds --procedure fuzz --procedure input-split";

#[test]
fn procedures_are_told_apart() {
    let f = Folder::new();
    let summary = f.json(&format!("{SWEEP} --csv rows.csv --plot plot.png --json"), 0);
    assert_eq!((&summary["instances"], &summary["compared"]), (&3.into(), &3.into()));
    let counts = |score: &serde_json::Value| {
        ["solved", "sat", "unsat", "unknown", "errors"].map(|name| score[name].as_u64().unwrap())
    };
    let each: Vec<_> = summary["procedures"].as_array().unwrap().iter().collect();
    let names: Vec<_> = each.iter().map(|score| score["procedure"].as_str().unwrap()).collect();
    assert_eq!(names, ["bounds", "fuzz", "input-split"]);
    assert_eq!(counts(each[0]), [1, 0, 1, 1, 1]);
    assert_eq!(counts(each[1]), [1, 1, 0, 1, 1]);
    assert_eq!(counts(each[2]), [2, 1, 1, 0, 1]);
    assert_eq!(counts(&summary["virtual_best"]), [2, 1, 1, 1, 0]);
    assert_eq!((&summary["single_best"], &summary["interrupted"]), (&"input-split".into(), &false.into()));

    let rows = f.rows("rows.csv");
    let column = |index: usize| rows.iter().map(|row| row[index].as_str()).collect::<Vec<_>>();
    assert!(rows.iter().all(|row| row[0] == "set"));
    let thrice = |names: [&'static str; 3]| names.iter().flat_map(|&name| [name; 3]).collect::<Vec<_>>();
    assert_eq!(column(1), thrice(["net.onnx", "net.onnx", "gone.onnx"]));
    assert_eq!(column(5), thrice(["sat", "unsat", "unknown"]));
    assert_eq!(column(11), thrice(["20", "30", "5"]));
    assert_eq!(
        column(4),
        ["unknown", "sat", "sat", "unsat", "unknown", "unsat", "error", "error", "error"],
        "{rows:?}"
    );
    assert_eq!((rows[0][10].as_str(), rows[1][10].as_str()), ("incomplete", ""));
    assert!(rows[6][10].contains("gone.onnx"), "{rows:?}");

    // Penalties by hand: what was not solved counts twice its limit, 20, 30 and 5 seconds.
    let wall = |index: usize| rows[index][6].parse::<f64>().unwrap();
    for (score, par2) in each.iter().zip([40.0 + wall(3) + 10.0, wall(1) + 60.0 + 10.0, wall(2) + wall(5) + 10.0]) {
        let told = score["par2"].as_f64().unwrap();
        assert!((told - par2).abs() <= 1e-5, "{told} {par2}");
    }
    let best = wall(1).min(wall(2)) + wall(3).min(wall(5)) + 10.0;
    assert!((summary["virtual_best"]["par2"].as_f64().unwrap() - best).abs() <= 1e-5);

    let png = std::fs::read(f.path("plot.png")).unwrap();
    assert_eq!(&png[..16], b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    assert_eq!(&png[16..24], &[0, 0, 3, 232, 0, 0, 2, 188]); // 1000 by 700
    assert!(png.ends_with(b"\0\0\0\0IEND\xaeB`\x82"));
}

#[test]
fn what_is_done_is_not_done_again() {
    let f = Folder::new();
    f.good(&format!("{SWEEP} --csv rows.csv --only low"), 0);
    let part = f.rows("rows.csv");
    assert_eq!(part.len(), 6);
    // The last row torn: it is run again, and only it is.
    let text = std::fs::read_to_string(f.path("rows.csv")).unwrap();
    f.write("rows.csv", &text[..text.len() - 9]);
    let out = f.good(&format!("{SWEEP} --csv rows.csv --resume"), 0);
    assert_eq!(out.lines().filter(|line| line.contains("/9 ")).count(), 4, "{out}");
    let rows = f.rows("rows.csv");
    assert_eq!((rows.len(), &rows[..5]), (9, &part[..5]));
    assert!(out.contains("3 of 3 instances run by every procedure"), "{out}");
    // All of it: nothing is run, and the numbers come from the file.
    let before = std::fs::read(f.path("rows.csv")).unwrap();
    let one = f.good(&format!("{SWEEP} --csv rows.csv --resume"), 0);
    assert_eq!(
        (one.lines().filter(|line| line.contains("/9 ")).count(), std::fs::read(f.path("rows.csv")).unwrap()),
        (0, before)
    );
    let table = |text: &str| {
        text.lines().skip_while(|line| !line.starts_with("procedure")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(table(&one), table(&out));
    // A run under other limits is another run; a file is not written over.
    let (code, _, err) = f.run(&format!("{SWEEP} --csv rows.csv --resume --time 3"));
    assert!(code == 1 && err.contains("20 seconds") && err.contains("now it is 3 seconds"), "{err}");
    let (code, _, err) = f.run(&format!("{SWEEP} --csv rows.csv"));
    assert!(code == 1 && err.contains("--resume"), "{err}");
    let (code, _, err) = f.run(&format!("{SWEEP} --resume"));
    assert!(code == 1 && err.contains("--csv"), "{err}");
}

#[test]
fn a_wrong_verdict_is_told_and_fails() {
    let f = Folder::new();
    f.write("set/instances.csv", "net.onnx,low.vnnlib,20,unsat\nnet.onnx,high.vnnlib,20,unsat\n");
    let (code, out, err) = f.run("bench verify set --procedure fuzz --procedure input-split");
    assert_eq!(code, 1, "{out}");
    assert!(err.contains("2 verdicts are wrong"), "{err}");
    assert!(out.contains("wrong: fuzz set/net.onnx low.vnnlib") && out.contains("WRONG, known is unsat"), "{out}");
    // Answers of a file take the place of the table's.
    f.write(
        "truth.csv",
        "folder,network,property,verdict\nother,net.onnx,low.vnnlib,unsat\n,net.onnx,low.vnnlib,sat\n",
    );
    f.good("bench verify set --procedure fuzz --procedure input-split --expected truth.csv", 0);
    // What a sweep found is such a file, whatever procedures did not find.
    f.good("bench verify set --procedure input-split --procedure bounds --expected truth.csv --csv rows.csv", 0);
    f.good("bench verify set --procedure fuzz --expected rows.csv", 0);
    let opposite = "network,property,verdict\nnet.onnx,low.vnnlib,sat\nnet.onnx,low.vnnlib,unsat\n";
    f.write("truth.csv", opposite);
    let (code, _, err) = f.run("bench verify set --procedure fuzz --expected truth.csv");
    assert!(code == 1 && err.contains("line 3"), "{err}");
    f.write("truth.csv", "network,property\nnet.onnx,low.vnnlib\n");
    let (code, _, err) = f.run("bench verify set --procedure fuzz --expected truth.csv");
    assert!(code == 1 && err.contains("truth.csv"), "{err}");
}

#[test]
fn all_procedures_run_by_default() {
    let f = Folder::new();
    let summary = f.json("bench verify set --only high --time 20 --threads 2 --json", 0);
    let listed = |key: &str| summary[key].as_array().unwrap().len();
    assert!(listed("procedures") >= 6);
    assert_eq!(listed("procedures") + listed("left_out"), anser::verify::Procedure::ALL.len());
    for (feature, name) in [(cfg!(feature = "highs"), "milp"), (cfg!(feature = "z3"), "smt")] {
        assert_eq!(summary["left_out"].as_array().unwrap().contains(&name.into()), !feature, "{name}");
    }
    assert_eq!(summary["procedures"][0]["unsat"], 1);
    assert_eq!(summary["disagreements"].as_array().unwrap().len(), 0);
}

#[test]
fn what_is_no_sweep_is_refused() {
    let f = Folder::new();
    for (table, word) in [
        ("", "no instances"),
        ("onnx,vnnlib,timeout\n", "no instances"),
        ("net.onnx\n", "line 1"),
        ("net.onnx,low.vnnlib,5\nnet.onnx,low.vnnlib,NaN\n", "line 2: \"NaN\""),
        ("net.onnx,low.vnnlib,-1\n", "\"-1\""),
        ("net.onnx,low.vnnlib,1,perhaps\n", "\"perhaps\""),
        ("net.onnx,\"low.vnnlib\n", "low.vnnlib"),
    ] {
        f.write("set/instances.csv", table);
        let (code, out, err) = f.run("bench verify set --procedure fuzz --csv rows.csv");
        if word == "low.vnnlib" {
            // A quote that does not end takes the rest of the file: such a file is not there.
            assert!(code == 0 && out.contains("error"), "{table:?}: {out} {err}");
            continue;
        }
        assert!(code == 1 && err.contains("instances.csv") || word == "no instances", "{table:?}: {err}");
        assert!(err.contains(word), "{table:?}: {err}");
        assert!(!Path::new(&f.path("rows.csv")).exists(), "{table:?}");
    }
    for (line, word) in [
        ("bench verify nowhere", "nowhere"),
        ("bench verify set --only nothing", "nothing"),
        ("bench verify set --procedure luck", "relu-split"),
        ("bench verify set --plot plot.jpg", ".png"),
        ("bench verify set --time NaN", "negative"),
        ("bench verify set --expected nowhere.csv", "nowhere.csv"),
    ] {
        f.write("set/instances.csv", "net.onnx,low.vnnlib\n");
        let (code, out, err) = f.run(line);
        assert_eq!((code, out.as_str()), (1, ""), "{line}");
        assert!(err.contains(word), "{line}: {err}");
    }
}

/// Waits until the process handles SIGINT.
fn await_handler(child: &Child) {
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let text = std::fs::read_to_string(&status).unwrap();
        let caught = text.lines().find_map(|l| l.strip_prefix("SigCgt:")).unwrap();
        if u64::from_str_radix(caught.trim(), 16).unwrap() & 2 != 0 {
            return;
        }
        assert!(Instant::now() < deadline, "no handler");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn an_interrupt_ends_it_with_what_is_done() {
    if !Path::new("/proc/self/status").exists() {
        println!("skipped: no /proc");
        return;
    }
    let f = Folder::new();
    f.good("generate network --input 60 --hidden 60,60 --outputs 4 --seed 1 -o set/big.onnx", 0);
    f.good("generate property --network set/big.onnx --kind robustness --radius 1 --seed 5 -o set/big.vnnlib", 0);
    let text = std::fs::read_to_string(f.path("set/big.vnnlib")).unwrap();
    // Far from what is reached, and farther from what bounds of the whole box show.
    let text =
        text.lines().filter(|line| !line.contains("(assert") || !line.contains("Y_")).collect::<Vec<_>>().join("\n");
    f.write("set/big.vnnlib", &format!("{text}\n(assert (>= (+ Y_0 (* -1.0 Y_1)) 60))\n"));
    f.write("set/instances.csv", "net.onnx,high.vnnlib,20\nbig.onnx,big.vnnlib,300\nnet.onnx,low.vnnlib,20\n");
    let child = Command::new(env!("CARGO_BIN_EXE_anser"))
        .args(["bench", "verify", "set", "--procedure", "input-split", "--csv", "rows.csv"])
        .current_dir(f.path(""))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    await_handler(&child);
    let deadline = Instant::now() + Duration::from_secs(60);
    while std::fs::read_to_string(f.path("rows.csv")).map_or(0, |rows| rows.lines().count()) < 2 {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(300));
    assert!(Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status().unwrap().success());
    let done = child.wait_with_output().unwrap();
    let out = String::from_utf8(done.stdout).unwrap();
    assert_eq!(done.status.code(), Some(0), "{out}");
    assert!(out.ends_with("interrupted\n") && out.contains("1 of 3 instances run by every procedure"), "{out}");
    let rows = f.rows("rows.csv");
    assert_eq!((rows.len(), rows[0][4].as_str()), (1, "unsat"));
    // The rest later.
    f.good("bench verify set --procedure input-split --csv rows.csv --resume --only net.onnx", 0);
    assert_eq!(f.rows("rows.csv").len(), 2);
}
