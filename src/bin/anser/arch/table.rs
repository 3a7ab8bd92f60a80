//! `anser arch table`: tables and figures of D. Calhas, V. Manquinho, I. Lynce, "Automatic Generation of Neural
//! Architecture Search Spaces", beside what is measured here. Inputs have size 30 and outputs 20 in each dimension;
//! kernel 1 with stride 1 is forbidden, as in the paper's counts; 20 members are asked for.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Instant;

use anser::arch::{Description, Divisor, Fixed, Found, Layout, Listed, Programme, Sampled, Space, Spread};
use anser::budget::{Budget, Stop};
use anser::sample::{Method, Options};
use anser::solve::Backend;
use serde_json::{Value, json};

use super::space::{LimitArgs, encoding, unless_stopped};
use crate::limits::stop_name;
use crate::progress::Line;
use crate::{Failure, output};

/// How many members are asked for.
const MEMBERS: u64 = 20;

/// Spaces with up to so many members have their mean distance computed.
const FEW: u64 = 100_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Which {
    /// adj-T without pools
    #[value(name = "1")]
    One,
    /// adj-T with pools
    #[value(name = "2")]
    Two,
    /// Seconds for 20 members with pools
    #[value(name = "4")]
    Four,
    /// Seconds for a member with pools
    #[value(name = "5")]
    Five,
    /// How many members there are, by input minus output
    Figure4,
    /// Seconds to the first member, by input minus output
    Figure6,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Way {
    /// Almost uniform: DAC 2014
    Unigen,
    /// As the paper has it: no guarantee
    Uniwit,
    /// Near-uniform: CAV 2013
    Uniwit13,
}

#[derive(clap::Args)]
pub struct Args {
    /// Which of them; all if not given
    #[arg(value_enum, value_name = "TABLE")]
    which: Vec<Which>,
    /// How members are drawn for Limited_Uniform-M
    #[arg(long, value_enum, value_name = "METHOD", default_value_t = Way::Unigen)]
    method: Way,
    #[command(flatten)]
    limits: LimitArgs,
}

/// By number of layers: Limited-M and Limited_Uniform-M for 1D, 2D and 3D, as printed.
type Printed = &'static [(usize, [(f64, f64); 3])];

const TABLE_1: Printed =
    &[(2, [(3.375, 4.125), (3.895, 7.632), (5.684, 10.789)]), (3, [(3.579, 5.0), (3.632, 10.053), (3.211, 13.842)])];

const TABLE_2: Printed = &[
    (2, [(4.286, 3.286), (3.75, 7.15), (4.6, 10.35)]),
    (3, [(3.933, 4.267), (3.5, 7.75), (4.45, 11.4)]),
    (4, [(3.6, 3.2), (3.8, 6.0), (5.4, 9.3)]),
];

const TABLE_4: Printed = &[
    (2, [(0.262, 0.789), (0.676, 6.293), (0.983, 13.676)]),
    (3, [(0.611, 5.418), (1.821, 99.775), (1.645, 1204.123)]),
    (4, [(1.731, 6.888), (17.338, 508.337), (394.587, 11509.547)]),
    (5, [(123.67, 35.412), (497.815, 14.912), (1885.051, 66.54)]),
];

/// Limited_Uniform-M only.
const TABLE_5: Printed = &[
    (2, [(f64::NAN, 0.0493), (f64::NAN, 0.255), (f64::NAN, 0.619)]),
    (3, [(f64::NAN, 0.288), (f64::NAN, 4.9219), (f64::NAN, 60.128)]),
    (4, [(f64::NAN, 0.606), (f64::NAN, 25.344), (f64::NAN, 575.392)]),
    (5, [(f64::NAN, 34.252), (f64::NAN, 5.526), (f64::NAN, 50.457)]),
];

/// 20 members of a space, found in one way.
#[derive(Debug, Clone)]
struct Taken {
    spread: Spread,
    seconds: f64,
    rows: usize,
}

/// What was measured in a space.
#[derive(Debug, Clone)]
struct Cell {
    count: String,
    limited: Taken,
    uniform: Taken,
    /// The mean distance of two members, where there are few: what adj-T of a uniform sampler is in expectation.
    mean: Option<f64>,
}

struct Bench<'a> {
    args: &'a Args,
    budget: &'a Budget,
    cells: BTreeMap<(bool, usize, usize), Cell>,
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    let line = Line::new();
    let budget = args.limits.budget(line.as_ref())?;
    let all = [Which::One, Which::Two, Which::Four, Which::Five, Which::Figure4, Which::Figure6];
    let wanted: Vec<Which> = if args.which.is_empty() { all.to_vec() } else { args.which.clone() };
    let mut bench = Bench { args, budget: &budget, cells: BTreeMap::new() };
    let mut tables = serde_json::Map::new();
    let mut stop = None;
    for which in wanted {
        let (name, made) = match which {
            Which::One => ("table1", bench.table(TABLE_1, false, adj(Divisor::Pairs))),
            Which::Two => ("table2", bench.table(TABLE_2, true, adj(Divisor::Members))),
            Which::Four => ("table4", bench.table(TABLE_4, true, |taken| taken.seconds)),
            Which::Five => {
                let each = |taken: &Taken| taken.seconds / taken.spread.members().max(1) as f64;
                ("table5", bench.table(TABLE_5, true, each))
            }
            Which::Figure4 => ("figure4", bench.figure4()),
            Which::Figure6 => ("figure6", bench.figure6()),
        };
        match made? {
            Ok(rows) => tables.insert(name.into(), rows.into()),
            Err(why) => {
                stop = Some(why);
                break;
            }
        };
    }
    output::stdout(|out| {
        if args.limits.json {
            tables.insert("stop".into(), stop_name(stop).into());
            tables.insert("seconds".into(), output::seconds(budget.elapsed()));
            return writeln!(out, "{}", Value::Object(tables));
        }
        for (name, rows) in &tables {
            print(name, rows.as_array().map_or(&[], Vec::as_slice), out)?;
        }
        writeln!(out, "c stop {}\nc seconds {:.3}", stop_name(stop), budget.elapsed().as_secs_f64())
    })?;
    Ok(0)
}

fn adj(divisor: Divisor) -> impl Fn(&Taken) -> f64 {
    move |taken| taken.spread.adj_t(divisor)
}

type Rows = Result<Result<Vec<Value>, Stop>, Failure>;

impl Bench<'_> {
    /// A table: for each number of layers and dimensions what the paper has, and the same of ours.
    fn table(&mut self, printed: Printed, pools: bool, value: impl Fn(&Taken) -> f64) -> Rows {
        let mut rows = Vec::new();
        for &(layers, each) in printed {
            for (dimensions, paper) in (1..).zip(each) {
                let cell = match self.cell(pools, layers, dimensions)? {
                    Ok(cell) => cell,
                    Err(stop) => return Ok(Err(stop)),
                };
                let known = |number: f64| if number.is_nan() { Value::Null } else { number.into() };
                rows.push(json!({
                    "layers": layers,
                    "dimensions": dimensions,
                    "members": cell.count,
                    "paper_limited": known(paper.0),
                    "paper_uniform": known(paper.1),
                    "limited": value(&cell.limited),
                    "uniform": value(&cell.uniform),
                    "rows": cell.uniform.rows,
                    "mean_distance": cell.mean,
                }));
            }
        }
        Ok(Ok(rows))
    }

    fn cell(&mut self, pools: bool, layers: usize, dimensions: usize) -> Result<Result<Cell, Stop>, Failure> {
        if let Some(cell) = self.cells.get(&(pools, layers, dimensions)) {
            return Ok(Ok(cell.clone()));
        }
        let space = space(20, layers, dimensions, pools)?;
        let programme = match unless_stopped(Programme::new(&space, self.budget))? {
            Ok(programme) => programme,
            Err(stop) => return Ok(Err(stop)),
        };
        let (limited, uniform) = match (self.taken(&space, false)?, self.taken(&space, true)?) {
            (Ok(limited), Ok(uniform)) => (limited, uniform),
            (Err(stop), _) | (_, Err(stop)) => return Ok(Err(stop)),
        };
        let mean = (*programme.count() <= FEW.into()).then(|| mean_distance(&space, &programme)).flatten();
        let cell = Cell { count: programme.count().to_string(), limited, uniform, mean };
        self.cells.insert((pools, layers, dimensions), cell.clone());
        Ok(Ok(cell))
    }

    /// Members, from nothing: the formula is made anew.
    fn taken(&self, space: &Space, at_random: bool) -> Result<Result<Taken, Stop>, Failure> {
        let started = Instant::now();
        let mut spread = Spread::new(space);
        let encoding = match encoding(space, self.budget)? {
            Ok(encoding) => encoding,
            Err(stop) => return Ok(Err(stop)),
        };
        let mut rows = 0;
        let stopped = if at_random {
            let method = match self.args.method {
                Way::Unigen => Method::UniGen,
                Way::Uniwit => Method::UniWit,
                Way::Uniwit13 => Method::UniWit13,
            };
            let options = Options { method, distinct: true, ..Options::default() };
            let mut sampled = Sampled::new(&encoding, &options, self.args.limits.seed)?;
            let stopped = fill(&mut spread, || Ok(sampled.next(self.budget)?))?;
            rows = sampled.statistics().rows;
            stopped
        } else {
            let mut listed = Listed::new(&encoding, Backend::Auto)?;
            fill(&mut spread, || Ok(listed.next(self.budget)?))?
        };
        Ok(match stopped {
            Some(stop) => Err(stop),
            None => Ok(Taken { spread, seconds: started.elapsed().as_secs_f64(), rows }),
        })
    }

    /// The paper prints no numbers with its figures.
    fn figure4(&self) -> Rows {
        let mut rows = Vec::new();
        for layers in 2..=5 {
            for dimensions in 1..=3 {
                for less in [2, 4, 6, 8, 10, 12, 14, 16, 18, 20] {
                    let space = space(30 - less, layers, dimensions, false)?;
                    match unless_stopped(Programme::new(&space, self.budget))? {
                        Ok(programme) => rows.push(json!({
                            "layers": layers, "dimensions": dimensions, "input_minus_output": less,
                            "members": programme.count().to_string(),
                        })),
                        Err(stop) => return Ok(Err(stop)),
                    }
                }
            }
        }
        Ok(Ok(rows))
    }

    fn figure6(&self) -> Rows {
        let mut rows = Vec::new();
        for dimensions in 1..=3 {
            for less in [2, 4, 6, 8, 10, 12, 14, 16, 18, 20] {
                let space = space(30 - less, 3, dimensions, false)?;
                let started = Instant::now();
                let encoding = match encoding(&space, self.budget)? {
                    Ok(encoding) => encoding,
                    Err(stop) => return Ok(Err(stop)),
                };
                if let Found::Unknown(stop) = Listed::new(&encoding, Backend::Auto)?.next(self.budget)? {
                    return Ok(Err(stop));
                }
                rows.push(json!({
                    "layers": 3, "dimensions": dimensions, "input_minus_output": less,
                    "seconds": started.elapsed().as_secs_f64(),
                }));
            }
        }
        Ok(Ok(rows))
    }
}

fn space(output: u32, layers: usize, dimensions: usize, pools: bool) -> Result<Space, Failure> {
    let (input, output) = (vec![30; dimensions], vec![output; dimensions]);
    Ok(Space::new(Description {
        identity: false,
        fixed: pools.then_some(Fixed { kernel: 2, stride: 1 }),
        ..Description::new(&input, &output, (layers, layers))
    })?)
}

/// Up to 20 members. A draw that fails is made again.
fn fill(spread: &mut Spread, mut next: impl FnMut() -> Result<Found, Failure>) -> Result<Option<Stop>, Failure> {
    while spread.members() < MEMBERS {
        match next()? {
            Found::Member(member) => spread.push(&member),
            Found::Failed => {}
            Found::Exhausted => break,
            Found::Unknown(stop) => return Ok(Some(stop)),
        }
    }
    Ok(None)
}

/// A bit that n of m members have differs in n (m - n) of their pairs.
fn mean_distance(space: &Space, programme: &Programme) -> Option<f64> {
    let layout = Layout::new(space);
    let mut ones = vec![0u64; layout.len() as usize];
    let mut size = 0u64;
    for member in programme.members() {
        layout.bits(&member).iter().zip(&mut ones).for_each(|(&bit, n)| *n += u64::from(bit));
        size += 1;
    }
    let apart: u64 = ones.iter().map(|n| n * (size - n)).sum();
    (size > 1).then(|| apart as f64 / (size * (size - 1) / 2) as f64)
}

fn print(name: &str, rows: &[Value], out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{name}")?;
    let Some(first) = rows.first().and_then(Value::as_object) else { return Ok(()) };
    let head: Vec<String> = first.keys().map(|key| format!("{key:>18}")).collect();
    writeln!(out, "{}", head.join(" "))?;
    for row in rows.iter().filter_map(Value::as_object) {
        let text = |value: &Value| match value {
            Value::Null => "-".to_owned(),
            Value::String(text) => text.clone(),
            Value::Number(number) if number.is_f64() => format!("{:.4}", number.as_f64().unwrap_or(0.0)),
            other => other.to_string(),
        };
        let line: Vec<String> = row.values().map(|value| format!("{:>18}", text(value))).collect();
        writeln!(out, "{}", line.join(" "))?;
    }
    writeln!(out)
}
