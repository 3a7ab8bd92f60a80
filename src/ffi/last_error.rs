//! The thread's last error, as a host reads it.

use std::ffi::c_char;

use super::error::look;
use super::guard::guard_keeping_error;
use super::{anser_stop_reason, stop_reason};

/// What went wrong in this thread's last call of a function that answers a status: the function, the argument and
/// the offending value; for files also name, line and column. Empty after success; never NULL. Valid until the
/// thread's next call of a function that answers a status: what frees, triggers an interrupt, names or tells a version
/// leaves it as it is.
#[unsafe(no_mangle)]
pub extern "C" fn anser_last_error() -> *const c_char {
    guard_keeping_error(c"".as_ptr(), || look(c"".as_ptr(), |slot| slot.text()))
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

/// The index, from 0, in the array argument that the last error is about, or the id of the constraint that could not be
/// written; -1 if it is about none.
#[unsafe(no_mangle)]
pub extern "C" fn anser_last_error_index() -> i64 {
    guard_keeping_error(-1, || look(-1, |slot| slot.index.and_then(|i| i64::try_from(i).ok()).unwrap_or(-1)))
}

/// After ANSER_STATUS_STOPPED: what ended the call. ANSER_STOP_REASON_SOLVED after anything else.
#[unsafe(no_mangle)]
pub extern "C" fn anser_last_error_stop_reason() -> anser_stop_reason {
    guard_keeping_error(stop_reason(None), || look(stop_reason(None), |slot| stop_reason(slot.stop)))
}
