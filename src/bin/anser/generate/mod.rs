//! `anser generate`: benchmark formulas, networks and properties.

mod formulas;
mod networks;
mod properties;

use std::path::{Path, PathBuf};

use anser::budget::{Budget, Limits};
use clap::Subcommand;

use crate::progress::Line;
use crate::{Failure, signals};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    #[command(flatten)]
    Formula(formulas::Class),
    /// A random neural network in ONNX
    Network(networks::Args),
    /// A property of a network in VNN-LIB
    Property(properties::Args),
}

/// What every generator takes.
#[derive(clap::Args)]
struct Common {
    /// Seed of every random choice: the same seed gives the same file
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Where to write; compressed where it ends in .gz or .xz, `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Print one JSON object about what was written
    #[arg(long)]
    json: bool,
}

impl Common {
    fn to_stdout(&self) -> bool {
        self.output == Path::new("-")
    }

    /// The budget and the line that shows what goes on.
    fn start(&self) -> Result<(Budget, Option<Line>), Failure> {
        if self.to_stdout() && self.json {
            return Err(Failure("--json: standard output is taken by what is generated; name a file with -o".into()));
        }
        let line = Line::new();
        let budget = Budget::start(&Limits {
            seed: self.seed,
            interrupt: Some(signals::token()?),
            progress: line.as_ref().map(Line::sink),
            ..Limits::default()
        });
        Ok((budget, line))
    }
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    match &args.what {
        What::Formula(class) => formulas::run(class),
        What::Network(args) => networks::run(args),
        What::Property(args) => properties::run(args),
    }
}
