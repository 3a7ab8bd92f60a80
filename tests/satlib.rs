//! Every file of SATLIB's sets through a C host: models are checked by a reader and checker that share nothing with
//! the library, each "unsatisfiable" by its LRAT proof.
#![cfg(feature = "cadical")]
#![allow(clippy::print_stdout)] // what was skipped and counted

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;

use support::model::{Answer, Cnf, parse_answer};

/// SATLIB's copy has lost the zeros of 202 clauses, so it is malformed; its repair is solved instead.
const MALFORMED: &str = "dubois100.cnf";

fn data() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/satlib")).to_path_buf()
}

/// Compiles the C host against the shared library.
fn host(folder: &Path) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let library = Path::new(env!("CARGO_BIN_EXE_anser")).parent().expect("a folder");
    assert!(library.join("libanser.so").exists(), "run `cargo build --release` first: no libanser.so in {library:?}");
    let host = folder.join("host");
    let built = Command::new(std::env::var_os("CC").unwrap_or("cc".into()))
        .args(["-std=c11", "-O1", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-o"])
        .arg(&host)
        .arg(root.join("ffi-tests/satlib/host.c"))
        .arg(format!("-I{}", root.join("include").display()))
        .arg(format!("-L{}", library.display()))
        .args(["-lanser", &format!("-Wl,-rpath,{}", folder.display())])
        .output()
        .expect("a C compiler");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    // Under the name of its SONAME, beside the host.
    std::os::unix::fs::symlink(library.join("libanser.so"), folder.join("libanser.so.0")).expect("a link");
    host
}

fn run(host: &Path, file: &Path, proof: &Path) -> Output {
    Command::new(host).arg(file).arg(proof).output().expect("the host runs")
}

/// What is wrong with the host's answer.
fn check(host: &Path, file: &Path, satisfiable: bool, proof: &Path) -> Result<(), String> {
    let cnf = Cnf::parse(&std::fs::read_to_string(file).map_err(|e| e.to_string())?)?;
    let output = run(host, file, proof);
    let text = String::from_utf8_lossy(&output.stdout);
    match (output.status.code(), parse_answer(&text)?) {
        (Some(10), Answer::Sat(model)) if satisfiable => cnf.check_model(&model),
        (Some(20), Answer::Unsat) if !satisfiable => {
            let proof = std::fs::read_to_string(proof).map_err(|e| e.to_string())?;
            support::lrat::check_text(&cnf, &proof).map(drop)
        }
        (code, answer) => Err(format!("exit code {code:?}, {answer:?}: {}", String::from_utf8_lossy(&output.stderr))),
    }
}

fn is_satisfiable(name: &str) -> bool {
    name.starts_with("uf") || name.starts_with("flat") || (name.starts_with("aim") && name.contains("-yes"))
}

/// All but sixteen of the twenty files that take longest, half a minute each with their proofs.
#[test]
fn satlib_through_the_c_host() {
    through_the_c_host(|name| !name.starts_with("uuf250") || name < "uuf250-013", 177);
}

/// `make test-long`.
#[test]
#[ignore = "sixteen more of the hardest files, some minutes: make test-long"]
fn satlib_through_the_c_host_the_longest() {
    through_the_c_host(|name| name.starts_with("uuf250") && name >= "uuf250-013", 16);
}

fn through_the_c_host(wanted: impl Fn(&str) -> bool, expected: usize) {
    let Ok(families) = std::fs::read_dir(data()) else {
        println!("skipped: {} is absent", data().display());
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let host = host(folder.path());
    let mut files: Vec<PathBuf> = families
        .flatten()
        .filter_map(|family| std::fs::read_dir(family.path()).ok())
        .flat_map(|family| family.flatten().map(|e| e.path()))
        .filter(|f| f.extension().is_some_and(|e| e == "cnf"))
        .filter(|f| wanted(&f.file_name().unwrap_or_default().to_string_lossy()))
        .collect();
    files.sort();
    let total = files.len();
    let (sat, unsat, wrong) = (Mutex::new(0), Mutex::new(0), Mutex::new(Vec::new()));
    let queue = Mutex::new(files);
    std::thread::scope(|scope| {
        for worker in 0..2 {
            let (queue, sat, unsat, wrong, host) = (&queue, &sat, &unsat, &wrong, &host);
            let proof = folder.path().join(format!("{worker}.lrat"));
            let repaired = folder.path().join(format!("{worker}.cnf"));
            scope.spawn(move || {
                while let Some(mut file) = { queue.lock().unwrap().pop() } {
                    let name = file.file_name().unwrap().to_string_lossy().into_owned();
                    if name == MALFORMED {
                        let refused = run(host, &file, &proof);
                        let why = String::from_utf8_lossy(&refused.stderr);
                        assert_eq!(refused.status.code(), Some(1));
                        assert!(why.contains("ANSER_STATUS_PARSE") && why.contains("598"), "{why}");
                        let text = std::fs::read_to_string(&file).unwrap();
                        std::fs::write(&repaired, repair(&text)).unwrap();
                        file.clone_from(&repaired);
                    }
                    let satisfiable = is_satisfiable(&name);
                    match check(host, &file, satisfiable, &proof) {
                        Ok(()) if satisfiable => *sat.lock().unwrap() += 1,
                        Ok(()) => *unsat.lock().unwrap() += 1,
                        Err(why) => wrong.lock().unwrap().push(format!("{name}: {why}")),
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let (sat, unsat) = (sat.into_inner().unwrap(), unsat.into_inner().unwrap());
    println!("{total} files: {sat} satisfiable, models checked; {unsat} unsatisfiable, LRAT proofs checked");
    assert_eq!((total, sat + unsat), (expected, expected));
}

/// Ends every clause line with a zero.
fn repair(text: &str) -> String {
    let line = |l: &str| {
        let clause = !l.starts_with(['c', 'p']) && !l.trim().is_empty() && !l.trim_end().ends_with(" 0");
        if clause { format!("{l} 0\n") } else { format!("{l}\n") }
    };
    text.lines().map(line).collect()
}
