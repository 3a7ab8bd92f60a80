//! VNN-LIB: properties of neural networks as text.
//!
//! **Version 1.0**, as VNN-COMP uses it, is a set of SMT-LIB commands: `(declare-const X_i Real)` for inputs and `Y_i` for
//! outputs, numbered from 0 through all tensors without gaps, in any order; `(assert …)` with `and`, `or`, `not`, `=>`,
//! `ite`, `true`, `false` over `<`, `<=`, `>`, `>=`, `=`, `!=`, `distinct` over linear expressions of `+`, `-`, `*`.
//! (C. Brix, S. Bak, T. Johnson, H. Wu, "The Fifth International Verification of Neural Networks Competition", 2024;
//! S. Demarchi and others, "Supporting Standardization of Neural Networks Verification with VNNLIB and CoCoNet", 2023.)
//!
//! **Version 2.0** begins with `(vnnlib-version <2.0>)` and one `declare-network` of typed tensors; the supported part is
//! its scalar core: elements `X[0,1]` and scalars, `and`, `or`, `<`, `<=`, `>`, `>=`, `==`, `!=`, `+`, `-`, `*`. Hidden
//! nodes, several networks, ONNX names, whole tensors and elements that are no reals are refused as unsupported. Two
//! things are taken beside the grammar: exponents (`1e-3`), and whole numbers where elements are real. Element types
//! other than `Real` are kept, but values are not rounded to them.
//!
//! Comments run from `;` to the end of the line; gzip and xz are told by their first bytes. Every decimal denotes the
//! nearest double. Reading takes linear time, one pass, without recursion: depth is bounded by memory only. It counts no
//! work. Figures: `benches/property.rs`.

mod declare;
mod error;
mod expression;
mod lexer;
mod linear;
mod numeral;
mod parse;
mod write;

use std::borrow::Cow;
use std::path::Path;

pub use crate::files::WriteError;
pub use error::{Feature, ParseErrorKind, ReadError};
pub use write::to_string;

use super::property::Property;
use crate::budget::Budget;
use crate::files;

/// Reads a property from memory, gzip and xz included.
///
/// # Errors
///
/// What [`ReadError`] lists. The memory limit covers what reading holds, not `bytes` itself.
pub fn read_bytes(bytes: &[u8], budget: &Budget) -> Result<Property, ReadError> {
    let text = files::decompress(bytes, budget)?;
    let held = if let Cow::Owned(text) = &text { text.capacity() as u64 } else { 0 };
    parse::parse(&text, held, budget)
}

/// Reads a property from a file, gzip and xz included.
///
/// # Errors
///
/// What [`ReadError`] lists, with the file's name. The memory limit covers the text and what reading holds.
pub fn read_file(path: impl AsRef<Path>, budget: &Budget) -> Result<Property, ReadError> {
    let path = path.as_ref();
    let text = files::read_file(path, budget)?;
    parse::parse(&text, text.capacity() as u64, budget).map_err(|error| error.in_file(path))
}

/// Writes a property to a file in the version that [`to_string`] uses, compressed as the suffix says (`.gz`, `.xz`). The
/// file appears under its name when it is complete.
///
/// # Errors
///
/// What [`WriteError`] lists.
pub fn write_file(property: &Property, path: impl AsRef<Path>, budget: &Budget) -> Result<(), WriteError> {
    files::write_file(path.as_ref(), to_string(property, budget)?.as_bytes(), budget)
}
