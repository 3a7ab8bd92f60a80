//! `anser convert`: a formula in another format.

use std::path::{Path, PathBuf};

use anser::budget::{Budget, Limits};
use anser::formula::TextFormat;
use clap::ValueEnum;

use crate::progress::Line;
use crate::{Failure, input, output, signals};

#[derive(clap::Args)]
pub struct Args {
    /// DIMACS CNF, or OPB where the name ends in .opb, also compressed with gzip or xz; `-` is standard input
    file: PathBuf,
    /// Format of the file, whatever its name
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<input::Format>,
    /// Write to this file, in the format that its name says (.opb, .smt2, .lp, .mps, else DIMACS CNF) and compressed where it
    /// ends in .gz or .xz; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Format to write, whatever the name
    #[arg(long, value_enum, value_name = "FORMAT")]
    to: Option<To>,
}

/// Formats that formulas are written in.
#[derive(Clone, Copy, ValueEnum)]
enum To {
    /// DIMACS CNF, with parities and a sampling set
    Dimacs,
    /// Pseudo-Boolean constraints
    Opb,
    /// SMT-LIB 2
    SmtLib,
    /// CPLEX LP
    Lp,
    /// Free MPS
    Mps,
}

impl From<To> for TextFormat {
    fn from(to: To) -> Self {
        match to {
            To::Dimacs => TextFormat::Dimacs,
            To::Opb => TextFormat::Opb,
            To::SmtLib => TextFormat::SmtLib,
            To::Lp => TextFormat::Lp,
            To::Mps => TextFormat::Mps,
        }
    }
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    let line = Line::new();
    let budget = Budget::start(&Limits {
        interrupt: Some(signals::token()?),
        progress: line.as_ref().map(Line::sink),
        ..Limits::default()
    });
    let formula = match input::formula(&args.file, input::Format::of(args.format, &args.file), &budget)? {
        Ok(formula) => formula,
        Err(stop) => return Err(Failure(stop.to_string())),
    };
    let format = args.to.map_or_else(|| TextFormat::of_path(&args.output), TextFormat::from);
    if args.output == Path::new("-") {
        output::stdout(|out| format.write(&formula, out, &budget))?;
    } else {
        format.write_file(&formula, &args.output, &budget)?;
    }
    Ok(0)
}
