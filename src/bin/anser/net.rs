//! `anser net`: what a network is made of.

use std::io::Write;
use std::path::{Path, PathBuf};

use anser::budget::{Budget, Limits};
use anser::net::onnx::{self, OnnxError, ReadOptions};
use anser::net::{Network, Tensor, TensorId};
use serde_json::{Value, json};

use crate::progress::Line;
use crate::{Failure, output, signals};

/// How a network is read.
#[derive(clap::Args, Default)]
pub struct Reading {
    /// Size of a symbolic dimension; the first one of an input is 1 if not said
    #[arg(long = "dim", value_name = "NAME=SIZE", value_parser = dimension)]
    dims: Vec<(String, usize)>,
    /// Keep normalization and additions as layers of their own
    #[arg(long)]
    no_fuse: bool,
}

impl Reading {
    pub fn read(&self, file: &Path, budget: &Budget) -> Result<Network, Failure> {
        Ok(self.network(file, budget)?)
    }

    /// The same, for those who tell errors apart.
    pub fn network(&self, file: &Path, budget: &Budget) -> Result<Network, OnnxError> {
        let options = ReadOptions { fuse: !self.no_fuse, dims: self.dims.clone() };
        onnx::read_file(file, &options, budget)
    }
}

fn dimension(text: &str) -> Result<(String, usize), String> {
    let (name, size) = text.split_once('=').ok_or("needed is NAME=SIZE")?;
    let size = size.parse().map_err(|_| format!("{size:?} is no size"))?;
    Ok((name.to_owned(), size))
}

#[derive(clap::Args)]
pub struct Args {
    /// ONNX, also compressed with gzip or xz
    network: PathBuf,
    #[command(flatten)]
    reading: Reading,
    /// Write the network as read to this ONNX file, compressed where it ends in .gz or .xz
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print one JSON object instead
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    let line = Line::new();
    let budget = Budget::start(&Limits {
        interrupt: Some(signals::token()?),
        progress: line.as_ref().map(Line::sink),
        ..Limits::default()
    });
    let network = args.reading.read(&args.network, &budget)?;
    if let Some(file) = &args.output {
        onnx::write_file(&network, file, &budget)?;
    }
    drop(line);
    if args.json {
        output::json(&describe(&network))?;
    } else {
        output::stdout(|out| print(&network, out))?;
    }
    Ok(0)
}

/// How often each operator occurs, in the order in which they first do.
fn operators(network: &Network) -> Vec<(&'static str, usize)> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for layer in network.layers() {
        let name = layer.op().name();
        match counts.iter_mut().find(|(n, _)| *n == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    counts
}

/// A name to show: the file's, or the number.
fn name(network: &Network, id: TensorId) -> String {
    let name = network.tensor(id).name();
    if name.is_empty() { format!("#{}", id.0) } else { name.to_owned() }
}

/// [`name`] for a terminal, which a file's control characters must not reach.
fn shown(network: &Network, id: TensorId) -> String {
    let name = name(network, id);
    if name.contains(char::is_control) { name.escape_debug().to_string() } else { name }
}

/// Constants that a layer takes.
fn weights<'a>(network: &'a Network, inputs: &'a [TensorId]) -> impl Iterator<Item = &'a Tensor> {
    inputs.iter().map(|&id| network.tensor(id)).filter(|t| t.constant().is_some())
}

fn shape(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("[{}]", sizes.join(" "))
}

fn print(network: &Network, out: &mut dyn Write) -> std::io::Result<()> {
    for (what, ids) in [("input", network.inputs()), ("output", network.outputs())] {
        for &id in ids {
            writeln!(out, "{what} {} {}", shown(network, id), shape(network.tensor(id).shape()))?;
        }
    }
    writeln!(out, "layers {}", network.layers().len())?;
    writeln!(out, "parameters {}", network.num_parameters())?;
    let operators: Vec<String> = operators(network).iter().map(|(name, count)| format!("{name} {count}")).collect();
    writeln!(out, "operators {}", operators.join(", "))?;
    for (index, layer) in network.layers().iter().enumerate() {
        let operands = layer.inputs().iter().filter(|&&id| network.tensor(id).constant().is_none());
        let operands: Vec<String> = operands.map(|&id| shown(network, id)).collect();
        let weights: Vec<String> = weights(network, layer.inputs()).map(|t| shape(t.shape())).collect();
        let output = layer.output();
        write!(out, "{index:4} {:18} {} -> ", layer.op().name(), operands.join(", "))?;
        write!(out, "{} {}", shown(network, output), shape(network.tensor(output).shape()))?;
        if !weights.is_empty() {
            write!(out, ", weights {}", weights.join(" "))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn describe(network: &Network) -> Value {
    let tensor = |&id: &TensorId| json!({"name": name(network, id), "shape": network.tensor(id).shape()});
    let layers = network.layers().iter().map(|layer| {
        let operands = layer.inputs().iter().filter(|&&id| network.tensor(id).constant().is_none());
        let nodes = layer.nodes().iter().map(|n| json!({"index": n.index, "name": n.name, "operator": n.op}));
        json!({
            "operator": layer.op().name(),
            "inputs": operands.map(|&id| name(network, id)).collect::<Vec<_>>(),
            "output": tensor(&layer.output()),
            "weights": weights(network, layer.inputs()).map(Tensor::shape).collect::<Vec<_>>(),
            "nodes": nodes.collect::<Vec<_>>(),
        })
    });
    json!({
        "inputs": network.inputs().iter().map(tensor).collect::<Vec<_>>(),
        "outputs": network.outputs().iter().map(tensor).collect::<Vec<_>>(),
        "parameters": network.num_parameters(),
        "operators": operators(network).into_iter().map(|(n, c)| (n.to_owned(), c.into())).collect::<serde_json::Map<_, _>>(),
        "layers": layers.collect::<Vec<_>>(),
    })
}
