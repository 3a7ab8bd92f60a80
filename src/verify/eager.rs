//! A subproblem as one formula: the network encoded, the halfspaces as rows, and a solver that decides it whole.
//!
//! Source: the eager procedures of paper 001, section 3 (mixed integer and SMT encodings with neuron bounds).

use std::sync::Arc;

use super::branch::{Ends, Node, Outcome, Target};
use super::{Problem, Procedure, VerifyError, Witness};
use crate::bounds::Graph;
use crate::budget::Budget;
#[cfg(feature = "z3")]
use crate::budget::Stop;
use crate::encode::relu::{EncodeError, Encoding, Form, Options, ReluEncoder, Tightening};
use crate::formula::{Condition, Domain, Formula, LinearRows, Relation};
use crate::net::Network;

/// Encodes and decides subproblems.
#[derive(Debug)]
pub(super) struct Eager {
    encoder: ReluEncoder,
    /// Whether a MILP solver decides, or an SMT solver.
    is_milp: bool,
}

impl Eager {
    /// For a procedure that needs it.
    pub(super) fn new(
        procedure: Procedure,
        network: &Network,
        graph: &Arc<Graph>,
    ) -> Result<Option<Self>, VerifyError> {
        let form = match procedure {
            Procedure::Milp if cfg!(feature = "highs") => Form::BigM,
            Procedure::Smt if cfg!(feature = "z3") => Form::Smt,
            Procedure::Milp => return Err(VerifyError::Unavailable { backend: "HiGHS" }),
            Procedure::Smt => return Err(VerifyError::Unavailable { backend: "Z3" }),
            _ => return Ok(None),
        };
        // Neurons are bounded already when a subproblem is encoded.
        let options = Options { form, tightening: Tightening::Interval };
        let encoder = ReluEncoder::of_graph(network, Arc::clone(graph), options)?;
        Ok(Some(Eager { encoder, is_milp: form == Form::BigM }))
    }

    /// Closes subproblems that are not boxes, or finds a witness. A solver's point lies where halfspaces are just met; where
    /// 32 bits do not hold that, one with more room is asked for.
    pub(super) fn expand(
        &self,
        problem: &Problem,
        target: &Target,
        nodes: &[Node],
        outcome: &mut Outcome,
        budget: &Budget,
    ) -> Result<Option<Witness>, VerifyError> {
        for node in nodes {
            let mut formula = Formula::new();
            formula.set_memory_limit(budget.memory());
            let (inputs, neurons) = (&node.inputs, &node.neurons);
            let ends = (&inputs.lower[..], &inputs.upper[..]);
            let known = (&neurons.lower[..], &neurons.upper[..]);
            let encoding = match self.encoder.encode_known(&mut formula, ends, known, budget) {
                Err(EncodeError::Empty) => {
                    outcome.close(node);
                    continue;
                }
                encoding => encoding?,
            };
            add_splits(&mut formula, &encoding, node)?;
            let (mut is_closed, mut has_point) = (false, false);
            for room in ROOM {
                let mut rows = Formula::new();
                rows.ensure_vars(formula.num_vars())?;
                rows.new_numbers(formula.domains())?;
                add_rows(&mut rows, &encoding, target, room)?;
                // Every point on the way may be a witness.
                let mut found = Ok(None);
                let mut content = |numbers: &[f64]| {
                    let x: Vec<f64> = encoding.inputs.iter().map(|&number| numbers[number as usize]).collect();
                    found = problem.replay_near(&x, ends.0, ends.1, budget);
                    !matches!(found, Ok(None))
                };
                let decision = if self.is_milp {
                    solve_milp(&[&formula, &rows], &mut content, budget)?
                } else {
                    solve_smt(formula.extended(&rows)?, budget)?
                };
                if let Decision::Point(numbers) = &decision {
                    content(numbers);
                    has_point = true;
                    outcome.points.extend(encoding.inputs.iter().map(|&number| numbers[number as usize]));
                }
                if let Some(witness) = found? {
                    return Ok(Some(witness));
                }
                is_closed = room == 0.0 && matches!(decision, Decision::Nothing);
                if is_closed {
                    break;
                }
            }
            if is_closed {
                outcome.close(node);
            } else if has_point {
                // There is a witness among the reals: to be looked for in ever smaller boxes, which know of neurons what
                // holds outside the halfspaces too.
                let (lower, upper) = (target.root.least.clone(), target.root.greatest.clone());
                let neurons = Arc::new(Ends { lower, upper });
                outcome.open.push(Node { boxed: true, neurons, ..node.clone() });
            } else {
                outcome.stuck.push(node.clone());
            }
        }
        Ok(None)
    }
}

/// By how much halfspaces are to be met, as a share of what their terms can add up to.
const ROOM: [f64; 4] = [0.0, 1.0 / 256.0, 1.0 / 16384.0, 1.0 / 1_048_576.0];

/// What a solver says.
#[cfg_attr(not(all(feature = "highs", feature = "z3")), allow(dead_code, reason = "no backend may say it"))]
enum Decision {
    Nothing,
    Doubt,
    /// A value for every number.
    Point(Vec<f64>),
}

#[cfg(feature = "highs")]
fn solve_milp(
    formulas: &[&Formula],
    content: &mut dyn FnMut(&[f64]) -> bool,
    budget: &Budget,
) -> Result<Decision, VerifyError> {
    use crate::milp::{self, Answer};
    use num_traits::ToPrimitive;
    Ok(match milp::solve_with(formulas, &[], content, budget)?.0 {
        Answer::Unsat => Decision::Nothing,
        Answer::Found | Answer::Doubtful(_) => Decision::Doubt,
        Answer::Unknown(stop) => return Err(stop.into()),
        Answer::Sat { numbers, .. } => {
            Decision::Point(numbers.iter().map(|number| number.to_f64().unwrap_or(0.0)).collect())
        }
    })
}

#[cfg(not(feature = "highs"))]
fn solve_milp(_: &[&Formula], _: &mut dyn FnMut(&[f64]) -> bool, _: &Budget) -> Result<Decision, VerifyError> {
    Err(VerifyError::Unavailable { backend: "HiGHS" })
}

#[cfg(feature = "z3")]
fn solve_smt(formula: Formula, budget: &Budget) -> Result<Decision, VerifyError> {
    use crate::solve::{Backend, Outcome, Solver};
    let failed = |error: crate::solve::SolveError| VerifyError::Backend { backend: "smt", why: error.to_string() };
    let mut solver = Solver::new(Arc::new(formula)).map_err(failed)?;
    solver.set_backend(Backend::Z3).map_err(failed)?;
    Ok(match solver.solve(&[], budget).map_err(failed)? {
        Outcome::Unsat => Decision::Nothing,
        Outcome::Unknown(Stop::Incomplete) => Decision::Doubt,
        Outcome::Unknown(stop) => return Err(stop.into()),
        Outcome::Sat => Decision::Point(solver.numbers().map_err(failed)?.to_vec()),
    })
}

#[cfg(not(feature = "z3"))]
fn solve_smt(_: Formula, _: &Budget) -> Result<Decision, VerifyError> {
    Err(VerifyError::Unavailable { backend: "Z3" })
}

/// The halfspaces of the target, met by so much.
fn add_rows(formula: &mut Formula, encoding: &Encoding, target: &Target, room: f64) -> Result<(), VerifyError> {
    let rows = target.disjunct.rows();
    let inputs = encoding.inputs.len();
    let number = |&column: &u32| {
        let column = column as usize;
        if column < inputs { encoding.inputs[column] } else { encoding.outputs[column - inputs] }
    };
    let relation = |&strict: &bool| if strict { Relation::Less } else { Relation::AtMost };
    let numbers: Vec<u32> = rows.columns.iter().map(number).collect();
    let bound = |row: usize| {
        let size = (rows.offsets[row]..rows.offsets[row + 1]).map(|i| match formula.domains()[numbers[i] as usize] {
            Domain::Real { min, max } => rows.coefficients[i].abs() * min.abs().max(max.abs()),
            Domain::Integer { .. } => 0.0,
        });
        rows.bounds[row] - if room == 0.0 { 0.0 } else { room * size.sum::<f64>() }
    };
    let bounds: Vec<f64> = (0..rows.bounds.len()).map(bound).collect();
    formula.add_linears(&LinearRows {
        numbers: &numbers,
        coefficients: rows.coefficients,
        number_offsets: rows.offsets,
        literals: &[],
        weights: &[],
        literal_offsets: &[],
        relations: &rows.strict.iter().map(relation).collect::<Vec<_>>(),
        rhs: &bounds,
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
