//! `anser sample`: models drawn at random.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anser::budget::{Budget, Limits};
use anser::formula::Format;
use anser::sample::{End, Family, Method, Options, Sampler};

use crate::limits::{duration, stop_name};
use crate::progress::Line;
use crate::values::values;
use crate::{Failure, input, output, signals};

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Way {
    /// As the architecture paper has it; no guarantee
    Uniwit,
    /// As in CAV 2013: near-uniform
    Uniwit13,
    /// As in DAC 2014 and TACAS 2015: almost uniform
    Unigen,
    /// Counts exactly and draws from that: exactly uniform
    Exact,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Hash {
    /// Every variable with probability 1/2: 3-wise independent
    Dense,
    /// A window of random bits that moves from row to row: pairwise independent
    Shifted,
    /// Every variable with probability 1/8: no guarantee
    Sparse,
}

#[derive(clap::Args)]
pub struct Args {
    /// DIMACS CNF, or OPB where the name ends in .opb, also compressed with gzip or xz; `-` is standard input
    file: PathBuf,
    /// How many samples
    #[arg(short = 'n', long = "number", value_name = "N", default_value_t = 1)]
    number: u64,
    /// How they are drawn
    #[arg(long, value_enum, value_name = "METHOD", default_value_t = Way::Unigen)]
    method: Way,
    /// The hash functions; those of the method's guarantee if not given
    #[arg(long, value_enum, value_name = "FAMILY")]
    hash: Option<Hash>,
    /// Tolerance of unigen, above 1.71
    #[arg(long, value_name = "E", default_value_t = 6.0, allow_negative_numbers = true)]
    epsilon: f64,
    /// Of unigen: samples of a cell, 0 for as many as there may be
    #[arg(long, value_name = "K", default_value_t = 1)]
    per_cell: usize,
    /// No sample twice
    #[arg(long)]
    distinct: bool,
    /// How many threads draw
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: u16,
    /// Format of the file, whatever its name
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<input::Format>,
    /// Variables that samples are about, as in 1,2,3; the file's sampling set if not given, or all
    #[arg(long, value_name = "VARIABLES", value_delimiter = ',')]
    project: Option<Vec<u32>>,
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
    let mut code = 0;
    output::stdout(|out| {
        code = sample(args, &budget, out)?;
        Ok::<(), Failure>(())
    })?;
    Ok(code)
}

fn name(end: End) -> &'static str {
    match end {
        End::Enough => "limit",
        End::Exhausted => stop_name(None),
        End::Failed => "failures",
        End::Unknown(stop) => stop_name(Some(stop)),
    }
}

fn sample(args: &Args, budget: &Budget, out: &mut dyn Write) -> Result<u8, Failure> {
    let format = input::Format::of(args.format, &args.file);
    let mut formula = match input::formula(&args.file, format, budget)? {
        Ok(formula) => formula,
        Err(stop) => {
            begin(args, out)?;
            finish(args, End::Unknown(stop), None, budget, out)?;
            return Ok(0);
        }
    };
    if let Some(variables) = &args.project {
        formula.set_sampling_set(Some(variables))?;
    }
    let options = Options {
        method: match args.method {
            Way::Uniwit => Method::UniWit,
            Way::Uniwit13 => Method::UniWit13,
            Way::Unigen => Method::UniGen,
            Way::Exact => Method::Exact,
        },
        family: args.hash.map(|hash| match hash {
            Hash::Dense => Family::Dense,
            Hash::Shifted => Family::Shifted,
            Hash::Sparse => Family::Sparse(0.125),
        }),
        epsilon: args.epsilon,
        per_cell: args.per_cell,
        distinct: args.distinct,
        threads: args.threads.into(),
    };
    let mut sampler = Sampler::new(Arc::new(formula), &options, args.seed)?;
    begin(args, out)?;
    let (mut told, mut failed) = (0, None);
    let end = sampler.run(args.number, budget, |sampler| {
        let literals: Vec<i32> = sampler.literals().map(Iterator::collect).unwrap_or_default();
        told += 1;
        match tell(args, told == 1, &literals, format, out) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    finish(args, end, Some((&sampler, options.is_guaranteed())), budget, out)?;
    Ok(match (told, end) {
        (0, End::Exhausted) => 20,
        (0, _) => 0,
        _ => 10,
    })
}

fn begin(args: &Args, out: &mut dyn Write) -> io::Result<()> {
    if args.json { out.write_all(b"{\"samples\":[") } else { writeln!(out, "c anser {}", env!("CARGO_PKG_VERSION")) }
}

fn tell(args: &Args, first: bool, literals: &[i32], format: Format, out: &mut dyn Write) -> io::Result<()> {
    if !args.json {
        return values(literals, format, out);
    }
    out.write_all(if first { b"[" } else { b",[" })?;
    for (index, literal) in literals.iter().enumerate() {
        write!(out, "{}{literal}", if index > 0 { "," } else { "" })?;
    }
    out.write_all(b"]")
}

fn finish(
    args: &Args,
    end: End,
    drawn: Option<(&Sampler, bool)>,
    budget: &Budget,
    out: &mut dyn Write,
) -> io::Result<()> {
    let statistics = drawn.map(|(sampler, _)| sampler.statistics()).unwrap_or_default();
    let guaranteed = drawn.is_some_and(|(_, guaranteed)| guaranteed);
    let (stop, seconds) = (name(end), output::seconds(budget.elapsed()));
    let rate = if statistics.draws == 0 { 1.0 } else { 1.0 - statistics.failed as f64 / statistics.draws as f64 };
    if args.json {
        return writeln!(
            out,
            "],\"guaranteed\":{guaranteed},\"draws\":{},\"failed\":{},\"repeated\":{},\"cells\":{},\"rows\":{},\"stop\":\"{stop}\",\"seconds\":{seconds}}}",
            statistics.draws, statistics.failed, statistics.repeated, statistics.cells, statistics.rows
        );
    }
    writeln!(out, "c seconds {:.3}", budget.elapsed().as_secs_f64())?;
    writeln!(out, "c stop {stop}")?;
    writeln!(out, "c guaranteed {guaranteed}")?;
    writeln!(out, "c draws {}, {:.1}% of them successful", statistics.draws, 100.0 * rate)?;
    writeln!(out, "c cells {}, rows up to {}", statistics.cells, statistics.rows)?;
    match (statistics.samples, end) {
        (0, End::Exhausted) => writeln!(out, "s UNSATISFIABLE"),
        (0, _) => writeln!(out, "s UNKNOWN"),
        _ => writeln!(out, "s SATISFIABLE"),
    }
}
