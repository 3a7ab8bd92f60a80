//! Why a file is not a network.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::budget::Stop;
use crate::error::OutOfMemory;
use crate::files::{Damage, ReadError};
use crate::net::{NetworkError, NodeRef};

/// Why no network came out of ONNX, and of which file.
#[derive(Debug)]
pub struct OnnxError {
    path: Option<PathBuf>,
    kind: Box<OnnxErrorKind>,
}

/// Why no network came out of ONNX.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OnnxErrorKind {
    /// The file could not be opened or read.
    #[error("{0}")]
    Io(io::Error),
    /// Compressed data is damaged.
    #[error("{0}")]
    Damaged(Damage),
    /// The bytes are no ONNX model.
    #[error("no ONNX model: {what}{}", at(*offset))]
    Malformed {
        /// What is wrong.
        what: String,
        /// The byte (of the decompressed data) where it was noticed, where there is one.
        offset: Option<usize>,
    },
    /// Nodes and tensors make no graph.
    #[error("{0}")]
    Graph(GraphError),
    /// A node needs what this library does not have.
    #[error("{}: unsupported: {why}", place(node, *opset))]
    Unsupported {
        /// The node.
        node: NodeRef,
        /// The opset of its domain; 0 where the file imports none.
        opset: i64,
        /// What is not supported.
        why: String,
    },
    /// A node's attributes or inputs are not what its operator takes.
    #[error("{}: {why}", place(node, *opset))]
    Invalid {
        /// The node.
        node: NodeRef,
        /// The opset of its domain.
        opset: i64,
        /// What is wrong.
        why: String,
    },
    /// A layer was refused.
    #[error("{}: {error}", place(node, *opset))]
    Node {
        /// The node.
        node: NodeRef,
        /// The opset of its domain.
        opset: i64,
        /// Why.
        error: NetworkError,
    },
    /// A stored tensor cannot be used.
    #[error("tensor {name:?}: {why}")]
    Tensor {
        /// Its name; that of the node where it is an attribute.
        name: String,
        /// Why.
        why: String,
    },
    /// A tensor's data lies in another file, and did not come from there.
    #[error("tensor {tensor:?}: external data {location:?}: {why}")]
    External {
        /// The tensor.
        tensor: String,
        /// Where the file says its data is.
        location: String,
        /// Why it was not read.
        why: String,
    },
    /// An input of the graph has a type or shape that does not do.
    #[error("input {name:?}: {why}")]
    Input {
        /// Its name.
        name: String,
        /// Why.
        why: String,
    },
    /// An output of the graph is not what the file declares, or cannot be one.
    #[error("output {name:?}: {why}")]
    Output {
        /// Its name.
        name: String,
        /// Why.
        why: String,
    },
    /// Normalization could not be fused into weights; [`super::ReadOptions::fuse`] turns that off.
    #[error("fusing layers: {0}")]
    Fuse(NetworkError),
    /// The budget ended the call.
    #[error("reading stopped: {0}")]
    Stopped(Stop),
    /// No memory.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
}

/// Why nodes and tensors make no graph.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// A node needs its own output.
    #[error("{}: its inputs depend on its outputs", node_name(.0))]
    Cyclic(NodeRef),
    /// Nothing makes this tensor.
    #[error("{}: nothing makes its input {tensor:?}", node_name(node))]
    Undefined {
        /// The node that wants it.
        node: NodeRef,
        /// The tensor.
        tensor: String,
    },
    /// Nothing makes this output.
    #[error("nothing makes the output {0:?}")]
    UndefinedOutput(String),
    /// Two inputs, initializers or outputs have the same name.
    #[error("{what} {name:?} is there twice")]
    Duplicate {
        /// What: an input, an initializer, an output.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A node makes a tensor that an earlier node, an input or an initializer makes already.
    #[error("{}: tensor {tensor:?} has another producer", node_name(node))]
    Producers {
        /// The later node.
        node: NodeRef,
        /// The tensor.
        tensor: String,
    },
}

impl OnnxError {
    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> &OnnxErrorKind {
        &self.kind
    }

    /// The file, where it came from one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The same error, about this file.
    #[must_use]
    pub(super) fn in_file(mut self, path: &Path) -> Self {
        self.path = Some(path.to_path_buf());
        self
    }
}

impl fmt::Display for OnnxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        write!(f, "{}", self.kind)
    }
}

impl std::error::Error for OnnxError {}

impl From<OnnxErrorKind> for OnnxError {
    fn from(kind: OnnxErrorKind) -> Self {
        OnnxError { path: None, kind: Box::new(kind) }
    }
}

impl From<GraphError> for OnnxError {
    fn from(error: GraphError) -> Self {
        OnnxErrorKind::Graph(error).into()
    }
}

impl From<Stop> for OnnxError {
    fn from(stop: Stop) -> Self {
        OnnxErrorKind::Stopped(stop).into()
    }
}

impl From<OutOfMemory> for OnnxError {
    fn from(error: OutOfMemory) -> Self {
        OnnxErrorKind::Memory(error).into()
    }
}

impl From<ReadError> for OnnxError {
    fn from(error: ReadError) -> Self {
        let (path, kind) = match error {
            ReadError::Io { path, source } => (path, OnnxErrorKind::Io(source)),
            ReadError::Damaged { path, damage } => (path, OnnxErrorKind::Damaged(damage)),
            ReadError::Stopped(stop) => (None, OnnxErrorKind::Stopped(stop)),
            ReadError::Memory(error) => (None, OnnxErrorKind::Memory(error)),
        };
        OnnxError { path, kind: Box::new(kind) }
    }
}

fn at(offset: Option<usize>) -> String {
    offset.map_or_else(String::new, |o| format!(", at byte {o}"))
}

fn node_name(node: &NodeRef) -> String {
    match node.name.as_str() {
        "" => format!("node {} ({})", node.index, node.op),
        name => format!("node {} {name:?} ({})", node.index, node.op),
    }
}

fn place(node: &NodeRef, opset: i64) -> String {
    let mut text = node_name(node);
    text.pop();
    format!("{text}, opset {opset})")
}
