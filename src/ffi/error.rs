//! The thread's last error: text and places.

use std::cell::RefCell;
use std::ffi::c_char;
use std::fmt::{Display, Write};

use super::guard::guard_keeping_error;
use super::status::anser_status;
use super::{anser_stop_reason, stop_reason};
use crate::budget::Stop;
use crate::error::OutOfMemory;
use crate::formula::FormulaError;
use crate::formula::dimacs::{ReadError, WriteError};
use crate::sat::SatError;
use crate::solve::SolveError;

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

    fn stopped(stop: Stop) -> Self {
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
            FormulaError::Literal { index, .. } | FormulaError::Offsets { index, .. } => failure.at_index(index),
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
            ReadError::Parse { .. } => Failure { line, column, ..Failure::new(anser_status::ANSER_STATUS_PARSE, e) },
        }
    }
}

impl From<WriteError> for Failure {
    fn from(e: WriteError) -> Self {
        match e {
            WriteError::Stopped(stop) => Failure::stopped(stop),
            WriteError::Memory(short) => short.into(),
            WriteError::Io { .. } => Failure::new(anser_status::ANSER_STATUS_IO, e),
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
            SatError::Internal(_) => anser_status::ANSER_STATUS_INTERNAL,
        };
        Failure::new(status, e)
    }
}

impl From<SolveError> for Failure {
    fn from(e: SolveError) -> Self {
        match e {
            SolveError::Formula(e) => e.into(),
            SolveError::Backend(e) => e.into(),
            SolveError::Memory(e) => e.into(),
            SolveError::State(_) => Failure::state(e),
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

/// A thread's last error.
#[derive(Clone, Copy)]
pub(super) struct Slot {
    text: Text,
    line: u64,
    column: u64,
    index: Option<u64>,
    stop: Option<Stop>,
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

fn look<T>(otherwise: T, at: impl FnOnce(&Slot) -> T) -> T {
    LAST.try_with(|last| last.try_borrow().ok().map(|slot| at(&slot))).ok().flatten().unwrap_or(otherwise)
}

/// What went wrong in this thread's last call of a function that answers a status: the function, the argument and
/// the offending value; for files also name, line and column. Empty after success; never NULL. Valid until the
/// thread's next call of a function that answers a status: what frees, triggers an interrupt, names or tells a version
/// leaves it as it is.
#[unsafe(no_mangle)]
pub extern "C" fn anser_last_error() -> *const c_char {
    guard_keeping_error(c"".as_ptr(), || look(c"".as_ptr(), |slot| slot.text.bytes.as_ptr().cast()))
}

/// The line, from 1, that the last error is about; 0 if it is about none.
#[unsafe(no_mangle)]
pub extern "C" fn anser_last_error_line() -> u64 {
    guard_keeping_error(0, || look(0, |slot| slot.line))
}

/// The column, from 1, in bytes, that the last error is about; 0 if it is about none.
#[unsafe(no_mangle)]
pub extern "C" fn anser_last_error_column() -> u64 {
    guard_keeping_error(0, || look(0, |slot| slot.column))
}

/// The index, from 0, in the array argument that the last error is about; -1 if it is about none.
#[unsafe(no_mangle)]
pub extern "C" fn anser_last_error_index() -> i64 {
    guard_keeping_error(-1, || look(-1, |slot| slot.index.and_then(|i| i64::try_from(i).ok()).unwrap_or(-1)))
}

/// After ANSER_STATUS_STOPPED: what ended the call. ANSER_STOP_REASON_SOLVED after anything else.
#[unsafe(no_mangle)]
pub extern "C" fn anser_last_error_stop_reason() -> anser_stop_reason {
    guard_keeping_error(stop_reason(None), || look(stop_reason(None), |slot| stop_reason(slot.stop)))
}
