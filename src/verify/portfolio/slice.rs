//! What a slice of the portfolio did.

use crate::verify::Reason;

/// A slice: a procedure's share of a round, or the part of it that one call left room for.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    /// Counted from 0; each has twice the work of the one before.
    pub round: u32,
    /// Whose it was.
    pub procedure: String,
    /// Work that was granted.
    pub granted: u64,
    /// Work that was done: more than was granted where a step did not fit.
    pub work: u64,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// Subproblems that others had left and that this procedure has taken over, at the beginning.
    pub adopted: u64,
    /// Subproblems bounded, or asked of a host.
    pub bounded: u64,
    /// Disjuncts closed.
    pub closed: u64,
    /// Subproblems of this procedure that are open now.
    pub open: u64,
    /// How it ended.
    pub end: End,
}

/// How a slice ended.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// It was used up, or the call's budget; the procedure goes on in its next slice.
    Paused,
    /// With a witness.
    Sat,
    /// With nothing open: together with what others have closed there is no witness.
    Unsat,
    /// The procedure has done what it can.
    Exhausted(Reason),
    /// The procedure cannot go on, and says why. It is not asked again.
    Failed(String),
}

impl End {
    /// A word for it: `paused`, `sat`, `unsat`, `exhausted` or `failed`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            End::Paused => "paused",
            End::Sat => "sat",
            End::Unsat => "unsat",
            End::Exhausted(_) => "exhausted",
            End::Failed(_) => "failed",
        }
    }
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            End::Exhausted(reason) => write!(f, "exhausted ({})", reason.name()),
            End::Failed(why) => write!(f, "failed: {why}"),
            end => f.write_str(end.name()),
        }
    }
}
