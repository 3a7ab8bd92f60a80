//! `anser property`: what a property says, and its canonical form.

use std::fmt;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anser::budget::{Budget, Limits};
use anser::net::property::{Property, TensorDecl};
use anser::net::vnnlib;
use anser::verify::canonical::{Disjunct, Disjuncts, Options};
use serde_json::{Value, json};

use crate::limits::duration;
use crate::net::Reading;
use crate::progress::Line;
use crate::{Failure, output, signals};

#[derive(clap::Args)]
pub struct Args {
    /// VNN-LIB 1.0 or 2.0, also compressed with gzip or xz
    property: PathBuf,
    /// See whether it fits this network, in ONNX
    #[arg(long, value_name = "FILE")]
    network: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// The most disjuncts to look at
    #[arg(long, value_name = "N", default_value_t = 1 << 20)]
    limit: u64,
    /// Keep disjuncts that only linear programming finds to be empty
    #[arg(long)]
    no_lp: bool,
    /// Show every disjunct: its box and its halfspaces
    #[arg(long)]
    disjuncts: bool,
    /// Write the property as read to this file, compressed where it ends in .gz or .xz
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Wall-clock limit in seconds, reading included
    #[arg(long, value_name = "SECONDS", value_parser = duration, allow_negative_numbers = true)]
    time: Option<Duration>,
    /// Print one JSON object instead
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    let line = Line::new();
    let budget = Budget::start(&Limits {
        time: args.time,
        interrupt: Some(signals::token()?),
        progress: line.as_ref().map(Line::sink),
        ..Limits::default()
    });
    let property = vnnlib::read_file(&args.property, &budget)?;
    if let Some(file) = &args.network {
        let network = args.reading.read(file, &budget)?;
        let shapes = |ids: &[_]| ids.iter().map(|&id| network.tensor(id).shape().to_vec()).collect::<Vec<_>>();
        property.check_shapes(&shapes(network.inputs()), &shapes(network.outputs()))?;
    }
    if let Some(file) = &args.output {
        vnnlib::write_file(&property, file, &budget)?;
    }
    let property = Arc::new(property);
    let options = Options { limit: args.limit, lp: !args.no_lp };
    let mut disjuncts = Disjuncts::new(Arc::clone(&property), &options)?;
    drop(line);
    output::stdout(|out| {
        if args.json {
            as_json(args, &property, &mut disjuncts, &budget, out)
        } else {
            as_text(args, &property, &mut disjuncts, &budget, out)
        }
    })?;
    Ok(0)
}

fn as_text(
    args: &Args,
    property: &Property,
    disjuncts: &mut Disjuncts,
    budget: &Budget,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    for (what, tensors) in [("input", property.inputs()), ("output", property.outputs())] {
        for tensor in tensors {
            let sizes: Vec<String> = tensor.shape.iter().map(usize::to_string).collect();
            writeln!(out, "{what} {} [{}]", tensor.name, sizes.join(" "))?;
        }
    }
    writeln!(out, "assertions {}", property.num_assertions())?;
    writeln!(out, "atoms {}", property.num_atoms())?;
    let mut index = 0u64;
    while let Some(disjunct) = disjuncts.next(budget)? {
        if args.disjuncts {
            writeln!(out, "disjunct {index}{}", if disjunct.exact() { "" } else { ", bounds rounded outward" })?;
            for (input, (lower, upper)) in disjunct.lower.iter().zip(&disjunct.upper).enumerate() {
                writeln!(out, "  {lower} <= X_{input} <= {upper}")?;
            }
            for row in rows(&disjunct) {
                writeln!(out, "  {row}")?;
            }
        }
        index += 1;
    }
    let statistics = disjuncts.statistics();
    writeln!(out, "disjuncts {index}")?;
    writeln!(out, "dropped by intervals {}", statistics.dropped_by_interval)?;
    writeln!(out, "dropped by linear programming {}", statistics.dropped_by_lp)?;
    if let Some((_, variable)) = disjuncts.contradiction() {
        writeln!(out, "contradiction: nothing is left for {variable}")?;
    }
    Ok(())
}

fn as_json(
    args: &Args,
    property: &Property,
    disjuncts: &mut Disjuncts,
    budget: &Budget,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let tensors =
        |tensors: &[TensorDecl]| tensors.iter().map(|t| json!({"name": t.name, "shape": t.shape})).collect::<Vec<_>>();
    let (mut count, mut shown) = (0u64, Vec::new());
    while let Some(disjunct) = disjuncts.next(budget)? {
        count += 1;
        if args.disjuncts {
            shown.push(described(&disjunct));
        }
    }
    let statistics = disjuncts.statistics();
    let mut object = json!({
        "inputs": tensors(property.inputs()),
        "outputs": tensors(property.outputs()),
        "assertions": property.num_assertions(),
        "atoms": property.num_atoms(),
        "disjuncts": output::number(count),
        "dropped_by_intervals": output::number(statistics.dropped_by_interval),
        "dropped_by_lp": output::number(statistics.dropped_by_lp),
        "contradiction": disjuncts.contradiction().map(|(_, variable)| variable),
        "seconds": output::seconds(budget.elapsed()),
    });
    if args.disjuncts {
        object["list"] = shown.into();
    }
    Ok(writeln!(out, "{object}")?)
}

/// A halfspace with names.
pub struct Row {
    terms: Vec<(String, f64)>,
    pub bound: f64,
    pub strict: bool,
}

impl Row {
    pub fn json(&self) -> Value {
        let terms: serde_json::Map<_, _> = self.terms.iter().map(|(name, c)| (name.clone(), (*c).into())).collect();
        json!({"terms": terms, "bound": self.bound, "strict": self.strict})
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let terms: Vec<String> = self.terms.iter().map(|(name, c)| format!("{c} {name}")).collect();
        write!(f, "{} {} {}", terms.join(" + "), if self.strict { "<" } else { "<=" }, self.bound)
    }
}

pub fn rows(disjunct: &Disjunct) -> impl Iterator<Item = Row> {
    let rows = disjunct.rows();
    let inputs = disjunct.num_inputs();
    let name = move |column: u32| match (column as usize).checked_sub(inputs) {
        Some(output) => format!("Y_{output}"),
        None => format!("X_{column}"),
    };
    (0..disjunct.num_rows()).map(move |row| {
        let terms = rows.offsets[row]..rows.offsets[row + 1];
        Row {
            terms: terms.map(|i| (name(rows.columns[i]), rows.coefficients[i])).collect(),
            bound: rows.bounds[row],
            strict: rows.strict[row],
        }
    })
}

fn described(disjunct: &Disjunct) -> Value {
    let rows = rows(disjunct).map(|row| row.json());
    json!({
        "lower": disjunct.lower,
        "upper": disjunct.upper,
        "halfspaces": rows.collect::<Vec<_>>(),
        "exact": disjunct.exact(),
    })
}
