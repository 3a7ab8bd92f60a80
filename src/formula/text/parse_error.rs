//! What may be wrong with a text.

use crate::files::Damage;
use crate::formula::MAX_VAR;

/// Which number of the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Count {
    /// The first: variables.
    Variables,
    /// The second: clauses.
    Clauses,
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Count::Variables => "variables",
            Count::Clauses => "clauses",
        })
    }
}

/// What the formats can say and this library cannot take yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Feature {
    /// A sum to maximise.
    Maximum,
    /// Constraints that may be violated at a cost (WBO).
    SoftConstraints,
    /// A weight before more than one literal.
    Products,
}

impl std::fmt::Display for Feature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Feature::Maximum => "a sum to maximise (minimise its negation)",
            Feature::SoftConstraints => "soft constraints",
            Feature::Products => "products of literals",
        })
    }
}

/// What is wrong with a text. Quoted input is escaped as in a Rust byte string.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseErrorKind {
    /// Not one byte.
    #[error("the input is empty")]
    Empty,
    /// The text ends, or a clause begins, and there was no header of DIMACS.
    #[error("the header `p cnf VARIABLES CLAUSES` is missing")]
    MissingHeader,
    /// The header is not `p cnf VARIABLES CLAUSES`.
    #[error("malformed header: expected {expected}, found {found}")]
    MalformedHeader {
        /// What should stand there.
        expected: &'static str,
        /// The word that stands there, quoted, or `the end of the line`.
        found: String,
    },
    /// The header's line goes on and on.
    #[error("malformed header: its line is longer than {0} bytes")]
    LongHeader(usize),
    /// A count of the header is negative.
    #[error("the header promises a negative number of {count}, {found}")]
    NegativeCount {
        /// Which one.
        count: Count,
        /// As written.
        found: String,
    },
    /// The header promises more variables than [`MAX_VAR`].
    #[error("the header promises {found} variables, the most is {MAX_VAR}")]
    TooManyVariables {
        /// As written.
        found: String,
    },
    /// The header promises more clauses than 64 bits can count.
    #[error("the header promises {found} clauses, the most is {}", u64::MAX)]
    TooManyClausesPromised {
        /// As written.
        found: String,
    },
    /// Another header.
    #[error("a second header")]
    SecondHeader,
    /// A literal's variable exceeds the header's number.
    #[error("literal {literal} is beyond the header's {variables} variables")]
    LiteralBeyondHeader {
        /// The literal.
        literal: i32,
        /// What the header promised.
        variables: u32,
    },
    /// A literal's variable exceeds [`MAX_VAR`].
    #[error("literal {} is out of range, the largest variable is {MAX_VAR}", wide(*.negative, *.variable))]
    LiteralOutOfRange {
        /// Whether a minus sign stands before it.
        negative: bool,
        /// Its variable; `u64::MAX` stands for anything from there on.
        variable: u64,
    },
    /// `-0`.
    #[error("`-0` is neither a literal nor the end of a clause")]
    NegativeZero,
    /// A minus sign that no digit follows, in DIMACS.
    #[error("a minus sign without a number")]
    LoneMinus,
    /// A byte that cannot stand there.
    #[error("unexpected byte `{}`", std::ascii::escape_default(*.0))]
    UnexpectedByte(u8),
    /// A NUL byte outside a comment.
    #[error("unexpected NUL byte, this is not a text file")]
    NulByte,
    /// A variable of the sampling set exceeds the header's number, which may come later.
    #[error("variable {variable} of the sampling set is beyond the header's {variables} variables")]
    SamplingBeyondHeader {
        /// The variable.
        variable: u32,
        /// What the header promises.
        variables: u32,
    },
    /// A line `c ind` or `c p show` ends without 0.
    #[error("the line of the sampling set does not end with 0")]
    SamplingMissingZero,
    /// The text ends, or a parity begins, within a clause.
    #[error("the last clause does not end with 0")]
    MissingZero,
    /// The text ends before the header's last clause.
    #[error("the header promises {promised} clauses, there are only {found}")]
    TooFewClauses {
        /// What the header says.
        promised: u64,
        /// How many there are.
        found: u64,
    },
    /// A clause begins after the header's last.
    #[error("there are more clauses than the {promised} of the header")]
    TooManyClauses {
        /// What the header says.
        promised: u64,
    },
    /// Something else should stand here.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What should stand there.
        expected: &'static str,
        /// The byte that stands there, quoted, or `the end of the text`.
        found: String,
    },
    /// Neither a constraint nor a header in the OPB text.
    #[error("there is neither a constraint nor the header `* #variable= VARIABLES #constraint= CONSTRAINTS`")]
    NothingSaid,
    /// `x0`.
    #[error("`x0` is no variable, they are counted from 1")]
    VariableZero,
    /// A weight or bound that 64 bits cannot hold.
    #[error("a number beyond 2^63 - 1")]
    NumberTooLarge,
    /// Weights and bound that 64 bits cannot hold together.
    #[error("the magnitudes of weights and bound add up to more than 2^63 - 1")]
    SumTooLarge,
    /// The text ends before the header's last constraint.
    #[error("the header promises {promised} constraints, there are only {found}")]
    TooFewConstraints {
        /// What the header says; `u64::MAX` stands for anything from there on.
        promised: u64,
        /// How many there are.
        found: u64,
    },
    /// Well-formed so far, and nothing that this library takes.
    #[error("not supported: {0}")]
    Unsupported(Feature),
    /// Compressed data is damaged. The place is where the text breaks off, or for xz at most a chunk earlier.
    #[error(transparent)]
    Damaged(#[from] Damage),
}

fn wide(negative: bool, variable: u64) -> String {
    let sign = if negative { "-" } else { "" };
    let more = if variable == u64::MAX { " or beyond" } else { "" };
    format!("{sign}{variable}{more}")
}
