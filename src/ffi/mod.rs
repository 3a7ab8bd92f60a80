//! The C ABI, one file a handle.
#![allow(unsafe_code)]

mod guard;
mod version;
