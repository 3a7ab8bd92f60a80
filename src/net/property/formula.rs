//! The formula as it stands in memory: atoms in compressed rows, and a tree over them whose children come first.
//!
//! Nothing is simplified but within atoms: terms of a variable are added up, all variables go left and all constants
//! right, and the first coefficient is positive. An atom of one variable costs some 64 bytes.

use super::number::Number;
use crate::error::OutOfMemory;

/// How a sum compares with its bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

impl Comparison {
    /// The one that holds where this one does not.
    pub fn negated(self) -> Self {
        match self {
            Comparison::Less => Comparison::GreaterOrEqual,
            Comparison::LessOrEqual => Comparison::Greater,
            Comparison::Greater => Comparison::LessOrEqual,
            Comparison::GreaterOrEqual => Comparison::Less,
            Comparison::Equal => Comparison::NotEqual,
            Comparison::NotEqual => Comparison::Equal,
        }
    }

    /// The one with both sides multiplied by -1.
    pub fn turned(self) -> Self {
        match self {
            Comparison::Less => Comparison::Greater,
            Comparison::LessOrEqual => Comparison::GreaterOrEqual,
            Comparison::Greater => Comparison::Less,
            Comparison::GreaterOrEqual => Comparison::LessOrEqual,
            Comparison::Equal | Comparison::NotEqual => self,
        }
    }

    /// Whether it holds, the sum being `order` compared with the bound.
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
        }
    }
}

/// A node of the tree. Children have smaller numbers than their parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Node {
    True,
    False,
    Atom(u32),
    /// A range of [`Formula::children`].
    And(Range),
    Or(Range),
    Not(u32),
    /// If, then, else.
    Choose([u32; 3]),
}

/// A range of children.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    first: u32,
    end: u32,
}

#[derive(Debug, Clone, PartialEq)]
struct AtomRow {
    /// Where its terms end; they begin where those of the atom before end.
    end: u32,
    comparison: Comparison,
    bound: Number,
}

/// An atom at hand: `Σ coefficients · columns  comparison  bound`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Atom<'a> {
    pub columns: &'a [u32],
    pub coefficients: &'a [Number],
    pub comparison: Comparison,
    pub bound: &'a Number,
}

/// A conjunction of assertions. Equal ones have the same trees; the order in which nodes were made does not count.
#[derive(Debug, Clone, Default)]
pub(crate) struct Formula {
    nodes: Vec<Node>,
    children: Vec<u32>,
    atoms: Vec<AtomRow>,
    columns: Vec<u32>,
    coefficients: Vec<Number>,
    /// The node of each assertion; all nodes up to it and past the one before belong to it.
    assertions: Vec<u32>,
    /// Bytes of numbers that are no doubles.
    heap: u64,
}

/// Appends, or says that there is no memory.
pub(crate) fn push<T>(array: &mut Vec<T>, item: T) -> Result<(), OutOfMemory> {
    if array.len() == array.capacity() {
        let bytes = (array.len().max(4) * size_of::<T>()) as u64;
        array.try_reserve(1).map_err(|_| OutOfMemory::Allocator { bytes })?;
    }
    array.push(item);
    Ok(())
}

/// Where the next element of `array` will be, as it is stored.
fn next<T>(array: &[T]) -> Result<u32, OutOfMemory> {
    u32::try_from(array.len()).map_err(|_| OutOfMemory::Allocator { bytes: size_of_val(array) as u64 })
}

impl Formula {
    pub fn num_assertions(&self) -> usize {
        self.assertions.len()
    }

    pub fn num_atoms(&self) -> usize {
        self.atoms.len()
    }

    pub fn assertions(&self) -> &[u32] {
        &self.assertions
    }

    pub fn node(&self, node: u32) -> Node {
        self.nodes[node as usize]
    }

    pub fn children(&self, range: Range) -> &[u32] {
        &self.children[range.first as usize..range.end as usize]
    }

    pub fn atom(&self, atom: u32) -> Atom<'_> {
        let at = atom as usize;
        let row = &self.atoms[at];
        let first = if at == 0 { 0 } else { self.atoms[at - 1].end };
        let terms = first as usize..row.end as usize;
        Atom {
            columns: &self.columns[terms.clone()],
            coefficients: &self.coefficients[terms],
            comparison: row.comparison,
            bound: &row.bound,
        }
    }

    /// Whether the coefficients of the last atom are short enough to write and read again.
    pub fn last_atom_fits(&self) -> bool {
        let Some(last) = self.atoms.len().checked_sub(1) else { return true };
        self.atom(last as u32).coefficients.iter().all(Number::fits)
    }

    /// Bytes held, capacities included.
    pub fn bytes(&self) -> u64 {
        fn of<T>(array: &Vec<T>) -> u64 {
            (array.capacity() * size_of::<T>()) as u64
        }
        let tree = of(&self.nodes) + of(&self.children) + of(&self.assertions);
        tree + of(&self.atoms) + of(&self.columns) + of(&self.coefficients) + self.heap
    }

    /// A node; its number.
    pub fn add_node(&mut self, node: Node) -> Result<u32, OutOfMemory> {
        let number = next(&self.nodes)?;
        push(&mut self.nodes, node)?;
        Ok(number)
    }

    /// A range of children, for a node.
    pub fn add_children(&mut self, children: impl IntoIterator<Item = u32>) -> Result<Range, OutOfMemory> {
        let first = next(&self.children)?;
        for child in children {
            push(&mut self.children, child)?;
        }
        Ok(Range { first, end: next(&self.children)? })
    }

    /// A node for an atom, whose terms may come in any order. They are used up.
    pub fn add_atom(
        &mut self,
        terms: &mut Vec<(u32, Number)>,
        comparison: Comparison,
        bound: Number,
    ) -> Result<u32, OutOfMemory> {
        if terms.len() > 1 {
            terms.sort_by_key(|(column, _)| *column);
            terms.dedup_by(|(column, more), (kept, sum)| {
                let same = column == kept;
                if same {
                    *sum = sum.plus(more);
                }
                same
            });
        }
        terms.retain(|(_, coefficient)| !coefficient.is_zero());
        let turn = terms.first().is_some_and(|(_, coefficient)| coefficient.is_negative());
        for (column, coefficient) in terms.drain(..) {
            let coefficient = if turn { coefficient.negated() } else { coefficient };
            self.heap += coefficient.heap();
            push(&mut self.columns, column)?;
            push(&mut self.coefficients, coefficient)?;
        }
        let (comparison, bound) = if turn { (comparison.turned(), bound.negated()) } else { (comparison, bound) };
        self.heap += bound.heap();
        let (atom, end) = (next(&self.atoms)?, next(&self.columns)?);
        push(&mut self.atoms, AtomRow { end, comparison, bound })?;
        self.add_node(Node::Atom(atom))
    }

    /// Asserts a node that was added since the last assertion.
    pub fn assert(&mut self, node: u32) -> Result<(), OutOfMemory> {
        push(&mut self.assertions, node)
    }

    /// Changes columns, where their order stays the same.
    pub fn map_columns(&mut self, map: impl Fn(u32) -> u32) {
        self.columns.iter_mut().for_each(|column| *column = map(*column));
    }

    /// Takes back what was added beyond these counts.
    pub fn truncate(&mut self, mark: Mark) {
        self.nodes.truncate(mark.nodes);
        self.children.truncate(mark.children);
        self.atoms.truncate(mark.atoms);
        self.columns.truncate(mark.terms);
        self.coefficients.truncate(mark.terms);
        self.assertions.truncate(mark.assertions);
        self.heap = mark.heap;
    }

    /// Where [`Formula::truncate`] leads back to.
    pub fn mark(&self) -> Mark {
        Mark {
            nodes: self.nodes.len(),
            children: self.children.len(),
            atoms: self.atoms.len(),
            terms: self.columns.len(),
            assertions: self.assertions.len(),
            heap: self.heap,
        }
    }
}

impl PartialEq for Formula {
    fn eq(&self, other: &Self) -> bool {
        if self.assertions.len() != other.assertions.len() || self.nodes.len() != other.nodes.len() {
            return false;
        }
        let mut open: Vec<(u32, u32)> = Vec::new();
        self.assertions.iter().zip(&other.assertions).all(|(&ours, &theirs)| {
            open.push((ours, theirs));
            while let Some((ours, theirs)) = open.pop() {
                match (self.node(ours), other.node(theirs)) {
                    (Node::True, Node::True) | (Node::False, Node::False) => {}
                    (Node::Atom(a), Node::Atom(b)) if self.atom(a) == other.atom(b) => {}
                    (Node::Not(a), Node::Not(b)) => open.push((a, b)),
                    (Node::Choose(a), Node::Choose(b)) => open.extend(a.into_iter().zip(b)),
                    (Node::And(a), Node::And(b)) | (Node::Or(a), Node::Or(b)) => {
                        let (a, b) = (self.children(a), other.children(b));
                        if a.len() != b.len() {
                            return false;
                        }
                        open.extend(a.iter().copied().zip(b.iter().copied()));
                    }
                    _ => return false,
                }
            }
            true
        })
    }
}

/// What a formula held at some time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    nodes: usize,
    children: usize,
    atoms: usize,
    terms: usize,
    assertions: usize,
    heap: u64,
}
