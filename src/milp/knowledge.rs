//! What whoever made a program may know of its points beyond what the rows say.

use super::MilpError;
use crate::budget::Budget;

/// Tightens parts before their linear programs are solved, and may say where to cut them.
pub(crate) trait Knowledge: std::fmt::Debug + Send {
    /// Tightens bounds of columns, the variables and then the numbers, so that the part keeps a point of the formulas if it
    /// has one: that is what verdicts rest on.
    fn tighten(&mut self, lower: &mut [f64], upper: &mut [f64], budget: &Budget) -> Result<Known, MilpError>;
}

/// What is known of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// It has no point.
    Empty,
    /// It may have some. A column, of a real too, at the middle of which it is to be cut at once, where its linear program
    /// would hardly say anything.
    Open { branch: Option<usize> },
}
