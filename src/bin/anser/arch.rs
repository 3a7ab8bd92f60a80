//! `anser arch`: spaces of architectures.

mod count;
mod draw;
mod enumerate;
mod export;
mod space;
mod table;

use clap::Subcommand;

use crate::Failure;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Count the architectures of a space.
    Count(count::Args),
    /// List the architectures of a space.
    Enumerate(enumerate::Args),
    /// Draw architectures of a space at random.
    Sample(draw::Args),
    /// Draw architectures and write them as networks in ONNX.
    Export(export::Args),
    /// Measure the paper's tables and figures, beside what it has.
    Table(table::Args),
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    match &args.command {
        Command::Count(args) => count::run(args),
        Command::Enumerate(args) => enumerate::run(args),
        Command::Sample(args) => draw::run(args),
        Command::Export(args) => export::run(args),
        Command::Table(args) => table::run(args),
    }
}
