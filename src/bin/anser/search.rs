//! `anser search`: looks for a model by local search.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anser::budget::{Budget, Limits, Stop};
use anser::formula::Format;
use anser::search::{End, Method, Options, Search, SearchError, Statistics};
use serde_json::{Map, Value};

use crate::limits::{duration, stop_name};
use crate::progress::Line;
use crate::values::values;
use crate::{Failure, input, output, signals};

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Scorer {
    /// The least broken, or a random variable, of a violated constraint
    Walksat,
    /// The same, but what breaks nothing goes first
    Skc,
    /// The likelier the less it breaks
    Probsat,
    /// Weights that move between clauses
    Ddfw,
}

#[derive(clap::Args)]
pub struct Args {
    /// DIMACS CNF, or OPB where the name ends in .opb, also compressed with gzip or xz; `-` is standard input
    file: PathBuf,
    /// How the next variable is chosen
    #[arg(long, value_enum, value_name = "SCORER", default_value_t = Scorer::Probsat)]
    scorer: Scorer,
    /// How many walkers there are, each with an assignment of its own
    #[arg(long, value_name = "B", default_value_t = 1)]
    walkers: usize,
    /// Flips of a try; no limit if not given
    #[arg(long, value_name = "L")]
    flips: Option<u64>,
    /// Tries of each walker; no limit if not given
    #[arg(long, value_name = "K")]
    tries: Option<u64>,
    /// Probability of a random step of walksat (0.5 if not given) and skc (0.567)
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    walk: Option<f64>,
    /// Threads that walkers are divided among
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: u16,
    /// Format of the file, whatever its name
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<input::Format>,
    /// Wall-clock limit in seconds, reading included
    #[arg(long, value_name = "SECONDS", value_parser = duration, allow_negative_numbers = true)]
    time: Option<Duration>,
    /// Seed of every random decision
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Print one JSON object instead
    #[arg(long)]
    json: bool,
}

/// What is printed.
struct Report {
    end: End,
    format: Format,
    /// Signed literals: the model, or where there is none the best assignment.
    literals: Vec<i32>,
    /// How many constraints are violated at the least, once there is an assignment.
    violated: Option<usize>,
    statistics: Statistics,
    /// Of the search alone.
    searched: Duration,
    time: Duration,
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    let line = Line::new();
    let budget = Budget::start(&Limits {
        time: args.time,
        seed: args.seed,
        interrupt: Some(signals::token()?),
        progress: line.as_ref().map(Line::sink),
        ..Limits::default()
    });
    let report = search(args, &budget)?;
    drop(line);
    if args.json {
        output::json(&report.json())?;
    } else {
        output::stdout(|out| report.text(out))?;
    }
    Ok(match report.end {
        End::Model => 10,
        End::Refuted => 20,
        End::Over | End::Unknown(_) => 0,
    })
}

fn search(args: &Args, budget: &Budget) -> Result<Report, Failure> {
    let format = input::Format::of(args.format, &args.file);
    let stopped = |stop: Stop| Report {
        end: End::Unknown(stop),
        format,
        literals: Vec::new(),
        violated: None,
        statistics: Statistics::default(),
        searched: Duration::ZERO,
        time: budget.elapsed(),
    };
    let formula = match input::formula(&args.file, format, budget)? {
        Ok(formula) => formula,
        Err(stop) => return Ok(stopped(stop)),
    };
    let options = Options {
        method: match args.scorer {
            Scorer::Walksat => Method::WalkSat,
            Scorer::Skc => Method::Skc,
            Scorer::Probsat => Method::ProbSat,
            Scorer::Ddfw => Method::Ddfw,
        },
        walkers: args.walkers,
        flips: args.flips,
        tries: args.tries,
        walk: args.walk,
        threads: args.threads.into(),
        seed: args.seed,
        ..Options::default()
    };
    let mut search = match Search::new(Arc::new(formula), &options, budget) {
        Ok(search) => search,
        Err(SearchError::Stop(stop)) => return Ok(stopped(stop)),
        Err(error) => return Err(error.into()),
    };
    let before = budget.elapsed();
    let end = search.run(budget)?;
    let searched = budget.elapsed() - before;
    let best = search.best().ok();
    let found = if end == End::Model { Some((search.model()?.0.to_vec(), 0)) } else { best };
    let (violated, values) = found.map_or((None, Vec::new()), |(values, violated)| (Some(violated), values));
    // A formula has at most 2^30 variables.
    let literals = (1i32..).zip(values).map(|(v, value)| if value > 0 { v } else { -v }).collect();
    let statistics = search.statistics();
    Ok(Report { end, format, literals, violated, statistics, searched, time: budget.elapsed() })
}

impl Report {
    fn stop(&self) -> &'static str {
        match self.end {
            End::Model | End::Refuted => stop_name(None),
            End::Over => "limit",
            End::Unknown(stop) => stop_name(Some(stop)),
        }
    }

    fn rate(&self) -> f64 {
        let seconds = self.searched.as_secs_f64();
        if seconds > 0.0 { self.statistics.flips as f64 / seconds } else { 0.0 }
    }

    fn counts(&self) -> [(&'static str, u64); 7] {
        let s = &self.statistics;
        [
            ("tries", s.tries),
            ("flips", s.flips),
            ("walk", s.walk),
            ("undo", s.undo),
            ("upwards", s.upwards),
            ("sideways", s.sideways),
            ("downwards", s.downwards),
        ]
    }

    fn json(&self) -> Value {
        let mut object = Map::new();
        let result = match self.end {
            End::Model => "sat",
            End::Refuted => "unsat",
            End::Over | End::Unknown(_) => "unknown",
        };
        object.insert("result".into(), result.into());
        object.insert("stop".into(), self.stop().into());
        if let Some(violated) = self.violated {
            let name = if self.end == End::Model { "model" } else { "best" };
            object.insert(name.into(), self.literals.as_slice().into());
            object.insert("violated".into(), output::number(violated as u64));
        }
        for (name, count) in self.counts() {
            object.insert(name.into(), output::number(count));
        }
        object.insert("flips_per_second".into(), self.rate().round().into());
        object.insert("seconds".into(), output::seconds(self.time));
        object.into()
    }

    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "c anser {}", env!("CARGO_PKG_VERSION"))?;
        for (name, count) in self.counts() {
            writeln!(out, "c {name} {count}")?;
        }
        writeln!(out, "c flips a second {:.0}", self.rate())?;
        writeln!(out, "c seconds {:.3}", self.time.as_secs_f64())?;
        writeln!(out, "c stop {}", self.stop())?;
        if let Some(violated) = self.violated {
            writeln!(out, "c violated {violated}")?;
        }
        match self.end {
            End::Model => {
                writeln!(out, "s SATISFIABLE")?;
                values(&self.literals, self.format, out)
            }
            End::Refuted => writeln!(out, "s UNSATISFIABLE"),
            End::Over | End::Unknown(_) => writeln!(out, "s UNKNOWN"),
        }
    }
}
