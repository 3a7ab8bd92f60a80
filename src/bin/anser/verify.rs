//! `anser verify`: whether an input of a network has a property. Output as in the competitions of neural network verifiers,
//! or one JSON object.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anser::budget::{Budget, Limits, Stop};
use anser::net::onnx::OnnxErrorKind;
use anser::net::vnnlib;
use anser::verify::{
    End, Options, Problem, Procedure, Reason, Slice, Statistics, Verdict, Verifier, VerifyError, Witness,
};
use serde_json::{Map, Value};

use crate::limits::duration;
use crate::net::Reading;
use crate::progress::Line;
use crate::{Failure, output, signals};

#[derive(clap::Args)]
pub struct Args {
    /// ONNX, also compressed with gzip or xz
    network: PathBuf,
    /// VNN-LIB 1.0 or 2.0, also compressed with gzip or xz
    property: PathBuf,
    #[command(flatten)]
    reading: Reading,
    /// How to go about it: portfolio, auto, fuzz, gradient, bounds, input-split, relu-split, milp or smt
    #[arg(long, value_name = "NAME", value_parser = procedure, default_value = "portfolio")]
    procedure: Procedure,
    /// Wall-clock limit in seconds, reading included
    #[arg(long, value_name = "SECONDS", value_parser = duration, allow_negative_numbers = true)]
    time: Option<Duration>,
    /// Deterministic limit: with one thread the same limit gives the same run
    #[arg(long, value_name = "UNITS")]
    work: Option<u64>,
    /// How many threads work on subproblems
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1024))]
    threads: u32,
    /// Seed of every random decision
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Tell on the standard error what the portfolio did: its schedule, and each slice
    #[arg(long)]
    explain: bool,
    /// Print one JSON object instead; with --explain it has the slices
    #[arg(long)]
    json: bool,
}

/// `--procedure`.
pub fn procedure(text: &str) -> Result<Procedure, String> {
    Procedure::from_name(text).ok_or_else(|| {
        let names: Vec<&str> = Procedure::ALL.iter().map(|procedure| procedure.name()).collect();
        format!("known are {}", names.join(", "))
    })
}

/// What is printed.
struct Report {
    verdict: Verdict,
    procedure: Procedure,
    statistics: Statistics,
    /// Names and shares, and what was done; where that was asked for.
    schedule: Vec<(String, u64)>,
    slices: Vec<Slice>,
    time: Duration,
}

impl Report {
    /// Where nothing was begun.
    fn stopped(args: &Args, stop: Stop, budget: &Budget) -> Self {
        Report {
            verdict: Verdict::Unknown(Reason::Stopped(stop)),
            procedure: args.procedure,
            statistics: Statistics::default(),
            schedule: Vec::new(),
            slices: Vec::new(),
            time: budget.elapsed(),
        }
    }
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    let line = Line::new();
    let budget = Budget::start(&Limits {
        time: args.time,
        work: args.work,
        seed: args.seed,
        interrupt: Some(signals::token()?),
        progress: line.as_ref().map(Line::sink),
        ..Limits::default()
    });
    let report = verify(args, &budget)?;
    drop(line);
    if args.explain && !args.json {
        // Nobody may be reading it.
        let _ = report.explain(&mut io::stderr().lock());
    }
    if args.json {
        output::json(&report.json())?;
    } else {
        output::stdout(|out| report.text(out))?;
    }
    Ok(match report.verdict {
        Verdict::Sat(_) => 10,
        Verdict::Unsat => 20,
        Verdict::Unknown(_) => 0,
    })
}

fn verify(args: &Args, budget: &Budget) -> Result<Report, Failure> {
    let problem = match problem(&args.reading, &args.network, &args.property, budget)? {
        Ok(problem) => problem,
        Err(stop) => return Ok(Report::stopped(args, stop, budget)),
    };
    let mut options = Options::new(args.procedure);
    options.threads = args.threads as usize;
    let mut verifier = match Verifier::new(problem, &options, budget) {
        Ok(verifier) => verifier,
        Err(VerifyError::Stopped(stop)) => return Ok(Report::stopped(args, stop, budget)),
        Err(error) => return Err(error.into()),
    };
    let verdict = verifier.run(budget)?;
    let explain = |verifier: &Verifier| {
        let schedule = verifier.schedule().into_iter().map(|(name, share)| (name.to_owned(), share)).collect();
        (schedule, verifier.slices().to_vec())
    };
    let (schedule, slices) = if args.explain { explain(&verifier) } else { Default::default() };
    let statistics = verifier.statistics();
    Ok(Report { verdict, procedure: args.procedure, statistics, schedule, slices, time: budget.elapsed() })
}

/// A network and a property, or what ended reading them early.
pub fn problem(
    reading: &Reading,
    network: &Path,
    property: &Path,
    budget: &Budget,
) -> Result<Result<Problem, Stop>, Failure> {
    let network = match reading.network(network, budget) {
        Ok(network) => network,
        Err(error) => match error.kind() {
            OnnxErrorKind::Stopped(stop) => return Ok(Err(*stop)),
            _ => return Err(error.into()),
        },
    };
    let property = match vnnlib::read_file(property, budget) {
        Ok(property) => property,
        Err(vnnlib::ReadError::Stopped(stop)) => return Ok(Err(stop)),
        Err(error) => return Err(error.into()),
    };
    Ok(Ok(Problem::new(network, property)?))
}

impl Report {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        match &self.verdict {
            Verdict::Sat(witness) => {
                writeln!(out, "sat")?;
                assignment(witness, out)
            }
            Verdict::Unsat => writeln!(out, "unsat"),
            Verdict::Unknown(Reason::Stopped(Stop::Time)) => writeln!(out, "timeout"),
            Verdict::Unknown(_) => writeln!(out, "unknown"),
        }
    }

    /// A line each slice.
    fn explain(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.schedule.is_empty() {
            return writeln!(out, "no schedule: one procedure, {}", self.procedure.name());
        }
        let shares: Vec<String> = self.schedule.iter().map(|(name, share)| format!("{name} {share}")).collect();
        writeln!(out, "shares of a round: {}", shares.join(", "))?;
        writeln!(
            out,
            "round  procedure              granted        work  seconds  adopted  bounded  closed    open  end"
        )?;
        for s in &self.slices {
            writeln!(
                out,
                "{:5}  {:18} {:11} {:11} {:8.3} {:8} {:8} {:7} {:7}  {}",
                s.round, s.procedure, s.granted, s.work, s.seconds, s.adopted, s.bounded, s.closed, s.open, s.end
            )?;
        }
        Ok(())
    }

    fn slice(slice: &Slice) -> Value {
        let mut object = Map::new();
        object.insert("round".into(), slice.round.into());
        object.insert("procedure".into(), slice.procedure.clone().into());
        object.insert("granted".into(), slice.granted.into());
        object.insert("work".into(), slice.work.into());
        object.insert("seconds".into(), slice.seconds.into());
        object.insert("adopted".into(), slice.adopted.into());
        object.insert("bounded".into(), slice.bounded.into());
        object.insert("closed".into(), slice.closed.into());
        object.insert("open".into(), slice.open.into());
        object.insert("end".into(), slice.end.name().into());
        match &slice.end {
            End::Exhausted(reason) => object.insert("why".into(), reason.name().into()),
            End::Failed(why) => object.insert("why".into(), why.clone().into()),
            _ => None,
        };
        object.into()
    }

    fn json(&self) -> Value {
        let mut object = Map::new();
        let verdict = match &self.verdict {
            Verdict::Sat(_) => "sat",
            Verdict::Unsat => "unsat",
            Verdict::Unknown(_) => "unknown",
        };
        object.insert("verdict".into(), verdict.into());
        if let Verdict::Unknown(reason) = self.verdict {
            object.insert("reason".into(), reason.name().into());
        }
        object.insert("procedure".into(), self.procedure.name().into());
        if let Verdict::Sat(witness) = &self.verdict {
            object.insert("input".into(), witness.input.iter().map(|&v| f64::from(v)).collect());
            object.insert("output".into(), witness.output.iter().map(|&v| f64::from(v)).collect());
        }
        let number = |value: f64| if value.fract() == 0.0 { (value as i64).into() } else { Value::from(value) };
        let statistics = self.statistics.entries().into_iter().map(|(name, value)| (name.to_owned(), number(value)));
        object.insert("statistics".into(), Value::Object(statistics.collect()));
        if !self.schedule.is_empty() {
            let shares = self.schedule.iter().map(|(name, share)| (name.clone(), (*share).into()));
            object.insert("shares".into(), Value::Object(shares.collect()));
            object.insert("slices".into(), self.slices.iter().map(Self::slice).collect());
        }
        object.insert("seconds".into(), output::seconds(self.time));
        object.into()
    }
}

/// `((X_0 v)`, a line each variable, inputs first. Numbers are those of 32 bits with all their digits, so that whoever reads
/// them in either precision has the same.
fn assignment(witness: &Witness, out: &mut dyn Write) -> io::Result<()> {
    let inputs = witness.input.iter().enumerate().map(|(index, &value)| ('X', index, value));
    let outputs = witness.output.iter().enumerate().map(|(index, &value)| ('Y', index, value));
    for (count, (letter, index, value)) in inputs.chain(outputs).enumerate() {
        let open = if count == 0 { "(" } else { "\n " };
        write!(out, "{open}({letter}_{index} {})", f64::from(value))?;
    }
    writeln!(out, ")")
}
