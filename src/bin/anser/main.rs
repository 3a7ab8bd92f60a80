//! `anser`: the library on the command line. A thin host: it reads arguments and files, calls, and prints.
//!
//! Exit codes: 10 satisfiable, 20 unsatisfiable, 0 unknown or done, 1 an error, bad usage included.

mod arch;
mod backend;
mod bench;
mod bounds;
mod convert;
mod count;
mod enumerate;
mod eval;
mod generate;
mod input;
mod limits;
mod net;
mod output;
mod progress;
mod property;
mod sample;
mod samples;
mod search;
mod signals;
mod solve;
mod values;
mod verify;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "anser", version, about, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Look for a model of a formula in DIMACS CNF or OPB.
    Solve(solve::Args),
    /// Look for a model of a formula by local search.
    Search(search::Args),
    /// List models of a formula, each projected model once.
    Enumerate(enumerate::Args),
    /// Count the models of a formula, about.
    Count(count::Args),
    /// Draw models of a formula at random.
    Sample(sample::Args),
    /// Write a formula in another format.
    Convert(convert::Args),
    /// Show what a network in ONNX is made of.
    Net(net::Args),
    /// Compute what a network answers to samples.
    Eval(eval::Args),
    /// Show what a property in VNN-LIB says, and how many disjuncts it has.
    Property(property::Args),
    /// Decide whether an input of a network has a property.
    Verify(verify::Args),
    /// Bound what a network answers on the boxes of a property.
    Bounds(bounds::Args),
    /// Compare procedures on folders of instances.
    Bench(bench::Args),
    /// Count, list and draw convolutional architectures between two shapes.
    Arch(arch::Args),
    /// Write a benchmark formula, a network, or a property.
    Generate(generate::Args),
}

/// A message for stderr; the exit code is 1.
struct Failure(String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure(error.to_string())
    }
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Nobody is left to tell where printing fails.
            let _ = error.print();
            return ExitCode::from(u8::from(error.use_stderr()));
        }
    };
    let done = match cli.command {
        Command::Solve(args) => solve::run(&args),
        Command::Search(args) => search::run(&args),
        Command::Enumerate(args) => enumerate::run(&args),
        Command::Count(args) => count::run(&args),
        Command::Sample(args) => sample::run(&args),
        Command::Convert(args) => convert::run(&args),
        Command::Net(args) => net::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Property(args) => property::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Bounds(args) => bounds::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Arch(args) => arch::run(&args),
        Command::Generate(args) => generate::run(&args),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(Failure(message)) => {
            let _ = writeln!(std::io::stderr(), "anser: {message}");
            ExitCode::FAILURE
        }
    }
}
