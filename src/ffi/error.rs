//! The thread's last error: text and places.

use std::cell::RefCell;
use std::ffi::{CString, c_char};
use std::fmt::Display;

use super::guard::guard_keeping_error;
use super::status::anser_status;
use super::{anser_stop_reason, stop_reason};
use crate::budget::Stop;
use crate::error::OutOfMemory;
use crate::formula::FormulaError;
use crate::formula::dimacs::{ReadError, WriteError};
use crate::sat::SatError;
use crate::solve::SolveError;

/// What a guarded body fails with.
#[derive(Debug)]
pub struct Failure {
    pub(super) status: anser_status,
    message: String,
    line: u64,
    column: u64,
    index: Option<u64>,
    stop: Option<Stop>,
}

impl Failure {
    pub(super) fn new(status: anser_status, message: impl Display) -> Self {
        Failure { status, message: message.to_string(), line: 0, column: 0, index: None, stop: None }
    }

    pub(super) fn invalid(message: impl Display) -> Self {
        Failure::new(anser_status::ANSER_STATUS_INVALID_ARGUMENT, message)
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

struct Slot {
    text: CString,
    line: u64,
    column: u64,
    index: Option<u64>,
    stop: Option<Stop>,
}

thread_local! {
    static LAST: RefCell<Slot> = RefCell::new(Slot::empty());
}

impl Slot {
    fn empty() -> Self {
        Slot { text: CString::default(), line: 0, column: 0, index: None, stop: None }
    }
}

pub(super) fn clear() {
    let _ = LAST.try_with(|last| {
        let mut slot = last.borrow_mut();
        if !slot.text.is_empty() {
            *slot = Slot::empty();
        }
    });
}

/// Keeps what `function` failed with.
pub(super) fn keep(function: &str, failure: Failure) {
    let text: Vec<u8> = format!("{function}: {}", failure.message).bytes().filter(|b| *b != 0).collect();
    let _ = LAST.try_with(|last| {
        *last.borrow_mut() = Slot {
            text: CString::new(text).unwrap_or_default(),
            line: failure.line,
            column: failure.column,
            index: failure.index,
            stop: failure.stop,
        };
    });
}

fn look<T>(otherwise: T, at: impl FnOnce(&Slot) -> T) -> T {
    LAST.try_with(|last| at(&last.borrow())).unwrap_or(otherwise)
}

/// What went wrong in this thread's last call of a function that answers a status: the function, the argument and
/// the offending value; for files also name, line and column. Empty after success; never NULL. Valid until the
/// thread's next call of a function that answers a status: what frees, triggers an interrupt, names or tells a version
/// leaves it as it is.
#[unsafe(no_mangle)]
pub extern "C" fn anser_last_error() -> *const c_char {
    guard_keeping_error(c"".as_ptr(), || look(c"".as_ptr(), |slot| slot.text.as_ptr()))
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
