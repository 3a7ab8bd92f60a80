//! What goes wrong in a call, and where a thread keeps it.

use std::cell::RefCell;
use std::fmt::{Display, Write};

use super::status::anser_status;
use crate::budget::Stop;
use crate::count::CountError;
use crate::error::OutOfMemory;
use crate::files::{self, RecordError};
use crate::formula::dimacs::{ParseErrorKind, ReadError, WriteError};
use crate::formula::{FormulaError, LowerError};
use crate::net::onnx::{GraphError, OnnxError, OnnxErrorKind};
use crate::net::property::PropertyError;
use crate::net::vnnlib;
use crate::sample::SampleError;
use crate::sat::SatError;
use crate::search::SearchError;
use crate::solve::SolveError;
use crate::verify::canonical::CanonicalError;
use crate::verify::{FrontierError, VerifyError};

/// What a guarded body fails with. Its text is written into the thread's slot at once, without allocating: when memory
/// is out, an error must still come back.
#[derive(Debug)]
pub struct Failure {
    pub(super) status: anser_status,
    line: u64,
    column: u64,
    index: Option<u64>,
    stop: Option<Stop>,
}

impl Failure {
    pub(super) fn new(status: anser_status, message: impl Display) -> Self {
        with_slot(|slot| slot.text.set(&message));
        Failure { status, line: 0, column: 0, index: None, stop: None }
    }

    pub(super) fn invalid(message: impl Display) -> Self {
        Failure::new(anser_status::ANSER_STATUS_INVALID_ARGUMENT, message)
    }

    pub(super) fn null(argument: &str) -> Self {
        Failure::new(anser_status::ANSER_STATUS_NULL_ARGUMENT, format_args!("argument {argument} is NULL"))
    }

    pub(super) fn state(message: impl Display) -> Self {
        Failure::new(anser_status::ANSER_STATUS_INVALID_STATE, message)
    }

    pub(super) fn at_index(mut self, index: usize) -> Self {
        self.index = Some(index as u64);
        self
    }

    /// The same failure in other words.
    pub(super) fn saying(self, message: impl Display) -> Self {
        with_slot(|slot| slot.text.set(&message));
        self
    }

    pub(super) fn stopped(stop: Stop) -> Self {
        Failure { stop: Some(stop), ..Failure::new(anser_status::ANSER_STATUS_STOPPED, stop) }
    }
}

impl From<OutOfMemory> for Failure {
    fn from(e: OutOfMemory) -> Self {
        Failure::new(anser_status::ANSER_STATUS_OUT_OF_MEMORY, e)
    }
}

impl From<FormulaError> for Failure {
    fn from(e: FormulaError) -> Self {
        let failure = Failure::invalid(&e);
        match e {
            FormulaError::Literal { index, .. }
            | FormulaError::Offsets { index, .. }
            | FormulaError::Domain { index, .. }
            | FormulaError::Number { index, .. }
            | FormulaError::NotFinite { index, .. } => failure.at_index(index),
            FormulaError::Overflow { row } | FormulaError::ReifiedLinear { row } => failure.at_index(row),
            FormulaError::OutsideDomain { number, .. } => failure.at_index(number as usize),
            FormulaError::Memory(short) => short.into(),
            _ => failure,
        }
    }
}

impl From<ReadError> for Failure {
    fn from(e: ReadError) -> Self {
        let (line, column) = (e.line().unwrap_or(0), e.column().unwrap_or(0));
        match e {
            ReadError::Stopped(stop) => Failure::stopped(stop),
            ReadError::Memory(short) => short.into(),
            ReadError::Io { .. } => Failure::new(anser_status::ANSER_STATUS_IO, e),
            ReadError::Parse { ref kind, .. } => {
                let status = match kind {
                    ParseErrorKind::Unsupported(_) => anser_status::ANSER_STATUS_UNSUPPORTED,
                    _ => anser_status::ANSER_STATUS_PARSE,
                };
                Failure { line, column, ..Failure::new(status, e) }
            }
        }
    }
}

impl From<WriteError> for Failure {
    fn from(e: WriteError) -> Self {
        match e {
            WriteError::Stopped(stop) => Failure::stopped(stop),
            WriteError::Memory(short) => short.into(),
            WriteError::Io { .. } => Failure::new(anser_status::ANSER_STATUS_IO, e),
            WriteError::Unsayable { constraint, .. } | WriteError::Part { constraint, .. } => {
                let index = Some(constraint.0);
                Failure { index, ..Failure::new(anser_status::ANSER_STATUS_UNSUPPORTED, e) }
            }
            WriteError::Objective { .. } | WriteError::Numbers { .. } => {
                Failure::new(anser_status::ANSER_STATUS_UNSUPPORTED, e)
            }
        }
    }
}

impl From<files::WriteError> for Failure {
    fn from(e: files::WriteError) -> Self {
        match e {
            files::WriteError::Stopped(stop) => Failure::stopped(stop),
            files::WriteError::Memory(short) => short.into(),
            files::WriteError::Io { .. } => Failure::new(anser_status::ANSER_STATUS_IO, e),
        }
    }
}

impl From<OnnxError> for Failure {
    fn from(e: OnnxError) -> Self {
        let (status, node) = match e.kind() {
            OnnxErrorKind::Stopped(stop) => return Failure::stopped(*stop),
            OnnxErrorKind::Memory(short) => return (*short).into(),
            OnnxErrorKind::Io(_) | OnnxErrorKind::External { .. } => (anser_status::ANSER_STATUS_IO, None),
            OnnxErrorKind::Unsupported { node, .. } => (anser_status::ANSER_STATUS_UNSUPPORTED, Some(node)),
            OnnxErrorKind::Invalid { node, .. } | OnnxErrorKind::Node { node, .. } => {
                (anser_status::ANSER_STATUS_PARSE, Some(node))
            }
            OnnxErrorKind::Graph(
                GraphError::Cyclic(node) | GraphError::Undefined { node, .. } | GraphError::Producers { node, .. },
            ) => (anser_status::ANSER_STATUS_PARSE, Some(node)),
            _ => (anser_status::ANSER_STATUS_PARSE, None),
        };
        let index = node.map(|node| node.index as u64);
        Failure { index, ..Failure::new(status, e) }
    }
}

impl From<PropertyError> for Failure {
    fn from(e: PropertyError) -> Self {
        let failure = Failure::invalid(&e);
        match e {
            PropertyError::NotFinite { index, .. }
            | PropertyError::Crossed { index, .. }
            | PropertyError::Offset { index, .. }
            | PropertyError::Column { index, .. } => failure.at_index(index),
            PropertyError::Memory(short) => short.into(),
            _ => failure,
        }
    }
}

impl From<vnnlib::ReadError> for Failure {
    fn from(e: vnnlib::ReadError) -> Self {
        let (line, column) = (e.line().unwrap_or(0), e.column().unwrap_or(0));
        match e {
            vnnlib::ReadError::Stopped(stop) => Failure::stopped(stop),
            vnnlib::ReadError::Memory(short) => short.into(),
            vnnlib::ReadError::Io { .. } => Failure::new(anser_status::ANSER_STATUS_IO, e),
            vnnlib::ReadError::Data { .. } => Failure::new(anser_status::ANSER_STATUS_PARSE, e),
            vnnlib::ReadError::Parse { .. } => {
                let status = if e.is_unsupported() {
                    anser_status::ANSER_STATUS_UNSUPPORTED
                } else {
                    anser_status::ANSER_STATUS_PARSE
                };
                Failure { line, column, ..Failure::new(status, e) }
            }
        }
    }
}

impl From<CanonicalError> for Failure {
    fn from(e: CanonicalError) -> Self {
        match e {
            CanonicalError::Stopped(stop) => Failure::stopped(stop),
            CanonicalError::Memory(short) => short.into(),
            CanonicalError::Unbounded { index, .. } => {
                Failure::new(anser_status::ANSER_STATUS_UNSUPPORTED, e).at_index(index)
            }
            CanonicalError::TooMany { .. } | CanonicalError::Coefficient { .. } => {
                Failure::new(anser_status::ANSER_STATUS_UNSUPPORTED, e)
            }
        }
    }
}

impl From<VerifyError> for Failure {
    fn from(e: VerifyError) -> Self {
        match e {
            VerifyError::Stopped(stop) => Failure::stopped(stop),
            VerifyError::Memory(short) => short.into(),
            VerifyError::Canonical(error) => error.into(),
            VerifyError::Property(error) => error.into(),
            VerifyError::Size { .. } | VerifyError::Frontier(FrontierError::Other) => Failure::invalid(e),
            VerifyError::Frontier(FrontierError::Version(_) | FrontierError::Fingerprint(_))
            | VerifyError::Eval(_)
            | VerifyError::Bounds(_)
            | VerifyError::Encode(_) => Failure::new(anser_status::ANSER_STATUS_UNSUPPORTED, e),
            VerifyError::Formula(error) => error.into(),
            VerifyError::Unavailable { .. } => Failure::new(anser_status::ANSER_STATUS_BACKEND_UNAVAILABLE, e),
            VerifyError::Backend { .. } => Failure::new(anser_status::ANSER_STATUS_INTERNAL, e),
            VerifyError::NoPortfolio | VerifyError::Frontier(FrontierError::Portfolio) => Failure::state(e),
            VerifyError::Frontier(_) => Failure::new(anser_status::ANSER_STATUS_PARSE, e),
        }
    }
}

impl From<SatError> for Failure {
    fn from(e: SatError) -> Self {
        let status = match &e {
            SatError::Memory(_) => anser_status::ANSER_STATUS_OUT_OF_MEMORY,
            SatError::UnknownOption(_) | SatError::OptionRange { .. } => anser_status::ANSER_STATUS_INVALID_ARGUMENT,
            SatError::Proof(_) => anser_status::ANSER_STATUS_IO,
            SatError::ProofSize { .. } => anser_status::ANSER_STATUS_UNSUPPORTED,
            SatError::Environment(_) | SatError::Unusable => anser_status::ANSER_STATUS_INVALID_STATE,
            SatError::Contract(_) => anser_status::ANSER_STATUS_CALLBACK_FAILED,
            SatError::Undeclared(_) | SatError::NoPropagator(_) => anser_status::ANSER_STATUS_INVALID_ARGUMENT,
            SatError::Internal(_) => anser_status::ANSER_STATUS_INTERNAL,
        };
        Failure::new(status, e)
    }
}

impl From<LowerError> for Failure {
    fn from(e: LowerError) -> Self {
        match e {
            LowerError::Unsupported { .. } | LowerError::UnsupportedNumber { .. } | LowerError::Overflow { .. } => {
                Failure::new(anser_status::ANSER_STATUS_UNSUPPORTED, e)
            }
            LowerError::TooManyVariables => Failure::invalid(e),
            LowerError::Memory(short) => short.into(),
            LowerError::Stop(stop) => Failure::stopped(stop),
        }
    }
}

impl From<CountError> for Failure {
    fn from(e: CountError) -> Self {
        match e {
            CountError::Lower(e) => e.into(),
            CountError::Memory(e) => e.into(),
            CountError::Formula(e) => e.into(),
            CountError::Begun | CountError::NoTrace(_) => Failure::state(e),
        }
    }
}

impl From<SearchError> for Failure {
    fn from(e: SearchError) -> Self {
        match e {
            SearchError::Option { .. } | SearchError::NoWalker { .. } => Failure::invalid(e),
            SearchError::Unsupported(e) => e.into(),
            SearchError::Clauses { .. } => Failure::new(anser_status::ANSER_STATUS_UNSUPPORTED, e),
            SearchError::Formula(e) => e.into(),
            SearchError::Memory(e) => e.into(),
            SearchError::Stop(stop) => Failure::stopped(stop),
            SearchError::Thread(_) => Failure::new(anser_status::ANSER_STATUS_OUT_OF_MEMORY, e),
            SearchError::WrongModel(_) => Failure::new(anser_status::ANSER_STATUS_INTERNAL, e),
            SearchError::State(_) => Failure::state(e),
            SearchError::Host(_) => Failure::new(anser_status::ANSER_STATUS_CALLBACK_FAILED, e),
        }
    }
}

impl From<SampleError> for Failure {
    fn from(e: SampleError) -> Self {
        match e {
            SampleError::Solve(e) => e.into(),
            SampleError::Count(e) => e.into(),
            SampleError::Fingerprint(e) => e.into(),
            SampleError::Record(RecordError::Version(_)) => Failure::new(anser_status::ANSER_STATUS_UNSUPPORTED, e),
            SampleError::Record(_) => Failure::new(anser_status::ANSER_STATUS_PARSE, e),
            SampleError::Option { .. } | SampleError::Other => Failure::invalid(e),
        }
    }
}

impl From<SolveError> for Failure {
    fn from(e: SolveError) -> Self {
        match e {
            SolveError::Formula(e) => e.into(),
            SolveError::Backend(e) => e.into(),
            SolveError::Memory(e) => e.into(),
            SolveError::Lower(e) => e.into(),
            SolveError::State(_) => Failure::state(e),
            #[cfg(feature = "z3")]
            SolveError::Smt(e) => {
                use crate::smt::SmtError;
                let status = match &e {
                    SmtError::Version { .. } => anser_status::ANSER_STATUS_BACKEND_UNAVAILABLE,
                    SmtError::Memory(_) | SmtError::Thread(_) => anser_status::ANSER_STATUS_OUT_OF_MEMORY,
                    SmtError::Unusable => anser_status::ANSER_STATUS_INVALID_STATE,
                    SmtError::Internal(_) => anser_status::ANSER_STATUS_INTERNAL,
                };
                Failure::new(status, e)
            }
            #[cfg(feature = "highs")]
            SolveError::Milp(e) => {
                use crate::milp::MilpError;
                let status = match &e {
                    MilpError::Version => anser_status::ANSER_STATUS_BACKEND_UNAVAILABLE,
                    MilpError::TooLarge | MilpError::Weight => anser_status::ANSER_STATUS_UNSUPPORTED,
                    MilpError::Memory(_) => anser_status::ANSER_STATUS_OUT_OF_MEMORY,
                    MilpError::Internal | MilpError::Stopped(_) | MilpError::Formula(_) => {
                        anser_status::ANSER_STATUS_INTERNAL
                    }
                };
                Failure::new(status, e)
            }
            SolveError::Unavailable(_) => Failure::new(anser_status::ANSER_STATUS_BACKEND_UNAVAILABLE, e),
            SolveError::Propagator(..) => Failure::new(anser_status::ANSER_STATUS_CALLBACK_FAILED, e),
            SolveError::NoPropagator(_) => Failure::invalid(e),
            SolveError::WrongModel(_) => Failure::new(anser_status::ANSER_STATUS_INTERNAL, e),
        }
    }
}

/// A text of bounded length that ends in a NUL and is cut at the end of a character.
#[derive(Clone, Copy)]
struct Text {
    bytes: [u8; Text::SIZE],
    length: usize,
}

impl Text {
    /// Enough for a message about a path or a name of usual length.
    const SIZE: usize = 1024;
    const EMPTY: Text = Text { bytes: [0; Text::SIZE], length: 0 };

    fn set(&mut self, message: &dyn Display) {
        self.length = 0;
        let _ = write!(self, "{message}"); // full: the rest is cut
        self.bytes[self.length] = 0;
    }

    /// Puts `function: ` in front.
    fn put_in_front(&mut self, function: &str) {
        let prefix = function.len() + 2;
        let mut length = self.length.min(Text::SIZE - 1 - prefix);
        while length < self.length && self.bytes[length] & 0xC0 == 0x80 {
            length -= 1; // not through the middle of a character
        }
        self.bytes.copy_within(0..length, prefix);
        self.bytes[..function.len()].copy_from_slice(function.as_bytes());
        self.bytes[function.len()..prefix].copy_from_slice(b": ");
        self.length = prefix + length;
        self.bytes[self.length] = 0;
    }
}

impl std::fmt::Write for Text {
    fn write_str(&mut self, piece: &str) -> std::fmt::Result {
        for c in piece.chars() {
            let mut buffer = [0; 4];
            let encoded = if c == '\0' { "?" } else { c.encode_utf8(&mut buffer) }.as_bytes();
            let end = self.length + encoded.len();
            if end >= Text::SIZE {
                return Err(std::fmt::Error);
            }
            self.bytes[self.length..end].copy_from_slice(encoded);
            self.length = end;
        }
        Ok(())
    }
}

impl Slot {
    /// The text, which ends in a NUL and stays where it is.
    pub(super) fn text(&self) -> *const std::ffi::c_char {
        self.text.bytes.as_ptr().cast()
    }
}

/// A thread's last error.
#[derive(Clone, Copy)]
pub(super) struct Slot {
    text: Text,
    pub(super) line: u64,
    pub(super) column: u64,
    pub(super) index: Option<u64>,
    pub(super) stop: Option<Stop>,
}

thread_local! {
    // `const` and without a destructor: no allocation, and usable to the thread's very end.
    static LAST: RefCell<Slot> =
        const { RefCell::new(Slot { text: Text::EMPTY, line: 0, column: 0, index: None, stop: None }) };
}

fn with_slot(act: impl FnOnce(&mut Slot)) {
    let _ = LAST.try_with(|last| {
        if let Ok(mut slot) = last.try_borrow_mut() {
            act(&mut slot);
        }
    });
}

pub(super) fn clear() {
    with_slot(|slot| {
        slot.text.length = 0;
        slot.text.bytes[0] = 0;
        (slot.line, slot.column, slot.index, slot.stop) = (0, 0, None, None);
    });
}

/// Keeps what `function` failed with.
pub(super) fn keep(function: &str, failure: &Failure) {
    with_slot(|slot| {
        slot.text.put_in_front(function);
        (slot.line, slot.column) = (failure.line, failure.column);
        (slot.index, slot.stop) = (failure.index, failure.stop);
    });
}

/// What the slot holds, to be put back after a host's code ran.
pub(super) fn save() -> Option<Slot> {
    LAST.try_with(|last| last.try_borrow().ok().map(|slot| *slot)).ok().flatten()
}

pub(super) fn restore(saved: Option<Slot>) {
    if let Some(saved) = saved {
        with_slot(|slot| *slot = saved);
    }
}

/// Reads the slot.
pub(super) fn look<T>(otherwise: T, at: impl FnOnce(&Slot) -> T) -> T {
    LAST.try_with(|last| last.try_borrow().ok().map(|slot| at(&slot))).ok().flatten().unwrap_or(otherwise)
}
