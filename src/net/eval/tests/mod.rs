//! What needs a look inside: what layers share.

#[allow(dead_code)]
#[path = "../../../../tests/eval/cases.rs"]
mod cases;
mod sharing;
