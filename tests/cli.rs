//! The command line as a user meets it: the built program, its output, its exit codes.

#![cfg(feature = "cli")]
#![allow(clippy::print_stdout)] // a skipped test says why

mod support;

use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

struct Run {
    code: i32,
    out: String,
    err: String,
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anser"));
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn finish(child: Child) -> Run {
    let done = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(done.stdout), text(done.stderr));
    Run { code: done.status.code().unwrap_or_else(|| panic!("{}: {err}", done.status)), out, err }
}

fn anser(args: &[&str]) -> Run {
    finish(command(args).spawn().unwrap())
}

/// Runs with `input` as standard input.
fn anser_fed(args: &[&str], input: &str) -> Run {
    let mut child = command(args).stdin(Stdio::piped()).spawn().unwrap();
    // All inputs here fit into a pipe.
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    finish(child)
}

/// A call that is expected to go well and to print nothing on stderr.
fn good(args: &[&str], code: i32) -> String {
    let run = anser(args);
    assert_eq!((run.code, run.err.as_str()), (code, ""), "{args:?}: {}", run.out);
    run.out
}

/// A call that is expected to fail: exit code 1, nothing on stdout, a message.
fn bad(args: &[&str]) -> String {
    let run = anser(args);
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{args:?}: {}", run.err);
    assert!(!run.err.is_empty(), "{args:?}");
    run.err
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Folder(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    fn generate(&self, name: &str, class: &[&str]) -> String {
        let file = self.path(name);
        assert_eq!(good(&[&["generate"], class, &["-o", &file]].concat(), 0), "");
        file
    }

    /// Random 3-SAT at the threshold: hours of work.
    fn hard(&self) -> String {
        self.generate("hard.cnf", &["ksat", "--vars", "600", "--ratio", "4.26", "--k", "3"])
    }
}

/// Variables and clauses of plain DIMACS.
fn parse(text: &str) -> (usize, Vec<Vec<i32>>) {
    let mut lines = text.lines().filter(|l| !l.starts_with('c'));
    let header: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(header[..2], ["p", "cnf"]);
    let mut clauses = vec![vec![]];
    for word in lines.flat_map(str::split_whitespace) {
        match word.parse().unwrap() {
            0 => clauses.push(vec![]),
            l => clauses.last_mut().unwrap().push(l),
        }
    }
    assert_eq!(clauses.pop(), Some(vec![]), "every clause ends in 0");
    assert_eq!(clauses.len(), header[3].parse::<usize>().unwrap());
    (header[2].parse().unwrap(), clauses)
}

/// Every variable in order, every clause satisfied.
fn check_model(cnf: &str, model: &[i64]) {
    let (variables, clauses) = parse(cnf);
    let names: Vec<u64> = model.iter().map(|l| l.unsigned_abs()).collect();
    assert_eq!(names, (1..=variables as u64).collect::<Vec<_>>());
    for clause in clauses {
        assert!(clause.iter().any(|&l| model[l.unsigned_abs() as usize - 1] == i64::from(l)), "{clause:?}");
    }
}

/// The literals of the `v` lines, which end in one 0.
fn v_lines(out: &str) -> Vec<i64> {
    let lines: Vec<&str> = out.lines().filter(|l| l.starts_with('v')).collect();
    assert!(lines.iter().all(|l| l.len() <= 78 && l.starts_with("v ")), "{lines:?}");
    let mut model: Vec<i64> = lines.iter().flat_map(|l| l[2..].split(' ')).map(|w| w.parse().unwrap()).collect();
    assert_eq!(model.pop(), Some(0));
    assert!(!model.contains(&0));
    model
}

fn s_line(out: &str) -> &str {
    assert!(out.lines().all(|l| ["c", "s", "v"].contains(&l.split(' ').next().unwrap())), "{out}");
    let lines: Vec<&str> = out.lines().filter(|l| l.starts_with('s')).collect();
    assert_eq!(lines.len(), 1, "{out}");
    &lines[0][2..]
}

/// The one object on stdout, its shape checked.
fn object(out: &str) -> Value {
    assert_eq!(out.matches('\n').count(), 1, "{out}");
    let object: Value = serde_json::from_str(out).unwrap();
    let result = object["result"].as_str().unwrap();
    assert!(["sat", "unsat", "unknown"].contains(&result));
    assert_eq!(object["stop"] == "solved", result != "unknown");
    assert_eq!(object.get("model").is_some(), result == "sat");
    assert!(object["seconds"].as_f64().unwrap() >= 0.0);
    assert!(object["stats"].is_object());
    let mut keys: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    keys.retain(|k| !["result", "stop", "model", "seconds", "backend", "stats"].contains(k));
    assert!(keys.is_empty(), "{keys:?}");
    object
}

fn model_of(object: &Value) -> Vec<i64> {
    object["model"].as_array().unwrap().iter().map(|l| l.as_i64().unwrap()).collect()
}

const SAT: &str = "p cnf 4 3\n1 -2 0\n2 3 0\n-3 -1 0\n";
const UNSAT: &str = "p cnf 2 4\n1 2 0\n-1 2 0\n1 -2 0\n-1 -2 0\n";

#[test]
fn answers_and_exit_codes() {
    let folder = Folder::new();
    let (sat, unsat) = (folder.write("sat.cnf", SAT), folder.write("unsat.cnf", UNSAT));
    let out = good(&["solve", &sat], 10);
    assert_eq!(s_line(&out), "SATISFIABLE");
    // Variable 4 is declared only.
    check_model(SAT, &v_lines(&out));
    let out = good(&["solve", &unsat], 20);
    assert_eq!(s_line(&out), "UNSATISFIABLE");
    assert!(!out.contains("\nv"));
    let out = good(&["solve", &sat, "--local-search"], 10);
    check_model(SAT, &v_lines(&out));
    assert_eq!(s_line(&good(&["solve", &unsat, "--local-search"], 20)), "UNSATISFIABLE");
    let sat = object(&good(&["solve", &sat, "--json"], 10));
    assert_eq!(sat["result"], "sat");
    check_model(SAT, &model_of(&sat));
    assert_eq!(object(&good(&["solve", &unsat, "--json"], 20))["result"], "unsat");
}

#[test]
fn small_formulas() {
    let folder = Folder::new();
    for (text, code, model) in [
        ("p cnf 0 0\n", 10, Some(vec![])),
        ("p cnf 0 1\n0\n", 20, None),
        ("p cnf 1 1\n-1 0\n", 10, Some(vec![-1])),
        ("p cnf 1 2\n-1 0\n1 0\n", 20, None),
    ] {
        let file = folder.write("small.cnf", text);
        assert_eq!(
            object(&good(&["solve", &file, "--json"], code)).get("model").map(|_| ()),
            model.as_ref().map(|_| ())
        );
        let out = good(&["solve", &file], code);
        if let Some(model) = model {
            assert_eq!(v_lines(&out), model);
        }
    }
}

#[test]
fn every_class_both_ways() {
    let folder = Folder::new();
    for (class, code) in [
        ("ksat --vars 150 --ratio 3.5 --k 3", 10),
        ("ksat --vars 50 --clauses 500 --k 3", 20),
        ("ksat --vars 200 --ratio 6 --k 3 --planted", 10),
        ("ksat --vars 60 --clauses 900 --k 4 --planted --seed 3", 10),
        ("pigeonhole --pigeons 7 --holes 7", 10),
        ("pigeonhole --pigeons 7 --holes 6", 20),
        ("tseitin --vertices 20 --degree 3 --charge even", 10),
        ("tseitin --vertices 20 --degree 3 --charge odd", 20),
        ("tseitin --vertices 13 --degree 4 --charge odd --seed 18446744073709551615", 20),
        ("coloring --vertices 60 --edges 80 --colors 3", 10),
        ("coloring --vertices 40 --edges 200 --colors 3", 20),
        ("coloring --vertices 100 --edges 239 --colors 3 --planted", 10),
    ] {
        let words: Vec<&str> = class.split(' ').collect();
        let file = folder.generate("f.cnf", &words);
        let out = good(&["solve", &file], code);
        let answer = object(&good(&["solve", &file, "--json"], code));
        let text = std::fs::read_to_string(&file).unwrap();
        if code == 10 {
            check_model(&text, &v_lines(&out));
            check_model(&text, &model_of(&answer));
        }
        // Standard output carries the same bytes.
        assert_eq!(good(&[&["generate"], &words[..], &["-o", "-"]].concat(), 0), text);
    }
}

#[test]
fn what_generate_tells() {
    let folder = Folder::new();
    let file = folder.path("f.cnf");
    let out = good(
        &[
            "generate",
            "pigeonhole",
            "--pigeons",
            "5",
            "--holes",
            "4",
            "--seed",
            "9007199254740993",
            "-o",
            &file,
            "--json",
        ],
        0,
    );
    let object: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&object["variables"], &object["clauses"], &object["class"]),
        (&20.into(), &45.into(), &"pigeonhole".into())
    );
    // 2^53 + 1 would be rounded by a reader that knows doubles only.
    assert_eq!((&object["seed"], &object["file"]), (&"9007199254740993".into(), &file.as_str().into()));
    assert!(object["seconds"].as_f64().is_some());
    let (variables, clauses) = parse(&std::fs::read_to_string(&file).unwrap());
    assert_eq!((variables, clauses.len()), (20, 45));
}

#[test]
fn same_seed_same_bytes() {
    let folder = Folder::new();
    let make = |name: &str, seed: &str| {
        let file = folder.generate(name, &["ksat", "--vars", "100", "--ratio", "4.2", "--k", "3", "--seed", seed]);
        std::fs::read(file).unwrap()
    };
    assert_eq!(make("a", "7"), make("b", "7"));
    assert_ne!(make("a", "7"), make("b", "8"));
    let hard = folder.hard();
    // Random decisions are rare: fewer conflicts than this come before the first.
    let run = |seed: &str| {
        object(&good(&["solve", &hard, "--conflicts", "20000", "--json", "--seed", seed], 0))["stats"].clone()
    };
    let five = run("5");
    assert_eq!(five, run("5"));
    assert_ne!(five, run("6"), "the seed steers the search");
}

#[test]
fn compressed_files() {
    let folder = Folder::new();
    let class = ["tseitin", "--vertices", "30", "--degree", "3", "--charge", "even"];
    let plain = folder.generate("f.cnf", &class);
    let text = std::fs::read_to_string(plain).unwrap();
    for (name, magic) in [("f.cnf.gz", &[0x1f, 0x8b][..]), ("f.cnf.xz", &[0xfd, b'7', b'z', b'X', b'Z', 0])] {
        let file = folder.generate(name, &class);
        let bytes = std::fs::read(&file).unwrap();
        assert!(bytes.starts_with(magic) && bytes.len() < text.len(), "{name}");
        check_model(&text, &v_lines(&good(&["solve", &file], 10)));
        // What it is called does not matter.
        let odd = folder.path("odd-name");
        std::fs::copy(&file, &odd).unwrap();
        good(&["solve", &odd], 10);
        let mut child = command(&["solve", "-"]).stdin(std::fs::File::open(&file).unwrap()).spawn().unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(10));
    }
}

#[test]
fn standard_input() {
    for (text, code) in [(SAT, 10), (UNSAT, 20)] {
        let run = anser_fed(&["solve", "-"], text);
        assert_eq!((run.code, run.err.as_str()), (code, ""));
    }
    // Dribbled in, pausing longer than the reader waits at a time.
    let mut child = command(&["solve", "-", "--json"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    for word in SAT.split_inclusive(' ') {
        stdin.write_all(word.as_bytes()).unwrap();
        stdin.flush().unwrap();
        std::thread::sleep(Duration::from_millis(15));
    }
    drop(stdin);
    let run = finish(child);
    check_model(SAT, &model_of(&object(&run.out)));
    let run = anser_fed(&["solve", "-"], "p cnf 1 1\ny 0\n");
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(run.err.starts_with("anser: standard input: line 2, column 1: "), "{}", run.err);
}

#[test]
fn limits_end_the_search() {
    let folder = Folder::new();
    let php = folder.generate("php.cnf", &["pigeonhole", "--pigeons", "9", "--holes", "8"]);
    let o = object(&good(&["solve", &php, "--conflicts", "1", "--json"], 0));
    assert_eq!((&o["result"], &o["stop"]), (&"unknown".into(), &"conflicts".into()));
    let out = good(&["solve", &php, "--conflicts", "1"], 0);
    assert_eq!(s_line(&out), "UNKNOWN");
    assert!(out.contains("c stop conflicts\n"));

    let hard = folder.hard();
    let start = Instant::now();
    let o = object(&good(&["solve", &hard, "--time", "0.2", "--json"], 0));
    assert_eq!((&o["result"], &o["stop"]), (&"unknown".into(), &"time".into()));
    let seconds = o["seconds"].as_f64().unwrap();
    // It must stop at all, and not before its time; how promptly is the benches' matter.
    assert!(seconds >= 0.2 && start.elapsed() < Duration::from_secs(30), "{seconds}");
    let o = object(&good(&["solve", &hard, "--time", "0", "--json"], 0));
    assert_eq!(o["stop"], "time");
    // The clock also runs while nothing comes in.
    let child = command(&["solve", "-", "--time", "0.1", "--json"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut child = child;
    let held = child.stdin.take();
    let run = finish(child);
    drop(held);
    assert_eq!((run.code, &object(&run.out)["stop"]), (0, &"time".into()));
}

/// Waits until the process handles SIGINT.
fn await_handler(child: &Child) {
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let text = std::fs::read_to_string(&status).unwrap();
        let caught = text.lines().find_map(|l| l.strip_prefix("SigCgt:")).unwrap();
        let both = 1 << (2 - 1) | 1 << (15 - 1);
        if u64::from_str_radix(caught.trim(), 16).unwrap() & both == both {
            return;
        }
        assert!(Instant::now() < deadline, "no handler");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

#[test]
fn signals_end_the_search() {
    if !Path::new("/proc/self/status").exists() {
        println!("skipped: no /proc");
        return;
    }
    let folder = Folder::new();
    let hard = folder.hard();
    for name in ["INT", "TERM"] {
        let child = command(&["solve", &hard, "--json"]).spawn().unwrap();
        await_handler(&child);
        std::thread::sleep(Duration::from_millis(100));
        signal(&child, name);
        let run = finish(child);
        assert_eq!((run.code, run.err.as_str()), (0, ""));
        let o = object(&run.out);
        assert_eq!((&o["result"], &o["stop"]), (&"unknown".into(), &"interrupted".into()));
    }
    // While it waits for input.
    let mut child = command(&["solve", "-", "--json"]).stdin(Stdio::piped()).spawn().unwrap();
    let held = child.stdin.take();
    await_handler(&child);
    signal(&child, "INT");
    let run = finish(child);
    drop(held);
    assert_eq!((run.code, &object(&run.out)["stop"]), (0, &"interrupted".into()));
}

#[test]
fn the_second_signal_kills() {
    if !Path::new("/proc/self/status").exists() {
        println!("skipped: no /proc");
        return;
    }
    // Nobody reads, so it hangs in a write that the first signal does not end.
    let mut child =
        command(&["generate", "ksat", "--vars", "50000", "--ratio", "4", "--k", "3", "-o", "-"]).spawn().unwrap();
    await_handler(&child);
    let mut first = [0];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    signal(&child, "INT");
    std::thread::sleep(Duration::from_millis(100));
    assert!(child.try_wait().unwrap().is_none());
    signal(&child, "INT");
    assert_eq!(child.wait().unwrap().signal(), Some(2));
}

#[test]
fn a_reader_may_leave() {
    let folder = Folder::new();
    let file = folder.generate("f.cnf", &["ksat", "--vars", "50000", "--ratio", "2", "--k", "3"]);
    for (args, code) in [
        (vec!["solve", &file], 10),
        (vec!["solve", &file, "--json"], 10),
        (vec!["generate", "ksat", "--vars", "50000", "--ratio", "2", "--k", "3", "-o", "-"], 0),
    ] {
        let mut child = command(&args).spawn().unwrap();
        drop(child.stdout.take());
        let run = finish(child);
        assert_eq!((run.code, run.err.as_str()), (code, ""), "{args:?}");
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let full = Path::new("/dev/full");
    if !full.exists() {
        println!("skipped: no /dev/full");
        return;
    }
    let folder = Folder::new();
    let file = folder.write("sat.cnf", SAT);
    for args in [
        &["solve", &file][..],
        &["solve", &file, "--json"],
        &["generate", "pigeonhole", "--pigeons", "3", "--holes", "3", "-o", "-"],
    ] {
        let out = std::fs::OpenOptions::new().write(true).open(full).unwrap();
        let run = finish(command(args).stdout(out).spawn().unwrap());
        assert_eq!(run.code, 1, "{args:?}");
        assert!(run.err.contains("No space left"), "{}", run.err);
    }
    let unsat = folder.write("unsat.cnf", UNSAT);
    assert!(bad(&["solve", &unsat, "--proof", "/dev/full"]).contains("No space left"));
    let err = bad(&["generate", "pigeonhole", "--pigeons", "3", "--holes", "3", "-o", "/dev/full"]);
    assert!(err.contains("No space left"), "{err}");
}

#[test]
fn proofs() {
    let folder = Folder::new();
    let php = folder.generate("php.cnf", &["pigeonhole", "--pigeons", "5", "--holes", "4"]);
    let proof = folder.path("proof");
    let mut texts = Vec::new();
    for extra in [&[][..], &["--proof-format", "drat"], &["--proof-format", "lrat"]] {
        good(&[&["solve", &php, "--proof", &proof], extra].concat(), 20);
        texts.push(std::fs::read_to_string(&proof).unwrap());
    }
    assert_eq!(texts[0], texts[1], "DRAT is the default");
    // The last lemma is the empty clause: in LRAT its number comes first, its reasons after.
    let lemma = |text: &str, deletion: &dyn Fn(&str) -> bool| text.lines().rfind(|l| !deletion(l)).unwrap().to_owned();
    assert_eq!(lemma(&texts[0], &|l| l.starts_with('d')), "0");
    let last = lemma(&texts[2], &|l| l.split(' ').nth(1) == Some("d"));
    assert_eq!(last.split(' ').nth(1), Some("0"), "{last}");
    assert!(last.split(' ').count() > 3);
    for format in ["drat-binary", "lrat-binary"] {
        good(&["solve", &php, "--proof", &proof, "--proof-format", format], 20);
        assert_eq!(std::fs::read(&proof).unwrap()[0], b'a');
    }
    assert!(bad(&["solve", &php, "--proof-format", "drat"]).contains("--proof"));
    assert!(bad(&["solve", &php, "--proof", &proof, "--proof-format", "frat"]).contains("frat"));
    assert!(bad(&["solve", &php, "--proof", &folder.path("none/proof")]).contains("none/proof"));
    assert!(bad(&["solve", &php, "--proof", &php]).contains("overwrite"));
    assert_eq!(parse(&std::fs::read_to_string(&php).unwrap()).0, 20, "the formula is still there");
}

#[test]
fn bad_input_is_told_with_its_place() {
    let folder = Folder::new();
    let missing = folder.path("missing.cnf");
    let broken = folder.write("broken.cnf", "p cnf 3 2\n1 2 0\n-1 foo 0\n");
    for json in [&[][..], &["--json"]] {
        assert!(bad(&[&["solve", &missing], json].concat()).contains("missing.cnf"));
        assert!(bad(&[&["solve", &broken], json].concat()).contains("broken.cnf: line 3, column 4: "));
        assert!(bad(&[&["solve", folder.0.path().to_str().unwrap()], json].concat()).contains("irectory"));
    }
}

#[test]
fn opb_by_name_or_by_option() {
    let folder = Folder::new();
    let text = "* #variable= 3 #constraint= 2\n+1 x1 +1 x2 +1 x3 >= 2 ;\n-1 x1 >= 0 ;\n";
    let models = ["v -x1 x2 x3"];
    let file = folder.write("a.opb", text);
    let misnamed = folder.write("a.cnf", text);
    for out in [good(&["solve", &file], 10), good(&["solve", "--format", "opb", &misnamed], 10)] {
        assert_eq!(s_line(&out), "SATISFIABLE");
        assert_eq!(out.lines().filter(|l| l.starts_with('v')).collect::<Vec<_>>(), models, "{out}");
    }
    let run = anser_fed(&["solve", "-", "--format", "opb"], text);
    assert_eq!((run.code, run.out.contains("\nv -x1 x2 x3\n")), (10, true), "{}", run.err);
    assert_eq!(model_of(&object(&good(&["solve", "--json", &file], 10))), [-1, 2, 3]);
    let none = folder.write("none.opb", "+1 x1 +1 x2 >= 3 ;\n");
    assert_eq!(s_line(&good(&["solve", &none], 20)), "UNSATISFIABLE");
    // The other way round, and what is refused.
    assert!(bad(&["solve", &misnamed]).contains("a.cnf: line 1, column 1: "));
    assert!(bad(&["solve", "--format", "dimacs", &file]).contains("a.opb: line 1, column 1: "));
    let broken = folder.write("broken.opb", "+1 x1 >= 1 ;\n+1 y1 >= 1 ;\n");
    assert!(bad(&["solve", &broken]).contains("broken.opb: line 2, column 4: expected `x` or `~x`, found `y`"));
    let goal = folder.write("goal.opb", "max: +1 x1 ;\n+1 x1 >= 1 ;\n");
    assert!(bad(&["solve", &goal]).contains("goal.opb: line 1, column 1: not supported: a sum to maximise"));
    assert!(bad(&["solve", "--format", "wcnf", &file]).contains("wcnf"));
}

#[test]
fn objectives() {
    let folder = Folder::new();
    let text = "min: +3 x1 -2 ~x2 +5 x3 +1 x4 ;\n+1 x1 +1 x2 +1 x3 >= 2 ;\n+1 x3 +2 x4 >= 1 ;\n";
    let (file, proof) = (folder.write("a.opb", text), folder.path("a.pbp"));
    let out = good(&["solve", &file, "--proof", &proof, "--proof-format", "veripb"], 30);
    let told: Vec<i64> = out.lines().filter_map(|l| l.strip_prefix("o ")?.parse().ok()).collect();
    assert!(told.last() == Some(&4) && told.is_sorted_by(|a, b| a > b), "{out}");
    assert!(out.contains("\nc bound 4\ns OPTIMUM FOUND\nv x1 x2 -x3 x4\n"), "{out}");
    assert!(std::fs::read_to_string(&proof).unwrap().contains("conclusion BOUNDS 4 : "));
    let object: Value = serde_json::from_str(&good(&["solve", &file, "--json"], 30)).unwrap();
    assert_eq!(object["result"], "optimum");
    assert_eq!((&object["objective"], &object["bound"]), (&Value::from(4), &Value::from(4)));
    assert_eq!(s_line(&good(&["solve", &file, "--no-objective"], 10)), "SATISFIABLE");
    assert_eq!(s_line(&good(&["solve", &file, "--no-objective", "--backend", "native"], 10)), "SATISFIABLE");
    assert!(bad(&["solve", &file, "--backend", "native"]).contains("objectives are for the cutting planes backend"));
    let none = folder.write("none.opb", "min: +1 x1 ;\n+1 x1 +1 x2 >= 3 ;\n");
    assert_eq!(s_line(&good(&["solve", &none], 20)), "UNSATISFIABLE");
    // Cut off: the best so far.
    let all: String = (1..=120).map(|v| format!("+1 x{v} ")).collect();
    let edges = (1..=120).flat_map(|a| (1..a).map(move |b| (a, b))).filter(|(a, b)| a * b % 13 == 5);
    let edges: String = edges.map(|(a, b)| format!("+1 x{a} +1 x{b} >= 1 ;\n")).collect();
    let hard = folder.write("hard.opb", &format!("min: {all};\n{edges}"));
    let out = good(&["solve", &hard, "--conflicts", "20", "--json"], 10);
    let object: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&object["result"], &object["stop"]), (&Value::from("sat"), &Value::from("conflicts")));
    assert!(object["bound"].as_i64() < object["objective"].as_i64(), "{out}");
    // Formats without objectives refuse it.
    for name in ["a.lp", "a.mps", "a.smt2", "a.cnf"] {
        let refused = bad(&["convert", &file, "-o", &folder.path(name)]);
        assert!(refused.contains("objective") || refused.contains("cannot say"), "{refused}");
    }
    let again = folder.path("again.opb");
    good(&["convert", &file, "-o", &again], 0);
    assert!(std::fs::read_to_string(&again).unwrap().contains("\nmin: +3 x1 -2 ~x2 +5 x3 +1 x4 ;\n"));
    assert!(good(&["solve", &again, "--json"], 30).contains("\"objective\":4,"));
}

#[test]
fn parities() {
    let folder = Folder::new();
    let file = folder.write("a.cnf", "p cnf 3 3\nx1 2 3 0\nx1 -2 0\n-1 0\n");
    assert_eq!(v_lines(&good(&["solve", &file], 10)), [-1, -2, 3]);
    let none = folder.write("none.cnf", "p cnf 3 3\nx1 2 0\nx2 3 0\nx1 3 0\n");
    assert_eq!(s_line(&good(&["solve", &none], 20)), "UNSATISFIABLE");
}

/// Parities: 1 + 2 + 3 odd, 3 + 4 even; and 2 or 4.
const XORS: &str = "p cnf 4 3\nx1 2 3 0\nx3 -4 0\n2 4 0\n";

/// What `anser enumerate --json` printed: models, whether they are all, the object.
fn enumeration(out: &str) -> (Vec<Vec<i64>>, bool, Value) {
    assert_eq!(out.matches('\n').count(), 1, "{out}");
    let object: Value = serde_json::from_str(out).unwrap();
    let mut keys: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["complete", "count", "models", "seconds", "stop"]);
    let literals = |m: &Value| m.as_array().unwrap().iter().map(|l| l.as_i64().unwrap()).collect();
    let mut models: Vec<Vec<i64>> = object["models"].as_array().unwrap().iter().map(literals).collect();
    assert_eq!(object["count"], models.len().to_string());
    models.sort_unstable();
    let all = models.len();
    models.dedup();
    assert_eq!(models.len(), all, "each once");
    (models, object["complete"].as_bool().unwrap(), object)
}

#[test]
fn enumerate_every_model() {
    let folder = Folder::new();
    let file = folder.write("x.cnf", XORS);
    // By hand: 4 is as 3.
    let mut wanted = Vec::new();
    for mask in 0..16 {
        let v = |i: i32| mask >> (i - 1) & 1 == 1;
        if (v(1) ^ v(2) ^ v(3)) && (v(3) ^ !v(4)) && (v(2) || v(4)) {
            wanted.push((1..=4).map(|i| i64::from(if v(i) { i } else { -i })).collect::<Vec<i64>>());
        }
    }
    wanted.sort_unstable();
    assert!(wanted.len() > 2);
    for backend in ["auto", "native", "encode"] {
        let out = good(&["enumerate", &file, "--json", "--backend", backend], 10);
        let (models, complete, object) = enumeration(&out);
        assert_eq!((&models, complete), (&wanted, true), "{backend}");
        assert_eq!(object["stop"], "solved");
        let out = good(&["enumerate", &file, "--backend", backend], 10);
        assert_eq!(s_line(&out), "SATISFIABLE");
        let line = |l: &str| l.strip_prefix("v ").map(|l| l.split(' ').map(|w| w.parse().unwrap()).collect());
        let mut models: Vec<Vec<i64>> = out.lines().filter_map(line).collect();
        for model in &mut models {
            assert_eq!(model.pop(), Some(0));
        }
        models.sort_unstable();
        assert_eq!(models, wanted, "{backend}");
        assert!(out.contains(&format!("c models {}\n", wanted.len())) && out.contains("c complete true\n"), "{out}");
        assert!(out.contains("c stop solved\n"));
    }
}

#[test]
fn enumerate_projections() {
    let folder = Folder::new();
    let file = folder.write("free.cnf", "c p show 2 3 0\np cnf 5 1\n1 2 0\n");
    for (project, width, count) in [("1,2", 2, 3), ("5", 1, 2), ("4,4,1", 2, 4), ("3,2,1", 3, 6)] {
        let out = good(&["enumerate", &file, "--json", "--project", project], 10);
        let (models, complete, _) = enumeration(&out);
        assert!(complete && models.len() == count && models.iter().all(|m| m.len() == width), "{out}");
        // In ascending order, whatever the order of the option.
        assert!(models.iter().all(|m| m.is_sorted_by_key(|l| l.abs())));
    }
    // The file's sampling set, if nothing is said.
    let (models, complete, _) = enumeration(&good(&["enumerate", &file, "--json"], 10));
    assert_eq!((models, complete), (vec![vec![-2, -3], vec![-2, 3], vec![2, -3], vec![2, 3]], true));
    for wrong in ["0", "6", "1,6", "4294967295"] {
        let err = bad(&["enumerate", &file, "--project", wrong]);
        assert!(err.contains(wrong.rsplit(',').next().unwrap()), "{err}");
    }
    for wrong in ["", "x", "-1", "1,,2", "1 2", "4294967296"] {
        bad(&["enumerate", &file, &format!("--project={wrong}")]);
    }
}

#[test]
fn enumerate_within_limits() {
    let folder = Folder::new();
    let file = folder.write("free.cnf", "p cnf 40 0\n");
    let (models, complete, object) = enumeration(&good(&["enumerate", &file, "--json", "--limit", "100"], 10));
    assert_eq!((models.len(), complete, &object["stop"]), (100, false, &"limit".into()));
    let (models, complete, _) = enumeration(&good(&["enumerate", &file, "--json", "--limit", "0"], 0));
    assert!(models.is_empty() && !complete);
    let out = good(&["enumerate", &file, "--limit", "2"], 10);
    assert_eq!((s_line(&out), out.matches("\nv ").count() >= 2), ("SATISFIABLE", true));
    assert!(out.contains("c complete false\n") && out.contains("c stop limit\n"));
    let (models, complete, object) =
        enumeration(&good(&["enumerate", &file, "--json", "--time", "100", "--project", "1,2,3,4,5,6"], 10));
    assert_eq!((models.len(), complete, &object["stop"]), (64, true, &"solved".into()));
    // Nothing was found in no time.
    let (models, complete, object) = enumeration(&good(&["enumerate", &file, "--json", "--time", "0"], 0));
    assert_eq!((models.len(), complete, &object["stop"]), (0, false, &"time".into()));
    assert_eq!(s_line(&good(&["enumerate", &file, "--time", "0"], 0)), "UNKNOWN");
    let hard = folder.hard();
    let (_, complete, object) = enumeration(&good(&["enumerate", &hard, "--json", "--time", "0.2"], 0));
    assert_eq!((complete, &object["stop"]), (false, &"time".into()));
    for wrong in [["--limit", "-1"], ["--limit", "1.5"], ["--time", "-1"], ["--backend", "best"]] {
        bad(&[&["enumerate", &file][..], &wrong].concat());
    }
}

#[test]
fn enumerate_odd_input() {
    let folder = Folder::new();
    let unsat = folder.write("unsat.cnf", UNSAT);
    let (models, complete, object) = enumeration(&good(&["enumerate", &unsat, "--json"], 20));
    assert!(models.is_empty() && complete && object["stop"] == "solved");
    assert_eq!(s_line(&good(&["enumerate", &unsat], 20)), "UNSATISFIABLE");
    let empty = folder.write("empty.cnf", "p cnf 0 0\n");
    assert_eq!(enumeration(&good(&["enumerate", &empty, "--json"], 10)).0, [[0i64; 0]]);
    let opb = folder.write("a.opb", "+1 x1 +1 x2 +1 x3 >= 2 ;\n+2 x1 -1 x2 >= 1 ;\n");
    let (models, complete, _) = enumeration(&good(&["enumerate", &opb, "--json"], 10));
    assert_eq!((models, complete), (vec![vec![1, -2, 3], vec![1, 2, -3], vec![1, 2, 3]], true));
    let out = good(&["enumerate", &opb, "--project", "2,3"], 10);
    assert_eq!(out.lines().filter(|l| l.starts_with("v ")).count(), 3);
    assert!(out.contains("\nv x2 x3\n"), "{out}");
    let run = anser_fed(&["enumerate", "-", "--json"], XORS);
    assert_eq!((run.code, run.err.as_str()), (10, ""));
    assert!(enumeration(&run.out).1);
    let broken = folder.write("broken.cnf", "p cnf 3 2\n1 2 0\n-1 foo 0\n");
    for json in [&[][..], &["--json"]] {
        assert!(bad(&[&["enumerate", &broken], json].concat()).contains("broken.cnf: line 3, column 4: "));
    }
}

/// Who reads may leave in the middle: that ends the enumeration, and is no error.
#[test]
fn enumerate_for_a_reader_that_leaves() {
    let folder = Folder::new();
    let file = folder.write("free.cnf", "p cnf 60 0\n");
    for json in [&[][..], &["--json"]] {
        let mut child = command(&[&["enumerate", &file], json].concat()).spawn().unwrap();
        let mut some = [0; 1000];
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut some).unwrap();
        drop(stdout);
        let run = finish(child);
        assert_eq!(run.err, "");
    }
}

#[test]
fn backends() {
    let folder = Folder::new();
    let sat = folder.write("sat.cnf", XORS);
    let unsat = folder.write("unsat.cnf", "p cnf 3 3\nx1 2 0\nx2 3 0\nx1 3 0\n");
    let opb = folder.write("a.opb", "+1 x1 +1 x2 +1 x3 >= 2 ;\n-1 x1 >= 0 ;\n");
    let none = folder.write("none.opb", "+1 x1 +1 x2 +1 x3 >= 2 ;\n-1 x1 -1 x2 -1 x3 >= -1 ;\n");
    for (file, code) in [(&sat, 10), (&unsat, 20), (&opb, 10), (&none, 20)] {
        for (backend, said) in [
            ("native", "native, as asked for"),
            ("encode", "encoded, as asked for"),
            ("pb", "cutting planes, as asked for"),
            ("auto", ""),
        ] {
            let o = object(&good(&["solve", file, "--json", "--backend", backend], code));
            assert!(o["backend"].as_str().unwrap().contains(said), "{o}");
            let out = good(&["solve", file, "--backend", backend], code);
            assert!(out.contains(&format!("c backend {said}")), "{out}");
            if *file == sat {
                let model = v_lines(&out);
                let v = |i: usize| model[i - 1] > 0;
                assert!((v(1) ^ v(2) ^ v(3)) && (v(3) ^ !v(4)) && (v(2) || v(4)), "{model:?}");
            }
        }
        assert!(bad(&["solve", file, "--backend", "best"]).contains("best"));
    }
    for (file, code) in [(&opb, 10), (&none, 20)] {
        if cfg!(feature = "z3") {
            let out = good(&["solve", file, "--backend", "z3"], code);
            assert!(out.contains("c backend Z3, as asked for"), "{out}");
        } else {
            let err = bad(&["solve", file, "--backend", "z3"]);
            assert!(err.contains("backend unavailable: this library was built without Z3"), "{err}");
        }
    }
    for (file, code) in [(&sat, 10), (&unsat, 20), (&opb, 10), (&none, 20)] {
        if cfg!(feature = "highs") {
            let out = good(&["solve", file, "--backend", "milp"], code);
            assert!(out.contains("c backend MILP, as asked for"), "{out}");
        } else {
            let err = bad(&["solve", file, "--backend", "milp"]);
            assert!(err.contains("backend unavailable: this library was built without HiGHS"), "{err}");
        }
    }
    let proof = folder.path("proof");
    let err = bad(&["solve", &unsat, "--backend", "native", "--proof", &proof]);
    assert!(err.contains("proof"), "{err}");
}

/// A proof of what was encoded is about exactly the clauses that --cnf-out writes.
#[test]
fn proofs_of_encoded_formulas() {
    let folder = Folder::new();
    let mut xors = String::from("p cnf 12 12\n");
    for i in 0..12 {
        // A circle of parities with an odd sum.
        xors += &format!("x{}{} {} 0\n", if i == 0 { "-" } else { "" }, i + 1, (i + 5) % 12 + 1);
    }
    let mut pigeons = String::new();
    for p in 0..5 {
        pigeons += &(0..4).map(|h| format!("+1 x{} ", p * 4 + h + 1)).collect::<String>();
        pigeons += ">= 1 ;\n";
    }
    for h in 0..4 {
        pigeons += &(0..5).map(|p| format!("-1 x{} ", p * 4 + h + 1)).collect::<String>();
        pigeons += ">= -1 ;\n";
    }
    let weights = "+3 x1 +5 x2 +7 x3 +9 x4 >= 12 ;\n-2 x1 -4 x2 -6 x3 -8 x4 >= -9 ;\n+1 x1 +1 x2 +1 x3 >= 2 ;\n-1 x2 -1 x3 >= -1 ;\n";
    for (name, text) in [("x.cnf", xors.as_str()), ("p.opb", &pigeons), ("w.opb", weights)] {
        let file = folder.write(name, text);
        let (cnf, proof) = (folder.path("out.cnf"), folder.path("proof"));
        for format in ["drat", "lrat"] {
            for backend in ["auto", "encode"] {
                let with = ["--backend", backend, "--cnf-out", &cnf, "--proof", &proof, "--proof-format", format];
                good(&[&["solve", &file], &with[..]].concat(), 20);
                let (_, clauses) = parse(&std::fs::read_to_string(&cnf).unwrap());
                let lists: Vec<&[i32]> = clauses.iter().map(Vec::as_slice).collect();
                let checked = support::model::Cnf::new(&lists);
                let proof = std::fs::read_to_string(&proof).unwrap();
                let good = match format {
                    "drat" => support::drat::check_text(&checked, &proof).map(drop),
                    _ => support::lrat::check_text(&checked, &proof).map(drop),
                };
                assert_eq!(good, Ok(()), "{name} {format} {backend}");
            }
        }
        // The clauses alone have the same answer, and are the same again.
        assert_eq!(s_line(&good(&["solve", &cnf], 20)), "UNSATISFIABLE");
        let (first, again) = (std::fs::read(&cnf).unwrap(), folder.path("again.cnf"));
        good(&["solve", &file, "--backend", "native", "--cnf-out", &again], 20);
        assert_eq!(first, std::fs::read(&again).unwrap());
    }
}

#[test]
fn cnf_out_overwrites_nothing_of_its_own() {
    let folder = Folder::new();
    let file = folder.write("x.cnf", XORS);
    assert!(bad(&["solve", &file, "--cnf-out", &file]).contains("overwrite"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), XORS);
    let same = folder.path("same");
    assert!(bad(&["solve", &file, "--cnf-out", &same, "--proof", &same]).contains("overwrite"));
    assert!(bad(&["solve", &file, "--cnf-out", &folder.path("none/x.cnf")]).contains("none/x.cnf"));
    let out = folder.path("out.cnf.gz");
    good(&["solve", &file, "--cnf-out", &out], 10);
    assert!(std::fs::read(&out).unwrap().starts_with(&[0x1f, 0x8b]));
    assert_eq!(s_line(&good(&["solve", &out], 10)), "SATISFIABLE");
}

#[test]
fn bad_usage() {
    let folder = Folder::new();
    let sat = folder.write("sat.cnf", SAT);
    for args in [
        &[][..],
        &["frobnicate"],
        &["solve"],
        &["solve", &sat, "--frobnicate"],
        &["solve", &sat, "--time", "-1"],
        &["solve", &sat, "--time", "NaN"],
        &["solve", &sat, "--time", "inf"],
        &["solve", &sat, "--time", "soon"],
        &["solve", &sat, "--conflicts", "-1"],
        &["solve", &sat, "--conflicts", "1.5"],
        &["solve", &sat, "--seed", "18446744073709551616"],
        &["enumerate"],
        &["enumerate", &sat, "--conflicts", "1"],
        &["generate"],
        &["generate", "frobnicate", "-o", "-"],
        &["generate", "pigeonhole", "--pigeons", "3", "--holes", "3"],
        &["generate", "pigeonhole", "--pigeons", "3", "-o", "-"],
        &["generate", "pigeonhole", "--pigeons", "0", "--holes", "3", "-o", "-"],
        &["generate", "pigeonhole", "--pigeons", "3", "--holes", "3", "-o", "-", "--json"],
        &["generate", "ksat", "--vars", "9", "--k", "3", "-o", "-"],
        &["generate", "ksat", "--vars", "9", "--k", "3", "--clauses", "9", "--ratio", "1", "-o", "-"],
        &["generate", "ksat", "--vars", "9", "--k", "10", "--clauses", "9", "-o", "-"],
        &["generate", "ksat", "--vars", "9", "--k", "3", "--ratio", "-1", "-o", "-"],
        &["generate", "ksat", "--vars", "9", "--k", "3", "--ratio", "nan", "-o", "-"],
        &["generate", "tseitin", "--vertices", "5", "--degree", "3", "--charge", "odd", "-o", "-"],
        &["generate", "tseitin", "--vertices", "6", "--degree", "3", "-o", "-"],
        &["generate", "tseitin", "--vertices", "6", "--degree", "3", "--charge", "2", "-o", "-"],
        &["generate", "coloring", "--vertices", "4", "--edges", "7", "--colors", "3", "-o", "-"],
    ] {
        bad(args);
    }
    let missing = folder.path("none/f.cnf");
    let err = bad(&["generate", "pigeonhole", "--pigeons", "3", "--holes", "3", "-o", &missing]);
    assert!(err.contains("none/f.cnf"), "{err}");
    let err = bad(&["generate", "ksat", "--vars", "9", "--k", "10", "--clauses", "9", "-o", "-"]);
    assert_eq!(err, "anser: k = 10: a clause cannot have more distinct variables than there are, 9\n");
}

#[test]
fn help_and_version() {
    assert_eq!(good(&["--version"], 0), format!("anser {}\n", env!("CARGO_PKG_VERSION")));
    for args in [
        &["--help"][..],
        &["help"],
        &["solve", "--help"],
        &["enumerate", "--help"],
        &["generate", "--help"],
        &["generate", "ksat", "--help"],
    ] {
        assert!(good(args, 0).contains("Usage: anser"), "{args:?}");
    }
}
