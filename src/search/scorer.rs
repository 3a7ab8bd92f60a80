//! What chooses the variable that is flipped next.

use super::problem::Problem;
use super::state::{Rng, State, Watch, Word};

/// A choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Choice {
    pub variable: u32,
    /// Whether it came from a random walk, without a look at scores.
    pub walk: bool,
}

/// Scores of variables, which its [`Watch`] keeps up to date, and the choice that follows from them.
pub(super) trait Scorer: std::fmt::Debug + Send {
    type Watch: Watch;

    /// What is told of flips.
    fn watch(&mut self) -> &mut Self::Watch;

    /// Takes up a state whose values were set, and counts there.
    fn begin<W: Word>(&mut self, problem: &Problem, state: &mut State<W>);

    /// The next variable to flip, where something is violated.
    fn choose<W: Word>(&mut self, problem: &Problem, state: &State<W>, rng: &mut Rng) -> Choice;

    /// Bytes held.
    fn bytes(&self) -> u64;
}
