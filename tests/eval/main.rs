//! Evaluation and gradients of networks, against definitions and finite differences.

mod cases;
mod fusion;
mod gradients;
mod limits;
mod reference;
mod values;
