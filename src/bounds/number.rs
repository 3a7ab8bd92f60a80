//! The two precisions in which rows go back.
//!
//! In double precision what rounding can have done is accounted for, and bounds hold. In single precision it is not: that is for
//! an ascent, which looks for parameters only. Vectors have twice as many numbers there, and rows take half the memory.

use super::graph::{Graph, Role};
use crate::error::OutOfMemory;
use crate::net::eval::plan::Plan;
use crate::net::eval::real::Real;

/// `f32` or `f64`.
pub(crate) trait Number: Real {
    /// Whether errors are accounted for.
    const SOUND: bool;
    /// Infinity.
    const INFINITY: Self;
    /// The square of what is smaller does not overflow, and can be added up.
    const LARGE: Self;
    /// The square of what is larger does not underflow, or no more than ever matters.
    const SMALL: Self;

    /// The square root.
    fn sqrt(self) -> Self;

    /// The numbers, where errors are accounted for.
    fn sound(values: &[Self]) -> Option<&[f64]>;

    /// The graph's steps in this precision.
    fn plan(graph: &Graph) -> Result<&Plan<Self>, OutOfMemory>;

    /// What a linear step adds, where it is not all zeros.
    fn bias(graph: &Graph, step: usize) -> Result<Option<&[Self]>, OutOfMemory>;
}

impl Number for f64 {
    const SOUND: bool = true;
    const INFINITY: Self = f64::INFINITY;
    const LARGE: Self = 1e150;
    const SMALL: Self = f64::MIN_POSITIVE;

    #[inline(always)]
    fn sqrt(self) -> Self {
        f64::sqrt(self)
    }

    fn sound(values: &[Self]) -> Option<&[f64]> {
        Some(values)
    }

    fn plan(graph: &Graph) -> Result<&Plan<Self>, OutOfMemory> {
        Ok(&graph.plan)
    }

    fn bias(graph: &Graph, step: usize) -> Result<Option<&[Self]>, OutOfMemory> {
        Ok(match &graph.roles[step] {
            Role::Linear { bias, .. } => bias.as_deref(),
            _ => None,
        })
    }
}

impl Number for f32 {
    const SOUND: bool = false;
    const INFINITY: Self = f32::INFINITY;
    const LARGE: Self = 1e18;
    const SMALL: Self = 1e-18;

    #[inline(always)]
    fn sqrt(self) -> Self {
        f32::sqrt(self)
    }

    fn sound(_: &[Self]) -> Option<&[f64]> {
        None
    }

    fn plan(graph: &Graph) -> Result<&Plan<Self>, OutOfMemory> {
        Ok(&graph.narrow()?.plan)
    }

    fn bias(graph: &Graph, step: usize) -> Result<Option<&[Self]>, OutOfMemory> {
        Ok(graph.narrow()?.biases[step].as_deref())
    }
}
