//! `anser solve`: output and exit codes as in the SAT and pseudo-Boolean competitions, or one JSON object.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anser::budget::{Budget, Limits, Stop};
use anser::formula::{Format, LowerError, cnf, dimacs};
use anser::solve::{Bounds, Minimum, Outcome, ProofFormat, Solver};
use clap::ValueEnum;
use serde_json::{Map, Value};

use crate::backend::Backend;
use crate::limits::{duration, stop_name};
use crate::progress::Line;
use crate::values::values;
use crate::{Failure, input, output, signals};

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
    /// How constraints that are no clauses are handled
    #[arg(long, value_enum, value_name = "BACKEND", default_value_t = Backend::Auto)]
    backend: Backend,
    /// Look for a model by local search as well, on a second thread
    #[arg(long)]
    local_search: bool,
    /// Set an option of the solver
    #[arg(long, value_name = "NAME=VALUE", value_parser = option)]
    option: Vec<(String, i64)>,
    /// Write the clauses that the formula becomes where it is encoded; a proof is about these
    #[arg(long, value_name = "FILE")]
    cnf_out: Option<PathBuf>,
    /// Write a proof of unsatisfiability
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    /// Format of the proof, drat if not given
    #[arg(long, value_enum, value_name = "FORMAT", requires = "proof")]
    proof_format: Option<Proof>,
    /// Look for any model, whatever is to become least
    #[arg(long)]
    no_objective: bool,
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
    Veripb,
}

impl From<Proof> for ProofFormat {
    fn from(format: Proof) -> Self {
        match format {
            Proof::Drat => ProofFormat::Drat,
            Proof::Lrat => ProofFormat::Lrat,
            Proof::DratBinary => ProofFormat::DratBinary,
            Proof::LratBinary => ProofFormat::LratBinary,
            Proof::Veripb => ProofFormat::VeriPb,
        }
    }
}

fn option(text: &str) -> Result<(String, i64), String> {
    let (name, value) = text.split_once('=').ok_or("not of the form NAME=VALUE")?;
    Ok((name.into(), value.parse().map_err(|_| format!("{value} is no integer"))?))
}

/// What is printed.
struct Report {
    outcome: Outcome,
    /// How a model is spelled.
    format: Format,
    /// Signed literals of all variables, where the outcome is [`Outcome::Sat`].
    model: Vec<i32>,
    /// What is known of the objective, if there is one, and whether that is all there is to know.
    bounds: Option<Bounds>,
    is_optimum: bool,
    /// Why it ended early, although there is a model.
    stop: Option<Stop>,
    /// Why constraints were handled as they were.
    why: Option<String>,
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
        Outcome::Sat if report.is_optimum => 30,
        Outcome::Sat => 10,
        Outcome::Unsat => 20,
        Outcome::Unknown(_) => 0,
    })
}

fn solve(args: &Args, budget: &Budget) -> Result<Report, Failure> {
    let format = input::Format::of(args.format, &args.file);
    let report = |outcome| Report {
        outcome,
        format,
        model: Vec::new(),
        bounds: None,
        is_optimum: false,
        stop: None,
        why: None,
        stats: Vec::new(),
        time: budget.elapsed(),
    };
    let formula = match input::formula(&args.file, format, budget)? {
        Ok(formula) => formula,
        Err(stop) => return Ok(report(Outcome::Unknown(stop))),
    };
    let variables = formula.num_vars() as usize;
    let formula = Arc::new(formula);
    let has_objective = formula.objective().is_some() && !args.no_objective;
    if let Some(path) = &args.cnf_out {
        refuse_same(path, &args.file, "the clauses")?;
        let encoded = match cnf::encode(&formula, &cnf::Options::default(), budget) {
            Ok(encoded) => encoded.into_formula(),
            Err(LowerError::Stop(stop)) => return Ok(report(Outcome::Unknown(stop))),
            Err(error) => return Err(error.into()),
        };
        match dimacs::write_file(&encoded, path, budget) {
            Ok(()) => {}
            Err(dimacs::WriteError::Stopped(stop)) => return Ok(report(Outcome::Unknown(stop))),
            Err(error) => return Err(error.into()),
        }
    }
    let mut solver = Solver::new(formula)?;
    solver.set_backend(args.backend.into())?;
    solver.set_local_search(args.local_search)?;
    for (name, value) in &args.option {
        solver.set_option(name, *value)?;
    }
    if let Some(path) = &args.proof {
        let format = args.proof_format.unwrap_or(Proof::Drat);
        if let Some(clauses) = &args.cnf_out
            && same(path, clauses)
        {
            return Err(Failure(format!("{}: the proof would overwrite the clauses", path.display())));
        }
        solver.set_proof(format.into(), Box::new(BufWriter::new(create(path, &args.file)?)))?;
    }
    let mut report = report(Outcome::Unsat);
    if has_objective {
        let mut best = None;
        let minimum = solver.minimize(&[], budget, &mut |bounds| {
            if bounds.value != best && !args.json {
                best = bounds.value;
                // Where nobody reads any more, the last lines are refused as well, and that is told.
                let _ = output::stdout(|out| bounds.value.map_or(Ok(()), |value| writeln!(out, "o {value}")));
            }
        })?;
        report.bounds = solver.bounds();
        (report.outcome, report.is_optimum, report.stop) = match minimum {
            Minimum::Optimum => (Outcome::Sat, true, None),
            Minimum::Sat(stop) => (Outcome::Sat, false, Some(stop)),
            Minimum::Unsat => (Outcome::Unsat, false, None),
            Minimum::Unknown(stop) => (Outcome::Unknown(stop), false, None),
        };
    } else {
        report.outcome = solver.solve(&[], budget)?;
    }
    report.why = solver.choice().map(|choice| choice.why.clone());
    report.stats = solver.statistics().to_vec();
    if report.outcome == Outcome::Sat {
        // A formula has at most 2^30 variables.
        let literals = (1i32..).zip(solver.model()?).take(variables);
        report.model = literals.map(|(v, &value)| if value > 0 { v } else { -v }).collect();
    }
    report.time = budget.elapsed();
    Ok(report)
}

/// The proof file, unless it is the formula itself.
fn create(proof: &Path, formula: &Path) -> Result<File, Failure> {
    refuse_same(proof, formula, "the proof")?;
    File::create(proof).map_err(|e| Failure(format!("{}: {e}", proof.display())))
}

/// An error where what is written would replace the formula.
fn refuse_same(out: &Path, formula: &Path, what: &str) -> Result<(), Failure> {
    if same(out, formula) {
        return Err(Failure(format!("{}: {what} would overwrite the formula", out.display())));
    }
    Ok(())
}

/// Whether both are the same file, which is there.
fn same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

impl Report {
    fn stop(&self) -> &'static str {
        stop_name(match self.outcome {
            Outcome::Sat | Outcome::Unsat => self.stop,
            Outcome::Unknown(stop) => Some(stop),
        })
    }

    fn json(&self) -> Value {
        let mut object = Map::new();
        let result = match self.outcome {
            Outcome::Sat if self.is_optimum => "optimum",
            Outcome::Sat => "sat",
            Outcome::Unsat => "unsat",
            Outcome::Unknown(_) => "unknown",
        };
        object.insert("result".into(), result.into());
        object.insert("stop".into(), self.stop().into());
        if self.outcome == Outcome::Sat {
            object.insert("model".into(), self.model.as_slice().into());
        }
        if let Some(bounds) = self.bounds {
            object.insert("objective".into(), bounds.value.map_or(Value::Null, output::number));
            object.insert("bound".into(), output::number(bounds.bound));
        }
        object.insert("seconds".into(), output::seconds(self.time));
        if let Some(why) = &self.why {
            object.insert("backend".into(), why.as_str().into());
        }
        let stats = self.stats.iter().map(|&(name, value)| (name.to_owned(), output::number(value)));
        object.insert("stats".into(), Value::Object(stats.collect()));
        object.into()
    }

    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "c anser {}", env!("CARGO_PKG_VERSION"))?;
        if let Some(why) = &self.why {
            writeln!(out, "c backend {why}")?;
        }
        for (name, value) in &self.stats {
            writeln!(out, "c {name} {value}")?;
        }
        writeln!(out, "c seconds {:.3}", self.time.as_secs_f64())?;
        writeln!(out, "c stop {}", self.stop())?;
        if let Some(bounds) = self.bounds {
            writeln!(out, "c bound {}", bounds.bound)?;
        }
        match self.outcome {
            Outcome::Sat => {
                writeln!(out, "s {}", if self.is_optimum { "OPTIMUM FOUND" } else { "SATISFIABLE" })?;
                values(&self.model, self.format, out)
            }
            Outcome::Unsat => writeln!(out, "s UNSATISFIABLE"),
            Outcome::Unknown(_) => writeln!(out, "s UNKNOWN"),
        }
    }
}
