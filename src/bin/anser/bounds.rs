//! `anser bounds`: what a network can answer on the boxes of a property, and which of its disjuncts that closes.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use anser::bounds::{Bounds, BoundsError, Method, Options, Query, Results};
use anser::budget::{Budget, Limits};
use anser::error::OutOfMemory;
use anser::verify::canonical::{self, CanonicalError, Disjunct, Disjuncts};
use anser::verify::{Problem, Reason};
use clap::ValueEnum;
use serde_json::{Map, Value, json};

use crate::limits::duration;
use crate::net::Reading;
use crate::progress::Line;
use crate::{Failure, output, property, signals, verify};

/// Rows of disjuncts that share a box and are bounded together, unless one disjunct has more.
const TOGETHER: usize = 4096;

/// Numbers in the rows of one call.
const NUMBERS: usize = 1 << 24;

/// Steps of gradients where nothing is said.
const STEPS: usize = 20;

/// How bounds are found.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Interval arithmetic
    Interval,
    /// Linear bounds by backward substitution
    Crown,
    /// The same, with slopes found by gradients
    Alpha,
}

#[derive(clap::Args)]
pub struct Args {
    /// ONNX, also compressed with gzip or xz
    network: PathBuf,
    /// VNN-LIB 1.0 or 2.0, also compressed with gzip or xz
    property: PathBuf,
    #[command(flatten)]
    reading: Reading,
    /// How bounds are found
    #[arg(long, value_enum, value_name = "METHOD", default_value_t = Kind::Crown)]
    method: Kind,
    /// Steps of gradients for each bound, with `--method alpha`; 20 if not said
    #[arg(long, value_name = "N")]
    iterations: Option<usize>,
    /// Steps of gradients for each neuron beforehand, with `--method alpha`; none if not said
    #[arg(long, value_name = "N")]
    neuron_iterations: Option<usize>,
    /// Compute intervals as well, and take the better bound
    #[arg(long)]
    intersect: bool,
    /// Wall-clock limit in seconds, reading included
    #[arg(long, value_name = "SECONDS", value_parser = duration, allow_negative_numbers = true)]
    time: Option<Duration>,
    /// Deterministic limit: the same limit gives the same run
    #[arg(long, value_name = "UNITS")]
    work: Option<u64>,
    /// Print one JSON object instead
    #[arg(long)]
    json: bool,
}

impl Args {
    fn method(&self) -> Result<Method, Failure> {
        let alone = |option: &str| Err(Failure(format!("{option}: only --method alpha takes steps")));
        match self.method {
            Kind::Alpha => Ok(Method::Alpha {
                iterations: self.iterations.unwrap_or(STEPS),
                neuron_iterations: self.neuron_iterations.unwrap_or(0),
            }),
            _ if self.iterations.is_some() => alone("--iterations"),
            _ if self.neuron_iterations.is_some() => alone("--neuron-iterations"),
            Kind::Interval if self.intersect => {
                Err(Failure("--intersect: --method interval computes intervals and nothing else".into()))
            }
            Kind::Interval => Ok(Method::Interval),
            Kind::Crown => Ok(Method::Crown),
        }
    }
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    let method = args.method()?;
    let line = Line::new();
    let budget = Budget::start(&Limits {
        time: args.time,
        work: args.work,
        interrupt: Some(signals::token()?),
        progress: line.as_ref().map(Line::sink),
        ..Limits::default()
    });
    let problem = verify::problem(&args.reading, &args.network, &args.property, &budget)?;
    let mut code = 0;
    output::stdout(|out| {
        let mut report = Report { json: args.json, out, boxes: 0, disjuncts: 0, closed: 0, list: Vec::new() };
        let end = match problem {
            Ok(problem) => bound(&problem, (method, args.intersect), &mut report, &budget)?,
            Err(stop) => End::Unknown(Reason::Stopped(stop)),
        };
        code = if matches!(end, End::Whole) && report.closed == report.disjuncts { 20 } else { 0 };
        report.end(args, &end, &budget)
    })?;
    drop(line);
    Ok(code)
}

/// How far it came.
enum End {
    /// All disjuncts were bounded.
    Whole,
    Unknown(Reason),
    /// A disjunct has no box, and what comes after it was not looked at.
    Unbounded(CanonicalError),
}

/// Disjuncts one after the other that share a box.
struct Group {
    disjuncts: Vec<Disjunct>,
    /// Whether the group before has the same box.
    goes_on: bool,
}

fn bound(problem: &Problem, args: (Method, bool), report: &mut Report<'_>, budget: &Budget) -> Result<End, Failure> {
    let mut disjuncts = Disjuncts::new(problem.property().clone(), &canonical::Options::default())?;
    let (mut next, mut bounds): (_, Option<Bounds>) = (None, None);
    loop {
        let mut end = None;
        let group = gather(&mut disjuncts, &mut next, bounds.as_ref(), &mut end, budget)?;
        if let Some(first) = group.disjuncts.first() {
            let (lower, upper) = (&first.lower, &first.upper);
            // Neurons are bounded in each call: it is enough that the root box has intervals.
            let options = Options { tighten: false };
            let ready = match bounds.take() {
                Some(bounds) if group.goes_on => Ok(bounds),
                Some(bounds) => bounds.within(lower, upper, &options, budget),
                None => Bounds::new(problem.network(), lower, upper, &options, budget),
            };
            let values = ready.and_then(|ready| values(bounds.insert(ready), &group, args, budget));
            match values {
                Ok(values) => report.group(&group, &values)?,
                Err(BoundsError::Stopped(stop)) => return Ok(End::Unknown(Reason::Stopped(stop))),
                Err(error) => return Err(error.into()),
            }
        }
        if let Some(end) = end {
            return Ok(end);
        }
    }
}

/// The next disjuncts that share a box; where there are no more after them, `end` says why.
fn gather(
    disjuncts: &mut Disjuncts,
    next: &mut Option<Disjunct>,
    bounds: Option<&Bounds>,
    end: &mut Option<End>,
    budget: &Budget,
) -> Result<Group, Failure> {
    let mut group = Group { disjuncts: Vec::new(), goes_on: false };
    let mut rows = 0;
    loop {
        let disjunct = match next.take().map_or_else(|| disjuncts.next(budget), |disjunct| Ok(Some(disjunct))) {
            Ok(Some(disjunct)) => disjunct,
            Ok(None) => {
                *end = Some(End::Whole);
                return Ok(group);
            }
            Err(CanonicalError::Stopped(stop)) => {
                *end = Some(End::Unknown(Reason::Stopped(stop)));
                return Ok(group);
            }
            Err(error @ CanonicalError::Unbounded { .. }) => {
                *end = Some(End::Unbounded(error));
                return Ok(group);
            }
            Err(error) => return Err(error.into()),
        };
        rows += disjunct.num_rows();
        match group.disjuncts.first() {
            None => {
                group.goes_on = bounds.is_some_and(|bounds| bounds.root_box() == (&disjunct.lower, &disjunct.upper));
            }
            Some(first) if first.lower != disjunct.lower || first.upper != disjunct.upper || rows > TOGETHER => {
                *next = Some(disjunct);
                return Ok(group);
            }
            Some(_) => {}
        }
        group.disjuncts.push(disjunct);
    }
}

/// Lower and upper bounds: of the outputs, unless the group before had them, and then of the rows of all disjuncts.
fn values(
    bounds: &Bounds,
    group: &Group,
    (method, intersect): (Method, bool),
    budget: &Budget,
) -> Result<(Vec<f64>, Vec<f64>), BoundsError> {
    let (n, m) = (bounds.input_len(), bounds.output_len());
    let outputs = if group.goes_on { 0 } else { m };
    let mut rows: Vec<Vec<(usize, f64)>> = (0..outputs).map(|output| vec![(n + output, 1.0)]).collect();
    for disjunct in &group.disjuncts {
        let all = disjunct.rows();
        let terms = |ends: &[usize]| {
            let columns = all.columns[ends[0]..ends[1]].iter().map(|&column| column as usize);
            columns.zip(all.coefficients[ends[0]..ends[1]].iter().copied()).collect()
        };
        rows.extend(all.offsets.windows(2).map(terms));
    }
    let (mut lower, mut upper) = (vec![f64::NEG_INFINITY; rows.len()], vec![f64::INFINITY; rows.len()]);
    let ends = bounds.root_box();
    let together = (NUMBERS / (n + m).max(1)).max(1);
    let ends_of_rows = lower.chunks_mut(together).zip(upper.chunks_mut(together));
    for (rows, (lower, upper)) in rows.chunks(together).zip(ends_of_rows) {
        let mixed = rows.iter().flatten().any(|&(column, _)| column < n);
        let mut outputs = zeros(rows.len() * m)?;
        let mut inputs = zeros(if mixed { rows.len() * n } else { 0 })?;
        for (row, terms) in rows.iter().enumerate() {
            for &(column, coefficient) in terms {
                match column.checked_sub(n) {
                    Some(output) => outputs[row * m + output] = coefficient,
                    None => inputs[row * n + column] = coefficient,
                }
            }
        }
        let query = Query {
            boxes: 1,
            lower: ends.0,
            upper: ends.1,
            rows: rows.len(),
            outputs: &outputs,
            inputs: &inputs,
            method,
            intersect,
            ..Query::default()
        };
        let mut results = Results { lower: Some(lower), upper: Some(upper), ..Results::default() };
        bounds.compute(&query, &mut results, budget)?;
    }
    Ok((lower, upper))
}

fn zeros(length: usize) -> Result<Vec<f64>, OutOfMemory> {
    let mut array = Vec::new();
    array.try_reserve_exact(length).map_err(|_| OutOfMemory::Allocator { bytes: 8 * length as u64 })?;
    array.resize(length, 0.0);
    Ok(array)
}

/// What is printed: text as it comes, JSON when all is there.
struct Report<'a> {
    json: bool,
    out: &'a mut dyn Write,
    boxes: u64,
    disjuncts: u64,
    closed: u64,
    list: Vec<Value>,
}

/// A row of a disjunct, its bounds, and whether they show that no point meets it.
struct Bounded {
    row: property::Row,
    least: f64,
    greatest: f64,
    closes: bool,
}

impl Report<'_> {
    fn group(&mut self, group: &Group, (lower, upper): &(Vec<f64>, Vec<f64>)) -> io::Result<()> {
        let Some(first) = group.disjuncts.first() else { return Ok(()) };
        let mut at = 0;
        if !group.goes_on {
            at = first.num_outputs();
            self.a_box(first, &lower[..at], &upper[..at])?;
        }
        for disjunct in &group.disjuncts {
            let range = at..at + disjunct.num_rows();
            at = range.end;
            let ends = lower[range.clone()].iter().zip(&upper[range]);
            let rows: Vec<Bounded> = property::rows(disjunct)
                .zip(ends)
                .map(|(row, (&least, &greatest))| {
                    let closes = least > row.bound || row.strict && least >= row.bound;
                    Bounded { row, least, greatest, closes }
                })
                .collect();
            self.disjunct(disjunct, &rows)?;
        }
        Ok(())
    }

    fn a_box(&mut self, of: &Disjunct, lower: &[f64], upper: &[f64]) -> io::Result<()> {
        if self.json {
            self.list.push(json!({
                "lower": of.lower,
                "upper": of.upper,
                "outputs": {"lower": reals(lower), "upper": reals(upper)},
                "disjuncts": [],
            }));
        } else {
            writeln!(self.out, "box {}", self.boxes)?;
            for (output, (lower, upper)) in lower.iter().zip(upper).enumerate() {
                writeln!(self.out, "  {lower} <= Y_{output} <= {upper}")?;
            }
        }
        self.boxes += 1;
        Ok(())
    }

    fn disjunct(&mut self, disjunct: &Disjunct, rows: &[Bounded]) -> io::Result<()> {
        let closed = rows.iter().any(|row| row.closes);
        if self.json {
            let halfspaces = rows.iter().map(|Bounded { row, least, greatest, closes }| {
                let mut object = row.json();
                object["least"] = output::real(*least);
                object["greatest"] = output::real(*greatest);
                object["closes"] = (*closes).into();
                object
            });
            let object = json!({
                "halfspaces": halfspaces.collect::<Vec<_>>(),
                "exact": disjunct.exact(),
                "closed": closed,
            });
            if let Some(list) = self.list.last_mut().and_then(|last| last["disjuncts"].as_array_mut()) {
                list.push(object);
            }
        } else {
            let (number, of) = (self.disjuncts, self.boxes - 1);
            writeln!(self.out, "disjunct {number}, box {of}: {}", if closed { "closed" } else { "open" })?;
            for Bounded { row, least, greatest, closes } in rows {
                let closes = if *closes { ", closes" } else { "" };
                writeln!(self.out, "  {row}: from {least} to {greatest}{closes}")?;
            }
        }
        self.disjuncts += 1;
        self.closed += u64::from(closed);
        Ok(())
    }

    fn end(self, args: &Args, end: &End, budget: &Budget) -> Result<(), Failure> {
        let reason = match end {
            End::Whole if self.closed == self.disjuncts => None,
            End::Whole => Some(Reason::Incomplete),
            End::Unknown(reason) => Some(*reason),
            End::Unbounded(_) => Some(Reason::Unbounded),
        };
        let verdict = if reason.is_none() { "unsat" } else { "unknown" };
        let reason = reason.map(Reason::name);
        if self.json {
            let mut object = Map::new();
            let method = args.method.to_possible_value().map(|value| value.get_name().to_owned());
            object.insert("verdict".into(), verdict.into());
            if let Some(reason) = reason {
                object.insert("reason".into(), reason.into());
            }
            object.insert("method".into(), method.into());
            object.insert("disjuncts".into(), output::number(self.disjuncts));
            object.insert("closed".into(), output::number(self.closed));
            object.insert("boxes".into(), self.list.into());
            object.insert("seconds".into(), output::seconds(budget.elapsed()));
            return Ok(writeln!(self.out, "{}", Value::Object(object))?);
        }
        writeln!(self.out, "boxes {}", self.boxes)?;
        writeln!(self.out, "disjuncts {}", self.disjuncts)?;
        writeln!(self.out, "closed {}", self.closed)?;
        match (reason, end) {
            (None, _) => writeln!(self.out, "{verdict}")?,
            (Some(reason), End::Unbounded(error)) => writeln!(self.out, "{verdict}: {reason}: {error}")?,
            (Some(reason), _) => writeln!(self.out, "{verdict}: {reason}")?,
        }
        Ok(())
    }
}

fn reals(values: &[f64]) -> Vec<Value> {
    values.iter().map(|&value| output::real(value)).collect()
}
