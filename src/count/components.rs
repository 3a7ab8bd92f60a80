//! What a formula falls apart into: components of open variables, tied by clauses that are not satisfied yet.
//!
//! Learnt clauses tie nothing: they follow from the others (R. Bayardo, J. Pehoushek, "Counting Models Using Connected
//! Components", AAAI 2000; T. Sang et al., "Combining Component Caching and Clause Learning for Effective Model Counting",
//! SAT 2004).

use std::ops::Range;

use super::engine::{Engine, filled};
use super::literal::Lit;
use crate::error::OutOfMemory;

/// Rows of different lengths in one array.
#[derive(Debug)]
struct Rows<T> {
    starts: Vec<u32>,
    items: Vec<T>,
}

impl<T: Copy> Rows<T> {
    fn get(&self, row: u32) -> &[T] {
        &self.items[self.starts[row as usize] as usize..self.starts[row as usize + 1] as usize]
    }

    /// Rows of pairs of a row and an item.
    fn collect(rows: usize, zero: T, pairs: impl Iterator<Item = (u32, T)> + Clone) -> Result<Self, OutOfMemory> {
        let mut starts = filled(rows + 2, 0u32)?;
        for (row, _) in pairs.clone() {
            starts[row as usize + 2] += 1;
        }
        for row in 2..starts.len() {
            starts[row] += starts[row - 1];
        }
        let mut items = filled(starts[rows + 1] as usize, zero)?;
        for (row, item) in pairs {
            let place = &mut starts[row as usize + 1];
            items[*place as usize] = item;
            *place += 1;
        }
        starts.pop();
        Ok(Rows { starts, items })
    }
}

/// The clauses that tie variables: those of a formula without learnt ones.
#[derive(Debug)]
pub(super) struct Graph {
    /// By variable, others in a clause of two with it.
    pairs: Rows<u32>,
    /// By variable, its longer clauses.
    occurrences: Rows<u32>,
    clauses: Rows<Lit>,
}

impl Graph {
    pub fn new(variables: usize, clauses: &[Vec<Lit>]) -> Result<Self, OutOfMemory> {
        let long = || (0u32..).zip(clauses.iter().filter(|clause| clause.len() > 2));
        let short = clauses.iter().filter(|clause| clause.len() == 2);
        let pairs = short.flat_map(|c| [(c[0].variable(), c[1].variable()), (c[1].variable(), c[0].variable())]);
        let literals = long().flat_map(|(id, clause)| clause.iter().map(move |&literal| (id, literal)));
        Ok(Graph {
            pairs: Rows::collect(variables, 0, pairs)?,
            occurrences: Rows::collect(variables, 0, literals.clone().map(|(id, literal)| (literal.variable(), id)))?,
            clauses: Rows::collect(long().count(), Lit::from_code(0), literals)?,
        })
    }

    pub fn bytes(&self) -> u64 {
        let words = self.pairs.items.len() + self.occurrences.items.len() + self.clauses.items.len();
        4 * (words + self.pairs.starts.len() + self.occurrences.starts.len() + self.clauses.starts.len()) as u64
    }
}

/// Some variables and the long clauses over them, both ascending, in the stacks.
#[derive(Debug, Clone)]
pub(super) struct Component {
    pub variables: Range<usize>,
    pub clauses: Range<usize>,
    /// How many of the variables are counted.
    pub counted: u32,
}

/// What one component fell apart into.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// Variables of each part, one part after the other; and its clauses.
    pub variables: Vec<u32>,
    pub clauses: Vec<u32>,
    pub parts: Vec<Component>,
    /// Counted variables that no clause ties to anything.
    pub free: Vec<u32>,
}

/// Mark of a variable or clause: not of this component or no longer open, not seen yet, or the number of its part.
const OUT: u32 = u32::MAX;
const UNSEEN: u32 = u32::MAX - 1;

#[derive(Debug)]
pub(super) struct Components {
    graph: Graph,
    /// By variable, whether it is counted.
    pub counted: Vec<bool>,
    /// Variables and clauses of the components at hand, the last one's last.
    pub variables: Vec<u32>,
    pub clauses: Vec<u32>,
    pub stack: Vec<Component>,
    variable_part: Vec<u32>,
    clause_part: Vec<u32>,
    /// By variable, in how many clauses of its component it is.
    pub frequency: Vec<u32>,
    /// Room for all variables.
    queue: Vec<u32>,
    places: Vec<(usize, usize)>,
}

impl Components {
    /// With the whole formula as the first component.
    pub fn new(graph: Graph, counted: Vec<bool>) -> Result<Self, OutOfMemory> {
        let (variables, clauses) = (counted.len(), graph.clauses.starts.len() - 1);
        let whole = Component {
            variables: 0..variables,
            clauses: 0..clauses,
            counted: counted.iter().filter(|counted| **counted).count() as u32,
        };
        let numbers = |count: usize| -> Result<Vec<u32>, OutOfMemory> {
            let mut numbers = filled(count, 0u32)?;
            (0..).zip(&mut numbers).for_each(|(at, number)| *number = at);
            Ok(numbers)
        };
        Ok(Components {
            graph,
            counted,
            variables: numbers(variables)?,
            clauses: numbers(clauses)?,
            stack: vec![whole],
            variable_part: filled(variables, OUT)?,
            clause_part: filled(clauses, OUT)?,
            frequency: filled(variables, 0)?,
            queue: filled(variables, 0)?,
            places: Vec::new(),
        })
    }

    pub fn bytes(&self) -> u64 {
        let words = self.variables.capacity() + self.clauses.capacity();
        self.graph.bytes() + 4 * (words + 4 * self.variable_part.len() + self.clause_part.len()) as u64
    }

    pub fn variables_of(&self, component: usize) -> &[u32] {
        &self.variables[self.stack[component].variables.clone()]
    }

    pub fn pop(&mut self) {
        if let Some(component) = self.stack.pop() {
            self.variables.truncate(component.variables.start);
            self.clauses.truncate(component.clauses.start);
        }
    }

    pub fn push(&mut self, parts: &Parts, part: usize) -> Result<(), OutOfMemory> {
        let Component { variables, clauses, counted } = parts.parts[part].clone();
        let short = |_| OutOfMemory::Allocator { bytes: 4 * (variables.len() + clauses.len()) as u64 };
        self.variables.try_reserve(variables.len()).map_err(short)?;
        self.clauses.try_reserve(clauses.len()).map_err(short)?;
        let (first, second) = (self.variables.len(), self.clauses.len());
        self.variables.extend_from_slice(&parts.variables[variables]);
        self.clauses.extend_from_slice(&parts.clauses[clauses]);
        let component =
            Component { variables: first..self.variables.len(), clauses: second..self.clauses.len(), counted };
        self.stack.push(component);
        Ok(())
    }

    /// What `component` falls apart into under the engine's assignment.
    pub fn split(&mut self, component: usize, engine: &Engine, parts: &mut Parts) {
        let whole = self.stack[component].clone();
        for &variable in &self.variables[whole.variables.clone()] {
            self.variable_part[variable as usize] = if engine.is_open(variable) { UNSEEN } else { OUT };
        }
        for &clause in &self.clauses[whole.clauses.clone()] {
            self.clause_part[clause as usize] = UNSEEN;
        }
        parts.parts.clear();
        parts.free.clear();
        let mut walk = Walk {
            graph: &self.graph,
            values: engine.values(),
            variable_part: &mut self.variable_part,
            clause_part: &mut self.clause_part,
            frequency: &mut self.frequency,
            queue: &mut self.queue,
        };
        for &variable in &self.variables[whole.variables.clone()] {
            if walk.variable_part[variable as usize] == UNSEEN {
                let (variables, clauses) = walk.explore(variable, parts.parts.len() as u32);
                let is_counted = |&&variable: &&u32| self.counted[variable as usize];
                let counted = walk.queue[..variables].iter().filter(is_counted).count() as u32;
                if walk.frequency[variable as usize] > 0 {
                    parts.parts.push(Component { variables: 0..variables, clauses: 0..clauses, counted });
                } else {
                    walk.variable_part[variable as usize] = OUT;
                    if counted > 0 {
                        parts.free.push(variable);
                    }
                }
            }
        }
        self.distribute(&whole, parts);
    }

    /// Lists variables and clauses part by part, in the order in which the whole has them.
    fn distribute(&mut self, whole: &Component, parts: &mut Parts) {
        let (mut variables, mut clauses) = (0, 0);
        self.places.clear();
        for part in &mut parts.parts {
            self.places.push((variables, clauses));
            part.variables = variables..variables + part.variables.len();
            part.clauses = clauses..clauses + part.clauses.len();
            (variables, clauses) = (part.variables.end, part.clauses.end);
        }
        parts.variables.resize(variables, 0);
        parts.clauses.resize(clauses, 0);
        for &variable in &self.variables[whole.variables.clone()] {
            let part = std::mem::replace(&mut self.variable_part[variable as usize], OUT);
            if let Some((place, _)) = self.places.get_mut(part as usize) {
                parts.variables[*place] = variable;
                *place += 1;
            }
        }
        for &clause in &self.clauses[whole.clauses.clone()] {
            let part = std::mem::replace(&mut self.clause_part[clause as usize], OUT);
            if let Some((_, place)) = self.places.get_mut(part as usize) {
                parts.clauses[*place] = clause;
                *place += 1;
            }
        }
    }
}

/// What finding parts works on, borrowed piece by piece: this is where counting spends its time.
struct Walk<'a> {
    graph: &'a Graph,
    values: &'a [i8],
    variable_part: &'a mut [u32],
    clause_part: &'a mut [u32],
    frequency: &'a mut [u32],
    queue: &'a mut [u32],
}

impl Walk<'_> {
    /// Finds the part that a variable is in: its variables, which lie in the queue then, and its clauses are so many.
    #[inline]
    fn explore(&mut self, first: u32, part: u32) -> (usize, usize) {
        let Walk { graph, values, variable_part, clause_part, frequency, queue } = self;
        queue[0] = first;
        variable_part[first as usize] = part;
        let (mut at, mut end, mut clauses) = (0, 1, 0);
        while at < end {
            let variable = queue[at];
            at += 1;
            let mut degree = 0;
            for &other in graph.pairs.get(variable) {
                let place = &mut variable_part[other as usize];
                if *place != OUT {
                    degree += 1;
                    if *place == UNSEEN {
                        *place = part;
                        queue[end] = other;
                        end += 1;
                    }
                }
            }
            'clauses: for &clause in graph.occurrences.get(variable) {
                let state = clause_part[clause as usize];
                if state == OUT {
                    continue;
                }
                if state == UNSEEN {
                    let before = end;
                    for literal in graph.clauses.get(clause) {
                        match values[literal.index()] {
                            0 => {
                                let place = &mut variable_part[literal.var()];
                                if *place == UNSEEN {
                                    *place = part;
                                    queue[end] = literal.variable();
                                    end += 1;
                                }
                            }
                            1 => {
                                clause_part[clause as usize] = OUT;
                                for &other in &queue[before..end] {
                                    variable_part[other as usize] = UNSEEN;
                                }
                                end = before;
                                continue 'clauses;
                            }
                            _ => {}
                        }
                    }
                    clause_part[clause as usize] = part;
                    clauses += 1;
                }
                degree += 1;
            }
            frequency[variable as usize] = degree;
        }
        (end, clauses)
    }
}

/// Writes the key of a component: its variables and clauses as differences, seven bits a byte.
pub(super) fn write_key(variables: &[u32], clauses: &[u32], key: &mut Vec<u8>) {
    let mut put = |mut number: u32| {
        while number >= 128 {
            key.push(number as u8 | 128);
            number >>= 7;
        }
        key.push(number as u8);
    };
    put(variables.len() as u32);
    for list in [variables, clauses] {
        let mut last = 0;
        for &item in list {
            put(item - last);
            last = item;
        }
    }
}
