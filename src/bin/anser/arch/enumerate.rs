//! `anser arch enumerate`: All, and with `-n` Limited-M.

use anser::arch::{Found, Listed, SearchError};
use anser::budget::Stop;
use anser::solve::Backend;

use super::space::{End, LimitArgs, Members, SpaceArgs, encoding, is_free, programme};
use crate::progress::Line;
use crate::{Failure, output};

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Way {
    /// In the order of the dynamic programme
    Programme,
    /// In the engine's order
    Engine,
    /// In the order of Z3
    Z3,
}

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    space: SpaceArgs,
    /// How they are found; by the programme where it can, else by the engine
    #[arg(long, value_enum, value_name = "METHOD")]
    method: Option<Way>,
    /// Stop after so many
    #[arg(short = 'n', long = "number", value_name = "M")]
    number: Option<u64>,
    #[command(flatten)]
    limits: LimitArgs,
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    let line = Line::new();
    let budget = args.limits.budget(line.as_ref())?;
    let space = args.space.space()?;
    let way = args.method.unwrap_or(if is_free(&space) { Way::Programme } else { Way::Engine });
    let limit = args.number.unwrap_or(u64::MAX);
    // What refuses the space does so before anything is printed.
    let by = match way {
        Way::Programme => programme(&space, &budget)?.map(|programme| (Some(programme), None)),
        _ => encoding(&space, &budget)?.map(|encoding| (None, Some(encoding))),
    };
    let mut code = 0;
    output::stdout(|out| {
        let (programme, encoding) = match &by {
            Ok((programme, encoding)) => (programme.as_ref(), encoding.as_ref()),
            Err(stop) => {
                let members = Members::begin(args.limits.json, &space, &budget, out)?;
                code = members.end(End::Unknown(*stop), &[], out)?;
                return Ok(());
            }
        };
        let mut next: Box<dyn FnMut() -> Result<Found, SearchError>> = match (programme, encoding) {
            (Some(programme), _) => {
                let mut all = programme.members();
                let budget = &budget;
                Box::new(move || {
                    let stopped: Result<(), Stop> = budget.check();
                    Ok(match stopped {
                        Err(stop) => Found::Unknown(stop),
                        Ok(()) => all.next().map_or(Found::Exhausted, Found::Member),
                    })
                })
            }
            (None, Some(encoding)) => {
                let backend = if way == Way::Z3 { Backend::Z3 } else { Backend::Auto };
                let mut listed = Listed::new(encoding, backend)?;
                let budget = &budget;
                Box::new(move || listed.next(budget))
            }
            (None, None) => Box::new(|| Ok(Found::Exhausted)),
        };
        let mut members = Members::begin(args.limits.json, &space, &budget, out)?;
        let end = loop {
            if members.count() == limit {
                break End::Enough;
            }
            match next()? {
                Found::Member(member) => members.tell(&member, out)?,
                Found::Failed => {}
                Found::Exhausted => break End::Exhausted,
                Found::Unknown(stop) => break End::Unknown(stop),
            }
        };
        code = members.end(end, &[], out)?;
        Ok::<(), Failure>(())
    })?;
    Ok(code)
}
