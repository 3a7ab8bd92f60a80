//! What needs a look inside: what layers share, and the instruction sets that this machine would not pick.

#[allow(dead_code)]
#[path = "../../../../tests/eval/cases.rs"]
mod cases;
#[allow(dead_code)]
#[path = "../../../../tests/eval/reference.rs"]
mod reference;
mod sets;
mod sharing;
