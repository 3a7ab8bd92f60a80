//! `anser arch count`.

use std::sync::Arc;

use anser::arch::{Encoding, Found, Listed};
use anser::budget::{Budget, Stop};
use anser::sample::{CountOptions, Counter};
use anser::solve::Backend;

use super::space::{LimitArgs, SpaceArgs, encoding, is_free, programme};
use crate::limits::stop_name;
use crate::progress::Line;
use crate::{Failure, output};

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Way {
    /// By dynamic programming, where no limit is on the whole
    Programme,
    /// All members are found by the engine
    Engine,
    /// All members are found by Z3, one after the other
    Z3,
    /// By random parities: within a factor of 1.8 with probability 0.8
    Approximate,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Way::Programme => "programme",
            Way::Engine => "engine",
            Way::Z3 => "z3",
            Way::Approximate => "approximate",
        }
    }
}

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    space: SpaceArgs,
    /// How they are counted; by the programme where it can, else by the engine
    #[arg(long, value_enum, value_name = "METHOD")]
    method: Option<Way>,
    #[command(flatten)]
    limits: LimitArgs,
}

/// The count, and whether it is exact; or why there is none, and how many were found.
type Counted = Result<(String, bool), (Stop, u64)>;

pub fn run(args: &Args) -> Result<u8, Failure> {
    let line = Line::new();
    let budget = args.limits.budget(line.as_ref())?;
    let space = args.space.space()?;
    let way = args.method.unwrap_or(if is_free(&space) { Way::Programme } else { Way::Engine });
    let counted: Counted = match way {
        Way::Programme => match programme(&space, &budget)? {
            Ok(programme) => Ok((programme.count().to_string(), true)),
            Err(stop) => Err((stop, 0)),
        },
        _ => match encoding(&space, &budget)? {
            Ok(encoding) => match way {
                Way::Approximate => approximate(&encoding, args.limits.seed, &budget)?,
                Way::Z3 => by_search(&encoding, Backend::Z3, &budget)?,
                _ => by_search(&encoding, Backend::Auto, &budget)?,
            },
            Err(stop) => Err((stop, 0)),
        },
    };
    let (method, seconds) = (way.name(), output::seconds(budget.elapsed()));
    output::stdout(|out| match (&counted, args.limits.json) {
        (Ok((count, exact)), true) => writeln!(
            out,
            "{{\"count\":\"{count}\",\"exact\":{exact},\"method\":\"{method}\",\"stop\":\"solved\",\"seconds\":{seconds}}}"
        ),
        (Err((stop, found)), true) => writeln!(
            out,
            "{{\"count\":null,\"at_least\":\"{found}\",\"exact\":false,\"method\":\"{method}\",\"stop\":\"{}\",\"seconds\":{seconds}}}",
            stop_name(Some(*stop))
        ),
        (Ok((count, exact)), false) => {
            let how = if *exact { "exact" } else { "approximate" };
            writeln!(out, "c method {method}\nc seconds {:.3}\nc {how}\n{count}", budget.elapsed().as_secs_f64())
        }
        (Err((stop, found)), false) => {
            writeln!(out, "c method {method}\nc stop {}\nc at least {found}\nunknown", stop_name(Some(*stop)))
        }
    })?;
    Ok(match counted {
        Ok((count, true)) if count == "0" => 20,
        Ok((_, true)) => 10,
        Err((_, found)) if found > 0 => 10,
        _ => 0,
    })
}

fn by_search(encoding: &Encoding, backend: Backend, budget: &Budget) -> Result<Counted, Failure> {
    let mut listed = Listed::new(encoding, backend)?;
    let mut count = 0u64;
    loop {
        match listed.next(budget)? {
            Found::Member(_) => count += 1,
            Found::Failed => {}
            Found::Exhausted => return Ok(Ok((count.to_string(), true))),
            Found::Unknown(stop) => return Ok(Err((stop, count))),
        }
    }
}

fn approximate(encoding: &Encoding, seed: u64, budget: &Budget) -> Result<Counted, Failure> {
    let mut formula = encoding.formula().try_clone()?;
    formula.set_sampling_set(Some(encoding.support()))?;
    let mut counter = Counter::new(Arc::new(formula), &CountOptions::default())?;
    let counted = counter.run(seed, budget)?;
    Ok(counted.map(|count| (count.models.to_string(), count.exact)).map_err(|stop| (stop, 0)))
}
