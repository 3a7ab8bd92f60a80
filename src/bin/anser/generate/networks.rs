//! Random neural networks in ONNX.

use anser::instances::networks::{self, Activation, NetworkSpec};
use anser::net::onnx;
use clap::ValueEnum;
use serde_json::json;

use super::Common;
use crate::{Failure, output};

#[derive(Clone, Copy, ValueEnum)]
enum Between {
    Relu,
    LeakyRelu,
    Sigmoid,
    Tanh,
    /// Signs, with weights -1 and 1
    Sign,
}

#[derive(clap::Args)]
pub struct Args {
    /// Size of the input, or channels, height and width, as in 3,32,32
    #[arg(long, value_name = "SIZES", value_delimiter = ',', required = true)]
    input: Vec<usize>,
    /// Channels after each convolution, which come first
    #[arg(long, value_name = "CHANNELS", value_delimiter = ',')]
    conv: Vec<usize>,
    /// Neurons in each hidden layer
    #[arg(long, value_name = "WIDTHS", value_delimiter = ',')]
    hidden: Vec<usize>,
    /// Numbers that the network answers
    #[arg(long, value_name = "N")]
    outputs: usize,
    /// What stands between the layers
    #[arg(long, value_enum, value_name = "ACTIVATION", default_value_t = Between::Relu)]
    activation: Between,
    /// Normalize after every convolution and hidden layer
    #[arg(long)]
    batch_norm: bool,
    /// Add what goes into a block to what comes out, where the shapes are the same
    #[arg(long)]
    residual: bool,
    #[command(flatten)]
    common: Common,
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    let common = &args.common;
    let (budget, line) = common.start()?;
    let spec = NetworkSpec {
        input: args.input.clone(),
        channels: args.conv.clone(),
        widths: args.hidden.clone(),
        outputs: args.outputs,
        activation: match args.activation {
            Between::Relu => Activation::Relu,
            Between::LeakyRelu => Activation::LeakyRelu,
            Between::Sigmoid => Activation::Sigmoid,
            Between::Tanh => Activation::Tanh,
            Between::Sign => Activation::Sign,
        },
        batch_norm: args.batch_norm,
        residual: args.residual,
    };
    let network = networks::generate(&spec, &budget)?;
    if common.to_stdout() {
        let bytes = onnx::to_bytes(&network, &budget)?;
        output::stdout(|out| out.write_all(&bytes))?;
    } else {
        onnx::write_file(&network, &common.output, &budget)?;
    }
    drop(line);
    if common.json {
        output::json(&json!({
            "class": "network",
            "seed": output::number(common.seed),
            "layers": network.layers().len(),
            "parameters": network.num_parameters(),
            "seconds": output::seconds(budget.elapsed()),
            "file": common.output.to_string_lossy(),
        }))?;
    }
    Ok(0)
}
