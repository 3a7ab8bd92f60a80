//! A subproblem as one formula: the network encoded, the halfspaces as rows, and a solver that decides it whole.
//!
//! Source: the eager procedures of paper 001, section 3 (mixed integer and SMT encodings with neuron bounds).

use std::sync::Arc;

use super::branch::{Node, Outcome, Target};
use super::{Procedure, VerifyError};
use crate::bounds::Graph;
use crate::budget::Budget;
use crate::encode::relu::{Encoding, Form, Options, ReluEncoder, Tightening};
use crate::formula::{Condition, Formula, LinearRows, Relation};
use crate::net::Network;

/// Encodes and decides subproblems.
#[derive(Debug)]
pub(super) struct Eager {
    encoder: ReluEncoder,
}

impl Eager {
    /// For a procedure that needs it.
    pub(super) fn new(procedure: Procedure, network: &Network, graph: &Arc<Graph>) -> Result<Option<Self>, VerifyError> {
        if procedure != Procedure::Milp {
            return Ok(None);
        }
        if cfg!(not(feature = "highs")) {
            return Err(VerifyError::Unavailable { backend: "milp (HiGHS)" });
        }
        // Neurons are bounded already when a subproblem is encoded.
        let options = Options { form: Form::BigM, tightening: Tightening::Interval };
        let encoder = ReluEncoder::of_graph(network, Arc::clone(graph), options)?;
        Ok(Some(Eager { encoder }))
    }

    /// Closes subproblems, or tells a point where one has a model.
    pub(super) fn expand(
        &self,
        target: &Target,
        nodes: &[Node],
        outcome: &mut Outcome,
        budget: &Budget,
    ) -> Result<(), VerifyError> {
        for node in nodes {
            let crossed = |(l, u): (&f64, &f64)| l > u;
            if node.neurons.lower.iter().zip(&node.neurons.upper).any(crossed) {
                outcome.close(node);
                continue;
            }
            let mut formula = Formula::new();
            formula.set_memory_limit(budget.memory());
            let (inputs, neurons) = (&node.inputs, &node.neurons);
            let ends = (&inputs.lower[..], &inputs.upper[..]);
            let known = (&neurons.lower[..], &neurons.upper[..]);
            let encoding = self.encoder.encode_known(&mut formula, ends, known, budget)?;
            add_rows(&mut formula, &encoding, target)?;
            add_splits(&mut formula, &encoding, node)?;
            match solve(&formula, budget)? {
                Decision::Nothing => outcome.close(node),
                Decision::Doubt => outcome.stuck.push(node.clone()),
                Decision::Point(numbers) => {
                    // Whether 32 bits hold it is for the attack to tell.
                    outcome.points.extend(encoding.inputs.iter().map(|&number| numbers[number as usize]));
                    outcome.stuck.push(node.clone());
                }
            }
        }
        Ok(())
    }
}

/// What a solver says.
#[cfg_attr(not(feature = "highs"), expect(dead_code, reason = "no backend says any of it"))]
enum Decision {
    Nothing,
    Doubt,
    /// A value for every number.
    Point(Vec<f64>),
}

#[cfg(feature = "highs")]
fn solve(formula: &Formula, budget: &Budget) -> Result<Decision, VerifyError> {
    use crate::milp::{self, Answer};
    use num_traits::ToPrimitive;
    Ok(match milp::solve(&[formula], &[], budget)?.0 {
        Answer::Unsat => Decision::Nothing,
        Answer::Doubtful(_) => Decision::Doubt,
        Answer::Unknown(stop) => return Err(stop.into()),
        Answer::Sat { numbers, .. } => {
            Decision::Point(numbers.iter().map(|number| number.to_f64().unwrap_or(0.0)).collect())
        }
    })
}

#[cfg(not(feature = "highs"))]
fn solve(_: &Formula, _: &Budget) -> Result<Decision, VerifyError> {
    Err(VerifyError::Unavailable { backend: "milp (HiGHS)" })
}

/// The halfspaces of the target.
fn add_rows(formula: &mut Formula, encoding: &Encoding, target: &Target) -> Result<(), VerifyError> {
    let rows = target.disjunct.rows();
    let inputs = encoding.inputs.len();
    let number = |&column: &u32| {
        let column = column as usize;
        if column < inputs { encoding.inputs[column] } else { encoding.outputs[column - inputs] }
    };
    let relation = |&strict: &bool| if strict { Relation::Less } else { Relation::AtMost };
    formula.add_linears(&LinearRows {
        numbers: &rows.columns.iter().map(number).collect::<Vec<_>>(),
        coefficients: rows.coefficients,
        number_offsets: rows.offsets,
        literals: &[],
        weights: &[],
        literal_offsets: &[],
        relations: &rows.strict.iter().map(relation).collect::<Vec<_>>(),
        rhs: rows.bounds,
        conditions: &[],
    })?;
    Ok(())
}

/// On which sides of 0 neurons are.
fn add_splits(formula: &mut Formula, encoding: &Encoding, node: &Node) -> Result<(), VerifyError> {
    for split in &*node.splits {
        let Some(number) = encoding.neuron(split.neuron) else { continue };
        formula.add_linears(&LinearRows {
            numbers: &[number],
            coefficients: &[1.0],
            number_offsets: &[0, 1],
            literals: &[],
            weights: &[],
            literal_offsets: &[],
            relations: &[if split.positive { Relation::AtLeast } else { Relation::AtMost }],
            rhs: &[0.0],
            conditions: &[Condition::Plain],
        })?;
    }
    Ok(())
}
