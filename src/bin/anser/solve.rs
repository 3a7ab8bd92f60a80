//! `anser solve`: output and exit codes as in the SAT competitions, or one JSON object.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anser::budget::{Budget, Limits, Stop};
use anser::formula::Format;
use anser::solve::{Outcome, ProofFormat, Solver};
use clap::ValueEnum;
use serde_json::{Map, Value};

use crate::progress::Line;
use crate::{Failure, input, output, signals};

/// Columns of a `v` line, the line feed not counted.
const COLUMNS: usize = 78;

#[derive(clap::Args)]
pub struct Args {
    /// DIMACS CNF, or OPB where the name ends in .opb, also compressed with gzip or xz; `-` is standard input
    file: PathBuf,
    /// Format of the file, whatever its name
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<input::Format>,
    /// Wall-clock limit in seconds, reading included
    #[arg(long, value_name = "SECONDS", value_parser = duration, allow_negative_numbers = true)]
    time: Option<Duration>,
    /// Give up after so many conflicts
    #[arg(long, value_name = "N")]
    conflicts: Option<u64>,
    /// Seed of every random decision
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Write a proof of unsatisfiability
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    /// Format of the proof, drat if not given
    #[arg(long, value_enum, value_name = "FORMAT", requires = "proof")]
    proof_format: Option<Proof>,
    /// Print one JSON object instead
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Proof {
    Drat,
    Lrat,
    DratBinary,
    LratBinary,
}

impl From<Proof> for ProofFormat {
    fn from(format: Proof) -> Self {
        match format {
            Proof::Drat => ProofFormat::Drat,
            Proof::Lrat => ProofFormat::Lrat,
            Proof::DratBinary => ProofFormat::DratBinary,
            Proof::LratBinary => ProofFormat::LratBinary,
        }
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    if seconds.is_nan() || seconds < 0.0 {
        return Err("must not be negative".into());
    }
    Duration::try_from_secs_f64(seconds).map_err(|e| e.to_string())
}

/// What is printed.
struct Report {
    outcome: Outcome,
    /// How a model is spelled.
    format: Format,
    /// Signed literals of all variables, where the outcome is [`Outcome::Sat`].
    model: Vec<i32>,
    stats: Vec<(&'static str, i64)>,
    time: Duration,
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    let line = Line::new();
    let budget = Budget::start(&Limits {
        time: args.time,
        conflicts: args.conflicts,
        seed: args.seed,
        interrupt: Some(signals::token()?),
        progress: line.as_ref().map(Line::sink),
        ..Limits::default()
    });
    let report = solve(args, &budget)?;
    drop(line);
    if args.json {
        output::json(&report.json())?;
    } else {
        output::stdout(|out| report.text(out))?;
    }
    Ok(match report.outcome {
        Outcome::Sat => 10,
        Outcome::Unsat => 20,
        Outcome::Unknown(_) => 0,
    })
}

fn solve(args: &Args, budget: &Budget) -> Result<Report, Failure> {
    let format = input::Format::of(args.format, &args.file);
    let report = |outcome| Report { outcome, format, model: Vec::new(), stats: Vec::new(), time: budget.elapsed() };
    let formula = match input::formula(&args.file, format, budget)? {
        Ok(formula) => formula,
        Err(stop) => return Ok(report(Outcome::Unknown(stop))),
    };
    let variables = formula.num_vars() as usize;
    let mut solver = Solver::new(Arc::new(formula))?;
    if let Some(path) = &args.proof {
        let format = args.proof_format.unwrap_or(Proof::Drat);
        solver.set_proof(format.into(), Box::new(BufWriter::new(create(path, &args.file)?)))?;
    }
    let outcome = solver.solve(&[], budget)?;
    let mut report = Report { stats: solver.statistics().to_vec(), ..report(outcome) };
    if outcome == Outcome::Sat {
        // A formula has at most 2^30 variables.
        let literals = (1i32..).zip(solver.model()?).take(variables);
        report.model = literals.map(|(v, &value)| if value > 0 { v } else { -v }).collect();
    }
    report.time = budget.elapsed();
    Ok(report)
}

/// The proof file, unless it is the formula itself.
fn create(proof: &Path, formula: &Path) -> Result<File, Failure> {
    let refuse = |why: &dyn std::fmt::Display| Failure(format!("{}: {why}", proof.display()));
    if let (Ok(a), Ok(b)) = (proof.canonicalize(), formula.canonicalize())
        && a == b
    {
        return Err(refuse(&"the proof would overwrite the formula"));
    }
    File::create(proof).map_err(|e| refuse(&e))
}

impl Report {
    fn stop(&self) -> &'static str {
        match self.outcome {
            Outcome::Sat | Outcome::Unsat => "solved",
            Outcome::Unknown(Stop::Time) => "time",
            Outcome::Unknown(Stop::Work) => "work",
            Outcome::Unknown(Stop::Conflicts) => "conflicts",
            Outcome::Unknown(Stop::Interrupted) => "interrupted",
            Outcome::Unknown(Stop::Callback(_)) => "callback",
        }
    }

    fn json(&self) -> Value {
        let mut object = Map::new();
        let result = match self.outcome {
            Outcome::Sat => "sat",
            Outcome::Unsat => "unsat",
            Outcome::Unknown(_) => "unknown",
        };
        object.insert("result".into(), result.into());
        object.insert("stop".into(), self.stop().into());
        if self.outcome == Outcome::Sat {
            object.insert("model".into(), self.model.as_slice().into());
        }
        object.insert("seconds".into(), output::seconds(self.time));
        let stats = self.stats.iter().map(|&(name, value)| (name.to_owned(), output::number(value)));
        object.insert("stats".into(), Value::Object(stats.collect()));
        object.into()
    }

    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "c anser {}", env!("CARGO_PKG_VERSION"))?;
        for (name, value) in &self.stats {
            writeln!(out, "c {name} {value}")?;
        }
        writeln!(out, "c seconds {:.3}", self.time.as_secs_f64())?;
        writeln!(out, "c stop {}", self.stop())?;
        match self.outcome {
            Outcome::Sat => {
                writeln!(out, "s SATISFIABLE")?;
                values(&self.model, self.format, out)
            }
            Outcome::Unsat => writeln!(out, "s UNSATISFIABLE"),
            Outcome::Unknown(_) => writeln!(out, "s UNKNOWN"),
        }
    }
}

/// The model in `v` lines: `1 -2 0` as the SAT competitions have it, `x1 -x2` as the pseudo-Boolean ones.
fn values(model: &[i32], format: Format, out: &mut dyn Write) -> io::Result<()> {
    let mut line = String::from("v");
    let (name, end): (&str, &[i32]) = match format {
        Format::Dimacs => ("", &[0]),
        Format::Opb => ("x", &[]),
    };
    for literal in model.iter().chain(end) {
        let sign = if *literal < 0 { "-" } else { "" };
        let word = format!("{sign}{name}{}", literal.unsigned_abs());
        if line.len() + 1 + word.len() > COLUMNS {
            writeln!(out, "{line}")?;
            line.truncate(1);
        }
        line.push(' ');
        line.push_str(&word);
    }
    writeln!(out, "{line}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_lines_are_full_but_not_longer() {
        for n in 0..2000 {
            let model: Vec<i32> = (1..=n).map(|v| if v % 3 == 0 { v } else { -v }).collect();
            let mut text = Vec::new();
            values(&model, Format::Dimacs, &mut text).unwrap();
            let text = String::from_utf8(text).unwrap();
            let lines: Vec<&str> = text.lines().collect();
            assert!(lines.iter().all(|l| l.len() <= COLUMNS && l.starts_with("v ")));
            // A word has at most five characters, so a line that could take another is shorter than this.
            assert!(lines[..lines.len() - 1].iter().all(|l| l.len() >= COLUMNS - 5), "{text}");
            let words = lines.iter().flat_map(|l| l[1..].split_whitespace());
            let back: Vec<i32> = words.map(|w| w.parse().unwrap()).collect();
            assert_eq!(back, [model, vec![0]].concat());
        }
    }

    #[test]
    fn variables_of_opb_have_names() {
        let text = |model: &[i32]| {
            let mut text = Vec::new();
            values(model, Format::Opb, &mut text).unwrap();
            String::from_utf8(text).unwrap()
        };
        assert_eq!(text(&[1, -2, 30]), "v x1 -x2 x30\n");
        assert_eq!(text(&[]), "v\n");
        let long: Vec<i32> = (100_000..101_000).map(|v| if v % 3 == 0 { v } else { -v }).collect();
        let lines = text(&long);
        assert!(lines.lines().all(|l| l.len() <= COLUMNS && l.starts_with("v ")));
        let words: Vec<String> = lines.split_whitespace().filter(|w| *w != "v").map(|w| w.replace('x', "")).collect();
        assert_eq!(words.iter().map(|w| w.parse().unwrap()).collect::<Vec<i32>>(), long);
    }

    #[test]
    fn durations() {
        assert_eq!(duration("0.2"), Ok(Duration::from_millis(200)));
        assert_eq!(duration("0"), Ok(Duration::ZERO));
        for bad in ["-1", "-0.5", "NaN", "nan", "inf", "1e30", "", "1s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
