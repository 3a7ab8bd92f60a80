//! The one way in: every exported function runs inside a guard.

pub(super) fn guard_plain<T>(body: impl FnOnce() -> T) -> T {
    body()
}
