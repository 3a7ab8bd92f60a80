//! `anser count`: how many models, about or exactly.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anser::budget::{Budget, Limits};
use anser::count::{self, Exact};
use anser::formula::Format;
use anser::sample::{CountOptions, Counter};

use crate::limits::{duration, stop_name};
use crate::progress::Line;
use crate::{Failure, input, output, signals};

#[derive(clap::Args)]
pub struct Args {
    /// DIMACS CNF, or OPB where the name ends in .opb, also compressed with gzip or xz; `-` is standard input
    file: PathBuf,
    /// Format of the file, whatever its name
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<input::Format>,
    /// Variables that two models must differ in, as in 1,2,3; the file's sampling set if not given, or all
    #[arg(long, value_name = "VARIABLES", value_delimiter = ',')]
    project: Option<Vec<u32>>,
    /// Count exactly, however long it takes
    #[arg(long, conflicts_with_all = ["epsilon", "delta"])]
    exact: bool,
    /// The count is at most 1 + E times too large or too small
    #[arg(long, value_name = "E", default_value_t = 0.8, allow_negative_numbers = true)]
    epsilon: f64,
    /// How likely it may be further off
    #[arg(long, value_name = "D", default_value_t = 0.2, allow_negative_numbers = true)]
    delta: f64,
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

pub fn run(args: &Args) -> Result<u8, Failure> {
    let line = Line::new();
    let budget = Budget::start(&Limits {
        time: args.time,
        seed: args.seed,
        interrupt: Some(signals::token()?),
        progress: line.as_ref().map(Line::sink),
        ..Limits::default()
    });
    let format = input::Format::of(args.format, &args.file);
    let counted = count(args, format, &budget)?;
    output::stdout(|out| {
        let seconds = output::seconds(budget.elapsed());
        match (&counted, args.json) {
            (Ok((models, exact)), true) => {
                writeln!(out, "{{\"count\":\"{models}\",\"exact\":{exact},\"stop\":\"solved\",\"seconds\":{seconds}}}")
            }
            (Err(stop), true) => {
                let stop = stop_name(Some(*stop));
                writeln!(out, "{{\"count\":null,\"exact\":false,\"stop\":\"{stop}\",\"seconds\":{seconds}}}")
            }
            (Ok((models, exact)), false) => {
                let how = if *exact { "exact" } else { "approximate" };
                writeln!(out, "c seconds {:.3}\nc {how}\ns mc {models}", budget.elapsed().as_secs_f64())
            }
            (Err(stop), false) => writeln!(out, "c stop {}\ns UNKNOWN", stop_name(Some(*stop))),
        }
    })?;
    Ok(0)
}

type Counted = Result<(String, bool), anser::budget::Stop>;

fn count(args: &Args, format: Format, budget: &Budget) -> Result<Counted, Failure> {
    let mut formula = match input::formula(&args.file, format, budget)? {
        Ok(formula) => formula,
        Err(stop) => return Ok(Err(stop)),
    };
    if let Some(variables) = &args.project {
        formula.set_sampling_set(Some(variables))?;
    }
    if args.exact {
        let mut exact = Exact::new(formula, &count::Options::default())?;
        return Ok(exact.run(budget)?.map(|models| (models.to_string(), true)));
    }
    let options = CountOptions { epsilon: args.epsilon, delta: args.delta, ..CountOptions::default() };
    let mut counter = Counter::new(Arc::new(formula), &options)?;
    Ok(counter.run(args.seed, budget)?.map(|count| (count.models.to_string(), count.exact)))
}
