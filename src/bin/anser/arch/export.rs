//! `anser arch export`: members drawn at random, as networks in ONNX.

use std::path::PathBuf;

use anser::arch::{ArchError, Block, Draws, Encoding, Found, Programme, Sampled, Space, network};
use anser::budget::Budget;
use anser::net::onnx;
use anser::sample::Options;

use super::space::{End, LimitArgs, Members, SpaceArgs, is_free, unless_stopped};
use crate::progress::Line;
use crate::{Failure, output};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    space: SpaceArgs,
    /// How many different members
    #[arg(short = 'n', long = "number", value_name = "M", default_value_t = 1)]
    number: u64,
    /// A folder for 0.onnx, 1.onnx and so on; it is made where it is not there
    #[arg(short = 'o', long = "out", value_name = "FOLDER")]
    out: PathBuf,
    /// What a layer becomes
    #[arg(long, value_enum, value_name = "BLOCK", default_value_t = Kind::Plain)]
    block: Kind,
    #[command(flatten)]
    limits: LimitArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// A convolution and ReLU
    Plain,
    /// The residual block of the paper's figure 3b
    Residual,
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    let line = Line::new();
    let budget = args.limits.budget(line.as_ref())?;
    let space = args.space.space()?;
    std::fs::create_dir_all(&args.out).map_err(|e| Failure(format!("{}: {e}", args.out.display())))?;
    let block = match args.block {
        Kind::Plain => Block::Plain,
        Kind::Residual => Block::Residual,
    };
    let mut code = 0;
    let made = unless_stopped(Source::new(&space, &budget))?;
    output::stdout(|out| {
        let mut members = Members::begin(args.limits.json, &space, &budget, out)?;
        let end = match &made {
            Err(stop) => End::Unknown(*stop),
            Ok(source) => {
                let mut next = source.draws(args.limits.seed, &budget)?;
                loop {
                    if members.count() == args.number {
                        break End::Enough;
                    }
                    match next()? {
                        Found::Member(member) => {
                            let net = match unless_stopped(network(&space, &member, block, &budget))? {
                                Ok(net) => net,
                                Err(stop) => break End::Unknown(stop),
                            };
                            let path = args.out.join(format!("{}.onnx", members.count()));
                            onnx::write_file(&net, &path, &budget)?;
                            members.tell(&member, out)?;
                        }
                        Found::Failed => {}
                        Found::Exhausted => break End::Exhausted,
                        Found::Unknown(stop) => break End::Unknown(stop),
                    }
                }
            }
        };
        code = members.end(end, &[], out)?;
        Ok::<(), Failure>(())
    })?;
    Ok(code)
}

/// Where members come from.
enum Source {
    Programme(Box<Programme>),
    Formula(Box<Encoding>),
}

type Next<'a> = Box<dyn FnMut() -> Result<Found, Failure> + 'a>;

impl Source {
    fn new(space: &Space, budget: &Budget) -> Result<Self, ArchError> {
        Ok(if is_free(space) {
            Source::Programme(Box::new(Programme::new(space, budget)?))
        } else {
            Source::Formula(Box::new(Encoding::new(space, budget)?))
        })
    }

    fn draws<'a>(&'a self, seed: u64, budget: &'a Budget) -> Result<Next<'a>, Failure> {
        Ok(match self {
            Source::Programme(programme) => {
                let mut draws = Draws::new(programme, true, budget);
                Box::new(move || {
                    Ok(match unless_stopped(draws.next(budget))? {
                        Ok(member) => member.map_or(Found::Exhausted, Found::Member),
                        Err(stop) => Found::Unknown(stop),
                    })
                })
            }
            Source::Formula(encoding) => {
                let options = Options { distinct: true, ..Options::default() };
                let mut sampled = Sampled::new(encoding, &options, seed)?;
                Box::new(move || Ok(sampled.next(budget)?))
            }
        })
    }
}
