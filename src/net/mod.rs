//! Neural networks: what they compute, exactly.
//!
//! A [`Network`] is a list of layers over tensors of fixed shapes, each made only from tensors before it, so that there
//! is no cycle. It comes from an ONNX file or is built layer by layer. A *sample* is one value of
//! every input tensor; whatever batch axis the file had is part of the sample (of size 1 where the file left it open), and
//! evaluation takes many samples at once.
//!
//! The real function that a network stands for is that of its stored weights. Reading folds constants and, unless it is
//! asked not to, fuses normalization into weights; what that computes is rounded to 64 bits.

mod constant;
mod error;
pub mod eval;
pub mod fuse;
mod network;
pub mod onnx;
mod op;
pub mod property;
mod shape;
pub mod vnnlib;

pub use constant::{Constant, ElementType, Elements};
pub use error::NetworkError;
pub use network::{Layer, Network, NodeRef, Source, Tensor, TensorId};
pub use op::{Op, PadMode, Window};
pub use shape::broadcast;

/// The most elements that a tensor may have.
pub const MAX_ELEMENTS: usize = (1 << 31) - 1;

/// The most axes that a tensor may have.
pub const MAX_RANK: usize = 16;

/// How many elements a shape has, 1 for the empty one; every axis counts against [`MAX_ELEMENTS`], also beside one of size 0.
pub fn element_count(shape: &[usize]) -> Result<usize, NetworkError> {
    let too_large = || NetworkError::TooLarge { shape: shape.to_vec() };
    if shape.len() > MAX_RANK {
        return Err(too_large());
    }
    let within = shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d.max(1)).filter(|&n| n <= MAX_ELEMENTS));
    within.map(|n| if shape.contains(&0) { 0 } else { n }).ok_or_else(too_large)
}
