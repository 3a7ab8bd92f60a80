//! Statuses: how a call itself went.

/// How a call went. Values are never changed, only added to. How a *search* ended is another matter:
/// `anser_result` and `anser_stop_reason`.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_status {
    /// All went well. Only now were outputs written.
    ANSER_STATUS_OK = 0,
    /// A pointer that must not be NULL was.
    ANSER_STATUS_NULL_ARGUMENT = 1,
    /// An argument has a value it must not have.
    ANSER_STATUS_INVALID_ARGUMENT = 2,
    /// The call does not fit what was done before; or the handle is in use by another call, was poisoned by a
    /// caught panic, or was carried into a forked child.
    ANSER_STATUS_INVALID_STATE = 3,
    /// Text could not be parsed: see `anser_last_error_line` and `anser_last_error_column`.
    ANSER_STATUS_PARSE = 4,
    /// What was asked for is not supported.
    ANSER_STATUS_UNSUPPORTED = 5,
    /// No memory, or a memory limit would be exceeded.
    ANSER_STATUS_OUT_OF_MEMORY = 6,
    /// A struct's `struct_size` is none that this library knows.
    ANSER_STATUS_BAD_STRUCT_SIZE = 7,
    /// A file could not be read or written.
    ANSER_STATUS_IO = 8,
    /// The backend was not built into this library.
    ANSER_STATUS_BACKEND_UNAVAILABLE = 9,
    /// A callback of the host threw a C++ exception. (A `write` that refuses is ANSER_STATUS_IO.)
    ANSER_STATUS_CALLBACK_FAILED = 10,
    /// A defect of this library, caught. The handle can only be freed.
    ANSER_STATUS_PANIC = 11,
    /// The budget ended the call before it had a result: see `anser_last_error_stop_reason`. A search that the
    /// budget ends answers ANSER_STATUS_OK and ANSER_RESULT_UNKNOWN instead.
    ANSER_STATUS_STOPPED = 12,
    /// A backend gave a wrong answer, which was caught and withheld, or failed in an unforeseen way.
    ANSER_STATUS_INTERNAL = 13,
    /// A buffer is too short. Where the function has an output for the length, it says what is needed.
    ANSER_STATUS_BUFFER_TOO_SMALL = 14,
}
