//! Scores from outside: a host computes them for many walkers at once, on a device if it has one.
//!
//! | part | what it does |
//! |---|---|
//! | `graph` | the formula as arrays that a device can take over |
//! | `memory` | arrays at addresses that stay, in blocks that the host may have allocated |
//! | `slot` | what goes to the host about some walkers, and what comes back |
//! | `row` | the choice that follows from one walker's scores |
//! | `asker` | a walker that waits for answers |
//! | `rounds` | the walkers of all slots, round by round |
//!
//! A copy to a device and a launch take some 10 µs, so that one flip a call is the wrong shape for one: a call is about many
//! walkers, and only about those that need an answer, for random steps are decided and made before. What one call takes is hidden
//! behind another: walkers are divided among slots, each with arrays of its own at addresses that never change.
//!
//! In a round every walker gets one answer and goes on to its next question. Rounds do not depend on how walkers are divided, so
//! neither does what is found; that a host's answers do not either is the host's to say ([`Plan::deterministic`]).

mod asker;
mod graph;
mod memory;
mod rounds;
mod row;
mod slot;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use graph::{CARDINALITY, CLAUSE, Csr, Graph, Offsets, PSEUDO_BOOLEAN, XOR};
pub use memory::HostMemory;
pub(super) use rounds::Rounds;

/// The most slots of a scorer.
pub const MOST_SLOTS: u32 = 8;

/// The most scorers of a search.
pub const MOST_SCORERS: usize = 64;

/// Ends a row of variables.
pub const END: u32 = u32::MAX;

/// What a host answers about a walker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// A score for each variable.
    Scores,
    /// The best variables, with a score each, in any order.
    Top,
    /// Variables to flip, one after the other.
    Flips,
}

/// Of scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// 32 bits.
    F32,
    /// 64 bits.
    F64,
    /// 16 bits, IEEE 754.
    F16,
    /// The upper half of 32 bits.
    Bf16,
}

impl Element {
    /// Bytes.
    #[must_use]
    pub fn size(self) -> usize {
        match self {
            Element::F64 => 8,
            Element::F32 => 4,
            Element::F16 | Element::Bf16 => 2,
        }
    }
}

/// How assignments are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BitOrder {
    /// A row a walker.
    WalkerMajor,
    /// A row a variable.
    VariableMajor,
}

/// What the search and a host agree upon: the search proposes, the host changes what it may.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Variables of the graph. Not to be changed.
    pub num_vars: u32,
    /// Its constraints. Not to be changed.
    pub num_constraints: u32,
    /// Literals of all its constraints. Not to be changed.
    pub nnz: u64,
    /// Walkers of this scorer. Not to be changed.
    pub num_walkers: u32,
    /// Flips of a try; `u64::MAX` for no end. Not to be changed.
    pub flips: u64,
    /// The most walkers of a slot: to be lowered only. Those that slots have no room for are left out, the others shared evenly.
    pub walkers_per_slot: u32,
    /// Slots in flight, 1 to 8; 1 where answers are there when `submit` returns.
    pub num_slots: u32,
    /// What is answered.
    pub output: Output,
    /// Of scores.
    pub element: Element,
    /// Variables of a row of `Top`, at most; flips of a row of `Flips`, at most.
    pub k: u32,
    /// Of assignments.
    pub bit_order: BitOrder,
    /// A power of two from 4 to 4096: arrays and their rows are aligned so.
    pub row_align: u32,
    /// How long an answer may take; for ever if not given.
    pub timeout: Option<Duration>,
    /// Probability of a random step before each question; 1/2 if not given, and 0 for `Flips` with k above 1.
    pub walk: Option<f64>,
    /// The same questions get the same answers. For the record: nothing depends on it.
    pub deterministic: bool,
    /// All rows of assignments are kept up to date, not only those of walkers that began anew.
    pub full_bits: bool,
    /// The host has made the flips that it answered: it is not told of them.
    pub keeps_flips: bool,
}

/// What the host is asked about some walkers of a slot; it may also be told of others. Arrays are at the same addresses in
/// every call for the slot, and the host's from `submit` until its answer was collected.
#[derive(Debug, Clone, Copy)]
pub struct Batch {
    /// Its number among the calls of the scorer, from 1.
    pub seq: u64,
    /// Number of local walker 0 in the whole search.
    pub first_walker: u64,
    /// Which slot of the scorer it is.
    pub slot: u32,
    /// Rows: walkers that need an answer.
    pub size: u32,
    /// Local numbers of these walkers, ascending.
    pub walkers: *const u32,
    /// Local numbers of walkers whose assignments are to be taken from `bits`.
    pub reload: *const u32,
    /// How many.
    pub num_reload: u64,
    /// Local numbers of walkers that never come back.
    pub retired: *const u32,
    /// How many.
    pub num_retired: u64,
    /// Pairs of a local number and a variable that was flipped since the last call for this slot, in this order; not of walkers
    /// in `reload`.
    pub flips: *const [u32; 2],
    /// How many.
    pub num_flips: u64,
    /// Assignments, a bit a variable.
    pub bits: *const u32,
    /// Words from row to row.
    pub bits_stride: u64,
    /// Violated constraints, a row.
    pub num_unsat: *const u64,
    /// A random key, a row: of the walker and its question, whatever the slots.
    pub rng: *const u64,
    /// The most flips that a row of `Flips` may have: `k` at most, and what is left of the try.
    pub limits: *const u32,
    /// Scores, a row.
    pub out: *mut u8,
    /// Bytes from row to row.
    pub out_stride: u64,
    /// Variables, a row: of `Top` and `Flips`.
    pub out_index: *mut u32,
    /// Bytes from row to row.
    pub out_index_stride: u64,
    /// The most flips that a batch of the slot lists.
    pub max_flips: u64,
    /// `size`, `num_reload`, `num_retired` and `num_flips` once more, where the arrays are.
    pub counts: *const u64,
}

/// That a host's function did not do what it was called for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It says so.
    Code {
        /// What it answered.
        code: i32,
        /// What it says about that, which may be nothing.
        text: String,
    },
    /// It threw an exception, and has this to say, which may be nothing.
    Threw(String),
    /// It answered what it must not: what is wrong.
    Wrong(String),
}

/// A host that scores. Its functions are called by the thread that is inside a call of the search, one at a time.
pub trait HostScorer: Send + Sync {
    /// Whether [`collect`](HostScorer::collect) is to be called: else answers are there when [`submit`](HostScorer::submit)
    /// returns.
    fn is_asynchronous(&self) -> bool {
        false
    }

    /// Changes what it likes of what is proposed.
    fn plan(&mut self, _plan: &mut Plan) -> Result<(), Refusal> {
        Ok(())
    }

    /// Memory for a slot, or nothing, where the search is to allocate it.
    fn allocate(&mut self, _bytes: usize, _align: usize) -> Result<Option<HostMemory>, Refusal> {
        Ok(None)
    }

    /// Takes it back.
    fn deallocate(&mut self, _memory: HostMemory, _bytes: usize) {}

    /// What all batches will be about: the graph, which stays where it is until [`release`](HostScorer::release), the plan as
    /// it was settled, and the slots with the addresses that they will have.
    fn prepare(&mut self, graph: &Graph, plan: &Plan, slots: &[Batch]) -> Result<(), Refusal>;

    /// Asks. It is not to wait where the host is asynchronous.
    fn submit(&mut self, batch: &Batch) -> Result<(), Refusal>;

    /// Whether the answer for a slot is there, waiting so long at most. Asked in the order of submitting.
    fn collect(&mut self, _slot: u32, _timeout: Duration) -> Result<bool, Refusal> {
        Ok(true)
    }

    /// Comes back when nothing is read or written any more. Where that cannot be, memory is left to the host for ever.
    fn drain(&mut self) -> Result<(), Refusal> {
        Ok(())
    }

    /// The last call.
    fn release(&mut self) {}
}

/// What went wrong with a host.
#[derive(Debug, Clone, thiserror::Error)]
pub enum HostError {
    /// A function of it answered that it did.
    #[error("scorer {scorer}: {call} answered {code}{}{text}", if text.is_empty() { "" } else { ": " })]
    Refused {
        /// Its number.
        scorer: usize,
        /// The function.
        call: &'static str,
        /// The answer.
        code: i32,
        /// What the host says.
        text: String,
    },
    /// A function of it answered what it must not.
    #[error("scorer {scorer}: {call}: {text}")]
    Wrong {
        /// Its number.
        scorer: usize,
        /// The function.
        call: &'static str,
        /// What is wrong.
        text: String,
    },
    /// A function of it threw an exception.
    #[error("scorer {scorer}: {call} threw an exception{}{text}", if text.is_empty() { "" } else { ": " })]
    Threw {
        /// Its number.
        scorer: usize,
        /// The function.
        call: &'static str,
        /// What the host says.
        text: String,
    },
    /// Its plan cannot be.
    #[error("scorer {scorer}: plan: {field} = {value}: it must be {allowed}")]
    Plan {
        /// Its number.
        scorer: usize,
        /// What cannot be so.
        field: &'static str,
        /// What it is.
        value: u64,
        /// What it may be.
        allowed: &'static str,
    },
    /// No answer in time.
    #[error("scorer {scorer}: no answer for slot {slot} within {seconds} s")]
    Late {
        /// Its number.
        scorer: usize,
        /// The slot.
        slot: u32,
        /// The limit.
        seconds: f64,
    },
    /// A score is +∞ or no number.
    #[error("scorer {scorer}: the score of variable {variable} (from 0) of walker {walker} is {value}")]
    Score {
        /// Its number.
        scorer: usize,
        /// The walker, in the whole search.
        walker: u64,
        /// The variable.
        variable: u32,
        /// The score.
        value: f64,
    },
    /// There is no such variable.
    #[error("scorer {scorer}: variable {variable} at place {place} of walker {walker}: they end before {num_vars}")]
    Variable {
        /// Its number.
        scorer: usize,
        /// The walker, in the whole search.
        walker: u64,
        /// Where in the row.
        place: usize,
        /// The variable.
        variable: u32,
        /// How many there are.
        num_vars: u32,
    },
    /// More flips than were asked for.
    #[error("scorer {scorer}: more than {limit} flips for walker {walker}")]
    Flips {
        /// Its number.
        scorer: usize,
        /// The walker, in the whole search.
        walker: u64,
        /// The most.
        limit: u32,
    },
}

impl HostError {
    fn of(scorer: usize, call: &'static str, refusal: Refusal) -> Self {
        match refusal {
            Refusal::Code { code, text } => HostError::Refused { scorer, call, code, text },
            Refusal::Threw(text) => HostError::Threw { scorer, call, text },
            Refusal::Wrong(text) => HostError::Wrong { scorer, call, text },
        }
    }

    /// What the host answered, where it did so.
    #[must_use]
    pub fn code(&self) -> i32 {
        match self {
            HostError::Refused { code, .. } => *code,
            HostError::Threw { .. } => i32::MIN,
            _ => 0,
        }
    }
}
