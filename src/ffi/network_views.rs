//! What a host reads of a network in place and Rust holds in another form: names that end in a NUL, and strides.

use super::error::Failure;
use super::network::NetworkState;
use crate::error::OutOfMemory;
use crate::net::Network;

/// Texts and strides of a network as it is. Made at the first look, gone with the next change.
#[derive(Debug, Default)]
pub struct Views {
    /// All texts, each with its NUL.
    bytes: Vec<u8>,
    /// Where each tensor's name begins.
    tensors: Vec<usize>,
    /// Where the name and the operator of each node begin, layer after layer.
    nodes: Vec<[usize; 2]>,
    /// How many nodes there are in the layers before each.
    first_node: Vec<usize>,
    /// The strides of all constants.
    strides: Vec<usize>,
    /// Where those of each tensor begin.
    first_stride: Vec<usize>,
}

impl NetworkState {
    /// The views, made if they are not there yet.
    pub(super) fn views(&self) -> Result<&Views, Failure> {
        if let Some(views) = self.views.get() {
            return Ok(views);
        }
        let made = Views::of(&self.network)?;
        Ok(self.views.get_or_init(|| made))
    }
}

impl Views {
    fn of(network: &Network) -> Result<Self, OutOfMemory> {
        let mut views = Views::default();
        let constants = network.tensors().iter().filter_map(|t| t.constant());
        let nodes = || network.layers().iter().flat_map(|l| l.nodes());
        let text = network.tensors().iter().map(|t| t.name().len() + 1).sum::<usize>()
            + nodes().map(|n| n.name.len() + n.op.len() + 2).sum::<usize>();
        reserve(&mut views.bytes, text)?;
        reserve(&mut views.tensors, network.tensors().len())?;
        reserve(&mut views.nodes, nodes().count())?;
        reserve(&mut views.first_node, network.layers().len())?;
        reserve(&mut views.strides, constants.map(|c| c.shape().len()).sum())?;
        reserve(&mut views.first_stride, network.tensors().len())?;
        for tensor in network.tensors() {
            let name = views.put(tensor.name());
            views.tensors.push(name);
            views.first_stride.push(views.strides.len());
            if tensor.constant().is_some() {
                let shape = tensor.shape();
                // No axis counts as 0 here, so that no stride is.
                let stride = |axis: usize| shape[axis + 1..].iter().map(|&n| n.max(1)).product::<usize>();
                views.strides.extend((0..shape.len()).map(stride));
            }
        }
        for layer in network.layers() {
            views.first_node.push(views.nodes.len());
            for node in layer.nodes() {
                let texts = [views.put(&node.name), views.put(&node.op)];
                views.nodes.push(texts);
            }
        }
        Ok(views)
    }

    /// Room was reserved. A NUL inside, which a file's node names may have, becomes a question mark.
    fn put(&mut self, text: &str) -> usize {
        let at = self.bytes.len();
        self.bytes.extend(text.bytes().map(|b| if b == 0 { b'?' } else { b }));
        self.bytes.push(0);
        at
    }

    /// A tensor's name, which ends in a NUL; NULL where it has none.
    pub(super) fn name(&self, tensor: usize) -> *const std::ffi::c_char {
        let name = &self.bytes[self.tensors[tensor]..];
        if name[0] == 0 { std::ptr::null() } else { name.as_ptr().cast() }
    }

    /// Name and operator of a layer's node; each ends in a NUL.
    pub(super) fn node(&self, layer: usize, node: usize) -> [*const std::ffi::c_char; 2] {
        self.nodes[self.first_node[layer] + node].map(|at| self.bytes[at..].as_ptr().cast())
    }

    /// The strides of a constant, in elements: one an axis.
    pub(super) fn strides(&self, tensor: usize) -> *const usize {
        self.strides[self.first_stride[tensor]..].as_ptr()
    }
}

fn reserve<T>(array: &mut Vec<T>, items: usize) -> Result<(), OutOfMemory> {
    let bytes = (items as u64).saturating_mul(size_of::<T>() as u64);
    array.try_reserve_exact(items).map_err(|_| OutOfMemory::Allocator { bytes })
}
