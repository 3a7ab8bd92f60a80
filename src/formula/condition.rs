//! When a constraint must hold.

/// When a constraint must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Condition {
    /// Always.
    #[default]
    Plain,
    /// Where this literal is true; where it is false, the constraint may hold or not.
    Implied(i32),
    /// Where this literal is true, and only there: literal ↔ constraint.
    Reified(i32),
}

impl Condition {
    /// The literal, if there is one.
    #[must_use]
    pub fn literal(self) -> Option<i32> {
        match self {
            Condition::Plain => None,
            Condition::Implied(literal) | Condition::Reified(literal) => Some(literal),
        }
    }
}
