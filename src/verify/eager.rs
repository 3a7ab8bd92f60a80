//! A subproblem as one formula: the network encoded, the halfspaces as rows, and a solver that decides it whole.
//!
//! Source: the eager procedures of paper 001, section 3 (mixed integer and SMT encodings with neuron bounds).

#[cfg(feature = "highs")]
mod linear;

use std::sync::{Arc, Mutex, PoisonError};

use super::branch::{Ends, Node, Outcome, Target};
use super::{Problem, Procedure, VerifyError, Witness};
use crate::bounds::{Graph, Split};
use crate::budget::Budget;
#[cfg(feature = "z3")]
use crate::budget::Stop;
use crate::encode::relu::{EncodeError, Encoding, Form, Options, ReluEncoder, Tightening};
use crate::formula::{Condition, Domain, Formula, LinearRows, Relation};
use crate::net::Network;

/// A search by the MILP room, which goes on where a slice of work or time ended it.
#[cfg(feature = "highs")]
type Search = crate::milp::Search<Arc<Formula>>;
#[cfg(not(feature = "highs"))]
type Search = ();

/// Encodes and decides subproblems.
#[derive(Debug)]
pub(super) struct Eager {
    encoder: ReluEncoder,
    #[cfg_attr(not(feature = "highs"), allow(dead_code, reason = "for the MILP procedure"))]
    graph: Arc<Graph>,
    /// Whether a MILP solver decides, or an SMT solver.
    is_milp: bool,
    /// Subproblems that a budget's end cut off, at most as many as there are in the hands of workers.
    begun: Mutex<Vec<Begun>>,
}

/// A subproblem and how far it has come.
#[derive(Debug)]
struct Begun {
    node: Node,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Encoded(Box<Encoded>),
    /// Decided, but others of its batch were not.
    Ended(End),
}

#[derive(Debug)]
struct Encoded {
    formula: Arc<Formula>,
    encoding: Encoding,
    /// Which of [`ROOM`] it is at.
    room: usize,
    search: Option<Search>,
    has_point: bool,
}

/// What becomes of a subproblem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Closed,
    /// There is a witness among the reals: to be looked for in ever smaller boxes.
    Boxed,
    Stuck,
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
        Ok(Some(Eager { encoder, graph: Arc::clone(graph), is_milp: form == Form::BigM, begun: Mutex::default() }))
    }

    /// Closes subproblems that are not boxes, or finds a witness. A solver's point lies where halfspaces are just met; where
    /// 32 bits do not hold that, one with more room is asked for. A search that the budget ends is kept, and a later call
    /// with the same subproblem goes on with it.
    pub(super) fn expand(
        &self,
        problem: &Problem,
        target: &Target,
        nodes: &[Node],
        outcome: &mut Outcome,
        budget: &Budget,
    ) -> Result<Option<Witness>, VerifyError> {
        let mut ends = Vec::new();
        for node in nodes {
            let mut stage = self.take(node);
            let ended = match &mut stage {
                Some(Stage::Ended(end)) => Ok(Ended::Undecided(*end)),
                Some(Stage::Encoded(encoded)) => self.decide(encoded, problem, target, node, outcome, budget),
                None => match self.encode(node, budget)? {
                    None => Ok(Ended::Undecided(End::Closed)),
                    Some(encoded) => {
                        let encoded = stage.insert(Stage::Encoded(Box::new(encoded)));
                        let Stage::Encoded(encoded) = encoded else { continue };
                        self.decide(encoded, problem, target, node, outcome, budget)
                    }
                },
            };
            match ended {
                Ok(Ended::Witness(witness)) => return Ok(Some(witness)),
                Ok(Ended::Undecided(end)) => ends.push(end),
                Err(error @ VerifyError::Stopped(_)) => {
                    let stages = ends.into_iter().map(|end| Some(Stage::Ended(end))).chain([stage]);
                    let begun = nodes.iter().zip(stages);
                    let begun = begun.filter_map(|(node, stage)| Some(Begun { node: node.clone(), stage: stage? }));
                    self.begun.lock().unwrap_or_else(PoisonError::into_inner).extend(begun);
                    return Err(error);
                }
                Err(error) => return Err(error),
            }
        }
        for (node, end) in nodes.iter().zip(ends) {
            match end {
                End::Closed => outcome.close(node),
                End::Stuck => outcome.stuck.push(node.clone()),
                End::Boxed => {
                    // Boxes know of neurons what holds outside the halfspaces too.
                    let (lower, upper) = (target.root.least.clone(), target.root.greatest.clone());
                    let neurons = Arc::new(Ends { lower, upper });
                    outcome.open.push(Node { boxed: true, neurons, ..node.clone() });
                }
            }
        }
        Ok(None)
    }

    /// How far a subproblem has come, if it was begun.
    fn take(&self, node: &Node) -> Option<Stage> {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        // Arrays that are kept here are nobody else's.
        let is_same = |begun: &Begun| {
            let other = &begun.node;
            let same = |a: &[Split], b: &[Split]| a == b;
            node.target == other.target
                && Arc::ptr_eq(&node.inputs, &other.inputs)
                && Arc::ptr_eq(&node.neurons, &other.neurons)
                && same(&node.splits, &other.splits)
        };
        let at = begun.iter().position(is_same)?;
        Some(begun.swap_remove(at).stage)
    }

    /// Drops what was begun of a target: its subproblems are others now.
    pub(super) fn forget(&self, target: u32) {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        begun.retain(|begun| begun.node.target != target);
    }

    /// `None`: there is no point in it.
    fn encode(&self, node: &Node, budget: &Budget) -> Result<Option<Encoded>, VerifyError> {
        let mut formula = Formula::new();
        formula.set_memory_limit(budget.memory());
        let ends = (&node.inputs.lower[..], &node.inputs.upper[..]);
        let known = (&node.neurons.lower[..], &node.neurons.upper[..]);
        let encoding = match self.encoder.encode_known(&mut formula, ends, known, budget) {
            Err(EncodeError::Empty) => return Ok(None),
            encoding => encoding?,
        };
        add_splits(&mut formula, &encoding, node)?;
        Ok(Some(Encoded { formula: Arc::new(formula), encoding, room: 0, search: None, has_point: false }))
    }

    fn decide(
        &self,
        encoded: &mut Encoded,
        problem: &Problem,
        target: &Target,
        node: &Node,
        outcome: &mut Outcome,
        budget: &Budget,
    ) -> Result<Ended, VerifyError> {
        let Encoded { formula, encoding, room, search, has_point } = encoded;
        while *room < ROOM.len() {
            // Every point on the way may be a witness.
            let mut found = Ok(None);
            let mut content = |numbers: &[f64]| {
                let x: Vec<f64> = encoding.inputs.iter().map(|&number| numbers[number as usize]).collect();
                found = problem.replay_near(&x, &node.inputs.lower, &node.inputs.upper, budget);
                !matches!(found, Ok(None))
            };
            let rows = || halfspaces(formula, encoding, target, ROOM[*room]);
            let decision = if self.is_milp {
                if search.is_none() {
                    let formulas = vec![Arc::clone(formula), Arc::new(rows()?)];
                    *search = Some(self.search(formulas, target, encoding, budget)?);
                }
                solve_milp(search, &mut content, budget)?
            } else {
                solve_smt(formula.extended(&rows()?)?, budget)?
            };
            if let Decision::Point(numbers) = &decision {
                // Whatever was spent: the next slice would find nothing but the same point.
                budget.set_grace(true);
                content(numbers);
                budget.set_grace(false);
                *has_point = true;
                outcome.points.extend(encoding.inputs.iter().map(|&number| numbers[number as usize]));
            }
            if let Some(witness) = found? {
                return Ok(Ended::Witness(witness));
            }
            if *room == 0 && matches!(decision, Decision::Nothing) {
                return Ok(Ended::Undecided(End::Closed));
            }
            (*room, *search) = (*room + 1, None);
        }
        Ok(Ended::Undecided(if *has_point { End::Boxed } else { End::Stuck }))
    }
}

/// How a subproblem ended.
enum Ended {
    Witness(Witness),
    Undecided(End),
}

/// By how much halfspaces are to be met, as a share of what their terms can add up to: first as they are.
const ROOM: [f64; 4] = [0.0, 1.0 / 256.0, 1.0 / 16384.0, 1.0 / 1_048_576.0];

/// What a solver says.
#[cfg_attr(not(all(feature = "highs", feature = "z3")), allow(dead_code, reason = "no backend may say it"))]
enum Decision {
    Nothing,
    Doubt,
    /// A value for every number.
    Point(Vec<f64>),
}

impl Eager {
    /// Begins a search over these formulas, which knows the bounds of the network's neurons.
    #[cfg(feature = "highs")]
    fn search(
        &self,
        formulas: Vec<Arc<Formula>>,
        target: &Target,
        encoding: &Encoding,
        budget: &Budget,
    ) -> Result<Search, VerifyError> {
        use crate::milp::MilpError;
        let num_vars = formulas.iter().map(|formula| formula.num_vars()).max().unwrap_or(0);
        let mut search = match Search::new(formulas, &[], budget) {
            Err(MilpError::Stopped(stop)) => return Err(stop.into()),
            search => search?,
        };
        search.set_knowledge(Box::new(linear::LinearBounds::new(&self.graph, target, encoding, num_vars)));
        Ok(search)
    }

    #[cfg(not(feature = "highs"))]
    fn search(&self, _: Vec<Arc<Formula>>, _: &Target, _: &Encoding, _: &Budget) -> Result<Search, VerifyError> {
        Err(VerifyError::Unavailable { backend: "HiGHS" })
    }
}

#[cfg(feature = "highs")]
fn solve_milp(
    search: &mut Option<Search>,
    content: &mut dyn FnMut(&[f64]) -> bool,
    budget: &Budget,
) -> Result<Decision, VerifyError> {
    use crate::milp::Answer;
    use num_traits::ToPrimitive;
    let Some(search) = search else { return Ok(Decision::Doubt) };
    Ok(match search.run(content, budget)? {
        Answer::Unsat => Decision::Nothing,
        Answer::Found | Answer::Doubtful(_) => Decision::Doubt,
        Answer::Unknown(stop) => return Err(stop.into()),
        Answer::Sat { numbers, .. } => {
            Decision::Point(numbers.iter().map(|number| number.to_f64().unwrap_or(0.0)).collect())
        }
    })
}

#[cfg(not(feature = "highs"))]
fn solve_milp(_: &mut Option<Search>, _: &mut dyn FnMut(&[f64]) -> bool, _: &Budget) -> Result<Decision, VerifyError> {
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

/// The halfspaces of the target, met by so much, over the numbers of a formula.
fn halfspaces(of: &Formula, encoding: &Encoding, target: &Target, room: f64) -> Result<Formula, VerifyError> {
    let mut rows = Formula::new();
    rows.ensure_vars(of.num_vars())?;
    rows.new_numbers(of.domains())?;
    add_rows(&mut rows, encoding, target, room)?;
    Ok(rows)
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
