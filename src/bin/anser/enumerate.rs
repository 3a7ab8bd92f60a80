//! `anser enumerate`: models one after the other, as they are found.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anser::budget::{Budget, Limits};
use anser::formula::Format;
use anser::solve::{End, Enumerator};

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
    /// Variables that two models must differ in, as in 1,2,3; the file's sampling set if not given, or all
    #[arg(long, value_name = "VARIABLES", value_delimiter = ',')]
    project: Option<Vec<u32>>,
    /// Stop after so many models
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Wall-clock limit in seconds, reading included
    #[arg(long, value_name = "SECONDS", value_parser = duration, allow_negative_numbers = true)]
    time: Option<Duration>,
    /// Seed of every random decision
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How constraints that are not clauses are handled
    #[arg(long, value_enum, value_name = "BACKEND", default_value_t = Backend::Auto)]
    backend: Backend,
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
        code = enumerate(args, &budget, out)?;
        Ok::<(), Failure>(())
    })?;
    Ok(code)
}

fn enumerate(args: &Args, budget: &Budget, out: &mut dyn Write) -> Result<u8, Failure> {
    let format = input::Format::of(args.format, &args.file);
    let mut models = Models { json: args.json, any: false, format };
    let formula = match input::formula(&args.file, format, budget)? {
        Ok(formula) => formula,
        Err(stop) => {
            models.begin(out)?;
            models.end(End::Unknown(stop), 0, budget, out)?;
            return Ok(0);
        }
    };
    let mut enumerator = Enumerator::new(Arc::new(formula))?;
    enumerator.solver_mut()?.set_backend(args.backend.into())?;
    if let Some(variables) = &args.project {
        enumerator.set_projection(variables)?;
    }
    let mut projection: Vec<u32> = enumerator.projection().to_vec();
    projection.sort_unstable();
    models.begin(out)?;
    let mut written = Ok(());
    let end = enumerator.run(args.limit.unwrap_or(u64::MAX), budget, |model| {
        let signed = |&v: &u32| if model[v as usize - 1] > 0 { v.cast_signed() } else { -v.cast_signed() };
        written = models.one(projection.iter().map(signed), out);
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    written?;
    models.end(end, enumerator.count(), budget, out)?;
    Ok(match (enumerator.count(), end) {
        (0, End::Complete) => 20,
        (0, _) => 0,
        _ => 10,
    })
}

/// Prints models: `v` lines, or the elements of a JSON array.
struct Models {
    json: bool,
    any: bool,
    format: Format,
}

impl Models {
    fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.json { out.write_all(b"{\"models\":[") } else { writeln!(out, "c anser {}", env!("CARGO_PKG_VERSION")) }
    }

    fn one(&mut self, literals: impl Iterator<Item = i32>, out: &mut dyn Write) -> io::Result<()> {
        if !self.json {
            return values(&literals.collect::<Vec<_>>(), self.format, out);
        }
        out.write_all(if self.any { b",[" } else { b"[" })?;
        self.any = true;
        for (i, literal) in literals.enumerate() {
            if i > 0 {
                out.write_all(b",")?;
            }
            write!(out, "{literal}")?;
        }
        out.write_all(b"]")
    }

    fn end(&self, end: End, count: u64, budget: &Budget, out: &mut dyn Write) -> io::Result<()> {
        let complete = end == End::Complete;
        let stop = match end {
            End::Complete => stop_name(None),
            End::Enough => "limit",
            End::Unknown(stop) => stop_name(Some(stop)),
        };
        if self.json {
            let seconds = output::seconds(budget.elapsed());
            return writeln!(
                out,
                "],\"complete\":{complete},\"count\":\"{count}\",\"stop\":\"{stop}\",\"seconds\":{seconds}}}"
            );
        }
        writeln!(out, "c seconds {:.3}", budget.elapsed().as_secs_f64())?;
        writeln!(out, "c stop {stop}")?;
        writeln!(out, "c complete {complete}")?;
        writeln!(out, "c models {count}")?;
        match (count, complete) {
            (0, true) => writeln!(out, "s UNSATISFIABLE"),
            (0, false) => writeln!(out, "s UNKNOWN"),
            _ => writeln!(out, "s SATISFIABLE"),
        }
    }
}
