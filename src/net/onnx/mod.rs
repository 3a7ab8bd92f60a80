//! ONNX in and out: the format that networks come in.
//!
//! Source: "Open Neural Network Exchange Intermediate Representation (ONNX IR)" and "ONNX Operators",
//! github.com/onnx/onnx, docs/IR.md, docs/Operators.md, docs/Changelog.md.
//!
//! A file is read in these steps: the wire format (every length checked) into borrowed messages; the nodes
//! that outputs need, in an order that works; then node after node into layers. Every size is known, as inputs have fixed
//! shapes, so what a file computes from shapes and other constants is computed here and leaves no trace: integers in 64
//! bits, reals in 64 bits. What has no place in a network of real numbers (integers that depend on inputs, casts that
//! round, random numbers, control flow) is refused with the node's name.
//!
//! Opsets 7 to 28 of ONNX's own domain. Inputs that have an initializer are constants. An open first axis is of size 1
//! unless a size is given; any other open axis needs one.
//!
//! Cost: linear in the file, n log n in its nodes. Held at once: the file, its weights, and some hundred bytes a node.

mod build;
mod call;
mod error;
mod external;
mod fold;
mod graph;
mod operators;
mod proto;
mod tensor;
mod value;
mod wire;
mod write;

pub use crate::files::WriteError;
pub use error::{GraphError, OnnxError, OnnxErrorKind};
pub use write::{WRITTEN_OPSET, to_bytes};

use std::path::Path;

use crate::budget::Budget;
use crate::files;
use crate::net::{Network, NetworkError, fuse};
use proto::Model;
use wire::Held;

/// The oldest and the newest opset that can be read.
pub const MIN_OPSET: i64 = 7;
/// The newest: all operators here mean the same in it as in opset 25.
pub const MAX_OPSET: i64 = 28;

/// How a file is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// Whether normalization is fused into weights where that is possible. The default is yes.
    pub fuse: bool,
    /// Sizes of symbolic dimensions, by name.
    pub dims: Vec<(String, usize)>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions { fuse: true, dims: Vec::new() }
    }
}

/// Reads a file, plain or compressed with gzip or xz (told by its first bytes). Where the budget has no memory limit, what
/// is held is limited to 1 GiB and 64 times the size of the model and its external data, decompressed.
pub fn read_file(path: &Path, options: &ReadOptions, budget: &Budget) -> Result<Network, OnnxError> {
    let bytes = files::read_file(path, budget)?;
    read_bytes(&bytes, path.parent(), options, budget).map_err(|e| e.in_file(path))
}

/// Reads a model in memory, plain or compressed. Data in other files lies in `folder`; without one it is an error.
pub fn read_bytes(
    bytes: &[u8],
    folder: Option<&Path>,
    options: &ReadOptions,
    budget: &Budget,
) -> Result<Network, OnnxError> {
    let bytes = files::decompress(bytes, budget)?;
    let mut held = Held::new(bytes.len(), budget)?;
    let model = Model::decode(&bytes, &mut held)?;
    let network = build::build(&model, folder, options, &mut held)?;
    if !options.fuse {
        return Ok(network);
    }
    fuse::fuse(&network, budget).map_err(|error| match error {
        NetworkError::Memory(error) => error.into(),
        NetworkError::Stopped(stop) => stop.into(),
        error => OnnxErrorKind::Fuse(error).into(),
    })
}

/// Writes the network to a file, compressed as its suffix says (`.gz`, `.xz`).
pub fn write_file(network: &Network, path: &Path, budget: &Budget) -> Result<(), WriteError> {
    files::write_file(path, &to_bytes(network, budget)?, budget)
}
