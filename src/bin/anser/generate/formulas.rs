//! Benchmark formulas in DIMACS CNF.

use std::sync::Arc;

use anser::budget::Budget;
use anser::formula::Formula;
use anser::formula::dimacs;
use anser::instances::subgraph::{self, Subgraph};
use anser::instances::tseitin::Charge;
use anser::instances::{GraphModel, coloring, pigeonhole, planted, random_ksat, sr, tseitin};
use anser::solve::{Outcome, Solver};
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
        /// Number of edges, all sets of them equally likely
        #[arg(long, value_name = "N", required_unless_present = "graph", conflicts_with = "graph")]
        edges: Option<u64>,
        /// Another graph, and CNFgen's encoding, where a vertex may have several colours; see `clique --help`
        #[arg(long, value_name = "MODEL", value_parser = model, conflicts_with = "planted")]
        graph: Option<GraphModel>,
        /// Number of colours
        #[arg(long, value_name = "N")]
        colors: u64,
        /// Draw only edges between the classes of a hidden colouring
        #[arg(long)]
        planted: bool,
        /// Draw again until there is a colouring
        #[arg(long)]
        satisfiable: bool,
        #[command(flatten)]
        common: Common,
    },
    /// A clique of k vertices in a random graph
    Clique(OnGraph),
    /// k vertices that touch all edges of a random graph
    Cover(OnGraph),
    /// k vertices of a random graph such that each other is joined to one
    Domset(OnGraph),
    /// SR(n): clauses are added until there is no model, and one sign is turned
    Sr {
        /// Number of variables
        #[arg(long, value_name = "N")]
        vars: u64,
        /// Leave the sign as it was: there is no model
        #[arg(long)]
        unsatisfiable: bool,
        #[command(flatten)]
        common: Common,
    },
}

/// What is asked of a random graph.
#[derive(clap::Args)]
pub struct OnGraph {
    /// Number of vertices
    #[arg(long, value_name = "N")]
    vertices: u64,
    /// How many of them are looked for
    #[arg(long, value_name = "K")]
    k: u64,
    /// er:P (edges with that probability), regular:D, geometric:R, ba:M (preferential attachment) or ws:K,P (small world)
    #[arg(long, value_name = "MODEL", value_parser = model)]
    graph: GraphModel,
    /// Draw again until there is such a set
    #[arg(long)]
    satisfiable: bool,
    #[command(flatten)]
    common: Common,
}

fn model(text: &str) -> Result<GraphModel, String> {
    fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
        text.parse().map_err(|_| format!("{text:?} is no such number"))
    }
    match text.split_once(':') {
        Some(("er", p)) => Ok(GraphModel::ErdosRenyi(number(p)?)),
        Some(("regular", degree)) => Ok(GraphModel::Regular(number(degree)?)),
        Some(("geometric", radius)) => Ok(GraphModel::Geometric(number(radius)?)),
        Some(("ba", edges)) => Ok(GraphModel::BarabasiAlbert(number(edges)?)),
        Some(("ws", both)) => {
            let (neighbours, p) = both.split_once(',').ok_or("not of the form ws:K,P")?;
            Ok(GraphModel::WattsStrogatz(number(neighbours)?, number(p)?))
        }
        _ => Err("none of er:P, regular:D, geometric:R, ba:M, ws:K,P".into()),
    }
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
            Class::Clique(_) => "clique",
            Class::Cover(_) => "cover",
            Class::Domset(_) => "domset",
            Class::Sr { .. } => "sr",
        }
    }

    fn common(&self) -> &Common {
        match self {
            Class::Ksat { common, .. }
            | Class::Pigeonhole { common, .. }
            | Class::Tseitin { common, .. }
            | Class::Coloring { common, .. }
            | Class::Sr { common, .. }
            | Class::Clique(OnGraph { common, .. })
            | Class::Cover(OnGraph { common, .. })
            | Class::Domset(OnGraph { common, .. }) => common,
        }
    }

    fn satisfiable(&self) -> bool {
        match self {
            Class::Coloring { satisfiable, .. }
            | Class::Clique(OnGraph { satisfiable, .. })
            | Class::Cover(OnGraph { satisfiable, .. })
            | Class::Domset(OnGraph { satisfiable, .. }) => *satisfiable,
            _ => false,
        }
    }

    fn generate(&self, budget: &Budget) -> Result<Formula, Failure> {
        let on = |what, on: &OnGraph| subgraph::generate(what, on.vertices, on.k, on.graph, budget);
        Ok(match *self {
            Class::Ksat { vars, ref size, k, planted, .. } => {
                let clauses = match (size.clauses, size.ratio) {
                    (None, Some(ratio)) => random_ksat::clauses_for_ratio(vars, ratio)?,
                    (clauses, _) => clauses.unwrap_or(0),
                };
                if planted {
                    planted::generate(vars, clauses, k, budget)?.formula
                } else {
                    random_ksat::generate(vars, clauses, k, budget)?
                }
            }
            Class::Pigeonhole { pigeons, holes, .. } => pigeonhole::generate(pigeons, holes, budget)?,
            Class::Tseitin { vertices, degree, charge, .. } => {
                let charge = match charge {
                    Parity::Odd => Charge::Odd,
                    Parity::Even => Charge::Even,
                };
                tseitin::generate(vertices, degree, charge, budget)?
            }
            Class::Coloring { vertices, edges, graph, colors, planted, .. } => match (graph, edges) {
                (Some(model), _) => coloring::generate_covering(vertices, colors, model, budget)?,
                (None, edges) if planted => {
                    coloring::generate_planted(vertices, edges.unwrap_or(0), colors, budget)?.formula
                }
                (None, edges) => coloring::generate(vertices, edges.unwrap_or(0), colors, budget)?,
            },
            Class::Clique(ref args) => on(Subgraph::Clique, args)?,
            Class::Cover(ref args) => on(Subgraph::VertexCover, args)?,
            Class::Domset(ref args) => on(Subgraph::DominatingSet, args)?,
            Class::Sr { vars, unsatisfiable, .. } => {
                let [without, with] = sr::generate(vars, budget, |formula| has_model(formula, budget))?;
                if unsatisfiable { without } else { with }
            }
        })
    }

    /// The first formula that has a model, by seeds from the given one on; and its seed.
    fn filtered(&self, budget: &Budget) -> Result<(Formula, u64), Failure> {
        let mut limits = budget.limits().clone();
        loop {
            let formula = self.generate(&Budget::start(&limits))?;
            if !self.satisfiable() || has_model(&formula, budget)? {
                return Ok((formula, limits.seed));
            }
            limits.seed = limits.seed.wrapping_add(1);
        }
    }
}

/// Whether the engine finds a model.
fn has_model(formula: &Formula, budget: &Budget) -> Result<bool, Failure> {
    let mut solver = Solver::new(Arc::new(formula.try_clone()?))?;
    match solver.solve(&[], budget)? {
        Outcome::Sat => Ok(true),
        Outcome::Unsat => Ok(false),
        Outcome::Unknown(stop) => Err(Failure(stop.to_string())),
    }
}

pub fn run(class: &Class) -> Result<u8, Failure> {
    let common = class.common();
    let (budget, line) = common.start()?;
    let (formula, seed) = class.filtered(&budget)?;
    if common.to_stdout() {
        output::stdout(|out| dimacs::write(&formula, out, &budget))?;
    } else {
        dimacs::write_file(&formula, &common.output, &budget)?;
    }
    drop(line);
    if common.json {
        output::json(&json!({
            "class": class.name(),
            "seed": output::number(seed),
            "variables": formula.num_vars(),
            "clauses": formula.clauses().len(),
            "seconds": output::seconds(budget.elapsed()),
            "file": common.output.to_string_lossy(),
        }))?;
    }
    Ok(0)
}
