//! `anser bench`: procedures against each other on whole folders of instances.

mod instances;
mod plot;
mod png;
mod rows;
mod summary;
mod verify;

use clap::Subcommand;

use crate::Failure;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Verify the instances of folders under several procedures, and compare these.
    Verify(verify::Args),
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    match &args.what {
        What::Verify(args) => verify::run(args),
    }
}
