//! temporary stub
#![allow(missing_docs, dead_code)]
use super::Formula; use crate::budget::{Budget, Stop}; use crate::error::OutOfMemory; use std::path::Path; use std::io::Write;
#[derive(Debug, thiserror::Error)]
pub enum ReadError { #[error("io")] Io { path: Option<std::path::PathBuf> }, #[error("p")] Parse { line: u64, column: u64 }, #[error("s")] Stopped(Stop), #[error(transparent)] Memory(#[from] OutOfMemory) }
impl ReadError { pub fn line(&self)->Option<u64>{None} pub fn column(&self)->Option<u64>{None} }
#[derive(Debug, thiserror::Error)]
pub enum WriteError { #[error("io")] Io(std::io::Error), #[error("s")] Stopped(Stop) }
pub fn read_file(_: &Path, _: &Budget) -> Result<Formula, ReadError> { Err(ReadError::Io{path:None}) }
pub fn read_bytes(_: &[u8], _: &Budget) -> Result<Formula, ReadError> { Err(ReadError::Io{path:None}) }
pub fn write(_: &Formula, _: impl Write, _: &Budget) -> Result<(), WriteError> { Ok(()) }
pub fn write_file(_: &Formula, _: &Path, _: &Budget) -> Result<(), WriteError> { Ok(()) }
