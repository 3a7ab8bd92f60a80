//! Whole folders of `../shared/data`, held against known answers.
//!
//! For each instance a line: verdict, known answer, CPU and wall seconds of reading and verifying, subproblems. At the
//! end how many were decided how, whatever was decided wrongly, and CPU seconds: their sum, median and most.

use std::time::{Duration, Instant};

use anser::budget::{Budget, Limits};
use anser::net::{onnx, vnnlib};
use anser::verify::{Problem, Statistics, Verifier};

use crate::tables::{Instance, instances};
use crate::{Settings, cpu, known, median, word};

/// Reads and verifies it.
fn verdict(instance: &Instance, settings: &Settings) -> Result<(&'static str, Statistics), String> {
    let time = Some(Duration::from_secs_f64(settings.time.unwrap_or(60.0)));
    let budget = Budget::start(&Limits { time, ..Limits::default() });
    let net = onnx::read_file(&instance.network, &Default::default(), &budget).map_err(|error| error.to_string())?;
    let property = vnnlib::read_file(&instance.property, &budget).map_err(|error| error.to_string())?;
    let problem = Problem::new(net, property).map_err(|error| error.to_string())?;
    let mut verifier = Verifier::new(problem, &settings.options, &budget).map_err(|error| error.to_string())?;
    let verdict = verifier.run(&budget).map_err(|error| error.to_string())?;
    Ok((word(&verdict), verifier.statistics()))
}

/// One folder.
pub fn run(folder: &str, settings: &Settings) {
    let Some(instances) = instances(folder) else {
        return println!("skipped: no table of ../shared/data/{folder}");
    };
    let (mut sat, mut unsat, mut unknown, mut failed, mut wrong) = (0, 0, 0, 0, Vec::new());
    let (mut agreed, mut taken) = (0, Vec::new());
    for instance in instances.iter().filter(|instance| instance.name.contains(&settings.only)) {
        let (start, begin) = (Instant::now(), cpu());
        let verdict = verdict(instance, settings);
        let (cpu, wall) = (cpu() - begin, start.elapsed().as_secs_f64());
        let (name, nodes) = match verdict {
            Ok((name, statistics)) => {
                let (bounded, open) = (statistics.bounded, statistics.open);
                let covered = format!("{:.4} of {} covered", statistics.covered, statistics.disjuncts);
                (name.to_owned(), format!("{bounded} bounded, {open} open, {covered}"))
            }
            Err(error) => ("error".to_owned(), error),
        };
        match name.as_str() {
            "sat" => sat += 1,
            "unsat" => unsat += 1,
            "error" => failed += 1,
            _ => unknown += 1,
        }
        let expected = known(instance.expected);
        let decided = name == "sat" || name == "unsat";
        let bad = decided && instance.expected.is_some() && name != expected;
        agreed += usize::from(decided && name == expected);
        let mark = if bad { " WRONG" } else { "" };
        println!("{name:12} {expected:8} {cpu:9.3} {wall:9.3}  {}  {nodes}{mark}", instance.name);
        if bad {
            wrong.push(&instance.name);
        }
        taken.push(cpu);
    }
    let (all, solved) = (taken.len(), sat + unsat);
    let (median, most) = (median(&taken).unwrap_or(0.0), taken.iter().copied().fold(0.0, f64::max));
    let sum: f64 = taken.iter().sum();
    println!(
        "{folder}: {solved} of {all} solved ({sat} sat, {unsat} unsat), {unknown} unknown, {failed} failed; \
         {agreed} as known, {} wrong; CPU seconds {sum:.2} in all, median {median:.3}, most {most:.2}",
        wrong.len()
    );
    for name in wrong {
        println!("  wrong: {name}");
    }
}
