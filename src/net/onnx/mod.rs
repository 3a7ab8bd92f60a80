//! ONNX in and out.

mod error;

pub use crate::files::WriteError;
pub use error::{GraphError, OnnxError, OnnxErrorKind};

use std::path::Path;

use crate::budget::Budget;
use crate::files;
use crate::net::Network;

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

/// Reads a model in memory, plain or compressed.
pub fn read_bytes(
    _bytes: &[u8],
    _folder: Option<&Path>,
    _options: &ReadOptions,
    _budget: &Budget,
) -> Result<Network, OnnxError> {
    Err(OnnxErrorKind::Malformed { what: "not written yet".to_owned(), offset: None }.into())
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
