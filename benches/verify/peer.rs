//! Anser and Marabou (`make peers`) on the same instances of ACAS Xu, one after the other, in one run.
//!
//! The instances are every ninth (the ninth, the eighteenth, …) of all in `../shared/data/acasxu`, sorted by the names
//! of network and property as text: 12 of 113, chosen by neither side. Each has a process of its own in either program,
//! one thread, and 60 CPU seconds of solving.
//!
//! *CPU* is the processor time of solving alone: from the network and the property in memory to the verdict, what
//! either does to prepare them included. *Wall* is the whole process, with start-up and reading, so for Marabou also
//! Python. *Ratio* is Marabou's CPU by ours: over 1 where we are faster. Where one of the two ran into the limit it is
//! a bound; where both did there is none. Medians are given of the instances that both decide, and of all with a
//! time-out counted as the limit.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anser::budget::{Budget, Limits, Stop};
use anser::net::{onnx, vnnlib};
use anser::verify::{Problem, Reason, Verdict, Verifier};

use crate::tables::{Instance, instances};
use crate::{Settings, cpu, known, median, record, word};

/// The benchmark, and the share of it that is tried.
const FOLDER: &str = "acasxu";
const EVERY: usize = 9;

/// What a program said of an instance.
struct Answer {
    verdict: String,
    cpu: f64,
    wall: f64,
    said: String,
}

impl Answer {
    fn decided(&self) -> bool {
        self.verdict == "sat" || self.verdict == "unsat"
    }

    /// Whether it ran into the limit. An error is neither this nor decided.
    fn stopped(&self) -> bool {
        self.verdict == "limit"
    }

    /// CPU seconds, a time-out counted as the limit.
    fn cost(&self, limit: f64) -> f64 {
        if self.stopped() { limit } else { self.cpu }
    }
}

/// Verifies one instance and prints what came of it: what [`run`] starts in a process of its own.
pub fn alone(files: &[String], settings: &Settings) {
    let [network, property] = files else { return println!("two files") };
    let limit = settings.time.unwrap_or(60.0);
    let unlimited = Budget::unlimited();
    let network = onnx::read_file(Path::new(network), &Default::default(), &unlimited).expect("a network");
    let property = vnnlib::read_file(property, &unlimited).expect("a property");
    let begin = cpu();
    let problem = Problem::new(network, property).expect("they fit");
    let mut verifier = Verifier::new(problem, &settings.options, &unlimited).expect("a verifier");
    // A budget is one on the wall clock. What it leaves of the processor's time goes into another call.
    let verdict = loop {
        let left = (limit - (cpu() - begin)).max(0.0);
        let limits = Limits { time: Some(Duration::from_secs_f64(left)), ..Limits::default() };
        match verifier.run(&Budget::start(&limits)).expect("a run") {
            Verdict::Unknown(Reason::Stopped(Stop::Time)) if cpu() - begin < limit - 0.01 => {}
            Verdict::Unknown(Reason::Stopped(Stop::Time)) => break "limit",
            verdict => break word(&verdict),
        }
    };
    let line = serde_json::json!({
        "verdict": verdict, "solve_seconds": cpu() - begin, "bounded": verifier.statistics().bounded,
    });
    println!("{line}");
}

/// Starts a program, whose last line is JSON.
fn ask(command: &mut Command) -> Answer {
    let start = Instant::now();
    let output = command.stdin(Stdio::null()).output();
    let wall = start.elapsed().as_secs_f64();
    let error = |said: String| Answer { verdict: "error".to_owned(), cpu: 0.0, wall, said };
    let output = match output {
        Ok(output) => output,
        Err(why) => return error(why.to_string()),
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let Some(line) = text.lines().last().and_then(|line| serde_json::from_str::<serde_json::Value>(line).ok()) else {
        return error(String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("no answer").to_owned());
    };
    Answer {
        verdict: line["verdict"].as_str().unwrap_or("error").to_owned(),
        cpu: line["solve_seconds"].as_f64().unwrap_or(0.0),
        wall,
        said: line["said"].as_str().unwrap_or_default().to_owned(),
    }
}

/// Marabou's name and version, or why there is none.
fn marabou(python: &Path, script: &Path) -> Result<String, String> {
    if !python.exists() {
        return Err(format!("no {}, see make setup", python.display()));
    }
    let output = Command::new(python).arg(script).arg("--check").output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("it does not start").to_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().last().unwrap_or("marabou").to_owned())
}

/// What is tried.
fn chosen(settings: &Settings) -> Option<Vec<Instance>> {
    let mut all = instances(FOLDER)?;
    all.sort_by(|a, b| a.name.cmp(&b.name));
    let every = all.into_iter().skip(EVERY - 1).step_by(EVERY);
    Some(every.filter(|instance| instance.name.contains(&settings.only)).collect())
}

/// Both, side by side.
pub fn run(settings: &Settings) {
    let Some(chosen) = chosen(settings) else { return println!("skipped: --peer: no ../shared/data/{FOLDER}") };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (python, script) = (root.join(".deps/oracles/bin/python"), root.join("benches/verify_peer.py"));
    let peer = match marabou(&python, &script) {
        Ok(peer) => peer,
        Err(why) => return println!("skipped: --peer: no Marabou: {why}"),
    };
    let Ok(own) = std::env::current_exe() else { return println!("skipped: --peer: no path of this program") };
    let limit = settings.time.unwrap_or(60.0);
    let procedure = settings.options.procedure.name();
    println!(
        "{FOLDER}, every {EVERY}th instance by name: Anser ({procedure}) and {peer}, one thread, {limit} s of CPU each"
    );
    println!(
        "{:<44} {:<8} {:>16} {:>16} {:>10} {:>9} {:>9}",
        "", "known", "Anser CPU", "Marabou CPU", "ratio", "wall", "wall"
    );
    let (mut both, mut counted, mut solved, mut sums, mut wrong) = (Vec::new(), Vec::new(), [0, 0], [0.0, 0.0], 0);
    for instance in &chosen {
        let ours = ask(Command::new(&own)
            .args(["--alone", "--time", &limit.to_string(), "--procedure", procedure])
            .args([&instance.network, &instance.property]));
        let mut pair = instance.network.clone().into_os_string();
        pair.push(":");
        pair.push(&instance.property);
        let theirs = ask(Command::new(&python).arg(&script).args(["--limit", &limit.to_string()]).arg(pair));
        let ratio = theirs.cost(limit) / ours.cost(limit);
        let (mark, given) = match (&ours, &theirs) {
            (a, b) if a.decided() && b.decided() => ("", true),
            (a, b) if a.decided() && b.stopped() => (">", true),
            (a, b) if a.stopped() && b.decided() => ("<", true),
            _ => ("", false),
        };
        if given {
            counted.push(ratio);
            if mark.is_empty() {
                both.push(ratio);
            }
        }
        let expected = known(instance.expected);
        for (index, answer) in [&ours, &theirs].into_iter().enumerate() {
            solved[index] += usize::from(answer.decided());
            sums[index] += answer.cost(limit);
            if answer.decided() && instance.expected.is_some() && answer.verdict != expected {
                wrong += 1;
                println!("WRONG: {} says {}", ["Anser", "Marabou"][index], answer.verdict);
            }
            if answer.verdict == "error" {
                println!("{}: {}", ["Anser", "Marabou"][index], answer.said);
            }
        }
        println!(
            "{:<44} {expected:<8} {:>6} {:>9.3} {:>6} {:>9.3} {:>10} {:>9.3} {:>9.3}",
            instance.name,
            ours.verdict,
            ours.cpu,
            theirs.verdict,
            theirs.cpu,
            if given { format!("{mark}{ratio:.2}") } else { "-".to_owned() },
            ours.wall,
            theirs.wall,
        );
        let line = serde_json::json!({
            "bench": "verify", "what": "peer", "peer": peer, "instance": instance.name, "expected": expected,
            "limit_seconds": limit, "procedure": procedure,
            "anser": { "verdict": ours.verdict, "solve_seconds": ours.cpu, "wall_seconds": ours.wall },
            "marabou": { "verdict": theirs.verdict, "solve_seconds": theirs.cpu, "wall_seconds": theirs.wall },
            "ratio": given.then_some(ratio), "bound": mark,
        });
        record("verify_peer.jsonl", line);
    }
    let all = chosen.len();
    println!(
        "solved: Anser {} of {all}, Marabou {} of {all}; {wrong} wrong; CPU seconds, time-outs as \
         the limit: {:.2} and {:.2}",
        solved[0], solved[1], sums[0], sums[1]
    );
    for (ratios, which) in [(&both, "that both decide"), (&counted, "that one decides, time-outs as the limit")] {
        match median(ratios) {
            Some(middle) => {
                let (least, most) = ratios.iter().fold((f64::INFINITY, 0.0f64), |(l, u), &r| (l.min(r), u.max(r)));
                let count = ratios.len();
                println!("median ratio {middle:.2} ({least:.2} to {most:.2}) of the {count} {which}");
            }
            None => println!("no ratio: there are none {which}"),
        }
    }
}
