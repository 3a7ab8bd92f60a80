//! ONNX in and out.

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

pub use crate::files::WriteError;
pub use error::{GraphError, OnnxError, OnnxErrorKind};

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

/// Reads a file, plain or compressed with gzip or xz (told by its first bytes).
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
    fuse::fuse(&network).map_err(|error| match error {
        NetworkError::Memory(error) => error.into(),
        error => OnnxErrorKind::Fuse(error).into(),
    })
}

/// The network as an ONNX model.
pub fn to_bytes(_network: &Network, budget: &Budget) -> Result<Vec<u8>, WriteError> {
    budget.check()?;
    Ok(Vec::new())
}

/// Writes the network to a file, compressed as its suffix says (`.gz`, `.xz`).
pub fn write_file(network: &Network, path: &Path, budget: &Budget) -> Result<(), WriteError> {
    files::write_file(path, &to_bytes(network, budget)?, budget)
}
