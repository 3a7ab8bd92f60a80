//! Benchmark formulas in DIMACS CNF.

use anser::budget::Budget;
use anser::formula::Formula;
use anser::formula::dimacs;
use anser::instances::tseitin::Charge;
use anser::instances::{InstanceError, coloring, pigeonhole, planted, random_ksat, tseitin};
use clap::{Subcommand, ValueEnum};
use serde_json::json;

use super::Common;
use crate::{Failure, output};

#[derive(Subcommand)]
pub enum Class {
    /// Random k-SAT: clauses of k distinct variables with fair signs
    Ksat {
        /// Number of variables
        #[arg(long, value_name = "N")]
        vars: u64,
        #[command(flatten)]
        size: Size,
        /// Literals in a clause
        #[arg(long, value_name = "N")]
        k: u64,
        /// Draw only clauses that a hidden model satisfies
        #[arg(long)]
        planted: bool,
        #[command(flatten)]
        common: Common,
    },
    /// The pigeonhole principle: unsatisfiable if there are more pigeons than holes
    Pigeonhole {
        /// Number of pigeons
        #[arg(long, value_name = "N")]
        pigeons: u64,
        /// Number of holes
        #[arg(long, value_name = "N")]
        holes: u64,
        #[command(flatten)]
        common: Common,
    },
    /// Tseitin parity formulas on random connected regular graphs
    Tseitin {
        /// Number of vertices
        #[arg(long, value_name = "N")]
        vertices: u64,
        /// Edges at every vertex
        #[arg(long, value_name = "N")]
        degree: u64,
        /// Sum of the charges: odd is unsatisfiable, even is satisfiable
        #[arg(long, value_enum)]
        charge: Parity,
        #[command(flatten)]
        common: Common,
    },
    /// Colouring of random graphs
    Coloring {
        /// Number of vertices
        #[arg(long, value_name = "N")]
        vertices: u64,
        /// Number of edges
        #[arg(long, value_name = "N")]
        edges: u64,
        /// Number of colours
        #[arg(long, value_name = "N")]
        colors: u64,
        /// Draw only edges between the classes of a hidden colouring
        #[arg(long)]
        planted: bool,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub struct Size {
    /// Number of clauses
    #[arg(long, value_name = "N")]
    clauses: Option<u64>,
    /// Clauses a variable
    #[arg(long, value_name = "R", allow_negative_numbers = true)]
    ratio: Option<f64>,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Parity {
    Odd,
    Even,
}

impl Class {
    fn name(&self) -> &'static str {
        match self {
            Class::Ksat { .. } => "ksat",
            Class::Pigeonhole { .. } => "pigeonhole",
            Class::Tseitin { .. } => "tseitin",
            Class::Coloring { .. } => "coloring",
        }
    }

    fn common(&self) -> &Common {
        match self {
            Class::Ksat { common, .. }
            | Class::Pigeonhole { common, .. }
            | Class::Tseitin { common, .. }
            | Class::Coloring { common, .. } => common,
        }
    }

    fn generate(&self, budget: &Budget) -> Result<Formula, InstanceError> {
        match *self {
            Class::Ksat { vars, ref size, k, planted, .. } => {
                let clauses = match (size.clauses, size.ratio) {
                    (None, Some(ratio)) => random_ksat::clauses_for_ratio(vars, ratio)?,
                    (clauses, _) => clauses.unwrap_or(0),
                };
                if planted {
                    Ok(planted::generate(vars, clauses, k, budget)?.formula)
                } else {
                    random_ksat::generate(vars, clauses, k, budget)
                }
            }
            Class::Pigeonhole { pigeons, holes, .. } => pigeonhole::generate(pigeons, holes, budget),
            Class::Tseitin { vertices, degree, charge, .. } => {
                let charge = match charge {
                    Parity::Odd => Charge::Odd,
                    Parity::Even => Charge::Even,
                };
                tseitin::generate(vertices, degree, charge, budget)
            }
            Class::Coloring { vertices, edges, colors, planted, .. } => {
                if planted {
                    Ok(coloring::generate_planted(vertices, edges, colors, budget)?.formula)
                } else {
                    coloring::generate(vertices, edges, colors, budget)
                }
            }
        }
    }
}

pub fn run(class: &Class) -> Result<u8, Failure> {
    let common = class.common();
    let (budget, line) = common.start()?;
    let formula = class.generate(&budget)?;
    if common.to_stdout() {
        output::stdout(|out| dimacs::write(&formula, out, &budget))?;
    } else {
        dimacs::write_file(&formula, &common.output, &budget)?;
    }
    drop(line);
    if common.json {
        output::json(&json!({
            "class": class.name(),
            "seed": output::number(common.seed),
            "variables": formula.num_vars(),
            "clauses": formula.clauses().len(),
            "seconds": output::seconds(budget.elapsed()),
            "file": common.output.to_string_lossy(),
        }))?;
    }
    Ok(0)
}
