//! `anser eval`: what a network answers to samples in a file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anser::budget::{Budget, Limits};
use anser::files;
use anser::net::eval::{Evaluator, Real};
use anser::net::{Network, TensorId};
use clap::ValueEnum;
use serde_json::{Value, json};

use crate::limits::duration;
use crate::net::Reading;
use crate::progress::Line;
use crate::samples::{self, Kind};
use crate::{Failure, output, signals};

/// Numbers to compute with.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Precision {
    /// 32 bits
    F32,
    /// 64 bits
    F64,
}

#[derive(clap::Args)]
pub struct Args {
    /// ONNX, also compressed with gzip or xz
    network: PathBuf,
    /// Samples, one a row: .npy of any shape that holds whole samples, or .csv
    #[arg(short, long, value_name = "FILE")]
    input: PathBuf,
    /// Where to write the answers, .npy or .csv; comma-separated on standard output if not given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Numbers to compute with
    #[arg(long, value_enum, value_name = "PRECISION", default_value_t = Precision::F32)]
    precision: Precision,
    /// Write these tensors instead of the outputs, one after the other
    #[arg(long = "tensor", value_name = "NAME")]
    tensors: Vec<String>,
    #[command(flatten)]
    reading: Reading,
    /// Wall-clock limit in seconds, reading included
    #[arg(long, value_name = "SECONDS", value_parser = duration, allow_negative_numbers = true)]
    time: Option<Duration>,
    /// Print one JSON object instead
    #[arg(long, conflicts_with = "output")]
    json: bool,
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    if let Some(file) = &args.output {
        Kind::of(file)?;
    }
    let line = Line::new();
    let budget = Budget::start(&Limits {
        time: args.time,
        interrupt: Some(signals::token()?),
        progress: line.as_ref().map(Line::sink),
        ..Limits::default()
    });
    let network = args.reading.read(&args.network, &budget)?;
    let tensors = args.tensors.iter().map(|name| find(&network, name)).collect::<Result<Vec<_>, _>>()?;
    let samples = samples::read(&args.input, network.input_len(), &budget)?;
    match args.precision {
        Precision::F32 => {
            let inputs: Vec<f32> = samples.values.iter().map(|&v| v as f32).collect();
            answer(args, &network, &tensors, &inputs, samples.rows, &budget)?;
        }
        Precision::F64 => answer(args, &network, &tensors, &samples.values, samples.rows, &budget)?,
    }
    Ok(0)
}

fn find(network: &Network, name: &str) -> Result<TensorId, Failure> {
    network
        .find(name)
        .ok_or_else(|| Failure(format!("--tensor: the network has no tensor {name:?}; `anser net` lists them")))
}

fn answer<T>(
    args: &Args,
    network: &Network,
    tensors: &[TensorId],
    inputs: &[T],
    rows: usize,
    budget: &Budget,
) -> Result<(), Failure>
where
    T: Real + npyz::AutoSerialize + std::fmt::Display + Into<f64>,
{
    let evaluator = Evaluator::<T>::new(network)?;
    let asked = if tensors.is_empty() { network.outputs() } else { tensors };
    let width: usize = asked.iter().map(|&id| network.tensor(id).len()).sum();
    let mut answers = zeros(rows, width)?;
    if tensors.is_empty() {
        evaluator.evaluate(rows, inputs, &mut answers, budget)?;
    } else {
        // Tensors come one after the other for all samples; rows are wanted.
        let mut blocks = zeros(rows, width)?;
        evaluator.evaluate_tensors(rows, inputs, tensors, &mut blocks, budget)?;
        let (mut block, mut column) = (0, 0);
        for &id in tensors {
            let length = network.tensor(id).len();
            for row in 0..rows {
                let from = block + row * length;
                answers[row * width + column..][..length].copy_from_slice(&blocks[from..][..length]);
            }
            block += rows * length;
            column += length;
        }
    }
    match &args.output {
        Some(file) => write(file, &answers, rows, width, budget),
        None if args.json => output::json(&json!({
            "samples": rows,
            "outputs": answers.chunks(width.max(1)).map(|row| row.iter().map(|&v| output::real(v.into())).collect()).collect::<Vec<Value>>(),
            "seconds": output::seconds(budget.elapsed()),
        })),
        None => output::stdout(|out| samples::write_csv(&answers, width, out)),
    }
}

/// So many rows of zeros, or an error where they do not fit into memory.
fn zeros<T: Real>(rows: usize, width: usize) -> Result<Vec<T>, Failure> {
    let mut array = Vec::new();
    let length = rows.checked_mul(width).filter(|&length| array.try_reserve_exact(length).is_ok());
    let length = length.ok_or_else(|| Failure(format!("no memory for {rows} times {width} numbers")))?;
    array.resize(length, T::ZERO);
    Ok(array)
}

fn write<T>(file: &Path, answers: &[T], rows: usize, width: usize, budget: &Budget) -> Result<(), Failure>
where
    T: npyz::AutoSerialize + Copy + std::fmt::Display,
{
    let bytes = match Kind::of(file)? {
        Kind::Npy => samples::write_npy(answers, &[rows as u64, width as u64])?,
        Kind::Csv => {
            let mut text = Vec::new();
            samples::write_csv(answers, width, &mut text)?;
            text
        }
    };
    Ok(files::write_file(file, &bytes, budget)?)
}
