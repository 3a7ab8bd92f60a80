//! `anser arch sample`: Limited_Uniform-M, and draws that are exactly uniform.

use std::io::Write;

use anser::arch::{Draws, Found, Listed, Programme, Sampled};
use anser::budget::Budget;
use anser::sample::{HOPELESS, Method, Options};
use anser::solve::Backend;
use serde_json::{Value, json};

use super::space::{End, LimitArgs, Members, SpaceArgs, encoding, is_free, programme, unless_stopped};
use crate::progress::Line;
use crate::{Failure, output};

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Way {
    /// Exactly uniform, by the dynamic programme
    Programme,
    /// Random parities, almost uniform: DAC 2014
    Unigen,
    /// Random parities as the paper has it: no guarantee
    Uniwit,
    /// Random parities, near-uniform: CAV 2013
    Uniwit13,
    /// Exactly uniform, by counting the formula exactly
    Exact,
    /// The first that the engine finds: Limited-M
    Enumerate,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Way::Programme => "programme",
            Way::Unigen => "unigen",
            Way::Uniwit => "uniwit",
            Way::Uniwit13 => "uniwit13",
            Way::Exact => "exact",
            Way::Enumerate => "enumerate",
        }
    }
}

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    space: SpaceArgs,
    /// How they are drawn; by the programme where it can, else by unigen
    #[arg(long, value_enum, value_name = "METHOD")]
    method: Option<Way>,
    /// How many
    #[arg(short = 'n', long = "number", value_name = "M", default_value_t = 1)]
    number: u64,
    /// None twice
    #[arg(long)]
    distinct: bool,
    #[command(flatten)]
    limits: LimitArgs,
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    let line = Line::new();
    let budget = args.limits.budget(line.as_ref())?;
    let space = args.space.space()?;
    let way = args.method.unwrap_or(if is_free(&space) { Way::Programme } else { Way::Unigen });
    let mut code = 0;
    if way == Way::Programme {
        let programme = programme(&space, &budget)?;
        output::stdout(|out| {
            let mut members = Members::begin(args.limits.json, &space, &budget, out)?;
            let end = match &programme {
                Ok(programme) => by_programme(args, programme, &mut members, &budget, out)?,
                Err(stop) => End::Unknown(*stop),
            };
            code = members.end(end, &fields(way, true, &[]), out)?;
            Ok::<(), Failure>(())
        })?;
        return Ok(code);
    }
    let (mut more, mut guaranteed) = (Vec::new(), false);
    let encoding = encoding(&space, &budget)?;
    output::stdout(|out| {
        let mut members = Members::begin(args.limits.json, &space, &budget, out)?;
        let end = match &encoding {
            Err(stop) => End::Unknown(*stop),
            Ok(encoding) if way == Way::Enumerate => {
                let mut listed = Listed::new(encoding, Backend::Auto)?;
                take(args.number, &mut members, out, || Ok(listed.next(&budget)?))?
            }
            Ok(encoding) => {
                let options = Options { method: method(way), distinct: args.distinct, ..Options::default() };
                guaranteed = options.is_guaranteed();
                let mut sampled = Sampled::new(encoding, &options, args.limits.seed)?;
                let end = take(args.number, &mut members, out, || Ok(sampled.next(&budget)?))?;
                let s = sampled.statistics();
                let bits = encoding.support().len();
                more = [
                    ("bits", bits as u64),
                    ("rows", s.rows as u64),
                    ("cells", s.cells),
                    ("draws", s.draws),
                    ("failed", s.failed),
                ]
                .map(|(name, value)| (name, json!(value)))
                .to_vec();
                end
            }
        };
        code = members.end(end, &fields(way, guaranteed, &more), out)?;
        Ok::<(), Failure>(())
    })?;
    Ok(code)
}

fn method(way: Way) -> Method {
    match way {
        Way::Uniwit => Method::UniWit,
        Way::Uniwit13 => Method::UniWit13,
        Way::Exact => Method::Exact,
        _ => Method::UniGen,
    }
}

fn fields(way: Way, guaranteed: bool, more: &[(&'static str, Value)]) -> Vec<(&'static str, Value)> {
    let mut fields = vec![("method", json!(way.name())), ("guaranteed", json!(guaranteed))];
    fields.extend_from_slice(more);
    fields
}

fn by_programme(
    args: &Args,
    programme: &Programme,
    members: &mut Members<'_>,
    budget: &Budget,
    out: &mut dyn Write,
) -> Result<End, Failure> {
    let mut draws = Draws::new(programme, args.distinct, budget);
    take(args.number, members, out, || {
        Ok(match unless_stopped(draws.next(budget))? {
            Ok(Some(member)) => Found::Member(member),
            Ok(None) => Found::Exhausted,
            Err(stop) => Found::Unknown(stop),
        })
    })
}

fn take(
    number: u64,
    members: &mut Members<'_>,
    out: &mut dyn Write,
    mut next: impl FnMut() -> Result<Found, Failure>,
) -> Result<End, Failure> {
    let mut in_vain = 0;
    loop {
        if members.count() == number {
            return Ok(End::Enough);
        }
        match next()? {
            Found::Member(member) => {
                members.tell(&member, out)?;
                in_vain = 0;
            }
            Found::Failed if in_vain == HOPELESS => return Ok(End::Hopeless),
            Found::Failed => in_vain += 1,
            Found::Exhausted => return Ok(End::Exhausted),
            Found::Unknown(stop) => return Ok(End::Unknown(stop)),
        }
    }
}
