//! A space as arguments, the limits of a command, and members as they are printed.

use std::io::{self, Write};
use std::time::Duration;

use anser::arch::{ArchError, Description, Division, Divisor, Encoding, Fixed, Member, Programme, Space, Spread};
use anser::budget::{Budget, Limits, Stop};

use crate::limits::{duration, stop_name};
use crate::progress::Line;
use crate::{Failure, output, signals};

#[derive(clap::Args)]
pub struct SpaceArgs {
    /// The input's size in each dimension, as in 30x30
    #[arg(long, value_name = "SIZES", value_parser = sizes)]
    input: Sizes,
    /// The output's size in each dimension
    #[arg(long, value_name = "SIZES", value_parser = sizes)]
    output: Sizes,
    /// How many layers, as in 3, or from least to most as in 2..3
    #[arg(long, value_name = "N..M", value_parser = range)]
    layers: Range,
    /// Kernel and stride of a fixed layer that follows every layer, as in 2,1
    #[arg(long, value_name = "KERNEL,STRIDE", value_parser = pool)]
    pool: Option<Pool>,
    /// Drop remainders, as frameworks do
    #[arg(long)]
    floor: bool,
    /// No kernel 1 with stride 1
    #[arg(long)]
    no_identity: bool,
    /// Every layer makes every dimension smaller
    #[arg(long)]
    strict: bool,
    /// Every kernel exceeds its stride
    #[arg(long)]
    kernel_above_stride: bool,
    /// A layer's kernels are the same in all dimensions
    #[arg(long)]
    equal_kernels: bool,
    /// A layer's strides are the same in all dimensions
    #[arg(long)]
    equal_strides: bool,
    /// Cells added on either side of every layer's input: in each dimension, or one number for all
    #[arg(long, value_name = "CELLS", value_parser = sizes)]
    padding: Option<Sizes>,
    /// The least kernel
    #[arg(long, value_name = "K", default_value_t = 1)]
    kernel_min: u32,
    /// The largest kernel
    #[arg(long, value_name = "K", default_value_t = u32::MAX, hide_default_value = true)]
    kernel_max: u32,
    /// The least stride
    #[arg(long, value_name = "S", default_value_t = 1)]
    stride_min: u32,
    /// The largest stride
    #[arg(long, value_name = "S", default_value_t = u32::MAX, hide_default_value = true)]
    stride_max: u32,
    /// Channels of the input and of every layer's output, as in 3,16,32
    #[arg(long, value_name = "CHANNELS", value_delimiter = ',')]
    channels: Vec<u32>,
    /// The most parameters
    #[arg(long, value_name = "P")]
    max_parameters: Option<u64>,
    /// The most multiply-adds
    #[arg(long, value_name = "A")]
    max_multiply_adds: Option<u64>,
    /// The least and the largest receptive field in every dimension
    #[arg(long, value_name = "L..H", value_parser = range)]
    receptive_field: Option<Range>,
}

impl SpaceArgs {
    pub fn space(&self) -> Result<Space, Failure> {
        let bounded = |range: Range| (range.0 as usize, range.1 as usize); // checked by the space
        let dimensions = self.input.0.len();
        let padding = match &self.padding {
            None => Vec::new(),
            Some(Sizes(one)) if one.len() == 1 => vec![one[0]; dimensions],
            Some(Sizes(each)) => each.clone(),
        };
        Ok(Space::new(Description {
            division: if self.floor { Division::Floor } else { Division::Exact },
            fixed: self.pool.map(|Pool(kernel, stride)| Fixed { kernel, stride }),
            padding,
            kernels: (self.kernel_min, self.kernel_max),
            strides: (self.stride_min, self.stride_max),
            identity: !self.no_identity,
            strict: self.strict,
            kernel_above_stride: self.kernel_above_stride,
            equal_kernels: self.equal_kernels,
            equal_strides: self.equal_strides,
            channels: self.channels.clone(),
            max_parameters: self.max_parameters,
            max_multiply_adds: self.max_multiply_adds,
            receptive_field: self.receptive_field.map(|range| (range.0, range.1)),
            ..Description::new(&self.input.0, &self.output.0, bounded(self.layers))
        })?)
    }
}

#[derive(clap::Args)]
pub struct LimitArgs {
    /// Wall-clock limit in seconds
    #[arg(long, value_name = "SECONDS", value_parser = duration, allow_negative_numbers = true)]
    time: Option<Duration>,
    /// Seed of every random decision
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Print one JSON object instead
    #[arg(long)]
    pub json: bool,
}

impl LimitArgs {
    pub fn budget(&self, line: Option<&Line>) -> Result<Budget, Failure> {
        Ok(Budget::start(&Limits {
            time: self.time,
            seed: self.seed,
            interrupt: Some(signals::token()?),
            progress: line.map(Line::sink),
            ..Limits::default()
        }))
    }
}

/// A dynamic programme, or why not: the budget, or what ties dimensions together.
pub fn programme(space: &Space, budget: &Budget) -> Result<Result<Programme, Stop>, ArchError> {
    unless_stopped(Programme::new(space, budget))
}

/// The formula.
pub fn encoding(space: &Space, budget: &Budget) -> Result<Result<Encoding, Stop>, ArchError> {
    unless_stopped(Encoding::new(space, budget))
}

pub fn unless_stopped<T>(result: Result<T, ArchError>) -> Result<Result<T, Stop>, ArchError> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(ArchError::Stopped(stop)) => Ok(Err(stop)),
        Err(error) => Err(error),
    }
}

/// Whether the dynamic programme knows the space.
pub fn is_free(space: &Space) -> bool {
    let d = space.description();
    d.max_parameters.is_none() && d.max_multiply_adds.is_none() && d.receptive_field.is_none()
}

/// Why members ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Enough,
    Exhausted,
    Hopeless,
    Unknown(Stop),
}

impl End {
    fn name(self) -> &'static str {
        match self {
            End::Enough => "limit",
            End::Exhausted => stop_name(None),
            End::Hopeless => "failures",
            End::Unknown(stop) => stop_name(Some(stop)),
        }
    }
}

/// Prints members as they come, and how far apart they are at the end.
pub struct Members<'a> {
    json: bool,
    spread: Spread,
    times: Vec<serde_json::Value>,
    budget: &'a Budget,
}

impl<'a> Members<'a> {
    pub fn begin(json: bool, space: &Space, budget: &'a Budget, out: &mut dyn Write) -> io::Result<Self> {
        if json {
            out.write_all(b"{\"members\":[")?;
        } else {
            writeln!(out, "c anser {}", env!("CARGO_PKG_VERSION"))?;
        }
        Ok(Members { json, spread: Spread::new(space), times: Vec::new(), budget })
    }

    pub fn count(&self) -> u64 {
        self.spread.members()
    }

    pub fn tell(&mut self, member: &Member, out: &mut dyn Write) -> io::Result<()> {
        let first = self.count() == 0;
        self.spread.push(member);
        if !self.json {
            return writeln!(out, "{}", text(member));
        }
        if self.times.len() < MOST_TIMES {
            self.times.push(output::seconds(self.budget.elapsed()));
        }
        let layer = |layer: &anser::arch::Layer| serde_json::json!({"kernel": layer.kernel, "stride": layer.stride});
        let layers: Vec<_> = member.layers.iter().map(layer).collect();
        write!(out, "{}{}", if first { "" } else { "," }, serde_json::json!({ "layers": layers }))
    }

    /// `more` is further fields: name and JSON.
    pub fn end(&self, end: End, more: &[(&str, serde_json::Value)], out: &mut dyn Write) -> io::Result<u8> {
        let (count, complete) = (self.count(), end == End::Exhausted);
        let code = match (count, complete) {
            (0, true) => 20,
            (0, false) => 0,
            _ => 10,
        };
        let adj_t = self.spread.adj_t(Divisor::Pairs);
        let seconds = output::seconds(self.budget.elapsed());
        if self.json {
            write!(out, "],\"adj_t\":{adj_t},\"count\":\"{count}\",\"complete\":{complete}")?;
            for (name, value) in more {
                write!(out, ",\"{name}\":{value}")?;
            }
            let times = serde_json::Value::Array(self.times.clone());
            writeln!(out, ",\"times\":{times},\"stop\":\"{}\",\"seconds\":{seconds}}}", end.name())?;
            return Ok(code);
        }
        writeln!(out, "c members {count}\nc complete {complete}\nc adj-T {adj_t:.4}")?;
        for (name, value) in more {
            writeln!(out, "c {name} {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned))?;
        }
        writeln!(out, "c stop {}\nc seconds {:.3}", end.name(), self.budget.elapsed().as_secs_f64())?;
        Ok(code)
    }
}

/// Members whose times are told: a list of all might not fit into memory.
const MOST_TIMES: usize = 1 << 16;

/// Kernels and strides of each layer, as in `3x3/1x1 5x5/2x2`.
pub fn text(member: &Member) -> String {
    let join = |values: &[u32]| values.iter().map(u32::to_string).collect::<Vec<_>>().join("x");
    let layers = member.layers.iter().map(|layer| format!("{}/{}", join(&layer.kernel), join(&layer.stride)));
    layers.collect::<Vec<_>>().join(" ")
}

/// Numbers between `x`.
#[derive(Debug, Clone)]
pub struct Sizes(Vec<u32>);

fn sizes(text: &str) -> Result<Sizes, String> {
    let one = |part: &str| part.parse().map_err(|_| format!("{part:?} is no size: sizes are numbers, as in 30x30"));
    text.split('x').map(one).collect::<Result<_, _>>().map(Sizes)
}

/// Least and most.
#[derive(Debug, Clone, Copy)]
pub struct Range(u64, u64);

fn range(text: &str) -> Result<Range, String> {
    let number = |part: &str| part.parse::<u64>().map_err(|_| format!("{part:?} is no number: a range is as in 2..3"));
    match text.split_once("..") {
        Some((least, most)) => Ok(Range(number(least)?, number(most)?)),
        None => number(text).map(|n| Range(n, n)),
    }
}

/// Kernel and stride.
#[derive(Debug, Clone, Copy)]
pub struct Pool(u32, u32);

fn pool(text: &str) -> Result<Pool, String> {
    let number = |part: &str| part.parse::<u32>().ok();
    let parsed = text.split_once(',').and_then(|(kernel, stride)| Some(Pool(number(kernel)?, number(stride)?)));
    parsed.ok_or_else(|| "a kernel and a stride are needed, as in 2,1".into())
}
