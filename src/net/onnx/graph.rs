//! Who makes which tensor, which nodes are needed, and in which order.
//!
//! Order: A. B. Kahn, "Topological sorting of large networks", CACM 5(11), 1962, taking the earliest node of the file
//! first, so that a file in order stays as it is. Cost: O(n log n) in nodes and edges; nothing recurses.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::hash::Hash;

use super::proto::Graph;
use super::wire::Held;
use super::{GraphError, OnnxError, OnnxErrorKind};
use crate::error::OutOfMemory;
use crate::net::NodeRef;

/// What makes a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Producer {
    /// The outside: input so and so of the file.
    Input(usize),
    /// It is stored.
    Initializer(usize),
    /// A node.
    Node(usize),
}

/// The needed part of a graph.
pub struct Plan<'a> {
    /// What makes each tensor.
    pub producers: HashMap<&'a str, Producer>,
    /// The nodes that outputs need, each after those it needs.
    pub order: Vec<usize>,
    /// Tensors that needed nodes take, and outputs.
    pub wanted: HashSet<&'a str>,
}

/// A node of the file, as messages name it.
pub fn node_ref(graph: &Graph<'_>, index: usize) -> NodeRef {
    let node = &graph.nodes[index];
    NodeRef { index, name: node.name.to_owned(), op: node.op.to_owned() }
}

/// Bytes that an entry of a hash table with names takes, with room to grow.
const ENTRY: u64 = 64;

/// Makes room for one more entry.
fn grow<K: Eq + Hash, V>(map: &mut HashMap<K, V>, held: &mut Held<'_>) -> Result<(), OnnxError> {
    held.take(ENTRY)?;
    Ok(map.try_reserve(1).map_err(|_| OutOfMemory::Allocator { bytes: ENTRY })?)
}

impl<'a> Plan<'a> {
    /// Looks at the graph.
    pub fn new(graph: &Graph<'a>, held: &mut Held<'_>) -> Result<Self, OnnxError> {
        let producers = producers(graph, held)?;
        let (needed, wanted) = needed(graph, &producers, held)?;
        let order = order(graph, &producers, &needed, held)?;
        Ok(Plan { producers, order, wanted })
    }
}

fn producers<'a>(graph: &Graph<'a>, held: &mut Held<'_>) -> Result<HashMap<&'a str, Producer>, OnnxError> {
    let mut producers: HashMap<&str, Producer> = HashMap::new();
    let twice = |what, name: &str| GraphError::Duplicate { what, name: name.to_owned() };
    for (index, tensor) in graph.initializers.iter().enumerate() {
        grow(&mut producers, held)?;
        if producers.insert(tensor.name, Producer::Initializer(index)).is_some() {
            return Err(twice("initializer", tensor.name).into());
        }
    }
    for (index, info) in graph.inputs.iter().enumerate() {
        grow(&mut producers, held)?;
        match producers.get(info.name) {
            None => producers.insert(info.name, Producer::Input(index)),
            // An input with a default: it is taken for that constant, as IR versions up to 3 write every weight.
            Some(Producer::Initializer(_)) => None,
            Some(_) => return Err(twice("input", info.name).into()),
        };
    }
    for (index, node) in graph.nodes.iter().enumerate() {
        for &tensor in node.outputs.iter().filter(|t| !t.is_empty()) {
            grow(&mut producers, held)?;
            if producers.insert(tensor, Producer::Node(index)).is_some() {
                let error = GraphError::Producers { node: node_ref(graph, index), tensor: tensor.to_owned() };
                return Err(error.into());
            }
        }
    }
    let mut outputs: HashMap<&str, ()> = HashMap::new();
    for info in &graph.outputs {
        grow(&mut outputs, held)?;
        if outputs.insert(info.name, ()).is_some() {
            return Err(twice("output", info.name).into());
        }
    }
    if graph.sparse {
        let what = "sparse initializers are not supported".to_owned();
        return Err(OnnxErrorKind::Malformed { what, offset: None }.into());
    }
    Ok(producers)
}

/// Which nodes the outputs need, and which tensors are taken.
fn needed<'a>(
    graph: &Graph<'a>,
    producers: &HashMap<&'a str, Producer>,
    held: &mut Held<'_>,
) -> Result<(Vec<bool>, HashSet<&'a str>), OnnxError> {
    let mut needed = held.array(graph.nodes.len())?;
    needed.resize(graph.nodes.len(), false);
    let mut wanted = HashSet::new();
    let mut open = Vec::new();
    let mut want = |tensor: &'a str, open: &mut Vec<usize>, held: &mut Held<'_>| -> Result<bool, OnnxError> {
        held.take(ENTRY)?;
        wanted.try_reserve(1).map_err(|_| OutOfMemory::Allocator { bytes: ENTRY })?;
        wanted.insert(tensor);
        if let Some(Producer::Node(index)) = producers.get(tensor)
            && !std::mem::replace(&mut needed[*index], true)
        {
            held.push(open, *index)?;
        }
        Ok(producers.contains_key(tensor))
    };
    for output in &graph.outputs {
        if !want(output.name, &mut open, held)? {
            return Err(GraphError::UndefinedOutput(output.name.to_owned()).into());
        }
    }
    while let Some(index) = open.pop() {
        for &tensor in graph.nodes[index].inputs.iter().filter(|t| !t.is_empty()) {
            if !want(tensor, &mut open, held)? {
                let error = GraphError::Undefined { node: node_ref(graph, index), tensor: tensor.to_owned() };
                return Err(error.into());
            }
        }
    }
    Ok((needed, wanted))
}

fn order(
    graph: &Graph<'_>,
    producers: &HashMap<&str, Producer>,
    needed: &[bool],
    held: &mut Held<'_>,
) -> Result<Vec<usize>, OnnxError> {
    let before = |index: usize| {
        graph.nodes[index].inputs.iter().filter_map(|tensor| match producers.get(tensor) {
            Some(Producer::Node(producer)) => Some(*producer),
            _ => None,
        })
    };
    // Edges, sorted by the node they leave; and how many each node waits for.
    let mut edges: Vec<(usize, usize)> = Vec::new();
    let mut waiting = held.array(graph.nodes.len())?;
    waiting.resize(graph.nodes.len(), 0u32);
    let mut ready = BinaryHeap::new();
    let mut total = 0usize;
    for index in (0..graph.nodes.len()).filter(|&i| needed[i]) {
        total += 1;
        for producer in before(index) {
            held.push(&mut edges, (producer, index))?;
            waiting[index] += 1;
        }
        if waiting[index] == 0 {
            ready.push(Reverse(index));
        }
    }
    edges.sort_unstable();
    held.take(total as u64 * 16)?;
    let mut order = held.array(total)?;
    while let Some(Reverse(index)) = ready.pop() {
        order.push(index);
        let first = edges.partition_point(|e| e.0 < index);
        for &(_, after) in edges[first..].iter().take_while(|e| e.0 == index) {
            waiting[after] -= 1;
            if waiting[after] == 0 {
                ready.push(Reverse(after));
            }
        }
    }
    if order.len() == total {
        return Ok(order);
    }
    // Whoever waits, waits for one who waits: going back leads around the cycle.
    let mut seen = vec![false; graph.nodes.len()];
    let mut at = (0..graph.nodes.len()).find(|&i| waiting[i] > 0).unwrap_or(0);
    while !std::mem::replace(&mut seen[at], true) {
        at = before(at).find(|&i| waiting[i] > 0).unwrap_or(at);
    }
    Err(GraphError::Cyclic(node_ref(graph, at)).into())
}
