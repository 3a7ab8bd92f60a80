//! Properties of a network in VNN-LIB.

use std::path::PathBuf;

use anser::files;
use anser::instances::properties;
use anser::net::vnnlib;
use clap::ValueEnum;
use serde_json::json;

use super::Common;
use crate::net::Reading;
use crate::{Failure, output, samples};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Another output is at least as large as the largest at the centre of the box
    Robustness,
    /// The outputs come close to those of a point hidden in the box: satisfiable
    Reachability,
}

#[derive(clap::Args)]
pub struct Args {
    /// The network, in ONNX
    #[arg(long, value_name = "FILE")]
    network: PathBuf,
    /// What is asked
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Kind,
    /// How far each input may be from the centre, which is drawn from 0 to 1
    #[arg(long, value_name = "R", allow_negative_numbers = true)]
    radius: f64,
    /// How far each output may be from the hidden point's
    #[arg(long, value_name = "M", default_value_t = 0.01, allow_negative_numbers = true)]
    margin: f64,
    /// Write the hidden point to this .csv
    #[arg(long, value_name = "FILE")]
    witness: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    common: Common,
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    let common = &args.common;
    if args.kind == Kind::Robustness && args.witness.is_some() {
        return Err(Failure("--witness: only a reachability property hides a point".into()));
    }
    let (budget, line) = common.start()?;
    let network = args.reading.read(&args.network, &budget)?;
    let (property, witness) = match args.kind {
        Kind::Robustness => (properties::robustness(&network, args.radius, &budget)?, Vec::new()),
        Kind::Reachability => properties::reachability(&network, args.radius, args.margin, &budget)?,
    };
    if let Some(file) = &args.witness {
        let mut text = Vec::new();
        samples::write_csv(&witness, witness.len(), &mut text)?;
        files::write_file(file, &text, &budget)?;
    }
    if common.to_stdout() {
        let text = vnnlib::to_string(&property, &budget)?;
        output::stdout(|out| out.write_all(text.as_bytes()))?;
    } else {
        vnnlib::write_file(&property, &common.output, &budget)?;
    }
    drop(line);
    if common.json {
        output::json(&json!({
            "class": "property",
            "seed": output::number(common.seed),
            "inputs": property.num_inputs(),
            "outputs": property.num_outputs(),
            "atoms": property.num_atoms(),
            "seconds": output::seconds(budget.elapsed()),
            "file": common.output.to_string_lossy(),
        }))?;
    }
    Ok(0)
}
