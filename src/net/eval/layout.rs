//! Which buffer a tensor lies in: buffers of tensors that nobody needs any more are used again.

use super::plan::{Kind, Place, Plan};
use super::product::packed_len;
use super::real::Real;

/// The buffer of a root that has none.
const NOWHERE: usize = usize::MAX;

/// A run's steps and buffers.
#[derive(Debug)]
pub(crate) struct Layout {
    /// Steps that are needed, in order.
    pub steps: Vec<usize>,
    /// The buffer of every root that is needed, else [`NOWHERE`]. No `Option`: valgrind takes it amiss that the compiler
    /// looks at the number of a `None` before it looks whether there is one.
    buffers: Vec<usize>,
    /// How many elements a sample takes in each buffer.
    pub sizes: Vec<usize>,
    /// Elements of scratch.
    pub scratch: usize,
}

impl Layout {
    /// For the values of these roots: they stay until the end, and with `all` everything does.
    pub(crate) fn new<T: Real>(plan: &Plan<T>, targets: impl IntoIterator<Item = usize>, all: bool) -> Self {
        let count = plan.lengths.len();
        let (mut needed, mut last) = (vec![false; count], vec![0; count]);
        for root in targets {
            (needed[root], last[root]) = (true, usize::MAX);
        }
        for (index, step) in plan.steps.iter().enumerate().rev() {
            for place in &step.operands {
                if let Place::Root(root) = *place
                    && needed[step.output]
                {
                    needed[root] = true;
                    last[root] = last[root].max(if all { usize::MAX } else { index });
                }
            }
        }
        let mut layout = Layout { steps: Vec::new(), buffers: vec![NOWHERE; count], sizes: Vec::new(), scratch: 0 };
        let mut free = Vec::new();
        for (root, maker) in plan.makers.iter().enumerate() {
            if maker.is_none() && needed[root] {
                layout.place(root, plan.lengths[root], &mut free);
            }
        }
        for (index, step) in plan.steps.iter().enumerate().filter(|(_, step)| needed[step.output]) {
            layout.place(step.output, plan.lengths[step.output], &mut free);
            for place in &step.operands {
                if let Place::Root(root) = *place
                    && last[root] == index
                    && let Some(buffer) = layout.buffer(root)
                    && !free.contains(&buffer)
                {
                    free.push(buffer);
                }
            }
            layout.steps.push(index);
            layout.scratch = layout.scratch.max(scratch(plan, &step.kind, all));
        }
        layout
    }

    /// The buffer of a root, where it is needed.
    pub(crate) fn buffer(&self, root: usize) -> Option<usize> {
        Some(self.buffers[root]).filter(|&buffer| buffer != NOWHERE)
    }

    /// The smallest free buffer that is large enough, or else the largest, or a new one.
    fn place(&mut self, root: usize, length: usize, free: &mut Vec<usize>) {
        let size = |i: &usize| self.sizes[*i];
        let fits = free.iter().filter(|i| size(i) >= length).min_by_key(|i| size(i));
        let buffer = match fits.or_else(|| free.iter().max_by_key(|i| size(i))).copied() {
            Some(buffer) => {
                free.retain(|&i| i != buffer);
                buffer
            }
            None => {
                self.sizes.push(0);
                self.sizes.len() - 1
            }
        };
        self.sizes[buffer] = self.sizes[buffer].max(length);
        self.buffers[root] = buffer;
    }

    /// Elements that a sample takes.
    pub(crate) fn sample(&self) -> usize {
        self.sizes.iter().fold(0, |sum: usize, &size| sum.saturating_add(size))
    }
}

fn scratch<T: Real>(plan: &Plan<T>, kind: &Kind<T>, reverse: bool) -> usize {
    match kind {
        Kind::Conv(conv) | Kind::ConvTranspose(conv) => {
            let (forward, transpose) = conv.scratch(plan.isa);
            match kind {
                _ if reverse => forward.max(transpose),
                Kind::Conv(_) => forward,
                _ => transpose,
            }
        }
        Kind::MatMul { rows, inner, columns, .. } => {
            let mut length = packed_len::<T>(plan.isa, *inner, *columns);
            if reverse {
                length = length.max(packed_len::<T>(plan.isa, *columns, *inner));
                length = length.max(packed_len::<T>(plan.isa, *rows, *columns));
            }
            length
        }
        _ => 0,
    }
}
